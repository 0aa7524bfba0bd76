/* What the database clusters of the platform keep: databases, users, what users may do. It begins as
 * harbor/data/mysql has it and changes by statements. */
#ifndef BINNACLE_HARBOR_MYSQL_CATALOG_H
#define BINNACLE_HARBOR_MYSQL_CATALOG_H

#include "harbor/mysql.h"
#include "harbor/mysql_sql.h"

/* Rows are objects whose members are called as MySQL's own columns; what begins with '_' is nobody's
 * to see.
 *   databases: SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME data idx tables nrows
 *   users: User Host plugin account_locked password_expired ssl_type max_user_connections
 *          _password, and _second where there are two
 *   grants: Db Table_name User Host _privileges (an array; "ALL PRIVILEGES"), Grant_priv (Y, N)
 *   killed, stopped: connections of servers, as "POD NUMBER", that are no more, and whose statement
 *          was ended */
struct mysql_catalog {
    struct mysql_catalog *next;
    char *cluster; /* owned; "NAMESPACE/NAME" */
    cJSON *databases, *users, *grants, *killed, *stopped;
};

/* That of a pod's cluster; made when it is first asked for. */
struct mysql_catalog *mysql_catalog_of(struct server *server, const struct object *pod);
void mysql_catalogs_free(struct server *server);

/* A row of cells, with tabs between as between the names of their columns; NULL is one. */
cJSON *mysql_row(struct span names, struct span cells);
/* Bytes of a database, "data" or "idx": by now, or those of the day before, when it was empty, as a
 * server has them unless it is told otherwise [MySQL manual, information_schema_stats_expiry]. */
const char *mysql_size(const struct mysql_rows *r, const cJSON *database, const char *what);
cJSON *mysql_database(const struct mysql_catalog *c, struct span name);
cJSON *mysql_user(const struct mysql_catalog *c, struct span name, struct span host);
/* The user that a login by this name is taken for; NULL: none. */
cJSON *mysql_login(const struct mysql_catalog *c, struct span name);
/* A Secret of the cluster knows the passwords of those that no statement has made. */
bool mysql_password_is(const struct server *server, const struct object *pod, const cJSON *user,
                       struct span password);
bool mysql_grant_is_of(const cJSON *grant, const cJSON *user);
/* Whether the user may use this database at all; a grant's name is a pattern. */
bool mysql_may_use(const struct mysql_catalog *c, const cJSON *user, struct span database);
/* Appends the password that a Secret has for the user; nothing when none has. *out to be wiped. */
void mysql_secret_of(const struct server *server, const struct object *pod, const cJSON *user,
                     struct strbuf *out);
bool mysql_is_admin(const struct mysql_catalog *c, const cJSON *user);
/* How a pattern of LIKE fits. */
bool mysql_like(struct span pattern, struct span text);

/* ---- mysql_change.c, mysql_select.c: statements of a user. */

struct mysql_asked {
    struct server *server;
    const struct object *pod;
    struct mysql_catalog *catalog;
    const cJSON *user;
    struct sql_words words;
    struct mysql_rows *rows; /* for the answer */
};

/* False: it is no statement of these. */
bool mysql_change(struct mysql_asked *a);
bool mysql_select(struct mysql_asked *a);
/* Takes the next connection off the front of what processlist.txt has, as it stands by now on the
 * pod's server, with tabs between its cells. False: that was the last. */
bool mysql_take_process(const struct mysql_catalog *c, const struct object *pod, struct span *rest,
                        struct strbuf *cells);
/* Whether there is such a connection, as SHOW PROCESSLIST has it. */
bool mysql_has_process(const struct mysql_asked *a, const char *number);

/* Jobs by which a person has databases made send their statements; where a test has a server of its
 * own behind the cluster, nothing is done (mysql_jobs.c). */
void mysql_jobs_turn(struct server *server);

#define MYSQL_PRIVILEGES 18
extern const char *const mysql_privileges[MYSQL_PRIVILEGES]; /* of a database */

#endif
