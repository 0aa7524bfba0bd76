/* Lists in pages, and single objects [recorded/025, 087, 122 to 129]. */
#include <config.h>

#include "harbor/answer.h"
#include "harbor/select.h"
#include "harbor/token.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    struct objects *objects;
    const struct route *route;
    char *labels, *fields; /* owned, or NULL */
    size_t limit;          /* 0: all */
    bool metadata_only;
    bool by_key; /* a custom resource's list is in the order of its keys */
};

static void write_metadata(const struct listing *l, uint64_t version, const char *token,
                           size_t left, struct strbuf *out)
{
    strbuf_adds(out, "\"metadata\":{");
    if (l->by_key)
        strbuf_addf(out, "\"continue\":\"%s\",", token);
    if (l->by_key && left)
        strbuf_addf(out, "\"remainingItemCount\":%zu,", left);
    strbuf_addf(out, "\"resourceVersion\":\"%llu\"", (unsigned long long)version);
    if (!l->by_key && token[0])
        strbuf_addf(out, ",\"continue\":\"%s\"", token);
    if (!l->by_key && left)
        strbuf_addf(out, ",\"remainingItemCount\":%zu", left);
    strbuf_adds(out, "}");
}

static void send_list(struct stream *s, const struct listing *l, struct span metadata,
                      struct span items)
{
    struct strbuf body = STRBUF_INIT((size_t)512 << 20);
    const struct resource *r = l->route->resource;
    if (l->by_key) {
        strbuf_addf(&body, "{\"apiVersion\":\"%s/%s\",\"items\":[", r->group, r->version);
        strbuf_add(&body, items);
        strbuf_addf(&body, "],\"kind\":\"%sList\",", r->kind);
        strbuf_add(&body, metadata);
    } else {
        if (l->metadata_only)
            strbuf_adds(&body, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":"
                               "\"meta.k8s.io/v1\",");
        else
            strbuf_addf(&body, "{\"kind\":\"%sList\",\"apiVersion\":\"%s%s%s\",", r->kind, r->group,
                        r->group[0] ? "/" : "", r->version);
        strbuf_add(&body, metadata);
        strbuf_adds(&body, ",\"items\":[");
        strbuf_add(&body, items);
        strbuf_addc(&body, ']');
    }
    strbuf_adds(&body, "}\n");
    stream_answer(s, 200, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
}

static bool is_listed(const struct listing *l, const struct object *o)
{
    return (!l->route->ns.len || span_is(l->route->ns, o->ns)) &&
           select_labels(l->labels, o->json) && select_fields(l->fields, o->json);
}

/* Index of the first object to list. */
static size_t first_of(const struct listing *l, const struct page *p)
{
    const struct resource *r = resource_kept(l->route->resource);
    size_t i = objects_from(l->objects, r, p->name ? span_from(p->ns) : l->route->ns,
                            p->name ? span_from(p->name) : SPAN(""));
    if (p->name && i < objects_count(l->objects)) {
        const struct object *o = objects_at(l->objects, i);
        i += o->resource == r && strcmp(o->ns, p->ns) == 0 && strcmp(o->name, p->name) == 0;
    }
    return i;
}

static void list_page(struct server *server, struct stream *s, const struct listing *l,
                      const struct page *p)
{
    struct strbuf items = STRBUF_INIT((size_t)512 << 20), token = STRBUF_INIT(4096),
                  metadata = STRBUF_INIT(8192);
    const struct resource *r = resource_kept(l->route->resource);
    uint64_t version = p->name ? p->version : objects_version(server->objects);
    const struct object *last = NULL;
    size_t n = 0, left = 0;
    for (size_t i = first_of(l, p); i < objects_count(l->objects); i++) {
        struct object *o = objects_at(l->objects, i);
        if (o->resource != r)
            break;
        if (!is_listed(l, o))
            continue;
        if (l->limit && n == l->limit) {
            left++;
            continue;
        }
        if (n++)
            strbuf_addc(&items, ',');
        if (l->metadata_only)
            object_print_metadata(o->json, &items);
        else if (r != l->route->resource)
            event_print_newer(o, &items);
        else
            object_print(o, true, &items);
        last = o;
    }
    if (left)
        token_write(version, l->route->ns.len ? "" : last->ns, last->name, &token);
    if (l->labels || l->fields) /* then the server does not count [API concepts, pages] */
        left = 0;
    write_metadata(l, version, strbuf_cstr(&token), left, &metadata);
    send_list(s, l, strbuf_span(&metadata), strbuf_span(&items));
    strbuf_clear(&metadata);
    strbuf_clear(&items);
    strbuf_clear(&token);
}

bool wants_metadata(const struct stream *s)
{
    struct span accept = span_from(s->accept);
    return span_search(accept, SPAN("as=PartialObjectMetadata"), true) < accept.len;
}

void answer_list(struct server *server, struct stream *s, const struct route *r)
{
    struct page page;
    struct listing l = {.objects = server->objects,
                        .route = r,
                        .labels = route_query(r, "labelSelector"),
                        .fields = route_query(r, "fieldSelector"),
                        .limit = (size_t)route_number(r, "limit", 0)};
    l.metadata_only = wants_metadata(s);
    l.by_key = r->resource->custom && !l.metadata_only;
    server->counts.lists++;
    if (token_page(server, s, r, &page))
        list_page(server, s, &l, &page);
    page_done(&page);
    free(l.labels);
    free(l.fields);
}

void answer_get(struct server *server, struct stream *s, const struct route *r)
{
    struct strbuf body = STRBUF_INIT((size_t)16 << 20);
    struct object *o = objects_find(server->objects, r->resource, r->ns, r->name);
    if (!o) {
        answer_not_found(s, r);
        return;
    }
    if (wants_metadata(s))
        object_print_metadata(o->json, &body);
    else
        object_print(o, false, &body);
    strbuf_addc(&body, '\n');
    stream_answer(s, 200, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
}
