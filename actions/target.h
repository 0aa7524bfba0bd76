/* Where actions act: a context's API server, by a connection of the action's own. One thread. */
#ifndef BINNACLE_ACTIONS_TARGET_H
#define BINNACLE_ACTIONS_TARGET_H

#include "base/clock.h"
#include "net/json_doc.h"
#include "net/kube.h"

struct target;
struct sites; /* actions/channel.h */

struct target_options {
    const char *kubeconfig; /* --kubeconfig, or NULL */
    const char *context;    /* NULL: the current one */
    bool read_only;         /* nothing is opened: ERR_DENIED */
    int cancel_fd;          /* readable: give up; 0: none */
    const struct clock *clock;
    const struct sites *sites; /* what the configuration says beside the cluster; NULL: nothing */
};

/* NULL and a sentence: read-only, no such context, ... Connects nothing yet. */
struct target *target_open(const struct target_options *o, struct err *err) BN_MUST_USE;
void target_close(struct target *t); /* NULL is allowed */

const char *target_context(const struct target *t);
const char *target_namespace(const struct target *t); /* the context's */
const char *target_server(const struct target *t);    /* "https://10.0.0.1:6443" */
int64_t target_now(const struct target *t);           /* wall ms */
const struct clock *target_clock(const struct target *t);
int target_cancel_fd(const struct target *t);

/* GET. *doc NULL and true: it is not there (404). */
bool target_get(struct target *t, const char *path, struct json_doc **doc,
                struct err *err) BN_MUST_USE;
/* The same of its metadata alone: whether a Secret is there is known without its values. */
bool target_metadata(struct target *t, const char *path, struct json_doc **doc,
                     struct err *err) BN_MUST_USE;
/* GET of a list, of namespace ns or (NULL) of all: *first of its items, NULL: there are none, or no
 * such resource; selector: of labels, or NULL. *doc, whose they are, to be freed in any case. */
bool target_list(struct target *t, const struct kube_resource *r, const char *ns,
                 const char *selector, struct json_doc **doc, const struct json_node **first,
                 struct err *err) BN_MUST_USE;
/* GET, as it came, appended. */
bool target_text(struct target *t, const char *path, struct strbuf *out,
                 struct err *err) BN_MUST_USE;
/* GET of a list, whose items have their metadata alone: of Secrets no value comes. */
bool target_metadata_list(struct target *t, const char *path, struct json_doc **doc,
                          struct err *err) BN_MUST_USE;
/* What the API server serves, asked once; the target's. NULL: it does not say. */
const struct kube_discovery *target_served(struct target *t, struct err *err) BN_MUST_USE;
/* The same of what is no JSON: a pod's log. */
bool target_log(struct target *t, const char *path, struct strbuf *out,
                struct err *err) BN_MUST_USE;
/* What changes, by the channel of its system: sent once, never repeated. dry: the server goes through
 * all of it and keeps nothing (?dryRun=All), where it can. answer: NULL, or the object that came of
 * it. ERR_CONFLICT: somebody changed it meanwhile. ERR_BUSY: not now (429), unless the deed waits. */
struct deed;
bool target_do(struct target *t, const struct deed *d, bool dry, struct json_doc **answer,
               struct err *err) BN_MUST_USE;
/* A deed that only asks: what it answers; *doc NULL and true: it is not there. */
bool target_look(struct target *t, const struct deed *d, struct json_doc **doc,
                 struct err *err) BN_MUST_USE;
/* Whether this user may: a SelfSubjectAccessReview, or what the system has for it. False: it may not,
 * or it is not known, and which right is missing. */
bool target_allowed(struct target *t, const struct deed *d, struct err *err) BN_MUST_USE;

#endif
