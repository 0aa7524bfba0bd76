/* The key table: every key is a line of the command language. */
#include <config.h>

#include "tui/command.h"
#include "tui/input.h"

/* clang-format off */
#define ROWS (CONTEXT_HOME | CONTEXT_TABLE | CONTEXT_DETAIL | CONTEXT_CONTAINERS | CONTEXT_ROWS)
#define LISTS (ROWS | CONTEXT_LIST)
#define TEXTS (CONTEXT_PAGER | CONTEXT_LOG)
#define SEARCHED (TEXTS | CONTEXT_DETAIL)
#define LETTERS (CONTEXT_FORM | CONTEXT_TYPED) /* they are text there */

/* Labels stand in the key line from left to right as far as they fit, so what
 * is asked for most comes first. The first line that fits key and screen counts. */
const struct binding binding_table[] = {
    {"Tab", "next-field", CONTEXT_FORM, "next field", 0},
    {"S-Tab", "previous-field", CONTEXT_FORM, NULL, 0},
    {"F2", "make-plan", CONTEXT_FORM, "make the plan", 0},
    {"Enter", "press", CONTEXT_FORM, "next, press", 0},
    {"Left", "choose back", CONTEXT_FORM, NULL, 0},
    {"Space", "choose", CONTEXT_FORM, NULL, 0},
    {"F4", "ask", CONTEXT_FORM, NULL, 0},
    {"F3", "exact", CONTEXT_FORM, NULL, 0},
    {"Enter", "press", CONTEXT_TYPED, "run it by its name", 0},
    {"F3", "exact", CONTEXT_TYPED, "exact text", 0},
    {"F5", "copy plan", CONTEXT_TYPED, "as shell", 0},
    {"F4", "edit", CONTEXT_TYPED, "edit", 0},
    {"F1", "help", LETTERS, "help", 0},
    {"Esc", "escape", LETTERS, "leave it", 0},
    {"Right", "choose", CONTEXT_FORM, "next choice", 0},
    {"Tab", "choose", CONTEXT_ACTION, "other button", 0},
    {"Enter", "press", CONTEXT_ACTION, "press", 0},
    {"Esc", "escape", CONTEXT_ACTION, "leave it", 0},
    {"F5", "copy plan", CONTEXT_ACTION, NULL, 0},
    {"F3", "exact", CONTEXT_ACTION, "exact text", 0},
    {"y", "copy plan", CONTEXT_ACTION, "as shell", 0},
    {"l", "whole-log", CONTEXT_RUN, "log alone", 0},
    {"e", "edit", CONTEXT_PLANNED, "edit", 0},
    {"F6", "wait", CONTEXT_PLANNED | CONTEXT_TYPED, NULL, 0},
    {"F7", "manifest", CONTEXT_PLANNED, "manifest", 0},
    {"F7", "manifest", CONTEXT_TYPED, NULL, 0},
    {"Left", "choose back", CONTEXT_ACTION, NULL, 0},
    {"Right", "choose", CONTEXT_ACTION, NULL, 0},
    {"Enter", "enter", LISTS, "open", 0},
    {"Enter", "enter", CONTEXT_HELP, "run", 0},
    {"?", "help", CONTEXT_HELP, "other page", 0},
    {"Esc", "escape", CONTEXT_HELP, "close", 0},
    {"x", "why", ROWS, "why", FACT_BAD},
    {"l", "enter", CONTEXT_CONTAINERS, "log", 0},
    {"l", "log", ROWS & ~CONTEXT_CONTAINERS, "log", FACT_LOG},
    {"p", "previous", CONTEXT_LOG | CONTEXT_CONTAINERS, "previous", 0},
    {"p", "previous", ROWS, "previous log", FACT_DIED},
    {"F", "follow", TEXTS, "follow", 0},
    {"Tab", "next-container", CONTEXT_LOG, "container", 0},
    {"Tab", "next-part", CONTEXT_DETAIL, "part", 0},
    {"d", "detail", ROWS & ~CONTEXT_DETAIL, "detail", FACT_ROW},
    {"f", "changes", CONTEXT_HOME, "all changes", 0},
    {"Esc", "escape", CONTEXT_TABLE, "clear filter", FACT_FILTER},
    {"Esc", "escape", CONTEXT_TABLE, "unmark", FACT_MARKS},
    {"y", "yaml", ROWS, "yaml", FACT_ROW},
    {"e", "row-events", ROWS, "events", FACT_ROW},
    {"/", "search", SEARCHED, "search", 0},
    {"/", "filter", CONTEXT_TABLE, "filter", 0},
    {"?", "help", CONTEXT_ANY & ~LETTERS, "help", 0},
    {":", "command", CONTEXT_ANY & ~LETTERS, "command", 0},
    {"/", "find", CONTEXT_HOME | CONTEXT_ROWS, "find", 0},
    {"x", "why", ROWS, "why", FACT_ROW},
    {"b", "used-by", ROWS, "used by", FACT_ROW},
    {"a", "actions", ROWS, "actions", FACT_ROW},
    {"z", "problems", CONTEXT_TABLE, "problems", 0},
    {"w", "wide", CONTEXT_TABLE, "wide", 0},
    {"w", "wrap", TEXTS, "wrap", 0},
    {"&", "only", TEXTS, "only matches", 0},
    {"J", "pretty", CONTEXT_LOG, "as it came", 0},
    {"F1", "help", CONTEXT_ANY, NULL, 0},

    {"j", "down", CONTEXT_ANY, NULL, 0},
    {"Down", "down", CONTEXT_ANY, NULL, 0},
    {"k", "up", CONTEXT_ANY, NULL, 0},
    {"Up", "up", CONTEXT_ANY, NULL, 0},
    {"Left", "left", CONTEXT_ANY, NULL, 0},
    {"Right", "right", CONTEXT_ANY, NULL, 0},
    {"h", "left", CONTEXT_TABLE | TEXTS, NULL, 0},
    {"g", "first", CONTEXT_ANY, NULL, 0},
    {"Home", "first", CONTEXT_ANY, NULL, 0},
    {"G", "last", CONTEXT_ANY, NULL, 0},
    {"End", "last", CONTEXT_ANY, NULL, 0},
    {"C-d", "half-down", CONTEXT_ANY, NULL, 0},
    {"C-u", "half-up", CONTEXT_ANY, NULL, 0},
    {"C-f", "page-down", CONTEXT_ANY, NULL, 0},
    {"C-b", "page-up", CONTEXT_ANY, NULL, 0},
    {"PageDown", "page-down", CONTEXT_ANY, NULL, 0},
    {"PageUp", "page-up", CONTEXT_ANY, NULL, 0},
    {"Space", "mark", CONTEXT_TABLE, NULL, 0},
    {"Space", "page-down", TEXTS, NULL, 0},
    {"V", "mark-range", CONTEXT_TABLE, NULL, 0},
    {"n", "next", CONTEXT_ANY, NULL, 0},
    {"N", "previous-match", CONTEXT_ANY, NULL, 0},
    {"S-Tab", "previous-part", CONTEXT_DETAIL, NULL, 0},
    {"Tab", "pane", CONTEXT_TABLE | CONTEXT_HOME, NULL, 0},
    {"S-Tab", "pane", CONTEXT_TABLE | CONTEXT_HOME, NULL, 0},

    {"o", "sort-menu", CONTEXT_TABLE, "sort", 0},
    {"<", "sort-left", CONTEXT_TABLE, NULL, 0},
    {">", "sort-right", CONTEXT_TABLE, NULL, 0},
    {"0", "scope all", CONTEXT_TABLE, NULL, 0},
    {"1", "favourite 1", CONTEXT_TABLE, NULL, 0},
    {"2", "favourite 2", CONTEXT_TABLE, NULL, 0},
    {"3", "favourite 3", CONTEXT_TABLE, NULL, 0},
    {"4", "favourite 4", CONTEXT_TABLE, NULL, 0},
    {"5", "favourite 5", CONTEXT_TABLE, NULL, 0},
    {"6", "favourite 6", CONTEXT_TABLE, NULL, 0},
    {"7", "favourite 7", CONTEXT_TABLE, NULL, 0},
    {"8", "favourite 8", CONTEXT_TABLE, NULL, 0},
    {"9", "favourite 9", CONTEXT_TABLE, NULL, 0},
    {"m", "pin", CONTEXT_TABLE | CONTEXT_LOG | CONTEXT_DETAIL | CONTEXT_ROWS, NULL, 0},
    {"'", "pins", CONTEXT_ANY, NULL, 0},
    {"0", "since tail", CONTEXT_LOG, NULL, 0},
    {"1", "since head", CONTEXT_LOG, NULL, 0},
    {"2", "since 1m", CONTEXT_LOG, NULL, 0},
    {"3", "since 5m", CONTEXT_LOG, NULL, 0},
    {"4", "since 15m", CONTEXT_LOG, NULL, 0},
    {"5", "since 30m", CONTEXT_LOG, NULL, 0},
    {"6", "since 1h", CONTEXT_LOG, NULL, 0},
    {"t", "timestamps", CONTEXT_LOG, "times", 0},
    {"f", "zoom", CONTEXT_ANY, NULL, 0},
    {"P", "pause", CONTEXT_ANY, NULL, 0},
    {"F", "freeze", CONTEXT_TABLE, NULL, 0},

    {"c c", "copy name", ROWS, "-n ns name", 0},
    {"c n", "copy bare", ROWS, "name", 0},
    {"c r", "copy row", ROWS, "row", 0},
    {"c v", "copy cell", CONTEXT_TABLE, "sorted cell", 0},
    {"c l", "copy command", ROWS, "kubectl get", 0},
    {"c m", "copy marks", CONTEXT_TABLE, "marked", FACT_MARKS},
    {"c c", "copy screen", TEXTS | CONTEXT_LIST, "this text", 0},

    {"u", "undo", CONTEXT_ANY, NULL, 0},
    {"U", "redo", CONTEXT_ANY, NULL, 0},
    {"[", "back", CONTEXT_ANY, NULL, 0},
    {"]", "forward", CONTEXT_ANY, NULL, 0},
    {"-", "last-view", CONTEXT_ANY, NULL, 0},
    {"r", "refresh", CONTEXT_ANY, NULL, 0},
    {"C-r", "refresh", CONTEXT_ANY, NULL, 0},
    {"R", "refresh all", CONTEXT_ANY, NULL, 0},
    {"M", "mouse", CONTEXT_ANY, NULL, 0},
    {"C-l", "repaint", CONTEXT_ANY, NULL, 0},
    {"C-z", "suspend", CONTEXT_ANY, NULL, 0},
    {"Esc", "escape", CONTEXT_ANY, NULL, 0},
    {"q", "close", CONTEXT_HOME, "quit", 0},
    {"q", "close", CONTEXT_ANY & ~(CONTEXT_HELP | LETTERS), "back", 0},
    {"Q", "quit", CONTEXT_ANY, NULL, 0},
    {"C-c", "interrupt", CONTEXT_ANY, NULL, 0},
    {"F2", "columns", CONTEXT_TABLE, NULL, 0},
    {"F3", "search", SEARCHED, NULL, 0},
    {"F3", "filter", CONTEXT_TABLE, NULL, 0},
    {"F4", "filter", CONTEXT_TABLE, NULL, 0},
    {"F6", "sort-menu", CONTEXT_TABLE, NULL, 0},
    {"F10", "quit", CONTEXT_ANY, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};

/* clang-format on */

static bool binding_keys(const struct binding *b, uint32_t keys[2])
{
    struct span rest = span_from(b->keys), part;
    keys[0] = keys[1] = 0;
    for (size_t i = 0; i < 2 && span_split(&rest, ' ', &part); i++)
        if (!key_parse(part, &keys[i]))
            return false;
    return true;
}

const struct binding *binding_find(unsigned context, uint32_t first, uint32_t key, bool *chord)
{
    *chord = false;
    for (const struct binding *b = binding_table; b->keys; b++) {
        uint32_t keys[2];
        if (!(b->contexts & context) || !binding_keys(b, keys))
            continue;
        if (first) {
            if (keys[0] == first && keys[1] == key)
                return b;
        } else if (keys[0] == key) {
            if (!keys[1])
                return b;
            *chord = true;
        }
    }
    return NULL;
}
