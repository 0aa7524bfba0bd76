/* The plan of each sort of action as a script: a shell takes it, and it calls what the plan says. */
#include <config.h>

#include "base/file.h"
#include "test/systems/do_database.h"

/* Each says what it was called with, and what was written into it. */
static const char stub[] = "#!/bin/sh\n"
                           "{ printf '%s' \"${0##*/}\"; printf ' %s' \"$@\"; echo\n"
                           "[ ! -p /dev/stdin ] || { cat; echo; }; } >>\"$HOME/said\"\n";

#define ROLLOUT "kubectl --context demo -n default rollout "
#define WAIT    "kubectl --context demo -n "

static const struct {
    const char *words, *said;
} plans[] = {
    {"restart --name kimai -n default",
     ROLLOUT "restart deployment/kimai\n" ROLLOUT "status deployments.apps/kimai\n"},
    {"scale --name kimai -n default --replicas 2",
     "kubectl --context demo -n default scale deployment/kimai --replicas=2\n" ROLLOUT
     "status deployments.apps/kimai\n"},
    /* Not waited for once more: one of that name is made anew. */
    {"delete-pod --name typesense-0 -n tooling --grace 5",
     "kubectl --context demo -n tooling delete pod typesense-0 --grace-period=5\n"},
    {"cordon --name prod-instance-1764022710301",
     "kubectl --context demo cordon prod-instance-1764022710301\n"},
    {"refresh-secret --name kimai-secrets -n default",
     "kubectl --context demo -n default annotate externalsecrets kimai-secrets force-sync="},
    {"argocd-sync --name kimai", "argocd app sync kimai\n"},
    {"renew-certificate --name minio-tls -n operators",
     "cmctl renew --context demo -n operators minio-tls\n"},
    {"vault-patch --mount secret --path apps/kimai --set A=random:32",
     "vault patch secret/data/apps/kimai -\n{\"data\":{\"A\":\"it's $HOME\"},\"options\":{\"cas\":"},
    {"backup --cluster mysql -n operators",
     "kubectl --context demo create --raw /apis/pxc.percona.com/v1/namespaces/operators/"
     "perconaxtradbclusterbackups -f -\n{\"apiVersion\":\"pxc.percona.com/v1\",\"kind\":"},
    {"restore --backup " NEWEST " -n operators",
     WAIT "operators wait --for=jsonpath={.status.state}=Succeeded --timeout="},
    {"kill-query --id 8124 --node mysql-pxc-0",
     "mysql -h pxc-0.example -P 3306 --default-character-set=utf8mb4 -p -u root\nKILL QUERY 8124"},
    {"grant --user kimai --database gta_events --rights SELECT",
     "mysql -h db.example -P 3307 --default-character-set=utf8mb4 -p -u root\n"
     "GRANT SELECT ON `gta\\_events`.* TO 'kimai'@'%'\n"},
    {"create-database --name shop --user o'k -n default",
     "mysql -h db.example -P 3307 --default-character-set=utf8mb4 -u o'k shop\nSELECT 1\n"},
    {"rotate-password --user kimai --path apps/kimai --key DB_PASSWORD",
     "ALTER USER 'kimai'@'%' DISCARD OLD PASSWORD\n"},
    {"redis-failover --redis redis-replicas-1",
     "redis-cli -h redis.example -p 6379 --askpass FAILOVER TO 10."},
};

/* What has been called since. */
static void read_said(const struct place *p, struct strbuf *out)
{
    char path[160];
    struct err err;
    (void)snprintf(path, sizeof(path), "%s/said", p->cli->folder);
    strbuf_truncate(out, 0);
    if (!file_read(path, out, &err))
        fail_msg("nothing was called: %s", err.msg);
    (void)cli_put(p->cli, "said", "", 0600);
}

static void each_script_does_what_its_plan_says(void **state)
{
    static const char *const names[] = {"kubectl", "mysql",     "vault",
                                        "argocd",  "redis-cli", "cmctl"};
    struct place *p = *state;
    struct cli_run run = {0};
    struct strbuf said = STRBUF_INIT((size_t)1 << 20);
    for (size_t i = 0; i < BN_COUNT(names); i++)
        (void)cli_put(p->cli, names[i], stub, 0700);
    for (size_t i = 0; i < BN_COUNT(plans); i++) {
        cli_run_line(p->cli, &run, "do %s --dry-run -o shell", plans[i].words);
        assert_status(&run, 0);
        cli_script(p->cli, &run, "HOST_operators_mysql=db.example", "PORT_operators_mysql=3307",
                   "HOST_operators_mysql_mysql_pxc_0=pxc-0.example",
                   "HOST_redis_master=redis.example", "VAULT_ADDR=https://vault.example",
                   "A=it's $HOME", "password=known", NULL);
        if (run.status != 0)
            print_message("`%s`:\n", plans[i].words);
        assert_status(&run, 0);
        read_said(p, &said);
        if (!strstr(strbuf_cstr(&said), plans[i].said))
            fail_msg("`%s` has called:\n%s", plans[i].words, strbuf_cstr(&said));
    }
    strbuf_clear(&said);
    cli_done(&run);
}

/* Without what it has to be told it does nothing. */
static void a_script_says_what_it_lacks(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)cli_put(p->cli, "mysql", stub, 0700);
    cli_run(p->cli, &run, "do", "grant", "--user", "kimai", "--database", "gta_events", "--rights",
            "SELECT", "--dry-run", "-o", "shell", NULL);
    assert_status(&run, 0);
    cli_script(p->cli, &run, "VAULT_ADDR=none", NULL);
    assert_int_not_equal(run.status, 0);
    assert_complains(&run, "HOST_operators_mysql: the address of operators/mysql");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(each_script_does_what_its_plan_says),
                                       CASE(a_script_says_what_it_lacks)};
    return cmocka_run_group_tests_name("do_scripts", tests, NULL, NULL);
}
