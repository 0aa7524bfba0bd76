/* HTTP clients of sites. */
#include <config.h>

#include "actions/http_link.h"

#include "base/alloc.h"
#include "net/kube.h"
#include "net/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES    2048
#define HEADER_BYTES (RECIPE_VALUE_MAX + 64)

static void close_link(void *what)
{
    struct http_link *l = what;
    http_free(l->http);
    reach_free(l->reach);
    strbuf_clear(&l->prefix);
    strbuf_wipe(&l->header);
    free(l);
}

static bool open_link(struct target *t, const struct site *s, const char *reach,
                      struct http_link *l, struct err *err)
{
    const struct reach_options o = {.name = s->name,
                                    .ca_file = target_setting(t, s, "ca"),
                                    .tls_server_name = site_setting(s, "tls_name"),
                                    .addresses = target_setting(t, s, "addresses"),
                                    .insecure = site_setting_true(s, "insecure"),
                                    .cluster = &t->cluster};
    l->prefix = (struct strbuf)STRBUF_INIT(KUBE_PATH_MAX);
    l->header = (struct strbuf)STRBUF_INIT(HEADER_BYTES);
    if (!reach)
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", s->name);
    l->reach = reach_parse(reach, err);
    if (l->reach)
        l->http = reach_http(l->reach, &o, t->cancel_fd, &l->prefix, err);
    return l->http != NULL;
}

/* way: goes before what the site says; reach: after it. */
static struct http_link *link_of(struct target *t, const struct deed *d, const char *way,
                                 const char *reach, struct err *err)
{
    char key[KEY_BYTES];
    struct span server;
    (void)snprintf(key, sizeof(key), "%s %s", d->system, d->at);
    struct http_link *l = target_link(t, key);
    const struct site *s = l ? NULL : target_at(t, d, &server, err);
    if (l || !s)
        return l;
    l = xalloc_zero(1, sizeof(*l));
    const char *said = way ? way : site_setting(s, "reach");
    if (!open_link(t, s, said ? said : reach, l, err)) {
        close_link(l);
        return NULL;
    }
    target_keep(t, key, l, close_link);
    return l;
}

struct http_link *http_link_to(struct target *t, const struct deed *d, const char *reach,
                               struct err *err)
{
    return link_of(t, d, reach, NULL, err);
}

struct http_link *http_link_of(struct target *t, const struct deed *d, const char *reach,
                               struct err *err)
{
    return link_of(t, d, NULL, reach, err);
}

bool http_link_header(struct target *t, const struct deed *d, struct http_link *l,
                      const char *setting, const char *before, struct err *err)
{
    struct strbuf value = STRBUF_INIT(RECIPE_VALUE_MAX);
    struct span server;
    if (l->has_header)
        return true;
    const struct site *s = target_at(t, d, &server, err);
    bool ok = s && target_site_secret(t, s, setting, &value, err);
    if (ok && value.len) {
        strbuf_adds(&l->header, before);
        strbuf_add(&l->header, span_trim(strbuf_span(&value)));
    }
    l->has_header = ok;
    strbuf_wipe(&value);
    return ok;
}

bool http_link_ask(struct target *t, const struct deed *d, const struct http_link *l,
                   const char *body, const struct http_request *r, struct strbuf *out,
                   struct http_result *result, struct err *err)
{
    struct strbuf path = STRBUF_INIT(2 * KUBE_PATH_MAX);
    struct http_request whole = *r;
    strbuf_addf(&path, "%s%s", strbuf_cstr(&l->prefix), d->path);
    whole.method = d->method;
    whole.path = strbuf_cstr(&path);
    whole.body = span_from(body);
    whole.once = strcmp(d->method, "GET") != 0;
    whole.as_it_is = true;
    bool ok = http_fetch(l->http, &whole, t->cancel_fd, out, result, err);
    strbuf_clear(&path);
    return ok;
}
