/* What keeps custom resources: found by image or labels, told from what else runs the same image, and
 * what it keeps is unknown while it does not run. */
#include <config.h>

#include "backends/kubernetes/keeper.h"
#include "test/unit/joined_test.h"

extern const struct backend backend_controllers;

JOINED_WORLD(world)

#define COUNTED(ns, name, labels, image, wanted, ready, available)                               \
    "{metadata: {namespace: " ns ", name: " name ", labels: {" labels "}, generation: 1, "       \
    "creationTimestamp: '2026-01-01T00:00:00Z'}, spec: {replicas: " wanted ", template: {spec: " \
    "{containers: [{name: a, image: '" image "'}]}}}, status: {observedGeneration: 1, "          \
    "replicas: " wanted ", updatedReplicas: " wanted ", readyReplicas: " ready                   \
    ", availableReplicas: " ready ", conditions: [{type: Available, status: '" available "',"    \
    " lastTransitionTime: '2026-02-13T08:57:00Z'}]}}"
#define WORKLOAD(ns, name, labels, image) COUNTED(ns, name, labels, image, "1", "1", "True")
#define SAID_READY(ready)                 "conditions: [{type: Ready, status: '" ready "', reason: Ready}]"

static void put(const char *kind, size_t which, const char *object)
{
    (void)kube_put(world.st, kind, which, object, kube_time(NOW));
}

static void drop(const char *kind, const char *key)
{
    struct row_writer w;
    row_writer_init(&w, world.list.kinds[joined_number(&world, kind)], KUBE_JSON_MAX);
    assert_true(row_drop(&w, span_from(key)));
    kube_apply(world.st, row_writer_take(&w, 0, joined_number(&world, kind)), kube_time(NOW));
    row_writer_clear(&w);
}

static void look(void)
{
    joined_look(&world, &backend_controllers, NULL);
}

static void judged(const char *kind, const char *key, enum level level, const char *rule,
                   const char *says)
{
    joined_judged(&world, kind, key, level, rule, says);
}

static void unkept(const char *kind, const char *key, const char *rule)
{
    struct handle row = joined_row(&world, kind, key);
    work(world.st, kube_time(NOW));
    assert_int_equal(store_verdict(world.st, row).level, LEVEL_UNKNOWN);
    check_rule(world.st, row, key, rule);
}

/* Of each, what it keeps and is well, its workload as its chart makes it, and what it is not. */
static const struct {
    const char *controller, *kind, *key, *rule, *object;
    size_t which; /* of workload's resources */
    const char *workload_key, *workload, *other;
} kept[] = {
    {"percona-operator", "pxc", "db/mysql", "pxc-unkept",
     "{metadata: {namespace: db, name: mysql, generation: 1}, spec: {pxc: {size: 1}}, status: {state: "
     "ready, observedGeneration: 1, pxc: {size: 1, ready: 1, status: ready}}}",
     0, "ops/Deployment/pxc-operator",
     WORKLOAD("ops", "pxc-operator", "a: b", "percona/percona-xtradb-cluster-operator:1.19.0"),
     /* what operators before 1.15 made of their own repository */
     "{metadata: {namespace: db, name: mysql-haproxy, ownerReferences: [{apiVersion: "
     "pxc.percona.com/v1, kind: PerconaXtraDBCluster, name: mysql, controller: true}]}, spec: {replicas: "
     "1, template: {spec: {containers: [{name: haproxy, image: "
     "'percona/percona-xtradb-cluster-operator:1.14.0-haproxy'}]}}}, status: {readyReplicas: 1}}"},
    {"cert-manager", "certificate", "web/tls", "certificate-unkept",
     "{metadata: {namespace: web, name: tls, creationTimestamp: '2026-01-01T00:00:00Z'}, spec: "
     "{secretName: tls, issuerRef: {name: le}}, status: {notBefore: '2026-01-01T00:00:00Z', notAfter: "
     "'2026-06-01T00:00:00Z', renewalTime: '2026-05-01T00:00:00Z', " SAID_READY("True") "}}",
     0, "cm/Deployment/cert-manager",
     WORKLOAD("cm", "cert-manager", "a: b",
              "registry.local:5000/mirrored-jetstack-cert-manager-controller:v1.19.3"),
     WORKLOAD("cm", "cert-manager-webhook", "app.kubernetes.io/name: webhook",
              "quay.io/jetstack/cert-manager-webhook:v1.19.3")},
    {"cert-manager", "clusterissuer", "le", "issuer-unkept",
     "{metadata: {name: le}, spec: {acme: {}}, status: {" SAID_READY("True") "}}", 0,
     "cm/Deployment/cert-manager",
     WORKLOAD("cm", "cert-manager",
              "app.kubernetes.io/name: cert-manager, app.kubernetes.io/component: controller",
              "example.org/cm@sha256:0123"),
     WORKLOAD("cm", "cert-manager-cainjector",
              "app.kubernetes.io/name: cainjector, app.kubernetes.io/component: cainjector",
              "quay.io/jetstack/cert-manager-cainjector:v1.19.3")},
    {"external-secrets", "externalsecret", "web/s", "externalsecret-unkept",
     "{metadata: {namespace: web, name: s, creationTimestamp: '2026-01-01T00:00:00Z'}, spec: "
     "{refreshInterval: 1h, target: {creationPolicy: None}}, status: {refreshTime: "
     "'2026-02-13T08:50:00Z', " SAID_READY("True") "}}",
     0, "eso/Deployment/external-secrets",
     WORKLOAD("eso", "external-secrets", "app.kubernetes.io/name: external-secrets",
              "oci.external-secrets.io/external-secrets/external-secrets:v0.16.1"),
     WORKLOAD("eso", "external-secrets-webhook", "app.kubernetes.io/name: external-secrets-webhook",
              "oci.external-secrets.io/external-secrets/external-secrets:v0.16.1")},
    {"external-secrets", "clustersecretstore", "vault", "store-unkept",
     "{metadata: {name: vault}, spec: {provider: {vault: {}}}, status: {" SAID_READY("True") "}}",
     0, "eso/Deployment/external-secrets",
     WORKLOAD("eso", "external-secrets", "app.kubernetes.io/name: external-secrets", "a/b:1"),
     WORKLOAD("eso", "external-secrets-cert-controller", "a: b",
              "oci.external-secrets.io/external-secrets/external-secrets:v0.16.1")},
    {"external-secrets", "pushsecret", "web/p", "pushsecret-unkept",
     "{metadata: {namespace: web, name: p, creationTimestamp: '2026-01-01T00:00:00Z'}, spec: "
     "{refreshInterval: 1h}, status: {refreshTime: '2026-02-13T08:50:00Z', " SAID_READY(
         "True") "}}",
     0, "eso/Deployment/external-secrets",
     WORKLOAD("eso", "external-secrets", "a: b", "ghcr.io/external-secrets/external-secrets:v2"),
     WORKLOAD("eso", "other", "a: b", "ghcr.io/x/external-secrets-reader:v2")},
    {"external-secrets", "clusterexternalsecret", "all", "clusterexternalsecret-unkept",
     "{metadata: {name: all}, spec: {}, status: {" SAID_READY("True") "}}", 0,
     "eso/Deployment/external-secrets",
     WORKLOAD("eso", "external-secrets", "a: b", "ghcr.io/external-secrets/external-secrets:v2"),
     WORKLOAD("eso", "other", "a: b", "ghcr.io/external-secrets/reloader:v2")},
    {"external-dns", "dnsendpoint", "web/d", "dnsendpoint-unkept",
     "{metadata: {namespace: web, name: d, generation: 1}, spec: {endpoints: []}, status: "
     "{observedGeneration: 1}}",
     0, "dns/Deployment/external-dns",
     WORKLOAD("dns", "external-dns", "a: b", "docker.io/bitnami/external-dns:0.14.0"),
     WORKLOAD("dns", "node-dns", "a: b", "registry.k8s.io/dns/k8s-dns-node-cache:1")},
    {"argocd-controller", "application", "argocd/shop", "application-unkept",
     "{metadata: {namespace: argocd, name: shop}, spec: {project: default, syncPolicy: {automated: {}}}, "
     "status: {reconciledAt: '2026-02-13T08:59:00Z', sync: {status: Synced}, health: {status: "
     "Healthy}}}",
     1, "argocd/StatefulSet/argocd-application-controller",
     WORKLOAD(
         "argocd", "argocd-application-controller",
         "app.kubernetes.io/component: application-controller, app.kubernetes.io/part-of: argocd",
         "quay.io/argoproj/argocd:v3.3.0"),
     WORKLOAD("argocd", "argocd-server",
              "app.kubernetes.io/component: server, app.kubernetes.io/part-of: argocd",
              "quay.io/argoproj/argocd:v3.3.0")},
    {"minio-operator", "tenant", "files/t", "tenant-unkept",
     "{metadata: {namespace: files, name: t}, status: {currentState: Initialized, healthStatus: green, "
     "drivesOnline: 4, writeQuorum: 3}}",
     0, "ops/Deployment/minio-operator",
     WORKLOAD("ops", "minio-operator", "a: b", "quay.io/minio/operator:v7.1.1"),
     WORKLOAD("ops", "side", "a: b", "quay.io/minio/operator-sidecar:v7.0.1")},
    {"traefik", "ingressroute", "web/r", "route-unkept",
     "{metadata: {namespace: web, name: r, creationTimestamp: '2026-01-01T00:00:00Z'}, spec: {routes: "
     "[]}}",
     2, "traefik/DaemonSet/traefik",
     "{metadata: {namespace: traefik, name: traefik}, spec: {template: {spec: {containers: [{name: "
     "traefik, image: 'rancher/mirrored-library-traefik:3.6.7'}]}}}, status: {desiredNumberScheduled: "
     "3, numberReady: 3, numberAvailable: 3}}",
     WORKLOAD("traefik", "whoami", "a: b", "docker.io/traefik/whoami:v1.10")},
};

static void what_nobody_keeps_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(kept); i++) {
        joined_done(&world);
        joined_begin(&world);
        put("workload", kept[i].which, kept[i].workload);
        put("workload", kept[i].which == 1 ? 1 : 0, kept[i].other);
        put("secret", 0, "{metadata: {namespace: web, name: tls}, type: kubernetes.io/tls}");
        put(kept[i].kind, 0, kept[i].object);
        look();
        assert_string_equal(joined_cell(&world, "controller", kept[i].controller, "workloads"),
                            kept[i].workload_key);
        judged(kept[i].kind, kept[i].key, LEVEL_OK, NULL, NULL);
        drop("workload", kept[i].workload_key);
        look();
        unkept(kept[i].kind, kept[i].key, kept[i].rule);
        struct handle row = joined_row(&world, "controller", kept[i].controller);
        assert_int_equal(store_verdict(world.st, row).level, LEVEL_WARNING);
        put("workload", kept[i].which, kept[i].workload);
        look();
        judged(kept[i].kind, kept[i].key, LEVEL_OK, NULL, NULL);
        judged("controller", kept[i].controller, LEVEL_OK, NULL, NULL);
    }
}

/* Every one of the table is looked at above, and every rule that says so. */
static void every_controller_is_tried(void **state)
{
    (void)state;
    for (const struct keeper *k = keepers; k->name; k++) {
        bool tried = false;
        for (size_t i = 0; i < BN_COUNT(kept); i++)
            tried = tried || strcmp(kept[i].controller, k->name) == 0;
        if (!tried)
            fail_msg("%s", k->name);
    }
    for (size_t k = 0; kube_kinds[k]; k++)
        for (size_t i = 0; i < kube_kinds[k]->kind->nrules; i++) {
            const char *id = kube_kinds[k]->kind->rules[i].id;
            bool tried = !span_ends(span_from(id), "-unkept") ||
                         strcmp(id, "backup-schedule-unkept") == 0; /* below */
            for (size_t n = 0; n < BN_COUNT(kept); n++)
                tried = tried || strcmp(kept[n].rule, id) == 0;
            if (!tried)
                fail_msg("%s", id);
        }
}

#define CERT_MANAGER(wanted, ready, available)                                                  \
    COUNTED("cm", "cert-manager", "a: b", "jetstack/cert-manager-controller:v1", wanted, ready, \
            available)
#define ISSUER "{metadata: {name: le}, spec: {acme: {}}, status: {" SAID_READY("True") "}}"

static void how_it_does_not_run_is_said(void **state)
{
    (void)state;
    look();
    judged("controller", "cert-manager", LEVEL_OFF, NULL, NULL);
    put("clusterissuer", 0, ISSUER);
    look();
    judged(
        "clusterissuer", "le", LEVEL_UNKNOWN, "issuer-unkept",
        "may be old: cert-manager is not there: no workload runs jetstack/cert-manager-controller");
    put("workload", 0, CERT_MANAGER("0", "0", "True"));
    look();
    judged("clusterissuer", "le", LEVEL_UNKNOWN, "issuer-unkept",
           "may be old: cert-manager is scaled to 0: cm/Deployment/cert-manager");
    put("workload", 0, CERT_MANAGER("1", "0", "False"));
    look();
    judged("clusterissuer", "le", LEVEL_UNKNOWN, "issuer-unkept",
           "may be old: cert-manager does not run; cert-manager: 0/1 ready for 3m");
    put("workload", 0, CERT_MANAGER("1", "1", "True"));
    look();
    judged("clusterissuer", "le", LEVEL_OK, NULL, NULL);
}

/* What is bad by itself stays so: it says more. */
static void what_is_bad_stays_bad(void **state)
{
    (void)state;
    put("clusterissuer", 0,
        "{metadata: {name: le}, spec: {acme: {}}, status: {" SAID_READY("False") "}}");
    look();
    judged("clusterissuer", "le", LEVEL_WARNING, "issuer-not-ready-unused", "Ready");
}

static void one_that_is_replaced_is_waited_for(void **state)
{
    int64_t now = kube_time("2026-02-13T08:58:30Z");
    (void)state;
    put("clusterissuer", 0, ISSUER);
    put("workload", 0, CERT_MANAGER("1", "0", "False"));
    look();
    struct handle row = joined_row(&world, "clusterissuer", "le");
    int64_t until = TIME_FOREVER;
    struct handle controller;
    assert_false(keeper_gone(world.st, row, now, &until, &controller));
    assert_int_equal(until, kube_time("2026-02-13T08:59:00Z") + 1);
    assert_true(keeper_gone(world.st, row, until, &until, &controller));
}

/* A namespace that may not be read may have it. */
static void where_not_all_is_seen_none_is_missed(void **state)
{
    struct message *m = message_new(MESSAGE_STATE, 0, joined_number(&world, "workload"));
    (void)state;
    m->report.state = SOURCE_PARTIAL;
    kube_apply(world.st, m, kube_time(NOW));
    put("clusterissuer", 0, ISSUER);
    look();
    assert_false(joined_has(&world, "controller", "cert-manager"));
    judged("clusterissuer", "le", LEVEL_OK, NULL, NULL);
}

#define SCHEDULED                                                                                  \
    "{metadata: {namespace: db, name: mysql, generation: GEN, creationTimestamp: "                 \
    "'2026-02-13T08:00:00Z'}, spec: {pxc: {size: 1}, backup: {schedule: [{name: daily, schedule: " \
    "'0 3 * * *', storageName: s3}]}}, status: {state: ready, observedGeneration: 1, pxc: {size: " \
    "1, ready: 1}}}"

static void put_cluster(const char *kind, const char *generation)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct span all = SPAN(SCHEDULED);
    size_t at = span_search(all, SPAN("GEN"), false);
    strbuf_addf(&text, "%.*s%s%.*s", SPAN_ARG(span_sub(all, 0, at)), generation,
                SPAN_ARG(span_sub(all, at + 3, all.len)));
    put(kind, 0, strbuf_cstr(&text));
    strbuf_clear(&text);
}

static void backups_that_will_not_be_made(void **state)
{
    const char *gone =
        "no backup will be made: the Percona operator is not there: no workload runs "
        "percona/percona-xtradb-cluster-operator";
    (void)state;
    put_cluster("pxc", "1");
    put_cluster("backup-schedule", "1");
    look();
    judged("backup-schedule", "db/mysql/daily", LEVEL_WARNING, "backup-schedule-unkept", gone);
    unkept("pxc", "db/mysql", "pxc-unkept");
    put_cluster("pxc", "2");
    judged("pxc", "db/mysql", LEVEL_WARNING, "pxc-unseen",
           "its newest version is not seen: the Percona operator is not there: no workload runs "
           "percona/percona-xtradb-cluster-operator");
    put("workload", 0, kept[0].workload);
    look();
    judged("pxc", "db/mysql", LEVEL_PROGRESS, "pxc-rolling", "ready, 1/1 nodes ready");
    judged("backup-schedule", "db/mysql/daily", LEVEL_OK, NULL, NULL);
}

/* After half an hour it is missed, and why is said. */
static void a_missed_backup_names_it(void **state)
{
    struct strbuf says = STRBUF_INIT(4096);
    int64_t now = kube_time("2026-02-14T04:00:00Z");
    (void)state;
    put_cluster("pxc", "1");
    put_cluster("backup-schedule", "1");
    look();
    work(world.st, now);
    struct handle row = joined_row(&world, "backup-schedule", "db/mysql/daily");
    check_rule(world.st, row, "a day later", "backup-never");
    store_says(world.st, row, now, &says);
    assert_non_null(strstr(strbuf_cstr(&says), "; the Percona operator is not there: no workload "
                                               "runs percona/percona-xtradb-cluster-operator"));
    strbuf_clear(&says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_keeps_is_unknown, begin, end),
        cmocka_unit_test(every_controller_is_tried),
        cmocka_unit_test_setup_teardown(how_it_does_not_run_is_said, begin, end),
        cmocka_unit_test_setup_teardown(what_is_bad_stays_bad, begin, end),
        cmocka_unit_test_setup_teardown(one_that_is_replaced_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(where_not_all_is_seen_none_is_missed, begin, end),
        cmocka_unit_test_setup_teardown(backups_that_will_not_be_made, begin, end),
        cmocka_unit_test_setup_teardown(a_missed_backup_names_it, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
