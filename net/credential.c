/* One credential for all who ask a cluster; one refresh at a time. */
#include <config.h>

#include "net/credential.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/file.h"
#include "net/base64.h"
#include "net/credential_pem.h"
#include "net/exec_plugin.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM_MAX    ((size_t)1 << 20)
#define MEMORY_MAX ((size_t)16 << 20)
/* A failed plug-in is not started again within this time. */
#define FAILURE_KEPT_MS 5000

/* Someone who waits for the refresh that another thread runs; on its own stack. */
struct waiter {
    struct waiter *next;
    int event; /* eventfd, written when the refresh is over */
};

/* What tells that a file has been replaced. */
struct file_mark {
    struct timespec modified;
    off_t size;
    ino_t inode;
};

#define FILES_MAX 3

struct credential {
    atomic_uint references;
    enum credential_type type;
    struct arena *arena; /* owns the texts of user and cluster; wiped */
    const char *name;
    struct kube_user user;       /* what it is made of */
    struct kube_exec exec;       /* user.exec points here */
    struct kube_cluster cluster; /* for the plug-in */
    bool has_cluster;
    const struct clock *clock; /* borrowed, or own_clock */
    struct clock *own_clock;   /* owned; NULL when the caller gave one */
    int exec_deadline_ms;
    const char *files[FILES_MAX]; /* read again when replaced */
    size_t file_count;
    atomic_bool turned_to_plugin; /* what stands beside the plug-in was refused */

    pthread_mutex_t lock; /* for all below; never held across I/O */
    bool refreshing;
    struct waiter *waiters;
    bool valid;
    struct credential_value value; /* owned */
    int64_t expires_ms, renew_ms;  /* wall; TIME_FOREVER */
    struct file_mark marks[FILES_MAX];
    struct err failure; /* of the last refresh; ERR_NONE: none */
    int64_t failed_ms;  /* mono */
};

static void wipe_text(char **text)
{
    alloc_free_wiped(*text);
    *text = NULL;
}

void credential_value_wipe(struct credential_value *v)
{
    wipe_text(&v->authorization);
    wipe_text(&v->cert_pem);
    wipe_text(&v->key_pem);
}

static char *copy_or_null(const char *text)
{
    return text ? xalloc_text(text) : NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- Copies of what the kubeconfig says. */

static bool keep(struct credential *c, const char **text)
{
    struct span copy;

    if (!*text)
        return true;
    if (!arena_copy(c->arena, span_from(*text), &copy))
        return false;
    *text = copy.data;
    return true;
}

static bool keep_list(struct credential *c, const char *const **list)
{
    const char **copy;
    size_t n = 0;

    if (!*list)
        return true;
    while ((*list)[n])
        n++;
    copy = arena_calloc(c->arena, n + 1, sizeof *copy);
    for (size_t i = 0; copy && i < n; i++) {
        copy[i] = (*list)[i];
        if (!keep(c, &copy[i]))
            return false;
    }
    *list = copy;
    return copy != NULL;
}

static bool keep_exec(struct credential *c, const struct kube_exec *exec)
{
    struct kube_exec_var *vars = arena_calloc(c->arena, exec->env_count + 1, sizeof *vars);

    if (!vars)
        return false;
    c->exec = *exec;
    for (size_t i = 0; i < exec->env_count; i++) {
        vars[i] = exec->env[i];
        if (!keep(c, &vars[i].name) || !keep(c, &vars[i].value))
            return false;
    }
    c->exec.env = vars;
    c->user.exec = &c->exec;
    return keep(c, &c->exec.api_version) && keep(c, &c->exec.command) &&
           keep(c, &c->exec.install_hint) && keep_list(c, &c->exec.args);
}

static bool keep_user(struct credential *c, const struct kube_user *user)
{
    struct kube_user *u = &c->user;

    *u = *user;
    u->name = u->file = u->auth_provider = NULL;
    u->impersonate = u->impersonate_uid = NULL; /* the client's headers say these */
    u->impersonate_groups = NULL;
    u->impersonate_extra = NULL;
    u->impersonate_extras = 0;
    return keep(c, &u->token) && keep(c, &u->token_file) && keep(c, &u->cert_file) &&
           keep(c, &u->key_file) && keep(c, &u->username) && keep(c, &u->password) &&
           (u->cert_pem.len == 0 || arena_copy(c->arena, user->cert_pem, &u->cert_pem)) &&
           (u->key_pem.len == 0 || arena_copy(c->arena, user->key_pem, &u->key_pem)) &&
           (!user->exec || keep_exec(c, user->exec));
}

static bool keep_cluster(struct credential *c, const struct kube_cluster *cluster)
{
    struct kube_cluster *k = &c->cluster;

    *k = *cluster;
    k->name = k->file = NULL;
    c->has_cluster = true;
    return keep(c, &k->server) && keep(c, &k->ca_file) && keep(c, &k->tls_server_name) &&
           keep(c, &k->proxy_url) && keep(c, &k->exec_config) &&
           (k->ca_pem.len == 0 || arena_copy(c->arena, cluster->ca_pem, &k->ca_pem));
}

/* What the kubeconfig holds itself goes before the plug-in, as for kubectl
 * [client-go plugin/pkg/client/auth/exec/exec.go UpdateTransportConfig]. */
static enum credential_type type_of(const struct kube_user *u)
{
    if (u->token_file)
        return CREDENTIAL_TOKEN_FILE;
    if (u->token)
        return CREDENTIAL_TOKEN;
    if (u->username)
        return CREDENTIAL_BASIC;
    if (u->cert_file || u->cert_pem.len > 0)
        return CREDENTIAL_CERTIFICATE;
    return u->exec ? CREDENTIAL_EXEC : CREDENTIAL_NONE;
}

/* It is the plug-in that gives what is sent: there is nothing else, or that was refused. */
static bool uses_plugin(const struct credential *c)
{
    return c->type == CREDENTIAL_EXEC || c->turned_to_plugin;
}

static void name_files(struct credential *c)
{
    if (c->user.token_file)
        c->files[c->file_count++] = c->user.token_file;
    if (c->user.cert_file && c->user.cert_pem.len == 0)
        c->files[c->file_count++] = c->user.cert_file;
    if (c->user.key_file && c->user.key_pem.len == 0)
        c->files[c->file_count++] = c->user.key_file;
}

/* ---- Fetching: no lock is held. */

struct fresh {
    struct credential_value value;
    int64_t expires_ms;
    struct file_mark marks[FILES_MAX];
};

static struct file_mark mark_of(const char *path)
{
    struct file_mark mark = {.size = -1};
    struct stat st;

    if (stat(path, &st) == 0)
        mark = (struct file_mark){st.st_mtim, st.st_size, st.st_ino};
    return mark;
}

static bool same_mark(const struct file_mark *a, const struct file_mark *b)
{
    return a->size == b->size && a->inode == b->inode && a->modified.tv_sec == b->modified.tv_sec &&
           a->modified.tv_nsec == b->modified.tv_nsec;
}

static bool read_secret(const struct credential *c, const char *path, const char *what,
                        struct strbuf *out, struct err *err)
{
    struct err why;

    if (file_read(path, out, &why))
        return true;
    return err_set(err, ERR_CONFIG, "%s: the %s %s cannot be read: %s", c->name, what, path,
                   why.msg);
}

static bool is_sendable(struct span token)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.data[i] <= ' ' || token.data[i] == 0x7F || (unsigned char)token.data[i] >= 0x80)
            return false;
    return token.len > 0;
}

static bool bearer(const struct credential *c, struct span token, struct fresh *f, struct err *err)
{
    struct strbuf text = STRBUF_INIT(CREDENTIAL_TOKEN_MAX + 16);

    token = span_trim(token);
    if (!is_sendable(token))
        return err_set(err, ERR_CONFIG,
                       "%s: the token is empty or has characters that cannot be sent", c->name);
    strbuf_adds(&text, "Bearer ");
    strbuf_add(&text, token);
    if (text.failed) {
        strbuf_wipe(&text);
        return err_set(err, ERR_CONFIG, "%s: the token is longer than %zu KiB", c->name,
                       CREDENTIAL_TOKEN_MAX >> 10);
    }
    wipe_text(&f->value.authorization);
    f->value.authorization = strbuf_take(&text);
    return true;
}

static bool basic(const struct credential *c, struct fresh *f, struct err *err)
{
    struct strbuf plain = STRBUF_INIT((size_t)64 << 10), text = STRBUF_INIT((size_t)128 << 10);
    bool ok = true;

    strbuf_adds(&plain, c->user.username); /* formatting would leave it on the stack */
    strbuf_addc(&plain, ':');
    strbuf_adds(&plain, c->user.password ? c->user.password : "");
    strbuf_adds(&text, "Basic ");
    base64_encode(strbuf_span(&plain), &text);
    if (plain.failed || text.failed)
        ok = err_set(err, ERR_CONFIG, "%s: user name and password are too long", c->name);
    else
        f->value.authorization = strbuf_take(&text);
    strbuf_wipe(&plain);
    strbuf_wipe(&text);
    return ok;
}

static bool fetch_token_file(const struct credential *c, struct fresh *f, struct err *err)
{
    struct strbuf text = STRBUF_INIT(CREDENTIAL_TOKEN_MAX);
    const bool ok = read_secret(c, c->user.token_file, "token file", &text, err) &&
                    bearer(c, strbuf_span(&text), f, err);

    strbuf_wipe(&text);
    return ok;
}

static bool fetch_pem(const struct credential *c, struct span data, const char *path,
                      const char *what, char **out, struct err *err)
{
    struct strbuf text = STRBUF_INIT(PEM_MAX);

    if (data.len > 0)
        strbuf_add(&text, data);
    else if (!path || !read_secret(c, path, what, &text, err)) {
        strbuf_wipe(&text);
        return !path;
    }
    *out = strbuf_take(&text);
    return *out || err_set(err, ERR_CONFIG, "%s: the %s is too long", c->name, what);
}

static bool fetch_plugin(const struct credential *c, int cancel_fd, struct fresh *f,
                         bool on_terminal, struct err *err)
{
    struct exec_answer answer = {.token = NULL};
    const struct exec_plugin_options options = {.exec = &c->exec,
                                                .cluster = c->has_cluster ? &c->cluster : NULL,
                                                .name = c->name,
                                                .deadline_ms = c->exec_deadline_ms,
                                                .cancel_fd = cancel_fd,
                                                .now_ms = clock_wall_ms(c->clock)};
    bool ok = true;

    if (on_terminal ? !exec_plugin_run_on_terminal(&options, &answer, err)
                    : !exec_plugin_run(&options, &answer, err))
        return false;
    f->expires_ms = answer.expires_ms;
    if (answer.token)
        ok = bearer(c, span_from(answer.token), f, err);
    if (ok && answer.cert_pem) {
        wipe_text(&f->value.cert_pem);
        wipe_text(&f->value.key_pem);
        f->value.cert_pem = answer.cert_pem;
        f->value.key_pem = answer.key_pem;
        answer.cert_pem = answer.key_pem = NULL;
    }
    exec_answer_wipe(&answer);
    return ok;
}

static bool fetch(const struct credential *c, int cancel_fd, bool on_terminal, struct fresh *f,
                  struct err *err)
{
    const struct kube_user *u = &c->user;
    bool ok = true;

    f->expires_ms = TIME_FOREVER;
    for (size_t i = 0; i < c->file_count; i++)
        f->marks[i] = mark_of(c->files[i]);
    ok = fetch_pem(c, u->cert_pem, u->cert_file, "client certificate", &f->value.cert_pem, err) &&
         fetch_pem(c, u->key_pem, u->key_file, "client key", &f->value.key_pem, err);
    if (ok && uses_plugin(c))
        ok = fetch_plugin(c, cancel_fd, f, on_terminal, err);
    else if (ok && u->token_file)
        ok = fetch_token_file(c, f, err);
    else if (ok && u->token)
        ok = bearer(c, span_from(u->token), f, err);
    else if (ok && u->username)
        ok = basic(c, f, err);
    if (ok && f->value.cert_pem)
        ok = credential_check_pair(c->name, f->value.cert_pem, f->value.key_pem, err);
    if (!ok)
        credential_value_wipe(&f->value);
    return ok;
}

/* ---- The shared state: all with the lock held. */

/* A margin before the end, smaller for short lives. */
static int64_t renew_time(int64_t now, int64_t expires)
{
    int64_t margin = CREDENTIAL_MARGIN_MS;

    if (expires == TIME_FOREVER)
        return TIME_FOREVER;
    if ((expires - now) / 10 < margin)
        margin = (expires - now) / 10;
    return expires - margin;
}

static void store_fresh(struct credential *c, struct fresh *f)
{
    const bool same = same_text(c->value.authorization, f->value.authorization) &&
                      same_text(c->value.cert_pem, f->value.cert_pem) &&
                      same_text(c->value.key_pem, f->value.key_pem);

    f->value.version = c->value.version + (same ? 0 : 1);
    credential_value_wipe(&c->value);
    c->value = f->value;
    c->expires_ms = f->expires_ms;
    c->renew_ms = renew_time(clock_wall_ms(c->clock), f->expires_ms);
    memcpy(c->marks, f->marks, sizeof c->marks);
    c->valid = true;
    c->failure.kind = ERR_NONE;
}

static void wake_waiters(struct credential *c)
{
    const uint64_t one = 1;

    for (struct waiter *w = c->waiters; w; w = w->next)
        while (write(w->event, &one, sizeof one) < 0 && errno == EINTR)
            continue;
}

static bool has_failed_lately(const struct credential *c)
{
    return c->failure.kind != ERR_NONE && clock_mono_ms(c->clock) - c->failed_ms < FAILURE_KEPT_MS;
}

static bool is_usable(const struct credential *c)
{
    const int64_t now = clock_wall_ms(c->clock);

    if (!c->valid)
        return false;
    return now < c->renew_ms || (now < c->expires_ms && has_failed_lately(c));
}

static void copy_value(const struct credential *c, struct credential_value *out)
{
    out->authorization = copy_or_null(c->value.authorization);
    out->cert_pem = copy_or_null(c->value.cert_pem);
    out->key_pem = copy_or_null(c->value.key_pem);
    out->version = c->value.version;
}

/* Ends the refresh of this thread. */
static void finish_refresh(struct credential *c, bool ok, struct fresh *f, const struct err *why)
{
    c->refreshing = false;
    if (ok) {
        store_fresh(c, f);
    } else if (why->kind != ERR_CANCELLED) {
        c->failure = *why;
        c->failed_ms = clock_mono_ms(c->clock);
    }
    wake_waiters(c);
}

/* Gives the lock back while another thread's refresh runs. False: cancelled. */
static bool wait_for_refresh(struct credential *c, int cancel_fd, struct err *err)
{
    struct waiter self = {.next = c->waiters, .event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct pollfd fds[] = {{self.event, POLLIN, 0}, {cancel_fd, POLLIN, 0}};

    if (self.event < 0)
        return err_code(err, ERR_IO, errno, "%s: no descriptor to wait with: %s", c->name,
                        strerror(errno));
    c->waiters = &self;
    pthread_mutex_unlock(&c->lock);
    while (!fds[0].revents && !fds[1].revents)
        (void)poll(fds, 2, -1);
    pthread_mutex_lock(&c->lock);
    for (struct waiter **w = &c->waiters; *w; w = &(*w)->next) {
        if (*w == &self) {
            *w = self.next;
            break;
        }
    }
    close(self.event);
    return fds[0].revents ||
           err_set(err, ERR_CANCELLED, "%s: stopped waiting for the login", c->name);
}

/* ---- Interface. */

static bool load_first(struct credential *c, struct err *err)
{
    struct fresh f = {.expires_ms = TIME_FOREVER};

    if (c->type == CREDENTIAL_EXEC)
        return true; /* when it is first needed */
    if (!fetch(c, -1, false, &f, err))
        return false;
    store_fresh(c, &f);
    return true;
}

struct credential *credential_new(const struct credential_options *options, struct err *err)
{
    struct credential *c = xalloc_zero(1, sizeof *c);
    bool ok;

    atomic_init(&c->references, 1);
    pthread_mutex_init(&c->lock, NULL);
    c->own_clock = options->clock ? NULL : clock_new();
    c->clock = options->clock ? options->clock : c->own_clock;
    c->exec_deadline_ms = options->exec_deadline_ms;
    c->name = options->name ? options->name : "credential";
    c->arena = arena_new(MEMORY_MAX);
    ok = c->arena && keep(c, &c->name) && (!options->user || keep_user(c, options->user)) &&
         (!options->cluster || keep_cluster(c, options->cluster));
    if (!ok) {
        c->name = "credential";
        (void)err_set(err, ERR_NOMEM, "%s: no memory for the credential", options->name);
    }
    if (ok) {
        c->type = type_of(&c->user);
        name_files(c);
        ok = load_first(c, err);
    }
    if (ok)
        return c;
    credential_unref(c);
    return NULL;
}

struct credential *credential_new_token(const char *name, struct span token)
{
    char *text = xalloc_bytes(token.data ? token.data : "", token.len);
    const struct kube_user user = {.token = text};
    const struct credential_options options = {.name = name, .user = &user};
    struct credential *c = credential_new(&options, NULL);

    wipe_text(&text);
    return c;
}

struct credential *credential_ref(struct credential *c)
{
    if (c)
        atomic_fetch_add(&c->references, 1);
    return c;
}

void credential_unref(struct credential *c)
{
    if (!c || atomic_fetch_sub(&c->references, 1) != 1)
        return;
    credential_value_wipe(&c->value);
    arena_free_wiped(c->arena);
    clock_free(c->own_clock);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

enum credential_type credential_type(const struct credential *c)
{
    return c->type;
}

const char *credential_name(const struct credential *c)
{
    return c->name;
}

/* Drops a value whose files have been replaced. A file that is away for the moment
 * of its replacement changes nothing. */
static void look_at_files(struct credential *c)
{
    struct file_mark marks[FILES_MAX];

    for (size_t i = 0; i < c->file_count; i++)
        marks[i] = mark_of(c->files[i]);
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->file_count; i++)
        if (marks[i].size >= 0 && !same_mark(&marks[i], &c->marks[i]))
            c->valid = false;
    pthread_mutex_unlock(&c->lock);
}

/* One round with the lock held. True: *result stands; false: look again. */
static bool get_round(struct credential *c, int cancel_fd, struct credential_value *out,
                      bool *result, struct err *err)
{
    struct fresh f = {.expires_ms = TIME_FOREVER};
    struct err why = {.kind = ERR_NONE};
    bool ok;

    *result = is_usable(c);
    if (*result) {
        copy_value(c, out);
        return true;
    }
    if (has_failed_lately(c)) {
        if (err)
            *err = c->failure;
        return true;
    }
    if (c->refreshing)
        return !wait_for_refresh(c, cancel_fd, err);
    c->refreshing = true;
    pthread_mutex_unlock(&c->lock);
    ok = fetch(c, cancel_fd, false, &f, &why);
    pthread_mutex_lock(&c->lock);
    finish_refresh(c, ok, &f, &why);
    if (!ok && why.kind == ERR_CANCELLED) {
        if (err)
            *err = why;
        return true;
    }
    if (ok) { /* as it is now, even when it ends within the margin */
        copy_value(c, out);
        *result = true;
        return true;
    }
    return false;
}

bool credential_get(struct credential *c, int cancel_fd, struct credential_value *out,
                    struct err *err)
{
    bool result = false;

    if (c->file_count > 0)
        look_at_files(c);
    pthread_mutex_lock(&c->lock);
    while (!get_round(c, cancel_fd, out, &result, err))
        continue;
    pthread_mutex_unlock(&c->lock);
    return result;
}

bool credential_refused(struct credential *c, uint64_t version)
{
    bool again = false;

    pthread_mutex_lock(&c->lock);
    if (c->value.version != version) {
        again = true;
    } else if (uses_plugin(c) || c->file_count > 0) {
        c->valid = false;
        again = true;
    } else if (c->user.exec) {
        c->turned_to_plugin = true;
        c->valid = false;
        again = true;
    }
    pthread_mutex_unlock(&c->lock);
    return again;
}

/* The plug-in is next, and its mode is at least this. */
static bool is_due(const struct credential *c, enum kube_exec_mode least)
{
    /* valid is shared: the lock is part of what looks constant from outside. */
    struct credential *shared = (struct credential *)(uintptr_t)c;
    bool due;

    if (!uses_plugin(c) || c->exec.mode < least)
        return false;
    pthread_mutex_lock(&shared->lock);
    due = !is_usable(c);
    pthread_mutex_unlock(&shared->lock);
    return due;
}

bool credential_needs_terminal(const struct credential *c)
{
    return is_due(c, KUBE_EXEC_ALWAYS);
}

bool credential_likes_terminal(const struct credential *c)
{
    return is_due(c, KUBE_EXEC_IF_AVAILABLE);
}

bool credential_login(struct credential *c, struct err *err)
{
    struct fresh f = {.expires_ms = TIME_FOREVER};
    struct err why = {.kind = ERR_NONE};
    bool ok;

    pthread_mutex_lock(&c->lock);
    c->failure.kind = ERR_NONE;
    c->turned_to_plugin = c->user.exec != NULL;
    if (!c->user.exec) {
        c->valid = c->valid && c->file_count == 0;
        pthread_mutex_unlock(&c->lock);
        return true;
    }
    while (c->refreshing) {
        if (!wait_for_refresh(c, -1, err)) {
            pthread_mutex_unlock(&c->lock);
            return false;
        }
    }
    c->refreshing = true;
    pthread_mutex_unlock(&c->lock);
    ok = fetch(c, -1, true, &f, &why);
    pthread_mutex_lock(&c->lock);
    finish_refresh(c, ok, &f, &why);
    pthread_mutex_unlock(&c->lock);
    if (!ok && err)
        *err = why;
    return ok;
}

int64_t credential_expires(const struct credential *c)
{
    struct credential *shared = (struct credential *)(uintptr_t)c;
    int64_t expires;

    pthread_mutex_lock(&shared->lock);
    expires = c->valid ? c->expires_ms : TIME_NONE;
    pthread_mutex_unlock(&shared->lock);
    return expires;
}
