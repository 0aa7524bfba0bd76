/* What an HAProxy says of its servers: metrics, or CSV [mysql/haproxy]. */
#include <config.h>

#include "backends/haproxy/haproxy.h"
#include "base/number.h"
#include "net/metrics.h"

static struct haproxy_server *server_at(struct haproxy_answer *a, struct span proxy,
                                        struct span name)
{
    for (size_t i = a->count; i-- > 0;)
        if (span_eq(a->servers[i].name, name) && span_eq(a->servers[i].proxy, proxy))
            return &a->servers[i];
    if (a->count == HAPROXY_SERVERS_MAX)
        return NULL;
    struct haproxy_server *s = &a->servers[a->count++];
    *s = (struct haproxy_server){
        .proxy = proxy, .name = name, .sessions = -1, .failures = -1, .changed_s = -1};
    return s;
}

static int64_t whole(double value)
{
    return value >= 0 && value < 9e15 ? (int64_t)value : -1;
}

/* States come as a series each, of which one is 1. */
static void take_metric(struct haproxy_server *s, const struct metric *m)
{
    struct span name = span_sub(m->name, sizeof("haproxy_server_") - 1, m->name.len);
    if (span_is(name, "status") && m->value == 1)
        s->status = metric_label(m, "state");
    else if (span_is(name, "check_status") && m->value == 1)
        s->check = metric_label(m, "state");
    else if (span_is(name, "current_sessions"))
        s->sessions = whole(m->value);
    else if (span_is(name, "check_failures_total"))
        s->failures = whole(m->value);
    else if (span_is(name, "check_last_change_seconds"))
        s->changed_s = whole(m->value);
    else if (span_is(name, "active") && m->value == 1) /* from 3.0 on */
        s->role = SPAN("active");
    else if (span_is(name, "backup") && m->value == 1)
        s->role = SPAN("backup");
}

static void read_metrics(struct span body, struct haproxy_answer *a)
{
    struct metric m;
    while (metric_next(&body, &m)) {
        struct span proxy = metric_label(&m, "proxy"), server = metric_label(&m, "server");
        struct haproxy_server *s = span_starts(m.name, "haproxy_server_") && proxy.len && server.len
                                       ? server_at(a, proxy, server)
                                       : NULL;
        if (s)
            take_metric(s, &m);
    }
}

/* ---- CSV: "# pxname,svname,...". */

enum csv { PROXY, SERVER, SESSIONS, STATUS, ACTIVE, BACKUP, FAILURES, CHANGED, CHECK, CSV_COUNT };

static void take_head(struct span line, int place[CSV_COUNT])
{
    static const char *const names[CSV_COUNT] = {
        "# pxname", "svname", "scur", "status", "act", "bck", "chkfail", "lastchg", "check_status"};
    struct span cell;
    for (size_t i = 0; i < CSV_COUNT; i++)
        place[i] = -1;
    for (int n = 0; span_split(&line, ',', &cell); n++)
        for (size_t i = 0; i < CSV_COUNT; i++)
            if (span_is(cell, names[i]))
                place[i] = n;
}

static int64_t number(struct span text)
{
    int64_t n = -1;
    return number_parse(text, 0, INT64_MAX / 2, &n) ? n : -1;
}

static void take_line(struct span line, const int place[CSV_COUNT], struct haproxy_answer *a)
{
    struct span cells[CSV_COUNT] = {{"", 0}}, cell;
    for (int n = 0; span_split(&line, ',', &cell); n++)
        for (size_t i = 0; i < CSV_COUNT; i++)
            if (place[i] == n)
                cells[i] = cell;
    if (!cells[PROXY].len || span_is(cells[SERVER], "FRONTEND") ||
        span_is(cells[SERVER], "BACKEND"))
        return;
    struct haproxy_server *s = server_at(a, cells[PROXY], cells[SERVER]);
    if (!s)
        return;
    s->status = cells[STATUS];
    s->check = span_starts(cells[CHECK], "* ") ? span_sub(cells[CHECK], 2, cells[CHECK].len)
                                               : cells[CHECK]; /* one is under way */
    s->role = span_is(cells[ACTIVE], "1")   ? SPAN("active")
              : span_is(cells[BACKUP], "1") ? SPAN("backup")
                                            : SPAN("");
    s->sessions = number(cells[SESSIONS]);
    s->failures = number(cells[FAILURES]);
    s->changed_s = number(cells[CHANGED]);
}

bool haproxy_read(struct span body, struct haproxy_answer *a, struct err *err)
{
    struct span line;
    int place[CSV_COUNT];
    a->count = 0;
    if (span_starts(body, "# pxname,") && span_split(&body, '\n', &line)) {
        for (take_head(line, place); span_split(&body, '\n', &line);)
            take_line(line, place, a);
        return true;
    }
    read_metrics(body, a);
    return a->count || err_set(err, ERR_PROTO, "it says nothing of a server: is this an HAProxy?");
}
