/* What actions on database clusters of the Percona operator share: their backups as the API server
 * has them, how long those take, and following a Job by its pod's log. [pxco
 * pkg/apis/pxc/v1/pxc_backup_types.go, pxc_prestore_types.go; integrations: spec.backup] */
#ifndef BINNACLE_ACTIONS_PXC_H
#define BINNACLE_ACTIONS_PXC_H

#include "actions/kube.h"

extern const struct kube_resource pxc_clusters, pxc_backups, pxc_restores;

/* The cluster of the answers `cluster` and `namespace`, to be read; none said: the only one of that
 * namespace or, where it has none, of all. False: there is none, or are several. */
bool pxc_cluster(struct target *t, struct plan *p, const struct answers *in,
                 struct kube_object *out, struct err *err) BN_MUST_USE;

struct pxc_backup { /* texts are the plan's */
    const char *name, *state, *storage, *destination;
    const char *bucket;    /* "s3/BUCKET/PREFIX", the site that has it; "": it is in no bucket */
    const char *in_bucket; /* NAME-full there */
    const char *by; /* who has begun it: "ada@laptop", "schedule daily"; "": it does not say */
    int64_t created_ms, completed_ms; /* wall; TIME_NONE: not (yet) */
    int64_t latest_ms;                /* status.latestRestorableTime */
    bool gap;                         /* binary logs behind it are missing */
    const char *gap_says;
    bool deletes_data; /* percona.com/delete-backup, or delete-s3-backup: its data goes with it */
    bool deleting;
};

struct pxc_list {
    struct pxc_backup *all; /* the plan's; the newest first */
    size_t count;
};

/* The backups of a cluster. */
bool pxc_list_read(struct target *t, struct plan *p, const char *ns, const char *cluster,
                   struct pxc_list *out, struct err *err) BN_MUST_USE;
const struct pxc_backup *pxc_list_find(const struct pxc_list *l, const char *name); /* or NULL */
bool pxc_went_well(const struct pxc_backup *b);
bool pxc_is_under_way(const struct pxc_backup *b);
/* The restores of a cluster, read as backups are: of them there are names, states and times. */
bool pxc_restores_read(struct target *t, struct plan *p, const char *ns, const char *cluster,
                       struct pxc_list *out, struct err *err) BN_MUST_USE;
/* The middle of how long the last five took that went well, ms; TIME_NONE: there is none. */
int64_t pxc_usual_ms(const struct pxc_list *l);
/* "4m42s"; "a time that is not known" for TIME_NONE. In the plan. */
const char *pxc_took(struct plan *p, int64_t ms);
const char *pxc_date(struct plan *p, int64_t ms); /* "2026-02-13 03:00:00" */

/* "begun 2026-02-13 03:00:00 by ada@laptop". In the plan. */
const char *pxc_begun(struct plan *p, const struct pxc_backup *b);
/* The annotation by which a backup or restore says who has begun it, as a member of its metadata: a comma
 * and "annotations" with what more there is to be in it ("" or "\"key\":value"). In the plan. */
const char *pxc_by(struct plan *p, const char *more);

/* Appends "; backup NAME by WHO is Running" of those of the cluster that are under way, but for own. */
void pxc_say_others(struct target *t, const char *ns, const char *cluster, const char *own,
                    struct strbuf *says);
/* The backup of an object of the API server; texts are borrowed from it or the plan's. */
struct pxc_backup pxc_backup_of(struct plan *p, const struct json_node *object);
/* Appends what the pod of a Job says last: ", pod NAME: LINE"; nothing where there is none. */
void pxc_follow(struct target *t, const char *ns, const char *selector, const char *container,
                struct strbuf *says);
/* Appends ", mysql ready, pxc 3/3"; gives how many nodes it should have. */
int64_t pxc_say_cluster(struct target *t, const char *ns, const char *name, struct strbuf *says);
/* Appends ", mysql-pxc-2 Donor/Desynced (receive queue 3, ...)" of each node. False: one does not
 * answer, which is said. */
bool pxc_say_nodes(struct target *t, const char *ns, const char *cluster, int64_t size,
                   struct strbuf *says);
/* SELECT 1 of a site ("ns/cluster") by the way that its applications take, and of how many nodes that
 * node sees its cluster. */
bool pxc_ask_database(struct target *t, const char *at, int64_t *size, struct err *err) BN_MUST_USE;

/* ---- Whether all nodes are synced, for what all of them do at once: pxc_whole.c. */

#define PXC_WAIT_FIELDS                                                                            \
    {                                                                                              \
        "wait", FIELD_CHOICE, "no|yes", "no", "yes: until all nodes of the cluster are synced",    \
        NULL},                                                                                     \
    {                                                                                              \
        "wait-limit", FIELD_COUNT, NULL, "600", "how long that may take, s; then nothing is done", \
            NULL                                                                                   \
    }

/* Warns of the nodes that are not synced, by name; or, where PXC_WAIT_FIELDS say so, appends a step that
 * waits for them: called before the first that sends a statement. cluster: of a MySQL site, "": the only
 * one; one that the operator has not made has nothing to warn of. */
bool pxc_whole(struct target *t, struct plan *p, const struct answers *in, const char *cluster,
               struct err *err) BN_MUST_USE;

/* ---- Points in time: pxc_window.c. From a backup that went well one goes on by binary logs, up to
 * the first gap behind a later one, or else to the latest that was uploaded; not at all from one that
 * has a gap behind it. */

/* Up to when; TIME_NONE: nothing can be restored from it. Its own time where logs do not go on. */
int64_t pxc_reach_ms(const struct pxc_list *l, const struct pxc_backup *b);
/* The newest backup from which this point can be reached; but: not this one, or NULL. NULL: none. */
const struct pxc_backup *pxc_base(const struct pxc_list *l, int64_t at_ms,
                                  const struct pxc_backup *but);
/* How long all points together are that can be reached without this one, or NULL; and the first. */
int64_t pxc_window_ms(const struct pxc_list *l, const struct pxc_backup *but, int64_t *from_ms);
/* The window as a bar, in notes of the plan; target TIME_NONE: there is none. */
void pxc_draw(struct plan *p, const struct pxc_list *l, const char *cluster, int64_t target_ms);

/* ---- In buckets: pxc_bucket.c. */

/* What a bucket has of NAME-full, {"bytes":...,"objects":...,"md5":...,"gap":...}; *doc NULL and
 * true: nothing. False: it cannot be asked. */
bool pxc_ask_bucket(struct target *t, const char *bucket, const char *name, struct json_doc **doc,
                    struct err *err) BN_MUST_USE;
int64_t pxc_bucket_number(const struct json_doc *doc, const char *member);

/* The steps of a backup: it is made and followed, and looked for in its bucket. An object of this
 * name that is there is followed alone. before: the backups there are. The name is the plan's. */
struct pxc_wanted {
    const struct kube_object *cluster;
    const char *storage, *name;
    const struct pxc_list *before;
};

bool pxc_add_backup(struct target *t, struct plan *p, const struct pxc_wanted *w,
                    struct err *err) BN_MUST_USE;
/* "manual-20260213-090000": of the time of the run's first plan. */
const char *pxc_manual_name(struct plan *p, const struct answers *in);
/* The storage that was said, or the only one there is; its Secret is there. NULL and *err. */
const char *pxc_storage(struct target *t, struct plan *p, const struct kube_object *cluster,
                        const char *asked, struct err *err);
/* No restore of the cluster is under way, and no backup but own: of backups that is a warning unless it
 * must be so. */
bool pxc_is_quiet(struct plan *p, const struct kube_object *cluster, const struct pxc_list *backups,
                  const struct pxc_list *restores, const char *own, bool must,
                  struct err *err) BN_MUST_USE;

#endif
