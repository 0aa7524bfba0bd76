/* What the files of the DNS source share. */
#ifndef BINNACLE_BACKENDS_DNS_DNS_H
#define BINNACLE_BACKENDS_DNS_DNS_H

#include "backends/discovery.h"
#include "backends/rota.h"
#include "net/dns.h"

#define DNS_SERVERS_MAX 4  /* of a zone that are asked */
#define DNS_SET_MAX     16 /* addresses of an answer that are compared */
#define DNS_TARGETS_MAX 4  /* names among the targets */

/* A name's line of the targets, part by part. */
enum dns_part {
    PART_NAME,
    PART_SOURCES,  /* "ingressroute:shop/web,service:traefik/traefik" */
    PART_TARGETS,  /* where it is to lead: "203.0.113.24" "lb.example.org,...", "" */
    PART_DECLARED, /* "declared": a source says so; "assumed": it is where other names lead;
                      "unwanted": no source wants it */
    PART_CONFLICT, /* "conflict": two sources want different targets */
};

/* What is known of a name from other rows: behind it in the line (rota_beside()). */
enum dns_beside {
    BESIDE_STATE,    /* "stored"; "routed": in several sets, of which Route 53 answers with
                      one; "wildcard": one stands for it; "absent"; "": its zone is not read */
    BESIDE_VALUES,   /* what is stored: "203.0.113.24", or what an alias stands for */
    BESIDE_OWNER,    /* by the TXT record that is stored, "" */
    BESIDE_RESOURCE, /* "ingressroute/shop/web", "" */
    BESIDE_KEYS,     /* rows of dns-record: "lb.reyem.tech/A" */
    BESIDE_OURS,     /* owners that external-dns here goes by */
    BESIDE_POLICY,   /* of the one that owns it: "sync", "" */
    BESIDE_UNSEEN,   /* "unseen": external-dns keeps owners where they are not read */
};

/* What a server says of a name. */
struct dns_said {
    enum dns_outcome outcome;
    bool asked, authoritative;
    const char *says; /* why there is nothing */
    char cname[DNS_NAME_MAX];
    char addresses[DNS_SET_MAX][46]; /* sorted */
    size_t count;
    uint32_t ttl_s;
};

struct dns_server {
    char name[DNS_NAME_MAX];
    char address[64]; /* "192.0.2.1:53", "" : not known */
    bool mapped;      /* the configuration says where it is */
};

/* What external-dns's TXT record says, "" where there is none. */
struct dns_owner {
    char owner[128];
    char resource[256]; /* "ingressroute/shop/web" */
};

/* All that was found out of a name. */
struct dns_finding {
    char zone[DNS_NAME_MAX]; /* "" : none was found */
    struct dns_server servers[DNS_SERVERS_MAX];
    struct dns_said said[DNS_SERVERS_MAX]; /* of each of them */
    size_t nservers;
    struct dns_said resolver;
    struct dns_said neighbour; /* a name beside it that nobody has: what a wildcard answers */
    struct dns_said
        targets[DNS_TARGETS_MAX]; /* names among the targets, as the resolver has them */
    size_t ntargets;
    struct dns_owner owner;     /* that the name has for itself */
    struct dns_owner wildcards; /* that the neighbour has too: the name's own may be the same */
    char error[200];            /* why there is no zone, "" */
};

/* Questions about one name, until all are answered. */
struct dns_inquiry;

struct dns_asking {
    struct dns *dns;
    const char *addresses; /* the map, or NULL */
};

struct dns_inquiry *dns_inquiry_new(const struct dns_asking *a, const char *name,
                                    struct span targets) BN_MUST_USE;
/* What is under way is forgotten. NULL is allowed. */
void dns_inquiry_free(struct dns_inquiry *q);
/* NULL: not all is answered yet. Borrowed. */
const struct dns_finding *dns_inquiry_finding(const struct dns_inquiry *q);

extern const struct backend backend_dns;
void dns_discover(const struct store *st, struct discovery *d);
/* What would break a line is not. */
bool dns_is_plain(struct span text);
/* Parts of a list in lower case, joined by commas, what is not plain left out; owned. */
char *dns_joined(struct span list, char separator) BN_MUST_USE;

/* What hosted zones have stored, as the rows say now; valid until the store changes. */
struct dns_stored *dns_stored_new(const struct store *st) BN_MUST_USE;
void dns_stored_free(struct dns_stored *d);
/* Appends a form feed and the parts of enum dns_beside; nothing where nothing is known. */
void dns_stored_add(const struct dns_stored *d, const char *name, struct strbuf *out);
/* The next name, each once, that an external-dns of this cluster has made for an object of a sort that
 * is read here. *at = 0 starts; false at the end. */
bool dns_stored_next_ours(const struct dns_stored *d, size_t *at, struct span *name);

extern const struct kind kind_dns_name;
/* Writes the row of a name; as row_end(). owner: most names', "" : unknown. */
bool dns_name_put(const struct rota_item *item, const struct dns_finding *f, const char *owner,
                  struct row_writer *w) BN_MUST_USE;

#endif
