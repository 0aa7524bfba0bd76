/* The platform's Redis servers, which do not run: they answer what a viewer asks. */
#ifndef BINNACLE_HARBOR_REDIS_H
#define BINNACLE_HARBOR_REDIS_H

#include "harbor/server.h"

#define REDIS_PORT 6379

/* True when the pod is one of them. */
bool redis_is(const struct object *pod);
/* Takes whole commands from the front of in and appends their answers to out. *authorized is the
 * connection's. False: it closes the connection. */
bool redis_answer(struct server *server, const struct object *pod, bool *authorized,
                  struct strbuf *in, struct strbuf *out);
/* "NAMESPACE POD set FIELD:VALUE": what INFO says there from now on; "... refuse TEXT": what each
 * command is answered with; "... well": neither. */
bool redis_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err);
void redis_states_free(struct server *server);

#endif
