/* Names of MySQL and MariaDB for actions: what may be one, how it stands in a statement, and what
 * the server says of its databases, its users and their rights. */
#ifndef BINNACLE_ACTIONS_MYSQL_NAMES_H
#define BINNACLE_ACTIONS_MYSQL_NAMES_H

#include "actions/action.h"

#define MYSQL_SYSTEM "mysql" /* of deeds and sites */
/* The field that says which site, as the rows of databases, users and processes fill it. */
#define MYSQL_CLUSTER_FIELD                                                                     \
    {                                                                                           \
        "cluster", FIELD_TEXT, NULL, "",                                                        \
            "the cluster or server, as its source is called; left out: the only one", "@source" \
    }

/* ---- Names, in UTF-8. What both families take and no tool stumbles over: of the Basic Multilingual
 * Plane, without control characters, without a space at an end. False: a sentence. */

/* At most 64 characters; none of the server's own. */
bool mysql_check_database(const char *name, struct err *err) BN_MUST_USE;
/* At most 32 characters; none of the server's, the operator's or the package's. */
bool mysql_check_user(const char *name, struct err *err) BN_MUST_USE;
/* "%", "10.20.%", "db.example.org", "10.0.0.0/255.0.0.0", "::1": at most 255 characters. */
bool mysql_check_host(const char *host, struct err *err) BN_MUST_USE;
bool mysql_is_system_database(const char *name); /* in any case of letters */
/* Whether somebody else keeps it; *how (may be NULL): who does, and the way they want it changed. */
bool mysql_is_system_user(const char *name, const char **how);

/* In the plan's arena: `name`; 'user'@'host'; and as GRANT and REVOKE want a database, where _ and %
 * would stand for others: `a\_b`. */
const char *mysql_quote_name(struct plan *p, const char *name);
const char *mysql_quote_account(struct plan *p, const char *user, const char *host);
const char *mysql_quote_pattern(struct plan *p, const char *database);
/* The same as mysql.db keeps it: a\_b */
const char *mysql_pattern(struct plan *p, const char *database);
/* 'text' */
const char *mysql_quote_text(struct plan *p, const char *text);

/* ---- Asking. at: as a deed's. */

/* Where deeds go, in the plan's arena: "SITE", or with a node "SITE@NODE". cluster: the site's name,
 * "": the only one there is. NULL: *err says which there are. */
const char *mysql_at(struct target *t, struct plan *p, const char *cluster, const char *node,
                     struct err *err);
/* A statement as a deed; text: the plan's. */
struct deed mysql_statement(const char *at, const char *text);
/* The rows of an answer, *doc to be freed wiped by the caller: an object each, a text a column, null
 * where there is none. False: ERR_NOTFOUND among others. */
bool mysql_rows(struct target *t, const char *at, const char *statement, struct json_doc **doc,
                const struct json_node **first, struct err *err) BN_MUST_USE;
/* A cell of such a row; "" where it is NULL or there is none. Borrowed. */
const char *mysql_cell(const struct json_node *row, const char *column);
/* A number of such a row; fallback where it is none. */
int64_t mysql_number(const struct json_node *row, const char *column, int64_t fallback);

struct mysql_server {
    bool maria;
    int version; /* 80405 is 8.4.5 */
    bool dual;   /* an account may keep its former password beside the new one */
};

bool mysql_read_server(struct target *t, const char *at, struct mysql_server *out,
                       struct err *err) BN_MUST_USE;
/* Whether there is a database of this name. */
bool mysql_has_database(struct target *t, struct plan *p, const char *at, const char *name,
                        bool *out, struct err *err) BN_MUST_USE;

/* A user and where they come from. Texts are the plan's. */
struct mysql_account {
    const char *user, *host;
    const char *plugin; /* how they log in: "caching_sha2_password" */
    const char *quoted; /* 'user'@'host' */
};

/* The account of a user. host "": their only one. False: ERR_NOTFOUND where there is none, ERR_CONFIG
 * where there are several, and which. */
bool mysql_find_account(struct target *t, struct plan *p, const char *at, const char *user,
                        const char *host, struct mysql_account *out, struct err *err) BN_MUST_USE;
/* The account that the fields `user` and `host` of an action mean: none of the system's, and not the
 * one that the site's own statements go by. */
bool mysql_answer_account(struct target *t, struct plan *p, const char *at,
                          const struct answers *in, struct mysql_account *out,
                          struct err *err) BN_MUST_USE;
/* Whether it is locked (SHOW CREATE USER). */
bool mysql_read_locked(struct target *t, struct plan *p, const char *at,
                       const struct mysql_account *a, bool *out, struct err *err) BN_MUST_USE;

/* ---- Rights, as SHOW GRANTS says them. */

struct mysql_grant {
    char *rights; /* owned, as all here: "SELECT, INSERT (`a`, `b`)"; a role's name where what is ""
                    */
    char *what;   /* "`a\_b`.*", "*.*", "PROCEDURE `d`.`p`"; "": a role */
    char *pattern; /* of the database, without quotes, as the server keeps it: "a\_b"; "*" */
    bool whole;    /* all of the database, or of the server: not a table or routine alone */
    bool option;   /* WITH GRANT OPTION */
    bool revoked;  /* taken from what *.* gives (MySQL's partial revokes) */
};

struct mysql_grants {
    struct mysql_grant *grants; /* owned */
    size_t count;
};

/* What a password's hash stands in is left out. */
bool mysql_read_grants(struct target *t, struct plan *p, const char *at,
                       const struct mysql_account *a, struct mysql_grants *out,
                       struct err *err) BN_MUST_USE;
/* One line of SHOW GRANTS, added; what it does not understand is left out: false. */
bool mysql_parse_grant(struct mysql_grants *g, struct span line);
/* Whether rights like "SELECT, INSERT" have this one ("INSERT") for all columns, or all of them. */
bool mysql_has_right(const char *rights, struct span right);
/* The grant on exactly this database (or NULL: on all, *.*), or NULL. */
const struct mysql_grant *mysql_grant_on(const struct mysql_grants *g, const char *database);
void mysql_grants_clear(struct mysql_grants *g);

#endif
