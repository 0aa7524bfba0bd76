/* Namespaces of Vault Enterprise, HCP and OpenBao: which one a request is of
 * [developer.hashicorp.com/vault/docs/enterprise/namespaces]. */
#ifndef BINNACLE_NET_VAULT_NAMESPACE_H
#define BINNACLE_NET_VAULT_NAMESPACE_H

#include "base/err.h"
#include "base/strbuf.h"

/* Whether a path ("/v1/secret/data/apps/kimai?version=7") is of a namespace. Its seal, health and
 * figures are of the whole server, which refuses them with one. */
bool vault_is_of_namespace(const char *path);
/* Appends the header's line, "X-Vault-Namespace: team/a"; nothing where it is NULL or "". False: it is
 * no namespace's path. */
bool vault_namespace_header(const char *name, struct strbuf *out, struct err *err) BN_MUST_USE;

#endif
