/* A router as Traefik has it: what is in force, and what Traefik says against it. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/sentence.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"

#include <string.h>

enum {
    NAME,
    STATUS,
    RULE,
    ENTRY,
    SERVICE,
    TLS,
    PRIORITY,
    MIDDLEWARES,
    UP,
    SERVERS,
    RATE,
    SHARE,
    ERRORS,
    PROTOCOL,
    OPTIONS,
    HOSTS,
    UNCOVERED,
    PROVIDER
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "As Traefik calls it: namespace, object, hash of the rule, provider.",
              VALUE_TEXT, 34, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {TRAEFIK_STATUS, "STATUS", "enabled, disabled or warning, as Traefik says.",
                VALUE_TEXT, 8, 0, COLUMN_NOTABLE, NULL, NULL},
    [RULE] = {"rule", "RULE", "Which requests it takes.", VALUE_TEXT, 34, 10, COLUMN_NOTABLE, NULL,
              NULL},
    [ENTRY] = {"entry-points", "ENTRY", "Entry points it listens on.", VALUE_LIST, 10, 30, 0, NULL,
               NULL},
    [SERVICE] = {"service", "SERVICE", "Where its requests go.", VALUE_TEXT, 24, 40, COLUMN_NOTABLE,
                 NULL, NULL},
    [TLS] = {"tls", "TLS",
             "The resolver of its certificate; on: one of those that are there; passthrough.",
             VALUE_TEXT, 11, 25, COLUMN_NOTABLE, NULL, NULL},
    [PRIORITY] = {"priority", "PRIO", "Of those that take a request, the highest has it.",
                  VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL, NULL},
    [MIDDLEWARES] = {"middlewares", "MIDDLEWARES", "What its requests pass, in this order.",
                     VALUE_LIST, 24, 35, COLUMN_NOTABLE, NULL, NULL},
    [UP] = {"up", "UP", "Servers behind it that no health check of Traefik's has found down.",
            VALUE_COUNT, 3, 16, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [SERVERS] = {"servers", "ALL", "Servers behind it.", VALUE_COUNT, 3, 17, COLUMN_RIGHT, NULL,
                 NULL},
    [RATE] =
        {TRAEFIK_RATE, "REQ",
         "Requests a second: by router where Traefik counts so, else of the service that is its "
         "own.",
         VALUE_RATE, 8, 14, COLUMN_RIGHT, NULL, NULL},
    [SHARE] = {TRAEFIK_SHARE, "5XX", "Of these, answered with 5xx.", VALUE_RATIO, 6, 15,
               COLUMN_RIGHT, NULL, NULL},
    [ERRORS] = {"error", "ERROR", "What Traefik says against it.", VALUE_TEXT, 30, 60,
                COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [PROTOCOL] = {"protocol", "PROTO", "http, tcp or udp.", VALUE_TEXT, 5, 50, COLUMN_WIDE, NULL,
                  NULL},
    [OPTIONS] = {"tls-options", "OPTIONS", "Its TLS options.", VALUE_TEXT, 16, 70, COLUMN_WIDE,
                 NULL, NULL},
    [HOSTS] = {"hosts", "HOSTS", "Hosts that it needs certificates for.", VALUE_LIST, 24, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [UNCOVERED] = {"uncovered", "UNCOVERED",
                   "Of these, hosts that no certificate that Traefik holds is for.", VALUE_LIST, 24,
                   81, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [PROVIDER] = {"provider", "PROVIDER", "Where Traefik has it from.", VALUE_TEXT, 13, 82,
                  COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Rows. */

struct hosts {
    const struct figures *figures; /* NULL: what is held is not known */
    struct strbuf all, uncovered;
};

static void add_host(void *context, struct span host)
{
    struct hosts *h = context;
    bool fits = !h->figures;
    for (size_t i = 0; !fits && i < figures_certs(h->figures); i++)
        fits = figure_cert_fits(figures_cert(h->figures, i), host);
    if (h->all.len)
        strbuf_addc(&h->all, LIST_SEPARATOR);
    strbuf_add(&h->all, host);
    if (fits)
        return;
    if (h->uncovered.len)
        strbuf_addc(&h->uncovered, LIST_SEPARATOR);
    strbuf_add(&h->uncovered, host);
}

static void put_hosts(const struct traefik *t, const struct json_node *router, struct row_writer *w)
{
    struct hosts h = {.figures = traefik_known_certs(t),
                      .all = STRBUF_INIT(ROW_TEXT_MAX),
                      .uncovered = STRBUF_INIT(ROW_TEXT_MAX)};
    traefik_router_hosts(router, add_host, &h);
    put_text(w, HOSTS, strbuf_span(&h.all));
    put_text(w, UNCOVERED, strbuf_span(&h.uncovered));
    strbuf_clear(&h.all);
    strbuf_clear(&h.uncovered);
}

static void put_tls(const struct json_node *router, struct row_writer *w)
{
    const struct json_node *tls = json_node_get(router, "tls");
    const char *resolver = json_node_path_text(tls, "certResolver", "");
    if (json_node_type(tls) != JSON_OBJECT)
        return;
    row_text(w, TLS,
             !traefik_router_ends_tls(router) ? SPAN("passthrough")
             : resolver[0]                    ? span_from(resolver)
                                              : SPAN("on"));
    traefik_put_text(w, OPTIONS, json_node_path_text(tls, "options", ""));
}

/* What it leads to is there too, or Traefik has not made it. What is of Traefik itself, as
 * api@internal, is listed as well. */
static void put_links(const struct json_node *router, const char *name, struct row_writer *w)
{
    const struct json_node *all = json_node_get(router, "middlewares");
    const char *service = json_node_path_text(router, "service", ""),
               *resolver = json_node_path_text(router, "tls.certResolver", "");
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    if (resolver[0])
        row_link(w, LINK_ISSUER, 0, "traefik-resolver", span_from(resolver));
    if (service[0]) {
        traefik_qualify(&key, service, name);
        row_link(w, LINK_SERVICE, LINK_EXPECTED | LINK_AFFECTS, "traefik-service",
                 strbuf_span(&key));
    }
    for (const struct json_node *m = json_node_first(all); m; m = json_node_next(m)) {
        if (!json_node_text(m) || w->links >= ROW_LINKS_MAX)
            continue;
        strbuf_truncate(&key, 0);
        traefik_qualify(&key, json_node_text(m), name);
        row_link(w, LINK_MIDDLEWARE, LINK_EXPECTED | LINK_AFFECTS, "traefik-middleware",
                 strbuf_span(&key));
    }
    strbuf_clear(&key);
}

/* What is said of the service that it leads to. */
static void put_service(const struct json_node *services, const char *name, const char *service,
                        struct row_writer *w)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    int64_t up, all;
    traefik_qualify(&key, service, name);
    if (traefik_servers(json_node_get(services, strbuf_cstr(&key)), &up, &all, NULL)) {
        row_num(w, UP, up);
        row_num(w, SERVERS, all);
    }
    strbuf_clear(&key);
}

static bool put_router(const struct traefik *t, const struct traefik_protocol *p,
                       const struct json_node *router, const struct json_node *services,
                       struct row_writer *w)
{
    const char *name = json_node_key(router), *at = strchr(name, '@');
    const char *errors = json_node_text(json_node_first(json_node_get(router, "error")));
    int64_t priority;
    row_begin(w, span_from(name));
    row_text(w, NAME, span_from(name));
    row_text(w, PROTOCOL, span_from(p->name));
    traefik_put_text(w, PROVIDER, at ? at + 1 : "");
    traefik_put_text(w, STATUS, json_node_path_text(router, "status", ""));
    traefik_put_text(w, RULE, json_node_path_text(router, "rule", ""));
    traefik_put_text(w, SERVICE, json_node_path_text(router, "service", ""));
    traefik_put_text(w, ERRORS, errors);
    traefik_put_list(w, ENTRY, json_node_get(router, "entryPoints"));
    traefik_put_list(w, MIDDLEWARES, json_node_get(router, "middlewares"));
    if (json_node_int(json_node_get(router, "priority"), &priority))
        row_num(w, PRIORITY, priority);
    put_tls(router, w);
    put_hosts(t, router, w);
    put_service(services, name, json_node_path_text(router, "service", ""), w);
    if (!traefik_put_rate(t, w, RATE, SHARE, FIGURE_ROUTER, name)) /* a service of its own? */
        (void)traefik_put_rate(t, w, RATE, SHARE, FIGURE_SERVICE, name);
    put_links(router, name, w);
    return row_end(w);
}

bool traefik_put_routers(struct traefik *t, const struct json_node *raw, struct row_writer *w)
{
    bool ok = true;
    for (size_t i = 0; i < TRAEFIK_PROTOCOLS && ok; i++) {
        const struct json_node *all = json_node_get(raw, traefik_protocols[i].routers),
                               *services = json_node_get(raw, traefik_protocols[i].services);
        for (const struct json_node *r = json_node_first(all); r && ok; r = json_node_next(r))
            ok = !json_node_key(r) || put_router(t, &traefik_protocols[i], r, services, w);
    }
    return ok;
}

/* ---- Verdicts. */

enum { RULE_DISABLED, RULE_TARGET, RULE_EMPTY, RULE_ERRORS, RULE_WARNING, RULE_CERTIFICATE };

static const struct rule rules[] = {
    [RULE_DISABLED] = {"traefik-router-disabled", "Traefik has disabled it: critical."},
    [RULE_TARGET] = {"traefik-router-target-missing",
                     "Traefik has no such service or middleware: critical."},
    [RULE_EMPTY] = {"traefik-router-empty",
                    "The service that it leads to has no server: warning. It answers 503."},
    [RULE_ERRORS] = {"traefik-router-errors", TRAEFIK_ERRORS_HELP},
    [RULE_WARNING] = {"traefik-router-warning", "Traefik takes it with a warning: warning."},
    [RULE_CERTIFICATE] =
        {"traefik-router-no-certificate",
         "No certificate that Traefik holds is for one of its hosts: warning. Its own default one is "
         "served: the resolver has failed, or the Secret is missing."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct link missing;
    struct span status = store_text(st, row, STATUS);
    enum level errors = traefik_errors_level(st, row, RATE, SHARE);
    (void)now_ms;
    if (span_is(status, "disabled"))
        return verdict_at(LEVEL_CRITICAL, RULE_DISABLED);
    if (missing_link(st, row, &missing))
        return verdict_at(LEVEL_CRITICAL, RULE_TARGET);
    if (!store_num(st, row, SERVERS, 1)) /* at its service's level, whether somebody asks or not */
        return verdict_at(LEVEL_WARNING, RULE_EMPTY);
    if (errors != LEVEL_OK)
        return verdict_at(errors, RULE_ERRORS);
    if (span_is(status, "warning") || store_text(st, row, ERRORS).len)
        return verdict_at(LEVEL_WARNING, RULE_WARNING);
    return store_text(st, row, UNCOVERED).len ? verdict_at(LEVEL_WARNING, RULE_CERTIFICATE)
                                              : verdict_ok();
}

static void says_certificate(const struct store *st, struct handle row, struct strbuf *out)
{
    struct value hosts = store_cell(st, row, UNCOVERED, 0);
    struct span tls = store_text(st, row, TLS);
    strbuf_adds(out, "Traefik holds no certificate for ");
    value_format(&hosts, out);
    strbuf_adds(out, " and serves its default one");
    if (!span_is(tls, "on"))
        strbuf_addf(out, ": resolver %.*s has got none", SPAN_ARG(tls));
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct link missing;
    struct span error = store_text(st, row, ERRORS);
    (void)now_ms;
    switch (v->rule) {
    case RULE_DISABLED:
        strbuf_adds(out, "disabled by Traefik");
        sentence_cause(out, error);
        break;
    case RULE_TARGET:
        if (missing_link(st, row, &missing))
            strbuf_addf(out, "Traefik has no %s %.*s",
                        missing.type == LINK_SERVICE ? "service" : "middleware",
                        SPAN_ARG(missing.key));
        break;
    case RULE_EMPTY:
        strbuf_addf(out, "answers 503 \"no available server\": %.*s has no server",
                    SPAN_ARG(store_text(st, row, SERVICE)));
        break;
    case RULE_ERRORS:
        traefik_says_errors(st, row, RATE, SHARE, out);
        break;
    case RULE_WARNING:
        strbuf_adds(out, "taken with a warning");
        sentence_cause(out, error);
        break;
    default:
        says_certificate(st, row, out);
        break;
    }
}

const struct kind kind_traefik_router = {
    .name = "traefik-router",
    .plural = "traefik-routers",
    .aliases = "routers",
    .title = "Traefik's routers",
    .help = "What Traefik has made of the routes: rule, service, middlewares, its own errors.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
