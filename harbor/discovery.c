/* Versions, groups, resources and health: the bodies of a real server, from
 * data/discovery; what was not recorded is made from the table of resources. */
#include <config.h>

#include "base/file.h"
#include "base/json_out.h"
#include "harbor/answer.h"

#include <stdio.h>
#include <string.h>

#define AGGREGATED "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

/* A file's body under its path's name: "/apis/apps/v1" is apis-apps-v1.json. */
static bool answer_file(struct server *server, struct stream *s, const char *name, const char *type)
{
    struct strbuf path = STRBUF_INIT(4200), body = STRBUF_INIT((size_t)1 << 20);
    strbuf_addf(&path, "%s/discovery/%s", server->folder, name);
    bool ok = file_read(strbuf_cstr(&path), &body, NULL);
    if (ok)
        stream_answer(s, 200, type, strbuf_span(&body));
    strbuf_clear(&path);
    strbuf_clear(&body);
    return ok;
}

/* False: the path has bytes that no group or version has. */
static bool name_of(struct span path, char out[128])
{
    size_t n = 0;
    for (size_t i = 1; i < path.len; i++) {
        char c = path.data[i];
        bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        if ((!known && c != '/') || n >= 100)
            return false;
        out[n++] = c == '/' ? '-' : c;
    }
    memcpy(out + n, ".json", 6);
    return n > 0;
}

static void write_resource(struct json_out *j, const struct resource *r)
{
    struct span rest = span_from(r->short_names), name;
    json_object(j);
    json_key(j, "name");
    json_cstr(j, r->plural);
    json_key(j, "singularName");
    json_cstr(j, r->singular);
    json_key(j, "namespaced");
    json_bool(j, r->namespaced);
    json_key(j, "kind");
    json_cstr(j, r->kind);
    json_key(j, "verbs");
    json_raw(j, SPAN("[\"create\",\"delete\",\"deletecollection\",\"get\",\"list\",\"patch\","
                     "\"update\",\"watch\"]"));
    if (rest.len) {
        json_key(j, "shortNames");
        json_array(j);
        while (span_split(&rest, ',', &name))
            json_text(j, name);
        json_array_end(j);
    }
    json_object_end(j);
}

/* /apis/GROUP/VERSION that is served but was not recorded. */
static bool answer_made(struct stream *s, struct span path)
{
    struct strbuf body = STRBUF_INIT(65536);
    struct json_out j;
    size_t n = 0;
    if (!span_starts(path, "/apis/"))
        return false;
    struct span version = span_sub(path, 6, path.len);
    json_out_init(&j, &body, 0);
    json_object(&j);
    json_key(&j, "kind");
    json_cstr(&j, "APIResourceList");
    json_key(&j, "apiVersion");
    json_cstr(&j, "v1");
    json_key(&j, "groupVersion");
    json_text(&j, version);
    json_key(&j, "resources");
    json_array(&j);
    for (size_t i = 0; i < resource_count; i++) {
        char group_version[128];
        (void)snprintf(group_version, sizeof(group_version), "%s/%s", resources[i].group,
                       resources[i].version);
        if (!span_is(version, group_version))
            continue;
        write_resource(&j, &resources[i]);
        n++;
    }
    json_array_end(&j);
    json_object_end(&j);
    strbuf_addc(&body, '\n');
    if (n)
        stream_answer(s, 200, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
    return n > 0;
}

bool answer_discovery(struct server *server, struct stream *s, const struct route *r)
{
    char name[128];
    bool health =
        span_is(r->path, "/readyz") || span_is(r->path, "/livez") || span_is(r->path, "/healthz");
    struct span accept = span_from(s->accept);
    bool aggregated = span_search(accept, SPAN("as=APIGroupDiscoveryList"), true) < accept.len;
    bool groups = span_is(r->path, "/api") || span_is(r->path, "/apis");
    if (r->resource || strcmp(s->method, "GET") != 0)
        return false;
    if (health && span_starts(r->query, "verbose"))
        return answer_file(server, s, "readyz.txt", "text/plain; charset=utf-8");
    if (health) {
        stream_answer(s, 200, "text/plain; charset=utf-8", SPAN("ok"));
        return true;
    }
    if (aggregated && groups) {
        bool core = span_is(r->path, "/api");
        s->more = "Vary: Accept\r\n"; /* [recorded/006] */
        return answer_file(server, s, core ? "api-aggregated.json" : "apis-aggregated.json",
                           AGGREGATED);
    }
    return name_of(r->path, name) &&
           (answer_file(server, s, name, "application/json") || answer_made(s, r->path));
}
