/* The containers of a pod: state, last death, image; Enter opens a log. Names
 * are the row's; the rest is read from the object, again when the row changes. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "net/json_doc.h"
#include "tui/screens/list.h"
#include "tui/ui.h"
#include "widgets/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTAINERS_MAX 64
#define CELL_MAX       160

enum { NAME, READY, STATE, RESTARTS, DEATH, AGE, IMAGE, COLUMNS };

static const struct table_column titles[COLUMNS] = {
    [NAME] = {.title = "CONTAINER", .name = true, .stays = true},
    [READY] = {.title = "READY", .weight = 20},
    [STATE] = {.title = "STATE"},
    [RESTARTS] = {.title = "RST", .weight = 30, .right = true},
    [DEATH] = {.title = "LAST DEATH", .weight = 40},
    [AGE] = {.title = "AGE", .weight = 50, .right = true},
    [IMAGE] = {.title = "IMAGE", .least = 16, .weight = 60},
};

struct container {
    char cells[COLUMNS][CELL_MAX];
    enum role role;
};

struct containers {
    struct list list;
    struct handle row;
    bool found;
    struct container *items; /* owned */
    size_t count;
    uint32_t request; /* of the object; 0: none */
    uint64_t seen;    /* the store's version when it was asked for */
    uint32_t look;    /* what the row showed then */
    bool answered;    /* items say more than names */
    struct err why;   /* of a failure */
};

static void find_row(struct screen *s, struct ui *ui)
{
    struct containers *p = s->state;
    struct handle row;
    if (p->found && store_alive(ui->store, p->row))
        return;
    p->found = store_find(ui->store, s->place.source, (uint16_t)s->place.kind,
                          span_make(s->place.key, s->place.key_len), &row);
    if (p->found)
        p->row = row;
}

/* Grows with what makes the object worth reading again. */
static uint32_t look_of(const struct containers *p, const struct ui *ui)
{
    static const char *const columns[] = {"status", "ready", "last-death"};
    const struct kind *kind = store_kind(ui->store, p->row.kind);
    uint32_t look = 0;
    for (size_t i = 0; i < BN_COUNT(columns); i++) {
        int column = kind_column(kind, span_from(columns[i]));
        if (column >= 0)
            look = look * 31 + (uint32_t)span_hash(store_text(ui->store, p->row, (size_t)column));
    }
    int restarts = kind_column(kind, SPAN("restarts"));
    return look * 31 +
           (uint32_t)(restarts < 0 ? 0 : store_num(ui->store, p->row, (size_t)restarts, 0));
}

static void ask(struct screen *s, struct ui *ui)
{
    struct containers *p = s->state;
    find_row(s, ui);
    if (!p->found)
        return;
    if (p->request)
        session_cancel(ui->session, p->request);
    p->look = look_of(p, ui);
    p->request = session_fetch(ui->session, p->row, DOCUMENT_JSON);
}

/* Until the object is here, the names are what is known. */
static void take_names(struct containers *p, const struct ui *ui)
{
    int column = kind_column(store_kind(ui->store, p->row.kind), SPAN("containers"));
    struct span rest = column < 0 ? SPAN("") : store_text(ui->store, p->row, (size_t)column), one;
    p->count = 0;
    while (p->count < CONTAINERS_MAX && span_split(&rest, LIST_SEPARATOR, &one)) {
        struct container *c = &p->items[p->count++];
        *c = (struct container){.role = ROLE_TEXT};
        (void)snprintf(c->cells[NAME], CELL_MAX, "%.*s", SPAN_ARG(one));
    }
}

static bool containers_open(struct screen *s, struct ui *ui, struct err *err)
{
    struct containers *p = s->state;
    p->items = xalloc_zero(CONTAINERS_MAX, sizeof(*p->items));
    session_want(ui->session, (uint16_t)s->place.kind);
    find_row(s, ui);
    if (!p->found)
        return err_set(err, ERR_NOTFOUND, "%.*s is gone", (int)s->place.key_len, s->place.key);
    take_names(p, ui);
    ask(s, ui);
    return true;
}

static void containers_close(struct screen *s, struct ui *ui)
{
    struct containers *p = s->state;
    session_unwant(ui->session, (uint16_t)s->place.kind);
    if (p->request)
        session_cancel(ui->session, p->request);
    free(p->items);
}

static const struct json_node *status_of(const struct json_node *list, const char *name)
{
    for (const struct json_node *n = json_node_first(list); n; n = json_node_next(n)) {
        const char *is = json_node_text(json_node_get(n, "name"));
        if (is && strcmp(is, name) == 0)
            return n;
    }
    return NULL;
}

static int64_t int_of(const struct json_node *object, const char *key)
{
    int64_t n;
    return json_node_int(json_node_get(object, key), &n) ? n : 0;
}

static void put_age(struct container *c, const char *since, int64_t now_ms)
{
    int64_t ms;
    if (since && time_parse(span_from(since), &ms))
        duration_format(now_ms - ms, c->cells[AGE]);
}

/* "state": one of running, waiting, terminated [API: ContainerState]. */
static void put_state(struct container *c, const struct json_node *status, bool init,
                      int64_t now_ms)
{
    const struct json_node *state = json_node_get(status, "state");
    const struct json_node *waiting = json_node_get(state, "waiting");
    const struct json_node *ended = json_node_get(state, "terminated");
    if (waiting) {
        const char *why = json_node_path_text(waiting, "reason", "Waiting");
        (void)snprintf(c->cells[STATE], CELL_MAX, "%s", why);
        bool starts = strcmp(why, "ContainerCreating") == 0 || strcmp(why, "PodInitializing") == 0;
        c->role = starts ? ROLE_PROGRESS : ROLE_CRITICAL;
    } else if (ended) {
        int64_t code = int_of(ended, "exitCode");
        (void)snprintf(c->cells[STATE], CELL_MAX, "%s %lld",
                       json_node_path_text(ended, "reason", "Terminated"), (long long)code);
        c->role = code ? ROLE_CRITICAL : ROLE_DIM;
        put_age(c, json_node_path_text(ended, "finishedAt", NULL), now_ms);
    } else if (json_node_get(state, "running")) {
        bool ready = json_node_true(json_node_get(status, "ready"));
        (void)snprintf(c->cells[STATE], CELL_MAX, ready || init ? "Running" : "Running, not ready");
        c->role = ready || init ? ROLE_TEXT : ROLE_WARNING;
        put_age(c, json_node_path_text(state, "running.startedAt", NULL), now_ms);
    }
}

static void put_container(struct container *c, const struct json_node *spec,
                          const struct json_node *statuses, bool init, int64_t now_ms)
{
    const char *name = json_node_path_text(spec, "name", "");
    const struct json_node *status = status_of(statuses, name);
    const struct json_node *last = json_node_path(status, "lastState.terminated");
    *c = (struct container){.role = ROLE_TEXT};
    (void)snprintf(c->cells[NAME], CELL_MAX, "%s%s", name, init ? " (init)" : "");
    (void)snprintf(c->cells[IMAGE], CELL_MAX, "%s", json_node_path_text(spec, "image", ""));
    if (!status)
        return;
    (void)snprintf(c->cells[READY], CELL_MAX,
                   json_node_true(json_node_get(status, "ready")) ? "yes" : "no");
    (void)snprintf(c->cells[RESTARTS], CELL_MAX, "%lld", (long long)int_of(status, "restartCount"));
    put_state(c, status, init, now_ms);
    if (!last)
        return;
    (void)snprintf(c->cells[DEATH], CELL_MAX, "%s %lld",
                   json_node_path_text(last, "reason", "Error"),
                   (long long)int_of(last, "exitCode"));
}

static void take_object(struct containers *p, const struct json_node *pod, int64_t now_ms)
{
    static const char *const specs[] = {"spec.containers", "spec.initContainers"};
    static const char *const statuses[] = {"status.containerStatuses",
                                           "status.initContainerStatuses"};
    size_t n = 0;
    for (size_t i = 0; i < BN_COUNT(specs); i++) {
        const struct json_node *list = json_node_path(pod, statuses[i]);
        const struct json_node *c = json_node_first(json_node_path(pod, specs[i]));
        for (; c && n < CONTAINERS_MAX; c = json_node_next(c))
            put_container(&p->items[n++], c, list, i == 1, now_ms);
    }
    p->count = n;
    p->answered = true;
}

static bool containers_turn(struct screen *s, struct ui *ui)
{
    struct containers *p = s->state;
    struct session_document doc;
    find_row(s, ui);
    if (!p->request) {
        if (p->found && p->seen != store_version(ui->store) && look_of(p, ui) != p->look)
            ask(s, ui);
        p->seen = store_version(ui->store);
        return false;
    }
    if (!session_document(ui->session, p->request, &doc) || !doc.done)
        return false;
    p->why = doc.err;
    struct json_doc *json =
        doc.err.kind == ERR_NONE ? json_doc_parse(doc.text, "object of the pod", &p->why) : NULL;
    if (json)
        take_object(p, json_doc_root(json), ui->now_ms);
    json_doc_free(json);
    session_cancel(ui->session, p->request);
    p->request = 0;
    return true;
}

static void lay(const struct containers *p, const struct ui *ui, int cols,
                struct table_column columns[COLUMNS], struct table_layout *layout)
{
    for (size_t k = 0; k < COLUMNS; k++) {
        columns[k] = titles[k];
        columns[k].width = (int)strlen(titles[k].title);
        for (size_t i = 0; i < p->count; i++) {
            int need = visible_width(span_from(p->items[i].cells[k]), ui_ascii(ui));
            columns[k].width = need > columns[k].width ? need : columns[k].width;
        }
    }
    table_lay(columns, COLUMNS, 1, cols - 1, layout);
}

static void draw_container(const struct container *item, const struct table_column *columns,
                           const struct table_layout *layout, struct canvas *c, struct rect line)
{
    for (size_t k = 0; k < layout->count; k++) {
        size_t column = layout->places[k].column;
        table_cell_draw(c, line, 0, &layout->places[k], &columns[column],
                        span_from(item->cells[column]), column == STATE ? item->role : ROLE_TEXT);
    }
}

static void containers_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct containers *p = s->state;
    struct table_column columns[COLUMNS];
    struct table_layout layout;
    struct rect line = rect_make(body.top, body.left, 1, body.cols);
    lay(p, ui, body.cols, columns, &layout);
    list_lay(&p->list, p->count, rect_make(body.top + 1, body.left, body.rows - 1, body.cols));
    canvas_fill(c, line, ROLE_HEADER);
    for (size_t k = 0; k < layout.count; k++)
        table_cell_draw(c, line, 0, &layout.places[k], &columns[layout.places[k].column],
                        span_from(columns[layout.places[k].column].title), ROLE_HEADER);
    for (size_t i = p->list.top; list_line(&p->list, i, &line); i++)
        draw_container(&p->items[i], columns, &layout, c, line);
    list_show_cursor(&p->list, c);
    struct rect below = rect_make(body.top + 2 + (int)p->count, body.left + 1,
                                  body.rows - 2 - (int)p->count, body.cols - 1);
    if (!p->found)
        canvas_text_wrapped(c, below, SPAN("the pod is gone: Esc goes back"), ROLE_WARNING);
    else if (p->why.kind != ERR_NONE)
        canvas_text_wrapped(c, below, span_from(p->why.msg), ROLE_FAULT);
    else if (!p->answered)
        canvas_text_wrapped(c, below, SPAN("asking for their states"), ROLE_DIM);
}

static void containers_crumb(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    strbuf_add(out, kind_key_parts(kind, span_make(s->place.key, s->place.key_len)).name);
}

static void containers_figures(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct containers *p = s->state;
    (void)ui;
    strbuf_addf(out, "%zu container%s", p->count, p->count == 1 ? "" : "s");
}

static bool containers_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    (void)ui;
    const struct containers *p = s->state;
    *row = p->row;
    return p->found;
}

static void open_log(struct screen *s, struct ui *ui, bool previous)
{
    const struct containers *p = s->state;
    struct place place = s->place;
    struct err err;
    if (p->list.cursor >= p->count)
        return;
    struct span name = span_from(p->items[p->list.cursor].cells[NAME]);
    name = span_sub(name, 0, span_find(name, ' ', 0));
    place.cls = &screen_log;
    place.previous = previous;
    (void)snprintf(place.part, sizeof(place.part), "%.*s", SPAN_ARG(name));
    if (!ui_open(ui, &place, &err))
        ui_say_err(ui, &err);
}

static void containers_enter(struct screen *s, struct ui *ui)
{
    open_log(s, ui, false);
}

static bool containers_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    (void)arg;
    if (strcmp(verb, "previous") == 0)
        open_log(s, ui, true);
    else if (strcmp(verb, "again") == 0)
        ask(s, ui);
    else
        return false;
    return true;
}

const struct screen_class screen_containers = {
    .name = "containers",
    .context = CONTEXT_CONTAINERS,
    .state_size = sizeof(struct containers),
    .is_list = true,
    .open = containers_open,
    .close = containers_close,
    .draw = containers_draw,
    .crumb = containers_crumb,
    .figures = containers_figures,
    .selected = containers_selected,
    .enter = containers_enter,
    .verb = containers_verb,
    .turn = containers_turn,
};
