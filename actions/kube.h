/* What actions on Kubernetes objects share. */
#ifndef BINNACLE_ACTIONS_KUBE_H
#define BINNACLE_ACTIONS_KUBE_H

#include "actions/action.h"

#define MERGE_PATCH     "application/merge-patch+json"
#define STRATEGIC_PATCH "application/strategic-merge-patch+json"

/* The fields of an action on any object (KIND_ANY). A name may be what stands in a path. */
#define OBJECT_FIELDS                                                                           \
    {"resource", FIELD_TEXT, NULL, NULL, "what it is, as kubectl takes it: pods, deploy, ..."}, \
        {"name", FIELD_TEXT, NULL, NULL, "its name"},                                           \
    {                                                                                           \
        "namespace", FIELD_NAME, NULL, NULL, "its namespace, where it has one"                  \
    }

/* An object that an action is about. */
struct kube_object {
    const struct kube_resource *resource;
    const char *kind; /* "Deployment" */
    const char *ns;   /* "": cluster scope */
    const char *name;
    const char *path;     /* in the plan */
    struct json_doc *doc; /* owned; NULL: it is not there */
    const struct json_node *root;
    const char *version; /* metadata.resourceVersion */
    int64_t generation;  /* metadata.generation; 0: there is none */
};

/* Deployment, StatefulSet, DaemonSet by kubectl's lower-case word; NULL: none of them. */
const struct kube_resource *kube_workload_of(const char *word, const char **kind);
/* What the answers to OBJECT_FIELDS name, for kube_read(). False: the server has no such resource. */
bool kube_any(struct target *t, struct plan *p, const struct answers *in, struct kube_object *o,
              struct err *err) BN_MUST_USE;
/* Reads the object; an error when it is not there. */
bool kube_read(struct target *t, struct plan *p, struct kube_object *o,
               struct err *err) BN_MUST_USE;
/* The same, where it need not be there (o->doc NULL). */
bool kube_look(struct target *t, struct plan *p, struct kube_object *o,
               struct err *err) BN_MUST_USE;
void kube_object_clear(struct kube_object *o);
/* The object is there and is what the run is about: one of its name that came after the run's plan is
 * another. */
bool kube_is_meant(const struct kube_object *o, const struct answers *in);

/* "deployments.apps/kimai", as kubectl takes it. */
const char *kube_word(struct plan *p, const struct kube_object *o);
/* The owner that controls it; NULL: none. */
const struct json_node *kube_controller(const struct json_node *root);
/* A LabelSelector chooses this object; NULL chooses nothing, an empty one all. */
bool kube_selects(const struct json_node *selector, const struct json_node *object);
const char *kube_text(const struct kube_object *o, const char *path); /* "" when absent */
/* metadata.annotations[key]; "" when absent. Dots in key are its own. */
const char *kube_annotation(const struct json_node *root, const char *key);
/* The condition of this type in status.conditions, or NULL. */
const struct json_node *kube_condition(const struct json_node *root, const char *type);
/* An instant in the object, wall ms; TIME_NONE: absent or none. */
int64_t kube_time(const struct json_node *root, const char *path);

/* "Deployment default/kimai", "Node spot-1" */
const char *kube_name(struct plan *p, const struct kube_object *o);
/* "kubectl --context C -n NS", quoted for a shell. */
const char *kubectl(struct plan *p, const struct target *t, const char *ns);
/* A merge patch of the object. members: JSON members of the patch without its braces, but for
 * metadata.resourceVersion, which is added: `"spec":{...}`. guarded: refused when somebody else
 * changed its spec meanwhile. */
struct deed kube_patch(struct plan *p, const struct kube_object *o, const char *members,
                       bool guarded);
/* await of a step that `ends`: what can be looked at is not gone. */
enum awaiting kube_await_gone(struct target *t, const struct step *step,
                              const struct json_node *object, struct strbuf *says);
/* log_of of a step that looks at a Job: its pods. */
void kube_job_log(const struct json_node *job, struct strbuf *selector);
/* Makes an object, of which body is the JSON. */
struct deed kube_create(struct plan *p, const struct kube_resource *r, const char *ns,
                        const char *body);
/* Deletes the object of this path. options: members of its DeleteOptions, or "". */
struct deed kube_delete(struct plan *p, const char *path, const char *options);
#define CASCADE "\"propagationPolicy\":\"Background\"" /* and after it what it owns */
/* A patch of one annotation; value NULL takes it off. */
struct deed kube_annotate(struct plan *p, const struct kube_object *o, const char *key,
                          const char *value);
/* Warns where Argo CD looks after the object and would put it back (argocd_owner.c). what: "the number
 * of replicas". */
void kube_warn_argocd(struct target *t, struct plan *p, const struct kube_object *o,
                      const char *what);
/* The same, and where a controller has made the object and would. */
void kube_warn_owner(struct target *t, struct plan *p, const struct kube_object *o,
                     const char *what);

/* As `kubectl rollout status` judges the three kinds of workload
 * [kubectl pkg/polymorphichelpers/rollout_status.go]. */
enum awaiting rollout_await(struct target *t, const struct step *step,
                            const struct json_node *object, struct strbuf *says);
/* Appends the step of `restart` for a workload that has been read; word: kubectl's for its kind.
 * ERR_CONFLICT: its rollouts are paused. */
bool restart_step(struct target *t, const struct answers *in, struct plan *p, const char *word,
                  const struct kube_object *o, struct err *err) BN_MUST_USE;

#endif
