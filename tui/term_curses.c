/* ncurses writes to a memory file: it can neither block nor fail, and who
 * owns the terminal decides when its bytes leave. Only this file knows curses. */
#define NCURSES_WIDECHAR 1
#include <config.h>

#include "tui/term_curses.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/utf8.h"
#include "tui/palette.h"

#include <curses.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

#define NAME_MAX_LEN 64
#define SIDE_MAX     1000
#define LOOKS        (ROLE_COUNT + 1)

struct paper {
    FILE *file;     /* owned; the memory file that ncurses writes */
    SCREEN *screen; /* owned */
    int rows, cols;
    struct cell *shown; /* owned; rows * cols of the last frame */
    bool *known;        /* owned; per row: shown is what the screen holds */
    bool like_xterm;
    bool blank; /* nothing is known of the screen */
    int cursor_row, cursor_col;
    int cursor_shown; /* as given to curs_set(); -1: not known */
    attr_t attributes[ROLE_COUNT];
    short pairs[ROLE_COUNT];
    cchar_t *line; /* owned; one row */
};

/* Terminals that call themselves something terminfo may not know, and behave
 * as xterm does. */
static const char *const like_xterm[] = {
    "xterm-kitty", "xterm-ghostty", "ghostty", "wezterm",  "alacritty", "foot",
    "contour",     "rio",           "konsole", "tmux-256", "st-256",    "xterm-",
};

/* How terminfo calls the keys. */
static const struct {
    const char *capability;
    uint32_t key;
} keys[] = {
    {"kcuu1", KEYSYM_UP},     {"kcud1", KEYSYM_DOWN},    {"kcub1", KEYSYM_LEFT},
    {"kcuf1", KEYSYM_RIGHT},  {"khome", KEYSYM_HOME},    {"kend", KEYSYM_END},
    {"kpp", KEYSYM_PAGE_UP},  {"knp", KEYSYM_PAGE_DOWN}, {"kich1", KEYSYM_INSERT},
    {"kdch1", KEYSYM_DELETE}, {"kbs", KEYSYM_BACKSPACE}, {"kcbt", KEYSYM_BACKTAB},
    {"kent", KEYSYM_ENTER},   {"kf1", KEYSYM_F1},        {"kf2", KEYSYM_F1 + 1},
    {"kf3", KEYSYM_F1 + 2},   {"kf4", KEYSYM_F1 + 3},    {"kf5", KEYSYM_F1 + 4},
    {"kf6", KEYSYM_F1 + 5},   {"kf7", KEYSYM_F1 + 6},    {"kf8", KEYSYM_F1 + 7},
    {"kf9", KEYSYM_F1 + 8},   {"kf10", KEYSYM_F1 + 9},   {"kf11", KEYSYM_F1 + 10},
    {"kf12", KEYSYM_F1 + 11},
};

const char *paper_string(const struct paper *p, const char *capability)
{
    (void)p;
    const char *text = tigetstr(capability);
    bool absent = !text || (intptr_t)text == -1; /* -1: no string capability */
    return absent ? "" : text;
}

bool paper_like_xterm(const struct paper *p)
{
    return p->like_xterm;
}

static bool looks_like_xterm(const char *name)
{
    for (size_t i = 0; i < BN_COUNT(like_xterm); i++)
        if (span_starts(span_from(name), like_xterm[i]))
            return true;
    return false;
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    if (!len || len > NAME_MAX_LEN || name[0] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
            return false;
    return true;
}

/* terminfo knows this terminal (setupterm() neither prints nor ends). */
static bool is_known(const char *name, int fd)
{
    int result = 0;
    return setupterm(name, fd, &result) == OK && result == 1;
}

/* The name to use: a newer terminal than terminfo is taken for an xterm. */
static const char *choose_name(const char *name, int fd, struct err *err)
{
    if (!name || !*name) {
        (void)err_set(err, ERR_CONFIG,
                      "TERM is not set: set it to what the terminal is, such as xterm-256color");
        return NULL;
    }
    if (!is_name(name)) {
        (void)err_set(err, ERR_CONFIG,
                      "TERM is not the name of a terminal: set it to what the terminal is, such as "
                      "xterm-256color");
        return NULL;
    }
    if (is_known(name, fd))
        return name;
    if (looks_like_xterm(name) && is_known("xterm-256color", fd)) {
        log_write(LOG_INFO, "screen", "terminfo does not know %s: taken for xterm-256color", name);
        return "xterm-256color";
    }
    (void)err_set(err, ERR_CONFIG,
                  "terminfo does not know TERM=%s: install its entry (ncurses-term) or set "
                  "TERM=xterm-256color",
                  name);
    return NULL;
}

/* ncurses takes signals that the program handles itself. The size is told to it
 * later; where terminfo has none to begin with (the linux console), newterm()
 * fails unless it may look at the environment for one. */
static SCREEN *start_screen(const char *name, FILE *file)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGQUIT};
    struct sigaction kept[BN_COUNT(signals)];
    for (size_t i = 0; i < BN_COUNT(signals); i++)
        (void)sigaction(signals[i], NULL, &kept[i]);
    use_env(FALSE);
    SCREEN *screen = newterm(name, file, file);
    if (!screen) {
        use_env(TRUE);
        screen = newterm(name, file, file);
        use_env(FALSE);
    }
    for (size_t i = 0; i < BN_COUNT(signals); i++)
        (void)sigaction(signals[i], &kept[i], NULL);
    return screen;
}

/* Takes what ncurses wrote out of the memory file. */
static void take_bytes(struct paper *p, struct strbuf *out)
{
    int fd = fileno(p->file);
    (void)fflush(p->file);
    off_t len = lseek(fd, 0, SEEK_END);
    char *to = out && len > 0 ? strbuf_reserve(out, (size_t)len) : NULL;
    ssize_t n = to ? pread(fd, to, (size_t)len, 0) : 0;
    if (n > 0)
        strbuf_commit(out, (size_t)n);
    bool emptied = lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) == 0;
    bn_assert(emptied); /* a memory file of ours */
}

static FILE *open_memory(struct err *err)
{
    int fd = memfd_create("screen", MFD_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r+") : NULL;
    if (!file) {
        if (fd >= 0)
            (void)close(fd);
        (void)err_set(err, ERR_NOMEM, "there is no memory for the screen");
    }
    return file;
}

static bool start(struct paper *p, const char *name, struct err *err)
{
    p->file = open_memory(err);
    const char *chosen = p->file ? choose_name(name, fileno(p->file), err) : NULL;
    if (!chosen)
        return false;
    bool places_cursor = *paper_string(p, "cup") != '\0';
    (void)del_curterm(cur_term);
    if (!places_cursor)
        return err_set(err, ERR_CONFIG,
                       "TERM=%s cannot place the cursor: use another terminal, or binnacle get and "
                       "binnacle status, which need none",
                       chosen);
    p->screen = start_screen(chosen, p->file);
    if (!p->screen)
        return err_set(err, ERR_CONFIG, "the terminal %s cannot be used", chosen);
    (void)start_color();
    (void)use_default_colors();
    (void)typeahead(-1); /* else a key that waits stops a frame half way */
    (void)idlok(stdscr, TRUE);
    /* Terminals with a mouse descend from xterm, but for the linux console, whose
     * older kernels print the end of what they do not know. */
    p->like_xterm = *paper_string(p, "kmous") && !span_starts(span_from(chosen), "linux");
    (void)doupdate();    /* what newterm() wrote leaves ncurses's own buffer */
    take_bytes(p, NULL); /* who owns the terminal begins */
    paper_resize(p, 24, 80);
    return true;
}

struct paper *paper_new(const char *name, struct err *err)
{
    struct paper *p = xalloc_zero(1, sizeof(*p));
    if (start(p, name, err))
        return p;
    paper_free(p);
    return NULL;
}

void paper_free(struct paper *p)
{
    if (!p)
        return;
    if (p->screen)
        delscreen(p->screen);
    if (p->file)
        (void)fclose(p->file);
    free(p->shown);
    free(p->known);
    free(p->line);
    free(p);
}

int paper_colours(const struct paper *p)
{
    (void)p;
    int n = has_colors() ? COLORS : 0;
    return n >= 256 ? 256 : n >= 16 ? 16 : n >= 8 ? 8 : 0;
}

void paper_define_keys(const struct paper *p, struct input *in)
{
    for (size_t i = 0; i < BN_COUNT(keys); i++)
        input_define(in, paper_string(p, keys[i].capability), keys[i].key);
}

static int clamp(int n)
{
    return n < 1 ? 1 : n > SIDE_MAX ? SIDE_MAX : n;
}

void paper_resize(struct paper *p, int rows, int cols)
{
    p->rows = clamp(rows);
    p->cols = clamp(cols);
    (void)resize_term(p->rows, p->cols);
    size_t count = (size_t)p->rows * (size_t)p->cols;
    free(p->shown);
    free(p->known);
    free(p->line);
    p->shown = xalloc_zero(count, sizeof(*p->shown));
    p->known = xalloc_zero((size_t)p->rows, sizeof(*p->known));
    p->line = xalloc_zero((size_t)p->cols + 1, sizeof(*p->line));
    paper_forget(p);
}

void paper_forget(struct paper *p)
{
    p->blank = true;
    p->cursor_shown = -1;
    for (int i = 0; i < p->rows; i++)
        p->known[i] = false;
}

/* Terminals of direct colour take red, green and blue where others take an
 * index, but for the first eight. */
static int colour_number(int16_t colour)
{
    if (colour < 8 || COLORS <= 256)
        return colour;
    uint32_t rgb = palette_rgb(colour);
    return rgb < 8 ? 0 : (int)rgb;
}

static attr_t attributes_of(unsigned flags)
{
    return (flags & LOOK_BOLD ? A_BOLD : 0) | (flags & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
           (flags & LOOK_REVERSE ? A_REVERSE : 0) | (flags & LOOK_DIM ? A_DIM : 0);
}

/* Roles of the same colours share a pair: a terminal may have 64 only. */
static short find_pair_for(const struct theme *theme, const struct paper *p, int role, short *next)
{
    const struct look *look = &theme->looks[role];
    if (look->fg < 0 && look->bg < 0)
        return 0;
    for (int i = 0; i < role; i++)
        if (theme->looks[i].fg == look->fg && theme->looks[i].bg == look->bg)
            return p->pairs[i];
    short pair = (*next)++;
    if (init_extended_pair(pair, colour_number(look->fg), colour_number(look->bg)) != OK)
        return 0;
    return pair;
}

void paper_theme(struct paper *p, const struct theme *theme)
{
    short next = 1;
    for (int i = 0; i < ROLE_COUNT; i++) {
        p->attributes[i] = attributes_of(theme->looks[i].flags);
        p->pairs[i] = 0;
        if (has_colors())
            p->pairs[i] = find_pair_for(theme, p, i, &next);
    }
    paper_forget(p);
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->glyph.base == b->glyph.base && a->glyph.width == b->glyph.width &&
           a->role == b->role && a->flags == b->flags &&
           memcmp(a->glyph.marks, b->glyph.marks, sizeof(a->glyph.marks)) == 0;
}

static bool row_changed(const struct paper *p, const struct cell *row, int number, int cols)
{
    const struct cell *shown = &p->shown[(size_t)number * (size_t)p->cols];
    if (!p->known[number])
        return true;
    for (int i = 0; i < cols; i++)
        if (!same_cell(&row[i], &shown[i]))
            return true;
    return false;
}

/* The row under the cursor looks as the theme's selection does; what is bold or
 * underlined stays so. */
static attr_t cell_attributes(const struct paper *p, const struct cell *cell, short *pair)
{
    bool selected = cell->flags & CELL_CURSOR_ROW;
    size_t role = selected ? ROLE_SELECTED : cell->role;
    attr_t attributes = p->attributes[role];
    *pair = p->pairs[role];
    if (selected)
        attributes |= p->attributes[cell->role] & (A_BOLD | A_UNDERLINE);
    attributes |=
        (cell->flags & CELL_BOLD ? A_BOLD : 0) | (cell->flags & CELL_UNDERLINE ? A_UNDERLINE : 0);
    return cell->flags & CELL_REVERSE ? attributes ^ A_REVERSE : attributes;
}

static void set_cell(const struct paper *p, const struct cell *cell, cchar_t *out)
{
    wchar_t text[VISIBLE_MARKS_MAX + 2] = {(wchar_t)cell->glyph.base};
    short pair;
    attr_t attributes = cell_attributes(p, cell, &pair);
    for (size_t i = 0; i < VISIBLE_MARKS_MAX && cell->glyph.marks[i]; i++)
        text[i + 1] = (wchar_t)cell->glyph.marks[i];
    if (setcchar(out, text, attributes, pair, NULL) == OK)
        return;
    text[1] = L'\0'; /* marks that libc's tables do not take */
    if (setcchar(out, text, attributes, pair, NULL) != OK)
        (void)setcchar(out, L"?", attributes, pair, NULL);
}

static void put_row(struct paper *p, const struct cell *row, int number, int cols)
{
    static const struct cell blank = {.glyph = {.base = ' ', .width = 1}};
    int count = 0;
    for (int i = 0; i < cols; i++)
        if (row[i].glyph.width)
            set_cell(p, &row[i], &p->line[count++]);
    for (int i = cols; i < p->cols; i++)
        set_cell(p, &blank, &p->line[count++]);
    (void)mvadd_wchnstr(number, 0, p->line, count);
    if (cols)
        memcpy(&p->shown[(size_t)number * (size_t)p->cols], row, (size_t)cols * sizeof(*row));
    p->known[number] = cols == p->cols;
}

static bool put_rows(struct paper *p, const struct canvas *c)
{
    bool changed = false;
    int cols = canvas_cols(c) < p->cols ? canvas_cols(c) : p->cols;
    for (int i = 0; i < p->rows; i++) {
        const struct cell *row = i < canvas_rows(c) ? canvas_row(c, i) : NULL;
        if (row && !row_changed(p, row, i, cols))
            continue;
        put_row(p, row, i, row ? cols : 0);
        changed = true;
    }
    return changed;
}

static bool put_cursor(struct paper *p, const struct canvas *c)
{
    int row, col;
    canvas_cursor_get(c, &row, &col);
    int wanted = row >= 0 && row < p->rows && col < p->cols;
    bool changed =
        wanted != p->cursor_shown || (wanted && (row != p->cursor_row || col != p->cursor_col));
    if (wanted != p->cursor_shown)
        (void)curs_set(wanted);
    p->cursor_shown = wanted;
    p->cursor_row = row;
    p->cursor_col = col;
    (void)move(wanted ? row : 0, wanted ? col : 0);
    return changed;
}

void paper_frame(struct paper *p, const struct canvas *c, struct strbuf *out)
{
    if (p->blank)
        (void)clearok(curscr, TRUE);
    bool changed = put_rows(p, c);
    changed = put_cursor(p, c) || changed || p->blank;
    p->blank = false;
    if (!changed)
        return;
    (void)wnoutrefresh(stdscr);
    (void)doupdate();
    take_bytes(p, out);
}
