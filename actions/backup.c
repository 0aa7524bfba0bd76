/* backup: a PerconaXtraDBClusterBackup by hand, checked before and looked for in its bucket
 * afterwards. */
#include <config.h>

#include "actions/pxc.h"

#include <string.h>

static const struct field fields[] = {
    {"cluster", FIELD_NAME, NULL, "",
     "the PerconaXtraDBCluster's name; left out: the only one of the namespace, or of all", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"storage", FIELD_NAME, NULL, "",
     "one of the cluster's backup storages; left out: its only one", NULL},
    {NULL},
};

/* The operator begins no backup of a cluster that is not ready: the object would wait. */
static bool check_cluster(struct plan *p, const struct kube_object *cluster, struct err *err)
{
    const char *state = kube_text(cluster, "status.state");
    bool unsafe =
        json_node_true(json_node_path(cluster->root, "spec.unsafeFlags.backupIfUnhealthy"));
    if (strcmp(state, "ready") == 0)
        return true;
    if (!unsafe)
        return err_set(err, ERR_CONFLICT,
                       "%s is %s: the operator begins no backup until it is ready",
                       kube_name(p, cluster), state[0] ? state : "in no state yet");
    plan_warn(p, plan_text(p, "%s is %s; backupIfUnhealthy lets it begin all the same",
                           kube_name(p, cluster), state));
    return true;
}

/* What came of those before it, the newest first. */
static void note_past(struct plan *p, const struct pxc_list *l, const char *own)
{
    struct strbuf text = STRBUF_INIT(4096);
    size_t shown = 0, failed = 0;
    for (size_t i = 0; i < l->count && shown < 5; i++) {
        const struct pxc_backup *b = &l->all[i];
        bool well = pxc_went_well(b);
        if (pxc_is_under_way(b) || strcmp(b->name, own) == 0)
            continue;
        failed += !well && shown == failed;
        shown++;
        strbuf_addf(&text, "%s%s %s%s%s", text.len ? ", " : "", pxc_date(p, b->created_ms),
                    well ? "took " : "failed",
                    well ? pxc_took(p, b->completed_ms == TIME_NONE
                                           ? TIME_NONE
                                           : b->completed_ms - b->created_ms)
                         : "",
                    b->gap ? " (gap behind it)" : "");
    }
    if (shown)
        plan_note(p, plan_text(p, "The last: %s.", strbuf_cstr(&text)));
    plan_note(p, plan_text(p, "This one takes about %s, by the last five that went well.",
                           pxc_took(p, pxc_usual_ms(l))));
    if (failed)
        plan_warn(p, plan_text(p, "the last %zu backup%s failed: see why before", failed,
                               failed == 1 ? "" : "s"));
    strbuf_clear(&text);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object cluster;
    const char *name = pxc_manual_name(p, in), *storage = NULL;
    struct pxc_list l, restores;
    bool ok = pxc_cluster(t, p, in, &cluster, err) && kube_read(t, p, &cluster, err) &&
              pxc_list_read(t, p, cluster.ns, cluster.name, &l, err);
    if (ok && !pxc_list_find(&l, name))
        ok = check_cluster(p, &cluster, err) &&
             pxc_restores_read(t, p, cluster.ns, cluster.name, &restores, err) &&
             pxc_is_quiet(p, &cluster, &l, &restores, name, false, err);
    if (ok)
        storage = pxc_storage(t, p, &cluster, answers_get(in, "storage"), err);
    if (storage) {
        const struct pxc_wanted w = {&cluster, storage, name, &l};
        note_past(p, &l, name);
        ok = pxc_add_backup(t, p, &w, err);
    }
    kube_object_clear(&cluster);
    return ok && storage;
}

const struct action action_backup = {
    .name = "backup",
    .title = "Back up a database cluster",
    .help = "a backup of a PerconaXtraDBCluster now, followed to its end and looked for in S3",
    .risk = RISK_CHANGE,
    .kind = "pxc",
    .fields = fields,
    .plan = plan,
};
