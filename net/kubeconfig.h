/* kubeconfig files, merged by client-go's rules: --kubeconfig alone, else the
 * list in KUBECONFIG (the first file with an entry wins it whole), else
 * ~/.kube/config, else, only when that gives nothing, the pod we run in.
 * [client-go tools/clientcmd/loader.go, merged_client_builder.go] */
#ifndef BINNACLE_NET_KUBECONFIG_H
#define BINNACLE_NET_KUBECONFIG_H

#include "base/err.h"
#include "base/span.h"

#define KUBECONFIG_FILES_MAX 64

/* Where to look; a plain value so that tests need not change the environment. */
struct kubeconfig_env {
    const char *path;                        /* --kubeconfig; NULL: not given */
    const char *kubeconfig;                  /* $KUBECONFIG */
    const char *home;                        /* $HOME */
    const char *service_host, *service_port; /* $KUBERNETES_SERVICE_HOST, _PORT */
    const char *service_account;             /* folder with token, ca.crt, namespace */
};

/* From the process' environment. path: --kubeconfig or NULL. */
struct kubeconfig_env kubeconfig_env_read(const char *path);

struct kube_cluster {
    const char *name;
    const char *server;  /* "https://host:6443", path allowed */
    const char *ca_file; /* absolute; NULL: none */
    struct span ca_pem;  /* decoded; beats ca_file */
    bool insecure;
    const char *tls_server_name, *proxy_url; /* NULL: none */
    bool no_gzip;
    const char *exec_config; /* JSON, handed to login plug-ins; NULL: none */
    const char *file;        /* where it stands, for sentences */
    int line;
};

struct kube_exec_var {
    const char *name, *value;
};

enum kube_exec_mode { KUBE_EXEC_NEVER, KUBE_EXEC_IF_AVAILABLE, KUBE_EXEC_ALWAYS };

struct kube_exec {
    const char *api_version; /* "client.authentication.k8s.io/v1" */
    const char *command;     /* absolute, or without "/": searched in PATH */
    const char *const *args; /* NULL ends; never NULL itself */
    const struct kube_exec_var *env;
    size_t env_count;
    const char *install_hint; /* NULL: none */
    bool provide_cluster_info;
    enum kube_exec_mode mode;
};

/* A key of "as-user-extra" with one of its values. */
struct kube_extra {
    const char *key, *value;
};

struct kube_user {
    const char *name;
    const char *token, *token_file; /* the file beats the text */
    const char *cert_file, *key_file;
    struct span cert_pem, key_pem; /* decoded; beat the files */
    const char *username, *password;
    const char *impersonate, *impersonate_uid; /* "as", "as-uid" */
    const char *const *impersonate_groups;     /* NULL ends; NULL: none */
    const struct kube_extra *impersonate_extra;
    size_t impersonate_extras;
    const struct kube_exec *exec; /* NULL: none */
    const char *auth_provider;    /* removed from client-go 1.26: refused with a sentence */
    const char *file;
    int line;
};

struct kube_context {
    const char *name;
    const char *cluster, *user; /* names */
    const char *namespace_name; /* "default" when not set */
    const char *file;
    int line;
};

struct kubeconfig;

/* Reads and merges; wipes its secrets when freed. NULL and *err: ERR_CONFIG as
 * "file:line:column: what", ERR_NOTFOUND when there is none anywhere. */
struct kubeconfig *kubeconfig_load(const struct kubeconfig_env *env, struct err *err) BN_MUST_USE;
void kubeconfig_free(struct kubeconfig *config); /* NULL is allowed */

/* All returned things are borrowed from config. */
size_t kubeconfig_contexts(const struct kubeconfig *config);
const struct kube_context *kubeconfig_context_at(const struct kubeconfig *config, size_t i);
const char *kubeconfig_current(const struct kubeconfig *config); /* NULL: none named */
/* The context with this name, or the current one when name is NULL. An unknown
 * one is an error that names those there are. */
const struct kube_context *kubeconfig_context(const struct kubeconfig *config, const char *name,
                                              struct err *err) BN_MUST_USE;
/* What a context leads to, checked: server present and http(s), no CA beside
 * insecure, certificate with key, ... user may be NULL (none named: anonymous). */
bool kubeconfig_resolve(const struct kubeconfig *config, const struct kube_context *context,
                        const struct kube_cluster **cluster, const struct kube_user **user,
                        struct err *err) BN_MUST_USE;

/* Another context that leads to the same cluster with another user: the way in
 * that is left when a login fails. NULL: none. */
const struct kube_context *kubeconfig_other_user(const struct kubeconfig *config,
                                                 const struct kube_context *context);

/* Sentences on what works but should not stay so (a world-readable file, no TLS verification). */
size_t kubeconfig_warnings(const struct kubeconfig *config);
const char *kubeconfig_warning_at(const struct kubeconfig *config, size_t i);
/* Files that were read, for the sources screen and for noticing changes. */
size_t kubeconfig_files(const struct kubeconfig *config);
const char *kubeconfig_file_at(const struct kubeconfig *config, size_t i);
/* True when one of the files has another modification time or size than when it was read. */
bool kubeconfig_changed(const struct kubeconfig *config);
bool kubeconfig_in_cluster(const struct kubeconfig *config);

#endif
