/* Which key of its Secret an ExternalSecret fills with what of its store, as far as that is taken over as
 * it is: then the two can be compared. */
#include <config.h>

#include "backends/kubernetes/externalsecret_map.h"

/* Why an entry is not taken over as it is; NULL: it is. A version is one that stays.
 * [external-secrets apis/externalsecrets/v1, ExternalSecretDataRemoteRef] */
static const char *changed_by(struct kube_object *o, struct json_value ref)
{
    struct span decoding = object_path_text(o, ref, "decodingStrategy"),
                metadata = object_path_text(o, ref, "metadataPolicy");
    if (decoding.len && !span_is(decoding, "None"))
        return "it is decoded";
    if (metadata.len && !span_is(metadata, "None"))
        return "it is metadata";
    return object_path_text(o, ref, "version").len ? "a version is asked for" : NULL;
}

static struct span add(struct kube_object *o, struct span list, struct span key,
                       struct json_value ref)
{
    struct span path = object_path_text(o, ref, "key"),
                property = object_path_text(o, ref, "property");
    const char *why = changed_by(o, ref);
    size_t from = path.len && path.data[0] == '/';
    path = span_sub(path, from, path.len);
    if (!why && span_find(path, '#', 0) < path.len)
        why = "its path has a #";
    if (!path.len || !key.len)
        return list;
    return object_list_add(o, list,
                           object_format(o, "%.*s=%.*s%s%.*s%s%s", SPAN_ARG(key), SPAN_ARG(path),
                                         property.len ? "#" : "", SPAN_ARG(property),
                                         why ? " !" : "", why ? why : ""));
}

/* What a template makes of the values is not known. */
static bool has_template(struct kube_object *o)
{
    struct json_value t = json_path(o->spec, "target.template");
    return json_count(json_get(t, "data")) > 0 || json_count(json_get(t, "templateFrom")) > 0;
}

struct span externalsecret_map(struct kube_object *o)
{
    struct json_iter it;
    struct json_value v;
    struct span list = {"", 0};
    if (has_template(o))
        return SPAN("*= !a template makes it");
    for (json_iter_init(&it, json_get(o->spec, "data")); json_next(&it, NULL, &v);)
        list = add(o, list, object_path_text(o, v, "secretKey"), json_get(v, "remoteRef"));
    for (json_iter_init(&it, json_get(o->spec, "dataFrom")); json_next(&it, NULL, &v);)
        if (json_count(json_get(v, "rewrite")) == 0)
            list = add(o, list, SPAN("*"), json_get(v, "extract"));
    return list;
}
