/* restore, restore-to: a PerconaXtraDBClusterRestore, from a backup or to a point in time: where to,
 * from which backup, whether that can be, and what it means [k8spxc-docs backups-restore; pxco
 * pkg/controller/pxcrestore/controller.go]. */
#include <config.h>

#include "actions/restore.h"

#include "base/timetext.h"

#include <string.h>

#define TARGET_FIELDS                                                                             \
    {"type",                                                                                      \
     FIELD_CHOICE,                                                                                \
     "none|latest|date|transaction|skip",                                                         \
     "none",                                                                                      \
     "how far: none, the backup alone; latest, all binary logs; date; transaction, up to before " \
     "one; skip, all but some",                                                                   \
     NULL},                                                                                       \
        {"date", FIELD_TEXT, NULL, "", "for type date, UTC: 2026-02-13 08:00:00", NULL},          \
        {"gtid", FIELD_TEXT, NULL, "", "for type transaction or skip: UUID:NUMBER", NULL},        \
        {"backup-first", FIELD_CHOICE, "no|yes", "no", "back up what is there now before", NULL}, \
        {"gap",                                                                                   \
         FIELD_CHOICE,                                                                            \
         "refuse|force",                                                                          \
         "refuse",                                                                                \
         "force: over a gap in the binary logs (percona.com/unsafe-pitr)",                        \
         NULL},                                                                                   \
    {                                                                                             \
        NULL                                                                                      \
    }

static const struct field from_fields[] = {
    {"backup", FIELD_NAME, NULL, NULL, "the backup's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    TARGET_FIELDS,
};

static const struct field to_fields[] = {
    {"cluster", FIELD_NAME, NULL, "",
     "the PerconaXtraDBCluster's name; left out: the only one of the namespace, or of all", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    TARGET_FIELDS,
};

/* ---- The target. */

/* "2026-02-13 08:00:00" or RFC 3339. */
static bool read_date(const char *text, int64_t *ms, struct err *err)
{
    struct strbuf full = STRBUF_INIT(TIMETEXT_MAX);
    if (strlen(text) == strlen("2026-02-13 08:00:00"))
        strbuf_addf(&full, "%.10sT%sZ", text, text + 11);
    bool ok = time_parse(full.len ? strbuf_span(&full) : span_from(text), ms);
    strbuf_clear(&full);
    return ok || err_set(err, ERR_CONFIG,
                         "--date `%.60s`: it takes a time as 2026-02-13 08:00:00, UTC", text);
}

/* "UUID:NUMBER", and for skip sets of them: what cannot be one is not passed on. */
static bool check_gtid(const char *text, struct err *err)
{
    size_t ok = strspn(text, "0123456789abcdefABCDEF-:,");
    return (text[0] && !text[ok] && strchr(text, ':')) ||
           err_set(err, ERR_CONFIG, "--gtid `%.60s`: it takes UUID:NUMBER", text);
}

static bool read_target(const struct answers *in, struct restore *w, struct err *err)
{
    const char *date = answers_get(in, "date"), *gtid = answers_get(in, "gtid");
    w->type = answers_get(in, "type");
    w->force = strcmp(answers_get(in, "gap"), "force") == 0;
    w->first = strcmp(answers_get(in, "backup-first"), "yes") == 0;
    w->at_ms = TIME_NONE;
    w->gtid = gtid;
    w->pitr = strcmp(w->type, "none") != 0;
    bool dated = strcmp(w->type, "date") == 0;
    bool counted = strcmp(w->type, "transaction") == 0 || strcmp(w->type, "skip") == 0;
    if ((date[0] && !dated) || (gtid[0] && !counted))
        return err_set(err, ERR_CONFIG, "--%s is nothing for --type %s",
                       date[0] && !dated ? "date" : "gtid", w->type);
    return (!dated || read_date(date, &w->at_ms, err)) && (!counted || check_gtid(gtid, err));
}

static int64_t latest_of(const struct pxc_list *l)
{
    int64_t until, latest = TIME_NONE;
    for (size_t i = 0; i < l->count; i++)
        if ((until = pxc_reach_ms(l, &l->all[i])) > latest)
            latest = until;
    return latest;
}

/* ---- The backup that it begins with. */

const struct pxc_backup *restore_newest(const struct restore *w, bool without_gap)
{
    for (size_t i = 0; i < w->l.count; i++) {
        const struct pxc_backup *b = &w->l.all[i];
        if (pxc_went_well(b) && !(without_gap && b->gap) && strcmp(b->name, w->own) != 0)
            return b;
    }
    return NULL;
}

/* With force the newest before the target will do. */
static const struct pxc_backup *pick_base(const struct restore *w)
{
    const struct pxc_backup *b = w->at_ms == TIME_NONE
                                     ? restore_newest(w, w->pitr)
                                     : pxc_base(&w->l, w->at_ms, pxc_list_find(&w->l, w->own));
    for (size_t i = 0; !b && w->force && i < w->l.count; i++)
        if (pxc_went_well(&w->l.all[i]) && w->l.all[i].completed_ms <= w->at_ms)
            b = &w->l.all[i];
    return b;
}

static bool refuse_target(struct plan *p, const struct restore *w, struct err *err)
{
    int64_t from, latest = latest_of(&w->l);
    (void)pxc_window_ms(&w->l, NULL, &from);
    const char *at = pxc_date(p, w->at_ms);
    if (from == TIME_NONE)
        return err_set(err, ERR_NOTFOUND, "%s has no backup that went well", w->cluster.name);
    if (w->at_ms < from)
        return err_set(err, ERR_CONFIG, "%s is before the oldest backup, of %s", at,
                       pxc_date(p, from));
    if (w->at_ms > latest)
        return err_set(err, ERR_CONFIG, "%s is after the latest that can be restored, %s", at,
                       pxc_date(p, latest));
    return err_set(err, ERR_CONFLICT,
                   "%s is in a gap of the binary logs: no backup leads there; --gap force tries",
                   at);
}

static bool check_base(struct plan *p, const struct restore *w, struct err *err)
{
    const struct pxc_backup *b = w->base;
    int64_t until = pxc_reach_ms(&w->l, b);
    if (!pxc_went_well(b))
        return err_set(err, ERR_CONFLICT, "backup %s is no good one (%s)", b->name,
                       b->deleting   ? "it is being deleted"
                       : b->state[0] ? b->state
                                     : "waiting");
    if (w->pitr && b->gap && !w->force)
        return err_set(err, ERR_CONFLICT,
                       "backup %s has a gap behind it (%s): the operator would refuse; --gap force "
                       "has it try",
                       b->name, b->gap_says);
    if (w->at_ms != TIME_NONE && b->completed_ms != TIME_NONE && w->at_ms < b->completed_ms)
        return err_set(err, ERR_CONFIG, "%s is before backup %s was whole, %s: take an older one",
                       pxc_date(p, w->at_ms), b->name, pxc_date(p, b->completed_ms));
    if (w->at_ms != TIME_NONE && w->at_ms > until && !w->force)
        return err_set(err, ERR_CONFIG, "from backup %s on one gets to %s and no further", b->name,
                       pxc_date(p, until));
    if (w->pitr && (b->gap || (w->at_ms != TIME_NONE && w->at_ms > until)))
        plan_warn(p, "there is a gap in the binary logs: what comes of it may lack transactions");
    return true;
}

/* As its bucket has it: a backup that is not whole there stops nothing. */
static bool check_bucket(struct target *t, struct plan *p, const struct restore *w, struct err *err)
{
    const struct pxc_backup *b = w->base;
    struct json_doc *doc = NULL;
    struct err why;
    if (!b->bucket[0])
        return true;
    if (!pxc_ask_bucket(t, b->bucket, b->in_bucket, &doc, &why)) {
        plan_warn(p, plan_text(p, "whether %s is in S3 is not known: %s", b->name, why.msg));
        return true;
    }
    const struct json_node *root = json_doc_root(doc);
    bool whole = json_node_true(json_node_get(root, "md5"));
    bool gap = json_node_true(json_node_get(root, "gap"));
    bool there = doc && pxc_bucket_number(doc, "objects") > 0;
    json_doc_free(doc);
    if (!there || !whole)
        return err_set(err, ERR_NOTFOUND, "%s has %s of backup %s: nothing was begun",
                       b->destination, there ? "no .md5" : "nothing", b->name);
    if (w->pitr && gap && !w->force)
        return err_set(err, ERR_CONFLICT, "%s.pitr-not-ready: a gap is behind backup %s",
                       b->in_bucket, b->name);
    return true;
}

/* ---- What it means. */

static int64_t size_of(const struct restore *w, const char *path)
{
    int64_t n = 0;
    (void)!json_node_int(json_node_path(w->cluster.root, path), &n);
    return n;
}

#define NODE_STARTS_M 2 /* a guess */

static int64_t rough_start(const struct restore *w)
{
    int64_t nodes = size_of(w, "spec.pxc.size");
    return (nodes > 0 && nodes < 100 ? nodes : 1) * NODE_STARTS_M * 60 * 1000;
}

static void note_meaning(struct target *t, struct plan *p, const struct restore *w, int64_t usual)
{
    const struct pxc_backup *b = w->base;
    int64_t took = b->completed_ms != TIME_NONE ? b->completed_ms - b->created_ms : TIME_NONE;
    pxc_draw(p, &w->l, w->cluster.name, w->at_ms);
    plan_note(p, plan_text(p, "It begins with backup %s, whole at %s UTC.", b->name,
                           pxc_date(p, b->completed_ms)));
    if (usual != TIME_NONE)
        plan_note(p,
                  plan_text(p, "It takes about %s, by the restores before.", pxc_took(p, usual)));
    else
        plan_note(p,
                  plan_text(p,
                            "Roughly it takes %s: none has gone well here yet, so that is twice "
                            "the %s that the backup took and %d minutes a node%s.",
                            pxc_took(p, took == TIME_NONE ? TIME_NONE : 2 * took + rough_start(w)),
                            pxc_took(p, took), NODE_STARTS_M,
                            w->pitr ? ", without the binary logs" : ""));
    plan_warn(p, plan_text(p,
                           "%s stops for that time, all %lld pxc and %lld haproxy pods: whatever "
                           "uses a database of it fails",
                           w->cluster.name, (long long)size_of(w, "spec.pxc.size"),
                           (long long)size_of(w, "spec.haproxy.size")));
    plan_warn(p, plan_text(p, "what was written after %s is lost, in every database of it",
                           restore_target(p, w)));
    if (w->pitr)
        plan_warn(p, "the passwords of its users must be those of then: the operator brings "
                     "them up to date only where no binary logs are applied");
    plan_warn(p, "make a backup afterwards: binary logs from then on begin with that");
    kube_warn_argocd(t, p, &w->cluster, "the uploads of binary logs, and its pause,");
}

/* ---- Plans. */

static const char *restore_name(struct plan *p, const struct answers *in)
{
    return plan_text(p, "restore-%s", pxc_manual_name(p, in) + strlen("manual-"));
}

static bool check(struct target *t, struct plan *p, const struct restore *w, struct err *err)
{
    struct pxc_list restores;
    const char *state = kube_text(&w->cluster, "status.state");
    if (w->pitr && !w->storage[0])
        return err_set(err, ERR_CONFIG, "%s uploads no binary logs: --type none is all there is",
                       kube_name(p, &w->cluster));
    if (strcmp(state, "ready") != 0)
        plan_warn(p, plan_text(p, "%s is %s now", kube_name(p, &w->cluster),
                               state[0] ? state : "in no state"));
    if (!check_base(p, w, err) || !check_bucket(t, p, w, err) ||
        !pxc_restores_read(t, p, w->cluster.ns, w->cluster.name, &restores, err) ||
        !pxc_is_quiet(p, &w->cluster, &w->l, &restores, w->own, true, err))
        return false;
    note_meaning(t, p, w, pxc_usual_ms(&restores));
    return true;
}

static bool read_all(struct target *t, struct plan *p, const struct answers *in, struct restore *w,
                     struct err *err)
{
    w->object = (struct kube_object){.resource = &pxc_restores,
                                     .kind = "PerconaXtraDBClusterRestore",
                                     .ns = w->cluster.ns,
                                     .name = restore_name(p, in)};
    w->own = pxc_manual_name(p, in);
    if (!read_target(in, w, err) || !kube_read(t, p, &w->cluster, err) ||
        !kube_look(t, p, &w->object, err) ||
        !pxc_list_read(t, p, w->cluster.ns, w->cluster.name, &w->l, err))
        return false;
    w->storage = plan_text(p, "%s", kube_text(&w->cluster, "spec.backup.pitr.storageName"));
    return true;
}

static bool finish(struct target *t, struct plan *p, const struct answers *in, struct restore *w,
                   const char *backup, struct err *err)
{
    bool ok = read_all(t, p, in, w, err);
    if (ok && w->object.doc) /* what it was begun with */
        backup = kube_text(&w->object, "spec.backupName");
    if (ok)
        w->base = backup[0] ? pxc_list_find(&w->l, backup) : pick_base(w);
    if (ok && !w->base) {
        pxc_draw(p, &w->l, w->cluster.name, w->at_ms);
        ok = backup[0] ? err_set(err, ERR_NOTFOUND, "backup %s is not there", backup)
             : w->at_ms != TIME_NONE
                 ? refuse_target(p, w, err)
                 : err_set(err, ERR_NOTFOUND, "%s has no backup that it could begin with",
                           w->cluster.name);
    }
    ok = ok && (w->object.doc || check(t, p, w, err)) && restore_add_steps(t, p, in, w, err);
    kube_object_clear(&w->cluster);
    kube_object_clear(&w->object);
    return ok;
}

static struct kube_object cluster_named(const char *ns, const char *name)
{
    return (struct kube_object){
        .resource = &pxc_clusters, .kind = "PerconaXtraDBCluster", .ns = ns, .name = name};
}

static bool plan_from(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *ns = answers_get(in, "namespace"), *name = answers_get(in, "backup");
    struct kube_object backup = {
        .resource = &pxc_backups, .kind = "PerconaXtraDBClusterBackup", .ns = ns, .name = name};
    bool ok = kube_read(t, p, &backup, err);
    const char *of = ok ? plan_text(p, "%s", kube_text(&backup, "spec.pxcCluster")) : "";
    struct restore w = {.cluster = cluster_named(ns, of)};
    kube_object_clear(&backup);
    return ok && finish(t, p, in, &w, name, err);
}

static bool plan_to(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct restore w = {.l = {0}};
    return pxc_cluster(t, p, in, &w.cluster, err) && finish(t, p, in, &w, "", err);
}

const struct action action_restore = {
    .name = "restore",
    .title = "Restore a database cluster from this backup",
    .help = "from a backup, alone or on to a point in time; the cluster stops for it",
    .risk = RISK_DESTROY,
    .kind = "backup",
    .fields = from_fields,
    .plan = plan_from,
};

const struct action action_restore_to = {
    .name = "restore-to",
    .title = "Restore a database cluster to a point in time",
    .help = "the backup that leads there is found; the cluster stops for it",
    .risk = RISK_DESTROY,
    .kind = "pxc",
    .fields = to_fields,
    .plan = plan_to,
};
