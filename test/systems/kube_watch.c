/* The Kubernetes source against an API server that does what real ones do on a
 * bad day: pages, watches, 410, lost connections, what is denied, logins. Seen
 * are the store's rows, the state of source and kinds, and what was asked. */
#include <config.h>

#include "base/file.h"
#include "test/systems/kube_api.h"

#include <sys/stat.h>

#define POD(name, version)                                                    \
    "{\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"" name \
    "\",\"resourceVersion\":\"" version "\"},\"status\":{\"phase\":\"Running\"}}"
#define POD_AT(ns, name)                                       \
    "{\"metadata\":{\"namespace\":\"" ns "\",\"name\":\"" name \
    "\",\"resourceVersion\":\"5\"},\"status\":{\"phase\":\"Running\"}}"
#define LIST(version, next, items)                                                          \
    "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version \
    "\",\"continue\":\"" next "\"},\"items\":[" items "]}"
#define FIRST_HALF \
    "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"10\",\"continue\":\"n2\"},\"items\":["
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define STATUS(code, reason, message)                                                    \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\"," \
    "\"message\":\"" message "\",\"reason\":\"" reason "\",\"code\":" code "}"
#define EXPIRED STATUS("410", "Expired", "too old resource version: 10 (900)")
#define DENIED(what) \
    STATUS("403", "Forbidden", what " is forbidden: User \\\"me\\\" cannot list it")
#define BOOKMARK(version) \
    EVENT("BOOKMARK", "{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"" version "\"}}")

#define PODS    "/api/v1/pods?"
#define LISTING "limit="
#define WATCHES "watch=1"

#define will(w, ...) api_will(w, &(struct api_answer){__VA_ARGS__})

static const char token[] = "token: t";

/* A source with pods a and b of version 10, watched. */
static void start_with_two(struct world *w)
{
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8") "," POD("b", "9")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && api_streams(w, PODS) == 1);
    until(w, world_is(w, "pod", SOURCE_FRESH));
    assert_int_equal(world_rows(w, "pod"), 2);
    assert_int_equal(api_asked(w, PODS, "resourceVersion=10&"), 1);
}

/* From now on there may never be fewer rows than these. */
static void never_fewer(struct world *w, const char *kind, size_t rows)
{
    w->floor_kind = kube_number(kind);
    w->floor = rows;
}

/* ---- Lists. */

static void pages_are_rows_as_they_come(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS "limit=100", .body = LIST("10", "next/1=", POD("a", "8") "," POD("b", "9")));
    will(w, .to = PODS "limit=500&continue=next%2F1%3D", .how = API_HELD,
         .body = LIST("10", "next2", POD("c", "7")));
    will(w, .to = PODS "limit=500&continue=next2", .body = LIST("10", "", POD("d", "6")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_rows(w, "pod") == 2);
    assert_false(world_synced(w, "pod"));
    assert_true(world_kind(w, "pod")->syncing);
    api_release(w);
    until(w, world_synced(w, "pod"));
    assert_int_equal(world_rows(w, "pod"), 4);
    until(w, api_streams(w, PODS) == 1);
    assert_int_equal(api_asked(w, PODS, "resourceVersion=10&allowWatchBookmarks=true"), 1);
    assert_int_equal(api_asked(w, PODS, LISTING), 3);
    assert_int_equal(api_asked(w, "/", "\r\nAuthorization: Bearer t\r\n"), api_asked(w, "/", NULL));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
}

/* The server makes a page while the one before it comes. */
static void the_next_page_is_asked_for_early(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS "limit=100", .how = API_STREAM);
    will(w, .to = PODS "limit=500&continue=n2", .body = LIST("10", "n3", POD("c", "7")));
    will(w, .to = PODS "limit=500&continue=n3", .body = LIST("10", "", POD("d", "6")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, api_streams(w, PODS) == 1);
    api_say(w, PODS, FIRST_HALF);
    until(w, world_rows(w, "pod") == 2);
    assert_true(world_has(w, "pod", "shop/c") && world_has(w, "pod", "shop/d"));
    assert_false(world_synced(w, "pod"));
    api_say(w, PODS, POD("a", "8"));
    api_say(w, PODS, "]}");
    api_end(w, PODS);
    until(w, world_synced(w, "pod"));
    assert_int_equal(world_rows(w, "pod"), 3);
    assert_int_equal(api_asked(w, PODS, LISTING), 3);
}

/* One of two pages is broken: nothing of the picture is swept, all is asked anew. */
static void a_page_fails_beside_another(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS "limit=100", .how = API_STREAM);
    will(w, .to = PODS, .with = "continue=n2", .status = 410, .body = EXPIRED);
    will(w, .to = PODS "limit=100", .body = LIST("20", "", POD("b", "9")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, api_streams(w, PODS) == 1);
    api_say(w, PODS, FIRST_HALF);
    hurry_until(w, world_synced(w, "pod"));
    assert_int_equal(world_rows(w, "pod"), 1);
    until(w, api_asked(w, PODS, "resourceVersion=20&") == 1);
}

static void a_token_that_is_too_old_begins_anew(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS "limit=100", .body = LIST("10", "old", POD("a", "8") "," POD("b", "9")));
    will(w, .to = PODS, .with = "continue=old", .status = 410, .body = EXPIRED);
    will(w, .to = PODS "limit=100", .how = API_HELD, .body = LIST("20", "new", POD("b", "9")));
    will(w, .to = PODS, .with = "continue=new", .body = LIST("20", "", POD("c", "12")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    hurry_until(w, api_asked(w, PODS "limit=100", NULL) == 2);
    never_fewer(w, "pod", 2);
    api_release(w);
    hurry_until(w, world_synced(w, "pod"));
    assert_int_equal(w->blanks, 0);
    assert_false(world_has(w, "pod", "shop/a"));
    assert_true(world_has(w, "pod", "shop/b") && world_has(w, "pod", "shop/c"));
    until(w, api_asked(w, PODS, "resourceVersion=20&") == 1);
}

static void a_list_that_fails_is_tried_again(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .with = LISTING, .status = 500,
         .body = STATUS("500", "InternalError", "etcdserver: leader changed"));
    will(w, .to = PODS, .with = LISTING, .headers = "Content-Type: text/html\r\n",
         .body = "<html>Please sign in</html>");
    will(w, .to = PODS, .with = LISTING, .body = "{\"kind\":\"PodList\",\"items\":[{\"meta");
    will(w, .to = PODS, .with = LISTING, .how = API_NO_ANSWER, .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_is(w, "pod", SOURCE_FAILING));
    world_says(w, "pod", "leader changed");
    assert_true(world_is(w, NULL, SOURCE_FRESH)); /* it answers, after all */
    hurry_until(w, strstr(world_kind(w, "pod")->report.why.msg, "text/html"));
    hurry_until(w, strstr(world_kind(w, "pod")->report.why.msg, "cut short"));
    hurry_until(w, world_is(w, NULL, SOURCE_FAILING));
    assert_false(world_kind(w, "pod")->complete);
    api_forget(w);
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")));
    hurry_until(w, world_synced(w, "pod"));
    assert_int_equal(world_rows(w, "pod"), 1);
    assert_true(world_is(w, "pod", SOURCE_FRESH));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
    assert_int_equal(world_kind(w, "pod")->report.why.kind, ERR_NONE);
}

static void too_many_requests_are_waited_for(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .with = LISTING, .status = 429,
         .headers = "Content-Type: application/json\r\nRetry-After: 86400\r\n",
         .body = STATUS("429", "TooManyRequests", "the server is busy"));
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_is(w, "pod", SOURCE_FAILING));
    int64_t began = clock_mono_ms(w->clock);
    hurry_until(w, world_synced(w, "pod"));
    /* Waited, but not a day. */
    assert_in_range(clock_mono_ms(w->clock) - began, 10000, 120000);
}

/* ---- Watches. */

static void events_change_rows(void **state)
{
    struct world *w = *state;
    struct handle row;
    start_with_two(w);
    api_say(w, PODS, EVENT("ADDED", POD("c", "11")));
    until(w, world_rows(w, "pod") == 3);
    api_say(w, PODS,
            EVENT("MODIFIED", "{\"metadata\":{\"namespace\":\"shop\",\"name\":\"a\","
                              "\"resourceVersion\":\"12\"},\"status\":{\"phase\":\"Failed\"}}"));
    assert_true(store_find(w->store, 0, kube_number("pod"), SPAN("shop/a"), &row));
    until(w, store_verdict(w->store, row).level == LEVEL_WARNING);
    api_say(w, PODS, EVENT("DELETED", POD("b", "13")));
    until(w, !world_has(w, "pod", "shop/b"));
    assert_int_equal(world_rows(w, "pod"), 2);
    /* It ends as all watches do, and is taken up from the bookmark's version. */
    api_say(w, PODS, BOOKMARK("99"));
    api_end(w, PODS);
    hurry_until(w, api_asked(w, PODS, "resourceVersion=99&") == 1);
    until(w, api_streams(w, PODS) == 1);
    assert_int_equal(api_asked(w, PODS, LISTING), 1);
    assert_true(world_is(w, "pod", SOURCE_FRESH));
}

static void an_event_in_pieces_is_one(void **state)
{
    static const char line[] = EVENT("ADDED", POD("piece", "11"));
    struct world *w = *state;
    start_with_two(w);
    for (size_t i = 0; line[i]; i++) {
        char byte[2] = {line[i], '\0'};
        api_say(w, PODS, byte);
        if (i % 16 == 0)
            world_turn(w, false, world_patience());
    }
    until(w, world_has(w, "pod", "shop/piece"));
}

static void a_cut_line_is_taken_up_from_the_last_version(void **state)
{
    struct world *w = *state;
    start_with_two(w);
    api_say(w, PODS,
            EVENT("ADDED", POD("c", "11")) "{\"type\":\"DELETED\",\"object\":{\"metadata\":"
                                           "{\"namespace\":\"shop\",\"name\":\"a\"");
    until(w, world_rows(w, "pod") == 3);
    never_fewer(w, "pod", 3);
    api_cut(w, PODS);
    until(w, world_is(w, "pod", SOURCE_STALE));
    assert_true(world_kind(w, "pod")->report.why.msg[0]);
    hurry_until(w, api_asked(w, PODS, "resourceVersion=11&") == 1);
    until(w, world_is(w, "pod", SOURCE_FRESH) && api_streams(w, PODS) == 1);
    assert_int_equal(w->blanks, 0);
    w->floor = 0;
    api_say(w, PODS, EVENT("DELETED", POD("a", "12")));
    until(w, !world_has(w, "pod", "shop/a"));
    assert_int_equal(api_asked(w, PODS, LISTING), 1);
}

static void nonsense_in_a_watch_is_left_behind(void **state)
{
    struct world *w = *state;
    start_with_two(w);
    api_say(w, PODS, EVENT("ADDED", POD("c", "11")) "<html>502 Bad Gateway</html>\n");
    until(w, world_is(w, "pod", SOURCE_STALE));
    hurry_until(w, api_asked(w, PODS, "resourceVersion=11&") == 1);
    until(w, world_is(w, "pod", SOURCE_FRESH));
    assert_int_equal(world_rows(w, "pod"), 3);
}

/* 410 in the middle of a stream that began well: listed again, nothing blanks. */
static void an_old_version_is_listed_again(void **state)
{
    struct world *w = *state;
    start_with_two(w);
    will(w, .to = PODS "limit=100", .how = API_HELD,
         .body = LIST("30", "", POD("b", "9") "," POD("c", "29")));
    never_fewer(w, "pod", 2);
    api_say(w, PODS, EVENT("ERROR", EXPIRED));
    hurry_until(w, api_asked(w, PODS, LISTING) == 2);
    assert_int_equal(world_rows(w, "pod"), 2);
    api_release(w);
    until(w, world_has(w, "pod", "shop/c"));
    until(w, world_synced(w, "pod"));
    assert_int_equal(w->blanks, 0);
    assert_false(world_has(w, "pod", "shop/a"));
    assert_int_equal(world_rows(w, "pod"), 2);
    until(w, api_asked(w, PODS, "resourceVersion=30&") == 1);
    assert_true(world_is(w, NULL, SOURCE_FRESH));
}

/* The same as the answer's status. */
static void an_old_version_may_be_told_at_once(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .with = WATCHES, .status = 410, .body = EXPIRED);
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")));
    will(w, .to = PODS, .with = LISTING, .body = LIST("20", "", POD("a", "8") "," POD("b", "11")));
    world_start(w, token, NULL);
    world_want(w, "pod");
    hurry_until(w, world_rows(w, "pod") == 2);
    never_fewer(w, "pod", 2);
    hurry_until(w, api_asked(w, PODS, "resourceVersion=20&") == 1);
    assert_int_equal(w->blanks, 0);
}

/* A server on which no watch lives must not be asked in a tight loop. */
static void asks_ever_more_seldom(struct world *w, const struct api_answer *watch)
{
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")), .always = true);
    api_will(w, watch);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_synced(w, "pod"));
    int64_t began = clock_mono_ms(w->clock);
    hurry_until(w, clock_mono_ms(w->clock) - began > 120000);
    unsigned asked = api_asked(w, PODS, NULL);
    if (asked > 40)
        fail_msg("asked %u times in two minutes", asked);
    assert_true(asked > 4);
    assert_int_equal(world_rows(w, "pod"), 1);
}

static void a_version_that_is_always_too_old(void **state)
{
    asks_ever_more_seldom(*state, &(struct api_answer){.to = PODS,
                                                       .with = WATCHES,
                                                       .how = API_ENDS,
                                                       .body = EVENT("ERROR", EXPIRED),
                                                       .always = true});
}

static void a_watch_that_ends_at_once(void **state)
{
    asks_ever_more_seldom(
        *state, &(struct api_answer){.to = PODS, .with = WATCHES, .how = API_ENDS, .always = true});
}

static void a_watch_that_is_cut_at_once(void **state)
{
    asks_ever_more_seldom(
        *state, &(struct api_answer){.to = PODS, .with = WATCHES, .how = API_CUT, .always = true});
}

static void a_token_that_is_always_too_old(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .with = "continue", .status = 410, .body = EXPIRED, .always = true);
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "old", POD("a", "8")), .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_rows(w, "pod") == 1);
    int64_t began = clock_mono_ms(w->clock);
    hurry_until(w, clock_mono_ms(w->clock) - began > 120000);
    assert_in_range(api_asked(w, PODS, NULL), 4, 40);
    assert_false(world_kind(w, "pod")->complete);
}

/* Rights to list but not to watch: the rows are kept up by listing, and it is said. */
static void what_may_not_be_watched_is_listed_now_and_then(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .with = WATCHES, .status = 403, .body = DENIED("watching pods"),
         .always = true);
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")));
    will(w, .to = PODS, .with = LISTING, .body = LIST("20", "", POD("b", "18")), .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && world_is(w, "pod", SOURCE_PARTIAL));
    world_says(w, "pod", "may not be watched");
    int64_t began = clock_mono_ms(w->clock);
    hurry_until(w, world_has(w, "pod", "shop/b"));
    assert_true(clock_mono_ms(w->clock) - began > 10000);
    hurry_until(w, clock_mono_ms(w->clock) - began > 120000);
    assert_in_range(api_asked(w, PODS, LISTING), 3, 10);
    assert_true(world_is(w, "pod", SOURCE_PARTIAL));
}

/* Listed again by the clock: what the watch did not tell is found and counted. */
static void a_lost_delete_is_found(void **state)
{
    static const char *const settings[] = {"relist=60000", NULL};
    struct world *w = *state;
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8") "," POD("b", "9")));
    will(w, .to = PODS, .with = LISTING, .body = LIST("20", "", POD("b", "9")), .always = true);
    world_start(w, token, settings);
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && api_streams(w, PODS) == 1);
    assert_int_equal(world_rows(w, "pod"), 2);
    hurry_until(w, !world_has(w, "pod", "shop/a"));
    assert_int_equal(world_kind(w, "pod")->drift, 1);
    assert_true(world_is(w, "pod", SOURCE_FRESH));
}

/* ---- What may not be read, and what is not there. */

static void one_denied_kind_leaves_the_others(void **state)
{
    struct world *w = *state;
    will(w, .to = "/api/v1/nodes?", .status = 403, .body = DENIED("nodes"), .always = true);
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")));
    world_start(w, token, NULL);
    world_want(w, "node");
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && world_is(w, "node", SOURCE_DENIED));
    world_says(w, "node", "nodes is forbidden");
    assert_false(world_kind(w, "node")->complete);
    assert_int_equal(world_rows(w, "pod"), 1);
    assert_true(world_is(w, "pod", SOURCE_FRESH));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
    world_retry(w); /* somebody has been given the right */
    unsigned asked = api_asked(w, "/api/v1/nodes?", NULL);
    until(w, api_asked(w, "/api/v1/nodes?", NULL) > asked);
}

#define NAMESPACES                                                               \
    LIST("3", "",                                                                \
         "{\"metadata\":{\"name\":\"shop\"}},{\"metadata\":{\"name\":\"ops\"}}," \
         "{\"metadata\":{\"name\":\"vault\"}}")

static void where_all_is_denied_namespaces_are_asked(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .status = 403, .body = DENIED("pods"), .always = true);
    will(w, .to = "/api/v1/namespaces?", .body = NAMESPACES, .always = true);
    will(w, .to = "/api/v1/namespaces/shop/pods?limit", .body = LIST("5", "", POD_AT("shop", "a")),
         .always = true);
    will(w, .to = "/api/v1/namespaces/ops/pods?limit",
         .body = LIST("5", "", POD_AT("ops", "b") "," POD_AT("ops", "c")), .always = true);
    will(w, .to = "/api/v1/namespaces/vault/pods?", .status = 403, .body = DENIED("pods"),
         .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && api_streams(w, "/api/v1/namespaces/") == 2);
    assert_int_equal(world_rows(w, "pod"), 3);
    until(w, world_is(w, "pod", SOURCE_PARTIAL));
    world_says(w, "pod", "2 namespaces, 1 denied");
    until(w, world_is(w, NULL, SOURCE_PARTIAL)); /* the whole cluster is seen in part then */
    world_says(w, NULL, "2 namespaces, 1 denied");
    api_say(w, "/api/v1/namespaces/ops/pods", EVENT("DELETED", POD_AT("ops", "b")));
    until(w, world_rows(w, "pod") == 2);
    assert_int_equal(api_asked(w, "/api/v1/namespaces/ops/pods?watch=1", "resourceVersion=5&"), 1);
}

/* Three resources make up workloads; the namespaces are counted, not the lists. */
static void namespaces_are_counted_once(void **state)
{
    struct world *w = *state;
    will(w, .to = "/apis/apps/v1/deployments?", .status = 403, .body = DENIED("deployments"),
         .always = true);
    will(w, .to = "/api/v1/namespaces?", .body = NAMESPACES, .always = true);
    will(w, .to = "/apis/apps/v1/namespaces/vault/", .status = 403, .body = DENIED("apps"),
         .always = true);
    world_start(w, token, NULL);
    world_want(w, "workload");
    until(w, world_synced(w, "workload") && world_is(w, "workload", SOURCE_PARTIAL));
    world_says(w, "workload", "2 namespaces, 1 denied");
}

static void all_namespaces_denied_is_denied(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .status = 403, .body = DENIED("pods"), .always = true);
    will(w, .to = "/api/v1/namespaces", .status = 403, .body = DENIED("that"), .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    /* Without the right to list namespaces the context's own is asked. */
    until(w, world_is(w, "pod", SOURCE_DENIED));
    assert_int_equal(api_asked(w, "/api/v1/namespaces/shop/pods?limit", NULL), 1);
    world_says(w, "pod", "forbidden");
    assert_false(world_synced(w, "pod"));
}

/* Whose rights end at one namespace, and who may not even know which others there are, has not seen all:
 * what is not in that one is not missing. */
static void one_namespace_is_not_all(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .status = 403, .body = DENIED("pods"), .always = true);
    will(w, .to = "/api/v1/namespaces?", .status = 403, .body = DENIED("namespaces"),
         .always = true);
    will(w, .to = "/api/v1/namespaces/shop/pods?limit", .body = LIST("5", "", POD_AT("shop", "a")),
         .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && world_is(w, "pod", SOURCE_PARTIAL));
    world_says(w, "pod", "1 namespace, which others there are may not be listed");
    until(w, world_is(w, NULL, SOURCE_PARTIAL));
}

/* One kind that is denied in places is that kind's matter: the others are seen everywhere. */
static void a_kind_in_part_leaves_the_cluster_whole(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .status = 403, .body = DENIED("pods"), .always = true);
    will(w, .to = "/api/v1/namespaces?", .body = NAMESPACES, .always = true);
    will(w, .to = "/api/v1/namespaces/shop/pods?limit", .body = LIST("5", "", POD_AT("shop", "a")),
         .always = true);
    will(w, .to = "/api/v1/namespaces/", .status = 403, .body = DENIED("pods"), .always = true);
    world_start(w, token, NULL);
    world_want(w, "service");
    until(w, world_synced(w, "service"));
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && world_is(w, "pod", SOURCE_PARTIAL));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
}

/* More namespaces than are watched one by one: it is said that there are more. */
static void more_namespaces_than_are_asked(void **state)
{
    struct world *w = *state;
    struct strbuf list = STRBUF_INIT(65536);
    strbuf_adds(&list, "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[");
    for (int i = 0; i < 25; i++)
        strbuf_addf(&list, "%s{\"metadata\":{\"name\":\"ns%d\"}}", i ? "," : "", i);
    strbuf_adds(&list, "]}");
    will(w, .to = PODS, .status = 403, .body = DENIED("pods"), .always = true);
    will(w, .to = "/api/v1/namespaces?", .body = strbuf_cstr(&list), .always = true);
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_synced(w, "pod") && world_is(w, "pod", SOURCE_PARTIAL));
    world_says(w, "pod", "20 namespaces");
    world_says(w, "pod", "5 more");
    strbuf_clear(&list);
}

/* What is in a namespace that may not be read does not count as missing. */
static void what_is_denied_is_not_missing(void **state)
{
    struct world *w = *state;
    struct handle row;
    will(w, .to = "/api/v1/services?", .status = 403, .body = DENIED("services"), .always = true);
    will(w, .to = "/api/v1/namespaces?", .body = NAMESPACES, .always = true);
    will(w, .to = "/api/v1/namespaces/vault/services?", .status = 403, .body = DENIED("services"),
         .always = true);
    will(w, .to = "/apis/traefik.io/v1alpha1/ingressroutes?", .with = LISTING,
         .body = LIST("5", "",
                      "{\"metadata\":{\"namespace\":\"vault\",\"name\":\"r\"},\"spec\":"
                      "{\"routes\":[{\"services\":[{\"name\":\"vault\"}]}]}}"));
    world_start(w, token, NULL);
    world_want(w, "service");
    world_want(w, "ingressroute");
    until(w, world_synced(w, "service") && world_synced(w, "ingressroute") &&
                 world_is(w, "service", SOURCE_PARTIAL));
    assert_true(store_find(w->store, 0, kube_number("ingressroute"), SPAN("vault/r"), &row));
    assert_int_equal(store_verdict(w->store, row).level, LEVEL_OK);
}

static void a_resource_that_is_not_served(void **state)
{
    struct world *w = *state;
    will(w, .to = "/apis/traefik.io/", .status = 404, .headers = "Content-Type: text/plain\r\n",
         .body = "404 page not found\n", .always = true);
    world_start(w, token, NULL);
    world_want(w, "ingressroute");
    until(w, world_is(w, "ingressroute", SOURCE_OFF));
    world_says(w, "ingressroute", "not served");
    assert_true(world_synced(w, "ingressroute"));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
}

/* Whose controller is older serves the version before: what is there is not called absent. */
static void an_older_version_is_served(void **state)
{
    struct world *w = *state;
    static const char older[] = "/apis/external-secrets.io/v1beta1/externalsecrets?";
    will(w, .to = "/apis/external-secrets.io/v1/", .status = 404,
         .headers = "Content-Type: text/plain\r\n", .body = "404 page not found\n", .always = true);
    will(w, .to = older, .body = LIST("7", "", POD_AT("shop", "db")));
    world_start(w, token, NULL);
    world_want(w, "externalsecret");
    hurry_until(w, world_synced(w, "externalsecret") && api_streams(w, older) == 1);
    assert_true(world_has(w, "externalsecret", "shop/db"));
    assert_true(world_is(w, "externalsecret", SOURCE_FRESH));
}

/* Neither of both is there, until it is installed. */
static void no_version_is_served(void **state)
{
    struct world *w = *state;
    will(w, .to = "/apis/external-secrets.io/v1", .status = 404,
         .headers = "Content-Type: text/plain\r\n", .body = "404 page not found\n", .always = true);
    world_start(w, token, NULL);
    world_want(w, "externalsecret");
    hurry_until(w, world_is(w, "externalsecret", SOURCE_OFF));
    assert_int_equal(api_asked(w, "/apis/external-secrets.io/v1/externalsecrets", NULL), 1);
    assert_int_equal(api_asked(w, "/apis/external-secrets.io/v1beta1/externalsecrets", NULL), 1);
}

/* Pods are served by every cluster: who does not know them is none. */
static void an_address_that_is_no_cluster(void **state)
{
    struct world *w = *state;
    start_with_two(w);
    will(w, .to = "/", .status = 404, .headers = "Content-Type: text/html\r\n",
         .body = "<h1>default backend - 404</h1>", .always = true);
    never_fewer(w, "pod", 2);
    api_cut(w, PODS);
    hurry_until(w, world_is(w, "pod", SOURCE_FAILING));
    world_says(w, "pod", "404");
    assert_int_equal(w->blanks, 0);
    assert_false(world_synced(w, "pod"));
}

/* ---- Logins. */

static void a_wrong_token_waits_for_a_login(void **state)
{
    struct world *w = *state;
    api_lets_in(w, "new");
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_is(w, NULL, SOURCE_LOGIN));
    world_says(w, NULL, "401");
    world_says(w, NULL, ":login");
    unsigned asked = api_asked(w, "/", NULL);
    int64_t began = clock_mono_ms(w->clock); /* time alone does not make it right */
    hurry_until(w, clock_mono_ms(w->clock) - began > 40000);
    assert_int_equal(api_asked(w, "/", NULL), asked);
}

/* A plug-in that gives token1 the first time, token2 the second, and so on. */
static void put_plugin(const struct world *w, struct span script)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/plugin", w->folder);
    assert_true(file_replace(path, script, NULL));
    assert_int_equal(chmod(path, 0700), 0);
}

static void write_plugin(const struct world *w)
{
    struct strbuf text = STRBUF_INIT(4096);
    strbuf_addf(&text,
                "#!/bin/sh\n"
                "echo x >>%s/times\n"
                "n=$(($(wc -l <%s/times)))\n"
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":"
                "\"ExecCredential\",\"status\":{\"token\":\"token'$n'\"}}'\n",
                w->folder, w->folder);
    put_plugin(w, strbuf_span(&text));
    strbuf_clear(&text);
}

static void start_by_plugin(struct world *w)
{
    char user[512];
    (void)snprintf(user, sizeof(user),
                   "exec: {apiVersion: client.authentication.k8s.io/v1, command: %s/plugin,"
                   " interactiveMode: Never}",
                   w->folder);
    world_start(w, user, NULL);
    world_want(w, "pod");
}

static void start_with_plugin(struct world *w)
{
    write_plugin(w);
    start_by_plugin(w);
}

static size_t times_run(const struct world *w)
{
    char path[128];
    struct strbuf text = STRBUF_INIT(4096);
    (void)snprintf(path, sizeof(path), "%s/times", w->folder);
    assert_true(file_read(path, &text, NULL));
    size_t n = text.len / 2;
    strbuf_clear(&text);
    return n;
}

static void the_login_plug_in_is_asked_again(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")), .always = true);
    api_lets_in(w, "token1");
    start_with_plugin(w);
    until(w, world_synced(w, "pod") && api_streams(w, PODS) == 1);
    assert_int_equal(times_run(w), 1);
    never_fewer(w, "pod", 1);
    api_lets_in(w, "token2"); /* the first one has run out */
    api_end(w, PODS);
    hurry_until(w, api_streams(w, PODS) == 1 && api_asked(w, PODS, "Bearer token2") > 0);
    assert_int_equal(times_run(w), 2);
    assert_int_equal(w->blanks, 0);
    until(w, world_is(w, "pod", SOURCE_FRESH));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
}

static void a_plug_in_whose_tokens_are_never_good(void **state)
{
    struct world *w = *state;
    api_lets_in(w, "another");
    start_with_plugin(w);
    until(w, world_is(w, NULL, SOURCE_LOGIN));
    size_t times = times_run(w);
    assert_in_range(times, 1, 3);
    int64_t began = clock_mono_ms(w->clock);
    hurry_until(w, clock_mono_ms(w->clock) - began > 40000);
    assert_int_equal(times_run(w), times); /* it may cost a person a tap on a key */
}

/* Its credential ends while the network is away: nobody needs to be there when it
 * comes back. */
static void a_plug_in_that_fails_with_the_network(void **state)
{
    struct world *w = *state;
    will(w, .to = "/", .how = API_NO_ANSWER, .always = true);
    put_plugin(w, SPAN("#!/bin/sh\necho no network >&2\nexit 1\n"));
    start_by_plugin(w);
    hurry_until(w, world_is(w, NULL, SOURCE_FAILING) && world_source(w)->retry_ms > 0);
    world_says(w, NULL, "no network");
    write_plugin(w);
    api_forget(w);
    api_lets_in(w, "token1");
    will(w, .to = PODS, .with = LISTING, .body = LIST("10", "", POD("a", "8")), .always = true);
    hurry_until(w, world_synced(w, "pod") && world_is(w, NULL, SOURCE_FRESH));
}

/* The server answers and the plug-in fails: that is for a person. */
static void a_plug_in_that_fails_by_itself(void **state)
{
    struct world *w = *state;
    api_lets_in(w, "token1");
    put_plugin(w, SPAN("#!/bin/sh\necho the session has ended >&2\nexit 1\n"));
    start_by_plugin(w);
    until(w, world_is(w, NULL, SOURCE_LOGIN));
    world_says(w, NULL, "the session has ended");
}

/* ---- Silence, and wanting no more. */

static void a_server_that_does_not_answer_is_stale(void **state)
{
    struct world *w = *state;
    start_with_two(w);
    never_fewer(w, "pod", 2);
    will(w, .to = "/readyz", .how = API_NO_ANSWER, .always = true);
    will(w, .to = PODS, .how = API_NO_ANSWER);
    hurry_until(w, world_is(w, NULL, SOURCE_STALE) || world_is(w, NULL, SOURCE_FAILING));
    assert_true(world_source(w)->why.msg[0]);
    hurry_until(w, world_is(w, NULL, SOURCE_FRESH) && world_is(w, "pod", SOURCE_FRESH));
    assert_int_equal(w->blanks, 0);
    assert_int_equal(api_asked(w, PODS, LISTING), 1);
    assert_true(api_asked(w, PODS, "resourceVersion=10&") >= 2);
}

static void a_kind_no_longer_wanted_keeps_its_rows(void **state)
{
    struct world *w = *state;
    start_with_two(w);
    world_unwant(w, "pod");
    until(w, api_streams(w, PODS) == 0);
    assert_int_equal(world_rows(w, "pod"), 2);
    will(w, .to = PODS, .with = LISTING, .body = LIST("20", "", POD("b", "9")));
    world_want(w, "pod");
    until(w, api_streams(w, PODS) == 1 && world_synced(w, "pod"));
    until(w, world_rows(w, "pod") == 1);
}

/* Wanted and unwanted in the middle of a list: the next picture is whole. */
static void a_list_that_is_broken_off(void **state)
{
    struct world *w = *state;
    will(w, .to = PODS "limit=100", .body = LIST("10", "next", POD("a", "8")));
    will(w, .to = PODS, .with = "continue=next", .how = API_HELD, .body = LIST("10", "", ""));
    world_start(w, token, NULL);
    world_want(w, "pod");
    until(w, world_rows(w, "pod") == 1 && api_held(w) == 1);
    world_unwant(w, "pod");
    until(w, api_held(w) == 0);
    will(w, .to = PODS "limit=100", .body = LIST("20", "", POD("b", "9")));
    world_want(w, "pod");
    until(w, world_synced(w, "pod"));
    assert_true(world_has(w, "pod", "shop/b") && !world_has(w, "pod", "shop/a"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pages_are_rows_as_they_come),
        CASE(the_next_page_is_asked_for_early),
        CASE(a_page_fails_beside_another),
        CASE(a_token_that_is_too_old_begins_anew),
        CASE(a_list_that_fails_is_tried_again),
        CASE(too_many_requests_are_waited_for),
        CASE(events_change_rows),
        CASE(an_event_in_pieces_is_one),
        CASE(a_cut_line_is_taken_up_from_the_last_version),
        CASE(nonsense_in_a_watch_is_left_behind),
        CASE(an_old_version_is_listed_again),
        CASE(an_old_version_may_be_told_at_once),
        CASE(a_version_that_is_always_too_old),
        CASE(a_watch_that_ends_at_once),
        CASE(a_watch_that_is_cut_at_once),
        CASE(a_token_that_is_always_too_old),
        CASE(what_may_not_be_watched_is_listed_now_and_then),
        CASE(a_lost_delete_is_found),
        CASE(one_denied_kind_leaves_the_others),
        CASE(where_all_is_denied_namespaces_are_asked),
        CASE(namespaces_are_counted_once),
        CASE(all_namespaces_denied_is_denied),
        CASE(one_namespace_is_not_all),
        CASE(a_kind_in_part_leaves_the_cluster_whole),
        CASE(more_namespaces_than_are_asked),
        CASE(what_is_denied_is_not_missing),
        CASE(a_resource_that_is_not_served),
        CASE(an_older_version_is_served),
        CASE(no_version_is_served),
        CASE(an_address_that_is_no_cluster),
        CASE(a_wrong_token_waits_for_a_login),
        CASE(the_login_plug_in_is_asked_again),
        CASE(a_plug_in_whose_tokens_are_never_good),
        CASE(a_plug_in_that_fails_with_the_network),
        CASE(a_plug_in_that_fails_by_itself),
        CASE(a_server_that_does_not_answer_is_stale),
        CASE(a_kind_no_longer_wanted_keeps_its_rows),
        CASE(a_list_that_is_broken_off),
    };
    return cmocka_run_group_tests_name("kube watch", tests, NULL, NULL);
}
