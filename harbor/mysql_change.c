/* Statements that change what a cluster keeps. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/mysql_catalog.h"

#include <stdlib.h>

static void set_span(cJSON *object, const char *key, struct span value)
{
    char *text = xalloc_bytes(value.data, value.len);
    json_set_text(object, key, text);
    free(text);
}

static bool same(struct span text, const cJSON *object, const char *key)
{
    return span_is(text, json_member(object, key));
}

static void refuse(struct mysql_asked *a, unsigned number, const char *state, const char *what,
                   struct span name)
{
    struct strbuf text = STRBUF_INIT(2048);
    strbuf_addf(&text, "%s '%.*s'", what, SPAN_ARG(name));
    mysql_put_error(a->rows, number, state, strbuf_cstr(&text));
    strbuf_clear(&text);
}

static void syntax(struct mysql_asked *a)
{
    mysql_put_error(a->rows, 1064, "42000", "You have an error in your SQL syntax");
}

/* ---- Databases. */

static bool read_charset(struct sql_words *w, cJSON *database)
{
    (void)sql_take(w, "DEFAULT");
    const bool charset = sql_take_all(w, "CHARACTER SET") || sql_take(w, "CHARSET");
    if (!charset && !sql_take(w, "COLLATE"))
        return false;
    (void)sql_take(w, "=");
    const struct span value = sql_take_text(w);
    set_span(database, charset ? "DEFAULT_CHARACTER_SET_NAME" : "DEFAULT_COLLATION_NAME", value);
    return value.data != NULL;
}

static void create_database(struct mysql_asked *a)
{
    static const char *const counts[] = {"data", "idx", "tables", "nrows", "other"};
    const bool lenient = sql_take_all(&a->words, "IF NOT EXISTS");
    const struct span name = sql_take_name(&a->words);
    cJSON *d = cJSON_CreateObject();
    set_span(d, "SCHEMA_NAME", name);
    json_set_text(d, "DEFAULT_CHARACTER_SET_NAME", "utf8mb4");
    json_set_text(d, "DEFAULT_COLLATION_NAME", "utf8mb4_0900_ai_ci");
    while (read_charset(&a->words, d))
        ;
    for (size_t i = 0; i < BN_COUNT(counts); i++)
        json_set_text(d, counts[i], "0");
    if (!name.len || !sql_at_end(&a->words)) {
        syntax(a);
    } else if (mysql_database(a->catalog, name) && !lenient) {
        struct strbuf text = STRBUF_INIT(1024);
        strbuf_addf(&text, "Can't create database '%.*s'; database exists", SPAN_ARG(name));
        mysql_put_error(a->rows, 1007, "HY000", strbuf_cstr(&text));
        strbuf_clear(&text);
    } else {
        if (!mysql_database(a->catalog, name)) {
            (void)cJSON_AddItemToArray(a->catalog->databases, d);
            d = NULL;
        }
        mysql_put_done(a->rows);
    }
    cJSON_Delete(d);
}

static void drop_database(struct mysql_asked *a)
{
    const bool lenient = sql_take_all(&a->words, "IF EXISTS");
    const struct span name = sql_take_name(&a->words);
    cJSON *d = mysql_database(a->catalog, name);
    if (!name.len || !sql_at_end(&a->words)) {
        syntax(a);
        return;
    }
    if (!d && !lenient) {
        struct strbuf text = STRBUF_INIT(1024);
        strbuf_addf(&text, "Can't drop database '%.*s'; database doesn't exist", SPAN_ARG(name));
        mysql_put_error(a->rows, 1008, "HY000", strbuf_cstr(&text));
        strbuf_clear(&text);
        return;
    }
    if (d)
        cJSON_Delete(cJSON_DetachItemViaPointer(a->catalog->databases, d));
    mysql_put_done(a->rows);
}

/* ---- Users. */

static bool read_password(struct sql_words *w, cJSON *user)
{
    if (!sql_take(w, "IDENTIFIED"))
        return false;
    if (sql_take(w, "WITH"))
        set_span(user, "plugin", sql_take_text(w));
    const struct span password = sql_take(w, "BY") ? sql_take_string(w) : (struct span){NULL, 0};
    if (password.data)
        set_span(user, "_password", password);
    return password.data != NULL;
}

static bool read_requirement(struct sql_words *w, cJSON *user)
{
    if (!sql_take(w, "REQUIRE"))
        return false;
    if (sql_take(w, "NONE"))
        json_set_text(user, "ssl_type", "");
    else if (sql_take(w, "SSL"))
        json_set_text(user, "ssl_type", "ANY");
    else if (sql_take(w, "X509"))
        json_set_text(user, "ssl_type", "X509");
    else
        return false;
    return true;
}

static bool read_lock(struct sql_words *w, cJSON *user)
{
    const bool lock = sql_take_all(w, "ACCOUNT LOCK");
    if (!lock && !sql_take_all(w, "ACCOUNT UNLOCK"))
        return false;
    json_set_text(user, "account_locked", lock ? "Y" : "N");
    return true;
}

static bool read_limit(struct sql_words *w, cJSON *user)
{
    (void)sql_take(w, "WITH");
    if (!sql_take(w, "MAX_USER_CONNECTIONS"))
        return false;
    set_span(user, "max_user_connections", sql_take_any(w));
    return true;
}

/* Two passwords [dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords]: before is
 * what was known, "" when a Secret alone knows it. */
static bool read_second(struct sql_words *w, cJSON *user, const char *before)
{
    if (sql_take_all(w, "RETAIN CURRENT PASSWORD"))
        json_set_text(user, "_second", before);
    else if (sql_take_all(w, "DISCARD OLD PASSWORD"))
        cJSON_DeleteItemFromObjectCaseSensitive(user, "_second");
    else
        return false;
    return true;
}

static bool read_user(struct mysql_asked *a, cJSON *user, const char *before)
{
    struct sql_words *w = &a->words;
    while (read_password(w, user) || read_requirement(w, user) || read_limit(w, user) ||
           read_lock(w, user) || read_second(w, user, before))
        ;
    return sql_at_end(w) || span_is(sql_peek(w), ",");
}

static void create_user(struct mysql_asked *a)
{
    const bool lenient = sql_take_all(&a->words, "IF NOT EXISTS");
    struct span name, host;
    cJSON *u = cJSON_CreateObject();
    bool ok = sql_take_user(&a->words, &name, &host);
    set_span(u, "User", name);
    set_span(u, "Host", host);
    json_set_text(u, "plugin", "caching_sha2_password");
    json_set_text(u, "account_locked", "N");
    json_set_text(u, "password_expired", "N");
    json_set_text(u, "ssl_type", "");
    json_set_text(u, "max_user_connections", "0");
    json_set_text(u, "_password", "");
    ok = ok && read_user(a, u, "") && sql_at_end(&a->words);
    const bool there = ok && mysql_user(a->catalog, name, host);
    if (!ok) {
        syntax(a);
    } else if (there && !lenient) {
        refuse(a, 1396, "HY000", "Operation CREATE USER failed for", name);
    } else {
        if (!there) {
            (void)cJSON_AddItemToArray(a->catalog->users, u);
            u = NULL;
        }
        mysql_put_done(a->rows);
    }
    cJSON_Delete(u);
}

/* The password that a user has, of whom a Secret alone may know it, stays known. False: *a is
 * answered. */
static bool alter_one(struct mysql_asked *a)
{
    struct span name, host;
    const bool ok = sql_take_user(&a->words, &name, &host);
    cJSON *u = ok ? mysql_user(a->catalog, name, host) : NULL;
    if (!ok) {
        syntax(a);
    } else if (!u) {
        refuse(a, 1396, "HY000", "Operation ALTER USER failed for", name);
    } else {
        cJSON *changed = cJSON_Duplicate(u, true);
        struct strbuf before = STRBUF_INIT(4096);
        strbuf_adds(&before, json_member(u, "_password"));
        if (!member(u, "_password"))
            mysql_secret_of(a->server, a->pod, u, &before);
        const bool read = read_user(a, changed, strbuf_cstr(&before));
        strbuf_wipe(&before);
        if (read) {
            cJSON_ReplaceItemViaPointer(a->catalog->users, u, changed);
            return true;
        }
        cJSON_Delete(changed);
        syntax(a);
    }
    return false;
}

/* The same one may come twice: what is said first is done first, as MySQL 9.7 was seen to do. */
static void alter_user(struct mysql_asked *a)
{
    (void)sql_take_all(&a->words, "IF EXISTS");
    while (alter_one(a))
        if (!sql_take(&a->words, ",")) {
            mysql_put_done(a->rows);
            break;
        }
}

static void forget_grants(struct mysql_catalog *c, struct span name, struct span host)
{
    cJSON *g = c->grants->child;
    while (g) {
        cJSON *next = g->next;
        if (same(name, g, "User") && same(host, g, "Host"))
            cJSON_Delete(cJSON_DetachItemViaPointer(c->grants, g));
        g = next;
    }
}

static void drop_user(struct mysql_asked *a)
{
    const bool lenient = sql_take_all(&a->words, "IF EXISTS");
    struct span name, host;
    do {
        if (!sql_take_user(&a->words, &name, &host)) {
            syntax(a);
            return;
        }
        cJSON *u = mysql_user(a->catalog, name, host);
        if (!u && !lenient) {
            refuse(a, 1396, "HY000", "Operation DROP USER failed for", name);
            return;
        }
        if (u)
            cJSON_Delete(cJSON_DetachItemViaPointer(a->catalog->users, u));
        forget_grants(a->catalog, name, host);
    } while (sql_take(&a->words, ","));
    mysql_put_done(a->rows);
}

/* ---- Rights. */

/* "SELECT, CREATE VIEW" to before ON. */
static cJSON *read_privileges(struct sql_words *w, bool *option)
{
    cJSON *list = cJSON_CreateArray();
    struct strbuf one = STRBUF_INIT(256);
    *option = false;
    while (sql_sort(w) == SQL_WORD) {
        const struct span word = sql_peek(w);
        if (span_eq_nocase(word, SPAN("ON")) || span_eq_nocase(word, SPAN("FROM")))
            break;
        (void)sql_take_any(w);
        strbuf_addf(&one, "%s%.*s", one.len ? " " : "", SPAN_ARG(word));
        if (sql_sort(w) == SQL_WORD && !span_eq_nocase(sql_peek(w), SPAN("ON")) &&
            !span_eq_nocase(sql_peek(w), SPAN("FROM")))
            continue;
        for (size_t i = 0; i < one.len; i++)
            if (one.data[i] >= 'a' && one.data[i] <= 'z')
                one.data[i] = (char)(one.data[i] - 'a' + 'A');
        if (span_is(strbuf_span(&one), "ALL"))
            strbuf_adds(&one, " PRIVILEGES");
        if (span_is(strbuf_span(&one), "GRANT OPTION"))
            *option = true;
        else
            (void)cJSON_AddItemToArray(list, cJSON_CreateString(strbuf_cstr(&one)));
        strbuf_truncate(&one, 0);
        if (!sql_take(w, ","))
            break;
    }
    strbuf_clear(&one);
    return list;
}

/* *.*, `db`.*, `db`.`table` */
static bool read_object(struct sql_words *w, struct span *db, struct span *table)
{
    *db = sql_take(w, "*") ? SPAN("*") : sql_take_name(w);
    if (!db->data || !sql_take(w, "."))
        return false;
    *table = sql_take(w, "*") ? SPAN("*") : sql_take_name(w);
    return table->data != NULL;
}

static cJSON *find_grant(const struct mysql_catalog *c, struct span db, struct span table,
                         struct span user, struct span host)
{
    cJSON *g;
    cJSON_ArrayForEach(g, c->grants)
    {
        if (same(db, g, "Db") && same(table, g, "Table_name") && same(user, g, "User") &&
            same(host, g, "Host"))
            return g;
    }
    return NULL;
}

static cJSON *find_word(const cJSON *list, const char *word)
{
    cJSON *w;
    cJSON_ArrayForEach(w, list)
    {
        if (strcmp(w->valuestring, word) == 0)
            return w;
    }
    return NULL;
}

static void grant(struct mysql_asked *a)
{
    struct sql_words *w = &a->words;
    struct span db, table, user, host;
    bool option;
    cJSON *list = read_privileges(w, &option), *p;
    bool ok = sql_take(w, "ON") && read_object(w, &db, &table) && sql_take(w, "TO") &&
              sql_take_user(w, &user, &host);
    option = (ok && sql_take_all(w, "WITH GRANT OPTION")) || option;
    ok = ok && sql_at_end(w);
    if (!ok || !mysql_user(a->catalog, user, host)) {
        if (ok)
            mysql_put_error(a->rows, 1410, "42000",
                            "You are not allowed to create a user with GRANT");
        else
            syntax(a);
        cJSON_Delete(list);
        return;
    }
    cJSON *g = find_grant(a->catalog, db, table, user, host);
    if (!g) {
        g = cJSON_CreateObject();
        set_span(g, "Db", db);
        set_span(g, "Table_name", table);
        set_span(g, "User", user);
        set_span(g, "Host", host);
        json_set_text(g, "Grant_priv", "N");
        (void)cJSON_AddArrayToObject(g, "_privileges");
        (void)cJSON_AddItemToArray(a->catalog->grants, g);
    }
    cJSON_ArrayForEach(p, list)
    {
        if (!find_word(member(g, "_privileges"), p->valuestring))
            (void)cJSON_AddItemToArray(member(g, "_privileges"),
                                       cJSON_CreateString(p->valuestring));
    }
    if (option)
        json_set_text(g, "Grant_priv", "Y");
    mysql_put_done(a->rows);
    cJSON_Delete(list);
}

static void revoke(struct mysql_asked *a)
{
    struct sql_words *w = &a->words;
    struct span db, table, user, host;
    bool option;
    (void)sql_take_all(w, "IF EXISTS");
    cJSON *list = read_privileges(w, &option), *p;
    const bool all = sql_take(w, "FROM");
    bool ok = (all || (sql_take(w, "ON") && read_object(w, &db, &table) && sql_take(w, "FROM"))) &&
              sql_take_user(w, &user, &host) && sql_at_end(w);
    cJSON *g = ok && !all ? find_grant(a->catalog, db, table, user, host) : NULL;
    if (!ok) {
        syntax(a);
    } else if (all) {
        forget_grants(a->catalog, user, host);
        mysql_put_done(a->rows);
    } else if (!g) {
        refuse(a, 1141, "42000", "There is no such grant defined for user", user);
    } else {
        cJSON *have = member(g, "_privileges"), *whole = find_word(have, "ALL PRIVILEGES");
        for (size_t i = 0; whole && i < MYSQL_PRIVILEGES; i++)
            (void)cJSON_AddItemToArray(have, cJSON_CreateString(mysql_privileges[i]));
        cJSON_Delete(cJSON_DetachItemViaPointer(have, whole));
        if (option)
            json_set_text(g, "Grant_priv", "N");
        cJSON_ArrayForEach(p, list)
        {
            if (strcmp(p->valuestring, "ALL PRIVILEGES") == 0)
                while (have->child)
                    cJSON_Delete(cJSON_DetachItemViaPointer(have, have->child));
            cJSON_Delete(cJSON_DetachItemViaPointer(have, find_word(have, p->valuestring)));
        }
        if (!have->child)
            cJSON_Delete(cJSON_DetachItemViaPointer(a->catalog->grants, g));
        mysql_put_done(a->rows);
    }
    cJSON_Delete(list);
}

/* ---- Connections. */

static void kill_one(struct mysql_asked *a)
{
    const bool query = sql_take(&a->words, "QUERY");
    (void)sql_take(&a->words, "CONNECTION");
    const struct span said = sql_take_any(&a->words);
    char *number = xalloc_bytes(said.data, said.len);
    if (!mysql_has_process(a, number)) {
        struct strbuf text = STRBUF_INIT(256);
        strbuf_addf(&text, "Unknown thread id: %.32s", number);
        mysql_put_error(a->rows, 1094, "HY000", strbuf_cstr(&text));
        strbuf_clear(&text);
    } else {
        struct strbuf text = STRBUF_INIT(1024);
        strbuf_addf(&text, "%s %s", a->pod->name, number);
        (void)cJSON_AddItemToArray(query ? a->catalog->stopped : a->catalog->killed,
                                   cJSON_CreateString(strbuf_cstr(&text)));
        strbuf_clear(&text);
        mysql_put_done(a->rows);
    }
    free(number);
}

static void nothing(struct mysql_asked *a)
{
    mysql_put_done(a->rows);
}

bool mysql_change(struct mysql_asked *a)
{
    static const struct {
        const char *begins;
        void (*run)(struct mysql_asked *a);
        bool anybody;
    } known[] = {
        {"CREATE DATABASE", create_database, false},
        {"CREATE SCHEMA", create_database, false},
        {"DROP DATABASE", drop_database, false},
        {"DROP SCHEMA", drop_database, false},
        {"CREATE USER", create_user, false},
        {"ALTER USER", alter_user, false},
        {"DROP USER", drop_user, false},
        {"GRANT", grant, false},
        {"REVOKE", revoke, false},
        {"KILL", kill_one, false},
        {"FLUSH", nothing, false},
        {"SET", nothing, true},
        {"DO", nothing, true},
    };

    for (size_t i = 0; i < BN_COUNT(known); i++) {
        if (!sql_take_all(&a->words, known[i].begins))
            continue;
        if (known[i].anybody || mysql_is_admin(a->catalog, a->user))
            known[i].run(a);
        else
            mysql_put_error(a->rows, 1227, "42000",
                            "Access denied; you need (at least one of) the CREATE USER "
                            "privilege(s) for this operation");
        return true;
    }
    return false;
}
