/* The verdict rules of database clusters, their backups and what can be restored; of
 * object storage; of what routes name beside services. */
#include <config.h>

#include "backends/s3/s3.h"
#include "test/unit/kube_judge.h"

#define PXC(state)                                                                          \
    "{metadata: {namespace: db, name: c, generation: 2, creationTimestamp:"                 \
    " '2026-01-01T00:00:00Z'}, spec: {pxc: {size: 3}, haproxy: {enabled: true, size: 2}}, " \
    "status: {observedGeneration: 2, " state "}}"
#define COUNTS(pxc, haproxy) \
    "pxc: {ready: " pxc ", size: 3}, haproxy: {ready: " haproxy ", size: 2}"
#define WAS(type, at) "{type: " type ", status: 'True', lastTransitionTime: '" at "'}"
#define TODAY(at)     "2026-02-13T" at "Z"
#define CAME_TO(before, type, at) \
    "conditions: [" WAS(before, TODAY("00:00:00")) ", " WAS(type, TODAY(at)) "]"

static const struct verdict_case clusters[] = {
    {"ready", "pxc", 0, PXC("state: ready, " COUNTS("3", "2")), LEVEL_OK, .rule = NULL},
    {"not seen by its operator yet", "pxc", 0,
     "{metadata: {namespace: db, name: c, creationTimestamp: '2026-02-13T08:59:00Z'}, spec: {pxc:"
     " {size: 3}}}",
     LEVEL_PROGRESS, "pxc-starting", "its operator has not said how it is", TODAY("09:01:00.001"),
     LEVEL_UNKNOWN, "its operator has not said how it is"},
    {"never seen", "pxc", 0, PXC(""), LEVEL_UNKNOWN, "pxc-unsaid",
     "its operator has not said how it is"},
    {"an error", "pxc", 0,
     PXC("state: error, " COUNTS(
         "3",
         "2") ", message: ['Error: get binlog collector pod: no binlog"
              " collector pods'], conditions: [" WAS(
                  "ready",
                  TODAY(
                      "07:00:00")) ", {type: error, reason:"
                                   " ErrorReconcile, message: 'get binlog collector pod: no binlog collector pods',"
                                   " lastTransitionTime: '2026-02-13T08:50:00Z'}, " WAS(
                                       "tls", TODAY("08:51:00")) "]"),
     LEVEL_CRITICAL, "pxc-error",
     "error for 10m: Error: get binlog collector pod: no binlog collector pods"},
    {"an error a moment ago", "pxc", 0,
     PXC("state: error, " COUNTS("3", "2") ", " CAME_TO("ready", "error", "08:59:00")),
     LEVEL_WARNING, "pxc-error", "error for 1m", TODAY("09:01:00.001"), LEVEL_CRITICAL,
     "error for 2m"},
    {"a node is away", "pxc", 0,
     PXC("state: initializing, " COUNTS("2", "2") ", " CAME_TO("ready", "initializing",
                                                               "08:57:00")),
     LEVEL_WARNING, "pxc-degraded", "initializing, 2/3 nodes ready for 3m"},
    {"two nodes are away", "pxc", 0,
     PXC("state: initializing, " COUNTS("1", "2") ", " CAME_TO("ready", "initializing",
                                                               "08:57:00")),
     LEVEL_CRITICAL, "pxc-no-majority", "initializing, 1/3 nodes ready for 3m"},
    {"all nodes are away", "pxc", 0,
     PXC("state: initializing, " COUNTS("0", "2") ", " CAME_TO("ready", "initializing",
                                                               "08:57:00")),
     LEVEL_CRITICAL, "pxc-down", "initializing, 0/3 nodes ready for 3m"},
    {"starts after a pause", "pxc", 0,
     PXC("state: initializing, " COUNTS("0", "0") ", " CAME_TO("paused", "initializing",
                                                               "08:57:00")),
     LEVEL_PROGRESS, "pxc-starting", "initializing, 0/3 nodes ready for 3m", TODAY("09:12:00.001"),
     LEVEL_CRITICAL, "initializing, 0/3 nodes ready for 15m"},
    {"no proxy", "pxc", 0,
     PXC("state: initializing, " COUNTS("3", "0") ", " CAME_TO("ready", "initializing",
                                                               "08:57:00")),
     LEVEL_CRITICAL, "pxc-proxy-down", "0/2 proxies ready for 3m"},
    {"a node and all proxies", "pxc", 0, PXC("state: initializing, " COUNTS("2", "0")),
     LEVEL_CRITICAL, "pxc-proxy-down", "0/2 proxies ready"},
    {"a proxy is away", "pxc", 0, PXC("state: initializing, " COUNTS("3", "1")), LEVEL_WARNING,
     "pxc-proxy-degraded", "1/2 proxies ready"},
    {"all are there, not all are new", "pxc", 0,
     PXC("state: initializing, " COUNTS("3", "2") ", " CAME_TO("ready", "initializing",
                                                               "08:57:00")),
     LEVEL_PROGRESS, "pxc-starting", "initializing, 3/3 nodes ready for 3m", TODAY("09:12:00.001"),
     LEVEL_WARNING, "initializing for 15m"},
    {"its volumes grow", "pxc", 0,
     "{metadata: {namespace: db, name: c, annotations: {percona.com/pvc-resize-in-progress: x}},"
     " spec: {pxc: {size: 3}}, status: {state: initializing, pxc: {ready: 2}}}",
     LEVEL_PROGRESS, "pxc-rolling", "initializing, 2/3 nodes ready", TODAY("09:00:10"),
     LEVEL_PROGRESS, "initializing, 2/3 nodes ready"},
    {"a change that is not seen yet", "pxc", 0,
     "{metadata: {namespace: db, name: c, generation: 3}, spec: {pxc: {size: 3}}, status:"
     " {observedGeneration: 2, state: ready, pxc: {ready: 3}}}",
     LEVEL_PROGRESS, "pxc-rolling", "ready, 3/3 nodes ready"},
    {"paused", "pxc", 0,
     "{metadata: {namespace: db, name: c}, spec: {pause: true, pxc: {size: 3}}, status: {state:"
     " paused, conditions: [" WAS("paused", "2026-02-10T09:00:00Z") "]}}",
     LEVEL_NOTICE, "pxc-paused", "paused for 3d"},
    {"stops for too long", "pxc", 0,
     "{metadata: {namespace: db, name: c}, spec: {pause: true, pxc: {size: 3}}, status: {state:"
     " stopping, conditions: [" WAS("stopping", TODAY("08:40:00")) "]}}",
     LEVEL_WARNING, "pxc-slow", "stopping for 20m"},
    {"ProxySQL alone", "pxc", 0,
     "{metadata: {namespace: db, name: c}, spec: {pxc: {size: 1}, proxysql: {enabled: true, size:"
     " 2}}, status: {state: ready, pxc: {ready: 1}, haproxy: {}, proxysql: {ready: 1}}}",
     LEVEL_WARNING, "pxc-proxy-degraded", "1/2 proxies ready"},
};
CASES(clusters)

#define SET(name, ready)                                                                        \
    "{metadata: {namespace: db, name: " name ", ownerReferences: [{apiVersion: pxc.percona.com" \
    "/v1, kind: PerconaXtraDBCluster, name: c, controller: true}]}, spec: {replicas: 3},"       \
    " status: {updatedReplicas: 3, readyReplicas: " ready "}}"
#define NODE_POD(status)                                                                   \
    "{metadata: {namespace: db, name: c-pxc-1, creationTimestamp: '2026-02-13T08:00:00Z'," \
    " ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: c-pxc, controller:" \
    " true}]}, spec: {containers: [{name: pxc}]}, status: {" status "}}"
#define STATEFUL_SET 1

/* The pods are ready, and none of them runs a database [pxco full_crash_recovery.go]. */
static void test_full_crash(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "pxc", 0,
                                 PXC("state: initializing, " COUNTS("0", "2") ", " CAME_TO(
                                     "ready", "initializing", "08:59:00")),
                                 now);
    (void)state;
    (void)kube_put(st, "workload", STATEFUL_SET, SET("c-haproxy", "2"), now);
    expect(st, row, "its pods are away", LEVEL_CRITICAL, "pxc-down",
           "initializing, 0/3 nodes ready for 1m");
    (void)kube_put(st, "workload", STATEFUL_SET, SET("c-pxc", "3"), now);
    expect(st, row, "its pods are ready", LEVEL_CRITICAL, "pxc-down",
           "initializing, 0/3 nodes ready for 1m");
    now += 61000;
    work(st, now);
    check_level(st, row, "its pods are ready for 2 minutes", LEVEL_CRITICAL, now,
                "full cluster crash: 3 pods are ready and no database runs for 2m");
    check_rule(st, row, "its pods are ready for 2 minutes", "pxc-full-crash");
    (void)kube_put(st, "pxc", 0, PXC("state: ready, " COUNTS("3", "2")), now);
    work(st, now);
    check_level(st, row, "recovered", LEVEL_OK, now, NULL);
    store_free(st);
}

static void test_cluster_quotes_its_pod(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "pxc", 0, PXC("state: initializing, " COUNTS("2", "2")), now);
    (void)state;
    (void)kube_put(st, "workload", STATEFUL_SET, SET("c-pxc", "2"), now);
    (void)kube_put(
        st, "pod", 0,
        NODE_POD("phase: Running, containerStatuses: [{name: pxc, restartCount: 3, state:"
                 " {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated:"
                 " {reason: OOMKilled, exitCode: 137, finishedAt:"
                 " '2026-02-13T08:59:00Z'}}}]"),
        now);
    kube_synced(st, "pod", now);
    kube_synced(st, "replicaset", now);
    expect(st, row, "a node crashes", LEVEL_WARNING, "pxc-degraded",
           "initializing, 2/3 nodes ready; c-pxc-1: CrashLoopBackOff, last: OOMKilled 137 1m ago,"
           " 3 restarts");
    store_free(st);
}

/* ---- Backups. */

#define BACKUP(name, created, schedule, status)                               \
    "{metadata: {namespace: db, name: " name ", creationTimestamp: '" created \
    "', labels: {" schedule "}}, spec: {pxcCluster: c, storageName: s3}, status: {" status "}}"
#define DAILY    "percona.com/backup-ancestor: daily"
#define GOOD(at) "state: Succeeded, completed: '" at "'"

static const struct verdict_case backups[] = {
    {"good", "backup", 0, BACKUP("b", TODAY("03:00:00"), "", GOOD(TODAY("03:04:00"))), LEVEL_OK,
     .rule = NULL},
    {"waits", "backup", 0, BACKUP("b", TODAY("08:57:00"), "", ""), LEVEL_PROGRESS, "backup-running",
     "waiting for 3m", TODAY("09:02:00.001"), LEVEL_WARNING,
     "has not begun for 5m: the cluster is not ready"},
    {"waits for long", "backup", 0, BACKUP("b", TODAY("08:50:00"), "", ""), LEVEL_WARNING,
     "backup-waiting", "has not begun for 10m: the cluster is not ready"},
    {"runs", "backup", 0, BACKUP("b", TODAY("08:57:00"), "", "state: Running"), LEVEL_PROGRESS,
     "backup-running", "running for 3m", TODAY("10:57:00.001"), LEVEL_WARNING, "running for 2h"},
    {"runs for hours", "backup", 0, BACKUP("b", TODAY("03:00:00"), "", "state: Running"),
     LEVEL_WARNING, "backup-long", "running for 6h"},
    {"suspended", "backup", 0, BACKUP("b", TODAY("08:57:00"), "", "state: Suspended"),
     LEVEL_WARNING, "backup-suspended", "suspended: the cluster became unhealthy"},
    {"failed", "backup", 0,
     BACKUP("b", TODAY("03:00:00"), "",
            "state: Failed, error: 'deadline exceeded: running deadline seconds exceeded'"),
     LEVEL_WARNING, "backup-failed",
     "failed 6h ago: deadline exceeded: running deadline seconds exceeded"},
    {"with a gap behind it", "backup", 0,
     BACKUP("b", TODAY("03:00:00"), "",
            GOOD(TODAY("03:04:00")) ", conditions: [{type: PITRReady, status: 'False', reason:"
                                    " BinlogGapDetected, message: Binlog with GTID set x not"
                                    " found}]"),
     LEVEL_NOTICE, "backup-gap",
     "no point in time can be reached from it: Binlog with GTID set x not found"},
    {"is deleted", "backup", 0,
     "{metadata: {namespace: db, name: b, creationTimestamp: '2026-02-01T03:00:00Z',"
     " deletionTimestamp: '2026-02-13T08:30:00Z'}, spec: {pxcCluster: c}, status: {state:"
     " Succeeded}}",
     LEVEL_PROGRESS, "backup-deleting", "is being deleted for 30m", TODAY("09:30:00.001"),
     LEVEL_WARNING, "is being deleted for 1h"},
    {"a restore that is done", "restore", 0,
     "{metadata: {namespace: db, name: r}, spec: {pxcCluster: c}, status: {state: Succeeded}}",
     LEVEL_OFF, .rule = NULL},
    {"a restore that goes on", "restore", 0,
     "{metadata: {namespace: db, name: r, creationTimestamp: '2026-02-13T08:30:00Z'}, spec:"
     " {pxcCluster: c}, status: {state: Point-in-time recovering}}",
     LEVEL_PROGRESS, "restore-running", "Point-in-time recovering for 30m", TODAY("10:30:00.001"),
     LEVEL_WARNING, "Point-in-time recovering for 2h"},
    {"a restore that does not end", "restore", 0,
     "{metadata: {namespace: db, name: r, creationTimestamp: '2026-02-13T03:00:00Z'}, spec:"
     " {pxcCluster: c}, status: {state: Point-in-time recovering}}",
     LEVEL_WARNING, "restore-long", "Point-in-time recovering for 6h"},
    {"a restore that has failed", "restore", 0,
     "{metadata: {namespace: db, name: r, creationTimestamp: '2026-02-13T03:00:00Z'}, spec:"
     " {pxcCluster: c}, status: {state: Failed, comments: no such backup}}",
     LEVEL_WARNING, "restore-failed", "Failed 6h ago: no such backup", "2026-02-14T03:00:00.001Z",
     LEVEL_NOTICE, "Failed 1d ago: no such backup"},
    {"a restore that failed long ago", "restore", 0,
     "{metadata: {namespace: db, name: r, creationTimestamp: '2026-01-25T11:00:00Z'}, spec:"
     " {pxcCluster: c}, status: {state: Failed}}",
     LEVEL_NOTICE, "restore-failed-long-ago", "Failed 18d ago"},
};
CASES(backups)

static void check_cell(struct store *st, struct handle row, const char *column, const char *is)
{
    struct strbuf text = STRBUF_INIT(100);
    work(st, kube_time(NOW));
    kube_cell(st, row, column, &text);
    assert_string_equal(strbuf_cstr(&text), is);
    strbuf_clear(&text);
}

/* ---- What lies in S3. */

/* A store with the kinds of the S3 source behind those of the cluster. */
static struct store *store_with_s3(void)
{
    static const struct kind *const kinds[] = {&kind_s3_backup, &kind_s3_bucket, NULL};
    return kube_store_beside("s3/db", "s3", SOURCE_NONE, kinds);
}

/* The bucket as it is listed at now, by a source that asks a server, NULL being AWS: with the backup of
 * 03:00, or without it; binary logs begin at logs_from, TIME_NONE: there are none. */
static void list_at(struct store *st, uint16_t source, const char *server,
                    const struct s3_backup *b, int64_t logs_from, int64_t now)
{
    struct s3_scan scan = {.binlogs = {.oldest_ms = logs_from, .newest_ms = logs_from}};
    struct s3_place place;
    struct row_writer w;
    assert_true(s3_place_read(&place, "dbs/eu", server, "auto", NULL));
    const struct s3_about about = {&place, "eu-central-1", 0, NULL, now};
    for (int i = 0; i < 2; i++) {
        uint16_t kind =
            (uint16_t)kind_find(store_kinds(st), span_from(i ? "s3-bucket" : "s3-backup"));
        row_writer_init(&w, store_kind(st, kind), 65536);
        if (i)
            assert_true(s3_bucket_row(&w, &about, &scan));
        else if (b->objects || b->was_complete)
            assert_true(s3_backup_row(&w, &about, &scan, b));
        else
            assert_true(row_drop(&w, SPAN("s3://dbs/eu/c-2026-02-13-03:00:00-full")));
        kube_apply(st, row_writer_take(&w, source, kind), now);
        row_writer_clear(&w);
    }
}

static void list_with_logs(struct store *st, const struct s3_backup *b, int64_t logs_from,
                           int64_t now)
{
    list_at(st, 1, NULL, b, logs_from, now);
}

static void list_bucket(struct store *st, const struct s3_backup *b, int64_t now)
{
    list_with_logs(st, b, TIME_NONE, now);
}

#define MINIO "http://minio.files.svc:9000"

/* AWS and a MinIO both have a bucket of the name: what one lacks the other may have. */
static void test_backup_in_one_of_two_buckets(void **state)
{
    struct store *st = store_with_s3();
    int64_t now = kube_time(NOW);
    const uint16_t minio = store_add_source(st, "s3/minio", "s3", "", SOURCE_NONE);
    struct handle row =
        kube_put(st, "backup", 0,
                 BACKUP("b", TODAY("03:00:00"), "",
                        GOOD(TODAY("03:04:00")) ", destination: "
                                                "'s3://dbs/eu/c-2026-02-13-03:00:00-full', s3: "
                                                "{endpointUrl: 'http://minio.files:9000/'}"),
                 now);
    struct s3_backup none = {.name = (char *)(uintptr_t) "c-2026-02-13-03:00:00-full",
                             .cluster_len = 1,
                             .started_ms = kube_time(TODAY("03:00:00")),
                             .modified_ms = TIME_NONE},
                     whole = none;
    (void)state;
    whole.was_complete = true;
    whole.objects = 9;
    whole.bytes = 2048;
    (void)kube_put(
        st, "backup-storage", 0,
        "{metadata: {namespace: ops, name: c}, spec: {backup: {storages: {aws: {type: s3, "
        "s3: {bucket: dbs/eu, region: eu-west-1}}, own: {type: s3, s3: {bucket: dbs/eu/, "
        "endpointUrl: '" MINIO "'}}}}}}",
        now);
    list_at(st, 1, NULL, &none, TIME_NONE, now);
    expect(st, row, "it is not at AWS, where it never was", LEVEL_OK, NULL, NULL);
    list_at(st, minio, MINIO, &none, TIME_NONE, now);
    expect(st, row, "it is not where it should be", LEVEL_CRITICAL, "backup-not-in-s3",
           "it is not in its bucket: s3://dbs/eu/c-2026-02-13-03:00:00-full");
    list_at(st, minio, MINIO, &whole, TIME_NONE, now);
    expect(st, row, "it is there", LEVEL_OK, NULL, NULL);
    check_cell(st, row, "size", "2Ki");
    check_cell(st, row, "in-s3", "true");
    store_free(st);
}

static void test_backup_in_its_bucket(void **state)
{
    struct store *st = store_with_s3();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup", 0,
                 BACKUP("b", TODAY("03:00:00"), "",
                        GOOD(TODAY("03:04:00")) ", destination: "
                                                "'s3://dbs/eu/c-2026-02-13-03:00:00-"
                                                "full'"),
                 now);
    struct s3_backup b = {.name = (char *)(uintptr_t) "c-2026-02-13-03:00:00-full",
                          .cluster_len = 1,
                          .started_ms = kube_time(TODAY("03:00:00")),
                          .modified_ms = TIME_NONE};
    (void)state;
    expect(st, row, "nobody looks into its bucket", LEVEL_OK, NULL, NULL);
    list_bucket(st, &b, kube_time(TODAY("03:04:30")));
    expect(st, row, "listed while it ended", LEVEL_OK, NULL, NULL);
    list_bucket(st, &b, kube_time(TODAY("08:55:00")));
    expect(st, row, "not there", LEVEL_CRITICAL, "backup-not-in-s3",
           "it is not in its bucket: s3://dbs/eu/c-2026-02-13-03:00:00-full");
    b.was_complete = true;
    list_bucket(st, &b, now);
    expect(st, row, "only its .md5 is", LEVEL_CRITICAL, "backup-in-s3",
           "in its bucket: its data are gone, only its .md5 is left");
    b.objects = 3;
    b.bytes = 300;
    list_bucket(st, &b, now);
    expect(st, row, "it is there", LEVEL_OK, NULL, NULL);
    check_cell(st, row, "size", "300");
    check_cell(st, row, "in-s3", "true");
    store_free(st);
}

/* ---- Schedules. */

#define SCHEDULES(pause, list, pitr)                                                               \
    "{metadata: {namespace: db, name: c, creationTimestamp: '2026-01-01T00:00:00Z'}, spec:"        \
    " {pause: " pause ", pxc: {size: 3}, backup: {schedule: [" list "]" pitr "}}, status: {state:" \
    " ready, pxc: {ready: 3}}}"
#define AT(schedule) "{name: daily, schedule: '" schedule "', storageName: s3, keep: 7}"

static struct handle put_backup(struct store *st, const char *object, int64_t now)
{
    return kube_put(st, "backup", 0, object, now);
}

static void test_schedule_is_kept(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup-schedule", 0, SCHEDULES("false", AT("0 3 * * *"), ""), now);
    struct strbuf text = STRBUF_INIT(100);
    (void)state;
    assert_true(span_is(store_key(st, row), "db/c/daily"));
    kube_cell(st, row, "expected", &text);
    assert_string_equal(strbuf_cstr(&text), TODAY("03:00:00"));
    kube_cell(st, row, "next", &text);
    assert_string_equal(strbuf_cstr(&text), "2026-02-14T03:00:00Z");
    expect(st, row, "no backup is known yet", LEVEL_OK, NULL, NULL);
    kube_synced(st, "backup", now);
    expect(st, row, "there is none", LEVEL_WARNING, "backup-never",
           "no backup of it was made, one was due 43d ago (0 3 * * *)");
    (void)put_backup(st, BACKUP("b1", TODAY("03:00:02"), DAILY, "state: Running"), now);
    expect(st, row, "one goes on", LEVEL_OK, NULL, NULL);
    (void)put_backup(st, BACKUP("b1", TODAY("03:00:02"), DAILY, GOOD(TODAY("03:04:00"))), now);
    expect(st, row, "one went well", LEVEL_OK, NULL, NULL);
    kube_cell(st, row, "kept", &text);
    assert_string_equal(strbuf_cstr(&text), "1");
    now = kube_time("2026-02-14T03:30:00Z");
    work(st, now);
    check_level(st, row, "half an hour late", LEVEL_OK, now, NULL);
    work(st, now + 1);
    check_level(st, row, "later", LEVEL_CRITICAL, now + 1,
                "a backup was due 30m ago (0 3 * * *) and was not begun, the last good one ended"
                " 1d ago");
    check_rule(st, row, "later", "backup-missed");
    (void)kube_put(st, "pxc", 0, SCHEDULES("false", AT("0 3 * * *"), ""), now + 1);
    (void)put_backup(st, BACKUP("h", "2026-02-14T03:25:00Z", "", GOOD("2026-02-14T03:29:00Z")),
                     now + 1);
    work(st, now + 1);
    check_level(st, row, "made by hand", LEVEL_NOTICE, now + 1,
                "the last backup was not begun, one that was made since went well");
    (void)put_backup(st, BACKUP("b2", "2026-02-14T03:31:00Z", DAILY, "state: Starting"), now + 1);
    work(st, now + 1);
    check_level(st, row, "begun at last", LEVEL_OK, now + 1, NULL);
    strbuf_clear(&text);
    store_free(st);
}

#define OPERATOR(wanted, ready)                                                                   \
    "{metadata: {namespace: ops, name: pxc-operator, creationTimestamp: '2026-01-01T00:00:00Z'}," \
    " spec: {replicas: " wanted ", template: {spec: {containers: [{name: operator, image:"        \
    " 'percona/percona-xtradb-cluster-operator:1.19.0'}]}}}, status: {updatedReplicas: " wanted   \
    ", readyReplicas: " ready ", availableReplicas: " ready "}}"
#define NOT_BEGUN \
    "a backup was due 6h ago (0 3 * * *) and was not begun, the last good one ended 1d ago"

/* Schedules run in the operator: while it is down, nothing is made [pxco backup.go createBackupJob]. */
static void test_schedule_without_its_operator(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup-schedule", 0, SCHEDULES("false", AT("0 3 * * *"), ""), now);
    (void)state;
    (void)put_backup(st, BACKUP("b1", "2026-02-12T03:00:00Z", DAILY, GOOD("2026-02-12T03:04:00Z")),
                     now);
    kube_synced(st, "backup", now);
    (void)kube_put(st, "workload", 0, OPERATOR("1", "1"), now);
    expect(st, row, "the operator runs", LEVEL_CRITICAL, "backup-missed", NOT_BEGUN);
    (void)kube_put(st, "workload", 0, OPERATOR("1", "0"), now);
    expect(st, row, "it is not ready", LEVEL_CRITICAL, "backup-missed",
           NOT_BEGUN "; pxc-operator: 0/1 ready");
    (void)kube_put(st, "workload", 0, OPERATOR("0", "0"), now);
    expect(st, row, "it is not wanted", LEVEL_CRITICAL, "backup-missed",
           NOT_BEGUN "; pxc-operator: scaled to 0");
    (void)kube_put(st, "workload", 0, OPERATOR("1", "1"), now);
    expect(st, row, "it runs again", LEVEL_CRITICAL, "backup-missed", NOT_BEGUN);
    (void)put_backup(st, BACKUP("b2", TODAY("08:59:00"), DAILY, "state: Starting"), now);
    expect(st, row, "and begins one", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* What is due by the clock of an operator elsewhere is not missed by ours. */
static void test_schedule_by_another_clock(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup-schedule", 0, SCHEDULES("false", AT("0 3 * * *"), ""), now);
    (void)state;
    kube_synced(st, "backup", now);
    (void)put_backup(st, BACKUP("b", "2026-02-12T08:00:01Z", DAILY, GOOD(TODAY("08:09:00"))), now);
    work(st, kube_time(TODAY("09:29:00"))); /* an hour more: clocks may have been put back */
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK);
    work(st, kube_time(TODAY("09:31:00")));
    assert_int_equal(store_verdict(st, row).level, LEVEL_CRITICAL);
    store_free(st);
}

/* A schedule may say where its times are of: which instants these are, the last one shows. */
static void test_schedule_of_a_place(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup-schedule", 0,
                 SCHEDULES("false", AT("CRON_TZ=Europe/Berlin 0 3 * * *"), ""), now);
    (void)state;
    check_cell(st, row, "next", "-");
    (void)put_backup(st, BACKUP("b", "2026-02-12T02:00:01Z", DAILY, GOOD("2026-02-12T02:09:00Z")),
                     now);
    kube_synced(st, "backup", now);
    work(st, kube_time(TODAY("03:29:00")));
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK);
    now = kube_time(TODAY("04:00:00"));
    work(st, now);
    check_level(st, row, "missed", LEVEL_CRITICAL, now,
                "a backup was due 2h ago (CRON_TZ=Europe/Berlin 0 3 * * *) and was not begun, the "
                "last good one ended 1d ago");
    (void)put_backup(st, BACKUP("b2", TODAY("03:58:00"), DAILY, "state: Running"), now);
    work(st, now);
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK);
    (void)kube_put(st, "backup-schedule", 0, SCHEDULES("false", AT("CRON_TZ=Nowhere"), ""), now);
    work(st, now);
    check_rule(st, row, "no times", "backup-schedule-unread");
    assert_int_equal(store_verdict(st, row).level, LEVEL_UNKNOWN);
    store_free(st);
}

static void test_schedule_that_fails(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup-schedule", 0, SCHEDULES("false", AT("0 3 * * *"), ""), now);
    (void)state;
    (void)kube_put(st, "pxc", 0, SCHEDULES("false", AT("0 3 * * *"), ""), now);
    (void)put_backup(st, BACKUP("b1", "2026-02-12T03:00:00Z", DAILY, GOOD("2026-02-12T03:04:00Z")),
                     now);
    struct handle bad =
        put_backup(st, BACKUP("b2", TODAY("03:00:00"), DAILY, "state: Failed"), now);
    (void)kube_put(st, "job", 0,
                   "{metadata: {namespace: db, name: xb-b2, ownerReferences: [{apiVersion:"
                   " pxc.percona.com/v1, kind: PerconaXtraDBClusterBackup, name: b2, controller:"
                   " true}]}, spec: {}, status: {conditions: [{type: Failed, status: 'True',"
                   " message: Job has reached the specified backoff limit, lastTransitionTime:"
                   " '2026-02-13T03:20:00Z'}]}}",
                   now);
    kube_synced(st, "backup", now);
    expect(st, bad, "it quotes its job", LEVEL_WARNING, "backup-failed",
           "failed 6h ago; xb-b2: failed 5h ago: Job has reached the specified backoff limit");
    (void)kube_put(st, "pod", 0,
                   "{metadata: {namespace: db, name: xb-b2-x, ownerReferences: [{apiVersion:"
                   " batch/v1, kind: Job, name: xb-b2, controller: true}]}, spec: {containers:"
                   " [{name: xtrabackup}]}, status: {phase: Failed, containerStatuses: [{name:"
                   " xtrabackup, state: {terminated: {exitCode: 1, reason: Error, message: failed"
                   " to reach primary view}}}]}}",
                   now);
    kube_synced(st, "pod", now);
    kube_synced(st, "replicaset", now);
    expect(st, bad, "it quotes its pod", LEVEL_WARNING, "backup-failed",
           "failed 6h ago; xb-b2-x: Error 1: failed to reach primary view");
    expect(st, row, "the newest has failed", LEVEL_CRITICAL, "backup-last-failed",
           "the last backup failed, the last good one ended 1d ago; b2: failed 6h ago; xb-b2-x:"
           " Error 1: failed to reach primary view");
    (void)put_backup(st, BACKUP("by-hand", TODAY("08:00:00"), "", GOOD(TODAY("08:04:00"))), now);
    expect(st, bad, "one by hand", LEVEL_NOTICE, "backup-made-good",
           "failed 6h ago, a later one went well; xb-b2-x: Error 1: failed to reach primary view");
    expect(st, row, "one by hand", LEVEL_NOTICE, "backup-last-made-good",
           "the last backup failed, one that was made since went well");
    store_free(st);
}

static void test_schedules_of_all_sorts(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "backup-schedule", 0, SCHEDULES("true", AT("0 3 * * *"), ""), now);
    (void)state;
    kube_synced(st, "backup", now);
    expect(st, row, "paused", LEVEL_NOTICE, "backup-schedule-paused", "paused with its cluster");
    row = kube_put(st, "backup-schedule", 0, SCHEDULES("false", AT("at three"), ""), now);
    expect(st, row, "cannot be told", LEVEL_UNKNOWN, "backup-schedule-unread",
           "when it is due cannot be told: at three");
    store_free(st);
}

/* ---- Points in time. */

#define PITR_EVERY(seconds) \
    ", pitr: {enabled: true, storageName: s3, timeBetweenUploads: " seconds "}"
#define COLLECTOR(ready)                                                                       \
    "{metadata: {namespace: db, name: c-pitr}, spec: {replicas: 1}, status: {updatedReplicas:" \
    " 1, readyReplicas: " ready ", availableReplicas: " ready "}}"

static void test_pitr(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    const char *on = SCHEDULES("false", "", PITR_EVERY("300"));
    struct handle row = kube_put(st, "pitr", 0, on, now);
    (void)state;
    expect(st, row, "nothing is known yet", LEVEL_OK, NULL, NULL);
    kube_synced(st, "backup", now);
    expect(st, row, "no backup", LEVEL_CRITICAL, "pitr-no-backup",
           "there is no good backup to start from");
    (void)put_backup(st, BACKUP("b1", TODAY("08:50:00"), DAILY, GOOD(TODAY("08:55:00"))), now);
    expect(st, row, "a new backup", LEVEL_PROGRESS, "pitr-starting", "starting");
    (void)put_backup(st, BACKUP("b1", TODAY("03:00:00"), DAILY, GOOD(TODAY("03:04:00"))), now);
    expect(st, row, "an older backup", LEVEL_UNKNOWN, "pitr-unsaid",
           "nothing says until when it can be restored");
    (void)put_backup(
        st,
        BACKUP("b1", TODAY("03:00:00"), DAILY,
               GOOD(TODAY("03:04:00")) ", latestRestorableTime: '2026-02-13T08:56:00Z'"),
        now);
    expect(st, row, "in time", LEVEL_OK, NULL, NULL);
    work(st, kube_time(TODAY("09:07:00.001")));
    check_level(st, row, "behind", LEVEL_WARNING, kube_time(TODAY("09:07:00.001")),
                "lag 11m (limit 11m), can be restored until 2026-02-13T08:56:00Z");
    check_rule(st, row, "behind", "pitr-lag");
    store_free(st);
}

#define GAP(at)                                                                                    \
    ", conditions: [{type: PITRReady, status: 'False', reason: BinlogGapDetected, message: Binlog" \
    " with GTID set x not found, lastTransitionTime: '" at "'}]"

static void test_pitr_gaps(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "pitr", 0, SCHEDULES("false", "", PITR_EVERY("300")), now);
    struct strbuf text = STRBUF_INIT(100);
    (void)state;
    kube_synced(st, "backup", now);
    (void)put_backup(st,
                     BACKUP("b1", "2026-02-12T03:00:00Z", DAILY,
                            GOOD("2026-02-12T03:04:00Z") GAP("2026-02-12T13:00:00Z")),
                     now);
    expect(st, row, "behind the last backup", LEVEL_CRITICAL, "pitr-gap",
           "gap behind the last backup, found 20h ago: Binlog with GTID set x not found");
    (void)put_backup(
        st,
        BACKUP("b2", TODAY("03:00:00"), DAILY,
               GOOD(TODAY("03:04:00")) ", latestRestorableTime: '2026-02-13T08:56:00Z'"),
        now);
    expect(st, row, "a new backup", LEVEL_NOTICE, "pitr-gap-past",
           "gap behind an older backup, found 20h ago: Binlog with GTID set x not found");
    kube_cell(st, row, "first", &text);
    assert_string_equal(strbuf_cstr(&text), TODAY("03:04:00"));
    kube_cell(st, row, "gaps", &text);
    assert_string_equal(strbuf_cstr(&text), "1");
    kube_drop(st, "backup", "db/b1", now);
    expect(st, row, "and the old one is gone", LEVEL_OK, NULL, NULL);
    strbuf_clear(&text);
    store_free(st);
}

static void check_drawn(struct store *st, struct handle row, const char *is)
{
    struct strbuf text = STRBUF_INIT(4096);
    store_kind(st, row.kind)->draws(st, row, kube_time(NOW), &text);
    assert_string_equal(strbuf_cstr(&text), is);
    strbuf_clear(&text);
}

/* The objects alone say nothing of when: what the bucket has of binary logs does. */
static void test_pitr_in_its_bucket(void **state)
{
    struct store *st = store_with_s3();
    const struct s3_backup none = {.name = NULL};
    int64_t now = kube_time(NOW);
    struct handle row =
        kube_put(st, "pitr", 0,
                 SCHEDULES("false", "",
                           PITR_EVERY("300") ", storages: {s3: {type: s3, s3: {bucket: dbs/eu/}}}"),
                 now);
    (void)state;
    (void)put_backup(st, BACKUP("b1", "2026-02-11T03:00:00Z", DAILY, GOOD("2026-02-11T03:04:00Z")),
                     now);
    (void)put_backup(st, BACKUP("b2", "2026-02-12T03:00:00Z", DAILY, GOOD("2026-02-12T03:04:00Z")),
                     now);
    (void)put_backup(
        st,
        BACKUP("b3", TODAY("03:00:00"), DAILY,
               GOOD(TODAY("03:04:00")) ", latestRestorableTime: '2026-02-13T08:56:00Z'"),
        now);
    kube_synced(st, "backup", now);
    expect(st, row, "nobody looks into its bucket", LEVEL_OK, NULL, NULL);
    check_cell(st, row, "from", "-");
    check_cell(st, row, "first", "2026-02-11T03:04:00Z");
    list_with_logs(st, &none, kube_time("2026-02-10T00:00:00Z"), now);
    expect(st, row, "logs of long ago", LEVEL_OK, NULL, NULL);
    check_cell(st, row, "from", "2026-02-11T03:04:00Z");
    list_with_logs(st, &none, kube_time("2026-02-11T04:00:00Z"), now);
    check_cell(st, row, "from", "2026-02-12T03:04:00Z");
    check_drawn(st, row,
                "[B....................B====================B=====]\n"
                "from 2026-02-11 03:04 to now (UTC): B a backup, = any time, . none\n"
                "the last time is 2026-02-13 08:56, 4m ago\n"
                "gap from 2026-02-11 03:04 to 2026-02-12 03:04: its binary logs are not in the "
                "bucket any more");
    (void)put_backup(st,
                     BACKUP("b2", "2026-02-12T03:00:00Z", DAILY,
                            GOOD("2026-02-12T03:04:00Z") GAP("2026-02-12T13:00:00Z")),
                     now);
    check_cell(st, row, "from", TODAY("03:04:00"));
    check_drawn(st, row,
                "[B....................B....................B=====]\n"
                "from 2026-02-11 03:04 to now (UTC): B a backup, = any time, . none\n"
                "the last time is 2026-02-13 08:56, 4m ago\n"
                "gap from 2026-02-12 03:04 to 2026-02-13 03:04: Binlog with GTID set x not found\n"
                "gap from 2026-02-11 03:04 to 2026-02-12 03:04: its binary logs are not in the "
                "bucket any more");
    list_with_logs(st, &none, kube_time(TODAY("08:05:00")), now);
    expect(st, row, "logs that begin too late", LEVEL_CRITICAL, "pitr-binlogs-gone",
           "the oldest binary log begins 2026-02-13T08:05:00Z, after the last full backup ended, "
           "2026-02-13T03:04:00Z: no point in time can be reached");
    check_cell(st, row, "from", "-");
    list_with_logs(st, &none, TIME_NONE, now);
    expect(st, row, "no logs", LEVEL_CRITICAL, "pitr-binlogs-gone",
           "its bucket has no binary log: only full backups can be restored");
    list_with_logs(st, &none, TIME_NONE, kube_time(TODAY("03:00:00")));
    expect(st, row, "listed before there could be one", LEVEL_NOTICE, "pitr-gap-past",
           "gap behind an older backup, found 20h ago: Binlog with GTID set x not found");
    store_free(st);
}

static void test_pitr_collector(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "pitr", 0, SCHEDULES("false", "", PITR_EVERY("60")), now);
    (void)state;
    kube_synced(st, "workload", now);
    expect(st, row, "no collector", LEVEL_CRITICAL, "pitr-collector",
           "the collector of binary logs is not there");
    (void)kube_put(st, "workload", 0, COLLECTOR("0"), now);
    expect(st, row, "a collector that is down", LEVEL_CRITICAL, "pitr-collector",
           "the collector of binary logs is down; c-pitr: 0/1 ready");
    (void)kube_put(st, "workload", 0, COLLECTOR("1"), now);
    expect(st, row, "a collector", LEVEL_OK, NULL, NULL);
    row = kube_put(st, "pitr", 0, SCHEDULES("true", "", PITR_EVERY("60")), now);
    expect(st, row, "paused", LEVEL_NOTICE, "pitr-paused", "paused with its cluster");
    row = kube_put(st, "pitr", 0, SCHEDULES("false", "", ", pitr: {enabled: false}"), now);
    expect(st, row, "not enabled", LEVEL_OFF, NULL, NULL);
    store_free(st);
}

/* ---- Object storage, options of routes, names. */

#define TENANT(status)                                                                      \
    "{metadata: {namespace: db, name: t, creationTimestamp: '2026-01-01T00:00:00Z'}, spec:" \
    " {pools: [{servers: 4}]}, status: {" status "}}"
#define STORES(health, online, offline, healing, used)                                         \
    "currentState: Initialized, healthStatus: " health ", drivesOnline: " online               \
    ", drivesOffline: " offline ", drivesHealing: " healing ", writeQuorum: 3, usage: {usage:" \
    " " used ", capacity: 1000}"
#define OPTION(spec) "{metadata: {namespace: web, name: o}, spec: {" spec "}}"
#define NAMES(created, seen)                                                                 \
    "{metadata: {namespace: web, name: n, generation: 2, creationTimestamp: '" created "'}," \
    " spec: {endpoints: [{dnsName: a.org, recordType: A, targets: [10.0.0.1]}]}, status:"    \
    " {observedGeneration: " seen "}}"

static const struct verdict_case others[] = {
    {"storage", "tenant", 0, TENANT(STORES("green", "4", "0", "0", "500")), LEVEL_OK, .rule = NULL},
    {"a drive heals", "tenant", 0,
     TENANT(STORES("yellow", "4", "0", "1", "500") ", healthMessage: Healing"), LEVEL_WARNING,
     "tenant-degraded", "4/4 drives online, 1 healing"},
    {"a drive is away", "tenant", 0,
     TENANT(STORES("yellow", "3", "1", "0", "900") ", healthMessage: Reduced Availability"),
     LEVEL_WARNING, "tenant-degraded", "3/4 drives online: Reduced Availability, 90% used"},
    {"no quorum", "tenant", 0, TENANT(STORES("yellow", "2", "2", "0", "500")), LEVEL_CRITICAL,
     "tenant-no-quorum", "2/4 drives online, it takes 3 to write"},
    {"red", "tenant", 0,
     TENANT(STORES("red", "1", "3", "0", "500") ", healthMessage: Service Unavailable"),
     LEVEL_CRITICAL, "tenant-down", "1/4 drives online: Service Unavailable"},
    {"crowded", "tenant", 0, TENANT(STORES("green", "4", "0", "0", "850")), LEVEL_WARNING,
     "tenant-crowded", "85% of its capacity is used"},
    {"full", "tenant", 0, TENANT(STORES("green", "4", "0", "0", "960")), LEVEL_CRITICAL,
     "tenant-full", "96% of its capacity is used"},
    {"waits for a certificate", "tenant", 0,
     TENANT("currentState: Waiting for MinIO TLS Certificate"), LEVEL_WARNING,
     "tenant-not-initialized", "Waiting for MinIO TLS Certificate"},
    {"new storage", "tenant", 0,
     "{metadata: {namespace: db, name: t, creationTimestamp: '2026-02-13T08:50:00Z'}, spec: {}}",
     LEVEL_PROGRESS, "tenant-starting", "its operator has not said how it is",
     TODAY("09:05:00.001"), LEVEL_WARNING, "its operator has not said how it is"},
    {"TLS of today", "tlsoption", 0, OPTION("minVersion: VersionTLS12"), LEVEL_OK, .rule = NULL},
    {"TLS of old", "tlsoption", 0, OPTION("minVersion: VersionTLS11"), LEVEL_WARNING,
     "tlsoption-old", "lets VersionTLS11 pass"},
    {"verifies", "serverstransport", 0, OPTION("serverName: a.org"), LEVEL_OK, .rule = NULL},
    {"does not verify", "serverstransport", 0, OPTION("insecureSkipVerify: true"), LEVEL_NOTICE,
     "serverstransport-unverified", "the certificates of its servers are not verified"},
    {"TCP, does not verify", "serverstransporttcp", 0, OPTION("tls: {insecureSkipVerify: true}"),
     LEVEL_NOTICE, "serverstransport-unverified",
     "the certificates of its servers are not verified"},
    {"a store that is not read", "tlsstore", 0, OPTION(""), LEVEL_NOTICE, "tlsstore-unused",
     "Traefik reads the store called default alone"},
    {"names that are seen", "dnsendpoint", 0, NAMES("2026-01-01T00:00:00Z", "2"), LEVEL_OK,
     .rule = NULL},
    {"new names", "dnsendpoint", 0, NAMES(TODAY("08:55:00"), "1"), LEVEL_PROGRESS,
     "dnsendpoint-new", "external-dns has not seen its newest version", TODAY("09:05:00.001"),
     LEVEL_NOTICE, "external-dns has not seen its newest version"},
    {"names that are not seen", "dnsendpoint", 0, NAMES("2026-01-01T00:00:00Z", "1"), LEVEL_NOTICE,
     "dnsendpoint-unseen", "external-dns has not seen its newest version"},
};
CASES(others)

/* A route by TLS options that do not exist is not loaded. */
static void test_options_of_routes(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct strbuf text = STRBUF_INIT(100);
    struct handle tcp = kube_put(
        st, "ingressroutetcp", 0,
        "{metadata: {namespace: web, name: r}, spec: {entryPoints: [db], routes: [{match:"
        " 'HostSNI(`db.org`, `x.org`)', services: [{name: db, port: 3306}]}], tls: {passthrough:"
        " true, options: {name: strict, namespace: traefik}}}}",
        now);
    struct handle http = kube_put(
        st, "ingressroute", 0,
        "{metadata: {namespace: web, name: h}, spec: {routes: [{match: 'Host(`a.org`)', services:"
        " [{name: db, port: 3306, serversTransport: loose}]}]}}",
        now);
    struct handle udp = kube_put(st, "ingressrouteudp", 0,
                                 "{metadata: {namespace: web, name: u}, spec: {entryPoints: [dns],"
                                 " routes: [{services: [{name: dns, port: 53}]}]}}",
                                 now);
    (void)state;
    (void)kube_put(st, "service", 0,
                   "{metadata: {namespace: web, name: db}, spec: {ports: [{port: 3306}]}}", now);
    kube_cell(st, tcp, "hosts", &text);
    assert_string_equal(strbuf_cstr(&text), "db.org,x.org");
    kube_cell(st, tcp, "tls", &text);
    assert_string_equal(strbuf_cstr(&text), "passthrough");
    kube_synced(st, "tlsoption", now);
    kube_synced(st, "serverstransport", now);
    kube_synced(st, "service", now);
    work(st, now);
    check_level(st, tcp, "no such option", LEVEL_CRITICAL, now,
                "tlsoption traefik/strict does not exist");
    check_level(st, http, "no such transport", LEVEL_CRITICAL, now,
                "serverstransport web/loose does not exist");
    check_level(st, udp, "no such service", LEVEL_CRITICAL, now, "service web/dns does not exist");
    (void)kube_put(st, "tlsoption", 0, "{metadata: {namespace: traefik, name: strict}, spec: {}}",
                   now);
    struct handle transport = kube_put(st, "serverstransport", 0,
                                       "{metadata: {namespace: web, name: loose}, spec: {}}", now);
    work(st, now);
    check_level(st, tcp, "an option", LEVEL_OK, now, NULL);
    check_level(st, http, "a transport", LEVEL_OK, now, NULL);
    kube_cell(st, transport, "routes", &text);
    assert_string_equal(strbuf_cstr(&text), "1");
    strbuf_clear(&text);
    store_free(st);
}

/* What a store names is looked up; the default certificate is served in its place. */
static void test_store_without_its_secret(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "tlsstore", 0,
                                 "{metadata: {namespace: edge, name: default}, spec: {certificates:"
                                 " [{secretName: more}]}}",
                                 now);
    (void)state;
    expect(st, row, "Secrets are not known", LEVEL_OK, NULL, NULL);
    kube_synced(st, "secret", now);
    expect(st, row, "no Secret", LEVEL_WARNING, "tlsstore-secret-missing",
           "the Secret edge/more with its certificate does not exist");
    (void)kube_put(st, "secret", 0, "{metadata: {namespace: edge, name: more}}", now);
    expect(st, row, "a Secret", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* The last test: each rule has had a case. */
static void test_every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_data");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_full_crash),
        cmocka_unit_test(test_cluster_quotes_its_pod),
        cmocka_unit_test(test_backups),
        cmocka_unit_test(test_backup_in_its_bucket),
        cmocka_unit_test(test_backup_in_one_of_two_buckets),
        cmocka_unit_test(test_schedule_is_kept),
        cmocka_unit_test(test_schedule_without_its_operator),
        cmocka_unit_test(test_schedule_by_another_clock),
        cmocka_unit_test(test_schedule_of_a_place),
        cmocka_unit_test(test_schedule_that_fails),
        cmocka_unit_test(test_schedules_of_all_sorts),
        cmocka_unit_test(test_pitr),
        cmocka_unit_test(test_pitr_gaps),
        cmocka_unit_test(test_pitr_in_its_bucket),
        cmocka_unit_test(test_pitr_collector),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_options_of_routes),
        cmocka_unit_test(test_store_without_its_secret),
        cmocka_unit_test(test_every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube data", tests, NULL, NULL);
}
