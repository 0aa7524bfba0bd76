/* The backend of Sentinels: asks each of several what it thinks of the masters it watches. */
#include <config.h>

#include "backends/redis/sentinel.h"

#include "backends/access.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 5000
#define EVERY_MS    10000
#define NODES_MAX   16
#define MASTERS_MAX 64 /* of one sentinel */
#define LOST_MAX    8  /* replicas told that are not heard */
#define TEXT_BYTES  1024

/* A connection, kept from one look to the next. */
struct sentinel_node {
    char name[SENTINEL_NAME_MAX];
    struct redis *redis; /* NULL: not connected */
    struct strbuf how;
    struct err err; /* why it has not answered */
    bool answered;
};

struct sentinel_source {
    struct backend_ctx *ctx; /* during run(), as all here */
    struct sentinel_node nodes[NODES_MAX];
    size_t count;
    struct sentinel_view *views; /* of one look */
    size_t nviews;
};

static const struct kind *const kinds[] = {&kind_redis_sentinel, NULL};
static const char *const needs[] = {"service", "secret", "workload", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"nodes", NULL, "Names of several, separated by commas; each stands for the * in `reach`.",
     SETTING_TEXT},
    {"user", "", "Its user, where there are ACLs; else the default one.", SETTING_TEXT},
    {"password", NULL, "Where its password is: " RECIPE_FORMS ".", SETTING_SECRET},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* ---- Connections. */

static void drop(struct sentinel_node *n)
{
    redis_free(n->redis);
    n->redis = NULL;
}

static void reach_of(const struct sentinel_source *s, const char *name, struct strbuf *out)
{
    for (const char *c = ctx_setting(s->ctx, "reach"); c && *c; c++)
        if (*c == '*')
            strbuf_adds(out, name);
        else
            strbuf_addc(out, *c);
}

static bool log_in(struct sentinel_source *s, struct sentinel_node *n, const struct access *a)
{
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, ctx_stop_fd(s->ctx));
    struct strbuf password = STRBUF_INIT(RECIPE_VALUE_MAX);
    struct stream *stream = NULL;
    if (access_secret(a, "password", DEADLINE_MS, &password, &n->err))
        stream = access_stream(a, &wait, &n->how, &n->err);
    if (stream)
        n->redis = redis_new(stream, n->name);
    const bool ok = n->redis && redis_auth(n->redis, span_from(ctx_setting(s->ctx, "user")),
                                           span_trim(strbuf_span(&password)), &wait, &n->err);
    strbuf_wipe(&password);
    if (!ok)
        drop(n);
    return ok;
}

static bool connect_to(struct sentinel_source *s, struct sentinel_node *n)
{
    struct strbuf reach = STRBUF_INIT(TEXT_BYTES);
    struct access access;
    bool ok = n->redis != NULL;
    if (ok)
        return true;
    reach_of(s, n->name, &reach);
    if (access_open_to(&access, s->ctx, strbuf_cstr(&reach), &n->err)) {
        ok = log_in(s, n, &access);
        access_close(&access);
    }
    strbuf_clear(&reach);
    return ok;
}

/* False: it was refused, or the connection has failed and is dropped. */
static bool tell(struct sentinel_source *s, struct sentinel_node *n, const char *what,
                 const char *master, const struct redis_reply **reply, struct err *err)
{
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, ctx_stop_fd(s->ctx));
    const char *const words[] = {"SENTINEL", what, master, NULL};
    uint64_t asked = 0, bytes = 0;
    const bool ok = redis_ask(n->redis, words, &wait, reply, err);
    for (size_t i = 0; i < s->count; i++)
        if (s->nodes[i].redis) {
            asked += redis_commands(s->nodes[i].redis);
            bytes += redis_bytes_in(s->nodes[i].redis);
        }
    ctx_figures(s->ctx, asked, bytes);
    if (!ok && redis_refusal(n->redis) == REDIS_FINE)
        drop(n);
    return ok;
}

/* ---- One sentinel. */

/* "OK 3 usable Sentinels. ..." or the refusal "NOQUORUM 1 usable Sentinels. ...". */
static void ask_quorum(struct sentinel_source *s, struct sentinel_node *n, struct sentinel_view *v)
{
    const struct redis_reply *reply;
    struct err err;
    if (!n->redis)
        return;
    v->has_quorum = tell(s, n, "CKQUORUM", v->master, &reply, &err);
    struct span says = v->has_quorum ? reply->text : span_from(err.msg);
    const size_t words = span_search(says, SPAN("NOQUORUM"), false);
    if (!v->has_quorum && words == says.len)
        return; /* it may not be asked, or the connection has gone */
    (void)snprintf(v->quorum_says, sizeof(v->quorum_says), "%.*s",
                   SPAN_ARG(span_sub(says, v->has_quorum ? 0 : words, says.len)));
}

/* Replicas that it finds down, by their addresses. */
static void ask_replicas(struct sentinel_source *s, struct sentinel_node *n,
                         struct sentinel_view *v)
{
    struct strbuf list = STRBUF_INIT(SENTINEL_WORDS_MAX - 1);
    const struct redis_reply *reply;
    struct err err;
    size_t lost = 0;
    if (!n->redis || !tell(s, n, "REPLICAS", v->master, &reply, &err))
        return;
    for (size_t i = 0; reply->type == REDIS_LIST && i < reply->count && lost < LOST_MAX; i++) {
        const struct span flags = sentinel_field(reply->items[i], "flags");
        if (span_search(flags, SPAN("s_down"), false) == flags.len)
            continue;
        strbuf_addf(&list, "%s%.*s", lost++ ? (const char[]){LIST_SEPARATOR, 0} : "",
                    SPAN_ARG(sentinel_field(reply->items[i], "name")));
    }
    (void)snprintf(v->replicas_down, sizeof(v->replicas_down), "%s", strbuf_cstr(&list));
    strbuf_clear(&list);
}

static void ask_node(struct sentinel_source *s, size_t at)
{
    struct sentinel_node *n = &s->nodes[at];
    const struct redis_reply *reply;
    const size_t first = s->nviews;
    const bool kept = n->redis != NULL;
    n->answered = connect_to(s, n) && tell(s, n, "MASTERS", NULL, &reply, &n->err);
    if (kept && !n->redis) /* it has been started anew since the last look */
        n->answered = connect_to(s, n) && tell(s, n, "MASTERS", NULL, &reply, &n->err);
    for (size_t i = 0; n->answered && reply->type == REDIS_LIST && i < reply->count &&
                       s->nviews < first + MASTERS_MAX;
         i++) {
        s->views = xalloc_resize(s->views, s->nviews + 1, sizeof(*s->views));
        if (sentinel_read(reply->items[i], &s->views[s->nviews]))
            s->views[s->nviews++].node = at;
    }
    for (size_t i = first; i < s->nviews; i++) { /* the reply above is of no use any more */
        ask_quorum(s, n, &s->views[i]);
        ask_replicas(s, n, &s->views[i]);
    }
}

/* ---- All of them. */

static bool put(const struct sentinel_source *s, struct poll *p, const struct sentinel_view *view,
                const struct sentinel_node *n)
{
    struct strbuf reach = STRBUF_INIT(TEXT_BYTES);
    reach_of(s, n->name, &reach);
    struct span text = strbuf_span(&reach), pod = SPAN("");
    const size_t colon = span_find(text, ':', 0), end = span_find_last(text, ':');
    if ((span_starts(text, "pod:") || span_starts(text, "tls-pod:")) && end > colon)
        pod = span_sub(text, colon + 1, end - colon - 1);
    const struct sentinel_row row = {.source = ctx_name(s->ctx),
                                     .node = n->name,
                                     .pod = pod,
                                     .view = view,
                                     .error = n->answered ? NULL : n->err.msg,
                                     .now_ms = clock_wall_ms(ctx_clock(s->ctx))};
    const bool ok = sentinel_put(poll_rows(p, &kind_redis_sentinel), &row);
    strbuf_clear(&reach);
    return ok;
}

/* One that does not answer has a row for each master that others know. */
static bool put_silent(const struct sentinel_source *s, struct poll *p,
                       const struct sentinel_node *n)
{
    bool ok = true;
    for (size_t i = 0; ok && i < s->nviews; i++) {
        size_t before = 0;
        while (strcmp(s->views[before].master, s->views[i].master) != 0)
            before++;
        if (before == i)
            ok = put(s, p, &s->views[i], n);
    }
    return ok;
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct sentinel_source *s = self;
    size_t answered = 0, last = 0;
    bool ok = true;
    s->nviews = 0;
    for (size_t i = 0; i < s->count && !ctx_stopping(s->ctx); i++) {
        ask_node(s, i);
        answered += s->nodes[i].answered;
        last = s->nodes[i].answered ? last : i;
    }
    if (!answered) {
        *err = s->nodes[last].err;
        return false;
    }
    sentinel_compare(s->views, s->nviews);
    for (size_t i = 0; ok && i < s->nviews; i++)
        ok = put(s, p, &s->views[i], &s->nodes[s->views[i].node]);
    for (size_t i = 0; ok && i < s->count; i++)
        ok = s->nodes[i].answered || put_silent(s, p, &s->nodes[i]);
    if (answered < s->count)
        poll_note(p, &kind_redis_sentinel, "%zu of %zu: %s", s->count - answered, s->count,
                  s->nodes[last].err.msg);
    return ok || err_set(err, ERR_NOMEM, "there is no memory for the rows");
}

static void name_nodes(struct sentinel_source *s)
{
    const char *nodes = ctx_setting_filled(s->ctx, "nodes");
    struct span rest = span_from(nodes ? nodes : ctx_name(s->ctx)), name;
    for (s->count = 0; s->count < NODES_MAX && span_split(&rest, nodes ? ',' : '\n', &name);) {
        struct sentinel_node *n = &s->nodes[s->count++];
        *n = (struct sentinel_node){.how = STRBUF_INIT(TEXT_BYTES)};
        (void)snprintf(n->name, sizeof(n->name), "%.*s", SPAN_ARG(span_trim(name)));
    }
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    struct sentinel_source *s = self;
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    s->ctx = ctx;
    if (!ctx_setting(ctx, "reach"))
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(ctx));
    name_nodes(s);
    const bool ok = poll_run(&poll, err);
    for (size_t i = 0; i < s->count; i++) {
        drop(&s->nodes[i]);
        strbuf_clear(&s->nodes[i].how);
    }
    free(s->views);
    s->views = NULL;
    return ok;
}

/* ---- Those of the Bitnami chart with sentinel.enabled: a container beside Redis in each pod of
 * FULLNAME-node [bitnami/charts bitnami/redis templates/sentinel/]. */

void sentinel_discover(const struct store *st, struct discovery *d)
{
    struct discovery_set set;
    uint32_t at = 0;
    while (discovery_next_set(st, &at, &set)) {
        char name[TEXT_BYTES], reach[TEXT_BYTES], nodes[TEXT_BYTES], password[TEXT_BYTES];
        const char *found[] = {reach, nodes, NULL, NULL};
        if (!span_is(discovery_label(set.labels, "app.kubernetes.io/name"), "redis") ||
            !span_is(discovery_label(set.labels, "app.kubernetes.io/component"), "node"))
            continue;
        (void)snprintf(name, sizeof(name), "%.*s/%.*s", SPAN_ARG(set.ns), SPAN_ARG(set.name));
        (void)snprintf(reach, sizeof(reach), "reach=pod:%.*s/*:" SENTINEL_PORT, SPAN_ARG(set.ns));
        discovery_set_pods(&set, "nodes=", nodes, sizeof(nodes));
        if (redis_password_of(st, set.ns, set.name, "-node", password, sizeof(password)))
            found[2] = password;
        const struct found one = {.name = name, .settings = found};
        discovery_add(d, &one);
    }
}

const struct backend backend_sentinel = {
    .name = "redis-sentinel",
    .summary = "Redis Sentinels: what each says of each master, and whether they agree.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct sentinel_source),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = sentinel_discover,
    .run = run,
};
