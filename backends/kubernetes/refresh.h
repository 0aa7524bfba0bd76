/* What External Secrets does again and again: it reads or writes at an interval,
 * and notes when it last did. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_REFRESH_H
#define BINNACLE_BACKENDS_KUBERNETES_REFRESH_H

#include "backends/kubernetes/condition.h"

/* All of its API that is served before 0.16 [external-secrets apis/externalsecrets/v1beta1]. */
#define EXTERNAL_SECRETS_OLDER "v1beta1"

/* Where a kind keeps it. */
struct refresh_columns {
    size_t interval, every, at;
};

#define REFRESH_COLUMNS(AGO, INTERVAL, EVERY, AT)                                 \
    [AGO] = {"refreshed",                                                         \
             "REFRESHED",                                                         \
             "Since it was last refreshed.",                                      \
             VALUE_DURATION,                                                      \
             9,                                                                   \
             10,                                                                  \
             COLUMN_RIGHT,                                                        \
             "refresh-time",                                                      \
             NULL},                                                               \
    [INTERVAL] = {"refresh-interval",                                             \
                  "EVERY",                                                        \
                  "How often it should be, as written.",                          \
                  VALUE_TEXT,                                                     \
                  6,                                                              \
                  30,                                                             \
                  0,                                                              \
                  NULL,                                                           \
                  NULL},                                                          \
    [EVERY] = {"every",        "INTERVAL", "How often it should be; none: once.", \
               VALUE_DURATION, 5,          90,                                    \
               COLUMN_HIDDEN,  NULL,       NULL},                                 \
    [AT] = {"refresh-time",                                                       \
            "REFRESH-TIME",                                                       \
            "When it was last refreshed.",                                        \
            VALUE_INSTANT,                                                        \
            5,                                                                    \
            90,                                                                   \
            COLUMN_HIDDEN,                                                        \
            NULL,                                                                 \
            NULL}

/* A new one is looked at within seconds; what its controller has not touched by
 * then, it does not see. */
#define UNSEEN_MS ((int64_t)5 * 60 * 1000)

/* Writes the cells. periodic: it is to be refreshed again and again. */
void refresh_put(struct kube_object *o, struct row_writer *w, bool periodic,
                 const struct refresh_columns *columns);
/* When a refresh is so late that it does not come: after two intervals; TIME_FOREVER
 * where none is due. */
int64_t refresh_late_ms(const struct store *st, struct handle row,
                        const struct refresh_columns *columns);
/* "last refreshed 3h ago, though every 1h is asked for" */
void refresh_says(const struct store *st, struct handle row, const struct refresh_columns *columns,
                  int64_t now_ms, struct strbuf *out);

/* Links to a store by its {kind, name}. */
void refresh_link_store(struct kube_object *o, struct row_writer *w, struct json_value ref);
/* "; vault-legacy: InvalidProviderConfig ..." of the first store it uses that is not well,
 * or "; there is no SecretStore x". */
void refresh_says_store(const struct store *st, struct handle row, int64_t now_ms,
                        struct strbuf *out);

#endif
