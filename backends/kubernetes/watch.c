/* A kind's lists and watches. A picture is listed in pages and then kept up by
 * a watch from the list's version; 410 begins a new picture with the rows kept;
 * a lost connection goes on from the last version. */
#include <config.h>

#include "backends/kubernetes/cluster.h"
#include "base/alloc.h"
#include "base/log.h"
#include "net/json_doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_PAGE       100
#define PAGE             500
#define LIST_MS          60000
#define LIST_IDLE_MS     15000
#define LIST_BYTES_MAX   ((size_t)512 << 20)
#define WATCH_S          240 /* and up to 60 s more: they must not end together */
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MOST_MS  30000
#define BUSY_MOST_MS     60000 /* longer than a server may tell us to stay away */
#define OFF_MS           (5 * 60 * 1000)
#define POLL_MS          30000 /* of what may be listed and not watched */
#define LIVED_MS         10000 /* a watch or a picture this old was a good one */
#define ENDED_EARLY_MS   1000

void watch_init(struct watch *w, struct cluster *c, const struct kube_kind *kind)
{
    *w = (struct watch){.cluster = c, .kind = kind, .rewrite_ms = TIME_FOREVER};
    w->watched[w->nwatched++] = (struct watched){.kind = kind, .number = KIND_NONE};
    for (size_t i = 0; kube_kinds[i]; i++) {
        if (kube_kinds[i]->from != kind)
            continue;
        bn_assert(w->nwatched < KUBE_WATCHED_MAX);
        w->watched[w->nwatched++] = (struct watched){.kind = kube_kinds[i], .number = KIND_NONE};
    }
    if (w->nwatched > 1)
        w->kept = map_new();
    for (size_t i = 0; i < w->nwatched; i++)
        watched_clear(&w->watched[i]);
}

void watch_clear(struct watch *w)
{
    for (size_t i = 0; i < w->nwatched; i++)
        row_writer_clear(&w->watched[i].rows);
    watch_forget(w);
    map_free(w->kept, NULL);
}

/* What is said of the watch is said of each of its kinds. */
static void say_state(struct watch *w, enum source_state state, const struct err *err,
                      const char *note)
{
    for (size_t i = 0; i < w->nwatched; i++)
        if (w->watched[i].number != KIND_NONE)
            ctx_state(w->cluster->ctx, w->watched[i].number, state, err, note);
}

static void sync_begin(struct watch *w)
{
    watch_forget(w);
    for (size_t i = 0; i < w->nwatched; i++)
        if (w->watched[i].number != KIND_NONE)
            (void)ctx_sync_begin(w->cluster->ctx, w->watched[i].number);
    w->syncing = true;
}

static void sync_end(struct watch *w, const struct err *err)
{
    for (size_t i = 0; i < w->nwatched; i++)
        if (w->watched[i].number != KIND_NONE)
            (void)ctx_sync_end(w->cluster->ctx, w->watched[i].number, err);
    w->syncing = false;
    w->done_once = true;
}

static int64_t now_of(const struct watch *w)
{
    return clock_mono_ms(ctx_clock(w->cluster->ctx));
}

/* Where time is told by steps, nothing is left to chance. */
static unsigned dice(const struct watch *w, unsigned n)
{
    unsigned random = 0;
    ssize_t got = clock_is_stopped(ctx_clock(w->cluster->ctx))
                      ? 0
                      : getrandom(&random, sizeof(random), GRND_NONBLOCK);
    (void)got;
    return random % n;
}

/* Lets go of a request, if there is one. */
static void ask_quit(struct cluster *c, struct ask **ask, uint32_t *request)
{
    if (*request)
        http_cancel(c->http, *request);
    if (*ask)
        (*ask)->part = NULL;
    *ask = NULL;
    *request = 0;
}

static void pages_quit(struct part *p)
{
    for (size_t i = 0; i < BN_COUNT(p->pages); i++) {
        struct page *page = &p->pages[i];
        ask_quit(p->watch->cluster, &page->ask, &page->request);
        if (page->reading)
            json_list_clear(&page->list);
        page->reading = false;
    }
    strbuf_truncate(&p->next, 0);
}

static void part_quit(struct part *p)
{
    pages_quit(p);
    ask_quit(p->watch->cluster, &p->ask, &p->request);
    if (p->reading_watch)
        json_watch_clear(&p->events);
    p->reading_watch = false;
    p->state = PART_IDLE;
}

static void clear_parts(struct watch *w)
{
    for (size_t i = 0; i < w->nparts; i++) {
        part_quit(&w->parts[i]);
        strbuf_clear(&w->parts[i].next);
        free(w->parts[i].ns);
    }
    free(w->parts);
    w->parts = NULL;
    w->nparts = 0;
}

static void add_part(struct watch *w, size_t which, const char *ns)
{
    w->parts[w->nparts++] = (struct part){.watch = w,
                                          .which = which,
                                          .ns = ns ? xalloc_text(ns) : NULL,
                                          .next = STRBUF_INIT(KUBE_PATH_MAX)};
}

static size_t resources_of(const struct kube_kind *k)
{
    size_t n = 0;
    while (n < KUBE_RESOURCES_MAX && k->resources[n].plural)
        n++;
    bn_assert(n > 0);
    return n;
}

extern const struct kube_kind kube_workload; /* controllers are among these */

/* Which kind somebody asks for who needs one namespace of it; NULL: nobody, or it has none. */
static const struct kube_kind *scope_kind(const struct watch *w)
{
    const char *name = ctx_setting(w->cluster->ctx, "scope_kind");
    for (size_t i = 0; name && kube_kinds[i]; i++)
        if (strcmp(kube_kinds[i]->kind->name, name) == 0)
            return kube_kinds[i]->kind->namespaced ? kube_kinds[i] : NULL;
    return NULL;
}

static bool is_kept(const struct kube_kind *k)
{
    return k->kept_by || (k->from && k->from->kept_by);
}

/* Readers of one namespace need that one of the kind they ask for; of others too,
 * unless it leads elsewhere, as to what keeps it. What is read from the same objects is of one sort. */
static bool is_scoped(const struct watch *w)
{
    const struct kube_kind *asked = scope_kind(w);
    if (!asked || !w->kind->kind->namespaced)
        return false;
    return asked == w->kind || asked->from == w->kind ||
           (!asked->leads_elsewhere && !(is_kept(asked) && w->kind == &kube_workload));
}

static void make_parts(struct watch *w)
{
    size_t n = resources_of(w->kind);
    clear_parts(w);
    w->parts = xalloc_zero(n, sizeof(*w->parts));
    const char *scope = ctx_setting(w->cluster->ctx, "scope");
    bool scoped = is_scoped(w);
    const struct kube_kind *asked = scope_kind(w);
    for (size_t i = 0; i < n; i++)
        add_part(w, i, scoped ? scope : NULL);
    w->keeper_unseen = asked && !asked->leads_elsewhere && !is_kept(asked);
    w->by_namespace = w->alone = false;
    w->denied = w->more = 0;
}

void watch_start(struct watch *w)
{
    struct cluster *c = w->cluster;
    for (size_t i = 0; i < w->nwatched; i++)
        w->watched[i].number = ctx_kind(c->ctx, w->watched[i].kind->kind);
    w->wanted = true;
    w->unwatched = w->told = false;
    w->picture_ms = 0;
    make_parts(w);
    watch_again(w);
}

void watch_stop(struct watch *w)
{
    clear_parts(w);
    for (size_t i = 0; i < w->nwatched; i++)
        watched_clear(&w->watched[i]);
    watch_forget(w);
    w->wanted = w->syncing = w->relist = false;
}

void watch_again(struct watch *w)
{
    w->due_ms = 0;
    w->off = w->done_once = false;
    w->relist = true;
    w->backoff_ms = BACKOFF_FIRST_MS;
}

static void back_off(struct watch *w)
{
    w->backoff_ms = w->backoff_ms * 2 > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : w->backoff_ms * 2;
}

/* How long to wait after this: as long as the server says, within reason. */
static int64_t wait_of(const struct watch *w, const struct err *err)
{
    if (err->kind != ERR_BUSY || err->code <= 0)
        return w->backoff_ms;
    int64_t asked = (int64_t)err->code * 1000;
    return asked < BUSY_MOST_MS ? asked : BUSY_MOST_MS;
}

/* The kind waits and is then listed anew. */
static void watch_rest(struct watch *w, int64_t ms)
{
    for (size_t i = 0; i < w->nparts; i++)
        part_quit(&w->parts[i]);
    w->relist = true;
    w->due_ms = now_of(w) + ms * 8 / 10 + (int64_t)dice(w, (unsigned)(ms * 4 / 10 + 1));
    back_off(w);
}

static enum source_state state_of(const struct err *err)
{
    if (err->kind == ERR_DENIED)
        return SOURCE_DENIED;
    return err->kind == ERR_AUTH ? SOURCE_LOGIN : SOURCE_FAILING;
}

/* A picture that cannot be finished: what has come stays. */
static void picture_failed(struct watch *w, const struct err *err)
{
    (void)watch_flush(w);
    if (!w->syncing)
        sync_begin(w);
    sync_end(w, err);
}

/* Counts namespaces of which a part, or all, may not be read. */
static size_t count_denied(const struct watch *w, size_t *in_part)
{
    size_t resources = resources_of(w->kind), denied = 0;
    *in_part = 0;
    for (size_t i = 0; i < w->nparts; i += resources) {
        size_t n = 0;
        for (size_t k = i; k < i + resources && k < w->nparts; k++)
            n += w->parts[k].state == PART_DENIED;
        denied += n == resources;
        *in_part += n && n < resources;
    }
    return denied;
}

static void say_fresh(struct watch *w)
{
    struct strbuf note = STRBUF_INIT(120);
    size_t in_part, denied = count_denied(w, &in_part);
    bool whole = !denied && !in_part && !w->more && !w->alone && !w->unwatched;
    if (w->by_namespace) {
        size_t seen = w->nparts / resources_of(w->kind) - denied;
        strbuf_addf(&note, "%zu namespace%s", seen, seen == 1 ? "" : "s");
        if (in_part)
            strbuf_addf(&note, " (%zu in part)", in_part);
        if (denied)
            strbuf_addf(&note, ", %zu denied", denied);
        if (w->more)
            strbuf_addf(&note, ", %zu more that are not asked", w->more);
        if (w->alone)
            strbuf_adds(&note, ", which others there are may not be listed");
    }
    if (w->unwatched)
        strbuf_addf(&note, "%smay not be watched, listed every %d s", note.len ? "; " : "",
                    POLL_MS / 1000);
    say_state(w, whole ? SOURCE_FRESH : SOURCE_PARTIAL, NULL, strbuf_cstr(&note));
    w->told = true;
    w->hidden = denied + w->more + w->alone;
    (void)snprintf(w->scope, sizeof(w->scope), "%s", w->hidden ? strbuf_cstr(&note) : "");
    cluster_scope(w->cluster);
    strbuf_clear(&note);
}

/* Every part has been listed: the picture is whole, the watches begin. */
static void picture_done(struct watch *w)
{
    struct cluster *c = w->cluster;
    size_t denied = 0;
    for (size_t i = 0; i < w->nparts; i++) {
        if (w->parts[i].state != PART_LISTED && w->parts[i].state != PART_DENIED)
            return;
        denied += w->parts[i].state == PART_DENIED;
    }
    w->denied = denied;
    if (denied && denied == w->nparts) {
        picture_failed(w, &w->denial);
        say_state(w, SOURCE_DENIED, &w->denial, NULL);
        watch_rest(w, OFF_MS);
        return;
    }
    w->missed = false;
    (void)watch_flush(w);
    say_fresh(w);
    sync_end(w, NULL);
    w->picture_ms = now_of(w);
    w->relist_ms = w->picture_ms + c->relist_every_ms +
                   (int64_t)dice(w, (unsigned)(c->relist_every_ms / 10 + 1));
}

/* What was wrong in what came, said as the client says what it finds wrong. */
static void take_fault(const struct part *p, const struct err *fault, struct err *err)
{
    const struct cluster *c = p->watch->cluster;
    const struct kube_resource r = watch_resource(p->watch, p->which);
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    if (fault->kind == ERR_NONE)
        return;
    *err = *fault;
    kube_path(&path, &r, p->ns, NULL, NULL);
    (void)err_wrap(err, "cluster %s (%s): GET %s", ctx_name(c->ctx), http_origin(c->http),
                   strbuf_cstr(&path));
    strbuf_clear(&path);
}

/* ---- Lists. */

static bool on_item(void *context, struct json_value item)
{
    struct part *p = context;
    return watch_put(p->watch, p->which, item);
}

static void ask_page(struct part *p);

/* The next page is asked for as soon as it is known that there is one, so that
 * the server makes it while this one comes and is read; two are on their way at most. */
static bool on_list_head(void *context, const struct json_list_head *head)
{
    struct part *p = context;
    strbuf_truncate(&p->next, 0);
    strbuf_add(&p->next, strbuf_span(&head->next));
    ask_page(p);
    return true;
}

static enum http_flow on_list_data(void *context, struct span bytes)
{
    const struct ask *ask = context;
    if (!ask->part)
        return HTTP_STOP;
    cluster_alive(ask->cluster);
    return json_list_feed(&ask->page->list, bytes, &ask->page->fault) ? HTTP_GO : HTTP_STOP;
}

struct kube_resource watch_resource(const struct watch *w, size_t which)
{
    struct kube_resource r = w->kind->resources[which];
    r.version = w->older ? w->kind->older : r.version;
    return r;
}

/* Every API server has these [kubernetes reference/using-api, API groups]: who
 * does not know them is something else, or in front of it. */
static bool is_always_served(const struct kube_resource *r)
{
    return !strchr(r->group, '.');
}

/* Not served: said once, looked at again now and then (a CRD may come). */
static void not_served(struct watch *w)
{
    w->off = true;
    sync_begin(w);
    sync_end(w, NULL);
    say_state(w, SOURCE_OFF, NULL, "not served by this cluster");
    watch_rest(w, OFF_MS);
}

/* Controllers of a few years ago serve the version before, and later ones may serve no other. */
static void version_missing(struct watch *w)
{
    w->older = w->kind->older && !w->older;
    if (w->kind->older && !w->missed) {
        w->missed = true;
        watch_rest(w, 0);
    } else {
        w->missed = false;
        not_served(w);
    }
}

static void list_failed(struct part *p, const struct err *err, int status)
{
    struct watch *w = p->watch;
    struct cluster *c = w->cluster;
    int64_t wait = wait_of(w, err);
    p->state = PART_IDLE;
    if (err->kind == ERR_CANCELLED)
        return;
    if (err->kind == ERR_GONE) { /* the token is too old: from the start */
        watch_rest(w, wait);
        return;
    }
    if (err->kind == ERR_NOTFOUND && !is_always_served(&w->kind->resources[p->which])) {
        version_missing(w);
        return;
    }
    if (err->kind == ERR_DENIED && w->by_namespace) {
        p->state = PART_DENIED;
        w->denial = *err;
        picture_done(w);
        return;
    }
    if (err->kind == ERR_DENIED && w->kind->kind->namespaced && !p->ns) {
        w->split = *err; /* not from within a callback of the client */
        return;
    }
    if (err->kind == ERR_AUTH)
        c->auth = *err;
    picture_failed(w, err);
    say_state(w, state_of(err), err, NULL);
    if (status == 0)
        cluster_failed(c, err);
    watch_rest(w, err->kind == ERR_DENIED ? OFF_MS : wait);
}

static void list_page_done(struct part *p, struct page *page)
{
    (void)snprintf(p->version, sizeof(p->version), "%s", page->list.head.resource_version);
    json_list_clear(&page->list);
    page->reading = false;
    ask_page(p);
    for (size_t i = 0; i < BN_COUNT(p->pages); i++)
        if (p->pages[i].reading)
            return;
    p->state = PART_LISTED;
    picture_done(p->watch);
}

static void on_list_done(void *context, const struct http_result *result)
{
    struct part *p = ((struct ask *)context)->part;
    struct page *page = ((struct ask *)context)->page;
    struct err err = result->err;
    ask_free(context);
    if (!p)
        return;
    page->ask = NULL;
    page->request = 0;
    bool whole = err.kind == ERR_NONE && page->fault.kind == ERR_NONE &&
                 json_list_end(&page->list, &page->fault);
    take_fault(p, &page->fault, &err);
    if (whole) {
        cluster_alive(p->watch->cluster);
        list_page_done(p, page);
        return;
    }
    pages_quit(p);
    cluster_advise(p->watch->cluster, &err);
    if (result->status)
        cluster_alive(p->watch->cluster);
    list_failed(p, &err, result->status);
}

static void list_path(const struct part *p, struct strbuf *path)
{
    const struct kube_resource r = watch_resource(p->watch, p->which);
    kube_path(path, &r, p->ns, NULL, NULL);
    kube_query_int(path, "limit", p->first_page ? FIRST_PAGE : PAGE);
    if (p->next.len)
        kube_query(path, "continue", strbuf_cstr(&p->next));
}

/* Asks for the page that comes next, if there is one and two are not on their way. */
static void ask_page(struct part *p)
{
    struct page *page = p->pages[0].reading ? &p->pages[1] : &p->pages[0];
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX * 2);
    if (page->reading || (!p->next.len && !p->first_page))
        return;
    list_path(p, &path);
    p->first_page = false;
    strbuf_truncate(&p->next, 0);
    json_list_init(&page->list, p->watch->kind->resources[p->which].plural);
    page->list.on_head = on_list_head;
    page->list.on_item = on_item;
    page->list.context = p;
    page->reading = true;
    err_clear(&page->fault);
    p->state = PART_LISTING;
    page->ask = ask_new(p, page);
    const struct http_request request = {
        .path = strbuf_cstr(&path),
        .headers = kube_accept(p->watch->kind, ASK_LIST),
        .deadline_ms = LIST_MS,
        .idle_ms = LIST_IDLE_MS,
        .byte_limit = LIST_BYTES_MAX,
        .want = "application/json",
        .aside = true,
        .on_data = on_list_data,
        .on_done = on_list_done,
        .context = page->ask,
    };
    page->request = http_start(p->watch->cluster->http, &request);
    strbuf_clear(&path);
}

static void begin_picture(struct watch *w)
{
    for (size_t i = 0; i < w->nparts; i++)
        part_quit(&w->parts[i]);
    w->relist = false;
    (void)watch_flush(w); /* what a watch said before is not of the new picture */
    sync_begin(w);
    for (size_t i = 0; i < w->nparts; i++) {
        w->parts[i].first_page = true;
        ask_page(&w->parts[i]);
    }
}

/* ---- Where the whole is denied: namespace by namespace. */

struct namespaces {
    char names[NAMESPACES_MAX][64 + 1];
    size_t count, more;
    bool alone; /* which there are may not be asked */
};

static bool on_namespace(void *context, struct json_value item)
{
    struct namespaces *list = context;
    struct json_value name = json_path(item, "metadata.name");
    if (name.type != JSON_STRING || name.escaped || name.text.len > 64)
        return true;
    if (list->count == NAMESPACES_MAX) {
        list->more++;
        return true;
    }
    (void)snprintf(list->names[list->count++], sizeof(list->names[0]), "%.*s", SPAN_ARG(name.text));
    return true;
}

/* Those that the configuration names. */
static void take_namespaces(const char *names, struct namespaces *out)
{
    struct span rest = span_from(names), one;
    while (rest.len && span_split(&rest, ',', &one)) {
        one = span_trim(one);
        if (out->count == NAMESPACES_MAX)
            out->more++;
        else if (one.len && one.len <= 64)
            (void)snprintf(out->names[out->count++], sizeof(out->names[0]), "%.*s", SPAN_ARG(one));
    }
}

/* Which are named or there, as far as we may know; else the context's own. */
static void find_namespaces(struct cluster *c, struct namespaces *out)
{
    take_namespaces(ctx_setting(c->ctx, "namespaces"), out);
    if (out->count)
        return;
    struct strbuf body = STRBUF_INIT((size_t)8 << 20);
    struct json_list list;
    struct err err;
    json_list_init(&list, "namespaces");
    list.on_item = on_namespace;
    list.context = out;
    bool ok = http_get(c->http, "/api/v1/namespaces?limit=500", 10000, ctx_stop_fd(c->ctx), &body,
                       &err) &&
              json_list_feed(&list, strbuf_span(&body), &err);
    out->alone = !ok || !out->count;
    if (out->alone) {
        out->count = 1;
        (void)snprintf(out->names[0], sizeof(out->names[0]), "%s", c->context_namespace);
    }
    json_list_clear(&list);
    strbuf_clear(&body);
}

static void ask_namespaces(struct watch *w)
{
    struct err denied = w->split;
    struct namespaces *found = xalloc_zero(1, sizeof(*found));
    size_t resources = resources_of(w->kind);
    find_namespaces(w->cluster, found);
    log_write(LOG_WARNING, ctx_name(w->cluster->ctx), "%s; asking %zu namespaces one by one%s",
              denied.msg, found->count, found->more ? " (there are more)" : "");
    clear_parts(w);
    w->parts = xalloc_zero(found->count * resources, sizeof(*w->parts));
    for (size_t n = 0; n < found->count; n++)
        for (size_t i = 0; i < resources; i++)
            add_part(w, i, found->names[n]);
    w->by_namespace = true;
    w->more = found->more;
    w->alone = found->alone;
    err_clear(&w->split);
    free(found);
    begin_picture(w);
}

/* ---- Watches. */

static bool on_event(void *context, enum json_event type, struct json_value object)
{
    struct part *p = context;
    if (type != JSON_EVENT_ERROR) {
        p->lived = true;
        p->watch->backoff_ms = BACKOFF_FIRST_MS;
    }
    switch (type) {
    case JSON_EVENT_ADDED:
    case JSON_EVENT_MODIFIED:
        return watch_put(p->watch, p->which, object);
    case JSON_EVENT_DELETED:
        return watch_drop(p->watch, p->which, object);
    case JSON_EVENT_ERROR:
        if (!kube_status(object, &p->fault))
            (void)err_set(&p->fault, ERR_PROTO, "the watch ended with an error that says nothing");
        return false;
    case JSON_EVENT_BOOKMARK:
    case JSON_EVENT_OTHER:
        return true;
    }
    return true;
}

static enum http_flow on_watch_data(void *context, struct span bytes)
{
    struct part *p = ((struct ask *)context)->part;
    struct err err;
    if (!p)
        return HTTP_STOP;
    cluster_alive(p->watch->cluster);
    bool ok = json_watch_feed(&p->events, bytes, &err);
    if (!ok && p->fault.kind == ERR_NONE)
        p->fault = err;
    return ok ? HTTP_GO : HTTP_STOP;
}

static void on_watch_head(void *context, const struct http_result *head)
{
    struct part *p = ((struct ask *)context)->part;
    (void)head;
    if (!p)
        return;
    cluster_alive(p->watch->cluster);
    p->begun_ms = now_of(p->watch);
    p->watch->unwatched = false;
    say_fresh(p->watch);
}

/* Listed again: at once when the picture was old, else with patience. */
static void watch_lost(struct part *p, const struct err *err)
{
    struct watch *w = p->watch;
    bool quick = err->kind == ERR_GONE && now_of(w) - w->picture_ms >= LIVED_MS;
    log_write(LOG_INFO, ctx_name(w->cluster->ctx), "%s: %s; listing again", w->kind->kind->plural,
              err->msg);
    if (err->kind == ERR_DENIED) {
        w->unwatched = true;
        say_fresh(w);
    }
    watch_rest(w, err->kind == ERR_DENIED ? POLL_MS : quick ? 50 : w->backoff_ms);
}

/* The end of a watch is usual; how it ended says how to go on. */
static void watch_ended(struct part *p, const struct err *err, int status)
{
    struct watch *w = p->watch;
    int64_t now = now_of(w), lasted = p->begun_ms == TIME_NONE ? 0 : now - p->begun_ms;
    if (err->kind == ERR_CANCELLED)
        return;
    if (lasted >= LIVED_MS)
        w->backoff_ms = BACKOFF_FIRST_MS;
    if (err->kind == ERR_GONE || err->kind == ERR_NOTFOUND || err->kind == ERR_DENIED) {
        watch_lost(p, err);
        return;
    }
    p->state = PART_WAITING;
    p->due_ms = now + (err->kind == ERR_NONE && lasted >= ENDED_EARLY_MS ? 0 : wait_of(w, err));
    if (lasted < LIVED_MS && !p->lived)
        back_off(w);
    if (err->kind == ERR_NONE)
        return;
    if (err->kind == ERR_AUTH)
        w->cluster->auth = *err;
    say_state(w, SOURCE_STALE, err, NULL);
    if (status == 0)
        cluster_failed(w->cluster, err);
}

static void on_watch_done(void *context, const struct http_result *result)
{
    struct part *p = ((struct ask *)context)->part;
    struct err err = result->err;
    ask_free(context);
    if (!p)
        return;
    p->ask = NULL;
    p->request = 0;
    take_fault(p, &p->fault, &err);
    if (p->events.resource_version[0])
        (void)snprintf(p->version, sizeof(p->version), "%s", p->events.resource_version);
    json_watch_clear(&p->events);
    p->reading_watch = false;
    cluster_advise(p->watch->cluster, &err);
    watch_ended(p, &err, result->status);
}

static void begin_watch(struct part *p)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    const struct kube_resource r = watch_resource(p->watch, p->which);
    kube_path(&path, &r, p->ns, NULL, NULL);
    kube_query(&path, "watch", "1");
    kube_query(&path, "resourceVersion", p->version);
    kube_query(&path, "allowWatchBookmarks", "true");
    kube_query_int(&path, "timeoutSeconds", WATCH_S + (int64_t)dice(p->watch, 60));
    json_watch_init(&p->events, r.plural);
    p->events.on_event = on_event;
    p->events.context = p;
    p->reading_watch = true;
    err_clear(&p->fault);
    p->begun_ms = TIME_NONE;
    p->lived = false;
    p->state = PART_WATCHING;
    p->ask = ask_new(p, NULL);
    const struct http_request request = {
        .path = strbuf_cstr(&path),
        .headers = kube_accept(p->watch->kind, ASK_WATCH),
        .want = "application/json",
        .on_head = on_watch_head,
        .on_data = on_watch_data,
        .on_done = on_watch_done,
        .context = p->ask,
    };
    p->request = http_start(p->watch->cluster->http, &request);
    strbuf_clear(&path);
}

/* Begins the watches that are due. When the next one is. */
static int64_t begin_watches(struct watch *w, int64_t mono_ms)
{
    int64_t next = TIME_FOREVER;
    for (size_t i = 0; i < w->nparts && !w->syncing; i++) {
        struct part *p = &w->parts[i];
        if (p->state == PART_LISTED || (p->state == PART_WAITING && mono_ms >= p->due_ms))
            begin_watch(p);
        else if (p->state == PART_WAITING)
            next = p->due_ms < next ? p->due_ms : next;
    }
    return next;
}

int64_t watch_work(struct watch *w, int64_t mono_ms)
{
    int64_t next = TIME_FOREVER;
    bool once = ctx_once(w->cluster->ctx);
    if (!w->wanted || (once && w->done_once))
        return next;
    if (w->split.kind != ERR_NONE)
        ask_namespaces(w);
    if (!w->syncing && !once && w->relist_ms && mono_ms >= w->relist_ms) {
        w->relist_ms = 0;
        w->relist = true;
    }
    if (w->relist) {
        if (mono_ms < w->due_ms)
            return w->due_ms;
        if (w->by_namespace) /* rights and namespaces may have changed */
            make_parts(w);
        begin_picture(w);
        return next;
    }
    if (!once)
        next = begin_watches(w, mono_ms);
    if (w->relist_ms && w->relist_ms < next)
        next = w->relist_ms;
    int64_t rewrite = watch_rewrite(w), wall = clock_wall_ms(ctx_clock(w->cluster->ctx));
    if (rewrite != TIME_FOREVER && rewrite - wall < next - mono_ms)
        next = mono_ms + (rewrite > wall ? rewrite - wall : 0);
    return next;
}
