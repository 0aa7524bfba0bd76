/* Signed requests to one AWS service, or to a server that speaks like one (MinIO): clocks that
 * differ are got over, errors are sentences. One thread. */
#ifndef BINNACLE_NET_AWS_H
#define BINNACLE_NET_AWS_H

#include "net/http.h"
#include "net/sigv4.h"
#include "net/xml.h"

#define AWS_REGION_MAX 64 /* bytes of a region's name, with its NUL */

struct aws;

struct aws_options {
    const char *name;       /* who is asked, for sentences: "bucket reyem-db-backup" */
    const char *service;    /* "s3", "route53" */
    const char *region;     /* that is signed for */
    const char *origin;     /* "https://s3.eu-central-1.amazonaws.com" */
    struct sigv4_keys keys; /* copied, as all texts here, and wiped */
    const char *ca_file;    /* NULL: the system's CAs */
    const char *addresses;  /* as in http_options; NULL: none */
    bool insecure;
    int cancel_fd;       /* -1: none */
    struct http_way way; /* as in http_options; taken over. open NULL: TCP */
};

/* Connects nothing. NULL and *err: ERR_CONFIG. */
struct aws *aws_new(const struct aws_options *o, struct err *err) BN_MUST_USE;
void aws_free(struct aws *a); /* NULL is allowed */
/* From now on asks there; origin NULL: where it did. False: ERR_CONFIG, and nothing has changed. */
bool aws_move(struct aws *a, const char *region, const char *origin, struct err *err) BN_MUST_USE;
const char *aws_region(const struct aws *a);

struct aws_request {
    const char *method; /* NULL: GET */
    struct span path;   /* not encoded, as in sigv4_request */
    const struct sigv4_param *params;
    size_t nparams;
    int deadline_ms;
};

struct aws_answer {
    int status;                  /* 0: there was none */
    char code[64];               /* of an error: "AccessDenied"; "" */
    char region[AWS_REGION_MAX]; /* where the bucket is, of a refusal that tells; "" */
};

/* One request to its end; once more where the server finds our clock wrong, by its own from then
 * on. The body of a 2xx answer is in *body (emptied first). *answer: NULL or filled. False:
 * ERR_AUTH (the keys), ERR_DENIED (their rights), ERR_BUSY (throttled; code: seconds), ERR_NOTFOUND,
 * ERR_CONFIG (another region), ... */
bool aws_ask(struct aws *a, const struct aws_request *r, struct strbuf *body,
             struct aws_answer *answer, struct err *err) BN_MUST_USE;
/* The same, read as XML whose root is called so. */
struct xml_doc *aws_ask_xml(struct aws *a, const struct aws_request *r, const char *root,
                            struct aws_answer *answer, struct err *err) BN_MUST_USE;
struct http_figures aws_figures(const struct aws *a);

#endif
