/* An entry point: where Traefik listens, and what comes in there. */
#include <config.h>

#include "backends/cells.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"

enum { NAME, ADDRESS, TLS, REDIRECT, RATE, SHARE, OPEN, MIDDLEWARES };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "As its routes name it.", VALUE_TEXT, 16, 0, COLUMN_IDENT, NULL,
              NULL},
    [ADDRESS] = {"address", "ADDRESS", "Where it listens, within its pod.", VALUE_TEXT, 14, 10,
                 COLUMN_NOTABLE, NULL, NULL},
    [TLS] = {"tls", "TLS", "The resolver of certificates of its routes, unless they say another.",
             VALUE_TEXT, 12, 20, COLUMN_NOTABLE, NULL, NULL},
    [REDIRECT] = {"redirect", "REDIRECT", "Where it sends all requests.", VALUE_TEXT, 14, 30,
                  COLUMN_NOTABLE, NULL, NULL},
    [RATE] = {TRAEFIK_RATE, "REQ", "Requests a second.", VALUE_RATE, 8, 0, COLUMN_RIGHT, NULL,
              NULL},
    [SHARE] = {TRAEFIK_SHARE, "5XX", "Of these, answered with 5xx.", VALUE_RATIO, 6, 0,
               COLUMN_RIGHT, NULL, NULL},
    [OPEN] = {"connections", "CONNS", "Connections that are open.", VALUE_COUNT, 6, 15,
              COLUMN_RIGHT, NULL, NULL},
    [MIDDLEWARES] = {"middlewares", "MIDDLEWARES", "What all of its requests pass.", VALUE_LIST, 20,
                     50, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
};

static bool put_one(const struct traefik *t, const char *name, const struct json_node *of,
                    struct row_writer *w)
{
    const struct json_node *tls = json_node_path(of, "http.tls"),
                           *redirect = json_node_path(of, "http.redirections.entryPoint");
    const char *resolver = json_node_path_text(tls, "certResolver", tls ? "on" : "");
    int64_t open = figures_open(t->figures, span_from(name));
    row_begin(w, span_from(name));
    row_text(w, NAME, span_from(name));
    traefik_put_text(w, ADDRESS, json_node_path_text(of, "address", ""));
    traefik_put_text(w, TLS, resolver);
    traefik_put_text(w, REDIRECT, json_node_path_text(redirect, "to", ""));
    traefik_put_list(w, MIDDLEWARES, json_node_path(of, "http.middlewares"));
    (void)traefik_put_rate(t, w, RATE, SHARE, FIGURE_ENTRYPOINT, name);
    if (open >= 0)
        row_num(w, OPEN, open);
    return row_end(w);
}

bool traefik_put_entrypoints(struct traefik *t, const struct json_node *of, struct row_writer *w)
{
    struct span name;
    size_t at = 0;
    bool ok = true;
    for (const struct json_node *e = json_node_first(of); e && ok; e = json_node_next(e)) {
        const char *text = json_node_path_text(e, "name", "");
        ok = !text[0] || put_one(t, text, e, w);
    }
    while (!of && ok && figures_next(t->figures, FIGURE_ENTRYPOINT, &at, &name)) {
        struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
        strbuf_add(&text, name);
        ok = put_one(t, strbuf_cstr(&text), NULL, w);
        strbuf_clear(&text);
    }
    return ok;
}

static const struct rule rules[] = {
    {"traefik-entrypoint-errors", TRAEFIK_ERRORS_HELP},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    enum level errors = traefik_errors_level(st, row, RATE, SHARE);
    (void)now_ms;
    return errors == LEVEL_OK ? verdict_ok() : verdict_at(errors, 0);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    traefik_says_errors(st, row, RATE, SHARE, out);
}

const struct kind kind_traefik_entrypoint = {
    .name = "traefik-entrypoint",
    .plural = "traefik-entrypoints",
    .aliases = "entrypoints",
    .title = "Traefik's entry points",
    .help = "Where Traefik listens: requests a second, 5xx, open connections, defaults.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
