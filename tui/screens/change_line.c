/* When, whose, what has changed. */
#include <config.h>

#include "tui/screens/change_line.h"

#include "base/timetext.h"

#define LABEL_WIDTH 12
#define TIME_WIDTH  9 /* with the blank before it */
#define NARROW_COLS 60

static enum role role_of(const struct feed_line *line)
{
    if (line->good)
        return ROLE_OK;
    return line->level >= LEVEL_UNKNOWN ? role_of_level(line->level) : ROLE_TEXT;
}

void change_line_draw(struct ui *ui, uint64_t name, struct canvas *c, struct rect line)
{
    struct feed_line change;
    struct strbuf text = STRBUF_INIT(8192);
    char clock[TIMETEXT_MAX];
    if (!feed_line(ui->feed, name, &change))
        return;
    feed_say(ui->feed, ui->store, name, ui->now_ms, canvas_ascii(c), &text);
    bool narrow = line.cols < NARROW_COLS;
    time_format_clock(change.wall_ms, !narrow, clock);
    int at = 1 + canvas_textf(c, line, 0, 1, ROLE_DIM, "%s", clock) + 1;
    if (!narrow) {
        canvas_text_cut(c, line, 0, at, LABEL_WIDTH, 0, span_from(change.label), ROLE_DIM);
        at += LABEL_WIDTH + 1;
    }
    int names = (line.cols - at) / 3;
    names = names < 20 ? 20 : names > 40 ? 40 : names;
    canvas_text_cut(c, line, 0, at, names, names / 3, change.whose, ROLE_TEXT);
    at += names + 1;
    canvas_text_cut(c, line, 0, at, line.cols - at, 0, strbuf_span(&text), role_of(&change));
    strbuf_clear(&text);
}
