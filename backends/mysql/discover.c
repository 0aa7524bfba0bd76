/* Which database clusters there are: StatefulSets of the Percona operator, whose pods are asked one
 * by one, with the user that its own checks have [integrations: Secrets, services, ports]. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/mysql/mysql.h"

#include <stdio.h>

#define TEXT_BYTES 2048
#define SECRETS    "-secrets"

struct wanted {
    int kind, name, ns, type, labels, desired; /* columns of a workload */
};

static bool find_columns(const struct store *st, struct wanted *w)
{
    w->kind = kind_find(store_kinds(st), SPAN("workload"));
    if (w->kind < 0)
        return false;
    const struct kind *k = store_kind(st, (uint16_t)w->kind);
    w->name = kind_column(k, SPAN("name"));
    w->ns = kind_column(k, SPAN("namespace"));
    w->type = kind_column(k, SPAN("type"));
    w->labels = kind_column(k, SPAN("labels"));
    w->desired = kind_column(k, SPAN("desired"));
    return w->name >= 0 && w->ns >= 0 && w->type >= 0 && w->labels >= 0 && w->desired >= 0;
}

/* The Secret that its PerconaXtraDBCluster names first, where that is known; else by the operator's
 * default. */
static void add_secret(const struct store *st, struct span owner, char *out, size_t size)
{
    int kind = kind_find(store_kinds(st), SPAN("pxc"));
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

static void add_names(struct span name, int64_t count, char *out, size_t size)
{
    struct strbuf text = STRBUF_INIT(TEXT_BYTES - 1);
    strbuf_adds(&text, "nodes=");
    for (int64_t i = 0; i < count && i < MYSQL_NODES_MAX; i++)
        strbuf_addf(&text, "%s%.*s-%lld", i ? "," : "", SPAN_ARG(name), (long long)i);
    (void)snprintf(out, size, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
}

static void add(const struct store *st, struct discovery *d, const struct wanted *w,
                struct handle row)
{
    char name[TEXT_BYTES / 2], reach[TEXT_BYTES], nodes[TEXT_BYTES], password[TEXT_BYTES],
        owner[TEXT_BYTES];
    struct span ns = store_text(st, row, (size_t)w->ns),
                instance = discovery_label(store_text(st, row, (size_t)w->labels),
                                           "app.kubernetes.io/instance");
    (void)snprintf(name, sizeof(name), "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(instance));
    (void)snprintf(owner, sizeof(owner), "owner=%s", name);
    /* The port-forward vouches for the pod; its certificate is of the operator's own authority. */
    (void)snprintf(reach, sizeof(reach), "reach=tls-pod:%.*s/*:3306", SPAN_ARG(ns));
    add_names(store_text(st, row, (size_t)w->name), store_num(st, row, (size_t)w->desired, 0),
              nodes, sizeof(nodes));
    add_secret(st, span_from(name), password, sizeof(password));
    const char *const settings[] = {reach, nodes, password, owner, "insecure=true", NULL};
    discovery_add(d, &(struct found){.name = name, .settings = settings});
}

static bool is_database(const struct store *st, const struct wanted *w, struct handle row)
{
    struct span labels = store_text(st, row, (size_t)w->labels);
    return span_is(store_text(st, row, (size_t)w->type), "StatefulSet") &&
           span_is(discovery_label(labels, "app.kubernetes.io/name"), "percona-xtradb-cluster") &&
           span_is(discovery_label(labels, "app.kubernetes.io/component"), "pxc") &&
           store_num(st, row, (size_t)w->desired, 0) > 0;
}

void mysql_discover(const struct store *st, struct discovery *d)
{
    struct wanted w;
    struct handle row;
    uint32_t at = 0;
    if (!find_columns(st, &w))
        return;
    while (store_next(st, (uint16_t)w.kind, &at, &row))
        if (is_database(st, &w, row))
            add(st, d, &w, row);
}
