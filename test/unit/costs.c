/* Costs by the price table, and what is expected against what is there. */
#include <config.h>

#include "backends/costs/costs.h"

#include "test/unit/joined_test.h"

extern const struct backend backend_costs, backend_expected, backend_s3, backend_dns;

JOINED_WORLD(world)

static void put(const char *kind, const char *object)
{
    (void)kube_put(world.st, kind, 0, object, kube_time(NOW));
}

/* ---- Costs. */

#define PRICED(name, type) \
    "{metadata: {name: " name ", labels: {node.kubernetes.io/instance-type: " type "}}}"
#define VOLUME(name, class, size)                                                                \
    "{metadata: {name: " name "}, spec: {storageClassName: " class ", capacity: {storage: " size \
                                                                   "}}, status: {phase: Bound}}"
#define STORAGE                                                                                       \
    "{metadata: {namespace: db, name: main}, spec: {backup: {storages: {s3: {type: s3, s3: {bucket: " \
    "backups/prod, region: eu-central-1}}, own: {type: s3, s3: {bucket: inside, endpointUrl: "        \
    "'https://minio.db.svc:9000'}}}}}}"

/* A row of another source, by its columns' names; NULL ends. */
static void other(const struct backend *backend, const char *kind, const char *key,
                  const char *const *texts, const char *number, int64_t value)
{
    uint16_t k = joined_number(&world, kind);
    const struct kind *schema = world.kinds[k];
    struct row_writer rows;
    row_writer_init(&rows, schema, KUBE_JSON_MAX);
    row_begin(&rows, span_from(key));
    for (; *texts; texts += 2)
        row_text(&rows, (size_t)kind_column(schema, span_from(texts[0])), span_from(texts[1]));
    if (number)
        row_num(&rows, (size_t)kind_column(schema, span_from(number)), value);
    assert_true(row_end(&rows));
    joined_tell(&world, joined_source(backend), k, &rows);
    row_writer_clear(&rows);
}

static void look_with(const struct declared *prices)
{
    joined_look(&world, &backend_costs, prices ? prices : costs_declares.defaults);
}

static void is(const char *key, const char *low, const char *high, const char *how)
{
    assert_string_equal(joined_cell(&world, "cost", key, "low"), low);
    assert_string_equal(joined_cell(&world, "cost", key, "high"), high);
    assert_string_equal(joined_cell(&world, "cost", key, "how"), how);
}

static void components_times_prices_and_their_sum(void **state)
{
    static const char *const zone[] = {
        "name", "www.example.org", "zone", "example.org", "owner", "edns", NULL};
    (void)state;
    put("node", PRICED("n1", "io1-60"));
    put("node", PRICED("n2", "io1-60"));
    put("node", PRICED("n3", "memory1-30"));
    put("pv", VOLUME("v1", "sata", "100Gi"));
    put("pv", VOLUME("v2", "sata", "20Gi"));
    other(&backend_dns, "dns-name", "www.example.org", zone, NULL, 0);
    look_with(NULL);
    is("node/io1-60", "50.00", "100.00", "2 x 25-50 USD");
    is("node/memory1-30", "25.00", "50.00", "1 x 25-50 USD");
    is("volume/sata", "18.48", "46.20", "120 GiB x 0.154-0.385 USD");
    is("zone/example.org", "0.50", "1.00", "1 x 0.5-1 USD");
    is("total/USD", "93.98", "197.20", "the sum of 4");
    assert_string_equal(joined_cell(&world, "cost", "volume/sata", "size"), "120Gi");
    assert_non_null(
        strstr(joined_cell(&world, "cost", "node/io1-60", "price-from"), "six spot nodes"));
    joined_judged(&world, "cost", "total/USD", LEVEL_OFF, "", NULL); /* neither well nor ill */
    assert_string_equal(joined_system(&world, &backend_costs), "94-197 USD a month");
}

static void what_has_no_price_stays_unknown(void **state)
{
    (void)state;
    put("node", PRICED("n1", "io1-60"));
    put("node", PRICED("n2", "m5.24xlarge"));
    put("node", "{metadata: {name: n3}}");
    look_with(NULL);
    is("node/m5.24xlarge", "-", "-", "-");
    joined_judged(&world, "cost", "node/m5.24xlarge", LEVEL_NOTICE, "cost-unknown",
                  "not known: no price is known of m5.24xlarge");
    joined_judged(&world, "cost", "node/no type", LEVEL_NOTICE, "cost-unknown",
                  "not known: no price is known of no type");
    is("total/USD", "25.00", "-", "the sum of 1");
    joined_judged(&world, "cost", "total/USD", LEVEL_NOTICE, "cost-at-least",
                  "at least: the cost of 2 components is not known");
    assert_string_equal(joined_system(&world, &backend_costs),
                        "at least 25 USD a month, 2 not known");
    kube_drop(world.st, "node", "n2", kube_time(NOW));
    kube_drop(world.st, "node", "n3", kube_time(NOW));
    look_with(NULL);
    is("total/USD", "25.00", "50.00", "the sum of 1");
    assert_false(joined_has(&world, "cost", "node/m5.24xlarge"));
}

/* Its size is known once somebody has listed it; the cluster's own is not paid for apart. */
static void buckets(void **state)
{
    static const char *const listed[] = {"name", "backups/prod", NULL};
    (void)state;
    put("backup-storage", STORAGE);
    look_with(NULL);
    joined_judged(&world, "cost", "bucket/backups", LEVEL_NOTICE, "cost-unknown",
                  "not known: its size is not known");
    assert_false(joined_has(&world, "cost", "bucket/inside"));
    other(&backend_s3, "s3-bucket", "backups/prod", listed, "size", INT64_C(200) << 30);
    look_with(NULL);
    is("bucket/backups", "4.60", "10.00", "200 GiB x 0.023-0.05 USD");
}

static void prices_of_the_configuration(void **state)
{
    static const char *const exact[] = {"low=10.5", "currency=EUR", "source=contract", NULL};
    static const char *const wide[] = {"low=1", "high=2", NULL};
    static const char *const wider[] = {"low=7", NULL};
    static const char *const turned[] = {"low=2", "high=1", NULL};
    static const char *const odd[] = {"low=2", "per=month", NULL};
    const struct declared prices[] = {{"node/*", wider},      {"node/io1-*", wide},
                                      {"node/io1-60", exact}, {"volume/sata", turned},
                                      {"volume/*", odd},      {NULL, NULL}};
    (void)state;
    put("node", PRICED("n1", "io1-60"));
    put("node", PRICED("n2", "io1-30"));
    put("node", PRICED("n3", "gp"));
    put("pv", VOLUME("v1", "sata", "1Gi"));
    put("pv", VOLUME("v2", "fast", "1Gi"));
    look_with(prices);
    is("node/io1-60", "10.50", "10.50", "1 x 10.5 EUR"); /* its own name comes first */
    assert_string_equal(joined_cell(&world, "cost", "node/io1-60", "price-from"), "contract");
    is("node/io1-30", "1.00", "2.00", "1 x 1-2 USD"); /* then the longest pattern */
    is("node/gp", "7.00", "7.00", "1 x 7 USD");
    joined_judged(&world, "cost", "volume/sata", LEVEL_NOTICE, "cost-unknown",
                  "not known: the price volume/sata is higher at least than at most");
    joined_judged(&world, "cost", "volume/fast", LEVEL_NOTICE, "cost-unknown",
                  "not known: per wants each or GiB, not month");
    is("total/USD", "8.00", "-", "the sum of 2"); /* sums of each currency */
    is("total/EUR", "10.50", "-", "the sum of 1");
}

/* ---- Expectations. */

#define SET(name, ready)                                                                          \
    "{metadata: {namespace: tools, name: " name ", generation: 1, creationTimestamp: "            \
    "'2026-01-01T00:00:00Z'}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, " \
    "updatedReplicas: 1, readyReplicas: " ready ", availableReplicas: " ready "}}"

static void expected(const char *name, const char *const *settings)
{
    const struct declared one[] = {{name, settings}, {NULL, NULL}};
    joined_look(&world, &backend_expected, one);
}

static void declared_is_neither_well_nor_ill(void **state)
{
    static const char *const plain[] = {"note=switched off", NULL};
    (void)state;
    put("workload", SET("shop", "1"));
    expected("Grafana", plain);
    assert_string_equal(joined_cell(&world, "expectation", "Grafana", "state"), "not deployed");
    assert_string_equal(joined_cell(&world, "expectation", "Grafana", "note"), "switched off");
    joined_judged(&world, "expectation", "Grafana", LEVEL_OFF, "", NULL);
    assert_string_equal(joined_system(&world, &backend_expected), "1 declared, not deployed");
    put("workload", SET("stack-grafana", "1"));
    expected("Grafana", plain);
    assert_string_equal(joined_cell(&world, "expectation", "Grafana", "state"), "deployed");
    joined_judged(&world, "expectation", "Grafana", LEVEL_NOTICE, "expected-deployed",
                  "declared only, and deployed now: workload tools/Deployment/stack-grafana");
    assert_string_equal(joined_system(&world, &backend_expected),
                        "1 deployed that was only declared");
    put("workload", SET("stack-grafana", "0"));
    joined_judged(&world, "expectation", "Grafana", LEVEL_CRITICAL, "expected-ill",
                  "deployed: workload tools/Deployment/stack-grafana: 0/1 ready");
    kube_drop(world.st, "workload", "tools/Deployment/stack-grafana", kube_time(NOW));
    expected("Grafana", plain);
    joined_judged(&world, "expectation", "Grafana", LEVEL_OFF, "", NULL);
}

static void what_should_be_there_and_what_should_not(void **state)
{
    static const char *const there[] = {"match=name=agent", "state=deployed", NULL};
    static const char *const gone[] = {"match=name~agent namespace=tools", "state=absent", NULL};
    (void)state;
    expected("Agent", there);
    joined_judged(&world, "expectation", "Agent", LEVEL_WARNING, "expected-missing",
                  "should be deployed and is not: no workload passes name=agent");
    expected("Agent", gone);
    joined_judged(&world, "expectation", "Agent", LEVEL_OK, "", NULL);
    put("workload", SET("agent", "1"));
    expected("Agent", there);
    joined_judged(&world, "expectation", "Agent", LEVEL_OK, "", NULL);
    expected("Agent", gone);
    joined_judged(&world, "expectation", "Agent", LEVEL_WARNING, "expected-absent",
                  "should not be there and is: workload tools/Deployment/agent");
}

/* Who sees a part of the cluster has not seen that it is gone. */
static void what_is_seen_in_part_is_not_missed(void **state)
{
    static const char *const there[] = {"match=name=agent", "state=deployed", NULL};
    struct message *m =
        message_new(MESSAGE_STATE, 0, (uint16_t)store_kind_find(world.st, SPAN("workload")));
    struct err err;
    (void)state;
    assert_non_null(m);
    m->report.state = SOURCE_PARTIAL;
    (void)snprintf(m->report.note, sizeof(m->report.note), "1 namespace, 15 denied");
    assert_true(store_apply(world.st, m, kube_time(NOW), &err));
    message_free(m);
    expected("Agent", there);
    joined_judged(&world, "expectation", "Agent", LEVEL_UNKNOWN, "expected-unknown",
                  "workloads are seen in part: 1 namespace, 15 denied");
    put("workload", SET("agent", "1"));
    expected("Agent", there);
    joined_judged(&world, "expectation", "Agent", LEVEL_OK, "", NULL);
}

static void what_cannot_be_told_is_unknown(void **state)
{
    static const char *const state_of[] = {"state=gone", NULL};
    static const char *const kind[] = {"kind=pod", NULL};
    static const char *const match[] = {"match=colour=red", NULL};
    static const char *const time[] = {"match=age<1h", NULL};
    (void)state;
    expected("a", state_of);
    joined_judged(&world, "expectation", "a", LEVEL_UNKNOWN, "expected-unknown",
                  "state wants declared, deployed or absent, not gone");
    assert_string_equal(joined_cell(&world, "expectation", "a", "state"), "unknown");
    expected("a", kind);
    joined_judged(
        &world, "expectation", "a", LEVEL_UNKNOWN, "expected-unknown",
        "a pod cannot be expected: workload, cronjob, service, pxc, tenant or application "
        "can");
    expected("a", time);
    joined_judged(&world, "expectation", "a", LEVEL_UNKNOWN, "expected-unknown",
                  "match: what changes with time alone cannot be expected");
    expected("a", match);
    assert_int_equal(store_verdict(world.st, joined_row(&world, "expectation", "a")).level,
                     LEVEL_UNKNOWN);
    assert_non_null(strstr(joined_cell(&world, "expectation", "a", "fault"), "colour"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(components_times_prices_and_their_sum),
        CASE(what_has_no_price_stays_unknown),
        CASE(buckets),
        CASE(prices_of_the_configuration),
        CASE(declared_is_neither_well_nor_ill),
        CASE(what_should_be_there_and_what_should_not),
        CASE(what_is_seen_in_part_is_not_missed),
        CASE(what_cannot_be_told_is_unknown),
    };
    int failed = cmocka_run_group_tests_name("costs", tests, NULL, NULL);
    strbuf_clear(&kube_seen);
    return failed;
}
