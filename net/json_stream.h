/* Cutting a body that arrives in pieces into objects: lists and watches. Feed
 * bytes as they come; each complete object is given out once, in place. */
#ifndef BINNACLE_NET_JSON_STREAM_H
#define BINNACLE_NET_JSON_STREAM_H

#include "net/json.h"

/* Largest object of a list or a watch. etcd refuses requests over 1.5 MiB by
 * default [etcd --max-request-bytes]; aggregated APIs have no such limit. */
#define JSON_OBJECT_MAX ((size_t)8 << 20)

/* Where the scan of one value stands; zero it first. */
struct json_scan {
    unsigned depth;
    bool started;
    bool in_string;
    bool escape; /* the last byte was a backslash that escapes the next one */
    bool scalar; /* number or word: ends before a delimiter */
    bool too_deep;
};

/* Goes on with a value at p, at most len bytes; returns the bytes used. *done: the value is
 * complete with them. Only brackets and quotes are looked at. */
size_t json_scan(struct json_scan *scan, const char *p, size_t len, bool *done);

/* What a list says about itself; also a Status that came in its place. */
struct json_list_head {
    char kind[64];             /* "PodList", "Status", "Table" */
    char resource_version[64]; /* text, compared only for equality */
    struct strbuf next;        /* metadata.continue; empty: last page */
    int64_t remaining;         /* metadata.remainingItemCount; -1: not said */
    bool is_status;            /* kind is Status: see net/kube.h for its sentence */
};

struct json_list {
    /* Set by the caller after json_list_init(). False from either ends the feeding with
     * ERR_CANCELLED. The value may be used during the call only. */
    bool (*on_item)(void *context, struct json_value item);
    /* The head is complete (its metadata was read), before or after the items as they stand in
     * the body; NULL: not needed. */
    bool (*on_head)(void *context, const struct json_list_head *head);
    void *context;
    const char *array; /* the member with the items: "items" */
    const char *what;  /* for sentences: "list of pods from cluster spot"; borrowed */

    struct json_list_head head;
    uint64_t items;        /* given out */
    struct strbuf pending; /* private from here */
    struct strbuf status;  /* the members of a Status, as JSON */
    struct json_scan scan;
    size_t at, value_at;
    int state;
    char key[64]; /* the member being read, as written; "" when longer */
    bool failed;
};

void json_list_init(struct json_list *list, const char *what);
void json_list_clear(struct json_list *list); /* frees; must be initialised again */
/* The next bytes of the body. False: *err (ERR_PROTO: not JSON, an HTML page, an object over
 * JSON_OBJECT_MAX, nested too deep); after that it takes no more. */
bool json_list_feed(struct json_list *list, struct span bytes, struct err *err) BN_MUST_USE;
/* The body has ended. False: it was cut short. */
bool json_list_end(struct json_list *list, struct err *err) BN_MUST_USE;

enum json_event {
    JSON_EVENT_ADDED,
    JSON_EVENT_MODIFIED,
    JSON_EVENT_DELETED,
    JSON_EVENT_BOOKMARK,
    JSON_EVENT_ERROR, /* object is a Status */
    JSON_EVENT_OTHER, /* a type we do not know: to be passed over */
};

struct json_watch {
    /* version is metadata.resourceVersion of the object ("" when it has none), already kept in
     * resource_version below. */
    bool (*on_event)(void *context, enum json_event type, struct json_value object);
    void *context;
    const char *what; /* "watch of pods from cluster spot"; borrowed */

    /* Of the last event that had one (not ERROR): where to go on after the connection is lost. */
    char resource_version[64];
    uint64_t events;
    struct strbuf pending; /* private from here */
    struct json_scan scan;
    size_t at;
    bool failed;
};

void json_watch_init(struct json_watch *watch, const char *what);
void json_watch_clear(struct json_watch *watch);
bool json_watch_feed(struct json_watch *watch, struct span bytes, struct err *err) BN_MUST_USE;
/* The stream has ended. False: within an object. */
bool json_watch_end(struct json_watch *watch, struct err *err) BN_MUST_USE;
/* Between events: a new connection begins; resource_version stays. */
void json_watch_restart(struct json_watch *watch);

#endif
