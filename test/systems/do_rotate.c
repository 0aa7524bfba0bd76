/* A user's password rotated, from Vault through a MariaDB server to the workloads of harbor's cluster:
 * cut short at each step it goes on to the same end, is taken back up to the restart, and the value is
 * nowhere but in Vault, the Secret and the server. */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "harbor/vault.h"
#include "net/base64.h"
#include "test/systems/do_maria.h"

#include <ftw.h>
#include <mysql.h>

#define OLD       "redacted-kimai-secrets-DB_PASSWORD"
#define OTHER     "redacted-kimai-secrets-APP_SECRET"
#define PROXY     "/api/v1/namespaces/vault/services/vault:8200/proxy"
#define DATA      PROXY "/v1/secret/data/apps/kimai"
#define SECRET    "/api/v1/namespaces/default/secrets/kimai-secrets"
#define READER    "/apis/external-secrets.io/v1/namespaces/default/externalsecrets/kimai-secrets"
#define KIMAI     "/apis/apps/v1/namespaces/default/deployments/kimai"
#define RESTARTED "spec|template|metadata|annotations|kubectl.kubernetes.io/restartedAt"
#define STOPPED   "patch deployments operators external-secrets {\"status\":{\"readyReplicas\":%d}}"

static int setup(void **state)
{
    if (!server)
        return 0;
    assert_int_equal(maria_setup(state), 0);
    mysqld_do(server, "CREATE USER kimai@'%' IDENTIFIED BY '" OLD "'");
    return 0;
}

static int teardown(void **state)
{
    if (!server)
        return 0;
    mysqld_do(server, "DROP USER IF EXISTS kimai@'%'");
    return place_teardown(state);
}

#define ROTATE                                                                            \
    "rotate-password", "--user", "kimai", "--path", "apps/kimai", "--key", "DB_PASSWORD", \
        "--cluster", "db"

/* ---- What is where. */

/* What Vault has, the newest version or an earlier one; owned. */
static char *value_in_vault(struct place *p, const char *key, int version)
{
    char target[256];
    (void)snprintf(target, sizeof(target), DATA "?version=%d", version);
    const struct request r = {
        .target = target, .token = ADMIN, .lines = "X-Vault-Token: " VAULT_ROOT, .protocol = HTTP2};
    struct call *c = harbor_ask(&p->harbor, &r);
    char marker[64];
    (void)snprintf(marker, sizeof(marker), "\"%s\":\"", key);
    char *at = strstr(strbuf_cstr(&c->body), marker);
    assert_non_null(at);
    at += strlen(marker);
    char *value = strndup(at, strcspn(at, "\""));
    harbor_forget(c);
    return value;
}

static bool lets_in(const char *password)
{
    MYSQL *sql = mysql_init(NULL);
    bool in = mysql_real_connect(sql, "127.0.0.1", "kimai", password, NULL,
                                 (unsigned)mysqld_port(server), NULL, 0) != NULL;
    mysql_close(sql);
    return in;
}

/* MySQL keeps the old password beside the new one until the workloads have that, MariaDB has one. */
static void expect_old_good_where_two_are_kept(void)
{
    assert_int_equal(lets_in(OLD), mysqld_is_mysql());
}

static void expect_no_second(void)
{
    if (mysqld_is_mysql())
        mysqld_await_answer(
            server,
            "SELECT COUNT(*) FROM mysql.user WHERE User = 'kimai' AND User_attributes LIKE "
            "'%additional_password%'",
            "0");
}

static const char *leaked, *canary;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
    struct strbuf text = STRBUF_INIT((size_t)8 << 20);
    (void)st, (void)at;
    if (type == FTW_F && file_read(path, &text, NULL) &&
        (strstr(strbuf_cstr(&text), canary) || strstr(strbuf_cstr(&text), OLD)))
        leaked = path;
    strbuf_clear(&text);
    return 0;
}

/* The audit log, the log, all that the program has written. */
static void expect_no_leak(struct place *p, const struct cli_run *run, const char *value)
{
    assert_null(strstr(strbuf_cstr(&run->out), value));
    assert_null(strstr(strbuf_cstr(&run->err), value));
    assert_null(strstr(strbuf_cstr(&run->out), OLD));
    leaked = NULL;
    canary = value;
    assert_int_equal(nftw(p->cli->folder, look_into, 16, FTW_PHYS), 0);
    assert_null(leaked);
}

/* Vault, the Secret, the server and the workload have one new password; other keys are as they
 * were. */
static void expect_rotated(struct place *p, const struct cli_run *run)
{
    char *new = value_in_vault(p, "DB_PASSWORD", 0), *other = value_in_vault(p, "APP_SECRET", 0);
    struct strbuf packed = STRBUF_INIT(256);
    assert_string_not_equal(new, OLD);
    assert_int_equal(strlen(new), 32);
    assert_string_equal(other, OTHER);
    assert_true(lets_in(new));
    assert_false(lets_in(OLD));
    expect_no_second();
    base64_encode(span_from(new), &packed);
    expect_text(p, SECRET, "data|DB_PASSWORD", strbuf_cstr(&packed));
    assert_int_equal(writes(p, KIMAI), 1);
    char *stamp = read_text(p, KIMAI, RESTARTED);
    assert_non_null(stamp);
    expect_no_leak(p, run, new);
    expect_audit(p, "rotate-password");
    strbuf_clear(&packed);
    free(stamp);
    free(new);
    free(other);
}

#define ALTERING "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER USER%'"

/* External Secrets does nothing from here on: the run is killed while it waits for it. */
static void kill_at_the_refresh(struct place *p)
{
    int64_t until = now_ms() + PATIENT_MS;
    (void)harbor_told(&p->harbor, STOPPED, 0);
    int pid = cli_begin(p->cli, "--config", config, "do", ROTATE, "--yes", NULL);
    while (writes(p, READER) == 0)
        assert_true(in_time(until));
    kill_run(pid);
}

static void resume(struct place *p, struct cli_run *run)
{
    cli_run(p->cli, run, "--config", config, "do", "--resume", "--yes", NULL);
    assert_status(run, 0);
}

/* Of the admin's connections none is left, nor what they hold and are at. */
static void kill_admins(void)
{
    struct strbuf statement = STRBUF_INIT(256);
    for (;;) {
        strbuf_truncate(&statement, 0);
        assert_true(mysqld_try(server,
                               "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST "
                               "WHERE USER = 'admin' LIMIT 1",
                               &statement));
        if (!statement.len)
            break;
        (void)mysqld_try(server, strbuf_cstr(&statement), NULL); /* it may just have ended */
    }
    strbuf_clear(&statement);
}

/* ---- */

static void it_reaches_its_end(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--dry-run", NULL);
    assert_status(&run, 0);
    assert_prints(&run, mysqld_is_mysql() ? "RETAIN CURRENT PASSWORD"
                                          : "logins with the old one fail from that step on");
    assert_true(lets_in(OLD));
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--yes", NULL);
    assert_status(&run, 0);
    expect_rotated(p, &run);
    cli_done(&run);
}

/* Each is gone on with, and nothing is done twice. */
static void cut_short_at_vault(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault PATCH " DATA " cut=0 count=1");
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--yes", NULL);
    assert_status(&run, 4);
    assert_true(lets_in(OLD));
    resume(p, &run);
    expect_rotated(p, &run);
    char *former = value_in_vault(p, "DB_PASSWORD", 0);
    cli_run(p->cli, &run, "--config", config, "do", "--resume", "--yes", NULL);
    assert_status(&run, 3); /* it has an end */
    char *now = value_in_vault(p, "DB_PASSWORD", 0);
    assert_string_equal(now, former);
    free(former);
    free(now);
    cli_done(&run);
}

/* A token that may not patch, but read and write: cut short it finds the same way again, and back. */
static void without_the_right_to_patch(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "patch secrets vault binnacle {\"data\":{\"token\":"
                                  "\"aGFyYm9yLWVkaXRvcg==\"}}"); /* VAULT_EDITOR */
    (void)harbor_told(&p->harbor, "fault POST " DATA " cut=0 count=1");
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--yes", NULL);
    assert_status(&run, 4);
    assert_prints(&run,
                  "do not allow patch on secret/data/apps/kimai: it is read and written anew");
    assert_true(lets_in(OLD));
    resume(p, &run);
    expect_rotated(p, &run);
    assert_int_equal(asked(p, "POST " DATA), 1);
    cli_done(&run);
}

static void a_right_that_is_missing_is_said_before(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "answer vault vault /v1/sys/capabilities-self 200 "
                                  "{\"capabilities\":[\"read\"]}");
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run,
                     "do not allow patch on secret/data/apps/kimai; and to read it and write it "
                     "anew: this token's policies do not allow update on secret");
    assert_true(lets_in(OLD));
    char *now = value_in_vault(p, "DB_PASSWORD", 0);
    assert_string_equal(now, OLD);
    free(now);
    cli_done(&run);
}

/* Killed while the server is at it, and what it was at does not come to be. */
static void killed_at_the_server(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    MYSQL *lock = lock_tables();
    int pid = cli_begin(p->cli, "--config", config, "do", ROTATE, "--yes", NULL);
    mysqld_await_answer(server, ALTERING, "1");
    kill_run(pid);
    kill_admins(); /* and the lock with them */
    mysql_close(lock);
    mysqld_await_answer(server, ALTERING, "0");
    resume(p, &run);
    expect_rotated(p, &run);
    cli_done(&run);
}

static void killed_while_the_secret_is_refreshed(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    kill_at_the_refresh(p);
    expect_old_good_where_two_are_kept();
    (void)harbor_told(&p->harbor, STOPPED, 1);
    resume(p, &run);
    assert_int_equal(writes(p, READER), 1);
    expect_rotated(p, &run);
    cli_done(&run);
}

static void cut_short_at_the_restart(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault " KIMAI "?fieldManager cut=0 count=1");
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--yes", NULL);
    assert_status(&run, 4);
    expect_old_good_where_two_are_kept();
    resume(p, &run);
    expect_rotated(p, &run);
    cli_done(&run);
}

static void it_is_taken_back_before_the_restart(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    kill_at_the_refresh(p);
    char *new = value_in_vault(p, "DB_PASSWORD", 0);
    cli_run(p->cli, &run, "--config", config, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    expect_no_leak(p, &run, new);
    assert_true(lets_in(OLD));
    assert_false(lets_in(new));
    expect_no_second();
    char *now = value_in_vault(p, "DB_PASSWORD", 0);
    assert_string_equal(now, OLD);
    assert_int_equal(writes(p, KIMAI), 0);
    free(new);
    free(now);
    cli_done(&run);
}

/* A MySQL 8, of harbor: the old password is good until all have the new one, then nobody has it. */
static void two_passwords_where_the_server_has_them(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault " KIMAI "?fieldManager cut=0 count=1");
    cli_run(p->cli, &run, "do", "rotate-password", "--user", "kimai", "--path", "apps/kimai",
            "--key", "DB_PASSWORD", "--cluster", "operators/mysql", "--yes", NULL);
    assert_status(&run, 4);
    assert_prints(&run, "RETAIN CURRENT PASSWORD");
    assert_prints(&run, "the old one stays good");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL); /* pods may have the new one already */
    assert_status(&run, 3);
    assert_complains(&run, "can be taken back: \"Restart Deployment default/kimai\" stays");
    assert_prints(&run, "stays: Give 'kimai'@'%' the new password, the old one stays good: a later "
                        "step, which cannot be taken back, may stand on it");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "= 2. Give 'kimai'@'%' the new password");
    assert_prints(&run, "ok  Discard the old password of 'kimai'@'%'");
    char *new = value_in_vault(p, "DB_PASSWORD", 0);
    expect_no_leak(p, &run, new);
    free(new);
    cli_done(&run);
}

static void what_is_wrong_is_said_before(void **state)
{
    static const struct {
        const char *user, *path, *key, *says;
    } cases[] = {
        {"root", "apps/kimai", "DB_PASSWORD", "spec.secretsName"},
        {"admin", "apps/kimai", "DB_PASSWORD", "who asks here"},
        {"kimai", "apps/kimai", "NONE", "has no key NONE; it has: "},
        {"kimai", "apps/kimai", "a\"}", "letters, digits"},
        {"kimai", "apps/none", "DB_PASSWORD", "Vault has no such secret"},
        {"kimai", "../sys", "DB_PASSWORD", "words with / between them"},
        {"ki'mai", "apps/kimai", "DB_PASSWORD", "there is no user"},
    };
    struct place *p = here(state);
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        cli_run(p->cli, &run, "--config", config, "do", "rotate-password", "--cluster", "db",
                "--user", cases[i].user, "--path", cases[i].path, "--key", cases[i].key, "--yes",
                NULL);
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    assert_true(lets_in(OLD));
    mysqld_do(server, "ALTER USER kimai@'%' IDENTIFIED BY 'another'");
    cli_run(p->cli, &run, "--config", config, "do", ROTATE, "--dry-run", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "what Vault has now does not let kimai in from here");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_reaches_its_end),
        CASE(cut_short_at_vault),
        CASE(without_the_right_to_patch),
        CASE(a_right_that_is_missing_is_said_before),
        CASE(killed_at_the_server),
        CASE(killed_while_the_secret_is_refreshed),
        CASE(cut_short_at_the_restart),
        CASE(it_is_taken_back_before_the_restart),
        CASE(two_passwords_where_the_server_has_them),
        CASE(what_is_wrong_is_said_before),
    };
    return cmocka_run_group_tests_name("do_rotate", tests, maria_start, maria_stop);
}
