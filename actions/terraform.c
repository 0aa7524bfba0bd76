/* tf-plan, tf-apply, tf-discard: a run of HCP Terraform is queued, confirmed or dropped
 * [cloud-docs/api-docs/run]. What a run waits for is read from its `actions`, never from its status
 * [integrations.md section 12]. */
#include <config.h>

#include "actions/channel.h"
#include "base/json_out.h"
#include "base/timetext.h"
#include "net/kube.h"

#include <string.h>

#define API     "/api/v2"
#define MEDIA   "application/vnd.api+json"
#define AWAIT_S 3600
#define NEWEST \
    "/runs?page%5Bsize%5D=20&filter%5Boperation%5D=plan_only,plan_and_apply,save_plan,refresh_only,destroy,empty_apply"

static bool is_plain(const char *text)
{
    return text[0] && strlen(text) <= 200 &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] ==
               '\0';
}

static struct deed deed(const char *at, const char *method, const char *path, const char *body)
{
    return (struct deed){.system = "terraform",
                         .at = at,
                         .method = method,
                         .path = path,
                         .media = MEDIA,
                         .body = body,
                         .generation = -1};
}

static const char *site_of(struct target *t, struct plan *p, const struct answers *in,
                           struct err *err)
{
    const struct site *s = target_site(t, "terraform", answers_get(in, "terraform"), err);
    return s ? plan_text(p, "%s", s->name) : NULL;
}

static bool read(struct target *t, const char *at, const char *path, struct json_doc **doc,
                 struct err *err)
{
    const struct deed d = deed(at, "GET", path, "");
    *doc = NULL;
    return target_do(t, &d, false, doc, err);
}

static bool is_one_of(const char *word, const char *words)
{
    struct span rest = span_from(words), one;
    while (span_split(&rest, ' ', &one))
        if (span_is(one, word))
            return true;
    return false;
}

static const char *status_of(const struct json_node *run)
{
    return json_node_path_text(run, "attributes.status", "");
}

static bool may(const struct json_node *run, const char *member)
{
    return json_node_true(json_node_get(json_node_path(run, "attributes.actions"), member));
}

/* "+3 ~1 -0" of the plan beside the run; "" when it is not there. */
static void add_figures(const struct json_node *root, struct strbuf *out)
{
    static const struct {
        const char *member, *sign;
    } figures[] = {{"attributes.resource-additions", "+"},
                   {"attributes.resource-changes", " ~"},
                   {"attributes.resource-destructions", " -"}};
    const struct json_node *one = json_node_first(json_node_get(root, "included"));
    while (one && strcmp(json_node_path_text(one, "type", ""), "plans") != 0)
        one = json_node_next(one);
    for (size_t i = 0; one && i < BN_COUNT(figures); i++) {
        int64_t n;
        if (json_node_int(json_node_path(one, figures[i].member), &n))
            strbuf_addf(out, "%s%lld", figures[i].sign, (long long)n);
    }
}

/* ---- tf-plan. */

static const struct field plan_fields[] = {
    {"workspace", FIELD_TEXT, NULL, NULL, "the workspace's name", "name"},
    {"terraform", FIELD_TEXT, NULL, "", "which organisation's source; \"\": the only one",
     "@source"},
    {"message", FIELD_TEXT, NULL, "", "what is said of the run"},
    {"operation", FIELD_CHOICE, "plan-and-apply|plan-only|refresh-only", "plan-and-apply",
     "plan-and-apply waits for tf-apply, unless the workspace applies by itself"},
    {NULL},
};

static const struct json_node *run_called(const struct json_node *root, const char *message)
{
    const struct json_node *r = json_node_first(json_node_get(root, "data"));
    while (r && strcmp(json_node_path_text(r, "attributes.message", ""), message) != 0)
        r = json_node_next(r);
    return r;
}

/* former: what the run is called. */
static enum awaiting look_planned(BN_UNUSED struct target *t, const struct step *step,
                                  const struct json_node *object, struct strbuf *says)
{
    const struct json_node *run = run_called(object, step->former);
    const char *status = status_of(run);
    if (!run) {
        strbuf_adds(says, "the run is not listed yet");
        return AWAIT_MORE;
    }
    strbuf_addf(says, "%s %s", json_node_path_text(run, "id", ""), status);
    if (is_one_of(status, "errored canceled force_canceled discarded policy_soft_failed"))
        return AWAIT_FAILED;
    bool over = may(run, "is-confirmable") ||
                is_one_of(status, "applied planned_and_finished planned_and_saved policy_override");
    return over || strstr(status, "awaiting_decision") ? AWAIT_DONE : AWAIT_MORE;
}

static const char *write_run(struct plan *p, const char *workspace, const char *message,
                             const char *operation)
{
    struct strbuf text = STRBUF_INIT(16384);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "data");
    json_object(&j);
    json_key(&j, "type");
    json_cstr(&j, "runs");
    json_key(&j, "attributes");
    json_object(&j);
    json_key(&j, "message");
    json_cstr(&j, message);
    if (strcmp(operation, "plan-and-apply") != 0) {
        json_key(&j, operation);
        json_bool(&j, true);
    }
    json_object_end(&j);
    json_key(&j, "relationships");
    json_raw(&j, span_from(plan_text(
                     p, "{\"workspace\":{\"data\":{\"type\":\"workspaces\",\"id\":\"%s\"}}}",
                     workspace)));
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

/* Its id, in the plan; what stands in the way is warned of. NULL: *err. */
static const char *read_workspace(struct target *t, struct plan *p, const char *at,
                                  const struct answers *in, bool *applies, struct err *err)
{
    const char *name = answers_get(in, "workspace");
    const struct site *s = target_site(t, "terraform", at, err);
    const char *organisation = s ? site_setting(s, "organization") : NULL;
    struct json_doc *doc;
    if (!organisation || !is_plain(organisation) || !is_plain(name)) {
        (void)err_set(err, ERR_CONFIG, "`%.60s` of `%.60s`: no names of HCP Terraform", name,
                      organisation ? organisation : "");
        return NULL;
    }
    if (!read(t, at, plan_text(p, API "/organizations/%s/workspaces/%s", organisation, name), &doc,
              err))
        return NULL;
    const struct json_node *w = json_node_get(json_doc_root(doc), "data");
    const char *id = plan_text(p, "%s", json_node_path_text(w, "id", ""));
    *applies = json_node_true(json_node_path(w, "attributes.auto-apply"));
    if (json_node_true(json_node_path(w, "attributes.locked")))
        plan_warn(p, plan_text(p, "the workspace is locked%s%s: the run waits until it is not",
                               json_node_path(w, "attributes.locked-reason") ? ": " : "",
                               json_node_path_text(w, "attributes.locked-reason", "")));
    json_doc_free(doc);
    if (!is_plain(id)) {
        (void)err_set(err, ERR_PROTO, "%s: the workspace has no id", name);
        return NULL;
    }
    return id;
}

static bool plan_plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *at = site_of(t, p, in, err), *operation = answers_get(in, "operation");
    char stamp[TIMETEXT_MAX];
    bool applies = false;
    struct json_doc *doc;
    const char *workspace = at ? read_workspace(t, p, at, in, &applies, err) : NULL;
    if (!workspace)
        return false;
    time_format(in->at_ms, stamp);
    const char *message = plan_text(p, "%s%s(binnacle %s)", answers_get(in, "message"),
                                    answers_get(in, "message")[0] ? " " : "", stamp);
    const char *runs = plan_text(p, "%s%s%s", API "/workspaces/", workspace, NEWEST);
    if (!read(t, at, runs, &doc, err))
        return false;
    bool done = run_called(json_doc_root(doc), message) != NULL;
    json_doc_free(doc);
    if (applies && strcmp(operation, "plan-and-apply") == 0) {
        p->risk = RISK_DESTROY;
        plan_warn(p, "the workspace applies by itself: what is planned is done, unasked");
    }
    struct step *s =
        plan_step(p, done ? '=' : '+',
                  plan_text(p, "Queue a run of %s (%s)", answers_get(in, "workspace"), operation));
    if (!done)
        s->deed = deed(at, "POST", API "/runs", write_run(p, workspace, message, operation));
    s->look = deed(at, "GET", runs, "");
    s->await = look_planned;
    s->await_s = AWAIT_S;
    s->former = message;
    s->undo_title = "none; tf-discard drops it while it waits";
    return true;
}

const struct action action_tf_plan = {
    .name = "tf-plan",
    .title = "Queue a Terraform run",
    .help = "plan a workspace of HCP Terraform, followed until it is planned",
    .risk = RISK_CHANGE,
    .kind = "tf-workspace",
    .fields = plan_fields,
    .plan = plan_plan,
};

/* ---- tf-apply, tf-discard. */

static const struct field run_fields[] = {
    {"run", FIELD_TEXT, NULL, NULL, "the run's id, as `:tf-runs` shows it", "id"},
    {"terraform", FIELD_TEXT, NULL, "", "which organisation's source; \"\": the only one",
     "@source"},
    {"comment", FIELD_TEXT, NULL, "", "what is said of it"},
    {NULL},
};

static enum awaiting look_for(const struct json_node *object, const char *wanted,
                              const char *failed, struct strbuf *says)
{
    const struct json_node *run = json_node_get(object, "data");
    const char *status = status_of(run);
    strbuf_addf(says, "%s", status);
    return is_one_of(status, wanted)   ? AWAIT_DONE
           : is_one_of(status, failed) ? AWAIT_FAILED
                                       : AWAIT_MORE;
}

static enum awaiting look_applied(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                  const struct json_node *object, struct strbuf *says)
{
    return look_for(object, "applied planned_and_finished",
                    "errored canceled force_canceled discarded", says);
}

static enum awaiting look_dropped(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                  const struct json_node *object, struct strbuf *says)
{
    return look_for(object, "discarded", "applied errored applying", says);
}

/* One of the two ends of a run that waits. */
struct end {
    const char *verb, *word;         /* "Apply", "apply" */
    const char *can, *right, *after; /* of `actions`, of `permissions`; its status when done */
    enum awaiting (*look)(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says);
};

static bool check_run(const struct json_node *run, const char *id, const struct end *e,
                      struct err *err)
{
    if (!may(run, e->can))
        return err_set(err, ERR_CONFLICT, "%s is %s: there is nothing to %s", id, status_of(run),
                       e->word);
    if (json_node_type(json_node_get(json_node_path(run, "attributes.permissions"), e->right)) ==
        JSON_FALSE)
        return err_set(err, ERR_DENIED, "this token may not %s runs (%s)", e->word, e->right);
    return true;
}

static const char *comment_of(struct plan *p, const struct answers *in)
{
    struct strbuf text = STRBUF_INIT(16384);
    struct json_out j;
    if (!answers_get(in, "comment")[0])
        return "{\"comment\":\"by binnacle\"}";
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "comment");
    json_cstr(&j, answers_get(in, "comment"));
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

static void add_end(struct plan *p, const struct answers *in, const char *at,
                    const struct json_node *root, const char *path, const struct end *e, bool sent)
{
    const struct json_node *run = json_node_get(root, "data");
    const char *id = answers_get(in, "run");
    struct strbuf figures = STRBUF_INIT(256);
    add_figures(root, &figures);
    struct step *s = plan_step(p, sent ? '=' : '~',
                               plan_text(p, "%s %s: %s%s%s%s", e->verb, id,
                                         json_node_path_text(run, "attributes.message", ""),
                                         figures.len ? " (" : "", strbuf_cstr(&figures),
                                         figures.len ? ")" : ""));
    if (!sent)
        s->deed = deed(at, "POST", plan_text(p, API "/runs/%s/actions/%s", id, e->word),
                       comment_of(p, in));
    s->look = deed(at, "GET", path, "");
    s->await = e->look;
    s->await_s = AWAIT_S;
    s->undo_title = "none";
    if (json_node_true(json_node_path(run, "attributes.is-destroy")))
        plan_warn(p, "it destroys all that the workspace has made");
    strbuf_clear(&figures);
}

static bool plan_end(struct target *t, const struct answers *in, struct plan *p,
                     const struct end *e, struct err *err)
{
    const char *at = site_of(t, p, in, err), *id = answers_get(in, "run");
    struct json_doc *doc;
    if (!at)
        return false;
    if (!is_plain(id))
        return err_set(err, ERR_CONFIG, "--run `%.60s`: no id of a run", id);
    const char *path = plan_text(p, API "/runs/%s?include=plan", id);
    if (!read(t, at, path, &doc, err))
        return false;
    const struct json_node *run = json_node_get(json_doc_root(doc), "data");
    /* What this run has sent is under way: it is waited for, and not sent again. */
    bool sent = strcmp(status_of(run), e->after) == 0 || (in->again && !may(run, e->can));
    bool ok = sent || check_run(run, id, e, err);
    if (ok)
        add_end(p, in, at, json_doc_root(doc), path, e, sent);
    json_doc_free(doc);
    return ok;
}

static bool plan_apply(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    static const struct end apply = {"Apply",     "apply",   "is-confirmable",
                                     "can-apply", "applied", look_applied};
    return plan_end(t, in, p, &apply, err);
}

static bool plan_discard(struct target *t, const struct answers *in, struct plan *p,
                         struct err *err)
{
    static const struct end discard = {"Discard",     "discard",   "is-discardable",
                                       "can-discard", "discarded", look_dropped};
    return plan_end(t, in, p, &discard, err);
}

const struct action action_tf_apply = {
    .name = "tf-apply",
    .title = "Apply a Terraform run",
    .help = "confirm a run that waits, followed until it is applied",
    .risk = RISK_DESTROY,
    .kind = "tf-run",
    .fields = run_fields,
    .plan = plan_apply,
};

const struct action action_tf_discard = {
    .name = "tf-discard",
    .title = "Discard a Terraform run",
    .help = "drop a run that waits for its confirmation",
    .risk = RISK_CHANGE,
    .kind = "tf-run",
    .fields = run_fields,
    .plan = plan_discard,
};
