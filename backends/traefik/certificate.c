/* A certificate that Traefik holds, of a resolver of its own or from a Secret, and which hosts of
 * its routers need it. */
#include <config.h>

#include "backends/cells.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#define DAY_MS INT64_C(86400000)

enum { NAME, LEFT, ENDS, HOSTS, NAMES, SERIAL };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "Its common name.", VALUE_TEXT, 26, 0, COLUMN_IDENT, NULL, NULL},
    [LEFT] = {"left", "LEFT", "Until it ceases to be valid.", VALUE_DURATION, 6, 0,
              COLUMN_RIGHT | COLUMN_LEFT, "expires", NULL},
    [ENDS] = {"expires", "EXPIRES", "When it ceases to be valid.", VALUE_INSTANT, 20, 20,
              COLUMN_NOTABLE, NULL, NULL},
    [HOSTS] = {"hosts", "HOSTS", "Hosts of routers that it is for.", VALUE_LIST, 30, 10, 0, NULL,
               NULL},
    [NAMES] = {"names", "NAMES", "All names that it is for.", VALUE_LIST, 30, 50, COLUMN_WIDE, NULL,
               NULL},
    [SERIAL] = {"serial", "SERIAL", "Its serial number.", VALUE_TEXT, 36, 70, COLUMN_WIDE, NULL,
                NULL},
};

struct wanted {
    const struct figure_cert *cert;
    struct strbuf hosts; /* a list */
};

static void add_host(void *context, struct span host)
{
    struct wanted *wanted = context;
    if (!figure_cert_fits(wanted->cert, host) ||
        span_lists(strbuf_span(&wanted->hosts), LIST_SEPARATOR, host))
        return;
    if (wanted->hosts.len)
        strbuf_addc(&wanted->hosts, LIST_SEPARATOR);
    strbuf_add(&wanted->hosts, host);
}

static void find_hosts(const struct json_node *raw, struct wanted *wanted)
{
    for (size_t i = 0; i < TRAEFIK_PROTOCOLS; i++) {
        const struct json_node *all = json_node_get(raw, traefik_protocols[i].routers);
        for (const struct json_node *r = json_node_first(all); r; r = json_node_next(r))
            traefik_router_hosts(r, add_host, wanted);
    }
}

static void put_names(const struct figure_cert *c, struct row_writer *w)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    for (const char *n = c->names; *n; n++)
        strbuf_addc(&list, *n == ',' ? LIST_SEPARATOR : *n);
    put_text(w, NAMES, strbuf_span(&list));
    strbuf_clear(&list);
}

bool traefik_put_certificates(struct traefik *t, const struct json_node *raw, struct row_writer *w)
{
    bool ok = true;
    for (size_t i = 0; i < figures_certs(t->figures) && ok; i++) {
        const struct figure_cert *c = figures_cert(t->figures, i);
        struct wanted wanted = {.cert = c, .hosts = STRBUF_INIT(ROW_TEXT_MAX)};
        struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
        find_hosts(raw, &wanted);
        strbuf_addf(&key, "%s/%s", c->serial, c->name[0] ? c->name : c->names);
        row_begin(w, strbuf_span(&key));
        traefik_put_text(w, NAME, c->name[0] ? c->name : c->names);
        row_num(w, ENDS, c->ends_ms);
        put_text(w, HOSTS, strbuf_span(&wanted.hosts));
        put_names(c, w);
        traefik_put_text(w, SERIAL, c->serial);
        ok = row_end(w);
        strbuf_clear(&key);
        strbuf_clear(&wanted.hosts);
    }
    return ok;
}

/* ---- Verdicts. Traefik renews 30 days before the end and tries daily [pkg/provider/acme
 * provider.go]; cert-manager does so before that. */

enum { RULE_EXPIRED, RULE_ENDS, RULE_UNUSED };

static const struct rule rules[] = {
    [RULE_EXPIRED] = {"traefik-certificate-expired",
                      "It has expired and routers have hosts that it is for: critical."},
    [RULE_ENDS] = {"traefik-certificate-not-renewed",
                   "Less than 29 days are left, so renewing it has failed: notice, within 14: "
                   "warning, within 7: critical. Only where a router has a host that it is for."},
    [RULE_UNUSED] = {"traefik-certificate-unused",
                     "It has expired, and no router has a host that it is for: notice."},
};

static const struct {
    int64_t days;
    enum level level;
} ends[] = {{7, LEVEL_CRITICAL}, {14, LEVEL_WARNING}, {29, LEVEL_NOTICE}};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t end = store_num(st, row, ENDS, TIME_FOREVER);
    bool used = store_text(st, row, HOSTS).len > 0;
    if (now_ms >= end)
        return verdict_at(used ? LEVEL_CRITICAL : LEVEL_NOTICE, used ? RULE_EXPIRED : RULE_UNUSED);
    if (!used)
        return verdict_until(LEVEL_OK, 0, end);
    for (size_t i = 0; i < BN_COUNT(ends); i++)
        if (end - now_ms < ends[i].days * DAY_MS)
            return verdict_until(ends[i].level, RULE_ENDS,
                                 i ? end - ends[i - 1].days * DAY_MS + 1 : end);
    return verdict_until(LEVEL_OK, 0, end - ends[BN_COUNT(ends) - 1].days * DAY_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    int64_t end = store_num(st, row, ENDS, now_ms);
    char text[TIMETEXT_MAX];
    duration_format_short(end > now_ms ? end - now_ms : now_ms - end, text);
    if (v->rule == RULE_ENDS)
        strbuf_addf(out, "%s left: Traefik renews 30d before the end, so that has failed", text);
    else
        strbuf_addf(out, "has expired %s ago%s", text,
                    v->rule == RULE_UNUSED ? "; no router needs it" : "");
}

const struct kind kind_traefik_certificate = {
    .name = "traefik-certificate",
    .plural = "traefik-certificates",
    .aliases = "",
    .title = "Traefik's certificates",
    .help = "Certificates that Traefik holds, by its figures: of its resolvers and from Secrets.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,expires",
};

/* "15 in Traefik", where there are no others to tell of. */
void traefik_says_certs(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("traefik-certificate")),
        others = store_kind_find(st, SPAN("certificate"));
    size_t all = kind < 0 ? 0 : store_count(st, (uint16_t)kind);
    (void)now_ms;
    if (all && (others < 0 || !store_count(st, (uint16_t)others)))
        strbuf_addf(system_part(parts), "%zu in Traefik", all);
}
