/* A theme maps every role to a look; YAML files are read over a built-in one. */
#ifndef BINNACLE_TUI_THEME_H
#define BINNACLE_TUI_THEME_H

#include "base/err.h"
#include "base/strbuf.h"
#include "widgets/role.h"

enum look_flag {
    LOOK_BOLD = 1 << 0,
    LOOK_UNDERLINE = 1 << 1,
    LOOK_REVERSE = 1 << 2,
    LOOK_DIM = 1 << 3,
};

/* Colours are 0-255 of the xterm palette, -1 the terminal's own. Terminals with
 * 16 or 8 colours get the nearest; without colours the flags alone. */
struct look {
    int16_t fg, bg;
    uint16_t flags; /* enum look_flag */
};

struct theme {
    char name[32];
    struct look looks[ROLE_COUNT];
};

/* The built-in one: the terminal's own colours and background. */
void theme_default(struct theme *out);
/* By name ("dark", looked up in the user's folder, then the installed ones) or
 * by path (has a '/'). False: *out untouched; *err names file, line, role. */
bool theme_load(const char *name, struct theme *out, struct err *err) BN_MUST_USE;
/* Names of the themes that can be loaded, separated by spaces. */
void theme_names(struct strbuf *out);
/* Without colours: NO_COLOR, TERM=vt100. */
void theme_mono(struct theme *out);
/* The theme as a terminal with so many colours (256, 16, 8, 0) can show it;
 * text never takes the colour of its background. */
void theme_for_colours(const struct theme *in, int colours, struct theme *out);

#endif
