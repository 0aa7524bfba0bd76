/* Commands that change something: they open a plan, and nothing more. */
#include <config.h>

#include "base/timetext.h"
#include "tui/acting.h"
#include "tui/commands.h"
#include "tui/offers.h"
#include "tui/row_object.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX    512
#define WRITE_USUAL "15m"
#define WRITE_MAX   (INT64_C(8) * 3600 * 1000)

/* ---- The fields. */

/* A cell of the row as a word: "Deployment" is "deployment". */
static bool take_cell(const struct ui *ui, struct handle row, const struct field *f,
                      struct answers *a, struct err *err)
{
    struct strbuf text = STRBUF_INIT(WORD_MAX);
    const struct kind *kind = store_kind(ui->store, row.kind);
    int column = offers_column(kind, f);
    bool ok = true;
    if (f->column && strcmp(f->column, "@source") == 0) {
        if (row_is_object(kind) && kind->namespaced) /* no site is called as a namespace */
            strbuf_add(&text, store_key(ui->store, row));
        else if (!row_is_object(kind))
            strbuf_adds(&text, store_source(ui->store, store_row_source(ui->store, row))->name);
    }
    if (column >= 0) {
        struct value v = store_cell(ui->store, row, (size_t)column, ui->now_ms);
        if (v.type != VALUE_ABSENT)
            value_format(&v, &text);
    }
    for (size_t i = 0; f->type == FIELD_CHOICE && i < text.len; i++)
        text.data[i] = (char)tolower((unsigned char)text.data[i]);
    if (text.len)
        ok = answers_set(a, f->name, strbuf_cstr(&text), err);
    strbuf_clear(&text);
    return ok;
}

/* taken: something of the row was. */
static bool take_row(const struct ui *ui, struct answers *a, bool *taken, struct err *err)
{
    struct row_meant meant;
    struct handle row;
    if (!ui_selected(ui, &row))
        return true;
    row_means(ui->store, row, &meant);
    if (!row_of_action(ui->store, &meant, a->action, &row))
        return true;
    if (strcmp(a->action->fields[0].name, "resource") == 0) { /* OBJECT_FIELDS */
        *taken = true;
        return row_object(ui->store, row, a, err);
    }
    for (size_t i = 0; a->action->fields[i].name; i++) {
        if (!take_cell(ui, row, &a->action->fields[i], a, err))
            return false;
        *taken = *taken || a->value[i];
    }
    return true;
}

/* "replicas=3", "--replicas=3" */
static bool take_word(struct span word, struct answers *a, struct err *err)
{
    char name[WORD_MAX], value[WORD_MAX];
    if (span_starts(word, "--"))
        word = span_sub(word, 2, word.len);
    size_t equals = span_find(word, '=', 0);
    if (equals >= word.len)
        return err_set(err, ERR_CONFIG, "%.*s: an action's field is said as FIELD=VALUE",
                       SPAN_ARG(word));
    (void)snprintf(name, sizeof(name), "%.*s", (int)equals, word.data);
    (void)snprintf(value, sizeof(value), "%.*s", SPAN_ARG(span_sub(word, equals + 1, word.len)));
    return answers_set(a, name, value, err);
}

/* With words, what is missing is asked for. Of a row the plan follows at once where nothing has to be said
 * that it does not tell, and what may be said is said by `edit`; but where something is destroyed, all that
 * may be said (up to when, with what else) is thought of before. */
static bool is_said(const struct answers *a, bool words, bool of_row)
{
    for (size_t i = 0; a->action->fields[i].name; i++) {
        const struct field *f = &a->action->fields[i];
        bool usual = words || (of_row && !a->action->picks && a->action->risk != RISK_DESTROY);
        bool known = a->value[i] || (usual && f->fallback) || strcmp(f->name, "namespace") == 0;
        const char *value = a->value[i] ? a->value[i] : f->fallback ? f->fallback : "";
        bool typed = f->type == FIELD_SECRET && strcmp(value, SECRET_ASK) == 0;
        if (!known || typed)
            return false;
    }
    return true;
}

/* A run that was begun before: "--resume [RUN]". False: the word is an action's. */
static bool takes_up(struct ui *ui, size_t argc, const struct span *argv, bool *ok, struct err *err)
{
    char id[WORD_MAX] = "";
    struct span word = argv[0];
    if (!span_starts(word, "--"))
        return false;
    if (argc > 1)
        (void)snprintf(id, sizeof(id), "%.*s", SPAN_ARG(argv[1]));
    if (span_is(word, "--resume"))
        *ok = acting_take_up(ui, DO_RESUME, id, err);
    else if (span_is(word, "--undo"))
        *ok = acting_take_up(ui, DO_UNDO, id, err);
    else if (span_is(word, "--watch"))
        *ok = acting_take_up(ui, DO_WATCH, id, err);
    else if (span_is(word, "--leave"))
        *ok = acting_let_be(ui, id, err);
    else
        *ok =
            err_set(err, ERR_CONFIG, "%.*s: --resume, --undo, --watch or --leave", SPAN_ARG(word));
    return true;
}

COMMAND_RUN(do)
{
    char name[WORD_MAX];
    struct answers a = {0};
    struct place place = {.cls = &screen_doing, .kind = -1, .source = SOURCE_ANY};
    bool ok, taken = false;
    if (!argc)
        return ui_open(ui, &place, err);
    if (takes_up(ui, argc, argv, &ok, err))
        return ok;
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(argv[0]));
    a.action = action_find(name);
    if (!a.action)
        return err_set(err, ERR_CONFIG, "there is no action `%s`; all: `:actions`", name);
    if (!acting_may(ui, err))
        return false;
    ok = take_row(ui, &a, &taken, err);
    for (size_t i = 1; ok && i < argc; i++)
        ok = take_word(argv[i], &a, err);
    if (ok && is_said(&a, argc > 1 || a.action->ask, taken))
        ok = acting_start(ui, &a, NULL, err);
    else if (ok)
        ok = acting_ask(ui, &a, err);
    answers_clear(&a);
    return ok;
}

void complete_actions(BN_UNUSED struct ui *ui, struct strbuf *words)
{
    for (const struct action *const *a = action_registry; *a; a++)
        strbuf_addf(words, "%s\t%s\n", (*a)->name, (*a)->help);
}

COMMAND_RUN(actions)
{
    struct place place = {.cls = &screen_actions, .kind = -1, .source = SOURCE_ANY};
    struct handle row;
    if (ui_selected(ui, &row) && !ui_place_row(ui, row, &place, err))
        return false;
    return ui_open(ui, &place, err);
}

COMMAND_RUN(write)
{
    struct span text = argc ? argv[0] : SPAN(WRITE_USUAL);
    int64_t ms = 0;
    if (session_read_only(ui->session))
        return err_set(err, ERR_DENIED, "--read-only: nothing can be changed");
    if (!span_is(text, "off") && (!duration_parse(text, &ms) || ms <= 0 || ms > WRITE_MAX))
        return err_set(err, ERR_CONFIG, "`:write %.*s`: off, or a time up to 8h such as 15m",
                       SPAN_ARG(text));
    ui->write_until_ms = ui->mono_ms + ms;
    if (!session_production(ui->session))
        ui_say(ui, ROLE_NOTICE, "%s is not production: the button of a plan is enough here",
               session_context(ui->session));
    else
        ui_say(ui, ROLE_NOTICE,
               ms ? "changes are allowed here for %.*s" : "changes are no longer allowed here",
               SPAN_ARG(text));
    return true;
}

COMMAND_RUN(ro)
{
    return run_write(ui, 1, &SPAN("off"), err);
}
