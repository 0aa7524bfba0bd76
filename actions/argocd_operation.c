/* Operations of Argo CD's Applications, written into the Application as argocd-server does [argo-cd
 * util/argo/argo.go SetAppOperation; pkg/apis/application/v1alpha1/types.go]. */
#include <config.h>

#include "actions/argocd.h"
#include "net/json.h"

#include <string.h>

bool argocd_is_busy(const struct json_node *root)
{
    const char *phase = json_node_path_text(root, "status.operationState.phase", "");
    return json_node_get(root, "operation") || strcmp(phase, "Running") == 0 ||
           strcmp(phase, "Terminating") == 0;
}

bool argocd_is_ours(const struct json_node *root, const struct answers *in)
{
    const struct json_node *now = json_node_path(root, "operation.initiatedBy.username");
    const struct json_node *was =
        json_node_path(root, "status.operationState.operation.initiatedBy.username");
    const char *who = json_node_text(now ? now : was);
    return who && strcmp(who, "binnacle") == 0 &&
           (now || kube_time(root, "status.operationState.startedAt") >= in->at_ms);
}

/* ---- To its end. */

static bool is_word(const struct json_node *r, const char *member, const char *word)
{
    return strcmp(json_node_path_text(r, member, ""), word) == 0;
}

/* "; Deployment default/kimai: MESSAGE" of each that failed, or that was left alone though git has
 * it no more. */
static void name_resources(const struct json_node *state, bool failing, struct strbuf *says)
{
    const struct json_node *r = json_node_first(json_node_path(state, "syncResult.resources"));
    for (; r; r = json_node_next(r)) {
        bool failed = is_word(r, "status", "SyncFailed") || is_word(r, "hookPhase", "Failed") ||
                      is_word(r, "hookPhase", "Error");
        if (failing ? !failed : !is_word(r, "status", "PruneSkipped"))
            continue;
        const char *ns = json_node_path_text(r, "namespace", "");
        strbuf_addf(says, "; %s %s%s%s: %s", json_node_path_text(r, "kind", ""), ns,
                    ns[0] ? "/" : "", json_node_path_text(r, "name", ""),
                    failing ? json_node_path_text(r, "message", "") : "not pruned");
    }
}

enum awaiting argocd_look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const struct json_node *state = json_node_path(object, "status.operationState");
    const char *phase = json_node_path_text(state, "phase", ""),
               *message = json_node_path_text(state, "message", "");
    enum awaiting a;
    if (step_said(step, &a, says))
        return a;
    bool failed = strcmp(phase, "Failed") == 0 || strcmp(phase, "Error") == 0;
    strbuf_addf(says, "%s%s%s", phase[0] ? phase : "not begun yet", message[0] ? ": " : "",
                message);
    name_resources(state, true, says);
    if (argocd_is_busy(object) || !phase[0])
        return AWAIT_MORE;
    if (failed)
        return AWAIT_FAILED;
    name_resources(state, false, says);
    return step_say_once(step, AWAIT_DONE, says);
}

/* ---- Its beginning. */

/* "\"syncOptions\":[...]" where the Application's policy has some: argocd-server copies them into an
 * operation, the controller does not. */
static const char *policy_part(struct plan *p, struct json_value policy, const char *key)
{
    struct span whole = json_whole(json_member(policy, span_from(key)));
    return whole.len ? plan_text(p, ",\"%s\":%.*s", key, SPAN_ARG(whole)) : "";
}

const char *argocd_operation(struct target *t, struct plan *p, const struct kube_object *o,
                             const char *sync, bool policy, struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20);
    const char *made = NULL;
    if (target_text(t, o->path, &text, err)) {
        struct json_value spec = json_member(json_value(strbuf_span(&text)), SPAN("spec"));
        struct json_value all = json_member(spec, SPAN("syncPolicy"));
        const char *options = policy_part(p, all, "syncOptions");
        if (!sync[0] && options[0])
            options++; /* its comma */
        made = plan_text(p,
                         "\"operation\":{\"initiatedBy\":{\"username\":\"binnacle\"},"
                         "\"sync\":{%s%s}%s},\"status\":{\"operationState\":null}",
                         sync, options, policy ? policy_part(p, all, "retry") : "");
    }
    strbuf_clear(&text);
    return made;
}
