/* What the entries of the configuration's lists have in common: settings that a table describes. */
#ifndef BINNACLE_APP_CONFIG_ENTRY_H
#define BINNACLE_APP_CONFIG_ENTRY_H

#include "backends/backend.h"
#include "base/yaml.h"

/* Sets *err to "path:line:column: ..."; false. */
bool config_fault(const char *path, int line, int column, struct err *err, const char *fmt, ...)
    BN_PRINTF(5, 6);
/* The text of a key of an entry; "" : it has none. Borrowed. */
struct span config_word(const struct yaml_node *entry, const char *key);
/* "name=value" of one of an entry's keys, owned: it is in the table and its value is of its type.
 * whose: for the sentence ("a source of type vault"). *found: NULL or which it is. NULL: *err. */
char *config_setting(const struct setting *table, const struct yaml_node *n, const char *whose,
                     const char *path, const struct setting **found, struct err *err) BN_MUST_USE;
/* A list of such texts, with all it holds. */
void config_settings_free(const char *const *settings);
/* As YAML, four spaces in. */
void config_settings_show(const struct setting *table, const char *const *settings,
                          struct strbuf *out);

#endif
