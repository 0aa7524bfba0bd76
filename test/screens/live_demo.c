/* `binnacle demo`: each story is played on stepped clocks, and what breaks is seen
 * to break and to recover; and whatever ends the program, nothing is left of it. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "test/screens/live.h"
#include "test/screens/seen.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATIENT_MS 30000
#define TURN_MS    600

static const struct pty_options wide = {.rows = 50, .cols = 200};

static int setup(void **state)
{
    struct live *l = xalloc_zero(1, sizeof(*l));
    l->control = -1;
    *state = l;
    return 0;
}

static const struct seen night[] = {
    {0, "pods", "name=typesense-0", "typesense-0", "● "},
    {15000, "pods", "name=typesense-0", "typesense-0", "CrashLoopBackOff"},
    {60000, "pods", "name=typesense-0", "typesense-0", "Running"},
    {85000, "nodes", "name~22710301", "710301", "✗ "},
    {170000, "nodes", "name~22710301", "710301", "● "},
    {185000, "workloads", "name=booklet", "booklet", "◐ "},
    {240000, "workloads", "name=booklet", "booklet", "✗ "},
    {280000, "workloads", "name=booklet", "booklet", "● "},
    {0},
};

static const struct seen oom_loop[] = {
    {0, "pods", "name=redis-master-0", "redis-master", "● "},
    {15000, "pods", "name=redis-master-0", "redis-master", "✗ "},
    {15000, "workloads", "name=redis-master", "redis-master", "0/1"},
    {15000, "services", "name=redis-master", "redis-master", "▲ "},
    {45000, "pods", "name=redis-master-0", "redis-master", "CrashLoopBackOff"},
    {95000, "pods", "name=redis-master-0", "redis-master", "OOMKilled"},
    {205000, "pods", "name=redis-master-0", "redis-master", "● "},
    {205000, "workloads", "name=redis-master", "redis-master", "1/1"},
    {205000, "services", "name=redis-master", "redis-master", "● "},
    {0},
};

static const struct seen pxc_brake[] = {
    {0, "mysql", "name=mysql-pxc-2", "mysql-pxc-2", "● "},
    {30000, "mysql", "name=mysql-pxc-2", "mysql-pxc-2", "✗ "},
    {30000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "✗ "},
    {230000, "mysql", "name=mysql-pxc-2", "mysql-pxc-2", "● "},
    {230000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "● "},
    {0},
};
static const struct seen pxc_cert_old[] = {
    {0, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "● "},
    {30000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "▲ "},
    {200000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "● "},
    {0},
};
static const struct seen pxc_connections[] = {
    {30000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "▲ "},
    {90000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "✗ "},
    {210000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "● "},
    {0},
};
static const struct seen pxc_non_primary[] = {
    {40000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "Initialized"},
    {40000, "mysql", "name=mysql-pxc-1", "mysql-pxc-1", "▲ "},
    {40000, "haproxy-servers", "proxy=galera-nodes", "mysql-pxc-0", "DOWN"},
    {300000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "● "},
    {300000, "mysql", "name=mysql-pxc-1", "mysql-pxc-1", "● "},
    {0},
};
static const struct seen pxc_transfer[] = {
    {40000, "mysql", "name=mysql-pxc-1", "mysql-pxc-1", "◐ "},
    {40000, "mysql", "name=mysql-pxc-2", "mysql-pxc-2", "Donor"},
    {260000, "mysql", "name=mysql-pxc-1", "mysql-pxc-1", "● "},
    {260000, "mysql", "name=mysql-pxc-2", "mysql-pxc-2", "● "},
    {0},
};
static const struct seen redis_full[] = {
    {0, "redis", "name=redis-master", "redis-master", "● "},
    {20000, "redis", "name=redis-master", "redis-master", "▲ "},
    {60000, "redis", "name=redis-master", "redis-master", "✗ "},
    {130000, "redis", "name=redis-master", "redis-master", "● "},
    {0},
};

static const struct seen redis_replica_lost[] = {
    {0, "redis-slow", "server=redis-master id=48", "KEYS *", "301ms"},
    {0, "redis", "name=redis-replicas-0", "redis-replicas-0", "● "},
    {20000, "redis", "name=redis-replicas-0", "redis-replicas-0", "▲ "},
    {20000, "redis", "name=redis-master", "redis-master", "▲ "},
    {60000, "redis", "name=redis-replicas-0", "redis-replicas-0", "✗ "},
    {175000, "redis", "name=redis-replicas-0 behind<1", "redis-replicas-0", "● "},
    {175000, "redis", "name=redis-master", "redis-master", "● "},
    {0},
};

static const struct seen redis_unsaved[] = {
    {0, "redis", "name=redis-master", "redis-master", "● "},
    {20000, "redis", "name=redis-master", "redis-master", "✗ "},
    {130000, "redis", "name=redis-master", "redis-master", "● "},
    {0},
};

static const struct seen node_lost[] = {
    {0, "nodes", "name~22710301", "710301", "● "},
    {15000, "nodes", "name~22710301", "710301", "NotReady"},
    {15000, "nodes", "name~22710301", "710301", "✗ "},
    {15000, "workloads", "name=mysql-pxc", "mysql-pxc", "2/3"},
    {80000, "pods", "name=mysql-pxc-2", "mysql-pxc-2", "▲ "},
    {200000, "nodes", "name~22710301", "710301", "● "},
    {200000, "pods", "name=mysql-pxc-2", "mysql-pxc-2", "● "},
    {200000, "workloads", "name=mysql-pxc", "mysql-pxc", "3/3"},
    {0},
};

static const struct seen spot_reclaimed[] = {
    {20000, "nodes", "name~22710301", "710301", "Ready,Sched"},
    {45000, "nodes", "name~22710301", "710301", "✗ "},
    {75000, "pods", "name=mysql-pxc-2", "mysql-pxc-2", "◐ "},
    {75000, "workloads", "name~pool-0", "minio-reyemtech", "1/2"},
    {400000, "pods", "name=mysql-pxc-2", "mysql-pxc-2", "▲ "},
    {445000, "nodes", "name~73620530", "620530", "● "},
    {445000, "pods", "name=mysql-pxc-2", "mysql-pxc-2", "● "},
    {445000, "workloads", "name~pool-0", "minio-reyemtech", "2/2"},
    {0},
};

static const struct seen image_gone[] = {
    {15000, "pods", "name~booklet-7c9d8f6b5", "booklet", "ErrImagePull"},
    {15000, "workloads", "name=booklet", "booklet", "◐ "},
    {30000, "pods", "name~booklet-7c9d8f6b5", "booklet", "ImagePullBackOff"},
    {125000, "workloads", "name=booklet", "booklet", "✗ "},
    {205000, "workloads", "name=booklet", "booklet", "● "},
    {0},
};

static const struct seen stuck_rollout[] = {
    {20000, "pods", "name~dnc-6d5f4c8b9", "dnc", "◐ "},
    {20000, "workloads", "name=dnc", "dnc", "◐ "},
    {90000, "pods", "name~dnc-6d5f4c8b9", "dnc", "▲ "},
    {135000, "workloads", "name=dnc", "dnc", "✗ "},
    {225000, "workloads", "name=dnc", "dnc", "● "},
    {0},
};

static const struct seen volume_pending[] = {
    {15000, "pvcs", "name=data-typesense-1", "data-typesense-1", "Pending"},
    {140000, "pvcs", "name=data-typesense-1", "data-typesense-1", "▲ "},
    {140000, "pods", "name=typesense-1", "typesense-1", "▲ "},
    {235000, "pvcs", "name=data-typesense-1", "data-typesense-1", "Bound"},
    {235000, "pods", "name=typesense-1", "typesense-1", "● "},
    {0},
};

static const struct seen disk_full[] = {
    {15000, "pods", "name=mysql-pxc-0", "mysql-pxc-0", "CrashLoopBackOff"},
    {145000, "pvcs", "name=datadir-mysql-pxc-0", "Waiting",
     "for user to"}, /* it is full till then */
    {205000, "pvcs", "name=datadir-mysql-pxc-0", "datadir-mysql", "20Gi"},
    {205000, "pvcs", "name=datadir-mysql-pxc-0", "datadir-mysql", "● "},
    {210000, "pods", "name=mysql-pxc-0", "mysql-pxc-0", "● "},
    {0},
};

static const struct seen pxc_node_down[] = {
    {0, "pxcs", "", "mysql", "● "},
    {15000, "pxcs", "", "mysql", "▲ "},
    {15000, "pxcs", "", "mysql", "2/3"},
    {205000, "pxcs", "", "mysql", "● "},
    {0},
};

static const struct seen pxc_crash[] = {
    {15000, "pxcs", "", "mysql", "✗ "},
    {15000, "pxcs", "", "mysql", "0/3"},
    {20000, "mysql", "name=mysql-pxc-0", "mysql-pxc-0", "✗ "},
    {20000, "mysql", "name=mysql-pxc-2", "mysql-pxc-2", "✗ "},
    {45000, "pods", "name=mysql-pxc-0", "mysql-pxc-0", "Running"}, /* and so are the others */
    {45000, "workloads", "name=mysql-pxc", "mysql-pxc", "3/3"},
    {45000, "pxcs", "", "mysql", "0/3"},
    {140000, "pxcs", "", "mysql", "✗ "},
    {140000, "pxcs", "", "full cluster", "crash"},
    {305000, "pxcs", "", "mysql", "● "},
    {0},
};

static const struct seen backup_missed[] = {
    {0, "backup-schedules", "", "daily-backup", "● "},
    {15000, "backup-schedules", "", "daily-backup", "✗ "},
    {165000, "backups", "name=missed-at-three", "operators missed-at", "◐ "},
    {165000, "backup-schedules", "", "daily-backup", "✗ "},
    {225000, "backups", "name=missed-at-three", "operators missed-at", "● "},
    {225000, "backup-schedules", "", "daily-backup", "◇ "},
    {0},
};

static const struct seen pitr_gap[] = {
    {15000, "pitrs", "", "mysql", "✗ "},
    {155000, "pitrs", "", "mysql", "✗ "},
    {225000, "pitrs", "", "mysql", "◇ "}, /* nothing can be restored from within it */
    {0},
};

/* Uploads go on where there is a collector. */
static const struct seen pitr_collector[] = {
    {15000, "pitrs", "", "mysql", "✗ "},
    {390000, "pitrs", "", "mysql", "9m"},
    {405000, "pitrs", "", "mysql", "◇ "},
    {0},
};

static const struct seen tenant_degraded[] = {
    {0, "tenants", "", "minio-reyemtech", "▲ "},
    {15000, "pods", "name=minio-reyemtech-pool-0-1", "pool-0-1", "CrashLoop"},
    {65000, "tenants", "", "minio-reyemtech", "✗ "},
    {265000, "tenants", "", "minio-reyemtech", "▲ "},
    {405000, "tenants", "", "minio-reyemtech", "● "},
    {0},
};

static const struct seen service_gone[] = {
    {0, "ingressroutes", "name=dnc", "dnc", "● "},
    {15000, "ingressroutes", "name=dnc", "dnc", "✗ "},
    {15000, "apps", "name=dnc", "dnc", "✗ "},
    {125000, "apps", "name=dnc", "dnc", "● "},
    {125000, "ingressroutes", "name=dnc", "dnc", "● "},
    {125000, "services", "name=dnc", "dnc", "● "},
    {0},
};

static const struct seen auth_open[] = {
    {0, "ingressroutes", "name=traefik-dashboard", "traefik-dashboard", "● "}, /* known before */
    {15000, "changes", "", "traefik-dashboard", "oauth2-errors,oauth2-proxy → oauth2-errors"},
    {20000, "public-hosts", "host=traefik.reyem.tech", "traefik.reyem.tech", "▲ "},
    {135000, "ingressroutes", "name=traefik-dashboard", "traefik-dashboard", "✗ "},
    {225000, "ingressroutes", "name=traefik-dashboard", "traefik-dashboard", "● "},
    {0},
};

/* It is asked every 15 s: what it says is seen at the next step. */
static const struct seen auth_store_down[] = {
    {0, "oauth2-proxies", "", "oauth2-proxy", "◇ "},
    {60000, "oauth2-proxies", "", "oauth2-proxy", "✗ "},
    {90000, "public-hosts", "host=traefik.reyem.tech", "traefik.reyem.tech", "✗ "},
    {160000, "oauth2-proxies", "", "oauth2-proxy", "◇ "},
    {180000, "public-hosts", "host=traefik.reyem.tech", "traefik.reyem.tech", "◇ "},
    {0},
};

static const struct seen grafana_deployed[] = {
    {0, "expectations", "name=Grafana", "Grafana", "not deployed"},
    {15000, "expectations", "name=Grafana", "Grafana", "◇ "},
    {185000, "expectations", "name=Grafana", "Grafana", "not deployed"},
    {0},
};

static const struct seen eviction_storm[] = {
    {15000, "nodes", "name~22710417", "710417", "▲ "},
    {20000, "pods", "name~9fh7l46hl-4k2wx", "booklet", "Evicted"},
    {100000, "pods", "status=Evicted", "booklet", "▲ "},
    {155000, "nodes", "name~22710417", "710417", "● "},
    {0},
};

/* The Vault is asked when the program's clock has moved, before the platform's has: what it says then
 * is seen at the next step. */
static const struct seen vault_sealed[] = {
    {45000, "pods", "name~kimai-qmzgltxs2-w5c8r", "kimai", "CreateContainerConfigError"},
    {60000, "vaults", "name=vault", "vault", "✗ "},
    {60000, "vaults", "name=vault", "vault", "0/3"},
    {90000, "pods", "name=vault-0", "vault-0", "▲ "},
    {140000, "pods", "name=vault-0", "vault-0", "▲ "},
    {155000, "vaults", "name=vault", "vault", "1/3"},
    {205000, "pods", "name=vault-0", "vault-0", "● "},
    {220000, "vaults", "name=vault", "vault", "● "},
    {225000, "pods", "name~kimai-qmzgltxs2-w5c8r", "kimai", "● "},
    {0},
};

static const struct seen stale_secret[] = {
    {20000, "workloads", "name=kimai", "kimai", "✗ "},
    {20000, "pods", "name~kimai-qmz", "kimai", "Error 1"},
    {210000, "pods", "name~kimai-qmz", "kimai", "● "},
    {210000, "workloads", "name=kimai", "kimai", "● "},
    {0},
};

static const struct seen backup_denied[] = {
    {15000, "jobs", "name~2026213900", "xb-cron", "◐ "},
    {15000, "backups", "name~2026213900", "3900-3vsve", "◐ "},
    {70000, "jobs", "name~2026213900", "xb-cron", "▲ "},
    {70000, "backups", "name~2026213900", "3900-3vsve", "▲ "},
    {70000, "backup-schedules", "", "daily-backup", "✗ "},
    {205000, "backup-schedules", "", "daily-backup", "● "},
    {205000, "jobs", "name=xb-on-demand-by-hand", "xb-on-demand", "Complete"},
    {0},
};

/* An organisation is asked every 90 s, its account each hour, an image every ten minutes. */
static const struct seen terraform_run[] = {
    {0, "tf-workspaces", "name=rackspace", "rackspace", "● "},
    {20000, "tf-workspaces", "name=rackspace", "rackspace", "planned", true},
    {190000, "tf-workspaces", "name=rackspace", "rackspace", "▲ ", true},
    {365000, "tf-workspaces", "name=rackspace", "rackspace", "errored", true},
    {545000, "tf-workspaces", "name=rackspace", "rackspace", "● ", true},
    {0},
};

static const struct seen terraform_drift[] = {
    {0, "tf-workspaces", "name=rackspace", "rackspace", "● "},
    {20000, "tf-workspaces", "name=rackspace", "rackspace", "3 of 214", true},
    {190000, "tf-workspaces", "name=rackspace", "rackspace", "unknown", true},
    {365000, "tf-workspaces", "name=rackspace", "rackspace", "run-H5tRk3VpQz7nYc2M", true},
    {490000, "tf-workspaces", "name=rackspace", "rackspace", "mreyem", true},
    {605000, "tf-workspaces", "name=rackspace", "rackspace", "● ", true},
    {0},
};

static const struct seen terraform_token[] = {
    {0, "terraforms", "", "reyemtech", "● "},
    {20000, "terraforms", "", "reyemtech", "▲ ", true},
    {305000, "terraforms", "", "reyemtech", "● ", true},
    {0},
};

static const struct seen image_moved[] = {
    {0, "images", "image~site", "site", "current"},
    {20000, "images", "image~site", "site", "moved", true},
    {190000, "images", "image~site", "site", "mixed"},
    {365000, "images", "image~site", "site", "current"},
    {0},
};

static const struct seen image_withheld[] = {
    {0, "images", "image~dnc", "dnc", "● "},
    {20000, "images", "image~dnc", "dnc", "gone", true},
    {245000, "images", "image~dnc", "dnc", "denied", true},
    {485000, "images", "image~dnc", "dnc", "● ", true},
    {0},
};

/* Hosts are asked once a minute, names every five: what is seen is what was when they were. */
static const struct seen edge_lost[] = {
    {0, "http-probes", "host=track.reyem.tech", "track", "● "},
    {30000, "http-probes", "host=track.reyem.tech", "track", "● "},
    {100000, "http-probes", "host=track.reyem.tech", "track", "✗ "},
    {100000, "served-certs", "host=argocd.reyem.tech", "argocd", "✗ "},
    {150000, "http-probes", "host=track.reyem.tech", "track", "✗ "},
    {220000, "http-probes", "host=track.reyem.tech", "track", "● "},
    {400000, "dns-names", "name=vault.reyem.tech", "vault", "✗ "},
    {430000, "dns-names", "name=vault.reyem.tech", "vault", "✗ "},
    {800000, "dns-names", "name=vault.reyem.tech", "vault", "● "},
    {870000, "served-certs", "host=argocd.reyem.tech", "argocd", "● "},
    {0},
};

static const struct seen dns_drift[] = {
    {0, "dns-names", "name=track.reyem.tech", "track", "● "},
    {400000, "dns-names", "name=track.reyem.tech", "track", "✗ "},
    {400000, "dns-names", "name=argocd.reyem.tech", "argocd", "▲ "},
    {400000, "dns-names", "name=dnc.reyem.tech", "dnc", "▲ "},
    {800000, "dns-names", "name=dnc.reyem.tech", "dnc", "● "},
    {800000, "dns-names", "name=argocd.reyem.tech", "argocd", "● "},
    {800000, "dns-names", "name=track.reyem.tech", "track", "● "},
    {0},
};

/* What is renewed has five minutes to get to the edge. */
static const struct seen cert_not_served[] = {
    {15000, "served-certs", "host=search.reyem.tech", "search", "matches"},
    {90000, "served-certs", "host=search.reyem.tech", "search", "differs"},
    {90000, "served-certs", "host=search.reyem.tech", "search", "◐ "},
    {500000, "served-certs", "host=search.reyem.tech", "search", "▲ "},
    {800000, "served-certs", "host=search.reyem.tech", "search", "R11"},
    {900000, "served-certs", "host=search.reyem.tech", "search", "matches"},
    {0},
};

static const struct seen dns_throttled[] = {
    {0, "external-dns", "", "traefik/external-dns", "● "},
    {15000, "external-dns", "", "traefik/external-dns", "▲ "},
    {310000, "external-dns", "", "traefik/external-dns", "● "},
    {0},
};

/* A bucket is listed every five minutes, and binary logs late after fifteen. */
static const struct seen bucket_lost[] = {
    {0, "s3-backups", "name~2026-02-12", "2026-02-12", "● "},
    {400000, "s3-backups", "name~2026-02-12", "2026-02-12", "✗ "},
    {1190000, "s3-buckets", "", "reyem-db-backup", "▲ "},
    {1600000, "s3-buckets", "", "reyem-db-backup", "● "},
    {1600000, "s3-backups", "name~2026-02-12", "2026-02-12", "● "},
    {0},
};

static const struct seen binlogs_purged[] = {
    {0, "pitrs", "", "mysql", "◇ "},
    {400000, "pitrs", "", "mysql", "✗ "},
    {1600000, "pitrs", "", "mysql", "◇ "},
    {0},
};

static const struct seen bucket_moved[] = {
    {0, "s3-buckets", "", "reyem-db-backup", "ca-central-1"},
    {400000, "s3-buckets", "", "reyem-db-backup", "eu-west-1"},
    {0},
};

static const struct seen aws_denied[] = {
    {0, "s3-buckets", "", "reyem-db-backup", "● "},
    {400000, "s3-buckets", "", "reyem-db-backup", "? "},
    {800000, "s3-buckets", "", "reyem-db-backup", "● "},
    {0},
};

static const struct seen outage[] = {
    {15000, "pods", "name=vault-0", "vault-0", "● "},
    {70000, "sources", "", "demo", "refused"},
    {70000, "home", "", "systems unknown", "? demo"},
    {150000, "sources", "", "demo", "fresh"},
    {0},
};

static const struct seen secret_path_gone[] = {
    {0, "externalsecrets", "name~kimai", "kimai-secrets", "● "},
    {15000, "externalsecrets", "name~kimai", "kimai-secrets", "SecretSyncedError"},
    {15000, "externalsecrets", "name~kimai", "kimai-secrets", "▲ "},
    {25000, "externalsecrets", "name~kimai", "kimai-smtp", "▲ "},
    {185000, "externalsecrets", "name~kimai", "kimai-secrets", "● "},
    {0},
};

static const struct seen vault_token_expired[] = {
    {15000, "clustersecretstores", "name=vault", "vault", "✗ "},
    {45000, "externalsecrets", "name=redis", "redis", "▲ "},
    {190000, "externalsecrets", "name=redis", "redis", "● "},
    {190000, "clustersecretstores", "name=vault", "vault", "● "},
    {0},
};

/* Here it is allowed; what differs, and when, test/systems/cli_stories tells. */
static const struct seen secret_differs[] = {
    {15000, "secret-matches", "name=kimai-secrets entry=APP_SECRET", "APP_SECRET", "same"},
    {0},
};

static const struct seen login_differs[] = {
    {0, "secret-logins", "", "DB_PASSWORD", "same"},
    {15000, "secret-logins", "", "DB_PASSWORD", "differs"},
    {15000, "secret-logins", "", "DB_PASSWORD", "▲ "},
    {190000, "secret-logins", "", "DB_PASSWORD", "same"},
    {0},
};

/* Values are compared where the configuration says so, and nobody has here. */
static const struct seen vault_token_ending[] = {
    {0, "secret-matches", "", "compared only where", "configuration"},
    {0, "vaults", "name=vault", "vault", "● "},
    {30000, "vaults", "name=vault", "vault", "▲ "},
    {220000, "vaults", "name=vault", "vault", "● "},
    {0},
};

/* Asked every ten seconds: each state lasts longer than that after its time here. */
static const struct seen sentinel_split[] = {
    {10000, "redis-sentinels", "", "queue-node-2", "● "},
    {30000, "redis-sentinels", "", "queue-node-2", "✗ "},
    {65000, "redis-sentinels", "", "queue-node-2", "● "},
    {100000, "redis-sentinels", "", "queue-node-1", "NOQUORUM"},
    {200000, "redis-sentinels", "", "queue-node-0", "● "},
    {0},
};

/* And these every fifteen. */
static const struct seen alerts_firing[] = {
    {10000, "alerts", "", "Watchdog", "firing"},
    {61000, "alerts", "", "KubePersistentVolumeFillingUp", "✗ "},
    {61000, "alerts", "", "KubeDeploymentReplicasMismatch", "silenced"},
    {130000, "alerts", "", "Watchdog", "gone"},
    {250000, "alerts", "", "Watchdog", "firing"},
    {0},
};

static const struct seen refresh_stale[] = {
    {0, "externalsecrets", "name=redis", "redis", "● "},
    {15000, "externalsecrets", "name=redis", "redis", "▲ "},
    {15000, "workloads", "name=external-secrets", "external-secrets", "✗ "},
    {160000, "externalsecrets", "name=redis", "redis", "● "},
    {0},
};

static const struct seen secret_rotated[] = {
    {15000, "secrets", "name=booklet-secrets", "booklet-secrets", "◇ "},
    {155000, "secrets", "name=booklet-secrets", "booklet-secrets", "● "},
    {0},
};

static const struct seen argo_sync_failed[] = {
    {15000, "applications", "name=dnc", "dnc", "◐ "},
    {65000, "applications", "name=dnc", "dnc", "▲ "},
    {65000, "applications", "name=dnc", "dnc", "Failed"},
    {205000, "applications", "name=dnc", "dnc", "● "},
    {0},
};

static const struct seen argo_repo_gone[] = {
    {0, "applications", "name=reyemtech", "reyemtech", "● "},
    {15000, "applications", "name=reyemtech", "reyemtech", "▲ "},
    {155000, "applications", "name=reyemtech", "reyemtech", "● "},
    {0},
};

static const struct seen argo_heal_loop[] = {
    {45000, "applications", "name=booklet", "booklet", "OutOfSync"},
    {45000, "applications", "name=booklet", "booklet", "▲ "},
    {155000, "applications", "name=booklet", "booklet", "● "},
    {0},
};

static const struct seen argo_controller_down[] = {
    {15000, "workloads", "name=argocd-application-controller", "argocd-application", "✗ "},
    {15000, "applications", "name=booklet", "booklet", "▲ "},
    {160000, "applications", "name=booklet", "booklet", "● "},
    {0},
};

/* Time alone turns it, after 15 minutes. */
static const struct seen argo_progressing[] = {
    {12000, "applications", "name=dnc", "dnc", "◐ "},
    {40000, "applications", "name=dnc", "dnc", "▲ "},
    {155000, "applications", "name=dnc", "dnc", "● "},
    {0},
};

static const struct seen cert_stuck[] = {
    {0, "certificates", "name=typesense-tls", "typesense-tls", "● "},
    {15000, "certificates", "name=typesense-tls", "typesense-tls", "▲ "},
    {15000, "challenges", "name~typesense", "search.reyem.tech", "true"},
    {95000, "challenges", "name~typesense", "search.reyem.tech", "false"},
    {225000, "certificates", "name=typesense-tls", "typesense-tls", "● "},
    {0},
};

static const struct seen cert_expiring[] = {
    {15000, "certificates", "name=argocd-server-tls", "argocd-server-tls", "✗ "},
    {155000, "certificates", "name=argocd-server-tls", "argocd-server-tls", "● "},
    {0},
};

static const struct seen issuer_lost[] = {
    {15000, "clusterissuers", "name=letsencrypt-prod", "letsencrypt-prod", "✗ "},
    {155000, "clusterissuers", "name=letsencrypt-prod", "letsencrypt-prod", "● "},
    {0},
};

/* Traefik is asked when the program's clock has gone on, before the platform's has: what a story
 * does is seen a step later. */
static const struct seen traefik_unloaded[] = {
    {0, "ingressroutes", "name=track", "track", "● "},
    {15000, "ingressroutes", "name=track", "track", "track"},
    {30000, "ingressroutes", "name=track", "track", "✗ "},
    {125000, "ingressroutes", "name=track", "track", "track"},
    {140000, "ingressroutes", "name=track", "track", "● "},
    {0},
};

static const struct seen traefik_default_cert[] = {
    {0, "traefik-routers", "rule~www.gta", "default-gta", "● "},
    {15000, "traefik-routers", "rule~www.gta", "default-gta", "default-gta"},
    {30000, "traefik-routers", "rule~www.gta", "default-gta", "▲ "},
    {125000, "traefik-routers", "rule~www.gta", "default-gta", "default-gta"},
    {140000, "traefik-routers", "rule~www.gta", "default-gta", "● "},
    {0},
};

static const struct seen traefik_acme_lost[] = {
    {0, "traefiks", "", "3.6.7", "● "},      {15000, "traefiks", "", "3.6.7", "3.6.7"},
    {30000, "traefiks", "", "3.6.7", "✗ "},  {185000, "traefiks", "", "3.6.7", "3.6.7"},
    {200000, "traefiks", "", "3.6.7", "● "}, {0},
};

static const struct seen traefik_two_pods[] = {
    {15000, "pods", "name=traefik-66xpdxxgw-zz7k2", "zz7k2", "▲ "},
    {15000, "pods", "name=traefik-66xpdxxgw-zz7k2", "ContainerCreating for 10m",
     "FailedAttachVolume: Multi-Attach error"},
    {185000, "workloads", "name=traefik", "traefik", "1/1"},
    {0},
};

static const struct seen traefik_secret_gone[] = {
    {0, "ingressroutes", "name=gta-events", "gta-events", "● "},
    {15000, "ingressroutes", "name=gta-events", "gta-events", "▲ "},
    {205000, "ingressroutes", "name=gta-events", "gta-events", "gta-events"},
    {220000, "ingressroutes", "name=gta-events", "gta-events", "● "},
    {0},
};

static const struct seen traefik_no_endpoints[] = {
    {0, "traefik-services", "name~reyemtech-bdd", "reyemtech", "● "},
    {15000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "reyemtech"},
    {30000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "▲ "},
    {125000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "reyemtech"},
    {140000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "● "},
    {0},
};

static const struct seen traefik_servers_down[] = {
    {0, "traefik-services", "name~reyemtech-bdd", "reyemtech", "● "},
    {15000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "reyemtech"},
    {30000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "▲ "},
    {65000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "reyemtech"},
    {80000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "✗ "},
    {155000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "reyemtech"},
    {170000, "traefik-services", "name~reyemtech-bdd", "reyemtech", "● "},
    {0},
};

/* A rate is of two looks: the one after the story's step, and one more. */
static const struct seen traefik_errors[] = {
    {0, "traefik-services", "name~track-55e", "default-track", "● "},
    {15000, "traefik-services", "name~track-55e", "default-track", "default-track"},
    {30000, "traefik-services", "name~track-55e", "default-track", "default-track"},
    {60000, "traefik-services", "name~track-55e", "default-track", "60% of its requests"},
    {60000, "traefik-services", "name~track-55e", "default-track", "✗ "},
    {155000, "traefik-services", "name~track-55e", "default-track", "default-track"},
    {180000, "traefik-services", "name~track-55e", "default-track", "default-track"},
    {210000, "traefik-services", "name~track-55e", "default-track", "● "},
    {0},
};

static const struct seen traefik_api_off[] = {
    {0, "traefiks", "", "traefik ", "3.6.7"},     {15000, "traefiks", "", "traefik ", "traefik "},
    {30000, "traefiks", "", "traefik ", "false"}, {125000, "traefiks", "", "traefik ", "traefik "},
    {140000, "traefiks", "", "traefik ", "true"}, {0},
};

static const struct seen minio_full[] = {
    {25000, "minio-clusters", "name=minio", "minio", "▲ "},
    {70000, "minio-clusters", "name=minio", "minio", "✗ "},
    {195000, "minio-clusters", "name=minio", "minio", "● "},
    {0},
};

static const struct seen minio_no_reads[] = {
    {30000, "minio-clusters", "name=minio", "minio", "no reads"},
    {175000, "minio-clusters", "name=minio", "minio", "● "},
    {0},
};

static const struct seen tenant_stuck[] = {
    {15000, "tenants", "name=minio-reyemtech", "minio-reyemtech", "Waiting for MinIO"},
    {45000, "minio-clusters", "name=minio", "minio", "no answer"},
    {265000, "minio-clusters", "name=minio", "minio", "● "},
    {265000, "tenants", "name=minio-reyemtech", "minio-reyemtech", "● "},
    {0},
};

static const struct seen typesense_disk[] = {
    {20000, "typesense", "name=typesense-0", "typesense-0", "▲ "},
    {65000, "typesense", "name=typesense-0", "typesense-0", "OUT_OF_DISK"},
    {195000, "typesense", "name=typesense-0", "typesense-0", "● "},
    {0},
};

static const struct seen typesense_backlog[] = {
    {25000, "typesense", "name=typesense-0", "typesense-0", "▲ "},
    {55000, "typesense", "name=typesense-0", "typesense-0", "✗ "},
    {130000, "typesense", "name=typesense-0", "typesense-0", "not ready"},
    {225000, "typesense", "name=typesense-0", "typesense-0", "● "},
    {0},
};

static const struct seen typesense_no_leader[] = {
    {25000, "typesense", "name=typesense-0", "typesense-0", "follower"},
    {25000, "typesense", "name=typesense-0", "typesense-0", "✗ "},
    {215000, "typesense", "name=typesense-0", "typesense-0", "● "},
    {0},
};

static const struct seen typesense_oom[] = {
    {25000, "typesense", "name=typesense-0", "typesense-0", "▲ "},
    {75000, "typesense", "name=typesense-0", "typesense-0", "no answer"},
    {115000, "typesense", "name=typesense-0", "typesense-0", "◐ "},
    {260000, "typesense", "name=typesense-0", "typesense-0", "● "},
    {0},
};

static const struct seen calm[] = {
    {60000, "pods", "name=vault-0", "vault-0", "● "},
    {0},
};

static const struct seen_story stories[] = {
    {"night", night},
    {"oom-loop", oom_loop},
    {"node-lost", node_lost},
    {"redis-full", redis_full},
    {"redis-replica-lost", redis_replica_lost},
    {"redis-unsaved", redis_unsaved},
    {"spot-reclaimed", spot_reclaimed},
    {"image-gone", image_gone},
    {"stuck-rollout", stuck_rollout},
    {"volume-pending", volume_pending},
    {"disk-full", disk_full},
    {"service-gone", service_gone},
    {"auth-open", auth_open},
    {"auth-store-down", auth_store_down},
    {"grafana-deployed", grafana_deployed},
    {"eviction-storm", eviction_storm},
    {"minio-full", minio_full},
    {"minio-no-reads", minio_no_reads},
    {"tenant-stuck", tenant_stuck},
    {"typesense-backlog", typesense_backlog},
    {"typesense-disk", typesense_disk},
    {"typesense-no-leader", typesense_no_leader},
    {"typesense-oom", typesense_oom},
    {"vault-sealed", vault_sealed},
    {"stale-secret", stale_secret},
    {"backup-denied", backup_denied},
    {"secret-path-gone", secret_path_gone},
    {"vault-token-expired", vault_token_expired},
    {"vault-token-ending", vault_token_ending},
    {"secret-differs", secret_differs},
    {"login-differs", login_differs},
    {"sentinel-split", sentinel_split},
    {"alerts-firing", alerts_firing},
    {"refresh-stale", refresh_stale},
    {"secret-rotated", secret_rotated},
    {"argo-sync-failed", argo_sync_failed},
    {"argo-repo-gone", argo_repo_gone},
    {"argo-heal-loop", argo_heal_loop},
    {"argo-controller-down", argo_controller_down},
    {"argo-progressing", argo_progressing},
    {"cert-stuck", cert_stuck},
    {"cert-expiring", cert_expiring},
    {"issuer-lost", issuer_lost},
    {"tenant-degraded", tenant_degraded},
    {"backup-missed", backup_missed},
    {"pxc-node-down", pxc_node_down},
    {"pxc-brake", pxc_brake},
    {"pxc-cert-old", pxc_cert_old},
    {"pxc-connections", pxc_connections},
    {"pxc-crash", pxc_crash},
    {"pxc-non-primary", pxc_non_primary},
    {"pxc-transfer", pxc_transfer},
    {"pitr-gap", pitr_gap},
    {"pitr-collector", pitr_collector},
    {"outage", outage},
    {"edge-lost", edge_lost, true},
    {"traefik-unloaded", traefik_unloaded},
    {"traefik-default-cert", traefik_default_cert},
    {"traefik-acme-lost", traefik_acme_lost},
    {"traefik-two-pods", traefik_two_pods},
    {"traefik-secret-gone", traefik_secret_gone},
    {"traefik-no-endpoints", traefik_no_endpoints},
    {"traefik-servers-down", traefik_servers_down},
    {"traefik-errors", traefik_errors},
    {"traefik-api-off", traefik_api_off},
    {"terraform-run", terraform_run, true},
    {"terraform-drift", terraform_drift, true},
    {"terraform-token", terraform_token, true},
    {"image-moved", image_moved, true},
    {"image-withheld", image_withheld, true},
    {"dns-drift", dns_drift, true},
    {"cert-not-served", cert_not_served, true},
    {"dns-throttled", dns_throttled, false, true},
    {"bucket-lost", bucket_lost, false, true},
    {"binlogs-purged", binlogs_purged, false, true},
    {"bucket-moved", bucket_moved, false, true},
    {"aws-denied", aws_denied, false, true},
    {"calm", calm},
};

/* One after the other, whichever file has it; NULL: that was the last. */
static const struct seen_story *story_at(size_t i)
{
    if (i < BN_COUNT(stories))
        return &stories[i];
    i -= BN_COUNT(stories);
    return i < seen_more_count ? &seen_more[i] : NULL;
}

/* Both clocks: the program's, so that what comes then is not taken for a part of what
 * was; and the platform's by seconds, so that each step of the story has its own time. */
static void step_to(struct live *l, int64_t *now_ms, int64_t ms)
{
    if (ms <= *now_ms)
        return;
    pty_step(l->pty, ms - *now_ms);
    pty_wait(l->pty);
    for (int64_t at = *now_ms; at < ms; at += 1000)
        live_tell(l, "step 1000");
    *now_ms = ms;
}

/* Below the title and the filter. */
static bool row_has(struct pty *p, const char *row, const char *text)
{
    struct strbuf line = STRBUF_INIT(4096);
    bool has = false;
    for (int at = 2; at < wide.rows && !has; at++) {
        strbuf_truncate(&line, 0);
        pty_row(p, at, &line);
        has = strstr(strbuf_cstr(&line), row) && strstr(strbuf_cstr(&line), text);
    }
    strbuf_clear(&line);
    return has;
}

/* What is asked every so often may have been asked just before the story went on: its next turn is
 * not waited for in the machine's time. */
static void await_row(struct live *l, const struct seen *seen)
{
    int64_t end = live_ms() + PATIENT_MS, on = live_ms() + TURN_MS;
    while (!row_has(l->pty, seen->row, seen->text)) {
        if (live_ms() > end) {
            print_error("after %lld ms, in the row of %s:\n", (long long)seen->at_ms, seen->row);
            pty_assert_has(l->pty, seen->text);
            pty_assert_row_has(l->pty, pty_find(l->pty, seen->row), seen->text);
        }
        (void)pty_read(l->pty, SIZE_MAX, 20);
        if (live_ms() < on)
            continue;
        pty_step(l->pty, 5000);
        on = live_ms() + TURN_MS;
    }
}

static void open_table(struct live *l, const struct seen *seen)
{
    struct strbuf filter = STRBUF_INIT(256);
    live_command(l, "home");
    live_command(l, seen->table);
    strbuf_addf(&filter, "filter %s", seen->filter);
    if (seen->filter[0])
        live_command(l, strbuf_cstr(&filter));
    strbuf_clear(&filter);
}

static void play(const struct seen_story *s)
{
    void *state = NULL;
    int64_t now_ms = 0;
    (void)setup(&state);
    struct live *l = state;
    static const char *const outside[] = {"BINNACLE_PROBES=true", NULL};
    struct pty_options options = wide;
    if (s->outside)
        options.env = outside;
    live_demo(l, s->scenario, NULL, &options);
    pty_want(l->pty, "applied", 100);
    pty_wait(l->pty);
    for (const struct seen *seen = s->seen; seen->text; seen++) {
        if (seen == s->seen || strcmp(seen->table, seen[-1].table) != 0 ||
            strcmp(seen->filter, seen[-1].filter) != 0)
            open_table(l, seen);
        step_to(l, &now_ms, seen->at_ms);
        if (seen->ask)
            pty_press(l->pty, "r");
        if (s->refresh)
            live_command(l, "refresh all");
        await_row(l, seen);
    }
    live_quit(l);
    (void)live_teardown(&state);
}

static void things_break_and_recover(void **state)
{
    const char *only = getenv("ONLY");
    (void)state;
    const struct seen_story *s;
    for (size_t i = 0; (s = story_at(i)); i++) {
        if (only && strcmp(only, s->scenario) != 0)
            continue;
        print_message("# %s\n", s->scenario);
        play(s);
    }
}

/* Every file of harbor/scenarios has its story here; that the manual tells it, and in
 * a line, test/unit/manual.c shows. */
static void every_scenario_is_told(void **state)
{
    struct strbuf names = STRBUF_INIT(4096), path = STRBUF_INIT(4096);
    struct span rest, name;
    size_t n = 0;
    (void)state;
    strbuf_addf(&path, "%s/harbor/scenarios", getenv("top_srcdir"));
    file_names(strbuf_cstr(&path), ".yaml", "\n", &names);
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name); n++) {
        bool played = false;
        const struct seen_story *s;
        for (size_t i = 0; !played && (s = story_at(i)); i++)
            played = span_is(name, s->scenario);
        if (!played)
            fail_msg("%.*s is not played here", SPAN_ARG(name));
    }
    assert_int_equal(n, BN_COUNT(stories) + seen_more_count);
    strbuf_clear(&names);
    strbuf_clear(&path);
}

/* ---- The end. */

/* Folders of demonstrations below the test's own TMPDIR. */
static size_t count_left(const struct live *l)
{
    struct dirent *entry;
    size_t n = 0;
    DIR *dir = opendir(l->folder);
    assert_non_null(dir);
    while ((entry = readdir(dir)))
        n += strncmp(entry->d_name, "binnacle-demo-", 14) == 0;
    (void)closedir(dir);
    return n;
}

static void dies_by(struct live *l, int sig)
{
    live_demo(l, "calm", NULL, &wide);
    int pid = live_demo_pid(l), watch = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(watch >= 0);
    assert_int_equal(count_left(l), 1);
    if (sig == 0)
        pty_keys(l->pty, "Q");
    else if (sig == SIGHUP)
        pty_hang_up(l->pty);
    else
        pty_signal(l->pty, sig);
    if (sig != SIGHUP)
        (void)pty_wait_exit(l->pty, PATIENT_MS);
    struct pollfd ended = {.fd = watch, .events = POLLIN};
    assert_int_equal(poll(&ended, 1, PATIENT_MS), 1);
    (void)close(watch);
    assert_int_equal(count_left(l), 0);
}

static void nothing_is_left_whatever_ends_it(void **state)
{
    static const int signals[] = {0, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGKILL, SIGSEGV, SIGABRT};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(signals); i++) {
        void *l = NULL;
        (void)setup(&l);
        dies_by(l, signals[i]);
        (void)live_teardown(&l);
    }
}

/* What was seen stays, and the source says why it is old. */
static void the_platform_dies(void **state)
{
    struct live *l = *state;
    live_demo(l, "calm", NULL, &wide);
    pty_want(l->pty, "applied", 100);
    pty_wait(l->pty);
    live_command(l, "pods");
    pty_wait_text(l->pty, "gta-events-k99");
    assert_int_equal(kill(live_demo_pid(l), SIGKILL), 0);
    live_step_until(l, 5000, "refused");
    pty_assert_has(l->pty, "gta-events-k99");
    live_quit(l);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(things_break_and_recover),
        cmocka_unit_test(every_scenario_is_told),
        cmocka_unit_test(nothing_is_left_whatever_ends_it),
        cmocka_unit_test_setup_teardown(the_platform_dies, setup, live_teardown),
    };
    return cmocka_run_group_tests_name("live_demo", tests, NULL, NULL);
}
