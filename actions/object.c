/* Any object that the API server has: which resource a word means, who looks after an object. */
#include <config.h>

#include "actions/kube.h"

#include <string.h>

#define NAME_LONGEST 253

/* "deploy" among "deploy,dep" */
static bool is_short(const struct kube_served *s, struct span word)
{
    struct span rest = span_from(s->short_names), one;
    while (span_split(&rest, ',', &one))
        if (span_eq(one, word))
            return true;
    return false;
}

/* As kubectl takes it: plural, singular, short name or kind, and behind a dot the group. */
static bool is_named(const struct kube_served *s, struct span word, struct span group)
{
    if (group.len && !span_is(group, s->group))
        return false;
    return span_is(word, s->plural) || span_is(word, s->singular) ||
           span_eq_nocase(word, span_from(s->kind)) || is_short(s, word);
}

/* Of namesakes the core's, or that of the group that comes first, counts. */
static const struct kube_served *find_served(const struct kube_discovery *d, const char *name)
{
    struct span all = span_from(name);
    size_t dot = span_find(all, '.', 0);
    struct span word = span_sub(all, 0, dot), group = span_sub(all, dot + 1, all.len);
    const struct kube_served *found = NULL;
    for (size_t i = 0; i < kube_discovery_count(d); i++) {
        const struct kube_served *s = kube_discovery_at(d, i);
        if (!s->preferred || !is_named(s, word, group))
            continue;
        if (!found || (!s->group[0] && found->group[0]))
            found = s;
    }
    return found;
}

/* What would be another path. [apimachinery pkg/api/validation/path/name.go] */
static bool is_name(const char *name, struct err *err)
{
    bool ok = name[0] && strlen(name) <= NAME_LONGEST && !strpbrk(name, "/%") &&
              strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
    return ok || err_set(err, ERR_CONFIG, "--name `%.60s`: no name of an object", name);
}

bool kube_any(struct target *t, struct plan *p, const struct answers *in, struct kube_object *o,
              struct err *err)
{
    const char *word = answers_get(in, "resource");
    const struct kube_discovery *d = target_served(t, err);
    const struct kube_served *s = d ? find_served(d, word) : NULL;
    struct kube_resource *r = s ? arena_calloc(p->arena, 1, sizeof(*r)) : NULL;
    if (!d || !is_name(answers_get(in, "name"), err))
        return false;
    if (!r)
        return err_set(err, ERR_NOTFOUND, "--resource %s: the API server has no such resource",
                       word);
    *r = (struct kube_resource){s->group, s->version, s->plural};
    *o = (struct kube_object){.resource = r,
                              .kind = s->kind,
                              .ns = s->namespaced ? answers_get(in, "namespace") : "",
                              .name = answers_get(in, "name")};
    return true;
}

const char *kube_word(struct plan *p, const struct kube_object *o)
{
    const struct kube_resource *r = o->resource;
    return plan_text(p, "%s%s%s/%s", r->plural, r->group[0] ? "." : "", r->group, o->name);
}

const struct json_node *kube_controller(const struct json_node *root)
{
    const struct json_node *o = json_node_first(json_node_path(root, "metadata.ownerReferences"));
    while (o && !json_node_true(json_node_get(o, "controller")))
        o = json_node_next(o);
    return o;
}

void kube_warn_owner(struct target *t, struct plan *p, const struct kube_object *o,
                     const char *what)
{
    const struct json_node *owner = kube_controller(o->root);
    if (owner)
        plan_warn(p, plan_text(p, "%s %s made %s: it may put %s back, or make another",
                               json_node_path_text(owner, "kind", ""),
                               json_node_path_text(owner, "name", ""), kube_name(p, o), what));
    kube_warn_argocd(t, p, o, what);
}

/* ---- Label selectors [apimachinery pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector]. */

static bool is_one_of(const struct json_node *values, const char *text)
{
    for (const struct json_node *v = json_node_first(values); v; v = json_node_next(v))
        if (text && json_node_text(v) && strcmp(json_node_text(v), text) == 0)
            return true;
    return false;
}

static bool fits(const struct json_node *expression, const struct json_node *labels)
{
    const char *operator= json_node_path_text(expression, "operator", "");
    const char *key = json_node_path_text(expression, "key", "");
    const char *value = json_node_text(json_node_get(labels, key));
    bool among = is_one_of(json_node_get(expression, "values"), value);
    return strcmp(operator, "In") == 0       ? among
           : strcmp(operator, "NotIn") == 0  ? !among
           : strcmp(operator, "Exists") == 0 ? value != NULL
                                             : value == NULL;
}

bool kube_selects(const struct json_node *selector, const struct json_node *object)
{
    const struct json_node *labels = json_node_path(object, "metadata.labels");
    const struct json_node *n = json_node_first(json_node_get(selector, "matchLabels"));
    for (; n; n = json_node_next(n)) {
        const char *value = json_node_text(json_node_get(labels, json_node_key(n)));
        if (!value || !json_node_text(n) || strcmp(value, json_node_text(n)) != 0)
            return false;
    }
    for (n = json_node_first(json_node_get(selector, "matchExpressions")); n; n = json_node_next(n))
        if (!fits(n, labels))
            return false;
    return selector != NULL;
}
