/* Which database clusters there are: StatefulSets of the Percona operator, whose pods are asked one
 * by one, with the user that its own checks have [integrations: Secrets, services, ports]. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/mysql/mysql.h"

#include <stdio.h>

#define TEXT_BYTES   2048
#define SECRETS      "-secrets"
#define LOGINS_BYTES ((size_t)256 << 10)

/* The Secret that its PerconaXtraDBCluster names first, where that is known; else by the operator's
 * default. */
static void add_secret(const struct store *st, struct span owner, char *out, size_t size)
{
    int kind = store_kind_find(st, SPAN("pxc"));
    struct handle row;
    struct link l;
    size_t at = 0;
    if (kind >= 0 && store_find(st, SOURCE_ANY, (uint16_t)kind, owner, &row))
        while (store_link_next(st, row, &at, &l))
            if (l.type == LINK_SECRET) {
                (void)snprintf(out, size, "password=secret:%.*s/monitor", SPAN_ARG(l.key));
                return;
            }
    (void)snprintf(out, size, "password=secret:%.*s" SECRETS "/monitor", SPAN_ARG(owner));
}

static void add(const struct store *st, struct discovery *d, const struct discovery_set *set,
                const char *logins)
{
    char name[TEXT_BYTES / 2], reach[TEXT_BYTES], nodes[TEXT_BYTES], password[TEXT_BYTES],
        owner[TEXT_BYTES];
    struct span instance = discovery_label(set->labels, "app.kubernetes.io/instance");
    (void)snprintf(name, sizeof(name), "%.*s/%.*s", SPAN_ARG(set->ns), SPAN_ARG(instance));
    (void)snprintf(owner, sizeof(owner), "owner=%s", name);
    /* The port-forward vouches for the pod; its certificate is of the operator's own authority. */
    (void)snprintf(reach, sizeof(reach), "reach=tls-pod:%.*s/*:3306", SPAN_ARG(set->ns));
    discovery_set_pods(set, "nodes=", nodes, sizeof(nodes));
    add_secret(st, span_from(name), password, sizeof(password));
    const char *const settings[] = {reach, nodes, password, owner, "insecure=true", NULL};
    discovery_add(d, &(struct found){.name = name, .settings = settings, .targets = logins});
}

void mysql_discover(const struct store *st, struct discovery *d)
{
    struct strbuf logins = STRBUF_INIT(LOGINS_BYTES);
    struct discovery_set set;
    uint32_t at = 0;
    mysql_find_logins(st, &logins);
    while (discovery_next_set(st, &at, &set))
        if (span_is(discovery_label(set.labels, "app.kubernetes.io/name"),
                    "percona-xtradb-cluster") &&
            span_is(discovery_label(set.labels, "app.kubernetes.io/component"), "pxc"))
            add(st, d, &set, strbuf_cstr(&logins));
    strbuf_clear(&logins);
}
