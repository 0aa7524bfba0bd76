/* Cases of verdicts: level, rule, sentence, and when time alone turns them.
 * Objects go through the real decoder into a real store; now is an input. */
#ifndef BINNACLE_TEST_UNIT_KUBE_JUDGE_H
#define BINNACLE_TEST_UNIT_KUBE_JUDGE_H

#include "test/unit/kube_test.h"

#define NOW    "2026-02-13T09:00:00Z"
#define BUDGET 1000000 /* us: all that is due */

struct verdict_case {
    const char *what, *kind;
    size_t which;
    const char *object;
    enum level level;
    const char *rule, *says; /* NULL where nothing is said */
    const char *until;       /* NULL: only a change turns it */
    enum level then;         /* at until */
    const char *then_says;
};

/* Every rule that a case has seen, as "id\n": none may be left out. */
static struct strbuf kube_seen __attribute__((unused)) = STRBUF_INIT(65536);

static inline void work(struct store *st, int64_t now_ms)
{
    while (store_turn(st, now_ms, BUDGET))
        continue;
}

static inline void check_level(const struct store *st, struct handle row, const char *what,
                               enum level level, int64_t now_ms, const char *says)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct verdict v = store_verdict(st, row);
    if (v.level != level)
        fail_msg("%s: is %s, expected %s", what, level_name(v.level), level_name(level));
    store_says(st, row, now_ms, &text);
    if (strcmp(strbuf_cstr(&text), says ? says : "") != 0)
        fail_msg("%s: says `%s`, expected `%s`", what, strbuf_cstr(&text), says ? says : "");
    strbuf_clear(&text);
}

static inline void check_rule(const struct store *st, struct handle row, const char *what,
                              const char *rule)
{
    struct verdict v = store_verdict(st, row);
    if (v.level == LEVEL_OFF || v.level == LEVEL_OK)
        return;
    const char *id = store_kind(st, row.kind)->rules[v.rule].id;
    if (strcmp(id, rule) != 0)
        fail_msg("%s: by rule %s, expected %s", what, id, rule);
    strbuf_addf(&kube_seen, "%s\n", id);
}

static inline void check_until(struct store *st, struct handle row, const struct verdict_case *c)
{
    int64_t until = store_verdict(st, row).until_ms;
    if (!c->until) {
        if (until != TIME_FOREVER)
            fail_msg("%s: turns by itself", c->what);
        return;
    }
    if (until != kube_time(c->until)) {
        char text[TIMETEXT_MAX];
        if (until == TIME_FOREVER)
            fail_msg("%s: never turns by itself", c->what);
        time_format(until, text);
        fail_msg("%s: turns at %s, expected %s", c->what, text, c->until);
    }
    assert_true(store_next_turn(st) <= until);
    work(st, until - 1);
    assert_int_equal(store_verdict(st, row).level, c->level);
    work(st, until);
    check_level(st, row, c->what, c->then, until, c->then_says);
}

static inline void run(const struct verdict_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct verdict_case *c = &cases[i];
        struct store *st = kube_store();
        struct handle row = kube_put(st, c->kind, c->which, c->object, kube_time(NOW));
        work(st, kube_time(NOW));
        check_level(st, row, c->what, c->level, kube_time(NOW), c->says);
        check_rule(st, row, c->what, c->rule);
        check_until(st, row, c);
        store_free(st);
    }
}

static inline void expect(struct store *st, struct handle row, const char *what, enum level level,
                          const char *rule, const char *says)
{
    work(st, kube_time(NOW));
    check_level(st, row, what, level, kube_time(NOW), says);
    check_rule(st, row, what, rule);
}

/* The test that has a kind's cases. */
static inline const char *judged_in(const struct kind *kind)
{
    static const struct {
        const char *test, *kinds[12];
    } tests[] = {
        {"kube_verdict", {"node", "pod", "namespace", "event", "pv"}},
        {"kube_data",
         {"pxc", "backup-schedule", "backup", "pitr", "restore", "tenant", "tlsoption",
          "serverstransport", "serverstransporttcp", "tlsstore", "dnsendpoint"}},
        {"kube_policy", {"pdb", "validatingwebhook", "mutatingwebhook"}},
        {"kube_argo", {"application", "applicationset", "appproject"}},
        {"kube_certs",
         {"certificate", "certificaterequest", "order", "challenge", "issuer", "clusterissuer"}},
        {"kube_external",
         {"secret", "externalsecret", "clusterexternalsecret", "secretstore", "clustersecretstore",
          "pushsecret"}},
    };

    for (size_t t = 0; t < BN_COUNT(tests); t++)
        for (size_t i = 0; i < BN_COUNT(tests[t].kinds) && tests[t].kinds[i]; i++)
            if (strcmp(kind->name, tests[t].kinds[i]) == 0)
                return tests[t].test;
    return "kube_family";
}

/* Rules that speak of rows of another source have their cases with that one's. */
static inline bool judged_elsewhere(const char *rule)
{
    static const char *const elsewhere[] = {"route-not-loaded",
                                            "route-refused",
                                            "middleware-not-loaded", /* test/unit/traefik */
                                            "pitr-collector-fails",  /* test/systems/binlogs */
                                            "pvc-full",
                                            "pvc-filling",
                                            "node-disk-filling", /* test/unit/kubelet */
                                            "pxc-unseen"};       /* test/unit/controllers */
    size_t i = 0;
    if (span_ends(span_from(rule), "-unkept")) /* test/unit/controllers */
        return true;
    while (i < BN_COUNT(elsewhere) && strcmp(rule, elsewhere[i]) != 0)
        i++;
    return i < BN_COUNT(elsewhere);
}

/* Each rule of the kinds that have their cases in this test has had one. */
static inline void check_every_rule(const char *test)
{
    for (size_t k = 0; kube_kind_schemas[k]; k++) {
        const struct kind *kind = kube_kind_schemas[k];
        for (size_t i = 0; i < kind->nrules && strcmp(judged_in(kind), test) == 0; i++) {
            char line[100];
            (void)snprintf(line, sizeof(line), "%s\n", kind->rules[i].id);
            if (!judged_elsewhere(kind->rules[i].id) && !strstr(strbuf_cstr(&kube_seen), line))
                fail_msg("no case for rule %s of %s", kind->rules[i].id, kind->name);
        }
    }
    strbuf_clear(&kube_seen);
}

#define CASES(name)                       \
    static void test_##name(void **state) \
    {                                     \
        (void)state;                      \
        run(name, BN_COUNT(name));        \
    }

/* ---- Pieces of objects. */

#define NODE(spec, conditions) \
    "{metadata: {name: n1}, spec: {" spec "}, status: {conditions: [" conditions "]}}"
#define CONDITION(type, status) "{type: " type ", status: '" status "'}"
#define WELL                    CONDITION("Ready", "True")
#define CORDONED                "unschedulable: true"
#define POD(meta, status)                                                        \
    "{metadata: {namespace: shop, name: p, creationTimestamp: '2026-02-13T" meta \
    "}, spec: {containers: [{name: a}]}, status: {" status "}}"
#define BORN(at)        at "Z'"
#define DYING(at, gone) at "Z', deletionTimestamp: '2026-02-13T" gone "Z'"
#define READY(status, since) \
    "conditions: [{type: Ready, status: '" status "', lastTransitionTime: '2026-02-13T" since "Z'}]"
#define ONE(state)    "containerStatuses: [{name: a, " state "}]"
#define WAITS(reason) "state: {waiting: {reason: " reason "}}"

#endif
