/* A real MySQL server, with nothing of Percona's or Galera's, as a user sees it: `get` of each kind, a
 * node's document, and the sentence of each login that fails. */
#include <config.h>

#include "test/systems/do_place.h"
#include "test/systems/mysqld.h"

#include <mysql.h>

#define PASSWORD "known-password"

static struct mysqld_folder *folder; /* NULL: there is no MySQL here */
static struct mysqld *server;
static char version[64];

static int start(void **state)
{
    struct strbuf text = STRBUF_INIT(sizeof(version));
    (void)state;
    folder = mysqld_is_mysql() ? mysqld_folder_new() : NULL;
    if (!folder)
        return 0;
    server = mysqld_start(folder, "db", 0, NULL);
    mysqld_await(server, MYSQLD_READY);
    assert_true(mysqld_try(server, "SELECT VERSION()", &text));
    (void)snprintf(version, sizeof(version), "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    print_message("MySQL %s\n", version);
    mysqld_do(server, "CREATE USER monitor@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(server, "GRANT PROCESS, REPLICATION CLIENT, SELECT ON *.* TO monitor@'%'");
    mysqld_do(server, "CREATE USER expired@'%' IDENTIFIED BY '" PASSWORD "' PASSWORD EXPIRE");
    mysqld_do(server, "CREATE USER locked@'%' IDENTIFIED BY '" PASSWORD "' ACCOUNT LOCK");
    mysqld_do(server,
              "CREATE USER reader@'10.%' IDENTIFIED WITH sha256_password BY '" PASSWORD "'");
    mysqld_do(server, "CREATE DATABASE shop CHARACTER SET utf8mb4");
    mysqld_do(server, "CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(2000))");
    mysqld_do(server, "CREATE TABLE shop.old (id INT) ENGINE=MyISAM");
    mysqld_do(server, "INSERT INTO shop.orders VALUES (0, '')");
    mysqld_do(server, "GRANT SELECT ON shop.* TO reader@'10.%'");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mysqld_stop(server);
    mysqld_folder_free(folder);
    return 0;
}

static int setup(void **state)
{
    return server ? place_setup(state) : 0;
}

static int teardown(void **state)
{
    return server ? place_teardown(state) : 0;
}

static struct place *here(void **state)
{
    if (!server)
        skip();
    return *state;
}

/* The certificate is the server's own, which it has made at its first start. */
static void get(struct place *p, struct cli_run *run, const char *user, const char *password,
                const char *how, const char *kind)
{
    char text[1024], path[256];
    (void)setenv("BINNACLE_TEST_PASSWORD", password, 1);
    (void)snprintf(text, sizeof(text),
                   "discover: false\nsources:\n- {name: db, type: mysql, reach: '%s:127.0.0.1:%d', "
                   "ca: %s/db/ca.pem, tls_name: "
                   "MySQL_Server_%.*s_Auto_Generated_Server_Certificate, user: %s, password: "
                   "'env:BINNACLE_TEST_PASSWORD'}\n",
                   how, mysqld_port(server), mysqld_folder_path(folder), (int)strcspn(version, "-"),
                   version, user);
    (void)snprintf(path, sizeof(path), "%s", cli_put(p->cli, "config.yaml", text, 0600));
    if (strcmp(kind, "document") == 0)
        cli_run(p->cli, run, "--config", path, "get", "mysql", "db", "--raw", "-o", "yaml", NULL);
    else
        cli_run(p->cli, run, "--config", path, "get", kind, "-o", "jsonl", NULL);
    assert_null(strstr(strbuf_cstr(&run->out), password));
    assert_null(strstr(strbuf_cstr(&run->err), password));
    assert_null(strstr(strbuf_cstr(&run->out), "$A$")); /* how a hash begins */
}

static void see(struct place *p, struct cli_run *run, const char *kind)
{
    get(p, run, "monitor", PASSWORD, "tls", kind);
    assert_status(run, 0);
}

/* The line of the row that has this; in a buffer that the next call overwrites. */
static const char *line_with(const struct cli_run *run, const char *text)
{
    static char line[8192];
    const char *at = strstr(strbuf_cstr(&run->out), text);
    if (!at)
        fail_msg("no %s in %s", text, strbuf_cstr(&run->out));
    while (at > strbuf_cstr(&run->out) && at[-1] != '\n')
        at--;
    (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

static void has(const char *line, const char *text)
{
    if (!strstr(line, text))
        fail_msg("no %s in %s", text, line);
}

static int64_t number_in(const char *line, const char *member)
{
    const char *at = strstr(line, member);
    if (!at)
        fail_msg("no %s in %s", member, line);
    return strtoll(at + strlen(member), NULL, 10);
}

/* ---- */

/* What it does not know of is unknown: no member of a cluster, not one of none. */
static void the_node(void **state)
{
    static const char *const unknown[] = {
        "status",         "size",       "behind",      "recv-queue",    "paused",
        "gcache-window",  "conf-id",    "check",       "cert-failures", "maint-mode",
        "replica-lag",    "replica-io", "gcache-size", "state-uuid",    "ready",
        "reject-queries", "error"};
    struct place *p = here(state);
    struct cli_run run = {0};
    char text[128];
    see(p, &run, "mysql");
    for (size_t i = 0; i < BN_COUNT(unknown); i++) {
        (void)snprintf(text, sizeof(text), "\"%s\":null", unknown[i]);
        assert_prints(&run, text);
    }
    (void)snprintf(text, sizeof(text), "\"version\":\"%s\"", version);
    assert_prints(&run, text);
    assert_prints(&run, "\"state\":\"running\"");
    assert_prints(&run, "\"level\":\"ok\"");
    assert_prints(&run, "\"read-only\":false");
    assert_prints(&run, "\"max-connections\":151");
    assert_prints(&run, "\"buffer-pool\":16777216");
    assert_true(number_in(strbuf_cstr(&run.out), "\"history\":") >= 0);
    assert_true(number_in(strbuf_cstr(&run.out), "\"threads-connected\":") >= 2);
    mysqld_do(server, "SET GLOBAL super_read_only = ON");
    see(p, &run, "mysql");
    mysqld_do(server, "SET GLOBAL super_read_only = OFF");
    mysqld_do(server, "SET GLOBAL read_only = OFF");
    assert_prints(&run, "\"read-only\":true");
    cli_done(&run);
}

static void a_transaction_and_its_process(void **state)
{
    static const char statement[] = "SELECT SLEEP(600) FROM orders FOR UPDATE";
    struct place *p = here(state);
    struct cli_run run = {0};
    char kill[64];
    MYSQL *m = mysql_init(NULL);
    mysqld_do(server, "CREATE USER app@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(server, "GRANT ALL ON shop.* TO app@'%'");
    assert_non_null(mysql_real_connect(m, "127.0.0.1", "app", PASSWORD, "shop",
                                       (unsigned)mysqld_port(server), NULL, 0));
    assert_int_equal(mysql_send_query(m, statement, sizeof(statement) - 1), 0);
    mysqld_await_answer(
        server, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'",
        "1");
    see(p, &run, "mysql");
    assert_prints(&run, "\"trx-query\":\"SELECT SLEEP(600) FROM orders FOR UPDATE\"");
    assert_true(number_in(strbuf_cstr(&run.out), "\"longest-trx\":") >= 0);
    see(p, &run, "mysql-process");
    const char *line = line_with(&run, "\"user\":\"app\"");
    has(line, "\"db\":\"shop\"");
    has(line, "\"command\":\"Query\"");
    has(line, "\"state\":\"User sleep\"");
    has(line, "\"query\":\"SELECT SLEEP(600) FROM orders FOR UPDATE\"");
    assert_int_equal(number_in(line, "\"id\":"), mysql_thread_id(m));
    has(line_with(&run, "\"user\":\"event_scheduler\""), "\"command\":\"Daemon\"");
    see(p, &run, "document");
    assert_prints(&run, "# InnoDB");
    assert_prints(&run, "INNODB MONITOR OUTPUT");
    assert_prints(&run, "SELECT SLEEP(600) FROM orders FOR UPDATE");
    assert_null(strstr(strbuf_cstr(&run.out), "# Galera"));
    assert_null(strstr(strbuf_cstr(&run.out), "# Percona"));
    (void)snprintf(kill, sizeof(kill), "KILL %lu", mysql_thread_id(m));
    mysqld_do(server, kill);
    mysql_close(m);
    mysqld_do(server, "DROP USER app@'%'");
    cli_done(&run);
}

static void users_and_what_they_may_use(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    see(p, &run, "mysql-user");
    const char *line = line_with(&run, "\"name\":\"monitor\"");
    has(line, "\"plugin\":\"caching_sha2_password\"");
    has(line, "\"databases\":null");
    has(line, "\"locked\":false");
    line = line_with(&run, "\"name\":\"expired\"");
    has(line, "\"expired\":true");
    has(line, "\"rule\":\"mysql-user-expired\"");
    has(line_with(&run, "\"name\":\"locked\""), "\"locked\":true");
    line = line_with(&run, "\"name\":\"reader\"");
    has(line, "\"plugin\":\"sha256_password\"");
    has(line, "\"host\":\"10.%\"");
    has(line, "\"databases\":[\"shop\"]");
    assert_true(number_in(line, "\"bytes\":") >= 16384);
    cli_done(&run);
}

/* The server keeps for a day what it was once asked; its own figures come some ten seconds later. */
static void sizes_are_those_of_now(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    mysqld_await_answer(
        server, "SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_NAME = 'orders'",
        "16384");
    mysqld_do(server,
              "INSERT INTO shop.orders WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n "
              "+ 1 FROM s WHERE n < 900) SELECT n, REPEAT('x', 2000) FROM s");
    mysqld_await_answer(
        server,
        "SELECT clustered_index_size > 10 FROM mysql.innodb_table_stats WHERE table_name = "
        "'orders'",
        "1");
    mysqld_await_answer(
        server, "SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_NAME = 'orders'",
        "16384");
    see(p, &run, "mysql-db");
    const char *line = line_with(&run, "\"name\":\"shop\"");
    assert_true(number_in(line, "\"bytes\":") > 1000000);
    assert_int_equal(number_in(line, "\"tables\":"), 2);
    assert_int_equal(number_in(line, "\"other-engine\":"), 1);
    has(line, "\"charset\":\"utf8mb4\"");
    has(line, "\"collation\":\"utf8mb4_0900_ai_ci\"");
    assert_null(strstr(strbuf_cstr(&run.out), "\"name\":\"sys\""));
    see(p, &run, "mysql-user");
    assert_true(number_in(line_with(&run, "\"name\":\"reader\""), "\"bytes\":") > 1000000);
    cli_done(&run);
}

static void logins_that_fail(void **state)
{
    static const struct {
        const char *user, *password, *how, *says;
    } cases[] = {
        {"monitor", "another", "tls",
         "db: Access denied for user 'monitor'@'127.0.0.1' (using "
         "password: YES)"},
        {"nobody", PASSWORD, "tls", "db: Access denied for user 'nobody'@'127.0.0.1'"},
        {"locked", PASSWORD, "tls", "Account is locked"},
        {"expired", PASSWORD, "tls", "db: Your password has expired"},
        {"monitor", PASSWORD, "tcp",
         "caching_sha2_password and sha256_password are used with TLS alone"},
    };
    struct place *p = here(state);
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        get(p, &run, cases[i].user, cases[i].password, cases[i].how, "mysql");
        assert_complains(&run, cases[i].says);
        assert_prints(&run, "\"state\":\"unreachable\"");
        assert_prints(&run, "\"max-connections\":null");
    }
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_node),
        CASE(a_transaction_and_its_process),
        CASE(users_and_what_they_may_use),
        CASE(sizes_are_those_of_now),
        CASE(logins_that_fail),
    };
    return cmocka_run_group_tests_name("mysql_rows", tests, start, stop);
}
