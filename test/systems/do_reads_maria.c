/* What only looks, and what only plans, sends a real MariaDB nothing but reads, by its general log. */
#include <config.h>

#include "harbor/asked.h"
#include "test/systems/do_maria.h"
#include "test/systems/reads.h"

#include <mysql.h>

#define SEPARATOR '\x1'

/* What admin has sent since the log was emptied: the protocol's other commands by their names. */
#define LOGGED                                                                                     \
    "SET STATEMENT group_concat_max_len = 1000000 FOR SELECT IFNULL(GROUP_CONCAT(IF(command_type " \
    "= 'Query', argument, CONCAT('command ', command_type)) SEPARATOR '\x1'), '') FROM "           \
    "mysql.general_log WHERE user_host LIKE 'admin[%' AND command_type NOT IN ('Connect', "        \
    "'Quit', 'Ping')"

static int setup(void **state)
{
    char text[512];
    if (!server)
        return 0;
    assert_int_equal(maria_setup(state), 0);
    const struct place *p = *state;
    (void)snprintf(text, sizeof(text),
                   "sources:\n- {name: db, type: mysql, reach: 'tcp:127.0.0.1:%d', user: admin, "
                   "password: 'env:BINNACLE_TEST_ADMIN', admin: admin, admin_password: "
                   "'env:BINNACLE_TEST_ADMIN', owner: operators/mysql}\n",
                   mysqld_port(server));
    (void)cli_put(p->cli, "config.yaml", text, 0600);
    mysqld_do(server, "CREATE DATABASE shop");
    mysqld_do(server, "CREATE USER app@'%' IDENTIFIED BY 'app-password'");
    mysqld_do(server, "GRANT SELECT ON shop.* TO app@'%'");
    mysqld_do(server, "SET GLOBAL log_output = 'TABLE'");
    mysqld_do(server, "SET GLOBAL general_log = ON");
    return 0;
}

static int teardown(void **state)
{
    if (!server)
        return 0;
    mysqld_do(server, "SET GLOBAL general_log = OFF");
    mysqld_do(server, "DROP DATABASE IF EXISTS shop");
    mysqld_do(server, "DROP USER IF EXISTS app@'%'");
    return place_teardown(state);
}

/* How many statements there were since the last time, and how many of them are no reads. */
static void count(uint64_t *all, uint64_t *changes, char text[256])
{
    struct strbuf logged = STRBUF_INIT((size_t)1 << 20);
    struct asked *a = asked_new();
    struct span rest, one;
    assert_true(mysqld_try(server, LOGGED, &logged));
    mysqld_do(server, "TRUNCATE mysql.general_log");
    for (rest = strbuf_span(&logged); span_split(&rest, SEPARATOR, &one);)
        if (one.len)
            asked_sql(a, one);
    assert_true(asked_with(a, SPAN(""), all, NULL));
    assert_true(asked_but(a, SPAN(READS_SQL), changes, &one, NULL));
    (void)snprintf(text, 256, "%.*s", SPAN_ARG(span_sub(one, 0, 255)));
    asked_free(a);
    strbuf_clear(&logged);
}

static void what_looks_and_plans_sends_reads(void **state)
{
    static const char *const lines[] = {
        "get mysql",
        "get mysql-processes",
        "get mysql-users",
        "get mysql-dbs",
        "do create-database --cluster db --name new -n default --dry-run",
        "do rotate-password --cluster db --user app --path apps/kimai --key DB_PASSWORD --dry-run",
        "do grant --cluster db --user app --database shop --rights INSERT --dry-run",
        "do revoke --cluster db --user app --database shop --rights SELECT --dry-run",
        "do kill-query --cluster db --id %lu --dry-run",
        "do kill-connection --cluster db --id %lu --dry-run",
        "do drop-user --cluster db --user app --override yes --dry-run",
        "do drop-database --cluster db --database shop --user app --override yes --dry-run",
    };
    struct place *p = here(state);
    struct cli_run run = {0};
    uint64_t all, changes;
    char line[512], one[256];
    MYSQL *other = lock_tables();
    assert_int_equal(mysql_query(other, "UNLOCK TABLES"), 0);
    count(&all, &changes, one);
    for (size_t i = 0; i < BN_COUNT(lines); i++) {
        const char *id = strstr(lines[i], "%lu");
        (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(lines[i], "%"), lines[i]);
        if (id)
            (void)snprintf(line + strlen(line), sizeof(line) - strlen(line), "%lu%s",
                           mysql_thread_id(other), id + 3);
        cli_run_line(p->cli, &run, "--config %s %s", config, line);
        assert_status(&run, 0);
        count(&all, &changes, one);
        if (changes || !all)
            fail_msg("`%s` has sent %d statements: %s", line, (int)all, one);
    }
    cli_run_line(p->cli, &run, "--config %s --read-only do drop-user --user app --yes", config);
    assert_status(&run, 3);
    count(&all, &changes, one);
    assert_int_equal(changes, 0);
    cli_run_line(p->cli, &run,
                 "--config %s do grant --cluster db --user app --database shop --rights INSERT "
                 "--yes",
                 config);
    assert_status(&run, 0);
    count(&all, &changes, one);
    assert_int_equal(changes, 1); /* or it would not be seen */
    assert_memory_equal(one, "SQL: GRANT ", 11);
    mysql_close(other);
    cli_done(&run);
}

/* Without PROCESS a server lists one's own connection as if there were no other. */
static void who_may_not_see_others(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    char text[512], path[256];
    mysqld_do(server, "CREATE USER plain@'%' IDENTIFIED BY '" ADMIN_PASSWORD "'");
    (void)snprintf(
        text, sizeof(text),
        "discover: false\nsources:\n- {name: db, type: mysql, reach: 'tcp:127.0.0.1:%d', "
        "user: plain, password: 'env:BINNACLE_TEST_ADMIN'}\n",
        mysqld_port(server));
    (void)snprintf(path, sizeof(path), "%s", cli_put(p->cli, "plain.yaml", text, 0600));
    cli_run_line(p->cli, &run, "--config %s get mysql-processes -o json", path);
    assert_prints(&run, "\"user\": \"plain\"");
    assert_prints(&run, "\"complete\": false");
    assert_prints(&run, "1 of 1 servers show their own connection alone: PROCESS is not granted");
    cli_run_line(p->cli, &run, "--config %s get mysql -o json", path);
    assert_prints(&run, "\"longest-trx\": null");
    mysqld_do(server, "GRANT PROCESS ON *.* TO plain@'%'");
    cli_run_line(p->cli, &run, "--config %s get mysql-processes -o json", path);
    assert_prints(&run, "\"complete\": true");
    mysqld_do(server, "DROP USER plain@'%'");
    cli_done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_looks_and_plans_sends_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(who_may_not_see_others, setup, teardown),
    };
    return cmocka_run_group_tests_name("do_reads_maria", tests, maria_start, maria_stop);
}
