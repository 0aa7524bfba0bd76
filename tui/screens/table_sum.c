/* Sums over columns of numbers: of marked rows, else of what a filter leaves. */
#include <config.h>

#include "base/number.h"
#include "tui/marks.h"
#include "tui/screens/table.h"

#include <stdio.h>

#define ROWS_MAX 5000 /* more are not added up for a line on the screen */

struct sums {
    int64_t of[TABLE_COLUMNS_MAX];
    bool any[TABLE_COLUMNS_MAX];
    size_t rows;
};

static bool is_summed(const struct column *c)
{
    bool number = c->type == VALUE_COUNT || c->type == VALUE_BYTES || c->type == VALUE_QUANTITY;
    return number && !(c->flags & COLUMN_HIDDEN);
}

static void add_row(struct sums *s, const struct ui *ui, struct handle row)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    s->rows++;
    for (size_t i = 0; i < kind->ncolumns && i < TABLE_COLUMNS_MAX; i++) {
        if (!is_summed(&kind->columns[i]))
            continue;
        struct value v = store_cell(ui->store, row, i, ui->now_ms);
        s->any[i] = s->any[i] || v.type != VALUE_ABSENT;
        s->of[i] += v.type != VALUE_ABSENT ? v.num : 0;
    }
}

static void add_sum(struct strbuf *out, const struct column *column, int64_t sum)
{
    char bytes[NUMBER_TEXT_MAX];
    strbuf_addf(out, "  %s ", column->name);
    if (column->type == VALUE_BYTES) {
        number_format_bytes(sum, bytes);
        strbuf_adds(out, bytes);
    } else if (column->type == VALUE_QUANTITY) { /* thousandths */
        strbuf_addf(out, sum % 1000 ? "%lld.%03lld" : "%lld", (long long)(sum / 1000),
                    (long long)(sum % 1000));
    } else {
        strbuf_addf(out, "%lld", (long long)sum);
    }
}

static void say(struct table_sum *out, const struct kind *kind, const struct sums *s, bool marked)
{
    struct strbuf text = STRBUF_INIT(sizeof(out->text));
    strbuf_addf(&text, "%s of %zu%s:", "sum", s->rows, marked ? " marked" : "");
    for (size_t i = 0; i < kind->ncolumns && i < TABLE_COLUMNS_MAX; i++)
        if (s->any[i] && s->of[i])
            add_sum(&text, &kind->columns[i], s->of[i]);
    (void)snprintf(out->text, sizeof(out->text), "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
}

const char *table_sum_text(struct screen *s, const struct ui *ui)
{
    struct table *t = s->state;
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    struct sums sums = {.rows = 0};
    struct handle row;
    size_t at = 0, count = view_count(t->view);
    bool filtered = s->place.filter[0] && count && count <= ROWS_MAX;
    if (!marks_count(ui) && !filtered)
        return "";
    if (t->sum.view == view_version(t->view) && t->sum.store == store_version(ui->store) &&
        t->sum.marks == marks_count(ui) && t->sum.text[0])
        return t->sum.text;
    while (marks_next(ui, &at, &row))
        if (row.kind == s->place.kind)
            add_row(&sums, ui, row);
    bool marked = sums.rows > 0;
    for (size_t i = 0; !marked && filtered && i < count; i++)
        if (store_alive(ui->store, view_at(t->view, i)))
            add_row(&sums, ui, view_at(t->view, i));
    t->sum.view = view_version(t->view);
    t->sum.store = store_version(ui->store);
    t->sum.marks = marks_count(ui);
    t->sum.text[0] = '\0';
    if (sums.rows > 1)
        say(&t->sum, kind, &sums, marked);
    return t->sum.text;
}
