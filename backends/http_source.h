/* JSON over HTTP for a source: its settings `reach`, `ca`, `insecure` and a secret's recipe become
 * a client whose answers are documents. */
#ifndef BINNACLE_BACKENDS_HTTP_SOURCE_H
#define BINNACLE_BACKENDS_HTTP_SOURCE_H

#include "backends/backend.h"
#include "net/http.h"
#include "net/json_doc.h"

struct http_source;

struct http_source_options {
    struct backend_ctx *ctx;
    http_explain_fn explain;    /* reads the API's errors; NULL: none */
    const char *const *headers; /* added to every request; NULL ends; NULL: none */
    const char *secret_setting; /* its setting that says where a secret is: "token"; NULL: none */
    const char *secret_header;  /* it is sent as this header: "X-Vault-Token" */
};

/* Reads the settings, connects nothing; a secret is fetched here (ERR_AUTH, ERR_NOTFOUND when it
 * cannot be had). NULL and *err. */
struct http_source *http_source_new(const struct http_source_options *o,
                                    struct err *err) BN_MUST_USE;
void http_source_free(struct http_source *h); /* NULL is allowed; wipes */

/* True when there is a secret to send. */
bool http_source_has_secret(const struct http_source *h);

/* GET path ("/v1/sys/health?x=y", encoded). A 2xx answer, or one whose status stands in
 * also_fine (0 ends; NULL: none), as a document. *status: may be NULL. ERR_TIMEOUT, ERR_IO: not
 * reached. Tells the source's figures and proof of life. */
struct json_doc *http_source_get(struct http_source *h, const char *path, const int *also_fine,
                                 int *status, struct err *err) BN_MUST_USE;

#endif
