/* WebSocket (RFC 6455), the client's side, over a connection of its own. Frames
 * are wslay's; messages are sent whole, never in fragments. One thread at a time. */
#ifndef BINNACLE_NET_WEBSOCKET_H
#define BINNACLE_NET_WEBSOCKET_H

#include "net/stream.h"

#define WEBSOCKET_MESSAGE_MAX ((size_t)1 << 20) /* received, whole */
#define WEBSOCKET_SENT_MAX    ((size_t)1 << 20)

/* Ends of a connection [RFC 6455 7.4.1]. */
#define WEBSOCKET_OPEN    0
#define WEBSOCKET_NORMAL  1000
#define WEBSOCKET_NO_CODE 1005 /* a close frame that says none */
#define WEBSOCKET_BROKEN  1006 /* it ended without a close frame */

struct websocket;

struct websocket_options {
    const char *name;   /* for sentences: "port-forward to pod NS/NAME:PORT"; copied */
    size_t message_max; /* 0: WEBSOCKET_MESSAGE_MAX */
    /* A whole message, text or binary; called within websocket_turn(). False: *err, which ends
     * the turn. */
    bool (*on_message)(void *context, struct span message, struct err *err);
    void *context; /* borrowed */
};

/* Connects as the HTTP client would (HTTP/1.1, its TLS, proxy, headers and credential, renewed
 * once when refused) and asks for path with this subprotocol, which the server must take. The
 * client is borrowed until websocket_close() and not to be asked meanwhile. An answer that is no
 * upgrade is an error in the server's words, as the client's `explain` reads them. */
struct websocket *websocket_open(struct http *http, const char *path, const char *protocol,
                                 const struct websocket_options *options,
                                 const struct stream_wait *wait, struct err *err) BN_MUST_USE;
/* Over a stream (taken over) on which the upgrade is done; came: what was read behind it. */
struct websocket *websocket_over(struct stream *stream, struct span came,
                                 const struct websocket_options *options) BN_MUST_USE;

/* Waits for bytes and hands over the messages that are then whole; pings are answered. False:
 * *err: the connection is of no use any more, but for ERR_TIMEOUT and ERR_CANCELLED, after which
 * it may be called again. An end is no error: see websocket_ended(). */
bool websocket_turn(struct websocket *ws, const struct stream_wait *wait,
                    struct err *err) BN_MUST_USE;
/* WEBSOCKET_OPEN, or how it ended. */
int websocket_ended(const struct websocket *ws);
/* One binary message, at most WEBSOCKET_SENT_MAX bytes; may be empty. */
bool websocket_send(struct websocket *ws, struct span message, const struct stream_wait *wait,
                    struct err *err) BN_MUST_USE;
/* Says that it is over when that needs no waiting, and closes. NULL is allowed. */
void websocket_close(struct websocket *ws);

#endif
