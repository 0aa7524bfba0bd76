/* What is said of a row, part by part. */
#include <config.h>

#include "base/timetext.h"
#include "model/change.h"
#include "tui/screens/drill.h"
#include "tui/screens/row_chain.h"
#include "widgets/spark.h"

#include <math.h>
#include <string.h>

#define LINKS_SHOWN   200
#define PODS_DEPTH    2
#define EVENTS_SHOWN  50
#define CHANGES_SHOWN 20
#define BELOW_MAX     200 /* rows below one whose events are looked for */

#define SPARK_AT    10 /* cells from where the text begins: under one another */
#define SPARK_CELLS (SERIES_SAMPLES / 2)
#define SPARK_LEAST 6 /* cells; with less there is nothing to see */

static void add_text(struct row_lines *l, const char *label, enum role role, const char *text)
{
    (void)row_line_add(l, label, role);
    strbuf_adds(&l->text, text);
    row_line_end(l);
}

/* Enter on the line that is being written leads there. */
static void lead_to(struct row_lines *l, struct handle target)
{
    l->lines[l->count - 1].has_target = true;
    l->lines[l->count - 1].target = target;
}

static void add_name(struct row_lines *l, const struct ui *ui, struct handle row)
{
    struct strbuf name = STRBUF_INIT(4096);
    char label[LABEL_MAX];
    struct span key = store_key(ui->store, row);
    naming_label(store_kind(ui->store, row.kind), key, label);
    strbuf_addf(&name, "%s ", label);
    naming_name(store_kind(ui->store, row.kind), key, &name);
    row_line_heading(l, strbuf_cstr(&name));
    strbuf_clear(&name);
}

/* Why the row stands as it stands, since when, and the rule that says so. */
static void add_verdict(struct row_lines *l, struct ui *ui, struct handle row)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    struct verdict v = store_verdict(ui->store, row);
    int64_t since = store_level_since(ui->store, row);
    char age[TIMETEXT_MAX];
    enum role role;
    enum level level = ui_level(ui, row, &role);
    (void)row_line_add(l, level_name(level), role);
    ui_says(ui, row, &l->text);
    row_line_end(l);
    if (since != TIME_NONE) {
        ui_age(ui, since, age);
        add_text(l, "for", ROLE_TEXT, age);
    }
    if (v.level > LEVEL_OK && v.rule < kind->nrules) {
        (void)row_line_add(l, "rule", ROLE_DIM);
        strbuf_addf(&l->text, "%s: %s", kind->rules[v.rule].id, kind->rules[v.rule].help);
        row_line_end(l);
    }
    if (store_stale(ui->store, row))
        add_text(l, "stale", ROLE_STALE,
                 "the source has given no proof of life: this is how it was last heard");
}

void row_number(struct strbuf *out, enum value_type type, double number)
{
    struct value v = {.type = type};
    if (value_type_is_real(type))
        v.real = number;
    else if (number > (double)INT64_MIN)
        v.num = number < (double)INT64_MAX ? (int64_t)round(number) : INT64_MAX;
    else
        v.num = INT64_MIN;
    value_format(&v, out);
}

/* Beside what a column says now: what it said in the last ten minutes, and between which bounds.
 * A cell is at least two steps: who is asked every ten seconds, more or less, skips a step now and
 * then, which is no gap. */
static void add_series(struct row_lines *l, struct ui *ui, struct handle row, size_t column)
{
    const struct column *c = &store_kind(ui->store, row.kind)->columns[column];
    struct strbuf bounds = STRBUF_INIT(256);
    double samples[SERIES_SAMPLES], least, greatest;
    if (!(c->flags & COLUMN_SERIES))
        return;
    ui_wake(ui, ui->now_ms + SERIES_STEP_MS); /* time goes by, though all stays equal */
    if (store_series(ui->store, row, column, ui->now_ms, samples) < 2)
        return;
    (void)spark_range(samples, SERIES_SAMPLES, &least, &greatest);
    row_number(&bounds, c->type, least);
    strbuf_adds(&bounds, "..");
    row_number(&bounds, c->type, greatest);
    size_t said = l->text.len - l->lines[l->count - 1].text; /* a number: a byte is a cell */
    size_t at = said < SPARK_AT ? SPARK_AT : said + 1;
    int room = row_lines_room(l) - (int)at - (int)bounds.len - 1;
    if (room >= SPARK_LEAST) {
        strbuf_addf(&l->text, "%*s", (int)(at - said), "");
        spark_add(&l->text, samples, SERIES_SAMPLES, room < SPARK_CELLS ? room : SPARK_CELLS,
                  l->ascii);
        strbuf_addf(&l->text, " %s", strbuf_cstr(&bounds));
    }
    strbuf_clear(&bounds);
}

static void add_fields(struct row_lines *l, struct ui *ui, struct handle row, bool all)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    char age[TIMETEXT_MAX];
    row_line_heading(l, "fields");
    for (size_t i = 0; i < kind->ncolumns; i++) {
        struct value v = store_cell(ui->store, row, i, ui->now_ms);
        if (v.type == VALUE_ABSENT || (!all && kind->columns[i].flags & COLUMN_HIDDEN))
            continue;
        (void)row_line_add(l, kind->columns[i].name, ROLE_TEXT);
        value_format(&v, &l->text);
        if (v.type == VALUE_INSTANT) {
            bool ahead = v.num > ui->now_ms;
            duration_format_short(ahead ? v.num - ui->now_ms : ui->now_ms - v.num, age);
            strbuf_addf(&l->text, ahead ? " (in %s)" : " (%s ago)", age);
        }
        if (all)
            add_series(l, ui, row, i);
        row_line_end(l);
    }
}

/* What the kind draws of the row. */
static void add_drawn(struct row_lines *l, struct ui *ui, struct handle row)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    struct strbuf lines = STRBUF_INIT(16384);
    struct span rest, line;
    if (kind->draws)
        kind->draws(ui->store, row, ui->now_ms, &lines);
    if (lines.len) {
        row_line_heading(l, kind->drawn);
        for (rest = strbuf_span(&lines); span_split(&rest, '\n', &line);)
            row_line_whole(l, line, ROLE_TEXT);
    }
    strbuf_clear(&lines);
}

void row_line_target(struct row_lines *l, const struct ui *ui, struct handle target)
{
    enum level level = store_verdict(ui->store, target).level;
    strbuf_addf(&l->text, "%s %s ", role_glyph(level, ui_ascii(ui)),
                store_kind(ui->store, target.kind)->name);
    strbuf_add(&l->text, store_key(ui->store, target));
    lead_to(l, target);
}

/* What it links to is not to be seen: whether it is missing or nobody looks. What is stored in a bucket
 * that nobody may ask is not missing; where it is, the row's verdict says so. */
static void add_unseen(struct row_lines *l, const struct ui *ui, const struct link *link,
                       bool missing)
{
    struct row_line *line = &l->lines[l->count - 1];
    bool bad = missing && link->flags & LINK_EXPECTED;
    bool ours = kind_find(session_kinds(ui->session), link->kind) >= 0;
    enum level level = bad ? LEVEL_CRITICAL : LEVEL_UNKNOWN;
    line->role = bad ? ROLE_WARNING : ROLE_DIM;
    strbuf_addf(&l->text, "%s %.*s ",
                bad || (ours && !missing) ? role_glyph(level, ui_ascii(ui)) : " ",
                SPAN_ARG(link->kind));
    strbuf_add(&l->text, link->key);
    strbuf_adds(&l->text, missing ? " (does not exist)" : ours ? " (not looked at yet)" : "");
}

/* One of several that a name may mean. */
static bool is_guess(const struct link *link)
{
    return link->type == LINK_MIDDLEWARE && !(link->flags & LINK_EXPECTED);
}

static size_t add_links_from(struct row_lines *l, const struct ui *ui, struct handle row)
{
    struct link link;
    struct handle other;
    size_t at = 0, shown = 0;
    while (shown < LINKS_SHOWN && store_link_next(ui->store, row, &at, &link)) {
        enum link_reach reach = store_follow(ui->store, row, &link, &other);
        if (reach == LINK_MISSING && is_guess(&link))
            continue;
        if (link.type == LINK_IMAGE && reach != LINK_FOUND)
            continue; /* of most registries nobody asks */
        shown++;
        (void)row_line_add(l, link_info(link.type)->title, ROLE_LINK);
        if (reach == LINK_FOUND)
            row_line_target(l, ui, other);
        else
            add_unseen(l, ui, &link, reach == LINK_MISSING && link.type != LINK_STORED);
        row_line_end(l);
        if (reach == LINK_FOUND)
            row_chain_add(l, ui, row, link.type, other);
    }
    return shown;
}

static size_t add_links_to(struct row_lines *l, const struct ui *ui, struct handle row)
{
    enum link_type type;
    struct handle other;
    uint32_t at = 0;
    size_t shown = 0;
    while (shown < LINKS_SHOWN && store_used_by_next(ui->store, row, &at, &other, &type)) {
        if (type == LINK_ABOUT)
            continue; /* events have a part of their own */
        (void)row_line_add(l, link_info(type)->reverse, ROLE_LINK);
        row_line_target(l, ui, other);
        row_line_end(l);
        row_chain_add(l, ui, row, type, other);
        shown++;
    }
    return shown;
}

static void add_links(struct row_lines *l, const struct ui *ui, struct handle row)
{
    row_line_heading(l, "links");
    size_t shown = add_links_from(l, ui, row);
    if (!(shown + add_links_to(l, ui, row)))
        add_text(l, "none", ROLE_DIM, "");
}

/* A row that is not well, and its own sentence. False: it is well. */
static bool add_bad(struct row_lines *l, struct ui *ui, const char *label, struct handle row)
{
    enum level level = store_verdict(ui->store, row).level;
    if (level < LEVEL_UNKNOWN)
        return false;
    (void)row_line_add(l, label, role_of_level(level));
    row_line_target(l, ui, row);
    strbuf_adds(&l->text, ": ");
    ui_says(ui, row, &l->text);
    row_line_end(l);
    return true;
}

/* Rows below one, by the way that Enter goes. To be ended with drill_done(). */
static void find_below(const struct ui *ui, struct handle row, struct drill *drill)
{
    struct place below;
    if (drill_place(ui, row, &below) && below.root.set)
        (void)drill_update(drill, ui, &below.root, (uint16_t)below.kind);
}

/* Pods of what it has made, whose own patience with them may not have ended. */
static size_t add_pods(struct row_lines *l, struct ui *ui, struct handle row, unsigned depth)
{
    struct handle other;
    enum link_type type;
    uint32_t at = 0;
    size_t shown = 0;
    while (shown < LINKS_SHOWN && store_used_by_next(ui->store, row, &at, &other, &type)) {
        const char *kind = store_kind(ui->store, other.kind)->name;
        if (type != LINK_OWNER || !store_alive(ui->store, other))
            continue;
        if (strcmp(kind, "pod") == 0)
            shown += add_bad(l, ui, "below", other);
        else if (depth && (strcmp(kind, "workload") == 0 || strcmp(kind, "replicaset") == 0))
            shown += add_pods(l, ui, other, depth - 1);
    }
    return shown;
}

/* What stands below the row and what it leads to, as far as that is not well. */
static void add_evidence(struct row_lines *l, struct ui *ui, struct handle row)
{
    struct drill drill = {0};
    struct handle other;
    struct link link;
    size_t at = 0, shown = 0;
    row_line_heading(l, "because of");
    find_below(ui, row, &drill);
    for (size_t i = 0; i < drill.count && shown < LINKS_SHOWN; i++)
        shown += add_bad(l, ui, "below", drill.rows[i]);
    drill_done(&drill);
    while (shown < LINKS_SHOWN && store_link_next(ui->store, row, &at, &link))
        if (link.type != LINK_OWNER && /* what has made it suffers from it */
            store_follow(ui->store, row, &link, &other) == LINK_FOUND)
            shown += add_bad(l, ui, link_info(link.type)->title, other);
    if (!shown)
        shown = add_pods(l, ui, row, PODS_DEPTH);
    if (!shown)
        add_text(l, "nothing that it stands on is bad, and nothing below it", ROLE_DIM, "");
}

/* ---- Events: of the row and of what it has made, newest first. */

struct events {
    struct handle rows[EVENTS_SHOWN];
    size_t count;
};

static int64_t event_time(const struct ui *ui, struct handle row)
{
    int column = kind_column(store_kind(ui->store, row.kind), SPAN("last"));
    return column < 0 ? 0 : store_num(ui->store, row, (size_t)column, 0);
}

static void keep_event(struct events *e, const struct ui *ui, struct handle event)
{
    int64_t when = event_time(ui, event);
    size_t at = e->count;
    while (at && event_time(ui, e->rows[at - 1]) < when)
        at--;
    if (at == EVENTS_SHOWN)
        return;
    e->count += e->count < EVENTS_SHOWN;
    memmove(&e->rows[at + 1], &e->rows[at], (e->count - at - 1) * sizeof(e->rows[0]));
    e->rows[at] = event;
}

static void find_events(struct events *e, const struct ui *ui, struct handle row)
{
    enum link_type type;
    struct handle event;
    uint32_t at = 0;
    while (store_used_by_next(ui->store, row, &at, &event, &type))
        if (type == LINK_ABOUT)
            keep_event(e, ui, event);
}

/* The message comes first on the line; whose it is where it is not the row's. */
static void add_event(struct row_lines *l, struct ui *ui, struct handle row, struct handle event)
{
    const struct kind *kind = store_kind(ui->store, event.kind);
    int reason = kind_column(kind, SPAN("reason")), message = kind_column(kind, SPAN("message"));
    int count = kind_column(kind, SPAN("count"));
    int64_t n = count < 0 ? 1 : store_num(ui->store, event, (size_t)count, 1);
    struct handle about;
    struct link link;
    char age[TIMETEXT_MAX];
    ui_age(ui, event_time(ui, event), age);
    (void)row_line_add(l, age, role_of_level(store_verdict(ui->store, event).level));
    if (message >= 0)
        strbuf_add(&l->text, store_text(ui->store, event, (size_t)message));
    if (reason >= 0)
        strbuf_addf(&l->text, "  %.*s", SPAN_ARG(store_text(ui->store, event, (size_t)reason)));
    if (n > 1)
        strbuf_addf(&l->text, " x%lld", (long long)n);
    for (size_t at = 0; store_link_next(ui->store, event, &at, &link);) {
        if (link.type == LINK_ABOUT &&
            store_follow(ui->store, event, &link, &about) == LINK_FOUND &&
            !handle_equal(about, row))
            strbuf_addf(&l->text, "  (%.*s)", SPAN_ARG(naming_row(ui->store, about)));
    }
    lead_to(l, event);
    row_line_end(l);
}

static void add_events(struct row_lines *l, struct ui *ui, struct handle row)
{
    struct events events = {.count = 0};
    struct drill drill = {0};
    row_line_heading(l, "events");
    find_events(&events, ui, row);
    if (drill_is_maker(ui, row.kind))
        find_below(ui, row, &drill);
    for (size_t i = 0; i < drill.count && i < BELOW_MAX; i++)
        find_events(&events, ui, drill.rows[i]);
    drill_done(&drill);
    for (size_t i = 0; i < events.count; i++)
        add_event(l, ui, row, events.rows[i]);
    if (!events.count)
        add_text(l, "none kept (Kubernetes keeps them for an hour)", ROLE_DIM, "");
}

/* ---- Changes. */

static void add_change(struct row_lines *l, const struct ui *ui, const struct change *change)
{
    const char *arrow = ui_ascii(ui) ? " -> " : " \xe2\x86\x92 ";
    char clock[TIMETEXT_MAX];
    time_format_clock(change->wall_ms, true, clock);
    (void)row_line_add(l, clock, ROLE_TEXT);
    switch (change->what) {
    case CHANGE_CELL:
        strbuf_addf(&l->text, "%s ",
                    store_kind(ui->store, change->kind)->columns[change->column].name);
        value_format(&change->before, &l->text);
        strbuf_adds(&l->text, arrow);
        value_format(&change->after, &l->text);
        break;
    case CHANGE_LEVEL:
        strbuf_addf(&l->text, "%s%s%s", level_name((enum level)change->before.num), arrow,
                    level_name((enum level)change->after.num));
        break;
    case CHANGE_NEW:
        strbuf_adds(&l->text, "new");
        break;
    case CHANGE_GONE:
        strbuf_adds(&l->text, "gone");
        break;
    }
    row_line_end(l);
}

static void add_changes(struct row_lines *l, const struct ui *ui, struct handle row)
{
    struct change change;
    size_t shown = 0;
    if (change_of_row(ui->store, row) == TIME_NONE)
        return;
    row_line_heading(l, "changes");
    for (uint64_t seq = change_last(ui->store);
         shown < CHANGES_SHOWN && seq && seq >= change_first(ui->store); seq--) {
        if (!change_get(ui->store, seq, &change) || !handle_equal(change.row, row))
            continue;
        add_change(l, ui, &change);
        shown++;
    }
}

void row_lines_make(struct row_lines *l, struct ui *ui, struct handle row, unsigned parts, int cols)
{
    row_lines_begin(l, ui, cols);
    row_lines_add(l, ui, row, parts);
}

void row_lines_add(struct row_lines *l, struct ui *ui, struct handle row, unsigned parts)
{
    if (parts & ROW_NAME)
        add_name(l, ui, row);
    if (parts & ROW_VERDICT)
        add_verdict(l, ui, row);
    if (parts & (ROW_FIELDS | ROW_ALL_FIELDS))
        add_drawn(l, ui, row);
    if (parts & ROW_EVIDENCE)
        add_evidence(l, ui, row);
    if (parts & ROW_EVENTS)
        add_events(l, ui, row);
    if (parts & ROW_CHANGES)
        add_changes(l, ui, row);
    if (parts & ROW_ALL_FIELDS)
        add_fields(l, ui, row, true);
    if (parts & ROW_LINKS)
        add_links(l, ui, row);
    if (parts & ROW_FIELDS) /* of a preview: most stand in its table */
        add_fields(l, ui, row, false);
}
