/* The list `sources:` of the configuration. */
#ifndef BINNACLE_APP_CONFIG_SOURCES_H
#define BINNACLE_APP_CONFIG_SOURCES_H

#include "app/config.h"
#include "base/yaml.h"

struct source_list {
    struct config_source *sources; /* owned, and what they hold */
    size_t count;
};

/* Reads and checks the value of `sources`. False: *err ("path:line:column: ..."), *out is empty. */
bool source_list_read(const struct yaml_node *value, const char *path, struct source_list *out,
                      struct err *err);
void source_list_clear(struct source_list *list);
/* As YAML, the key with it. */
void source_list_show(const struct source_list *list, struct strbuf *out);

#endif
