/* The columns of a DNS name, for the files that fill and judge them. */
#ifndef BINNACLE_BACKENDS_DNS_DNS_NAME_H
#define BINNACLE_BACKENDS_DNS_DNS_NAME_H

#include "model/store.h"

enum dns_name_column {
    NAME_NAME,
    NAME_WANTED,
    NAME_STORED,
    NAME_ANSWER,
    NAME_SERVERS,
    NAME_RESOLVER,
    NAME_TTL,
    NAME_OWNER,
    NAME_SOURCES,
    NAME_ZONE,
    NAME_RESOURCE,
    NAME_POLICY,
    NAME_STATE,
    NAME_FITS,
    NAME_DECLARED,
    NAME_UNWANTED,
    NAME_CONFLICT,
    NAME_WILDCARD,
    NAME_FOREIGN,
    NAME_STORED_STATE,
    NAME_AS_STORED,
    NAME_LACKS,
    NAME_UNSEEN,
    NAME_OURS,
    NAME_DISAGREE,
    NAME_SILENT,
    NAME_RESOLVER_SAYS,
    NAME_RESOLVER_OLD,
    NAME_ERROR
};

#define DNS_NAME_RULES 15
extern const struct rule dns_name_rules[DNS_NAME_RULES];

struct verdict dns_name_judge(const struct store *st, struct handle row, int64_t now_ms);
void dns_name_says(const struct store *st, struct handle row, const struct verdict *v,
                   int64_t now_ms, struct strbuf *out);

#endif
