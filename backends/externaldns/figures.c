/* external-dns's figures, as Prometheus reads them. */
#include <config.h>

#include "backends/externaldns/externaldns.h"
#include "net/metrics.h"

#include <math.h>
#include <stddef.h>

#define PREFIX    "external_dns_"
#define COUNT_MAX 9e15 /* what a double still counts by ones */

static const struct {
    const char *name;
    size_t at;
    int64_t scale;
} figures[] = {
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
    struct metric m;
    bool ours = false;
    *out = (struct externaldns_figures){-1, -1, -1, -1, -1, -1, -1};
    while (metric_next(&text, &m)) {
        ours = ours || span_starts(m.name, PREFIX);
        for (size_t i = 0; i < BN_COUNT(figures); i++) {
            double value = m.value * (double)figures[i].scale;
            bool good = isfinite(value) && value >= 0 && value < COUNT_MAX &&
                        (figures[i].scale == 1 || value > 0); /* a time of 0: not yet */
            if (span_is(m.name, figures[i].name) && good)
                *(int64_t *)(void *)((char *)out + figures[i].at) = (int64_t)value;
        }
    }
    return ours || err_set(err, ERR_PROTO, "what answers there has no figures of external-dns");
}
