/* What the program has said since it started: errors, reconnects, notices. */
#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/timetext.h"
#include "tui/screens/list.h"
#include "tui/ui.h"

#include <stdlib.h>

#define LINES_MAX 1000

struct messages {
    struct list list;
    struct log_line *lines; /* owned; oldest first */
    size_t count;
    uint64_t seen; /* seq of the last one read */
    bool at_end;   /* new lines move the cursor along */
};

static bool messages_open(struct screen *s, BN_UNUSED struct ui *ui, BN_UNUSED struct err *err)
{
    struct messages *m = s->state;
    m->lines = xalloc_zero(LINES_MAX, sizeof(*m->lines));
    m->at_end = true;
    return true;
}

static void messages_close(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct messages *m = s->state;
    free(m->lines);
}

static bool messages_turn(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct messages *m = s->state;
    if (log_last() == m->seen)
        return false;
    m->count = log_read(0, m->lines, LINES_MAX);
    m->seen = log_last();
    if (m->at_end)
        m->list.cursor = m->count ? m->count - 1 : 0;
    return true;
}

static enum role role_of_log(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return ROLE_DIM;
    case LOG_INFO:
        return ROLE_TEXT;
    case LOG_WARNING:
        return ROLE_WARNING;
    case LOG_ERROR:
        return ROLE_CRITICAL;
    }
    return ROLE_TEXT;
}

/* The log's clock is the machine's; where ours is another, its times are ours. */
static int64_t shift_of(const struct ui *ui)
{
    struct clock *machine = clock_new();
    int64_t shift = ui->now_ms - clock_wall_ms(machine);
    clock_free(machine);
    return clock_is_shifted(session_clock(ui->session)) ? shift : 0;
}

static void draw_line(struct canvas *c, struct rect line, const struct log_line *l, int64_t shift)
{
    char clock[TIMETEXT_MAX];
    time_format_clock(l->wall_ms + shift, true, clock);
    int at = 1 + canvas_textf(c, line, 0, 1, ROLE_DIM, "%s ", clock);
    if (line.cols >= 60) {
        canvas_text_cut(c, line, 0, at, 12, 0, span_from(l->source), ROLE_DIM);
        at += 13;
    }
    canvas_text_cut(c, line, 0, at, line.cols - at, 0, span_from(l->text), role_of_log(l->level));
}

static void messages_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct messages *m = s->state;
    int whole = body.rows >= 12 ? 4 : 0;
    int64_t shift = shift_of(ui);
    struct rect line;
    (void)messages_turn(s, ui);
    list_lay(&m->list, m->count, rect_make(body.top, body.left, body.rows - whole, body.cols));
    if (!m->count)
        canvas_textf(c, body, 0, 1, ROLE_DIM, "nothing has been said yet");
    for (size_t i = m->list.top; list_line(&m->list, i, &line); i++)
        draw_line(c, line, &m->lines[i], shift);
    list_show_cursor(&m->list, c);
    if (!whole || m->list.cursor >= m->count)
        return;
    const struct log_line *l = &m->lines[m->list.cursor];
    line = rect_make(body.top + body.rows - whole, body.left, 1, body.cols);
    canvas_line(c, line, '-', ROLE_DIM);
    canvas_text_wrapped(c, rect_make(line.top + 1, body.left + 1, whole - 1, body.cols - 2),
                        span_from(l->text), role_of_log(l->level));
}

static void messages_figures(const struct screen *s, BN_UNUSED const struct ui *ui,
                             struct strbuf *out)
{
    const struct messages *m = s->state;
    strbuf_addf(out, "%zu/%zu", m->count ? m->list.cursor + 1 : 0, m->count);
}

static void messages_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct messages *m = s->state;
    (void)list_move(&m->list, move);
    m->at_end = m->list.cursor + 1 >= m->count;
}

/* The whole of a long message. */
static void messages_enter(struct screen *s, struct ui *ui)
{
    const struct messages *m = s->state;
    if (m->list.cursor < m->count)
        ui_say(ui, ROLE_TEXT, "%s", m->lines[m->list.cursor].text);
}

const struct screen_class screen_messages = {
    .name = "messages",
    .context = CONTEXT_LIST,
    .state_size = sizeof(struct messages),
    .aside = true,
    .is_list = true,
    .open = messages_open,
    .close = messages_close,
    .draw = messages_draw,
    .figures = messages_figures,
    .move = messages_move,
    .enter = messages_enter,
    .turn = messages_turn,
};
