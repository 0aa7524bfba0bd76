/* Which resources a Kubernetes API server serves. */
#include <config.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "net/json_doc.h"
#include "net/kube.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX    ((size_t)32 << 20)
#define RESOURCES_MAX 20000
#define VERSIONS_MAX  500
#define MISSING_MAX   1024

#define AGGREGATED                                                                  \
    "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"    \
    "application/json"

struct kube_discovery {
    struct arena *arena; /* owns the texts */
    struct kube_served *served;
    size_t count, cap;
    struct strbuf missing;
};

/* How the answers are asked for. */
struct asker {
    struct kube_discovery *d;
    struct http *http;
    int deadline_ms, cancel_fd;
};

static const char *keep(struct kube_discovery *d, const char *text)
{
    struct span copy;
    return arena_copy(d->arena, span_from(text), &copy) ? copy.data : "";
}

static struct kube_served *add(struct kube_discovery *d)
{
    if (d->count == RESOURCES_MAX)
        return NULL;
    if (d->count == d->cap) {
        d->cap = d->cap ? 2 * d->cap : 256;
        d->served = xalloc_resize(d->served, d->cap, sizeof *d->served);
    }
    d->served[d->count] = (struct kube_served){.short_names = ""};
    return &d->served[d->count++];
}

static void add_missing(struct kube_discovery *d, const char *group, const char *version)
{
    strbuf_addf(&d->missing, "%s%s%s%s", d->missing.len ? ", " : "", group, *group ? "/" : "",
                version);
}

static unsigned verbs_of(const struct json_node *verbs)
{
    static const struct {
        const char *name;
        unsigned verb;
    } known[] = {{"list", KUBE_LIST},     {"watch", KUBE_WATCH}, {"get", KUBE_GET},
                 {"create", KUBE_CREATE}, {"patch", KUBE_PATCH}, {"delete", KUBE_DELETE}};

    unsigned bits = 0;

    for (const struct json_node *v = json_node_first(verbs); v; v = json_node_next(v))
        for (size_t i = 0; i < BN_COUNT(known); i++)
            if (json_node_text(v) && strcmp(json_node_text(v), known[i].name) == 0)
                bits |= known[i].verb;
    return bits;
}

static const char *short_names(struct kube_discovery *d, const struct json_node *names)
{
    struct strbuf text = STRBUF_INIT(256);
    const char *kept;

    for (const struct json_node *n = json_node_first(names); n; n = json_node_next(n))
        if (json_node_text(n))
            strbuf_addf(&text, "%s%s", text.len ? "," : "", json_node_text(n));
    kept = keep(d, strbuf_cstr(&text));
    strbuf_clear(&text);
    return kept;
}

/* ---- Aggregated: APIGroupDiscoveryList. */

static void take_resource(struct kube_discovery *d, const struct json_node *r, const char *group,
                          const char *version, bool preferred)
{
    struct kube_served *s = add(d);

    if (!s)
        return;
    s->group = group;
    s->version = version;
    s->plural = keep(d, json_node_path_text(r, "resource", ""));
    s->singular = keep(d, json_node_path_text(r, "singularResource", ""));
    s->kind = keep(d, json_node_path_text(r, "responseKind.kind", ""));
    s->short_names = short_names(d, json_node_get(r, "shortNames"));
    s->namespaced = strcmp(json_node_path_text(r, "scope", ""), "Namespaced") == 0;
    s->preferred = preferred;
    s->verbs = verbs_of(json_node_get(r, "verbs"));
}

static void take_groups(struct kube_discovery *d, const struct json_node *root)
{
    const struct json_node *g = json_node_first(json_node_get(root, "items"));

    for (; g; g = json_node_next(g)) {
        const char *group = keep(d, json_node_path_text(g, "metadata.name", ""));
        const struct json_node *v = json_node_first(json_node_get(g, "versions"));
        bool preferred = true;

        for (; v; v = json_node_next(v)) {
            const char *version = keep(d, json_node_path_text(v, "version", ""));
            const struct json_node *r = json_node_first(json_node_get(v, "resources"));

            if (strcmp(json_node_path_text(v, "freshness", ""), "Stale") == 0)
                add_missing(d, group, version);
            for (; r; r = json_node_next(r))
                take_resource(d, r, group, version, preferred);
            preferred = false;
        }
    }
}

static struct json_doc *ask(const struct asker *a, const char *path, struct err *err)
{
    static const char *const headers[] = {AGGREGATED, NULL};
    const struct http_request request = {.path = path,
                                         .headers = headers,
                                         .deadline_ms = a->deadline_ms,
                                         .byte_limit = JSON_DOC_MAX,
                                         .want = "application/json"};
    struct strbuf body = STRBUF_INIT(JSON_DOC_MAX);
    struct json_doc *doc = NULL;

    if (http_fetch(a->http, &request, a->cancel_fd, &body, NULL, err))
        doc = json_doc_parse(strbuf_span(&body), path, err);
    strbuf_clear(&body);
    return doc;
}

/* ---- The older way: a request per group and version. */

static void take_old_resource(struct kube_discovery *d, const struct json_node *r,
                              const char *group, const char *version, bool preferred)
{
    const char *name = json_node_path_text(r, "name", "");
    struct kube_served *s = strchr(name, '/') ? NULL : add(d); /* pods/log is none */

    if (!s)
        return;
    s->group = group;
    s->version = version;
    s->plural = keep(d, name);
    s->singular = keep(d, json_node_path_text(r, "singularName", ""));
    s->kind = keep(d, json_node_path_text(r, "kind", ""));
    s->short_names = short_names(d, json_node_get(r, "shortNames"));
    s->namespaced = json_node_true(json_node_get(r, "namespaced"));
    s->preferred = preferred;
    s->verbs = verbs_of(json_node_get(r, "verbs"));
}

/* A group that does not answer is missing, not a failure of all. */
static bool ask_version(const struct asker *a, const char *group, const char *version,
                        bool preferred, struct err *err)
{
    struct strbuf path = STRBUF_INIT(1024);
    struct json_doc *doc;
    struct err why;

    strbuf_adds(&path, *group ? "/apis/" : "/api");
    if (*group)
        kube_escape(&path, span_from(group));
    strbuf_addc(&path, '/');
    kube_escape(&path, span_from(version));
    doc = ask(a, strbuf_cstr(&path), &why);
    strbuf_clear(&path);
    if (!doc && (why.kind == ERR_CANCELLED || why.kind == ERR_AUTH)) {
        if (err)
            *err = why;
        return false;
    }
    if (!doc) {
        add_missing(a->d, group, version);
        return true;
    }
    const struct json_node *r = json_node_first(json_node_get(json_doc_root(doc), "resources"));
    for (; r; r = json_node_next(r))
        take_old_resource(a->d, r, group, version, preferred);
    json_doc_free(doc);
    return true;
}

static bool ask_old_groups(const struct asker *a, const struct json_node *root, struct err *err)
{
    const struct json_node *g = json_node_first(json_node_get(root, "groups"));
    size_t versions = 0;

    for (; g; g = json_node_next(g)) {
        const char *group = keep(a->d, json_node_path_text(g, "name", ""));
        const char *first = json_node_path_text(g, "preferredVersion.version", "");
        const struct json_node *v = json_node_first(json_node_get(g, "versions"));

        for (; v; v = json_node_next(v)) {
            const char *version = keep(a->d, json_node_path_text(v, "version", ""));

            if (versions++ == VERSIONS_MAX)
                return true;
            if (!ask_version(a, group, version, strcmp(version, first) == 0, err))
                return false;
        }
    }
    return true;
}

/* One of /api and /apis, in whichever form it came. */
static bool ask_root(const struct asker *a, const char *path, struct err *err)
{
    struct json_doc *doc = ask(a, path, err);
    const struct json_node *root;
    const char *kind;
    bool ok = true;

    if (!doc)
        return false;
    root = json_doc_root(doc);
    kind = json_node_path_text(root, "kind", "");
    if (strcmp(kind, "APIGroupDiscoveryList") == 0)
        take_groups(a->d, root);
    else if (strcmp(kind, "APIGroupList") == 0)
        ok = ask_old_groups(a, root, err);
    else if (strcmp(kind, "APIVersions") == 0)
        ok = ask_version(a, "", "v1", true, err);
    else
        ok = err_set(err, ERR_PROTO,
                     "%s%s: this is not a Kubernetes API: check the server's address",
                     http_origin(a->http), path);
    json_doc_free(doc);
    return ok;
}

struct kube_discovery *kube_discover(struct http *http, int deadline_ms, int cancel_fd,
                                     struct err *err)
{
    struct kube_discovery *d = xalloc_zero(1, sizeof *d);
    const struct asker a = {d, http, deadline_ms, cancel_fd};

    d->missing = (struct strbuf)STRBUF_INIT(MISSING_MAX);
    d->arena = arena_new(MEMORY_MAX);
    if (!d->arena)
        (void)err_set(err, ERR_NOMEM, "%s: no memory for its resources", http_origin(http));
    else if (ask_root(&a, "/api", err) && ask_root(&a, "/apis", err))
        return d;
    kube_discovery_free(d);
    return NULL;
}

void kube_discovery_free(struct kube_discovery *d)
{
    if (!d)
        return;
    arena_free(d->arena);
    strbuf_clear(&d->missing);
    free(d->served);
    free(d);
}

size_t kube_discovery_count(const struct kube_discovery *d)
{
    return d->count;
}

const struct kube_served *kube_discovery_at(const struct kube_discovery *d, size_t i)
{
    bn_assert(i < d->count);
    return &d->served[i];
}

const struct kube_served *kube_discovery_find(const struct kube_discovery *d, const char *group,
                                              const char *version, const char *plural)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct kube_served *s = &d->served[i];
        if (strcmp(s->plural, plural) == 0 && strcmp(s->group, group) == 0 &&
            (version ? strcmp(s->version, version) == 0 : s->preferred))
            return s;
    }
    return NULL;
}

const char *kube_discovery_missing(const struct kube_discovery *d)
{
    return strbuf_cstr(&d->missing);
}
