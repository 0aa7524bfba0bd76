/* From a source's settings to connections. */
#include <config.h>

#include "backends/access.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define PATH_BYTES  8192
#define KEPT_UNUSED 64 /* GETs elsewhere, after which a connection is ended */

static bool needs_cluster(const struct access *a, bool *yes, struct err *err)
{
    const struct backend_ctx *ctx = a->ctx;
    *yes = a->reach && reach_needs_cluster(a->reach);
    for (const struct setting *s = ctx_backend(ctx)->settings; s->name; s++) {
        const char *text = s->type == SETTING_SECRET ? ctx_setting(ctx, s->name) : NULL;
        struct recipe *recipe = text ? recipe_parse(text, err) : NULL;
        if (text && !recipe)
            return false;
        *yes = *yes || (recipe && recipe_needs_cluster(recipe));
        recipe_free(recipe);
    }
    return true;
}

static bool load_cluster(struct access *a, struct err *err)
{
    const char *path = ctx_setting(a->ctx, "kubeconfig");
    const struct kubeconfig_env env = kubeconfig_env_read(path);
    a->config = kubeconfig_load(&env, err);
    a->cluster.config = a->config;
    a->cluster.context =
        a->config ? kubeconfig_context(a->config, ctx_setting(a->ctx, "context"), err) : NULL;
    a->cluster.credential = a->credential = ctx_credential(a->ctx);
    return a->cluster.context != NULL;
}

static bool open_cluster(struct access *a, struct err *err)
{
    bool cluster = false;
    if (needs_cluster(a, &cluster, err) && (!cluster || load_cluster(a, err)))
        return true;
    access_close(a);
    return false;
}

bool access_open(struct access *a, struct backend_ctx *ctx, struct err *err)
{
    const char *reach = ctx_setting(ctx, "reach");
    if (!reach)
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(ctx));
    return access_open_to(a, ctx, reach, err);
}

bool access_open_to(struct access *a, struct backend_ctx *ctx, const char *reach, struct err *err)
{
    *a = (struct access){.ctx = ctx};
    a->reach = reach_parse(reach, err);
    return a->reach && open_cluster(a, err);
}

bool access_open_recipes(struct access *a, struct backend_ctx *ctx, const char *const *named,
                         struct err *err)
{
    bool cluster = false;
    *a = (struct access){.ctx = ctx};
    for (; *named; named++) {
        struct recipe *recipe = recipe_parse(strchr(*named, '=') + 1, err);
        if (!recipe)
            return false;
        cluster = cluster || recipe_needs_cluster(recipe);
        recipe_free(recipe);
    }
    if (!cluster || load_cluster(a, err))
        return true;
    access_close(a);
    return false;
}

bool access_open_secrets(struct access *a, struct backend_ctx *ctx, struct err *err)
{
    *a = (struct access){.ctx = ctx};
    return open_cluster(a, err);
}

bool access_open_cluster(struct access *a, struct backend_ctx *ctx, struct err *err)
{
    *a = (struct access){.ctx = ctx};
    if (load_cluster(a, err))
        return true;
    access_close(a);
    return false;
}

void access_close(struct access *a)
{
    reach_free(a->reach);
    kubeconfig_free(a->config);
    credential_unref(a->credential);
    *a = (struct access){0};
}

/* Its address is one out in the world, which the demonstration has at hand. */
static bool asks_the_world(const struct backend_ctx *ctx)
{
    for (const struct setting *s = ctx_backend(ctx)->settings; s->name; s++)
        if (strcmp(s->name, "addresses") == 0)
            return true;
    return false;
}

static struct reach_options options_of(const struct access *a)
{
    return (struct reach_options){
        .name = ctx_name(a->ctx),
        .ca_file = ctx_setting(a->ctx, "ca"),
        .tls_server_name = ctx_setting(a->ctx, "tls_name"),
        .insecure = ctx_setting_true(a->ctx, "insecure"),
        .addresses = asks_the_world(a->ctx) ? ctx_setting_filled(a->ctx, "addresses") : NULL,
        .cluster = a->config ? &a->cluster : NULL,
    };
}

struct http *access_http(const struct access *a, struct strbuf *prefix, struct err *err)
{
    const struct reach_options o = options_of(a);
    return reach_http(a->reach, &o, ctx_stop_fd(a->ctx), prefix, err);
}

struct http_way access_way(const struct access *a)
{
    const struct reach_options o = options_of(a);
    return reach_way(a->reach, &o);
}

struct stream *access_stream(const struct access *a, const struct stream_wait *wait,
                             struct strbuf *how, struct err *err)
{
    const struct reach_options o = options_of(a);
    return reach_stream(a->reach, &o, wait, how, err);
}

bool access_recipe(const struct access *a, const char *text, int deadline_ms, struct strbuf *out,
                   struct err *err)
{
    const struct stream_wait wait = stream_wait_for(deadline_ms, ctx_stop_fd(a->ctx));
    struct recipe *recipe = recipe_parse(text, err);
    bool ok = recipe && recipe_read(recipe, a->config ? &a->cluster : NULL, &wait, out, err);
    recipe_free(recipe);
    return ok;
}

static void add_named(struct strbuf *out, const char *reach, struct span name)
{
    for (const char *c = reach; *c; c++)
        if (*c == '*')
            strbuf_add(out, name);
        else
            strbuf_addc(out, *c);
}

/* ---- Connections that are kept between GETs. */

struct access_kept {
    struct access_kept *next;
    char *way; /* owned; the text of its reach */
    struct access access;
    struct http *http;
    struct strbuf prefix;
    unsigned unused; /* so many GETs went elsewhere since its last */
};

static void kept_free(struct access_kept *k)
{
    http_free(k->http);
    access_close(&k->access);
    strbuf_clear(&k->prefix);
    free(k->way);
    free(k);
}

void access_forget(struct access_kept **kept)
{
    while (*kept) {
        struct access_kept *k = *kept;
        *kept = k->next;
        kept_free(k);
    }
}

/* Takes out the one of this way; NULL: there is none. Those to what has gone, pods say, are ended. */
static struct access_kept *take_kept(struct access_kept **kept, const char *way)
{
    struct access_kept *found = NULL;
    while (*kept) {
        struct access_kept *k = *kept;
        const bool same = strcmp(k->way, way) == 0;
        if (!same && k->unused++ < KEPT_UNUSED) {
            kept = &k->next;
            continue;
        }
        *kept = k->next;
        if (same)
            found = k;
        else
            kept_free(k);
    }
    return found;
}

static struct access_kept *connect_to(struct backend_ctx *ctx, const char *way, struct err *err)
{
    struct access_kept *k = xalloc_zero(1, sizeof(*k));
    k->way = xalloc_text(way);
    k->prefix = (struct strbuf)STRBUF_INIT(PATH_BYTES);
    if (access_open_to(&k->access, ctx, way, err))
        k->http = access_http(&k->access, &k->prefix, err);
    if (k->http)
        return k;
    kept_free(k);
    return NULL;
}

static bool get_by(const struct access_kept *k, const char *path, int deadline_ms,
                   struct strbuf *body, struct err *err)
{
    struct strbuf where = STRBUF_INIT(2 * PATH_BYTES);
    strbuf_add(&where, strbuf_span(&k->prefix));
    strbuf_adds(&where, path);
    const struct http_request request = {
        .path = strbuf_cstr(&where), .deadline_ms = deadline_ms, .byte_limit = body->limit};
    bool ok = http_fetch(k->http, &request, ctx_stop_fd(k->access.ctx), body, NULL, err);
    strbuf_clear(&where);
    return ok;
}

bool access_get(struct backend_ctx *ctx, struct access_kept **kept, const char *reach,
                struct span name, const char *path, int deadline_ms, struct strbuf *body,
                struct err *err)
{
    struct strbuf way = STRBUF_INIT(PATH_BYTES);
    const size_t before = body->len;
    bool ok = false, again;
    add_named(&way, reach, name);
    struct access_kept *k = take_kept(kept, strbuf_cstr(&way));
    do {
        again = k != NULL;
        if (!k)
            k = connect_to(ctx, strbuf_cstr(&way), err);
        ok = k && get_by(k, path, deadline_ms, body, err);
        if (k && !ok) {
            kept_free(k);
            k = NULL;
            again = again && err->kind == ERR_IO; /* what was kept may have ended since */
        }
        if (!ok)
            strbuf_truncate(body, before);
    } while (!ok && again);
    if (k) {
        k->unused = 0;
        k->next = *kept;
        *kept = k;
    }
    strbuf_clear(&way);
    return ok;
}

bool access_secret(const struct access *a, const char *setting, int deadline_ms, struct strbuf *out,
                   struct err *err)
{
    const char *text = ctx_setting(a->ctx, setting);
    if (!text || access_recipe(a, text, deadline_ms, out, err))
        return true;
    if (err->kind != ERR_IO && err->kind != ERR_TIMEOUT && err->kind != ERR_CANCELLED &&
        err->kind != ERR_DENIED)
        err->kind = ERR_AUTH;
    return false;
}
