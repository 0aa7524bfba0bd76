/* The steps of a backup: its object is made and followed to its end by its Job's pod, then what it
 * left is looked for in its bucket [pxc operator v1.19 deploy/backup/backup.yaml; recorded/156 to
 * 162]. */
#include <config.h>

#include "actions/pxc.h"
#include "base/number.h"
#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

#define BACKUP_S (12 * 3600)
#define VERIFY_S 300
#define LOGGED   "xtrabackup"

const char *pxc_manual_name(struct plan *p, const struct answers *in)
{
    char at[TIMETEXT_MAX];
    time_format(in->at_ms, at); /* 2026-02-13T09:00:00Z */
    return plan_text(p, "manual-%.4s%.2s%.2s-%.2s%.2s%.2s", at, at + 5, at + 8, at + 11, at + 14,
                     at + 17);
}

/* ---- To its end. */

/* "2m10s of about 4m40s"; former: how long one takes, in seconds. */
static void say_time(struct target *t, const struct step *step, const struct json_node *object,
                     struct strbuf *says)
{
    int64_t created = kube_time(object, "metadata.creationTimestamp");
    int64_t usual = strtoll(step->former, NULL, 10);
    char text[TIMETEXT_MAX];
    if (created == TIME_NONE)
        return;
    duration_format(target_now(t) - created, text);
    strbuf_addf(says, " for %s", text);
    duration_format(usual * 1000, text);
    if (usual)
        strbuf_addf(says, " of about %s", text);
}

/* The cluster and, while the backup runs, its nodes: one that gives no answer is not asked again. */
static void say_cluster(struct target *t, const struct step *step, const struct json_node *object,
                        struct strbuf *says)
{
    const char *ns = json_node_path_text(object, "metadata.namespace", ""),
               *cluster = json_node_path_text(object, "spec.pxcCluster", "");
    int64_t size = pxc_say_cluster(t, ns, cluster, says);
    bool runs = strcmp(json_node_path_text(object, "status.state", ""), "Running") == 0;
    if (runs && !step->room[0] && !pxc_say_nodes(t, ns, cluster, size, says))
        step->room[0] = '-';
}

/* The pods of its Job. */
static void log_of(const struct json_node *object, struct strbuf *selector)
{
    strbuf_addf(selector, "percona.com/backup-name=%s",
                json_node_path_text(object, "metadata.name", ""));
}

static enum awaiting look_backup(struct target *t, const struct step *step,
                                 const struct json_node *object, struct strbuf *says)
{
    const char *state = json_node_path_text(object, "status.state", ""),
               *ns = json_node_path_text(object, "metadata.namespace", "");
    if (json_node_path(object, "metadata.deletionTimestamp")) {
        strbuf_adds(says, "somebody deletes it");
        return AWAIT_MORE;
    }
    strbuf_addf(says, "%s", state[0] ? state : "waiting: the operator has not begun it");
    if (!state[0])
        pxc_say_others(t, ns, json_node_path_text(object, "spec.pxcCluster", ""),
                       json_node_path_text(object, "metadata.name", ""), says);
    if (strcmp(state, "Succeeded") == 0)
        return AWAIT_DONE;
    struct strbuf selector = STRBUF_INIT(1024);
    bool failed = strcmp(state, "Failed") == 0;
    if (failed) {
        strbuf_addf(says, ": %s", json_node_path_text(object, "status.error", "no error is said"));
        log_of(object, &selector);
        pxc_follow(t, ns, strbuf_cstr(&selector), LOGGED, says);
    } else {
        say_time(t, step, object, says);
        say_cluster(t, step, object, says);
    }
    strbuf_clear(&selector);
    return failed ? AWAIT_FAILED : AWAIT_MORE;
}

/* ---- In its bucket. */

/* former: "BUCKET NAME": the backup before, which this one is compared with; "": none. */
static int64_t bytes_before(struct target *t, const struct step *step)
{
    struct span rest = span_from(step->former), bucket;
    struct strbuf site = STRBUF_INIT(4096), name = STRBUF_INIT(4096);
    struct json_doc *doc = NULL;
    struct err err;
    int64_t bytes = 0;
    if (span_split(&rest, ' ', &bucket) && rest.len) {
        strbuf_add(&site, bucket);
        strbuf_add(&name, rest);
        if (pxc_ask_bucket(t, strbuf_cstr(&site), strbuf_cstr(&name), &doc, &err))
            bytes = pxc_bucket_number(doc, "bytes");
    }
    json_doc_free(doc);
    strbuf_clear(&site);
    strbuf_clear(&name);
    return bytes;
}

static enum awaiting judge(struct target *t, const struct step *step, const struct json_doc *doc,
                           struct strbuf *says)
{
    int64_t bytes = pxc_bucket_number(doc, "bytes"), before = bytes_before(t, step);
    char size[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX];
    number_format_bytes(bytes, size);
    number_format_bytes(before, other);
    strbuf_addf(says, "S3 has %s in %lld objects", size,
                (long long)pxc_bucket_number(doc, "objects"));
    if (before)
        strbuf_addf(says, ", the one before %s", other);
    if (!json_node_true(json_node_get(json_doc_root(doc), "md5"))) {
        strbuf_adds(says, ": its .md5 is missing, it was not written to its end");
        return AWAIT_FAILED;
    }
    if (bytes < before / 2) {
        strbuf_adds(says, ": that is less than half");
        return AWAIT_FAILED;
    }
    return AWAIT_DONE;
}

/* What cannot be asked now is asked again until the time is over. */
static enum awaiting look_bucket(struct target *t, const struct step *step,
                                 const struct json_node *object, struct strbuf *says)
{
    struct span where = span_from(json_node_path_text(object, "status.destination", ""));
    struct strbuf bucket = STRBUF_INIT(4096);
    struct json_doc *doc = NULL;
    struct err err;
    enum awaiting a = AWAIT_MORE;
    where = span_sub(where, span_starts(where, "s3://") ? strlen("s3://") : 0, where.len);
    size_t slash = span_find_last(where, '/');
    strbuf_addf(&bucket, "s3/%.*s", SPAN_ARG(span_sub(where, 0, slash)));
    const char *name = slash < where.len ? where.data + slash + 1 : "";
    if (!pxc_ask_bucket(t, strbuf_cstr(&bucket), name, &doc, &err)) {
        strbuf_addf(says, "not verified in S3: %s", err.msg);
    } else if (!doc) {
        strbuf_addf(says, "S3 has nothing of %s", name);
        a = AWAIT_FAILED;
    } else {
        a = judge(t, step, doc, says);
    }
    json_doc_free(doc);
    strbuf_clear(&bucket);
    return a;
}

static enum awaiting look_nowhere(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                  BN_UNUSED const struct json_node *object,
                                  BN_UNUSED struct strbuf *says)
{
    return AWAIT_DONE;
}

/* ---- */

static void add_made(struct plan *p, const struct pxc_wanted *w, const struct kube_object *b)
{
    int64_t usual = pxc_usual_ms(w->before);
    struct step *s = plan_step(
        p, b->doc ? '=' : '+',
        plan_text(p, "Back up %s to %s as %s", kube_name(p, w->cluster), w->storage, b->name));
    s->await_path = b->path;
    s->await = look_backup;
    s->log_of = log_of;
    s->log_container = LOGGED;
    s->wait_for = "jsonpath={.status.state}=Succeeded";
    s->await_s = BACKUP_S;
    s->former = plan_text(p, "%lld", usual == TIME_NONE ? 0LL : (long long)(usual / 1000));
    if (!b->doc)
        s->deed = kube_create(
            p, &pxc_backups, w->cluster->ns,
            plan_text(p,
                      "{\"apiVersion\":\"pxc.percona.com/v1\",\"kind\":"
                      "\"PerconaXtraDBClusterBackup\",\"metadata\":{\"name\":\"%s\","
                      "\"finalizers\":[\"percona.com/delete-backup\"]%s},\"spec\":{"
                      "\"pxcCluster\":\"%s\",\"storageName\":%s}}",
                      b->name, pxc_by(p, ""), w->cluster->name, plan_quote(p, w->storage)));
    s->undo = kube_delete(p, b->path, "");
    s->undo_title = "delete the backup, and what it uploaded with it (percona.com/delete-backup)";
}

/* Whether its bucket may be asked at all is known before: *why. */
static bool can_verify(struct target *t, const char *bucket, const char *name, struct err *why)
{
    struct strbuf site = STRBUF_INIT(4096);
    struct json_doc *doc = NULL;
    strbuf_addf(&site, "s3/%s", bucket);
    while (strbuf_cstr(&site)[site.len - 1] == '/')
        strbuf_truncate(&site, site.len - 1);
    bool can = pxc_ask_bucket(t, strbuf_cstr(&site), name, &doc, why);
    json_doc_free(doc);
    strbuf_clear(&site);
    return can;
}

static void add_verified(struct target *t, struct plan *p, const struct pxc_wanted *w,
                         const struct kube_object *b)
{
    const char *bucket = "", *before = "";
    struct err why;
    const struct json_node *s =
        json_node_get(json_node_path(w->cluster->root, "spec.backup.storages"), w->storage);
    bucket = json_node_path_text(s, "s3.bucket", "");
    if (!bucket[0]) {
        plan_note(p, plan_text(p, "storage %s is no bucket of S3: what lies there is not looked at",
                               w->storage));
        return;
    }
    for (size_t i = 0; i < w->before->count && !before[0]; i++) {
        const struct pxc_backup *old = &w->before->all[i];
        if (pxc_went_well(old) && old->bucket[0] && strcmp(old->name, b->name) != 0)
            before = plan_text(p, "%s %s", old->bucket, old->in_bucket);
    }
    bool can = can_verify(t, bucket, b->name, &why);
    if (!can)
        plan_warn(p, plan_text(p,
                               "what %s leaves in S3 will not be verified: %s; that its operator "
                               "calls it Succeeded is all that will be known",
                               b->name, why.msg));
    struct step *v =
        plan_step(p, '=',
                  can ? plan_text(p, "Look for %s in s3://%s", b->name, bucket)
                      : plan_text(p, "%s done, NOT verified in s3://%s", b->name, bucket));
    v->undo_title = "none: it is looked at, nothing is changed";
    v->await_path = b->path;
    v->await = can ? look_bucket : look_nowhere;
    v->await_s = VERIFY_S;
    v->former = before;
}

bool pxc_add_backup(struct target *t, struct plan *p, const struct pxc_wanted *w, struct err *err)
{
    struct kube_object b = {.resource = &pxc_backups,
                            .kind = "PerconaXtraDBClusterBackup",
                            .ns = w->cluster->ns,
                            .name = w->name};
    if (!kube_look(t, p, &b, err))
        return false;
    add_made(p, w, &b);
    add_verified(t, p, w, &b);
    kube_object_clear(&b);
    return true;
}
