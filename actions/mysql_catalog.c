/* What a MySQL server says of itself, its databases and users. */
#include <config.h>

#include "actions/channel.h"
#include "actions/mysql_names.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

#define DUAL_SINCE 80014 /* [dev.mysql.com/doc/refman/8.0/en/password-management.html] */

const char *mysql_at(struct target *t, struct plan *p, const char *cluster, const char *node,
                     struct err *err)
{
    if (strchr(cluster, '@') || strchr(node, '@')) {
        (void)err_set(err, ERR_CONFIG, "a cluster's and a node's name have no @");
        return NULL;
    }
    const struct site *s = target_site(t, MYSQL_SYSTEM, cluster, err);
    if (!s)
        return NULL;
    bool one = strcmp(node, s->name) == 0; /* a server that stands alone */
    return plan_text(p, "%s%s%s", s->name, node[0] && !one ? "@" : "", one ? "" : node);
}

struct deed mysql_statement(const char *at, const char *text)
{
    return (struct deed){.system = MYSQL_SYSTEM,
                         .at = at,
                         .method = "SQL",
                         .path = "",
                         .media = "",
                         .body = text,
                         .generation = -1};
}

bool mysql_rows(struct target *t, const char *at, const char *statement, struct json_doc **doc,
                const struct json_node **first, struct err *err)
{
    const struct deed d = mysql_statement(at, statement);
    *doc = NULL;
    *first = NULL;
    if (!target_do(t, &d, false, doc, err))
        return false;
    *first = json_node_first(json_node_get(json_doc_root(*doc), "rows"));
    return true;
}

const char *mysql_cell(const struct json_node *row, const char *column)
{
    const char *text = json_node_text(json_node_get(row, column));
    return text ? text : "";
}

int64_t mysql_number(const struct json_node *row, const char *column, int64_t fallback)
{
    int64_t n;
    return number_parse(span_from(mysql_cell(row, column)), INT64_MIN, INT64_MAX, &n) ? n
                                                                                      : fallback;
}

/* "8.4.5-5.1", "10.11.6-MariaDB-0+deb12u1", "5.5.5-10.11.6-MariaDB" */
static int version_of(const char *text)
{
    int version = 0;
    for (int i = 0; i < 3; i++) {
        char *end;
        unsigned long part = strtoul(text, &end, 10);
        version = version * 100 + (part < 100 ? (int)part : 99);
        text = *end == '.' ? end + 1 : "";
    }
    return version;
}

bool mysql_read_server(struct target *t, const char *at, struct mysql_server *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, at, "SELECT VERSION() AS version", &doc, &row, err))
        return false;
    const char *text = mysql_cell(row, "version");
    out->maria = strstr(text, "MariaDB") != NULL;
    out->version = version_of(text);
    out->dual = !out->maria && out->version >= DUAL_SINCE;
    json_doc_free(doc);
    return true;
}

bool mysql_has_database(struct target *t, struct plan *p, const char *at, const char *name,
                        bool *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, at,
                    plan_text(p,
                              "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE "
                              "SCHEMA_NAME = %s",
                              mysql_quote_text(p, name)),
                    &doc, &row, err))
        return false;
    *out = row != NULL;
    json_doc_free(doc);
    return true;
}

/* ---- Users. */

/* A role of MariaDB is a user without a host. */
static bool pick(struct plan *p, const struct json_node *rows, const char *user, const char *host,
                 struct mysql_account *out, struct err *err)
{
    struct strbuf hosts = STRBUF_INIT(4096);
    const struct json_node *found = NULL;
    size_t n = 0;
    for (const struct json_node *r = rows; r; r = json_node_next(r)) {
        const char *one = mysql_cell(r, "host");
        if (!one[0])
            continue;
        n++;
        strbuf_addf(&hosts, "%s%s", hosts.len ? ", " : "", one);
        if (!host[0] || strcmp(one, host) == 0)
            found = r;
    }
    bool ok = false;
    if (!n)
        (void)err_set(err, ERR_NOTFOUND, "there is no user %s", user);
    else if (!host[0] && n > 1)
        (void)err_set(err, ERR_CONFIG, "which %s? there is one from each of these hosts: %s", user,
                      strbuf_cstr(&hosts));
    else if (!found)
        (void)err_set(err, ERR_NOTFOUND, "there is no user %s from %s; they come from %s", user,
                      host, strbuf_cstr(&hosts));
    else
        ok = true;
    if (ok)
        *out = (struct mysql_account){
            .user = plan_text(p, "%s", user),
            .host = plan_text(p, "%s", mysql_cell(found, "host")),
            .plugin = plan_text(p, "%s", mysql_cell(found, "plugin")),
            .quoted = mysql_quote_account(p, user, mysql_cell(found, "host")),
        };
    strbuf_clear(&hosts);
    return ok;
}

bool mysql_find_account(struct target *t, struct plan *p, const char *at, const char *user,
                        const char *host, struct mysql_account *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *rows;
    if (!mysql_rows(t, at,
                    plan_text(p,
                              "SELECT Host AS host, plugin AS plugin FROM mysql.user WHERE User = "
                              "%s",
                              mysql_quote_text(p, user)),
                    &doc, &rows, err))
        return false;
    bool ok = pick(p, rows, user, host, out, err);
    json_doc_free(doc);
    return ok;
}

bool mysql_answer_account(struct target *t, struct plan *p, const char *at,
                          const struct answers *in, struct mysql_account *out, struct err *err)
{
    const char *user = answers_get(in, "user"), *host = answers_get(in, "host");
    const struct site *s = target_site(t, MYSQL_SYSTEM, at, err);
    const char *admin = s ? site_setting(s, "admin") : NULL;
    if (!s || !mysql_check_user(user, err) || (host[0] && !mysql_check_host(host, err)))
        return false;
    if (admin && strcmp(user, admin) == 0)
        return err_set(err, ERR_DENIED, "%s is who asks here: change it with another's login",
                       user);
    return mysql_find_account(t, p, at, user, host, out, err);
}

/* Words outside of quotes. */
static bool has_words(const char *text, const char *words)
{
    char quote = '\0';
    for (const char *c = text; *c; c++) {
        if (quote && *c == '\\' && c[1])
            c++;
        else if (quote)
            quote = *c == quote ? '\0' : quote;
        else if (*c == '\'' || *c == '`' || *c == '"')
            quote = *c;
        else if (strncmp(c, words, strlen(words)) == 0)
            return true;
    }
    return false;
}

bool mysql_read_locked(struct target *t, struct plan *p, const char *at,
                       const struct mysql_account *a, bool *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, at, plan_text(p, "SHOW CREATE USER %s", a->quoted), &doc, &row, err))
        return false;
    const char *text = json_node_text(json_node_first(row));
    *out = text && has_words(text, "ACCOUNT LOCK");
    json_doc_free_wiped(doc); /* it has the password's hash */
    return true;
}
