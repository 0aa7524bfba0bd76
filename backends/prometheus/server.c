/* A Prometheus, as it describes itself; those that answer as one does say less. */
#include <config.h>

#include "backends/cells.h"
#include "backends/prometheus/prometheus.h"
#include "backends/verdict.h"
#include "base/timetext.h"

enum { NAME, RELEASE, RETENTION, UP, RELOADED, CORRUPTED, STARTED };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The source's name.", VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [RELEASE] = {"version", "RELEASE", "Its version.", VALUE_TEXT, 10, 20, COLUMN_NOTABLE, NULL,
                 NULL},
    [RETENTION] = {"retention", "RETENTION", "For how long, or how much, it keeps.", VALUE_TEXT, 12,
                   30, 0, NULL, NULL},
    [UP] = {"up", "UP", "How long it has been up.", VALUE_DURATION, 5, 40, COLUMN_RIGHT, "started",
            NULL},
    [RELOADED] = {"reloaded", "RELOADED", "Whether it could read its configuration when last told.",
                  VALUE_BOOL, 8, 10, COLUMN_NOTABLE, NULL, NULL},
    [CORRUPTED] = {"corrupted", "CORRUPTED", "Times that its log of samples was broken.",
                   VALUE_COUNT, 9, 50, COLUMN_RIGHT, NULL, NULL},
    [STARTED] = {"started", "STARTED", "When it was started.", VALUE_INSTANT, 20, 90, COLUMN_HIDDEN,
                 NULL, NULL},
};

enum { RULE_RELOAD };

static const struct rule rules[] = {
    [RULE_RELOAD] =
        {"prometheus-reload",
         "It could not read its configuration and goes on with the one before: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    return store_num(st, row, RELOADED, 1) ? verdict_ok() : verdict_at(LEVEL_WARNING, RULE_RELOAD);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)st;
    (void)row;
    (void)v;
    (void)now_ms;
    strbuf_adds(out, "it could not read its configuration and goes on with the one before");
}

const struct kind kind_prometheus = {
    .name = "prometheus",
    .plural = "prometheuses",
    .aliases = "",
    .title = "Prometheus",
    .help = "Prometheuses, which keep the past of what details show: release, retention, reload.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

static void put_member(struct row_writer *w, size_t column, const struct json_node *answer,
                       const char *member)
{
    put_text(w, column, span_from(json_node_path_text(answer, member, "")));
}

bool prometheus_put(const char *name, const struct json_node *build,
                    const struct json_node *runtime, struct row_writer *w)
{
    const struct json_node *reloaded = json_node_path(runtime, "data.reloadConfigSuccess");
    int64_t n;
    row_begin(w, span_from(name));
    row_text(w, NAME, span_from(name));
    put_member(w, RELEASE, build, "data.version");
    put_member(w, RETENTION, runtime, "data.storageRetention");
    if (json_node_type(reloaded) == JSON_TRUE || json_node_type(reloaded) == JSON_FALSE)
        row_num(w, RELOADED, json_node_true(reloaded));
    if (json_node_int(json_node_path(runtime, "data.corruptionCount"), &n))
        put_amount(w, CORRUPTED, n);
    if (time_parse(span_from(json_node_path_text(runtime, "data.startTime", "")), &n))
        row_num(w, STARTED, n);
    return row_end(w);
}
