/* Commands and keys are two tables. The help screen, the key line, the
 * completion of `:` and the manual page are printed from them. No key changes
 * anything in a system. */
#ifndef BINNACLE_TUI_COMMAND_H
#define BINNACLE_TUI_COMMAND_H

#include "base/err.h"
#include "base/strbuf.h"

struct ui;
struct kind_list; /* model/kind.h */

/* Where a command or key means something. */
enum context {
    CONTEXT_HOME = 1 << 0,
    CONTEXT_TABLE = 1 << 1,
    CONTEXT_DETAIL = 1 << 2, /* fields of one row: a list of lines */
    CONTEXT_PAGER = 1 << 3,  /* text: YAML, log */
    CONTEXT_LOG = 1 << 4,
    CONTEXT_LIST = 1 << 5, /* sources, messages, contexts */
    CONTEXT_CONTAINERS = 1 << 6,
    CONTEXT_ROWS = 1 << 7,     /* lines that stand for a row each: pins, changes */
    CONTEXT_HELP = 1 << 8,     /* letters are text there: they narrow the list */
    CONTEXT_ACTION = 1 << 9,   /* an action that waits for a button */
    CONTEXT_FORM = 1 << 10,    /* fields of an action: letters are text there */
    CONTEXT_TYPED = 1 << 11,   /* a plan that is confirmed by a name: letters are text there too */
    CONTEXT_PLANNED = 1 << 12, /* a plan that waits to be confirmed by one */
    CONTEXT_RUN = 1 << 13,     /* a run whose pod's log is shown */
    CONTEXT_ANY = (1 << 14) - 1,
};

enum command_group { GROUP_MOVE, GROUP_LOOK, GROUP_FIND, GROUP_DO, GROUP_PROGRAM, GROUP_ALIAS };

#define COMMAND_ARGS_MAX 8

struct command {
    const char *name;  /* "sort" */
    const char *usage; /* "[COLUMN[!]]"; shown in help and errors */
    const char *help;  /* one sentence */
    enum command_group group;
    unsigned contexts; /* enum context */
    bool (*run)(struct ui *ui, size_t argc, const struct span *argv, struct err *err);
    /* Appends the words that may stand as the argument, one a line, "word" or "word\thelp";
     * NULL: none. */
    void (*complete)(struct ui *ui, struct strbuf *words);
};

/* What may be true of the row under the cursor and of the screen. */
enum fact {
    FACT_ROW = 1 << 0,    /* there is one */
    FACT_BAD = 1 << 1,    /* it is not well */
    FACT_LOG = 1 << 2,    /* it, or what is below it, has a log */
    FACT_DIED = 1 << 3,   /* a container of it has had a life before */
    FACT_FILTER = 1 << 4, /* a filter hides rows */
    FACT_MARKS = 1 << 5,  /* rows are marked */
};

struct binding {
    const char *keys;    /* "j", "C-d", "c c": names of key_parse(), separated by spaces */
    const char *command; /* "sort age!": parsed by the same parser as `:` */
    unsigned contexts;
    const char *label; /* for the key line, by importance; NULL: not shown there */
    unsigned needs;    /* enum fact: shown there only when all are true */
};

extern const struct command command_table[]; /* ends with a NULL name */
extern const struct binding binding_table[]; /* ends with NULL keys */

const struct command *command_find(struct span name);
/* Kinds of the configuration's scripts may be called as commands, which go first: says so. */
void command_check_kinds(const struct kind_list *kinds);
/* Runs a command line ("sort age!"); names of kinds open their table. False:
 * *err is a sentence for the message line. */
bool command_run(struct ui *ui, struct span line, struct err *err);
/* Candidates for completing the line at its end, best first, one a line:
 * "word\thelp"; of a filter columns and flags. */
void command_complete(struct ui *ui, struct span line, struct strbuf *out);
void filter_complete(struct ui *ui, struct span line, struct strbuf *out);
void complete_namespaces(struct ui *ui, struct strbuf *words);

/* The binding of a key (after a first key of a chord, 0: none) in a context:
 * NULL and *chord says whether the key begins a chord there. */
const struct binding *binding_find(unsigned context, uint32_t first, uint32_t key, bool *chord);

#endif
