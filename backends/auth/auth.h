/* Sign-in before public hosts: the proxies that ask for it, and which hosts are behind one. */
#ifndef BINNACLE_BACKENDS_AUTH_AUTH_H
#define BINNACLE_BACKENDS_AUTH_AUTH_H

#include "backends/discovery.h"
#include "backends/joined.h"
#include "backends/poll.h"

/* ---- An oauth2-proxy, asked. */

/* What its requests end in. */
enum oauth2_count {
    OAUTH2_ALL,
    OAUTH2_FAILS,   /* 500 and more */
    OAUTH2_SIGNING, /* 302: each sign-in has two, to the provider and back from there */
    OAUTH2_LET_IN,  /* 202: /oauth2/auth knows the session */
    OAUTH2_REFUSED, /* 401: it knows none */
    OAUTH2_COUNTS
};

struct oauth2_answer {
    int ping, ready;              /* HTTP status; 0: no answer */
    char error[400];              /* what it says of not being ready, or why there is no answer */
    bool metrics;                 /* its figures were read: */
    int64_t in_flight;            /* -1: it does not say */
    int64_t count[OAUTH2_COUNTS]; /* of requests since it started */
    double rate,
        fail_rate; /* of all and of those that fail, a second, since the last time; < 0: not
                                     known yet */
    double recent[OAUTH2_COUNTS]; /* a second, over some five minutes; < 0: not known yet */
};

/* Its row. key: "NAMESPACE/SERVICE". */
bool oauth2_put(const struct oauth2_answer *a, struct span key, struct row_writer *w) BN_MUST_USE;
/* Reads what it says at /metrics into a. */
void oauth2_read_metrics(struct span body, struct oauth2_answer *a);

extern const struct kind kind_oauth2_proxy;
void oauth2_discover(const struct store *st, struct discovery *d);

/* ---- Public hosts, by what their routes pass. */

/* A host's line (joined_part()). */
enum host_part {
    HOST_NAME,
    HOST_STATE,      /* "sign-in", "open", "partly", "unknown", "proxy" */
    HOST_MIDDLEWARE, /* what asks for sign-in */
    HOST_TYPE,
    HOST_PROXY,   /* "NAMESPACE/SERVICE" of the oauth2-proxy that is asked, or another's address */
    HOST_OPEN,    /* paths without it, a list */
    HOST_MISSING, /* a middleware that does not exist */
    HOST_LOST,    /* the errors middleware that shows a sign-in page which nothing asks for */
    HOST_BARE,    /* "1": what asks answers 401 and nothing shows a page instead */
    HOST_WANTED,  /* "1": the configuration says that it must ask */
    HOST_PARTS,   /* joined_add_link() */
};

extern const struct kind kind_public_host;
extern const struct declares sign_in_declares;
void sign_in_discover(const struct store *st, struct discovery *d);

#endif
