/* How rows are called on the screen: what their kinds say of a key, whatever slashes stand in it. */
#include <config.h>

#include "tui/naming.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

extern const struct kind kind_pod, kind_workload, kind_node, kind_backup_schedule, kind_image,
    kind_s3_backup, kind_vault_path, kind_secret_match;

static const struct {
    const struct kind *kind;
    const char *key;
    const char *label, *shown, *name; /* "pod", "shop/api", "api" */
} cases[] = {
    {&kind_pod, "shop/api", "pod", "shop/api", "api"},
    {&kind_node, "node-1", "node", "node-1", "node-1"},
    {&kind_workload, "shop/Deployment/api", "deployment", "shop/api", "api"},
    {&kind_backup_schedule, "ops/mysql/daily", "backup-schedule", "ops/mysql/daily", "mysql/daily"},
    {&kind_secret_match, "shop/es/DB", "secret-match", "shop/es/DB", "es/DB"},
    {&kind_image, "ghcr.io/a/web:1", "image", "ghcr.io/a/web:1", "ghcr.io/a/web:1"},
    {&kind_s3_backup, "s3://b/mysql-1-full", "s3-backup", "s3://b/mysql-1-full",
     "s3://b/mysql-1-full"},
    {&kind_vault_path, "apps/eu/shop", "vault-path", "apps/eu/shop", "apps/eu/shop"},
    {&kind_vault_path, "tooling/", "vault-path", "tooling/", "tooling/"},
};

static void names_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf shown = STRBUF_INIT(256);
        char label[LABEL_MAX];
        naming_label(cases[i].kind, span_from(cases[i].key), label);
        naming_name(cases[i].kind, span_from(cases[i].key), &shown);
        const struct span name = kind_key_parts(cases[i].kind, span_from(cases[i].key)).name;
        assert_string_equal(label, cases[i].label);
        assert_string_equal(strbuf_cstr(&shown), cases[i].shown);
        assert_true(span_is(name, cases[i].name));
        strbuf_clear(&shown);
    }
}

/* Why comes first where there is room for a few words. */
static void sentences_are_brief(void **state)
{
    static const struct {
        const char *sentence, *brief;
    } all[] = {
        {"cluster demo (https://127.0.0.1:1): GET /api/v1/pods: connection refused: is it running?",
         "connection refused: is it running?"},
        {"GET /apis/a/v1/b?limit=500: 403: may not list", "403: may not list"},
        {"unknown, was ok 2s ago: GET /api/v1/pods: no answer",
         "unknown, was ok 2s ago: no answer"},
        {"unexpected status from GET /token: 403", "unexpected status from GET /token: 403"},
        {"the words GET / POST: both", "the words GET / POST: both"},
        {"GET /api/v1/pods", "GET /api/v1/pods"},
        {"GET /", "GET /"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(all); i++) {
        struct strbuf brief = STRBUF_INIT(256);
        naming_brief(span_from(all[i].sentence), &brief);
        assert_string_equal(strbuf_cstr(&brief), all[i].brief);
        strbuf_clear(&brief);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_whole),
        cmocka_unit_test(sentences_are_brief),
    };
    return cmocka_run_group_tests_name("naming", tests, NULL, NULL);
}
