/* `binnacle do` on a MariaDB server, or a MySQL server (mysqld.h), that harbor's cluster is taken for:
 * its source is called "db". */
#ifndef BINNACLE_TEST_SYSTEMS_DO_MARIA_H
#define BINNACLE_TEST_SYSTEMS_DO_MARIA_H

#include "test/systems/do_place.h"
#include "test/systems/mysqld.h"

struct st_mysql; /* MYSQL of mysql.h */

#define ADMIN_PASSWORD "known-admin-password"

extern struct mysqld *server; /* NULL: there is no MariaDB here */
extern char config[256];      /* of the program: who asks is admin */

/* Of the group: the server, and its admin. */
int maria_start(void **state);
int maria_stop(void **state);
/* Of a case, where there is a server: place_setup(), and the config. */
int maria_setup(void **state);
/* *state; without a server the case is skipped. */
struct place *here(void **state);

/* A connection of the admin's that holds all tables: who changes something waits. */
struct st_mysql *lock_tables(void);

#endif
