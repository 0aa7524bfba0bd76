/* Deeds by SQL: a statement each, as the site's admin or, where a deed says so, as somebody else. A
 * cluster's statements go to the node that takes writes, or to the one that stands behind '@'. */
#include <config.h>

#include "actions/mysql_names.h"
#include "actions/mysql_rights.h"
#include "actions/target_impl.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "base/number.h"
#include "net/mysql_way.h"
#include "net/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 60000
#define ROWS_MAX    10000
#define ANSWER_MAX  ((size_t)8 << 20)
#define TEXT_BYTES  2048
#define PARSE_ERROR 1064 /* whose words repeat a part of the statement */
/* So that a backslash escapes and "..." is a text, whatever the server's own mode is. */
/* MySQL has sizes and times of tables as they were up to a day ago, unless it is told otherwise; MariaDB
 * takes a comment of these versions for one. */
#define MODE                                                               \
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' " \
    "/*!80003 , SESSION information_schema_stats_expiry = 0 */"

/* ---- Sites: clusters of the Percona operator, whose root's password is in the Secret that the
 * custom resource names [integrations: Secrets, services, ports]. */

static const struct kube_resource clusters = {"pxc.percona.com", "v1", "perconaxtradbclusters"};

static void add_cluster(const struct json_node *item, struct sites *out)
{
    const char *ns = json_node_path_text(item, "metadata.namespace", ""),
               *name = json_node_path_text(item, "metadata.name", ""),
               *secret = json_node_path_text(item, "spec.secretsName", "");
    bool haproxy = json_node_true(json_node_path(item, "spec.haproxy.enabled"));
    char site[TEXT_BYTES], reach[TEXT_BYTES], primary[TEXT_BYTES], password[TEXT_BYTES],
        owner[TEXT_BYTES];
    (void)snprintf(site, sizeof(site), "%s/%s", ns, name);
    (void)snprintf(owner, sizeof(owner), "owner=%s/%s", ns, name);
    (void)snprintf(reach, sizeof(reach), "reach=tls-pod:%s/*:3306", ns);
    (void)snprintf(primary, sizeof(primary), "primary=tls-service:%s/%s-%s:3306", ns, name,
                   haproxy ? "haproxy" : "proxysql");
    (void)snprintf(password, sizeof(password), "admin_password=secret:%s/%s%s/root", ns,
                   secret[0] ? secret : name, secret[0] ? "" : "-secrets");
    const char *const settings[] = {reach, primary,         password, "admin=root",
                                    owner, "insecure=true", NULL};
    sites_add(out, "mysql", site, settings);
}

static bool find(struct target *t, struct sites *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *cluster;
    bool ok = target_list(t, &clusters, NULL, NULL, &doc, &cluster, err);
    for (; cluster; cluster = json_node_next(cluster))
        add_cluster(cluster, out);
    json_doc_free(doc);
    return ok;
}

/* ---- Connections. */

static bool is_guarded(const struct deed *d)
{
    return strcmp(d->method, SQL_IF_EMPTY) == 0;
}

static void close_sql(void *what)
{
    sql_close(what);
}

static bool read_password(struct target *t, const struct deed *d, const struct site *s,
                          struct strbuf *out, struct err *err)
{
    return d->as ? secrets_get(t, d->with, out, err)
                 : target_site_secret(t, s, "admin_password", out, err);
}

static struct sql *log_in(struct target *t, const struct deed *d, const struct site *s,
                          const struct sql_way *way, struct err *err)
{
    struct strbuf password = STRBUF_INIT(RECIPE_VALUE_MAX);
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, t->cancel_fd);
    const struct reach_options ro = {.name = s->name, .cluster = &t->cluster};
    const char *admin = site_setting(s, "admin");
    const struct sql_options o = {.name = s->name,
                                  .database = is_guarded(d) ? NULL : d->path,
                                  .user = d->as   ? d->as
                                          : admin ? admin
                                                  : "root",
                                  .ca_file = site_setting(s, "ca"),
                                  .tls_name = way->tls_name,
                                  .tls = way->tls,
                                  .cancel_fd = t->cancel_fd,
                                  .deadline_ms = DEADLINE_MS};
    struct sql *sql = NULL;
    if (read_password(t, d, s, &password, err)) {
        struct sql_options with = o;
        with.password = strbuf_cstr(&password);
        struct stream *stream = reach_stream(way->reach, &ro, &wait, NULL, err);
        sql = stream ? sql_open(stream, &with, err) : NULL;
    }
    strbuf_wipe(&password);
    if (sql && !sql_ask(sql, MODE, 0, NULL, NULL, err)) {
        sql_close(sql);
        sql = NULL;
    }
    return sql;
}

static struct sql *connect_to(struct target *t, const struct deed *d, struct err *err)
{
    struct span node;
    const struct site *s = target_at(t, d, &node, err);
    const char *primary = s ? site_setting(s, "primary") : NULL;
    const char *nodes = s ? site_setting(s, "nodes") : NULL;
    struct sql_way way;
    if (!s)
        return NULL;
    if (!node.len && !primary && nodes)
        node = span_sub(span_from(nodes), 0, strcspn(nodes, ","));
    const char *reach = !node.len && primary ? primary : site_setting(s, "reach");
    if (!reach) {
        (void)err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", s->name);
        return NULL;
    }
    if (!sql_way_parse(&way, reach, node, site_setting(s, "tls_name"),
                       site_setting_true(s, "insecure"), err))
        return NULL;
    struct sql *sql = log_in(t, d, s, &way, err);
    sql_way_clear(&way);
    return sql;
}

/* ---- Asking. */

struct rows {
    struct json_out j;
    size_t count;
};

static bool on_row(void *context, const struct sql_row *row)
{
    struct rows *r = context;
    json_object(&r->j);
    for (size_t i = 0; i < row->count; i++) {
        json_key(&r->j, row->names[i]);
        if (row->cells[i].data)
            json_text(&r->j, row->cells[i]);
        else
            json_null(&r->j);
    }
    json_object_end(&r->j);
    r->count++;
    return true;
}

/* {"rows":[{"column":"text", ...}, ...]} */
static bool ask(struct sql *sql, const char *statement, struct json_doc **answer, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ANSWER_MAX);
    struct rows r = {0};
    json_out_init(&r.j, &text, 0);
    json_object(&r.j);
    json_key(&r.j, "rows");
    json_array(&r.j);
    bool ok = sql_ask(sql, statement, ROWS_MAX, on_row, &r, err);
    json_array_end(&r.j);
    json_object_end(&r.j);
    if (ok && answer)
        ok = (*answer = json_doc_parse(strbuf_span(&text), "the server's answer", err)) != NULL;
    strbuf_wipe(&text);
    return ok;
}

static bool is_over(const struct err *err)
{
    return err->kind == ERR_IO || err->kind == ERR_TIMEOUT || err->kind == ERR_CANCELLED ||
           err->kind == ERR_PROTO;
}

/* The first thing that a database has, or a number of things. */
static bool is_empty(struct sql *sql, const char *database, struct err *err)
{
    static const char *const places[][3] = {
        {"TABLES", "TABLE_SCHEMA", "tables and views"},
        {"ROUTINES", "ROUTINE_SCHEMA", "routines"},
        {"EVENTS", "EVENT_SCHEMA", "events"},
    };
    bool empty = true;
    for (size_t i = 0; empty && i < BN_COUNT(places); i++) {
        struct strbuf question = STRBUF_INIT(TEXT_BYTES);
        struct json_doc *answer = NULL;
        int64_t count = 0;
        strbuf_addf(&question,
                    "SELECT COUNT(*) AS n FROM information_schema.%s WHERE %s = ", places[i][0],
                    places[i][1]);
        sql_string(&question, span_from(database));
        empty = ask(sql, strbuf_cstr(&question), &answer, err);
        const struct json_node *row = json_node_first(json_node_get(json_doc_root(answer), "rows"));
        if (empty &&
            (!number_parse(span_from(mysql_cell(row, "n")), 0, INT64_MAX, &count) || count))
            empty = err_set(err, ERR_CONFLICT, "database %s has %lld %s: it is left as it is",
                            database, (long long)count, places[i][2]);
        json_doc_free(answer);
        strbuf_clear(&question);
    }
    return empty;
}

/* Who logs in as somebody else does so each time: that is what is tried. The server rehearses
 * nothing; what it is asked is rehearsed by asking. */
static bool mysql_send(struct target *t, const struct deed *d, const char *body, bool dry,
                       struct json_doc **answer, struct err *err)
{
    char key[TEXT_BYTES];
    if (dry)
        return true;
    (void)snprintf(key, sizeof(key), "mysql %s", d->at);
    struct sql *sql = d->as ? NULL : target_link(t, key);
    if (!sql)
        sql = connect_to(t, d, err);
    if (!sql)
        return false;
    if (!d->as && !target_link(t, key))
        target_keep(t, key, sql, close_sql);
    bool ok = (!is_guarded(d) || is_empty(sql, d->path, err)) && ask(sql, body, answer, err);
    if (!ok && d->secrets && err->code == PARSE_ERROR)
        (void)err_set(err, ERR_NOTFOUND, "%s: the server does not know this statement", d->at);
    if (d->as)
        sql_close(sql);
    else if (!ok && is_over(err))
        target_drop(t, key);
    return ok;
}

/* ---- Rights. */

static void close_grants(void *what)
{
    mysql_grants_clear(what);
    free(what);
}

/* Of who the deeds are sent as, asked once. NULL: *err. */
static const struct mysql_grants *own_grants(struct target *t, const struct deed *d,
                                             struct err *err)
{
    char key[TEXT_BYTES];
    (void)snprintf(key, sizeof(key), "grants %s", d->at);
    struct mysql_grants *g = target_link(t, key);
    if (g)
        return g;
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, d->at, "SHOW GRANTS", &doc, &row, err))
        return NULL;
    g = xalloc_zero(1, sizeof(*g));
    for (; row; row = json_node_next(row)) {
        const char *text = json_node_text(json_node_first(row));
        (void)mysql_parse_grant(g, span_from(text));
    }
    json_doc_free_wiped(doc); /* MariaDB's have the password's hash */
    target_keep(t, key, g, close_grants);
    return g;
}

/* Who logs in as somebody else tries it. */
static bool mysql_allowed(struct target *t, const struct deed *d, struct err *err)
{
    struct err why;
    if (d->as)
        return true;
    const struct mysql_grants *own = own_grants(t, d, &why);
    if (!own)
        return err_code(err, why.kind, why.code, "what this user may do: %s", why.msg);
    return mysql_may(own, d->body, err);
}

/* ---- By hand. */

static void mysql_shell(const struct deed *d, const struct target *t, struct strbuf *out)
{
    const char *admin = target_known_setting(t, d, "admin");
    deed_pipe(out, d, span_from(d->body));
    if (d->as)
        strbuf_addf(out, "MYSQL_PWD=\"${%s:?}\" ", d->with);
    strbuf_adds(out, "mysql ");
    deed_host(out, d, "-P", "3306");
    strbuf_addf(out, " --default-character-set=utf8mb4%s -u ", d->as ? "" : " ${MYSQL_ASK--p}");
    deed_quote(out, span_from(d->as ? d->as : admin ? admin : "root"));
    if (strcmp(d->method, SQL_IF_EMPTY) != 0 && d->path[0]) {
        strbuf_addc(out, ' ');
        deed_quote(out, span_from(d->path));
    }
}

const struct channel channel_mysql = {
    .system = "mysql",
    .find = find,
    .send = mysql_send,
    .allowed = mysql_allowed,
    .shell = mysql_shell,
    .form = SECRETS_SQL,
};
