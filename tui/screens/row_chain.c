/* Chains of links: what a value goes through from where it is kept to who has it. */
#include <config.h>

#include "tui/screens/row_chain.h"

#include <string.h>

#define STEPS_SHOWN 30 /* of one row */
#define DEPTH_MAX   3

/* Down a chain; the way up is the same backwards. back: by the links that lead to the row. */
struct hop {
    const char *from, *to;
    enum link_type link;
    bool back;
};

static const struct hop down[] = {
    {"vault-path", "externalsecret", LINK_PATH, true},
    {"externalsecret", "secret", LINK_SECRET, false},
    {"secret", "pod", LINK_ENVIRONMENT, true},
    {"secret", "pod", LINK_SECRET, true},
};

static bool is_kind(const struct ui *ui, struct handle row, const char *name)
{
    return strcmp(store_kind(ui->store, row.kind)->name, name) == 0;
}

struct chain {
    struct row_lines *lines;
    const struct ui *ui;
    bool up;
};

static void follow(const struct chain *c, struct handle row, unsigned depth);

static void arrive(const struct chain *c, struct handle other, const char *label, unsigned depth)
{
    (void)row_line_add(c->lines, label, ROLE_LINK);
    for (unsigned i = 0; i < depth; i++)
        strbuf_adds(&c->lines->text, "  ");
    row_line_target(c->lines, c->ui, other);
    row_line_end(c->lines);
    follow(c, other, depth + 1);
}

/* The rows that one hop leads to. */
static void take(const struct chain *c, struct handle row, const struct hop *hop, unsigned depth)
{
    const struct store *st = c->ui->store;
    const char *to = c->up ? hop->from : hop->to;
    struct handle other;
    struct link link;
    enum link_type type;
    uint32_t back = 0;
    size_t at = 0, shown = 0;
    if (hop->back != c->up) {
        while (shown < STEPS_SHOWN && store_used_by_next(st, row, &back, &other, &type))
            if (type == hop->link && is_kind(c->ui, other, to)) {
                arrive(c, other, link_info(type)->reverse, depth);
                shown++;
            }
        return;
    }
    while (shown < STEPS_SHOWN && store_link_next(st, row, &at, &link))
        if (link.type == hop->link && store_follow(st, row, &link, &other) == LINK_FOUND &&
            is_kind(c->ui, other, to)) {
            arrive(c, other, link_info(link.type)->title, depth);
            shown++;
        }
}

static void follow(const struct chain *c, struct handle row, unsigned depth)
{
    for (size_t i = 0; depth < DEPTH_MAX && i < BN_COUNT(down); i++)
        if (is_kind(c->ui, row, c->up ? down[i].to : down[i].from))
            take(c, row, &down[i], depth);
}

void row_chain_add(struct row_lines *l, const struct ui *ui, struct handle row, enum link_type type,
                   struct handle other)
{
    struct chain c = {.lines = l, .ui = ui};
    for (size_t i = 0; i < BN_COUNT(down); i++) {
        c.up = is_kind(ui, row, down[i].to);
        if (down[i].link == type && is_kind(ui, row, c.up ? down[i].to : down[i].from) &&
            is_kind(ui, other, c.up ? down[i].from : down[i].to)) {
            follow(&c, other, 1);
            return;
        }
    }
}
