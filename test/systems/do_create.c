/* create-database on harbor's systems: made, skipped, refused, killed and gone on with. Against a real
 * MariaDB: do_create_maria.c. */
#include <config.h>

#include "test/systems/crash_run.h"
#include "test/systems/created.h"

#include <sys/wait.h>

#define CREATE(p, run, ...) \
    cli_run((p)->cli, run, "do", "create-database", "-n", "default", __VA_ARGS__, (char *)NULL)
#define PATH_DB "apps/kimai2-db"

static void expect_database(struct place *p, const char *name, const char *charset)
{
    struct cli_run run = {0};
    cli_run(p->cli, &run, "get", "mysql-db", name, "-A", NULL);
    assert_status(&run, 0);
    assert_prints(&run, charset);
    cli_run(p->cli, &run, "get", "mysql-user", "-A", "--filter", name, NULL);
    assert_status(&run, 0);
    assert_prints(&run, name);
    cli_done(&run);
}

static void all_of_it_is_made(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    CREATE(p, &run, "--name", "kimai2", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Log in as kimai2 at mysql-haproxy.operators.svc.cluster.local:3306");
    char *password = vault_text(p, PATH_DB, "password");
    assert_non_null(password);
    assert_int_equal(strlen(password), 32);
    expect_untold(p, &run, password);
    expect_secret(p, "kimai2-db", PATH_DB);
    expect_database(p, "kimai2", "utf8mb4");
    CREATE(p, &run, "--name", "kimai2", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do: it is so already.");
    expect_untold(p, &run, password);
    assert_int_equal(vault_versions(p, PATH_DB), 1);
    expect_chain(p);
    free(password);
    cli_done(&run);
}

static void by_a_job(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    CREATE(p, &run, "--name", "kimai2", "--way", "job", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Log in as kimai2");
    assert_prints(&run, " database `kimai2` is made\n");
    assert_prints(&run, " rights are granted\n");
    char *password = vault_text(p, PATH_DB, "password");
    expect_untold(p, &run, password);
    expect_secret(p, "kimai2-db", PATH_DB);
    char *jobs = read_text(p, "/apis/batch/v1/namespaces/operators/jobs", "items");
    assert_null(strstr(jobs, "kimai2"));
    char *secrets = read_text(p, "/api/v1/namespaces/operators/secrets", "items");
    assert_null(strstr(secrets, "kimai2"));
    CREATE(p, &run, "--name", "kimai2", "--way", "job", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do: it is so already.");
    free(jobs);
    free(secrets);
    free(password);
    cli_done(&run);
}

static void the_plan_as_the_manual_has_it(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "create-database", "--name", "kimai2", "--user", "kimai2",
            "--namespace", "default", "--dry-run", "-o", "json", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "\"action\": \"create-database\"");
    assert_prints(&run, "CREATE USER 'kimai2'@'%' IDENTIFIED BY '${password}'");
    assert_prints(&run, "\"undo\": \"delete version 1\"");
    assert_int_equal(vault_versions(p, PATH_DB), 0);
    cli_done(&run);
}

static void what_cannot_be_is_said(void **state)
{
    static const struct {
        const char *words[6];
        int status;
        const char *says;
    } cases[] = {
        {{"--name", "mysql"}, 3, "mysql is the server's own"},
        {{"--name", "x", "--user", "root"}, 3, "root is a system user"},
        {{"--name", "${password}"}, 3, "it has \"${\""},
        {{"--name", "end "}, 3, "has a space at an end"},
        {{"--name", "x", "--user", "' OR ''='"}, 3, "stands between apostrophes"},
        {{"--name", "line\nfeed"}, 2, "it has a control character"},
        {{"--name", "\xff"}, 3, "is no UTF-8"},
        {{"--name", "\xf0\x9f\x98\x80"}, 3, "beyond U+FFFF"},
        {{"--name", "x", "--grants", "custom", "--rights", "SELECT, SUPER"},
         3,
         "`SUPER` is no right"},
        {{"--name", "x", "--rights", "SELECT"}, 3, "--grants custom"},
        {{"--name", "x", "--charset", "utf8; DROP"}, 3, "no name of a character set"},
        {{"--name", "x", "--vault-path", "secret/../sys"}, 3, "it is MOUNT/PATH"},
        {{"--name", "x", "--vault-path", "kv/x"}, 3, "reads below secret/ alone"},
        {{"--name", "x", "--store", "vault-legacy"}, 3, "version 1"},
        {{"--name", "x", "--length", "8"}, 3, "it takes 16 to 128"},
        {{"--name", "x", "--alphabet", "aabcdefghijk"}, 3, "it has `a` twice"},
        {{"--name", "x", "--grants", "custom"}, 3, "--grants custom wants --rights"},
        {{"--name", "x", "--host", "bad host;"}, 3, "--host: no host of a user"},
        {{"--name", "x", "--charset", "nosuch"}, 3, "--charset: the server has no nosuch"},
        {{"--name", "x", "--collation", "utf8mb4_nosuch"}, 3, "the server has no utf8mb4_nosuch"},
        {{"--name", "x", "--collation", "latin1_bin"},
         3,
         "--collation: latin1_bin is of character set latin1, not of utf8mb4"},
        {{"--name", "x", "--namespace", "nosuchns"}, 3, "--namespace: nosuchns is not there"},
        {{"--name", "kimai"}, 3, "is there and differs: its collation"},
        {{"--name", "\xe6\x95\xb0"}, 3, "say --secret and --vault-path"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        bool kimai = strcmp(w[1], "kimai") == 0;
        CREATE(p, &run, "--yes", kimai ? "--collation=utf8mb4_bin" : "--way=sql", w[0], w[1], w[2],
               w[3], w[4], w[5]);
        assert_status(&run, cases[i].status);
        assert_complains(&run, cases[i].says);
    }
    cli_done(&run);
}

/* The demonstration has kimai as this makes it; but no Secret of its own for that. */
static void what_is_there_stays(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    CREATE(p, &run, "--name", "kimai", "--user", "kimai", "--dry-run", "-o", "json");
    assert_status(&run, 0);
    assert_prints(&run, "\"action\": \"create-database\"");
    CREATE(p, &run, "--name", "kimai", "--user", "kimai", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "= 1. Write secret/apps/kimai-db into Vault");
    assert_prints(&run, "= 2. Create database `kimai`");
    assert_prints(&run, "= 3. Create user 'kimai'@'%'");
    assert_prints(&run, "= 4. Grant ALL PRIVILEGES on `kimai` to 'kimai'@'%'");
    assert_prints(&run, "+ 5. ExternalSecret default/kimai-db of apps/kimai-db");
    assert_prints(&run,
                  "Argo CD deploys namespace default (booklet, dnc, gta-events, kimai, reyemtech)");
    CREATE(p, &run, "--name", "kimai", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Log in as kimai");
    expect_secret(p, "kimai-db", "apps/kimai-db");
    assert_int_equal(vault_versions(p, "apps/kimai-db"), 1);
    cli_done(&run);
}

/* What the platform's booklet has was not made by this: its password is not where it would be. */
static void who_is_there_already(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    CREATE(p, &run, "--name", "booklet", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "user 'booklet'@'%' is there, and its password is not in Vault");
    assert_int_equal(vault_versions(p, "apps/booklet-db"), 0);
    cli_done(&run);
}

static void a_right_that_is_missing_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *config =
        "sources:\n- {name: operators/mysql, type: mysql, admin: kimai, admin_password: "
        "'secret:operators/mysql-app-users/kimai'}\n";
    const char *path = cli_put(p->cli, "config.yaml", config, 0600);
    cli_run(p->cli, &run, "--config", path, "do", "create-database", "--name", "kimai2", "-n",
            "default", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "this MySQL user lacks CREATE USER on *.*");
    assert_int_equal(vault_versions(p, PATH_DB), 0);
    cli_done(&run);
}

static void a_run_that_was_killed_is_gone_on_with(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (unsigned moment = 3, n = 0; n < 4; moment += 37, n++) {
        char name[32], path[64], secret[64];
        (void)snprintf(name, sizeof(name), "killed%u", moment);
        (void)snprintf(path, sizeof(path), "apps/%s-db", name);
        (void)snprintf(secret, sizeof(secret), "%s-db", name);
        const char *way = n % 2 ? "job" : "sql";
        const char *const words[] = {"do",      "create-database", "--name", name,    "-n",
                                     "default", "--way",           way,      "--yes", NULL};
        assert_int_equal(crash_run(p->cli, moment, words), CRASHED);
        cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
        if (run.status == 3) { /* nothing was announced yet */
            assert_complains(&run, "no run is without an end");
            CREATE(p, &run, "--name", name, "--way", way, "--yes");
        }
        assert_status(&run, 0);
        char *password = vault_text(p, path, "password");
        expect_untold(p, &run, password);
        expect_secret(p, secret, path);
        assert_int_equal(vault_versions(p, path), 1);
        expect_database(p, name, "utf8mb4");
        free(password);
    }
    expect_chain(p);
    cli_done(&run);
}

/* ---- By a Job. */

#define JOBS "/apis/batch/v1/namespaces/operators/jobs"

/* Until it is this. */
static void await_value(struct place *p, const char *target, const char *path, const char *wanted)
{
    int64_t end = now_ms() + PATIENT_MS;
    bool found = false;
    while (!found) {
        assert_true(in_time(end));
        char *text = read_text(p, target, path);
        found = text && strstr(text, wanted);
        free(text);
    }
}

/* Fails when its statements have been sent: its user is there. What it has come to is not told until
 * then. */
static void fail_job(struct place *p)
{
    char name[64], pod[160];
    await_asked(p, "POST " JOBS "?fieldManager", 1);
    (void)harbor_told(&p->harbor, "fault GET " JOBS "/create-database delay=60000");
    (void)harbor_told(&p->harbor, "step 60000"); /* it is made now */
    await_value(p, JOBS, "items", "create-database-kimai2-db");
    char *items = read_text(p, JOBS, "items"), *at = strstr(items, "create-database-kimai2-db");
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "\""), at);
    (void)snprintf(pod, sizeof(pod), "/api/v1/namespaces/operators/pods/%s-k8x2p", name);
    await_value(p, pod, "status|phase", "Succeeded");
    (void)harbor_told(&p->harbor,
                      "patch jobs operators %s {\"status\":{\"conditions\":[{\"type\":\"Complete\","
                      "\"status\":\"False\"},{\"type\":\"Failed\",\"status\":\"True\","
                      "\"reason\":\"DeadlineExceeded\"}]}}",
                      name);
    (void)harbor_told(&p->harbor, "clear");
    (void)harbor_told(&p->harbor, "step 60000");
    free(items);
}

/* What it has sent stays no orphan whose password nobody has any more. */
static void a_job_that_failed_is_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault POST " JOBS "?fieldManager delay=60000 count=1");
    int status, pid = cli_begin(p->cli, "do", "create-database", "-n", "default", "--name",
                                "kimai2", "--way", "job", "--yes", NULL);
    fail_job(p);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 1);
    expect_database(p, "kimai2", "utf8mb4");
    cli_run(p->cli, &run, "do", "--watch", NULL); /* what was done and what not */
    assert_prints(&run, "\nok  Write ");
    assert_prints(&run, "\nNOT Job operators/create-database-kimai2-db");
    assert_prints(&run, "\n--  Delete Job operators/create-database-kimai2-db");
    assert_prints(&run, "\n--  Log in as ");
    assert_prints(&run, "binnacle do --resume, --undo or --leave\n");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "ok  take back: Job operators/create-database-kimai2-db");
    cli_run(p->cli, &run, "get", "mysql-user", "-A", "--filter", "kimai2", NULL);
    assert_null(strstr(strbuf_cstr(&run.out), "kimai2"));
    assert_null(vault_text(p, PATH_DB, "password"));
    char *externals = read_text(p, EXTERNALS, "items");
    assert_null(strstr(externals, "kimai2"));
    expect_audit(p, "undone");
    free(externals);
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

/* ---- A cluster that is not whole. */

#define JOINS "mysql operators mysql-pxc-1 set wsrep_local_state_comment "

static void a_node_that_joins_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, JOINS "Joined");
    CREATE(p, &run, "--name", "kimai2", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "mysql-pxc-1 is Joined: all nodes do these statements at once (TOI)");
    CREATE(p, &run, "--name", "kimai2", "--way", "job", "--dry-run");
    assert_prints(&run, "mysql-pxc-1 is Joined: ");
    cli_run(p->cli, &run, "do", "grant", "--user", "kimai", "--database", "kimai", "--rights",
            "SELECT", "--dry-run", NULL);
    assert_prints(&run, "mysql-pxc-1 is Joined: ");
    CREATE(p, &run, "--name", "kimai2", "--wait", "yes", "--wait-limit", "0", "--yes");
    assert_status(&run, 1);
    assert_prints(&run, "= 1. Wait until 3 of 3 nodes of operators/mysql are synced");
    assert_complains(&run, "not so after 0 s, and nothing was changed: 2 of 3 synced: "
                           "mysql-pxc-1 is Joined");
    assert_int_equal(vault_versions(p, PATH_DB), 0);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_complains(&run, "no run is without an end");
    cli_done(&run);
}

static void it_is_waited_for(void **state)
{
    static const char *const look = "GET /apis/pxc.percona.com/v1/namespaces/operators/"
                                    "perconaxtradbclusters/mysql";
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    (void)harbor_told(&p->harbor, JOINS "Joined");
    int helper = (int)fork();
    if (helper == 0) {
        await_asked(p, look, 3); /* the plan, and two looks: one of them has ended */
        assert_int_equal(vault_versions(p, PATH_DB), 0);
        (void)harbor_told(&p->harbor, JOINS "Synced");
        _exit(0);
    }
    CREATE(p, &run, "--name", "kimai2", "--wait", "yes", "--yes");
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_int_equal(status, 0);
    assert_status(&run, 0);
    assert_prints(&run, "2 of 3 synced: mysql-pxc-1 is Joined");
    assert_prints(&run, "ok  Wait until 3 of 3 nodes of operators/mysql are synced");
    assert_prints(&run, "ok  Log in as kimai2");
    cli_done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_of_it_is_made),
        CASE(by_a_job),
        CASE(the_plan_as_the_manual_has_it),
        CASE(what_cannot_be_is_said),
        CASE(what_is_there_stays),
        CASE(who_is_there_already),
        CASE(a_right_that_is_missing_is_named),
        CASE(a_run_that_was_killed_is_gone_on_with),
        CASE(a_job_that_failed_is_taken_back),
        CASE(a_node_that_joins_is_named),
        CASE(it_is_waited_for),
    };
    return cmocka_run_group_tests_name("do_create", tests, NULL, NULL);
}
