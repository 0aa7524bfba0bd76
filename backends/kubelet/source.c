/* The kubelet backend: each node's summary by way of the API server, one after the other. Who may
 * `get` nodes/proxy may ask for it. */
#include <config.h>

#include "backends/access.h"
#include "backends/cells.h"
#include "backends/discovery.h"
#include "backends/kubelet/kubelet.h"
#include "backends/poll.h"
#include "base/alloc.h"
#include "net/json_doc.h"
#include "net/kube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_MS      120000 /* disks fill slowly, and a summary is long */
#define DEADLINE_MS   5000
#define NODES_MAX     5000
#define TURN_NODES    60 /* asked in a turn; those that have waited longest first */
#define LATE_MAX      3  /* that do not answer in time; the others wait for the next turn */
#define TARGETS_BYTES ((size_t)1 << 20)
#define NAME_BYTES    254 /* of a node */

struct kubelet {
    struct backend_ctx *ctx;
    struct kubelet_node *nodes; /* owned */
    size_t count;
};

static const struct kind *const kinds[] = {&kind_filesystem, NULL};
static const char *const needs[] = {"node", NULL};
static const struct setting settings[] = {
    {"kubeconfig", NULL, "", SETTING_GIVEN},
    {"context", NULL, "", SETTING_GIVEN},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* ---- Which nodes there are. */

static struct kubelet_node *find(const struct kubelet *k, struct span name)
{
    for (size_t i = 0; i < k->count; i++)
        if (span_is(name, k->nodes[i].name))
            return &k->nodes[i];
    return NULL;
}

static void node_free(struct kubelet_node *node)
{
    kubelet_forget(node);
    free(node->name);
}

static void take_targets(struct kubelet *k)
{
    char *targets = ctx_take_targets(k->ctx);
    struct span rest = span_from(targets), name;
    size_t kept = 0;
    if (!targets)
        return;
    for (size_t i = 0; i < k->count; i++)
        k->nodes[i].kept = false;
    while (span_split(&rest, '\n', &name)) {
        struct kubelet_node *node = name.len ? find(k, name) : NULL;
        if (name.len && !node && k->count < NODES_MAX) {
            k->nodes = xalloc_resize(k->nodes, k->count + 1, sizeof(*k->nodes));
            node = &k->nodes[k->count++];
            *node = (struct kubelet_node){.name = xalloc_bytes(name.data, name.len),
                                          .asked_ms = INT64_MIN,
                                          .read_ms = TIME_NONE};
        }
        if (node)
            node->kept = true;
    }
    for (size_t i = 0; i < k->count; i++)
        if (k->nodes[i].kept)
            k->nodes[kept++] = k->nodes[i];
        else
            node_free(&k->nodes[i]);
    k->count = kept;
    free(targets);
}

/* ---- Asking. */

static bool ask_one(struct kubelet *k, struct http *http, struct kubelet_node *node,
                    struct err *err)
{
    struct strbuf path = STRBUF_INIT(1024), body = STRBUF_INIT(JSON_DOC_MAX);
    strbuf_addf(&path, "/api/v1/nodes/%s/proxy/stats/summary", node->name);
    node->asked_ms = clock_mono_ms(ctx_clock(k->ctx));
    bool ok = http_get(http, strbuf_cstr(&path), DEADLINE_MS, ctx_stop_fd(k->ctx), &body, err) &&
              kubelet_take(node, strbuf_span(&body), err);
    if (ok)
        node->read_ms = clock_wall_ms(ctx_clock(k->ctx));
    else
        kubelet_forget(node);
    ctx_asked(k->ctx, 1, body.len);
    strbuf_clear(&path);
    strbuf_clear(&body);
    return ok;
}

/* The one that has waited longest; NULL: all were asked at `now` or later. */
static struct kubelet_node *next_node(struct kubelet *k, int64_t now)
{
    struct kubelet_node *first = NULL;
    for (size_t i = 0; i < k->count; i++)
        if (k->nodes[i].asked_ms < now && (!first || k->nodes[i].asked_ms < first->asked_ms))
            first = &k->nodes[i];
    return first;
}

/* What ends the turn: no node will be answered for. One that has gone or hangs is left out. */
static bool is_for_all(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_AUTH || err->kind == ERR_CANCELLED ||
           err->kind == ERR_IO;
}

static bool ask_nodes(struct kubelet *k, struct http *http, size_t *silent, struct err *err)
{
    int64_t now = clock_mono_ms(ctx_clock(k->ctx));
    struct kubelet_node *node;
    struct err why;
    size_t asked = 0, late = 0;
    for (; asked < TURN_NODES && late < LATE_MAX && (node = next_node(k, now)); asked++) {
        if (ask_one(k, http, node, &why))
            continue;
        *err = why;
        if (is_for_all(&why))
            return false;
        late += why.kind == ERR_TIMEOUT;
        ++*silent;
    }
    return !asked || *silent < asked;
}

static bool put_all(struct kubelet *k, struct poll *p)
{
    struct row_writer *w = poll_rows(p, &kind_filesystem);
    for (size_t i = 0; i < k->count; i++)
        for (size_t d = 0; d < k->nodes[i].count; d++)
            if (!kubelet_put(&k->nodes[i], &k->nodes[i].disks[d], w))
                return false;
    return true;
}

static size_t count_unasked(const struct kubelet *k)
{
    size_t n = 0;
    for (size_t i = 0; i < k->count; i++)
        n += k->nodes[i].asked_ms == INT64_MIN;
    return n;
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct kubelet *k = self;
    struct access access;
    size_t silent = 0;
    take_targets(k);
    if (!access_open_cluster(&access, k->ctx, err))
        return false;
    struct http *http = kube_client(access.cluster.config, access.cluster.context,
                                    access.cluster.credential, ctx_stop_fd(k->ctx), err);
    bool ok = http && ask_nodes(k, http, &silent, err);
    http_free(http);
    access_close(&access);
    if (!ok)
        return false;
    if (silent)
        poll_note(p, &kind_filesystem, "%zu of %zu: %.80s", silent, k->count, err->msg);
    else if (count_unasked(k))
        poll_note(p, &kind_filesystem, "%zu of %zu nodes are not asked yet", count_unasked(k),
                  k->count);
    return put_all(k, p) || err_set(err, ERR_NOMEM, "there is no memory for the rows of disks");
}

/* ---- Life. */

/* A node that is new is asked at once: its disks are not known at all. */
static const struct kind *renewed(void *self)
{
    struct kubelet *k = self;
    size_t before = count_unasked(k);
    take_targets(k);
    return count_unasked(k) > before ? &kind_filesystem : NULL;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts, .renewed = renewed};
    ((struct kubelet *)self)->ctx = ctx;
    return poll_run(&poll, err);
}

static void close_kubelet(void *self)
{
    struct kubelet *k = self;
    for (size_t i = 0; i < k->count; i++)
        node_free(&k->nodes[i]);
    free(k->nodes);
}

/* A name as the API server takes it, which goes into a path. */
static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return name.len && name.len < NAME_BYTES && name.data[0] != '.';
}

/* Those whose kubelets report. */
static void discover(const struct store *st, struct discovery *d)
{
    static const char *const none[] = {NULL};
    int kind = store_kind_find(st, SPAN("node"));
    struct strbuf targets = STRBUF_INIT(TARGETS_BYTES);
    struct handle row;
    uint32_t at = 0;
    strbuf_adds(&targets, "");
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row))
        if (is_name(store_key(st, row)) && !span_is(discovery_text(st, row, "ready"), "Unknown"))
            strbuf_addf(&targets, "%.*s\n", SPAN_ARG(store_key(st, row)));
    if (targets.len)
        discovery_add(d, &(struct found){.name = "kubelets",
                                         .settings = none,
                                         .targets = strbuf_cstr(&targets)});
    strbuf_clear(&targets);
}

const struct backend backend_kubelet = {
    .name = "kubelet",
    .summary = "Kubelets: how full the disks of nodes and of volume claims are.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct kubelet),
    .quiet_ms = 3 * EVERY_MS,
    .needs = needs,
    .discover = discover,
    .run = run,
    .close = close_kubelet,
};
