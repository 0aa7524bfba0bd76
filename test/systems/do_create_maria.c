/* create-database on a real MariaDB or MySQL behind HAProxy, through the port-forward: what it has
 * made stands in the server itself, whenever the run was killed. */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "test/systems/crash_run.h"
#include "test/systems/created.h"
#include "test/systems/http_server.h"
#include "test/systems/mysqld.h"

#include <cjson/cJSON.h>
#include <errmsg.h>
#include <mysql.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CREATE(p, run, ...) \
    cli_run((p)->cli, run, "do", "create-database", "-n", "default", __VA_ARGS__, (char *)NULL)
#define JOBS      "/apis/batch/v1/namespaces/operators/jobs"
#define PATIENT_S 60

static struct mysqld_folder *folder; /* NULL: there is no MariaDB here */
static struct mysqld *server;
static pid_t proxy;
static int proxy_port;

/* ---- The server, and HAProxy before it. */

static void put(char *path, size_t size, const char *name, const struct strbuf *text)
{
    (void)snprintf(path, size, "%s/%s", mysqld_folder_path(folder), name);
    assert_true(file_replace(path, strbuf_span(text), NULL));
    mysqld_give(path);
}

static void start_server(void)
{
    char cert[128], key[128], ssl_cert[160], ssl_key[160];
    const char *const settings[] = {ssl_cert, ssl_key, "--skip-name-resolve", NULL};
    struct cert own = cert_make(&(struct cert_options){.name = "db"});
    struct strbuf text = STRBUF_INIT(65536);
    cert_pem(&own, &text);
    put(cert, sizeof(cert), "cert.pem", &text);
    strbuf_truncate(&text, 0);
    cert_key_pem(&own, &text);
    put(key, sizeof(key), "key.pem", &text);
    strbuf_clear(&text);
    cert_free(&own);
    (void)snprintf(ssl_cert, sizeof(ssl_cert), "--ssl-cert=%s", cert);
    (void)snprintf(ssl_key, sizeof(ssl_key), "--ssl-key=%s", key);
    server = mysqld_start(folder, "db", 0, settings);
    mysqld_await(server, MYSQLD_READY);
}

static void start_proxy(void)
{
    struct strbuf text = STRBUF_INIT(4096);
    char path[128];
    proxy_port = mysqld_free_port();
    strbuf_addf(&text,
                "defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server "
                "60s\nlisten mysql\n bind 127.0.0.1:%d\n server db 127.0.0.1:%d\n",
                proxy_port, mysqld_port(server));
    put(path, sizeof(path), "haproxy.cfg", &text);
    strbuf_clear(&text);
    proxy = fork();
    assert_true(proxy >= 0);
    if (proxy == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execl("/usr/sbin/haproxy", "haproxy", "-db", "-q", "-f", path, (char *)NULL);
        _exit(127);
    }
}

/* Until it listens: who is not let in was answered. */
static void await_proxy(void)
{
    const int64_t end = now_ms() + (int64_t)PATIENT_S * 1000;
    unsigned error;
    do {
        MYSQL *m = mysql_init(NULL);
        (void)mysql_real_connect(m, "127.0.0.1", "nobody", "", NULL, (unsigned)proxy_port, NULL, 0);
        error = mysql_errno(m);
        mysql_close(m);
        assert_true(in_time(end));
    } while (error == CR_CONN_HOST_ERROR && poll(NULL, 0, 20) == 0);
}

static int start(void **state)
{
    (void)state;
    folder = access("/usr/sbin/haproxy", X_OK) == 0 ? mysqld_folder_new() : NULL;
    if (!folder)
        return 0;
    start_server();
    start_proxy();
    await_proxy();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (!folder)
        return 0;
    (void)kill(proxy, SIGKILL);
    (void)waitpid(proxy, NULL, 0);
    mysqld_stop(server);
    mysqld_folder_free(folder);
    return 0;
}

/* ---- A cluster that leads there. Its root is the Secret's. */

static void decode(const char *coded, char plain[256])
{
    unsigned char bytes[512] = "";
    assert_true(strlen(coded) < sizeof(bytes));
    assert_true(EVP_DecodeBlock(bytes, (const unsigned char *)coded, (int)strlen(coded)) >= 0);
    (void)snprintf(plain, 256, "%s", (const char *)bytes);
}

static int setup(void **state)
{
    char password[256], statement[512];
    if (!folder) {
        *state = NULL;
        return 0;
    }
    assert_int_equal(place_setup(state), 0);
    struct place *p = *state;
    for (int i = 0; i < 2; i++)
        (void)harbor_told(&p->harbor, "upstream pods operators mysql-haproxy-%d 3306 %d", i,
                          proxy_port);
    char *coded = read_text(p, "/api/v1/namespaces/operators/secrets/mysql-secrets", "data|root");
    decode(coded, password);
    free(coded);
    mysqld_do(server, "CREATE USER IF NOT EXISTS root@'%'");
    (void)snprintf(statement, sizeof(statement), "ALTER USER root@'%%' IDENTIFIED BY '%s'",
                   password);
    mysqld_do(server, statement);
    mysqld_do(server, "DROP USER IF EXISTS root@'127.0.0.1'");
    mysqld_do(server, "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION");
    return 0;
}

static void drop_all(const char *what, const char *list)
{
    struct strbuf statement = STRBUF_INIT(4096);
    for (;;) {
        strbuf_truncate(&statement, 0);
        strbuf_adds(&statement, what);
        const size_t before = statement.len;
        assert_true(mysqld_try(server, list, &statement));
        if (statement.len == before)
            break;
        mysqld_do(server, strbuf_cstr(&statement));
    }
    strbuf_clear(&statement);
}

static int teardown(void **state)
{
    if (!folder)
        return 0;
    drop_all("DROP DATABASE ",
             "SELECT CONCAT('`', REPLACE(SCHEMA_NAME, '`', '``'), '`') FROM "
             "information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', "
             "'information_schema', 'performance_schema') LIMIT 1");
    drop_all("DROP USER ",
             "SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user WHERE User "
             "NOT IN ('root', 'mariadb.sys', 'mysql') AND User NOT LIKE 'mysql.%' LIMIT 1");
    return place_teardown(state);
}

static struct place *here(void **state)
{
    if (!folder)
        skip();
    return *state;
}

/* ---- What the server says. */

static void expect(const char *statement, const char *wanted)
{
    struct strbuf text = STRBUF_INIT(8192);
    assert_true(mysqld_try(server, statement, &text));
    assert_string_equal(strbuf_cstr(&text), wanted);
    strbuf_clear(&text);
}

/* A connection of an application, by TLS through HAProxy; NULL: it is not let in. */
static MYSQL *log_in(const char *user, const char *password, const char *database, bool tls)
{
    MYSQL *m = mysql_init(NULL);
    const my_bool no = 0, enforced = tls;
    (void)mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &no);
    (void)mysql_options(m, MYSQL_OPT_SSL_ENFORCE, &enforced);
    (void)mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(m, "127.0.0.1", user, password, database, (unsigned)proxy_port, NULL, 0))
        return m;
    mysql_close(m);
    return NULL;
}

/* Whether the user is let in with what Vault has, and a statement is taken then. */
static bool may(struct place *p, const char *path, const char *user, const char *database,
                const char *statement)
{
    char *password = vault_text(p, path, "password");
    assert_non_null(password);
    MYSQL *m = log_in(user, password, database, true);
    bool ok = m && mysql_query(m, statement) == 0;
    if (ok)
        mysql_free_result(mysql_store_result(m));
    if (m)
        mysql_close(m);
    free(password);
    return ok;
}

/* All of it, once: the same whatever happened on the way. */
static void expect_whole(struct place *p, const struct cli_run *run, const char *name)
{
    char text[512], path[128], secret[128];
    (void)snprintf(path, sizeof(path), "apps/%s-db", name);
    (void)snprintf(secret, sizeof(secret), "%s-db", name);
    (void)snprintf(text, sizeof(text),
                   "SELECT CONCAT(DEFAULT_CHARACTER_SET_NAME) FROM information_schema.SCHEMATA "
                   "WHERE SCHEMA_NAME = '%s'",
                   name);
    expect(text, "utf8mb4");
    (void)snprintf(text, sizeof(text), "SELECT COUNT(*) FROM mysql.user WHERE User = '%s'", name);
    expect(text, "1");
    assert_true(may(p, path, name, name, "CREATE TABLE t (id INT)"));
    assert_true(may(p, path, name, name, "DROP TABLE t"));
    assert_int_equal(vault_versions(p, path), 1);
    expect_secret(p, secret, path);
    char *password = vault_text(p, path, "password");
    expect_untold(p, run, password);
    free(password);
}

/* ---- */

static void what_was_asked_for_is_there(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    for (int i = 0; i < 2; i++) {
        CREATE(p, &run, "--name", "track_1", "--user", "tracker", "--host", "127.%", "--collation",
               "utf8mb4_bin", "--max-connections", "7", "--require-tls", "yes", "--yes");
        assert_status(&run, 0);
        assert_prints(&run, i ? "Nothing to do: it is so already." : "ok  Log in as tracker");
    }
    expect("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "
           "'track_1'",
           "utf8mb4_bin");
    expect("SELECT CONCAT(Host, ' ', ssl_type, ' ', max_user_connections) FROM mysql.user WHERE "
           "User = 'tracker'",
           "127.% ANY 7");
    assert_true(may(p, "apps/track-1-db", "tracker", "track_1", "CREATE TABLE t (id INT)"));
    char *password = vault_text(p, "apps/track-1-db", "password");
    assert_null(log_in("tracker", password, "track_1", false));
    assert_null(log_in("tracker", "another", "track_1", true));
    free(password);
    /* _ of the name is no pattern */
    mysqld_do(server, "CREATE DATABASE trackX1");
    assert_false(may(p, "apps/track-1-db", "tracker", "trackX1", "SELECT 1"));
    expect_chain(p);
    cli_done(&run);
}

static void rights_are_those_that_were_said(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    CREATE(p, &run, "--name", "reader", "--grants", "read-only", "--yes");
    assert_status(&run, 0);
    mysqld_do(server, "CREATE TABLE reader.t (id INT)");
    assert_true(may(p, "apps/reader-db", "reader", "reader", "SELECT * FROM t"));
    assert_false(may(p, "apps/reader-db", "reader", "reader", "INSERT INTO t VALUES (1)"));
    CREATE(p, &run, "--name", "writer", "--grants", "custom", "--rights",
           "insert,  Create Temporary Tables", "--yes");
    assert_status(&run, 0);
    mysqld_do(server, "CREATE TABLE writer.t (id INT)");
    assert_true(may(p, "apps/writer-db", "writer", "writer", "INSERT INTO t VALUES (1)"));
    assert_true(may(p, "apps/writer-db", "writer", "writer", "CREATE TEMPORARY TABLE u (id INT)"));
    assert_false(may(p, "apps/writer-db", "writer", "writer", "SELECT * FROM t"));
    CREATE(p, &run, "--name", "writer", "--grants", "custom", "--rights",
           "CREATE TEMPORARY TABLES,INSERT", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    cli_done(&run);
}

static void what_differs_ends_it(void **state)
{
    static const struct {
        const char *change, *says;
    } cases[] = {
        {"ALTER DATABASE kimai2 CHARACTER SET latin1", "its character set is latin1, not utf8mb4"},
        {"GRANT SELECT ON mysql.* TO kimai2@'%'", "it has SELECT on `mysql`.* too"},
        {"REVOKE DROP ON kimai2.* FROM kimai2@'%'", "not ALL PRIVILEGES"},
        {"ALTER USER kimai2@'%' REQUIRE SSL", "it is let in by TLS alone"},
        {"ALTER USER kimai2@'%' WITH MAX_USER_CONNECTIONS 5", "MAX_USER_CONNECTIONS is 5, not 0"},
        {"ALTER USER kimai2@'%' IDENTIFIED BY 'another-password'",
         "it is not let in with the password of Vault's secret/apps/kimai2-db"},
    };
    struct place *p = here(state);
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        char name[32], change[256];
        (void)snprintf(name, sizeof(name), "kimai%zu", i + 2);
        struct strbuf text = STRBUF_INIT(512);
        for (const char *c = cases[i].change; *c; c++)
            if (strncmp(c, "kimai2", 6) == 0) {
                strbuf_adds(&text, name);
                c += 5;
            } else {
                strbuf_addc(&text, *c);
            }
        (void)snprintf(change, sizeof(change), "%s", strbuf_cstr(&text));
        strbuf_clear(&text);
        CREATE(p, &run, "--name", name, "--yes");
        assert_status(&run, 0);
        mysqld_do(server, change);
        CREATE(p, &run, "--name", name, "--yes");
        assert_status(&run, 3);
        if (!strstr(cases[i].says, "kimai2-db"))
            assert_complains(&run, cases[i].says);
        else
            assert_complains(&run, "it is not let in with the password of Vault's secret/apps/");
    }
    cli_done(&run);
}

static void what_differs_elsewhere_ends_it_too(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    vault_put(p, "apps/one-db", "{\"host\":\"elsewhere\",\"port\":\"3306\"}");
    CREATE(p, &run, "--name", "one", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "Vault's secret/apps/one-db is there and differs: its host is another");
    CREATE(p, &run, "--name", "two", "--secret", "kimai-secrets", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "ExternalSecret default/kimai-secrets is there and differs: it makes no "
                           "key host");
    expect("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('one', 'two')",
           "0");
    cli_done(&run);
}

static void two_at_once(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    const char *const words[] = {"do", "create-database", "--name", "both",
                                 "-n", "default",         "--yes",  NULL};
    int status;
    (void)harbor_told(&p->harbor,
                      "fault POST /api/v1/namespaces/vault/services/vault:8200/proxy/v1/"
                      "secret/data/ delay=60000 count=1");
    int pid = cli_begin_words(p->cli, words, NULL);
    int64_t end = now_ms() + 30000;
    while (strtoll(harbor_told(&p->harbor, "asked POST "
                                           "/api/v1/namespaces/vault/services/vault:8200/proxy/v1/"
                                           "secret/data/") +
                       2,
                   NULL, 10) == 0)
        assert_true(in_time(end));
    CREATE(p, &run, "--name", "both", "--yes");
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor, "step 60000"); /* the first one's is looked at now */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    expect_whole(p, &run, "both");
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "check-and-set parameter did not match the current version");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 3); /* it has ended: nothing of it was done */
    cli_done(&run);
}

static void it_is_taken_back(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault POST /apis/external-secrets.io/v1/namespaces/default/"
                                  "externalsecrets?fieldManager status=500 count=1");
    CREATE(p, &run, "--name", "back", "--yes");
    assert_true(run.status == 1 || run.status == 4);
    expect("SELECT COUNT(*) FROM mysql.user WHERE User = 'back'", "1");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    expect("SELECT COUNT(*) FROM mysql.user WHERE User = 'back'", "0");
    expect("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'back'", "0");
    assert_null(vault_text(p, "apps/back-db", "password"));
    CREATE(p, &run, "--name", "back", "--yes"); /* over the version that was deleted */
    assert_status(&run, 0);
    assert_int_equal(vault_versions(p, "apps/back-db"), 2);
    assert_true(may(p, "apps/back-db", "back", "back", "SELECT 1"));
    expect_chain(p);
    cli_done(&run);
}

static void what_somebody_put_in_is_not_dropped(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault POST /apis/external-secrets.io/v1/namespaces/default/"
                                  "externalsecrets?fieldManager status=500 count=1");
    CREATE(p, &run, "--name", "used", "--yes");
    assert_true(run.status == 1 || run.status == 4);
    mysqld_do(server, "CREATE TABLE used.t (id INT)");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "database used has 1 tables and views: it is left as it is");
    expect("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'used'", "1");
    cli_done(&run);
}

/* Names are texts to everybody on the way, whatever they are made of. */
static void names_are_names(void **state)
{
    static const char *const names[] = {"a`b",
                                        "it's \"quoted\"",
                                        "x; DROP DATABASE mysql; --",
                                        "back\\slash\\",
                                        "per%cent_under",
                                        "\xc3\xbc"
                                        "n\xc3\xafk\xc3\xb6"
                                        "d\xc3\xa9",
                                        "\xe6\x95\xb0\xe6\x8d\xae",
                                        "$(id) `id` $HOME",
                                        "{\"json\": [1]}",
                                        "' OR ''='1"};
    struct place *p = here(state);
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        char secret[32], path[64], vault[128], alphabet[64];
        struct strbuf quoted = STRBUF_INIT(1024);
        (void)snprintf(secret, sizeof(secret), "hostile-%zu", i);
        (void)snprintf(path, sizeof(path), "apps/hostile-%zu", i);
        (void)snprintf(vault, sizeof(vault), "secret/%s", path);
        (void)snprintf(alphabet, sizeof(alphabet), "'\"\\`;%%{}()<>%s", i % 2 ? "!#" : "$?");
        CREATE(p, &run, "--name", names[i], "--secret", secret, "--vault-path", vault, "--alphabet",
               alphabet, "--length", "40", "--yes");
        assert_status(&run, 0);
        char *database = vault_text(p, path, "database");
        assert_string_equal(database, names[i]);
        free(database);
        assert_true(may(p, path, names[i], names[i], "CREATE TABLE t (id INT)"));
        for (const char *c = names[i]; *c; c++)
            strbuf_addf(&quoted, "%02X", (unsigned)(unsigned char)*c);
        struct strbuf question = STRBUF_INIT(1024);
        strbuf_addf(&question,
                    "SELECT COUNT(*) FROM information_schema.TABLES WHERE HEX(TABLE_SCHEMA) = '%s'",
                    strbuf_cstr(&quoted));
        expect(strbuf_cstr(&question), "1");
        strbuf_clear(&question);
        strbuf_clear(&quoted);
        CREATE(p, &run, "--name", names[i], "--secret", secret, "--vault-path", vault, "--yes");
        assert_status(&run, 0);
        assert_prints(&run, "Nothing to do");
    }
    expect("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'mysql'", "1");
    cli_done(&run);
}

/* ---- A Job, whose kubelet the test is. */

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(member(object, key));
    return text ? text : "";
}

static cJSON *get(struct place *p, const char *target)
{
    struct call *c = harbor_get(&p->harbor, HTTP2, target);
    cJSON *doc = cJSON_ParseWithLength(c->body.data, c->body.len);
    harbor_forget(c);
    return doc;
}

static cJSON *await_job(struct place *p)
{
    int64_t end = now_ms() + (int64_t)PATIENT_S * 1000;
    for (;;) {
        cJSON *list = get(p, JOBS "?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dbinnacle");
        cJSON *job = cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(list, "items"), 0);
        cJSON_Delete(list);
        if (job)
            return job;
        assert_true(in_time(end));
        (void)poll(NULL, 0, 20);
    }
}

static void set_variable(struct place *p, const cJSON *e)
{
    const cJSON *ref = member(member(e, "valueFrom"), "secretKeyRef");
    char value[4096], target[256], plain[256];
    if (ref) {
        (void)snprintf(target, sizeof(target), "/api/v1/namespaces/operators/secrets/%s",
                       text_of(ref, "name"));
        cJSON *secret = get(p, target);
        decode(text_of(member(secret, "data"), text_of(ref, "key")), plain);
        (void)snprintf(value, sizeof(value), "%s", plain);
        cJSON_Delete(secret);
    } else {
        size_t n = 0;
        for (const char *c = text_of(e, "value"); *c && n < sizeof(value) - 1; c++) {
            c += c[0] == '$' && c[1] == '$';
            value[n++] = *c;
        }
        value[n] = '\0';
    }
    (void)setenv(text_of(e, "name"), value, 1);
}

/* The client's name of the cluster's service leads to HAProxy here, and MariaDB's client does not know
 * one word of MySQL's. What it was called with is kept. */
static void put_client(struct place *p)
{
    char script[1024], search[4096];
    (void)snprintf(script, sizeof(script),
                   "#!/bin/bash\nprintf '%%s\\n' \"$@\" >%s/argv\nwords=()\nfor w in \"$@\"; do "
                   "case $w in --ssl-mode=*) ;; --host=*) words+=(--host=127.0.0.1) ;; --port=*) "
                   "words+=(--port=%d) ;; *) words+=(\"$w\") ;; esac; done\nexec /usr/bin/mysql "
                   "--no-defaults --ssl --skip-ssl-verify-server-cert \"${words[@]}\"\n",
                   p->cli->folder, proxy_port);
    (void)cli_put(p->cli, "mysql", script, 0700);
    (void)snprintf(search, sizeof(search), "%s:%s", p->cli->folder, getenv("PATH"));
    (void)setenv("PATH", search, 1);
}

static void run_container(struct place *p, const cJSON *job)
{
    const cJSON *c = cJSON_GetArrayItem(
        member(member(member(member(job, "spec"), "template"), "spec"), "containers"), 0);
    const cJSON *command = member(c, "command"), *e;
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        put_client(p);
        cJSON_ArrayForEach(e, member(c, "env"))
        {
            set_variable(p, e);
        }
        (void)execlp(cJSON_GetArrayItem(command, 0)->valuestring, "sh",
                     cJSON_GetArrayItem(command, 1)->valuestring,
                     cJSON_GetArrayItem(command, 2)->valuestring, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_job_does_the_same(void **state)
{
    struct place *p = here(state);
    struct cli_run run = {0};
    const char *const words[] = {"do",      "create-database", "--name", "by_job", "-n",
                                 "default", "--way",           "job",    "--yes",  NULL};
    char argv[160];
    int status;
    int pid = cli_begin_words(p->cli, words, NULL);
    cJSON *job = await_job(p);
    char *manifest = cJSON_PrintUnformatted(job),
         *password = vault_text(p, "apps/by-job-db", "password");
    assert_null(strstr(manifest, password));
    run_container(p, job);
    (void)harbor_told(&p->harbor,
                      "patch jobs operators %s {\"status\":{\"conditions\":[{\"type\":\"Complete\","
                      "\"status\":\"True\"}]}}",
                      text_of(member(job, "metadata"), "name"));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct strbuf called = STRBUF_INIT(65536);
    (void)snprintf(argv, sizeof(argv), "%s/argv", p->cli->folder);
    assert_true(file_read(argv, &called, NULL));
    assert_non_null(strstr(strbuf_cstr(&called), "--batch"));
    assert_null(strstr(strbuf_cstr(&called), password));
    cli_run(p->cli, &run, "do", "create-database", "--name", "by_job", "-n", "default", "--yes",
            NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    assert_true(may(p, "apps/by-job-db", "by_job", "by_job", "CREATE TABLE t (id INT)"));
    expect_secret(p, "by-job-db", "apps/by-job-db");
    expect_untold(p, &run, password);
    cJSON *left = get(p, JOBS "?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dbinnacle");
    assert_int_equal(cJSON_GetArraySize(member(left, "items")), 0);
    cJSON_Delete(left);
    cJSON_Delete(job);
    free(manifest);
    free(password);
    strbuf_clear(&called);
    cli_done(&run);
}

/* ---- Killed. */

/* All moments where NIGHTLY is set, else some. False: the run had ended before this one. */
static bool killed_at(struct place *p, unsigned moment)
{
    struct cli_run run = {0};
    char name[32];
    (void)snprintf(name, sizeof(name), "killed%u", moment);
    const char *const words[] = {"do", "create-database", "--name", name,
                                 "-n", "default",         "--yes",  NULL};
    int status = crash_run(p->cli, moment, words);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    if (run.status == 3) { /* nothing was announced yet, or all was done */
        if (!strstr(strbuf_cstr(&run.err), "No such file"))
            assert_complains(&run, "no run is without an end");
        CREATE(p, &run, "--name", name, "--yes");
    }
    assert_status(&run, 0);
    expect_whole(p, &run, name);
    expect_chain(p);
    cli_done(&run);
    return status == CRASHED;
}

static void whenever_it_is_killed(void **state)
{
    struct place *p = here(state);
    const unsigned step = getenv("NIGHTLY") ? 1 : 23;
    unsigned moment = 1;
    while (killed_at(p, moment))
        moment += step;
    assert_true(moment > 100); /* steps alike: a run has some 200 */
    print_message("%u moments\n", moment);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_asked_for_is_there),
        CASE(rights_are_those_that_were_said),
        CASE(what_differs_ends_it),
        CASE(what_differs_elsewhere_ends_it_too),
        CASE(two_at_once),
        CASE(it_is_taken_back),
        CASE(what_somebody_put_in_is_not_dropped),
        CASE(names_are_names),
        CASE(the_job_does_the_same),
        CASE(whenever_it_is_killed),
    };
    return cmocka_run_group_tests_name("do_create_maria", tests, start, stop);
}
