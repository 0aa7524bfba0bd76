/* The contexts of the kubeconfig: Enter changes to one. */
#include <config.h>

#include "tui/commands.h"
#include "tui/screens/list.h"
#include "tui/ui.h"

struct contexts {
    struct list list;
    struct strbuf names; /* owned; a line each */
};

/* The i-th name; false: there are not so many. */
static bool name_at(const struct contexts *x, size_t i, struct span *name)
{
    struct span rest = strbuf_span(&x->names);
    while (span_split(&rest, '\n', name))
        if (name->len && i-- == 0)
            return true;
    return false;
}

static bool contexts_open(struct screen *s, struct ui *ui, BN_UNUSED struct err *err)
{
    struct contexts *x = s->state;
    struct span name;
    x->names = (struct strbuf)STRBUF_INIT(256 * 1024);
    session_contexts(ui->session, &x->names);
    for (size_t i = 0; name_at(x, i, &name); i++)
        if (span_is(name, session_context(ui->session)))
            x->list.cursor = i;
    return true;
}

static void contexts_close(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct contexts *x = s->state;
    strbuf_clear(&x->names);
}

static void contexts_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct contexts *x = s->state;
    struct span name;
    struct rect line;
    size_t n = 0;
    while (name_at(x, n, &name))
        n++;
    list_lay(&x->list, n, body);
    for (size_t i = x->list.top; list_line(&x->list, i, &line) && name_at(x, i, &name); i++) {
        bool here = span_is(name, session_context(ui->session));
        canvas_text(c, line, 0, 1, 1, here ? SPAN("*") : SPAN(" "), ROLE_OK);
        canvas_text_cut(c, line, 0, 3, line.cols - 3, 0, name, here ? ROLE_OK : ROLE_TEXT);
    }
    list_show_cursor(&x->list, c);
}

static void contexts_enter(struct screen *s, struct ui *ui)
{
    const struct contexts *x = s->state;
    struct span name;
    struct err err;
    struct strbuf kept = STRBUF_INIT(4096);
    if (!name_at(x, x->list.cursor, &name))
        return;
    strbuf_add(&kept, name); /* the screen is closed by the change */
    name = strbuf_span(&kept);
    if (!run_context(ui, 1, &name, &err))
        ui_say_err(ui, &err);
    strbuf_clear(&kept);
}

const struct screen_class screen_contexts = {
    .name = "contexts",
    .context = CONTEXT_LIST,
    .state_size = sizeof(struct contexts),
    .aside = true,
    .is_list = true,
    .open = contexts_open,
    .close = contexts_close,
    .draw = contexts_draw,
    .enter = contexts_enter,
};
