/* Figures of the past. */
#include <config.h>

#include "harbor/prometheus.h"

#include "base/number.h"
#include "harbor/json_parts.h"
#include "harbor/kubelet.h"
#include "harbor/route.h"

#include <stdlib.h>

#define POINTS_MOST 11000 /* as a real one */
#define FILLS_S     10800 /* a claim's way from 65 % of what it holds now */
#define WAVE_S      2820
#define AWAY_FROM_S 4200 /* seconds ago */
#define AWAY_TO_S   3300

enum about { ABOUT_CLAIM, ABOUT_CLAIM_SHARE, ABOUT_POD, ABOUT_NODE, ABOUT_NODE_DISK };

/* The first whose metric, with what stands before it, is in the query counts. */
static const struct {
    const char *metric;
    enum about about;
    double least, most;
} figures[] = {
    {"kubelet_volume_stats_used_bytes{", ABOUT_CLAIM, 0, 0},
    {"kubelet_volume_stats_available_bytes{", ABOUT_CLAIM_SHARE, 0, 0},
    {"node_cpu_seconds_total{", ABOUT_NODE, 0.18, 0.56},
    {"node_memory_MemAvailable_bytes ", ABOUT_NODE, 0.55, 0.63},
    {"node_filesystem_avail_bytes{", ABOUT_NODE_DISK, 0, 0},
    {"container_cpu_usage_seconds_total{", ABOUT_POD, 35, 240},
    {"container_memory_working_set_bytes{", ABOUT_POD, 181e6, 263e6},
    {"container_cpu_cfs_throttled_periods_total{", ABOUT_POD, 0, 0.04},
    {"mysql_global_status_wsrep_local_recv_queue{", ABOUT_POD, 0, 3},
    {"mysql_global_status_wsrep_local_send_queue{", ABOUT_POD, 0, 2},
    {"mysql_global_status_wsrep_flow_control_paused_ns{", ABOUT_POD, 0, 0.03},
    {"mysql_global_status_threads_connected{", ABOUT_POD, 0.06, 0.11},
    {"mysql_global_status_queries{", ABOUT_POD, 92, 310},
    {"redis_connected_slave_lag_seconds{", ABOUT_POD, 0, 1000},
    {"redis_memory_used_bytes{", ABOUT_POD, 352e6, 389e6},
    {"redis_commands_processed_total{", ABOUT_POD, 121, 214},
    {"redis_connected_clients{", ABOUT_POD, 31, 42},
};

bool prometheus_is(const struct object *pod)
{
    return pod && strcmp(json_member(member(member(pod->json, "metadata"), "labels"),
                                     "app.kubernetes.io/name"),
                         "prometheus") == 0;
}

static int refuse(struct strbuf *out, const char *why)
{
    strbuf_addf(out, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"%s\"}", why);
    return 400;
}

/* What stands behind `NAME="`, to the next quote; names have nothing to escape. */
static struct span label(struct span query, const char *name)
{
    const size_t at = span_search(query, span_from(name), false) + strlen(name);
    const struct span rest = span_sub(query, at, query.len);
    return span_sub(rest, 0, span_find(rest, '"', 0));
}

static bool is_there(const struct server *server, const char *plural, struct span ns,
                     struct span name)
{
    return name.len && objects_find(server->objects, resource_named(span_from(plural)), ns, name);
}

/* What one figure was, whoever it is about. */
struct past {
    double least, most;
    int64_t shift_s; /* of its wave */
    bool fills;
};

static bool find_claim(const struct server *server, struct span query, bool share, struct past *p)
{
    const struct span ns = label(query, "namespace=\""),
                      name = label(query, "persistentvolumeclaim=\"");
    int64_t size, used;
    if (!is_there(server, "persistentvolumeclaims", ns, name) ||
        !kubelet_claim(server, ns, name, &size, &used))
        return false;
    p->most = share ? (double)used / (double)size : (double)used;
    p->least = p->most * 0.65;
    p->fills = true;
    return true;
}

/* What its kubelet says too, and a little less before. */
static bool find_disk(const struct server *server, struct span node, struct past *p)
{
    const struct object *found =
        node.len ? objects_find(server->objects, resource_named(SPAN("nodes")), SPAN(""), node)
                 : NULL;
    if (!found)
        return false;
    p->most = kubelet_node_full(server, found);
    p->least = p->most - 0.02;
    p->fills = true;
    return true;
}

/* False: it has nothing of it. */
static bool find(const struct server *server, struct span query, struct past *p)
{
    const struct span pod = label(query, "pod=\""), node = label(query, "nodename=\"");
    size_t i = 0;
    while (i < BN_COUNT(figures) &&
           span_search(query, span_from(figures[i].metric), false) == query.len)
        i++;
    if (i == BN_COUNT(figures))
        return false;
    *p = (struct past){.least = figures[i].least, .most = figures[i].most};
    switch (figures[i].about) {
    case ABOUT_CLAIM:
    case ABOUT_CLAIM_SHARE:
        return find_claim(server, query, figures[i].about == ABOUT_CLAIM_SHARE, p);
    case ABOUT_POD:
        p->shift_s = (int64_t)((span_hash(pod) + 7 * i) % WAVE_S);
        return is_there(server, "pods", label(query, "namespace=\""), pod);
    case ABOUT_NODE:
        p->shift_s = (int64_t)((span_hash(node) + 7 * i) % WAVE_S);
        return is_there(server, "nodes", SPAN(""), node);
    case ABOUT_NODE_DISK:
        return find_disk(server, node, p);
    }
    return false;
}

/* At a time so many seconds ago. */
static double at(const struct past *p, int64_t at_s, int64_t ago_s)
{
    const int64_t phase = (at_s + p->shift_s) % WAVE_S;
    double share = (double)(phase < WAVE_S / 2 ? phase : WAVE_S - phase) * 2 / WAVE_S;
    if (p->fills)
        share = ago_s < FILLS_S ? 1 - (double)ago_s / FILLS_S : 0;
    return p->least + (p->most - p->least) * share;
}

static void add_values(const struct past *p, int64_t now_s, int64_t start_s, int64_t end_s,
                       int64_t step_s, struct strbuf *out)
{
    const char *between = "";
    char number[NUMBER_TEXT_MAX];
    for (int64_t t = start_s; t <= end_s && t <= now_s; t += step_s) {
        const int64_t ago_s = now_s - t;
        if (ago_s < AWAY_FROM_S && ago_s > AWAY_TO_S)
            continue;
        number_format_real(at(p, t, ago_s), number);
        strbuf_addf(out, "%s[%lld,\"%s\"]", between, (long long)t, number);
        between = ",";
    }
}

static int say_range(const struct server *server, const struct route *r, struct strbuf *out)
{
    const int64_t start = route_number(r, "start", -1), end = route_number(r, "end", -1),
                  step = route_number(r, "step", 0);
    struct past p;
    if (start < 0 || end < start || step <= 0)
        return refuse(out, "invalid parameter: start, end and step are wanted");
    if ((end - start) / step > POINTS_MOST)
        return refuse(out, "exceeded maximum resolution of 11,000 points per timeseries. Try "
                           "decreasing the query resolution (?step=XX)");
    char *query = route_query(r, "query");
    strbuf_adds(out, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[");
    if (query && find(server, span_from(query), &p)) {
        strbuf_adds(out, "{\"metric\":{},\"values\":[");
        add_values(&p, objects_now(server->objects) / 1000, start, end, step, out);
        strbuf_adds(out, "]}");
    }
    strbuf_adds(out, "]}}");
    free(query);
    return 200;
}

int prometheus_answer(const struct server *server, struct span target, struct strbuf *out)
{
    static const struct {
        const char *path, *body;
    } said[] = {
        {"/api/v1/alerts", "{\"status\":\"success\",\"data\":{\"alerts\":[]}}"},
        {"/api/v1/status/buildinfo", "{\"status\":\"success\",\"data\":{\"version\":\"2.53.1\"}}"},
        {"/api/v1/status/runtimeinfo",
         "{\"status\":\"success\",\"data\":{\"reloadConfigSuccess\":true,\"corruptionCount\":0,"
         "\"storageRetention\":\"15d\"}}"},
    };

    const size_t end = span_find(target, '?', 0);
    const struct route r = {.path = span_sub(target, 0, end),
                            .query = span_sub(target, end + 1, target.len)};
    if (span_is(r.path, "/api/v1/query_range"))
        return say_range(server, &r, out);
    for (size_t i = 0; i < BN_COUNT(said); i++)
        if (span_is(r.path, said[i].path)) {
            strbuf_adds(out, said[i].body);
            return 200;
        }
    strbuf_adds(out, "404 page not found\n");
    return 404;
}
