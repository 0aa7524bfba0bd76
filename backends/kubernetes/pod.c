/* Pods: what kubectl says of them, their last death, what they ask for. */
#include <config.h>

#include "backends/kubernetes/pod.h"

#include "backends/kubernetes/pod_links.h"
#include "backends/kubernetes/pod_status.h"

#include <stdio.h>

static const struct column columns[] = {
    [POD_NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [POD_NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 40, 0, COLUMN_IDENT, NULL, NULL},
    [POD_READY] = {"ready", "READY", "Containers that are ready, of all.", VALUE_TEXT, 5, 0,
                   COLUMN_NOTABLE, NULL, NULL},
    [POD_STATUS] = {"status", "STATUS", "What kubectl prints: the phase, or why it is not running.",
                    VALUE_TEXT, 16, 0, COLUMN_NOTABLE, NULL, NULL},
    [POD_RESTARTS] = {"restarts", "RST", "Restarts of its containers.", VALUE_COUNT, 3, 5,
                      COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [POD_DEATH] = {"last-death", "LAST DEATH", "Why a container last ended: reason and exit code.",
                   VALUE_TEXT, 14, 30, 0, NULL, NULL},
    [POD_LAST_RESTART] = {"last-restart", "RST AGO", "Since a container was last restarted.",
                          VALUE_DURATION, 7, 35, COLUMN_RIGHT | COLUMN_WIDE, "restarted", NULL},
    [POD_AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [POD_IP] = {"ip", "IP", "Its address.", VALUE_TEXT, 15, 70, COLUMN_WIDE | COLUMN_ALONE, NULL,
                NULL},
    [POD_NODE] = {"node", "NODE", "The node it runs on.", VALUE_TEXT, 20, 60, COLUMN_WIDE, NULL,
                  NULL},
    [POD_OWNER] = {"owner", "OWNER", "What made it.", VALUE_TEXT, 24, 65, COLUMN_WIDE, NULL, NULL},
    [POD_NOMINATED] = {"nominated-node", "NOMINATED NODE",
                       "The node where others are ended to make room for it.", VALUE_TEXT, 14, 68,
                       COLUMN_WIDE, NULL, NULL},
    [POD_GATES] = {"readiness-gates", "READINESS GATES", "Readiness gates that are open, of all.",
                   VALUE_TEXT, 5, 69, COLUMN_WIDE, NULL, NULL},
    [POD_CPU_REQUEST] = {"cpu-request", "CPU-REQ",
                         "Cores it asks for, as the scheduler counts; none once it has ended.",
                         VALUE_QUANTITY, 6, 66, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [POD_CPU_LIMIT] = {"cpu-limit", "CPU-LIM", "Cores it may use.", VALUE_QUANTITY, 6, 67,
                       COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [POD_MEMORY_REQUEST] = {"memory-request", "MEM-REQ", "Memory it asks for.", VALUE_BYTES, 6, 66,
                            COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [POD_MEMORY_LIMIT] = {"memory-limit", "MEM-LIM", "Memory at which it is killed.", VALUE_BYTES,
                          6, 67, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [POD_IMAGES] = {"images", "IMAGES", "Images of its containers.", VALUE_LIST, 30, 80,
                    COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [POD_IMAGE_IDS] = {"image-ids", "IMAGE-IDS",
                       "The id of each, as the kubelet has it; - while it has none.", VALUE_LIST,
                       30, 85, COLUMN_HIDDEN, NULL, NULL},
    [POD_CONTAINERS] = {"containers", "CONTAINERS",
                        "Names of its containers, init containers last.", VALUE_LIST, 20, 85,
                        COLUMN_HIDDEN, NULL, NULL},
    [POD_QOS] = {"qos", "QOS", "Quality of service class.", VALUE_TEXT, 10, 86, COLUMN_HIDDEN, NULL,
                 NULL},
    [POD_PHASE] = {"phase", "PHASE", "Its phase.", VALUE_TEXT, 9, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_READY_NOW] = {"ready-now", "READY-NOW", "Its Ready condition.", VALUE_BOOL, 5, 86,
                       COLUMN_HIDDEN, NULL, NULL},
    [POD_READY_SINCE] = {"ready-since", "READY-SINCE", "When Ready last changed.", VALUE_INSTANT, 5,
                         86, COLUMN_HIDDEN, NULL, NULL},
    [POD_EXIT_CODE] = {"exit-code", "EXIT", "Exit code of the last death.", VALUE_COUNT, 4, 86,
                       COLUMN_HIDDEN, NULL, NULL},
    [POD_DIED] = {"died", "DIED", "When a container last ended.", VALUE_INSTANT, 5, 86,
                  COLUMN_HIDDEN, NULL, NULL},
    [POD_RESTARTED] = {"restarted", "RESTARTED", "When a container was last restarted.",
                       VALUE_INSTANT, 5, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_STARTED] = {"started", "STARTED", "When the container that has run longest was started.",
                     VALUE_INSTANT, 5, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_HELD_BACK] = {"held-back", "HELD-BACK",
                       "When a container last ran again after it was held back for crashing.",
                       VALUE_INSTANT, 5, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_SCHEDULED] = {"scheduled", "SCHEDULED", "Whether it has a node: True, False.", VALUE_TEXT,
                       5, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_REASON] = {"message", "MESSAGE",
                    "What the scheduler, the waiting container or the kubelet says.", VALUE_TEXT,
                    40, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_DEATH_SAYS] = {"death-message", "DEATH-MESSAGE",
                        "What the container that last ended has left as its message.", VALUE_TEXT,
                        40, 86, COLUMN_HIDDEN, NULL, NULL},
    [POD_CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [POD_DELETED] = {"deleted", "DELETED", "When it should be gone.", VALUE_INSTANT, 5, 90,
                     COLUMN_HIDDEN, NULL, NULL},
    [POD_LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [POD_UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void put_quantity(struct kube_object *o, struct row_writer *w, size_t column, int64_t milli)
{
    if (milli < 0)
        return;
    bool whole = milli % 1000 == 0;
    row_quantity(
        w, column, milli,
        object_format(o, whole ? "%lld" : "%lldm", (long long)(whole ? milli / 1000 : milli)));
}

static void put_resources(struct kube_object *o, struct row_writer *w)
{
    struct json_value phase = json_get(o->status, "phase");
    int64_t asks[POD_ASKS];
    if (json_is(phase, "Succeeded") || json_is(phase, "Failed"))
        return;
    pod_asks(o, asks);
    put_quantity(o, w, POD_CPU_REQUEST, asks[POD_ASKS_CPU]);
    put_quantity(o, w, POD_CPU_LIMIT, asks[POD_ASKS_CPU_LIMIT]);
    if (asks[POD_ASKS_MEMORY] >= 0)
        row_num(w, POD_MEMORY_REQUEST, asks[POD_ASKS_MEMORY]);
    if (asks[POD_ASKS_MEMORY_LIMIT] >= 0)
        row_num(w, POD_MEMORY_LIMIT, asks[POD_ASKS_MEMORY_LIMIT]);
}

/* What the kubelet says of a container [core/v1 ContainerStatus.imageID]. */
static struct span image_id(struct kube_object *o, struct span container)
{
    struct json_iter it;
    struct json_value status;
    for (json_iter_init(&it, json_get(o->status, "containerStatuses"));
         json_next(&it, NULL, &status);)
        if (span_eq(object_text(o, json_get(status, "name")), container))
            return object_entry(o, status, "imageID");
    return span_make("", 0);
}

static void put_containers(struct kube_object *o, struct row_writer *w)
{
    static const char *const lists[] = {"containers", "initContainers"};
    struct span images = {"", 0}, names = {"", 0}, ids = {"", 0};
    for (size_t i = 0; i < BN_COUNT(lists); i++) {
        struct json_iter it;
        struct json_value c;
        for (json_iter_init(&it, json_get(o->spec, lists[i])); json_next(&it, NULL, &c);) {
            struct span name = object_text(o, json_get(c, "name"));
            names = object_list_add(o, names, name);
            if (i > 0)
                continue;
            struct span image = object_text(o, json_get(c, "image")), id = image_id(o, name);
            ids = object_list_add(o, ids, id.len ? id : SPAN("-")); /* lists go side by side */
            images = object_list_add(o, images, image);
        }
    }
    put_text(w, POD_IMAGES, images);
    put_text(w, POD_IMAGE_IDS, ids);
    put_text(w, POD_CONTAINERS, names);
}

/* What keeps it from being ready or from running, by whoever knows. */
static struct span reason_of(struct kube_object *o, const struct pod_status *s, struct span phase,
                             const struct condition *scheduled, const struct condition *ready)
{
    struct span why = s->waiting;
    if (!why.len && scheduled->status.len && !span_is(scheduled->status, "True"))
        why = scheduled->message;
    if (!why.len)
        why = object_entry(o, o->status, "message");
    if (!why.len && span_is(phase, "Running") && !span_is(ready->status, "True"))
        why = ready->message;
    return why;
}

static void put_death(struct kube_object *o, struct row_writer *w, const struct pod_status *s)
{
    if (!s->death.len)
        return;
    bool told = span_starts(s->death, "ExitCode:");
    row_num(w, POD_EXIT_CODE, s->exit_code);
    row_text(w, POD_DEATH,
             told ? s->death
                  : object_format(o, "%.*s %lld", SPAN_ARG(s->death), (long long)s->exit_code));
    put_text(w, POD_DEATH_SAYS, s->death_says);
}

static void put_state(struct kube_object *o, struct row_writer *w, const struct pod_status *s)
{
    struct condition ready, scheduled;
    struct span phase = object_entry(o, o->status, "phase");
    (void)object_condition(o, "PodScheduled", &scheduled);
    row_text(w, POD_READY, object_format(o, "%lld/%lld", (long long)s->ready, (long long)s->total));
    put_text(w, POD_STATUS, s->status);
    row_num(w, POD_RESTARTS, s->restarts);
    put_death(o, w, s);
    put_text(w, POD_PHASE, phase);
    if (object_condition(o, "Ready", &ready)) {
        row_num(w, POD_READY_NOW, span_is(ready.status, "True"));
        put_time(w, POD_READY_SINCE, ready.since_ms);
    }
    put_time(w, POD_DIED, s->died_ms);
    put_time(w, POD_RESTARTED, s->restarted_ms);
    put_time(w, POD_STARTED, s->started_ms);
    put_time(w, POD_HELD_BACK, s->held_back_ms);
    put_text(w, POD_SCHEDULED, scheduled.status);
    put_text(w, POD_REASON, reason_of(o, s, phase, &scheduled, &ready));
}

/* "1/2" [kubernetes pkg/printers/internalversion/printers.go printPod] */
static struct span gates_of(struct kube_object *o)
{
    struct json_iter it;
    struct json_value gate;
    struct condition c;
    char type[320];
    long long open = 0, all = 0;
    for (json_iter_init(&it, json_get(o->spec, "readinessGates")); json_next(&it, NULL, &gate);) {
        struct span name = object_text(o, json_get(gate, "conditionType"));
        (void)snprintf(type, sizeof(type), "%.*s", SPAN_ARG(name));
        open += object_condition(o, type, &c) && span_is(c.status, "True");
        all++;
    }
    return all ? object_format(o, "%lld/%lld", open, all) : (struct span){"", 0};
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct pod_status s;
    (void)which;
    pod_status(o, &s);
    row_text(w, POD_NAMESPACE, o->ns);
    row_text(w, POD_NAME, o->name);
    put_state(o, w, &s);
    put_text(w, POD_IP, object_entry(o, o->status, "podIP"));
    put_text(w, POD_NODE, object_entry(o, o->spec, "nodeName"));
    if (o->owner_name.len)
        row_text(w, POD_OWNER,
                 object_format(o, "%.*s/%.*s", SPAN_ARG(o->owner_kind), SPAN_ARG(o->owner_name)));
    put_text(w, POD_NOMINATED, object_entry(o, o->status, "nominatedNodeName"));
    put_text(w, POD_GATES, gates_of(o));
    put_resources(o, w);
    put_containers(o, w);
    put_text(w, POD_QOS, object_entry(o, o->status, "qosClass"));
    put_time(w, POD_CREATED, o->created_ms);
    put_time(w, POD_DELETED, o->deleted_ms);
    put_text(w, POD_LABELS, object_pairs(o, o->labels));
    put_text(w, POD_UID, o->uid);
    pod_links(o, w);
}

const struct kind kind_pod = {
    .name = "pod",
    .plural = "pods",
    .aliases = "po",
    .title = "Pods",
    .help = "Pods: one or more containers on a node.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = pod_rules,
    .nrules = POD_RULES,
    .judge = pod_judge,
    .says = pod_says,
    .sort = "level desc,namespace,name",
    .containers_log = "pod",
};

const struct kube_kind kube_pod = {
    .kind = &kind_pod,
    .resources = {{"", "v1", "pods"}},
    .types = {"Pod"},
    .parse = parse,
};
