/* What a backend's discover() says: the sources that rows of the cluster speak of. All texts are
 * names and recipes; no value of a secret is ever among them. */
#ifndef BINNACLE_BACKENDS_DISCOVERY_H
#define BINNACLE_BACKENDS_DISCOVERY_H

#include "backends/backend.h"

struct found {
    /* Unique among the sources; an entry of `sources:` in the configuration with this name says
     * what is other than found. "vault", or "vault/vault-eu" where the first is not enough. */
    const char *name;
    /* What keeps it from being read in full, a sentence; NULL: nothing does. Not so where the
     * configuration gives the setting `unless`; NULL: whatever it gives. */
    const char *missing, *unless;
    /* "name=value" of its backend's settings, the way there among them
     * ("reach=proxy:vault/vault:8200", "token=secret:vault/binnacle/token"); NULL ends. */
    const char *const *settings;
};

/* Copies what is found. The second of a name is left out, and logged. */
void discovery_add(struct discovery *d, const struct found *f);
/* True when the kind is as well known as it will get: false while its first picture is under way,
 * or when it may not be read (*denied), so that "there is none" and "it may not be looked for" are
 * told apart. */
bool discovery_knows(const struct store *st, const char *kind, bool *denied);

#endif
