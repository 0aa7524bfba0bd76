/* The verdict rules of External Secrets and of the Secrets it makes. */
#include <config.h>

#include "test/unit/kube_judge.h"

#define ES(meta, spec, status)                                                                 \
    "{metadata: {namespace: shop, name: db" meta "}, spec: {secretStoreRef: {kind:"            \
    " ClusterSecretStore, name: vault}, refreshInterval: 1h, data: [{secretKey: a, remoteRef:" \
    " {key: apps/db}}]" spec "}, status: {" status "}}"
#define READY_IS(status, reason, message, since)                                              \
    "conditions: [{type: Ready, status: '" status "', reason: " reason ", message: '" message \
    "', lastTransitionTime: '2026-02-" since "Z'}]"
#define SYNCED(at)                 \
    "refreshTime: '2026-02-13T" at \
    "Z', " READY_IS("True", "SecretSynced", "secret synced", "01T09:00:00")
#define FAILED \
    READY_IS("False", "SecretSyncedError", "could not get secret data from provider", "13T06:00:00")
#define BORN_AT(at) ", creationTimestamp: '2026-02-13T" at "Z'"

static const struct verdict_case externalsecrets[] = {
    {"refreshed in time", "externalsecret", 0, ES("", "", SYNCED("08:41:00")), LEVEL_OK,
     .until = "2026-02-13T10:41:00.001Z", .then = LEVEL_WARNING,
     .then_says = "last refreshed 2h ago, though every 1h is asked for"},
    {"not refreshed for long", "externalsecret", 0, ES("", "", SYNCED("06:00:00")), LEVEL_WARNING,
     "externalsecret-stale", "last refreshed 3h ago, though every 1h is asked for"},
    {"made once", "externalsecret", 0, ES("", ", refreshPolicy: CreatedOnce", SYNCED("01:00:00")),
     LEVEL_OK, .rule = NULL},
    {"not synced, what its Secret is like is not known", "externalsecret", 0,
     ES("", "", "refreshTime: '2026-02-13T05:00:00Z', " FAILED), LEVEL_WARNING,
     "externalsecret-not-synced",
     "SecretSyncedError for 3h: could not get secret data from provider"},
    {"without a status", "externalsecret", 0, ES(BORN_AT("08:00:00"), "", ""), LEVEL_WARNING,
     "externalsecret-unseen", "no status for 1h"},
    {"new", "externalsecret", 0, ES(BORN_AT("08:59:00"), "", ""), LEVEL_PROGRESS,
     "externalsecret-new", "no status for 1m", "2026-02-13T09:04:00.001Z", LEVEL_WARNING,
     "no status for 5m"},
    {"a Secret that is deleted as wanted", "externalsecret", 0,
     ES("", "", READY_IS("True", "SecretDeleted", "secret deleted", "13T06:00:00")), LEVEL_OK,
     .rule = NULL},
};
CASES(externalsecrets)

#define PUSH(meta, status)                                                                  \
    "{metadata: {namespace: shop, name: users" meta "}, spec: {refreshInterval: 10m,"       \
    " secretStoreRefs: [{kind: SecretStore, name: vault}], selector: {secret: {name: u}}}," \
    " status: {" status "}}"

static const struct verdict_case others[] = {
    {"pushed", "pushsecret", 0,
     PUSH("", "refreshTime: '2026-02-13T08:55:00Z', " READY_IS("True", "Synced", "done",
                                                               "01T09:00:00")),
     LEVEL_OK, .until = "2026-02-13T09:15:00.001Z", .then = LEVEL_WARNING,
     .then_says = "last refreshed 20m ago, though every 10m is asked for"},
    {"not pushed for long", "pushsecret", 0,
     PUSH("", "refreshTime: '2026-02-13T08:00:00Z', " READY_IS("True", "Synced", "done",
                                                               "01T09:00:00")),
     LEVEL_WARNING, "pushsecret-stale", "last refreshed 1h ago, though every 10m is asked for"},
    {"cannot be pushed", "pushsecret", 0,
     PUSH("", READY_IS("False", "Errored", "set secret failed: permission denied", "13T08:50:00")),
     LEVEL_WARNING, "pushsecret-not-synced",
     "Errored for 10m: set secret failed: permission denied"},
    {"a new one", "pushsecret", 0, PUSH(BORN_AT("08:59:00"), ""), LEVEL_PROGRESS,
     "pushsecret-unseen", "no status for 1m", "2026-02-13T09:04:00.001Z", LEVEL_WARNING,
     "no status for 5m"},
    {"in some namespaces not", "clusterexternalsecret", 0,
     "{metadata: {name: ghcr}, spec: {}, status: {conditions: [{type: Ready, status: 'False',"
     " message: one or more namespaces failed}], failedNamespaces: [{namespace: a, reason:"
     " 'external secret already exists in namespace'}, {namespace: b, reason: x}]}}",
     LEVEL_WARNING, "clusterexternalsecret-failed",
     "failed in 2 namespaces: a: external secret already exists in namespace"},
    {"nowhere", "clusterexternalsecret", 0,
     "{metadata: {name: ghcr}, spec: {}, status: {conditions: [{type: Ready, status: 'False',"
     " message: could not get namespaces}]}}",
     LEVEL_WARNING, "clusterexternalsecret-failed", "not ready: could not get namespaces"},
    {"everywhere", "clusterexternalsecret", 0,
     "{metadata: {name: ghcr}, spec: {}, status: {conditions: [{type: Ready, status: 'True'}],"
     " provisionedNamespaces: [a, b]}}",
     LEVEL_OK, .rule = NULL},
    {"a store", "secretstore", 0,
     "{metadata: {namespace: shop, name: s}, spec: {provider: {aws: {region: eu-1}}}, status: {" READY_IS(
         "True", "Valid", "store validated", "01T09:00:00") "}}",
     LEVEL_OK, .rule = NULL},
    {"a store that nobody looks at", "secretstore", 0,
     "{metadata: {namespace: shop, name: s" BORN_AT("08:58:00") "}, spec: {provider: {aws: {}}}}",
     LEVEL_PROGRESS, "store-unseen", "no status for 2m", "2026-02-13T09:03:00.001Z", LEVEL_WARNING,
     "no status for 5m"},
};
CASES(others)

#define SECRET(more) "{metadata: {namespace: shop, name: db" more "}}"
#define STORE(status)                                                                             \
    "{metadata: {name: vault}, spec: {provider: {vault: {server: 'https://vault.example', path:"  \
    " secret, auth: {tokenSecretRef: {name: token, key: t, namespace: ops}}}}}, status: {" status \
    "}}"
#define STORE_DOWN \
    READY_IS("False", "InvalidProviderConfig", "unable to create client", "13T08:30:00")

static void an_externalsecret_and_its_secret(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle es = kube_put(st, "externalsecret", 0, ES("", "", FAILED), now);
    (void)state;
    kube_synced(st, "secret", now);
    expect(st, es, "never made", LEVEL_CRITICAL, "externalsecret-no-secret",
           "there is no Secret db: SecretSyncedError for 3h: could not get secret data from"
           " provider");
    (void)kube_put(st, "event", 0,
                   "{metadata: {namespace: shop, name: db.1}, involvedObject: {apiVersion:"
                   " external-secrets.io/v1, kind: ExternalSecret, namespace: shop, name: db},"
                   " type: Warning, reason: UpdateFailed, message: 'error processing spec.data[0]"
                   " (key: apps/db), err: Secret does not exist', lastTimestamp:"
                   " '2026-02-13T08:54:00Z'}",
                   now);
    expect(st, es, "and the cause, from the event", LEVEL_CRITICAL, "externalsecret-no-secret",
           "there is no Secret db: SecretSyncedError for 3h; UpdateFailed: error processing"
           " spec.data[0] (key: apps/db), err: Secret does not exist");
    kube_drop(st, "event", "shop/db.1", now);
    (void)kube_put(st, "secret", 0, SECRET(""), now);
    expect(st, es, "with what was there before", LEVEL_WARNING, "externalsecret-not-synced",
           "SecretSyncedError for 3h: could not get secret data from provider");
    (void)kube_put(st, "event", 0,
                   "{metadata: {namespace: shop, name: db.2}, involvedObject: {apiVersion:"
                   " external-secrets.io/v1, kind: ExternalSecret, namespace: shop, name: db},"
                   " type: Warning, reason: UpdateFailed, message: 'error processing spec.data[0]"
                   " (key: apps/db), err: cannot find secret data for key: \"password\"',"
                   " lastTimestamp: '2026-02-13T08:55:00Z'}",
                   now);
    expect(
        st, es, "the path is there, and the key is not", LEVEL_WARNING, "externalsecret-not-synced",
        "SecretSyncedError for 3h; UpdateFailed: error processing spec.data[0] (key: apps/db), err:"
        " cannot find secret data for key: \"password\"");
    kube_drop(st, "event", "shop/db.2", now);
    (void)kube_put(st, "externalsecret", 0, ES("", "", SYNCED("08:41:00")), now);
    expect(st, es, "synced", LEVEL_OK, NULL, NULL);
    kube_drop(st, "secret", "shop/db", now);
    expect(st, es, "its Secret was deleted", LEVEL_WARNING, "externalsecret-secret-missing",
           "SecretSynced, and there is no Secret db");
    (void)kube_put(st, "externalsecret", 0,
                   ES("", ", target: {creationPolicy: Merge}",
                      READY_IS("True", "SecretMissing", "secret does not exist", "13T06:00:00")),
                   now);
    expect(st, es, "nothing to merge into", LEVEL_NOTICE, "externalsecret-no-target",
           "there is no Secret db to merge it into");
    store_free(st);
}

static void a_store_and_what_is_read_from_it(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle es = kube_put(st, "externalsecret", 0, ES("", "", FAILED), now), store;
    (void)state;
    kube_synced(st, "clustersecretstore", now);
    expect(st, es, "no such store", LEVEL_WARNING, "externalsecret-not-synced",
           "SecretSyncedError for 3h: could not get secret data from provider; clustersecretstore"
           " vault does not exist");
    store = kube_put(st, "clustersecretstore", 0, STORE(STORE_DOWN), now);
    expect(st, store, "down", LEVEL_CRITICAL, "store-not-ready",
           "1 ExternalSecret cannot be refreshed: InvalidProviderConfig for 30m: unable to create"
           " client");
    expect(st, es, "because of its store", LEVEL_WARNING, "externalsecret-not-synced",
           "SecretSyncedError for 3h: could not get secret data from provider; vault: 1"
           " ExternalSecret cannot be refreshed: InvalidProviderConfig for 30m: unable to create"
           " client");
    kube_drop(st, "externalsecret", "shop/db", now);
    expect(st, store, "that nobody uses", LEVEL_WARNING, "store-not-ready-unused",
           "InvalidProviderConfig for 30m: unable to create client");
    (void)kube_put(st, "clustersecretstore", 0,
                   STORE(READY_IS("True", "Valid", "store validated", "13T08:59:00")), now);
    expect(st, store, "well again", LEVEL_OK, NULL, NULL);
    store_free(st);
}

#define WRITTEN(at)                                                                              \
    SECRET(                                                                                      \
        ", managedFields: [{manager: external-secrets, operation: Update, time: '2026-02-13T" at \
        "Z', fieldsV1: {'f:data': {'f:a': {}}}}, {manager: kubectl, time:"                       \
        " '2026-02-13T08:59:30Z', fieldsV1: {'f:metadata': {'f:labels': {}}}}]")
#define READER(name, started, from)                                                             \
    "{metadata: {namespace: shop, name: " name "}, spec: {containers: [{name: a, " from "}],"   \
    " volumes: []}, status: {phase: Running, containerStatuses: [{name: a, ready: true, state:" \
    " {running: {startedAt: '2026-02-13T" started "Z'}}}]}}"
#define BY_VARIABLE "env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}]"

/* A variable has its value until the container starts anew; a file follows by itself. */
static void a_secret_and_who_took_it_before_it_changed(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle secret = kube_put(st, "secret", 0, WRITTEN("08:30:00"), now);
    (void)state;
    (void)kube_put(st, "pod", 0, READER("new", "08:40:00", BY_VARIABLE), now);
    expect(st, secret, "read after it changed", LEVEL_OK, NULL, NULL);
    (void)kube_put(st, "pod", 0, READER("old", "07:00:00", BY_VARIABLE), now);
    expect(st, secret, "one has it from before", LEVEL_NOTICE, "secret-outdated",
           "changed 30m ago; pod old still has what was there before");
    (void)kube_put(st, "pod", 0, READER("older", "06:00:00", BY_VARIABLE), now);
    expect(st, secret, "two have", LEVEL_NOTICE, "secret-outdated",
           "changed 30m ago; 2 pods still have what was there before, such as older");
    (void)kube_put(st, "pod", 0, READER("old", "08:50:00", BY_VARIABLE), now);
    kube_drop(st, "pod", "shop/older", now);
    expect(st, secret, "all have started anew", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* What is taken over as it is can be compared with its store. */
static void what_goes_where_in_a_secret(void **state)
{
    static const struct {
        const char *spec, *mapping;
    } cases[] = {
        {"data: [{secretKey: A, remoteRef: {key: /apps/x, property: p.q}},"
         " {secretKey: B, remoteRef: {key: apps/x}}]",
         "A=apps/x#p.q|B=apps/x"},
        {"dataFrom: [{extract: {key: apps/y}}, {extract: {key: apps/z}, rewrite: [{regexp: {}}]},"
         " {find: {path: apps}}]",
         "*=apps/y"},
        {"data: [{secretKey: A, remoteRef: {key: x, property: p, decodingStrategy: Base64}},"
         " {secretKey: B, remoteRef: {key: x, property: p, version: \"3\"}},"
         " {secretKey: C, remoteRef: {key: x, property: p, decodingStrategy: None,"
         " metadataPolicy: None}}, {secretKey: D, remoteRef: {key: \"a#b\", property: p}}]",
         "A=x#p !it is decoded|B=x#p !a version is asked for|C=x#p|D=a#b#p !its path has a #"},
        {"target: {template: {data: {A: x}}}, data: [{secretKey: A, remoteRef: {key: x}}]",
         "*= !a template makes it"},
        {"target: {template: {metadata: {labels: {a: b}}}},"
         " data: [{secretKey: A, remoteRef: {key: x, property: p}}]",
         "A=x#p"},
        {"data: []", ""},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct store *st = kube_store();
        struct strbuf object = STRBUF_INIT(4096), mapping = STRBUF_INIT(4096);
        strbuf_addf(&object, "{metadata: {namespace: shop, name: es}, spec: {%s}}", cases[i].spec);
        struct handle row = kube_put(st, "externalsecret", 0, strbuf_cstr(&object), kube_time(NOW));
        int column = kind_column(store_kind(st, row.kind), SPAN("mapping"));
        struct span text = store_text(st, row, (size_t)column);
        for (size_t at = 0; at < text.len; at++)
            strbuf_addc(&mapping, text.data[at] == LIST_SEPARATOR ? '|' : text.data[at]);
        assert_string_equal(strbuf_cstr(&mapping), cases[i].mapping);
        strbuf_clear(&object);
        strbuf_clear(&mapping);
        store_free(st);
    }
}

static void every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_external");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_externalsecrets),
        cmocka_unit_test(test_others),
        cmocka_unit_test(an_externalsecret_and_its_secret),
        cmocka_unit_test(a_store_and_what_is_read_from_it),
        cmocka_unit_test(what_goes_where_in_a_secret),
        cmocka_unit_test(a_secret_and_who_took_it_before_it_changed),
        cmocka_unit_test(every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube external", tests, NULL, NULL);
}
