/* kubeconfig by client-go's rules: which files, who wins, what is refused and
 * with which sentence. */
#include <config.h>

#include "net/kubeconfig.h"
#include "test/unit/net_test.h"

#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[64];
    char a[96], b[96], c[96], list[400];
    struct kubeconfig_env env;
};

static void put(const char *path, const char *text)
{
    assert_true(file_replace(path, span_from(text), NULL));
}

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    (void)snprintf(p->folder, sizeof p->folder, "/tmp/binnacle-test-XXXXXX");
    if (!p || !mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->a, sizeof p->a, "%s/a", p->folder);
    (void)snprintf(p->b, sizeof p->b, "%s/b", p->folder);
    (void)snprintf(p->c, sizeof p->c, "%s/c", p->folder);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    static const char *const names[] = {
        "a", "b", "c", ".kube/config", ".kube", "token", "ca.crt", "namespace", "."};

    for (size_t i = 0; i < BN_COUNT(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", p->folder, names[i]);
        (void)(unlink(path) == 0 || rmdir(path) == 0);
    }
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

#define PEM64 "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==" /* -----BEGIN CERTIFICATE----- */

#define CONFIG(current, server)                                                                 \
    "apiVersion: v1\nkind: Config\ncurrent-context: " current "\nclusters:\n"                   \
    "- name: main\n  cluster:\n    server: " server "\n    certificate-authority: pki/ca.crt\n" \
    "users:\n- name: me\n  user:\n    token: t0\ncontexts:\n"                                   \
    "- name: here\n  context: {cluster: main, user: me, namespace: shop}\n"

static struct kubeconfig *load(const struct kubeconfig_env *env)
{
    struct err err;
    struct kubeconfig *k = kubeconfig_load(env, &err);

    if (!k)
        fail_msg("%s", err.msg);
    return k;
}

static void resolve(const struct kubeconfig *k, const char *name, const struct kube_cluster **c,
                    const struct kube_user **u)
{
    struct err err;
    const struct kube_context *context = kubeconfig_context(k, name, &err);

    if (!context || !kubeconfig_resolve(k, context, c, u, &err))
        fail_msg("%s", err.msg);
}

static void reads_one_file(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a, .kubeconfig = "/nowhere"};
    const struct kube_cluster *c;
    const struct kube_user *u;
    struct kubeconfig *k;
    char expected[128];

    put(p->a, CONFIG("here", "https://h:6443"));
    k = load(&env);
    assert_int_equal(kubeconfig_contexts(k), 1);
    assert_string_equal(kubeconfig_current(k), "here");
    assert_string_equal(kubeconfig_context(k, NULL, NULL)->namespace_name, "shop");
    resolve(k, NULL, &c, &u);
    assert_string_equal(c->server, "https://h:6443");
    (void)snprintf(expected, sizeof expected, "%s/pki/ca.crt", p->folder);
    assert_string_equal(c->ca_file, expected);
    assert_string_equal(u->token, "t0");
    assert_int_equal(kubeconfig_files(k), 1);
    assert_string_equal(kubeconfig_file_at(k, 0), p->a);
    assert_int_equal(kubeconfig_warnings(k), 0);
    assert_false(kubeconfig_in_cluster(k));
    kubeconfig_free(k);
}

static void the_first_file_wins_each_entry_whole(void **state)
{
    struct place *p = *state;
    struct kubeconfig_env env = {.kubeconfig = p->list};
    const struct kube_cluster *c;
    const struct kube_user *u;
    struct kubeconfig *k;

    put(p->a, "current-context: \"\"\nusers:\n- name: me\n  user: {username: u}\n"
              "clusters:\n- name: main\n  cluster: {server: 'https://first'}\n");
    put(p->b, CONFIG("here", "https://second"));
    put(p->c, "current-context: other\ncontexts:\n- name: other\n  context: {cluster: main}\n");
    (void)snprintf(p->list, sizeof p->list, ":%s::/no/such/file:%s:%s", p->a, p->b, p->c);
    k = load(&env);
    assert_string_equal(kubeconfig_current(k), "here"); /* the first that is not empty */
    assert_int_equal(kubeconfig_contexts(k), 2);
    resolve(k, NULL, &c, &u);
    assert_string_equal(c->server, "https://first");
    assert_null(c->ca_file); /* nothing is mixed in from the second */
    assert_string_equal(u->username, "u");
    assert_null(u->token);
    resolve(k, "other", &c, &u);
    assert_null(u); /* nobody named: anonymous */
    assert_string_equal(kubeconfig_context(k, "other", NULL)->namespace_name, "default");
    assert_int_equal(kubeconfig_files(k), 3);
    kubeconfig_free(k);
}

static void home_then_the_pod_then_nothing(void **state)
{
    struct place *p = *state;
    struct kubeconfig_env env = {.home = p->folder, .service_account = p->folder};
    const struct kube_cluster *c;
    const struct kube_user *u;
    struct kubeconfig *k;
    struct err err;
    char path[128];

    assert_null(kubeconfig_load(&env, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_says(&err, "~/.kube/config");
    env.service_host = "fd00::1";
    env.service_port = "443";
    assert_null(kubeconfig_load(&env, &err)); /* no token file: no pod */
    (void)snprintf(path, sizeof path, "%s/token", p->folder);
    put(path, "secret");
    (void)snprintf(path, sizeof path, "%s/namespace", p->folder);
    put(path, "prod\n");
    k = load(&env);
    assert_true(kubeconfig_in_cluster(k));
    resolve(k, NULL, &c, &u);
    assert_string_equal(c->server, "https://[fd00::1]:443");
    assert_true(span_ends(span_from(u->token_file), "/token"));
    assert_string_equal(kubeconfig_context(k, NULL, NULL)->namespace_name, "prod");
    kubeconfig_free(k);
    (void)snprintf(path, sizeof path, "%s/.kube", p->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/.kube/config", p->folder);
    put(path, CONFIG("here", "https://h"));
    k = load(&env); /* a file beats the pod */
    assert_false(kubeconfig_in_cluster(k));
    kubeconfig_free(k);
}

static void a_file_given_must_be_there(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};
    struct err err;

    assert_null(kubeconfig_load(&env, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_says(&err, p->a);
    assert_says(&err, "no such kubeconfig");
}

static void users_log_in_in_many_ways(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};
    const struct kube_cluster *c;
    const struct kube_user *u;
    struct kubeconfig *k;
    char expected[128];

    put(p->a,
        "clusters: [{name: c, cluster: {server: h:1, certificate-authority: x,\n"
        "  certificate-authority-data: " PEM64 ", tls-server-name: n, proxy-url: 'socks5://p',\n"
        "  disable-compression: true, extensions: [{name: other, extension: {x: 1}}, {name:\n"
        "  client.authentication.k8s.io/exec, extension: {audience: a, ttl: 5}}]}}]\n"
        "contexts:\n- {name: files, context: {cluster: c, user: files}}\n"
        "- {name: exec, context: {cluster: c, user: exec}}\n"
        "- {name: path, context: {cluster: c, user: path}}\n"
        "users:\n"
        "- {name: files, user: {tokenFile: t, client-certificate: /abs, client-key: k, as: a,\n"
        "   as-groups: [g, h], as-uid: '7', as-user-extra: {scope: [one, two], acme.io/x: [y]}}}\n"
        "- {name: exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1,\n"
        "   command: ./login.sh, args: [x, 'y z'], interactiveMode: Always, installHint: 'get it',\n"
        "   env: [{name: A, value: '1'}, {name: B}], provideClusterInfo: true}}}\n"
        "- {name: path, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1,\n"
        "   command: kubectl}}}\n");
    k = load(&env);
    resolve(k, "files", &c, &u);
    assert_true(span_is(c->ca_pem, "-----BEGIN CERTIFICATE-----\n"));
    assert_string_equal(c->tls_server_name, "n");
    assert_string_equal(c->proxy_url, "socks5://p");
    assert_true(c->no_gzip);
    assert_string_equal(u->cert_file, "/abs");
    (void)snprintf(expected, sizeof expected, "%s/t", p->folder);
    assert_string_equal(u->token_file, expected);
    assert_string_equal(u->impersonate, "a");
    assert_string_equal(u->impersonate_groups[1], "h");
    assert_null(u->impersonate_groups[2]);
    assert_string_equal(u->impersonate_uid, "7");
    assert_int_equal(u->impersonate_extras, 3);
    assert_string_equal(u->impersonate_extra[1].key, "scope");
    assert_string_equal(u->impersonate_extra[1].value, "two");
    assert_string_equal(u->impersonate_extra[2].key, "acme.io/x");
    assert_string_equal(c->exec_config, "{\"audience\":\"a\",\"ttl\":5}");
    resolve(k, "exec", &c, &u);
    (void)snprintf(expected, sizeof expected, "%s/./login.sh", p->folder);
    assert_string_equal(u->exec->command, expected);
    assert_string_equal(u->exec->args[1], "y z");
    assert_null(u->exec->args[2]);
    assert_int_equal(u->exec->mode, KUBE_EXEC_ALWAYS);
    assert_int_equal(u->exec->env_count, 2);
    assert_string_equal(u->exec->env[0].value, "1");
    assert_string_equal(u->exec->env[1].value, "");
    assert_true(u->exec->provide_cluster_info);
    assert_string_equal(u->exec->install_hint, "get it");
    resolve(k, "path", &c, &u);
    assert_string_equal(u->exec->command, "kubectl"); /* searched in PATH */
    assert_int_equal(u->exec->mode, KUBE_EXEC_IF_AVAILABLE);
    assert_null(u->exec->args[0]);
    kubeconfig_free(k);
}

static void broken_files_say_where(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"clusters: [\n", ":2:"},
        {"clusters:\n  a: b\n", ":2:3: clusters must be a list"},
        {"- x\n", ":1:1: this is no kubeconfig"},
        {"clusters:\n- cluster: {server: x}\n", ":2:3: an entry without a name"},
        {"users:\n- name: u\n  user:\n    token: [1]\n", ":4:12: token must be one text"},
        {"users:\n- name: u\n  user: {}\n- name: u\n  user: {}\n", ":4:9: \"u\" stands twice"},
        {"clusters:\n- name: c\n  cluster:\n    certificate-authority-data: '!!'\n",
         ":4:33: certificate-authority-data is not base64"},
        {"clusters:\n- name: c\n  cluster:\n    certificate-authority-data: aGVsbG8=\n",
         ":4:33: certificate-authority-data holds no PEM"},
        {"clusters:\n- name: c\n  cluster:\n    insecure-skip-tls-verify: perhaps\n",
         "must be true or false"},
        {"users:\n- name: u\n  user:\n    exec: {command: x}\n", "needs apiVersion"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1,\n"
         "      command: x}\n",
         "needs interactiveMode"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1}\n",
         "needs a command"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1alpha1,\n"
         "      command: x}\n",
         "v1 or v1beta1"},
        {"kind: Config\n", "has no contexts"},
        {"", "has no contexts"},
    };
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};

    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct err err;

        put(p->a, cases[i].text);
        if (kubeconfig_load(&env, &err))
            fail_msg("accepted: %s", cases[i].text);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_says(&err, cases[i].words);
        assert_says(&err, p->a);
    }
}

/* The platform's own way: a plug-in, and the token of a service account beside it. */
static void another_user_of_the_same_cluster(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};
    struct kubeconfig *k;

    put(p->a, "clusters: [{name: c, cluster: {server: h}}, {name: d, cluster: {server: h}}]\n"
              "users: [{name: oidc, user: {token: a}}, {name: token, user: {token: b}}]\n"
              "contexts: [{name: elsewhere, context: {cluster: d, user: token}},\n"
              "  {name: same, context: {cluster: c, user: oidc, namespace: x}},\n"
              "  {name: main, context: {cluster: c, user: oidc}},\n"
              "  {name: fallback, context: {cluster: c, user: token}}]\n");
    k = load(&env);
    assert_string_equal(kubeconfig_other_user(k, kubeconfig_context(k, "main", NULL))->name,
                        "fallback");
    assert_string_equal(kubeconfig_other_user(k, kubeconfig_context(k, "fallback", NULL))->name,
                        "same");
    assert_null(kubeconfig_other_user(k, kubeconfig_context(k, "elsewhere", NULL)));
    kubeconfig_free(k);
}

static void what_does_not_fit_together_is_said_when_it_is_used(void **state)
{
    static const struct {
        const char *context, *words;
    } cases[] = {
        {"nocluster", "names the cluster \"gone\""},
        {"nouser", "names the user \"gone\""},
        {"noserver", "has no server"},
        {"scheme", "must begin with https://"},
        {"both", "insecure-skip-tls-verify"},
        {"halfcert", "certificate without its key"},
        {"halfkey", "key without its certificate"},
        {"two", "both a token and a user name"},
        {"provider", "auth-provider oidc"},
        {"nobody", "without as: name the user to act as"},
    };
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};
    struct kubeconfig *k;

    put(p->a,
        "current-context: typo\n"
        "clusters:\n- {name: ok, cluster: {server: 'https://h'}}\n- {name: noserver, cluster: {}}\n"
        "- {name: scheme, cluster: {server: 'ftp://h'}}\n"
        "- {name: both, cluster: {server: 'https://h', insecure-skip-tls-verify: true,\n"
        "   certificate-authority: x}}\n"
        "users:\n- {name: halfcert, user: {client-certificate: x}}\n"
        "- {name: halfkey, user: {client-key: x}}\n- {name: two, user: {token: x, username: y}}\n"
        "- {name: provider, user: {auth-provider: {name: oidc}}}\n"
        "- {name: nobody, user: {token: t, as-groups: [g]}}\n"
        "contexts:\n- {name: nocluster, context: {cluster: gone}}\n"
        "- {name: nouser, context: {cluster: ok, user: gone}}\n"
        "- {name: noserver, context: {cluster: noserver}}\n"
        "- {name: scheme, context: {cluster: scheme}}\n- {name: both, context: {cluster: both}}\n"
        "- {name: halfcert, context: {cluster: ok, user: halfcert}}\n"
        "- {name: halfkey, context: {cluster: ok, user: halfkey}}\n"
        "- {name: two, context: {cluster: ok, user: two}}\n"
        "- {name: provider, context: {cluster: ok, user: provider}}\n"
        "- {name: nobody, context: {cluster: ok, user: nobody}}\n");
    k = load(&env);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const struct kube_context *context = kubeconfig_context(k, cases[i].context, NULL);
        const struct kube_cluster *c;
        const struct kube_user *u;
        struct err err;

        assert_non_null(context);
        assert_false(kubeconfig_resolve(k, context, &c, &u, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_says(&err, cases[i].words);
    }
    kubeconfig_free(k);
}

static void an_unknown_context_names_the_known_ones(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};
    struct kubeconfig *k;
    struct err err;

    put(p->a, "contexts:\n- {name: one, context: {}}\n- {name: two, context: {}}\n");
    k = load(&env);
    assert_null(kubeconfig_context(k, "three", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_says(&err, "\"three\" is not in the kubeconfig; there are: one, two");
    assert_null(kubeconfig_context(k, NULL, &err));
    assert_says(&err, "no current-context");
    assert_says(&err, "one, two");
    kubeconfig_free(k);
}

static void warns_of_what_should_not_stay(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.path = p->a};
    struct kubeconfig *k;

    put(p->a, "clusters:\n- name: c\n  cluster: {server: x, insecure-skip-tls-verify: true}\n"
              "contexts:\n- {name: one, context: {}}\n");
    assert_int_equal(chmod(p->a, 0644), 0);
    k = load(&env);
    assert_int_equal(kubeconfig_warnings(k), 2);
    assert_non_null(strstr(kubeconfig_warning_at(k, 0), "chmod 600"));
    assert_non_null(strstr(kubeconfig_warning_at(k, 1), "insecure-skip-tls-verify"));
    kubeconfig_free(k);
}

static void changes_are_noticed(void **state)
{
    struct place *p = *state;
    const struct kubeconfig_env env = {.kubeconfig = p->list};
    struct kubeconfig *k;

    put(p->a, CONFIG("here", "https://h"));
    (void)snprintf(p->list, sizeof p->list, "%s:%s", p->a, p->b);
    k = load(&env);
    assert_false(kubeconfig_changed(k));
    put(p->b, "kind: Config\n"); /* the one that was missing */
    assert_true(kubeconfig_changed(k));
    kubeconfig_free(k);
    k = load(&env);
    assert_false(kubeconfig_changed(k));
    put(p->a, CONFIG("here", "https://other"));
    assert_true(kubeconfig_changed(k));
    kubeconfig_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_one_file, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_file_wins_each_entry_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(home_then_the_pod_then_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_given_must_be_there, setup, teardown),
        cmocka_unit_test_setup_teardown(users_log_in_in_many_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_files_say_where, setup, teardown),
        cmocka_unit_test_setup_teardown(another_user_of_the_same_cluster, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_fit_together_is_said_when_it_is_used, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_unknown_context_names_the_known_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(warns_of_what_should_not_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(changes_are_noticed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
