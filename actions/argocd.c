/* argocd-refresh: by the Application itself, so that it works while argocd-server is down [argo-cd
 * controller/appcontroller.go]. */
#include <config.h>

#include "actions/argocd.h"

#include <string.h>

#define REFRESH "argocd.argoproj.io/refresh" /* [recorded/164] */

static const struct kube_resource applications = {"argoproj.io", "v1alpha1", "applications"};

struct kube_object argocd_application(const struct answers *in)
{
    return (struct kube_object){.resource = &applications,
                                .kind = "Application",
                                .ns = answers_get(in, "namespace"),
                                .name = answers_get(in, "name")};
}

const char *argocd_word(struct plan *p, const struct kube_object *o)
{
    return strcmp(o->ns, "argocd") == 0 ? o->name : plan_text(p, "%s/%s", o->ns, o->name);
}

/* ---- Refresh. */

static const struct field refresh_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Application's name", "name"},
    {"namespace", FIELD_NAME, NULL, "argocd", "its namespace", "namespace"},
    {"mode", FIELD_CHOICE, "normal|hard", "normal", "hard: the manifests are rendered anew too"},
    {NULL},
};

/* The controller takes the annotation off when it has compared. */
static enum awaiting look_compared(BN_UNUSED struct target *t, const struct step *step,
                                   const struct json_node *object, struct strbuf *says)
{
    (void)step;
    if (kube_annotation(object, REFRESH)[0]) {
        strbuf_adds(says, "the application controller has not compared yet");
        return AWAIT_MORE;
    }
    return AWAIT_DONE;
}

static bool plan_refresh(struct target *t, const struct answers *in, struct plan *p,
                         struct err *err)
{
    const char *mode = answers_get(in, "mode");
    struct kube_object o = argocd_application(in);
    if (!kube_read(t, p, &o, err))
        return false;
    bool asked = strcmp(kube_annotation(o.root, REFRESH), mode) == 0;
    int64_t compared = kube_time(o.root, "status.reconciledAt");
    bool done = !asked && in->again && compared >= in->at_ms;
    struct step *s =
        plan_step(p, asked || done ? '=' : '~', plan_text(p, "Refresh %s", kube_name(p, &o)));
    s->undo_title = "none: it is compared, nothing is changed";
    s->await_path = o.path;
    s->await = look_compared;
    s->await_s = 120;
    if (!asked && !done) {
        s->deed = kube_annotate(p, &o, REFRESH, mode);
        s->shell = plan_text(p, "%s annotate application %s " REFRESH "=%s --overwrite",
                             kubectl(p, t, o.ns), o.name, mode);
    }
    kube_object_clear(&o);
    return true;
}

const struct action action_argocd_refresh = {
    .name = "argocd-refresh",
    .title = "Refresh an Argo CD application",
    .help = "compare an Application with what git has, now",
    .risk = RISK_CHANGE,
    .kind = "application",
    .fields = refresh_fields,
    .plan = plan_refresh,
};
