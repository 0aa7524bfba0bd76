noinst_LIBRARIES += libactions.a
libactions_a_SOURCES = \
	actions/action.h actions/answers.c actions/channel.h actions/secrets.c actions/secrets.h actions/target_impl.h actions/to_kube.c actions/to_mysql.c actions/to_redis.c actions/to_vault.c actions/audit.c actions/audit.h actions/audit_read.c \
	actions/doing.c actions/doing.h actions/kube.c actions/kube.h actions/list.h actions/plan.c actions/rollout.c actions/run.c \
	actions/run.h actions/target.c actions/target.h
# The actions, a file each; list.h names them.
libactions_a_SOURCES += \
	actions/argocd.c actions/backup.c actions/certificate_renew.c actions/cronjob_run.c actions/pod_delete.c actions/restart.c actions/scale.c \
	actions/secret_refresh.c actions/toggle.c
# Redis
libactions_a_SOURCES += actions/redis.c actions/redis.h actions/redis_bgsave.c actions/redis_client.c actions/redis_failover.c \
	actions/redis_slowlog.c
