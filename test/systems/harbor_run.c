/* harbor as a child of a test. */
#include <config.h>

#include "test/systems/harbor_run.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENT_MS 30000
#define BREATH_MS  5
#define WORDS_MAX  16
#define ANSWER_MAX ((size_t)64 << 20)

int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool in_time(int64_t end_ms)
{
    (void)poll(NULL, 0, BREATH_MS);
    return now_ms() < end_ms;
}

/* ---- The process. */

void harbor_prepare(struct harbor *h)
{
    assert_true(getenv("top_srcdir") && getenv("top_builddir")); /* `make check` says them */
    *h = (struct harbor){.control = -1, .ca = STRBUF_INIT(65536)};
    (void)snprintf(h->folder, sizeof(h->folder), "/tmp/binnacle-test-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    (void)snprintf(h->kubeconfig, sizeof(h->kubeconfig), "%s/kubeconfig", h->folder);
    (void)snprintf(h->socket, sizeof(h->socket), "%s/control", h->folder);
    (void)snprintf(h->complaints, sizeof(h->complaints), "%s/complaints", h->folder);
    for (int i = 0; i < 2; i++) {
        h->multi[i] = curl_multi_init();
        assert_non_null(h->multi[i]);
    }
}

static void become_harbor(const struct harbor *h, const char *const *argv, int out)
{
    char path[4096];
    int complaints = open(h->complaints, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (int sig = 1; sig < NSIG; sig++) /* a fault here must not go on as the test */
        (void)signal(sig, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(out, 1);
    (void)dup2(complaints, 2);
    (void)setenv("BINNACLE_DATA", getenv("top_srcdir"), 1);
    (void)snprintf(path, sizeof(path), "%s/harbor/harbor", getenv("top_builddir"));
    (void)execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void spawn(struct harbor *h, const char *const *argv)
{
    int fds[2];
    assert_int_equal(h->pid, 0);
    /* Here, not in the child: a fault there would be caught by cmocka, and the child go on testing. */
    assert_non_null(getenv("top_srcdir"));
    assert_non_null(getenv("top_builddir"));
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    h->pid = (int)fork();
    if (h->pid == 0)
        become_harbor(h, argv, fds[1]);
    assert_true(h->pid > 0);
    (void)close(fds[1]);
    h->out = fds[0];
}

static void say_complaints(const struct harbor *h)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    if (file_read(h->complaints, &text, NULL) && text.len)
        print_error("harbor says: %.8000s\n", strbuf_cstr(&text));
    strbuf_clear(&text);
}

static int wait_end(struct harbor *h)
{
    struct pollfd ends = {.fd = h->out, .events = POLLIN}; /* hangs up when it ends */
    char rest[64];
    int status = 0;
    while (poll(&ends, 1, PATIENT_MS) == 1 && read(h->out, rest, sizeof(rest)) > 0) {
    }
    if (!ends.revents) {
        (void)kill(h->pid, SIGKILL);
        print_error("harbor did not end\n");
    }
    while (waitpid(h->pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    (void)close(h->out);
    h->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void harbor_ended(struct harbor *h)
{
    int status = wait_end(h);
    if (status)
        say_complaints(h);
    assert_int_equal(status, 0);
}

void harbor_stop(struct harbor *h)
{
    if (h->control >= 0)
        (void)close(h->control);
    h->control = -1;
    if (!h->pid)
        return;
    assert_int_equal(kill(h->pid, SIGTERM), 0);
    harbor_ended(h);
}

static void read_ready(struct harbor *h)
{
    char line[256] = "";
    size_t len = 0;
    int64_t end = now_ms() + PATIENT_MS;
    struct pollfd in = {.fd = h->out, .events = POLLIN};
    while (!strchr(line, '\n') && len < sizeof(line) - 1 && now_ms() < end) {
        ssize_t n = poll(&in, 1, 100) > 0 ? read(h->out, line + len, sizeof(line) - 1 - len) : -1;
        if (n == 0)
            break;
        len += n > 0 ? (size_t)n : 0;
        line[len] = '\0';
    }
    h->outside = 0;
    if (sscanf(line, "ready epoch=%39s port=%d outside=%d", h->epoch, &h->port, &h->outside) >= 2)
        return;
    say_complaints(h);
    fail_msg("harbor is not ready; it printed \"%s\"", line);
}

static void read_authority(struct harbor *h)
{
    struct strbuf text = STRBUF_INIT(65536);
    unsigned char pem[16384];
    assert_true(file_read(h->kubeconfig, &text, NULL));
    struct span all = strbuf_span(&text), key = SPAN("certificate-authority-data: ");
    size_t at = span_search(all, key, false) + key.len;
    struct span packed = span_trim(span_sub(all, at, span_find(all, '\n', at) - at));
    assert_true(packed.len > 0 && packed.len < sizeof(pem));
    int n = EVP_DecodeBlock(pem, (const unsigned char *)packed.data, (int)packed.len);
    assert_true(n > 0);
    strbuf_truncate(&h->ca, 0);
    strbuf_adds(&h->ca, (const char *)pem); /* what pads base64 becomes NUL */
    strbuf_clear(&text);
}

static void connect_control(struct harbor *h)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", h->socket);
    h->control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(h->control >= 0);
    assert_int_equal(connect(h->control, (const struct sockaddr *)&address, sizeof(address)), 0);
}

void harbor_start(struct harbor *h, const char *const *words)
{
    const char *argv[WORDS_MAX] = {"harbor", "--kubeconfig-out", h->kubeconfig, "--control",
                                   h->socket};
    size_t n = 5;
    while (words && *words && n < WORDS_MAX - 1)
        argv[n++] = *words++;
    argv[n] = NULL;
    spawn(h, argv);
    read_ready(h);
    read_authority(h);
    connect_control(h);
}

int harbor_run(struct harbor *h, const char *const *words, struct strbuf *complaints)
{
    const char *argv[WORDS_MAX] = {"harbor"};
    for (size_t n = 1; words && *words && n < WORDS_MAX - 1; n++)
        argv[n] = *words++;
    spawn(h, argv);
    int status = wait_end(h);
    *complaints = (struct strbuf)STRBUF_INIT((size_t)1 << 20);
    assert_true(file_read(h->complaints, complaints, NULL));
    return status;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path);
}

void harbor_done(struct harbor *h)
{
    harbor_stop(h);
    for (int i = 0; i < 2; i++)
        (void)curl_multi_cleanup(h->multi[i]);
    (void)nftw(h->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    strbuf_clear(&h->ca);
}

int harbor_setup(void **state)
{
    static const char *const calm[] = {"--scenario", "calm", NULL};
    *state = xalloc_zero(1, sizeof(struct harbor));
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    harbor_prepare(*state);
    harbor_start(*state, calm);
    return 0;
}

int harbor_teardown(void **state)
{
    harbor_done(*state);
    free(*state);
    curl_global_cleanup();
    return 0;
}

/* ---- Its control socket. */

static const char *tell(struct harbor *h, const char *format, va_list args) BN_PRINTF(2, 0);

static const char *tell(struct harbor *h, const char *format, va_list args)
{
    static char answer[4096];
    struct strbuf line = STRBUF_INIT((size_t)2 << 20);
    size_t len = 0;
    strbuf_vaddf(&line, format, args);
    strbuf_addc(&line, '\n');
    assert_int_equal(send(h->control, strbuf_cstr(&line), line.len, MSG_NOSIGNAL), line.len);
    strbuf_clear(&line);
    do {
        struct pollfd in = {.fd = h->control, .events = POLLIN};
        assert_int_equal(poll(&in, 1, PATIENT_MS), 1);
        ssize_t n = read(h->control, answer + len, sizeof(answer) - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
    } while (answer[len - 1] != '\n');
    answer[len - 1] = '\0';
    return answer;
}

const char *harbor_tell(struct harbor *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *answer = tell(h, format, args);
    va_end(args);
    return answer;
}

const char *harbor_told(struct harbor *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *answer = tell(h, format, args);
    va_end(args);
    if (strcmp(answer, "ok") != 0 && strncmp(answer, "ok ", 3) != 0)
        fail_msg("`%.60s` is answered with \"%s\"", format, answer);
    return answer;
}

int64_t harbor_count(struct harbor *h, const char *name)
{
    char key[64];
    (void)snprintf(key, sizeof(key), " %s=", name);
    const char *at = strstr(harbor_told(h, "counts"), key);
    assert_non_null(at);
    return strtoll(at + strlen(key), NULL, 10);
}

/* ---- Requests. */

static size_t take_head(char *data, size_t size, size_t n, void *user)
{
    struct call *c = user;
    (void)size;
    if (n > 5 && memcmp(data, "HTTP/", 5) == 0)
        strbuf_truncate(&c->head, 0);
    strbuf_add(&c->head, span_make(data, n));
    (void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &c->status);
    return n;
}

static size_t take_body(char *data, size_t size, size_t n, void *user)
{
    struct call *c = user;
    (void)size;
    strbuf_add(&c->body, span_make(data, n));
    return c->body.failed ? 0 : n;
}

static void add_headers(struct call *c, const struct request *r)
{
    struct span rest = span_from(r->lines), line;
    struct strbuf text = STRBUF_INIT(65536);
    c->headers = curl_slist_append(NULL, "Expect:");
    if (r->token) {
        strbuf_addf(&text, "Authorization: Bearer %s", r->token);
        c->headers = curl_slist_append(c->headers, strbuf_cstr(&text));
    }
    while (r->lines && span_split(&rest, '\n', &line)) {
        strbuf_truncate(&text, 0);
        strbuf_add(&text, span_trim(line));
        if (text.len)
            c->headers = curl_slist_append(c->headers, strbuf_cstr(&text));
    }
    strbuf_clear(&text);
    (void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
}

static void set_up(const struct harbor *h, struct call *c, const struct request *r)
{
    struct strbuf url = STRBUF_INIT(65536);
    struct curl_blob ca = {.data = h->ca.data, .len = h->ca.len, .flags = CURL_BLOB_COPY};
    strbuf_addf(&url, "https://127.0.0.1:%d%s", h->port, r->target);
    (void)curl_easy_setopt(c->curl, CURLOPT_URL, strbuf_cstr(&url));
    strbuf_clear(&url);
    (void)curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(c->curl, CURLOPT_CAINFO_BLOB, &ca);
    (void)curl_easy_setopt(c->curl, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)PATIENT_MS);
    (void)curl_easy_setopt(c->curl, CURLOPT_PIPEWAIT, 1L);
    (void)curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, r->fresh ? 1L : 0L);
    (void)curl_easy_setopt(c->curl, CURLOPT_HTTP_VERSION,
                           r->protocol == HTTP2 ? (long)CURL_HTTP_VERSION_2TLS
                                                : (long)CURL_HTTP_VERSION_1_1);
    if (r->gzip)
        (void)curl_easy_setopt(c->curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    if (r->method)
        (void)curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, r->method);
    if (r->body)
        (void)curl_easy_setopt(c->curl, CURLOPT_COPYPOSTFIELDS, r->body);
    (void)curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_head);
    (void)curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, c);
    (void)curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
    (void)curl_easy_setopt(c->curl, CURLOPT_PRIVATE, c);
}

struct call *harbor_call(struct harbor *h, const struct request *r)
{
    struct call *c = xalloc_zero(1, sizeof(*c));
    c->head = (struct strbuf)STRBUF_INIT(65536);
    c->body = (struct strbuf)STRBUF_INIT(ANSWER_MAX);
    c->curl = curl_easy_init();
    c->began_ms = now_ms();
    assert_non_null(c->curl);
    set_up(h, c, r);
    add_headers(c, r);
    c->multi = h->multi[r->protocol];
    assert_int_equal(curl_multi_add_handle(c->multi, c->curl), CURLM_OK);
    return c;
}

static void take_done(CURLM *multi)
{
    const CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(multi, &left))) {
        struct call *c = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        c->done = true;
        c->code = m->data.result;
        c->ended_ms = now_ms();
    }
}

void harbor_turn(struct harbor *h)
{
    int running[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(curl_multi_perform(h->multi[i], &running[i]), CURLM_OK);
        take_done(h->multi[i]);
    }
    int wait_ms = running[0] && running[1] ? 1 : 10;
    for (int i = 0; i < 2; i++)
        if (running[i])
            assert_int_equal(curl_multi_poll(h->multi[i], NULL, 0, wait_ms, NULL), CURLM_OK);
}

void harbor_await(struct harbor *h, const struct call *c)
{
    int64_t end = now_ms() + PATIENT_MS + 5000; /* the call ends itself before */
    while (!c->done && now_ms() < end)
        harbor_turn(h);
    assert_true(c->done);
}

void harbor_await_text(struct harbor *h, const struct call *c, const char *text)
{
    int64_t end = now_ms() + PATIENT_MS;
    while (!strstr(strbuf_cstr(&c->body), text) && !c->done && now_ms() < end)
        harbor_turn(h);
    if (!strstr(strbuf_cstr(&c->body), text))
        fail_msg("no \"%s\" in \"%.2000s\"", text, strbuf_cstr(&c->body));
}

void harbor_forget(struct call *c)
{
    if (!c)
        return;
    (void)curl_multi_remove_handle(c->multi, c->curl);
    curl_easy_cleanup(c->curl);
    curl_slist_free_all(c->headers);
    strbuf_clear(&c->head);
    strbuf_clear(&c->body);
    free(c);
}

struct call *harbor_ask(struct harbor *h, const struct request *r)
{
    struct call *c = harbor_call(h, r);
    harbor_await(h, c);
    return c;
}

struct call *harbor_get(struct harbor *h, enum protocol protocol, const char *target)
{
    const struct request r = {.target = target, .token = ADMIN, .protocol = protocol};
    struct call *c = harbor_ask(h, &r);
    if (c->code != CURLE_OK || c->status != 200)
        fail_msg("GET %s: %s, status %ld: %.500s", target, curl_easy_strerror(c->code), c->status,
                 strbuf_cstr(&c->body));
    return c;
}

struct span call_header(const struct call *c, const char *name)
{
    struct span rest = strbuf_span(&c->head), line;
    while (span_split(&rest, '\n', &line)) {
        size_t colon = span_find(line, ':', 0);
        if (span_eq_nocase(span_sub(line, 0, colon), span_from(name)))
            return span_trim(span_sub(line, colon + 1, line.len));
    }
    return SPAN("");
}
