/* external-dns: its figures as version 0.14 gives them, what is made of them, where it is found. */
#include <config.h>

#include "backends/externaldns/externaldns.h"

#include "backends/discovery.h"
#include "backends/route53/route53.h"
#include "base/alloc.h"
#include "test/unit/kube_test.h"

#define NOW  INT64_C(1772000000000)
#define MIN  INT64_C(60000)
#define HOUR (60 * MIN)

extern const struct backend backend_externaldns, backend_route53;

static void figures_are_read(void **state)
{
    static const char text[] =
        "# HELP external_dns_registry_errors_total Number of Registry errors.\n"
        "# TYPE external_dns_registry_errors_total counter\n"
        "external_dns_registry_errors_total 3\n"
        "external_dns_source_errors_total NaN\n"
        "external_dns_controller_last_sync_timestamp_seconds 1.7719999e+09\n"
        "external_dns_controller_last_reconcile_timestamp_seconds 0\n"
        "external_dns_source_endpoints_total -4\n"
        "external_dns_registry_endpoints_total 1e300\n"
        "process_start_time_seconds 1.7719e+09\n";
    struct externaldns_figures f;
    struct err err;
    (void)state;
    assert_true(externaldns_read(span_from(text), &f, &err));
    assert_int_equal(f.registry_errors, 3);
    assert_int_equal(f.sync_ms, INT64_C(1771999900000));
    assert_int_equal(f.started_ms, INT64_C(1771900000000));
    assert_int_equal(f.tried_ms, -1); /* 0: it has not */
    assert_int_equal(f.source_errors, -1);
    assert_int_equal(f.source_endpoints, -1);
    assert_int_equal(f.registry_endpoints, -1);
    assert_false(externaldns_read(SPAN("traefik_config_reloads_total 5\n"), &f, &err));
    assert_non_null(strstr(err.msg, "no figures of external-dns"));
    assert_false(externaldns_read(SPAN("<html>"), &f, &err));
}

struct judged {
    struct externaldns_figures f;
    int64_t every_ms, source_rose_ms, registry_rose_ms;
    bool dry, unseen;
    enum level level;
    const char *rule, *says;
};

static void check(const struct judged *j)
{
    static const struct kind *const all[] = {&kind_external_dns};
    const struct kind_list kinds = {all, 1};
    struct store *st = store_new(&kinds);
    struct strbuf says = STRBUF_INIT(4096);
    struct row_writer w;
    struct handle row;
    const struct externaldns_told told = {.name = "it",
                                          .read_ms = NOW,
                                          .every_ms = j->every_ms,
                                          .dry = j->dry,
                                          .source_rose_ms = j->source_rose_ms,
                                          .registry_rose_ms = j->registry_rose_ms};
    (void)store_add_source(st, "it", "externaldns", "test", SOURCE_NONE);
    row_writer_init(&w, &kind_external_dns, 65536);
    assert_true(externaldns_put(&told, j->unseen ? NULL : &j->f, &w));
    kube_apply(st, row_writer_take(&w, 0, 0), NOW);
    row_writer_clear(&w);
    while (store_turn(st, NOW, 1000000))
        ;
    assert_true(store_find(st, 0, 0, SPAN("it"), &row));
    struct verdict v = store_verdict(st, row);
    store_says(st, row, NOW, &says);
    if (v.level != j->level || strcmp(strbuf_cstr(&says), j->says) != 0 ||
        (j->rule && strcmp(kind_external_dns.rules[v.rule].id, j->rule) != 0))
        fail_msg("expected %s: %s; it is level %d: %s", j->rule ? j->rule : "ok", j->says, v.level,
                 strbuf_cstr(&says));
    assert_int_equal(v.until_ms, TIME_FOREVER); /* it is judged by when it was read */
    strbuf_clear(&says);
    store_free(st);
}

static const struct judged cases[] = {
    {{NOW - HOUR, NOW - MIN, NOW - MIN, 2, 3, 22, 67},
     MIN,
     TIME_NONE,
     TIME_NONE,
     false,
     false,
     LEVEL_OK,
     NULL,
     ""},
    {{NOW - HOUR, NOW - 6 * MIN, NOW - MIN, 0, 15, 22, 67},
     MIN,
     TIME_NONE,
     NOW - 2 * MIN,
     false,
     false,
     LEVEL_WARNING,
     "external-dns-stale",
     "last synced 6m ago, every 1m is asked for, last tried 1m ago; its provider refuses, "
     "errors with the zone grow; 15 errors with the zone, 0 with objects since it started"},
    {{NOW - 9 * HOUR, NOW - 2 * HOUR, -1, 7, 0, 22, 67},
     MIN,
     NOW - MIN,
     TIME_NONE,
     false,
     false,
     LEVEL_CRITICAL,
     "external-dns-stale",
     "last synced 2h ago, every 1m is asked for; errors with the cluster's objects grow; "
     "0 errors with the zone, 7 with objects since it started"},
    /* its interval is long: three of them */
    {{NOW - HOUR, NOW - 50 * MIN, -1, 0, 0, 22, 67},
     20 * MIN,
     TIME_NONE,
     TIME_NONE,
     false,
     false,
     LEVEL_OK,
     NULL,
     ""},
    {{NOW - 10 * MIN, -1, NOW - MIN, 0, 4, 22},
     MIN,
     TIME_NONE,
     TIME_NONE,
     false,
     false,
     LEVEL_WARNING,
     "external-dns-never",
     "has not synced since it started 10m ago, last tried 1m ago; 4 errors with the zone, 0 "
     "with objects since it started"},
    {{NOW - MIN, -1, -1, 0, 0, 22}, MIN, TIME_NONE, TIME_NONE, false, false, LEVEL_OK, NULL, ""},
    {{NOW - HOUR, NOW - MIN, NOW - MIN, 0, 5, 22, 67},
     MIN,
     TIME_NONE,
     NOW - 9 * MIN,
     false,
     false,
     LEVEL_WARNING,
     "external-dns-registry",
     "errors with the zone grow: 5 since it started, the last seen 9m ago"},
    {{NOW - HOUR, NOW - MIN, NOW - MIN, 6, 5, 22, 67},
     MIN,
     NOW - MIN,
     NOW - 11 * MIN,
     false,
     false,
     LEVEL_WARNING,
     "external-dns-source",
     "errors with the cluster's objects grow: 6 since it started, the last seen 1m ago"},
    {{NOW - HOUR, NOW - MIN, NOW - MIN, 0, 0, 22, 67},
     MIN,
     TIME_NONE,
     TIME_NONE,
     true,
     false,
     LEVEL_NOTICE,
     "external-dns-dry-run",
     "--dry-run: it changes nothing"},
    {{0},
     MIN,
     TIME_NONE,
     TIME_NONE,
     false,
     true,
     LEVEL_UNKNOWN,
     "external-dns-unseen",
     "its figures are not reached: whether it syncs is not known"},
};

static void syncs_and_errors_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        check(&cases[i]);
}

#define POD(more)                                                                              \
    "spec: {replicas: 1, template: {spec: {containers: [{name: x, image: nginx}, {name: dns, " \
    "image: 'registry.k8s.io/external-dns/external-dns:v0.15.0', " more "}]}}}}"

static void is_found(const struct discovery *d, size_t i, const char *name, bool whole,
                     const char *const *settings)
{
    const struct finding *f = &d->findings[i];
    assert_string_equal(f->name, name);
    assert_int_equal(f->missing == NULL, whole);
    for (size_t n = 0; settings[n] || f->settings[n]; n++) {
        assert_non_null(settings[n]);
        assert_non_null(f->settings[n]);
        assert_string_equal(f->settings[n], settings[n]);
    }
}

static void it_is_found_by_its_image(void **state)
{
    static const char *const with_service[] = {"workload=dns/Deployment/main",
                                               "reach=proxy:dns/main:7979",
                                               "policy=upsert-only",
                                               "owner=us",
                                               "domains=a.example,b.example",
                                               "sources=service,ingress",
                                               "registry=txt",
                                               "interval=2m",
                                               "dry_run=true",
                                               NULL};
    static const char *const without[] = {"workload=x/Deployment/other", "policy=sync",
                                          "owner=default", "registry=txt", NULL};
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)state;
    (void)kube_put(st, "workload", 0,
                   "{metadata: {name: main, namespace: dns}, " POD(
                       "args: ['--policy=upsert-only', '--txt-owner-id', us, "
                       "'--domain-filter=a.example', '--domain-filter=b.example', "
                       "'--source=service', '--source', ingress, '--interval=2m', '--dry-run', "
                       "'--rfc2136-tsig-secret=hidden', '--pdns-api-key', 'hidden too']"),
                   0);
    (void)kube_put(st, "service", 0,
                   "{metadata: {name: main, namespace: dns}, spec: {ports: [{name: http, port: "
                   "7979}]}}",
                   0);
    (void)kube_put(st, "workload", 0, "{metadata: {name: other, namespace: x}, " POD("args: []"),
                   0);
    (void)kube_put(st, "workload", 0,
                   "{metadata: {name: webhook, namespace: x}, spec: {replicas: 1, template: {spec: "
                   "{containers: [{name: x, image: 'ghcr.io/x/external-dns-webhook:1'}]}}}}",
                   0);
    backend_externaldns.discover(st, &d);
    assert_int_equal(d.count, 2);
    size_t first = strcmp(d.findings[0].name, "dns/main") == 0 ? 0 : 1;
    is_found(&d, first, "dns/main", true, with_service);
    is_found(&d, 1 - first, "x/other", false, without);
    discovery_done(&d);
    store_free(st);
}

/* A zone holds 10,000 record sets, and external-dns's register takes as many again. */
static void a_zone_fills_up(void **state)
{
    static const struct kind *const all[] = {&kind_dns_zone};
    static const size_t counts[] = {9000, 9001, 12};
    const struct kind_list kinds = {all, 1};
    struct r53_record *records = xalloc_zero(9001, sizeof(*records));
    struct r53_zone zone = {.id = SPAN("Z1234567890"), .name = SPAN("reyem.tech"), .r = records};
    struct store *st = store_new(&kinds);
    struct strbuf says = STRBUF_INIT(4096);
    struct row_writer w;
    struct handle row;
    (void)state;
    (void)store_add_source(st, "it", "route53", "test", SOURCE_NONE);
    for (size_t i = 0; i < 9001; i++)
        records[i].name = records[i].type = records[i].values = SPAN("");
    for (size_t i = 0; i < BN_COUNT(counts); i++) {
        zone.n = counts[i];
        row_writer_init(&w, &kind_dns_zone, 65536);
        assert_true(r53_zone_row(&w, &zone, false));
        kube_apply(st, row_writer_take(&w, 0, 0), NOW);
        row_writer_clear(&w);
        while (store_turn(st, NOW, 1000000))
            ;
        assert_true(store_find(st, 0, 0, SPAN("reyem.tech"), &row));
        struct verdict v = store_verdict(st, row);
        assert_int_equal(v.level, counts[i] > 9000 ? LEVEL_WARNING : LEVEL_OK);
        if (v.level == LEVEL_OK)
            continue;
        store_says(st, row, NOW, &says);
        assert_string_equal(kind_dns_zone.rules[v.rule].id, "dns-zone-full");
        assert_string_equal(strbuf_cstr(&says), "9001 of 10000 record sets");
    }
    strbuf_clear(&says);
    free(records);
    store_free(st);
}

/* As external-dns names them [external-dns registry/txt.go, affixNameMapper]. */
static void owners_are_found_by_their_names(void **state)
{
#define OWNED "\"heritage=external-dns,external-dns/owner=us,external-dns/resource=ingress/x/y\""

    static const struct {
        const char *prefix, *suffix, *wildcard, *name, *txt;
    } forms[] = {
        {"", "", "", "a.example.org", "a-a.example.org"},
        {"", "", "", "a.example.org", "a.example.org"},
        {"reg-", "", "", "a.example.org", "reg-a-a.example.org"},
        {"reg-", "", "", "a.example.org", "reg-a.example.org"},
        {"_%{record_type}.", "", "", "a.example.org", "_a.a.example.org"},
        {"", "-reg", "", "a.example.org", "a-a-reg.example.org"},
        {"", "-reg", "", "a.example.org", "a-reg.example.org"},
        {"", "-%{record_type}", "", "a.example.org", "a-a.example.org"},
        {"", "-reg", "any", "*.example.org", "a-any-reg.example.org"},
        {"", "", "", "*.example.org", "a-*.example.org"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(forms); i++) {
        struct r53_record records[] = {
            {.name = span_from(forms[i].name), .type = SPAN("A"), .weight = -1},
            {.name = span_from(forms[i].txt), .type = SPAN("TXT"), .values = SPAN(OWNED)},
        };
        struct r53_zone zone = {.arena = arena_new(65536), .r = records, .n = BN_COUNT(records)};
        const struct r53_register how = {span_from(forms[i].prefix), span_from(forms[i].suffix),
                                         span_from(forms[i].wildcard)};
        r53_register_join(&zone, &how);
        if (!span_is(records[0].owner, "us") || records[1].orphan)
            fail_msg("%s is not that of %s", forms[i].txt, forms[i].name);
        arena_free(zone.arena);
    }
}

/* Those that are kept at AWS, with external-dns's own keys; nothing is asked without a word. */
static void zones_at_aws_are_found_beside_it(void **state)
{
    static const char *const settings[] = {"txt_prefix=_%{record_type}.",
                                           "txt_suffix=-reg",
                                           "access_key=secret:dns/aws-keys/AWS_ACCESS_KEY_ID",
                                           "secret_key=secret:dns/aws-keys/AWS_SECRET_ACCESS_KEY",
                                           "ask=false",
                                           NULL};
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)state;
    (void)kube_put(
        st, "workload", 0,
        "{metadata: {name: main, namespace: dns}, " POD(
            "args: ['--provider=aws', '--txt-prefix=_%{record_type}.', '--txt-suffix', '-reg'], envFrom: "
            "[{configMapRef: {name: x}}, {secretRef: {name: aws-keys}}]"),
        0);
    (void)kube_put(st, "workload", 0,
                   "{metadata: {name: other, namespace: x}, " POD("args: ['--provider=google']"),
                   0);
    backend_route53.discover(st, &d);
    assert_int_equal(d.count, 1);
    is_found(&d, 0, "route53", false, settings);
    assert_string_equal(d.findings[0].unless, "ask");
    discovery_done(&d);
    (void)kube_put(st, "workload", 0,
                   "{metadata: {name: second, namespace: y}, " POD("args: ['--provider=aws']"), 0);
    backend_route53.discover(st, &d);
    assert_int_equal(d.count, 2);
    for (size_t i = 0; i < 2; i++) { /* together they ask once a second */
        size_t n = 0;
        while (d.findings[i].settings[n] && strcmp(d.findings[i].settings[n], "pace=2000") != 0)
            n++;
        assert_non_null(d.findings[i].settings[n]);
    }
    discovery_done(&d);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_read),
        cmocka_unit_test(syncs_and_errors_are_judged),
        cmocka_unit_test(it_is_found_by_its_image),
        cmocka_unit_test(a_zone_fills_up),
        cmocka_unit_test(owners_are_found_by_their_names),
        cmocka_unit_test(zones_at_aws_are_found_beside_it),
    };
    return cmocka_run_group_tests_name("externaldns", tests, NULL, NULL);
}
