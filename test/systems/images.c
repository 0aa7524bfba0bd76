/* Images beside their registry: which are looked up at all, what the registry is asked and how
 * seldom, how what kubelets call an image is compared, and each refusal in its words. The registry
 * is a server of the test that speaks as distribution-spec and GHCR do. */
#include <config.h>

#include "backends/images/images.h"

#include "backends/discovery.h"
#include "base/file.h"
#include "test/systems/http_server.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_test.h"

#include <pthread.h>
#include <unistd.h>

#define A        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B        "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C        "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D        "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define WEB      "ghcr.io/acme/web:1.2"
#define RUNS(id) WEB "\tghcr.io/acme/web@" id "\t2\n"
#define LOGIN    "YWNtZTpwYXQtb2YtdGhlLXRlc3Q="
#define ROUND_MS (12 * 60000) /* ten minutes, and a tenth that they spread by */

struct world {
    struct source_run source;
    struct server *server;
    struct cert cert;
    char ca[64], config[64];
    pthread_mutex_t lock; /* what follows */
    bool is_private, no_parts;
    int status;           /* of all manifests; 0: as they are */
    const char *digest;   /* that the tag leads to; NULL: there is none */
    const char *manifest; /* of that digest; NULL: a single one */
    char asked[16384];
};

extern const struct backend backend_images;

/* ---- The registry. */

static void say_token(struct conn *c, struct world *w, const char *request)
{
    bool login = strstr(request, "Authorization: Basic ") != NULL;
    bool good = strstr(request, "Authorization: Basic " LOGIN "\r\n") != NULL;
    if (login ? !good : w->is_private)
        conn_answer(c, 403, "",
                    SPAN("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"access denied\"}]}"));
    else
        conn_answer(c, 200, "", login ? SPAN("{\"token\":\"full\"}") : SPAN("{\"token\":\"any\"}"));
}

static void say_digest(struct conn *c, const char *digest, bool head, const char *body)
{
    char headers[256];
    (void)snprintf(headers, sizeof(headers), "Docker-Content-Digest: %s\r\n", digest);
    conn_answer(c, 200, headers, head ? SPAN("") : span_from(body));
}

static void say_manifest(struct conn *c, struct world *w, const char *request, const char *path)
{
    static const char single[] = "{\"config\":{\"digest\":\"" C "\"},\"annotations\":{"
                                 "\"org.opencontainers.image.created\":\"2026-11-20T15:00:00Z\"}}";
    const char *reference = strrchr(path, '/') + 1;
    bool head = strncmp(request, "HEAD ", 5) == 0, tag = strcmp(reference, "1.2") == 0;
    if (w->status)
        conn_answer(c, w->status, "Retry-After: 1200\r\n",
                    head ? SPAN("") : SPAN("{\"errors\":[]}"));
    else if (!strstr(request, "Authorization: Bearer "))
        conn_answer(c, 401, "WWW-Authenticate: Bearer realm=\"https://evil.example.org/token\"\r\n",
                    SPAN(""));
    else if (!strstr(request, "application/vnd.oci.image.index.v1+json"))
        conn_answer(c, 404, "", SPAN(""));
    else if (w->digest && (tag || strcmp(reference, w->digest) == 0))
        say_digest(c, w->digest, head, w->manifest ? w->manifest : single);
    else if (strstr(path, "/blobs/"))
        conn_answer(c, 307, "Location: https://blobs.example.org/x?signature=y\r\n", SPAN(""));
    else if (strcmp(reference, B) == 0 && !w->no_parts)
        say_digest(c, B, head, single);
    else
        conn_answer(c, 404, "",
                    head ? SPAN("") : SPAN("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}"));
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    char method[16] = "", path[300] = "";
    (void)sscanf(request, "%15s %299s", method, path);
    (void)pthread_mutex_lock(&w->lock);
    size_t len = strlen(w->asked);
    (void)snprintf(w->asked + len, sizeof(w->asked) - len, "%s %s\n", method, path);
    if (strncmp(path, "/token?", 7) == 0)
        say_token(c, w, request);
    else if (strcmp(path, "/x?signature=y") == 0)
        conn_answer(c, strstr(request, "Authorization:") ? 403 : 200, "",
                    SPAN("{\"created\":\"2026-11-23T12:00:00Z\"}"));
    else
        say_manifest(c, w, request, path);
    (void)pthread_mutex_unlock(&w->lock);
}

static size_t times_asked(struct world *w, const char *words)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&w->lock);
    for (const char *at = w->asked; (at = strstr(at, words)) != NULL; at += strlen(words))
        n++;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

static void tag_leads_to(struct world *w, const char *digest, const char *manifest)
{
    (void)pthread_mutex_lock(&w->lock);
    w->digest = digest;
    w->manifest = manifest;
    (void)pthread_mutex_unlock(&w->lock);
}

static void parts_are_hidden(struct world *w, bool yes)
{
    (void)pthread_mutex_lock(&w->lock);
    w->no_parts = yes;
    (void)pthread_mutex_unlock(&w->lock);
}

static void answer_with(struct world *w, int status)
{
    (void)pthread_mutex_lock(&w->lock);
    w->status = status;
    (void)pthread_mutex_unlock(&w->lock);
}

/* ---- The world. */

static void start(struct world *w, const char *targets, const char *auth)
{
    char addresses[64], ca[96], credential[96], json[256];
    (void)snprintf(addresses, sizeof(addresses), "addresses=*=127.0.0.1:%d",
                   w->server ? server_port(w->server) : 1);
    (void)snprintf(ca, sizeof(ca), "ca=%s", w->ca);
    (void)snprintf(credential, sizeof(credential), "credential=file:%s", w->config);
    (void)snprintf(json, sizeof(json), "{\"auths\":{\"https://ghcr.io\":{\"auth\":\"%s\"}}}",
                   auth ? auth : "");
    assert_true(file_replace(w->config, span_from(json), NULL));
    const char *const settings[] = {addresses, ca, auth ? credential : NULL, NULL};
    source_start_at(&w->source, &backend_images, settings, kube_time("2026-11-23T15:00:00Z"),
                    targets, false);
    source_want(&w->source, "image", true);
}

static int make_file(char path[64])
{
    (void)snprintf(path, 64, "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct strbuf pem = STRBUF_INIT(65536);
    *state = w;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->digest = A;
    w->cert = cert_make(&(struct cert_options){.name = "ghcr.io",
                                               .alternatives = "DNS:ghcr.io,DNS:blobs.example.org",
                                               .is_ca = true,
                                               .until_s = 86400L * 365});
    w->server =
        server_start(&(struct server_options){.serve = serve, .context = w, .cert = &w->cert});
    cert_pem(&w->cert, &pem);
    int failed = make_file(w->ca) || make_file(w->config);
    assert_true(file_replace(w->ca, strbuf_span(&pem), NULL));
    strbuf_clear(&pem);
    return failed || !w->server ? -1 : 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    cert_free(&w->cert);
    (void)unlink(w->ca);
    (void)unlink(w->config);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

#define says(w, column) source_text(&(w)->source, "image", WEB, column)

static bool is(struct world *w, const char *column, const char *text)
{
    return strcmp(says(w, column), text) == 0;
}

/* The clock stands still a little after it was set. */
static bool begins(struct world *w, const char *column, const char *text)
{
    return strncmp(says(w, column), text, strlen(text)) == 0;
}

static void look(struct world *w)
{
    source_step(&w->source, ROUND_MS);
}

static void judged(struct world *w, enum level level, const char *rule, const char *words)
{
    source_judged(&w->source, "image", WEB, level, rule, words);
}

/* ---- Looking. */

static void what_runs_is_what_the_tag_leads_to(void **state)
{
    struct world *w = *state;
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "current"));
    judged(w, LEVEL_OK, "", "");
    assert_string_equal(says(w, "pods"), "2");
    assert_string_equal(says(w, "built"), "2026-11-20T15:00:00Z");
    assert_string_equal(says(w, "login"), "none");
    assert_int_equal(times_asked(w, "\n"), 3); /* a token, the digest, once the manifest */
    look(w);
    source_until(&w->source, begins(w, "checked", "2026-11-23T15:12:00"));
    assert_int_equal(times_asked(w, "\n"), 5);
    assert_int_equal(times_asked(w, "HEAD /v2/acme/web/manifests/1.2"), 2);
    assert_int_equal(times_asked(w, "GET /token?service=ghcr.io&scope=repository:acme/web:pull"),
                     2);
}

static void how_many_pods_is_no_reason_to_ask(void **state)
{
    struct world *w = *state;
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "current"));
    runner_set_targets(w->source.runner, WEB "\tghcr.io/acme/web@" A "\t7\n");
    source_until(&w->source, is(w, "pods", "7"));
    assert_int_equal(times_asked(w, "\n"), 3);
    runner_set_targets(w->source.runner, RUNS(D));
    source_until(&w->source, is(w, "state", "moved"));
    assert_int_equal(times_asked(w, "\n"), 5);
}

/* The index, one of its platforms, or that one's configuration: all are the same image. */
static void an_image_of_several_platforms(void **state)
{
    static const char index[] =
        "{\"annotations\":{\"org.opencontainers.image.created\":\"2026-11-20T15:00:00Z\"},"
        "\"manifests\":[{\"digest\":\"" B "\",\"platform\":{\"os\":"
        "\"linux\"}},{\"digest\":\"" D "\",\"platform\":{\"os\":\"unknown\"}},{\"digest\":7}]}";
    struct world *w = *state;
    tag_leads_to(w, A, index);
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "current"));
    runner_set_targets(w->source.runner, RUNS(B));
    source_until(&w->source, is(w, "running", "sha256:bbbbbbbbbbbb") && is(w, "state", "current"));
    assert_int_equal(times_asked(w, B), 0); /* the index has said it */
    parts_are_hidden(w, true);
    runner_set_targets(w->source.runner, WEB "\t" C "\t2\n");
    source_until(&w->source, is(w, "state", "unknown"));
    judged(w, LEVEL_UNKNOWN, "image-unknown", "not compared: ghcr.io says 404 MANIFEST_UNKNOWN");
    parts_are_hidden(w, false);
    look(w);
    source_until(&w->source, is(w, "state", "current"));
    runner_set_targets(w->source.runner, RUNS(D));
    source_until(&w->source, is(w, "state", "moved"));
}

/* Its configuration says it, at the end of a redirect that gets no token. */
static void when_it_was_built_without_an_annotation(void **state)
{
    struct world *w = *state;
    tag_leads_to(w, A, "{\"config\":{\"digest\":\"" C "\"}}");
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "built", "2026-11-23T12:00:00Z"));
    assert_string_equal(says(w, "state"), "current");
    assert_int_equal(times_asked(w, "GET /v2/acme/web/blobs/" C), 1);
    look(w);
    source_until(&w->source, begins(w, "checked", "2026-11-23T15:12:00"));
    assert_int_equal(times_asked(w, "signature"), 1);
}

static void a_tag_that_was_moved(void **state)
{
    struct world *w = *state;
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "current"));
    tag_leads_to(w, D, NULL);
    look(w);
    source_until(&w->source, is(w, "state", "moved"));
    judged(w, LEVEL_NOTICE, "image-moved",
           "the tag leads to sha256:dddddddddddd, built 3d ago, and sha256:aaaaaaaaaaaa run");
    assert_true(begins(w, "tag-moved", "2026-11-23T15:12:00"));
    runner_set_targets(w->source.runner,
                       WEB "\tghcr.io/acme/web@" A ",ghcr.io/acme/web@" D "\t2\n");
    source_until(&w->source, is(w, "state", "mixed"));
    judged(w, LEVEL_WARNING, "image-mixed", "and sha256:aaaaaaaaaaaa, sha256:dddddddddddd run");
    runner_set_targets(w->source.runner, RUNS(D));
    source_until(&w->source, is(w, "state", "current"));
}

static void one_that_is_gone_comes_back(void **state)
{
    struct world *w = *state;
    tag_leads_to(w, NULL, NULL);
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "gone"));
    judged(w, LEVEL_WARNING, "image-gone", "ghcr.io says 404; 2 pods cannot be started");
    tag_leads_to(w, A, NULL);
    look(w);
    source_until(&w->source, is(w, "state", "current"));
    judged(w, LEVEL_OK, "", "");
}

/* ---- Logins. */

static void what_is_private_is_not_judged_without_a_login(void **state)
{
    struct world *w = *state;
    w->is_private = true;
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "denied"));
    judged(w, LEVEL_OFF, "", "");
    assert_string_equal(says(w, "message"), "ghcr.io says 403 DENIED: access denied");
}

static void a_login_that_cannot_be_read(void **state)
{
    struct world *w = *state;
    w->is_private = true;
    start(w, RUNS(A), "\"}");
    source_until(&w->source, is(w, "state", "denied"));
    judged(w, LEVEL_UNKNOWN, "image-denied", "not shown to our login: the dockerconfigjson");
    assert_string_equal(says(w, "login"), "unread");
}

static void a_login_is_used_and_not_told(void **state)
{
    struct world *w = *state;
    w->is_private = true;
    start(w, RUNS(A), LOGIN);
    source_until(&w->source, is(w, "state", "current"));
    assert_string_equal(says(w, "login"), "used");
    assert_false(source_leaks(&w->source, LOGIN));
    assert_false(source_leaks(&w->source, "pat-of-the-test"));
}

static void a_login_that_is_refused(void **state)
{
    struct world *w = *state;
    start(w, RUNS(A), "b2xk");
    source_until(&w->source, is(w, "state", "current")); /* it is public */
    assert_string_equal(says(w, "login"), "refused");
    (void)pthread_mutex_lock(&w->lock);
    w->is_private = true;
    (void)pthread_mutex_unlock(&w->lock);
    look(w);
    source_until(&w->source, is(w, "state", "denied"));
    judged(w, LEVEL_WARNING, "image-login-refused", "the login is refused");
    (void)pthread_mutex_lock(&w->lock);
    w->is_private = false;
    (void)pthread_mutex_unlock(&w->lock);
    look(w);
    source_until(&w->source, is(w, "state", "current"));
    judged(w, LEVEL_OK, "", "");
}

/* ---- Refusals. */

static void one_that_asks_for_time_gets_it(void **state)
{
    struct world *w = *state;
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "current"));
    answer_with(w, 429);
    look(w);
    source_until(&w->source, strstr(says(w, "message"), "429") != NULL);
    assert_string_equal(says(w, "state"), "current"); /* as it was last heard */
    answer_with(w, 0);
    look(w);
    source_until(&w->source, strstr(says(w, "message"), "left alone") != NULL);
    assert_int_equal(times_asked(w, "HEAD"), 2);
    look(w);
    source_until(&w->source, is(w, "message", "-"));
    assert_int_equal(times_asked(w, "HEAD"), 3);
}

static void what_is_not_to_be_asked_is_not(void **state)
{
    struct world *w = *state;
    start(w,
          "ghcr.io/acme/pinned@" A "\tghcr.io/acme/pinned@" A "\t1\n"
          "quay.io/acme/web:1\tx\t1\n127.0.0.1/a:1\t\t1\nnonsense\t\t1\n",
          NULL);
    source_until(&w->source, source_synced(&w->source, "image"));
    assert_string_equal(source_text(&w->source, "image", "ghcr.io/acme/pinned@" A, "state"),
                        "pinned");
    assert_false(source_has(&w->source, "image", "quay.io/acme/web:1"));
    assert_int_equal(times_asked(w, "\n"), 0);
}

static void answers_that_are_none(void **state)
{
    struct world *w = *state;
    tag_leads_to(w, "sha256:../../x", NULL);
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "unknown"));
    judged(w, LEVEL_UNKNOWN, "image-unknown", "ghcr.io gives no digest for it");
    tag_leads_to(w, A, "{\"manifests\":[[[");
    look(w);
    source_until(&w->source, is(w, "digest", "sha256:aaaaaaaaaaaa"));
    assert_string_equal(says(w, "state"), "current"); /* the digest is the same */
}

/* What was heard an hour ago may be otherwise by now. */
/* The time goes by until the row is at this level: what was still under way when it began to is of the
 * time after it. */
static void pass_until(struct world *w, int64_t ms, enum level level)
{
    for (int i = 0; i < 4 && source_level(&w->source, "image", WEB) != level; i++) {
        size_t asked = times_asked(w, "HEAD ");
        source_step(&w->source, ms);
        source_until(&w->source, times_asked(w, "HEAD ") > asked ||
                                     source_level(&w->source, "image", WEB) == level);
    }
    source_until(&w->source, source_level(&w->source, "image", WEB) == level);
}

static void what_was_not_heard_for_an_hour(void **state)
{
    struct world *w = *state;
    tag_leads_to(w, A, NULL);
    start(w, RUNS(A), NULL);
    source_until(&w->source, is(w, "state", "current"));
    judged(w, LEVEL_OK, "", "");
    answer_with(w, 503);
    pass_until(w, INT64_C(61) * 60000, LEVEL_UNKNOWN);
    judged(w, LEVEL_UNKNOWN, "image-unchecked", "not heard of for an hour");
    answer_with(w, 0);
    pass_until(w, INT64_C(30) * 60000, LEVEL_OK);
}

static void one_that_is_not_reached_is_the_sources_trouble(void **state)
{
    struct world *w = *state;
    server_stop(w->server);
    w->server = NULL;
    start(w, RUNS(A) "ghcr.io/acme/other:1\t\t1\n", NULL);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FAILING);
    assert_non_null(strstr(source_report(&w->source)->why.msg, "ghcr.io"));
}

/* What is named and cannot be asked is said, and not passed over. */
static void a_host_that_cannot_be_asked(void **state)
{
    static const char *const settings[] = {"hosts=ghcr.io, docker.io", NULL};
    struct world *w = *state;
    source_start_at(&w->source, &backend_images, settings, kube_time("2026-11-23T15:00:00Z"),
                    RUNS(A), false);
    source_want(&w->source, "image", true);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FAILING);
    assert_non_null(
        strstr(source_report(&w->source)->why.msg, "`hosts` names docker.io, which is"));
}

/* ---- References and ids. */

static void references_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *host, *repository, *tag; /* host NULL: none that is asked */
    } cases[] = {
        {"ghcr.io/acme/web:1.2", "ghcr.io", "acme/web", "1.2"},
        {"ghcr.io/web", "ghcr.io", "web", "latest"},
        {"registry.example.org:5000/a/b/c:v1", "registry.example.org:5000", "a/b/c", "v1"},
        {"ghcr.io/acme/web:1.2@" A, "ghcr.io", "acme/web", "1.2"},
        {"mysql:8", NULL, NULL, NULL},
        {"docker.io/library/mysql:8", NULL, NULL, NULL},
        {"acme/web:1", NULL, NULL, NULL},
        {"ghcr.io/", NULL, NULL, NULL},
        {"ghcr.io/../x:1", NULL, NULL, NULL},
        {"ghcr.io/a//b:1", NULL, NULL, NULL},
        {"ghcr.io/a b:1", NULL, NULL, NULL},
        {"ghcr.io/a:1?x=y", NULL, NULL, NULL},
        {"ghcr.io/a@sha256:zz", NULL, NULL, NULL},
        {"evil@ghcr.io/a:1", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
    };
    struct image_ref r;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        bool ok = image_ref_parse(span_from(cases[i].text), &r);
        if (ok != (cases[i].host != NULL))
            fail_msg("%s", cases[i].text);
        assert_true(!ok ||
                    (span_is(r.host, cases[i].host) && span_is(r.repository, cases[i].repository) &&
                     span_is(r.tag, cases[i].tag)));
    }
}

static void ids_of_kubelets(void **state)
{
    static const struct {
        const char *id, *digest;
        bool config;
    } cases[] = {{"ghcr.io/acme/web@" A, A, false},
                 {"docker-pullable://ghcr.io/acme/web@" A, A, false},
                 {A, A, true},
                 {"docker://" A, A, true},
                 {"ghcr.io/acme/web:1.2", "", true},
                 {"x@sha256:short", "", false},
                 {"", "", true}};

    bool config;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct span digest = image_id_digest(span_from(cases[i].id), &config);
        if (!span_is(digest, cases[i].digest) || config != cases[i].config)
            fail_msg("%s", cases[i].id);
    }
}

/* ---- Which images: what discover() says of pods. */

static void put_pod(struct store *st, const char *name, const char *phase, const char *image,
                    const char *id)
{
    struct strbuf yaml = STRBUF_INIT(8192);
    strbuf_addf(&yaml,
                "{metadata: {name: %s, namespace: shop}, spec: {containers: [{name: side, image: "
                "'quay.io/x/side:2'}, {name: web, image: '%s'}]}, status: {phase: %s, "
                "containerStatuses: [{name: web, imageID: '%s'}]}}",
                name, image, phase, id);
    (void)kube_put(st, "pod", 0, strbuf_cstr(&yaml), 0);
    strbuf_clear(&yaml);
}

static void images_are_those_of_pods_that_live(void **state)
{
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)state;
    put_pod(st, "a", "Running", WEB, "ghcr.io/acme/web@" B);
    put_pod(st, "b", "Running", WEB, "ghcr.io/acme/web@" B);
    put_pod(st, "c", "Running", WEB, "ghcr.io/acme/web@" A);
    put_pod(st, "d", "Pending", WEB, "");
    put_pod(st, "e", "Succeeded", WEB, "ghcr.io/acme/web@" D);
    put_pod(st, "f", "Running", "mysql:8", "docker.io/library/mysql@" C);
    put_pod(st, "g", "Running", "ghcr.io/acme/db:1", "a b\\t,c");
    (void)kube_put(st, "secret", 0, "{metadata: {name: binnacle-registry, namespace: ops}}", 0);
    (void)kube_put(st, "secret", 0, "{metadata: {name: binnacle-registry, namespace: zoo}}", 0);
    backend_images.discover(st, &d);
    assert_int_equal(d.count, 1);
    assert_string_equal(d.findings[0].targets,
                        "ghcr.io/acme/db:1\t\t1\n" WEB "\tghcr.io/acme/web@" A
                        ",ghcr.io/acme/web@" B "\t4\nquay.io/x/side:2\t\t6\n");
    assert_string_equal(d.findings[0].settings[0],
                        "credential=secret:ops/binnacle-registry/.dockerconfigjson");
    discovery_done(&d);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_runs_is_what_the_tag_leads_to, setup, teardown),
        cmocka_unit_test_setup_teardown(how_many_pods_is_no_reason_to_ask, setup, teardown),
        cmocka_unit_test_setup_teardown(an_image_of_several_platforms, setup, teardown),
        cmocka_unit_test_setup_teardown(when_it_was_built_without_an_annotation, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tag_that_was_moved, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_is_gone_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_private_is_not_judged_without_a_login, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_login_that_cannot_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_login_is_used_and_not_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_login_that_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_asks_for_time_gets_it, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_to_be_asked_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_not_heard_for_an_hour, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_reached_is_the_sources_trouble, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_host_that_cannot_be_asked, setup, teardown),
        cmocka_unit_test(references_are_taken_apart),
        cmocka_unit_test(ids_of_kubelets),
        cmocka_unit_test(images_are_those_of_pods_that_live),
    };
    return cmocka_run_group_tests_name("images", tests, NULL, NULL);
}
