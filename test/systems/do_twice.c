/* The same action by two operators at once, of each action that changes an object: the first is about to
 * send when the second is through. Whoever comes second is told, or has nothing left to do; what was
 * wanted is there once, and nothing is left open. */
#include <config.h>

#include "test/systems/do_place.h"

#include <sys/wait.h>

#define KIMAI   "/apis/apps/v1/namespaces/default/deployments/kimai"
#define SERVICE "/api/v1/namespaces/default/services/kimai"
#define NODE    "/api/v1/nodes/prod-instance-1764022710301"
#define CRON    "/apis/batch/v1/namespaces/default/cronjobs/dnc-scheduler"
#define SECRET  "/apis/external-secrets.io/v1/namespaces/default/externalsecrets/kimai-secrets"
#define APP     "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/booklet"
#define POD     "/api/v1/namespaces/tooling/pods/typesense-0"
#define OF      " --resource services --name kimai -n default"

/* What the first has come to: its exit status, and what it says. */
#define DONE 0, NULL
#define TOLD 1, "somebody else has changed it since the plan was made"
#define REPLACED \
    1, "somebody else has replaced or changed it since the plan was made: nothing was deleted"

static const struct {
    const char *words, *object;
    int status;             /* of the first */
    const char *says;       /* in the audit log; NULL: "done" */
    const char *path, *end; /* the object's state afterwards; end NULL: there is one */
} cases[] = {
    {"restart --name kimai -n default", KIMAI, TOLD,
     "spec|template|metadata|annotations|kubectl.kubernetes.io/restartedAt", NULL},
    {"set-image --name kimai -n default --image docker.io/kimai/kimai2:apache-2.32", KIMAI, TOLD,
     "spec|template|spec|containers|0|image", "docker.io/kimai/kimai2:apache-2.32"},
    {"pause --name kimai -n default", KIMAI, DONE, "spec|paused", "true"},
    {"suspend-cronjob --name dnc-scheduler -n default", CRON, DONE, "spec|suspend", "true"},
    {"cordon --name prod-instance-1764022710301", NODE, DONE, "spec|unschedulable", "true"},
    {"label" OF " --key tier --value web", SERVICE, DONE, "metadata|labels|tier", "web"},
    {"annotate" OF " --key note --value hello", SERVICE, DONE, "metadata|annotations|note",
     "hello"},
    {"dns-name" OF " --host a.example.org", SERVICE, DONE,
     "metadata|annotations|external-dns.alpha.kubernetes.io/hostname", "a.example.org"},
    {"refresh-secret --name kimai-secrets -n default", SECRET, DONE,
     "metadata|annotations|force-sync", NULL},
    {"argocd-refresh --name booklet", APP, DONE, "status|sync|status", "Synced"},
    {"argocd-sync --name booklet", APP, DONE, "status|operationState|phase", "Succeeded"},
    {"delete-pod --name typesense-0 -n tooling", POD, REPLACED, "metadata|name", "typesense-0"},
    {"delete" OF " --confirm demo", SERVICE, DONE, "metadata|name", "(absent)"},
};

static void expect_end(struct place *p, size_t i)
{
    if (cases[i].end) {
        expect_text(p, cases[i].object, cases[i].path, cases[i].end);
        return;
    }
    char *got = read_text(p, cases[i].object, cases[i].path);
    if (!got)
        fail_msg("`%s`: %s is not there", cases[i].words, cases[i].path);
    free(got);
}

static int begin(struct place *p, const char *words)
{
    char text[512];
    const char *all[CLI_WORDS_MAX] = {"do"}, *word;
    struct span rest = span_from(words), part;
    size_t n = 1, used = 0;
    while (span_split(&rest, ' ', &part)) {
        word = text + used;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%.*s", SPAN_ARG(part)) + 1;
        assert_true(used < sizeof(text) && n < CLI_WORDS_MAX - 2);
        all[n++] = word;
    }
    all[n] = "--yes";
    return cli_begin_words(p->cli, all, NULL);
}

static void the_second_is_told(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char sent[512];
    int status;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        (void)snprintf(sent, sizeof(sent), "%s?fieldManager", cases[i].object);
        const int had = (int)asked(p, sent);
        (void)harbor_told(&p->harbor, "fault %s delay=60000 count=1", sent);
        int pid = begin(p, cases[i].words);
        await_asked(p, sent, had + 1);
        cli_run_line(p->cli, &run, "do %s --yes", cases[i].words);
        assert_status(&run, 0);
        (void)harbor_told(&p->harbor, "step 60000"); /* the first one's is looked at now */
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != cases[i].status)
            fail_msg("`%s`: status %d", cases[i].words, WEXITSTATUS(status));
        expect_audit(p, cases[i].says ? cases[i].says : "done");
        expect_end(p, i);
        cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
        assert_status(&run, 3);
        assert_complains(&run, "no run is without an end");
    }
    cli_done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_second_is_told, place_setup, place_teardown)};
    return cmocka_run_group_tests_name("do_twice", tests, NULL, NULL);
}
