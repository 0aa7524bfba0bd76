/* Whether a key of a Secret has what Vault has. For backends/vault alone. */
#ifndef BINNACLE_BACKENDS_VAULT_MATCH_H
#define BINNACLE_BACKENDS_VAULT_MATCH_H

#include "backends/vault/vault.h"

/* All borrowed; no value is among it. */
struct secret_match {
    const char *reader;          /* "NS/NAME" of the ExternalSecret */
    const char *secret, *key;    /* the Secret's name, and its key */
    const char *path, *property; /* in Vault */
    const char *state;           /* "same", "differs", "unknown" */
    const char *why;             /* it is unknown; NULL */
    int64_t every_ms;            /* it is read so often; 0: not by time */
    int64_t version, written_ms; /* of what Vault has now; -1, TIME_NONE: not known */
    int64_t now_ms;
};

bool secret_match_put(struct row_writer *w, const struct secret_match *m);

#endif
