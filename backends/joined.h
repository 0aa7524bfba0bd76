/* The frame of a backend whose rows are made of other rows: its discover() reads these and writes a
 * line for each row, whenever they have changed; joined_run() makes rows of the lines. It asks nobody
 * for anything, so it is as fresh as what it reads. */
#ifndef BINNACLE_BACKENDS_JOINED_H
#define BINNACLE_BACKENDS_JOINED_H

#include "backends/backend.h"

/* What its backends say as quiet_ms: there is no silence of their own. */
#define JOINED_QUIET_MS (INT64_MAX / 4)

/* Lines of all rows. */
#define JOINED_BYTES ((size_t)4 << 20)

/* Fills `run`: writes the rows of the backend's first kind, by its `joined`. */
bool joined_run(void *self, struct backend_ctx *ctx, struct err *err);

/* Appends a part to a line, and what ends it. Controls become blanks. */
void joined_add(struct strbuf *line, struct span text);
/* A number as a part; TIME_NONE: nothing. */
void joined_add_num(struct strbuf *line, int64_t n);
void joined_end(struct strbuf *line);
/* The n-th part of a line from 0; "" beyond the last. */
struct span joined_part(struct span line, unsigned n);
/* The same as a number; fallback: there is none. */
int64_t joined_num(struct span line, unsigned n, int64_t fallback);

/* Adds "KIND:KEY" to a list of what a row is made of, unless it is there. */
void joined_add_link(struct strbuf *list, const char *kind, struct span key);
/* Links a row to all of such a list that are of one of these kinds (NULL ends). */
void joined_link(struct row_writer *w, struct span list, const char *const *kinds, unsigned flags);

#endif
