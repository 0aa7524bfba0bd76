/* The columns of a certificate, for the files that fill and judge them. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_CERTIFICATE_H
#define BINNACLE_BACKENDS_KUBERNETES_CERTIFICATE_H

#include "backends/kubernetes/issuance.h"

enum certificate_column {
    CERT_NAMESPACE,
    CERT_NAME,
    CERT_READY,
    CERT_LEFT,
    CERT_RENEWAL_IN,
    CERT_FAILURES,
    CERT_SECRET,
    CERT_NAMES,
    CERT_ISSUER,
    CERT_REASON,
    CERT_SINCE_AGO,
    CERT_AGE,
    CERT_MESSAGE,
    CERT_REVISION,
    CERT_ISSUING,
    CERT_ISSUING_SAYS,
    CERT_ISSUING_SINCE,
    CERT_LAST_FAILURE,
    CERT_NOT_BEFORE,
    CERT_NOT_AFTER,
    CERT_RENEWAL,
    CERT_SINCE,
    CERT_CREATED,
    CERT_LABELS,
    CERT_UID,
};

extern const struct condition_columns certificate_ready;

#define CERTIFICATE_RULES 11
extern const struct rule certificate_rules[CERTIFICATE_RULES];

struct verdict certificate_judge(const struct store *st, struct handle row, int64_t now_ms);
void certificate_says(const struct store *st, struct handle row, const struct verdict *v,
                      int64_t now_ms, struct strbuf *out);

#endif
