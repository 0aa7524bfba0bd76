/* What a server of a test answers where, changed by the test while the server's thread reads it. */
#ifndef BINNACLE_TEST_SYSTEMS_ROUTES_H
#define BINNACLE_TEST_SYSTEMS_ROUTES_H

#include "base/strbuf.h"

#include <pthread.h>

#define ROUTES_MAX 32

struct routes {
    pthread_mutex_t lock; /* of what follows, and of what the test's server notes beside it */

    struct {
        char path[300];
        int status;
        char *body; /* owned */
    } list[ROUTES_MAX];

    size_t count;
};

void routes_init(struct routes *r);
void routes_clear(struct routes *r);
/* From now on this path is answered so. */
void routes_answer(struct routes *r, const char *path, int status, const char *body);
/* Appends what is answered there and gives its status; the lock is held. 0: nothing is. */
int routes_find(const struct routes *r, const char *path, struct strbuf *body);
/* What the server's thread has written, under the lock. */
bool routes_flag(struct routes *r, const bool *flag);

#endif
