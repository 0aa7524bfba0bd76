/* The Redis source through a cluster: port-forward to a real server behind harbor's API server, the
 * password from a Secret; pods that go and come; and the servers of the platform that harbor plays. */
#include <config.h>

#include "net/kube.h"
#include "test/systems/harbor_child.h"
#include "test/systems/redis_run.h"
#include "test/systems/source_run.h"

#include <signal.h>

#define NOW      INT64_C(1770973200000)
#define PASSWORD "REDACTED34fb46c8" /* of the platform's Secret */

struct world {
    struct harbor harbor;
    struct redis_server redis;
    struct source_run source;
    struct credential *credential;
};

extern const struct backend backend_redis;

static const char *const with_password[] = {"--requirepass", PASSWORD, NULL};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    *state = w;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    harbor_prepare(&w->harbor);
    harbor_start(&w->harbor, NULL);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    credential_unref(w->credential);
    redis_done(&w->redis);
    harbor_done(&w->harbor);
    free(w);
    return 0;
}

static void start_source(struct world *w, const char *reach)
{
    const struct kubeconfig_env env = {.path = w->harbor.kubeconfig};
    struct kubeconfig *config = kubeconfig_load(&env, NULL);
    char kubeconfig[200];
    assert_non_null(config);
    w->credential = kube_credential(config, kubeconfig_context(config, NULL, NULL), NULL, NULL);
    assert_non_null(w->credential);
    kubeconfig_free(config);
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "kubeconfig=%s", w->harbor.kubeconfig);
    const char *const settings[] = {reach, "password=secret:operators/redis/redis-password",
                                    kubeconfig, NULL};
    source_start_with(&w->source, &backend_redis, settings, NOW, w->credential);
    source_want(&w->source, "redis", true);
}

#define look_until(w, condition) \
    source_until(&(w)->source, (condition) || (source_step(&(w)->source, 10000), false))

static bool shows(struct world *w, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, "redis", "it", column), text) == 0;
}

static bool judged(struct world *w, const char *rule)
{
    return source_has(&w->source, "redis", "it") &&
           strcmp(source_rule(&w->source, "redis", "it"), rule) == 0;
}

static bool failing(struct world *w, const char *words)
{
    const struct source_report *r = source_report(&w->source);
    return r->state == SOURCE_FAILING && strstr(r->why.msg, words) != NULL;
}

static void a_real_server_behind_a_service(void **state)
{
    struct world *w = *state;
    redis_start(&w->redis, with_password);
    (void)harbor_told(&w->harbor, "upstream pods operators redis-master-0 6379 %d", w->redis.port);
    start_source(w, "reach=service:operators/redis-master:6379");
    look_until(w, shows(w, "role", "master"));
    assert_true(shows(w, "way", "port-forward to pod operators/redis-master-0:6379"));
    assert_false(source_leaks(&w->source, PASSWORD));

    /* It goes and comes back, as a process and as a pod that is not ready. */
    redis_stop(&w->redis);
    (void)harbor_told(&w->harbor, "step 1000");
    look_until(w, failing(w, "connection refused: nothing listens at that port in the pod"));
    redis_start_again(&w->redis, with_password);
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH);
    (void)harbor_told(&w->harbor, "patch pods operators redis-master-0 {\"status\":{\"conditions\":"
                                  "[{\"type\":\"Ready\",\"status\":\"False\"}]}}");
    (void)harbor_told(&w->harbor, "drop");
    look_until(w, failing(w, "redis-master has no ready pod"));
    (void)harbor_told(&w->harbor, "patch pods operators redis-master-0 {\"status\":{\"conditions\":"
                                  "[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH);
}

/* The API server answers nothing any more: the source says so, and no other thread waits. */
static void an_api_server_that_falls_silent(void **state)
{
    struct world *w = *state;
    start_source(w, "reach=pod:operators/redis-replicas-1:6379");
    look_until(w, shows(w, "replication", "up"));
    (void)harbor_told(&w->harbor, "fault /api/v1/namespaces/operators/pods/redis stall");
    (void)harbor_told(&w->harbor, "drop");
    look_until(w, failing(w, "no answer in time"));
    (void)harbor_told(&w->harbor, "clear");
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH);
}

static void the_platforms_own_servers(void **state)
{
    struct world *w = *state;
    start_source(w, "reach=service:operators/redis-master:6379");
    look_until(w, judged(w, ""));
    assert_true(shows(w, "version", "7.4.3"));
    assert_true(shows(w, "max", "900Mi"));
    (void)harbor_told(&w->harbor, "redis operators redis-master-0 set maxmemory:390000000");
    (void)harbor_told(&w->harbor, "redis operators redis-master-0 set maxmemory_policy:noeviction");
    look_until(w, judged(w, "redis-memory-full"));
    (void)harbor_told(&w->harbor,
                      "redis operators redis-master-0 refuse BUSY Redis is busy running "
                      "a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.");
    look_until(w, judged(w, "redis-busy"));
    (void)harbor_told(&w->harbor, "redis operators redis-master-0 well");
    look_until(w, judged(w, ""));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_real_server_behind_a_service),
        CASE(an_api_server_that_falls_silent),
        CASE(the_platforms_own_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
