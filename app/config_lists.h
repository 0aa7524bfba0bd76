/* The lists of the configuration that backends read (struct declares): what there should be, what
 * things cost, and the like. */
#ifndef BINNACLE_APP_CONFIG_LISTS_H
#define BINNACLE_APP_CONFIG_LISTS_H

#include "app/config.h"
#include "base/yaml.h"

struct declared_list {
    const struct declares *what; /* borrowed from its backend */
    struct declared *entries;    /* owned, and what they hold; ends with a NULL name */
    size_t count;
};

struct declared_lists {
    struct declared_list *lists; /* owned; one for each backend that declares something */
    size_t count;
};

/* All lists, with their defaults. */
void declared_lists_init(struct declared_lists *all);
void declared_lists_clear(struct declared_lists *all);
/* The list with this key; NULL: no backend has one. */
struct declared_list *declared_lists_find(const struct declared_lists *all, struct span key);
/* Puts the entries of a value over those of the same names that are there. False: *err
 * ("path:line:column: ..."). */
bool declared_list_read(struct declared_list *list, const struct yaml_node *value, const char *path,
                        struct err *err);
/* All as YAML with their help as comments. */
void declared_lists_show(const struct declared_lists *all, struct strbuf *out);

#endif
