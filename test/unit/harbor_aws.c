/* Route 53 and S3 as harbor has them: who is refused, and why; what is listed. */
#include <config.h>

#include "harbor/aws.h"

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

#define NOW     INT64_C(1770973200000) /* 2026-02-13T09:00:00Z */
#define SHA_256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define R53     "route53.amazonaws.com"
#define BUCKET  "reyem-db-backup.s3.ca-central-1.amazonaws.com"

static struct aws *aws;
static struct strbuf answer = STRBUF_INIT((size_t)1 << 20);

/* What is answered to a signed request, and what it has. */
static const char *ask(const char *host, const char *target, const char *scope)
{
    struct strbuf head = STRBUF_INIT(8192);
    strbuf_addf(&head,
                "GET %s HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: 20260213T090000Z\r\n"
                "x-amz-content-sha256: " SHA_256 "\r\n",
                target, host);
    if (scope)
        strbuf_addf(&head,
                    "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20260213/%s/aws4_request, "
                    "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" SHA_256 "\r\n",
                    scope);
    strbuf_adds(&head, "\r\n");
    strbuf_truncate(&answer, 0);
    aws_answer(aws, span_from(host), strbuf_span(&head), NOW, &answer);
    strbuf_clear(&head);
    return strbuf_cstr(&answer);
}

static void has(const char *text)
{
    if (!strstr(strbuf_cstr(&answer), text))
        fail_msg("no `%s` in %.600s", text, strbuf_cstr(&answer));
}

static void has_not(const char *text)
{
    if (strstr(strbuf_cstr(&answer), text))
        fail_msg("`%s` in what was answered", text);
}

static bool set(const char *what, const char *words)
{
    return aws_set(aws, span_from(what), span_from(words), NOW);
}

static void zones_are_listed_to_who_signs(void **state)
{
    (void)state;
    (void)ask(R53, "/2013-04-01/hostedzone?maxitems=100", "us-east-1/route53");
    has("HTTP/1.1 200 ");
    has("<HostedZones><HostedZone><Id>/hostedzone/Z0123456789ABCDEFGHIJ</Id>");
    (void)ask(R53, "/2013-04-01/hostedzone/Z0123456789ABCDEFGHIJ/rrset?maxitems=300",
              "us-east-1/route53");
    has("<ListResourceRecordSetsResponse ");
    has("<Name>\\052.reyem.tech.</Name><Type>A</Type>");
    has("<AliasTarget><HostedZoneId>");
    has("<IsTruncated>false</IsTruncated>");
    (void)ask(R53, "/2013-04-01/hostedzone", NULL);
    has("HTTP/1.1 403 ");
    has("<Code>MissingAuthenticationToken</Code>");
    (void)ask(R53, "/2013-04-01/hostedzone", "eu-west-1/route53");
    has("<Code>SignatureDoesNotMatch</Code>");
    (void)ask(R53, "/2013-04-01/change/C1", "us-east-1/route53");
    has("HTTP/1.1 404 ");
    assert_true(set("zones", "throttled"));
    (void)ask(R53, "/2013-04-01/hostedzone", "us-east-1/route53");
    has("HTTP/1.1 400 ");
    has("<Code>Throttling</Code>");
    assert_true(set("zones", "well"));
}

static void records_are_put_and_taken(void **state)
{
    static const char path[] = "/2013-04-01/hostedzone/Z1/rrset";
    (void)state;
    assert_true(set("record", "track.reyem.tech A -"));
    (void)ask(R53, path, "us-east-1/route53");
    has_not("<Name>track.reyem.tech.</Name><Type>A</Type>");
    has("<Name>track.reyem.tech.</Name><Type>TXT</Type>");
    assert_true(set("record", "track.reyem.tech A 203.0.113.24"));
    (void)ask(R53, path, "us-east-1/route53");
    has("<Name>track.reyem.tech.</Name><Type>A</Type><TTL>300</TTL><ResourceRecords>"
        "<ResourceRecord><Value>203.0.113.24</Value></ResourceRecord></ResourceRecords>");
}

static void a_bucket_is_listed_where_it_is(void **state)
{
    (void)state;
    (void)ask(BUCKET, "/?delimiter=%2F&encoding-type=url&list-type=2", "ca-central-1/s3");
    has("HTTP/1.1 200 ");
    has("<Prefix>mysql-2026-02-13-03%3A00%3A00-full/</Prefix>");
    has("<Key>binlog_1770973200_");
    has_not("mysql.ibd");
    (void)ask(BUCKET, "/?list-type=2&prefix=mysql-2026-02-13-03%3A00%3A00-full%2F",
              "ca-central-1/s3");
    has("mysql.ibd.00000000000000000221</Key>");
    has("<KeyCount>222</KeyCount>");
    (void)ask(BUCKET, "/?list-type=2", "us-east-1/s3");
    has("<Code>AuthorizationHeaderMalformed</Code>");
    has("<Region>ca-central-1</Region>");
    (void)ask("reyem-db-backup.s3.us-east-1.amazonaws.com", "/?list-type=2", "us-east-1/s3");
    has("HTTP/1.1 301 ");
    has("x-amz-bucket-region: ca-central-1\r\n");
    (void)ask("other.s3.ca-central-1.amazonaws.com", "/?list-type=2", "ca-central-1/s3");
    has("<Code>NoSuchBucket</Code>");
    (void)ask(BUCKET, "/?list-type=2", NULL);
    has("<Code>AccessDenied</Code>");
}

static void objects_go_and_are_cut_short(void **state)
{
    static const char list[] = "/?list-type=2&prefix=mysql-2026-02-09";
    (void)state;
    assert_true(set("object", "mysql-2026-02-09-03:00:00-full/ 20971520"));
    (void)ask(BUCKET, list, "ca-central-1/s3");
    has("<Size>20971520</Size>");
    has("<KeyCount>3</KeyCount>");
    assert_true(set("object", "mysql-2026-02-09-03:00:00-full/ -"));
    (void)ask(BUCKET, list, "ca-central-1/s3");
    has("<KeyCount>2</KeyCount>");
    assert_true(set("bucket", "well"));
    (void)ask(BUCKET, list, "ca-central-1/s3");
    has("<KeyCount>222</KeyCount>");
    assert_false(set("nothing", "of this sort"));
}

static int load(void **state)
{
    char folder[4096];
    struct err err;
    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/harbor/data", getenv("top_srcdir"));
    aws = aws_load(folder, &err);
    return aws ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    aws_free(aws);
    strbuf_clear(&answer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_listed_to_who_signs),
        cmocka_unit_test(records_are_put_and_taken),
        cmocka_unit_test(a_bucket_is_listed_where_it_is),
        cmocka_unit_test(objects_go_and_are_cut_short),
    };
    return cmocka_run_group_tests_name("harbor_aws", tests, load, unload);
}
