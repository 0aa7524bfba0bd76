/* What a loaded kubeconfig holds: shared by the files that read and pick. */
#ifndef BINNACLE_NET_KUBECONFIG_DATA_H
#define BINNACLE_NET_KUBECONFIG_DATA_H

#include "base/arena.h"
#include "net/kubeconfig.h"

#include <sys/stat.h>

#define KUBECONFIG_WARNINGS_MAX 32

struct config_file {
    const char *path;
    bool present;
    struct timespec modified;
    off_t size;
};

struct kubeconfig {
    struct arena *arena; /* owns every text below; wiped */
    struct kube_context *contexts;
    struct kube_cluster *clusters;
    struct kube_user *users;
    size_t context_count, cluster_count, user_count;
    const char *current;
    struct config_file files[KUBECONFIG_FILES_MAX];
    size_t file_count;
    const char *warnings[KUBECONFIG_WARNINGS_MAX];
    size_t warning_count;
    bool in_cluster;
};

#endif
