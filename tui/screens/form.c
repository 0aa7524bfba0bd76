/* The form of an action: its fields, each checked as it is typed, and a button that makes the plan. It
 * changes nothing. */
#include <config.h>

#include "tui/form.h"

#include "tui/acting.h"
#include "tui/screens/form_offer.h"
#include "tui/screens/form_plan.h"
#include "tui/screens/list.h"
#include "tui/screens/text.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_ROWS 2
#define FOOT_ROWS 4 /* a line, two of help or complaint, the buttons */
#define LABEL_MAX 24
#define VALUE_MIN 12
#define WIDE_COLS 110 /* from here on each field's help stands beside it */

static const char *const buttons[] = {"[ Make the plan ]", "[ Leave it ]"};

#define BUTTONS BN_COUNT(buttons)

/* Lines of the list are the fields; the buttons follow in the order of Tab. */
struct form_screen {
    struct list list;
    size_t at;         /* the field, or count and on: a button */
    struct form *form; /* owned */
    const char *ns;    /* where none is said, that of the context; "": which is not known here;
                                 the session's, as of this frame */
    struct form_plan plan;
    struct form_offer offer;
    struct rect values, foot; /* where they stand; no rows: nowhere */
};

static size_t places(const struct form *f)
{
    return f->count + BUTTONS;
}

static const struct field *field_of(const struct form_screen *x)
{
    return x->at < x->form->count ? &x->form->action->fields[x->at] : NULL;
}

/* The first field that has to be said; where there is none, the button. */
static bool form_open(struct screen *s, struct ui *ui, struct err *err)
{
    struct form_screen *x = s->state;
    const struct answers *known = acting_answers(ui, s->place.part);
    if (!known)
        return err_set(err, ERR_CONFIG, "that form was left: `a` on a row, or `:do ACTION`");
    x->form = form_new(known);
    form_plan_init(&x->plan);
    form_offer_init(&x->offer);
    while (x->at < x->form->count && !form_wants(x->form, x->at))
        x->at++;
    return true;
}

static void form_close(struct screen *s, struct ui *ui)
{
    struct form_screen *x = s->state;
    if (!x->form)
        return; /* it was not opened */
    form_plan_done(&x->plan, ui);
    form_offer_done(&x->offer);
    form_free(x->form);
}

/* A run that is gone on with is made of what it was begun with. */
static bool form_turn(struct screen *s, struct ui *ui)
{
    struct form_screen *x = s->state;
    x->plan.wide = canvas_cols(ui->canvas) >= FORM_PLAN_COLS && !ui->asked_run[0];
    return form_plan_turn(&x->plan, ui, x->form, x->at);
}

/* ---- Drawing. */

static int label_cols(const struct form *f)
{
    int cols = 0;
    for (size_t i = 0; i < f->count; i++) {
        int own = (int)strlen(f->action->fields[i].name);
        cols = own > cols ? own : cols;
    }
    return cols < LABEL_MAX ? cols : LABEL_MAX;
}

/* What its help says comes of leaving it out: behind "left out: " or "\"\": "; empty: nothing. */
static struct span left_out(const char *help)
{
    static const char *const marks[] = {"left out: ", "\"\": "};
    for (size_t i = 0; i < BN_COUNT(marks); i++) {
        const char *at = strstr(help, marks[i]);
        if (at)
            return span_sub(span_from(at), strlen(marks[i]), strcspn(at + strlen(marks[i]), ";"));
    }
    return SPAN("");
}

/* What stands in an empty field; how many columns it takes. */
static int draw_empty(const struct form *f, size_t i, const char *ns, struct canvas *c,
                      struct rect value)
{
    const struct field *field = &f->action->fields[i];
    if (f->asked[i])
        return canvas_textf(c, value, 0, 0, ROLE_DIM, "typed here, not shown");
    if (field->fallback && field->fallback[0])
        return canvas_textf(c, value, 0, 0, ROLE_DIM, "%s", field->fallback);
    struct span without = left_out(field->help);
    if (field->fallback && without.len)
        return canvas_textf(c, value, 0, 0, ROLE_DIM, "left out: %.*s", SPAN_ARG(without));
    if (field->fallback)
        return canvas_textf(c, value, 0, 0, ROLE_DIM, "may be left out");
    if (strcmp(field->name, "namespace") != 0)
        return canvas_textf(c, value, 0, 0, ROLE_DIM, "must be said");
    return canvas_textf(c, value, 0, 0, ROLE_DIM, "%s%sthe context's", ns, ns[0] ? ", " : "");
}

static void draw_value(const struct form_screen *x, size_t i, struct canvas *c, struct rect value)
{
    const struct form *f = x->form;
    bool here = i == x->at, choice = f->action->fields[i].type == FIELD_CHOICE;
    canvas_role(c, value, ROLE_INPUT);
    if (choice) {
        int used = canvas_text(c, value, 0, 0, 2, SPAN("< "), ROLE_DIM);
        used += canvas_text_cut(c, value, 0, used, value.cols - used - 2, 0, form_text(f, i),
                                ROLE_INPUT);
        canvas_text(c, value, 0, used, 2, SPAN(" >"), ROLE_DIM);
        if (here)
            canvas_cursor(c, value.top, value.left);
        return;
    }
    prompt_draw(f->typed[i], c, value);
    int used = form_text(f, i).len ? visible_width(form_text(f, i), canvas_ascii(c))
                                   : draw_empty(f, i, x->ns, c, value);
    if (here && !f->asked[i])
        form_offer_draw(&x->offer, f, c,
                        rect_make(value.top, value.left + used + 2, 1, value.cols - used - 2));
}

static void draw_field(const struct form_screen *x, size_t i, struct canvas *c, struct rect line)
{
    const struct form *f = x->form;
    const struct field *field = &f->action->fields[i];
    struct err why;
    bool ok = form_check(f, i, &why), wants = form_wants(f, i);
    int labels = label_cols(f), help = line.cols >= WIDE_COLS ? line.cols / 2 : 0;
    struct rect value =
        rect_make(line.top, line.left + labels + 4, 1, line.cols - labels - 5 - help);
    canvas_text(c, line, 0, 1, 1,
                span_from(!ok     ? "!"
                          : wants ? "*"
                                  : " "),
                ok ? ROLE_WARNING : ROLE_FAULT);
    canvas_text_cut(c, line, 0, 3, labels, 0, span_from(field->name),
                    i == x->at ? ROLE_KEY : ROLE_TEXT);
    draw_value(x, i, c, value);
    if (help)
        canvas_text_cut(c, line, 0, line.cols - help + 1, help - 1, 0,
                        span_from(ok ? field->help : why.msg), ok ? ROLE_DIM : ROLE_FAULT);
}

/* What is to be known of the place where the cursor is. */
static void draw_says(const struct form_screen *x, const struct ui *ui, struct canvas *c,
                      struct rect at)
{
    const struct field *field = field_of(x);
    struct strbuf text = STRBUF_INIT(8192);
    struct err why;
    enum role role = ROLE_TEXT;
    if (field && !form_check(x->form, x->at, &why)) {
        strbuf_adds(&text, why.msg);
        role = ROLE_FAULT;
    } else if (field) {
        strbuf_addf(&text, "%s: %s%s%s", field->name, field->help, field->choices ? " - " : "",
                    field->choices ? field->choices : "");
        if (field->type == FIELD_SECRET)
            strbuf_addf(&text, "; F4: %s",
                        x->form->asked[x->at] ? "say where it is instead" : "type it here instead");
    } else {
        strbuf_addf(&text, "Nothing is changed in %s by making the plan.",
                    session_context(ui->session));
    }
    canvas_text_wrapped(c, at, strbuf_span(&text), role);
    strbuf_clear(&text);
}

static int button_col(size_t i)
{
    return i ? 3 + (int)strlen(buttons[0]) : 1;
}

static void draw_foot(const struct form_screen *x, struct ui *ui, struct canvas *c)
{
    struct rect at = x->foot;
    if (!at.rows)
        return;
    canvas_line(c, rect_make(at.top, at.left, 1, at.cols), '-', ROLE_DIM);
    draw_says(x, ui, c, rect_make(at.top + 1, at.left + 1, 2, at.cols - 1));
    for (size_t i = 0; i < BUTTONS; i++) {
        bool here = x->at == x->form->count + i;
        canvas_text(c, at, FOOT_ROWS - 1, button_col(i), at.cols, span_from(buttons[i]),
                    here ? ROLE_SELECTED : ROLE_TEXT);
        if (here)
            canvas_cursor(c, at.top + FOOT_ROWS - 1, at.left + button_col(i));
    }
}

/* The row above the fields says how many there are further up, once there are. */
static void draw_help(const struct form_screen *x, const struct ui *ui, struct canvas *c,
                      struct rect at)
{
    canvas_text_wrapped(c, at,
                        ui->asked_run[0] ? SPAN("A run is gone on with as it was begun; what is "
                                                "typed hidden has to be typed again.")
                                         : span_from(x->form->action->help),
                        ROLE_DIM);
}

static void form_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct form_screen *x = s->state;
    struct rect line, here = {0};
    int foot = body.rows > FOOT_ROWS ? FOOT_ROWS : 0;
    int head = body.rows > FOOT_ROWS + HEAD_ROWS + 1 ? HEAD_ROWS : 0;
    x->ns = session_namespace(ui->session);
    form_offer_look(&x->offer, ui, x->form, x->at, x->ns);
    x->foot = rect_make(body.top + body.rows - foot, body.left, foot, body.cols);
    int left = x->plan.wide ? body.cols * 2 / 5 : body.cols;
    x->values = rect_make(body.top + head, body.left, body.rows - head - foot, left);
    if (x->plan.wide) {
        struct rect beside =
            rect_make(body.top + head, body.left + left, x->values.rows, body.cols - left);
        canvas_line(c, rect_make(beside.top, beside.left, beside.rows, 1), '|', ROLE_DIM);
        form_plan_draw(&x->plan, ui, x->form, c,
                       rect_make(beside.top, beside.left + 1, beside.rows, beside.cols - 1));
    }
    x->list.cursor = x->at < x->form->count ? x->at : x->form->count - 1;
    list_lay(&x->list, x->form->count, x->values);
    draw_help(x, ui, c,
              rect_make(body.top, body.left + 1, x->list.top && head ? 1 : head, body.cols - 2));
    for (size_t i = x->list.top; list_line(&x->list, i, &line); i++) {
        draw_field(x, i, c, line);
        if (i == x->at)
            here = line;
    }
    canvas_cursor(c, -1, 0);
    draw_foot(x, ui, c);
    list_draw_more(&x->list, c, rect_make(x->values.top - 1, body.left, head > 0, left),
                   rect_make(x->foot.top, body.left, foot > 0, body.cols));
    if (here.rows) /* last: it puts the cursor where it is */
        draw_field(x, x->at, c, here);
}

/* ---- What is done with it. */

static void make_plan(struct form_screen *x, struct ui *ui)
{
    struct answers a;
    struct err err;
    size_t wrong;
    bool ok = form_answers(x->form, &a, &wrong, &err);
    if (!ok)
        x->at = wrong;
    ok = ok && acting_start(ui, &a, x->form, &err);
    answers_clear(&a);
    if (!ok)
        ui_say_err(ui, &err);
}

static void press(struct form_screen *x, struct ui *ui)
{
    if (x->at < x->form->count)
        x->at++;
    else if (x->at == x->form->count)
        make_plan(x, ui);
    else
        ui_close(ui);
}

static void step(struct form_screen *x, bool back)
{
    size_t n = places(x->form);
    x->at = (x->at + (back ? n - 1 : 1)) % n;
}

/* Letters are text here; of a choice they are how its words begin, and else nothing. */
static bool form_key(struct screen *s, BN_UNUSED struct ui *ui, uint32_t key)
{
    struct form_screen *x = s->state;
    const struct field *field = field_of(x);
    if ((key == KEYSYM_RIGHT || key == KEYSYM_LEFT) && field && field->type != FIELD_CHOICE &&
        form_offer_step(&x->offer, x->form, x->at, key == KEYSYM_RIGHT ? 1 : -1))
        return true;
    if (field && field->type != FIELD_CHOICE)
        return prompt_input(x->form->typed[x->at], key);
    if (field && key < 0x80 && key != ' ')
        form_choose_letter(x->form, x->at, (char)key);
    return key_is_text(key) && key != ' ';
}

static bool form_paste(struct screen *s, BN_UNUSED struct ui *ui, struct span text)
{
    struct form_screen *x = s->state;
    const struct field *field = field_of(x);
    if (!field || field->type == FIELD_CHOICE)
        return false;
    prompt_paste(x->form->typed[x->at], text);
    return true;
}

static bool form_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct form_screen *x = s->state;
    const struct field *field = field_of(x);
    ui->dirty = true;
    if (strcmp(verb, "next-field") == 0)
        step(x, false);
    else if (strcmp(verb, "previous-field") == 0)
        step(x, true);
    else if (strcmp(verb, "press") == 0)
        press(x, ui);
    else if (strcmp(verb, "make-plan") == 0)
        make_plan(x, ui);
    else if (strcmp(verb, "exact") == 0)
        form_plan_exact(&x->plan, ui);
    else if (strcmp(verb, "choose") == 0 && !field)
        step(x, span_is(arg, "back"));
    else if (strcmp(verb, "choose") == 0 && field->type == FIELD_CHOICE)
        (void)form_choose(x->form, x->at, span_is(arg, "back") ? -1 : 1);
    else if (strcmp(verb, "ask") == 0 && field && field->type == FIELD_SECRET)
        (void)form_choose(x->form, x->at, 1);
    else
        return strcmp(verb, "choose") == 0 || strcmp(verb, "ask") == 0;
    return true;
}

static void form_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct form_screen *x = s->state;
    size_t last = places(x->form) - 1;
    if (move == MOVE_UP)
        x->at -= x->at > 0;
    else if (move == MOVE_DOWN)
        x->at += x->at < last;
    else if (x->plan.wide && (move == MOVE_PAGE_UP || move == MOVE_PAGE_DOWN))
        text_move(x->plan.text.steps, move);
    else if (move == MOVE_PAGE_UP || move == MOVE_FIRST)
        x->at = 0;
    else if (move == MOVE_PAGE_DOWN || move == MOVE_LAST)
        x->at = x->form->count;
}

/* A press chooses the place; on a choice that has the cursor already, the next word. */
static void click_field(struct form_screen *x, size_t i)
{
    if (i >= x->form->count)
        return;
    if (i == x->at && x->form->action->fields[i].type == FIELD_CHOICE)
        (void)form_choose(x->form, i, 1);
    x->at = i;
}

static bool form_mouse(struct screen *s, struct ui *ui, const struct input_event *ev)
{
    struct form_screen *x = s->state;
    if (ev->what != MOUSE_PRESS || ev->button != 1)
        return false;
    if (rect_has(x->values, ev->row, ev->col)) {
        click_field(x, x->list.top + (size_t)(ev->row - x->values.top));
        return true;
    }
    for (size_t i = 0; x->foot.rows && i < BUTTONS; i++) {
        int from = x->foot.left + button_col(i);
        if (ev->row == x->foot.top + FOOT_ROWS - 1 && ev->col >= from &&
            ev->col < from + (int)strlen(buttons[i])) {
            x->at = x->form->count + i;
            press(x, ui);
            return true;
        }
    }
    return false;
}

static void form_crumb(const struct screen *s, BN_UNUSED const struct ui *ui, struct strbuf *out)
{
    const struct form_screen *x = s->state;
    strbuf_addf(out, "form: %s", x->form->action->name);
}

static void form_figures(const struct screen *s, BN_UNUSED const struct ui *ui, struct strbuf *out)
{
    const struct form_screen *x = s->state;
    size_t open = 0;
    struct err why;
    for (size_t i = 0; i < x->form->count; i++)
        open += form_wants(x->form, i) || !form_check(x->form, i, &why);
    if (open)
        strbuf_addf(out, "%zu to fill in", open);
    if (x->list.count > (size_t)x->list.page) /* not all are on view */
        strbuf_addf(out, "%s%zu/%zu", open ? "  " : "", x->list.cursor + 1, x->list.count);
}

void form_forget(const struct screen *s)
{
    struct form_screen *x = s->state;
    form_forget_secrets(x->form);
}

void form_turn_choice(const struct screen *s, size_t field)
{
    struct form_screen *x = s->state;
    (void)form_choose(x->form, field, 1);
}

const struct screen_class screen_form = {
    .name = "form",
    .context = CONTEXT_FORM,
    .state_size = sizeof(struct form_screen),
    .open = form_open,
    .close = form_close,
    .draw = form_draw,
    .crumb = form_crumb,
    .figures = form_figures,
    .move = form_move,
    .key = form_key,
    .paste = form_paste,
    .verb = form_verb,
    .mouse = form_mouse,
    .turn = form_turn,
};
