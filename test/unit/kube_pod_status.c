/* A pod's STATUS, READY and RESTARTS, a case for each that kubectl's printPod
 * tells apart [kubernetes pkg/printers/internalversion/printers.go], and its
 * last death. */
#include <config.h>

#include "test/unit/kube_test.h"

#define NOW "2026-02-13T09:00:00Z"

/* ---- Pieces of pods. */

#define ONE  "containers: [{name: a}]"
#define TWO  "containers: [{name: a}, {name: b}]"
#define INIT "initContainers: [{name: i}, {name: j}]"
/* An init container that is restarted for ever [KEP-753]. */
#define SIDE "initContainers: [{name: s, restartPolicy: Always}]"

#define RUNS(name)                                   \
    "{name: " name ", ready: true, restartCount: 0," \
    " state: {running: {startedAt: '2026-02-13T08:00:00Z'}}}"
#define RUNS_NOT_READY(name)                          \
    "{name: " name ", ready: false, restartCount: 0," \
    " state: {running: {startedAt: '2026-02-13T08:00:00Z'}}}"
#define WAITS(name, reason) \
    "{name: " name ", ready: false, restartCount: 0, state: {waiting: {reason: " reason "}}}"
#define ENDED(name, reason, code)                               \
    "{name: " name ", ready: false, restartCount: 0,"           \
    " state: {terminated: {exitCode: " code ", reason: " reason \
    ", finishedAt: '2026-02-13T08:30:00Z'}}}"
#define ENDED_SILENTLY(name, code, signal)                      \
    "{name: " name ", ready: false, restartCount: 0,"           \
    " state: {terminated: {exitCode: " code ", signal: " signal \
    ", finishedAt: '2026-02-13T08:30:00Z'}}}"
/* Restarted: what it does now, and how it ended the last time. */
#define AGAIN(name, count, state, reason, code, at)                  \
    "{name: " name ", restartCount: " count ", " state               \
    ", lastState: {terminated: {exitCode: " code ", reason: " reason \
    ", finishedAt: '2026-02-13T" at "Z'}}}"
#define BACKING_OFF "ready: false, state: {waiting: {reason: CrashLoopBackOff}}"
#define RUNNING     "ready: true, started: true, state: {running: {}}"
#define STARTED     "ready: false, started: true, state: {running: {}}"
#define UNSTARTED   "ready: false, started: false, state: {running: {}}"

#define CONDITION(type, status) "{type: " type ", status: '" status "'}"
#define DELETED                 "deletionTimestamp: '2026-02-13T08:59:00Z'"

struct pod_case {
    const char *what;
    const char *meta, *spec, *status; /* what is added to an empty pod */
    const char *says, *ready;
    int64_t restarts;
    const char *death; /* "-": none */
};

static const struct pod_case plain[] = {
    {"all is well", "", ONE, "phase: Running, containerStatuses: [" RUNS("a") "]", "Running", "1/1",
     0, "-"},
    {"running, not ready", "", ONE, "phase: Running, containerStatuses: [" RUNS_NOT_READY("a") "]",
     "Running", "0/1", 0, "-"},
    {"no node yet", "", ONE, "phase: Pending", "Pending", "0/1", 0, "-"},
    {"nothing known", "", ONE, "", "-", "0/1", 0, "-"},
    {"kubelet makes it", "", ONE,
     "phase: Pending, containerStatuses: [" WAITS("a", "ContainerCreating") "]",
     "ContainerCreating", "0/1", 0, "-"},
    {"the init containers are done", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" ENDED("i", "Completed", "0") ", " ENDED(
         "j", "Completed", "0") "], containerStatuses: [" WAITS("a", "PodInitializing") "]",
     "PodInitializing", "0/1", 0, "-"},
    {"no such image", "", ONE,
     "phase: Pending, containerStatuses: [" WAITS("a", "ErrImagePull") "]", "ErrImagePull", "0/1",
     0, "-"},
    {"still no such image", "", ONE,
     "phase: Pending, containerStatuses: [" WAITS("a", "ImagePullBackOff") "]", "ImagePullBackOff",
     "0/1", 0, "-"},
    {"a Secret is missing", "", ONE,
     "phase: Pending, containerStatuses: [" WAITS("a", "CreateContainerConfigError") "]",
     "CreateContainerConfigError", "0/1", 0, "-"},
    {"waits and says not for what", "", ONE,
     "phase: Pending, containerStatuses: [{name: a, state: {waiting: {}}}]", "Pending", "0/1", 0,
     "-"},
    {"crashes", "", ONE,
     "phase: Running, containerStatuses: [" AGAIN("a", "14", BACKING_OFF, "Error", "1",
                                                  "08:59:19") "]",
     "CrashLoopBackOff", "0/1", 14, "Error 1"},
    {"was killed and runs again", "", ONE,
     "phase: Running, containerStatuses: [" AGAIN("a", "3", RUNNING, "OOMKilled", "137",
                                                  "08:40:00") "]",
     "Running", "1/1", 3, "OOMKilled 137"},
    {"done", "", ONE, "phase: Succeeded, containerStatuses: [" ENDED("a", "Completed", "0") "]",
     "Completed", "0/1", 0, "-"},
    {"failed", "", ONE, "phase: Failed, containerStatuses: [" ENDED("a", "Error", "3") "]", "Error",
     "0/1", 0, "Error 3"},
    {"killed for want of memory", "", ONE,
     "phase: Failed, containerStatuses: [" ENDED("a", "OOMKilled", "137") "]", "OOMKilled", "0/1",
     0, "OOMKilled 137"},
    {"ended without a word", "", ONE,
     "phase: Failed, containerStatuses: [" ENDED_SILENTLY("a", "3", "0") "]", "ExitCode:3", "0/1",
     0, "ExitCode:3"},
    {"ended by a signal", "", ONE,
     "phase: Failed, containerStatuses: [" ENDED_SILENTLY("a", "137", "9") "]", "Signal:9", "0/1",
     0, "Signal:9 137"},
    {"lost with its node's runtime", "", ONE,
     "phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 137, reason:"
     " ContainerStatusUnknown, startedAt: null, finishedAt: null}}}]",
     "ContainerStatusUnknown", "0/1", 0, "ContainerStatusUnknown 137"},
    {"evicted", "", ONE, "phase: Failed, reason: Evicted, message: 'low on resource: memory'",
     "Evicted", "0/1", 0, "-"},
    {"the node would not have it", "", ONE, "phase: Failed, reason: NodeAffinity", "NodeAffinity",
     "0/1", 0, "-"},
    {"evicted, and a container says how", "", ONE,
     "phase: Failed, reason: Evicted, containerStatuses: [" ENDED("a", "Error", "137") "]", "Error",
     "0/1", 0, "Error 137"},
    {"held back by a gate", "", ONE,
     "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]",
     "SchedulingGated", "0/1", 0, "-"},
    {"no node takes it", "", ONE,
     "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]",
     "Pending", "0/1", 0, "-"},
    {"its node's kubelet is silent", "", ONE, "phase: Unknown", "Unknown", "0/1", 0, "-"},
    {"node lost", "", ONE, "phase: Running, reason: NodeLost, containerStatuses: [" RUNS("a") "]",
     "NodeLost", "1/1", 0, "-"},
};

static const struct pod_case leaving[] = {
    {"told to end", DELETED, ONE, "phase: Running, containerStatuses: [" RUNS("a") "]",
     "Terminating", "1/1", 0, "-"},
    {"told to end while pending", DELETED, ONE, "phase: Pending", "Terminating", "0/1", 0, "-"},
    {"told to end, and crashes", DELETED, ONE,
     "phase: Running, containerStatuses: [" ENDED("a", "Error", "143") "]", "Terminating", "0/1", 0,
     "Error 143"},
    {"told to end after it had succeeded", DELETED, ONE,
     "phase: Succeeded, containerStatuses: [" ENDED("a", "Completed", "0") "]", "Completed", "0/1",
     0, "-"},
    {"told to end after it had failed", DELETED, ONE, "phase: Failed, reason: Evicted", "Evicted",
     "0/1", 0, "-"},
    {"told to end on a lost node", DELETED, ONE,
     "phase: Running, reason: NodeLost, containerStatuses: [" RUNS("a") "]", "Unknown", "1/1", 0,
     "-"},
};

static const struct pod_case several[] = {
    {"one is not ready", "", TWO,
     "phase: Running, containerStatuses: [" RUNS("a") ", " RUNS_NOT_READY("b") "]", "Running",
     "1/2", 0, "-"},
    {"the first one's word counts", "", TWO,
     "phase: Pending, containerStatuses: [" WAITS("a", "ImagePullBackOff") ", " WAITS(
         "b", "CreateContainerError") "]",
     "ImagePullBackOff", "0/2", 0, "-"},
    {"one crashes behind one that runs", "", TWO,
     "phase: Running, containerStatuses: [" RUNS("a") ", " AGAIN("b", "2", BACKING_OFF, "Error",
                                                                 "2", "08:50:00") "]",
     "CrashLoopBackOff", "1/2", 2, "Error 2"},
    {"one is done, one runs, all ready", "", TWO,
     "phase: Running, conditions: [" CONDITION("Ready", "True") "], containerStatuses: [" ENDED(
         "a", "Completed", "0") ", " RUNS("b") "]",
     "Running", "1/2", 0, "-"},
    {"one is done, one runs, not ready", "", TWO,
     "phase: Running, conditions: [" CONDITION("Ready", "False") "], containerStatuses: [" ENDED(
         "a", "Completed", "0") ", " RUNS("b") "]",
     "NotReady", "1/2", 0, "-"},
    {"one failed, one runs", "", TWO,
     "phase: Running, containerStatuses: [" ENDED("a", "Error", "1") ", " RUNS("b") "]", "Error",
     "1/2", 0, "Error 1"},
    {"a failure behind one that is done", "", TWO,
     "phase: Failed, containerStatuses: [" ENDED("a", "Completed", "0") ", " ENDED("b", "Error",
                                                                                   "1") "]",
     "Error", "0/2", 0, "Error 1"},
    {"all done", "", TWO,
     "phase: Succeeded, containerStatuses: [" ENDED("a", "Completed",
                                                    "0") ", " ENDED("b", "Completed", "0") "]",
     "Completed", "0/2", 0, "-"},
    {"restarts add up, the latest death counts", "", TWO,
     "phase: Running, containerStatuses: [" AGAIN("a", "2", RUNNING, "OOMKilled", "137",
                                                  "08:50:00") ", " AGAIN("b", "5", RUNNING, "Error",
                                                                         "1", "08:20:00") "]",
     "Running", "2/2", 7, "OOMKilled 137"},
    {"the latest death is the second one's", "", TWO,
     "phase: Running, containerStatuses: [" AGAIN("a", "2", RUNNING, "OOMKilled", "137",
                                                  "08:50:00") ", " AGAIN("b", "5", RUNNING, "Error",
                                                                         "1", "08:55:00") "]",
     "Running", "2/2", 7, "Error 1"},
};

static const struct pod_case initializing[] = {
    {"the first of two", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" RUNS_NOT_READY("i") ", " WAITS(
         "j", "PodInitializing") "]",
     "Init:0/2", "0/1", 0, "-"},
    {"the second of two", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" ENDED("i", "Completed", "0") ", " RUNS_NOT_READY(
         "j") "], containerStatuses: [" WAITS("a", "PodInitializing") "]",
     "Init:1/2", "0/1", 0, "-"},
    {"not begun", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" WAITS("i", "PodInitializing") "]", "Init:0/2",
     "0/1", 0, "-"},
    {"no such image", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" WAITS("i", "ImagePullBackOff") "]",
     "Init:ImagePullBackOff", "0/1", 0, "-"},
    {"failed", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" ENDED("i", "Error", "1") "]", "Init:Error", "0/1",
     0, "Error 1"},
    {"killed", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" ENDED("i", "OOMKilled", "137") "]",
     "Init:OOMKilled", "0/1", 0, "OOMKilled 137"},
    {"ended without a word", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" ENDED_SILENTLY("i", "7", "0") "]",
     "Init:ExitCode:7", "0/1", 0, "ExitCode:7"},
    {"ended by a signal", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" ENDED_SILENTLY("i", "139", "11") "]",
     "Init:Signal:11", "0/1", 0, "Signal:11 139"},
    {"crashes", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" AGAIN(
         "i", "4", BACKING_OFF, "Error", "1",
         "08:30:00") ", " WAITS("j",
                                "PodInitializing") "], containerStatuses: [" WAITS("a",
                                                                                   "PodInitializing") "]",
     "Init:CrashLoopBackOff", "0/1", 4, "Error 1"},
    {"those behind the one that runs do not count", "", INIT ", " ONE,
     "phase: Pending, initContainerStatuses: [" AGAIN("i", "1", UNSTARTED, "Error", "1",
                                                      "08:30:00") ", {name: j, restartCount: 9}]",
     "Init:0/2", "0/1", 1, "Error 1"},
    {"once through, its restarts are forgotten", "", INIT ", " ONE,
     "phase: Running, initContainerStatuses: [{name: i, restartCount: 6, state: {terminated:"
     " {exitCode: 0, reason: Completed}}}], containerStatuses: [" RUNS("a") "]",
     "Running", "1/1", 0, "-"},
};

static const struct pod_case sidecars[] = {
    {"sidecar and container run", "", SIDE ", " ONE,
     "phase: Running, initContainerStatuses: [{name: s, restartCount: 0, " RUNNING
     "}], containerStatuses: [" RUNS("a") "]",
     "Running", "2/2", 0, "-"},
    {"the sidecar is not ready", "", SIDE ", " ONE,
     "phase: Running, initContainerStatuses: [{name: s, restartCount: 0, " STARTED
     "}], containerStatuses: [" RUNS("a") "]",
     "Running", "1/2", 0, "-"},
    {"the sidecar has not started", "", SIDE ", " ONE,
     "phase: Pending, initContainerStatuses: [{name: s, restartCount: 0, " UNSTARTED
     "}], containerStatuses: [" WAITS("a", "PodInitializing") "]",
     "Init:0/1", "0/2", 0, "-"},
    {"the sidecar's restarts count", "", SIDE ", " ONE,
     "phase: Running, initContainerStatuses: [" AGAIN(
         "s", "3", RUNNING, "Error", "1",
         "08:30:00") "], containerStatuses: [" AGAIN("a", "2", RUNNING, "Error", "2",
                                                     "08:20:00") "]",
     "Running", "2/2", 5, "Error 1"},
    {"the sidecar crashes beside the container", "", SIDE ", " ONE,
     "phase: Running, conditions: [" CONDITION(
         "Initialized",
         "True") "], initContainerStatuses: [" AGAIN("s", "8", BACKING_OFF, "Error", "1",
                                                     "08:58:00") "], containerStatuses: [" RUNS("a") "]",
     "Init:CrashLoopBackOff", "1/2", 8, "Error 1"},
    {"an ordinary one before the sidecar", "",
     "initContainers: [{name: i}, {name: s, restartPolicy: Always}], " ONE,
     "phase: Running, initContainerStatuses: [" ENDED("i", "Completed",
                                                      "0") ", {name: s, restartCount: 0, " RUNNING
                                                           "}], containerStatuses: [" RUNS("a") "]",
     "Running", "2/2", 0, "-"},
    {"the sidecar has ended with its pod", "", SIDE ", " ONE,
     "phase: Succeeded, initContainerStatuses: [" ENDED(
         "s", "Completed", "0") "], containerStatuses: [" ENDED("a", "Completed", "0") "]",
     "Completed", "0/2", 0, "-"},
};

static void check(const struct pod_case *c, const char *column, const char *is,
                  const char *expected)
{
    if (strcmp(is, expected) != 0)
        fail_msg("%s: %s is `%s`, expected `%s`", c->what, column, is, expected);
}

static void run(const struct pod_case *cases, size_t n)
{
    struct strbuf text = STRBUF_INIT(KUBE_JSON_MAX), cell = STRBUF_INIT(4096);
    struct store *st = kube_store();
    for (size_t i = 0; i < n; i++) {
        const struct pod_case *c = &cases[i];
        char restarts[32];
        strbuf_truncate(&text, 0);
        strbuf_addf(&text,
                    "{metadata: {namespace: shop, name: p%zu%s%s}, spec: {%s}, status: {%s}}", i,
                    c->meta[0] ? ", " : "", c->meta, c->spec, c->status);
        struct handle row = kube_put(st, "pod", 0, strbuf_cstr(&text), kube_time(NOW));
        (void)snprintf(restarts, sizeof(restarts), "%lld", (long long)c->restarts);
        kube_cell(st, row, "status", &cell);
        check(c, "STATUS", strbuf_cstr(&cell), c->says);
        kube_cell(st, row, "ready", &cell);
        check(c, "READY", strbuf_cstr(&cell), c->ready);
        kube_cell(st, row, "restarts", &cell);
        check(c, "RESTARTS", strbuf_cstr(&cell), restarts);
        kube_cell(st, row, "last-death", &cell);
        check(c, "LAST DEATH", strbuf_cstr(&cell), c->death);
    }
    store_free(st);
    strbuf_clear(&text);
    strbuf_clear(&cell);
}

#define CASES(name)                       \
    static void test_##name(void **state) \
    {                                     \
        (void)state;                      \
        run(name, BN_COUNT(name));        \
    }
CASES(plain)
CASES(leaving)
CASES(several)
CASES(initializing)
CASES(sidecars)

/* When and with which code: what filters and the verdict's sentence read. */
static void test_death(void **state)
{
    static const struct {
        const char *status, *code, *died, *restarted;
    } cases[] = {
        {"[" AGAIN("a", "1", RUNNING, "OOMKilled", "137", "08:50:00") "]", "137",
         "2026-02-13T08:50:00Z", "2026-02-13T08:50:00Z"},
        {"[" ENDED("a", "Error", "3") "]", "3", "2026-02-13T08:30:00Z", "-"},
        /* ended now and before: the later one */
        {"[{name: a, state: {terminated: {exitCode: 2, reason: Error, finishedAt:"
         " '2026-02-13T08:58:00Z'}}, lastState: {terminated: {exitCode: 1, reason: Error,"
         " finishedAt: '2026-02-13T08:50:00Z'}}}]",
         "2", "2026-02-13T08:58:00Z", "2026-02-13T08:50:00Z"},
        /* an end as it should be is a death only when it had to be restarted */
        {"[" ENDED("a", "Completed", "0") "]", "-", "-", "-"},
        {"[" AGAIN("a", "1", RUNNING, "Completed", "0", "08:50:00") "]", "0",
         "2026-02-13T08:50:00Z", "2026-02-13T08:50:00Z"},
        /* the kubelet does not know when */
        {"[{name: a, state: {terminated: {exitCode: 137, reason: ContainerStatusUnknown,"
         " finishedAt: null}}}]",
         "137", "-", "-"},
        {"[" RUNS("a") "]", "-", "-", "-"},
    };
    struct strbuf text = STRBUF_INIT(KUBE_JSON_MAX), cell = STRBUF_INIT(4096);
    struct store *st = kube_store();
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        strbuf_truncate(&text, 0);
        strbuf_addf(&text,
                    "{metadata: {namespace: shop, name: p}, spec: {" ONE
                    "}, status: {phase: Running, containerStatuses: %s}}",
                    cases[i].status);
        struct handle row = kube_put(st, "pod", 0, strbuf_cstr(&text), kube_time(NOW));
        kube_cell(st, row, "exit-code", &cell);
        assert_string_equal(strbuf_cstr(&cell), cases[i].code);
        kube_cell(st, row, "died", &cell);
        assert_string_equal(strbuf_cstr(&cell), cases[i].died);
        kube_cell(st, row, "restarted", &cell);
        assert_string_equal(strbuf_cstr(&cell), cases[i].restarted);
    }
    store_free(st);
    strbuf_clear(&text);
    strbuf_clear(&cell);
}

static void check_columns(const char *const *pairs, const char *pod)
{
    struct strbuf cell = STRBUF_INIT(4096);
    struct store *st = kube_store();
    struct handle row = kube_put(st, "pod", 0, pod, kube_time(NOW));
    for (; pairs[0]; pairs += 2) {
        int column = kind_column(store_kind(st, row.kind), span_from(pairs[0]));
        assert_true(column >= 0);
        struct value v = store_cell(st, row, (size_t)column, kube_time(NOW));
        strbuf_truncate(&cell, 0);
        value_format(&v, &cell);
        if (strcmp(strbuf_cstr(&cell), pairs[1]) != 0)
            fail_msg("%s of %s is `%s`, expected `%s`", pairs[0], pod, strbuf_cstr(&cell),
                     pairs[1]);
    }
    store_free(st);
    strbuf_clear(&cell);
}

/* What stands in brackets behind RESTARTS, and the rest of -o wide. */
static void test_wide(void **state)
{
    static const char *const restarted[] = {"restarts", "5", "last-restart", "5m", NULL};
    static const char *const never[] = {
        "restarts", "0", "last-restart", "-", "nominated-node", "-", "readiness-gates", "-", NULL};
    static const char *const wide[] = {
        "nominated-node", "n2", "readiness-gates", "1/2", "ip", "10.1.0.1", "node", "n1", NULL};
    (void)state;
    check_columns(restarted, "{metadata: {name: p}, spec: {" ONE
                             "}, status: {phase: Running, containerStatuses: [" AGAIN(
                                 "a", "5", RUNNING, "Error", "1", "08:55:00") "]}}");
    check_columns(never, "{metadata: {name: p}, spec: {" ONE
                         "}, status: {phase: Running, containerStatuses: [" RUNS("a") "]}}");
    check_columns(
        wide, "{metadata: {name: p}, spec: {" ONE
              ", nodeName: n1, readinessGates: [{conditionType: acme.io/lb}, {conditionType:"
              " acme.io/dns}]}, status: {nominatedNodeName: n2, podIP: 10.1.0.1, conditions:"
              " [" CONDITION("acme.io/lb", "True") ", " CONDITION("acme.io/dns", "False") "]}}");
}

/* What the scheduler takes it for [component-helpers resource/helpers.go]. */
static void test_requests(void **state)
{
    static const struct {
        const char *spec, *cpu, *memory;
    } cases[] = {
        {"containers: [{name: a}]", "-", "-"},
        {"containers: [{name: a, resources: {requests: {cpu: 250m, memory: 1Gi}}}, {name: b,"
         " resources: {requests: {cpu: 750m}}}]",
         "1", "1Gi"},
        /* an init container that wants more than all of them */
        {"initContainers: [{name: i, resources: {requests: {cpu: '2'}}}], containers: [{name: a,"
         " resources: {requests: {cpu: 500m}}}]",
         "2", "-"},
        /* with the sidecar that runs beside it; one that starts later does not count */
        {"initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 300m}}},"
         " {name: i, resources: {requests: {cpu: '2'}}}, {name: t, restartPolicy: Always, resources:"
         " {requests: {cpu: 100m}}}], containers: [{name: a, resources: {requests: {cpu: 500m}}}]",
         "2300m", "-"},
        /* what is said for the whole pod; what its runtime needs on top */
        {"resources: {requests: {cpu: 1500m}}, overhead: {cpu: 100m}, containers: [{name: a,"
         " resources: {requests: {cpu: 500m}}}]",
         "1600m", "-"},
        {"containers: [{name: a, resources: {requests: {memory: 9E}}}, {name: b, resources:"
         " {requests: {memory: 9E}}}]",
         "-", "8Ei"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const pairs[] = {"cpu-request", cases[i].cpu, "memory-request", cases[i].memory,
                                     NULL};
        struct strbuf text = STRBUF_INIT(KUBE_JSON_MAX);
        strbuf_addf(&text, "{metadata: {name: p}, spec: {%s}}", cases[i].spec);
        check_columns(pairs, strbuf_cstr(&text));
        strbuf_clear(&text);
    }
}

/* Pods that no API server sends: nothing is believed, nothing breaks. */
static void test_odd(void **state)
{
    static const char *const odd[] = {
        "{metadata: {name: p}, spec: 5, status: [a]}",
        "{metadata: {name: p, namespace: [x], deletionTimestamp: yesterday}, spec: {containers:"
        " {}}, status: {phase: {}}}",
        "{metadata: {name: p}, spec: {containers: [1, two, [], null]}, status:"
        " {containerStatuses: [1, two, [], null, {state: 5}, {state: {terminated: 7}}],"
        " initContainerStatuses: [x, {name: 5, restartCount: many}], conditions: [1, {type: []}]}}",
        "{metadata: {name: p}, status: {containerStatuses: [{restartCount: 1e300, state:"
        " {terminated: {exitCode: 99999999999999999999, finishedAt: '0000-00-00T00:00:00Z'}}}]}}",
    };
    struct strbuf cell = STRBUF_INIT(4096);
    struct store *st = kube_store();
    (void)state;
    for (size_t i = 0; i < BN_COUNT(odd); i++) {
        struct handle row = kube_put(st, "pod", 0, odd[i], kube_time(NOW));
        kube_cell(st, row, "name", &cell);
        assert_string_equal(strbuf_cstr(&cell), "p");
        kube_cell(st, row, "restarts", &cell);
        assert_string_equal(strbuf_cstr(&cell), "0");
    }
    store_free(st);
    strbuf_clear(&cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_several),  cmocka_unit_test(test_initializing),
        cmocka_unit_test(test_sidecars), cmocka_unit_test(test_death),
        cmocka_unit_test(test_wide),     cmocka_unit_test(test_requests),
        cmocka_unit_test(test_odd),
    };
    return cmocka_run_group_tests_name("kube pod status", tests, NULL, NULL);
}
