/* The rail of systems and kinds, and the time axis. */
#include <config.h>

#include "tui/overview.h"

#include "tui/feed.h"
#include "tui/health.h"
#include "tui/ui_draw.h"

#define SPAN_MS     (30 * 60 * 1000)
#define NAME_WIDTH  12
#define BAD_WIDTH   4
#define ALL_WIDTH   7
#define LANES_MOST  8 /* of the worst */
#define SCALE_EVERY (5 * 60 * 1000)

/* ---- The axis. */

static size_t lanes(const struct ui *ui)
{
    size_t n = session_systems(ui->session)->count;
    return n < LANES_MOST ? n : LANES_MOST;
}

int overview_axis_rows(const struct ui *ui)
{
    return (int)lanes(ui) + 3; /* a line, the scale, the changes */
}

/* Where cell i of a lane over so long begins in time. */
static int64_t time_at(const struct ui *ui, int64_t span_ms, int i, int cells)
{
    return ui->now_ms - span_ms + span_ms * i / cells;
}

static void draw_cell(const struct ui *ui, struct canvas *c, struct rect lane, int64_t span_ms,
                      int i, const struct system *s)
{
    static const struct {
        const char *glyph, *ascii;
    } looks[LEVEL_COUNT] = {
        [LEVEL_OFF] = {"\xe2\x94\x80", "_"},
        [LEVEL_OK] = {"\xe2\x94\x80", "_"},
        [LEVEL_NOTICE] = {"\xe2\x94\x80", "_"},
        [LEVEL_PROGRESS] = {"\xe2\x94\x80", "_"},
        [LEVEL_UNKNOWN] = {"?", "?"},
        [LEVEL_WARNING] = {"\xe2\x96\x84", "="},
        [LEVEL_CRITICAL] = {"\xe2\x96\x88", "#"},
    };
    enum level level;
    if (!health_worst(ui->health, s, time_at(ui, span_ms, i, lane.cols),
                      time_at(ui, span_ms, i + 1, lane.cols) + 1, &level)) {
        canvas_text(c, lane, 0, i, 1, ui_ascii(ui) ? SPAN(".") : SPAN("\xc2\xb7"), ROLE_DIM);
        return;
    }
    canvas_text(c, lane, 0, i, 1, span_from(ui_ascii(ui) ? looks[level].ascii : looks[level].glyph),
                role_of_level(level));
}

void overview_draw_lane(const struct ui *ui, struct canvas *c, struct rect lane, int64_t span_ms,
                        const struct system *s)
{
    for (int i = 0; i < lane.cols; i++)
        draw_cell(ui, c, lane, span_ms, i, s);
}

static void draw_scale(const struct ui *ui, struct canvas *c, struct rect line)
{
    int64_t first = time_at(ui, SPAN_MS, 0, line.cols);
    for (int64_t at = first - first % SCALE_EVERY + SCALE_EVERY; at < ui->now_ms;
         at += SCALE_EVERY) {
        char clock[TIMETEXT_MAX];
        int col = (int)((at - first) * line.cols / SPAN_MS);
        time_format_clock(at, false, clock);
        if (col + 5 < line.cols - 5)
            canvas_textf(c, line, 0, col, ROLE_DIM, "%s", clock);
    }
    canvas_text(c, line, 0, line.cols - 3, 3, SPAN("now"), ROLE_DIM);
}

static void draw_ticks(const struct ui *ui, struct canvas *c, struct rect line)
{
    uint64_t names[FEED_LINES_MAX];
    struct feed_line change;
    int64_t first = time_at(ui, SPAN_MS, 0, line.cols);
    size_t n = feed_lines(ui->feed, first, false, names);
    for (size_t i = n; i; i--) { /* the newest lies on top */
        if (!feed_line(ui->feed, names[i - 1], &change))
            continue;
        int col = (int)((change.wall_ms - first) * line.cols / SPAN_MS);
        enum role role = change.level >= LEVEL_UNKNOWN ? role_of_level(change.level) : ROLE_DIM;
        canvas_text(c, line, 0, col < line.cols ? col : line.cols - 1, 1,
                    ui_ascii(ui) ? SPAN("^") : SPAN("\xe2\x96\xb4"), role);
    }
}

void overview_draw_axis(struct ui *ui, struct canvas *c, struct rect area)
{
    const struct system_state *systems = ui_systems(ui);
    struct rect lane =
        rect_make(area.top + 1, area.left + NAME_WIDTH + 4, 1, area.cols - NAME_WIDTH - 5);
    canvas_line(c, rect_make(area.top, area.left, 1, area.cols), '-', ROLE_DIM);
    canvas_text(c, area, 1, 3, NAME_WIDTH, SPAN("LAST 30 MIN"), ROLE_HEADER);
    draw_scale(ui, c, lane);
    for (size_t i = 0; i < lanes(ui); i++) {
        lane.top++;
        canvas_text(c, area, lane.top - area.top, 1, 1,
                    span_from(role_glyph(systems[i].level, ui_ascii(ui))),
                    role_of_level(systems[i].level));
        canvas_text(c, area, lane.top - area.top, 3, NAME_WIDTH, span_from(systems[i].system->name),
                    ROLE_TEXT);
        overview_draw_lane(ui, c, lane, SPAN_MS, systems[i].system);
    }
    lane.top++;
    canvas_text(c, area, lane.top - area.top, 3, NAME_WIDTH, SPAN("changes"), ROLE_DIM);
    draw_ticks(ui, c, lane);
}

/* ---- The rail. */

static void draw_rail_line(struct ui *ui, struct canvas *c, struct rect line, enum level level,
                           const char *name, size_t bad, size_t all)
{
    canvas_text(c, line, 0, 1, 1, span_from(role_glyph(level, ui_ascii(ui))), role_of_level(level));
    canvas_text_cut(c, line, 0, 3, line.cols - 3 - BAD_WIDTH - ALL_WIDTH, 0, span_from(name),
                    ROLE_TEXT);
    if (bad)
        canvas_textf(c, line, 0, line.cols - BAD_WIDTH - ALL_WIDTH, role_of_level(level), "%4zu",
                     bad);
    if (level != LEVEL_OFF) /* nobody looks, or there is none */
        canvas_textf(c, line, 0, line.cols - ALL_WIDTH, ROLE_DIM, "%7zu", all);
}

static enum level worst_of(const struct ui *ui, uint16_t kind, size_t *bad)
{
    enum level worst = store_count(ui->store, kind) ? LEVEL_OK : LEVEL_OFF;
    *bad = 0;
    for (int level = LEVEL_UNKNOWN; level < LEVEL_COUNT; level++) {
        size_t n = store_level_count(ui->store, kind, (enum level)level);
        *bad += n;
        worst = n ? (enum level)level : worst;
    }
    return worst;
}

void overview_draw_rail(struct ui *ui, struct canvas *c, struct rect area)
{
    const struct system_state *systems = ui_systems(ui);
    const struct kind_list *kinds = session_kinds(ui->session);
    struct rect line = rect_make(area.top, area.left, 1, area.cols - 1);
    int bottom = area.top + area.rows;
    canvas_line(c, rect_make(area.top, area.left + area.cols - 1, area.rows, 1), '|', ROLE_DIM);
    canvas_text(c, line, 0, 3, line.cols, SPAN("SYSTEMS"), ROLE_HEADER);
    canvas_text(c, line, 0, line.cols - BAD_WIDTH - ALL_WIDTH, line.cols, SPAN(" BAD    ALL"),
                ROLE_HEADER);
    for (size_t i = 0; i < session_systems(ui->session)->count && ++line.top < bottom; i++)
        draw_rail_line(ui, c, line, systems[i].level, systems[i].system->name, systems[i].bad,
                       systems[i].rows);
    line.top += 2;
    if (line.top >= bottom)
        return;
    canvas_text(c, line, 0, 3, line.cols, SPAN("KINDS"), ROLE_HEADER);
    for (size_t k = 0; k < kinds->count && line.top + 1 < bottom; k++) {
        size_t bad;
        enum level level = worst_of(ui, (uint16_t)k, &bad);
        bool here = ui_top(ui)->place.kind == (int)k;
        if (level == LEVEL_OFF && !here)
            continue;
        line.top++;
        draw_rail_line(ui, c, line, level, kinds->kinds[k]->plural, bad,
                       store_count(ui->store, (uint16_t)k));
        if (here)
            canvas_flag(c, line, CELL_BOLD | CELL_UNDERLINE);
        ui_add_hit(ui, (struct ui_hit){.row = line.top,
                                       .from = line.left,
                                       .to = line.left + line.cols,
                                       .command = kinds->kinds[k]->plural});
    }
}
