/* Where a password or token is to be had, as one text says it. The text may be
 * shown; what it leads to is read when needed, and wiped. */
#ifndef BINNACLE_NET_RECIPE_H
#define BINNACLE_NET_RECIPE_H

#include "net/reach.h"

#define RECIPE_FORMS     "env:NAME, file:PATH, secret:NS/NAME/KEY"
#define RECIPE_VALUE_MAX ((size_t)64 << 10)

struct recipe;

/* One of RECIPE_FORMS. NULL: ERR_CONFIG, with a sentence that does not repeat the text: somebody
 * may have written the password itself. */
struct recipe *recipe_parse(const char *text, struct err *err) BN_MUST_USE;
void recipe_free(struct recipe *r);              /* NULL is allowed */
const char *recipe_text(const struct recipe *r); /* to be shown; borrowed */
bool recipe_needs_cluster(const struct recipe *r);

/* Appends the value: the environment's, the file's without the line's end, or that of a key of a
 * Secret, asked of the cluster. *out: of at least RECIPE_VALUE_MAX, and to be wiped by the caller.
 * ERR_NOTFOUND, ERR_DENIED, ... say which part of the recipe fails. */
bool recipe_read(const struct recipe *r, const struct reach_cluster *cluster,
                 const struct stream_wait *wait, struct strbuf *out, struct err *err) BN_MUST_USE;

#endif
