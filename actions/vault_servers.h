/* The servers of a Vault: those of a cluster are sealed and unsealed each by itself
 * [developer.hashicorp.com/vault/docs/concepts/seal]. */
#ifndef BINNACLE_ACTIONS_VAULT_SERVERS_H
#define BINNACLE_ACTIONS_VAULT_SERVERS_H

#include "actions/channel.h"

#define VAULT_SERVERS_MAX 16

/* What is asked through a service of the cluster. Spans are the site's. */
struct vault_service {
    bool https;
    struct span ns, name, port;
};

/* False: the site says another way. */
bool vault_service_of(const struct site *s, struct vault_service *out);
/* Appends "vault-1:8200", "https:vault-1:8200": a pod as its proxy is named. */
void vault_pod_name(const struct vault_service *service, struct span pod, struct strbuf *out);

struct vault_server {
    const char *at;   /* as a deed has it: "vault@vault-1"; the plan's, as all here */
    const char *name; /* "vault-1 of vault"; of one that is asked alone "vault" */
    const char *pod;  /* "" where it is asked alone */
    const char *ns;
};

struct vault_servers {
    struct vault_server all[VAULT_SERVERS_MAX];
    size_t count; /* at least one */
};

/* The pods of the service by which a Vault is asked, by name, where it has several: of one of a chart
 * the first was initialised first, and others join it. Else, or where they may not be listed, which is
 * told, the site itself. */
bool vault_servers_find(struct target *t, struct plan *p, const struct answers *in,
                        struct vault_servers *out, struct err *err) BN_MUST_USE;

#endif
