/* Stories of the demonstration as `get` and `status` tell them: what breaks has its
 * verdict, by the right object and in the system's own words, and is well again at the
 * end. A story is told up to a time by having all its steps until then done at once. */
#include <config.h>

#include "base/file.h"
#include "base/timetext.h"
#include "test/systems/cli_run.h"
#include "test/systems/told.h"

#include <cjson/cJSON.h>

/* Two programs, each with half of what is told, so that both halves are told at the same time; the rest is
 * the first one's. */
#define PARTS 2
#ifndef PART
#    define PART 0
#endif

/* The story until then, each step at its beginning. */
static const char *tell_until(const struct cli_place *p, const struct told *t)
{
    struct strbuf path = STRBUF_INIT(4096), text = STRBUF_INIT(1 << 20),
                  told = STRBUF_INIT(1 << 20);
    struct span rest, line;
    int64_t at = 0;
    strbuf_addf(&path, "%s/harbor/scenarios/%s.yaml", getenv("top_srcdir"), t->scenario);
    assert_true(file_read(strbuf_cstr(&path), &text, NULL));
    for (rest = strbuf_span(&text);
         rest.len && at <= t->until_ms && span_split(&rest, '\n', &line);) {
        size_t step = span_search(line, SPAN("- at: "), false);
        if (span_starts(line, "repeat:"))
            continue;
        if (step < line.len && !duration_parse(span_sub(line, step + 6, line.len), &at))
            fail_msg("%.*s", SPAN_ARG(line));
        if (at > t->until_ms)
            break;
        if (step < line.len)
            strbuf_adds(&told, "  - at: 0s");
        else
            strbuf_add(&told, line);
        strbuf_addc(&told, '\n');
    }
    const char *file = cli_put(p, "story.yaml", strbuf_cstr(&told), 0644);
    strbuf_clear(&path);
    strbuf_clear(&text);
    strbuf_clear(&told);
    return file;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(v) ? v->valuestring : "";
}

static void check_row(const struct told *t, const struct strbuf *out)
{
    cJSON *row = cJSON_Parse(strbuf_cstr(out));
    const cJSON *verdict = cJSON_GetObjectItemCaseSensitive(row, "verdict");
    const char *rule = text_of(verdict, "rule"), *says = text_of(verdict, "says");
    if (!row || strcmp(text_of(row, "key"), t->key) != 0)
        fail_msg("%s: no %s %s in `%s`", t->scenario, t->kind, t->key, strbuf_cstr(out));
    if (strcmp(text_of(verdict, "level"), t->level) != 0 ||
        strcmp(rule, t->rule ? t->rule : "") != 0)
        fail_msg("%s: %s is %s by %s (%s), expected %s by %s", t->scenario, t->key,
                 text_of(verdict, "level"), rule, says, t->level, t->rule ? t->rule : "no rule");
    for (size_t i = 0; i < BN_COUNT(t->says) && t->says[i]; i++)
        if (!strstr(says, t->says[i]))
            fail_msg("%s: %s says `%s`, without `%s`", t->scenario, t->key, says, t->says[i]);
    cJSON_Delete(row);
}

/* Of what is out in the world, which harbor is too. */
static const char *asks_outside(const struct told *t)
{
    return strncmp(t->scenario, "terraform-", 10) == 0 || strncmp(t->scenario, "image-", 6) == 0 ||
                   strncmp(t->kind, "dns-", 4) == 0 || strncmp(t->kind, "served-", 7) == 0 ||
                   strncmp(t->kind, "http-", 5) == 0
               ? "true"
               : "false";
}

/* A key that is a name, slashes and all. */
static bool is_whole(const struct told *t)
{
    static const char *const kinds[] = {"external-dns",   "redis-sentinels", "alerts",
                                        "oauth2-proxies", "images",          "vault-paths"};
    bool whole = strncmp(t->key, "s3://", 5) == 0;
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        whole = whole || strcmp(t->kind, kinds[i]) == 0;
    return whole;
}

/* One after the other, whichever file has it; NULL: that was the last. */
static const struct told *story_at(size_t i)
{
    const struct {
        const struct told *told;
        size_t count;
    } files[] = {{told_platform, told_platform_count},
                 {told_services, told_services_count},
                 {told_outside, told_outside_count},
                 {told_cluster, told_cluster_count}};

    for (size_t f = 0; f < BN_COUNT(files); f++) {
        if (i < files[f].count)
            return &files[f].told[i];
        i -= files[f].count;
    }
    return NULL;
}

/* Whose verdict `get` cannot tell, and what shows that it comes and goes. */
static const struct {
    const char *scenario, *shown_by;
} elsewhere[] = {
    {"calm", "nothing happens"},
    {"aws-denied", "what_aws_refuses"},
    {"secret-differs", "secrets_are_compared_where_it_is_allowed"},
    {"pitr-idle", "no verdict: it must not warn"},
    {"login-differs", "secrets_are_compared_where_it_is_allowed"},
    {"bucket-moved", "no verdict: it is found where it is"},
    {"traefik-api-off", "live_demo: its source's sentence"},
    {"traefik-errors", "live_demo: a rate is of two looks"},
    {"outage", "live_demo: the API server itself is away"},
};

/* The story has a row with a verdict, and one that is well, or has no such verdict, later. */
static bool comes_and_goes(struct span scenario)
{
    const struct told *t, *later;
    for (size_t i = 0; (t = story_at(i)); i++)
        for (size_t k = 0; t->rule && span_is(scenario, t->scenario) && (later = story_at(k)); k++)
            if (strcmp(later->scenario, t->scenario) == 0 && later->until_ms > t->until_ms &&
                (!later->rule || strcmp(later->rule, t->rule) != 0))
                return true;
    return false;
}

static void every_scenario_comes_and_goes(void **state)
{
    struct strbuf names = STRBUF_INIT(1 << 16), path = STRBUF_INIT(4096);
    struct span rest, name;
    size_t excused = 0, missing = 0;
    (void)state;
    strbuf_addf(&path, "%s/harbor/scenarios", getenv("top_srcdir"));
    file_names(strbuf_cstr(&path), ".yaml", "\n", &names);
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name);) {
        bool told = comes_and_goes(name), other = false;
        for (size_t i = 0; i < BN_COUNT(elsewhere) && !other; i++)
            other = span_is(name, elsewhere[i].scenario);
        if (told == other)
            print_error("%.*s %s\n", SPAN_ARG(name),
                        told ? "is told here" : "has no verdict that comes and goes");
        missing += told == other;
        excused += other;
    }
    assert_int_equal(missing, 0);
    assert_int_equal(excused, BN_COUNT(elsewhere));
    strbuf_clear(&names);
    strbuf_clear(&path);
}

static void as_they_are_told(void **state)
{
    const char *only = getenv("ONLY");
    const struct told *t;
    struct cli_run r = {0};
    for (size_t i = 0; (t = story_at(i)); i++) {
        if (only ? strcmp(only, t->scenario) != 0 : i % PARTS != PART)
            continue;
        bool partly = t->rule && strcmp(t->rule, "mysql-all-down") == 0;
        const char *story = tell_until(*state, t);
        const char *slash = is_whole(t) ? NULL : strchr(t->key, '/');
        const char *name = slash ? strrchr(t->key, '/') + 1 : t->key;
        char ns[64];
        (void)snprintf(ns, sizeof(ns), "%.*s", slash ? (int)(slash - t->key) : 7,
                       slash ? t->key : "default");
        char *path = strdup(story);
        (void)setenv("BINNACLE_PROBES", asks_outside(t), 1);
        cli_run(*state, &r, "demo", "--scenario", path, "get", t->kind, name, "-n", ns, "-o",
                "jsonl", NULL);
        assert_status(&r, partly);
        check_row(t, &r.out);
        if (t->status) {
            cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
            assert_prints(&r, t->status);
        }
        free(path);
    }
    (void)setenv("BINNACLE_PROBES", "false", 1);
    cli_done(&r);
}

/* Where the configuration allows it, Secrets are compared with Vault, and with the server's users; no
 * value is told. */
static void secrets_are_compared_where_it_is_allowed(void **state)
{
    static const struct told differs[] = {
        {"secret-differs",
         5000,
         "secret-matches",
         "default/kimai-secrets/DB_PASSWORD",
         "ok",
         NULL,
         {NULL},
         NULL},
        {"secret-differs",
         15000,
         "secret-matches",
         "default/kimai-secrets/DB_PASSWORD",
         "warning",
         "secret-differs",
         {"DB_PASSWORD in Secret kimai-secrets is not DB_PASSWORD of apps/kimai, whose version 7 was",
          "though it is read every 1h"},
         NULL},
        {"secret-differs",
         END,
         "secret-matches",
         "default/kimai-secrets/DB_PASSWORD",
         "ok",
         NULL,
         {NULL},
         NULL},
        {"login-differs",
         15000,
         "secret-logins",
         "default/kimai-secrets/DB_PASSWORD",
         "warning",
         "secret-login-differs",
         {"operators/mysql does not let in who has DB_PASSWORD of Secret kimai-secrets"},
         NULL},
        {"login-differs",
         END,
         "secret-logins",
         "default/kimai-secrets/DB_PASSWORD",
         "ok",
         NULL,
         {NULL},
         NULL},
    };
    struct cli_run r = {0};
    char *config = strdup(cli_put(*state, "config.yaml",
                                  "sources:\n- {name: vault, type: vault, compare: true}\n"
                                  "- {name: operators/mysql, type: mysql, compare: true, logins: "
                                  "kimai=default/kimai-secrets/DB_PASSWORD}\n",
                                  0600));
    for (size_t i = 0; i < BN_COUNT(differs); i++) {
        char *path = strdup(tell_until(*state, &differs[i]));
        cli_run(*state, &r, "--config", config, "demo", "--scenario", path, "get", differs[i].kind,
                "kimai-secrets/DB_PASSWORD", "-n", "default", "-o", "jsonl", NULL);
        assert_status(&r, 0);
        check_row(&differs[i], &r.out);
        assert_null(strstr(strbuf_cstr(&r.out), "redacted"));
        free(path);
    }
    free(config);
    cli_done(&r);
}

/* A certificate of nobody's, whose key was not kept; base64 of its PEM. */
#define CERTIFICATE                                                                    \
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJZRENDQVFhZ0F3SUJBZ0lCQnpBS0JnZ3Foa2pP" \
    "UFFRREFqQVBNUTB3Q3dZRFZRUUREQVJvWVc1a01CNFgKRFRJMk1URXlOekU0TkRBME9Wb1hEVE0yTVRF" \
    "eU5ERTROREEwT1Zvd0R6RU5NQXNHQTFVRUF3d0VhR0Z1WkRCWgpNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NN" \
    "NDlBd0VIQTBJQUJPUVZvNmtsNEMzQmJrVzZTTGlvbjBDQzcwRTlOdEt3CmkrVXVvK2FzL25najNmNVZL" \
    "M1Z6Y0lBRDZoLzJuNGV3WEFTYzErWGYyOVRpNmhKalBoVUw3V09qVXpCUk1CMEcKQTFVZERnUVdCQlFV" \
    "VVhpRzhJdkNsU3MvTGVSNmdNOU44c0dhcHpBZkJnTlZIU01FR0RBV2dCUVVVWGlHOEl2QwpsU3MvTGVS" \
    "NmdNOU44c0dhcHpBUEJnTlZIUk1CQWY4RUJUQURBUUgvTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDCklH" \
    "c0lxMkVFNGlCdGMxRStWRGRoOUo3RTVLTXhNL3JaWDk2QTJEWE5wYkF4QWlFQTRva2hDSGtrcWhIMGFX" \
    "T3kKaEY4OFQ4c29MdnBsdEVYa3VzenVUVlIyemMwPQotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg=="

/* What AWS refuses is unknown, not well, and whose fault it is stands there. */
static void what_aws_refuses(void **state)
{
    const struct told denied = {.scenario = "aws-denied", .until_ms = 15000},
                      well = {.scenario = "aws-denied", .until_ms = END};
    struct cli_run r = {0};
    char *path = strdup(tell_until(*state, &denied));
    (void)setenv("BINNACLE_PROBES", "true", 1);
    cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
    assert_prints(&r, "unknown    s3          unknown: bucket reyem-db-backup");
    assert_prints(&r, "the key is good, but it may not do this (AccessDenied): Access Denied");
    assert_prints(
        &r,
        "Route 53 (https://route53.amazonaws.com:443): GET /2013-04-01/hostedzone: the key is good");
    cli_run(*state, &r, "demo", "--scenario", path, "get", "dns-names", "track.reyem.tech", "-o",
            "jsonl", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"stored-state\":null");
    free(path);
    path = strdup(tell_until(*state, &well));
    cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
    assert_prints(&r, "ok         s3          last full 6h ago");
    (void)setenv("BINNACLE_PROBES", "false", 1);
    free(path);
    cli_done(&r);
}

/* A Secret that no Certificate keeps is read where the configuration says so, and nothing of it but
 * the certificate's dates is seen. */
static void a_secret_is_read_where_it_may_be(void **state)
{
    static const char begin[] = "about: a Secret made by hand\nsteps:\n"
                                "  - at: 0s\n    patch: ingressroutes default track\n"
                                "    with: {spec: {tls: {secretName: minio-by-hand}}}\n"
                                "  - at: 0s\n    put: secrets\n"
                                "    with: {apiVersion: v1, kind: Secret, type: kubernetes.io/tls, "
                                "metadata: {name: minio-by-hand, namespace: default}, data: "
                                "{tls.key: c2VjcmV0LWtleQ==, tls.crt: ";
    struct strbuf story = STRBUF_INIT(65536);
    struct cli_run r = {0};
    strbuf_adds(&story, begin);
    strbuf_adds(&story, CERTIFICATE);
    strbuf_adds(&story, "}}\n");
    char *path = strdup(cli_put(*state, "story.yaml", strbuf_cstr(&story), 0644));
    (void)setenv("BINNACLE_PROBES", "true", 1);
    cli_run(*state, &r, "demo", "--scenario", path, "get", "served-certs", "track.reyem.tech", "-o",
            "jsonl", NULL);
    assert_prints(&r, "\"as-secret\":\"unknown\"");
    assert_int_equal(setenv("BINNACLE_PROBE_SECRETS", "true", 1), 0);
    cli_run(*state, &r, "demo", "--scenario", path, "get", "served-certs", "track.reyem.tech", "-o",
            "jsonl", NULL);
    assert_prints(&r, "\"as-secret\":\"differs\"");
    assert_prints(&r, "\"secret-expires\":\"");
    assert_null(strstr(strbuf_cstr(&r.out), "secret-key"));
    assert_int_equal(unsetenv("BINNACLE_PROBE_SECRETS"), 0);
    (void)setenv("BINNACLE_PROBES", "false", 1);
    free(path);
    strbuf_clear(&story);
    cli_done(&r);
}

/* A cluster without these operators has neither a fault nor a healthy system. */
static void what_is_not_installed(void **state)
{
    static const char story[] = "about: nothing is installed\n"
                                "steps:\n"
                                "  - {at: 0s, fault: /apis/external-secrets.io/ status=404}\n"
                                "  - {at: 0s, fault: /apis/cert-manager.io/ status=404}\n"
                                "  - {at: 0s, fault: /apis/acme.cert-manager.io/ status=404}\n"
                                "  - {at: 0s, fault: /apis/argoproj.io/ status=404}\n";
    static const char *const systems[] = {"eso", "argo"};
    struct cli_run r = {0};
    char *path = strdup(cli_put(*state, "story.yaml", story, 0644));
    cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
    for (size_t i = 0; i < BN_COUNT(systems); i++) {
        char line[80];
        (void)snprintf(line, sizeof(line), "off        %-12snot installed", systems[i]);
        assert_prints(&r, line);
        assert_null(strstr(strbuf_cstr(&r.err), systems[i]));
    }
    assert_prints(&r, "certs       not installed; myresolver: n8n.reyem.tech has ");
    assert_null(strstr(strbuf_cstr(&r.err), "404"));
    free(path);
    cli_done(&r);
}

/* Many may read all but Secrets: the systems say what they know, and nothing is called
 * unknown or missing for that. */
static void secrets_that_may_not_be_read(void **state)
{
    static const char *const namespaces[] = {
        "argocd",           "cert-manager", "default",    "kube-node-lease",
        "kube-public",      "kube-system",  "monitoring", "n8n",
        "openclaw",         "operators",    "prefect",    "rackspace-support",
        "rackspace-system", "tooling",      "traefik",    "vault"};
    struct strbuf story = STRBUF_INIT(65536);
    struct cli_run r = {0};
    strbuf_adds(&story, "about: no Secrets\nsteps:\n"
                        "  - {at: 0s, fault: /api/v1/secrets status=403}\n");
    for (size_t i = 0; i < BN_COUNT(namespaces); i++)
        strbuf_addf(&story, "  - {at: 0s, fault: /api/v1/namespaces/%s/secrets status=403}\n",
                    namespaces[i]);
    char *path = strdup(cli_put(*state, "story.yaml", strbuf_cstr(&story), 0644));
    cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
    assert_prints(&r, "warning    eso         11/13 synced");
    assert_prints(&r, "critical   workloads   43/46 ready");
    assert_prints(&r, "critical   certs       6/7 ready");
    /* Sources that log in with one say so; that none is listed is no news. */
    assert_null(strstr(strbuf_cstr(&r.err), "/api/v1/secrets"));
    cli_run(*state, &r, "demo", "--scenario", path, "get", "es", "openclaw-secrets", "-n",
            "openclaw", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"complete\": true");
    assert_prints(&r, "externalsecret-not-synced");
    cli_run(*state, &r, "demo", "--scenario", path, "get", "secrets", "-A", NULL);
    assert_status(&r, 1); /* what was asked for is missed */
    assert_complains(&r, "/secrets");
    free(path);
    strbuf_clear(&story);
    cli_done(&r);
}

/* Nothing of a Secret's values is in anything that is printed of it. */
static void no_value_is_printed(void **state)
{
    static const char *const forms[] = {"json", "yaml"};
    struct cli_run r = {0};
    for (size_t i = 0; i < BN_COUNT(forms); i++) {
        cli_run(*state, &r, "demo", "--scenario", "calm", "get", "secrets", "-A", "--raw", "-o",
                forms[i], NULL);
        assert_status(&r, 0);
        assert_prints(&r, "PartialObjectMetadata");
        assert_null(
            strstr(strbuf_cstr(&r.out), "cmVkYWN0ZWQ")); /* "redacted", as harbor has them */
        assert_null(strstr(strbuf_cstr(&r.out), "UkVEQUNURUQ"));
        assert_null(strstr(strbuf_cstr(&r.out), "stringData"));
    }
    cli_done(&r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest half[] = {
        cmocka_unit_test_setup_teardown(as_they_are_told, cli_setup, cli_teardown),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_comes_and_goes),
        cmocka_unit_test_setup_teardown(as_they_are_told, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(secrets_are_compared_where_it_is_allowed, cli_setup,
                                        cli_teardown),
        cmocka_unit_test_setup_teardown(what_aws_refuses, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(a_secret_is_read_where_it_may_be, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_installed, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(secrets_that_may_not_be_read, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(no_value_is_printed, cli_setup, cli_teardown),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return PART ? cmocka_run_group_tests_name("cli_stories_more", half, NULL, NULL)
                : cmocka_run_group_tests_name("cli_stories", tests, NULL, NULL);
}
