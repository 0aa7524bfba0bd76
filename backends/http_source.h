/* HTTP for a source: GETs whose answers are documents, or texts, and whose errors are sentences
 * of the API that was asked. */
#ifndef BINNACLE_BACKENDS_HTTP_SOURCE_H
#define BINNACLE_BACKENDS_HTTP_SOURCE_H

#include "backends/access.h"
#include "net/json_doc.h"

struct http_source;
struct poll_options; /* poll.h */

struct http_source_options {
    struct backend_ctx *ctx;
    http_explain_fn explain;    /* reads the API's errors; NULL: none */
    const char *secret_setting; /* the setting that names a secret: "token"; NULL: none */
    const char *secret_header;  /* "X-Vault-Token: ": what it is sent behind, with each request */
    const char *header;         /* one more line that is sent; NULL: none */
    bool (*header_of)(const char *path); /* with requests for what path; NULL: with each */
    int deadline_ms;                     /* of each request */
    const char *reach;                   /* NULL: the setting says it */
    const char *accept; /* the media type that is asked for; NULL: application/json */
};

/* Reads the settings and the secret, which may be asked of the cluster; connects nothing else.
 * NULL and *err: the secret's error is ERR_AUTH when it cannot be had at all. */
struct http_source *http_source_new(const struct http_source_options *o,
                                    struct err *err) BN_MUST_USE;
void http_source_free(struct http_source *h); /* NULL is allowed; wipes */
/* Reads the secret anew, where one is named and was not had. False: *err says why not. */
bool http_source_take_secret(struct http_source *h, const char *setting, struct err *err);
/* The life of a source that asks one server: polls with *h, which is NULL before and behind it. */
bool http_source_poll(const struct http_source_options *o, const struct poll_options *poll,
                      struct http_source **h, struct err *err) BN_MUST_USE;
bool http_source_has_secret(const struct http_source *h);
/* Whether the last answer was the system's own; not if none came, or one of the cluster that is gone
 * through: no such service, nobody behind it, not allowed. */
bool http_source_reached(const struct http_source *h);
/* The status with which the cluster that is gone through answered last in its place; 0: it did not. */
int http_source_refusal(const struct http_source *h);

/* GET path ("/v1/sys/health?x=y", encoded). A 2xx answer as a document; of another status too when
 * fine is given and says so. *status: NULL or filled, 0 when it was not reached. What was
 * asked and heard is told as the source's figures. */
struct json_doc *http_source_get(struct http_source *h, const char *path, bool (*fine)(int status),
                                 int *status, struct err *err) BN_MUST_USE;
/* The same as it came: *body, emptied first, of at most its limit. head: NULL, or as in http_request.
 * False: as NULL there. */
bool http_source_text(struct http_source *h, const char *path, bool (*fine)(int status),
                      int *status, struct strbuf *body, struct strbuf *head,
                      struct err *err) BN_MUST_USE;

#define HTTP_SOURCE_AT_ONCE 5

/* One of several GETs. */
struct http_source_one {
    const char *path;     /* as for http_source_get(); NULL: it is passed over */
    struct json_doc *doc; /* filled, owned by the caller; NULL: err says why */
    struct err err;
};

/* The same of many, of which HTTP_SOURCE_AT_ONCE are under way at a time. Where one gets no answer at
 * all, the others are given up, and have its error. http_source_reached() is of all of them. */
void http_source_gets(struct http_source *h, struct http_source_one *all, size_t count);

/* POST of a question that is too long for a path, JSON; nothing is changed by it there. As
 * http_source_get(). */
struct json_doc *http_source_ask(struct http_source *h, const char *path, struct span question,
                                 struct err *err) BN_MUST_USE;

#endif
