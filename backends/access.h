/* How a source gets at its system: the ways and secrets that its settings name, opened. */
#ifndef BINNACLE_BACKENDS_ACCESS_H
#define BINNACLE_BACKENDS_ACCESS_H

#include "backends/backend.h"
#include "net/recipe.h"

/* What the settings of such a source begin with. */
#define ACCESS_SETTINGS                                                                       \
    {"reach", NULL, "How it is reached: " REACH_FORMS ".", SETTING_REACH},                    \
        {"ca", NULL, "A file of the CAs that are trusted; else the system's.", SETTING_TEXT}, \
        {"tls_name", NULL, "The name that its certificate must carry; else that of `reach`.", \
         SETTING_TEXT},                                                                       \
        {"insecure", "false", "true: its certificate is not verified.", SETTING_TEXT},        \
        {"kubeconfig", NULL, "", SETTING_GIVEN},                                              \
    {                                                                                         \
        "context", NULL, "", SETTING_GIVEN                                                    \
    }

struct access {
    struct backend_ctx *ctx; /* borrowed */
    struct reach *reach;
    struct kubeconfig *config;     /* owned; NULL: nothing needs the cluster */
    struct credential *credential; /* a reference */
    struct reach_cluster cluster;
};

struct access_kept; /* connections of access_get() */

/* Reads the settings and connects nothing. False: ERR_CONFIG; nothing to close then. */
bool access_open(struct access *a, struct backend_ctx *ctx, struct err *err) BN_MUST_USE;
/* For access_secret() alone: of a source that finds its way itself. */
bool access_open_secrets(struct access *a, struct backend_ctx *ctx, struct err *err) BN_MUST_USE;
/* For access_recipe() alone: recipes of the cluster's Secrets that no setting names. */
bool access_open_cluster(struct access *a, struct backend_ctx *ctx, struct err *err) BN_MUST_USE;
/* The same to one of several servers, where `reach` is not the text itself. */
bool access_open_to(struct access *a, struct backend_ctx *ctx, const char *reach,
                    struct err *err) BN_MUST_USE;
/* For access_recipe() alone: "NAME=recipe", NULL ends. */
bool access_open_recipes(struct access *a, struct backend_ctx *ctx, const char *const *named,
                         struct err *err) BN_MUST_USE;
void access_close(struct access *a);

/* As reach_http() and reach_stream(), with what the settings say of TLS. */
struct http *access_http(const struct access *a, struct strbuf *prefix,
                         struct err *err) BN_MUST_USE;
struct http_way access_way(const struct access *a); /* as reach_way(); a outlives it */
struct stream *access_stream(const struct access *a, const struct stream_wait *wait,
                             struct strbuf *how, struct err *err) BN_MUST_USE;
/* GETs a text over HTTP from one of several servers: name stands for each * in reach. *body of its
 * limit, appended to. The connection is put into *kept (NULL at first), for the next GET of the same
 * server; one that has ended meanwhile is made anew. */
bool access_get(struct backend_ctx *ctx, struct access_kept **kept, const char *reach,
                struct span name, const char *path, int deadline_ms, struct strbuf *body,
                struct err *err) BN_MUST_USE;
void access_forget(struct access_kept **kept); /* ends them all; for a run's end */
/* Appends the secret that a setting names (*out as for recipe_read(): of RECIPE_VALUE_MAX, to be
 * wiped). The setting not given: true, and nothing. ERR_AUTH: there is none, which asking again does not
 * mend; ERR_DENIED: the Secret may not be read, a right that may yet be given. */
bool access_secret(const struct access *a, const char *setting, int deadline_ms, struct strbuf *out,
                   struct err *err) BN_MUST_USE;
/* The same of a recipe that stands elsewhere. */
bool access_recipe(const struct access *a, const char *text, int deadline_ms, struct strbuf *out,
                   struct err *err) BN_MUST_USE;

#endif
