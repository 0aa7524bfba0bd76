/* The Traefik source against a server that answers by the form of Traefik's API and metrics: what it
 * has in force, its own errors, rates and resets, and each half without the other. */
#include <config.h>

#include "base/file.h"
#include "base/timetext.h"
#include "test/systems/http_server.h"
#include "test/systems/routes.h"
#include "test/systems/source_run.h"

#include <stdio.h>

#define WEB    "shop-web-cfc4429f0e3230e5f28a@kubernetescrd"
#define OLD    "shop-old-aaaaaaaaaaaaaaaaaaaa@kubernetescrd"
#define LOST   "shop-lost-bbbbbbbbbbbbbbbbbbbb@kubernetescrd"
#define DOCS   "shop-i-shop-org-docs@kubernetes"
#define EVERY  10000
#define WALL   "2026-02-13T09:00:00Z"
#define DAY    86400
#define ANSWER ((size_t)1 << 20)
#define SAYS_VERSION \
    "{\"Version\":\"3.6.8\",\"Codename\":\"ramequin\",\"startDate\":\"2026-02-03T09:00:00Z\"}"

struct world {
    struct source_run source;
    struct server *server;
    struct routes routes; /* a path that is not there is a 404 as Traefik's */
};

extern const struct backend backend_traefik;

static void answer(struct world *w, const char *path, int status, const char *body)
{
    routes_answer(&w->routes, path, status, body);
}

static void answer_file(struct world *w, const char *path, const char *file)
{
    struct strbuf name = STRBUF_INIT(4096), text = STRBUF_INIT(ANSWER);
    strbuf_addf(&name, "%s/test/data/traefik/%s", getenv("top_srcdir"), file);
    assert_true(file_read(strbuf_cstr(&name), &text, NULL));
    answer(w, path, 200, strbuf_cstr(&text));
    strbuf_clear(&name);
    strbuf_clear(&text);
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct strbuf body = STRBUF_INIT(ANSWER);
    char path[256] = "";
    (void)sscanf(request, "%*s %255[^ ?]", path);
    (void)pthread_mutex_lock(&w->routes.lock);
    int status = routes_find(&w->routes, path, &body);
    (void)pthread_mutex_unlock(&w->routes.lock);
    if ((!status || status == 404) && !body.len)
        strbuf_adds(&body, "404 page not found\n");
    conn_answer(c, status ? status : 404, "Content-Type: application/json\r\n", strbuf_span(&body));
    strbuf_clear(&body);
}

/* ---- Figures. */

static int64_t at(const char *time)
{
    int64_t ms = 0;
    assert_true(time_parse(span_from(time), &ms));
    return ms;
}

/* The days for which one of its certificates still holds. */
static int64_t left_days = 10;

/* Counters of a pod: fine and failed requests of shop-web so far; docs, which has no server, fails as
 * often. */
static void count(struct world *w, const char *pod, int fine, int failed)
{
    struct strbuf text = STRBUF_INIT(ANSWER);
    char path[64];
    long long now = at(WALL) / 1000;
    (void)snprintf(path, sizeof(path), "/%s/metrics", pod);
    strbuf_addf(
        &text,
        "# TYPE traefik_service_requests_total counter\n"
        "traefik_service_requests_total{code=\"200\",method=\"GET\",service=\"" WEB "\"} %d\n"
        "traefik_service_requests_total{code=\"502\",method=\"GET\",service=\"" WEB "\"} %d\n"
        "traefik_service_requests_total{code=\"503\",service=\"shop-docs-80@kubernetes\"} %d\n"
        "traefik_router_requests_total{code=\"503\",router=\"" DOCS "\"} %d\n"
        "traefik_entrypoint_requests_total{code=\"200\",entrypoint=\"websecure\"} %d\n"
        "traefik_entrypoint_requests_total{code=\"502\",entrypoint=\"websecure\"} %d\n"
        "traefik_open_connections{entrypoint=\"websecure\",protocol=\"TCP\"} 7\n"
        "traefik_config_last_reload_success %lld\n"
        "traefik_tls_certs_not_after{cn=\"shop.org\",sans=\"shop.org\",serial=\"1\"} %lld\n"
        "traefik_tls_certs_not_after{cn=\"*.shop.org\",sans=\"*.shop.org\",serial=\"2\"} %lld\n"
        "traefik_tls_certs_not_after{cn=\"x.org\",sans=\"x.org\",serial=\"3\"} %lld\n",
        fine, failed, failed, failed, fine, failed, now - 60, now + 60 * DAY,
        now + (long long)left_days * DAY, now - DAY);
    answer(w, path, 200, strbuf_cstr(&text));
    strbuf_clear(&text);
}

static void serves_until(struct world *w, int64_t days)
{
    left_days = days;
    count(w, "a", 1000, 0);
    count(w, "b", 500, 0);
}

/* ---- The world. */

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    routes_init(&w->routes);
    *state = w;
    w->server = server_start(&o);
    answer(w, "/api/version", 200, SAYS_VERSION);
    answer_file(w, "/api/rawdata", "rawdata.json");
    answer_file(w, "/api/entrypoints", "entrypoints.json");
    serves_until(w, 10);
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    routes_clear(&w->routes);
    free(w);
    return 0;
}

static void start(struct world *w, bool figures)
{
    char reach[128], metrics[160];
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(metrics, sizeof(metrics), "metrics=%s/*", server_origin(w->server));
    const char *const with[] = {reach, metrics, NULL}, *const without[] = {reach, NULL};
    source_start_at(&w->source, &backend_traefik, figures ? with : without, at(WALL), "a\nb",
                    false);
    source_want(&w->source, "traefik", true);
    source_want(&w->source, "traefik-router", true);
    source_want(&w->source, "traefik-resolver", true);
    source_want(&w->source, "traefik-middleware", true);
    source_want(&w->source, "traefik-service", true);
    source_want(&w->source, "traefik-entrypoint", true);
    source_want(&w->source, "traefik-certificate", true);
}

static bool ready(struct world *w)
{
    return source_synced(&w->source, "traefik") && source_synced(&w->source, "traefik-router") &&
           source_synced(&w->source, "traefik-certificate");
}

#define cell(w, kind, key, column) source_text(&(w)->source, kind, key, column)

static bool is(struct world *w, const char *kind, const char *key, const char *column,
               const char *text)
{
    return strcmp(cell(w, kind, key, column), text) == 0;
}

/* A look of all parts at the next time. That of before may not have ended: then its next one would
 * be due later than the clock is, so it is asked for. */
static void next_look(struct source_run *s)
{
    source_step(s, EVERY);
    source_refresh(s);
}

/* ---- */

static void tells_what_is_in_force(void **state)
{
    struct world *w = *state;
    start(w, false);
    source_until(&w->source, ready(w));
    assert_string_equal(cell(w, "traefik", "it", "version"), "3.6.8");
    assert_string_equal(cell(w, "traefik", "it", "routers"), "6");
    assert_string_equal(cell(w, "traefik", "it", "refused"), "2");
    assert_string_equal(cell(w, "traefik", "it", "up"), "10d");
    assert_string_equal(cell(w, "traefik-router", WEB, "rule"),
                        "Host(`shop.org`) || Host(`www.shop.org`)");
    assert_string_equal(cell(w, "traefik-router", WEB, "priority"), "39");
    assert_string_equal(cell(w, "traefik-router", WEB, "tls"), "le");
    assert_string_equal(cell(w, "traefik-router", WEB, "up"), "1");
    assert_string_equal(cell(w, "traefik-router", WEB, "servers"), "2");
    assert_string_equal(cell(w, "traefik-router", LOST, "servers"), "-");
    assert_string_equal(cell(w, "traefik-router", WEB, "middlewares"),
                        "shop-auth@kubernetescrd,edge-headers@kubernetescrd");
    assert_string_equal(cell(w, "traefik-router", WEB, "uncovered"), "-"); /* not known */
    assert_string_equal(
        cell(w, "traefik-router", "db-mysql-cccccccccccccccccccc@kubernetescrd", "tls"),
        "passthrough");
    assert_string_equal(cell(w, "traefik-router", "api@internal", "priority"), "-"); /* 2^63 - 2 */
    assert_string_equal(cell(w, "traefik-service", "shop-two@kubernetescrd", "type"), "weighted");
    assert_string_equal(cell(w, "traefik-service", WEB, "down"), "http://10.1.0.2:80");
    assert_string_equal(cell(w, "traefik-middleware", "shop-auth@kubernetescrd", "type"),
                        "forwardAuth");
    assert_string_equal(cell(w, "traefik-middleware", "shop-auth@kubernetescrd", "routers"), "1");
    assert_string_equal(cell(w, "traefik-entrypoint", "web", "redirect"), ":443");
    assert_string_equal(cell(w, "traefik-entrypoint", "websecure", "tls"), "le");
}

static void says_what_traefik_says_against_it(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, false);
    source_until(s, ready(w));
    source_judged(s, "traefik-router", WEB, LEVEL_OK, "", "");
    source_judged(s, "traefik-router", OLD, LEVEL_CRITICAL, "traefik-router-disabled",
                  "disabled by Traefik: middleware \"shop-gone@kubernetescrd\" does not exist");
    source_judged(s, "traefik-router", LOST, LEVEL_CRITICAL, "traefik-router-target-missing",
                  "Traefik has no service shop-none@kubernetescrd");
    source_judged(s, "traefik-router", DOCS, LEVEL_WARNING, "traefik-router-empty",
                  "answers 503 \"no available server\": shop-docs-80 has no server");
    source_judged(s, "traefik-service", WEB, LEVEL_WARNING, "traefik-server-down",
                  "1 of 2 servers down by Traefik's checks: http://10.1.0.2:80");
    source_judged(s, "traefik-service", "shop-docs-80@kubernetes", LEVEL_WARNING,
                  "traefik-service-empty", "503 \"no available server\"");
    source_judged(s, "traefik-middleware", "edge-limit@kubernetescrd", LEVEL_WARNING,
                  "traefik-middleware-error", "disabled by Traefik: invalid period");
    source_judged(s, "traefik", "it", LEVEL_OK, "", "");
    /* and it goes away */
    answer(w, "/api/rawdata", 200,
           "{\"routers\":{\"" OLD "\":{\"status\":\"enabled\",\"service\":\"x@internal\"},"
           "\"" DOCS "\":{\"status\":\"warning\",\"service\":\"x@internal\","
           "\"error\":[\"the router uses a deprecated syntax\"]}},"
           "\"services\":{\"x@internal\":{\"status\":\"enabled\"}}}");
    source_refresh(s);
    source_until(s, source_level(s, "traefik-router", OLD) == LEVEL_OK &&
                        !source_has(s, "traefik-router", LOST));
    source_judged(s, "traefik-router", DOCS, LEVEL_WARNING, "traefik-router-warning",
                  "taken with a warning: the router uses a deprecated syntax");
}

static void what_is_disabled_and_why(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, false);
    source_until(s, ready(w));
    answer(
        w, "/api/rawdata", 200,
        "{\"routers\":{\"" WEB "\":{\"status\":\"enabled\",\"service\":\"" WEB "\","
        "\"middlewares\":[\"edge-limit@kubernetescrd\"]}},"
        "\"middlewares\":{\"edge-limit@kubernetescrd\":{\"rateLimit\":{\"average\":1},\"error\":["
        "\"invalid period\"],\"status\":\"disabled\",\"usedBy\":[\"" WEB "\"]}},"
        "\"services\":{\"" WEB
        "\":{\"loadBalancer\":{\"servers\":[{\"url\":\"http://10.1.0.1:80\"}]},"
        "\"error\":[\"the service has no such server transport\"],\"status\":\"disabled\"}}}");
    source_refresh(s);
    source_until(s,
                 strcmp(source_rule(s, "traefik-service", WEB), "traefik-service-disabled") == 0);
    source_judged(s, "traefik-service", WEB, LEVEL_CRITICAL, "traefik-service-disabled",
                  "disabled by Traefik: the service has no such server transport");
    source_until(s, source_level(s, "traefik-middleware", "edge-limit@kubernetescrd") ==
                        LEVEL_CRITICAL);
    source_judged(s, "traefik-middleware", "edge-limit@kubernetescrd", LEVEL_CRITICAL,
                  "traefik-middleware-disabled", "disabled by Traefik: invalid period");
    answer(w, "/api/rawdata", 200,
           "{\"routers\":{\"" WEB "\":{\"status\":\"enabled\",\"service\":\"" WEB "\","
           "\"middlewares\":[\"edge-limit@kubernetescrd\"]}},"
           "\"middlewares\":{\"edge-limit@kubernetescrd\":{\"rateLimit\":{\"average\":1},"
           "\"status\":\"enabled\",\"usedBy\":[\"" WEB "\"]}},"
           "\"services\":{\"" WEB
           "\":{\"loadBalancer\":{\"servers\":[{\"url\":\"http://10.1.0.1:80\"}]},"
           "\"status\":\"enabled\"}}}");
    source_refresh(s);
    source_until(s,
                 source_level(s, "traefik-service", WEB) == LEVEL_OK &&
                     source_level(s, "traefik-middleware", "edge-limit@kubernetescrd") == LEVEL_OK);
}

static void rates_are_differences_and_resets_are_none(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, true);
    source_until(s, ready(w));
    assert_string_equal(cell(w, "traefik-service", WEB, "rate"), "-"); /* once is no rate */
    count(w, "a", 1100, 0);
    count(w, "b", 540, 10);
    next_look(s);
    source_until(s, is(w, "traefik", "it", "rate", "15/s"));
    source_until(s, is(w, "traefik-service", WEB, "rate", "15/s"));
    assert_string_equal(cell(w, "traefik-service", WEB, "errors-share"), "7%");
    source_until(s, is(w, "traefik-router", WEB, "rate", "15/s")); /* its service is its own */
    source_until(s, is(w, "traefik-entrypoint", "websecure", "connections", "14"));
    count(w, "a", 30, 0); /* it has begun anew */
    count(w, "b", 560, 40);
    next_look(s);
    source_until(s, is(w, "traefik-service", WEB, "rate", "5/s"));
    source_judged(s, "traefik-service", WEB, LEVEL_CRITICAL, "traefik-service-errors",
                  "60% of its requests (5/s) are answered with 5xx");
    source_until(s, is(w, "traefik-router", WEB, "rate", "5/s"));
    source_judged(s, "traefik-router", WEB, LEVEL_CRITICAL, "traefik-router-errors",
                  "60% of its requests (5/s) are answered with 5xx");
    source_judged(s, "traefik-entrypoint", "websecure", LEVEL_CRITICAL, "traefik-entrypoint-errors",
                  "are answered with 5xx");
    source_until(s, is(w, "traefik-router", DOCS, "rate", "3/s"));
    assert_string_equal(cell(w, "traefik-router", DOCS, "errors-share"), "100%");
    assert_int_equal(source_level(s, "traefik-router", DOCS), LEVEL_WARNING);
    count(w, "a", 130, 0);
    count(w, "b", 660, 40);
    next_look(s);
    source_until(s, is(w, "traefik-service", WEB, "rate", "20/s"));
    source_judged(s, "traefik-service", WEB, LEVEL_WARNING, "traefik-server-down", "1 of 2");
    source_until(s, is(w, "traefik-router", WEB, "rate", "20/s"));
    source_judged(s, "traefik-router", WEB, LEVEL_OK, "", "");
    source_judged(s, "traefik-entrypoint", "websecure", LEVEL_OK, "", "");
    assert_string_equal(cell(w, "traefik-service", WEB, "errors-share"), "0%");
}

/* Of a service whose servers are all up: so many were answered, and so many had too big headers. */
static void count_old(struct world *w, int fine, int too_big)
{
    char text[512];
    (void)snprintf(
        text, sizeof(text),
        "traefik_config_last_reload_success 1770973140\n"
        "traefik_service_requests_total{code=\"200\",method=\"GET\",service=\"" OLD "\"} %d\n"
        "traefik_service_requests_total{code=\"431\",method=\"GET\",service=\"" OLD "\"} %d\n",
        fine, too_big);
    answer(w, "/a/metrics", 200, text);
    answer(w, "/b/metrics", 200, text);
}

static void headers_that_are_too_big(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    count_old(w, 1000, 3);
    start(w, true);
    source_until(s, ready(w));
    source_judged(s, "traefik-service", OLD, LEVEL_OK, "", "");
    count_old(w, 1100, 8);
    next_look(s);
    source_until(s, is(w, "traefik-service", OLD, "headers-refused", "1/s"));
    source_judged(s, "traefik-service", OLD, LEVEL_WARNING, "traefik-service-headers",
                  "1.0 requests a second are answered with 431: their headers are too big, are "
                  "sessions kept in cookies?");
    count_old(w, 1200, 8);
    next_look(s);
    source_until(s, source_level(s, "traefik-service", OLD) == LEVEL_OK);
}

static void certificates_and_the_hosts_that_need_them(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, true);
    source_until(s, ready(w));
    assert_string_equal(cell(w, "traefik-certificate", "1/shop.org", "hosts"), "shop.org");
    source_judged(s, "traefik-certificate", "1/shop.org", LEVEL_OK, "", "");
    assert_string_equal(cell(w, "traefik-certificate", "2/*.shop.org", "hosts"),
                        "www.shop.org,old.shop.org");
    source_judged(s, "traefik-certificate", "2/*.shop.org", LEVEL_WARNING,
                  "traefik-certificate-not-renewed", "10d left: Traefik renews 30d before the end");
    source_judged(s, "traefik-certificate", "3/x.org", LEVEL_NOTICE, "traefik-certificate-unused",
                  "no router needs it");
    source_judged(s, "traefik-router", WEB, LEVEL_OK, "", "");
    assert_string_equal(cell(w, "traefik-resolver", "le", "routers"), "1");
    assert_string_equal(cell(w, "traefik-resolver", "le", "hosts"), "2");
    source_judged(s, "traefik-resolver", "le", LEVEL_WARNING, "traefik-resolver-not-renewing",
                  "*.shop.org has 10d left: renewing it has failed");
    answer(w, "/api/rawdata", 200,
           "{\"routers\":{\"r@file\":{\"status\":\"enabled\",\"tls\":{\"certResolver\":\"le\"},"
           "\"rule\":\"Host(`a.net`) || Host(`b.net`, `c.net`)\"}}}");
    source_refresh(s);
    source_until(
        s, source_has(s, "traefik-router", "r@file") && is(w, "traefik", "it", "uncovered", "3") &&
               strcmp(source_rule(s, "traefik-resolver", "le"), "traefik-resolver-failing") == 0);
    source_judged(
        s, "traefik-router", "r@file", LEVEL_WARNING, "traefik-router-no-certificate",
        "no certificate for a.net,b.net,c.net and serves its default one: resolver le has");
    source_judged(s, "traefik-resolver", "le", LEVEL_WARNING, "traefik-resolver-failing",
                  "Traefik holds no certificate for a.net,b.net,c.net");
    source_judged(s, "traefik", "it", LEVEL_CRITICAL, "traefik-certificates-lost",
                  "no certificate for 3 of 3 hosts: was acme.json lost?");
}

static void a_certificate_that_was_not_renewed(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, true);
    source_until(s, ready(w));
    source_step(s, INT64_C(11) * DAY * 1000);
    source_until(s, strcmp(source_rule(s, "traefik-certificate", "2/*.shop.org"),
                           "traefik-certificate-expired") == 0);
    source_judged(s, "traefik-certificate", "2/*.shop.org", LEVEL_CRITICAL,
                  "traefik-certificate-expired", "has expired 1d ago");
    source_judged(s, "traefik-certificate", "1/shop.org", LEVEL_OK, "", "");
    serves_until(w, 80);
    next_look(s);
    source_until(s, source_level(s, "traefik-certificate", "2/*.shop.org") == LEVEL_OK);
}

static void without_its_api_the_figures_are_told(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer(w, "/api/rawdata", 404, "");
    start(w, true);
    source_until(s, source_synced(s, "traefik") && source_synced(s, "traefik-certificate") &&
                        source_kind_report(s, "traefik")->state == SOURCE_PARTIAL &&
                        source_kind_report(s, "traefik-router")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(s, "traefik")->note, "no API is served there (404)"));
    source_until(s, source_report(s)->state == SOURCE_FRESH && source_report(s)->note[0]);
    assert_non_null(strstr(source_report(s)->note, "no API is served there (404)"));
    assert_non_null(strstr(source_kind_report(s, "traefik-router")->why.msg, "api.insecure"));
    assert_false(source_synced(s, "traefik-router")); /* so that no route is called not loaded */
    assert_string_equal(cell(w, "traefik", "it", "api"), "false");
    assert_string_equal(cell(w, "traefik", "it", "routers"), "-");
    assert_true(source_has(s, "traefik-service", WEB));
    assert_true(source_has(s, "traefik-entrypoint", "websecure"));
    answer_file(w, "/api/rawdata", "rawdata.json");
    next_look(s);
    source_until(s, source_synced(s, "traefik-router") && is(w, "traefik", "it", "api", "true") &&
                        source_kind_report(s, "traefik-router")->state == SOURCE_FRESH &&
                        !source_report(s)->note[0]);
}

static void without_its_figures_the_api_is_told(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer(w, "/a/metrics", 404, "");
    answer(w, "/b/metrics", 200, "<html>sign in</html>");
    start(w, true);
    source_until(s, ready(w) && source_kind_report(s, "traefik")->state == SOURCE_PARTIAL);
    assert_non_null(strstr(source_kind_report(s, "traefik")->note, "figures: "));
    assert_string_equal(cell(w, "traefik", "it", "routers"), "6");
    assert_string_equal(cell(w, "traefik", "it", "uncovered"), "-");
    count(w, "a", 1, 0); /* one of two is better than none, and says so */
    next_look(s);
    source_until(s, is(w, "traefik", "it", "certificates", "3"));
    assert_int_equal(source_kind_report(s, "traefik")->state, SOURCE_PARTIAL);
}

/* Neither: a login before it, nothing behind it. */
static void with_neither_it_says_why(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer(w, "/api/rawdata", 401, "<html>sign in</html>");
    start(w, false);
    source_until(s, source_kind_report(s, "traefik")->state == SOURCE_DENIED &&
                        source_kind_report(s, "traefik-router")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(s, "traefik")->why.msg, "a login stands before the "
                                                                      "API (401)"));
    answer(w, "/api/rawdata", 503, "{\"message\":\"no available server\"}");
    next_look(s);
    source_until(s, source_kind_report(s, "traefik")->state == SOURCE_FAILING &&
                        source_kind_report(s, "traefik-router")->state == SOURCE_FAILING);
    assert_non_null(strstr(source_kind_report(s, "traefik")->why.msg, "no available server"));
}

/* What it cannot be is left out, and the rest is told. */
static void hostile_answers(void **state)
{
    static const char *const bodies[] = {
        "{\"routers\":[1,2],\"services\":{\"a\":null,\"b@file\":{\"loadBalancer\":{\"servers\":[1,"
        "{\"url\":7}]},\"serverStatus\":[]}},\"tcpRouters\":\"x\"}",
        "{\"routers\":{\"r@file\":{\"rule\":7,\"tls\":[],\"middlewares\":{\"a\":1},\"error\":\"e\","
        "\"priority\":\"x\",\"service\":null,\"entryPoints\":[[],\"web\"]},\"\":{}}}",
        "{\"routers\":{\"r@file\":{\"rule\":\"Host(`a\",\"tls\":{},\"status\":\"\\u0007\\u202e\"}}}",
        "[]",
    };
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, true);
    source_until(s, ready(w));
    for (size_t i = 0; i < BN_COUNT(bodies); i++) {
        answer(w, "/api/rawdata", 200, bodies[i]);
        source_refresh(s);
        source_until(s, !source_has(s, "traefik-router", WEB) &&
                            source_kind_report(s, "traefik-router")->state == SOURCE_FRESH);
        answer_file(w, "/api/rawdata", "rawdata.json");
        next_look(s);
        source_until(s, source_has(s, "traefik-router", WEB));
    }
    answer(w, "/api/rawdata", 200, "{\"routers\":{");
    source_refresh(s);
    source_until(s, source_kind_report(s, "traefik-router")->state == SOURCE_FAILING);
    assert_true(source_has(s, "traefik-router", WEB)); /* as it was last heard */
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(tells_what_is_in_force),
        CASE(says_what_traefik_says_against_it),
        CASE(rates_are_differences_and_resets_are_none),
        CASE(what_is_disabled_and_why),
        CASE(a_certificate_that_was_not_renewed),
        CASE(headers_that_are_too_big),
        CASE(certificates_and_the_hosts_that_need_them),
        CASE(without_its_api_the_figures_are_told),
        CASE(without_its_figures_the_api_is_told),
        CASE(with_neither_it_says_why),
        CASE(hostile_answers),
    };
    return cmocka_run_group_tests_name("traefik", tests, NULL, NULL);
}
