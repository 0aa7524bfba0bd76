/* How a database cluster's nodes are, each asked by itself: which one gives its data to a backup, and
 * whether it brakes the others [galeracluster.com/library/documentation/galera-status-variables.html]. */
#include <config.h>

#include "actions/mysql_names.h"
#include "actions/pxc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 9
#define STATE_MAX 40
#define AT_MAX    600
#define STATEMENT "SHOW GLOBAL STATUS LIKE 'wsrep%'"

/* False: the row is not there. */
static bool number_of(const struct json_node *row, const char *name, double *number)
{
    for (; row; row = json_node_next(row))
        if (strcmp(mysql_cell(row, "Variable_name"), name) == 0) {
            *number = strtod(mysql_cell(row, "Value"), NULL);
            return true;
        }
    return false;
}

static struct span state_of(const struct json_node *row)
{
    for (; row; row = json_node_next(row))
        if (strcmp(mysql_cell(row, "Variable_name"), "wsrep_local_state_comment") == 0)
            return span_sub(span_from(mysql_cell(row, "Value")), 0, STATE_MAX);
    return SPAN("");
}

/* False: it does not answer, and why. */
static bool say_node(struct target *t, const char *at, const char *node, struct strbuf *says,
                     struct err *err)
{
    struct json_doc *doc = NULL;
    const struct json_node *row;
    double queue, paused;
    if (!mysql_rows(t, at, STATEMENT, &doc, &row, err))
        return false;
    struct span state = state_of(row);
    strbuf_addf(says, ", %s ", node);
    strbuf_add(says, state.len ? state : SPAN("in no state"));
    if (number_of(row, "wsrep_local_recv_queue", &queue) &&
        number_of(row, "wsrep_flow_control_paused", &paused) && !span_is(state, "Synced"))
        strbuf_addf(says, " (receive queue %.0f, paused by flow control %.1f%% of the time)", queue,
                    paused * 100);
    json_doc_free(doc);
    return true;
}

bool pxc_say_nodes(struct target *t, const char *ns, const char *cluster, int64_t size,
                   struct strbuf *says)
{
    char at[AT_MAX], node[AT_MAX / 2];
    struct err err;
    for (int64_t i = 0; i < size && i < NODES_MAX; i++) {
        (void)snprintf(node, sizeof(node), "%.200s-pxc-%lld", cluster, (long long)i);
        (void)snprintf(at, sizeof(at), "%.63s/%.200s@%.230s", ns, cluster, node);
        if (!say_node(t, at, node, says, &err)) {
            strbuf_addf(says, ", which node is the donor is not known: %s", err.msg);
            return false;
        }
    }
    return true;
}

bool pxc_ask_database(struct target *t, const char *at, int64_t *size, struct err *err)
{
    struct json_doc *doc = NULL;
    const struct json_node *row;
    double nodes = 0;
    if (!mysql_rows(t, at, "SELECT 1", &doc, &row, err))
        return false;
    json_doc_free(doc);
    doc = NULL;
    if (!mysql_rows(t, at, STATEMENT, &doc, &row, err))
        return false;
    (void)number_of(row, "wsrep_cluster_size", &nodes);
    json_doc_free(doc);
    *size = nodes > 0 && nodes < 1000 ? (int64_t)nodes : 0;
    return true;
}
