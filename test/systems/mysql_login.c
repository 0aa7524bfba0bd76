/* Logins that Secrets have, tried at a real server: the same, another password, an account that is
 * locked; how seldom that is done, and that nothing of them is told. */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "net/base64.h"
#include "test/systems/http_server.h"
#include "test/systems/mysqld.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <stdio.h>

#define WALL_MS  INT64_C(1772000000000)
#define PASSWORD "known-password"
#define USER     "canary_user_7f3"
#define HERS     "canary-hers-51c9"
#define OTHER    "canary-other-8d02"
#define HOST     "db-haproxy.operators.svc.cluster.local"
#define LOGIN    "shop/app-db/password"

extern const struct backend backend_mysql;

static struct mysqld_folder *folder; /* NULL: there is no MariaDB here */
static struct mysqld *server;

struct world {
    struct source_run source;
    struct server *api;
    char password_file[128], kubeconfig[128];
    pthread_mutex_t lock; /* what follows */
    char host[128], user[64], password[64];
    int status; /* of the Secret: 200 */
    unsigned asked;
};

/* ---- The cluster's Secrets: the one that has a login, whatever it is called. */

static void add_value(struct strbuf *out, const char *key, const char *value)
{
    strbuf_addf(out, "%s\"%s\":\"", span_ends(strbuf_span(out), "{") ? "" : ",", key);
    base64_encode(span_from(value), out);
    strbuf_adds(out, "\"");
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct strbuf body = STRBUF_INIT(4096);
    (void)pthread_mutex_lock(&w->lock);
    const int status = strstr(request, "/secrets/app-db") ? w->status : 404;
    w->asked += status != 404;
    strbuf_adds(&body, "{\"kind\":\"Secret\",\"data\":{");
    add_value(&body, "host", w->host);
    add_value(&body, "username", w->user);
    add_value(&body, "password", w->password);
    strbuf_adds(&body, "}}");
    (void)pthread_mutex_unlock(&w->lock);
    conn_answer(c, status, "Content-Type: application/json\r\n",
                status == 200 ? strbuf_span(&body)
                              : SPAN("{\"kind\":\"Status\",\"message\":\"no such Secret here\"}"));
    strbuf_clear(&body);
}

static unsigned asked(struct world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    const unsigned n = w->asked;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

static void give(struct world *w, const char *host, const char *password)
{
    (void)pthread_mutex_lock(&w->lock);
    (void)snprintf(w->host, sizeof(w->host), "%s", host);
    (void)snprintf(w->password, sizeof(w->password), "%s", password);
    (void)pthread_mutex_unlock(&w->lock);
}

/* ---- The server. */

static int start_server(void **state)
{
    (void)state;
    folder = mysqld_is_mysql() ? NULL : mysqld_folder_new();
    if (!folder)
        return 0;
    server = mysqld_start(folder, "db", 0, NULL);
    mysqld_await(server, MYSQLD_READY);
    mysqld_do(server, "CREATE USER monitor@'%' IDENTIFIED BY '" PASSWORD "'");
    mysqld_do(server, "GRANT PROCESS, REPLICATION CLIENT ON *.* TO monitor@'%'");
    mysqld_do(server, "CREATE USER " USER "@'%' IDENTIFIED BY '" HERS "'");
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    mysqld_stop(server);
    mysqld_folder_free(folder);
    return 0;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    assert_non_null(w);
    *state = w;
    if (!server)
        return 0;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)snprintf(w->user, sizeof(w->user), "%s", USER);
    w->status = 200;
    give(w, HOST, HERS);
    w->api = server_start(&o);
    return w->api ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (server) {
        source_stop(&w->source);
        server_stop(w->api);
        (void)pthread_mutex_destroy(&w->lock);
    }
    free(w);
    return 0;
}

/* A file of the test's folder, with a word before its path. */
static void put_file(char *out, size_t size, const char *word, const char *name, const char *text)
{
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/%s", mysqld_folder_path(folder), name);
    assert_true(file_replace(path, span_from(text), NULL));
    (void)snprintf(out, size, "%s%s", word, path);
}

static void start(struct world *w, const char *compare, const char *logins, const char *targets)
{
    char reach[64], text[600];
    (void)snprintf(text, sizeof(text),
                   "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                   "clusters: [{name: c, cluster: {server: \"%s\"}}]\n"
                   "users: [{name: u, user: {}}]\n"
                   "contexts: [{name: c, context: {cluster: c, user: u}}]\n",
                   server_origin(w->api));
    put_file(w->kubeconfig, sizeof(w->kubeconfig), "kubeconfig=", "kubeconfig", text);
    put_file(w->password_file, sizeof(w->password_file), "password=file:", "password",
             PASSWORD "\n");
    (void)snprintf(reach, sizeof(reach), "reach=tcp:127.0.0.1:%d", mysqld_port(server));
    const char *const settings[] = {reach,
                                    w->password_file,
                                    "user=monitor",
                                    w->kubeconfig,
                                    "owner=operators/db",
                                    compare,
                                    logins,
                                    NULL};
    source_start_at(&w->source, &backend_mysql, settings, WALL_MS, targets, false);
    source_want(&w->source, "secret-login", true);
}

static struct world *here(void **state)
{
    if (!server)
        skip();
    return *state;
}

static bool is(struct world *w, const char *key, const char *login)
{
    return strcmp(source_text(&w->source, "secret-login", key, "state"), login) == 0;
}

static void nothing_is_told(struct world *w)
{
    assert_false(source_leaks(&w->source, USER));
    assert_false(source_leaks(&w->source, HERS));
    assert_false(source_leaks(&w->source, OTHER));
}

#define TARGET(since) "shop\tapp-db\thost\tusername\tpassword\t" since "\n"

/* ---- */

/* Another password is told once the Secret has changed, and is over when it is the server's again. */
static void a_secret_that_changes(void **state)
{
    struct world *w = here(state);
    struct source_run *s = &w->source;
    start(w, "compare=true", NULL, TARGET("1000"));
    source_until(s, is(w, LOGIN, "same"));
    assert_int_equal(source_level(s, "secret-login", LOGIN), LEVEL_OK);
    assert_string_equal(source_text(s, "secret-login", LOGIN, "server"), "it");
    give(w, HOST, OTHER);
    runner_set_targets(s->runner, TARGET("2000"));
    source_until(s, is(w, LOGIN, "differs"));
    source_judged(s, "secret-login", LOGIN, LEVEL_WARNING, "secret-login-differs",
                  "it does not let in who has password of Secret app-db");
    nothing_is_told(w);
    mysqld_do(server, "ALTER USER " USER "@'%' IDENTIFIED BY '" OTHER "'");
    source_step(s, 3600000);
    source_until(s, is(w, LOGIN, "same"));
    assert_int_equal(source_level(s, "secret-login", LOGIN), LEVEL_OK);
    mysqld_do(server, "ALTER USER " USER "@'%' IDENTIFIED BY '" HERS "'");
    nothing_is_told(w);
}

/* It is not tried more often because somebody looks, or another Secret changes. */
static void seldom(void **state)
{
    struct world *w = here(state);
    struct source_run *s = &w->source;
    start(w, "compare=true", NULL, TARGET("1000"));
    source_until(s, is(w, LOGIN, "same"));
    const unsigned first = asked(w);
    assert_int_equal(first, 3); /* host, user, password */
    source_step(s, 1000);
    source_refresh(s);
    source_until(s, source_kind_report(s, "secret-login")->proof_ms >= WALL_MS + 1000);
    assert_int_equal(asked(w), first);
    source_step(s, 600000);
    runner_set_targets(s->runner, TARGET("1000") "shop\tgone\thost\tusername\tpassword\t5\n");
    source_until(s, source_kind_report(s, "secret-login")->proof_ms >= WALL_MS + 601000);
    assert_int_equal(asked(w), first);
    source_step(s, 3600000);
    source_until(s, asked(w) == 2 * first);
}

/* What is no answer to the question is unknown, by its number: its words would name the user. */
static void an_account_that_is_locked(void **state)
{
    struct world *w = here(state);
    mysqld_do(server, "ALTER USER " USER "@'%' ACCOUNT LOCK");
    start(w, "compare=true", NULL, TARGET("1000"));
    source_until(&w->source, is(w, LOGIN, "unknown"));
    assert_string_equal(source_text(&w->source, "secret-login", LOGIN, "why"),
                        "the server refuses it with error 4151");
    assert_string_equal(source_rule(&w->source, "secret-login", LOGIN), "");
    nothing_is_told(w);
    mysqld_do(server, "ALTER USER " USER "@'%' ACCOUNT UNLOCK");
}

/* Only who is of this server: a Secret cannot have its password sent elsewhere, nor be taken for ours. */
static void a_secret_of_another_server(void **state)
{
    static const char *const hosts[] = {"db.example.org", "db-haproxy.shop.svc", "dbx.operators",
                                        "operators", ""};
    struct world *w = here(state);
    struct source_run *s = &w->source;
    char targets[200];
    start(w, "compare=true", NULL, TARGET("1"));
    source_until(s, is(w, LOGIN, "same"));
    for (size_t i = 0; i < BN_COUNT(hosts); i++) {
        give(w, hosts[i], HERS);
        (void)snprintf(targets, sizeof(targets), TARGET("%zu"), 10 + 2 * i);
        runner_set_targets(s->runner, targets);
        source_until(s, !source_has(s, "secret-login", LOGIN));
        give(w, "db.operators", HERS);
        (void)snprintf(targets, sizeof(targets), TARGET("%zu"), 11 + 2 * i);
        runner_set_targets(s->runner, targets);
        source_until(s, is(w, LOGIN, "same"));
    }
}

/* Where nobody has written the keys as create-database does, the configuration says who it is. */
static void logins_of_the_configuration(void **state)
{
    struct world *w = here(state);
    give(w, "", HERS);
    start(w, "compare=true", "logins=" USER "=shop/app-db/password, nobody=shop/app-db/password2",
          NULL);
    source_until(&w->source, is(w, LOGIN, "same"));
    assert_true(is(w, "shop/app-db/password2", "unknown")); /* there is no such key */
    give(w, "", OTHER);
    runner_set_targets(w->source.runner, "shop\tapp-db\t\t\t\t2000\n"); /* it has changed */
    source_until(&w->source, is(w, LOGIN, "differs"));
    nothing_is_told(w);
}

static void a_secret_that_may_not_be_read(void **state)
{
    struct world *w = here(state);
    w->status = 403;
    start(w, "compare=true", NULL, TARGET("1"));
    source_until(&w->source,
                 source_kind_report(&w->source, "secret-login")->state == SOURCE_PARTIAL);
    assert_string_equal(source_kind_report(&w->source, "secret-login")->note,
                        "1 Secret may not be read");
    assert_false(source_has(&w->source, "secret-login", LOGIN));
}

static void nothing_is_tried_unless_it_is_allowed(void **state)
{
    struct world *w = here(state);
    start(w, NULL, NULL, TARGET("1"));
    source_until(&w->source,
                 source_kind_report(&w->source, "secret-login")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(&w->source, "secret-login")->why.msg,
                           "only where the configuration says so"));
    assert_int_equal(asked(w), 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_secret_that_changes),
        CASE(seldom),
        CASE(an_account_that_is_locked),
        CASE(a_secret_of_another_server),
        CASE(logins_of_the_configuration),
        CASE(a_secret_that_may_not_be_read),
        CASE(nothing_is_tried_unless_it_is_allowed),
    };
    return cmocka_run_group_tests_name("mysql logins", tests, start_server, stop_server);
}
