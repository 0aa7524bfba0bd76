/* gzip unpacked as it comes, in large pieces that are given out where they are
 * made. libcurl would unpack 16 kB at a time, copying each into its window and
 * adding up a checksum that TLS makes needless: a quarter of what a list costs. */
#ifndef BINNACLE_NET_GUNZIP_H
#define BINNACLE_NET_GUNZIP_H

#include "base/span.h"

#define GUNZIP_PIECE ((size_t)64 << 10)

struct gunzip;

enum gunzip_state {
    GUNZIP_HUNGRY, /* all input is used up */
    GUNZIP_GIVES,  /* a piece; ask again */
    GUNZIP_BROKEN, /* it is not gzip, or was changed on its way */
};

/* checked: the checksum counts. NULL: no memory. */
struct gunzip *gunzip_new(bool checked) BN_MUST_USE;
void gunzip_free(struct gunzip *g); /* NULL is allowed */
/* What comes next; borrowed until it is used up. */
void gunzip_feed(struct gunzip *g, struct span packed);
/* How much of the last input is not used yet. */
size_t gunzip_left(const struct gunzip *g);
/* The next piece, valid until the next call. */
enum gunzip_state gunzip_next(struct gunzip *g, struct span *piece);
/* It has come to its end: what came is all there is. */
bool gunzip_whole(const struct gunzip *g);

#endif
