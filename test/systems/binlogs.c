/* Collectors of binary logs: the source against a server that answers as the operator's documentation
 * shows it; and what their figures make of points in time and of buckets: a database to which nothing is
 * written lags behind nothing. */
#include <config.h>

#include "backends/binlogs/binlogs.h"

#include "backends/discovery.h"
#include "backends/s3/s3.h"
#include "test/systems/http_server.h"
#include "test/systems/routes.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_judge.h"

#include <stdio.h>

#define KIND   "binlog-collector"
#define KEY    "db/c"
#define MIN_MS INT64_C(60000)

extern const struct backend backend_binlogs;

struct world {
    struct source_run source;
    struct server *server;
    struct routes routes;
};

/* ---- The source. */

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct strbuf body = STRBUF_INIT(65536);
    char path[256] = "";
    (void)sscanf(request, "%*s %255[^? ]", path);
    (void)pthread_mutex_lock(&w->routes.lock);
    int status = routes_find(&w->routes, path, &body);
    (void)pthread_mutex_unlock(&w->routes.lock);
    conn_answer(c, status ? status : 404, "Content-Type: text/plain; version=0.0.4\r\n",
                strbuf_span(&body));
    strbuf_clear(&body);
}

/* As Go's client writes it: times in scientific notation. */
static void answer(struct world *w, const struct binlogs_figures *f)
{
    char body[2048];
    (void)snprintf(
        body, sizeof(body),
        "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.\n"
        "# TYPE process_start_time_seconds gauge\n"
        "process_start_time_seconds %.11e\n"
        "# HELP pxc_binlog_collector_failure_total Total number of failed binlog collection "
        "cycles\n"
        "# TYPE pxc_binlog_collector_failure_total counter\n"
        "pxc_binlog_collector_failure_total %lld\n"
        "pxc_binlog_collector_gap_detected_total %lld\n"
        "pxc_binlog_collector_last_processing_timestamp %.16e\n"
        "pxc_binlog_collector_last_upload_timestamp %.15e\n"
        "pxc_binlog_collector_success_total %lld\n"
        "pxc_binlog_collector_uploaded_total %lld\n",
        (double)f->started_ms / 1000, (long long)f->failures, (long long)f->gaps,
        (double)f->processed_ms / 1000, (double)f->uploaded_ms / 1000, (long long)f->successes,
        (long long)f->uploads);
    routes_answer(&w->routes, "/metrics", 200, body);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    routes_init(&w->routes);
    *state = w;
    w->server = server_start(&o);
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    routes_clear(&w->routes);
    free(w);
    return 0;
}

static void start(struct world *w)
{
    char reach[128];
    (void)snprintf(reach, sizeof(reach), "reach=http://127.0.0.1:%d", server_port(w->server));
    const char *const settings[] = {reach, "cluster=" KEY, "every=5m", NULL};
    source_start(&w->source, &backend_binlogs, settings, kube_time(NOW));
    source_want(&w->source, KIND, true);
}

static bool is(struct world *w, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, KIND, KEY, column), text) == 0;
}

/* Answers so from its next question on, which comes now, and waits for what comes of it. */
static void then(struct world *w, const struct binlogs_figures *f, const char *rule,
                 const char *words)
{
    answer(w, f);
    source_refresh(&w->source);
    source_until(&w->source, strcmp(source_rule(&w->source, KIND, KEY), rule) == 0 &&
                                 strcmp(source_says(&w->source, KIND, KEY), words) == 0);
    source_judged(&w->source, KIND, KEY, *rule ? LEVEL_WARNING : LEVEL_OK, rule, words);
}

static struct binlogs_figures well(void)
{
    const int64_t now = kube_time(NOW);
    return (struct binlogs_figures){
        now - 600 * MIN_MS, now - 2 * MIN_MS, now - 7 * MIN_MS, 19, 0, 5, 0};
}

static void failures_are_told_until_it_gets_through(void **state)
{
    struct world *w = *state;
    struct binlogs_figures f = well();
    answer(w, &f);
    start(w);
    source_until(&w->source, is(w, "processed", "2m"));
    source_judged(&w->source, KIND, KEY, LEVEL_OK, "", "");
    assert_true(is(w, "uploaded", "7m") && is(w, "uploads", "5") && is(w, "successes", "19"));
    assert_true(is(w, "failures", "0") && is(w, "namespace", "db") && is(w, "name", "c"));
    f.failures = 1;
    then(w, &f, "binlog-collector-fails",
         "fails, seen 0s ago; last got through 2m ago, every 5m is asked for; 1 failure since it "
         "started");
    f.successes = 20;
    then(w, &f, "", "");
    f.failures = 3;
    then(w, &f, "binlog-collector-fails",
         "fails, seen 0s ago; last got through 2m ago, every 5m is asked for; 3 failures since "
         "it started");
    f.started_ms += MIN_MS; /* begun anew: what the last one failed at is over */
    f.failures = f.successes = 0;
    then(w, &f, "", "");
    f.processed_ms -= 10 * MIN_MS;
    then(w, &f, "binlog-collector-late",
         "last got through 12m ago, every 5m is asked for; 0 failures since it started");
    f.processed_ms = 0;
    then(w, &f, "binlog-collector-late",
         "last got through never since it started, every 5m is asked for; 0 failures since it "
         "started");
    f.processed_ms = kube_time(NOW) - MIN_MS;
    then(w, &f, "", "");
}

static void a_gap_is_seen_when_it_is_found(void **state)
{
    struct world *w = *state;
    struct binlogs_figures f = well();
    f.gaps = 1; /* of some time before */
    answer(w, &f);
    start(w);
    source_until(&w->source, is(w, "gaps", "1"));
    assert_true(is(w, "gap-at", "-"));
    f.gaps = 2;
    answer(w, &f);
    source_refresh(&w->source);
    source_until(&w->source, is(w, "gaps", "2"));
    assert_true(is(w, "gap-at", NOW));
}

static const struct source_report *report(struct world *w)
{
    return source_kind_report(&w->source, KIND);
}

static void what_may_not_be_read_is_said_by_its_source(void **state)
{
    static const struct {
        int status;
        const char *body, *why;
        enum source_state is;
    } refusals[] = {{403, "services \"c-pitr\" is forbidden", "403", SOURCE_DENIED},
                    {404, "404 page not found", "404", SOURCE_FAILING},
                    {200, "<html>", "no figures of a collector", SOURCE_FAILING}};
    struct world *w = *state;
    const struct binlogs_figures f = well();
    routes_answer(&w->routes, "/metrics", 403, "");
    start(w);
    for (size_t i = 0; i < BN_COUNT(refusals); i++) {
        routes_answer(&w->routes, "/metrics", refusals[i].status, refusals[i].body);
        source_refresh(&w->source);
        source_until(&w->source, report(w)->state == refusals[i].is &&
                                     strstr(report(w)->why.msg, refusals[i].why));
        assert_false(source_has(&w->source, KIND, KEY));
    }
    answer(w, &f);
    source_refresh(&w->source);
    source_until(&w->source, source_has(&w->source, KIND, KEY));
    source_until(&w->source, report(w)->state == SOURCE_FRESH);
}

/* ---- What their figures say of others' rows. */

static const struct kind *const beside[] = {&kind_s3_bucket, &kind_s3_backup,
                                            &kind_binlog_collector, NULL};

static void apply(struct store *st, struct row_writer *w, const struct kind *kind)
{
    kube_apply(st,
               row_writer_take(w, KUBE_BESIDE,
                               (uint16_t)kind_find(store_kinds(st), span_from(kind->name))),
               kube_time(NOW));
    row_writer_clear(w);
}

static void collect(struct store *st, const struct binlogs_told *told,
                    const struct binlogs_figures *f)
{
    struct row_writer w;
    row_writer_init(&w, &kind_binlog_collector, 65536);
    assert_true(binlogs_put(told, f, &w));
    apply(st, &w, &kind_binlog_collector);
}

static void collector_is_gone(struct store *st)
{
    struct row_writer w;
    row_writer_init(&w, &kind_binlog_collector, 65536);
    assert_true(row_drop(&w, SPAN(KEY)));
    apply(st, &w, &kind_binlog_collector);
}

static struct handle list(struct store *st, int64_t newest_ms, int64_t listed_ms)
{
    struct s3_scan scan = {.binlogs = {.oldest_ms = 0, .newest_ms = newest_ms, .count = 1}};
    const struct s3_about about = {&(struct s3_place){.bucket = SPAN("dbs"), .prefix = SPAN("")},
                                   "eu", 5 * MIN_MS, KEY, listed_ms};
    struct row_writer w;
    struct handle row;
    row_writer_init(&w, &kind_s3_bucket, 65536);
    assert_true(s3_bucket_row(&w, &about, &scan));
    apply(st, &w, &kind_s3_bucket);
    assert_true(store_find(st, KUBE_BESIDE, (uint16_t)kind_find(store_kinds(st), SPAN("s3-bucket")),
                           SPAN("dbs"), &row));
    return row;
}

static struct handle put_stored(struct store *st, const struct s3_backup *b)
{
    const struct s3_scan scan = {.count = 0};
    const struct s3_about about = {&(struct s3_place){.bucket = SPAN("dbs"), .prefix = SPAN("")},
                                   "eu", 0, NULL, kube_time(NOW)};
    struct row_writer w;
    struct handle row;
    row_writer_init(&w, &kind_s3_backup, 65536);
    assert_true(s3_backup_row(&w, &about, &scan, b));
    apply(st, &w, &kind_s3_backup);
    assert_true(store_find(st, KUBE_BESIDE, (uint16_t)kind_find(store_kinds(st), SPAN("s3-backup")),
                           SPAN("s3://dbs/c-2026-02-13-08:50:00-full"), &row));
    return row;
}

static struct handle put_cluster(struct store *st)
{
    (void)kube_put(st, "backup", 0,
                   "{metadata: {namespace: db, name: b, creationTimestamp: '2026-02-13T03:00:00Z'},"
                   " spec: {pxcCluster: c}, status: {state: Succeeded, completed: "
                   "'2026-02-13T03:04:00Z', latestRestorableTime: '2026-02-13T05:00:00Z'}}",
                   kube_time(NOW));
    kube_synced(st, "backup", kube_time(NOW));
    return kube_put(st, "pitr", 0,
                    "{metadata: {namespace: db, name: c, creationTimestamp: "
                    "'2026-01-01T00:00:00Z'}, spec: {backup: {pitr: {enabled: true, storageName: "
                    "s3, timeBetweenUploads: 300}, storages: {s3: {type: s3, s3: {bucket: "
                    "dbs}}}}}}",
                    kube_time(NOW));
}

static struct binlogs_told told_now(void)
{
    return (struct binlogs_told){.name = KEY,
                                 .every_ms = 5 * MIN_MS,
                                 .read_ms = kube_time(NOW),
                                 .failed_ms = TIME_NONE,
                                 .gap_ms = TIME_NONE};
}

static void cell(const struct store *st, struct handle row, const char *column, const char *is)
{
    struct strbuf text = STRBUF_INIT(100);
    kube_cell(st, row, column, &text);
    assert_string_equal(strbuf_cstr(&text), is);
    strbuf_clear(&text);
}

/* Since five nothing was written. */
static void an_idle_database_does_not_lag(void **state)
{
    struct store *st = kube_store_beside("s3/dbs", "s3", SOURCE_NONE, beside);
    const int64_t now = kube_time(NOW), five = kube_time("2026-02-13T05:00:00Z");
    struct handle pitr = put_cluster(st), bucket = list(st, five, now - MIN_MS);
    struct binlogs_told told = told_now();
    struct binlogs_figures f = {five, now - 2 * MIN_MS, five, 48, 0, 1, 0};
    (void)state;
    expect(st, pitr, "nobody says why", LEVEL_WARNING, "pitr-lag",
           "lag 4h (limit 11m), can be restored until 2026-02-13T05:00:00Z");
    expect(st, bucket, "nobody says why", LEVEL_WARNING, "s3-binlog-lag",
           "newest binary log uploaded 4h ago, one is expected every 5m");
    collect(st, &told, &f);
    expect(st, pitr, "idle", LEVEL_OK, NULL, NULL);
    expect(st, bucket, "idle", LEVEL_OK, NULL, NULL);
    cell(st, pitr, "kept-to", "2026-02-13T08:58:00Z");
    cell(st, pitr, "to", "2026-02-13T05:00:00Z");
    cell(st, pitr, "processed", "2026-02-13T08:58:00Z");
    cell(st, pitr, "uploaded", "2026-02-13T05:00:00Z");
    f.uploaded_ms = -1; /* it has been restarted since */
    collect(st, &told, &f);
    expect(st, bucket, "none since it started", LEVEL_OK, NULL, NULL);
    work(st, now + 9 * MIN_MS + 1); /* and it has said nothing more */
    assert_int_equal(store_verdict(st, pitr).level, LEVEL_WARNING);
    assert_int_equal(store_verdict(st, bucket).level, LEVEL_WARNING);
    f.processed_ms = now + 9 * MIN_MS;
    collect(st, &told, &f);
    work(st, now + 9 * MIN_MS + 1);
    assert_int_equal(store_verdict(st, pitr).level, LEVEL_OK);
    assert_int_equal(store_verdict(st, bucket).level, LEVEL_OK);
    collector_is_gone(st);
    work(st, now);
    expect(st, pitr, "what was there before stands", LEVEL_WARNING, "pitr-lag",
           "lag 4h (limit 11m), can be restored until 2026-02-13T05:00:00Z");
    store_free(st);
}

static void what_was_uploaded_and_is_not_there(void **state)
{
    struct store *st = kube_store_beside("s3/dbs", "s3", SOURCE_NONE, beside);
    const int64_t now = kube_time(NOW), five = kube_time("2026-02-13T05:00:00Z");
    struct handle bucket = list(st, five, now - 3 * MIN_MS);
    struct binlogs_told told = told_now();
    struct binlogs_figures f = {five, now - 2 * MIN_MS, now - 2 * MIN_MS, 48, 0, 40, 0};
    (void)state;
    collect(st, &told, &f);
    expect(st, bucket, "uploaded since it was listed", LEVEL_OK, NULL, NULL);
    bucket = list(st, five, now);
    expect(st, bucket, "and is not in the next listing", LEVEL_WARNING, "s3-binlog-lag",
           "newest binary log uploaded 4h ago, its collector says that it uploaded one 2m ago");
    bucket = list(st, now - 2 * MIN_MS, now);
    expect(st, bucket, "then it is there", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* A bucket without any, and a backup while it is written, when nothing is written any more, whole. */
static void buckets_and_backups_by_themselves(void **state)
{
    struct store *st = kube_store_beside("s3/dbs", "s3", SOURCE_NONE, beside);
    const int64_t now = kube_time(NOW);
    struct handle row = list(st, TIME_NONE, now);
    (void)state;
    expect(st, row, "none", LEVEL_CRITICAL, "s3-no-binlogs",
           "no binary log in it, one is expected every 5m");
    row = list(st, now - MIN_MS, now);
    expect(st, row, "one", LEVEL_OK, NULL, NULL);
    struct s3_backup b = {.name = (char *)(uintptr_t) "c-2026-02-13-08:50:00-full",
                          .cluster_len = 1,
                          .started_ms = now - 10 * MIN_MS,
                          .md5_ms = TIME_NONE,
                          .bytes = 20 << 20,
                          .objects = 3,
                          .modified_ms = now - 29 * MIN_MS};
    row = put_stored(st, &b);
    expect(st, row, "being written", LEVEL_PROGRESS, "s3-backup-running",
           "being written, 20Mi so far");
    b.modified_ms = now - 31 * MIN_MS;
    row = put_stored(st, &b);
    expect(st, row, "given up", LEVEL_WARNING, "s3-backup-unfinished",
           "not finished, no .md5: 20Mi, last written 31m ago");
    b.was_complete = true;
    row = put_stored(st, &b);
    expect(st, row, "whole", LEVEL_OK, NULL, NULL);
    store_free(st);
}

static void failures_and_gaps_are_those_of_its_cluster(void **state)
{
    struct store *st = kube_store_beside("s3/dbs", "s3", SOURCE_NONE, beside);
    const int64_t now = kube_time(NOW), five = kube_time("2026-02-13T05:00:00Z");
    struct handle pitr = put_cluster(st);
    struct binlogs_told told = told_now();
    struct binlogs_figures f = {five, now - 2 * MIN_MS, five, 48, 3, 1, 1};
    (void)state;
    told.failed_ms = now - MIN_MS;
    collect(st, &told, &f);
    expect(st, pitr, "it fails", LEVEL_WARNING, "pitr-collector-fails",
           "the collector of binary logs fails, seen 1m ago; last got through 2m ago, every 5m is "
           "asked for; 3 failures since it started");
    told.failed_ms = TIME_NONE;
    collect(st, &told, &f);
    expect(st, pitr, "and gets through", LEVEL_OK, NULL, NULL);
    told.gap_ms = now - MIN_MS;
    collect(st, &told, &f);
    expect(st, pitr, "a gap that no condition tells yet", LEVEL_CRITICAL, "pitr-gap",
           "gap behind the last backup, found 1m ago by the collector of binary logs");
    told.gap_ms = five - 180 * MIN_MS; /* before the last backup */
    collect(st, &told, &f);
    expect(st, pitr, "a backup after it", LEVEL_OK, NULL, NULL);
    store_free(st);
}

static void it_is_found_by_its_service(void **state)
{
    static const char *const settings[] = {"reach=proxy:db/c-pitr:8080", "cluster=db/c",
                                           "every=300s", NULL};
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)state;
    (void)put_cluster(st);
    backend_binlogs.discover(st, &d);
    assert_int_equal(d.count, 0); /* an operator before 1.15 */
    (void)kube_put(st, "service", 0,
                   "{metadata: {namespace: db, name: c-pitr}, spec: {ports: [{name: http, port: "
                   "8080}]}}",
                   0);
    backend_binlogs.discover(st, &d);
    assert_int_equal(d.count, 1);
    assert_string_equal(d.findings[0].name, "db/c-pitr");
    assert_null(d.findings[0].missing);
    for (size_t i = 0; settings[i] || d.findings[0].settings[i]; i++)
        assert_string_equal(d.findings[0].settings[i], settings[i]);
    discovery_done(&d);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(failures_are_told_until_it_gets_through, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gap_is_seen_when_it_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_not_be_read_is_said_by_its_source, setup,
                                        teardown),
        cmocka_unit_test(an_idle_database_does_not_lag),
        cmocka_unit_test(what_was_uploaded_and_is_not_there),
        cmocka_unit_test(buckets_and_backups_by_themselves),
        cmocka_unit_test(failures_and_gaps_are_those_of_its_cluster),
        cmocka_unit_test(it_is_found_by_its_service),
    };
    return cmocka_run_group_tests_name("binlogs", tests, NULL, NULL);
}
