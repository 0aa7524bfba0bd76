/* The table of all configuration keys. */
#ifndef BINNACLE_APP_CONFIG_TABLE_H
#define BINNACLE_APP_CONFIG_TABLE_H

#include "app/config.h"

enum config_type { CONFIG_TEXT, CONFIG_BOOL, CONFIG_DURATION, CONFIG_CHOICE };

struct config_key {
    const char *name;
    enum config_type type;
    enum config_part part;
    const char *fallback;
    const char *choices; /* CHOICE: words separated by '|' */
    const char *help;
};

#define CONFIG_KEYS_MAX 32

#define CONFIG_SOURCES_HELP \
    "Systems and how they are reached, where that is not found or should be other than found."

extern const struct config_key config_keys[]; /* ends with a NULL name */

#endif
