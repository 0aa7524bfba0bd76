/* What the simulated API server serves. */
#include <config.h>

#include "harbor/resources.h"

#define CORE    "", "v1"
#define TRAEFIK "traefik.io", "v1alpha1"
#define PXC     "pxc.percona.com", "v1"
#define ESO     "external-secrets.io", "v1"
#define CERT    "cert-manager.io", "v1"
#define ACME    "acme.cert-manager.io", "v1"
#define ARGO    "argoproj.io", "v1alpha1"
#define RBAC    "rbac.authorization.k8s.io", "v1"

/* clang-format off */
const struct resource resources[] = {
    {CORE, "configmaps", "configmap", "ConfigMap", "cm", true, false},
    {CORE, "endpoints", "endpoints", "Endpoints", "ep", true, false},
    {CORE, "events", "event", "Event", "ev", true, false},
    {CORE, "limitranges", "limitrange", "LimitRange", "limits", true, false},
    {CORE, "namespaces", "namespace", "Namespace", "ns", false, false},
    {CORE, "nodes", "node", "Node", "no", false, false},
    {CORE, "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", true, false},
    {CORE, "persistentvolumes", "persistentvolume", "PersistentVolume", "pv", false, false},
    {CORE, "pods", "pod", "Pod", "po", true, false},
    {CORE, "replicationcontrollers", "replicationcontroller", "ReplicationController", "rc", true, false},
    {CORE, "resourcequotas", "resourcequota", "ResourceQuota", "quota", true, false},
    {CORE, "secrets", "secret", "Secret", "", true, false},
    {CORE, "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", true, false},
    {CORE, "services", "service", "Service", "svc", true, false},
    {"apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision", "", true, false},
    {"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds", true, false},
    {"apps", "v1", "deployments", "deployment", "Deployment", "deploy", true, false},
    {"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs", true, false},
    {"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts", true, false},
    {"autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", true, false},
    {"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", true, false},
    {"batch", "v1", "jobs", "job", "Job", "", true, false},
    {"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", true, false},
    {"discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", "", true, false},
    {"networking.k8s.io", "v1", "ingressclasses", "ingressclass", "IngressClass", "", false, false},
    {"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress", "ing", true, false},
    {"networking.k8s.io", "v1", "networkpolicies", "networkpolicy", "NetworkPolicy", "netpol", true, false},
    {"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "pdb", true, false},
    {RBAC, "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", "", false, false},
    {"storage.k8s.io", "v1", "csidrivers", "csidriver", "CSIDriver", "", false, false},
    {"storage.k8s.io", "v1", "storageclasses", "storageclass", "StorageClass", "sc", false, false},
    {"storage.k8s.io", "v1", "volumeattachments", "volumeattachment", "VolumeAttachment", "", false, false},
    {TRAEFIK, "ingressroutes", "ingressroute", "IngressRoute", "", true, true},
    {TRAEFIK, "middlewares", "middleware", "Middleware", "", true, true},
    {TRAEFIK, "tlsoptions", "tlsoption", "TLSOption", "", true, true},
    {TRAEFIK, "traefikservices", "traefikservice", "TraefikService", "", true, true},
    {PXC, "perconaxtradbclusters", "perconaxtradbcluster", "PerconaXtraDBCluster", "pxc,pxcs", true, true},
    {PXC, "perconaxtradbclusterbackups", "perconaxtradbclusterbackup", "PerconaXtraDBClusterBackup", "pxc-backup,pxc-backups", true, true},
    {PXC, "perconaxtradbclusterrestores", "perconaxtradbclusterrestore", "PerconaXtraDBClusterRestore", "pxc-restore,pxc-restores", true, true},
    {ESO, "clustersecretstores", "clustersecretstore", "ClusterSecretStore", "css", false, true},
    {ESO, "externalsecrets", "externalsecret", "ExternalSecret", "es", true, true},
    {ESO, "secretstores", "secretstore", "SecretStore", "ss", true, true},
    {ARGO, "applications", "application", "Application", "app,apps", true, true},
    {ARGO, "appprojects", "appproject", "AppProject", "appproj,appprojs", true, true},
    {CERT, "certificaterequests", "certificaterequest", "CertificateRequest", "cr,crs", true, true},
    {CERT, "certificates", "certificate", "Certificate", "cert,certs", true, true},
    {CERT, "clusterissuers", "clusterissuer", "ClusterIssuer", "ciss", false, true},
    {CERT, "issuers", "issuer", "Issuer", "iss", true, true},
    {ACME, "challenges", "challenge", "Challenge", "", true, true},
    {ACME, "orders", "order", "Order", "", true, true},
    {"minio.min.io", "v2", "tenants", "tenant", "Tenant", "tenant", true, true},
    {TRAEFIK, "ingressroutetcps", "ingressroutetcp", "IngressRouteTCP", "", true, true},
    {TRAEFIK, "ingressrouteudps", "ingressrouteudp", "IngressRouteUDP", "", true, true},
    {TRAEFIK, "middlewaretcps", "middlewaretcp", "MiddlewareTCP", "", true, true},
    {TRAEFIK, "serverstransports", "serverstransport", "ServersTransport", "", true, true},
    {TRAEFIK, "serverstransporttcps", "serverstransporttcp", "ServersTransportTCP", "", true, true},
    {TRAEFIK, "tlsstores", "tlsstore", "TLSStore", "", true, true},
    {ARGO, "applicationsets", "applicationset", "ApplicationSet", "appset,appsets", true, true},
    {CERT, "issuers", "issuer", "Issuer", "iss", true, true},
    {"external-secrets.io", "v1alpha1", "pushsecrets", "pushsecret", "PushSecret", "ps", true, true},
    {ESO, "clusterexternalsecrets", "clusterexternalsecret", "ClusterExternalSecret", "ces", false, true},
    {"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "mutatingwebhookconfiguration", "MutatingWebhookConfiguration", "", false, false},
    {"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "validatingwebhookconfiguration", "ValidatingWebhookConfiguration", "", false, false},
    {"events.k8s.io", "v1", "events", "event", "Event", "ev", true, false},
    {"externaldns.k8s.io", "v1alpha1", "dnsendpoints", "dnsendpoint", "DNSEndpoint", "", true, true},
};
/* clang-format on */

const size_t resource_count = BN_COUNT(resources);

const struct resource *resource_find(struct span group, struct span version, struct span plural)
{
    for (size_t i = 0; i < resource_count; i++)
        if (span_is(plural, resources[i].plural) && span_is(group, resources[i].group) &&
            span_is(version, resources[i].version))
            return &resources[i];
    return NULL;
}

const struct resource *resource_of_object(struct span api_version, struct span kind)
{
    size_t slash = span_find(api_version, '/', 0);
    bool core = slash == api_version.len;
    struct span group = core ? SPAN("") : span_sub(api_version, 0, slash);
    struct span version = core ? api_version : span_sub(api_version, slash + 1, api_version.len);
    for (size_t i = 0; i < resource_count; i++)
        if (span_is(kind, resources[i].kind) && span_is(group, resources[i].group) &&
            span_is(version, resources[i].version))
            return &resources[i];
    return NULL;
}

const struct resource *resource_named(struct span name)
{
    for (size_t i = 0; i < resource_count; i++)
        if (span_is(name, resources[i].plural) || span_is(name, resources[i].singular))
            return &resources[i];
    return NULL;
}

const struct resource *resource_kept(const struct resource *r)
{
    bool newer = span_is(span_from(r->group), "events.k8s.io");
    return newer ? resource_find(SPAN(""), SPAN("v1"), SPAN("events")) : r;
}
