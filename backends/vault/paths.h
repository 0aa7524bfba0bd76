/* Paths of KV engines, between the walk that finds them and the kind that shows them. For
 * backends/vault alone. */
#ifndef BINNACLE_BACKENDS_VAULT_PATHS_H
#define BINNACLE_BACKENDS_VAULT_PATHS_H

#include "backends/vault/vault.h"

/* What is known of one. All borrowed. */
struct vault_path {
    const char *key;
    const char *path; /* below its mount */
    struct span mount;
    struct span readers;                    /* keys of ExternalSecrets, a list */
    const char *keys;                       /* names of its keys, a list; NULL: not known */
    const char *state;                      /* "denied", "missing"; NULL: what the metadata says */
    const struct json_node *data;           /* its metadata; NULL: there is none */
    const struct json_doc *rights;          /* of vault_ask_rights(); NULL: not known */
    const char *value_path, *metadata_path; /* as rights were asked for; NULL: were not */
    int64_t now_ms;
};

/* What its metadata say of the current version: "live", "deleted", "destroyed", "empty". */
const char *vault_path_state(const struct json_node *data, int64_t now_ms);
/* Its number; 0: there is none. */
int64_t vault_path_version(const struct json_node *data);

/* One row, without links to what reads it: those come from there. False: no memory. */
bool vault_path_put(struct row_writer *w, const struct vault_path *p);

/* What the token may do on each path ("secret/data/apps/x"); NULL and *err: also ERR_DENIED, as
 * where the way there allows no question with a body. */
struct json_doc *vault_ask_rights(const struct vault *v, const char *const *paths, size_t count,
                                  struct err *err) BN_MUST_USE;
/* The rights on one of them as a list: "read", "update"; "nothing" where the token may do nothing. */
void vault_put_rights(struct row_writer *w, size_t column, const struct json_doc *rights,
                      const char *path);

/* Whether read is among them, or nothing was said of that path. */
bool vault_may_read(const struct json_doc *rights, const char *path);

/* ---- Names of keys, as they were last told: those of a version do not change. path: with its mount. */

/* A list; NULL: not known of this version. Borrowed until it is noted anew. */
const char *vault_keys_of(const struct vault *v, const char *path, int64_t version);
/* answer: of subkeys [vault api-docs/secret/kv/kv-v2, read secret subkeys]. */
void vault_keys_note(struct vault *v, const char *path, int64_t version,
                     const struct json_doc *answer);
/* Forgets those of which nobody has asked since the last time. */
void vault_keys_sweep(struct vault *v);
void vault_keys_free(struct vault *v);

/* ---- Paths that ExternalSecrets read, as discovery says them. */

struct vault_wanted {
    const char *mount; /* "secret"; "": not said, and the path may begin with it */
    const char *path;
    const char *reader; /* key of an ExternalSecret */
    bool seen;          /* by the walk */
};

/* Takes apart lines "MOUNT<TAB>PATH<TAB>READER", which are changed; passes over those of pairs. *out:
 * owned. The number. */
size_t vault_wanted_read(char *lines, struct vault_wanted **out);
/* The path below a mount ("secret/") that is meant; NULL: one of another. */
const char *vault_wanted_path(const struct vault_wanted *w, const char *mount);

#endif
