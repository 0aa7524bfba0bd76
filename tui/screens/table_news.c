/* Changes of the rows on view, from the store's ring. */
#include <config.h>

#include "model/change.h"
#include "tui/screens/table.h"

#include <stdlib.h>

#define LOOKED_AT 4096   /* changes; under a flood only the newest are marked */
#define SHOWN_MAX 1000   /* rows; no terminal has more */
#define TRACE_MS  900000 /* older ones are of no interest */

/* Rows on view, so that each is found in the order once, not for each change: far
 * down a long table that takes a while. */
struct shown {
    struct handle rows[SHOWN_MAX]; /* by slot */
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const struct handle *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    return (x->generation > y->generation) - (x->generation < y->generation);
}

/* Those of which anything has changed; most of the time there are none. */
static void find_changed(const struct table *t, const struct ui *ui, struct shown *out)
{
    size_t end = t->list.top + (size_t)t->list.page, count = view_count(t->view);
    out->count = 0;
    for (size_t i = t->list.top; i < end && i < count && out->count < SHOWN_MAX; i++) {
        struct handle row = view_at(t->view, i);
        int64_t changed = change_of_row(ui->store, row);
        if (changed != TIME_NONE && ui->now_ms - changed < TRACE_MS)
            out->rows[out->count++] = row;
    }
    qsort(out->rows, out->count, sizeof(out->rows[0]), compare);
}

static bool is_shown(const struct shown *s, struct handle row)
{
    return bsearch(&row, s->rows, s->count, sizeof(row), compare) != NULL;
}

void table_news_find(struct table *t, struct ui *ui)
{
    struct shown shown;
    struct change change;
    uint64_t first = change_first(ui->store);
    t->news.count = 0;
    find_changed(t, ui, &shown);
    if (!shown.count)
        return;
    uint64_t seq = change_last(ui->store);
    for (size_t n = 0; n < LOOKED_AT && seq && seq >= first; n++, seq--) {
        if (!change_get(ui->store, seq, &change) || ui->now_ms - change.wall_ms >= TRACE_MS ||
            t->news.count == TABLE_NEWS_MAX)
            return;
        bool told = change.what == CHANGE_CELL || change.what == CHANGE_NEW;
        if (!told || change.kind != view_kind(t->view) || !is_shown(&shown, change.row))
            continue;
        uint16_t column = change.what == CHANGE_CELL ? change.column : COLUMN_NONE;
        if (table_news_of(&t->news, change.row, column) != TIME_NONE)
            continue; /* a newer one is there */
        t->news.items[t->news.count].row = change.row;
        t->news.items[t->news.count].column = column;
        t->news.items[t->news.count++].wall_ms = change.wall_ms;
    }
}

int64_t table_news_of(const struct table_news *n, struct handle row, uint16_t column)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->items[i].column == column && handle_equal(n->items[i].row, row))
            return n->items[i].wall_ms;
    return TIME_NONE;
}
