/* What runs say, kept for who watches. The writer has the file locked for as long as it lives; that it
 * has gone is told by the kernel, which closes the file for it. */
#include <config.h>

#include "actions/record.h"

#include "base/alloc.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEPT_S         (30 * 24 * 3600)
#define PATH_MAX_BYTES 4096
#define CHUNK          65536
#define ENDING         ".jsonl"

struct record {
    int fd;
};

struct watch {
    int fd, news; /* the file; inotify */
    size_t taken;
};

static void folder_of(const char *audit, struct strbuf *out)
{
    size_t len = strlen(audit), ending = strlen(ENDING);
    bool usual = len > ending && strcmp(audit + len - ending, ENDING) == 0;
    strbuf_addf(out, "%.*s-runs", (int)(usual ? len - ending : len), audit);
}

static bool is_id(const char *id)
{
    return *id && strspn(id, "0123456789abcdef") == strlen(id);
}

static void remove_old(const char *folder)
{
    DIR *all = opendir(folder);
    const struct dirent *e;
    while (all && (e = readdir(all))) {
        struct stat st;
        if (is_id(e->d_name) && fstatat(dirfd(all), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > KEPT_S)
            (void)unlinkat(dirfd(all), e->d_name, 0);
    }
    if (all)
        (void)closedir(all);
}

struct record *record_begin(const char *audit, const char *id)
{
    struct strbuf path = STRBUF_INIT(PATH_MAX_BYTES);
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct err why;
    int fd = -1;
    folder_of(audit, &path);
    if (file_make_folder(strbuf_cstr(&path), &why)) {
        remove_old(strbuf_cstr(&path));
        strbuf_addf(&path, "/%s", id);
        fd = open(strbuf_cstr(&path), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    strbuf_clear(&path);
    if (fd < 0)
        return NULL;
    if (fcntl(fd, F_OFD_SETLK, &all) != 0) {
        (void)close(fd);
        return NULL;
    }
    struct record *r = xalloc_zero(1, sizeof(*r));
    r->fd = fd;
    return r;
}

void record_line(struct record *r, const char *text)
{
    struct strbuf line = STRBUF_INIT((size_t)1 << 20);
    if (!r)
        return;
    strbuf_addf(&line, "%s\n", text);
    (void)!write(r->fd, line.data, line.len); /* a full disk spoils the watching, not the run */
    strbuf_clear(&line);
}

void record_end(struct record *r)
{
    if (r)
        (void)close(r->fd);
    free(r);
}

/* ---- Who watches. */

static bool watch_open(struct watch *w, const char *audit, const char *id, struct err *err)
{
    struct strbuf path = STRBUF_INIT(PATH_MAX_BYTES);
    folder_of(audit, &path);
    strbuf_addf(&path, "/%s", is_id(id) ? id : "-");
    w->news = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    w->fd = open(strbuf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = w->fd >= 0 && w->news >= 0 &&
              inotify_add_watch(w->news, strbuf_cstr(&path), IN_MODIFY | IN_CLOSE_WRITE) >= 0;
    int why = errno;
    strbuf_clear(&path);
    return ok || err_code(err, w->fd < 0 ? ERR_NOTFOUND : ERR_IO, why,
                          "nothing was kept of what run %.40s says: %s", id, strerror(why));
}

static void watch_close(const struct watch *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    if (w->news >= 0)
        (void)close(w->news);
}

/* Appends what was said since. False: nobody writes any more, and this was the last. */
static bool watch_read(struct watch *w, struct strbuf *out)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char events[4096];
    ssize_t n = 1;
    while (read(w->news, events, sizeof(events)) > 0)
        ;
    /* Asked before reading: what is there afterwards is all. */
    bool written = fcntl(w->fd, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK;
    while (n > 0) {
        char *room = strbuf_reserve(out, CHUNK);
        n = room ? pread(w->fd, room, CHUNK, (off_t)w->taken) : 0;
        if (n > 0) {
            strbuf_commit(out, (size_t)n);
            w->taken += (size_t)n;
        }
    }
    return written;
}

void record_read(const char *audit, const char *id, struct strbuf *out)
{
    struct watch w = {.taken = 0};
    struct err why;
    if (watch_open(&w, audit, id, &why))
        (void)watch_read(&w, out);
    watch_close(&w);
}

bool record_follow(const char *audit, const char *id, int stop_fd,
                   void (*on_text)(void *context, struct span text), void *context, struct err *err)
{
    struct watch w = {.taken = 0};
    bool ok = watch_open(&w, audit, id, err), more = ok;
    while (more) {
        struct strbuf text = STRBUF_INIT(RECORD_MAX);
        struct pollfd fds[] = {{.fd = w.news, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
        more = watch_read(&w, &text);
        if (text.len)
            on_text(context, strbuf_span(&text));
        strbuf_clear(&text);
        if (more && poll(fds, 2, -1) > 0 && fds[1].revents) {
            ok = err_set(err, ERR_CANCELLED, "run %s goes on", id);
            more = false;
        }
    }
    watch_close(&w);
    return ok;
}
