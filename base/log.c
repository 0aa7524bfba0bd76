/* Messages of the program itself: a ring, and a file when asked for. */
#include <config.h>

#include "base/log.h"

#include "base/timetext.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOG_RING 1000

/* The log is one per process, as the terminal is. */
static struct {
    pthread_mutex_t lock;
    struct log_line ring[LOG_RING];
    uint64_t last;
    enum log_level min;
    int fd; /* of the file, kept for good once opened; -1: none yet */
    bool to_file;
} logbook = {.lock = PTHREAD_MUTEX_INITIALIZER, .min = LOG_INFO, .fd = -1};

static const char *const level_words[] = {"debug", "info", "warning", "error"};

/* One line of the file. Controls are spelt out: the file is read with cat. */
static void write_file(int fd, const struct log_line *line)
{
    char when[TIMETEXT_MAX];
    struct strbuf out = STRBUF_INIT(sizeof(line->text) * 8);
    time_format(line->wall_ms, when);
    strbuf_addf(&out, "%s %s %s: ", when, level_words[line->level], line->source);
    struct span rest = span_from(line->text);
    while (rest.len) {
        uint32_t code;
        size_t used = utf8_decode(rest, &code);
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            strbuf_addf(&out, "\\x%02x", code);
        else
            strbuf_add(&out, span_sub(rest, 0, used));
        rest = span_sub(rest, used, rest.len);
    }
    strbuf_addc(&out, '\n');
    ssize_t written = write(fd, strbuf_cstr(&out), out.len);
    (void)written; /* a full disk must not stop the program */
    strbuf_clear(&out);
}

void log_write(enum log_level level, const char *source, const char *fmt, ...)
{
    struct log_line line = {.level = level};
    struct timespec now;
    struct err text; /* cuts and tidies as an error's message */
    va_list args;
    va_start(args, fmt);
    (void)err_vset(&text, ERR_NONE, 0, fmt, args);
    va_end(args);
    memcpy(line.text, text.msg, sizeof(line.text));
    (void)snprintf(line.source, sizeof(line.source), "%s", source);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    line.wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    (void)pthread_mutex_lock(&logbook.lock);
    int fd = -1;
    if (level >= logbook.min) {
        line.seq = ++logbook.last;
        logbook.ring[line.seq % LOG_RING] = line;
        fd = logbook.to_file ? logbook.fd : -1;
    }
    (void)pthread_mutex_unlock(&logbook.lock);
    if (fd >= 0)
        write_file(fd, &line);
}

size_t log_read(uint64_t after, struct log_line *out, size_t max)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&logbook.lock);
    uint64_t from = after + 1, kept = max < LOG_RING ? max : LOG_RING;
    if (logbook.last >= kept && from + kept <= logbook.last)
        from = logbook.last - kept + 1;
    for (uint64_t seq = from; seq <= logbook.last && n < max; seq++)
        out[n++] = logbook.ring[seq % LOG_RING];
    (void)pthread_mutex_unlock(&logbook.lock);
    return n;
}

uint64_t log_last(void)
{
    (void)pthread_mutex_lock(&logbook.lock);
    uint64_t last = logbook.last;
    (void)pthread_mutex_unlock(&logbook.lock);
    return last;
}

/* The descriptor's number is never given back: a line that another thread is
 * just writing must not end up in somebody's socket. */
static bool keep_descriptor(int fd)
{
    bool ok = true;
    (void)pthread_mutex_lock(&logbook.lock);
    if (logbook.fd < 0) {
        logbook.fd = fd;
    } else {
        ok = dup3(fd, logbook.fd, O_CLOEXEC) >= 0;
        (void)close(fd);
    }
    logbook.to_file = ok;
    (void)pthread_mutex_unlock(&logbook.lock);
    return ok;
}

bool log_to_file(const char *path, struct err *err)
{
    struct stat st;
    if (!path) {
        (void)pthread_mutex_lock(&logbook.lock);
        logbook.to_file = false;
        (void)pthread_mutex_unlock(&logbook.lock);
        return true;
    }
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        (void)close(fd);
        return err_set(err, ERR_CONFIG, "the log %s is not a regular file", path);
    }
    if (fd < 0 || !keep_descriptor(fd))
        return err_code(err, ERR_CONFIG, errno, "cannot write the log %s: %s", path,
                        strerror(errno));
    return true;
}

void log_level_min(enum log_level level)
{
    (void)pthread_mutex_lock(&logbook.lock);
    logbook.min = level;
    (void)pthread_mutex_unlock(&logbook.lock);
}
