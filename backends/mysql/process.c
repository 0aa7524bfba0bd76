/* What the servers are at: their process lists, and documents about a node. */
#include <config.h>

#include "backends/mysql/mysql.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "base/timetext.h"
#include "model/store.h"
#include "net/mysql_text.h"
#include "net/plain.h"

#include <stdio.h>

#define ROWS_MAX  2000 /* of a node */
#define QUERY_MAX 1024
#define LONG_MS   ((int64_t)60 * 1000)
#define KEY_BYTES 512

enum { ID, NODE, USER, HOST, DB, COMMAND, TIME, STATE, QUERY };

static const struct column columns[] = {
    [ID] = {"id", "ID", "The connection's number.", VALUE_COUNT, 8, 0, COLUMN_RIGHT | COLUMN_IDENT,
            NULL, NULL},
    [NODE] = {"node", "NODE", "The server.", VALUE_TEXT, 16, 20, COLUMN_IDENT, NULL, NULL},
    [USER] = {"user", "USER", "Whose it is.", VALUE_TEXT, 12, 10, 0, NULL, NULL},
    [HOST] = {"host", "HOST", "Where it comes from; through a proxy, the proxy.", VALUE_TEXT, 20,
              40, 0, NULL, NULL},
    [DB] = {"db", "DB", "Its present database.", VALUE_TEXT, 12, 30, 0, NULL, NULL},
    [COMMAND] = {"command", "COMMAND", "Query, Sleep, Daemon and so on.", VALUE_TEXT, 8, 25, 0,
                 NULL, NULL},
    [TIME] = {"time", "TIME", "How long it has been at that.", VALUE_DURATION, 6, 0, COLUMN_RIGHT,
              NULL, NULL},
    [STATE] = {"state", "STATE", "What it waits for.", VALUE_TEXT, 20, 35, 0, NULL, NULL},
    [QUERY] = {"query", "QUERY", "Its statement, the beginning of it.", VALUE_TEXT, 60, 15, 0, NULL,
               NULL},
};

enum { RULE_LONG, RULE_LOCK };

static const struct rule rules[] = {
    [RULE_LONG] = {"mysql-process-long", "A statement has run for a minute: notice."},
    [RULE_LOCK] = {"mysql-process-lock",
                   "A statement has waited for a lock for a minute: warning."},
};

static bool waits_for_lock(struct span state)
{
    return span_search(state, SPAN("lock"), true) < state.len;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span command = store_text(st, row, COMMAND);
    bool works = span_is(command, "Query") || span_is(command, "Execute");
    (void)now_ms;
    if (!works)
        return verdict_off();
    if (store_num(st, row, TIME, 0) < LONG_MS)
        return verdict_ok();
    return waits_for_lock(store_text(st, row, STATE)) ? verdict_at(LEVEL_WARNING, RULE_LOCK)
                                                      : verdict_at(LEVEL_NOTICE, RULE_LONG);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char text[TIMETEXT_MAX];
    struct span state = store_text(st, row, STATE);
    (void)now_ms;
    duration_format_short(store_num(st, row, TIME, 0), text);
    strbuf_addf(out, v->rule == RULE_LOCK ? "waits for a lock for %s" : "runs for %s", text);
    if (state.len)
        strbuf_addf(out, ": %.*s", SPAN_ARG(state));
}

const struct kind kind_mysql_process = {
    .name = "mysql-process",
    .plural = "mysql-processes",
    .aliases = "processlist",
    .title = "MySQL processes",
    .help = "Connections to the MySQL servers, and what each is at.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,time desc",
};

/* ---- Asking. */

struct list {
    struct row_writer *w;
    const struct mysql_node *node;
};

static void put(struct row_writer *w, size_t column, struct span text)
{
    if (text.len)
        row_text(w, column, span_sub(text, 0, QUERY_MAX));
}

static bool take(void *context, const struct sql_row *row)
{
    struct list *l = context;
    struct span query = sql_cell(row, "Info");
    char key[KEY_BYTES];
    int64_t id, time;
    if (!number_parse(sql_cell(row, "Id"), 0, INT64_MAX, &id))
        return true;
    (void)snprintf(key, sizeof(key), "%s/%lld", l->node->name, (long long)id);
    row_begin(l->w, span_from(key));
    row_num(l->w, ID, id);
    row_text(l->w, NODE, span_from(l->node->name));
    put(l->w, USER, sql_cell(row, "User"));
    put(l->w, HOST, sql_cell(row, "Host"));
    put(l->w, DB, sql_cell(row, "db"));
    put(l->w, COMMAND, sql_cell(row, "Command"));
    if (number_parse(sql_cell(row, "Time"), 0, INT32_MAX, &time))
        row_num(l->w, TIME, time * 1000);
    put(l->w, STATE, sql_cell(row, "State"));
    put(l->w, QUERY, sql_may_show(query) ? query : SPAN(SQL_NOT_SHOWN));
    row_link(l->w, LINK_OWNER, 0, "mysql", span_from(l->node->name));
    return row_end(l->w);
}

bool mysql_ask_processes(void *self, struct poll *p, struct err *err)
{
    struct mysql *m = self;
    size_t answered = 0, hidden = 0;
    for (size_t i = 0; i < m->count && !ctx_stopping(m->ctx); i++) {
        struct list l = {poll_rows(p, &kind_mysql_process), &m->nodes[i]};
        if (!mysql_connect(m, &m->nodes[i]))
            *err = m->nodes[i].err;
        else if (mysql_ask(m, &m->nodes[i], "SHOW FULL PROCESSLIST", ROWS_MAX, take, &l, err)) {
            answered++;
            hidden += !m->nodes[i].trx.known && !mysql_sees_others(m, &m->nodes[i]);
        }
    }
    if (answered && hidden)
        poll_note(p, &kind_mysql_process,
                  "%zu of %zu servers show their own connection alone: PROCESS is not granted",
                  hidden, m->count);
    else if (answered && answered < m->count)
        poll_note(p, &kind_mysql_process, "%zu of %zu servers do not answer", m->count - answered,
                  m->count);
    return answered > 0;
}

/* ---- Documents. */

static struct mysql_node *find(struct mysql *m, struct span name)
{
    for (size_t i = 0; i < m->count; i++)
        if (span_is(name, m->nodes[i].name))
            return &m->nodes[i];
    return NULL;
}

/* "name: value" lines of all columns of a row. */
static bool take_columns(void *context, const struct sql_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].len)
            strbuf_addf(context, "%s: %.*s\n", row->names[i], SPAN_ARG(row->cells[i]));
    return true;
}

static bool take_pair(void *context, const struct sql_row *row)
{
    if (row->count >= 2 && row->cells[1].len)
        strbuf_addf(context, "%.*s: %.*s\n", SPAN_ARG(row->cells[0]), SPAN_ARG(row->cells[1]));
    return true;
}

/* Type, Name, Status: the last is a text of pages, with statements on lines of their own. */
static bool take_status(void *context, const struct sql_row *row)
{
    struct span rest = row->count >= 3 ? row->cells[2] : SPAN(""), line;
    while (span_split(&rest, '\n', &line)) {
        strbuf_add(context, sql_may_show(line) ? line : SPAN(SQL_NOT_SHOWN));
        strbuf_addc(context, '\n');
    }
    return true;
}

bool mysql_document(void *self, const struct request *r, struct strbuf *out, struct err *err)
{
    static const struct {
        const char *title, *statement;
        sql_row_fn *take;
    } parts[] = {
        {"Galera", "SHOW GLOBAL STATUS LIKE 'wsrep%'", take_pair},
        {"Settings of Galera", "SHOW GLOBAL VARIABLES LIKE 'wsrep%'", take_pair},
        {"Percona XtraDB Cluster", "SHOW GLOBAL VARIABLES LIKE 'pxc%'", take_pair},
        {"Replication", "SHOW REPLICA STATUS", take_columns},
        {"InnoDB", "SHOW ENGINE INNODB STATUS", take_status},
    };
    struct mysql *m = self;
    struct mysql_node *n = find(m, span_make(r->key, r->key_len));
    if (!n || r->kind != ctx_kind(m->ctx, &kind_mysql))
        return err_set(err, ERR_NOTFOUND, "there is no document of it");
    for (size_t i = 0; i < BN_COUNT(parts); i++) {
        size_t before = out->len;
        if (!mysql_connect(m, n)) {
            *err = n->err;
            return false;
        }
        strbuf_addf(out, "%s# %s\n", out->len ? "\n" : "", parts[i].title);
        size_t begin = out->len;
        if (!mysql_ask(m, n, parts[i].statement, ROWS_MAX, parts[i].take, out, err))
            strbuf_addf(out, "%s\n", err->msg);
        if (out->len == begin)
            strbuf_truncate(out, before);
    }
    return true;
}
