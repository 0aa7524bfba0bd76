/* Keys of AWS, or of a server that speaks like it, from a source's settings. */
#ifndef BINNACLE_BACKENDS_AWS_KEYS_H
#define BINNACLE_BACKENDS_AWS_KEYS_H

#include "backends/access.h"
#include "net/sigv4.h"

/* The variables are those of AWS's own tools, AWS_SESSION_TOKEN goes with them. */
#define AWS_KEY_SETTINGS                                                                       \
    {"access_key", "env:AWS_ACCESS_KEY_ID", "Where the access key's id is: " RECIPE_FORMS ".", \
     SETTING_SECRET},                                                                          \
        {"secret_key", "env:AWS_SECRET_ACCESS_KEY", "Where its secret is.", SETTING_SECRET},   \
        {"token", NULL, "Where its session token is, if it has one.", SETTING_SECRET},         \
        {"ca", NULL, "A file of the CAs that are trusted; else the system's.", SETTING_TEXT},  \
        {"insecure", "false", "true: its certificate is not verified.", SETTING_TEXT},         \
        {"kubeconfig", NULL, "", SETTING_GIVEN},                                               \
        {"addresses", NULL, "", SETTING_GIVEN}, /* where hosts are asked instead */            \
    {                                                                                          \
        "context", NULL, "", SETTING_GIVEN                                                     \
    }

struct aws_keys {
    struct strbuf id, secret, token; /* wiped */
};

/* Reads them, of the cluster too. False: nothing to wipe; ERR_AUTH when they cannot be had. */
bool aws_keys_read(struct aws_keys *k, struct backend_ctx *ctx, struct err *err) BN_MUST_USE;
void aws_keys_wipe(struct aws_keys *k);
struct sigv4_keys aws_keys_get(const struct aws_keys *k); /* borrowed from k */

#endif
