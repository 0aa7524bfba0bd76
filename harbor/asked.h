/* What harbor was asked by whatever protocol: each line once, and how often it came. */
#ifndef BINNACLE_HARBOR_ASKED_H
#define BINNACLE_HARBOR_ASKED_H

#include "base/err.h"
#include "base/strbuf.h"

struct asked;

struct asked *asked_new(void) BN_MUST_USE; /* owned, never NULL */
void asked_free(struct asked *a);          /* NULL is allowed */

/* A line more: "GET /path?query" of a request to the API server, "GET host/path" of one to the world
 * outside. Line ends in it become blanks, and what is more than 2,000 bytes is cut. */
void asked_line(struct asked *a, const char *format, ...) BN_PRINTF(2, 3);
/* "SQL: STATEMENT", without what stands behind IDENTIFIED or PASSWORD. */
void asked_sql(struct asked *a, struct span statement);
/* "REDIS: COMMAND WORD" of n words of a command, in capitals; of AUTH and HELLO, whose words are secret,
 * the first alone. */
void asked_redis(struct asked *a, const struct span *words, size_t n);

/* How many lines have this text, each as often as it came. False: there were more lines than are kept. */
bool asked_with(const struct asked *a, struct span text, uint64_t *count, struct err *err);
/* How many fit no pattern of a list, with '|' between: fnmatch()'s, the first that fits decides, and "!"
 * at its front says that the line is to be counted all the same. *one: one of the lines, borrowed until
 * the next line comes; "": there is none. False as above. */
bool asked_but(const struct asked *a, struct span patterns, uint64_t *count, struct span *one,
               struct err *err);

#endif
