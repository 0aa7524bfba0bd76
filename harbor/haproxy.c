/* Metrics of HAProxy 2.8 [test/data/mysql/haproxy.prom]: a series for each state of each server. */
#include <config.h>

#include "harbor/haproxy.h"

#include "harbor/json_parts.h"
#include "harbor/mysql.h"

bool haproxy_is(const struct object *pod)
{
    return is_of_percona(pod, "haproxy");
}

/* One of these is 1. */
static void put_state(struct strbuf *out, const char *metric, const char *proxy,
                      const struct object *pod, const char *const *states, size_t n, size_t which)
{
    for (size_t i = 0; i < n; i++)
        strbuf_addf(out, "haproxy_server_%s{proxy=\"%s\",server=\"%s\",state=\"%s\"} %d\n", metric,
                    proxy, pod->name, states[i], i == which);
}

static void put_number(struct strbuf *out, const char *metric, const char *proxy,
                       const struct object *pod, long long number)
{
    strbuf_addf(out, "haproxy_server_%s{proxy=\"%s\",server=\"%s\"} %lld\n", metric, proxy,
                pod->name, number);
}

void haproxy_metrics(const struct server *server, const struct object *pod, struct strbuf *out)
{
    static const char *const proxies[] = {"galera-nodes", "galera-admin-nodes",
                                          "galera-mysqlx-nodes", "galera-replica-nodes"};
    static const char *const states[] = {"DOWN", "UP", "MAINT", "DRAIN", "NOLB"};
    static const char *const checks[] = {"PROCERR", "PROCOK", "PROCTOUT"};
    const struct object *o;
    strbuf_adds(out, "# TYPE haproxy_server_status gauge\n");
    for (size_t i = 0; i < BN_COUNT(proxies); i++) {
        const bool writer = i == 0, reader = i == 3;
        size_t at = 0, n = 0;
        while ((o = next_in(server->objects, pod->resource, pod->ns, &at)) != NULL) {
            if (!is_of_percona(o, "pxc"))
                continue;
            const bool up = mysql_is(server, o) && mysql_is_in_traffic(server, o);
            put_state(out, "status", proxies[i], o, states, BN_COUNT(states), up);
            put_state(out, "check_status", proxies[i], o, checks, BN_COUNT(checks), up);
            put_number(out, "current_sessions", proxies[i], o,
                       up && ((writer && n == 0) || reader) ? 12 + (long long)n : 0);
            put_number(out, "check_failures_total", proxies[i], o, up ? 2 : 9);
            put_number(out, "check_last_change_seconds", proxies[i], o,
                       (up ? 2073000 : 40) + (long long)(objects_passed(server->objects) / 1000));
            n++;
        }
    }
}
