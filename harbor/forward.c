/* Port-forward over WebSocket, as kube-streaming recordings of a real API server have it:
 * channels v4.channel.k8s.io, one port. Frames are read and made here. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "harbor/answer.h"
#include "harbor/mysql.h"
#include "harbor/redis.h"
#include "harbor/relay.h"
#include "harbor/sentinel.h"
#include "harbor/upstream.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL   "v4.channel.k8s.io"
#define CHUNK      32768              /* bytes of data in a frame, as the real one sends */
#define FRAME_MAX  ((size_t)32 << 20) /* taken */
#define END_MS     1000               /* containerd waits for the other direction */
#define CODE_END   1000
#define CODE_PROTO 1002

enum opcode { OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

struct forward {
    struct conn *conn;   /* borrowed: it frees this */
    struct relay *relay; /* NULL: it is over */
    char *pod, *ns;      /* owned */
    int port;
    bool redis, authorized;   /* answered here, as redis.h does */
    struct mysql_talk *mysql; /* the same of mysql.h; NULL: it is none */
    size_t cut; /* bytes of the target after which all ends without a word; SIZE_MAX: none */
};

/* ---- Frames. */

static void put_frame(struct strbuf *out, enum opcode op, const char *channel, struct span bytes)
{
    size_t len = bytes.len + (channel ? 1 : 0);
    strbuf_addc(out, (char)(0x80 | op));
    if (len < 126) {
        strbuf_addc(out, (char)len);
    } else {
        strbuf_addc(out, 126);
        strbuf_addc(out, (char)(len >> 8));
        strbuf_addc(out, (char)(len & 0xff));
    }
    if (channel)
        strbuf_addc(out, *channel);
    strbuf_add(out, bytes);
}

/* What the client is told last. */
static void say_close(struct forward *f, int code)
{
    const char bytes[2] = {(char)(code >> 8), (char)(code & 0xff)};
    put_frame(&f->conn->out, OP_CLOSE, NULL, span_make(bytes, 2));
    f->conn->closing = true;
    relay_drop(f->relay);
    f->relay = NULL;
}

struct frame {
    enum opcode op;
    bool masked;
    size_t head, len;
};

/* False: not whole yet. */
static bool read_frame(const struct strbuf *in, struct frame *f)
{
    const unsigned char *b = (const unsigned char *)in->data;
    size_t more = 0;
    if (in->len < 2)
        return false;
    f->op = b[0] & 15;
    f->masked = b[1] & 0x80;
    f->len = b[1] & 0x7f;
    more = f->len == 126 ? 2 : f->len == 127 ? 8 : 0;
    f->head = 2 + more + (f->masked ? 4 : 0);
    if (in->len < f->head)
        return false;
    if (more)
        f->len = 0;
    for (size_t i = 0; i < more; i++)
        f->len = f->len << 8 | b[2 + i];
    return f->len > FRAME_MAX || in->len - f->head >= f->len;
}

static void take_message(struct forward *f, const struct frame *frame, struct span bytes)
{
    if (!frame->masked)
        say_close(f, CODE_PROTO);
    else if (frame->op == OP_CLOSE)
        say_close(f, CODE_END);
    else if (frame->op == OP_PING)
        put_frame(&f->conn->out, OP_PONG, NULL, bytes);
    else if (frame->op <= OP_BINARY && bytes.len && bytes.data[0] == 0)
        strbuf_add(&f->relay->out, span_sub(bytes, 1, bytes.len));
}

static void answer_here(struct forward *f);

/* Every frame is a message; channels but the first are not listened to. */
static void take(struct conn *c)
{
    struct forward *f = c->framed;
    struct frame frame;
    while (f->relay && f->relay->out.len < RELAY_FULL && read_frame(&c->in, &frame)) {
        if (frame.len > FRAME_MAX) {
            c->dead = true;
            return;
        }
        char *bytes = c->in.data + frame.head;
        for (size_t i = 0; i < frame.len && frame.masked; i++)
            bytes[i] = (char)(bytes[i] ^ bytes[(ptrdiff_t)(i & 3) - 4]);
        take_message(f, &frame, span_make(bytes, frame.len));
        strbuf_consume(&c->in, frame.head + frame.len);
    }
    if (f->relay && (f->redis || f->mysql))
        answer_here(f);
}

static void done(struct conn *c)
{
    struct forward *f = c->framed;
    relay_drop(f->relay);
    mysql_end(f->mysql);
    free(f->pod);
    free(f->ns);
    free(f);
}

/* ---- The target. */

static bool is_full(const struct relay *r)
{
    const struct forward *f = r->owner;
    return f->conn->out.len - f->conn->sent > RELAY_FULL;
}

static void take_bytes(struct relay *r)
{
    struct forward *f = r->owner;
    struct span rest = strbuf_span(&r->in);
    if (f->cut != SIZE_MAX) {
        rest = span_sub(rest, 0, f->cut);
        f->cut -= rest.len;
    }
    while (rest.len) {
        put_frame(&f->conn->out, OP_BINARY, "\0", span_sub(rest, 0, CHUNK));
        rest = span_sub(rest, CHUNK, rest.len);
    }
    strbuf_truncate(&r->in, 0);
    if (f->cut == 0) { /* as when the kubelet dies */
        f->conn->closing = true;
        relay_drop(r);
        f->relay = NULL;
    }
}

static void target_ended(struct relay *r, int error)
{
    struct forward *f = r->owner;
    struct strbuf text = STRBUF_INIT(4096);
    if (!error) {
        r->due_ms = clock_mono_ms(f->conn->server->clock) + END_MS;
        return;
    }
    strbuf_addf(&text,
                "error forwarding port %d to pod %s/%s, uid : failed to execute portforward in "
                "network namespace \"/var/run/netns/cni-00000000-0000-0000-0000-000000000000\": ",
                f->port, f->ns, f->pod);
    if (error == ECONNREFUSED)
        strbuf_addf(&text,
                    "failed to connect to localhost:%d inside namespace \"sandbox-id\", IPv4: dial "
                    "tcp4 127.0.0.1:%d: connect: connection refused IPv6 dial tcp6 [::1]:%d: "
                    "connect: connection refused ",
                    f->port, f->port, f->port);
    else
        strbuf_addf(&text,
                    "writeto tcp4 127.0.0.1:46314->127.0.0.1:%d: read tcp4 "
                    "127.0.0.1:46314->127.0.0.1:%d: read: %s",
                    f->port, f->port, strerror(error));
    put_frame(&f->conn->out, OP_BINARY, "\1", strbuf_span(&text));
    strbuf_clear(&text);
    say_close(f, CODE_END);
}

/* The pod itself, or the one that HAProxy leads to; NULL: none takes it. */
static const struct object *server_behind(const struct server *server, const struct object *pod)
{
    return mysql_is(server, pod) ? pod : mysql_behind(server, pod);
}

static void answer_here(struct forward *f)
{
    struct server *server = f->conn->server;
    struct relay *r = f->relay;
    const struct object *pod = objects_find(server->objects, resource_named(SPAN("pods")),
                                            span_from(f->ns), span_from(f->pod));
    bool goes_on = pod != NULL;
    if (goes_on && f->redis)
        goes_on = redis_answer(server, pod, &f->authorized, &r->out, &r->in);
    else if (goes_on)
        goes_on = (pod = server_behind(server, pod)) != NULL &&
                  mysql_answer(f->mysql, pod, &r->out, &r->in);
    if (r->in.len)
        take_bytes(r);
    if (!goes_on && !r->over && f->relay) {
        r->over = true;
        target_ended(r, 0);
    }
}

static void target_due(struct relay *r)
{
    say_close(r->owner, CODE_END);
}

/* ---- The upgrade. */

static void upgrade(struct server *server, struct stream *s, const struct route *r, int port)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* [RFC 6455 1.3] */
    const char number[2] = {(char)(port & 0xff), (char)(port >> 8)};
    struct forward *f = xalloc_zero(1, sizeof(*f));
    struct conn *c = s->conn;
    struct strbuf proof = STRBUF_INIT(256);
    unsigned char digest[EVP_MAX_MD_SIZE], text[64];
    const int loopback = upstream_find(server, "pods", r->ns, r->name, port);
    unsigned len = 0;
    strbuf_add(&proof, stream_header(s, "Sec-WebSocket-Key"));
    strbuf_adds(&proof, guid);
    (void)EVP_Digest(proof.data, proof.len, digest, &len, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock(text, digest, (int)len);
    strbuf_addf(&c->out,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                "Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: " PROTOCOL
                "\r\n\r\n",
                (const char *)text);
    strbuf_clear(&proof);
    put_frame(&c->out, OP_BINARY, "\0", span_make(number, 2));
    put_frame(&c->out, OP_BINARY, "\1", span_make(number, 2));
    f->conn = c;
    f->pod = xalloc_bytes(r->name.data, r->name.len);
    f->ns = xalloc_bytes(r->ns.data, r->ns.len);
    f->port = port;
    f->cut = s->cut;
    const struct object *pod = objects_find(server->objects, r->resource, r->ns, r->name);
    const bool mysql = !loopback && port == MYSQL_PORT && server_behind(server, pod);
    f->redis = !loopback && (port == REDIS_PORT || port == SENTINEL_PORT) && redis_is(pod);
    f->relay = relay_open(server, f->redis || mysql ? -1 : loopback, f);
    f->relay->full = is_full;
    f->relay->bytes = take_bytes;
    f->relay->ended = target_ended;
    f->relay->due = target_due;
    if (mysql) {
        f->mysql = mysql_begin(server, &f->relay->in);
        take_bytes(f->relay);
    }
    c->framed = f;
    c->take = take;
    c->done = done;
    s->head_sent = s->ended = true;
}

static bool offers(const struct stream *s)
{
    struct span rest = stream_header(s, "Sec-WebSocket-Protocol"), one;
    while (span_split(&rest, ',', &one))
        if (span_is(span_trim(one), PROTOCOL))
            return true;
    return false;
}

/* False: it is answered. */
static bool read_port(struct stream *s, const struct route *r, int64_t *port)
{
    static const char plain[] = "text/plain; charset=utf-8";
    char *text = route_query(r, "ports");
    bool ok = text && number_parse(span_from(text), 1, 65535, port);
    if (!text)
        stream_answer(s, 400, plain, SPAN("query parameter \"port\" is required"));
    else if (strcmp(text, "0") == 0)
        stream_answer(s, 400, plain, SPAN("port \"0\" must be > 0"));
    else if (!ok)
        stream_status(
            s, 400, "BadRequest", NULL,
            "cannot convert to []int32: strconv.ParseUint: parsing \"%s\": invalid syntax", text);
    free(text);
    return ok;
}

void answer_forward(struct server *server, struct stream *s, const struct route *r)
{
    const struct object *pod = objects_find(server->objects, r->resource, r->ns, r->name);
    const cJSON *spec = pod ? cJSON_GetObjectItemCaseSensitive(pod->json, "spec") : NULL;
    const cJSON *status = pod ? cJSON_GetObjectItemCaseSensitive(pod->json, "status") : NULL;
    struct strbuf text = STRBUF_INIT(1024);
    int64_t port;
    if (!pod) {
        answer_not_found(s, r);
    } else if (!json_member(spec, "nodeName")[0]) {
        stream_status(s, 400, "BadRequest", NULL, "pod %s does not have a host assigned",
                      pod->name);
    } else if (!span_eq_nocase(stream_header(s, "Upgrade"), SPAN("websocket"))) {
        stream_status(s, 400, "BadRequest", NULL, "Upgrade request required");
    } else if (!offers(s)) {
        strbuf_adds(&s->conn->out, "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
        s->conn->closing = s->head_sent = s->ended = true;
    } else if (strcmp(json_member(status, "phase"), "Running") != 0) {
        strbuf_addf(&text, "pod not found (\"%s_%s\")", pod->name, pod->ns);
        stream_answer(s, 500, "text/plain; charset=utf-8", strbuf_span(&text));
    } else if (read_port(s, r, &port)) {
        upgrade(server, s, r, (int)port);
    }
    strbuf_clear(&text);
}
