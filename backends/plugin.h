/* Backends from outside of the tree: a shared object with one symbol, BINNACLE_PLUGIN_SYMBOL. It may
 * call what backends/plugin.syms lists, which the installed headers declare. Loaded at the start and
 * never unloaded; it runs in this process, with all that this process may do. */
#ifndef BINNACLE_BACKENDS_PLUGIN_H
#define BINNACLE_BACKENDS_PLUGIN_H

#include "backends/backend.h"

/* Counted up whenever the meaning of a member or function below changes, or one goes. */
#define BINNACLE_PLUGIN_ABI    4
#define BINNACLE_PLUGIN_SYMBOL "binnacle_plugin"

struct binnacle_plugin {
    uint32_t abi; /* BINNACLE_PLUGIN_ABI: first for ever, so that it can always be read */
    /* As it was built with: what a member more would change without anybody noticing. */
    uint32_t backend_size, kind_size, column_size, system_size, setting_size;
    const char *name;                      /* "uptime 1.0": for the log */
    const struct backend *const *backends; /* NULL ends */
};

/* `BINNACLE_PLUGIN("uptime 1.0", backends);` where backends is such an array. */
#define BINNACLE_PLUGIN(NAME, BACKENDS)                  \
    extern const struct binnacle_plugin binnacle_plugin; \
    const struct binnacle_plugin binnacle_plugin = {     \
        .abi = BINNACLE_PLUGIN_ABI,                      \
        .backend_size = sizeof(struct backend),          \
        .kind_size = sizeof(struct kind),                \
        .column_size = sizeof(struct column),            \
        .system_size = sizeof(struct system),            \
        .setting_size = sizeof(struct setting),          \
        .name = (NAME),                                  \
        .backends = (BACKENDS),                          \
    }

/* ---- For the program itself. */

#define PLUGINS_MAX 32

/* Loads every "*.so" of a folder in the order of their names: once in the life of the process, later
 * calls do nothing. What is not taken is logged, and kept for plugins_refused(). */
void plugins_load(const char *folder);
/* Built in first, then plug-ins': *at = 0 starts. NULL: no more. */
const struct backend *backends_next(size_t *at);
/* One by name, of either; NULL: there is none. */
const struct backend *backends_find(const char *name);
/* A file that was not taken, and why, in a sentence: *at = 0 starts. NULL: no more. */
const char *plugins_refused(size_t *at, struct err *why);

#endif
