/* DNS as it is wanted and as it is answered, against NSD; and against a name server that lies. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/route53/route53.h"
#include "net/dns.h"
#include "test/systems/dns_server.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_test.h"

extern const struct backend backend_dns;

/* ---- Which names: what discover() says of rows. */

static void expect_targets(struct store *st, const char *text)
{
    struct discovery d = {0};
    backend_dns.discover(st, &d);
    assert_int_equal(d.count, text[0] ? 1 : 0);
    if (d.count)
        assert_string_equal(d.findings[0].targets, text);
    discovery_done(&d);
    store_free(st);
}

static void names_are_those_that_objects_want(void **state)
{
    struct store *st = kube_store();
    (void)state;
    (void)kube_put(st, "service", 0,
                   "{metadata: {name: traefik, namespace: traefik, labels: "
                   "{app.kubernetes.io/name: traefik}, annotations: "
                   "{external-dns.alpha.kubernetes.io/hostname: '*.example.org, lb.example.org'}}, "
                   "spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{ip: "
                   "203.0.113.10}]}}}",
                   0);
    (void)kube_put(st, "ingressroute", 0,
                   "{metadata: {name: web, namespace: shop, annotations: "
                   "{external-dns.alpha.kubernetes.io/target: 203.0.113.20}}, spec: {routes: "
                   "[{match: 'Host(`Shop.example.org`)'}]}}",
                   0);
    (void)kube_put(st, "ingressroute", 0,
                   "{metadata: {name: quiet, namespace: shop}, spec: {routes: [{match: "
                   "'Host(`quiet.example.org`) || Host(`10.0.0.1`)'}]}}",
                   0);
    (void)kube_put(st, "ingress", 0,
                   "{metadata: {name: old, namespace: shop}, spec: {rules: [{host: "
                   "shop.example.org}]}, status: {loadBalancer: {ingress: [{hostname: "
                   "lb.example.org}]}}}",
                   0);
    (void)kube_put(st, "dnsendpoint", 0,
                   "{metadata: {name: mail, namespace: traefik}, spec: {endpoints: [{dnsName: "
                   "example.org, recordType: TXT, targets: ['v=spf1 -all']}, {dnsName: "
                   "office.example.org, recordType: A, targets: [198.51.100.41, 198.51.100.40]}, "
                   "{dnsName: office.example.org, recordType: AAAA, targets: "
                   "['2001:0DB8:0::10']}]}}",
                   0);
    expect_targets(
        st,
        "*.example.org\tservice:traefik/traefik\t203.0.113.10\tdeclared\t\n"
        "lb.example.org\tservice:traefik/traefik\t203.0.113.10\tdeclared\t\n"
        "office.example.org\tdnsendpoint:traefik/mail\t198.51.100.40,198.51.100.41,2001:db8::10\t"
        "declared\t\n"
        "quiet.example.org\tingressroute:shop/quiet\t203.0.113.10\tassumed\t\n"
        "shop.example.org\tingress:shop/old,ingressroute:shop/web\tlb.example.org\tdeclared\t"
        "conflict\n");
}

static void nothing_wanted_nothing_asked(void **state)
{
    (void)state;
    expect_targets(kube_store(), "");
}

/* ---- What zones hold, beside that. */

/* A store with the kinds of the cluster, at the numbers that they have there, and those of Route 53,
 * which is its second source. */
static struct store *store_with_zones(void)
{
    static const struct kind *const kinds[] = {&kind_dns_zone, &kind_dns_record, NULL};
    return kube_store_beside("route53", "route53", SOURCE_NONE, kinds);
}

#define HELD(of, sort, is, by, for_what)                                             \
    {                                                                                \
        .name = SPAN(of), .type = SPAN(sort), .values = SPAN(is), .owner = SPAN(by), \
        .resource = SPAN(for_what), .ttl_s = 300, .weight = -1                       \
    }

static void put_zone(struct store *st)
{
    const struct r53_record records[] = {
        HELD("*.example.org", "A", "203.0.113.10", "us", "service/traefik/traefik"),
        HELD("kept.example.org", "A", "203.0.113.10", "us", "ingressroute/shop/kept"),
        HELD("kept.example.org", "AAAA", "2001:DB8::10", "us", "ingressroute/shop/kept"),
        HELD("alias.example.org", "CNAME", "LB.example.net.", "them", "ingress/x/y"),
        HELD("old.example.org", "A", "203.0.113.10", "us", "ingressroute/shop/old"),
        HELD("deep.below.example.org", "A", "203.0.113.10", "", ""),
        HELD("sub.example.org", "NS", "ns1.example.net", "", ""),
        HELD("gate.example.org", "A", "203.0.113.10", "us", "httproute/shop/gate"),
        HELD("hand.example.org", "A", "203.0.113.10", "", ""),
        HELD("mail.example.org", "MX", "10 mx.example.org", "us", "crd/shop/mail"),
    };
    struct r53_zone zone = {.id = SPAN("Z1"), .name = SPAN("example.org"), .count = -1};
    uint16_t number = (uint16_t)kind_find(store_kinds(st), SPAN("dns-zone"));
    struct row_writer w;
    row_writer_init(&w, &kind_dns_zone, KUBE_JSON_MAX);
    assert_true(r53_zone_row(&w, &zone, false));
    kube_apply(st, row_writer_take(&w, 1, number), 0);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_dns_record, KUBE_JSON_MAX);
    for (size_t i = 0; i < BN_COUNT(records); i++)
        assert_true(r53_record_row(&w, &zone, false, &records[i]));
    kube_apply(st, row_writer_take(&w, 1, (uint16_t)(number + 1)), 0);
    row_writer_clear(&w);
}

static void put_cluster(struct store *st)
{
    static const char *const hosts[] = {"kept", "alias", "none", "deep.er", "x.below", "x.sub"};
    static const char *const kinds[] = {"ingressroute", "ingressroutetcp", "ingress",
                                        "service",      "dnsendpoint",     "workload"};
    (void)kube_put(st, "workload", 0,
                   "{metadata: {name: external-dns, namespace: traefik}, spec: {replicas: 1, "
                   "template: {spec: {containers: [{name: external-dns, image: "
                   "'docker.io/bitnami/external-dns:0.14.0', args: ['--policy=sync', "
                   "'--txt-owner-id', us, '--pdns-api-key=hidden']}]}}}}",
                   0);
    for (size_t i = 0; i < BN_COUNT(hosts); i++) {
        char yaml[300];
        (void)snprintf(yaml, sizeof(yaml),
                       "{metadata: {name: '%s', namespace: shop}, spec: {routes: [{match: "
                       "'Host(`%s.example.org`)'}]}}",
                       hosts[i], hosts[i]);
        (void)kube_put(st, "ingressroute", 0, yaml, 0);
    }
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        kube_synced(st, kinds[i], 0);
    while (store_turn(st, 0, 1000000))
        ;
}

static void what_zones_hold_stands_beside_what_is_wanted(void **state)
{
    struct store *st = store_with_zones();
    (void)state;
    put_cluster(st);
    put_zone(st);
    expect_targets(
        st,
        "alias.example.org\tingressroute:shop/alias\t\tassumed\t\fstored\tlb.example.net\tthem\t"
        "ingress/x/y\talias.example.org/CNAME\tus\t\n"
        "deep.er.example.org\tingressroute:shop/deep.er\t\tassumed\t\fwildcard\t203.0.113.10\t\t\t"
        "*.example.org/A\tus\tsync\n"
        "kept.example.org\tingressroute:shop/kept\t\tassumed\t\fstored\t203.0.113.10,2001:db8::10"
        "\tus\tingressroute/shop/kept\tkept.example.org/A,kept.example.org/AAAA\tus\tsync\n"
        "none.example.org\tingressroute:shop/none\t\tassumed\t\fwildcard\t203.0.113.10\t\t\t"
        "*.example.org/A\tus\tsync\n"
        "x.below.example.org\tingressroute:shop/x.below\t\tassumed\t\fabsent\t\t\t\t\tus\tsync\n"
        "x.sub.example.org\tingressroute:shop/x.sub\t\tassumed\t\f\t\t\t\t\tus\tsync\n"
        "*.example.org\t\t\tunwanted\t\fstored\t203.0.113.10\tus\tservice/traefik/traefik\t"
        "*.example.org/A\tus\tsync\n"
        "old.example.org\t\t\tunwanted\t\fstored\t203.0.113.10\tus\tingressroute/shop/old\t"
        "old.example.org/A\tus\tsync\n");
}

/* Who may not see all routes does not know what nothing wants. */
static void nothing_is_unwanted_while_a_kind_is_not_seen(void **state)
{
    struct store *st = store_with_zones();
    struct discovery d = {0};
    (void)state;
    put_cluster(st);
    put_zone(st);
    struct message *m = message_new(MESSAGE_SYNC_BEGIN, 0, kube_number("ingress"));
    kube_apply(st, m, 0);
    backend_dns.discover(st, &d);
    assert_null(strstr(d.findings[0].targets, "unwanted"));
    assert_null(strstr(d.findings[0].targets, "hidden"));
    discovery_done(&d);
    store_free(st);
}

/* ---- A source that asks. */

/* The resolver is at one port, the zone's two name servers at others. */
static void start_patient(struct source_run *r, int resolver, int ns1, int ns2, const char *targets,
                          const char *timeout)
{
    char to_resolver[64], addresses[128];
    (void)snprintf(to_resolver, sizeof(to_resolver), "resolver=127.0.0.1:%d", resolver);
    (void)snprintf(addresses, sizeof(addresses),
                   "addresses=ns1.example.org=127.0.0.1:%d,ns2.example.org=127.0.0.1:%d", ns1, ns2);
    const char *const settings[] = {to_resolver, addresses, timeout, NULL};
    source_start_at(r, &backend_dns, settings, 0, targets, true);
    source_want(r, "dns-name", true);
    source_until(r, source_synced(r, "dns-name"));
}

static void start(struct source_run *r, int resolver, int ns1, int ns2, const char *targets)
{
    start_patient(r, resolver, ns1, ns2, targets, "timeout=5000");
}

/* Records of the zone, and where their TXT record is and what it says. */
static const struct {
    const char *name, *type, *value;
    const char *txt, *owner, *resource; /* NULL: there is none */
} records[] = {
    {"fine", "A", "203.0.113.10", "a-fine", "us", "ingressroute/shop/fine"},
    {"alias", "CNAME", "lb", "cname-alias", "us", "ingressroute/shop/alias"},
    {"lb", "A", "203.0.113.10", "lb", "us", "service/traefik/traefik"},
    {"both", "A", "203.0.113.10", "a-both", "us", "ingressroute/shop/both"},
    {"both", "AAAA", "2001:db8::10", "aaaa-both", "us", "ingressroute/shop/both"},
    {"six", "AAAA", "2001:db8::10", "aaaa-six", "us", "ingressroute/shop/six"},
    {"half", "A", "203.0.113.10", "a-half", "us", "ingressroute/shop/half"},
    {"astray", "A", "203.0.113.10", "a-astray", "us", "ingressroute/shop/astray"},
    {"astray", "AAAA", "2001:db8::99", NULL, NULL, NULL},
    {"wrong", "A", "203.0.113.99", "a-wrong", "us", "ingressroute/shop/wrong"},
    {"foreign", "A", "203.0.113.10", "foreign", "them", "ingressroute/shop/foreign"},
    {"moved", "A", "203.0.113.10", "a-moved", "us", "ingressroute/old/moved"},
    {"two", "A", "203.0.113.10", "a-two", "us", "ingressroute/shop/two"},
    {"by-hand", "A", "203.0.113.10", NULL, NULL, NULL},
    {"hidden", "A", "203.0.113.10", NULL, NULL, NULL},
    {"office", "A", "203.0.113.10", "a-office", "us", "crd/traefik/mail"},
    {"*.wild", "A", "203.0.113.10", "*.wild", "us", "service/traefik/traefik"},
    {"*.wild", "A", "203.0.113.10", "a-*.wild", "us", "service/traefik/traefik"},
    {"lb.wild", "A", "203.0.113.10", "lb.wild", "us", "service/traefik/traefik"},
    {"own.wild", "A", "203.0.113.10", "a-own.wild", "us", "ingressroute/shop/own"},
};

static struct nsd *start_zone(void)
{
    struct strbuf lines = STRBUF_INIT(65536);
    for (size_t i = 0; i < BN_COUNT(records); i++) {
        strbuf_addf(&lines, "%s IN %s %s\n", records[i].name, records[i].type, records[i].value);
        if (records[i].txt)
            strbuf_addf(&lines,
                        "%s IN TXT \"heritage=external-dns,external-dns/owner=%s,external-dns/"
                        "resource=%s\"\n",
                        records[i].txt, records[i].owner, records[i].resource);
    }
    struct nsd *n = nsd_start(strbuf_cstr(&lines));
    strbuf_clear(&lines);
    return n;
}

static const char targets[] =
    "fine.example.org\tingressroute:shop/fine\t203.0.113.10\tdeclared\t\n"
    "alias.example.org\tingressroute:shop/alias\tlb.example.org\tdeclared\t\n"
    "lb.example.org\tservice:traefik/traefik\t203.0.113.10\tdeclared\t\n"
    "both.example.org\tingressroute:shop/both\t203.0.113.10,2001:db8::10\tdeclared\t\n"
    "six.example.org\tingressroute:shop/six\t2001:db8::10\tdeclared\t\n"
    "half.example.org\tingressroute:shop/half\t203.0.113.10,2001:db8::10\tdeclared\t\n"
    "astray.example.org\tingressroute:shop/astray\t203.0.113.10\tdeclared\t\n"
    "wrong.example.org\tingressroute:shop/wrong\t203.0.113.10\tdeclared\t\n"
    "gone.example.org\tingressroute:shop/gone\t203.0.113.10\tdeclared\t\n"
    "quiet.example.org\tingressroute:shop/quiet\t203.0.113.10\tassumed\t\n"
    "foreign.example.org\tingressroute:shop/foreign\t203.0.113.10\tdeclared\t\n"
    "moved.example.org\tingressroute:shop/moved\t203.0.113.10\tdeclared\t\n"
    "two.example.org\tingressroute:shop/two,ingress:shop/two\t203.0.113.10\tdeclared\tconflict\n"
    "by-hand.example.org\tingressroute:shop/by-hand\t203.0.113.10\tdeclared\t\n"
    "office.example.org\tdnsendpoint:traefik/mail\t203.0.113.10\tdeclared\t\n"
    "*.wild.example.org\tservice:traefik/traefik\t203.0.113.10\tdeclared\t\n"
    "any.wild.example.org\tingressroute:shop/any\t203.0.113.10\tdeclared\t\n"
    "lb.wild.example.org\tservice:traefik/traefik\t203.0.113.10\tdeclared\t\n"
    "own.wild.example.org\tingressroute:shop/own\t203.0.113.10\tdeclared\t\n"
    "web.example.net\tingressroute:shop/net\t203.0.113.10\tdeclared\t\n";

static void each_name_is_judged(void **state)
{
    static const struct {
        const char *name;
        enum level level;
        const char *rule, *says;
    } cases[] = {
        {"fine.example.org", LEVEL_OK, "", ""},
        {"alias.example.org", LEVEL_OK, "", ""},
        {"lb.example.org", LEVEL_OK, "", ""},
        {"office.example.org", LEVEL_OK, "", ""},
        {"both.example.org", LEVEL_OK, "", ""},
        {"six.example.org", LEVEL_OK, "", ""},
        {"half.example.org", LEVEL_WARNING, "dns-address-missing",
         "it does not lead to 2001:db8::10"},
        {"astray.example.org", LEVEL_CRITICAL, "dns-wrong-target",
         "leads to 2001:db8::99, 203.0.113.10, wanted 203.0.113.10"},
        {"wrong.example.org", LEVEL_CRITICAL, "dns-wrong-target",
         "leads to 203.0.113.99, wanted 203.0.113.10"},
        {"gone.example.org", LEVEL_CRITICAL, "dns-missing",
         "no record; wanted by ingressroute:shop/gone"},
        {"quiet.example.org", LEVEL_WARNING, "dns-missing",
         "no record; wanted by ingressroute:shop/quiet, which does not say where it leads"},
        {"foreign.example.org", LEVEL_WARNING, "dns-foreign-owner",
         "owned by them for ingressroute/shop/foreign"},
        {"moved.example.org", LEVEL_WARNING, "dns-foreign-owner",
         "owned by us for ingressroute/old/moved"},
        {"two.example.org", LEVEL_WARNING, "dns-two-sources",
         "two objects want different targets: ingressroute:shop/two, ingress:shop/two"},
        {"by-hand.example.org", LEVEL_NOTICE, "dns-unowned", "no owner record"},
        {"*.wild.example.org", LEVEL_OK, "", ""},
        {"any.wild.example.org", LEVEL_NOTICE, "dns-wildcard", "a wildcard answers for it"},
        {"own.wild.example.org", LEVEL_OK, "", ""},
        {"lb.wild.example.org", LEVEL_OK, "", ""},
        {"web.example.net", LEVEL_UNKNOWN, "dns-unknown",
         "the resolver does not say who serves web.example.net: nothing answers there, or it refuses"},
    };
    struct nsd *n = start_zone();
    struct source_run r;
    (void)state;
    start(&r, nsd_port(n), nsd_port(n), nsd_port(n), targets);
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        source_judged(&r, "dns-name", cases[i].name, cases[i].level, cases[i].rule, cases[i].says);
    assert_string_equal(source_text(&r, "dns-name", "alias.example.org", "answer"),
                        "lb.example.org,203.0.113.10");
    assert_string_equal(source_text(&r, "dns-name", "alias.example.org", "owner"), "us");
    assert_string_equal(source_text(&r, "dns-name", "six.example.org", "owner"), "us");
    assert_string_equal(source_text(&r, "dns-name", "both.example.org", "answer"),
                        "2001:db8::10,203.0.113.10");
    assert_string_equal(source_text(&r, "dns-name", "fine.example.org", "servers"), "2/2");
    assert_string_equal(source_text(&r, "dns-name", "fine.example.org", "zone"), "example.org");
    assert_string_equal(source_text(&r, "dns-name", "fine.example.org", "ttl"), "300");
    source_stop(&r);
    nsd_stop(n);
}

#define OURS "us,others"

static const struct {
    const char *name, *line;
    enum level level;
    const char *rule, *says, *stored;
} stored_cases[] = {
    {"fine.example.org",
     "ingressroute:shop/fine\t203.0.113.10\tdeclared\t\fstored\t203.0.113.10\tus\t"
     "ingressroute/shop/fine\tfine.example.org/A\t" OURS "\tsync",
     LEVEL_OK, "", "", "203.0.113.10"},
    {"lb.example.org",
     "service:traefik/traefik\t203.0.113.10\tdeclared\t\fstored\t203.0.113.11\tus\t"
     "service/traefik/traefik\tlb.example.org/A\t" OURS "\tsync",
     LEVEL_NOTICE, "dns-not-as-stored",
     "Route 53 has 203.0.113.11, its name servers say 203.0.113.10", "203.0.113.11"},
    /* of several sets one is answered with; an alias of what is wanted has the addresses of now */
    {"both.example.org",
     "ingressroute:shop/both\t203.0.113.10,203.0.113.11,2001:db8::10\tdeclared\t\frouted\t"
     "203.0.113.10,203.0.113.11,2001:db8::10\tus\tingressroute/shop/both\t"
     "both.example.org/A\t" OURS "\tsync",
     LEVEL_OK, "", "", "203.0.113.10,203.0.113.11,2001:db8::10"},
    {"own.wild.example.org",
     "ingressroute:shop/own\telb.example.net\tdeclared\t\fstored\telb.example.net\tus\t"
     "ingressroute/shop/own\town.wild.example.org/A\t" OURS "\tsync",
     LEVEL_OK, "", "", "elb.example.net"},
    /* whose it is, is not seen */
    {"hidden.example.org",
     "ingressroute:shop/hidden\t203.0.113.10\tdeclared\t\fstored\t203.0.113.10\t\t\t"
     "hidden.example.org/A\t" OURS "\tsync\tunseen",
     LEVEL_OK, "", "", "203.0.113.10"},
    {"gone.example.org",
     "ingressroute:shop/gone\t203.0.113.10\tdeclared\t\fabsent\t\t\t\t\t" OURS "\tsync",
     LEVEL_CRITICAL, "dns-missing", "no record, nor in Route 53; wanted by ingressroute:shop/gone",
     "-"},
    {"new.example.org",
     "ingressroute:shop/new\t203.0.113.10\tdeclared\t\fstored\t203.0.113.10\tus\t"
     "ingressroute/shop/new\tnew.example.org/A\t" OURS "\tsync",
     LEVEL_CRITICAL, "dns-missing",
     "Route 53 has 203.0.113.10, the zone's name servers have no record", "203.0.113.10"},
    {"by-hand.example.org",
     "ingressroute:shop/by-hand\t203.0.113.10\tdeclared\t\fstored\t203.0.113.10\tthem\t"
     "ingressroute/shop/by-hand\tby-hand.example.org/A\t" OURS "\tsync",
     LEVEL_WARNING, "dns-foreign-owner",
     "owned by them for ingressroute/shop/by-hand; external-dns here is us, others",
     "203.0.113.10"},
    {"any.wild.example.org",
     "ingressroute:shop/any\t203.0.113.10\tdeclared\t\fwildcard\t203.0.113.10\t\t\t"
     "*.wild.example.org/A\t" OURS "\tsync",
     LEVEL_NOTICE, "dns-wildcard", "a wildcard answers for it", "203.0.113.10"},
    {"two.example.org",
     "\t\tunwanted\t\fstored\t203.0.113.10\tus\tingressroute/shop/two\t"
     "two.example.org/A\t" OURS "\tsync",
     LEVEL_WARNING, "dns-doomed",
     "nothing wants it: made for ingressroute/shop/two; external-dns (policy sync) is about to "
     "delete it",
     "203.0.113.10"},
    {"moved.example.org",
     "\t\tunwanted\t\fstored\t203.0.113.10\tus\tingressroute/old/moved\t"
     "moved.example.org/A\t" OURS "\tupsert-only",
     LEVEL_WARNING, "dns-orphan",
     "nothing wants it: made for ingressroute/old/moved; it stays (policy upsert-only)",
     "203.0.113.10"},
};

/* What Route 53 has stored and external-dns was told stands behind each line; where that alone
 * changes nothing is asked again. */
static void what_is_stored_is_judged_with_what_is_answered(void **state)
{
    struct strbuf lines = STRBUF_INIT(65536);
    struct nsd *n = start_zone();
    struct source_run r;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(stored_cases); i++)
        strbuf_addf(&lines, "%s\t%s\n", stored_cases[i].name, stored_cases[i].line);
    start(&r, nsd_port(n), nsd_port(n), nsd_port(n), strbuf_cstr(&lines));
    for (size_t i = 0; i < BN_COUNT(stored_cases); i++) {
        source_judged(&r, "dns-name", stored_cases[i].name, stored_cases[i].level,
                      stored_cases[i].rule, stored_cases[i].says);
        assert_string_equal(source_text(&r, "dns-name", stored_cases[i].name, "stored"),
                            stored_cases[i].stored);
    }
    uint64_t asked = source_report(&r)->requests;
    runner_set_targets(r.runner,
                       "fine.example.org\tingressroute:shop/fine\t203.0.113.10\tdeclared\t"
                       "\fstored\t203.0.113.12\tus\tingressroute/shop/fine\t"
                       "fine.example.org/A\tus\tsync\n");
    source_until(&r,
                 strcmp(source_rule(&r, "dns-name", "fine.example.org"), "dns-not-as-stored") == 0);
    assert_int_equal(source_report(&r)->requests, asked);
    source_stop(&r);
    nsd_stop(n);
    strbuf_clear(&lines);
}

#define SOON "timeout=800" /* for what never answers, beside what does */
#define ONE  "fine.example.org\tingressroute:shop/fine\t203.0.113.10\tdeclared\t\n"

static void name_servers_disagree(void **state)
{
    struct nsd *a = start_zone(), *b = nsd_start("fine IN A 203.0.113.77\n");
    struct source_run r;
    (void)state;
    start(&r, nsd_port(a), nsd_port(a), nsd_port(b), ONE);
    source_judged(&r, "dns-name", "fine.example.org", LEVEL_WARNING, "dns-servers-disagree",
                  "name servers disagree: ns2.example.org says 203.0.113.77");
    source_stop(&r);
    nsd_stop(b);
    b = nsd_start("other IN A 203.0.113.77\n");
    start(&r, nsd_port(b), nsd_port(a), nsd_port(a), ONE);
    source_judged(&r, "dns-name", "fine.example.org", LEVEL_WARNING, "dns-unresolved",
                  "the resolver does not: NXDOMAIN");
    source_stop(&r);
    nsd_stop(b);
    b = nsd_start("fine 77 IN A 203.0.113.9\n");
    start(&r, nsd_port(b), nsd_port(a), nsd_port(a), ONE);
    source_judged(&r, "dns-name", "fine.example.org", LEVEL_NOTICE, "dns-resolver-old",
                  "the resolver still says 203.0.113.9");
    assert_string_equal(source_text(&r, "dns-name", "fine.example.org", "ttl"), "77");
    source_stop(&r);
    nsd_stop(b);
    nsd_stop(a);
}

/* What the zone says of its servers' addresses is not believed: they are this machine's here. */
static void a_name_server_at_an_address_of_our_own_is_not_asked(void **state)
{
    struct nsd *n = start_zone();
    char resolver[64];
    struct source_run r;
    (void)state;
    (void)snprintf(resolver, sizeof(resolver), "resolver=127.0.0.1:%d", nsd_port(n));
    const char *const settings[] = {resolver, NULL};
    source_start_at(&r, &backend_dns, settings, 0, ONE, true);
    source_want(&r, "dns-name", true);
    source_until(&r, source_synced(&r, "dns-name"));
    source_judged(&r, "dns-name", "fine.example.org", LEVEL_UNKNOWN, "dns-unknown",
                  "ns1.example.org: it is at an address that is not asked");
    source_stop(&r);
    nsd_stop(n);
}

/* ---- Lies. */

/* Header and question of the answer to a question, with so many answers. */
static void begin_answer(struct span question, unsigned answers, struct strbuf *out)
{
    size_t end = 12;
    while (end < question.len && question.data[end])
        end += (unsigned char)question.data[end] + 1u;
    strbuf_add(out, span_sub(question, 0, end + 5));
    out->data[2] = (char)0x84; /* an answer, authoritative */
    out->data[3] = 0;
    out->data[6] = (char)(answers >> 8);
    out->data[7] = (char)answers;
    memset(out->data + 8, 0, 4);
}

#define RECORD(name, address) strbuf_add(out, SPAN(name "\0\1\0\1\0\0\1\54\0\4" address))
#define SELF                  "\xc0\x0c" /* the question's name */

static void lie_id(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    begin_answer(question, 1, out);
    RECORD(SELF, "\6\6\6\6");
    out->data[0] ^= 1;
}

static void lie_question(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    begin_answer(question, 1, out);
    RECORD(SELF, "\6\6\6\6");
    out->data[13] ^= 1;
}

static void lie_loop(struct span question, bool tcp, struct strbuf *out)
{
    char here[2];
    (void)tcp;
    begin_answer(question, 1, out);
    here[0] = (char)(0xc0 | out->len >> 8);
    here[1] = (char)out->len;
    strbuf_add(out, span_make(here, 2));
    strbuf_add(out, SPAN("\0\1\0\1\0\0\1\54\0\4\6\6\6\6"));
}

static void lie_short(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    begin_answer(question, 3, out);
    RECORD(SELF, "\6\6");
}

static void lie_truncated(struct span question, bool tcp, struct strbuf *out)
{
    if (tcp)
        return; /* and hangs up */
    begin_answer(question, 0, out);
    out->data[2] = (char)(out->data[2] | 2);
}

static void lie_garbage(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    strbuf_add(out, span_sub(question, 0, 2));
    strbuf_fill(out, '\xff', 400);
}

static void lie_empty(struct span question, bool tcp, struct strbuf *out)
{
    (void)question;
    (void)tcp;
    (void)out;
}

static void lie_lame(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    begin_answer(question, 0, out);
    out->data[2] = (char)0x80; /* not its zone */
}

static void lie_refuse(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    begin_answer(question, 0, out);
    out->data[3] = 5;
}

/* The truth, after a first answer that is too long for UDP. */
static void tell_by_tcp(struct span question, bool tcp, struct strbuf *out)
{
    begin_answer(question, tcp ? 1 : 0, out);
    if (tcp)
        RECORD(SELF, "\xcb\0\x71\x0a");
    else
        out->data[2] = (char)(out->data[2] | 2);
}

/* Thousands of records, the true one the first. */
static void lie_huge(struct span question, bool tcp, struct strbuf *out)
{
    begin_answer(question, tcp ? 4000 : 0, out);
    if (!tcp) {
        out->data[2] = (char)(out->data[2] | 2);
        return;
    }
    RECORD(SELF, "\xcb\0\x71\x0a");
    for (int i = 1; i < 4000; i++)
        RECORD(SELF, "\6\6\6\6");
}

static void lie_alias(struct span question, bool tcp, struct strbuf *out)
{
    (void)tcp;
    begin_answer(question, 1, out);
    strbuf_add(out, SPAN(SELF "\0\5\0\1\0\0\1\54\0\2\xc0\x0c")); /* an alias of itself */
}

/* With a liar at the zone's second name server: the first is told from it. */
static bool is_judged(const struct source_run *r, enum level level, const char *rule)
{
    return source_level(r, "dns-name", "fine.example.org") == level &&
           strcmp(source_rule(r, "dns-name", "fine.example.org"), rule) == 0;
}

static void lies_are_told_from_answers(void **state)
{
    static const struct {
        lie_fn *lie;
        enum level level;
        const char *rule, *says;
    } cases[] = {
        {lie_id, LEVEL_WARNING, "dns-server-silent", "ns2.example.org: no answer in time"},
        {lie_question, LEVEL_WARNING, "dns-server-silent", "ns2.example.org: "},
        {lie_loop, LEVEL_WARNING, "dns-server-silent", "its answer cannot be read"},
        {lie_short, LEVEL_WARNING, "dns-server-silent", "its answer cannot be read"},
        {lie_truncated, LEVEL_WARNING, "dns-server-silent", "ns2.example.org: "},
        {lie_garbage, LEVEL_WARNING, "dns-server-silent", "ns2.example.org: "},
        {lie_empty, LEVEL_WARNING, "dns-server-silent", "no answer in time"},
        {lie_lame, LEVEL_WARNING, "dns-server-silent", "it does not know the zone"},
        {lie_refuse, LEVEL_WARNING, "dns-server-silent", "ns2.example.org: REFUSED"},
        {lie_alias, LEVEL_WARNING, "dns-servers-disagree", "ns2.example.org says fine.example.org"},
        {lie_huge, LEVEL_WARNING, "dns-servers-disagree", "ns2.example.org says 203.0.113.10"},
        {tell_by_tcp, LEVEL_OK, "", ""},
    };
    struct nsd *n = start_zone();
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct liar *l = liar_start(cases[i].lie);
        struct source_run r;
        start_patient(&r, nsd_port(n), nsd_port(n), liar_port(l), ONE, SOON);
        /* where the others were too slow for that, the name is looked at again */
        source_until(&r, is_judged(&r, cases[i].level, cases[i].rule) ||
                             (source_step(&r, 330000), false));
        source_judged(&r, "dns-name", "fine.example.org", cases[i].level, cases[i].rule,
                      cases[i].says);
        source_stop(&r);
        liar_stop(l);
    }
    nsd_stop(n);
}

/* A resolver that lies hides nothing and hangs nothing. */
static void a_resolver_that_lies(void **state)
{
    static lie_fn *const lies[] = {lie_id, lie_loop, lie_garbage, lie_truncated, lie_alias};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(lies); i++) {
        struct liar *l = liar_start(lies[i]);
        struct source_run r;
        start_patient(&r, liar_port(l), 1, 1, ONE, "timeout=100"); /* nobody answers well */
        source_judged(&r, "dns-name", "fine.example.org", LEVEL_UNKNOWN, "dns-unknown", "");
        source_stop(&r);
        liar_stop(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_that_objects_want),
        cmocka_unit_test(nothing_wanted_nothing_asked),
        cmocka_unit_test(what_zones_hold_stands_beside_what_is_wanted),
        cmocka_unit_test(nothing_is_unwanted_while_a_kind_is_not_seen),
        cmocka_unit_test(each_name_is_judged),
        cmocka_unit_test(what_is_stored_is_judged_with_what_is_answered),
        cmocka_unit_test(name_servers_disagree),
        cmocka_unit_test(a_name_server_at_an_address_of_our_own_is_not_asked),
        cmocka_unit_test(lies_are_told_from_answers),
        cmocka_unit_test(a_resolver_that_lies),
    };
    return cmocka_run_group_tests_name("dns_names", tests, NULL, NULL);
}
