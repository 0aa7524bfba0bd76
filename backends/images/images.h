/* Container images as their registries have them, beside what runs. For backends/images alone.
 * Facts: OCI distribution-spec, the token protocol of its reference implementation, GHCR as it was
 * seen to answer (integrations.md section 13).
 *
 * Nothing is pulled: tokens, HEADs of manifests, and once for each digest the manifest itself. */
#ifndef BINNACLE_BACKENDS_IMAGES_IMAGES_H
#define BINNACLE_BACKENDS_IMAGES_IMAGES_H

#include "backends/access.h"
#include "backends/rota.h"
#include "model/store.h"
#include "net/http.h"

#define REGISTRY_DIGEST_MAX 144 /* "sha512:" and 128 digits, and the end */
#define REGISTRY_PARTS_MAX  12  /* platforms of an index */
#define REGISTRY_HOSTS_MAX  8

/* ---- References: reference.c. */

/* "ghcr.io/acme/web:1.2", "ghcr.io/acme/web@sha256:..."; spans of the text. */
struct image_ref {
    struct span host, repository, tag; /* tag: "latest" where none is named */
    struct span digest;                /* empty: none is named */
};

/* False: none that could be asked for: no host with a dot, characters that have no place in it. */
bool image_ref_parse(struct span text, struct image_ref *out) BN_MUST_USE;
/* The digest in an imageID as the kubelet has it: behind "@", or the whole where it is one alone
 * (*config then: it is of the image's configuration); empty: it is none. */
struct span image_id_digest(struct span id, bool *config);
bool image_digest_ok(struct span digest);

/* ---- What was found of an image. */

enum image_state {
    IMAGE_UNKNOWN, /* not asked yet, or it could not be asked: `says` */
    IMAGE_FOUND,
    IMAGE_GONE,   /* manifest unknown */
    IMAGE_DENIED, /* not without a login, or not with this one */
    IMAGE_PINNED, /* by digest: there is nothing to ask */
};

struct image_look {
    enum image_state state;
    bool login_refused;               /* what we log in with is not taken */
    bool login;                       /* it was seen, or refused, with a login */
    bool unread;                      /* one is named, and could not be read */
    char says[256];                   /* the registry's words, or why there are none */
    char digest[REGISTRY_DIGEST_MAX]; /* that the tag leads to */
    bool read;                        /* the manifest of that digest was */
    bool all_configs;                 /* configs is whole */
    char parts[REGISTRY_PARTS_MAX][REGISTRY_DIGEST_MAX]; /* manifests of its platforms */
    size_t nparts;
    char configs[REGISTRY_PARTS_MAX][REGISTRY_DIGEST_MAX]; /* their configurations */
    size_t nconfigs;
    bool more;          /* than were kept */
    bool asked_created; /* its configuration was asked for that */
    int64_t created_ms; /* TIME_NONE: unsaid */
    int64_t checked_ms; /* wall time, when the registry last answered */
    int64_t changed_ms; /* when another digest was first seen at the tag; TIME_NONE: never */
};

/* How an imageID relates to what the tag leads to. */
enum image_match { IMAGE_SAME, IMAGE_OTHER, IMAGE_CANNOT_TELL };
enum image_match image_compare(const struct image_look *look, struct span id);

/* ---- Asking: ask.c. */

struct registry_host {
    char *name;  /* owned, as all here */
    char *login; /* "Basic ..."; NULL: none; wiped */
    char *realm; /* path and query of where tokens are, without scope: "/token?service=ghcr.io" */
    struct http *http;
    int64_t pause_until_ms; /* monotonic */
    bool down;              /* it could not be reached, and is left alone until then */
    struct err why;
};

struct registry {
    struct backend_ctx *ctx;
    struct access access;
    struct registry_host hosts[REGISTRY_HOSTS_MAX];
    size_t nhosts;
    char login_missing[200]; /* why there is no login though one is named; "" */
    struct rota_item *item;  /* that is to be looked at */
};

/* The host as the configuration lists it; NULL: it does not. Opens nothing. */
struct registry_host *registry_host_of(struct registry *r, struct span name);
/* Looks at an image; ids: of what runs, joined by commas. What cannot be asked leaves what was known
 * before, with `says`. False: the host could not be reached. */
bool registry_look(struct registry *r, struct registry_host *h, const struct image_ref *ref,
                   struct span ids, struct image_look *look);

/* ---- Logins: login.c. */

/* Takes the hosts' logins out of a dockerconfigjson. False: it is none. */
bool registry_take_logins(struct registry *r, struct span dockerconfig, struct err *err);

/* ---- Rows: image.c. */

extern const struct kind kind_image;

bool image_put(const struct rota_item *item, const struct image_look *look, struct row_writer *w);

void images_discover(const struct store *st, struct discovery *d);
void images_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
