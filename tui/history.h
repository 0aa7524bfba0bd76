/* Lines typed into prompts, newest last, as a shell keeps them. */
#ifndef BINNACLE_TUI_HISTORY_H
#define BINNACLE_TUI_HISTORY_H

#include "base/err.h"
#include "base/span.h"

#define HISTORY_LINES 500

struct history;

struct history *history_new(void) BN_MUST_USE;
void history_free(struct history *h);
/* Adds a line; an equal older one goes. Empty lines are not kept. */
void history_add(struct history *h, struct span line);
/* The line before the one shown last; typed is kept to come back to. False: none. */
bool history_back(struct history *h, struct span typed, struct span *line);
bool history_forward(struct history *h, struct span *line);

/* How long ago a line began with this word: 0 the last one ... HISTORY_LINES never. */
size_t history_age(const struct history *h, struct span word);

/* One line each in a file (0600). A missing file is fine. Saving writes only when a
 * line was added since. */
bool history_load(struct history *h, const char *path, struct err *err);
bool history_save(const struct history *h, const char *path, struct err *err);

#endif
