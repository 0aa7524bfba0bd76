/* Whose a row is, and how it is called on the screen. */
#ifndef BINNACLE_TUI_NAMING_H
#define BINNACLE_TUI_NAMING_H

#include "model/store.h"

#define LABEL_MAX 24

/* Whose trouble a row's trouble is: an event is its object's, a slice of
 * endpoints its service's, what was made is who made it. */
struct handle naming_owner(const struct store *st, struct handle row);
/* "pod"; "deployment" of the key "shop/Deployment/api". */
void naming_label(const struct kind *kind, struct span key, char out[LABEL_MAX]);
/* Appends "shop/api" of the keys "shop/api" and "shop/Deployment/api"; of a kind without namespaces the
 * key as it is. */
void naming_name(const struct kind *kind, struct span key, struct strbuf *out);
/* A row's name without its namespace and type. */
struct span naming_row(const struct store *st, struct handle row);
/* Appends a sentence without "cluster NAME (ADDRESS): ", of a bucket and Route 53 too, and without the
 * "GET /PATH: " that failed: where it stands, the source is named already, and room is scarce. */
void naming_brief(struct span sentence, struct strbuf *out);

#endif
