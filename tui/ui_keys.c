/* The key line: the keys that are worth most for what is under the cursor. */
#include <config.h>

#include "tui/marks.h"
#include "tui/screens/drill.h"
#include "tui/ui_draw.h"

#include <stdio.h>
#include <string.h>

#define COMPLETIONS_MAX 12
#define DRILL_MAX       3 /* steps from a row to one that has a log */

/* A row of this kind, or one below it, has a log. */
static bool leads_to_log(const struct ui *ui, uint16_t kind)
{
    for (int i = 0, via; i < DRILL_MAX; i++) {
        if (store_kind(ui->store, kind)->containers_log)
            return true;
        int below = drill_below(ui, kind, &via);
        if (below < 0 || strcmp(store_kind(ui->store, kind)->name, "namespace") == 0)
            return false;
        kind = (uint16_t)below;
    }
    return false;
}

static bool has_died(const struct ui *ui, struct handle row)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    int restarts = kind->containers_log ? kind_column(kind, SPAN("restarts")) : -1;
    return restarts >= 0 && store_num(ui->store, row, (size_t)restarts, 0) > 0;
}

/* What is true of the screen and of the row under its cursor: enum fact. */
static unsigned facts_of(const struct ui *ui)
{
    const struct place *place = &ui_top(ui)->place;
    struct handle row;
    unsigned facts = 0;
    if (ui_selected(ui, &row)) {
        facts |= FACT_ROW;
        facts |= store_verdict(ui->store, row).level >= LEVEL_UNKNOWN ? FACT_BAD : 0;
        facts |= leads_to_log(ui, row.kind) ? FACT_LOG : 0;
        facts |= has_died(ui, row) ? FACT_DIED : 0;
    }
    facts |= place->filter[0] || place->problems ? FACT_FILTER : 0;
    facts |= marks_count(ui) ? FACT_MARKS : 0;
    return facts;
}

/* Where Enter leads: to the containers of a pod, to the pods of a workload. */
static const char *label_of(const struct ui *ui, const struct binding *b)
{
    struct handle row;
    int via;
    bool table = ui_context(ui) & CONTEXT_TABLE;
    if (strcmp(b->command, "enter") != 0 || !table || !ui_selected(ui, &row))
        return b->label;
    if (store_kind(ui->store, row.kind)->containers_log)
        return "containers";
    int below = drill_below(ui, row.kind, &via);
    return below < 0 ? "details" : store_kind(ui->store, (uint16_t)below)->plural;
}

struct keyline {
    struct ui *ui;
    struct canvas *c;
    struct rect line;
    int col;
    const char *drawn[UI_HITS]; /* a key stands there once */
    size_t ndrawn;
};

static bool is_drawn(const struct keyline *k, const char *keys)
{
    for (size_t i = 0; i < k->ndrawn; i++)
        if (strcmp(k->drawn[i], keys) == 0)
            return true;
    return false;
}

/* False: there is no room for it any more. */
static bool draw_key(struct keyline *k, const struct binding *b, const char *name)
{
    const char *label = label_of(k->ui, b);
    if (k->col + (int)strlen(name) + (int)strlen(label) + 1 > k->line.cols ||
        k->ndrawn == BN_COUNT(k->drawn))
        return false;
    int used = canvas_textf(k->c, k->line, 0, k->col, ROLE_KEY, "%s", name);
    used += canvas_textf(k->c, k->line, 0, k->col + used, ROLE_HINT, " %s", label);
    int left = k->line.left + k->col;
    ui_add_hit(k->ui, (struct ui_hit){k->line.top, left, left + used, b, 0, NULL});
    k->drawn[k->ndrawn++] = b->keys;
    k->col += used + 2;
    return true;
}

/* Its name in the line: of a chord that has begun the second key. False: not shown. */
static bool key_name(const struct ui *ui, const struct binding *b, char out[KEY_NAME_MAX])
{
    struct span keys = span_from(b->keys), first;
    uint32_t key = 0;
    (void)span_split(&keys, ' ', &first);
    if (!b->label || (keys.len > 0) != (ui->chord != 0))
        return false;
    if (ui->chord && (!key_parse(first, &key) || key != ui->chord))
        return false;
    (void)snprintf(out, KEY_NAME_MAX, "%.*s", SPAN_ARG(ui->chord ? keys : first));
    return true;
}

/* What the keys do while something is typed. */
static void draw_prompt_keys(const struct ui *ui, struct canvas *c, struct rect line)
{
    static const struct {
        const char *key, *label;
        unsigned modes; /* bits of enum prompt_mode */
    } keys[] = {
        {"Enter", "run", 1 << PROMPT_COMMAND},
        {"Enter", "keep", 1 << PROMPT_FILTER | 1 << PROMPT_SEARCH},
        {"Tab", "complete", 1 << PROMPT_COMMAND},
        {"Tab", "columns and flags", 1 << PROMPT_FILTER},
        {"Up", "older", 1 << PROMPT_COMMAND | 1 << PROMPT_FILTER | 1 << PROMPT_SEARCH},
        {"Esc", "as before", 1 << PROMPT_COMMAND | 1 << PROMPT_FILTER | 1 << PROMPT_SEARCH},
    };

    int col = 0;
    for (size_t i = 0; i < BN_COUNT(keys); i++) {
        if (!(keys[i].modes & 1U << ui->prompting))
            continue;
        col += canvas_textf(c, line, 0, col, ROLE_KEY, "%s", keys[i].key);
        col += canvas_textf(c, line, 0, col, ROLE_HINT, " %s  ", keys[i].label);
    }
}

void ui_draw_keys(struct ui *ui, struct canvas *c, struct rect line)
{
    if (ui->prompting != PROMPT_NONE) {
        draw_prompt_keys(ui, c, line);
        return;
    }
    struct keyline k = {.ui = ui, .c = c, .line = line};
    unsigned context = ui_context(ui), facts = facts_of(ui);
    char name[KEY_NAME_MAX];
    for (const struct binding *b = binding_table; b->keys; b++)
        if ((b->contexts & context) && (b->needs & ~facts) == 0 && key_name(ui, b, name) &&
            !is_drawn(&k, b->keys) && !draw_key(&k, b, name))
            return;
}

void ui_draw_completions(const struct ui *ui, struct canvas *c, struct rect body)
{
    struct span rest = strbuf_span(&ui->completions), one;
    struct span lines[COMPLETIONS_MAX];
    size_t n = 0, most = (size_t)(body.rows / 2);
    most = most < BN_COUNT(lines) ? most : BN_COUNT(lines);
    while (n < most && span_split(&rest, '\n', &one))
        if (one.len)
            lines[n++] = one;
    for (size_t i = 0; i < n; i++) {
        struct rect line = rect_make(body.top + body.rows - 1 - (int)i, body.left, 1, body.cols);
        size_t tab = span_find(lines[i], '\t', 0);
        canvas_fill(c, line, ROLE_INPUT);
        int used =
            canvas_text(c, line, 0, 1, line.cols - 1, span_sub(lines[i], 0, tab), ROLE_INPUT);
        int at = used > 22 ? used + 2 : 24;
        canvas_text_cut(c, line, 0, at, line.cols - at, 0,
                        span_sub(lines[i], tab + 1, lines[i].len), ROLE_DIM);
        if (ui->chosen == i + 1)
            canvas_flag(c, line, CELL_CURSOR_ROW);
    }
}
