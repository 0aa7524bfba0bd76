/* Users, which all nodes of a cluster have in common: never what they log in with. One node is
 * asked. */
#include <config.h>

#include "backends/cells.h"
#include "backends/mysql/mysql.h"
#include "backends/verdict.h"
#include "base/alloc.h"
#include "model/store.h"
#include "net/mysql_text.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX  10000
#define KEY_BYTES 512

enum { USER_NAME, USER_HOST, USER_PLUGIN, USER_LOCKED, USER_EXPIRED, USER_DATABASES, USER_SIZE };

static const struct column user_columns[] = {
    [USER_NAME] = {"name", "NAME", "The user.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [USER_HOST] = {"host", "HOST", "Where they may come from.", VALUE_TEXT, 20, 0, COLUMN_IDENT,
                   NULL, NULL},
    [USER_PLUGIN] = {"plugin", "PLUGIN", "How they log in.", VALUE_TEXT, 24, 20, COLUMN_NOTABLE,
                     NULL, NULL},
    [USER_LOCKED] = {"locked", "LOCKED", "The account is locked.", VALUE_BOOL, 6, 10,
                     COLUMN_NOTABLE, NULL, NULL},
    [USER_EXPIRED] = {"expired", "EXPIRED", "The password has expired.", VALUE_BOOL, 7, 10,
                      COLUMN_NOTABLE, NULL, NULL},
    [USER_DATABASES] = {"databases", "DATABASES",
                        "Databases that they have rights on by name; who has them on all has none.",
                        VALUE_LIST, 24, 15, COLUMN_NOTABLE, NULL, NULL},
    [USER_SIZE] = {"bytes", "SIZE", "Data and indexes of those, as their engines estimate them.",
                   VALUE_BYTES, 8, 12, COLUMN_RIGHT, NULL, NULL},
};

static const struct rule user_rules[] = {
    {"mysql-user-expired", "Its password has expired: warning."},
};

static struct verdict judge_user(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    if (store_num(st, row, USER_LOCKED, 0))
        return verdict_off();
    return store_num(st, row, USER_EXPIRED, 0) ? verdict_at(LEVEL_WARNING, 0) : verdict_ok();
}

static void say_user(const struct store *st, struct handle row, const struct verdict *v,
                     int64_t now_ms, struct strbuf *out)
{
    (void)st, (void)row, (void)v, (void)now_ms;
    strbuf_adds(out, "the password has expired");
}

const struct kind kind_mysql_user = {
    .name = "mysql-user",
    .plural = "mysql-users",
    .aliases = "",
    .title = "MySQL users",
    .help =
        "Users of the MySQL servers: where from, how they log in, on which databases they have rights.",
    .columns = user_columns,
    .ncolumns = BN_COUNT(user_columns),
    .rules = user_rules,
    .nrules = BN_COUNT(user_rules),
    .judge = judge_user,
    .says = say_user,
    .sort = "level desc,name,host",
};

/* ---- What they have rights on, and how big that is. */

struct database {
    char *name; /* owned */
    int64_t bytes;
};

struct grant {
    char *user, *host, *pattern; /* owned */
};

struct rights {
    struct row_writer *rows;
    struct grant *grants; /* owned, as all here */
    size_t ngrants;
    struct database *databases;
    size_t ndatabases;
};

#define GRANTS "SELECT Db AS db, User AS name, Host AS host FROM mysql.db"
#define SIZES                                                                     \
    "SELECT TABLE_SCHEMA AS name, SUM(DATA_LENGTH + INDEX_LENGTH) AS bytes FROM " \
    "information_schema.TABLES GROUP BY 1"

static char *text_of(struct span text)
{
    return xalloc_bytes(text.data, text.len);
}

static bool take_grant(void *context, const struct sql_row *row)
{
    struct rights *r = context;
    r->grants = xalloc_resize(r->grants, r->ngrants + 1, sizeof(*r->grants));
    r->grants[r->ngrants++] =
        (struct grant){text_of(sql_cell(row, "name")), text_of(sql_cell(row, "host")),
                       text_of(sql_cell(row, "db"))};
    return true;
}

static bool take_size(void *context, const struct sql_row *row)
{
    struct rights *r = context;
    int64_t bytes = 0;
    (void)!number_parse(sql_cell(row, "bytes"), 0, INT64_MAX / 2, &bytes);
    r->databases = xalloc_resize(r->databases, r->ndatabases + 1, sizeof(*r->databases));
    r->databases[r->ndatabases++] = (struct database){text_of(sql_cell(row, "name")), bytes};
    return true;
}

static void release(struct rights *r)
{
    for (size_t i = 0; i < r->ngrants; i++) {
        free(r->grants[i].user);
        free(r->grants[i].host);
        free(r->grants[i].pattern);
    }
    for (size_t i = 0; i < r->ndatabases; i++)
        free(r->databases[i].name);
    free(r->grants);
    free(r->databases);
}

static bool is_theirs(const struct grant *g, struct span user, struct span host)
{
    return span_is(user, g->user) && span_is(host, g->host);
}

/* Whether a database is meant by any of their rights; counted once. */
static bool reaches(const struct rights *r, struct span user, struct span host,
                    const char *database)
{
    for (size_t i = 0; i < r->ngrants; i++)
        if (is_theirs(&r->grants[i], user, host) && sql_like(r->grants[i].pattern, database))
            return true;
    return false;
}

static void put_rights(struct row_writer *w, const struct rights *r, struct span user,
                       struct span host)
{
    struct strbuf list = STRBUF_INIT(4096);
    int64_t bytes = 0;
    for (size_t i = 0; i < r->ngrants; i++) {
        if (!is_theirs(&r->grants[i], user, host))
            continue;
        if (list.len)
            strbuf_addc(&list, LIST_SEPARATOR);
        for (const char *c = r->grants[i].pattern; *c; c++)
            if (*c != '\\')
                strbuf_addc(&list, *c);
    }
    put_text(w, USER_DATABASES, strbuf_span(&list));
    for (size_t i = 0; list.len && i < r->ndatabases; i++)
        if (reaches(r, user, host, r->databases[i].name) && bytes < INT64_MAX / 4)
            bytes += r->databases[i].bytes;
    if (list.len && r->ndatabases)
        row_num(w, USER_SIZE, bytes);
    strbuf_clear(&list);
}

/* MySQL's table has the columns; MariaDB keeps the same in a document of mysql.global_priv. */
#define USERS                                                                     \
    "SELECT User AS name, Host AS host, plugin, account_locked = 'Y' AS locked, " \
    "password_expired = 'Y' AS expired FROM mysql.user"
#define USERS_MARIA                                                                 \
    "SELECT User AS name, Host AS host, JSON_VALUE(Priv, '$.plugin') AS plugin, "   \
    "COALESCE(JSON_VALUE(Priv, '$.account_locked'), 0) AS locked, "                 \
    "COALESCE(JSON_VALUE(Priv, '$.password_last_changed'), 1) = 0 AS expired FROM " \
    "mysql.global_priv WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), 0) = 0"

static bool take_user(void *context, const struct sql_row *row)
{
    const struct rights *r = context;
    struct row_writer *w = r->rows;
    struct span name = sql_cell(row, "name"), host = sql_cell(row, "host");
    char key[KEY_BYTES];
    (void)snprintf(key, sizeof(key), "%.*s@%.*s", SPAN_ARG(name), SPAN_ARG(host));
    row_begin(w, span_from(key));
    row_text(w, USER_NAME, name.len ? name : SPAN("(anonymous)"));
    put_text(w, USER_HOST, host);
    put_text(w, USER_PLUGIN, sql_cell(row, "plugin"));
    put_number(w, USER_LOCKED, sql_cell(row, "locked"));
    put_number(w, USER_EXPIRED, sql_cell(row, "expired"));
    put_rights(w, r, name, host);
    return row_end(w);
}

/* ---- Asking. */

static bool is_maria(const struct mysql_node *n)
{
    struct span version = span_from(sql_version(n->sql));
    return span_search(version, SPAN("MariaDB"), false) < version.len;
}

/* Rights may be hidden from who may see users: those cells stay empty then. */
bool mysql_ask_users(void *self, struct poll *p, struct err *err)
{
    struct mysql *m = self;
    struct mysql_node *n = mysql_any(m, err);
    struct rights r = {.rows = poll_rows(p, &kind_mysql_user)};
    struct err denied;
    bool ok = n != NULL;
    if (ok) {
        (void)mysql_ask(m, n, GRANTS, ROWS_MAX, take_grant, &r, &denied);
        if (n->sql && r.ngrants && mysql_want_sizes(m, n, &denied))
            (void)mysql_ask(m, n, SIZES, ROWS_MAX, take_size, &r, &denied);
        ok = n->sql
                 ? mysql_ask(m, n, is_maria(n) ? USERS_MARIA : USERS, ROWS_MAX, take_user, &r, err)
                 : err_set(err, n->err.kind, "%s", n->err.msg);
    }
    release(&r);
    return ok;
}
