/* Actions on Redis: real servers as the configuration names them, and the platform's behind a
 * port-forward. What came of an action is asked of the servers themselves. */
#include <config.h>

#include "harbor/asked.h"
#include "net/reach.h"
#include "net/redis.h"
#include "test/systems/do_place.h"
#include "test/systems/reads.h"
#include "test/systems/redis_run.h"

#include <sys/socket.h>
#include <unistd.h>

#define PASSWORD "quite-secret-word"

/* Of the test that runs. */
static struct redis_server master, replica, sentinel;
static char *config; /* owned */

static int teardown(void **state)
{
    redis_done(&sentinel);
    redis_done(&replica);
    redis_done(&master);
    master = replica = sentinel = (struct redis_server){0};
    free(config);
    config = NULL;
    return place_teardown(state);
}

/* A master and a replica of it, and what the configuration says of them. */
static void start_pair(struct place *p)
{
    static const char *const alone[] = {"--requirepass", PASSWORD, "--masterauth", PASSWORD, NULL};
    char port[16], text[1024];
    redis_start(&master, alone);
    (void)snprintf(port, sizeof(port), "%d", master.port);
    redis_start(&replica, (const char *const[]){"--requirepass", PASSWORD, "--masterauth", PASSWORD,
                                                "--replicaof", "127.0.0.1", port, NULL});
    (void)snprintf(text, sizeof(text),
                   "discover: false\nsources:\n"
                   "  - name: one\n    type: redis\n    reach: tcp:127.0.0.1:%d\n"
                   "    password: env:REDIS_TEST_PASSWORD\n"
                   "  - name: two\n    type: redis\n    reach: tcp:127.0.0.1:%d\n"
                   "    password: env:REDIS_TEST_PASSWORD\n",
                   master.port, replica.port);
    (void)setenv("REDIS_TEST_PASSWORD", PASSWORD, 1);
    config = strdup(cli_put(p->cli, "config.yaml", text, 0600));
}

static struct redis *connect_to(const struct redis_server *r)
{
    const struct stream_wait wait = stream_wait_for(10000, -1);
    struct err err;
    const struct reach_options o = {.name = "it"};
    char way[64];
    (void)snprintf(way, sizeof(way), "tcp:127.0.0.1:%d", r->port);
    struct reach *reach = reach_parse(way, &err);
    assert_non_null(reach);
    struct stream *stream = reach_stream(reach, &o, &wait, NULL, &err);
    reach_free(reach);
    assert_non_null(stream);
    struct redis *redis = redis_new(stream, "it");
    assert_true(redis_auth(redis, SPAN(""), SPAN(PASSWORD), &wait, &err));
    return redis;
}

static const struct redis_reply *ask(struct redis *redis, const char *const *words)
{
    const struct stream_wait wait = stream_wait_for(10000, -1);
    const struct redis_reply *reply;
    struct err err;
    assert_true(redis_ask(redis, words, &wait, &reply, &err));
    return reply;
}

#define ASK(redis, ...) ask(redis, (const char *const[]){__VA_ARGS__, NULL})

/* As the master sees it: a replica that is up may not be online yet. */
static void until_online(const struct redis_server *of)
{
    struct redis *redis = connect_to(of);
    struct span field;
    do {
        (void)usleep(20000);
        field = redis_field(ASK(redis, "INFO", "replication")->text, "slave0");
    } while (span_search(field, SPAN("state=online"), false) == field.len);
    redis_free(redis);
}

static void log_one(struct redis *redis)
{
    (void)ASK(redis, "CONFIG", "SET", "slowlog-log-slower-than", "0");
    (void)ASK(redis, "SET", "a", "b");
    (void)ASK(redis, "CONFIG", "SET", "slowlog-log-slower-than", "-1");
    assert_true(ASK(redis, "SLOWLOG", "LEN")->number > 0);
}

/* By the script of the plan, with the server's own client. */
static void slow_log_is_emptied_by_hand(struct place *p, struct redis *redis)
{
    struct cli_run run = {0};
    char port[32];
    log_one(redis);
    cli_run(p->cli, &run, "--config", config, "do", "redis-reset-slowlog", "--redis", "one",
            "--dry-run", "-o", "shell", NULL);
    assert_status(&run, 0);
    (void)snprintf(port, sizeof(port), "PORT_one=%d", master.port);
    cli_script(p->cli, &run, "HOST_one=127.0.0.1", port, "REDISCLI_AUTH=" PASSWORD, NULL);
    assert_status(&run, 0);
    assert_int_equal(ASK(redis, "SLOWLOG", "LEN")->number, 0);
    cli_done(&run);
}

static void slow_log_is_emptied(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    start_pair(p);
    struct redis *redis = connect_to(&master);
    log_one(redis);
    cli_run(p->cli, &run, "--config", config, "do", "redis-reset-slowlog", "--redis", "one",
            "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "redis-cli -h \"${HOST_one:?the address of one}\" -p \"${PORT_one:-6379}\" "
                        "${REDIS_ASK---askpass} 'SLOWLOG' 'RESET'");
    assert_null(strstr(strbuf_cstr(&run.out), PASSWORD));
    assert_int_equal(ASK(redis, "SLOWLOG", "LEN")->number, 0);
    slow_log_is_emptied_by_hand(p, redis);
    cli_run(p->cli, &run, "--config", config, "do", "redis-reset-slowlog", "--redis", "one", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    redis_free(redis);
    cli_done(&run);
}

static void a_save_is_followed_to_its_end(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    start_pair(p);
    struct redis *redis = connect_to(&master);
    (void)ASK(redis, "SET", "a", "b");
    cli_run(p->cli, &run, "--config", config, "do", "redis-bgsave", "--redis", "one", "--yes",
            NULL);
    assert_status(&run, 0);
    assert_true(span_is(redis_field(ASK(redis, "INFO", "persistence")->text, "rdb_saves"), "1"));
    assert_true(span_is(
        redis_field(ASK(redis, "INFO", "persistence")->text, "rdb_changes_since_last_save"), "0"));
    cli_run(p->cli, &run, "--config", config, "do", "redis-bgsave", "--redis", "one", "--yes",
            NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    redis_free(redis);
    cli_done(&run);
}

static void a_client_is_ended(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char id[32];
    start_pair(p);
    struct redis *watcher = connect_to(&master), *victim = connect_to(&master);
    (void)snprintf(id, sizeof(id), "%lld", (long long)ASK(victim, "CLIENT", "ID")->number);
    cli_run(p->cli, &run, "--config", config, "do", "redis-kill-client", "--redis", "one", "--id",
            id, "--address", "10.9.9.9:1", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "it is another by now");
    cli_run(p->cli, &run, "--config", config, "do", "redis-kill-client", "--redis", "one", "--id",
            id, "--yes", NULL);
    assert_status(&run, 0);
    const struct redis_reply *reply = ASK(watcher, "CLIENT", "LIST", "ID", id);
    assert_int_equal(reply->text.len, 0);
    cli_run(p->cli, &run, "--config", config, "do", "redis-kill-client", "--redis", "one", "--id",
            id, "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "no client");
    cli_run(p->cli, &run, "--config", config, "do", "redis-kill-client", "--redis", "one", "--id",
            "7\" \"x", "--yes", NULL);
    assert_status(&run, 3);
    redis_free(victim);
    redis_free(watcher);
    cli_done(&run);
}

static void expect_role(const struct redis_server *r, const char *role)
{
    struct redis *redis = connect_to(r);
    assert_true(span_is(redis_field(ASK(redis, "INFO", "replication")->text, "role"), role));
    redis_free(redis);
}

static void roles_change_and_change_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    start_pair(p);
    until_online(&master);
    cli_run(p->cli, &run, "--config", config, "do", "redis-failover", "--redis", "one", "--yes",
            NULL);
    assert_status(&run, 3);
    assert_complains(&run, "is master already");
    cli_run(p->cli, &run, "--config", config, "do", "redis-failover", "--redis", "two", "--yes",
            NULL);
    assert_status(&run, 0);
    expect_role(&replica, "master");
    expect_role(&master, "slave");
    until_online(&replica);
    cli_run(p->cli, &run, "--config", config, "do", "redis-failover", "--redis", "one", "--yes",
            NULL);
    assert_status(&run, 0);
    expect_role(&master, "master");
    expect_role(&replica, "slave");
    cli_done(&run);
}

/* "cmdstat_config|get:calls=1,...": each command that a server was given since its statistics were
 * reset; how many are no reads. What a replica and its master say to each other is left out, and what
 * this asks itself. */
static uint64_t changes_of(const struct redis_server *r, char text[64])
{
    struct redis *redis = connect_to(r);
    struct asked *a = asked_new();
    struct span rest = ASK(redis, "INFO", "commandstats")->text, line, one;
    uint64_t count;
    while (span_split(&rest, '\n', &line)) {
        if (!span_starts(line, "cmdstat_"))
            continue;
        struct span words[2] = {{NULL, 0}}, name = span_sub(line, 8, span_find(line, ':', 0) - 8);
        size_t n = 0;
        while (n < 2 && span_split(&name, '|', &words[n]))
            n++;
        asked_redis(a, words, n);
    }
    assert_true(asked_but(a, SPAN("REDIS: REPLCONF|REDIS: CONFIG RESETSTAT|" READS_REDIS), &count,
                          &one, NULL));
    (void)snprintf(text, 64, "%.*s", SPAN_ARG(one));
    asked_free(a);
    redis_free(redis);
    return count;
}

static void expect_no_changes(const char *by)
{
    const struct redis_server *const both[] = {&master, &replica};
    for (size_t i = 0; i < BN_COUNT(both); i++) {
        char one[64];
        if (changes_of(both[i], one) != 0)
            fail_msg("`%s` has sent %s", by, one);
    }
}

static bool has(struct span text, const char *wanted)
{
    return span_search(text, span_from(wanted), false) < text.len;
}

static void what_looks_and_plans_sends_reads(void **state)
{
    static const char *const lines[] = {
        "--read-only status",
        "get redis",
        "get redis-clients",
        "get redis-dbs",
        "get redis-slowlog",
        "--read-only do redis-bgsave --redis one --yes",
        "do redis-reset-slowlog --redis one --dry-run",
        "do redis-bgsave --redis one --dry-run",
        "do redis-kill-client --redis one --id 3 --dry-run",
        "do redis-failover --redis two --dry-run",
    };
    static const char *const came[] = {"_client|list:", "_slowlog|get:", "_acl|dryrun:"};
    struct place *p = *state;
    struct cli_run run = {0};
    char one[64];
    start_pair(p);
    until_online(&master);
    struct redis *redis = connect_to(&master), *other = connect_to(&replica);
    (void)ASK(redis, "CONFIG", "RESETSTAT");
    (void)ASK(other, "CONFIG", "RESETSTAT");
    for (size_t i = 0; i < BN_COUNT(lines); i++) {
        cli_run_line(p->cli, &run, "--config %s %s", config, lines[i]);
        expect_no_changes(lines[i]);
    }
    for (size_t i = 0; i < BN_COUNT(came); i++) /* all of it came here */
        assert_true(has(ASK(redis, "INFO", "commandstats")->text, came[i]));
    cli_run_line(p->cli, &run, "--config %s do redis-bgsave --redis one --yes", config);
    assert_status(&run, 0);
    assert_int_equal(changes_of(&master, one), 1); /* or it would not be seen */
    assert_string_equal(one, "REDIS: BGSAVE");
    redis_free(other);
    redis_free(redis);
    cli_done(&run);
}

/* The right is asked of Redis itself, and what lacks is in its own words. */
static void a_right_that_lacks_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char text[512];
    start_pair(p);
    struct redis *redis = connect_to(&master);
    (void)ASK(redis, "ACL", "SETUSER", "viewer", "on", ">" PASSWORD, "+@all", "-bgsave", "~*");
    (void)snprintf(text, sizeof(text),
                   "discover: false\nsources:\n"
                   "  - name: one\n    type: redis\n    reach: tcp:127.0.0.1:%d\n"
                   "    user: viewer\n    password: env:REDIS_TEST_PASSWORD\n",
                   master.port);
    cli_run(p->cli, &run, "--config", cli_put(p->cli, "viewer.yaml", text, 0600), "do",
            "redis-bgsave", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "bgsave");
    assert_null(strstr(strbuf_cstr(&run.err), PASSWORD));
    redis_free(redis);
    cli_done(&run);
}

/* Found in the cluster, reached by port-forward, with the password of its Secret. */
static void the_platform_s_servers_are_found(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "redis-kill-client", "--redis", "redis-master", "--id", "23",
            "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "n8n");
    cli_run(p->cli, &run, "do", "redis-failover", "--redis", "redis-replicas-1", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "--confirm");
    assert_prints(&run, "READONLY");
    cli_run(p->cli, &run, "do", "redis-failover", "--redis", "redis-replicas-1", "--confirm",
            "demo", NULL);
    assert_status(&run, 0);
    expect_audit(p, "redis-failover");
    cli_done(&run);
}

static void sentinels_fail_over(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char lines[300], text[400];
    start_pair(p);
    until_online(&master);
    (void)snprintf(lines, sizeof(lines),
                   "sentinel monitor shop 127.0.0.1 %d 1\nsentinel auth-pass shop " PASSWORD
                   "\nsentinel down-after-milliseconds shop 3000\n",
                   master.port);
    redis_start_sentinel(&sentinel, lines);
    (void)snprintf(text, sizeof(text),
                   "discover: false\nsources:\n  - name: watch\n    type: redis-sentinel\n"
                   "    reach: tcp:*:%d\n    nodes: 127.0.0.1\n",
                   sentinel.port);
    const char *watching = cli_put(p->cli, "sentinel.yaml", text, 0600);
    do /* it learns of the replica from the master, in its own time */
        cli_run(p->cli, &run, "--config", watching, "do", "sentinel-failover", "--master", "shop",
                "--yes", NULL);
    while ((run.status == 3 && strstr(strbuf_cstr(&run.err), "no replica")) ||
           (run.status == 1 && strstr(strbuf_cstr(&run.err), "NOGOODSLAVE")));
    assert_status(&run, 0);
    expect_role(&replica, "master");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(slow_log_is_emptied),         CASE(a_save_is_followed_to_its_end),
        CASE(a_client_is_ended),           CASE(roles_change_and_change_back),
        CASE(a_right_that_lacks_is_named), CASE(the_platform_s_servers_are_found),
        CASE(sentinels_fail_over),         CASE(what_looks_and_plans_sends_reads),
    };
    return cmocka_run_group_tests_name("do_redis", tests, NULL, NULL);
}
