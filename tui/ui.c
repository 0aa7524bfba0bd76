/* The stack of screens, history, undo and messages. */
#include <config.h>

#include "tui/ui.h"

#include "base/alloc.h"
#include "base/log.h"
#include "tui/export.h"
#include "tui/feed.h"
#include "tui/health.h"
#include "tui/marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAYS_MAX   65536 /* of a row's sentence */
#define MESSAGE_MS 8000
#define OTHERS_MS  5000  /* the cluster has been seen whole: so long are others waited for */
#define SETTLE_MS  2000  /* two looks of discovery: what is told is taken up by others */
#define SECONDS_MS 10000 /* ages in seconds are drawn again after so long */

struct screen *ui_top(const struct ui *ui)
{
    return ui->stack[ui->depth - 1];
}

unsigned ui_context(const struct ui *ui)
{
    const struct screen *s = ui_top(ui);
    return s->cls->context_now ? s->cls->context_now(s) : s->cls->context;
}

bool ui_ascii(const struct ui *ui)
{
    return canvas_ascii(ui->canvas);
}

/* The place has become another: taken up, or put back. */
static bool take_place(struct screen *s, struct ui *ui, const struct place *place, struct err *err)
{
    struct place old = s->place;
    s->place = *place;
    ui->dirty = true;
    if (!s->cls->changed || s->cls->changed(s, ui, err))
        return true;
    s->place = old;
    return false;
}

/* Forgets what lies ahead of the present place and puts a new one there. */
static void trail_push(struct trail *t, const struct place *p)
{
    if (t->count)
        t->count = t->at + 1;
    if (t->count == UI_HISTORY) {
        memmove(&t->places[0], &t->places[1], (UI_HISTORY - 1) * sizeof(t->places[0]));
        t->count--;
    }
    t->places[t->count] = *p;
    t->at = t->count++;
}

static void screen_close(struct screen *s, struct ui *ui)
{
    if (s->cls->close)
        s->cls->close(s, ui);
    free(s->state);
    free(s);
}

/* Leaves a screen that others stand on. */
static void drop_below(struct ui *ui, size_t at)
{
    screen_close(ui->stack[at], ui);
    memmove(&ui->stack[at], &ui->stack[at + 1], (ui->depth - at - 1) * sizeof(ui->stack[0]));
    ui->depth--;
}

static bool push_screen(struct ui *ui, const struct place *place, struct err *err)
{
    struct screen *s = xalloc_zero(1, sizeof(*s));
    s->cls = place->cls;
    s->place = *place;
    s->state = xalloc_zero(1, s->cls->state_size);
    if (s->cls->open && !s->cls->open(s, ui, err)) {
        screen_close(s, ui);
        return false;
    }
    if (ui->depth == UI_DEPTH) /* the oldest above home makes room */
        drop_below(ui, 1);
    ui->stack[ui->depth++] = s;
    ui->dirty = true;
    return true;
}

bool ui_open(struct ui *ui, const struct place *place, struct err *err)
{
    if (ui->depth && ui->history.count) /* where the cursor stood */
        ui->history.places[ui->history.at] = ui_top(ui)->place;
    if (!push_screen(ui, place, err))
        return false;
    if (ui->depth > 2 && place->cls->aside && ui->stack[ui->depth - 2]->cls->aside)
        drop_below(ui, ui->depth - 2);
    trail_push(&ui->history, &ui_top(ui)->place);
    ui->undo.count = ui->undo.at = 0;
    return true;
}

bool ui_open_on_home(struct ui *ui, const struct place *place, struct err *err)
{
    if (!ui_open(ui, place, err))
        return false;
    while (ui->depth > 2)
        drop_below(ui, 1);
    return true;
}

bool ui_open_table(struct ui *ui, int kind, const char *filter, struct err *err)
{
    struct place place = {.cls = &screen_table, .kind = kind, .source = SOURCE_ANY};
    (void)snprintf(place.filter, sizeof(place.filter), "%s", filter ? filter : "");
    return ui_open(ui, &place, err);
}

bool ui_place_row(const struct ui *ui, struct handle row, struct place *place, struct err *err)
{
    struct span key = store_key(ui->store, row);
    if (key.len > sizeof(place->key))
        return err_set(err, ERR_CONFIG, "the name of this row is too long to open");
    place->kind = row.kind;
    place->source = store_row_source(ui->store, row);
    memcpy(place->key, key.data, key.len);
    place->key_len = key.len;
    return true;
}

bool ui_open_row(struct ui *ui, const struct screen_class *cls, struct handle row, const char *part,
                 struct err *err)
{
    struct place place = {.cls = cls};
    if (!ui_place_row(ui, row, &place, err))
        return false;
    (void)snprintf(place.part, sizeof(place.part), "%s", part ? part : "");
    return ui_open(ui, &place, err);
}

void ui_close(struct ui *ui)
{
    if (ui->depth < 2)
        return;
    screen_close(ui->stack[--ui->depth], ui);
    ui->undo.count = ui->undo.at = 0;
    trail_push(&ui->history, &ui_top(ui)->place);
    ui->dirty = true;
}

void ui_close_to(struct ui *ui, size_t depth)
{
    while (ui->depth > depth && ui->depth > 1)
        ui_close(ui);
}

void ui_restart(struct ui *ui)
{
    struct place home = {.cls = &screen_home, .kind = -1, .source = SOURCE_ANY};
    struct err err;
    export_forget(ui);
    while (ui->depth)
        screen_close(ui->stack[--ui->depth], ui);
    marks_clear(ui);
    pins_clear(ui);
    feed_clear(ui->feed);
    ui->whole = ui->ready = ui->seen = false;
    ui->cluster_ms = 0;
    health_clear(ui->health);
    ui->systems_ms = TIME_NONE;
    ui->store = session_store(ui->session);
    ui->history.count = ui->history.at = ui->undo.count = ui->undo.at = 0;
    bool opened = ui_open(ui, &home, &err);
    bn_assert(opened); /* it could at the start, and needs no more now */
}

void ui_changed_from(struct ui *ui, const struct place *before)
{
    if (!ui->undo.count)
        trail_push(&ui->undo, before);
    trail_push(&ui->undo, &ui_top(ui)->place);
}

bool ui_change(struct ui *ui, const struct place *place, struct err *err)
{
    struct screen *s = ui_top(ui);
    struct place old = s->place;
    if (!take_place(s, ui, place, err))
        return false;
    ui_changed_from(ui, &old);
    return true;
}

bool ui_undo(struct ui *ui, int steps)
{
    struct trail *t = &ui->undo;
    if (!t->count || (steps > 0 ? t->at == 0 : t->at + 1 == t->count))
        return false;
    size_t at = steps > 0 ? t->at - 1 : t->at + 1;
    struct err err;
    if (take_place(ui_top(ui), ui, &t->places[at], &err))
        t->at = at;
    else
        ui_say_err(ui, &err);
    return true;
}

bool ui_history(struct ui *ui, int steps)
{
    struct trail *t = &ui->history;
    if (!t->count || (steps < 0 ? t->at == 0 : t->at + 1 == t->count))
        return false;
    t->places[t->at] = ui_top(ui)->place;
    size_t at = steps < 0 ? t->at - 1 : t->at + 1;
    struct place place = t->places[at];
    if (place.cls == &screen_home) {
        while (ui->depth > 1)
            screen_close(ui->stack[--ui->depth], ui);
    } else {
        struct err err;
        struct screen *old = ui->depth > 1 ? ui->stack[--ui->depth] : NULL;
        if (!push_screen(ui, &place, &err)) {
            if (old)
                ui->stack[ui->depth++] = old;
            ui_say_err(ui, &err);
            return true;
        }
        if (old)
            screen_close(old, ui);
    }
    t->at = at;
    ui->undo.count = ui->undo.at = 0;
    ui->dirty = true;
    return true;
}

void ui_say(struct ui *ui, enum role role, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(ui->message.text, sizeof(ui->message.text), fmt, args);
    va_end(args);
    ui->message.role = role;
    ui->message.of_prompt = ui->prompting != PROMPT_NONE;
    ui->message.until_ms = role == ROLE_FAULT ? TIME_FOREVER : ui->mono_ms + MESSAGE_MS;
    if (role == ROLE_FAULT)
        log_write(LOG_ERROR, "screen", "%s", ui->message.text);
    ui->dirty = true;
}

void ui_say_err(struct ui *ui, const struct err *err)
{
    ui_say(ui, ROLE_FAULT, "%s", err->msg);
}

bool ui_selected(const struct ui *ui, struct handle *row)
{
    const struct screen *s = ui_top(ui);
    return s->cls->selected && s->cls->selected(s, ui, row) && store_alive(ui->store, *row);
}

void ui_prompt(struct ui *ui, enum prompt_mode mode, struct span text)
{
    ui->prompting = mode;
    ui->before = ui_top(ui)->place;
    ui->chosen = 0;
    ui->message.text[0] = '\0'; /* what was said before is of something else */
    prompt_set(ui->prompt, text);
    strbuf_truncate(&ui->completions, 0);
    if (mode == PROMPT_COMMAND)
        command_complete(ui, text, &ui->completions);
    ui->dirty = true;
}

void ui_wake(struct ui *ui, int64_t wall_ms)
{
    if (wall_ms < ui->wake_ms)
        ui->wake_ms = wall_ms;
}

void ui_age(struct ui *ui, int64_t since_ms, char out[TIMETEXT_MAX])
{
    int64_t age = ui->now_ms - since_ms;
    duration_format_short(age, out);
    if (age < 60000)
        ui_wake(ui, ui->now_ms + SECONDS_MS);
}

enum level ui_level(const struct ui *ui, struct handle row, enum role *role)
{
    enum level level = store_verdict(ui->store, row).level;
    bool stale = store_stale(ui->store, row);
    *role = stale ? ROLE_STALE : role_of_level(level);
    return stale ? LEVEL_UNKNOWN : level;
}

/* When what the row's source says was last proven; TIME_NONE: never. */
static int64_t proof_of(const struct ui *ui, struct handle row)
{
    uint16_t source = store_row_source(ui->store, row);
    const struct source_kind *kind = store_source_kind(ui->store, source, row.kind);
    int64_t proof = store_source(ui->store, source)->report.proof_ms;
    bool own = kind && kind->report.state >= SOURCE_STALE && kind->report.proof_ms != TIME_NONE;
    return own ? kind->report.proof_ms : proof;
}

void ui_says(struct ui *ui, struct handle row, struct strbuf *out)
{
    size_t before = out->len;
    if (store_stale(ui->store, row)) {
        char age[TIMETEXT_MAX];
        int64_t proof = proof_of(ui, row);
        strbuf_addf(out, "unknown, was %s", level_name(store_verdict(ui->store, row).level));
        if (proof != TIME_NONE) {
            ui_age(ui, proof, age);
            strbuf_addf(out, " %s ago", age);
        }
        strbuf_adds(out, ": ");
    }
    size_t start = out->len;
    struct strbuf says = STRBUF_INIT(SAYS_MAX);
    store_says(ui->store, row, ui->now_ms, &says);
    naming_brief(strbuf_span(&says), out);
    strbuf_clear(&says);
    if (out->len == start && start > before)
        strbuf_truncate(out, start - 2);
    struct span text = span_sub(strbuf_span(out), start, out->len);
    if (span_search(text, SPAN("s ago"), false) < text.len)
        ui_wake(ui, ui->now_ms + SECONDS_MS);
}

const struct system_state *ui_systems(struct ui *ui)
{
    const struct system_list *list = session_systems(ui->session);
    if (!ui->systems)
        ui->systems = xalloc_zero(list->count + 1, sizeof(*ui->systems));
    if (ui->systems_ms != ui->now_ms || ui->systems_version != store_version(ui->store)) {
        ui->systems_ms = ui->now_ms;
        ui->systems_version = store_version(ui->store);
        system_judge_all(ui->store, list, ui->now_ms, ui->systems);
        health_follow(ui->health, ui->systems, list->count, ui->now_ms);
    }
    return ui->systems;
}

static bool is_loading(const struct ui *ui, uint16_t source, uint16_t kind)
{
    const struct source_kind *k = store_source_kind(ui->store, source, kind);
    return k->wanted && !k->synced && k->report.state <= SOURCE_CONNECTING &&
           k->report.state != SOURCE_OFF;
}

bool ui_loading(const struct ui *ui, uint16_t kind)
{
    for (size_t s = 0; s < store_sources(ui->store); s++)
        if (is_loading(ui, (uint16_t)s, kind))
            return true;
    return false;
}

/* Every kind of the cluster that is wanted has been seen whole, or will not be for now. */
static bool cluster_whole(const struct ui *ui)
{
    for (size_t k = 0; k < session_kinds(ui->session)->count; k++)
        if (is_loading(ui, 0, (uint16_t)k))
            return false;
    return true;
}

bool ui_whole(const struct ui *ui)
{
    if (!ui->cluster_ms)
        return false;
    for (size_t k = 0; k < session_kinds(ui->session)->count; k++) {
        if (session_pending(ui->session, (uint16_t)k))
            return false;
        for (size_t s = 0; s < store_sources(ui->store); s++)
            if (!store_source(ui->store, (uint16_t)s)->report.paced &&
                is_loading(ui, (uint16_t)s, (uint16_t)k))
                return false;
    }
    return true;
}

/* What a source that waits by intent has said last has come, and what others make of it. */
static bool paced_settled(const struct ui *ui)
{
    int64_t before = session_now(ui->session) - SETTLE_MS;
    const size_t sources = store_sources(ui->store), kinds = session_kinds(ui->session)->count;
    for (size_t s = 0; s < sources; s++) {
        const uint16_t source = (uint16_t)s;
        for (size_t k = 0; store_source(ui->store, source)->report.paced && k < kinds; k++)
            if (is_loading(ui, source, (uint16_t)k) ||
                store_source_kind(ui->store, source, (uint16_t)k)->synced_ms > before)
                return false;
    }
    return true;
}

/* What moves while all is being seen for the first time is no news: a service has no
 * endpoints until these have come, too. A source that hangs, or waits before it asks
 * for more, does not hold back what others tell for long. */
static bool follow_feed(struct ui *ui, bool busy)
{
    const struct clock *clock = session_clock(ui->session); /* by which sources wait, too */
    if (ui->seen)
        return feed_follow(ui->feed, ui->store);
    feed_skip(ui->feed, ui->store);
    if (busy || !cluster_whole(ui))
        return false;
    if (!ui->cluster_ms)
        ui->cluster_ms = clock_mono_ms(clock);
    bool whole = ui_whole(ui);
    ui->dirty = ui->dirty || whole != ui->whole;
    ui->whole = whole;
    ui->ready = (whole && paced_settled(ui)) || clock_mono_ms(clock) - ui->cluster_ms >= OTHERS_MS;
    if (!clock_is_stopped(clock))
        ui_stepped(ui);
    return false;
}

void ui_stepped(struct ui *ui)
{
    ui->dirty = ui->dirty || (ui->ready && !ui->seen);
    ui->seen = ui->seen || ui->ready;
}

bool ui_follow(struct ui *ui, bool busy)
{
    bool writing = export_turn(ui);
    return follow_feed(ui, busy) || writing;
}
