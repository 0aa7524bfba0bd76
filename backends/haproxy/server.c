/* A server as an HAProxy sees it. */
#include <config.h>

#include "backends/cells.h"
#include "backends/haproxy/haproxy.h"
#include "backends/verdict.h"
#include "base/timetext.h"
#include "model/store.h"

#include <stdio.h>

#define KEY_BYTES 1024

enum { PROXY, NAME, STATUS, CHECK, ROLE, SESSIONS, FOR, POD, OTHERS, FAILURES, UP, ALL, SINCE };

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
    [OTHERS] = {"others", "OTHERS",
                "What other HAProxies before the same servers make of it, where that is otherwise.",
                VALUE_LIST, 24, 18, COLUMN_NOTABLE, NULL, NULL},
    [FAILURES] = {"failures", "FAILURES", "Checks that have failed.", VALUE_COUNT, 8, 50,
                  COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [UP] = {"up", "UP", "Servers of its section that are up.", VALUE_COUNT, 3, 80, COLUMN_HIDDEN,
            NULL, NULL},
    [ALL] = {"all", "ALL", "Servers of its section.", VALUE_COUNT, 3, 80, COLUMN_HIDDEN, NULL,
             NULL},
    [SINCE] = {"since", "SINCE", "When its status changed.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
               NULL, NULL},
};

enum { RULE_NONE, RULE_DOWN, RULE_OUT, RULE_SPLIT };

static const struct rule rules[] = {
    [RULE_NONE] =
        {"haproxy-no-server",
         "No server of its section is up, by their checks or since they were taken out by "
         "hand: critical.",
         .since = SINCE},
    [RULE_DOWN] = {"haproxy-server-down", "The server is down by its check: warning.",
                   .since = SINCE},
    [RULE_OUT] = {"haproxy-server-out", "The server was taken out of traffic by hand: notice."},
    [RULE_SPLIT] = {"haproxy-disagree",
                    "It is up here, and not for another HAProxy before the same servers: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    bool out =
        span_starts(status, "MAINT") || span_starts(status, "DRAIN") || span_starts(status, "NOLB");
    (void)now_ms;
    if (!out && !span_starts(status, "DOWN"))
        return store_text(st, row, OTHERS).len ? verdict_at(LEVEL_NOTICE, RULE_SPLIT)
                                               : verdict_ok();
    if (!store_num(st, row, UP, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_NONE);
    return out ? verdict_at(LEVEL_NOTICE, RULE_OUT) : verdict_at(LEVEL_WARNING, RULE_DOWN);
}

static void say_others(struct span others, struct strbuf *out)
{
    struct span one;
    while (others.len && span_split(&others, LIST_SEPARATOR, &one))
        strbuf_addf(out, "; %.*s", SPAN_ARG(one));
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
    if ((v->rule == RULE_NONE || v->rule == RULE_DOWN) && check.len)
        strbuf_addf(out, ": check %.*s", SPAN_ARG(check));
    say_others(store_text(st, row, OTHERS), out);
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

/* One that is not checked is used as if it were. */
static bool is_up(const struct haproxy_server *s)
{
    return span_starts(s->status, "UP") || span_is(s->status, "no check");
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

static const struct haproxy_server *find(const struct haproxy_answer *a,
                                         const struct haproxy_server *like)
{
    for (size_t i = 0; i < a->count; i++)
        if (span_eq(a->servers[i].name, like->name) && span_eq(a->servers[i].proxy, like->proxy))
            return &a->servers[i];
    return NULL;
}

/* "DOWN at mysql-haproxy-1" of each to whom it is not up as it is here, or the other way round. */
static void put_others(const struct haproxy_view *all, size_t count, size_t which,
                       const struct haproxy_server *s, struct row_writer *w)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct haproxy_server *other = i == which ? NULL : find(all[i].answer, s);
        if (other && is_up(other) != is_up(s))
            strbuf_addf(&list, "%s%.*s at %.*s", list.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                        SPAN_ARG(other->status), SPAN_ARG(all[i].pod));
    }
    put_text(w, OTHERS, strbuf_span(&list));
    strbuf_clear(&list);
}

bool haproxy_put(const struct haproxy_view *all, size_t count, size_t which, int64_t now_ms,
                 struct row_writer *w)
{
    const struct haproxy_answer *a = all[which].answer;
    const struct span pod = all[which].pod;
    char key[KEY_BYTES];
    for (size_t i = 0; i < a->count; i++) {
        const struct haproxy_server *s = &a->servers[i];
        int64_t up = 0, servers = 0;
        for (size_t k = 0; k < a->count; k++) {
            bool same = span_eq(a->servers[k].proxy, s->proxy);
            servers += same;
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
        put_others(all, count, which, s, w);
        row_num(w, UP, up);
        row_num(w, ALL, servers);
        if (s->changed_s >= 0) /* to some seconds, or it would change each time */
            row_num(w, SINCE, (now_ms / 1000 - s->changed_s) / 10 * 10000);
        row_link(w, LINK_OWNER, 0, "mysql", s->name);
        if (!row_end(w))
            return false;
    }
    return true;
}
