/* What may be a name of MySQL's, and how it stands in a statement
 * [dev.mysql.com/doc/refman/8.0/en/identifiers.html, user-names.html, account-names.html;
 * mariadb.com/kb/en/identifier-names]. */
#include <config.h>

#include "actions/mysql_names.h"

#include "actions/secrets.h"
#include "base/utf8.h"

#include <string.h>

#define DATABASE_MAX 64
#define USER_MAX     32 /* MariaDB takes 80: who moves to MySQL has trouble with them */
#define HOST_MAX     255
#define BMP_MAX      0xFFFFu
#define TEXT_MAX     8192

/* ---- What may be one. */

static bool check_characters(const char *what, struct span name, size_t most, struct err *err)
{
    size_t count = 0;
    if (!name.len)
        return err_set(err, ERR_CONFIG, "%s must have a name", what);
    if (!utf8_valid(name))
        return err_set(err, ERR_CONFIG, "%s's name is no UTF-8", what);
    if (name.data[0] == ' ' || name.data[name.len - 1] == ' ')
        return err_set(err, ERR_CONFIG, "%s's name has a space at an end", what);
    if (span_search(name, SPAN("${"), false) < name.len)
        return err_set(err, ERR_CONFIG, "%s's name has ${, where a secret would be put", what);
    for (struct span rest = name; rest.len; count++) {
        uint32_t code;
        rest = span_sub(rest, utf8_decode(rest, &code), rest.len);
        if (code < ' ' || (code >= 0x7f && code < 0xa0))
            return err_set(err, ERR_CONFIG, "%s's name has a control character", what);
        if (code > BMP_MAX)
            return err_set(err, ERR_CONFIG,
                           "%s's name has a character beyond U+FFFF, which MySQL does not take",
                           what);
    }
    return count <= most ||
           err_set(err, ERR_CONFIG, "%s's name has %zu characters, at most %zu", what, count, most);
}

bool mysql_is_system_database(const char *name)
{
    static const char *const all[] = {"information_schema", "performance_schema", "mysql", "sys"};
    for (size_t i = 0; i < BN_COUNT(all); i++)
        if (span_eq_nocase(span_from(name), span_from(all[i])))
            return true;
    return false;
}

bool mysql_check_database(const char *name, struct err *err)
{
    return check_characters("a database", span_from(name), DATABASE_MAX, err) &&
           (!mysql_is_system_database(name) ||
            err_set(err, ERR_DENIED, "%s is the server's own", name));
}

/* [pxc operator v1.19 pkg/pxc/users/users.go; integrations.md: Secrets, services, ports] */
#define OPERATOR                                                                            \
    "the operator keeps it: put the new password into the Secret that spec.secretsName of " \
    "the cluster names, and it changes the user"

static const struct {
    const char *name, *how;
} system_users[] = {
    {"root", OPERATOR},
    {"operator", OPERATOR},
    {"monitor", OPERATOR},
    {"xtrabackup", OPERATOR},
    {"proxyadmin", OPERATOR},
    {"replication", OPERATOR},
    {"pmmserver", OPERATOR},
    {"clustercheck", "the cluster's check logs in as it"},
    {"healthcheck", "the image's check logs in as it"},
    {"mariadb.sys", "the server's own views belong to it"},
    {"debian-sys-maint", "the package logs in as it"},
    {"percona.telemetry", "the server keeps it"},
};

bool mysql_is_system_user(const char *name, const char **how)
{
    const char *says = strncmp(name, "mysql.", 6) == 0 || strcmp(name, "mysql") == 0
                           ? "the server keeps it"
                           : NULL;
    for (size_t i = 0; !says && i < BN_COUNT(system_users); i++)
        if (strcmp(name, system_users[i].name) == 0)
            says = system_users[i].how;
    if (how)
        *how = says;
    return says != NULL;
}

bool mysql_check_user(const char *name, struct err *err)
{
    const char *how;
    if (!check_characters("a user", span_from(name), USER_MAX, err))
        return false;
    return !mysql_is_system_user(name, &how) ||
           err_set(err, ERR_DENIED, "%s is a system user: %s", name, how);
}

bool mysql_check_host(const char *host, struct err *err)
{
    static const char taken[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ".-_%:/";
    size_t len = strlen(host);
    return (len && len <= HOST_MAX && strspn(host, taken) == len) ||
           err_set(
               err, ERR_CONFIG,
               "--host: no host of a user: a name or an address, in which %% and _ stand for others, "
               "at most %d characters",
               HOST_MAX);
}

/* ---- In a statement. */

static const char *take(struct plan *p, struct strbuf *text)
{
    const char *copy = plan_text(p, "%s", strbuf_cstr(text));
    strbuf_clear(text);
    return copy;
}

const char *mysql_quote_name(struct plan *p, const char *name)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    sql_name(&text, span_from(name));
    return take(p, &text);
}

const char *mysql_quote_text(struct plan *p, const char *text)
{
    struct strbuf out = STRBUF_INIT(2 * TEXT_MAX);
    sql_string(&out, span_from(text));
    return take(p, &out);
}

const char *mysql_quote_account(struct plan *p, const char *user, const char *host)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    sql_string(&text, span_from(user));
    strbuf_addc(&text, '@');
    sql_string(&text, span_from(host));
    return take(p, &text);
}

const char *mysql_pattern(struct plan *p, const char *database)
{
    struct strbuf escaped = STRBUF_INIT(TEXT_MAX);
    for (const char *c = database; *c; c++) {
        if (*c == '_' || *c == '%' || *c == '\\')
            strbuf_addc(&escaped, '\\');
        strbuf_addc(&escaped, *c);
    }
    return take(p, &escaped);
}

const char *mysql_quote_pattern(struct plan *p, const char *database)
{
    return mysql_quote_name(p, mysql_pattern(p, database));
}
