/* `do` on a MariaDB server that harbor's cluster is taken for: statements and connections killed,
 * rights given and taken, databases and users dropped; what comes of it stands in the server itself. */
#include <config.h>

#include "base/timetext.h"
#include "test/systems/do_maria.h"

#include <mysql.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define PASSWORD "known-password"
#define BACKUP   "cron-mysql-s3-backup-2026213300-3vsve"

static int setup(void **state)
{
    char now[TIMETEXT_MAX];
    if (!server)
        return 0;
    assert_int_equal(maria_setup(state), 0);
    time_format((int64_t)time(NULL) * 1000, now);
    (void)harbor_told(&((struct place *)*state)->harbor,
                      "patch perconaxtradbclusterbackups operators " BACKUP
                      " {\"status\":{\"completed\":\"%s\"}}",
                      now);
    mysqld_do(server, "CREATE DATABASE shop_1");
    mysqld_do(server, "CREATE TABLE shop_1.orders (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
    mysqld_do(server, "INSERT INTO shop_1.orders VALUES (1, 1), (2, 1), (3, 1)");
    mysqld_do(server, "CREATE USER app@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(server, "GRANT SELECT, UPDATE ON `shop_1`.* TO app@'%'");
    return 0;
}

static int teardown(void **state)
{
    if (!server)
        return 0;
    mysqld_do(server, "DROP DATABASE IF EXISTS shop_1");
    mysqld_do(server, "DROP USER IF EXISTS app@'%'");
    return place_teardown(state);
}

#define CONTEXT "demo"

#define DO(p, run, ...)                                                              \
    cli_run((p)->cli, run, "--config", config, "do", __VA_ARGS__, "--cluster", "db", \
            (const char *)NULL)

static void expect(const char *statement, const char *value)
{
    struct strbuf text = STRBUF_INIT(4096);
    assert_true(mysqld_try(server, statement, &text));
    assert_string_equal(strbuf_cstr(&text), value);
    strbuf_clear(&text);
}

/* ---- Somebody who is at something. */

struct client {
    MYSQL *sql;
    pthread_t thread;
    const char *statement;
    unsigned error; /* of the statement */
    char id[32];
};

static void client_open(struct client *c)
{
    c->sql = mysql_init(NULL);
    assert_non_null(mysql_real_connect(c->sql, "127.0.0.1", "app", PASSWORD, "shop_1",
                                       (unsigned)mysqld_port(server), NULL, 0));
    (void)snprintf(c->id, sizeof(c->id), "%lu", mysql_thread_id(c->sql));
}

static void *client_work(void *context)
{
    struct client *c = context;
    if (mysql_query(c->sql, c->statement) == 0)
        mysql_free_result(mysql_store_result(c->sql));
    c->error = mysql_errno(c->sql);
    return NULL;
}

/* Until the server is at it. */
static void client_begin(struct client *c, const char *statement)
{
    c->statement = statement;
    assert_int_equal(pthread_create(&c->thread, NULL, client_work, c), 0);
    mysqld_await_answer(
        server,
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'app' AND INFO LIKE "
        "'SELECT SLEEP(600%'",
        "1");
}

static void client_wait(struct client *c)
{
    assert_int_equal(pthread_join(c->thread, NULL), 0);
}

static bool client_does(struct client *c, const char *statement)
{
    bool ok = mysql_query(c->sql, statement) == 0;
    if (ok)
        mysql_free_result(mysql_store_result(c->sql));
    return ok;
}

/* ---- Killing. */

static void a_query_is_killed_and_its_connection_stays(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct client c = {0};
    client_open(&c);
    client_begin(&c, "SELECT SLEEP(600), 'the long one'");
    DO(p, &run, "kill-query", "--id", c.id, "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "SELECT SLEEP(600), 'the long one'");
    assert_prints(&run, "KILL QUERY ");
    DO(p, &run, "kill-query", "--id", c.id, "--user", "app", "--time", "0s", "--yes");
    assert_status(&run, 0);
    client_wait(&c);
    assert_true(client_does(&c, "SELECT 1"));
    DO(p, &run, "kill-query", "--id", c.id, "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "is idle: there is no query to kill");
    assert_true(client_does(&c, "SELECT 1"));
    mysql_close(c.sql);
    cli_done(&run);
}

static void a_connection_is_killed_with_its_transaction(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct client c = {0};
    client_open(&c);
    assert_true(client_does(&c, "BEGIN"));
    assert_true(client_does(&c, "UPDATE orders SET n = 2"));
    DO(p, &run, "kill-connection", "--id", c.id, "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "the 3 rows that it has changed are rolled back");
    assert_false(client_does(&c, "COMMIT"));
    expect("SELECT SUM(n) FROM shop_1.orders", "3");
    DO(p, &run, "kill-connection", "--id", c.id, "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "it has ended");
    mysql_close(c.sql);
    cli_done(&run);
}

static void another_than_was_meant_is_left_alone(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct client c = {0};
    client_open(&c);
    client_begin(&c, "SELECT SLEEP(600)");
    DO(p, &run, "kill-query", "--id", c.id, "--user", "other", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "the number was used again");
    DO(p, &run, "kill-query", "--id", c.id, "--time", "2h", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "at another statement");
    DO(p, &run, "kill-query", "--id", "1 OR 1=1", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "a connection's number");
    expect("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(600)'",
           "1");
    DO(p, &run, "kill-connection", "--id", c.id, "--yes");
    assert_status(&run, 0);
    client_wait(&c);
    assert_int_not_equal(c.error, 0);
    mysql_close(c.sql);
    cli_done(&run);
}

static void the_servers_own_are_refused(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct strbuf id = STRBUF_INIT(64);
    mysqld_do(server, "SET GLOBAL event_scheduler = ON");
    mysqld_await_answer(
        server,
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'event_scheduler'", "1");
    assert_true(mysqld_try(
        server, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'event_scheduler'",
        &id));
    DO(p, &run, "kill-connection", "--id", strbuf_cstr(&id), "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "it is the event scheduler");
    expect("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'event_scheduler'",
           "1");
    mysqld_do(server, "SET GLOBAL event_scheduler = OFF");
    strbuf_clear(&id);
    cli_done(&run);
}

/* ---- Rights. */

#define GRANTS(right)                                                                              \
    "SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = \"'app'@'%'\" AND " \
    "PRIVILEGE_TYPE = '" right "'"

static void rights_are_given_and_taken(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    DO(p, &run, "grant", "--user", "app", "--database", "shop_1", "--rights", "insert, SELECT",
       "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "GRANT INSERT ON `shop_1`.* TO 'app'@'%'");
    expect(GRANTS("INSERT"), "1");
    DO(p, &run, "grant", "--user", "app", "--database", "shop_1", "--rights", "INSERT,SELECT",
       "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    DO(p, &run, "revoke", "--user", "app", "--host", "%", "--database", "shop_1", "--rights",
       "UPDATE,DROP", "--yes");
    assert_status(&run, 0);
    expect(GRANTS("UPDATE"), "0");
    expect(GRANTS("SELECT"), "1");
    DO(p, &run, "revoke", "--user", "app", "--database", "shop_1", "--rights", "UPDATE", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    cli_done(&run);
}

/* The plan's script with the server's own client: as who is configured, not as root. */
static void rights_are_given_by_hand(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    char port[32];
    (void)snprintf(port, sizeof(port), "PORT_db=%d", mysqld_port(server));
    DO(p, &run, "grant", "--user", "app", "--database", "shop_1", "--rights", "INSERT", "--dry-run",
       "-o", "shell");
    assert_status(&run, 0);
    expect(GRANTS("INSERT"), "0");
    cli_script(p->cli, &run, "HOST_db=127.0.0.1", port, "MYSQL_PWD=" ADMIN_PASSWORD, NULL);
    assert_status(&run, 0);
    expect(GRANTS("INSERT"), "1");
    cli_done(&run);
}

static void all_rights_and_what_was_there(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct client c = {0};
    for (int i = 0; i < 2; i++) {
        DO(p, &run, "grant", "--user", "app", "--database", "shop_1", "--rights", "all", "--yes");
        assert_status(&run, 0);
    }
    assert_prints(&run, "Nothing to do");
    client_open(&c);
    assert_true(client_does(&c, "CREATE TABLE more (id INT)"));
    DO(p, &run, "revoke", "--user", "app", "--database", "shop_1", "--rights", "CREATE", "--yes");
    assert_status(&run, 0);
    mysql_close(c.sql); /* who has a database open keeps what they may do there */
    client_open(&c);
    assert_false(client_does(&c, "CREATE TABLE yet_more (id INT)"));
    DO(p, &run, "revoke", "--user", "app", "--database", "shop_1", "--rights", "ALL", "--yes");
    assert_status(&run, 0);
    expect("SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = "
           "\"'app'@'%'\"",
           "0");
    mysql_close(c.sql);
    cli_done(&run);
}

static void grave_rights_want_more(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    DO(p, &run, "grant", "--user", "app", "--database", "*", "--rights", "SUPER", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm");
    DO(p, &run, "grant", "--user", "app", "--database", "shop_1", "--rights", "GRANT OPTION",
       "--confirm", CONTEXT);
    assert_status(&run, 0);
    expect(GRANTS("SELECT") " AND IS_GRANTABLE = 'YES'", "1");
    DO(p, &run, "revoke", "--user", "app", "--database", "shop_1", "--rights", "GRANT OPTION",
       "--yes");
    assert_status(&run, 0);
    expect(GRANTS("SELECT") " AND IS_GRANTABLE = 'YES'", "0");
    for (int i = 0; i < 2; i++) {
        DO(p, &run, "grant", "--user", "app", "--database", "*", "--rights",
           "PROCESS,REPLICATION CLIENT", "--yes");
        assert_status(&run, 0);
    }
    assert_prints(&run, "Nothing to do");
    DO(p, &run, "grant", "--user", "app", "--database", "*", "--rights", "ALL", "--yes");
    assert_status(&run, 3);
    cli_done(&run);
}

static void names_of_rights_and_users_are_checked(void **state)
{
    static const struct {
        const char *user, *host, *database, *rights, *says;
    } cases[] = {
        {"app", "%", "shop_1", "SELECT ON *.* TO x; --", "is none that is given here"},
        {"app", "%", "shop_1", "PROCESS", "a right on all databases"},
        {"app", "%", "mysql", "SELECT", "the server's own"},
        {"app", "%", "shop_2", "SELECT", "there is no database shop_2"},
        {"app", "%", "x`.* TO root; --", "SELECT", "there is no database"},
        {"app'@'%' IDENTIFIED BY 'x", "", "shop_1", "SELECT", "there is no user"},
        {"nobody", "", "shop_1", "SELECT", "there is no user nobody"},
        {"app", "10.%", "shop_1", "SELECT", "they come from %"},
        {"app", "'; DROP", "shop_1", "SELECT", "no host of a user"},
        {"root", "", "shop_1", "SELECT", "a system user"},
        {"admin", "", "shop_1", "SELECT", "is who asks here"},
    };
    struct place *p = here(state);
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        DO(p, &run, "grant", "--user", cases[i].user, "--host", cases[i].host, "--database",
           cases[i].database, "--rights", cases[i].rights, "--yes");
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    mysqld_do(server, "CREATE USER app@'10.1.%' IDENTIFIED BY '" PASSWORD "'");
    DO(p, &run, "grant", "--user", "app", "--database", "shop_1", "--rights", "DROP", "--yes");
    mysqld_do(server, "DROP USER app@'10.1.%'");
    assert_status(&run, 3);
    assert_complains(&run, "from each of these hosts: %, 10.1.%");
    expect(GRANTS("DROP"), "0");
    cli_done(&run);
}

/* Quotes, and what stands for others in a pattern. */
static void odd_names_are_quoted(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    mysqld_do(server, "CREATE DATABASE `it's a``b_%`");
    mysqld_do(server, "CREATE USER 'o''brien\\\\'@'%' IDENTIFIED BY '" PASSWORD "'");
    for (int i = 0; i < 2; i++) {
        DO(p, &run, "grant", "--user", "o'brien\\", "--database", "it's a`b_%", "--rights",
           "SELECT", "--yes");
        assert_status(&run, 0);
    }
    assert_prints(&run, "Nothing to do");
    expect("SELECT Db FROM mysql.db WHERE User LIKE 'o%'", "it's a`b\\_\\%");
    DO(p, &run, "revoke", "--user", "o'brien\\", "--database", "it's a`b_%", "--rights", "SELECT",
       "--yes");
    assert_status(&run, 0);
    expect("SELECT COUNT(*) FROM mysql.db WHERE User LIKE 'o%'", "0");
    mysqld_do(server, "DROP DATABASE `it's a``b_%`");
    mysqld_do(server, "DROP USER 'o''brien\\\\'@'%'");
    cli_done(&run);
}

/* It is killed while the server is at the statement; what was there before stays. */
static void a_grant_cut_short_is_taken_back(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    MYSQL *lock = lock_tables();
    int status;
    int pid =
        cli_begin(p->cli, "--config", config, "do", "grant", "--user", "app", "--cluster", "db",
                  "--database", "shop_1", "--rights", "SELECT,INSERT,DROP", "--yes", NULL);
    mysqld_await_answer(
        server, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'GRANT %'",
        "1");
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    mysql_close(lock);
    mysqld_await_answer(server, GRANTS("DROP"), "1");
    cli_run(p->cli, &run, "--config", config, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    expect(GRANTS("INSERT"), "0");
    expect(GRANTS("DROP"), "0");
    expect(GRANTS("SELECT"), "1");
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "undone");
    cli_done(&run);
}

/* ---- What is gone for good. */

#define GONE(p, run, ...) DO(p, run, __VA_ARGS__, "--confirm", CONTEXT)

static void a_database_is_dropped_with_its_user(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct client c = {0};
    client_open(&c);
    DO(p, &run, "drop-database", "--database", "shop_1", "--user", "app", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm");
    assert_prints(&run, "database shop_1: 1 tables and views");
    assert_prints(&run, "1 of app");
    assert_prints(&run, "went well, ");
    expect("SELECT COUNT(*) FROM shop_1.orders", "3");
    mysql_close(c.sql);
    GONE(p, &run, "drop-database", "--database", "shop_1", "--user", "app");
    assert_status(&run, 0);
    expect("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop_1'", "0");
    expect("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'", "0");
    GONE(p, &run, "drop-database", "--database", "shop_1", "--user", "app");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    expect_audit(p, "drop-database");
    cli_done(&run);
}

static void nothing_is_dropped_without_a_new_backup(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    GONE(p, &run, "drop-database", "--database", "shop_1", "--hours", "0");
    assert_status(&run, 3);
    assert_complains(&run, "old, more than 0 h");
    GONE(p, &run, "drop-user", "--user", "app", "--hours", "0");
    assert_status(&run, 3);
    expect("SELECT COUNT(*) FROM shop_1.orders", "3");
    GONE(p, &run, "drop-user", "--user", "app", "--hours", "0", "--override", "yes");
    assert_status(&run, 0);
    assert_prints(&run, "it was said that it goes without");
    expect("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'", "0");
    expect("SELECT COUNT(*) FROM shop_1.orders", "3");
    cli_done(&run);
}

static void what_is_the_systems_is_not_dropped(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    GONE(p, &run, "drop-database", "--database", "mysql", "--override", "yes");
    assert_status(&run, 3);
    assert_complains(&run, "the server's own");
    GONE(p, &run, "drop-database", "--database", "SYS", "--override", "yes");
    assert_status(&run, 3);
    GONE(p, &run, "drop-user", "--user", "root", "--override", "yes");
    assert_status(&run, 3);
    assert_complains(&run, "the operator keeps it");
    GONE(p, &run, "drop-user", "--user", "admin", "--override", "yes");
    assert_status(&run, 3);
    assert_complains(&run, "who asks here");
    cli_done(&run);
}

/* Somebody has a table open: the run is killed while it waits, locked already. */
static void a_drop_cut_short_is_gone_on_with(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    struct client c = {0};
    int status;
    client_open(&c);
    assert_true(client_does(&c, "BEGIN"));
    assert_true(client_does(&c, "SELECT * FROM orders"));
    int pid = cli_begin(p->cli, "--config", config, "do", "drop-database", "--database", "shop_1",
                        "--user", "app", "--cluster", "db", "--confirm", CONTEXT, NULL);
    mysqld_await_answer(
        server,
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DROP DATABASE%'",
        "1");
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    mysql_close(c.sql);
    cli_run(p->cli, &run, "--config", config, "do", "--resume", "--confirm", CONTEXT, NULL);
    assert_status(&run, 0);
    assert_prints(&run, "= 1. Lock 'app'@'%'");
    expect("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop_1'", "0");
    expect("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'", "0");
    cli_done(&run);
}

static void its_secret_goes_where_that_is_chosen(void **state)
{
    static const char external[] =
        "/apis/external-secrets.io/v1/namespaces/default/externalsecrets/kimai-secrets";
    struct place *p = here(state);
    struct cli_run run = {0};
    GONE(p, &run, "drop-user", "--user", "app", "--also", "secret", "--secret", "kimai-secrets",
         "--namespace", "default", "--path", "apps/kimai");
    assert_status(&run, 0);
    assert_prints(&run, "undo: make it anew, with the same spec");
    assert_prints(&run, "undo: undelete it");
    expect_text(p, external, "spec", "(absent)");
    GONE(p, &run, "drop-user", "--user", "app", "--also", "secret", "--secret", "kimai-secrets",
         "--namespace", "default", "--path", "apps/kimai");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_query_is_killed_and_its_connection_stays),
        CASE(a_connection_is_killed_with_its_transaction),
        CASE(another_than_was_meant_is_left_alone),
        CASE(the_servers_own_are_refused),
        CASE(rights_are_given_and_taken),
        CASE(rights_are_given_by_hand),
        CASE(all_rights_and_what_was_there),
        CASE(grave_rights_want_more),
        CASE(names_of_rights_and_users_are_checked),
        CASE(odd_names_are_quoted),
        CASE(a_grant_cut_short_is_taken_back),
        CASE(a_database_is_dropped_with_its_user),
        CASE(nothing_is_dropped_without_a_new_backup),
        CASE(what_is_the_systems_is_not_dropped),
        CASE(a_drop_cut_short_is_gone_on_with),
        CASE(its_secret_goes_where_that_is_chosen),
    };
    return cmocka_run_group_tests_name("do_users", tests, maria_start, maria_stop);
}
