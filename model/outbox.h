/* From the sources' threads to the store's: nothing is dropped, nothing
 * blanks. One outbox per source, any number feed one inbox. */
#ifndef BINNACLE_MODEL_OUTBOX_H
#define BINNACLE_MODEL_OUTBOX_H

#include "model/message.h"

struct inbox;  /* the store's end: wakes by a descriptor */
struct outbox; /* a source's end */

struct inbox *inbox_new(struct err *err) BN_MUST_USE; /* owned */
void inbox_free(struct inbox *in);                    /* after all its outboxes */
/* Readable when messages wait. Borrowed. */
int inbox_fd(const struct inbox *in);
/* The next message, owned by the caller, or NULL; takes turns among outboxes,
 * in order within one, and what is released together comes together, each but the last with `more`.
 * Never waits. Store's thread only. */
struct message *inbox_pop(struct inbox *in);
/* Every later push fails at once, waiting ones return false. */
void inbox_close(struct inbox *in);

/* byte_cap: pending bytes above which outbox_push() waits. */
struct outbox *outbox_new(struct inbox *in,
                          size_t byte_cap) BN_MUST_USE; /* owned, NULL: no memory */
void outbox_free(struct outbox *out);
/* What waits is forgotten, and every later push fails at once. Store's thread. */
void outbox_close(struct outbox *out);

/* Hands *m over. A newer put of a key replaces an older one that was not yet
 * taken (within one sync), so that what waits is bounded by the distinct keys.
 * Above the cap waits for room or until cancel_fd is readable. False (closed,
 * cancelled): the caller still owns m. Source's thread only. */
bool outbox_push(struct outbox *out, struct message *m, int cancel_fd) BN_MUST_USE;
/* Until outbox_release() what is pushed is kept back, and then goes at once, waiting as one push does. False
 * (closed, cancelled): it is forgotten. Source's thread only. */
void outbox_hold(struct outbox *out);
bool outbox_release(struct outbox *out, int cancel_fd);
size_t outbox_pending_bytes(const struct outbox *out);

#endif
