/* The S3 source against moto, which checks what it signs, and against a server that answers as S3
 * does when something is wrong. */
#include <config.h>

#include "base/timetext.h"
#include "net/kube.h"
#include "net/sigv4.h"
#include "test/systems/harbor_child.h"
#include "test/systems/http_server.h"
#include "test/systems/moto_run.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <time.h>

#define BUCKET "reyem-db-backup"
#define HOUR   ((int64_t)3600 * 1000)

extern const struct backend backend_s3;

static int64_t wall_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct world {
    struct source_run source;
    bool running;
    struct moto *moto;
    int64_t now;
    char backup[5][64]; /* names, oldest first, a day apart; the newest began an hour ago */
    char id[64], secret[64];
};

/* ---- moto. */

static void put(struct world *w, const char *key, int bytes)
{
    char body[1024];
    assert_true(bytes < (int)sizeof(body));
    memset(body, 'x', (size_t)bytes);
    body[bytes] = '\0';
    (void)moto_do(w->moto,
                  "{\"service\": \"s3\", \"call\": \"put_object\", \"args\": {\"Bucket\": \"" BUCKET
                  "\", \"Key\": \"%s\", \"Body\": \"%s\"}}",
                  key, body);
}

static void drop(struct world *w, const char *name, const char *rest)
{
    (void)moto_do(w->moto,
                  "{\"service\": \"s3\", \"call\": \"delete_object\", \"args\": {\"Bucket\": "
                  "\"" BUCKET "\", \"Key\": \"%s%s\"}}",
                  name, rest);
}

static void drop_data(struct world *w, const char *name, int from)
{
    char rest[64];
    for (; from < 4; from++) {
        (void)snprintf(rest, sizeof(rest), "/track/t%d.ibd.%020d", from, 0);
        drop(w, name, rest);
    }
}

/* As xbcloud and the operator's script write it. */
static void put_backup(struct world *w, const char *prefix, const char *name, int objects,
                       bool complete)
{
    char key[256];
    for (int i = 0; i < objects; i++) {
        (void)snprintf(key, sizeof(key), "%s%s/track/t%d.ibd.%020d", prefix, name, i, 0);
        put(w, key, 100);
    }
    (void)snprintf(key, sizeof(key), "%s%s.sst_info/sst_info.%020d", prefix, name, 0);
    put(w, key, 10);
    (void)snprintf(key, sizeof(key), "%s%s.md5", prefix, name);
    if (complete)
        put(w, key, 69);
}

static void put_binlog(struct world *w, int64_t at_ms, int number)
{
    char key[256];
    (void)snprintf(key, sizeof(key), "binlog_%lld_%06d_91d2388c4f678c53c07d79dd7dc31630",
                   (long long)(at_ms / 1000), number);
    put(w, key, 200);
    (void)snprintf(key, sizeof(key), "binlog_%lld_%06d_91d2388c4f678c53c07d79dd7dc31630-gtid-set",
                   (long long)(at_ms / 1000), number);
    put(w, key, 42);
}

static void fill(struct world *w)
{
    char text[TIMETEXT_MAX];
    (void)moto_do(w->moto, "{\"service\": \"s3\", \"call\": \"create_bucket\", \"args\": "
                           "{\"Bucket\": \"" BUCKET "\"}}");
    for (int i = 0; i < 5; i++) {
        time_format(w->now / 1000 * 1000 - HOUR - (4 - i) * 24 * HOUR, text);
        (void)snprintf(w->backup[i], sizeof(w->backup[i]), "db-pxc-db-%.10s-%.8s-full", text,
                       text + 11);
        put_backup(w, "", w->backup[i], 4, true);
    }
    put_binlog(w, w->now - HOUR, 40);
    put_binlog(w, w->now - HOUR / 2, 41);
    put(w, "odd key/with space+plus&amp%\\u00fcmlaut.txt", 5);
    put(w, "last-binlog-set-0d8bd2f1-a1b2-11ef-8f0e-0242ac120002", 5);
}

/* A user who may list, and moto checks each signature from now on. */
static void enforce(struct world *w)
{
    const char *answer;
    (void)moto_do(
        w->moto,
        "{\"service\": \"iam\", \"call\": \"create_user\", \"args\": {\"UserName\": \"b\"}}");
    (void)moto_do(w->moto,
                  "{\"service\": \"iam\", \"call\": \"put_user_policy\", \"args\": {\"UserName\": "
                  "\"b\", \"PolicyName\": \"p\", \"PolicyDocument\": \"{\\\"Version\\\": "
                  "\\\"2012-10-17\\\", \\\"Statement\\\": [{\\\"Effect\\\": \\\"Allow\\\", "
                  "\\\"Action\\\": \\\"s3:ListBucket\\\", \\\"Resource\\\": \\\"*\\\"}]}\"}}");
    answer = moto_do(w->moto, "{\"service\": \"iam\", \"call\": \"create_access_key\", \"args\": "
                              "{\"UserName\": \"b\"}}");
    moto_member(answer, "AccessKeyId", w->id, sizeof(w->id));
    moto_member(answer, "SecretAccessKey", w->secret, sizeof(w->secret));
    (void)moto_do(w->moto, "{\"enforce\": true}");
}

static void start_at(struct world *w, const char *origin, const char *bucket, const char *more)
{
    char reach[256], where[256];
    (void)snprintf(reach, sizeof(reach), "reach=%s", origin);
    (void)snprintf(where, sizeof(where), "bucket=%s", bucket);
    (void)setenv("AWS_ACCESS_KEY_ID", w->id, 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", w->secret, 1);
    const char *const settings[] = {reach, where, "binlogs_every=60s", more, NULL};
    source_start(&w->source, &backend_s3, settings, w->now);
    w->running = true;
    source_want(&w->source, "s3-bucket", true);
    source_want(&w->source, "s3-backup", true);
}

static bool is_listed(const struct world *w)
{
    return store_synced(w->source.store, source_kind_number(&w->source, "s3-bucket")) &&
           store_synced(w->source.store, source_kind_number(&w->source, "s3-backup"));
}

static void start(struct world *w)
{
    start_at(w, w->moto->origin, BUCKET, NULL);
}

static void stop(struct world *w)
{
    if (w->running)
        source_stop(&w->source);
    w->running = false;
}

/* Looks again, and waits until that is done. */
static void look(struct world *w, const char *column, const char *text)
{
    source_refresh(&w->source);
    source_until(&w->source,
                 strcmp(source_text(&w->source, "s3-bucket", BUCKET, column), text) == 0);
}

static void expect(struct world *w, const char *kind, const char *key, const char *column,
                   const char *text)
{
    const char *is = source_text(&w->source, kind, key, column);
    if (strcmp(is, text) != 0)
        fail_msg("%s of %s %s is %s, not %s", column, kind, key, is, text);
}

static const char *key_of(const struct world *w, int backup)
{
    static char key[128];
    (void)snprintf(key, sizeof(key), "s3://" BUCKET "/%s", w->backup[backup]);
    return key;
}

static void backups_as_they_lie(void **state)
{
    struct world *w = *state;
    start(w);
    source_until(&w->source, is_listed(w));
    expect(w, "s3-bucket", BUCKET, "backups", "5");
    expect(w, "s3-bucket", BUCKET, "binlogs", "2");
    expect(w, "s3-bucket", BUCKET, "gaps", "0");
    expect(w, "s3-bucket", BUCKET, "newest", "60m");
    for (int i = 0; i < 5; i++) {
        expect(w, "s3-backup", key_of(w, i), "objects", "4");
        expect(w, "s3-backup", key_of(w, i), "size", "400");
        expect(w, "s3-backup", key_of(w, i), "vs-median", "100%");
        expect(w, "s3-backup", key_of(w, i), "pxc", "db-pxc-db");
        expect(w, "s3-backup", key_of(w, i), "complete", "true");
        assert_int_equal(source_level(&w->source, "s3-backup", key_of(w, i)), LEVEL_OK);
    }
    assert_int_equal(source_level(&w->source, "s3-bucket", BUCKET), LEVEL_OK);
    assert_false(source_leaks(&w->source, w->secret));
}

static void data_that_are_gone(void **state)
{
    struct world *w = *state;
    start(w);
    source_until(&w->source, is_listed(w));
    drop_data(w, w->backup[4], 0);
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "s3-backup", key_of(w, 4)) == LEVEL_CRITICAL);
    assert_string_equal(source_rule(&w->source, "s3-backup", key_of(w, 4)), "s3-backup-gone");
    assert_non_null(
        strstr(source_says(&w->source, "s3-backup", key_of(w, 4)), "its data are gone"));
    put_backup(w, "", w->backup[4], 4, true); /* and back from a copy */
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "s3-backup", key_of(w, 4)) == LEVEL_OK);
    drop(w, w->backup[0], ".md5");
    drop(w, w->backup[0], ".sst_info/sst_info.00000000000000000000");
    drop_data(w, w->backup[0], 0);
    look(w, "backups", "4"); /* the operator's own deletion leaves nothing */
    source_until(&w->source, !source_has(&w->source, "s3-backup", key_of(w, 0)));
}

static void one_that_is_too_small(void **state)
{
    struct world *w = *state;
    drop_data(w, w->backup[2], 1);
    start(w);
    source_until(&w->source, is_listed(w));
    assert_int_equal(source_level(&w->source, "s3-backup", key_of(w, 2)), LEVEL_WARNING);
    assert_string_equal(source_says(&w->source, "s3-backup", key_of(w, 2)),
                        "100, the others are 400");
    assert_int_equal(source_level(&w->source, "s3-backup", key_of(w, 3)), LEVEL_OK);
}

static void one_that_is_not_finished(void **state)
{
    struct world *w = *state;
    drop(w, w->backup[4], ".md5");
    start(w);
    source_until(&w->source, is_listed(w));
    assert_int_equal(source_level(&w->source, "s3-backup", key_of(w, 4)), LEVEL_PROGRESS);
    source_step(&w->source, HOUR);
    source_until(&w->source, source_level(&w->source, "s3-backup", key_of(w, 4)) == LEVEL_WARNING);
    assert_string_equal(source_rule(&w->source, "s3-backup", key_of(w, 4)), "s3-backup-unfinished");
    put_backup(w, "", w->backup[4], 0, true);
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "s3-backup", key_of(w, 4)) == LEVEL_OK);
}

static void binary_logs(void **state)
{
    struct world *w = *state;
    char key[128];
    start(w);
    source_until(&w->source, is_listed(w));
    source_step(&w->source, HOUR + HOUR / 2);
    source_until(&w->source, source_level(&w->source, "s3-bucket", BUCKET) == LEVEL_WARNING);
    assert_string_equal(source_says(&w->source, "s3-bucket", BUCKET),
                        "newest binary log uploaded 1h ago, one is expected every 1m");
    put_binlog(w, w->now - HOUR / 4, 42);
    look(w, "binlogs", "3"); /* those that are known are not listed, and still counted */
    expect(w, "s3-bucket", BUCKET, "binlog-size", "600");
    (void)snprintf(key, sizeof(key), "%s.pitr-not-ready", w->backup[4]);
    put(w, key, 0);
    look(w, "gaps", "1");
    assert_string_equal(source_rule(&w->source, "s3-backup", key_of(w, 4)), "s3-backup-gap");
    for (int i = 40; i < 43; i++) {
        int64_t at = w->now - (i == 40 ? HOUR : i == 41 ? HOUR / 2 : HOUR / 4);
        (void)snprintf(key, sizeof(key), "binlog_%lld_%06d_91d2388c4f678c53c07d79dd7dc31630",
                       (long long)(at / 1000), i);
        drop(w, key, "");
        if (i == 40)
            look(w, "binlogs", "2"); /* the oldest is another one: all are counted anew */
    }
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "s3-bucket", BUCKET) == LEVEL_CRITICAL);
    assert_non_null(strstr(source_says(&w->source, "s3-bucket", BUCKET), "no binary log in it"));
}

static void a_prefix_in_a_bucket(void **state)
{
    struct world *w = *state;
    char key[128];
    put_backup(w, "eu/prod/", w->backup[0], 3, true);
    start_at(w, w->moto->origin, BUCKET "/eu/prod/", NULL);
    source_until(&w->source, is_listed(w));
    (void)snprintf(key, sizeof(key), "s3://" BUCKET "/eu/prod/%s", w->backup[0]);
    expect(w, "s3-backup", key, "objects", "3");
    expect(w, "s3-bucket", BUCKET "/eu/prod", "backups", "1");
}

static void many_pages(void **state)
{
    struct world *w = *state;
    (void)moto_do(w->moto,
                  "{\"fill\": {\"bucket\": \"" BUCKET "\", \"prefix\": \"%s/big/\", "
                  "\"count\": 2300}}",
                  w->backup[3]);
    start(w);
    source_until(&w->source, is_listed(w));
    expect(w, "s3-backup", key_of(w, 3), "objects", "2304");
    expect(w, "s3-backup", key_of(w, 3), "size", "2.6Ki");
}

/* ---- Who may not. */

static void expect_fails(struct world *w, enum source_state state, const char *words)
{
    source_until(&w->source, source_report(&w->source)->state == state ||
                                 source_kind_report(&w->source, "s3-backup")->state == state);
    const struct source_report *r = source_kind_report(&w->source, "s3-backup");
    const struct err *why =
        source_report(&w->source)->state == state ? &source_report(&w->source)->why : &r->why;
    if (!strstr(why->msg, words))
        fail_msg("\"%s\" does not say \"%s\"", why->msg, words);
    assert_null(strstr(why->msg, w->secret));
}

static void each_refusal_in_its_own_words(void **state)
{
    struct world *w = *state;
    char id[64];
    start_at(w, w->moto->origin, "other-bucket", NULL);
    expect_fails(w, SOURCE_FAILING, "there is no such bucket (NoSuchBucket)");
    stop(w);
    (void)snprintf(id, sizeof(id), "%s", w->id);
    (void)snprintf(w->id, sizeof(w->id), "AKIAIOSFODNN7EXAMPLE");
    start(w);
    expect_fails(w, SOURCE_LOGIN, "there is no such access key (InvalidAccessKeyId)");
    stop(w);
    (void)snprintf(w->id, sizeof(w->id), "%s", id);
    (void)snprintf(w->secret, sizeof(w->secret), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    start(w);
    expect_fails(w, SOURCE_LOGIN,
                 "the secret key does not belong to this access key (SignatureDoesNotMatch)");
    stop(w);
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    const char *const settings[] = {"reach=http://127.0.0.1:1", "bucket=" BUCKET, NULL};
    source_start(&w->source, &backend_s3, settings, w->now);
    w->running = true;
    source_want(&w->source, "s3-backup", true);
    expect_fails(w, SOURCE_LOGIN, "AWS_SECRET_ACCESS_KEY");
}

static void rights_that_are_missing(void **state)
{
    struct world *w = *state;
    (void)moto_do(w->moto, "{\"service\": \"iam\", \"call\": \"delete_user_policy\", \"args\": "
                           "{\"UserName\": \"b\", \"PolicyName\": \"p\"}}");
    (void)moto_do(w->moto, "{\"enforce\": true}");
    start(w);
    expect_fails(w, SOURCE_DENIED, "the key is good, but it may not do this (AccessDenied)");
}

/* ---- In the cluster: by port-forward, which leaves the signature as it is. */

static void a_server_in_the_cluster(void **state)
{
    struct world *w = *state;
    struct harbor harbor;
    char kubeconfig[256];
    harbor_prepare(&harbor);
    harbor_start(&harbor, NULL);
    (void)harbor_told(&harbor, "upstream pods operators minio-reyemtech-pool-0-0 9000 %s",
                      strrchr(w->moto->origin, ':') + 1);
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "kubeconfig=%s", harbor.kubeconfig);
    const struct kubeconfig_env env = {.path = harbor.kubeconfig};
    struct kubeconfig *config = kubeconfig_load(&env, NULL);
    struct credential *admin =
        kube_credential(config, kubeconfig_context(config, NULL, NULL), NULL, NULL);
    kubeconfig_free(config);
    (void)setenv("AWS_ACCESS_KEY_ID", w->id, 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", w->secret, 1);
    const char *const settings[] = {"reach=service:operators/minio:443", "bucket=" BUCKET,
                                    kubeconfig, NULL};
    source_start_with(&w->source, &backend_s3, settings, w->now, admin);
    w->running = true;
    source_want(&w->source, "s3-bucket", true);
    source_want(&w->source, "s3-backup", true);
    source_until(&w->source, is_listed(w));
    expect(w, "s3-bucket", BUCKET, "backups", "5");
    expect(w, "s3-bucket", BUCKET, "endpoint", "http://minio.operators.svc:443");
    assert_false(source_leaks(&w->source, w->secret));

    /* Nobody is behind the service any more, and then somebody is. */
    (void)harbor_told(&harbor, "upstream pods operators minio-reyemtech-pool-0-0 9000 0");
    (void)harbor_told(&harbor, "drop");
    source_refresh(&w->source);
    expect_fails(w, SOURCE_FAILING, "minio-reyemtech-pool-0-0:9000: connection refused");
    (void)harbor_told(&harbor, "upstream pods operators minio-reyemtech-pool-0-0 9000 %s",
                      strrchr(w->moto->origin, ':') + 1);
    source_refresh(&w->source);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FRESH);
    stop(w);
    credential_unref(admin);
    harbor_done(&harbor);
}

/* ---- Signatures. */

/* Bytes that need encoding, and some that do not. */
static size_t some_bytes(unsigned *seed, char *out, size_t most, bool path)
{
    static const char odd[] = "abcXYZ019-._~ +&=%?#\"'<>*!()[]{}|\\^`,;:@$\xc3\xbc";
    size_t len = (*seed = *seed * 1103515245 + 12345) / 65536 % most + 1;
    for (size_t i = 0; i < len; i++) {
        *seed = *seed * 1103515245 + 12345;
        out[i] = odd[*seed / 65536 % (sizeof(odd) - 3)]; /* the last two bytes go together */
        if (path && i % 5 == 0)
            out[i] = '/';
    }
    if (path)
        out[0] = '/';
    return len;
}

/* That what is signed here is signed so by AWS's own library, byte for byte. */
static void as_botocore_signs(void **state)
{
    struct world *w = *state;
    unsigned seed = 80;
    for (int round = 0; round < 100; round++) {
        char path[32], names[4][16], values[4][16];
        struct sigv4_param params[4];
        size_t n = (size_t)round % 5;
        const char *service = round % 2 ? "s3" : "route53";
        const char *token = round % 3 ? "" : "FwoGZXIvYXdzEXAMPLETOKEN==";
        struct sigv4_request r = {.method = "GET",
                                  .host = SPAN("bucket.example:9000"),
                                  .path = span_make(path, some_bytes(&seed, path, 31, true)),
                                  .params = params,
                                  .nparams = n};
        for (size_t i = 0; i < n; i++)
            params[i] =
                (struct sigv4_param){span_make(names[i], some_bytes(&seed, names[i], 15, false)),
                                     span_make(values[i], some_bytes(&seed, values[i], 15, false))};
        const struct sigv4_keys keys = {SPAN("AKIAIOSFODNN7EXAMPLE"),
                                        SPAN("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                                        span_from(token)};
        const struct sigv4_scope scope = {service, "eu-central-1", INT64_C(1795435200000)};
        struct sigv4_signed s;
        size_t last = 0;
        assert_true(sigv4_sign(&keys, &scope, &r, &s, NULL));
        while (s.headers[last + 1])
            last++;
        const char *answer =
            moto_do(w->moto,
                    "{\"sign\": {\"service\": \"%s\", \"region\": \"eu-central-1\", \"url\": "
                    "\"http://bucket.example:9000%s\", \"id\": \"AKIAIOSFODNN7EXAMPLE\", "
                    "\"secret\": \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\", \"token\": \"%s\", "
                    "\"date\": \"20261123T120000Z\"}}",
                    service, s.target, token);
        if (!strstr(answer, s.headers[last] + strlen("Authorization: ")))
            fail_msg("%s %s: %s, botocore: %s", service, s.target, s.headers[last], answer);
        sigv4_wipe(&s);
    }
}

/* ---- Set-up. */

static struct moto moto;

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    *state = w;
    w->moto = &moto;
    w->now = wall_ms();
    (void)moto_do(&moto, "{\"reset\": true}");
    fill(w);
    enforce(w);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    stop(w);
    free(w);
    return 0;
}

static int stop_moto(void **state)
{
    (void)state;
    moto_stop(&moto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(backups_as_they_lie, setup, teardown),
        cmocka_unit_test_setup_teardown(data_that_are_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_is_too_small, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_finished, setup, teardown),
        cmocka_unit_test_setup_teardown(binary_logs, setup, teardown),
        cmocka_unit_test_setup_teardown(a_prefix_in_a_bucket, setup, teardown),
        cmocka_unit_test_setup_teardown(many_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(a_server_in_the_cluster, setup, teardown),
        cmocka_unit_test_setup_teardown(each_refusal_in_its_own_words, setup, teardown),
        cmocka_unit_test_setup_teardown(rights_that_are_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(as_botocore_signs, setup, teardown),
    };
    if (!moto_start(&moto)) {
        puts("1..0 # SKIP no moto: python3-venv and PyPI are needed");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, stop_moto);
}
