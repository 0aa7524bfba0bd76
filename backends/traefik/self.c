/* A Traefik itself: which it is, how much it does, whether it has certificates for its hosts. */
#include <config.h>

#include "backends/cells.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "base/timetext.h"

#include <string.h>

enum {
    NAME,
    RELEASE,
    API,
    ROUTERS,
    REFUSED,
    SERVICES,
    MIDDLEWARES,
    RATE,
    SHARE,
    OPEN,
    UPTIME,
    TAKEN_AGO,
    HOSTS,
    UNCOVERED,
    CERTIFICATES,
    STARTED,
    TAKEN
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "Its source.", VALUE_TEXT, 14, 0, COLUMN_IDENT, NULL, NULL},
    [RELEASE] = {"version", "VERSION", "Its version.", VALUE_TEXT, 8, 10, COLUMN_NOTABLE, NULL,
                 NULL},
    [API] = {"api", "API", "Whether its API says what is in force.", VALUE_BOOL, 5, 15,
             COLUMN_NOTABLE, NULL, NULL},
    [ROUTERS] = {"routers", "ROUTERS", "Routers that it has.", VALUE_COUNT, 7, 0, COLUMN_RIGHT,
                 NULL, NULL},
    [REFUSED] = {"refused", "REFUSED", "Of these, disabled or with a warning.", VALUE_COUNT, 7, 0,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [SERVICES] = {"services", "SERVICES", "Services that it has.", VALUE_COUNT, 8, 20, COLUMN_RIGHT,
                  NULL, NULL},
    [MIDDLEWARES] = {"middlewares", "MW", "Middlewares that it has.", VALUE_COUNT, 4, 25,
                     COLUMN_RIGHT, NULL, NULL},
    [RATE] = {TRAEFIK_RATE, "REQ", "Requests a second, of all entry points.", VALUE_RATE, 8, 0,
              COLUMN_RIGHT, NULL, NULL},
    [SHARE] = {TRAEFIK_SHARE, "5XX", "Of these, answered with 5xx.", VALUE_RATIO, 6, 0,
               COLUMN_RIGHT, NULL, NULL},
    [OPEN] = {"connections", "CONNS", "Connections that are open.", VALUE_COUNT, 6, 30,
              COLUMN_RIGHT, NULL, NULL},
    [UPTIME] = {"up", "UP", "Since it was started.", VALUE_DURATION, 5, 35, COLUMN_RIGHT, "started",
                NULL},
    [TAKEN_AGO] = {"taken-ago", "TAKEN", "Since it last took a configuration.", VALUE_DURATION, 5,
                   40, COLUMN_RIGHT, "taken", NULL},
    [HOSTS] = {"tls-hosts", "HOSTS", "Hosts of its routers that need a certificate.", VALUE_COUNT,
               5, 50, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [UNCOVERED] = {"uncovered", "UNCOVERED", "Of these, hosts that it holds no certificate for.",
                   VALUE_COUNT, 9, 45, COLUMN_WIDE | COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [CERTIFICATES] = {"certificates", "CERTS", "Certificates that it holds.", VALUE_COUNT, 5, 46,
                      COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [STARTED] = {"started", "STARTED", "When it was started.", VALUE_INSTANT, 20, 90, COLUMN_HIDDEN,
                 NULL, NULL},
    [TAKEN] = {"taken", "TAKEN-AT", "When it last took a configuration.", VALUE_INSTANT, 20, 91,
               COLUMN_HIDDEN, NULL, NULL},
};

/* ---- The row. */

struct hosts {
    const struct figures *figures;
    int64_t all, uncovered;
};

static void count_host(void *context, struct span host)
{
    struct hosts *h = context;
    bool fits = false;
    for (size_t i = 0; !fits && i < figures_certs(h->figures); i++)
        fits = figure_cert_fits(figures_cert(h->figures, i), host);
    h->all++;
    h->uncovered += !fits;
}

static bool is_refused(const struct json_node *router)
{
    return strcmp(json_node_path_text(router, "status", "enabled"), "enabled") != 0;
}

static void put_counts(const struct traefik *t, const struct json_node *raw, struct row_writer *w)
{
    struct hosts h = {.figures = t->figures};
    int64_t routers = 0, refused = 0, services = 0, middlewares = 0;
    for (size_t i = 0; i < TRAEFIK_PROTOCOLS; i++) {
        const struct traefik_protocol *p = &traefik_protocols[i];
        const struct json_node *all = json_node_get(raw, p->routers);
        for (const struct json_node *r = json_node_first(all); r; r = json_node_next(r)) {
            routers++;
            refused += is_refused(r);
            traefik_router_hosts(r, count_host, &h);
        }
        services += (int64_t)json_node_count(json_node_get(raw, p->services));
        if (p->middlewares)
            middlewares += (int64_t)json_node_count(json_node_get(raw, p->middlewares));
    }
    row_num(w, ROUTERS, routers);
    row_num(w, REFUSED, refused);
    row_num(w, SERVICES, services);
    row_num(w, MIDDLEWARES, middlewares);
    if (!traefik_known_certs(t))
        return;
    row_num(w, HOSTS, h.all);
    row_num(w, UNCOVERED, h.uncovered);
}

/* All entry points together. */
static void put_sum(const struct traefik *t, struct row_writer *w)
{
    struct span name;
    size_t at = 0;
    double sum = 0, failing = 0, rate, errors;
    bool known = false;
    while (figures_next(t->figures, FIGURE_ENTRYPOINT, &at, &name)) {
        if (!figures_rate(t->figures, FIGURE_ENTRYPOINT, name, &rate, &errors))
            continue;
        known = true;
        sum += rate;
        failing += errors;
    }
    if (known)
        row_real(w, RATE, sum);
    if (sum > 0)
        row_real(w, SHARE, failing / sum);
}

bool traefik_put_self(struct traefik *t, const struct json_node *raw,
                      const struct json_node *version, struct row_writer *w)
{
    int64_t started = TIME_NONE, open = figures_open(t->figures, SPAN(""));
    row_begin(w, span_from(ctx_name(t->ctx)));
    row_text(w, NAME, span_from(ctx_name(t->ctx)));
    row_num(w, API, raw != NULL);
    traefik_put_text(w, RELEASE, json_node_path_text(version, "Version", ""));
    if (time_parse(span_from(json_node_path_text(version, "startDate", "")), &started))
        put_time(w, STARTED, started);
    put_time(w, TAKEN, figures_reloaded(t->figures));
    if (raw)
        put_counts(t, raw, w);
    put_sum(t, w);
    if (open >= 0)
        row_num(w, OPEN, open);
    if (t->figures_known)
        row_num(w, CERTIFICATES, (int64_t)figures_certs(t->figures));
    return row_end(w);
}

/* ---- Verdicts. */

#define HOSTS_LEAST 3

enum { RULE_LOST, RULE_ERRORS };

static const struct rule rules[] = {
    [RULE_LOST] = {"traefik-certificates-lost",
                   "It holds no certificate for more than half of its hosts, 3 at least: critical. "
                   "Its acme.json was lost, or the authority refuses new ones (429)."},
    [RULE_ERRORS] = {"traefik-errors", TRAEFIK_ERRORS_HELP},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t hosts = store_num(st, row, HOSTS, 0), uncovered = store_num(st, row, UNCOVERED, 0);
    enum level errors = traefik_errors_level(st, row, RATE, SHARE);
    (void)now_ms;
    if (uncovered >= HOSTS_LEAST && uncovered * 2 > hosts)
        return verdict_at(LEVEL_CRITICAL, RULE_LOST);
    return errors == LEVEL_OK ? verdict_ok() : verdict_at(errors, RULE_ERRORS);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)now_ms;
    if (v->rule == RULE_ERRORS)
        traefik_says_errors(st, row, RATE, SHARE, out);
    else
        strbuf_addf(
            out,
            "holds no certificate for %lld of %lld hosts: was acme.json lost? Let's Encrypt "
            "refuses many new ones at once (rateLimited, 429)",
            (long long)store_num(st, row, UNCOVERED, 0), (long long)store_num(st, row, HOSTS, 0));
}

const struct kind kind_traefik = {
    .name = "traefik",
    .plural = "traefiks",
    .aliases = "",
    .title = "Traefiks",
    .help = "Each Traefik: version, routers and how many it refuses, requests a second, 5xx.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

/* ---- "2 servers down, 2.1k req/s, 5xx 0.02%" */

static int64_t servers_down(const struct store *st)
{
    int k = store_kind_find(st, SPAN("traefik-service"));
    int up = kind_column(&kind_traefik_service, SPAN("up")),
        all = kind_column(&kind_traefik_service, SPAN("servers"));
    struct handle row;
    uint32_t at = 0;
    int64_t down = 0;
    while (k >= 0 && store_next(st, (uint16_t)k, &at, &row))
        down += store_num(st, row, (size_t)all, 0) - store_num(st, row, (size_t)up, 0);
    return down;
}

static void say_rate(double rate, double failing, struct system_parts *parts)
{
    char text[NUMBER_TEXT_MAX];
    double percent = rate > 0 ? failing / rate * 100 : 0;
    number_format_count((int64_t)(rate + 0.5), text);
    if (rate < 10)
        strbuf_addf(system_part(parts), "%.2g req/s", rate);
    else
        strbuf_addf(system_part(parts), "%s req/s", text);
    if (rate > 0)
        strbuf_addf(system_part(parts), percent < 1 ? "5xx %.1g%%" : "5xx %.0f%%", percent);
}

void traefik_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("traefik"));
    int64_t down = servers_down(st);
    double rate = 0, failing = 0;
    bool known = false;
    struct handle row;
    uint32_t at = 0;
    (void)now_ms;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct value r = store_cell(st, row, RATE, 0), s = store_cell(st, row, SHARE, 0);
        known = known || r.type != VALUE_ABSENT;
        rate += r.type == VALUE_ABSENT ? 0 : r.real;
        failing += s.type == VALUE_ABSENT ? 0 : r.real * s.real;
    }
    if (down > 0)
        strbuf_addf(system_part(parts), "%lld server%s down", (long long)down,
                    down == 1 ? "" : "s");
    if (known)
        say_rate(rate, failing, parts);
}
