/* Fuzz target: WebSocket frames from a server. Whatever comes, and in whatever
 * pieces, the messages are the same, and it ends. (How does not count: wslay looks at
 * the UTF-8 of a close frame's reason only when the frame came whole.) */
#include <config.h>

#include "base/alloc.h"
#include "net/websocket.h"
#include "test/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 4096

/* A stream of bytes that are there already. */
struct memory {
    struct stream stream;
    struct span rest;
    size_t piece;
};

static bool memory_read(struct stream *stream, char *to, size_t size, size_t *got,
                        const struct stream_wait *wait, struct err *err)
{
    struct memory *m = (struct memory *)stream;
    const struct span part = span_sub(m->rest, 0, size < m->piece ? size : m->piece);

    (void)wait, (void)err;
    if (part.len > 0)
        memcpy(to, part.data, part.len);
    m->rest = span_sub(m->rest, part.len, m->rest.len);
    *got = part.len;
    return true;
}

static bool memory_write(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                         struct err *err)
{
    (void)stream, (void)wait, (void)err;
    bn_assert(bytes.len >= 2 && (bytes.data[1] & 0x80)); /* a client's frames are masked */
    return true;
}

static void memory_close(struct stream *stream)
{
    free(stream);
}

static const struct stream_type memory_type = {memory_read, memory_write, memory_close};

struct seen {
    uint64_t messages, hash;
};

static bool on_message(void *context, struct span message, struct err *err)
{
    struct seen *s = context;

    (void)err;
    bn_assert(message.len <= MESSAGE_MAX);
    s->messages++;
    s->hash = s->hash * 31 + span_hash(message) + message.len;
    return true;
}

static struct seen run(struct span text, size_t piece)
{
    const struct stream_wait wait = stream_wait_for(0, -1);
    struct seen s = {0, 0};
    const struct websocket_options options = {
        .name = "server", .message_max = MESSAGE_MAX, .on_message = on_message, .context = &s};
    struct memory *m = xalloc_zero(1, sizeof *m);
    struct websocket *ws;
    bool ok = true;

    m->stream.type = &memory_type;
    m->rest = text;
    m->piece = piece;
    ws = websocket_over(&m->stream, SPAN(""), &options);
    while (ok && !websocket_ended(ws))
        ok = websocket_turn(ws, &wait, NULL);
    websocket_close(ws);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 7};
    const struct span text = span_make((const char *)data, size);
    const struct seen whole = run(text, SIZE_MAX);

    for (size_t i = 0; i < BN_COUNT(pieces); i++) {
        const struct seen s = run(text, pieces[i]);
        bn_assert(s.messages == whole.messages && s.hash == whole.hash);
    }
    return 0;
}
