/* Commands that open and leave views. */
#include <config.h>

#include "base/timetext.h"
#include "tui/commands.h"
#include "tui/marks.h"
#include "tui/screens/drill.h"

#include <stdio.h>
#include <stdlib.h>

static bool open_place(struct ui *ui, const struct screen_class *cls, struct err *err)
{
    struct place place = {.cls = cls, .kind = -1, .source = SOURCE_ANY};
    if (ui_top(ui)->cls == cls)
        return true;
    return ui_open(ui, &place, err);
}

/* A row by its key ("shop/api") or its last part. */
static bool row_of_kind(const struct ui *ui, uint16_t kind, struct span word, struct handle *row)
{
    uint32_t at = 0;
    if (store_find(ui->store, SOURCE_ANY, kind, word, row))
        return true;
    while (store_next(ui->store, kind, &at, row)) {
        const struct span name = naming_row(ui->store, *row);
        if (span_eq(name, word) ||
            span_eq(span_sub(name, span_find_last(name, '/') + 1, name.len), word))
            return true;
    }
    return false;
}

/* "pod/shop/api", "shop/api", "api": the first kind that has it. */
static bool row_by_name(const struct ui *ui, struct span word, struct handle *row, struct err *err)
{
    const struct kind_list *kinds = session_kinds(ui->session);
    size_t slash = span_find(word, '/', 0);
    int kind = slash < word.len ? kind_find(kinds, span_sub(word, 0, slash)) : -1;
    if (kind >= 0 && row_of_kind(ui, (uint16_t)kind, span_sub(word, slash + 1, word.len), row))
        return true;
    for (size_t i = 0; i < kinds->count; i++)
        if (row_of_kind(ui, (uint16_t)i, word, row))
            return true;
    return err_set(err, ERR_NOTFOUND,
                   "nothing that is looked at is called `%.*s`: KIND/NAMESPACE/NAME",
                   SPAN_ARG(word));
}

/* The row that a command names, else the one under the cursor. */
static bool wanted_row(const struct ui *ui, size_t argc, const struct span *argv,
                       struct handle *row, struct err *err)
{
    if (argc)
        return row_by_name(ui, argv[0], row, err);
    return ui_selected(ui, row) || err_set(err, ERR_CONFIG, "there is no row under the cursor");
}

/* In the details of the same row it is their part that changes. */
static bool open_part(struct ui *ui, size_t argc, const struct span *argv, const char *part,
                      struct err *err)
{
    struct handle row = {0};
    if (!argc && ui_top(ui)->cls == &screen_detail) {
        struct place place = ui_top(ui)->place;
        (void)snprintf(place.part, sizeof(place.part), "%s", part);
        return ui_change(ui, &place, err);
    }
    return wanted_row(ui, argc, argv, &row, err) && ui_open_row(ui, &screen_detail, row, part, err);
}

#define PART_COMMAND(name, part)                     \
    COMMAND_RUN(name)                                \
    {                                                \
        return open_part(ui, argc, argv, part, err); \
    }

PART_COMMAND(detail, "fields")
PART_COMMAND(yaml, "yaml")
PART_COMMAND(row_events, "events")
PART_COMMAND(used_by, "links")
PART_COMMAND(why, "why")

COMMAND_RUN(home)
{
    while (ui->depth > 1)
        ui_close(ui);
    return true;
}

COMMAND_RUN(enter)
{
    struct screen *top = ui_top(ui);
    if (top->cls->enter)
        top->cls->enter(top, ui);
    return true;
}

/* Of rows below another the one to look at first: the worst, then the newest. */
static struct handle first_of(const struct ui *ui, const struct drill *d)
{
    struct handle best = d->rows[0];
    int created = kind_column(store_kind(ui->store, best.kind), SPAN("created"));
    for (size_t i = 1; i < d->count; i++) {
        enum level level = store_verdict(ui->store, d->rows[i]).level;
        enum level least = store_verdict(ui->store, best).level;
        bool newer = created >= 0 && store_num(ui->store, d->rows[i], (size_t)created, 0) >
                                         store_num(ui->store, best, (size_t)created, 0);
        if (store_alive(ui->store, d->rows[i]) && (level > least || (level == least && newer)))
            best = d->rows[i];
    }
    return best;
}

/* From a row to one that has a log: itself, or the first pod below. *of: how
 * many there were to choose from. */
static bool with_log(struct ui *ui, struct handle *row, size_t *of, struct err *err)
{
    const struct kind *kind = store_kind(ui->store, row->kind);
    *of = 1;
    for (int depth = 0; depth < 3; depth++) {
        struct place below;
        struct drill drill = {0};
        if (store_kind(ui->store, row->kind)->containers_log)
            return true;
        if (!drill_place(ui, *row, &below) || !below.root.set)
            return err_set(err, ERR_CONFIG, "%s have no log", kind->plural);
        (void)drill_update(&drill, ui, &below.root, (uint16_t)below.kind);
        if (!drill.count)
            return err_set(err, ERR_CONFIG, "no %s with a log stand behind this %s",
                           store_kind(ui->store, (uint16_t)below.kind)->plural, kind->name);
        *of = drill.count;
        *row = first_of(ui, &drill);
        drill_done(&drill);
    }
    return err_set(err, ERR_CONFIG, "%s have no log", kind->plural);
}

static bool open_log(struct ui *ui, struct span container, bool previous, struct err *err)
{
    struct handle row;
    struct place place = {.cls = &screen_log, .previous = previous};
    size_t of;
    if (!ui_selected(ui, &row))
        return err_set(err, ERR_CONFIG, "there is no row under the cursor");
    if (!with_log(ui, &row, &of, err) || !ui_place_row(ui, row, &place, err))
        return false;
    (void)snprintf(place.part, sizeof(place.part), "%.*s", SPAN_ARG(container));
    if (!ui_open(ui, &place, err))
        return false;
    if (of > 1)
        ui_say(ui, ROLE_DIM, "one of %zu pods, the worst or newest; Enter instead of l lists them",
               of);
    return true;
}

COMMAND_RUN(log)
{
    return open_log(ui, argc ? argv[0] : SPAN(""), false, err);
}

COMMAND_RUN(previous)
{
    struct screen *top = ui_top(ui);
    if (top->cls->verb && top->cls->verb(top, ui, "previous", SPAN("")))
        return true;
    return open_log(ui, SPAN(""), true, err);
}

COMMAND_RUN(pin)
{
    struct screen *top = ui_top(ui);
    struct handle row;
    if (!top->cls->verb || !top->cls->verb(top, ui, "pin", SPAN(""))) {
        if (!ui_selected(ui, &row))
            return err_set(err, ERR_CONFIG, "there is no row under the cursor");
        pins_set(ui, row, !pins_has(ui, row));
    }
    if (!(ui_context(ui) & CONTEXT_LOG))
        ui_say(ui, ROLE_DIM, "%zu pinned (' shows them)", pins_count(ui));
    return true;
}

COMMAND_RUN(sources)
{
    return open_place(ui, &screen_sources, err);
}

COMMAND_RUN(messages)
{
    return open_place(ui, &screen_messages, err);
}

COMMAND_RUN(pins)
{
    return open_place(ui, &screen_pins, err);
}

COMMAND_RUN(find)
{
    struct place place = {.cls = &screen_find, .kind = -1, .source = SOURCE_ANY};
    if (!argc) {
        ui_prompt(ui, PROMPT_COMMAND, SPAN("find "));
        return true;
    }
    const struct span *last = &argv[argc - 1];
    struct span text = span_make(argv[0].data, (size_t)(last->data + last->len - argv[0].data));
    (void)snprintf(place.filter, sizeof(place.filter), "%.*s", SPAN_ARG(text));
    return ui_open(ui, &place, err);
}

COMMAND_RUN(changes)
{
    struct place place = {.cls = &screen_changes, .kind = -1, .source = SOURCE_ANY};
    int64_t ms;
    if (!argc)
        return open_place(ui, &screen_changes, err);
    if (!duration_parse(argv[0], &ms) || ms <= 0)
        return err_set(err, ERR_CONFIG, "changes of how long? `:changes 15m`");
    (void)snprintf(place.part, sizeof(place.part), "%.*s", SPAN_ARG(argv[0]));
    return ui_open(ui, &place, err);
}

/* A second time: the manual page of the view below. */
COMMAND_RUN(help)
{
    struct screen *top = ui_top(ui);
    if (top->cls == &screen_help)
        return top->cls->verb(top, ui, "manual", SPAN(""));
    return open_place(ui, &screen_help, err);
}

COMMAND_RUN(back)
{
    return ui_history(ui, -1) || err_set(err, ERR_CONFIG, "this is the first view");
}

COMMAND_RUN(forward)
{
    return ui_history(ui, 1) || err_set(err, ERR_CONFIG, "this is the last view");
}

/* As `cd -`: the view before this one, and back again. */
COMMAND_RUN(last_view)
{
    bool at_end = ui->history.at + 1 >= ui->history.count;
    return ui_history(ui, at_end ? -1 : 1) ||
           err_set(err, ERR_CONFIG, "there is no other view yet");
}

COMMAND_RUN(undo)
{
    return ui_undo(ui, 1) || err_set(err, ERR_CONFIG, "nothing to take back");
}

COMMAND_RUN(redo)
{
    return ui_undo(ui, -1) || err_set(err, ERR_CONFIG, "nothing to bring again");
}

COMMAND_RUN(zoom)
{
    ui->zoomed = !ui->zoomed;
    return true;
}
