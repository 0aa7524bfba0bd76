/* What a frame of 200 x 60 cells costs: processor time from canvas to bytes,
 * and how many bytes, for the kinds of change that screens make.
 *
 *   test/bench/frames [TERM] */
#include <config.h>

#include "base/strbuf.h"
#include "tui/term_curses.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROWS   60
#define COLS   200
#define FRAMES 200

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fill(struct canvas *c, int row, int from, int to, int line, enum role role)
{
    char text[COLS];
    unsigned seed = (unsigned)line * 2654435761u; /* no two lines alike */
    for (int i = from; i < to; i++) {
        seed = seed * 1664525 + 1013904223;
        text[i - from] = (char)('a' + (seed >> 16) % 26);
    }
    canvas_text(c, rect_make(row, 0, 1, COLS), 0, from, to - from,
                span_make(text, (size_t)(to - from)), role);
}

static void draw_all(struct canvas *c, int frame)
{
    for (int row = 0; row < ROWS; row++)
        fill(c, row, 0, COLS, row + frame * 100, ROLE_TEXT);
}

static void draw_columns(struct canvas *c, int frame)
{
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col += 10)
            fill(c, row, col, col + 10, row + frame * 100,
                 (enum role)((col / 10 + frame) % ROLE_COUNT));
}

static void draw_one_column(struct canvas *c, int frame)
{
    for (int row = 0; row < ROWS; row++)
        fill(c, row, 100, 110, row + frame * 100, ROLE_OK);
}

static void draw_scrolled(struct canvas *c, int frame)
{
    for (int row = 0; row < ROWS; row++)
        fill(c, row, 0, COLS, row + frame, ROLE_TEXT);
    for (int row = 0; row < 2; row++) /* title and header stay */
        fill(c, row, 0, COLS, row, ROLE_TITLE);
}

static void draw_cursor(struct canvas *c, int frame)
{
    draw_all(c, 0);
    canvas_flag(c, rect_make(frame % ROWS, 0, 1, COLS), CELL_CURSOR_ROW);
}

static void draw_same(struct canvas *c, int frame)
{
    (void)frame;
    draw_all(c, 0);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure(struct paper *p, struct canvas *c, const char *name,
                    void (*draw)(struct canvas *, int))
{
    static double compose[FRAMES], paper[FRAMES];
    struct strbuf out = STRBUF_INIT((size_t)16 << 20);
    size_t bytes = 0;
    for (int i = -1; i < FRAMES; i++) {
        double start = cpu_ms();
        draw(c, i + 1);
        double drawn = cpu_ms();
        strbuf_truncate(&out, 0);
        paper_frame(p, c, &out);
        if (i < 0)
            continue; /* from what the case before left */
        paper[i] = cpu_ms() - drawn;
        compose[i] = drawn - start;
        bytes += out.len;
    }
    qsort(compose, FRAMES, sizeof(double), compare);
    qsort(paper, FRAMES, sizeof(double), compare);
    printf("%-32s draw %5.2f ms  frame %5.2f ms (p99 %5.2f)  %7zu bytes\n", name,
           compose[FRAMES / 2], paper[FRAMES / 2], paper[FRAMES * 99 / 100], bytes / FRAMES);
    strbuf_clear(&out);
}

int main(int argc, char **argv)
{
    struct err err;
    struct theme theme;
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    struct paper *p = paper_new(argc > 1 ? argv[1] : "xterm-256color", &err);
    if (!p) {
        fprintf(stderr, "frames: %s\n", err.msg);
        return 1;
    }
    theme_default(&theme);
    paper_resize(p, ROWS, COLS);
    paper_theme(p, &theme);
    struct canvas *c = canvas_new(ROWS, COLS, false);
    measure(p, c, "all cells, one colour", draw_all);
    measure(p, c, "all cells, a colour per column", draw_columns);
    measure(p, c, "one column of ten cells", draw_one_column);
    measure(p, c, "the table scrolled by a row", draw_scrolled);
    measure(p, c, "the cursor a row down", draw_cursor);
    measure(p, c, "nothing changed", draw_same);
    canvas_free(c);
    paper_free(p);
    return 0;
}
