/* What is filled in before an action makes its plan: checked in the words of the command line; what is
 * typed hidden is nowhere but in the form. */
#include <config.h>

#include "tui/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CANARY "s3cret-canary"

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "its name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"grants", FIELD_CHOICE, "all|read|custom", "all", "what it may do"},
    {"limit", FIELD_COUNT, NULL, "20", "connections at once"},
    {"note", FIELD_TEXT, NULL, "", "why"},
    {"password", FIELD_SECRET, NULL, NULL, "its password"},
    {"key", FIELD_SECRET, NULL, SECRET_ASK, "its key"},
    {NULL},
};

static const struct action action = {.name = "make-user", .title = "Make a user", .fields = fields};

static int setup(void **state)
{
    const struct answers none = {.action = &action};
    *state = form_new(&none);
    return 0;
}

static int teardown(void **state)
{
    form_free(*state);
    return 0;
}

static void type(struct form *f, size_t i, const char *text)
{
    prompt_set(f->typed[i], span_from(text));
}

static void what_must_be_said_is_named(void **state)
{
    struct form *f = *state;
    struct answers a;
    struct err err;
    size_t wrong = 99;
    assert_true(form_wants(f, 0));
    assert_false(form_wants(f, 1)); /* the context knows it */
    assert_false(form_wants(f, 4));
    assert_true(form_check(f, 0, &err)); /* not yet said is not wrong */
    assert_false(form_answers(f, &a, &wrong, &err));
    assert_int_equal(wrong, 0);
    assert_string_equal(err.msg, "name: it must be said");
    answers_clear(&a);
    type(f, 0, "Kimai!");
    assert_false(form_check(f, 0, &err));
    assert_non_null(strstr(err.msg, "--name `Kimai!`: no name of an object"));
    type(f, 0, "kimai");
    assert_false(form_answers(f, &a, &wrong, &err));
    assert_int_equal(wrong, 5);
    answers_clear(&a);
}

static void a_secret_is_in_no_answer(void **state)
{
    struct form *f = *state;
    struct answers a;
    struct err err;
    size_t wrong;
    type(f, 0, "kimai");
    type(f, 5, CANARY);
    assert_true(form_wants(f, 6)); /* typed, unless it is said where it is */
    type(f, 6, CANARY);
    assert_true(form_answers(f, &a, &wrong, &err));
    assert_string_equal(answers_get(&a, "password"), SECRET_ASK);
    assert_string_equal(answers_get(&a, "grants"), "all");
    assert_null(a.value[3]); /* the fallback is the action's to fill in */
    answers_clear(&a);
    form_forget_secrets(f);
    assert_int_equal(form_text(f, 5).len, 0);
    assert_true(form_wants(f, 5));
}

/* What was typed hidden does not come into the open, nor does a password that stands where its
 * place belongs get repeated. */
static void a_secret_may_be_elsewhere(void **state)
{
    struct form *f = *state;
    struct answers a;
    struct err err;
    size_t wrong;
    type(f, 0, "kimai");
    type(f, 5, CANARY);
    assert_true(form_choose(f, 5, 1));
    assert_int_equal(form_text(f, 5).len, 0);
    type(f, 5, CANARY);
    assert_false(form_check(f, 5, &err));
    assert_null(strstr(err.msg, CANARY));
    type(f, 5, "secret:default/kimai/password");
    type(f, 6, CANARY);
    assert_true(form_answers(f, &a, &wrong, &err));
    assert_string_equal(answers_get(&a, "password"), "secret:default/kimai/password");
    struct form *again = form_new(&a);
    assert_false(again->asked[5]);
    assert_true(span_is(form_text(again, 5), "secret:default/kimai/password"));
    form_free(again);
    answers_clear(&a);
}

static void choices_go_round(void **state)
{
    static const char *const forth[] = {"read", "custom", "all"}, *const back[] = {"custom",
                                                                                   "read"};
    struct form *f = *state;
    for (size_t i = 0; i < BN_COUNT(forth); i++) {
        assert_true(form_choose(f, 2, 1));
        assert_true(span_is(form_text(f, 2), forth[i]));
    }
    for (size_t i = 0; i < BN_COUNT(back); i++) {
        assert_true(form_choose(f, 2, -1));
        assert_true(span_is(form_text(f, 2), back[i]));
    }
    form_choose_letter(f, 2, 'a');
    assert_true(span_is(form_text(f, 2), "all"));
    form_choose_letter(f, 2, 'z');
    assert_true(span_is(form_text(f, 2), "all"));
    assert_false(form_choose(f, 0, 1));
    assert_false(form_choose(f, 7, 1));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_must_be_said_is_named),
        CASE(a_secret_is_in_no_answer),
        CASE(a_secret_may_be_elsewhere),
        CASE(choices_go_round),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
