/* Secrets of a plan: put, made, read from the environment, in place of their names, escaped for
 * where they stand. And which site an action means. */
#include <config.h>

#include "actions/secrets.h"

#include "actions/channel.h"
#include "base/file.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <unistd.h>

static const char kubeconfig[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
    "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
    "contexts: [{name: here, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n";

struct place {
    char path[64];
    struct clock *clock;
    struct target *target;
};

static int setup(void **state)
{
    static const char *const vault[] = {"reach=http://127.0.0.1:1", "token=env:T", NULL};
    static const char *const other[] = {"compare=true", NULL};
    struct place *p = calloc(1, sizeof(*p));
    struct sites sites = {0};
    struct err err;
    assert_non_null(p);
    (void)snprintf(p->path, sizeof(p->path), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(p->path);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_true(file_replace(p->path, span_from(kubeconfig), &err));
    p->clock = clock_new();
    sites_add(&sites, "vault", "vault", vault);
    sites_add(&sites, "redis", "vault", other);
    const struct target_options o = {.kubeconfig = p->path, .clock = p->clock, .sites = &sites};
    p->target = target_open(&o, &err);
    sites_clear(&sites);
    assert_non_null(p->target);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    target_close(p->target);
    clock_free(p->clock);
    (void)unlink(p->path);
    free(p);
    return 0;
}

static void expand(struct place *p, const char *text, enum secrets_form form, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(65536);
    struct err err;
    assert_true(secrets_expand(p->target, span_from(text), form, &out, &err));
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_wipe(&out);
}

static void values_stand_escaped(void **state)
{
    struct place *p = *state;
    secrets_put(p->target, "password", SPAN("a'b\\c\"d\n"));
    expand(p, "x ${password} y", SECRETS_PLAIN, "x a'b\\c\"d\n y");
    expand(p, "'${password}'", SECRETS_SQL, "'a\\'b\\\\c\"d\n'");
    expand(p, "{\"p\":\"${password}\"}", SECRETS_JSON, "{\"p\":\"a'b\\\\c\\\"d\\n\"}");
    expand(p, "nothing $password {password}", SECRETS_SQL, "nothing $password {password}");
}

static void what_nobody_defined_is_not_sent(void **state)
{
    static const char *const texts[] = {"${other}",
                                        "a ${password",
                                        "${}",
                                        "${password}${x}",
                                        "${vault:vault:/v1/secret/data/x}",
                                        "${vault::::}",
                                        "${other:vault:/v1/secret/data/x:password}"};
    struct place *p = *state;
    secrets_put(p->target, "password", SPAN("hush-hush"));
    for (size_t i = 0; i < BN_COUNT(texts); i++) {
        struct strbuf out = STRBUF_INIT(65536);
        struct err err;
        assert_false(secrets_expand(p->target, span_from(texts[i]), SECRETS_SQL, &out, &err));
        assert_null(strstr(err.msg, "hush"));
        strbuf_wipe(&out);
    }
}

/* What others have said of what is known here has stars in place of it. */
static void what_others_say_is_masked(void **state)
{
    struct place *p = *state;
    struct strbuf out = STRBUF_INIT(65536);
    secrets_put(p->target, "password", SPAN("hush-hush"));
    secrets_put(p->target, "other", SPAN("hush"));
    secrets_put(p->target, "pin", SPAN("12"));
    secrets_mask(p->target, SPAN("12 hush-hush, -phush near 'hush-hush'"), &out);
    assert_string_equal(strbuf_cstr(&out), "12 ********, -p******** near '********'");
    strbuf_clear(&out);
}

/* A value that is made has its length and letters, is another each time, and stays for a name. */
static void values_are_made(void **state)
{
    struct place *p = *state;
    const struct secret_source source = {.length = 40, .characters = "ab3"};
    struct strbuf one = STRBUF_INIT(100), again = STRBUF_INIT(100), other = STRBUF_INIT(100);
    struct err err;
    secrets_define(p->target, "one", &source);
    secrets_define(p->target, "other", &source);
    assert_false(secrets_has(p->target, "one"));
    assert_true(secrets_get(p->target, "one", &one, &err));
    assert_true(secrets_get(p->target, "one", &again, &err));
    assert_true(secrets_get(p->target, "other", &other, &err));
    assert_int_equal(one.len, 40);
    assert_int_equal(strspn(strbuf_cstr(&one), "ab3"), 40);
    assert_string_equal(strbuf_cstr(&one), strbuf_cstr(&again));
    assert_string_not_equal(strbuf_cstr(&one), strbuf_cstr(&other));
    strbuf_wipe(&one);
    strbuf_wipe(&again);
    strbuf_wipe(&other);
}

static void recipes_are_read_when_asked(void **state)
{
    struct place *p = *state;
    struct strbuf out = STRBUF_INIT(65536);
    struct err err;
    (void)setenv("BINNACLE_TEST_SECRET", "of the environment", 1);
    secrets_define(p->target, "it", &(struct secret_source){.recipe = "env:BINNACLE_TEST_SECRET"});
    assert_true(secrets_get(p->target, "it", &out, &err));
    assert_string_equal(strbuf_cstr(&out), "of the environment");
    strbuf_wipe(&out);
    secrets_define(p->target, "gone", &(struct secret_source){.recipe = "env:BINNACLE_TEST_GONE"});
    assert_false(secrets_get(p->target, "gone", &out, &err));
    strbuf_wipe(&out);
}

static void sql_stands_for_itself(void **state)
{
    struct strbuf out = STRBUF_INIT(1024);
    (void)state;
    sql_name(&out, SPAN("a`b"));
    strbuf_addc(&out, ' ');
    sql_string(&out, span_make("it's \\ \0 %_", 11));
    assert_string_equal(strbuf_cstr(&out), "`a``b` 'it\\'s \\\\ \\0 %_'");
    strbuf_clear(&out);
}

static void a_site_is_found_by_its_name(void **state)
{
    struct place *p = *state;
    struct err err;
    const struct site *s = target_site(p->target, "vault", "vault", &err);
    assert_non_null(s);
    assert_string_equal(site_setting(s, "token"), "env:T");
    assert_null(site_setting(s, "tok"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_stand_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_defined_is_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_say_is_masked, setup, teardown),
        cmocka_unit_test_setup_teardown(values_are_made, setup, teardown),
        cmocka_unit_test_setup_teardown(recipes_are_read_when_asked, setup, teardown),
        cmocka_unit_test(sql_stands_for_itself),
        cmocka_unit_test_setup_teardown(a_site_is_found_by_its_name, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
