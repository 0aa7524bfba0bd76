/* The MySQL client against a server that attacks: what it asks for, sends and leaves out byte by
 * byte. And against one that lets log in as MySQL 8.4 does. */
#include <config.h>

#include "net/mysql.h"
#include "net/reach.h"
#include "test/systems/http_server.h"
#include "test/unit/net_test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define PASSWORD "known-password"
#define LONG_MS  20000

enum {
    CAN_SSL = 0x800,
    CAN = 0x1 | 0x4 | 0x80 | 0x200 | 0x2000 | 0x8000 | 0x80000 | 0x100000,
};

struct enemy {
    void (*play)(struct enemy *e);
    const char *arg; /* of its play */
    const struct cert *cert;
    int listener, fd, port;
    SSL *ssl;
    unsigned char seq;
    struct strbuf got; /* all that the client has sent, without TLS */
    pthread_t thread;
};

/* ---- What it can do. */

static bool put(struct enemy *e, const void *bytes, size_t len)
{
    if (e->ssl)
        return SSL_write(e->ssl, bytes, (int)len) > 0;
    return send(e->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool take(struct enemy *e, unsigned char *bytes, size_t len)
{
    for (size_t n = 0; n < len;) {
        ssize_t got = e->ssl ? SSL_read(e->ssl, bytes + n, (int)(len - n))
                             : recv(e->fd, bytes + n, len - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
    }
    return true;
}

static bool put_packet(struct enemy *e, const void *bytes, size_t len)
{
    const unsigned char head[4] = {(unsigned char)len, (unsigned char)(len >> 8),
                                   (unsigned char)(len >> 16), e->seq++};
    return put(e, head, sizeof(head)) && put(e, bytes, len);
}

#define PACKET(e, text) put_packet(e, text, sizeof(text) - 1)

/* Reads one; false: the client is gone. */
static bool take_packet(struct enemy *e)
{
    unsigned char head[4], bytes[4096];
    if (!take(e, head, sizeof(head)))
        return false;
    size_t len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
    if (len > sizeof(bytes) || !take(e, bytes, len))
        return false;
    strbuf_add(&e->got, span_make((const char *)bytes, len));
    e->seq = (unsigned char)(head[3] + 1);
    return true;
}

static void greet(struct enemy *e, const char *plugin)
{
    unsigned can = CAN | (e->cert ? CAN_SSL : 0);
    unsigned char bytes[256] = "\x0a"
                               "8.4.5-5.1";
    size_t n = 11;
    memcpy(bytes + n, "\x07\0\0\0abcdefgh\0", 13);
    n += 13;
    bytes[n++] = (unsigned char)can;
    bytes[n++] = (unsigned char)(can >> 8);
    memcpy(bytes + n, "\x2d\x02\0", 3);
    n += 3;
    bytes[n++] = (unsigned char)(can >> 16);
    bytes[n++] = (unsigned char)(can >> 24);
    bytes[n++] = 21;
    n += 10;
    memcpy(bytes + n, "ijklmnopqrst", 13);
    n += 13;
    memcpy(bytes + n, plugin, strlen(plugin) + 1);
    (void)put_packet(e, bytes, n + strlen(plugin) + 1);
}

static const char all_right[] = "\0\0\0\x02\0\0";

static bool let_in(struct enemy *e)
{
    greet(e, "mysql_native_password");
    return take_packet(e) && put_packet(e, all_right, 7) && take_packet(e);
}

static void wait_gone(struct enemy *e)
{
    while (take_packet(e))
        ;
}

static void *run(void *context)
{
    struct enemy *e = context;
    e->fd = accept(e->listener, NULL, NULL);
    e->play(e);
    if (e->ssl)
        SSL_free(e->ssl);
    (void)close(e->fd);
    return NULL;
}

/* ---- The test's side. */

static void begin(struct enemy *e, void (*play)(struct enemy *), const char *arg)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    e->play = play;
    e->arg = arg;
    e->got = (struct strbuf)STRBUF_INIT(65536);
    e->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(e->listener, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(e->listener, 1), 0);
    assert_int_equal(getsockname(e->listener, (struct sockaddr *)&a, &len), 0);
    e->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&e->thread, NULL, run, e), 0);
}

/* True when the client has not sent these words. */
static bool end(struct enemy *e, const char *words)
{
    (void)pthread_join(e->thread, NULL);
    (void)close(e->listener);
    struct span all = strbuf_span(&e->got);
    bool never = span_search(all, span_from(words), false) == all.len;
    strbuf_clear(&e->got);
    return never;
}

static struct sql *log_in(const struct enemy *e, enum sql_tls tls, int deadline_ms, struct err *err)
{
    char text[64];
    const struct reach_options ro = {.name = "mysql db"};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    const struct sql_options o = {.name = "mysql db",
                                  .user = "monitor",
                                  .password = PASSWORD,
                                  .tls = tls,
                                  .cancel_fd = -1,
                                  .deadline_ms = deadline_ms};
    (void)snprintf(text, sizeof(text), "tcp:127.0.0.1:%d", e->port);
    struct reach *reach = reach_parse(text, err);
    struct stream *stream = reach_stream(reach, &ro, &wait, NULL, err);
    reach_free(reach);
    if (!stream)
        fail_msg("%s", err->msg);
    err_clear(err);
    return sql_open(stream, &o, err);
}

static void is_one_plain_line(const struct err *err)
{
    for (const char *c = err->msg; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            fail_msg("\"%s\" has a control character", err->msg);
    if (strstr(err->msg, PASSWORD))
        fail_msg("the password is in \"%s\"", err->msg);
}

/* It does not come so far as to ask. */
static void stays_out(void (*play)(struct enemy *), const char *arg, enum err_kind kind,
                      const char *words)
{
    struct enemy e = {0};
    struct err err;
    begin(&e, play, arg);
    struct sql *s = log_in(&e, SQL_PLAIN, 2000, &err);
    assert_null(s);
    is_one_plain_line(&err);
    assert_says(&err, words);
    assert_int_equal(err.kind, kind);
    assert_true(end(&e, PASSWORD));
}

static bool count(void *context, const struct sql_row *row)
{
    (void)row;
    ++*(size_t *)context;
    return true;
}

/* It asks, and is told. */
static void is_told(void (*play)(struct enemy *), int deadline_ms, enum err_kind kind,
                    const char *words, const char *never)
{
    struct enemy e = {0};
    struct err err;
    size_t rows = 0;
    begin(&e, play, NULL);
    struct sql *s = log_in(&e, SQL_PLAIN, deadline_ms, &err);
    if (!s)
        fail_msg("%s", err.msg);
    assert_false(sql_ask(s, "SHOW GLOBAL STATUS", 100, count, &rows, &err));
    is_one_plain_line(&err);
    assert_says(&err, words);
    assert_int_equal(err.kind, kind);
    assert_true(rows <= 100);
    assert_false(sql_ask(s, "SELECT 1", 100, count, &rows, &err)); /* of no more use */
    sql_close(s);
    assert_true(end(&e, never));
}

/* ---- Before the login. */

static void play_bytes(struct enemy *e)
{
    (void)put(e, e->arg, strlen(e->arg));
    (void)shutdown(e->fd, SHUT_WR);
    wait_gone(e);
}

static void play_packet(struct enemy *e)
{
    (void)put_packet(e, e->arg, strlen(e->arg));
    wait_gone(e);
}

static void play_nothing(struct enemy *e)
{
    wait_gone(e);
}

static void play_error(struct enemy *e)
{
    (void)put_packet(e, e->arg, strlen(e->arg + 3) + 3);
    wait_gone(e);
}

static void greetings_that_are_none(void **state)
{
    (void)state;
    stays_out(play_bytes, "HTTP/1.1 400 Bad Request\r\n\r\n", ERR_IO, "mysql db: ");
    stays_out(play_bytes, "", ERR_IO, "the connection was lost");
    stays_out(play_packet,
              "\x09"
              "3.23",
              ERR_IO, "mysql db: ");
    stays_out(play_packet, "\x0a", ERR_AUTH, "mysql db: ");
    stays_out(play_nothing, "", ERR_TIMEOUT, "no answer within 2 s");
}

static void errors_instead_of_a_greeting(void **state)
{
    (void)state;
    stays_out(play_error,
              "\xff\x10\x04"
              "Too many connections",
              ERR_IO, "the server has no connection left: Too many connections");
    stays_out(play_error,
              "\xff\x69\x04"
              "Host '10.0.0.1' is blocked",
              ERR_DENIED, "the server has blocked this host: Host '10.0.0.1' is blocked");
    stays_out(play_error,
              "\xff\x6a\x04"
              "Host '\x1b]0;x\a\x1b[2J' is not allowed",
              ERR_DENIED, "is not allowed");
}

/* ---- At the login. */

/* Asks to log in in another way. */
static void play_other_plugin(struct enemy *e)
{
    char bytes[256] = "\xfe";
    size_t n = strlen(e->arg) + 2;
    greet(e, "mysql_native_password");
    if (!take_packet(e))
        return;
    memcpy(bytes + 1, e->arg, strlen(e->arg) + 1);
    memcpy(bytes + n, "abcdefghijklmnopqrst", 21);
    (void)put_packet(e, bytes, n + 21);
    wait_gone(e);
}

static void ways_to_log_in_that_show_the_password(void **state)
{
    static const char *const plugins[] = {"mysql_clear_password",  "dialog",
                                          "mysql_old_password",    "sha256_password",
                                          "caching_sha2_password", "../../../../tmp/evil"};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(plugins); i++)
        stays_out(play_other_plugin, plugins[i], ERR_AUTH,
                  "the server wants a way to log in that is not used on this connection");
}

/* ---- After it. */

static void play_infile(struct enemy *e)
{
    if (let_in(e) && PACKET(e, "\xfb/etc/passwd") && take_packet(e) && put_packet(e, all_right, 7))
        wait_gone(e);
}

static void no_file_of_this_machine_is_sent(void **state)
{
    (void)state;
    is_told(play_infile, LONG_MS, ERR_PROTO, "mysql db: the server asked for a file", "root:");
}

static void play_huge(struct enemy *e)
{
    static const char zeros[65536];
    static const unsigned char head[4] = {0xff, 0xff, 0xff, 1};
    bool on = let_in(e);
    while (on) {
        on = put(e, head, sizeof(head));
        for (size_t n = 0xffffff; on && n > 0;) {
            size_t some = n < sizeof(zeros) ? n : sizeof(zeros);
            on = put(e, zeros, some);
            n -= some;
        }
    }
}

static void packets_without_end(void **state)
{
    (void)state;
    is_told(play_huge, LONG_MS, ERR_IO, "the connection was lost", PASSWORD);
}

#define COLUMN \
    "\x03"     \
    "def\0\0\0\x01n\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0"
#define EOF_PACKET "\xfe\0\0\x02\0"

static bool put_columns(struct enemy *e)
{
    return PACKET(e, "\x01") && PACKET(e, COLUMN) && PACKET(e, EOF_PACKET);
}

static void play_cut(struct enemy *e)
{
    if (let_in(e) && put_columns(e) &&
        PACKET(e, "\x01"
                  "a"))
        (void)put(e,
                  "\x40\0\0\x05"
                  "begun",
                  9);
}

static void an_answer_that_ends_in_the_middle(void **state)
{
    (void)state;
    is_told(play_cut, LONG_MS, ERR_IO, "the connection was lost", PASSWORD);
}

static void play_columns(struct enemy *e)
{
    if (let_in(e) && PACKET(e, "\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"))
        wait_gone(e);
}

static void play_long_cell(struct enemy *e)
{
    if (let_in(e) && put_columns(e) &&
        PACKET(e, "\xfd\xff\xff\x7f"
                  "a"))
        wait_gone(e);
}

static void lengths_that_lie(void **state)
{
    struct enemy e = {0};
    struct err err;
    size_t rows = 0;
    (void)state;
    for (int i = 0; i < 2; i++) {
        begin(&e, i ? play_long_cell : play_columns, NULL);
        struct sql *s = log_in(&e, SQL_PLAIN, 1000, &err);
        assert_non_null(s);
        assert_false(sql_ask(s, "SHOW GLOBAL STATUS", 100, count, &rows, &err));
        is_one_plain_line(&err);
        assert_int_equal(rows, 0);
        sql_close(s);
        (void)end(&e, PASSWORD);
    }
}

static void play_endless(struct enemy *e)
{
    bool on = let_in(e) && put_columns(e);
    while (on)
        on = PACKET(e, "\x01"
                       "a");
}

static void rows_without_end(void **state)
{
    (void)state;
    is_told(play_endless, 500, ERR_TIMEOUT, "no answer within 1 s", PASSWORD);
}

/* ---- As MySQL 8.4 lets log in. */

/* Says that it has forgotten the password, to be sent it, inside TLS. */
static void play_sha2(struct enemy *e)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    (void)SSL_CTX_use_certificate(ctx, e->cert->x509);
    (void)SSL_CTX_use_PrivateKey(ctx, e->cert->key);
    greet(e, e->arg);
    bool on = take_packet(e);
    e->ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    (void)SSL_set_fd(e->ssl, e->fd);
    on = on && SSL_accept(e->ssl) == 1 && take_packet(e);
    on = on && PACKET(e, "\x01\x04") && take_packet(e);
    if (on && put_packet(e, all_right, 7))
        wait_gone(e);
}

static void a_password_is_sent_whole_inside_tls_alone(void **state)
{
    struct cert cert = cert_make(&(struct cert_options){.name = "db"});
    struct enemy e = {.cert = &cert};
    struct err err;
    (void)state;
    begin(&e, play_sha2, "caching_sha2_password");
    struct sql *s = log_in(&e, SQL_TLS, LONG_MS, &err);
    if (!s)
        fail_msg("%s", err.msg);
    assert_string_equal(sql_version(s), "8.4.5-5.1");
    sql_close(s);
    assert_false(end(&e, PASSWORD)); /* it was */
    cert_free(&cert);
}

/* Says that it has forgotten the password, to be sent it. */
static void play_plain(struct enemy *e)
{
    greet(e, "caching_sha2_password");
    if (take_packet(e) && PACKET(e, "\x01\x04"))
        wait_gone(e);
}

static void no_password_goes_where_no_tls_is_offered(void **state)
{
    struct enemy e = {0};
    struct err err;
    (void)state;
    begin(&e, play_plain, NULL);
    assert_null(log_in(&e, SQL_TLS, LONG_MS, &err));
    assert_string_equal(err.msg, "mysql db: the server offers no TLS");
    assert_int_equal(err.kind, ERR_AUTH);
    assert_true(end(&e, PASSWORD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greetings_that_are_none),
        cmocka_unit_test(errors_instead_of_a_greeting),
        cmocka_unit_test(ways_to_log_in_that_show_the_password),
        cmocka_unit_test(no_file_of_this_machine_is_sent),
        cmocka_unit_test(packets_without_end),
        cmocka_unit_test(an_answer_that_ends_in_the_middle),
        cmocka_unit_test(lengths_that_lie),
        cmocka_unit_test(rows_without_end),
        cmocka_unit_test(a_password_is_sent_whole_inside_tls_alone),
        cmocka_unit_test(no_password_goes_where_no_tls_is_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
