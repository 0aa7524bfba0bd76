/* WebSocket messages over a stream. */
#include <config.h>

#include "net/websocket.h"

#include "base/alloc.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#define READ_BYTES 16384

struct websocket {
    struct stream *stream; /* owned */
    char *name;            /* owned */
    struct websocket_options options;
    wslay_event_context_ptr frames;
    struct strbuf in, out; /* bytes that wslay has not read, that are not sent yet */
    size_t used;           /* of in */
    struct err err;        /* of on_message */
    int ended;
};

/* ---- What wslay asks for. */

static ssize_t give_bytes(wslay_event_context_ptr frames, uint8_t *to, size_t len, int flags,
                          void *context)
{
    struct websocket *ws = context;
    const struct span rest = span_sub(strbuf_span(&ws->in), ws->used, len);

    (void)flags;
    if (rest.len == 0 || ws->err.kind != ERR_NONE) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(to, rest.data, rest.len);
    ws->used += rest.len;
    return (ssize_t)rest.len;
}

static ssize_t take_bytes(wslay_event_context_ptr frames, const uint8_t *bytes, size_t len,
                          int flags, void *context)
{
    struct websocket *ws = context;

    (void)flags;
    strbuf_add(&ws->out, span_make((const char *)bytes, len));
    if (!ws->out.failed)
        return (ssize_t)len;
    wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static int make_mask(wslay_event_context_ptr frames, uint8_t *to, size_t len, void *context)
{
    (void)frames, (void)context;
    return RAND_bytes(to, (int)len) == 1 ? 0 : -1;
}

static void on_message(wslay_event_context_ptr frames,
                       const struct wslay_event_on_msg_recv_arg *arg, void *context)
{
    struct websocket *ws = context;

    (void)frames;
    if (!wslay_is_ctrl_frame(arg->opcode) && ws->err.kind == ERR_NONE)
        (void)!ws->options.on_message(ws->options.context,
                                      span_make((const char *)arg->msg, arg->msg_length), &ws->err);
}

/* ---- Messages. */

struct websocket *websocket_over(struct stream *stream, struct span came,
                                 const struct websocket_options *options)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = give_bytes,
        .send_callback = take_bytes,
        .genmask_callback = make_mask,
        .on_msg_recv_callback = on_message,
    };

    struct websocket *ws = xalloc_zero(1, sizeof *ws);

    ws->stream = stream;
    ws->options = *options;
    ws->name = xalloc_text(options->name);
    if (ws->options.message_max == 0)
        ws->options.message_max = WEBSOCKET_MESSAGE_MAX;
    ws->in = (struct strbuf)STRBUF_INIT(came.len + READ_BYTES);
    ws->out = (struct strbuf)STRBUF_INIT(WEBSOCKET_SENT_MAX + 65536);
    strbuf_add(&ws->in, came);
    bn_assert(wslay_event_context_client_init(&ws->frames, &callbacks, ws) == 0);
    wslay_event_config_set_max_recv_msg_length(ws->frames, ws->options.message_max);
    return ws;
}

/* What wslay wants to say: messages, pongs, the answer to a close frame. */
static bool flush(struct websocket *ws, const struct stream_wait *wait, struct err *err)
{
    if (wslay_event_send(ws->frames) != 0)
        return err_set(err, ERR_PROTO, "%s: the frame cannot be made", ws->name);
    if (ws->out.len == 0)
        return true;
    const bool ok = stream_write(ws->stream, strbuf_span(&ws->out), wait, err);
    strbuf_truncate(&ws->out, 0);
    if (!ok && !ws->ended) /* half a frame may be out */
        ws->ended = WEBSOCKET_BROKEN;
    return ok;
}

/* Reads frames from what has come. */
static bool take_frames(struct websocket *ws, struct err *err)
{
    const int result = wslay_event_recv(ws->frames);

    strbuf_consume(&ws->in, ws->used);
    ws->used = 0;
    if (ws->err.kind != ERR_NONE)
        return err_code(err, ws->err.kind, ws->err.code, "%s", ws->err.msg);
    if (result == WSLAY_ERR_NOMEM)
        return err_set(err, ERR_NOMEM, "%s: no memory for the answer", ws->name);
    if (wslay_event_get_close_received(ws->frames))
        ws->ended = wslay_event_get_status_code_received(ws->frames);
    else if (result != 0 || !wslay_event_get_read_enabled(ws->frames))
        return err_set(err, ERR_PROTO,
                       "%s: what came is not WebSocket, or a message of more than %zu KiB",
                       ws->name, ws->options.message_max >> 10);
    return true;
}

bool websocket_turn(struct websocket *ws, const struct stream_wait *wait, struct err *err)
{
    bool over;
    size_t got = 0;

    if (ws->ended)
        return true;
    if (ws->in.len == 0) {
        char *to = strbuf_reserve(&ws->in, READ_BYTES);

        if (!to)
            return err_set(err, ERR_NOMEM, "%s: no memory for the answer", ws->name);
        if (!stream_read(ws->stream, to, READ_BYTES, &got, wait, err))
            return false;
        strbuf_commit(&ws->in, got);
        if (got == 0)
            ws->ended = WEBSOCKET_BROKEN;
    }
    if (!take_frames(ws, err))
        return false;
    over = ws->ended != WEBSOCKET_OPEN;
    return flush(ws, wait, err) || over; /* it may be gone behind its close frame */
}

int websocket_ended(const struct websocket *ws)
{
    return ws->ended;
}

bool websocket_send(struct websocket *ws, struct span message, const struct stream_wait *wait,
                    struct err *err)
{
    const struct wslay_event_msg arg = {WSLAY_BINARY_FRAME, (const uint8_t *)message.data,
                                        message.len};

    if (ws->ended || message.len > WEBSOCKET_SENT_MAX ||
        wslay_event_queue_msg(ws->frames, &arg) != 0)
        return err_set(err, ERR_IO, "%s: the connection has ended", ws->name);
    return flush(ws, wait, err);
}

void websocket_close(struct websocket *ws)
{
    const struct stream_wait now = {0, -1};

    if (!ws)
        return;
    if (!ws->ended && wslay_event_queue_close(ws->frames, WEBSOCKET_NORMAL, NULL, 0) == 0)
        (void)!flush(ws, &now, NULL);
    wslay_event_context_free(ws->frames);
    stream_close(ws->stream);
    strbuf_clear(&ws->in);
    strbuf_clear(&ws->out);
    free(ws->name);
    free(ws);
}
