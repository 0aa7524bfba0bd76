/* After use nothing of a secret is left in memory: logged in, asked, all let go, then
 * every byte that this process may write is searched. The secret itself is known to
 * the test in another alphabet only, and is made and served by other processes. */
#include <config.h>

#include "base/file.h"
#include "net/aws.h"
#include "net/credential.h"
#include "net/kube.h"
#include "net/recipe.h"
#include "test/systems/http_server.h"
#include "test/unit/net_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* "CANARY-7f3e9b2d41" with each character one further. */
#define HIDDEN "DBOBSZ.8g4f:c3e52"

struct place {
    char folder[64], kubeconfig[96], token[96], script[96], origin[64];
    pid_t server;
};

/* ---- The server, in a process of its own: it sees the secret in each request. */

static void serve(struct conn *c, const char *request, void *context)
{
    (void)context;
    bool knows = strstr(request, "Authorization: ") != NULL;
    conn_answer(c, knows ? 200 : 401, "Content-Type: application/json\r\n",
                SPAN("{\"kind\":\"X\"}"));
}

static void be_server(int out)
{
    const struct server_options options = {.serve = serve};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct server *s = server_start(&options);
    (void)dprintf(out, "%s\n", server_origin(s));
    (void)close(out);
    for (;;)
        (void)pause();
}

static void start_server(struct place *p)
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    p->server = fork();
    if (p->server == 0)
        be_server(fds[1]);
    assert_true(p->server > 0);
    (void)close(fds[1]);
    ssize_t n = read(fds[0], p->origin, sizeof(p->origin) - 1);
    assert_true(n > 1);
    p->origin[n - 1] = '\0';
    (void)close(fds[0]);
}

/* ---- Files that hold the secret, written by a shell. */

static void shell(const char *format, ...) BN_PRINTF(1, 2);

static void shell(const char *format, ...)
{
    char command[4096];
    int status = 0;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/sh", "sh", "-ec", command, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#define SECRET "$(echo '" HIDDEN "' | tr '!-~' ' -}')"

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    if (!p)
        return -1;
    (void)snprintf(p->folder, sizeof p->folder, "/tmp/binnacle-test-XXXXXX");
    if (!mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->kubeconfig, sizeof p->kubeconfig, "%s/kubeconfig", p->folder);
    (void)snprintf(p->token, sizeof p->token, "%s/token", p->folder);
    (void)snprintf(p->script, sizeof p->script, "%s/login", p->folder);
    start_server(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    (void)kill(p->server, SIGKILL);
    (void)waitpid(p->server, NULL, 0);
    (void)unlink(p->kubeconfig);
    (void)unlink(p->token);
    (void)unlink(p->script);
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

static void write_kubeconfig(const struct place *p, const char *user)
{
    shell("umask 077; cat >'%s' <<end\n"
          "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
          "clusters: [{name: a, cluster: {server: \"%s\"}}]\n"
          "users: [{name: a, user: {%s}}]\n"
          "contexts: [{name: a, context: {cluster: a, user: a}}]\n"
          "end\n",
          p->kubeconfig, p->origin, user);
}

/* ---- Searching. */

static bool is_secret(const char *at)
{
    for (size_t i = 0; HIDDEN[i]; i++)
        if (at[i] != HIDDEN[i] - 1)
            return false;
    return true;
}

/* By /proc/self/mem, so that a page that has gone meanwhile is an error, no fault. */
static size_t search(int mem, uintptr_t from, uintptr_t to, const char *name)
{
    static char page[(1 << 16) + 64];
    size_t found = 0, overlap = strlen(HIDDEN);
    for (uintptr_t at = from; at < to; at += 1 << 16) {
        size_t want = to - at < (1 << 16) + overlap ? to - at : (1 << 16) + overlap;
        ssize_t n = pread(mem, page, want, (off_t)at);
        for (ssize_t i = 0; i + (ssize_t)overlap <= n; i++) {
            bool own = at + (uintptr_t)i >= (uintptr_t)page &&
                       at + (uintptr_t)i < (uintptr_t)page + sizeof(page);
            if (own || page[i] != HIDDEN[0] - 1 || !is_secret(page + i))
                continue;
            if (found++ < 5)
                print_error("at %#lx of %s", (unsigned long)(at + (uintptr_t)i), name);
        }
    }
    memset(page, 0, sizeof(page));
    return found;
}

/* A sanitizer's shadow is terabytes of address space that nothing of ours is in. */
#define SHADOW_BYTES (1UL << 32)

static size_t search_memory(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[4096];
    size_t found = 0;
    assert_non_null(maps);
    assert_true(mem >= 0);
    while (fgets(line, sizeof(line), maps)) {
        unsigned long from, to;
        char mode[8] = "";
        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) == 3 && mode[0] == 'r' &&
            mode[1] == 'w' && to - from < SHADOW_BYTES)
            found += search(mem, from, to, line);
    }
    (void)fclose(maps);
    (void)close(mem);
    return found;
}

/* ---- Logging in. */

static void log_in_and_ask(const struct place *p)
{
    const struct kubeconfig_env env = {.path = p->kubeconfig};
    struct err err;
    struct kubeconfig *config = kubeconfig_load(&env, &err);
    if (!config)
        fail_msg("%s", err.msg);
    const struct kube_context *context = kubeconfig_context(config, NULL, &err);
    struct credential *credential = kube_credential(config, context, NULL, &err);
    assert_non_null(credential);
    struct http *http = kube_client(config, context, credential, -1, &err);
    assert_non_null(http);
    for (int i = 0; i < 3; i++) {
        struct strbuf body = STRBUF_INIT(65536);
        if (!http_get(http, "/api/v1/namespaces", 20000, -1, &body, &err))
            fail_msg("%s", err.msg);
        strbuf_clear(&body);
    }
    http_free(http);
    credential_unref(credential);
    kubeconfig_free(config);
}

static void a_token_in_the_kubeconfig(void **state)
{
    write_kubeconfig(*state, "token: \"" SECRET "\"");
    log_in_and_ask(*state);
    assert_int_equal(search_memory(), 0);
}

static void a_token_in_a_file(void **state)
{
    const struct place *p = *state;
    char user[256];
    shell("umask 077; echo \"" SECRET "\" >'%s'", p->token);
    (void)snprintf(user, sizeof(user), "tokenFile: \"%s\"", p->token);
    write_kubeconfig(p, user);
    log_in_and_ask(p);
    assert_int_equal(search_memory(), 0);
}

static void a_token_of_a_plug_in(void **state)
{
    const struct place *p = *state;
    char user[512];
    shell("umask 077; { echo '#!/bin/sh'; echo 'cat <<end'; echo '{\"apiVersion\":"
          "\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":"
          "\"'\"" SECRET "\"'\"}}'; echo end; } >'%s'; chmod 700 '%s'",
          p->script, p->script);
    (void)snprintf(user, sizeof(user),
                   "exec: {apiVersion: client.authentication.k8s.io/v1, command: \"%s\", "
                   "interactiveMode: Never}",
                   p->script);
    write_kubeconfig(p, user);
    log_in_and_ask(p);
    assert_int_equal(search_memory(), 0);
}

static void a_password(void **state)
{
    write_kubeconfig(*state, "username: ann, password: \"" SECRET "\"");
    struct err err;
    const struct kubeconfig_env env = {.path = ((struct place *)*state)->kubeconfig};
    struct kubeconfig *config = kubeconfig_load(&env, &err);
    assert_non_null(config);
    struct credential *credential =
        kube_credential(config, kubeconfig_context(config, NULL, &err), NULL, &err);
    struct credential_value v;
    assert_true(credential_get(credential, -1, &v, &err));
    credential_value_wipe(&v);
    credential_unref(credential);
    kubeconfig_free(config);
    assert_int_equal(search_memory(), 0);
}

/* The secret is all that a signature comes of, and the token goes with it as it is. */
static void keys_of_aws(void **state)
{
    const struct place *p = *state;
    char recipe[256];
    struct strbuf secret = STRBUF_INIT(RECIPE_VALUE_MAX), body = STRBUF_INIT(65536);
    struct err err;
    shell("umask 077; echo \"" SECRET "\" >'%s'", p->token);
    (void)snprintf(recipe, sizeof(recipe), "file:%s", p->token);
    struct recipe *r = recipe_parse(recipe, &err);
    assert_true(recipe_read(r, NULL, NULL, &secret, &err));
    recipe_free(r);
    const struct aws_options o = {
        .name = "bucket b",
        .service = "s3",
        .region = "eu-central-1",
        .origin = p->origin,
        .keys = {SPAN("AKIAIOSFODNN7EXAMPLE"), strbuf_span(&secret), strbuf_span(&secret)},
        .cancel_fd = -1};
    struct aws *aws = aws_new(&o, &err);
    assert_non_null(aws);
    strbuf_wipe(&secret);
    for (int i = 0; i < 3; i++) {
        const struct aws_request request = {.path = SPAN("/b"), .deadline_ms = 20000};
        if (!aws_ask(aws, &request, &body, NULL, &err))
            fail_msg("%s", err.msg);
    }
    strbuf_clear(&body);
    aws_free(aws);
    assert_int_equal(search_memory(), 0);
}

/* That the search finds what is there. */
static void what_is_kept_is_found(void **state)
{
    (void)state;
    char *kept = strdup(HIDDEN);
    assert_non_null(kept);
    for (size_t i = 0; kept[i]; i++)
        kept[i]--;
    print_message("# what is found now is meant to be:\n");
    assert_true(search_memory() > 0);
    explicit_bzero(kept, strlen(HIDDEN));
    free(kept);
    assert_int_equal(search_memory(), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_in_the_kubeconfig, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_in_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_of_a_plug_in, setup, teardown),
        cmocka_unit_test_setup_teardown(a_password, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_of_aws, setup, teardown),
        cmocka_unit_test(what_is_kept_is_found),
    };
    return cmocka_run_group_tests_name("net_secrets", tests, NULL, NULL);
}
