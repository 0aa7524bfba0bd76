/* The sentences of systems that are made of custom resources. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_SYSTEMS_H
#define BINNACLE_BACKENDS_KUBERNETES_SYSTEMS_H

#include "backends/kubernetes/kube_kind.h"

/* Says "not installed" when no source serves the kind; false: it is, or nobody knows. */
bool says_not_installed(const struct store *st, const char *kind, struct strbuf *out);

void says_eso(const struct store *st, int64_t now_ms, struct strbuf *out);
void says_certs(const struct store *st, int64_t now_ms, struct strbuf *out);
void says_argo(const struct store *st, int64_t now_ms, struct strbuf *out);

#endif
