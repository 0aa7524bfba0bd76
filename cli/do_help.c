/* What `do --help` says of all actions, and `do ACTION --help` of one. */
#include <config.h>

#include "actions/action.h"
#include "cli/do.h"

#include <ctype.h>
#include <string.h>

#define WORDS_AT 26 /* where help of options stands too */
#define WIDTH    80

static const char exits[] =
    "\nExit status: 0 done, or nothing to do; 1 a step failed, or stays when a run is taken "
    "back;\n2 wrong usage; 3 refused, nothing was changed; 4 the run has no end: what was "
    "sent may yet\ncome to be (--resume). The manual: man binnacle\n";

void cli_do_help(struct strbuf *out)
{
    strbuf_adds(out, "\nActions; `binnacle do ACTION --help` says the fields of one:\n");
    for (const struct action *const *a = action_registry; *a; a++)
        strbuf_addf(out, "  %-29s %s\n", (*a)->name, (*a)->help);
    strbuf_adds(out, exits);
}

/* ---- One action. */

static bool is_namespace(const struct field *f)
{
    return strcmp(f->name, "namespace") == 0;
}

/* It must be said: nothing else says it. */
static bool is_needed(const struct field *f)
{
    return !f->fallback && !is_namespace(f);
}

/* The words of a text from column `at` on, in lines that begin at WORDS_AT. */
static void add_wrapped(struct span text, size_t at, struct strbuf *out)
{
    struct span word;
    size_t column = at;
    while (span_split(&text, ' ', &word)) {
        if (column > WORDS_AT && column + word.len >= WIDTH) {
            strbuf_addc(out, '\n');
            strbuf_fill(out, ' ', WORDS_AT);
            column = WORDS_AT;
        }
        strbuf_addf(out, "%s%.*s", column > WORDS_AT ? " " : "", SPAN_ARG(word));
        column += word.len + (column > WORDS_AT);
    }
    strbuf_addc(out, '\n');
}

static void add_value(const struct field *f, struct strbuf *out)
{
    const char *word = f->type == FIELD_NAME     ? "NAME"
                       : f->type == FIELD_COUNT  ? "N"
                       : f->type == FIELD_CHOICE ? "WORD"
                       : f->type == FIELD_SECRET ? "WHERE"
                                                 : f->name;
    strbuf_addc(out, '=');
    for (; *word; word++)
        strbuf_addc(out, (char)toupper((unsigned char)*word));
}

static void add_field(const struct field *f, struct strbuf *out)
{
    struct strbuf says = STRBUF_INIT(8192);
    size_t start = out->len;
    strbuf_addf(out, "%s--%s", is_namespace(f) ? "  -n, " : "      ", f->name);
    add_value(f, out);
    size_t width = out->len - start;
    strbuf_fill(out, ' ', width < WORDS_AT ? WORDS_AT - width : 2);
    strbuf_adds(&says, f->help);
    if (f->choices)
        strbuf_addf(&says, " (%s)", f->choices);
    if (is_namespace(f) && !f->fallback)
        strbuf_adds(&says, "; the context's where it is not said");
    else if (is_needed(f))
        strbuf_adds(&says, "; needed");
    else if (f->fallback[0])
        strbuf_addf(&says, "; %s where it is not said", f->fallback);
    add_wrapped(strbuf_span(&says), width < WORDS_AT ? WORDS_AT : width + 2, out);
    strbuf_clear(&says);
}

/* What has to be said, as it would be typed. */
static void add_line(const struct action *a, const char *more, struct strbuf *out)
{
    strbuf_addf(out, "  binnacle do %s", a->name);
    for (const struct field *f = a->fields; f->name; f++)
        if (is_namespace(f)) {
            strbuf_adds(out, " -n NAME");
        } else if (is_needed(f)) {
            strbuf_addf(out, " --%s", f->name);
            add_value(f, out);
        }
    strbuf_addf(out, "%s\n", more);
}

void cli_do_help_of(const struct cli_command *command, const struct action *a, struct strbuf *out)
{
    strbuf_addf(out, "Usage: binnacle do %s [OPTION]... [--FIELD VALUE...]\n%s:\n%s\n", a->name,
                a->title, a->help);
    strbuf_adds(out, a->fields->name ? "\nFields:\n" : "\nIt has no fields.\n");
    for (const struct field *f = a->fields; f->name; f++)
        add_field(f, out);
    if (a->picks)
        strbuf_adds(out, "One of those that may be left out has to be said.\n");
    cli_help_options(command, out);
    strbuf_adds(out, "\nFor example, first only its plan:\n");
    add_line(a, " --dry-run", out);
    add_line(a, a->risk == RISK_DESTROY ? " --yes --confirm=CONTEXT" : " --yes", out);
    strbuf_adds(out, exits);
}
