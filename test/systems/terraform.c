/* The HCP Terraform source against a server that answers by the forms of its API's documentation:
 * each state and each failure in its words, its end, and how seldom it asks. */
#include <config.h>

#include "backends/terraform/terraform.h"

#include "backends/discovery.h"
#include "base/timetext.h"
#include "test/systems/http_server.h"
#include "test/systems/routes.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_test.h"

#include <stdio.h>
#include <unistd.h>

#define TOKEN    "made-up.atlasv1.token"
#define LIST     "/api/v2/organizations/acme/workspaces?page%5Bsize%5D=100&page%5Bnumber%5D=1"
#define WITH     "&include=current_run,locked_by"
#define RUNS(ws) "/api/v2/workspaces/" ws "/runs?page%5Bsize%5D=20&include=created_by"
#define CURRENT  "\"current-run\":{\"data\":{\"id\":\"run-2\",\"type\":\"runs\"}}"
#define PAGE(n)  "\"meta\":{\"pagination\":{\"next-page\":" n "}}"
#define LOOK_MS  90000
#define KEY      "prod"

struct world {
    struct source_run source;
    struct server *server;
    char token_file[64];
    struct routes routes;
    char asked[65536]; /* under its lock, as the next */
    bool had_token;
};

extern const struct backend backend_terraform;

/* ---- The server. */

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct strbuf body = STRBUF_INIT(65536);
    char path[300] = "";
    (void)sscanf(request, "%*s %299s", path);
    (void)pthread_mutex_lock(&w->routes.lock);
    size_t len = strlen(w->asked);
    (void)snprintf(w->asked + len, sizeof(w->asked) - len, "%s\n", path);
    w->had_token = strstr(request, "Authorization: Bearer " TOKEN "\r\n") &&
                   strstr(request, "Accept: application/vnd.api+json\r\n");
    int status = routes_find(&w->routes, path, &body);
    (void)pthread_mutex_unlock(&w->routes.lock);
    if (!status)
        strbuf_adds(&body, "{\"errors\":[{\"status\":\"404\",\"title\":\"not found\"}]}");
    conn_answer(c, status ? status : 404, "Content-Type: application/vnd.api+json\r\n",
                strbuf_span(&body));
    strbuf_clear(&body);
}

static void answer(struct world *w, const char *path, int status, const char *body)
{
    routes_answer(&w->routes, path, status, body);
}

static size_t times_asked(struct world *w, const char *words)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&w->routes.lock);
    for (const char *at = w->asked; (at = strstr(at, words)) != NULL; at += strlen(words))
        n++;
    (void)pthread_mutex_unlock(&w->routes.lock);
    return n;
}

/* ---- What it says. */

/* One workspace; `attributes` and `relationships` begin with a comma where there are any. */
static void list_says(struct world *w, const char *attributes, const char *relationships,
                      const char *run)
{
    char body[3000];
    (void)snprintf(
        body, sizeof(body),
        "{\"data\":[{\"id\":\"ws-1\",\"type\":\"workspaces\",\"attributes\":{\"name\":"
        "\"prod\",\"resource-count\":7%s},\"relationships\":{" CURRENT
        "%s}}],\"included\":[{\"id\":\"run-2\",\"type\":\"runs\",\"attributes\":%s},{"
        "\"id\":\"user-1\",\"type\":\"users\",\"attributes\":{\"username\":\"maria\"}}]," PAGE(
            "null") "}",
        attributes, relationships, run);
    answer(w, LIST WITH, 200, body);
}

/* The current run, with others of this status before it. */
static void runs_say(struct world *w, const char *attributes, const char *others)
{
    char body[3000];
    (void)snprintf(
        body, sizeof(body),
        "{\"data\":[%s{\"id\":\"run-2\",\"type\":\"runs\",\"attributes\":%s,\"relationships\":{"
        "\"created-by\":{\"data\":{\"id\":\"user-1\",\"type\":\"users\"}}}},{\"id\":\"run-1\","
        "\"type\":\"runs\",\"attributes\":{\"status\":\"applied\",\"created-at\":"
        "\"2026-11-20T10:00:00Z\",\"status-timestamps\":{\"applied-at\":\"2026-11-20T11:00:00Z\"}}}"
        "],\"included\":[{\"id\":\"user-1\",\"type\":\"users\",\"attributes\":{\"username\":"
        "\"maria\"}}]}",
        others, attributes);
    answer(w, RUNS("ws-1"), 200, body);
}

static void be_well(struct world *w)
{
    static const char run[] = "{\"status\":\"applied\",\"message\":\"Grow it\\nand more\","
                              "\"created-at\":\"2026-11-23T12:00:00Z\",\"status-timestamps\":{"
                              "\"applied-at\":\"2026-11-23T12:10:00Z\"}}";
    list_says(w, "", "", run);
    runs_say(w, run, "");
}

/* A run that is somewhere else now: in the list, and in the workspace's runs. */
static void run_is(struct world *w, const char *attributes, const char *others)
{
    list_says(w, "", "", attributes);
    runs_say(w, attributes, others);
}

/* ---- The world. */

static int64_t at(const char *time)
{
    int64_t ms = 0;
    assert_true(time_parse(span_from(time), &ms));
    return ms;
}

static void start(struct world *w, const char *workspaces)
{
    char reach[128], token[128], names[128];
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(token, sizeof(token), "token=file:%s", w->token_file);
    (void)snprintf(names, sizeof(names), "workspaces=%s", workspaces ? workspaces : "");
    const char *const settings[] = {"organization=acme", reach, token, workspaces ? names : NULL,
                                    NULL};
    source_start(&w->source, &backend_terraform, settings, at("2026-11-23T15:00:00Z"));
    source_want(&w->source, "tf-workspace", true);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    routes_init(&w->routes);
    (void)snprintf(w->token_file, sizeof(w->token_file), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(w->token_file);
    *state = w;
    if (fd < 0 || write(fd, TOKEN "\n", strlen(TOKEN) + 1) < 0 || close(fd) != 0)
        return -1;
    w->server = server_start(&o);
    be_well(w);
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    (void)unlink(w->token_file);
    routes_clear(&w->routes);
    free(w);
    return 0;
}

#define says(w, column) source_text(&(w)->source, "tf-workspace", KEY, column)

static bool is(struct world *w, const char *column, const char *text)
{
    return strcmp(says(w, column), text) == 0;
}

static bool judged(struct world *w, const char *rule)
{
    return strcmp(source_rule(&w->source, "tf-workspace", KEY), rule) == 0;
}

static void look(struct world *w)
{
    source_step(&w->source, LOOK_MS);
}

/* ---- */

static void tells_the_current_run_and_who(void **state)
{
    struct world *w = *state;
    start(w, NULL);
    source_until(&w->source, is(w, "status", "applied") && is(w, "by", "maria"));
    assert_string_equal(says(w, "message"), "Grow it");
    assert_string_equal(says(w, "applied"), "2026-11-23T12:10:00Z");
    assert_string_equal(says(w, "resources"), "7");
    assert_int_equal(source_level(&w->source, "tf-workspace", KEY), LEVEL_OK);
    source_want(&w->source, "tf-run", true);
    source_until(&w->source, source_has(&w->source, "tf-run", "run-1"));
    assert_string_equal(source_text(&w->source, "tf-run", "run-2", "workspace"), "prod");
    assert_true(routes_flag(&w->routes, &w->had_token));
    assert_false(source_leaks(&w->source, TOKEN));
}

static void at_rest_a_look_is_one_request(void **state)
{
    struct world *w = *state;
    start(w, NULL);
    source_until(&w->source, is(w, "by", "maria"));
    assert_int_equal(times_asked(w, "\n"), 2);
    list_says(w, ",\"locked\":true", "", "{\"status\":\"applied\"}");
    look(w);
    source_until(&w->source, is(w, "lock", "somebody"));
    assert_int_equal(times_asked(w, "/runs?"), 1); /* what has not changed is not asked again */
    assert_int_equal(times_asked(w, "\n"), 3);
}

static void a_run_that_waits_blocks_others(void **state)
{
    static const char planned[] =
        "{\"status\":\"planned\",\"message\":\"Grow it\",\"actions\":{\"is-confirmable\":true},"
        "\"created-at\":\"2026-11-23T11:00:00Z\",\"status-timestamps\":{\"planned-at\":"
        "\"2026-11-23T12:00:00Z\"}}";
    struct world *w = *state;
    run_is(w, planned, "");
    start(w, NULL);
    source_until(&w->source, judged(w, "tf-run-waits"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_NOTICE, "tf-run-waits",
                  "run planned for 3h, waits to be confirmed: run-2 \"Grow it\" by maria");
    list_says(w, "", ",\"latest-run\":{\"data\":{\"id\":\"run-3\",\"type\":\"runs\"}}", planned);
    runs_say(w, planned, "{\"id\":\"run-3\",\"attributes\":{\"status\":\"pending\"}},");
    look(w);
    source_until(&w->source, is(w, "pending", "1"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_WARNING, "tf-run-waits",
                  "1 run behind it");
    be_well(w);
    look(w);
    source_until(&w->source, judged(w, ""));
}

static void a_run_that_failed_says_how_far_it_came(void **state)
{
    struct world *w = *state;
    run_is(w,
           "{\"status\":\"errored\",\"status-timestamps\":{\"planning-at\":"
           "\"2026-11-23T14:00:00Z\",\"errored-at\":\"2026-11-23T14:58:00Z\"}}",
           "");
    start(w, NULL);
    source_until(&w->source, judged(w, "tf-run-errored"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_WARNING, "tf-run-errored",
                  "run errored before anything was applied, 2m ago");
    run_is(w,
           "{\"status\":\"errored\",\"message\":\"x\",\"status-timestamps\":{\"applying-at\":"
           "\"2026-11-23T14:00:00Z\",\"errored-at\":\"2026-11-23T14:58:00Z\"}}",
           "");
    source_step(&w->source, 11 * 60000);
    source_until(&w->source, judged(w, "tf-apply-errored"));
    be_well(w);
    look(w);
    source_until(&w->source, judged(w, ""));
}

/* On its way it is no trouble; for long it is worth a word. */
static void a_run_goes_on(void **state)
{
    struct world *w = *state;
    run_is(
        w,
        "{\"status\":\"applying\",\"message\":\"Grow it\",\"status-timestamps\":{\"applying-at\":"
        "\"2026-11-23T14:59:00Z\"}}",
        "");
    start(w, NULL);
    source_until(&w->source, judged(w, "tf-run-going"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_PROGRESS, "tf-run-going",
                  "run applying for 60s: run-2 \"Grow it\" by maria");
    run_is(
        w,
        "{\"status\":\"applying\",\"message\":\"Grow it\",\"status-timestamps\":{\"applying-at\":"
        "\"2026-11-23T13:00:00Z\"}}",
        "");
    source_step(&w->source, 11 * 60000);
    source_until(&w->source, source_level(&w->source, "tf-workspace", KEY) == LEVEL_NOTICE);
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_NOTICE, "tf-run-going",
                  "run applying for 131m");
    be_well(w);
    look(w);
    source_until(&w->source, judged(w, ""));
}

static void drift_and_an_assessment_that_failed(void **state)
{
    static const char enabled[] = ",\"assessments-enabled\":true";
    static const char second[] = ",\"current-assessment-result\":{\"data\":{\"id\":\"asm-2\"}}";
    struct world *w = *state;
    answer(w, "/api/v2/assessment-results/asm-1", 200,
           "{\"data\":{\"attributes\":{\"drifted\":true,\"succeeded\":true,\"resources-drifted\":2,"
           "\"resources-undrifted\":5,\"created-at\":\"2026-11-23T13:00:00Z\"}}}");
    answer(w, "/api/v2/assessment-results/asm-2", 200,
           "{\"data\":{\"attributes\":{\"drifted\":true,\"succeeded\":false,\"error-message\":"
           "\"401 from the provider\"}}}");
    list_says(w, enabled, ",\"current-assessment-result\":{\"data\":{\"id\":\"asm-1\"}}", "{}");
    start(w, NULL);
    source_until(&w->source, judged(w, "tf-drift"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_WARNING, "tf-drift",
                  "drift: 2 of 7 resources not as the code says (assessed 120m ago)");
    list_says(w, enabled, second, "{}");
    look(w);
    source_until(&w->source, judged(w, "tf-assessment-failed"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_WARNING, "tf-assessment-failed",
                  "drift is not known: 401 from the provider");
    answer(w, "/api/v2/assessment-results/asm-3", 200,
           "{\"data\":{\"attributes\":{\"drifted\":false,\"succeeded\":true,\"checks-failed\":2,"
           "\"checks-errored\":1}}}");
    list_says(w, enabled, ",\"current-assessment-result\":{\"data\":{\"id\":\"asm-3\"}}", "{}");
    look(w);
    source_until(&w->source, judged(w, "tf-check-failed"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_WARNING, "tf-check-failed",
                  "3 checks failed");
    be_well(w); /* turned off */
    look(w);
    source_until(&w->source, judged(w, "") && is(w, "drift", "-"));
}

static void a_lock_says_whose_it_is(void **state)
{
    struct world *w = *state;
    list_says(w, ",\"locked\":true,\"locked-reason\":\"by hand\"",
              ",\"locked-by\":{\"data\":{\"id\":\"user-1\",\"type\":\"users\"}}", "{}");
    start(w, NULL);
    source_until(&w->source, judged(w, "tf-locked"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_NOTICE, "tf-locked",
                  "locked by maria: by hand");
    list_says(w, ",\"locked\":true",
              ",\"locked-by\":{\"data\":{\"id\":\"run-1\",\"type\":\"runs\"}}", "{}");
    look(w);
    source_until(&w->source, judged(w, "tf-lock-stale"));
    source_judged(&w->source, "tf-workspace", KEY, LEVEL_WARNING, "tf-lock-stale",
                  "locked by run-1, a run that is over");
    be_well(w);
    look(w);
    source_until(&w->source, judged(w, ""));
}

static void errors_are_told_apart(void **state)
{
    struct world *w = *state;
    answer(w, LIST WITH, 404, "{\"errors\":[{\"status\":\"404\",\"title\":\"not found\"}]}");
    start(w, NULL);
    const struct source_report *r = source_kind_report(&w->source, "tf-workspace");
    source_until(&w->source, strstr(r->why.msg, "404 not found: there is none, or the token may "
                                                "not see it") != NULL);
    answer(w, LIST WITH, 429,
           "{\"errors\":[{\"detail\":\"You have exceeded the API's rate limit.\",\"status\":429,"
           "\"title\":\"Too many requests\"}]}");
    look(w);
    source_until(&w->source, strstr(r->why.msg, "429 You have exceeded") != NULL);
    answer(w, LIST WITH, 200, "<html>");
    look(w);
    source_until(&w->source, r->why.kind == ERR_PROTO);
    be_well(w);
    look(w);
    source_until(&w->source, is(w, "by", "maria") && r->state == SOURCE_FRESH);
    answer(w, LIST WITH, 401, "{\"errors\":[{\"status\":\"401\",\"title\":\"unauthorized\"}]}");
    look(w);
    source_until(&w->source, strstr(source_report(&w->source)->why.msg,
                                    "401 unauthorized: there is no token, or it is wrong") != NULL);
}

static void pages_are_followed_and_who_is_missing_is_said(void **state)
{
    struct world *w = *state;
    answer(w, LIST WITH, 200,
           "{\"data\":[{\"id\":\"ws-7\",\"attributes\":{\"name\":\"first\"}}],\"included\":7," PAGE(
               "2") "}");
    answer(
        w, "/api/v2/organizations/acme/workspaces?page%5Bsize%5D=100&page%5Bnumber%5D=2" WITH, 200,
        "{\"data\":[{\"id\":\"ws-8\",\"attributes\":{\"name\":\"second\"}},{\"id\":\"ws-9\","
        "\"attributes\":{\"name\":\"third\"}},{\"id\":\"../x\",\"attributes\":{\"name\":\"y\"}}]," PAGE(
            "2") "}");
    start(w, "first, second,gone");
    source_until(&w->source, source_synced(&w->source, "tf-workspace"));
    assert_true(source_has(&w->source, "tf-workspace", "first"));
    assert_true(source_has(&w->source, "tf-workspace", "second"));
    assert_false(source_has(&w->source, "tf-workspace", "third"));
    source_judged(&w->source, "tf-workspace", "gone", LEVEL_UNKNOWN, "tf-workspace-missing",
                  "not shown by organisation acme");
    assert_int_equal(times_asked(w, ".."), 0);
}

static void the_tokens_life_where_it_can_be_known(void **state)
{
    struct world *w = *state;
    answer(w, "/api/v2/account/details", 200,
           "{\"data\":{\"id\":\"user-9\",\"attributes\":{\"username\":\"reader\"}}}");
    answer(w, "/api/v2/users/user-9/authentication-tokens", 200,
           "{\"data\":[{\"attributes\":{\"expired-at\":\"2026-11-01T00:00:00Z\"}},{\"attributes\":{"
           "\"expired-at\":\"2026-11-26T16:00:00Z\"}}]}");
    start(w, NULL);
    source_want(&w->source, "terraform", true);
    source_until(&w->source, source_synced(&w->source, "terraform"));
    source_judged(&w->source, "terraform", "acme", LEVEL_NOTICE, "tf-token-expires",
                  "the token of reader expires in 3d");
    /* while nobody looks again its end comes */
    source_want(&w->source, "terraform", false);
    source_step(&w->source, INT64_C(4) * 86400000);
    source_until(&w->source,
                 strcmp(source_rule(&w->source, "terraform", "acme"), "tf-token-expired") == 0);
    source_judged(&w->source, "terraform", "acme", LEVEL_WARNING, "tf-token-expired",
                  "the token of reader");
    source_want(&w->source, "terraform", true);
    answer(w, "/api/v2/users/user-9/authentication-tokens", 200,
           "{\"data\":[{\"attributes\":{\"expired-at\":null}},{\"attributes\":{"
           "\"expired-at\":\"2026-11-26T16:00:00Z\"}}]}");
    source_step(&w->source, 61 * 60000);
    source_until(&w->source,
                 strcmp(source_text(&w->source, "terraform", "acme", "token-expires"), "-") == 0);
    assert_string_equal(source_rule(&w->source, "terraform", "acme"), "");
}

/* Which of its statuses is whose turn [run states]; one that nobody has heard of goes on. */
static void statuses_have_their_phase(void **state)
{
    static const struct {
        const char *status;
        bool confirmable;
        enum tf_phase phase;
    } cases[] = {{"pending", false, TF_PENDING},
                 {"planning", false, TF_GOING},
                 {"apply_queued", false, TF_GOING},
                 {"never_heard_of", false, TF_GOING},
                 {"planned", true, TF_WAITING},
                 {"planned", false, TF_GOING},
                 {"planned_and_saved", true, TF_WAITING},
                 {"policy_override", false, TF_WAITING},
                 {"post_plan_awaiting_decision", false, TF_WAITING},
                 {"applied", false, TF_DONE},
                 {"planned_and_finished", false, TF_DONE},
                 {"policy_soft_failed", false, TF_DONE},
                 {"discarded", false, TF_DROPPED},
                 {"force_canceled", false, TF_DROPPED},
                 {"errored", false, TF_ERRORED}};
    enum tf_wants wants;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        assert_int_equal(tf_phase_of(span_from(cases[i].status), cases[i].confirmable, &wants),
                         cases[i].phase);
}

/* A Secret is one of ours by its name and its label; the host is never what it says. */
static void an_organisation_is_found_by_a_labelled_secret(void **state)
{
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)state;
    (void)kube_put(st, "secret", 0,
                   "{metadata: {name: binnacle-terraform, namespace: ops, labels: "
                   "{app.terraform.io/organization: acme, app.terraform.io/workspaces: prod.dns}}}",
                   0);
    (void)kube_put(st, "secret", 0, "{metadata: {name: binnacle-terraform, namespace: zoo}}", 0);
    (void)kube_put(st, "secret", 0,
                   "{metadata: {name: other, namespace: ops, labels: "
                   "{app.terraform.io/organization: acme}}}",
                   0);
    backend_terraform.discover(st, &d);
    assert_int_equal(d.count, 1);
    assert_string_equal(d.findings[0].name, "terraform/acme");
    assert_string_equal(d.findings[0].settings[0], "reach=https://app.terraform.io");
    assert_string_equal(d.findings[0].settings[1], "organization=acme");
    assert_string_equal(d.findings[0].settings[2], "token=secret:ops/binnacle-terraform/token");
    assert_string_equal(d.findings[0].settings[3], "workspaces=prod,dns");
    discovery_done(&d);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_the_current_run_and_who, setup, teardown),
        cmocka_unit_test_setup_teardown(at_rest_a_look_is_one_request, setup, teardown),
        cmocka_unit_test_setup_teardown(a_run_that_waits_blocks_others, setup, teardown),
        cmocka_unit_test_setup_teardown(a_run_that_failed_says_how_far_it_came, setup, teardown),
        cmocka_unit_test_setup_teardown(a_run_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(drift_and_an_assessment_that_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lock_says_whose_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_are_followed_and_who_is_missing_is_said, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_tokens_life_where_it_can_be_known, setup, teardown),
        cmocka_unit_test(statuses_have_their_phase),
        cmocka_unit_test(an_organisation_is_found_by_a_labelled_secret),
    };
    return cmocka_run_group_tests_name("terraform", tests, NULL, NULL);
}
