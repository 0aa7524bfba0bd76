/* A scripted API server and a source that talks to it. */
#include <config.h>

#include "test/systems/kube_api.h"

#include "base/alloc.h"
#include "base/file.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define ANSWERS_MAX 64
#define STREAMS_MAX 64
#define PATH_LENGTH 512
#define HURRY_MS    700 /* by which the clock is moved at each turn */

#define JSON_HEADERS "Content-Type: application/json\r\n"
#define CHUNKED      JSON_HEADERS "Transfer-Encoding: chunked\r\n"

enum stream_end { STREAM_OPEN, STREAM_ENDED, STREAM_CUT };

struct stream {
    bool used;
    char path[PATH_LENGTH];
    struct strbuf text; /* to be sent */
    enum stream_end end;
};

struct api {
    struct server *server;
    struct cert ca, cert;
    pthread_mutex_t lock; /* what follows */
    struct api_answer answers[ANSWERS_MAX];
    size_t count;
    struct stream streams[STREAMS_MAX];
    bool released;
    unsigned held; /* answers that wait for it */
    char token[64];
    struct strbuf heads; /* of all requests, each ended by a NUL */
};

static int64_t machine_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- The server's threads. */

static void path_of(const char *request, char path[PATH_LENGTH])
{
    struct span line = span_from(request), word = {"", 0};
    (void)span_split(&line, ' ', &word);
    (void)span_split(&line, ' ', &word);
    (void)snprintf(path, PATH_LENGTH, "%.*s", SPAN_ARG(word));
}

/* The first answer that fits is used up. */
static bool take_answer(struct api *a, const char *path, struct api_answer *out)
{
    for (size_t i = 0; i < a->count; i++) {
        struct api_answer *one = &a->answers[i];
        if (strncmp(path, one->to, strlen(one->to)) != 0 || (one->with && !strstr(path, one->with)))
            continue;
        *out = *one;
        if (!one->always) {
            memmove(one, one + 1, (a->count - i - 1) * sizeof(*one));
            a->count--;
        }
        return true;
    }
    return false;
}

static void default_answer(const char *path, struct api_answer *out)
{
    *out = (struct api_answer){.body = "ok", .headers = "Content-Type: text/plain\r\n"};
    if (strstr(path, "watch=1"))
        *out = (struct api_answer){.how = API_STREAM};
    else if (strstr(path, "limit="))
        *out = (struct api_answer){
            .body =
                "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},"
                "\"items\":[]}"};
}

static bool say_chunk(struct conn *c, struct span text)
{
    struct strbuf chunk = STRBUF_INIT((size_t)4 << 20);
    strbuf_addf(&chunk, "%zx\r\n", text.len);
    strbuf_add(&chunk, text);
    strbuf_adds(&chunk, "\r\n");
    bool ok = conn_send(c, strbuf_span(&chunk));
    strbuf_clear(&chunk);
    return ok;
}

static struct stream *open_stream(struct api *a, const char *path)
{
    struct stream *s = a->streams;
    while (s->used)
        s++;
    bn_assert(s < a->streams + STREAMS_MAX);
    *s = (struct stream){.used = true, .text = STRBUF_INIT((size_t)4 << 20)};
    (void)snprintf(s->path, sizeof(s->path), "%s", path);
    return s;
}

/* Sends what the test says until it ends the stream or the peer has gone. */
static void serve_stream(struct conn *c, struct api *a, const char *path)
{
    bool open = conn_says(c, "HTTP/1.1 200 OK\r\n" CHUNKED "\r\n");
    (void)pthread_mutex_lock(&a->lock);
    struct stream *s = open_stream(a, path);
    while (open) {
        struct strbuf text = s->text;
        enum stream_end end = s->end;
        s->text = (struct strbuf)STRBUF_INIT((size_t)4 << 20);
        (void)pthread_mutex_unlock(&a->lock);
        if (text.len)
            open = say_chunk(c, strbuf_span(&text));
        strbuf_clear(&text);
        if (end == STREAM_ENDED)
            (void)conn_says(c, "0\r\n\r\n");
        else if (end == STREAM_CUT)
            conn_close(c);
        else if (open && !conn_gone(c, 5))
            end = STREAM_OPEN;
        else
            open = false;
        open = open && end == STREAM_OPEN;
        (void)pthread_mutex_lock(&a->lock);
    }
    strbuf_clear(&s->text);
    s->used = false;
    (void)pthread_mutex_unlock(&a->lock);
}

/* Waits for api_release(). */
static void hold(struct conn *c, struct api *a)
{
    (void)pthread_mutex_lock(&a->lock);
    a->held++;
    while (!a->released) {
        (void)pthread_mutex_unlock(&a->lock);
        bool gone = conn_gone(c, 5);
        (void)pthread_mutex_lock(&a->lock);
        if (gone)
            break;
    }
    a->held--;
    (void)pthread_mutex_unlock(&a->lock);
}

static void give(struct conn *c, struct api *a, const struct api_answer *answer, const char *path)
{
    struct span body = span_from(answer->body ? answer->body : "");
    switch (answer->how) {
    case API_HELD:
        hold(c, a);
        break;
    case API_STREAM:
        serve_stream(c, a, path);
        return;
    case API_ENDS:
    case API_CUT:
        (void)conn_says(c, "HTTP/1.1 200 OK\r\n" CHUNKED "\r\n");
        if (body.len)
            (void)say_chunk(c, body);
        if (answer->how == API_ENDS)
            (void)conn_says(c, "0\r\n\r\n");
        else
            conn_close(c);
        return;
    case API_NO_ANSWER:
        conn_close(c);
        return;
    case API_ANSWER:
        break;
    }
    conn_answer(c, answer->status ? answer->status : 200,
                answer->headers ? answer->headers : JSON_HEADERS, body);
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct api *a = context;
    struct api_answer answer;
    char path[PATH_LENGTH], bearer[128];
    path_of(request, path);
    (void)pthread_mutex_lock(&a->lock);
    strbuf_add(&a->heads, span_make(request, strlen(request) + 1));
    (void)snprintf(bearer, sizeof(bearer), "\r\nAuthorization: Bearer %s\r\n", a->token);
    bool refused = a->token[0] && !strstr(request, bearer);
    if (!refused && !take_answer(a, path, &answer))
        default_answer(path, &answer);
    (void)pthread_mutex_unlock(&a->lock);
    if (refused)
        answer = (struct api_answer){
            .status = 401,
            .body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":"
                    "\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}"};
    give(c, a, &answer, path);
}

/* ---- What the test tells it. */

void api_will(struct world *w, const struct api_answer *answer)
{
    struct api *a = w->api;
    (void)pthread_mutex_lock(&a->lock);
    bn_assert(a->count < ANSWERS_MAX);
    a->answers[a->count++] = *answer;
    (void)pthread_mutex_unlock(&a->lock);
}

void api_forget(struct world *w)
{
    (void)pthread_mutex_lock(&w->api->lock);
    w->api->count = 0;
    (void)pthread_mutex_unlock(&w->api->lock);
}

void api_release(struct world *w)
{
    (void)pthread_mutex_lock(&w->api->lock);
    w->api->released = true;
    (void)pthread_mutex_unlock(&w->api->lock);
}

unsigned api_held(struct world *w)
{
    (void)pthread_mutex_lock(&w->api->lock);
    unsigned held = w->api->held;
    (void)pthread_mutex_unlock(&w->api->lock);
    return held;
}

static void to_streams(struct world *w, const char *to, const char *text, enum stream_end end)
{
    struct api *a = w->api;
    size_t found = 0;
    (void)pthread_mutex_lock(&a->lock);
    for (struct stream *s = a->streams; s < a->streams + STREAMS_MAX; s++) {
        if (!s->used || strncmp(s->path, to, strlen(to)) != 0)
            continue;
        strbuf_adds(&s->text, text);
        s->end = end;
        found++;
    }
    (void)pthread_mutex_unlock(&a->lock);
    assert_true(found);
}

void api_say(struct world *w, const char *to, const char *text)
{
    to_streams(w, to, text, STREAM_OPEN);
}

void api_end(struct world *w, const char *to)
{
    to_streams(w, to, "", STREAM_ENDED);
}

void api_cut(struct world *w, const char *to)
{
    to_streams(w, to, "", STREAM_CUT);
}

void api_lets_in(struct world *w, const char *token)
{
    (void)pthread_mutex_lock(&w->api->lock);
    (void)snprintf(w->api->token, sizeof(w->api->token), "%s", token ? token : "");
    (void)pthread_mutex_unlock(&w->api->lock);
}

unsigned api_asked(struct world *w, const char *to, const char *with)
{
    struct api *a = w->api;
    unsigned n = 0;
    (void)pthread_mutex_lock(&a->lock);
    for (size_t at = 0; at < a->heads.len; at += strlen(a->heads.data + at) + 1) {
        const char *head = a->heads.data + at, *path = strchr(head, ' ');
        n += path && strncmp(path + 1, to, strlen(to)) == 0 && (!with || strstr(head, with));
    }
    (void)pthread_mutex_unlock(&a->lock);
    return n;
}

unsigned api_streams(struct world *w, const char *to)
{
    struct api *a = w->api;
    unsigned n = 0;
    (void)pthread_mutex_lock(&a->lock);
    for (struct stream *s = a->streams; s < a->streams + STREAMS_MAX; s++)
        n += s->used && s->end == STREAM_OPEN && strncmp(s->path, to, strlen(to)) == 0;
    (void)pthread_mutex_unlock(&a->lock);
    return n;
}

/* ---- The world. */

static void put_file(const struct world *w, const char *name, const struct strbuf *text)
{
    char path[128];
    struct err err;
    (void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    if (!file_replace(path, strbuf_span(text), &err))
        fail_msg("%s", err.msg);
}

int world_setup(void **state)
{
    struct world *w = xalloc_zero(1, sizeof(*w));
    struct api *a = w->api = xalloc_zero(1, sizeof(*a));
    struct strbuf pem = STRBUF_INIT(65536);
    (void)pthread_mutex_init(&a->lock, NULL);
    a->heads = (struct strbuf)STRBUF_INIT((size_t)16 << 20);
    a->ca = cert_make(&(struct cert_options){.name = "cluster CA", .is_ca = true});
    a->cert = cert_make(&(struct cert_options){
        .name = "kube-apiserver", .alternatives = "DNS:localhost", .issuer = &a->ca});
    const struct server_options options = {.serve = serve, .context = a, .cert = &a->cert};
    a->server = server_start(&options);
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/binnacle-test-XXXXXX");
    if (!mkdtemp(w->folder))
        return -1;
    cert_pem(&a->ca, &pem);
    put_file(w, "ca.pem", &pem);
    strbuf_clear(&pem);
    w->clock = clock_new();
    clock_stop(w->clock); /* moved by hurry alone */
    w->inbox = inbox_new(NULL);
    w->store = kube_store();
    w->text = (struct strbuf)STRBUF_INIT((size_t)32 << 20);
    *state = w;
    return 0;
}

static void remove_files(const struct world *w)
{
    static const char *const names[] = {"ca.pem", "kubeconfig", "plugin", "times"};
    char path[128];
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", w->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(w->folder);
}

int world_teardown(void **state)
{
    struct world *w = *state;
    struct api *a = w->api;
    if (w->runner) {
        int64_t began = machine_ms();
        runner_stop(w->runner);
        assert_true(runner_join(w->runner, PATIENCE_MS));
        assert_true(machine_ms() - began < 2000); /* whatever hangs */
        runner_free(w->runner);
    }
    server_stop(a->server);
    inbox_free(w->inbox);
    store_free(w->store);
    clock_free(w->clock);
    strbuf_clear(&w->text);
    cert_free(&a->cert);
    cert_free(&a->ca);
    strbuf_clear(&a->heads);
    (void)pthread_mutex_destroy(&a->lock);
    remove_files(w);
    free(a);
    free(w);
    return 0;
}

void world_start(struct world *w, const char *user, const char *const *settings)
{
    struct strbuf text = STRBUF_INIT(65536);
    const char *pairs[8];
    char kubeconfig[128];
    size_t n = 0;
    struct err err;
    strbuf_addf(&text,
                "current-context: here\n"
                "clusters: [{name: c, cluster: {server: '%s', certificate-authority: ca.pem}}]\n"
                "users: [{name: u, user: {%s}}]\n"
                "contexts: [{name: here, context: {cluster: c, user: u, namespace: shop}}]\n",
                server_origin(w->api->server), user);
    put_file(w, "kubeconfig", &text);
    strbuf_clear(&text);
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "kubeconfig=%s/kubeconfig", w->folder);
    pairs[n++] = kubeconfig;
    while (settings && *settings)
        pairs[n++] = *settings++;
    pairs[n] = NULL;
    const struct runner_options o = {.backend = backend_find("kubernetes"),
                                     .name = "here",
                                     .kinds = store_kinds(w->store),
                                     .clock = w->clock,
                                     .inbox = w->inbox,
                                     .settings = pairs};
    w->runner = runner_new(&o, &err);
    assert_non_null(w->runner);
    assert_true(runner_start(w->runner, &err));
}

static void ask(struct world *w, enum request_type type, uint16_t kind)
{
    struct request r = {.type = type, .kind = kind};
    runner_request(w->runner, &r);
}

void world_want(struct world *w, const char *kind)
{
    store_set_wanted(w->store, 0, kube_number(kind), true);
    ask(w, REQUEST_WANT, kube_number(kind));
}

void world_unwant(struct world *w, const char *kind)
{
    store_set_wanted(w->store, 0, kube_number(kind), false);
    ask(w, REQUEST_UNWANT, kube_number(kind));
}

void world_retry(struct world *w)
{
    runner_retry(w->runner);
}

static void ask_about(struct world *w, enum request_type type, const char *kind, const char *key,
                      const struct stream_options *options)
{
    struct request r = {.type = type,
                        .id = ++w->request,
                        .kind = kube_number(kind),
                        .key = xalloc_text(key),
                        .key_len = strlen(key)};
    if (options)
        r.stream = *options;
    else
        r.what = w->what;
    strbuf_truncate(&w->text, 0);
    w->done = false;
    err_clear(&w->why);
    runner_request(w->runner, &r);
}

void world_fetch(struct world *w, const char *kind, const char *key, enum document what)
{
    w->what = what;
    ask_about(w, REQUEST_FETCH, kind, key, NULL);
}

void world_stream(struct world *w, const char *key, const struct stream_options *options)
{
    ask_about(w, REQUEST_STREAM, "pod", key, options);
}

void world_cancel(struct world *w)
{
    struct request r = {.type = REQUEST_CANCEL, .id = w->request};
    runner_request(w->runner, &r);
}

static void take_answer_of(struct world *w, const struct message *m)
{
    if ((m->type != MESSAGE_DOCUMENT && m->type != MESSAGE_LINES) || m->request != w->request)
        return;
    strbuf_add(&w->text, span_make(m->bytes, m->len));
    w->done = m->type == MESSAGE_DOCUMENT || m->last;
    w->why = m->why;
}

int64_t world_patience(void)
{
    return machine_ms() + PATIENCE_MS;
}

static void give_up(const struct world *w)
{
    for (uint16_t k = 0; kube_kinds[k]; k++) {
        const struct source_report *r = &store_source_kind(w->store, 0, k)->report;
        if (store_source_kind(w->store, 0, k)->wanted)
            print_error("%zu %s: %s: %s %s\n", store_count(w->store, k),
                        kube_kinds[k]->kind->plural, source_state_name(r->state), r->why.msg,
                        r->note);
    }
    fail_msg("it does not come; the source is %s: %s", source_state_name(world_source(w)->state),
             world_source(w)->why.msg);
}

void world_turn(struct world *w, bool hurry, int64_t end)
{
    struct pollfd in = {.fd = inbox_fd(w->inbox), .events = POLLIN};
    struct message *m;
    if (machine_ms() > end)
        give_up(w);
    if (hurry) {
        clock_step(w->clock, HURRY_MS);
        ask(w, REQUEST_CANCEL, KIND_NONE); /* of nothing: it looks at the clock */
    }
    (void)poll(&in, 1, hurry ? 5 : 20);
    while ((m = inbox_pop(w->inbox)) != NULL) {
        take_answer_of(w, m);
        kube_apply(w->store, m, clock_wall_ms(w->clock));
        w->blanks += w->floor && store_count(w->store, w->floor_kind) < w->floor;
    }
    while (store_turn(w->store, clock_wall_ms(w->clock), 100000))
        continue;
}

size_t world_rows(const struct world *w, const char *kind)
{
    return store_count(w->store, kube_number(kind));
}

bool world_has(const struct world *w, const char *kind, const char *key)
{
    struct handle row;
    return store_find(w->store, 0, kube_number(kind), span_from(key), &row);
}

const struct source_report *world_source(const struct world *w)
{
    return &store_source(w->store, 0)->report;
}

const struct source_kind *world_kind(const struct world *w, const char *kind)
{
    return store_source_kind(w->store, 0, kube_number(kind));
}

bool world_is(const struct world *w, const char *kind, enum source_state state)
{
    return (kind ? &world_kind(w, kind)->report : world_source(w))->state == state;
}

bool world_synced(const struct world *w, const char *kind)
{
    const struct source_kind *k = world_kind(w, kind);
    return k->synced && k->complete && !k->syncing;
}

void world_says(const struct world *w, const char *kind, const char *words)
{
    const struct source_report *r = kind ? &world_kind(w, kind)->report : world_source(w);
    if (!strstr(r->why.msg, words) && !strstr(r->note, words))
        fail_msg("\"%s\" (%s) does not say \"%s\"", r->why.msg, r->note, words);
}
