/* The Redis source against real servers, a master and two replicas: what is refused, full, busy,
 * hung, gone; and the protocol beneath it. */
#include <config.h>

#include "net/redis.h"

#include "test/systems/http_server.h"
#include "test/systems/redis_run.h"
#include "test/systems/source_run.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW      INT64_C(1770973200000)
#define PASSWORD "correct-horse"
#define LONG_MS  20000

struct world {
    struct redis_server master, replicas[2];
    struct source_run source;
    bool started; /* the source */
};

extern const struct backend backend_redis;

static const char *const with_password[] = {"--requirepass",
                                            PASSWORD,
                                            "--masterauth",
                                            PASSWORD,
                                            "--repl-diskless-sync-delay",
                                            "0",
                                            "--repl-ping-replica-period",
                                            "1",
                                            NULL};

/* ---- Commands of the test itself. */

static struct redis *talk_to(const struct redis_server *r)
{
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    char origin[64];
    const struct http_options o = {.name = "test", .origin = origin};
    struct err err;
    (void)snprintf(origin, sizeof(origin), "http://127.0.0.1:%d", r->port);
    struct stream *stream = stream_open(&o, &wait, &err);
    if (!stream)
        fail_msg("%s", err.msg);
    struct redis *redis = redis_new(stream, "test");
    if (!redis_auth(redis, SPAN(""), SPAN(PASSWORD), &wait, &err))
        fail_msg("%s", err.msg);
    return redis;
}

/* Words apart by '|'; the refusal. */
static enum redis_refusal tell(struct redis *redis, const char *line)
{
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    const char *words[REDIS_COMMAND_MAX + 1] = {NULL};
    const struct redis_reply *reply;
    char text[1000], *at = text;
    struct err err;
    size_t n = 0;
    (void)snprintf(text, sizeof(text), "%s", line);
    for (char *word; (word = strsep(&at, "|")) != NULL;)
        words[n++] = word;
    if (!redis_ask(redis, words, &wait, &reply, &err) && redis_refusal(redis) == REDIS_FINE)
        fail_msg("%s", err.msg);
    return redis_refusal(redis);
}

static void told(const struct redis_server *r, const char *line)
{
    struct redis *redis = talk_to(r);
    if (tell(redis, line) != REDIS_FINE)
        fail_msg("`%s` is refused", line);
    redis_free(redis);
}

/* ---- The world. */

static void start_source(struct world *w, const struct redis_server *r, const char *more)
{
    char reach[64];
    (void)snprintf(reach, sizeof(reach), "reach=tcp:127.0.0.1:%d", r->port);
    const char *const settings[] = {reach, "password=env:BINNACLE_TEST_REDIS", more, NULL};
    source_start(&w->source, &backend_redis, settings, NOW);
    source_want(&w->source, "redis", true);
    w->started = true;
}

static void start_replica(struct world *w, size_t i)
{
    char port[16];
    (void)snprintf(port, sizeof(port), "%d", w->master.port);
    const char *const words[] = {"--requirepass", PASSWORD,    "--masterauth", PASSWORD,
                                 "--replicaof",   "127.0.0.1", port,           NULL};
    redis_start(&w->replicas[i], words);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    *state = w;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(setenv("BINNACLE_TEST_REDIS", PASSWORD, 1), 0);
    redis_start(&w->master, with_password);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (w->started)
        source_stop(&w->source);
    redis_done(&w->replicas[0]);
    redis_done(&w->replicas[1]);
    redis_done(&w->master);
    free(w);
    return 0;
}

static bool judged(struct world *w, const char *rule)
{
    return source_has(&w->source, "redis", "it") &&
           strcmp(source_rule(&w->source, "redis", "it"), rule) == 0;
}

/* Looks until it is so: what a server does by itself takes its time. */
#define look_until(w, condition) \
    source_until(&(w)->source, (condition) || (source_step(&(w)->source, 10000), false))

static bool shows(struct world *w, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, "redis", "it", column), text) == 0;
}

static bool reports(struct world *w, enum source_state state, const char *words)
{
    const struct source_report *r = source_report(&w->source);
    return r->state == state && strstr(r->why.msg, words) != NULL;
}

/* ---- Cases. */

static void replicas_come_and_go(void **state)
{
    struct world *w = *state;
    start_source(w, &w->master, "replicas=2");
    look_until(w, judged(w, "redis-no-replica"));
    start_replica(w, 0);
    look_until(w, judged(w, "redis-replica-gone"));
    start_replica(w, 1);
    look_until(w, judged(w, "") && shows(w, "replication", "2/2"));
    redis_stop(&w->replicas[0]);
    look_until(w, judged(w, "redis-replica-gone"));
    assert_non_null(strstr(source_says(&w->source, "redis", "it"), "1 of 2 replicas follow"));
}

static void a_replica_follows_and_loses_its_master(void **state)
{
    struct world *w = *state;
    start_replica(w, 0);
    start_source(w, &w->replicas[0], NULL);
    look_until(w, judged(w, "") && shows(w, "replication", "up"));
    assert_true(shows(w, "role", "replica"));
    redis_stop(&w->master);
    look_until(w, judged(w, "redis-link-broke") || judged(w, "redis-link-down"));
    redis_start_again(&w->master, with_password);
    look_until(w, judged(w, ""));
}

static void a_wrong_masterauth_shows_as_a_link_that_was_never_up(void **state)
{
    struct world *w = *state;
    start_replica(w, 0);
    told(&w->replicas[0], "CONFIG|SET|masterauth|wrong");
    told(&w->master, "CLIENT|KILL|TYPE|replica");
    start_source(w, &w->replicas[0], NULL);
    look_until(w, judged(w, "redis-link-broke") || judged(w, "redis-link-down"));
    told(&w->replicas[0], "CONFIG|SET|masterauth|" PASSWORD);
    look_until(w, judged(w, ""));
}

static void memory_that_is_full_refuses_writes(void **state)
{
    struct world *w = *state;
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, ""));
    told(&w->master, "CONFIG|SET|maxmemory|1000000");
    struct redis *redis = talk_to(&w->master);
    assert_int_equal(tell(redis, "SET|a|b"), REDIS_OOM);
    look_until(w, judged(w, "redis-writes-fail") || judged(w, "redis-memory-full"));
    assert_non_null(strstr(source_says(&w->source, "redis", "it"), "policy noeviction"));
    told(&w->master, "CONFIG|SET|maxmemory|0");
    look_until(w, judged(w, ""));
    redis_free(redis);
}

static void a_save_that_fails_and_works_again(void **state)
{
    struct world *w = *state;
    char folder[200], line[300];
    told(&w->master, "CONFIG|SET|save|900 1");
    (void)snprintf(folder, sizeof(folder), "%s/gone", w->master.folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    (void)snprintf(line, sizeof(line), "CONFIG|SET|dir|%s", folder);
    told(&w->master, line);
    assert_int_equal(rmdir(folder), 0);
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, ""));
    told(&w->master, "BGSAVE");
    look_until(w, judged(w, "redis-not-saved"));
    (void)snprintf(line, sizeof(line), "CONFIG|SET|dir|%s", w->master.folder);
    told(&w->master, line);
    struct redis *redis = talk_to(&w->master);
    (void)tell(redis, "SAVE");
    redis_free(redis);
    look_until(w, judged(w, ""));
}

static void a_script_that_runs_on_is_told(void **state)
{
    struct world *w = *state;
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, ""));
    told(&w->master, "CONFIG|SET|busy-reply-threshold|50");
    const struct stream_wait little = stream_wait_for(200, -1);
    static const char *const loop[] = {"EVAL", "while true do end", "0", NULL};
    const struct redis_reply *reply;
    struct redis *looping = talk_to(&w->master), *other;
    struct err err;
    assert_false(redis_ask(looping, loop, &little, &reply, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    look_until(w, judged(w, "redis-busy"));
    other = talk_to(&w->master);
    assert_int_equal(tell(other, "PING"), REDIS_BUSY);
    assert_int_equal(tell(other, "SCRIPT|KILL"), REDIS_FINE);
    look_until(w, judged(w, ""));
    redis_free(other);
    redis_free(looping);
}

static void passwords_and_rights(void **state)
{
    struct world *w = *state;
    assert_int_equal(setenv("BINNACLE_TEST_REDIS", "wrong-horse", 1), 0);
    start_source(w, &w->master, NULL);
    source_until(&w->source,
                 strstr(source_report(&w->source)->why.msg, "the password or the user is wrong"));
    assert_false(source_leaks(&w->source, "wrong-horse"));
    source_stop(&w->source);
    assert_int_equal(unsetenv("BINNACLE_TEST_REDIS"), 0);
    start_source(w, &w->master, NULL);
    source_until(&w->source, strstr(source_report(&w->source)->why.msg, "env:BINNACLE_TEST_REDIS"));
    source_stop(&w->source);

    /* A user that may ask INFO and PING alone is enough. */
    told(&w->master, "ACL|SETUSER|looker|on|>" PASSWORD "2|+info|+ping");
    assert_int_equal(setenv("BINNACLE_TEST_REDIS", PASSWORD "2", 1), 0);
    start_source(w, &w->master, "user=looker");
    source_want(&w->source, "redis-slow", true);
    look_until(w, judged(w, ""));
    assert_true(shows(w, "latency-monitor", "LATENCY LATEST is refused"));
    assert_true(shows(w, "spike", "-"));
    assert_true(shows(w, "keeps", "unknown")); /* whether it saves at all only CONFIG GET says */
    assert_true(shows(w, "saved", "-"));
    source_until(&w->source, source_kind_report(&w->source, "redis-slow")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(&w->source, "redis-slow")->why.msg, "slowlog|get"));
}

/* By its own latency monitor, which is off unless somebody sets it. */
static void what_held_it_up_is_told(void **state)
{
    struct world *w = *state;
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, "") && shows(w, "latency-monitor", "not watched by the server"));
    assert_false(shows(w, "latency", "-")); /* what we have measured stands beside it */
    told(&w->master, "CONFIG|SET|latency-monitor-threshold|1");
    told(&w->master, "EVAL|local x=0 for i=1,2000000 do x=x+i end return x|0");
    look_until(w, shows(w, "latency-monitor", "1ms") && !shows(w, "spike", "-"));
    assert_false(shows(w, "spike-most", "-") || shows(w, "spike-at", "-"));
    const char *events = source_text(&w->source, "redis", "it", "latency-events");
    assert_true(strstr(events, "command ") && strstr(events, "ms, 20") &&
                strstr(events, ", most "));
    told(&w->master, "LATENCY|RESET");
    look_until(w, shows(w, "spike", "-") && shows(w, "latency-events", "-"));
    told(&w->master, "CONFIG|SET|latency-monitor-threshold|0");
    look_until(w, shows(w, "latency-monitor", "not watched by the server"));
}

static void one_that_hangs_is_given_up_and_comes_back(void **state)
{
    struct world *w = *state;
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, ""));
    redis_signal(&w->master, SIGSTOP);
    source_step(&w->source, 10000);
    source_until(&w->source, reports(w, SOURCE_FAILING, "no answer in time"));
    redis_signal(&w->master, SIGCONT);
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH);
}

static void one_that_is_gone_comes_back(void **state)
{
    struct world *w = *state;
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, ""));
    redis_stop(&w->master);
    look_until(w, reports(w, SOURCE_FAILING, "connection refused"));
    redis_start_again(&w->master, with_password);
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH && judged(w, ""));
}

/* A volume that is lost with what is in it: the chart's master comes back, and is well but for that. */
static void one_that_comes_back_empty(void **state)
{
    static const char *const kept[] = {"--requirepass", PASSWORD, "--appendonly", "yes", NULL};
    struct world *w = *state;
    told(&w->master, "SET|basket|3");
    start_source(w, &w->master, NULL);
    look_until(w, judged(w, "") && shows(w, "keys", "1"));
    redis_stop(&w->master);
    look_until(w, source_report(&w->source)->state == SOURCE_FAILING);
    redis_start_again(&w->master, with_password);
    look_until(w, judged(w, "redis-emptied"));
    assert_int_equal(source_level(&w->source, "redis", "it"), LEVEL_WARNING);
    assert_non_null(
        strstr(source_says(&w->source, "redis", "it"),
               " without its data: it had 1 key and has none; it keeps nothing on disk"));
    told(&w->master, "SET|basket|3");
    look_until(w, judged(w, "") && shows(w, "keys", "1"));
    redis_stop(&w->master);
    look_until(w, source_report(&w->source)->state == SOURCE_FAILING);
    redis_start_again(&w->master, kept);
    look_until(w, judged(w, "redis-emptied"));
    assert_int_equal(source_level(&w->source, "redis", "it"), LEVEL_CRITICAL);
    told(&w->master, "SET|basket|3");
    look_until(w, judged(w, ""));
    told(&w->master, "FLUSHALL"); /* by hand */
    look_until(w, judged(w, "") && shows(w, "keys", "0"));
    redis_stop(&w->master); /* what was written since is in its log, and was nothing */
    look_until(w, source_report(&w->source)->state == SOURCE_FAILING);
    redis_start_again(&w->master, kept);
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH && judged(w, ""));
}

static void no_more_connections_is_said(void **state)
{
    struct world *w = *state;
    struct redis *one = talk_to(&w->master);
    assert_int_equal(tell(one, "CONFIG|SET|maxclients|1"), REDIS_FINE);
    start_source(w, &w->master, NULL);
    source_until(&w->source, reports(w, SOURCE_FAILING, "maxclients is reached"));
    assert_int_equal(tell(one, "CONFIG|SET|maxclients|100"), REDIS_FINE);
    look_until(w, source_report(&w->source)->state == SOURCE_FRESH);
    redis_free(one);
}

/* ---- The protocol. */

static void refusals_are_told_apart(void **state)
{
    struct world *w = *state;
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct err err;
    start_replica(w, 0);
    struct redis *redis = talk_to(&w->replicas[0]);
    assert_int_equal(tell(redis, "SET|a|b"), REDIS_READONLY);
    assert_int_equal(tell(redis, "NOSUCH"), REDIS_OTHER);
    assert_false(redis_auth(redis, SPAN("nobody"), SPAN("x"), &wait, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_int_equal(redis_refusal(redis), REDIS_WRONGPASS);
    redis_free(redis);
    told(&w->master, "CONFIG|SET|requirepass|");
    redis = talk_to(&w->master); /* a server that wants none takes any */
    assert_int_equal(tell(redis, "PING"), REDIS_FINE);
    redis_free(redis);
}

/* ---- TLS. */

static const char *const tls_words[] = {"--port",
                                        "0",
                                        "--tls-port",
                                        "@PORT",
                                        "--tls-auth-clients",
                                        "no",
                                        "--tls-cert-file",
                                        "@FOLDER/server.pem",
                                        "--tls-key-file",
                                        "@FOLDER/server.key",
                                        "--tls-ca-cert-file",
                                        "@FOLDER/ca.pem",
                                        "--requirepass",
                                        PASSWORD,
                                        NULL};

static void write_pem(const char *folder, const char *name, const struct cert *cert,
                      void (*pem)(const struct cert *cert, struct strbuf *out))
{
    struct strbuf path = STRBUF_INIT(256), text = STRBUF_INIT(65536);
    strbuf_addf(&path, "%s/%s", folder, name);
    pem(cert, &text);
    FILE *f = fopen(strbuf_cstr(&path), "we");
    assert_non_null(f);
    assert_true(fputs(strbuf_cstr(&text), f) >= 0);
    assert_int_equal(fclose(f), 0);
    strbuf_clear(&path);
    strbuf_clear(&text);
}

static void write_certificates(const char *folder, void *context)
{
    const struct cert_options authority = {.name = "Redis CA", .is_ca = true};
    struct cert_options leaf = {.name = "redis", .alternatives = "DNS:redis.shop.svc"};
    struct cert ca = cert_make(&authority);
    leaf.issuer = &ca;
    struct cert server = cert_make(&leaf);
    (void)context;
    write_pem(folder, "ca.pem", &ca, cert_pem);
    write_pem(folder, "server.pem", &server, cert_pem);
    write_pem(folder, "server.key", &server, cert_key_pem);
    cert_free(&server);
    cert_free(&ca);
}

static void start_tls(struct world *w, const char *more)
{
    char reach[64], file[128];
    (void)snprintf(reach, sizeof(reach), "reach=tls:127.0.0.1:%d", w->replicas[0].port);
    (void)snprintf(file, sizeof(file), "ca=%s/ca.pem", w->replicas[0].folder);
    const char *const settings[] = {reach, file, "password=env:BINNACLE_TEST_REDIS", more, NULL};
    source_start(&w->source, &backend_redis, settings, NOW);
    source_want(&w->source, "redis", true);
    w->started = true;
}

/* A certificate of the right authority for the right name, and a password within. */
static void one_behind_tls(void **state)
{
    struct world *w = *state;
    assert_int_equal(setenv("BINNACLE_TEST_REDIS", PASSWORD, 1), 0);
    redis_start_in(&w->replicas[0], tls_words, write_certificates, NULL);
    start_tls(w, "tls_name=redis.shop.svc");
    source_until(&w->source, strcmp(source_text(&w->source, "redis", "it", "role"), "master") == 0);
    assert_non_null(strstr(source_text(&w->source, "redis", "it", "way"), "TLS"));
    source_stop(&w->source);
    start_tls(w, "tls_name=redis.other.svc");
    source_until(&w->source, source_report(&w->source)->state >= SOURCE_FAILING);
    assert_non_null(strstr(source_report(&w->source)->why.msg, "certificate"));
    assert_false(source_has(&w->source, "redis", "it"));
    source_stop(&w->source);
    start_source(w, &w->replicas[0], NULL); /* as if there were none */
    source_until(&w->source, source_report(&w->source)->state >= SOURCE_FAILING);
    assert_non_null(strstr(source_report(&w->source)->why.msg, "speaks TLS alone"));
    assert_false(source_leaks(&w->source, PASSWORD));
    assert_false(source_leaks(&w->source, PASSWORD));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(replicas_come_and_go),
        CASE(a_replica_follows_and_loses_its_master),
        CASE(a_wrong_masterauth_shows_as_a_link_that_was_never_up),
        CASE(memory_that_is_full_refuses_writes),
        CASE(a_save_that_fails_and_works_again),
        CASE(a_script_that_runs_on_is_told),
        CASE(passwords_and_rights),
        CASE(what_held_it_up_is_told),
        CASE(one_that_hangs_is_given_up_and_comes_back),
        CASE(one_that_is_gone_comes_back),
        CASE(one_that_comes_back_empty),
        CASE(no_more_connections_is_said),
        CASE(refusals_are_told_apart),
        CASE(one_behind_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
