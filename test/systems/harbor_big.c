/* A big cluster: as many objects as were asked for, of a real one's size, and
 * changes that come as often as asked. */
#include <config.h>

#include "base/file.h"
#include "test/systems/harbor_run.h"

#include <cjson/cJSON.h>
#include <signal.h>

#define NODES_MADE 20
#define PODS_MADE  1200

static int setup(void **state)
{
    static const char *const words[] = {"--nodes", "20", "--pods", "1200", "--churn", "100", NULL};
    *state = calloc(1, sizeof(struct harbor));
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    harbor_prepare(*state);
    harbor_start(*state, words);
    return 0;
}

/* The list that a call got; owned. */
static cJSON *read_list(struct call *c)
{
    cJSON *list = cJSON_Parse(strbuf_cstr(&c->body));
    assert_non_null(list);
    harbor_forget(c);
    return list;
}

static int count_items(const cJSON *list)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(list, "items"));
}

static const char *metadata_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(object, "metadata"), key));
    return text ? text : "";
}

static struct call *get_packed(struct harbor *h, enum protocol protocol, const char *target)
{
    const struct request r = {.target = target, .token = ADMIN, .protocol = protocol, .gzip = true};
    struct call *c = harbor_ask(h, &r);
    assert_int_equal(c->code, CURLE_OK);
    assert_int_equal(c->status, 200);
    return c;
}

/* Page after page until all are there, each object once. */
static void lists_are_whole(void **state)
{
    struct harbor *h = *state;

    static const enum protocol protocols[] = {HTTP1, HTTP2};

    for (size_t i = 0; i < 2; i++) {
        struct strbuf target = STRBUF_INIT(4096);
        int pods = 0, pages = 0;
        char last[300] = "";
        strbuf_adds(&target, "/api/v1/pods?limit=500");
        while (target.len) {
            cJSON *list = read_list(get_packed(h, protocols[i], strbuf_cstr(&target))), *pod;
            cJSON_ArrayForEach(pod, cJSON_GetObjectItemCaseSensitive(list, "items"))
            {
                char key[300];
                (void)snprintf(key, sizeof(key), "%s/%s", metadata_text(pod, "namespace"),
                               metadata_text(pod, "name"));
                assert_true(strcmp(last, key) < 0); /* in order, so none twice */
                memcpy(last, key, sizeof(last));
            }
            pods += count_items(list);
            pages++;
            strbuf_truncate(&target, 0);
            if (metadata_text(list, "continue")[0])
                strbuf_addf(&target, "/api/v1/pods?limit=500&continue=%s",
                            metadata_text(list, "continue"));
            cJSON_Delete(list);
        }
        assert_int_equal(pods, PODS_MADE);
        assert_int_equal(pages, 3);
        cJSON *nodes = read_list(get_packed(h, protocols[i], "/api/v1/nodes"));
        assert_int_equal(count_items(nodes), NODES_MADE);
        cJSON_Delete(nodes);
        strbuf_clear(&target);
    }
}

/* A pod is as big as the recorded one, managedFields and all; packed at level 1, of
 * which a gzip member's header tells (RFC 1952: XFL 4, the fastest). */
static void pods_have_a_real_size(void **state)
{
    struct harbor *h = *state;
    const struct request raw = {.target = "/api/v1/pods?limit=500",
                                .token = ADMIN,
                                .lines = "Accept-Encoding: gzip",
                                .protocol = HTTP2};
    struct call *plain = harbor_get(h, HTTP2, "/api/v1/pods?limit=500");
    assert_in_range(plain->body.len / 500, 5600, 6200);
    assert_non_null(strstr(strbuf_cstr(&plain->body), "\"managedFields\":[{"));
    struct call *packed = harbor_ask(h, &raw);
    assert_true(span_is(call_header(packed, "Content-Encoding"), "gzip"));
    assert_int_equal((unsigned char)packed->body.data[0], 0x1f);
    assert_int_equal((unsigned char)packed->body.data[8], 4);
    assert_in_range(packed->body.len, plain->body.len / 40, plain->body.len / 5);
    harbor_forget(plain);
    harbor_forget(packed);
}

static void one_is_the_same_as_in_the_list(void **state)
{
    struct harbor *h = *state;
    cJSON *list = read_list(harbor_get(h, HTTP2, "/api/v1/pods?limit=1"));
    const cJSON *pod = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(list, "items"), 0);
    struct strbuf target = STRBUF_INIT(1024);
    strbuf_addf(&target, "/api/v1/namespaces/%s/pods/%s", metadata_text(pod, "namespace"),
                metadata_text(pod, "name"));
    cJSON *one = read_list(harbor_get(h, HTTP1, strbuf_cstr(&target)));
    cJSON_DeleteItemFromObjectCaseSensitive(one, "kind");
    cJSON_DeleteItemFromObjectCaseSensitive(one, "apiVersion");
    assert_string_equal(metadata_text(one, "uid"), metadata_text(pod, "uid"));
    assert_true(cJSON_Compare(cJSON_GetObjectItemCaseSensitive(one, "spec"),
                              cJSON_GetObjectItemCaseSensitive(pod, "spec"), true));
    cJSON_Delete(one);
    cJSON_Delete(list);
    strbuf_clear(&target);
}

static size_t count_events(const struct call *c)
{
    struct span rest = strbuf_span(&c->body), line;
    size_t n = 0;
    while (span_split(&rest, '\n', &line))
        n += span_starts(line, "{\"type\":\"MODIFIED\"");
    return n;
}

/* So many a second of the clock's, which the test moves. */
static void changes_come_as_often_as_asked(void **state)
{
    struct harbor *h = *state;
    cJSON *list = read_list(harbor_get(h, HTTP2, "/api/v1/pods?limit=1"));
    struct strbuf target = STRBUF_INIT(1024);
    strbuf_addf(&target, "/api/v1/pods?watch=1&resourceVersion=%s",
                metadata_text(list, "resourceVersion"));
    const struct request r = {.target = strbuf_cstr(&target), .token = ADMIN, .protocol = HTTP2};
    struct call *watch = harbor_call(h, &r);
    harbor_await_text(h, watch, "\"type\":\"MODIFIED\"");
    size_t before = count_events(watch);
    int64_t began = now_ms();
    harbor_told(h, "step 5000");
    while (count_events(watch) < before + 450 && !watch->done)
        harbor_turn(h);
    assert_false(watch->done);
    int64_t passed = 5000 + now_ms() - began;
    assert_in_range(count_events(watch) - before, 450, (uint64_t)(passed + 200) / 10 + 10);
    harbor_forget(watch);
    cJSON_Delete(list);
    strbuf_clear(&target);
}

/* It runs until it is stopped, and then ends well. */
static void it_is_stopped(void **state)
{
    struct harbor *h = *state;
    assert_int_equal(kill(h->pid, 0), 0);
    harbor_stop(h);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_whole),
        cmocka_unit_test(pods_have_a_real_size),
        cmocka_unit_test(one_is_the_same_as_in_the_list),
        cmocka_unit_test(changes_come_as_often_as_asked),
        cmocka_unit_test(it_is_stopped),
    };
    return cmocka_run_group_tests_name("harbor_big", tests, setup, harbor_teardown);
}
