/* The loop: keys at once, data at most 30 frames a second, nothing when
 * nothing changed. It never waits but in poll(). */
#include <config.h>

#include "tui/dashboard.h"

#include "actions/doing.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"
#include "tui/acting.h"
#include "tui/export.h"
#include "tui/feed.h"
#include "tui/health.h"
#include "tui/history.h"
#include "tui/signals.h"
#include "tui/strip.h"
#include "tui/ui.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define FRAME_MS      33  /* data, while somebody is typing */
#define FRAME_CALM_MS 200 /* data, CALM_AFTER_MS after the last key */
#define FRAME_REST_MS \
    1000 /* data, while sources take their time: what changes together is one frame */
#define CALM_AFTER_MS 2000
#define COUNT_MS      1000 /* between frames of a paused screen */
#define TURN_US       4000 /* the store's budget per turn */

struct loop {
    struct ui ui;
    const struct dashboard_options *options;
    struct clock *machine;  /* owned; never stopped, for frames */
    uint64_t shown_version; /* of the store, in the last frame */
    int64_t frame_ms;       /* monotonic, of the last frame */
    int64_t key_ms;         /* of the last event */
    int64_t minute;         /* in the title */
    int64_t awake_ms;       /* the session's: when a key was pressed or something became worse */
    uint64_t worse;         /* so often it had by then */
    bool rest;              /* neither for some minutes */
    bool idle;              /* nothing waits in the session */
    bool shown_idle;        /* nor did when the screen was last drawn */
};

static void take_size(struct ui *ui)
{
    int rows, cols;
    term_resized(ui->term);
    term_size(ui->term, &rows, &cols);
    canvas_resize(ui->canvas, rows, cols);
    ui->resized = false;
    ui->dirty = true;
}

/* Wall and monotonic time as of now; the machine's own monotonic clock for the
 * frames, so that a stopped clock does not stop them. */
static void take_time(struct loop *l)
{
    struct ui *ui = &l->ui;
    ui->now_ms = session_now(ui->session);
    ui->mono_ms = clock_mono_ms(l->machine);
    bool due = ui->now_ms / 60000 != l->minute || ui->now_ms >= ui->wake_ms;
    if (ui->message.text[0] && ui->message.until_ms <= ui->mono_ms) {
        ui->message.text[0] = '\0';
        due = true;
    }
    l->minute = ui->now_ms / 60000;
    ui->dirty = ui->dirty || (due && !ui->paused); /* a paused body stands */
}

static void step_clock(struct loop *l, int64_t ms)
{
    session_step(l->ui.session, ms);
    ui_stepped(&l->ui);
    take_time(l);
    l->ui.dirty = true;
}

static bool take_input(struct loop *l)
{
    struct ui *ui = &l->ui;
    struct input_event ev;
    bool open = term_read(ui->term);
    while (term_event(ui->term, ui->mono_ms, &ev)) {
        l->key_ms = ui->mono_ms;
        if (ev.type == INPUT_CONTROL && l->options->test)
            step_clock(l, ev.step_ms);
        else
            l->awake_ms = clock_mono_ms(session_clock(ui->session));
        ui_event(ui, &ev);
    }
    return open;
}

/* Sources take their time while nobody has touched anything for some minutes: one who looks at a wall
 * sees what is wrong grow at the usual pace all the same, for then they hurry too. */
static void follow_rest(struct loop *l)
{
    struct session *session = l->ui.session;
    int64_t now = clock_mono_ms(session_clock(session));
    uint64_t worse = health_worse(l->ui.health);
    if (worse != l->worse)
        l->awake_ms = now;
    l->worse = worse;
    l->rest = l->options->rest_ms && now - l->awake_ms >= l->options->rest_ms;
    session_rest(session, l->rest);
}

static int64_t frame_due(const struct loop *l)
{
    bool calm = l->ui.mono_ms - l->key_ms > CALM_AFTER_MS;
    return l->frame_ms + (l->rest ? FRAME_REST_MS : calm ? FRAME_CALM_MS : FRAME_MS);
}

/* What is shown was drawn amid work, such as a new order, that has ended. */
static bool work_ended(const struct loop *l)
{
    return l->idle && !l->shown_idle;
}

static bool data_changed(const struct loop *l)
{
    return store_version(l->ui.store) != l->shown_version || work_ended(l);
}

/* A paused screen stands, but one that was asked for since is shown whole. */
static bool may_show(const struct loop *l)
{
    return !l->ui.paused || work_ended(l);
}

/* What a test waits for: events taken, nothing in work, rows applied, all sources seen, and what
 * changes from now on is news. */
static void make_mark(const struct loop *l, char out[160])
{
    out[0] = '\0';
    if (!l->options->test)
        return;
    (void)snprintf(out, 160, "keys=%llu idle=%d applied=%llu whole=%d seen=%d",
                   (unsigned long long)l->ui.events, l->idle,
                   (unsigned long long)store_figures(l->ui.store).puts, ui_whole(&l->ui),
                   l->ui.seen);
}

static void show(struct loop *l, void (*draw)(struct ui *ui))
{
    struct ui *ui = &l->ui;
    char mark[160];
    uint64_t version = store_version(ui->store);
    ui->dirty = false;
    draw(ui);
    if (term_busy(ui->term)) { /* by a mode or the title that drawing has set */
        ui->dirty = true;
        return;
    }
    l->shown_version = version;
    l->shown_idle = draw == ui_draw ? l->idle : l->shown_idle;
    if (store_figures(ui->store).puts) /* the first rows wait for no frame before them */
        l->frame_ms = ui->mono_ms;
    make_mark(l, mark);
    term_show(ui->term, ui->canvas, mark);
}

/* A paused screen stands, but its frame counts what one does not see. */
static bool must_count(const struct loop *l)
{
    return l->ui.paused && l->ui.mono_ms - l->frame_ms >= COUNT_MS;
}

static void paint(struct loop *l)
{
    struct ui *ui = &l->ui;
    struct screen *top = ui_top(ui);
    if (top->cls->turn && top->cls->turn(top, ui))
        ui->dirty = true;
    if (strip_is_old(ui) && !ui->paused)
        ui->dirty = true;
    if (term_busy(ui->term))
        return;
    if (ui->dirty)
        show(l, ui_draw);
    else if (must_count(l))
        show(l, ui_draw_frame);
    else if (may_show(l) && data_changed(l) && ui->mono_ms >= frame_due(l))
        show(l, ui_draw);
    else if (l->options->test && !data_changed(l)) {
        char mark[160];
        make_mark(l, mark);
        term_mark(ui->term, mark);
    }
}

/* Monotonic, of the machine: when something is due by the session's clock, which may be stepped. One
 * that stands brings nothing about by waiting. */
static int64_t session_due(const struct loop *l)
{
    const struct ui *ui = &l->ui;
    int64_t due = session_next_ms(ui->session);
    int64_t minute = ui->mono_ms + 60000 - ui->now_ms % 60000;
    if (due != TIME_FOREVER)
        due += ui->mono_ms - clock_mono_ms(session_clock(ui->session));
    due = minute < due ? minute : due;
    if (ui->wake_ms != TIME_FOREVER && !ui->paused && ui->mono_ms + ui->wake_ms - ui->now_ms < due)
        due = ui->mono_ms + ui->wake_ms - ui->now_ms;
    return l->options->stands_ms && due > ui->mono_ms ? TIME_FOREVER : due;
}

static int timeout_ms(const struct loop *l, bool more)
{
    const struct ui *ui = &l->ui;
    if (more || ui->dirty)
        return term_busy(ui->term) ? -1 : 0;
    int64_t due = session_due(l), input = term_next_ms(ui->term);
    due = input < due ? input : due;
    if (ui->paused && l->frame_ms + COUNT_MS < due)
        due = l->frame_ms + COUNT_MS;
    if (ui->message.text[0] && ui->message.until_ms < due)
        due = ui->message.until_ms;
    if (data_changed(l) && may_show(l) && frame_due(l) < due)
        due = frame_due(l);
    int64_t wait = due == TIME_FOREVER ? 60000 : due - ui->mono_ms;
    return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

/* What a story is about is there before the story begins, and goes with the first key: whoever has
 * pressed one by then goes where they please. */
static void open_first(struct loop *l)
{
    struct ui *ui = &l->ui;
    const char *line = l->options->opens;
    if (ui->begun || !(ui->events || ui_whole(ui)))
        return;
    ui->begun = true;
    if (!line || ui->events)
        return;
    ui_run(ui, line);
    if (ui->message.text[0])
        return;
    ui_say(ui, ROLE_NOTICE, "%s", l->options->about);
    ui->message.until_ms = TIME_FOREVER; /* until a key */
}

/* One round: wait, signals, input, data, paint. False: the terminal is gone. */
static bool turn(struct loop *l, bool *more)
{
    struct ui *ui = &l->ui;
    struct pollfd fds[] = {
        {.fd = term_input_fd(ui->term), .events = POLLIN},
        {.fd = session_fd(ui->session), .events = POLLIN},
        {.fd = signals_fd(), .events = POLLIN},
        {.fd = term_busy(ui->term) ? term_output_fd(ui->term) : -1, .events = POLLOUT},
        {.fd = ui->doing ? doing_fd(ui->doing) : -1, .events = POLLIN},
        {.fd = ui->preview ? doing_fd(ui->preview) : -1, .events = POLLIN},
    };
    (void)poll(fds, BN_COUNT(fds), timeout_ms(l, *more));
    take_time(l);
    if (fds[4].revents)
        (void)doing_state(ui->doing); /* the screen of it looks each turn */
    if (fds[5].revents)
        (void)doing_state(ui->preview);
    if (signals_take_resize())
        ui->resized = true;
    if (signals_take_continue())
        term_return(ui->term);
    if (ui->resized)
        take_size(ui);
    if (!take_input(l) || !term_pump(ui->term))
        return false;
    follow_rest(l);
    *more = session_turn(ui->session, TURN_US);
    ui->store = session_store(ui->session);
    *more = ui_follow(ui, *more) || *more;
    l->idle = !*more;
    open_first(l);
    paint(l);
    if (!ui->noticed && l->shown_idle) { /* not before the first picture */
        ui->noticed = true;
        acting_notice(ui);
    }
    return term_pump(ui->term);
}

static bool open_terminal(struct loop *l, struct err *err)
{
    struct ui *ui = &l->ui;
    if (l->options->no_colour)
        theme_mono(&ui->theme);
    else if (!l->options->theme)
        theme_default(&ui->theme);
    else if (!theme_load(l->options->theme, &ui->theme, err))
        return false;
    const struct term_options options = {
        .theme = &ui->theme, .mouse = l->options->mouse, .test_marks = l->options->test};
    ui->term = term_open(&options, err);
    return ui->term != NULL;
}

static bool begin_session(struct loop *l, struct err *err)
{
    struct ui *ui = &l->ui;
    struct session *session = l->options->connect(l->options->context, err);
    if (!session)
        return false;
    ui->session = session;
    ui->store = session_store(session);
    command_check_kinds(session_kinds(session));
    if (l->options->stands_ms) {
        clock_stop(session_clock(session));
        clock_set_wall(session_clock(session), l->options->stands_ms);
    }
    return true;
}

static bool ui_start(struct loop *l, struct err *err)
{
    struct ui *ui = &l->ui;
    if (!open_terminal(l, err) || !begin_session(l, err))
        return false;
    ui->mouse = l->options->mouse;
    ui->wake_ms = TIME_FOREVER;
    ui->systems_ms = TIME_NONE;
    (void)snprintf(ui->scope, sizeof(ui->scope), "%s", l->options->scope ? l->options->scope : "");
    ui->canvas = canvas_new(0, 0, l->options->ascii || term_ascii(ui->term));
    ui->prompt = prompt_new();
    ui->lines = history_new();
    ui->filters = history_new();
    ui->feed = feed_new();
    ui->health = health_new();
    ui->marks = map_new();
    ui->pins = map_new();
    ui->clicked = -1;
    ui->mouse_on = l->options->mouse;
    ui->completions = (struct strbuf)STRBUF_INIT(64 * 1024);
    take_size(ui);
    take_time(l);
    l->key_ms = ui->mono_ms; /* who has just started it is looking */
    l->awake_ms = clock_mono_ms(session_clock(ui->session));
    struct place home = {.cls = &screen_home, .kind = -1, .source = SOURCE_ANY};
    return ui_open(ui, &home, err);
}

static void ui_end(struct ui *ui)
{
    term_close(ui->term);
    while (ui->depth) {
        struct screen *s = ui->stack[--ui->depth];
        if (s->cls->close)
            s->cls->close(s, ui);
        free(s->state);
        free(s);
    }
    acting_end(ui);
    canvas_free(ui->canvas);
    prompt_free(ui->prompt);
    history_free(ui->lines);
    history_free(ui->filters);
    feed_free(ui->feed);
    export_drop(ui->export);
    health_free(ui->health);
    free(ui->systems);
    map_free(ui->marks, NULL);
    map_free(ui->pins, NULL);
    strbuf_clear(&ui->completions);
}

static void keep_lines(struct history *lines, const char *name, bool save)
{
    struct err err;
    char *path = file_state_path(name);
    if (path && save)
        (void)history_save(lines, path, &err);
    else if (path)
        (void)history_load(lines, path, &err);
    free(path);
}

static void keep_history(struct ui *ui, bool save)
{
    keep_lines(ui->lines, "history", save);
    keep_lines(ui->filters, "filters", save);
}

int dashboard_run(const struct dashboard_options *options, struct err *err)
{
    struct loop *l = xalloc_zero(1, sizeof(*l));
    l->options = options;
    l->machine = clock_new();
    int status = -1;
    bool goes_on;
    if (!signals_start(err))
        goto out;
    if (ui_start(l, err)) {
        bool more = true;
        keep_history(&l->ui, false);
        while (!l->ui.quit && !signals_death() && turn(l, &more))
            ;
        status = signals_death() ? 128 + signals_death() : 0;
        keep_history(&l->ui, true);
    }
    /* That of the demonstration has lost its platform. */
    goes_on =
        status == 0 && acting_goes_on(&l->ui) && !clock_is_shifted(session_clock(l->ui.session));
    ui_end(&l->ui);
    if (goes_on)
        (void)fprintf(stderr, "binnacle: the action goes on: `binnacle do --watch` shows it\n");
    signals_stop();
out:
    clock_free(l->machine);
    free(l);
    return status;
}
