/* Moving and searching in text. */
#include <config.h>

#include "tui/screens/text.h"

#include <string.h>

void text_move(struct pager *p, enum move move)
{
    switch (move) {
    case MOVE_UP:
        pager_scroll(p, -1);
        break;
    case MOVE_DOWN:
        pager_scroll(p, 1);
        break;
    case MOVE_LEFT:
        pager_scroll_columns(p, -8);
        break;
    case MOVE_RIGHT:
        pager_scroll_columns(p, 8);
        break;
    case MOVE_PAGE_UP:
        pager_page(p, -2);
        break;
    case MOVE_PAGE_DOWN:
        pager_page(p, 2);
        break;
    case MOVE_HALF_UP:
        pager_page(p, -1);
        break;
    case MOVE_HALF_DOWN:
        pager_page(p, 1);
        break;
    case MOVE_FIRST:
        pager_first(p);
        break;
    case MOVE_LAST:
        pager_last(p);
        break;
    case MOVE_NEXT_PROBLEM:
        (void)pager_next(p, 1);
        break;
    case MOVE_PREVIOUS_PROBLEM:
        (void)pager_next(p, -1);
        break;
    }
}

static void only(struct ui *ui, struct pager *p, bool *on, struct span arg)
{
    if (arg.len)
        pager_search(p, arg);
    *on = arg.len || !*on;
    pager_only(p, *on);
    if (*on && !pager_is_searched(p)) /* as less asks */
        ui_prompt(ui, PROMPT_SEARCH, SPAN(""));
}

bool text_verb(struct ui *ui, struct pager *p, bool *on, const char *verb, struct span arg)
{
    if (strcmp(verb, "follow") == 0)
        pager_follow(p, !pager_following(p));
    else if (strcmp(verb, "wrap") == 0)
        pager_wrap(p, !pager_wrapping(p));
    else if (strcmp(verb, "only") == 0)
        only(ui, p, on, arg);
    else
        return false;
    return true;
}

/* A key of YAML at the start of a line: "  - name:". */
static size_t key_end(struct span line, size_t from)
{
    size_t colon = from;
    while (colon < line.len && line.data[colon] != ':' && line.data[colon] != ' ' &&
           line.data[colon] != '"')
        colon++;
    bool key = colon < line.len && line.data[colon] == ':' &&
               (colon + 1 == line.len || line.data[colon + 1] == ' ');
    return key ? colon + 1 : from;
}

void text_paint_yaml(struct span line, struct pager_paint *out)
{
    size_t from = 0;
    while (from < line.len && (line.data[from] == ' ' || line.data[from] == '-'))
        from++;
    pager_paint_add(out, from, key_end(line, from), ROLE_NOTICE);
}
