/* Values of the simulated cluster's Secrets. */
#ifndef BINNACLE_HARBOR_SECRETS_H
#define BINNACLE_HARBOR_SECRETS_H

#include "harbor/objects.h"

/* Appends what stands at a key of a Secret, out of its base64, up to a NUL in it. False: there is
 * none, it is empty or no base64. *out to be wiped by the caller. */
bool secret_value(const struct objects *o, const char *ns, const char *name, const char *key,
                  struct strbuf *out);

#endif
