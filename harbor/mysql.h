/* The platform's MySQL servers, which do not run: they let a viewer log in, by TLS and
 * caching_sha2_password as MySQL 8.4 does, and answer what it asks. */
#ifndef BINNACLE_HARBOR_MYSQL_H
#define BINNACLE_HARBOR_MYSQL_H

#include "harbor/server.h"

#define MYSQL_PORT 3306

struct mysql_talk; /* a connection */

/* True when the pod is one of them, and its server runs. */
bool mysql_is(const struct server *server, const struct object *pod);
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
};

void mysql_put_packet(struct strbuf *out, unsigned char *seq, struct span bytes);
/* The answer to a statement. */
void mysql_put_answer(const struct server *server, const struct object *pod, struct span statement,
                      unsigned char seq, struct strbuf *out);

#endif
