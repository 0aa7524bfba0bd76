/* kubeconfig: choosing a context and checking what it leads to. */
#include <config.h>

#include "base/strbuf.h"
#include "net/kubeconfig_data.h"

#include <string.h>

#define NAMES_IN_SENTENCE 12

size_t kubeconfig_contexts(const struct kubeconfig *config)
{
    return config->context_count;
}

const struct kube_context *kubeconfig_context_at(const struct kubeconfig *config, size_t i)
{
    bn_assert(i < config->context_count);
    return &config->contexts[i];
}

const char *kubeconfig_current(const struct kubeconfig *config)
{
    return config->current;
}

/* "a, b, c and 3 more" */
static void name_contexts(const struct kubeconfig *config, struct strbuf *out)
{
    for (size_t i = 0; i < config->context_count; i++) {
        if (i == NAMES_IN_SENTENCE) {
            strbuf_addf(out, " and %zu more", config->context_count - i);
            return;
        }
        strbuf_addf(out, "%s%s", i ? ", " : "", config->contexts[i].name);
    }
}

const struct kube_context *kubeconfig_context(const struct kubeconfig *config, const char *name,
                                              struct err *err)
{
    const char *wanted = name ? name : config->current;
    struct strbuf names = STRBUF_INIT(300);

    for (size_t i = 0; wanted && i < config->context_count; i++)
        if (strcmp(config->contexts[i].name, wanted) == 0)
            return &config->contexts[i];
    name_contexts(config, &names);
    if (!wanted)
        (void)err_set(err, ERR_CONFIG,
                      "the kubeconfig has no current-context: choose one with --context: %s",
                      strbuf_cstr(&names));
    else
        (void)err_set(err, ERR_CONFIG, "%s \"%s\" is not in the kubeconfig; there are: %s",
                      name ? "context" : "current-context", wanted, strbuf_cstr(&names));
    strbuf_clear(&names);
    return NULL;
}

static const struct kube_cluster *find_cluster(const struct kubeconfig *config, const char *name)
{
    for (size_t i = 0; name && i < config->cluster_count; i++)
        if (strcmp(config->clusters[i].name, name) == 0)
            return &config->clusters[i];
    return NULL;
}

static const struct kube_user *find_user(const struct kubeconfig *config, const char *name)
{
    for (size_t i = 0; name && i < config->user_count; i++)
        if (strcmp(config->users[i].name, name) == 0)
            return &config->users[i];
    return NULL;
}

static bool check_cluster(const struct kube_cluster *c, struct err *err)
{
    const char *scheme = c->server ? strstr(c->server, "://") : NULL;

    if (!c->server)
        return err_set(err, ERR_CONFIG, "%s:%d: cluster %s has no server", c->file, c->line,
                       c->name);
    if (scheme && !span_starts(span_from(c->server), "https://") &&
        !span_starts(span_from(c->server), "http://"))
        return err_set(err, ERR_CONFIG, "%s:%d: server of cluster %s must begin with https://",
                       c->file, c->line, c->name);
    if (c->insecure && (c->ca_file || c->ca_pem.len > 0))
        return err_set(err, ERR_CONFIG,
                       "%s:%d: cluster %s has both a certificate authority and "
                       "insecure-skip-tls-verify: remove one",
                       c->file, c->line, c->name);
    return true;
}

static bool check_user(const struct kube_user *u, struct err *err)
{
    const bool cert = u->cert_file || u->cert_pem.len > 0;
    const bool key = u->key_file || u->key_pem.len > 0;

    if (u->auth_provider)
        return err_set(err, ERR_CONFIG,
                       "%s:%d: user %s logs in by auth-provider %s, which Kubernetes 1.26 removed: "
                       "use an exec plug-in",
                       u->file, u->line, u->name, u->auth_provider);
    if (cert != key)
        return err_set(err, ERR_CONFIG, "%s:%d: user %s has a client %s without its %s", u->file,
                       u->line, u->name, cert ? "certificate" : "key",
                       cert ? "key" : "certificate");
    if (!u->impersonate && (u->impersonate_uid || u->impersonate_extras > 0 ||
                            (u->impersonate_groups && u->impersonate_groups[0])))
        return err_set(err, ERR_CONFIG,
                       "%s:%d: user %s has as-groups, as-uid or as-user-extra without as: name the "
                       "user to act as",
                       u->file, u->line, u->name);
    if ((u->token || u->token_file) && u->username)
        return err_set(err, ERR_CONFIG,
                       "%s:%d: user %s has both a token and a user name: remove one", u->file,
                       u->line, u->name);
    return true;
}

bool kubeconfig_resolve(const struct kubeconfig *config, const struct kube_context *context,
                        const struct kube_cluster **cluster, const struct kube_user **user,
                        struct err *err)
{
    const struct kube_cluster *c = find_cluster(config, context->cluster);
    const struct kube_user *u = find_user(config, context->user);

    if (!c)
        return err_set(
            err, ERR_CONFIG, "%s:%d: context %s names the cluster \"%s\", which is not there",
            context->file, context->line, context->name, context->cluster ? context->cluster : "");
    if (!u && context->user)
        return err_set(err, ERR_CONFIG, "%s:%d: context %s names the user \"%s\", who is not there",
                       context->file, context->line, context->name, context->user);
    if (!check_cluster(c, err) || (u && !check_user(u, err)))
        return false;
    *cluster = c;
    *user = u;
    return true;
}

static bool same_name(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

const struct kube_context *kubeconfig_other_user(const struct kubeconfig *config,
                                                 const struct kube_context *context)
{
    for (size_t i = 0; i < config->context_count; i++) {
        const struct kube_context *other = &config->contexts[i];

        if (same_name(other->cluster, context->cluster) && other->user &&
            !same_name(other->user, context->user))
            return other;
    }
    return NULL;
}

size_t kubeconfig_warnings(const struct kubeconfig *config)
{
    return config->warning_count;
}

const char *kubeconfig_warning_at(const struct kubeconfig *config, size_t i)
{
    bn_assert(i < config->warning_count);
    return config->warnings[i];
}

size_t kubeconfig_files(const struct kubeconfig *config)
{
    size_t count = 0;

    for (size_t i = 0; i < config->file_count; i++)
        count += config->files[i].present;
    return count;
}

const char *kubeconfig_file_at(const struct kubeconfig *config, size_t i)
{
    for (size_t k = 0; k < config->file_count; k++)
        if (config->files[k].present && i-- == 0)
            return config->files[k].path;
    return NULL;
}

bool kubeconfig_changed(const struct kubeconfig *config)
{
    for (size_t i = 0; i < config->file_count; i++) {
        const struct config_file *file = &config->files[i];
        struct stat st;
        const bool present = stat(file->path, &st) == 0;

        if (present != file->present)
            return true;
        if (present && (st.st_size != file->size || st.st_mtim.tv_sec != file->modified.tv_sec ||
                        st.st_mtim.tv_nsec != file->modified.tv_nsec))
            return true;
    }
    return false;
}

bool kubeconfig_in_cluster(const struct kubeconfig *config)
{
    return config->in_cluster;
}
