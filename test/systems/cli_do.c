/* `do` on a cluster: what comes of an action stands in the cluster's own objects; what was not
 * confirmed, may not be, or cannot be noted down is not done; what was cut short is gone on with or
 * taken back. */
#include <config.h>

#include "test/systems/do_place.h"

#include <cjson/cJSON.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DEPLOYMENTS "/apis/apps/v1/namespaces/default/deployments/"
#define KIMAI       "/apis/apps/v1/namespaces/default/deployments/kimai"
#define APP         "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/kimai"

/* ---- */

static void each_action_reaches_its_end(void **state)
{
    static const struct {
        const char *words[10], *target, *path, *wanted;
    } cases[] = {
        {{"scale", "--name", "kimai", "-n", "default", "--replicas", "3"},
         KIMAI,
         "status|readyReplicas",
         "3"},
        {{"restart", "--name", "kimai", "-n", "default"}, KIMAI, "status|updatedReplicas", "3"},
        {{"restart", "--kind", "statefulset", "--name", "redis-replicas", "-n", "operators"},
         "/apis/apps/v1/namespaces/operators/statefulsets/redis-replicas",
         "status|readyReplicas",
         "2"},
        {{"cordon", "--name", "prod-instance-1759301204118"},
         "/api/v1/nodes/prod-instance-1759301204118",
         "spec|unschedulable",
         "true"},
        {{"uncordon", "--name", "prod-instance-1759301204118"},
         "/api/v1/nodes/prod-instance-1759301204118",
         "spec|unschedulable",
         "(absent)"},
        {{"pause", "--name", "kimai", "-n", "default"}, KIMAI, "spec|paused", "true"},
        {{"resume", "--name", "kimai", "-n", "default"}, KIMAI, "spec|paused", "(absent)"},
        {{"suspend-cronjob", "--name", "kimai-db-dump", "-n", "default"},
         "/apis/batch/v1/namespaces/default/cronjobs/kimai-db-dump",
         "spec|suspend",
         "true"},
        {{"argocd-refresh", "--name", "kimai"},
         APP,
         "metadata|annotations|argocd.argoproj.io/refresh",
         "(absent)"},
        {{"argocd-sync", "--name", "kimai"}, APP, "status|operationState|phase", "Succeeded"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        cli_run(p->cli, &run, "do", "--yes", w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], NULL);
        assert_status(&run, 2); /* the action comes first */
        cli_run(p->cli, &run, "do", w[0], "--yes", w[1], w[2], w[3], w[4], w[5], w[6], w[7], NULL);
        assert_status(&run, 0);
        expect_text(p, cases[i].target, cases[i].path, cases[i].wanted);
    }
    expect_audit(p, "argocd-sync");
    cli_done(&run);
}

static void what_is_made_has_an_end_too(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "refresh-secret", "--name", "booklet-secrets", "-n", "default",
            "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Secret booklet-secrets is read by deployment/booklet, "
                        "deployment/booklet-worker: what stands in their environment is new only "
                        "after a restart.");
    cli_run(p->cli, &run, "do", "run-cronjob", "--name", "kimai-db-dump", "-n", "default", "--yes",
            NULL);
    assert_status(&run, 0);
    assert_prints(&run, "ok  Run CronJob default/kimai-db-dump as kimai-db-dump-manual-");
    cli_run(p->cli, &run, "do", "backup", "--cluster", "mysql", "-n", "operators", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "ok  Back up PerconaXtraDBCluster operators/mysql");
    cli_run(p->cli, &run, "do", "backup", "--cluster", "mysql", "-n", "operators", "--storage",
            "elsewhere", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run,
                     "--storage elsewhere: PerconaXtraDBCluster operators/mysql has s3-backup");
    cli_done(&run);
}

static void a_plan_made_again_is_empty(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (int i = 0; i < 2; i++) {
        cli_run(p->cli, &run, "do", "scale", "--name=kimai", "-n", "default", "--replicas=2",
                "--yes", NULL);
        assert_status(&run, 0);
    }
    assert_prints(&run, "= 1. Scale Deployment default/kimai to 2");
    assert_int_equal(writes(p, KIMAI), 1);
    cli_done(&run);
}

static void a_plan_is_shown_and_nothing_done(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "0",
            "--dry-run", "-o", "json", NULL);
    assert_status(&run, 0);
    cJSON *plan = cJSON_Parse(strbuf_cstr(&run.out));
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(plan, "steps"),
                *first = cJSON_GetArrayItem(steps, 0);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(plan, "action")),
                        "scale");
    assert_int_equal(cJSON_GetArraySize(steps), 1);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(first, "undo")),
                        "scale back to 1");
    assert_non_null(strstr(strbuf_cstr(&run.out), "no pod will be left"));
    assert_non_null(strstr(strbuf_cstr(&run.out), "Argo CD's application kimai looks after"));
    cJSON_Delete(plan);
    assert_int_equal(writes(p, KIMAI), 0);
    expect_text(p, KIMAI, "spec|replicas", "1");
    cli_done(&run);
}

static void nothing_is_done_unasked(void **state)
{
    static const char *const faults[] = {"production: [demo]\n", "prodution: demo\n"};
    struct place *p = *state;
    struct cli_run run = {0};
    int64_t connections = harbor_count(&p->harbor, "connections");
    cli_run(p->cli, &run, "--read-only", "do", "restart", "--name", "kimai", "-n", "default",
            "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "--read-only: nothing is changed");
    assert_int_equal(harbor_count(&p->harbor, "connections"), connections); /* not even asked */
    cli_run(p->cli, &run, "do", "restart", "--name", "kimai", "-n", "default", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "not confirmed: --yes runs the plan");
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--prune", "yes", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm");
    (void)setenv("BINNACLE_PRODUCTION", "*", 1);
    cli_run(p->cli, &run, "do", "restart", "--name", "kimai", "-n", "default", "--yes", NULL);
    (void)unsetenv("BINNACLE_PRODUCTION");
    assert_status(&run, 3);
    assert_complains(&run, "is a production context: changing it wants --write");
    for (size_t i = 0; i < BN_COUNT(faults); i++) { /* what was meant by it is not guessed at */
        const char *path = cli_put(p->cli, "c.yaml", faults[i], 0600);
        cli_run(p->cli, &run, "do", "restart", "--name", "kimai", "-n", "default", "--yes",
                "--config", path, NULL);
        assert_status(&run, 3);
        assert_complains(&run, "c.yaml:1:");
        assert_complains(&run, "production");
    }
    assert_int_equal(writes(p, KIMAI), 0);
    cli_done(&run);
}

static void a_right_that_is_missing_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    copy_kubeconfig(p, VIEWER);
    cli_run(p->cli, &run, "do", "restart", "--name", "kimai", "-n", "default", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "this user may not patch deployments in namespace default");
    assert_int_equal(writes(p, KIMAI), 0);
    cli_done(&run);
}

static void without_an_audit_log_nothing_is_done(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char path[160];
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "2",
            "--yes", NULL);
    assert_status(&run, 0);
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0660), 0);
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "4",
            "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "the audit log must be its owner's alone");
    expect_text(p, KIMAI, "spec|replicas", "2");
    cli_done(&run);
}

static void an_audit_log_that_was_cut_is_told_of(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char path[160];
    struct stat st;
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    for (int i = 0; i < 2; i++) {
        cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas",
                i ? "3" : "2", "--yes", NULL);
        assert_status(&run, 0);
        if (!i)
            assert_int_equal(stat(path, &st), 0);
    }
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 0);
    assert_int_equal(truncate(path, st.st_size), 0); /* the second run was never there */
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "lines at its end are missing");
    assert_int_equal(unlink(path), 0);
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "lines at its end are missing");
    cli_done(&run);
}

/* The change did not come through, or its answer did not: it is done once. */
static void a_run_cut_short_is_gone_on_with(void **state)
{
    static const char *const faults[][2] = {{"kimai", "reset"}, {"booklet", "cut=0"}};
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(faults); i++) {
        (void)harbor_told(&p->harbor, "fault " DEPLOYMENTS "%s?fieldManager %s count=1",
                          faults[i][0], faults[i][1]);
        cli_run(p->cli, &run, "do", "restart", "--name", faults[i][0], "-n", "default", "--yes",
                NULL);
        assert_status(&run, 4);
        assert_complains(&run, "has no end: binnacle do --resume");
        cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
        assert_status(&run, 0);
    }
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "no run is without an end");
    expect_audit(p, "done");
    cli_done(&run);
}

static void a_killed_run_is_gone_on_with(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "patch statefulsets argocd argocd-application-controller "
                                  "{\"status\":{\"readyReplicas\":0}}");
    int pid = cli_begin(p->cli, "do", "argocd-refresh", "--name", "kimai", "--yes", NULL);
    await_asked(p, APP "?fieldManager", 1);
    kill_run(pid);
    (void)harbor_told(&p->harbor, "patch statefulsets argocd argocd-application-controller "
                                  "{\"status\":{\"readyReplicas\":1}}");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 0);
    assert_int_equal(writes(p, APP), 1);
    expect_text(p, APP, "metadata|annotations|argocd.argoproj.io/refresh", "(absent)");
    expect_audit(p, "done");
    cli_done(&run);
}

static void a_run_cut_short_is_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault " KIMAI "?fieldManager cut=0 count=1");
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "3",
            "--yes", NULL);
    assert_status(&run, 4);
    expect_text(p, KIMAI, "spec|replicas", "3");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    expect_text(p, KIMAI, "spec|replicas", "1");
    expect_audit(p, "undone");
    cli_done(&run);
}

/* What it was about ended with the demonstration that it ran in. */
static void a_new_demonstration_knows_no_run_of_before(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char was[160], is[160];
    (void)harbor_told(&p->harbor, "fault " KIMAI "?fieldManager cut=0 count=1");
    cli_run(p->cli, &run, "do", "restart", "--name", "kimai", "-n", "default", "--yes", NULL);
    assert_status(&run, 4);
    cli_run(p->cli, &run, "status", NULL);
    assert_complains(&run, "restart of ");
    (void)snprintf(was, sizeof(was), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    (void)snprintf(is, sizeof(is), "%s/.local/state/binnacle/audit-demo.jsonl", p->cli->folder);
    assert_int_equal(rename(was, is), 0);
    cli_run(p->cli, &run, "demo", "--scenario", "calm", "status", NULL);
    assert_null(strstr(strbuf_cstr(&run.err), "restart of "));
    cli_run(p->cli, &run, "demo", "--scenario", "calm", "do", "--resume", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "no run is without an end");
    cli_done(&run);
}

/* The one who comes second is told; nothing of what the first wanted is lost. */
static void two_at_once(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    (void)harbor_told(&p->harbor, "fault " KIMAI "?dryRun delay=60000 count=1");
    int pid = cli_begin(p->cli, "do", "scale", "--name", "kimai", "-n", "default", "--replicas",
                        "5", "--yes", NULL);
    await_asked(p, "?dryRun=All", 1);
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "2",
            "--yes", NULL);
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor, "step 60000"); /* the first one's is looked at now */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3); /* its own rehearsal is refused: 409 */
    expect_text(p, KIMAI, "spec|replicas", "2");
    cli_done(&run);
}

static void words_that_are_wrong(void **state)
{
    static const struct {
        const char *words[6], *says;
    } cases[] = {
        {{"restrat", "--name", "kimai"}, "there is no action `restrat`; the nearest is `restart`"},
        {{"restart", "kimai"}, "restart takes no word `kimai`: its fields are options"},
        {{"restart", "-n", "default"}, "restart wants --name: its name"},
        {{"restart", "--name"}, "--name wants a value"},
        {{"restart", "--name", "ki'mai\"; DROP"}, "no name of an object"},
        {{"restart", "--name", "../../secrets"}, "no name of an object"},
        {{"restart", "--name", "kimai", "--kind", "pod"}, "it takes deployment|statefulset"},
        {{"scale", "--name", "kimai", "--replicas", "-1"}, "it takes a number from 0"},
        {{"scale", "--name", "kimai", "--replicas", "1e9"}, "it takes a number from 0"},
        {{"restart", "--name", "kimai", "--anyway"}, "--anyway goes with --undo"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        cli_run(p->cli, &run, "do", w[0], w[1], w[2], w[3], w[4], NULL);
        assert_status(&run, 2);
        assert_complains(&run, cases[i].says);
    }
    cli_run(p->cli, &run, "do", "restart", "--name", "nobody", "-n", "default", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "Deployment default/nobody is not there");
    assert_int_equal(writes(p, KIMAI), 0);
    cli_done(&run);
}

static void its_exit_statuses_are_told_once(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "--help", NULL);
    assert_status(&run, 0);
    const char *first = strstr(strbuf_cstr(&run.out), "Exit status");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Exit status"));
    assert_non_null(strstr(first, "4 the run has no end"));
    cli_done(&run);
}

/* Of one action what can be said of it, and how it is typed; nothing of the others. */
static void an_action_has_help_of_its_own(void **state)
{
    static const struct {
        const char *action, *says;
    } cases[] = {
        {"restart", "Usage: binnacle do restart [OPTION]... [--FIELD VALUE...]\n"
                    "Restart a workload:\nnew pods for a Deployment,"},
        {"restart", "      --kind=WORD         what it is (deployment|statefulset|daemonset);\n"
                    "                          deployment where it is not said\n"},
        {"restart",
         "      --name=NAME         its name; needed\n"
         "  -n, --namespace=NAME    its namespace; the context's where it is not said\n"},
        {"restart", "  binnacle do restart --name=NAME -n NAME --dry-run\n"
                    "  binnacle do restart --name=NAME -n NAME --yes\n\nExit status: 0 done"},
        {"drop-user", "  binnacle do drop-user --user=USER -n NAME --yes --confirm=CONTEXT\n"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        cli_run(p->cli, &run, "do", cases[i].action, "--help", NULL);
        assert_status(&run, 0);
        assert_prints(&run, cases[i].says);
        assert_null(strstr(strbuf_cstr(&run.out), "undo-rollout"));
    }
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_action_reaches_its_end),
        CASE(what_is_made_has_an_end_too),
        CASE(a_plan_made_again_is_empty),
        CASE(a_plan_is_shown_and_nothing_done),
        CASE(nothing_is_done_unasked),
        CASE(a_right_that_is_missing_is_named),
        CASE(without_an_audit_log_nothing_is_done),
        CASE(an_audit_log_that_was_cut_is_told_of),
        CASE(a_run_cut_short_is_gone_on_with),
        CASE(a_killed_run_is_gone_on_with),
        CASE(a_run_cut_short_is_taken_back),
        CASE(a_new_demonstration_knows_no_run_of_before),
        CASE(two_at_once),
        CASE(words_that_are_wrong),
        CASE(its_exit_statuses_are_told_once),
        CASE(an_action_has_help_of_its_own),
    };
    return cmocka_run_group_tests_name("cli_do", tests, NULL, NULL);
}
