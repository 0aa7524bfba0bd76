/* external-dns's figures, as Prometheus reads them. */
#include <config.h>

#include "backends/externaldns/externaldns.h"
#include "net/metrics.h"

#include <stddef.h>

#define PREFIX "external_dns_"

static const struct metric_figure figures[] = {
    {"process_start_time_seconds", offsetof(struct externaldns_figures, started_ms), 1000},
    {PREFIX "controller_last_sync_timestamp_seconds", offsetof(struct externaldns_figures, sync_ms),
     1000},
    {PREFIX "controller_last_reconcile_timestamp_seconds",
     offsetof(struct externaldns_figures, tried_ms), 1000},
    {PREFIX "source_errors_total", offsetof(struct externaldns_figures, source_errors), 1},
    {PREFIX "registry_errors_total", offsetof(struct externaldns_figures, registry_errors), 1},
    {PREFIX "source_endpoints_total", offsetof(struct externaldns_figures, source_endpoints), 1},
    {PREFIX "registry_endpoints_total", offsetof(struct externaldns_figures, registry_endpoints),
     1},
};

bool externaldns_read(struct span text, struct externaldns_figures *out, struct err *err)
{
    *out = (struct externaldns_figures){-1, -1, -1, -1, -1, -1, -1};
    return metric_take(text, PREFIX, figures, BN_COUNT(figures), out) ||
           err_set(err, ERR_PROTO, "what answers there has no figures of external-dns");
}
