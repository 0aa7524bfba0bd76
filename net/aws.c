/* Signed requests: signing, asking, and the server's clock. */
#include <config.h>

#include "net/aws.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/timetext.h"
#include "net/aws_error.h"
#include "net/plain.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <time.h>

#define HEAD_MAX      HTTP_HEADERS_MAX
#define SKEW_LEAST_MS 60000 /* a smaller difference is no reason to be refused */

struct aws {
    char *name, *service, *region, *origin, *ca_file; /* owned */
    char *host;                                       /* owned; as the Host header has it */
    char *addresses;                                  /* owned; NULL: none */
    bool insecure;
    int cancel_fd;
    struct http_way way;       /* owned; the clients borrow it */
    char *id, *secret, *token; /* owned, wiped */
    struct http *http;
    struct http_figures before; /* of clients that are gone */
    int64_t ahead_ms;           /* the server's clock, against this machine's */
};

/* "https://h:443" is asked as "Host: h". */
static char *host_of(const char *origin)
{
    struct span rest = span_from(origin);
    bool tls = span_starts(rest, "https://");
    rest = span_sub(rest, tls ? 8 : 7, rest.len);
    rest.len = span_find(rest, '/', 0);
    if (span_ends(rest, tls ? ":443" : ":80"))
        rest.len -= tls ? 4 : 3;
    return xalloc_bytes(rest.data, rest.len);
}

static struct http *connect_to(const struct aws *a, const char *origin, struct err *err)
{
    const struct http_options o = {.name = a->name,
                                   .origin = origin,
                                   .ca_file = a->ca_file,
                                   .addresses = a->addresses,
                                   .insecure = a->insecure,
                                   .explain = aws_explain,
                                   .cancel_fd = a->cancel_fd,
                                   .way = {a->way.open, NULL, a->way.context}};
    return http_new(&o, err);
}

struct aws *aws_new(const struct aws_options *o, struct err *err)
{
    struct aws *a = xalloc_zero(1, sizeof(*a));
    a->name = xalloc_text(o->name);
    a->service = xalloc_text(o->service);
    a->ca_file = o->ca_file ? xalloc_text(o->ca_file) : NULL;
    a->addresses = o->addresses ? xalloc_text(o->addresses) : NULL;
    a->insecure = o->insecure;
    a->cancel_fd = o->cancel_fd;
    a->way = o->way;
    a->id = xalloc_bytes(o->keys.id.data, o->keys.id.len);
    a->secret = xalloc_bytes(o->keys.secret.data, o->keys.secret.len);
    a->token = o->keys.token.len ? xalloc_bytes(o->keys.token.data, o->keys.token.len) : NULL;
    if (aws_move(a, o->region, o->origin, err))
        return a;
    aws_free(a);
    return NULL;
}

void aws_free(struct aws *a)
{
    if (!a)
        return;
    http_free(a->http);
    if (a->way.done)
        a->way.done(a->way.context);
    free(a->name);
    free(a->service);
    free(a->region);
    free(a->origin);
    free(a->ca_file);
    free(a->host);
    free(a->addresses);
    alloc_free_wiped(a->id);
    alloc_free_wiped(a->secret);
    alloc_free_wiped(a->token);
    free(a);
}

struct http_figures aws_figures(const struct aws *a)
{
    struct http_figures f = http_figures(a->http);
    f.requests += a->before.requests;
    f.bytes_in += a->before.bytes_in;
    f.bytes_body += a->before.bytes_body;
    f.connections += a->before.connections;
    return f;
}

bool aws_move(struct aws *a, const char *region, const char *origin, struct err *err)
{
    if (origin && (!a->origin || strcmp(a->origin, origin) != 0)) {
        struct http *http = connect_to(a, origin, err);
        if (!http)
            return false;
        if (a->http)
            a->before = aws_figures(a);
        http_free(a->http);
        a->http = http;
        free(a->origin);
        free(a->host);
        a->origin = xalloc_text(origin);
        a->host = host_of(origin);
    }
    char *copy = xalloc_text(region);
    free(a->region);
    a->region = copy;
    return true;
}

const char *aws_region(const struct aws *a)
{
    return a->region;
}

/* ---- One request. */

/* The real time: what is signed is no row, whatever the session's clock shows. */
static int64_t machine_wall_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool send_signed(struct aws *a, const struct aws_request *r, struct strbuf *body,
                        struct strbuf *head, struct http_result *result, struct err *err)
{
    const struct sigv4_keys keys = {span_from(a->id), span_from(a->secret), span_from(a->token)};
    const struct sigv4_scope scope = {a->service, a->region, machine_wall_ms() + a->ahead_ms};
    const struct sigv4_request signing = {.method = r->method ? r->method : "GET",
                                          .host = span_from(a->host),
                                          .path = r->path,
                                          .params = r->params,
                                          .nparams = r->nparams};
    struct sigv4_signed s;
    if (!sigv4_sign(&keys, &scope, &signing, &s, err))
        return err_wrap(err, "%s", a->name);
    const struct http_request request = {.method = r->method,
                                         .path = s.target,
                                         .headers = (const char *const *)s.headers,
                                         .deadline_ms = r->deadline_ms,
                                         .byte_limit = XML_DOC_MAX,
                                         .as_it_is = true,
                                         .head = head};
    strbuf_truncate(body, 0);
    bool ok = http_fetch(a->http, &request, a->cancel_fd, body, result, err);
    sigv4_wipe(&s);
    return ok;
}

/* Learns the server's clock from its answer. False: it does not differ, or nothing tells it. */
static bool learn_clock(struct aws *a, struct span head)
{
    char text[64];
    time_t date = curl_getdate(plain_text(http_header(head, "date"), text, sizeof(text)), NULL);
    if (date == (time_t)-1)
        return false;
    int64_t ahead = (int64_t)date * 1000 - machine_wall_ms(), change = ahead - a->ahead_ms;
    if (change < SKEW_LEAST_MS && change > -SKEW_LEAST_MS)
        return false;
    a->ahead_ms = ahead;
    return true;
}

/* A refusal's code and region. True: it speaks of clocks. */
static bool read_refusal(struct span body, struct span head, int status, struct aws_answer *out)
{
    bool clocks = aws_read_error(body, out);
    struct span region = http_header(head, "x-amz-bucket-region");
    if (region.len)
        plain_text(region, out->region, sizeof(out->region));
    out->status = status;
    return clocks;
}

/* "; this machine's clock is 1h behind": why it was not taken, after all that was tried. */
static void add_clock(const struct aws *a, struct err *err)
{
    char age[TIMETEXT_MAX];
    duration_format_short(a->ahead_ms < 0 ? -a->ahead_ms : a->ahead_ms, age);
    struct err was = *err;
    (void)err_code(err, was.kind, was.code, "%s; this machine's clock is %s %s", was.msg, age,
                   a->ahead_ms < 0 ? "ahead" : "behind");
}

bool aws_ask(struct aws *a, const struct aws_request *r, struct strbuf *body,
             struct aws_answer *answer, struct err *err)
{
    struct strbuf head = STRBUF_INIT(HEAD_MAX);
    struct http_result result = {.status = 0};
    struct aws_answer refusal = {.status = 0};
    bool clocks = false, ok = send_signed(a, r, body, &head, &result, err);
    if (!ok)
        clocks = read_refusal(strbuf_span(body), strbuf_span(&head), result.status, &refusal);
    if (clocks && learn_clock(a, strbuf_span(&head))) {
        ok = send_signed(a, r, body, &head, &result, err);
        clocks =
            !ok && read_refusal(strbuf_span(body), strbuf_span(&head), result.status, &refusal);
    }
    if (clocks)
        add_clock(a, err);
    if (ok)
        refusal = (struct aws_answer){.status = result.status};
    if (answer)
        *answer = refusal;
    strbuf_clear(&head);
    return ok;
}

struct xml_doc *aws_ask_xml(struct aws *a, const struct aws_request *r, const char *root,
                            struct aws_answer *answer, struct err *err)
{
    struct strbuf body = STRBUF_INIT(XML_DOC_MAX + 1);
    struct xml_doc *doc = NULL;
    if (aws_ask(a, r, &body, answer, err))
        doc = xml_doc_parse(strbuf_span(&body), a->name, err);
    strbuf_clear(&body);
    if (!doc || span_is(xml_name(xml_doc_root(doc)), root))
        return doc;
    char name[64];
    (void)err_set(err, ERR_PROTO, "%s answered with <%s> where <%s> was expected", a->name,
                  plain_text(xml_name(xml_doc_root(doc)), name, sizeof(name)), root);
    xml_doc_free(doc);
    return NULL;
}
