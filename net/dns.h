/* Questions to name servers by c-ares, many at a time: a resolver, or a name server asked by itself.
 * One thread. */
#ifndef BINNACLE_NET_DNS_H
#define BINNACLE_NET_DNS_H

#include "net/dns_message.h"

struct dns;

struct dns_options {
    const char *resolver; /* "ADDRESS[:PORT],..."; NULL: those of the system */
    int timeout_ms;       /* of one try; 0: 2 s */
    bool private_too;     /* name servers at private addresses are asked */
};

enum dns_outcome {
    DNS_FINE,
    DNS_NOTHING,   /* the name is there, but nothing of this type */
    DNS_NO_NAME,   /* NXDOMAIN */
    DNS_REFUSED,   /* REFUSED, NOTIMP */
    DNS_FAILED,    /* SERVFAIL, or an answer that is none */
    DNS_SILENT,    /* no answer in time, nothing listens */
    DNS_FORBIDDEN, /* a name server at an address that is not asked */
};

struct dns_answer {
    enum dns_outcome outcome;
    const struct dns_message *message; /* borrowed; NULL: none could be read */
    const char *says;                  /* why not DNS_FINE, a few words */
};

/* Called from within dns_turn(), never from within dns_ask(). */
typedef void dns_fn(void *context, const struct dns_answer *answer);

/* NULL: ERR_CONFIG, ERR_NOMEM. */
struct dns *dns_new(const struct dns_options *o, struct err *err) BN_MUST_USE;
/* What is under way is not answered any more. NULL is allowed. */
void dns_free(struct dns *d);

/* Asks the resolver. */
void dns_ask(struct dns *d, const char *name, enum dns_type type, dns_fn *fn, void *context);
/* Asks a name server, "192.0.2.1:53", what it knows by itself. mapped: the configuration names it,
 * wherever it is. */
void dns_ask_at(struct dns *d, const char *server, bool mapped, const char *name,
                enum dns_type type, dns_fn *fn, void *context);
/* Questions of this context get no answer. */
void dns_forget(struct dns *d, const void *context);
/* Works until a question is answered, fd is readable, or timeout_ms are over. */
void dns_turn(struct dns *d, int timeout_ms, int fd);
/* Questions asked, bytes that came. */
void dns_figures(const struct dns *d, uint64_t *questions, uint64_t *bytes);

#endif
