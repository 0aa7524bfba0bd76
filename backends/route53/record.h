/* Record sets of a hosted zone, and external-dns's register of them. Pure. */
#ifndef BINNACLE_BACKENDS_ROUTE53_RECORD_H
#define BINNACLE_BACKENDS_ROUTE53_RECORD_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "net/xml.h"

/* Texts are in the zone's arena. Names are lower case, without the last dot, "*" as it is. */
struct r53_record {
    struct span name, type, set_id;
    struct span values;  /* joined by LIST_SEPARATOR, as they are stored */
    struct span alias;   /* its target; empty: none */
    struct span routing; /* "weighted 10", "latency eu-west-1"; empty: simple */
    struct span health;  /* id of its health check */
    int64_t ttl_s;       /* -1: none, of an alias */
    int64_t weight;      /* -1: not weighted */
    bool alias_checked;  /* EvaluateTargetHealth */
    /* As external-dns's TXT records say. */
    struct span owner, resource; /* of the record, or what a TXT record of the register says */
    bool registers;              /* it is one of the register */
    bool orphan;                 /* and what it is about is not there */
    struct span about;           /* "lb.reyem.tech A": what it is about, where that is known */
};

struct r53_zone {
    struct span id, name, comment; /* texts in arena; id: "Z1234567890" */
    bool is_private;
    int64_t count;        /* of record sets, as the list of zones says; -1: unsaid */
    struct arena *arena;  /* owned */
    struct r53_record *r; /* owned */
    size_t n;
};

#define R53_RECORDS_MAX ((size_t)50000)

void r53_zone_clear(struct r53_zone *z);
/* From <HostedZone>. False: no memory, or it has no id. */
bool r53_zone_read(struct r53_zone *z, const struct xml_node *node) BN_MUST_USE;
/* Adds what a <ListResourceRecordSetsResponse> has. False: no memory, or too many. */
bool r53_records_add(struct r53_zone *z, const struct xml_node *response) BN_MUST_USE;

/* How external-dns was told to name its TXT records [external-dns registry/txt.go]. */
struct r53_register {
    struct span prefix;   /* --txt-prefix, "%{record_type}" in it too; "" */
    struct span suffix;   /* --txt-suffix, the same: behind the first label; "" */
    struct span wildcard; /* --txt-wildcard-replacement; "": none */
};

/* Once all are there: sets owner, resource, registers, orphan, about. */
void r53_register_join(struct r53_zone *z, const struct r53_register *how);

/* A name as Route 53 gives it ("\052.reyem.tech.") as it is read: lower case, no last dot;
 * printable characters but dots and backslashes unescaped. */
void r53_name(struct span raw, struct strbuf *out);

#endif
