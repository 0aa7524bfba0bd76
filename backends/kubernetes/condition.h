/* Conditions of custom resources: the one that says how an object is, as columns
 * and as a sentence. Most controllers call it Ready. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_CONDITION_H
#define BINNACLE_BACKENDS_KUBERNETES_CONDITION_H

#include "backends/kubernetes/kube_kind.h"

/* Where a kind keeps it. */
struct condition_columns {
    size_t status, reason, message, since;
};

/* Its columns, for a kind's table; AGO is the age of SINCE. */
#define CONDITION_COLUMNS(STATUS, REASON, MESSAGE, AGO, SINCE)                                \
    [STATUS] = {"ready",        "READY", "Its condition Ready: True, False or Unknown.",      \
                VALUE_TEXT,     7,       0,                                                   \
                COLUMN_NOTABLE, NULL,    NULL},                                               \
    [REASON] = {"reason",       "REASON", "The controller's word for it.",                    \
                VALUE_TEXT,     20,       15,                                                 \
                COLUMN_NOTABLE, NULL,     NULL},                                              \
    [MESSAGE] = {"message",   "MESSAGE", "What the controller says of it.",                   \
                 VALUE_TEXT,  40,        70,                                                  \
                 COLUMN_WIDE, NULL,      NULL},                                               \
    [AGO] = {"for",   "FOR", "How long it has been so.", VALUE_DURATION, 5, 25, COLUMN_RIGHT, \
             "since", NULL},                                                                  \
    [SINCE] = {                                                                               \
        "since", "SINCE", "Since when it has been so.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,  \
        NULL,    NULL}

/* Writes the cells of the condition of this type. False: the object has none, and
 * nothing is written. */
bool condition_put(struct kube_object *o, struct row_writer *w, const char *type,
                   const struct condition_columns *columns);

/* "SecretSyncedError for 2d: could not get secret data from provider", or in place of the
 * message what the newest warning of the last hour says; "no status yet" where there is no
 * condition. */
void condition_says(const struct store *st, struct handle row,
                    const struct condition_columns *columns, int64_t now_ms, struct strbuf *out);

#endif
