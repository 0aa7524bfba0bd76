/* The HTTP client: requests from their start to their end. */
#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/http_impl.h"
#include "net/probe.h"

#include <ctype.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Connections of a server that has no HTTP/2: every watch needs one. */
#define MANY_CONNECTIONS 64L
/* Until the server has said how many streams a connection takes, curl believes
 * 100 and opens another connection for each one above. */
#define FIRST_STREAMS 50

/* ---- The client. */

static char *copy_text(const char *text)
{
    return text ? xalloc_text(text) : NULL;
}

/* It has what no origin has. */
static bool says_more(CURLU *url)
{
    static const CURLUPart parts[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                      CURLUPART_FRAGMENT};
    for (size_t i = 0; i < BN_COUNT(parts); i++) {
        char *text = NULL;
        bool there = curl_url_get(url, parts[i], &text, 0) == CURLUE_OK;
        curl_free(text);
        if (there)
            return true;
    }
    return false;
}

/* Takes the origin apart. False: it is none. */
static bool read_origin(struct http *http, const struct http_options *o, CURLU *url)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;
    struct strbuf text = STRBUF_INIT(8192);
    char at[300];
    bool ok = curl_url_set(url, CURLUPART_URL, o->origin, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK;

    ok = ok && (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) && !says_more(url);
    if (ok) {
        size_t prefix = strlen(path);
        const char *name = o->tls_server_name ? o->tls_server_name : host;

        while (prefix > 0 && path[prefix - 1] == '/')
            prefix--;
        http->https = strcmp(scheme, "https") == 0;
        strbuf_addf(&text, "%s://%s:%s%.*s", scheme, name, port, (int)prefix, path);
        http->url = strbuf_take(&text);
        strbuf_addf(&text, "%s://%s:%s%.*s", scheme, host, port, (int)prefix, path);
        http->origin = strbuf_take(&text);
        if (o->tls_server_name) {
            strbuf_addf(&text, "%s:%s:%s:%s", name, port, host, port);
            http->connect_to = curl_slist_append(NULL, strbuf_cstr(&text));
            strbuf_truncate(&text, 0);
            strbuf_addf(&text, "Host: %s:%s", host, port);
            http->host_header = strbuf_take(&text);
        }
        const bool led = o->way.open || probe_mapped(o->addresses, host,
                                                     (int)strtol(port, NULL, 10), at, sizeof at);
        if (led) { /* a way of our own looks up no name */
            curl_slist_free_all(http->connect_to);
            strbuf_truncate(&text, 0);
            if (o->way.open)
                strbuf_adds(&text, "::127.0.0.1:1");
            else
                strbuf_addf(&text, "%s:%s:%s", name, port, at);
            http->connect_to = curl_slist_append(NULL, strbuf_cstr(&text));
        }
        ok = http->url && http->origin && ((!o->tls_server_name && !led) || http->connect_to);
    }
    strbuf_clear(&text);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    return ok;
}

static bool set_origin(struct http *http, const struct http_options *o, struct err *err)
{
    CURLU *url = curl_url();
    const bool ok = url && read_origin(http, o, url);
    struct strbuf shown = STRBUF_INIT(ERR_MESSAGE_MAX);

    curl_url_cleanup(url);
    if (!ok) {
        strbuf_add_address(&shown, span_from(o->origin));
        (void)err_set(err, ERR_CONFIG,
                      "%s: the address \"%s\" is not like https://host:port (no user, query or "
                      "fragment)",
                      http->name, strbuf_cstr(&shown));
    }
    strbuf_clear(&shown);
    return ok;
}

static struct curl_slist *copy_headers(const char *const *headers)
{
    struct curl_slist *list = NULL;

    for (size_t i = 0; headers && headers[i]; i++) {
        struct curl_slist *longer = curl_slist_append(list, headers[i]);
        list = longer ? longer : list;
    }
    return list;
}

static void copy_options(struct http *http, const struct http_options *o)
{
    http->options = *o;
    http->options.name = NULL;
    http->options.origin = NULL;
    http->options.headers = NULL;
    http->options.ca_file = copy_text(o->ca_file);
    http->options.tls_server_name = NULL;
    http->options.addresses = NULL;
    http->options.proxy_url = copy_text(o->proxy_url);
    http->options.ca_pem.data =
        o->ca_pem.len > 0 ? xalloc_bytes(o->ca_pem.data, o->ca_pem.len) : NULL;
    if (http->options.cancel_fd <= 0)
        http->options.cancel_fd = -1;
    http->credential = credential_ref(o->credential);
    http->headers = copy_headers(o->headers);
}

/* ---- libcurl's memory: it holds requests with their tokens. */

static void free_wiped(void *block)
{
    if (block)
        alloc_wipe(block, malloc_usable_size(block));
    free(block);
}

/* realloc() would leave a copy where the block was. */
static void *resize_wiped(void *block, size_t size)
{
    size_t old = block ? malloc_usable_size(block) : 0;
    void *bigger = malloc(size ? size : 1);

    if (bigger && block) {
        memcpy(bigger, block, old < size ? old : size);
        free_wiped(block);
    }
    return bigger;
}

static bool start_curl(void)
{
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free_wiped, resize_wiped, strdup,
                                calloc) == CURLE_OK;
}

struct http *http_new(const struct http_options *options, struct err *err)
{
    struct http *http;

    if (!start_curl()) {
        if (options->way.done)
            options->way.done(options->way.context);
        (void)err_set(err, ERR_NOMEM, "%s: libcurl cannot start", options->name);
        return NULL;
    }
    http = xalloc_zero(1, sizeof *http);
    http->name = xalloc_text(options->name ? options->name : options->origin);
    http->cert_expires_ms = TIME_NONE;
    copy_options(http, options);
    if (set_origin(http, options, err)) {
        http->many_connections = !http->https;
        http->multi = http_new_multi(http);
        if (http->multi)
            return http;
        (void)err_set(err, ERR_NOMEM, "%s: libcurl has no memory", http->name);
    }
    http_free(http);
    return NULL;
}

static void slist_wipe(struct curl_slist *list)
{
    for (struct curl_slist *l = list; l; l = l->next)
        alloc_wipe(l->data, strlen(l->data));
    curl_slist_free_all(list);
}

void http_drop_easy(struct transfer *t)
{
    if (!t->easy)
        return;
    (void)curl_multi_remove_handle(t->http->multi, t->easy);
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    slist_wipe(t->sent);
    t->sent = NULL;
}

static void transfer_free(struct transfer *t)
{
    http_drop_easy(t);
    slist_wipe(t->sent);
    curl_slist_free_all(t->headers);
    if (t->body.data)
        alloc_wipe((void *)(uintptr_t)t->body.data, t->body.len);
    free((void *)(uintptr_t)t->body.data);
    free(t->method);
    free(t->path);
    free(t->url_path);
    free(t->location);
    strbuf_clear(&t->error_body);
    gunzip_free(t->gunzip);
    free(t);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (http->transfers) {
        struct transfer *t = http->transfers;
        http->transfers = t->next;
        transfer_free(t);
    }
    (void)curl_multi_cleanup(http->multi);
    http_way_done(http);
    credential_unref(http->credential);
    curl_slist_free_all(http->connect_to);
    curl_slist_free_all(http->headers);
    free((void *)(uintptr_t)http->options.ca_pem.data);
    free((void *)(uintptr_t)http->options.ca_file);
    if (http->options.proxy_url) /* may carry a password */
        alloc_wipe((void *)(uintptr_t)http->options.proxy_url, strlen(http->options.proxy_url));
    free((void *)(uintptr_t)http->options.proxy_url);
    free(http->name);
    free(http->origin);
    free(http->url);
    free(http->host_header);
    free(http);
    curl_global_cleanup();
}

/* ---- Requests. */

static struct transfer *find(const struct http *http, uint32_t id)
{
    struct transfer *t = http->transfers;

    while (t && t->id != id)
        t = t->next;
    return t;
}

uint32_t http_start(struct http *http, const struct http_request *request)
{
    struct transfer *t = xalloc_zero(1, sizeof *t), **last = &http->transfers;
    const bool has_body = request->body.len > 0;

    do
        http->last_id++;
    while (http->last_id == 0 || find(http, http->last_id));
    t->id = http->last_id;
    t->http = http;
    t->request = *request;
    t->request.headers = NULL;
    t->method = xalloc_text(request->method ? request->method : has_body ? "POST" : "GET");
    t->path = xalloc_text(request->path);
    t->url_path = xalloc_text(request->path);
    t->headers = copy_headers(request->headers);
    for (const struct curl_slist *h = http->headers; h; h = h->next) {
        struct curl_slist *longer = curl_slist_append(t->headers, h->data);
        t->headers = longer ? longer : t->headers;
    }
    if (has_body)
        t->body = span_make(xalloc_bytes(request->body.data, request->body.len), request->body.len);
    t->error_body = (struct strbuf)STRBUF_INIT(HTTP_ERROR_BODY_MAX);
    t->started_ms = t->byte_ms = clock_machine_ms();
    t->deadline_ms = request->deadline_ms > 0 ? t->started_ms + request->deadline_ms : 0;
    t->retry_after_s = -1;
    while (*last)
        last = &(*last)->next;
    *last = t;
    http->figures.active++;
    return t->id;
}

void http_cancel(struct http *http, uint32_t id)
{
    struct transfer *t = find(http, id);

    if (t)
        t->cancelled = true;
}

void http_resume(struct http *http, uint32_t id)
{
    struct transfer *t = find(http, id);

    if (t)
        t->resume = true;
}

void http_wake(struct http *http)
{
    (void)curl_multi_wakeup(http->multi);
}

/* Waiting for a plug-in is nobody's idle time. */
static void forgive_wait(struct http *http, int64_t ms)
{
    for (struct transfer *t = http->transfers; t; t = t->next)
        t->byte_ms += ms;
}

static bool get_credential(struct transfer *t, struct credential_value *v)
{
    const int64_t before = clock_machine_ms();
    struct err why;

    if (!t->http->credential || t->request.no_credential)
        return true;
    if (!credential_get(t->http->credential, t->http->options.cancel_fd, v, &why)) {
        http_say(t, why.kind, why.code, "%s", why.msg);
        return false;
    }
    forgive_wait(t->http, clock_machine_ms() - before);
    return true;
}

/* Begins an attempt; the transfer is done when it cannot. */
static void launch(struct transfer *t)
{
    struct credential_value v = {.authorization = NULL};
    bool ok = get_credential(t, &v);

    if (t->request.http1) /* one connection each, beside those that are shared */
        t->http->allow_many = true;
    if (ok && t->refreshed && v.version == t->credential_version) {
        http_say_status(t); /* the same again: it would be refused again */
        ok = false;
    }
    if (ok) {
        http_answer_reset(t);
        t->credential_version = v.version;
        t->byte_ms = clock_machine_ms();
        ok = http_setup(t, &v);
    }
    if (ok && curl_multi_add_handle(t->http->multi, t->easy) != CURLM_OK) {
        http_say(t, ERR_NOMEM, 0, "libcurl has no memory");
        ok = false;
    }
    credential_value_wipe(&v);
    t->http->figures.requests += ok;
    t->done = !ok;
}

static bool is_get(const struct transfer *t)
{
    return strcmp(t->method, "GET") == 0 || strcmp(t->method, "HEAD") == 0;
}

/* ---- Redirects: on the same origin only. */

/* The path of where, when it is on our origin; owned, or NULL. */
static char *same_origin_path(const struct http *http, const char *from, const char *where)
{
    struct strbuf base = STRBUF_INIT((size_t)256 << 10);
    CURLU *url = curl_url();
    char *whole = NULL, *path = NULL;
    const size_t origin = strlen(http->url);

    strbuf_addf(&base, "%s%s", http->url, from);
    if (url && !base.failed &&
        curl_url_set(url, CURLUPART_URL, strbuf_cstr(&base), 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_URL, where, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_URL, &whole, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        if (strncmp(http->url, whole, origin) == 0 &&
            (whole[origin] == '/' || whole[origin] == '?' || !whole[origin]))
            path = xalloc_text(whole[origin] ? whole + origin : "/");
    }
    curl_free(whole);
    curl_url_cleanup(url);
    strbuf_clear(&base);
    return path;
}

static bool is_redirect(const struct transfer *t)
{
    return t->location && !t->request.as_it_is &&
           (t->status == 301 || t->status == 302 || t->status == 303 || t->status == 307 ||
            t->status == 308);
}

/* True: goes on elsewhere on the same origin. */
static bool follow_redirect(struct transfer *t)
{
    char *path = same_origin_path(t->http, t->url_path, t->location);

    if (!path)
        http_say(
            t, ERR_PROTO, t->status,
            "%d: it sends elsewhere, which is not followed since credentials would go along: a "
            "login portal may stand in between, or the address is not the API's",
            t->status);
    else if (!is_get(t))
        http_say(t, ERR_PROTO, t->status, "%d: it sends a change elsewhere, which is not followed",
                 t->status);
    else if (t->redirects == HTTP_REDIRECTS_MAX)
        http_say(t, ERR_PROTO, t->status, "it sends in circles: more than %d redirects",
                 HTTP_REDIRECTS_MAX);
    if (t->err.kind != ERR_NONE) {
        free(path);
        return false;
    }
    free(t->url_path);
    t->url_path = path;
    t->redirects++;
    return true;
}

/* ---- The end of an attempt. */

static bool may_repeat(const struct transfer *t, CURLcode code)
{
    if (!is_get(t) || t->repeats > 0 || t->status != 0)
        return false;
    return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM;
}

/* 401: once more with a new credential. */
static bool may_refresh(struct transfer *t)
{
    if (t->status != 401 || t->refreshed || !t->http->credential || t->request.no_credential)
        return false;
    return credential_refused(t->http->credential, t->credential_version) && is_get(t);
}

static void attempt_ended(struct transfer *t, CURLcode code)
{
    long opened = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened);
    t->http->figures.connections += (uint64_t)(opened > 0 ? opened : 0);
    t->done = true;
    if (t->err.kind != ERR_NONE || t->cancelled)
        return;
    if (code != CURLE_OK && !(t->error_body.failed && code == CURLE_WRITE_ERROR)) {
        if (may_repeat(t, code)) {
            t->repeats++;
            t->done = false;
        } else if (t->http->way_err.kind != ERR_NONE) {
            t->err = t->http->way_err;
        } else {
            http_say_curl(t, code);
        }
    } else if (may_refresh(t)) {
        t->refreshed = true;
        t->done = false;
    } else if (is_redirect(t)) {
        t->done = !follow_redirect(t);
    } else if (t->status < 200 || t->status >= 300) {
        http_say_status(t);
    } else if (t->gunzip && !gunzip_whole(t->gunzip)) {
        http_say(t, ERR_IO, t->status, "the compressed answer was cut short");
    }
    if (!t->done)
        http_drop_easy(t); /* the next round launches it again */
}

static void read_ends(struct http *http)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(http->multi, &left)) != NULL) {
        char *t = NULL;

        if (msg->msg == CURLMSG_DONE &&
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK && t)
            attempt_ended((struct transfer *)(void *)t, msg->data.result);
    }
}

/* ---- Timers. */

static int64_t timer_of(const struct transfer *t)
{
    int64_t at = t->deadline_ms ? t->deadline_ms : INT64_MAX;

    if (t->request.idle_ms > 0 && !t->paused && t->byte_ms + t->request.idle_ms < at)
        at = t->byte_ms + t->request.idle_ms;
    return at;
}

static void run_timers(struct http *http)
{
    const int64_t now = clock_machine_ms();

    for (struct transfer *t = http->transfers; t; t = t->next) {
        if (t->done || (!t->easy && !t->held) || now < timer_of(t))
            continue;
        if (t->deadline_ms && now >= t->deadline_ms)
            http_say(t, ERR_TIMEOUT, 0, "not done within %lld ms, %s: it is slow or away",
                     (long long)(t->deadline_ms - t->started_ms), http_phase(t));
        else
            http_say(t, ERR_TIMEOUT, 0, "no byte came for %d ms, %s: it is stalled or away",
                     t->request.idle_ms, http_phase(t));
        t->done = true;
    }
}

/* ---- The turn. */

/* Its connection stands: the request has been sent. */
static bool is_connected(const struct transfer *t)
{
    curl_off_t us = 0;
    return t->easy && !t->done &&
           curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &us) == CURLE_OK && us > 0;
}

/* Holds back what would come before the limits of its connection are known, and
 * all but one before there is a connection: once curl has seen that the host
 * multiplexes, it waits no more (PIPEWAIT) for a second connection in the making
 * but opens one for each request, and no room is left for the others. */
static void hold_back(struct http *http)
{
    unsigned under_way[2] = {0, 0}, most[2] = {1, 1};

    for (const struct transfer *t = http->transfers; t; t = t->next) {
        under_way[t->request.aside] += t->easy && !t->done;
        if (is_connected(t))
            most[t->request.aside] = FIRST_STREAMS;
    }
    for (size_t i = 0; i < 2; i++)
        http->settled[i] = http->settled[i] && under_way[i] > 0;
    for (struct transfer *t = http->transfers; t; t = t->next) {
        const bool aside = t->request.aside;

        if (t->easy || t->done)
            continue;
        t->held = http->https && !http->many_connections && !http->settled[aside] &&
                  !t->cancelled && under_way[aside] >= most[aside];
        under_way[aside] += !t->held;
    }
}

static bool begin_waiting(struct http *http)
{
    bool any = false;

    hold_back(http);

    if (http->allow_many && !http->many_connections) {
        http->many_connections = true;
        (void)curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, MANY_CONNECTIONS);
    }
    for (struct transfer *t = http->transfers; t; t = t->next) {
        if (t->cancelled && !t->done) {
            http_say(t, ERR_CANCELLED, 0, "stopped");
            t->done = true;
        }
        if (!t->done && !t->easy && !t->held) {
            launch(t);
            any = true;
        } else if (!t->done && t->easy && t->resume && t->paused) {
            t->paused = false;
            t->byte_ms = clock_machine_ms();
            (void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
            any = true;
        }
        t->resume = false;
    }
    return any;
}

/* Calls on_done for what has ended. True: any. */
static bool give_results(struct http *http)
{
    bool any = false;

    for (struct transfer **at = &http->transfers; *at;) {
        struct transfer *t = *at;
        struct http_result result;

        if (!t->done) {
            at = &t->next;
            continue;
        }
        if (t->cancelled && t->err.kind == ERR_NONE)
            http_say(t, ERR_CANCELLED, 0, "stopped");
        *at = t->next;
        http->figures.active--;
        http_fill_result(t, &result);
        if (t->request.on_done)
            t->request.on_done(t->request.context, &result);
        transfer_free(t);
        any = true;
        at = &http->transfers; /* the call may have started others */
    }
    return any;
}

static bool work(struct http *http)
{
    int running;
    bool any = begin_waiting(http);

    (void)curl_multi_perform(http->multi, &running);
    read_ends(http);
    run_timers(http);
    any = give_results(http) || any;
    return any;
}

static int wait_ms(const struct http *http, int timeout_ms)
{
    int64_t next = INT64_MAX, left;

    for (const struct transfer *t = http->transfers; t; t = t->next) {
        const int64_t at = (!t->easy && !t->held) || t->cancelled ? 0 : timer_of(t);
        next = at < next ? at : next;
    }
    if (next == INT64_MAX)
        return timeout_ms < 0 ? INT32_MAX : timeout_ms;
    left = next - clock_machine_ms();
    left = left < 0 ? 0 : left;
    if (timeout_ms >= 0 && timeout_ms < left)
        left = timeout_ms;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

void http_turn(struct http *http, int timeout_ms, struct pollfd *extra, size_t extras)
{
    struct curl_waitfd fds[HTTP_EXTRA_FDS_MAX] = {{0, 0, 0}};

    bn_assert(extras <= HTTP_EXTRA_FDS_MAX);
    for (size_t i = 0; i < extras; i++) {
        fds[i].fd = extra[i].fd;
        fds[i].events = (short)((extra[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                (extra[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
        extra[i].revents = 0;
    }
    if (work(http))
        timeout_ms = 0;
    (void)curl_multi_poll(http->multi, fds, (unsigned)extras, wait_ms(http, timeout_ms), NULL);
    for (size_t i = 0; i < extras; i++)
        extra[i].revents = (short)((fds[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0) |
                                   (fds[i].revents & CURL_WAIT_POLLOUT ? POLLOUT : 0));
    (void)work(http);
}

void http_reconnect(struct http *http)
{
    CURLM *fresh = http_new_multi(http);

    if (!fresh)
        return;
    for (struct transfer *t = http->transfers; t; t = t->next) {
        if (t->easy && !t->done)
            http_say(t, ERR_IO, 0, "the connection was given up to make a new one");
        t->done = t->done || t->easy;
        http_drop_easy(t);
    }
    (void)curl_multi_cleanup(http->multi);
    http->multi = fresh;
}

struct http_figures http_figures(const struct http *http)
{
    return http->figures;
}

const char *http_origin(const struct http *http)
{
    return http->origin;
}
