/* A pod's status as kubectl prints it [kubernetes
 * pkg/printers/internalversion/printers.go printPod]. */
#include <config.h>

#include "backends/kubernetes/pod_status.h"

#define BACK_OFF_MS 10000

struct count {
    int64_t restarts, restarted_ms;
    int64_t sidecar_restarts, sidecar_restarted_ms; /* of restartable init containers */
};

static void later(int64_t *at, int64_t ms)
{
    if (ms != TIME_NONE && (*at == TIME_NONE || ms > *at))
        *at = ms;
}

/* An init container that is restarted for ever: a sidecar. */
static bool is_sidecar(struct kube_object *o, struct span name)
{
    struct json_iter it;
    struct json_value container;
    for (json_iter_init(&it, json_get(o->spec, "initContainers"));
         json_next(&it, NULL, &container);)
        if (span_eq(object_text(o, json_get(container, "name")), name))
            return json_is(json_get(container, "restartPolicy"), "Always");
    return false;
}

static int64_t sidecars(struct kube_object *o)
{
    struct json_iter it;
    struct json_value container;
    int64_t n = 0;
    for (json_iter_init(&it, json_get(o->spec, "initContainers"));
         json_next(&it, NULL, &container);)
        n += json_is(json_get(container, "restartPolicy"), "Always");
    return n;
}

/* "Signal:9" or "ExitCode:1" of an end without a reason. */
static struct span end_of(struct kube_object *o, struct json_value terminated, const char *before)
{
    struct span reason = object_text(o, json_get(terminated, "reason"));
    int64_t signal = object_path_int(terminated, "signal", 0);
    if (reason.len)
        return object_format(o, "%s%.*s", before, SPAN_ARG(reason));
    if (signal)
        return object_format(o, "%sSignal:%lld", before, (long long)signal);
    return object_format(o, "%sExitCode:%lld", before,
                         (long long)object_path_int(terminated, "exitCode", 0));
}

/* The latest of all ends that the statuses tell of, present and last. */
static void note_death(struct kube_object *o, struct json_value status, struct pod_status *out)
{
    static const char *const paths[] = {"lastState.terminated", "state.terminated"};
    for (size_t i = 0; i < BN_COUNT(paths); i++) {
        struct json_value end = json_path(status, paths[i]);
        if (end.type != JSON_OBJECT)
            continue;
        int64_t when = object_path_time(o, end, "finishedAt");
        int64_t code = object_path_int(end, "exitCode", 0);
        if (code == 0 && i == 1) /* completed, as it should */
            continue;
        if (out->died_ms != TIME_NONE && (when == TIME_NONE || when < out->died_ms))
            continue;
        out->died_ms = when;
        out->exit_code = code;
        out->death = end_of(o, end, "");
        out->death_says = object_entry(o, end, "message");
    }
}

/* The first crash is followed by a restart at once, each later one by a wait of
 * 10 s and more [kubernetes pkg/kubelet backOffPeriod]. That a machine went down
 * is no crash: the kubelet then knows no reason, or 255. */
static void note_back_off(struct kube_object *o, struct json_value status, struct pod_status *out)
{
    struct json_value end = json_path(status, "lastState.terminated");
    if (end.type != JSON_OBJECT || object_path_int(end, "exitCode", 0) == 255)
        return;
    int64_t began = object_path_time(o, status, "state.running.startedAt");
    int64_t ended = object_path_time(o, end, "finishedAt");
    if (began != TIME_NONE && ended != TIME_NONE && began - ended >= BACK_OFF_MS)
        later(&out->held_back_ms, began);
}

static void note_start(struct kube_object *o, struct json_value status, struct pod_status *out)
{
    int64_t when = object_path_time(o, status, "state.running.startedAt");
    if (when != TIME_NONE && (out->started_ms == TIME_NONE || when < out->started_ms))
        out->started_ms = when;
}

static void count_restarts(struct kube_object *o, struct json_value status, int64_t *restarts,
                           int64_t *when)
{
    *restarts += object_path_int(status, "restartCount", 0);
    later(when, object_path_time(o, status, "lastState.terminated.finishedAt"));
}

/* One init container; true when it holds the others back. */
static bool init_status(struct kube_object *o, struct json_value status, int64_t index,
                        struct pod_status *out, struct count *n)
{
    bool sidecar = is_sidecar(o, object_text(o, json_get(status, "name")));
    struct json_value ended = json_path(status, "state.terminated");
    struct span waiting = object_path_text(o, status, "state.waiting.reason");
    count_restarts(o, status, &n->restarts, &n->restarted_ms);
    if (sidecar)
        count_restarts(o, status, &n->sidecar_restarts, &n->sidecar_restarted_ms);
    if (ended.type == JSON_OBJECT && object_path_int(ended, "exitCode", -1) == 0)
        return false;
    if (sidecar && object_path_true(status, "started")) {
        out->ready += object_path_true(status, "ready");
        return false;
    }
    if (ended.type == JSON_OBJECT) {
        out->status = end_of(o, ended, "Init:");
    } else if (waiting.len && !span_is(waiting, "PodInitializing")) {
        out->status = object_format(o, "Init:%.*s", SPAN_ARG(waiting));
        out->waiting = object_path_text(o, status, "state.waiting.message");
    } else {
        out->status = object_format(o, "Init:%lld/%zu", (long long)index,
                                    json_count(json_get(o->spec, "initContainers")));
    }
    return true;
}

static bool init_statuses(struct kube_object *o, struct pod_status *out, struct count *n)
{
    struct json_iter it;
    struct json_value status;
    int64_t index = 0;
    bool initializing = false;
    for (json_iter_init(&it, json_get(o->status, "initContainerStatuses"));
         json_next(&it, NULL, &status); index++) {
        note_death(o, status, out);
        if (!initializing)
            initializing = init_status(o, status, index, out, n);
    }
    return initializing;
}

/* One container's say; true: it runs and is ready. failed: the word of one that
 * has ended badly. */
static bool container_status(struct kube_object *o, struct json_value status,
                             struct pod_status *out, struct span *failed)
{
    struct span waiting = object_path_text(o, status, "state.waiting.reason");
    struct json_value ended = json_path(status, "state.terminated");
    if (waiting.len) {
        out->status = waiting;
        out->waiting = object_path_text(o, status, "state.waiting.message");
    } else if (ended.type == JSON_OBJECT) {
        out->status = end_of(o, ended, "");
        if (object_path_int(ended, "exitCode", 0))
            *failed = out->status;
    } else {
        return object_path_true(status, "ready") &&
               json_path(status, "state.running").type == JSON_OBJECT;
    }
    return false;
}

#define CONTAINERS_MAX 256

/* One that is done does not hide what the others do [kubernetes pull 124766]. */
static struct span behind_completed(struct kube_object *o, bool running, struct span failed)
{
    struct condition ready;
    bool is_ready = object_condition(o, "Ready", &ready) && span_is(ready.status, "True");
    if (running && is_ready)
        return SPAN("Running");
    if (failed.len)
        return failed;
    return running ? SPAN("NotReady") : SPAN("Completed");
}

/* From the last to the first: the first one's word counts. */
static void container_statuses(struct kube_object *o, struct pod_status *out, struct count *n)
{
    struct json_value all[CONTAINERS_MAX], status;
    struct json_iter it;
    struct span failed = {"", 0};
    size_t count = 0;
    bool running = false;
    n->restarts = n->sidecar_restarts;
    n->restarted_ms = n->sidecar_restarted_ms;
    for (json_iter_init(&it, json_get(o->status, "containerStatuses"));
         json_next(&it, NULL, &status);)
        if (count < CONTAINERS_MAX)
            all[count++] = status;
    while (count--) {
        note_death(o, all[count], out);
        note_back_off(o, all[count], out);
        count_restarts(o, all[count], &n->restarts, &n->restarted_ms);
        note_start(o, all[count], out);
        if (container_status(o, all[count], out, &failed)) {
            running = true;
            out->ready++;
        }
    }
    if (span_is(out->status, "Completed"))
        out->status = behind_completed(o, running, failed);
}

void pod_status(struct kube_object *o, struct pod_status *out)
{
    struct span phase = object_entry(o, o->status, "phase");
    struct span reason = object_entry(o, o->status, "reason");
    struct count n = {.restarted_ms = TIME_NONE, .sidecar_restarted_ms = TIME_NONE};
    struct condition condition;
    *out = (struct pod_status){.status = reason.len ? reason : phase,
                               .restarted_ms = TIME_NONE,
                               .started_ms = TIME_NONE,
                               .died_ms = TIME_NONE,
                               .held_back_ms = TIME_NONE};
    out->total = (int64_t)json_count(json_get(o->spec, "containers")) + sidecars(o);
    if (object_condition(o, "PodScheduled", &condition) &&
        span_is(condition.reason, "SchedulingGated"))
        out->status = SPAN("SchedulingGated");
    bool initializing = init_statuses(o, out, &n);
    bool initialized =
        object_condition(o, "Initialized", &condition) && span_is(condition.status, "True");
    if (!initializing || initialized)
        container_statuses(o, out, &n);
    if (o->deleted_ms != TIME_NONE && span_is(reason, "NodeLost"))
        out->status = SPAN("Unknown");
    else if (o->deleted_ms != TIME_NONE && !span_is(phase, "Failed") &&
             !span_is(phase, "Succeeded"))
        out->status = SPAN("Terminating");
    out->restarts = n.restarts;
    out->restarted_ms = n.restarted_ms;
}
