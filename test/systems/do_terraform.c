/* Actions on HCP Terraform, which harbor plays in the world outside: a run is queued, confirmed,
 * dropped; what came of it is asked of the same API again. */
#include <config.h>

#include "test/systems/do_database.h"

#define QUEUE(...) cli_run(p->cli, &run, "do", "tf-plan", __VA_ARGS__, NULL)

static void a_run_is_queued_and_applied(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    QUEUE("--workspace", "rackspace", "--message", "Try \"it\"", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Queue a run of rackspace (plan-and-apply)");
    cli_run(p->cli, &run, "do", "tf-apply", "--run", "run-Harbor0000000001", "--yes", NULL);
    assert_status(&run, 3); /* what destroys wants the context's name */
    assert_prints(&run, "Apply run-Harbor0000000001: Try \"it\" (binnacle ");
    cli_run(p->cli, &run, "do", "tf-apply", "--run", "run-Harbor0000000001", "--confirm", "demo",
            NULL);
    assert_status(&run, 0);
    cli_run(p->cli, &run, "do", "tf-apply", "--run", "run-Harbor0000000001", "--confirm", "demo",
            NULL);
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    cli_run(p->cli, &run, "do", "tf-discard", "--run", "run-Harbor0000000001", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "is applied: there is nothing to discard");
    expect_audit(p, "tf-apply");
    cli_done(&run);
}

static void a_run_is_discarded(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    QUEUE("--workspace", "rackspace", "--yes");
    assert_status(&run, 0);
    cli_run(p->cli, &run, "do", "tf-discard", "--run", "run-Harbor0000000001", "--comment",
            "not \"now\"", "--yes", NULL);
    assert_status(&run, 0);
    cli_run(p->cli, &run, "do", "tf-apply", "--run", "run-Harbor0000000001", "--confirm", "demo",
            NULL);
    assert_status(&run, 3);
    assert_complains(&run, "is discarded: there is nothing to apply");
    cli_done(&run);
}

/* What would be done unasked wants more than a yes; what only plans does not. */
static void who_applies_by_itself_is_told_of(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    QUEUE("--workspace", "dns", "--yes");
    assert_status(&run, 3);
    assert_prints(&run, "the workspace applies by itself");
    QUEUE("--workspace", "dns", "--operation", "plan-only", "--yes");
    assert_status(&run, 0);
    cli_done(&run);
}

static void what_is_not_there_is_told(void **state)
{
    static const char *const ids[] = {"run-none", "run/../../x", "run\"x"};
    struct place *p = *state;
    struct cli_run run = {0};
    QUEUE("--workspace", "nowhere", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "404");
    QUEUE("--workspace", "a/b?c", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "no names of HCP Terraform");
    for (size_t i = 0; i < BN_COUNT(ids); i++) {
        cli_run(p->cli, &run, "do", "tf-apply", "--run", ids[i], "--confirm", "demo", NULL);
        assert_status(&run, 3);
    }
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_run_is_queued_and_applied),
        CASE(a_run_is_discarded),
        CASE(who_applies_by_itself_is_told_of),
        CASE(what_is_not_there_is_told),
    };
    return cmocka_run_group_tests_name("do_terraform", tests, NULL, NULL);
}
