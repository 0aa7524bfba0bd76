/* The configuration file. Every key is described once, in the table in
 * config_table.c: validation, `config show --defaults` and the manual read it. */
#ifndef BINNACLE_APP_CONFIG_H
#define BINNACLE_APP_CONFIG_H

#include "base/err.h"
#include "base/strbuf.h"

struct backend;  /* backends/backend.h */
struct declared; /* the same */
struct config;

/* What a command uses. A fault in a part that it does not use is a warning. */
enum config_part {
    CONFIG_SESSION = 1 << 0, /* sources and store: everything */
    CONFIG_SCREEN = 1 << 1,  /* the dashboard */
    CONFIG_CHANGE = 1 << 2,  /* what keeps changes back: nothing is changed by a guess at it */
};

#define CONFIG_ALL (CONFIG_SESSION | CONFIG_SCREEN | CONFIG_CHANGE)

/* path NULL: $XDG_CONFIG_HOME/binnacle/config.yaml, whose absence is fine. Every
 * key can be given by an environment variable too, which wins: BINNACLE_THEME.
 * parts: enum config_part. NULL and *err (ERR_CONFIG "file:line:column: ...",
 * nearest key named) else. */
struct config *config_load(const char *path, unsigned parts, struct err *err) BN_MUST_USE;
/* The same over the lists and sources of other files, which must be there (the demonstration's; NULL
 * ends); NULL: none. */
struct config *config_load_over(const char *const *lists, const char *path, unsigned parts,
                                struct err *err) BN_MUST_USE;
void config_free(struct config *c);
size_t config_warnings(const struct config *c);
const char *config_warning_at(const struct config *c, size_t i); /* borrowed */

/* Text of a key ("theme", "production"), or its default. Borrowed. c may be
 * NULL: all defaults. Asking for a key that is not in the table is a bug. */
const char *config_text(const struct config *c, const char *key);
/* One of the patterns of `production` ("*prod*,live") fits the context's name. */
bool config_is_production(const struct config *c, const char *context);
bool config_bool(const struct config *c, const char *key);
int64_t config_number(const struct config *c, const char *key); /* durations in ms */
/* Where the value comes from: "default", the file or the variable. Borrowed. */
const char *config_origin(const struct config *c, const char *key);

/* A source that `sources:` lists, checked: the backend is there and has these settings, secrets are
 * recipes. Borrowed. */
struct config_source {
    const char *name;
    const struct backend *backend;
    struct backend *own; /* the same where it was made for this entry; NULL: it is the registry's */
    const char *const *settings; /* "name=value"; NULL ends */
    bool reached;                /* it says how; else it completes what is found by this name */
};

size_t config_sources(const struct config *c); /* c may be NULL: none */
const struct config_source *config_source_at(const struct config *c, size_t i);

/* The entries of a backend's list (struct declares), ended by a NULL name; borrowed. c may be NULL:
 * its defaults. NULL: there is no list with this key. */
const struct declared *config_declared(const struct config *c, const char *key);

/* All keys with values (or defaults only) as YAML with their help as comments. */
void config_show(const struct config *c, bool defaults, struct strbuf *out);

#endif
