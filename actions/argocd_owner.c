/* Whether Argo CD deploys what is changed, and would put it back. */
#include <config.h>

#include "actions/argocd.h"

#include <string.h>

static const struct kube_resource applications = {"argoproj.io", "v1alpha1", "applications"};

/* Every way of tracking [argo-cd docs/user-guide/resource_tracking.md] ends in this list. */
static bool deploys(const struct json_node *application, const struct kube_object *o)
{
    const struct json_node *r = json_node_first(json_node_path(application, "status.resources"));
    for (; r; r = json_node_next(r))
        if (strcmp(json_node_path_text(r, "group", ""), o->resource->group) == 0 &&
            strcmp(json_node_path_text(r, "kind", ""), o->kind) == 0 &&
            strcmp(json_node_path_text(r, "namespace", ""), o->ns) == 0 &&
            strcmp(json_node_path_text(r, "name", ""), o->name) == 0)
            return true;
    return false;
}

static bool heals(const struct json_node *application)
{
    return json_node_true(json_node_path(application, "spec.syncPolicy.automated.selfHeal"));
}

/* Where nothing is said of Applications: the annotation is "APP:GROUP/KIND:NS/NAME". */
static void warn_by_annotation(struct plan *p, const struct kube_object *o, const char *what)
{
    const char *id = kube_annotation(o->root, "argocd.argoproj.io/tracking-id");
    if (*id)
        plan_warn(p,
                  plan_text(p,
                            "Argo CD's application %.*s looks after %s: where it heals by itself "
                            "it puts %s back",
                            (int)strcspn(id, ":"), id, kube_name(p, o), what));
}

void kube_warn_argocd(struct target *t, struct plan *p, const struct kube_object *o,
                      const char *what)
{
    struct json_doc *doc;
    const struct json_node *app;
    struct err why;
    bool asked = target_list(t, &applications, NULL, NULL, &doc, &app, &why);
    while (app && !deploys(app, o))
        app = json_node_next(app);
    if (app)
        plan_warn(p,
                  plan_text(p,
                            heals(app) ? "Argo CD's application %s looks after %s and heals by "
                                         "itself: it puts %s back; change it in git"
                                       : "Argo CD's application %s looks after %s: its next "
                                         "sync puts %s back; change it in git too",
                            json_node_path_text(app, "metadata.name", ""), kube_name(p, o), what));
    else if (!asked)
        warn_by_annotation(p, o, what);
    json_doc_free(doc);
}

/* Into this cluster: the one that Argo CD runs in goes by either of these
 * [argo-cd docs/operator-manual/declarative-setup.md]. */
static bool is_into(const struct json_node *application, const char *ns)
{
    const char *server = json_node_path_text(application, "spec.destination.server", "");
    const char *name = json_node_path_text(application, "spec.destination.name", "");
    return strcmp(json_node_path_text(application, "spec.destination.namespace", ""), ns) == 0 &&
           (strcmp(server, "https://kubernetes.default.svc") == 0 ||
            strcmp(name, "in-cluster") == 0);
}

void argocd_note_namespace(struct target *t, struct plan *p, const char *ns, const char *what)
{
    struct strbuf names = STRBUF_INIT(4096);
    struct json_doc *doc;
    const struct json_node *app;
    struct err why;
    if (!target_list(t, &applications, NULL, NULL, &doc, &app, &why))
        plan_note(
            p, plan_text(p, "whether Argo CD deploys namespace %s is not known: %s", ns, why.msg));
    for (; app; app = json_node_next(app))
        if (is_into(app, ns))
            strbuf_addf(&names, "%s%s", names.len ? ", " : "",
                        json_node_path_text(app, "metadata.name", ""));
    if (names.len)
        plan_note(p, plan_text(p,
                               "Argo CD deploys namespace %s (%s): %s is in no git; its manifest "
                               "belongs there too",
                               ns, strbuf_cstr(&names), what));
    strbuf_clear(&names);
    json_doc_free(doc);
}
