/* Rows that are made of other rows. */
#include <config.h>

#include "backends/joined.h"

#include "base/number.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 10000 /* between two proofs that the thread lives */

/* ---- Lines. */

void joined_add(struct strbuf *line, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool control = (unsigned char)text.data[i] < ' ' && text.data[i] != LIST_SEPARATOR;
        strbuf_addc(line, control ? ' ' : text.data[i]);
    }
    strbuf_addc(line, '\t');
}

void joined_add_num(struct strbuf *line, int64_t n)
{
    if (n != TIME_NONE)
        strbuf_addf(line, "%lld", (long long)n);
    strbuf_addc(line, '\t');
}

void joined_end(struct strbuf *line)
{
    strbuf_addc(line, '\n');
}

struct span joined_part(struct span line, unsigned n)
{
    struct span part;
    for (; span_split(&line, '\t', &part); n--)
        if (n == 0)
            return part;
    return SPAN("");
}

int64_t joined_num(struct span line, unsigned n, int64_t fallback)
{
    int64_t number = fallback;
    return number_parse(joined_part(line, n), INT64_MIN, INT64_MAX, &number) ? number : fallback;
}

void joined_add_link(struct strbuf *list, const char *kind, struct span key)
{
    size_t start = list->len;
    strbuf_addf(list, "%s%s:%.*s", start ? " " : "", kind, SPAN_ARG(key));
    struct span all = strbuf_span(list), one;
    struct span last = span_sub(all, start ? start + 1 : 0, all.len);
    struct span rest = span_sub(all, 0, start);
    while (rest.len && span_split(&rest, ' ', &one))
        if (span_eq(one, last)) {
            strbuf_truncate(list, start);
            return;
        }
}

void joined_link(struct row_writer *w, struct span list, const char *const *kinds, unsigned flags)
{
    struct span one;
    while (list.len && span_split(&list, ' ', &one)) {
        size_t colon = span_find(one, ':', 0);
        for (const char *const *k = kinds; *k && w->links < ROW_LINKS_MAX; k++)
            if (span_is(span_sub(one, 0, colon), *k))
                row_link(w, LINK_PART, flags, *k, span_sub(one, colon + 1, one.len));
    }
}

/* ---- Running. */

struct joined {
    struct backend_ctx *ctx;
    const struct kind *kind;
    uint16_t number;
    char *lines; /* owned; NULL: none were said yet */
    bool told;   /* they are with the store */
};

static bool tell(struct joined *j)
{
    struct row_writer w;
    struct span all = span_from(j->lines), line;
    size_t last = span_find_last(all, '\n');
    struct span rest = span_sub(all, 0, last < all.len ? last + 1 : 0); /* else it was cut */
    bool ok = true, cut = rest.len != all.len;
    row_writer_init(&w, j->kind, 2 * JOINED_BYTES);
    (void)ctx_poll_begin(j->ctx, j->number);
    while (ok && span_split(&rest, '\n', &line))
        ok = !line.len || ctx_backend(j->ctx)->joined(line, &w);
    (void)ctx_push_rows(j->ctx, j->number, &w);
    (void)ctx_sync_end(j->ctx, j->number, NULL);
    ctx_state(j->ctx, j->number, cut ? SOURCE_PARTIAL : SOURCE_FRESH, NULL,
              cut ? "there are too many: the rest is left out" : NULL);
    row_writer_clear(&w);
    j->told = ok;
    return ok;
}

static void answer_requests(struct backend_ctx *ctx)
{
    struct request r;
    struct err err;
    while (ctx_next_request(ctx, &r)) {
        (void)err_set(&err, ERR_NOTFOUND, "there is nothing more to say of it");
        if (r.type == REQUEST_FETCH)
            (void)ctx_document(ctx, r.id, SPAN(""), &err);
        else if (r.type == REQUEST_STREAM)
            (void)ctx_lines(ctx, r.id, SPAN(""), 0, true, &err);
        request_done(&r);
    }
}

static void take_lines(struct joined *j)
{
    char *lines = ctx_take_targets(j->ctx);
    if (!lines)
        return;
    free(j->lines);
    j->lines = lines;
    j->told = false;
}

bool joined_run(void *self, struct backend_ctx *ctx, struct err *err)
{
    const struct kind *kind = ctx_backend(ctx)->kinds[0];
    struct joined j = {.ctx = ctx, .kind = kind, .number = ctx_kind(ctx, kind)};
    (void)self;
    bool ok = true;
    while (ok && !ctx_stopping(ctx)) {
        answer_requests(ctx); /* first: it takes the bell back */
        take_lines(&j);
        bool wanted = ctx_wanted(ctx, j.number);
        if (!wanted)
            j.told = false;
        else if (j.lines && !j.told)
            ok = tell(&j) || err_set(err, ERR_NOMEM, "there is no memory for its rows");
        if (ok && wanted)
            ctx_alive(ctx, KIND_NONE);
        struct pollfd bell = {.fd = ctx_wake_fd(ctx), .events = POLLIN};
        if (ok && !ctx_stopping(ctx))
            (void)poll(&bell, 1, WAIT_MS);
    }
    free(j.lines);
    return ok;
}
