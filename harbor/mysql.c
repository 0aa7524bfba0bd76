/* MySQL's protocol as a client sees it that logs in and asks [mysql.com internals: connection and
 * command phase]. */
#include <config.h>

#include "harbor/mysql.h"

#include "base/alloc.h"
#include "harbor/mysql_catalog.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX ((size_t)1 << 20)
#define TALK_MAX   ((size_t)4 << 20)

enum {
    CAN_DATABASE = 0x8,
    CAN_SSL = 0x800,
    CAN = 0x1 | 0x4 | CAN_DATABASE | 0x200 | CAN_SSL | 0x2000 | 0x8000 | 0x80000
};

enum { COM_QUIT = 1, COM_INIT_DB = 2, COM_QUERY = 3, COM_PING = 14 };

enum stage { GREETED, SECURE, ASKED, IN, OVER };

struct mysql_talk {
    struct server *server;
    enum stage stage;
    SSL *ssl;              /* NULL: not yet */
    char *user, *database; /* owned; as the login says them; database "": none */
    struct strbuf in, out; /* without TLS */
    bool sizes_now;        /* mysql_rows has it */
};

/* ---- Packets. */

void mysql_put_packet(struct strbuf *out, unsigned char *seq, struct span bytes)
{
    strbuf_addc(out, (char)(bytes.len & 0xff));
    strbuf_addc(out, (char)(bytes.len >> 8 & 0xff));
    strbuf_addc(out, (char)(bytes.len >> 16 & 0xff));
    strbuf_addc(out, (char)(*seq)++);
    strbuf_add(out, bytes);
}

struct mysql_talk *mysql_begin(struct server *server, struct strbuf *out)
{
    static const char before[] = "\x0a" MYSQL_VERSION "\0\x07\0\0\0abcdefgh";
    struct mysql_talk *t = xalloc_zero(1, sizeof(*t));
    struct strbuf text = STRBUF_INIT(256);
    unsigned char seq = 0;
    t->server = server;
    t->in = (struct strbuf)STRBUF_INIT(TALK_MAX);
    t->out = (struct strbuf)STRBUF_INIT(TALK_MAX);
    strbuf_add(&text, span_make(before, sizeof(before)));
    strbuf_addc(&text, (char)(CAN & 0xff));
    strbuf_addc(&text, (char)(CAN >> 8 & 0xff));
    strbuf_add(&text, span_make("\x2d\x02\0", 3));
    strbuf_addc(&text, (char)(CAN >> 16 & 0xff));
    strbuf_add(&text, span_make("\0\x15\0\0\0\0\0\0\0\0\0\0", 12));
    strbuf_add(&text, span_make("ijklmnopqrst\0caching_sha2_password", 35));
    mysql_put_packet(out, &seq, strbuf_span(&text));
    strbuf_clear(&text);
    return t;
}

void mysql_end(struct mysql_talk *t)
{
    if (!t)
        return;
    SSL_free(t->ssl);
    strbuf_wipe(&t->in);
    strbuf_clear(&t->out);
    free(t->user);
    free(t->database);
    free(t);
}

static void put_ok(struct mysql_talk *t, unsigned char seq)
{
    mysql_put_done(&(struct mysql_rows){.out = &t->out, .seq = seq});
}

static void put_error(struct mysql_talk *t, unsigned char seq, unsigned number, const char *state,
                      const char *text)
{
    mysql_put_error(&(struct mysql_rows){.out = &t->out, .seq = seq}, number, state, text);
}

/* ---- Logging in. */

/* To a NUL. */
static struct span take_text(struct span *rest)
{
    const size_t end = span_find(*rest, '\0', 0);
    const struct span text = span_sub(*rest, 0, end);
    *rest = span_sub(*rest, end + 1, rest->len);
    return text;
}

/* Whoever it is, the password is wanted whole, as by a server that has just started. */
static void take_login(struct mysql_talk *t, struct span packet, unsigned char seq)
{
    struct span rest = span_sub(packet, 32, packet.len), user = take_text(&rest), database;
    const bool names_one = packet.len && (packet.data[0] & CAN_DATABASE);
    const size_t proof = rest.len ? (unsigned char)rest.data[0] : 0;
    rest = span_sub(rest, 1 + proof, rest.len);
    database = names_one ? take_text(&rest) : SPAN("");
    t->user = xalloc_bytes(user.data ? user.data : "", user.len);
    t->database = xalloc_bytes(database.data ? database.data : "", database.len);
    mysql_put_packet(&t->out, &seq, SPAN("\x01\x04"));
    t->stage = ASKED;
}

static const cJSON *who(const struct mysql_talk *t, const struct object *pod)
{
    return mysql_login(mysql_catalog_of(t->server, pod), span_from(t->user));
}

/* False: it is answered. */
static bool choose(struct mysql_talk *t, const struct object *pod, struct span database,
                   unsigned char seq)
{
    const struct mysql_catalog *c = mysql_catalog_of(t->server, pod);
    struct strbuf text = STRBUF_INIT(1024);
    const cJSON *user = who(t, pod);
    const bool there = mysql_database(c, database), may = user && mysql_may_use(c, user, database);
    if (!may) {
        strbuf_addf(&text, "Access denied for user '%s'@'%%' to database '%.*s'", t->user,
                    SPAN_ARG(database));
        put_error(t, seq, 1044, "42000", strbuf_cstr(&text));
    } else if (!there) {
        strbuf_addf(&text, "Unknown database '%.*s'", SPAN_ARG(database));
        put_error(t, seq, 1049, "42000", strbuf_cstr(&text));
    }
    strbuf_clear(&text);
    return there && may;
}

static void take_password(struct mysql_talk *t, const struct object *pod, struct span packet,
                          unsigned char seq)
{
    const struct span password = span_sub(packet, 0, packet.len ? packet.len - 1 : 0);
    const cJSON *user = who(t, pod);
    if (!user || !mysql_password_is(t->server, pod, user, password)) {
        struct strbuf text = STRBUF_INIT(1024);
        strbuf_addf(&text, "Access denied for user '%s'@'127.0.0.1' (using password: YES)",
                    t->user);
        put_error(t, seq, 1045, "28000", strbuf_cstr(&text));
        strbuf_clear(&text);
        t->stage = OVER;
        return;
    }
    if (t->database[0] && !choose(t, pod, span_from(t->database), seq)) {
        t->stage = OVER;
        return;
    }
    put_ok(t, seq);
    t->stage = IN;
}

/* What comes next is TLS: of what has come already too. */
static void begin_tls(struct mysql_talk *t)
{
    t->ssl = SSL_new(t->server->tls);
    SSL_set_bio(t->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(t->ssl);
    t->stage = SECURE;
}

/* ---- The conversation. */

static void note_command(struct mysql_talk *t, char command, struct span rest)
{
    if (command == COM_QUERY)
        asked_sql(t->server->asked, rest);
    else if (command == COM_INIT_DB)
        asked_line(t->server->asked, "SQL: USE %.*s", SPAN_ARG(rest));
    else if (command != COM_PING && command != COM_QUIT)
        asked_line(t->server->asked, "SQL: command %d of the protocol", command);
}

static void take_command(struct mysql_talk *t, const struct object *pod, struct span packet)
{
    const char command = packet.len ? packet.data[0] : COM_QUIT;
    const struct span rest = span_sub(packet, 1, packet.len);
    static const char sizes[] = "information_schema_stats_expiry = 0";
    const cJSON *user = who(t, pod);
    note_command(t, command, rest);
    if (span_starts(rest, "SET ") && span_search(rest, span_from(sizes), false) < rest.len)
        t->sizes_now = true;
    struct mysql_rows rows = {.out = &t->out, .seq = 1, .sizes_now = t->sizes_now};
    if (command == COM_QUERY && user)
        mysql_put_answer(t->server, pod, user, rest, &rows);
    else if (command == COM_INIT_DB && choose(t, pod, rest, 1))
        put_ok(t, 1);
    else if (command == COM_INIT_DB)
        return;
    else if (command == COM_PING)
        put_ok(t, 1);
    else
        t->stage = OVER;
}

static void take_packet(struct mysql_talk *t, const struct object *pod, struct span packet,
                        unsigned char seq)
{
    switch (t->stage) {
    case GREETED:
        if (packet.len == 32) /* no more than what the client can: it begins with TLS */
            begin_tls(t);
        else
            t->stage = OVER;
        break;
    case SECURE:
        take_login(t, packet, seq);
        break;
    case ASKED:
        take_password(t, pod, packet, seq);
        break;
    case IN:
        take_command(t, pod, packet);
        break;
    case OVER:
        break;
    }
}

/* Whole packets of the front; false: one that nobody sends. */
static bool take_packets(struct mysql_talk *t, const struct object *pod, struct strbuf *in)
{
    while (in->len >= 4 && t->stage != OVER) {
        const unsigned char *head = (const unsigned char *)in->data;
        const size_t len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
        const bool tls = t->ssl != NULL;
        if (len > PACKET_MAX)
            return false;
        if (in->len < 4 + len)
            break;
        take_packet(t, pod, span_make(in->data + 4, len), (unsigned char)(head[3] + 1));
        strbuf_consume(in, 4 + len);
        if (!tls && t->ssl)
            break;
    }
    return true;
}

/* From the wire into t->in, and from t->out onto it. False: it is no TLS. */
static bool read_tls(struct mysql_talk *t, struct strbuf *in)
{
    char bytes[8192];
    int n;
    (void)BIO_write(SSL_get_rbio(t->ssl), strbuf_cstr(in), (int)in->len);
    strbuf_truncate(in, 0);
    ERR_clear_error(); /* of other connections */
    while ((n = SSL_read(t->ssl, bytes, sizeof(bytes))) > 0)
        strbuf_add(&t->in, span_make(bytes, (size_t)n));
    return SSL_get_error(t->ssl, n) == SSL_ERROR_WANT_READ && !t->in.failed;
}

static void write_tls(struct mysql_talk *t, struct strbuf *out)
{
    char bytes[8192];
    int n;
    if (t->out.len)
        (void)SSL_write(t->ssl, t->out.data, (int)t->out.len);
    strbuf_truncate(&t->out, 0);
    while ((n = BIO_read(SSL_get_wbio(t->ssl), bytes, sizeof(bytes))) > 0)
        strbuf_add(out, span_make(bytes, (size_t)n));
}

bool mysql_answer(struct mysql_talk *t, const struct object *pod, struct strbuf *in,
                  struct strbuf *out)
{
    bool ok = t->ssl || take_packets(t, pod, in);
    if (ok && t->ssl) {
        ok = read_tls(t, in) && take_packets(t, pod, &t->in);
        write_tls(t, out);
    }
    return ok && t->stage != OVER;
}
