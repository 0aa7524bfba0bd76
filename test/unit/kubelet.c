/* What kubelets say of disks, at the rows of claims and nodes: from which share on it is told, what is
 * made of a summary that says little or nonsense, and that all of it goes with its source. */
#include <config.h>

#include "backends/kubelet/kubelet.h"

#include "test/unit/kube_judge.h"

static struct store *both(void)
{
    static const struct kind *const kinds[] = {&kind_filesystem, NULL};
    return kube_store_beside("kubelets", "kubelet", 0, kinds);
}

static uint16_t disk_number(void)
{
    return (uint16_t)kind_find(&kube_test_kinds, SPAN("filesystem"));
}

/* All that the kubelet of n1 says now; NULL: it says nothing any more. */
static void kubelet_says(struct store *st, const char *summary)
{
    struct kubelet_node node = {.name = strdup("n1"), .read_ms = kube_time(NOW)};
    struct message *m = message_new(MESSAGE_SYNC_BEGIN, KUBE_BESIDE, disk_number());
    struct strbuf json = STRBUF_INIT(KUBE_JSON_MAX);
    struct row_writer w;
    struct err err;
    m->generation = 1;
    kube_apply(st, m, kube_time(NOW));
    if (summary) {
        kube_json(summary, &json);
        if (!kubelet_take(&node, strbuf_span(&json), &err))
            fail_msg("%s", err.msg);
    }
    row_writer_init(&w, &kind_filesystem, 1 << 20);
    for (size_t i = 0; i < node.count; i++)
        assert_true(kubelet_put(&node, &node.disks[i], &w));
    m = row_writer_take(&w, KUBE_BESIDE, disk_number());
    if (m)
        kube_apply(st, m, kube_time(NOW));
    row_writer_clear(&w);
    m = message_new(MESSAGE_SYNC_END, KUBE_BESIDE, disk_number());
    m->complete = true;
    m->generation = 1;
    kube_apply(st, m, kube_time(NOW));
    kubelet_forget(&node);
    free(node.name);
    strbuf_clear(&json);
    work(st, kube_time(NOW));
}

#define FS(size, free, inodes, left)                                                   \
    "capacityBytes: " size ", availableBytes: " free ", usedBytes: 1, inodes: " inodes \
    ", inodesFree: " left
#define OF_NODE(fs) "{node: {fs: {" fs "}, runtime: {imageFs: {" fs "}}}}"
#define OF_CLAIM(fs)                                                                           \
    "{node: {fs: {}}, pods: [{podRef: {name: p}, volume: [{" fs                                \
    ", pvcRef: {namespace: shop, name: data}}, {" fs ", name: scratch}]}, {podRef: {name: q}," \
    " volume: [{" fs ", pvcRef: {namespace: shop, name: data}}]}]}"
#define CLAIM \
    "{metadata: {namespace: shop, name: data}, spec: {volumeName: v}, status: {phase: Bound}}"

static void a_claim_fills_up(void **state)
{
    struct store *st = both();
    (void)state;
    kubelet_says(st,
                 OF_CLAIM(FS("10737418240", "1073741824", "1000", "900"))); /* before it is known */
    struct handle claim = kube_put(st, "pvc", 0, CLAIM, kube_time(NOW));
    expect(st, claim, "a tenth is left", LEVEL_WARNING, "pvc-filling",
           "90% of it is used, 1 of 10Gi");
    assert_int_equal(store_count(st, disk_number()), 1); /* two pods, one volume */
    kubelet_says(st, OF_CLAIM(FS("1000", "151", "1000", "151")));
    expect(st, claim, "enough is left", LEVEL_OK, NULL, NULL);
    kubelet_says(st, OF_CLAIM(FS("1000", "150", "1000", "900")));
    expect(st, claim, "the first that is told", LEVEL_WARNING, "pvc-filling",
           "85% of it is used, 1 of 1000");
    kubelet_says(st, OF_CLAIM(FS("1000", "50", "1000", "900")));
    expect(st, claim, "hardly any is left", LEVEL_CRITICAL, "pvc-full",
           "95% of it is used, 1 of 1000");
    kubelet_says(st, OF_CLAIM(FS("1000", "500", "1000", "10")));
    expect(st, claim, "no inodes are left", LEVEL_CRITICAL, "pvc-full",
           "99% of its inodes are used");
    kubelet_says(st, NULL);
    expect(st, claim, "nobody says any more", LEVEL_OK, NULL, NULL);
    store_free(st);
}

static void a_node_fills_up(void **state)
{
    struct store *st = both();
    struct handle node = kube_put(st, "node", 0, NODE("", WELL), kube_time(NOW));
    (void)state;
    kubelet_says(st, OF_NODE(FS("1000", "140", "1000", "900")));
    expect(st, node, "its disk", LEVEL_WARNING, "node-disk-filling", "86% of its disk is used");
    kubelet_says(st, OF_NODE(FS("1000", "940", "1000", "100")));
    expect(st, node, "its inodes", LEVEL_WARNING, "node-disk-filling",
           "90% of its disk's inodes are used");
    kubelet_says(st, "{node: {fs: {" FS("1000", "900", "1000", "900") "}, runtime: {imageFs: {" FS(
                         "500", "10", "9", "9") "}}}}");
    expect(st, node, "that of its images", LEVEL_WARNING, "node-disk-filling",
           "98% of its disk is used");
    kubelet_says(st, OF_NODE(FS("1000", "900", "1000", "900")));
    expect(st, node, "there is room again", LEVEL_OK, NULL, NULL);
    store_free(st);
}

static void summaries_that_say_little(void **state)
{
    static const char *const odd[] = {
        "{node: {}}",
        "{node: {fs: {capacityBytes: 0, availableBytes: 0}}, pods: {}}",
        "{node: {fs: {capacityBytes: -5, availableBytes: 1}}}",
        "{node: {fs: {capacityBytes: many}}, pods: [7, {volume: 3}, {volume: [1, {pvcRef: 2}]}]}",
        "{node: 1, pods: [{volume: [{capacityBytes: 5, pvcRef: {name: data}}]}]}",
    };
    struct store *st = both();
    struct handle claim = kube_put(st, "pvc", 0, CLAIM, kube_time(NOW));
    struct kubelet_node node = {.name = strdup("n1")};
    struct err err;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(odd); i++) {
        kubelet_says(st, odd[i]);
        assert_int_equal(store_count(st, disk_number()), 0);
    }
    kubelet_says(st, OF_CLAIM("capacityBytes: 1000, usedBytes: 900")); /* of an old kubelet */
    expect(st, claim, "no more than is used is said", LEVEL_WARNING, "pvc-filling",
           "90% of it is used, 900 of 1000");
    kubelet_says(st, OF_CLAIM("capacityBytes: 1000, availableBytes: 5000"));
    expect(st, claim, "more is free than there is", LEVEL_OK, NULL, NULL);
    assert_false(kubelet_take(&node, SPAN("{\"pods\":[]}"), &err));
    assert_string_equal(err.msg, "node n1: what its kubelet answers is no summary");
    assert_false(kubelet_take(&node, SPAN("<html>"), &err));
    free(node.name);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_fills_up),
        cmocka_unit_test(a_node_fills_up),
        cmocka_unit_test(summaries_that_say_little),
    };
    return cmocka_run_group_tests_name("kubelet", tests, NULL, NULL);
}
