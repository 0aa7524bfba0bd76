/* The command line, and what it says when something is wrong: a sentence that
 * names the thing, and the documented exit status. */
#include <config.h>

#include "base/file.h"
#include "net/json_doc.h"
#include "test/systems/cli_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define KUBECONFIG(server, user)                                \
    "apiVersion: v1\nkind: Config\ncurrent-context: here\n"     \
    "clusters:\n- name: c\n  cluster: {server: '" server "'}\n" \
    "users:\n- name: u\n  user: " user "\n"                     \
    "contexts:\n- name: here\n  context: {cluster: c, user: u}\n"

/* ---- kubeconfig. */

static void without_a_kubeconfig(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "no kubeconfig with a context in");
    assert_complains(&r, "/kubeconfig");   /* what was looked at */
    assert_complains(&r, "binnacle demo"); /* what works without */
    assert_string_equal(strbuf_cstr(&r.out), "");
    cli_run(*state, &r, "get", "pods", "--kubeconfig", "/nowhere/at/all", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "/nowhere/at/all: there is no such kubeconfig");
    cli_run(*state, &r, "status", NULL);
    assert_status(&r, 3); /* nothing is known */
    cli_run(*state, &r, "status", "-o", "nagios", NULL);
    assert_status(&r, 3);
    assert_prints(&r, "BINNACLE UNKNOWN - no kubeconfig");
    cli_done(&r);
}

static void an_unreadable_kubeconfig(void **state)
{
    struct cli_place *p = *state;
    struct cli_run r = {0};
    assert_int_equal(mkdir(p->kubeconfig, 0700), 0); /* root reads every file, but no folder */
    cli_run(p, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, p->kubeconfig);
    cli_done(&r);
}

static void a_broken_kubeconfig(void **state)
{
    struct cli_run r = {0};
    (void)cli_put(*state, "kubeconfig", "clusters:\n- name: c\n  cluster: {server\n", 0600);
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "/kubeconfig:4:1: ");
    cli_done(&r);
}

static void an_unknown_context(void **state)
{
    struct cli_run r = {0};
    (void)cli_put(*state, "kubeconfig", KUBECONFIG("https://127.0.0.1:1", "{token: t}"), 0600);
    cli_run(*state, &r, "get", "pods", "--context", "elsewhere", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "context \"elsewhere\" is not in the kubeconfig; there are: here");
    cli_done(&r);
}

/* ---- Connections. */

static void a_refused_connection(void **state)
{
    struct cli_run r = {0};
    (void)cli_put(*state, "kubeconfig", KUBECONFIG("https://127.0.0.1:1", "{token: t}"), 0600);
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "127.0.0.1:1");
    assert_complains(&r, "refused");
    assert_true(r.ms < 5000);
    cli_run(*state, &r, "get", "pods", "-o", "json", NULL);
    assert_status(&r, 1);
    assert_prints(&r, "\"complete\": false");
    assert_prints(&r, "\"items\": []");
    assert_prints(&r, "\"error\": \"io\"");
    cli_run(*state, &r, "status", NULL);
    assert_status(&r, 3);
    assert_memory_equal(strbuf_cstr(&r.out), "unknown   here   cluster here", 29);
    assert_int_equal(span_find(strbuf_span(&r.out), '\n', 0), r.out.len - 1); /* one line */
    cli_run(*state, &r, "status", "-o", "nagios", NULL);
    assert_status(&r, 3);
    assert_prints(&r, "BINNACLE UNKNOWN - ");
    cli_done(&r);
}

static void an_unknown_host(void **state)
{
    struct cli_run r = {0};
    (void)cli_put(*state, "kubeconfig", KUBECONFIG("https://nobody.invalid", "{token: t}"), 0600);
    cli_run(*state, &r, "get", "pods", "--wait", "20", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "nobody.invalid");
    cli_done(&r);
}

/* ---- Login plug-ins. */

#define EXEC(command)                                                                                \
    "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " command \
    ", installHint: 'see the wiki'}}"

static void a_missing_plug_in(void **state)
{
    struct cli_run r = {0};
    (void)cli_put(*state, "kubeconfig", KUBECONFIG("https://127.0.0.1:1", EXEC("no-such-plug-in")),
                  0600);
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "no-such-plug-in");
    assert_complains(&r, "see the wiki");
    cli_done(&r);
}

/* Who cannot log in is told of the other way in that the kubeconfig has. */
static void another_context_is_named(void **state)
{
    struct cli_run r = {0};
    (void)cli_put(
        *state, "kubeconfig",
        "current-context: oidc\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "users: [{name: o, user: " EXEC(
            "no-such-plug-in") "},\n"
                               "  {name: t, user: {token: t}}]\n"
                               "contexts: [{name: oidc, context: {cluster: c, user: o}},\n"
                               "  {name: with-token, context: {cluster: c, user: t}}]\n",
        0600);
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "no-such-plug-in");
    assert_complains(&r, "context with-token logs in as another user");
    cli_done(&r);
}

static void with_plug_in(struct cli_place *p, const char *script)
{
    char text[1024];
    (void)cli_put(p, "plug-in", script, 0700);
    (void)snprintf(text, sizeof(text), KUBECONFIG("https://127.0.0.1:1", EXEC("'%s/plug-in'")),
                   p->folder);
    (void)cli_put(p, "kubeconfig", text, 0600);
}

static void a_plug_in_that_prints_garbage(void **state)
{
    struct cli_run r = {0};
    with_plug_in(*state, "#!/bin/sh\necho '<html>sign in</html>'\n");
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "plug-in");
    cli_done(&r);
}

static void a_plug_in_that_fails(void **state)
{
    struct cli_run r = {0};
    with_plug_in(*state, "#!/bin/sh\necho 'your session has ended' >&2\nexit 3\n");
    cli_run(*state, &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "your session has ended");
    cli_done(&r);
}

/* It is given up in time, and nothing of it is left running. */
static void a_plug_in_that_hangs(void **state)
{
    struct cli_place *p = *state;
    struct cli_run r = {0};
    struct strbuf text = STRBUF_INIT(64);
    char path[96];
    with_plug_in(p, "#!/bin/sh\necho $$ >\"$HOME/pid\"\nexec sleep 1000\n");
    cli_run(p, &r, "get", "pods", "--wait", "1", NULL);
    assert_status(&r, 1);
    assert_in_range(r.ms, 900, 5000);
    assert_complains(&r, "in time; see --wait");
    (void)snprintf(path, sizeof(path), "%s/pid", p->folder);
    assert_true(file_read(path, &text, NULL));
    assert_int_equal(kill((pid_t)strtol(strbuf_cstr(&text), NULL, 10), 0), -1);
    strbuf_clear(&text);
    cli_done(&r);
}

/* ---- Words. */

static void unknown_words(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "gte", "pods", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "there is no command `gte`; the nearest is `get`");
    cli_run(*state, &r, "get", "podz", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "there is no kind `podz`; the nearest is `pods`");
    cli_run(*state, &r, "get", NULL);
    assert_status(&r, 2);
    cli_run(*state, &r, "get", "pods", "-o", "xml", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "-o xml: get writes table|wide|json|jsonl|csv|yaml");
    cli_run(*state, &r, "get", "pods", "--bogus", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "binnacle: unrecognized option '--bogus'");
    cli_run(*state, &r, "kinds", "--filter", "x", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "kinds has no option --filter");
    cli_run(*state, &r, "get", "pods", "--raw", NULL);
    assert_status(&r, 2);
    cli_run(*state, &r, "status", "-o", "yaml", NULL);
    assert_status(&r, 3); /* 2 would say critical */
    cli_run(*state, &r, "demo", "--scenario", "nihgt", NULL);
    assert_status(&r, 2);
    assert_complains(&r,
                     "no scenario is called `nihgt`; the nearest is `night`; all: binnacle demo ");
    cli_run(*state, &r, "demo", "--scenario", "/no/such.yaml", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "cannot open /no/such.yaml");
    cli_done(&r);
}

/* What was typed is quoted, and does nothing to the terminal. */
static void words_that_attack(void **state)
{
    static const char attack[] = "\033[2J\033]0;owned\a\xc2\x9b\n\xe2\x80\xae\xff";
    const char *const runs[][4] = {
        {attack},
        {"get", attack},
        {"get", "pods", "--filter", attack},
        {"get", "pods", "--sort", attack},
        {"get", "pods", "-o", attack},
        {"get", "pods", "--context", attack},
        {"get", "pods", "--kubeconfig", attack},
        {"get", "pods", "--config", attack},
        {"get", "pods", attack, "--context"},
        {"kinds", attack},
        {"--theme", attack, "status"},
    };
    struct cli_run r = {0};
    (void)cli_put(*state, "kubeconfig", KUBECONFIG("https://127.0.0.1:1", "{token: t}"), 0600);
    for (size_t i = 0; i < BN_COUNT(runs); i++) {
        const char *const *w = runs[i];
        cli_run(*state, &r, w[0], w[1], w[2], w[3], NULL);
        assert_int_not_equal(r.status, 0);
        assert_null(strchr(strbuf_cstr(&r.err), '\033'));
        assert_null(strchr(strbuf_cstr(&r.err), '\a'));
        assert_null(strstr(strbuf_cstr(&r.err), "\xe2\x80\xae"));
        assert_null(strchr(strbuf_cstr(&r.out), '\033'));
    }
    cli_done(&r);
}

static void a_broken_filter(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "get", "pods", "--filter", "name~api (restarts>3", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "--filter: ");
    assert_complains(&r, "\n  name~api (restarts>3\n  "); /* with a mark below the place */
    assert_complains(&r, "^\n");
    cli_run(*state, &r, "get", "pods", "--sort", "colour", NULL);
    assert_status(&r, 2);
    assert_complains(&r, "colour");
    cli_done(&r);
}

static void a_broken_configuration(void **state)
{
    struct cli_run r = {0};
    char path[96];
    (void)snprintf(path, sizeof(path), "%s",
                   cli_put(*state, "c.yaml", "theme: dark\nprodction: x\n", 0600));
    cli_run(*state, &r, "config", "validate", "--config", path, NULL);
    assert_status(&r, 1);
    assert_complains(&r, "c.yaml:2:1: there is no key `prodction`; the nearest is `production`");
    (void)cli_put(*state, "kubeconfig", KUBECONFIG("https://127.0.0.1:1", "{token: t}"), 0600);
    cli_run(*state, &r, "get", "pods", "--config", path, NULL);
    assert_complains(&r, "warning: "); /* get uses no production: it goes on */
    assert_complains(&r, "refused");
    cli_run(*state, &r, "config", "validate", NULL);
    assert_status(&r, 0);
    cli_run(*state, &r, "config", "show", "--config", "/nowhere", NULL);
    assert_status(&r, 1);
    cli_done(&r);
}

/* ---- Outputs and terminals. */

static void a_full_disk(void **state)
{
    struct cli_run r = {0};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    cli_run_to(*state, &r, full, "kinds", NULL);
    assert_status(&r, 1);
    assert_string_equal(strbuf_cstr(&r.err), "binnacle: write error: No space left on device\n");
    cli_run_to(*state, &r, full, "--version", NULL);
    assert_status(&r, 1);
    (void)close(full);
    cli_done(&r);
}

static void a_reader_that_has_gone(void **state)
{
    struct cli_run r = {0};
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    (void)close(fds[0]);
    cli_run_to(*state, &r, fds[1], "kinds", NULL);
    assert_status(&r, 0);
    assert_string_equal(strbuf_cstr(&r.err), "");
    (void)close(fds[1]);
    cli_done(&r);
}

static void no_terminal(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, NULL, NULL);
    assert_status(&r, 2);
    assert_complains(&r, "is not a terminal");
    assert_complains(&r, "binnacle status");
    assert_complains(&r, "binnacle get");
    assert_string_equal(strbuf_cstr(&r.out), "");
    cli_done(&r);
}

static void help_and_version(void **state)
{
    struct cli_run r = {0};
    struct err err;
    cli_run(*state, &r, "--help", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "Usage: binnacle");
    assert_prints(&r, "--kubeconfig=FILE");
    assert_string_equal(strbuf_cstr(&r.err), "");
    cli_run(*state, &r, "get", "--help", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "--no-headers");
    cli_run(*state, &r, "--version", NULL);
    assert_status(&r, 0);
    assert_prints(&r, PACKAGE_NAME " " PACKAGE_VERSION "\nLicence Apache-2.0");
    cli_run(*state, &r, "--version", "--verbose", NULL);
    assert_prints(&r, "\nlibcurl ");
    cli_run(*state, &r, "--version", "-o", "json", NULL);
    assert_status(&r, 0);
    struct json_doc *doc = json_doc_parse(strbuf_span(&r.out), "version", &err);
    assert_non_null(doc);
    assert_string_equal(json_node_path_text(json_doc_root(doc), "version", ""), PACKAGE_VERSION);
    json_doc_free(doc);
    cli_done(&r);
}

static void lists_without_a_cluster(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "kinds", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "pods");
    cli_run(*state, &r, "kinds", "pod", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "restarts");
    cli_run(*state, &r, "systems", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"name\": \"workloads\"");
    cli_run(*state, &r, "backends", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "kubernetes");
    cli_run(*state, &r, "config", "show", "--defaults", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "relist: 30m");
    cli_done(&r);
}

/* Every option that help shows, and every key of the configuration. */
/* Names that the members of a row in JSON have already. */
static void no_column_takes_a_reserved_name(void **state)
{
    static const char *const reserved[] = {"kind", "cluster", "source", "key", "verdict", "stale"};
    struct cli_run r = {0}, one = {0};
    cli_run(*state, &r, "kinds", "--no-headers", NULL);
    struct span rest = strbuf_span(&r.out), line;
    while (span_split(&rest, '\n', &line) && line.len) {
        char kind[64], name[64];
        (void)snprintf(kind, sizeof(kind), "%.*s", (int)span_find(line, ' ', 0), line.data);
        cli_run(*state, &one, "kinds", kind, "-o", "json", NULL);
        assert_status(&one, 0);
        for (size_t i = 0; i < BN_COUNT(reserved); i++) {
            (void)snprintf(name, sizeof(name), "\"name\": \"%s\"", reserved[i]);
            if (strstr(strbuf_cstr(&one.out), name))
                fail_msg("a column of %s is called %s", kind, reserved[i]);
        }
    }
    cli_done(&one);
    cli_done(&r);
}

static void whether_keys_have_a_namespace_is_a_boolean(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "kinds", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_non_null(strstr(strbuf_cstr(&r.out), "\"namespaced\": true,"));
    assert_non_null(strstr(strbuf_cstr(&r.out), "\"namespaced\": false,"));
    cli_done(&r);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, cli_setup, cli_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_a_kubeconfig),
        CASE(an_unreadable_kubeconfig),
        CASE(a_broken_kubeconfig),
        CASE(an_unknown_context),
        CASE(a_refused_connection),
        CASE(an_unknown_host),
        CASE(a_missing_plug_in),
        CASE(another_context_is_named),
        CASE(a_plug_in_that_prints_garbage),
        CASE(a_plug_in_that_fails),
        CASE(a_plug_in_that_hangs),
        CASE(unknown_words),
        CASE(words_that_attack),
        CASE(a_broken_filter),
        CASE(a_broken_configuration),
        CASE(a_full_disk),
        CASE(a_reader_that_has_gone),
        CASE(no_terminal),
        CASE(help_and_version),
        CASE(lists_without_a_cluster),
        CASE(no_column_takes_a_reserved_name),
        CASE(whether_keys_have_a_namespace_is_a_boolean),
    };
    return cmocka_run_group_tests_name("cli_bad_input", tests, NULL, NULL);
}
