/* A service as Traefik has it: the servers behind it, and how they answer. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"

#include <string.h>

enum {
    NAME,
    TYPE,
    STATUS,
    UP,
    SERVERS,
    RATE,
    SHARE,
    ROUTERS,
    DOWN,
    ADDRESSES,
    ERRORS,
    PROTOCOL,
    PROVIDER,
    TOO_BIG
};

static const struct fold count_routers = {FOLD_COUNT, LINK_SERVICE, "traefik-router", NULL, NULL};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "As Traefik calls it: namespace, object, provider.", VALUE_TEXT, 40,
              0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "loadBalancer, weighted, mirroring or failover.", VALUE_TEXT, 12, 20,
              0, NULL, NULL},
    [STATUS] = {TRAEFIK_STATUS, "STATUS", "enabled, disabled or warning, as Traefik says.",
                VALUE_TEXT, 8, 5, COLUMN_NOTABLE, NULL, NULL},
    [UP] = {"up", "UP", "Servers that no health check of Traefik's has found down.", VALUE_COUNT, 3,
            0, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [SERVERS] = {"servers", "ALL", "Servers behind it.", VALUE_COUNT, 3, 0, COLUMN_RIGHT, NULL,
                 NULL},
    [RATE] = {TRAEFIK_RATE, "REQ", "Requests a second.", VALUE_RATE, 8, 0,
              COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [SHARE] = {TRAEFIK_SHARE, "5XX", "Of these, answered with 5xx.", VALUE_RATIO, 6, 0,
               COLUMN_RIGHT, NULL, NULL},
    [ROUTERS] = {"routers", "ROUTERS", "Routers that lead to it.", VALUE_COUNT, 7, 10, COLUMN_RIGHT,
                 NULL, &count_routers},
    [DOWN] = {"down", "DOWN", "Servers that a health check of Traefik's has found down.",
              VALUE_LIST, 24, 25, COLUMN_NOTABLE, NULL, NULL},
    [ADDRESSES] = {"addresses", "ADDRESSES", "Its servers' addresses.", VALUE_LIST, 30, 60,
                   COLUMN_WIDE, NULL, NULL},
    [ERRORS] = {"error", "ERROR", "What Traefik says against it.", VALUE_TEXT, 30, 61,
                COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [PROTOCOL] = {"protocol", "PROTO", "http, tcp or udp.", VALUE_TEXT, 5, 50, COLUMN_WIDE, NULL,
                  NULL},
    [PROVIDER] = {"provider", "PROVIDER", "Where Traefik has it from.", VALUE_TEXT, 13, 82,
                  COLUMN_HIDDEN, NULL, NULL},
    [TOO_BIG] = {"headers-refused", "431", "Requests a second whose headers are too big for it.",
                 VALUE_RATE, 8, 82, COLUMN_HIDDEN | COLUMN_RIGHT, NULL, NULL},
};

static const char *type_of(const struct json_node *service)
{
    static const char *const types[] = {"loadBalancer", "weighted", "mirroring", "failover"};
    for (size_t i = 0; i < BN_COUNT(types); i++)
        if (json_node_get(service, types[i]))
            return types[i];
    return "";
}

static void put_servers(const struct json_node *service, struct row_writer *w)
{
    const struct json_node *list = json_node_path(service, "loadBalancer.servers");
    struct strbuf addresses = STRBUF_INIT(ROW_TEXT_MAX), down = STRBUF_INIT(ROW_TEXT_MAX);
    int64_t all, up;
    bool any = traefik_servers(service, &up, &all, &down);
    for (const struct json_node *s = json_node_first(list); s; s = json_node_next(s)) {
        if (addresses.len)
            strbuf_addc(&addresses, LIST_SEPARATOR);
        strbuf_adds(&addresses, traefik_server_address(s));
    }
    if (any) {
        row_num(w, UP, up);
        row_num(w, SERVERS, all);
    }
    put_text(w, ADDRESSES, strbuf_span(&addresses));
    put_text(w, DOWN, strbuf_span(&down));
    strbuf_clear(&addresses);
    strbuf_clear(&down);
}

static void put_name(const char *name, const char *protocol, struct row_writer *w)
{
    const char *at = strchr(name, '@');
    row_begin(w, span_from(name));
    row_text(w, NAME, span_from(name));
    traefik_put_text(w, PROTOCOL, protocol);
    traefik_put_text(w, PROVIDER, at ? at + 1 : "");
}

static void put_rates(const struct traefik *t, struct row_writer *w, const char *name)
{
    double too_big = figures_too_big(t->figures, FIGURE_SERVICE, span_from(name));
    (void)traefik_put_rate(t, w, RATE, SHARE, FIGURE_SERVICE, name);
    if (too_big > 0)
        row_real(w, TOO_BIG, too_big);
}

/* Figures name those alone that have had requests or have checks. */
static bool put_named(const struct traefik *t, struct row_writer *w)
{
    struct span name;
    size_t at = 0;
    bool ok = true;
    while (ok && figures_next(t->figures, FIGURE_SERVICE, &at, &name)) {
        struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
        int64_t up, all;
        strbuf_add(&text, name);
        put_name(strbuf_cstr(&text), "", w);
        if (figures_servers(t->figures, name, &up, &all)) {
            row_num(w, UP, up);
            row_num(w, SERVERS, all);
        }
        put_rates(t, w, strbuf_cstr(&text));
        strbuf_clear(&text);
        ok = row_end(w);
    }
    return ok;
}

/* A service that is called as a router is was made for it, of the same route. */
bool traefik_put_services(struct traefik *t, const struct json_node *raw, struct row_writer *w)
{
    bool ok = true;
    if (!raw)
        return put_named(t, w);
    for (size_t i = 0; i < TRAEFIK_PROTOCOLS && ok; i++) {
        const struct json_node *all = json_node_get(raw, traefik_protocols[i].services);
        for (const struct json_node *s = json_node_first(all); s && ok; s = json_node_next(s)) {
            if (!json_node_key(s))
                continue;
            put_name(json_node_key(s), traefik_protocols[i].name, w);
            traefik_put_text(w, TYPE, type_of(s));
            traefik_put_text(w, STATUS, json_node_path_text(s, "status", ""));
            traefik_put_text(w, ERRORS, json_node_text(json_node_first(json_node_get(s, "error"))));
            put_servers(s, w);
            put_rates(t, w, json_node_key(s));
            if (json_node_get(json_node_get(raw, traefik_protocols[i].routers), json_node_key(s)))
                row_link(w, LINK_OWNER, 0, "traefik-router", span_from(json_node_key(s)));
            ok = row_end(w);
        }
    }
    return ok;
}

/* ---- Verdicts. */

enum { RULE_DISABLED, RULE_DOWN, RULE_EMPTY, RULE_SOME, RULE_ERRORS, RULE_TOO_BIG };

static const struct rule rules[] = {
    [RULE_DISABLED] = {"traefik-service-disabled",
                       "Traefik has disabled it, or says an error of it: critical."},
    [RULE_DOWN] = {"traefik-service-down",
                   "All of its servers are down by Traefik's health checks: critical."},
    [RULE_EMPTY] = {"traefik-service-empty",
                    "Routers lead to it and it has no server: warning. They answer 503."},
    [RULE_SOME] = {"traefik-server-down",
                   "Some of its servers are down by Traefik's health checks: warning."},
    [RULE_ERRORS] = {"traefik-service-errors", TRAEFIK_ERRORS_HELP},
    [RULE_TOO_BIG] =
        {"traefik-service-headers",
         "One request in 10 seconds is answered with 431: its headers are too big, as with "
         "sessions that oauth2-proxy keeps in cookies: warning."},
};

#define TOO_BIG_LEAST 0.1 /* a second */

/* Sessions of more than 4 kB in several cookies, and a _csrf cookie for each sign-in that was begun, until the
 * server behind takes such headers no more. [oauth2-proxy#1940, #2163, #2587] */
static double too_big_of(const struct store *st, struct handle row)
{
    struct value v = store_cell(st, row, TOO_BIG, 0);
    return v.type == VALUE_RATE ? v.real : 0;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t up = store_num(st, row, UP, -1), all = store_num(st, row, SERVERS, -1);
    enum level errors = traefik_errors_level(st, row, RATE, SHARE);
    (void)now_ms;
    if (span_is(store_text(st, row, STATUS), "disabled") || store_text(st, row, ERRORS).len)
        return verdict_at(LEVEL_CRITICAL, RULE_DISABLED);
    if (all > 0 && up == 0)
        return verdict_at(LEVEL_CRITICAL, RULE_DOWN);
    if (all == 0 && store_num(st, row, ROUTERS, 0))
        return verdict_at(LEVEL_WARNING, RULE_EMPTY);
    if (errors == LEVEL_CRITICAL || (errors == LEVEL_WARNING && up == all))
        return verdict_at(errors, RULE_ERRORS);
    if (up < all)
        return verdict_at(LEVEL_WARNING, RULE_SOME);
    return too_big_of(st, row) >= TOO_BIG_LEAST ? verdict_at(LEVEL_WARNING, RULE_TOO_BIG)
                                                : verdict_ok();
}

static void says_down(const struct store *st, struct handle row, struct strbuf *out)
{
    struct value down = store_cell(st, row, DOWN, 0);
    int64_t up = store_num(st, row, UP, 0), all = store_num(st, row, SERVERS, 0);
    strbuf_addf(out, "%lld of %lld servers down by Traefik's checks", (long long)(all - up),
                (long long)all);
    if (down.type == VALUE_ABSENT)
        return;
    strbuf_adds(out, ": ");
    value_format(&down, out);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)now_ms;
    switch (v->rule) {
    case RULE_DISABLED:
        strbuf_addf(out, "%.*s by Traefik", SPAN_ARG(store_text(st, row, STATUS)));
        sentence_cause(out, store_text(st, row, ERRORS));
        break;
    case RULE_EMPTY:
        strbuf_adds(out, "Traefik has no server for it and answers 503 \"no available server\"");
        break;
    case RULE_TOO_BIG:
        strbuf_addf(out,
                    "%.1f requests a second are answered with 431: their headers are too big, are "
                    "sessions kept in cookies?",
                    too_big_of(st, row));
        break;
    case RULE_ERRORS:
        traefik_says_errors(st, row, RATE, SHARE, out);
        break;
    default:
        says_down(st, row, out);
        break;
    }
}

const struct kind kind_traefik_service = {
    .name = "traefik-service",
    .plural = "traefik-services",
    .aliases = "",
    .title = "Traefik's services",
    .help = "Where Traefik sends requests: servers up and down, requests a second, 5xx.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
