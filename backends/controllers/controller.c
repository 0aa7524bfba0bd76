/* A controller, and what stays as it was where it does not run. */
#include <config.h>

#include "backends/cells.h"
#include "backends/controllers/controllers.h"
#include "backends/kubernetes/keeper.h"
#include "backends/verdict.h"

#include <stdio.h>

/* Whose rows lead to one (kept_by of kube_kind.h). */
/* clang-format off */
#define KEPT_KINDS(X) \
    X(PXC, "pxc") \
    X(CERTIFICATE, "certificate") \
    X(ISSUER, "issuer") \
    X(CLUSTER_ISSUER, "clusterissuer") \
    X(EXTERNAL_SECRET, "externalsecret") \
    X(PUSH_SECRET, "pushsecret") \
    X(STORE, "secretstore") \
    X(CLUSTER_STORE, "clustersecretstore") \
    X(CLUSTER_SECRET, "clusterexternalsecret") \
    X(ENDPOINT, "dnsendpoint") \
    X(APPLICATION, "application") \
    X(TENANT, "tenant") \
    X(ROUTE, "ingressroute") \
    X(ROUTE_TCP, "ingressroutetcp") \
    X(ROUTE_UDP, "ingressrouteudp")
/* clang-format on */

#define KEPT_COLUMN(ID, NAME) KEPT_##ID,

enum {
    NAME,
    READY,
    WORKLOADS,
    KEEPS,
    READY_COUNT,
    DESIRED,
    DOWN_SINCE,
    KEPT,
    KEPT_KINDS(KEPT_COLUMN) COLUMNS,
};

#define KEPT_FOLD(ID, NAME) [KEPT_##ID] = {FOLD_COUNT, LINK_KEPT, NAME, NULL, NULL},
static const struct fold counts[COLUMNS] = {KEPT_KINDS(KEPT_FOLD)};
static const struct fold sum_of_all = {FOLD_DERIVED, LINK_KEPT, "pxc", NULL, NULL};

#define KEPT_CELL(ID, NAME)                           \
    [KEPT_##ID] = {"kept-" NAME,                      \
                   "KEPT-" NAME,                      \
                   "Rows of " NAME " that it keeps.", \
                   VALUE_COUNT,                       \
                   5,                                 \
                   80,                                \
                   COLUMN_HIDDEN,                     \
                   NULL,                              \
                   &counts[KEPT_##ID]},

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "What it is.", VALUE_TEXT, 18, 0, COLUMN_IDENT, NULL, NULL},
    [READY] = {"ready", "READY", "Pods that are ready, of those wanted, of all its workloads.",
               VALUE_TEXT, 5, 0, 0, NULL, NULL},
    [WORKLOADS] = {"workloads", "WORKLOADS", "What runs it; nothing: it is not there.", VALUE_LIST,
                   40, 20, 0, NULL, NULL},
    [KEEPS] = {"keeps", "KEEPS", "Kinds that it acts on, and says how they are.", VALUE_TEXT, 40,
               30, 0, NULL, NULL},
    [READY_COUNT] = {"ready-count", "READY-COUNT", "Pods that are ready.", VALUE_COUNT, 5, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [DESIRED] = {"desired", "DESIRED", "Pods wanted.", VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL,
                 NULL},
    [DOWN_SINCE] = {"down-since", "DOWN-SINCE", "When it ceased to be available.", VALUE_INSTANT, 5,
                    80, COLUMN_HIDDEN, NULL, NULL},
    [KEPT] = {"kept", "KEPT", "Objects that it keeps.", VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL,
              &sum_of_all},
    KEPT_KINDS(KEPT_CELL)};

static bool put(struct span line, struct row_writer *w)
{
    static const char *const parts[] = {"workload", NULL};
    char ready[64];
    const struct keeper *k = keeper_named(joined_part(line, CONTROLLER_NAME));
    int64_t up = joined_num(line, CONTROLLER_READY, 0),
            all = joined_num(line, CONTROLLER_DESIRED, 0);
    struct span workloads = joined_part(line, CONTROLLER_WORKLOADS);
    if (!k) /* the line was cut */
        return true;
    (void)snprintf(ready, sizeof(ready), "%lld/%lld", (long long)up, (long long)all);
    row_begin(w, span_from(k->name));
    row_text(w, NAME, span_from(k->name));
    if (workloads.len)
        row_text(w, READY, span_from(ready));
    put_text(w, WORKLOADS, workloads);
    row_text(w, KEEPS, span_from(k->keeps));
    row_num(w, READY_COUNT, up);
    row_num(w, DESIRED, all);
    put_time(w, DOWN_SINCE, joined_num(line, CONTROLLER_DOWN, TIME_NONE));
    joined_link(w, joined_part(line, CONTROLLER_PARTS), parts, LINK_AFFECTS);
    return row_end(w);
}

enum { RULE_GONE };

static const struct rule rules[] = {
    [RULE_GONE] =
        {"controller-gone",
         "It is not there, is scaled to 0, or has not been ready for 2 minutes, and there "
         "are objects that nobody else keeps: warning.",
         .cause = true, .since = DOWN_SINCE},
};

static struct value derive(const struct store *st, struct handle row, size_t column)
{
    int64_t sum = 0;
    (void)column;
    for (size_t i = KEPT + 1; i < COLUMNS; i++)
        sum += store_num(st, row, i, 0);
    return (struct value){.type = VALUE_COUNT, .num = sum};
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t until = TIME_FOREVER;
    if (!keeper_is_out(st, row, now_ms, &until))
        return verdict_until(LEVEL_OK, 0, until);
    return store_num(st, row, KEPT, 0) ? verdict_at(LEVEL_WARNING, RULE_GONE) : verdict_off();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    keeper_says_out(st, row, now_ms, out);
}

const struct kind kind_controller = {
    .name = "controller",
    .plural = "controllers",
    .aliases = "operators",
    .title = "Controllers",
    .help = "Programs that act on custom resources: where one does not run, what it wrote stays.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .derive = derive,
    .quotes = "pod replicaset pxc certificate issuer clusterissuer externalsecret pushsecret "
              "secretstore clustersecretstore clusterexternalsecret dnsendpoint application tenant "
              "ingressroute ingressroutetcp ingressrouteudp",
    .sort = "level desc,name",
};

/* ---- The backend. */

static const struct kind *const kinds[] = {&kind_controller, NULL};
static const char *const needs[] = {"workload", NULL};
static const struct setting settings[] = {{NULL, NULL, NULL, SETTING_TEXT}};
static const struct system systems[] = {
    {NULL, NULL, NULL, {NULL}, NULL},
};

const struct backend backend_controllers = {
    .name = "controllers",
    .summary = "Controllers of custom resources, of the rows of workloads.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = 1,
    .quiet_ms = JOINED_QUIET_MS,
    .needs = needs,
    .discover = controllers_discover,
    .joined = put,
    .run = joined_run,
};
