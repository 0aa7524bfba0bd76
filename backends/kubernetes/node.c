/* Nodes: ready, pressures, cordon, taints; pods and what they ask for. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"
#include "base/number.h"

enum {
    NAME,
    STATUS,
    ROLES,
    PODS,
    CPU,
    MEMORY,
    KUBELET,
    DISK,
    AGE,
    TAINTS,
    ADDRESS,
    EXTERNAL,
    OS_IMAGE,
    KERNEL,
    RUNTIME,
    REQUESTED_CPU,
    REQUESTED_MEMORY,
    DISK_USED,
    DISK_SIZE,
    INODES,
    READY,
    PRESSURES,
    CORDONED,
    SINCE,
    PRESSED_SINCE,
    MESSAGE,
    CREATED,
    LABELS,
    UID,
};

/* Without those that have ended, as kubectl describe counts; these ask for nothing any more. */
static const struct fold count_pods = {FOLD_COUNT, LINK_NODE, "pod", NULL,
                                       "phase!=Succeeded,Failed"};
static const struct fold sum_cpu = {FOLD_SUM, LINK_NODE, "pod", "cpu-request", NULL};
static const struct fold sum_memory = {FOLD_SUM, LINK_NODE, "pod", "memory-request", NULL};

/* Its own file system, and that of its images where it is another. */
static const struct fold most_full = {FOLD_MAX, LINK_NODE, "filesystem", "full", NULL};
static const struct fold most_inodes = {FOLD_MAX, LINK_NODE, "filesystem", "inodes-full", NULL};
static const struct fold disk_used = {FOLD_MAX, LINK_NODE, "filesystem", "used", "of=node"};
static const struct fold disk_size = {FOLD_MAX, LINK_NODE, "filesystem", "size", "of=node"};

static const struct column columns[] = {
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS",
                "Ready or not, and whether pods may be scheduled, as kubectl prints it.",
                VALUE_TEXT, 14, 0, COLUMN_NOTABLE, NULL, NULL},
    [ROLES] = {"roles", "ROLES", "Roles from its node-role labels.", VALUE_TEXT, 8, 50, 0, NULL,
               NULL},
    [PODS] = {"pods", "PODS", "Pods on it that have not ended.", VALUE_COUNT, 4, 20, COLUMN_RIGHT,
              NULL, &count_pods},
    [CPU] = {"cpu", "CPU", "Cores that pods may use.", VALUE_QUANTITY, 5, 40, COLUMN_RIGHT, NULL,
             NULL},
    [MEMORY] = {"memory", "MEMORY", "Memory that pods may use.", VALUE_BYTES, 6, 40, COLUMN_RIGHT,
                NULL, NULL},
    [KUBELET] = {"version", "VERSION", "Version of its kubelet.", VALUE_TEXT, 10, 30,
                 COLUMN_NOTABLE, NULL, NULL},
    [DISK] = {"disk-full", "DISK", "Share of its disk that is not available any more.", VALUE_RATIO,
              5, 35, COLUMN_RIGHT, NULL, &most_full},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [TAINTS] = {"taints", "TAINTS", "What keeps pods away.", VALUE_LIST, 20, 60, COLUMN_NOTABLE,
                NULL, NULL},
    [ADDRESS] = {"address", "ADDRESS", "Its internal address.", VALUE_TEXT, 12, 70, COLUMN_WIDE,
                 NULL, NULL},
    [EXTERNAL] = {"external-ip", "EXTERNAL-IP", "Its external address.", VALUE_TEXT, 12, 75,
                  COLUMN_WIDE, NULL, NULL},
    [OS_IMAGE] = {"os", "OS", "Its operating system.", VALUE_TEXT, 20, 80, COLUMN_WIDE, NULL, NULL},
    [KERNEL] = {"kernel", "KERNEL", "Its kernel.", VALUE_TEXT, 16, 81, COLUMN_WIDE, NULL, NULL},
    [RUNTIME] = {"runtime", "RUNTIME", "Its container runtime.", VALUE_TEXT, 20, 80, COLUMN_WIDE,
                 NULL, NULL},
    [REQUESTED_CPU] = {"cpu-requested", "CPU-REQ", "Cores that its pods ask for.", VALUE_QUANTITY,
                       7, 45, COLUMN_RIGHT | COLUMN_WIDE, NULL, &sum_cpu},
    [REQUESTED_MEMORY] = {"memory-requested", "MEM-REQ", "Memory that its pods ask for.",
                          VALUE_BYTES, 7, 45, COLUMN_RIGHT | COLUMN_WIDE, NULL, &sum_memory},
    [DISK_USED] = {"disk-used", "DISK-USED", "Bytes of its own file system that are used.",
                   VALUE_BYTES, 9, 47, COLUMN_RIGHT | COLUMN_WIDE, NULL, &disk_used},
    [DISK_SIZE] = {"disk-size", "DISK-SIZE", "The size of its own file system.", VALUE_BYTES, 9, 48,
                   COLUMN_RIGHT | COLUMN_WIDE, NULL, &disk_size},
    [INODES] = {"inodes-full", "INODES", "Share of its inodes that is used.", VALUE_RATIO, 6, 49,
                COLUMN_RIGHT | COLUMN_WIDE, NULL, &most_inodes},
    [READY] = {"ready", "READY", "Its Ready condition: True, False, Unknown.", VALUE_TEXT, 7, 90,
               COLUMN_HIDDEN, NULL, NULL},
    [PRESSURES] = {"pressures", "PRESSURES", "Conditions that are not as they should be.",
                   VALUE_LIST, 12, 90, COLUMN_HIDDEN, NULL, NULL},
    [CORDONED] = {"cordoned", "CORDONED", "No new pods are scheduled on it.", VALUE_BOOL, 5, 90,
                  COLUMN_HIDDEN, NULL, NULL},
    [SINCE] = {"ready-since", "READY-SINCE", "When Ready last changed.", VALUE_INSTANT, 5, 90,
               COLUMN_HIDDEN, NULL, NULL},
    [PRESSED_SINCE] = {"pressed-since", "PRESSED-SINCE", "Since when the first of its pressures.",
                       VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What is said of what is wrong with it.", VALUE_TEXT, 30, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static struct span roles_of(struct kube_object *o)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    struct json_iter it;
    struct json_value key, v;
    struct span roles = {"", 0};
    for (json_iter_init(&it, o->labels); json_next(&it, &key, &v);) {
        struct span label = object_text(o, key);
        struct span role = span_starts(label, prefix)
                               ? span_sub(label, sizeof(prefix) - 1, label.len)
                           : span_is(label, "kubernetes.io/role") ? object_text(o, v)
                                                                  : (struct span){"", 0};
        if (!role.len || span_lists(roles, ',', role))
            continue;
        roles = roles.len ? object_format(o, "%.*s,%.*s", SPAN_ARG(roles), SPAN_ARG(role)) : role;
    }
    return roles;
}

/* Well when True: Ready, what the agents of others call ready (EKS), and K3s's
 * word on etcd. All others are well when False [concepts/architecture/nodes]. */
static bool is_good(struct span type)
{
    return span_ends(type, "Ready") || span_is(type, "EtcdIsVoter");
}

/* message: NULL, or set to what the first of them says. */
static struct span pressures_of(struct kube_object *o, struct span *message, int64_t *since_ms)
{
    struct json_iter it;
    struct json_value condition;
    struct span list = {"", 0};
    for (json_iter_init(&it, json_get(o->status, "conditions"));
         json_next(&it, NULL, &condition);) {
        struct span type = object_text(o, json_get(condition, "type"));
        bool good = is_good(type);
        if (span_is(type, "Ready") ||
            !json_is(json_get(condition, "status"), good ? "False" : "True"))
            continue;
        int64_t since = object_path_time(o, condition, "lastTransitionTime");
        if (*since_ms == TIME_NONE || (since != TIME_NONE && since < *since_ms))
            *since_ms = since;
        if (message && !message->len)
            *message = object_text(o, json_get(condition, "message"));
        list = object_list_add(o, list, good ? object_format(o, "not %.*s", SPAN_ARG(type)) : type);
    }
    return list;
}

static struct span taints_of(struct kube_object *o)
{
    struct json_iter it;
    struct json_value taint;
    struct span list = {"", 0};
    for (json_iter_init(&it, json_get(o->spec, "taints")); json_next(&it, NULL, &taint);) {
        struct span value = object_text(o, json_get(taint, "value"));
        list = object_list_add(o, list,
                               object_format(o, "%.*s%s%.*s:%.*s",
                                             SPAN_ARG(object_text(o, json_get(taint, "key"))),
                                             value.len ? "=" : "", SPAN_ARG(value),
                                             SPAN_ARG(object_text(o, json_get(taint, "effect")))));
    }
    return list;
}

static struct span address_of(struct kube_object *o, const char *type)
{
    struct json_iter it;
    struct json_value address;
    for (json_iter_init(&it, json_get(o->status, "addresses")); json_next(&it, NULL, &address);)
        if (json_is(json_get(address, "type"), type))
            return object_text(o, json_get(address, "address"));
    return (struct span){"", 0};
}

static void put_capacity(struct kube_object *o, struct row_writer *w)
{
    struct json_value allocatable = json_get(o->status, "allocatable");
    struct span cpu = object_text(o, json_get(allocatable, "cpu"));
    struct span memory = object_text(o, json_get(allocatable, "memory"));
    int64_t n;
    if (quantity_parse(cpu, 1000, &n))
        row_quantity(w, CPU, n, cpu);
    if (quantity_parse(memory, 1, &n))
        row_num(w, MEMORY, n);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    (void)which;
    struct condition ready;
    bool known = object_condition(o, "Ready", &ready);
    bool cordoned = object_path_true(o->spec, "unschedulable");
    const char *word = !known ? "Unknown" : span_is(ready.status, "True") ? "Ready" : "NotReady";
    struct span roles = roles_of(o), message = {"", 0};
    int64_t pressed = TIME_NONE;
    row_text(w, NAME, o->name);
    row_text(w, STATUS, object_format(o, "%s%s", word, cordoned ? ",SchedulingDisabled" : ""));
    row_text(w, ROLES, roles.len ? roles : SPAN("<none>"));
    put_capacity(o, w);
    put_text(w, KUBELET, object_path_text(o, o->status, "nodeInfo.kubeletVersion"));
    put_text(w, TAINTS, taints_of(o));
    put_text(w, ADDRESS, address_of(o, "InternalIP"));
    put_text(w, EXTERNAL, address_of(o, "ExternalIP"));
    put_text(w, KERNEL, object_path_text(o, o->status, "nodeInfo.kernelVersion"));
    put_text(w, OS_IMAGE, object_path_text(o, o->status, "nodeInfo.osImage"));
    put_text(w, RUNTIME, object_path_text(o, o->status, "nodeInfo.containerRuntimeVersion"));
    row_text(w, READY, known ? ready.status : SPAN("Unknown"));
    if (known && !span_is(ready.status, "True"))
        message = ready.message;
    put_text(w, PRESSURES, pressures_of(o, message.len ? NULL : &message, &pressed));
    put_time(w, PRESSED_SINCE, pressed);
    put_text(w, MESSAGE, message);
    row_num(w, CORDONED, cordoned);
    put_time(w, SINCE, ready.since_ms);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
}

#define FILLING_SHARE 0.85 /* kubelets evict from 0.9 on [reference/node pressure eviction] */

enum { RULE_NOT_READY, RULE_UNKNOWN, RULE_PRESSURE, RULE_CORDONED, RULE_DISK };

static const struct rule rules[] = {
    [RULE_NOT_READY] = {"node-not-ready", "The kubelet says that the node is not ready: critical.",
                        .since = SINCE},
    [RULE_UNKNOWN] = {"node-unknown",
                      "The kubelet has not reported for 40 s (Ready is Unknown): critical.",
                      .since = SINCE},
    [RULE_PRESSURE] = {"node-pressure",
                       "Disk, memory or PIDs run out, or the network is not there: warning.",
                       .since = PRESSED_SINCE},
    [RULE_CORDONED] = {"node-cordoned", "No new pods are scheduled on it: notice."},
    [RULE_DISK] = {"node-disk-filling",
                   "85 % of a disk of it, or of that disk's inodes, are used: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    struct span ready = store_text(st, row, READY);
    if (span_is(ready, "Unknown"))
        return verdict_at(LEVEL_CRITICAL, RULE_UNKNOWN);
    if (!span_is(ready, "True"))
        return verdict_at(LEVEL_CRITICAL, RULE_NOT_READY);
    if (store_text(st, row, PRESSURES).len)
        return verdict_at(LEVEL_WARNING, RULE_PRESSURE);
    if (kube_share(st, row, DISK) >= FILLING_SHARE || kube_share(st, row, INODES) >= FILLING_SHARE)
        return verdict_at(LEVEL_WARNING, RULE_DISK);
    if (store_num(st, row, CORDONED, 0))
        return verdict_at(LEVEL_NOTICE, RULE_CORDONED);
    return verdict_ok();
}

static void add_disk(const struct store *st, struct handle row, struct strbuf *out)
{
    double full = kube_share(st, row, DISK), inodes = kube_share(st, row, INODES);
    char share[NUMBER_TEXT_MAX];
    number_format_percent(inodes > full ? inodes : full, share);
    strbuf_addf(out, "%s of its disk%s used", share, inodes > full ? "'s inodes are" : " is");
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct value pressures = store_cell(st, row, PRESSURES, 0);
    int64_t since = store_num(st, row, SINCE, TIME_NONE);
    switch (v->rule) {
    case RULE_NOT_READY:
        strbuf_adds(out, "not ready");
        sentence_for(out, since, now_ms);
        sentence_cause(out, store_text(st, row, MESSAGE));
        break;
    case RULE_UNKNOWN:
        strbuf_adds(out, "its kubelet has not reported");
        sentence_for(out, since, now_ms);
        sentence_cause(out, store_text(st, row, MESSAGE));
        break;
    case RULE_PRESSURE:
        value_format(&pressures, out);
        sentence_cause(out, store_text(st, row, MESSAGE));
        break;
    case RULE_DISK:
        add_disk(st, row, out);
        break;
    case RULE_CORDONED:
        strbuf_adds(out, "cordoned: no new pods");
        sentence_event(out, st, row);
        break;
    }
}

const struct kind kind_node = {
    .name = "node",
    .plural = "nodes",
    .aliases = "no",
    .title = "Nodes",
    .help = "Machines of the cluster.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "filesystem",
    .sort = "level desc,name",
};

const struct kube_kind kube_node = {
    .kind = &kind_node,
    .resources = {{"", "v1", "nodes"}},
    .types = {"Node"},
    .parse = parse,
};
