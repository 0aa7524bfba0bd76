/* A person's editor on a private file. */
#include <config.h>

#include "actions/edit_text.h"

#include "base/alloc.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)4 << 20)
#define FOLDER   "edit-"
#define FORGET_S (24 * 3600) /* what was left by a run that never ended */
#define EDIT_INTRO                                                                           \
    "# Edited with binnacle: what is changed is shown before it is sent. Lines that begin\n" \
    "# with # are left out. Leave it as it is to change nothing.\n"

/* ---- The folder. */

static void wipe_file(int folder, const char *name)
{
    char zeros[4096] = {0};
    struct stat st;
    int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        for (off_t left = st.st_size; left > 0; left -= (off_t)sizeof(zeros))
            if (write(fd, zeros, sizeof(zeros)) != (ssize_t)sizeof(zeros))
                break;
        (void)fsync(fd);
    }
    if (fd >= 0)
        (void)close(fd);
    (void)unlinkat(folder, name, 0);
}

/* With what the editor has left there too. */
static void wipe_folder(const char *path)
{
    DIR *d = opendir(path);
    const struct dirent *e;
    while (d && (e = readdir(d)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            wipe_file(dirfd(d), e->d_name);
    if (d)
        (void)closedir(d);
    (void)rmdir(path);
}

/* Old ones, whose run never ended. */
static void sweep(const char *base)
{
    DIR *d = opendir(base);
    const struct dirent *e;
    struct stat st;
    while (d && (e = readdir(d))) {
        char path[PATH_MAX];
        if (strncmp(e->d_name, FOLDER, strlen(FOLDER)) != 0 ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", base, e->d_name) >= sizeof(path) ||
            lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
            continue;
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        if (now.tv_sec - st.st_mtime > FORGET_S)
            wipe_folder(path);
    }
    if (d)
        (void)closedir(d);
}

/* The folder of a file, where edit_text() made it; owned. NULL: it did not. */
static char *own_folder(const char *path)
{
    char *base = file_runtime_path(NULL), *folder = xalloc_text(path);
    char *slash = strrchr(folder, '/');
    size_t len = base ? strlen(base) : 0;
    if (slash)
        *slash = '\0';
    const bool own = len && strncmp(folder, base, len) == 0 && folder[len] == '/' &&
                     strncmp(folder + len + 1, FOLDER, strlen(FOLDER)) == 0 &&
                     !strchr(folder + len + 1, '/');
    free(base);
    if (own)
        return folder;
    free(folder);
    return NULL;
}

void edit_forget(const char *path)
{
    char *folder = own_folder(path);
    if (folder)
        wipe_folder(folder);
    free(folder);
}

/* A new folder, 0700; owned. */
static char *new_folder(struct err *err)
{
    char *base = file_runtime_path(NULL);
    struct strbuf path = STRBUF_INIT(PATH_MAX);
    char *made = NULL;
    if (!base) {
        (void)err_set(err, ERR_CONFIG, "HOME is not set: there is no place for the text");
        return NULL;
    }
    if (file_make_folder(base, err)) {
        sweep(base);
        strbuf_addf(&path, "%s/" FOLDER "XXXXXX", base);
        made = strbuf_take(&path);
        if (made && !mkdtemp(made)) {
            (void)err_code(err, ERR_IO, errno, "%s: %s", base, strerror(errno));
            free(made);
            made = NULL;
        }
    }
    strbuf_clear(&path);
    free(base);
    return made;
}

/* ---- The editor. */

static const char *editor_of(void)
{
    static const char *const names[] = {"KUBE_EDITOR", "VISUAL", "EDITOR"};
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "vi";
}

/* By a shell, for an editor may have arguments: "code --wait". What is typed there is its own: Ctrl-C
 * ends no one but it. */
static bool spawn(const char *editor, const char *path, pid_t *pid)
{
    struct strbuf line = STRBUF_INIT(65536);
    posix_spawnattr_t attr;
    sigset_t none, usual;
    strbuf_addf(&line, "%s \"$@\"", editor);
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"},    line.data,
                          (char[]){"sh"}, xalloc_text(path), NULL};
    (void)sigemptyset(&none);
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGINT);
    (void)sigaddset(&usual, SIGQUIT);
    (void)sigaddset(&usual, SIGPIPE);
    (void)sigaddset(&usual, SIGTSTP);
    (void)posix_spawnattr_init(&attr);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &usual);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    bool ok = posix_spawn(pid, "/bin/sh", NULL, &attr, argv, environ) == 0;
    (void)posix_spawnattr_destroy(&attr);
    free(argv[4]);
    strbuf_clear(&line);
    return ok;
}

static bool run_editor(const char *path, struct err *err)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction interrupt, quit;
    const char *editor = editor_of();
    int status = -1;
    pid_t pid;
    (void)sigaction(SIGINT, &ignore, &interrupt);
    (void)sigaction(SIGQUIT, &ignore, &quit);
    bool ok = spawn(editor, path, &pid);
    while (ok && waitpid(pid, &status, 0) < 0)
        ok = errno == EINTR;
    (void)sigaction(SIGINT, &interrupt, NULL);
    (void)sigaction(SIGQUIT, &quit, NULL);
    return (ok && WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           err_set(err, ERR_CANCELLED, "the editor `%.100s` failed: nothing was changed", editor);
}

/* ---- */

static bool is_changed(const char *path, struct span text, struct err *err)
{
    struct strbuf now = STRBUF_INIT(TEXT_MAX);
    bool ok = file_read(path, &now, err);
    if (ok && span_eq(strbuf_span(&now), text))
        ok = err_set(err, ERR_CANCELLED, "the text was left as it is: nothing was changed");
    strbuf_clear(&now);
    return ok;
}

char *edit_text(const char *name, struct span text, struct err *err)
{
    struct strbuf path = STRBUF_INIT(PATH_MAX), was = STRBUF_INIT(PATH_MAX),
                  all = STRBUF_INIT(TEXT_MAX);
    char *folder = new_folder(err);
    if (!folder)
        return NULL;
    strbuf_addf(&path, "%s/%.100s.yaml", folder, name);
    strbuf_addf(&was, "%s" EDIT_WAS, strbuf_cstr(&path));
    strbuf_adds(&all, EDIT_INTRO);
    strbuf_add(&all, text);
    bool ok = !all.failed || err_set(err, ERR_NOMEM, "the object is too large to be edited");
    ok = ok && file_replace_later(strbuf_cstr(&was), strbuf_span(&all), err) &&
         file_replace_later(strbuf_cstr(&path), strbuf_span(&all), err) &&
         run_editor(strbuf_cstr(&path), err) &&
         is_changed(strbuf_cstr(&path), strbuf_span(&all), err);
    if (!ok)
        wipe_folder(folder);
    free(folder);
    strbuf_clear(&was);
    strbuf_clear(&all);
    return ok ? strbuf_take(&path) : (strbuf_clear(&path), NULL);
}

bool edit_again(const char *path, struct err *err)
{
    char *folder = own_folder(path);
    const bool ok = !folder || run_editor(path, err);
    free(folder);
    return ok;
}
