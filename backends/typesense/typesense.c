/* The Typesense backend: its life. */
#include <config.h>

#include "backends/typesense/typesense.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 5000
#define EVERY_MS    10000 /* its own means are of 10 s */
#define TEXT_BYTES  2048

static const struct kind *const kinds[] = {&kind_typesense, &kind_typesense_collection, NULL};
static const char *const needs[] = {"workload", "service", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"nodes", NULL, "Names of several, separated by commas; each stands for the * in `reach`.",
     SETTING_TEXT},
    {"api_key", NULL,
     "Where its API key is: " RECIPE_FORMS ". Without one only its health is known.",
     SETTING_SECRET},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"typesense",
     "Typesense",
     "Search: health, leader, memory, disk, writes that wait, collections.",
     {"typesense", "typesense-collection"},
     typesense_says},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static void reach_of(const struct typesense *t, struct span node, struct strbuf *out)
{
    strbuf_truncate(out, 0);
    for (const char *c = ctx_setting(t->ctx, "reach"); c && *c; c++)
        if (*c == '*')
            strbuf_add(out, node);
        else
            strbuf_addc(out, *c);
}

/* Whoever may not read the key still sees whether it is well. */
static struct http_source *connect_to(struct typesense *t, const char *reach, struct err *err)
{
    struct http_source_options o = {.ctx = t->ctx,
                                    .explain = typesense_explain,
                                    .secret_setting = "api_key",
                                    .secret_header = "X-TYPESENSE-API-KEY: ",
                                    .deadline_ms = DEADLINE_MS,
                                    .reach = reach};
    struct http_source *http = t->no_key[0] ? NULL : http_source_new(&o, err);
    if (http || (!t->no_key[0] && err->kind != ERR_AUTH && err->kind != ERR_DENIED))
        return http;
    if (!t->no_key[0])
        (void)snprintf(t->no_key, sizeof(t->no_key), "%s", err->msg);
    o.secret_setting = NULL;
    return http_source_new(&o, err);
}

static struct typesense_node *add_node(struct typesense *t, struct span name)
{
    struct typesense_node *n = &t->nodes[t->count];
    if (n->name && !span_is(name, n->name)) { /* another than in the run before */
        free(n->name);
        *n = (struct typesense_node){.name = NULL};
    }
    if (!n->name)
        n->name = xalloc_bytes(name.data, name.len);
    t->count++;
    return n;
}

static bool open_nodes(struct typesense *t, struct err *err)
{
    const char *nodes = ctx_setting_filled(t->ctx, "nodes");
    struct span rest = span_from(nodes ? nodes : ctx_name(t->ctx)), name;
    struct strbuf reach = STRBUF_INIT(TEXT_BYTES);
    bool ok = true;
    t->count = 0;
    t->no_key[0] = '\0';
    while (ok && t->count < TYPESENSE_NODES_MAX && span_split(&rest, nodes ? ',' : '\n', &name)) {
        struct typesense_node *n = add_node(t, span_trim(name));
        reach_of(t, span_trim(name), &reach);
        n->http = connect_to(t, strbuf_cstr(&reach), err);
        ok = n->http != NULL;
    }
    strbuf_clear(&reach);
    return ok;
}

static void close_nodes(struct typesense *t)
{
    for (size_t i = 0; i < t->count; i++) {
        http_source_free(t->nodes[i].http);
        t->nodes[i].http = NULL;
    }
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, typesense_ask}, {NULL, 0, NULL}};
    struct typesense *t = self;
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    t->ctx = ctx;
    if (!ctx_setting(ctx, "reach"))
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(ctx));
    bool ok = open_nodes(t, err) && poll_run(&poll, err);
    close_nodes(t);
    return ok;
}

static void close_all(void *self)
{
    struct typesense *t = self;
    for (size_t i = 0; i < TYPESENSE_NODES_MAX; i++)
        free(t->nodes[i].name);
}

const struct backend backend_typesense = {
    .name = "typesense",
    .summary = "Typesense: health, leader, memory, disk, writes that wait, collections.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct typesense),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = typesense_discover,
    .run = run,
    .close = close_all,
};
