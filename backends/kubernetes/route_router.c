/* What Traefik makes of a route: the names of its routers and middlewares, and whether they are
 * there [Traefik v3.6 pkg/provider/kubernetes/crd/kubernetes.go, kubernetes_http.go,
 * kubernetes_tcp.go, kubernetes_udp.go, ingress/kubernetes.go]. */
#include <config.h>

#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/route.h"
#include "net/digest.h"

#include <string.h>

#define HASH_DIGITS 20 /* of the rule's SHA-256 */
#define NAME_BYTES  1024

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c & 0x80) != 0;
}

/* Runs of what is neither a letter nor a digit become one '-' [pkg/provider Normalize]. */
static struct span normalize(struct span text, char out[NAME_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < text.len && n < NAME_BYTES; i++)
        if (is_plain(text.data[i]))
            out[n++] = text.data[i];
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    return span_make(out, n && out[n - 1] == '-' ? n - 1 : n);
}

static void link_named(struct kube_object *o, struct row_writer *w, const char *kind,
                       struct span name, const char *provider)
{
    if (name.len && w->links < ROW_LINKS_MAX)
        row_link(w, LINK_LOADED, LINK_AFFECTS, kind,
                 object_format(o, "%.*s@%s", SPAN_ARG(name), provider));
}

void route_link_router(struct kube_object *o, struct row_writer *w, enum route_sort sort,
                       struct span match, int64_t index)
{
    char hash[DIGEST_SHA256_TEXT], plain[NAME_BYTES];
    struct span name =
        object_format(o, "%.*s-%.*s-%lld", SPAN_ARG(o->ns), SPAN_ARG(o->name), (long long)index);
    if (sort != ROUTE_UDP) {
        if (!digest_sha256(match, hash))
            return;
        name = object_format(o, "%.*s-%.*s-%.*s", SPAN_ARG(o->ns), SPAN_ARG(o->name), HASH_DIGITS,
                             hash);
    }
    link_named(o, w, "traefik-router", sort == ROUTE_HTTP ? normalize(name, plain) : name,
               "kubernetescrd");
}

struct span route_add_ingress_router(struct kube_object *o, struct span list, struct span host,
                                     struct span path)
{
    char plain[NAME_BYTES];
    struct span name = object_format(o, "%.*s-%.*s-%.*s%.*s", SPAN_ARG(o->ns), SPAN_ARG(o->name),
                                     SPAN_ARG(host), SPAN_ARG(path));
    return object_list_add(o, list, object_format(o, "%.*s", SPAN_ARG(normalize(name, plain))));
}

void route_link_ingress_routers(struct kube_object *o, struct row_writer *w, struct span list)
{
    struct span rest = list, name, other;
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &name)) {
        struct span all = list;
        size_t same = 0;
        while (all.len && span_split(&all, LIST_SEPARATOR, &other))
            same += span_eq(name, other);
        if (same == 1)
            link_named(o, w, "traefik-router", name, "kubernetes");
    }
}

void route_link_loaded_middleware(struct kube_object *o, struct row_writer *w)
{
    char plain[NAME_BYTES];
    struct span name = object_format(o, "%.*s-%.*s", SPAN_ARG(o->ns), SPAN_ARG(o->name));
    link_named(o, w, "traefik-middleware", normalize(name, plain), "kubernetescrd");
}

/* ---- Middlewares that an annotation names as Traefik does: "traefik-secure-headers@kubernetescrd"
 * is NAMESPACE-NAME, and either may have a '-'. */

#define CRD "@kubernetescrd"

static struct span own_name(struct span named)
{
    return span_ends(named, CRD) ? span_sub(named, 0, named.len - strlen(CRD))
                                 : (struct span){"", 0};
}

void route_link_named_middleware(struct kube_object *o, struct row_writer *w, struct span named)
{
    struct span name = own_name(named);
    struct span own = object_format(o, "%.*s-", SPAN_ARG(o->ns));
    if (name.len > own.len && span_eq(span_sub(name, 0, own.len), own)) {
        row_link(w, LINK_MIDDLEWARE, LINK_AFFECTS, "middleware",
                 object_key(o, o->ns, span_sub(name, own.len, name.len)));
        return;
    }
    for (size_t at = span_find(name, '-', 0); at < name.len; at = span_find(name, '-', at + 1))
        if (at && at + 1 < name.len && w->links < ROW_LINKS_MAX)
            row_link(w, LINK_MIDDLEWARE, LINK_AFFECTS, "middleware",
                     object_key(o, span_sub(name, 0, at), span_sub(name, at + 1, name.len)));
}

/* Whether a link's "ns/name" may be meant by "ns-name". */
static bool may_mean(struct span name, struct span key)
{
    size_t slash = span_find(key, '/', 0);
    return key.len == name.len && slash < key.len && name.data[slash] == '-' &&
           span_eq(span_sub(key, 0, slash), span_sub(name, 0, slash)) &&
           span_eq(span_sub(key, slash + 1, key.len), span_sub(name, slash + 1, name.len));
}

/* Nothing that the name may mean is there. */
static bool is_missing(const struct store *st, struct handle row, struct span name)
{
    struct handle target;
    struct link link;
    size_t at = 0;
    bool any = false;
    while (store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_MIDDLEWARE || !may_mean(name, link.key))
            continue;
        if (store_follow(st, row, &link, &target) != LINK_MISSING)
            return false;
        any = true;
    }
    return any;
}

bool route_missing_middleware(const struct store *st, struct handle row, struct span *named)
{
    int column = kind_column(store_kind(st, row.kind), SPAN(ROUTE_NAMED_MIDDLEWARES));
    struct span rest = column < 0 ? (struct span){"", 0} : store_text(st, row, (size_t)column);
    while (rest.len && span_split(&rest, LIST_SEPARATOR, named))
        if (own_name(*named).len && is_missing(st, row, own_name(*named)))
            return true;
    return false;
}

/* ---- What is there. */

bool route_not_loaded(const struct store *st, struct handle row, struct link *router)
{
    struct handle target;
    size_t at = 0;
    while (store_link_next(st, row, &at, router))
        if (router->type == LINK_LOADED && store_follow(st, row, router, &target) == LINK_MISSING)
            return true;
    return false;
}

bool route_refused(const struct store *st, struct handle row, struct handle *router)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_LOADED || store_follow(st, row, &link, router) != LINK_FOUND)
            continue;
        const struct kind *k = store_kind(st, router->kind);
        struct verdict v = store_verdict(st, *router);
        if (v.level >= LEVEL_WARNING && v.rule < k->nrules &&
            (strcmp(k->rules[v.rule].id, "traefik-router-disabled") == 0 ||
             strcmp(k->rules[v.rule].id, "traefik-router-target-missing") == 0 ||
             strcmp(k->rules[v.rule].id, "traefik-router-warning") == 0))
            return true;
    }
    return false;
}
