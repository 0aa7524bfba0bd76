/* A server as an HAProxy sees it. */
#include <config.h>

#include "backends/cells.h"
#include "backends/haproxy/haproxy.h"
#include "backends/verdict.h"
#include "base/timetext.h"
#include "model/store.h"

#include <stdio.h>

#define KEY_BYTES 1024

enum { PROXY, NAME, STATUS, CHECK, ROLE, SESSIONS, FOR, POD, FAILURES, UP, ALL, SINCE };

static const struct column columns[] = {
    [PROXY] = {"proxy", "PROXY", "The section of its configuration: galera-nodes has the writer.",
               VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {"name", "SERVER", "The server; in the operator's clusters the pod.", VALUE_TEXT, 16,
              0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS",
                "What it makes of the server: UP, DOWN, MAINT, DRAIN, NOLB; \"UP 1/2\" on the way "
                "to another.",
                VALUE_TEXT, 8, 0, COLUMN_NOTABLE, NULL, NULL},
    [CHECK] = {"check", "CHECK", "How its last check ended.", VALUE_TEXT, 8, 20, 0, NULL, NULL},
    [ROLE] = {"role", "ROLE", "active, or backup where it is used when no active one is up.",
              VALUE_TEXT, 6, 25, COLUMN_NOTABLE, NULL, NULL},
    [SESSIONS] = {"sessions", "SESS", "Sessions that it has with the server.", VALUE_COUNT, 5, 15,
                  COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [FOR] = {"for", "FOR", "Since its status changed.", VALUE_DURATION, 5, 30, COLUMN_RIGHT,
             "since", NULL},
    [POD] = {"haproxy", "HAPROXY", "The HAProxy that says so.", VALUE_TEXT, 16, 10, COLUMN_IDENT,
             NULL, NULL},
    [FAILURES] = {"failures", "FAILURES", "Checks that have failed.", VALUE_COUNT, 8, 50,
                  COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [UP] = {"up", "UP", "Servers of its section that are up.", VALUE_COUNT, 3, 80, COLUMN_HIDDEN,
            NULL, NULL},
    [ALL] = {"all", "ALL", "Servers of its section.", VALUE_COUNT, 3, 80, COLUMN_HIDDEN, NULL,
             NULL},
    [SINCE] = {"since", "SINCE", "When its status changed.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
               NULL, NULL},
};

enum { RULE_NONE, RULE_DOWN, RULE_OUT };

static const struct rule rules[] = {
    [RULE_NONE] = {"haproxy-no-server", "No server of its section is up: critical.",
                   .since = SINCE},
    [RULE_DOWN] = {"haproxy-server-down", "The server is down by its check: warning.",
                   .since = SINCE},
    [RULE_OUT] = {"haproxy-server-out", "The server was taken out of traffic by hand: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    (void)now_ms;
    if (span_starts(status, "MAINT") || span_starts(status, "DRAIN") || span_starts(status, "NOLB"))
        return verdict_at(LEVEL_NOTICE, RULE_OUT);
    if (!span_starts(status, "DOWN"))
        return verdict_ok();
    return store_num(st, row, UP, 0) ? verdict_at(LEVEL_WARNING, RULE_DOWN)
                                     : verdict_at(LEVEL_CRITICAL, RULE_NONE);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char text[TIMETEXT_MAX];
    struct span check = store_text(st, row, CHECK);
    int64_t since = store_num(st, row, SINCE, TIME_NONE);
    if (v->rule == RULE_NONE)
        strbuf_addf(out, "no server of %.*s is up: ", SPAN_ARG(store_text(st, row, PROXY)));
    strbuf_add(out, store_text(st, row, STATUS));
    if (since != TIME_NONE && now_ms > since) {
        duration_format_short(now_ms - since, text);
        strbuf_addf(out, " for %s", text);
    }
    strbuf_addf(out, " in %.*s", SPAN_ARG(store_text(st, row, PROXY)));
    if (v->rule != RULE_OUT && check.len)
        strbuf_addf(out, ": check %.*s", SPAN_ARG(check));
}

const struct kind kind_haproxy_server = {
    .name = "haproxy-server",
    .plural = "haproxy-servers",
    .aliases = "haproxy",
    .title = "HAProxy servers",
    .help = "Servers behind HAProxies, by what each HAProxy's checks make of them.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,proxy,name,haproxy",
};

/* ---- Rows. */

static bool is_up(const struct haproxy_server *s)
{
    return span_starts(s->status, "UP");
}

/* The operator makes the pod -0 the only active server where one alone is to write
 * [pxco build/haproxy_add_pxc_nodes.sh]; HAProxy itself does not say before 3.0. */
static struct span role_of(const struct haproxy_server *s)
{
    bool one = span_is(s->proxy, "galera-nodes") || span_is(s->proxy, "galera-admin-nodes") ||
               span_is(s->proxy, "galera-mysqlx-nodes");
    if (s->role.len || !one)
        return s->role;
    return span_ends(s->name, "-0") ? SPAN("active") : SPAN("backup");
}

bool haproxy_put(const struct haproxy_answer *a, struct span pod, int64_t now_ms,
                 struct row_writer *w)
{
    char key[KEY_BYTES];
    for (size_t i = 0; i < a->count; i++) {
        const struct haproxy_server *s = &a->servers[i];
        int64_t up = 0, all = 0;
        for (size_t k = 0; k < a->count; k++) {
            bool same = span_eq(a->servers[k].proxy, s->proxy);
            all += same;
            up += same && is_up(&a->servers[k]);
        }
        (void)snprintf(key, sizeof(key), "%.*s/%.*s/%.*s", SPAN_ARG(pod), SPAN_ARG(s->proxy),
                       SPAN_ARG(s->name));
        row_begin(w, span_from(key));
        put_text(w, PROXY, s->proxy);
        put_text(w, NAME, s->name);
        put_text(w, STATUS, s->status);
        put_text(w, CHECK, s->check);
        put_text(w, ROLE, role_of(s));
        put_amount(w, SESSIONS, s->sessions);
        put_amount(w, FAILURES, s->failures);
        put_text(w, POD, pod);
        row_num(w, UP, up);
        row_num(w, ALL, all);
        if (s->changed_s >= 0) /* to some seconds, or it would change each time */
            row_num(w, SINCE, (now_ms / 1000 - s->changed_s) / 10 * 10000);
        row_link(w, LINK_OWNER, 0, "mysql", s->name);
        if (!row_end(w))
            return false;
    }
    return true;
}
