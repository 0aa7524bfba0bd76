/* Which figures of which rows a Prometheus may have, and how it is asked for them.
 *
 * The metrics' names:
 *   container_*, machine_*: cAdvisor in the kubelet [google/cadvisor docs/storage/prometheus.md]; `node`
 *     is what the Prometheus operator's ServiceMonitor of kubelets writes.
 *   node_*: node_exporter, of the node whose kernel has its name (node_uname_info).
 *   kubelet_volume_stats_*: kubelet [kubernetes pkg/kubelet/metrics/collectors/volume_stats.go].
 *   mysql_global_*: mysqld_exporter [collector/global_status.go, global_variables.go]: each variable
 *     that is a number, in small letters.
 *   redis_*: redis_exporter [oliver006/redis_exporter, exporter/metrics.go].
 *   traefik_service_*: Traefik's own [doc.traefik.io, observability/metrics].
 * Typesense has no exporter that is in wide use, and HAProxy's server rows do not say in which namespace
 * their pod is, without which they may be another's of the same name.
 *
 * A counter's rate is taken over five minutes, which holds two samples of whoever is asked once in a
 * minute or two; of what goes up and down, the greatest of a step, as of the last ten minutes. */
#include <config.h>

#include "backends/prometheus/prometheus.h"

#include <string.h>

#define PARTS 3

/* $0 is the whole key of whom it is asked about, $1 and $2 are its namespace and name. */
#define OF_POD       "namespace=$1,pod=$2"
#define OF_CONTAINER "{" OF_POD ",container!=\"\",container!=\"POD\"}"
#define OF_CLAIM     "{namespace=$1,persistentvolumeclaim=$2}"
#define ON_NODE      " and on (instance) node_uname_info{nodename=$0}"
#define GREATEST(of) "max(max_over_time(" of "[3m]))"

static const struct {
    const char *kind, *name;
    enum value_type type;
    bool of_pod; /* about the pod that the row leads to, not about the row */
    const char *query;
} figures[] = {
    {"pod", "cpu", VALUE_QUANTITY, false,
     "1000 * sum(max by (container) (rate(container_cpu_usage_seconds_total" OF_CONTAINER
     "[5m])))"},
    {"pod", "memory", VALUE_BYTES, false,
     "sum(max by (container) (max_over_time(container_memory_working_set_bytes" OF_CONTAINER
     "[3m])))"},
    {"pod", "throttled", VALUE_RATIO, false,
     "sum(rate(container_cpu_cfs_throttled_periods_total" OF_CONTAINER
     "[5m])) / sum(rate(container_cpu_cfs_periods_total" OF_CONTAINER "[5m]))"},

    {"node", "cpu-used", VALUE_RATIO, false,
     "1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m])" ON_NODE
     ") or max(rate(container_cpu_usage_seconds_total{id=\"/\",node=$0}[5m])) / "
     "max(machine_cpu_cores{node=$0})"},
    {"node", "memory-used", VALUE_RATIO, false,
     "max(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes" ON_NODE ") or " GREATEST(
         "container_memory_working_set_bytes{id=\"/\",node=$0}") " / "
                                                                 "max(machine_memory_bytes{node=$0})"},
    {"node", "disk-full", VALUE_RATIO, false,
     "max(1 - node_filesystem_avail_bytes{mountpoint=\"/\"} / "
     "node_filesystem_size_bytes{mountpoint=\"/\"}" ON_NODE ")"},

    {"pvc", "used", VALUE_BYTES, false, GREATEST("kubelet_volume_stats_used_bytes" OF_CLAIM)},
    {"pvc", "full", VALUE_RATIO, false,
     "1 - min(min_over_time(kubelet_volume_stats_available_bytes" OF_CLAIM
     "[3m])) / max(kubelet_volume_stats_capacity_bytes" OF_CLAIM ")"},

    {"mysql", "recv-queue", VALUE_COUNT, true,
     GREATEST("mysql_global_status_wsrep_local_recv_queue{" OF_POD "}")},
    {"mysql", "send-queue", VALUE_COUNT, true,
     GREATEST("mysql_global_status_wsrep_local_send_queue{" OF_POD "}")},
    {"mysql", "paused", VALUE_RATIO, true,
     "max(rate(mysql_global_status_wsrep_flow_control_paused_ns{" OF_POD "}[5m])) / 1e9"},
    {"mysql", "connections", VALUE_RATIO, true,
     GREATEST("mysql_global_status_threads_connected{" OF_POD
              "}") " / max(mysql_global_variables_max_connections{" OF_POD "})"},
    {"mysql", "queries", VALUE_RATE, true,
     "max(rate(mysql_global_status_queries{" OF_POD "}[5m]))"},

    {"redis", "lag", VALUE_DURATION, true,
     "1000 * (" GREATEST("redis_master_last_io_seconds_ago{" OF_POD
                         "}") " or " GREATEST("redis_connected_slave_lag_seconds{" OF_POD "}") ")"},
    {"redis", "memory", VALUE_BYTES, true, GREATEST("redis_memory_used_bytes{" OF_POD "}")},
    {"redis", "ops", VALUE_RATE, true, "max(rate(redis_commands_processed_total{" OF_POD "}[5m]))"},
    {"redis", "clients", VALUE_COUNT, true, GREATEST("redis_connected_clients{" OF_POD "}")},

    {"traefik-service", "requests", VALUE_RATE, false,
     "sum(rate(traefik_service_requests_total{service=$0}[5m]))"},
    {"traefik-service", "5xx", VALUE_RATIO, false,
     "sum(rate(traefik_service_requests_total{service=$0,code=~\"5..\"}[5m])) / "
     "sum(rate(traefik_service_requests_total{service=$0}[5m]))"},
};

/* A string as PromQL reads it, as Go does: whatever a name holds, it ends where the name ends, and the
 * query is one line. */
static void add_quoted(struct strbuf *out, struct span text)
{
    strbuf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            strbuf_addf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            strbuf_addf(out, "\\x%02x", (unsigned)c);
        else
            strbuf_addc(out, (char)c);
    }
    strbuf_addc(out, '"');
}

static void add_query(struct strbuf *out, const char *query, const struct span parts[PARTS])
{
    for (; *query; query++)
        if (query[0] == '$')
            add_quoted(out, parts[*++query - '0']);
        else
            strbuf_addc(out, *query);
    strbuf_addc(out, '\n');
}

static bool pod_of(const struct store *st, struct handle row, struct span *key)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link))
        if (link.type == LINK_POD && span_is(link.kind, "pod")) {
            *key = link.key;
            return true;
        }
    return false;
}

static void split(struct span key, struct span parts[PARTS])
{
    parts[0] = key;
    for (size_t i = 1; i < PARTS; i++) {
        const size_t end = i + 1 < PARTS ? span_find(key, '/', 0) : key.len;
        parts[i] = span_sub(key, 0, end);
        key = span_sub(key, end + 1, key.len);
    }
}

size_t prometheus_past(const struct store *st, struct handle row,
                       struct past_figure out[PAST_FIGURES], struct strbuf *ask)
{
    const char *kind = store_kind(st, row.kind)->name;
    struct span parts[PARTS], key;
    size_t n = 0;
    for (size_t i = 0; i < BN_COUNT(figures) && n < PAST_FIGURES; i++) {
        if (strcmp(figures[i].kind, kind) != 0)
            continue;
        key = store_key(st, row);
        if (figures[i].of_pod && !pod_of(st, row, &key))
            continue;
        split(key, parts);
        add_query(ask, figures[i].query, parts);
        out[n++] = (struct past_figure){figures[i].name, figures[i].type};
    }
    return n;
}
