/* Help, made from the tables of commands and keys: letters narrow it, Enter runs
 * what is chosen. A second page is the manual of the view below. */
#include <config.h>

#include "tui/screens/help.h"

#include "base/utf8.h"
#include "tui/screens/list.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 200
#define KEYS_WIDTH  14
#define COLUMN_COLS 48 /* a column of entries is at least so wide */
#define PANES_MAX   3

/* A heading, or something that can be run. */
struct entry {
    const char *title;             /* of a heading; else NULL */
    const struct command *command; /* NULL: a kind */
    const struct kind *kind;
    char keys[KEYS_WIDTH + 1];
};

struct help {
    struct list list; /* over the entries that match, column by column */
    struct entry all[ENTRIES_MAX];
    size_t count;
    size_t shown[ENTRIES_MAX]; /* of all: those that match */
    char text[64];             /* typed */
    int rows;                  /* of a column when last drawn */
    struct place below;        /* of the view that help was asked for in */
    bool manual;
    struct row_lines page;
    struct list page_list;
};

static const char *const group_titles[] = {
    [GROUP_MOVE] = "MOVE", [GROUP_LOOK] = "LOOK",       [GROUP_FIND] = "FIND, SORT, MARK, COPY",
    [GROUP_DO] = "DO",     [GROUP_PROGRAM] = "PROGRAM",
};

/* All keys whose command line begins with this command, in this context. */
static void take_keys(struct entry *e, unsigned context)
{
    struct strbuf keys = STRBUF_INIT(1024);
    for (const struct binding *b = binding_table; b->keys; b++) {
        struct span line = span_from(b->command);
        bool ours = span_is(span_sub(line, 0, span_find(line, ' ', 0)), e->command->name);
        if (!ours || !(b->contexts & context) ||
            span_search(strbuf_span(&keys), span_from(b->keys), false) < keys.len)
            continue;
        if (keys.len + 1 + strlen(b->keys) > KEYS_WIDTH)
            break;
        strbuf_addf(&keys, "%s%s", keys.len ? " " : "", b->keys);
    }
    (void)snprintf(e->keys, sizeof(e->keys), "%s", strbuf_cstr(&keys));
    strbuf_clear(&keys);
}

static struct entry *add(struct help *h, const char *title)
{
    struct entry *e = &h->all[h->count < ENTRIES_MAX ? h->count++ : ENTRIES_MAX - 1];
    *e = (struct entry){.title = title};
    return e;
}

static bool help_open(struct screen *s, struct ui *ui, BN_UNUSED struct err *err)
{
    struct help *h = s->state;
    const struct kind_list *kinds = session_kinds(ui->session);
    unsigned context = ui_context(ui);
    h->below = ui_top(ui)->place;
    row_lines_init(&h->page);
    for (int g = GROUP_MOVE; g <= GROUP_PROGRAM; g++) {
        (void)add(h, group_titles[g]);
        for (const struct command *c = command_table; c->name; c++) {
            if ((int)c->group != g || !(c->contexts & context)) /* aliases are of no group */
                continue;
            struct entry *e = add(h, NULL);
            e->command = c;
            take_keys(e, context);
        }
    }
    (void)add(h, "KINDS");
    for (size_t i = 0; i < kinds->count; i++) {
        struct entry *e = add(h, NULL);
        e->kind = kinds->kinds[i];
        (void)snprintf(e->keys, sizeof(e->keys), ":%s", kinds->kinds[i]->plural);
    }
    h->list.cursor = 1;
    return true;
}

static void help_close(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct help *h = s->state;
    row_lines_done(&h->page);
}

static const char *name_of(const struct entry *e)
{
    return e->command ? e->command->name : e->kind->plural;
}

static const char *text_of(const struct entry *e)
{
    return e->command ? e->command->help : e->kind->help;
}

static bool matches(const struct help *h, const struct entry *e)
{
    const struct span word = span_from(h->text);
    const char *const texts[] = {e->keys, name_of(e), text_of(e)};
    for (size_t i = 0; i < BN_COUNT(texts); i++)
        if (span_search(span_from(texts[i]), word, true) < strlen(texts[i]))
            return true;
    return !word.len;
}

/* Headings stay where something below them matches. */
static size_t collect(struct help *h)
{
    size_t n = 0;
    const struct entry *heading = NULL;
    for (size_t i = 0; i < h->count; i++) {
        if (h->all[i].title) {
            heading = &h->all[i];
        } else if (matches(h, &h->all[i])) {
            if (heading)
                h->shown[n++] = (size_t)(heading - h->all);
            heading = NULL;
            h->shown[n++] = i;
        }
    }
    return n;
}

static const struct entry *entry_at(const struct help *h, size_t i)
{
    return &h->all[h->shown[i]];
}

/* The cursor passes over headings. */
static void settle_cursor(struct help *h, int dir)
{
    struct list *l = &h->list;
    while (l->cursor < l->count && entry_at(h, l->cursor)->title)
        l->cursor = dir < 0 && l->cursor ? l->cursor - 1 : l->cursor + 1;
    if (l->cursor >= l->count && l->count)
        l->cursor = l->count - 1;
    if (l->count && entry_at(h, l->cursor)->title) /* the first line is one */
        l->cursor++;
}

static void draw_entry(const struct entry *e, struct canvas *c, struct rect line)
{
    if (e->title) {
        canvas_text(c, line, 0, 1, line.cols - 1, span_from(e->title), ROLE_HEADER);
        return;
    }
    canvas_text(c, line, 0, 1, KEYS_WIDTH, span_from(e->keys), ROLE_KEY);
    int at = KEYS_WIDTH + 2;
    if (line.cols > 2 * COLUMN_COLS || !e->keys[0])
        at += canvas_textf(c, line, 0, at, ROLE_DIM, "%s%s", e->command ? ":" : "",
                           e->command ? name_of(e) : "");
    if (at > KEYS_WIDTH + 2)
        at++;
    if (line.cols > 2 * COLUMN_COLS)
        at = at < 36 ? 36 : at;
    canvas_text_cut(c, line, 0, at, line.cols - at, 0, span_from(text_of(e)), ROLE_TEXT);
}

static void draw_line_typed(const struct help *h, struct canvas *c, struct rect line)
{
    canvas_fill(c, line, ROLE_INPUT);
    int at = canvas_textf(c, line, 0, 1, ROLE_INPUT, "%s", h->text) + 1;
    if (!h->text[0])
        canvas_textf(c, line, 0, at, ROLE_DIM, "%s",
                     h->manual ? "? shows the keys, Esc closes"
                               : "letters narrow, Enter runs, ? explains the view, Esc closes");
}

static void draw_keys(struct help *h, struct canvas *c, struct rect area)
{
    h->rows = area.rows > 0 ? area.rows : 1;
    size_t count = collect(h);
    int most = area.cols / COLUMN_COLS, columns = ((int)count + h->rows - 1) / h->rows;
    most = most > PANES_MAX ? PANES_MAX : most;
    columns = columns > most ? most : columns;
    columns = columns < 1 ? 1 : columns;
    list_lay(&h->list, count, rect_make(area.top, area.left, h->rows * columns, area.cols));
    settle_cursor(h, 1);
    if (!count)
        canvas_textf(c, area, 0, 1, ROLE_DIM, "nothing here holds `%s`", h->text);
    int width = area.cols / columns;
    for (size_t i = h->list.top; i < count && (int)(i - h->list.top) < h->rows * columns; i++) {
        int at = (int)(i - h->list.top);
        struct rect line = rect_make(area.top + at % h->rows, area.left + at / h->rows * width, 1,
                                     width - (columns > 1));
        draw_entry(entry_at(h, i), c, line);
        if (i != h->list.cursor)
            continue;
        canvas_flag(c, line, CELL_CURSOR_ROW);
        canvas_cursor(c, line.top, line.left);
    }
    h->list.area.rows = 0; /* a click is looked up here, column by column */
}

static void help_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct help *h = s->state;
    struct rect rest = rect_make(body.top + 1, body.left, body.rows - 1, body.cols);
    draw_line_typed(h, c, rect_make(body.top, body.left, 1, body.cols));
    if (!h->manual) {
        draw_keys(h, c, rest);
        return;
    }
    help_manual(&h->page, ui, &h->below, rest.cols);
    list_lay(&h->page_list, h->page.count, rest);
    row_lines_draw_all(&h->page, h->page_list.top, c, rest);
}

/* The manual is text: what moves is its first line. */
static void move_page(struct help *h, enum move move)
{
    struct list *l = &h->page_list;
    bool up = move == MOVE_UP || move == MOVE_PAGE_UP || move == MOVE_HALF_UP || move == MOVE_FIRST;
    l->cursor = up ? l->top : l->top + (size_t)l->page - 1;
    if (list_move(l, move))
        list_lay(l, l->count, l->area);
}

static void help_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct help *h = s->state;
    struct list *l = &h->list;
    size_t column = (size_t)h->rows;
    if (h->manual) {
        move_page(h, move);
        return;
    }
    if (move == MOVE_LEFT)
        l->cursor -= l->cursor >= column ? column : 0;
    else if (move == MOVE_RIGHT)
        l->cursor += l->cursor + column < l->count ? column : 0;
    else
        (void)list_move(l, move);
    settle_cursor(h, move == MOVE_UP || move == MOVE_PAGE_UP ? -1 : 1);
}

static void type_letter(struct help *h, uint32_t key)
{
    char bytes[4];
    size_t n = utf8_encode(key, bytes), len = strlen(h->text);
    if (len + n >= sizeof(h->text))
        return;
    memcpy(h->text + len, bytes, n);
    h->text[len + n] = '\0';
}

static void take_letter_back(struct help *h)
{
    size_t len = strlen(h->text);
    while (len && ((unsigned char)h->text[len - 1] & 0xc0) == 0x80)
        len--;
    h->text[len ? len - 1 : 0] = '\0';
}

static bool help_key(struct screen *s, BN_UNUSED struct ui *ui, uint32_t key)
{
    struct help *h = s->state;
    bool letter = key_is_text(key) && key != ' ' && key != '?' && key != ':';
    if (key == KEYSYM_BACKSPACE && h->text[0])
        take_letter_back(h);
    else if (key == KEYSYM_ESC && h->text[0])
        h->text[0] = '\0';
    else if ((letter || (key == ' ' && h->text[0])) && !h->manual)
        type_letter(h, key);
    else
        return false;
    h->list.cursor = h->list.top = 0;
    h->list.count = collect(h); /* Enter may come before the next frame */
    settle_cursor(h, 1);
    return true;
}

/* What was chosen, run where help was asked for; a command that wants arguments is
 * put into the prompt. */
static void help_enter(struct screen *s, struct ui *ui)
{
    const struct help *h = s->state;
    struct strbuf line = STRBUF_INIT(128);
    struct err err;
    if (h->manual || h->list.cursor >= h->list.count || entry_at(h, h->list.cursor)->title)
        return;
    const struct entry e = *entry_at(h, h->list.cursor);
    strbuf_adds(&line, name_of(&e));
    ui_close(ui);
    if (e.command && e.command->usage[0] && e.command->usage[0] != '[') {
        strbuf_addc(&line, ' ');
        ui_prompt(ui, PROMPT_COMMAND, strbuf_span(&line));
    } else if (!command_run(ui, strbuf_span(&line), &err)) {
        ui_say_err(ui, &err);
    }
    strbuf_clear(&line);
}

static bool help_verb(struct screen *s, BN_UNUSED struct ui *ui, const char *verb,
                      BN_UNUSED struct span arg)
{
    struct help *h = s->state;
    if (strcmp(verb, "manual") != 0)
        return false;
    h->manual = !h->manual;
    h->text[0] = '\0';
    return true;
}

static bool help_mouse(struct screen *s, struct ui *ui, const struct input_event *ev)
{
    struct help *h = s->state;
    int columns = h->list.page / (h->rows ? h->rows : 1);
    int width = h->list.area.cols / (columns ? columns : 1);
    if (h->manual || ev->what != MOUSE_PRESS || ev->button != 1 || ev->row < h->list.area.top ||
        !width)
        return false;
    size_t at = h->list.top + (size_t)(ev->row - h->list.area.top) +
                (size_t)(ev->col / width) * (size_t)h->rows;
    if (at >= h->list.count || entry_at(h, at)->title)
        return true;
    bool again = at == h->list.cursor && ui->clicked == ev->row;
    h->list.cursor = at;
    ui->clicked = ev->row;
    if (again)
        help_enter(s, ui);
    return true;
}

const struct screen_class screen_help = {
    .name = "help",
    .context = CONTEXT_HELP,
    .state_size = sizeof(struct help),
    .is_list = true,
    .open = help_open,
    .close = help_close,
    .draw = help_draw,
    .move = help_move,
    .key = help_key,
    .enter = help_enter,
    .verb = help_verb,
    .mouse = help_mouse,
};
