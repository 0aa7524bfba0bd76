/* What the demonstration's MySQL has after `do`: connections killed, rights given and taken, a password
 * rotated, users and databases dropped. On a real MariaDB: do_users.c, do_rotate.c. */
#include <config.h>

#include "base/timetext.h"
#include "test/systems/created.h"

#include <sys/wait.h>
#include <time.h>

#define BACKUP "cron-mysql-s3-backup-2026213300-3vsve"

#define DO(p, run, ...) cli_run((p)->cli, run, "do", __VA_ARGS__, (const char *)NULL)

/* With a backup of just now: what is dropped wants one. */
static int setup(void **state)
{
    char now[TIMETEXT_MAX];
    assert_int_equal(place_setup(state), 0);
    struct place *p = *state;
    time_format((int64_t)time(NULL) * 1000, now);
    (void)harbor_told(&p->harbor,
                      "patch perconaxtradbclusterbackups operators " BACKUP
                      " {\"status\":{\"completed\":\"%s\"}}",
                      now);
    return 0;
}

/* What a kind has in all namespaces, where this filter leaves it. */
static void list(struct place *p, struct cli_run *run, const char *kind, const char *filter)
{
    cli_run(p->cli, run, "get", kind, "-A", "--filter", filter, NULL);
    assert_status(run, 0);
}

static void assert_lacks(const struct cli_run *run, const char *text)
{
    assert_null(strstr(strbuf_cstr(&run->out), text));
}

static void a_query_is_killed_on_one_server(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "kill-query", "--id", "8124", "--node", "mysql-pxc-0", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "still at what it was: SELECT COUNT(*) FROM jobs");
    assert_lacks(&run, "is not known");
    list(p, &run, "mysql-process", "id=8124 node=mysql-pxc-0");
    assert_prints(&run, "Sleep");
    assert_lacks(&run, "SELECT");
    list(p, &run, "mysql-process", "id=8124 node=mysql-pxc-1");
    assert_prints(&run, "SELECT COUNT(*) FROM jobs");
    DO(p, &run, "kill-query", "--id", "8124", "--node", "mysql-pxc-0", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "is idle: there is no query to kill");
    cli_done(&run);
}

static void a_connection_is_killed_on_one_server(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "kill-connection", "--id", "8123", "--node", "mysql-pxc-1", "--user", "kimai",
       "--time", "10s", "--yes");
    assert_status(&run, 0);
    list(p, &run, "mysql-process", "id=8123");
    assert_prints(&run, "mysql-pxc-0");
    assert_prints(&run, "mysql-pxc-2");
    assert_lacks(&run, "mysql-pxc-1");
    DO(p, &run, "kill-connection", "--id", "8123", "--node", "mysql-pxc-1", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "it has ended");
    DO(p, &run, "kill-connection", "--id", "5", "--node", "mysql-pxc-1", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "it is the event scheduler");
    DO(p, &run, "kill-connection", "--id", "5", "--node", "nosuch", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "--node: operators/mysql has no nosuch; it has mysql-pxc-0, ");
    cli_done(&run);
}

static void rights_are_given_and_taken(void **state)
{
    static const char *const turns[] = {"grant", "revoke"};
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(turns); i++) {
        DO(p, &run, turns[i], "--user", "kimai", "--database", "gta_events", "--rights",
           "SELECT,INSERT", "--yes");
        assert_status(&run, 0);
        assert_lacks(&run, "Nothing to do");
        list(p, &run, "mysql-user", "name=kimai");
        if (i == 0)
            assert_prints(&run, "gta_events");
        else
            assert_lacks(&run, "gta_events");
        DO(p, &run, turns[i], "--user", "kimai", "--database", "gta_events", "--rights",
           "SELECT,INSERT", "--yes");
        assert_status(&run, 0);
        assert_prints(&run, "Nothing to do");
    }
    cli_done(&run);
}

/* A run tries what Vault has before: the second one finds what the first has made. */
static void a_password_is_rotated(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *old = vault_text(p, "apps/kimai", "DB_PASSWORD");
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--length", "12", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "--length: it takes 16 to 128");
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--length", "20", "--alphabet", "0123456789", "--yes");
    assert_status(&run, 0);
    assert_lacks(&run, "does not let kimai in");
    char *new = vault_text(p, "apps/kimai", "DB_PASSWORD");
    assert_non_null(new);
    assert_int_equal(strspn(new, "0123456789"), 20);
    assert_string_not_equal(new, old);
    expect_untold(p, &run, new);
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--dry-run");
    assert_status(&run, 0);
    assert_lacks(&run, "does not let kimai in");
    assert_lacks(&run, "it has a second password already");
    free(old);
    free(new);
    cli_done(&run);
}

/* Both have planned; the one who comes second to Vault is told, and has changed nothing: the user's password
 * is what the first has written. */
static void two_rotate_at_once(void **state)
{
    static const char write[] =
        "PATCH /api/v1/namespaces/vault/services/vault:8200/proxy/v1/secret/data/apps/kimai";
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    (void)harbor_told(&p->harbor, "fault %s delay=60000 count=1", write);
    int pid = cli_begin(p->cli, "do", "rotate-password", "--user", "kimai", "--path", "apps/kimai",
                        "--key", "DB_PASSWORD", "--yes", NULL);
    await_asked(p, write, 1);
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--yes");
    assert_status(&run, 0);
    char *first = vault_text(p, "apps/kimai", "DB_PASSWORD");
    (void)harbor_told(&p->harbor, "step 60000");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 1);
    expect_audit(p, "somebody else has written to it since the plan was made");
    char *now = vault_text(p, "apps/kimai", "DB_PASSWORD");
    assert_string_equal(now, first);
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--dry-run");
    assert_status(&run, 0);
    assert_lacks(&run, "does not let kimai in");
    DO(p, &run, "--resume", "--yes");
    assert_complains(&run, "no run is without an end");
    free(first);
    free(now);
    cli_done(&run);
}

/* The new one is good for nothing afterwards, and no second one is left. */
static void a_rotation_is_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *old = vault_text(p, "apps/kimai", "DB_PASSWORD");
    (void)harbor_told(&p->harbor,
                      "fault " EXTERNALS "kimai-secrets?fieldManager status=500 count=1");
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--yes");
    assert_true(run.status == 1 || run.status == 4);
    assert_prints(&run, "RETAIN CURRENT PASSWORD");
    DO(p, &run, "--undo", "--yes");
    assert_status(&run, 0);
    char *now = vault_text(p, "apps/kimai", "DB_PASSWORD");
    assert_string_equal(now, old);
    DO(p, &run, "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key",
       "DB_PASSWORD", "--dry-run");
    assert_status(&run, 0);
    assert_lacks(&run, "does not let kimai in");
    assert_lacks(&run, "it has a second password already");
    free(old);
    free(now);
    cli_done(&run);
}

static void a_user_is_dropped(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "drop-user", "--user", "booklet", "--confirm", "demo");
    assert_status(&run, 0);
    assert_prints(&run, "are killed: 1 of booklet");
    list(p, &run, "mysql-user", "booklet");
    assert_lacks(&run, "booklet");
    list(p, &run, "mysql-db", "booklet");
    assert_prints(&run, "booklet");
    cli_done(&run);
}

static void who_keeps_rights_on_what_is_dropped_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "drop-database", "--database", "gta_events", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "users have rights on it, which stay when it is gone: gta_events@%");
    cli_done(&run);
}

static void a_database_is_dropped_with_its_user(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "drop-database", "--database", "gta_events", "--user", "gta_events", "--confirm",
       "demo");
    assert_status(&run, 0);
    assert_prints(&run, "database gta_events: 31 tables and views, 48Mi");
    assert_lacks(&run, "users have rights on it"); /* hers go with her */
    assert_prints(&run, "none: restore it from backup " BACKUP ", if that has it");
    assert_prints(&run, "ExternalSecret default/gta-events-secrets may be about it");
    assert_prints(&run, "read by Deployment default/");
    list(p, &run, "mysql-db", "gta");
    assert_lacks(&run, "gta_events");
    list(p, &run, "mysql-user", "gta");
    assert_lacks(&run, "gta_events");
    DO(p, &run, "drop-database", "--database", "gta_events", "--user", "gta_events", "--confirm",
       "demo");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    cli_done(&run);
}

#define READER EXTERNALS "booklet-secrets"

/* External Secrets' finalizer holds it: the next step waits for that. */
static void its_externalsecret_is_gone_before_it_goes_on(void **state)
{
    struct place *p = *state;
    int status;
    (void)harbor_told(&p->harbor, "patch externalsecrets default booklet-secrets "
                                  "{\"metadata\":{\"finalizers\":[\"example.org/hold\"]}}");
    int pid = cli_begin(p->cli, "do", "drop-user", "--user", "booklet", "--also", "secret",
                        "--secret", "booklet-secrets", "-n", "default", "--path", "apps/booklet",
                        "--confirm", "demo", NULL);
    const int64_t end = now_ms() + 30000;
    while (asked(p, "DELETE " READER) == 0)
        assert_true(in_time(end));
    const int64_t looks = asked(p, "GET " READER) + 2;
    while (asked(p, "GET " READER) < looks)
        assert_true(in_time(end));
    char *values = vault_text(p, "apps/booklet", "DB_PASSWORD");
    assert_non_null(values);
    free(values);
    (void)harbor_told(&p->harbor, "delete externalsecrets default booklet-secrets");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    expect_text(p, READER, "spec", "(absent)");
    assert_null(vault_text(p, "apps/booklet", "DB_PASSWORD"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_query_is_killed_on_one_server),
        CASE(a_connection_is_killed_on_one_server),
        CASE(rights_are_given_and_taken),
        CASE(a_password_is_rotated),
        CASE(two_rotate_at_once),
        CASE(a_rotation_is_taken_back),
        CASE(a_user_is_dropped),
        CASE(who_keeps_rights_on_what_is_dropped_is_named),
        CASE(a_database_is_dropped_with_its_user),
        CASE(its_externalsecret_is_gone_before_it_goes_on),
    };
    return cmocka_run_group_tests_name("do_mysql_demo", tests, NULL, NULL);
}
