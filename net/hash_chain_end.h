/* The hash of the line that a hash chain ends with, in a file of its own beside it, "audit.jsonl.end": a
 * log that was cut at its end has whole lines alone, and would not show it. It is written after the line,
 * so a crash between the two leaves a log that goes on behind it, never one that ends before it. */
#ifndef BINNACLE_NET_HASH_CHAIN_END_H
#define BINNACLE_NET_HASH_CHAIN_END_H

#include "net/digest.h"

#include <stdbool.h>

/* Instead of a hash: the log had no line. */
#define HASH_CHAIN_END_NONE "0000000000000000000000000000000000000000000000000000000000000000"

char *hash_chain_end_path(const char *log); /* owned */
/* hash "": it is not known, because the file has none. False: it cannot be read. */
bool hash_chain_end_get(int fd, char hash[DIGEST_SHA256_TEXT]);
/* On disk when it returns. False: errno says why. */
bool hash_chain_end_put(int fd, const char *hash);

/* A line's "v" from which on the log's end is noted beside it. */
#define HASH_CHAIN_NOTED 2

enum hash_chain_tail {
    HASH_CHAIN_WHOLE,
    HASH_CHAIN_CUT, /* the line that was its last is not there: lines, or all of it, were taken away */
    HASH_CHAIN_UNKNOWN, /* what notes its last line is not there */
};

/* Whether the log still has the line that was written last, which no chain can tell. */
enum hash_chain_tail hash_chain_tail(const char *path);

#endif
