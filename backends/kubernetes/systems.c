/* The systems that Kubernetes objects make up, and their sentences. */
#include <config.h>

#include "backends/kubernetes/systems.h"

#include "base/number.h"

static void says_nodes(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    size_t all = kube_count(st, "node"), ready = 0, cordoned = 0;
    int kind = store_kind_find(st, SPAN("node"));
    const struct kind *k = store_kind(st, (uint16_t)kind);
    int status = kind_column(k, SPAN("ready")), cordon = kind_column(k, SPAN("cordoned"));
    struct handle row;
    uint32_t at = 0;
    (void)now_ms;
    while (store_next(st, (uint16_t)kind, &at, &row)) {
        ready += span_is(store_text(st, row, (size_t)status), "True");
        cordoned += store_num(st, row, (size_t)cordon, 0) != 0;
    }
    strbuf_addf(system_part(parts), "%zu/%zu ready", ready, all);
    if (cordoned)
        strbuf_addf(system_part(parts), "%zu cordoned", cordoned);
}

static void says_workloads(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    size_t all = kube_count(st, "workload"), pods = kube_count(st, "pod");
    (void)now_ms;
    strbuf_addf(system_part(parts), "%zu/%zu ready", all - kube_count_bad(st, "workload"), all);
    struct strbuf *out = system_part(parts);
    strbuf_addf(out, "%zu pod%s", pods, pods == 1 ? "" : "s");
    if (kube_count_bad(st, "pod"))
        strbuf_addf(out, " (%zu bad)", kube_count_bad(st, "pod"));
}

static void says_routes(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    static const char *const kinds[] = {"ingressroute", "ingress", "ingressroutetcp",
                                        "ingressrouteudp"};
    size_t routes = 0, bad = kube_count_bad(st, "traefikservice");
    for (size_t i = 0; i < BN_COUNT(kinds); i++) {
        routes += kube_count(st, kinds[i]);
        bad += kube_count_bad(st, kinds[i]);
    }
    (void)now_ms;
    size_t services = kube_count(st, "service");
    if (bad)
        strbuf_addf(system_part(parts), "%zu broken", bad);
    strbuf_addf(system_part(parts), "%zu route%s", routes, routes == 1 ? "" : "s");
    strbuf_addf(system_part(parts), "%zu service%s", services, services == 1 ? "" : "s");
}

static void says_storage(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    double fullest = 0;
    char share[NUMBER_TEXT_MAX];
    size_t claims = kube_count(st, "pvc"), volumes = kube_count(st, "pv");
    (void)now_ms;
    strbuf_addf(system_part(parts), "%zu claim%s", claims, claims == 1 ? "" : "s");
    strbuf_addf(system_part(parts), "%zu volume%s", volumes, volumes == 1 ? "" : "s");
    for (read_begin(st, "pvc", &r); read_next(&r);) {
        double full = kube_share(st, r.row, column_of(&r, "full"));
        fullest = full > fullest ? full : fullest;
    }
    if (fullest <= 0)
        return;
    number_format_percent(fullest, share);
    strbuf_addf(system_part(parts), "fullest %s", share);
}

static void says_events(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    size_t all = kube_count_bad(st, "event");
    (void)now_ms;
    strbuf_addf(system_part(parts), "%zu warning%s in the last hour", all, all == 1 ? "" : "s");
}

const struct system kube_systems[] = {
    {"nodes", "Nodes", "Machines: ready, pressures, cordoned.", {"node"}, says_nodes},
    {"workloads",
     "Workloads",
     "What should run, and whether it does.",
     {"workload", "pod", "job", "cronjob", "replicaset", "namespace", "secret", "pdb",
      "validatingwebhook", "mutatingwebhook", "controller"},
     says_workloads},
    {"routes",
     "Routes",
     "Ways in: routes, services, what is behind them.",
     {"ingressroute", "ingress", "service", "middleware", "traefikservice", "endpointslice",
      "ingressroutetcp", "ingressrouteudp", "tlsoption", "serverstransport", "middlewaretcp",
      "serverstransporttcp", "tlsstore"},
     says_routes},
    {"storage",
     "Storage",
     "Claims and volumes.",
     {"pvc", "pv", "storageclass", "filesystem"},
     says_storage},
    {"eso",
     "External Secrets",
     "Secrets that are read from a store: synced, since when, by which store.",
     {"externalsecret", "clustersecretstore", "secretstore", "pushsecret", "clusterexternalsecret"},
     says_eso},
    {"certs",
     "Certificates",
     "Certificates of cert-manager: how long they last, and whether they are renewed.",
     {"certificate", "certificaterequest", "order", "challenge", "clusterissuer", "issuer"},
     says_certs},
    {"argo",
     "Argo CD",
     "What is deployed from git: sync and health apart.",
     {"application", "applicationset", "appproject"},
     says_argo},
    {"pxc",
     "PXC",
     "Database clusters, each of their servers, and their proxies.",
     {"pxc", "mysql", "haproxy-server"},
     says_pxc},
    {"backups",
     "Backups",
     "Backups of the databases: made when they should be, and well.",
     {"backup-schedule", "backup", "restore", "backup-storage"},
     says_backups},
    {"pitr",
     "PITR",
     "Which points in time the databases can be restored to.",
     {"pitr", "binlog-collector"},
     says_pitr},
    {"minio",
     "MinIO",
     "Object storage: drives, quorum, capacity, buckets.",
     {"tenant", "minio-cluster", "minio-bucket"},
     says_minio},
    {"events", "Events", "Warnings of the last hour.", {"event"}, says_events},
    {NULL, NULL, NULL, {NULL}, NULL},
};
