/* Where the rows come from: a line for each source, what is not well first, with the kinds of it that
 * are not; Enter lists all of its kinds. */
#include <config.h>

#include "base/number.h"
#include "base/timetext.h"
#include "tui/screens/list.h"
#include "tui/strip.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>

#define LINES_MAX  512
#define WHOLE_ROWS 4   /* the selected line in full */
#define WIDE_COLS  100 /* where what there is to say stands behind the figures */

/* Columns at which parts of a line stand. */
enum { AT_STATE = 24, AT_AGE = 36, AT_WHY = 43, AT_REST = 76 };

/* A line: a source (kind KIND_NONE) or one kind of it. */
struct line {
    uint16_t source, kind;
};

struct sources {
    struct list list;
    struct line lines[LINES_MAX]; /* as they were drawn last */
    size_t count;
    struct line chosen;   /* what the cursor was moved to, wherever that goes */
    size_t cursor;        /* the line that it was in */
    bool moved;           /* else it stays at the top */
    bool open[LINES_MAX]; /* by source: all of its kinds are listed */
};

/* ---- Lines. */

/* Somebody reads the kind, or it was read. */
static bool is_listed(const struct ui *ui, uint16_t source, uint16_t kind)
{
    const struct source_kind *k = store_source_kind(ui->store, source, kind);
    return k && (k->wanted || k->synced);
}

/* Something ails the kind that its source does not say already. */
static bool ails(const struct ui *ui, uint16_t source, uint16_t kind)
{
    const struct source_report *all = &store_source(ui->store, source)->report;
    const struct source_kind *k = store_source_kind(ui->store, source, kind);
    return is_listed(ui, source, kind) && k->wanted && k->report.state >= SOURCE_PARTIAL &&
           !(all->state >= SOURCE_STALE && k->report.why.kind == all->why.kind);
}

/* Of a source's kinds. */
struct kinds {
    size_t all, synced, ailing, rows;
};

static struct kinds count_kinds(const struct ui *ui, uint16_t source)
{
    struct kinds n = {0};
    for (size_t k = 0; k < session_kinds(ui->session)->count; k++) {
        if (!is_listed(ui, source, (uint16_t)k))
            continue;
        n.all++;
        n.ailing += ails(ui, source, (uint16_t)k);
        n.synced += store_source_kind(ui->store, source, (uint16_t)k)->synced;
        n.rows += store_source_kind(ui->store, source, (uint16_t)k)->rows;
    }
    return n;
}

#define RANKS 4

/* Greater is nearer to the top. */
static int rank_of(const struct ui *ui, uint16_t source)
{
    enum source_state state = store_source(ui->store, source)->report.state;
    if (state >= SOURCE_STALE)
        return 3;
    if (state == SOURCE_PARTIAL || count_kinds(ui, source).ailing)
        return 2;
    return state == SOURCE_OFF ? 0 : 1;
}

static void add_line(struct sources *state, uint16_t source, uint16_t kind)
{
    if (state->count < LINES_MAX)
        state->lines[state->count++] = (struct line){source, kind};
}

static void add_source(struct sources *state, const struct ui *ui, uint16_t source)
{
    bool open = source < LINES_MAX && state->open[source];
    add_line(state, source, KIND_NONE);
    for (int ailing = 1; ailing >= 0; ailing--)
        for (size_t k = 0; k < session_kinds(ui->session)->count; k++)
            if (ailing == ails(ui, source, (uint16_t)k) &&
                (ailing || (open && is_listed(ui, source, (uint16_t)k))))
                add_line(state, source, (uint16_t)k);
}

static bool same_line(struct line a, struct line b)
{
    return a.source == b.source && a.kind == b.kind;
}

static void collect(struct sources *state, const struct ui *ui)
{
    if (state->list.cursor != state->cursor && state->list.cursor < state->count) {
        state->chosen = state->lines[state->list.cursor]; /* by a click */
        state->moved = true;
    }
    state->count = 0;
    for (int rank = RANKS - 1; rank >= 0; rank--)
        for (size_t s = 0; s < store_sources(ui->store); s++)
            if (!store_source(ui->store, (uint16_t)s)->gone && rank_of(ui, (uint16_t)s) == rank)
                add_source(state, ui, (uint16_t)s);
    for (size_t i = 0; i < state->count && state->moved; i++)
        if (same_line(state->lines[i], state->chosen))
            state->list.cursor = i;
}

/* ---- What is said. */

static void age_of(struct ui *ui, int64_t wall_ms, char out[TIMETEXT_MAX])
{
    if (wall_ms == TIME_NONE)
        (void)snprintf(out, TIMETEXT_MAX, "-");
    else
        ui_age(ui, wall_ms, out);
}

static void add_why(struct ui *ui, const struct source_report *r, bool brief, struct strbuf *out)
{
    char in[TIMETEXT_MAX];
    if (r->why.kind != ERR_NONE && brief)
        naming_brief(span_from(r->why.msg), out);
    else if (r->why.kind != ERR_NONE)
        strbuf_adds(out, r->why.msg);
    else if (r->note[0])
        strbuf_addf(out, "%s", r->note);
    if (r->retry_ms != TIME_NONE && r->retry_ms > ui->now_ms) {
        duration_format_short(r->retry_ms - ui->now_ms, in);
        strbuf_addf(out, " (again in %s; r asks now)", in);
    }
}

static const char *kind_state(const struct source_kind *k)
{
    if (!k->wanted)
        return "not watched";
    if (k->report.state > SOURCE_FRESH && k->report.state != SOURCE_CONNECTING)
        return source_state_name(k->report.state);
    if (k->syncing && !k->synced)
        return "loading";
    if (k->syncing && !k->polled) /* what is asked every so often is as fresh while it is asked */
        return "listing";
    return k->synced ? source_state_name(SOURCE_FRESH) : source_state_name(SOURCE_CONNECTING);
}

/* Of a source: what ails it, how it is reached, by which credential, what is missing. */
static void say_source(struct ui *ui, const struct source_info *info, struct strbuf *out)
{
    strbuf_addf(out, "%s", info->backend);
    if (info->report.why.kind != ERR_NONE || info->report.note[0]) {
        strbuf_adds(out, ": ");
        add_why(ui, &info->report, false, out);
    }
    if (info->reach[0])
        strbuf_addf(out, " at %s", info->reach);
    if (info->secret[0])
        strbuf_addf(out, ", credential %s", info->secret);
    if (info->missing[0])
        strbuf_addf(out, "; missing: %s", info->missing);
}

/* How often it is asked now. */
static void say_pace(const struct source_report *r, struct strbuf *out)
{
    char every[TIMETEXT_MAX];
    if (!r->every_ms)
        return;
    duration_format_short(r->every_ms, every);
    strbuf_addf(out, ", every %s%s", every, r->at_rest ? " at rest" : "");
}

/* "45 kinds, all fresh": what is folded into a source's line. */
static void say_kinds(const struct ui *ui, uint16_t source, struct strbuf *out)
{
    const struct kinds n = count_kinds(ui, source);
    enum source_state state = store_source(ui->store, source)->report.state;
    if (!n.all || state == SOURCE_OFF || state >= SOURCE_STALE)
        return;
    strbuf_addf(out, "%zu kind%s, ", n.all, n.all == 1 ? "" : "s");
    if (n.ailing)
        strbuf_addf(out, "%zu not fresh", n.ailing);
    else if (n.synced < n.all)
        strbuf_addf(out, "%zu loading", n.all - n.synced);
    else
        strbuf_adds(out, n.all == 1 ? "fresh" : "all fresh");
    say_pace(&store_source(ui->store, source)->report, out);
}

/* What there is to say of a line: of a kind nothing that its source says already. */
static void say_line(struct ui *ui, struct line l, struct strbuf *out)
{
    const struct source_info *info = store_source(ui->store, l.source);
    if (l.kind == KIND_NONE) {
        say_source(ui, info, out);
        return;
    }
    const struct source_kind *k = store_source_kind(ui->store, l.source, l.kind);
    bool same = info->report.state >= SOURCE_STALE && k->report.why.kind == info->report.why.kind;
    if (k->drift)
        strbuf_addf(out, "%llu rows put right by listing again  ", (unsigned long long)k->drift);
    if (!same)
        add_why(ui, &k->report, true, out);
}

static void draw_source(struct ui *ui, struct canvas *c, struct rect line, uint16_t source)
{
    const struct source_info *info = store_source(ui->store, source);
    const struct kinds n = count_kinds(ui, source);
    char age[TIMETEXT_MAX], bytes[NUMBER_TEXT_MAX], kinds[48];
    age_of(ui, info->report.proof_ms, age);
    number_format_bytes((int64_t)info->report.bytes_in, bytes);
    (void)snprintf(kinds, sizeof(kinds), n.synced < n.all ? "%zu/%zu" : "%zu",
                   n.synced < n.all ? n.synced : n.all, n.all);
    canvas_text_cut(c, line, 0, 1, 22, 8, span_from(info->name), ROLE_TEXT);
    canvas_textf(c, line, 0, AT_STATE, strip_role(info->report.state), "%-11s",
                 source_state_name(info->report.state));
    canvas_textf(c, line, 0, AT_AGE, ROLE_DIM, "%5s", age);
    if (info->report.why.kind == ERR_NONE)
        canvas_textf(c, line, 0, AT_WHY, ROLE_DIM, "%5s %7zu %8llu %8s", kinds, n.rows,
                     (unsigned long long)info->report.requests, bytes);
}

static void draw_kind(struct ui *ui, struct canvas *c, struct rect line, struct line l)
{
    const struct source_kind *k = store_source_kind(ui->store, l.source, l.kind);
    char age[TIMETEXT_MAX];
    enum role role = k->wanted ? strip_role(k->report.state) : ROLE_OFF;
    age_of(ui, k->synced_ms, age);
    canvas_text_cut(c, line, 0, 3, 20, 0, span_from(store_kind(ui->store, l.kind)->plural),
                    ROLE_TEXT);
    canvas_textf(c, line, 0, AT_STATE, role, "%-11s", kind_state(k));
    canvas_textf(c, line, 0, AT_AGE, ROLE_DIM, "%5s", age);
    if (!ails(ui, l.source, l.kind))
        canvas_textf(c, line, 0, AT_WHY + 6, ROLE_DIM, "%7zu", k->rows);
}

/* What ails stands where figures would: it is what one looks for. */
static void draw_line(struct ui *ui, struct canvas *c, struct rect line, struct line l)
{
    const struct source_info *info = store_source(ui->store, l.source);
    bool source = l.kind == KIND_NONE;
    bool ill = source ? info->report.why.kind != ERR_NONE : ails(ui, l.source, l.kind);
    struct strbuf why = STRBUF_INIT(4096);
    if (source)
        draw_source(ui, c, line, l.source);
    else
        draw_kind(ui, c, line, l);
    if (source && ill)
        add_why(ui, &info->report, true, &why);
    else if (source)
        say_kinds(ui, l.source, &why);
    else
        say_line(ui, l, &why);
    if (ill)
        canvas_text_cut(
            c, line, 0, AT_WHY, line.cols - AT_WHY, 0, strbuf_span(&why),
            strip_role(source ? info->report.state
                              : store_source_kind(ui->store, l.source, l.kind)->report.state));
    else if (line.cols >= WIDE_COLS)
        canvas_text_cut(c, line, 0, AT_REST, line.cols - AT_REST, 0, strbuf_span(&why), ROLE_DIM);
    strbuf_clear(&why);
}

static void draw_whole(struct ui *ui, struct canvas *c, struct rect area, struct line l)
{
    struct strbuf why = STRBUF_INIT(4096);
    const struct source_info *info = store_source(ui->store, l.source);
    canvas_line(c, rect_make(area.top, area.left, 1, area.cols), '-', ROLE_DIM);
    if (l.kind == KIND_NONE) {
        say_kinds(ui, l.source, &why);
        strbuf_adds(&why, why.len ? " (Enter lists them); " : "");
    } else {
        strbuf_addf(&why, "%s ", store_kind(ui->store, l.kind)->help);
    }
    say_line(ui, l, &why);
    enum role role =
        l.kind == KIND_NONE && info->report.state >= SOURCE_STALE ? ROLE_FAULT : ROLE_DIM;
    canvas_text_wrapped(c, rect_make(area.top + 1, area.left + 1, area.rows - 1, area.cols - 2),
                        strbuf_span(&why), role);
    strbuf_clear(&why);
}

static void sources_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct sources *state = s->state;
    int whole = body.rows >= 12 ? WHOLE_ROWS : 0;
    struct rect line;
    collect(state, ui);
    canvas_fill(c, rect_make(body.top, body.left, 1, body.cols), ROLE_HEADER);
    canvas_textf(c, body, 0, 1, ROLE_HEADER, "%-22s %-11s %5s  %5s %7s %8s %8s", "SOURCE", "STATE",
                 "AGE", "KINDS", "ROWS", "REQUESTS", "BYTES");
    list_lay(&state->list, state->count,
             rect_make(body.top + 1, body.left, body.rows - 1 - whole, body.cols));
    state->cursor = state->list.cursor;
    for (size_t i = state->list.top; list_line(&state->list, i, &line); i++)
        draw_line(ui, c, line, state->lines[i]);
    list_show_cursor(&state->list, c);
    if (whole && state->list.cursor < state->count)
        draw_whole(ui, c, rect_make(body.top + body.rows - whole, body.left, whole, body.cols),
                   state->lines[state->list.cursor]);
}

/* The line under the cursor; NULL: there is none. */
static const struct line *chosen_line(const struct sources *state)
{
    return state->list.cursor < state->count ? &state->lines[state->list.cursor] : NULL;
}

/* A source lists its kinds, or no more; a kind opens its table. */
static void sources_enter(struct screen *s, struct ui *ui)
{
    struct sources *state = s->state;
    const struct line *l = chosen_line(state);
    struct err err;
    if (l && l->kind == KIND_NONE && l->source < LINES_MAX)
        state->open[l->source] = !state->open[l->source];
    else if (l && l->kind != KIND_NONE && !ui_open_table(ui, l->kind, NULL, &err))
        ui_say_err(ui, &err);
}

/* Left folds what the cursor is in, and goes there. */
static void sources_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct sources *state = s->state;
    bool across = move == MOVE_LEFT || move == MOVE_RIGHT;
    if (!across)
        (void)list_move(&state->list, move);
    const struct line *l = chosen_line(state);
    if (!l)
        return;
    state->chosen = *l;
    state->cursor = state->list.cursor;
    state->moved = true;
    if (move == MOVE_LEFT)
        state->chosen.kind = KIND_NONE;
    if (across && l->source < LINES_MAX)
        state->open[l->source] = move == MOVE_RIGHT;
}

const struct screen_class screen_sources = {
    .name = "sources",
    .context = CONTEXT_LIST,
    .state_size = sizeof(struct sources),
    .aside = true,
    .is_list = true,
    .draw = sources_draw,
    .enter = sources_enter,
    .move = sources_move,
};
