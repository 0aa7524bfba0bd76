/* Signing requests to AWS: published signatures, and botocore's for what this program asks. */
#include <config.h>

#include "base/timetext.h"
#include "net/sigv4.h"
#include "test/unit/net_test.h"

#define PARAM(name, value)      \
    {                           \
        SPAN(name), SPAN(value) \
    }
#define PARAMS SIGV4_PARAMS_MAX

struct vector {
    const char *name, *service, *region, *date, *method, *host;
    struct span path;
    struct sigv4_param params[PARAMS];
    const char *target; /* as it must be sent */
    const char *signature;
    const char *token, *body; /* NULL: none */
};

#define SUITE      "service", "us-east-1", "2015-08-30T12:36:00Z"
#define SUITE_HOST "example.amazonaws.com"
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DOC        "s3", "us-east-1", "2013-05-24T00:00:00Z"
#define DOC_HOST   "examplebucket.s3.amazonaws.com"
#define BOTO       "2026-11-23T12:00:00Z"

/* Of AWS's Signature Version 4 test suite (in awslabs/aws-c-auth, tests/aws-signing-test-suite/v4,
 * Apache-2.0), those that sign no other headers than this signer does, of paths that need no encoding.
 * Key and secret: AKIDEXAMPLE, wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY. */
static const struct vector suite[] = {
    {"get-vanilla",
     SUITE,
     "GET",
     SUITE_HOST,
     SPAN("/"),
     {{{0}, {0}}},
     "/",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
     NULL,
     NULL},
    {"get-vanilla-query-order-key-case",
     SUITE,
     "GET",
     SUITE_HOST,
     SPAN("/"),
     {PARAM("Param2", "value2"), PARAM("Param1", "value1")},
     "/?Param1=value1&Param2=value2",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
     NULL,
     NULL},
    {"get-vanilla-query-order-value",
     SUITE,
     "GET",
     SUITE_HOST,
     SPAN("/"),
     {PARAM("Param1", "value2"), PARAM("Param1", "value1")},
     "/?Param1=value1&Param1=value2",
     "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
     NULL,
     NULL},
    {"get-vanilla-query-unreserved",
     SUITE,
     "GET",
     SUITE_HOST,
     SPAN("/"),
     {PARAM(UNRESERVED, UNRESERVED)},
     "/?" UNRESERVED "=" UNRESERVED,
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
     NULL,
     NULL},
    {"get-vanilla-utf8-query",
     SUITE,
     "GET",
     SUITE_HOST,
     SPAN("/"),
     {PARAM("\xe1\x88\xb4", "bar")},
     "/?%E1%88%B4=bar",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
     NULL,
     NULL},
    {"get-unreserved",
     SUITE,
     "GET",
     SUITE_HOST,
     SPAN("/" UNRESERVED),
     {{{0}, {0}}},
     "/" UNRESERVED,
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
     NULL,
     NULL},
    {"post-vanilla",
     SUITE,
     "POST",
     SUITE_HOST,
     SPAN("/"),
     {{{0}, {0}}},
     "/",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
     NULL,
     NULL},
    {"post-vanilla-query",
     SUITE,
     "POST",
     SUITE_HOST,
     SPAN("/"),
     {PARAM("Param1", "value1")},
     "/?Param1=value1",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
     NULL,
     NULL},
    {"post-sts-header-before",
     SUITE,
     "POST",
     SUITE_HOST,
     SPAN("/"),
     {{{0}, {0}}},
     "/",
     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
     "AQoDYXdzEPT//////////"
     "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA"
     "x7mSEI/qkPpKPi/"
     "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNV"
     "XAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJ"
     "abIQwj2ICCR/oLxBA==",
     NULL},
};

/* Of "Signature calculations: transferring payload in a single chunk", Amazon S3 API reference. */
static const struct vector documented[] = {
    {"bucket lifecycle",
     DOC,
     "GET",
     DOC_HOST,
     SPAN("/"),
     {PARAM("lifecycle", "")},
     "/?lifecycle=",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
     NULL,
     NULL},
    {"list objects",
     DOC,
     "GET",
     DOC_HOST,
     SPAN("/"),
     {PARAM("max-keys", "2"), PARAM("prefix", "J")},
     "/?max-keys=2&prefix=J",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
     NULL,
     NULL},
};

/* What botocore 1.44.5 signs; key and secret as in the documentation. */
static const struct vector botocore[] = {
    {"record sets",
     "route53",
     "us-east-1",
     BOTO,
     "GET",
     "route53.amazonaws.com",
     SPAN("/2013-04-01/hostedzone/Z1234567890/rrset"),
     {PARAM("type", "TXT"), PARAM("name", "\\052.reyem.tech."), PARAM("maxitems", "100")},
     "/2013-04-01/hostedzone/Z1234567890/rrset?maxitems=100&name=%5C052.reyem.tech.&type=TXT",
     "f73bd7cdd3463d79094604121a259a514a50f4a75743696bfa95c464f8676152",
     NULL,
     NULL},
    {"session token",
     "route53",
     "us-east-1",
     BOTO,
     "GET",
     "route53.amazonaws.com",
     SPAN("/2013-04-01/hostedzonecount"),
     {{{0}, {0}}},
     "/2013-04-01/hostedzonecount",
     "544d8e748e9f4a4faafcde50116b909a702d006ee44fde5d598ee8d77f51d95b",
     "FwoGZXIvYXdzEXAMPLETOKEN==",
     NULL},
    {"path encoded twice",
     "route53",
     "us-east-1",
     BOTO,
     "GET",
     "route53.amazonaws.com",
     SPAN("/2013-04-01/tags/hosted zone/\xe1\x88\xb4:1"),
     {{{0}, {0}}},
     "/2013-04-01/tags/hosted%20zone/%E1%88%B4%3A1",
     "d3a8a76044c58a95bee3939c6431505d34345cca9ff069ed53f14c7a94b835e9",
     NULL,
     NULL},
    {"list, path style",
     "s3",
     "eu-central-1",
     BOTO,
     "GET",
     "s3.eu-central-1.amazonaws.com",
     SPAN("/reyem-db-backup"),
     {PARAM("list-type", "2"), PARAM("prefix", "db-pxc-db-2026-11-22-01:00:12-full/"),
      PARAM("delimiter", "/"), PARAM("max-keys", "100"), PARAM("continuation-token", "1/qP+AbC=="),
      PARAM("encoding-type", "url")},
     "/reyem-db-backup?continuation-token=1%2FqP%2BAbC%3D%3D&delimiter=%2F&encoding-type=url&"
     "list-type=2&max-keys=100&prefix=db-pxc-db-2026-11-22-01%3A00%3A12-full%2F",
     "c20ac9864975228f3c217446a3653b478bb159a2fdfc4cd1a48cdd97d293c2ae",
     NULL,
     NULL},
    {"route53 list hosted zones",
     "route53",
     "us-east-1",
     BOTO,
     "GET",
     "route53.amazonaws.com",
     SPAN("/2013-04-01/hostedzone"),
     {{{0}, {0}}},
     "/2013-04-01/hostedzone",
     "3f2b5c4ab20415177d40540442a2b6865e70b116c840e56fdcd4d43981aa973e",
     NULL,
     NULL},
    {"s3 ListObjectsV2 virtual-host style",
     "s3",
     "eu-central-1",
     BOTO,
     "GET",
     "reyem-db-backup.s3.eu-central-1.amazonaws.com",
     SPAN("/"),
     {PARAM("list-type", "2"), PARAM("prefix", "binlogs/")},
     "/?list-type=2&prefix=binlogs%2F",
     "418edb892379952703dbc7be71e8befb9ebc65f4d33493b5fc7ae9478d0529bd",
     NULL,
     NULL},
    {"s3 HEAD bucket",
     "s3",
     "eu-central-1",
     BOTO,
     "HEAD",
     "s3.eu-central-1.amazonaws.com",
     SPAN("/reyem-db-backup"),
     {{{0}, {0}}},
     "/reyem-db-backup",
     "2c3af42cd988a81268305908bff539fcd1e6a635e7a910825b59411a3aa26a0e",
     NULL,
     NULL},
    {"s3 GET object",
     "s3",
     "eu-central-1",
     BOTO,
     "GET",
     "s3.eu-central-1.amazonaws.com",
     SPAN("/reyem-db-backup/odd key/with space+plus&amp%\xc3"
          "\xbc"
          "mlaut.txt"),
     {{{0}, {0}}},
     "/reyem-db-backup/odd%20key/with%20space%2Bplus%26amp%25%C3%BCmlaut.txt",
     "efb936f3ed6327b196370e1c6251359fdb278fd00deb372c21f52f1db7426285",
     NULL,
     NULL},
    {"s3 on MinIO with port in Host",
     "s3",
     "us-east-1",
     BOTO,
     "GET",
     "127.0.0.1:19000",
     SPAN("/"),
     {{{0}, {0}}},
     "/",
     "bd2caa0559aea64da57153b1b1f3992648124a6c9b54cb6a21c05484cdc9b7a3",
     NULL,
     NULL},
};

static void check(const struct vector *v, const char *id, const char *secret)
{
    const struct sigv4_keys keys = {span_from(id), span_from(secret), span_from(v->token)};
    struct sigv4_scope scope = {v->service, v->region, 0};
    struct sigv4_request r = {.method = v->method,
                              .host = span_from(v->host),
                              .path = v->path,
                              .params = v->params,
                              .body = span_from(v->body)};
    struct sigv4_signed s;
    struct err err;
    const char *authorization = NULL;
    while (r.nparams < PARAMS && v->params[r.nparams].name.data)
        r.nparams++;
    assert_true(time_parse(span_from(v->date), &scope.wall_ms));
    assert_true(sigv4_sign(&keys, &scope, &r, &s, &err));
    if (strcmp(s.target, v->target) != 0)
        fail_msg("%s: %s", v->name, s.target);
    for (size_t i = 0; s.headers[i]; i++)
        authorization = s.headers[i];
    if (!strstr(authorization, v->signature))
        fail_msg("%s: %s", v->name, authorization);
    assert_null(strstr(authorization, secret));
    sigv4_wipe(&s);
}

static void as_the_test_suite_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(suite); i++)
        check(&suite[i], "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
}

static void as_documented(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(documented); i++)
        check(&documented[i], "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
}

static void as_botocore_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(botocore); i++)
        check(&botocore[i], "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
}

/* A key that was pasted with its line's end must not become a header of its own. */
static void what_is_no_key_is_refused(void **state)
{
    static const struct sigv4_keys bad[] = {
        {SPAN("AKID\r\nX-Evil: 1"), SPAN("secret"), {0}},
        {SPAN("AKID"), SPAN("sec ret"), {0}},
        {SPAN("AKID"), SPAN("secret"), SPAN("token\n")},
        {SPAN(""), SPAN("secret"), {0}},
        {SPAN("AKID"), SPAN(""), {0}},
    };
    const struct sigv4_scope scope = {"s3", "us-east-1", 0};
    const struct sigv4_request r = {.method = "GET", .host = SPAN("h"), .path = SPAN("/")};
    struct sigv4_signed s;
    struct err err;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(bad); i++) {
        assert_false(sigv4_sign(&bad[i], &scope, &r, &s, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_null(strstr(err.msg, "sec ret"));
        assert_null(s.target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_test_suite_signs),
        cmocka_unit_test(as_documented),
        cmocka_unit_test(as_botocore_signs),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
