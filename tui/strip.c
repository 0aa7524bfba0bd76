/* Sources that are not well stand first, the worst of them with its reason; what is reached through one
 * that is away folds under it. */
#include <config.h>

#include "tui/strip.h"

#include "base/timetext.h"
#include "tui/ages.h"

#include <stdio.h>

#define TOLD_MAX   64
#define CONNECT    2 /* more than so many that connect are counted, not named */
#define WHY_LEAST  12
#define CONNECTING 16 /* cells that "12 connecting" takes */

/* One source that is told of. */
struct told {
    const char *name;
    const struct source_report *report;
    bool slow;    /* fresh, and its next answer is late */
    bool logs_in; /* the cluster, whose login a person can do */
};

/* All of them. */
struct tidings {
    struct told told[TOLD_MAX];
    size_t count, connecting; /* connecting: instead of being told of */
};

enum role strip_role(enum source_state state)
{
    switch (state) {
    case SOURCE_OFF:
        return ROLE_OFF;
    case SOURCE_FRESH:
        return ROLE_OK;
    case SOURCE_CONNECTING:
        return ROLE_PROGRESS;
    case SOURCE_PARTIAL:
        return ROLE_NOTICE;
    case SOURCE_STALE:
        return ROLE_UNKNOWN;
    case SOURCE_LOGIN:
    case SOURCE_DENIED:
    case SOURCE_FAILING:
        return ROLE_CRITICAL;
    }
    return ROLE_TEXT;
}

/* ---- Of which there is something to tell. */

/* It is not fine, and it is not reached through one that is away. */
static bool has_news(const struct ui *ui, const struct source_info *info)
{
    enum source_state state = info->report.state;
    bool folded = info->parent != SOURCE_NONE &&
                  store_source(ui->store, info->parent)->report.state >= SOURCE_STALE;
    return state != SOURCE_FRESH && state != SOURCE_OFF && !folded;
}

/* What the source says of the kind on view, where that alone is not well; NULL: nothing. A table without
 * rows says it itself. */
static const struct source_report *kind_news(const struct ui *ui, uint16_t source)
{
    const int kind = ui_top(ui)->place.kind;
    const struct source_kind *k =
        kind < 0 ? NULL : store_source_kind(ui->store, source, (uint16_t)kind);
    return k && k->wanted && k->report.state >= SOURCE_STALE &&
                   store_count(ui->store, (uint16_t)kind)
               ? &k->report
               : NULL;
}

bool strip_has_news(const struct ui *ui)
{
    for (size_t i = 0; i < store_sources(ui->store); i++)
        if (has_news(ui, store_source(ui->store, (uint16_t)i)) || kind_news(ui, (uint16_t)i))
            return true;
    return false;
}

static void tell(const struct ui *ui, struct tidings *t, size_t source,
                 const struct source_report *r, bool slow)
{
    const char *name = store_source(ui->store, (uint16_t)source)->name;
    if (t->count < TOLD_MAX)
        t->told[t->count++] = (struct told){name, r, slow, source == 0};
}

static size_t count_connecting(const struct ui *ui)
{
    size_t n = 0;
    for (size_t i = 0; i < store_sources(ui->store); i++)
        n += store_source(ui->store, (uint16_t)i)->report.state == SOURCE_CONNECTING;
    return n;
}

/* The worst state first; sources that are merely late last. */
static void collect(const struct ui *ui, bool ages, struct tidings *t)
{
    size_t connecting = count_connecting(ui);
    *t = (struct tidings){.connecting = connecting > CONNECT ? connecting : 0};
    for (int state = SOURCE_FAILING; state >= SOURCE_OFF; state--) {
        if (state == SOURCE_CONNECTING && t->connecting)
            continue;
        for (size_t i = 0; i < store_sources(ui->store); i++) {
            const struct source_info *info = store_source(ui->store, (uint16_t)i);
            const struct source_report *of_kind = kind_news(ui, (uint16_t)i),
                                       *r = has_news(ui, info) ? &info->report : of_kind;
            if (r && (int)r->state == state)
                tell(ui, t, i, r, false);
        }
    }
    for (size_t i = 0; i < store_sources(ui->store) && ages; i++)
        if (ages_slow(ui, (uint16_t)i))
            tell(ui, t, i, &store_source(ui->store, (uint16_t)i)->report, true);
}

bool strip_is_old(const struct ui *ui)
{
    return (ui_context(ui) & CONTEXT_HOME) && ui->ages_mark != ages_mark(ui);
}

/* ---- What is told. */

/* "ReyemCluster stale 20s". */
static void say_state(struct ui *ui, const struct told *t, struct strbuf *out)
{
    char age[TIMETEXT_MAX] = "";
    if (t->report->proof_ms != TIME_NONE && (t->slow || t->report->state >= SOURCE_STALE))
        ui_age(ui, t->report->proof_ms, age);
    strbuf_addf(out, "%s %s%s%s", t->name, t->slow ? "slow" : source_state_name(t->report->state),
                age[0] ? " " : "", age);
}

/* ", again in 4s: no answer". */
static void say_why(const struct ui *ui, const struct told *t, struct strbuf *out)
{
    const struct source_report *r = t->report;
    char in[TIMETEXT_MAX];
    if (r->state == SOURCE_LOGIN && t->logs_in)
        strbuf_adds(out, ", :login asks for it");
    if (r->retry_ms != TIME_NONE && r->retry_ms > ui->now_ms) {
        duration_format_short(r->retry_ms - ui->now_ms, in);
        strbuf_addf(out, ", again in %s", in);
    }
    if (r->why.kind != ERR_NONE) {
        strbuf_adds(out, ": ");
        naming_brief(span_from(r->why.msg), out);
    } else if (r->note[0] && !t->slow) {
        strbuf_addf(out, ": %s", r->note);
    }
}

/* Cells that one takes with its reason. */
static int whole_cols(struct ui *ui, const struct told *t)
{
    struct strbuf text = STRBUF_INIT(4096);
    say_state(ui, t, &text);
    say_why(ui, t, &text);
    int cols = visible_width(strbuf_span(&text), ui_ascii(ui)) + 2;
    strbuf_clear(&text);
    return cols;
}

/* Cells that all of them take, briefly, with what separates them. */
static int brief_cols(struct ui *ui, const struct tidings *t)
{
    struct strbuf text = STRBUF_INIT(4096);
    int cols = 0;
    for (size_t i = 0; i < t->count; i++) {
        strbuf_truncate(&text, 0);
        say_state(ui, &t->told[i], &text);
        cols += visible_width(strbuf_span(&text), ui_ascii(ui)) + 2;
    }
    strbuf_clear(&text);
    return cols;
}

/* Every one by name and state; the reason of the first in what room is left. "+2": so many more. */
static void draw_tidings(struct ui *ui, struct canvas *c, struct rect line, const struct tidings *t)
{
    struct strbuf text = STRBUF_INIT(4096);
    int col = 0, spare = line.cols - brief_cols(ui, t) + 2;
    for (size_t i = 0; i < t->count; i++) {
        const struct told *one = &t->told[i];
        enum role role = one->slow ? ROLE_NOTICE : strip_role(one->report->state);
        strbuf_truncate(&text, 0);
        say_state(ui, one, &text);
        int brief = visible_width(strbuf_span(&text), ui_ascii(ui)),
            more = i + 1 < t->count ? 4 : 0, most = line.cols - col - more;
        if (i && brief > most) {
            canvas_textf(c, line, 0, col, ROLE_DIM, "+%zu", t->count - i);
            break;
        }
        if (i == 0 && (t->count == 1 || spare >= WHY_LEAST)) {
            say_why(ui, one, &text);
            most = t->count == 1 ? line.cols : brief + spare;
        }
        col += canvas_text_cut(c, line, 0, col, most, 0, strbuf_span(&text), role) + 2;
    }
    strbuf_clear(&text);
}

/* Filters and figures stand at the right: what is hidden must be seen. Their width. */
static int draw_chips(const struct ui *ui, struct canvas *c, struct rect line, struct span figures)
{
    const struct screen *top = ui_top(ui);
    struct strbuf chips = STRBUF_INIT(4096);
    struct span rest, one;
    int wide = visible_width(figures, ui_ascii(ui));
    if (top->cls->chips)
        top->cls->chips(top, ui, &chips);
    rest = strbuf_span(&chips);
    int used = wide;
    while (span_split(&rest, '\n', &one))
        used += one.len ? visible_width(one, ui_ascii(ui)) + 4 : 0;
    used = used > line.cols ? line.cols : used;
    int col = line.cols - used, end = line.cols - wide;
    rest = strbuf_span(&chips);
    while (span_split(&rest, '\n', &one)) {
        if (!one.len || col >= end)
            continue;
        col += canvas_text(c, line, 0, col, 1, SPAN("["), ROLE_DIM);
        int most = visible_width(one, ui_ascii(ui)), room = end - col - 3;
        col += canvas_text_cut(c, line, 0, col, most < room ? most : room, 0, one, ROLE_MARKED);
        col += canvas_text(c, line, 0, col, 3, SPAN("]  "), ROLE_DIM);
    }
    if (wide <= line.cols)
        canvas_text(c, line, 0, line.cols - wide, wide, figures, ROLE_DIM);
    strbuf_clear(&chips);
    return used;
}

/* How old the answers are: at the left where nothing else is told; else in few words at the right, where
 * that leaves the others their room. The cells that it takes there. */
static int draw_ages(const struct ui *ui, struct canvas *c, struct rect line, int others)
{
    struct strbuf text = STRBUF_INIT(1024);
    if (others)
        ages_say_briefly(ui, &text);
    else
        ages_say(ui, line.cols, &text);
    int wide = visible_width(strbuf_span(&text), ui_ascii(ui));
    if (!others)
        canvas_text_cut(c, line, 0, 0, line.cols, 0, strbuf_span(&text), ROLE_DIM);
    else if (others + wide > line.cols)
        wide = 0;
    else
        canvas_text(c, line, 0, line.cols - wide, wide, strbuf_span(&text), ROLE_DIM);
    strbuf_clear(&text);
    return wide ? wide + 2 : 0;
}

/* At the right of those that are told of, else in their place. The cells that it takes. */
static int draw_connecting(struct canvas *c, struct rect line, const struct tidings *t)
{
    char text[48];
    int wide = snprintf(text, sizeof(text), "%zu connecting", t->connecting);
    canvas_text_cut(c, line, 0, t->count ? line.cols - wide : 0, wide, 0, span_from(text),
                    ROLE_PROGRESS);
    return wide + 2;
}

void strip_draw(struct ui *ui, struct canvas *c, struct rect line, struct span figures)
{
    struct tidings t;
    int used = draw_chips(ui, c, line, figures);
    bool ages = ui_context(ui) & CONTEXT_HOME;
    struct rect left = rect_make(line.top, line.left, 1, line.cols - used - (used ? 2 : 0));
    collect(ui, ages, &t);
    int others = t.count == 1 ? whole_cols(ui, &t.told[0]) : brief_cols(ui, &t);
    others += t.connecting ? CONNECTING : 0;
    if (ages)
        left.cols -= draw_ages(ui, c, left, others);
    if (t.connecting)
        left.cols -= draw_connecting(c, left, &t);
    if (t.count)
        draw_tidings(ui, c, left, &t);
}
