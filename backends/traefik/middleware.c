/* A middleware as Traefik has it. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"

#include <string.h>

enum { NAME, TYPE, STATUS, ROUTERS, ERRORS, PROTOCOL, PROVIDER };

static const struct fold count_routers = {FOLD_COUNT, LINK_MIDDLEWARE, "traefik-router", NULL,
                                          NULL};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "As Traefik calls it: namespace, object, provider.", VALUE_TEXT, 40,
              0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "What it does: forwardauth, headers, ratelimit, ...", VALUE_TEXT, 18,
              0, COLUMN_NOTABLE, NULL, NULL},
    [STATUS] = {TRAEFIK_STATUS, "STATUS", "enabled, disabled or warning, as Traefik says.",
                VALUE_TEXT, 8, 0, COLUMN_NOTABLE, NULL, NULL},
    [ROUTERS] = {"routers", "ROUTERS", "Routers whose requests pass it.", VALUE_COUNT, 7, 10,
                 COLUMN_RIGHT, NULL, &count_routers},
    [ERRORS] = {"error", "ERROR", "What Traefik says against it.", VALUE_TEXT, 40, 20,
                COLUMN_NOTABLE, NULL, NULL},
    [PROTOCOL] = {"protocol", "PROTO", "http or tcp.", VALUE_TEXT, 5, 50, COLUMN_WIDE, NULL, NULL},
    [PROVIDER] = {"provider", "PROVIDER", "Where Traefik has it from.", VALUE_TEXT, 13, 82,
                  COLUMN_HIDDEN, NULL, NULL},
};

/* Its configuration stands under its type; what stands beside is said of all. */
static const char *type_of(const struct json_node *middleware)
{
    static const char *const others[] = {"status", "error", "usedBy", "name", "provider", "type"};
    for (const struct json_node *n = json_node_first(middleware); n; n = json_node_next(n)) {
        size_t i = 0;
        while (i < BN_COUNT(others) && strcmp(json_node_key(n), others[i]) != 0)
            i++;
        if (i == BN_COUNT(others))
            return json_node_key(n);
    }
    return "";
}

bool traefik_put_middlewares(const struct json_node *raw, struct row_writer *w)
{
    bool ok = true;
    for (size_t i = 0; i < TRAEFIK_PROTOCOLS && ok; i++) {
        const char *member = traefik_protocols[i].middlewares;
        const struct json_node *all = member ? json_node_get(raw, member) : NULL;
        for (const struct json_node *m = json_node_first(all); m && ok; m = json_node_next(m)) {
            const char *name = json_node_key(m), *at = name ? strchr(name, '@') : NULL;
            if (!name)
                continue;
            row_begin(w, span_from(name));
            row_text(w, NAME, span_from(name));
            traefik_put_text(w, TYPE, type_of(m));
            traefik_put_text(w, STATUS, json_node_path_text(m, "status", ""));
            traefik_put_text(w, ERRORS, json_node_text(json_node_first(json_node_get(m, "error"))));
            row_text(w, PROTOCOL, span_from(traefik_protocols[i].name));
            traefik_put_text(w, PROVIDER, at ? at + 1 : "");
            ok = row_end(w);
        }
    }
    return ok;
}

enum { RULE_DISABLED, RULE_UNUSED };

static const struct rule rules[] = {
    [RULE_DISABLED] = {"traefik-middleware-disabled",
                       "Traefik has disabled it, or says an error of it, and routers use it: "
                       "critical."},
    [RULE_UNUSED] = {"traefik-middleware-error",
                     "Traefik says an error of it; no router uses it: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    bool bad = store_text(st, row, ERRORS).len || span_is(store_text(st, row, STATUS), "disabled");
    (void)now_ms;
    if (!bad)
        return verdict_ok();
    return store_num(st, row, ROUTERS, 0) ? verdict_at(LEVEL_CRITICAL, RULE_DISABLED)
                                          : verdict_at(LEVEL_WARNING, RULE_UNUSED);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_addf(out, "%.*s by Traefik", SPAN_ARG(store_text(st, row, STATUS)));
    sentence_cause(out, store_text(st, row, ERRORS));
}

const struct kind kind_traefik_middleware = {
    .name = "traefik-middleware",
    .plural = "traefik-middlewares",
    .aliases = "",
    .title = "Traefik's middlewares",
    .help = "Middlewares as Traefik has them in force, and its own errors.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
