/* A small program on tui/term.h, to test the terminal with: it shows hard text
 * in many roles and does on a key what programs do by accident.
 *
 * term_demo [THEME]; keys: q quit, n next page, F flood (a new frame whenever
 * the last has left), c copy, t title, m mouse, z stop, C-l repaint, v a call of
 * NULL, w the same in a thread, o a stack overflow, b a bug, a abort, f SIGFPE,
 * others are counted. */
#include <config.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "tui/signals.h"
#include "tui/term.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct demo {
    struct term *term;
    struct canvas *canvas;
    struct theme theme;
    unsigned long long events, frames;
    int page;
    int64_t clock_ms;
    bool flood, quit, dirty, mouse;
    char last[128];
};

static const char *const lines[] = {
    "plain text",
    "wide 男女子 and marks e\xcc\x81\xcc\x82 a\xcc\x8a",
    "line \xe2\x94\x80\xe2\x94\x82 blocks \xe2\x96\x81\xe2\x96\x84\xe2\x96\x88 glyphs \xe2\x97\x8f\xe2\x96\xb2\xe2\x9c\x97",
    "escape \033[31mred\033]0;title\a \033[2J",
    "c1 \xc2\x9b\x9b 31m bell \a back \b tab \t line \n feed",
    "bidi \xe2\x80\xae evil \xe2\x80\xac zero\xe2\x80\x8bwidth",
    "broken \xff\xc0\xaf\xed\xa0\x80 \xe2\x82",
    "emoji \xf0\x9f\x99\x82 family \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9 heart \xe2\x9d\xa4\xef\xb8\x8f",
};

static void draw_roles(struct demo *d)
{
    struct rect all = rect_make(0, 0, canvas_rows(d->canvas), canvas_cols(d->canvas));
    for (int i = 0; i < ROLE_COUNT; i++) {
        int row = 2 + i / 2, col = i % 2 * 40;
        canvas_textf(d->canvas, all, row, col, (enum role)i, "%-12s text", role_name((enum role)i));
    }
    canvas_flag(d->canvas, rect_make(4, 0, 1, 80), CELL_CURSOR_ROW);
    canvas_flag(d->canvas, rect_make(5, 0, 1, 6), CELL_UNDERLINE | CELL_BOLD);
    canvas_flag(d->canvas, rect_make(6, 0, 1, 6), CELL_REVERSE);
    canvas_cursor(d->canvas, 4, 0);
}

static void draw_texts(struct demo *d)
{
    struct rect all = rect_make(0, 0, canvas_rows(d->canvas), canvas_cols(d->canvas));
    for (size_t i = 0; i < BN_COUNT(lines); i++)
        canvas_text(d->canvas, all, 2 + (int)i, 0, all.cols, span_from(lines[i]), ROLE_TEXT);
    canvas_cursor(d->canvas, -1, 0);
}

/* Every cell differs from the last frame's. */
static void draw_flood(struct demo *d)
{
    int rows = canvas_rows(d->canvas), cols = canvas_cols(d->canvas);
    for (int row = 2; row < rows; row++)
        for (int col = 0; col < cols; col++) {
            char c = (char)('a' + (d->frames + (unsigned)row * 7 + (unsigned)col) % 26);
            canvas_text(d->canvas, rect_make(row, 0, 1, cols), 0, col, 1, span_make(&c, 1),
                        (enum role)((d->frames + (unsigned)col) % ROLE_COUNT));
        }
}

static void draw(struct demo *d)
{
    int rows = canvas_rows(d->canvas), cols = canvas_cols(d->canvas);
    struct rect all = rect_make(0, 0, rows, cols);
    canvas_fill(d->canvas, all, ROLE_TEXT);
    canvas_fill(d->canvas, rect_make(0, 0, 1, cols), ROLE_TITLE);
    canvas_textf(d->canvas, all, 0, 0, ROLE_TITLE, "demo %dx%d page %d colours %d clock %lld", rows,
                 cols, d->page, term_colours(d->term), (long long)d->clock_ms);
    canvas_textf(d->canvas, all, 1, 0, ROLE_DIM, "%s", d->last);
    if (d->flood)
        draw_flood(d);
    else if (d->page == 0)
        draw_texts(d);
    else
        draw_roles(d);
    canvas_line(d->canvas, rect_make(rows - 1, 0, 1, cols), '-', ROLE_DIM);
}

static void *call_nothing(void *unused)
{
    void (*volatile nothing)(void) = NULL;
    (void)unused;
    nothing();
    return NULL;
}

/* No tail call: every level keeps its block. */
static int overflow(int depth)
{
    volatile char block[4096];
    block[depth % 4096] = (char)depth;
    return depth < 0 ? 0 : overflow(depth + 1) + block[depth % 4096];
}

static void crash(uint32_t key)
{
    volatile int zero = 0;
    pthread_t thread;
    if (key == 'v')
        (void)call_nothing(NULL);
    else if (key == 'w' && pthread_create(&thread, NULL, call_nothing, NULL) == 0)
        (void)pthread_join(thread, NULL);
    else if (key == 'o')
        (void)overflow(zero);
    else if (key == 'f')
        (void)raise(SIGFPE);
    else if (key == 'a')
        abort();
    bn_assert(key != 'b' || zero);
}

static void on_key(struct demo *d, uint32_t key)
{
    char name[KEY_NAME_MAX];
    key_format(key, name);
    snprintf(d->last, sizeof(d->last), "key %s", name);
    crash(key);
    if (key == 'q')
        d->quit = true;
    else if (key == 'n')
        d->page = !d->page;
    else if (key == 'F')
        d->flood = !d->flood;
    else if (key == 'c')
        (void)term_copy(d->term, SPAN("-n shop api-7f9"));
    else if (key == 't')
        term_title(d->term, SPAN("prod \033]0;x\a \xe2\x9c\x97"
                                 "2"));
    else if (key == 'm')
        term_set_mouse(d->term, d->mouse = !d->mouse);
    else if (key == KEYSYM_CTRL + 'l')
        term_repaint(d->term);
    else if (key == 'z') {
        term_leave(d->term);
        (void)raise(SIGSTOP);
        term_return(d->term);
    }
}

static void on_event(struct demo *d, const struct input_event *e)
{
    d->events++;
    d->dirty = true;
    switch (e->type) {
    case INPUT_KEY:
        on_key(d, e->key);
        break;
    case INPUT_MOUSE:
        snprintf(d->last, sizeof(d->last), "mouse %d button %d at %d,%d", e->what, e->button,
                 e->row, e->col);
        break;
    case INPUT_PASTE:
        snprintf(d->last, sizeof(d->last), "paste %.*s", SPAN_ARG(span_sub(e->paste, 0, 60)));
        break;
    case INPUT_FOCUS:
        break;
    case INPUT_CONTROL:
        d->clock_ms += e->step_ms;
        break;
    }
}

static void take_size(struct demo *d)
{
    int rows, cols;
    term_resized(d->term);
    term_size(d->term, &rows, &cols);
    canvas_resize(d->canvas, rows, cols);
    d->dirty = true;
}

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wait_for_news(struct demo *d)
{
    struct pollfd fds[] = {
        {.fd = term_input_fd(d->term), .events = POLLIN},
        {.fd = signals_fd(), .events = POLLIN},
        {.fd = term_busy(d->term) ? term_output_fd(d->term) : -1, .events = POLLOUT},
    };
    int64_t wait = term_next_ms(d->term) - mono_ms();
    if ((d->dirty || d->flood) && !term_busy(d->term))
        wait = 0;
    (void)poll(fds, BN_COUNT(fds), wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait);
}

static bool turn(struct demo *d)
{
    struct input_event e;
    char mark[80];
    wait_for_news(d);
    if (signals_take_resize())
        take_size(d);
    if (signals_take_continue()) {
        term_return(d->term);
        take_size(d);
    }
    if (!term_read(d->term) || !term_pump(d->term))
        return false;
    while (term_event(d->term, mono_ms(), &e))
        on_event(d, &e);
    if ((d->dirty || d->flood) && !term_busy(d->term)) {
        d->dirty = false;
        d->frames++;
        draw(d);
        snprintf(mark, sizeof(mark), "keys=%llu idle=%d applied=%llu", d->events, !d->flood,
                 d->frames);
        term_show(d->term, d->canvas, mark);
    }
    return term_pump(d->term);
}

int main(int argc, char **argv)
{
    struct err err;
    struct demo d = {.dirty = true};
    theme_default(&d.theme);
    if (argc > 1 && !theme_load(argv[1], &d.theme, &err)) {
        fprintf(stderr, "term_demo: %s\n", err.msg);
        return 2;
    }
    if (!signals_start(&err))
        return 1;
    const struct term_options options = {.theme = &d.theme, .test_marks = getenv("BINNACLE_TEST")};
    d.term = term_open(&options, &err);
    if (!d.term) {
        fprintf(stderr, "term_demo: %s\n", err.msg);
        return 2;
    }
    d.canvas = canvas_new(0, 0, term_ascii(d.term));
    take_size(&d);
    while (!d.quit && !signals_death() && turn(&d))
        ;
    term_close(d.term);
    canvas_free(d.canvas);
    return signals_death() ? 128 + signals_death() : 0;
}
