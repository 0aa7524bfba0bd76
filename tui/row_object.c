/* Rows and the objects that they are of. */
#include <config.h>

#include "tui/row_object.h"

#include "backends/kubernetes/kube_kind.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 512

static const struct kube_kind *kube_kind_of(const struct kind *kind)
{
    for (const struct kube_kind *const *k = kube_kinds; *k; k++)
        if ((*k)->kind == kind)
            return *k;
    return NULL;
}

bool row_is_object(const struct kind *kind)
{
    return kube_kind_of(kind) != NULL;
}

bool row_takes(const struct kind *kind, const struct action *action)
{
    if (strcmp(action->kind, KIND_ANY) == 0)
        return kube_kind_of(kind) != NULL;
    struct span rest = span_from(action->kind), one;
    while (span_split(&rest, ' ', &one))
        if (span_is(one, kind->name))
            return true;
    return false;
}

static bool set(struct answers *a, const char *field, struct span value, struct err *err)
{
    char text[WORD_MAX];
    (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(value));
    return !value.len || answers_set(a, field, text, err);
}

bool row_object(const struct store *st, struct handle row, struct answers *a, struct err *err)
{
    const struct kube_kind *k = kube_kind_of(store_kind(st, row.kind));
    char resource[WORD_MAX];
    struct span ns, name;
    size_t which;
    if (!k || !kube_key_parts(k, store_key(st, row), &which, &ns, &name))
        return err_set(err, ERR_CONFIG, "the row is of no object of the API server");
    const struct kube_resource *r = (k->from ? k->from : k)->resources + which;
    (void)snprintf(resource, sizeof(resource), "%s%s%s", r->plural, r->group[0] ? "." : "",
                   r->group);
    return set(a, "resource", span_from(resource), err) && set(a, "name", name, err) &&
           set(a, "namespace", ns, err);
}
