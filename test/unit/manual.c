/* The manual tells what the tables have: parts of doc/binnacle.1 are made from them,
 * the rest is compared with them. UPDATE_MANUAL=1 writes the made parts. */
#include <config.h>

#include "actions/action.h"
#include "app/config_table.h"
#include "backends/backend.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/yaml.h"
#include "cli/cli.h"
#include "tui/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANUAL_MAX ((size_t)1 << 20)

static char *manual_path(void)
{
    struct strbuf path = STRBUF_INIT(4096);
    strbuf_addf(&path, "%s/doc/binnacle.1", getenv("top_srcdir"));
    return strbuf_take(&path);
}

static void read_manual(struct strbuf *out)
{
    char *path = manual_path();
    if (!file_read(path, out, NULL))
        fail_msg("%s cannot be read", path);
    free(path);
}

/* Text as roff shows it: hyphens that are minus signs, no requests. */
static void add_roff(struct span text, struct strbuf *out)
{
    if (text.len && (text.data[0] == '.' || text.data[0] == '\''))
        strbuf_adds(out, "\\&");
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '-')
            strbuf_addc(out, '\\');
        if (text.data[i] == '\\')
            strbuf_adds(out, "\\e");
        else
            strbuf_addc(out, text.data[i]);
    }
}

/* ---- The made parts. */

/* The words behind a command's name in a binding ("copy name": "name"); false: it is
 * of another command. */
static bool of_command(const struct binding *b, const struct command *c, struct span *words)
{
    struct span rest = span_from(b->command), name;
    (void)span_split(&rest, ' ', &name);
    *words = rest;
    return span_is(name, c->name);
}

static void add_key(const struct binding *b, struct span words, bool first, struct strbuf *out)
{
    strbuf_adds(out, first ? ".br\nKeys: \\fB" : ", \\fB");
    add_roff(span_from(b->keys), out);
    strbuf_adds(out, "\\fR");
    if (!words.len)
        return;
    strbuf_adds(out, " (");
    add_roff(words, out);
    strbuf_addc(out, ')');
}

static void add_command(const struct command *c, struct strbuf *out)
{
    struct span words;
    bool first = true;
    strbuf_adds(out, ".TP\n\\fB:");
    add_roff(span_from(c->name), out);
    strbuf_adds(out, "\\fR");
    if (c->usage[0]) {
        strbuf_addc(out, ' ');
        add_roff(span_from(c->usage), out);
    }
    strbuf_addc(out, '\n');
    add_roff(span_from(c->help), out);
    strbuf_addc(out, '\n');
    for (const struct binding *b = binding_table; b->keys; b++) {
        if (!of_command(b, c, &words))
            continue;
        bool told = false; /* the same key in another context */
        for (const struct binding *before = binding_table; before < b; before++)
            told = told ||
                   (strcmp(before->keys, b->keys) == 0 && strcmp(before->command, b->command) == 0);
        if (told)
            continue;
        add_key(b, words, first, out);
        first = false;
    }
    if (!first)
        strbuf_addc(out, '\n');
}

static void make_commands(struct strbuf *out)
{
    static const char *const titles[] = {[GROUP_MOVE] = "Moving",
                                         [GROUP_LOOK] = "Looking",
                                         [GROUP_FIND] = "Finding",
                                         [GROUP_DO] = "Doing",
                                         [GROUP_PROGRAM] = "The program"};
    for (size_t group = 0; group < BN_COUNT(titles); group++) {
        strbuf_addf(out, ".SS %s\n", titles[group]);
        for (const struct command *c = command_table; c->name; c++)
            if (c->group == group)
                add_command(c, out);
    }
}

static void make_configuration(struct strbuf *out)
{
    for (const struct config_key *k = config_keys; k->name; k++) {
        strbuf_adds(out, ".TP\n.B ");
        add_roff(span_from(k->name), out);
        strbuf_addc(out, '\n');
        add_roff(span_from(k->help), out);
        if (k->choices) {
            strbuf_adds(out, "\nOne of ");
            add_roff(span_from(k->choices), out);
            strbuf_addc(out, '.');
        }
        if (k->fallback[0]) {
            strbuf_adds(out, "\nDefault: ");
            add_roff(span_from(k->fallback), out);
            strbuf_addc(out, '.');
        }
        strbuf_addc(out, '\n');
    }
}

static void add_setting(const char *name, const char *fallback, const char *help,
                        struct strbuf *out)
{
    strbuf_adds(out, ".TP\n.B ");
    add_roff(span_from(name), out);
    strbuf_addc(out, '\n');
    add_roff(span_from(help), out);
    if (fallback) {
        strbuf_adds(out, "\nDefault: ");
        add_roff(span_from(fallback), out);
        strbuf_addc(out, '.');
    }
    strbuf_addc(out, '\n');
}

/* Lists that backends read: each a section, its entries' keys, and what holds without. */
static void make_lists(struct strbuf *out)
{
    for (const struct backend *const *b = backend_registry; *b; b++) {
        const struct declares *d = (*b)->declares;
        if (!d)
            continue;
        strbuf_addf(out, ".SS The list %s\n", d->key);
        add_roff(span_from(d->help), out);
        strbuf_adds(out, "\nBeside its\n.B name\nan entry may say:\n");
        for (const struct setting *s = d->entry; s->name; s++)
            add_setting(s->name, s->fallback, s->help, out);
        if (d->defaults)
            strbuf_adds(out, ".PP\nWithout entries of these names it has:\n.PP\n.EX\n");
        for (const struct declared *e = d->defaults; e && e->name; e++) {
            strbuf_adds(out, "  ");
            add_roff(span_from(e->name), out);
            strbuf_adds(out, ":");
            for (const char *const *s = e->settings; *s; s++)
                if (strncmp(*s, "source=", 7) != 0) {
                    strbuf_addc(out, ' ');
                    add_roff(span_from(*s), out);
                }
            strbuf_addc(out, '\n');
        }
        if (d->defaults)
            strbuf_adds(out, ".EE\n");
    }
}

static void make_scenarios(struct strbuf *out)
{
    struct strbuf folder = STRBUF_INIT(4096), names = STRBUF_INIT(4096);
    struct span rest, name;
    strbuf_addf(&folder, "%s/harbor/scenarios", getenv("top_srcdir"));
    file_names(strbuf_cstr(&folder), ".yaml", "\n", &names);
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name);) {
        struct strbuf path = STRBUF_INIT(8192);
        struct err err;
        strbuf_addf(&path, "%s/%.*s.yaml", strbuf_cstr(&folder), SPAN_ARG(name));
        struct yaml_doc *doc = yaml_load(strbuf_cstr(&path), &err);
        if (!doc)
            fail_msg("%s", err.msg);
        const char *about = yaml_text(yaml_root(doc, 0), "about", "");
        assert_in_range(strlen(about), 20, 80); /* a line of the help */
        strbuf_adds(out, ".TP\n.B ");
        add_roff(name, out);
        strbuf_addc(out, '\n');
        add_roff(span_from(about), out);
        strbuf_addc(out, '\n');
        const char *screen = yaml_text(yaml_root(doc, 0), "screen", "");
        if (*screen) {
            strbuf_adds(out, "Best seen at\n.BR \"");
            add_roff(span_from(":"), out);
            add_roff(span_from(screen), out);
            strbuf_adds(out, "\" .\n");
        }
        yaml_doc_free(doc);
        strbuf_clear(&path);
    }
    strbuf_clear(&folder);
    strbuf_clear(&names);
}

static void make_actions(struct strbuf *out)
{
    for (const struct action *const *a = action_registry; *a; a++) {
        strbuf_adds(out, ".TP\n.B ");
        add_roff(span_from((*a)->name), out);
        strbuf_addc(out, '\n');
        add_roff(span_from((*a)->help), out);
        strbuf_adds(out, ":\n");
        for (const struct field *f = (*a)->fields; f->name; f++) {
            strbuf_adds(out, ".BR \\-\\-");
            add_roff(span_from(f->name), out);
            strbuf_adds(out, f[1].name ? " ,\n" : " .\n");
        }
    }
}

static const struct {
    const char *name;
    void (*make)(struct strbuf *out);
} parts[] = {{"actions", make_actions},
             {"commands", make_commands},
             {"configuration", make_configuration},
             {"lists", make_lists},
             {"scenarios", make_scenarios}};

/* A part stands between two comments. */
static struct span find_part(struct span manual, const char *name)
{
    struct strbuf from = STRBUF_INIT(200), to = STRBUF_INIT(200);
    strbuf_addf(&from, ".\\\" made: %s\n", name);
    strbuf_addf(&to, ".\\\" end of %s\n", name);
    size_t at = span_search(manual, strbuf_span(&from), false);
    size_t end = span_search(manual, strbuf_span(&to), false);
    if (at >= end || end == manual.len)
        fail_msg("doc/binnacle.1 has no place for the %s", name);
    struct span part = span_sub(manual, at + from.len, end - at - from.len);
    strbuf_clear(&from);
    strbuf_clear(&to);
    return part;
}

static void write_part(const struct strbuf *manual, struct span part, const struct strbuf *made)
{
    struct strbuf whole = STRBUF_INIT(MANUAL_MAX);
    size_t at = (size_t)(part.data - manual->data);
    char *path = manual_path();
    strbuf_add(&whole, span_sub(strbuf_span(manual), 0, at));
    strbuf_add(&whole, strbuf_span(made));
    strbuf_add(&whole, span_sub(strbuf_span(manual), at + part.len, manual->len));
    assert_true(file_replace(path, strbuf_span(&whole), NULL));
    strbuf_clear(&whole);
    free(path);
}

static void what_is_made_from_tables_is_as_they_are(void **state)
{
    const char *update = getenv("UPDATE_MANUAL");
    (void)state;
    for (size_t i = 0; i < BN_COUNT(parts); i++) {
        struct strbuf manual = STRBUF_INIT(MANUAL_MAX), made = STRBUF_INIT(MANUAL_MAX);
        read_manual(&manual);
        struct span part = find_part(strbuf_span(&manual), parts[i].name);
        parts[i].make(&made);
        if (update && *update)
            write_part(&manual, part, &made);
        else if (!span_eq(part, strbuf_span(&made)))
            fail_msg("the %s of doc/binnacle.1 are not those of the tables; run this test with "
                     "UPDATE_MANUAL=1 to write them",
                     parts[i].name);
        strbuf_clear(&manual);
        strbuf_clear(&made);
    }
}

/* ---- What is compared. */

/* "--name=ARG" of a line of help as the manual has it. */
static void option_in_roff(struct span word, struct strbuf *out)
{
    size_t equals = span_find(word, '=', 0);
    strbuf_adds(out, "\\-\\-");
    add_roff(span_sub(word, 2, equals - 2), out);
    if (equals < word.len)
        strbuf_addf(out, "=\\fI%.*s\\fR", SPAN_ARG(span_sub(word, equals + 1, word.len)));
}

static size_t check_options(const struct cli_command *command, const struct strbuf *manual)
{
    struct strbuf help = STRBUF_INIT(65536);
    struct span rest, line, word;
    size_t n = 0;
    cli_help(command, &help);
    for (rest = strbuf_span(&help); span_split(&rest, '\n', &line);) {
        struct strbuf wanted = STRBUF_INIT(256);
        struct span words = span_trim(line);
        if (!span_starts(line, "  -") && !span_starts(line, "      --"))
            continue;
        while (span_split(&words, ' ', &word) && !span_starts(word, "--"))
            ;
        option_in_roff(word, &wanted);
        if (!strstr(strbuf_cstr(manual), strbuf_cstr(&wanted)))
            fail_msg("the manual does not tell %.*s", SPAN_ARG(word));
        strbuf_clear(&wanted);
        n++;
    }
    strbuf_clear(&help);
    return n;
}

static void every_option_is_told(void **state)
{
    struct strbuf manual = STRBUF_INIT(MANUAL_MAX);
    (void)state;
    read_manual(&manual);
    size_t n = check_options(NULL, &manual);
    assert_true(n > 5);
    for (const struct cli_command *c = cli_commands(); c->name; c++) {
        struct strbuf name = STRBUF_INIT(64);
        assert_true(check_options(c, &manual) >= n);
        strbuf_addf(&name, "binnacle %s", c->name);
        struct strbuf bold = STRBUF_INIT(64);
        strbuf_addf(&bold, ".B %s", c->name);
        if (!strstr(strbuf_cstr(&manual), strbuf_cstr(&name)) &&
            !strstr(strbuf_cstr(&manual), strbuf_cstr(&bold)))
            fail_msg("the manual does not tell the command %s", c->name);
        strbuf_clear(&name);
        strbuf_clear(&bold);
    }
    strbuf_clear(&manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_from_tables_is_as_they_are),
        cmocka_unit_test(every_option_is_told),
    };
    return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
