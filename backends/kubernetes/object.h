/* A Kubernetes object as it stands in a list or a watch: what all kinds have,
 * read in one walk, and short cuts to the rest. Nothing is copied. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_OBJECT_H
#define BINNACLE_BACKENDS_KUBERNETES_OBJECT_H

#include "backends/cells.h"
#include "base/clock.h"
#include "model/message.h"
#include "net/json.h"

#define OBJECT_TEXT_MAX ((size_t)4 << 20) /* decoded texts of one object */

#define OBJECT_CONDITIONS 12

struct kube_object {
    struct arena *arena; /* borrowed; decoded texts, valid until the next object */
    struct json_value root, spec, status;
    struct span ns, name, uid;
    int64_t created_ms, deleted_ms; /* TIME_NONE: not said */
    int64_t generation;
    struct json_value labels, annotations, owners;
    struct span owner_kind, owner_name; /* of the controller; empty: none */
    struct span owner_group;            /* "apps"; empty: the core group, or not said */
    struct span key;                    /* "ns/name" or "name" */
    /* The first conditions, found when one is asked for: a pod is asked for four of its five. */
    struct json_value conditions[OBJECT_CONDITIONS], condition_types[OBJECT_CONDITIONS];
    size_t nconditions; /* all there are; SIZE_MAX: not looked for yet */
    /* Kinds with any number of rows of an object: */
    int64_t now_ms;     /* wall time of reading it; TIME_NONE: not said */
    bool keeper_unseen; /* whether what keeps it is there is not looked for */
    int64_t again_ms;   /* when time alone makes other rows of it; TIME_FOREVER */
    struct span rows;   /* the keys written, as a list */
};

/* Reads metadata. False: no name (not an object). arena is emptied first. */
bool object_read(struct kube_object *o, struct json_value root, struct arena *arena) BN_MUST_USE;

/* Text of a string value; empty for everything else. */
struct span object_text(struct kube_object *o, struct json_value v);
/* Text, number, instant behind a path ("status.phase") of a value. */
struct span object_path_text(struct kube_object *o, struct json_value v, const char *path);
int64_t object_path_int(struct json_value v, const char *path, int64_t fallback);
/* A count of few things: what is less than 0 or more than INT32_MAX is taken for those. */
int64_t object_path_count(struct json_value v, const char *path);
int64_t object_path_time(struct kube_object *o, struct json_value v, const char *path);
/* The newest of the times at which somebody wrote this part of it, "f:spec", where the server has noted
 * that; TIME_NONE: it has not. */
int64_t object_written_ms(struct kube_object *o, const char *part);
bool object_path_true(struct json_value v, const char *path);
/* "apps" of "apps/v1"; empty for "v1". */
struct span object_group(struct span api_version);
/* "ns/name", in the arena. */
struct span object_key(struct kube_object *o, struct span ns, struct span name);
/* printf into the arena. */
struct span object_format(struct kube_object *o, const char *fmt, ...) BN_PRINTF(2, 3);
/* One label's or annotation's text; empty: none. */
struct span object_entry(struct kube_object *o, struct json_value map, const char *key);
/* "a=b,c=d" of a map (labels, selector). */
struct span object_pairs(struct kube_object *o, struct json_value map);
/* "app=web,tier in (a,b),!x" of a label selector, as kubectl prints it; empty: it says nothing. */
struct span object_selector(struct kube_object *o, struct json_value selector);
/* "RWO,RWX" of accessModes, as kubectl shortens them. */
struct span object_access_modes(struct kube_object *o, struct json_value list);
/* The names, or the images, of a pod template's containers; field "name" or "image". */
struct span object_containers(struct kube_object *o, struct json_value list, const char *field);

/* row_begin() with the object's key, or "key/part" where part is not empty. */
void object_row(struct kube_object *o, struct row_writer *w, struct span part);

/* A condition by type. False: there is none. */
struct condition {
    struct span status, reason, message;
    int64_t since_ms; /* lastTransitionTime; TIME_NONE */
};

bool object_condition(struct kube_object *o, const char *type, struct condition *out);

/* Joins texts with LIST_SEPARATOR, in the arena; grows by copying, for short lists. */
struct span object_list_add(struct kube_object *o, struct span list, struct span item);

/* As those of backends/cells.h: of what is no number nothing. */
void put_num(struct row_writer *w, size_t column, struct json_value v);

#endif
