/* How a MySQL server is reached, where one text stands for several nodes. */
#ifndef BINNACLE_NET_MYSQL_WAY_H
#define BINNACLE_NET_MYSQL_WAY_H

#include "net/mysql.h"
#include "net/reach.h"

struct sql_way {
    struct reach *reach; /* owned; of a plain stream: MySQL's TLS begins after its own greeting */
    char *tls_name;      /* owned; NULL: the certificate is not verified */
    enum sql_tls tls;
};

/* reach: one of REACH_FORMS in which node stands for each '*'; tls_name: the name that the
 * certificate carries, likewise, NULL: the host of "tls:"; insecure: it is not verified. False:
 * ERR_CONFIG. */
bool sql_way_parse(struct sql_way *out, const char *reach, struct span node, const char *tls_name,
                   bool insecure, struct err *err) BN_MUST_USE;
void sql_way_clear(struct sql_way *w);

#endif
