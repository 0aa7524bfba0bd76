/* Words of a peer inside one of our sentences: one line, no control bytes, short. */
#ifndef BINNACLE_NET_PLAIN_H
#define BINNACLE_NET_PLAIN_H

#include "base/strbuf.h"

/* Appends at most max bytes of text: control characters (C0, DEL, C1) become
 * blanks, runs of blanks one blank, bad UTF-8 U+FFFD; "..." when cut. */
void plain_add(struct strbuf *out, struct span text, size_t max);

/* As plain_add() into memory of the caller, NUL-terminated; returns out. */
char *plain_text(struct span text, char *out, size_t size);

#endif
