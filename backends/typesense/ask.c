/* What the nodes of a Typesense answer. */
#include <config.h>

#include "backends/typesense/typesense.h"
#include "base/number.h"
#include "net/plain.h"

#include <stdio.h>
#include <string.h>

/* "Needed by everything but GET /health": then it is known whether it is well, and no more. */
#define COLLECTIONS "/collections?exclude_fields=fields"

static enum err_kind kind_of(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ERR_DENIED;
    case 404:
        return ERR_NOTFOUND;
    case 429:
    case 503:
        return ERR_BUSY;
    default:
        return ERR_PROTO;
    }
}

bool typesense_explain(int status, struct span body, struct err *err)
{
    struct json_doc *doc = json_doc_parse(body, "Typesense", err);
    const char *says = json_node_path_text(json_doc_root(doc), "message", NULL);
    char text[160];
    if (says)
        (void)err_set(err, kind_of(status), "%s", plain_text(span_from(says), text, sizeof(text)));
    json_doc_free(doc);
    return says != NULL;
}

static void set(char *out, size_t size, const char *text)
{
    (void)plain_text(span_from(text), out, size);
}

static bool any(int status)
{
    (void)status;
    return true;
}

/* ---- Numbers. */

static int64_t whole(const struct json_node *object, const char *member)
{
    const struct json_node *node = json_node_get(object, member);
    const char *text = json_node_text(node);
    int64_t n = -1;
    bool ok = text ? number_parse(span_from(text), 0, INT64_MAX, &n) : json_node_int(node, &n);
    return ok && n >= 0 ? n : -1;
}

/* In /metrics.json numbers are strings. */
static double real(const struct json_node *object, const char *member)
{
    const struct json_node *node = json_node_get(object, member);
    const char *text = json_node_text(node);
    double n = -1;
    bool ok = text ? number_parse_real(span_from(text), &n) : json_node_real(node, &n);
    return ok && n >= 0 ? n : -1;
}

/* ---- One after the other. */

/* It need not have a body of its own: a proxy before it may answer for it. */
static void read_health(const struct json_doc *doc, int status, const struct err *err,
                        struct typesense_answer *a)
{
    const struct json_node *root = json_doc_root(doc);
    set(a->state, sizeof(a->state),
        status == 200 && json_node_true(json_node_get(root, "ok")) ? "ok" : "not ready");
    set(a->resource, sizeof(a->resource), json_node_path_text(root, "resource_error", ""));
    if (!doc)
        set(a->why, sizeof(a->why), err->msg);
    else if (strcmp(a->state, "ok") != 0)
        (void)snprintf(a->why, sizeof(a->why), "/health answers %d", status);
}

/* [braft State, as /debug has it] */
static void read_debug(const struct json_doc *doc, struct typesense_answer *a)
{
    static const char *const roles[] = {"none",          "leader",        "transferring",
                                        "candidate",     "follower",      "error",
                                        "uninitialised", "shutting down", "shut down"};
    const struct json_node *root = json_doc_root(doc);
    const int64_t state = whole(root, "state");
    if (state >= 0 && state < (int64_t)BN_COUNT(roles))
        set(a->role, sizeof(a->role), roles[state]);
    set(a->version, sizeof(a->version), json_node_path_text(root, "version", ""));
    if (state == 0 && strcmp(a->state, "ok") != 0)
        set(a->state, sizeof(a->state), "loading");
}

static void read_status(const struct json_doc *doc, struct typesense_answer *a)
{
    a->committed = whole(json_doc_root(doc), "committed_index");
    a->queued = whole(json_doc_root(doc), "queued_writes");
}

static void read_stats(const struct json_doc *doc, struct typesense_answer *a)
{
    const struct json_node *root = json_doc_root(doc);
    a->search_ms = real(root, "search_latency_ms");
    a->search_rate = real(root, "search_requests_per_second");
    a->write_ms = real(root, "write_latency_ms");
    a->write_rate = real(root, "write_requests_per_second");
    a->all_rate = real(root, "total_requests_per_second");
    a->overloaded = real(root, "overloaded_requests_per_second");
    a->batches = whole(root, "pending_write_batches");
}

static void read_metrics(const struct json_doc *doc, struct typesense_answer *a)
{
    const struct json_node *root = json_doc_root(doc);
    const double cpu = real(root, "system_cpu_active_percentage");
    a->memory = whole(root, "typesense_memory_active_bytes");
    a->fragmented = real(root, "typesense_memory_fragmentation_ratio");
    a->disk_used = whole(root, "system_disk_used_bytes");
    a->disk_total = whole(root, "system_disk_total_bytes");
    a->node_memory = whole(root, "system_memory_used_bytes");
    a->node_memory_total = whole(root, "system_memory_total_bytes");
    a->cpu = cpu < 0 ? -1 : cpu / 100;
}

static void read_collections(const struct json_doc *doc, struct typesense_answer *a)
{
    a->collections = a->documents = 0;
    for (const struct json_node *c = json_node_first(json_doc_root(doc)); c;
         c = json_node_next(c)) {
        const int64_t n = whole(c, "num_documents");
        a->collections++;
        if (n > 0 && a->documents <= INT64_MAX - n)
            a->documents += n;
    }
}

/* ---- A node. */

static const struct {
    const char *path;
    void (*read)(const struct json_doc *doc, struct typesense_answer *a);
} figures[] = {{"/debug", read_debug},
               {"/status", read_status},
               {"/stats.json", read_stats},
               {"/metrics.json", read_metrics}};

/* What it says of itself. One that is refused or odd is left out; true: its key is good. */
static bool ask_figures(struct typesense_node *n, struct typesense_answer *a, struct err *err)
{
    for (size_t i = 0; i < BN_COUNT(figures); i++) {
        int status = 0;
        struct json_doc *doc = http_source_get(n->http, figures[i].path, NULL, &status, err);
        if (doc)
            figures[i].read(doc, a);
        json_doc_free(doc);
        if (!doc && status == 401) {
            set(a->key, sizeof(a->key), "refused");
            set(a->why, sizeof(a->why), err->msg);
            return false;
        }
        if (!doc && !http_source_reached(n->http))
            return false;
    }
    set(a->key, sizeof(a->key), "valid");
    return true;
}

/* /health may be well while reads are refused: so one is made [typesense#2990]. */
static void ask_collections(struct typesense_node *n, struct typesense_answer *a,
                            struct json_doc **collections, struct err *err)
{
    int status = 0;
    struct json_doc *doc = http_source_get(n->http, COLLECTIONS, NULL, &status, err);
    if (doc) {
        read_collections(doc, a);
        if (collections && !*collections) {
            *collections = doc;
            return;
        }
        json_doc_free(doc);
    } else if (status >= 500 || status == 429) {
        set(strcmp(a->state, "ok") == 0 ? a->reads : a->why,
            strcmp(a->state, "ok") == 0 ? sizeof(a->reads) : sizeof(a->why), err->msg);
    }
}

/* The API server has said that nothing answers there. */
static bool is_silent(const struct typesense_node *n, struct typesense_answer *a,
                      const struct err *err)
{
    const int status = http_source_refusal(n->http);
    if (status != 400 && status != 404 && status < 500)
        return false;
    set(a->state, sizeof(a->state), "no answer");
    set(a->why, sizeof(a->why), err->msg);
    return true;
}

bool typesense_ask_node(struct typesense *t, struct typesense_node *n, struct typesense_answer *a,
                        struct json_doc **collections, struct err *err)
{
    int status = 0;
    *a = (struct typesense_answer){.committed = -1,
                                   .queued = -1,
                                   .batches = -1,
                                   .memory = -1,
                                   .disk_used = -1,
                                   .disk_total = -1,
                                   .node_memory = -1,
                                   .node_memory_total = -1,
                                   .fragmented = -1,
                                   .cpu = -1,
                                   .search_ms = -1,
                                   .search_rate = -1,
                                   .write_ms = -1,
                                   .write_rate = -1,
                                   .all_rate = -1,
                                   .overloaded = -1,
                                   .collections = -1,
                                   .documents = -1};
    (void)t;
    struct json_doc *doc = http_source_get(n->http, "/health", any, &status, err);
    if (!doc && !status)
        return is_silent(n, a, err);
    read_health(doc, status, err, a);
    json_doc_free(doc);
    if (!http_source_has_secret(n->http))
        set(a->key, sizeof(a->key), "none");
    else if (ask_figures(n, a, err))
        ask_collections(n, a, collections, err);
    return http_source_reached(n->http) || is_silent(n, a, err);
}

/* ---- All of them. */

static void note_state(const struct typesense *t, struct typesense_node *n,
                       const struct typesense_answer *a)
{
    if (strcmp(n->state, a->state) == 0)
        return;
    n->since_ms =
        n->state[0] || strcmp(a->state, "ok") != 0 ? clock_wall_ms(ctx_clock(t->ctx)) : TIME_NONE;
    set(n->state, sizeof(n->state), a->state);
}

static bool put_all(struct typesense *t, const struct typesense_answer *answers, const bool *known,
                    struct poll *p)
{
    struct typesense_group group = {-1, ""};
    bool ok = true;
    for (size_t i = 0; i < t->count; i++) {
        const struct typesense_answer *a = &answers[i];
        if (!known[i])
            continue;
        group.newest = a->committed > group.newest ? a->committed : group.newest;
        if (strcmp(a->role, "leader") == 0)
            group.leader = t->nodes[i].name;
    }
    for (size_t i = 0; i < t->count && ok; i++) {
        if (!known[i])
            continue;
        note_state(t, &t->nodes[i], &answers[i]);
        ok =
            typesense_put_node(t, &t->nodes[i], &answers[i], &group, poll_rows(p, &kind_typesense));
    }
    return ok;
}

/* What is not known for want of a key, or since none of the nodes says it. */
static void note_hidden(const struct typesense *t, struct poll *p)
{
    const bool has_key = http_source_has_secret(t->nodes[0].http);
    const char *why = t->no_key[0] ? t->no_key : "without an API key only its health is known";
    if (!has_key)
        poll_note(p, &kind_typesense, "%s", why);
    poll_note(p, &kind_typesense_collection, "%s", has_key ? "no node lists its collections" : why);
}

bool typesense_ask(void *self, struct poll *p, struct err *err)
{
    struct typesense *t = self;
    struct typesense_answer answers[TYPESENSE_NODES_MAX];
    struct json_doc *collections = NULL;
    const struct typesense_node *lists = NULL;
    bool known[TYPESENSE_NODES_MAX] = {false};
    size_t missing = 0;
    for (size_t i = 0; i < t->count; i++) {
        known[i] = typesense_ask_node(t, &t->nodes[i], &answers[i], &collections, err);
        missing += !known[i];
        lists = !lists && collections ? &t->nodes[i] : lists;
    }
    bool ok = missing < t->count;
    if (ok)
        ok = (put_all(t, answers, known, p) &&
              (!lists || typesense_put_collections(t, lists, collections,
                                                   poll_rows(p, &kind_typesense_collection)))) ||
             err_set(err, ERR_NOMEM, "there is no memory for the rows");
    if (ok && missing)
        poll_note(p, &kind_typesense, "%zu of %zu: %s", missing, t->count, err->msg);
    if (ok && !lists)
        note_hidden(t, p);
    json_doc_free(collections);
    return ok;
}
