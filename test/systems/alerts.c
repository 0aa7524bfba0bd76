/* The source of alerts against a server that answers as an Alertmanager and a Prometheus were
 * recorded: what fires, what is silenced and by whom, what each is about, and its end. */
#include <config.h>

#include "base/file.h"
#include "base/timetext.h"
#include "model/system.h"
#include "test/systems/http_server.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <stdio.h>

struct route {
    const char *path;
    const char *file; /* below test/data/alerts; NULL: body */
    int status;
    const char *body;
};

struct world {
    struct source_run source;
    struct server *server;
    pthread_mutex_t lock; /* what follows */
    const struct route *routes;
    char asked[4096];
};

extern const struct backend backend_alerts;

static const struct route of_alertmanager[] = {
    {"/api/v2/alerts", "alertmanager-alerts.json", 200, NULL},
    {"/api/v2/silences", "alertmanager-silences.json", 200, NULL},
    {NULL, NULL, 0, NULL},
};
static const struct route of_prometheus[] = {
    {"/api/v1/alerts", "prometheus-alerts.json", 200, NULL},
    {NULL, NULL, 0, NULL},
};
static const struct route nothing_fires[] = {
    {"/api/v2/alerts", NULL, 200, "[]"},
    {NULL, NULL, 0, NULL},
};

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct strbuf path = STRBUF_INIT(4096), body = STRBUF_INIT(65536);
    char target[256] = "";
    int status = 404;
    (void)sscanf(request, "%*s %255s", target);
    (void)pthread_mutex_lock(&w->lock);
    const size_t len = strlen(w->asked);
    (void)snprintf(w->asked + len, sizeof(w->asked) - len, "%s\n", target);
    const struct route *r = w->routes;
    (void)pthread_mutex_unlock(&w->lock);
    while (r->path && strcmp(r->path, target) != 0)
        r++;
    if (r->path) {
        status = r->status;
        strbuf_addf(&path, "%s/test/data/alerts/%s", getenv("top_srcdir"), r->file ? r->file : "");
        bool ok = !r->file || file_read(strbuf_cstr(&path), &body, NULL);
        bn_assert(ok);
        strbuf_adds(&body, r->body ? r->body : "");
    } else {
        strbuf_adds(&body, "404 page not found\n");
    }
    conn_answer(c, status, "Content-Type: application/json\r\n", strbuf_span(&body));
    strbuf_clear(&path);
    strbuf_clear(&body);
}

static void answer(struct world *w, const struct route *routes)
{
    (void)pthread_mutex_lock(&w->lock);
    w->routes = routes;
    (void)pthread_mutex_unlock(&w->lock);
}

static void start(struct world *w, const struct route *routes)
{
    char reach[128];
    int64_t now = 0;
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    const char *const settings[] = {reach, NULL};
    assert_true(time_parse(SPAN("2026-11-27T18:15:21Z"), &now));
    answer(w, routes);
    source_start(&w->source, &backend_alerts, settings, now);
    source_want(&w->source, "alert", true);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    assert_non_null(w);
    *state = w;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->routes = of_alertmanager;
    w->server = server_start(&o);
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

#define TARGET_DOWN "TargetDown.c7ad09"
#define CRASHLOOP   "default/KubePodCrashLooping.071c53"
#define MISMATCH    "default/KubeDeploymentReplicasMismatch.69fef1"
#define WATCHDOG    "Watchdog.4bcd93"

#define shows(w, key, column) source_text(&(w)->source, "alert", key, column)

static void what_alertmanager_says(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, of_alertmanager);
    source_until(s, source_report(s)->state == SOURCE_FRESH && source_has(s, "alert", TARGET_DOWN));
    source_judged(s, "alert", TARGET_DOWN, LEVEL_CRITICAL, "alert-critical",
                  "fires for 4m, 127.0.0.1:1: gone at 127.0.0.1:1 is down");
    assert_string_equal(shows(w, CRASHLOOP, "state"), "silenced");
    assert_string_equal(shows(w, CRASHLOOP, "silence"),
                        "kim until 2026-12-27T00:00: known, a fix is on its way");
    assert_string_equal(shows(w, CRASHLOOP, "about"), "pod default/kimai-qmzgltxs2-6h4p2");
    assert_int_equal(source_level(s, "alert", CRASHLOOP), LEVEL_OFF);
    assert_string_equal(shows(w, MISMATCH, "state"), "inhibited");
    assert_string_equal(shows(w, MISMATCH, "receivers"), "ops");
    assert_int_equal(source_level(s, "alert", WATCHDOG), LEVEL_OFF); /* it always fires */
    answer(w, nothing_fires);
    source_step(s, 30000);
    source_until(s, !source_has(s, "alert", TARGET_DOWN) && !source_has(s, "alert", WATCHDOG) &&
                        source_has(s, "alert", "Watchdog.gone"));
    source_judged(s, "alert", "Watchdog.gone", LEVEL_WARNING, "alert-watchdog-gone",
                  "it always fires, and does so no more");
    answer(w, of_alertmanager);
    source_step(s, 30000);
    source_until(s, source_has(s, "alert", WATCHDOG) && !source_has(s, "alert", "Watchdog.gone"));
}

/* The one row of an alert whose fingerprint nobody has given. */
static bool find(struct world *w, const char *name, char key[256])
{
    const struct store *st = w->source.store;
    const uint16_t kind = source_kind_number(&w->source, "alert");
    struct handle row;
    uint32_t at = 0;
    while (store_next(st, kind, &at, &row))
        if (span_search(store_key(st, row), span_from(name), false) < store_key(st, row).len) {
            (void)snprintf(key, 256, "%.*s", SPAN_ARG(store_key(st, row)));
            return true;
        }
    return false;
}

static void what_prometheus_says(void **state)
{
    struct world *w = *state;
    char node[256], deployment[256];
    struct link link = {0};
    struct handle row;
    size_t at = 0;
    start(w, of_prometheus);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FRESH &&
                                 find(w, "KubeNodeNotReady.", node) &&
                                 find(w, "KubeDeploymentReplicasMismatch.", deployment));
    source_judged(&w->source, "alert", node, LEVEL_NOTICE, "alert-pending",
                  "pending for 5m, node prod-instance-1769868032159: Node is not ready.");
    source_judged(&w->source, "alert", deployment, LEVEL_WARNING, "alert-warning",
                  "deployment default/gta-events");
    assert_true(store_find(w->source.store, 0, source_kind_number(&w->source, "alert"),
                           span_from(deployment), &row));
    assert_true(store_link_next(w->source.store, row, &at, &link));
    assert_int_equal(link.type, LINK_ALERT);
    assert_true(span_is(link.kind, "workload"));
    assert_true(span_is(link.key, "default/Deployment/gta-events"));
}

/* Of lesser severity: said, not in the way; and it ends with the alert. */
static void a_severity_that_is_low(void **state)
{
    static const struct route low[] = {
        {"/api/v2/alerts", NULL, 200,
         "[{\"labels\":{\"alertname\":\"InfoInhibitor\",\"severity\":\"info\",\"namespace\":"
         "\"default\",\"pod\":\"kimai-0\"},\"fingerprint\":\"0123456789abcdef\",\"annotations\":{"
         "\"summary\":\"Informational.\"},\"startsAt\":\"2026-11-27T18:10:21Z\",\"status\":{"
         "\"state\":\"active\",\"silencedBy\":[],\"inhibitedBy\":[]}}]"},
        {NULL, NULL, 0, NULL},
    };
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, low);
    source_until(s, source_has(s, "alert", "default/InfoInhibitor.012345"));
    source_judged(s, "alert", "default/InfoInhibitor.012345", LEVEL_NOTICE, "alert-notice",
                  "fires for 5m, pod default/kimai-0: Informational.");
    answer(w, nothing_fires);
    source_step(s, 30000);
    source_until(s, !source_has(s, "alert", "default/InfoInhibitor.012345"));
    struct system_state home; /* it is there, and that is not the same as well */
    system_judge(s->store, &backend_alerts.systems[0], 0, &home);
    assert_string_equal(home.says, "none fires, and no Watchdog shows that they come");
}

/* What is asked for is neither of both; and answers that are none of theirs. */
static void what_is_neither(void **state)
{
    static const struct route hostile[] = {
        {"/api/v2/alerts", NULL, 200,
         "[{\"labels\":{\"alertname\":\"A\\u001b[2J\",\"namespace\":\"../..\",\"pod\":\"x/y\"},"
         "\"status\":{\"silencedBy\":[null],\"state\":7}},{\"labels\":null},[],42,"
         "{\"labels\":{\"alertname\":7},\"fingerprint\":\"f\",\"receivers\":[{}]}]"},
        {NULL, NULL, 0, NULL},
    };
    static const struct route refused[] = {
        {"/api/v2/alerts", NULL, 503, "{\"code\":503,\"message\":\"not ready yet\"}"},
        {NULL, NULL, 0, NULL},
    };
    static const struct route other[] = {
        {"/api/v2/alerts", NULL, 200, "{\"hello\":1}"},
        {NULL, NULL, 0, NULL},
    };
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, other);
    source_until(s, strstr(source_kind_report(s, "alert")->why.msg, "no list of alerts") != NULL);
    answer(w, refused);
    source_refresh(s);
    source_until(s, strstr(source_kind_report(s, "alert")->why.msg, "not ready yet") != NULL);
    answer(w, hostile);
    source_refresh(s);
    source_until(s, source_kind_report(s, "alert")->state == SOURCE_FRESH &&
                        source_has(s, "alert", ".f"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_alertmanager_says),
        CASE(what_prometheus_says),
        CASE(a_severity_that_is_low),
        CASE(what_is_neither),
    };
    return cmocka_run_group_tests_name("alerts", tests, NULL, NULL);
}
