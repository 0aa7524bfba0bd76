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

#endif
