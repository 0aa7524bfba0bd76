/* Answers of name servers, as bytes [RFC 1035 4.1]. Every one of them is hostile: names that point at
 * themselves, records that end beyond the end, thousands of records. */
#ifndef BINNACLE_NET_DNS_MESSAGE_H
#define BINNACLE_NET_DNS_MESSAGE_H

#include "base/err.h"
#include "base/strbuf.h"

#define DNS_NAME_MAX    256 /* as text: 255 octets, without the last dot */
#define DNS_TEXT_MAX    1024
#define DNS_RECORDS_MAX 64 /* of an answer that are looked at; more are no answer for us */

enum dns_type { DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_TXT = 16, DNS_AAAA = 28 };

struct dns_record {
    uint16_t type;
    uint32_t ttl_s;
    char name[DNS_NAME_MAX]; /* lower case; what is no plain octet as \DDD */
    char text[DNS_TEXT_MAX]; /* an address, a name, the strings of a TXT joined; cut at its end */
};

struct dns_message {
    int rcode; /* 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED */
    bool authoritative, truncated;
    struct dns_record records[DNS_RECORDS_MAX]; /* answers of the types above, in class IN */
    size_t count;
};

/* False: ERR_PROTO, it is no answer, or a broken one. */
bool dns_message_read(struct span bytes, struct dns_message *out, struct err *err) BN_MUST_USE;

#endif
