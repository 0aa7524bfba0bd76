/* Runs of `binnacle do` that outlive their terminal, are watched, left, taken back, and meet others
 * that want the same. */
#include <config.h>

#include "base/file.h"
#include "test/systems/do_place.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIMAI      "/apis/apps/v1/namespaces/default/deployments/kimai"
#define APP        "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/kimai"
#define CONTROLLER "patch statefulsets argocd argocd-application-controller "

/* A run that waits until let_it_end(); it has been sent. */
static int begin_slow_run(struct place *p)
{
    (void)harbor_told(&p->harbor, CONTROLLER "{\"status\":{\"readyReplicas\":0}}");
    int pid = cli_begin(p->cli, "do", "argocd-refresh", "--name", "kimai", "--yes", NULL);
    await_asked(p, APP "?fieldManager", 1);
    return pid;
}

static void let_it_end(struct place *p)
{
    (void)harbor_told(&p->harbor, CONTROLLER "{\"status\":{\"readyReplicas\":1}}");
}

static int status_of(int pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void it_goes_on_when_the_terminal_goes(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    struct stat st;
    char path[160];
    int pid = begin_slow_run(p);
    assert_int_equal(kill(pid, SIGHUP), 0);
    int watch = cli_begin(p->cli, "do", "--watch", NULL);
    let_it_end(p);
    assert_int_equal(status_of(pid), 0);
    assert_int_equal(status_of(watch), 0);
    cli_run(p->cli, &run, "do", "--watch", NULL); /* what it said is kept */
    assert_status(&run, 0);
    assert_prints(&run, "~ 1. Refresh ");
    assert_prints(&run, "ok  Refresh ");
    assert_prints(&run, ": done");
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit-runs", p->cli->folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0077, 0);
    cli_run(p->cli, &run, "do", "--watch", "../audit.jsonl", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "nothing was kept of what run ../audit.jsonl says");
    cli_done(&run);
}

/* The one who watches sees it end whatever it ends of; who goes on with it may be one alone. */
static void a_killed_run_ends_the_watching(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int pid = begin_slow_run(p);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "is under way in another process");
    cli_run(p->cli, &run, "do", "--leave", NULL);
    assert_status(&run, 3);
    cli_run(p->cli, &run, "status", NULL);
    assert_null(strstr(strbuf_cstr(&run.err), "has no end")); /* somebody has it */
    int watch = cli_begin(p->cli, "do", "--watch", NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(status_of(pid), 128 + SIGKILL);
    assert_int_equal(status_of(watch), 4);
    cli_run(p->cli, &run, "status", NULL);
    assert_complains(&run, "argocd-refresh of ");
    assert_complains(&run, "has no end: it stood at \"Refresh ");
    cli_run(p->cli, &run, "do", "restart", "--name", "kimai", "-n", "default", "--dry-run", NULL);
    assert_status(&run, 0); /* who begins another is told too */
    assert_complains(&run, "has no end: it stood at \"Refresh ");
    cli_run(p->cli, &run, "do", "--resume", "--dry-run", NULL);
    assert_status(&run, 0);
    assert_prints(&run,
                  ": no step done; \"Refresh Application argocd/kimai\" was taken, and its end "
                  "is not known.\n");
    assert_prints(&run, "Nothing more is sent: what was sent is looked at to its end.\n");
    cli_run(p->cli, &run, "do", "--leave", NULL);
    assert_status(&run, 0);
    assert_prints(&run, " is left as it is: what was sent stands, nothing more is.\n");
    cli_run(p->cli, &run, "status", NULL);
    assert_null(strstr(strbuf_cstr(&run.err), "has no end"));
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 3);
    expect_audit(p, "left");
    cli_done(&run);
}

/* The first has rehearsed and is about to send when the second is through: it is told, what the second
 * wanted stands, and its own run has ended in the log. */
static void two_write_at_once(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault " KIMAI "?fieldManager delay=60000 count=1");
    int pid = cli_begin(p->cli, "do", "scale", "--name", "kimai", "-n", "default", "--replicas",
                        "5", "--yes", NULL);
    await_asked(p, KIMAI "?fieldManager", 1);
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "2",
            "--yes", NULL);
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor, "step 60000"); /* the first one's is looked at now */
    assert_int_equal(status_of(pid), 1);
    expect_text(p, KIMAI, "spec|replicas", "2");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "no run is without an end");
    expect_audit(p, "somebody else has changed it since the plan was made");
    cli_done(&run);
}

/* The same action by two who see the same: it is done once or twice, never in part. */
static void two_do_the_same_at_once(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int pids[2];
    for (int i = 0; i < 2; i++)
        pids[i] = cli_begin(p->cli, "do", "scale", "--name", "kimai", "-n", "default", "--replicas",
                            "4", "--yes", NULL);
    int first = status_of(pids[0]), second = status_of(pids[1]);
    assert_true(first == 0 || second == 0);
    expect_text(p, KIMAI, "status|readyReplicas", "4");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 3); /* neither has left anything open */
    expect_audit(p, "done");
    cli_done(&run);
}

/* Larger, smaller and larger again. */
static void it_can_be_scaled_again(void **state)
{
    static const char *const numbers[] = {"3", "2", "3", "1", "3"};
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(numbers); i++) {
        cli_run_line(p->cli, &run, "do scale --name kimai -n default --replicas %s --yes",
                     numbers[i]);
        assert_status(&run, 0);
        expect_text(p, KIMAI, "status|readyReplicas", numbers[i]);
    }
    cli_done(&run);
}

/* ---- The audit log amid a run. */

/* How long the lines of the log are that have any of these. */
static size_t bytes_of(const struct strbuf *log, const char *one, const char *other)
{
    struct span rest = strbuf_span(log), line;
    size_t n = 0;
    while (span_split(&rest, '\n', &line))
        if (span_search(line, span_from(one), false) < line.len ||
            span_search(line, span_from(other), false) < line.len)
            n += line.len + 1;
    return n;
}

/* The disk is full when the step was sent (the first line of all has no hash of one before): that is
 * what is said, nothing more is sent, and what had been written is whole. With room again it is gone
 * on with. */
static void the_disk_is_full_amid_it(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    struct strbuf log = STRBUF_INIT((size_t)1 << 20);
    struct rlimit all, limit;
    struct err err;
    char path[160];
    cli_run_line(p->cli, &run, "do scale --name kimai -n default --replicas 3 --yes");
    assert_status(&run, 0);
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    assert_true(file_read(path, &log, &err));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
    limit = (struct rlimit){
        .rlim_cur = log.len + bytes_of(&log, "\"event\":\"begin\"", "\"event\":\"step\"") + 130,
        .rlim_max = all.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cli_run_line(p->cli, &run, "do scale --name kimai -n default --replicas 2 --yes");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_status(&run, 4);
    assert_prints(&run,
                  "NOT Scale Deployment default/kimai to 2: it was sent; what has come of it is "
                  "not known\n");
    assert_complains(&run,
                     "cannot be written (File too large); what was sent before stands, nothing "
                     "more is; run ");
    assert_complains(&run, " has no end: binnacle do --resume, --undo or --leave");
    expect_text(p, KIMAI, "spec|replicas", "2");
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 0);
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 0); /* no line was cut short */
    expect_audit(p, "done");
    strbuf_clear(&log);
    cli_done(&run);
}

/* What the run waits for the script waits for; a server and a secret are variables that say what they
 * are where they are not set, and nothing else in a name is one. */
static void a_script_waits_as_the_run_does(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "create-database", "--name", "shop", "--user", "a$HOME", "-n",
            "default", "--way", "job", "--dry-run", "-o", "shell", NULL);
    assert_status(&run, 0);
    assert_prints(&run, ": \"${VAULT_ADDR:?the address of Vault}\"\n"
                        "[ -z \"${MYSQL_PWD-}\" ] || MYSQL_ASK= # else each asks\n"
                        ": \"${password:?a secret that has to be set}\"\nexport password\n");
    assert_prints(&run, "| envsubst '${password}' | vault write 'secret/data/");
    assert_prints(&run, " -n default wait --for='condition=Ready' --timeout=90s "
                        "externalsecrets.external-secrets.io/");
    assert_prints(&run, " -n operators wait --for='condition=complete' --timeout=600s jobs.batch/");
    assert_prints(&run, " -n operators wait --for='delete' --timeout=60s jobs.batch/");
    assert_prints(&run, "printf %s 'SELECT 1' | MYSQL_PWD=\"${password:?}\" mysql -h "
                        "\"${HOST_operators_mysql:?the address of operators/mysql}\" -P "
                        "\"${PORT_operators_mysql:-3306}\" --default-character-set=utf8mb4 -u "
                        "'a$HOME' 'shop'\n");
    cli_run(p->cli, &run, "do", "kill-query", "--cluster", "operators/mysql", "--node",
            "mysql-pxc-0", "--id", "8124", "--dry-run", "-o", "shell", NULL);
    assert_status(&run, 0);
    assert_prints(&run,
                  "mysql -h \"${HOST_operators_mysql_mysql_pxc_0:?the address of mysql-pxc-0 of "
                  "operators/mysql}\"");
    cli_done(&run);
}

/* ---- Taking back. */

#define IMAGE "spec|template|spec|containers|0|image"

static void set_image(struct place *p, struct cli_run *run, const char *image)
{
    cli_run(p->cli, run, "do", "set-image", "--name", "kimai", "-n", "default", "--image", image,
            "--yes", NULL);
}

/* Sent, and its answer does not come: the run has no end. */
static void leave_image(struct place *p, struct cli_run *run, const char *image)
{
    (void)harbor_told(&p->harbor, "fault PATCH " KIMAI "?fieldManager cut=0 count=1");
    set_image(p, run, image);
    assert_status(run, 4);
    expect_text(p, KIMAI, IMAGE, image);
}

static void what_others_changed_since_is_not_written_over(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *was = read_text(p, KIMAI, IMAGE);
    leave_image(p, &run, "kimai/kimai2:mine");
    set_image(p, &run, "kimai/kimai2:theirs");
    assert_status(&run, 0);
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "somebody has changed it since, spec.template.spec.containers[kimai]."
                           "image is kimai/kimai2:theirs");
    expect_text(p, KIMAI, IMAGE, "kimai/kimai2:theirs");
    cli_run(p->cli, &run, "do", "--undo", "--anyway", "--yes", NULL);
    assert_status(&run, 0);
    expect_text(p, KIMAI, IMAGE, was);
    expect_audit(p, "undone");
    free(was);
    cli_done(&run);
}

/* Of the same object, and not what this run has set. */
static void what_others_changed_beside_it_stays(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *was = read_text(p, KIMAI, IMAGE);
    leave_image(p, &run, "kimai/kimai2:mine");
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "2",
            "--yes", NULL);
    assert_status(&run, 0);
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 0);
    expect_text(p, KIMAI, IMAGE, was);
    expect_text(p, KIMAI, "spec|replicas", "2");
    free(was);
    cli_done(&run);
}

/* The pods are not the old ones again by the API server's answer alone. */
static void taking_back_waits_for_the_rollout(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    leave_image(p, &run, "kimai/kimai2:mine");
    (void)harbor_told(&p->harbor, "fault GET " KIMAI " delay=60000");
    int before = (int)asked(p, "GET " KIMAI);
    int pid = cli_begin(p->cli, "do", "--undo", "--anyway", "--yes", NULL);
    await_asked(p, "PATCH " KIMAI "?fieldManager", 2);
    await_asked(p, "GET " KIMAI, before + 1); /* it looks */
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    (void)harbor_told(&p->harbor, "clear");
    (void)harbor_told(&p->harbor, "step 60000");
    assert_int_equal(status_of(pid), 0);
    expect_audit(p, "undone");
    cli_done(&run);
}

/* ---- For programs. */

/* One value, as JSON is read: nothing before it and nothing behind. */
static cJSON *read_alone(const struct cli_run *run)
{
    const char *end = NULL;
    cJSON *doc = cJSON_ParseWithOpts(strbuf_cstr(&run->out), &end, false);
    assert_non_null(doc);
    assert_string_equal(end, "\n");
    return doc;
}

static void the_plan_alone_is_for_programs(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    cli_run(p->cli, &run, "do", "scale", "--name", "kimai", "-n", "default", "--replicas", "3",
            "--yes", "-o", "json", NULL);
    assert_status(&run, 0);
    cJSON *plan = read_alone(&run);
    assert_non_null(cJSON_GetObjectItemCaseSensitive(plan, "steps"));
    cJSON_Delete(plan);
    assert_complains(&run, "ok  Scale Deployment default/kimai to 3");
    leave_image(p, &run, "kimai/kimai2:mine");
    cli_run(p->cli, &run, "do", "--undo", "--yes", "-o", "json", NULL);
    assert_status(&run, 0);
    cJSON *undo = read_alone(&run);
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(undo, "undo"), 0);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(first, "taken_back")));
    cJSON_Delete(undo);
    assert_complains(&run, "ok  take back: Set image of kimai");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_goes_on_when_the_terminal_goes),
        CASE(a_killed_run_ends_the_watching),
        CASE(two_write_at_once),
        CASE(two_do_the_same_at_once),
        CASE(it_can_be_scaled_again),
        CASE(the_disk_is_full_amid_it),
        CASE(what_others_changed_since_is_not_written_over),
        CASE(what_others_changed_beside_it_stays),
        CASE(taking_back_waits_for_the_rollout),
        CASE(the_plan_alone_is_for_programs),
        CASE(a_script_waits_as_the_run_does),
    };
    return cmocka_run_group_tests_name("do_runs", tests, NULL, NULL);
}
