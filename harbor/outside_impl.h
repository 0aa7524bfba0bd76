/* What the files of the world outside share. */
#ifndef BINNACLE_HARBOR_OUTSIDE_IMPL_H
#define BINNACLE_HARBOR_OUTSIDE_IMPL_H

#include "base/yaml.h"
#include "harbor/outside.h"

/* ---- Names: outside_names.c. */

struct names;

struct names *names_load(const struct yaml_node *zones);
void names_free(struct names *n);
/* The answer to a question of DNS; nothing is appended to what is none. */
void names_answer(const struct names *n, struct span question, struct strbuf *out);
void names_set(struct names *n, struct span name, struct span type, struct span value);

/* ---- What public hosts are asked. */

struct outside_ask {
    struct span method, target, authorization; /* borrowed */
};

/* ---- Container images: outside_registry.c. */

struct images;

/* login: what stands behind "Basic " of who may see all. */
struct images *images_load(const struct yaml_node *list, const char *login);
void images_free(struct images *all); /* NULL is allowed */
bool images_have(const struct images *all, const char *host);
/* Appends a whole answer. */
void images_answer(const struct images *all, const char *host, const struct outside_ask *a,
                   struct strbuf *out);
/* "HOST/NAME:TAG" and a digest, or "-": there is none; "HOST/NAME" and "private" or "public". What
 * is new was built now, an RFC 3339 time. */
bool images_set(struct images *all, struct span image, struct span value, struct span now);
void images_login(struct images *all, struct span login); /* from now on */

#endif
