/* run-cronjob: a Job of a CronJob now, as `kubectl create job --from` makes it. */
#include <config.h>

#include "actions/kube.h"
#include "net/json.h"

#include <string.h>

#define PREFIX_MAX 40 /* of the CronJob's name: a Job's has 63 at most, with the pods' 5 behind */

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the CronJob's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

static const struct kube_resource cronjobs = {"batch", "v1", "cronjobs"};
static const struct kube_resource jobs = {"batch", "v1", "jobs"};

static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const struct json_node *failed = kube_condition(object, "Failed");
    const struct json_node *complete = kube_condition(object, "Complete");
    int64_t active = 0;
    (void)step;
    if (strcmp(json_node_path_text(complete, "status", ""), "True") == 0)
        return AWAIT_DONE;
    if (strcmp(json_node_path_text(failed, "status", ""), "True") == 0) {
        strbuf_addf(says, "%s: %s", json_node_path_text(failed, "reason", ""),
                    json_node_path_text(failed, "message", ""));
        return AWAIT_FAILED;
    }
    if (!json_node_int(json_node_path(object, "status.active"), &active))
        active = 0;
    strbuf_addf(says, "%lld pods run", (long long)active);
    return AWAIT_MORE;
}

/* The CronJob's template as it stands there. */
static const char *template_of(struct target *t, struct plan *p, const char *path, struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20);
    const char *spec = NULL;
    if (target_text(t, path, &text, err)) {
        struct json_value root = json_value(strbuf_span(&text));
        struct json_value shape = json_member(json_member(root, SPAN("spec")), SPAN("jobTemplate"));
        struct span whole = json_whole(json_member(shape, SPAN("spec")));
        spec = whole.len ? plan_text(p, "%.*s", SPAN_ARG(whole)) : NULL;
        if (!spec)
            (void)err_set(err, ERR_PROTO, "the CronJob has no template of a Job");
    }
    strbuf_clear(&text);
    return spec;
}

static bool add_step(struct target *t, struct plan *p, const struct kube_object *cron,
                     const struct kube_object *job, struct err *err)
{
    struct step *s = plan_step(p, job->doc ? '=' : '+',
                               plan_text(p, "Run %s as %s", kube_name(p, cron), job->name));
    const char *spec = job->doc ? "" : template_of(t, p, cron->path, err);
    if (!spec)
        return false;
    s->await_path = job->path;
    s->await = look;
    s->log_of = kube_job_log;
    s->await_s = 3600;
    if (!job->doc) {
        s->shell = plan_text(p, "%s create job --from=cronjob/%s %s", kubectl(p, t, cron->ns),
                             cron->name, job->name);
        s->deed = kube_create(
            p, &jobs, cron->ns,
            plan_text(p,
                      "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"metadata\":{\"name\":\"%s\","
                      "\"annotations\":{\"cronjob.kubernetes.io/instantiate\":\"manual\"},"
                      "\"ownerReferences\":[{\"apiVersion\":\"batch/v1\",\"kind\":\"CronJob\","
                      "\"name\":\"%s\",\"uid\":\"%s\",\"controller\":true}]},\"spec\":%s}",
                      job->name, cron->name, kube_text(cron, "metadata.uid"), spec));
        s->undo = kube_delete(p, job->path, CASCADE);
        s->undo_title = "delete the Job and its pods; what they did stays";
    }
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object cron = {.resource = &cronjobs,
                               .kind = "CronJob",
                               .ns = answers_get(in, "namespace"),
                               .name = answers_get(in, "name")};
    struct kube_object job = {.resource = &jobs, .kind = "Job", .ns = cron.ns};
    job.name =
        plan_text(p, "%.*s-manual-%lld", PREFIX_MAX, cron.name, (long long)(in->at_ms / 1000));
    bool ok = kube_read(t, p, &cron, err) && kube_look(t, p, &job, err) &&
              add_step(t, p, &cron, &job, err);
    kube_object_clear(&cron);
    kube_object_clear(&job);
    return ok;
}

const struct action action_cronjob_run = {
    .name = "run-cronjob",
    .title = "Run a CronJob now",
    .help = "a Job from a CronJob's template, followed to its end",
    .risk = RISK_CHANGE,
    .kind = "cronjob",
    .fields = fields,
    .plan = plan,
};
