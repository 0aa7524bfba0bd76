/* The terminal: whose modes are ours while we have it, what is written to it
 * and what comes from it. */
#include <config.h>

#include "tui/term.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "tui/pump.h"
#include "tui/restore.h"
#include "tui/term_curses.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define IN_FD         STDIN_FILENO
#define FRAME_MAX     ((size_t)32 * 1024 * 1024) /* one frame of 1,000 x 1,000 cells */
#define READ_MAX      ((size_t)64 * 1024)        /* in one turn */
#define COPIES_MAX    ((size_t)256 * 1024)       /* OSC 52 behind a frame that waits */
#define COPY_MAX      74994                      /* encoded; as k9s (K9S_OSC52_MAX) */
#define MARK_MAX      256
#define TITLE_MAX     256
#define TITLE_BYTES   2048 /* made visible */
#define ESCAPE_MS     25
#define ESCAPE_SSH_MS 100
#define FINISH_MS     100 /* a frame that is half out */
#define LEAVE_MS      200
#define SIDE_MAX      1000

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON  "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"
#define SYNC_ASK  "\033[?2026$p"
#define SYNC_ON   "\033[?2026h"
#define SYNC_OFF  "\033[?2026l"

struct term {
    struct term_options options;
    struct paper *paper; /* owned */
    struct input *input; /* owned */
    struct pump pump;
    struct termios cooked; /* as we found it */
    struct strbuf frame;   /* owned; kept to be used again */
    int out_fd;            /* owned when it is not standard output */
    int out_flags;         /* of standard output, to be given back; -1: untouched */
    int rows, cols;
    bool ascii;
    bool xterm_like; /* takes private modes, titles, OSC 52 */
    bool ours;       /* the modes are ours now */
    bool mouse;
    char mark[MARK_MAX]; /* written last */
};

/* UTF-8 where the locale says so or says something that is not installed. */
static bool take_locale(void)
{
    if (!setlocale(LC_CTYPE, ""))
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* A descriptor of our own on the same terminal can be non-blocking without the
 * shell noticing; where that fails, standard output's flags are given back. */
static void open_output(struct term *t)
{
    char name[256];
    t->out_flags = -1;
    t->out_fd = -1;
    if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0)
        t->out_fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (t->out_fd >= 0)
        return;
    t->out_fd = STDOUT_FILENO;
    t->out_flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (t->out_flags >= 0)
        (void)fcntl(STDOUT_FILENO, F_SETFL, t->out_flags | O_NONBLOCK);
}

static void set_raw(const struct term *t)
{
    struct termios raw = t->cooked;
    raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_oflag &= ~(tcflag_t)OPOST; /* ncurses counts on a line feed being one */
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    raw.c_cflag |= CS8;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(IN_FD, TCSANOW, &raw);
}

/* A program that was killed has left the terminal raw: the shell wants it back
 * as it was before that one. */
static void make_sane(struct termios *modes)
{
    if (modes->c_lflag & (ICANON | ECHO))
        return;
    modes->c_iflag |= ICRNL | IXON;
    modes->c_oflag |= OPOST | ONLCR;
    modes->c_lflag |= ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
}

/* Everything that was switched on goes off; also what a crash may have left. */
static void goodbye(const struct term *t, struct strbuf *out)
{
    if (t->xterm_like)
        strbuf_adds(out, SYNC_OFF MOUSE_OFF PASTE_OFF);
    if (*paper_string(t->paper, "csr"))
        strbuf_adds(out, "\033[r"); /* scrolling: the whole screen */
    strbuf_adds(out, paper_string(t->paper, "sgr0"));
    strbuf_adds(out, paper_string(t->paper, "rmkx"));
    strbuf_adds(out, paper_string(t->paper, "cnorm"));
    if (*paper_string(t->paper, "rmcup")) {
        strbuf_adds(out, paper_string(t->paper, "rmcup"));
    } else { /* no second screen: the prompt comes on a line of its own */
        strbuf_adds(out, paper_string(t->paper, "clear"));
    }
}

static void hello(const struct term *t, struct strbuf *out)
{
    strbuf_adds(out, paper_string(t->paper, "smcup"));
    strbuf_adds(out, paper_string(t->paper, "smkx"));
    if (!t->xterm_like)
        return;
    strbuf_adds(out, SYNC_OFF PASTE_ON); /* a frame may have been cut off */
    if (t->mouse)
        strbuf_adds(out, MOUSE_ON);
    if (input_sync_state(t->input) < 0)
        strbuf_adds(out, SYNC_ASK);
}

static void take_size(struct term *t)
{
    struct winsize size = {0};
    (void)ioctl(t->out_fd, TIOCGWINSZ, &size);
    t->rows = size.ws_row > SIDE_MAX ? SIDE_MAX : size.ws_row;
    t->cols = size.ws_col > SIDE_MAX ? SIDE_MAX : size.ws_col;
    if (!t->rows || !t->cols) { /* a terminal that does not know: what terminals mostly have */
        t->rows = 24;
        t->cols = 80;
    }
}

void term_return(struct term *t)
{
    struct strbuf bytes = STRBUF_INIT(4096), last = STRBUF_INIT(RESTORE_MAX);
    set_raw(t);
    goodbye(t, &last);
    restore_arm(IN_FD, t->out_fd, &t->cooked, strbuf_span(&last));
    t->ours = true;
    hello(t, &bytes);
    pump_drop(&t->pump);
    (void)pump_add(&t->pump, strbuf_span(&bytes));
    (void)pump_run(&t->pump);
    term_resized(t);
    strbuf_clear(&bytes);
    strbuf_clear(&last);
}

/* Finishes what is half out, or cancels it where the terminal takes no more. */
static void settle_output(struct term *t)
{
    if (!pump_begun(&t->pump)) {
        pump_drop(&t->pump);
    } else if (!pump_flush(&t->pump, FINISH_MS)) {
        pump_drop(&t->pump);
        (void)tcflush(t->out_fd, TCOFLUSH);
        (void)pump_add(&t->pump, SPAN("\030"));
    }
}

void term_leave(struct term *t)
{
    struct strbuf bytes = STRBUF_INIT(RESTORE_MAX);
    if (!t->ours)
        return;
    settle_output(t);
    goodbye(t, &bytes);
    (void)pump_add(&t->pump, strbuf_span(&bytes));
    if (!pump_flush(&t->pump, LEAVE_MS) && !t->pump.gone) {
        (void)tcflush(t->out_fd, TCOFLUSH);
        (void)pump_flush(&t->pump, LEAVE_MS);
    }
    pump_drop(&t->pump);
    (void)tcsetattr(IN_FD, TCSANOW, &t->cooked);
    restore_disarm();
    t->ours = false;
    t->mark[0] = '\0';
    strbuf_clear(&bytes);
}

static bool check_terminal(struct err *err)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, ERR_CONFIG,
                       "standard %s is not a terminal: the dashboard needs one; binnacle get and "
                       "binnacle status do not",
                       isatty(STDOUT_FILENO) ? "input" : "output");
    return true;
}

static int escape_delay(void)
{
    const char *ssh = getenv("SSH_CONNECTION");
    return ssh && *ssh ? ESCAPE_SSH_MS : ESCAPE_MS;
}

struct term *term_open(const struct term_options *options, struct err *err)
{
    if (!check_terminal(err))
        return NULL;
    bool utf8 = take_locale();
    struct paper *paper = paper_new(getenv("TERM"), err);
    if (!paper)
        return NULL;
    struct term *t = xalloc_zero(1, sizeof(*t));
    t->options = *options;
    t->mouse = options->mouse;
    t->ascii = !utf8;
    t->paper = paper;
    t->xterm_like = paper_like_xterm(paper);
    t->frame.limit = FRAME_MAX;
    t->input = input_new(escape_delay());
    input_allow_control(t->input, options->test_marks);
    paper_define_keys(paper, t->input);
    open_output(t);
    pump_init(&t->pump, t->out_fd, FRAME_MAX + COPIES_MAX);
    if (tcgetattr(IN_FD, &t->cooked) != 0) {
        (void)err_code(err, ERR_IO, errno, "cannot read the terminal's modes: %s", strerror(errno));
        term_close(t);
        return NULL;
    }
    make_sane(&t->cooked);
    restore_watch();
    term_set_theme(t, options->theme);
    term_return(t);
    return t;
}

void term_close(struct term *t)
{
    if (!t)
        return;
    term_leave(t);
    if (t->out_fd != STDOUT_FILENO)
        (void)close(t->out_fd);
    else if (t->out_flags >= 0)
        (void)fcntl(STDOUT_FILENO, F_SETFL, t->out_flags);
    paper_free(t->paper);
    input_free(t->input);
    pump_done(&t->pump);
    strbuf_clear(&t->frame);
    free(t);
}

void term_size(const struct term *t, int *rows, int *cols)
{
    *rows = t->rows;
    *cols = t->cols;
}

bool term_ascii(const struct term *t)
{
    return t->ascii;
}

int term_colours(const struct term *t)
{
    return paper_colours(t->paper);
}

void term_set_theme(struct term *t, const struct theme *theme)
{
    struct theme shown;
    t->options.theme = theme;
    theme_for_colours(theme, term_colours(t), &shown);
    paper_theme(t->paper, &shown);
}

void term_set_mouse(struct term *t, bool on)
{
    if (t->mouse == on)
        return;
    t->mouse = on;
    if (t->ours && t->xterm_like)
        (void)(pump_add(&t->pump, on ? SPAN(MOUSE_ON) : SPAN(MOUSE_OFF)) && pump_run(&t->pump));
}

int term_input_fd(const struct term *t)
{
    (void)t;
    return IN_FD;
}

int term_output_fd(const struct term *t)
{
    return t->out_fd;
}

bool term_busy(const struct term *t)
{
    return pump_busy(&t->pump);
}

static void add_mark(struct term *t, const char *mark)
{
    size_t len = strnlen(mark, MARK_MAX - 1);
    if (!t->options.test_marks)
        return;
    memcpy(t->mark, mark, len);
    t->mark[len] = '\0';
    strbuf_addf(&t->frame, "\033]7777;%s\033\\", t->mark);
}

/* The terminal shows all of a frame at once, where it has said that it can. */
static bool synchronised(const struct term *t)
{
    int state = input_sync_state(t->input);
    return state >= 1 && state <= 3;
}

void term_show(struct term *t, const struct canvas *c, const char *mark)
{
    if (term_busy(t) || !t->ours)
        return;
    bool sync = synchronised(t);
    strbuf_truncate(&t->frame, 0);
    if (sync)
        strbuf_adds(&t->frame, SYNC_ON);
    size_t before = t->frame.len;
    paper_frame(t->paper, c, &t->frame);
    if (t->frame.len == before)
        strbuf_truncate(&t->frame, 0);
    else if (sync)
        strbuf_adds(&t->frame, SYNC_OFF);
    add_mark(t, mark);
    (void)pump_add(&t->pump, strbuf_span(&t->frame));
    (void)pump_run(&t->pump);
}

void term_mark(struct term *t, const char *mark)
{
    if (!t->ours || strncmp(t->mark, mark, MARK_MAX - 1) == 0)
        return;
    strbuf_truncate(&t->frame, 0);
    add_mark(t, mark);
    (void)pump_add(&t->pump, strbuf_span(&t->frame));
    (void)pump_run(&t->pump);
}

bool term_pump(struct term *t)
{
    return pump_run(&t->pump);
}

void term_repaint(struct term *t)
{
    paper_forget(t->paper);
}

/* screen passes on what is wrapped in a DCS; tmux speaks OSC 52 itself. */
static bool needs_wrapping(void)
{
    const char *name = getenv("TERM"), *tmux = getenv("TMUX");
    return span_starts(span_from(name), "screen") && !(tmux && *tmux);
}

bool term_copy(struct term *t, struct span text)
{
    struct strbuf bytes = STRBUF_INIT(COPY_MAX + 64);
    size_t encoded = (text.len + 2) / 3 * 4;
    if (!t->xterm_like || text.len > COPY_MAX || encoded > COPY_MAX)
        return false;
    bool wrap = needs_wrapping();
    strbuf_adds(&bytes, wrap ? "\033P\033]52;c;" : "\033]52;c;");
    char *to = strbuf_reserve(&bytes, encoded + 1);
    if (to) {
        int len = EVP_EncodeBlock(
            (unsigned char *)to, (const unsigned char *)(text.len ? text.data : ""), (int)text.len);
        strbuf_commit(&bytes, (size_t)len);
    }
    strbuf_adds(&bytes, wrap ? "\a\033\\" : "\a");
    bool ok = to && !bytes.failed && pump_add(&t->pump, strbuf_span(&bytes));
    strbuf_wipe(&bytes);
    return ok && pump_run(&t->pump);
}

void term_title(struct term *t, struct span text)
{
    struct strbuf bytes = STRBUF_INIT(TITLE_BYTES);
    if (!t->xterm_like || !t->ours)
        return;
    strbuf_adds(&bytes, "\033]2;");
    (void)visible_text(span_sub(text, 0, TITLE_MAX), t->ascii, &bytes);
    strbuf_adds(&bytes, "\033\\");
    if (!bytes.failed)
        (void)pump_add(&t->pump, strbuf_span(&bytes));
    strbuf_clear(&bytes);
}

bool term_read(struct term *t)
{
    char bytes[4096];
    for (size_t total = 0; total < READ_MAX;) {
        struct pollfd fd = {.fd = IN_FD, .events = POLLIN};
        if (poll(&fd, 1, 0) <= 0)
            return true;
        ssize_t n = read(IN_FD, bytes, sizeof(bytes));
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            return true;
        if (n <= 0)
            return false;
        input_feed(t->input, span_make(bytes, (size_t)n), clock_machine_ms());
        total += (size_t)n;
    }
    return true;
}

bool term_event(struct term *t, int64_t mono_ms, struct input_event *out)
{
    return input_next(t->input, mono_ms, out);
}

int64_t term_next_ms(const struct term *t)
{
    return input_next_ms(t->input);
}

void term_resized(struct term *t)
{
    take_size(t);
    paper_resize(t->paper, t->rows, t->cols);
}
