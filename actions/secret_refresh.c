/* refresh-secret: External Secrets reads a secret from its store now. */
#include <config.h>

#include "actions/kube.h"
#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

#define STAMP "force-sync" /* [recorded/163; external-secrets.io FAQ: any change of it refreshes] */

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the ExternalSecret's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

static const struct kube_resource external = {"external-secrets.io", "v1", "externalsecrets"};

/* A failure leaves refreshTime as it was; what it says may be of before, so it is waited for. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    int64_t refreshed = kube_time(object, "status.refreshTime");
    const struct json_node *ready = kube_condition(object, "Ready");
    bool is_ready = strcmp(json_node_path_text(ready, "status", ""), "True") == 0;
    if (refreshed != TIME_NONE && refreshed / 1000 >= strtoll(step->former, NULL, 10) && is_ready)
        return AWAIT_DONE;
    if (!ready || is_ready)
        strbuf_adds(says, "not refreshed yet");
    else
        strbuf_addf(says, "%s: %s", json_node_path_text(ready, "reason", ""),
                    json_node_path_text(ready, "message", ""));
    return AWAIT_MORE;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &external,
                            .kind = "ExternalSecret",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    if (!kube_read(t, p, &o, err))
        return false;
    const char *stamp = plan_text(p, "%lld", (long long)(in->at_ms / 1000));
    bool done = strcmp(kube_annotation(o.root, STAMP), stamp) == 0;
    struct step *s = plan_step(p, done ? '=' : '~', plan_text(p, "Refresh %s", kube_name(p, &o)));
    s->undo_title = "none: what was read stays";
    s->former = stamp;
    s->await_path = o.path;
    s->await = look;
    s->await_s = 60;
    if (!done) {
        s->deed = kube_annotate(p, &o, STAMP, stamp);
        s->shell = plan_text(p, "%s annotate externalsecret %s " STAMP "=%s --overwrite",
                             kubectl(p, t, o.ns), o.name, stamp);
    }
    if (strcmp(kube_text(&o, "spec.refreshPolicy"), "CreatedOnce") == 0)
        plan_warn(p, "its refreshPolicy is CreatedOnce: it is not read again");
    kube_object_clear(&o);
    return true;
}

const struct action action_secret_refresh = {
    .name = "refresh-secret",
    .title = "Refresh an ExternalSecret",
    .help = "read a secret from its store now, followed until it was",
    .risk = RISK_CHANGE,
    .kind = "externalsecret",
    .fields = fields,
    .plan = plan,
};
