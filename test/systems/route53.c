/* The Route 53 source against moto, and against a server that answers as Route 53 does when something
 * is wrong. (moto's own check of signatures refuses botocore's too, where there is a query: what is
 * signed here is held against botocore in test/systems/s3.) */
#include <config.h>

#include "test/systems/http_server.h"
#include "test/systems/moto_run.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <stdio.h>

#define NOW   INT64_C(1795000000000)
#define OWNER "reyem-tech-external-dns"
#define TXT(of) \
    "\\\"heritage=external-dns,external-dns/owner=" OWNER ",external-dns/resource=" of "\\\""

extern const struct backend backend_route53;

struct world {
    struct source_run source;
    bool running;
    struct moto *moto;
    char zone[64]; /* "/hostedzone/..." */
    struct server *server;
    const char *answer, *zones; /* zones: NULL: one */ /* of the server; NULL: throttled */
    int status;
    pthread_mutex_t lock; /* what follows */
    unsigned asked;
    int64_t asked_ms[64]; /* by the source's clock */
};

static void start_at(struct world *w, const char *origin, const char *more)
{
    char reach[128];
    (void)snprintf(reach, sizeof(reach), "reach=%s", origin);
    const char *const settings[] = {reach, more, NULL};
    source_start(&w->source, &backend_route53, settings, NOW);
    w->running = true;
    source_want(&w->source, "dns-zone", true);
    source_want(&w->source, "dns-record", true);
}

static bool is_listed(struct world *w)
{
    source_step(&w->source, 250); /* its pace is by this clock */
    return store_synced(w->source.store, source_kind_number(&w->source, "dns-zone")) &&
           store_synced(w->source.store, source_kind_number(&w->source, "dns-record"));
}

static void expect(struct world *w, const char *kind, const char *key, const char *column,
                   const char *text)
{
    const char *is = source_text(&w->source, kind, key, column);
    if (strcmp(is, text) != 0)
        fail_msg("%s of %s %s is %s, not %s", column, kind, key, is, text);
}

#define expect_record(w, key, column, text) expect(w, "dns-record", key, column, text)

/* ---- moto. */

static void put(struct world *w, const char *set)
{
    (void)moto_do(w->moto,
                  "{\"service\": \"route53\", \"call\": \"change_resource_record_sets\", \"args\": "
                  "{\"HostedZoneId\": \"%s\", \"ChangeBatch\": {\"Changes\": [{\"Action\": "
                  "\"CREATE\", \"ResourceRecordSet\": {%s}}]}}}",
                  w->zone, set);
}

static void put_value(struct world *w, const char *name, const char *type, const char *value)
{
    char set[1024];
    (void)snprintf(set, sizeof(set),
                   "\"Name\": \"%s\", \"Type\": \"%s\", \"TTL\": 300, \"ResourceRecords\": "
                   "[{\"Value\": \"%s\"}]",
                   name, type, value);
    put(w, set);
}

static void create_zone(struct world *w, const char *name, bool is_private)
{
    const char *answer = moto_do(
        w->moto,
        "{\"service\": \"route53\", \"call\": \"create_hosted_zone\", \"args\": {\"Name\": "
        "\"%s\", \"CallerReference\": \"%s-%d\", \"HostedZoneConfig\": {\"Comment\": \"of "
        "the platform\", \"PrivateZone\": %s}%s}}",
        name, name, is_private, is_private ? "true" : "false",
        is_private ? ", \"VPC\": {\"VPCRegion\": \"us-east-1\", \"VPCId\": \"vpc-1\"}" : "");
    moto_member(answer, "Id", w->zone, sizeof(w->zone));
}

static void fill(struct world *w)
{
    create_zone(w, "internal.reyem.tech", true);
    put_value(w, "db.internal.reyem.tech", "A", "10.0.0.7");
    create_zone(w, "reyem.tech", false);
    put_value(w, "lb.reyem.tech", "A", "203.0.113.10");
    put_value(w, "lb.reyem.tech", "TXT", TXT("service/traefik/traefik"));
    put_value(w, "a-lb.reyem.tech", "TXT", TXT("service/traefik/traefik"));
    put_value(w, "track.reyem.tech", "CNAME", "lb.reyem.tech");
    put_value(w, "cname-track.reyem.tech", "TXT", TXT("ingressroute/apps/track"));
    put_value(w, "mail.reyem.tech", "A", "203.0.113.11");
    put_value(w, "cname-gone.reyem.tech", "TXT", TXT("ingressroute/apps/gone"));
    put_value(w, "*.dev.reyem.tech", "A", "192.168.7.1");
    put_value(w, "a-*.dev.reyem.tech", "TXT", TXT("ingressroute/default/wildcard"));
    put(w, "\"Name\": \"www.reyem.tech\", \"Type\": \"A\", \"AliasTarget\": {\"HostedZoneId\": "
           "\"Z2FDTNDATAQYW2\", \"DNSName\": \"d111111abcdef8.cloudfront.net\", "
           "\"EvaluateTargetHealth\": true}");
    put_value(w, "cname-www.reyem.tech", "TXT", TXT("crd/apps/www"));
    put(w,
        "\"Name\": \"api.reyem.tech\", \"Type\": \"A\", \"SetIdentifier\": \"blue\", \"Weight\": "
        "10, \"TTL\": 60, \"ResourceRecords\": [{\"Value\": \"203.0.113.12\"}]");
    put(w,
        "\"Name\": \"api.reyem.tech\", \"Type\": \"A\", \"SetIdentifier\": \"green\", \"Weight\": "
        "0, \"TTL\": 60, \"ResourceRecords\": [{\"Value\": \"203.0.113.13\"}]");
}

static void zones_and_records(void **state)
{
    struct world *w = *state;
    start_at(w, w->moto->origin, NULL);
    source_until(&w->source, is_listed(w));
    expect(w, "dns-zone", "reyem.tech", "private", "false");
    expect(w, "dns-zone", "reyem.tech", "comment", "of the platform");
    expect(w, "dns-zone", "reyem.tech", "owned", "4");
    assert_non_null(
        strstr(source_text(&w->source, "dns-zone", "reyem.tech", "name-servers"), "ns-"));
    expect_record(w, "lb.reyem.tech/A", "values", "203.0.113.10");
    expect_record(w, "lb.reyem.tech/A", "ttl", "5m");
    expect_record(w, "track.reyem.tech/CNAME", "values", "lb.reyem.tech");
    expect_record(w, "api.reyem.tech/A/blue", "routing", "weighted 10");
    expect_record(w, "api.reyem.tech/A/blue", "weight", "10");
    expect_record(w, "www.reyem.tech/A", "alias", "d111111abcdef8.cloudfront.net");
    expect_record(w, "www.reyem.tech/A", "ttl", "-");
    expect_record(w, "www.reyem.tech/A", "alias-checked", "true");
    assert_string_equal(source_rule(&w->source, "dns-record", "api.reyem.tech/A/green"),
                        "dns-weight-zero");
}

static void who_has_made_them(void **state)
{
    struct world *w = *state;
    start_at(w, w->moto->origin, "zones=reyem.tech.");
    source_until(&w->source, is_listed(w));
    expect_record(w, "lb.reyem.tech/A", "owner", OWNER); /* both forms */
    expect_record(w, "lb.reyem.tech/TXT", "about", "lb.reyem.tech A");
    expect_record(w, "a-lb.reyem.tech/TXT", "about", "lb.reyem.tech A");
    expect_record(w, "track.reyem.tech/CNAME", "owner", OWNER); /* the new one alone */
    expect_record(w, "track.reyem.tech/CNAME", "resource", "ingressroute/apps/track");
    expect_record(w, "www.reyem.tech/A", "owner", OWNER); /* of an alias */
    expect_record(w, "*.dev.reyem.tech/A", "owner", OWNER);
    expect_record(w, "mail.reyem.tech/A", "owner", "-"); /* nobody's */
    assert_string_equal(source_rule(&w->source, "dns-record", "cname-gone.reyem.tech/TXT"),
                        "dns-orphan-txt");
    assert_string_equal(source_says(&w->source, "dns-record", "*.dev.reyem.tech/A"),
                        "192.168.7.1 is of a private network, and the zone is public");
    assert_false(source_has(&w->source, "dns-zone", "internal.reyem.tech"));
}

static void a_private_zone(void **state)
{
    struct world *w = *state;
    char key[128];
    start_at(w, w->moto->origin, NULL);
    source_until(&w->source, is_listed(w));
    struct handle row;
    uint32_t at = 0;
    key[0] = '\0';
    while (store_next(w->source.store, source_kind_number(&w->source, "dns-zone"), &at, &row)) {
        struct span name = store_key(w->source.store, row);
        if (span_starts(name, "internal.reyem.tech@"))
            (void)snprintf(key, sizeof(key), "db.internal.reyem.tech/A%.*s",
                           SPAN_ARG(span_sub(name, span_find(name, '@', 0), name.len)));
    }
    expect_record(w, key, "private", "true");
    assert_int_equal(source_level(&w->source, "dns-record", key), LEVEL_OK);
}

static void a_record_changes(void **state)
{
    struct world *w = *state;
    start_at(w, w->moto->origin, "zones=reyem.tech");
    source_until(&w->source, is_listed(w));
    put_value(w, "gone.reyem.tech", "CNAME", "lb.reyem.tech");
    source_refresh(&w->source);
    source_until(&w->source,
                 is_listed(w) && source_has(&w->source, "dns-record", "gone.reyem.tech/CNAME"));
    source_until(&w->source,
                 source_level(&w->source, "dns-record", "cname-gone.reyem.tech/TXT") == LEVEL_OK);
}

/* ---- A server of our own. */

#define ZONES                                                                               \
    "<?xml version=\"1.0\"?><ListHostedZonesResponse "                                      \
    "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><HostedZones><HostedZone><Id>" \
    "/hostedzone/Z1234567890</Id><Name>reyem.tech.</Name></HostedZone></HostedZones>"       \
    "<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"
#define RECORDS(sets, rest)                                                             \
    "<?xml version=\"1.0\"?><ListResourceRecordSetsResponse "                           \
    "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ResourceRecordSets>" sets \
    "</ResourceRecordSets>" rest "</ListResourceRecordSetsResponse>"
#define SET(name, type, value)                                                    \
    "<ResourceRecordSet><Name>" name "</Name><Type>" type "</Type><TTL>300</TTL>" \
    "<ResourceRecords><ResourceRecord><Value>" value                              \
    "</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"
#define THROTTLED                                                                        \
    "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/" \
    "2013-04-01/\"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate "      \
    "exceeded</Message></Error><RequestId>b25f48e8</RequestId></ErrorResponse>"

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    (void)pthread_mutex_lock(&w->lock);
    if (w->asked < BN_COUNT(w->asked_ms))
        w->asked_ms[w->asked] = clock_mono_ms(w->source.clock);
    w->asked++;
    const char *answer = w->answer, *zone_list = w->zones ? w->zones : ZONES;
    int status = w->status;
    (void)pthread_mutex_unlock(&w->lock);
    bool zones = strncmp(request, "GET /2013-04-01/hostedzone?", 27) == 0;
    bool second = strstr(request, "&name=b.reyem.tech.&type=A ") != NULL;
    if (second) /* the second page */
        answer =
            RECORDS(SET("b.reyem.tech.", "A", "203.0.113.2"), "<IsTruncated>false</IsTruncated>");
    if (status == 200 && zones)
        answer = zone_list;
    conn_answer(c, status, "Content-Type: text/xml\r\n", span_from(answer));
}

static void say(struct world *w, int status, const char *answer)
{
    (void)pthread_mutex_lock(&w->lock);
    w->status = status;
    w->answer = answer;
    (void)pthread_mutex_unlock(&w->lock);
}

static void names_as_route_53_writes_them(void **state)
{
    struct world *w = *state;
    say(w, 200,
        RECORDS(SET("\\052.Reyem.tech.", "A", "203.0.113.10") SET(
                    "cname-\\052.dev.reyem.tech.", "TXT",
                    "\"heritage=external-dns,external-dns/owner=o,external-dns/resource=crd/a/b\"")
                    SET("\\052.dev.reyem.tech.", "CNAME", "lb.reyem.tech.")
                        SET("a\\056b\\134c\\344.reyem.tech.", "A", "203.0.113.11"),
                "<IsTruncated>false</IsTruncated>"));
    start_at(w, server_origin(w->server), NULL);
    source_until(&w->source, is_listed(w));
    expect_record(w, "*.reyem.tech/A", "values", "203.0.113.10");
    expect_record(w, "*.dev.reyem.tech/CNAME", "owner", "o");
    /* A dot in a label, a backslash and what is no ASCII stay as they are written. */
    expect_record(w, "a\\056b\\134c\\344.reyem.tech/A", "values", "203.0.113.11");
}

static unsigned asked_so_far(struct world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    unsigned asked = w->asked;
    (void)pthread_mutex_unlock(&w->lock);
    return asked;
}

static void at_most_a_request_a_second(void **state)
{
    struct world *w = *state;
    say(w, 200,
        RECORDS(SET("a.reyem.tech.", "A", "203.0.113.1"),
                "<IsTruncated>true</IsTruncated><NextRecordName>b.reyem.tech.</NextRecordName>"
                "<NextRecordType>A</NextRecordType>"));
    start_at(w, server_origin(w->server), NULL);
    int64_t began_ms = clock_mono_ms(w->source.clock);
    for (int i = 0; i < 3; i++) {
        source_until(&w->source, is_listed(w));
        source_refresh(&w->source);
        source_until(&w->source, is_listed(w) && asked_so_far(w) >= (unsigned)(i + 1) * 3);
    }
    expect_record(w, "b.reyem.tech/A", "values", "203.0.113.2"); /* the second page came */
    (void)pthread_mutex_lock(&w->lock);
    assert_true(w->asked >= 9);
    for (unsigned i = 1; i < w->asked && i < BN_COUNT(w->asked_ms); i++)
        assert_true(w->asked_ms[i] - began_ms >= (int64_t)i * 1000);
    (void)pthread_mutex_unlock(&w->lock);
}

#define ZONE(id, name) "<HostedZone><Id>/hostedzone/" id "</Id><Name>" name "</Name></HostedZone>"
#define ZONES_OF(zones)                                                           \
    "<?xml version=\"1.0\"?><ListHostedZonesResponse "                            \
    "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><HostedZones>" zones \
    "</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"

static void say_zones(struct world *w, const char *zones)
{
    (void)pthread_mutex_lock(&w->lock);
    w->zones = zones;
    (void)pthread_mutex_unlock(&w->lock);
    source_refresh(&w->source);
}

/* What is wrong with a zone, and with a record in it; and is not any more. */
static void zones_that_are_in_the_way(void **state)
{
    struct world *w = *state;
    say(w, 200, RECORDS(SET("lan.reyem.tech.", "A", "10.1.2.3"), ""));
    start_at(w, server_origin(w->server), NULL);
    source_until(&w->source, is_listed(w));
    source_judged(&w->source, "dns-record", "lan.reyem.tech/A", LEVEL_NOTICE, "dns-private-address",
                  "10.1.2.3 is of a private network, and the zone is public");
    source_judged(&w->source, "dns-zone", "reyem.tech", LEVEL_OK, "", "");
    say(w, 200, RECORDS(SET("lan.reyem.tech.", "A", "203.0.113.3"), ""));
    say_zones(w, ZONES_OF(ZONE("Z1234567890", "reyem.tech.") ZONE("Z777", "reyem.tech.")));
    source_until(&w->source, is_listed(w) && source_has(&w->source, "dns-zone", "reyem.tech@Z777"));
    source_judged(&w->source, "dns-zone", "reyem.tech@Z1234567890", LEVEL_WARNING, "dns-zone-twin",
                  "another public zone is called reyem.tech too, only one is delegated to");
    say_zones(w, ZONES);
    source_until(&w->source,
                 is_listed(w) && source_has(&w->source, "dns-zone", "reyem.tech") &&
                     source_level(&w->source, "dns-zone", "reyem.tech") == LEVEL_OK &&
                     source_level(&w->source, "dns-record", "lan.reyem.tech/A") == LEVEL_OK);
}

static void throttled_and_well_again(void **state)
{
    struct world *w = *state;
    const struct source_report *r;
    say(w, 200, RECORDS(SET("a.reyem.tech.", "A", "203.0.113.1"), ""));
    start_at(w, server_origin(w->server), NULL);
    source_until(&w->source, is_listed(w));
    say(w, 400, THROTTLED);
    source_refresh(&w->source);
    r = source_kind_report(&w->source, "dns-record");
    source_until(&w->source,
                 is_listed(w) &&
                     (r = source_kind_report(&w->source, "dns-record"))->state == SOURCE_FAILING);
    assert_int_equal(r->why.kind, ERR_BUSY);
    assert_non_null(strstr(r->why.msg, "too many requests of this account (Throttling)"));
    expect_record(w, "a.reyem.tech/A", "values", "203.0.113.1"); /* what was known stays */
    say(w, 200, RECORDS(SET("a.reyem.tech.", "A", "203.0.113.3"), ""));
    source_step(&w->source, INT64_C(400000));
    source_until(&w->source, is_listed(w) && source_kind_report(&w->source, "dns-record")->state ==
                                                 SOURCE_FRESH);
    expect_record(w, "a.reyem.tech/A", "values", "203.0.113.3");
}

static void rights_that_are_missing(void **state)
{
    struct world *w = *state;
    const struct source_report *r;
    say(w, 403,
        "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/"
        "2013-04-01/\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: "
        "arn:aws:iam::123456789012:user/ops is not authorized to perform: "
        "route53:ListHostedZones</Message></Error></ErrorResponse>");
    start_at(w, server_origin(w->server), NULL);
    source_until(&w->source,
                 (r = source_kind_report(&w->source, "dns-record"))->state == SOURCE_DENIED);
    assert_non_null(strstr(r->why.msg, "the key is good, but it may not do this (AccessDenied): "
                                       "User: arn:aws:iam::123456789012:user/ops is not"));
}

static void answers_that_are_none(void **state)
{
    static const struct {
        const char *body, *words;
    } cases[] = {
        {RECORDS("", "<IsTruncated>true</IsTruncated>"), "without end"},
        {RECORDS("", "<IsTruncated>true</IsTruncated><NextRecordName>a.</NextRecordName>"),
         "without end"},
        {"<ListResourceRecordSetsResponse><ResourceRecordSets><Resour", "is no XML"},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type"},
        {"<html></html>", "<html> where <ListResourceRecordSetsResponse> was expected"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        say(w, 200, cases[i].body);
        start_at(w, server_origin(w->server), NULL);
        const struct source_report *r;
        do {
            source_turn(&w->source, clock_machine_ms() + SOURCE_PATIENCE_MS, "the condition");
            source_step(&w->source, 250);
            r = source_kind_report(&w->source, "dns-record");
        } while (r->state != SOURCE_FAILING);
        if (!strstr(r->why.msg, cases[i].words))
            fail_msg("\"%s\" does not say \"%s\"", r->why.msg, cases[i].words);
        assert_int_equal(r->why.kind, ERR_PROTO);
        source_stop(&w->source);
        w->running = false;
    }
}

/* ---- */

static struct moto moto;

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
    w->server = server_start(&o);
    *state = w;
    return w->server ? 0 : -1;
}

static int setup_moto(void **state)
{
    if (setup(state) != 0)
        return -1;
    struct world *w = *state;
    w->moto = &moto;
    (void)moto_do(&moto, "{\"reset\": true}");
    fill(w);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (w->running)
        source_stop(&w->source);
    server_stop(w->server);
    (void)pthread_mutex_destroy(&w->lock);
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
        cmocka_unit_test_setup_teardown(names_as_route_53_writes_them, setup, teardown),
        cmocka_unit_test_setup_teardown(at_most_a_request_a_second, setup, teardown),
        cmocka_unit_test_setup_teardown(throttled_and_well_again, setup, teardown),
        cmocka_unit_test_setup_teardown(zones_that_are_in_the_way, setup, teardown),
        cmocka_unit_test_setup_teardown(rights_that_are_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(zones_and_records, setup_moto, teardown),
        cmocka_unit_test_setup_teardown(who_has_made_them, setup_moto, teardown),
        cmocka_unit_test_setup_teardown(a_private_zone, setup_moto, teardown),
        cmocka_unit_test_setup_teardown(a_record_changes, setup_moto, teardown),
    };
    if (!moto_start(&moto)) {
        puts("1..0 # SKIP no moto: python3-venv and PyPI are needed");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, stop_moto);
}
