/* Commands that change what a table shows: filter, order, scope, columns. */
#include <config.h>

#include "tui/commands.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

/* The rest of a command line, from its first argument on. */
static struct span rest_of(size_t argc, const struct span *argv)
{
    if (!argc)
        return (struct span){NULL, 0};
    const struct span *last = &argv[argc - 1];
    return span_make(argv[0].data, (size_t)(last->data + last->len - argv[0].data));
}

COMMAND_RUN(filter)
{
    struct screen *top = ui_top(ui);
    if (!argc) {
        ui_prompt(ui, PROMPT_FILTER, span_from(top->place.filter));
        return true;
    }
    struct place place = top->place;
    (void)snprintf(place.filter, sizeof(place.filter), "%.*s", SPAN_ARG(rest_of(argc, argv)));
    return ui_change(ui, &place, err);
}

COMMAND_RUN(search)
{
    struct screen *top = ui_top(ui);
    if (!argc)
        ui_prompt(ui, PROMPT_SEARCH, (struct span){NULL, 0});
    else if (top->cls->typed)
        top->cls->typed(top, ui, rest_of(argc, argv));
    return true;
}

COMMAND_RUN(sort)
{
    if (!argc)
        return err_set(err, ERR_CONFIG, "sort by which column? `:sort age!`, TAB completes");
    struct place place = ui_top(ui)->place;
    bool again = span_is(rest_of(argc, argv), place.sort); /* once more turns it round */
    (void)snprintf(place.sort, sizeof(place.sort), "%.*s%s", SPAN_ARG(rest_of(argc, argv)),
                   again && argc == 1 ? "!" : "");
    return ui_change(ui, &place, err);
}

COMMAND_RUN(sort_menu)
{
    ui_prompt(ui, PROMPT_COMMAND, SPAN("sort "));
    return true;
}

/* The next column to the left or right of the first sorted one. */
static bool sort_step(struct ui *ui, int step, struct err *err)
{
    struct place place = ui_top(ui)->place;
    const struct kind *kind = store_kind(ui->store, (uint16_t)place.kind);
    struct view_spec spec = {0};
    struct span text = span_from(place.sort[0] ? place.sort : kind->sort);
    if (!view_parse_sort(kind, text, &spec, err))
        return false;
    int at = spec.nsort && spec.sort[0].column != VIEW_COLUMN_LEVEL ? (int)spec.sort[0].column : -1;
    int n = (int)kind->ncolumns;
    for (int i = 0; i < n; i++) {
        at = (at + step + n) % n;
        if (!(kind->columns[at].flags & (COLUMN_HIDDEN | (place.wide ? 0 : COLUMN_WIDE))))
            break;
    }
    (void)snprintf(place.sort, sizeof(place.sort), "%s", kind->columns[at].name);
    return ui_change(ui, &place, err);
}

COMMAND_RUN(sort_left)
{
    return sort_step(ui, -1, err);
}

COMMAND_RUN(sort_right)
{
    return sort_step(ui, 1, err);
}

/* Namespaces chosen are kept for the keys 1 to 9, in the order of their first use. */
static void remember_scope(struct ui *ui, const char *scope)
{
    for (size_t i = 0; i < ui->nscopes; i++)
        if (strcmp(ui->scopes[i], scope) == 0)
            return;
    if (ui->nscopes == UI_SCOPES) {
        memmove(ui->scopes[0], ui->scopes[1], (UI_SCOPES - 1) * sizeof(ui->scopes[0]));
        ui->nscopes--;
    }
    (void)snprintf(ui->scopes[ui->nscopes++], sizeof(ui->scopes[0]), "%s", scope);
}

static bool set_scope(struct ui *ui, struct span scope, struct err *err)
{
    struct place place = ui_top(ui)->place;
    (void)snprintf(place.scope, sizeof(place.scope), "%.*s", SPAN_ARG(scope));
    if (!ui_change(ui, &place, err))
        return false;
    (void)snprintf(ui->scope, sizeof(ui->scope), "%s", place.scope); /* for tables to come */
    if (scope.len)
        remember_scope(ui, place.scope);
    return true;
}

COMMAND_RUN(scope)
{
    if (!argc)
        return err_set(err, ERR_CONFIG,
                       "which namespaces? `:scope a,b`, `:scope !kube-*`, `:scope all`");
    return set_scope(ui, span_is(argv[0], "all") ? SPAN("") : argv[0], err);
}

COMMAND_RUN(favourite)
{
    struct strbuf known = STRBUF_INIT(4096);
    size_t n = argc && argv[0].len == 1 ? (size_t)(argv[0].data[0] - '0') : 0;
    if (n >= 1 && n <= ui->nscopes) {
        ui_say(ui, ROLE_DIM, "namespace %s (0: all)", ui->scopes[n - 1]);
        return set_scope(ui, span_from(ui->scopes[n - 1]), err);
    }
    for (size_t i = 0; i < ui->nscopes; i++)
        strbuf_addf(&known, "%s%zu %s", i ? ", " : "; there are: ", i + 1, ui->scopes[i]);
    (void)err_set(err, ERR_CONFIG, "no namespace has been chosen for this key: `:scope NAME`%s",
                  strbuf_cstr(&known));
    strbuf_clear(&known);
    return false;
}

COMMAND_RUN(columns)
{
    ui_prompt(ui, PROMPT_COMMAND, SPAN("cols "));
    return true;
}

COMMAND_RUN(cols)
{
    struct place place = ui_top(ui)->place;
    const struct kind *kind = store_kind(ui->store, (uint16_t)place.kind);
    for (size_t i = 0; i < argc; i++) {
        struct span name = span_sub(argv[i], 1, argv[i].len);
        if ((argv[i].data[0] != '+' && argv[i].data[0] != '-') || kind_column(kind, name) < 0)
            return err_set(err, ERR_CONFIG,
                           "%.*s: +COLUMN shows and -COLUMN hides one of these %s (TAB lists them)",
                           SPAN_ARG(argv[i]), kind->plural);
    }
    struct span rest = rest_of(argc, argv);
    (void)snprintf(place.columns, sizeof(place.columns), "%.*s", SPAN_ARG(rest));
    return ui_change(ui, &place, err);
}

/* What is shown may be hidden, what is not may be shown. */
void complete_cols(struct ui *ui, struct strbuf *words)
{
    const struct place *place = &ui_top(ui)->place;
    if (place->kind < 0)
        return;
    const struct kind *k = store_kind(ui->store, (uint16_t)place->kind);
    for (size_t i = 0; i < k->ncolumns; i++) {
        unsigned hidden = COLUMN_HIDDEN | (place->wide ? 0 : COLUMN_WIDE);
        strbuf_addf(words, "%c%s\t%s\n", k->columns[i].flags & hidden ? '+' : '-',
                    k->columns[i].name, k->columns[i].help);
    }
}

COMMAND_RUN(wide)
{
    struct place place = ui_top(ui)->place;
    place.wide = !place.wide;
    return ui_change(ui, &place, err);
}

COMMAND_RUN(problems)
{
    struct place place = ui_top(ui)->place;
    place.problems = !place.problems;
    return ui_change(ui, &place, err);
}

COMMAND_RUN(verb)
{
    struct screen *top = ui_top(ui);
    struct span arg = rest_of(argc, argv);
    if (top->cls->verb && top->cls->verb(top, ui, ui->verb, arg))
        return true;
    return err_set(err, ERR_CONFIG, "`%s` means nothing here", ui->verb);
}

void complete_columns(struct ui *ui, struct strbuf *words)
{
    int kind = ui_top(ui)->place.kind;
    if (kind < 0)
        return;
    const struct kind *k = store_kind(ui->store, (uint16_t)kind);
    strbuf_adds(words, "level\tHow bad it is.\n");
    for (size_t i = 0; i < k->ncolumns; i++)
        strbuf_addf(words, "%s\t%s\n", k->columns[i].name, k->columns[i].help);
}

void complete_namespaces(struct ui *ui, struct strbuf *words)
{
    int kind = kind_find(session_kinds(ui->session), SPAN("namespace"));
    struct handle row;
    uint32_t at = 0;
    strbuf_adds(words, "all\tAll namespaces.\n");
    while (kind >= 0 && store_next(ui->store, (uint16_t)kind, &at, &row))
        strbuf_addf(words, "%.*s\n", SPAN_ARG(store_key(ui->store, row)));
}
