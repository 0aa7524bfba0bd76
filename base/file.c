/* Reading and writing whole files safely; where the program's files are. */
#include <config.h>

#include "base/file.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)64 << 10)

static bool cannot(struct err *err, enum err_kind kind, const char *what, const char *path)
{
    int why = errno;
    return err_code(err, kind, why, "cannot %s %s: %s", what, path, strerror(why));
}

/* Reads to the end, and one byte past the limit to know that it was the end. */
static bool read_all(int fd, const char *path, struct strbuf *out, struct err *err)
{
    for (;;) {
        char more;
        size_t room = out->limit - out->len, want = room < READ_BYTES ? room : READ_BYTES;
        char *to = want ? strbuf_reserve(out, want) : &more;
        if (!to)
            return err_set(err, ERR_NOMEM, "there is no memory to read %s", path);
        ssize_t n = read(fd, to, want ? want : 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cannot(err, ERR_CONFIG, "read", path);
        if (n == 0)
            return true;
        if (!want)
            return err_set(err, ERR_CONFIG, "%s is larger than %zu bytes", path, out->limit);
        strbuf_commit(out, (size_t)n);
    }
}

bool file_read(const char *path, struct strbuf *out, struct err *err)
{
    struct stat st;
    size_t before = out->len;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us */
    if (fd < 0)
        return cannot(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_CONFIG, "open",
                      path);
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (!ok)
        (void)err_set(err, ERR_CONFIG, "%s is not a regular file", path);
    ok = ok && read_all(fd, path, out, err);
    (void)close(fd);
    if (!ok)
        strbuf_truncate(out, before);
    return ok;
}

static bool write_all(int fd, struct span content)
{
    while (content.len) {
        ssize_t n = write(fd, content.data, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        content = span_sub(content, (size_t)n, content.len);
    }
    return true;
}

static bool make_parent(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return true;
    char *folder = xalloc_bytes(path, (size_t)(slash - path));
    bool ok = file_make_folder(folder, err);
    free(folder);
    return ok;
}

/* Where a write to path has to go: what a link points to, else path itself. */
static bool target_of(const char *path, char real[PATH_MAX], struct err *err)
{
    struct stat st;
    if (strlen(path) >= PATH_MAX)
        return err_set(err, ERR_CONFIG, "the path %.60s... is too long", path);
    if (lstat(path, &st) != 0) { /* it is new, or the error shows when it is opened */
        memcpy(real, path, strlen(path) + 1);
        return true;
    }
    if (!realpath(path, real))
        return cannot(err, ERR_CONFIG, "follow the link", path);
    if (stat(real, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_CONFIG, "%s is not a regular file, so it is not replaced", path);
    return true;
}

/* The new name is safe only when the folder is written too. */
static void sync_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder = slash ? xalloc_bytes(file, (size_t)(slash - file) + 1) : xalloc_text(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}

bool file_new_open(struct file_new *f, const char *path, struct err *err)
{
    if (strlen(path) >= PATH_MAX)
        return err_set(err, ERR_CONFIG, "the path %.60s... is too long", path);
    memcpy(f->path, path, strlen(path) + 1);
    (void)snprintf(f->temp, sizeof(f->temp), "%s.XXXXXX", path);
    f->fd = mkostemp(f->temp, O_CLOEXEC); /* 0600, O_EXCL */
    return f->fd >= 0 || cannot(err, ERR_IO, "write beside", path);
}

/* Where folders have no hard links, somebody may come in between. */
static bool keep_new(const struct file_new *f)
{
    struct stat st;
    if (link(f->temp, f->path) == 0) {
        (void)unlink(f->temp);
        return true;
    }
    if (errno == EEXIST || lstat(f->path, &st) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(f->temp, f->path) == 0;
}

bool file_new_keep(struct file_new *f, bool over, struct err *err)
{
    bool ok = close(f->fd) == 0 && (over ? rename(f->temp, f->path) == 0 : keep_new(f));
    f->fd = -1;
    if (ok)
        return true;
    (void)cannot(err, errno == EEXIST ? ERR_CONFLICT : ERR_IO, "write", f->path);
    (void)unlink(f->temp);
    return false;
}

void file_new_drop(struct file_new *f)
{
    if (f->fd < 0)
        return;
    (void)close(f->fd);
    (void)unlink(f->temp);
    f->fd = -1;
}

static bool replace(const char *path, struct span content, bool wait, struct err *err)
{
    char real[PATH_MAX] = "";
    struct file_new new;
    if (!make_parent(path, err) || !target_of(path, real, err) || !file_new_open(&new, real, err))
        return false;
    if (!write_all(new.fd, content) || (wait && fsync(new.fd) != 0)) {
        (void)cannot(err, ERR_IO, "write", path);
        file_new_drop(&new);
        return false;
    }
    if (!file_new_keep(&new, true, err))
        return false;
    if (wait)
        sync_folder(real);
    return true;
}

bool file_replace(const char *path, struct span content, struct err *err)
{
    return replace(path, content, true, err);
}

bool file_replace_later(const char *path, struct span content, struct err *err)
{
    return replace(path, content, false, err);
}

bool file_make_folder(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) || err_set(err, ERR_CONFIG, "%s is not a folder", path);
    if (!make_parent(path, err))
        return false;
    if (mkdir(path, 0700) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return true;
    return cannot(err, ERR_IO, "make the folder", path);
}

/* $own, else $xdg/binnacle (absolute only, says the specification), else
 * $HOME/fallback/binnacle. */
static char *below(const char *own, const char *xdg, const char *fallback, const char *name)
{
    struct strbuf path = STRBUF_INIT(PATH_MAX);
    const char *dir = own ? getenv(own) : NULL;
    if (dir && dir[0]) {
        strbuf_adds(&path, dir);
    } else {
        dir = getenv(xdg);
        if (dir && dir[0] == '/') {
            strbuf_addf(&path, "%s/binnacle", dir);
        } else {
            dir = fallback ? getenv("HOME") : NULL;
            if (!dir || dir[0] != '/')
                return NULL;
            strbuf_addf(&path, "%s/%s/binnacle", dir, fallback);
        }
    }
    if (name)
        strbuf_addf(&path, "/%s", name);
    return strbuf_take(&path);
}

char *file_config_path(const char *name)
{
    return below("BINNACLE_CONFIG_DIR", "XDG_CONFIG_HOME", ".config", name);
}

char *file_state_path(const char *name)
{
    return below("BINNACLE_STATE_DIR", "XDG_STATE_HOME", ".local/state", name);
}

char *file_audit_path(bool demonstration)
{
    return file_state_path(demonstration ? "audit-demo.jsonl" : "audit.jsonl");
}

char *file_runtime_path(const char *name)
{
    char *path = below(NULL, "XDG_RUNTIME_DIR", NULL, name);
    return path ? path : file_state_path(name);
}

static bool try_path(struct strbuf *path, struct span folder, const char *between, const char *name)
{
    strbuf_truncate(path, 0);
    strbuf_add(path, folder);
    strbuf_addf(path, "%s%s", between, name);
    return access(strbuf_cstr(path), R_OK) == 0;
}

char *file_data_path(const char *name)
{
    /* configure links binnacle-data to the source tree */
    static const char *const beside[] = {"binnacle-data/", "../binnacle-data/",
                                         "../share/binnacle/", "../../share/binnacle/",
                                         "../../binnacle-data/"};
    struct strbuf path = STRBUF_INIT(2 * PATH_MAX);
    const char *data = getenv("BINNACLE_DATA");
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
    struct span here = span_make(self, n > 0 ? (size_t)n : 0);
    here = span_sub(here, 0, span_find_last(here, '/') + 1);
    if (data && *data && try_path(&path, span_from(data), "/", name))
        return strbuf_take(&path);
    for (size_t i = 0; n > 0 && i < BN_COUNT(beside); i++)
        if (try_path(&path, here, beside[i], name))
            return strbuf_take(&path);
    (void)try_path(&path, SPAN(BINNACLE_DATADIR), "/", name);
    return strbuf_take(&path);
}

void file_names(const char *folder, const char *suffix, const char *between, struct strbuf *out)
{
    struct dirent **all;
    const char *before = "";
    int n = scandir(folder, &all, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct span name = span_from(all[i]->d_name);
        if (span_ends(name, suffix) && name.data[0] != '.') {
            strbuf_adds(out, before);
            strbuf_add(out, span_sub(name, 0, name.len - strlen(suffix)));
            before = between;
        }
        free(all[i]);
    }
    if (n >= 0)
        free(all);
}
