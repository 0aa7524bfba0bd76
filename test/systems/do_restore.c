/* Restores by `do`: to where they were meant, and no further; refused where nothing leads; the cluster
 * is back afterwards, and its binary logs are uploaded again. */
#include <config.h>

#include "test/systems/do_database.h"

#include <sys/wait.h>

#define GAPPED    "cron-mysql-s3-backup-2026210300-3vsve"
#define RESTORE   "do", "restore", "-n", "operators", "--backup"
#define RESTORE_T "do", "restore-to", "-n", "operators", "--cluster", "mysql", "--type", "date"
#define TYPED     "--confirm", "demo"

static void expect_restore(struct place *p, const char *path, const char *wanted)
{
    char target[256], name[128];
    assert_int_equal(count_named(p, RESTORES, "restore-20", name), 1);
    (void)snprintf(target, sizeof(target), RESTORES "/%s", name);
    expect_text(p, target, path, wanted);
}

/* All nodes are there, binary logs are uploaded, nothing of the run is left. */
static void expect_back(struct place *p)
{
    expect_text(p, CLUSTER, "status|state", "ready");
    expect_text(p, CLUSTER, "spec|pause", "false");
    expect_text(p, CLUSTER, "spec|pxc|size", "3");
    expect_text(p, CLUSTER, "status|pxc|ready", "3");
    expect_text(p, CLUSTER, "status|haproxy|ready", "2");
    expect_text(p, CLUSTER, "spec|backup|pitr|enabled", "true");
    expect_text(p, CLUSTER, "metadata|annotations|binnacle/restore", "(absent)");
    expect_text(p, "/apis/apps/v1/namespaces/operators/deployments/mysql-pitr",
                "status|availableReplicas", "1");
}

static void a_whole_backup_is_restored(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, RESTORE, NEWEST, TYPED, NULL);
    assert_status(&run, 0);
    assert_prints(&run, "It begins with backup " NEWEST ", whole at 2026-02-13 03:04:53 UTC.");
    assert_prints(&run, "mysql stops for that time, all 3 pxc and 2 haproxy pods");
    assert_prints(&run, "what was written after the backup of 2026-02-13 03:00:00 UTC is lost");
    assert_prints(&run, "Roughly it takes 15m: none has gone well here yet, so that is twice the "
                        "4m53s that the backup took and 2 minutes a node");
    assert_prints(
        &run, "undo: none: what is there now is overwritten; the newest backup of it is " NEWEST);
    assert_prints(&run, "ready; SELECT 1 is answered through its proxy, wsrep_cluster_size 3");
    assert_prints(&run, "ok  Wait until PerconaXtraDBCluster operators/mysql is ready");
    expect_restore(p, "status|state", "Succeeded");
    expect_restore(p, "spec|backupName", NEWEST);
    expect_restore(p, "spec|pitr", "(absent)");
    expect_back(p);
    expect_audit(p, "done");
    cli_done(&run);
}

/* Both have planned; the second to let the uploads rest is told, and its run has changed nothing. */
static void two_restore_at_once(void **state)
{
    static const char rest[] = "PATCH " CLUSTER "?fieldManager";
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    (void)harbor_told(&p->harbor, "fault %s delay=60000 count=1", rest);
    int pid = cli_begin(p->cli, RESTORE, NEWEST, TYPED, NULL);
    await_asked(p, rest, 1);
    cli_run(p->cli, &run, RESTORE, NEWEST, TYPED, NULL);
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor, "step 60000");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 1);
    expect_audit(p, "somebody else has changed it since the plan was made");
    expect_restore(p, "status|state", "Succeeded"); /* there is one */
    expect_back(p);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_complains(&run, "no run is without an end");
    cli_done(&run);
}

static void a_point_in_time_is_restored(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    cli_run(p->cli, &run, RESTORE_T, "--date", "2026-02-12 08:30:00", "--backup-first", "yes",
            TYPED, NULL);
    assert_status(&run, 0);
    assert_prints(&run, "What can be restored of mysql (UTC):\n    [B");
    assert_prints(&run, "^ target 2026-02-12 08:30:00\n    2026-01-25 07:15:00  ");
    assert_int_equal(count_named(p, BACKUPS, "manual-", name), 1); /* what was there before */
    expect_restore(p, "status|state", "Succeeded");
    expect_restore(p, "spec|backupName", "cron-mysql-s3-backup-2026212300-3vsve");
    expect_restore(p, "spec|pitr|date", "2026-02-12 08:30:00");
    expect_restore(p, "spec|pitr|backupSource|storageName", "s3-backup");
    expect_back(p);
    cli_done(&run);
}

/* Ten that went well, the newer five in less time. */
static void the_last_ones_say_how_long_it_takes(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (int i = 0; i < 10; i++)
        (void)harbor_told(&p->harbor,
                          "copy perconaxtradbclusterrestores operators restore-drill-202601 r%d "
                          "{\"metadata\":{\"creationTimestamp\":\"2026-01-1%dT00:00:00Z\"},"
                          "\"status\":{\"state\":\"Succeeded\",\"completed\":"
                          "\"2026-01-1%dT00:%d:00Z\"}}",
                          i, i, i, i < 5 ? 50 : 10);
    cli_run(p->cli, &run, RESTORE, NEWEST, "--dry-run", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "It takes about 10m");
    cli_done(&run);
}

static void what_leads_nowhere_is_refused(void **state)
{
    static const struct {
        const char *words[12], *says;
        int status;
    } cases[] = {
        {{RESTORE_T, "--date", "2026-02-11 12:00:00"}, "is in a gap of the binary logs", 3},
        {{RESTORE_T, "--date", "2025-12-24 18:00:00"},
         "is before the oldest backup, of 2026-01-25 07:15:00",
         3},
        {{RESTORE_T, "--date", "2036-01-01 00:00:00"},
         "is after the latest that can be restored",
         3},
        {{RESTORE_T, "--date", "yesterday"}, "--date `yesterday`: it takes a time as", 3},
        {{RESTORE, GAPPED, "--type", "latest"}, "has a gap behind it (Binlog with GTID set", 3},
        {{RESTORE, NEWEST, "--type", "date", "--date", "2026-02-12 23:00:00"},
         "is before backup " NEWEST " was whole, 2026-02-13 03:04:53: take an older one",
         3},
        {{RESTORE, NEWEST, "--type", "skip", "--gtid", "a:1\"},\"x\":{\""},
         "--gtid `a:1\"},\"x\":{\"`: it takes UUID:NUMBER",
         3},
        {{RESTORE, NEWEST, "--date", "2026-02-13 08:00:00"},
         "--date is nothing for --type none",
         3},
        {{RESTORE, "cron-mysql-s3-backup-2026211300-3vsve"}, "is no good one (Failed)", 3},
        {{RESTORE, "nobody"}, "PerconaXtraDBClusterBackup operators/nobody is not there", 3},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        cli_run(p->cli, &run, w[0], w[1], TYPED, w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9],
                w[10], w[11], NULL);
        assert_status(&run, cases[i].status);
        assert_complains(&run, cases[i].says);
    }
    cli_run(p->cli, &run, RESTORE, NEWEST, "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm demo");
    (void)harbor_told(&p->harbor, "outside object mysql-2026-02-13-03:00:00-full -");
    cli_run(p->cli, &run, RESTORE, NEWEST, TYPED, NULL);
    assert_status(&run, 3);
    assert_complains(&run, "has nothing of backup " NEWEST ": nothing was begun");
    (void)harbor_told(&p->harbor, "copy perconaxtradbclusterbackups operators " NEWEST
                                  " other {\"status\":{\"state\":\"Running\"}}");
    cli_run(p->cli, &run, RESTORE, GAPPED, TYPED, NULL);
    assert_status(&run, 3);
    assert_complains(&run, "backup other is under way (Running, begun 20");
    assert_int_equal(count_named(p, RESTORES, "restore-20", name), 0);
    assert_int_equal(writes(p, CLUSTER), 0);
    cli_done(&run);
}

/* The operator gives up; what rested for it goes on when the run is taken back. */
static void what_failed_lets_the_uploads_go_on(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    (void)harbor_told(&p->harbor, "fault " RESTORES "?fieldManager delay=60000 count=1");
    int pid = cli_begin(p->cli, RESTORE, NEWEST, TYPED, NULL);
    await_asked(p, "POST " RESTORES "?fieldManager", 1); /* they rest */
    set_operator(p, false);
    (void)harbor_told(&p->harbor, "step 60000");
    await_named(p, RESTORES, "restore-20", name);
    (void)harbor_told(&p->harbor,
                      "patch perconaxtradbclusterrestores operators %s {\"status\":{\"state\":"
                      "\"Failed\",\"comments\":\"validate cluster: backup storage verification "
                      "failed\"}}",
                      name);
    kill_run(pid);
    expect_text(p, CLUSTER, "spec|backup|pitr|enabled", "false");
    cli_run(p->cli, &run, "do", "--resume", TYPED, NULL);
    assert_status(&run, 1);
    assert_complains(&run, "Failed: validate cluster: backup storage verification failed");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "taken back, but for \"Restore PerconaXtraDBCluster operators/mysql");
    expect_text(p, CLUSTER, "spec|backup|pitr|enabled", "true");
    expect_text(p, CLUSTER, "metadata|annotations|binnacle/restore", "(absent)");
    expect_audit(p, "undone in part");
    cli_run(p->cli, &run, "get", "audit", "-o", "jsonl", NULL);
    assert_prints(&run, "audit-partly");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 3); /* it has ended */
    cli_done(&run);
}

/* Refused, nothing was restored: the backup made before goes too, and what was only looked at is not in
 * the way. */
static void what_was_not_begun_is_taken_back_whole(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    (void)harbor_told(&p->harbor, "fault POST " RESTORES "?fieldManager status=403 count=1");
    cli_run(p->cli, &run, RESTORE, NEWEST, "--backup-first", "yes", TYPED, NULL);
    assert_status(&run, 1);
    assert_complains(&run, "what was done before it stands");
    assert_int_equal(count_named(p, BACKUPS, "manual-", name), 1);
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "ok  take back: Let the uploads of binary logs");
    assert_prints(&run, "ok  take back: Back up ");
    expect_text(p, CLUSTER, "spec|backup|pitr|enabled", "true");
    int64_t end = now_ms() + PATIENT_MS;
    while (count_named(p, BACKUPS, "manual-", name) > 0)
        assert_true(in_time(end));
    expect_audit(p, "undone");
    cli_done(&run);
}

/* Once it was begun, the backup made before it is the way back: it stays. */
static void the_way_back_stays(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128], backup[128];
    (void)harbor_told(&p->harbor, "fault POST " RESTORES "?fieldManager cut=0 count=1");
    cli_run(p->cli, &run, RESTORE, NEWEST, "--backup-first", "yes", TYPED, NULL);
    assert_status(&run, 4);
    await_named(p, RESTORES, "restore-20", name);
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 1);
    assert_prints(&run, "  - Let the uploads of binary logs");
    assert_prints(&run, "  ! stays: Restore PerconaXtraDBCluster operators/mysql");
    assert_prints(&run, "may stand on it");
    assert_int_equal(count_named(p, BACKUPS, "manual-", backup), 1);
    expect_audit(p, "undone in part");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_whole_backup_is_restored),
        CASE(two_restore_at_once),
        CASE(a_point_in_time_is_restored),
        CASE(the_last_ones_say_how_long_it_takes),
        CASE(what_leads_nowhere_is_refused),
        CASE(what_failed_lets_the_uploads_go_on),
        CASE(what_was_not_begun_is_taken_back_whole),
        CASE(the_way_back_stays),
    };
    return cmocka_run_group_tests_name("do_restore", tests, NULL, NULL);
}
