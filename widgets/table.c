/* Columns of a table laid into the cells there are. */
#include <config.h>

#include "widgets/table.h"

#include <string.h>

#define GAP 1

static int floor_of(const struct table_column *c)
{
    int least = c->name && !c->least ? TABLE_NAME_MIN : c->least;
    return least && c->width > least ? least : c->width;
}

/* Cells that the columns still in take when each is as narrow as it may be. */
static int least_of(const struct table_column *columns, const bool *in, size_t n)
{
    int sum = -GAP;
    for (size_t i = 0; i < n; i++)
        if (in[i])
            sum += floor_of(&columns[i]) + GAP;
    return sum;
}

int table_wanted(const struct table_column *columns, size_t n)
{
    int sum = n ? -GAP : 0;
    for (size_t i = 0; i < n; i++)
        sum += columns[i].width + GAP;
    return sum;
}

static void drop_until_fits(const struct table_column *columns, bool *in, size_t n, int cols)
{
    while (least_of(columns, in, n) > cols) {
        size_t worst = n;
        for (size_t i = 0; i < n; i++)
            if (in[i] && columns[i].weight &&
                (worst == n || columns[i].weight >= columns[worst].weight))
                worst = i;
        if (worst == n)
            return;
        in[worst] = false;
    }
}

/* A column may have gone before one that took more: what still fits comes back,
 * what matters most first. */
static void bring_back(const struct table_column *columns, bool *in, size_t n, int cols)
{
    bool tried[TABLE_COLUMNS_MAX] = {false};
    for (;;) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!in[i] && !tried[i] && (best == n || columns[i].weight < columns[best].weight))
                best = i;
        if (best == n)
            return;
        tried[best] = true;
        in[best] = true;
        in[best] = least_of(columns, in, n) <= cols;
    }
}

/* Room beyond the least makes cut columns whole, what matters most first; of
 * equals the narrowest, cell by cell. */
static void grow(const struct table_column *columns, struct table_layout *out, int spare)
{
    while (spare > 0) {
        struct table_place *next = NULL;
        for (size_t i = 0; i < out->count; i++) {
            struct table_place *p = &out->places[i];
            unsigned weight = columns[p->column].weight;
            unsigned best = next ? columns[next->column].weight : 0;
            if (p->width < columns[p->column].width &&
                (!next || weight < best || (weight == best && p->width < next->width)))
                next = p;
        }
        if (!next)
            return;
        next->width++;
        spare--;
    }
}

/* The columns that are in, side by side; the last are cut where they must be. */
static void place(const struct table_column *columns, const bool *in, size_t n, int left, int cols,
                  struct table_layout *out)
{
    int at = left, end = left + cols, spare = cols - least_of(columns, in, n);
    out->count = 0;
    for (size_t i = 0; i < n; i++)
        if (in[i])
            out->places[out->count++] = (struct table_place){i, 0, floor_of(&columns[i])};
    grow(columns, out, spare);
    for (size_t i = 0; i < out->count; i++) {
        struct table_place *p = &out->places[i];
        p->left = at;
        p->width = p->left + p->width > end ? (end > p->left ? end - p->left : 0) : p->width;
        at += p->width + GAP;
    }
    out->dropped = n - out->count;
}

void table_lay(const struct table_column *columns, size_t n, int left, int cols,
               struct table_layout *out)
{
    bool in[TABLE_COLUMNS_MAX];
    n = n > TABLE_COLUMNS_MAX ? TABLE_COLUMNS_MAX : n;
    for (size_t i = 0; i < n; i++)
        in[i] = true;
    drop_until_fits(columns, in, n, cols);
    bring_back(columns, in, n, cols);
    place(columns, in, n, left, cols, out);
}

void table_lay_scrolled(const struct table_column *columns, size_t n, int left, int cols,
                        size_t first, struct table_layout *out)
{
    bool in[TABLE_COLUMNS_MAX];
    size_t skip = first, passed = 0;
    n = n > TABLE_COLUMNS_MAX ? TABLE_COLUMNS_MAX : n;
    for (size_t i = 0; i < n; i++)
        in[i] = columns[i].stays;
    for (size_t i = 0; i < n; i++) {
        bool scrolled = skip && !columns[i].stays;
        skip -= scrolled;
        passed += scrolled;
        if (in[i] || scrolled)
            continue;
        in[i] = true;
        in[i] = least_of(columns, in, n) <= cols;
        if (!in[i])
            break; /* an order without holes */
    }
    place(columns, in, n, left, cols, out);
    out->dropped -= passed;
}

/* From a word of the name on, "20260213-full" of "backup-20260213-full". */
static size_t word_before(struct span text, size_t at)
{
    size_t from = at < text.len ? at : text.len;
    while (from && !strchr("-/.:", text.data[from - 1]))
        from--;
    return from;
}

void table_cell_draw(struct canvas *c, struct rect area, int row, const struct table_place *place,
                     const struct table_column *column, struct span text, enum role role)
{
    int left = place->left, width = place->width;
    if (width <= 0)
        return;
    if (column->right) {
        int need = visible_width(text, canvas_ascii(c));
        if (need < width) {
            left += width - need;
            width = need;
        }
    }
    int tail = column->name ? width / 3 : 0;
    size_t from = word_before(text, column->alike);
    if (column->name && from && visible_width(text, canvas_ascii(c)) > width) {
        left += canvas_text(c, area, row, left, 1,
                            canvas_ascii(c) ? SPAN("~") : SPAN("\xe2\x80\xa6"), role);
        text = span_sub(text, from, text.len);
        width--;
        tail = 0; /* what tells them apart comes first now */
    }
    canvas_text_cut(c, area, row, left, width, tail, text, role);
}
