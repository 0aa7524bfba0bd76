/* A context's store and source: opened, left, and waited for. */
#include <config.h>

#include "app/config.h"
#include "app/session_impl.h"
#include "base/alloc.h"
#include "base/log.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#define SETTINGS_MAX 8

/* "*prod*,live": does one of the patterns fit? */
static bool matches_any(const char *patterns, const char *name)
{
    struct span rest = span_from(patterns), one;
    while (span_split(&rest, ',', &one)) {
        struct span text = span_trim(one);
        char *pattern = xalloc_bytes(text.data, text.len);
        bool fits = pattern[0] && fnmatch(pattern, name, FNM_CASEFOLD) == 0;
        free(pattern);
        if (fits)
            return true;
    }
    return false;
}

static char *setting(const char *name, const char *value)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    strbuf_addf(&text, "%s=%s", name, value);
    return strbuf_take(&text);
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

/* The one source there is so far: the cluster of the context. */
static bool start_cluster(struct session *s, struct connection *c,
                          const struct kube_context *context, struct err *err)
{
    char *settings[SETTINGS_MAX] = {NULL};
    const struct backend *backend = backend_find("kubernetes");
    bn_assert(backend != NULL);
    add_settings(s, context, settings);
    const struct runner_options options = {
        .backend = backend,
        .name = context->name,
        .source =
            store_add_source(c->store, context->name, backend->name, context->name, SOURCE_NONE),
        .kinds = &s->catalogue.kinds,
        .clock = s->clock,
        .inbox = c->inbox,
        .once = s->once,
        .credential = c->credential,
        .settings = (const char *const *)settings,
    };
    c->runner = runner_new(&options, err);
    for (size_t i = 0; settings[i]; i++)
        free(settings[i]);
    return c->runner && runner_start(c->runner, err);
}

static void connection_free(struct connection *c)
{
    runner_free(c->runner);
    inbox_free(c->inbox);
    store_free(c->store);
    credential_unref(c->credential);
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
    return start_cluster(s, c, context, err);
}

/* What is wanted is wanted of the new one too. */
static void ask_for_wanted(const struct session *s, struct connection *c)
{
    for (size_t i = 0; i < s->catalogue.kinds.count; i++) {
        struct request request = {.type = REQUEST_WANT, .kind = (uint16_t)i};
        if (!s->wants[i])
            continue;
        store_set_wanted(c->store, 0, (uint16_t)i, true);
        runner_request(c->runner, &request);
    }
}

struct connection *connection_open(struct session *s, const char *name, struct err *err)
{
    const struct kube_context *context = kubeconfig_context(s->kubeconfig, name, err);
    if (!context)
        return NULL;
    struct connection *c = xalloc_zero(1, sizeof(*c));
    (void)snprintf(c->context, sizeof(c->context), "%s", context->name);
    (void)snprintf(c->namespace_, sizeof(c->namespace_), "%s", context->namespace_name);
    c->production = matches_any(config_text(s->config, "production"), context->name);
    c->proof_ms = c->proof_mono_ms = TIME_NONE;
    if (!open_parts(s, c, context, err)) {
        connection_free(c);
        return NULL;
    }
    ask_for_wanted(s, c);
    return c;
}

void connection_leave(struct session *s, struct connection *c)
{
    runner_stop(c->runner);
    inbox_close(c->inbox);
    c->next = s->leaving;
    s->leaving = c;
}

bool connection_reap(struct session *s, int64_t ms)
{
    struct connection **at = &s->leaving;
    while (*at) {
        struct connection *c = *at;
        if (runner_join(c->runner, ms)) {
            *at = c->next;
            connection_free(c);
        } else {
            at = &c->next;
            ms = 0; /* the others had this time too */
        }
    }
    return s->leaving == NULL;
}
