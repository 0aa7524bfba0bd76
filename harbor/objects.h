/* The objects of the simulated cluster, and the history that watches read. */
#ifndef BINNACLE_HARBOR_OBJECTS_H
#define BINNACLE_HARBOR_OBJECTS_H

#include "base/clock.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "harbor/resources.h"

#include <cjson/cJSON.h>

struct object {
    const struct resource *resource;
    char *ns, *name;  /* owned; ns "" without a namespace */
    uint64_t version; /* of the last change */
    cJSON *json;      /* owned; with metadata.resourceVersion */
    char *text;       /* owned; printed when first asked for; see object_text() */
    bool asked;       /* a client has changed its spec: its controller is to follow */
};

enum event_type { EVENT_ADDED, EVENT_MODIFIED, EVENT_DELETED };

struct event {
    uint64_t version;
    enum event_type type;
    const struct resource *resource;
    char *ns, *name; /* owned */
    char *text;      /* owned; the object as printed then, whole */
};

struct objects;

/* clock is borrowed; the platform's time begins at epoch_ms and goes with it. */
struct objects *objects_new(const struct clock *clock, int64_t epoch_ms) BN_MUST_USE;
void objects_free(struct objects *o);
/* Loads all *.yaml of a folder, in the order of their names. */
bool objects_load(struct objects *o, const char *folder, struct err *err);

/* Now on the platform: epoch and what has passed since the start. */
int64_t objects_now(const struct objects *o);
/* Notes in json that its spec is written now, where it is another than old's, as managedFields has it. */
void objects_note_spec(const struct objects *o, const cJSON *old, cJSON *json);
int64_t objects_passed(const struct objects *o); /* ms since the start */
uint64_t objects_version(const struct objects *o);
/* Versions up to here are forgotten: watches from before get 410. */
uint64_t objects_oldest(const struct objects *o);
void objects_compact(struct objects *o);

size_t objects_count(const struct objects *o);
/* In the order of resource, namespace, name. Borrowed until the next change. */
struct object *objects_at(const struct objects *o, size_t i);
/* Index of the first object of a resource that is not before (ns, name). */
size_t objects_from(const struct objects *o, const struct resource *r, struct span ns,
                    struct span name);
/* As an API server prints it: whole, or as an item of a list, where typed
 * objects have no kind and apiVersion [recorded/025, 087]. */
void object_print(struct object *o, bool item, struct strbuf *out);
/* Its metadata alone, as PartialObjectMetadata [recorded/120]. */
void object_print_metadata(const cJSON *json, struct strbuf *out);
struct object *objects_find(const struct objects *o, const struct resource *r, struct span ns,
                            struct span name);
/* Takes json. New or changed: history gets an event; fills what a server fills
 * (uid, creationTimestamp, resourceVersion). Returns it; NULL: no name. */
struct object *objects_put(struct objects *o, const struct resource *r, cJSON *json);
bool objects_delete(struct objects *o, const struct resource *r, struct span ns, struct span name);
/* The next n deletions make no event (a lost delete). */
void objects_swallow_deletes(struct objects *o, unsigned n);

size_t objects_events(const struct objects *o);
const struct event *objects_event(const struct objects *o, size_t i);
/* Index of the first event after a version. */
size_t objects_event_after(const struct objects *o, uint64_t version);
/* Something else takes the next version. */
uint64_t objects_next_version(struct objects *o);

/* Text member of an object, "" when absent. */
const char *json_member(const cJSON *json, const char *key);

#endif
