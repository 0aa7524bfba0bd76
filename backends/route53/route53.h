/* The kinds of the Route 53 source. */
#ifndef BINNACLE_BACKENDS_ROUTE53_ROUTE53_H
#define BINNACLE_BACKENDS_ROUTE53_ROUTE53_H

#include "backends/route53/record.h"
#include "model/store.h"

extern const struct kind kind_dns_zone, kind_dns_record;

/* The key is the zone's name; that of a private one has its id behind: "reyem.tech@Z123". twin:
 * another public zone is called so; then it has its id too. */
bool r53_zone_row(struct row_writer *w, const struct r53_zone *z, bool twin);
/* The key is "track.reyem.tech/CNAME", of a set "api.reyem.tech/A/blue"; where the zone's key has
 * an id, that stands behind: "db.reyem.tech/A@Z123". */
bool r53_record_row(struct row_writer *w, const struct r53_zone *z, bool twin,
                    const struct r53_record *r);
struct discovery;
/* Fills the backend's slot. */
void r53_discover(const struct store *st, struct discovery *d);
void r53_zone_key(const struct r53_zone *z, bool twin, struct strbuf *out);

#endif
