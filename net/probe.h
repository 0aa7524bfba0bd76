/* Public hosts as they are seen from outside: what a first request of a browser meets, and which
 * certificate is served. One thread; nothing of what is sent back is kept but what stands here. */
#ifndef BINNACLE_NET_PROBE_H
#define BINNACLE_NET_PROBE_H

#include "net/probe_cert.h"

#define PROBE_MS        10000
#define PROBE_BETWEEN   ','
#define PROBE_REDIRECTS 8 /* that are followed */

enum probe_failure {
    PROBE_FINE,        /* an answer came */
    PROBE_FORBIDDEN,   /* its name leads to where nothing is asked: err says where */
    PROBE_NAME,        /* its name is not known */
    PROBE_REFUSED,     /* nothing listens there */
    PROBE_UNREACHABLE, /* there is no way there */
    PROBE_TIMEOUT,
    PROBE_TLS, /* no TLS connection */
    PROBE_BROKEN,
};

/* What a redirect asks a provider of sign-in (OAuth 2) for, to let somebody in. */
struct probe_sign_in {
    char provider[512]; /* where it leads, of the URL the part before "?"; "": it asks none */
    bool has_client;    /* it says for which client */
    char callback[512]; /* where people are to come back to, cut as well; "": not said */
};

struct probe_answer {
    enum probe_failure failure;
    struct err err; /* of PROBE_FINE: none */
    int status;     /* of the last answer; 0: there was none */
    int http_version;
    unsigned redirects; /* that were followed */
    bool loops;         /* they lead back to where they were, asked there once more too */
    char circle[512];   /* the hosts that they then lead through, with PROBE_BETWEEN between */
    char location[512]; /* where the last answer redirects to, ""; of a URL the part before "?" */
    struct probe_sign_in sign_in;
    bool elsewhere;        /* other hosts were followed to, if it redirects to any */
    char address[64];      /* that answered, "" */
    int64_t dns_us;        /* the parts of the first request; -1: it did not come so far */
    int64_t connect_us;    /* TCP */
    int64_t tls_us;        /* the handshake */
    int64_t first_byte_us; /* from the request to the first byte of the answer */
    bool has_cert;
    struct probe_cert cert;
};

struct probe_target {
    const char *host; /* probe_may_ask() */
    const char *path; /* "/" */
    bool tls;         /* https on 443; else http on 80 */
    bool elsewhere; /* redirects are followed to other hosts too, of those that `knows` knows: only
                         loops, circle and sign_in are of what they say */
};

struct probe_options {
    /* "HOST=ADDRESS:PORT,*:80=127.0.0.1:8080": where hosts are asked instead of where their names lead;
     * NULL: nowhere else. */
    const char *addresses;
    const char *ca_file; /* NULL: the system's CAs */
    bool private_too;    /* names that lead to private addresses are asked */
    int timeout_ms;      /* for each answer of a host; 0: PROBE_MS */
    bool (*knows)(void *self, struct span host); /* in lower case; NULL: none but the one asked */
    void *self;
};

/* True for a name out in the world: at least two labels of letters, digits, hyphens; no address, no
 * wildcard, nothing below local, localhost, internal, svc. */
bool probe_may_ask(struct span host);
/* Where the map sends port of host: "127.0.0.1:8443" in out; false: nowhere else. */
bool probe_mapped(const char *addresses, const char *host, int port, char *out, size_t size);

struct probe;
struct prober;

/* NULL: ERR_CONFIG, there are no CAs. */
struct prober *prober_new(const struct probe_options *o, struct err *err) BN_MUST_USE;
void prober_free(struct prober *p); /* drops what is under way; NULL is allowed */
/* Begins. context: handed back. False: ERR_NOMEM. */
bool prober_start(struct prober *p, const struct probe_target *target, void *context,
                  struct err *err) BN_MUST_USE;
/* Drops the one of this context; nothing happens when there is none. */
void prober_cancel(struct prober *p, const void *context);
/* Works until something has ended, fd is readable or timeout_ms are over. Calls done for each that
 * has ended; *answer is borrowed. */
void prober_turn(struct prober *p, int timeout_ms, int fd,
                 void (*done)(void *self, void *context, const struct probe_answer *answer),
                 void *self);
/* Connections that were begun, bytes that came. */
void prober_figures(const struct prober *p, uint64_t *requests, uint64_t *bytes);

#endif
