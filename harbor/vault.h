/* The platform's Vault: a KV engine of version 2 at secret/ that keeps what is written to it, its
 * seal, and who may do what. It answers as an OpenBao was recorded; where it stands aside, what
 * data/services/vault.yaml says is the answer, and what a command has said goes before both. */
#ifndef BINNACLE_HARBOR_VAULT_H
#define BINNACLE_HARBOR_VAULT_H

#include "harbor/server.h"

#define VAULT_NS   "vault"
#define VAULT_NAME "vault"
#define VAULT_PORT 8200

/* Tokens. The platform's own, whatever Secret vault/binnacle says that it is, reads metadata and
 * names of keys, and writes below apps/, operators/ and tooling/. */
#define VAULT_ROOT   "harbor-root"   /* may do everything; it cannot be renewed */
#define VAULT_READER "harbor-reader" /* reads metadata and names of keys, no value */
#define VAULT_EDITOR "harbor-editor" /* as the platform's own, but for `patch` */

/* A namespace that it has, with an engine of its own that is empty at first; there is no other. */
#define VAULT_TEAM "team"

/* Parts of its unseal key: three of five will do. */
#define VAULT_PART   "686172626f7227732070617274206f6620746865206b65792c206e756d6265720%d"
#define VAULT_PARTS  5
#define VAULT_NEEDED 3

struct vault;

/* Paths as data/services/vault.yaml has their metadata; their values are those of the Secrets that
 * ExternalSecrets have made of them, and of former versions the same with the version behind. What
 * ends in -db has the login of a user of MySQL's, as create-database writes it. */
struct vault *vault_new(const struct server *server);
void vault_free(struct vault *v); /* NULL is allowed */

/* Whether a pod is one of its servers: of the same secrets, and each with a seal of its own. One that
 * comes to be is sealed. The first that is open is active, the others stand by. */
bool vault_is_pod(const struct object *pod);
/* What a pod of its answers to a request for target ("/v1/..."), appended to out: the status; 0: it
 * stands aside. */
int vault_answer(struct server *server, const struct stream *s, const struct object *pod,
                 struct span target, struct strbuf *out);
/* Appends a value of the newest version of a secret, for who may read it. False: it is sealed, or
 * there is none. out: to be wiped by the caller. */
bool vault_value(const struct server *server, struct span path, const char *property,
                 struct strbuf *out);
/* "seal [POD]", or "unseal [POD]": with the next part of its key; vault-0 where none is named. */
bool vault_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err);

/* ---- For harbor/vault.c, of harbor/vault_kv.c. */

struct kv_request {
    const char *method; /* "GET", "LIST", "PUT", ... */
    struct span path;   /* "apps/kimai"; of a list "apps/" or "" */
    struct span media;  /* of the body */
    int64_t version;    /* ?version=; 0: the newest */
    const cJSON *body;  /* NULL: none */
    int64_t now_ms;
};

/* Each answers with a status. data: what stands below "data", owned by the caller; NULL: nothing.
 * error: NULL or the sentence below "errors". kv: path -> {"metadata": as the API has it,
 * "values": {"1": {...}}}. */
typedef int (*kv_answer_fn)(cJSON *kv, const struct kv_request *r, cJSON **data,
                            const char **error);
/* Of "data", "delete", "undelete", "destroy", "metadata", "subkeys"; NULL: there is no such thing. */
kv_answer_fn kv_handler_of(struct span word);

#endif
