/* Sources as the command line tells them: found, said by the configuration, missing, away; and
 * which credential each uses, never what it is. */
#include <config.h>

#include "base/span.h"
#include "test/systems/cli_run.h"

/* Of the demonstration's Secret vault/binnacle, as it stands there and as it is. */
#define TOKEN         "redacted-binnacle-token"
#define TOKEN_ENCODED "cmVkYWN0ZWQtYmlubmFjbGUtdG9rZW4"

static void assert_no_token(const struct cli_run *r)
{
    assert_null(strstr(strbuf_cstr(&r->out), TOKEN));
    assert_null(strstr(strbuf_cstr(&r->err), TOKEN));
    assert_null(strstr(strbuf_cstr(&r->out), TOKEN_ENCODED));
}

static void the_doctor_tells_each_source(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "demo", "--scenario", "calm", "doctor", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "kubernetes     https://127.0.0.1:");
    assert_prints(&r, "user admin");
    assert_prints(&r, "proxy:vault/vault:8200");
    assert_prints(&r, "secret:vault/binnacle/token");
    assert_no_token(&r);
    cli_run(*state, &r, "demo", "--scenario", "calm", "doctor", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"through\": \"demo\"");
    cli_done(&r);
}

static void one_that_does_not_answer(void **state)
{
    struct cli_run r = {0};
    const char *config = cli_put(*state, "config.yaml",
                                 "sources:\n"
                                 "- {name: away, type: vault, reach: 'http://127.0.0.1:1'}\n",
                                 0600);
    cli_run(*state, &r, "--config", config, "demo", "--scenario", "calm", "doctor", NULL);
    assert_status(&r, 1);
    assert_prints(&r, "failing   away");
    assert_prints(&r, "connection refused");
    assert_prints(&r, "fresh     vault"); /* the others are as they are */
    config = cli_put(*state, "config.yaml",
                     "sources:\n"
                     "- {name: no-script, type: exec, command: [/nonexistent/script]}\n",
                     0600);
    cli_run(*state, &r, "--config", config, "demo", "--scenario", "calm", "doctor", NULL);
    assert_prints(&r, "partial   no-script");
    assert_prints(&r, "the program /nonexistent/script is not there");
    assert_prints(&r, "fresh     vault");
    cli_done(&r);
}

static void what_was_not_found(void **state)
{
    struct cli_run r = {0};
    const char *config = cli_put(*state, "config.yaml", "discover: false\n", 0600);
    cli_run(*state, &r, "--config", config, "demo", "--scenario", "calm", "get", "vaults", NULL);
    assert_status(&r, 0);
    assert_complains(&r, "nothing that has vaults was found in demo");
    cli_done(&r);
}

static void rows_of_a_source_that_was_found(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "vaults", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"source\": \"vault\"");
    assert_prints(&r, "\"cluster\": \"demo\"");
    assert_prints(&r, "\"state\": \"active\"");
    assert_prints(&r, "\"token\": \"valid\"");
    assert_no_token(&r);
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "vault-paths", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "apps/kimai");
    /* by its policy */
    assert_complains(&r, "vault-paths of vault: 1 folder and 1 path may not be read");
    assert_no_token(&r);
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "vault-paths", "--filter",
            "xtrabackup", "-o", "csv", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "operators/mysql"); /* a key is called so */
    assert_null(strstr(strbuf_cstr(&r.out), "apps/kimai"));
    cli_done(&r);
}

/* A script's rows are as all others: get, filter, order, status, lists; its screen is in live_use. */
static void scripts_are_sources(void **state)
{
    struct cli_run r = {0};
    const char *config = cli_put(*state, "config.yaml",
                                 "sources:\n"
                                 "- {name: disk, type: exec, shell: 'echo DISK full; exit 2'}\n"
                                 "- name: seats\n"
                                 "  type: exec\n"
                                 "  kind: licence\n"
                                 "  shell: |\n"
                                 "    echo '{\"columns\":[{\"name\":\"n\",\"type\":\"count\"}],'\n"
                                 "    echo '\"rows\":[{\"name\":\"a\",\"n\":3},'\n"
                                 "    echo '{\"name\":\"b\",\"n\":7,\"state\":1}]}'\n",
                                 0600);
    cli_run(*state, &r, "--config", config, "demo", "--scenario", "calm", "get", "licences",
            "--filter", "n>2", "--sort", "n!", "-o", "csv", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "state,message,name,n,level,says\r\n");
    assert_prints(&r, "warning,,b,7,warning,the script says warning\r\n,,a,3,off,\r\n");
    cli_run(*state, &r, "--config", config, "kinds", "licence", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "n         count");
    cli_run(*state, &r, "--config", config, "demo", "--scenario", "calm", "status", NULL);
    assert_status(&r, 2);
    assert_prints(&r, "critical   checks      0/1 check; disk: DISK full");
    assert_prints(&r, "warning    licences    0/1 licence; b: the script says warning");
    cli_done(&r);
}

/* Who may not ask kubelets is told which right is missing; claims and nodes are there without, and
 * that there is room on them is not claimed. */
static void kubelets_that_may_not_be_asked(void **state)
{
    static const char *const nodes[] = {"1759301204118", "1759301204225", "1764022710301",
                                        "1764022710417", "1769868032044", "1769868032159"};
    struct strbuf story = STRBUF_INIT(65536);
    struct cli_run r = {0};
    strbuf_adds(&story, "about: no kubelets\nsteps:\n");
    for (size_t i = 0; i < BN_COUNT(nodes); i++)
        strbuf_addf(&story,
                    "  - {at: 0s, fault: /api/v1/nodes/prod-instance-%s/proxy status=403}\n",
                    nodes[i]);
    char *path = strdup(cli_put(*state, "story.yaml", strbuf_cstr(&story), 0644));
    cli_run(*state, &r, "demo", "--scenario", path, "get", "filesystems", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "/proxy/stats/summary: 403: ");
    cli_run(*state, &r, "demo", "--scenario", path, "get", "pvcs", "-A", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "data-vault-0");
    cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
    assert_prints(&r, "unknown    storage     unknown: ");
    assert_prints(&r, "/proxy/stats/summary: 403: ");
    free(path);
    strbuf_clear(&story);
    cli_done(&r);
}

/* Who may not read the Secrets is told which right is missing, of what, and sees what is to be seen
 * without. */
static void secrets_that_may_not_be_read(void **state)
{
    struct cli_run r = {0};
    char *path = strdup(
        cli_put(*state, "story.yaml",
                "about: no secrets\nsteps:\n"
                "  - {at: 0s, fault: /api/v1/namespaces/vault/secrets/binnacle status=403}\n"
                "  - {at: 0s, fault: /api/v1/namespaces/operators/secrets/redis status=403}\n",
                0644));
    cli_run(*state, &r, "demo", "--scenario", path, "doctor", "-o", "json", NULL);
    assert_status(&r, 1);
    assert_prints(&r, "\"state\": \"fresh\",\n      \"source\": \"vault\"");
    assert_prints(&r, "\"state\": \"denied\",\n      \"source\": \"redis-master\"");
    assert_prints(&r, "/secrets/redis: 403: ");
    cli_run(*state, &r, "demo", "--scenario", path, "get", "vaults", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"state\": \"active\"");
    assert_prints(&r, "\"rule\": \"vault-token-not-had\"");
    assert_prints(&r, "/secrets/binnacle: 403: ");
    assert_no_token(&r);
    free(path);
    cli_done(&r);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, cli_setup, cli_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_doctor_tells_each_source), CASE(one_that_does_not_answer),
        CASE(what_was_not_found),           CASE(rows_of_a_source_that_was_found),
        CASE(scripts_are_sources),          CASE(kubelets_that_may_not_be_asked),
        CASE(secrets_that_may_not_be_read),
    };
    return cmocka_run_group_tests_name("cli_sources", tests, NULL, NULL);
}
