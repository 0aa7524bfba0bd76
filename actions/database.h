/* What create-database is asked for, made whole and checked. For actions/database*.c alone. */
#ifndef BINNACLE_ACTIONS_DATABASE_H
#define BINNACLE_ACTIONS_DATABASE_H

#include "actions/external.h"
#include "actions/mysql_rights.h"
#include "actions/vault.h"

#define PASSWORD "password" /* the name of the user's secret (actions/secrets.h) */

struct site;

/* Texts are the plan's, and checked; what stands in a statement is quoted. */
struct database_wish {
    const char *at;                   /* the site of the cluster */
    const char *admin, *admin_recipe; /* who sends the statements, and where their password is */
    const char *address, *port;       /* where applications connect to */
    const char *name, *user, *host;
    const char *quoted, *account,
        *pattern;                    /* `name`, 'user'@'host', and `name` as GRANT takes it */
    const char *charset, *collation; /* collation "": the charset's own */
    const char *rights;              /* "ALL PRIVILEGES", "SELECT, SHOW VIEW" */
    const char *connections;         /* MAX_USER_CONNECTIONS, in digits */
    bool tls, job;
    struct vault_secret vault; /* where the secret is to be; nothing of it is read */
    struct external external;  /* that makes the application's Secret */
    size_t length;
    const char *alphabet;
};

extern const struct field database_fields[];

bool database_read_wish(struct target *t, const struct answers *in, struct plan *p,
                        struct database_wish *out, struct err *err) BN_MUST_USE;

/* What there is of it already. */
struct database_state {
    int64_t cas;  /* Vault's version of the secret, live or deleted; 0: there never was one */
    bool written; /* it is live, and says what is wanted */
    bool database, user, granted;
};

/* False: something is there and differs from what is wanted, and in what. */
bool database_read_state(struct target *t, struct plan *p, const struct database_wish *w,
                         struct database_state *out, struct err *err) BN_MUST_USE;

/* The statements. In the user's stands ${password}. */
const char *database_create(struct plan *p, const struct database_wish *w);
const char *database_create_user(struct plan *p, const struct database_wish *w);
const char *database_grant(struct plan *p, const struct database_wish *w);

/* Appends the steps by which a Job of the cluster sends the statements that are still to be sent, and
 * those that take the Job, and what it needs beside it, away again. */
bool database_job_steps(struct target *t, struct plan *p, const struct answers *in,
                        const struct database_wish *w, const struct database_state *s,
                        struct err *err) BN_MUST_USE;

#endif
