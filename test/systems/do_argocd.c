/* Operations of Argo CD's Applications by `do`: what the Application has afterwards. */
#include <config.h>

#include "test/systems/do_place.h"

#define APP     "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/kimai"
#define BOOKLET "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/booklet"

static void set_controller(struct place *p, bool works)
{
    (void)harbor_told(&p->harbor,
                      "patch statefulsets argocd argocd-application-controller "
                      "{\"status\":{\"readyReplicas\":%d}}",
                      works);
}

static void some_are_synced_and_the_rest_left(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "argocd-refresh", "--name", "kimai", "--mode", "hard", "--yes",
            NULL);
    assert_status(&run, 0);
    assert_prints(&run, "\"argocd.argoproj.io/refresh\":\"hard\"");
    expect_text(p, APP, "metadata|annotations|argocd.argoproj.io/refresh", "(absent)");
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--resources",
            "apps:Deployment:default/kimai", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Not as git says, compared ");
    assert_prints(&run, " ago: apps:Deployment:default/kimai.\n");
    assert_prints(&run, "argocd app sync kimai --resource 'apps:Deployment:default/kimai'\n");
    assert_null(strstr(strbuf_cstr(&run.out), "kimai-legacy")); /* is not asked for */
    expect_text(p, APP, "status|operationState|phase", "Succeeded");
    expect_text(p, APP, "status|operationState|operation|sync|resources|0|name", "kimai");
    expect_text(p, APP, "status|operationState|operation|sync|syncOptions|0",
                "CreateNamespace=true");
    expect_text(p, APP, "status|resources|0|status", "Synced");
    expect_text(p, APP, "status|sync|status", "OutOfSync"); /* the ConfigMap is there still */
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--resources", ":Secret:kimai\"",
            "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "the application has apps:Deployment:default/kimai, ");
    cli_done(&run);
}

static void pruning_is_asked_apart(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "git no longer has :ConfigMap:default/kimai-legacy: --prune yes would");
    assert_prints(&run, "ConfigMap default/kimai-legacy: not pruned");
    expect_text(p, APP, "status|resources|2|name", "kimai-legacy");
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--prune", "yes", "--rehearse",
            "yes", "--yes", NULL);
    assert_status(&run, 0);
    expect_text(p, APP, "status|resources|2|name", "kimai-legacy");
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--prune", "yes", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm");
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--prune", "yes", "--confirm",
            "demo", NULL);
    assert_status(&run, 0);
    expect_text(p, APP, "status|resources|2", "(absent)");
    expect_text(p, APP, "status|sync|status", "Synced");
    cli_done(&run);
}

static void an_operation_is_terminated(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "argocd-terminate", "--name", "kimai", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "no operation is under way");
    (void)harbor_told(&p->harbor,
                      "patch applications argocd kimai "
                      "{\"operation\":{\"sync\":{}},\"status\":{\"operationState\":{"
                      "\"phase\":\"Running\",\"startedAt\":\"2099-01-01T00:00:00Z\"}}}");
    cli_run(p->cli, &run, "do", "argocd-sync", "--name", "kimai", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "an operation is under way");
    cli_run(p->cli, &run, "do", "argocd-terminate", "--name", "kimai", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Failed: Operation terminated");
    expect_text(p, APP, "operation", "(absent)");
    expect_text(p, APP, "status|operationState|message", "Operation terminated");
    cli_done(&run);
}

static void an_entry_of_the_history_comes_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "argocd-rollback", "--name", "kimai", "--id", "0", "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "2  2026-01-25T09:00  6ab9f1eb8f7d  hendrik  (the last)");
    expect_text(p, APP, "status|operationState|operation|sync|revision",
                "19b646d5e001b3a100d85c6f413b21700c1919c5");
    expect_text(p, APP, "status|operationState|operation|sync|source|path", "apps/kimai");
    expect_text(p, APP, "status|history|3|revision", "19b646d5e001b3a100d85c6f413b21700c1919c5");
    expect_text(p, APP, "status|sync|status", "OutOfSync");
    cli_run(p->cli, &run, "do", "argocd-rollback", "--name", "kimai", "--id", "77", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "has no entry 77 in its history");
    cli_run(p->cli, &run, "do", "argocd-rollback", "--name", "booklet", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "is synced automatically: Argo CD would put it forward again");
    assert_int_equal(writes(p, BOOKLET), 0);
    cli_done(&run);
}

/* The controller says which resources it could not apply, and so do we. */
static void what_fails_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    set_controller(p, false);
    int pid = cli_begin(p->cli, "do", "argocd-sync", "--name", "kimai", "--yes", NULL);
    await_asked(p, APP "?fieldManager", 1);
    kill_run(pid);
    (void)harbor_told(
        &p->harbor,
        "patch applications argocd kimai {\"operation\":null,\"status\":{\"operationState\":{"
        "\"phase\":\"Failed\",\"message\":\"one or more objects failed to apply\",\"startedAt\":"
        "\"2099-01-01T00:00:00Z\",\"operation\":{\"initiatedBy\":{\"username\":\"binnacle\"}},"
        "\"syncResult\":{\"resources\":[{\"kind\":\"Deployment\",\"namespace\":\"default\","
        "\"name\":\"kimai\",\"status\":\"SyncFailed\",\"message\":\"field is immutable\"}]}}}}");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 1);
    assert_complains(&run, "Failed: one or more objects failed to apply; Deployment default/kimai: "
                           "field is immutable");
    assert_int_equal(writes(p, APP), 1);
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(some_are_synced_and_the_rest_left),
        CASE(pruning_is_asked_apart),
        CASE(an_operation_is_terminated),
        CASE(an_entry_of_the_history_comes_back),
        CASE(what_fails_is_named),
    };
    return cmocka_run_group_tests_name("do_argocd", tests, NULL, NULL);
}
