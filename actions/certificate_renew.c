/* renew-certificate: cert-manager issues a certificate anew now, as `cmctl renew` asks for it
 * [cmctl pkg/renew/renew.go; cert-manager pkg/api/util/conditions.go]. */
#include <config.h>

#include "actions/kube.h"
#include "base/timetext.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Certificate's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

static const struct kube_resource certificates = {"cert-manager.io", "v1", "certificates"};

/* Success takes the condition off and counts the revision up; failure leaves it with False. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const struct json_node *issuing = kube_condition(object, "Issuing");
    const char *status = json_node_path_text(issuing, "status", "");
    (void)step;
    if (!issuing)
        return AWAIT_DONE;
    strbuf_addf(says, "%s: %s", json_node_path_text(issuing, "reason", ""),
                json_node_path_text(issuing, "message", ""));
    return strcmp(status, "True") == 0 ? AWAIT_MORE : AWAIT_FAILED;
}

/* All conditions but Issuing, as JSON with a comma behind each: a merge patch replaces the list. */
static void other_conditions(struct json_value list, struct strbuf *out)
{
    struct json_iter it;
    struct json_value one;
    for (json_iter_init(&it, list); json_next(&it, NULL, &one);) {
        struct span whole = json_iter_whole(&it, one);
        if (json_is(json_member(one, SPAN("type")), "Issuing"))
            continue;
        strbuf_add(out, whole);
        strbuf_addc(out, ',');
    }
}

static bool add_deed(struct target *t, struct plan *p, const struct kube_object *o, struct step *s,
                     struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20), others = STRBUF_INIT((size_t)1 << 20);
    char now[TIMETEXT_MAX];
    bool ok = target_text(t, o->path, &text, err);
    if (ok) {
        struct json_value status = json_member(json_value(strbuf_span(&text)), SPAN("status"));
        other_conditions(json_member(status, SPAN("conditions")), &others);
        time_format(target_now(t) / 1000 * 1000, now);
        s->deed = kube_patch(
            p, o,
            plan_text(p,
                      "\"status\":{\"conditions\":[%s{\"type\":\"Issuing\",\"status\":\"True\","
                      "\"reason\":\"ManuallyTriggered\",\"message\":\"Certificate re-issuance "
                      "manually triggered\",\"lastTransitionTime\":\"%s\","
                      "\"observedGeneration\":%lld}]}",
                      strbuf_cstr(&others), now, (long long)o->generation),
            true);
        s->deed.path = plan_text(p, "%s/status", o->path);
        s->shell =
            plan_text(p, "cmctl renew --context %s -n %s %s", target_context(t), o->ns, o->name);
    }
    strbuf_clear(&text);
    strbuf_clear(&others);
    return ok;
}

static bool add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o, struct err *err)
{
    const struct json_node *issuing = kube_condition(o->root, "Issuing");
    bool busy = strcmp(json_node_path_text(issuing, "status", ""), "True") == 0;
    bool again = in->again && kube_time(o->root, "status.notBefore") >= in->at_ms;
    struct step *s =
        plan_step(p, busy || again ? '=' : '~', plan_text(p, "Renew %s", kube_name(p, o)));
    s->undo_title = "none: the new certificate stays";
    s->await_path = o->path;
    s->await = look;
    s->await_s = 600;
    if (busy || again)
        return true;
    plan_warn(p, "an ACME issuer counts it against its limits: 5 of the same names in 7 days at "
                 "Let's Encrypt");
    return add_deed(t, p, o, s, err);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &certificates,
                            .kind = "Certificate",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    bool ok = kube_read(t, p, &o, err) && add_step(t, in, p, &o, err);
    kube_object_clear(&o);
    return ok;
}

const struct action action_certificate_renew = {
    .name = "renew-certificate",
    .title = "Renew a certificate",
    .help = "cert-manager issues it anew now, followed until it has",
    .risk = RISK_CHANGE,
    .kind = "certificate",
    .fields = fields,
    .plan = plan,
};
