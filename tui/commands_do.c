/* Commands that change something: they open a plan, and nothing more. */
#include <config.h>

#include "actions/audit.h"
#include "actions/doing.h"
#include "base/timetext.h"
#include "cli/sites.h"
#include "tui/commands.h"
#include "tui/row_object.h"
#include "tui/ui.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
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
    int column =
        f->column ? kind_column(store_kind(ui->store, row.kind), span_from(f->column)) : -1;
    bool ok = true;
    if (f->column && strcmp(f->column, "@source") == 0)
        strbuf_adds(&text, store_source(ui->store, store_row_source(ui->store, row))->name);
    if (column >= 0) {
        struct value v = store_cell(ui->store, row, (size_t)column, ui->now_ms);
        value_format(&v, &text);
    }
    for (size_t i = 0; f->type == FIELD_CHOICE && i < text.len; i++)
        text.data[i] = (char)tolower((unsigned char)text.data[i]);
    if (text.len)
        ok = answers_set(a, f->name, strbuf_cstr(&text), err);
    strbuf_clear(&text);
    return ok;
}

static bool take_row(const struct ui *ui, struct answers *a, struct err *err)
{
    struct handle row;
    if (!ui_selected(ui, &row) || !row_takes(store_kind(ui->store, row.kind), a->action))
        return true;
    if (strcmp(a->action->kind, KIND_ANY) == 0)
        return row_object(ui->store, row, a, err);
    for (const struct field *f = a->action->fields; f->name; f++)
        if (!take_cell(ui, row, f, a, err))
            return false;
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

/* The first field that must be said and is not; the namespace may be the context's. */
static const struct field *missing(const struct answers *a)
{
    for (const struct field *f = a->action->fields; f->name; f++)
        if (!f->fallback && !answers_get(a, f->name)[0] && strcmp(f->name, "namespace") != 0)
            return f;
    return NULL;
}

/* Asks for it where commands are typed, with all that is known already. */
static void ask_for(struct ui *ui, const struct answers *a, const struct field *wanted)
{
    struct strbuf line = STRBUF_INIT(16384);
    strbuf_addf(&line, "do %s", a->action->name);
    for (const struct field *f = a->action->fields; f->name; f++)
        if (answers_get(a, f->name)[0])
            strbuf_addf(&line, " %s=%s", f->name, answers_get(a, f->name));
    strbuf_addf(&line, " %s=", wanted->name);
    ui_prompt(ui, PROMPT_COMMAND, strbuf_span(&line));
    ui_say(ui, ROLE_TEXT, "%s: %s", wanted->name, wanted->help);
    strbuf_clear(&line);
}

/* ---- The action. */

static bool is_under_way(struct ui *ui)
{
    return ui->doing && doing_state(ui->doing) == DOING_RUNS;
}

static bool start(struct ui *ui, struct answers *a, struct err *err)
{
    bool shifted = clock_is_shifted(session_clock(ui->session));
    char *audit = audit_path(shifted);
    const char *ns = session_namespace(ui->session);
    struct sites sites;
    const struct doing_options o = {.kubeconfig = session_kubeconfig(ui->session),
                                    .context = session_context(ui->session),
                                    .ns = ns[0] ? ns : NULL,
                                    .wall_ms = shifted ? ui->now_ms : 0,
                                    .audit = audit,
                                    .sites = &sites};
    struct place place = {.cls = &screen_doing, .kind = -1, .source = SOURCE_ANY};
    struct doing *d = NULL;
    cli_sites(session_config(ui->session), &sites);
    if (!audit)
        (void)err_set(err, ERR_CONFIG, "HOME is not set: there is no place for the audit log");
    else
        d = doing_start(&o, a, err);
    free(audit);
    sites_clear(&sites);
    if (!d)
        return false;
    doing_end(ui->doing);
    ui->doing = d;
    return ui_open(ui, &place, err);
}

COMMAND_RUN(do)
{
    char name[WORD_MAX];
    struct answers a = {0};
    struct place place = {.cls = &screen_doing, .kind = -1, .source = SOURCE_ANY};
    if (!argc)
        return ui_open(ui, &place, err);
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(argv[0]));
    a.action = action_find(name);
    if (!a.action)
        return err_set(err, ERR_CONFIG, "there is no action `%s`; all: `:actions`", name);
    if (session_read_only(ui->session))
        return err_set(err, ERR_DENIED, "--read-only: nothing can be changed");
    if (is_under_way(ui))
        return err_set(err, ERR_CONFLICT, "another action runs: `:do` shows it");
    bool ok = take_row(ui, &a, err);
    for (size_t i = 1; ok && i < argc; i++)
        ok = take_word(argv[i], &a, err);
    const struct field *wanted = ok ? missing(&a) : NULL;
    if (wanted)
        ask_for(ui, &a, wanted);
    else if (ok)
        ok = start(ui, &a, err);
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
    ui_say(ui, ROLE_NOTICE,
           ms ? "changes are allowed here for %.*s" : "changes are no longer allowed here",
           SPAN_ARG(text));
    return true;
}
