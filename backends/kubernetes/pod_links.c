/* Where a pod leads to. */
#include <config.h>

#include "backends/kubernetes/pod_links.h"

#include <string.h>

#define NAMES_MAX 48

/* Secrets and ConfigMaps that have been linked already: a container that takes
 * twenty variables from one Secret leads there once. */
struct names {
    struct {
        enum link_type type;
        const char *kind;
        struct span name;
    } all[NAMES_MAX];

    size_t count;
};

struct linking {
    struct kube_object *o;
    struct row_writer *w;
    struct names seen;
};

static void link_named(struct linking *l, enum link_type type, const char *kind, struct span name,
                       bool optional)
{
    struct names *n = &l->seen;
    if (!name.len || n->count == NAMES_MAX)
        return;
    for (size_t i = 0; i < n->count; i++)
        if (n->all[i].type == type && n->all[i].kind == kind && span_eq(n->all[i].name, name))
            return;
    n->all[n->count].type = type;
    n->all[n->count].kind = kind;
    n->all[n->count++].name = name;
    row_link(l->w, type, optional ? 0 : LINK_EXPECTED, kind, object_key(l->o, l->o->ns, name));
}

/* A reference {name, optional} under a key of holder. */
static void link_reference(struct linking *l, struct json_value holder, const char *key,
                           const char *field, enum link_type type)
{
    struct json_value v = json_get(holder, key);
    if (v.type != JSON_OBJECT)
        return;
    struct span name = object_text(l->o, json_get(v, field));
    bool secret = strncmp(key, "secret", 6) == 0;
    if (!secret && span_is(name, "kube-root-ca.crt")) /* in every pod: says nothing */
        return;
    link_named(l, type, secret ? "secret" : "configmap", name,
               json_is_true(json_get(v, "optional")));
}

static void volumes(struct linking *l)
{
    struct json_iter it, sources;
    struct json_value v, source;
    for (json_iter_init(&it, json_get(l->o->spec, "volumes")); json_next(&it, NULL, &v);) {
        link_named(l, LINK_CLAIM, "pvc",
                   object_path_text(l->o, v, "persistentVolumeClaim.claimName"), false);
        if (json_get(v, "ephemeral").type == JSON_OBJECT) /* its claim is made for the pod */
            link_named(l, LINK_CLAIM, "pvc",
                       object_format(l->o, "%.*s-%.*s", SPAN_ARG(l->o->name),
                                     SPAN_ARG(object_text(l->o, json_get(v, "name")))),
                       false);
        link_reference(l, v, "secret", "secretName", LINK_SECRET);
        link_reference(l, v, "configMap", "name", LINK_CONFIG);
        for (json_iter_init(&sources, json_path(v, "projected.sources"));
             json_next(&sources, NULL, &source);) {
            link_reference(l, source, "secret", "name", LINK_SECRET);
            link_reference(l, source, "configMap", "name", LINK_CONFIG);
        }
    }
}

static void environment(struct linking *l, const char *list)
{
    struct json_iter containers, it;
    struct json_value c, e;
    for (json_iter_init(&containers, json_get(l->o->spec, list));
         json_next(&containers, NULL, &c);) {
        for (json_iter_init(&it, json_get(c, "envFrom")); json_next(&it, NULL, &e);) {
            link_reference(l, e, "secretRef", "name", LINK_ENVIRONMENT);
            link_reference(l, e, "configMapRef", "name", LINK_ENVIRONMENT);
        }
        for (json_iter_init(&it, json_get(c, "env")); json_next(&it, NULL, &e);) {
            struct json_value from = json_get(e, "valueFrom");
            if (from.type != JSON_OBJECT)
                continue;
            link_reference(l, from, "secretKeyRef", "name", LINK_ENVIRONMENT);
            link_reference(l, from, "configMapKeyRef", "name", LINK_ENVIRONMENT);
        }
    }
}

/* Images of registries that can be looked at: those that name one. */
static void images(struct kube_object *o, struct row_writer *w)
{
    struct span all = {"", 0};
    struct json_iter it;
    struct json_value c;
    for (json_iter_init(&it, json_get(o->spec, "containers")); json_next(&it, NULL, &c);) {
        struct span image = object_text(o, json_get(c, "image"));
        bool seen = span_find(span_sub(image, 0, span_find(image, '/', 0)), '.', 0) >=
                        span_find(image, '/', 0) ||
                    span_starts(image, "docker.io/") || span_lists(all, LIST_SEPARATOR, image);
        if (seen)
            continue;
        all = object_list_add(o, all, image);
        row_link(w, LINK_IMAGE, 0, "image", image);
    }
}

void pod_links(struct kube_object *o, struct row_writer *w)
{
    struct linking l = {.o = o, .w = w};
    struct json_iter it;
    struct json_value v;
    struct span key, node = object_entry(o, o->spec, "nodeName");
    const char *owner = kube_owner(o, &key);
    if (owner) /* whether its Job has done without it matters to one that has failed */
        row_link(w, LINK_OWNER,
                 LINK_EXPECTED | (span_is(o->owner_kind, "Job") ? (unsigned)LINK_AFFECTS : 0),
                 owner, key);
    row_link(w, LINK_NODE, LINK_EXPECTED, "node", node);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    volumes(&l);
    environment(&l, "containers");
    environment(&l, "initContainers");
    images(o, w);
    for (json_iter_init(&it, json_get(o->spec, "imagePullSecrets")); json_next(&it, NULL, &v);)
        link_named(&l, LINK_SECRET, "secret", object_text(o, json_get(v, "name")), true);
}
