/* Objects: reading them, naming them, patching them. */
#include <config.h>

#include "actions/kube.h"

#include "base/json_out.h"
#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word, *kind;
    struct kube_resource resource;
} workloads[] = {
    {"deployment", "Deployment", {"apps", "v1", "deployments"}},
    {"statefulset", "StatefulSet", {"apps", "v1", "statefulsets"}},
    {"daemonset", "DaemonSet", {"apps", "v1", "daemonsets"}},
};

const struct kube_resource *kube_workload_of(const char *word, const char **kind)
{
    for (size_t i = 0; i < BN_COUNT(workloads); i++)
        if (strcmp(workloads[i].word, word) == 0) {
            *kind = workloads[i].kind;
            return &workloads[i].resource;
        }
    return NULL;
}

bool kube_look(struct target *t, struct plan *p, struct kube_object *o, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    kube_path(&path, o->resource, o->ns, o->name, NULL);
    o->path = plan_text(p, "%s", strbuf_cstr(&path));
    strbuf_clear(&path);
    o->doc = NULL;
    if (!target_get(t, o->path, &o->doc, err))
        return false;
    o->root = json_doc_root(o->doc);
    o->version = plan_text(p, "%s", kube_text(o, "metadata.resourceVersion"));
    if (!json_node_int(json_node_path(o->root, "metadata.generation"), &o->generation))
        o->generation = 0;
    return true;
}

bool kube_read(struct target *t, struct plan *p, struct kube_object *o, struct err *err)
{
    if (!kube_look(t, p, o, err))
        return false;
    return o->doc || err_set(err, ERR_NOTFOUND, "%s is not there", kube_name(p, o));
}

void kube_object_clear(struct kube_object *o)
{
    json_doc_free_wiped(o->doc); /* it may be a Secret */
    o->doc = NULL;
    o->root = NULL;
}

bool kube_is_meant(const struct kube_object *o, const struct answers *in)
{
    return o->doc && (!in->again || kube_time(o->root, "metadata.creationTimestamp") < in->at_ms);
}

const char *kube_text(const struct kube_object *o, const char *path)
{
    return json_node_path_text(o->root, path, "");
}

const char *kube_annotation(const struct json_node *root, const char *key)
{
    const struct json_node *all = json_node_path(root, "metadata.annotations");
    const char *text = json_node_text(json_node_get(all, key));
    return text ? text : "";
}

const struct json_node *kube_condition(const struct json_node *root, const char *type)
{
    const struct json_node *c = json_node_first(json_node_path(root, "status.conditions"));
    while (c && strcmp(json_node_path_text(c, "type", ""), type) != 0)
        c = json_node_next(c);
    return c;
}

int64_t kube_time(const struct json_node *root, const char *path)
{
    int64_t ms;
    return time_parse(span_from(json_node_path_text(root, path, "")), &ms) ? ms : TIME_NONE;
}

const char *kube_name(struct plan *p, const struct kube_object *o)
{
    return plan_text(p, "%s %s%s%s", o->kind, o->ns, o->ns[0] ? "/" : "", o->name);
}

static void add_word(struct strbuf *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@";
    if (*text && text[strspn(text, plain)] == '\0')
        strbuf_adds(out, text);
    else
        deed_quote(out, span_from(text));
}

const char *kubectl(struct plan *p, const struct target *t, const char *ns)
{
    struct strbuf out = STRBUF_INIT(4096);
    strbuf_adds(&out, "kubectl --context ");
    add_word(&out, target_context(t));
    if (ns[0]) {
        strbuf_adds(&out, " -n ");
        add_word(&out, ns);
    }
    const char *text = plan_text(p, "%s", strbuf_cstr(&out));
    strbuf_clear(&out);
    return text;
}

struct deed kube_patch(struct plan *p, const struct kube_object *o, const char *members,
                       bool guarded)
{
    static const char metadata[] = "\"metadata\":{";
    const bool more = strncmp(members, metadata, strlen(metadata)) == 0;
    /* Once: of a name that stands there twice an API server takes the last [encoding/json]. */
    const char *version = guarded ? plan_text(p, "%s\"resourceVersion\":\"%s\"%s", metadata,
                                              o->version, more ? "," : "},")
                                  : "";
    if (guarded && more)
        members += strlen(metadata);
    return (struct deed){.method = "PATCH",
                         .path = o->path,
                         .media = MERGE_PATCH,
                         .body = plan_text(p, "{%s%s}", version, members),
                         .generation = guarded ? o->generation : -1};
}

struct deed kube_create(struct plan *p, const struct kube_resource *r, const char *ns,
                        const char *body)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    kube_path(&path, r, ns, NULL, NULL);
    const struct deed d = {.method = "POST",
                           .path = plan_text(p, "%s", strbuf_cstr(&path)),
                           .media = "application/json",
                           .body = body,
                           .generation = -1};
    strbuf_clear(&path);
    return d;
}

struct deed kube_delete(struct plan *p, const char *path, const char *options)
{
    return (struct deed){.method = "DELETE",
                         .path = path,
                         .media = "application/json",
                         .body = plan_text(p,
                                           "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\""
                                           "%s%s}",
                                           options[0] ? "," : "", options),
                         .generation = -1};
}

struct deed kube_annotate(struct plan *p, const struct kube_object *o, const char *key,
                          const char *value)
{
    struct strbuf text = STRBUF_INIT(16384);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "metadata");
    json_object(&j);
    json_key(&j, "annotations");
    json_object(&j);
    json_key(&j, key);
    json_cstr(&j, value);
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return (struct deed){
        .method = "PATCH", .path = o->path, .media = MERGE_PATCH, .body = body, .generation = -1};
}

void kube_job_log(const struct json_node *job, struct strbuf *selector)
{
    strbuf_addf(selector, "job-name=%s", json_node_path_text(job, "metadata.name", ""));
}

enum awaiting kube_await_gone(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                              BN_UNUSED const struct json_node *object, struct strbuf *says)
{
    strbuf_adds(says, "it is still there");
    return AWAIT_MORE;
}
