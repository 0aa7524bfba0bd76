/* Finding and running commands. */
#include <config.h>

#include "tui/command.h"

#include "base/log.h"
#include "tui/commands.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct command *command_find(struct span name)
{
    for (const struct command *c = command_table; c->name; c++)
        if (span_is(name, c->name))
            return c;
    return NULL;
}

void command_check_kinds(const struct kind_list *kinds)
{
    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        if (command_find(span_from(k->name)) && command_find(span_from(k->plural)))
            log_write(LOG_WARNING, "sources",
                      "`:%s` and `:%s` are commands: the kind of that name is reached by :sources",
                      k->name, k->plural);
    }
}

/* Splits at blanks; "/..." takes the whole rest, so that a filter may have
 * blanks in it. */
static size_t split_words(struct span line, struct span words[COMMAND_ARGS_MAX + 1])
{
    size_t n = 0;
    struct span rest = span_trim(line);
    while (rest.len && n < COMMAND_ARGS_MAX + 1) {
        size_t end = rest.data[0] == '/' && n ? rest.len : span_find(rest, ' ', 0);
        words[n++] = span_sub(rest, 0, end);
        rest = span_trim(span_sub(rest, end, rest.len));
    }
    return n;
}

/* Namespaces of another view: those that its tables start with from now on. */
static bool set_start(struct ui *ui, struct span scope)
{
    bool all = span_is(scope, "all");
    (void)snprintf(ui->scope, sizeof(ui->scope), "%.*s", SPAN_ARG(all ? SPAN("") : scope));
    ui_say(ui, ROLE_DIM, "tables start with %s", all ? "all namespaces" : ui->scope);
    return true;
}

/* `:pods`, `:pods shop,auth`, `:pods /is:bad`, `:pods @other`: a table, a scope, a
 * filter, a context. Tables that are asked for stand on home; `[` leads back. */
/* `:sts`, `:sts /vault`: a part of a kind is what its filter leaves, which Esc takes away as any. */
static void add_part(struct ui *ui, int kind, struct span word, struct place *place)
{
    const char *part = kind_part(store_kind(ui->store, (uint16_t)kind), word);
    struct strbuf filter = STRBUF_INIT(2 * sizeof(place->filter));
    if (!part)
        return;
    if (place->filter[0])
        strbuf_addf(&filter, "(%s) ", place->filter);
    strbuf_adds(&filter, part);
    if (filter.len < sizeof(place->filter))
        (void)snprintf(place->filter, sizeof(place->filter), "%s", strbuf_cstr(&filter));
    strbuf_clear(&filter);
}

static bool open_kind(struct ui *ui, int kind, struct span word, size_t argc,
                      const struct span *argv, struct err *err)
{
    struct place place = {.cls = &screen_table, .kind = kind, .source = SOURCE_ANY};
    bool is_namespace = strcmp(store_kind(ui->store, (uint16_t)kind)->name, "namespace") == 0;
    for (size_t i = 0; i < argc; i++) {
        struct span arg = argv[i], rest = span_sub(arg, 1, arg.len);
        if (arg.data[0] == '@') {
            if (!run_context(ui, 1, &rest, err))
                return false;
        } else if (arg.data[0] == '/') {
            (void)snprintf(place.filter, sizeof(place.filter), "%.*s", SPAN_ARG(rest));
        } else if (is_namespace && (ui_context(ui) & CONTEXT_TABLE)) {
            return run_scope(ui, 1, &arg, err);
        } else if (is_namespace) {
            return set_start(ui, arg);
        } else if (span_is(arg, "all")) {
            place.scoped = true;
        } else {
            (void)snprintf(place.scope, sizeof(place.scope), "%.*s", SPAN_ARG(arg));
        }
    }
    add_part(ui, kind, word, &place);
    return ui_open_on_home(ui, &place, err);
}

/* A word that is typed wrongly; short words are near to everything. */
static const char *nearest(const struct ui *ui, struct span word)
{
    const char *best = NULL;
    size_t least = word.len <= 3 ? 2 : 3;
    const struct kind_list *kinds = session_kinds(ui->session);
    for (size_t i = 0; i < kinds->count; i++) {
        size_t d = span_distance(word, span_from(kinds->kinds[i]->plural));
        if (d < least) {
            least = d;
            best = kinds->kinds[i]->plural;
        }
    }
    for (const struct command *c = command_table; c->name; c++) {
        size_t d = span_distance(word, span_from(c->name));
        if (d < least) {
            least = d;
            best = c->name;
        }
    }
    return best;
}

bool command_run(struct ui *ui, struct span line, struct err *err)
{
    struct span words[COMMAND_ARGS_MAX + 1];
    size_t n = split_words(line, words);
    if (!n)
        return true;
    const struct command *c = command_find(words[0]);
    if (c) {
        if (!(c->contexts & ui_context(ui)))
            return err_set(err, ERR_CONFIG, "`%s` means nothing on the %s screen", c->name,
                           ui_top(ui)->cls->name);
        ui->verb = c->name;
        return c->run(ui, n - 1, words + 1, err);
    }
    int kind = kind_find(session_kinds(ui->session), words[0]);
    if (kind >= 0)
        return open_kind(ui, kind, words[0], n - 1, words + 1, err);
    const char *near = nearest(ui, words[0]);
    if (near)
        return err_set(err, ERR_CONFIG, "no command or kind `%.*s`; did you mean `%s`?",
                       SPAN_ARG(words[0]), near);
    return err_set(err, ERR_CONFIG, "no command or kind `%.*s`; `:find %.*s` looks for it in names",
                   SPAN_ARG(words[0]), SPAN_ARG(words[0]));
}
