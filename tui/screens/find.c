/* Rows of all kinds that a filter leaves, worst first: `:find TEXT`. A view of
 * each kind does the work, in slices of the store's. */
#include <config.h>

#include "base/alloc.h"
#include "tui/screens/list.h"
#include "tui/screens/verdict_line.h"

#include <stdlib.h>

#define ROWS_MAX    500
#define OF_KIND_MAX 100

struct find {
    struct list list;
    struct view **views; /* owned; by kind; NULL: its columns do not know the filter */
    size_t count;        /* of views */
    struct handle rows[ROWS_MAX];
    size_t found; /* all that match, shown or not */
};

static bool find_open(struct screen *s, struct ui *ui, struct err *err)
{
    struct find *f = s->state;
    const struct kind_list *kinds = session_kinds(ui->session);
    struct view_spec spec = {.filter = span_from(s->place.filter), .namespaces = SPAN("")};
    struct err why = {0};
    size_t usable = 0;
    spec.sort[0] = (struct view_sort){VIEW_COLUMN_LEVEL, true};
    spec.nsort = 1;
    f->views = xalloc_zero(kinds->count + 1, sizeof(struct view *));
    for (f->count = 0; f->count < kinds->count; f->count++) {
        struct view *v = view_new(ui->store, (uint16_t)f->count);
        session_want(ui->session, (uint16_t)f->count);
        if (v && view_set(v, &spec, false, &why)) {
            f->views[f->count] = v;
            usable++;
        } else {
            view_free(v);
        }
    }
    return usable || err_set(err, ERR_CONFIG, "%s", why.msg);
}

static void find_close(struct screen *s, struct ui *ui)
{
    struct find *f = s->state;
    for (size_t i = 0; i < f->count; i++) {
        session_unwant(ui->session, (uint16_t)i);
        if (f->views[i])
            view_free(f->views[i]);
    }
    free(f->views);
}

/* Kinds in their order, the worst rows of each first, then all by level. */
static size_t collect(struct find *f, const struct ui *ui, bool *pending)
{
    size_t n = 0;
    f->found = 0;
    *pending = false;
    for (int level = LEVEL_COUNT - 1; level >= 0; level--)
        for (size_t k = 0; k < f->count; k++) {
            struct view *v = f->views[k];
            for (size_t i = 0; v && i < view_count(v) && i < OF_KIND_MAX && n < ROWS_MAX; i++)
                if ((int)store_verdict(ui->store, view_at(v, i)).level == level)
                    f->rows[n++] = view_at(v, i);
        }
    for (size_t k = 0; k < f->count; k++)
        if (f->views[k]) {
            f->found += view_count(f->views[k]);
            *pending =
                *pending || view_pending(f->views[k]) || !store_synced(ui->store, (uint16_t)k);
        }
    return n;
}

static void find_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct find *f = s->state;
    bool pending;
    struct rect line;
    int names = body.cols / 2 - 14 > 24 ? body.cols / 2 - 14 : 24;
    list_lay(&f->list, collect(f, ui, &pending), body);
    if (!f->list.count)
        canvas_textf(c, body, 0, 1, ROLE_DIM,
                     pending ? "looking for %s" : "nothing matches %s in all that can be read here",
                     s->place.filter);
    for (size_t i = f->list.top; list_line(&f->list, i, &line); i++)
        verdict_line_draw(ui, c, line, f->rows[i], f->rows[i], names, 0);
    list_show_cursor(&f->list, c);
}

static void find_crumb(const struct screen *s, BN_UNUSED const struct ui *ui, struct strbuf *out)
{
    strbuf_addf(out, "find %s", s->place.filter);
}

static void find_figures(const struct screen *s, BN_UNUSED const struct ui *ui, struct strbuf *out)
{
    const struct find *f = s->state;
    strbuf_addf(out, "%zu/%zu", f->list.count, f->found);
}

static bool find_selected(const struct screen *s, BN_UNUSED const struct ui *ui, struct handle *row)
{
    const struct find *f = s->state;
    if (f->list.cursor >= f->list.count)
        return false;
    *row = f->rows[f->list.cursor];
    return true;
}

static void find_enter(struct screen *s, struct ui *ui)
{
    struct handle row;
    struct err err;
    if (ui_selected(ui, &row) && !ui_open_row(ui, &screen_detail, row, "fields", &err))
        ui_say_err(ui, &err);
    (void)s;
}

const struct screen_class screen_find = {
    .name = "find",
    .context = CONTEXT_ROWS,
    .state_size = sizeof(struct find),
    .aside = true,
    .is_list = true,
    .open = find_open,
    .close = find_close,
    .draw = find_draw,
    .crumb = find_crumb,
    .figures = find_figures,
    .selected = find_selected,
    .enter = find_enter,
};
