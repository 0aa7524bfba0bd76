/* A list of things with fields, as a table or as JSON. */
#ifndef BINNACLE_CLI_LISTING_H
#define BINNACLE_CLI_LISTING_H

#include "cli/cli.h"

struct listing;

/* Says the items of what: for each listing_item(), its fields, listing_item_end(). It is called
 * twice for a table. */
typedef void items_fn(struct listing *l, const void *what);

void listing_item(struct listing *l);
/* A cell, "-" where the text is empty; in JSON a member. */
void listing_field(struct listing *l, const char *name, const char *text);
/* A boolean in JSON, "true" or "false" in a table. */
void listing_bool(struct listing *l, const char *name, bool is);
void listing_item_end(struct listing *l);

/* Writes them as -o table|json asks; the titles end with NULL. Returns status, or that of what
 * went wrong. */
int listing_write(struct cli *cli, const char *const *titles, items_fn *items, const void *what,
                  int status);

#endif
