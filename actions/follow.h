/* The log of the pod that a step is about, line by line while it is waited for: none is lost, none told
 * twice, whatever becomes of connections. Works on the run's thread. */
#ifndef BINNACLE_ACTIONS_FOLLOW_H
#define BINNACLE_ACTIONS_FOLLOW_H

#include "actions/action.h"

struct follow;

/* before: what the run said before it was cut short (record.h), borrowed: of a pod whose lines are in
 * it those are not told again. tell: takes each line ("09:00:12 >> log scanned up to
 * (1180093341201)"), and what becomes of the pod; a secret that the target knows has stars in its
 * place. NULL: the step follows none. */
struct follow *follow_new(struct target *t, const struct step *step, struct span before,
                          void (*tell)(void *context, const char *line), void *context);
void follow_free(struct follow *f); /* NULL is allowed here and below */
/* Tells what is new. object: what the step looks at, as it is now. Faults are told, and are none of the
 * run's. */
void follow_turn(struct follow *f, const struct json_node *object);

#endif
