/* The verdict rules of what may forbid something in a cluster: disruption budgets, admission webhooks.
 * And which pods a label selector chooses. */
#include <config.h>

#include "backends/kubernetes/selector.h"
#include "test/unit/kube_judge.h"

/* ---- Selectors. */

static void test_selectors(void **state)
{
    static const struct {
        const char *selector;
        bool chosen;
    } cases[] = {
        {"", true},
        {"app=web", true},
        {"app=we", false},
        {"ap=web", false},
        {"app=web,tier=front", true},
        {"app=web,tier=back", false},
        {"tier", true},
        {"role", false},
        {"!role", true},
        {"!tier", false},
        {"tier in (back,front)", true},
        {"tier in (back)", false},
        {"role in (a)", false},
        {"tier notin (back,front)", false},
        {"tier notin (back),app=web", true},
        {"role notin (a)", true},
        {"note=", true},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        if (selector_matches(span_from(cases[i].selector), SPAN("app=web,note=,tier=front")) !=
            cases[i].chosen)
            fail_msg("`%s`", cases[i].selector);
    assert_false(selector_matches(SPAN("app=web"), SPAN("")));
}

/* ---- Disruption budgets. */

#define BUDGET_OF(spec, status)                                          \
    "{metadata: {namespace: shop, name: b, generation: 2}, spec: {" spec \
    ", selector: {matchLabels: {app: web}}}, status: {observedGeneration: 2, " status "}}"
#define COUNTS(allowed, healthy, needed, pods)                                              \
    "disruptionsAllowed: " allowed ", currentHealthy: " healthy ", desiredHealthy: " needed \
    ", expectedPods: " pods
#define REASON(reason, message)                                                 \
    ", conditions: [{type: DisruptionAllowed, status: 'False', reason: " reason \
    ", message: '" message "'}]"
#define FULL BUDGET_OF("minAvailable: 2", COUNTS("0", "2", "2", "2") REASON("InsufficientPods", ""))

static const struct verdict_case budgets[] = {
    {"one may go", "pdb", 0, BUDGET_OF("maxUnavailable: 1", COUNTS("1", "3", "2", "3")), LEVEL_OK,
     .rule = NULL},
    {"it chooses no pod", "pdb", 0, BUDGET_OF("maxUnavailable: 1", COUNTS("0", "0", "0", "0")),
     LEVEL_OFF, .rule = NULL},
    {"its controller has not seen it", "pdb", 0,
     "{metadata: {namespace: shop, name: b, generation: 1}, spec: {minAvailable: 1}}", LEVEL_OFF,
     .rule = NULL},
    {"all are needed", "pdb", 0, FULL, LEVEL_NOTICE, "pdb-blocks",
     "no pod may be evicted, 2 of 2 healthy and minAvailable 2 (InsufficientPods)",
     "2026-02-13T09:00:15Z", LEVEL_NOTICE,
     "no pod may be evicted, 2 of 2 healthy and minAvailable 2 (InsufficientPods)"},
    {"one is not ready", "pdb", 0, BUDGET_OF("maxUnavailable: 34%", COUNTS("0", "2", "2", "3")),
     LEVEL_NOTICE, "pdb-short", "no pod may be evicted, 2 of 3 healthy and maxUnavailable 34%",
     "2026-02-13T09:00:15Z", LEVEL_NOTICE,
     "no pod may be evicted, 2 of 3 healthy and maxUnavailable 34%"},
    {"what it counts has no scale", "pdb", 0,
     BUDGET_OF("maxUnavailable: 1",
               COUNTS("0", "0", "0", "0")
                   REASON("SyncFailed", "jobs.batch does not implement the scale subresource")),
     LEVEL_WARNING, "pdb-sync-failed",
     "no pod may be evicted: SyncFailed: jobs.batch does not implement the scale subresource"},
};
CASES(budgets)

#define POD_ON(name, node, label, phase)                                \
    "{metadata: {namespace: shop, name: " name ", labels: {app: " label \
    "}}, spec: {nodeName: " node ", containers: [{name: a}]}, status: {phase: " phase "}}"

static void test_a_drain_that_waits(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle budget = kube_put(st, "pdb", 0, FULL, now);
    static const char notice[] =
        "no pod may be evicted, 2 of 2 healthy and minAvailable 2 (InsufficientPods)";
    static const char *const others[] = {POD_ON("w", "n2", "web", "Running"),
                                         POD_ON("x", "n1", "api", "Running"),
                                         POD_ON("y", "n1", "web", "Succeeded")};
    (void)state;
    (void)kube_put(st, "node", 0, NODE(CORDONED, WELL), now);
    for (size_t i = 0; i < BN_COUNT(others); i++)
        (void)kube_put(st, "pod", 0, others[i], now);
    work(st, now);
    check_level(st, budget, "others are on the node", LEVEL_NOTICE, now, notice);
    (void)kube_put(st, "pod", 0, POD_ON("z", "n1", "web", "Running"), now);
    work(st, now + 20000);
    check_level(st, budget, "one of its own is", LEVEL_WARNING, now,
                "no pod may be evicted, 2 of 2 healthy and minAvailable 2 (InsufficientPods);"
                " node n1 is cordoned and has z");
    check_rule(st, budget, "one of its own is", "pdb-blocks-drain");
    (void)kube_put(st, "node", 0, NODE("", WELL), now);
    work(st, now + 40000);
    check_level(st, budget, "the node takes pods again", LEVEL_NOTICE, now, notice);
    store_free(st);
}

/* ---- Webhooks. */

/* A CA of nobody's, until 2026-02-12T09:00:00Z, whose key was not kept; base64 of its PEM. */
#define CA                                                                                 \
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJYakNDQVFXZ0F3SUJBZ0lKQUlvMXgwNmlzem1FTUFv" \
    "R0NDcUdTTTQ5QkFNQ01Cc3hHVEFYQmdOVkJBTU0KRUdWNGRHVnlibUZzTFhObFkzSmxkSE13SGhjTk1qVXhN" \
    "VEUwTURrd01EQXdXaGNOTWpZd01qRXlNRGt3TURBdwpXakFiTVJrd0Z3WURWUVFEREJCbGVIUmxjbTVoYkMx" \
    "elpXTnlaWFJ6TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJCnpqMERBUWNEUWdBRXBrUWd4L0RkUE5UR1FtcDc4" \
    "RXJzR29ZNWFNanlXN0o0ektmM3VMZ2JPVG1FK1cvMGZDUW8KMVd6bGhVUHk0Ky9wSDZsQjBkUkxSa21aZ1N0" \
    "MDlYYi9ES015TURBd0R3WURWUjBUQVFIL0JBVXdBd0VCL3pBZApCZ05WSFE0RUZnUVVvQ0FzS0xoUjM4MENM" \
    "YU5Lc0p6cDlnb05DYlF3Q2dZSUtvWkl6ajBFQXdJRFJ3QXdSQUlnCk43RURMTWxZTXdxb1Z2QVRNanFSTDZC" \
    "Y3gxdmV3eUNWTityekxnZHkxdk1DSUVleGluNHdzcW1OVVJnVC94eWMKZk0zZUNxc0M4OEd1NW9qUDRkUVdz" \
    "SEtvCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K"
#define HOOK_OF(policy, client)                                                                    \
    "{metadata: {name: h}, webhooks: [{name: a, failurePolicy: " policy ", clientConfig: {" client \
    "}, rules: [{apiGroups: [x.io], resources: [things, others]}]}]}"
#define TO_WEB "service: {namespace: shop, name: web}"
#define SERVICE                                                                                 \
    "{metadata: {namespace: shop, name: web, creationTimestamp: '2026-02-13T08:00:00Z'}, spec:" \
    " {type: ClusterIP, selector: {app: web}}}"
#define SLICE(ready)                                                                        \
    "{metadata: {namespace: shop, name: web-1, labels: {kubernetes.io/service-name: web}}," \
    " addressType: IPv4, endpoints: [{addresses: [10.0.0.1], conditions: {ready: " ready "}}]}"

static const struct verdict_case webhooks[] = {
    {"it asks an address outside", "validatingwebhook", 0,
     HOOK_OF("Fail", "url: 'https://a.example'"), LEVEL_OK, .rule = NULL},
    {"its CA has run out", "validatingwebhook", 0, HOOK_OF("Fail", TO_WEB ", caBundle: " CA),
     LEVEL_CRITICAL, "webhook-ca-expired",
     "the CA that it trusts has run out 1d ago; writes of things.x.io and others are refused"},
    {"and it lets by", "mutatingwebhook", 0, HOOK_OF("Ignore", TO_WEB ", caBundle: " CA),
     LEVEL_WARNING, "webhook-ca-expired",
     "the CA that it trusts has run out 1d ago; writes of things.x.io and others are not looked at"},
    {"none was injected", "mutatingwebhook", 0, HOOK_OF("Fail", TO_WEB), LEVEL_WARNING,
     "webhook-no-ca",
     "1 of 1 webhooks trust no CA: x509, signed by unknown authority; writes of things.x.io and"
     " others are refused"},
    {"no certificate at all", "validatingwebhook", 0,
     HOOK_OF("Fail", TO_WEB ", caBundle: bm90aGluZw=="), LEVEL_OK, .rule = NULL},
};
CASES(webhooks)

/* As time goes on: well, about to run out, run out. */
static void test_a_ca_that_runs_out(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time("2026-02-01T09:00:00Z"), soon = kube_time("2026-02-07T09:00:00Z");
    struct handle row =
        kube_put(st, "validatingwebhook", 0, HOOK_OF("Fail", TO_WEB ", caBundle: " CA), now);
    (void)state;
    work(st, now);
    check_level(st, row, "it holds", LEVEL_OK, now, NULL);
    work(st, soon);
    check_level(st, row, "days are left", LEVEL_WARNING, soon,
                "the CA that it trusts runs out in 5d");
    check_rule(st, row, "days are left", "webhook-ca-expires");
    work(st, kube_time(NOW));
    check_rule(st, row, "it has run out", "webhook-ca-expired");
    store_free(st);
}

static void test_who_is_asked(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle row = kube_put(st, "validatingwebhook", 0, HOOK_OF("Fail", TO_WEB), now);
    static const char refused[] = "; writes of things.x.io and others are refused";
    char says[200];
    (void)state;
    kube_synced(st, "service", now);
    (void)snprintf(says, sizeof(says), "service shop/web does not exist%s", refused);
    expect(st, row, "there is no service", LEVEL_CRITICAL, "webhook-service-missing", says);
    (void)kube_put(st, "service", 0, SERVICE, now);
    (void)kube_put(st, "endpointslice", 0, SLICE("false"), now);
    kube_synced(st, "endpointslice", now);
    (void)snprintf(says, sizeof(says), "nothing ready is behind service shop/web%s", refused);
    expect(st, row, "nothing is ready", LEVEL_CRITICAL, "webhook-no-endpoints", says);
    (void)kube_put(st, "endpointslice", 0, SLICE("true"), now);
    work(st, now);
    check_rule(st, row, "a pod is ready", "webhook-no-ca");
    store_free(st);
}

static void test_every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_policy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selectors),           cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_a_drain_that_waits),  cmocka_unit_test(test_webhooks),
        cmocka_unit_test(test_a_ca_that_runs_out),  cmocka_unit_test(test_who_is_asked),
        cmocka_unit_test(test_every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube policy", tests, NULL, NULL);
}
