/* The steps of a restore: it is made and followed through its states, its cluster is awaited. The uploads
 * of binary logs rest meanwhile, as the operator's documentation wants it [k8spxc-docs
 * backups-restore; pxco pkg/controller/pxcrestore/controller.go]. */
#include <config.h>

#include "actions/restore.h"
#include "base/timetext.h"

#include <string.h>

#define RESTORE_S (24 * 3600)
#define RESTS     "binnacle/restore" /* of the cluster: the restore for which its uploads rest */

const char *restore_target(struct plan *p, const struct restore *w)
{
    if (strcmp(w->type, "date") == 0)
        return plan_text(p, "%s UTC", pxc_date(p, w->at_ms));
    if (strcmp(w->type, "latest") == 0)
        return "the latest";
    if (w->pitr)
        return plan_text(p, "%s %s", w->type, w->gtid);
    return plan_text(p, "the backup of %s UTC", pxc_date(p, w->base->created_ms));
}

/* ---- The uploads. */

/* Of the Deployment of the collector: its end is wanted. */
static enum awaiting look_resting(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                  BN_UNUSED const struct json_node *object, struct strbuf *says)
{
    strbuf_adds(says, "the collector is still there");
    return AWAIT_MORE;
}

static const char *collector_path(struct plan *p, const struct restore *w)
{
    static const struct kube_resource deployments = {"apps", "v1", "deployments"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    kube_path(&path, &deployments, w->cluster.ns, plan_text(p, "%s-pitr", w->cluster.name), NULL);
    const char *text = plan_text(p, "%s", strbuf_cstr(&path));
    strbuf_clear(&path);
    return text;
}

/* Off is the first that a restore does to the cluster: who has planned one as well, and comes second, is
 * refused. On again is right whatever has come since. */
static struct deed uploads(struct plan *p, const struct restore *w, bool on)
{
    return kube_patch(p, &w->cluster,
                      plan_text(p,
                                "\"metadata\":{\"annotations\":{\"" RESTS
                                "\":%s%s%s}},\"spec\":{\"backup\":{"
                                "\"pitr\":{\"enabled\":%s}}}",
                                on ? "" : "\"", on ? "null" : w->object.name, on ? "" : "\"",
                                on ? "true" : "false"),
                      !on);
}

static const char *uploads_shell(struct target *t, struct plan *p, const struct restore *w, bool on)
{
    return plan_text(p,
                     "%s patch pxc %s --type merge -p "
                     "'{\"spec\":{\"backup\":{\"pitr\":{\"enabled\":%s}}}}'",
                     kubectl(p, t, w->cluster.ns), w->cluster.name, on ? "true" : "false");
}

/* now: they are to rest; rested: they do already, for this run. */
static void add_rest(struct target *t, struct plan *p, const struct restore *w, bool rested)
{
    struct step *s = plan_step(
        p, rested ? '=' : '~',
        plan_text(p, "Let the uploads of binary logs of %s rest", kube_name(p, &w->cluster)));
    s->await_path = collector_path(p, w);
    s->await = look_resting;
    s->await_s = 300;
    s->ends = true;
    s->undo = uploads(p, w, true);
    s->undo_title = "let them go on";
    s->undo_apart = true; /* whatever has become of the restore, they are wanted */
    if (rested)
        return;
    s->deed = uploads(p, w, false);
    s->shell = uploads_shell(t, p, w, false);
}

static enum awaiting look_uploading(struct target *t, const struct step *step,
                                    BN_UNUSED const struct json_node *object, struct strbuf *says)
{
    struct json_doc *doc = NULL;
    struct err err;
    int64_t n = 0;
    bool ok = target_get(t, step->former, &doc, &err) && doc &&
              json_node_int(json_node_path(json_doc_root(doc), "status.availableReplicas"), &n);
    json_doc_free(doc);
    if (ok && n > 0)
        return AWAIT_DONE;
    strbuf_adds(says, "the collector is not ready");
    return AWAIT_MORE;
}

static void add_uploads(struct target *t, struct plan *p, const struct restore *w, bool done)
{
    struct step *s = plan_step(
        p, done ? '=' : '~',
        plan_text(p, "Let binary logs of %s be uploaded again", kube_name(p, &w->cluster)));
    s->undo_title = "none: it is as it was before";
    s->await_path = w->cluster.path;
    s->await = look_uploading;
    s->await_s = 600;
    s->former = collector_path(p, w);
    if (done)
        return;
    s->deed = uploads(p, w, true);
    s->shell = uploads_shell(t, p, w, true);
}

/* ---- The restore itself. */

/* The pods of the Job that it has now. */
static void log_of(const struct json_node *object, struct strbuf *selector)
{
    const char *state = json_node_path_text(object, "status.state", ""),
               *name = json_node_path_text(object, "metadata.name", ""),
               *cluster = json_node_path_text(object, "spec.pxcCluster", "");
    const char *job = strcmp(state, "Restoring") == 0                  ? "restore"
                      : strcmp(state, "Point-in-time recovering") == 0 ? "pitr"
                      : strcmp(state, "Preparing Cluster") == 0        ? "prepare"
                                                                       : NULL;
    if (job)
        strbuf_addf(selector, "job-name=%s-job-%s-%s", job, name, cluster);
}

static enum awaiting look_restore(struct target *t, BN_UNUSED const struct step *step,
                                  const struct json_node *object, struct strbuf *says)
{
    const char *state = json_node_path_text(object, "status.state", ""),
               *comments = json_node_path_text(object, "status.comments", "");
    int64_t created = kube_time(object, "metadata.creationTimestamp");
    char text[TIMETEXT_MAX];
    strbuf_addf(says, "%s", state[0] ? state : "waiting: the operator has not begun it");
    if (strcmp(state, "Succeeded") == 0)
        return AWAIT_DONE;
    if (comments[0])
        strbuf_addf(says, ": %s", comments);
    if (strcmp(state, "Failed") == 0)
        return AWAIT_FAILED;
    if (created != TIME_NONE) {
        duration_format(target_now(t) - created, text);
        strbuf_addf(says, ", for %s", text);
    }
    pxc_say_cluster(t, json_node_path_text(object, "metadata.namespace", ""),
                    json_node_path_text(object, "spec.pxcCluster", ""), says);
    return AWAIT_MORE;
}

static const char *pitr_of(struct plan *p, const struct restore *w)
{
    const char *value = "";
    char at[TIMETEXT_MAX];
    if (!w->pitr)
        return "";
    if (w->at_ms != TIME_NONE) {
        time_format(w->at_ms / 1000 * 1000, at);
        value = plan_text(p, "\"date\":\"%.10s %.8s\",", at, at + 11);
    } else if (w->gtid[0]) {
        value = plan_text(p, "\"gtid\":\"%s\",", w->gtid);
    }
    return plan_text(p, ",\"pitr\":{\"type\":\"%s\",%s\"backupSource\":{\"storageName\":%s}}",
                     w->type, value, plan_quote(p, w->storage));
}

static void add_restore(struct plan *p, const struct restore *w, const char *way_back)
{
    struct step *s =
        plan_step(p, w->object.doc ? '=' : '+',
                  plan_text(p, "Restore %s from %s to %s as %s", kube_name(p, &w->cluster),
                            w->base->name, restore_target(p, w), w->object.name));
    s->undo_title = plan_text(p, "none: what is there now is overwritten; %s", way_back);
    s->await_path = w->object.path;
    s->await = look_restore;
    s->log_of = log_of;
    s->log_container = "xtrabackup";
    s->wait_for = "jsonpath={.status.state}=Succeeded";
    s->await_s = RESTORE_S;
    if (w->object.doc)
        return;
    s->deed = kube_create(
        p, &pxc_restores, w->cluster.ns,
        plan_text(p,
                  "{\"apiVersion\":\"pxc.percona.com/v1\",\"kind\":"
                  "\"PerconaXtraDBClusterRestore\",\"metadata\":{\"name\":\"%s\"%s},"
                  "\"spec\":{\"pxcCluster\":\"%s\",\"backupName\":\"%s\"%s}}",
                  w->object.name, pxc_by(p, w->force ? "\"percona.com/unsafe-pitr\":\"true\"" : ""),
                  w->cluster.name, w->base->name, pitr_of(p, w)));
}

#define TRIES_MAX 20 /* looks, 2 s apart: proxies are ready some seconds after the nodes */

/* The database itself, by the way that applications take. What gives no answer for long is said, and
 * is no failure: the root's password may be that of then. */
static enum awaiting look_through(struct target *t, const struct step *step,
                                  const struct json_node *object, int64_t wanted,
                                  struct strbuf *says)
{
    struct strbuf at = STRBUF_INIT(1024);
    struct err err;
    int64_t size = 0;
    strbuf_addf(&at, "%s/%s", json_node_path_text(object, "metadata.namespace", ""),
                json_node_path_text(object, "metadata.name", ""));
    bool answers = pxc_ask_database(t, strbuf_cstr(&at), &size, &err);
    strbuf_clear(&at);
    if (answers && size >= wanted) {
        strbuf_addf(says, "ready; SELECT 1 is answered through its proxy, wsrep_cluster_size %lld",
                    (long long)size);
        return AWAIT_DONE;
    }
    bool over = step->room[0] >= TRIES_MAX;
    step->room[0] = (char)(step->room[0] + !over);
    if (answers)
        strbuf_addf(says, "ready, wsrep_cluster_size %lld of %lld", (long long)size,
                    (long long)wanted);
    else
        strbuf_addf(says, "ready, NOT verified through its proxy: %s", err.msg);
    return over && !answers ? AWAIT_DONE : AWAIT_MORE;
}

/* Nobody wants to find out by themselves whether it is back. */
static enum awaiting look_ready(struct target *t, const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    const char *state = json_node_path_text(object, "status.state", "");
    int64_t ready = 0, size = 0;
    (void)!json_node_int(json_node_path(object, "status.pxc.ready"), &ready);
    (void)!json_node_int(json_node_path(object, "spec.pxc.size"), &size);
    if (strcmp(state, "ready") == 0 && ready >= size && size > 0)
        return look_through(t, step, object, size, says);
    strbuf_addf(says, "%s, pxc %lld/%lld", state[0] ? state : "in no state", (long long)ready,
                (long long)size);
    return AWAIT_MORE;
}

static void add_ready(struct plan *p, const struct restore *w)
{
    struct step *s =
        plan_step(p, '=', plan_text(p, "Wait until %s is ready", kube_name(p, &w->cluster)));
    s->undo_title = "none: it is looked at, nothing is changed";
    s->await_path = w->cluster.path;
    s->await = look_ready;
    s->await_s = 3600;
}

/* ---- All of them. */

/* The backup that would bring back what is there now. */
static bool add_first(struct target *t, struct plan *p, const struct answers *in,
                      const struct restore *w, const char **way_back, struct err *err)
{
    const char *name = pxc_manual_name(p, in), *storage;
    const struct pxc_backup *last = restore_newest(w, false);
    *way_back = last ? plan_text(p, "the newest backup of it is %s, of %s UTC", last->name,
                                 pxc_date(p, last->created_ms))
                     : "no backup has it";
    if (!w->first)
        return true;
    *way_back = plan_text(p, "backup %s, made before, has it", name);
    if (w->object.doc && !pxc_list_find(&w->l, name))
        return true; /* it is too late for one */
    storage = pxc_storage(t, p, &w->cluster, w->base->storage, err);
    const struct pxc_wanted wanted = {&w->cluster, storage, name, &w->l};
    return storage && pxc_add_backup(t, p, &wanted, err);
}

bool restore_add_steps(struct target *t, struct plan *p, const struct answers *in,
                       const struct restore *w, struct err *err)
{
    const char *way_back, *rests = kube_annotation(w->cluster.root, RESTS);
    bool on = json_node_true(json_node_path(w->cluster.root, "spec.backup.pitr.enabled"));
    bool ours = strcmp(rests, w->object.name) == 0, over = w->object.doc && on;
    if (!add_first(t, p, in, w, &way_back, err))
        return false;
    if ((on && !over) || ours)
        add_rest(t, p, w, ours);
    add_restore(p, w, way_back);
    add_ready(p, w);
    if (on || ours)
        add_uploads(t, p, w, over);
    return true;
}
