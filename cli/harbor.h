/* harbor as a child of this process: started, awaited, stopped by its id. One
 * at a time; its temporary folder is removed on signals too. */
#ifndef BINNACLE_CLI_HARBOR_H
#define BINNACLE_CLI_HARBOR_H

#include "base/err.h"

struct harbor;

/* Starts it and waits until it serves. scenario: NULL: none. NULL with a
 * sentence when it is not found, ends early or does not say that it is ready. */
struct harbor *harbor_start(const char *scenario, struct err *err) BN_MUST_USE;
const char *harbor_kubeconfig(const struct harbor *h); /* path; borrowed */
int64_t harbor_epoch(const struct harbor *h);          /* wall ms at which its platform stands */
/* Where its public hosts are, "127.0.0.1:40123", and a file with the CA of their certificates. */
const char *harbor_outside(const struct harbor *h);
const char *harbor_outside_ca(const struct harbor *h);
void harbor_stop(struct harbor *h);

#endif
