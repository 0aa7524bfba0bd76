/* What actions on Vault share: where a secret is, which versions it has, what of its values would
 * change, who reads it. */
#ifndef BINNACLE_ACTIONS_VAULT_H
#define BINNACLE_ACTIONS_VAULT_H

#include "actions/action.h"

/* A deed's method: the version that the body names becomes the newest, guarded by its cas:
 * {"version":7,"options":{"cas":9}}. The channel reads it and writes it. */
#define VAULT_ROLLBACK "ROLLBACK"
/* Another: a PATCH where Vault takes none from us. The channel reads the version of the body's cas,
 * merges its data into that and writes all of it, with that cas. */
#define VAULT_REWRITE "REWRITE"
/* And what changes nothing: the path is read, and of its answer the value of one key put where the
 * body says: {"key":"DB_PASSWORD","into":"/tmp/value"}; into "": among the target's secrets, as one
 * that can be asked for when the run has ended. */
#define VAULT_REVEAL "REVEAL"

#define VAULT_STATUS "/v1/sys/seal-status" /* answered without a token */

#define VAULT_SITE(column)                                                                       \
    {                                                                                            \
        "vault", FIELD_TEXT, NULL, "", "which Vault, as `:vaults` names it; \"\": the only one", \
            column                                                                               \
    }
#define VAULT_PATH_FIELDS                                                                   \
    VAULT_SITE("@source"), {"mount", FIELD_TEXT, NULL, "secret", "its KV engine", "mount"}, \
    {                                                                                       \
        "path", FIELD_TEXT, NULL, NULL, "its path below the mount, without data/", "path"   \
    }
#define VAULT_REFRESH_FIELD                                                          \
    {                                                                                \
        "refresh", FIELD_CHOICE, "no|yes", "no",                                     \
            "yes: have External Secrets read it afterwards, and wait for that", NULL \
    }

/* A secret of a KV engine of version 2. Texts are the plan's. */
struct vault_secret {
    const char *at; /* the site */
    const char *mount, *path;
    const char *name;          /* "secret/apps/kimai" */
    struct json_doc *metadata; /* owned; NULL: there is none, or it may not be read */
    struct json_doc *values;   /* owned, wiped; {"data":{"data":{...}}} of the newest version;
                                  NULL: it has none, or they may not be read */
    const char *unread;        /* why they may not; NULL */
    int64_t version;           /* the newest; 0: there is none */
    int64_t written_ms;        /* when; TIME_NONE */
    bool live;                 /* it is neither deleted nor destroyed */
};

enum vault_state { VAULT_ABSENT, VAULT_LIVE, VAULT_DELETED, VAULT_DESTROYED };

/* Reads which versions there are and, where asked for, the newest one's values. */
bool vault_secret_read(struct target *t, struct plan *p, const struct answers *in, bool with_values,
                       struct vault_secret *out, struct err *err) BN_MUST_USE;
/* Reads the versions and never a value: where those may not be read, metadata is NULL. ERR_NOTFOUND:
 * there is no such secret. vault_secret_clear() in every case. */
bool vault_secret_look(struct target *t, struct plan *p, const struct answers *in,
                       struct vault_secret *out, struct err *err) BN_MUST_USE;
void vault_secret_clear(struct vault_secret *s);
/* The site that the field `vault` means, in the plan; NULL: *err. */
const char *vault_site(struct target *t, struct plan *p, const struct answers *in, struct err *err);
/* What became of a version by now, by {"data":{"versions":...}}. */
enum vault_state vault_version_state(const struct target *t, const struct json_node *metadata,
                                     int64_t version);
/* "/v1/secret/data/apps/kimai" of "data" */
const char *vault_url(struct plan *p, const struct vault_secret *s, const char *what);
/* A deed at a path of the site: "/v1/sys/unseal". */
struct deed vault_request(const char *at, const char *method, const char *path, const char *body);
/* The same at what vault_url() gives. */
struct deed vault_deed(struct plan *p, const struct vault_secret *s, const char *method,
                       const char *what, const char *body);
/* How some keys of a secret that is there are changed and its others kept: "PATCH", or VAULT_REWRITE,
 * which is noted, where the token may not or its Vault is too old. NULL: it may neither, and which
 * right is missing. */
const char *vault_patch_method(struct target *t, struct plan *p, const struct vault_secret *s,
                               struct err *err);
/* Asks a path; *doc NULL and true: there is nothing. */
bool vault_ask(struct target *t, const char *at, const char *path, struct json_doc **doc,
               struct err *err) BN_MUST_USE;
/* Does VAULT_REVEAL, unless the site's source has no `reveal: true`. No error text has the value. */
bool vault_reveal(struct target *t, const struct deed *d, const char *body,
                  struct err *err) BN_MUST_USE;
/* Fills what takes a write of a new version back: the former one's values, or none. */
void vault_undo_write(struct plan *p, const struct vault_secret *s, struct step *step);
/* Fills how it is seen that a version newer than s->version is there. */
void vault_await_version(struct plan *p, const struct vault_secret *s, struct step *step);

enum vault_diff_flag {
    VAULT_KEPT = 1 << 0,  /* keys that are not named stay */
    VAULT_MARKS = 1 << 1, /* true stands for a value that is made later, null for a key that goes */
};

/* Notes on the plan what would become of each key: its name, and the beginnings of the SHA-256 of
 * the old and the new value, with a salt that only this plan knows: who reads them can tell that
 * two differ, and no more. had, wanted: objects; NULL: there is none. Returns whether anything
 * would change. */
bool vault_diff(struct plan *p, const struct json_node *had, const struct json_node *wanted,
                unsigned flags);

/* Notes who reads the secret: the ExternalSecrets of stores that lead to a Vault and this mount.
 * refresh: and appends steps that have each read it. */
bool vault_note_readers(struct target *t, struct plan *p, const struct answers *in,
                        const struct vault_secret *s, bool refresh, struct err *err) BN_MUST_USE;
/* Whether this ExternalSecret is such a one. */
bool vault_is_read_by(struct target *t, const struct vault_secret *s,
                      const struct json_node *object);

#endif
