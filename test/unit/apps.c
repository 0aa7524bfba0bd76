/* Applications and the sign-in before public hosts: found by their routes, joined with what is seen
 * of them, judged by it, and put right by each change. */
#include <config.h>

#include "backends/auth/auth.h"
#include "backends/probe/probe.h"
#include "test/unit/joined_test.h"

extern const struct backend backend_apps, backend_sign_in, backend_probe, backend_oauth2_proxy;

JOINED_WORLD(world)

/* ---- A shop: a site and its worker, one route, one service. */

#define SHOP_LABELS(component)                                               \
    "{app.kubernetes.io/name: shop, app.kubernetes.io/component: " component \
    ", app.kubernetes.io/part-of: shop}"
#define WORKLOAD(ns, name, labels, ready)                                                             \
    "{metadata: {namespace: " ns ", name: " name ", labels: " labels ", generation: 1, "              \
    "creationTimestamp: '2026-01-01T00:00:00Z'}, spec: {replicas: 2, selector: {matchLabels: " labels \
    "}, template: {metadata: {labels: " labels "}, spec: {containers: [{name: a, image: "             \
    "'" name ":1'}]}}}, status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, "            \
    "readyReplicas: " ready ", availableReplicas: " ready "}}"
#define SERVICE(ns, name, selector)                                    \
    "{metadata: {namespace: " ns ", name: " name ", labels: " selector \
    "}, spec: {selector: " selector ", ports: [{name: http, port: 80}]}}"
#define ROUTE(ns, name, host, middlewares, services)                                            \
    "{metadata: {namespace: " ns ", name: " name "}, spec: {entryPoints: [websecure], routes: " \
    "[{kind: Rule, match: 'Host(`" host "`)', middlewares: [" middlewares                       \
    "], services: [" services "]}], tls: {}}}"

static void put(const char *kind, const char *object)
{
    (void)kube_put(world.st, kind, 0, object, kube_time(NOW));
}

static void put_shop(const char *ready)
{
    struct strbuf web = STRBUF_INIT(8192);
    strbuf_addf(&web, WORKLOAD("default", "shop", SHOP_LABELS("web"), "%s"), ready, ready);
    put("workload", strbuf_cstr(&web));
    put("workload", WORKLOAD("default", "shop-worker", SHOP_LABELS("worker"), "2"));
    put("workload", WORKLOAD("default", "other", "{app: other}", "2"));
    put("service", SERVICE("default", "shop", SHOP_LABELS("web")));
    put("endpointslice",
        "{metadata: {namespace: default, name: shop-1, labels: {kubernetes.io/service-name: shop}}, "
        "addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [10.20.0.9], conditions: "
        "{ready: true}}]}");
    put("ingressroute", ROUTE("default", "shop", "shop.example.org", "", "{name: shop, port: 80}"));
    strbuf_clear(&web);
}

/* What a host answers, as the probes would say it; 0: it was not asked. */
static void seen(const char *host, const char *path, int status, const char *sign_in)
{
    struct row_writer rows;
    struct strbuf line = STRBUF_INIT(1024);
    struct probe_answer a = {.status = status, .http_version = 11, .first_byte_us = 2000};
    strbuf_addf(&line, "%s\t%s\thttps\t\t\t%s", host, path, sign_in);
    const struct rota_item item = {.name = (char *)(uintptr_t)host,
                                   .line = (char *)(uintptr_t)strbuf_cstr(&line)};
    row_writer_init(&rows, &kind_http_probe, KUBE_JSON_MAX);
    if (status)
        assert_true(http_probe_put(&item, &a, &rows));
    joined_tell(&world, joined_source(&backend_probe), joined_number(&world, "http-probe"), &rows);
    row_writer_clear(&rows);
    strbuf_clear(&line);
}

/* Why it does not answer. */
static void fails(const char *host, enum probe_failure failure, const char *why)
{
    struct row_writer rows;
    struct strbuf line = STRBUF_INIT(1024);
    struct probe_answer a = {.failure = failure};
    (void)err_set(&a.err, ERR_IO, "%s", why);
    strbuf_addf(&line, "%s\t/\thttps\t\t\t", host);
    const struct rota_item item = {.name = (char *)(uintptr_t)host,
                                   .line = (char *)(uintptr_t)strbuf_cstr(&line)};
    row_writer_init(&rows, &kind_http_probe, KUBE_JSON_MAX);
    assert_true(http_probe_put(&item, &a, &rows));
    joined_tell(&world, joined_source(&backend_probe), joined_number(&world, "http-probe"), &rows);
    row_writer_clear(&rows);
    strbuf_clear(&line);
}

/* The certificate that a host serves lasts for so many days. */
static void serves(const char *host, int64_t days)
{
    struct row_writer rows;
    struct strbuf line = STRBUF_INIT(1024);
    struct probe_seen seen = {.answer = {.status = 200, .has_cert = true, .cert = {.fits = true}},
                              .differs_ms = TIME_NONE};
    struct probe_cert *c = &seen.answer.cert;
    c->not_before_ms = kube_time(NOW) - INT64_C(80) * 86400000;
    c->not_after_ms = kube_time(NOW) + days * 86400000;
    (void)snprintf(c->issuer, sizeof(c->issuer), "R11");
    (void)snprintf(c->names, sizeof(c->names), "%s", host);
    strbuf_addf(&line, "%s\t/\thttps\t\t\t", host);
    const struct rota_item item = {.name = (char *)(uintptr_t)host,
                                   .line = (char *)(uintptr_t)strbuf_cstr(&line)};
    row_writer_init(&rows, &kind_served_cert, KUBE_JSON_MAX);
    assert_true(served_cert_put(&item, &seen, &rows));
    joined_tell(&world, joined_source(&backend_probe), joined_number(&world, "served-cert"), &rows);
    row_writer_clear(&rows);
    strbuf_clear(&line);
}

static void look_with(const struct declared *declared)
{
    joined_look(&world, &backend_apps, declared);
}

static void look(void)
{
    look_with(NULL);
}

/* ---- Applications. */

static void an_application_is_what_a_public_route_leads_to(void **state)
{
    (void)state;
    put_shop("2");
    seen("shop.example.org", "/", 200, "");
    look();
    assert_int_equal(store_count(world.st, joined_number(&world, "app")), 1);
    assert_string_equal(joined_cell(&world, "app", "default/shop", "ready"), "4/4");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "hosts"), "shop.example.org");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "workloads"),
                        "shop,shop-worker");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "images"),
                        "shop:1,shop-worker:1");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "status"), "200");
    joined_judged(&world, "app", "default/shop", LEVEL_OK, "", NULL);
    assert_string_equal(joined_system(&world, &backend_apps), "1/1 well");
}

static void it_is_as_bad_as_the_worst_of_it(void **state)
{
    (void)state;
    put_shop("2");
    seen("shop.example.org", "/", 502, "");
    look();
    joined_judged(&world, "app", "default/shop", LEVEL_CRITICAL, "app-host",
                  "host shop.example.org: answers 502: nothing behind the route answers");
    put_shop("0"); /* the cause is nearer than what comes of it */
    look();
    joined_judged(&world, "app", "default/shop", LEVEL_CRITICAL, "app-workload",
                  "workload: 0/2 ready");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "ready"), "2/4");
    assert_string_equal(joined_system(&world, &backend_apps), "0/1 well");
    put_shop("2");
    seen("shop.example.org", "/", 200, "");
    look();
    joined_judged(&world, "app", "default/shop", LEVEL_OK, "", NULL);
}

static void its_certificate_is_a_part_of_it(void **state)
{
    (void)state;
    put_shop("2");
    seen("shop.example.org", "/", 200, "");
    serves("shop.example.org", -3);
    look();
    joined_judged(&world, "app", "default/shop", LEVEL_CRITICAL, "app-cert",
                  "certificate of shop.example.org: expired 3d ago");
    serves("shop.example.org", 60);
    joined_judged(&world, "app", "default/shop", LEVEL_OK, "", NULL);
}

/* A name that is not known is the zone's trouble or ours; no way there is ours alone. */
static void a_host_that_is_not_found(void **state)
{
    (void)state;
    put_shop("2");
    fails("shop.example.org", PROBE_NAME, "the name shop.example.org is not known");
    look();
    joined_judged(&world, "http-probe", "shop.example.org", LEVEL_WARNING, "probe-name-unknown",
                  "the name shop.example.org is not known");
    joined_judged(&world, "app", "default/shop", LEVEL_WARNING, "app-host",
                  "host shop.example.org: the name shop.example.org is not known");
    fails("shop.example.org", PROBE_UNREACHABLE, "no way to 203.0.113.24: Network is unreachable");
    joined_judged(&world, "http-probe", "shop.example.org", LEVEL_UNKNOWN, "probe-no-way",
                  "no way to 203.0.113.24: Network is unreachable");
    seen("shop.example.org", "/", 200, "");
    joined_judged(&world, "http-probe", "shop.example.org", LEVEL_OK, "", NULL);
    joined_judged(&world, "app", "default/shop", LEVEL_OK, "", NULL);
}

/* The verdict follows its parts before anybody looks again. */
static void a_change_of_a_part_is_enough(void **state)
{
    (void)state;
    put_shop("2");
    seen("shop.example.org", "/", 200, "");
    look();
    seen("shop.example.org", "/", 503, "");
    joined_judged(&world, "app", "default/shop", LEVEL_CRITICAL, "app-host",
                  "host shop.example.org: answers 503: nothing behind the route answers");
    kube_drop(world.st, "service", "default/shop", kube_time(NOW));
    seen("shop.example.org", "/", 200, "");
    for (int again = 0; again < 2; again++) { /* it does not go with its service */
        joined_judged(&world, "app", "default/shop", LEVEL_CRITICAL, "app-route",
                      "route: service default/shop does not exist");
        look();
    }
}

static void what_was_not_asked_is_not_well(void **state)
{
    (void)state;
    put_shop("2");
    look();
    joined_judged(&world, "app", "default/shop", LEVEL_UNKNOWN, "app-host-unseen",
                  "host shop.example.org was not asked yet");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "status"), "-");
    store_drop_source(world.st, joined_source(&backend_probe)); /* nobody asks: it is known as far
                                                                   as it can be */
    put_shop("1");
    look();
    joined_judged(&world, "app", "default/shop", LEVEL_WARNING, "app-workload",
                  "workload: 1/2 ready");
}

static void it_goes_with_its_route(void **state)
{
    static const char *const none[] = {"hosts=nowhere.example.org", NULL};
    const struct declared said[] = {{"world/outside", none}, {NULL, NULL}};
    (void)state;
    store_drop_source(world.st, joined_source(&backend_probe)); /* nobody asks hosts */
    look_with(said);
    joined_judged(&world, "app", "world/outside", LEVEL_UNKNOWN, "app-nothing",
                  "nothing is known of what it is made of");
    put_shop("2");
    look();
    assert_true(joined_has(&world, "app", "default/shop"));
    kube_drop(world.st, "ingressroute", "default/shop", kube_time(NOW));
    look();
    assert_false(joined_has(&world, "app", "default/shop"));
    assert_string_equal(joined_system(&world, &backend_apps), "none found");
}

/* What a route leads to by another path has its own host, if it has one. */
static void the_first_service_of_a_route_is_what_it_is_for(void **state)
{
    (void)state;
    put_shop("2");
    put("workload", WORKLOAD("tools", "search", "{app: search}", "2"));
    put("service", SERVICE("tools", "search", "{app: search}"));
    put("ingressroute",
        ROUTE("default", "shop", "shop.example.org", "",
              "{name: shop, port: 80}, {name: search, namespace: tools, port: 80}"));
    look();
    assert_string_equal(joined_cell(&world, "app", "tools/search", "hosts"), "shop.example.org");
    put("ingressroute",
        ROUTE("tools", "search", "search.example.org", "", "{name: search, port: 80}"));
    look();
    assert_string_equal(joined_cell(&world, "app", "tools/search", "hosts"), "search.example.org");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "hosts"), "shop.example.org");
}

static void the_configuration_adds_changes_and_leaves_out(void **state)
{
    static const char *const bot[] = {"workloads=tools/Deployment/bot", NULL};
    static const char *const hosts[] = {"hosts=shop.example.org, www.example.org", NULL};
    static const char *const hidden[] = {"show=false", NULL};
    const struct declared said[] = {{"bot", bot}, {"default/shop", hosts}, {NULL, NULL}};
    const struct declared less[] = {{"shop", hidden}, {"unheard", hidden}, {NULL, NULL}};
    (void)state;
    put_shop("2");
    look_with(said);
    joined_judged(&world, "app", "tools/bot", LEVEL_CRITICAL, "app-workload-missing",
                  "workload tools/Deployment/bot does not exist");
    put("workload", WORKLOAD("tools", "bot", "{app: bot}", "2"));
    look_with(said);
    joined_judged(&world, "app", "tools/bot", LEVEL_OK, "", NULL); /* a bot has no host */
    assert_string_equal(joined_cell(&world, "app", "tools/bot", "from"), "configuration");
    assert_string_equal(joined_cell(&world, "app", "default/shop", "hosts"),
                        "shop.example.org,www.example.org");
    look_with(less);
    assert_int_equal(store_count(world.st, joined_number(&world, "app")), 0);
}

/* Away with the cluster: nothing that was made of its rows is known then. */
static void it_is_as_stale_as_the_cluster(void **state)
{
    struct system_state now;
    struct message *m = message_new(MESSAGE_STATE, 0, KIND_NONE);
    (void)state;
    put_shop("2");
    seen("shop.example.org", "/", 200, "");
    look();
    system_judge(world.st, &backend_apps.systems[0], kube_time(NOW), &now);
    assert_int_equal(now.level, LEVEL_OK);
    m->report.state = SOURCE_STALE;
    m->report.proof_ms = kube_time(NOW) - 60000;
    kube_apply(world.st, m, kube_time(NOW));
    assert_true(store_stale(world.st, joined_row(&world, "app", "default/shop")));
    system_judge(world.st, &backend_apps.systems[0], kube_time(NOW), &now);
    assert_int_equal(now.level, LEVEL_UNKNOWN);
    assert_string_equal(now.says, "unknown, was ok 1m ago: kubernetes stale");
}

/* ---- Sign-in. */

#define GATE                                                                    \
    "{metadata: {namespace: edge, name: login}, spec: {forwardAuth: {address: " \
    "'http://oauth2-proxy.edge.svc.cluster.local:4180/oauth2/auth'}}}"
#define PAGE                                                                                                \
    "{metadata: {namespace: edge, name: page}, spec: {errors: {status: ['401'], query: '/oauth2/sign_in', " \
    "service: {name: oauth2-proxy, port: 4180}}}}"
#define PROXY_LABELS "{app.kubernetes.io/name: oauth2-proxy}"
#define BOTH         "{name: page, namespace: edge}, {name: login, namespace: edge}"
#define SHOP_SERVICE "{name: shop, port: 80}"

/* "true", or "false": none that is ready. */
static void proxy_has_pods(const char *ready)
{
    struct strbuf slice = STRBUF_INIT(8192);
    strbuf_addf(
        &slice,
        "{metadata: {namespace: edge, name: oauth2-proxy-1, labels: {kubernetes.io/service-name: "
        "oauth2-proxy}}, addressType: IPv4, ports: [{port: 4180}], endpoints: [{addresses: "
        "[10.20.0.8], conditions: {ready: %s}}]}",
        ready);
    put("endpointslice", strbuf_cstr(&slice));
    strbuf_clear(&slice);
}

static void put_gate(const char *middlewares)
{
    struct strbuf route = STRBUF_INIT(8192);
    strbuf_addf(&route, ROUTE("default", "shop", "shop.example.org", "%s", SHOP_SERVICE),
                middlewares);
    put("middleware", GATE);
    put("middleware", PAGE);
    put("service", SERVICE("edge", "oauth2-proxy", PROXY_LABELS));
    proxy_has_pods("true");
    put("service", SERVICE("default", "shop", "{app: shop}"));
    put("ingressroute", strbuf_cstr(&route));
    strbuf_clear(&route);
}

static void look_at_hosts(const struct declared *declared)
{
    joined_look(&world, &backend_sign_in, declared);
}

static void proxy_says(int ready, const char *error)
{
    struct row_writer rows;
    struct oauth2_answer a = {.ping = 200, .ready = ready, .rate = -1, .fail_rate = -1};
    (void)snprintf(a.error, sizeof(a.error), "%s", error);
    row_writer_init(&rows, &kind_oauth2_proxy, KUBE_JSON_MAX);
    assert_true(oauth2_put(&a, SPAN("edge/oauth2-proxy"), &rows));
    joined_tell(&world, joined_source(&backend_oauth2_proxy), joined_number(&world, "oauth2-proxy"),
                &rows);
    row_writer_clear(&rows);
}

static void a_host_whose_route_asks_for_nothing_is_open(void **state)
{
    (void)state;
    put_gate("");
    look_at_hosts(NULL);
    assert_string_equal(joined_cell(&world, "public-host", "shop.example.org", "sign-in"), "open");
    assert_string_equal(joined_cell(&world, "public-host", "shop.example.org", "open"), "/");
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_OFF, "", NULL); /* neither */
    assert_string_equal(joined_system(&world, &backend_sign_in), "0 of 1 hosts ask for sign-in");
}

static void a_host_behind_a_proxy_is_never_just_well(void **state)
{
    (void)state;
    put_gate(BOTH);
    proxy_says(200, "");
    look_at_hosts(NULL);
    assert_string_equal(joined_cell(&world, "public-host", "shop.example.org", "proxy"),
                        "edge/oauth2-proxy");
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_NOTICE, "host-sign-in",
                  "asks for sign-in by edge/login; whether one can sign in there is not seen");
    joined_judged(&world, "oauth2-proxy", "edge/oauth2-proxy", LEVEL_NOTICE,
                  "oauth2-proxy-provider",
                  "ready; whether its provider lets people sign in is not seen");
    proxy_says(500, "error: dial tcp 10.21.0.4:6379: connect: connection refused");
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_CRITICAL, "host-proxy",
                  "nobody can sign in at edge/oauth2-proxy: not ready (500): error: dial tcp "
                  "10.21.0.4:6379: connect: connection refused");
    proxy_says(200, "");
    proxy_has_pods("false");
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_CRITICAL, "host-proxy-gone",
                  "nobody can sign in at edge/oauth2-proxy: no pod that is ready has the labels "
                  "app.kubernetes.io/name=oauth2-proxy");
    proxy_has_pods("true");
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_NOTICE, "host-sign-in",
                  "asks for sign-in by edge/login; whether one can sign in there is not seen");
    seen("shop.example.org", "/", 200, "edge/login");
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_WARNING, "host-answers-open",
                  "answers without sign-in, though edge/login asks for it");
}

static void a_sign_in_that_is_lost(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const no[] = {"wanted=false", NULL};
    const struct declared must[] = {{"*.example.org", none}, {NULL, NULL}};
    const struct declared but[] = {{"shop.*", no}, {"*.example.org", none}, {NULL, NULL}};
    (void)state;
    put_gate("{name: page, namespace: edge}");
    look_at_hosts(NULL);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_WARNING, "host-sign-in-lost",
                  "is open to all at /: passes edge/page, a sign-in page, and nothing that asks "
                  "for sign-in");
    put_gate("");
    look_at_hosts(must);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_WARNING, "host-open",
                  "must ask for sign-in, and is open to all at /");
    look_at_hosts(but);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_OFF, "", NULL);
    put_gate("{name: login, namespace: edge}");
    look_at_hosts(must);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_NOTICE, "host-bare-401",
                  "edge/login answers 401, and no errors middleware shows a page to sign in at");
    put_gate(BOTH);
    kube_drop(world.st, "middleware", "edge/login", kube_time(NOW));
    look_at_hosts(must);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_WARNING,
                  "host-middleware-missing",
                  "middleware edge/login does not exist: whether it asks for sign-in is not known");
}

static void some_paths_are_open(void **state)
{
    (void)state;
    put_gate(BOTH);
    put("ingressroute",
        "{metadata: {namespace: default, name: hook}, spec: {entryPoints: [websecure], routes: "
        "[{kind: Rule, match: 'Host(`shop.example.org`) && PathPrefix(`/hook`)', services: "
        "[{name: shop, port: 80}]}]}}");
    put("ingressroute",
        ROUTE("edge", "pages", "login.example.org", "", "{name: oauth2-proxy, port: 4180}"));
    look_at_hosts(NULL);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_NOTICE, "host-partly-open",
                  "open to all at /hook, asks for sign-in elsewhere");
    assert_string_equal(joined_cell(&world, "public-host", "login.example.org", "sign-in"),
                        "proxy"); /* its own pages must be open */
    joined_judged(&world, "public-host", "login.example.org", LEVEL_OFF, "", NULL);
}

/* Chains, and the middlewares of an Ingress, which Traefik calls by another name. */
static void by_chains_and_annotations(void **state)
{
    (void)state;
    put_gate("{name: both, namespace: edge}");
    put("middleware", "{metadata: {namespace: edge, name: both}, spec: {chain: {middlewares: "
                      "[{name: page}, {name: login}]}}}");
    put("ingress", "{metadata: {namespace: default, name: old, annotations: "
                   "{traefik.ingress.kubernetes.io/router.middlewares: "
                   "'edge-page@kubernetescrd, edge-login@kubernetescrd'}}, spec: {rules: [{host: "
                   "old.example.org}]}}");
    put("ingress", "{metadata: {namespace: default, name: nginx, annotations: "
                   "{nginx.ingress.kubernetes.io/auth-url: "
                   "'http://oauth2-proxy.edge.svc.cluster.local/oauth2/auth'}}, spec: {rules: "
                   "[{host: nginx.example.org}]}}");
    look_at_hosts(NULL);
    assert_string_equal(joined_cell(&world, "public-host", "shop.example.org", "middleware"),
                        "edge/both");
    assert_string_equal(joined_cell(&world, "public-host", "old.example.org", "middleware"),
                        "edge/login");
    assert_string_equal(joined_cell(&world, "public-host", "nginx.example.org", "proxy"),
                        "edge/oauth2-proxy");
    assert_string_equal(joined_system(&world, &backend_sign_in), "3 of 3 hosts ask for sign-in");
}

/* One object may have a rule that asks and one that does not: of the same host, or of two. */
static void each_rule_has_its_own_middlewares(void **state)
{
    (void)state;
    put_gate(BOTH);
    put("ingressroute",
        "{metadata: {namespace: default, name: shop}, spec: {entryPoints: [websecure], routes: ["
        "{match: 'Host(`shop.example.org`) && PathPrefix(`/hook`)', services: [" SHOP_SERVICE "]},"
        "{match: 'Host(`shop.example.org`)', middlewares: [" BOTH "], services: [" SHOP_SERVICE
        "]},"
        "{match: 'Host(`shop.example.org`) && PathPrefix(`/oauth2/`)', services: [{name: "
        "oauth2-proxy, namespace: edge, port: 4180}]},"
        "{match: 'Host(`bare.example.org`)', services: [" SHOP_SERVICE "]},"
        "{match: 'Host(`file.example.org`)', middlewares: [{name: auth@file}], services: "
        "[" SHOP_SERVICE "]}]}}");
    look_at_hosts(NULL);
    joined_judged(&world, "public-host", "shop.example.org", LEVEL_NOTICE, "host-partly-open",
                  "open to all at /hook, asks for sign-in elsewhere");
    assert_string_equal(joined_cell(&world, "public-host", "shop.example.org", "open"), "/hook");
    joined_judged(&world, "public-host", "bare.example.org", LEVEL_OFF, "", NULL);
    assert_string_equal(joined_cell(&world, "public-host", "bare.example.org", "sign-in"), "open");
    joined_judged(&world, "public-host", "file.example.org", LEVEL_NOTICE,
                  "host-middleware-missing",
                  "middleware auth@file is another provider's, and not seen: whether it asks for "
                  "sign-in is not known");
    assert_string_equal(joined_cell(&world, "public-host", "file.example.org", "sign-in"),
                        "unknown");
    assert_string_equal(joined_system(&world, &backend_sign_in), "1 of 3 hosts asks for sign-in");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_application_is_what_a_public_route_leads_to),
        CASE(it_is_as_bad_as_the_worst_of_it),
        CASE(a_change_of_a_part_is_enough),
        CASE(its_certificate_is_a_part_of_it),
        CASE(a_host_that_is_not_found),
        CASE(what_was_not_asked_is_not_well),
        CASE(it_goes_with_its_route),
        CASE(the_first_service_of_a_route_is_what_it_is_for),
        CASE(the_configuration_adds_changes_and_leaves_out),
        CASE(it_is_as_stale_as_the_cluster),
        CASE(a_host_whose_route_asks_for_nothing_is_open),
        CASE(a_host_behind_a_proxy_is_never_just_well),
        CASE(a_sign_in_that_is_lost),
        CASE(some_paths_are_open),
        CASE(by_chains_and_annotations),
        CASE(each_rule_has_its_own_middlewares),
    };
    int failed = cmocka_run_group_tests_name("apps", tests, NULL, NULL);
    strbuf_clear(&kube_seen);
    return failed;
}
