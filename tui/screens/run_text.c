/* The two texts of a run. */
#include <config.h>

#include "tui/screens/run_text.h"

#include "actions/run.h"
#include "base/timetext.h"

#include <string.h>

#define TEXT_MAX   ((size_t)2 << 20)
#define LOG_MAX    ((size_t)4 << 20)
#define LINE_BYTES ((size_t)1 << 20)
#define BESIDE     120 /* columns from which on the log stands beside the steps */
#define BELOW      10 /* rows from which on it has a third, below them; with fewer its last lines */
#define LEAST      5  /* rows below which it has none */
#define LAST_LINES 2

void run_text_init(struct run_text *r)
{
    *r = (struct run_text){.steps = pager_new(TEXT_MAX), .log = pager_new(LOG_MAX)};
    r->open = r->running = r->says = (struct strbuf)STRBUF_INIT(LINE_BYTES);
    pager_wrap(r->steps, true);
    pager_words(r->steps);
    run_text_clear(r);
}

void run_text_done(struct run_text *r)
{
    pager_free(r->steps);
    pager_free(r->log);
    strbuf_clear(&r->open);
    strbuf_clear(&r->running);
    strbuf_clear(&r->says);
}

void run_text_clear(struct run_text *r)
{
    pager_clear(r->steps);
    pager_clear(r->log);
    pager_last(r->log); /* follows */
    strbuf_truncate(&r->open, 0);
    strbuf_truncate(&r->running, 0);
    strbuf_truncate(&r->says, 0);
    r->live = 0;
}

/* ---- Lines. */

static void add(struct pager *p, struct span line)
{
    pager_add(p, line);
    pager_add(p, SPAN("\n"));
}

/* "... Restart Deployment default/kimai (since 09:00:12Z)" says how long that is instead. */
static void add_live(struct run_text *r, int64_t now_ms)
{
    struct span line = strbuf_span(&r->running);
    struct strbuf text = STRBUF_INIT(LINE_BYTES);
    char age[TIMETEXT_MAX];
    int64_t ms;
    r->live = 0;
    if (!line.len)
        return;
    if (run_line_age(line, now_ms, &ms)) {
        duration_format(ms, age);
        line = span_sub(line, 0, line.len - strlen(RUN_SINCE "09:00:12Z)"));
        strbuf_addf(&text, "%.*s (%s)", SPAN_ARG(line), age);
    } else {
        strbuf_add(&text, line);
    }
    add(r->steps, strbuf_span(&text));
    r->live = 1;
    if (r->says.len) {
        add(r->steps, strbuf_span(&r->says));
        r->live++;
    }
    strbuf_clear(&text);
}

static void set(struct strbuf *to, struct span text)
{
    strbuf_truncate(to, 0);
    strbuf_add(to, text);
}

/* One that has begun stands at the end until it has ended; then its end stands for it, and what it said
 * last. */
static void take_line(struct run_text *r, struct span line)
{
    if (span_starts(line, RUN_LOGGED)) {
        add(r->log, span_sub(line, strlen(RUN_LOGGED), line.len));
    } else if (span_starts(line, RUN_BEGINS)) {
        set(&r->running, line);
    } else if (r->running.len && span_starts(line, RUN_SAID)) {
        set(&r->says, line);
    } else {
        if (r->says.len)
            add(r->steps, strbuf_span(&r->says));
        strbuf_truncate(&r->says, 0);
        strbuf_truncate(&r->running, 0);
        add(r->steps, line);
    }
}

void run_text_add(struct run_text *r, struct span text, int64_t now_ms)
{
    struct span rest, line;
    size_t taken = 0;
    if (!text.len)
        return;
    pager_drop(r->steps, r->live);
    strbuf_add(&r->open, text);
    rest = strbuf_span(&r->open);
    while (span_split(&rest, '\n', &line) && rest.data) {
        take_line(r, line);
        taken += line.len + 1;
    }
    strbuf_consume(&r->open, taken);
    add_live(r, now_ms);
}

void run_text_end(struct run_text *r)
{
    strbuf_truncate(&r->running, 0); /* what stands of it stays */
    strbuf_truncate(&r->says, 0);
    r->live = 0;
}

bool run_text_turn(struct run_text *r, struct ui *ui)
{
    int64_t second = ui->now_ms / 1000;
    if (!r->running.len)
        return false;
    ui_wake(ui, (second + 1) * 1000);
    if (second == r->second)
        return false;
    r->second = second;
    pager_drop(r->steps, r->live);
    add_live(r, ui->now_ms);
    return true;
}

bool run_text_has_log(const struct run_text *r)
{
    return pager_lines(r->log) > 0;
}

struct pager *run_text_pager(const struct run_text *r)
{
    return r->whole && run_text_has_log(r) ? r->log : r->steps;
}

/* ---- Drawing. */

/* By how it begins; the first that fits counts. */
static void paint_line(struct span line, struct pager_paint *out)
{
    static const struct {
        const char *begins;
        enum role role;
    } roles[] = {
        {"ok ", ROLE_OK},        {"NOT", ROLE_CRITICAL}, {"...", ROLE_PROGRESS},
        {"  ! ", ROLE_WARNING},  {"  + ", ROLE_OK},      {"  ~ ", ROLE_WARNING},
        {"  - ", ROLE_CRITICAL}, {"   ", ROLE_DIM},      {"plan sha256", ROLE_DIM},
        {"", ROLE_TEXT},
    };

    size_t i = 0;
    while (!span_starts(line, roles[i].begins))
        i++;
    out->role = roles[i].role;
}

static void draw_log(const struct run_text *r, struct canvas *c, struct rect at, const char *key)
{
    struct rect head = rect_make(at.top, at.left, 1, at.cols);
    canvas_line(c, head, '-', ROLE_DIM);
    canvas_textf(c, head, 0, 1, ROLE_HEADER, " LOG ");
    if (at.cols > 40)
        canvas_textf(c, head, 0, 7, ROLE_DIM, "%s", key);
    pager_draw(r->log, c, rect_make(at.top + 1, at.left, at.rows - 1, at.cols), NULL);
}

void run_text_draw(struct run_text *r, struct canvas *c, struct rect area)
{
    bool log = run_text_has_log(r);
    int rows = area.rows >= BELOW ? area.rows / 3 : LAST_LINES + 1;
    if (log && r->whole) {
        draw_log(r, c, area, " l: the steps too ");
    } else if (log && area.cols >= BESIDE) {
        int left = area.cols / 2;
        pager_draw(r->steps, c, rect_make(area.top, area.left, area.rows, left), paint_line);
        canvas_line(c, rect_make(area.top, area.left + left, area.rows, 1), '|', ROLE_DIM);
        draw_log(r, c, rect_make(area.top, area.left + left + 1, area.rows, area.cols - left - 1),
                 " l: whole width ");
    } else if (log && area.rows >= LEAST) {
        pager_draw(r->steps, c, rect_make(area.top, area.left, area.rows - rows, area.cols),
                   paint_line);
        draw_log(r, c, rect_make(area.top + area.rows - rows, area.left, rows, area.cols),
                 " l: all of it ");
    } else {
        pager_draw(r->steps, c, area, paint_line);
    }
}
