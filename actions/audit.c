/* Writing the audit log. */
#include <config.h>

#include "actions/audit.h"

#include "actions/kube.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/timetext.h"
#include "net/hash_chain.h"
#include "net/hash_chain_end.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

#define HOST_MAX 256
#define UNKNOWN  "unknown" /* instead of a hash of the line before: the chain has a break there */

struct audit {
    int fd, end_fd;
    char *path; /* owned */
};

static const char *const event_names[AUDIT_END + 1] = {
    [AUDIT_BEGIN] = "begin",   [AUDIT_STEP] = "step",     [AUDIT_SENT] = "sent",
    [AUDIT_DONE] = "done",     [AUDIT_FAILED] = "failed", [AUDIT_UNDO] = "undo",
    [AUDIT_UNDONE] = "undone", [AUDIT_NOTE] = "note",     [AUDIT_END] = "end",
};

const char *audit_event_name(enum audit_event event)
{
    return event_names[event];
}

const char *audit_where(const struct audit *a)
{
    return a->path;
}

static bool is_safe(const struct audit *a, int fd, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_CONFIG, "%s: the audit log is no file", a->path);
    if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
        return err_set(
            err, ERR_CONFIG,
            "%s: the audit log must be its owner's alone (chmod 600); nothing is changed "
            "without it",
            a->path);
    return true;
}

/* The folder's entry of a new file is on disk too. */
static void sync_folder(const char *path)
{
    char *folder = xalloc_text(path), *slash = strrchr(folder, '/');
    if (slash && slash != folder)
        *slash = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}

static bool make_folder(const char *path, struct err *err)
{
    char *folder = xalloc_text(path), *slash = strrchr(folder, '/');
    bool ok = true;
    if (slash && slash != folder) {
        *slash = '\0';
        ok = file_make_folder(folder, err);
    }
    free(folder);
    return ok;
}

static int open_own(const struct audit *a, const char *path, int flags, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0)
        (void)err_code(err, ERR_IO, errno,
                       "%s: the audit log cannot be written (%s); nothing is changed without it",
                       path, strerror(errno));
    else if (!is_safe(a, fd, err)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

struct audit *audit_open(const char *path, struct err *err)
{
    struct audit *a = xalloc_zero(1, sizeof(*a));
    char *end = hash_chain_end_path(path);
    a->path = xalloc_text(path);
    a->fd = a->end_fd = -1;
    if (make_folder(path, err))
        a->fd = open_own(a, path, O_APPEND, err);
    if (a->fd >= 0)
        a->end_fd = open_own(a, end, 0, err);
    free(end);
    if (a->end_fd >= 0) {
        sync_folder(path);
        return a;
    }
    audit_close(a);
    return NULL;
}

void audit_close(struct audit *a)
{
    if (!a)
        return;
    if (a->fd >= 0)
        (void)close(a->fd);
    if (a->end_fd >= 0)
        (void)close(a->end_fd);
    free(a->path);
    free(a);
}

bool audit_run_id(char id[AUDIT_RUN_ID], struct err *err)
{
    unsigned char random[(AUDIT_RUN_ID - 1) / 2];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return err_code(err, ERR_IO, errno, "the system gives no random bytes: %s",
                        strerror(errno));
    for (size_t i = 0; i < sizeof(random); i++)
        (void)snprintf(id + 2 * i, 3, "%02x", random[i]);
    return true;
}

/* Locks go with their process; places beyond any end of the log are nobody's else. */
static struct flock place_of(const char *id)
{
    char first[13];
    (void)snprintf(first, sizeof(first), "%.12s", id);
    return (struct flock){.l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)(strtoull(first, NULL, 16) | (1ull << 60)),
                          .l_len = 1};
}

bool audit_is_held(const char *path, const char *id)
{
    struct flock place = place_of(id);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &place) == 0 && place.l_type != F_UNLCK;
    if (fd >= 0)
        (void)close(fd);
    return held;
}

bool audit_hold(struct audit *a, const char *id, struct err *err)
{
    struct flock place = place_of(id);
    return fcntl(a->fd, F_OFD_SETLK, &place) == 0 ||
           err_code(err, ERR_CONFLICT, errno, "run %s is under way in another process", id);
}

/* ---- A line. */

static const char *own_name(char host[HOST_MAX])
{
    const struct passwd *user = getpwuid(getuid());
    host[0] = host[HOST_MAX - 1] = '\0';
    (void)gethostname(host, HOST_MAX - 1);
    return user ? user->pw_name : "unknown";
}

void audit_add_who(struct strbuf *out)
{
    char host[HOST_MAX];
    const char *user = own_name(host);
    strbuf_addf(out, "%s@%s", user, host);
}

static void add_who(struct json_out *j)
{
    char host[HOST_MAX];
    const char *from = getenv("SSH_CONNECTION");
    json_key_cstr(j, "who", own_name(host));
    json_key_cstr(j, "host", host);
    if (from && *from) {
        json_key(j, "from");
        json_text(j, span_sub(span_from(from), 0, strcspn(from, " ")));
    }
}

static void add_deed(struct json_out *j, const char *key, const struct deed *d)
{
    if (!d->method)
        return;
    json_key(j, key);
    json_object(j);
    deed_json(j, d);
    json_key_cstr(j, "method", d->method);
    json_key_cstr(j, "path", d->path);
    json_key_cstr(j, "type", d->media);
    json_key_cstr(j, "body", d->body);
    json_object_end(j);
}

static void add_begin(struct json_out *j, const struct audit_line *l)
{
    char hash[65];
    plan_hash(l->plan, l->target, hash);
    json_key_cstr(j, "action", l->plan->action->name);
    add_who(j);
    answers_json(j, l->answers);
    json_key(j, "planned_ms");
    json_int(j, l->answers->at_ms);
    json_key_cstr(j, "plan", hash);
}

/* All that taking it back will want to know. */
static void add_step(struct json_out *j, const struct step *s)
{
    const bool rolls = s->await == rollout_await && s->undo.method;
    json_key_cstr(j, "title", s->title);
    add_deed(j, "request", &s->deed);
    add_deed(j, "undo", &s->undo);
    json_key_cstr(j, "undo_title", s->deed.method ? s->undo_title : NULL);
    json_key_cstr(j, "undo_await", rolls ? AUDIT_ROLLOUT : NULL);
    if (s->undo_apart) {
        json_key(j, "undo_apart");
        json_bool(j, true);
    }
}

static void write_line(const struct audit_line *l, const char *prev, struct strbuf *out)
{
    struct json_out j;
    char at[TIMETEXT_MAX];
    time_format(l->target ? target_now(l->target) : (int64_t)time(NULL) * 1000, at);
    json_out_init(&j, out, 0);
    json_object(&j);
    json_key(&j, "v");
    json_int(&j, HASH_CHAIN_NOTED);
    json_key_cstr(&j, "at", at);
    json_key_cstr(&j, "run", l->run);
    json_key_cstr(&j, "event", event_names[l->event]);
    json_key_cstr(&j, "context", l->target ? target_context(l->target) : l->of->context);
    json_key_cstr(&j, "server", l->target ? target_server(l->target) : l->of->server);
    if (l->plan)
        add_begin(&j, l);
    if (l->step)
        add_step(&j, l->step);
    json_key_cstr(&j, "title", l->step ? NULL : l->title);
    if (l->generation > 0) {
        json_key(&j, "generation");
        json_int(&j, l->generation);
    }
    json_key_cstr(&j, "uid", l->uid && *l->uid ? l->uid : NULL);
    json_key_cstr(&j, "says", l->says);
    json_key_cstr(&j, "prev", prev);
}

/* Ends the line with its own hash. */
static bool seal(struct strbuf *out, char hash[DIGEST_SHA256_TEXT])
{
    if (out->failed || !digest_sha256(strbuf_span(out), hash))
        return false;
    strbuf_addf(out, HASH_CHAIN_MARK "%s\"}\n", hash);
    return !out->failed;
}

/* How the log ends. */
struct tail {
    char hash[DIGEST_SHA256_TEXT]; /* the last line's; "": there is none */
    char end[DIGEST_SHA256_TEXT];  /* what was noted as its end; "": nothing */
    bool has_end;                  /* that is among its last lines */
    bool guarded;                  /* its last line was written by who notes its end */
    bool torn;                     /* it has no end */
};

static void take_lines(struct span rest, struct tail *t)
{
    char guarded[32];
    struct span line;
    (void)snprintf(guarded, sizeof(guarded), "{\"v\":%d,", HASH_CHAIN_NOTED);
    while (span_split(&rest, '\n', &line)) {
        struct span own = hash_chain_own(line);
        if (!own.len)
            continue;
        (void)snprintf(t->hash, sizeof(t->hash), "%.*s", SPAN_ARG(own));
        t->has_end = t->has_end || span_is(own, t->end);
        t->guarded = span_starts(line, guarded);
    }
}

static bool read_tail(const struct audit *a, struct tail *t)
{
    struct stat st;
    struct strbuf tail = STRBUF_INIT(LINE_MAX_BYTES + 1);
    *t = (struct tail){0};
    if (!hash_chain_end_get(a->end_fd, t->end) || fstat(a->fd, &st) != 0)
        return false;
    if (st.st_nlink == 0) {
        errno = ENOENT; /* somebody has removed it: what is written would be nowhere */
        return false;
    }
    if (st.st_size == 0)
        return true;
    size_t want = (size_t)st.st_size < LINE_MAX_BYTES ? (size_t)st.st_size : LINE_MAX_BYTES;
    char *room = strbuf_reserve(&tail, want);
    bool ok = room && pread(a->fd, room, want, st.st_size - (off_t)want) == (ssize_t)want;
    if (ok) {
        strbuf_commit(&tail, want);
        t->torn = tail.data[tail.len - 1] != '\n';
        take_lines(strbuf_span(&tail), t);
    }
    strbuf_clear(&tail);
    return ok;
}

/* What the next line follows on. Where lines were taken away it is the one that was the last, so that
 * the chain has a break there for good. */
static const char *follows_on(const struct audit *a, const struct tail *t)
{
    if (!t->end[0])
        return t->guarded ? UNKNOWN : t->hash;
    if (t->has_end || strcmp(t->end, HASH_CHAIN_END_NONE) == 0 ||
        hash_chain_tail(a->path) == HASH_CHAIN_WHOLE)
        return t->hash;
    return t->end;
}

static bool write_all(const struct audit *a, struct span text)
{
    while (text.len) {
        ssize_t n = write(a->fd, text.data, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = span_sub(text, (size_t)n, text.len);
    }
    return fsync(a->fd) == 0;
}

/* Whole or not at all: what a full disk took of a line is taken off again, or it would look as if somebody
 * had changed the log. Where that is refused it is a line that was cut short. */
static bool append(const struct audit *a, struct span text)
{
    struct stat st;
    if (fstat(a->fd, &st) != 0)
        return false;
    if (write_all(a, text))
        return true;
    int why = errno;
    (void)!ftruncate(a->fd, st.st_size);
    errno = why;
    return false;
}

/* What a line says that was to be on disk before what it announces; the others tell what has come of it. */
static bool is_before(enum audit_event event)
{
    return event == AUDIT_BEGIN || event == AUDIT_STEP || event == AUDIT_UNDO;
}

bool audit_write(struct audit *a, const struct audit_line *line, struct err *err)
{
    struct strbuf text = STRBUF_INIT(LINE_MAX_BYTES), all = STRBUF_INIT(LINE_MAX_BYTES + 2);
    char own[DIGEST_SHA256_TEXT];
    struct tail t;
    errno = 0;
    while (flock(a->fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    bool ok = read_tail(a, &t) &&
              (t.end[0] || t.guarded || /* the first line of all, or of those that are guarded */
               hash_chain_end_put(a->end_fd, t.hash[0] ? t.hash : HASH_CHAIN_END_NONE));
    if (ok) {
        write_line(line, follows_on(a, &t), &text);
        ok = seal(&text, own);
        strbuf_adds(&all, t.torn ? "\n" : ""); /* what a crash left keeps its line */
        strbuf_add(&all, strbuf_span(&text));
        ok = ok && append(a, strbuf_span(&all)) && hash_chain_end_put(a->end_fd, own);
    }
    int why = errno;
    (void)flock(a->fd, LOCK_UN);
    strbuf_clear(&text);
    strbuf_clear(&all);
    return ok || err_code(err, ERR_IO, why, "%s: the audit log cannot be written (%s); %s", a->path,
                          why ? strerror(why) : "the line is too long",
                          is_before(line->event) ? "nothing is changed without it"
                                                 : "what was sent before stands, nothing more is");
}
