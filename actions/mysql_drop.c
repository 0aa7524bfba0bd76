/* drop-database, drop-user: what is gone then comes back from a backup alone, so that one must be
 * there that is new. First nobody may log in any more, which can be taken back; then it goes. */
#include <config.h>

#include "actions/mysql_drop.h"

#include "actions/pxc.h"
#include "base/number.h"

#include <string.h>

#define LIST_MAX 4096
#define AWAIT_S  600 /* a DROP waits for transactions that have its tables */

static const struct field database_fields[] = {
    {"database", FIELD_TEXT, NULL, NULL, "the database", "name"},
    {"user", FIELD_TEXT, NULL, "",
     "its user, to be locked first and dropped with it; left out: "
     "none",
     NULL},
    {"host", FIELD_TEXT, NULL, "", "where that user comes from; left out: the only one", NULL},
    DROP_FIELDS,
    PXC_WAIT_FIELDS,
    {NULL},
};

static const struct field user_fields[] = {
    {"user", FIELD_TEXT, NULL, NULL, "the user", "name"},
    {"host", FIELD_TEXT, NULL, "", "where they come from, such as %; left out: the only one",
     "host"},
    DROP_FIELDS,
    PXC_WAIT_FIELDS,
    {NULL},
};

/* ---- What is known of it. */

static bool note_size(struct target *t, struct plan *p, const char *at, const char *database,
                      struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    char size[NUMBER_TEXT_MAX];
    if (!mysql_rows(t, at,
                    plan_text(p,
                              "SELECT COUNT(*) AS n, SUM(DATA_LENGTH + INDEX_LENGTH) AS bytes, "
                              "MAX(UPDATE_TIME) AS written FROM information_schema.TABLES WHERE "
                              "TABLE_SCHEMA = %s",
                              mysql_quote_text(p, database)),
                    &doc, &row, err))
        return false;
    const char *written = mysql_cell(row, "written");
    number_format_bytes(mysql_number(row, "bytes", 0), size);
    plan_note(p,
              plan_text(p, "database %s: %lld tables and views, %s, %s%s", database,
                        (long long)mysql_number(row, "n", 0), size,
                        written[0] ? "last written " : "not written since the server was started",
                        written));
    json_doc_free(doc);
    return true;
}

static bool is_of(const struct json_node *row, const struct mysql_account *a)
{
    return a && strcmp(mysql_cell(row, "it"), a->user) == 0 &&
           strcmp(mysql_cell(row, "host"), a->host) == 0;
}

/* Rows of a question that may not be allowed, as "3 of a, b@host", in a sentence; nothing where there
 * are none. but: an account that is left out; NULL: none. */
static void note_list(struct target *t, struct plan *p, const char *at, const char *question,
                      const char *says, bool warns, const struct mysql_account *but)
{
    struct strbuf list = STRBUF_INIT(LIST_MAX);
    struct json_doc *doc = NULL;
    const struct json_node *row;
    struct err why;
    if (!mysql_rows(t, at, question, &doc, &row, &why))
        return; /* performance_schema may be off: then it is not known */
    for (; row; row = json_node_next(row)) {
        const char *count = mysql_cell(row, "count"), *host = mysql_cell(row, "host");
        if (is_of(row, but))
            continue;
        strbuf_addf(&list, "%s%s%s%s%s%s", list.len ? ", " : "", count, count[0] ? " of " : "",
                    mysql_cell(row, "it"), host[0] ? "@" : "", host);
    }
    if (list.len && warns)
        plan_warn(p, plan_text(p, "%s%s", says, strbuf_cstr(&list)));
    else if (list.len)
        plan_note(p, plan_text(p, "%s%s", says, strbuf_cstr(&list)));
    strbuf_clear(&list);
    json_doc_free(doc);
}

#define PROCESSES                                                                           \
    "SELECT USER AS it, COUNT(*) AS count FROM information_schema.PROCESSLIST WHERE ID <> " \
    "CONNECTION_ID() AND "

/* goes: the account that is dropped with it; NULL: none. */
static void note_database(struct target *t, struct plan *p, const char *at, const char *database,
                          const struct mysql_account *goes)
{
    const char *text = mysql_quote_text(p, database);
    note_list(t, p, at, plan_text(p, PROCESSES "DB = %s GROUP BY USER", text),
              "connections are open that have chosen it: ", true, NULL);
    note_list(t, p, at,
              plan_text(p, "SELECT User AS it, Host AS host FROM mysql.db WHERE Db IN (%s, %s)",
                        text, mysql_quote_text(p, mysql_pattern(p, database))),
              "users have rights on it, which stay when it is gone: ", false, goes);
}

static void note_user(struct target *t, struct plan *p, const char *at,
                      const struct mysql_account *a)
{
    const char *text = mysql_quote_text(p, a->user);
    note_list(t, p, at, plan_text(p, PROCESSES "USER = %s GROUP BY USER", text),
              "connections are open, and stay until they end or are killed: ", true, NULL);
    note_list(t, p, at,
              plan_text(p,
                        "SELECT CONCAT(SUM(TOTAL_CONNECTIONS), ' logins since the server was "
                        "started') AS it FROM performance_schema.accounts WHERE USER = %s HAVING "
                        "SUM(TOTAL_CONNECTIONS) > 0",
                        text),
              plan_text(p, "%s: ", a->quoted), false, NULL);
    note_list(t, p, at,
              plan_text(p, "SELECT Db AS it FROM mysql.db WHERE User = %s AND Host = %s", text,
                        mysql_quote_text(p, a->host)),
              plan_text(p, "%s has rights on ", a->quoted), false, NULL);
}

/* ---- Plans. */

static void add_database(struct plan *p, const char *at, const char *database, bool there,
                         const char *backup)
{
    const char *quoted = mysql_quote_name(p, database);
    struct step *s = plan_step(p, there ? '-' : '=', plan_text(p, "Drop database %s", quoted));
    s->undo_title = backup[0]
                        ? plan_text(p, "none: restore it from backup %s, if that has it", backup)
                        : "none: there is no backup";
    if (!there)
        return;
    s->deed = mysql_statement(at, plan_text(p, "DROP DATABASE IF EXISTS %s", quoted));
    s->look = mysql_statement(at, plan_text(p,
                                            "SELECT SCHEMA_NAME AS name FROM "
                                            "information_schema.SCHEMATA WHERE SCHEMA_NAME = %s",
                                            mysql_quote_text(p, database)));
    s->await = drop_await_gone;
    s->await_s = AWAIT_S;
}

/* False: *err; found: whether there is such an account. One that is gone was dropped before. */
static bool find_user(struct target *t, const struct answers *in, struct plan *p, const char *at,
                      struct mysql_account *a, bool *found, struct err *err)
{
    *found = answers_get(in, "user")[0] && mysql_answer_account(t, p, at, in, a, err);
    return *found || !answers_get(in, "user")[0] || err->kind == ERR_NOTFOUND;
}

static bool plan_database(struct target *t, const struct answers *in, struct plan *p,
                          struct err *err)
{
    const char *database = answers_get(in, "database"), *user = answers_get(in, "user");
    const char *at = mysql_at(t, p, answers_get(in, "cluster"), "", err), *backup = "";
    struct mysql_account a;
    bool there, found;
    if (!at || !mysql_check_database(database, err) ||
        !mysql_has_database(t, p, at, database, &there, err) ||
        !find_user(t, in, p, at, &a, &found, err))
        return false;
    if (there || found) {
        if (!drop_check_backup(t, in, p, at, &backup, err) || !pxc_whole(t, p, in, at, err))
            return false;
        drop_note_readers(t, p, database, user);
    }
    if (there) {
        if (!note_size(t, p, at, database, err))
            return false;
        note_database(t, p, at, database, found ? &a : NULL);
    }
    if (found) {
        note_user(t, p, at, &a);
        if (!drop_add_lock(t, p, at, &a, err))
            return false;
    }
    add_database(p, at, database, there, backup);
    if (found)
        drop_add_user(p, at, &a);
    else if (user[0])
        (void)plan_step(p, '=', plan_text(p, "Drop user %s", user));
    return drop_add_secret(t, in, p, err);
}

static bool plan_user(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *at = mysql_at(t, p, answers_get(in, "cluster"), "", err), *backup;
    struct mysql_account a;
    bool found;
    if (!at || !find_user(t, in, p, at, &a, &found, err))
        return false;
    if (found) {
        if (!drop_check_backup(t, in, p, at, &backup, err) || !pxc_whole(t, p, in, at, err))
            return false;
        drop_note_readers(t, p, "", a.user);
        note_user(t, p, at, &a);
        if (!drop_add_lock(t, p, at, &a, err))
            return false;
        drop_add_user(p, at, &a);
    } else {
        (void)plan_step(p, '=', plan_text(p, "Drop user %s", answers_get(in, "user")));
    }
    return drop_add_secret(t, in, p, err);
}

const struct action action_database_drop = {
    .name = "drop-database",
    .title = "Drop a database",
    .help =
        "a MySQL database, and its user where one is said, for good; a new backup must be there",
    .risk = RISK_DESTROY,
    .kind = "mysql-db",
    .fields = database_fields,
    .plan = plan_database,
};

const struct action action_user_drop = {
    .name = "drop-user",
    .title = "Drop a user",
    .help = "a MySQL user for good, locked first; a new backup must be there",
    .risk = RISK_DESTROY,
    .kind = "mysql-user",
    .fields = user_fields,
    .plan = plan_user,
};
