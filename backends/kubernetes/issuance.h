/* What is made on the way to a certificate: Certificate, CertificateRequest, Order,
 * Challenge, each owned by the one before [cert-manager.io/docs/concepts]. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_ISSUANCE_H
#define BINNACLE_BACKENDS_KUBERNETES_ISSUANCE_H

#include "backends/kubernetes/condition.h"

/* An issuance takes seconds, one with DNS some minutes; after this it is stuck. */
#define ISSUANCE_STUCK_MS ((int64_t)10 * 60 * 1000)

/* Columns that are read across kinds. */
#define CERTIFICATE_REVISION "revision"

/* Links to the issuer that spec.issuerRef names. */
void issuance_link_issuer(struct kube_object *o, struct row_writer *w);
/* Links to the controlling owner, where that is one of these. */
void issuance_link_owner(struct kube_object *o, struct row_writer *w);
/* "; challenge: www.example.org: AccessDenied ..." of what is wrong furthest down; false:
 * nothing is. */
bool issuance_says_cause(const struct store *st, struct handle row, int64_t now_ms,
                         struct strbuf *out);
/* "; issuer letsencrypt-prod: ErrRegisterACMEAccount ..." where that is not well, or not there. */
void issuance_says_issuer(const struct store *st, struct handle row, int64_t now_ms,
                          struct strbuf *out);

#endif
