/* What is asked of a cluster's own tables, and SHOW. Of SELECT as much as a client needs that looks
 * up: columns, COUNT(*), a sum of columns, the last of one, conditions joined by AND, one column to
 * group by. */
#include <config.h>

#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/mysql_catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define COLUMNS_MAX 24
#define ROW_MAX     ((size_t)256 << 10)

/* [dev.mysql.com/doc/refman/8.4/en/grant.html] */
const char *const mysql_privileges[MYSQL_PRIVILEGES] = {
    "SELECT",        "INSERT",     "UPDATE",      "DELETE",    "CREATE",
    "DROP",          "REFERENCES", "INDEX",       "ALTER",     "CREATE TEMPORARY TABLES",
    "LOCK TABLES",   "EXECUTE",    "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE",
    "ALTER ROUTINE", "EVENT",      "TRIGGER"};

/* ---- Tables, made when they are asked for. */

static void add_tables(cJSON *out, const struct mysql_rows *r, const cJSON *database)
{
    const long count = strtol(json_member(database, "tables"), NULL, 10);
    for (long i = 0; i < count; i++) {
        cJSON *row = cJSON_CreateObject();
        char name[32];
        (void)snprintf(name, sizeof(name), "t%ld", i + 1);
        json_set_text(row, "TABLE_SCHEMA", json_member(database, "SCHEMA_NAME"));
        json_set_text(row, "TABLE_NAME", name);
        json_set_text(row, "TABLE_TYPE", "BASE TABLE");
        json_set_text(row, "ENGINE", "InnoDB");
        json_set_text(row, "TABLE_ROWS", i == 0 ? json_member(database, "nrows") : "0");
        json_set_text(row, "DATA_LENGTH", i == 0 ? mysql_size(r, database, "data") : "0");
        json_set_text(row, "INDEX_LENGTH", i == 0 ? mysql_size(r, database, "idx") : "0");
        (void)cJSON_AddNullToObject(row, "UPDATE_TIME");
        (void)cJSON_AddItemToArray(out, row);
    }
}

static void add_privileges(cJSON *out, const cJSON *grant)
{
    const cJSON *list = member(grant, "_privileges"), *p;
    char grantee[512];
    (void)snprintf(grantee, sizeof(grantee), "'%s'@'%s'", json_member(grant, "User"),
                   json_member(grant, "Host"));
    if (strcmp(json_member(grant, "Db"), "*") == 0 ||
        strcmp(json_member(grant, "Table_name"), "*") != 0)
        return;
    cJSON *all = cJSON_CreateStringArray(mysql_privileges, MYSQL_PRIVILEGES);
    if (list->child && strcmp(list->child->valuestring, "ALL PRIVILEGES") == 0)
        list = all;
    cJSON_ArrayForEach(p, list)
    {
        cJSON *row = cJSON_CreateObject();
        json_set_text(row, "GRANTEE", grantee);
        json_set_text(row, "TABLE_CATALOG", "def");
        json_set_text(row, "TABLE_SCHEMA", json_member(grant, "Db"));
        json_set_text(row, "PRIVILEGE_TYPE", p->valuestring);
        json_set_text(row, "IS_GRANTABLE",
                      strcmp(json_member(grant, "Grant_priv"), "Y") == 0 ? "YES" : "NO");
        (void)cJSON_AddItemToArray(out, row);
    }
    cJSON_Delete(all);
}

/* Numbers are each server's own. */
static bool is_listed(const cJSON *list, const struct object *pod, struct span number)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
    {
        struct span rest = span_from(one->valuestring), name;
        if (span_split(&rest, ' ', &name) && span_is(name, pod->name) && span_eq(rest, number))
            return true;
    }
    return false;
}

/* Id User Host db Command Time State Info: whose statement was ended waits for the next one. */
static void put_idle(struct span cells, struct strbuf *out)
{
    struct span cell;
    for (size_t i = 0; i < 4 && span_split(&cells, '\t', &cell); i++)
        strbuf_addf(out, "%.*s\t", SPAN_ARG(cell));
    strbuf_adds(out, "Sleep\t0\t\tNULL");
}

bool mysql_take_process(const struct mysql_catalog *c, const struct object *pod, struct span *rest,
                        struct strbuf *cells)
{
    struct span line;
    while (span_split(rest, '\n', &line)) {
        const struct span number = span_sub(line, 0, span_find(line, '\t', 0));
        if (!line.len || is_listed(c->killed, pod, number))
            continue;
        strbuf_truncate(cells, 0);
        if (is_listed(c->stopped, pod, number))
            put_idle(line, cells);
        else
            strbuf_add(cells, line);
        return true;
    }
    return false;
}

static void add_processes(const struct mysql_asked *a, cJSON *out)
{
    struct strbuf text = STRBUF_INIT(ROW_MAX), line = STRBUF_INIT(ROW_MAX);
    struct span rest, names;
    mysql_read_data(a->server, "processlist.txt", &text);
    rest = strbuf_span(&text);
    (void)span_split(&rest, '\n', &names);
    while (mysql_take_process(a->catalog, a->pod, &rest, &line))
        (void)cJSON_AddItemToArray(out, mysql_row(names, strbuf_span(&line)));
    strbuf_clear(&text);
    strbuf_clear(&line);
}

bool mysql_has_process(const struct mysql_asked *a, const char *number)
{
    cJSON *all = cJSON_CreateArray(), *row;
    bool found = false;
    add_processes(a, all);
    cJSON_ArrayForEach(row, all)
    {
        found = found || strcmp(json_member(row, "Id"), number) == 0;
    }
    cJSON_Delete(all);
    return found;
}

static cJSON *user_table(const struct mysql_catalog *c)
{
    cJSON *users = cJSON_Duplicate(c->users, true), *row;
    cJSON_ArrayForEach(row, users)
    {
        if (member(row, "_second"))
            json_set_text(row, "User_attributes", "{\"additional_password\": \"$A$005$...\"}");
        else
            (void)cJSON_AddNullToObject(row, "User_attributes");
    }
    return users;
}

/* Some of those that a server has [dev.mysql.com/doc/refman/8.4/en/charset-charsets.html]. */
static cJSON *collation_table(void)
{
    static const char *const all[][2] = {
        {"utf8mb4", "utf8mb4_0900_ai_ci"}, {"utf8mb4", "utf8mb4_bin"},
        {"utf8mb4", "utf8mb4_general_ci"}, {"utf8mb4", "utf8mb4_unicode_ci"},
        {"utf8mb3", "utf8mb3_general_ci"}, {"utf8mb3", "utf8mb3_bin"},
        {"latin1", "latin1_swedish_ci"},   {"latin1", "latin1_bin"},
        {"ascii", "ascii_general_ci"},     {"binary", "binary"}};
    cJSON *out = cJSON_CreateArray();
    for (size_t i = 0; i < BN_COUNT(all); i++) {
        cJSON *row = cJSON_CreateObject();
        json_set_text(row, "CHARACTER_SET_NAME", all[i][0]);
        json_set_text(row, "COLLATION_NAME", all[i][1]);
        (void)cJSON_AddItemToArray(out, row);
    }
    return out;
}

/* NULL: there is no such table. */
static cJSON *make_table(const struct mysql_asked *a, struct span schema, struct span name)
{
    const struct mysql_catalog *c = a->catalog;
    const bool information = span_eq_nocase(schema, SPAN("information_schema"));
    const bool own = span_eq_nocase(schema, SPAN("mysql"));
    const cJSON *row;
    cJSON *out = cJSON_CreateArray();
    if (information && span_eq_nocase(name, SPAN("schemata"))) {
        cJSON_Delete(out);
        return cJSON_Duplicate(c->databases, true);
    }
    if (information && span_eq_nocase(name, SPAN("collations"))) {
        cJSON_Delete(out);
        return collation_table();
    }
    if (own && span_eq_nocase(name, SPAN("user"))) {
        cJSON_Delete(out);
        return user_table(c);
    }
    if (own && span_eq_nocase(name, SPAN("db"))) {
        cJSON_ArrayForEach(row, c->grants)
        {
            if (strcmp(json_member(row, "Db"), "*") != 0)
                (void)cJSON_AddItemToArray(out, cJSON_Duplicate(row, true));
        }
        return out;
    }
    if (information && span_eq_nocase(name, SPAN("tables"))) {
        cJSON_ArrayForEach(row, c->databases)
        {
            add_tables(out, a->rows, row);
        }
        return out;
    }
    if (information && span_eq_nocase(name, SPAN("schema_privileges"))) {
        cJSON_ArrayForEach(row, c->grants)
        {
            add_privileges(out, row);
        }
        return out;
    }
    if (span_eq_nocase(name, SPAN("processlist"))) {
        add_processes(a, out);
        return out;
    }
    if (information &&
        (span_eq_nocase(name, SPAN("innodb_trx")) || span_eq_nocase(name, SPAN("routines")) ||
         span_eq_nocase(name, SPAN("events")) || span_eq_nocase(name, SPAN("views")) ||
         span_eq_nocase(name, SPAN("triggers"))))
        return out;
    cJSON_Delete(out);
    return NULL;
}

/* ---- SELECT. */

enum selected { A_COLUMN, AN_OWN, A_VALUE, A_COUNT, A_SUM, A_MAX, A_VERSION };

struct column {
    enum selected what;
    size_t from, to; /* words: of a column its name, of a value itself, of a sum its columns */
    size_t most;     /* bytes of a column; 0: all */
    char title[64];
};

struct selection {
    struct column columns[COLUMNS_MAX];
    size_t count;
    struct span group; /* a column; empty: none */
};

/* "A", "x.A", "A = CONNECTION_ID()" */
static bool read_name(struct sql_words *w, struct column *c, struct span *alias)
{
    c->what = A_COLUMN;
    c->from = w->next;
    *alias = sql_take_name(w);
    while (alias->data && sql_take(w, ".")) {
        c->from = w->next;
        *alias = sql_take_name(w);
    }
    if (alias->data && sql_take_all(w, "= CONNECTION_ID ( )"))
        c->what = AN_OWN;
    return alias->data != NULL;
}

/* "LEFT(A, 100)", "MAX(A)", "TIMESTAMPDIFF(SECOND, A, NOW())" of a table that has no rows. */
static bool read_of_column(struct sql_words *w, struct column *c, struct span *alias)
{
    if (sql_take_all(w, "LEFT (")) {
        if (!read_name(w, c, alias) || !sql_take(w, ","))
            return false;
        c->most = strtoul(sql_peek(w).data, NULL, 10);
        return sql_sort(w) == SQL_NUMBER && sql_take_any(w).len && sql_take(w, ")");
    }
    if (sql_take_all(w, "MAX (")) {
        const bool ok = read_name(w, c, alias) && sql_take(w, ")");
        c->what = A_MAX;
        return ok;
    }
    if (sql_take_all(w, "TIMESTAMPDIFF ( SECOND ,"))
        return read_name(w, c, alias) && sql_take_all(w, ", NOW ( ) )");
    return read_name(w, c, alias);
}

/* "COUNT(*)", "SUM(A + B)", "A", "1" and what is above, each with or without AS NAME. */
static bool read_column(struct sql_words *w, struct column *c)
{
    struct span alias = {NULL, 0}, name;
    c->from = w->next;
    if (sql_take_all(w, "COUNT ( * )")) {
        c->what = A_COUNT;
        alias = SPAN("COUNT(*)");
    } else if (sql_take_all(w, "SUM (")) {
        c->what = A_SUM;
        c->from = w->next;
        do
            name = sql_take_name(w);
        while (name.data && sql_take(w, "+"));
        c->to = w->next;
        if (!name.data || !sql_take(w, ")"))
            return false;
        alias = SPAN("SUM");
    } else if (sql_take_all(w, "VERSION ( )")) {
        c->what = A_VERSION;
        alias = SPAN("VERSION()");
    } else if (sql_sort(w) == SQL_NUMBER || sql_sort(w) == SQL_STRING) {
        c->what = A_VALUE;
        alias = sql_take_any(w);
    } else if (!read_of_column(w, c, &alias)) {
        return false;
    }
    if (sql_take(w, "AS"))
        alias = sql_take_text(w);
    (void)snprintf(c->title, sizeof(c->title), "%.*s", SPAN_ARG(alias));
    return alias.data != NULL;
}

static bool read_columns(struct sql_words *w, struct selection *s)
{
    do {
        if (s->count == COLUMNS_MAX || !read_column(w, &s->columns[s->count]))
            return false;
        s->count++;
    } while (sql_take(w, ","));
    return true;
}

static const cJSON *cell_of(const cJSON *row, struct span name)
{
    const cJSON *cell;
    if (name.len && name.data[0] == '_')
        return NULL;
    cJSON_ArrayForEach(cell, row)
    {
        if (span_eq_nocase(name, span_from(cell->string)))
            return cell;
    }
    return NULL;
}

static struct span word_at(const struct sql_words *w, size_t i)
{
    struct sql_words at = *w;
    at.next = i;
    return sql_peek(&at);
}

static struct span take_value(struct sql_words *w)
{
    return sql_take_all(w, "CONNECTION_ID ( )") ? SPAN(MYSQL_CLIENT) : sql_take_any(w);
}

/* One condition; false: it is none that is understood. */
static bool fits_one(struct sql_words *w, const cJSON *row, bool *fits)
{
    struct span name = sql_take_name(w);
    while (name.data && sql_take(w, "."))
        name = sql_take_name(w);
    const cJSON *cell = name.data ? cell_of(row, name) : NULL;
    const struct span value = cell && cell->valuestring ? span_from(cell->valuestring) : SPAN("");
    if (!name.data)
        return false;
    const bool other = sql_take_all(w, "< >") || sql_take_all(w, "! =");
    const bool negated = !other && sql_take(w, "NOT");
    if (other || sql_take(w, "=")) {
        *fits = span_eq_nocase(value, take_value(w)) != other;
    } else if (sql_take(w, "LIKE")) {
        *fits = mysql_like(sql_take_any(w), value) != negated;
    } else if (sql_take_all(w, "IN (")) {
        *fits = false;
        do
            *fits = span_eq_nocase(value, sql_take_any(w)) || *fits;
        while (sql_take(w, ","));
        *fits = *fits != negated;
        return sql_take(w, ")");
    } else if (sql_take_all(w, "IS NULL") || sql_take_all(w, "IS NOT NULL")) {
        *fits = true;
    } else {
        return false;
    }
    return true;
}

/* Takes out rows that do not fit. False: it is not understood. */
static bool filter(struct sql_words *w, cJSON *table)
{
    const size_t begin = w->next;
    size_t end = begin;
    struct sql_words *read = w;
    cJSON *row = table->child;
    while (row) {
        cJSON *next = row->next;
        bool fits = true, all = true;
        read->next = begin;
        do {
            if (!fits_one(read, row, &fits))
                return false;
            all = all && fits;
        } while (sql_take(read, "AND"));
        end = read->next;
        if (!all)
            cJSON_Delete(cJSON_DetachItemViaPointer(table, row));
        row = next;
    }
    w->next = end;
    return true;
}

static long long sum_of(const struct sql_words *w, const struct column *c, const cJSON *table)
{
    const cJSON *row;
    long long sum = 0;
    cJSON_ArrayForEach(row, table)
    {
        for (size_t i = c->from; i < c->to; i += 2) {
            const cJSON *cell = cell_of(row, word_at(w, i));
            sum += cell && cell->valuestring ? strtoll(cell->valuestring, NULL, 10) : 0;
        }
    }
    return sum;
}

static const char *most_of(const struct sql_words *w, const struct column *c, const cJSON *table)
{
    const cJSON *row, *most = NULL;
    cJSON_ArrayForEach(row, table)
    {
        const cJSON *cell = cell_of(row, word_at(w, c->from));
        if (cJSON_IsString(cell) && (!most || strcmp(cell->valuestring, most->valuestring) > 0))
            most = cell;
    }
    return most ? most->valuestring : "NULL";
}

/* row: of the table, the first of a group. */
static void put_cell(const struct mysql_asked *a, const struct column *c, const cJSON *row,
                     const cJSON *table, struct strbuf *out)
{
    const bool named = c->what == A_COLUMN || c->what == AN_OWN;
    const cJSON *cell = named ? cell_of(row, word_at(&a->words, c->from)) : NULL;
    const char *text = cell && cell->valuestring ? cell->valuestring : "NULL";
    if (c->what == A_COUNT)
        strbuf_addf(out, "%d", cJSON_GetArraySize(table));
    else if (c->what == A_SUM)
        strbuf_addf(out, "%lld", sum_of(&a->words, c, table));
    else if (c->what == A_MAX)
        strbuf_adds(out, most_of(&a->words, c, table));
    else if (c->what == A_VERSION)
        strbuf_adds(out, MYSQL_VERSION);
    else if (c->what == A_VALUE)
        strbuf_add(out, word_at(&a->words, c->from));
    else if (c->what == AN_OWN)
        strbuf_adds(out, strcmp(text, MYSQL_CLIENT) == 0 ? "1" : "0");
    else
        strbuf_add(out, span_sub(span_from(text), 0, c->most ? c->most : strlen(text)));
}

static void put_line(const struct mysql_asked *a, const struct selection *s, const cJSON *row,
                     const cJSON *table)
{
    struct strbuf cells = STRBUF_INIT(ROW_MAX);
    for (size_t i = 0; i < s->count; i++) {
        strbuf_adds(&cells, i ? "\t" : "");
        put_cell(a, &s->columns[i], row, table, &cells);
    }
    mysql_put_row(a->rows, strbuf_span(&cells));
    strbuf_clear(&cells);
}

/* Takes out the rows that have in a column what the first has. */
static cJSON *take_group(cJSON *table, struct span column)
{
    cJSON *group = cJSON_CreateArray(), *row = table->child;
    const cJSON *first = cell_of(row, column);
    while (row) {
        cJSON *next = row->next;
        if (!first || cJSON_Compare(cell_of(row, column), first, true))
            (void)cJSON_AddItemToArray(group, cJSON_DetachItemViaPointer(table, row));
        row = next;
    }
    return group;
}

static void put_selected(const struct mysql_asked *a, const struct selection *s, cJSON *table)
{
    struct strbuf names = STRBUF_INIT(ROW_MAX);
    const cJSON *row, none = {0};
    bool whole = false;
    for (size_t i = 0; i < s->count; i++) {
        const enum selected what = s->columns[i].what;
        whole = whole || what == A_COUNT || what == A_SUM || what == A_MAX;
        strbuf_addf(&names, "%s%s", i ? "\t" : "", s->columns[i].title);
    }
    mysql_put_head(a->rows, strbuf_span(&names));
    while (s->group.len && table && table->child) {
        cJSON *group = take_group(table, s->group);
        put_line(a, s, group->child, group);
        cJSON_Delete(group);
    }
    if (!s->group.len)
        for (row = whole || !table ? &none : table->child; row; row = row->next)
            put_line(a, s, row, table);
    mysql_put_end(a->rows);
    strbuf_clear(&names);
}

static bool run_select(struct mysql_asked *a)
{
    struct selection s = {0};
    struct sql_words *w = &a->words;
    cJSON *table = NULL;
    bool ok = read_columns(w, &s), from = ok && sql_take(w, "FROM");
    if (from) {
        const struct span schema = sql_take_name(w);
        ok = schema.data && sql_take(w, ".");
        table = ok ? make_table(a, schema, sql_take_name(w)) : NULL;
        ok = table && (!sql_take(w, "WHERE") || filter(w, table));
        if (ok && sql_take_all(w, "GROUP BY"))
            ok = (s.group = sql_take_name(w)).len > 0;
        if (ok && sql_take_all(w, "ORDER BY"))
            do
                ok = sql_take_name(w).data != NULL;
            while (ok && (sql_take(w, "DESC") || sql_take(w, "ASC") || sql_take(w, ",")) &&
                   sql_sort(w) == SQL_WORD && !span_eq_nocase(sql_peek(w), SPAN("LIMIT")));
        if (ok && sql_take(w, "LIMIT"))
            (void)sql_take_any(w);
    }
    /* Of no row its conditions are not read. */
    ok = ok && (sql_at_end(w) || (table && !table->child));
    if (ok)
        put_selected(a, &s, table);
    cJSON_Delete(table);
    return ok;
}

/* ---- SHOW. */

static bool has_all(const cJSON *list)
{
    const cJSON *p;
    int found = 0;
    cJSON_ArrayForEach(p, list)
    {
        if (strcmp(p->valuestring, "ALL PRIVILEGES") == 0)
            return true;
        for (size_t i = 0; i < MYSQL_PRIVILEGES; i++)
            found += strcmp(p->valuestring, mysql_privileges[i]) == 0;
    }
    return found == MYSQL_PRIVILEGES;
}

static void add_quoted(struct strbuf *out, const char *name)
{
    if (strcmp(name, "*") == 0)
        strbuf_addc(out, '*');
    else
        strbuf_addf(out, "`%s`", name);
}

static void put_grant(const struct mysql_asked *a, const cJSON *g)
{
    const cJSON *list = member(g, "_privileges"), *p;
    struct strbuf text = STRBUF_INIT(4096);
    strbuf_adds(&text, "GRANT ");
    if (has_all(list))
        strbuf_adds(&text, "ALL PRIVILEGES");
    else
        cJSON_ArrayForEach(p, list)
        {
            strbuf_addf(&text, "%s%s", p == list->child ? "" : ", ", p->valuestring);
        }
    strbuf_adds(&text, " ON ");
    add_quoted(&text, json_member(g, "Db"));
    strbuf_addc(&text, '.');
    add_quoted(&text, json_member(g, "Table_name"));
    strbuf_addf(&text, " TO `%s`@`%s`%s", json_member(g, "User"), json_member(g, "Host"),
                strcmp(json_member(g, "Grant_priv"), "Y") == 0 ? " WITH GRANT OPTION" : "");
    mysql_put_row(a->rows, strbuf_span(&text));
    strbuf_clear(&text);
}

static bool show_grants(struct mysql_asked *a)
{
    struct span name = span_from(json_member(a->user, "User")),
                host = span_from(json_member(a->user, "Host"));
    struct strbuf text = STRBUF_INIT(2048);
    const cJSON *g;
    bool global = false;
    if (sql_take(&a->words, "FOR") && !sql_take_all(&a->words, "CURRENT_USER ( )") &&
        !sql_take(&a->words, "CURRENT_USER") && !sql_take_user(&a->words, &name, &host))
        return false;
    const cJSON *user = mysql_user(a->catalog, name, host);
    if (!user) {
        mysql_put_error(a->rows, 1141, "42000",
                        "There is no such grant defined for this user and host");
        return true;
    }
    strbuf_addf(&text, "Grants for %.*s@%.*s", SPAN_ARG(name), SPAN_ARG(host));
    mysql_put_head(a->rows, strbuf_span(&text));
    cJSON_ArrayForEach(g, a->catalog->grants)
    {
        global = global || (mysql_grant_is_of(g, user) && strcmp(json_member(g, "Db"), "*") == 0);
    }
    if (!global) {
        strbuf_truncate(&text, 0);
        strbuf_addf(&text, "GRANT USAGE ON *.* TO `%.*s`@`%.*s`", SPAN_ARG(name), SPAN_ARG(host));
        mysql_put_row(a->rows, strbuf_span(&text));
    }
    cJSON_ArrayForEach(g, a->catalog->grants)
    {
        if (mysql_grant_is_of(g, user))
            put_grant(a, g);
    }
    mysql_put_end(a->rows);
    strbuf_clear(&text);
    return true;
}

static bool show_create_user(struct mysql_asked *a)
{
    struct span name, host;
    struct strbuf text = STRBUF_INIT(4096);
    const cJSON *u =
        sql_take_user(&a->words, &name, &host) ? mysql_user(a->catalog, name, host) : NULL;
    if (!u) {
        mysql_put_error(a->rows, 1396, "HY000", "Operation SHOW CREATE USER failed");
        return true;
    }
    strbuf_addf(&text, "CREATE USER for %.*s@%.*s", SPAN_ARG(name), SPAN_ARG(host));
    mysql_put_head(a->rows, strbuf_span(&text));
    strbuf_truncate(&text, 0);
    strbuf_addf(&text, "CREATE USER `%.*s`@`%.*s` IDENTIFIED WITH '%s' REQUIRE %s", SPAN_ARG(name),
                SPAN_ARG(host), json_member(u, "plugin"),
                strcmp(json_member(u, "ssl_type"), "ANY") == 0 ? "SSL" : "NONE");
    if (strcmp(json_member(u, "max_user_connections"), "0") != 0)
        strbuf_addf(&text, " WITH MAX_USER_CONNECTIONS %s", json_member(u, "max_user_connections"));
    strbuf_addf(&text, " PASSWORD EXPIRE DEFAULT ACCOUNT %s",
                strcmp(json_member(u, "account_locked"), "Y") == 0 ? "LOCK" : "UNLOCK");
    mysql_put_row(a->rows, strbuf_span(&text));
    mysql_put_end(a->rows);
    strbuf_clear(&text);
    return true;
}

static bool show_create_database(struct mysql_asked *a)
{
    const struct span name = sql_take_name(&a->words);
    const cJSON *d = mysql_database(a->catalog, name);
    struct strbuf text = STRBUF_INIT(2048);
    if (!d) {
        strbuf_addf(&text, "Unknown database '%.*s'", SPAN_ARG(name));
        mysql_put_error(a->rows, 1049, "42000", strbuf_cstr(&text));
    } else {
        mysql_put_head(a->rows, SPAN("Database\tCreate Database"));
        strbuf_addf(&text,
                    "%.*s\tCREATE DATABASE `%.*s` /*!40100 DEFAULT CHARACTER SET %s COLLATE %s */",
                    SPAN_ARG(name), SPAN_ARG(name), json_member(d, "DEFAULT_CHARACTER_SET_NAME"),
                    json_member(d, "DEFAULT_COLLATION_NAME"));
        mysql_put_row(a->rows, strbuf_span(&text));
        mysql_put_end(a->rows);
    }
    strbuf_clear(&text);
    return true;
}

static bool show_databases(struct mysql_asked *a)
{
    const cJSON *d;
    mysql_put_head(a->rows, SPAN("Database"));
    cJSON_ArrayForEach(d, a->catalog->databases)
    {
        mysql_put_row(a->rows, span_from(json_member(d, "SCHEMA_NAME")));
    }
    mysql_put_end(a->rows);
    return true;
}

bool mysql_select(struct mysql_asked *a)
{
    static const struct {
        const char *begins;
        bool (*run)(struct mysql_asked *a);
    } known[] = {
        {"SELECT", run_select},
        {"SHOW GRANTS", show_grants},
        {"SHOW CREATE USER", show_create_user},
        {"SHOW CREATE DATABASE", show_create_database},
        {"SHOW CREATE SCHEMA", show_create_database},
        {"SHOW DATABASES", show_databases},
    };

    for (size_t i = 0; i < BN_COUNT(known); i++)
        if (sql_take_all(&a->words, known[i].begins))
            return known[i].run(a);
    return false;
}
