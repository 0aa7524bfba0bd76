/* An API server that answers by a script, over TLS, and a Kubernetes source that
 * talks to it: its messages go into a real store. */
#ifndef BINNACLE_TEST_SYSTEMS_KUBE_API_H
#define BINNACLE_TEST_SYSTEMS_KUBE_API_H

#include "backends/runner.h"
#include "test/systems/http_server.h"
#include "test/unit/kube_test.h"

struct api; /* the server and its script */

/* What is asked by an answer beside its status and body. */
enum api_how {
    API_ANSWER,    /* as it is */
    API_HELD,      /* begun only after api_release() */
    API_STREAM,    /* 200 and a stream that stays open: api_say(), api_end(), api_cut() */
    API_ENDS,      /* 200, the body as a stream, and its proper end at once */
    API_CUT,       /* as API_ENDS, but the connection is lost instead of the end */
    API_NO_ANSWER, /* the connection is lost before a byte */
};

struct api_answer {
    const char *to;   /* the request line begins with it: "/api/v1/pods?limit" */
    const char *with; /* and has this in it; NULL: anything */
    enum api_how how;
    int status;          /* 0: 200 */
    const char *headers; /* NULL: JSON */
    const char *body;
    bool always; /* not used up by one request */
};

/* What no answer fits is answered as an empty cluster would: empty lists of
 * version 1, streams that say nothing, "ok". */
struct world {
    struct api *api;
    struct clock *clock;
    struct inbox *inbox;
    struct runner *runner;
    struct store *store;
    char folder[64];
    uint32_t blanks; /* times that rows were seen to be fewer than floor */
    size_t floor;    /* of rows of floor_kind; 0: not looked at */
    uint16_t floor_kind;
    /* What has come of the request asked last, by world_fetch() or world_stream(). */
    uint32_t request;
    struct strbuf text;
    enum document what;
    bool done;
    struct err why;
};

int world_setup(void **state);
int world_teardown(void **state);

/* Adds an answer, behind the others; texts are borrowed. */
void api_will(struct world *w, const struct api_answer *answer);
void api_forget(struct world *w); /* all answers */
void api_release(struct world *w);
unsigned api_held(struct world *w); /* that wait for it */
/* Sends text on the streams that are open for paths beginning with to. */
void api_say(struct world *w, const char *to, const char *text);
void api_end(struct world *w, const char *to);
void api_cut(struct world *w, const char *to);
/* Streams that are open for paths beginning with to. */
unsigned api_streams(struct world *w, const char *to);
/* Only this token is let in from now on; NULL: everybody. */
void api_lets_in(struct world *w, const char *token);
/* How many requests so far have all of this in their head: to at the start of the
 * path, and with anywhere (NULL: anything). */
unsigned api_asked(struct world *w, const char *to, const char *with);

/* Starts the source. user: of the kubeconfig ("token: t"). settings: pairs, NULL
 * ends, or NULL. */
void world_start(struct world *w, const char *user, const char *const *settings);
void world_want(struct world *w, const char *kind);
void world_unwant(struct world *w, const char *kind);
void world_retry(struct world *w);

/* Asks for a document or a log of a row; forgets what was asked before. */
void world_fetch(struct world *w, const char *kind, const char *key, enum document what);
void world_stream(struct world *w, const char *key, const struct stream_options *options);
void world_cancel(struct world *w);

/* Applies what has come. hurry: the clock is moved on as well, so that waiting
 * ends soon. Fails the test when end (world_patience()) has passed. */
void world_turn(struct world *w, bool hurry, int64_t end);
int64_t world_patience(void);

#define until(w, condition)                              \
    for (int64_t end_ = world_patience(); !(condition);) \
    world_turn(w, false, end_)
#define hurry_until(w, condition)                        \
    for (int64_t end_ = world_patience(); !(condition);) \
    world_turn(w, true, end_)

size_t world_rows(const struct world *w, const char *kind);
bool world_has(const struct world *w, const char *kind, const char *key);
const struct source_report *world_source(const struct world *w);
const struct source_kind *world_kind(const struct world *w, const char *kind);
bool world_is(const struct world *w, const char *kind, enum source_state state);
bool world_synced(const struct world *w, const char *kind);
/* The sentence of a kind's or (NULL) the source's state has these words. */
void world_says(const struct world *w, const char *kind, const char *words);

#endif
