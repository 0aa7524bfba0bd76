/* Lists of rights, and what statements need of them. */
#include <config.h>

#include "actions/mysql_rights.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 256

const char *const mysql_database_rights[] = {
    "SELECT",        "INSERT",     "UPDATE",      "DELETE",    "CREATE",
    "DROP",          "REFERENCES", "INDEX",       "ALTER",     "CREATE TEMPORARY TABLES",
    "LOCK TABLES",   "EXECUTE",    "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE",
    "ALTER ROUTINE", "EVENT",      "TRIGGER",     NULL};

/* ---- Lists. */

/* "create  view" is CREATE VIEW. */
static void normalize(struct span word, struct strbuf *out)
{
    word = span_trim(word);
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        bool space = c == ' ' || c == '\t';
        if (space && out->len && out->data[out->len - 1] == ' ')
            continue;
        strbuf_addc(out, space ? ' ' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
}

static bool has_word(const char *list, struct span wanted)
{
    struct span rest = span_from(list), one;
    bool found = false;
    while (!found && span_split(&rest, ',', &one)) {
        struct strbuf word = STRBUF_INIT(WORDS_MAX);
        normalize(one, &word);
        found = span_eq(strbuf_span(&word), wanted);
        strbuf_clear(&word);
    }
    return found;
}

static bool is_right(struct span word)
{
    for (const char *const *r = mysql_database_rights; *r; r++)
        if (span_is(word, *r))
            return true;
    return false;
}

bool mysql_read_rights(const char *text, struct strbuf *out, struct err *err)
{
    struct span rest = span_from(text), one;
    while (span_split(&rest, ',', &one)) {
        struct strbuf word = STRBUF_INIT(WORDS_MAX);
        normalize(one, &word);
        bool known = !word.failed && is_right(strbuf_span(&word));
        strbuf_clear(&word);
        if (!known)
            return err_set(
                err, ERR_CONFIG,
                "`%.*s` is no right on a database; those are SELECT, INSERT, UPDATE, "
                "DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, "
                "LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER "
                "ROUTINE, EVENT, TRIGGER",
                SPAN_ARG(span_sub(span_trim(one), 0, 40)));
    }
    for (const char *const *r = mysql_database_rights; *r; r++)
        if (has_word(text, span_from(*r)))
            strbuf_addf(out, "%s%s", out->len ? ", " : "", *r);
    return true;
}

static bool covers(const char *list, const char *other)
{
    struct span rest = span_from(other), one;
    while (span_split(&rest, ',', &one)) {
        struct strbuf word = STRBUF_INIT(WORDS_MAX);
        normalize(one, &word);
        bool has = has_word(list, strbuf_span(&word));
        strbuf_clear(&word);
        if (!has)
            return false;
    }
    return true;
}

bool mysql_same_rights(const char *a, const char *b)
{
    return covers(a, b) && covers(b, a);
}

/* ---- Statements. */

static const struct {
    const char *begins, *needs; /* rights of which one is enough, with '|' between */
} needs[] = {
    {"CREATE DATABASE ", "CREATE"},  {"DROP DATABASE ", "DROP"},
    {"CREATE USER ", "CREATE USER"}, {"ALTER USER ", "CREATE USER"},
    {"DROP USER ", "CREATE USER"},   {"KILL ", "CONNECTION_ADMIN|CONNECTION ADMIN|SUPER"},
};

static bool is_everywhere(const struct mysql_grant *g)
{
    return strcmp(g->what, "*.*") == 0;
}

/* database: as a grant names it; NULL: the whole server. */
static bool has_right(const struct mysql_grants *own, const char *database, const char *right)
{
    bool has = false;
    for (size_t i = 0; i < own->count; i++) {
        const struct mysql_grant *g = &own->grants[i];
        bool here = is_everywhere(g) || (database && g->whole && strcmp(g->pattern, database) == 0);
        if (here && !g->revoked)
            has = has || mysql_has_right(g->rights, span_from(right));
    }
    for (size_t i = 0; i < own->count; i++) {
        const struct mysql_grant *g = &own->grants[i];
        if (g->revoked && database && strcmp(g->pattern, database) == 0 &&
            mysql_has_right(g->rights, span_from(right)))
            has = false;
    }
    return has;
}

static bool may_grant(const struct mysql_grants *own, const char *database)
{
    for (size_t i = 0; i < own->count; i++) {
        const struct mysql_grant *g = &own->grants[i];
        if (g->option && (is_everywhere(g) || (g->whole && strcmp(g->pattern, database) == 0)))
            return true;
    }
    return false;
}

static bool lacks(const char *right, const char *where, struct err *err)
{
    return err_set(err, ERR_DENIED, "this MySQL user lacks %s on %s (SHOW GRANTS)", right, where);
}

/* Who grants or takes a right away has it, and WITH GRANT OPTION. */
static bool may_pass_on(const struct mysql_grants *own, const struct mysql_grant *asked,
                        struct err *err)
{
    if (!may_grant(own, asked->pattern))
        return lacks("GRANT OPTION", asked->what, err);
    for (const char *const *r = mysql_database_rights; *r; r++)
        if (mysql_has_right(asked->rights, span_from(*r)) && !has_right(own, asked->pattern, *r))
            return lacks(*r, asked->what, err);
    return true;
}

static bool may_any(const struct mysql_grants *own, const char *rights, struct err *err)
{
    struct span rest = span_from(rights), one;
    while (span_split(&rest, '|', &one)) {
        char right[64];
        (void)snprintf(right, sizeof(right), "%.*s", SPAN_ARG(one));
        if (has_right(own, NULL, right))
            return true;
        for (size_t i = 0; i < own->count; i++) /* of one database: the server says of which */
            if (own->grants[i].whole && !own->grants[i].revoked &&
                mysql_has_right(own->grants[i].rights, one) && is_right(one))
                return true;
    }
    return lacks(rights, "*.*", err);
}

bool mysql_may(const struct mysql_grants *own, const char *statement, struct err *err)
{
    struct mysql_grants asked = {0};
    bool ok = true;
    for (size_t i = 0; i < own->count; i++)
        if (!own->grants[i].what[0])
            return true;
    if (mysql_parse_grant(&asked, span_from(statement))) {
        ok = !asked.grants[0].what[0] || may_pass_on(own, &asked.grants[0], err);
        mysql_grants_clear(&asked);
        return ok;
    }
    for (size_t i = 0; i < BN_COUNT(needs); i++)
        if (span_starts(span_from(statement), needs[i].begins))
            return may_any(own, needs[i].needs, err);
    return true;
}
