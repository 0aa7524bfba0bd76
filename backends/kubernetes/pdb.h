/* PodDisruptionBudgets, for those who ask which pods one holds. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_PDB_H
#define BINNACLE_BACKENDS_KUBERNETES_PDB_H

#include "model/store.h"

/* Whether the budget of a row chooses the pod of another, by namespace and labels. */
bool pdb_chooses(const struct store *st, struct handle budget, struct handle pod);

#endif
