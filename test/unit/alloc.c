/* Memory: limits, the failure switch of the tests, wiping. */
#include <config.h>

#include "base/alloc.h"

#include "test/unit/base_test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing_is_one_byte(void **state)
{
    (void)state;
    char *a = alloc_try(0), *b = alloc_try_zero(0, 8), *c = alloc_try_resize(NULL, 0, 8);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    free(a);
    free(b);
    free(c);
}

static void an_overflow_is_no_memory(void **state)
{
    (void)state;
    const volatile size_t huge = SIZE_MAX / 2;
    char *block = xalloc_text("kept");
    assert_null(alloc_try_zero(huge, 3));
    assert_null(alloc_try_resize(block, huge, 3));
    assert_string_equal(block, "kept");
    free(block);
}

static void the_nth_call_fails_once(void **state)
{
    (void)state;
    alloc_fail_at(2);
    void *first = alloc_try(1), *second = alloc_try_zero(1, 1), *third = alloc_try(1);
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    alloc_fail_at(1);
    alloc_fail_at(0);
    void *fourth = alloc_try_resize(NULL, 4, 4);
    assert_non_null(fourth);
    free(first);
    free(third);
    free(fourth);
}

static void copies_end_with_nul(void **state)
{
    (void)state;
    char *copy = xalloc_bytes("a\0b", 3), *empty = xalloc_bytes(NULL, 0);
    assert_memory_equal(copy, "a\0b\0", 4);
    assert_string_equal(empty, "");
    free(copy);
    free(empty);
}

static void wiping_wipes(void **state)
{
    (void)state;
    char secret[] = "hunter2";
    alloc_wipe(secret, sizeof(secret));
    for (size_t i = 0; i < sizeof(secret); i++)
        assert_int_equal(secret[i], 0);
    alloc_wipe(NULL, 0);
}

static int restored_to = -1;

static void say_restored(void)
{
    ssize_t n = write(restored_to, "restored\n", 9);
    (void)n;
}

/* Runs end() in a child; what it wrote to stderr and how it ended. */
static int end_of(void (*end)(void), char *text, size_t size)
{
    int ends[2], status = 0;
    size_t len = 0;
    ssize_t n;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        restored_to = ends[1];
        bug_on_abort(say_restored);
        end();
        _exit(0);
    }
    (void)close(ends[1]);
    while (len + 1 < size && (n = read(ends[0], text + len, size - 1 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void exhaust(void)
{
    const volatile size_t huge = SIZE_MAX / 2;
    free(xalloc_resize(NULL, huge, 4));
}

static void break_a_promise(void)
{
    const volatile int one = 1;
    bn_assert(one == 2);
}

static void the_end_restores_the_terminal_first(void **state)
{
    (void)state;
    char text[400];
    int status = end_of(exhaust, text, sizeof(text));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_string_equal(text, "restored\nbinnacle: there is no memory left\n");
    status = end_of(break_a_promise, text, sizeof(text));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_memory_equal(text, "restored\nbinnacle: this is a bug: `one == 2`", 44);
    assert_non_null(strstr(text, "test/unit/alloc.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_one_byte),
        cmocka_unit_test(an_overflow_is_no_memory),
        cmocka_unit_test(the_nth_call_fails_once),
        cmocka_unit_test(copies_end_with_nul),
        cmocka_unit_test(wiping_wipes),
        cmocka_unit_test(the_end_restores_the_terminal_first),
    };
    return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
