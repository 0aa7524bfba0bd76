/* Who reads a secret of Vault, and who writes it: External Secrets' objects that name its path. */
#include <config.h>

#include "actions/kube.h"
#include "actions/refresh.h"
#include "actions/vault.h"

#include <stdio.h>
#include <string.h>

static const struct kube_resource external = {"external-secrets.io", "v1", "externalsecrets"},
                                  push = {"external-secrets.io", "v1alpha1", "pushsecrets"},
                                  store = {"external-secrets.io", "v1", "secretstores"},
                                  cluster_store = {"external-secrets.io", "v1",
                                                   "clustersecretstores"};

/* The store's mount goes before the key, or stands in it [external-secrets pkg/provider/vault,
 * buildPath]. */
static bool is_key(const struct vault_secret *s, const char *key)
{
    char whole[2048];
    key += key[0] == '/';
    if (strcmp(key, s->path) == 0 || strcmp(key, s->name) == 0)
        return true;
    (void)snprintf(whole, sizeof(whole), "%s/data/%s", s->mount, s->path);
    return strcmp(key, whole) == 0;
}

static bool names_it(const struct vault_secret *s, const struct json_node *object)
{
    static const struct {
        const char *list, *key;
    } places[] = {{"spec.data", "remoteRef.key"},
                  {"spec.dataFrom", "extract.key"},
                  {"spec.data", "match.remoteRef.remoteKey"}};

    for (size_t i = 0; i < BN_COUNT(places); i++) {
        const struct json_node *n = json_node_first(json_node_path(object, places[i].list));
        for (; n; n = json_node_next(n))
            if (is_key(s, json_node_path_text(n, places[i].key, "")))
                return true;
    }
    return false;
}

/* Of Vault, and of this mount. One that cannot be read is taken for it. */
static bool is_of_mount(struct target *t, const struct vault_secret *s, const char *ns,
                        const struct json_node *ref)
{
    const bool whole = strcmp(json_node_path_text(ref, "kind", ""), "ClusterSecretStore") == 0;
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err ignored;
    kube_path(&path, whole ? &cluster_store : &store, whole ? NULL : ns,
              json_node_path_text(ref, "name", ""), NULL);
    if (!target_get(t, strbuf_cstr(&path), &doc, &ignored))
        doc = NULL;
    const struct json_node *vault = json_node_path(json_doc_root(doc), "spec.provider.vault");
    const char *mount = json_node_path_text(vault, "path", s->mount);
    bool is = !doc || (vault && strcmp(mount, s->mount) == 0);
    json_doc_free(doc);
    strbuf_clear(&path);
    return is;
}

static const struct json_node *store_of(const struct json_node *object)
{
    const struct json_node *one = json_node_path(object, "spec.secretStoreRef");
    return one ? one : json_node_first(json_node_path(object, "spec.secretStoreRefs"));
}

/* Its keys of the Secret that come of this path. */
static const char *keys_of(struct plan *p, const struct vault_secret *s,
                           const struct json_node *object)
{
    struct strbuf out = STRBUF_INIT(4096);
    const struct json_node *n = json_node_first(json_node_path(object, "spec.data"));
    for (; n; n = json_node_next(n))
        if (is_key(s, json_node_path_text(n, "remoteRef.key", "")))
            strbuf_addf(&out, "%s%s", out.len ? ", " : "", json_node_path_text(n, "secretKey", ""));
    const char *text = plan_text(p, "%s", out.len ? strbuf_cstr(&out) : "all of it");
    strbuf_clear(&out);
    return text;
}

static bool add_reader(struct target *t, struct plan *p, const struct answers *in,
                       const struct vault_secret *s, const struct json_node *object, bool refresh,
                       struct err *err)
{
    struct kube_object o = {
        .resource = &external,
        .kind = "ExternalSecret",
        .ns = plan_text(p, "%s", json_node_path_text(object, "metadata.namespace", "")),
        .name = plan_text(p, "%s", json_node_path_text(object, "metadata.name", ""))};
    plan_note(p, plan_text(p, "read by %s into Secret %s (%s), every %s", kube_name(p, &o),
                           json_node_path_text(object, "spec.target.name", o.name),
                           keys_of(p, s, object),
                           json_node_path_text(object, "spec.refreshInterval", "1h")));
    bool ok = !refresh || kube_read(t, p, &o, err);
    if (ok && refresh)
        refresh_step(t, in, p, &o);
    kube_object_clear(&o);
    return ok;
}

/* The list of a resource in all namespaces; NULL: there is none, or it may not be read, which is
 * noted. */
static struct json_doc *list_all(struct target *t, struct plan *p,
                                 const struct kube_resource *resource, const char *what,
                                 const struct json_node **first)
{
    struct json_doc *doc;
    struct err why;
    if (!target_list(t, resource, NULL, NULL, &doc, first, &why))
        plan_note(p, plan_text(p, "who %s it is not known: %s", what, why.msg));
    return doc;
}

static void warn_writers(struct target *t, struct plan *p, const struct vault_secret *s)
{
    const struct json_node *i;
    struct json_doc *doc = list_all(t, p, &push, "writes", &i);
    for (; i; i = json_node_next(i)) {
        const char *ns = json_node_path_text(i, "metadata.namespace", "");
        if (names_it(s, i) && is_of_mount(t, s, ns, store_of(i)))
            plan_warn(p, plan_text(p,
                                   "PushSecret %s/%s writes there too: what it has of Secret %s "
                                   "comes back every %s",
                                   ns, json_node_path_text(i, "metadata.name", ""),
                                   json_node_path_text(i, "spec.selector.secret.name", ""),
                                   json_node_path_text(i, "spec.refreshInterval", "1h")));
    }
    json_doc_free(doc);
}

bool vault_is_read_by(struct target *t, const struct vault_secret *s,
                      const struct json_node *object)
{
    const char *ns = json_node_path_text(object, "metadata.namespace", "");
    return names_it(s, object) && is_of_mount(t, s, ns, store_of(object));
}

bool vault_note_readers(struct target *t, struct plan *p, const struct answers *in,
                        const struct vault_secret *s, bool refresh, struct err *err)
{
    const struct json_node *i;
    struct json_doc *doc = list_all(t, p, &external, "reads", &i);
    bool ok = true;
    size_t readers = 0;
    for (; ok && i && p->count < PLAN_STEPS_MAX; i = json_node_next(i)) {
        if (!vault_is_read_by(t, s, i))
            continue;
        readers++;
        ok = add_reader(t, p, in, s, i, refresh, err);
    }
    if (doc && !readers)
        plan_note(p, "no ExternalSecret reads it");
    json_doc_free(doc);
    if (ok)
        warn_writers(t, p, s);
    return ok;
}
