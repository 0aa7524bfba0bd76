/* Lists of a big cluster: segments of objects that were deflated once, joined
 * into one gzip member with the stored bytes that stand between them [RFC 1951, 1952]. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/answer.h"
#include "harbor/big_impl.h"
#include "harbor/token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BODY_MAX   ((size_t)1 << 30)
#define STORED_MAX 65535
#define BUILDERS   2

/* ---- Segments. */

/* Objects [from, to), with a comma between each two. */
static void print_items(const struct big *b, enum big_sort sort, size_t from, size_t to,
                        struct strbuf *out)
{
    for (size_t i = from; i < to; i++) {
        if (i > from)
            strbuf_addc(out, ',');
        big_print(b, sort, i, out);
    }
}

static bool deflate_items(const struct big *b, enum big_sort sort, size_t from, size_t to,
                          struct segment *out)
{
    struct strbuf text = STRBUF_INIT(BODY_MAX);
    z_stream z = {0};
    print_items(b, sort, from, to, &text);
    bool ok = deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (ok) {
        uLong bound = deflateBound(&z, text.len) + 16;
        out->bytes = xalloc_zero(bound, 1);
        z.next_in = (Bytef *)(uintptr_t)strbuf_cstr(&text);
        z.avail_in = (uInt)text.len;
        z.next_out = out->bytes;
        z.avail_out = (uInt)bound;
        ok = deflate(&z, Z_FULL_FLUSH) == Z_OK && z.avail_in == 0;
        out->len = z.total_out;
        out->raw = text.len;
        out->crc = (uint32_t)crc32(0, (const Bytef *)strbuf_cstr(&text), (uInt)text.len);
        (void)deflateEnd(&z);
    }
    strbuf_clear(&text);
    return ok;
}

static struct segment *segment_of(struct big *b, enum big_sort sort, size_t i)
{
    struct big_kind *k = &b->kinds[sort];
    struct segment *s = &k->segments[i / SEGMENT];
    size_t from = i / SEGMENT * SEGMENT, to = from + SEGMENT < k->count ? from + SEGMENT : k->count;
    if (!s->bytes)
        (void)deflate_items(b, sort, from, to, s);
    return s;
}

struct builder {
    struct big *big;
    size_t first;
};

static void *build_pods(void *context)
{
    const struct builder *me = context;
    size_t count = me->big->kinds[BIG_POD].count;
    for (size_t i = me->first * SEGMENT; i < count; i += (size_t)BUILDERS * SEGMENT)
        (void)segment_of(me->big, BIG_POD, i);
    return NULL;
}

void big_build(struct big *b)
{
    pthread_t threads[BUILDERS];
    struct builder builders[BUILDERS];
    size_t started = 0;
    for (size_t i = 0; i < BUILDERS; i++) {
        builders[i] = (struct builder){b, i};
        if (pthread_create(&threads[started], NULL, build_pods, &builders[i]) == 0)
            started++;
        else
            (void)build_pods(&builders[i]);
    }
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
}

/* ---- A gzip member of pieces. */

struct member {
    struct strbuf *out;
    uLong crc;
    size_t raw;
};

static void member_begin(struct member *m, struct strbuf *out)
{
    static const char head[] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 4, 3};
    *m = (struct member){.out = out};
    strbuf_add(out, span_make(head, sizeof(head)));
}

/* A stored block; last: the end of the deflate stream. */
static void member_store(struct member *m, struct span text, bool last)
{
    size_t n = text.len < STORED_MAX ? text.len : STORED_MAX;
    const char head[] = {(char)last, (char)(n & 0xff), (char)(n >> 8), (char)(~n & 0xff),
                         (char)(~n >> 8 & 0xff)};
    strbuf_add(m->out, span_make(head, sizeof(head)));
    strbuf_add(m->out, span_sub(text, 0, n));
    m->crc = crc32(m->crc, (const Bytef *)text.data, (uInt)n);
    m->raw += n;
}

static void member_join(struct member *m, const struct segment *s)
{
    strbuf_add(m->out, span_make((const char *)s->bytes, s->len));
    m->crc = crc32_combine(m->crc, s->crc, (z_off_t)s->raw);
    m->raw += s->raw;
}

static void member_end(struct member *m)
{
    uint32_t words[2] = {(uint32_t)m->crc, (uint32_t)m->raw};
    for (size_t w = 0; w < 2; w++)
        for (unsigned shift = 0; shift < 32; shift += 8)
            strbuf_addc(m->out, (char)(words[w] >> shift & 0xff));
}

/* Objects [from, to): whole segments as they are, what is left made now. */
static void join_items(struct big *b, enum big_sort sort, size_t from, size_t to, struct member *m)
{
    size_t count = b->kinds[sort].count;
    for (size_t i = from; i < to;) {
        size_t end = (i / SEGMENT + 1) * SEGMENT;
        end = end < count ? end : count;
        if (i > from)
            member_store(m, SPAN(","), false);
        if (i % SEGMENT == 0 && end <= to) {
            member_join(m, segment_of(b, sort, i));
        } else {
            struct segment part = {0};
            end = end < to ? end : to;
            (void)deflate_items(b, sort, i, end, &part);
            member_join(m, &part);
            free(part.bytes);
        }
        i = end;
    }
}

/* ---- Answers. */

static void write_head(const struct big *b, const struct resource *r, const char *token,
                       size_t left, struct strbuf *out)
{
    strbuf_addf(out,
                "{\"kind\":\"%sList\",\"apiVersion\":\"%s%s%s\",\"metadata\":{"
                "\"resourceVersion\":\"%llu\"",
                r->kind, r->group, r->group[0] ? "/" : "", r->version,
                (unsigned long long)b->snapshot);
    if (token[0])
        strbuf_addf(out, ",\"continue\":\"%s\",\"remainingItemCount\":%zu", token, left);
    strbuf_adds(out, "},\"items\":[");
}

static void send_range(struct server *server, struct stream *s, enum big_sort sort,
                       const size_t range[2], struct span head)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct member m;
    if (s->takes_gzip) {
        member_begin(&m, &body);
        member_store(&m, head, false);
        join_items(server->big, sort, range[0], range[1], &m);
        member_store(&m, SPAN("]}\n"), true);
        member_end(&m);
        stream_answer_packed(s, 200, "application/json", strbuf_span(&body), m.raw);
    } else {
        strbuf_add(&body, head);
        print_items(server->big, sort, range[0], range[1], &body);
        strbuf_adds(&body, "]}\n");
        stream_answer(s, 200, "application/json", strbuf_span(&body));
    }
    strbuf_clear(&body);
}

void big_answer_list(struct server *server, struct stream *s, const struct route *r)
{
    struct big *b = server->big;
    enum big_sort sort = (enum big_sort)big_sort_of(b, r->resource);
    struct strbuf head = STRBUF_INIT(65536), token = STRBUF_INIT(4096);
    struct page page;
    size_t range[2], last, limit = (size_t)route_number(r, "limit", 0);
    char ns[NAME_BYTES], name[NAME_BYTES];
    server->counts.lists++;
    if (!token_page(server, s, r, &page)) {
        page_done(&page);
        return;
    }
    big_range(b, sort, r->ns, &range[0], &range[1]);
    if (page.name && big_find(b, sort, span_from(page.ns), span_from(page.name), &last))
        range[0] = last + 1;
    size_t left = limit && range[1] - range[0] > limit ? range[1] - range[0] - limit : 0;
    range[1] -= left;
    if (left) {
        big_name(b, sort, range[1] - 1, ns, name);
        token_write(b->snapshot, r->ns.len ? "" : ns, name, &token);
    }
    write_head(b, r->resource, strbuf_cstr(&token), left, &head);
    send_range(server, s, sort, range, strbuf_span(&head));
    page_done(&page);
    strbuf_clear(&head);
    strbuf_clear(&token);
}
