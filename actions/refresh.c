/* Refreshing: the annotation that asks for it, the wait, and why a store was not read. */
#include <config.h>

#include "actions/refresh.h"

#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

#define STAMP "force-sync" /* [recorded/163; external-secrets.io FAQ: any change of it refreshes] */

/* ---- Why it fails. The object says that it does; the cause stands in the store, or in an event
 * [external-secrets pkg/controllers/externalsecret, UpdateFailed]. */

static const struct kube_resource store = {"external-secrets.io", "v1", "secretstores"},
                                  cluster_store = {"external-secrets.io", "v1",
                                                   "clustersecretstores"},
                                  events = {"", "v1", "events"};

/* As one line. */
static void add_line(struct strbuf *says, const char *text)
{
    bool space = false;
    for (; *text; text++) {
        const bool blank = *text == '\n' || *text == '\t' || *text == ' ';
        if (!blank || !space)
            strbuf_addc(says, blank ? ' ' : *text);
        space = blank;
    }
}

/* True: the store itself says what is wrong. */
static bool add_store(struct target *t, const struct json_node *object, struct strbuf *says)
{
    const struct json_node *ref = json_node_path(object, "spec.secretStoreRef");
    const bool whole = strcmp(json_node_path_text(ref, "kind", ""), "ClusterSecretStore") == 0;
    const char *name = json_node_path_text(ref, "name", "");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err ignored;
    kube_path(&path, whole ? &cluster_store : &store,
              whole ? NULL : json_node_path_text(object, "metadata.namespace", ""), name, NULL);
    if (!name[0] || !target_get(t, strbuf_cstr(&path), &doc, &ignored))
        doc = NULL;
    const struct json_node *ready = kube_condition(json_doc_root(doc), "Ready");
    const bool bad = ready && strcmp(json_node_path_text(ready, "status", ""), "True") != 0;
    if (bad) {
        strbuf_addf(says, "; its store %s: ", name);
        add_line(says, json_node_path_text(ready, "message", ""));
    }
    json_doc_free(doc);
    strbuf_clear(&path);
    return bad;
}

static void add_event(struct target *t, const struct json_node *object, struct strbuf *says)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), which = STRBUF_INIT(2048);
    struct json_doc *doc = NULL;
    const struct json_node *newest = NULL;
    struct err ignored;
    strbuf_addf(&which, "involvedObject.kind=%s,involvedObject.name=%s,type=Warning",
                json_node_path_text(object, "kind", ""),
                json_node_path_text(object, "metadata.name", ""));
    kube_path(&path, &events, json_node_path_text(object, "metadata.namespace", ""), NULL, NULL);
    kube_query(&path, "fieldSelector", strbuf_cstr(&which));
    if (!target_get(t, strbuf_cstr(&path), &doc, &ignored))
        doc = NULL;
    const struct json_node *e = json_node_first(json_node_get(json_doc_root(doc), "items"));
    for (; e; e = json_node_next(e))
        if (!newest || kube_time(e, "lastTimestamp") >= kube_time(newest, "lastTimestamp"))
            newest = e;
    if (newest) {
        strbuf_adds(says, "; ");
        add_line(says, json_node_path_text(newest, "message", ""));
    }
    json_doc_free(doc);
    strbuf_clear(&path);
    strbuf_clear(&which);
}

static void add_why(struct target *t, const struct json_node *object, const struct json_node *ready,
                    struct strbuf *says)
{
    strbuf_addf(says, "%s: %s", json_node_path_text(ready, "reason", ""),
                json_node_path_text(ready, "message", ""));
    if (!add_store(t, object, says))
        add_event(t, object, says);
}

/* ---- The wait. */

/* What was synced is named by the annotations too: with another stamp it is another, whatever clocks
 * say; a failure leaves it as it was, and what it says may be of before, so it is waited for
 * [externalsecret_controller.go, syncedResourceVersion, refreshTime]. former: "STAMP SYNCED", or
 * "STAMP" where nobody knows what it was before. */
static enum awaiting look(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says)
{
    char *rest = NULL;
    const long long asked = strtoll(step->former, &rest, 10);
    const int64_t refreshed = kube_time(object, "status.refreshTime");
    const struct json_node *ready = kube_condition(object, "Ready");
    const char *synced = json_node_path_text(object, "status.syncedResourceVersion", "");
    const bool is_ready = strcmp(json_node_path_text(ready, "status", ""), "True") == 0;
    const bool is_new = rest[0] ? strcmp(rest + 1, synced) != 0
                                : refreshed != TIME_NONE && refreshed / 1000 >= asked;
    if (is_new && is_ready)
        return AWAIT_DONE;
    if (!ready || is_ready)
        strbuf_adds(says, "not refreshed yet");
    else
        add_why(t, object, ready, says);
    return AWAIT_MORE;
}

void refresh_step(struct target *t, const struct answers *in, struct plan *p,
                  const struct kube_object *o)
{
    const char *stamp = plan_text(p, "%lld", (long long)(in->at_ms / 1000));
    const char *synced = kube_text(o, "status.syncedResourceVersion");
    const bool done = strcmp(kube_annotation(o->root, STAMP), stamp) == 0;
    struct step *s = plan_step(p, done ? '=' : '~', plan_text(p, "Refresh %s", kube_name(p, o)));
    s->undo_title = "none: what was read stays";
    s->former = done || !synced[0] ? stamp : plan_text(p, "%s %s", stamp, synced);
    s->await_path = o->path;
    s->await = look;
    s->await_s = 60;
    if (!done) {
        s->deed = kube_annotate(p, o, STAMP, stamp);
        s->shell = plan_text(p, "%s annotate %s %s " STAMP "=%s --overwrite", kubectl(p, t, o->ns),
                             o->resource->plural, o->name, stamp);
    }
    if (strcmp(kube_text(o, "spec.refreshPolicy"), "CreatedOnce") == 0)
        plan_warn(p, plan_text(p, "the refreshPolicy of %s is CreatedOnce: it is not read again",
                               kube_name(p, o)));
}
