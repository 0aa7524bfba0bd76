/* What SHOW GLOBAL STATUS and SHOW GLOBAL VARIABLES say of a server: those names that are shown or
 * judged. Names are the same in MariaDB, MySQL and Percona's cluster; some have only one of them
 * [mysql/notes.md]. */
#ifndef BINNACLE_BACKENDS_MYSQL_VALUES_H
#define BINNACLE_BACKENDS_MYSQL_VALUES_H

#include "base/strbuf.h"

#define MYSQL_VALUES(X)                 \
    X(Innodb_buffer_pool_read_requests) \
    X(Innodb_buffer_pool_reads)         \
    X(Innodb_history_list_length)       \
    X(Innodb_row_lock_waits)            \
    X(Queries)                          \
    X(Slow_queries)                     \
    X(Ssl_server_not_after)             \
    X(Threads_connected)                \
    X(Threads_running)                  \
    X(Uptime)                           \
    X(wsrep_cert_deps_distance)         \
    X(wsrep_cluster_conf_id)            \
    X(wsrep_cluster_size)               \
    X(wsrep_cluster_state_uuid)         \
    X(wsrep_cluster_status)             \
    X(wsrep_connected)                  \
    X(wsrep_desync_count)               \
    X(wsrep_evs_repl_latency)           \
    X(wsrep_flow_control_interval)      \
    X(wsrep_flow_control_paused_ns)     \
    X(wsrep_flow_control_recv)          \
    X(wsrep_flow_control_sent)          \
    X(wsrep_gmcast_segment)             \
    X(wsrep_ist_receive_status)         \
    X(wsrep_last_committed)             \
    X(wsrep_local_bf_aborts)            \
    X(wsrep_local_cached_downto)        \
    X(wsrep_local_cert_failures)        \
    X(wsrep_local_recv_queue)           \
    X(wsrep_local_recv_queue_avg)       \
    X(wsrep_local_recv_queue_max)       \
    X(wsrep_local_send_queue)           \
    X(wsrep_local_send_queue_avg)       \
    X(wsrep_local_state)                \
    X(wsrep_local_state_comment)        \
    X(wsrep_ready)                      \
    X(innodb_buffer_pool_size)          \
    X(max_connections)                  \
    X(pxc_maint_mode)                   \
    X(read_only)                        \
    X(super_read_only)                  \
    X(version)                          \
    X(wsrep_applier_threads)            \
    X(wsrep_cluster_name)               \
    X(wsrep_provider_options)           \
    X(wsrep_reject_queries)             \
    X(wsrep_slave_threads)              \
    X(wsrep_sst_donor_rejects_queries)

enum mysql_value {

#define X(name) V_##name,
    MYSQL_VALUES(X)
#undef X
        V_COUNT
};

struct mysql_values {
    struct strbuf text;

    struct {
        uint32_t from, len;
        bool known;
    } at[V_COUNT];
};

void mysql_values_init(struct mysql_values *v);
void mysql_values_clear(struct mysql_values *v); /* nothing is known; keeps the memory */
void mysql_values_free(struct mysql_values *v);
/* Takes one over; what nobody looks at is left. */
void mysql_values_put(struct mysql_values *v, struct span name, struct span value);
/* data is NULL when the server did not say; borrowed until the next put. */
struct span mysql_value(const struct mysql_values *v, enum mysql_value which);
/* False when it is not a number, or was not said; *out is untouched. */
bool mysql_value_int(const struct mysql_values *v, enum mysql_value which, int64_t *out);
bool mysql_value_real(const struct mysql_values *v, enum mysql_value which, double *out);
/* ON, 1, true or yes. */
bool mysql_value_on(const struct mysql_values *v, enum mysql_value which);
/* An option of wsrep_provider_options: "gcache.size"; "" when it is not among them. */
struct span mysql_provider_option(const struct mysql_values *v, const char *name);

#endif
