/* Another client of the same lists: libcurl as the curl tool uses it. */
#include <config.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "test/bench/live_run.h"

#include <curl/curl.h>
#include <sys/resource.h>
#include <unistd.h>

#define HEAD_MAX 4096

static const char *const lists[] = {"/api/v1/namespaces", "/api/v1/nodes",
                                    "/apis/apps/v1/deployments", "/apis/apps/v1/replicasets",
                                    "/api/v1/pods"};

struct page {
    struct strbuf head; /* where `continue` stands */
    double bytes;
};

static size_t take(char *data, size_t size, size_t n, void *user)
{
    struct page *p = user;
    if (p->head.len < HEAD_MAX)
        strbuf_add(&p->head, span_sub(span_make(data, n), 0, HEAD_MAX - p->head.len));
    p->bytes += (double)(size * n);
    return n;
}

static void read_server(const struct live *l, char *out, size_t size)
{
    struct strbuf text = STRBUF_INIT(65536);
    assert_true(file_read(l->kubeconfig, &text, NULL));
    struct span all = strbuf_span(&text), name = SPAN("server: ");
    size_t at = span_search(all, name, false) + name.len;
    struct span server = span_sub(all, at, span_find(all, '\n', at) - at);
    (void)snprintf(out, size, "%.*s", SPAN_ARG(server));
    strbuf_clear(&text);
}

/* The text behind `"continue":"`; false: it was the last page. */
static bool read_token(const struct strbuf *head, char *out, size_t size)
{
    struct span all = strbuf_span(head), name = SPAN("\"continue\":\"");
    size_t at = span_search(all, name, false);
    if (at == all.len)
        return false;
    at += name.len;
    struct span token = span_sub(all, at, span_find(all, '"', at) - at);
    (void)snprintf(out, size, "%.*s", SPAN_ARG(token));
    return token.len > 0;
}

static void fetch_list(CURL *curl, const char *server, const char *path, struct fetched *out)
{
    struct page page = {.head = STRBUF_INIT(HEAD_MAX)};
    char token[HEAD_MAX] = "", url[2 * HEAD_MAX];
    curl_off_t wire = 0;
    do {
        (void)snprintf(url, sizeof(url), "%s%s?limit=500%s%s", server, path,
                       token[0] ? "&continue=" : "", token);
        strbuf_truncate(&page.head, 0);
        (void)curl_easy_setopt(curl, CURLOPT_URL, url);
        (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &page);
        assert_int_equal(curl_easy_perform(curl), CURLE_OK);
        (void)curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &wire);
        out->wire_mb += (double)wire / 1e6;
    } while (read_token(&page.head, token, sizeof(token)));
    out->json_mb += page.bytes / 1e6;
    strbuf_clear(&page.head);
}

/* As the curl tool: its buffer, and nothing of our own options. */
static CURL *new_curl(void)
{
    CURL *curl = curl_easy_init();
    assert_non_null(curl);
    (void)curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 102400L);
    (void)curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, "demo-token");
    (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    return curl;
}

static double spent_ms(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

/* In a process of its own, so that its processor time is its own. */
static void fetch_all(const struct live *l, struct fetched *out)
{
    char server[256];
    int64_t began = bench_us();
    double before = spent_ms();
    *out = (struct fetched){0};
    read_server(l, server, sizeof(server));
    CURL *curl = new_curl();
    for (size_t i = 0; i < BN_COUNT(lists); i++)
        fetch_list(curl, server, lists[i], out);
    curl_easy_cleanup(curl);
    out->ms = (double)(bench_us() - began) / 1000;
    out->cpu_ms = spent_ms() - before;
}

void fetch_lists(const struct live *l, struct fetched *out)
{
    int fds[2], status = 0;
    assert_int_equal(pipe(fds), 0);
    (void)fflush(stdout);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fetch_all(l, out);
        _exit(write(fds[1], out, sizeof(*out)) == sizeof(*out) ? 0 : 1);
    }
    (void)close(fds[1]);
    assert_int_equal(read(fds[0], out, sizeof(*out)), sizeof(*out));
    (void)close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}
