/* What only looks, and what only plans, sends nothing but reads: harbor counts what it is asked by
 * every protocol that it speaks. And what changes something is counted. */
#include <config.h>

#include "actions/action.h"
#include "test/systems/do_database.h"
#include "test/systems/reads.h"

#include <cjson/cJSON.h>

#define TERRAFORM "app.terraform.io"

#ifndef HOSTILE
#    define HOSTILE 0 /* 1: another program, for the stories: it takes a while */
#endif

/* Of all that was sent: what is no read. */
static int64_t changes(struct place *p)
{
    return strtoll(harbor_told(&p->harbor, "asked-but " READS) + 2, NULL, 10);
}

static void expect_reads(struct place *p, const char *by)
{
    const char *answer = harbor_told(&p->harbor, "asked-but " READS);
    if (strcmp(answer, "ok 0 ") != 0)
        fail_msg("by `%s` something was changed: %s", by, answer);
}

/* ---- Looking. */

static void what_reads_sends_reads(void **state)
{
    static const char *const lines[] = {
        "--read-only status",
        "get pods -A",
        "get mysql",
        "get mysql-processes",
        "get mysql-users",
        "get mysql-dbs",
        "get redis",
        "get redis-clients",
        "get redis-slowlog",
        "get vault-mounts",
        "get mysql mysql-pxc-0 -o yaml",
        "doctor",
        "--read-only do restart --name kimai --yes",
        "--read-only do kill-query --id 8124 --node mysql-pxc-0 --yes",
        "--read-only do redis-kill-client --redis redis-master --id 23 --yes",
        "--read-only do tf-plan --workspace rackspace --yes",
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(lines); i++) {
        const bool acts = strstr(lines[i], " do ") != NULL, gets = strncmp(lines[i], "get", 3) == 0;
        cli_run_line(p->cli, &run, "%s", lines[i]);
        if (acts || gets)
            assert_status(&run, acts ? 3 : 0);
        expect_reads(p, lines[i]);
    }
    assert_true(asked(p, "GET /") > 10);
    assert_true(asked(p, "SQL: SHOW ") > 0);
    assert_true(asked(p, "REDIS: CLIENT LIST") > 0);
    assert_int_equal(asked(p, ASKS_ACCESS), 0);
    cli_done(&run);
}

/* ---- Planning. */

#define SERVICE " --resource services --name kimai -n default"
#define KIMAI   " --name kimai -n default"
#define PATH    " --mount secret --path apps/kimai"

/* Every action, by words of which a plan is made; status 3: what it wants is not there on a calm day, and
 * that is asked. */
static const struct {
    const char *words;
    int status;
} plans[] = {
    {"restart" KIMAI, 0},
    {"undo-rollout" KIMAI, 3},
    {"scale" KIMAI " --replicas 2", 0},
    {"set-image" KIMAI " --image docker.io/kimai/kimai2:other", 0},
    {"pause" KIMAI, 0},
    {"resume" KIMAI, 0},
    {"delete-pod --name typesense-0 -n tooling", 0},
    {"evict --name typesense-0 -n tooling", 0},
    {"cordon --name prod-instance-1764022710301", 0},
    {"uncordon --name prod-instance-1769868032044", 0},
    {"drain --name prod-instance-1769868032044", 0},
    {"run-cronjob --name dnc-scheduler -n default", 0},
    {"suspend-cronjob --name dnc-scheduler -n default", 0},
    {"resume-cronjob --name dnc-scheduler -n default", 0},
    {"refresh-secret --name kimai-secrets -n default", 0},
    {"refresh-clusterexternalsecret --name none", 3},
    {"refresh-pushsecret --name mysql-app-users -n operators", 0},
    {"vault-patch" PATH " --set A=random:32", 0},
    {"vault-put --mount secret --path apps/new --set A=random:32", 0},
    {"vault-rollback" PATH " --version 1", 0},
    {"vault-delete" PATH, 0},
    {"vault-undelete" PATH, 0},
    {"vault-destroy" PATH " --versions 1", 0},
    {"vault-reveal" PATH " --key DB_PASSWORD --into none", 3},
    {"vault-unseal --key env:HOME", 0},
    {"vault-unseal-reset", 0},
    {"vault-renew-token", 0},
    {"argocd-refresh --name kimai", 0},
    {"argocd-sync --name kimai", 0},
    {"argocd-rollback --name kimai", 0},
    {"argocd-terminate --name kimai", 3},
    {"renew-certificate --name minio-tls -n operators", 0},
    {"backup --cluster mysql -n operators", 0},
    {"cancel-backup --name " NEWEST " -n operators", 3},
    {"restore --backup " NEWEST " -n operators", 0},
    {"restore-to --cluster mysql -n operators --type latest", 0},
    {"delete-backup --name " NEWEST " -n operators", 0},
    {"create-database --name shop -n default", 0},
    {"create-database --name shop -n default --way job", 0},
    {"rotate-password --user kimai --path apps/kimai --key DB_PASSWORD", 0},
    {"grant --user kimai --database gta_events --rights SELECT", 0},
    {"revoke --user kimai --database kimai --rights SELECT", 0},
    {"kill-query --id 8124 --node mysql-pxc-0", 0},
    {"kill-connection --id 8123 --node mysql-pxc-1", 0},
    {"drop-user --user booklet --override yes", 0},
    {"drop-database --database gta_events --user gta_events --override yes", 0},
    {"redis-reset-slowlog --redis redis-master", 0},
    {"redis-bgsave --redis redis-master", 0},
    {"redis-kill-client --redis redis-master --id 23", 0},
    {"redis-failover --redis redis-replicas-1", 0},
    {"sentinel-failover --master none", 3},
    {"tf-plan --workspace rackspace", 0},
    {"tf-apply --run run-none", 3},
    {"tf-discard --run run-none", 3},
    {"dns-name" SERVICE " --host a.example.org", 0},
    {"edit" SERVICE " --file none", 3},
    {"label" SERVICE " --key a --value b", 0},
    {"annotate" SERVICE " --key a --value b", 0},
    {"delete" SERVICE, 0},
};

static bool is_planned(const char *action)
{
    const size_t len = strlen(action);
    for (size_t i = 0; i < BN_COUNT(plans); i++)
        if (strncmp(plans[i].words, action, len) == 0 && plans[i].words[len] == ' ')
            return true;
    return strcmp(action, "vault-unseal-reset") == 0 || strcmp(action, "vault-renew-token") == 0;
}

static void no_plan_sends_more_than_reads(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; action_registry[i]; i++)
        if (!is_planned(action_registry[i]->name))
            fail_msg("%s is not in the list here", action_registry[i]->name);
    for (size_t i = 0; i < BN_COUNT(plans); i++) {
        cli_run_line(p->cli, &run, "do %s --dry-run", plans[i].words);
        if (run.status != plans[i].status)
            print_message("`%s`:\n", plans[i].words);
        assert_status(&run, plans[i].status);
        expect_reads(p, plans[i].words);
    }
    assert_true(asked(p, ASKS_ACCESS) > 0);
    assert_true(asked(p, "SQL: SHOW GRANTS") > 0);
    assert_true(asked(p, "REDIS: ACL WHOAMI") > 0);
    assert_true(asked(p, "GET " TERRAFORM "/") > 0);
    cli_done(&run);
}

/* ---- Read-only. */

static void read_only_refuses_before_it_connects(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(plans); i++) {
        cli_run_line(p->cli, &run, "do %s --yes --confirm demo --read-only", plans[i].words);
        if (run.status != 3)
            print_error("`%s`:\n", plans[i].words);
        assert_status(&run, 3);
    }
    assert_int_equal(asked(p, "/"), 0);
    cli_done(&run);
}

/* ---- Hostile texts. */

#define HOSTILE_MAX 65536

/* Nothing that a terminal would take for an order. */
static bool is_plain(const struct strbuf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        const unsigned char c = (unsigned char)text->data[i],
                            next = i + 1 < text->len ? (unsigned char)text->data[i + 1] : 0;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c == 0xc2 && next < 0xa0))
            return false;
    }
    return true;
}

/* The words of a plan, the value of one field another. */
static void run_with(struct place *p, struct cli_run *run, const char *words, const char *field,
                     const char *value)
{
    char text[1024], option[64];
    char *all[CLI_WORDS_MAX] = {NULL}, *rest = NULL;
    size_t n = 0;
    (void)snprintf(text, sizeof(text), "%s", words);
    (void)snprintf(option, sizeof(option), "--%s", field);
    for (char *w = strtok_r(text, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
        const bool it =
            strcmp(w, option) == 0 || (strcmp(field, "namespace") == 0 && !strcmp(w, "-n"));
        if (it)
            (void)strtok_r(NULL, " ", &rest);
        else
            all[n++] = w;
        assert_true(n < 14);
    }
    all[n++] = option;
    all[n] = (char *)(uintptr_t)value;
    cli_run(p->cli, run, "do", all[0], "--dry-run", "-o", "json", all[1], all[2], all[3], all[4],
            all[5], all[6], all[7], all[8], all[9], all[10], all[11], all[12], all[13], all[14],
            all[15], NULL);
}

static void try_field(struct place *p, const char *words, const struct action *a,
                      const struct field *f, const char *const *values, size_t count,
                      size_t *planned)
{
    struct cli_run run = {0};
    for (size_t i = 0; i < count; i++) {
        run_with(p, &run, words, f->name, values[i]);
        cJSON *plan = run.status == 0 ? cJSON_Parse(strbuf_cstr(&run.out)) : NULL;
        const bool said = run.status == 0 ? plan != NULL : run.err.len > 0;
        if ((run.status != 0 && run.status != 2 && run.status != 3) || !said ||
            !is_plain(&run.out) || !is_plain(&run.err))
            fail_msg("%s, --%s, hostile text %zu: status %d, %.400s", a->name, f->name, i,
                     run.status, strbuf_cstr(&run.err));
        cJSON_Delete(plan);
        *planned += run.status == 0;
    }
    cli_done(&run);
}

/* Each text of each action: a plan, which is JSON, or a sentence. */
static void hostile_texts_are_quoted_or_refused(void **state)
{
    static char large[HOSTILE_MAX + 1];
    const char *const values[] = {"a'b\"c\\d;e%sf`id`$(id)--\xc3\xa9\xe2\x80\xae",
                                  "x\ny\r\x1b[31mz\x07\x7f\xc2\x9b", "\xff\xfe/../..", large};
    struct place *p = *state;
    size_t planned = 0;
    memset(large, 'a', HOSTILE_MAX);
    for (size_t i = 0; i < BN_COUNT(plans); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(plans[i].words, " "),
                       plans[i].words);
        const struct action *a = action_find(name);
        assert_non_null(a);
        for (const struct field *f = a->fields; f->name; f++)
            if (f->type == FIELD_TEXT || f->type == FIELD_NAME)
                try_field(p, plans[i].words, a, f, values, BN_COUNT(values), &planned);
    }
    assert_true(planned > 0); /* some take anything, and quote it */
    print_message("%zu were planned\n", planned);
    expect_reads(p, "hostile texts");
}

/* ---- Changing, by each way. */

/* The control: what is counted above as nothing would be seen. */
static void what_changes_is_counted(void **state)
{
    static const struct {
        const char *words, *asked; /* of every line that is no read */
    } changing[] = {
        {"scale" KIMAI " --replicas 2", "deployments/kimai?fieldManager"},
        {"redis-bgsave --redis redis-master", "REDIS: BGSAVE"},
        {"redis-kill-client --redis redis-master --id 23", "REDIS: CLIENT KILL"},
        {"kill-query --id 8124 --node mysql-pxc-0", "SQL: KILL QUERY 8124"},
        {"grant --user kimai --database gta_events --rights SELECT", "SQL: GRANT SELECT"},
        {"tf-plan --workspace rackspace", "POST " TERRAFORM "/api/v2/runs"},
        {"vault-patch" PATH " --set A=random:32",
         "PATCH /api/v1/namespaces/vault/services/vault:8200/proxy/v1/secret/data/apps/kimai"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(changing); i++) {
        const int64_t before = changes(p), had = asked(p, changing[i].asked);
        cli_run_line(p->cli, &run, "do %s --yes", changing[i].words);
        assert_status(&run, 0);
        const int64_t more = changes(p) - before;
        if (more < 1 || more != asked(p, changing[i].asked) - had)
            fail_msg("`%s` has sent %d changes; %s", changing[i].words, (int)more,
                     harbor_told(&p->harbor, "asked-but " READS));
    }
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(what_reads_sends_reads),
                                       CASE(no_plan_sends_more_than_reads),
                                       CASE(read_only_refuses_before_it_connects),
                                       CASE(what_changes_is_counted)},
                            hostile[] = {CASE(hostile_texts_are_quoted_or_refused)};
    return HOSTILE ? cmocka_run_group_tests_name("do_hostile", hostile, NULL, NULL)
                   : cmocka_run_group_tests_name("do_reads", tests, NULL, NULL);
}
