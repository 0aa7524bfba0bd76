/* Fuzz target: kubeconfig files. */
#include <config.h>

#include "base/strbuf.h"
#include "net/kubeconfig.h"
#include "test/fuzz/fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Everything that a session does with it. */
static void use(const struct kubeconfig *k)
{
    struct err err;

    (void)!kubeconfig_context(k, NULL, &err);
    (void)!kubeconfig_context(k, "no such", &err);
    for (size_t i = 0; i < kubeconfig_contexts(k); i++) {
        const struct kube_cluster *c;
        const struct kube_user *u;

        if (kubeconfig_resolve(k, kubeconfig_context_at(k, i), &c, &u, &err))
            bn_assert(c && c->server);
        else
            bn_assert(err.msg[0]);
    }
    for (size_t i = 0; i < kubeconfig_warnings(k); i++)
        bn_assert(kubeconfig_warning_at(k, i)[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int fd = memfd_create("kubeconfig", MFD_CLOEXEC);
    char path[64];
    struct kubeconfig_env env = {.path = path};
    struct kubeconfig *k;
    struct err err;

    bn_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    k = kubeconfig_load(&env, &err);
    if (k)
        use(k);
    else
        bn_assert(err.kind != ERR_NONE && err.msg[0]);
    kubeconfig_free(k);
    close(fd);
    return 0;
}
