/* kill-query, kill-connection: what somebody is at on a MySQL server, ended. Numbers of connections
 * are used again, and who has one goes on to the next statement: what is killed is looked at once
 * more right before. */
#include <config.h>

#include "actions/channel.h"
#include "actions/mysql_names.h"
#include "base/number.h"
#include "base/timetext.h"
#include "net/mysql_text.h"
#include "net/plain.h"

#include <string.h>

#define SHOWN_MAX 100 /* of a statement, in a title */

static const struct field fields[] = {
    {"id", FIELD_TEXT, NULL, NULL, "the connection's number", "id"},
    {"node", FIELD_TEXT, NULL, "", "the server; numbers are each server's own", "node"},
    MYSQL_CLUSTER_FIELD,
    {"user", FIELD_TEXT, NULL, "", "whose it must be; left out: anybody's", "user"},
    {"time", FIELD_TEXT, NULL, "",
     "how long it must have been at that at least, such as 90s: a connection that has gone on since "
     "is left alone",
     "time"},
    {NULL},
};

struct kill {
    const char *at;
    int64_t id;
    bool query; /* the statement alone */
    struct deed look;
    const char *who; /* "12 of kimai from 10.20.1.5:53412" */
};

/* ---- The process. */

static struct deed look_at(struct plan *p, const char *at, int64_t id)
{
    return mysql_statement(
        at,
        plan_text(p,
                  "SELECT USER AS user, HOST AS host, COMMAND AS command, TIME AS time, STATE AS "
                  "state, LEFT(INFO, 2048) AS info, ID = CONNECTION_ID() AS own FROM "
                  "information_schema.PROCESSLIST WHERE ID = %lld",
                  (long long)id));
}

static const struct json_node *first_row(const struct json_node *root)
{
    return json_node_first(json_node_get(root, "rows"));
}

/* What tells it from another of the same number. */
static const char *former_of(struct plan *p, const struct json_node *row)
{
    return plan_text(p, "%lld\n%s\n%s\n%s", (long long)mysql_number(row, "time", 0),
                     mysql_cell(row, "user"), mysql_cell(row, "host"), mysql_cell(row, "info"));
}

static bool is_same(const struct json_node *row, const char *former)
{
    struct span rest = span_from(former), time, user, host;
    int64_t before = 0;
    (void)span_split(&rest, '\n', &time);
    (void)span_split(&rest, '\n', &user);
    (void)span_split(&rest, '\n', &host);
    return number_parse(time, 0, INT64_MAX, &before) && span_is(user, mysql_cell(row, "user")) &&
           span_is(host, mysql_cell(row, "host")) && span_is(rest, mysql_cell(row, "info")) &&
           mysql_number(row, "time", 0) >= before;
}

static bool is_command(const struct json_node *row, const char *command)
{
    return strcmp(mysql_cell(row, "command"), command) == 0;
}

/* ---- Looking. */

static enum awaiting await_same(BN_UNUSED struct target *t, const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    const struct json_node *row = first_row(object);
    if (row && is_same(row, step->former))
        return AWAIT_DONE;
    strbuf_adds(says, row ? "it is another by now, or at another statement: nothing was killed"
                          : "it has ended by itself: nothing was killed");
    return AWAIT_FAILED;
}

static void say_state(const struct json_node *row, struct strbuf *says)
{
    strbuf_addf(says, "%s: ", mysql_cell(row, "command"));
    plain_add(says, span_from(mysql_cell(row, "state")), SHOWN_MAX);
}

static enum awaiting await_query(BN_UNUSED struct target *t, const struct step *step,
                                 const struct json_node *object, struct strbuf *says)
{
    const struct json_node *row = first_row(object);
    if (!row || is_command(row, "Sleep") || !is_same(row, step->former))
        return AWAIT_DONE;
    say_state(row, says);
    return AWAIT_MORE;
}

static enum awaiting await_connection(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                      const struct json_node *object, struct strbuf *says)
{
    const struct json_node *row = first_row(object);
    if (!row)
        return AWAIT_DONE;
    say_state(row, says);
    return AWAIT_MORE;
}

/* ---- What may be killed. */

/* [dev.mysql.com/doc/refman/8.0/en/thread-commands.html; mariadb.com/kb/en/thread-command-values] */
static const char *system_thread(const struct json_node *row)
{
    static const char *const commands[] = {"Daemon", "Binlog Dump", "Slave_", "Replica_",
                                           "Group Replication"};
    const char *user = mysql_cell(row, "user");
    if (mysql_number(row, "own", 0))
        return "it is this program's own";
    if (!user[0] || strcmp(user, "system user") == 0)
        return "it is a thread of the server's: replication, or Galera's applier";
    if (strcmp(user, "event_scheduler") == 0)
        return "it is the event scheduler";
    for (size_t i = 0; i < BN_COUNT(commands); i++)
        if (span_starts(span_from(mysql_cell(row, "command")), commands[i]))
            return "a replica, or the server itself, lives by it";
    return NULL;
}

static bool check_said(const struct answers *in, const struct json_node *row, const struct kill *k,
                       struct err *err)
{
    const char *user = answers_get(in, "user"), *time = answers_get(in, "time");
    int64_t wanted = 0, is = mysql_number(row, "time", 0) * 1000;
    const char *why = system_thread(row);
    if (why)
        return err_set(err, ERR_DENIED, "process %lld on %s is not killed: %s", (long long)k->id,
                       k->at, why);
    if (user[0] && strcmp(user, mysql_cell(row, "user")) != 0)
        return err_set(err, ERR_CONFLICT,
                       "process %lld on %s is not %s's any more: the number was used again",
                       (long long)k->id, k->at, user);
    if (time[0] && !duration_parse(span_from(time), &wanted))
        return err_set(err, ERR_CONFIG, "--time: it takes a time such as 90s or 5m");
    if (time[0] && is < wanted)
        return err_set(err, ERR_CONFLICT,
                       "process %lld on %s has been at that for %llds only: it is another, or at "
                       "another statement",
                       (long long)k->id, k->at, (long long)(is / 1000));
    return true;
}

/* ---- What it costs. */

static void warn_transaction(struct target *t, struct plan *p, const struct kill *k)
{
    struct json_doc *doc;
    const struct json_node *row;
    struct err err;
    if (!mysql_rows(t, k->at,
                    plan_text(p,
                              "SELECT trx_rows_modified AS changed, TIMESTAMPDIFF(SECOND, "
                              "trx_started, NOW()) AS age FROM information_schema.INNODB_TRX WHERE "
                              "trx_mysql_thread_id = %lld",
                              (long long)k->id),
                    &doc, &row, &err)) {
        plan_warn(p, plan_text(p, "whether it has a transaction open is not known: %s", err.msg));
        return;
    }
    if (row) {
        char age[TIMETEXT_MAX];
        long long changed = (long long)mysql_number(row, "changed", 0);
        duration_format(mysql_number(row, "age", 0) * 1000, age);
        plan_warn(
            p,
            k->query
                ? plan_text(p,
                            "a transaction is open since %s, with %lld rows changed: what this "
                            "statement changed is rolled back, the rest stays open until the "
                            "client ends it",
                            age, changed)
                : plan_text(p,
                            "a transaction is open since %s: the %lld rows that it has changed are "
                            "rolled back, which takes about as long as changing them did",
                            age, changed));
    }
    json_doc_free(doc);
}

/* ---- The plan. */

static void add_steps(struct target *t, struct plan *p, const struct kill *k,
                      const struct json_node *row, bool again)
{
    char shown[SHOWN_MAX + 8];
    const char *info = mysql_cell(row, "info"), *former = former_of(p, row), *how;
    bool killed = again && is_command(row, "Killed"); /* as both families say while it rolls back */
    (void)plain_text(sql_may_show(span_from(info)) ? span_from(info) : SPAN(SQL_NOT_SHOWN), shown,
                     sizeof(shown));
    if (!killed) {
        struct step *s = plan_step(p, '=',
                                   plan_text(p, "See that %s is still at what it was: %s", k->who,
                                             shown[0] ? shown : "nothing"));
        s->look = k->look;
        s->await = await_same;
        s->former = former;
    }
    struct step *s =
        plan_step(p, killed ? '=' : '-',
                  plan_text(p, "Kill the %s of %s", k->query ? "query" : "connection", k->who));
    s->look = k->look;
    s->await = k->query ? await_query : await_connection;
    s->await_s = 120;
    s->former = former;
    s->undo_title = "none: what it was at is rolled back";
    if (!killed)
        s->deed =
            mysql_statement(k->at, plan_text(p, "KILL %s %lld", k->query ? "QUERY" : "CONNECTION",
                                             (long long)k->id));
    if (mysql_is_system_user(mysql_cell(row, "user"), &how) && !killed)
        plan_warn(p, plan_text(p, "%s is a system user: %s", mysql_cell(row, "user"), how));
    warn_transaction(t, p, k);
}

static bool add(struct target *t, const struct answers *in, struct plan *p, struct kill *k,
                const struct json_node *row, struct err *err)
{
    bool over = !row || (k->query && is_command(row, "Sleep"));
    if (!row && !in->again)
        return err_set(err, ERR_NOTFOUND, "there is no process %lld on %s: it has ended",
                       (long long)k->id, k->at);
    if (row && !over && !check_said(in, row, k, err))
        return in->again && err->kind == ERR_CONFLICT &&
               plan_step(
                   p, '=',
                   plan_text(p, "Process %lld on %s is another by now", (long long)k->id, k->at));
    if (over)
        (void)plan_step(p, '=',
                        plan_text(p, "Process %lld on %s is %s", (long long)k->id, k->at,
                                  row ? "idle: there is no query to kill" : "gone"));
    else
        add_steps(t, p, k, row, in->again);
    return true;
}

static bool needs_node(struct target *t, const char *at, struct err *err)
{
    const struct site *s = strchr(at, '@') ? NULL : target_site(t, MYSQL_SYSTEM, at, err);
    const char *reach = s ? site_setting(s, "reach") : NULL;
    return reach && strchr(reach, '*');
}

/* Where the cluster has no such node, *err says which it has; else it stays what it is. */
static void explain_node(struct target *t, struct plan *p, const struct answers *in,
                         struct err *err)
{
    static const struct kube_resource pods = {"", "v1", "pods"};
    const char *node = answers_get(in, "node");
    struct err ignored;
    struct json_doc *doc;
    const struct json_node *pod;
    const struct site *s = target_site(t, MYSQL_SYSTEM, answers_get(in, "cluster"), &ignored);
    const char *owner = s ? site_setting(s, "owner") : NULL, *all = "";
    const char *slash = owner ? strchr(owner, '/') : NULL;
    bool there = !node[0] || !slash;
    if (there || !target_list(t, &pods, plan_text(p, "%.*s", (int)(slash - owner), owner),
                              plan_text(p,
                                        "app.kubernetes.io/instance=%s,"
                                        "app.kubernetes.io/component=pxc",
                                        slash + 1),
                              &doc, &pod, &ignored))
        return;
    for (; pod; pod = json_node_next(pod)) {
        const char *name = json_node_path_text(pod, "metadata.name", "");
        there = there || strcmp(name, node) == 0;
        all = plan_text(p, "%s%s%s", all, all[0] ? ", " : "", name);
    }
    json_doc_free(doc);
    if (!there && all[0])
        (void)err_set(err, ERR_NOTFOUND, "--node: %s has no %s; it has %s", s->name, node, all);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kill k = {.query = strcmp(in->action->name, "kill-query") == 0};
    struct json_doc *doc = NULL;
    if (!number_parse(span_from(answers_get(in, "id")), 1, INT64_MAX, &k.id))
        return err_set(err, ERR_CONFIG, "--id: it takes a connection's number");
    k.at = mysql_at(t, p, answers_get(in, "cluster"), answers_get(in, "node"), err);
    if (!k.at)
        return false;
    if (needs_node(t, k.at, err))
        return err_set(err, ERR_CONFIG, "--node: which server of %s? Each has numbers of its own",
                       k.at);
    k.look = look_at(p, k.at, k.id);
    if (!target_do(t, &k.look, false, &doc, err)) {
        explain_node(t, p, in, err);
        return false;
    }
    const struct json_node *row = first_row(json_doc_root(doc));
    k.who = plan_text(p, "process %lld on %s (%s from %s)", (long long)k.id, k.at,
                      mysql_cell(row, "user"), mysql_cell(row, "host"));
    bool ok = add(t, in, p, &k, row, err);
    json_doc_free_wiped(doc);
    return ok;
}

const struct action action_kill_query = {
    .name = "kill-query",
    .title = "Kill a query",
    .help = "end the statement that a connection to MySQL is at; the connection stays",
    .risk = RISK_CHANGE,
    .kind = "mysql-process",
    .fields = fields,
    .plan = plan,
};

const struct action action_kill_connection = {
    .name = "kill-connection",
    .title = "Kill a connection",
    .help = "end a connection to MySQL; what its transaction has changed is rolled back",
    .risk = RISK_CHANGE,
    .kind = "mysql-process",
    .fields = fields,
    .plan = plan,
};
