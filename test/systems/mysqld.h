/* A MariaDB server as a child of the test, or the MySQL server that MYSQL_SERVER names (the mysqld of
 * tools/mysql-server): a folder of its own, ports that the system chose, unprivileged settings of
 * which none is the machine's. Failures end the test (cmocka). */
#ifndef BINNACLE_TEST_SYSTEMS_MYSQLD_H
#define BINNACLE_TEST_SYSTEMS_MYSQLD_H

#include "base/strbuf.h"

#include <stdbool.h>
#include <stdint.h>

struct mysqld; /* one server */
struct mysqld_folder;

/* Whether it is MySQL's, not MariaDB's. */
bool mysqld_is_mysql(void);
/* Where servers keep what they keep; NULL: there is no such server on this machine. */
struct mysqld_folder *mysqld_folder_new(void);
void mysqld_folder_free(struct mysqld_folder *f); /* removes it */
const char *mysqld_folder_path(const struct mysqld_folder *f);
void mysqld_give(const char *path); /* a file there: the servers may read it */

/* Starts one with these settings more ("--max-connections=3"; NULL ends them; may be NULL). What it
 * has stored before, under this name, is there again. port 0: any. */
struct mysqld *mysqld_start(struct mysqld_folder *f, const char *name, int port,
                            const char *const *settings);
/* Waits until its log has these words, since it was started. */
void mysqld_await(struct mysqld *m, const char *words);
#define MYSQLD_READY "ready for connections"
void mysqld_kill(struct mysqld *m); /* at once, as a machine that goes */
void mysqld_stop(struct mysqld *m); /* in good order; NULL is allowed, here and above */
int mysqld_port(const struct mysqld *m);
/* A port that nobody has. */
int mysqld_free_port(void);

/* A statement by its root through its own socket; its first cell is appended to *out (NULL: not
 * wanted). False: the server does not take it. */
bool mysqld_try(struct mysqld *m, const char *statement, struct strbuf *out);
/* The same, which must be taken. */
void mysqld_do(struct mysqld *m, const char *statement);
/* Asks until the first cell of the answer is as said. */
void mysqld_await_answer(struct mysqld *m, const char *statement, const char *value);
/* Asks for a value until it is as said: `SHOW STATUS LIKE ...` has it as the second cell. */
void mysqld_await_value(struct mysqld *m, const char *variable, const char *value);

#endif
