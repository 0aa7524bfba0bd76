/* What texts of MySQL servers mean: patterns, statements that may be shown. */
#ifndef BINNACLE_NET_MYSQL_TEXT_H
#define BINNACLE_NET_MYSQL_TEXT_H

#include "base/span.h"

/* Whether a name is meant by a pattern of mysql.db: % any text, _ any letter, a backslash takes what
 * is behind it as it is. */
bool sql_like(const char *pattern, const char *text);
/* Whether a statement of somebody's may be shown: not when it sets a password. */
bool sql_may_show(struct span statement);
#define SQL_NOT_SHOWN "(a statement with a password)"

#endif
