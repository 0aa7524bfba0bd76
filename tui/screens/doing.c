/* A guided action: its plan, the question whether it is to be run, and what comes of it. Nothing is
 * run by a key that means something else elsewhere: the button that does nothing is chosen at
 * first, and what destroys wants the context's name. */
#include <config.h>

#include "actions/doing.h"

#include "base/utf8.h"
#include "tui/acting.h"
#include "tui/screens/text.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX  ((size_t)2 << 20)
#define TYPED_MAX 256
#define FOOT_ROWS 3

struct action_screen {
    struct pager *pager; /* owned */
    struct doing *shown; /* whose text it is; borrowed, only compared */
    size_t fed;          /* bytes of its text that the pager has */
    enum doing_state state;
    bool run;              /* the button that runs it is chosen */
    char typed[TYPED_MAX]; /* where it destroys: the context's name, so far */
};

static bool action_open(struct screen *s, BN_UNUSED struct ui *ui, BN_UNUSED struct err *err)
{
    struct action_screen *a = s->state;
    a->pager = pager_new(TEXT_MAX);
    pager_wrap(a->pager, true);
    return true;
}

static void action_close(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct action_screen *a = s->state;
    pager_free(a->pager);
}

static bool is_over(enum doing_state state)
{
    return state != DOING_PLANS && state != DOING_PLANNED && state != DOING_RUNS;
}

/* What is new of its text; another action begins anew. */
static bool action_turn(struct screen *s, struct ui *ui)
{
    struct action_screen *a = s->state;
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    if (!ui->doing)
        return false;
    enum doing_state before = a->state;
    bool another = a->shown != ui->doing;
    if (another) {
        pager_clear(a->pager);
        *a = (struct action_screen){.pager = a->pager, .shown = ui->doing};
    }
    a->state = doing_state(ui->doing);
    doing_text(ui->doing, a->fed, &text);
    bool news = another || a->state != before || text.len;
    pager_add(a->pager, strbuf_span(&text));
    a->fed += text.len;
    if (a->state == DOING_RUNS || is_over(a->state))
        pager_last(a->pager);
    strbuf_clear(&text);
    return news;
}

/* By how it begins; the first that fits counts. */
static void paint_line(struct span line, struct pager_paint *out)
{
    static const struct {
        const char *begins;
        enum role role;
    } roles[] = {
        {"ok ", ROLE_OK},        {"NOT", ROLE_CRITICAL}, {"...", ROLE_PROGRESS},
        {"  ! ", ROLE_WARNING},  {"  + ", ROLE_OK},      {"  ~ ", ROLE_WARNING},
        {"  - ", ROLE_CRITICAL}, {"   ", ROLE_DIM},      {"plan sha256", ROLE_DIM},
        {"", ROLE_TEXT},
    };

    size_t i = 0;
    while (!span_starts(line, roles[i].begins))
        i++;
    out->role = roles[i].role;
}

/* ---- The foot. */

static const char *sentence_of(const struct action_screen *a)
{
    switch (a->state) {
    case DOING_PLANS:
        return "reading what is there, asking for the rights, rehearsing ...";
    case DOING_PLANNED:
        return "Nothing has been changed yet.";
    case DOING_NOTHING:
        return "It is so already. Esc closes.";
    case DOING_REFUSED:
        return "It cannot be done; nothing was changed. Esc closes.";
    case DOING_RUNS:
        return "It runs. Esc leaves it running; `:do` comes back to it.";
    case DOING_DONE:
        return "Done. Esc closes.";
    case DOING_FAILED:
        return "It failed; what was done before stands in the audit log. Esc closes.";
    case DOING_OPEN:
        return "Its end is not known: binnacle do --resume goes on with it, --undo takes it back.";
    }
    return "";
}

static enum role role_of(const struct action_screen *a)
{
    return a->state == DOING_DONE || a->state == DOING_NOTHING ? ROLE_OK
           : a->state == DOING_PLANS || a->state == DOING_RUNS ? ROLE_PROGRESS
           : a->state == DOING_PLANNED                         ? ROLE_TEXT
                                                               : ROLE_CRITICAL;
}

static void draw_question(const struct action_screen *a, struct ui *ui, struct canvas *c,
                          struct rect foot)
{
    const char *context = session_context(ui->session);
    if (doing_destroys(ui->doing)) {
        int at = canvas_textf(c, foot, 2, 1, ROLE_WARNING,
                              "Type %s and Enter to run it, Esc to leave it: ", context);
        canvas_textf(c, foot, 2, 1 + at, ROLE_TEXT, "%s_", a->typed);
        return;
    }
    int at = canvas_textf(c, foot, 2, 1, a->run ? ROLE_TEXT : ROLE_SELECTED, "[ Leave it ]");
    canvas_textf(c, foot, 2, at + 3, a->run ? ROLE_SELECTED : ROLE_TEXT, "[ Run it in %s ]",
                 context);
}

static void action_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct action_screen *a = s->state;
    int foot = body.rows > FOOT_ROWS ? FOOT_ROWS : 0;
    if (!ui->doing) {
        canvas_textf(c, body, 0, 1, ROLE_DIM,
                     "No action has been begun: `a` on a row, or `:do ACTION`.");
        return;
    }
    (void)action_turn(s, ui);
    pager_draw(a->pager, c, rect_make(body.top, body.left, body.rows - foot, body.cols),
               paint_line);
    if (!foot)
        return;
    struct rect at = rect_make(body.top + body.rows - foot, body.left, foot, body.cols);
    canvas_line(c, rect_make(at.top, at.left, 1, at.cols), '-', ROLE_DIM);
    canvas_text_cut(c, at, 1, 1, at.cols - 1, 0, span_from(sentence_of(a)), role_of(a));
    if (a->state == DOING_PLANNED)
        draw_question(a, ui, c, at);
}

/* ---- Keys. */

static void run_it(struct action_screen *a, struct ui *ui)
{
    const char *context = session_context(ui->session);
    if (session_production(ui->session) && ui->mono_ms >= ui->write_until_ms)
        ui_say(ui, ROLE_WARNING, "%s is production: `:write 15m` allows changes for a while",
               context);
    else {
        doing_confirm(ui->doing);
        acting_forget(ui);
    }
    a->run = false;
    a->typed[0] = '\0';
}

static void type_key(struct action_screen *a, struct ui *ui, uint32_t key)
{
    char bytes[4];
    size_t len = strlen(a->typed), n;
    if (key == KEYSYM_BACKSPACE) {
        while (len && ((unsigned char)a->typed[--len] & 0xC0) == 0x80)
            ;
        a->typed[len] = '\0';
    } else if (key == KEYSYM_ENTER) {
        if (strcmp(a->typed, session_context(ui->session)) == 0)
            run_it(a, ui);
        else
            ui_say(ui, ROLE_WARNING, "that is not the context's name");
    } else if ((n = utf8_encode(key, bytes)) && len + n < sizeof(a->typed)) {
        memcpy(a->typed + len, bytes, n);
        a->typed[len + n] = '\0';
    }
    ui->dirty = true;
}

/* The name of what is destroyed; else nothing is typed here. */
static bool action_key(struct screen *s, struct ui *ui, uint32_t key)
{
    struct action_screen *a = s->state;
    if (!ui->doing || a->state != DOING_PLANNED || !doing_destroys(ui->doing))
        return false;
    if (key != KEYSYM_ENTER && key != KEYSYM_BACKSPACE && !key_is_text(key))
        return false;
    type_key(a, ui, key);
    return true;
}

/* Back to the fields, or to them for the first time where none had to be asked for. */
static void edit(struct ui *ui)
{
    const struct answers *known = acting_answers(ui, doing_action(ui->doing)->name);
    struct err err;
    if (ui->depth > 1 && ui->stack[ui->depth - 2]->cls == &screen_form)
        ui_close(ui);
    else if (known && !acting_ask(ui, known, &err))
        ui_say_err(ui, &err);
}

/* Of a plan back to its form, if it has one; of a run back to where it was begun. */
static bool action_back(struct screen *s, struct ui *ui)
{
    const struct action_screen *a = s->state;
    if (a->state != DOING_RUNS && a->state != DOING_DONE && a->state != DOING_NOTHING)
        return false;
    acting_leave(ui);
    return true;
}

static bool action_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct action_screen *a = s->state;
    bool only = false;
    ui->dirty = true;
    if (a->state == DOING_PLANNED && strcmp(verb, "choose") == 0)
        a->run = !a->run;
    else if (a->state == DOING_PLANNED && strcmp(verb, "press") == 0 && a->run)
        run_it(a, ui);
    else if (a->state == DOING_PLANNED && strcmp(verb, "press") == 0)
        acting_leave(ui);
    else if (a->state == DOING_PLANNED && strcmp(verb, "edit") == 0)
        edit(ui);
    else
        return text_verb(ui, a->pager, &only, verb, arg);
    return true;
}

static unsigned action_context(const struct screen *s)
{
    const struct action_screen *a = s->state;
    return a->state == DOING_PLANNED ? CONTEXT_ACTION | CONTEXT_PAGER : CONTEXT_PAGER;
}

static void action_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct action_screen *a = s->state;
    text_move(a->pager, move);
}

static void action_crumb(BN_UNUSED const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    strbuf_adds(out, ui->doing ? doing_action(ui->doing)->title : "action");
}

static void action_figures(const struct screen *s, BN_UNUSED const struct ui *ui,
                           struct strbuf *out)
{
    const struct action_screen *a = s->state;
    pager_position(a->pager, out);
}

const struct screen_class screen_doing = {
    .name = "action",
    .context = CONTEXT_PAGER,
    .state_size = sizeof(struct action_screen),
    .aside = true,
    .open = action_open,
    .close = action_close,
    .draw = action_draw,
    .crumb = action_crumb,
    .figures = action_figures,
    .move = action_move,
    .key = action_key,
    .verb = action_verb,
    .context_now = action_context,
    .turn = action_turn,
    .back = action_back,
};
