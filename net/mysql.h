/* MySQL and MariaDB servers by the libmysqlclient API, over whatever stream leads there. One thread
 * at a time, which waits in the library; its waits end by deadline, and when asked to stop. */
#ifndef BINNACLE_NET_MYSQL_H
#define BINNACLE_NET_MYSQL_H

#include "net/stream.h"

struct sql;

enum sql_tls {
    SQL_PLAIN,      /* none: of the ways to log in only the one that shows nothing of the password
                       to who listens, mysql_native_password */
    SQL_TLS,        /* whoever it is: where what carries the stream vouches for the server */
    SQL_TLS_VERIFY, /* and the certificate is of the CA and carries the name */
};

struct sql_options {
    const char *name;     /* who is asked, for sentences: "mysql mysql-pxc-0" */
    const char *user;     /* all texts are borrowed until sql_open() returns, but for name */
    const char *password; /* NULL: none */
    const char *database; /* that is chosen; NULL or "": none */
    enum sql_tls tls;
    const char *ca_file;  /* NULL: the system's CAs */
    const char *tls_name; /* of VERIFY */
    int cancel_fd;        /* readable ends a wait with ERR_CANCELLED; -1: none */
    int deadline_ms;      /* of logging in, and of each statement */
};

/* Logs in; the stream is taken either way. NULL: ERR_AUTH, ERR_DENIED, ERR_TIMEOUT, ... with the
 * server's own words. */
struct sql *sql_open(struct stream *stream, const struct sql_options *o,
                     struct err *err) BN_MUST_USE;
void sql_close(struct sql *s);                /* says good-bye; never waits. NULL is allowed */
const char *sql_version(const struct sql *s); /* "8.4.5-5.1", as the server greets; borrowed */
uint64_t sql_bytes(const struct sql *s);      /* received, before TLS was taken off */

/* One row of an answer. All borrowed until the function returns. */
struct sql_row {
    const struct span *cells; /* data is NULL where the cell is */
    const char *const *names; /* of the columns */
    size_t count;
};

/* The cell of a column by its name in any case; {NULL, 0} when it is NULL or there is none. */
struct span sql_cell(const struct sql_row *row, const char *name);

/* False: enough, which is no error. */
typedef bool sql_row_fn(void *context, const struct sql_row *row);

/* Asks one statement and hands its rows on, at most max_rows of them. ERR_DENIED, ERR_NOTFOUND (no
 * such table, variable or statement here) and ERR_BUSY (the server cannot now, as a node without
 * its cluster) leave the connection as it was; after ERR_IO, ERR_TIMEOUT, ERR_CANCELLED and
 * ERR_PROTO it is of no more use. The statement is text of ours, with nothing of others in it. */
bool sql_ask(struct sql *s, const char *statement, size_t max_rows, sql_row_fn *on_row,
             void *context, struct err *err) BN_MUST_USE;

/* True for numbers of the library's own. */
bool sql_is_library(unsigned number);
/* Of sql_open(): there is no such user with this password who may come from here; the server does not
 * say which of it. */
bool sql_refused_login(const struct err *err);
/* What an error number of server or library means; *err says who, and the words in one line. */
void sql_explain(const char *name, unsigned number, const char *words, bool logged_in,
                 struct err *err);

#endif
