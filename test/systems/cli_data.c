/* Each failure of databases, backups and object storage that a story tells: what `status`
 * and `get` say of it, in whose words, and that it is over when the story is. */
#include <config.h>

#include "base/file.h"
#include "test/systems/cli_run.h"

#include <limits.h>

/* The steps of a story up to a time, all at once; *path: the file. */
static void write_story(const struct cli_place *p, const char *name, long until_s,
                        const char **path)
{
    struct strbuf text = STRBUF_INIT(1 << 20), out = STRBUF_INIT(1 << 20);
    char file[1024];
    struct err err;
    bool wanted = true;
    (void)snprintf(file, sizeof(file), "%s/harbor/scenarios/%s.yaml", getenv("top_srcdir"), name);
    if (!file_read(file, &text, &err))
        fail_msg("%s", err.msg);
    struct span rest = strbuf_span(&text), line;
    while (rest.len && span_split(&rest, '\n', &line)) {
        bool at = span_starts(line, "  - at: ");
        if (at)
            wanted = strtol(line.data + 8, NULL, 10) <= until_s;
        if (at && wanted)
            strbuf_adds(&out, "  - at: 0s\n");
        else if (wanted && !span_starts(line, "repeat:"))
            strbuf_addf(&out, "%.*s\n", SPAN_ARG(line));
    }
    *path = cli_put(p, "story.yaml", strbuf_cstr(&out), 0600);
    strbuf_clear(&text);
    strbuf_clear(&out);
}

struct story {
    const char *name;
    long until_s;         /* the failure stands */
    const char *words[4]; /* of `status`; NULL ends */
    const char *get[3];   /* kind, filter, key of the row */
    const char *cause;    /* that `get` gives for it */
    const char *over;     /* of `status` at the end of the story */
};

static const struct story stories[] = {
    {"pxc-node-down",
     100,
     {"warning    pxc         2/3 nodes, 2/2 proxies ready; mysql: initializing, 2/3 nodes ready"},
     {"pxcs", "is:warning", "operators/mysql"},
     "mysql-pxc-2: CrashLoopBackOff, last: OOMKilled 137",
     "ok         pxc         3/3 nodes, 2/2 proxies ready\n"},
    {"pxc-crash",
     100,
     {"critical   pxc         0/3 nodes, 0/2 proxies ready; mysql: initializing, 0/3 nodes ready"},
     {"pxcs", "is:critical pods-ready=3 pxc-ready=0", "operators/mysql"},
     "initializing, 0/3 nodes ready",
     "ok         pxc         3/3 nodes, 2/2 proxies ready\n"},
    {"backup-missed",
     100,
     {"critical   backups     last good 1d ago, 6 kept, next in ",
      "daily-backup: a backup was due 6h ago (0 3 * * *) and was not begun, the last good one "
      "ended 1d ago"},
     {"backup-schedules", "is:critical", "operators/mysql/daily-backup"},
     "leader election lost",
     "ok         backups     last good 1d ago, 7 kept, next in "},
    {"backup-denied",
     100,
     {"critical   backups     last good 5h ago, 7 kept, next in ",
      "daily-backup: the last backup failed, the last good one ended 5h ago"},
     {"backups", "is:warning", "operators/cron-mysql-s3-backup-2026213900-3vsve"},
     "Error 1",
     "ok         backups     last good 5h ago, 7 kept, next in "},
    {"pitr-gap",
     100,
     {"critical   pitr        lag ", ", 2 gaps; mysql: gap behind the last backup, found "},
     {"pitrs", "is:critical", "operators/mysql"},
     "Binlog with GTID set 1f0b3ef2-9a41-11f0-8b1e-0a58a9fea3f1:1-48799102 not found",
     "ok         pitr        lag "},
    {"pitr-collector",
     100,
     {"critical   pitr        lag ", "mysql: the collector of binary logs is down; mysql-pitr: "},
     {"pitrs", "is:critical", "operators/mysql"},
     "get host: can't find host",
     "ok         pitr        lag "},
};

static void check_story(const struct cli_place *p, const struct story *s)
{
    struct cli_run r = {0};
    const char *path;
    char key[128];
    write_story(p, s->name, s->until_s, &path);
    cli_run(p, &r, "demo", "--scenario", path, "status", NULL);
    for (size_t i = 0; i < BN_COUNT(s->words) && s->words[i]; i++)
        assert_prints(&r, s->words[i]);
    cli_run(p, &r, "demo", "--scenario", path, "get", s->get[0], "-A", "--filter", s->get[1], "-o",
            "jsonl", NULL);
    assert_status(&r, 0);
    (void)snprintf(key, sizeof(key), "\"key\":\"%s\"", s->get[2]);
    assert_prints(&r, key);
    assert_prints(&r, s->cause);
    write_story(p, s->name, LONG_MAX, &path);
    cli_run(p, &r, "demo", "--scenario", path, "status", NULL);
    assert_prints(&r, s->over);
    cli_done(&r);
}

static void each_story_is_told(void **state)
{
    for (size_t i = 0; i < BN_COUNT(stories); i++)
        check_story(*state, &stories[i]);
}

static void what_is_well_says_how_well(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "demo", "--scenario", "calm", "status", NULL);
    assert_prints(&r, "ok         pxc         3/3 nodes, 2/2 proxies ready\n");
    assert_prints(&r, "ok         backups     last good 5h ago, 7 kept, next in 17h\n");
    assert_prints(&r, "ok         pitr        lag 3m, back to 19d ago, 1 gap\n");
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "backup-schedules", "-A", "-o", "json",
            NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"expected\": \"2026-02-13T03:00:00Z\"");
    assert_prints(&r, "\"next\": \"2026-02-14T03:00:00Z\"");
    assert_prints(&r, "\"success-at\": \"2026-02-13T03:04:53Z\"");
    assert_prints(&r, "\"keep\": 7");
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "backups", "-A", "--filter",
            "level=notice", "-o", "jsonl", NULL);
    assert_prints(&r, "failed 2d ago, a later one went well");
    assert_prints(&r, "no point in time can be reached from it: Binlog with GTID set");
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "restores", "-A", "-o", "jsonl", NULL);
    assert_prints(&r, "validate cluster: backup storage verification failed");
    cli_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_well_says_how_well, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(each_story_is_told, cli_setup, cli_teardown),
    };
    return cmocka_run_group_tests_name("cli_data", tests, NULL, NULL);
}
