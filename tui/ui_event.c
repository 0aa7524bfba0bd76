/* Events of the terminal to commands, prompt and screen. */
#include <config.h>

#include "tui/history.h"
#include "tui/screens/list.h"
#include "tui/ui.h"

#include <string.h>

#define WHEEL_LINES 3

static void drop_prompt_message(struct ui *ui)
{
    if (ui->message.of_prompt)
        ui->message.text[0] = '\0';
}

/* What the prompt holds is tried out while it is typed. */
static void prompt_typed(struct ui *ui)
{
    struct span text = prompt_text(ui->prompt);
    struct screen *top = ui_top(ui);
    drop_prompt_message(ui);
    strbuf_truncate(&ui->completions, 0);
    ui->chosen = 0;
    if (ui->prompting == PROMPT_COMMAND)
        command_complete(ui, text, &ui->completions);
    else if (top->cls->typed)
        top->cls->typed(top, ui, text);
    ui->dirty = true;
}

/* The i-th candidate, from 1; false: there are not so many. */
static bool candidate(const struct ui *ui, size_t i, struct span *word)
{
    struct span rest = strbuf_span(&ui->completions), line;
    while (i && span_split(&rest, '\n', &line) && line.len)
        if (--i == 0) {
            *word = span_sub(line, 0, span_find(line, '\t', 0));
            return true;
        }
    return false;
}

static size_t count_candidates(const struct ui *ui)
{
    struct span word;
    size_t n = 0;
    while (candidate(ui, n + 1, &word))
        n++;
    return n;
}

/* The last word becomes a candidate; again, the next one. A single one is taken. */
static void prompt_complete(struct ui *ui, int step)
{
    struct strbuf whole = STRBUF_INIT(8192);
    struct span text = prompt_text(ui->prompt), word;
    if (ui->prompting == PROMPT_FILTER && !ui->completions.len)
        filter_complete(ui, text, &ui->completions);
    size_t n = ui->prompting == PROMPT_SEARCH ? 0 : count_candidates(ui);
    if (!n)
        return;
    ui->chosen = step > 0 ? ui->chosen % n + 1 : ui->chosen > 1 ? ui->chosen - 1 : n;
    size_t blank = span_find_last(text, ' ');
    if (blank < text.len)
        strbuf_add(&whole, span_sub(text, 0, blank + 1));
    if (candidate(ui, ui->chosen, &word))
        strbuf_add(&whole, word);
    if (n == 1 && ui->prompting == PROMPT_COMMAND)
        strbuf_addc(&whole, ' ');
    prompt_set(ui->prompt, strbuf_span(&whole));
    strbuf_clear(&whole);
    if (n == 1)
        prompt_typed(ui);
    ui->dirty = true;
}

static void prompt_leave(struct ui *ui)
{
    drop_prompt_message(ui);
    ui->prompting = PROMPT_NONE;
    strbuf_truncate(&ui->completions, 0);
    ui->dirty = true;
}

static void prompt_accept(struct ui *ui)
{
    struct strbuf line = STRBUF_INIT(8192);
    enum prompt_mode mode = ui->prompting;
    struct err err;
    if (ui->chosen) /* what a completion put there has not been tried yet */
        prompt_typed(ui);
    strbuf_add(&line, prompt_text(ui->prompt));
    prompt_leave(ui);
    history_add(mode == PROMPT_COMMAND ? ui->lines : ui->filters, strbuf_span(&line));
    if (mode == PROMPT_COMMAND && !command_run(ui, strbuf_span(&line), &err))
        ui_say_err(ui, &err);
    if (mode == PROMPT_FILTER && strcmp(ui->before.filter, ui_top(ui)->place.filter) != 0)
        ui_changed_from(ui, &ui->before);
    strbuf_clear(&line);
}

/* What was being typed is as if it had not been. */
static void prompt_cancel(struct ui *ui)
{
    if (ui->prompting != PROMPT_COMMAND) {
        prompt_set(ui->prompt,
                   ui->prompting == PROMPT_FILTER ? span_from(ui->before.filter) : SPAN(""));
        prompt_typed(ui);
    }
    prompt_leave(ui);
}

static void prompt_key(struct ui *ui, uint32_t key)
{
    struct history *lines = ui->prompting == PROMPT_COMMAND ? ui->lines : ui->filters;
    struct span line;
    switch (key) {
    case KEYSYM_ENTER:
        prompt_accept(ui);
        return;
    case KEYSYM_ESC:
    case KEYSYM_CTRL + 'c':
        prompt_cancel(ui);
        return;
    case KEYSYM_TAB:
    case KEYSYM_BACKTAB:
        prompt_complete(ui, key == KEYSYM_TAB ? 1 : -1);
        return;
    case KEYSYM_UP:
        if (history_back(lines, prompt_text(ui->prompt), &line))
            prompt_set(ui->prompt, line);
        break;
    case KEYSYM_DOWN:
        if (history_forward(lines, &line))
            prompt_set(ui->prompt, line);
        break;
    default:
        if (key == KEYSYM_BACKSPACE && !prompt_text(ui->prompt).len) { /* as less: leaves */
            prompt_cancel(ui);
            return;
        }
        if (!prompt_input(ui->prompt, key))
            return;
        break;
    }
    prompt_typed(ui);
}

void ui_run(struct ui *ui, const char *line)
{
    struct err err;
    if (!command_run(ui, span_from(line), &err))
        ui_say_err(ui, &err);
}

static void command_key(struct ui *ui, uint32_t key)
{
    bool chord;
    uint32_t first = ui->chord;
    struct screen *top = ui_top(ui);
    ui->chord = 0;
    if (first && key == KEYSYM_ESC)
        return;
    if (!first && top->cls->key && top->cls->key(top, ui, key))
        return;
    const struct binding *b = binding_find(ui_context(ui), first, key, &chord);
    if (chord)
        ui->chord = key;
    if (b)
        ui_run(ui, b->command);
    else if (!chord) {
        char name[KEY_NAME_MAX];
        key_format(key, name);
        ui_say(ui, ROLE_DIM, "%s has no meaning here (? shows the keys)", name);
    }
}

/* Pasted text is text in a prompt and nothing anywhere else. */
static void paste(struct ui *ui, struct span text)
{
    struct screen *top = ui_top(ui);
    if (ui->prompting == PROMPT_NONE && !top->cls->paste) {
        ui_say(ui, ROLE_DIM, "pasted text is ignored here: open a prompt with : or / first");
        return;
    }
    if (span_find(text, '\n', 0) < text.len || span_find(text, '\r', 0) < text.len) {
        ui_say(ui, ROLE_FAULT, "several lines were pasted: a prompt takes one");
        return;
    }
    if (ui->prompting == PROMPT_NONE) {
        if (!top->cls->paste(top, ui, text))
            ui_say(ui, ROLE_DIM, "pasted text is ignored here: it is no field for text");
        return;
    }
    prompt_paste(ui->prompt, text);
    prompt_typed(ui);
}

/* Crumbs and key hints: where they were drawn last. */
static bool click_around(struct ui *ui, const struct input_event *ev)
{
    for (size_t i = 0; i < ui->nhits; i++) {
        const struct ui_hit *hit = &ui->hits[i];
        if (hit->row != ev->row || ev->col < hit->from || ev->col >= hit->to)
            continue;
        if (hit->binding)
            ui_run(ui, hit->binding->command);
        else if (hit->command)
            ui_run(ui, hit->command);
        else
            ui_close_to(ui, hit->depth);
        return true;
    }
    return false;
}

void ui_move(struct ui *ui, enum move move)
{
    struct screen *top = ui_top(ui);
    ui->dirty = true;
    if (top->cls->move)
        top->cls->move(top, ui, move);
    else if (top->cls->is_list)
        (void)list_move(top->state, move);
}

static bool click_list(struct screen *top, struct ui *ui, const struct input_event *ev)
{
    enum list_click click = list_click(top->state, ui, ev);
    if (click == LIST_OPENED && top->cls->enter)
        top->cls->enter(top, ui);
    return click != LIST_ELSEWHERE;
}

static void mouse(struct ui *ui, const struct input_event *ev)
{
    struct screen *top = ui_top(ui);
    if (ui->prompting != PROMPT_NONE) /* what is typed goes first */
        return;
    if (ev->what == MOUSE_PRESS && ev->button == 1 && click_around(ui, ev))
        return;
    if (top->cls->mouse && top->cls->mouse(top, ui, ev))
        return;
    if (!top->cls->mouse && top->cls->is_list && click_list(top, ui, ev))
        return;
    for (int i = 0; i < WHEEL_LINES; i++)
        if (ev->what == MOUSE_WHEEL_UP || ev->what == MOUSE_WHEEL_DOWN)
            ui_move(ui, ev->what == MOUSE_WHEEL_UP ? MOVE_UP : MOVE_DOWN);
}

void ui_event(struct ui *ui, const struct input_event *ev)
{
    bool arming = ui->quit_armed;
    ui->events++;
    ui->dirty = true;
    ui->quit_armed = false;
    if (ev->type == INPUT_KEY && ui->message.text[0] &&
        (ui->message.until_ms == TIME_FOREVER || arming))
        ui->message.text[0] = '\0';
    switch (ev->type) {
    case INPUT_KEY:
        ui->clicked = -1;
        if (ui->prompting != PROMPT_NONE) {
            prompt_key(ui, ev->key);
        } else {
            ui->quit_armed = arming; /* for the commands that ask twice */
            uint64_t before = ui->arm_count;
            command_key(ui, ev->key);
            ui->quit_armed = ui->arm_count != before;
        }
        break;
    case INPUT_PASTE:
        paste(ui, ev->paste);
        break;
    case INPUT_MOUSE:
        mouse(ui, ev);
        break;
    case INPUT_FOCUS:
    case INPUT_CONTROL:
        break;
    }
}
