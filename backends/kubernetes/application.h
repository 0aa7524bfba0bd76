/* The columns of an Application, for the files that fill and judge them. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_APPLICATION_H
#define BINNACLE_BACKENDS_KUBERNETES_APPLICATION_H

#include "backends/kubernetes/kube_kind.h"

enum application_column {
    APP_NAMESPACE,
    APP_NAME,
    APP_SYNC,
    APP_HEALTH,
    APP_OPERATION,
    APP_REVISION,
    APP_DEPLOYED_AGO,
    APP_BY,
    APP_OUT,
    APP_AUTO,
    APP_PROJECT,
    APP_TARGET,
    APP_MESSAGE,
    APP_CONDITIONS,
    APP_REPOSITORY,
    APP_PATH,
    APP_DESTINATION,
    APP_RECONCILED_AGO,
    APP_OUT_LIST,
    APP_HISTORY,
    APP_HEALTH_SINCE,
    APP_RECONCILED,
    APP_STARTED,
    APP_FINISHED,
    APP_DEPLOYED,
    APP_RETRIES,
    APP_HEALS,
    APP_ERROR,
    APP_ERROR_SINCE,
    APP_DELETED,
    APP_AUTOMATED,
    APP_SELF_HEAL,
    APP_IMAGES,
    APP_URLS,
    APP_AGE,
    APP_CREATED,
    APP_LABELS,
    APP_UID,
};

#define APPLICATION_RULES 16
extern const struct rule application_rules[APPLICATION_RULES];

struct verdict application_judge(const struct store *st, struct handle row, int64_t now_ms);
void application_says(const struct store *st, struct handle row, const struct verdict *v,
                      int64_t now_ms, struct strbuf *out);

#endif
