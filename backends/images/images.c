/* The registry backend: each tag that runs is looked up now and then, one at a time. */
#include <config.h>

#include "backends/images/images.h"

#include "base/alloc.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_MS    ((int64_t)10 * 60 * 1000)
#define DEADLINE_MS 10000

/* ---- Hosts. */

struct registry_host *registry_host_of(struct registry *r, struct span name)
{
    for (size_t i = 0; i < r->nhosts; i++)
        if (span_is(name, r->hosts[i].name))
            return &r->hosts[i];
    return NULL;
}

/* GHCR's tokens are where they are; of others the first answer says it. */
static bool add_hosts(struct registry *r, struct err *err)
{
    bool ok = true;
    struct span rest = span_from(ctx_setting(r->ctx, "hosts")), name;
    while (ok && rest.len && r->nhosts < REGISTRY_HOSTS_MAX && span_split(&rest, ',', &name)) {
        struct strbuf whole = STRBUF_INIT(1024);
        struct image_ref ref;
        name = span_trim(name);
        strbuf_addf(&whole, "%.*s/a", SPAN_ARG(name));
        if (!image_ref_parse(strbuf_span(&whole), &ref))
            ok =
                err_set(err, ERR_CONFIG,
                        "`hosts` names %.*s, which is no registry that can be asked: a host with a "
                        "dot, and not docker.io, whose images go by other names than its API has",
                        SPAN_ARG(span_sub(name, 0, 100)));
        else if (!registry_host_of(r, name))
            r->hosts[r->nhosts++] = (struct registry_host){
                .name = xalloc_bytes(name.data, name.len),
                .realm = span_is(name, "ghcr.io") ? xalloc_text("/token?service=ghcr.io") : NULL};
        strbuf_clear(&whole);
    }
    return ok;
}

static void drop_hosts(struct registry *r)
{
    for (size_t i = 0; i < r->nhosts; i++) {
        struct registry_host *h = &r->hosts[i];
        free(h->name);
        alloc_free_wiped(h->login);
        free(h->realm);
        http_free(h->http);
        *h = (struct registry_host){0};
    }
    r->nhosts = 0;
}

/* A login that cannot be had is no reason not to look at what is public. */
static void read_logins(struct registry *r)
{
    struct strbuf value = STRBUF_INIT(RECIPE_VALUE_MAX);
    struct err err;
    r->login_missing[0] = '\0';
    bool ok = access_secret(&r->access, "credential", DEADLINE_MS, &value, &err) &&
              (!value.len || registry_take_logins(r, strbuf_span(&value), &err));
    if (!ok)
        (void)snprintf(r->login_missing, sizeof(r->login_missing), "%.190s", err.msg);
    strbuf_wipe(&value);
}

/* ---- Looking. */

/* The only host there is cannot be reached: that is the source's trouble, not each image's. */
static bool is_cut_off(const struct registry *r)
{
    return r->nhosts == 1 && r->hosts[0].down &&
           clock_mono_ms(ctx_clock(r->ctx)) < r->hosts[0].pause_until_ms;
}

static bool start(void *self, struct rota_item *item, struct err *err)
{
    struct registry *r = self;
    if (is_cut_off(r)) {
        *err = r->hosts[0].why;
        return false;
    }
    r->item = item;
    return true;
}

/* False: its registry is none that is asked, or does not answer: that says nothing of whether the source
 * lives. */
static bool look_at(struct registry *r, struct rota_item *item)
{
    struct image_ref ref;
    struct image_look *look = item->data;
    struct registry_host *h = NULL;
    if (!image_ref_parse(span_from(item->name), &ref) || !(h = registry_host_of(r, ref.host)))
        return false; /* none that is looked at: it has no row */
    if (!look) {
        item->data = look = xalloc_zero(1, sizeof(*look));
        look->created_ms = look->checked_ms = look->changed_ms = TIME_NONE;
    }
    if (ref.digest.len)
        look->state = IMAGE_PINNED;
    else if (clock_mono_ms(ctx_clock(r->ctx)) < h->pause_until_ms)
        (void)snprintf(look->says, sizeof(look->says), "%.190s",
                       h->down ? h->why.msg : "it is left alone for a while: it asked for time");
    else
        (void)registry_look(r, h, &ref, rota_part(item, 1), look);
    look->unread = r->login_missing[0] != '\0';
    if (look->state == IMAGE_DENIED && look->unread)
        (void)snprintf(look->says, sizeof(look->says), "%.190s", r->login_missing);
    return !is_cut_off(r);
}

static void turn(void *self, struct rota *rota, int timeout_ms, int fd)
{
    struct registry *r = self;
    struct rota_item *item = r->item;
    struct pollfd wake = {.fd = fd, .events = POLLIN};
    r->item = NULL;
    if (!item) {
        (void)poll(&wake, 1, timeout_ms);
        return;
    }
    if (look_at(r, item))
        rota_done(rota, item);
    else
        rota_pass(rota, item);
}

static bool put(void *self, const struct rota_item *item, const struct kind *kind,
                struct row_writer *w)
{
    (void)self;
    (void)kind;
    return !item->data || image_put(item, item->data, w);
}

static void drop(void *self, struct rota_item *item)
{
    struct registry *r = self;
    if (r->item == item)
        r->item = NULL;
    free(item->data);
}

/* ---- Life. */

static const struct kind *const kinds[] = {&kind_image, NULL};

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct registry *r = self;
    const struct rota_options rota = {.ctx = ctx,
                                      .self = r,
                                      .kinds = kinds,
                                      .every_ms = EVERY_MS,
                                      .at_once = 1,
                                      .parts = 2,
                                      .start = start,
                                      .turn = turn,
                                      .put = put,
                                      .drop = drop};
    r->ctx = ctx;
    r->item = NULL;
    if (!access_open_secrets(&r->access, ctx, err))
        return false;
    bool ok = add_hosts(r, err);
    if (ok)
        read_logins(r);
    ok = ok && rota_run(&rota, err);
    drop_hosts(r);
    access_close(&r->access);
    return ok;
}

static const struct setting settings[] = {
    {"hosts", "ghcr.io",
     "Registries whose images are looked up, separated by commas; not docker.io.", SETTING_TEXT},
    {"credential", NULL,
     "Where a dockerconfigjson with logins is: " RECIPE_FORMS ". Without one only public images "
     "are seen.",
     SETTING_SECRET},
    {"ca", "", "A file of CAs that are trusted instead of the system's.", SETTING_TEXT},
    {"addresses", "", "Where hosts are asked instead of where their names lead.", SETTING_GIVEN},
    {"kubeconfig", NULL, "", SETTING_GIVEN},
    {"context", NULL, "", SETTING_GIVEN},
    {NULL, NULL, NULL, SETTING_TEXT},
};

static const struct system systems[] = {
    {"images",
     "Images",
     "Images that run, beside what their tags lead to in the registry.",
     {"image"},
     images_says},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static const char *const needs[] = {"pod", "secret", NULL};

const struct backend backend_images = {
    .name = "images",
    .summary = "Container registries: the digests of the tags that run.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct registry),
    .quiet_ms = 3 * EVERY_MS,
    .needs = needs,
    .discover = images_discover,
    .outward = true,
    .run = run,
};
