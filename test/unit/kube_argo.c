/* The verdict rules of Argo CD's kinds: sync and health apart. */
#include <config.h>

#include "test/unit/kube_judge.h"

#define APP(policy, sync, health, more)                                                          \
    "{metadata: {namespace: argocd, name: web}, spec: {project: apps, destination: {server:"     \
    " 'https://kubernetes.default.svc', namespace: shop}, syncPolicy: {" policy "}}, status:"    \
    " {reconciledAt: '2026-02-13T08:58:00Z', sync: {status: " sync "}, health: {status: " health \
    ", lastTransitionTime: '2026-02-13T08:50:00Z'}" more "}}"
#define AUTO                   "automated: {selfHeal: true, prune: true}"
#define OPERATION(phase, more) ", operationState: {phase: " phase more "}"
#define OUT                                                                             \
    ", resources: [{group: apps, kind: Deployment, namespace: shop, name: web, status:" \
    " OutOfSync}, {kind: ConfigMap, namespace: shop, name: old, status: OutOfSync,"     \
    " requiresPruning: true}, {kind: Service, namespace: shop, name: web, status: Synced}]"
#define STALE "2026-02-13T09:13:00.001Z"
#define OLD(sync, health) \
    "last compared 15m ago: what is said of it (" sync ", " health ") may be old"

static const struct verdict_case applications[] = {
    {"well, as long as it is compared", "application", 0, APP(AUTO, "Synced", "Healthy", ""),
     LEVEL_OK, .until = STALE, .then = LEVEL_WARNING, .then_says = OLD("Synced", "Healthy")},
    {"not compared any more", "application", 0,
     "{metadata: {namespace: argocd, name: web}, spec: {}, status: {reconciledAt:"
     " '2026-02-13T08:00:00Z', sync: {status: Synced}, health: {status: Healthy}}}",
     LEVEL_WARNING, "application-stale",
     "last compared 1h ago: what is said of it (Synced, Healthy) may be old"},
    {"what it deploys is not there", "application", 0, APP(AUTO, "OutOfSync", "Missing", ""),
     LEVEL_CRITICAL, "application-missing", "Missing for 10m"},
    {"what it deploys is not there yet", "application", 0,
     APP(AUTO, "OutOfSync", "Missing", OPERATION("Running", ", startedAt: '2026-02-13T08:59:00Z'")),
     LEVEL_PROGRESS, "application-progressing", "sync Running for 1m", STALE, LEVEL_WARNING,
     OLD("OutOfSync", "Missing")},
    {"a sync that failed", "application", 0,
     APP(AUTO, "OutOfSync", "Healthy",
         OPERATION("Failed", ", finishedAt: '2026-02-13T08:30:00Z', message: 'StatefulSet.apps"
                             " \"web\" is invalid', operation: {initiatedBy: {username: anna}}")),
     LEVEL_WARNING, "application-sync-failed",
     "sync Failed 30m ago by anna: StatefulSet.apps \"web\" is invalid"},
    {"a sync that ends in an error", "application", 0,
     APP(AUTO, "Synced", "Healthy", OPERATION("Error", ", message: terminated")), LEVEL_WARNING,
     "application-sync-failed", "sync Error: terminated"},
    {"a sync that does not end", "application", 0,
     APP(AUTO, "OutOfSync", "Healthy",
         OPERATION("Running", ", startedAt: '2026-02-13T08:00:00Z', operation: {initiatedBy:"
                              " {automated: true}}, message: waiting for a hook")),
     LEVEL_WARNING, "application-sync-stuck", "sync Running for 1h by auto: waiting for a hook"},
    {"a chart that is not there", "application", 0,
     APP(AUTO, "Unknown", "Healthy",
         ", conditions: [{type: OrphanedResourceWarning, message: x}, {type: ComparisonError,"
         " message: 'chart not found: web', lastTransitionTime: '2026-02-13T05:00:00Z'}]"),
     LEVEL_WARNING, "application-error", "ComparisonError for 4h: chart not found: web"},
    {"nothing is known of it", "application", 0, APP(AUTO, "Unknown", "Unknown", ""), LEVEL_UNKNOWN,
     "application-unknown", "sync Unknown, health Unknown", STALE, LEVEL_WARNING,
     OLD("Unknown", "Unknown")},
    {"nobody has looked at it", "application", 0,
     "{metadata: {namespace: argocd, name: web}, spec: {}}", LEVEL_UNKNOWN, "application-unknown",
     "no status: no controller has looked at it"},
    {"new, and for a person to deploy", "application", 0, APP("", "OutOfSync", "Missing", ""),
     LEVEL_NOTICE, "application-to-be-synced", "OutOfSync, not synced by itself, never deployed",
     STALE, LEVEL_WARNING, OLD("OutOfSync", "Missing")},
    {"deployed by a person, and gone", "application", 0,
     APP("", "OutOfSync", "Missing", ", history: [{id: 0, deployedAt: '2026-02-11T09:00:00Z'}]"),
     LEVEL_CRITICAL, "application-missing", "Missing for 10m"},
    {"held up by a window of its project", "application", 0,
     APP(AUTO, "OutOfSync", "Healthy",
         OPERATION("Running", ", startedAt: '2026-02-13T08:00:00Z', message: Sync operation blocked"
                              " by sync window")),
     LEVEL_NOTICE, "application-sync-window",
     "sync Running for 1h: Sync operation blocked by sync window", STALE, LEVEL_WARNING,
     OLD("OutOfSync", "Healthy")},
    {"warned of", "application", 0,
     APP(AUTO, "Synced", "Healthy",
         ", conditions: [{type: SharedResourceWarning, message: 'ConfigMap/web is part of"
         " applications argocd/web and old'}]"),
     LEVEL_NOTICE, "application-warned",
     "SharedResourceWarning: ConfigMap/web is part of applications argocd/web and old", STALE,
     LEVEL_WARNING, OLD("Synced", "Healthy")},
    {"being deleted", "application", 0,
     "{metadata: {namespace: argocd, name: web, deletionTimestamp: '2026-02-13T08:57:00Z'}, spec:"
     " {}, status: {sync: {status: OutOfSync}, health: {status: Missing}}}",
     LEVEL_PROGRESS, "application-deleting", "being deleted for 3m", "2026-02-13T09:12:00.001Z",
     LEVEL_WARNING, "being deleted for 15m"},
    {"deletion that does not end", "application", 0,
     "{metadata: {namespace: argocd, name: web, deletionTimestamp: '2026-02-13T08:00:00Z'}, spec:"
     " {}, status: {sync: {status: OutOfSync}, health: {status: Missing}, conditions: [{type:"
     " DeletionError, message: no such cluster}]}}",
     LEVEL_WARNING, "application-deleting", "being deleted for 1h: DeletionError: no such cluster"},
    {"under way, of an Argo CD that does not say since when", "application", 0,
     "{metadata: {namespace: argocd, name: web}, spec: {}, status: {sync: {status: Synced}, health:"
     " {status: Progressing}, operationState: {phase: Succeeded, finishedAt:"
     " '2026-02-13T08:00:00Z'}}}",
     LEVEL_WARNING, "application-progressing-stuck", "Progressing"},
    {"left as it is, since that is not to be healed or pruned", "application", 0,
     APP("automated: {}", "OutOfSync", "Healthy", OUT), LEVEL_WARNING, "application-out-of-sync",
     "OutOfSync, 2 resources: Deployment/web, -ConfigMap/old; prune is off: what is no longer"
     " wanted stays; selfHeal is off: what others change stays"},
    {"healed for good", "application", 0,
     APP(AUTO, "Synced", "Healthy",
         OPERATION("Succeeded", ", finishedAt: '2026-02-13T08:40:00Z', operation: {sync:"
                                " {autoHealAttemptsCount: 7}}")),
     LEVEL_OK, .until = STALE, .then = LEVEL_WARNING, .then_says = OLD("Synced", "Healthy")},
    {"healed just now, for the seventh time", "application", 0,
     APP(AUTO, "Synced", "Healthy",
         OPERATION("Succeeded", ", finishedAt: '2026-02-13T08:55:00Z', operation: {sync:"
                                " {autoHealAttemptsCount: 7}}")),
     LEVEL_WARNING, "application-heal-loop", "healed 7 times in a row, and changed again",
     "2026-02-13T09:05:00.001Z", LEVEL_OK, .then_says = ""},
    {"degraded", "application", 0, APP(AUTO, "Synced", "Degraded", ""), LEVEL_WARNING,
     "application-degraded", "Degraded for 10m"},
    {"under way", "application", 0, APP(AUTO, "Synced", "Progressing", ""), LEVEL_PROGRESS,
     "application-progressing", "Progressing for 10m", "2026-02-13T09:05:00.001Z", LEVEL_WARNING,
     "Progressing for 15m"},
    {"under way for long", "application", 0,
     "{metadata: {namespace: argocd, name: web}, spec: {}, status: {sync: {status: Synced}, health:"
     " {status: Progressing, lastTransitionTime: '2026-02-13T08:00:00Z'}}}",
     LEVEL_WARNING, "application-progressing-stuck", "Progressing for 1h"},
    {"out of sync, and nobody else is to sync it", "application", 0,
     APP(AUTO, "OutOfSync", "Healthy", OUT), LEVEL_WARNING, "application-out-of-sync",
     "OutOfSync, 2 resources: Deployment/web, -ConfigMap/old"},
    {"out of sync until a person comes", "application", 0, APP("", "OutOfSync", "Healthy", OUT),
     LEVEL_NOTICE, "application-to-be-synced",
     "OutOfSync, 2 resources: Deployment/web, -ConfigMap/old, not synced by itself", STALE,
     LEVEL_WARNING, OLD("OutOfSync", "Healthy")},
    {"automation switched off", "application", 0,
     APP("automated: {enabled: false, selfHeal: true}", "OutOfSync", "Healthy", ""), LEVEL_NOTICE,
     "application-to-be-synced", "OutOfSync, not synced by itself", STALE, LEVEL_WARNING,
     OLD("OutOfSync", "Healthy")},
    {"suspended", "application", 0, APP(AUTO, "Synced", "Suspended", ""), LEVEL_NOTICE,
     "application-to-be-synced", "Suspended", STALE, LEVEL_WARNING, OLD("Synced", "Suspended")},
    {"healed again and again", "application", 0,
     APP(AUTO, "OutOfSync", "Healthy",
         OPERATION("Succeeded", ", operation: {sync: {autoHealAttemptsCount: 7}}") OUT),
     LEVEL_WARNING, "application-heal-loop",
     "healed 7 times in a row, and changed again, 2 resources: Deployment/web, -ConfigMap/old"},
};
CASES(applications)

#define SET(status)                                                                            \
    "{metadata: {namespace: argocd, name: previews}, spec: {generators: [{pullRequest: {}},"   \
    " {git: {}, selector: {}}]}, status: {conditions: [{type: ErrorOccurred, status: '" status \
    "', reason: ApplicationGenerationFromParamsError, message: no such repository,"            \
    " lastTransitionTime: '2026-02-13T08:00:00Z'}]}}"

static const struct verdict_case sets[] = {
    {"makes its Applications", "applicationset", 0, SET("False"), LEVEL_OK, .rule = NULL},
    {"cannot make them", "applicationset", 0, SET("True"), LEVEL_WARNING, "applicationset-error",
     "ApplicationGenerationFromParamsError for 1h: no such repository"},
};
CASES(sets)

static void expect_cell(const struct store *st, struct handle row, const char *column,
                        const char *expected)
{
    struct strbuf cell = STRBUF_INIT(4096);
    kube_cell(st, row, column, &cell);
    if (strcmp(strbuf_cstr(&cell), expected) != 0)
        fail_msg("%s is `%s`, expected `%s`", column, strbuf_cstr(&cell), expected);
    strbuf_clear(&cell);
}

static void what_is_said_of_it(void **state)
{
    struct store *st = kube_store();
    struct handle app = kube_put(
        st, "application", 0,
        "{metadata: {namespace: argocd, name: web}, spec: {project: apps, sources: [{repoURL:"
        " 'https://a', path: x, targetRevision: main}, {repoURL: 'https://b', chart: y,"
        " targetRevision: 1.2.3}], syncPolicy: {automated: {prune: true}}}, status: {sync:"
        " {status: Synced, revisions: [abc, def]}, history: [{id: 0, revision:"
        " 0123456789abcdef, deployedAt: '2026-02-11T09:00:00Z', initiatedBy: {automated: true}},"
        " {id: 1, revisions: [fedcba9876543210, 1.2.3], deployedAt: '2026-02-12T09:00:00Z', initiatedBy:"
        " {username: anna}}]}}",
        kube_time(NOW));
    (void)state;
    expect_cell(st, app, "repository", "https://a,https://b");
    expect_cell(st, app, "path", "x,y");
    expect_cell(st, app, "target", "main,1.2.3");
    expect_cell(st, app, "revision", "abc+def");
    expect_cell(st, app, "auto", "sync,prune");
    expect_cell(st, app, "self-heal", "false");
    expect_cell(
        st, app, "history",
        "2026-02-11T09:00:00Z 01234567 by auto,2026-02-12T09:00:00Z fedcba98+1.2.3 by anna");
    expect_cell(st, app, "deployed-at", "2026-02-12T09:00:00Z");
    store_free(st);
}

/* Applications in any namespace: their projects are where Argo CD is, and its windows say why it waits. */
static void an_application_elsewhere(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle app = kube_put(
        st, "application", 0,
        "{metadata: {namespace: shop, name: web}, spec: {project: apps, syncPolicy: {automated:"
        " {selfHeal: true}}}, status: {controllerNamespace: argocd, sync: {status: OutOfSync},"
        " health: {status: Healthy}}}",
        now);
    (void)state;
    (void)kube_put(st, "appproject", 0,
                   "{metadata: {namespace: argocd, name: apps}, spec: {syncWindows: [{kind: deny,"
                   " schedule: '0 8 * * *', duration: 2h}]}}",
                   now);
    expect(st, app, "a window may be closed", LEVEL_WARNING, "application-out-of-sync",
           "OutOfSync; its project has sync windows: deny 0 8 * * * for 2h");
    store_free(st);
}

/* Argo CD says that it is degraded, what it has deployed says why. */
static void why_it_is_degraded(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle app = kube_put(st, "application", 0, APP(AUTO, "Synced", "Degraded", OUT), now);
    struct handle project =
        kube_put(st, "appproject", 0, "{metadata: {namespace: argocd, name: apps}, spec: {}}", now);
    (void)state;
    (void)kube_put(st, "workload", 0,
                   "{metadata: {namespace: shop, name: web, generation: 1}, spec: {replicas: 2},"
                   " status: {observedGeneration: 1, updatedReplicas: 2, readyReplicas: 1,"
                   " availableReplicas: 1}}",
                   now);
    expect(st, app, "one pod is missing", LEVEL_WARNING, "application-degraded",
           "Degraded for 10m; web: 1/2 ready");
    expect_cell(st, project, "applications", "1");
    store_free(st);
}

static void every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_argo");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_applications),  cmocka_unit_test(test_sets),
        cmocka_unit_test(what_is_said_of_it), cmocka_unit_test(an_application_elsewhere),
        cmocka_unit_test(why_it_is_degraded), cmocka_unit_test(every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube argo", tests, NULL, NULL);
}
