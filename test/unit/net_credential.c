/* Credentials: login plug-ins that work, hang, lie and flood; refresh, expiry
 * and single flight. */
#include <config.h>

#include "base/alloc.h"
#include "net/child.h"
#include "net/credential.h"
#include "net/exec_plugin.h"
#include "test/unit/net_test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define V1 "client.authentication.k8s.io/v1"

struct place {
    char folder[64], script[96], file[96], count[96];
    struct clock *clock;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    (void)snprintf(p->folder, sizeof p->folder, "/tmp/binnacle-test-XXXXXX");
    if (!p || !mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->script, sizeof p->script, "%s/login", p->folder);
    (void)snprintf(p->file, sizeof p->file, "%s/file", p->folder);
    (void)snprintf(p->count, sizeof p->count, "%s/count", p->folder);
    p->clock = clock_new();
    clock_stop(p->clock);
    clock_set_wall(p->clock, 1770973200000); /* 2026-02-13T09:00:00Z */
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;

    (void)unlink(p->script);
    (void)unlink(p->file);
    (void)unlink(p->count);
    (void)rmdir(p->folder);
    clock_free(p->clock);
    free(p);
    return 0;
}

/* A shell script; it adds a line to the file `count` for each run. */
static void write_script(struct place *p, const char *body)
{
    struct strbuf text = STRBUF_INIT(65536);

    strbuf_addf(&text, "#!/bin/sh\necho run >>%s\n%s\n", p->count, body);
    assert_true(file_replace(p->script, strbuf_span(&text), NULL));
    assert_int_equal(chmod(p->script, 0700), 0);
    strbuf_clear(&text);
}

static size_t runs(const struct place *p)
{
    struct strbuf text = STRBUF_INIT(65536);
    size_t n = 0;

    if (file_read(p->count, &text, NULL))
        for (size_t i = 0; i < text.len; i++)
            n += text.data[i] == '\n';
    strbuf_clear(&text);
    return n;
}

static const char *const no_args[] = {NULL};

static bool run_plugin(struct place *p, const struct kube_exec *exec, int deadline_ms,
                       int cancel_fd, struct exec_answer *answer, struct err *err)
{
    const struct exec_plugin_options options = {.exec = exec,
                                                .name = "user me",
                                                .deadline_ms = deadline_ms,
                                                .cancel_fd = cancel_fd,
                                                .now_ms = clock_wall_ms(p->clock)};
    return exec_plugin_run(&options, answer, err);
}

#define ANSWER(status) \
    "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":" status "}'"

static void plugins_that_fail_say_how(void **state)
{
    static const struct {
        const char *body;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {"echo hello", ERR_AUTH, "no ExecCredential in JSON"},
        {"exit 0", ERR_AUTH, "printed nothing"},
        {"echo first >&2; printf 'get-token: \\033[31mno\\nlast\\tline\\n\\n' >&2; exit 3",
         ERR_AUTH, "failed (exit 3): last line"},
        {"kill -9 $$", ERR_AUTH, "killed by signal 9"},
        {"head -c 100000000 /dev/zero", ERR_AUTH, "more than 1 MiB"},
        {ANSWER("{}"), ERR_AUTH, "neither a token nor a client certificate"},
        {ANSWER("{\"token\":\"a b\"}"), ERR_AUTH, "characters that cannot be sent"},
        {ANSWER("{\"clientCertificateData\":\"x\"}"), ERR_AUTH, "without its key"},
        {ANSWER("{\"token\":\"t\",\"expirationTimestamp\":\"2026-02-13T08:55:00Z\"}"), ERR_AUTH,
         "expired 5m"},
        {ANSWER("{\"token\":\"t\",\"expirationTimestamp\":\"soon\"}"), ERR_AUTH,
         "no time (RFC 3339)"},
        {"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}'", ERR_AUTH,
         "without status"},
        {"echo '{\"kind\":\"Pod\",\"apiVersion\":\"" V1 "\",\"status\":{}}'", ERR_AUTH,
         "no ExecCredential"},
        {"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "beta1\",\"status\":{}}'",
         ERR_AUTH, "another apiVersion"},
        {"read x || { echo no input >&2; exit 7; }", ERR_AUTH, "failed (exit 7): no input"},
        {"exec 3</dev/tty || exit 8", ERR_AUTH, "failed (exit"},
    };
    struct place *p = *state;
    const struct kube_exec exec = {.api_version = V1, .command = p->script, .args = no_args};

    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct exec_answer answer = {.token = NULL};
        struct err err;

        write_script(p, cases[i].body);
        assert_false(run_plugin(p, &exec, 0, -1, &answer, &err));
        assert_says(&err, cases[i].words);
        assert_says(&err, "user me");
        assert_int_equal(err.kind, cases[i].kind);
        assert_null(strchr(err.msg, '\x1b'));
        assert_null(strchr(err.msg, '\n'));
        assert_null(answer.token);
    }
}

static void a_plugin_that_hangs_is_killed_with_its_children(void **state)
{
    struct place *p = *state;
    const struct kube_exec exec = {.api_version = V1, .command = p->script, .args = no_args};
    const int cancel = eventfd(1, EFD_CLOEXEC);
    struct exec_answer answer = {.token = NULL};
    struct err err;

    write_script(p, "sleep 1000 & echo $! >&2; wait");
    assert_false(run_plugin(p, &exec, 100, -1, &answer, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_says(&err, ":login");
    assert_false(run_plugin(p, &exec, 0, cancel, &answer, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    close(cancel);
}

/* A grandchild keeps a pipe open until it is dead; a byte in it is the cancel. */
static void the_whole_group_is_killed(void **state)
{
    struct place *p = *state;
    char script[160], byte;
    const char *const argv[] = {"sh", "-c", script, NULL};
    char *const env[] = {NULL};
    struct child_options child = {
        .path = "/bin/sh", .argv = argv, .env = env, .output_max = 100, .errors_max = 100};
    struct child_result result;
    struct pollfd pipe;

    assert_int_equal(mkfifo(p->file, 0600), 0);
    child.cancel_fd = open(p->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(child.cancel_fd >= 0);
    (void)snprintf(script, sizeof script, "exec 9>%s; /bin/sleep 1000 & echo x >&9; wait", p->file);
    child_run(&child, &result);
    assert_int_equal(result.end, CHILD_CANCELLED);
    child_result_wipe(&result);
    while (read(child.cancel_fd, &byte, 1) == 1)
        continue;
    pipe = (struct pollfd){child.cancel_fd, POLLIN, 0};
    assert_int_equal(poll(&pipe, 1, 10000), 1);
    assert_true(pipe.revents & POLLHUP);
    close(child.cancel_fd);
}

static void missing_plugins_show_their_hint(void **state)
{
    struct place *p = *state;
    struct kube_exec exec = {.api_version = V1,
                             .command = "binnacle-no-such-plugin",
                             .args = no_args,
                             .install_hint = "get it at\nexample.com"};
    struct exec_answer answer = {.token = NULL};
    struct err err;

    assert_false(run_plugin(p, &exec, 0, -1, &answer, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_says(&err, "not in PATH: get it at example.com");
    exec.command = "/no/such/plugin";
    exec.install_hint = NULL;
    assert_false(run_plugin(p, &exec, 0, -1, &answer, &err));
    assert_says(&err, "not there: install it");
    assert_true(file_replace(p->file, SPAN("x"), NULL));
    exec.command = p->file;
    assert_false(run_plugin(p, &exec, 0, -1, &answer, &err));
    assert_says(&err, "not an executable file");
    exec.command = p->script;
    exec.mode = KUBE_EXEC_ALWAYS;
    write_script(p, "exit 1");
    assert_false(run_plugin(p, &exec, 0, -1, &answer, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, "type :login");
    assert_int_equal(runs(p), 0);
}

static void a_plugin_is_told_what_it_needs(void **state)
{
    static const char *const args[] = {"get-token", "--with space", NULL};
    static const struct kube_exec_var vars[] = {{"A_VAR", "its value"}, {"HOME", "/replaced"}};
    struct place *p = *state;
    const struct kube_exec exec = {.api_version = V1,
                                   .command = p->script,
                                   .args = args,
                                   .env = vars,
                                   .env_count = 2,
                                   .provide_cluster_info = true};
    const struct kube_cluster cluster = {.server = "https://h:1",
                                         .ca_pem = SPAN("PEM"),
                                         .no_gzip = true,
                                         .exec_config = "{\"audience\":\"a\"}"};
    const struct exec_plugin_options options = {.exec = &exec,
                                                .cluster = &cluster,
                                                .name = "user me",
                                                .cancel_fd = -1,
                                                .now_ms = clock_wall_ms(p->clock)};
    struct exec_answer answer = {.token = NULL};
    struct strbuf text = STRBUF_INIT(65536);
    char body[400];
    struct err err;

    (void)snprintf(
        body, sizeof body,
        "{ echo \"$1|$2|$A_VAR|$HOME\"; echo \"$KUBERNETES_EXEC_INFO\"; ls /proc/$$/fd; } >%s\n%s",
        p->file, ANSWER("{\"token\":\"tok\",\"expirationTimestamp\":\"2026-02-13T10:00:00Z\"}"));
    write_script(p, body);
    if (!exec_plugin_run(&options, &answer, &err))
        fail_msg("%s", err.msg);
    assert_string_equal(answer.token, "tok");
    assert_true(answer.expires_ms == 1770973200000 + 3600000);
    exec_answer_wipe(&answer);
    assert_null(answer.token);
    assert_true(file_read(p->file, &text, NULL));
    assert_non_null(strstr(strbuf_cstr(&text), "get-token|--with space|its value|/replaced\n"));
    assert_non_null(
        strstr(strbuf_cstr(&text),
               "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
               "\",\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://h:1\","
               "\"disable-compression\":true,\"certificate-authority-data\":\"UEVN\","
               "\"config\":{\"audience\":\"a\"}}}}"));
    strbuf_clear(&text);
}

/* ---- The shared object. */

static struct credential *exec_credential(struct place *p, enum kube_exec_mode mode)
{
    const struct kube_exec exec = {
        .api_version = V1, .command = p->script, .args = no_args, .mode = mode};
    const struct kube_user user = {.name = "me", .exec = &exec};
    const struct credential_options options = {
        .name = "user me", .user = &user, .clock = p->clock, .exec_deadline_ms = 20000};
    struct credential *c = credential_new(&options, NULL);

    assert_non_null(c);
    assert_int_equal(credential_type(c), CREDENTIAL_EXEC);
    return c;
}

static void assert_gives(struct credential *c, const char *authorization)
{
    struct credential_value v = {.authorization = NULL};
    struct err err;

    if (!credential_get(c, -1, &v, &err))
        fail_msg("%s", err.msg);
    assert_string_equal(v.authorization, authorization);
    credential_value_wipe(&v);
}

static void a_token_is_kept_until_it_is_about_to_end(void **state)
{
    struct place *p = *state;
    struct credential *c = exec_credential(p, KUBE_EXEC_NEVER);

    write_script(p, ANSWER("{\"token\":\"t1\",\"expirationTimestamp\":\"2026-02-13T10:00:00Z\"}"));
    assert_true(credential_expires(c) == TIME_NONE);
    assert_gives(c, "Bearer t1");
    assert_gives(c, "Bearer t1");
    assert_int_equal(runs(p), 1);
    assert_true(credential_expires(c) == 1770973200000 + 3600000);
    clock_step(p->clock, 3600000 - CREDENTIAL_MARGIN_MS - 1);
    assert_gives(c, "Bearer t1");
    assert_int_equal(runs(p), 1);
    write_script(p, ANSWER("{\"token\":\"t2\"}"));
    clock_step(p->clock, 2);
    assert_gives(c, "Bearer t2");
    assert_int_equal(runs(p), 2);
    assert_true(credential_expires(c) == TIME_FOREVER);
    credential_unref(c);
}

static void a_failed_renewal_keeps_what_still_holds(void **state)
{
    struct place *p = *state;
    struct credential *c = exec_credential(p, KUBE_EXEC_NEVER);
    struct credential_value v;
    struct err err;

    write_script(p, ANSWER("{\"token\":\"t1\",\"expirationTimestamp\":\"2026-02-13T10:00:00Z\"}"));
    assert_gives(c, "Bearer t1");
    write_script(p, "exit 1");
    clock_step(p->clock, 3600000 - 30000); /* within the margin */
    assert_gives(c, "Bearer t1");
    assert_gives(c, "Bearer t1"); /* the failure is kept: no third run */
    assert_int_equal(runs(p), 2);
    clock_step(p->clock, 30001);
    assert_false(credential_get(c, -1, &v, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    credential_unref(c);
}

static void a_refused_token_is_fetched_once_more(void **state)
{
    struct place *p = *state;
    struct credential *c = exec_credential(p, KUBE_EXEC_NEVER);
    struct credential_value a, b;

    write_script(p, ANSWER("{\"token\":\"t1\"}"));
    assert_true(credential_get(c, -1, &a, NULL));
    write_script(p, ANSWER("{\"token\":\"t2\"}"));
    assert_true(credential_refused(c, a.version));
    assert_true(credential_get(c, -1, &b, NULL));
    assert_string_equal(b.authorization, "Bearer t2");
    assert_true(b.version != a.version);
    assert_true(credential_refused(c, a.version)); /* late: a newer one is there already */
    assert_gives(c, "Bearer t2");
    assert_int_equal(runs(p), 2);
    assert_true(credential_refused(c, b.version));
    credential_value_wipe(&b);
    assert_true(credential_get(c, -1, &b, NULL)); /* the same comes again */
    assert_int_equal(runs(p), 3);
    credential_value_wipe(&a);
    credential_value_wipe(&b);
    credential_unref(c);
}

/* As for kubectl, what the kubeconfig holds itself goes first; what kubectl does not
 * do: once it is refused, the plug-in is asked. */
static void a_token_beside_a_plugin(void **state)
{
    struct place *p = *state;
    const struct kube_exec exec = {
        .api_version = V1, .command = p->script, .args = no_args, .mode = KUBE_EXEC_NEVER};
    const struct kube_user user = {.token = "static", .exec = &exec};
    const struct credential_options options = {.name = "user me", .user = &user, .clock = p->clock};
    struct credential *c = credential_new(&options, NULL);
    struct credential_value v;

    assert_non_null(c);
    assert_int_equal(credential_type(c), CREDENTIAL_TOKEN);
    write_script(p, ANSWER("{\"token\":\"given\"}"));
    assert_true(credential_get(c, -1, &v, NULL));
    assert_string_equal(v.authorization, "Bearer static");
    assert_int_equal(runs(p), 0);
    assert_true(credential_refused(c, v.version));
    assert_gives(c, "Bearer given");
    assert_gives(c, "Bearer given");
    assert_int_equal(runs(p), 1);
    credential_value_wipe(&v);
    credential_unref(c);
}

static void *get_in_thread(void *context)
{
    assert_gives(context, "Bearer shared");
    return NULL;
}

static void one_run_serves_all_who_wait(void **state)
{
    struct place *p = *state;
    struct credential *c = exec_credential(p, KUBE_EXEC_NEVER);
    pthread_t threads[8];

    write_script(p, "sleep 0.3\n" ANSWER("{\"token\":\"shared\"}"));
    for (size_t i = 0; i < BN_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, get_in_thread, c), 0);
    for (size_t i = 0; i < BN_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(runs(p), 1);
    credential_unref(c);
}

struct waiting {
    struct credential *credential;
    int cancel;
    struct err err;
};

static void *wait_in_thread(void *context)
{
    struct waiting *w = context;
    struct credential_value v;

    if (credential_get(w->credential, w->cancel, &v, &w->err))
        fail_msg("it got a value");
    return NULL;
}

static void who_waits_can_be_stopped_alone(void **state)
{
    struct place *p = *state;
    struct waiting first = {exec_credential(p, KUBE_EXEC_NEVER), eventfd(0, EFD_CLOEXEC), {0}};
    struct waiting second = {first.credential, eventfd(0, EFD_CLOEXEC), {0}};
    pthread_t a, b;

    write_script(p, "sleep 1000");
    assert_int_equal(pthread_create(&a, NULL, wait_in_thread, &first), 0);
    assert_int_equal(pthread_create(&b, NULL, wait_in_thread, &second), 0);
    assert_int_equal(eventfd_write(second.cancel, 1), 0);
    pthread_join(b, NULL);
    assert_int_equal(second.err.kind, ERR_CANCELLED);
    assert_int_equal(eventfd_write(first.cancel, 1), 0);
    pthread_join(a, NULL);
    assert_int_equal(first.err.kind, ERR_CANCELLED);
    close(first.cancel);
    close(second.cancel);
    write_script(p, ANSWER("{\"token\":\"now\"}")); /* a stop is no failure to keep */
    assert_gives(first.credential, "Bearer now");
    credential_unref(first.credential);
}

static void a_login_at_the_terminal_waits_for_a_person(void **state)
{
    struct place *p = *state;
    struct credential *c = exec_credential(p, KUBE_EXEC_ALWAYS);
    struct credential_value v;
    struct err err;

    write_script(p, ANSWER("{\"token\":\"typed\"}"));
    assert_true(credential_needs_terminal(c));
    assert_false(credential_get(c, -1, &v, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, ":login");
    assert_int_equal(runs(p), 0);
    if (!credential_login(c, &err))
        fail_msg("%s", err.msg);
    assert_false(credential_needs_terminal(c));
    assert_gives(c, "Bearer typed");
    assert_int_equal(runs(p), 1);
    credential_unref(c);
}

static void who_may_have_the_terminal(void **state)
{
    static const struct {
        enum kube_exec_mode mode;
        bool needs, likes;
    } cases[] = {{KUBE_EXEC_NEVER, false, false},
                 {KUBE_EXEC_IF_AVAILABLE, false, true},
                 {KUBE_EXEC_ALWAYS, true, true}};
    struct place *p = *state;

    write_script(p, ANSWER("{\"token\":\"t\"}"));
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct credential *c = exec_credential(p, cases[i].mode);

        assert_int_equal(credential_needs_terminal(c), cases[i].needs);
        assert_int_equal(credential_likes_terminal(c), cases[i].likes);
        assert_true(credential_login(c, NULL));
        assert_false(credential_likes_terminal(c)); /* not while there is a value */
        credential_unref(c);
    }
}

static void a_token_file_is_read_again_when_it_is_replaced(void **state)
{
    struct place *p = *state;
    const struct kube_user user = {.token = "ignored", .token_file = p->file};
    const struct credential_options options = {.name = "user me", .user = &user, .clock = p->clock};
    struct credential *c;
    struct err err;

    assert_null(credential_new(&options, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_says(&err, p->file);
    assert_true(file_replace(p->file, SPAN(" one \n"), NULL));
    c = credential_new(&options, NULL);
    assert_int_equal(credential_type(c), CREDENTIAL_TOKEN_FILE);
    assert_gives(c, "Bearer one");
    assert_true(file_replace(p->file, SPAN("two\n"), NULL));
    assert_gives(c, "Bearer two");
    (void)unlink(p->file); /* for a moment */
    assert_gives(c, "Bearer two");
    assert_true(file_replace(p->file, SPAN("two\nthree"), NULL));
    assert_false(credential_get(c, -1, &(struct credential_value){.version = 0}, &err));
    assert_says(&err, "cannot be sent");
    assert_null(strstr(err.msg, "three"));
    credential_unref(c);
}

static void other_sorts_need_nothing_fetched(void **state)
{
    const struct kube_user basic = {.username = "Aladdin", .password = "open sesame"};
    const struct kube_user cert = {.cert_pem = SPAN("nonsense"), .key_pem = SPAN("nonsense")};
    struct credential_options options = {.name = "user me", .user = &basic};
    struct credential *c = credential_new(&options, NULL);
    struct credential_value v;
    struct err err;

    (void)state;
    assert_gives(c, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="); /* RFC 7617 */
    assert_false(credential_refused(c, 1));
    credential_unref(credential_ref(c));
    credential_unref(c);
    c = credential_new_token("vault", SPAN("hvs.x"));
    assert_gives(c, "Bearer hvs.x");
    credential_unref(c);
    options.user = NULL;
    c = credential_new(&options, NULL);
    assert_int_equal(credential_type(c), CREDENTIAL_NONE);
    assert_true(credential_get(c, -1, &v, NULL));
    assert_null(v.authorization);
    credential_unref(c);
    options.user = &cert;
    assert_null(credential_new(&options, &err));
    assert_says(&err, "not readable PEM");
    credential_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plugins_that_fail_say_how, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plugin_that_hangs_is_killed_with_its_children, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_whole_group_is_killed, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_plugins_show_their_hint, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plugin_is_told_what_it_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_is_kept_until_it_is_about_to_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_renewal_keeps_what_still_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_token_is_fetched_once_more, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_beside_a_plugin, setup, teardown),
        cmocka_unit_test_setup_teardown(one_run_serves_all_who_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(who_waits_can_be_stopped_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_login_at_the_terminal_waits_for_a_person, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_may_have_the_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_file_is_read_again_when_it_is_replaced, setup,
                                        teardown),
        cmocka_unit_test(other_sorts_need_nothing_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
