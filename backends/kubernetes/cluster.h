/* One cluster as its source's thread sees it: client, watches, what was asked
 * for. For backends/kubernetes alone. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_CLUSTER_H
#define BINNACLE_BACKENDS_KUBERNETES_CLUSTER_H

#include "backends/kubernetes/kube_kind.h"
#include "base/map.h"
#include "net/http.h"
#include "net/json_stream.h"

#define NAMESPACES_MAX     20 /* watched one by one where the whole is denied */
#define PENDING_ROWS_BYTES ((size_t)256 << 10)

enum part_state { PART_IDLE, PART_LISTING, PART_LISTED, PART_WATCHING, PART_WAITING, PART_DENIED };

struct watch;

/* A request of a part. It outlives its part when that lets go of it: the client
 * still answers once. */
struct ask {
    struct ask *next;
    struct cluster *cluster;
    struct part *part; /* NULL: nobody waits any more */
    struct page *page; /* of the part; NULL: it is the watch */
};

/* A page of a list that is on its way. */
struct page {
    bool reading; /* asked for, not yet at its end; list is initialised */
    struct ask *ask;
    uint32_t request;
    struct json_list list;
    struct err fault; /* found in the data; ends the request */
};

/* One resource of a kind, in all namespaces or one. */
struct part {
    struct watch *watch; /* borrowed */
    size_t which;        /* resource of the kind */
    char *ns;            /* owned; NULL: all */
    enum part_state state;
    struct page pages[2]; /* the server makes one while the other is read */
    struct strbuf next;   /* continue token of a page that is not asked for yet */
    bool first_page;
    uint32_t request; /* of the watch; 0: none */
    struct ask *ask;  /* of that request; owned by the cluster */
    struct json_watch events;
    bool reading_watch; /* events are initialised */
    char version[64];   /* to watch from */
    int64_t due_ms;     /* WAITING: monotonic */
    int64_t begun_ms;   /* WATCHING: monotonic, of the answer's head; TIME_NONE: not yet */
    bool lived;         /* WATCHING: an event or a bookmark has come */
    struct err fault;   /* found in the watch's data; ends the request */
};

/* A kind that is read from the objects of a watch. */
struct watched {
    const struct kube_kind *kind;
    uint16_t number; /* of the kind in the session; KIND_NONE: not known there */
    struct row_writer rows;
};

/* A kind's resources and all kinds that are read from their objects: while one of them is
 * wanted they are asked for, once, and all are told. All its parts make one picture. */
struct watch {
    struct cluster *cluster; /* borrowed */
    const struct kube_kind *kind;
    struct watched watched[KUBE_WATCHED_MAX]; /* the first is kind itself */
    size_t nwatched;
    struct map *kept;   /* owned; struct kept by object, see watch_rows.c; NULL: none is */
    int64_t rewrite_ms; /* wall: the first of them to be read again; TIME_FOREVER */
    struct part *parts; /* owned */
    size_t nparts;
    bool wanted;
    bool keeper_unseen; /* of workloads too little is asked for to say whether one is there */
    bool syncing;       /* between SYNC_BEGIN and SYNC_END */
    bool relist;        /* begin a new picture as soon as it can be */
    bool by_namespace;
    bool alone;          /* which namespaces there are may not be listed: the context's is asked */
    bool unwatched;      /* may be listed and not watched */
    bool told;           /* what of it may be read is known: */
    size_t hidden;       /* namespaces without */
    char scope[120];     /* "1 namespace, 15 denied"; "": all of them */
    struct err split;    /* kind ERR_DENIED: to be asked namespace by namespace */
    struct err denial;   /* of the namespace that was denied last */
    size_t denied, more; /* namespaces that may not be read, that are not asked */
    bool off;            /* not served by this cluster */
    bool older, missed;  /* the version before is asked for; one of both is not there */
    int64_t backoff_ms, relist_ms, due_ms;
    int64_t picture_ms; /* monotonic, of the last whole picture */
    bool done_once;     /* readers: has been answered */
};

enum fetch_type { FETCH_DOCUMENT, FETCH_POD, FETCH_LOG };

/* A document or log that somebody waits for. */
struct fetch {
    struct fetch *next;
    struct cluster *cluster;
    enum fetch_type type;
    const struct kube_kind *kind; /* NULL: none of ours */
    uint32_t id;                  /* as the session knows it */
    uint32_t request;             /* as the client knows it */
    struct request asked;         /* owned */
    struct strbuf body;
    bool gone; /* cancelled */
};

struct cluster {
    struct backend_ctx *ctx; /* during run() */
    struct kubeconfig *config;
    struct credential *credential;
    struct http *http;
    struct arena *arena;   /* texts of the object at hand */
    struct watch *watches; /* owned; one per kube kind with resources, in their order */
    size_t nwatches;
    struct fetch *fetches;   /* owned list */
    struct ask *asks;        /* owned list */
    char *context_namespace; /* owned */
    const char *other_user;  /* borrowed of config: a context to this cluster; NULL: none */
    int64_t relist_every_ms;
    int64_t byte_ms; /* monotonic: last sign of life */
    int64_t beat_ms; /* monotonic: last heartbeat sent */
    unsigned missed; /* heartbeats without an answer */
    bool beating;
    bool troubled;   /* the cluster does not answer */
    char scope[120]; /* what of its namespaces may be read, as it was said; "": all */
    bool unreached;  /* nor did it when the login plug-in last failed */
    struct err auth; /* kind ERR_AUTH: run() ends with it */
};

/* watch.c: lists and watches */
void watch_init(struct watch *w, struct cluster *c, const struct kube_kind *kind);
void watch_clear(struct watch *w);
void watch_start(struct watch *w);
void watch_stop(struct watch *w);
/* Where its objects are, by the version that this cluster serves. */
struct kube_resource watch_resource(const struct watch *w, size_t which);
/* Asks again, whatever it was doing. */
void watch_again(struct watch *w);
/* Does what is due; returns the monotonic time of the next thing to do. */
int64_t watch_work(struct watch *w, int64_t mono_ms);

/* accept.c: header lines for a list, a watch, a document of a kind; NULL ends. */
enum kube_ask { ASK_LIST, ASK_WATCH, ASK_DOCUMENT };

const char *const *kube_accept(const struct kube_kind *k, enum kube_ask ask);
/* A Secret's JSON with its values and what `kubectl apply` noted of them masked: an annotation is
 * metadata too. False: it is not JSON. */
bool kube_redact(struct span json, struct strbuf *out, struct err *err);

/* watch_rows.c: objects to rows */
bool watch_put(struct watch *w, size_t which, struct json_value object);
bool watch_drop(struct watch *w, size_t which, struct json_value object);
bool watch_flush(struct watch *w);
/* A kind's rows that have not been sent up are no more. */
void watched_clear(struct watched *m);
/* Forgets what rows there are of which object. */
void watch_forget(struct watch *w);
/* Reads again the objects of which time has changed the rows; returns the wall time
 * of the next. */
int64_t watch_rewrite(struct watch *w);

/* fetch.c: documents and logs */
void fetch_start(struct cluster *c, struct request *request);
void fetch_cancel(struct cluster *c, uint32_t id);
void fetch_clear(struct cluster *c);

/* cluster.c */
/* The cluster has answered, or not (status 0). */
void cluster_alive(struct cluster *c);
void cluster_failed(struct cluster *c, const struct err *err);
/* What may be read of one of its kinds is known: says what of the whole. */
void cluster_scope(struct cluster *c);
/* A login that fails: says which other way in there is. */
void cluster_advise(const struct cluster *c, struct err *err);
struct ask *ask_new(struct part *p, struct page *page);
void ask_free(struct ask *a);

#endif
