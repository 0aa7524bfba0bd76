/* Links to what should exist and does not. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_MISSING_H
#define BINNACLE_BACKENDS_KUBERNETES_MISSING_H

#include "model/store.h"

/* The first link to what should exist and does not: anything but a Secret, a Secret. */
bool missing_link(const struct store *st, struct handle row, struct link *missing);
bool missing_secret(const struct store *st, struct handle row, struct link *missing);

#endif
