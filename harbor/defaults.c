/* What an API server adds to objects that it takes in. */
#include <config.h>

#include "harbor/defaults.h"

#include <string.h>

static cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

void json_set_text(cJSON *object, const char *key, const char *text)
{
    cJSON *value = cJSON_CreateString(text);
    if (member(object, key))
        (void)cJSON_ReplaceItemInObjectCaseSensitive(object, key, value);
    else
        (void)cJSON_AddItemToObject(object, key, value);
}

/* Takes value: added, or freed when there is one already. */
static void add_missing(cJSON *object, const char *key, cJSON *value)
{
    if (!cJSON_IsObject(object) || member(object, key))
        cJSON_Delete(value);
    else
        (void)cJSON_AddItemToObject(object, key, value);
}

/* Merge sort of the members of an object by key. */
static cJSON *merged(cJSON *a, cJSON *b)
{
    cJSON first = {0}, *last = &first;
    while (a && b) {
        cJSON **from = strcmp(a->string, b->string) <= 0 ? &a : &b;
        last->next = *from;
        last = *from;
        *from = last->next;
    }
    last->next = a ? a : b;
    return first.next;
}

static cJSON *sorted(cJSON *list, size_t n)
{
    if (n < 2)
        return list;
    cJSON *middle = list;
    for (size_t i = 1; i < n / 2; i++)
        middle = middle->next;
    cJSON *rest = middle->next;
    middle->next = NULL;
    return merged(sorted(list, n / 2), sorted(rest, n - n / 2));
}

/* cJSON keeps the last member in the first one's prev. */
void json_order_keys(cJSON *json)
{
    cJSON *child, *before = NULL;
    cJSON_ArrayForEach(child, json) json_order_keys(child);
    if (!cJSON_IsObject(json) || !json->child)
        return;
    json->child->prev->next = NULL;
    cJSON *first = sorted(json->child, (size_t)cJSON_GetArraySize(json));
    for (child = first; child; before = child, child = child->next)
        child->prev = before;
    bn_assert(first);
    first->prev = before;
    json->child = first;
}

/* Admission DefaultTolerationSeconds: a toleration of 300 s unless one matches. */
static void tolerate(cJSON *tolerations, const char *key)
{
    const cJSON *t;
    cJSON_ArrayForEach(t, tolerations)
    {
        const char *k = cJSON_GetStringValue(member(t, "key"));
        const char *effect = cJSON_GetStringValue(member(t, "effect"));
        if ((!k || strcmp(k, key) == 0) && (!effect || strcmp(effect, "NoExecute") == 0))
            return;
    }
    cJSON *added = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(added, "key", key);
    (void)cJSON_AddStringToObject(added, "operator", "Exists");
    (void)cJSON_AddStringToObject(added, "effect", "NoExecute");
    (void)cJSON_AddNumberToObject(added, "tolerationSeconds", 300);
    (void)cJSON_AddItemToArray(tolerations, added);
}

/* On the host's network a container port is the host's too. */
static void add_host_ports(cJSON *spec)
{
    cJSON *container, *port;
    if (!cJSON_IsTrue(member(spec, "hostNetwork")))
        return;
    cJSON_ArrayForEach(container, member(spec, "containers"))
    {
        cJSON_ArrayForEach(port, member(container, "ports"))
        {
            const cJSON *number = member(port, "containerPort");
            add_missing(port, "hostPort", cJSON_CreateNumber(number ? number->valuedouble : 0));
        }
    }
}

/* The nodes' labels that admission PodTopologyLabels copies. All of the
 * platform's nodes stand in one zone. */
static void add_topology(cJSON *metadata)
{
    add_missing(metadata, "labels", cJSON_CreateObject());
    cJSON *labels = member(metadata, "labels");
    add_missing(labels, "topology.kubernetes.io/region", cJSON_CreateString("us-central-dfw-1"));
    add_missing(labels, "topology.kubernetes.io/zone", cJSON_CreateString("nova"));
}

/* [API reference, Container]: what a container has when nothing is said. */
static void complete_container(cJSON *container)
{
    const char *image = cJSON_GetStringValue(member(container, "image"));
    const char *slash = image ? strrchr(image, '/') : NULL, *name = slash ? slash : image;
    const char *tag = name ? strrchr(name, ':') : NULL;
    bool latest = !tag || strcmp(tag, ":latest") == 0;
    add_missing(container, "resources", cJSON_CreateObject());
    add_missing(container, "terminationMessagePath", cJSON_CreateString("/dev/termination-log"));
    add_missing(container, "terminationMessagePolicy", cJSON_CreateString("File"));
    add_missing(container, "imagePullPolicy",
                cJSON_CreateString(latest ? "Always" : "IfNotPresent"));
}

/* A class of the two that every cluster has [kubernetes.io: pod priority]. */
static double priority_of(const cJSON *spec)
{
    const char *name = cJSON_GetStringValue(member(spec, "priorityClassName"));
    if (name && strcmp(name, "system-node-critical") == 0)
        return 2000001000;
    return name && strcmp(name, "system-cluster-critical") == 0 ? 2000000000 : 0;
}

/* Guaranteed and Burstable are the scheduler's arithmetic, which is not done here. */
static bool asks_for_resources(const cJSON *spec)
{
    const cJSON *container;
    cJSON_ArrayForEach(container, member(spec, "containers"))
    {
        const cJSON *asked = member(container, "resources");
        if (member(asked, "requests") || member(asked, "limits"))
            return true;
    }
    return false;
}

static void complete_spec(cJSON *spec)
{
    cJSON *container;
    cJSON_ArrayForEach(container, member(spec, "containers")) complete_container(container);
    add_missing(spec, "restartPolicy", cJSON_CreateString("Always"));
    add_missing(spec, "terminationGracePeriodSeconds", cJSON_CreateNumber(30));
    add_missing(spec, "dnsPolicy", cJSON_CreateString("ClusterFirst"));
    add_missing(spec, "securityContext", cJSON_CreateObject());
    add_missing(spec, "schedulerName", cJSON_CreateString("default-scheduler"));
    add_missing(spec, "tolerations", cJSON_CreateArray());
    tolerate(member(spec, "tolerations"), "node.kubernetes.io/not-ready");
    tolerate(member(spec, "tolerations"), "node.kubernetes.io/unreachable");
    add_missing(spec, "priority", cJSON_CreateNumber(priority_of(spec)));
    add_missing(spec, "enableServiceLinks", cJSON_CreateTrue());
    add_missing(spec, "preemptionPolicy", cJSON_CreateString("PreemptLowerPriority"));
}

static void complete_pod(cJSON *json)
{
    cJSON *spec = member(json, "spec");
    if (!cJSON_IsObject(spec))
        return;
    if (member(spec, "nodeName"))
        add_topology(member(json, "metadata"));
    add_host_ports(spec);
    complete_spec(spec);
    add_missing(json, "status", cJSON_CreateObject());
    add_missing(member(json, "status"), "phase", cJSON_CreateString("Pending"));
    if (!asks_for_resources(spec))
        add_missing(member(json, "status"), "qosClass", cJSON_CreateString("BestEffort"));
}

/* A typed list that is empty is not printed [recorded/023]. */
static void complete_node(cJSON *json)
{
    cJSON *status = member(json, "status");
    if (cJSON_GetArraySize(member(status, "volumesInUse")) == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(status, "volumesInUse");
}

/* The default of its schema [recorded/087]. */
static void complete_cluster(cJSON *json)
{
    add_missing(member(member(json, "spec"), "backup"), "runningDeadlineSeconds",
                cJSON_CreateNumber(1200));
}

static const struct {
    const char *kind;
    void (*complete)(cJSON *json);
} kinds[] = {
    {"Pod", complete_pod},
    {"Node", complete_node},
    {"PerconaXtraDBCluster", complete_cluster},
};

void defaults_add(const struct resource *r, cJSON *json)
{
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        if (strcmp(r->kind, kinds[i].kind) == 0)
            kinds[i].complete(json);
    if (strcmp(r->kind, "Event") == 0)
        add_missing(json, "eventTime", cJSON_CreateNull());
}
