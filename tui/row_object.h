/* The object of the API server that a row is of, for actions on any of them. */
#ifndef BINNACLE_TUI_ROW_OBJECT_H
#define BINNACLE_TUI_ROW_OBJECT_H

#include "actions/action.h"
#include "model/store.h"

/* Whether rows of this kind are objects of the API server. */
bool row_is_object(const struct kind *kind);
/* Whether an action is about rows of this kind. */
bool row_takes(const struct kind *kind, const struct action *action);

/* A row, and the rows that it stands for: a pod for its workload, an order for its certificate. */
#define ROW_MEANT_MAX 64

struct row_meant {
    struct handle row[ROW_MEANT_MAX];   /* the row itself first */
    const char *actions[ROW_MEANT_MAX]; /* names, spaces between; NULL: any of its own */
    size_t count;
};

void row_means(const struct store *st, struct handle row, struct row_meant *m);
/* Which of them an action is about: the row itself or, of what it stands for, the only one. False: none,
 * or which one nobody knows. An action on any object is about the row itself. */
bool row_of_action(const struct store *st, const struct row_meant *m, const struct action *action,
                   struct handle *out);
/* Fills the fields resource, name and namespace of an action on any object. */
bool row_object(const struct store *st, struct handle row, struct answers *a, struct err *err);

#endif
