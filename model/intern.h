/* Texts, each kept once and counted. An id says where its text stands, which never
 * moves; the room of a text nobody uses goes to the next of its size. */
#ifndef BINNACLE_MODEL_INTERN_H
#define BINNACLE_MODEL_INTERN_H

#include "base/span.h"

struct intern;

#define INTERN_ID_MAX INT32_MAX

struct intern *intern_new(void) BN_MUST_USE; /* owned; NULL: no memory */
void intern_free(struct intern *in);
/* The id of a text with one use added; 0: no memory. The empty text has an id too. */
uint32_t intern_add(struct intern *in, struct span text) BN_MUST_USE;
/* One more, one less use. 0 is ignored. */
void intern_keep(struct intern *in, uint32_t id);
void intern_drop(struct intern *in, uint32_t id);
/* The id of a text that is there, else 0. */
uint32_t intern_find(const struct intern *in, struct span text);
/* Borrowed while the text is in use. 0 gives "". */
struct span intern_text(const struct intern *in, uint32_t id);
/* Begins to bring in a text, so that several are waited for at once. */
void intern_prefetch(const struct intern *in, uint32_t id);
size_t intern_count(const struct intern *in);
size_t intern_bytes(const struct intern *in);

#endif
