/* A context's store and source: opened, left, and waited for. */
#include <config.h>

#include "app/config.h"
#include "app/session_impl.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define SETTINGS_MAX 12

static char *setting(const char *name, const char *value)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    strbuf_addf(&text, "%s=%s", name, value);
    return strbuf_take(&text);
}

static void free_settings(char **settings)
{
    for (; *settings; settings++)
        free(*settings);
}

/* What the backend cannot know by itself. Readers that look at one namespace
 * need not see, nor be allowed to see, things of the same kind in the others;
 * what these lead to may stand anywhere. */
static void add_settings(const struct session *s, const struct kube_context *context,
                         char *settings[SETTINGS_MAX])
{
    char relist[32];
    size_t n = 0;
    const char *scope = s->asked_namespace ? s->asked_namespace : context->namespace_name;
    (void)snprintf(relist, sizeof(relist), "%lld", (long long)config_number(s->config, "relist"));
    settings[n++] = setting("context", context->name);
    settings[n++] = setting("relist", relist);
    settings[n++] = setting("namespaces", config_text(s->config, "namespaces"));
    if (s->kubeconfig_path)
        settings[n++] = setting("kubeconfig", s->kubeconfig_path);
    if (s->scope_kind && !s->all_namespaces) {
        settings[n++] = setting("scope", scope);
        settings[n++] = setting("scope_kind", s->scope_kind);
    }
    settings[n] = NULL;
}

static void describe_cluster(const struct session *s, const struct connection *c,
                             const struct kube_context *context)
{
    const struct kube_cluster *cluster = NULL;
    const struct kube_user *user;
    struct strbuf server = STRBUF_INIT(4096);
    if (kubeconfig_resolve(s->kubeconfig, context, &cluster, &user, NULL)) {
        strbuf_add_address(&server, span_from(cluster->server));
        store_describe_source(c->store, CLUSTER, strbuf_cstr(&server),
                              credential_name(c->credential), NULL);
    }
    strbuf_clear(&server);
}

static bool start_cluster(struct session *s, struct connection *c,
                          const struct kube_context *context, struct err *err)
{
    char *settings[SETTINGS_MAX] = {NULL};
    const struct backend *backend = backend_find("kubernetes");
    bn_assert(backend != NULL);
    add_settings(s, context, settings);
    const struct source_spec spec = {
        .backend = backend,
        .name = context->name,
        .cluster = context->name,
        .parent = SOURCE_NONE,
        .at_once = true,
        .credential = c->credential,
        .settings = (const char *const *)settings,
    };
    uint16_t number = sources_add(c->sources, &spec, err);
    free_settings(settings);
    bn_assert(number == CLUSTER || number == SOURCE_NONE);
    if (number == SOURCE_NONE)
        return false;
    describe_cluster(s, c, context);
    return true;
}

static void want_for_discovery(void *context, uint16_t kind)
{
    struct connection *c = context;
    if (c->wants[kind]++ == 0)
        sources_want(c->sources, kind, true);
}

/* How hosts out in the world are asked; how many settings that takes. */
static size_t add_outside(const struct session *s, char **settings)
{
    char everything[64];
    size_t n = 0;
    (void)snprintf(everything, sizeof(everything), "*=%s", s->outside ? s->outside : "");
    settings[n++] =
        setting("addresses", s->outside ? everything : config_text(s->config, "probe_addresses"));
    settings[n++] =
        setting("resolver", s->outside ? s->outside : config_text(s->config, "probe_resolver"));
    settings[n++] = setting("private", config_bool(s->config, "probe_private") ? "true" : "");
    settings[n++] = setting("secrets", config_bool(s->config, "probe_secrets") ? "true" : "false");
    if (s->outside_ca)
        settings[n++] = setting("ca", s->outside_ca);
    return n;
}

/* What was changed from this machine, in whatever context. */
static void start_audit(const struct session *s, struct connection *c,
                        const struct kube_context *context)
{
    const struct backend *backend = backend_find("audit");
    char *settings[2] = {NULL}, *path = file_audit_path(clock_is_shifted(s->clock));
    struct err err;
    settings[0] = setting("path", path ? path : "");
    const struct source_spec spec = {
        .backend = backend,
        .name = "audit-log",
        .cluster = context->name,
        .parent = SOURCE_NONE,
        .settings = (const char *const *)settings,
    };
    if (backend && sources_add(c->sources, &spec, &err) == SOURCE_NONE) /* a test has others */
        log_write(LOG_ERROR, "audit", "%s", err.msg);
    free_settings(settings);
    free(path);
}

/* What else there is: through the cluster, or beside it. */
static void start_others(struct session *s, struct connection *c,
                         const struct kube_context *context)
{
    char *settings[SETTINGS_MAX] = {NULL};
    size_t n = 0;
    settings[n++] = setting("context", context->name);
    n += add_outside(s, settings + n);
    if (s->kubeconfig_path)
        settings[n++] = setting("kubeconfig", s->kubeconfig_path);
    static const char *const granted[] = {"ask=true", NULL};
    const struct discover_options options = {
        .config = s->config,
        .kinds = &s->catalogue.kinds,
        .store = c->store,
        .sources = c->sources,
        .clock = s->clock,
        .cluster = context->name,
        .settings = (const char *const *)settings,
        .granted = s->outside ? granted : NULL,
        .credential = c->credential,
        .outward = config_bool(s->config, "probes"),
        .once = s->once,
        .want = want_for_discovery,
        .context = c,
    };
    c->discover = discover_new(&options);
    free_settings(settings);
}

static void connection_free(struct connection *c)
{
    discover_free(c->discover);
    sources_free(c->sources);
    inbox_free(c->inbox);
    store_free(c->store);
    credential_unref(c->credential);
    free(c->wants);
    free(c);
}

static bool open_parts(struct session *s, struct connection *c, const struct kube_context *context,
                       struct err *err)
{
    c->credential = kube_credential(s->kubeconfig, context, s->clock, err);
    if (!c->credential)
        return false;
    if (s->on_terminal && credential_likes_terminal(c->credential) &&
        !credential_login(c->credential, err))
        return false;
    c->inbox = inbox_new(err);
    if (!c->inbox)
        return false;
    c->store = store_new(&s->catalogue.kinds);
    if (!c->store)
        return err_set(err, ERR_NOMEM, "there is no memory for the tables");
    const struct sources_options options = {.kinds = &s->catalogue.kinds,
                                            .clock = s->clock,
                                            .store = c->store,
                                            .inbox = c->inbox,
                                            .once = s->once};
    c->sources = sources_new(&options);
    if (!start_cluster(s, c, context, err))
        return false;
    start_audit(s, c, context);
    start_others(s, c, context);
    return true;
}

void connection_want(struct connection *c, uint16_t kind)
{
    if (c->wants[kind]++ == 0)
        sources_want(c->sources, kind, true);
    discover_wanted(c->discover, kind);
}

void connection_unwant(struct connection *c, uint16_t kind)
{
    if (--c->wants[kind] == 0)
        sources_want(c->sources, kind, false);
}

struct connection *connection_open(struct session *s, const char *name, struct err *err)
{
    const struct kube_context *context = kubeconfig_context(s->kubeconfig, name, err);
    if (!context)
        return NULL;
    struct connection *c = xalloc_zero(1, sizeof(*c));
    (void)snprintf(c->context, sizeof(c->context), "%s", context->name);
    (void)snprintf(c->namespace_, sizeof(c->namespace_), "%s", context->namespace_name);
    c->production = config_is_production(s->config, context->name);
    c->wants = xalloc_zero(s->catalogue.kinds.count + 1, sizeof(*c->wants));
    if (!open_parts(s, c, context, err)) {
        connection_free(c);
        return NULL;
    }
    for (size_t i = 0; i < s->catalogue.kinds.count; i++) /* of the new one too */
        if (s->wants[i])
            connection_want(c, (uint16_t)i);
    return c;
}

void connection_leave(struct session *s, struct connection *c)
{
    sources_stop(c->sources);
    inbox_close(c->inbox);
    c->next = s->leaving;
    s->leaving = c;
}

bool connection_reap(struct session *s, int64_t ms)
{
    struct connection **at = &s->leaving;
    while (*at) {
        struct connection *c = *at;
        if (sources_join(c->sources, ms)) {
            *at = c->next;
            connection_free(c);
        } else {
            at = &c->next;
            ms = 0; /* the others had this time too */
        }
    }
    return s->leaving == NULL;
}
