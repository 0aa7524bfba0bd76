/* Database clusters of the Percona operator: their backups, and what their Jobs say. */
#include <config.h>

#include "actions/pxc.h"

#include "actions/audit.h"
#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 160 /* of a log's last line, in what is said */
#define LOG_MAX        ((size_t)64 << 10)
#define BY             "binnacle/begun-by" /* of what a run has made: who it was */

const struct kube_resource pxc_clusters = {"pxc.percona.com", "v1", "perconaxtradbclusters"};
const struct kube_resource pxc_backups = {"pxc.percona.com", "v1", "perconaxtradbclusterbackups"};
const struct kube_resource pxc_restores = {"pxc.percona.com", "v1", "perconaxtradbclusterrestores"};

/* ---- Which cluster. */

/* Those of a namespace, "": of all; *names: "ns/name, ns/name". */
static size_t clusters_in(struct target *t, struct plan *p, const char *ns, struct kube_object *out,
                          struct strbuf *names, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    size_t n = 0;
    kube_path(&path, &pxc_clusters, ns, NULL, NULL);
    if (target_get(t, strbuf_cstr(&path), &doc, err)) {
        const struct json_node *i = json_node_first(json_node_get(json_doc_root(doc), "items"));
        for (; i; i = json_node_next(i), n++) {
            out->ns = plan_text(p, "%s", json_node_path_text(i, "metadata.namespace", ns));
            out->name = plan_text(p, "%s", json_node_path_text(i, "metadata.name", ""));
            strbuf_addf(names, "%s%s/%s", n ? ", " : "", out->ns, out->name);
        }
    }
    json_doc_free(doc);
    strbuf_clear(&path);
    return n;
}

bool pxc_cluster(struct target *t, struct plan *p, const struct answers *in,
                 struct kube_object *out, struct err *err)
{
    struct strbuf names = STRBUF_INIT(4096);
    const char *ns = answers_get(in, "namespace");
    *out = (struct kube_object){.resource = &pxc_clusters,
                                .kind = "PerconaXtraDBCluster",
                                .ns = ns,
                                .name = answers_get(in, "cluster")};
    if (out->name[0])
        return true;
    err_clear(err);
    size_t n = clusters_in(t, p, ns, out, &names, err);
    if (!n && err->kind == ERR_NONE)
        n = clusters_in(t, p, "", out, &names, err);
    if (!n && err->kind == ERR_NONE)
        (void)err_set(err, ERR_NOTFOUND, "there is no PerconaXtraDBCluster");
    else if (n > 1)
        (void)err_set(err, ERR_CONFIG, "--cluster says which: there are %s", strbuf_cstr(&names));
    strbuf_clear(&names);
    return n == 1;
}

/* ---- Reading. */

static bool has_finalizer(const struct json_node *object)
{
    const struct json_node *f = json_node_first(json_node_path(object, "metadata.finalizers"));
    for (; f; f = json_node_next(f)) {
        const char *name = json_node_text(f);
        if (name && (strcmp(name, "percona.com/delete-backup") == 0 ||
                     strcmp(name, "delete-s3-backup") == 0))
            return true;
    }
    return false;
}

static const char *copy(struct plan *p, const struct json_node *object, const char *path)
{
    return plan_text(p, "%s", json_node_path_text(object, path, ""));
}

/* What binnacle has made says it itself; a scheduled one has its schedule's name; of another it is known
 * with what program it was made. */
static void add_by(const struct json_node *object, struct strbuf *out)
{
    const struct json_node *labels = json_node_path(object, "metadata.labels"),
                           *fields = json_node_path(object, "metadata.managedFields");
    const char *by = kube_annotation(object, BY),
               *schedule = json_node_text(json_node_get(labels, "percona.com/backup-ancestor"));
    if (!by[0] && schedule)
        strbuf_addf(out, "schedule %s", schedule);
    else
        strbuf_adds(out, by[0] ? by : json_node_path_text(json_node_first(fields), "manager", ""));
}

static const char *begun_by(struct plan *p, const struct json_node *object)
{
    struct strbuf by = STRBUF_INIT(1024);
    add_by(object, &by);
    const char *text = plan_text(p, "%s", strbuf_cstr(&by));
    strbuf_clear(&by);
    return text;
}

struct pxc_backup pxc_backup_of(struct plan *p, const struct json_node *object)
{
    const struct json_node *gap = kube_condition(object, "PITRReady");
    struct pxc_backup b = {.name = copy(p, object, "metadata.name"),
                           .state = copy(p, object, "status.state"),
                           .storage = copy(p, object, "spec.storageName"),
                           .destination = copy(p, object, "status.destination"),
                           .bucket = "",
                           .in_bucket = "",
                           .created_ms = kube_time(object, "metadata.creationTimestamp"),
                           .completed_ms = kube_time(object, "status.completed"),
                           .latest_ms = kube_time(object, "status.latestRestorableTime"),
                           .gap_says = "",
                           .by = begun_by(p, object),
                           .deletes_data = has_finalizer(object),
                           .deleting =
                               json_node_path(object, "metadata.deletionTimestamp") != NULL};
    struct span where = span_from(b.destination);
    if (span_starts(where, "s3://")) {
        where = span_sub(where, strlen("s3://"), where.len);
        size_t slash = span_find_last(where, '/');
        b.bucket = plan_text(p, "s3/%.*s", SPAN_ARG(span_sub(where, 0, slash)));
        b.in_bucket = plan_text(p, "%.*s", SPAN_ARG(span_sub(where, slash + 1, where.len)));
    }
    b.gap = strcmp(json_node_path_text(gap, "status", ""), "False") == 0;
    if (b.gap)
        b.gap_says = copy(p, gap, "message");
    return b;
}

static int newest_first(const void *a, const void *b)
{
    const struct pxc_backup *x = a, *y = b;
    return (x->created_ms < y->created_ms) - (x->created_ms > y->created_ms);
}

static bool read_list(struct target *t, struct plan *p, const struct kube_resource *r,
                      const char *ns, const char *cluster, struct pxc_list *out, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    *out = (struct pxc_list){0};
    kube_path(&path, r, ns, NULL, NULL);
    bool ok = target_get(t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok)
        return false;
    const struct json_node *items = json_node_get(json_doc_root(doc), "items");
    out->all = arena_calloc(p->arena, json_node_count(items) + 1, sizeof(*out->all));
    for (const struct json_node *i = json_node_first(items); out->all && i; i = json_node_next(i))
        if (strcmp(json_node_path_text(i, "spec.pxcCluster", ""), cluster) == 0)
            out->all[out->count++] = pxc_backup_of(p, i);
    json_doc_free(doc);
    if (!out->all)
        return err_set(err, ERR_NOMEM, "there is no memory for the %s of %s", r->plural, cluster);
    qsort(out->all, out->count, sizeof(*out->all), newest_first);
    return true;
}

bool pxc_list_read(struct target *t, struct plan *p, const char *ns, const char *cluster,
                   struct pxc_list *out, struct err *err)
{
    return read_list(t, p, &pxc_backups, ns, cluster, out, err);
}

bool pxc_restores_read(struct target *t, struct plan *p, const char *ns, const char *cluster,
                       struct pxc_list *out, struct err *err)
{
    return read_list(t, p, &pxc_restores, ns, cluster, out, err);
}

const struct pxc_backup *pxc_list_find(const struct pxc_list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->all[i].name, name) == 0)
            return &l->all[i];
    return NULL;
}

bool pxc_went_well(const struct pxc_backup *b)
{
    return strcmp(b->state, "Succeeded") == 0 && !b->deleting;
}

static bool ended(const char *state)
{
    return strcmp(state, "Succeeded") == 0 || strcmp(state, "Failed") == 0;
}

bool pxc_is_under_way(const struct pxc_backup *b)
{
    return !ended(b->state);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t pxc_usual_ms(const struct pxc_list *l)
{
    int64_t took[5];
    size_t n = 0;
    for (size_t i = 0; i < l->count && n < BN_COUNT(took); i++) {
        const struct pxc_backup *b = &l->all[i];
        if (pxc_went_well(b) && b->completed_ms != TIME_NONE && b->created_ms != TIME_NONE &&
            b->completed_ms >= b->created_ms)
            took[n++] = b->completed_ms - b->created_ms;
    }
    qsort(took, n, sizeof(took[0]), by_size);
    return n ? took[n / 2] : TIME_NONE;
}

const char *pxc_took(struct plan *p, int64_t ms)
{
    char text[TIMETEXT_MAX];
    if (ms == TIME_NONE)
        return "a time that is not known";
    duration_format(ms, text);
    return plan_text(p, "%s", text);
}

const char *pxc_date(struct plan *p, int64_t ms)
{
    char text[TIMETEXT_MAX];
    if (ms == TIME_NONE)
        return "never";
    time_format(ms / 1000 * 1000, text);
    return plan_text(p, "%.10s %.8s", text, text + 11);
}

const char *pxc_begun(struct plan *p, const struct pxc_backup *b)
{
    return plan_text(p, "begun %s%s%s", pxc_date(p, b->created_ms), b->by[0] ? " by " : "", b->by);
}

const char *pxc_by(struct plan *p, const char *more)
{
    struct strbuf who = STRBUF_INIT(1024);
    audit_add_who(&who);
    const char *text = plan_text(p, ",\"annotations\":{\"" BY "\":%s%s%s}",
                                 plan_quote(p, strbuf_cstr(&who)), more[0] ? "," : "", more);
    strbuf_clear(&who);
    return text;
}

/* ---- Following. */

static void add_last_line(struct span log, struct strbuf *says)
{
    struct span last = SPAN(""), line;
    while (span_split(&log, '\n', &line))
        if (span_trim(line).len)
            last = span_trim(line);
    strbuf_add(says, span_sub(last, 0, LINE_MAX_BYTES));
}

/* The newest pod of these: a Job whose pod has failed makes another. */
static const struct json_node *newest(const struct json_node *items)
{
    const struct json_node *found = NULL;
    for (const struct json_node *i = json_node_first(items); i; i = json_node_next(i))
        if (!found || kube_time(i, "metadata.creationTimestamp") >=
                          kube_time(found, "metadata.creationTimestamp"))
            found = i;
    return found;
}

static void say_pod(struct target *t, const char *ns, const struct json_node *pod,
                    const char *container, struct strbuf *says)
{
    static const struct kube_resource pods = {"", "v1", "pods"};
    const char *name = json_node_path_text(pod, "metadata.name", ""),
               *phase = json_node_path_text(pod, "status.phase", "");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), log = STRBUF_INIT(LOG_MAX);
    struct err err;
    strbuf_addf(says, ", pod %s", name);
    kube_path(&path, &pods, ns, name, "log");
    kube_query(&path, "container", container);
    kube_query_int(&path, "tailLines", 1);
    if (strcmp(phase, "Pending") == 0) {
        strbuf_adds(says, " is pending");
    } else if (target_log(t, strbuf_cstr(&path), &log, &err)) {
        strbuf_adds(says, ": ");
        add_last_line(strbuf_span(&log), says);
    } else {
        strbuf_adds(says, ", whose log cannot be read");
    }
    strbuf_clear(&path);
    strbuf_clear(&log);
}

void pxc_follow(struct target *t, const char *ns, const char *selector, const char *container,
                struct strbuf *says)
{
    static const struct kube_resource pods = {"", "v1", "pods"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err err;
    kube_path(&path, &pods, ns, NULL, NULL);
    kube_query(&path, "labelSelector", selector);
    if (target_get(t, strbuf_cstr(&path), &doc, &err)) {
        const struct json_node *pod = newest(json_node_get(json_doc_root(doc), "items"));
        if (pod)
            say_pod(t, ns, pod, container, says);
    }
    strbuf_clear(&path);
    json_doc_free(doc);
}

int64_t pxc_say_cluster(struct target *t, const char *ns, const char *name, struct strbuf *says)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err err;
    int64_t ready = 0, size = 0;
    kube_path(&path, &pxc_clusters, ns, name, NULL);
    if (target_get(t, strbuf_cstr(&path), &doc, &err) && doc) {
        const struct json_node *root = json_doc_root(doc);
        (void)!json_node_int(json_node_path(root, "status.pxc.ready"), &ready);
        (void)!json_node_int(json_node_path(root, "spec.pxc.size"), &size);
        strbuf_addf(says, ", %s %s, pxc %lld/%lld", name,
                    json_node_path_text(root, "status.state", "in no state"), (long long)ready,
                    (long long)size);
    }
    strbuf_clear(&path);
    json_doc_free(doc);
    return size;
}

void pxc_say_others(struct target *t, const char *ns, const char *cluster, const char *own,
                    struct strbuf *says)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), by = STRBUF_INIT(1024);
    struct json_doc *doc = NULL;
    struct err err;
    kube_path(&path, &pxc_backups, ns, NULL, NULL);
    const struct json_node *i = NULL;
    if (target_get(t, strbuf_cstr(&path), &doc, &err))
        i = json_node_first(json_node_get(json_doc_root(doc), "items"));
    for (; i; i = json_node_next(i)) {
        const char *state = json_node_path_text(i, "status.state", ""),
                   *name = json_node_path_text(i, "metadata.name", "");
        if (ended(state) || strcmp(name, own) == 0 ||
            strcmp(json_node_path_text(i, "spec.pxcCluster", ""), cluster) != 0)
            continue;
        strbuf_truncate(&by, 0);
        add_by(i, &by);
        strbuf_addf(says, "; backup %s%s%s is %s", name, by.len ? " by " : "", strbuf_cstr(&by),
                    state[0] ? state : "waiting");
    }
    strbuf_clear(&path);
    strbuf_clear(&by);
    json_doc_free(doc);
}

/* ---- Checks. */

static const struct json_node *storages_of(const struct kube_object *cluster)
{
    return json_node_path(cluster->root, "spec.backup.storages");
}

/* That its Secret is there is asked without its values. */
static bool check_secret(struct target *t, struct plan *p, const struct kube_object *cluster,
                         const struct json_node *storage, struct err *err)
{
    static const struct kube_resource secrets = {"", "v1", "secrets"};
    const char *name = json_node_path_text(storage, "s3.credentialsSecret", "");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err why;
    if (!name[0])
        return true;
    kube_path(&path, &secrets, cluster->ns, name, NULL);
    bool asked = target_metadata(t, strbuf_cstr(&path), &doc, &why), there = doc != NULL;
    strbuf_clear(&path);
    json_doc_free(doc);
    if (!asked)
        plan_warn(p, plan_text(p, "whether Secret %s/%s with its credentials is there: %s",
                               cluster->ns, name, why.msg));
    return !asked || there ||
           err_set(err, ERR_NOTFOUND,
                   "Secret %s/%s, with the credentials of storage %s, is not there", cluster->ns,
                   name, json_node_key(storage));
}

const char *pxc_storage(struct target *t, struct plan *p, const struct kube_object *cluster,
                        const char *asked, struct err *err)
{
    const struct json_node *all = storages_of(cluster), *found = NULL;
    struct strbuf names = STRBUF_INIT(4096);
    for (const struct json_node *s = json_node_first(all); s; s = json_node_next(s)) {
        strbuf_addf(&names, "%s%s", names.len ? ", " : "", json_node_key(s));
        if (asked[0] ? strcmp(json_node_key(s), asked) == 0 : json_node_count(all) == 1)
            found = s;
    }
    if (!found && !names.len)
        (void)err_set(err, ERR_CONFIG, "%s has no backup storage", kube_name(p, cluster));
    else if (!found)
        (void)err_set(err, ERR_CONFIG, "--storage%s%s: %s has %s", asked[0] ? " " : "", asked,
                      kube_name(p, cluster), strbuf_cstr(&names));
    strbuf_clear(&names);
    return found && check_secret(t, p, cluster, found, err)
               ? plan_text(p, "%s", json_node_key(found))
               : NULL;
}

/* What becomes of a backup that is made while this one is under way [pxc operator v1.19
 * pkg/controller/pxcbackup: allowParallel is true where it is not said; else a Lease lets one in]. */
static void warn_of_other(struct plan *p, const struct kube_object *cluster,
                          const struct pxc_backup *b, const char *state)
{
    const struct json_node *may = json_node_path(cluster->root, "spec.backup.allowParallel");
    const bool parallel = !may || json_node_true(may);
    plan_warn(p,
              plan_text(p, "backup %s is under way (%s, %s): %s", b->name, state, pxc_begun(p, b),
                        parallel ? "this one runs beside it (allowParallel), and takes its data "
                                   "from a node as well"
                                 : "this one waits until that has ended (allowParallel: false)"));
}

bool pxc_is_quiet(struct plan *p, const struct kube_object *cluster, const struct pxc_list *backups,
                  const struct pxc_list *restores, const char *own, bool must, struct err *err)
{
    for (size_t i = 0; i < backups->count; i++) {
        const struct pxc_backup *b = &backups->all[i];
        const char *state = b->state[0] ? b->state : "waiting";
        if (!pxc_is_under_way(b) || strcmp(b->name, own) == 0)
            continue;
        if (must)
            return err_set(err, ERR_CONFLICT,
                           "backup %s is under way (%s, %s): wait for its end, or cancel-backup",
                           b->name, state, pxc_begun(p, b));
        warn_of_other(p, cluster, b, state);
    }
    for (size_t i = 0; i < restores->count; i++) {
        const struct pxc_backup *r = &restores->all[i];
        if (pxc_is_under_way(r))
            return err_set(err, ERR_CONFLICT,
                           "restore %s of %s is under way (%s, %s): wait for its end", r->name,
                           cluster->name, r->state[0] ? r->state : "waiting", pxc_begun(p, r));
    }
    return true;
}
