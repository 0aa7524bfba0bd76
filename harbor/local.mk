# The demonstration platform: a program of its own, on base/ alone.
pkglibexec_PROGRAMS += harbor/harbor
harbor_harbor_SOURCES = \
	harbor/answer.h \
	harbor/answers.c \
	harbor/answers.h \
	harbor/argocd.c \
	harbor/argocd.h \
	harbor/asked.c \
	harbor/asked.h \
	harbor/aws.c \
	harbor/aws.h \
	harbor/aws_bucket.c \
	harbor/aws_impl.h \
	harbor/big.c \
	harbor/big.h \
	harbor/big_impl.h \
	harbor/big_list.c \
	harbor/big_names.c \
	harbor/certificates.c \
	harbor/certificates.h \
	harbor/collector.c \
	harbor/collector.h \
	harbor/command.c \
	harbor/command.h \
	harbor/conn.c \
	harbor/control.c \
	harbor/control.h \
	harbor/copied.c \
	harbor/copied.h \
	harbor/database.c \
	harbor/database.h \
	harbor/deeds.c \
	harbor/deeds.h \
	harbor/defaults.c \
	harbor/defaults.h \
	harbor/discovery.c \
	harbor/events.c \
	harbor/external.c \
	harbor/external.h \
	harbor/fault.c \
	harbor/fault.h \
	harbor/forward.c \
	harbor/handler.c \
	harbor/haproxy.c \
	harbor/haproxy.h \
	harbor/head.h \
	harbor/http1.c \
	harbor/http2.c \
	harbor/json_parts.h \
	harbor/kubelet.c \
	harbor/kubelet.h \
	harbor/list.c \
	harbor/listen.c \
	harbor/log.c \
	harbor/main.c \
	harbor/merge.c \
	harbor/merge.h \
	harbor/mysql.c \
	harbor/mysql.h \
	harbor/mysql_catalog.c \
	harbor/mysql_catalog.h \
	harbor/mysql_change.c \
	harbor/mysql_jobs.c \
	harbor/mysql_rows.c \
	harbor/mysql_select.c \
	harbor/mysql_sql.c \
	harbor/mysql_sql.h \
	harbor/objects.c \
	harbor/objects.h \
	harbor/operators.c \
	harbor/operators.h \
	harbor/options.c \
	harbor/options.h \
	harbor/outside.c \
	harbor/outside.h \
	harbor/outside_impl.h \
	harbor/outside_names.c \
	harbor/outside_registry.c \
	harbor/prometheus.c \
	harbor/prometheus.h \
	harbor/proxy.c \
	harbor/redis.c \
	harbor/redis.h \
	harbor/relay.c \
	harbor/relay.h \
	harbor/remove.c \
	harbor/remove.h \
	harbor/resources.c \
	harbor/resources.h \
	harbor/revisions.c \
	harbor/revisions.h \
	harbor/rollout.c \
	harbor/rounds.c \
	harbor/rounds.h \
	harbor/said.h \
	harbor/route.c \
	harbor/route.h \
	harbor/scenario.c \
	harbor/scenario.h \
	harbor/secrets.c \
	harbor/secrets.h \
	harbor/select.c \
	harbor/select.h \
	harbor/sentinel.c \
	harbor/sentinel.h \
	harbor/server.h \
	harbor/settle.c \
	harbor/settle.h \
	harbor/stream.c \
	harbor/stream.h \
	harbor/subresource.c \
	harbor/terraform.c \
	harbor/terraform.h \
	harbor/tls.c \
	harbor/tls.h \
	harbor/token.c \
	harbor/token.h \
	harbor/traefik.c \
	harbor/traefik.h \
	harbor/traefik_config.c \
	harbor/upstream.c \
	harbor/upstream.h \
	harbor/vault.c \
	harbor/vault.h \
	harbor/vault_kv.c \
	harbor/watch.c \
	harbor/write.c
harbor_harbor_CFLAGS = $(AM_CFLAGS) $(NGHTTP2_CFLAGS) $(ZLIB_CFLAGS)
harbor_harbor_LDADD = libbase.a $(CJSON_LIBS) $(YAML_LIBS) $(OPENSSL_LIBS) $(NGHTTP2_LIBS) $(ZLIB_LIBS)

harbordatadir = $(pkgdatadir)/harbor/data
dist_harbordata_DATA = \
	harbor/data/README.md \
	harbor/data/00-cluster.yaml \
	harbor/data/argocd.yaml \
	harbor/data/cert-manager.yaml \
	harbor/data/default.yaml \
	harbor/data/kube-node-lease.yaml \
	harbor/data/kube-public.yaml \
	harbor/data/kube-system.yaml \
	harbor/data/monitoring.yaml \
	harbor/data/n8n.yaml \
	harbor/data/openclaw.yaml \
	harbor/data/operators.yaml \
	harbor/data/prefect.yaml \
	harbor/data/rackspace-support.yaml \
	harbor/data/rackspace-system.yaml \
	harbor/data/tooling.yaml \
	harbor/data/traefik.yaml \
	harbor/data/vault.yaml
harboroutsidedir = $(pkgdatadir)/harbor/data/outside
dist_harboroutside_DATA = \
	harbor/data/outside/route53.json \
	harbor/data/outside/s3.json \
	harbor/data/outside/world.yaml
harborconfigdir = $(pkgdatadir)/harbor/data/config
dist_harborconfig_DATA = harbor/data/config/config.yaml
harborbigdir = $(pkgdatadir)/harbor/data/big
dist_harborbig_DATA = \
	harbor/data/big/deployment.json \
	harbor/data/big/namespace.json \
	harbor/data/big/node.json \
	harbor/data/big/pod.json \
	harbor/data/big/replicaset.json
harbordiscoverydir = $(pkgdatadir)/harbor/data/discovery
dist_harbordiscovery_DATA = \
	harbor/data/discovery/api-aggregated.json \
	harbor/data/discovery/api-v1.json \
	harbor/data/discovery/api.json \
	harbor/data/discovery/apis-aggregated.json \
	harbor/data/discovery/apis-apps-v1.json \
	harbor/data/discovery/apis-argoproj.io-v1alpha1.json \
	harbor/data/discovery/apis-batch-v1.json \
	harbor/data/discovery/apis-cert-manager.io-v1.json \
	harbor/data/discovery/apis-discovery.k8s.io-v1.json \
	harbor/data/discovery/apis-external-secrets.io-v1.json \
	harbor/data/discovery/apis-networking.k8s.io-v1.json \
	harbor/data/discovery/apis-policy-v1.json \
	harbor/data/discovery/apis-pxc.percona.com-v1.json \
	harbor/data/discovery/apis-storage.k8s.io-v1.json \
	harbor/data/discovery/apis-traefik.io-v1alpha1.json \
	harbor/data/discovery/apis.json \
	harbor/data/discovery/readyz.txt \
	harbor/data/discovery/version.json
harborcontainersdir = $(pkgdatadir)/harbor/data/containers
dist_harborcontainers_DATA = harbor/data/containers/logs.yaml
harbormysqldir = $(pkgdatadir)/harbor/data/mysql
dist_harbormysql_DATA = \
	harbor/data/mysql/databases.txt \
	harbor/data/mysql/grants.txt \
	harbor/data/mysql/history.txt \
	harbor/data/mysql/innodb.txt \
	harbor/data/mysql/processlist.txt \
	harbor/data/mysql/replica.txt \
	harbor/data/mysql/sizes.txt \
	harbor/data/mysql/status.txt \
	harbor/data/mysql/transactions.txt \
	harbor/data/mysql/users.txt \
	harbor/data/mysql/variables.txt
harborredisdir = $(pkgdatadir)/harbor/data/redis
dist_harborredis_DATA = harbor/data/redis/info.txt
harbortraefikdir = $(pkgdatadir)/harbor/data/traefik
dist_harbortraefik_DATA = harbor/data/traefik/certificates.txt
harborservicesdir = $(pkgdatadir)/harbor/data/services
dist_harborservices_DATA = \
	harbor/data/services/external-dns.yaml \
	harbor/data/services/minio.yaml \
	harbor/data/services/oauth2-proxy.yaml \
	harbor/data/services/terraform.yaml \
	harbor/data/services/typesense.yaml \
	harbor/data/services/vault.yaml
harborscenariosdir = $(pkgdatadir)/harbor/scenarios
dist_harborscenarios_DATA = \
	harbor/scenarios/alerts-firing.yaml \
	harbor/scenarios/argo-controller-down.yaml \
	harbor/scenarios/argo-heal-loop.yaml \
	harbor/scenarios/argo-progressing.yaml \
	harbor/scenarios/argo-repo-gone.yaml \
	harbor/scenarios/argo-sync-failed.yaml \
	harbor/scenarios/auth-bare.yaml \
	harbor/scenarios/auth-cookie-secret.yaml \
	harbor/scenarios/auth-open.yaml \
	harbor/scenarios/auth-store-down.yaml \
	harbor/scenarios/aws-denied.yaml \
	harbor/scenarios/backup-denied.yaml \
	harbor/scenarios/backup-missed.yaml \
	harbor/scenarios/backup-waiting.yaml \
	harbor/scenarios/binlogs-purged.yaml \
	harbor/scenarios/bucket-lost.yaml \
	harbor/scenarios/bucket-moved.yaml \
	harbor/scenarios/calm.yaml \
	harbor/scenarios/cert-expiring.yaml \
	harbor/scenarios/cert-not-served.yaml \
	harbor/scenarios/cert-stuck.yaml \
	harbor/scenarios/disk-filling.yaml \
	harbor/scenarios/disk-full.yaml \
	harbor/scenarios/dns-drift.yaml \
	harbor/scenarios/dns-moved.yaml \
	harbor/scenarios/dns-throttled.yaml \
	harbor/scenarios/drain-blocked.yaml \
	harbor/scenarios/edge-lost.yaml \
	harbor/scenarios/eviction-storm.yaml \
	harbor/scenarios/external-dns-down.yaml \
	harbor/scenarios/grafana-deployed.yaml \
	harbor/scenarios/image-gone.yaml \
	harbor/scenarios/image-moved.yaml \
	harbor/scenarios/image-withheld.yaml \
	harbor/scenarios/issuer-lost.yaml \
	harbor/scenarios/login-differs.yaml \
	harbor/scenarios/minio-cert-expired.yaml \
	harbor/scenarios/minio-full.yaml \
	harbor/scenarios/minio-no-reads.yaml \
	harbor/scenarios/mysql-cert-ending.yaml \
	harbor/scenarios/night.yaml \
	harbor/scenarios/no-room.yaml \
	harbor/scenarios/node-disk-filling.yaml \
	harbor/scenarios/node-lost.yaml \
	harbor/scenarios/node-not-ready.yaml \
	harbor/scenarios/offsite-copy.yaml \
	harbor/scenarios/oom-loop.yaml \
	harbor/scenarios/operator-gone.yaml \
	harbor/scenarios/outage.yaml \
	harbor/scenarios/pitr-collector.yaml \
	harbor/scenarios/pitr-failing.yaml \
	harbor/scenarios/pitr-gap.yaml \
	harbor/scenarios/pitr-idle.yaml \
	harbor/scenarios/pxc-brake.yaml \
	harbor/scenarios/pxc-cert-old.yaml \
	harbor/scenarios/pxc-connections.yaml \
	harbor/scenarios/pxc-crash.yaml \
	harbor/scenarios/pxc-node-down.yaml \
	harbor/scenarios/pxc-non-primary.yaml \
	harbor/scenarios/pxc-transfer.yaml \
	harbor/scenarios/redis-full.yaml \
	harbor/scenarios/redis-replica-lost.yaml \
	harbor/scenarios/redis-strained.yaml \
	harbor/scenarios/redis-unsaved.yaml \
	harbor/scenarios/refresh-stale.yaml \
	harbor/scenarios/restore-stuck.yaml \
	harbor/scenarios/secret-differs.yaml \
	harbor/scenarios/secret-path-gone.yaml \
	harbor/scenarios/secret-rotated.yaml \
	harbor/scenarios/sentinel-split.yaml \
	harbor/scenarios/service-gone.yaml \
	harbor/scenarios/sign-in-callback.yaml \
	harbor/scenarios/spot-reclaimed.yaml \
	harbor/scenarios/stale-secret.yaml \
	harbor/scenarios/stuck-rollout.yaml \
	harbor/scenarios/tenant-degraded.yaml \
	harbor/scenarios/tenant-stuck.yaml \
	harbor/scenarios/terraform-drift.yaml \
	harbor/scenarios/terraform-run.yaml \
	harbor/scenarios/terraform-token.yaml \
	harbor/scenarios/traefik-acme-lost.yaml \
	harbor/scenarios/traefik-api-off.yaml \
	harbor/scenarios/traefik-default-cert.yaml \
	harbor/scenarios/traefik-errors.yaml \
	harbor/scenarios/traefik-no-endpoints.yaml \
	harbor/scenarios/traefik-secret-gone.yaml \
	harbor/scenarios/traefik-servers-down.yaml \
	harbor/scenarios/traefik-two-pods.yaml \
	harbor/scenarios/traefik-unloaded.yaml \
	harbor/scenarios/typesense-backlog.yaml \
	harbor/scenarios/typesense-disk.yaml \
	harbor/scenarios/typesense-no-leader.yaml \
	harbor/scenarios/typesense-oom.yaml \
	harbor/scenarios/vault-killed.yaml \
	harbor/scenarios/vault-sealed.yaml \
	harbor/scenarios/vault-token-ending.yaml \
	harbor/scenarios/vault-token-expired.yaml \
	harbor/scenarios/vault-uninitialised.yaml \
	harbor/scenarios/volume-pending.yaml \
	harbor/scenarios/webhook-refuses.yaml
