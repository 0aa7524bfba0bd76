/* The object of the API server that a row is of, for actions on any of them. */
#ifndef BINNACLE_TUI_ROW_OBJECT_H
#define BINNACLE_TUI_ROW_OBJECT_H

#include "actions/action.h"
#include "model/store.h"

/* Whether rows of this kind are objects of the API server. */
bool row_is_object(const struct kind *kind);
/* Whether an action is about rows of this kind. */
bool row_takes(const struct kind *kind, const struct action *action);
/* Fills the fields resource, name and namespace of an action on any object. */
bool row_object(const struct store *st, struct handle row, struct answers *a, struct err *err);

#endif
