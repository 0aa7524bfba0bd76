/* The MySQL source against a real cluster of three: each state that Galera has, its verdict in
 * words, its end; and, as a person sees it whose kubeconfig leads to harbor, the program: which finds it
 * by the PerconaXtraDBCluster, goes through port-forwards to its pods, and logs in with the Secret's
 * password. The cases are one story, each begins where the one before ended. */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "test/systems/cli_run.h"
#include "test/systems/harbor_child.h"
#include "test/systems/http_server.h"
#include "test/systems/mysqld.h"
#include "test/systems/source_run.h"

#include <mysql.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NODES    3
#define PROVIDER "/usr/lib/galera/libgalera_smm.so"
#define WALL_MS  INT64_C(1772000000000)
#define PASSWORD "REDACTEDde335288" /* of monitor, in operators/mysql-secrets */

extern const struct backend backend_mysql, backend_haproxy;

struct cluster {
    struct mysqld_folder *folder; /* NULL: there is no Galera here */
    struct mysqld *nodes[NODES];
    int port[NODES], group[NODES], ist[NODES], sst[NODES];
    char name[NODES][32], go[128], password[128], cert[160], key[160];
    pid_t proxy; /* HAProxy before them; 0: none */
    int proxy_port;
    struct source_run source, proxies;
    struct cli_place *cli;
    struct harbor harbor;
};

static void put_file(char *path, size_t size, const struct cluster *c, const char *name,
                     const char *text)
{
    (void)snprintf(path, size, "%s/%s", mysqld_folder_path(c->folder), name);
    assert_true(file_replace(path, span_from(text), NULL));
    mysqld_give(path);
}

/* A state transfer that waits until it may: so that a donor and a joiner can be looked at. */
static void put_slow_transfer(struct cluster *c)
{
    char script[1024], path[128], search[4096];
    (void)snprintf(c->go, sizeof(c->go), "%s/go", mysqld_folder_path(c->folder));
    (void)snprintf(script, sizeof(script),
                   "#!/bin/bash\n"
                   "case \"$*\" in *donor*) while [ ! -e %s ]; do sleep 0.1; done ;; esac\n"
                   "exec /usr/bin/wsrep_sst_rsync \"$@\"\n",
                   c->go);
    put_file(path, sizeof(path), c, "wsrep_sst_slow", script);
    assert_int_equal(chmod(path, 0700), 0);
    (void)snprintf(search, sizeof(search), "%s:%s", mysqld_folder_path(c->folder), getenv("PATH"));
    assert_int_equal(setenv("PATH", search, 1), 0);
}

/* The discovered way has TLS inside the port-forward. */
static void put_certificate(struct cluster *c)
{
    struct cert own =
        cert_make(&(struct cert_options){.name = "shop", .from_s = -60, .until_s = 90L * 86400});
    struct strbuf text = STRBUF_INIT(65536);
    char path[128];
    cert_pem(&own, &text);
    put_file(path, sizeof(path), c, "cert.pem", strbuf_cstr(&text));
    (void)snprintf(c->cert, sizeof(c->cert), "--ssl-cert=%s", path);
    strbuf_truncate(&text, 0);
    cert_key_pem(&own, &text);
    put_file(path, sizeof(path), c, "key.pem", strbuf_cstr(&text));
    (void)snprintf(c->key, sizeof(c->key), "--ssl-key=%s", path);
    strbuf_clear(&text);
    cert_free(&own);
}

static void start_node(struct cluster *c, size_t i, bool first)
{
    char address[256], node[64], options[512], incoming[64], sst[64], name[64];
    const char *const settings[] = {"--wsrep-on=ON",
                                    "--wsrep-provider=" PROVIDER,
                                    "--wsrep-cluster-name=shop",
                                    "--wsrep-sst-method=slow",
                                    "--binlog-format=ROW",
                                    "--innodb-autoinc-lock-mode=2",
                                    "--slave-run-triggers-for-rbr=YES",
                                    address,
                                    node,
                                    options,
                                    incoming,
                                    sst,
                                    name,
                                    c->cert,
                                    c->key,
                                    first ? "--wsrep-new-cluster" : NULL,
                                    NULL};
    (void)snprintf(address, sizeof(address),
                   "--wsrep-cluster-address=gcomm://127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d",
                   c->group[0], c->group[1], c->group[2]);
    (void)snprintf(node, sizeof(node), "--wsrep-node-address=127.0.0.1:%d", c->group[i]);
    (void)snprintf(options, sizeof(options),
                   "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:%d;"
                   "ist.recv_addr=127.0.0.1:%d;gcache.size=4M;evs.keepalive_period=PT0.2S;"
                   "evs.inactive_check_period=PT0.1S;evs.suspect_timeout=PT1S;"
                   "evs.inactive_timeout=PT3S;evs.install_timeout=PT3S;gmcast.peer_timeout=PT1S",
                   c->group[i], c->ist[i]);
    (void)snprintf(incoming, sizeof(incoming), "--wsrep-node-incoming-address=127.0.0.1:%d",
                   c->port[i]);
    (void)snprintf(sst, sizeof(sst), "--wsrep-sst-receive-address=127.0.0.1:%d", c->sst[i]);
    (void)snprintf(name, sizeof(name), "--wsrep-node-name=shop-%zu", i);
    c->nodes[i] =
        mysqld_start(c->folder, name + strlen("--wsrep-node-name="), c->port[i], settings);
}

static void let_transfer(const struct cluster *c, bool yes)
{
    if (yes)
        assert_true(file_replace(c->go, SPAN("go"), NULL));
    else
        (void)unlink(c->go);
}

static void start_source(struct cluster *c)
{
    char nodes[128], password[160];
    const char *const settings[] = {"reach=tcp:*", nodes, password, "user=monitor", NULL};
    (void)snprintf(nodes, sizeof(nodes), "nodes=%s,%s,%s", c->name[0], c->name[1], c->name[2]);
    put_file(c->password, sizeof(c->password), c, "password", PASSWORD "\n");
    (void)snprintf(password, sizeof(password), "password=file:%s", c->password);
    source_start(&c->source, &backend_mysql, settings, WALL_MS);
    source_want(&c->source, "mysql", true);
}

/* Sees by connecting whether a server is there, five times a second. */
static void start_proxy(struct cluster *c)
{
    char config[2048], path[128];
    c->proxy_port = mysqld_free_port();
    (void)snprintf(config, sizeof(config),
                   "defaults\n mode tcp\n timeout connect 1s\n timeout client 5s\n"
                   " timeout server 5s\n"
                   "frontend stats\n mode http\n bind 127.0.0.1:%d\n"
                   " http-request use-service prometheus-exporter if { path /metrics }\n"
                   " stats enable\n stats uri /\n"
                   "backend galera-nodes\n"
                   " server shop-0 127.0.0.1:%d check inter 200 rise 1 fall 2\n"
                   " server shop-1 127.0.0.1:%d check inter 200 rise 1 fall 2 backup\n"
                   " server shop-2 127.0.0.1:%d check inter 200 rise 1 fall 2 backup\n",
                   c->proxy_port, c->port[0], c->port[1], c->port[2]);
    put_file(path, sizeof(path), c, "haproxy.cfg", config);
    c->proxy = fork();
    assert_true(c->proxy >= 0);
    if (c->proxy == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execl("/usr/sbin/haproxy", "haproxy", "-db", "-q", "-f", path, (char *)NULL);
        _exit(127);
    }
}

static void look_at_proxy(struct cluster *c, const char *figures)
{
    char reach[64], path[64];
    const char *const settings[] = {reach, path, NULL};
    (void)snprintf(reach, sizeof(reach), "reach=http://127.0.0.1:%d", c->proxy_port);
    (void)snprintf(path, sizeof(path), "path=%s", figures);
    source_start(&c->proxies, &backend_haproxy, settings, WALL_MS);
    source_want(&c->proxies, "haproxy-server", true);
}

/* harbor's pods of the platform's database are this cluster's. */
static void start_harbor(struct cluster *c)
{
    static const char *const words[] = {"--scenario", "calm", NULL};
    assert_int_equal(cli_setup((void **)&c->cli), 0);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    harbor_prepare(&c->harbor);
    harbor_start(&c->harbor, words);
    for (size_t i = 0; i < NODES; i++)
        (void)harbor_told(&c->harbor, "upstream pods operators mysql-pxc-%zu 3306 %d", i,
                          c->port[i]);
}

static int setup(void **state)
{
    static struct cluster c;
    *state = &c;
    c.folder = access(PROVIDER, R_OK) == 0 ? mysqld_folder_new() : NULL;
    if (!c.folder)
        return 0;
    for (size_t i = 0; i < NODES; i++) {
        c.port[i] = mysqld_free_port();
        c.group[i] = mysqld_free_port();
        c.ist[i] = mysqld_free_port();
        c.sst[i] = mysqld_free_port();
        (void)snprintf(c.name[i], sizeof(c.name[i]), "127.0.0.1:%d", c.port[i]);
    }
    put_slow_transfer(&c);
    put_certificate(&c);
    let_transfer(&c, true);
    for (size_t i = 0; i < NODES; i++) {
        start_node(&c, i, i == 0);
        mysqld_await(c.nodes[i], MYSQLD_READY);
    }
    mysqld_do(c.nodes[0], "CREATE USER monitor@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(c.nodes[0], "GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR ON *.* TO monitor@'%'");
    mysqld_do(c.nodes[0], "GRANT SELECT ON *.* TO monitor@'%'");
    mysqld_do(c.nodes[0], "CREATE USER reader@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(c.nodes[0], "GRANT SELECT ON `sh\\_p`.* TO reader@'%'");
    mysqld_do(c.nodes[0], "GRANT SELECT ON `sh%`.* TO reader@'%'");
    mysqld_do(c.nodes[0], "CREATE DATABASE shop");
    mysqld_do(c.nodes[0], "CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)");
    mysqld_do(c.nodes[0], "INSERT INTO shop.t (v) VALUES (1), (2), (3)");
    for (size_t i = 0; i < NODES; i++)
        mysqld_await_value(c.nodes[i], "wsrep_local_state_comment", "Synced");
    start_source(&c);
    start_proxy(&c);
    start_harbor(&c);
    return 0;
}

static int teardown(void **state)
{
    struct cluster *c = *state;
    if (!c->folder)
        return 0;
    if (c->source.runner)
        source_stop(&c->source);
    for (size_t i = 0; i < NODES; i++)
        mysqld_kill(c->nodes[i]);
    if (c->proxy > 0) {
        (void)kill(c->proxy, SIGKILL);
        (void)waitpid(c->proxy, NULL, 0);
    }
    if (c->cli) {
        harbor_done(&c->harbor);
        (void)cli_teardown((void **)&c->cli);
    }
    mysqld_folder_free(c->folder);
    return 0;
}

static struct cluster *here(void **state)
{
    struct cluster *c = *state;
    if (!c->folder)
        skip();
    return c;
}

/* InnoDB shows its transactions as they were until nobody has asked for 0.1 s [MySQL manual,
 * Persistence and Consistency of InnoDB Transaction and Locking Information]: who asks faster sees
 * the same for ever. */
#define LOOK_MS 250

static void look(struct source_run *s, int64_t end_ms)
{
    source_step(s, 1000);
    source_refresh(s);
    for (int64_t next_ms = clock_machine_ms() + LOOK_MS; clock_machine_ms() < next_ms;)
        source_turn(s, end_ms, "the state");
}

/* A look a second, by the clock that stands still otherwise, until it is as said. */
#define until(c, condition)                                          \
    for (int64_t end_ms = clock_machine_ms() + 30000; !(condition);) \
    look(&(c)->source, end_ms)

static const char *cell(struct cluster *c, size_t i, const char *column)
{
    return source_text(&c->source, "mysql", c->name[i], column);
}

static bool judged(struct cluster *c, size_t i, const char *rule)
{
    return strcmp(source_rule(&c->source, "mysql", c->name[i]), rule) == 0;
}

static bool is(struct cluster *c, size_t i, const char *column, const char *text)
{
    return strcmp(cell(c, i, column), text) == 0;
}

static void says(struct cluster *c, size_t i, const char *words)
{
    const char *sentence = source_says(&c->source, "mysql", c->name[i]);
    if (!strstr(sentence, words))
        fail_msg("\"%s\" does not say \"%s\"", sentence, words);
}

static bool well(struct cluster *c, size_t i)
{
    return is(c, i, "state", "Synced") &&
           source_level(&c->source, "mysql", c->name[i]) <= LEVEL_NOTICE;
}

/* The line of a node's row, as `get` prints it; empty: there is none. */
static struct span line_of(const struct strbuf *out, size_t i)
{
    char key[64];
    struct span rest = strbuf_span(out), line;
    (void)snprintf(key, sizeof(key), "\"key\":\"mysql-pxc-%zu\"", i);
    while (span_split(&rest, '\n', &line))
        if (span_search(line, span_from(key), false) < line.len)
            return line;
    return SPAN("");
}

static bool has(struct span line, const char *words)
{
    return span_search(line, span_from(words), false) < line.len;
}

/* rule "": it is well and Synced. */
static bool is_so(struct span line, const char *rule, const char *words)
{
    char by[64];
    (void)snprintf(by, sizeof(by), "\"rule\":\"%s\"", rule);
    if (*rule)
        return has(line, by) && has(line, words);
    return (has(line, "\"level\":\"ok\"") || has(line, "\"level\":\"notice\"")) &&
           has(line, "\"state\":\"Synced\"") && has(line, words);
}

/* Asks by the program, which knows the kubeconfig alone, until the row of this node, of all where it is
 * ALL, is judged so. */
#define ALL NODES

static void seen_through_cluster(struct cluster *c, size_t node, const char *rule,
                                 const char *words)
{
    struct cli_run r = {0};
    size_t so = 0, wanted = node == ALL ? NODES : 1;
    for (int64_t end_ms = clock_machine_ms() + 60000; so < wanted;) {
        so = 0;
        cli_run(c->cli, &r, "--kubeconfig", c->harbor.kubeconfig, "get", "mysql", "-A", "-o",
                "jsonl", NULL);
        for (size_t i = 0; i < NODES; i++)
            so += (node == ALL || node == i) && is_so(line_of(&r.out, i), rule, words);
        if (so < wanted && clock_machine_ms() > end_ms)
            fail_msg("node %zu is not judged by `%s` with \"%s\": %s; it said: %s", node, rule,
                     words, strbuf_cstr(&r.out), strbuf_cstr(&r.err));
    }
    if (has(strbuf_span(&r.out), PASSWORD) || has(strbuf_span(&r.err), PASSWORD))
        fail_msg("the password is printed");
    cli_done(&r);
}

/* ---- */

static void three_that_are_synced(void **state)
{
    struct cluster *c = here(state);
    until(c, well(c, 0) && well(c, 1) && well(c, 2));
    for (size_t i = 0; i < NODES; i++) {
        assert_string_equal(cell(c, i, "status"), "Primary");
        assert_string_equal(cell(c, i, "size"), "3");
        assert_string_equal(cell(c, i, "behind"), "0");
        assert_string_equal(cell(c, i, "check"), "up");
        assert_string_equal(cell(c, i, "ready"), "true");
        assert_string_equal(cell(c, i, "state-uuid"), cell(c, 0, "state-uuid"));
        assert_string_equal(cell(c, i, "gcache-size"), "4M");
        assert_non_null(strstr(cell(c, i, "version"), "MariaDB"));
    }
    until(c, !is(c, 0, "queries", "-") && !is(c, 0, "paused", "-"));
    assert_false(source_leaks(&c->source, PASSWORD));
    seen_through_cluster(c, ALL, "", "\"size\":3");
}

static void databases_users_and_processes(void **state)
{
    struct cluster *c = here(state);
    source_want(&c->source, "mysql-db", true);
    source_want(&c->source, "mysql-user", true);
    source_want(&c->source, "mysql-process", true);
    until(c, source_has(&c->source, "mysql-db", "shop") &&
                 source_has(&c->source, "mysql-user", "monitor@%") &&
                 source_has(&c->source, "mysql-user", "reader@%"));
    assert_string_equal(source_text(&c->source, "mysql-user", "monitor@%", "databases"), "-");
    assert_non_null(strstr(source_text(&c->source, "mysql-user", "reader@%", "databases"), "sh%"));
    assert_string_equal(source_text(&c->source, "mysql-user", "reader@%", "bytes"),
                        source_text(&c->source, "mysql-db", "shop", "bytes"));
    assert_string_equal(source_text(&c->source, "mysql-db", "shop", "tables"), "1");
    assert_string_not_equal(source_text(&c->source, "mysql-db", "shop", "bytes"), "-");
    assert_false(source_has(&c->source, "mysql-db", "mysql"));
    assert_string_equal(source_text(&c->source, "mysql-user", "monitor@%", "plugin"),
                        "mysql_native_password");
    until(c, store_count(c->source.store, source_kind_number(&c->source, "mysql-process")) >= 6);
    assert_false(source_leaks(&c->source, "*")); /* how a hash begins */
    mysqld_do(c->nodes[0], "CREATE TABLE shop.away (id INT) ENGINE=MyISAM");
    mysqld_do(c->nodes[0], "ALTER USER reader@'%' PASSWORD EXPIRE");
    until(c,
          strcmp(source_rule(&c->source, "mysql-db", "shop"), "mysql-db-engine") == 0 &&
              strcmp(source_rule(&c->source, "mysql-user", "reader@%"), "mysql-user-expired") == 0);
    source_judged(&c->source, "mysql-db", "shop", LEVEL_NOTICE, "mysql-db-engine",
                  "1 tables are not InnoDB");
    mysqld_do(c->nodes[0], "DROP TABLE shop.away");
    mysqld_do(c->nodes[0], "ALTER USER reader@'%' IDENTIFIED BY '" PASSWORD "'");
    until(c, strcmp(source_rule(&c->source, "mysql-db", "shop"), "") == 0 &&
                 strcmp(source_rule(&c->source, "mysql-user", "reader@%"), "") == 0);
    source_want(&c->source, "mysql-db", false);
    source_want(&c->source, "mysql-user", false);
    source_want(&c->source, "mysql-process", false);
}

static void one_that_is_taken_out_of_flow_control(void **state)
{
    struct cluster *c = here(state);
    mysqld_do(c->nodes[2], "SET GLOBAL wsrep_desync = ON");
    until(c, judged(c, 2, "mysql-donor"));
    assert_string_equal(cell(c, 2, "state"), "Donor/Desynced");
    assert_string_equal(cell(c, 2, "check"), "wsrep_local_state=2");
    seen_through_cluster(c, 2, "mysql-donor", "\"state\":\"Donor/Desynced\"");
    mysqld_do(c->nodes[2], "SET GLOBAL wsrep_desync = OFF");
    until(c, well(c, 2));
    assert_string_equal(cell(c, 2, "check"), "up");
    seen_through_cluster(c, 2, "", "\"check\":\"up\"");
}

static void one_that_rejects_statements(void **state)
{
    struct cluster *c = here(state);
    mysqld_do(c->nodes[1], "SET GLOBAL wsrep_reject_queries = ALL");
    until(c, judged(c, 1, "mysql-rejects"));
    says(c, 1, "wsrep_reject_queries ALL");
    mysqld_do(c->nodes[1], "SET GLOBAL wsrep_reject_queries = NONE");
    until(c, well(c, 1));
}

static void a_transaction_that_stays_open(void **state)
{
    struct cluster *c = here(state);
    mysqld_do(c->nodes[0], "BEGIN");
    mysqld_do(c->nodes[0], "SELECT * FROM shop.t FOR UPDATE");
    until(c, !is(c, 0, "longest-trx", "0s") && !is(c, 0, "longest-trx", "-"));
    mysqld_do(c->nodes[0], "COMMIT");
    until(c, is(c, 0, "longest-trx", "0s"));
}

struct writer {
    struct cluster *c;
    atomic_bool stop;
};

static void *write_much(void *context)
{
    struct writer *w = context;
    MYSQL *m = mysql_init(NULL);
    assert_non_null(mysql_real_connect(m, "127.0.0.1", "writer", PASSWORD, "shop",
                                       (unsigned)w->c->port[0], NULL, 0));
    while (!atomic_load(&w->stop))
        assert_int_equal(mysql_query(m, "INSERT INTO t (v) VALUES (1)"), 0);
    mysql_close(m);
    return NULL;
}

static void a_slow_one_brakes_the_others(void **state)
{
    struct cluster *c = here(state);
    struct writer w = {.c = c};
    pthread_t threads[4];
    mysqld_do(c->nodes[0], "CREATE USER writer@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(c->nodes[0], "GRANT ALL ON shop.* TO writer@'%'");
    mysqld_do(c->nodes[0], "CREATE TRIGGER shop.slow AFTER INSERT ON shop.t FOR EACH ROW SET @x = "
                           "IF(@@wsrep_node_name = 'shop-2', SLEEP(0.02), 0)");
    mysqld_do(c->nodes[2], "SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=2'");
    for (size_t i = 0; i < BN_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_much, &w), 0);
    until(c, judged(c, 2, "mysql-brake") && judged(c, 0, "mysql-flow-control"));
    says(c, 2, "brakes its cluster: asks it to stop");
    says(c, 0, "of the time; ");
    says(c, 0, c->name[2]);
    seen_through_cluster(c, 2, "mysql-brake", "brakes its cluster");
    seen_through_cluster(c, 0, "mysql-flow-control", "mysql-pxc-2");
    atomic_store(&w.stop, true);
    for (size_t i = 0; i < BN_COUNT(threads); i++)
        (void)pthread_join(threads[i], NULL);
    mysqld_do(c->nodes[0], "DROP TRIGGER shop.slow");
    mysqld_do(c->nodes[2], "SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=16'");
    until(c, well(c, 0) && well(c, 2));
    seen_through_cluster(c, ALL, "", "");
}

/* A look a second, of the other source. */
#define until_proxy(c, condition)                                    \
    for (int64_t end_ms = clock_machine_ms() + 30000; !(condition);) \
    look(&(c)->proxies, end_ms)

static const char *proxied(struct cluster *c, const char *node, const char *column)
{
    char key[64];
    (void)snprintf(key, sizeof(key), "it/galera-nodes/%s", node);
    return source_text(&c->proxies, "haproxy-server", key, column);
}

static void what_the_proxy_makes_of_them(void **state)
{
    static const char *const figures[] = {"/metrics", "/;csv"};
    struct cluster *c = here(state);
    for (size_t i = 0; i < BN_COUNT(figures); i++) {
        look_at_proxy(c, figures[i]);
        until_proxy(c, strcmp(proxied(c, "shop-2", "status"), "UP") == 0);
        assert_string_equal(proxied(c, "shop-0", "role"), "active");
        assert_string_equal(proxied(c, "shop-1", "role"), "backup");
        source_stop(&c->proxies);
    }
    look_at_proxy(c, figures[0]);
}

static void the_death_of_one(void **state)
{
    struct cluster *c = here(state);
    mysqld_kill(c->nodes[2]);
    c->nodes[2] = NULL;
    until(c, judged(c, 2, "mysql-down") && judged(c, 0, "mysql-partial"));
    assert_int_equal(source_level(&c->source, "mysql", c->name[2]), LEVEL_WARNING);
    assert_string_equal(cell(c, 2, "state"), "unreachable");
    says(c, 2, "does not answer");
    says(c, 0, "2 of 3 members");
    seen_through_cluster(c, 2, "mysql-down", "does not answer");
    seen_through_cluster(c, 0, "mysql-partial", "2 of 3 members");
    until_proxy(c, strcmp(proxied(c, "shop-2", "status"), "DOWN") == 0);
    assert_string_equal(source_rule(&c->proxies, "haproxy-server", "it/galera-nodes/shop-2"),
                        "haproxy-server-down");
    source_stop(&c->proxies);
}

static void the_death_of_two(void **state)
{
    struct cluster *c = here(state);
    mysqld_kill(c->nodes[1]);
    c->nodes[1] = NULL;
    until(c, judged(c, 0, "mysql-non-primary"));
    says(c, 0, "wsrep_cluster_status non-Primary: it has lost the majority");
    assert_string_equal(cell(c, 0, "check"), "wsrep_cluster_status=non-Primary");
    assert_int_equal(source_level(&c->source, "mysql", c->name[0]), LEVEL_CRITICAL);
    seen_through_cluster(c, 0, "mysql-non-primary", "it has lost the majority");
    mysqld_do(c->nodes[0], "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'");
    until(c, judged(c, 0, "mysql-partial"));
    assert_int_equal(source_level(&c->source, "mysql", c->name[0]), LEVEL_CRITICAL);
}

static void a_joiner_and_its_donor(void **state)
{
    struct cluster *c = here(state);
    let_transfer(c, false);
    (void)mysqld_try(c->nodes[0], "SET GLOBAL innodb_fast_shutdown = 1", NULL);
    char grastate[160];
    (void)snprintf(grastate, sizeof(grastate), "%s/shop-1/grastate.dat",
                   mysqld_folder_path(c->folder));
    (void)unlink(grastate); /* it must be given all anew */
    start_node(c, 1, false);
    until(c, judged(c, 1, "mysql-joining"));
    says(c, 1, "while ");
    says(c, 1, " is a donor: ");
    assert_string_equal(cell(c, 0, "state"), "Donor/Desynced");
    seen_through_cluster(c, 1, "mysql-joining", " is a donor: ");
    let_transfer(c, true);
    mysqld_await(c->nodes[1], MYSQLD_READY);
    until(c, is(c, 0, "state", "Synced") && is(c, 1, "state", "Synced"));
    start_node(c, 2, false);
    mysqld_await(c->nodes[2], MYSQLD_READY);
    until(c, well(c, 0) && well(c, 1) && well(c, 2));
    seen_through_cluster(c, ALL, "", "\"size\":3");
}

static void the_death_of_all(void **state)
{
    struct cluster *c = here(state);
    for (size_t i = 0; i < NODES; i++) {
        mysqld_kill(c->nodes[i]);
        c->nodes[i] = NULL;
    }
    until(c, judged(c, 0, "mysql-all-down"));
    says(c, 0, "none of the 3 nodes answers");
    until(c, judged(c, 1, "mysql-all-down") && judged(c, 2, "mysql-all-down"));
    source_until(&c->source, source_kind_report(&c->source, "mysql")->state == SOURCE_PARTIAL);
    assert_int_equal(source_level(&c->source, "mysql", c->name[0]), LEVEL_CRITICAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_that_are_synced),
        cmocka_unit_test(databases_users_and_processes),
        cmocka_unit_test(one_that_is_taken_out_of_flow_control),
        cmocka_unit_test(one_that_rejects_statements),
        cmocka_unit_test(a_transaction_that_stays_open),
        cmocka_unit_test(a_slow_one_brakes_the_others),
        cmocka_unit_test(what_the_proxy_makes_of_them),
        cmocka_unit_test(the_death_of_one),
        cmocka_unit_test(the_death_of_two),
        cmocka_unit_test(a_joiner_and_its_donor),
        cmocka_unit_test(the_death_of_all),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
