/* The MySQL backend: its settings, its connections, its life. */
#include <config.h>

#include "backends/mysql/mysql.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS  5000
#define NODES_MS     5000
#define PROCESSES_MS 5000
#define CATALOG_MS   300000 /* sizes are added up over all tables */
#define LOGINS_MS    3600000
#define PAUSE_MS     2000
#define PAUSE_MOST   30000

static const struct kind *const kinds[] = {&kind_mysql,      &kind_mysql_process, &kind_mysql_db,
                                           &kind_mysql_user, &kind_secret_login,  NULL};
static const char *const needs[] = {"workload", "pxc", "externalsecret", "secret", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"nodes", NULL,
     "Names of the nodes of a cluster, separated by commas; each stands for the * in `reach`. "
     "Without them the source is a server that stands alone.",
     SETTING_TEXT},
    {"user", "monitor", "Who asks; PROCESS and REPLICATION CLIENT are what is needed.",
     SETTING_TEXT},
    {"password", NULL, "Where the user's password is: " RECIPE_FORMS ".", SETTING_SECRET},
    {"admin", "root", "Who makes databases and users, for actions.", SETTING_TEXT},
    {"admin_password", NULL, "Where the admin's password is: " RECIPE_FORMS ".", SETTING_SECRET},
    {"primary", NULL,
     "How the node is reached that takes writes (HAProxy), for actions; else `reach`, whichever "
     "node: " REACH_FORMS ".",
     SETTING_TEXT},
    {"compare", "false",
     "true: whether users and passwords that Secrets have are those of the server is tried, once an "
     "hour and when a Secret changes.",
     SETTING_TEXT},
    {"logins", NULL,
     "Such Secrets, where they do not name host, username and password as create-database writes "
     "them: USER=NAMESPACE/NAME/KEY, separated by commas.",
     SETTING_TEXT},
    {"owner", NULL, "The PerconaXtraDBCluster that it is: NAMESPACE/NAME.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
/* They belong to the system pxc, whose object the operator keeps. */
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* ---- Connections. */

static void count(struct mysql *m)
{
    uint64_t bytes = m->closed_bytes;
    for (size_t i = 0; i < m->count; i++)
        bytes += m->nodes[i].sql ? sql_bytes(m->nodes[i].sql) : 0;
    ctx_figures(m->ctx, m->asked, bytes);
}

static void disconnect(struct mysql *m, struct mysql_node *n)
{
    m->closed_bytes += n->sql ? sql_bytes(n->sql) : 0;
    sql_close(n->sql);
    n->sql = NULL;
}

/* A node that does not answer is not waited for each time. */
static void note_failure(struct mysql *m, struct mysql_node *n)
{
    disconnect(m, n);
    n->pause_ms = n->pause_ms ? 2 * n->pause_ms : PAUSE_MS;
    n->pause_ms = n->pause_ms < PAUSE_MOST ? n->pause_ms : PAUSE_MOST;
    n->retry_ms = clock_mono_ms(ctx_clock(m->ctx)) + n->pause_ms;
    if (n->down_ms == TIME_NONE)
        n->down_ms = clock_wall_ms(ctx_clock(m->ctx));
}

struct sql *mysql_log_in(const struct mysql *m, const struct mysql_node *n, struct stream *stream,
                         const char *user, const char *password, struct err *err)
{
    const struct sql_options o = {.name = n->name,
                                  .user = user,
                                  .password = password,
                                  .ca_file = ctx_setting(m->ctx, "ca"),
                                  .tls_name = n->way.tls_name,
                                  .tls = n->way.tls,
                                  .cancel_fd = ctx_stop_fd(m->ctx),
                                  .deadline_ms = DEADLINE_MS};
    return sql_open(stream, &o, err);
}

static struct sql *log_in(struct mysql *m, struct mysql_node *n, struct stream *stream)
{
    struct strbuf password = STRBUF_INIT(RECIPE_VALUE_MAX);
    struct sql *sql = NULL;
    if (access_secret(&m->access, "password", DEADLINE_MS, &password, &n->err))
        sql = mysql_log_in(m, n, stream, ctx_setting(m->ctx, "user"), strbuf_cstr(&password),
                           &n->err);
    else
        stream_close(stream);
    strbuf_wipe(&password);
    return sql;
}

/* A pod that runs no container is known to the kubelet alone, whose answer is a 500; without a way to
 * the API server nothing is known of the node. */
static bool is_refusal(const struct mysql_node *n, bool stream)
{
    bool cluster = reach_needs_cluster(n->way.reach);
    if (n->err.kind != ERR_IO && n->err.kind != ERR_TIMEOUT)
        return false;
    if (stream)
        return true;
    if (cluster)
        return n->err.code == 500;
    return n->err.kind == ERR_TIMEOUT || n->err.code == ECONNREFUSED;
}

struct sql *mysql_connect(struct mysql *m, struct mysql_node *n)
{
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, ctx_stop_fd(m->ctx));
    struct access access = m->access;
    if (n->sql || clock_mono_ms(ctx_clock(m->ctx)) < n->retry_ms)
        return n->sql;
    access.reach = n->way.reach;
    struct stream *stream = access_stream(&access, &wait, NULL, &n->err);
    bool reached = stream != NULL;
    n->sql = stream ? log_in(m, n, stream) : NULL;
    n->refused = !n->sql && is_refusal(n, reached);
    m->asked++;
    if (n->sql)
        n->pause_ms = 0;
    else
        note_failure(m, n);
    return n->sql;
}

bool mysql_ask(struct mysql *m, struct mysql_node *n, const char *statement, size_t max_rows,
               sql_row_fn *on_row, void *context, struct err *err)
{
    bool ok = sql_ask(n->sql, statement, max_rows, on_row, context, err);
    m->asked++;
    count(m);
    if (ok || err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND || err->kind == ERR_BUSY)
        return ok;
    n->err = *err;
    n->refused = is_refusal(n, true);
    note_failure(m, n);
    n->retry_ms = 0; /* it was there: once more at once */
    return false;
}

static bool is_synced(const struct mysql_node *n)
{
    return span_is(mysql_value(&n->values, V_wsrep_local_state_comment), "Synced");
}

bool mysql_all_refused(const struct mysql *m)
{
    size_t refused = 0;
    for (size_t i = 0; i < m->count; i++)
        refused += m->nodes[i].err.kind != ERR_NONE && m->nodes[i].refused;
    return refused == m->count;
}

struct mysql_node *mysql_any(struct mysql *m, struct err *err)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = m->count; i-- > 0;) /* the first is the writer of most */
            if (is_synced(&m->nodes[i]) == (pass == 0) && mysql_connect(m, &m->nodes[i]))
                return &m->nodes[i];
    *err = m->nodes[0].err;
    if (mysql_all_refused(m)) /* of this part: that the nodes are down is still to be told */
        (void)err_set(err, ERR_NOTFOUND, "none of the nodes answers: %s", m->nodes[0].err.msg);
    return NULL;
}

/* ---- Nodes of the settings. */

static bool add_node(struct mysql *m, struct span name, struct err *err)
{
    m->nodes = xalloc_resize(m->nodes, m->count + 1, sizeof(*m->nodes));
    struct mysql_node *n = &m->nodes[m->count++];
    *n = (struct mysql_node){.name = xalloc_bytes(name.data, name.len),
                             .down_ms = TIME_NONE,
                             .state_ms = TIME_NONE,
                             .conf_ms = TIME_NONE,
                             .started_ms = TIME_NONE,
                             .behind = -1,
                             .last_recv = -1,
                             .last_send = -1};
    mysql_values_init(&n->values);
    return sql_way_parse(&n->way, ctx_setting(m->ctx, "reach"), name,
                         ctx_setting(m->ctx, "tls_name"), ctx_setting_true(m->ctx, "insecure"),
                         err);
}

static void forget_nodes(struct mysql *m)
{
    for (size_t i = 0; i < m->count; i++) {
        mysql_values_free(&m->nodes[i].values);
        sql_way_clear(&m->nodes[i].way);
        free(m->nodes[i].name);
    }
    free(m->nodes);
    m->nodes = NULL;
    m->count = 0;
}

static bool add_nodes(struct mysql *m, struct err *err)
{
    const char *names = ctx_setting(m->ctx, "nodes");
    if (!ctx_setting(m->ctx, "reach"))
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(m->ctx));
    struct span rest = span_from(names ? names : ctx_name(m->ctx)), name;
    bool ok = true;
    while (ok && m->count < MYSQL_NODES_MAX && span_split(&rest, names ? ',' : '\n', &name))
        ok = add_node(m, span_trim(name), err);
    if (!ok)
        forget_nodes(m);
    return ok;
}

/* ---- Life. */

static void disconnect_all(struct mysql *m)
{
    for (size_t i = 0; i < m->count; i++)
        disconnect(m, &m->nodes[i]);
}

/* Secrets that may have logins have changed. */
static const struct kind *renewed(void *self)
{
    struct mysql *m = self;
    char *targets = ctx_take_targets(m->ctx);
    if (!targets)
        return NULL;
    const bool same = m->targets && strcmp(targets, m->targets) == 0;
    free(m->targets);
    m->targets = targets;
    m->renewed = m->renewed || !same;
    return same ? NULL : &kind_secret_login;
}

/* What is known of the nodes is kept over runs: rates, and since when they have been as they are. */
static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const nodes[] = {&kind_mysql, NULL},
                                    *const processes[] = {&kind_mysql_process, NULL},
                                    *const databases[] = {&kind_mysql_db, NULL},
                                    *const users[] = {&kind_mysql_user, NULL},
                                    *const logins[] = {&kind_secret_login, NULL};
    static const struct poll_part parts[] = {{nodes, NODES_MS, mysql_ask_nodes},
                                             {processes, PROCESSES_MS, mysql_ask_processes},
                                             {databases, CATALOG_MS, mysql_ask_databases},
                                             {users, CATALOG_MS, mysql_ask_users},
                                             {logins, LOGINS_MS, mysql_ask_logins},
                                             {NULL, 0, NULL}};
    const struct poll_options poll = {
        .ctx = ctx, .self = self, .parts = parts, .renewed = renewed, .document = mysql_document};
    struct mysql *m = self;
    m->ctx = ctx;
    if (!m->count && !add_nodes(m, err))
        return false;
    if (!access_open_to(&m->access, ctx, reach_text(m->nodes[0].way.reach), err))
        return false;
    for (size_t i = 0; i < m->count; i++)
        m->nodes[i].retry_ms = 0;
    bool ok = poll_run(&poll, err);
    disconnect_all(m);
    access_close(&m->access);
    return ok;
}

static void close_all(void *self)
{
    struct mysql *m = self;
    forget_nodes(m);
    mysql_forget_logins(m);
    free(m->targets);
}

const struct backend backend_mysql = {
    .name = "mysql",
    .summary = "MySQL, MariaDB, Galera clusters: each node, its processes, databases, users.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct mysql),
    .quiet_ms = 6 * NODES_MS,
    .needs = needs,
    .discover = mysql_discover,
    .run = run,
    .close = close_all,
};
