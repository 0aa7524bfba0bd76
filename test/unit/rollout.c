/* How far a rollout is, as `kubectl rollout status` says it of the same object
 * [kubectl pkg/polymorphichelpers/rollout_status.go]. */
#include <config.h>

#include "actions/kube.h"
#include "test/unit/net_test.h"

static void a_rollout_ends_as_kubectl_says(void **state)
{
    static const struct {
        const char *object;
        enum awaiting wanted;
    } cases[] = {
        {"{\"kind\":\"StatefulSet\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":3},"
         "\"status\":{\"observedGeneration\":3,\"replicas\":3,\"readyReplicas\":3,"
         "\"updatedReplicas\":1,\"currentRevision\":\"a\",\"updateRevision\":\"b\"}}",
         AWAIT_MORE},
        {"{\"kind\":\"StatefulSet\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":3},"
         "\"status\":{\"observedGeneration\":3,\"replicas\":3,\"readyReplicas\":3,"
         "\"updatedReplicas\":3,\"currentRevision\":\"b\",\"updateRevision\":\"b\"}}",
         AWAIT_DONE},
        /* Pods of lower numbers stay at the revision before: that is all there will be. */
        {"{\"kind\":\"StatefulSet\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":3,"
         "\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}},"
         "\"status\":{\"observedGeneration\":3,\"replicas\":3,\"readyReplicas\":3,"
         "\"updatedReplicas\":1,\"currentRevision\":\"a\",\"updateRevision\":\"b\"}}",
         AWAIT_DONE},
        {"{\"kind\":\"StatefulSet\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":3,"
         "\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}},"
         "\"status\":{\"observedGeneration\":3,\"replicas\":3,\"readyReplicas\":2,"
         "\"updatedReplicas\":1,\"currentRevision\":\"a\",\"updateRevision\":\"b\"}}",
         AWAIT_MORE},
        {"{\"kind\":\"Deployment\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":2},"
         "\"status\":{\"observedGeneration\":2,\"replicas\":2,\"updatedReplicas\":2,"
         "\"availableReplicas\":2}}",
         AWAIT_MORE},
        {"{\"kind\":\"Deployment\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":2},"
         "\"status\":{\"observedGeneration\":3,\"replicas\":2,\"updatedReplicas\":2,"
         "\"availableReplicas\":2}}",
         AWAIT_DONE},
        {"{\"kind\":\"Deployment\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":2},"
         "\"status\":{\"observedGeneration\":3,\"replicas\":3,\"updatedReplicas\":1,"
         "\"availableReplicas\":2,\"conditions\":[{\"type\":\"Progressing\",\"status\":\"False\","
         "\"reason\":\"ProgressDeadlineExceeded\"}]}}",
         AWAIT_FAILED},
        {"{\"kind\":\"DaemonSet\",\"metadata\":{\"generation\":3},\"status\":{"
         "\"observedGeneration\":3,\"desiredNumberScheduled\":6,\"updatedNumberScheduled\":6,"
         "\"numberAvailable\":5}}",
         AWAIT_MORE},
    };
    const struct step step = {.title = ""};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf says = STRBUF_INIT(4096);
        struct err err;
        struct json_doc *doc = json_doc_parse(span_from(cases[i].object), "it", &err);
        assert_non_null(doc);
        if (rollout_await(NULL, &step, json_doc_root(doc), &says) != cases[i].wanted)
            fail_msg("case %zu: %s", i, strbuf_cstr(&says));
        json_doc_free(doc);
        strbuf_clear(&says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_rollout_ends_as_kubectl_says)};
    return cmocka_run_group_tests_name("rollout", tests, NULL, NULL);
}
