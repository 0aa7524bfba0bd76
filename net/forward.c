/* Kubernetes' port-forward, channels v4.channel.k8s.io. */
#include <config.h>

#include "net/forward.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "net/kube.h"
#include "net/plain.h"
#include "net/websocket.h"

#include <stdlib.h>
#include <string.h>

#define PROTOCOL    "v4.channel.k8s.io"
#define ERROR_MAX   ((size_t)16 << 10)
#define DATA_MAX    (2 * WEBSOCKET_MESSAGE_MAX)
#define FRAME_BYTES ((size_t)32 << 10) /* sent at once, as the server does */

enum channel { CHANNEL_DATA, CHANNEL_ERROR, CHANNELS };

struct forward {
    struct stream stream;
    struct websocket *ws; /* owned */
    char *name;           /* owned */
    int port;
    bool seen[CHANNELS]; /* the port's number came by this channel */
    struct strbuf data, error;
    size_t used; /* of data */
};

/* The first message of a channel is the port, little endian; from then on its bytes. */
static bool on_message(void *context, struct span message, struct err *err)
{
    struct forward *f = context;
    const unsigned char *bytes = (const unsigned char *)message.data;
    const unsigned channel = message.len > 0 ? bytes[0] : CHANNELS;

    if (channel >= CHANNELS)
        return true;
    if (!f->seen[channel]) {
        f->seen[channel] = true;
        return (message.len == 3 && (bytes[1] | bytes[2] << 8) == f->port) ||
               err_set(err, ERR_PROTO, "%s: the server speaks of another port", f->name);
    }
    strbuf_add(channel == CHANNEL_DATA ? &f->data : &f->error, span_sub(message, 1, message.len));
    return channel == CHANNEL_ERROR || !f->data.failed ||
           err_set(err, ERR_NOMEM, "%s: no memory for the answer", f->name);
}

/* The runtime's text ends in what happened: "...: dial tcp4 127.0.0.1:6380: connect: connection
 * refused IPv6 dial tcp6 ...". */
static bool say_error(const struct forward *f, struct err *err)
{
    const struct span text = strbuf_span(&f->error);
    const size_t uid = span_search(text, SPAN(", uid : "), false);
    char words[ERR_MESSAGE_MAX];

    if (span_search(text, SPAN("connection refused"), false) < text.len)
        return err_set(err, ERR_IO,
                       "%s: connection refused: nothing listens at that port in the pod", f->name);
    plain_text(uid < text.len ? span_sub(text, uid + 8, text.len) : text, words, sizeof words);
    return err_set(err, ERR_IO, "%s: %s", f->name, words);
}

/* True: a clean end. */
static bool at_end(const struct forward *f, struct err *err)
{
    const int how = websocket_ended(f->ws);

    if (f->error.len > 0)
        return say_error(f, err);
    if (how == WEBSOCKET_BROKEN)
        return err_set(err, ERR_IO,
                       "%s: it ended without a word: the kubelet or the container runtime went "
                       "away, or it was idle for too long",
                       f->name);
    return how == WEBSOCKET_NORMAL || how == WEBSOCKET_NO_CODE ||
           err_code(err, ERR_IO, how, "%s: the server ended it (code %d)", f->name, how);
}

static bool forward_read(struct stream *stream, char *to, size_t size, size_t *got,
                         const struct stream_wait *wait, struct err *err)
{
    struct forward *f = (struct forward *)stream;
    struct span rest;

    while (f->used == f->data.len) {
        strbuf_truncate(&f->data, 0);
        f->used = 0;
        *got = 0;
        if (f->error.len > 0 || websocket_ended(f->ws))
            return at_end(f, err);
        if (!websocket_turn(f->ws, wait, err))
            return false;
    }
    rest = span_sub(strbuf_span(&f->data), f->used, size);
    memcpy(to, rest.data, rest.len);
    f->used += rest.len;
    *got = rest.len;
    return true;
}

static bool forward_write(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                          struct err *err)
{
    struct forward *f = (struct forward *)stream;
    struct strbuf frame = STRBUF_INIT(FRAME_BYTES + 1);
    bool ok = true;

    while (ok && bytes.len > 0) {
        strbuf_truncate(&frame, 0);
        strbuf_addc(&frame, CHANNEL_DATA);
        strbuf_add(&frame, span_sub(bytes, 0, FRAME_BYTES));
        bytes = span_sub(bytes, FRAME_BYTES, bytes.len);
        if (websocket_ended(f->ws))
            ok = at_end(f, err) && err_set(err, ERR_IO, "%s: the other side has ended", f->name);
        else
            ok = websocket_send(f->ws, strbuf_span(&frame), wait, err);
    }
    strbuf_wipe(&frame); /* a password may have gone by */
    return ok;
}

static void forward_close(struct stream *stream)
{
    struct forward *f = (struct forward *)stream;

    websocket_close(f->ws);
    strbuf_clear(&f->data);
    strbuf_clear(&f->error);
    free(f->name);
    free(f);
}

static const struct stream_type forward_type = {forward_read, forward_write, forward_close};

struct stream *forward_open(struct http *http, const char *ns, const char *pod, int port,
                            const struct stream_wait *wait, struct err *err)
{
    static const struct kube_resource pods = {"", "v1", "pods"};
    struct forward *f = xalloc_zero(1, sizeof *f);
    struct strbuf text = STRBUF_INIT(KUBE_PATH_MAX);
    struct websocket_options options = {.on_message = on_message, .context = f};

    f->stream.type = &forward_type;
    f->port = port;
    f->data = (struct strbuf)STRBUF_INIT(DATA_MAX);
    f->error = (struct strbuf)STRBUF_INIT(ERROR_MAX);
    strbuf_addf(&text, "port-forward to pod %s/%s:%d", ns, pod, port);
    options.name = f->name = strbuf_take(&text);
    kube_path(&text, &pods, ns, pod, "portforward");
    kube_query_int(&text, "ports", port);
    f->ws = websocket_open(http, strbuf_cstr(&text), PROTOCOL, &options, wait, err);
    strbuf_clear(&text);
    if (f->ws)
        return &f->stream;
    forward_close(&f->stream);
    return NULL;
}
