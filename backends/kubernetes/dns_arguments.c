/* external-dns's flags, as a pod's template has them. */
#include <config.h>

#include "backends/kubernetes/dns_arguments.h"

/* Others may carry tokens. */
static const char *const flags[] = {
    "aws-zone-type", "domain-filter",
    "dry-run",       "exclude-domains",
    "interval",      "policy",
    "provider",      "registry",
    "source",        "txt-encrypt-enabled",
    "txt-owner-id",  "txt-prefix",
    "txt-suffix",    "txt-wildcard-replacement",
};

/* "docker.io/bitnami/external-dns:0.14.0" */
static bool is_external_dns(struct span image)
{
    struct span name = span_sub(image, span_find_last(image, '/') + 1, image.len);
    if (span_find_last(image, '/') == image.len)
        name = image;
    return span_starts(name, "external-dns") &&
           (name.len == 12 || name.data[12] == ':' || name.data[12] == '@');
}

static bool is_flag(struct span name)
{
    for (size_t i = 0; i < BN_COUNT(flags); i++)
        if (span_is(name, flags[i]))
            return true;
    return false;
}

/* "--policy=sync", or "--policy" and then "sync"; "--dry-run" alone. */
static struct span add_flags(struct kube_object *o, struct json_value args, struct span list)
{
    struct json_iter it;
    struct json_value v;
    struct span waits = {"", 0};
    for (json_iter_init(&it, args); json_next(&it, NULL, &v);) {
        struct span text = object_text(o, v);
        bool starts = span_starts(text, "--");
        if (waits.len)
            list = object_list_add(o, list,
                                   object_format(o, "%.*s=%.*s", SPAN_ARG(waits),
                                                 SPAN_ARG(starts ? SPAN("true") : text)));
        struct span name = starts ? span_sub(text, 2, span_find(text, '=', 0) - 2) : SPAN("");
        waits = SPAN("");
        if (!is_flag(name))
            continue;
        if (name.len + 2 == text.len)
            waits = name;
        else
            list = object_list_add(o, list, span_sub(text, 2, text.len));
    }
    if (waits.len)
        list = object_list_add(o, list, object_format(o, "%.*s=true", SPAN_ARG(waits)));
    return list;
}

static struct span add_secrets(struct kube_object *o, struct json_value from, struct span list)
{
    struct json_iter it;
    struct json_value v;
    for (json_iter_init(&it, from); json_next(&it, NULL, &v);) {
        struct span name = object_path_text(o, v, "secretRef.name");
        if (name.len)
            list = object_list_add(o, list, object_format(o, "secret=%.*s", SPAN_ARG(name)));
    }
    return list;
}

struct span dns_arguments(struct kube_object *o, struct json_value containers)
{
    struct json_iter it;
    struct json_value c;
    for (json_iter_init(&it, containers); json_next(&it, NULL, &c);) {
        struct span list = {"", 0};
        if (!is_external_dns(object_path_text(o, c, "image")))
            continue;
        list = add_flags(o, json_get(c, "command"), list);
        list = add_flags(o, json_get(c, "args"), list);
        list = add_secrets(o, json_get(c, "envFrom"), list);
        return list.len ? list : SPAN("policy=sync"); /* its default */
    }
    return SPAN("");
}
