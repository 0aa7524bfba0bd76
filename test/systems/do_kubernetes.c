/* Guided actions on what the API server has: what comes of each stands in the server's own objects,
 * is not done a second time, is taken back, and what stands against it is named. */
#include <config.h>

#include "test/systems/do_place.h"

#define KIMAI "/apis/apps/v1/namespaces/default/deployments/kimai"

#define do_it(p, run, ...) cli_run((p)->cli, run, "do", __VA_ARGS__, NULL)

/* ---- Labels and annotations. */

static void a_label_is_set_and_taken_off(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (int i = 0; i < 2; i++) {
        do_it(p, &run, "label", "--resource", "deploy", "--name", "kimai", "-n", "default", "--key",
              "reyem.tech/tier", "--value", "gold", "--yes");
        assert_status(&run, 0);
    }
    assert_prints(&run, "= 1. Set label reyem.tech/tier=gold of Deployment default/kimai");
    assert_int_equal(writes(p, KIMAI), 1);
    expect_text(p, KIMAI, "metadata|labels|reyem.tech/tier", "gold");
    do_it(p, &run, "label", "--resource", "deployments.apps", "--name", "kimai", "-n", "default",
          "--key", "reyem.tech/tier", "--value", "tin", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "has reyem.tech/tier=gold already: overwrite=yes changes it");
    do_it(p, &run, "label", "--resource", "Deployment", "--name", "kimai", "-n", "default", "--key",
          "reyem.tech/tier", "--remove", "yes", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "deployments.apps/kimai 'reyem.tech/tier-'");
    assert_prints(&run, "Argo CD's application kimai looks after Deployment default/kimai");
    expect_text(p, KIMAI, "metadata|labels|reyem.tech/tier", "(absent)");
    expect_audit(p, "label");
    cli_done(&run);
}

/* Cluster scope too; any text is a value, and comes through a shell whole. */
static void an_annotation_is_set(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *node = "/api/v1/nodes/prod-instance-1759301204118";
    do_it(p, &run, "annotate", "--resource", "no", "--name", "prod-instance-1759301204118", "--key",
          "note", "--value", "don't \"touch\", ünsafe=yes", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "nodes/prod-instance-1759301204118 'note=don'\\''t \"touch\"");
    expect_text(p, node, "metadata|annotations|note", "don't \"touch\", ünsafe=yes");
    cli_done(&run);
}

static void words_that_are_wrong(void **state)
{
    static const struct {
        const char *words[8], *says;
    } cases[] = {
        {{"label", "pods", "x", "a b", "v"}, "a key is letters, digits"},
        {{"label", "pods", "x", "/a", "v"}, "a key is letters, digits"},
        {{"label", "pods", "x", "a", "no spaces"}, "a label's value is letters, digits"},
        {{"label", "gizmos", "x", "a", "v"}, "the API server has no such resource"},
        {{"label", "pods", "../secrets/x", "a", "v"}, "no name of an object"},
        {{"annotate", "pods", "..", "a", "v"}, "no name of an object"},
        {{"annotate", "pods", "nobody", "a", "v"}, "Pod default/nobody is not there"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        do_it(p, &run, w[0], "--resource", w[1], "--name", w[2], "-n", "default", "--key", w[3],
              "--value", w[4], "--yes");
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_label_is_set_and_taken_off),
        CASE(an_annotation_is_set),
        CASE(words_that_are_wrong),
    };
    return cmocka_run_group_tests_name("do_kubernetes", tests, NULL, NULL);
}
