/* What harbor keeps of what it is asked, and what of that is a read. */
#include <config.h>

#include "harbor/asked.h"
#include "test/systems/reads.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* clang-format on */

static uint64_t with(const struct asked *a, const char *text)
{
    uint64_t count;
    assert_true(asked_with(a, span_from(text), &count, NULL));
    return count;
}

static bool is_read(const char *line)
{
    struct asked *a = asked_new();
    struct span one;
    uint64_t count;
    asked_line(a, "%s", line);
    assert_true(asked_but(a, SPAN(READS), &count, &one, NULL));
    assert_true(count == 0 ? one.len == 0 : span_is(one, line));
    asked_free(a);
    return count == 0;
}

static void reads_are_told_from_changes(void **state)
{
    static const char *const reads[] = {
        "GET /api/v1/pods?limit=100",
        "GET /api/v1/namespaces/default/pods/a/portforward?ports=3306",
        "LIST /v1/secret/metadata/apps",
        ASKS_ACCESS,
        ASKS_ACCESS "?fieldManager=binnacle",
        "POST " ASKS_TOKEN,
        "POST /api/v1/namespaces/vault/services/vault:8200/proxy" ASKS_TOKEN,
        "PATCH /apis/apps/v1/namespaces/a/deployments/b?dryRun=All&fieldManager=binnacle",
        "DELETE /api/v1/namespaces/a/pods/b?gracePeriodSeconds=1&dryRun=All",
        "GET route53.amazonaws.com/2013-04-01/hostedzone",
        "HEAD kimai.example.org/",
        "DNS: opcode 0",
        "SQL: SHOW GLOBAL STATUS",
        "SQL: SELECT User FROM mysql.user",
        "SQL: SET SESSION sql_mode = 'STRICT_TRANS_TABLES'",
        "REDIS: INFO",
        "REDIS: INFO REPLICATION",
        "REDIS: CLIENT LIST",
    };
    static const char *const changes[] = {
        "POST /api/v1/namespaces/a/pods",
        "PUT /v1/sys/unseal",
        "PATCH /apis/apps/v1/namespaces/a/deployments/b?fieldManager=dryRun=All",
        "DELETE /api/v1/namespaces/a/pods/dryRun=All",
        "POST /api/v1/namespaces/a/pods/b/exec?command=x",
        "GET /api/v1/namespaces/a/pods/b/exec?command=x",
        "GET /api/v1/namespaces/a/pods/b/attach",
        "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviewsx",
        "POST app.terraform.io/api/v2/runs",
        "DELETE reyem-db-backup.s3.ca-central-1.amazonaws.com/a",
        "PUT reyem-db-backup.s3.ca-central-1.amazonaws.com/a",
        "POST route53.amazonaws.com/2013-04-01/hostedzone/Z/rrset",
        "DNS: opcode 5",
        "SQL: KILL QUERY 7",
        "SQL: CREATE USER 'a'@'%' IDENTIFIED",
        "SQL: SET GLOBAL read_only = 1",
        "SQL: SET PERSIST read_only = 1",
        "SQL: SELECT 1 INTO OUTFILE '/tmp/a'",
        "SQL: SELECT a FROM b FOR UPDATE",
        "SQL: FLUSH TABLES",
        "SQL: command 12 of the protocol",
        "REDIS: SLOWLOG RESET",
        "REDIS: CONFIG SET",
        "REDIS: CLIENT KILL",
        "REDIS: CLIENT",
        "REDIS: BGSAVE",
        "REDIS: FAILOVER TO",
        "REDIS: SENTINEL FAILOVER",
        "REDIS: INFOX",
        "",
    };
    (void)state;
    for (size_t i = 0; i < BN_COUNT(reads); i++)
        if (!is_read(reads[i]))
            fail_msg("`%s` is a read", reads[i]);
    for (size_t i = 0; i < BN_COUNT(changes); i++)
        if (is_read(changes[i]))
            fail_msg("`%s` is a change", changes[i]);
}

static void each_line_is_counted_as_often_as_it_came(void **state)
{
    struct asked *a = asked_new();
    struct span one;
    uint64_t count;
    (void)state;
    for (int i = 0; i < 3; i++)
        asked_line(a, "GET /a%d", i % 2);
    asked_sql(a, SPAN(" SELECT\n1 "));
    assert_int_equal(with(a, "GET"), 3);
    assert_int_equal(with(a, "GET /a0"), 2);
    assert_int_equal(with(a, "SQL: SELECT 1"), 1);
    assert_int_equal(with(a, ""), 4);
    assert_true(asked_but(a, SPAN("GET *"), &count, &one, NULL));
    assert_int_equal(count, 1);
    assert_true(span_is(one, "SQL: SELECT 1"));
    assert_true(asked_but(a, SPAN("!*a1|GET *|SQL: *"), &count, &one, NULL));
    assert_int_equal(count, 1);
    asked_free(a);
}

static void secrets_are_not_kept(void **state)
{
    static const struct span words[] = {{"auth", 4},    {"hush", 4}, {"hello", 5},
                                        {"slowlog", 7}, {"get", 3},  {"hush", 4}};
    struct asked *a = asked_new();
    (void)state;
    asked_sql(a, SPAN("CREATE USER a identified BY 'hush'"));
    asked_sql(a, SPAN("ALTER USER a IDENTIFIED WITH caching_sha2_password AS 'hush'"));
    asked_sql(a, SPAN("SET PASSWORD FOR a = 'hush'"));
    asked_sql(a, SPAN("SET @password = 'hush'"));
    asked_sql(a, SPAN("SELECT password_expired FROM mysql.user"));
    asked_redis(a, words, 2);
    asked_redis(a, &words[2], 1);
    asked_redis(a, &words[3], 3);
    assert_int_equal(with(a, "hush"), 0);
    assert_int_equal(with(a, "HUSH"), 0);
    assert_int_equal(with(a, "SQL: CREATE USER a ..."), 1);
    assert_int_equal(with(a, "password_expired FROM"), 1);
    assert_int_equal(with(a, "REDIS: AUTH"), 1);
    assert_int_equal(with(a, "REDIS: SLOWLOG GET"), 1);
    asked_free(a);
}

/* Nothing is proved by what is not whole. */
static void too_much_is_said(void **state)
{
    struct asked *a = asked_new();
    struct span one;
    struct err err;
    uint64_t count;
    (void)state;
    for (int i = 0; i < 3000; i++)
        asked_line(a, "GET /%d%02000d", i, 0);
    assert_false(asked_with(a, SPAN("GET"), &count, &err));
    assert_false(asked_but(a, SPAN("GET *"), &count, &one, &err));
    assert_string_equal(err.msg, "more was asked than is kept");
    asked_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_are_told_from_changes),
        cmocka_unit_test(each_line_is_counted_as_often_as_it_came),
        cmocka_unit_test(secrets_are_not_kept),
        cmocka_unit_test(too_much_is_said),
    };
    return cmocka_run_group_tests_name("harbor_asked", tests, NULL, NULL);
}
