/* backup: a PerconaXtraDBClusterBackup by hand [pxc operator v1.19 deploy/backup/backup.yaml;
 * recorded/156 to 162]. */
#include <config.h>

#include "actions/kube.h"
#include "base/timetext.h"

#include <stdio.h>
#include <string.h>

static const struct field fields[] = {
    {"cluster", FIELD_NAME, NULL, NULL, "the PerconaXtraDBCluster's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"storage", FIELD_NAME, NULL, "",
     "one of the cluster's backup storages; left out: its only one"},
    {NULL},
};

static const struct kube_resource clusters = {"pxc.percona.com", "v1", "perconaxtradbclusters"};
static const struct kube_resource backups = {"pxc.percona.com", "v1",
                                             "perconaxtradbclusterbackups"};

static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const char *state = json_node_path_text(object, "status.state", "");
    (void)step;
    strbuf_addf(says, "%s", state[0] ? state : "waiting: the operator has not begun it");
    if (strcmp(state, "Succeeded") == 0)
        return AWAIT_DONE;
    if (strcmp(state, "Failed") != 0)
        return AWAIT_MORE;
    strbuf_addf(says, ": %s", json_node_path_text(object, "status.error", "no error is said"));
    return AWAIT_FAILED;
}

/* The storage that was said, or the only one there is. */
static const char *pick_storage(struct plan *p, const struct kube_object *cluster,
                                const char *asked, struct err *err)
{
    const struct json_node *all = json_node_path(cluster->root, "spec.backup.storages");
    struct strbuf names = STRBUF_INIT(4096);
    const char *found = NULL;
    for (const struct json_node *s = json_node_first(all); s; s = json_node_next(s)) {
        strbuf_addf(&names, "%s%s", names.len ? ", " : "", json_node_key(s));
        if (asked[0] ? strcmp(json_node_key(s), asked) == 0 : json_node_count(all) == 1)
            found = plan_text(p, "%s", json_node_key(s));
    }
    if (!found && !names.len)
        (void)err_set(err, ERR_CONFIG, "%s has no backup storage", kube_name(p, cluster));
    else if (!found)
        (void)err_set(err, ERR_CONFIG, "--storage%s%s: %s has %s", asked[0] ? " " : "", asked,
                      kube_name(p, cluster), strbuf_cstr(&names));
    strbuf_clear(&names);
    return found;
}

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

static bool warn_others(struct target *t, struct plan *p, const struct kube_object *cluster,
                        const char *own, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    kube_path(&path, &backups, cluster->ns, NULL, NULL);
    bool ok = target_get(t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok)
        return false;
    const struct json_node *b = json_node_first(json_node_get(json_doc_root(doc), "items"));
    for (; b; b = json_node_next(b)) {
        const char *state = json_node_path_text(b, "status.state", "");
        const char *name = json_node_path_text(b, "metadata.name", "");
        if (strcmp(state, "Succeeded") != 0 && strcmp(state, "Failed") != 0 &&
            strcmp(name, own) != 0)
            plan_warn(p, plan_text(p, "backup %s is under way (%s): this one waits for its lock",
                                   name, state[0] ? state : "waiting"));
    }
    json_doc_free(doc);
    return true;
}

static void add_step(struct target *t, struct plan *p, const struct kube_object *cluster,
                     const struct kube_object *b, const char *storage)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct step *s =
        plan_step(p, b->doc ? '=' : '+',
                  plan_text(p, "Back up %s to %s as %s", kube_name(p, cluster), storage, b->name));
    s->await_path = b->path;
    s->await = look;
    s->await_s = 6 * 3600;
    if (b->doc)
        return;
    kube_path(&path, &backups, cluster->ns, NULL, NULL);
    s->deed = (struct deed){
        .method = "POST",
        .path = plan_text(p, "%s", strbuf_cstr(&path)),
        .media = "application/json",
        .body = plan_text(p,
                          "{\"apiVersion\":\"pxc.percona.com/v1\",\"kind\":"
                          "\"PerconaXtraDBClusterBackup\",\"metadata\":{\"name\":\"%s\","
                          "\"finalizers\":[\"percona.com/delete-backup\"]},\"spec\":{"
                          "\"pxcCluster\":\"%s\",\"storageName\":\"%s\"}}",
                          b->name, cluster->name, storage),
        .generation = -1};
    s->undo = (struct deed){.method = "DELETE",
                            .path = b->path,
                            .media = "application/json",
                            .body = "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}",
                            .generation = -1};
    s->undo_title = "delete the backup, and what it uploaded with it (percona.com/delete-backup)";
    (void)t;
    strbuf_clear(&path);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object cluster = {.resource = &clusters,
                                  .kind = "PerconaXtraDBCluster",
                                  .ns = answers_get(in, "namespace"),
                                  .name = answers_get(in, "cluster")};
    struct kube_object b = {
        .resource = &backups, .kind = "PerconaXtraDBClusterBackup", .ns = cluster.ns};
    char at[TIMETEXT_MAX];
    time_format(in->at_ms, at); /* 2026-02-13T09:00:00Z */
    b.name = plan_text(p, "manual-%.4s%.2s%.2s-%.2s%.2s%.2s", at, at + 5, at + 8, at + 11, at + 14,
                       at + 17);
    bool ok = kube_read(t, p, &cluster, err) && kube_look(t, p, &b, err) &&
              (b.doc || check_cluster(p, &cluster, err)) &&
              warn_others(t, p, &cluster, b.name, err);
    const char *storage = ok ? pick_storage(p, &cluster, answers_get(in, "storage"), err) : NULL;
    if (storage)
        add_step(t, p, &cluster, &b, storage);
    kube_object_clear(&cluster);
    kube_object_clear(&b);
    return storage != NULL;
}

const struct action action_backup = {
    .name = "backup",
    .title = "Back up a database cluster",
    .help = "a backup of a PerconaXtraDBCluster now, followed to its end",
    .risk = RISK_CHANGE,
    .kind = "pxc",
    .fields = fields,
    .plan = plan,
};
