/* Runs that make a database, a backup and a restore, killed at each boundary of their steps (after each line
 * of the audit log) and within each (what it sends was sent, and nothing of it is noted): gone on with, all of
 * them reach the same end, and nothing is made twice. */
#include <config.h>

#include "base/file.h"
#include "test/systems/crash_run.h"
#include "test/systems/created.h"
#include "test/systems/do_database.h"

#define WORDS_MAX 12

#ifndef PART
#    define PART 0 /* backups and restores; 1: databases. Two programs, told at once */
#endif

/* What is killed, and what is looked at when it has been gone on with; then all is as before it. */
struct deed {
    void (*words)(unsigned n, const char *words[WORDS_MAX]);
    void (*end)(struct place *p, struct cli_run *run, unsigned n);
    unsigned lines; /* at least: its steps */
};

/* Of each line whether it announces a step: it is sent until the next line. first: the line of the log
 * before the run's. */
static void read_steps(const struct place *p, size_t before, bool steps[CRASH_LINES_MAX])
{
    struct strbuf log = STRBUF_INIT((size_t)16 << 20);
    char path[160];
    struct err err;
    struct span line;
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    assert_true(file_read(path, &log, &err));
    struct span rest = span_sub(strbuf_span(&log), before, log.len);
    for (size_t i = 1; span_split(&rest, '\n', &line) && i < CRASH_LINES_MAX; i++)
        steps[i] = span_search(line, SPAN("\"event\":\"step\""), false) < line.len;
    strbuf_clear(&log);
}

static size_t log_size(const struct place *p)
{
    struct strbuf log = STRBUF_INIT((size_t)16 << 20);
    char path[160];
    struct err err;
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    assert_true(file_read(path, &log, &err));
    size_t size = log.len;
    strbuf_clear(&log);
    return size;
}

/* The first line of all is written before: it makes the files. */
static void begin_log(const struct place *p)
{
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "2",
            "--yes", NULL);
    assert_status(&run, 0);
    cli_done(&run);
}

/* ends: the status of going on; 3 where the run has no line yet (it is begun anew then), or all of them. */
static void kill_at(struct place *p, const struct deed *d, unsigned n, const struct crash_at *at,
                    int ends)
{
    const char *words[WORDS_MAX] = {NULL};
    struct crash_seen seen;
    struct cli_run run = {0};
    d->words(n, words);
    int status = crash_run_there(p->cli, at, &seen, words);
    if (status != CRASHED)
        fail_msg("not killed at line %u, %u: %d", at->line, at->sends, status);
    cli_run(p->cli, &run, "do", "--resume", "--yes", "--confirm", "demo", NULL);
    if (run.status != ends)
        print_error("killed at line %u, %u\n", at->line, at->sends);
    assert_status(&run, ends);
    if (ends)
        assert_complains(&run, "no run is without an end");
    if (!at->line)
        assert_int_equal(crash_run_there(p->cli, NULL, &seen, words), 0);
    d->end(p, &run, n);
    expect_chain(p);
    cli_done(&run);
}

static void kill_everywhere(struct place *p, const struct deed *d)
{
    const char *words[WORDS_MAX] = {NULL};
    struct crash_seen all;
    struct cli_run run = {0};
    bool steps[CRASH_LINES_MAX] = {false};
    unsigned n = 0, within = 0;
    begin_log(p);
    size_t before = log_size(p);
    d->words(n, words);
    assert_int_equal(crash_run_there(p->cli, NULL, &all, words), 0);
    read_steps(p, before, steps);
    d->end(p, &run, n);
    assert_true(all.lines >= d->lines);
    kill_at(p, d, ++n, &(struct crash_at){0, all.sends[0] * 3 / 4}, 3); /* amid its plan */
    for (unsigned line = 1; line <= all.lines; line++) {
        kill_at(p, d, ++n, &(struct crash_at){line, 0}, line == all.lines ? 3 : 0);
        if (!steps[line])
            continue;
        assert_true(all.sends[line] > 0);
        kill_at(p, d, ++n, &(struct crash_at){line, all.sends[line]}, 0);
        within++;
    }
    print_message("killed after each of %u lines, and within %u steps\n", all.lines, within);
    cli_done(&run);
}

/* ---- A database. */

static char name[64]; /* of the present one */

static void create_words(unsigned n, const char *words[WORDS_MAX], const char *way)
{
    const char *const all[] = {"do",      "create-database", "--name", name,   "-n",
                               "default", "--way",           way,      "--yes"};
    (void)snprintf(name, sizeof(name), "%s%u", way, n);
    memcpy(words, all, sizeof(all));
}

static void by_sql(unsigned n, const char *words[WORDS_MAX])
{
    create_words(n, words, "sql");
}

static void by_job(unsigned n, const char *words[WORDS_MAX])
{
    create_words(n, words, "job");
}

static void expect_created(struct place *p, struct cli_run *run, BN_UNUSED unsigned n)
{
    char path[80], secret[80];
    (void)snprintf(path, sizeof(path), "apps/%s-db", name);
    (void)snprintf(secret, sizeof(secret), "%s-db", name);
    char *password = vault_text(p, path, "password");
    assert_non_null(password);
    expect_untold(p, run, password);
    expect_secret(p, secret, path); /* what Vault has, and with it one logs in */
    assert_int_equal(vault_versions(p, path), 1);
    cli_run(p->cli, run, "do", "create-database", "--name", name, "-n", "default", "--yes", NULL);
    assert_status(run, 0);
    assert_prints(run, "Nothing to do: it is so already.");
    char *jobs = read_text(p, "/apis/batch/v1/namespaces/operators/jobs", "items");
    assert_null(strstr(jobs, name));
    free(jobs);
    free(password);
}

static void a_database_is_made_once(void **state)
{
    static const struct deed sql = {by_sql, expect_created, 14};
    kill_everywhere(*state, &sql);
}

static void a_database_is_made_once_by_a_job(void **state)
{
    static const struct deed job = {by_job, expect_created, 18};
    kill_everywhere(*state, &job);
}

/* ---- A backup, a restore. */

static void backup_words(BN_UNUSED unsigned n, const char *words[WORDS_MAX])
{
    static const char *const all[] = {"do", "backup",    "--cluster", "mysql",
                                      "-n", "operators", "--yes"};
    memcpy(words, all, sizeof(all));
}

/* There is one of them, well, and none from then on. */
static void expect_one(struct place *p, const char *list, const char *resource, const char *prefix)
{
    char one[128], target[256];
    int64_t end = now_ms() + PATIENT_MS;
    assert_int_equal(count_named(p, list, prefix, one), 1);
    (void)snprintf(target, sizeof(target), "%s/%s", list, one);
    expect_text(p, target, "status|state", "Succeeded");
    (void)harbor_told(&p->harbor, "patch %s operators %s {\"metadata\":{\"finalizers\":null}}",
                      resource, one);
    (void)harbor_told(&p->harbor, "delete %s operators %s", resource, one);
    while (count_named(p, list, prefix, one))
        assert_true(in_time(end));
}

static void expect_backup(struct place *p, BN_UNUSED struct cli_run *run, BN_UNUSED unsigned n)
{
    expect_one(p, BACKUPS, "perconaxtradbclusterbackups", "manual-");
}

static void a_backup_is_made_once(void **state)
{
    static const struct deed backup = {backup_words, expect_backup, 6};
    kill_everywhere(*state, &backup);
}

static void restore_words(BN_UNUSED unsigned n, const char *words[WORDS_MAX])
{
    static const char *const all[] = {"do",        "restore",   "--backup",       NEWEST,
                                      "-n",        "operators", "--backup-first", "yes",
                                      "--confirm", "demo"};
    memcpy(words, all, sizeof(all));
}

static void expect_restored(struct place *p, BN_UNUSED struct cli_run *run, BN_UNUSED unsigned n)
{
    expect_one(p, BACKUPS, "perconaxtradbclusterbackups", "manual-");
    expect_one(p, RESTORES, "perconaxtradbclusterrestores", "restore-20");
    expect_text(p, CLUSTER, "status|state", "ready");
    expect_text(p, CLUSTER, "spec|pxc|size", "3");
    expect_text(p, CLUSTER, "spec|backup|pitr|enabled", "true");
    expect_text(p, CLUSTER, "metadata|annotations|binnacle/restore", "(absent)");
}

static void a_restore_is_made_once(void **state)
{
    static const struct deed restore = {restore_words, expect_restored, 14};
    kill_everywhere(*state, &restore);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    const struct CMUnitTest of_cluster[] = {CASE(a_backup_is_made_once),
                                            CASE(a_restore_is_made_once)},
                            of_databases[] = {CASE(a_database_is_made_once),
                                              CASE(a_database_is_made_once_by_a_job)};
    return PART ? cmocka_run_group_tests_name("do_killed_create", of_databases, NULL, NULL)
                : cmocka_run_group_tests_name("do_killed", of_cluster, NULL, NULL);
}
