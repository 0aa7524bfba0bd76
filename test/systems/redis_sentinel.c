/* The source of Sentinels against real ones: what each says of a master, a quorum that is not
 * reached, views that differ, one that does not answer. */
#include <config.h>

#include "backends/redis/sentinel.h"
#include "net/redis.h"
#include "test/systems/http_server.h"
#include "test/systems/redis_run.h"
#include "test/systems/source_run.h"

#include <signal.h>
#include <stdio.h>

#define NOW   INT64_C(1770973200000)
#define NODES 3

struct world {
    struct redis_server master, other, sentinels[NODES];
    struct source_run source;
    bool started; /* the source */
    char nodes[NODES][16];
};

extern const struct backend backend_sentinel;

/* ---- The world: three sentinels that watch over one master. */

static void start_sentinel(struct world *w, size_t i, int master, const char *more)
{
    char lines[400];
    (void)snprintf(lines, sizeof(lines),
                   "sentinel monitor shop 127.0.0.1 %d 2\n"
                   "sentinel down-after-milliseconds shop 300\n"
                   "sentinel failover-timeout shop 600000\n%s",
                   master, more);
    redis_start_sentinel(&w->sentinels[i], lines);
    (void)snprintf(w->nodes[i], sizeof(w->nodes[i]), "%d", w->sentinels[i].port);
}

static void start_source(struct world *w)
{
    char nodes[100];
    (void)snprintf(nodes, sizeof(nodes), "nodes=%s,%s,%s", w->nodes[0], w->nodes[1], w->nodes[2]);
    const char *const settings[] = {"reach=tcp:127.0.0.1:*", nodes, NULL};
    source_start(&w->source, &backend_sentinel, settings, NOW);
    source_want(&w->source, "redis-sentinel", true);
    w->started = true;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    *state = w;
    (void)signal(SIGPIPE, SIG_IGN);
    redis_start(&w->master, NULL);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (w->started)
        source_stop(&w->source);
    for (size_t i = 0; i < NODES; i++)
        redis_done(&w->sentinels[i]);
    redis_done(&w->other);
    redis_done(&w->master);
    free(w);
    return 0;
}

/* Looks until it is so: what a server does by itself takes its time. */
#define look_until(w, condition) \
    source_until(&(w)->source, (condition) || (source_step(&(w)->source, 10000), false))

static const char *key_of(const struct world *w, size_t i)
{
    static char key[64];
    (void)snprintf(key, sizeof(key), "%s/shop", w->nodes[i]);
    return key;
}

static bool shows(struct world *w, size_t i, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, "redis-sentinel", key_of(w, i), column), text) == 0;
}

static bool judged(struct world *w, size_t i, const char *rule)
{
    return source_has(&w->source, "redis-sentinel", key_of(w, i)) &&
           strcmp(source_rule(&w->source, "redis-sentinel", key_of(w, i)), rule) == 0;
}

static bool sees_all(struct world *w, size_t i)
{
    return strstr(source_text(&w->source, "redis-sentinel", key_of(w, i), "check"),
                  "OK 3 usable Sentinels") != NULL;
}

/* ---- Sentinels. */

static void all_agree_and_then_the_master_is_gone(void **state)
{
    struct world *w = *state;
    char address[64];
    for (size_t i = 0; i < NODES; i++)
        start_sentinel(w, i, w->master.port, "");
    start_source(w);
    look_until(w, judged(w, 0, "") && judged(w, 1, "") && judged(w, 2, "") &&
                      shows(w, 0, "sentinels", "3") && shows(w, 2, "sentinels", "3") &&
                      sees_all(w, 1)); /* each learns of the others by itself */
    (void)snprintf(address, sizeof(address), "127.0.0.1:%d", w->master.port);
    assert_true(shows(w, 1, "address", address));
    assert_true(shows(w, 1, "quorum", "2"));
    assert_true(shows(w, 1, "replicas", "0"));
    assert_true(shows(w, 1, "others", "-"));
    redis_stop(&w->master);
    look_until(w, judged(w, 0, "sentinel-master-down"));
    assert_int_equal(source_level(&w->source, "redis-sentinel", key_of(w, 0)), LEVEL_CRITICAL);
    assert_non_null(strstr(source_says(&w->source, "redis-sentinel", key_of(w, 0)), address));
    redis_start_again(&w->master, NULL);
    look_until(w, judged(w, 0, "") && judged(w, 1, "") && judged(w, 2, ""));
}

/* One takes another server for the master, another does not answer; two cannot be reached. */
static void one_has_another_view(void **state)
{
    struct world *w = *state;
    char words[200];
    redis_start(&w->other, NULL);
    start_sentinel(w, 0, w->master.port, "");
    start_sentinel(w, 1, w->master.port, "");
    start_sentinel(w, 2, w->other.port, "");
    start_source(w);
    look_until(w, judged(w, 2, "sentinel-disagree") && shows(w, 0, "sentinels", "2") &&
                      judged(w, 0, "") && judged(w, 1, ""));
    (void)snprintf(words, sizeof(words), "takes 127.0.0.1:%d for master shop, others 127.0.0.1:%d",
                   w->other.port, w->master.port);
    assert_string_equal(source_says(&w->source, "redis-sentinel", key_of(w, 2)), words);

    redis_stop(&w->sentinels[1]); /* of two that agree one is left: no quorum */
    look_until(w, judged(w, 1, "sentinel-unreachable") && shows(w, 1, "state", "unreachable") &&
                      source_kind_report(&w->source, "redis-sentinel")->state == SOURCE_PARTIAL);
    assert_non_null(
        strstr(source_says(&w->source, "redis-sentinel", key_of(w, 1)), "connection refused"));
    look_until(w, strstr(source_text(&w->source, "redis-sentinel", key_of(w, 0), "check"),
                         "NOQUORUM") != NULL);
    assert_true(judged(w, 0, "sentinel-disagree")); /* one against one */
    redis_stop(&w->sentinels[2]);
    look_until(w, judged(w, 0, "sentinel-no-quorum"));
    assert_non_null(strstr(source_says(&w->source, "redis-sentinel", key_of(w, 0)),
                           "no failover of shop could be made: NOQUORUM 1 usable Sentinels"));
}

static void a_replica_that_is_gone(void **state)
{
    struct world *w = *state;
    char port[16], address[64];
    const char *const follow[] = {"--replicaof", "127.0.0.1", port, NULL};
    (void)snprintf(port, sizeof(port), "%d", w->master.port);
    redis_start(&w->other, follow);
    (void)snprintf(address, sizeof(address), "127.0.0.1:%d", w->other.port);
    for (size_t i = 0; i < NODES; i++)
        start_sentinel(w, i, w->master.port, "");
    start_source(w);
    look_until(w, judged(w, 0, "") && shows(w, 0, "replicas", "1"));
    redis_stop(&w->other);
    look_until(w, judged(w, 0, "sentinel-replica-down"));
    assert_int_equal(source_level(&w->source, "redis-sentinel", key_of(w, 0)), LEVEL_NOTICE);
    assert_non_null(strstr(source_says(&w->source, "redis-sentinel", key_of(w, 0)), address));
    redis_start_again(&w->other, follow);
    look_until(w, judged(w, 0, ""));
}

/* Its user may not PING: the two others hear the master all the same. */
static void one_alone_does_not_hear_the_master(void **state)
{
    static const char *const deaf[] = {"--user", "ear",   "on",    ">x", "~*",
                                       "&*",     "+@all", "-ping", NULL},
                             *const well[] = {"--user", "ear", "on",    ">x",
                                              "~*",     "&*",  "+@all", NULL};
    struct world *w = *state;
    redis_stop(&w->master);
    redis_start_again(&w->master, deaf);
    start_sentinel(w, 0, w->master.port, "");
    start_sentinel(w, 1, w->master.port, "");
    start_sentinel(w, 2, w->master.port,
                   "sentinel auth-user shop ear\nsentinel auth-pass shop x\n");
    start_source(w);
    look_until(w, judged(w, 2, "sentinel-master-unheard") && judged(w, 0, "") && judged(w, 1, ""));
    assert_non_null(strstr(source_says(&w->source, "redis-sentinel", key_of(w, 2)),
                           "does not hear master shop at 127.0.0.1:"));
    redis_stop(&w->master);
    redis_start_again(&w->master, well);
    look_until(w, judged(w, 0, "") && judged(w, 1, "") && judged(w, 2, ""));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_agree_and_then_the_master_is_gone),
        CASE(one_has_another_view),
        CASE(a_replica_that_is_gone),
        CASE(one_alone_does_not_hear_the_master),
    };
    return cmocka_run_group_tests_name("redis_sentinel", tests, NULL, NULL);
}
