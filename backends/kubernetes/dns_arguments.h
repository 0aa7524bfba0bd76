/* What external-dns was told by its command line. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_DNS_ARGUMENTS_H
#define BINNACLE_BACKENDS_KUBERNETES_DNS_ARGUMENTS_H

#include "backends/kubernetes/object.h"

/* The column of workloads that has them. */
#define DNS_ARGUMENTS                 \
    "dns-arguments", "DNS-ARGUMENTS", \
        "Of external-dns: its policy, owner, sources, filters, and the Secret of its variables."

/* "policy=sync" "source=service" "secret=route53-credentials", a LIST, of the first container of the
 * template that runs external-dns; empty: none does. Flags that are no secret alone
 * [external-dns pkg/apis/externaldns/types.go]. */
struct span dns_arguments(struct kube_object *o, struct json_value containers);

#endif
