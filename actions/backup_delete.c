/* cancel-backup, delete-backup: the object goes, its operator takes the Job and, where the finalizer
 * says so, the data with it [pxco pkg/controller/pxcbackup/controller.go; recorded/161, 162]. */
#include <config.h>

#include "actions/pxc.h"

#include <string.h>

#define GONE_S 7200 /* thousands of objects are deleted one by one */

static const struct field delete_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the backup's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"force", FIELD_CHOICE, "no|yes", "no",
     "also the only good one, and one without which fewer points in time can be restored", NULL},
    {NULL},
};

static const struct field cancel_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the backup's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

/* ---- Until it is gone. */

static enum awaiting look_going(struct target *t, const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    const struct json_node *f = json_node_first(json_node_path(object, "metadata.finalizers"));
    (void)t;
    (void)step;
    if (!json_node_path(object, "metadata.deletionTimestamp")) {
        strbuf_adds(says, "it is there, and nobody deletes it");
        return AWAIT_MORE;
    }
    strbuf_adds(says, "its operator has yet to see to");
    for (const char *before = " "; f; f = json_node_next(f), before = ", ")
        strbuf_addf(says, "%s%s", before, json_node_text(f) ? json_node_text(f) : "");
    return AWAIT_MORE;
}

static enum awaiting look_job(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                              BN_UNUSED const struct json_node *object, struct strbuf *says)
{
    strbuf_adds(says, "its Job is still there");
    return AWAIT_MORE;
}

/* former: "BUCKET NAME" */
static enum awaiting look_left(struct target *t, const struct step *step,
                               BN_UNUSED const struct json_node *object, struct strbuf *says)
{
    struct span name = span_from(step->former), bucket;
    struct strbuf site = STRBUF_INIT(4096);
    struct json_doc *doc = NULL;
    struct err err;
    enum awaiting a = AWAIT_DONE;
    if (step_said(step, &a, says))
        return a;
    (void)span_split(&name, ' ', &bucket);
    strbuf_add(&site, bucket);
    if (!pxc_ask_bucket(t, strbuf_cstr(&site), name.data ? name.data : "", &doc, &err)) {
        strbuf_addf(says, "unknown whether anything is left in S3: %s", err.msg);
    } else if (doc) {
        strbuf_addf(says, "S3 still has %lld objects of it",
                    (long long)pxc_bucket_number(doc, "objects"));
        a = AWAIT_FAILED;
    } else {
        strbuf_adds(says, "nothing of it is left");
    }
    json_doc_free(doc);
    strbuf_clear(&site);
    return step_say_once(step, a, says);
}

/* ---- Plans. */

struct doomed {
    struct kube_object object;
    struct pxc_backup b;
    struct pxc_list l;
    const char *cluster;
};

/* same: nothing of it may have changed since; else it must only be the same object. */
static void add_deletion(struct plan *p, const struct doomed *d, const char *title, bool same)
{
    struct step *s = plan_step(p, d->b.deleting ? '=' : '-', title);
    s->undo_title =
        d->b.deletes_data ? "none: what is deleted is gone" : "none; its data stays where it lies";
    s->await_path = d->object.path;
    s->await = look_going;
    s->await_s = GONE_S;
    s->ends = true;
    if (d->b.deleting)
        return; /* that was asked for already */
    s->deed = kube_delete(
        p, d->object.path,
        plan_text(p, CASCADE ",\"preconditions\":{\"%s\":\"%s\"}", same ? "resourceVersion" : "uid",
                  same ? d->object.version : kube_text(&d->object, "metadata.uid")));
    if (d->b.deletes_data && d->b.destination[0])
        plan_warn(p, plan_text(p, "percona.com/delete-backup: what lies at %s is deleted with it",
                               d->b.destination));
    else if (d->b.destination[0])
        plan_warn(p, plan_text(p, "no finalizer: what lies at %s stays, and nobody deletes it",
                               d->b.destination));
}

static void add_looks(struct plan *p, const struct doomed *d, bool job)
{
    static const struct kube_resource jobs = {"batch", "v1", "jobs"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), name = STRBUF_INIT(512);
    struct step *s;
    if (job) {
        strbuf_addf(&name, "xb-%.60s", d->b.name);
        kube_path(&path, &jobs, d->object.ns, strbuf_cstr(&name), NULL);
        s = plan_step(p, '=', plan_text(p, "Wait until its Job %s is gone", strbuf_cstr(&name)));
        s->await_path = plan_text(p, "%s", strbuf_cstr(&path));
        s->await = look_job;
        s->await_s = 300;
        s->ends = true;
    }
    if (d->b.deletes_data && d->b.bucket[0]) {
        strbuf_truncate(&path, 0);
        kube_path(&path, &pxc_clusters, d->object.ns, d->cluster, NULL);
        s = plan_step(p, '=',
                      plan_text(p, "Look that nothing of it is left at %s", d->b.destination));
        s->await_path = plan_text(p, "%s", strbuf_cstr(&path));
        s->await = look_left;
        s->await_s = 300;
        s->former = plan_text(p, "%s %s", d->b.bucket, d->b.in_bucket);
    }
    strbuf_clear(&path);
    strbuf_clear(&name);
}

/* True and *done: a run is gone on with, and it is gone. */
static bool read_doomed(struct target *t, const struct answers *in, struct plan *p,
                        struct doomed *d, bool *done, struct err *err)
{
    *d = (struct doomed){.object = {.resource = &pxc_backups,
                                    .kind = "PerconaXtraDBClusterBackup",
                                    .ns = answers_get(in, "namespace"),
                                    .name = answers_get(in, "name")}};
    *done = false;
    if (!kube_look(t, p, &d->object, err))
        return false;
    if (!d->object.doc && in->again) {
        (void)plan_step(p, '=', plan_text(p, "%s is gone", kube_name(p, &d->object)));
        *done = true;
        return true;
    }
    if (!d->object.doc)
        return err_set(err, ERR_NOTFOUND, "%s is not there", kube_name(p, &d->object));
    d->b = pxc_backup_of(p, d->object.root);
    d->cluster = plan_text(p, "%s", kube_text(&d->object, "spec.pxcCluster"));
    return pxc_list_read(t, p, d->object.ns, d->cluster, &d->l, err);
}

/* What would be lost besides itself. */
static bool check_loss(struct plan *p, const struct doomed *d, bool force, struct err *err)
{
    const struct pxc_backup *own = pxc_list_find(&d->l, d->b.name);
    size_t others = 0;
    int64_t from, from_then;
    for (size_t i = 0; i < d->l.count; i++)
        others += &d->l.all[i] != own && pxc_went_well(&d->l.all[i]);
    if (!own || !pxc_went_well(own))
        return true;
    int64_t now = pxc_window_ms(&d->l, NULL, &from), then = pxc_window_ms(&d->l, own, &from_then);
    const char *loss =
        !others ? plan_text(p, "it is the only backup of %s that went well", d->cluster)
        : then < now || from_then > from
            ? plan_text(p,
                        "without it %s of points in time are lost: from %s on then, from %s on now",
                        pxc_took(p, now > then ? now - then : 0), pxc_date(p, from_then),
                        pxc_date(p, from))
            : NULL;
    pxc_draw(p, &d->l, d->cluster, TIME_NONE);
    if (loss && !force)
        return err_set(err, ERR_CONFLICT, "%s: %s; --force yes deletes it all the same", d->b.name,
                       loss);
    if (loss)
        plan_warn(p, loss);
    return true;
}

static bool plan_delete(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct doomed d;
    bool done, ok = read_doomed(t, in, p, &d, &done, err);
    const char *name = ok && !done ? kube_name(p, &d.object) : "";
    if (ok && !done && pxc_is_under_way(&d.b) && !d.b.deleting)
        ok = err_set(err, ERR_CONFLICT, "%s is under way (%s, %s): cancel-backup ends it", name,
                     d.b.state[0] ? d.b.state : "waiting", pxc_begun(p, &d.b));
    ok = ok && (done || d.b.deleting ||
                check_loss(p, &d, strcmp(answers_get(in, "force"), "yes") == 0, err));
    if (ok && !done) {
        add_deletion(p, &d, plan_text(p, "Delete %s", name), false);
        add_looks(p, &d, false);
    }
    kube_object_clear(&d.object);
    return ok;
}

static bool plan_cancel(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct doomed d;
    bool done, ok = read_doomed(t, in, p, &d, &done, err);
    const char *name = ok && !done ? kube_name(p, &d.object) : "";
    if (ok && !done && !pxc_is_under_way(&d.b))
        ok = err_set(err, ERR_CONFLICT, "%s has ended (%s): delete-backup deletes it", name,
                     d.b.state);
    if (ok && !done) {
        plan_note(p, plan_text(p, "It is %s, since %s.", d.b.state[0] ? d.b.state : "waiting",
                               pxc_date(p, d.b.created_ms)));
        add_deletion(p, &d, plan_text(p, "Cancel %s", name), true);
        add_looks(p, &d, true);
    }
    kube_object_clear(&d.object);
    return ok;
}

const struct action action_backup_cancel = {
    .name = "cancel-backup",
    .title = "Cancel a backup that is under way",
    .help = "its object, its Job and what it has uploaded so far go",
    .risk = RISK_CHANGE,
    .kind = "backup",
    .fields = cancel_fields,
    .plan = plan_cancel,
};

const struct action action_backup_delete = {
    .name = "delete-backup",
    .title = "Delete a backup",
    .help = "with its data where the finalizer says so; not the last good one",
    .risk = RISK_DESTROY,
    .kind = "backup",
    .fields = delete_fields,
    .plan = plan_delete,
};
