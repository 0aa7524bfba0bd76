/* Stories of the demonstration as `get` and `status` tell them: what breaks has its
 * verdict, by the right object and in the system's own words, and is well again at the
 * end. A story is told up to a time by having all its steps until then done at once. */
#include <config.h>

#include "base/file.h"
#include "base/timetext.h"
#include "test/systems/cli_run.h"
#include "test/systems/told.h"

#include <cjson/cJSON.h>

/* As it stands in the calm: "11/13 synced", "6/7 ready", "5/8 synced". */
static const struct told stories[] = {
    {"auth-store-down",
     60000,
     "oauth2-proxies",
     "traefik/oauth2-proxy",
     "critical",
     "oauth2-proxy-not-ready",
     {"not ready (500): error: dial tcp 10.21.0.83:6379: connect: connection refused"},
     "critical   auth        0/1 ready"},
    {"auth-store-down",
     60000,
     "public-hosts",
     "traefik.reyem.tech",
     "critical",
     "host-proxy",
     {"nobody can sign in at traefik/oauth2-proxy"},
     NULL},
    {"auth-store-down",
     END,
     "oauth2-proxies",
     "traefik/oauth2-proxy",
     "notice",
     "oauth2-proxy-provider",
     {"whether its provider lets people sign in is not seen"},
     "ok         auth        1/1 ready, provider unknown, 1 of 19 hosts asks for sign-in"},
    {"auth-open",
     60000,
     "public-hosts",
     "traefik.reyem.tech",
     "warning",
     "host-open",
     {"must ask for sign-in, and is open to all at /"},
     "warning    auth        1/1 ready"},
    {"auth-open",
     END,
     "public-hosts",
     "traefik.reyem.tech",
     "notice",
     "host-sign-in",
     {"asks for sign-in by traefik/oauth2-proxy"},
     NULL},
    {"service-gone",
     60000,
     "apps",
     "default/dnc",
     "critical",
     "app-route",
     {"route dnc: service default/dnc does not exist"},
     "apps        7/13 well"},
    {"service-gone",
     END,
     "apps",
     "default/dnc",
     "ok",
     NULL,
     {NULL},
     "apps        8/13 well, 5 declared, not deployed"},
    {"grafana-deployed",
     60000,
     "expectations",
     "Grafana",
     "notice",
     "expected-deployed",
     {"declared only, and deployed now: workload monitoring/Deployment/grafana"},
     "4 declared, not deployed, 1 deployed that was only declared"},
    {"grafana-deployed",
     END,
     "expectations",
     "Grafana",
     "off",
     NULL,
     {NULL},
     "5 declared, not deployed"},
    {"secret-path-gone",
     15000,
     "externalsecrets",
     "default/kimai-secrets",
     "warning",
     "externalsecret-not-synced",
     {"UpdateFailed: error processing spec.data[0] (key: apps/kimai)", "Secret does not exist"},
     "eso         10/13 synced"},
    {"secret-path-gone",
     15000,
     "vault-paths",
     "apps/kimai",
     "warning",
     "vault-path-missing",
     {"there is no such path; default/kimai-secrets reads it"},
     NULL},
    {"secret-path-gone", END, "vault-paths", "apps/kimai", "ok", NULL, {NULL}, NULL},
    {"alerts-firing",
     30000,
     "alerts",
     "operators/KubePersistentVolumeFillingUp.69fef1",
     "critical",
     "alert-critical",
     {"pvc operators/datadir-mysql-pxc-0: PersistentVolume is filling up."},
     "critical   alerts      1 fires, 1 silenced"},
    {"alerts-firing",
     30000,
     "alerts",
     "default/KubeDeploymentReplicasMismatch.071c53",
     "off",
     NULL,
     {NULL},
     NULL},
    {"alerts-firing",
     END,
     "alerts",
     "Watchdog.4bcd93",
     "off",
     NULL,
     {NULL},
     "alerts      none fires"},
    {"sentinel-split",
     30000,
     "redis-sentinels",
     "queue-node-2/mymaster",
     "critical",
     "sentinel-disagree",
     {"takes queue-node-1.redis-headless.tooling.svc.cluster.local:6379 for master mymaster",
      "others queue-node-0.redis-headless"},
     "critical   redis"},
    {"sentinel-split",
     100000,
     "redis-sentinels",
     "queue-node-1/mymaster",
     "critical",
     "sentinel-no-quorum",
     {"no failover of mymaster could be made: NOQUORUM 1 usable Sentinels"},
     NULL},
    {"sentinel-split",
     160000,
     "redis-sentinels",
     "queue-node-0/mymaster",
     "critical",
     "sentinel-master-down",
     {"is o_down"},
     NULL},
    {"sentinel-split",
     END,
     "redis-sentinels",
     "queue-node-2/mymaster",
     "ok",
     NULL,
     {NULL},
     "3 sentinels"},
    {"vault-token-ending",
     15000,
     "vaults",
     "vault",
     "warning",
     "vault-token-ending",
     {"its token ends in", "and cannot be renewed"},
     "warning    vault"},
    {"vault-token-ending", END, "vaults", "vault", "ok", NULL, {NULL}, "ok         vault"},
    {"secret-path-gone",
     25000,
     "externalsecrets",
     "default/kimai-smtp",
     "warning",
     "externalsecret-not-synced",
     {"target is owned by another ExternalSecret"},
     "eso         10/14 synced"},
    {"secret-path-gone",
     END,
     "externalsecrets",
     "default/kimai-secrets",
     "ok",
     NULL,
     {NULL},
     "eso         11/13 synced"},
    {"vault-token-expired",
     60000,
     "clustersecretstores",
     "vault",
     "critical",
     "store-not-ready",
     {"13 ExternalSecrets cannot be refreshed: ValidationFailed", "403"},
     "eso         5/13 synced"},
    {"vault-token-expired",
     60000,
     "externalsecrets",
     "operators/redis",
     "warning",
     "externalsecret-not-synced",
     {"(key: operators/redis)", "Code: 403"},
     NULL},
    {"vault-token-expired",
     END,
     "clustersecretstores",
     "vault",
     "ok",
     NULL,
     {NULL},
     "eso         11/13 synced"},
    {"refresh-stale",
     60000,
     "externalsecrets",
     "operators/redis",
     "warning",
     "externalsecret-stale",
     {"last refreshed 3h ago, though every 30m is asked for"},
     "oldest 3h"},
    {"refresh-stale",
     60000,
     "pushsecrets",
     "operators/mysql-app-users",
     "warning",
     "pushsecret-stale",
     {"last refreshed 3h ago, though every 1h is asked for"},
     NULL},
    {"refresh-stale", END, "externalsecrets", "operators/redis", "ok", NULL, {NULL}, "oldest 19m"},
    {"secret-rotated",
     60000,
     "secrets",
     "default/booklet-secrets",
     "notice",
     "secret-outdated",
     {"3 pods still have what was there before"},
     NULL},
    {"secret-rotated", END, "secrets", "default/booklet-secrets", "ok", NULL, {NULL}, NULL},
    {"argo-sync-failed",
     30000,
     "applications",
     "argocd/dnc",
     "progress",
     "application-progressing",
     {"sync Running", "by auto: waiting for healthy state"},
     "argo        4/8 synced"},
    {"argo-sync-failed",
     90000,
     "applications",
     "argocd/dnc",
     "warning",
     "application-sync-failed",
     {"sync Failed", "Deployment.apps \"dnc\" is invalid"},
     "argo        4/8 synced"},
    {"argo-sync-failed",
     END,
     "applications",
     "argocd/dnc",
     "ok",
     NULL,
     {NULL},
     "argo        5/8 synced"},
    {"argo-repo-gone",
     60000,
     "applications",
     "argocd/reyemtech",
     "warning",
     "application-error",
     {"ComparisonError", "Repository not found"},
     "argo        4/8 synced"},
    {"argo-repo-gone",
     END,
     "applications",
     "argocd/reyemtech",
     "ok",
     NULL,
     {NULL},
     "argo        5/8 synced"},
    {"argo-heal-loop",
     30000,
     "applications",
     "argocd/booklet",
     "warning",
     "application-out-of-sync",
     {"OutOfSync, 1 resource: Deployment/booklet"},
     NULL},
    {"argo-heal-loop",
     60000,
     "applications",
     "argocd/booklet",
     "warning",
     "application-heal-loop",
     {"healed 6 times in a row"},
     "argo        4/8 synced"},
    {"argo-heal-loop",
     END,
     "applications",
     "argocd/booklet",
     "ok",
     NULL,
     {NULL},
     "argo        5/8 synced"},
    {"argo-controller-down",
     60000,
     "applications",
     "argocd/booklet",
     "warning",
     "application-stale",
     {"last compared 25m ago", "(Synced, Healthy) may be old"},
     "workloads   42/46 ready"},
    {"argo-controller-down",
     END,
     "applications",
     "argocd/booklet",
     "ok",
     NULL,
     {NULL},
     "workloads   43/46 ready"},
    {"argo-progressing",
     60000,
     "applications",
     "argocd/dnc",
     "progress",
     "application-progressing",
     {"Progressing for 14m"},
     "argo        5/8 synced, 4 healthy"},
    {"argo-progressing",
     END,
     "applications",
     "argocd/dnc",
     "ok",
     NULL,
     {NULL},
     "argo        5/8 synced, 5 healthy"},
    {"cert-stuck",
     60000,
     "certificates",
     "tooling/typesense-tls",
     "warning",
     "certificate-stuck",
     {"being renewed for 11m, expires in 49d", "challenge: search.reyem.tech pending for 11m"},
     "certs       6/7 ready"},
    {"cert-stuck",
     60000,
     "challenges",
     "tooling/typesense-tls-3-118-7",
     "warning",
     "challenge-stuck",
     {"search.reyem.tech pending for 11m", "not yet propagated"},
     NULL},
    {"cert-stuck",
     120000,
     "challenges",
     "tooling/typesense-tls-3-118-7",
     "warning",
     "challenge-not-presented",
     {"search.reyem.tech cannot be presented", "Throttling"},
     NULL},
    {"cert-stuck",
     END,
     "certificates",
     "tooling/typesense-tls",
     "ok",
     NULL,
     {NULL},
     "certs       6/7 ready"},
    {"cert-expiring",
     60000,
     "certificates",
     "argocd/argocd-server-tls",
     "critical",
     "certificate-expiring",
     {"expires in 2d, 6 attempts failed", "too many failed authorizations"},
     "first to expire argocd-server-tls in 2d"},
    {"cert-expiring",
     END,
     "certificates",
     "argocd/argocd-server-tls",
     "ok",
     NULL,
     {NULL},
     "first to expire minio-tls in 8d"},
    {"issuer-lost",
     60000,
     "clusterissuers",
     "letsencrypt-prod",
     "critical",
     "issuer-not-ready",
     {"4 certificates cannot be renewed: ErrRegisterACMEAccount", "\"deactivated\""},
     NULL},
    {"issuer-lost", END, "clusterissuers", "letsencrypt-prod", "ok", NULL, {NULL}, NULL},
    {"calm",
     END,
     "backups",
     "operators/cron-mysql-s3-backup-2026211300-3vsve",
     "notice",
     "backup-made-good",
     {"failed 2d ago, a later one went well"},
     "ok         backups     last good 5h ago, 7 kept, next in 17h\n"},
    {"calm",
     END,
     "pitrs",
     "operators/mysql",
     "notice",
     "pitr-gap-past",
     {"gap behind an older backup, found 2d ago: Binlog with GTID set"},
     "ok         pitr        lag 3m, back to 19d ago, 1 gap\n"},
    {"calm",
     END,
     "restores",
     "operators/restore-drill-202601",
     "notice",
     "restore-failed-long-ago",
     {"Failed 18d ago: validate cluster: backup storage verification failed"},
     NULL},
    {"calm",
     END,
     "tenants",
     "operators/minio-reyemtech",
     "warning",
     "tenant-degraded",
     {"3/4 drives online, 1 healing, 85% used"},
     "warning    minio       3/4 drives, 1 healing, 85% used, 3 buckets; minio-reyemtech: 3/4 drives"},
    {"calm",
     END,
     "serverstransports",
     "operators/minio-skip-verify",
     "notice",
     "serverstransport-unverified",
     {"the certificates of its servers are not verified"},
     NULL},
    {"tenant-degraded",
     70000,
     "tenants",
     "operators/minio-reyemtech",
     "critical",
     "tenant-down",
     {"2/4 drives online: Service Unavailable", "minio-reyemtech-pool-0-1: CrashLoopBackOff"},
     "critical   minio       2/4 drives, 85% used, 3 buckets; minio-reyemtech: 2/4 drives online"},
    {"tenant-degraded",
     END,
     "tenants",
     "operators/minio-reyemtech",
     "ok",
     NULL,
     {NULL},
     "ok         minio       4/4 drives, 75% used, 3 buckets\n"},
    {"pxc-node-down",
     15000,
     "pxcs",
     "operators/mysql",
     "warning",
     "pxc-degraded",
     {"initializing, 2/3 nodes ready for ", "mysql-pxc-2: CrashLoopBackOff, last: OOMKilled 137"},
     "warning    pxc         2/3 nodes, 2/2 proxies ready, 0/3 servers well; mysql: initializing"},
    {"pxc-node-down",
     END,
     "pxcs",
     "operators/mysql",
     "ok",
     NULL,
     {NULL},
     "ok         pxc         3/3 nodes, 2/2 proxies ready, 3/3 servers well\n"},
    {"pxc-crash",
     45000,
     "pxcs",
     "operators/mysql",
     "critical",
     "pxc-down",
     {"initializing, 0/3 nodes ready for "},
     "critical   pxc         mysql: initializing"},
    {"pxc-crash",
     END,
     "pxcs",
     "operators/mysql",
     "ok",
     NULL,
     {NULL},
     "ok         pxc         3/3 nodes, 2/2 proxies ready, 3/3 servers well\n"},
    {"backup-missed",
     15000,
     "backup-schedules",
     "operators/mysql/daily-backup",
     "critical",
     "backup-missed",
     {"a backup was due 6h ago (0 3 * * *) and was not begun, the last good one ended 1d ago"},
     "unable to start manager: leader election lost"},
    {"backup-missed",
     END,
     "backup-schedules",
     "operators/mysql/daily-backup",
     "notice",
     "backup-last-made-good",
     {"the last backup was not begun, one that was made since went well"},
     "ok         backups     last good 1d ago, 7 kept"},
    {"backup-denied",
     70000,
     "backups",
     "operators/cron-mysql-s3-backup-2026213900-3vsve",
     "warning",
     "backup-failed",
     {"failed ", "xb-cron-mysql-s3-backup-2026213900-3vsve-"},
     "daily-backup: the last backup failed, the last good one ended 5h ago; cron-mysql"},
    {"backup-denied",
     END,
     "backup-schedules",
     "operators/mysql/daily-backup",
     "ok",
     NULL,
     {NULL},
     "ok         backups     last good 5h ago, 7 kept"},
    {"pitr-gap",
     15000,
     "pitrs",
     "operators/mysql",
     "critical",
     "pitr-gap",
     {"gap behind the last backup, found ",
      "Binlog with GTID set 1f0b3ef2-9a41-11f0-8b1e-0a58a9fea3f1:1-48799102 not found"},
     "critical   pitr        lag "},
    {"pitr-gap",
     END,
     "pitrs",
     "operators/mysql",
     "notice",
     "pitr-gap-past",
     {"gap behind an older backup, found "},
     "ok         pitr        lag "},
    {"pitr-collector",
     15000,
     "pitrs",
     "operators/mysql",
     "critical",
     "pitr-collector",
     {"the collector of binary logs is down; mysql-pitr: 0/1 ready"},
     "ago, 9 restarts: get host: can't find host"},
    {"pitr-collector",
     END,
     "pitrs",
     "operators/mysql",
     "notice",
     "pitr-gap-past",
     {"gap behind an older backup"},
     "ok         pitr        lag "},
    {"pxc-brake",
     15000,
     "mysql",
     "mysql-pxc-2",
     "critical",
     "mysql-brake",
     {"brakes its cluster: asks it to stop ", "214 write-sets wait to be applied"},
     NULL},
    {"pxc-brake",
     15000,
     "mysql",
     "mysql-pxc-0",
     "critical",
     "mysql-flow-control",
     {"% of the time; mysql-pxc-2 brakes"},
     "critical   pxc         3/3 nodes"},
    {"pxc-brake",
     END,
     "mysql",
     "mysql-pxc-0",
     "ok",
     NULL,
     {NULL},
     "ok         pxc         3/3 nodes, 2/2 proxies ready, 3/3 servers well"},
    {"pxc-non-primary",
     20000,
     "mysql",
     "mysql-pxc-0",
     "critical",
     "mysql-non-primary",
     {"wsrep_cluster_status non-Primary: it has lost the majority"},
     "critical   pxc "},
    {"pxc-non-primary",
     20000,
     "mysql",
     "mysql-pxc-1",
     "warning",
     "mysql-down",
     {"does not answer", "connection refused"},
     NULL},
    {"pxc-non-primary", END, "mysql", "mysql-pxc-0", "ok", NULL, {NULL}, NULL},
    {"pxc-connections",
     15000,
     "mysql",
     "mysql-pxc-0",
     "warning",
     "mysql-connections",
     {"431 of 500 connections are open"},
     NULL},
    {"pxc-connections",
     65000,
     "mysql",
     "mysql-pxc-0",
     "critical",
     "mysql-connections-full",
     {"492 of 500 connections are open"},
     "critical   pxc "},
    {"pxc-connections", END, "mysql", "mysql-pxc-0", "ok", NULL, {NULL}, NULL},
    {"pxc-transfer",
     15000,
     "mysql",
     "mysql-pxc-1",
     "progress",
     "mysql-joining",
     {"while mysql-pxc-2 is a donor", "connection refused"},
     NULL},
    {"pxc-transfer",
     15000,
     "mysql",
     "mysql-pxc-2",
     "warning",
     "mysql-partial",
     {"Donor/Desynced, 2 of 3 members"},
     NULL},
    {"pxc-transfer", END, "mysql", "mysql-pxc-2", "ok", NULL, {NULL}, NULL},
};

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
                   strncmp(t->kind, "dns-", 4) == 0 || strncmp(t->kind, "served-", 7) == 0
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
    } files[] = {{stories, BN_COUNT(stories)},
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

static void as_they_are_told(void **state)
{
    const char *only = getenv("ONLY");
    const struct told *t;
    struct cli_run r = {0};
    for (size_t i = 0; (t = story_at(i)); i++) {
        if (only && strcmp(only, t->scenario) != 0)
            continue;
        bool partly = strcmp(t->kind, "vault-paths") == 0; /* some may not be read */
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

/* Where the configuration allows it, Secrets are compared with Vault; no value is told. */
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
    };
    struct cli_run r = {0};
    char *config = strdup(cli_put(*state, "config.yaml",
                                  "sources:\n- {name: vault, type: vault, compare: true}\n", 0600));
    for (size_t i = 0; i < BN_COUNT(differs); i++) {
        char *path = strdup(tell_until(*state, &differs[i]));
        cli_run(*state, &r, "--config", config, "demo", "--scenario", path, "get", "secret-matches",
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
    assert_prints(&r, "certs       not installed, 15 in Traefik");
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
    const struct CMUnitTest tests[] = {
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
    return cmocka_run_group_tests_name("cli_stories", tests, NULL, NULL);
}
