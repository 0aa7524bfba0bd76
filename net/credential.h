/* A credential shared by all that ask the same cluster: what it is, when it
 * ends, and one refresh at a time for all who wait. Any thread. Never shown,
 * wiped when released. */
#ifndef BINNACLE_NET_CREDENTIAL_H
#define BINNACLE_NET_CREDENTIAL_H

#include "base/clock.h"
#include "net/kubeconfig.h"

/* A token is renewed this long before it expires (or after 9/10 of a short life). */
#define CREDENTIAL_MARGIN_MS 60000
#define CREDENTIAL_TOKEN_MAX ((size_t)256 << 10)

enum credential_type {
    CREDENTIAL_NONE,
    CREDENTIAL_TOKEN,
    CREDENTIAL_TOKEN_FILE,
    CREDENTIAL_CERTIFICATE,
    CREDENTIAL_BASIC,
    CREDENTIAL_EXEC,
};

struct credential;

struct credential_options {
    const char *name;                   /* for sentences: "user oidc" */
    const struct kube_user *user;       /* borrowed until credential_new() returns: all is copied */
    const struct kube_cluster *cluster; /* for exec plug-ins; likewise */
    const struct clock *clock;          /* borrowed, must live as long; NULL: the system's */
    int exec_deadline_ms;               /* 0: EXEC_PLUGIN_MS */
};

/* user NULL: CREDENTIAL_NONE. NULL and *err: ERR_CONFIG (unreadable certificate file, key that
 * does not fit, ...). */
struct credential *credential_new(const struct credential_options *options,
                                  struct err *err) BN_MUST_USE;
/* A bearer token from elsewhere (a Secret, Vault). Copied. */
struct credential *credential_new_token(const char *name, struct span token) BN_MUST_USE;
struct credential *credential_ref(struct credential *c); /* NULL gives NULL */
void credential_unref(struct credential *c);             /* NULL is allowed */

enum credential_type credential_type(const struct credential *c);
const char *credential_name(const struct credential *c);

/* What to send, as of now. Release with credential_value_wipe(). */
struct credential_value {
    char *authorization;      /* owned; "Bearer ..." or "Basic ..."; NULL: none */
    char *cert_pem, *key_pem; /* owned; NULL: none */
    uint64_t version;         /* changes when any of these does */
};

void credential_value_wipe(struct credential_value *v);

/* The current value; fetched first when there is none or it is about to end: then all callers
 * wait for one run. cancel_fd readable: ERR_CANCELLED; -1: none. Failures of a plug-in are kept
 * for a few seconds, so that many waiters do not start it many times. */
bool credential_get(struct credential *c, int cancel_fd, struct credential_value *out,
                    struct err *err) BN_MUST_USE;
/* The server refused version (401): forget it unless a newer one is there already. True: asking
 * again may help (token file, plug-in). A plug-in that stands beside a token, password or
 * certificate is run only now: as for kubectl, what the kubeconfig holds itself goes first. */
bool credential_refused(struct credential *c, uint64_t version);
/* True when login needs the terminal (plug-in with interactiveMode Always) and has no value now. */
bool credential_needs_terminal(const struct credential *c);
/* The same, or it may use one that is there (IfAvailable). */
bool credential_likes_terminal(const struct credential *c);
/* `:login`: runs the plug-in on the terminal; forgets kept failures. Not a plug-in: only forgets. */
bool credential_login(struct credential *c, struct err *err) BN_MUST_USE;
/* Wall time when the current value ends; TIME_NONE: no value; TIME_FOREVER: not known to end. */
int64_t credential_expires(const struct credential *c);

#endif
