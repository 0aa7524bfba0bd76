/* The verdict rules of what a cluster's policies forbid: disruption budgets. And which pods a label
 * selector chooses. */
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

static void test_every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_policy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_a_drain_that_waits),
        cmocka_unit_test(test_every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube policy", tests, NULL, NULL);
}
