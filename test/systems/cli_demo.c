/* What was planted in the demonstration platform is found, by name and cause, as
 * far as its Kubernetes objects tell; and nothing else is called bad. */
#include <config.h>

#include "base/span.h"
#include "test/systems/cli_run.h"

#include <cjson/cJSON.h>

struct planted {
    const char *key, *level, *rule;
    const char *words[4]; /* that the sentence has; NULL ends */
};

#define MAX 16

static const struct {
    const char *kind, *filter;
    struct planted rows[MAX];
} kinds[] = {
    {"nodes",
     "is:bad | cordoned=true",
     {{"prod-instance-1769868032159", "warning", "node-pressure", {"DiskPressure", "kubelet has"}},
      {"prod-instance-1769868032044", "notice", "node-cordoned", {"cordoned"}}}},
    {"workloads",
     "is:bad",
     {{"default/Deployment/gta-events",
       "critical",
       "workload-rollout-stuck",
       {"rollout stuck, 2/2 ready", "gta-events-k99fcczjn-9rw9g: ImagePullBackOff",
        "403 Forbidden"}},
      {"openclaw/Deployment/openclaw-gateway",
       "critical",
       "workload-rollout-stuck",
       {"0/1 ready", "CrashLoopBackOff", "ANTHROPIC_API_KEY is not set"}},
      {"prefect/Deployment/prefect-worker",
       "critical",
       "workload-rollout-stuck",
       {"1/2 ready", "no node takes it"}}}},
    {"pods",
     "is:bad",
     {{"default/booklet-worker-9fh7l46hl-fdwlc",
       "warning",
       "pod-oom-killed",
       {"OOMKilled 137", "14 restarts"}},
      {"default/dnc-scheduler-29516205-qvt9p", "warning", "pod-failed", {"Error 1"}},
      {"default/evicted-report-job",
       "warning",
       "pod-failed",
       {"Evicted: The node was low on resource: ephemeral-storage"}},
      {"default/gta-events-k99fcczjn-9rw9g",
       "critical",
       "pod-image-pull",
       {"ImagePullBackOff", "sha-c0ffee1", "ghcr.io/token", "403 Forbidden"}},
      {"openclaw/openclaw-gateway-dclps9h7w-ncl8k",
       "critical",
       "pod-crash-loop",
       {"last: Error 1", "41 restarts", "ANTHROPIC_API_KEY is not set"}},
      {"operators/create-database-openclaw-bltfh", "warning", "pod-failed", {"ERROR 1045"}},
      {"operators/create-database-openclaw-pbvhz", "warning", "pod-failed", {"Access denied"}},
      {"operators/create-database-openclaw-q7zmc", "warning", "pod-failed", {"Error 1"}},
      {"operators/xb-cron-mysql-s3-backup-2026211300-3vsve-2ls74", "warning", "pod-failed", {NULL}},
      {"operators/xb-cron-mysql-s3-backup-2026211300-3vsve-6vlcg", "warning", "pod-failed", {NULL}},
      {"operators/xb-cron-mysql-s3-backup-2026211300-3vsve-ktb2f", "warning", "pod-failed", {NULL}},
      {"prefect/prefect-worker-8c6qgncjb-lvbdz",
       "warning",
       "pod-unschedulable",
       {"no node takes it", "Insufficient memory", "unschedulable"}}}},
    {"jobs",
     "is:bad",
     {{"default/dnc-scheduler-29516205", "warning", "job-failed", {"backoff limit"}},
      {"operators/create-database-openclaw", "warning", "job-failed", {"backoff limit"}},
      {"operators/xb-cron-mysql-s3-backup-2026211300-3vsve",
       "warning",
       "job-failed",
       {"backoff limit"}}}},
    {"cronjobs",
     "is:bad",
     {{"default/dnc-scheduler", "warning", "cronjob-last-failed", {"did not go well"}}}},
    {"services",
     "is:bad",
     {{"openclaw/openclaw-gateway", "warning", "service-no-endpoints", {"no pod that is ready"}}}},
    {"ingressroutes",
     "is:bad",
     {{"default/booklet",
       "warning",
       "route-secret-missing",
       {"the Secret default/booklet-tls with its certificate does not exist"}},
      {"monitoring/old-grafana",
       "critical",
       "route-target-missing",
       {"service monitoring/grafana does not exist"}},
      {"n8n/n8n",
       "critical",
       "route-target-missing",
       {"middleware n8n/n8n-ipallow does not exist"}},
      {"openclaw/openclaw",
       "warning",
       "route-no-endpoints",
       {"service openclaw/openclaw-gateway has no endpoint that is ready"}}}},
    {"traefik-routers",
     "is:bad",
     {{"default-booklet-3b7685b01bdca29c9afd@kubernetescrd",
       "warning",
       "traefik-router-no-certificate",
       {"no certificate for www.booklet.reyem.tech and serves its default one"}},
      {"n8n-n8n-bf92420316ca5a241617@kubernetescrd",
       "critical",
       "traefik-router-disabled",
       {"middleware \"n8n-n8n-ipallow@kubernetescrd\" does not exist"}},
      {"openclaw-openclaw-fac69867dc63a519399d@kubernetescrd",
       "warning",
       "traefik-router-empty",
       {"answers 503", "openclaw-openclaw-fac69867dc63a519399d has no server"}}}},
    {"traefik-services",
     "is:bad",
     {{"openclaw-openclaw-fac69867dc63a519399d@kubernetescrd",
       "warning",
       "traefik-service-empty",
       {"no available server"}}}},
    {"traefik-certificates",
     "level=notice",
     {{"000000000000000000000000000011/n8n.reyem.tech",
       "notice",
       "traefik-certificate-not-renewed",
       {"17d left"}},
      {"000000000000000000000000000014/old.reyem.tech",
       "notice",
       "traefik-certificate-unused",
       {"no router needs it"}}}},
    {"http-probes",
     "is:bad | status=401",
     {{"grafana.reyem.tech", "critical", "probe-no-route", {"Traefik has no route for it"}},
      {"n8n.reyem.tech", "critical", "probe-no-route", {"answers 404", "has no route for it"}},
      {"openclaw.reyem.tech", "critical", "probe-server-error", {"502", "nothing behind"}},
      {"traefik.reyem.tech", "notice", "probe-sign-in", {"(401)", "is not seen"}}}},
    {"served-certs",
     "is:bad | host=n8n.reyem.tech",
     {{"n8n.reyem.tech", "warning", "served-cert-expires", {"expires in 17d", "R11"}},
      {"www.booklet.reyem.tech", "critical", "served-cert-default", {"default certificate"}}}},
    {"dns-names",
     "is:bad | name=openclaw.reyem.tech | name=gta.events",
     {{"gta.events", "notice", "dns-unowned", {"zone gta.events is not among those of Route 53"}},
      {"old-preview.reyem.tech", "warning", "dns-doomed", {"nothing wants it", "policy sync"}},
      {"openclaw.reyem.tech", "notice", "dns-wildcard", {"a wildcard answers"}},
      {"search.reyem.tech",
       "critical",
       "dns-wrong-target",
       {"leads to 203.0.113.9, wanted 203.0.113.24"}}}},
    {"traefikservices",
     "is:bad",
     {{"default/dnc-canary",
       "critical",
       "route-target-missing",
       {"service default/dnc-canary does not exist"}}}},
    {"externalsecrets",
     "is:bad",
     {{"default/ghcr",
       "warning",
       "externalsecret-not-synced",
       {"SecretSyncedError for 2d", "(key: infra/ghcr)", "Code: 403", "permission denied"}},
      {"openclaw/openclaw-secrets",
       "critical",
       "externalsecret-no-secret",
       {"there is no Secret openclaw-secrets", "(key: apps/openclaw)", "Secret does not exist"}}}},
    {"clustersecretstores",
     "is:bad",
     {{"vault-legacy",
       "warning",
       "store-not-ready-unused",
       {"InvalidProviderConfig for 47d", "secrets \"vault-legacy-token\" not found"}}}},
    {"pushsecrets", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"certificates",
     "is:bad",
     {{"default/booklet-tls",
       "critical",
       "certificate-never-issued",
       {"not issued for 1d", "challenge: www.booklet.reyem.tech cannot be presented",
        "route53:ChangeResourceRecordSets"}},
      {"operators/minio-tls",
       "warning",
       "certificate-renewal-failing",
       {"expires in 8d, 5 attempts failed, the last 11h ago", "order: errored 11h ago",
        "too many certificates (5) already issued"}}}},
    {"certificaterequests",
     "is:bad",
     {{"default/booklet-tls-1", "warning", "certificaterequest-stuck", {"pending for 1d"}},
      {"operators/minio-tls-5", "warning", "certificaterequest-failed", {"failed 11h ago"}}}},
    {"orders",
     "is:bad",
     {{"default/booklet-tls-1-3340582117", "warning", "order-stuck", {"pending for 1d"}},
      {"operators/minio-tls-5-2871063194", "warning", "order-failed", {"errored 11h ago"}}}},
    {"challenges",
     "is:bad",
     {{"default/booklet-tls-1-3340582117-3203035822",
       "warning",
       "challenge-stuck",
       {"booklet.reyem.tech pending for 1d", "not yet propagated"}},
      {"default/booklet-tls-1-3340582117-577939634",
       "warning",
       "challenge-not-presented",
       {"www.booklet.reyem.tech cannot be presented for 1d", "is not authorized to perform"}}}},
    {"issuers", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"clusterissuers", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"applications",
     "is:bad | sync=OutOfSync",
     {{"argocd/gta-events",
       "warning",
       "application-degraded",
       {"Degraded for 31m", "gta-events: rollout stuck"}},
      {"argocd/kimai",
       "notice",
       "application-to-be-synced",
       {"OutOfSync, 2 resources: Deployment/kimai, -ConfigMap/kimai-legacy"}},
      {"argocd/n8n",
       "warning",
       "application-sync-failed",
       {"sync Failed 2h ago by auto", "StatefulSet.apps \"n8n\" is invalid"}},
      {"argocd/openclaw",
       "warning",
       "application-degraded",
       {"Degraded for 3h", "openclaw-gateway: rollout stuck"}},
      {"argocd/prefect",
       "warning",
       "application-error",
       {"ComparisonError for 4h", "version \"2026.1.14\" not found"}}}},
    {"applicationsets", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"secrets", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"tenants",
     "is:bad",
     {{"operators/minio-reyemtech", "warning", "tenant-degraded", {"4/4 drives online"}}}},
    {"pxcs", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"backup-schedules", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"backups", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"pitrs", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"ingressroutetcps", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"ingresses", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"middlewares", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"pvcs", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"pvs", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
    {"namespaces", "is:bad", {{NULL, NULL, NULL, {NULL}}}},
};

static const char *text(const cJSON *object, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(v) ? v->valuestring : "";
}

static const struct planted *find(const struct planted *rows, const char *key)
{
    size_t i = 0;
    while (i < MAX - 1 && rows[i].key && strcmp(rows[i].key, key) != 0)
        i++;
    if (!rows[i].key)
        fail_msg("%s is called bad", key);
    return &rows[i];
}

static void check_row(const struct planted *rows, struct span line)
{
    cJSON *row = cJSON_ParseWithLength(line.data, line.len);
    assert_non_null(row);
    const cJSON *verdict = cJSON_GetObjectItemCaseSensitive(row, "verdict");
    const struct planted *p = find(rows, text(row, "key"));
    if (strcmp(text(verdict, "level"), p->level) != 0 ||
        strcmp(text(verdict, "rule"), p->rule) != 0)
        fail_msg("%s is %s by %s, expected %s by %s", p->key, text(verdict, "level"),
                 text(verdict, "rule"), p->level, p->rule);
    for (size_t i = 0; i < BN_COUNT(p->words) && p->words[i]; i++)
        if (!strstr(text(verdict, "says"), p->words[i]))
            fail_msg("%s says `%s`, without `%s`", p->key, text(verdict, "says"), p->words[i]);
    cJSON_Delete(row);
}

static void what_is_planted_is_found(void **state)
{
    struct cli_run r = {0};
    for (size_t i = 0; i < BN_COUNT(kinds); i++) {
        size_t expected = 0, found = 0;
        while (expected < MAX && kinds[i].rows[expected].key)
            expected++;
        cli_run(*state, &r, "demo", "--scenario", "calm", "get", kinds[i].kind, "-A", "--filter",
                kinds[i].filter, "-o", "jsonl", NULL);
        assert_status(&r, 0);
        struct span rest = strbuf_span(&r.out), line;
        while (rest.len && span_split(&rest, '\n', &line)) {
            if (!line.len)
                continue;
            check_row(kinds[i].rows, line);
            found++;
        }
        if (found != expected)
            fail_msg("%zu bad %s were found of %zu", found, kinds[i].kind, expected);
    }
    cli_done(&r);
}

/* A rate is of two readings, which who reads once has to wait for. */
static void rates_are_there_at_once(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "traefiks", "-A", "-o", "jsonl", NULL);
    assert_prints(&r, "\"rate\":1");
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "redises", "-A", "-o", "jsonl", NULL);
    assert_prints(&r, "\"evicted\":0");
    cli_done(&r);
}

/* How far a replica is behind stands in its master's answer, which may come after its own. */
static void replicas_are_behind_their_master(void **state)
{
    struct cli_run r = {0};
    struct span rest, line;
    size_t known = 0, rows = 0;
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "redises", "-A", "-o", "jsonl", NULL);
    for (rest = strbuf_span(&r.out); span_split(&rest, '\n', &line);) {
        rows += line.len > 0;
        known += span_search(line, SPAN("\"behind\":0"), false) < line.len;
    }
    assert_int_equal(rows, 3);
    assert_int_equal(known, 3);
    cli_done(&r);
}

/* Events tell of them too, in the words of who found them. */
static void events_tell_of_the_rest(void **state)
{
    static const char *const words[] = {
        "SpotPreemptionNotice on Node/prod-instance-1769868032044",
        "FreeDiskSpaceFailed on Node/prod-instance-1769868032159",
        "UpdateFailed on ExternalSecret/ghcr",
        "permission denied",
        "UpdateFailed on ExternalSecret/openclaw-secrets",
        "InvalidProviderConfig on ClusterSecretStore/vault-legacy",
        "PresentError on Challenge/booklet-tls",
        "FailedScheduling on Pod/prefect-worker",
    };
    struct cli_run r = {0};
    cli_run(*state, &r, "demo", "--scenario", "calm", "get", "events", "-A", "--filter", "is:bad",
            "-o", "jsonl", NULL);
    assert_status(&r, 0);
    for (size_t i = 0; i < BN_COUNT(words); i++)
        assert_prints(&r, words[i]);
    cli_done(&r);
}

static void the_status_names_the_worst(void **state)
{
    struct cli_run r = {0};
    cli_run(*state, &r, "demo", "--scenario", "calm", "status", NULL);
    assert_status(&r, 2);
    assert_prints(&r, "critical   workloads   43/46 ready; gta-events: rollout stuck");
    assert_prints(&r, "critical   routes");
    assert_prints(&r, " does not exist");
    assert_prints(&r, "warning    nodes       6/6 ready; prod-instance-1769868032159: "
                      "DiskPressure: kubelet has disk pressure; 1 cordoned");
    assert_prints(&r, "ok         storage     15 claims, 15 volumes");
    assert_prints(&r, "critical   eso         11/13 synced; openclaw-secrets: ");
    assert_prints(&r, "critical   certs       6/7 ready; booklet-tls: not issued");
    assert_prints(
        &r,
        "critical   probes      16/19 hosts answer; grafana.reyem.tech: answers 404: Traefik has no route");
    assert_prints(&r, "critical   dns         22/24 names as wanted; search.reyem.tech: leads to ");
    assert_prints(&r, "warning    argo        5/8 synced; gta-events: Degraded");
    cli_done(&r);
}

/* A cluster without the custom resources of a system has no trouble with it. */
static void what_is_not_installed_is_quiet(void **state)
{
    static const char *const systems[] = {"backups", "pitr", "eso", "argo"};
    static const char story[] = "about: none of them\n"
                                "steps:\n"
                                "  - {at: 0s, fault: /apis/pxc.percona.com status=404}\n"
                                "  - {at: 0s, fault: /apis/minio.min.io status=404}\n"
                                "  - {at: 0s, fault: /apis/external-secrets.io status=404}\n"
                                "  - {at: 0s, fault: /apis/cert-manager.io status=404}\n"
                                "  - {at: 0s, fault: /apis/acme.cert-manager.io status=404}\n"
                                "  - {at: 0s, fault: /apis/argoproj.io status=404}\n";
    struct cli_run r = {0};
    const char *path = cli_put(*state, "story.yaml", story, 0600);
    (void)setenv("BINNACLE_PROBES", "false", 1); /* certificates that are served are seen without */
    cli_run(*state, &r, "demo", "--scenario", path, "status", NULL);
    (void)setenv("BINNACLE_PROBES", "true", 1);
    for (size_t i = 0; i < BN_COUNT(systems); i++) {
        char line[64];
        (void)snprintf(line, sizeof(line), "off        %-12snot installed\n", systems[i]);
        assert_prints(&r, line);
    }
    assert_prints(&r, "warning    certs       not installed; myresolver: n8n.reyem.tech has ");
    assert_prints(&r, "renewing it has failed; 15 in Traefik\n");
    assert_prints(&r, "minio       4/4 drives; "); /* its servers say so themselves */
    cli_run(*state, &r, "demo", "--scenario", path, "get", "pitrs", "-A", NULL);
    assert_status(&r, 0);
    assert_complains(&r, "no pitrs found");
    cli_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_planted_is_found, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(rates_are_there_at_once, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(replicas_are_behind_their_master, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(events_tell_of_the_rest, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(the_status_names_the_worst, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_installed_is_quiet, cli_setup, cli_teardown),
    };
    (void)setenv("BINNACLE_PROBES", "true", 1); /* its public hosts are harbor's */
    return cmocka_run_group_tests_name("cli_demo", tests, NULL, NULL);
}
