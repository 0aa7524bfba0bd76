/* Where actions act: the context's API server, and by way of it or directly the systems beside it. */
#include <config.h>

#include "actions/target.h"

#include "actions/target_impl.h"
#include "base/alloc.h"
#include "net/recipe.h"

#include <stdlib.h>
#include <string.h>

#define RECIPE_MS 20000
#define NAMES_MAX 4096

extern const struct channel channel_kube, channel_mysql, channel_redis, channel_s3,
    channel_sentinel, channel_terraform, channel_vault;

const struct channel *const channel_registry[] = {
    &channel_kube,     &channel_mysql,     &channel_redis, &channel_s3,
    &channel_sentinel, &channel_terraform, &channel_vault, NULL};

const struct channel *channel_of(const struct deed *d)
{
    if (!d->system)
        return &channel_kube;
    for (const struct channel *const *c = channel_registry; *c; c++)
        if (strcmp((*c)->system, d->system) == 0)
            return *c;
    return NULL;
}

/* ---- Opening. */

static bool connect_to(struct target *t, const struct target_options *o, struct err *err)
{
    const struct kubeconfig_env env = kubeconfig_env_read(o->kubeconfig);
    t->config = kubeconfig_load(&env, err);
    t->context = t->config ? kubeconfig_context(t->config, o->context, err) : NULL;
    if (!t->context)
        return false;
    t->credential = kube_credential(t->config, t->context, o->clock, err);
    if (t->credential)
        t->http = kube_client(t->config, t->context, t->credential, o->cancel_fd, err);
    t->cluster = (struct reach_cluster){
        .config = t->config, .context = t->context, .credential = t->credential};
    return t->http != NULL;
}

struct target *target_open(const struct target_options *o, struct err *err)
{
    if (o->read_only) {
        (void)err_set(err, ERR_DENIED, "--read-only: nothing is changed, and nothing was asked");
        return NULL;
    }
    struct target *t = xalloc_zero(1, sizeof(*t));
    t->clock = o->clock;
    t->cancel_fd = o->cancel_fd > 0 ? o->cancel_fd : -1;
    t->secrets = secrets_new();
    sites_copy(&t->said, o->sites);
    if (!connect_to(t, o, err)) {
        target_close(t);
        return NULL;
    }
    return t;
}

void target_close(struct target *t)
{
    if (!t)
        return;
    while (t->nlinks)
        target_drop(t, t->links[0].key);
    secrets_free(t->secrets);
    sites_clear(&t->said);
    sites_clear(&t->found);
    kube_discovery_free(t->served);
    http_free(t->http);
    credential_unref(t->credential);
    kubeconfig_free(t->config);
    free(t);
}

const char *target_context(const struct target *t)
{
    return t->context->name;
}

const char *target_namespace(const struct target *t)
{
    return t->context->namespace_name;
}

const char *target_server(const struct target *t)
{
    return http_origin(t->http);
}

int64_t target_now(const struct target *t)
{
    return clock_wall_ms(t->clock);
}

const struct clock *target_clock(const struct target *t)
{
    return t->clock;
}

int target_cancel_fd(const struct target *t)
{
    return t->cancel_fd;
}

/* ---- Connections that are kept. */

static size_t find_link(const struct target *t, const char *key)
{
    size_t i = 0;
    while (i < t->nlinks && strcmp(t->links[i].key, key) != 0)
        i++;
    return i;
}

void *target_link(struct target *t, const char *key)
{
    size_t i = find_link(t, key);
    return i < t->nlinks ? t->links[i].what : NULL;
}

void target_drop(struct target *t, const char *key)
{
    size_t i = find_link(t, key);
    if (i == t->nlinks)
        return;
    struct target_link l = t->links[i];
    t->nlinks--;
    memmove(&t->links[i], &t->links[i + 1], (t->nlinks - i) * sizeof(l));
    l.close(l.what);
    free(l.key);
}

void target_keep(struct target *t, const char *key, void *what, void (*close)(void *what))
{
    target_drop(t, key);
    if (t->nlinks == TARGET_LINKS_MAX)
        target_drop(t, t->links[0].key);
    t->links[t->nlinks++] =
        (struct target_link){.key = xalloc_text(key), .what = what, .close = close};
}

/* ---- Sites. */

void sites_add(struct sites *s, const char *system, const char *name, const char *const *settings)
{
    size_t n = 0;
    while (settings[n])
        n++;
    s->sites = xalloc_resize(s->sites, s->count + 1, sizeof(*s->sites));
    struct site *site = &s->sites[s->count++];
    *site = (struct site){.system = xalloc_text(system),
                          .name = xalloc_text(name),
                          .settings = xalloc_zero(n + 1, sizeof(*site->settings))};
    for (size_t i = 0; i < n; i++)
        site->settings[i] = xalloc_text(settings[i]);
}

void sites_copy(struct sites *s, const struct sites *from)
{
    s->alone = s->alone || (from && from->alone);
    for (size_t i = 0; from && i < from->count; i++)
        sites_add(s, from->sites[i].system, from->sites[i].name,
                  (const char *const *)from->sites[i].settings);
}

void sites_clear(struct sites *s)
{
    for (size_t i = 0; i < s->count; i++) {
        for (char **one = s->sites[i].settings; *one; one++)
            free(*one);
        free(s->sites[i].settings);
        free(s->sites[i].system);
        free(s->sites[i].name);
    }
    free(s->sites);
    *s = (struct sites){0};
}

const char *site_setting(const struct site *s, const char *name)
{
    size_t len = strlen(name);
    for (char **one = s->settings; *one; one++)
        if (strncmp(*one, name, len) == 0 && (*one)[len] == '=')
            return *one + len + 1;
    return NULL;
}

bool site_setting_true(const struct site *s, const char *name)
{
    const char *text = site_setting(s, name);
    return text && strcmp(text, "true") == 0;
}

static struct site *find_site(const struct sites *s, const char *system, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->sites[i].system, system) == 0 &&
            (!name[0] || strcmp(s->sites[i].name, name) == 0))
            return &s->sites[i];
    return NULL;
}

/* What the configuration says of a site goes before what is found; with a way of its own it is all
 * that counts. */
static void complete(struct target *t, const struct site *found, struct sites *out)
{
    const struct site *said = find_site(&t->said, found->system, found->name);
    const char *settings[64];
    size_t n = 0;
    if (said && site_setting(said, "reach"))
        return;
    for (char **one = said ? said->settings : NULL; one && *one && n < 32; one++)
        settings[n++] = *one;
    for (char **one = found->settings; *one && n < BN_COUNT(settings) - 1; one++)
        settings[n++] = *one;
    settings[n] = NULL;
    sites_add(out, found->system, found->name, settings);
}

static bool look(struct target *t, const char *system, struct err *err)
{
    const struct channel *c = channel_of(&(struct deed){.system = system});
    struct sites found = {0};
    size_t n = 0;
    while (t->looked[n] && t->looked[n] != c)
        n++;
    if (!c || !c->find || t->looked[n] || t->said.alone)
        return true;
    bool ok = c->find(t, &found, err);
    for (size_t i = 0; ok && i < found.count; i++)
        complete(t, &found.sites[i], &t->found);
    sites_clear(&found);
    if (ok && n < CHANNELS - 1)
        t->looked[n] = c;
    return ok;
}

static size_t name_all(const struct sites *s, const char *system, bool reached, struct strbuf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->sites[i].system, system) != 0 ||
            (reached && !site_setting(&s->sites[i], "reach")))
            continue;
        strbuf_addf(out, "%s%s", out->len ? ", " : "", s->sites[i].name);
        n++;
    }
    return n;
}

const struct site *target_site(struct target *t, const char *system, const char *name,
                               struct err *err)
{
    struct strbuf names = STRBUF_INIT(NAMES_MAX);
    const struct site *said = name[0] ? find_site(&t->said, system, name) : NULL;
    if (said && site_setting(said, "reach"))
        return said;
    if (!look(t, system, err))
        return NULL;
    size_t n =
        name_all(&t->said, system, true, &names) + name_all(&t->found, system, false, &names);
    const struct site *s = find_site(&t->found, system, name);
    for (size_t i = 0; !s && i < t->said.count; i++)
        if (site_setting(&t->said.sites[i], "reach") && !name[0] &&
            strcmp(t->said.sites[i].system, system) == 0)
            s = &t->said.sites[i];
    if (!n)
        (void)err_set(err, ERR_NOTFOUND, "no %s is found in %s, and the configuration names none",
                      system, t->context->name);
    else if (!name[0] && n > 1)
        (void)err_set(err, ERR_CONFIG, "which %s? there is %s", system, strbuf_cstr(&names));
    else if (!s)
        (void)err_set(err, ERR_NOTFOUND, "there is no %s %s; there is %s", system, name,
                      strbuf_cstr(&names));
    strbuf_clear(&names);
    return n && (name[0] || n == 1) ? s : NULL;
}

const char *target_setting(const struct target *t, const struct site *s, const char *name)
{
    const struct site *all = find_site(&t->said, s->system, "*");
    const char *text = site_setting(s, name);
    return text || !all ? text : site_setting(all, name);
}

const char *target_known_setting(const struct target *t, const struct deed *d, const char *name)
{
    struct span at = span_from(d->at);
    char *site = xalloc_bytes(at.data ? at.data : "", span_find_last(at, '@'));
    const struct site *s = find_site(&t->found, d->system, site);
    s = s ? s : find_site(&t->said, d->system, site);
    free(site);
    return s ? target_setting(t, s, name) : NULL;
}

const struct site *target_next_site(struct target *t, const char *system, size_t *at,
                                    struct err *err)
{
    if (!look(t, system, err))
        return NULL;
    while (*at < t->said.count + t->found.count) {
        size_t i = (*at)++;
        const struct site *s =
            i < t->said.count ? &t->said.sites[i] : &t->found.sites[i - t->said.count];
        if (strcmp(s->system, system) == 0 && site_setting(s, "reach"))
            return s;
    }
    return NULL;
}

void site_reach(const struct site *s, struct span server, struct strbuf *out)
{
    const char *reach = site_setting(s, "reach"), *nodes = site_setting(s, "nodes");
    if (!server.len && nodes)
        server = span_sub(span_from(nodes), 0, strcspn(nodes, ","));
    for (; reach && *reach; reach++)
        if (*reach == '*')
            strbuf_add(out, server);
        else
            strbuf_addc(out, *reach);
}

const struct site *target_at(struct target *t, const struct deed *d, struct span *server,
                             struct err *err)
{
    struct span at = span_from(d->at);
    size_t mark = span_find_last(at, '@');
    char *name = xalloc_bytes(at.data ? at.data : "", mark);
    const struct site *s = target_site(t, d->system, name, err);
    *server = span_sub(at, mark + 1, at.len);
    free(name);
    return s;
}

bool target_recipe(struct target *t, const char *text, struct strbuf *out, struct err *err)
{
    const struct stream_wait wait = stream_wait_for(RECIPE_MS, t->cancel_fd);
    struct recipe *recipe = recipe_parse(text, err);
    bool ok = recipe && recipe_read(recipe, &t->cluster, &wait, out, err);
    recipe_free(recipe);
    return ok;
}

bool target_site_secret(struct target *t, const struct site *s, const char *setting,
                        struct strbuf *out, struct err *err)
{
    const char *text = site_setting(s, setting);
    return !text || target_recipe(t, text, out, err);
}

/* ---- Deeds. */

bool target_do(struct target *t, const struct deed *d, bool dry, struct json_doc **answer,
               struct err *err)
{
    const struct channel *c = channel_of(d);
    struct strbuf body = STRBUF_INIT(HTTP_REQUEST_MAX);
    struct err why;
    err_clear(&why);
    if (!c)
        return err_set(err, ERR_CONFIG, "this program knows no way to %s", d->system);
    bool ok = true;
    /* A rehearsal makes no secret, and asks for none. */
    if (d->secrets && !dry)
        ok = secrets_expand(t, span_from(d->body), (enum secrets_form)c->form, &body, &why);
    else
        strbuf_adds(&body, d->body);
    ok = ok && c->send(t, d, strbuf_cstr(&body), dry, answer, &why);
    strbuf_wipe(&body);
    return ok || err_code(err, why.kind, why.code, "%s", why.msg);
}

bool target_look(struct target *t, const struct deed *d, struct json_doc **doc, struct err *err)
{
    struct err why;
    *doc = NULL;
    return target_do(t, d, false, doc, &why) || why.kind == ERR_NOTFOUND ||
           err_code(err, why.kind, why.code, "%s", why.msg);
}

bool target_allowed(struct target *t, const struct deed *d, struct err *err)
{
    const struct channel *c = channel_of(d);
    if (!c)
        return err_set(err, ERR_CONFIG, "this program knows no way to %s", d->system);
    return !c->allowed || c->allowed(t, d, err);
}
