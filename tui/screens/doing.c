/* A guided action: its plan, the question whether it is to be run, and what comes of it. Nothing is
 * run by a key that means something else elsewhere: the button that does nothing is chosen at
 * first, and what destroys wants the context's name. */
#include <config.h>

#include "actions/doing.h"

#include "actions/audit.h"
#include "app/config.h"
#include "base/file.h"
#include "base/utf8.h"
#include "tui/acting.h"
#include "tui/screens/run_text.h"
#include "tui/screens/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX  ((size_t)2 << 20)
#define TYPED_MAX 256
#define FOOT_ROWS 3

struct action_screen {
    struct run_text text;
    struct doing *shown; /* whose text it is; borrowed, only compared */
    bool exact;          /* with the requests */
    size_t fed;          /* bytes of its text that the pager has */
    enum doing_state state;
    bool unended;          /* the run can be gone on with, or left as it is, */
    bool back;             /* or taken back */
    bool asks;             /* there are buttons */
    bool typing;           /* it destroys: the context's name is to be typed */
    size_t chosen;         /* of the buttons */
    char typed[TYPED_MAX]; /* of the context's name, so far */
};

static bool action_open(struct screen *s, BN_UNUSED struct ui *ui, BN_UNUSED struct err *err)
{
    struct action_screen *a = s->state;
    run_text_init(&a->text);
    return true;
}

static void action_close(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct action_screen *a = s->state;
    run_text_done(&a->text);
}

static bool goes_on(enum doing_state state)
{
    return state == DOING_RUNS || state == DOING_WATCHED;
}

static bool is_over(enum doing_state state)
{
    return state != DOING_PLANS && state != DOING_PLANNED && !goes_on(state);
}

/* It has come to something else: what can be done now. */
static void settle(struct action_screen *a, const struct ui *ui)
{
    a->chosen = 0;
    a->unended = (a->state == DOING_FAILED || a->state == DOING_OPEN) &&
                 acting_is_unended(ui, doing_run(ui->doing), &a->back);
    a->typing = a->state == DOING_PLANNED && doing_destroys(ui->doing);
    a->asks = a->state == DOING_PLANNED || a->state == DOING_FAILED || a->state == DOING_OPEN ||
              a->state == DOING_REFUSED || (a->state == DOING_DONE && doing_made(ui->doing));
}

/* The file that other copies leave behind is not for this one. */
static void take_secret(struct ui *ui)
{
    struct strbuf value = STRBUF_INIT(TEXT_MAX);
    if (doing_take_secret(ui->doing, &value)) {
        if (term_copy(ui->term, strbuf_span(&value)))
            ui_say(ui, ROLE_OK,
                   "%s is on the clipboard of the terminal; it is noted in the audit log",
                   doing_made(ui->doing));
        else
            ui_say(ui, ROLE_WARNING, "this terminal takes nothing for its clipboard");
    }
    strbuf_wipe(&value);
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
        run_text_clear(&a->text);
        a->text.whole = false;
        *a = (struct action_screen){.text = a->text, .shown = ui->doing};
    }
    a->state = doing_state(ui->doing);
    if (another || a->state != before)
        settle(a, ui);
    doing_text(ui->doing, a->exact, a->fed, &text);
    bool turned = another || a->state != before, news = text.len;
    run_text_add(&a->text, strbuf_span(&text), ui->now_ms);
    a->fed += text.len;
    if (turned && (goes_on(a->state) || is_over(a->state)))
        pager_last(a->text.steps); /* who scrolls up meanwhile stays there */
    if (is_over(a->state))
        run_text_end(&a->text);
    strbuf_clear(&text);
    take_secret(ui);
    return run_text_turn(&a->text, ui) || turned || news;
}

/* ---- The foot: what it has come to, and what can be done then. */

enum press {
    PRESS_LEAVE,
    PRESS_RUN,
    PRESS_EDIT,
    PRESS_RESUME,
    PRESS_UNDO,
    PRESS_LET_BE,
    PRESS_SECRET
};

struct button {
    enum press press;
    const char *label;
};

#define BUTTONS_MAX 4

/* The first does nothing but leave; it is chosen at first. */
static size_t buttons_of(const struct action_screen *a, const struct ui *ui,
                         struct button out[BUTTONS_MAX])
{
    size_t n = 0;
    out[n++] = (struct button){PRESS_LEAVE, a->state == DOING_PLANNED ? "Leave it" : "Close"};
    if (a->state == DOING_PLANNED && !a->typing) {
        out[n++] = (struct button){PRESS_RUN, "Run it"};
    } else if (a->unended) {
        out[n++] = (struct button){PRESS_RESUME, "Go on with it"};
        if (a->back)
            out[n++] = (struct button){PRESS_UNDO, "Take it back"};
        out[n++] = (struct button){PRESS_LET_BE, "Leave it so"};
    } else if (a->state == DOING_FAILED || a->state == DOING_REFUSED) {
        out[n++] = (struct button){PRESS_EDIT, "Try again"};
    } else if (a->state == DOING_DONE && doing_made(ui->doing)) {
        out[n++] = (struct button){PRESS_SECRET, doing_action(ui->doing)->into
                                                     ? "Value to the clipboard"
                                                     : "Password to the clipboard"};
    }
    return n > 1 ? n : 0;
}

static const char *sentence_of(const struct action_screen *a, const struct ui *ui)
{
    switch (a->state) {
    case DOING_PLANS:
        return "reading what is there, asking for the rights, rehearsing ...";
    case DOING_PLANNED:
        return doing_is_again(ui->doing) ? "Nothing more has been changed yet."
                                         : "Nothing has been changed yet.";
    case DOING_NOTHING:
        return "It is so already. Esc closes.";
    case DOING_REFUSED:
        return "It cannot be done; nothing was changed. Esc closes.";
    case DOING_RUNS:
        return "It runs, with or without this screen.";
    case DOING_WATCHED:
        return "It runs, begun elsewhere. Esc closes; it goes on.";
    case DOING_DONE:
        return "Done. Esc closes.";
    case DOING_FAILED:
        return a->unended
                   ? a->back
                         ? "It failed; what was sent stands. Go on with it, take it back, or leave it."
                         : "It failed; what was sent stands, and cannot be taken back. Go on with it, or leave it."
                   : "It failed; nothing else was done. Esc closes.";
    case DOING_PARTLY:
        return "Taken back in part; what stays is said above. Esc closes.";
    case DOING_OPEN:
        return a->back ? "Its end is not known: go on with it, take it back, or leave it."
                       : "Its end is not known: go on with it, or leave it.";
    }
    return "";
}

static enum role role_of(const struct action_screen *a)
{
    return a->state == DOING_DONE || a->state == DOING_NOTHING ? ROLE_OK
           : a->state == DOING_PLANS || a->state == DOING_RUNS || a->state == DOING_WATCHED
               ? ROLE_PROGRESS
           : a->state == DOING_PLANNED ? ROLE_TEXT
                                       : ROLE_CRITICAL;
}

static void draw_question(const struct action_screen *a, struct ui *ui, struct canvas *c,
                          struct rect foot)
{
    struct button buttons[BUTTONS_MAX];
    const char *context = doing_context(ui->doing);
    if (a->typing) {
        int at = canvas_textf(c, foot, 2, 1, ROLE_WARNING,
                              "Type %s and Enter to run it, Esc to leave it: ", context);
        canvas_textf(c, foot, 2, 1 + at, ROLE_TEXT, "%s_", a->typed);
        return;
    }
    if (a->state == DOING_RUNS)
        canvas_text_cut(
            c, foot, 2, 1, foot.cols - 1, 0,
            SPAN("Esc leaves it running; `:do` comes back to it; Ctrl-C gives up waiting."),
            ROLE_DIM);
    size_t n = buttons_of(a, ui, buttons);
    int at = 1;
    for (size_t i = 0; i < n; i++) {
        bool run = buttons[i].press == PRESS_RUN;
        at +=
            2 + canvas_textf(c, foot, 2, at, i == a->chosen ? ROLE_SELECTED : ROLE_TEXT,
                             "[ %s%s%s ]", buttons[i].label, run ? " in " : "", run ? context : "");
    }
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
    run_text_draw(&a->text, c, rect_make(body.top, body.left, body.rows - foot, body.cols));
    if (!foot)
        return;
    struct rect at = rect_make(body.top + body.rows - foot, body.left, foot, body.cols);
    canvas_line(c, rect_make(at.top, at.left, 1, at.cols), '-', ROLE_DIM);
    canvas_text_cut(c, at, 1, 1, at.cols - 1, 0, span_from(sentence_of(a, ui)), role_of(a));
    draw_question(a, ui, c, at);
}

/* ---- Keys. */

static void run_it(struct action_screen *a, struct ui *ui)
{
    const char *context = doing_context(ui->doing);
    const struct config *config = session_config(ui->session);
    if (config && config_is_production(config, context) && ui->mono_ms >= ui->write_until_ms) {
        ui_say(ui, ROLE_WARNING, "%s is production: `:write 15m` allows changes for a while",
               context);
        return; /* what was chosen or typed stands: it is run when that has been said */
    }
    doing_confirm(ui->doing);
    acting_forget(ui);
    a->chosen = 0;
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
        if (strcmp(a->typed, doing_context(ui->doing)) == 0)
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
    if (!ui->doing || !a->typing)
        return false;
    if (key != KEYSYM_ENTER && key != KEYSYM_BACKSPACE && !key_is_text(key))
        return false;
    type_key(a, ui, key);
    return true;
}

/* Into a new file of the folder that the program was started in; another of that name stays. */
static bool write_manifest(struct ui *ui, struct err *err)
{
    struct file_new file;
    char path[128];
    struct span text = doing_manifest(ui->doing);
    if (!text.len)
        return err_set(err, ERR_NOTFOUND, "this plan makes no object that could be kept in git");
    (void)snprintf(path, sizeof(path), "./%s-%lld.yaml", doing_action(ui->doing)->name,
                   (long long)(ui->now_ms / 1000));
    if (!file_new_open(&file, path, err))
        return false;
    for (size_t done = 0; done < text.len;) {
        ssize_t n = write(file.fd, text.data + done, text.len - done);
        if (n < 0 && errno != EINTR) {
            (void)err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
            file_new_drop(&file);
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    if (!file_new_keep(&file, false, err))
        return false;
    ui_say(ui, ROLE_OK, "%s is written, for git; nothing was run", path);
    return true;
}

/* What is read begins at its head again. */
static void show_exact(struct action_screen *a, struct ui *ui)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    a->exact = !a->exact;
    doing_text(ui->doing, a->exact, 0, &text);
    run_text_clear(&a->text);
    run_text_add(&a->text, strbuf_span(&text), ui->now_ms);
    a->fed = text.len;
    pager_first(a->text.steps);
    strbuf_clear(&text);
}

/* Back to the fields, or to them for the first time where none had to be asked for. */
static bool edit(struct ui *ui, struct err *err)
{
    const struct answers *known = acting_answers(ui, doing_action(ui->doing)->name);
    if (ui->depth > 1 && ui->stack[ui->depth - 2]->cls == &screen_form) {
        ui_close(ui);
        return true;
    }
    return known ? acting_ask(ui, known, err)
                 : err_set(err, ERR_CONFIG, "`a` on a row, or `:do ACTION`");
}

/* Of a plan back to its form, if it has one; of a run back to where it was begun. */
static bool action_back(struct screen *s, struct ui *ui)
{
    const struct action_screen *a = s->state;
    if (a->state == DOING_PLANS || a->state == DOING_PLANNED || a->state == DOING_REFUSED)
        return false;
    acting_leave(ui);
    return true;
}

static bool let_be(struct ui *ui, const char *run, struct err *err)
{
    if (!acting_let_be(ui, run, err))
        return false;
    acting_leave(ui);
    return true;
}

static void press(struct action_screen *a, struct ui *ui)
{
    struct button buttons[BUTTONS_MAX];
    char run[AUDIT_RUN_ID];
    struct err err;
    bool ok = true;
    size_t n = buttons_of(a, ui, buttons);
    enum press what = a->chosen < n ? buttons[a->chosen].press : PRESS_LEAVE;
    (void)snprintf(run, sizeof(run), "%s", doing_run(ui->doing));
    if (what == PRESS_LEAVE)
        acting_leave(ui);
    else if (what == PRESS_RUN)
        run_it(a, ui);
    else if (what == PRESS_EDIT)
        ok = edit(ui, &err);
    else if (what == PRESS_SECRET)
        doing_ask_secret(ui->doing);
    else if (what == PRESS_LET_BE)
        ok = let_be(ui, run, &err);
    else
        ok = acting_take_up(ui, what == PRESS_UNDO ? DO_UNDO : DO_RESUME, run, &err);
    if (!ok)
        ui_say_err(ui, &err);
}

static bool action_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct action_screen *a = s->state;
    struct button buttons[BUTTONS_MAX];
    size_t n = ui->doing ? buttons_of(a, ui, buttons) : 0;
    bool only = false;
    struct err err;
    ui->dirty = true;
    if (n && strcmp(verb, "choose") == 0)
        a->chosen = (a->chosen + (span_is(arg, "back") ? n - 1 : 1)) % n;
    else if (a->typing && strcmp(verb, "press") == 0)
        type_key(a, ui, KEYSYM_ENTER);
    else if (n && strcmp(verb, "press") == 0)
        press(a, ui);
    else if (ui->doing && strcmp(verb, "exact") == 0)
        show_exact(a, ui);
    else if (strcmp(verb, "whole-log") == 0)
        a->text.whole = !a->text.whole;
    else if (ui->doing && a->state == DOING_RUNS && strcmp(verb, "cancel") == 0)
        doing_cancel(ui->doing);
    else if (ui->doing && a->state == DOING_PLANNED &&
             (strcmp(verb, "edit") == 0 || strcmp(verb, "manifest") == 0 ||
              strcmp(verb, "wait") == 0)) {
        if (!(verb[0] == 'e'   ? edit(ui, &err)
              : verb[0] == 'w' ? acting_turn_wait(ui, &err)
                               : write_manifest(ui, &err)))
            ui_say_err(ui, &err);
    } else
        return text_verb(ui, run_text_pager(&a->text), &only, verb, arg);
    return true;
}

static unsigned action_context(const struct screen *s)
{
    const struct action_screen *a = s->state;
    if (a->typing)
        return CONTEXT_TYPED;
    return CONTEXT_PAGER | (a->asks ? CONTEXT_ACTION : 0) |
           (a->state == DOING_PLANNED ? CONTEXT_PLANNED : 0) |
           (run_text_has_log(&a->text) ? CONTEXT_RUN : 0);
}

static void action_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct action_screen *a = s->state;
    text_move(run_text_pager(&a->text), move);
}

static void action_crumb(BN_UNUSED const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct action *action = ui->doing ? doing_action(ui->doing) : NULL;
    strbuf_adds(out, action ? action->title : "action");
}

static void action_figures(const struct screen *s, BN_UNUSED const struct ui *ui,
                           struct strbuf *out)
{
    const struct action_screen *a = s->state;
    pager_position(run_text_pager(&a->text), out);
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
