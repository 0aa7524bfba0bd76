/* A big cluster: nodes, namespaces, deployments, replica sets and pods made from
 * the shapes of recorded ones, without keeping their texts. What is listed comes
 * from pieces that were compressed beforehand, so that a measurement measures the
 * client. */
#ifndef BINNACLE_HARBOR_BIG_H
#define BINNACLE_HARBOR_BIG_H

#include "harbor/route.h"
#include "harbor/server.h"

struct big;

/* churn: changes of pods a second, from the first watch on. */
struct big *big_new(const char *folder, int64_t nodes, int64_t pods, int64_t churn,
                    struct err *err) BN_MUST_USE;
void big_free(struct big *b); /* NULL is allowed */

void big_churn(struct big *b, int64_t churn); /* from now on */

bool big_has(const struct big *b, const struct resource *r); /* b may be NULL */
void big_answer_list(struct server *server, struct stream *s, const struct route *r);
void big_answer_get(struct server *server, struct stream *s, const struct route *r);
/* Sends changes after s->version. */
void big_follow(struct server *server, struct stream *s);
/* Everything as it is, as events. */
void big_send_all(struct server *server, struct stream *s);
/* Makes the changes that are due; monotonic ms of the next. */
void big_turn(struct server *server);
int64_t big_next(const struct server *server);

#endif
