/* A plan that is looked at while its form is filled in. */
#include <config.h>

#include "tui/screens/form_plan.h"

#include "tui/acting.h"

#define TEXT_MAX ((size_t)2 << 20)

void form_plan_init(struct form_plan *p)
{
    *p = (struct form_plan){.at = SIZE_MAX, .lack = STRBUF_INIT(ERR_MESSAGE_MAX)};
    run_text_init(&p->text);
}

void form_plan_done(struct form_plan *p, struct ui *ui)
{
    acting_preview_end(ui);
    run_text_done(&p->text);
    strbuf_clear(&p->lack);
}

static void forget(struct form_plan *p, struct ui *ui)
{
    acting_preview_end(ui);
    run_text_clear(&p->text);
    strbuf_truncate(&p->lack, 0);
    p->fed = 0;
}

/* Where it cannot be made yet, it says what is missing. */
static void make(struct form_plan *p, struct ui *ui, const struct form *f)
{
    struct answers a;
    struct err err;
    size_t wrong;
    forget(p, ui);
    if (!form_answers(f, &a, &wrong, &err) || !acting_preview(ui, &a, f, &err))
        strbuf_addf(&p->lack, "It stands here when it can be made. %s", err.msg);
    answers_clear(&a);
    p->number = ui->previews;
}

static bool take_text(struct form_plan *p, const struct ui *ui)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    (void)doing_state(ui->preview);
    doing_text(ui->preview, p->exact, p->fed, &text);
    run_text_add(&p->text, strbuf_span(&text), ui->now_ms);
    p->fed += text.len;
    bool news = text.len > 0;
    strbuf_clear(&text);
    return news;
}

bool form_plan_turn(struct form_plan *p, struct ui *ui, const struct form *f, size_t at)
{
    bool left = at != p->at, news = false;
    uint64_t of = p->wide && left ? form_hash(f) : p->of;
    p->at = p->wide ? at : p->at;
    if (of != p->of) {
        p->of = of;
        make(p, ui, f);
        news = true;
    }
    return (ui->preview && ui->previews == p->number && take_text(p, ui)) || news;
}

void form_plan_exact(struct form_plan *p, const struct ui *ui)
{
    p->exact = !p->exact;
    run_text_clear(&p->text);
    p->fed = 0;
    if (ui->preview && ui->previews == p->number)
        (void)take_text(p, ui);
    pager_first(p->text.steps);
}

void form_plan_draw(struct form_plan *p, const struct ui *ui, const struct form *f,
                    struct canvas *c, struct rect area)
{
    struct rect head = rect_make(area.top, area.left, 1, area.cols),
                text = rect_make(area.top + 1, area.left + 1, area.rows - 1, area.cols - 1);
    canvas_line(c, head, '-', ROLE_DIM);
    int at = 1 + canvas_textf(c, head, 0, 1, ROLE_HEADER, p->exact ? " EXACT TEXT " : " PLAN ");
    canvas_textf(c, head, 0, at, ROLE_DIM, "%s F3: %s ",
                 form_hash(f) == p->of ? "" : " of before this field, ",
                 p->exact ? "steps alone" : "exact text");
    if (p->lack.len)
        canvas_text_wrapped(c, text, strbuf_span(&p->lack), ROLE_DIM);
    else if (!p->fed && ui->preview)
        canvas_textf(c, text, 0, 0, ROLE_PROGRESS, "reading what is there ...");
    else
        run_text_draw(&p->text, c, text);
}
