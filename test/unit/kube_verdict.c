/* The verdict rules of kinds that are judged by what they say themselves. */
#include <config.h>

#include "test/unit/kube_judge.h"

/* ---- Nodes. */

static const struct verdict_case nodes[] = {
    {"ready", "node", 0, NODE("", WELL ", " CONDITION("DiskPressure", "False")), LEVEL_OK,
     .rule = NULL},
    {"not ready", "node", 0, NODE("", CONDITION("Ready", "False")), LEVEL_CRITICAL,
     "node-not-ready", "not ready"},
    {"not ready, and why", "node", 0,
     NODE("", "{type: Ready, status: 'False', reason: KubeletNotReady, message: 'container runtime"
              " network not ready: cni plugin not initialized', lastTransitionTime:"
              " '2026-02-13T08:56:00Z'}"),
     LEVEL_CRITICAL, "node-not-ready",
     "not ready for 4m: container runtime network not ready: cni plugin not initialized"},
    {"silent", "node", 0,
     NODE("", "{type: Ready, status: Unknown, message: Kubelet stopped posting node status.,"
              " lastTransitionTime: '2026-02-13T08:55:00Z'}"),
     LEVEL_CRITICAL, "node-unknown",
     "its kubelet has not reported for 5m: Kubelet stopped posting node status."},
    {"says nothing of being ready", "node", 0, NODE("", ""), LEVEL_CRITICAL, "node-unknown",
     "its kubelet has not reported"},
    {"a full disk, and what is said of it", "node", 0,
     NODE("", WELL ", {type: DiskPressure, status: 'True', message: kubelet has disk pressure}"),
     LEVEL_WARNING, "node-pressure", "DiskPressure: kubelet has disk pressure"},
    {"no memory", "node", 0, NODE("", WELL ", " CONDITION("MemoryPressure", "True")), LEVEL_WARNING,
     "node-pressure", "MemoryPressure"},
    {"no disk, no network", "node", 0,
     NODE("",
          CONDITION("DiskPressure", "True") ", " CONDITION("NetworkUnavailable", "True") ", " WELL),
     LEVEL_WARNING, "node-pressure", "DiskPressure,NetworkUnavailable"},
    {"cordoned", "node", 0, NODE(CORDONED, WELL), LEVEL_NOTICE, "node-cordoned",
     "cordoned: no new pods"},
    {"cordoned and not ready", "node", 0, NODE(CORDONED, CONDITION("Ready", "False")),
     LEVEL_CRITICAL, "node-not-ready", "not ready"},
    {"cordoned without memory", "node", 0,
     NODE(CORDONED, WELL ", " CONDITION("MemoryPressure", "True")), LEVEL_WARNING, "node-pressure",
     "MemoryPressure"},
    /* What others report is well when True: K3s, the node monitoring agent of EKS. */
    {"votes in etcd, all agents well", "node", 0,
     NODE("", WELL ", " CONDITION("EtcdIsVoter", "True") ", " CONDITION("NetworkingReady", "True")),
     LEVEL_OK, .rule = NULL},
    {"an agent says that the network is not ready", "node", 0,
     NODE("", WELL ", " CONDITION("NetworkingReady", "False")), LEVEL_WARNING, "node-pressure",
     "not NetworkingReady"},
};
CASES(nodes)

/* ---- Pods. */

#define WAITS_WITH(reason, message) "state: {waiting: {reason: " reason ", message: '" message "'}}"
#define RUNS                        "ready: true, state: {running: {}}"
#define DIED(count, reason, code, at)                                                       \
    "restartCount: " count ", lastState: {terminated: {reason: " reason ", exitCode: " code \
    ", finishedAt: '2026-02-13T" at "Z'}}"
#define SCHEDULED(reason, message)                                                              \
    "conditions: [{type: PodScheduled, status: 'False', reason: " reason ", message: '" message \
    "'}]"

#define E30 "éééééééééééééééééééééééééééééé"

static const struct verdict_case pods[] = {
    {"well", "pod", 0,
     POD(BORN("08:00:00"), "phase: Running, " READY("True", "08:01:00") ", " ONE(RUNS)), LEVEL_OK,
     .rule = NULL},
    {"done", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Succeeded, " ONE("state: {terminated: {exitCode: 0, reason: Completed}}")),
     LEVEL_OFF, .rule = NULL},
    {"crashes", "pod", 0,
     POD(BORN("08:00:00"), "phase: Running, " READY("False", "08:59:19") ", " ONE(WAITS(
                               "CrashLoopBackOff") ", " DIED("14", "Error", "1", "08:59:19"))),
     LEVEL_CRITICAL, "pod-crash-loop", "CrashLoopBackOff, last: Error 1 41s ago, 14 restarts"},
    {"no image", "pod", 0,
     POD(BORN("08:59:00"),
         "phase: Pending, " ONE(WAITS_WITH("ImagePullBackOff", "Back-off pulling image x"))),
     LEVEL_CRITICAL, "pod-image-pull", "ImagePullBackOff: Back-off pulling image x"},
    {"no Secret", "pod", 0,
     POD(BORN("08:59:00"),
         "phase: Pending, " ONE(WAITS_WITH("CreateContainerConfigError", "secret db not found"))),
     LEVEL_CRITICAL, "pod-config-error", "CreateContainerConfigError: secret db not found"},
    {"evicted", "pod", 0,
     POD(BORN("08:00:00"), "phase: Failed, reason: Evicted, message: low on memory"), LEVEL_WARNING,
     "pod-failed", "Evicted: low on memory"},
    {"init container crashes", "pod", 0,
     POD(BORN("08:59:00"),
         "phase: Pending, initContainerStatuses: [{name: i, " WAITS("CrashLoopBackOff") "}]"),
     LEVEL_CRITICAL, "pod-init-failed", "Init:CrashLoopBackOff"},
    {"init container failed", "pod", 0,
     POD(BORN("08:59:00"), "phase: Pending, initContainerStatuses: [{name: i, state: {terminated:"
                           " {exitCode: 3, reason: Error}}}]"),
     LEVEL_CRITICAL, "pod-init-failed", "Init:Error, last: Error 3"},
    {"no image for the init container", "pod", 0,
     POD(BORN("08:59:00"),
         "phase: Pending, initContainerStatuses: [{name: i, " WAITS("ErrImagePull") "}]"),
     LEVEL_CRITICAL, "pod-image-pull", "Init:ErrImagePull"},
    {"a long text without a blank, cut between characters", "pod", 0,
     POD(BORN("08:00:00"), "phase: Failed, reason: Evicted, message: a" E30 E30 E30 E30 E30),
     LEVEL_WARNING, "pod-failed", "Evicted: a" E30 "ééééééééé ... " E30 E30 "ééééééééééééééééé"},
    {"no node, a minute", "pod", 0,
     POD(BORN("08:59:00"), "phase: Pending, " SCHEDULED("Unschedulable", "0/6 nodes fit")),
     LEVEL_PROGRESS, "pod-pending", "Pending: 0/6 nodes fit", "2026-02-13T09:01:00.001Z",
     LEVEL_WARNING, "no node takes it for 2m: 0/6 nodes fit"},
    {"no node, long", "pod", 0,
     POD(BORN("08:00:00"), "phase: Pending, " SCHEDULED("Unschedulable", "0/6 nodes fit")),
     LEVEL_WARNING, "pod-unschedulable", "no node takes it for 1h: 0/6 nodes fit"},
    {"no node, and the scheduler says it twice", "pod", 0,
     POD(BORN("08:00:00"), "phase: Pending, " SCHEDULED(
                               "Unschedulable", "0/6 nodes are available: 6 Insufficient cpu."
                                                " preemption: 0/6 nodes are available: 6 No"
                                                " preemption victims found.")),
     LEVEL_WARNING, "pod-unschedulable",
     "no node takes it for 1h: 0/6 nodes are available: 6 Insufficient cpu."},
    /* Somebody wants it to wait (Kueue and the like), for as long as it takes. */
    {"held back by a gate", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Pending, " SCHEDULED("SchedulingGated", "Scheduling is blocked")),
     LEVEL_PROGRESS, "pod-pending", "SchedulingGated: Scheduling is blocked"},
    {"starts", "pod", 0, POD(BORN("08:59:00"), "phase: Pending, " ONE(WAITS("ContainerCreating"))),
     LEVEL_PROGRESS, "pod-starting", "ContainerCreating", "2026-02-13T09:04:00.001Z", LEVEL_WARNING,
     "ContainerCreating for 5m"},
    {"runs, not yet ready", "pod", 0,
     POD(BORN("08:59:00"),
         "phase: Running, " READY("False", "08:59:30") ", " ONE("state: {running: {}}")),
     LEVEL_PROGRESS, "pod-starting", "Running", "2026-02-13T09:00:30.001Z", LEVEL_WARNING,
     "not ready for 1m"},
    {"has not been ready for long", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Running, " READY("False", "08:45:00") ", " ONE("state: {running: {}}")),
     LEVEL_WARNING, "pod-not-ready", "not ready for 15m"},
    {"was killed for want of memory", "pod", 0,
     POD(BORN("08:00:00"), "phase: Running, " READY("True", "08:41:00") ", " ONE(
                               RUNS ", " DIED("3", "OOMKilled", "137", "08:40:00"))),
     LEVEL_WARNING, "pod-oom-killed", "OOMKilled 137 20m ago, 3 restarts",
     "2026-02-13T09:40:00.001Z", LEVEL_OK, NULL},
    {"was restarted", "pod", 0,
     POD(BORN("08:00:00"), "phase: Running, " READY("True", "08:41:00") ", " ONE(
                               RUNS ", " DIED("1", "Error", "1", "08:40:00"))),
     LEVEL_NOTICE, "pod-restarted", "Error 1 20m ago, 1 restart", "2026-02-13T09:40:00.001Z",
     LEVEL_OK, NULL},
    {"was restarted long ago", "pod", 0,
     POD(BORN("01:00:00"), "phase: Running, " READY("True", "02:41:00") ", " ONE(
                               RUNS ", " DIED("1", "OOMKilled", "137", "02:40:00"))),
     LEVEL_OK, .rule = NULL},
    {"failed beside one that runs", "pod", 0,
     POD(BORN("08:00:00"), "phase: Running, " READY("False", "08:30:00") ", " ONE(
                               "state: {terminated: {exitCode: 2, reason: Error, finishedAt:"
                               " '2026-02-13T08:30:00Z'}}")),
     LEVEL_WARNING, "pod-error", "Error 2 30m ago"},
    {"failed, and left a message", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Failed, " ONE("state: {terminated: {exitCode: 1, reason: Error, message: \"ERROR"
                               " 1045 (28000):\\n Access denied\\n\", finishedAt:"
                               " '2026-02-13T08:30:00Z'}}")),
     LEVEL_WARNING, "pod-failed", "Error 1 30m ago: ERROR 1045 (28000): Access denied"},
    {"crashes, and says why", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Running, " ONE(WAITS(
             "CrashLoopBackOff") ", restartCount: 2, lastState: {terminated:"
                                 " {exitCode: 1, reason: Error, message: no token, finishedAt:"
                                 " '2026-02-13T08:59:19Z'}}")),
     LEVEL_CRITICAL, "pod-crash-loop",
     "CrashLoopBackOff, last: Error 1 41s ago, 2 restarts: no token"},
    /* Between two crashes it looks well: it has not recovered until it has run for
     * as long as the kubelet's back-off remembers. */
    {"crashed, was held back, and runs", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Running, " READY("True", "08:58:00") ", " ONE(
             "ready: true, state: {running: {startedAt: '2026-02-13T08:58:00Z'}}, " DIED(
                 "5", "Error", "1", "08:55:20"))),
     LEVEL_WARNING, "pod-crashing", "crashes again and again, last: Error 1 4m ago, 5 restarts",
     "2026-02-13T09:08:00.001Z", LEVEL_NOTICE, "Error 1 12m ago, 5 restarts"},
    {"was started anew with its machine", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Running, " READY("True", "08:58:00") ", " ONE(
             "ready: true, state: {running: {startedAt: '2026-02-13T08:58:00Z'}}, " DIED(
                 "5", "Unknown", "255", "08:55:20"))),
     LEVEL_NOTICE, "pod-restarted", "Unknown 255 4m ago, 5 restarts", "2026-02-13T09:55:20.001Z",
     LEVEL_OK, NULL},
    {"not ready, and the kubelet says which container", "pod", 0,
     POD(BORN("08:00:00"),
         "phase: Running, conditions: [{type: Ready, status: 'False', message: 'containers with"
         " unready status: [a]', lastTransitionTime: '2026-02-13T08:45:00Z'}], " ONE(
             "state: {running: {}}")),
     LEVEL_WARNING, "pod-not-ready", "not ready for 15m: containers with unready status: [a]"},
    /* The cause comes last in a chain of errors: it is the middle that goes. */
    {"no image, in many words", "pod", 0,
     POD(BORN("08:59:00"),
         "phase: Pending, " ONE(WAITS_WITH(
             "ImagePullBackOff",
             "Back-off pulling image ghcr.io/acme/shop:v1: ErrImagePull: failed to pull and unpack"
             " image ghcr.io/acme/shop:v1: failed to resolve reference ghcr.io/acme/shop:v1: failed"
             " to authorize: failed to fetch anonymous token: unexpected status from GET request:"
             " 403 Forbidden"))),
     LEVEL_CRITICAL, "pod-image-pull",
     "ImagePullBackOff: Back-off pulling image ghcr.io/acme/shop:v1: ErrImagePull: failed to pull"
     " and ... failed to resolve reference ghcr.io/acme/shop:v1: failed to authorize: failed to"
     " fetch anonymous token: unexpected status from GET request: 403 Forbidden"},
    {"ends", "pod", 0, POD(DYING("08:00:00", "09:00:20"), "phase: Running, " ONE(RUNS)),
     LEVEL_PROGRESS, "pod-terminating", "ending", "2026-02-13T09:02:20.001Z", LEVEL_WARNING,
     "should have been gone 2m ago, but is still ending"},
    {"does not end", "pod", 0, POD(DYING("08:00:00", "08:30:00"), "phase: Running, " ONE(RUNS)),
     LEVEL_WARNING, "pod-terminating-stuck", "should have been gone 30m ago, but is still ending"},
    {"on a lost node", "pod", 0,
     POD(DYING("08:00:00", "08:30:00"), "phase: Running, reason: NodeLost, " ONE(RUNS)),
     LEVEL_UNKNOWN, "pod-node-lost", "Unknown"},
    {"unknown", "pod", 0, POD(BORN("08:00:00"), "phase: Unknown"), LEVEL_UNKNOWN, "pod-node-lost",
     "Unknown"},
};
CASES(pods)

/* ---- Events, namespaces. */

#define EVENT(type, times)                                                                   \
    "{metadata: {namespace: shop, name: e}, type: " type                                     \
    ", reason: FailedMount, message: 'no such volume', involvedObject: {kind: Pod, name: p," \
    " namespace: shop}, " times "}"

#define VOLUME(status) "{metadata: {name: v}, spec: {}, status: {" status "}}"

static const struct verdict_case others[] = {
    {"a warning", "event", 0, EVENT("Warning", "lastTimestamp: '2026-02-13T08:50:00Z'"),
     LEVEL_WARNING, "event-warning", "FailedMount on Pod/p: no such volume",
     "2026-02-13T09:50:00.001Z", LEVEL_OFF, NULL},
    {"a warning of a newer reporter", "event", 0,
     EVENT("Warning", "lastTimestamp: null, eventTime: '2026-02-13T07:00:00.000000Z', series:"
                      " {count: 9, lastObservedTime: '2026-02-13T08:50:00.000000Z'}"),
     LEVEL_WARNING, "event-warning", "FailedMount on Pod/p: no such volume",
     "2026-02-13T09:50:00.001Z", LEVEL_OFF, NULL},
    {"an old warning", "event", 0, EVENT("Warning", "lastTimestamp: '2026-02-13T07:50:00Z'"),
     LEVEL_OFF, .rule = NULL},
    {"nothing bad", "event", 0, EVENT("Normal", "lastTimestamp: '2026-02-13T08:50:00Z'"), LEVEL_OFF,
     .rule = NULL},
    {"a namespace", "namespace", 0, "{metadata: {name: shop}, status: {phase: Active}}", LEVEL_OK,
     .rule = NULL},
    {"a namespace that goes", "namespace", 0,
     "{metadata: {name: shop, deletionTimestamp: '2026-02-13T08:59:00Z'}, status: {phase:"
     " Terminating}}",
     LEVEL_PROGRESS, "namespace-terminating", "being deleted for 1m", "2026-02-13T09:09:00.001Z",
     LEVEL_WARNING, "deletion stuck for 10m"},
    {"a namespace that does not go", "namespace", 0,
     "{metadata: {name: shop, deletionTimestamp: '2026-02-13T08:00:00Z'}, status: {phase:"
     " Terminating, conditions: [{type: NamespaceContentRemaining, status: 'True', message: 'Some"
     " resources are remaining: pods. has 1 resource instances'}, {type:"
     " NamespaceFinalizersRemaining, status: 'True', message: 'Some content in the namespace has"
     " finalizers remaining: acme.io/hook in 1 resource instances'}]}}",
     LEVEL_WARNING, "namespace-terminating",
     "deletion stuck for 1h: Some content in the namespace has finalizers remaining:"
     " acme.io/hook in 1 resource instances"},
    {"a volume in use", "pv", 0, VOLUME("phase: Bound"), LEVEL_OK, .rule = NULL},
    {"kept", "pv", 0,
     "{metadata: {name: v}, spec: {claimRef: {namespace: shop, name: data}}, status: {phase:"
     " Released}}",
     LEVEL_NOTICE, "pv-released", "its claim is gone, the data is kept (shop/data)"},
    {"not reclaimed", "pv", 0,
     VOLUME("phase: Failed, reason: VolumeInUse, message: it is attached"), LEVEL_WARNING,
     "pv-failed", "could not be reclaimed: VolumeInUse: it is attached"},
};
CASES(others)

/* The last test: each rule has had a case. */
static void test_every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_verdict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_pods),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube verdict", tests, NULL, NULL);
}
