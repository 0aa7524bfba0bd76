/* Drawing home: what there is room for, the worst first. */
#include <config.h>

#include "base/timetext.h"
#include "tui/health.h"
#include "tui/overview.h"
#include "tui/screens/change_line.h"
#include "tui/screens/home.h"
#include "tui/screens/verdict_line.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

#define LABEL_WIDTH    VERDICT_LABEL_WIDTH
#define NAME_MIN       16
#define NAME_MOST      24 /* of a narrow screen */
#define SINCE_WIDTH    6
#define SINCE_LEAST_MS 10000 /* "longer than 3s" says nothing */
#define SINCE_COLS     60    /* from here on there is a column for it */
#define LANE_COLS      84    /* and from here on one for how a system has been lately */
#define LANE_WIDTH     10    /* a cell a minute */
#define LANE_MS        (LANE_WIDTH * 60 * 1000)
#define PREVIEW_COLS   140 /* and from here on what is under the cursor stands beside */
#define LIST_SHARE     60  /* percent */
#define HEADER_ROWS    6   /* lower screens are lists alone */
#define CHANGES_MIN    4
#define TALL_ROWS      40
#define WELL_LEAST     3  /* fewer are not folded */
#define AIRY_ROWS      16 /* more than this below the systems: a blank line between */
#define SAYS_ROWS      3

static void draw_since(struct ui *ui, struct canvas *c, struct rect line, int64_t since_ms,
                       bool exact)
{
    char age[TIMETEXT_MAX], text[TIMETEXT_MAX + 1];
    if (line.cols < SINCE_COLS || since_ms == TIME_NONE ||
        (!exact && ui->now_ms - since_ms < SINCE_LEAST_MS))
        return;
    ui_age(ui, since_ms, age);
    (void)snprintf(text, sizeof(text), "%s%s", exact ? "" : ">", age);
    canvas_textf(c, line, 0, line.cols - SINCE_WIDTH, ROLE_DIM, "%*s", SINCE_WIDTH, text);
}

static int text_cols(struct rect line, int from)
{
    int since = line.cols >= SINCE_COLS ? SINCE_WIDTH + 1 : 0;
    return line.cols - from - since;
}

static int system_cols(struct rect line, int from)
{
    return text_cols(line, from) - (line.cols >= LANE_COLS ? LANE_WIDTH + 1 : 0);
}

static void draw_header(struct canvas *c, struct rect line, const char *label, const char *title,
                        const char *right)
{
    canvas_fill(c, line, ROLE_HEADER);
    int used = canvas_textf(c, line, 0, 3, ROLE_HEADER, "%-*s ", LABEL_WIDTH, label);
    canvas_text(c, line, 0, 3 + used, line.cols - 3 - used, span_from(title), ROLE_HEADER);
    int wide = visible_width(span_from(right), canvas_ascii(c));
    if (line.cols >= SINCE_COLS)
        canvas_text(c, line, 0, line.cols - wide, wide, span_from(right), ROLE_HEADER);
}

/* ---- Systems. */

static void draw_system(struct ui *ui, struct canvas *c, struct rect line,
                        const struct system_state *s)
{
    enum role role = s->stale ? ROLE_STALE : role_of_level(s->level);
    int at = 3 + LABEL_WIDTH + 1;
    int64_t since = TIME_NONE;
    bool exact = true;
    struct strbuf says = STRBUF_INIT(4096);
    canvas_text(c, line, 0, 1, 1, span_from(role_glyph(s->level, ui_ascii(ui))),
                role_of_level(s->level));
    canvas_text(c, line, 0, 3, LABEL_WIDTH, span_from(s->system->name), ROLE_TEXT);
    naming_brief(span_from(s->says), &says);
    canvas_text_cut(c, line, 0, at, system_cols(line, at), 0, strbuf_span(&says),
                    s->level >= LEVEL_UNKNOWN ? role : ROLE_TEXT);
    strbuf_clear(&says);
    if (line.cols >= LANE_COLS)
        overview_draw_lane(ui, c,
                           rect_make(line.top, line.left + line.cols - SINCE_WIDTH - 1 - LANE_WIDTH,
                                     1, LANE_WIDTH),
                           LANE_MS, s->system);
    if (!health_since(ui->health, s->system, &since, &exact))
        since = TIME_NONE;
    if ((since == TIME_NONE || !exact) && s->level >= LEVEL_UNKNOWN && s->since_ms != TIME_NONE) {
        since = s->since_ms;
        exact = false;
    }
    draw_since(ui, c, line, since, exact);
}

/* What the systems that are folded under a source were when it was last heard. */
static void add_last_seen(const struct home *h, struct ui *ui, struct strbuf *out)
{
    size_t counts[LEVEL_COUNT] = {0}, n = 0;
    const struct system_state *systems = ui_systems(ui);
    for (size_t i = 0; i < session_systems(ui->session)->count; i++) {
        if (systems[i].away != h->away)
            continue;
        n++;
        counts[systems[i].has_worst ? store_verdict(ui->store, systems[i].worst).level
                                    : LEVEL_OK]++;
    }
    strbuf_addf(out, "%zu systems unknown, last seen ", n);
    for (int level = LEVEL_CRITICAL; level >= LEVEL_OK; level--)
        if (counts[level])
            strbuf_addf(out, "%s%zu ", role_glyph((enum level)level, ui_ascii(ui)), counts[level]);
}

/* "failing: 12 systems unknown, last seen x2 !2 o1". */
static void draw_away(const struct home *h, struct ui *ui, struct canvas *c, struct rect line)
{
    const struct source_info *info = store_source(ui->store, h->away);
    struct strbuf text = STRBUF_INIT(4096);
    int at = 3 + LABEL_WIDTH + 1;
    strbuf_addf(&text, "%s: ", source_state_name(info->report.state));
    add_last_seen(h, ui, &text);
    strbuf_adds(&text, "(Enter lists them, :src says more)");
    canvas_text(c, line, 0, 1, 1, span_from(role_glyph(LEVEL_UNKNOWN, ui_ascii(ui))), ROLE_UNKNOWN);
    canvas_text_cut(c, line, 0, 3, LABEL_WIDTH, 0, span_from(info->name), ROLE_TEXT);
    canvas_text_cut(c, line, 0, at, text_cols(line, at), 0, strbuf_span(&text), ROLE_UNKNOWN);
    if (info->report.proof_ms != TIME_NONE)
        draw_since(ui, c, line, info->report.proof_ms, true);
    strbuf_clear(&text);
}

/* Where the systems that are well begin; worst stand first. */
static size_t first_well(struct ui *ui)
{
    size_t n = session_systems(ui->session)->count;
    const struct system_state *systems = ui_systems(ui);
    while (n && systems[n - 1].level <= LEVEL_OK)
        n--;
    return n;
}

/* Lines of the first pane: one for all that wait for a source which is away; one for those that are
 * well where all would take more than half of the rows, of a tall window more than three fifths. */
static size_t fold_systems(struct home *h, struct ui *ui, int rows)
{
    size_t n = session_systems(ui->session)->count, lines = 0, well = first_well(ui);
    const struct system_state *systems = ui_systems(ui);
    bool alone = false, told = false;
    h->away = h->unfolded ? SOURCE_NONE : system_away(ui->store, systems, n, &alone);
    h->well = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        bool folded = h->away != SOURCE_NONE && systems[i].away == h->away;
        if (folded && !told)
            h->lines[lines++] = HOME_AWAY;
        else if (!folded && !(h->away != SOURCE_NONE && alone))
            h->lines[lines++] = i;
        told = told || folded;
    }
    size_t bad = lines - (alone && told ? 0 : n - well);
    int most = rows >= TALL_ROWS ? rows * 3 / 5 : rows / 2;
    if (h->unfolded || (int)lines <= most || bad + WELL_LEAST > lines)
        return lines;
    h->well = well;
    h->lines[bad] = HOME_WELL;
    return bad + 1;
}

/* Names of those that are folded at a level; how many. */
static size_t add_folded(const struct home *h, struct ui *ui, enum level level, const char *before,
                         struct strbuf *out)
{
    const struct system_state *systems = ui_systems(ui);
    size_t found = 0;
    for (size_t i = h->well; i < session_systems(ui->session)->count; i++)
        if (systems[i].level == level)
            strbuf_addf(out, "%s%s", found++ ? ", " : before, systems[i].system->name);
    return found;
}

/* "13 well", and which are off; at the start, while none is well yet, those that nobody has looked for. */
static void draw_well(const struct home *h, struct ui *ui, struct canvas *c, struct rect line)
{
    struct strbuf text = STRBUF_INIT(4096);
    const char *what = "well";
    enum level level = LEVEL_OK;
    int at = 3 + LABEL_WIDTH + 1;
    size_t count = add_folded(h, ui, LEVEL_OK, "", &text);
    size_t off = add_folded(h, ui, LEVEL_OFF, count ? "; off: " : "", &text);
    if (!count) {
        count = off;
        level = ui_whole(ui) ? LEVEL_OFF : LEVEL_PROGRESS;
        what = level == LEVEL_OFF ? "off" : "to find";
    }
    canvas_text(c, line, 0, 1, 1, span_from(role_glyph(level, ui_ascii(ui))), role_of_level(level));
    canvas_textf(c, line, 0, 3, ROLE_TEXT, "%zu %s", count, what);
    canvas_text_cut(c, line, 0, at, text_cols(line, at), 0, strbuf_span(&text), ROLE_TEXT);
    strbuf_clear(&text);
}

static void draw_systems(struct home *h, struct ui *ui, struct canvas *c)
{
    struct list *l = &h->panes[HOME_SYSTEMS];
    struct rect line;
    for (size_t i = l->top; list_line(l, i, &line); i++) {
        if (h->lines[i] == HOME_AWAY)
            draw_away(h, ui, c, line);
        else if (h->lines[i] == HOME_WELL)
            draw_well(h, ui, c, line);
        else
            draw_system(ui, c, line, home_line(h, ui, i));
    }
}

/* ---- What is wrong. */

/* Cells that names take: as many as they need, but not more than a third. */
static int name_width(const struct home *h, const struct ui *ui, int cols)
{
    const struct list *l = &h->panes[HOME_PROBLEMS];
    int width = NAME_MIN, most = cols / 3 > NAME_MOST ? cols / 3 : NAME_MOST;
    if (cols < SINCE_COLS)
        return cols / 2;
    struct rect line;
    for (size_t i = l->top; list_line(l, i, &line); i++) {
        int need = verdict_line_name(ui, problems_get(h->problems, i)->owner);
        width = need > width ? need : width;
    }
    return width < most ? width : most;
}

static void draw_problem(struct ui *ui, struct canvas *c, struct rect line, const struct problem *p,
                         int names)
{
    verdict_line_draw(ui, c, line, p->owner, p->row, names,
                      line.cols >= SINCE_COLS ? SINCE_WIDTH + 1 : 0);
    draw_since(ui, c, line, problem_since(p, ui->store), true);
}

/* Nothing is wrong as far as is known. */
static const char *say_none(struct ui *ui)
{
    const struct system_state *systems = ui_systems(ui);
    for (size_t i = 0; i < session_systems(ui->session)->count; i++)
        if (systems[i].loading)
            return "nothing so far: loading";
    return "nothing that is looked at";
}

static void draw_problems(struct home *h, struct ui *ui, struct canvas *c, struct rect area)
{
    struct list *l = &h->panes[HOME_PROBLEMS];
    int names = name_width(h, ui, area.cols);
    char right[32];
    struct rect line;
    (void)snprintf(right, sizeof(right), "%zu", l->count);
    draw_header(c, rect_make(area.top, area.left, 1, area.cols), "WRONG NOW",
                l->count ? "" : say_none(ui), l->count ? right : "");
    for (size_t i = l->top; list_line(l, i, &line); i++)
        draw_problem(ui, c, line, problems_get(h->problems, i), names);
}

/* ---- What has changed. */

static void draw_changes(struct home *h, struct ui *ui, struct canvas *c, struct rect area)
{
    struct list *l = &h->panes[HOME_CHANGES];
    char right[48];
    struct rect line;
    (void)snprintf(right, sizeof(right), "%zu, f: all", l->count);
    draw_header(c, rect_make(area.top, area.left, 1, area.cols), "CHANGED",
                l->count ? "in the last 15 min" : "nothing in the last 15 min", right);
    for (size_t i = l->top; list_line(l, i, &line); i++)
        change_line_draw(ui, h->changes[i], c, line);
}

/* ---- Beside the lists. */

static bool is_of(const struct ui *ui, const struct system *s, const struct problem *p)
{
    for (size_t k = 0; k < SYSTEM_KINDS_MAX && s->kinds[k]; k++)
        if (strcmp(store_kind(ui->store, p->owner.kind)->name, s->kinds[k]) == 0 ||
            strcmp(store_kind(ui->store, p->row.kind)->name, s->kinds[k]) == 0)
            return true;
    return false;
}

static int draw_why(struct ui *ui, struct canvas *c, struct rect in, int at,
                    const struct problem *p)
{
    struct strbuf says = STRBUF_INIT(4096);
    enum role role;
    enum level level = ui_level(ui, p->row, &role);
    canvas_text(c, in, at, 1, 1, span_from(role_glyph(level, ui_ascii(ui))), role);
    int used =
        canvas_textf(c, in, at, 3, ROLE_DIM, "%s ", store_kind(ui->store, p->row.kind)->name);
    canvas_text_cut(c, in, at, 3 + used, in.cols - 3 - used, in.cols / 3,
                    store_key(ui->store, p->row), ROLE_TEXT);
    ui_says(ui, p->row, &says);
    struct rect text = rect_make(in.top + at + 1, in.left + 3, in.rows - at - 1, in.cols - 4);
    text.rows = text.rows > SAYS_ROWS ? SAYS_ROWS : text.rows;
    int rows = 1 + canvas_text_wrapped(c, text, strbuf_span(&says), role);
    strbuf_clear(&says);
    return rows;
}

/* A system: what it is, how many of what it has, what is wrong with it. */
static void draw_system_page(const struct home *h, struct ui *ui, struct canvas *c, struct rect in,
                             const struct system_state *s)
{
    int at = 0;
    size_t all = problems_collect(h->problems, ui->store);
    canvas_fill(c, rect_make(in.top, in.left, 1, in.cols), ROLE_HEADER);
    canvas_textf(c, in, at++, 1, ROLE_HEADER, "%s", s->system->title);
    struct rect rest = rect_make(in.top + at, in.left + 1, in.rows - at, in.cols - 2);
    at += canvas_text_wrapped(c, rest, span_from(s->system->help), ROLE_DIM) + 1;
    for (size_t k = 0; k < SYSTEM_KINDS_MAX && s->system->kinds[k]; k++) {
        int kind = kind_find(session_kinds(ui->session), span_from(s->system->kinds[k]));
        size_t bad = 0;
        if (kind < 0)
            continue;
        for (int level = LEVEL_UNKNOWN; level < LEVEL_COUNT; level++)
            bad += store_level_count(ui->store, (uint16_t)kind, (enum level)level);
        const struct kind *of = store_kind(ui->store, (uint16_t)kind);
        size_t count = store_count(ui->store, (uint16_t)kind);
        int used = canvas_textf(c, in, at, 1, ROLE_TEXT, "%6zu %s", count,
                                count == 1 ? of->name : of->plural);
        if (bad)
            canvas_textf(c, in, at, 1 + used, ROLE_WARNING, ", %zu bad", bad);
        at++;
    }
    at++;
    for (size_t i = 0; i < all && at + 1 < in.rows; i++)
        if (is_of(ui, s->system, problems_get(h->problems, i)))
            at += draw_why(ui, c, in, at, problems_get(h->problems, i));
    if (!s->bad)
        canvas_textf(c, in, at, 1, ROLE_DIM, s->loading ? "loading" : "nothing is wrong here");
}

static void draw_preview(struct home *h, struct ui *ui, struct canvas *c, struct rect area)
{
    const struct system_state *system = home_system(h, ui);
    struct handle row;
    canvas_line(c, rect_make(area.top, area.left, area.rows, 1), '|', ROLE_DIM);
    struct rect in = rect_make(area.top, area.left + 1, area.rows, area.cols - 1);
    if (system) {
        draw_system_page(h, ui, c, in, system);
        return;
    }
    if (!home_row(h, ui, &row))
        return;
    row_lines_make(&h->preview, ui, row,
                   ROW_NAME | ROW_VERDICT | ROW_EVIDENCE | ROW_EVENTS | ROW_CHANGES | ROW_LINKS,
                   in.cols);
    row_lines_draw_all(&h->preview, 0, c, in);
}

/* ---- The whole. */

/* Rows of each part, headers and blanks counted. */
struct parts {
    int systems, problems, changes, gap;
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static struct parts share(int rows, int systems, int problems, int changes)
{
    struct parts p = {.systems = systems + (rows >= HEADER_ROWS)};
    int rest = rows - p.systems;
    p.gap = rest > AIRY_ROWS;
    rest -= 2 * p.gap;
    if (rest < 2) {
        p.systems = rows;
        p.gap = 0;
        return p;
    }
    int enough = rest * 2 / 5 > CHANGES_MIN ? rest * 2 / 5 : CHANGES_MIN;
    p.changes = rest < CHANGES_MIN + 2 ? 0 : least(changes + 1, enough);
    p.problems = least(problems + 1, rest - p.changes);
    if (p.changes)
        p.changes = least(changes + 1, rest - p.problems);
    return p;
}

/* The line where a system is, by itself or among those that are folded; count: it is nowhere. */
static size_t line_of(const struct home *h, struct ui *ui, const char *name, size_t count)
{
    const struct system_state *systems = ui_systems(ui);
    size_t n = session_systems(ui->session)->count, place = 0, line = 0;
    while (place < n && strcmp(systems[place].system->name, name) != 0)
        place++;
    if (place == n)
        return count;
    size_t is = h->away != SOURCE_NONE && systems[place].away == h->away ? HOME_AWAY
                : place >= h->well                                       ? HOME_WELL
                                                                         : place;
    while (line < count && h->lines[line] != is)
        line++;
    return line;
}

static void find_cursors(struct home *h, struct ui *ui, size_t systems, size_t problems,
                         size_t changes)
{
    size_t line = line_of(h, ui, h->system, systems);
    if (line < systems)
        h->panes[HOME_SYSTEMS].cursor = line;
    for (size_t i = 0; i < problems && h->focus == HOME_PROBLEMS; i++)
        if (handle_equal(problems_get(h->problems, i)->owner, h->problem))
            h->panes[HOME_PROBLEMS].cursor = i;
    for (size_t i = 0; i < changes && h->change; i++)
        if (h->changes[i] == h->change)
            h->panes[HOME_CHANGES].cursor = i;
}

/* A list with a line above it for its header, where there is room for one. */
static struct rect lay_pane(struct home *h, int pane, size_t count, struct rect area, int header)
{
    list_lay(&h->panes[pane], count,
             rect_make(area.top + header, area.left, area.rows - header, area.cols));
    return area;
}

void home_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct home *h = s->state;
    struct rect left = body;
    bool wide = body.cols >= PREVIEW_COLS;
    size_t systems = fold_systems(h, ui, body.rows);
    size_t problems = problems_collect(h->problems, ui->store);
    size_t changes = feed_lines(ui->feed, ui->now_ms - HOME_FEED_MS, false, h->changes);
    left.cols = wide ? body.cols * LIST_SHARE / 100 : body.cols;
    struct parts p = share(left.rows, (int)systems, (int)problems, (int)changes);
    find_cursors(h, ui, systems, problems, changes);
    struct rect area = rect_make(left.top, left.left, p.systems, left.cols);
    int header = body.rows >= HEADER_ROWS;
    area = lay_pane(h, HOME_SYSTEMS, systems, area, header);
    if (header)
        draw_header(c, rect_make(area.top, area.left, 1, area.cols), "SYSTEM", "STATE",
                    area.cols >= LANE_COLS ? "10 MIN      SINCE" : "SINCE");
    draw_systems(h, ui, c);
    area = rect_make(area.top + area.rows + p.gap, left.left, p.problems, left.cols);
    area = lay_pane(h, HOME_PROBLEMS, problems, area, 1);
    if (p.problems)
        draw_problems(h, ui, c, area);
    area = rect_make(area.top + area.rows + p.gap, left.left, p.changes, left.cols);
    area = lay_pane(h, HOME_CHANGES, changes, area, 1);
    if (p.changes)
        draw_changes(h, ui, c, area);
    if (!h->panes[h->focus].count || !h->panes[h->focus].area.rows)
        h->focus = HOME_SYSTEMS;
    list_show_cursor(&h->panes[h->focus], c);
    if (wide)
        draw_preview(h, ui, c, rect_make(body.top, left.cols, body.rows, body.cols - left.cols));
}
