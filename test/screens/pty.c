/* Starting, feeding and waiting for a program in a terminal. */
#include <config.h>

#include "test/screens/pty.h"

#include "base/alloc.h"
#include "base/number.h"
#include "base/utf8.h"
#include "test/screens/pty_dump.h"
#include "widgets/keysym.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#define WATCHDOG_MS 30000
#define ENV_MAX     40

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t now_ms(void)
{
    return now_us() / 1000;
}

/* Slow machines and instrumented programs: TEST_PATIENCE=4 waits four times as long. */
static int64_t patience(int64_t ms)
{
    int64_t times = 1;
    const char *text = getenv("TEST_PATIENCE");
    if (text && !number_parse(span_from(text), 1, 100, &times))
        times = 1;
    return ms * times;
}

struct environment {
    struct strbuf text[ENV_MAX];
    char *list[ENV_MAX + 1];
    size_t count;
};

/* What is given later takes the place of what was there. */
static void env_add(struct environment *e, const char *name, const char *value)
{
    size_t i = 0, len = strlen(name);
    while (i < e->count && (strncmp(e->list[i], name, len) != 0 || e->list[i][len] != '='))
        i++;
    assert_true(i < ENV_MAX);
    struct strbuf *text = &e->text[i];
    if (i < e->count)
        strbuf_clear(text);
    *text = (struct strbuf)STRBUF_INIT(16384);
    strbuf_addf(text, "%s=%s", name, value);
    e->list[i] = text->data;
    e->count = i < e->count ? e->count : i + 1;
}

static void env_below_home(struct environment *e, const char *name, const char *home,
                           const char *folder)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", home, folder);
    assert_int_equal(mkdir(path, 0700), 0);
    env_add(e, name, path);
}

static void env_build(struct environment *e, const struct pty *p)
{
    static const char *const kept[] = {"top_srcdir",     "top_builddir", "ASAN_OPTIONS",
                                       "UBSAN_OPTIONS",  "TSAN_OPTIONS", "LSAN_OPTIONS",
                                       "LD_LIBRARY_PATH"};
    const char *term = p->options.term ? p->options.term : "xterm-256color";
    e->count = 0;
    if (*term)
        env_add(e, "TERM", term);
    env_add(e, "LC_ALL", p->options.locale ? p->options.locale : "C.UTF-8");
    env_add(e, "PATH", "/usr/local/bin:/usr/bin:/bin");
    env_add(e, "TZ", "UTC");
    env_add(e, "BINNACLE_TEST", "1");
    env_add(e, "BINNACLE_PROBES", "false"); /* nothing leaves the machine */
    env_add(e, "BINNACLE_REST", "1000d");   /* stories are told at one pace */
    env_add(e, "BINNACLE_DATA", getenv("top_srcdir") ? getenv("top_srcdir") : ".");
    env_add(e, "HOME", p->home);
    env_below_home(e, "XDG_CONFIG_HOME", p->home, "config");
    env_below_home(e, "XDG_STATE_HOME", p->home, "state");
    env_below_home(e, "XDG_CACHE_HOME", p->home, "cache");
    env_below_home(e, "XDG_DATA_HOME", p->home, "data");
    env_below_home(e, "XDG_RUNTIME_DIR", p->home, "run");
    for (size_t i = 0; i < BN_COUNT(kept); i++)
        if (getenv(kept[i]))
            env_add(e, kept[i], getenv(kept[i]));
    for (const char *const *more = p->options.env; more && *more; more++) {
        struct span name = span_sub(span_from(*more), 0, span_find(span_from(*more), '=', 0));
        char text[64];
        snprintf(text, sizeof(text), "%.*s", SPAN_ARG(name));
        env_add(e, text, *more + name.len + 1);
    }
    e->list[e->count] = NULL;
}

static void spawn(struct pty *p, const char *const *argv)
{
    struct environment env;
    env_build(&env, p);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        close(p->master);
        /* a shell that runs us in the background has some signals ignored */
        for (int sig = 1; sig < NSIG; sig++)
            (void)signal(sig, SIG_DFL);
        if (login_tty(p->slave) == 0)
            execve(argv[0], (char *const *)(uintptr_t)argv, env.list);
        _exit(127);
    }
    for (size_t i = 0; i < env.count; i++)
        strbuf_clear(&env.text[i]);
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    assert_true(p->pidfd >= 0);
}

struct pty *pty_start(const char *const *argv, const struct pty_options *options)
{
    struct pty *p = xalloc_zero(1, sizeof(*p));
    p->options = options ? *options : (struct pty_options){0};
    p->rows = p->options.rows ? p->options.rows : 24;
    p->cols = p->options.cols ? p->options.cols : 80;
    p->pending.limit = (size_t)64 << 20;
    snprintf(p->home, sizeof(p->home), "/tmp/binnacle-test-XXXXXX");
    assert_non_null(mkdtemp(p->home));
    struct winsize size = {.ws_row = (unsigned short)p->rows, .ws_col = (unsigned short)p->cols};
    assert_int_equal(openpty(&p->master, &p->slave, NULL, NULL, &size), 0);
    (void)fcntl(p->master, F_SETFD, FD_CLOEXEC);
    assert_int_equal(tcgetattr(p->slave, &p->before), 0);
    if (p->options.found_raw) {
        struct termios raw = p->before;
        cfmakeraw(&raw);
        assert_int_equal(tcsetattr(p->slave, TCSANOW, &raw), 0);
    }
    p->vterm = vterm_new(p->rows, p->cols);
    vterm_set_utf8(p->vterm, 1);
    p->screen = vterm_obtain_screen(p->vterm);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_reset(p->screen, 1);
    stream_init(&p->stream);
    p->stream.ascii_only = p->options.locale && strcmp(p->options.locale, "C") == 0;
    spawn(p, argv);
    return p;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void pty_free(struct pty *p)
{
    if (!p)
        return;
    if (p->pid) {
        (void)kill(p->pid, SIGKILL);
        (void)waitpid(p->pid, NULL, 0);
    }
    char *fault = p->options.dumb_stream ? NULL : strbuf_take(&p->stream.fault);
    close_fd(&p->master);
    close_fd(&p->slave);
    close_fd(&p->pidfd);
    vterm_free(p->vterm);
    stream_done(&p->stream);
    strbuf_clear(&p->pending);
    (void)nftw(p->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
    if (fault && *fault)
        fail_msg("bytes that no screen program may write: %s", fault);
    free(fault);
}

int pty_pid(const struct pty *p)
{
    return (int)p->pid;
}

int64_t pty_events(const struct pty *p)
{
    return (int64_t)p->events;
}

const char *pty_home(const struct pty *p)
{
    return p->home;
}

/* Answers as a terminal with synchronised updates does. */
static void answer(struct pty *p)
{
    static const char state[] = "\033[?2026;2$y";
    if (!p->stream.asked_sync)
        return;
    p->stream.asked_sync = false;
    if (!p->options.no_sync)
        assert_int_equal(write(p->master, state, sizeof(state) - 1), sizeof(state) - 1);
}

static bool is_wanted(const struct pty *p)
{
    if (pty_value(p, "idle") != 1 || pty_value(p, "keys") < (int64_t)p->events)
        return false;
    for (size_t i = 0; i < p->nwants; i++)
        if (pty_value(p, p->wants[i].name) < p->wants[i].least)
            return false;
    return true;
}

static void show(struct pty *p, size_t *from, size_t to)
{
    if (to > *from)
        vterm_input_write(p->vterm, p->pending.data + *from, to - *from);
    *from = to;
}

/* libvterm 0.1 knows no REP: it is cancelled before its last byte (at end - 1)
 * and the character written out. */
static void show_repeated(struct pty *p, size_t *from, size_t end)
{
    show(p, from, end - 1);
    *from = end;
    vterm_input_write(p->vterm, "\030", 1);
    for (; p->stream.repeat > 0; p->stream.repeat--)
        vterm_input_write(p->vterm, p->stream.last, p->stream.last_len);
}

/* Shows what is pending, up to and with the first mark that is wanted (when
 * until_mark). True: there was one. */
static bool digest(struct pty *p, bool until_mark)
{
    size_t i = 0, shown = 0;
    bool found = false;
    while (i < p->pending.len && !found) {
        bool marked = stream_take(&p->stream, p->pending.data[i++]);
        found = until_mark && marked && is_wanted(p);
        if (p->stream.repeat)
            show_repeated(p, &shown, i);
    }
    show(p, &shown, i);
    strbuf_consume(&p->pending, i);
    answer(p);
    return found;
}

/* Reads at most max bytes; 0: nothing came in time, or the program has ended. */
static size_t read_some(struct pty *p, size_t max, int wait_ms)
{
    struct pollfd fds[] = {{.fd = p->master, .events = POLLIN},
                           {.fd = p->pid ? p->pidfd : -1, .events = POLLIN}};
    if (poll(fds, 2, wait_ms) <= 0 || !(fds[0].revents & POLLIN))
        return 0;
    char bytes[65536];
    ssize_t n = read(p->master, bytes, max < sizeof(bytes) ? max : sizeof(bytes));
    if (n <= 0)
        return 0;
    p->read_us = now_us();
    strbuf_add(&p->pending, span_make(bytes, (size_t)n));
    return (size_t)n;
}

size_t pty_read(struct pty *p, size_t max, int wait_ms)
{
    size_t n = read_some(p, max, wait_ms);
    (void)digest(p, false);
    return n;
}

static bool has_ended(struct pty *p)
{
    if (p->pid && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
        p->pid = 0;
    return p->pid == 0;
}

static void fail_with_screen(struct pty *p, const char *what)
{
    pty_say_screen(p);
    print_error("%s; last mark \"%s\", events sent %llu\n", what, strbuf_cstr(&p->stream.mark),
                (unsigned long long)p->events);
    fail_msg("%s", what);
}

void pty_wait(struct pty *p)
{
    int64_t end = now_ms() + patience(WATCHDOG_MS);
    for (;;) {
        if (digest(p, true))
            return;
        if (read_some(p, SIZE_MAX, 50))
            continue;
        if (is_wanted(p) && !p->pending.len)
            return;
        if (has_ended(p) && !read_some(p, SIZE_MAX, 0))
            fail_with_screen(p, "the program ended while a mark was waited for");
        if (now_ms() > end)
            fail_with_screen(p, "no mark came in time");
    }
}

void pty_want(struct pty *p, const char *name, int64_t at_least)
{
    size_t i = 0;
    while (i < p->nwants && strcmp(p->wants[i].name, name) != 0)
        i++;
    assert_true(i < PTY_WANTS_MAX);
    snprintf(p->wants[i].name, sizeof(p->wants[i].name), "%s", name);
    p->wants[i].least = at_least;
    p->nwants = i < p->nwants ? p->nwants : i + 1;
}

int64_t pty_value(const struct pty *p, const char *name)
{
    struct span rest = strbuf_span(&p->stream.mark), pair;
    int64_t value;
    while (span_split(&rest, ' ', &pair)) {
        size_t equals = span_find(pair, '=', 0);
        if (span_is(span_sub(pair, 0, equals), name) &&
            number_parse(span_sub(pair, equals + 1, pair.len), INT64_MIN, INT64_MAX, &value))
            return value;
    }
    return -1;
}

void pty_wait_text(struct pty *p, const char *text)
{
    int64_t end = now_ms() + patience(WATCHDOG_MS);
    while (!pty_has(p, text)) {
        if (!pty_read(p, SIZE_MAX, 50) && (has_ended(p) || now_ms() > end))
            fail_with_screen(p, text);
    }
}

/* All of it, though the program may not read yet. */
static void write_all(struct pty *p, struct span bytes)
{
    int64_t end = now_ms() + patience(WATCHDOG_MS);
    while (bytes.len && now_ms() < end) {
        struct pollfd fd = {.fd = p->master, .events = POLLOUT | POLLIN};
        (void)poll(&fd, 1, 100);
        if (fd.revents & POLLIN)
            (void)read_some(p, SIZE_MAX, 0);
        if (!(fd.revents & POLLOUT))
            continue;
        ssize_t n = write(p->master, bytes.data, bytes.len < 512 ? bytes.len : 512);
        if (n > 0)
            bytes = span_sub(bytes, (size_t)n, bytes.len);
    }
    assert_int_equal(bytes.len, 0);
}

void pty_send(struct pty *p, struct span bytes, unsigned events)
{
    p->events += events;
    write_all(p, bytes);
}

static void encode_plain(uint32_t key, struct strbuf *out)
{
    static const struct {
        uint32_t key;
        const char *bytes;
    } sequences[] = {
        {KEYSYM_ESC, "\033"},       {KEYSYM_ENTER, "\r"},        {KEYSYM_TAB, "\t"},
        {KEYSYM_BACKTAB, "\033[Z"}, {KEYSYM_BACKSPACE, "\177"},  {KEYSYM_DELETE, "\033[3~"},
        {KEYSYM_INSERT, "\033[2~"}, {KEYSYM_UP, "\033OA"},       {KEYSYM_DOWN, "\033OB"},
        {KEYSYM_RIGHT, "\033OC"},   {KEYSYM_LEFT, "\033OD"},     {KEYSYM_HOME, "\033OH"},
        {KEYSYM_END, "\033OF"},     {KEYSYM_PAGE_UP, "\033[5~"}, {KEYSYM_PAGE_DOWN, "\033[6~"},
    };

    static const char *const function[] = {"\033OP",   "\033OQ",   "\033OR",   "\033OS",
                                           "\033[15~", "\033[17~", "\033[18~", "\033[19~",
                                           "\033[20~", "\033[21~", "\033[23~", "\033[24~"};
    char bytes[4];
    for (size_t i = 0; i < BN_COUNT(sequences); i++)
        if (sequences[i].key == key) {
            strbuf_adds(out, sequences[i].bytes);
            return;
        }
    if (key >= KEYSYM_F1 && key <= KEYSYM_F12)
        strbuf_adds(out, function[key - KEYSYM_F1]);
    else if (key >= KEYSYM_CTRL + 'a' && key <= KEYSYM_CTRL + 'z')
        strbuf_addc(out, (char)(key - KEYSYM_CTRL - 'a' + 1));
    else
        strbuf_add(out, span_make(bytes, utf8_encode(key, bytes)));
}

/* A lone ESC is one only after its delay; what follows waits for its mark. */
void pty_keys(struct pty *p, const char *names)
{
    struct span rest = span_from(names), name;
    while (span_split(&rest, ' ', &name)) {
        struct strbuf bytes = STRBUF_INIT(64);
        uint32_t key;
        if (!name.len)
            continue;
        if (!key_parse(name, &key))
            fail_msg("%.*s is no key", SPAN_ARG(name));
        if (key & KEYSYM_ALT)
            strbuf_addc(&bytes, '\033');
        encode_plain(key & ~(uint32_t)KEYSYM_ALT, &bytes);
        pty_send(p, strbuf_span(&bytes), 1);
        strbuf_clear(&bytes);
        if (key == KEYSYM_ESC && rest.data)
            pty_wait(p);
    }
}

void pty_type(struct pty *p, const char *text)
{
    unsigned count = 0;
    for (struct span rest = span_from(text); rest.len; count++) {
        uint32_t code;
        rest = span_sub(rest, utf8_decode(rest, &code), rest.len);
    }
    pty_send(p, span_from(text), count);
}

void pty_step(struct pty *p, int64_t ms)
{
    char bytes[64];
    snprintf(bytes, sizeof(bytes), "\033]7778;step=%lld\033\\", (long long)ms);
    pty_send(p, span_from(bytes), 1);
}

void pty_press(struct pty *p, const char *names)
{
    pty_keys(p, names);
    pty_wait(p);
}

void pty_resize_only(struct pty *p, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    while (pty_read(p, SIZE_MAX, 0)) /* what was written for the old size is shown in it */
        ;
    p->rows = rows;
    p->cols = cols;
    vterm_set_size(p->vterm, rows, cols);
    assert_int_equal(ioctl(p->master, TIOCSWINSZ, &size), 0);
}

/* A mark that was there before says nothing about the new size. Of the same size again nobody is
 * told. */
void pty_resize(struct pty *p, int rows, int cols)
{
    if (rows == p->rows && cols == p->cols)
        return;
    pty_resize_only(p, rows, cols);
    uint64_t marks = p->stream.marks;
    int64_t end = now_ms() + patience(WATCHDOG_MS);
    while (p->stream.marks == marks && now_ms() < end)
        (void)pty_read(p, SIZE_MAX, 50);
    pty_wait(p);
}

void pty_signal(struct pty *p, int sig)
{
    assert_int_equal(kill(p->pid, sig), 0);
}

void pty_hang_up(struct pty *p)
{
    close_fd(&p->slave);
    close_fd(&p->master);
}

static int wait_exit(struct pty *p, int wait_ms, bool reading)
{
    int64_t end = now_ms() + patience(wait_ms);
    while (!has_ended(p)) {
        struct pollfd fd = {.fd = p->pidfd, .events = POLLIN};
        if (reading && p->master >= 0)
            (void)pty_read(p, SIZE_MAX, 20);
        else
            (void)poll(&fd, 1, 20);
        if (now_ms() > end)
            fail_with_screen(p, "the program did not end in time");
    }
    while (p->master >= 0 && pty_read(p, SIZE_MAX, 0))
        ;
    return p->status;
}

int pty_wait_exit(struct pty *p, int wait_ms)
{
    return wait_exit(p, wait_ms, true);
}

int pty_wait_exit_blocked(struct pty *p, int wait_ms)
{
    return wait_exit(p, wait_ms, false);
}

void pty_wait_stopped(struct pty *p)
{
    int64_t end = now_ms() + patience(WATCHDOG_MS);
    int status = 0;
    while (waitpid(p->pid, &status, WNOHANG | WUNTRACED) != p->pid) {
        (void)pty_read(p, SIZE_MAX, 20);
        if (now_ms() > end)
            fail_with_screen(p, "the program did not stop in time");
    }
    assert_true(WIFSTOPPED(status));
    while (pty_read(p, SIZE_MAX, 0))
        ;
}

void pty_assert_not_raw(struct pty *p)
{
    struct termios now;
    assert_int_equal(tcgetattr(p->slave, &now), 0);
    assert_int_equal(now.c_iflag, p->before.c_iflag);
    assert_int_equal(now.c_oflag, p->before.c_oflag);
    assert_int_equal(now.c_cflag, p->before.c_cflag);
    assert_int_equal(now.c_lflag, p->before.c_lflag);
    assert_memory_equal(now.c_cc, p->before.c_cc, sizeof(now.c_cc));
}

void pty_assert_restored(struct pty *p)
{
    struct strbuf left = STRBUF_INIT(1024);
    stream_leftovers(&p->stream, &left);
    assert_string_equal(strbuf_cstr(&left), "");
    strbuf_clear(&left);
    pty_assert_not_raw(p);
}

uint64_t pty_bytes(const struct pty *p)
{
    return p->stream.bytes;
}

uint64_t pty_copies(const struct pty *p)
{
    return p->stream.copies;
}

struct span pty_copied(const struct pty *p)
{
    return strbuf_span(&p->stream.copied);
}

bool pty_copied_wrapped(const struct pty *p)
{
    return p->stream.wrapped;
}

struct span pty_title(const struct pty *p)
{
    return strbuf_span(&p->stream.title);
}

uint64_t pty_entered(const struct pty *p)
{
    return p->stream.entered;
}

uint64_t pty_synchronised_frames(const struct pty *p)
{
    return p->stream.frames;
}

static bool read_proc(const struct pty *p, const char *file, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)p->pid, file);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(out, 1, size - 1, f) : 0;
    if (f)
        fclose(f);
    out[n] = '\0';
    return n > 0;
}

static int64_t status_kb(const struct pty *p, const char *name)
{
    char text[8192];
    long long kb = -1;
    assert_true(read_proc(p, "status", text, sizeof(text)));
    const char *line = strstr(text, name);
    assert_non_null(line);
    assert_int_equal(sscanf(line + strlen(name), " %lld", &kb), 1);
    return kb;
}

int64_t pty_memory_kb(const struct pty *p)
{
    return status_kb(p, "\nVmRSS:");
}

int64_t pty_memory_peak_kb(const struct pty *p)
{
    return status_kb(p, "\nVmHWM:");
}

int64_t pty_cpu_us(const struct pty *p)
{
    clockid_t clock;
    struct timespec t = {0};
    assert_int_equal(clock_getcpuclockid(p->pid, &clock), 0);
    assert_int_equal(clock_gettime(clock, &t), 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t pty_cpu_ms(const struct pty *p)
{
    return pty_cpu_us(p) / 1000;
}

int64_t pty_read_us(const struct pty *p)
{
    return p->read_us;
}
