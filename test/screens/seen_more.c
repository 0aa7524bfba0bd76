/* More stories of the demonstration: what fills up, what waits, what is not renewed. */
#include <config.h>

#include "base/base.h"
#include "test/screens/seen.h"

static const struct seen drain_blocked[] = {
    {0, "pdbs", "name=reyemtech", "reyemtech", "◇ "},
    {30000, "pdbs", "name=reyemtech", "reyemtech", "▲ "},
    {110000, "pdbs", "name=reyemtech", "reyemtech", "● "},
    {240000, "pdbs", "name=reyemtech", "reyemtech", "◇ "},
    {0},
};

static const struct seen disk_filling[] = {
    {0, "pvcs", "name=data-vault-0", "data-vault-0", "● "},
    {15000, "pvcs", "name=data-vault-0", "data-vault-0", "▲ "},
    {65000, "pvcs", "name=data-vault-0", "data-vault-0", "97%"},
    {65000, "pvcs", "name=prefect-server-data", "prefect-server", "✗ "},
    {415000, "pvcs", "name=prefect-server-data", "prefect-server", "● "},
    {415000, "pvcs", "name=data-vault-0", "data-vault-0", "● "},
    {0},
};

static const struct seen node_disk_filling[] = {
    {15000, "nodes", "name~22710417", "710417", "87%"},
    {15000, "nodes", "name~22710417", "710417", "▲ "},
    {415000, "nodes", "name~22710417", "710417", "● "},
    {0},
};

static const struct seen node_not_ready[] = {
    {15000, "nodes", "name~22710417", "710417", "✗ "},
    {110000, "nodes", "name~22710417", "710417", "● "},
    {0},
};

static const struct seen no_room[] = {
    {15000, "pods", "name~p3z8v", "p3z8v", "▲ "},
    {155000, "pods", "name~p3z8v", "p3z8v", "● "},
    {0},
};

static const struct seen external_dns_down[] = {
    {15000, "pods", "name~external-dns", "external-dns", "CrashLoopBackOff"},
    {120000, "pods", "name~external-dns", "external-dns", "ImagePullBackOff"},
    {205000, "pods", "name~external-dns", "external-dns", "● "},
    {0},
};

static const struct seen mysql_cert_ending[] = {
    {15000, "certificates", "name=mysql-ssl", "mysql-ssl", "✗ "},
    {155000, "certificates", "name=mysql-ssl", "mysql-ssl", "● "},
    {0},
};

static const struct seen minio_cert_expired[] = {
    {15000, "certificates", "name=minio-tls", "minio-tls", "✗ "},
    {155000, "certificates", "name=minio-tls", "minio-tls", "● "},
    {0},
};

static const struct seen dns_moved[] = {
    {0, "dns-names", "name=track.reyem.tech", "track", "● "},
    {400000, "dns-names", "name=track.reyem.tech", "track", "✗ "},
    {800000, "dns-names", "name=track.reyem.tech", "track", "● "},
    {0},
};

static const struct seen restore_stuck[] = {
    {15000, "restores", "name=back-to-0230", "back-to-0230", "▲ "},
    {15000, "pxcs", "", "mysql", "▲ "},
    {205000, "restores", "name=back-to-0230", "back-to-0230", "Succeeded"},
    {205000, "pxcs", "", "mysql", "● "},
    {0},
};

static const struct seen backup_waiting[] = {
    {15000, "backups", "name=before-upgrade", "before-upgrade", "▲ "},
    {115000, "backups", "name=before-upgrade", "before-upgrade", "Running"},
    {205000, "backups", "name=before-upgrade", "before-upgrade", "● "},
    {0},
};

static const struct seen vault_uninitialised[] = {
    {30000, "vaults", "", "vault", "✗ "},
    {220000, "vaults", "", "vault", "● "},
    {0},
};

static const struct seen vault_killed[] = {
    {15000, "pods", "name=vault-0", "vault-0", "CrashLoopBackOff"},
    {120000, "vaults", "", "vault", "▲ "},
    {220000, "vaults", "", "vault", "● "},
    {220000, "pods", "name=vault-0", "vault-0", "● "},
    {0},
};

static const struct seen auth_bare[] = {
    {20000, "public-hosts", "host=traefik.reyem.tech bare=true", "traefik.reyem.tech", "sign-in"},
    {160000, "public-hosts", "host=traefik.reyem.tech bare=false", "traefik.reyem.tech", "sign-in"},
    {0},
};

static const struct seen sign_in_callback[] = {
    {0, "http-probes", "host=prefect.reyem.tech", "prefect.reyem.tech", "● "},
    {400000, "http-probes", "host=prefect.reyem.tech", "prefect.reyem.tech", "▲ "},
    {800000, "http-probes", "host=prefect.reyem.tech", "prefect.reyem.tech", "● "},
    {0},
};

static const struct seen auth_cookie_secret[] = {
    {20000, "public-hosts", "host=traefik.reyem.tech", "traefik.reyem.tech", "✗ "},
    {130000, "public-hosts", "host=traefik.reyem.tech", "traefik.reyem.tech", "sign-in"},
    {0},
};

static const struct seen redis_strained[] = {
    {30000, "redis", "name=redis-master", "redis-master", "▲ "},
    {40000, "redis", "name=redis-replicas-0", "redis-replicas-0", "▲ "},
    {220000, "redis", "name=redis-master", "redis-master", "● "},
    {220000, "redis", "name=redis-replicas-0", "redis-replicas-0", "● "},
    {0},
};

static const struct seen webhook_refuses[] = {
    {15000, "validatingwebhooks", "name=secretstore-validate", "secretstore", "✗ "},
    {110000, "validatingwebhooks", "name=externalsecret-validate", "externalsecret", "✗ "},
    {110000, "validatingwebhooks", "name=cert-manager-webhook", "cert-manager", "▲ "},
    {205000, "validatingwebhooks", "name=cert-manager-webhook", "cert-manager", "● "},
    {205000, "validatingwebhooks", "name=externalsecret-validate", "externalsecret", "● "},
    {0},
};

/* The bucket has nothing new for most of an hour, and would be late after fifteen minutes. */
static const struct seen pitr_idle[] = {
    {0, "s3-buckets", "", "reyem-db-backup", "● "},
    {1300000, "s3-buckets", "", "reyem-db-backup", "● "},
    {2300000, "s3-buckets", "", "reyem-db-backup", "● "},
    {2300000, "pitrs", "", "mysql", "◇ "},
    {0},
};

static const struct seen pitr_failing[] = {
    {0, "binlog-collectors", "", "mysql", "● "},
    {60000, "binlog-collectors", "", "mysql", "● "},
    {150000, "binlog-collectors", "", "mysql", "fails, seen"},
    {150000, "pitrs", "", "mysql", "▲ "},
    {840000, "binlog-collectors", "", "mysql", "last got through 16m ago"},
    {1700000, "s3-buckets", "", "reyem-db-backup", "▲ "},
    {1900000, "binlog-collectors", "", "mysql", "● "},
    {1900000, "pitrs", "", "mysql", "◇ "},
    {2400000, "s3-buckets", "", "reyem-db-backup", "● "},
    {0},
};

static const struct seen operator_gone[] = {
    {5000, "pxcs", "", "mysql", "● "},
    {30000, "pxcs", "", "mysql", "? "},
    {60000, "pxcs", "", "mysql", "▲ "},
    {60000, "controllers", "", "percona-operator", "▲ "},
    {60000, "backup-schedules", "", "daily-backup", "▲ "},
    {170000, "pxcs", "", "mysql", "● "},
    {170000, "controllers", "", "percona-operator", "● "},
    {0},
};

static const struct seen offsite_copy[] = {
    {125000, "checks", "", "offsite-copy", "▲ "},
    {250000, "checks", "", "offsite-copy", "● "},
    {0},
};

const struct seen_story seen_more[] = {
    {"pitr-idle", pitr_idle, false, true},
    {"pitr-failing", pitr_failing, false, true},
    {"drain-blocked", drain_blocked},
    {"disk-filling", disk_filling, false, true},
    {"node-disk-filling", node_disk_filling, false, true},
    {"node-not-ready", node_not_ready},
    {"no-room", no_room},
    {"external-dns-down", external_dns_down},
    {"mysql-cert-ending", mysql_cert_ending},
    {"minio-cert-expired", minio_cert_expired},
    {"dns-moved", dns_moved, true},
    {"restore-stuck", restore_stuck},
    {"backup-waiting", backup_waiting},
    {"vault-uninitialised", vault_uninitialised},
    {"vault-killed", vault_killed},
    {"auth-bare", auth_bare},
    {"sign-in-callback", sign_in_callback, true},
    {"auth-cookie-secret", auth_cookie_secret},
    {"redis-strained", redis_strained},
    {"webhook-refuses", webhook_refuses},
    {"offsite-copy", offsite_copy},
    {"operator-gone", operator_gone},
};

const size_t seen_more_count = BN_COUNT(seen_more);
