/* Name servers for tests: NSD with a zone of the test, and one whose every answer the test makes. */
#ifndef BINNACLE_TEST_SYSTEMS_DNS_SERVER_H
#define BINNACLE_TEST_SYSTEMS_DNS_SERVER_H

#include "base/strbuf.h"

struct nsd;

/* Serves example.org by this zone file's lines; a SOA and NS ns1, ns2 are there already. Ready. */
struct nsd *nsd_start(const char *lines);
void nsd_stop(struct nsd *n); /* NULL is allowed */
int nsd_port(const struct nsd *n);

struct liar;

/* Makes an answer of a question (both of them without TCP's length); appends it. Nothing appended: no
 * answer. */
typedef void lie_fn(struct span question, bool tcp, struct strbuf *out);

struct liar *liar_start(lie_fn *lie);
void liar_stop(struct liar *l);
int liar_port(const struct liar *l);

#endif
