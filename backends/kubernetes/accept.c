/* What is asked of an object: all of it, or its metadata alone. */
#include <config.h>

#include "backends/kubernetes/cluster.h"

#define APPLIED "kubectl.kubernetes.io/last-applied-configuration"
#define MASK    "***"

/* [kubernetes apimachinery pkg/apis/meta/v1, PartialObjectMetadata]. Nothing else is
 * accepted in its place: a server that does not know it answers 406. */
#define METADATA(type) \
    "Accept: application/json;as=PartialObjectMetadata" type ";v=v1;g=meta.k8s.io"

const char *const *kube_accept(const struct kube_kind *k, enum kube_ask ask)
{
    static const char *const whole[] = {"Accept: application/json", NULL};
    static const char *const metadata[] = {METADATA(""), NULL};
    static const char *const list[] = {METADATA("List"), NULL};
    if (ask == ASK_DOCUMENT ? !k->secret : !k->metadata_only)
        return whole;
    return ask == ASK_LIST ? list : metadata;
}

struct masking {
    struct strbuf *out;
    const char *at; /* copied up to here */
};

static void mask(struct masking *m, struct json_value v)
{
    struct span whole = json_whole(v);
    strbuf_add(m->out, span_make(m->at, (size_t)(whole.data - m->at)));
    strbuf_adds(m->out, "\"" MASK "\"");
    m->at = whole.data + whole.len;
}

static void mask_members(struct masking *m, struct json_value object, const char *only)
{
    struct json_iter it;
    struct json_value key, v;
    if (object.type == JSON_STRING) /* no object, though one was expected */
        mask(m, object);
    for (json_iter_init(&it, object); json_next(&it, &key, &v);)
        if (!only || json_is(key, only))
            mask(m, v);
}

bool kube_redact(struct span json, struct strbuf *out, struct err *err)
{
    struct masking m = {.out = out, .at = json.data};
    struct json_iter it, metadata;
    struct json_value key, v;
    if (!json_valid(json, err))
        return err_wrap(err, "the object");
    for (json_iter_init(&it, json_value(json)); json_next(&it, &key, &v);) {
        if (json_is(key, "data") || json_is(key, "stringData"))
            mask_members(&m, v, NULL);
        else if (json_is(key, "metadata"))
            for (json_iter_init(&metadata, v); json_next(&metadata, &key, &v);)
                if (json_is(key, "annotations"))
                    mask_members(&m, v, APPLIED);
    }
    strbuf_add(out, span_make(m.at, (size_t)(json.data + json.len - m.at)));
    return !out->failed || err_set(err, ERR_NOMEM, "the object is too large to be shown");
}
