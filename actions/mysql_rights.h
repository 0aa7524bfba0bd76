/* Rights of MySQL: which there are on a database, and what a statement needs. */
#ifndef BINNACLE_ACTIONS_MYSQL_RIGHTS_H
#define BINNACLE_ACTIONS_MYSQL_RIGHTS_H

#include "actions/mysql_names.h"

#define MYSQL_ALL "ALL PRIVILEGES"

/* Those that both families know of a database [dev.mysql.com/doc/refman/8.4/en/grant.html]; NULL
 * ends. */
extern const char *const mysql_database_rights[];

/* Appends a list as a person writes it ("select, create view") as GRANT takes it, each right once and
 * in the order of the table. ERR_CONFIG: a word that is none of them, or nothing. */
bool mysql_read_rights(const char *text, struct strbuf *out, struct err *err) BN_MUST_USE;
/* Whether two lists have the same rights. */
bool mysql_same_rights(const char *a, const char *b);
/* Whether who has these grants may send the statement. ERR_DENIED: the right that is missing. What
 * roles give is not known: the server says then. */
bool mysql_may(const struct mysql_grants *own, const char *statement, struct err *err) BN_MUST_USE;

#endif
