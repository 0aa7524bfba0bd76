/* The Vault source against a server that answers as an OpenBao was recorded: each state and each
 * failure, its verdict in words, its end; and that no value and no token is ever asked for or kept. */
#include <config.h>

#include "base/file.h"
#include "base/timetext.h"
#include "test/systems/http_server.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define TOKEN  "s.9pduJXfSXH7NPewyKBpivhNs"
#define ROUTES 32

/* What is answered where; a path that is not there is a 404 as Vault's. */
struct route {
    char path[128];
    char file[64]; /* below test/data/vault; "": body */
    int status;
    char body[600];
};

struct world {
    struct source_run source;
    struct server *server;
    char token_file[64], kubeconfig[64], ca[64];
    pthread_mutex_t lock; /* what follows */
    struct route routes[ROUTES];
    size_t count;
    bool hang;
    char asked[65536]; /* each request's first line */
    bool had_token;    /* the last one came with it */
    pthread_cond_t together;
    unsigned many, most;  /* requests for the metadata of paths below many/: now, and at most */
    unsigned together_at; /* such are answered once so many are there; 0: at once */
    bool met, over;
    bool deep; /* each folder has another */
};

extern const struct backend backend_vault;

/* ---- The server. */

static struct route *route_at(struct world *w, const char *path)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->routes[i].path, path) == 0)
            return &w->routes[i];
    assert_true(w->count < ROUTES);
    (void)snprintf(w->routes[w->count].path, sizeof(w->routes[0].path), "%s", path);
    return &w->routes[w->count++];
}

static void answer_with(struct world *w, const char *path, const char *file)
{
    (void)pthread_mutex_lock(&w->lock);
    struct route *r = route_at(w, path);
    (void)snprintf(r->file, sizeof(r->file), "%s.http", file);
    (void)pthread_mutex_unlock(&w->lock);
}

static void answer_body(struct world *w, const char *path, int status, const char *body)
{
    (void)pthread_mutex_lock(&w->lock);
    struct route *r = route_at(w, path);
    r->file[0] = '\0';
    r->status = status;
    (void)snprintf(r->body, sizeof(r->body), "%s", body);
    (void)pthread_mutex_unlock(&w->lock);
}

static void answer_recorded(struct conn *c, const char *name)
{
    struct strbuf path = STRBUF_INIT(4096), file = STRBUF_INIT(65536);
    strbuf_addf(&path, "%s/test/data/vault/%s", getenv("top_srcdir"), name);
    bool ok = file_read(strbuf_cstr(&path), &file, NULL);
    bn_assert(ok);
    struct span all = strbuf_span(&file);
    size_t answer = span_search(all, SPAN("\n--------\n"), false) + 10;
    all = span_sub(all, answer, all.len);
    int status = (int)strtol(all.data + strlen("HTTP/1.1 "), NULL, 10);
    size_t body = span_search(all, SPAN("\r\n\r\n"), false);
    size_t plain = span_search(all, SPAN("\n\n"), false);
    body = body < plain ? body + 4 : plain + 2;
    conn_answer(c, status, "Content-Type: application/json\r\n", span_sub(all, body, all.len));
    strbuf_clear(&path);
    strbuf_clear(&file);
}

/* Keeps requests until so many are there at a time: one that asks for them one after the other waits
 * for ever. Called with the lock. */
static void meet(struct world *w)
{
    w->many++;
    w->most = w->many > w->most ? w->many : w->most;
    if (w->many >= w->together_at)
        w->met = true;
    (void)pthread_cond_broadcast(&w->together);
    while (!w->met && !w->over)
        (void)pthread_cond_wait(&w->together, &w->lock);
    w->many--;
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct route r = {.status = 404, .body = "{\"errors\":[]}"};
    char path[256] = "";
    (void)sscanf(request, "%*s %255s", path);
    (void)pthread_mutex_lock(&w->lock);
    size_t len = strlen(w->asked);
    (void)snprintf(w->asked + len, sizeof(w->asked) - len, "%s\n", path);
    w->had_token = strstr(request, "X-Vault-Token: " TOKEN "\r\n") != NULL;
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->routes[i].path, path) == 0)
            r = w->routes[i];
    bool hang = w->hang;
    if (w->deep && strstr(path, "/metadata/"))
        r = (struct route){.status = 200,
                           .body = "{\"data\":{\"keys\":[\"leaf\",\"deeper/\"],"
                                   "\"current_version\":1,\"versions\":{\"1\":{}}}}"};
    if (w->together_at && strstr(path, "/metadata/many/p"))
        meet(w);
    (void)pthread_mutex_unlock(&w->lock);
    if (hang)
        conn_wait_gone(c);
    else if (r.file[0])
        answer_recorded(c, r.file);
    else
        conn_answer(c, r.status, "Content-Type: application/json\r\n", span_from(r.body));
}

static void hang(struct world *w, bool yes)
{
    (void)pthread_mutex_lock(&w->lock);
    w->hang = yes;
    (void)pthread_mutex_unlock(&w->lock);
}

static bool was_asked(struct world *w, const char *words)
{
    (void)pthread_mutex_lock(&w->lock);
    bool was = strstr(w->asked, words) != NULL;
    (void)pthread_mutex_unlock(&w->lock);
    return was;
}

static int times_asked(struct world *w, const char *words)
{
    int n = 0;
    (void)pthread_mutex_lock(&w->lock);
    for (const char *at = w->asked; (at = strstr(at, words)); at++)
        n++;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

/* ---- The world: an active Vault with a token's view of one KV engine. */

static int64_t at(const char *time)
{
    int64_t ms = 0;
    assert_true(time_parse(span_from(time), &ms));
    return ms;
}

static void be_active(struct world *w)
{
    answer_with(w, "/v1/sys/health", "dev-health-active");
    answer_with(w, "/v1/sys/seal-status", "dev-seal-status");
    answer_with(w, "/v1/sys/leader", "dev-leader");
    answer_with(w, "/v1/auth/token/lookup-self", "dev-lookup-self");
    answer_with(w, "/v1/sys/internal/ui/mounts", "dev-ui-mounts-limited-token");
    answer_with(w, "/v1/secret/metadata/?list=true", "dev-list-metadata-root");
    answer_with(w, "/v1/secret/metadata/operators/?list=true", "dev-list-metadata-operators");
    answer_with(w, "/v1/secret/metadata/operators/mysql", "dev-metadata-mysql");
    answer_with(w, "/v1/secret/metadata/operators/redis", "dev-metadata-redis-soft-deleted");
    answer_with(w, "/v1/secret/metadata/operators/minio", "dev-metadata-minio-destroyed");
    answer_with(w, "/v1/secret/metadata/tooling/?list=true", "dev-403-list-root");
    answer_with(w, "/v1/secret/metadata/rootleaf", "dev-403-list-root");
    answer_with(w, "/v1/sys/capabilities-self", "dev-capabilities-self");
    answer_with(w, "/v1/sys/metrics", "dev-metrics-json");
}

static void be_sealed(struct world *w, const char *seal)
{
    answer_with(w, "/v1/sys/health", "file-health-503-sealed");
    answer_with(w, "/v1/sys/seal-status", seal);
    answer_body(w, "/v1/sys/leader", 503, "{\"errors\":[\"Vault is sealed\"]}");
    answer_with(w, "/v1/auth/token/lookup-self", "file-lookup-self-while-sealed");
    answer_with(w, "/v1/sys/internal/ui/mounts", "file-lookup-self-while-sealed");
}

/* targets: what ExternalSecrets read; NULL: not said. */
static void start_at(struct world *w, bool with_token, const char *targets)
{
    char reach[128], token[128];
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(token, sizeof(token), "token=file:%s", w->token_file);
    const char *const settings[] = {reach, with_token ? token : NULL, NULL};
    source_start_at(&w->source, &backend_vault, settings, at("2026-11-23T14:59:39Z"), targets,
                    false);
    source_want(&w->source, "vault", true);
}

static void start(struct world *w, bool with_token)
{
    start_at(w, with_token, NULL);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->together, NULL);
    (void)snprintf(w->token_file, sizeof(w->token_file), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(w->token_file);
    *state = w;
    if (fd < 0 || write(fd, TOKEN "\n", strlen(TOKEN) + 1) < 0 || close(fd) != 0)
        return -1;
    w->server = server_start(&o);
    be_active(w);
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    (void)pthread_mutex_lock(&w->lock);
    w->over = true;
    (void)pthread_cond_broadcast(&w->together);
    (void)pthread_mutex_unlock(&w->lock);
    source_stop(&w->source);
    server_stop(w->server);
    (void)unlink(w->token_file);
    if (w->kubeconfig[0])
        (void)unlink(w->kubeconfig);
    if (w->ca[0])
        (void)unlink(w->ca);
    (void)pthread_cond_destroy(&w->together);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

#define says(w, column) source_text(&(w)->source, "vault", "it", column)

static bool is(struct world *w, const char *column, const char *text)
{
    return strcmp(says(w, column), text) == 0;
}

static bool judged(struct world *w, const char *rule)
{
    return strcmp(source_rule(&w->source, "vault", "it"), rule) == 0;
}

/* ---- */

static void tells_what_an_active_one_says(void **state)
{
    struct world *w = *state;
    start(w, true);
    source_until(&w->source, is(w, "state", "active"));
    assert_string_equal(says(w, "version"), "2.6.2");
    assert_string_equal(says(w, "seal"), "shamir");
    assert_string_equal(says(w, "leader"), "-"); /* not highly available */
    assert_string_equal(says(w, "token"), "valid");
    assert_string_equal(says(w, "policies"), "default,ops-read");
    assert_string_equal(says(w, "skew"), "0s");
    assert_string_equal(says(w, "storage"), "inmem");
    assert_string_equal(says(w, "token-renewable"), "true");
    assert_string_equal(says(w, "leases"), "0");
    assert_int_equal(source_level(&w->source, "vault", "it"), LEVEL_OK);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FRESH);
    assert_true(w->had_token);
}

static void a_sealed_one_is_critical_until_it_is_not(void **state)
{
    struct world *w = *state;
    be_sealed(w, "file-seal-status-sealed");
    start(w, true);
    source_until(&w->source, judged(w, "vault-sealed"));
    assert_int_equal(source_level(&w->source, "vault", "it"), LEVEL_CRITICAL);
    assert_non_null(strstr(source_says(&w->source, "vault", "it"), "sealed: 0 of 2 key parts"));
    assert_string_equal(says(w, "token"), "-"); /* not known */
    be_sealed(w, "file-unseal-1-of-2");
    source_step(&w->source, 10000);
    source_until(&w->source, is(w, "seal", "1/2"));
    assert_non_null(strstr(source_says(&w->source, "vault", "it"), "sealed: 1 of 2 key parts"));
    be_active(w);
    source_step(&w->source, 10000);
    source_until(&w->source, source_level(&w->source, "vault", "it") == LEVEL_OK);
    assert_string_equal(says(w, "state"), "active");
}

/* Of the cluster through whose API server a Vault's pods and Secrets are reached: the same server. */
static void write_kubeconfig(struct world *w)
{
    char text[600];
    (void)snprintf(w->kubeconfig, sizeof(w->kubeconfig), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(w->kubeconfig);
    (void)snprintf(text, sizeof(text),
                   "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                   "clusters: [{name: c, cluster: {server: \"%s\"}}]\n"
                   "users: [{name: u, user: {}}]\n"
                   "contexts: [{name: c, context: {cluster: c, user: u}}]\n",
                   server_origin(w->server));
    assert_true(fd >= 0 && write(fd, text, strlen(text)) > 0 && close(fd) == 0);
}

#define POD(n, what) "/api/v1/namespaces/vault/pods/vault-" #n ":8200/proxy/v1/sys/" what
#define STANDBY(more)                                               \
    "{\"initialized\":true,\"sealed\":false,\"standby\":true," more \
    "\"server_time_utc\":1795445978}"
#define POD_SEAL(n) POD(n, "seal-status")

static void start_with_pods(struct world *w)
{
    char reach[128], kubeconfig[128];
    write_kubeconfig(w);
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "kubeconfig=%s", w->kubeconfig);
    const char *const settings[] = {reach, kubeconfig, "nodes=vault-0,vault-1,vault-2",
                                    "pods=proxy-pod:vault/*:8200", NULL};
    source_start_at(&w->source, &backend_vault, settings, at("2026-11-23T14:59:39Z"), NULL, false);
    source_want(&w->source, "vault", true);
}

/* The service leads to one that is open; each other has a seal of its own. */
static void a_pod_of_several_that_is_sealed(void **state)
{
    struct world *w = *state;
    answer_with(w, POD_SEAL(0), "dev-seal-status");
    answer_with(w, POD_SEAL(1), "file-seal-status-sealed");
    answer_with(w, POD_SEAL(2), "dev-seal-status");
    start_with_pods(w);
    source_until(&w->source, judged(w, "vault-pod-sealed"));
    source_judged(&w->source, "vault", "it", LEVEL_WARNING, "vault-pod-sealed",
                  "sealed: vault-1 0/2; 2 pods are open");
    assert_string_equal(says(w, "state"), "active");
    answer_with(w, POD_SEAL(1), "file-unseal-1-of-2");
    source_step(&w->source, 10000);
    source_until(&w->source, strstr(source_says(&w->source, "vault", "it"), "vault-1 1/2"));
    answer_with(w, POD_SEAL(1), "dev-seal-status");
    source_step(&w->source, 10000);
    source_until(&w->source, source_level(&w->source, "vault", "it") == LEVEL_OK);
    assert_string_equal(says(w, "pods-sealed"), "0");
}

/* The service leads to any of them: what a standby, or a pod that never joined, says of itself holds for
 * that pod alone. */
static void the_active_pod_speaks_for_all(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer_with(w, "/v1/sys/health", "file-health-501-uninitialised");
    answer_with(w, POD(0, "seal-status"), "dev-seal-status");
    answer_with(w, POD(1, "seal-status"), "dev-seal-status");
    answer_with(w, POD(2, "seal-status"), "file-seal-status-uninitialised");
    answer_body(w, POD(0, "health"), 429, STANDBY(""));
    answer_with(w, POD(1, "health"), "dev-health-active");
    answer_with(w, POD(1, "leader"), "raft1-leader");
    start_with_pods(w);
    source_until(s, judged(w, "vault-pod-sealed"));
    source_judged(s, "vault", "it", LEVEL_WARNING, "vault-pod-sealed",
                  "not initialised, so in no cluster: vault-2; 2 pods are open");
    assert_string_equal(says(w, "state"), "active");
    assert_string_equal(says(w, "leader"), "http://127.0.0.1:18211");
    answer_with(w, POD(2, "seal-status"), "dev-seal-status");
    answer_body(w, POD(2, "health"), 474, STANDBY("\"ha_connection_healthy\":false,"));
    source_step(s, 10000);
    source_until(s, judged(w, "vault-standby-cut-off"));
    answer_body(w, POD(2, "health"), 429, STANDBY(""));
    source_step(s, 10000);
    source_until(s, source_level(s, "vault", "it") == LEVEL_OK);
}

static void one_that_has_lost_its_data(void **state)
{
    struct world *w = *state;
    be_sealed(w, "file-seal-status-uninitialised");
    answer_with(w, "/v1/sys/health", "file-health-501-uninitialised");
    start(w, false);
    source_until(&w->source, judged(w, "vault-not-initialised"));
}

static void a_standby_and_its_leader(void **state)
{
    struct world *w = *state;
    answer_with(w, "/v1/sys/health", "raft1-health");
    answer_with(w, "/v1/sys/seal-status", "raft0-seal-status");
    answer_with(w, "/v1/sys/leader", "raft1-leader");
    start(w, false);
    source_until(&w->source, is(w, "state", "standby"));
    assert_string_equal(says(w, "leader"), "http://127.0.0.1:18211");
    clock_set_wall(w->source.clock, at("2026-11-23T15:00:03Z"));
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "vault", "it") == LEVEL_OK);
    /* as [vault api-docs/system/leader] has it while none is active */
    answer_body(w, "/v1/sys/leader", 200, "{\"ha_enabled\":true,\"leader_address\":\"\"}");
    source_step(&w->source, 10000);
    source_until(&w->source, judged(w, "vault-no-leader"));
    assert_int_equal(source_level(&w->source, "vault", "it"), LEVEL_CRITICAL);
}

/* What Vault 1.19 adds [vault api-docs/system/health]. */
static void standbys_that_are_cut_off_or_removed(void **state)
{
    struct world *w = *state;
    answer_body(w, "/v1/sys/health", 474, STANDBY("\"ha_connection_healthy\":false,"));
    answer_with(w, "/v1/sys/leader", "raft1-leader");
    start(w, false);
    source_until(&w->source, judged(w, "vault-standby-cut-off"));
    assert_non_null(strstr(source_says(&w->source, "vault", "it"), "http://127.0.0.1:18211"));
    answer_body(w, "/v1/sys/health", 530, STANDBY("\"removed_from_cluster\":true,"));
    source_step(&w->source, 10000);
    source_until(&w->source, judged(w, "vault-removed"));
}

static void a_token_that_is_refused(void **state)
{
    struct world *w = *state;
    answer_with(w, "/v1/auth/token/lookup-self", "dev-lookup-self-bad-token");
    answer_with(w, "/v1/sys/internal/ui/mounts", "dev-lookup-self-bad-token");
    start(w, true);
    source_want(&w->source, "vault-mount", true);
    source_until(&w->source, judged(w, "vault-token-refused"));
    source_until(&w->source, source_kind_report(&w->source, "vault-mount")->state == SOURCE_DENIED);
    assert_string_equal(source_kind_report(&w->source, "vault-mount")->why.msg,
                        "permission denied");
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FRESH); /* the rest */
    assert_false(source_leaks(&w->source, TOKEN));
}

static void a_token_that_ends(void **state)
{
    struct world *w = *state;
    start(w, true);
    source_until(&w->source, is(w, "state", "active"));
    source_want(&w->source, "vault", false); /* time alone tells */
    source_step(&w->source, 49 * 60000);
    source_turn(&w->source, TIME_FOREVER, "");
    source_judged(&w->source, "vault", "it", LEVEL_OK, "", "");
    source_step(&w->source, 2 * 60000);
    source_turn(&w->source, TIME_FOREVER, "");
    source_judged(&w->source, "vault", "it", LEVEL_WARNING, "vault-token-ending",
                  "its token ends in 8m");
    source_step(&w->source, 20 * 60000);
    source_turn(&w->source, TIME_FOREVER, "");
    assert_string_equal(source_rule(&w->source, "vault", "it"), "vault-token-ended");
}

static void a_clock_that_is_wrong(void **state)
{
    struct world *w = *state;
    start(w, false);
    source_until(&w->source, is(w, "state", "active"));
    clock_set_wall(w->source.clock, at("2026-11-23T14:57:38Z"));
    source_refresh(&w->source);
    source_until(&w->source, judged(w, "vault-clock-skew"));
    assert_string_equal(source_says(&w->source, "vault", "it"), "its clock is 2m from ours");
}

static void without_a_token_the_seal_is_known(void **state)
{
    struct world *w = *state;
    start(w, false);
    source_want(&w->source, "vault-path", true);
    source_until(&w->source, is(w, "state", "active"));
    assert_string_equal(says(w, "token"), "none");
    assert_int_equal(source_level(&w->source, "vault", "it"), LEVEL_OK);
    source_until(&w->source, source_kind_report(&w->source, "vault-path")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(&w->source, "vault-path")->why.msg,
                           "without a token only the seal"));
    assert_false(was_asked(w, "lookup-self"));
    assert_false(w->had_token);
}

static void lists_mounts(void **state)
{
    struct world *w = *state;
    start(w, true);
    source_want(&w->source, "vault-mount", true);
    source_until(&w->source, source_has(&w->source, "vault-mount", "secret"));
    assert_string_equal(source_text(&w->source, "vault-mount", "secret", "type"), "kv");
    assert_string_equal(source_text(&w->source, "vault-mount", "secret", "kv"), "2");
    assert_string_equal(source_text(&w->source, "vault-mount", "auth/token", "class"), "auth");
    assert_string_equal(source_rule(&w->source, "vault-mount", "secret"), "");
}

#define MOUNT_OF(type, status)                                                                   \
    "{\"data\":{\"auth\":{\"" type "/\":{\"type\":\"" type "\",\"deprecation_status\":\"" status \
    "\"}},\"secret\":{}}}"

/* As Vault calls the types of plug-ins that go with one of its next versions. */
static void a_mount_that_is_deprecated(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    const char *const mounts = "/v1/sys/internal/ui/mounts";
    answer_body(w, mounts, 200, MOUNT_OF("centrify", "deprecated"));
    start(w, true);
    source_want(s, "vault-mount", true);
    source_until(s, source_has(s, "vault-mount", "auth/centrify"));
    source_judged(s, "vault-mount", "auth/centrify", LEVEL_NOTICE, "vault-mount-deprecated",
                  "type centrify is deprecated");
    answer_body(w, mounts, 200, MOUNT_OF("centrify", "pending removal"));
    source_refresh(s);
    source_until(s, strcmp(source_says(s, "vault-mount", "auth/centrify"),
                           "type centrify is pending removal") == 0);
    answer_body(w, mounts, 200, MOUNT_OF("centrify", "supported")); /* Vault went back a version */
    source_refresh(s);
    source_until(s, source_level(s, "vault-mount", "auth/centrify") == LEVEL_OK);
}

static void walks_paths_by_metadata_alone(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    start(w, true);
    source_want(s, "vault-path", true);
    source_until(s, source_synced(s, "vault-path") && source_kind_report(s, "vault-path")->note[0]);
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "version"), "3");
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "state"), "live");
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "metadata"),
                        "owner=dba,rotated-by=orc");
    assert_string_equal(source_text(s, "vault-path", "operators/redis", "state"), "deleted");
    assert_string_equal(source_rule(s, "vault-path", "operators/redis"), "vault-path-deleted");
    assert_string_equal(source_text(s, "vault-path", "operators/minio", "state"), "live");
    assert_non_null(
        strstr(source_text(s, "vault-path", "operators/minio", "history"), "destroyed"));
    assert_string_equal(source_text(s, "vault-path", "tooling/", "state"), "denied");
    assert_string_equal(source_text(s, "vault-path", "rootleaf", "state"), "denied");
    assert_false(source_has(s, "vault-path", "operators/s3-db-backup")); /* gone since */
    assert_int_equal(source_kind_report(s, "vault-path")->state, SOURCE_FRESH);
    assert_string_equal(source_kind_report(s, "vault-path")->note,
                        "1 folder and 1 path may not be read");
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "may"), "read");
    assert_string_equal(source_text(s, "vault-path", "operators/redis", "may"), "nothing");
    assert_string_equal(source_text(s, "vault-path", "rootleaf", "may"), "-"); /* not said */
    assert_false(was_asked(w, "/data/"));
    assert_false(was_asked(w, "/cubbyhole/"));
    assert_false(source_leaks(s, TOKEN));
}

/* What ExternalSecrets read is looked at though no folder lists it. */
static void paths_that_externalsecrets_read(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer_with(w, "/v1/secret/metadata/tooling/typesense", "dev-metadata-mysql");
    answer_with(w, "/v1/secret/metadata/infra/ghcr", "dev-403-list-root");
    start_at(w, true,
             "secret\toperators/s3-db-backup\tops/s3\nsecret\ttooling/typesense\ttooling/ts\n"
             "\tsecret/data/infra/ghcr\tshop/ghcr\nsecret\tapps/gone\tshop/a\n"
             "secret\tapps/gone\tshop/b\nkv\tof/another\tshop/c\nno tab\nkv\tone tab");
    source_want(s, "vault-path", true);
    source_until(s, source_synced(s, "vault-path") && source_kind_report(s, "vault-path")->note[0]);
    source_judged(s, "vault-path", "operators/s3-db-backup", LEVEL_WARNING, "vault-path-missing",
                  "there is no such path; ops/s3 reads it");
    source_judged(s, "vault-path", "apps/gone", LEVEL_WARNING, "vault-path-missing",
                  "there is no such path; 2 ExternalSecrets read it");
    assert_string_equal(source_text(s, "vault-path", "tooling/typesense", "state"), "live");
    assert_string_equal(source_text(s, "vault-path", "infra/ghcr", "state"), "denied");
    assert_string_equal(source_text(s, "vault-path", "apps/gone", "readers"), "shop/a,shop/b");
    assert_false(source_has(s, "vault-path", "of/another"));
    answer_with(w, "/v1/secret/metadata/apps/gone", "dev-metadata-mysql");
    source_refresh(s);
    source_until(s, strcmp(source_text(s, "vault-path", "apps/gone", "state"), "live") == 0 &&
                        source_level(s, "vault-path", "apps/gone") == LEVEL_OK);
}

/* Of several engines that which is read is called as it is read. */
static void several_engines(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer_body(w, "/v1/sys/internal/ui/mounts", 200,
                "{\"data\":{\"secret\":{\"old/\":{\"type\":\"kv\",\"options\":{\"version\":\"1\"}},"
                "\"secret/\":{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}}}}");
    answer_body(w, "/v1/old/?list=true", 200, "{\"data\":{\"keys\":[\"legacy\"]}}");
    start_at(w, true, "secret\toperators/mysql\tops/mysql\n");
    source_want(s, "vault-path", true);
    source_until(s, source_has(s, "vault-path", "operators/mysql") &&
                        source_has(s, "vault-path", "old/legacy"));
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "readers"), "ops/mysql");
    assert_string_equal(source_text(s, "vault-path", "old/legacy", "path"), "legacy");
    assert_false(was_asked(w, "/v1/old/legacy")); /* of version 1 that would be the value */
}

static void rights_that_may_not_be_asked_for(void **state)
{
    struct world *w = *state;
    answer_body(w, "/v1/sys/capabilities-self", 403, "{\"errors\":[\"permission denied\"]}");
    start(w, true);
    source_want(&w->source, "vault-path", true);
    source_until(&w->source, source_synced(&w->source, "vault-path"));
    assert_string_equal(source_text(&w->source, "vault-path", "operators/mysql", "state"), "live");
    assert_string_equal(source_text(&w->source, "vault-path", "operators/mysql", "may"), "-");
}

#define DENIED "{\"errors\":[\"1 error occurred:\\n\\t* permission denied\\n\\n\"]}"

/* By names of keys, which the engine gives without their values; once for each version. */
static void names_of_keys(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer_with(w, "/v1/secret/subkeys/operators/mysql?depth=1", "dev-subkeys");
    answer_body(w, "/v1/secret/subkeys/operators/minio?depth=1", 403, DENIED);
    start(w, true);
    source_want(s, "vault-path", true);
    source_until(s, source_synced(s, "vault-path"));
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "keys"),
                        "monitor,operator,replication,root,xtrabackup");
    assert_string_equal(source_text(s, "vault-path", "operators/minio", "keys"), "-");
    assert_string_equal(source_text(s, "vault-path", "operators/minio", "state"), "live");
    assert_false(was_asked(w, "subkeys/operators/redis")); /* its version is deleted */
    source_until(s, source_kind_report(s, "vault-path")->state == SOURCE_FRESH);
    answer_body(w, "/v1/secret/subkeys/operators/mysql?depth=1", 200,
                "{\"data\":{\"subkeys\":{\"root\":null,\"other\":null}}}");
    source_step(s, 300000);
    source_until(s, times_asked(w, "/v1/secret/subkeys/operators/minio") == 2);
    source_fetch(s, DOCUMENT_YAML, "operators/mysql"); /* which waits for the end of that look */
    answer_body(w, "/v1/secret/metadata/operators/mysql", 200,
                "{\"data\":{\"current_version\":4,\"versions\":{\"4\":{}}}}");
    source_step(s, 300000);
    source_until(s, strcmp(source_text(s, "vault-path", "operators/mysql", "keys"), "root,other") ==
                        0);
    assert_int_equal(times_asked(w, "/v1/secret/subkeys/operators/mysql"), 2);
    assert_false(was_asked(w, "/data/"));
}

/* Where rights are told, names are not asked for that may not be read. */
static void names_that_may_not_be_read(void **state)
{
    struct world *w = *state;
    answer_body(w, "/v1/sys/capabilities-self", 200,
                "{\"data\":{\"secret/subkeys/operators/mysql\":[\"deny\"],"
                "\"secret/subkeys/operators/minio\":[\"list\",\"read\"]}}");
    start(w, true);
    source_want(&w->source, "vault-path", true);
    source_until(&w->source, source_synced(&w->source, "vault-path"));
    assert_false(was_asked(w, "subkeys/operators/mysql"));
    assert_true(was_asked(w, "subkeys/operators/minio"));
}

/* A folder that may not be listed is a row of its own, and nobody's failure. */
static void a_folder_that_is_denied_and_is_not(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer_body(w, "/v1/secret/metadata/?list=true", 200,
                "{\"data\":{\"keys\":[\"operators/\",\"tooling/\"]}}");
    answer_body(w, "/v1/secret/metadata/tooling/?list=true", 403, DENIED);
    start(w, true);
    source_want(s, "vault-path", true);
    source_until(s, source_synced(s, "vault-path") && source_kind_report(s, "vault-path")->note[0]);
    source_judged(s, "vault-path", "tooling/", LEVEL_UNKNOWN, "vault-path-denied",
                  "the token may not look at it");
    assert_string_equal(source_kind_report(s, "vault-path")->note, "1 folder may not be read");
    assert_int_equal(source_kind_report(s, "vault-path")->state, SOURCE_FRESH);
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "state"), "live");
    answer_body(w, "/v1/secret/metadata/tooling/?list=true", 200,
                "{\"data\":{\"keys\":[\"typesense\"]}}");
    answer_with(w, "/v1/secret/metadata/tooling/typesense", "dev-metadata-mysql");
    source_refresh(s);
    source_until(s, source_has(s, "vault-path", "tooling/typesense") &&
                        !source_has(s, "vault-path", "tooling/"));
    source_until(s, !source_kind_report(s, "vault-path")->note[0]);
    assert_int_equal(source_level(s, "vault-path", "tooling/typesense"), LEVEL_OK);
}

/* Five requests at a time, and never more. */
static void a_walk_asks_for_five_at_a_time(void **state)
{
    struct world *w = *state;
    struct strbuf keys = STRBUF_INIT(600);
    strbuf_adds(&keys, "{\"data\":{\"keys\":[");
    for (int i = 0; i < 12; i++)
        strbuf_addf(&keys, "%s\"p%d\"", i ? "," : "", i);
    strbuf_adds(&keys, "]}}");
    answer_body(w, "/v1/secret/metadata/?list=true", 200, "{\"data\":{\"keys\":[\"many/\"]}}");
    answer_body(w, "/v1/secret/metadata/many/?list=true", 200, strbuf_cstr(&keys));
    strbuf_clear(&keys);
    w->together_at = 5;
    answer_body(w, "/v1/secret/metadata/many/p11", 200,
                "{\"data\":{\"current_version\":1,\"versions\":{\"1\":{}}}}");
    start(w, true);
    source_want(&w->source, "vault-path", true);
    source_until(&w->source, source_synced(&w->source, "vault-path"));
    assert_true(source_has(&w->source, "vault-path", "many/p11"));
    assert_int_equal(times_asked(w, "/v1/secret/metadata/many/p"), 12);
    (void)pthread_mutex_lock(&w->lock);
    assert_int_equal(w->most, 5);
    (void)pthread_mutex_unlock(&w->lock);
}

/* A tree that has no end is walked so deep, and that is said. */
static void a_tree_without_end(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    w->deep = true;
    start(w, true);
    source_want(s, "vault-path", true);
    source_until(s, source_kind_report(s, "vault-path")->state == SOURCE_PARTIAL);
    assert_string_equal(source_kind_report(s, "vault-path")->note, "the first 33 of more");
    assert_int_equal(times_asked(w, "?list=true"), 33);
}

static void leases_that_cannot_be_revoked(void **state)
{
    struct world *w = *state;
    answer_body(w, "/v1/sys/metrics", 200,
                "{\"Gauges\":[{\"Name\":\"vault.expire.num_leases\",\"Value\":412,\"Labels\":{}},"
                "{\"Name\":\"vault.expire.num_irrevocable_leases\",\"Value\":3}]}");
    start(w, true);
    source_until(&w->source, judged(w, "vault-leases-irrevocable"));
    assert_string_equal(source_says(&w->source, "vault", "it"),
                        "3 of 412 leases could not be revoked");
    answer_body(w, "/v1/sys/metrics", 403, "{\"errors\":[\"permission denied\"]}");
    source_step(&w->source, 60000);
    source_until(&w->source, is(w, "leases", "-") && !judged(w, "vault-leases-irrevocable"));
}

/* ---- Values compared. */

#define HERS  "hunter2-of-vault"
#define OTHER "hunter3-of-secret"

static void start_comparing(struct world *w, const char *compare, const char *targets)
{
    char reach[128], token[128], kubeconfig[128];
    write_kubeconfig(w);
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(token, sizeof(token), "token=file:%s", w->token_file);
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "kubeconfig=%s", w->kubeconfig);
    const char *const settings[] = {reach, token, kubeconfig, compare, NULL};
    source_start_at(&w->source, &backend_vault, settings, at("2026-11-23T14:59:39Z"), targets,
                    false);
    source_want(&w->source, "secret-match", true);
}

static bool matches(struct world *w, const char *key, const char *state)
{
    return strcmp(source_text(&w->source, "secret-match", key, "state"), state) == 0;
}

static void values_are_compared_where_it_is_allowed(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    answer_body(w, "/v1/secret/data/apps/kimai", 200,
                "{\"data\":{\"data\":{\"password\":\"" HERS "\",\"other\":\"x\",\"port\":3306},"
                "\"metadata\":{\"created_time\":\"2026-11-23T12:00:00Z\",\"version\":7}}}");
    answer_body(w, "/api/v1/namespaces/shop/secrets/kimai", 200, /* the values above, in base64 */
                "{\"kind\":\"Secret\",\"data\":{\"DB\":\"aHVudGVyMi1vZi12YXVsdA==\","
                "\"OLD\":\"aHVudGVyMy1vZi1zZWNyZXQ=\",\"other\":\"eA==\"}}");
    start_comparing(w, "compare=true",
                    "=secret\tapps/kimai\tshop/es\tkimai\t3600000\tDB\tpassword\t\n"
                    "=secret\tapps/kimai\tshop/es\tkimai\t3600000\tOLD\tpassword\t\n"
                    "=secret\tapps/kimai\tshop/es\tkimai\t3600000\tNONE\tpassword\t\n"
                    "=secret\tapps/kimai\tshop/es\tkimai\t3600000\tPORT\tport\t\n"
                    "=secret\tapps/kimai\tshop/es\tkimai\t3600000\tJSON\t\t\n"
                    "=secret\tapps/gone\tshop/es\tkimai\t3600000\tGONE\tpassword\t\n"
                    "=secret\t\tshop/tpl\tkimai\t3600000\t*\t\ta template makes it\n"
                    "=secret\tapps/kimai\tshop/all\tkimai\t0\t*\t\t\n=broken\n");
    source_until(s, source_kind_report(s, "secret-match")->state == SOURCE_FRESH &&
                        matches(w, "shop/es/DB", "same"));
    source_judged(s, "secret-match", "shop/es/OLD", LEVEL_WARNING, "secret-differs",
                  "OLD in Secret kimai is not password of apps/kimai, whose version 7 was written "
                  "2h ago, though it is read every 1h");
    assert_true(matches(w, "shop/es/NONE", "unknown"));
    assert_non_null(strstr(source_text(s, "secret-match", "shop/es/NONE", "why"), "no such key"));
    assert_true(matches(w, "shop/es/PORT", "unknown"));
    assert_true(matches(w, "shop/es/JSON", "unknown"));
    assert_true(matches(w, "shop/es/GONE", "unknown"));
    assert_string_equal(source_text(s, "secret-match", "shop/tpl/*", "why"), "a template makes it");
    assert_true(matches(w, "shop/all/other", "same"));
    assert_true(matches(w, "shop/all/password", "unknown")); /* the Secret calls it otherwise */
    assert_false(source_leaks(s, HERS));
    assert_false(source_leaks(s, OTHER));
    assert_false(source_leaks(s, "aHVudGVy"));
    answer_body(w, "/v1/secret/data/apps/kimai", 200,
                "{\"data\":{\"data\":{\"password\":\"" OTHER "\"},"
                "\"metadata\":{\"created_time\":\"2026-11-23T14:50:00Z\",\"version\":8}}}");
    source_refresh(s);
    source_until(s, matches(w, "shop/es/OLD", "same") && matches(w, "shop/es/DB", "differs"));
    source_judged(s, "secret-match", "shop/es/DB", LEVEL_PROGRESS, "secret-not-yet",
                  "it is read every 1h"); /* by now the new one is not due */
    assert_false(source_leaks(s, OTHER));
}

static void no_value_is_asked_for_unless_it_is_allowed(void **state)
{
    struct world *w = *state;
    start_comparing(w, NULL, "=secret\tapps/kimai\tshop/es\tkimai\t3600000\tDB\tpassword\t\n");
    source_until(&w->source,
                 source_kind_report(&w->source, "secret-match")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(&w->source, "secret-match")->why.msg,
                           "only where the configuration says so"));
    assert_false(was_asked(w, "/data/"));
    assert_false(was_asked(w, "/secrets/"));
}

/* A version that deletes itself, as KV engines with delete_version_after make them. */
static void a_path_that_deletes_itself(void **state)
{
    struct world *w = *state;
    answer_body(w, "/v1/secret/metadata/operators/mysql", 200,
                "{\"data\":{\"current_version\":2,\"versions\":{\"2\":{\"created_time\":"
                "\"2026-11-20T14:59:38Z\",\"deletion_time\":\"2026-11-25T14:59:38Z\","
                "\"destroyed\":false}}}}");
    start(w, true);
    source_want(&w->source, "vault-path", true);
    source_until(&w->source,
                 source_has(&w->source, "vault-path", "operators/mysql") &&
                     source_level(&w->source, "vault-path", "operators/mysql") == LEVEL_OK);
    source_want(&w->source, "vault-path", false);
    source_step(&w->source, INT64_C(25) * 3600000);
    source_turn(&w->source, TIME_FOREVER, "");
    source_judged(&w->source, "vault-path", "operators/mysql", LEVEL_WARNING,
                  "vault-path-deletes-itself", "version 2 deletes itself in 22h");
    source_step(&w->source, INT64_C(25) * 3600000);
    source_turn(&w->source, TIME_FOREVER, "");
    assert_string_equal(source_rule(&w->source, "vault-path", "operators/mysql"),
                        "vault-path-deleted");
}

/* Its owner writes it anew before that. */
static void a_path_that_is_written_before_it_deletes_itself(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    const char *const path = "/v1/secret/metadata/operators/mysql";
    answer_body(w, path, 200,
                "{\"data\":{\"current_version\":2,\"versions\":{\"2\":{\"created_time\":"
                "\"2026-11-20T14:59:38Z\",\"deletion_time\":\"2026-11-23T17:59:39Z\","
                "\"destroyed\":false}}}}");
    start(w, true);
    source_want(s, "vault-path", true);
    source_until(s, source_has(s, "vault-path", "operators/mysql"));
    source_judged(s, "vault-path", "operators/mysql", LEVEL_WARNING, "vault-path-deletes-itself",
                  "version 2 deletes itself in 3h");
    answer_body(w, path, 200,
                "{\"data\":{\"current_version\":3,\"versions\":{\"3\":{\"created_time\":"
                "\"2026-11-23T14:59:38Z\",\"deletion_time\":\"2026-11-28T14:59:38Z\","
                "\"destroyed\":false}}}}");
    source_refresh(s);
    source_until(s, source_level(s, "vault-path", "operators/mysql") == LEVEL_OK);
    assert_string_equal(source_text(s, "vault-path", "operators/mysql", "version"), "3");
}

/* Names that would make a request for something else, a folder in itself for ever. */
static void hostile_names(void **state)
{
    struct world *w = *state;
    answer_body(
        w, "/v1/secret/metadata/?list=true", 200,
        "{\"data\":{\"keys\":[\"..\",\"../\",\"\",\"/\",\"a b?c\",\"x/\",42,\"\\u001b[2J\"]}}");
    answer_body(w, "/v1/secret/metadata/x/?list=true", 200, "{\"data\":{\"keys\":[\"./\"]}}");
    answer_body(w, "/v1/secret/metadata/a%20b%3Fc", 200,
                "{\"data\":{\"current_version\":1,\"versions\":{\"1\":{}}}}");
    start(w, true);
    source_want(&w->source, "vault-path", true);
    source_until(&w->source, source_has(&w->source, "vault-path", "a b?c"));
    assert_false(was_asked(w, "/v1/secret/metadata/.."));
    assert_false(was_asked(w, "/v1/secret/\n"));
}

static void a_quota_is_not_a_standby(void **state)
{
    struct world *w = *state;
    answer_with(w, "/v1/sys/health", "dev-429-rate-limit");
    start(w, false);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FAILING);
    assert_non_null(strstr(source_report(&w->source)->why.msg, "429"));
    assert_false(source_has(&w->source, "vault", "it"));
}

static void one_that_hangs_is_given_up_and_comes_back(void **state)
{
    struct world *w = *state;
    start(w, false);
    source_until(&w->source, is(w, "state", "active"));
    hang(w, true);
    source_refresh(&w->source);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FAILING);
    assert_string_equal(says(w, "state"), "active"); /* as it was last heard */
    hang(w, false);
    source_refresh(&w->source);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FRESH);
}

/* Its own, as its chart mounts it from a Secret: Vault reads a new one when it is told to. */
static void its_certificate_has_run_out(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    char reach[128], trusted[128];
    struct strbuf pem = STRBUF_INIT(65536);
    struct cert ca = cert_make(&(struct cert_options){.name = "vault-ca", .is_ca = true});
    struct cert_options leaf = {.name = "vault",
                                .alternatives = "DNS:localhost,IP:127.0.0.1",
                                .issuer = &ca,
                                .from_s = -7200,
                                .until_s = -60};
    struct cert old = cert_make(&leaf);
    leaf.from_s = leaf.until_s = 0;
    struct cert renewed = cert_make(&leaf);
    (void)snprintf(w->ca, sizeof(w->ca), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(w->ca);
    cert_pem(&ca, &pem);
    assert_true(fd >= 0 && close(fd) == 0 && file_replace(w->ca, strbuf_span(&pem), NULL));
    strbuf_clear(&pem);
    server_stop(w->server);
    w->server = server_start(&(struct server_options){.serve = serve, .context = w, .cert = &old});
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(trusted, sizeof(trusted), "ca=%s", w->ca);
    const char *const settings[] = {reach, trusted, NULL};
    source_start_at(s, &backend_vault, settings, at("2026-11-23T14:59:39Z"), NULL, false);
    source_want(s, "vault", true);
    source_until(s, source_report(s)->state == SOURCE_FAILING);
    assert_non_null(strstr(source_report(s)->why.msg, server_origin(w->server)));
    assert_non_null(strstr(source_report(s)->why.msg, "its certificate has expired: renew it"));
    assert_false(source_has(s, "vault", "it"));
    assert_false(was_asked(w, "/v1/")); /* nothing is sent to whom it cannot trust */
    server_renew(w->server, &renewed);
    source_refresh(s);
    source_until(s, source_report(s)->state == SOURCE_FRESH && is(w, "state", "active"));
    assert_int_equal(source_level(s, "vault", "it"), LEVEL_OK);
    cert_free(&old);
    cert_free(&renewed);
    cert_free(&ca);
}

/* Its seal is known all the same, and the token is looked for again. */
static void a_token_that_is_not_there(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    struct err err;
    (void)unlink(w->token_file);
    start(w, true);
    source_want(s, "vault-mount", true);
    source_until(s, judged(w, "vault-token-not-had") && is(w, "state", "active"));
    assert_non_null(strstr(source_says(s, "vault", "it"), w->token_file));
    source_until(s, source_kind_report(s, "vault-mount")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(s, "vault-mount")->why.msg, w->token_file));
    assert_true(file_replace_later(w->token_file, SPAN("a-token"), &err));
    source_step(s, 60000);
    source_until(s, is(w, "token", "valid"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(tells_what_an_active_one_says),
        CASE(a_sealed_one_is_critical_until_it_is_not),
        CASE(a_pod_of_several_that_is_sealed),
        CASE(the_active_pod_speaks_for_all),
        CASE(one_that_has_lost_its_data),
        CASE(a_standby_and_its_leader),
        CASE(standbys_that_are_cut_off_or_removed),
        CASE(a_token_that_is_refused),
        CASE(a_token_that_ends),
        CASE(a_clock_that_is_wrong),
        CASE(without_a_token_the_seal_is_known),
        CASE(lists_mounts),
        CASE(a_mount_that_is_deprecated),
        CASE(walks_paths_by_metadata_alone),
        CASE(paths_that_externalsecrets_read),
        CASE(several_engines),
        CASE(rights_that_may_not_be_asked_for),
        CASE(names_of_keys),
        CASE(names_that_may_not_be_read),
        CASE(a_folder_that_is_denied_and_is_not),
        CASE(a_walk_asks_for_five_at_a_time),
        CASE(a_tree_without_end),
        CASE(leases_that_cannot_be_revoked),
        CASE(values_are_compared_where_it_is_allowed),
        CASE(no_value_is_asked_for_unless_it_is_allowed),
        CASE(a_path_that_deletes_itself),
        CASE(a_path_that_is_written_before_it_deletes_itself),
        CASE(hostile_names),
        CASE(a_quota_is_not_a_standby),
        CASE(one_that_hangs_is_given_up_and_comes_back),
        CASE(its_certificate_has_run_out),
        CASE(a_token_that_is_not_there),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
