/* Documents and streams: what was asked for about one row, until it is let go. */
#include <config.h>

#include "app/session_impl.h"
#include "base/alloc.h"

#include <string.h>

static struct answer *find(const struct session *s, uint32_t id)
{
    for (size_t i = 0; id && i < ANSWERS_MAX; i++)
        if (s->answers[i].id == id)
            return (struct answer *)(uintptr_t)&s->answers[i];
    return NULL;
}

/* A free place; the oldest gives way when there is none. */
static struct answer *new_answer(struct session *s, bool stream)
{
    struct answer *oldest = &s->answers[0];
    for (size_t i = 0; i < ANSWERS_MAX; i++)
        if (s->answers[i].id < oldest->id)
            oldest = &s->answers[i];
    if (oldest->id)
        session_cancel(s, oldest->id);
    *oldest = (struct answer){.id = ++s->last_id,
                              .stream = stream,
                              .text = STRBUF_INIT(stream ? LINES_PENDING_MAX : DOCUMENT_MAX)};
    return oldest;
}

static void ask(struct session *s, uint16_t source, struct span key, struct answer *a,
                struct request *request)
{
    a->source = source;
    request->id = a->id;
    request->key = xalloc_bytes(key.data, key.len);
    request->key_len = key.len;
    if (sources_request(s->now->sources, a->source, request))
        return;
    (void)err_set(&a->err, ERR_NOTFOUND, "the source of this row is not there any more");
    a->done = true;
}

static void ask_of(struct session *s, struct handle row, struct answer *a, struct request *request)
{
    request->kind = row.kind;
    ask(s, store_row_source(s->now->store, row), store_key(s->now->store, row), a, request);
}

uint32_t session_fetch(struct session *s, struct handle row, enum document what)
{
    struct answer *a = new_answer(s, false);
    struct request request = {.type = REQUEST_FETCH, .what = what};
    ask_of(s, row, a, &request);
    return a->id;
}

uint32_t session_stream(struct session *s, struct handle row, const struct stream_options *options)
{
    struct answer *a = new_answer(s, true);
    struct request request = {.type = REQUEST_STREAM, .stream = *options};
    ask_of(s, row, a, &request);
    return a->id;
}

uint32_t session_past(struct session *s, struct handle row, struct session_past *out)
{
    struct request request = {.type = REQUEST_FETCH, .kind = KIND_NONE, .what = DOCUMENT_PAST};
    struct strbuf key = STRBUF_INIT(PAST_ASK_MAX);
    const struct backend *keeper = sources_keeper(s->now->sources, &out->source);
    uint32_t id = 0;
    out->count = keeper ? keeper->past(s->now->store, row, out->figures, &key) : 0;
    if (out->count && !key.failed) {
        struct answer *a = new_answer(s, false);
        ask(s, out->source, strbuf_span(&key), a, &request);
        id = a->id;
    }
    strbuf_clear(&key);
    return id;
}

void session_cancel(struct session *s, uint32_t id)
{
    struct answer *a = find(s, id);
    if (!a)
        return;
    if (!a->done) {
        struct request request = {.type = REQUEST_CANCEL, .id = id, .kind = KIND_NONE};
        (void)sources_request(s->now->sources, a->source, &request);
    }
    strbuf_wipe(&a->text);
    *a = (struct answer){0};
}

bool session_document(const struct session *s, uint32_t id, struct session_document *out)
{
    const struct answer *a = find(s, id);
    if (!a)
        return false;
    *out = (struct session_document){.done = a->done, .text = strbuf_span(&a->text), .err = a->err};
    return true;
}

bool session_lines(struct session *s, uint32_t id, struct strbuf *out, uint64_t *dropped,
                   bool *ended, struct err *err)
{
    struct answer *a = find(s, id);
    if (!a)
        return false;
    strbuf_add(out, strbuf_span(&a->text));
    strbuf_truncate(&a->text, 0);
    *dropped = a->dropped;
    a->dropped = 0;
    *ended = a->done;
    *err = a->err;
    return true;
}

static uint64_t count_lines(struct span text)
{
    uint64_t n = 0;
    for (size_t at = span_find(text, '\n', 0); at < text.len; at = span_find(text, '\n', at + 1))
        n++;
    return n;
}

/* Nobody reads as fast as a chatty pod writes: the newest stays. */
static void add_lines(struct answer *a, struct span bytes)
{
    if (bytes.len > LINES_PENDING_MAX / 2)
        bytes = span_sub(bytes, bytes.len - LINES_PENDING_MAX / 2, bytes.len);
    if (a->text.len + bytes.len > LINES_PENDING_MAX) {
        struct span old = span_sub(strbuf_span(&a->text), 0, a->text.len / 2);
        size_t cut = span_find_last(old, '\n');
        cut = cut < old.len ? cut + 1 : old.len;
        a->dropped += count_lines(span_sub(old, 0, cut));
        strbuf_consume(&a->text, cut);
    }
    strbuf_add(&a->text, bytes);
}

void answers_take(struct session *s, struct message *m)
{
    struct answer *a = find(s, m->request);
    struct span bytes = span_make(m->bytes, m->len);
    if (!a)
        return;
    if (m->why.kind != ERR_NONE)
        a->err = m->why;
    if (a->stream) {
        add_lines(a, bytes);
        a->dropped += m->dropped;
        a->done = a->done || m->last;
    } else {
        strbuf_add(&a->text, bytes);
        a->done = true;
    }
}

void answers_forget(struct session *s)
{
    for (size_t i = 0; i < ANSWERS_MAX; i++) {
        strbuf_wipe(&s->answers[i].text);
        s->answers[i] = (struct answer){0};
    }
}
