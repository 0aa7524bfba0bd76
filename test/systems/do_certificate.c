/* Certificates renewed by `do`: followed down to their challenges, up to the Secret that is written. */
#include <config.h>

#include "test/systems/do_database.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MINIO      "/apis/cert-manager.io/v1/namespaces/operators/certificates/minio-tls"
#define BOOKLET    "/apis/cert-manager.io/v1/namespaces/default/certificates/booklet-tls"
#define CHALLENGES "GET /apis/acme.cert-manager.io/v1/namespaces/default/challenges"
#define SECRET     "/api/v1/namespaces/operators/secrets/minio-tls"

static void set_manager(struct place *p, bool works)
{
    (void)harbor_told(&p->harbor,
                      "patch deployments cert-manager cert-manager "
                      "{\"status\":{\"readyReplicas\":%d}}",
                      works);
}

static void a_renewed_one_is_in_its_secret(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *before = read_text(p, SECRET, "metadata|resourceVersion"), *after;
    cli_run(p->cli, &run, "do", "renew-certificate", "--name", "minio-tls", "-n", "operators",
            "--yes", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "revision 5, valid until 20");
    assert_prints(&run, "; Secret operators/minio-tls is written anew");
    expect_text(p, MINIO, "status|revision", "5");
    after = read_text(p, SECRET, "metadata|resourceVersion");
    assert_string_not_equal(before, after);
    free(before);
    free(after);
    cli_done(&run);
}

/* It waits at its challenge until that has been read. */
static void what_it_waits_for_is_said(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    set_manager(p, false);
    (void)harbor_told(&p->harbor,
                      "patch certificates default booklet-tls {\"status\":{\"conditions\":[{"
                      "\"type\":\"Issuing\",\"status\":\"False\",\"reason\":\"Failed\"}]}}");
    int helper = (int)fork();
    if (helper == 0) {
        await_asked(p, CHALLENGES, 1);
        set_manager(p, true);
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "renew-certificate", "--name", "booklet-tls", "-n", "default",
            "--yes", NULL);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_status(&run, 0);
    assert_prints(&run, "ManuallyTriggered: Certificate re-issuance manually triggered; "
                        "CertificateRequest booklet-tls-1: Pending: Waiting on certificate");
    assert_prints(&run, "; Order booklet-tls-1-3340582117: pending; Challenge booklet.reyem.tech: "
                        "pending: Waiting for DNS-01 challenge propagation");
    expect_text(p, BOOKLET, "status|revision", "1");
    cli_done(&run);
}

/* Another process has asked for it; nobody works on it yet. Its id. */
static int begin_elsewhere(struct place *p)
{
    set_manager(p, false);
    (void)harbor_told(&p->harbor,
                      "patch certificates default booklet-tls {\"status\":{\"conditions\":[{"
                      "\"type\":\"Issuing\",\"status\":\"False\",\"reason\":\"Failed\"}]}}");
    int other = cli_begin(p->cli, "do", "renew-certificate", "--name", "booklet-tls", "-n",
                          "default", "--yes", NULL);
    await_audited(p, "sent", 1);
    return other;
}

static void expect_end(int pid, int wanted)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), wanted);
}

static void one_under_way_is_followed(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int other = begin_elsewhere(p);
    cli_run(p->cli, &run, "do", "renew-certificate", "--name", "booklet-tls", "-n", "default",
            "--dry-run", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "  = 1. Renew Certificate default/booklet-tls\n");
    assert_prints(&run, "Nothing is sent: it is under way, and is followed to its end.");
    int helper = (int)fork();
    if (helper == 0) {
        await_audited(p, "begin", 2);
        set_manager(p, true);
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "renew-certificate", "--name", "booklet-tls", "-n", "default",
            NULL);
    expect_end(helper, 0);
    expect_end(other, 0);
    assert_status(&run, 0);
    assert_prints(&run, "  Challenge booklet.reyem.tech: pending: Waiting for DNS-01 challenge");
    assert_prints(&run, "    revision 1, valid until 20");
    assert_prints(&run, "ok  Renew Certificate default/booklet-tls");
    expect_text(p, BOOKLET, "status|revision", "1");
    assert_int_equal(writes(p, BOOKLET "/status"), 1);
    cli_done(&run);
}

/* Who gives up leaves nothing behind that would have to be taken up. */
static void following_is_given_up(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int other = begin_elsewhere(p);
    int pid = cli_begin(p->cli, "do", "renew-certificate", "--name", "booklet-tls", "-n", "default",
                        NULL);
    await_audited(p, "begin", 2);
    (void)kill(pid, SIGINT);
    expect_end(pid, 1);
    set_manager(p, true);
    expect_end(other, 0);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_complains(&run, "no run is without an end");
    assert_int_equal(writes(p, BOOKLET "/status"), 1);
    cli_done(&run);
}

static void what_failed_says_where(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    set_manager(p, false);
    int helper = (int)fork();
    if (helper == 0) {
        await_asked(p, "PATCH " MINIO "/status?fieldManager", 1);
        (void)harbor_told(&p->harbor,
                          "patch certificates operators minio-tls {\"status\":{\"conditions\":[{"
                          "\"type\":\"Issuing\",\"status\":\"False\",\"reason\":\"Failed\","
                          "\"message\":\"The certificate request has failed to complete\"}]}}");
        _exit(0);
    }
    cli_run(p->cli, &run, "do", "renew-certificate", "--name", "minio-tls", "-n", "operators",
            "--yes", NULL);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_status(&run, 1);
    assert_complains(&run, "Failed: The certificate request has failed to complete; "
                           "CertificateRequest minio-tls-5: Failed: Failed to wait for order "
                           "resource \"minio-tls-5-2871063194\"");
    assert_complains(&run,
                     "; it was sent, and cannot be taken back: binnacle do --resume or --leave");
    expect_text(p, MINIO, "status|revision", "4");
    cli_run(p->cli, &run, "do", "--undo", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "nothing of run ");
    set_manager(p, true); /* and it is tried again */
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 0);
    expect_text(p, MINIO, "status|revision", "5");
    expect_audit(p, "done");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_renewed_one_is_in_its_secret), CASE(what_it_waits_for_is_said),
        CASE(one_under_way_is_followed),      CASE(following_is_given_up),
        CASE(what_failed_says_where),
    };
    return cmocka_run_group_tests_name("do_certificate", tests, NULL, NULL);
}
