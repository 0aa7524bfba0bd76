/* Namespaces of Vault. */
#include <config.h>

#include "net/vault_namespace.h"

#include <string.h>

/* [openbao vault/request_handling.go, restrictedSysAPIs: 400 "operation unavailable in namespaces";
 * developer.hashicorp.com/vault/docs/enterprise/namespaces: paths of the root namespace alone.] OpenBao
 * lets seal-status and leader pass with one, Vault does not. */
bool vault_is_of_namespace(const char *path)
{
    static const char *const whole[] = {"/v1/sys/health", "/v1/sys/seal-status", "/v1/sys/leader",
                                        "/v1/sys/unseal", "/v1/sys/metrics"};
    const size_t len = strcspn(path, "?");
    for (size_t i = 0; i < BN_COUNT(whole); i++)
        if (strlen(whole[i]) == len && strncmp(path, whole[i], len) == 0)
            return false;
    return true;
}

bool vault_namespace_header(const char *name, struct strbuf *out, struct err *err)
{
    if (!name || !name[0])
        return true;
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return err_set(err, ERR_CONFIG, "namespace: a path as in team/a, without spaces");
    strbuf_addf(out, "X-Vault-Namespace: %s", name);
    return true;
}
