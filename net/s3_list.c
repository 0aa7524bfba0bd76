/* ListObjectsV2, and where the bucket is. [Amazon S3 API reference; botocore utils.py
 * S3RegionRedirectorv2] */
#include <config.h>

#include "net/s3_list.h"

#include "net/plain.h"

#define DEADLINE_MS 30000
#define PAGES_MAX   20000 /* of 1,000 keys */
#define KEY_MAX     ((size_t)4096)

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%3A" is a colon and "+" a blank [botocore handlers.py decode_list_object]. */
struct span s3_text(struct s3_page *page, const struct xml_node *node)
{
    struct span text = xml_text(node);
    if (!page->encoded)
        return text;
    strbuf_truncate(&page->scratch, 0);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        int high = c == '%' && i + 2 < text.len ? digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? digit(text.data[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        strbuf_addc(&page->scratch, c);
    }
    return strbuf_span(&page->scratch);
}

/* ---- Regions. */

/* True where asking again in another region may help, and is prepared. */
static bool follow_region(const struct s3_asker *s, const char *region, struct err *err)
{
    struct strbuf origin = STRBUF_INIT(1024);
    bool ok = region[0] && strcmp(region, aws_region(s->aws)) != 0;
    for (const char *c = region; ok && *c; c++) /* it becomes part of a host's name */
        ok = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-';
    if (ok) {
        s3_place_origin(s->place, region, &origin);
        ok = aws_move(s->aws, region, strbuf_cstr(&origin), err);
    }
    strbuf_clear(&origin);
    return ok;
}

static bool is_of_region(const struct aws_answer *a)
{
    return a->status == 301 || a->status == 307 ||
           strcmp(a->code, "AuthorizationHeaderMalformed") == 0 ||
           strcmp(a->code, "IllegalLocationConstraintException") == 0;
}

/* HEAD of the bucket has the region whatever its status. */
static void ask_region(const struct s3_asker *s, struct span path, struct aws_answer *a)
{
    const struct aws_request r = {.method = "HEAD", .path = path, .deadline_ms = DEADLINE_MS};
    struct strbuf none = STRBUF_INIT(1024);
    (void)!aws_ask(s->aws, &r, &none, a, NULL);
    strbuf_clear(&none);
}

static struct xml_doc *ask(const struct s3_asker *s, const struct aws_request *r, struct err *err)
{
    struct aws_answer a;
    struct err elsewhere;
    struct xml_doc *doc = aws_ask_xml(s->aws, r, "ListBucketResult", &a, err);
    if (!doc && is_of_region(&a)) {
        if (!a.region[0])
            ask_region(s, r->path, &a);
        if (follow_region(s, a.region, &elsewhere))
            doc = aws_ask_xml(s->aws, r, "ListBucketResult", &a, err);
    }
    s->alive(s->context);
    return doc;
}

/* ---- Pages. */

struct listing {
    const struct s3_asker *s;
    struct strbuf path, prefix, token, after;
    bool shallow;
};

static struct xml_doc *ask_page(const struct listing *l, struct err *err)
{
    struct sigv4_param params[8];
    size_t n = 0;
    params[n++] = (struct sigv4_param){SPAN("list-type"), SPAN("2")};
    params[n++] = (struct sigv4_param){SPAN("encoding-type"), SPAN("url")};
    if (l->prefix.len)
        params[n++] = (struct sigv4_param){SPAN("prefix"), strbuf_span(&l->prefix)};
    if (l->shallow)
        params[n++] = (struct sigv4_param){SPAN("delimiter"), SPAN("/")};
    if (l->token.len)
        params[n++] = (struct sigv4_param){SPAN("continuation-token"), strbuf_span(&l->token)};
    else if (l->after.len)
        params[n++] = (struct sigv4_param){SPAN("start-after"), strbuf_span(&l->after)};
    const struct aws_request r = {
        .path = strbuf_span(&l->path), .params = params, .nparams = n, .deadline_ms = DEADLINE_MS};
    return ask(l->s, &r, err);
}

/* What the next page begins with. False: it was the last, or *err. */
static bool prepare_next(struct listing *l, struct s3_page *page, struct err *err)
{
    struct span token = xml_child_text(page->result, "NextContinuationToken");
    strbuf_truncate(&l->after, 0);
    if (!span_is(xml_child_text(page->result, "IsTruncated"), "true"))
        return false;
    if (page->skip_to.len) {
        strbuf_truncate(&l->token, 0);
        strbuf_add(&l->after, strbuf_span(&page->skip_to));
        return true;
    }
    if (!token.len || span_eq(token, strbuf_span(&l->token)))
        return err_set(err, ERR_PROTO,
                       "the list of objects goes on without end: the same page "
                       "follows itself");
    strbuf_truncate(&l->token, 0);
    strbuf_add(&l->token, token);
    return true;
}

bool s3_list(const struct s3_asker *s, struct span prefix, bool shallow,
             bool (*on_page)(void *context, struct s3_page *page), void *context, struct err *err)
{
    struct listing l = {s,
                        STRBUF_INIT(KEY_MAX),
                        STRBUF_INIT(KEY_MAX),
                        STRBUF_INIT(KEY_MAX),
                        STRBUF_INIT(KEY_MAX),
                        shallow};
    struct s3_page page = {.scratch = STRBUF_INIT(KEY_MAX), .skip_to = STRBUF_INIT(KEY_MAX)};
    bool ok = true, more = true;
    s3_place_path(s->place, &l.path);
    strbuf_add(&l.prefix, prefix);
    for (size_t i = 0; ok && more; i++) {
        struct xml_doc *doc = ask_page(&l, err);
        struct err none;
        err_clear(&none);
        page.result = doc ? xml_doc_root(doc) : NULL;
        page.encoded = span_is(xml_child_text(page.result, "EncodingType"), "url");
        strbuf_truncate(&page.skip_to, 0);
        ok = doc != NULL;
        more = ok && on_page(context, &page) && prepare_next(&l, &page, &none);
        if (ok && (none.kind != ERR_NONE || i >= PAGES_MAX))
            ok = err_set(err, ERR_PROTO, "%s",
                         i >= PAGES_MAX ? "the bucket has more objects than can be listed"
                                        : none.msg);
        xml_doc_free(doc);
    }
    strbuf_clear(&l.path);
    strbuf_clear(&l.prefix);
    strbuf_clear(&l.token);
    strbuf_clear(&l.after);
    strbuf_clear(&page.scratch);
    strbuf_clear(&page.skip_to);
    return ok;
}
