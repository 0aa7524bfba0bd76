/* The session's insides, for app/session*.c alone. */
#ifndef BINNACLE_APP_SESSION_IMPL_H
#define BINNACLE_APP_SESSION_IMPL_H

#include "app/catalogue.h"
#include "app/discover.h"
#include "app/session.h"
#include "app/sources.h"
#include "model/outbox.h"
#include "net/kube.h"

#include <time.h>

/* A FETCH or STREAM that somebody waits for. */
struct answer {
    uint32_t id; /* 0: free */
    uint16_t source;
    bool stream, done;
    struct strbuf text;
    uint64_t dropped;
    struct err err;
};

#define ANSWERS_MAX       16
#define PAST_ASK_MAX      ((size_t)64 << 10)
#define DOCUMENT_MAX      ((size_t)16 << 20)
#define LINES_PENDING_MAX ((size_t)8 << 20) /* more is dropped from the front and counted */

#define CONTEXT_NAME_MAX 512
#define CLUSTER          0 /* number of a connection's first source */

/* One context: its sources and what they said. Replaced whole by a switch. */
struct connection {
    struct connection *next; /* among those that are being left */
    char context[CONTEXT_NAME_MAX], namespace_[256];
    bool production;
    struct store *store;           /* owned */
    struct inbox *inbox;           /* owned */
    struct sources *sources;       /* owned */
    struct discover *discover;     /* owned */
    struct credential *credential; /* a reference */
    unsigned *wants;               /* owned; per kind: the session, and what discovery reads */
};

struct session {
    const struct config *config; /* borrowed */
    struct clock *clock;
    struct kubeconfig *kubeconfig;
    char *kubeconfig_path, *asked_namespace, *outside, *outside_ca;
    bool once, read_only, all_namespaces, on_terminal;
    const char *scope_kind; /* borrowed, or NULL */

    struct catalogue catalogue;
    unsigned *wants; /* per kind: how many hold it */

    struct connection *now;     /* owned */
    struct connection *leaving; /* owned; stopped, not yet ended */

    struct answer answers[ANSWERS_MAX];
    uint32_t last_id;
    int64_t boot_ms, mono_ms; /* when we last looked whether the machine has slept */
    int64_t look_ms;          /* monotonic: when to look for what grew stale next */
    int64_t files_ms;         /* monotonic: when to look at the kubeconfig next */
    struct timespec token_time;
};

/* session_connection.c */
/* Connects to a context. NULL and *err: nothing has changed. */
struct connection *connection_open(struct session *s, const char *name,
                                   struct err *err) BN_MUST_USE;
void connection_want(struct connection *c, uint16_t kind);
void connection_unwant(struct connection *c, uint16_t kind);
/* Asks it to stop and puts it among those that are being left. */
void connection_leave(struct session *s, struct connection *c);
/* Waits at most ms for those that are being left, frees what has ended. True: all have. */
bool connection_reap(struct session *s, int64_t ms);

/* session_watch.c: what time and files ask for */
void session_look(struct session *s);
int64_t session_next_look(const struct session *s);

/* session_answers.c */
void answers_take(struct session *s, struct message *m);
void answers_forget(struct session *s);

#endif
