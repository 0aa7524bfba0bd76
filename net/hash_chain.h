/* A log whose lines are JSON objects, each with the hash of the line before it ("prev") and at its end its
 * own ("hash": SHA-256 of the line's text up to there): a line that was changed, taken out or put in shows. */
#ifndef BINNACLE_NET_HASH_CHAIN_H
#define BINNACLE_NET_HASH_CHAIN_H

#include "net/json_doc.h"

#define HASH_CHAIN_MARK ",\"hash\":\""

/* The hash at the end of a line (without its '\n'), borrowed from it; empty: it has none. */
struct span hash_chain_own(struct span line);

/* Calls on_line for each line, oldest first, until it returns false. root NULL: no JSON object.
 * ok: the line's hashes fit. */
typedef bool (*hash_chain_fn)(void *context, size_t number, const struct json_node *root, bool ok);
/* ERR_NOTFOUND: there is no such file. *broken: lines whose hashes do not fit; may be NULL. */
bool hash_chain_read(const char *path, hash_chain_fn on_line, void *context, size_t *broken,
                     struct err *err) BN_MUST_USE;

#endif
