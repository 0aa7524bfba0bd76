/* Runs go on without the screen they were begun on, are found again, gone on with and taken back;
 * and nothing that was typed hidden is shown. */
#include <config.h>

#include "actions/secrets.h"
#include "base/file.h"
#include "base/number.h"
#include "net/base64.h"
#include "test/screens/live.h"

#include <signal.h>
#include <unistd.h>

#define KIMAI      "/apis/apps/v1/namespaces/default/deployments/kimai"
#define APP        "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/kimai"
#define CONTROLLER "patch statefulsets argocd argocd-application-controller "

/* The dashboard, once more where it is called again; what it keeps outlives it. */
static void open_with(struct live *l, const char *const *words)
{
    char state[96];
    const char *const env[] = {state, NULL};
    const struct pty_options options = {.env = env};
    (void)snprintf(state, sizeof(state), "XDG_STATE_HOME=%s/state", l->folder);
    pty_free(l->pty);
    l->pty = NULL;
    live_open(l, words, &options);
}

static void open_here(struct live *l)
{
    open_with(l, NULL);
}

/* What it waits for comes when the test lets it: nobody refreshes the application until then. */
static void begin_slow_run(struct live *l)
{
    live_tell(l, CONTROLLER "{\"status\":{\"readyReplicas\":0}}");
    open_here(l);
    live_command(l, "do argocd-refresh name=kimai namespace=argocd");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "It runs, with or without this screen.");
    pty_wait_text(l->pty, "... ");
    while (live_asked(l, APP "?fieldManager") == 0)
        pty_wait(l->pty);
}

static void let_it_end(struct live *l)
{
    live_tell(l, CONTROLLER "{\"status\":{\"readyReplicas\":1}}");
}

/* The process of the run: the dashboard's only child. */
static int run_pid(const struct live *l)
{
    struct strbuf text = STRBUF_INIT(4096);
    char path[96];
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pty_pid(l->pty),
                   pty_pid(l->pty));
    assert_true(file_read(path, &text, NULL));
    int64_t pid;
    assert_true(number_parse(span_trim(strbuf_span(&text)), 2, INT32_MAX, &pid));
    strbuf_clear(&text);
    return (int)pid;
}

static void end_of_screen(struct live *l, int number)
{
    if (number == SIGHUP)
        pty_hang_up(l->pty);
    else
        pty_signal(l->pty, number);
    int status = pty_wait_exit(l->pty, 10000);
    assert_true(number != SIGKILL || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

static void it_goes_on_after(struct live *l, int number)
{
    begin_slow_run(l);
    end_of_screen(l, number);
    open_here(l);
    pty_wait_text(l->pty, "`:do --watch`: argocd-refresh of ");
    pty_assert_has(l->pty, " in demo goes on");
    live_command(l, "do --watch");
    pty_wait_text(l->pty, "It runs, begun elsewhere.");
    pty_wait_text(l->pty, "... ");
    let_it_end(l);
    pty_wait_text(l->pty, "Done. Esc closes.");
    assert_int_equal(live_asked(l, APP "?fieldManager"), 1);
    live_quit(l);
}

static void it_goes_on_when_the_terminal_hangs_up(void **state)
{
    it_goes_on_after(*state, SIGHUP);
}

static void it_goes_on_when_the_screen_is_killed(void **state)
{
    it_goes_on_after(*state, SIGKILL);
}

/* The step that runs counts up, in its own time; the pod that does the work says what it does. */
static void steps_have_their_time_and_pods_their_log(void **state)
{
    struct live *l = *state;
    begin_slow_run(l);
    pty_step(l->pty, 150000);
    pty_wait_text(l->pty, "... Refresh Application argocd/kimai (2m");
    let_it_end(l);
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_assert_has(l->pty, "ok  Refresh Application argocd/kimai (");
    pty_assert_lacks(l->pty, "... Refresh");
    pty_press(l->pty, "Esc");
    live_command(l, "do create-database name=kimai9 namespace=default way=job");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_assert_has(l->pty, "LOG");
    pty_assert_has(l->pty, "user 'kimai9'@'%' is made");
    pty_assert_has(l->pty, "ok  ");
    pty_press(l->pty, "l");
    pty_wait_text(l->pty, "the steps too");
    pty_assert_lacks(l->pty, "ok  ");
    pty_press(l->pty, "l");
    pty_resize(l->pty, 24, 140);
    pty_wait_text(l->pty, "whole width");
    pty_assert_has(l->pty, "user 'kimai9'@'%' is made");
    pty_assert_has(l->pty, "ok  Log in as kimai9");
    live_quit(l);
}

/* Killed itself, it has no end; what stood where is told at the next start, and it is gone on with. */
static void a_killed_run_is_told_of(void **state)
{
    struct live *l = *state;
    begin_slow_run(l);
    assert_int_equal(kill(run_pid(l), SIGKILL), 0);
    pty_wait_text(l->pty, "the process of the run has ended amid it");
    pty_wait_text(l->pty, "[ Close ]  [ Go on with it ]  [ Leave it so ]");
    live_quit(l);
    open_here(l);
    pty_wait_text(l->pty, "argocd-refresh stopped amid step 1: `:do --resume`, --undo or --leave");
    live_command(l, "do --resume");
    pty_wait_text(l->pty, "Nothing more has been changed yet.");
    pty_assert_has(l->pty, "= 1. Refresh Application argocd/kimai"); /* it was sent already */
    pty_press(l->pty, "Tab Enter");
    let_it_end(l);
    pty_wait_text(l->pty, "Done. Esc closes.");
    assert_int_equal(live_asked(l, APP "?fieldManager"), 1); /* it was not sent again */
    live_command(l, "do --resume");
    pty_assert_has(l->pty, "no run is without an end");
    live_quit(l);
}

/* The change came through, its answer did not: it is taken back from the same screen. */
static void what_was_done_is_taken_back(void **state)
{
    struct live *l = *state;
    open_here(l);
    live_tell(l, "fault " KIMAI "?fieldManager cut=0 count=1");
    live_command(l, "do scale name=kimai namespace=default replicas=3");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "[ Close ]  [ Go on with it ]  [ Take it back ]  [ Leave it so ]");
    pty_press(l->pty, "Tab Tab Enter");
    pty_wait_text(l->pty, "To be taken back, of run ");
    pty_wait_text(l->pty, "Nothing more has been changed yet.");
    pty_assert_has(l->pty, "- Scale Deployment default/kimai to 3");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_press(l->pty, "Esc");
    live_command(l, "do scale name=kimai namespace=default replicas=1");
    pty_wait_text(l->pty, "It is so already.");
    live_quit(l);
}

/* What was changed is rows: the newest first, each with its lines; a line that was changed shows. */
static void what_was_changed_is_rows(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    char path[160];
    struct err err;
    open_here(l);
    live_command(l, "audit");
    pty_wait_text(l->pty, "0/0");
    live_command(l, "do scale name=kimai namespace=default replicas=2");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_press(l->pty, "Esc");
    live_step_until(l, 2000, "default/kimai done"); /* it may have been looked at amid the run */
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "step    Scale Deployment default/kimai to 2");
    pty_press(l->pty, "Esc");
    (void)snprintf(path, sizeof(path), "%s/state/binnacle/audit.jsonl", l->folder);
    assert_true(file_read(path, &text, &err));
    struct span whole = strbuf_span(&text), cut = span_sub(whole, 0, whole.len - 1);
    cut = span_sub(cut, 0, span_find_last(cut, '\n') + 1);
    assert_true(file_replace(path, cut, &err));
    pty_step(l->pty, 2000);
    pty_wait_text(l->pty, "lines at the audit log's end are MISSING");
    live_replace(&text, "default/kimai to 2", "default/kimai to 9");
    assert_true(file_replace(path, strbuf_span(&text), &err));
    pty_step(l->pty, 2000);
    pty_wait_text(l->pty, "the chain of the audit log is BROKEN");
    pty_wait_text(l->pty, "does not follow on");
    strbuf_clear(&text);
    live_quit(l);
}

/* A run that nobody wants to go on with is told of no more. */
static void it_is_left_as_it_is(void **state)
{
    struct live *l = *state;
    begin_slow_run(l);
    assert_int_equal(kill(run_pid(l), SIGKILL), 0);
    pty_wait_text(l->pty, "[ Go on with it ]  [ Leave it so ]");
    pty_press(l->pty, "Tab Tab Enter");
    pty_assert_has(l->pty, "the run is left as it is");
    live_quit(l);
    open_here(l);
    pty_wait(l->pty);
    pty_assert_lacks(l->pty, "has no end");
    live_quit(l);
}

/* Its request was taken, what came of it is bad, and nothing takes it back: it is tried again. */
static void what_failed_for_good_is_tried_again(void **state)
{
    struct live *l = *state;
    open_here(l);
    live_tell(l, "patch deployments cert-manager cert-manager {\"status\":{\"readyReplicas\":0}}");
    live_command(l, "do renew-certificate name=minio-tls namespace=operators");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "ManuallyTriggered: ");
    live_tell(l, "patch certificates operators minio-tls {\"status\":{\"conditions\":[{"
                 "\"type\":\"Issuing\",\"status\":\"False\",\"reason\":\"Failed\"}]}}");
    pty_wait_text(l->pty, "It failed; what was sent stands, and cannot be taken back.");
    pty_wait_text(l->pty, "[ Close ]  [ Go on with it ]  [ Leave it so ]");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Nothing more has been changed yet.");
    pty_assert_has(l->pty, "~ 1. Renew Certificate operators/minio-tls");
    live_quit(l);
}

/* Whoever looks elsewhere meanwhile changes nothing of where a plan goes. */
static void a_plan_stays_where_it_was_made(void **state)
{
    struct live *l = *state;
    open_here(l);
    live_command(l, "do scale name=kimai namespace=default replicas=2");
    pty_wait_text(l->pty, "[ Run it in demo ]");
    /* The kubeconfig's context of that name is now another cluster, which is not there. */
    struct strbuf text = STRBUF_INIT(65536);
    struct err err;
    assert_true(file_read(l->kubeconfig, &text, &err));
    live_replace(&text, "https://127.0.0.1:", "https://127.0.0.2:1");
    assert_true(file_replace(l->kubeconfig, strbuf_span(&text), &err));
    strbuf_clear(&text);
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    assert_int_equal(live_asked(l, KIMAI "?fieldManager"), 1);
    live_quit(l);
}

/* Who does not want to wait any more is rid of it; what was sent goes on, and so can the run. */
static void waiting_is_given_up(void **state)
{
    struct live *l = *state;
    begin_slow_run(l);
    live_command(l, "do restart name=kimai namespace=default");
    pty_assert_has(l->pty, "another action runs: `:do` shows it");
    pty_press(l->pty, "C-c");
    pty_wait_text(l->pty, "waiting was given up; what was sent goes on");
    pty_wait_text(l->pty, "[ Close ]  [ Go on with it ]  [ Leave it so ]");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Nothing more has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    let_it_end(l);
    pty_wait_text(l->pty, "Done. Esc closes.");
    assert_int_equal(live_asked(l, APP "?fieldManager"), 1);
    live_quit(l);
}

/* The plan as a script, by the terminal's clipboard. */
static void a_plan_is_copied(void **state)
{
    struct live *l = *state;
    open_here(l);
    live_command(l, "do scale name=kimai namespace=default replicas=2");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    uint64_t before = pty_copies(l->pty);
    pty_press(l->pty, "y");
    assert_int_equal(pty_copies(l->pty), before + 1);
    /* "#!/bin/sh\n# Sca" */
    assert_true(span_starts(pty_copied(l->pty), "IyEvYmluL3NoCiMgU2Nh"));
    live_quit(l);
}

/* A node that joins is named, and F6 has the plan wait for it, or not. */
static void a_plan_waits_for_nodes(void **state)
{
    struct live *l = *state;
    live_tell(l, "mysql operators mysql-pxc-1 set wsrep_local_state_comment Joined");
    open_here(l);
    live_command(l, "do create-database name=kimai9 namespace=default");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_wait_text(l->pty, "mysql-pxc-1 is Joined"); /* before the steps, and so seen at once */
    pty_press(l->pty, "F6");
    pty_wait_text(l->pty, "= 1. Wait until 3 of 3 nodes of operators/mysql are synced");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_lacks(l->pty, "mysql-pxc-1 is Joined"); /* it would stand above that step */
    pty_press(l->pty, "End");
    pty_wait_text(l->pty, "ExternalSecret default/kimai9-db");
    pty_press(l->pty, "F6");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_wait_text(l->pty, "mysql-pxc-1 is Joined");
    live_command(l, "do scale name=kimai namespace=default replicas=2");
    pty_wait_text(l->pty, "Scale");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "F6");
    pty_wait_text(l->pty, "scale has nothing that it could wait for");
    live_quit(l);
}

/* What a plan makes and leaves, for who keeps it in git. */
static void a_manifest_is_written(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(65536);
    char name[64];
    open_here(l);
    live_command(l, "do scale name=kimai namespace=default replicas=2");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "F7");
    pty_assert_has(l->pty, "this plan makes no object that could be kept in git");
    live_command(l, "do create-database name=kimai8 namespace=default way=job");
    pty_wait_text(l->pty, "secret/apps/kimai8-db into Vault");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "F7");
    pty_row(l->pty, pty_find(l->pty, "is written, for git"), &text);
    struct span said = strbuf_span(&text);
    size_t at = span_search(said, SPAN("create-database-"), false);
    (void)snprintf(name, sizeof(name), "%.*s", (int)(span_find(said, ' ', at) - at),
                   said.data + at);
    strbuf_truncate(&text, 0);
    assert_true(file_read(name, &text, NULL));
    assert_int_equal(unlink(name), 0);
    assert_non_null(strstr(strbuf_cstr(&text), "kind: ExternalSecret"));
    assert_non_null(strstr(strbuf_cstr(&text), "namespace: default"));
    assert_null(strstr(strbuf_cstr(&text), "kind: Job")); /* it serves the run alone */
    assert_null(strstr(strbuf_cstr(&text), "namespace: operators"));
    strbuf_clear(&text);
    live_quit(l);
}

/* What is below the folder where the program keeps things has this text. */
static bool is_kept(const struct live *l, const char *name, const char *text)
{
    struct strbuf all = STRBUF_INIT((size_t)16 << 20);
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/state/binnacle/%s", l->folder, name);
    assert_true(file_read(path, &all, NULL));
    bool has = strstr(strbuf_cstr(&all), text) != NULL;
    strbuf_clear(&all);
    return has;
}

/* What is typed hidden reaches the system, and neither screen nor log. */
static void what_is_typed_hidden_is_handed_over(void **state)
{
    static const char part[] = "686172626f7227732070617274206f6620746865206b65792c206e756d62657201";
    struct live *l = *state;
    open_here(l);
    live_tell(l, "vault seal");
    live_command(l, "do vault-unseal");
    pty_assert_has(l->pty, "* key");
    pty_type(l->pty, part);
    pty_wait(l->pty);
    pty_assert_has(l->pty, "••••••");
    pty_press(l->pty, "Enter Enter");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_assert_lacks(l->pty, part);
    assert_false(is_kept(l, "audit.jsonl", part));
    live_quit(l);
}

/* A password that was made is put on the clipboard by its own button; nothing else has it. */
static void a_password_is_copied_by_its_button(void **state)
{
    struct live *l = *state;
    struct strbuf value = STRBUF_INIT(1024);
    open_here(l);
    live_command(l, "do create-database name=shop namespace=default");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_wait_text(l->pty, "[ Close ]  [ Password to the clipboard ]");
    uint64_t before = pty_copies(l->pty);
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "password is on the clipboard of the terminal");
    assert_int_equal(pty_copies(l->pty), before + 1);
    assert_true(base64_decode(pty_copied(l->pty), &value));
    assert_true(value.len >= 16);
    assert_int_equal(strspn(strbuf_cstr(&value), SECRET_LETTERS), value.len);
    pty_assert_lacks(l->pty, strbuf_cstr(&value));
    assert_true(is_kept(l, "audit.jsonl", "password put on the clipboard"));
    assert_false(is_kept(l, "audit.jsonl", strbuf_cstr(&value)));
    strbuf_wipe(&value);
    live_quit(l);
}

/* So is a value that was revealed, where the configuration lets it. */
static void a_revealed_value_is_copied_by_its_button(void **state)
{
    static const char *const value = "redacted-kimai-secrets-DB_PASSWORD";
    struct live *l = *state;
    struct strbuf copied = STRBUF_INIT(1024);
    char path[128];
    const char *const words[] = {"--config", path, NULL};
    (void)snprintf(path, sizeof(path), "%s/config.yaml", l->folder);
    assert_true(file_replace_later(
        path, SPAN("sources:\n- {name: vault, type: vault, reveal: true}\n"), NULL));
    open_with(l, words);
    live_command(l, "do vault-reveal path=apps/kimai key=DB_PASSWORD");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_has(l->pty, "nothing is changed");
    assert_int_equal(live_asked(l, "/v1/secret/data/apps/kimai"), 0);
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_wait_text(l->pty, "[ Close ]  [ Value to the clipboard ]");
    const uint64_t before = pty_copies(l->pty);
    pty_assert_lacks(l->pty, value);
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "DB_PASSWORD is on the clipboard of the terminal");
    assert_int_equal(pty_copies(l->pty), before + 1);
    assert_true(base64_decode(pty_copied(l->pty), &copied));
    assert_string_equal(strbuf_cstr(&copied), value);
    pty_assert_lacks(l->pty, value);
    assert_true(is_kept(l, "audit.jsonl", "DB_PASSWORD put on the clipboard"));
    assert_false(is_kept(l, "audit.jsonl", value));
    strbuf_wipe(&copied);
    (void)unlink(path);
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_goes_on_when_the_terminal_hangs_up),
        CASE(it_goes_on_when_the_screen_is_killed),
        CASE(steps_have_their_time_and_pods_their_log),
        CASE(what_was_changed_is_rows),
        CASE(a_plan_waits_for_nodes),
        CASE(a_manifest_is_written),
        CASE(a_killed_run_is_told_of),
        CASE(what_was_done_is_taken_back),
        CASE(it_is_left_as_it_is),
        CASE(what_failed_for_good_is_tried_again),
        CASE(a_plan_stays_where_it_was_made),
        CASE(waiting_is_given_up),
        CASE(a_plan_is_copied),
        CASE(a_password_is_copied_by_its_button),
        CASE(a_revealed_value_is_copied_by_its_button),
        CASE(what_is_typed_hidden_is_handed_over),
    };
    return cmocka_run_group_tests_name("live_runs", tests, NULL, NULL);
}
