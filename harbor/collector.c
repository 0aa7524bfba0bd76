/* Metrics of the Percona operator's collector of binary logs, as its documentation shows them
 * [percona-xtradb-cluster-operator cmd/pitr/collector/collector.go]. */
#include <config.h>

#include "harbor/collector.h"

#include "harbor/json_parts.h"
#include "harbor/operators.h"
#include "harbor/outside.h"

#define PREFIX    "pxc_binlog_collector_"
#define UPLOAD_MS 300000 /* of the platform's cluster */

bool collector_is(const struct object *pod)
{
    return is_of_percona(pod, "pitr");
}

static void put(struct strbuf *out, const char *name, const char *type, const char *help,
                double value)
{
    strbuf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.17g\n", name, help, name, type, name, value);
}

static double times_in(int64_t ms)
{
    const int64_t times = ms / UPLOAD_MS; /* whole ones */
    return (double)times;
}

void collector_metrics(const struct server *server, const struct object *pod, struct strbuf *out)
{
    const int64_t started = time_at(member(pod->json, "status"), "startTime");
    int64_t uploaded;
    const int64_t looked =
        operators_collected(server->objects, pod->ns, label_of(pod, "app.kubernetes.io/instance"),
                            outside_idle(server->outside), &uploaded);
    put(out, "process_start_time_seconds", "gauge",
        "Start time of the process since unix epoch in seconds.", (double)started / 1000);
    put(out, PREFIX "failure_total", "counter", "Total number of failed binlog collection cycles",
        2);
    put(out, PREFIX "gap_detected_total", "counter",
        "Total number of times the gap was detected in binlog", 0);
    put(out, PREFIX "last_processing_timestamp", "gauge",
        "Timestamp of the last successful binlog processing", (double)looked / 1000);
    put(out, PREFIX "last_upload_timestamp", "gauge",
        "Timestamp of the last successful binlog upload", (double)uploaded / 1000);
    put(out, PREFIX "success_total", "counter",
        "Total number of successful binlog collection cycles", times_in(looked - started));
    put(out, PREFIX "uploaded_total", "counter", "Total number of successfully uploaded binlogs",
        times_in(uploaded - started));
}
