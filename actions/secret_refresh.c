/* refresh-secret, refresh-clusterexternalsecret, refresh-pushsecret: External Secrets reads a
 * secret from its store now, or writes it there. */
#include <config.h>

#include "actions/refresh.h"
#include "actions/related.h"

#include <string.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, "", "the ExternalSecret's name; \"\": all of them", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"store", FIELD_NAME, NULL, "", "of all, those of this store", NULL},
    {NULL},
};
static const struct field cluster_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the ClusterExternalSecret's name", "name"},
    {NULL},
};
static const struct field push_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the PushSecret's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

static const struct kube_resource external = {"external-secrets.io", "v1", "externalsecrets"},
                                  whole = {"external-secrets.io", "v1", "clusterexternalsecrets"},
                                  push = {"external-secrets.io", "v1alpha1", "pushsecrets"};

static bool add_one(struct target *t, const struct answers *in, struct plan *p,
                    struct kube_object o, struct err *err)
{
    bool ok = kube_read(t, p, &o, err);
    if (ok)
        refresh_step(t, in, p, &o);
    kube_object_clear(&o);
    return ok;
}

/* Whose pods have what they read at their start: a new value alone changes nothing for them. */
static void note_readers(struct target *t, struct plan *p, const char *ns, const char *secret)
{
    const struct kube_object o = {.kind = "Secret", .ns = ns, .name = secret};
    struct related_workloads w = {0};
    const char *all = "";
    struct err none;
    if (!related_workloads_add(t, p, &o, &w, &none))
        return;
    for (size_t i = 0; i < w.count; i++)
        all = plan_text(p, "%s%s%s/%s", all, all[0] ? ", " : "", w.word[i], w.name[i]);
    if (all[0])
        plan_note(p, plan_text(p,
                               "Secret %s is read by %s: what stands in their environment is new "
                               "only after a restart.",
                               secret, all));
}

static bool add_named(struct target *t, const struct answers *in, struct plan *p,
                      struct kube_object o, struct err *err)
{
    bool ok = kube_read(t, p, &o, err);
    const char *target = kube_text(&o, "spec.target.name");
    if (ok) {
        refresh_step(t, in, p, &o);
        note_readers(t, p, o.ns, target[0] ? plan_text(p, "%s", target) : o.name);
    }
    kube_object_clear(&o);
    return ok;
}

static struct kube_object external_of(struct plan *p, const char *ns, const char *name)
{
    return (struct kube_object){.resource = &external,
                                .kind = "ExternalSecret",
                                .ns = plan_text(p, "%s", ns),
                                .name = plan_text(p, "%s", name)};
}

static bool add_all(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *ns = answers_get(in, "namespace"), *store = answers_get(in, "store");
    struct json_doc *doc;
    const struct json_node *i;
    bool ok = target_list(t, &external, ns, NULL, &doc, &i, err);
    for (; ok && i && p->count < PLAN_STEPS_MAX; i = json_node_next(i))
        if (!store[0] || strcmp(json_node_path_text(i, "spec.secretStoreRef.name", ""), store) == 0)
            ok = add_one(t, in, p, external_of(p, ns, json_node_path_text(i, "metadata.name", "")),
                         err);
    json_doc_free(doc);
    return ok && (p->count || err_set(err, ERR_NOTFOUND, "no ExternalSecret is in namespace %s%s%s",
                                      ns, store[0] ? " that reads store " : "", store));
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *name = answers_get(in, "name");
    return name[0] ? add_named(t, in, p, external_of(p, answers_get(in, "namespace"), name), err)
                   : add_all(t, in, p, err);
}

/* What it has made in each namespace is what is refreshed. */
static bool plan_whole(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &whole,
                            .kind = "ClusterExternalSecret",
                            .ns = "",
                            .name = answers_get(in, "name")};
    bool ok = kube_read(t, p, &o, err);
    const char *said = kube_text(&o, "spec.externalSecretName");
    const struct json_node *ns =
        json_node_first(json_node_path(o.root, "status.provisionedNamespaces"));
    for (; ok && ns && p->count < PLAN_STEPS_MAX; ns = json_node_next(ns))
        if (json_node_text(ns))
            ok =
                add_one(t, in, p, external_of(p, json_node_text(ns), said[0] ? said : o.name), err);
    if (ok && !p->count)
        ok = err_set(err, ERR_NOTFOUND, "%s has made no ExternalSecret yet", kube_name(p, &o));
    kube_object_clear(&o);
    return ok;
}

static bool plan_push(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    return add_one(t, in, p,
                   (struct kube_object){.resource = &push,
                                        .kind = "PushSecret",
                                        .ns = answers_get(in, "namespace"),
                                        .name = answers_get(in, "name")},
                   err);
}

const struct action action_secret_refresh = {
    .name = "refresh-secret",
    .title = "Refresh an ExternalSecret",
    .help = "read a secret from its store now, or all of a namespace, followed until it was",
    .risk = RISK_CHANGE,
    .kind = "externalsecret",
    .fields = fields,
    .plan = plan,
};

const struct action action_secret_refresh_whole = {
    .name = "refresh-clusterexternalsecret",
    .title = "Refresh what a ClusterExternalSecret has made",
    .help = "read its secret from the store now, in each namespace that has it",
    .risk = RISK_CHANGE,
    .kind = "clusterexternalsecret",
    .fields = cluster_fields,
    .plan = plan_whole,
};

const struct action action_secret_refresh_push = {
    .name = "refresh-pushsecret",
    .title = "Push a PushSecret now",
    .help = "write a Secret to its stores now, followed until it was",
    .risk = RISK_CHANGE,
    .kind = "pushsecret",
    .fields = push_fields,
    .plan = plan_push,
};
