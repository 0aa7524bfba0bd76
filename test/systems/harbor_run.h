/* harbor as a child, asked over TLS by libcurl. Failures end the test (cmocka). */
#ifndef BINNACLE_TEST_SYSTEMS_HARBOR_RUN_H
#define BINNACLE_TEST_SYSTEMS_HARBOR_RUN_H

#include "test/systems/harbor_child.h"

enum protocol { HTTP1, HTTP2 };

struct request {
    const char *method; /* NULL: GET */
    const char *target; /* path and query */
    const char *token;  /* NULL: no credentials */
    const char *lines;  /* more headers, '\n' between them; NULL: none */
    const char *body;   /* NULL: none */
    enum protocol protocol;
    bool gzip;  /* takes it, and unpacks it */
    bool fresh; /* on a connection of its own */
};

/* A request under way and its answer. */
struct call {
    CURL *curl;   /* owned */
    CURLM *multi; /* borrowed */
    struct curl_slist *headers;
    bool done;
    CURLcode code; /* when done */
    long status;   /* 0: no answer yet */
    int64_t began_ms, ended_ms;
    struct strbuf head, body; /* head: lines of the last answer */
};

struct call *harbor_call(struct harbor *h, const struct request *r);
/* Lets what runs go on for a moment. */
void harbor_turn(struct harbor *h);
/* Until it is done. */
void harbor_await(struct harbor *h, const struct call *c);
/* Until its body has this text. */
void harbor_await_text(struct harbor *h, const struct call *c, const char *text);
void harbor_forget(struct call *c); /* frees; NULL is allowed */
/* A call from beginning to end. */
struct call *harbor_ask(struct harbor *h, const struct request *r);
/* GET by the admin that must be answered with 200. */
struct call *harbor_get(struct harbor *h, enum protocol protocol, const char *target);
/* A header's value, empty when absent. */
struct span call_header(const struct call *c, const char *name);

#endif
