/* AWS Signature Version 4: a request's target as it is sent, and the headers that sign it. Pure;
 * keys are borrowed and never in what it says. [AWS Signature Version 4 for API requests, IAM user
 * guide; test/data/aws/sigv4-vectors.json] */
#ifndef BINNACLE_NET_SIGV4_H
#define BINNACLE_NET_SIGV4_H

#include "base/err.h"
#include "base/strbuf.h"

#define SIGV4_HEADERS    4 /* x-amz-date, x-amz-content-sha256, x-amz-security-token, Authorization */
#define SIGV4_PARAMS_MAX 16
#define SIGV4_KEY_MAX    ((size_t)16 << 10) /* bytes of an id, a secret, a token */

struct sigv4_keys {
    struct span id, secret;
    struct span token; /* of a session; empty: none */
};

struct sigv4_scope {
    const char *service; /* "s3" encodes the path once and sends the body's hash; others do not */
    const char *region;
    int64_t wall_ms; /* the server's time, as far as it is known */
};

struct sigv4_param {
    struct span name, value; /* not encoded */
};

struct sigv4_request {
    const char *method;
    struct span host; /* as the Host header has it: no port where it is the default one */
    struct span path; /* not encoded, "/" between its parts, none of them "." or ".." */
    const struct sigv4_param *params; /* in any order */
    size_t nparams;                   /* at most SIGV4_PARAMS_MAX */
    struct span body;
};

struct sigv4_signed {
    char *target;                     /* owned; "/path?a=b", encoded, sorted */
    char *headers[SIGV4_HEADERS + 1]; /* owned; "x-amz-date: ..."; NULL ends */
};

/* False: ERR_CONFIG (a key that cannot be one), ERR_NOMEM. Then there is nothing to wipe. */
bool sigv4_sign(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                const struct sigv4_request *request, struct sigv4_signed *out,
                struct err *err) BN_MUST_USE;
void sigv4_wipe(struct sigv4_signed *s);

#endif
