/* run-cronjob: a Job of a CronJob now, as `kubectl create job --from` makes it. */
#include <config.h>

#include "actions/kube.h"
#include "base/json_out.h"
#include "base/timetext.h"
#include "net/json.h"

#include <string.h>

#define MANUAL     "cronjob.kubernetes.io/instantiate"
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

/* The members of an object, behind others. */
static void add_members(struct json_out *j, struct json_value object)
{
    struct strbuf name = STRBUF_INIT(4096);
    struct json_value key, value;
    struct json_iter it;
    for (json_iter_init(&it, object); json_next(&it, &key, &value);) {
        struct span text = json_as_text(key, &name);
        if (span_is(text, MANUAL))
            continue;
        json_key_span(j, text);
        json_raw(j, json_whole(value));
    }
    strbuf_clear(&name);
}

/* Labels and annotations of the CronJob's template, and its spec as it stands there, as kubectl takes
 * them [kubectl pkg/cmd/create/create_job.go]. */
static void write_job(struct json_value shape, const struct kube_object *cron, const char *name,
                      struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 0);
    json_object(&j);
    json_key_cstr(&j, "apiVersion", "batch/v1");
    json_key_cstr(&j, "kind", "Job");
    json_key(&j, "metadata");
    json_object(&j);
    json_key_cstr(&j, "name", name);
    json_key(&j, "labels");
    json_object(&j);
    add_members(&j, json_path(shape, "metadata.labels"));
    json_object_end(&j);
    json_key(&j, "annotations");
    json_object(&j);
    json_key_cstr(&j, MANUAL, "manual");
    add_members(&j, json_path(shape, "metadata.annotations"));
    json_object_end(&j);
    json_key(&j, "ownerReferences");
    json_array(&j);
    json_object(&j);
    json_key_cstr(&j, "apiVersion", "batch/v1");
    json_key_cstr(&j, "kind", "CronJob");
    json_key_cstr(&j, "name", cron->name);
    json_key_cstr(&j, "uid", kube_text(cron, "metadata.uid"));
    json_key(&j, "controller");
    json_bool(&j, true);
    json_object_end(&j);
    json_array_end(&j);
    json_object_end(&j);
    json_key(&j, "spec");
    json_raw(&j, json_whole(json_member(shape, SPAN("spec"))));
    json_object_end(&j);
}

static const char *body_of(struct target *t, struct plan *p, const struct kube_object *cron,
                           const char *name, struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20), made = STRBUF_INIT((size_t)4 << 20);
    const char *body = NULL;
    if (target_text(t, cron->path, &text, err)) {
        struct json_value shape = json_path(json_value(strbuf_span(&text)), "spec.jobTemplate");
        if (json_member(shape, SPAN("spec")).type == JSON_OBJECT) {
            write_job(shape, cron, name, &made);
            body = plan_text(p, "%s", strbuf_cstr(&made));
        } else {
            (void)err_set(err, ERR_PROTO, "the CronJob has no template of a Job");
        }
    }
    strbuf_clear(&text);
    strbuf_clear(&made);
    return body;
}

/* How long it takes, and what this one does not wait for. */
static void note(struct plan *p, const struct kube_object *cron)
{
    const struct json_node *active = json_node_first(json_node_path(cron->root, "status.active"));
    const int64_t began = kube_time(cron->root, "status.lastScheduleTime"),
                  ended = kube_time(cron->root, "status.lastSuccessfulTime");
    char took[TIMETEXT_MAX];
    if (began != TIME_NONE && ended != TIME_NONE && ended > began) {
        duration_format(ended - began, took);
        plan_note(p, plan_text(p, "Its last run by schedule took %s.", took));
    }
    if (active)
        plan_warn(p,
                  plan_text(p,
                            "one runs now, Job %s: this one runs beside it, its concurrencyPolicy "
                            "(%s) is for the schedule alone",
                            json_node_path_text(active, "name", ""),
                            kube_text(cron, "spec.concurrencyPolicy")));
}

static bool add_step(struct target *t, struct plan *p, const struct kube_object *cron,
                     const struct kube_object *job, struct err *err)
{
    struct step *s = plan_step(p, job->doc ? '=' : '+',
                               plan_text(p, "Run %s as %s", kube_name(p, cron), job->name));
    const char *body = job->doc ? "" : body_of(t, p, cron, job->name, err);
    if (!body)
        return false;
    s->await_path = job->path;
    s->await = look;
    s->log_of = kube_job_log;
    s->await_s = 3600;
    if (!job->doc) {
        s->shell = plan_text(p, "%s create job --from=cronjob/%s %s", kubectl(p, t, cron->ns),
                             cron->name, job->name);
        s->deed = kube_create(p, &jobs, cron->ns, body);
        note(p, cron);
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
