/* The platform's MySQL servers, which do not run: they let users log in with their passwords, by TLS
 * and caching_sha2_password as MySQL 8.4 does, answer what is asked and keep what root changes
 * (harbor/mysql_catalog.h). */
#ifndef BINNACLE_HARBOR_MYSQL_H
#define BINNACLE_HARBOR_MYSQL_H

#include "harbor/server.h"

#define MYSQL_PORT    3306
#define MYSQL_VERSION "8.4.5-5.1"
#define MYSQL_CLIENT  "7" /* the number that every client's connection has; it is in no list */

struct mysql_talk; /* a connection */

/* True when the pod is one of them, and its server runs. */
bool mysql_is(const struct server *server, const struct object *pod);
/* The server that takes what comes to the cluster's HAProxy at this pod; NULL: this is none, or none
 * takes it. */
const struct object *mysql_behind(const struct server *server, const struct object *proxy);
/* What its five inputs let the proxy's check come to [pxco build/haproxy_check_pxc.sh]. */
bool mysql_is_in_traffic(const struct server *server, const struct object *pod);
/* Greets. */
struct mysql_talk *mysql_begin(struct server *server, struct strbuf *out);
/* Takes what has come from the front of in and appends what is answered to out. False: it closes
 * the connection. */
bool mysql_answer(struct mysql_talk *t, const struct object *pod, struct strbuf *in,
                  struct strbuf *out);
void mysql_end(struct mysql_talk *t); /* NULL is allowed */

/* "NAMESPACE POD set NAME VALUE": what a status or setting is there from now on, "@100+5@" what
 * grows by five a second; "... well": as it was. */
bool mysql_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err);
void mysql_states_free(struct server *server);

/* ---- mysql_rows.c: what is asked. */

/* A table under way: packets of the protocol. */
struct mysql_rows {
    struct strbuf *out;
    unsigned char seq;
    bool sizes_now; /* the connection has asked for tables' sizes as they are by now */
};

void mysql_put_packet(struct strbuf *out, unsigned char *seq, struct span bytes);
void mysql_put_done(struct mysql_rows *r); /* OK */
/* state: five letters and digits, of SQLSTATE. */
void mysql_put_error(struct mysql_rows *r, unsigned number, const char *state, const char *text);
/* Names and cells have tabs between; a cell NULL is one. */
void mysql_put_head(struct mysql_rows *r, struct span names);
void mysql_put_row(struct mysql_rows *r, struct span cells);
void mysql_put_end(struct mysql_rows *r);
/* A file of harbor/data/mysql; nothing where there is none. */
void mysql_read_data(const struct server *server, const char *name, struct strbuf *out);
/* The answer to a statement of this user (harbor/mysql_catalog.h). */
void mysql_put_answer(struct server *server, const struct object *pod, const cJSON *user,
                      struct span statement, struct mysql_rows *r);

#endif
