/* The log of a container: follow, previous life, how far back, search. */
#include <config.h>

#include "base/alloc.h"
#include "base/timetext.h"
#include "tui/screens/log_text.h"
#include "tui/screens/text.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_CAP        ((size_t)16 << 20)
#define TAIL_LINES     1000
#define LINE_MAX_BYTES ((size_t)256 << 10)

struct log {
    struct handle row;
    struct pager *pager; /* owned */
    uint32_t request;    /* the stream; 0: none */
    bool ended;
    struct err why; /* of the end */
    uint64_t dropped;
    int64_t since_s; /* 0: by lines */
    int64_t tail;    /* lines; < 0: from the head */
    bool timestamps;
    bool only;
    bool raw;              /* lines as they came */
    struct strbuf partial; /* owned; the line that has not ended */
};

static void start(struct screen *s, struct ui *ui)
{
    struct log *l = s->state;
    struct stream_options options = {
        .previous = s->place.previous,
        .follow = !s->place.previous,
        .timestamps = l->timestamps,
        .tail_lines = l->since_s ? -1 : l->tail,
        .since_s = l->since_s,
    };
    (void)snprintf(options.container, sizeof(options.container), "%s", s->place.part);
    if (l->request)
        session_cancel(ui->session, l->request);
    pager_clear(l->pager);
    strbuf_truncate(&l->partial, 0);
    l->ended = false;
    l->dropped = 0;
    err_clear(&l->why);
    l->request = session_stream(ui->session, l->row, &options);
    pager_follow(l->pager, l->tail >= 0 || l->since_s);
}

/* Which container is meant must be said where there are several: the pod's first,
 * as kubectl does. */
static void choose_container(struct screen *s, const struct ui *ui)
{
    const struct log *l = s->state;
    int column = kind_column(store_kind(ui->store, l->row.kind), SPAN("containers"));
    struct span rest = column < 0 ? SPAN("") : store_text(ui->store, l->row, (size_t)column), name;
    if (!s->place.part[0] && span_split(&rest, LIST_SEPARATOR, &name))
        (void)snprintf(s->place.part, sizeof(s->place.part), "%.*s", SPAN_ARG(name));
}

static bool log_open(struct screen *s, struct ui *ui, struct err *err)
{
    struct log *l = s->state;
    l->partial = (struct strbuf)STRBUF_INIT(LINE_MAX_BYTES);
    if (!store_find(ui->store, s->place.source, (uint16_t)s->place.kind,
                    span_make(s->place.key, s->place.key_len), &l->row))
        return err_set(err, ERR_NOTFOUND, "%.*s is gone: there is no log any more",
                       (int)s->place.key_len, s->place.key);
    l->pager = pager_new(LOG_CAP);
    l->tail = TAIL_LINES;
    choose_container(s, ui);
    start(s, ui);
    return true;
}

static bool log_changed(struct screen *s, struct ui *ui, struct err *err)
{
    (void)err;
    start(s, ui);
    return true;
}

static void log_close(struct screen *s, struct ui *ui)
{
    struct log *l = s->state;
    if (l->request)
        session_cancel(ui->session, l->request);
    pager_free(l->pager);
    strbuf_clear(&l->partial);
}

/* Whole lines in words; one that has not ended waits for its rest. */
static void add_lines(struct log *l, struct span bytes)
{
    struct strbuf line = STRBUF_INIT(2 * LINE_MAX_BYTES);
    for (size_t end; (end = span_find(bytes, '\n', 0)) < bytes.len;
         bytes = span_sub(bytes, end + 1, bytes.len)) {
        strbuf_add(&l->partial, span_sub(bytes, 0, end));
        strbuf_truncate(&line, 0);
        log_text_pretty(strbuf_span(&l->partial), &line);
        strbuf_addc(&line, '\n');
        pager_add(l->pager, strbuf_span(&line));
        strbuf_truncate(&l->partial, 0);
    }
    strbuf_add(&l->partial, bytes);
    if (l->partial.failed) { /* no line of a log: shown as it is */
        pager_add(l->pager, strbuf_span(&l->partial));
        strbuf_truncate(&l->partial, 0);
    }
    strbuf_clear(&line);
}

static bool log_turn(struct screen *s, struct ui *ui)
{
    struct log *l = s->state;
    struct strbuf bytes = STRBUF_INIT(LOG_CAP);
    uint64_t dropped = 0;
    bool was_ended = l->ended;
    if (!l->request || l->ended ||
        !session_lines(ui->session, l->request, &bytes, &dropped, &l->ended, &l->why))
        return false;
    bool news = bytes.len || dropped || l->ended != was_ended;
    l->dropped += dropped;
    if (l->raw)
        pager_add(l->pager, strbuf_span(&bytes));
    else
        add_lines(l, strbuf_span(&bytes));
    if (l->ended && l->partial.len) { /* a last line without its end */
        add_lines(l, SPAN("\n"));
    }
    strbuf_clear(&bytes);
    return news;
}

static void log_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct log *l = s->state;
    struct rect text = body;
    bool said = l->ended && body.rows > 1;
    text.rows -= said;
    if (!pager_lines(l->pager) && !l->ended)
        canvas_textf(c, body, 0, 1, ROLE_DIM, "no line yet: asking for the log");
    else
        pager_draw(l->pager, c, text, log_text_paint);
    if (!said)
        return;
    struct rect line = rect_make(body.top + body.rows - 1, body.left, 1, body.cols);
    bool fault = l->why.kind != ERR_NONE;
    canvas_text_cut(c, line, 0, 1, line.cols - 1, 0,
                    fault ? span_from(l->why.msg) : SPAN("the log has ended (r asks again)"),
                    fault ? ROLE_FAULT : ROLE_DIM);
    (void)ui;
}

static void log_crumb(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    strbuf_adds(out, "log ");
    strbuf_add(out, kind_key_parts(kind, span_make(s->place.key, s->place.key_len)).name);
    if (s->place.part[0])
        strbuf_addf(out, " %s", s->place.part);
}

static void log_figures(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    (void)ui;
    const struct log *l = s->state;
    if (s->place.previous)
        strbuf_adds(out, "previous  ");
    if (l->since_s) {
        char since[TIMETEXT_MAX];
        duration_format_short(l->since_s * 1000, since);
        strbuf_addf(out, "since %s  ", since);
    }
    if (l->dropped)
        strbuf_addf(out, "%llu lines skipped  ", (unsigned long long)l->dropped);
    if (pager_forgotten(l->pager))
        strbuf_addf(out, "%llu older forgotten  ", (unsigned long long)pager_forgotten(l->pager));
    pager_position(l->pager, out);
}

static void log_move(struct screen *s, struct ui *ui, enum move move)
{
    struct log *l = s->state;
    text_move(l->pager, move);
    ui->dirty = true;
}

static bool log_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    (void)ui;
    const struct log *l = s->state;
    *row = l->row;
    return true;
}

/* "tail", "head" or a duration; false: none of these. */
static bool take_since(struct log *l, struct span arg)
{
    int64_t ms;
    if (span_is(arg, "tail")) {
        l->since_s = 0;
        l->tail = TAIL_LINES;
    } else if (span_is(arg, "head")) {
        l->since_s = 0;
        l->tail = -1;
    } else if (duration_parse(arg, &ms) && ms >= 1000) {
        l->since_s = ms / 1000;
    } else {
        return false;
    }
    return true;
}

#define CONTAINERS_MAX 64

/* The container after the one that is shown, in the pod's own order. */
static void next_container(struct screen *s, struct ui *ui)
{
    struct log *l = s->state;
    int column = kind_column(store_kind(ui->store, l->row.kind), SPAN("containers"));
    struct span rest = column < 0 ? SPAN("") : store_text(ui->store, l->row, (size_t)column);
    struct span names[CONTAINERS_MAX];
    size_t n = 0, at = 0;
    while (n < CONTAINERS_MAX && span_split(&rest, LIST_SEPARATOR, &names[n])) {
        if (span_is(names[n], s->place.part))
            at = n;
        n++;
    }
    if (n < 2) {
        ui_say(ui, ROLE_DIM, "this pod has no other container");
        return;
    }
    at = (at + 1) % n;
    (void)snprintf(s->place.part, sizeof(s->place.part), "%.*s", SPAN_ARG(names[at]));
    start(s, ui);
    ui_say(ui, ROLE_DIM, "container %s, %zu of %zu", s->place.part, at + 1, n);
}

/* A line that one finds again. */
static void drop_mark(struct log *l, const struct ui *ui)
{
    char clock[TIMETEXT_MAX], text[80];
    time_format_clock(ui->now_ms, true, clock);
    (void)snprintf(text, sizeof(text), "\n---- mark %sZ ----\n", clock);
    pager_add(l->pager, span_from(text));
}

static bool cancel(struct log *l, struct ui *ui)
{
    if (!l->request || l->ended)
        return false;
    session_cancel(ui->session, l->request);
    l->request = 0;
    l->ended = true;
    (void)err_set(&l->why, ERR_CONFIG, "stopped: r asks again");
    return true;
}

static void set_since(struct screen *s, struct ui *ui, struct span arg)
{
    if (take_since(s->state, arg))
        start(s, ui);
    else
        ui_say(ui, ROLE_FAULT, "since what? tail, head, or a duration such as 15m");
}

static bool log_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct log *l = s->state;
    if (strcmp(verb, "cancel") == 0)
        return cancel(l, ui);
    if (text_verb(ui, l->pager, &l->only, verb, arg))
        return true;
    if (strcmp(verb, "since") == 0) {
        set_since(s, ui, arg);
    } else if (strcmp(verb, "pin") == 0) {
        drop_mark(l, ui);
    } else if (strcmp(verb, "next-container") == 0) {
        next_container(s, ui);
    } else if (strcmp(verb, "previous") == 0) {
        s->place.previous = !s->place.previous;
        start(s, ui);
    } else if (strcmp(verb, "timestamps") == 0) {
        l->timestamps = !l->timestamps;
        start(s, ui);
    } else if (strcmp(verb, "pretty") == 0) {
        l->raw = !l->raw;
        start(s, ui);
        ui_say(ui, ROLE_DIM, l->raw ? "lines as they came" : "lines of JSON in words");
    } else if (strcmp(verb, "again") == 0) {
        start(s, ui);
    } else if (strcmp(verb, "container") == 0) {
        (void)snprintf(s->place.part, sizeof(s->place.part), "%.*s", SPAN_ARG(arg));
        start(s, ui);
    } else {
        return false;
    }
    return true;
}

static void log_typed(struct screen *s, struct ui *ui, struct span text)
{
    struct log *l = s->state;
    pager_search(l->pager, text);
    (void)pager_next(l->pager, -1);
    ui->dirty = true;
}

const struct screen_class screen_log = {
    .name = "log",
    .context = CONTEXT_LOG,
    .state_size = sizeof(struct log),
    .open = log_open,
    .close = log_close,
    .changed = log_changed,
    .draw = log_draw,
    .crumb = log_crumb,
    .figures = log_figures,
    .move = log_move,
    .selected = log_selected,
    .verb = log_verb,
    .typed = log_typed,
    .turn = log_turn,
};
