/* A Vault (or OpenBao) as its source's thread sees it. For backends/vault alone. Facts: Vault's
 * and OpenBao's API documentation, and what an OpenBao 2.6 answered (test/data/vault).
 *
 * Values are never asked for, but where the configuration says `compare: true` (compare.c), and then
 * neither shown nor kept: a path below MOUNT/data is else named in one question alone, what the token may
 * do there (rights.c). */
#ifndef BINNACLE_BACKENDS_VAULT_VAULT_H
#define BINNACLE_BACKENDS_VAULT_VAULT_H

#include "backends/discovery.h"
#include "backends/http_source.h"
#include "backends/poll.h"

/* Columns that one file writes and another reads. */
#define VAULT_STATE  "state"
#define VAULT_TOKEN  "token"
#define VAULT_LEADER "leader"

/* As they were last heard; asked for less often than the rest. */
struct vault_leases {
    int64_t due_ms; /* monotonic; 0: never asked */
    bool known;
    int64_t count, irrevocable;
};

#define VAULT_PODS_MAX 16

struct vault_pod {
    char *name; /* owned */
    struct http_source *http;
};

/* How many pods are so; others do not answer. */
struct vault_seals {
    int64_t open, sealed;
    bool cut_off; /* a standby among them does not reach the active node */
    /* The one that speaks for all: the active one, else an open one, else one that is sealed; NULL: none
     * is initialised and says how it is. */
    const struct vault_pod *speaker;
    struct json_doc *health; /* owned; what it says */
    int rank;                /* of it, 1 to 3; 0: there is none */
};

struct map; /* base/map.h */

struct vault {
    struct vault_pod pods[VAULT_PODS_MAX]; /* during run(), where there are several */
    size_t npods;
    struct backend_ctx *ctx;  /* during run() */
    struct http_source *http; /* during run() */
    struct strbuf header;     /* during run(): of its namespace; empty: none */
    char *wanted;             /* owned; what ExternalSecrets read (paths.h); NULL: not said yet */
    struct map *keys;         /* owned; of paths (paths.h); NULL: none */
    struct vault_leases leases;
    char no_token
        [ERR_MESSAGE_MAX]; /* why the one that is named cannot be had; "": it is there, or none is */
    int64_t token_ms;      /* monotonic: when it is tried again */
};

/* Tries again to have the token that is named, where that failed before. */
void vault_look_for_token(struct vault *v);

extern const struct kind kind_vault, kind_vault_mount, kind_vault_path, kind_secret_match;

/* The parts: each asks for one kind. */
bool vault_ask_status(void *self, struct poll *p, struct err *err);
bool vault_ask_mounts(void *self, struct poll *p, struct err *err);
bool vault_ask_paths(void *self, struct poll *p, struct err *err);
bool vault_ask_matches(void *self, struct poll *p, struct err *err);

/* The mounts that the token sees, as sys/internal/ui/mounts gives them: has "secret" and "auth".
 * NULL and *err: also when there is no token (ERR_DENIED). */
struct json_doc *vault_mounts(const struct vault *v, struct err *err) BN_MUST_USE;
/* ERR_DENIED, "...": what a source without a token cannot know. */
bool vault_no_token(const struct vault *v, struct err *err);

/* sys/health, whatever its status; name: whose, for *err. NULL: no answer, or none of a Vault's. */
struct json_doc *vault_health(struct http_source *http, const char *name, struct err *err);
/* Of the settings `pods` and `nodes`; none where they say none. */
bool vault_pods_open(struct vault *v, struct err *err);
void vault_pods_close(struct vault *v);
/* Appends each and its seal, a LIST: "vault-1 sealed 1/3". One that does not answer is told so. out->health
 * becomes the caller's. False: the source is to stop. */
bool vault_pods_ask(struct vault *v, struct strbuf *says, struct vault_seals *out);

/* Asks for the leases when it is time; a refusal is none of ours. False: the connection. */
bool vault_ask_leases(struct vault *v, struct err *err);
/* An error of one answer, after which others are asked for: denied, absent, busy, not understood. */
bool vault_goes_on(const struct err *err);
/* Reads {"errors":[...]}; fits http_explain_fn. */
bool vault_explain(int status, struct span body, struct err *err);

/* Appends a path ("apps/kimai") as it stands in an address. */
void vault_escape(struct strbuf *out, const char *path);

/* A member of an object as a cell, where it is there and of that type. */
void vault_put_text(struct row_writer *w, size_t column, const struct json_node *object,
                    const char *member);
void vault_put_int(struct row_writer *w, size_t column, const struct json_node *object,
                   const char *member);
void vault_put_time(struct row_writer *w, size_t column, const struct json_node *object,
                    const char *member);
/* An RFC 3339 time; TIME_NONE: absent, empty, or none. */
int64_t vault_time(const struct json_node *object, const char *member);

/* Whether what a service's name ends with is of the chart's own: "-active", "-ui", ... */
bool vault_is_variant(struct span name);
/* Appends the paths that ExternalSecrets read of the Vault behind a service, as vault_wanted_read()
 * takes them. */
void vault_readers(const struct store *st, const struct discovery_service *s, struct strbuf *out);
void vault_discover(const struct store *st, struct discovery *d);
void vault_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
