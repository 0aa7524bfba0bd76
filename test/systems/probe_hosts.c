/* Public hosts, asked: which hosts at all, which certificates, which answers. All servers are on
 * loopback; names lead there by the map of addresses. */
#include <config.h>

#include "backends/discovery.h"
#include "base/file.h"
#include "net/probe_impl.h"
#include "test/systems/http_server.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_test.h"

#include <arpa/inet.h>
#include <time.h>
#include <unistd.h>

#define SHORT_MS "timeout=1500" /* for what hangs */

extern const struct backend backend_probe;

/* ---- Which hosts: what discover() says of rows. */

static void expect_targets(struct store *st, const char *text)
{
    struct discovery d = {0};
    backend_probe.discover(st, &d);
    assert_int_equal(d.count, text[0] ? 1 : 0);
    if (d.count)
        assert_string_equal(d.findings[0].targets, text);
    discovery_done(&d);
    store_free(st);
}

static void put_route(struct store *st, const char *name, const char *spec)
{
    struct strbuf yaml = STRBUF_INIT(8192);
    strbuf_addf(&yaml, "{metadata: {name: %s, namespace: shop}, spec: %s}", name, spec);
    (void)kube_put(st, "ingressroute", 0, strbuf_cstr(&yaml), 0);
    strbuf_clear(&yaml);
}

static void hosts_are_those_of_routes(void **state)
{
    struct store *st = kube_store();
    (void)state;
    put_route(st, "web",
              "{entryPoints: [websecure], routes: [{match: 'Host(`Shop.example.org`) || "
              "Host(`www.shop.example.org`)', middlewares: [{name: headers}]}]}");
    put_route(st, "plain", "{entryPoints: [web], routes: [{match: 'Host(`old.example.org`)'}]}");
    put_route(st, "api",
              "{routes: [{match: 'Host(`api.example.org`) && PathPrefix(`/v2/api`)'}, {match: "
              "'Host(`api.example.org`) && Path(`/v1`)'}], tls: {certResolver: le}}");
    put_route(st, "odd",
              "{routes: [{match: 'Host(`odd.example.org`) && PathPrefix(`/a b`)'}, {match: "
              "'Host(`odd.example.org`) && !PathPrefix(`/x`)'}], tls: {secretName: s}}");
    (void)kube_put(st, "ingress", 0,
                   "{metadata: {name: both, namespace: shop}, spec: {tls: [{hosts: [a]}], rules: "
                   "[{host: shop.example.org}, {host: tools.example.org}]}}",
                   0);
    expect_targets(st, "api.example.org\t/v1\thttps\tingressroute:shop/api\t\t\n"
                       "odd.example.org\t/\thttps\tingressroute:shop/odd\t\t\tshop/s\n"
                       "old.example.org\t/\thttp\tingressroute:shop/plain\t\t\n"
                       "shop.example.org\t/\thttps\tingress:shop/both,ingressroute:shop/web\t\t\n"
                       "tools.example.org\t/\thttps\tingress:shop/both\t\t\n"
                       "www.shop.example.org\t/\thttps\tingressroute:shop/web\tshop/headers\t\n");
}

/* The Secret that a route names, and what cert-manager says of the certificate in it. */
static void certificates_stand_beside_their_secrets(void **state)
{
    struct store *st = kube_store();
    (void)state;
    put_route(st, "a", "{routes: [{match: 'Host(`a.example.org`)'}], tls: {secretName: a-tls}}");
    put_route(st, "b", "{routes: [{match: 'Host(`b.example.org`)'}], tls: {secretName: b-tls}}");
    (void)kube_put(st, "ingress", 0,
                   "{metadata: {name: two, namespace: shop}, spec: {tls: [{secretName: a-tls}, "
                   "{secretName: b-tls}], rules: [{host: two.example.org}]}}",
                   0);
    (void)kube_put(st, "certificate", 0,
                   "{metadata: {name: a, namespace: other}, spec: {secretName: a-tls}, status: "
                   "{notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-04-01T00:00:00Z'}}",
                   0);
    (void)kube_put(st, "certificate", 0,
                   "{metadata: {name: a, namespace: shop}, spec: {secretName: a-tls}, status: "
                   "{notBefore: '2026-02-01T00:00:00Z', notAfter: '2026-05-01T00:00:00Z'}}",
                   0);
    (void)kube_put(st, "certificate", 0,
                   "{metadata: {name: b, namespace: shop}, spec: {secretName: b-tls}}", 0);
    expect_targets(st, "a.example.org\t/\thttps\tingressroute:shop/a\t\t\tshop/a-tls\fshop/a\t"
                       "1769904000000\t1777593600000\n"
                       "b.example.org\t/\thttps\tingressroute:shop/b\t\t\tshop/b-tls\n"
                       "two.example.org\t/\thttps\tingress:shop/two\t\t\n");
}

static void what_is_no_public_name_is_not_asked(void **state)
{
    static const char *const never[] = {
        "169.254.169.254", "127.0.0.1",   "10.0.0.1",     "2130706433",    "0x7f.1",
        "[::1]",           "localhost",   "a.localhost",  "web.local",     "vault.vault.svc",
        "metadata",        "x.internal",  "*.reyem.tech", "a..b",          "",
        "a b.example.org", "a.example.7", "x/y.org",      "u@example.org", "a.example.org:22",
        "example.org.",    "-x.org",
    };
    struct store *st = kube_store();
    (void)state;
    for (size_t i = 0; i < BN_COUNT(never); i++) {
        char name[16], spec[256];
        assert_false(probe_may_ask(span_from(never[i])));
        (void)snprintf(name, sizeof(name), "r%zu", i);
        (void)snprintf(spec, sizeof(spec), "{routes: [{match: 'Host(`%s`)'}]}", never[i]);
        put_route(st, name, spec);
    }
    put_route(st, "inner", "{entryPoints: [traefik], routes: [{match: 'Host(`in.example.org`)'}]}");
    assert_true(probe_may_ask(SPAN("xn--bcher-kva.example")));
    expect_targets(st, "");
}

static void sign_in_is_known_by_the_middlewares(void **state)
{
    struct store *st = kube_store();
    (void)state;
    (void)kube_put(
        st, "middleware", 0,
        "{metadata: {name: auth, namespace: traefik}, spec: {forwardAuth: {address: x}}}", 0);
    (void)kube_put(st, "middleware", 0,
                   "{metadata: {name: all, namespace: shop}, spec: {chain: {middlewares: [{name: "
                   "auth, namespace: traefik}]}}}",
                   0);
    put_route(st, "a",
              "{routes: [{match: 'Host(`a.example.org`)', middlewares: [{name: auth, namespace: "
              "traefik}]}], tls: {}}");
    put_route(st, "b", "{routes: [{match: 'Host(`b.example.org`)', middlewares: [{name: all}]}]}");
    put_route(st, "b-hooks", "{routes: [{match: 'Host(`b.example.org`) && PathPrefix(`/hook`)'}]}");
    put_route(st, "c", "{routes: [{match: 'Host(`c.example.org`)', middlewares: [{name: all}]}]}");
    put_route(st, "two",
              "{routes: [{match: 'Host(`open.example.org`)'}, {match: 'Host(`shut.example.org`)', "
              "middlewares: [{name: all}, {name: slow@file}]}]}");
    put_route(st, "c-open", "{routes: [{match: 'Host(`c.example.org`)'}]}");
    expect_targets(
        st, "a.example.org\t/\thttp\tingressroute:shop/a\ttraefik/auth\ttraefik/auth\n"
            "b.example.org\t/\thttp\tingressroute:shop/b,ingressroute:shop/b-hooks\tshop/all\t"
            "shop/all\n"
            "c.example.org\t/\thttp\tingressroute:shop/c,ingressroute:shop/c-open\tshop/all\t\n"
            "open.example.org\t/\thttp\tingressroute:shop/two\t\t\n"
            "shut.example.org\t/\thttp\tingressroute:shop/two\tshop/all,slow@file\tshop/all\n");
}

/* ---- Where names lead. */

static void places_of_addresses(void **state)
{
    static const struct {
        const char *address;
        enum probe_place place;
    } cases[] = {
        {"203.0.114.10", PROBE_PLACE_PUBLIC},
        {"8.8.8.8", PROBE_PLACE_PUBLIC},
        {"10.1.2.3", PROBE_PLACE_PRIVATE},
        {"172.16.0.1", PROBE_PLACE_PRIVATE},
        {"172.32.0.1", PROBE_PLACE_PUBLIC},
        {"192.168.1.1", PROBE_PLACE_PRIVATE},
        {"100.64.0.1", PROBE_PLACE_PRIVATE},
        {"127.0.0.1", PROBE_PLACE_NEVER},
        {"0.0.0.0", PROBE_PLACE_NEVER},
        {"169.254.169.254", PROBE_PLACE_NEVER},
        {"224.0.0.1", PROBE_PLACE_NEVER},
        {"255.255.255.255", PROBE_PLACE_NEVER},
        {"2001:4860::8888", PROBE_PLACE_PUBLIC},
        {"fd00::1", PROBE_PLACE_PRIVATE},
        {"::1", PROBE_PLACE_NEVER},
        {"::", PROBE_PLACE_NEVER},
        {"fe80::1", PROBE_PLACE_NEVER},
        {"::ffff:169.254.169.254", PROBE_PLACE_NEVER},
        {"64:ff9b::a9fe:a9fe", PROBE_PLACE_NEVER},
        {"2002:7f00:1::", PROBE_PLACE_NEVER},
        {"::ffff:10.0.0.1", PROBE_PLACE_PRIVATE},
        {"ff02::1", PROBE_PLACE_NEVER},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        bool four = inet_pton(AF_INET, cases[i].address, &in.sin_addr) == 1;
        assert_true(four || inet_pton(AF_INET6, cases[i].address, &in6.sin6_addr) == 1);
        enum probe_place place =
            four ? probe_place((struct sockaddr *)&in) : probe_place((struct sockaddr *)&in6);
        if (place != cases[i].place)
            fail_msg("%s", cases[i].address);
    }
}

static void the_map_of_addresses(void **state)
{
    static const char map[] = "a.example.org=1.1.1.1:1, a.example.org:80 = 2.2.2.2:2,*=3.3.3.3:3";
    char out[32];
    (void)state;
    assert_true(probe_mapped(map, "a.example.org", 443, out, sizeof(out)));
    assert_string_equal(out, "1.1.1.1:1");
    assert_true(probe_mapped(map, "a.example.org", 80, out, sizeof(out)));
    assert_string_equal(out, "2.2.2.2:2");
    assert_true(probe_mapped(map, "b.example.org", 80, out, sizeof(out)));
    assert_string_equal(out, "3.3.3.3:3");
    assert_false(probe_mapped("b.example.org=1.1.1.1:1", "a.example.org", 80, out, sizeof(out)));
    assert_false(probe_mapped(NULL, "a.example.org", 80, out, sizeof(out)));
}

/* ---- A source with hosts. */

static struct strbuf addresses = STRBUF_INIT(65536), targets = STRBUF_INIT(65536);

static void add_host(const char *host, const struct server *s, const char *rest)
{
    if (s)
        strbuf_addf(&addresses, "%s%s=127.0.0.1:%d", addresses.len ? "," : "addresses=", host,
                    server_port(s));
    strbuf_addf(&targets, "%s\t%s\n", host, rest);
}

static void start(struct source_run *r, const char *ca, bool once)
{
    char ca_setting[256];
    (void)snprintf(ca_setting, sizeof(ca_setting), "ca=%s", ca ? ca : "");
    const char *const settings[] = {
        addresses.len ? strbuf_cstr(&addresses) : "addresses=", SHORT_MS, ca_setting, NULL};
    int64_t now = (int64_t)time(NULL) * 1000; /* certificates are of today */
    source_start_at(r, &backend_probe, settings, now, strbuf_cstr(&targets), once);
    source_want(r, "http-probe", true);
    source_want(r, "served-cert", true);
    source_until(r, source_synced(r, "http-probe") && source_synced(r, "served-cert"));
}

static int forget_hosts(void **state)
{
    (void)state;
    strbuf_clear(&addresses);
    strbuf_clear(&targets);
    return 0;
}

/* ---- Certificates. */

enum {
    GOOD,
    DIRECT,
    SOON,
    LATER,
    FAR,
    FAILED,
    EXPIRED,
    EARLY,
    OTHER_NAME,
    BY_ITSELF,
    DEFAULT,
    NO_CHAIN,
    BY_OTHER,
    OLD_TLS,
    CERTS
};

static const struct {
    const char *host, *name;
    long from_s, until_s;
    enum level level;
    const char *rule, *says, *trust;
} served[CERTS] = {
    [GOOD] = {"good.example.org", "good.example.org", 0, 8000000, LEVEL_OK, "", "", "trusted"},
    [DIRECT] = {"direct.example.org", "direct.example.org", 0, 8000000, LEVEL_OK, "", "",
                "trusted"},
    [SOON] = {"soon.example.org", "soon.example.org", 0, 5 * 86400 + 1800, LEVEL_CRITICAL,
              "served-cert-expires", "expires in 5d, issued by Middle CA", "trusted"},
    [LATER] = {"later.example.org", "later.example.org", 0, 10 * 86400 + 1800, LEVEL_WARNING,
               "served-cert-expires", "expires in 10d", "trusted"},
    [FAR] = {"far.example.org", "far.example.org", 0, 25 * 86400 + 1800, LEVEL_NOTICE,
             "served-cert-expires", "expires in 25d", "trusted"},
    [FAILED] = {"failed.example.org", "failed.example.org", -65 * 86400, 25 * 86400 + 1800,
                LEVEL_WARNING, "served-cert-expires", "expires in 25d", "trusted"},
    [EXPIRED] = {"expired.example.org", "expired.example.org", -7200, -3600, LEVEL_CRITICAL,
                 "served-cert-expired", "expired 1h ago", "trusted"},
    [EARLY] = {"early.example.org", "early.example.org", 3600, 8000000, LEVEL_CRITICAL,
               "served-cert-early", "not valid yet", "trusted"},
    [OTHER_NAME] = {"name.example.org", "shop.example.com", 0, 8000000, LEVEL_CRITICAL,
                    "served-cert-name",
                    "the certificate is for shop.example.com, not for this host", "trusted"},
    [BY_ITSELF] = {"self.example.org", "self.example.org", 0, 8000000, LEVEL_CRITICAL,
                   "served-cert-self-signed", "self-signed by self.example.org", "self-signed"},
    [DEFAULT] = {"default.example.org", "TRAEFIK DEFAULT CERT", 0, 8000000, LEVEL_CRITICAL,
                 "served-cert-default", "Traefik serves its default certificate", "self-signed"},
    [NO_CHAIN] = {"chain.example.org", "chain.example.org", 0, 8000000, LEVEL_WARNING,
                  "served-cert-incomplete",
                  "incomplete chain: the certificate of Middle CA is not sent", "incomplete"},
    [BY_OTHER] = {"other.example.org", "other.example.org", 0, 8000000, LEVEL_CRITICAL,
                  "served-cert-untrusted",
                  "not trusted: self-signed certificate in certificate chain", "untrusted"},
    [OLD_TLS] = {"old.example.org", "old.example.org", 0, 8000000, LEVEL_CRITICAL,
                 "served-cert-handshake", "SSL routines", "trusted"},
};

static void answer_ok(struct conn *c, const char *request, void *context)
{
    (void)request;
    (void)context;
    conn_answer(c, 200, "", SPAN("hello"));
}

static struct cert make_cert(int which, const struct cert *ca, const struct cert *middle,
                             const struct cert *other)
{
    char names[128];
    (void)snprintf(names, sizeof(names), "DNS:%s",
                   which == DEFAULT ? "x.traefik.default" : served[which].name);
    const struct cert_options o = {
        .name = served[which].name,
        .alternatives = names,
        .from_s = served[which].from_s,
        .until_s = served[which].until_s,
        .issuer = which == BY_ITSELF || which == DEFAULT ? NULL
                  : which == BY_OTHER                    ? other
                  : which == DIRECT                      ? ca
                                                         : middle,
    };
    return cert_make(&o);
}

#define GOOD_LINE "good.example.org\t/\thttps\t\t\t\tshop/good-tls"

/* Tells what cert-manager has put into the Secret; waits until the row says so. */
static void put_secret(struct source_run *r, int64_t from_ms, int64_t until_ms, const char *same)
{
    char line[256];
    (void)snprintf(line, sizeof(line), GOOD_LINE "\fshop/good\t%lld\t%lld\n", (long long)from_ms,
                   (long long)until_ms);
    runner_set_targets(r->runner, until_ms ? line : GOOD_LINE "\n");
    source_until(
        r, strcmp(source_text(r, "served-cert", "good.example.org", "as-secret"), same) == 0 &&
               (until_ms == 0) ==
                   (strcmp(source_text(r, "served-cert", "good.example.org", "secret-expires"),
                           "-") == 0));
}

/* The same host, whose route names a Secret. */
static void check_secret(struct source_run *r)
{
    int64_t from = kube_time(source_text(r, "served-cert", "good.example.org", "not-before")),
            until = kube_time(source_text(r, "served-cert", "good.example.org", "expires"));
    const int64_t day = 86400000;
    put_secret(r, 0, 0, "unknown");
    source_judged(r, "served-cert", "good.example.org", LEVEL_OK, "", "");
    put_secret(r, from, until, "matches");
    source_judged(r, "served-cert", "good.example.org", LEVEL_OK, "", "");
    uint64_t asked = source_report(r)->requests;
    put_secret(r, from + day, until + day, "differs");
    source_judged(r, "served-cert", "good.example.org", LEVEL_PROGRESS, "served-cert-differs",
                  "the old certificate is still served");
    assert_int_equal(source_report(r)->requests, asked); /* a Secret that changes asks nobody */
    source_step(r, 301000);
    source_until(r, source_level(r, "served-cert", "good.example.org") == LEVEL_WARNING);
    source_judged(r, "served-cert", "good.example.org", LEVEL_WARNING, "served-cert-differs",
                  "still served for 5m: expires in 92d; that of Secret shop/good-tls in 93d");
    put_secret(r, from - day, until - day, "differs");
    source_until(r, source_level(r, "served-cert", "good.example.org") == LEVEL_NOTICE);
    source_judged(r, "served-cert", "good.example.org", LEVEL_NOTICE, "served-cert-other",
                  "another certificate is served than the Secret's");
    put_secret(r, from, until, "matches");
    source_judged(r, "served-cert", "good.example.org", LEVEL_OK, "", "");
}

/* As they are read from a Secret's tls.crt. */
static void check_dates(struct source_run *r, const struct strbuf *pem)
{
    int64_t from, until;
    assert_true(probe_cert_dates(strbuf_span(pem), &from, &until));
    assert_int_equal(from,
                     kube_time(source_text(r, "served-cert", "good.example.org", "not-before")));
    assert_int_equal(until,
                     kube_time(source_text(r, "served-cert", "good.example.org", "expires")));
    assert_false(probe_cert_dates(span_sub(strbuf_span(pem), 0, pem->len / 2), &from, &until));
    assert_false(probe_cert_dates(SPAN(""), &from, &until));
    assert_false(probe_cert_dates(SPAN("-----BEGIN CERTIFICATE-----\nAAAA\n"
                                       "-----END CERTIFICATE-----\n"),
                                  &from, &until));
}

static void each_certificate_is_judged(void **state)
{
    const long year = 86400L * 365;
    struct cert ca =
        cert_make(&(struct cert_options){.name = "Root CA", .is_ca = true, .until_s = year});
    struct cert other =
        cert_make(&(struct cert_options){.name = "Other CA", .is_ca = true, .until_s = year});
    struct cert middle = cert_make(
        &(struct cert_options){.name = "Middle CA", .is_ca = true, .issuer = &ca, .until_s = year});
    struct cert certs[CERTS];
    struct server *servers[CERTS];
    struct strbuf pem = STRBUF_INIT(65536);
    char path[] = "/tmp/binnacle-test-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    cert_pem(&ca, &pem);
    assert_true(file_replace(path, strbuf_span(&pem), NULL));
    for (int i = 0; i < CERTS; i++) {
        certs[i] = make_cert(i, &ca, &middle, &other);
        const struct cert *chain = i == NO_CHAIN || i == BY_ITSELF || i == DEFAULT || i == DIRECT
                                       ? NULL
                                   : i == BY_OTHER ? &other
                                                   : &middle;
        servers[i] =
            server_start(&(struct server_options){.serve = answer_ok,
                                                  .cert = &certs[i],
                                                  .chain = chain,
                                                  .max_tls = i == OLD_TLS ? TLS1_1_VERSION : 0});
        add_host(served[i].host, servers[i], "/\thttps\t\t\t");
    }
    struct source_run r;
    start(&r, path, false);
    for (int i = 0; i < CERTS; i++) {
        source_judged(&r, "served-cert", served[i].host, served[i].level, served[i].rule,
                      served[i].says);
        assert_string_equal(source_text(&r, "served-cert", served[i].host, "trust"),
                            served[i].trust);
    }
    assert_string_equal(source_text(&r, "served-cert", "good.example.org", "issuer"), "Middle CA");
    assert_string_equal(source_text(&r, "served-cert", "good.example.org", "key-type"), "EC 256");
    assert_string_equal(source_text(&r, "served-cert", "good.example.org", "sent"), "2");
    assert_string_equal(source_text(&r, "served-cert", "direct.example.org", "sent"), "1");
    /* what is wrong with a certificate does not hide the answer */
    assert_string_equal(source_text(&r, "http-probe", "expired.example.org", "status"), "200");
    source_judged(&r, "http-probe", "old.example.org", LEVEL_CRITICAL, "probe-no-answer", "SSL");
    check_secret(&r);
    strbuf_truncate(&pem, 0);
    cert_pem(&certs[GOOD], &pem);
    check_dates(&r, &pem);
    source_stop(&r);
    for (int i = 0; i < CERTS; i++) {
        server_stop(servers[i]);
        cert_free(&certs[i]);
    }
    cert_free(&ca);
    cert_free(&other);
    cert_free(&middle);
    strbuf_clear(&pem);
    (void)close(fd);
    (void)unlink(path);
}

/* ---- Answers. */

static const char *growing(const char *request, const char *to)
{
    static _Thread_local char head[512];
    const char *path = strchr(request, ' ') + 1;
    (void)snprintf(head, sizeof(head), "Location: %s?rd=%.*s\r\n", to, (int)strcspn(path, " "),
                   path);
    return head;
}

static void answer_by_host(struct conn *c, const char *request, void *context)
{
    (void)context;
    if (strstr(request, "Host: bad."))
        conn_answer(c, 502, "", SPAN("Bad Gateway"));
    else if (strstr(request, "Host: moved."))
        conn_answer(c, 301, "Location: https://example.com/new?token=secret\r\n",
                    SPAN("<a>moved</a>"));
    else if (strstr(request, "Host: loop.") && strstr(request, "GET /a "))
        conn_answer(c, 302, "Location: /\r\n", SPAN("moved"));
    else if (strstr(request, "Host: loop."))
        conn_answer(c, 302, "Location: /a\r\n", SPAN(""));
    else if (strstr(request, "Host: cookie.") && !strstr(request, "Cookie: seen=1"))
        conn_answer(c, 302, "Set-Cookie: seen=1\r\nLocation: /en\r\n", SPAN(""));
    else if (strstr(request, "Host: check.") && !strstr(request, "Cookie: seen=1"))
        conn_answer(c, 302, "Set-Cookie: seen=1\r\nLocation: /\r\n", SPAN(""));
    else if (strstr(request, "Host: key."))
        conn_answer(c, 302, "Location: https://me:hidden@example.com/in#token=hidden\r\n",
                    SPAN(""));
    else if (strstr(request, "Host: inner."))
        conn_answer(c, 302, "Location: http://169.254.169.254/latest\r\n", SPAN(""));
    else if (strstr(request, "Host: port."))
        conn_answer(c, 302, "Location: http://port.example.org:6379/\r\n", SPAN(""));
    else if (strstr(request, "Host: login."))
        conn_answer(c, 302, "Location: https://oauth.example.org/oauth2/start?rd=x\r\n", SPAN(""));
    else if (strstr(request, "Host: round.")) /* each time with where it was behind it */
        conn_answer(c, 302, growing(request, "/oauth2/start"), SPAN(""));
    else if (strstr(request, "Host: denied."))
        conn_answer(c, 401, "", SPAN(""));
    else if (strstr(request, "Host: gone."))
        conn_answer(c, 404, "", SPAN(""));
    else if (strstr(request, "Host: stall."))
        (void)conn_says(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    else if (strstr(request, "Host: drop."))
        conn_close(c);
    else if (strstr(request, "Host: flood.")) {
        (void)conn_says(c, "HTTP/1.1 200 OK\r\n\r\n");
        while (conn_says(c, "and on and on and on "))
            continue;
    } else
        conn_answer(c, 200, "", SPAN("hello"));
}

static const struct {
    const char *host, *rest;
    enum level level;
    const char *rule, *says, *status, *redirect;
} answers[] = {
    {"fine.example.org", "/\thttp\tingressroute:shop/web\tshop/a,shop/b\t", LEVEL_OK, "", "", "200",
     "-"},
    {"bad.example.org", "/\thttp\t\t\t", LEVEL_CRITICAL, "probe-server-error",
     "answers 502: nothing behind the route answers", "502", "-"},
    {"moved.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "301", "https://example.com/new"},
    {"loop.example.org", "/\thttp\t\t\t", LEVEL_CRITICAL, "probe-redirect-loop", "in a circle",
     "302", "http://loop.example.org/"},
    {"cookie.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "200", "-"},
    {"check.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "200", "-"},
    {"key.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "302", "https://example.com/in"},
    {"inner.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "302",
     "http://169.254.169.254/latest"},
    {"port.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "302", "http://port.example.org:6379/"},
    {"login.example.org", "/\thttp\t\t\tshop/auth", LEVEL_NOTICE, "probe-sign-in",
     "asks for sign-in (302), at https://oauth.example.org/oauth2/start; whether signing in works "
     "is not seen",
     "302", "https://oauth.example.org/oauth2/start"},
    {"round.example.org", "/\thttp\t\t\tshop/auth", LEVEL_CRITICAL, "probe-redirect-loop",
     "redirects lead in a circle: http://round.example.org/oauth2/start", "302",
     "http://round.example.org/oauth2/start"},
    {"denied.example.org", "/\thttp\t\t\tshop/auth", LEVEL_NOTICE, "probe-sign-in",
     "asks for sign-in (401)", "401", "-"},
    {"open.example.org", "/\thttp\t\t\tshop/auth", LEVEL_WARNING, "probe-open",
     "answers 200 without sign-in, though shop/auth asks for it", "200", "-"},
    {"gone.example.org", "/x\thttp\t\t\t", LEVEL_NOTICE, "probe-client-error",
     "answers 404 to http://gone.example.org/x", "404", "-"},
    {"drop.example.org", "/\thttp\t\t\t", LEVEL_CRITICAL, "probe-no-answer", "Empty reply", "-",
     "-"},
    {"stall.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "200", "-"},
    {"flood.example.org", "/\thttp\t\t\t", LEVEL_OK, "", "", "200", "-"},
};

static void each_answer_is_judged(void **state)
{
    struct server *s = server_start(&(struct server_options){.serve = answer_by_host});
    struct server *hung = server_start(&(struct server_options){.serve = answer_ok, .hang = true});
    (void)state;
    for (size_t i = 0; i < BN_COUNT(answers); i++)
        add_host(answers[i].host, s, answers[i].rest);
    add_host("hung.example.org", hung, "/\thttps\t\t\t");
    add_host("refused.example.org", NULL, "/\thttp\t\t\t");
    strbuf_adds(&addresses, ",refused.example.org=127.0.0.1:1");
    struct source_run r;
    start(&r, NULL, true);
    for (size_t i = 0; i < BN_COUNT(answers); i++) {
        source_judged(&r, "http-probe", answers[i].host, answers[i].level, answers[i].rule,
                      answers[i].says);
        assert_string_equal(source_text(&r, "http-probe", answers[i].host, "status"),
                            answers[i].status);
        assert_string_equal(source_text(&r, "http-probe", answers[i].host, "redirect"),
                            answers[i].redirect);
        assert_false(source_has(&r, "served-cert", answers[i].host));
    }
    assert_string_equal(source_text(&r, "http-probe", "fine.example.org", "chain"),
                        "shop/a,shop/b");
    assert_string_equal(source_text(&r, "http-probe", "fine.example.org", "protocol"), "HTTP/1.1");
    source_judged(&r, "http-probe", "hung.example.org", LEVEL_CRITICAL, "probe-no-answer",
                  "no answer within 2 s, though it is connected");
    source_judged(&r, "served-cert", "hung.example.org", LEVEL_UNKNOWN, "served-cert-unseen",
                  "no answer within 2 s");
    source_judged(&r, "http-probe", "refused.example.org", LEVEL_CRITICAL, "probe-no-answer",
                  "connection refused on port 80");
    assert_int_equal(server_requests(s),
                     BN_COUNT(answers) + 3 + 1 + 1 + 8); /* once more: loop, cookie, check, round */
    assert_false(source_leaks(&r, "hidden"));
    source_stop(&r);
    server_stop(s);
    server_stop(hung);
}

/* ---- Redirects to other hosts. */

static _Atomic bool mended;

static void answer_round(struct conn *c, const char *request, void *context)
{
    (void)context;
    if (strstr(request, "Host: way.") && !mended)
        conn_answer(c, 302, "Location: http://Sso.example.net/in?rd=way&token=hidden\r\n",
                    SPAN(""));
    else if (strstr(request, "GET /in?rd=way"))
        conn_answer(c, 302, "Location: http://way.example.org/\r\n", SPAN(""));
    else if (strstr(request, "Host: before."))
        conn_answer(c, 301, "Location: http://way.example.org/\r\n", SPAN(""));
    else if (strstr(request, "Host: grows.")) /* the sign-in leads back to itself */
        conn_answer(c, 302, growing(request, "http://sso.example.net/in"), SPAN(""));
    else if (strstr(request, "GET /in?rd=/"))
        conn_answer(c, 302, growing(request, "http://grows.example.org/"), SPAN(""));
    else if (strstr(request, "Host: app."))
        conn_answer(c, 302, "Location: http://sso.example.net/start?rd=/\r\n", SPAN(""));
    else if (strstr(request, "GET /start?rd=/"))
        conn_answer(
            c, 302,
            "Location: http://id.example.net/?response_type=code&client_id=me&redirect_uri=http%3A%2F%2Fsso.example.net%2Fcallback%3Fhidden\r\n",
            SPAN(""));
    else if (strstr(request, "Host: id.")) /* which asks another in turn */
        conn_answer(c, 302, "Location: https://elsewhere.example.com/?response_type=code\r\n",
                    SPAN(""));
    else if (strstr(request, "Host: www."))
        conn_answer(c, 301, "Location: http://sso.example.net/\r\n", SPAN(""));
    else if (strstr(request, "Host: far."))
        conn_answer(c, 302, "Location: http://elsewhere.example.com/\r\n", SPAN(""));
    else if (strstr(request, "Host: silent."))
        conn_answer(c, 302, "Location: http://drop.example.org/\r\n", SPAN(""));
    else if (strstr(request, "Host: drop."))
        conn_close(c);
    else
        conn_answer(c, 200, "", SPAN("hello"));
}

static const struct {
    const char *host;
    enum level level;
    const char *rule, *says, *status, *redirect, *circle;
} rounds[] = {
    {"way.example.org", LEVEL_CRITICAL, "probe-redirect-loop",
     "redirects lead in a circle: from way.example.org to sso.example.net and back", "302",
     "http://sso.example.net/in", "way.example.org,sso.example.net"},
    {"before.example.org", LEVEL_CRITICAL, "probe-redirect-loop",
     "redirects lead in a circle: from way.example.org to sso.example.net and back", "301",
     "http://way.example.org/", "way.example.org,sso.example.net"},
    {"grows.example.org", LEVEL_CRITICAL, "probe-redirect-loop",
     "redirects lead in a circle: from sso.example.net to grows.example.org and back", "302",
     "http://sso.example.net/in", "sso.example.net,grows.example.org"},
    /* what another host answers is not this one's: it has a row of its own */
    {"www.example.net", LEVEL_OK, "", "", "301", "http://sso.example.net/", "-"},
    {"silent.example.org", LEVEL_OK, "", "", "302", "http://drop.example.org/", "-"},
    {"sso.example.net", LEVEL_OK, "", "", "200", "-", "-"},
    {"drop.example.org", LEVEL_CRITICAL, "probe-no-answer", "Empty reply", "-", "-", "-"},
    /* who signs in at another host comes back from the provider there */
    {"app.example.org", LEVEL_WARNING, "probe-sign-in-callback",
     "is to come back to http://sso.example.net/callback, which is not HTTPS", "302",
     "http://sso.example.net/start", "-"},
    {"id.example.net", LEVEL_WARNING, "probe-sign-in-client",
     "sends people to sign in at https://elsewhere.example.com/ without", "302",
     "https://elsewhere.example.com/", "-"},
    /* not of a route */
    {"far.example.org", LEVEL_OK, "", "", "302", "http://elsewhere.example.com/", "-"},
};

static void a_circle_leads_through_other_hosts(void **state)
{
    struct server *s = server_start(&(struct server_options){.serve = answer_round});
    struct server *other = server_start(&(struct server_options){.serve = answer_round});
    (void)state;
    mended = false;
    for (size_t i = 0; i < BN_COUNT(rounds); i++)
        add_host(rounds[i].host, s, "/\thttp\t\t\t");
    strbuf_addf(&addresses, ",elsewhere.example.com=127.0.0.1:%d", server_port(other));
    struct source_run r;
    start(&r, NULL, false);
    for (size_t i = 0; i < BN_COUNT(rounds); i++) {
        const char *host = rounds[i].host;
        source_judged(&r, "http-probe", host, rounds[i].level, rounds[i].rule, rounds[i].says);
        assert_string_equal(source_text(&r, "http-probe", host, "status"), rounds[i].status);
        assert_string_equal(source_text(&r, "http-probe", host, "redirect"), rounds[i].redirect);
        assert_string_equal(source_text(&r, "http-probe", host, "circle"), rounds[i].circle);
    }
    assert_string_equal(source_text(&r, "http-probe", "app.example.org", "provider"),
                        "http://id.example.net/");
    assert_false(source_leaks(&r, "hidden"));
    assert_int_equal(server_requests(other), 0);
    mended = true;
    source_refresh(&r);
    source_until(&r, source_level(&r, "http-probe", "way.example.org") == LEVEL_OK);
    source_until(&r, source_level(&r, "http-probe", "before.example.org") == LEVEL_OK);
    assert_string_equal(source_text(&r, "http-probe", "before.example.org", "circle"), "-");
    source_stop(&r);
    server_stop(s);
    server_stop(other);
}

static _Atomic int asked, followed;

/* Somewhere else each time. */
static void answer_moving(struct conn *c, const char *request, void *context)
{
    char head[100];
    (void)context;
    followed += strstr(request, "GET /n") != NULL;
    if (strstr(request, "Host: www."))
        (void)snprintf(head, sizeof(head), "Location: http://sso.example.net/n%d\r\n", ++asked);
    conn_answer(c, strstr(request, "Host: www.") ? 302 : 200,
                strstr(request, "Host: www.") ? head : "", SPAN(""));
}

/* Where people sign in it is counted who comes: what others redirect to is seldom asked. */
static void other_hosts_are_seldom_followed(void **state)
{
    struct server *s = server_start(&(struct server_options){.serve = answer_moving});
    (void)state;
    asked = followed = 0;
    add_host("www.example.org", s, "/\thttp\t\t\t");
    add_host("sso.example.net", s, "/\thttp\t\t\t");
    struct source_run r;
    start(&r, NULL, false);
    for (int i = 1; i <= 7; i++) {
        char redirect[64], line[160];
        (void)snprintf(redirect, sizeof(redirect), "http://sso.example.net/n%d", i);
        source_until(&r, strcmp(source_text(&r, "http-probe", "www.example.org", "redirect"),
                                redirect) == 0);
        assert_int_equal(followed, i < 6 ? 1 : 2);
        (void)snprintf(line, sizeof(line),
                       "www.example.org\t/%d\thttp\t\t\t\nsso.example.net\t/\thttp\t\t\t\n", i);
        runner_set_targets(r.runner, line); /* it is looked at again */
    }
    source_until(&r, asked == 8);
    source_refresh(&r); /* and at once where somebody asks */
    source_until(&r, followed == 3);
    source_stop(&r);
    server_stop(s);
}

/* As oauth2-proxy sends people to its provider [oauth2-proxy providers/util.go: makeLoginURL]. */
#define PROVIDER  "Location: https://accounts.example.com/o/oauth2/auth?approval_prompt=force&"
#define CLIENT    "client_id=123.apps.example.com&"
#define BACK(url) "redirect_uri=" url "%2Foauth2%2Fcallback%3Fcode%3Dhidden&"
#define REST      "response_type=code&scope=openid&state=hidden\r\n"

static const struct {
    const char *location;
    enum level level;
    const char *rule, *says, *callback; /* that of each is another than that of the one before */
} sign_ins[] = {
    {PROVIDER CLIENT BACK("https%3A%2F%2Fauth.example.org") REST, LEVEL_NOTICE, "probe-sign-in",
     "asks for sign-in (302), at https://accounts.example.com/o/oauth2/auth; whether",
     "https://auth.example.org/oauth2/callback"},
    {PROVIDER BACK("https%3A%2F%2Fb.example.org") REST, LEVEL_WARNING, "probe-sign-in-client",
     "sends people to sign in at https://accounts.example.com/o/oauth2/auth without a client_id",
     "https://b.example.org/oauth2/callback"},
    {PROVIDER "client_id=&" BACK("https%3A%2F%2Fauth.example.org") REST, LEVEL_WARNING,
     "probe-sign-in-client", "without a client_id", "https://auth.example.org/oauth2/callback"},
    {PROVIDER CLIENT BACK("http%3A%2F%2Fauth.example.org") REST, LEVEL_WARNING,
     "probe-sign-in-callback",
     "is to come back to http://auth.example.org/oauth2/callback, which is not HTTPS",
     "http://auth.example.org/oauth2/callback"},
    {PROVIDER CLIENT BACK("https%3A%2F%2Fsso.example.net:8443") REST, LEVEL_WARNING,
     "probe-sign-in-callback", "is to come back to sso.example.net, which no route serves",
     "https://sso.example.net:8443/oauth2/callback"},
    {PROVIDER CLIENT BACK("https%3A%2F%2Fevil-example.org") REST, LEVEL_WARNING,
     "probe-sign-in-callback", "evil-example.org, which no route serves",
     "https://evil-example.org/oauth2/callback"},
    /* one that a route serves; one below the same domain; none is said */
    {PROVIDER CLIENT BACK("https%3A%2F%2Fother.example.net") REST, LEVEL_NOTICE, "probe-sign-in",
     "asks for sign-in", "https://other.example.net/oauth2/callback"},
    {PROVIDER CLIENT BACK("https%3A%2F%2FSSO.Example.org") REST, LEVEL_NOTICE, "probe-sign-in",
     "asks for sign-in", "https://SSO.Example.org/oauth2/callback"},
    {PROVIDER CLIENT REST, LEVEL_NOTICE, "probe-sign-in", "asks for sign-in", "-"},
};

static _Atomic size_t sign_in_at;

static void answer_sign_in(struct conn *c, const char *request, void *context)
{
    (void)context;
    if (strstr(request, "Host: login."))
        conn_answer(c, 302, sign_ins[sign_in_at].location, SPAN(""));
    else
        conn_answer(c, 200, "", SPAN("hello"));
}

/* Nobody signs in at what the provider refuses, or where nobody comes back from: and all is well again
 * when that is mended. */
static void what_a_sign_in_asks_is_judged(void **state)
{
    struct server *s = server_start(&(struct server_options){.serve = answer_sign_in});
    (void)state;
    sign_in_at = 0;
    add_host("login.example.org", s, "/\thttp\t\t\tshop/auth");
    add_host("other.example.net", s, "/\thttp\t\t\t");
    struct source_run r;
    start(&r, NULL, false);
    for (size_t i = 0; i <= BN_COUNT(sign_ins); i++) {
        size_t at = i % BN_COUNT(sign_ins); /* the first again at last */
        sign_in_at = at;
        if (i)
            source_refresh(&r);
        source_until(&r, strcmp(source_text(&r, "http-probe", "login.example.org", "callback"),
                                sign_ins[at].callback) == 0);
        source_judged(&r, "http-probe", "login.example.org", sign_ins[at].level, sign_ins[at].rule,
                      sign_ins[at].says);
        assert_false(source_leaks(&r, "hidden"));
    }
    source_stop(&r);
    server_stop(s);
}

/* This machine's own name leads to loopback, where nothing is asked that no map allows. */
static void a_name_that_leads_here_is_not_followed(void **state)
{
    (void)state;
    add_host("localhost", NULL, "/\thttp\t\t\t");
    struct source_run r;
    start(&r, NULL, true);
    source_judged(&r, "http-probe", "localhost", LEVEL_UNKNOWN, "probe-not-asked",
                  "which is not asked");
    source_stop(&r);
}

/* ---- Over time. */

static void hosts_come_and_go_and_rest(void **state)
{
    struct server *s = server_start(&(struct server_options){.serve = answer_by_host});
    (void)state;
    add_host("fine.example.org", s, "/\thttp\t\t\t");
    add_host("gone.example.org", s, "/\thttp\t\t\t");
    add_host("third.example.org", s, "/\thttp\t\t\t");
    struct source_run r;
    start(&r, NULL, false);
    assert_int_equal(server_requests(s), 3);
    source_step(&r, 53000); /* none is asked again so soon */
    runner_set_targets(r.runner, "fine.example.org\t/\thttp\t\t\t\n"
                                 "third.example.org\t/\thttp\tingress:shop/x\t\t\n");
    source_until(&r, !source_has(&r, "http-probe", "gone.example.org"));
    source_until(&r, server_requests(s) == 4); /* the third: it is named otherwise now */
    assert_true(source_has(&r, "http-probe", "fine.example.org"));
    source_step(&r, 14000); /* a minute and a tenth are over for the first */
    source_until(&r, server_requests(s) == 5);
    source_want(&r, "http-probe", false);
    source_want(&r, "served-cert", false);
    source_until(&r, source_report(&r)->state == SOURCE_OFF);
    source_step(&r, 600000);
    source_want(&r, "http-probe", true);
    source_until(&r, server_requests(s) == 7); /* not one in between */
    source_stop(&r);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_those_of_routes),
        cmocka_unit_test(certificates_stand_beside_their_secrets),
        cmocka_unit_test(what_is_no_public_name_is_not_asked),
        cmocka_unit_test(sign_in_is_known_by_the_middlewares),
        cmocka_unit_test(places_of_addresses),
        cmocka_unit_test(the_map_of_addresses),
        cmocka_unit_test_teardown(each_certificate_is_judged, forget_hosts),
        cmocka_unit_test_teardown(each_answer_is_judged, forget_hosts),
        cmocka_unit_test_teardown(a_circle_leads_through_other_hosts, forget_hosts),
        cmocka_unit_test_teardown(other_hosts_are_seldom_followed, forget_hosts),
        cmocka_unit_test_teardown(what_a_sign_in_asks_is_judged, forget_hosts),
        cmocka_unit_test_teardown(a_name_that_leads_here_is_not_followed, forget_hosts),
        cmocka_unit_test_teardown(hosts_come_and_go_and_rest, forget_hosts),
    };
    return cmocka_run_group_tests_name("probe_hosts", tests, NULL, NULL);
}
