/* What time and files ask of the session: sources without proof of life, a
 * machine that has slept, a kubeconfig or token file that was replaced. */
#include <config.h>

#include "app/session_impl.h"
#include "base/log.h"

#include <sys/stat.h>

#define SLEPT_MS       10000 /* a jump of the boot clock: the machine has slept */
#define LOOK_MS        1000
#define FILES_MS       10000 /* between looks at the kubeconfig, */
#define FILES_LOGIN_MS 2000  /* and while a login is waited for */

static enum source_state cluster_state(const struct session *s)
{
    return store_source(s->now->store, CLUSTER)->report.state;
}

/* The boot clock counts sleep, the monotonic one does not. */
static void look_for_sleep(struct session *s)
{
    int64_t boot = clock_boot_ms(s->clock), mono = clock_mono_ms(s->clock);
    int64_t slept = (boot - s->boot_ms) - (mono - s->mono_ms);
    s->boot_ms = boot;
    s->mono_ms = mono;
    if (slept < SLEPT_MS)
        return;
    log_write(LOG_INFO, "session", "the machine has slept %lld s: asking everything again",
              (long long)(slept / 1000));
    session_retry(s, SOURCE_ANY);
}

/* The kubeconfig as it is now; the old one stays when it cannot be read. */
static void read_again(struct session *s)
{
    struct err err;
    const struct kubeconfig_env env = kubeconfig_env_read(s->kubeconfig_path);
    struct kubeconfig *fresh = kubeconfig_load(&env, &err);
    const struct kube_context *context =
        fresh ? kubeconfig_context(fresh, s->now->context, &err) : NULL;
    struct credential *credential =
        context ? kube_credential(fresh, context, s->clock, &err) : NULL;
    if (!credential) {
        log_write(LOG_WARNING, "kubeconfig", "it has changed and is not taken: %s", err.msg);
        kubeconfig_free(fresh);
        return;
    }
    kubeconfig_free(s->kubeconfig);
    s->kubeconfig = fresh;
    credential_unref(s->now->credential);
    s->now->credential = credential;
    sources_set_credential(s->now->sources, credential);
    log_write(LOG_INFO, "kubeconfig", "it has changed and was read again");
    if (cluster_state(s) > SOURCE_PARTIAL) /* what works is left alone */
        sources_retry(s->now->sources, SOURCE_ANY);
}

static bool token_changed(struct session *s)
{
    const struct kube_context *context = kubeconfig_context(s->kubeconfig, s->now->context, NULL);
    const struct kube_cluster *cluster;
    const struct kube_user *user = NULL;
    struct stat st;
    if (!context || !kubeconfig_resolve(s->kubeconfig, context, &cluster, &user, NULL) || !user ||
        !user->token_file || stat(user->token_file, &st) != 0)
        return false;
    bool changed = s->token_time.tv_sec && (s->token_time.tv_sec != st.st_mtim.tv_sec ||
                                            s->token_time.tv_nsec != st.st_mtim.tv_nsec);
    s->token_time = st.st_mtim;
    return changed;
}

static void look_at_files(struct session *s)
{
    int64_t mono = clock_mono_ms(s->clock);
    bool login = cluster_state(s) == SOURCE_LOGIN;
    if (mono < s->files_ms && !(login && mono >= s->files_ms - FILES_MS + FILES_LOGIN_MS))
        return;
    s->files_ms = mono + FILES_MS;
    if (kubeconfig_changed(s->kubeconfig))
        read_again(s);
    if (token_changed(s) && login)
        sources_retry(s->now->sources, SOURCE_ANY);
}

void session_look(struct session *s)
{
    int64_t mono = clock_mono_ms(s->clock);
    if (s->once || mono < s->look_ms)
        return;
    s->look_ms = mono + LOOK_MS;
    look_for_sleep(s);
    sources_look(s->now->sources);
    look_at_files(s);
}

int64_t session_next_look(const struct session *s)
{
    return s->once ? TIME_FOREVER : s->look_ms;
}
