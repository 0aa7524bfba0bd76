/* The verdict rules of what belongs together: workloads, jobs and their pods,
 * routes and services, claims and their classes; and whom sentences quote. */
#include <config.h>

#include "test/unit/kube_judge.h"

/* ---- Workloads. */

enum { DEPLOYMENT, STATEFUL_SET, DAEMON_SET };

#define WORKLOAD(generation, spec, status)                                              \
    "{metadata: {namespace: shop, name: web, generation: " generation "}, spec: {" spec \
    "}, status: {" status "}}"
#define COUNTS(seen, updated, ready, available)                                         \
    "observedGeneration: " seen ", updatedReplicas: " updated ", readyReplicas: " ready \
    ", availableReplicas: " available
#define STATE(type, status, reason, message) \
    "{type: " type ", status: '" status "', reason: " reason ", message: '" message "'}"

static const struct verdict_case workloads[] = {
    {"all there", "workload", DEPLOYMENT, WORKLOAD("4", "replicas: 3", COUNTS("4", "3", "3", "3")),
     LEVEL_OK, .rule = NULL},
    {"none wanted", "workload", DEPLOYMENT,
     WORKLOAD("4", "replicas: 0", COUNTS("4", "0", "0", "0")), LEVEL_OFF, .rule = NULL},
    {"one wanted by default", "workload", DEPLOYMENT, WORKLOAD("1", "", "observedGeneration: 1"),
     LEVEL_CRITICAL, "workload-down", "0/1 ready"},
    {"down", "workload", DEPLOYMENT,
     WORKLOAD("4", "replicas: 3",
              COUNTS("4", "3", "0", "0") ", conditions: [" STATE(
                  "Available", "False", "MinimumReplicasUnavailable", "no minimum") "]"),
     LEVEL_CRITICAL, "workload-down", "0/3 ready: no minimum"},
    {"down for a while", "workload", DEPLOYMENT,
     WORKLOAD(
         "4", "replicas: 3",
         COUNTS("4", "3", "0", "0") ", conditions: [{type: Available, status: 'False', message:"
                                    " no minimum, lastTransitionTime: '2026-02-13T08:53:00Z'}]"),
     LEVEL_CRITICAL, "workload-down", "0/3 ready for 7m: no minimum"},
    {"just made", "workload", DEPLOYMENT,
     "{metadata: {namespace: shop, name: web, generation: 1, creationTimestamp:"
     " '2026-02-13T08:59:00Z'}, spec: {replicas: 1}, status: {observedGeneration: 1}}",
     LEVEL_PROGRESS, "workload-starting", "starting, 0/1 ready", "2026-02-13T09:01:00.001Z",
     LEVEL_CRITICAL, "0/1 ready"},
    {"one missing", "workload", DEPLOYMENT,
     WORKLOAD("4", "replicas: 3", COUNTS("4", "3", "2", "2")), LEVEL_WARNING, "workload-degraded",
     "2/3 ready"},
    {"one missing, forbidden by a quota", "workload", DEPLOYMENT,
     WORKLOAD("4", "replicas: 3",
              COUNTS("4", "3", "2", "2") ", conditions: [" STATE("ReplicaFailure", "True",
                                                                 "FailedCreate", "no quota") "]"),
     LEVEL_WARNING, "workload-degraded", "2/3 ready: no quota"},
    {"its controller has not seen the change", "workload", DEPLOYMENT,
     WORKLOAD("5", "replicas: 3", COUNTS("4", "3", "3", "3")), LEVEL_PROGRESS, "workload-rolling",
     "rollout under way, 3/3 ready"},
    {"new pods come", "workload", DEPLOYMENT,
     WORKLOAD("5", "replicas: 3", COUNTS("5", "1", "2", "2")), LEVEL_PROGRESS, "workload-rolling",
     "rollout under way, 2/3 ready"},
    {"past its deadline", "workload", DEPLOYMENT,
     WORKLOAD("5", "replicas: 3",
              COUNTS("5", "1", "2", "2") ", conditions: [" STATE(
                  "Progressing", "False", "ProgressDeadlineExceeded", "timed out") "]"),
     LEVEL_CRITICAL, "workload-rollout-stuck", "rollout stuck, 2/3 ready: timed out"},
    {"paused", "workload", DEPLOYMENT,
     WORKLOAD("5", "replicas: 3, paused: true", COUNTS("5", "3", "3", "3")), LEVEL_NOTICE,
     "workload-paused", "rollout paused"},
    {"paused in the middle", "workload", DEPLOYMENT,
     WORKLOAD("5", "replicas: 3, paused: true", COUNTS("5", "1", "3", "3")), LEVEL_NOTICE,
     "workload-paused", "rollout paused"},
    {"paused, and one is missing", "workload", DEPLOYMENT,
     WORKLOAD("5", "replicas: 3, paused: true", COUNTS("5", "1", "2", "2")), LEVEL_WARNING,
     "workload-degraded", "2/3 ready"},
    {"a set with one missing", "workload", STATEFUL_SET,
     WORKLOAD("1", "replicas: 3", "observedGeneration: 1, updatedReplicas: 3, readyReplicas: 2"),
     LEVEL_WARNING, "workload-degraded", "2/3 ready"},
    {"a set", "workload", STATEFUL_SET,
     WORKLOAD("1", "replicas: 3", "observedGeneration: 1, updatedReplicas: 3, readyReplicas: 3"),
     LEVEL_OK, .rule = NULL},
    {"a set whose pods are to be replaced by hand", "workload", STATEFUL_SET,
     WORKLOAD("2", "replicas: 3, updateStrategy: {type: OnDelete}",
              "observedGeneration: 2, updatedReplicas: 1, readyReplicas: 3"),
     LEVEL_OK, .rule = NULL},
    {"a set that is updated in part", "workload", STATEFUL_SET,
     WORKLOAD("2",
              "replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}",
              "observedGeneration: 2, updatedReplicas: 1, readyReplicas: 3"),
     LEVEL_OK, .rule = NULL},
    {"a set that is to be updated in part", "workload", STATEFUL_SET,
     WORKLOAD("2",
              "replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}",
              "observedGeneration: 2, updatedReplicas: 1, readyReplicas: 3"),
     LEVEL_PROGRESS, "workload-rolling", "rollout under way, 3/3 ready"},
    {"on each node", "workload", DAEMON_SET,
     WORKLOAD("1", "",
              "observedGeneration: 1, desiredNumberScheduled: 6, numberReady: 6,"
              " updatedNumberScheduled: 6, numberAvailable: 6"),
     LEVEL_OK, .rule = NULL},
    {"on each node but one", "workload", DAEMON_SET,
     WORKLOAD("1", "",
              "observedGeneration: 1, desiredNumberScheduled: 6, numberReady: 5,"
              " updatedNumberScheduled: 6, numberAvailable: 5"),
     LEVEL_WARNING, "workload-degraded", "5/6 ready"},
    {"on no node", "workload", DAEMON_SET,
     WORKLOAD("1", "", "observedGeneration: 1, desiredNumberScheduled: 0"), LEVEL_OFF,
     .rule = NULL},
};
CASES(workloads)

/* ---- Jobs. */

#define JOB(status) "{metadata: {namespace: shop, name: j}, spec: {}, status: {" status "}}"
#define ENDED(type, message)                                           \
    "conditions: [{type: " type ", status: 'True', message: '" message \
    "', lastTransitionTime: '2026-02-13T08:50:00Z'}]"
#define CRON(spec, status) \
    "{metadata: {namespace: shop, name: c}, spec: {" spec "}, status: {" status "}}"

static const struct verdict_case jobs[] = {
    {"runs", "job", 0, JOB("startTime: '2026-02-13T08:59:00Z', active: 1"), LEVEL_PROGRESS,
     "job-running", "running"},
    {"runs, and a pod has failed", "job", 0,
     JOB("startTime: '2026-02-13T08:59:00Z', active: 1, failed: 2"), LEVEL_WARNING, "job-failing",
     "2 pods have failed"},
    {"about to be failed", "job", 0,
     JOB("failed: 1, " ENDED("FailureTarget", "backoff limit reached")), LEVEL_WARNING,
     "job-failing", "1 pod has failed: backoff limit reached"},
    {"about to be done", "job", 0, JOB(ENDED("SuccessCriteriaMet", "")), LEVEL_PROGRESS,
     "job-running", "running"},
    {"deleted while it runs", "job", 0,
     "{metadata: {namespace: shop, name: j, deletionTimestamp: '2026-02-13T08:59:00Z'}, spec: {},"
     " status: {active: 1}}",
     LEVEL_PROGRESS, "job-running", "ending"},
    {"failed", "job", 0, JOB(ENDED("Failed", "backoff limit reached")), LEVEL_WARNING, "job-failed",
     "failed 10m ago: backoff limit reached"},
    {"done", "job", 0, JOB(ENDED("Complete", "")), LEVEL_OFF, .rule = NULL},
    {"suspended", "job", 0, JOB(ENDED("Suspended", "")), LEVEL_NOTICE, "job-suspended",
     "suspended"},
    {"never ran", "cronjob", 0, CRON("", ""), LEVEL_OK, .rule = NULL},
    {"last run went well", "cronjob", 0,
     CRON("", "lastScheduleTime: '2026-02-13T08:00:00Z', lastSuccessfulTime:"
              " '2026-02-13T08:01:00Z'"),
     LEVEL_OK, .rule = NULL},
    {"last run did not go well", "cronjob", 0,
     CRON("", "lastScheduleTime: '2026-02-13T08:00:00Z', lastSuccessfulTime:"
              " '2026-02-13T07:01:00Z'"),
     LEVEL_WARNING, "cronjob-last-failed", "last run, 1h ago, did not go well"},
    {"a run goes on", "cronjob", 0,
     CRON("", "lastScheduleTime: '2026-02-13T08:59:00Z', active: [{name: c-1}]"), LEVEL_OK,
     .rule = NULL},
    {"runs on time", "cronjob", 0,
     CRON("schedule: '*/15 * * * *'",
          "lastScheduleTime: '2026-02-13T08:45:00Z', lastSuccessfulTime:"
          " '2026-02-13T08:45:09Z'"),
     LEVEL_OK, NULL, NULL, "2026-02-13T09:05:00.001Z", LEVEL_WARNING,
     "a run was due 5m ago (*/15 * * * *) and has not begun"},
    {"has missed a run", "cronjob", 0,
     CRON("schedule: '30 2 * * *'", "lastScheduleTime: '2026-02-12T02:30:00Z', lastSuccessfulTime:"
                                    " '2026-02-12T02:30:09Z'"),
     LEVEL_WARNING, "cronjob-missed", "a run was due 6h ago (30 2 * * *) and has not begun"},
    {"has never run, though it was due", "cronjob", 0,
     "{metadata: {namespace: shop, name: c, creationTimestamp: '2026-02-12T02:00:00Z'}, spec:"
     " {schedule: '@hourly'}, status: {}}",
     LEVEL_WARNING, "cronjob-missed", "a run was due 1d ago (@hourly) and has not begun"},
    {"waits for the run before", "cronjob", 0,
     CRON("schedule: '*/5 * * * *', concurrencyPolicy: Forbid",
          "lastScheduleTime: '2026-02-13T08:30:00Z', active: [{name: c-1}]"),
     LEVEL_OK, .rule = NULL},
    /* Its clock is known by its last run: 02:30 in Tokyo. */
    {"runs by another clock", "cronjob", 0,
     CRON("schedule: '30 2 * * *', timeZone: Asia/Tokyo",
          "lastScheduleTime: '2026-02-12T17:30:00Z', lastSuccessfulTime: '2026-02-12T17:30:09Z'"),
     LEVEL_OK, NULL, NULL, "2026-02-13T18:35:00.001Z", LEVEL_WARNING,
     "a run was due 1h ago (30 2 * * *) and has not begun"},
    {"suspended, whatever the schedule says", "cronjob", 0,
     CRON("schedule: '*/5 * * * *', suspend: true", "lastScheduleTime: '2026-02-12T08:30:00Z',"
                                                    " lastSuccessfulTime: '2026-02-12T08:30:09Z'"),
     LEVEL_NOTICE, "cronjob-suspended", "suspended"},
    {"a schedule that cannot be read", "cronjob", 0,
     CRON("schedule: 'TZ=Asia/Tokyo 30 2 * * *'", "lastScheduleTime: '2026-02-10T17:30:00Z',"
                                                  " lastSuccessfulTime: '2026-02-10T17:30:09Z'"),
     LEVEL_OK, .rule = NULL},
    {"no more runs", "cronjob", 0, CRON("suspend: true", ""), LEVEL_NOTICE, "cronjob-suspended",
     "suspended"},
};
CASES(jobs)

/* ---- Storage, services that wait. */

#define CLAIM(born, status)                                                         \
    "{metadata: {namespace: shop, name: data, creationTimestamp: '2026-02-13T" born \
    "Z'}, spec: {}, status: {" status "}}"

static const struct verdict_case storage[] = {
    {"bound", "pvc", 0, CLAIM("08:00:00", "phase: Bound"), LEVEL_OK, .rule = NULL},
    {"waits", "pvc", 0, CLAIM("08:59:00", "phase: Pending"), LEVEL_PROGRESS, "pvc-waiting",
     "no volume for 1m", "2026-02-13T09:01:00.001Z", LEVEL_WARNING, "no volume for 2m"},
    {"pends", "pvc", 0, CLAIM("08:50:00", "phase: Pending"), LEVEL_WARNING, "pvc-pending",
     "no volume for 10m"},
    {"lost", "pvc", 0, CLAIM("08:00:00", "phase: Lost"), LEVEL_CRITICAL, "pvc-lost",
     "its volume is gone"},
    {"being deleted", "pvc", 0,
     "{metadata: {namespace: shop, name: data, deletionTimestamp: '2026-02-13T08:55:00Z'}, spec: {},"
     " status: {phase: Bound}}",
     LEVEL_PROGRESS, "pvc-terminating", "being deleted for 5m", "2026-02-13T09:05:00.001Z",
     LEVEL_WARNING, "being deleted for 10m"},
    {"to be made larger", "pvc", 0,
     CLAIM("08:00:00", "phase: Bound, conditions: [{type: FileSystemResizePending, status: 'True',"
                       " message: start the pod anew}]"),
     LEVEL_NOTICE, "pvc-resize", "start the pod anew"},
    {"no address yet", "service", 0,
     "{metadata: {namespace: shop, name: web, creationTimestamp: '2026-02-13T08:58:00Z'}, spec:"
     " {type: LoadBalancer, clusterIP: 10.0.0.1}}",
     LEVEL_PROGRESS, "service-no-address", "waits for an address from the load balancer for 2m",
     "2026-02-13T09:03:00.001Z", LEVEL_WARNING,
     "waits for an address from the load balancer for 5m"},
};
CASES(storage)

/* ---- What is judged by its neighbours. */

#define SERVICE                                                                                 \
    "{metadata: {namespace: shop, name: web}, spec: {selector: {app: web, tier: front}, ports:" \
    " [{name: http, port: 80}]}}"
#define SLICE(ready)                                                                        \
    "{metadata: {namespace: shop, name: web-1, labels: {kubernetes.io/service-name: web}}," \
    " endpoints: [{addresses: [10.1.0.1], conditions: {ready: " ready "}}]}"

static void test_service_without_endpoints(void **state)
{
    static const char none[] = "no pod that is ready has the labels app=web,tier=front";
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle web = kube_put(st, "service", 0, SERVICE, now);
    struct handle external = kube_put(
        st, "service", 0,
        "{metadata: {namespace: shop, name: ext}, spec: {type: ExternalName, externalName: x.org}}",
        now);
    (void)state;
    store_set_wanted(st, 0, kube_number("endpointslice"), true);
    expect(st, web, "slices not known yet", LEVEL_OK, NULL, NULL);
    kube_synced(st, "endpointslice", now);
    expect(st, web, "no slice", LEVEL_WARNING, "service-no-endpoints", none);
    expect(st, external, "chooses no pods", LEVEL_OK, NULL, NULL);
    (void)kube_put(st, "endpointslice", 0, SLICE("false"), now);
    expect(st, web, "one that is not ready", LEVEL_WARNING, "service-no-endpoints", none);
    (void)kube_put(st, "endpointslice", 0, SLICE("true"), now);
    expect(st, web, "one that is ready", LEVEL_OK, NULL, NULL);
    (void)kube_put(st, "endpointslice", 0, SLICE("null"), now);
    expect(st, web, "no word means ready", LEVEL_OK, NULL, NULL);
    kube_drop(st, "endpointslice", "shop/web-1", now);
    expect(st, web, "gone again", LEVEL_WARNING, "service-no-endpoints", none);
    store_free(st);
}

#define ROUTE(middlewares)                                                                   \
    "{metadata: {namespace: shop, name: r}, spec: {routes: [{match: 'Host(`shop.example`)'," \
    " services: [{name: web, port: 80}], middlewares: [" middlewares "]}]}}"

static void test_route(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle r = kube_put(st, "ingressroute", 0, ROUTE("{name: auth}"), now);
    (void)state;
    store_set_wanted(st, 0, kube_number("service"), true);
    store_set_wanted(st, 0, kube_number("middleware"), true);
    store_set_wanted(st, 0, kube_number("endpointslice"), true);
    expect(st, r, "nothing known yet", LEVEL_OK, NULL, NULL);
    kube_synced(st, "service", now);
    expect(st, r, "no service", LEVEL_CRITICAL, "route-target-missing",
           "service shop/web does not exist");
    (void)kube_put(st, "service", 0, SERVICE, now);
    expect(st, r, "middlewares not known yet", LEVEL_OK, NULL, NULL);
    kube_synced(st, "middleware", now);
    expect(st, r, "no middleware", LEVEL_CRITICAL, "route-target-missing",
           "middleware shop/auth does not exist");
    (void)kube_put(st, "middleware", 0,
                   "{metadata: {namespace: shop, name: auth}, spec: {forwardAuth: {}}}", now);
    expect(st, r, "all there", LEVEL_OK, NULL, NULL);
    kube_synced(st, "endpointslice", now);
    expect(st, r, "nobody serves", LEVEL_WARNING, "route-no-endpoints",
           "service shop/web has no endpoint that is ready");
    (void)kube_put(st, "endpointslice", 0, SLICE("true"), now);
    expect(st, r, "one serves", LEVEL_OK, NULL, NULL);
    kube_drop(st, "service", "shop/web", now);
    expect(st, r, "service deleted", LEVEL_CRITICAL, "route-target-missing",
           "service shop/web does not exist");
    store_free(st);
}

#define LOGIN "{metadata: {namespace: shop, name: auth}, spec: {basicAuth: {secret: users}}}"

static void test_route_and_secret(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle r = kube_put(st, "ingressroute", 0,
                               "{metadata: {namespace: shop, name: r}, spec: {routes: [], tls:"
                               " {secretName: cert}}}",
                               now),
                  i = kube_put(st, "ingress", 0,
                               "{metadata: {namespace: shop, name: i}, spec: {tls: [{secretName:"
                               " cert}]}}",
                               now),
                  login = kube_put(st, "middleware", 0, LOGIN, now);
    (void)state;
    expect(st, r, "Secrets not known", LEVEL_OK, NULL, NULL);
    kube_synced(st, "secret", now);
    expect(st, r, "no Secret", LEVEL_WARNING, "route-secret-missing",
           "the Secret shop/cert with its certificate does not exist");
    expect(st, i, "no Secret", LEVEL_WARNING, "route-secret-missing",
           "the Secret shop/cert with its certificate does not exist");
    expect(st, login, "nobody can log in", LEVEL_CRITICAL, "middleware-target-missing",
           "secret shop/users does not exist");
    (void)kube_put(st, "secret", 0, "{metadata: {namespace: shop, name: cert}}", now);
    expect(st, r, "there it is", LEVEL_OK, NULL, NULL);
    expect(st, i, "there it is", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* What stands in another namespace, or is another provider's [Traefik,
 * reference/dynamic-configuration/kubernetes-crd]. */
static void test_route_elsewhere(void **state)
{
    static const struct {
        const char *middleware, *missing;
    } cases[] = {
        {"{name: auth, namespace: edge}", "middleware edge/auth does not exist"},
        {"{name: auth@file}", NULL},
        {"{name: edge-auth@kubernetescrd}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct store *st = kube_store();
        struct strbuf text = STRBUF_INIT(4096);
        int64_t now = kube_time(NOW);
        strbuf_addf(&text,
                    "{metadata: {namespace: shop, name: r}, spec: {routes: [{match: x,"
                    " middlewares: [%s], services: [{kind: TraefikService, name:"
                    " api@internal}]}]}}",
                    cases[i].middleware);
        struct handle r = kube_put(st, "ingressroute", 0, strbuf_cstr(&text), now);
        kube_synced(st, "service", now);
        kube_synced(st, "middleware", now);
        expect(st, r, cases[i].middleware, cases[i].missing ? LEVEL_CRITICAL : LEVEL_OK,
               "route-target-missing", cases[i].missing);
        strbuf_clear(&text);
        store_free(st);
    }
}

static void test_ingress(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(
        st, "ingress", 0,
        "{metadata: {namespace: shop, name: i}, spec: {rules: [{host: shop.example, http: {paths:"
        " [{backend: {service: {name: web, port: {name: http}}}}]}}], tls: [{secretName: cert}]}}",
        now);
    (void)state;
    kube_synced(st, "service", now);
    expect(st, row, "no service", LEVEL_CRITICAL, "route-target-missing",
           "service shop/web does not exist");
    (void)kube_put(st, "service", 0, SERVICE, now);
    expect(st, row, "service there, Secrets unknown", LEVEL_OK, NULL, NULL);
    kube_synced(st, "endpointslice", now);
    expect(st, row, "nobody serves", LEVEL_WARNING, "route-no-endpoints",
           "service shop/web has no endpoint that is ready");
    store_free(st);
}

/* "edge-secure-headers" may be secure-headers in edge, or headers in edge-secure. */
static void test_ingress_and_its_middlewares(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "ingress", 0,
                                 "{metadata: {namespace: shop, name: i, annotations:"
                                 " {traefik.ingress.kubernetes.io/router.middlewares:"
                                 " edge-secure-headers@kubernetescrd}}, spec: {}}",
                                 now);
    (void)state;
    expect(st, row, "middlewares are not known", LEVEL_OK, NULL, NULL);
    kube_synced(st, "middleware", now);
    expect(st, row, "there is none", LEVEL_CRITICAL, "route-target-missing",
           "middleware edge-secure-headers@kubernetescrd does not exist");
    (void)kube_put(st, "middleware", 0, "{metadata: {namespace: edge, name: secure-headers}}", now);
    expect(st, row, "there is one", LEVEL_OK, NULL, NULL);
    kube_drop(st, "middleware", "edge/secure-headers", now);
    (void)kube_put(st, "middleware", 0, "{metadata: {namespace: edge-secure, name: headers}}", now);
    expect(st, row, "there is the other", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* The service is there and has other ports [Traefik pkg/provider/kubernetes/crd,
 * getServicePort]. */
static void test_route_port(void **state)
{
    static const struct {
        const char *service, *says; /* NULL: nothing is wrong */
    } cases[] = {
        {"{name: web, port: 80}", NULL},
        {"{name: web, port: http}", NULL},
        {"{name: web, port: 8080}", "service shop/web has no port 8080"},
        {"{name: web, port: https}", "service shop/web has no port https"},
        {"{name: web}", "no port of service shop/web is named"},
        {"{name: ext, port: 8080}", NULL}, /* outside: the number is used as it is */
        {"{name: api, port: 1, kind: TraefikService}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct store *st = kube_store();
        struct strbuf text = STRBUF_INIT(4096);
        int64_t now = kube_time(NOW);
        strbuf_addf(&text,
                    "{metadata: {namespace: shop, name: r}, spec: {routes: [{match: x, services:"
                    " [%s]}]}}",
                    cases[i].service);
        struct handle r = kube_put(st, "ingressroute", 0, strbuf_cstr(&text), now);
        expect(st, r, "services not known yet", LEVEL_OK, NULL, NULL);
        (void)kube_put(st, "service", 0, SERVICE, now);
        (void)kube_put(st, "service", 0,
                       "{metadata: {namespace: shop, name: ext}, spec: {type: ExternalName,"
                       " externalName: x.org}}",
                       now);
        kube_synced(st, "service", now);
        expect(st, r, cases[i].service, cases[i].says ? LEVEL_CRITICAL : LEVEL_OK,
               "route-port-missing", cases[i].says);
        (void)kube_put(st, "service", 0,
                       "{metadata: {namespace: shop, name: web}, spec: {ports: [{port: 80, name:"
                       " http}, {port: 8080, name: https}]}}",
                       now);
        if (cases[i].says && strstr(cases[i].says, "has no port"))
            expect(st, r, "the port is there now", LEVEL_OK, NULL, NULL);
        strbuf_clear(&text);
        store_free(st);
    }
}

static void test_middleware_chain(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle chain = kube_put(st, "middleware", 0,
                                   "{metadata: {namespace: shop, name: c}, spec: {chain:"
                                   " {middlewares: [{name: auth}, {name: edge@file}]}}}",
                                   now);
    (void)state;
    expect(st, chain, "others not known yet", LEVEL_OK, NULL, NULL);
    kube_synced(st, "middleware", now);
    expect(st, chain, "one is not there", LEVEL_CRITICAL, "middleware-target-missing",
           "middleware shop/auth does not exist");
    (void)kube_put(st, "middleware", 0,
                   "{metadata: {namespace: shop, name: auth}, spec: {forwardAuth: {}}}", now);
    expect(st, chain, "it is there", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* ---- What belongs together: workloads and jobs, their pods, and events. */

#define OWNED(name, kind, group, owner, rest)                                                \
    "{metadata: {namespace: shop, name: " name ", creationTimestamp: '2026-02-13T08:59:50Z'" \
    ", ownerReferences: [{apiVersion: " group ", kind: " kind ", name: " owner               \
    ", controller: true}]}, " rest "}"
#define OF_SET(name, status)                      \
    OWNED(name, "ReplicaSet", "apps/v1", "web-1", \
          "spec: {containers: [{name: a}], nodeName: n1}, status: {" status "}")
#define PULLS                                                                  \
    "phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: " \
    "ImagePullBackOff, message: no such tag}}}]"
#define STARTS \
    "phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}]"
#define SERVES                                                                                   \
    "phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: a," \
    " ready: true, state: {running: {}}}]"
#define ABOUT(name, kind, object, reason, message, at)                                      \
    "{metadata: {namespace: shop, name: " name "}, type: Warning, reason: " reason          \
    ", message: '" message "', lastTimestamp: '2026-02-13T" at "Z', involvedObject: {" kind \
    ", namespace: shop, name: " object "}}"

static void test_workload_and_pods(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle web = kube_put(st, "workload", DEPLOYMENT,
                                 WORKLOAD("5", "replicas: 2", COUNTS("5", "2", "1", "1")), now);
    (void)state;
    expect(st, web, "pods not known yet", LEVEL_WARNING, "workload-degraded", "1/2 ready");
    kube_synced(st, "pod", now);
    (void)kube_put(st, "replicaset", 0,
                   OWNED("web-1", "Deployment", "apps/v1", "web", "spec: {replicas: 2}"), now);
    (void)kube_put(st, "pod", 0, OF_SET("web-1-a", SERVES), now);
    kube_synced(st, "replicaset", now);
    expect(st, web, "one pod is not there at all", LEVEL_WARNING, "workload-degraded", "1/2 ready");
    struct handle b = kube_put(st, "pod", 0, OF_SET("web-1-b", STARTS), now);
    work(st, now + 10000);
    check_level(st, web, "it starts", LEVEL_PROGRESS, now + 10000, "starting, 1/2 ready");
    check_rule(st, web, "it starts", "workload-starting");
    (void)kube_put(st, "pod", 0, OF_SET("web-1-b", PULLS), now);
    work(st, now + 20000);
    assert_int_equal(store_verdict(st, b).level, LEVEL_CRITICAL);
    check_level(st, web, "it cannot", LEVEL_WARNING, now + 20000,
                "1/2 ready; web-1-b: ImagePullBackOff: no such tag");
    web =
        kube_put(st, "workload", DEPLOYMENT,
                 WORKLOAD("5", "replicas: 2",
                          COUNTS("5", "1", "1", "1") ", conditions: [" STATE(
                              "Progressing", "False", "ProgressDeadlineExceeded", "timed out") "]"),
                 now);
    work(st, now + 30000);
    check_level(st, web, "nor in time", LEVEL_CRITICAL, now + 30000,
                "rollout stuck, 1/2 ready; web-1-b: ImagePullBackOff: no such tag");
    (void)kube_put(st, "pod", 0, OF_SET("web-1-b", SERVES), now);
    (void)kube_put(st, "workload", DEPLOYMENT,
                   WORKLOAD("5", "replicas: 2", COUNTS("5", "2", "2", "2")), now);
    expect(st, web, "all is well", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* One of a set's own pods is bad while others are replaced: a set has no deadline. */
static void test_set_that_cannot_roll(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle db = kube_put(
        st, "workload", STATEFUL_SET,
        WORKLOAD("2", "replicas: 3", "observedGeneration: 2, updatedReplicas: 1, readyReplicas: 2"),
        now);
    (void)state;
    kube_synced(st, "replicaset", now);
    kube_synced(st, "pod", now);
    expect(st, db, "it rolls", LEVEL_PROGRESS, "workload-rolling", "rollout under way, 2/3 ready");
    (void)kube_put(st, "pod", 0,
                   OWNED("web-2", "StatefulSet", "apps/v1", "web",
                         "spec: {containers: [{name: a}]}, status: {" PULLS "}"),
                   now);
    expect(st, db, "it cannot", LEVEL_WARNING, "workload-degraded",
           "2/3 ready; web-2: ImagePullBackOff: no such tag");
    kube_drop(st, "pod", "shop/web-2", now);
    expect(st, db, "it rolls again", LEVEL_PROGRESS, "workload-rolling",
           "rollout under way, 2/3 ready");
    store_free(st);
}

#define OF_JOB(name, status) \
    OWNED(name, "Job", "batch/v1", "j", "spec: {containers: [{name: a}]}, status: {" status "}")
#define FAILED                                                                                \
    "phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 1, reason: " \
    "Error, message: access denied, finishedAt: '2026-02-13T08:30:00Z'}}}]"
#define OF_CRON(status) OWNED("j", "CronJob", "batch/v1", "c", "status: {" status "}")

static void test_job_and_pods(void **state)
{
    static const char says[] = "Error 1 30m ago: access denied";
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle pod = kube_put(st, "pod", 0, OF_JOB("j-1", FAILED), now);
    (void)state;
    expect(st, pod, "its job is not known", LEVEL_WARNING, "pod-failed", says);
    struct handle job = kube_put(st, "job", 0, OF_CRON("failed: 1, active: 1"), now);
    expect(st, pod, "its job goes on", LEVEL_WARNING, "pod-failed", says);
    expect(st, job, "and says so", LEVEL_WARNING, "job-failing",
           "1 pod has failed; j-1: Error 1 30m ago: access denied");
    (void)kube_put(st, "job", 0, OF_CRON(ENDED("Failed", "backoff limit reached")), now);
    expect(st, job, "failed", LEVEL_WARNING, "job-failed",
           "failed 10m ago: backoff limit reached; j-1: Error 1 30m ago: access denied");
    struct handle cron =
        kube_put(st, "cronjob", 0,
                 CRON("", "lastScheduleTime: '2026-02-13T08:00:00Z', lastSuccessfulTime:"
                          " '2026-02-13T07:01:00Z'"),
                 now);
    expect(st, cron, "its CronJob", LEVEL_WARNING, "cronjob-last-failed",
           "last run, 1h ago, did not go well; j: failed 10m ago: backoff limit reached; j-1:"
           " Error 1 30m ago: access denied");
    (void)kube_put(st, "cronjob", 0,
                   CRON("", "lastScheduleTime: '2026-02-13T08:55:00Z', lastSuccessfulTime:"
                            " '2026-02-13T08:56:00Z'"),
                   now);
    expect(st, job, "a later run went well", LEVEL_NOTICE, "job-made-good",
           "failed 10m ago, a later run went well: backoff limit reached; j-1: Error 1 30m ago:"
           " access denied");
    (void)kube_put(st, "job", 0, OF_CRON(ENDED("Complete", "")), now);
    expect(st, pod, "another pod has done it", LEVEL_OFF, NULL, NULL);
    store_free(st);
}

#define CLASS(binding) "{metadata: {name: local}, provisioner: x, volumeBindingMode: " binding "}"
#define WAITING_CLAIM                                                                            \
    "{metadata: {namespace: shop, name: data, creationTimestamp: '2026-02-13T08:00:00Z'}, spec:" \
    " {storageClassName: local}, status: {phase: Pending}}"

static void test_claim_that_waits_for_a_pod(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle claim = kube_put(st, "pvc", 0, WAITING_CLAIM, now);
    (void)state;
    expect(st, claim, "nothing known yet", LEVEL_WARNING, "pvc-pending", "no volume for 1h");
    (void)kube_put(st, "storageclass", 0, CLASS("WaitForFirstConsumer"), now);
    kube_synced(st, "pod", now);
    expect(st, claim, "no pod uses it", LEVEL_NOTICE, "pvc-unused",
           "no pod uses it, so it has no volume yet");
    (void)kube_put(st, "storageclass", 0, CLASS("Immediate"), now);
    expect(st, claim, "its class waits for nobody", LEVEL_WARNING, "pvc-pending",
           "no volume for 1h");
    (void)kube_put(st, "storageclass", 0, CLASS("WaitForFirstConsumer"), now);
    (void)kube_put(st, "pod", 0,
                   "{metadata: {namespace: shop, name: p}, spec: {volumes: [{persistentVolumeClaim:"
                   " {claimName: data}}]}, status: {phase: Pending}}",
                   now);
    expect(st, claim, "a pod uses it", LEVEL_WARNING, "pvc-pending", "no volume for 1h");
    (void)kube_put(st, "event", 0,
                   ABOUT("e", "kind: PersistentVolumeClaim, apiVersion: v1", "data",
                         "ProvisioningFailed", "quota exceeded", "08:59:00"),
                   now);
    expect(st, claim, "and an event says why", LEVEL_WARNING, "pvc-pending",
           "no volume for 1h; ProvisioningFailed: quota exceeded");
    store_free(st);
}

/* The newest warning about the very object; old ones and namesakes do not count. */
static void test_events_say_why(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle p =
        kube_put(st, "pod", 0,
                 POD(BORN("08:50:00"), "phase: Pending, " ONE(WAITS("ContainerCreating"))), now);
    (void)state;
    (void)kube_put(st, "event", 0,
                   ABOUT("e1", "kind: Pod", "p", "FailedScheduling", "no node", "08:50:00"), now);
    (void)kube_put(st, "event", 0,
                   ABOUT("e2", "kind: Pod", "p", "FailedAttachVolume",
                         "Multi-Attach error for volume v", "08:58:00"),
                   now);
    (void)kube_put(
        st, "event", 0,
        ABOUT("e3", "kind: Pod, apiVersion: acme.io/v1", "p", "Other", "not ours", "08:59:00"),
        now);
    (void)kube_put(st, "event", 0,
                   ABOUT("e4", "kind: Pod", "q", "Other", "another pod", "08:59:00"), now);
    expect(st, p, "it cannot start", LEVEL_WARNING, "pod-starting",
           "ContainerCreating for 10m; FailedAttachVolume: Multi-Attach error for volume v");
    kube_drop(st, "event", "shop/e2", now);
    expect(st, p, "an older one is left", LEVEL_WARNING, "pod-starting",
           "ContainerCreating for 10m; FailedScheduling: no node");
    struct handle node = kube_put(st, "node", 0, NODE(CORDONED, WELL), now);
    (void)kube_put(
        st, "event", 0,
        ABOUT("e5", "kind: Node", "n1", "SpotPreemptionNotice", "bid too low", "08:58:00"), now);
    expect(st, node, "cordoned, and why", LEVEL_NOTICE, "node-cordoned",
           "cordoned: no new pods; SpotPreemptionNotice: bid too low");
    store_free(st);
}

/* A pod that does not end because its node is away. */
static void test_pod_on_a_lost_node(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle p = kube_put(
        st, "pod", 0,
        "{metadata: {namespace: shop, name: p, deletionTimestamp: '2026-02-13T08:40:00Z'}, spec:"
        " {nodeName: n1}, status: {phase: Running}}",
        now);
    (void)state;
    expect(st, p, "its node is not known", LEVEL_WARNING, "pod-terminating-stuck",
           "should have been gone 20m ago, but is still ending");
    (void)kube_put(st, "node", 0, NODE("", CONDITION("Ready", "Unknown")), now);
    expect(st, p, "its node is away", LEVEL_WARNING, "pod-terminating-stuck",
           "should have been gone 20m ago, but is still ending; n1: its kubelet has not"
           " reported");
    store_free(st);
}

/* ---- Roll-ups and what is put together from an object. */

static void check_cell(const struct store *st, struct handle row, const char *column,
                       const char *expected)
{
    struct strbuf cell = STRBUF_INIT(4096);
    kube_cell(st, row, column, &cell);
    if (strcmp(strbuf_cstr(&cell), expected) != 0)
        fail_msg("%s is `%s`, expected `%s`", column, strbuf_cstr(&cell), expected);
    strbuf_clear(&cell);
}

#define ON_NODE(name, phase)                                                                    \
    "{metadata: {namespace: shop, name: " name "}, spec: {nodeName: n1, containers: [{name: a," \
    " resources: {requests: {cpu: 500m, memory: 1Gi}}}]}, status: {phase: " phase "}}"

/* As kubectl describe counts: what has ended holds nothing. */
static void test_node_and_pods(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle node = kube_put(st, "node", 0, NODE("", WELL), now);
    (void)state;
    (void)kube_put(st, "pod", 0, ON_NODE("a", "Running"), now);
    (void)kube_put(st, "pod", 0, ON_NODE("b", "Pending"), now);
    (void)kube_put(st, "pod", 0, ON_NODE("c", "Succeeded"), now);
    (void)kube_put(st, "pod", 0, ON_NODE("d", "Failed"), now);
    (void)kube_put(st, "pod", 0, "{metadata: {namespace: shop, name: e}, spec: {nodeName: n1}}",
                   now);
    work(st, now);
    check_cell(st, node, "pods", "3");
    check_cell(st, node, "cpu-requested", "1");
    check_cell(st, node, "memory-requested", "2Gi");
    (void)kube_put(st, "pod", 0, ON_NODE("b", "Succeeded"), now);
    work(st, now);
    check_cell(st, node, "pods", "2");
    store_free(st);
}

static void test_texts(void **state)
{
    static const struct {
        const char *kind, *object, *column, *text;
    } cases[] = {
        {"workload",
         WORKLOAD(
             "1",
             "selector: {matchLabels: {app: web, tier: front}, matchExpressions: [{key: canary,"
             " operator: DoesNotExist}, {key: env, operator: In, values: [a, b]}, {key: zone,"
             " operator: NotIn, values: [c]}, {key: x, operator: Exists}]}",
             ""),
         "selector", "app=web,!canary,env in (a,b),tier=front,x,zone notin (c)"},
        {"workload", WORKLOAD("1", "selector: {}", ""), "selector", "-"},
        {"node",
         "{metadata: {name: n, labels: {node-role.kubernetes.io/control-plane: '',"
         " node-role.kubernetes.io/: '', kubernetes.io/role: master, other: x}}}",
         "roles", "control-plane,master"},
        {"node", "{metadata: {name: n}}", "roles", "<none>"},
        {"job",
         "{metadata: {namespace: a, name: j}, spec: {completions: 4}, status: {succeeded: 1}}",
         "completions", "1/4"},
        {"job", "{metadata: {namespace: a, name: j}, spec: {}, status: {}}", "completions", "0/1"},
        {"job",
         "{metadata: {namespace: a, name: j}, spec: {parallelism: 3}, status: {succeeded: 1}}",
         "completions", "1/1 of 3"},
        {"ingress",
         "{metadata: {namespace: a, name: i}, spec: {rules: [{}, {host: x.org}]}, status:"
         " {loadBalancer: {ingress: [{ip: 10.0.0.1}, {hostname: lb.org}, {}]}}}",
         "address", "10.0.0.1,lb.org"},
        {"ingress", "{metadata: {namespace: a, name: i}, spec: {rules: [{}]}}", "hosts", "*"},
        {"ingressroute",
         "{metadata: {namespace: a, name: i}, spec: {routes: [{match: 'Host(`x.org`, `y.org`) &&"
         " PathPrefix(`/a`)'}, {match: 'Host(\"z.org\")'}]}}",
         "hosts", "x.org,y.org,z.org"},
        {"service",
         "{metadata: {namespace: a, name: s}, spec: {type: LoadBalancer, externalIPs: [10.0.0.2]},"
         " status: {loadBalancer: {ingress: [{ip: 10.0.0.1}]}}}",
         "external-ip", "10.0.0.1,10.0.0.2"},
        {"service",
         "{metadata: {namespace: a, name: s}, spec: {type: ExternalName, externalName: x.org}}",
         "external-ip", "x.org"},
        {"pvc",
         "{metadata: {namespace: a, name: c}, spec: {volumeName: v, accessModes: [ReadWriteMany]},"
         " status: {phase: Bound, accessModes: [ReadWriteMany, ReadWriteOnce, ReadWriteMany]}}",
         "access-modes", "RWO,RWX"},
        {"pvc", "{metadata: {namespace: a, name: c}, spec: {accessModes: [ReadWriteMany]}}",
         "access-modes", "-"},
        {"pv",
         "{metadata: {name: v, deletionTimestamp: '2026-02-13T08:00:00Z'}, status: {phase:"
         " Bound}}",
         "status", "Terminating"},
        {"event", "{metadata: {namespace: a, name: e}, source: {component: kubelet, host: n1}}",
         "reporter", "kubelet, n1"},
        {"event",
         "{metadata: {namespace: a, name: e}, reportingComponent: x, reportingInstance: y, source:"
         " {}}",
         "reporter", "x, y"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct store *st = kube_store();
        check_cell(st, kube_put(st, cases[i].kind, 0, cases[i].object, kube_time(NOW)),
                   cases[i].column, cases[i].text);
        store_free(st);
    }
}

/* The last test: each rule has had a case. */
static void test_every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_family");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workloads),
        cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_storage),
        cmocka_unit_test(test_service_without_endpoints),
        cmocka_unit_test(test_route),
        cmocka_unit_test(test_route_and_secret),
        cmocka_unit_test(test_route_elsewhere),
        cmocka_unit_test(test_ingress),
        cmocka_unit_test(test_ingress_and_its_middlewares),
        cmocka_unit_test(test_route_port),
        cmocka_unit_test(test_middleware_chain),
        cmocka_unit_test(test_workload_and_pods),
        cmocka_unit_test(test_set_that_cannot_roll),
        cmocka_unit_test(test_job_and_pods),
        cmocka_unit_test(test_claim_that_waits_for_a_pod),
        cmocka_unit_test(test_events_say_why),
        cmocka_unit_test(test_pod_on_a_lost_node),
        cmocka_unit_test(test_node_and_pods),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube family", tests, NULL, NULL);
}
