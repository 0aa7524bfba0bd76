/* Several kinds that are read from the same objects: asked for once, whoever wants them,
 * with as many rows as each version of an object has. */
#include <config.h>

#include "base/timetext.h"
#include "test/systems/kube_api.h"

#define CLUSTERS "/apis/pxc.percona.com/v1/perconaxtradbclusters?"
#define LISTING  "limit="
#define WATCHES  "watch=1"
#define ENTRY(name, schedule) \
    "{\"name\":\"" name "\",\"schedule\":\"" schedule "\",\"storageName\":\"s3\"}"
#define CLUSTER(version, backup)                                                      \
    "{\"kind\":\"PerconaXtraDBCluster\",\"metadata\":{\"namespace\":\"db\",\"name\":" \
    "\"c\",\"resourceVersion\":\"" version "\",\"creationTimestamp\":"                \
    "\"2026-01-01T00:00:00Z\"},\"spec\":{\"pxc\":{\"size\":3},\"backup\":{" backup "}}}"
#define LIST(items) \
    "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define DAILY               ENTRY("daily", "0 3 * * *")
#define WEEKLY              ENTRY("weekly", "0 4 * * 0")
#define PITR                ",\"pitr\":{\"enabled\":true}"

#define will(w, ...) api_will(w, &(struct api_answer){__VA_ARGS__})

/* All three kinds of a cluster with two schedules. */
static void start(struct world *w)
{
    static const char *const kinds[] = {"pxc", "backup-schedule", "pitr"};
    will(w, .to = CLUSTERS, .with = LISTING, .always = true,
         .body = LIST(CLUSTER("9", "\"schedule\":[" DAILY "," WEEKLY "]" PITR)));
    world_start(w, "token: t", NULL);
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        world_want(w, kinds[i]);
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        until(w, world_synced(w, kinds[i]) && world_is(w, kinds[i], SOURCE_FRESH));
    until(w, api_streams(w, CLUSTERS) == 1);
}

static void asked_for_once(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(world_rows(w, "pxc"), 1);
    assert_int_equal(world_rows(w, "pitr"), 1);
    assert_int_equal(world_rows(w, "backup-schedule"), 2);
    assert_true(world_has(w, "backup-schedule", "db/c/weekly"));
    assert_int_equal(api_streams(w, CLUSTERS), 1);
    assert_int_equal(api_asked(w, CLUSTERS, LISTING), 1);
    assert_int_equal(api_asked(w, CLUSTERS, WATCHES), 1);
    unsigned asked = api_asked(w, CLUSTERS, NULL);
    api_say(w, CLUSTERS, EVENT("MODIFIED", CLUSTER("11", "\"schedule\":[" DAILY "]")));
    until(w, world_rows(w, "backup-schedule") == 1 && world_rows(w, "pitr") == 0);
    assert_true(world_has(w, "backup-schedule", "db/c/daily"));
    assert_int_equal(world_rows(w, "pxc"), 1);
    assert_int_equal(api_asked(w, CLUSTERS, NULL), asked);
}

static void deleted_with_all_its_rows(void **state)
{
    struct world *w = *state;
    start(w);
    /* what is deleted comes as it was last, and that may be newer than what was said of it */
    api_say(w, CLUSTERS, EVENT("DELETED", CLUSTER("11", "\"schedule\":[" DAILY "]")));
    until(w, world_rows(w, "pxc") == 0 && world_rows(w, "backup-schedule") == 0 &&
                 world_rows(w, "pitr") == 0);
    api_say(w, CLUSTERS, EVENT("ADDED", CLUSTER("12", "\"schedule\":[" WEEKLY "]")));
    until(w, world_rows(w, "pxc") == 1 && world_rows(w, "backup-schedule") == 1);
}

/* All are told while one is wanted: who wants another has it at once. */
static void wanted_one_by_one(void **state)
{
    struct world *w = *state;
    start(w);
    unsigned asked = api_asked(w, CLUSTERS, NULL);
    world_unwant(w, "backup-schedule");
    world_unwant(w, "pxc");
    api_say(w, CLUSTERS, EVENT("MODIFIED", CLUSTER("11", "\"schedule\":[" DAILY "," WEEKLY "]")));
    until(w, world_rows(w, "pitr") == 0);
    world_want(w, "backup-schedule");
    api_say(w, CLUSTERS, EVENT("MODIFIED", CLUSTER("12", "\"schedule\":[" DAILY "]")));
    until(w, world_rows(w, "backup-schedule") == 1);
    assert_true(world_synced(w, "backup-schedule"));
    assert_int_equal(api_asked(w, CLUSTERS, NULL), asked);
    world_unwant(w, "backup-schedule");
    world_unwant(w, "pitr");
    until(w, api_streams(w, CLUSTERS) == 0);
}

static void not_served_at_all(void **state)
{
    struct world *w = *state;
    will(w, .to = "/apis/pxc.percona.com/", .status = 404,
         .headers = "Content-Type: text/plain\r\n", .body = "404 page not found\n", .always = true);
    world_start(w, "token: t", NULL);
    world_want(w, "pxc");
    world_want(w, "pitr");
    until(w, world_is(w, "pxc", SOURCE_OFF) && world_is(w, "pitr", SOURCE_OFF));
    world_says(w, "pitr", "not served");
    assert_true(world_synced(w, "pxc") && world_synced(w, "pitr"));
    assert_true(world_is(w, NULL, SOURCE_FRESH));
}

static void denied_for_each(void **state)
{
    struct world *w = *state;
    will(w, .to = "/apis/pxc.percona.com/", .status = 403, .always = true,
         .body = "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"no rights\","
                 "\"reason\":\"Forbidden\",\"code\":403}");
    world_start(w, "token: t", NULL);
    world_want(w, "pxc");
    world_want(w, "backup-schedule");
    until(w, world_is(w, "pxc", SOURCE_DENIED) && world_is(w, "backup-schedule", SOURCE_DENIED));
    world_says(w, "backup-schedule", "no rights");
}

static void next_of(const struct world *w, struct strbuf *out)
{
    struct handle row;
    assert_true(store_find(w->store, 0, kube_number("backup-schedule"), SPAN("db/c/daily"), &row));
    kube_cell(w->store, row, "next", out);
}

/* When the next backup is due changes by the clock alone; nothing is asked for it. */
static void time_alone_changes_rows(void **state)
{
    struct world *w = *state;
    struct strbuf text = STRBUF_INIT(100);
    clock_set_wall(w->clock, kube_time("2026-02-13T02:59:00Z"));
    start(w);
    unsigned asked = api_asked(w, CLUSTERS, LISTING);
    next_of(w, &text);
    assert_string_equal(strbuf_cstr(&text), "2026-02-13T03:00:00Z");
    hurry_until(w, (next_of(w, &text), strcmp(strbuf_cstr(&text), "2026-02-14T03:00:00Z") == 0));
    assert_int_equal(api_asked(w, CLUSTERS, LISTING), asked);
    assert_int_equal(world_rows(w, "backup-schedule"), 2);
    strbuf_clear(&text);
}

static void a_row_has_the_document_of_its_object(void **state)
{
    struct world *w = *state;
    start(w);
    will(w, .to = "/apis/pxc.percona.com/v1/namespaces/db/perconaxtradbclusters/c",
         .body = CLUSTER("9", ""));
    world_fetch(w, "backup-schedule", "db/c/daily", DOCUMENT_YAML);
    until(w, w->done);
    assert_int_equal(w->why.kind, ERR_NONE);
    assert_non_null(strstr(strbuf_cstr(&w->text), "kind: PerconaXtraDBCluster"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asked_for_once, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(deleted_with_all_its_rows, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(wanted_one_by_one, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(not_served_at_all, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(denied_for_each, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(time_alone_changes_rows, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_row_has_the_document_of_its_object, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests_name("kube several", tests, NULL, NULL);
}
