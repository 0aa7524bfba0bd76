/* cert-manager, as far as guided actions look at it: a certificate that is asked for anew gets a request
 * and, of an ACME issuer, an order and its challenge; then the next revision, and its Secret is
 * written [cert-manager.io/docs/concepts]. */
#ifndef BINNACLE_HARBOR_CERTIFICATES_H
#define BINNACLE_HARBOR_CERTIFICATES_H

#include "harbor/objects.h"

/* Does what is due of a Certificate. */
void certificates_look(struct objects *o, struct object *x);

#endif
