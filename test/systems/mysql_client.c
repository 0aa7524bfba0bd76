/* The MySQL client against a real server, MariaDB or MySQL (mysqld.h): ways to log in, TLS, each error
 * in the server's words, deadlines, the stop. */
#include <config.h>

#include "net/mysql.h"
#include "net/reach.h"
#include "test/systems/http_server.h"
#include "test/systems/mysqld.h"
#include "test/unit/net_test.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LONG_MS 30000

/* Where either has its status. */
#define VALUE_OF(scope, name)                                                   \
    (mysqld_is_mysql() ? "SELECT VARIABLE_VALUE FROM performance_schema." scope \
                         "_status WHERE VARIABLE_NAME = '" name "'"             \
                       : "SELECT VARIABLE_VALUE FROM information_schema." scope \
                         "_status WHERE VARIABLE_NAME = '" name "'")

struct place {
    struct mysqld_folder *folder;
    struct mysqld *server;
    char ca_file[128], other_ca_file[128];
};

static void put(char *path, size_t size, const struct mysqld_folder *f, const char *name,
                struct strbuf *text)
{
    (void)snprintf(path, size, "%s/%s", mysqld_folder_path(f), name);
    assert_true(file_replace(path, strbuf_span(text), NULL));
    mysqld_give(path);
    strbuf_clear(text);
}

static void put_certificates(struct place *p, char *cert_file, char *key_file, size_t size)
{
    struct cert ca = cert_make(&(struct cert_options){.name = "Test CA", .is_ca = true});
    struct cert other = cert_make(&(struct cert_options){.name = "Other CA", .is_ca = true});
    struct cert own = cert_make(&(struct cert_options){
        .name = "db", .alternatives = "DNS:db.example.org,DNS:mysql-pxc", .issuer = &ca});
    struct strbuf text = STRBUF_INIT(65536);
    cert_pem(&ca, &text);
    put(p->ca_file, sizeof(p->ca_file), p->folder, "ca.pem", &text);
    cert_pem(&other, &text);
    put(p->other_ca_file, sizeof(p->other_ca_file), p->folder, "other.pem", &text);
    cert_pem(&own, &text);
    put(cert_file, size, p->folder, "cert.pem", &text);
    cert_key_pem(&own, &text);
    put(key_file, size, p->folder, "key.pem", &text);
    cert_free(&ca);
    cert_free(&other);
    cert_free(&own);
}

static int setup(void **state)
{
    static struct place p;
    char cert[128], key[128], ssl_cert[160], ssl_key[160];
    const char *const settings[] = {ssl_cert, ssl_key, "--max-connections=10",
                                    "--max-connect-errors=1", NULL};
    *state = &p;
    p.folder = mysqld_folder_new();
    if (!p.folder)
        return 0;
    put_certificates(&p, cert, key, sizeof(cert));
    (void)snprintf(ssl_cert, sizeof(ssl_cert), "--ssl-cert=%s", cert);
    (void)snprintf(ssl_key, sizeof(ssl_key), "--ssl-key=%s", key);
    p.server = mysqld_start(p.folder, "db", 0, settings);
    mysqld_await(p.server, MYSQLD_READY);
    mysqld_do(p.server, "CREATE USER monitor@'%' IDENTIFIED BY 'known-password'");
    mysqld_do(p.server, "GRANT PROCESS, REPLICATION CLIENT ON *.* TO monitor@'%'");
    mysqld_do(p.server, "CREATE USER locked@'%' IDENTIFIED BY 'known-password' ACCOUNT LOCK");
    mysqld_do(p.server, "CREATE USER tls@'%' IDENTIFIED BY 'known-password' REQUIRE SSL");
    mysqld_do(p.server, "CREATE USER few@'%' IDENTIFIED BY 'known-password' WITH "
                        "MAX_USER_CONNECTIONS 1");
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    mysqld_stop(p->server);
    mysqld_folder_free(p->folder);
    return 0;
}

static struct place *here(void **state)
{
    struct place *p = *state;
    if (!p->server)
        skip();
    return p;
}

static struct stream *connect_to(const struct place *p, struct err *err)
{
    char text[64];
    const struct reach_options o = {.name = "mysql db"};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    (void)snprintf(text, sizeof(text), "tcp:127.0.0.1:%d", mysqld_port(p->server));
    struct reach *reach = reach_parse(text, err);
    struct stream *stream = reach_stream(reach, &o, &wait, NULL, err);
    reach_free(reach);
    if (!stream)
        fail_msg("%s", err->msg);
    return stream;
}

static struct sql_options monitor(void)
{
    return (struct sql_options){.name = "mysql db",
                                .user = "monitor",
                                .password = "known-password",
                                .tls = mysqld_is_mysql() ? SQL_TLS : SQL_PLAIN,
                                .cancel_fd = -1,
                                .deadline_ms = LONG_MS};
}

static struct sql *open_with(const struct place *p, const struct sql_options *o, struct err *err)
{
    err_clear(err);
    struct sql *s = sql_open(connect_to(p, err), o, err);
    if (!s && strstr(err->msg, "known-password"))
        fail_msg("the password is in \"%s\"", err->msg);
    return s;
}

static struct sql *opened(const struct place *p, const struct sql_options *o)
{
    struct err err;
    struct sql *s = open_with(p, o, &err);
    if (!s)
        fail_msg("%s", err.msg);
    return s;
}

struct seen {
    size_t rows;
    char first[256];
};

static bool note(void *context, const struct sql_row *row)
{
    struct seen *seen = context;
    if (seen->rows++ == 0)
        (void)snprintf(seen->first, sizeof(seen->first), "%.*s", SPAN_ARG(row->cells[0]));
    return true;
}

static struct seen ask(struct sql *s, const char *statement)
{
    struct seen seen = {0};
    struct err err;
    if (!sql_ask(s, statement, 1000, note, &seen, &err))
        fail_msg("%s: %s", statement, err.msg);
    return seen;
}

static void refused(struct sql *s, const char *statement, enum err_kind kind, const char *words)
{
    struct seen seen = {0};
    struct err err;
    assert_false(sql_ask(s, statement, 1000, note, &seen, &err));
    assert_says(&err, words);
    assert_int_equal(err.kind, kind);
}

/* ---- */

static void test_asks(void **state)
{
    struct sql_options o = monitor();
    struct sql *s = opened(here(state), &o);
    struct seen seen = ask(s, "SHOW GLOBAL STATUS");
    assert_true(seen.rows > 300);
    assert_string_equal(ask(s, "SELECT CONCAT('a', 'b')").first, "ab");
    assert_int_equal(strstr(sql_version(s), "MariaDB") == NULL, mysqld_is_mysql());
    assert_true(sql_bytes(s) > 5000);
    sql_close(s);
}

static bool one(void *context, const struct sql_row *row)
{
    size_t *n = context;
    assert_int_equal(row->count, 2);
    assert_true(span_is(sql_cell(row, "N"), "1"));
    assert_null(sql_cell(row, "nothing").data);
    assert_null(sql_cell(row, "other").data);
    return ++*n < 1;
}

static void test_rows_are_bounded_and_the_rest_is_read_off(void **state)
{
    static const char many[] = "SELECT 1 AS n, NULL AS nothing FROM information_schema.collations";
    struct sql_options o = monitor();
    struct sql *s = opened(here(state), &o);
    struct seen seen = {0};
    struct err err;
    size_t n = 0;
    assert_true(sql_ask(s, many, 3, note, &seen, &err));
    assert_int_equal(seen.rows, 3);
    assert_true(sql_ask(s, many, 100, one, &n, &err));
    assert_int_equal(n, 1);
    assert_string_equal(ask(s, "SELECT 7").first, "7");
    sql_close(s);
}

static void test_tls_is_verified(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    struct err err;
    o.tls = SQL_TLS_VERIFY;
    o.ca_file = p->ca_file;
    o.tls_name = "db.example.org";
    struct sql *s = opened(p, &o);
    assert_true(strlen(ask(s, VALUE_OF("session", "Ssl_cipher")).first) > 0);
    sql_close(s);
    o.tls_name = "other.example.org";
    assert_null(open_with(p, &o, &err));
    assert_says(&err, "certificate");
    o.tls_name = "localhost"; /* what the library takes itself to be connected to */
    assert_null(open_with(p, &o, &err));
    o.tls_name = "db.example.org";
    o.ca_file = p->other_ca_file;
    assert_null(open_with(p, &o, &err));
    assert_says(&err, "certificate");
    o.ca_file = NULL; /* those of the system did not sign it either */
    assert_null(open_with(p, &o, &err));
    o.ca_file = p->ca_file;
    o.user = "tls";
    sql_close(opened(p, &o));
    o.tls = SQL_TLS;
    o.ca_file = o.tls_name = NULL;
    sql_close(opened(p, &o));
    o.tls = SQL_PLAIN;
    assert_null(open_with(p, &o, &err));
    assert_int_equal(err.kind, ERR_AUTH);
}

static void test_logins_that_fail(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    struct err err;
    o.password = "wrong";
    assert_null(open_with(p, &o, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, "mysql db: Access denied for user 'monitor'@'127.0.0.1'");
    o.password = NULL;
    assert_null(open_with(p, &o, &err));
    assert_says(&err, "(using password: NO)");
    o.password = "known-password";
    for (int i = 0; i < 8; i++) { /* MySQL takes them for users of other plug-ins, by their name */
        char nobody[16];
        (void)snprintf(nobody, sizeof(nobody), "nobody%d", i);
        o.user = nobody;
        assert_null(open_with(p, &o, &err));
        assert_int_equal(err.kind, ERR_AUTH);
        assert_says(&err, "Access denied for user 'nobody");
    }
    o.user = "locked";
    assert_null(open_with(p, &o, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, "locked");
    o.user = "few";
    struct sql *first = opened(p, &o);
    assert_null(open_with(p, &o, &err));
    assert_says(&err, "the user has no connection left");
    sql_close(first);
}

/* MySQL's own way in: by TLS alone, whether the server remembers the user or not. */
static void test_caching_sha2_password(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    struct err err;
    if (!mysqld_is_mysql())
        skip();
    for (int i = 0; i < 3; i++) {
        if (i != 1)
            mysqld_do(p->server, "FLUSH PRIVILEGES"); /* it remembers nobody now */
        sql_close(opened(p, &o));
    }
    mysqld_do(p->server,
              "CREATE USER older@'%' IDENTIFIED WITH sha256_password BY 'known-password'");
    o.user = "older";
    sql_close(opened(p, &o));
    o.user = "monitor";
    o.tls = SQL_PLAIN;
    assert_null(open_with(p, &o, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, "caching_sha2_password and sha256_password are used with TLS alone");
    o.tls = SQL_TLS;
    mysqld_do(p->server, "CREATE USER old@'%' IDENTIFIED BY 'known-password' PASSWORD EXPIRE");
    o.user = "old";
    assert_null(open_with(p, &o, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, "mysql db: Your password has expired");
    mysqld_do(p->server, "DROP USER old@'%', older@'%'");
}

static void test_no_connection_left(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    struct sql *all[12] = {NULL};
    struct err err;
    size_t n = 0;
    while (n < BN_COUNT(all) && (all[n] = open_with(p, &o, &err)) != NULL)
        n++;
    assert_in_range(n, 8, 11);
    assert_says(&err, "the server has no connection left: Too many connections");
    assert_int_equal(err.kind, ERR_IO);
    while (n > 0)
        sql_close(all[--n]);
}

static void test_statements_that_fail(void **state)
{
    struct sql_options o = monitor();
    struct sql *s = opened(here(state), &o);
    refused(s, "SELECT * FROM mysql.user", ERR_DENIED, "SELECT command denied to user 'monitor'");
    refused(s, "SELECT @@pxc_maint_mode", ERR_NOTFOUND, "Unknown system variable");
    refused(s, "SELECT * FROM performance_schema.none", ERR_DENIED, "denied");
    refused(s, "SHOW BINARY LOG STATUS NOW", ERR_NOTFOUND, "does not know the statement");
    if (mysqld_is_mysql())
        refused(s,
                "SELECT /*+ MAX_EXECUTION_TIME(50) */ COUNT(*) FROM information_schema.collations "
                "a, information_schema.collations b, information_schema.collations c, "
                "information_schema.collations d",
                ERR_BUSY, "maximum statement execution time exceeded");
    else
        refused(s, "SET STATEMENT max_statement_time=0.05 FOR SELECT SLEEP(20)", ERR_BUSY,
                "max_statement_time");
    assert_string_equal(ask(s, "SELECT 7").first, "7");
    sql_close(s);
}

static void test_a_killed_connection_is_of_no_more_use(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    char kill[300];
    for (int tls = (int)o.tls; tls <= SQL_TLS; tls++) {
        o.tls = (enum sql_tls)tls;
        struct sql *s = opened(p, &o);
        (void)snprintf(kill, sizeof(kill), "KILL %s", ask(s, "SELECT CONNECTION_ID()").first);
        mysqld_do(p->server, kill);
        refused(s, "SELECT 1", ERR_IO, "connection");
        refused(s, "SELECT 1", ERR_IO, "connection");
        sql_close(s);
    }
}

static void test_deadline(void **state)
{
    struct sql_options o = monitor();
    o.deadline_ms = 300;
    struct sql *s = opened(here(state), &o);
    refused(s, "SELECT SLEEP(600)", ERR_TIMEOUT, "no answer within 1 s");
    refused(s, "SELECT 1", ERR_IO, "no answer");
    sql_close(s);
}

struct stopper {
    struct place *p;
    int fd;
};

/* Says stop when the server is seen to work on the statement. */
static void *stop_when_asked(void *context)
{
    struct stopper *t = context;
    struct strbuf n = STRBUF_INIT(64);
    const uint64_t once = 1;
    do {
        strbuf_truncate(&n, 0);
        (void)mysqld_try(t->p->server,
                         "SELECT COUNT(*) FROM information_schema.processlist WHERE INFO LIKE "
                         "'SELECT SLEEP(601%'",
                         &n);
    } while (strcmp(strbuf_cstr(&n), "1") != 0);
    strbuf_clear(&n);
    assert_int_equal(write(t->fd, &once, sizeof(once)), sizeof(once));
    return NULL;
}

static void test_stop(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    struct stopper t = {p, eventfd(0, EFD_CLOEXEC)};
    pthread_t thread;
    o.cancel_fd = t.fd;
    struct sql *s = opened(p, &o);
    assert_int_equal(pthread_create(&thread, NULL, stop_when_asked, &t), 0);
    refused(s, "SELECT SLEEP(601)", ERR_CANCELLED, "asked to stop");
    (void)pthread_join(thread, NULL);
    sql_close(s);
    (void)close(t.fd);
}

static void test_says_good_bye(void **state)
{
    struct place *p = here(state);
    struct sql_options o = monitor();
    struct strbuf before = STRBUF_INIT(64), after = STRBUF_INIT(64);
    const char *aborted = VALUE_OF("global", "Aborted_clients");
    mysqld_await_value(p->server, "Threads_connected", "1"); /* those of before are counted */
    assert_true(mysqld_try(p->server, aborted, &before));
    for (int i = 0; i < 20; i++) {
        struct sql *s = opened(p, &o);
        (void)ask(s, "SELECT 1");
        sql_close(s);
    }
    mysqld_await_value(p->server, "Threads_connected", "1");
    assert_true(mysqld_try(p->server, aborted, &after));
    assert_string_equal(strbuf_cstr(&before), strbuf_cstr(&after));
    strbuf_clear(&before);
    strbuf_clear(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks),
        cmocka_unit_test(test_rows_are_bounded_and_the_rest_is_read_off),
        cmocka_unit_test(test_tls_is_verified),
        cmocka_unit_test(test_logins_that_fail),
        cmocka_unit_test(test_caching_sha2_password),
        cmocka_unit_test(test_no_connection_left),
        cmocka_unit_test(test_statements_that_fail),
        cmocka_unit_test(test_a_killed_connection_is_of_no_more_use),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_says_good_bye),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
