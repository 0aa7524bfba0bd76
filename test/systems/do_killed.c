/* Backups and restores by a `do` that is killed, at each boundary of its steps and within each: gone
 * on with, it reaches the same end, and nothing is made twice. */
#include <config.h>

#include "test/systems/do_database.h"

#include <stdlib.h>
#include <unistd.h>

#define COLLECTOR "/apis/apps/v1/namespaces/operators/deployments/mysql-pitr"

static void set_world(int port)
{
    char outside[64];
    (void)snprintf(outside, sizeof(outside), "127.0.0.1:%d", port);
    (void)setenv("BINNACLE_OUTSIDE", outside, 1);
}

struct kill {
    const char *fault;             /* what holds it until then; NULL: nothing */
    bool works;                    /* the operator does */
    bool silent;                   /* the bucket does not answer */
    const char *asked;             /* until this was asked, */
    int done;                      /* or so many steps were done; 0: not so */
    void (*then)(struct place *p); /* and what is done then; NULL: nothing */
    int resumes;                   /* the status of going on */
};

static void kill_there(struct place *p, const struct kill *k, const char *const words[10])
{
    int port = 0, silence = open_silence(&port);
    set_operator(p, k->works);
    if (k->fault)
        (void)harbor_told(&p->harbor, "fault %s", k->fault);
    set_world(k->silent ? port : p->harbor.outside);
    int pid = cli_begin(p->cli, words[0], words[1], words[2], words[3], words[4], words[5],
                        words[6], words[7], words[8], words[9], NULL);
    if (k->asked)
        await_asked(p, k->asked, 1);
    if (k->done)
        await_audited(p, "done", k->done);
    if (k->then)
        k->then(p);
    kill_run(pid);
    (void)close(silence);
    set_world(p->harbor.outside);
    (void)harbor_told(&p->harbor, "clear");
    set_operator(p, true);
}

static void go_on(struct place *p, const struct kill *k, size_t i)
{
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "--resume", "--yes", "--confirm", "demo", NULL);
    if (run.status != k->resumes)
        print_error("killed in case %zu\n", i);
    assert_status(&run, k->resumes);
    if (k->resumes == 0)
        expect_audit(p, "done");
    cli_done(&run);
}

/* Between two looks at what was made: its operator does nothing. */
static void backup_waits(struct place *p)
{
    char name[128];
    await_named(p, BACKUPS, "manual-", name);
}

static void a_backup_is_made_once(void **state)
{
    static const char *const words[10] = {"do", "backup",    "--cluster", "mysql",
                                          "-n", "operators", "--yes"};
    static const struct kill kills[] = {
        {BACKUPS "?dryRun delay=60000 count=1", true, false, "POST " BACKUPS "?dryRun=All", 0, NULL,
         3},
        {BACKUPS "?fieldManager delay=60000 count=1", true, false, "POST " BACKUPS "?fieldManager",
         0, NULL, 0},
        {NULL, false, false, NULL, 0, backup_waits, 0},
        {NULL, true, true, NULL, 1, NULL, 0},
    };
    for (size_t i = 0; i < BN_COUNT(kills); i++) {
        char name[128], target[256];
        assert_int_equal(database_setup(state), 0);
        kill_there(*state, &kills[i], words);
        go_on(*state, &kills[i], i);
        assert_int_equal(count_named(*state, BACKUPS, "manual-", name), kills[i].resumes == 0);
        (void)snprintf(target, sizeof(target), BACKUPS "/%s", name);
        if (kills[i].resumes == 0)
            expect_text(*state, target, "status|state", "Succeeded");
        assert_int_equal(database_teardown(state), 0);
    }
}

/* ---- */

/* The request that was held is answered; its operator does nothing yet. */
static void restore_waits(struct place *p)
{
    char name[128];
    set_operator(p, false);
    (void)harbor_told(&p->harbor, "step 60000");
    await_named(p, RESTORES, "restore-20", name);
}

/* It is over, and its cluster not back. */
static void cluster_waits(struct place *p)
{
    char name[128];
    restore_waits(p);
    assert_int_equal(count_named(p, RESTORES, "restore-20", name), 1);
    (void)harbor_told(&p->harbor, "patch perconaxtradbclusters operators mysql "
                                  "{\"status\":{\"state\":\"initializing\"}}");
    (void)harbor_told(&p->harbor,
                      "patch perconaxtradbclusterrestores operators %s "
                      "{\"status\":{\"state\":\"Succeeded\"}}",
                      name);
    await_audited(p, "done", 4);
    (void)harbor_told(&p->harbor, "patch perconaxtradbclusters operators mysql "
                                  "{\"status\":{\"state\":\"ready\"}}");
}

/* The last request is sent, and not answered. */
static void uploads_wait(struct place *p)
{
    (void)harbor_told(&p->harbor, "fault " CLUSTER "?fieldManager delay=60000 count=1");
    (void)harbor_told(&p->harbor, "step 60000");
    await_asked(p, "PATCH " CLUSTER "?fieldManager", 2);
}

/* A backup first, uploads rest, the restore, its cluster, uploads again. */
static void a_restore_is_made_once(void **state)
{
    static const char *const words[10] = {"do",        "restore",   "--backup",       NEWEST,
                                          "-n",        "operators", "--backup-first", "yes",
                                          "--confirm", "demo"};
    static const char held[] = RESTORES "?fieldManager delay=60000 count=1";
    static const char sent[] = "POST " RESTORES "?fieldManager";
    static const struct kill kills[] = {
        {RESTORES "?dryRun delay=60000 count=1", true, false, "POST " RESTORES "?dryRun=All", 0,
         NULL, 3},
        {NULL, false, false, NULL, 0, backup_waits, 0},
        {CLUSTER "?fieldManager delay=60000 count=1", true, false, "PATCH " CLUSTER "?fieldManager",
         0, NULL, 0},
        {COLLECTOR " delay=60000", true, false, "GET " COLLECTOR, 0, NULL, 0},
        {held, true, false, sent, 0, NULL, 0},
        {held, true, false, sent, 0, restore_waits, 0},
        {held, true, false, sent, 0, cluster_waits, 0},
        {held, true, false, sent, 0, uploads_wait, 0},
    };
    for (size_t i = 0; i < BN_COUNT(kills); i++) {
        char name[128], target[256];
        assert_int_equal(database_setup(state), 0);
        kill_there(*state, &kills[i], words);
        go_on(*state, &kills[i], i);
        assert_int_equal(count_named(*state, BACKUPS, "manual-", name), kills[i].resumes == 0);
        assert_int_equal(count_named(*state, RESTORES, "restore-20", name), kills[i].resumes == 0);
        (void)snprintf(target, sizeof(target), RESTORES "/%s", name);
        if (kills[i].resumes == 0)
            expect_text(*state, target, "status|state", "Succeeded");
        expect_text(*state, CLUSTER, "status|state", "ready");
        expect_text(*state, CLUSTER, "spec|pxc|size", "3");
        expect_text(*state, CLUSTER, "spec|backup|pitr|enabled", "true");
        expect_text(*state, CLUSTER, "metadata|annotations|binnacle/restore", "(absent)");
        assert_int_equal(database_teardown(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_made_once),
        cmocka_unit_test(a_restore_is_made_once),
    };
    return cmocka_run_group_tests_name("do_killed", tests, NULL, NULL);
}
