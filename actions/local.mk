noinst_LIBRARIES += libactions.a
libactions_a_SOURCES = \
	actions/action.h \
	actions/answers.c \
	actions/audit.c \
	actions/audit.h \
	actions/audit_read.c \
	actions/channel.h \
	actions/doing.c \
	actions/doing.h \
	actions/kube.c \
	actions/kube.h \
	actions/list.h \
	actions/object.c \
	actions/plan.c \
	actions/plan_shell.c \
	actions/record.c \
	actions/record.h \
	actions/redis.c \
	actions/redis.h \
	actions/rollout.c \
	actions/run.c \
	actions/run.h \
	actions/secrets.c \
	actions/secrets.h \
	actions/served.c \
	actions/served.h \
	actions/target.c \
	actions/target.h \
	actions/target_impl.h \
	actions/to_kube.c \
	actions/to_mysql.c \
	actions/to_redis.c \
	actions/to_vault.c \
	actions/work.c \
	actions/work.h
# The actions, a file each; list.h names them.
libactions_a_SOURCES += \
	actions/argocd.c \
	actions/backup.c \
	actions/certificate_renew.c \
	actions/cronjob_run.c \
	actions/mark.c \
	actions/pod_delete.c \
	actions/redis_bgsave.c \
	actions/redis_client.c \
	actions/redis_failover.c \
	actions/redis_slowlog.c \
	actions/restart.c \
	actions/scale.c \
	actions/secret_refresh.c \
	actions/toggle.c \
	actions/delete.c \
	actions/related.c \
	actions/related.h \
	actions/image_set.c \
	actions/rollout_undo.c \
	actions/mysql_catalog.c \
	actions/mysql_grants.c \
	actions/mysql_names.c \
	actions/mysql_names.h \
	actions/backup_steps.c \
	actions/pxc.c \
	actions/pxc.h \
	actions/to_s3.c \
	actions/mysql_rights.c \
	actions/mysql_rights.h \
	actions/mysql_kill.c
