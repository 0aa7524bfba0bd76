/* MariaDB or MySQL as a child of a test. */
#include <config.h>

#include "test/systems/mysqld.h"

#include "base/alloc.h"
#include "base/clock.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <mysql.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENT_S 60
#define LOG_MAX   ((size_t)8 << 20)
#define WORDS_MAX 48

struct mysqld_folder {
    char path[64];
};

struct mysqld {
    pid_t pid; /* 0: it has ended */
    int port, out;
    char *data, *socket;
    MYSQL *root; /* NULL: not connected */
    pthread_t reader;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct strbuf log;
    bool ended; /* its log */
};

static const char *program(void)
{
    const char *named = getenv("MYSQL_SERVER");
    return named && named[0] ? named : "/usr/sbin/mariadbd";
}

bool mysqld_is_mysql(void)
{
    const char *named = getenv("MYSQL_SERVER");
    return named && named[0];
}

/* Nothing of it runs as root: then the user that Debian's package has made does. */
static const struct passwd *other_user(void)
{
    return geteuid() == 0 ? getpwnam("mysql") : NULL;
}

static void become_other_user(void)
{
    const struct passwd *p = other_user();
    if (p && (setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0))
        _exit(126);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void run(const char *const *words)
{
    pid_t pid = fork();
    int status = 0;
    assert_true(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)dup2(null, 1);
        (void)dup2(null, 2);
        become_other_user();
        (void)execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
        fail_msg("%s ended with status %d", words[0], status);
}

struct mysqld_folder *mysqld_folder_new(void)
{
    struct mysqld_folder *f = xalloc_zero(1, sizeof(*f));
    (void)snprintf(f->path, sizeof(f->path), "/tmp/binnacle-mysqld-XXXXXX");
    if (access(program(), X_OK) != 0 || !mkdtemp(f->path)) {
        free(f);
        return NULL;
    }
    mysqld_give(f->path);
    return f;
}

void mysqld_give(const char *path)
{
    const struct passwd *p = other_user();
    if (p)
        assert_int_equal(chown(path, p->pw_uid, p->pw_gid), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void mysqld_folder_free(struct mysqld_folder *f)
{
    if (!f)
        return;
    (void)nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
}

const char *mysqld_folder_path(const struct mysqld_folder *f)
{
    return f->path;
}

/* Below those that the system gives to who connects: none is taken before the server takes it. */
int mysqld_free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint16_t port;
    bool free_one;
    do {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(getrandom(&port, sizeof(port), 0), sizeof(port));
        port = (uint16_t)(10000 + port % 22000);
        a.sin_port = htons(port);
        free_one = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
        (void)close(fd);
    } while (!free_one);
    return port;
}

/* ---- Its log. */

static void *read_log(void *context)
{
    struct mysqld *m = context;
    char bytes[4096];
    ssize_t n;
    while ((n = read(m->out, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)) {
        (void)pthread_mutex_lock(&m->lock);
        strbuf_add(&m->log, span_make(bytes, n > 0 ? (size_t)n : 0));
        (void)pthread_cond_broadcast(&m->more);
        (void)pthread_mutex_unlock(&m->lock);
    }
    (void)pthread_mutex_lock(&m->lock);
    m->ended = true;
    (void)pthread_cond_broadcast(&m->more);
    (void)pthread_mutex_unlock(&m->lock);
    return NULL;
}

static bool has(const struct mysqld *m, const char *words)
{
    struct span log = strbuf_span(&m->log);
    return span_search(log, span_from(words), false) < log.len;
}

void mysqld_await(struct mysqld *m, const char *words)
{
    struct timespec until;
    int result = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENT_S;
    (void)pthread_mutex_lock(&m->lock);
    while (!has(m, words) && !m->ended && result == 0)
        result = pthread_cond_timedwait(&m->more, &m->lock, &until);
    bool found = has(m, words);
    if (!found)
        (void)fprintf(stderr, "%s\n", strbuf_cstr(&m->log));
    (void)pthread_mutex_unlock(&m->lock);
    assert_true(found);
}

/* ---- Its life. */

static char *format(const char *fmt, const char *a, const char *b)
{
    struct strbuf text = STRBUF_INIT(4096);
    strbuf_addf(&text, "--%s=%s%s", fmt, a, b);
    return strbuf_take(&text);
}

static void install(const struct mysqld *m)
{
    char *data = format("datadir", m->data, "");
    const char *const maria[] = {"mariadb-install-db",
                                 "--no-defaults",
                                 data,
                                 "--auth-root-authentication-method=normal",
                                 "--skip-test-db",
                                 "--skip-name-resolve",
                                 NULL},
                      *const mysql[] = {program(),
                                        "--no-defaults",
                                        data,
                                        "--initialize-insecure",
                                        "--innodb-redo-log-capacity=8M",
                                        NULL};
    if (access(m->data, F_OK) != 0)
        run(mysqld_is_mysql() ? mysql : maria);
    free(data);
}

static void spawn(struct mysqld *m, char **words)
{
    int out[2];
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    m->pid = fork();
    assert_true(m->pid >= 0);
    if (m->pid == 0) {
        (void)dup2(out[1], 1);
        (void)dup2(out[1], 2);
        become_other_user();
        (void)execv(words[0], words);
        _exit(127);
    }
    (void)close(out[1]);
    m->out = out[0];
    assert_int_equal(pthread_create(&m->reader, NULL, read_log, m), 0);
}

struct mysqld *mysqld_start(struct mysqld_folder *f, const char *name, int its_port,
                            const char *const *settings)
{
    static const char *const always[] = {"--no-defaults", "--bind-address=127.0.0.1",
                                         "--skip-name-resolve", "--innodb-buffer-pool-size=16M",
                                         "--innodb-flush-log-at-trx-commit=0"};
    static const char *const maria[] = {"--innodb-log-file-size=8M", "--performance-schema=OFF"},
                             *const mysql[] = {"--innodb-redo-log-capacity=8M", "--mysqlx=OFF",
                                               "--secure-file-priv=NULL"};
    struct mysqld *m = xalloc_zero(1, sizeof(*m));
    char path[256], port[16];
    char *words[WORDS_MAX] = {xalloc_text(program())};
    size_t n = 1;
    (void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
    m->data = xalloc_text(path);
    (void)snprintf(path, sizeof(path), "%s/%s.s", f->path, name);
    m->socket = xalloc_text(path);
    m->port = its_port ? its_port : mysqld_free_port();
    m->log = (struct strbuf)STRBUF_INIT(LOG_MAX);
    (void)pthread_mutex_init(&m->lock, NULL);
    (void)pthread_cond_init(&m->more, NULL);
    install(m);
    for (size_t i = 0; i < BN_COUNT(always); i++)
        words[n++] = xalloc_text(always[i]);
    for (size_t i = 0; i < (mysqld_is_mysql() ? BN_COUNT(mysql) : BN_COUNT(maria)); i++)
        words[n++] = xalloc_text(mysqld_is_mysql() ? mysql[i] : maria[i]);
    (void)snprintf(port, sizeof(port), "%d", m->port);
    words[n++] = format("port", port, "");
    words[n++] = format("socket", m->socket, "");
    words[n++] = format("datadir", m->data, "");
    words[n++] = format("pid-file", m->socket, ".pid");
    for (; settings && *settings && n + 1 < WORDS_MAX; settings++)
        words[n++] = xalloc_text(*settings);
    spawn(m, words);
    while (n > 0)
        free(words[--n]);
    return m;
}

static void end(struct mysqld *m, int signal)
{
    int status;
    if (!m)
        return;
    mysql_close(m->root);
    (void)kill(m->pid, signal);
    (void)waitpid(m->pid, &status, 0);
    (void)pthread_join(m->reader, NULL);
    (void)close(m->out);
    (void)unlink(m->socket);
    strbuf_clear(&m->log);
    (void)pthread_mutex_destroy(&m->lock);
    (void)pthread_cond_destroy(&m->more);
    free(m->data);
    free(m->socket);
    free(m);
}

void mysqld_kill(struct mysqld *m)
{
    end(m, SIGKILL);
}

void mysqld_stop(struct mysqld *m)
{
    end(m, SIGTERM);
}

int mysqld_port(const struct mysqld *m)
{
    return m->port;
}

/* ---- Statements. */

/* That it is ready is said some moments before it lets in who asks. */
static void connect_root(struct mysqld *m)
{
    int64_t until = clock_machine_ms() + (int64_t)PATIENT_S * 1000;
    while (!m->root) {
        m->root = mysql_init(NULL);
        if (mysql_real_connect(m->root, "localhost", "root", "", NULL, 0, m->socket, 0))
            return;
        if (clock_machine_ms() > until)
            fail_msg("%s: %s", m->socket, mysql_error(m->root));
        mysql_close(m->root);
        m->root = NULL;
        (void)poll(NULL, 0, 20);
    }
}

static bool ask(struct mysqld *m, const char *statement, unsigned cell, struct strbuf *out)
{
    connect_root(m);
    if (mysql_query(m->root, statement) != 0)
        return false;
    MYSQL_RES *result = mysql_store_result(m->root);
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    if (out && row && mysql_num_fields(result) > cell && row[cell])
        strbuf_adds(out, row[cell]);
    if (result)
        mysql_free_result(result);
    return true;
}

bool mysqld_try(struct mysqld *m, const char *statement, struct strbuf *out)
{
    return ask(m, statement, 0, out);
}

void mysqld_do(struct mysqld *m, const char *statement)
{
    if (!ask(m, statement, 0, NULL))
        fail_msg("%s: %s", statement, mysql_error(m->root));
}

static void await_cell(struct mysqld *m, const char *statement, unsigned cell, const char *value)
{
    struct strbuf text = STRBUF_INIT(4096);
    int64_t until = clock_machine_ms() + (int64_t)PATIENT_S * 1000;
    bool same = false;
    while (!same && clock_machine_ms() < until) {
        strbuf_truncate(&text, 0);
        assert_true(ask(m, statement, cell, &text));
        same = strcmp(strbuf_cstr(&text), value) == 0;
        if (!same)
            (void)poll(NULL, 0, 20);
    }
    if (!same)
        fail_msg("%s: %s, not %s", statement, strbuf_cstr(&text), value);
    strbuf_clear(&text);
}

void mysqld_await_answer(struct mysqld *m, const char *statement, const char *value)
{
    await_cell(m, statement, 0, value);
}

void mysqld_await_value(struct mysqld *m, const char *variable, const char *value)
{
    struct strbuf statement = STRBUF_INIT(256);
    strbuf_addf(&statement, "SHOW GLOBAL STATUS LIKE '%s'", variable);
    await_cell(m, strbuf_cstr(&statement), 1, value);
    strbuf_clear(&statement);
}
