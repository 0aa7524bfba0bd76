/* Backups by `do`: made once, whatever breaks in between; followed; looked for in the bucket. */
#include <config.h>

#include "actions/audit.h"
#include "test/systems/do_database.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACK_UP "do", "backup", "--cluster", "mysql", "-n", "operators", "--yes"

static void expect_backup(struct place *p, const char *name, const char *path, const char *wanted)
{
    char target[256];
    (void)snprintf(target, sizeof(target), BACKUPS "/%s", name);
    expect_text(p, target, path, wanted);
}

static void expect_one(struct place *p)
{
    char name[128];
    assert_int_equal(count_named(p, BACKUPS, "manual-", name), 1);
    expect_backup(p, name, "status|state", "Succeeded");
    expect_backup(p, name, "metadata|finalizers", "[\"percona.com/delete-backup\"]");
    expect_audit(p, "done");
}

static void a_backup_is_followed_to_its_place_in_the_bucket(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, BACK_UP, NULL);
    assert_status(&run, 0);
    assert_prints(&run, "The last: 2026-02-13 03:00:00 took 4m53s, ");
    assert_prints(&run, "This one takes about 4m");
    assert_prints(&run, "S3 has 2.2Gi in 224 objects, the one before 2.2Gi");
    assert_null(strstr(strstr(strbuf_cstr(&run.out), "S3 has") + 1, "S3 has")); /* once */
    expect_one(p);
    cli_done(&run);
}

/* The words that the second is told with, whoever is at work here. */
static void expect_told(const struct cli_run *run, const char *what)
{
    struct strbuf by = STRBUF_INIT(1024);
    strbuf_adds(&by, " by ");
    audit_add_who(&by);
    assert_prints(run, " is under way (waiting, begun 20");
    assert_prints(run, strbuf_cstr(&by));
    assert_prints(run, what);
    strbuf_clear(&by);
}

/* The second is told whose is under way since when, and what becomes of its own: it waits for that one, or
 * runs beside it; where both have planned in the same second, it is the same backup. Whatever was begun is
 * whole. */
static void two_back_up_at_once(void **state)
{
    static const char post[] = "POST " BACKUPS "?fieldManager";
    static const char *const cases[][2] = {
        {"false", "): this one waits until that has ended (allowParallel: false)"},
        {"true", "): this one runs beside it (allowParallel), and takes its data from a node as "
                 "well"}};
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128], target[256];
    int ends[2], pids[2];
    set_operator(p, false);
    pids[0] = cli_begin(p->cli, BACK_UP, NULL);
    await_named(p, BACKUPS, "manual-", name);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        (void)harbor_told(&p->harbor,
                          "patch perconaxtradbclusters operators mysql "
                          "{\"spec\":{\"backup\":{\"allowParallel\":%s}}}",
                          cases[i][0]);
        cli_run(p->cli, &run, BACK_UP, "--dry-run", NULL);
        assert_status(&run, 0);
        if (!strstr(strbuf_cstr(&run.out), "Nothing to do"))
            expect_told(&run, cases[i][1]);
    }
    pids[1] = cli_begin(p->cli, BACK_UP, NULL);
    set_operator(p, true);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(pids[i], &ends[i], 0), pids[i]);
        assert_int_equal(WEXITSTATUS(ends[i]), 0);
    }
    assert_int_equal(count_named(p, BACKUPS, "manual-", name), asked(p, post));
    (void)snprintf(target, sizeof(target), BACKUPS "/%s", name);
    expect_text(p, target, "status|state", "Succeeded");
    expect_audit(p, "done");
    cli_done(&run);
}

/* One that has to wait says whose it waits for. */
static void who_waits_says_for_whom(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    char name[128];
    set_operator(p, false);
    (void)harbor_told(&p->harbor,
                      "copy perconaxtradbclusterbackups operators " NEWEST " theirs "
                      "{\"metadata\":{\"annotations\":{\"binnacle/begun-by\":\"ada@deck\"}},"
                      "\"status\":{\"state\":\"Running\"}}");
    int pid = cli_begin(p->cli, BACK_UP, NULL), helper = (int)fork();
    if (helper == 0) {
        await_named(p, BACKUPS, "manual-", name);
        await_asked(p, "GET " BACKUPS "/manual-", 3);
        set_operator(p, true);
        _exit(0);
    }
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
    cli_run(p->cli, &run, "do", "--watch", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "backup theirs is under way (Running, begun 20");
    assert_prints(&run, " by ada@deck): ");
    assert_prints(&run, "    waiting: the operator has not begun it; backup theirs by ada@deck is "
                        "Running");
    cli_done(&run);
}

/* One that its operator does not see to is left by a run that is killed. */
static void leave_backup(struct place *p, char name[128])
{
    set_operator(p, false);
    int pid = cli_begin(p->cli, BACK_UP, NULL);
    await_named(p, BACKUPS, "manual-", name);
    await_audited(p, "sent", 1);
    kill_run(pid);
}

/* A Job's pod, whose log is followed. */
static void have_pod(struct place *p, const char *backup, const char *pod)
{
    (void)harbor_told(
        &p->harbor,
        "patch perconaxtradbclusterbackups operators %s {\"status\":{\"state\":"
        "\"Running\",\"destination\":\"s3://reyem-db-backup/mysql-2026-02-14-full\"}}",
        backup);
    (void)harbor_told(&p->harbor,
                      "copy pods operators xb-cron-mysql-s3-backup-202627300-3vsve-wkzs4 %s "
                      "{\"metadata\":{\"creationTimestamp\":\"2026-02-13T09:00:00Z\","
                      "\"labels\":{\"percona.com/backup-name\":\"%s\"}},"
                      "\"status\":{\"phase\":\"Running\"}}",
                      pod, backup);
}

/* While one looks on it goes no further: its operator waits until the pod's log has been read. */
static void its_pod_says_how_far_it_is(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    int status;
    leave_backup(p, name);
    have_pod(p, name, "xb-1");
    (void)harbor_told(&p->harbor,
                      "mysql operators mysql-pxc-2 set wsrep_local_state_comment Donor/Desynced");
    (void)harbor_told(&p->harbor, "mysql operators mysql-pxc-2 set wsrep_local_recv_queue 12");
    int helper = (int)fork();
    if (helper == 0) {
        await_asked(p, "/pods/xb-1/log?container=xtrabackup", 1);
        set_operator(p, true);
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_status(&run, 0);
    assert_prints(&run, "Running for ");
    assert_prints(&run, " of about 4m32s, mysql ready, pxc 3/3");
    assert_prints(&run, "  | pod xb-1: Running");
    assert_prints(&run, "[Xtrabackup] ");
    assert_prints(&run, ", mysql-pxc-0 Synced, mysql-pxc-1 Synced, mysql-pxc-2 "
                        "Donor/Desynced (receive queue 12, paused by flow control 0.0% of");
    expect_one(p);
    cli_done(&run);
}

static void say(struct place *p, const char *text)
{
    (void)harbor_told(&p->harbor, "said operators xb-1 2026-02-13T09:%s", text);
}

/* Beside what is asked for now: the log is written on, its connection breaks, its stamps are equal and out
 * of order. */
static void write_log(struct place *p)
{
    static const char *const log = "/pods/xb-1/log?container=xtrabackup";
    await_asked(p, log, 1);
    say(p, "00:02.1Z line 3");
    say(p, "00:02.1Z line 4");
    await_asked(p, log, 3); /* the second one may have been under way */
    (void)harbor_told(&p->harbor, "fault %s cut=20 count=1", log);
    say(p, "00:02.05Z line 5");
    say(p, "00:02.1Z line 6");
    await_asked(p, log, 6);
    say(p, "00:02.123456789Z line 7 \x1b[31m");
    say(p, "00:09Z 2026-02-13T09:00:09Z line 8");
    await_asked(p, log, 8);
    say(p, "00:09Z line 9");
    set_operator(p, true);
}

/* Each line of a pod's log is told once, in its order, whatever its stamp and its connection; and told
 * again, the same, to who watches the run. */
static void no_line_is_lost_or_doubled(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    int status;
    leave_backup(p, name);
    cli_run(p->cli, &run, "get", "audit", "-o", "jsonl", NULL);
    assert_prints(&run, "audit-open");
    say(p, "00:01.5Z line 1");
    say(p, "00:01.5Z line 2");
    have_pod(p, name, "xb-1");
    int helper = (int)fork();
    if (helper == 0) {
        write_log(p);
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_status(&run, 0);
    for (int round = 0; round < 2; round++) {
        const char *at = strbuf_cstr(&run.out);
        for (int i = 1; i <= 9; i++) {
            char line[64];
            (void)snprintf(line, sizeof(line), "  | 09:00:0%d line %d",
                           i < 3   ? 1
                           : i < 8 ? 2
                                   : 9,
                           i);
            assert_non_null(at = strstr(at, line));
            assert_null(strstr(at + 1, line));
        }
        assert_null(strchr(strbuf_cstr(&run.out), '\x1b'));
        assert_prints(&run, "\nok  Back up ");
        cli_run(p->cli, &run, "do", "--watch", NULL);
        assert_status(&run, 0);
    }
    cli_done(&run);
}

/* How often the text stands in what was printed. */
static int times(const struct cli_run *run, const char *text)
{
    int n = 0;
    for (const char *at = strbuf_cstr(&run->out); (at = strstr(at, text)); at++)
        n++;
    return n;
}

/* A run that follows a pod's log is killed amid it, twice; the one that goes on tells what comes after the
 * last line that was told, and who watches has each line once. */
static void a_log_is_gone_on_with(void **state)
{
    static const char *const log = "/pods/xb-1/log?container=xtrabackup";
    static const char *const lines[] = {"00:01.5Z line 1", "00:02.1Z line 2",  "00:02.1Z line 3",
                                        "00:02.9Z line 4", "00:02.05Z line 5", "00:07Z line 6"};
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128], line[64];
    int status;
    leave_backup(p, name);
    have_pod(p, name, "xb-1");
    for (int i = 0; i < 4; i++) {
        const int had = (int)asked(p, log);
        say(p, lines[i]);
        int pid = i % 2 ? 0 : cli_begin(p->cli, "do", "--resume", "--yes", NULL);
        if (!pid)
            continue; /* it is there when the next one looks */
        await_asked(p, log, had + 2);
        kill_run(pid);
    }
    say(p, lines[4]);
    int helper = (int)fork();
    if (helper == 0) {
        const int had = (int)asked(p, log);
        await_asked(p, log, had + 1);
        say(p, lines[5]);
        await_asked(p, log, had + 3);
        set_operator(p, true);
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_status(&run, 0);
    assert_prints(&run, "  | (up to 09:00:02 it was told before: binnacle do --watch shows all)\n");
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i <= 6; i++) {
            (void)snprintf(line, sizeof(line), " line %d\n", i);
            assert_int_equal(times(&run, line), round == 1 || i > 3);
        }
        cli_run(p->cli, &run, "do", "--watch", NULL);
        assert_status(&run, 0);
    }
    cli_done(&run);
}

static void what_cannot_be_begins_not(void **state)
{
    static const struct {
        const char *order, *says;
    } cases[] = {
        {"patch perconaxtradbclusters operators mysql {\"status\":{\"state\":\"initializing\"}}",
         "is initializing: the operator begins no backup until it is ready"},
        {"patch perconaxtradbclusters operators mysql {\"status\":{\"state\":\"ready\"}}", NULL},
        {"delete secrets operators s3-db-backup",
         "Secret operators/s3-db-backup, with the credentials of storage s3-backup, is not there"},
        {"copy perconaxtradbclusterrestores operators restore-drill-202601 other "
         "{\"status\":{\"state\":\"Restoring\"}}",
         "restore other of mysql is under way (Restoring, begun 20"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        (void)harbor_told(&p->harbor, "%s", cases[i].order);
        if (!cases[i].says)
            continue;
        cli_run(p->cli, &run, BACK_UP, NULL);
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    assert_int_equal(count_named(p, BACKUPS, "manual-", name), 0);
    cli_done(&run);
}

/* Of a bucket that does not answer as it should nothing is claimed. */
static void what_the_bucket_does_not_say_is_unknown(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "outside bucket denied");
    cli_run(p->cli, &run, BACK_UP, NULL);
    assert_status(&run, 0);
    assert_prints(&run, "will not be verified: ");
    assert_prints(&run, " done, NOT verified in s3://reyem-db-backup");
    assert_null(strstr(strbuf_cstr(&run.out), "Look for manual-"));
    (void)unsetenv("BINNACLE_OUTSIDE");
    cli_run(p->cli, &run, BACK_UP, NULL);
    assert_status(&run, 0);
    assert_prints(&run, "it lies outside the cluster, and nothing says that it may be asked");
    cli_done(&run);
}

/* Which one is meant needs no word where there is one alone. */
static void the_only_cluster_is_meant(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "backup", "--dry-run", NULL); /* of another namespace */
    assert_status(&run, 0);
    assert_prints(&run, "Back up PerconaXtraDBCluster operators/mysql to s3-backup");
    cli_run(p->cli, &run, "do", "restore-to", "--type", "latest", "--dry-run", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "What can be restored of mysql (UTC):");
    (void)harbor_told(&p->harbor, "copy perconaxtradbclusters operators mysql other {}");
    cli_run(p->cli, &run, "do", "backup", "--dry-run", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "--cluster says which: there are operators/mysql, operators/other");
    cli_done(&run);
}

/* The operator calls it a success, and nothing is there. */
static void what_is_not_in_the_bucket_has_failed(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    int64_t end = now_ms() + 30000;
    leave_backup(p, name);
    (void)harbor_told(&p->harbor,
                      "patch perconaxtradbclusterbackups operators %s {\"status\":{\"state\":"
                      "\"Succeeded\",\"destination\":\"s3://reyem-db-backup/mysql-lost-full\"}}",
                      name);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "S3 has nothing of mysql-lost-full");
    assert_true(in_time(end));
    cli_done(&run);
}

/* Until there is none. */
static void await_none(struct place *p)
{
    char name[128];
    int64_t end = now_ms() + PATIENT_MS;
    while (count_named(p, BACKUPS, "manual-", name) > 0)
        assert_true(in_time(end));
}

/* Its request was taken, and what came of it is bad: it is this run's to take back. */
static void a_failed_one_is_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    int status;
    set_operator(p, false);
    int pid = cli_begin(p->cli, BACK_UP, NULL);
    await_named(p, BACKUPS, "manual-", name);
    (void)harbor_told(
        &p->harbor,
        "patch perconaxtradbclusterbackups operators %s {\"status\":{\"state\":\"Failed\"}}", name);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 1);
    cli_run(p->cli, &run, "status", NULL);
    assert_complains(&run, "has no end: it stood at \"Back up ");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "it was sent: binnacle do --resume, --undo or --leave");
    set_operator(p, true);
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "ok  take back: Back up ");
    assert_null(strstr(strbuf_cstr(&run.out), "Look for"));
    await_none(p);
    expect_audit(p, "undone");
    cli_done(&run);
}

/* Another of this name, in its place. */
static void replace_backup(struct place *p, const char *name)
{
    (void)harbor_told(&p->harbor, "delete perconaxtradbclusterbackups operators %s", name);
    (void)harbor_told(&p->harbor,
                      "copy perconaxtradbclusterbackups operators " NEWEST " %s "
                      "{\"spec\":{\"storageName\":\"theirs\"}}",
                      name);
}

static void take_back(struct place *p, struct cli_run *run, const char *more, int status)
{
    cli_run(p->cli, run, "do", "--undo", "--yes", more, NULL);
    assert_status(run, status);
}

/* What is not there any more is not this run's, whatever it is called. */
static void another_s_of_its_name_stays(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    leave_backup(p, name);
    replace_backup(p, name);
    take_back(p, &run, "--anyway", 0);
    assert_prints(&run, "it is gone; another has its name now, and stays");
    expect_backup(p, name, "spec|storageName", "theirs");
    expect_audit(p, "undone");
    cli_done(&run);
}

/* Replaced after it was looked at: the API server is told which one is meant. */
static void another_s_that_came_at_last_stays(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128], path[256];
    int status;
    leave_backup(p, name);
    (void)snprintf(path, sizeof(path), "DELETE " BACKUPS "/%s", name);
    (void)harbor_told(&p->harbor, "fault %s delay=60000 count=1", path);
    int pid = cli_begin(p->cli, "do", "--undo", "--yes", NULL);
    await_asked(p, path, 1);
    replace_backup(p, name);
    (void)harbor_told(&p->harbor, "step 60000");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
    expect_backup(p, name, "spec|storageName", "theirs");
    cli_done(&run);
}

/* Made, and its answer does not come. */
static void lose_backup(struct place *p, struct cli_run *run, char name[128])
{
    set_operator(p, false);
    (void)harbor_told(&p->harbor, "fault POST " BACKUPS "?fieldManager cut=0 count=1");
    cli_run(p->cli, run, BACK_UP, NULL);
    assert_status(run, 4);
    await_named(p, BACKUPS, "manual-", name);
}

/* Which one was made is not known: it has to be as it was to be made. */
static void what_may_be_another_s_is_left(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    lose_backup(p, &run, name);
    set_operator(p, true);
    take_back(p, &run, NULL, 0);
    await_none(p);
    lose_backup(p, &run, name);
    replace_backup(p, name);
    take_back(p, &run, NULL, 3);
    assert_complains(
        &run,
        "is not known, and it is not as that was to be, in metadata.annotations.binnacle/begun-by");
    expect_backup(p, name, "spec|storageName", "theirs");
    set_operator(p, true);
    take_back(p, &run, "--anyway", 0); /* in so many words */
    await_none(p);
    cli_done(&run);
}

static void a_failed_one_says_why(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    leave_backup(p, name);
    (void)harbor_told(&p->harbor,
                      "patch perconaxtradbclusterbackups operators %s {\"status\":{\"state\":"
                      "\"Failed\",\"error\":\"storage x doesn't exist\"}}",
                      name);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "Failed: storage x doesn't exist");
    cli_done(&run);
}

static void a_backup_that_runs_is_cancelled(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128], asked[256];
    int status;
    leave_backup(p, name);
    cli_run(p->cli, &run, "do", "delete-backup", "--name", name, "-n", "operators", "--confirm",
            "demo", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "): cancel-backup ends it");
    (void)snprintf(asked, sizeof(asked), "DELETE " BACKUPS "/%s", name);
    int helper = (int)fork();
    if (helper == 0) { /* rehearsed, then sent: what its operator did before would be a conflict */
        await_asked(p, asked, 2);
        set_operator(p, true);
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "cancel-backup", "--name", name, "-n", "operators", "--yes", NULL);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_status(&run, 0);
    assert_prints(&run, "ok  Cancel PerconaXtraDBClusterBackup operators/manual-");
    assert_int_equal(count_named(p, BACKUPS, "manual-", name), 0);
    assert_int_equal(count_named(p, "/apis/batch/v1/namespaces/operators/jobs", "xb-manual", name),
                     0);
    cli_run(p->cli, &run, "do", "cancel-backup", "--name", NEWEST, "-n", "operators", "--yes",
            NULL);
    assert_status(&run, 3);
    assert_complains(&run, "has ended (Succeeded): delete-backup deletes it");
    cli_done(&run);
}

/* The bucket is asked by another run: what stands in it of the name. */
static void a_backup_goes_with_its_data(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char name[128];
    cli_run(p->cli, &run, "do", "delete-backup", "--name", NEWEST, "-n", "operators", "--confirm",
            "demo", NULL);
    assert_status(&run, 0);
    assert_prints(&run,
                  "what lies at s3://reyem-db-backup/mysql-2026-02-13-03:00:00-full is deleted");
    assert_prints(&run, "nothing of it is left");
    assert_int_equal(count_named(p, BACKUPS, NEWEST, name), 0);
    cli_done(&run);
}

static void what_is_needed_is_not_deleted(void **state)
{
    static const char *const goes[] = {
        "cron-mysql-s3-backup-2026212300-3vsve", "cron-mysql-s3-backup-2026210300-3vsve",
        "cron-mysql-s3-backup-202629300-3vsve", "cron-mysql-s3-backup-202628300-3vsve",
        "cron-mysql-s3-backup-202627300-3vsve"};
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "delete-backup", "--name", "before-kimai-upgrade", "-n",
            "operators", "--confirm", "demo", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "of points in time are lost: from 2026-02-07 03:04:11 on then, from "
                           "2026-01-25 07:15:00 on now; --force yes");
    for (size_t i = 0; i < BN_COUNT(goes); i++)
        (void)harbor_told(&p->harbor, "delete perconaxtradbclusterbackups operators %s", goes[i]);
    (void)harbor_told(&p->harbor,
                      "delete perconaxtradbclusterbackups operators before-kimai-upgrade");
    cli_run(p->cli, &run, "do", "delete-backup", "--name", NEWEST, "-n", "operators", "--confirm",
            "demo", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "it is the only backup of mysql that went well; --force yes");
    cli_run(p->cli, &run, "do", "delete-backup", "--name", NEWEST, "-n", "operators", "--force",
            "yes", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm demo");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_backup_is_followed_to_its_place_in_the_bucket),
        CASE(two_back_up_at_once),
        CASE(who_waits_says_for_whom),
        CASE(its_pod_says_how_far_it_is),
        CASE(no_line_is_lost_or_doubled),
        CASE(a_log_is_gone_on_with),
        CASE(what_cannot_be_begins_not),
        CASE(what_the_bucket_does_not_say_is_unknown),
        CASE(the_only_cluster_is_meant),
        CASE(what_is_not_in_the_bucket_has_failed),
        CASE(a_failed_one_says_why),
        CASE(a_failed_one_is_taken_back),
        CASE(another_s_of_its_name_stays),
        CASE(another_s_that_came_at_last_stays),
        CASE(what_may_be_another_s_is_left),
        CASE(a_backup_that_runs_is_cancelled),
        CASE(a_backup_goes_with_its_data),
        CASE(what_is_needed_is_not_deleted),
    };
    return cmocka_run_group_tests_name("do_backup", tests, NULL, NULL);
}
