/* The Redis source against a server that answers as a Redis was recorded: each state that takes a
 * real one long to come to, its verdict in words, and its end. */
#include <config.h>

#include "backends/redis/sentinel.h"
#include "base/file.h"
#include "test/systems/source_run.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOW INT64_C(1795444083744) /* of the recordings */

/* What it answers. */
struct script {
    const char *text;     /* lines before what the files say */
    const char *files[2]; /* INFO; what comes first counts. NULL: no more */
    const char *save;     /* CONFIG GET save */
    const char *raw;      /* instead of any answer; NULL: none */
};

struct world {
    struct source_run source;
    int listener, wake[2];
    pthread_t thread;
    pthread_mutex_t lock;
    struct script script;
    char asked[4096];
};

extern const struct backend backend_redis;

/* ---- The server. */

static void add_file(struct strbuf *out, const char *name)
{
    struct strbuf path = STRBUF_INIT(4096), file = STRBUF_INIT(65536);
    strbuf_addf(&path, "%s/test/data/redis/%s.resp", getenv("top_srcdir"), name);
    bool ok = file_read(strbuf_cstr(&path), &file, NULL);
    bn_assert(ok);
    struct span all = strbuf_span(&file);
    const size_t line = all.data[0] == '$' ? span_find(all, '\n', 0) + 1 : 0;
    strbuf_add(out, span_sub(all, line, all.len));
    strbuf_clear(&path);
    strbuf_clear(&file);
}

static void answer_info(int fd, const struct script *s)
{
    struct strbuf body = STRBUF_INIT(65536), head = STRBUF_INIT(64);
    strbuf_adds(&body, s->text ? s->text : "");
    for (size_t i = 0; i < BN_COUNT(s->files) && s->files[i]; i++)
        add_file(&body, s->files[i]);
    strbuf_addf(&head, "$%zu\r\n", body.len);
    strbuf_adds(&body, "\r\n");
    (void)send(fd, head.data, head.len, MSG_NOSIGNAL);
    (void)send(fd, body.data, body.len, MSG_NOSIGNAL);
    strbuf_clear(&body);
    strbuf_clear(&head);
}

static void answer(struct world *w, int fd, const char *command)
{
    struct strbuf text = STRBUF_INIT(65536);
    (void)pthread_mutex_lock(&w->lock);
    const struct script s = w->script;
    (void)snprintf(w->asked + strlen(w->asked), sizeof(w->asked) - strlen(w->asked), "%s", command);
    (void)pthread_mutex_unlock(&w->lock);
    if (s.raw)
        strbuf_adds(&text, s.raw);
    else if (strstr(command, "\r\nINFO\r\n"))
        answer_info(fd, &s);
    else if (strstr(command, "\r\nCONFIG\r\n"))
        strbuf_addf(&text, "*2\r\n$4\r\nsave\r\n$%zu\r\n%s\r\n", strlen(s.save ? s.save : ""),
                    s.save ? s.save : "");
    else if (strstr(command, "\r\nSLOWLOG\r\n"))
        strbuf_adds(&text, "*1\r\n*6\r\n:7\r\n:1795444080\r\n:12345\r\n*3\r\n$3\r\nSET\r\n$6\r\n"
                           "token1\r\n$7\r\nhunter2\r\n$15\r\n127.0.0.1:55555\r\n$3\r\napp\r\n");
    else
        strbuf_adds(&text, "-ERR unknown command\r\n");
    (void)send(fd, text.data ? text.data : "", text.len, MSG_NOSIGNAL);
    strbuf_clear(&text);
}

/* One connection at a time is all that a source has. */
static void *serve(void *context)
{
    struct world *w = context;
    int fd = -1;
    for (;;) {
        struct pollfd in[3] = {{w->wake[0], POLLIN, 0}, {w->listener, POLLIN, 0}, {fd, POLLIN, 0}};
        char command[4096];
        (void)poll(in, 3, -1);
        if (in[0].revents)
            break;
        if (in[1].revents) {
            if (fd >= 0)
                (void)close(fd);
            fd = accept(w->listener, NULL, NULL);
            continue;
        }
        const ssize_t n = recv(fd, command, sizeof(command) - 1, 0);
        if (n <= 0) {
            (void)close(fd);
            fd = -1;
            continue;
        }
        command[n] = '\0';
        answer(w, fd, command);
    }
    if (fd >= 0)
        (void)close(fd);
    return NULL;
}

static void play(struct world *w, const struct script *s)
{
    (void)pthread_mutex_lock(&w->lock);
    w->script = *s;
    (void)pthread_mutex_unlock(&w->lock);
}

static int setup(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    char reach[64];
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    *state = w;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->script = (struct script){.files = {"master", NULL}};
    w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(w->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(w->listener, 8), 0);
    assert_int_equal(getsockname(w->listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(pipe(w->wake), 0);
    assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
    (void)snprintf(reach, sizeof(reach), "reach=tcp:127.0.0.1:%d", ntohs(address.sin_port));
    const char *const settings[] = {reach, "replicas=2", NULL};
    source_start(&w->source, &backend_redis, settings, NOW);
    source_want(&w->source, "redis", true);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    (void)!write(w->wake[1], "x", 1);
    (void)pthread_join(w->thread, NULL);
    (void)close(w->listener);
    (void)close(w->wake[0]);
    (void)close(w->wake[1]);
    free(w);
    return 0;
}

/* ---- Looking. */

static bool judged(struct world *w, const char *rule)
{
    return strcmp(source_rule(&w->source, "redis", "it"), rule) == 0;
}

static const char *cell(struct world *w, const char *column)
{
    return source_text(&w->source, "redis", "it", column);
}

static const char *says(struct world *w)
{
    return source_says(&w->source, "redis", "it");
}

static void look_again(struct world *w)
{
    source_step(&w->source, 10000);
}

static void await(struct world *w, const char *rule)
{
    source_until(&w->source, source_has(&w->source, "redis", "it") && judged(w, rule));
}

static void recover(struct world *w, const char *healthy)
{
    const struct script s = {.files = {healthy, NULL}};
    play(w, &s);
    source_until(&w->source, judged(w, "") || (look_again(w), false));
}

/* A run that failed after the clock's last step: of those before it the wait is over. */
static bool fails_with(const struct world *w, const char *words)
{
    const struct source_report *r = source_report(&w->source);
    return strstr(r->why.msg, words) && r->retry_ms > clock_wall_ms(w->source.clock);
}

/* ---- Cases. */

static void a_healthy_master_in_figures(void **state)
{
    struct world *w = *state;
    await(w, "");
    assert_string_equal(cell(w, "role"), "master");
    assert_string_equal(cell(w, "replication"), "2/2");
    assert_string_equal(cell(w, "memory"), "2.8Mi");
    assert_string_equal(cell(w, "max"), "-");
    assert_string_equal(cell(w, "policy"), "noeviction");
    assert_string_equal(cell(w, "clients"), "3");
    assert_string_equal(cell(w, "keys"), "3063");
    assert_string_equal(cell(w, "version"), "7.0.15");
    assert_string_equal(cell(w, "evicted"), "-"); /* the first look knows no rate */
    assert_string_equal(cell(w, "keeps"), "nothing");
    assert_string_equal(cell(w, "rdb-status"), "-"); /* says nothing without `save` */
    source_want(&w->source, "redis-db", true);
    source_until(&w->source, source_has(&w->source, "redis-db", "it/db1"));
    assert_string_equal(source_text(&w->source, "redis-db", "it/db0", "keys"), "3023");
    assert_string_equal(source_text(&w->source, "redis-db", "it/db0", "expires"), "1000");
}

static void rates_are_of_the_interval(void **state)
{
    const struct script more = {.text = "evicted_keys:50\r\nkeyspace_hits:80\r\n"
                                        "keyspace_misses:60\r\nrejected_connections:5\r\n",
                                .files = {"maxmemory-allkeys-lru", "master"}},
                        reset = {.text = "evicted_keys:10\r\nkeyspace_hits:1\r\n",
                                 .files = {"master", NULL}};
    struct world *w = *state;
    await(w, "");
    play(w, &more);
    look_again(w);
    await(w, "redis-clients");
    assert_string_equal(cell(w, "evicted"), "5/s");
    assert_string_equal(cell(w, "hits"), "75%");
    assert_string_equal(cell(w, "rejected"), "0.5/s");
    play(w, &reset);
    look_again(w);
    await(w, "");
    assert_string_equal(cell(w, "evicted"), "-");
}

static void keys_that_are_evicted(void **state)
{
    const struct script more = {.text = "evicted_keys:50\r\n",
                                .files = {"maxmemory-allkeys-lru", "master"}};
    struct world *w = *state;
    await(w, "");
    play(w, &more);
    look_again(w);
    await(w, "redis-evicting");
    assert_non_null(strstr(says(w), "5.0 keys a second evicted; "));
    assert_int_equal(source_level(&w->source, "redis", "it"), LEVEL_WARNING);
    look_again(w); /* and no more of them */
    await(w, "");
}

static const struct {
    struct script script;
    const char *rule;
    enum level level;
    const char *says, *healthy;
} states[] = {
    {{.files = {"one-replica-gone", "master"}},
     "redis-replica-gone",
     LEVEL_WARNING,
     "1 of 2 replicas follow: 127.0.0.1:16380 online 0 bytes behind, 0s",
     "master"},
    {{.text = "connected_slaves:0\r\nslave0:\r\n", .files = {"one-replica-gone", "master"}},
     "redis-no-replica",
     LEVEL_CRITICAL,
     "0 of 2 replicas follow",
     "master"},
    {{.text = "connected_slaves:2\r\n", .files = {"replica-hung", "master"}},
     "redis-replica-silent",
     LEVEL_WARNING,
     "a replica has not answered for 15s: 127.0.0.1:16380 online 28 bytes behind, 15s",
     "master"},
    {{.text = "master_repl_offset:2000000\r\n", .files = {"master", NULL}},
     "redis-replica-behind",
     LEVEL_WARNING,
     "behind, of a backlog of 1Mi",
     "master"},
    {{.files = {"master-down", "replica"}},
     "redis-link-broke",
     LEVEL_WARNING,
     "no link with its master 127.0.0.1:16379 for 4s",
     "replica"},
    {{.files = {"never-up", "replica"}},
     "redis-link-down",
     LEVEL_CRITICAL,
     "since it began: wrong masterauth or address",
     "replica"},
    {{.files = {"sync", "replica"}},
     "redis-syncing",
     LEVEL_PROGRESS,
     "a full synchronisation with 127.0.0.1:16379 goes on",
     "replica"},
    {{.text = "master_last_io_seconds_ago:19\r\n", .files = {"master-hung", "replica"}},
     "redis-master-silent",
     LEVEL_WARNING,
     "its master 127.0.0.1:16379 has said nothing for 19s",
     "replica"},
    {{.files = {"rdb-save-failed", NULL}, .save = "900 1"},
     "redis-not-saved",
     LEVEL_CRITICAL,
     "the last write of its RDB failed, the last that did not",
     "master"},
    {{.text = "aof_enabled:1\r\naof_last_write_status:err\r\n", .files = {"aof", "master"}},
     "redis-not-saved",
     LEVEL_CRITICAL,
     "the last write of its AOF failed; it may refuse writes (MISCONF)",
     "master"},
    {{.text = "aof_enabled:1\r\naof_last_bgrewrite_status:err\r\n", .files = {"aof", "master"}},
     "redis-rewrite-failed",
     LEVEL_WARNING,
     "its AOF could not be rewritten",
     "master"},
    {{.files = {"maxmemory-noeviction", "master"}},
     "redis-memory-full",
     LEVEL_CRITICAL,
     "of maxmemory 3.5Mi used, policy noeviction",
     "master"},
    {{.text = "maxmemory:3300000\r\n", .files = {"master", NULL}},
     "redis-memory-filling",
     LEVEL_WARNING,
     "% of maxmemory 3.1Mi used, policy noeviction",
     "master"},
    {{.files = {"loading", NULL}},
     "redis-loading",
     LEVEL_PROGRESS,
     "it loads its data set, started",
     "master"},
    {{.text = "uptime_in_seconds:300\r\n", .files = {"loading", NULL}},
     "redis-loading-long",
     LEVEL_WARNING,
     "it loads its data set, started 5m ago",
     "master"},
    {{.text = "connected_clients:9000\r\n", .files = {"master", NULL}},
     "redis-clients",
     LEVEL_WARNING,
     "9000 of 10000 clients",
     "master"},
    {{.text = "mem_fragmentation_ratio:0.5\r\nused_memory:200000000\r\n",
      .files = {"master", NULL}},
     "redis-swapping",
     LEVEL_WARNING,
     "0.5 times the memory it uses",
     "master"},
    {{.text = "mem_fragmentation_ratio:1.9\r\nmem_fragmentation_bytes:52428800\r\n"
              "used_memory:60000000\r\n",
      .files = {"master", NULL}},
     "redis-fragmented",
     LEVEL_NOTICE,
     "1.9 times the memory it uses",
     "master"},
    {{.text = "latest_fork_usec:812000\r\n", .files = {"master", NULL}},
     "redis-fork-slow",
     LEVEL_NOTICE,
     "its last fork took 812ms, while nobody was served",
     "master"},
};

/* Each state after a healthy one, its words, and that it goes away. */
static void states_are_judged(void **state)
{
    struct world *w = *state;
    await(w, "");
    for (size_t i = 0; i < BN_COUNT(states); i++) {
        play(w, &states[i].script);
        source_until(&w->source, judged(w, states[i].rule) || (look_again(w), false));
        if (!strstr(says(w), states[i].says))
            fail_msg("%s says \"%s\"", states[i].rule, says(w));
        assert_int_equal(source_level(&w->source, "redis", "it"), states[i].level);
        recover(w, states[i].healthy);
    }
}

static void a_link_that_stays_down_is_critical_by_time_alone(void **state)
{
    const struct script down = {.files = {"master-down", "replica"}};
    struct world *w = *state;
    play(w, &down);
    look_again(w);
    await(w, "redis-link-broke");
    source_want(&w->source, "redis", false);
    source_step(&w->source, 27000);
    await(w, "redis-link-down");
}

static void errors_that_clients_get_are_seen(void **state)
{
    const struct script oom = {.text = "errorstat_OOM:count=3\r\n",
                               .files = {"maxmemory-allkeys-lru", "master"}};
    struct world *w = *state;
    await(w, "");
    play(w, &oom);
    look_again(w);
    await(w, "redis-writes-fail");
    assert_non_null(strstr(says(w), "clients are refused with OOM"));
    look_again(w); /* no more of them */
    await(w, "");
    assert_non_null(strstr(cell(w, "errors"), "OOM 3"));
}

/* The words of a command behind its key may be a secret. */
static void the_slow_log_keeps_no_values(void **state)
{
    struct world *w = *state;
    source_want(&w->source, "redis-slow", true);
    source_until(&w->source, source_has(&w->source, "redis-slow", "it/7"));
    assert_string_equal(source_text(&w->source, "redis-slow", "it/7", "command"),
                        "SET token1 (1 more)");
    assert_string_equal(source_text(&w->source, "redis-slow", "it/7", "client"), "127.0.0.1:55555");
    assert_false(source_leaks(&w->source, "hunter2"));
}

static void garbage_ends_the_connection_with_a_sentence(void **state)
{
    static const struct {
        const char *raw, *says;
    } cases[] = {
        {"HTTP/1.1 400 Bad Request\r\n\r\n", "not Redis' protocol: is the port right?"},
        {"*2147483647\r\n", "more than 65536 elements"},
        {"$-5\r\n", "not Redis' protocol"},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
         "not Redis' protocol"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const struct script s = {.raw = cases[i].raw};
        play(w, &s);
        source_step(&w->source, 60000);
        source_until(&w->source, fails_with(w, cases[i].says));
    }
    const struct script well = {.files = {"master", NULL}};
    play(w, &well);
    source_step(&w->source, 60000);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FRESH);
    await(w, "");
}

static void keys_are_never_listed(void **state)
{
    struct world *w = *state;
    await(w, "");
    source_want(&w->source, "redis-db", true);
    source_want(&w->source, "redis-slow", true);
    source_until(&w->source, source_has(&w->source, "redis-slow", "it/7"));
    (void)pthread_mutex_lock(&w->lock);
    assert_null(strstr(w->asked, "KEYS"));
    assert_null(strstr(w->asked, "SCAN"));
    assert_null(strstr(w->asked, "MONITOR"));
    (void)pthread_mutex_unlock(&w->lock);
}

/* ---- Sentinels. */

static void views_are_compared(void **state)
{
    struct sentinel_view v[] = {
        {.master = "a", .address = "x:1"}, {.master = "a", .address = "x:1"},
        {.master = "a", .address = "y:1"}, {.master = "b", .address = "z:1"},
        {.master = "c", .address = "p:1"}, {.master = "c", .address = "q:1"}};
    static const char *const others[] = {"", "", "x:1", "", "q:1", "p:1"};
    (void)state;
    sentinel_compare(v, BN_COUNT(v));
    for (size_t i = 0; i < BN_COUNT(v); i++)
        assert_string_equal(v[i].others, others[i]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_healthy_master_in_figures),
        CASE(rates_are_of_the_interval),
        CASE(keys_that_are_evicted),
        CASE(states_are_judged),
        CASE(a_link_that_stays_down_is_critical_by_time_alone),
        CASE(errors_that_clients_get_are_seen),
        CASE(the_slow_log_keeps_no_values),
        CASE(garbage_ends_the_connection_with_a_sentence),
        CASE(keys_are_never_listed),
        cmocka_unit_test(views_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
