/* The Redis backend: its life, and its line on home. */
#include <config.h>

#include "backends/redis/redis.h"

#include "backends/kubernetes/kube_kind.h"
#include "base/number.h"

#define SLOW_MS 30000

static const struct kind *const kinds[] = {&kind_redis, &kind_redis_db, &kind_redis_slow,
                                           &kind_redis_client, NULL};
static const char *const needs[] = {"service", "secret", "workload", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"user", "", "Its user, where there are ACLs; else the default one.", SETTING_TEXT},
    {"password", NULL, "Where its password is: " RECIPE_FORMS ".", SETTING_SECRET},
    {"replicas", NULL, "How many replicas should follow it, where it is a master.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"redis",
     "Redis",
     "Redis: roles, replication, memory, what is kept on disk, clients.",
     {"redis", "redis-slow", "redis-db", "redis-sentinel"},
     redis_says},
    {NULL, NULL, NULL, {NULL}, NULL},
};

/* One that speaks TLS alone drops whoever does not, without a word. */
static void say_tls(const struct redis_source *s, struct err *err)
{
    const struct span how = strbuf_span(&s->how);
    const struct err said = *err;
    if (err->kind == ERR_IO && !redis_bytes_in(s->redis) &&
        span_search(how, SPAN("TLS"), false) == how.len)
        (void)err_set(err, ERR_IO,
                      "%s; a server that speaks TLS alone does so too (reach: tls:, "
                      "tls-service:, tls-pod:)",
                      said.msg);
}

bool redis_command(struct redis_source *s, const char *const *words,
                   const struct redis_reply **reply, struct err *err)
{
    const struct stream_wait wait = stream_wait_for(REDIS_DEADLINE_MS, ctx_stop_fd(s->ctx));
    bool ok = redis_ask(s->redis, words, &wait, reply, err);
    if (!ok)
        say_tls(s, err);
    ctx_figures(s->ctx, redis_commands(s->redis), redis_bytes_in(s->redis));
    return ok;
}

bool redis_refused(const struct err *err)
{
    return err->kind == ERR_BUSY || err->kind == ERR_DENIED || err->kind == ERR_PROTO;
}

static bool connect_to(struct redis_source *s, const struct access *a, struct err *err)
{
    const struct stream_wait wait = stream_wait_for(REDIS_DEADLINE_MS, ctx_stop_fd(s->ctx));
    struct strbuf password = STRBUF_INIT(RECIPE_VALUE_MAX);
    bool ok = access_secret(a, "password", REDIS_DEADLINE_MS, &password, err);
    struct stream *stream = ok ? access_stream(a, &wait, &s->how, err) : NULL;
    ok = stream != NULL;
    if (ok) {
        s->redis = redis_new(stream, ctx_name(s->ctx));
        ok = redis_auth(s->redis, span_from(ctx_setting(s->ctx, "user")),
                        span_trim(strbuf_span(&password)), &wait, err);
        if (!ok)
            say_tls(s, err);
    }
    strbuf_wipe(&password);
    return ok;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const status[] = {&kind_redis, &kind_redis_db, NULL},
                                    *const slow[] = {&kind_redis_slow, NULL},
                                    *const clients[] = {&kind_redis_client, NULL};
    static const struct poll_part parts[] = {{status, REDIS_STATUS_MS, redis_ask_status},
                                             {slow, SLOW_MS, redis_ask_slow},
                                             {clients, REDIS_STATUS_MS, redis_ask_clients},
                                             {NULL, 0, NULL}};
    struct redis_source *s = self;
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    struct access access;
    s->ctx = ctx;
    s->save = SAVE_UNASKED;
    s->how = (struct strbuf)STRBUF_INIT(1024);
    s->latency = (struct redis_latency){.threshold_ms = -1,
                                        .events = STRBUF_INIT(ROW_TEXT_MAX),
                                        .at_ms = TIME_NONE,
                                        .threshold_due_ms = INT64_MIN,
                                        .events_due_ms = INT64_MIN};
    bool ok = access_open(&access, ctx, err);
    if (ok) {
        ok = connect_to(s, &access, err) && poll_run(&poll, err);
        access_close(&access);
    }
    redis_free(s->redis);
    s->redis = NULL;
    strbuf_clear(&s->how);
    strbuf_clear(&s->latency.events);
    return ok;
}

/* "1 master, 2 replicas, 41% mem, 0 evicted/s" */
void redis_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("redis"));
    size_t masters = 0, replicas = 0, n = 0;
    double full = 0, evicted = 0;
    char text[NUMBER_TEXT_MAX];
    struct handle row;
    uint32_t at = 0;
    for (; store_next(st, (uint16_t)kind, &at, &row); n++) {
        struct value used = store_cell(st, row, SERVER_FULL, now_ms),
                     rate = store_cell(st, row, SERVER_EVICTED, now_ms);
        masters += span_is(store_text(st, row, SERVER_ROLE), "master");
        replicas += span_is(store_text(st, row, SERVER_ROLE), "replica");
        if (used.type == VALUE_RATIO && used.real > full)
            full = used.real;
        evicted += rate.type == VALUE_RATE ? rate.real : 0;
    }
    if (!n) {
        strbuf_adds(system_part(parts), "none found");
        return;
    }
    strbuf_addf(system_part(parts), "%zu master%s", masters, masters == 1 ? "" : "s");
    if (replicas)
        strbuf_addf(system_part(parts), "%zu replica%s", replicas, replicas == 1 ? "" : "s");
    if (full > 0) {
        number_format_percent(full, text);
        strbuf_addf(system_part(parts), "%s mem", text);
    }
    strbuf_addf(system_part(parts), "%.0f evicted/s", evicted);
    n = kube_count(st, "redis-sentinel");
    if (n)
        strbuf_addf(system_part(parts), "%zu sentinel%s", n, n == 1 ? "" : "s");
}

const struct backend backend_redis = {
    .name = "redis",
    .summary = "Redis: replication, memory, evictions, persistence, clients, slow log.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct redis_source),
    .quiet_ms = 4 * REDIS_STATUS_MS,
    .needs = needs,
    .discover = redis_discover,
    .run = run,
};
