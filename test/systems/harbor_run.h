/* harbor as a child, asked over TLS by libcurl and told by its control socket.
 * Failures end the test (cmocka). */
#ifndef BINNACLE_TEST_SYSTEMS_HARBOR_RUN_H
#define BINNACLE_TEST_SYSTEMS_HARBOR_RUN_H

#include "base/strbuf.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <curl/curl.h>

#define ADMIN  "demo-token"
#define VIEWER "viewer-token"

enum protocol { HTTP1, HTTP2 };

struct harbor {
    int pid; /* 0: does not run */
    int out; /* its standard output */
    int port;
    int control; /* its socket, connected; -1: not */
    char folder[64], kubeconfig[96], socket[96], complaints[96];
    char epoch[40];
    struct strbuf ca; /* PEM of the authority */
    CURLM *multi[2];  /* owned; connections of each protocol */
};

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

/* A folder of its own; nothing runs yet. */
void harbor_prepare(struct harbor *h);
/* Starts it with these words more (NULL ends them; may be NULL) and waits until it is ready. */
void harbor_start(struct harbor *h, const char *const *words);
/* Runs it until it ends by itself; its exit status and what it said. */
int harbor_run(struct harbor *h, const char *const *words, struct strbuf *complaints);
/* Waits for its end; fails unless it exits with 0 (leaks would not be 0). */
void harbor_ended(struct harbor *h);
void harbor_stop(struct harbor *h); /* by its id, and harbor_ended() */
void harbor_done(struct harbor *h); /* stops what runs, removes the folder */

/* cmocka: *state is a struct harbor that plays the calm scenario. */
int harbor_setup(void **state);
int harbor_teardown(void **state);

/* A command; its answer, borrowed until the next. */
const char *harbor_tell(struct harbor *h, const char *format, ...) BN_PRINTF(2, 3);
/* The same, which must be answered with ok. */
const char *harbor_told(struct harbor *h, const char *format, ...) BN_PRINTF(2, 3);
int64_t harbor_count(struct harbor *h, const char *name); /* one of `counts` */

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
int64_t now_ms(void); /* monotonic */

#endif
