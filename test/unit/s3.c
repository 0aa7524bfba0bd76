/* Where buckets are, names of backups, and what is known of where a backup should lie. */
#include <config.h>

#include "backends/s3/s3.h"

#include "backends/discovery.h"
#include "test/unit/kube_test.h"

static void addresses_of_buckets(void **state)
{
    static const struct {
        const char *where, *endpoint, *style, *region, *origin, *path, *url;
    } cases[] = {
        {"reyem-db-backup", NULL, "auto", "eu-central-1",
         "https://reyem-db-backup.s3.eu-central-1.amazonaws.com", "/", "s3://reyem-db-backup/"},
        {"reyem-db-backup/eu/prod/", "https://s3.amazonaws.com", "auto", "us-east-1",
         "https://reyem-db-backup.s3.us-east-1.amazonaws.com", "/",
         "s3://reyem-db-backup/eu/prod/"},
        {"db.reyem.tech", NULL, "auto", "eu-west-1", "https://s3.eu-west-1.amazonaws.com",
         "/db.reyem.tech", "s3://db.reyem.tech/"},
        {"reyem-db-backup", NULL, "path", "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn",
         "/reyem-db-backup", "s3://reyem-db-backup/"},
        {"backup", "http://minio.local:9000", "auto", "us-east-1", "http://minio.local:9000",
         "/backup", "s3://backup/"},
        {"backup", "http://minio.local:9000", "virtual", "us-east-1",
         "http://backup.minio.local:9000", "/", "s3://backup/"},
    };
    struct strbuf text = STRBUF_INIT(4096);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct s3_place p;
        struct err err;
        assert_true(s3_place_read(&p, cases[i].where, cases[i].endpoint, cases[i].style, &err));
        s3_place_origin(&p, cases[i].region, &text);
        assert_string_equal(strbuf_cstr(&text), cases[i].origin);
        s3_place_path(&p, &text);
        assert_string_equal(strbuf_cstr(&text), cases[i].path);
        s3_place_url(&p, &text);
        assert_string_equal(strbuf_cstr(&text), cases[i].url);
    }
    strbuf_clear(&text);
}

static void names_of_backups(void **state)
{
    static const char *const none[] = {
        "",
        "-full",
        "full",
        "binlogs",
        "db-2026-11-22-01:00:12",
        "-2026-11-22-01:00:12-full", /* no cluster's name */
        "db-2026-13-22-01:00:12-full",
        "db-2026-11-22T01:00:12-full",
        "db_2026-11-22-01:00:12-full",
    };
    size_t len;
    int64_t started, expected;
    (void)state;
    assert_true(s3_backup_name(SPAN("db-pxc-db-2026-11-22-01:00:12-full"), &len, &started));
    assert_int_equal(len, strlen("db-pxc-db"));
    assert_true(time_parse(SPAN("2026-11-22T01:00:12Z"), &expected));
    assert_true(started == expected);
    for (size_t i = 0; i < BN_COUNT(none); i++)
        assert_false(s3_backup_name(span_from(none[i]), &len, &started));
}

/* ---- Presence. */

static void apply(struct store *st, struct row_writer *w, uint16_t source, uint16_t kind)
{
    struct message *m = row_writer_take(w, source, kind);
    assert_non_null(m);
    assert_true(store_apply(st, m, 0, NULL));
    message_free(m);
}

static void where_a_backup_should_lie(void **state)
{
    static const struct kind *const all[] = {&kind_s3_bucket, &kind_s3_backup};
    static const struct kind_list kinds = {all, 2};
    struct store *st = store_new(&kinds);
    uint16_t source = store_add_source(st, "a", "s3", "c", SOURCE_NONE);
    struct s3_scan scan = {.binlogs = {.oldest_ms = TIME_NONE, .newest_ms = TIME_NONE}};
    struct s3_backup b = {.name = (char *)(uintptr_t) "db-2026-11-22-01:00:12-full",
                          .cluster_len = 2,
                          .md5_ms = 1,
                          .was_complete = true,
                          .modified_ms = 1,
                          .objects = 1};
    struct s3_place place;
    struct row_writer w;
    struct handle row;
    (void)state;
    assert_true(s3_place_read(&place, "bucket/eu", NULL, "auto", NULL));
    const struct s3_about about = {&place, "eu-central-1", 0, NULL, 2000};
    assert_int_equal(
        s3_find(st, SPAN("s3://bucket/eu/db-2026-11-22-01:00:12-full"), SPAN(""), 1000, &row),
        S3_UNKNOWN);
    row_writer_init(&w, &kind_s3_backup, 65536);
    assert_true(s3_backup_row(&w, &about, &scan, &b));
    apply(st, &w, source, 1);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_s3_bucket, 65536);
    assert_true(s3_bucket_row(&w, &about, &scan));
    apply(st, &w, source, 0);
    row_writer_clear(&w);
    assert_int_equal(
        s3_find(st, SPAN("s3://bucket/eu/db-2026-11-22-01:00:12-full"), SPAN(""), 1000, &row),
        S3_HERE);
    assert_int_equal(
        s3_find(st, SPAN("s3://bucket/eu/db-2026-11-23-01:00:12-full"), SPAN(""), 1000, &row),
        S3_MISSING);
    /* It was not whole yet when the bucket was listed. */
    assert_int_equal(
        s3_find(st, SPAN("s3://bucket/eu/db-2026-11-23-01:00:12-full"), SPAN(""), 2000, &row),
        S3_UNKNOWN);
    /* Nothing is known of other buckets, and nothing of what is no destination. */
    assert_int_equal(
        s3_find(st, SPAN("s3://bucket/db-2026-11-23-01:00:12-full"), SPAN(""), 1000, &row),
        S3_UNKNOWN);
    assert_int_equal(
        s3_find(st, SPAN("s3://other/eu/db-2026-11-23-01:00:12-full"), SPAN(""), 1000, &row),
        S3_UNKNOWN);
    assert_int_equal(s3_find(st, SPAN("azure://bucket/eu/db"), SPAN(""), 1000, &row), S3_UNKNOWN);
    assert_int_equal(s3_find(st, SPAN("pvc/xb-1"), SPAN(""), 1000, &row), S3_UNKNOWN);
    assert_int_equal(s3_find(st, SPAN("s3:/"), SPAN(""), 1000, &row), S3_UNKNOWN);
    assert_int_equal(s3_find(st, SPAN(""), SPAN(""), 1000, &row), S3_UNKNOWN);
    store_free(st);
}

/* ---- Discovery. */

#define CLUSTER(storages, pitr)                                                                   \
    "{metadata: {namespace: operators, name: mysql, creationTimestamp: '2026-01-01T00:00:00Z'}, " \
    "spec: {backup: {storages: {" storages "}, pitr: {" pitr "}}}, status: {state: ready}}"

/* "name: setting setting ...\n" of each source that is found. */
static void find_all(const char *object, struct strbuf *out)
{
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)kube_put(st, "backup-storage", 0, object, 0);
    (void)kube_put(st, "service", 0,
                   "{metadata: {namespace: operators, name: minio, creationTimestamp: "
                   "'2026-01-01T00:00:00Z'}, spec: {ports: [{port: 443}]}}",
                   0);
    s3_discover(st, &d);
    for (size_t i = 0; i < d.count; i++) {
        strbuf_addf(out, "%s:", d.findings[i].name);
        for (char **s = d.findings[i].settings; *s; s++)
            strbuf_addf(out, " %s", *s);
        strbuf_adds(out, "\n");
        assert_string_equal(d.findings[i].unless, "ask");
    }
    discovery_done(&d);
    store_free(st);
}

static void buckets_of_a_cluster(void **state)
{
    static const struct {
        const char *object, *found;
    } cases[] = {
        {CLUSTER("s3-backup: {type: s3, s3: {bucket: reyem-db-backup, region: ca-central-1, "
                 "credentialsSecret: s3-db-backup}}",
                 "enabled: true, storageName: s3-backup, timeBetweenUploads: 300"),
         "s3/reyem-db-backup: bucket=reyem-db-backup region=ca-central-1 binlogs_every=300s "
         "collector=operators/mysql access_key=secret:operators/s3-db-backup/AWS_ACCESS_KEY_ID "
         "secret_key=secret:operators/s3-db-backup/AWS_SECRET_ACCESS_KEY ask=false\n"},
        {CLUSTER("a: {type: s3, s3: {bucket: db/eu, credentialsSecret: s}}, b: {type: s3, s3: "
                 "{bucket: db/eu, credentialsSecret: s}}, c: {type: filesystem}",
                 "enabled: true, storageName: b"),
         "s3/db/eu: bucket=db/eu binlogs_every=60s collector=operators/mysql access_key=secret:operators/s/AWS_ACCESS_KEY_ID "
         "secret_key=secret:operators/s/AWS_SECRET_ACCESS_KEY ask=false\n"},
        {CLUSTER("m: {type: s3, verifyTLS: false, s3: {bucket: db, endpointUrl: "
                 "'https://minio.example:9000'}}",
                 "enabled: false, storageName: m"),
         "s3/db: bucket=db reach=https://minio.example:9000 insecure=true ask=false\n"},
        /* A service of the cluster is asked without a word, and never anything outside. */
        {CLUSTER("m: {type: s3, verifyTLS: false, s3: {bucket: db, endpointUrl: "
                 "'https://minio.operators.svc.cluster.local'}}",
                 "enabled: false, storageName: m"),
         "s3/db: bucket=db reach=tls-service:operators/minio:443 insecure=true\n"},
        {CLUSTER("m: {type: s3, s3: {bucket: db, endpointUrl: 'http://minio.operators:9000/'}}",
                 "enabled: false, storageName: m"),
         "s3/db: bucket=db reach=service:operators/minio:9000\n"},
        {CLUSTER("m: {type: s3, s3: {bucket: db, endpointUrl: 'https://minio.operators.com'}}",
                 "enabled: false, storageName: m"),
         "s3/db: bucket=db reach=https://minio.operators.com ask=false\n"},
        {CLUSTER("m: {type: s3, s3: {bucket: db, endpointUrl: 'https://minio2.operators.svc'}}",
                 "enabled: false, storageName: m"),
         "s3/db: bucket=db reach=https://minio2.operators.svc ask=false\n"},
        {CLUSTER("p: {type: filesystem}", ""), ""},
        /* Two servers have a bucket of one name. */
        {CLUSTER(
             "a: {type: s3, s3: {bucket: db, region: eu-west-1}}, m: {type: s3, s3: {bucket: db, "
             "endpointUrl: 'http://minio.operators.svc:9000'}}",
             ""),
         "s3/db: bucket=db region=eu-west-1 ask=false\n"
         "s3/db@minio.operators: bucket=db reach=service:operators/minio:9000\n"},
    };
    struct strbuf found = STRBUF_INIT(8192);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        strbuf_truncate(&found, 0);
        find_all(cases[i].object, &found);
        assert_string_equal(strbuf_cstr(&found), cases[i].found);
    }
    strbuf_clear(&found);
}

static void servers_of_endpoints(void **state)
{
    static const char *const same[] = {"http://minio.files.svc:9000",
                                       "https://minio.files.svc.cluster.local/", "minio.files:9000",
                                       "http://minio.files"},
                             *const aws[] = {"", "https://s3.amazonaws.com",
                                             "https://s3.eu-west-1.amazonaws.com/"};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(same); i++)
        assert_true(span_is(s3_server_of(span_from(same[i])), "minio.files"));
    for (size_t i = 0; i < BN_COUNT(aws); i++)
        assert_int_equal(s3_server_of(span_from(aws[i])).len, 0);
    assert_true(span_is(s3_server_of(SPAN("https://s3.svcs.example.org")), "s3.svcs.example.org"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_buckets),      cmocka_unit_test(names_of_backups),
        cmocka_unit_test(where_a_backup_should_lie), cmocka_unit_test(buckets_of_a_cluster),
        cmocka_unit_test(servers_of_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
