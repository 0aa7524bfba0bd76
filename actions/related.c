/* What an object owns, and what names it. */
#include <config.h>

#include "actions/related.h"

#include <stdlib.h>
#include <string.h>

#define OWNED_MAX 4096
#define USERS_MAX 8 /* that are named */

/* ---- Owned. */

struct thing {
    const char *name; /* "Pod default/kimai-0", in the plan */
    const char *uid;
    const char *owners; /* uids, a space before and behind each */
    bool owned;
};

struct things {
    struct plan *plan;
    struct thing *list; /* in the plan */
    size_t count;
};

static void add_thing(struct things *all, const char *kind, const struct json_node *item)
{
    const struct json_node *r = json_node_first(json_node_path(item, "metadata.ownerReferences"));
    const char *ns = json_node_path_text(item, "metadata.namespace", ""), *owners = " ";
    if (all->count == OWNED_MAX)
        return;
    for (; r; r = json_node_next(r))
        owners = plan_text(all->plan, "%s%s ", owners, json_node_path_text(r, "uid", ""));
    all->list[all->count++] = (struct thing){
        .name = plan_text(all->plan, "%s %s%s%s", kind, ns, ns[0] ? "/" : "",
                          json_node_path_text(item, "metadata.name", "")),
        .uid = plan_text(all->plan, "%s", json_node_path_text(item, "metadata.uid", "")),
        .owners = owners};
}

/* Events go by themselves; what is measured is nobody's. */
static bool is_looked_at(const struct kube_served *s)
{
    return s->preferred && s->namespaced && (s->verbs & KUBE_LIST) &&
           strcmp(s->plural, "events") != 0 && strcmp(s->group, "metrics.k8s.io") != 0;
}

static bool add_kind(struct target *t, struct things *all, const struct kube_served *s,
                     const char *ns, size_t *unread, struct err *err)
{
    const struct kube_resource r = {s->group, s->version, s->plural};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    kube_path(&path, &r, ns, NULL, NULL);
    bool ok = target_metadata_list(t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok && err->kind == ERR_CANCELLED)
        return false;
    *unread += !ok && err->kind != ERR_NOTFOUND;
    const struct json_node *i =
        ok ? json_node_first(json_node_get(json_doc_root(doc), "items")) : NULL;
    for (; i; i = json_node_next(i))
        add_thing(all, s->kind, i);
    if (ok)
        json_doc_free(doc);
    return true;
}

/* Marks what is owned by this uid, and what those own. */
static void follow(struct things *all, const char *uid)
{
    bool more = true;
    const char *wanted = plan_text(all->plan, " %s ", uid);
    for (size_t i = 0; i < all->count; i++)
        all->list[i].owned = strstr(all->list[i].owners, wanted) != NULL;
    while (more) {
        more = false;
        for (size_t i = 0; i < all->count; i++)
            for (size_t k = 0; all->list[i].owned && k < all->count; k++) {
                wanted = all->list[k].owned ? NULL : strstr(all->list[k].owners, all->list[i].uid);
                more = more || wanted;
                all->list[k].owned = all->list[k].owned || wanted;
            }
    }
}

bool related_owned(struct target *t, struct plan *p, const struct kube_object *o,
                   related_fn *on_owned, void *context, size_t *unread, struct err *err)
{
    const struct kube_discovery *d = target_served(t, err);
    bool space = strcmp(o->kind, "Namespace") == 0 && !o->resource->group[0];
    const char *ns = space ? o->name : o->ns;
    struct things all = {p, arena_calloc(p->arena, OWNED_MAX, sizeof(*all.list)), 0};
    *unread = 0;
    if (!d || !all.list)
        return all.list ? false : err_set(err, ERR_NOMEM, "no memory for what it owns");
    for (size_t i = 0; ns[0] && i < kube_discovery_count(d); i++) {
        const struct kube_served *s = kube_discovery_at(d, i);
        if (is_looked_at(s) && !add_kind(t, &all, s, ns, unread, err))
            return false;
    }
    follow(&all, kube_text(o, "metadata.uid"));
    for (size_t i = 0; i < all.count; i++)
        if (all.list[i].owned || space)
            on_owned(context, all.list[i].name);
    return true;
}

/* ---- Named. */

static const struct {
    const char *kind;   /* what is named */
    const char *parent; /* the member below which */
    const char *member; /* this one has its name */
} references[] = {
    {"ConfigMap", "configMap", "name"},
    {"ConfigMap", "configMapKeyRef", "name"},
    {"ConfigMap", "configMapRef", "name"},
    {"Secret", "secret", "secretName"},
    {"Secret", "secret", "name"},
    {"Secret", "secretKeyRef", "name"},
    {"Secret", "secretRef", "name"},
    {"Secret", "imagePullSecrets", "name"},
    {"Secret", "tls", "secretName"},
    {"PersistentVolumeClaim", "persistentVolumeClaim", "claimName"},
    {"ServiceAccount", "spec", "serviceAccountName"},
    {"Service", "service", "name"},
    {"Service", "services", "name"},
    {"Middleware", "middlewares", "name"},
};

static bool is_reference(const char *kind, const char *parent, const char *member)
{
    for (size_t i = 0; i < BN_COUNT(references); i++)
        if (strcmp(references[i].kind, kind) == 0 && strcmp(references[i].parent, parent) == 0 &&
            strcmp(references[i].member, member) == 0)
            return true;
    return false;
}

/* What is in a list stands below the list's key. */
bool related_names(const struct json_node *node, const char *parent, const struct kube_object *o)
{
    for (const struct json_node *n = json_node_first(node); n; n = json_node_next(n)) {
        const char *key = json_node_key(n), *text = json_node_text(n);
        if (key && text && strcmp(text, o->name) == 0 && is_reference(o->kind, parent, key))
            return true;
        if (related_names(n, key ? key : parent, o))
            return true;
    }
    return false;
}

static bool is_named_at_all(const char *kind)
{
    size_t i = 0;
    while (i < BN_COUNT(references) && strcmp(references[i].kind, kind) != 0)
        i++;
    return i < BN_COUNT(references);
}

const char *related_users(struct target *t, struct plan *p, const struct kube_object *o,
                          size_t *count)
{
    static const struct kube_resource looked_at[] = {
        {"", "v1", "pods"},
        {"networking.k8s.io", "v1", "ingresses"},
        {"traefik.io", "v1alpha1", "ingressroutes"},
    };
    const char *all = "";
    *count = 0;
    for (size_t i = 0; is_named_at_all(o->kind) && i < BN_COUNT(looked_at); i++) {
        struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
        struct json_doc *doc;
        kube_path(&path, &looked_at[i], o->ns, NULL, NULL);
        bool ok = target_get(t, strbuf_cstr(&path), &doc, NULL) && doc;
        strbuf_clear(&path);
        const struct json_node *n =
            ok ? json_node_first(json_node_get(json_doc_root(doc), "items")) : NULL;
        for (; n; n = json_node_next(n)) {
            if (!related_names(json_node_get(n, "spec"), "spec", o))
                continue;
            if ((*count)++ < USERS_MAX)
                all = plan_text(p, "%s%s%s", all, all[0] ? ", " : "",
                                json_node_path_text(n, "metadata.name", ""));
        }
        if (ok)
            json_doc_free(doc);
    }
    return *count > USERS_MAX ? plan_text(p, "%s, ...", all) : all;
}

static void remember(struct plan *p, struct related_workloads *w, const char *word, const char *ns,
                     const char *name)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->word[i], word) == 0 && strcmp(w->ns[i], ns) == 0 &&
            strcmp(w->name[i], name) == 0)
            return;
    if (w->count == WORKLOADS_MAX)
        return;
    w->word[w->count] = word;
    w->ns[w->count] = plan_text(p, "%s", ns);
    w->name[w->count++] = plan_text(p, "%s", name);
}

bool related_workloads_add(struct target *t, struct plan *p, const struct kube_object *secret,
                           struct related_workloads *w, struct err *err)
{
    static const char *const words[] = {"deployment", "statefulset", "daemonset"};
    for (size_t i = 0; i < BN_COUNT(words); i++) {
        struct json_doc *doc;
        const struct json_node *o;
        const char *kind;
        if (!target_list(t, kube_workload_of(words[i], &kind), secret->ns, NULL, &doc, &o, err))
            return false;
        for (; o; o = json_node_next(o))
            if (related_names(json_node_path(o, "spec.template.spec"), "spec", secret))
                remember(p, w, words[i], secret->ns, json_node_path_text(o, "metadata.name", ""));
        json_doc_free(doc);
    }
    return true;
}
