/* Rights as SHOW GRANTS says them: "GRANT SELECT, INSERT (`a`, `b`) ON `db`.* TO `u`@`%` WITH GRANT
 * OPTION" [dev.mysql.com/doc/refman/8.0/en/show-grants.html; mariadb.com/kb/en/show-grants]. */
#include <config.h>

#include "actions/mysql_names.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 1024

/* Where a word stands outside of quotes and parentheses, from an index on; s.len: it does not. */
static size_t find_word(struct span s, const char *word, size_t from)
{
    char quote = '\0';
    int depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (quote) {
            quote = c == quote ? '\0' : quote; /* a doubled one ends and begins */
        } else if (c == '`' || c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == ')') {
            depth += c == '(' ? 1 : -1;
        } else if (!depth && i >= from && span_starts(span_sub(s, i, s.len), word)) {
            return i;
        }
    }
    return s.len;
}

/* "`a``b`" is a`b; what is not quoted is itself. */
static char *unquote(struct span s)
{
    struct strbuf text = STRBUF_INIT(NAME_BYTES);
    bool quoted = s.len >= 2 && s.data[0] == '`';
    s = quoted ? span_sub(s, 1, s.len - 2) : s;
    for (size_t i = 0; i < s.len; i++) {
        strbuf_addc(&text, s.data[i]);
        i += quoted && s.data[i] == '`';
    }
    char *out = xalloc_text(strbuf_cstr(&text));
    strbuf_clear(&text);
    return out;
}

static char *copy(struct span s)
{
    return xalloc_bytes(s.data ? s.data : "", s.len);
}

bool mysql_parse_grant(struct mysql_grants *g, struct span line)
{
    bool revoked = span_starts(line, "REVOKE ");
    if (!revoked && !span_starts(line, "GRANT "))
        return false;
    struct span rest = span_sub(line, revoked ? 7 : 6, line.len);
    size_t to = find_word(rest, revoked ? " FROM " : " TO ", 0);
    if (to == rest.len || span_starts(rest, "PROXY ON "))
        return false;
    struct span before = span_sub(rest, 0, to), after = span_sub(rest, to, rest.len);
    size_t on = find_word(before, " ON ", 0);
    struct span what = on < before.len ? span_sub(before, on + 4, before.len) : SPAN("");
    size_t dot = find_word(what, ".", 0);
    struct span database = span_sub(what, 0, dot);
    size_t space = find_word(database, " ", 0);
    bool routine = space < database.len;
    if (routine)
        database = span_sub(database, space + 1, database.len);
    g->grants = xalloc_resize(g->grants, g->count + 1, sizeof(*g->grants));
    g->grants[g->count++] =
        (struct mysql_grant){.rights = copy(span_sub(before, 0, on)),
                             .what = copy(what),
                             .pattern = unquote(database),
                             .whole = !routine && span_is(span_sub(what, dot, what.len), ".*"),
                             .option = find_word(after, " WITH GRANT OPTION", 0) < after.len,
                             .revoked = revoked};
    return true;
}

void mysql_grants_clear(struct mysql_grants *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free(g->grants[i].rights);
        free(g->grants[i].what);
        free(g->grants[i].pattern);
    }
    free(g->grants);
    *g = (struct mysql_grants){0};
}

bool mysql_read_grants(struct target *t, struct plan *p, const char *at,
                       const struct mysql_account *a, struct mysql_grants *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    *out = (struct mysql_grants){0};
    if (!mysql_rows(t, at, plan_text(p, "SHOW GRANTS FOR %s", a->quoted), &doc, &row, err))
        return false;
    for (; row; row = json_node_next(row)) {
        const char *text = json_node_text(json_node_first(row));
        (void)mysql_parse_grant(out, span_from(text));
    }
    json_doc_free_wiped(doc); /* MariaDB's have the password's hash */
    return true;
}

/* Columns' rights ("SELECT (`a`)") are not the whole right. */
bool mysql_has_right(const char *rights, struct span right)
{
    struct span rest = span_from(rights);
    while (rest.len) {
        size_t comma = find_word(rest, ",", 0);
        struct span one = span_trim(span_sub(rest, 0, comma));
        if (span_eq_nocase(one, right) || span_is(one, "ALL PRIVILEGES") || span_is(one, "ALL"))
            return true;
        rest = span_sub(rest, comma + 1, rest.len);
    }
    return false;
}

/* Names in which _ and % stand for themselves are kept either way. */
static bool is_literally(const char *pattern, const char *database)
{
    if (strcmp(pattern, database) == 0)
        return true;
    for (; *database; pattern++, database++) {
        bool special = *database == '_' || *database == '%' || *database == '\\';
        if (special && *pattern == '\\')
            pattern++;
        if (*pattern != *database)
            return false;
    }
    return *pattern == '\0';
}

const struct mysql_grant *mysql_grant_on(const struct mysql_grants *g, const char *database)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct mysql_grant *one = &g->grants[i];
        bool all = strcmp(one->what, "*.*") == 0;
        if (one->whole && !one->revoked && all == !database &&
            (all || is_literally(one->pattern, database)))
            return one;
    }
    return NULL;
}
