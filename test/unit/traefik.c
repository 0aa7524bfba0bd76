/* Routes of the cluster beside what a Traefik says it has made of them: each disagreement has its
 * verdict, on the object, and only where it is known. And the figures by themselves. */
#include <config.h>

#include "backends/traefik/traefik.h"

#include "backends/discovery.h"
#include "test/unit/kube_judge.h"

#define ROUTER "shop-web-cfc4429f0e3230e5f28a@kubernetescrd"
#define ROUTE_WITH(created)                                                                       \
    "{metadata: {namespace: shop, name: web, creationTimestamp: '" created "'}, spec: {routes:"   \
    " [{match: 'Host(`shop.org`) || Host(`www.shop.org`)', services: [{name: api@internal, kind:" \
    " TraefikService}]}]}}"
#define ROUTE ROUTE_WITH("2026-02-12T09:00:00Z")

static struct store *both(void)
{
    static const struct kind *const kinds[] = {&kind_traefik_router, &kind_traefik_middleware,
                                               NULL};
    return kube_store_beside("traefik", "traefik", 0, kinds);
}

static void end_picture(struct store *st, const struct kind *kind, bool complete)
{
    uint16_t n = (uint16_t)kind_find(&kube_test_kinds, span_from(kind->name));
    struct message *m = message_new(MESSAGE_SYNC_END, KUBE_BESIDE, n);
    store_set_wanted(st, KUBE_BESIDE, n, true);
    m->complete = complete;
    m->generation = 1;
    kube_apply(st, m, kube_time(NOW));
}

static void begin_picture(struct store *st, const struct kind *kind)
{
    uint16_t n = (uint16_t)kind_find(&kube_test_kinds, span_from(kind->name));
    struct message *m = message_new(MESSAGE_SYNC_BEGIN, KUBE_BESIDE, n);
    m->generation = 1;
    kube_apply(st, m, kube_time(NOW));
}

static void put_rows(struct store *st, const struct kind *kind, struct row_writer *w)
{
    struct message *m = row_writer_take(
        w, KUBE_BESIDE, (uint16_t)kind_find(&kube_test_kinds, span_from(kind->name)));
    if (m)
        kube_apply(st, m, kube_time(NOW));
    row_writer_clear(w);
}

/* What a Traefik has, as /api/rawdata says it. complete: all of it was seen. */
static void traefik_has(struct store *st, const char *raw, bool complete)
{
    struct traefik t = {.figures = figures_new()};
    struct err err;
    struct row_writer routers, middlewares;
    struct json_doc *doc = json_doc_parse(span_from(raw), "rawdata", &err);
    if (!doc)
        fail_msg("%s", err.msg);
    row_writer_init(&routers, &kind_traefik_router, 1 << 20);
    row_writer_init(&middlewares, &kind_traefik_middleware, 1 << 20);
    assert_true(traefik_put_routers(&t, json_doc_root(doc), &routers));
    assert_true(traefik_put_middlewares(json_doc_root(doc), &middlewares));
    begin_picture(st, &kind_traefik_router);
    begin_picture(st, &kind_traefik_middleware);
    put_rows(st, &kind_traefik_router, &routers);
    put_rows(st, &kind_traefik_middleware, &middlewares);
    end_picture(st, &kind_traefik_router, complete);
    end_picture(st, &kind_traefik_middleware, complete);
    json_doc_free(doc);
    figures_free(t.figures);
}

#define NOT_LOADED                                                                               \
    "Traefik has no router " ROUTER ": its namespace or class is not watched, or Traefik's log " \
    "says what it lacks"

#define NOT_YET "Traefik has no router " ROUTER " yet"

static void a_route_that_was_not_loaded(void **state)
{
    struct store *st = both();
    struct handle row = kube_put(st, "ingressroute", 0, ROUTE, kube_time(NOW));
    (void)state;
    expect(st, row, "no Traefik is asked", LEVEL_OK, NULL, NULL);
    traefik_has(st, "{}", false);
    expect(st, row, "Traefik has not said all", LEVEL_OK, NULL, NULL);
    traefik_has(st, "{}", true);
    expect(st, row, "it has none", LEVEL_CRITICAL, "route-not-loaded", NOT_LOADED);
    traefik_has(st, "{\"routers\":{\"" ROUTER "\":{\"status\":\"enabled\"}}}", true);
    expect(st, row, "it has one", LEVEL_OK, NULL, NULL);
    store_free(st);
}

static void a_route_that_is_new_has_a_minute(void **state)
{
    struct store *st = both();
    struct handle row =
        kube_put(st, "ingressroute", 0, ROUTE_WITH("2026-02-13T08:59:30Z"), kube_time(NOW));
    (void)state;
    traefik_has(st, "{}", true);
    expect(st, row, "it was just made", LEVEL_PROGRESS, "route-not-loaded", NOT_YET);
    work(st, kube_time("2026-02-13T09:00:31Z"));
    assert_int_equal(store_verdict(st, row).level, LEVEL_CRITICAL);
    store_free(st);
}

/* Another rule is another router, which Traefik is asked for some seconds later. */
static void a_route_that_has_changed_has_one_too(void **state)
{
    struct store *st = both();
    struct handle row =
        kube_put(st, "ingressroute", 0,
                 ROUTE_WITH("2026-01-13T08:00:00Z', managedFields: [{time: '2026-02-13T08:59:30Z', "
                            "fieldsV1: {'f:spec': {}}}, {time: '2026-02-13T08:59:59Z', "
                            "fieldsV1: {'f:metadata': {}}}], resourceVersion: '7"),
                 kube_time(NOW));
    (void)state;
    traefik_has(st, "{}", true);
    expect(st, row, "it has just changed", LEVEL_PROGRESS, "route-not-loaded", NOT_YET);
    work(st, kube_time("2026-02-13T09:00:31Z"));
    expect(st, row, "it has not just changed", LEVEL_CRITICAL, "route-not-loaded", NOT_LOADED);
    store_free(st);
}

static void a_route_that_is_refused(void **state)
{
    static const struct {
        const char *router, *says;
        enum level level;
    } cases[] = {
        {"\"status\":\"disabled\",\"error\":[\"invalid rule\"]",
         "disabled by Traefik: invalid rule", LEVEL_CRITICAL},
        {"\"status\":\"warning\",\"error\":[\"no entry point\"]",
         "taken with a warning: no entry point", LEVEL_WARNING},
        {"\"status\":\"enabled\"", NULL, LEVEL_OK},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct store *st = both();
        struct strbuf raw = STRBUF_INIT(4096);
        struct handle row = kube_put(st, "ingressroute", 0, ROUTE, kube_time(NOW));
        strbuf_addf(&raw, "{\"routers\":{\"" ROUTER "\":{%s}}}", cases[i].router);
        traefik_has(st, strbuf_cstr(&raw), true);
        expect(st, row, cases[i].router, cases[i].level, "route-refused", cases[i].says);
        traefik_has(st, "{\"routers\":{\"" ROUTER "\":{\"status\":\"enabled\"}}}", true);
        expect(st, row, "it is taken", LEVEL_OK, NULL, NULL);
        strbuf_clear(&raw);
        store_free(st);
    }
}

static void a_middleware_that_was_not_loaded(void **state)
{
    struct store *st = both();
    struct handle row =
        kube_put(st, "middleware", 0,
                 "{metadata: {namespace: shop, name: a.b}, spec: {headers: {}}}", kube_time(NOW));
    (void)state;
    traefik_has(st, "{}", true);
    expect(st, row, "there is none", LEVEL_WARNING, "middleware-not-loaded",
           "Traefik has no middleware shop-a-b@kubernetescrd");
    traefik_has(st, "{\"middlewares\":{\"shop-a-b@kubernetescrd\":{\"headers\":{}}}}", true);
    expect(st, row, "there is one", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* ---- Figures. */

static bool take(struct figures *f, const char *pod, int64_t ms, const char *text)
{
    return figures_take(f, span_from(pod), span_from(text), ms);
}

#define COUNT(code, n) "traefik_service_requests_total{service=\"s@x\",code=\"" code "\"} " n "\n"

static void rates_of_pods_that_come_and_go(void **state)
{
    struct figures *f = figures_new();
    double rate, failing;
    (void)state;
    figures_begin(f);
    assert_true(take(f, "a", 1000, COUNT("200", "10") COUNT("500", "1")));
    assert_true(take(f, "ab", 1000, COUNT("200", "100")));
    figures_end(f);
    assert_false(figures_rate(f, FIGURE_SERVICE, SPAN("s@x"), &rate, &failing));
    figures_begin(f);
    assert_true(take(f, "a", 3000, COUNT("200", "18") COUNT("500", "3")));
    assert_true(take(f, "ab", 3000, COUNT("200", "50"))); /* begun anew */
    figures_end(f);
    assert_true(figures_rate(f, FIGURE_SERVICE, SPAN("s@x"), &rate, &failing));
    assert_true(rate == 5 && failing == 1);
    assert_false(figures_rate(f, FIGURE_ROUTER, SPAN("s@x"), &rate, &failing));
    figures_begin(f); /* a has gone, a new one has come */
    assert_true(take(f, "ab", 4000, COUNT("200", "51")));
    assert_true(take(f, "c", 4000, COUNT("200", "1e6")));
    figures_end(f);
    assert_true(figures_rate(f, FIGURE_SERVICE, SPAN("s@x"), &rate, &failing));
    assert_true(rate == 1 && failing == 0);
    figures_begin(f);
    assert_false(take(f, "ab", 5000, "<html>not found</html>"));
    figures_end(f);
    assert_false(figures_rate(f, FIGURE_SERVICE, SPAN("s@x"), &rate, &failing));
    figures_free(f);
}

static void which_hosts_a_certificate_fits(void **state)
{
    static const struct {
        const char *names, *host;
        bool fits;
    } cases[] = {
        {"a.org", "a.org", true},           {"a.org", "A.org", true},
        {"a.org", "b.a.org", false},        {"*.a.org", "b.a.org", true},
        {"*.a.org", "a.org", false},        {"*.a.org", "c.b.a.org", false},
        {"x.org,*.a.org", "b.a.org", true}, {"", "cn.org", true},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        char names[64], cn[] = "cn.org", serial[] = "1";
        (void)snprintf(names, sizeof(names), "%s", cases[i].names);
        const struct figure_cert c = {cn, names, serial, 0};
        if (figure_cert_fits(&c, span_from(cases[i].host)) != cases[i].fits)
            fail_msg("%s for %s", cases[i].names, cases[i].host);
    }
}

/* ---- Discovery. */

#define SERVICE(name, ports)                              \
    "{metadata: {namespace: edge, name: " name            \
    ", labels: {app.kubernetes.io/name: traefik}}, spec:" \
    " {ports: [" ports "], selector: {app.kubernetes.io/name: traefik}}}"
#define SLICE                                                                               \
    "{metadata: {namespace: edge, name: s, labels: {kubernetes.io/service-name: traefik}}," \
    " endpoints: [{addresses: [10.0.0.1], targetRef: {kind: Pod, name: t-1}}, {addresses:"  \
    " [10.0.0.2], targetRef: {kind: Pod, name: t-2}}]}"

static void found_by_its_service(void **state)
{
    static const struct {
        const char *service, *reach; /* NULL: nothing is found */
    } cases[] = {
        {SERVICE("traefik", "{name: web, port: 80}, {name: traefik, port: 9000}"),
         "reach=proxy:edge/traefik:traefik"},
        {SERVICE("traefik", "{name: websecure, port: 443}"), "reach=proxy-pod:edge/t-1:8080"},
        {SERVICE("traefik", "{name: dns, port: 53}"), NULL},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct store *st = both();
        struct discovery d = {0};
        (void)kube_put(st, "service", 0, cases[i].service, kube_time(NOW));
        (void)kube_put(st, "endpointslice", 0, SLICE, kube_time(NOW));
        traefik_discover(st, &d);
        assert_int_equal(d.count, cases[i].reach ? 1 : 0);
        if (d.count) {
            assert_string_equal(d.findings[0].name, "traefik");
            assert_string_equal(d.findings[0].settings[0], cases[i].reach);
            assert_string_equal(d.findings[0].settings[1], "metrics=proxy-pod:edge/*:9100");
            assert_true(strcmp(d.findings[0].targets, "t-1\nt-2") == 0 ||
                        strcmp(d.findings[0].targets, "t-2\nt-1") == 0);
        }
        discovery_done(&d);
        store_free(st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_that_was_not_loaded),
        cmocka_unit_test(a_route_that_is_new_has_a_minute),
        cmocka_unit_test(a_route_that_has_changed_has_one_too),
        cmocka_unit_test(a_route_that_is_refused),
        cmocka_unit_test(a_middleware_that_was_not_loaded),
        cmocka_unit_test(rates_of_pods_that_come_and_go),
        cmocka_unit_test(which_hosts_a_certificate_fits),
        cmocka_unit_test(found_by_its_service),
    };
    int failed = cmocka_run_group_tests_name("traefik", tests, NULL, NULL);
    strbuf_clear(&kube_seen);
    return failed;
}
