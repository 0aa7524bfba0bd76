/* What no node knows by itself: how it stands to the others, asked in the same moment. */
#include <config.h>

#include "backends/mysql/mysql.h"

static bool is_member(const struct mysql_node *n)
{
    return n->err.kind == ERR_NONE &&
           span_is(mysql_value(&n->values, V_wsrep_cluster_status), "Primary");
}

/* How many members say the same. */
static size_t agree(const struct mysql *m, const struct mysql_node *n, enum mysql_value which)
{
    struct span own = mysql_value(&n->values, which);
    size_t same = 0;
    for (size_t i = 0; i < m->count; i++)
        same += is_member(&m->nodes[i]) && span_eq(own, mysql_value(&m->nodes[i].values, which));
    return same;
}

/* Some other says otherwise, and at least as many with it: of two that differ both are marked. */
static bool differs(const struct mysql *m, const struct mysql_node *n, enum mysql_value which)
{
    size_t own = is_member(n) ? agree(m, n, which) : 0;
    for (size_t i = 0; own > 0 && i < m->count; i++)
        if (is_member(&m->nodes[i]) &&
            !span_eq(mysql_value(&n->values, which), mysql_value(&m->nodes[i].values, which)) &&
            agree(m, &m->nodes[i], which) >= own)
            return true;
    return false;
}

/* Write-sets that another member of the same history has and this one has not. */
static int64_t behind(const struct mysql *m, const struct mysql_node *n)
{
    int64_t own, other, most = 0;
    if (!is_member(n) || !mysql_value_int(&n->values, V_wsrep_last_committed, &own))
        return -1;
    for (size_t i = 0; i < m->count; i++) {
        const struct mysql_node *o = &m->nodes[i];
        if (is_member(o) && mysql_value_int(&o->values, V_wsrep_last_committed, &other) &&
            span_eq(mysql_value(&n->values, V_wsrep_cluster_state_uuid),
                    mysql_value(&o->values, V_wsrep_cluster_state_uuid)) &&
            other - own > most)
            most = other - own;
    }
    return most;
}

/* It answers and knows no cluster, where others do or its operator has made one of several. */
static bool is_alone(const struct mysql *m, const struct mysql_node *n)
{
    bool others = m->count > 1 && ctx_setting(m->ctx, "owner") != NULL;
    for (size_t i = 0; i < m->count; i++)
        others = others || is_member(&m->nodes[i]);
    return others && n->err.kind == ERR_NONE &&
           !mysql_value(&n->values, V_wsrep_local_state_comment).len;
}

void mysql_compare(struct mysql *m)
{
    struct mysql_node *slowest = NULL;
    for (size_t i = 0; i < m->count; i++) {
        struct mysql_node *n = &m->nodes[i];
        bool sends = is_member(n) && n->rates.known[RATE_FC_SENT] && n->rates.now[RATE_FC_SENT] > 0;
        n->behind = behind(m, n);
        n->other_uuid = differs(m, n, V_wsrep_cluster_state_uuid);
        n->other_conf = differs(m, n, V_wsrep_cluster_conf_id);
        n->alone = is_alone(m, n);
        n->brakes = false;
        if (sends && (!slowest || n->rates.now[RATE_FC_SENT] > slowest->rates.now[RATE_FC_SENT]))
            slowest = n;
    }
    if (slowest)
        slowest->brakes = true;
}
