/* Where the rows come from: each source and each kind of it, with state, age,
 * rows and errors. */
#include <config.h>

#include "base/number.h"
#include "base/timetext.h"
#include "tui/screens/list.h"
#include "tui/ui.h"
#include "tui/ui_draw.h"

#include <stdio.h>
#include <stdlib.h>

#define LINES_MAX  512
#define WHOLE_ROWS 4 /* the selected line in full */

struct sources {
    struct list list;
};

/* A line: a source (kind KIND_NONE) or one kind of it. */
struct line {
    uint16_t source, kind;
};

static size_t collect(const struct ui *ui, struct line *out, size_t max)
{
    size_t n = 0;
    for (size_t s = 0; s < store_sources(ui->store); s++) {
        if (store_source(ui->store, (uint16_t)s)->gone)
            continue;
        if (n < max)
            out[n] = (struct line){(uint16_t)s, KIND_NONE};
        n++;
        for (size_t k = 0; k < session_kinds(ui->session)->count; k++) {
            const struct source_kind *kind = store_source_kind(ui->store, (uint16_t)s, (uint16_t)k);
            if (!kind || (!kind->wanted && !kind->synced))
                continue;
            if (n < max)
                out[n] = (struct line){(uint16_t)s, (uint16_t)k};
            n++;
        }
    }
    return n < max ? n : max;
}

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
        ui_brief(span_from(r->why.msg), out);
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
    if (k->syncing)
        return k->synced ? "listing" : "loading";
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
    char age[TIMETEXT_MAX], bytes[NUMBER_TEXT_MAX];
    age_of(ui, info->report.proof_ms, age);
    number_format_bytes((int64_t)info->report.bytes_in, bytes);
    canvas_text_cut(c, line, 0, 1, 22, 8, span_from(info->name), ROLE_TEXT);
    canvas_textf(c, line, 0, 24, ui_source_role(info->report.state), "%-11s",
                 source_state_name(info->report.state));
    canvas_textf(c, line, 0, 36, ROLE_DIM, "%5s %8s %8llu %8s", age, "",
                 (unsigned long long)info->report.requests, bytes);
}

static void draw_kind(struct ui *ui, struct canvas *c, struct rect line, struct line l)
{
    const struct source_kind *k = store_source_kind(ui->store, l.source, l.kind);
    char age[TIMETEXT_MAX];
    enum role role = k->wanted ? ui_source_role(k->report.state) : ROLE_OFF;
    age_of(ui, k->synced_ms, age);
    canvas_text_cut(c, line, 0, 3, 20, 0, span_from(store_kind(ui->store, l.kind)->plural),
                    ROLE_TEXT);
    canvas_textf(c, line, 0, 24, role, "%-11s", kind_state(k));
    canvas_textf(c, line, 0, 36, ROLE_DIM, "%5s %8zu", age, k->rows);
}

static void draw_line(struct ui *ui, struct canvas *c, struct rect line, struct line l)
{
    struct strbuf why = STRBUF_INIT(4096);
    if (l.kind == KIND_NONE)
        draw_source(ui, c, line, l.source);
    else
        draw_kind(ui, c, line, l);
    say_line(ui, l, &why);
    canvas_text_cut(c, line, 0, 70, line.cols - 70, 0, strbuf_span(&why), ROLE_DIM);
    strbuf_clear(&why);
}

static void draw_whole(struct ui *ui, struct canvas *c, struct rect area, struct line l)
{
    struct strbuf why = STRBUF_INIT(4096);
    const struct source_info *info = store_source(ui->store, l.source);
    canvas_line(c, rect_make(area.top, area.left, 1, area.cols), '-', ROLE_DIM);
    if (l.kind != KIND_NONE)
        strbuf_addf(&why, "%s ", store_kind(ui->store, l.kind)->help);
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
    struct line lines[LINES_MAX];
    size_t n = collect(ui, lines, LINES_MAX);
    int whole = body.rows >= 12 ? WHOLE_ROWS : 0;
    struct rect line;
    canvas_fill(c, rect_make(body.top, body.left, 1, body.cols), ROLE_HEADER);
    canvas_textf(c, body, 0, 1, ROLE_HEADER, "%-22s %-11s %5s %8s %8s %8s", "SOURCE", "STATE",
                 "AGE", "ROWS", "REQUESTS", "BYTES");
    list_lay(&state->list, n, rect_make(body.top + 1, body.left, body.rows - 1 - whole, body.cols));
    for (size_t i = state->list.top; list_line(&state->list, i, &line); i++)
        draw_line(ui, c, line, lines[i]);
    list_show_cursor(&state->list, c);
    if (whole && state->list.cursor < n)
        draw_whole(ui, c, rect_make(body.top + body.rows - whole, body.left, whole, body.cols),
                   lines[state->list.cursor]);
}

/* A kind opens its table. */
static void sources_enter(struct screen *s, struct ui *ui)
{
    const struct sources *state = s->state;
    struct line lines[LINES_MAX];
    struct err err;
    size_t n = collect(ui, lines, LINES_MAX);
    if (state->list.cursor >= n || lines[state->list.cursor].kind == KIND_NONE)
        return;
    if (!ui_open_table(ui, lines[state->list.cursor].kind, NULL, &err))
        ui_say_err(ui, &err);
}

const struct screen_class screen_sources = {
    .name = "sources",
    .context = CONTEXT_LIST,
    .state_size = sizeof(struct sources),
    .aside = true,
    .is_list = true,
    .draw = sources_draw,
    .enter = sources_enter,
};
