/* Databases, users and their rights, as they stand. */
#include <config.h>

#include "harbor/mysql_catalog.h"

#include "base/alloc.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/secrets.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX  ((size_t)256 << 10)
#define APP_USERS "mysql-app-users" /* the platform's Secret of them */

static const cJSON *label(const struct object *pod, const char *key)
{
    return member(member(member(pod->json, "metadata"), "labels"), key);
}

static const char *cluster_name(const struct object *pod)
{
    const char *name = cJSON_GetStringValue(label(pod, "app.kubernetes.io/instance"));
    return name ? name : "";
}

/* ---- As the files have it: a line of names, and lines of cells, with tabs between. */

cJSON *mysql_row(struct span names, struct span cells)
{
    cJSON *row = cJSON_CreateObject();
    struct span name, cell;
    char key[64], value[1024];
    while (span_split(&names, '\t', &name) && span_split(&cells, '\t', &cell)) {
        (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(name));
        (void)snprintf(value, sizeof(value), "%.*s", SPAN_ARG(cell));
        if (strcmp(value, "NULL") == 0)
            (void)cJSON_AddNullToObject(row, key);
        else
            (void)cJSON_AddStringToObject(row, key, value);
    }
    return row;
}

static cJSON *read_table(const struct server *server, const char *name)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    cJSON *table = cJSON_CreateArray();
    struct span rest, names, line;
    mysql_read_data(server, name, &text);
    rest = strbuf_span(&text);
    (void)span_split(&rest, '\n', &names);
    while (span_split(&rest, '\n', &line))
        if (line.len)
            (void)cJSON_AddItemToArray(table, mysql_row(names, line));
    strbuf_clear(&text);
    return table;
}

static void rename_member(cJSON *row, const char *from, const char *to)
{
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(row, from);
    if (item)
        (void)cJSON_AddItemToObject(row, to, item);
}

static void rename_all(cJSON *table, const char *const (*names)[2], size_t count)
{
    cJSON *row;
    cJSON_ArrayForEach(row, table)
    {
        for (size_t i = 0; i < count; i++)
            rename_member(row, names[i][0], names[i][1]);
    }
}

static void complete_user(cJSON *user)
{
    static const char *const flags[] = {"account_locked", "password_expired"};
    for (size_t i = 0; i < BN_COUNT(flags); i++)
        json_set_text(user, flags[i], json_member(user, flags[i])[0] == '1' ? "Y" : "N");
    json_set_text(user, "ssl_type", "");
    json_set_text(user, "max_user_connections", "0");
}

static void add_grant(cJSON *grants, const char *db, const char *user, const char *privilege,
                      const char *option)
{
    cJSON *g = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(g, "Db", db);
    (void)cJSON_AddStringToObject(g, "User", user);
    (void)cJSON_AddStringToObject(g, "Host", "%");
    (void)cJSON_AddItemToObject(g, "_privileges", cJSON_CreateStringArray(&privilege, 1));
    (void)cJSON_AddStringToObject(g, "Table_name", "*");
    (void)cJSON_AddStringToObject(g, "Grant_priv", option);
    (void)cJSON_AddItemToArray(grants, g);
}

static struct mysql_catalog *load(const struct server *server, const char *cluster)
{
    static const char *const of_databases[][2] = {{"name", "SCHEMA_NAME"},
                                                  {"cs", "DEFAULT_CHARACTER_SET_NAME"},
                                                  {"co", "DEFAULT_COLLATION_NAME"}},
                             *const of_users[][2] = {{"name", "User"},
                                                     {"host", "Host"},
                                                     {"locked", "account_locked"},
                                                     {"expired", "password_expired"}};
    struct mysql_catalog *c = xalloc_zero(1, sizeof(*c));
    cJSON *g, *u, *files = read_table(server, "grants.txt");
    c->cluster = xalloc_text(cluster);
    c->databases = read_table(server, "databases.txt");
    c->users = read_table(server, "users.txt");
    c->grants = cJSON_CreateArray();
    c->killed = cJSON_CreateArray();
    c->stopped = cJSON_CreateArray();
    rename_all(c->databases, of_databases, BN_COUNT(of_databases));
    rename_all(c->users, of_users, BN_COUNT(of_users));
    cJSON_ArrayForEach(u, c->users)
    {
        complete_user(u);
    }
    add_grant(c->grants, "*", "root", "ALL PRIVILEGES", "Y");
    cJSON_ArrayForEach(g, files)
    {
        add_grant(c->grants, json_member(g, "db"), json_member(g, "name"), "ALL PRIVILEGES", "N");
    }
    cJSON_Delete(files);
    return c;
}

struct mysql_catalog *mysql_catalog_of(struct server *server, const struct object *pod)
{
    struct strbuf cluster = STRBUF_INIT(1024);
    strbuf_addf(&cluster, "%s/%s", pod->ns, cluster_name(pod));
    struct mysql_catalog *c = server->mysql_catalogs;
    while (c && strcmp(c->cluster, strbuf_cstr(&cluster)) != 0)
        c = c->next;
    if (!c) {
        c = load(server, strbuf_cstr(&cluster));
        c->next = server->mysql_catalogs;
        server->mysql_catalogs = c;
    }
    strbuf_clear(&cluster);
    return c;
}

void mysql_catalogs_free(struct server *server)
{
    while (server->mysql_catalogs) {
        struct mysql_catalog *c = server->mysql_catalogs;
        server->mysql_catalogs = c->next;
        cJSON_Delete(c->databases);
        cJSON_Delete(c->users);
        cJSON_Delete(c->grants);
        cJSON_Delete(c->killed);
        cJSON_Delete(c->stopped);
        free(c->cluster);
        free(c);
    }
}

/* ---- Who and what is there. */

const char *mysql_size(const struct mysql_rows *r, const cJSON *database, const char *what)
{
    return r->sizes_now ? json_member(database, what) : "16384";
}

cJSON *mysql_database(const struct mysql_catalog *c, struct span name)
{
    cJSON *d;
    cJSON_ArrayForEach(d, c->databases)
    {
        if (span_is(name, json_member(d, "SCHEMA_NAME")))
            return d;
    }
    return NULL;
}

cJSON *mysql_user(const struct mysql_catalog *c, struct span name, struct span host)
{
    cJSON *u;
    cJSON_ArrayForEach(u, c->users)
    {
        if (span_is(name, json_member(u, "User")) && span_is(host, json_member(u, "Host")))
            return u;
    }
    return NULL;
}

/* Clients come by the port-forward or HAProxy, of which a pattern says little: one that is not of
 * the server's own machine is enough. */
cJSON *mysql_login(const struct mysql_catalog *c, struct span name)
{
    cJSON *u, *found = mysql_user(c, name, SPAN("%"));
    cJSON_ArrayForEach(u, c->users)
    {
        if (!found && span_is(name, json_member(u, "User")) &&
            strcmp(json_member(u, "Host"), "localhost") != 0)
            found = u;
    }
    return found;
}

void mysql_secret_of(const struct server *server, const struct object *pod, const cJSON *user,
                     struct strbuf *out)
{
    char secret[512];
    (void)snprintf(secret, sizeof(secret), "%s-secrets", cluster_name(pod));
    if (!secret_value(server->objects, pod->ns, secret, json_member(user, "User"), out))
        (void)secret_value(server->objects, pod->ns, APP_USERS, json_member(user, "User"), out);
}

bool mysql_password_is(const struct server *server, const struct object *pod, const cJSON *user,
                       struct span password)
{
    const cJSON *own = member(user, "_password"), *second = member(user, "_second");
    struct strbuf known = STRBUF_INIT(2048);
    if (!password.len || strcmp(json_member(user, "account_locked"), "Y") == 0)
        return false;
    if (own)
        strbuf_adds(&known, own->valuestring);
    else
        mysql_secret_of(server, pod, user, &known);
    const bool is = span_eq(password, strbuf_span(&known)) ||
                    (second && span_is(password, second->valuestring));
    strbuf_wipe(&known);
    return is;
}

bool mysql_like(struct span pattern, struct span text)
{
    while (pattern.len && pattern.data[0] != '%') {
        const bool escape = pattern.data[0] == '\\' && pattern.len > 1;
        if (!text.len)
            return false;
        if (escape)
            pattern = span_sub(pattern, 1, pattern.len);
        if ((escape || pattern.data[0] != '_') && pattern.data[0] != text.data[0])
            return false;
        pattern = span_sub(pattern, 1, pattern.len);
        text = span_sub(text, 1, text.len);
    }
    if (!pattern.len)
        return !text.len;
    for (size_t i = 0; i <= text.len; i++)
        if (mysql_like(span_sub(pattern, 1, pattern.len), span_sub(text, i, text.len)))
            return true;
    return false;
}

bool mysql_grant_is_of(const cJSON *grant, const cJSON *user)
{
    return strcmp(json_member(grant, "User"), json_member(user, "User")) == 0 &&
           strcmp(json_member(grant, "Host"), json_member(user, "Host")) == 0;
}

bool mysql_may_use(const struct mysql_catalog *c, const cJSON *user, struct span database)
{
    const cJSON *g;
    cJSON_ArrayForEach(g, c->grants)
    {
        const char *db = json_member(g, "Db");
        if (mysql_grant_is_of(g, user) &&
            (strcmp(db, "*") == 0 || mysql_like(span_from(db), database)))
            return true;
    }
    return false;
}

bool mysql_is_admin(const struct mysql_catalog *c, const cJSON *user)
{
    const cJSON *g;
    cJSON_ArrayForEach(g, c->grants)
    {
        if (mysql_grant_is_of(g, user) && strcmp(json_member(g, "Db"), "*") == 0 &&
            strcmp(json_member(g, "Grant_priv"), "Y") == 0)
            return true;
    }
    return false;
}
