/* set-image: another image of a container, followed like a rollout. */
#include <config.h>

#include "actions/stops.h"
#include "base/json_out.h"

#include <string.h>

static const struct field fields[] = {
    {"kind", FIELD_CHOICE, "deployment|statefulset|daemonset", "deployment", "what it is", "type"},
    {"name", FIELD_NAME, NULL, NULL, "its name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"image", FIELD_TEXT, NULL, NULL, "registry/path:tag or registry/path@sha256:..."},
    {"container", FIELD_TEXT, NULL, "", "whose; may be left out where there is one alone"},
    {NULL},
};

/* ---- The form of a reference [distribution/reference: grammar]. */

static bool is_among(struct span s, const char *more)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && (!c || !strchr(more, c)))
            return false;
    }
    return s.len > 0;
}

static bool is_path(struct span s)
{
    struct span part;
    bool first = true, ok = s.len > 0;
    while (ok && span_split(&s, '/', &part)) {
        bool host = first && s.data &&
                    (span_find(part, '.', 0) < part.len || span_find(part, ':', 0) < part.len);
        ok = is_among(part, host ? ".-:ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "._-") &&
             !strchr("._-", part.data[0]) && !strchr("._-", part.data[part.len - 1]);
        first = false;
    }
    return ok;
}

static bool is_digest(struct span s)
{
    struct span digits = span_sub(s, strlen("sha256:"), s.len);
    bool ok = span_starts(s, "sha256:") && digits.len == 64;
    for (size_t i = 0; ok && i < digits.len; i++)
        ok = strchr("0123456789abcdef", digits.data[i]) != NULL;
    return ok;
}

static bool is_tag(struct span s)
{
    return s.len <= 128 && is_among(s, "._-ABCDEFGHIJKLMNOPQRSTUVWXYZ") && !strchr(".-", s.data[0]);
}

/* *tag, *digest: empty where there is none. */
static bool read_image(const char *text, struct span *tag, struct span *digest, struct err *err)
{
    struct span all = span_from(text);
    size_t at = span_find(all, '@', 0);
    bool pinned = at < all.len;
    *digest = pinned ? span_sub(all, at + 1, all.len) : SPAN("");
    all = span_sub(all, 0, at);
    size_t slash = span_find_last(all, '/'), colon = span_find_last(all, ':');
    bool tagged = colon < all.len && (slash == all.len || colon > slash);
    *tag = tagged ? span_sub(all, colon + 1, all.len) : SPAN("");
    all = tagged ? span_sub(all, 0, colon) : all;
    bool ok = is_path(all) && (!tagged || is_tag(*tag)) && (!pinned || is_digest(*digest));
    return ok || err_set(err, ERR_CONFIG,
                         "--image `%.100s`: no image's name: registry/path, and behind it :tag or "
                         "@sha256: and 64 hexadecimal digits",
                         text);
}

static void warn(struct plan *p, struct span tag, struct span digest)
{
    if (!tag.len && !digest.len)
        plan_warn(p, "no tag is said: it is latest, whatever that is when a node pulls it");
    else if (span_is(tag, "latest") && !digest.len)
        plan_warn(p, "latest is whatever it is when a node pulls it");
}

/* ---- */

static const struct json_node *container_named(const struct kube_object *o, const char *list,
                                               const char *name)
{
    const struct json_node *template = json_node_path(o->root, "spec.template.spec");
    const struct json_node *c = json_node_first(json_node_get(template, list));
    while (c && strcmp(json_node_path_text(c, "name", ""), name) != 0)
        c = json_node_next(c);
    return c;
}

static const char *names_of(struct plan *p, const struct kube_object *o)
{
    const struct json_node *c =
        json_node_first(json_node_path(o->root, "spec.template.spec.containers"));
    const char *all = "";
    for (; c; c = json_node_next(c))
        all = plan_text(p, "%s%s%s", all, all[0] ? ", " : "", json_node_path_text(c, "name", ""));
    return all;
}

/* *list: "containers" or "initContainers". NULL: there is none, or not one alone. */
static const struct json_node *choose(struct plan *p, const struct kube_object *o, const char *name,
                                      const char **list, struct err *err)
{
    const struct json_node *all = json_node_path(o->root, "spec.template.spec.containers");
    const struct json_node *c = NULL;
    *list = "containers";
    if (!name[0] && json_node_count(all) == 1)
        return json_node_first(all);
    if (name[0])
        c = container_named(o, *list, name);
    if (name[0] && !c)
        c = container_named(o, *list = "initContainers", name);
    if (!c && !name[0])
        (void)err_set(err, ERR_CONFIG, "set-image wants --container: %s has %s", kube_name(p, o),
                      names_of(p, o));
    else if (!c)
        (void)err_set(err, ERR_CONFIG, "--container %s: %s has %s", name, kube_name(p, o),
                      names_of(p, o));
    return c;
}

static struct deed set_image(struct plan *p, const struct kube_object *o, const char *list,
                             const char *name, const char *image, bool guarded)
{
    struct strbuf text = STRBUF_INIT(16384);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "name");
    json_cstr(&j, name);
    json_key(&j, "image");
    json_cstr(&j, image);
    json_object_end(&j);
    struct deed d = kube_patch(
        p, o,
        plan_text(p, "\"spec\":{\"template\":{\"spec\":{\"%s\":[%s]}}}", list, strbuf_cstr(&text)),
        guarded);
    d.media = STRATEGIC_PATCH; /* of the list, the one of this name */
    strbuf_clear(&text);
    return d;
}

static bool add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o, struct err *err)
{
    struct span tag, digest;
    const char *list, *image = answers_get(in, "image");
    const struct json_node *c = choose(p, o, answers_get(in, "container"), &list, err);
    if (!c || !read_image(image, &tag, &digest, err))
        return false;
    const char *name = plan_text(p, "%s", json_node_path_text(c, "name", ""));
    const char *was = plan_text(p, "%s", json_node_path_text(c, "image", ""));
    bool same = strcmp(was, image) == 0;
    struct step *s =
        plan_step(p, same ? '=' : '~',
                  plan_text(p, "Set image of %s in %s to %s", name, kube_name(p, o), image));
    bool waits = !json_node_true(json_node_path(o->root, "spec.paused")) &&
                 strcmp(kube_text(o, "spec.updateStrategy.type"), "OnDelete") != 0;
    s->await_path = o->path;
    s->await = waits ? rollout_await : NULL;
    s->await_s = 600;
    if (same)
        return true;
    s->deed = set_image(p, o, list, name, image, true);
    s->undo = set_image(p, o, list, name, was, false);
    s->undo_title = plan_text(p, "set it back to %s", was);
    s->shell = plan_text(p, "%s set image %s/%s %s=%s", kubectl(p, t, o->ns),
                         answers_get(in, "kind"), o->name, name, image);
    warn(p, tag, digest);
    if (waits)
        stops_rollout(t, p, o);
    else
        plan_warn(p, "it is paused, or its pods are made anew only when they are deleted: nothing "
                     "is rolled out yet");
    kube_warn_owner(t, p, o, "the image");
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.ns = answers_get(in, "namespace"), .name = answers_get(in, "name")};
    o.resource = kube_workload_of(answers_get(in, "kind"), &o.kind);
    bool ok = kube_read(t, p, &o, err) && add_step(t, in, p, &o, err);
    kube_object_clear(&o);
    return ok;
}

const struct action action_image_set = {
    .name = "set-image",
    .title = "Set a container's image",
    .help = "another image of a workload's container, followed until all pods have it",
    .risk = RISK_CHANGE,
    .kind = "workload",
    .fields = fields,
    .plan = plan,
};
