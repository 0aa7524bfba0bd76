libbackends_a_SOURCES += \
	backends/kubernetes/cluster.c backends/kubernetes/cluster.h backends/kubernetes/condition.c \
	backends/kubernetes/condition.h backends/kubernetes/cron.c \
	backends/kubernetes/cron.h backends/kubernetes/cronjob.c \
	backends/kubernetes/endpointslice.c backends/kubernetes/event.c backends/kubernetes/fetch.c \
	backends/kubernetes/ingress.c backends/kubernetes/ingressroute.c backends/kubernetes/job.c \
	backends/kubernetes/kube_kind.h backends/kubernetes/list.h backends/kubernetes/middleware.c \
	backends/kubernetes/namespace.c backends/kubernetes/node.c backends/kubernetes/object.c \
	backends/kubernetes/object.h backends/kubernetes/pod.c backends/kubernetes/pod.h backends/kubernetes/pod_judge.c \
	backends/kubernetes/pod_resources.c backends/kubernetes/pod_links.c \
	backends/kubernetes/pod_links.h backends/kubernetes/pod_status.c \
	backends/kubernetes/pod_status.h backends/kubernetes/pv.c backends/kubernetes/pvc.c \
	backends/kubernetes/registry.c backends/kubernetes/replicaset.c backends/kubernetes/route.c \
	backends/kubernetes/route_router.c \
	backends/kubernetes/keeper.c backends/kubernetes/keeper.h \
	backends/kubernetes/missing.c backends/kubernetes/missing.h backends/kubernetes/route.h backends/kubernetes/sentence.c \
	backends/kubernetes/sentence.h backends/kubernetes/service.c backends/kubernetes/storageclass.c \
	backends/kubernetes/systems.c backends/kubernetes/traefikservice.c backends/kubernetes/watch.c backends/kubernetes/watch_rows.c \
	backends/kubernetes/workload.c
# Secrets and ConfigMaps by their metadata, External Secrets, cert-manager, Argo CD.
libbackends_a_SOURCES += \
	backends/kubernetes/accept.c backends/kubernetes/application.c \
	backends/kubernetes/application.h backends/kubernetes/application_judge.c \
	backends/kubernetes/applicationset.c backends/kubernetes/appproject.c \
	backends/kubernetes/certificate.c \
	backends/kubernetes/certificate.h backends/kubernetes/certificate_judge.c \
	backends/kubernetes/certificaterequest.c backends/kubernetes/challenge.c \
	backends/kubernetes/clusterexternalsecret.c backends/kubernetes/configmap.c \
	backends/kubernetes/externalsecret.c \
	backends/kubernetes/externalsecret_map.c backends/kubernetes/externalsecret_map.h backends/kubernetes/issuance.c \
	backends/kubernetes/issuance.h backends/kubernetes/issuer.c backends/kubernetes/order.c \
	backends/kubernetes/pushsecret.c backends/kubernetes/refresh.c \
	backends/kubernetes/refresh.h backends/kubernetes/secret.c \
	backends/kubernetes/secretstore.c backends/kubernetes/systems.h \
	backends/kubernetes/systems_platform.c
# Databases of the PXC operator and their backups, MinIO, the rest of Traefik.
libbackends_a_SOURCES += \
	backends/kubernetes/backup.c backends/kubernetes/backup_schedule.c \
	backends/kubernetes/dns_arguments.c backends/kubernetes/dns_arguments.h \
	backends/kubernetes/dnsendpoint.c backends/kubernetes/ingressroutetcp.c \
	backends/kubernetes/middlewaretcp.c backends/kubernetes/serverstransport.c \
	backends/kubernetes/tenant.c backends/kubernetes/tlsstore.c \
	backends/kubernetes/tlsoption.c backends/kubernetes/backup_storage.c \
	backends/kubernetes/pitr.c backends/kubernetes/pitr_window.c backends/kubernetes/pxc.c backends/kubernetes/pxc.h backends/kubernetes/restore.c \
	backends/kubernetes/systems_data.c
# Disruption budgets, admission webhooks.
libbackends_a_SOURCES += \
	backends/kubernetes/pdb.c \
	backends/kubernetes/pdb.h \
	backends/kubernetes/selector.c \
	backends/kubernetes/selector.h \
	backends/kubernetes/webhook.c
