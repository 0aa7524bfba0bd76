/* "app=web,tier!=cache,track in (a,b),!old" and "status.phase!=Running"
 * [kubernetes.io/docs/concepts/overview/working-with-objects: labels, field selectors]. */
#include <config.h>

#include "harbor/select.h"

#include <stdio.h>
#include <string.h>

/* The part up to the next comma outside parentheses. */
static bool next_term(struct span *rest, struct span *term)
{
    size_t depth = 0, i = 0;
    if (!rest->len)
        return false;
    for (; i < rest->len && (depth || rest->data[i] != ','); i++) {
        if (rest->data[i] == '(')
            depth++;
        else if (rest->data[i] == ')' && depth)
            depth--;
    }
    *term = span_trim(span_sub(*rest, 0, i));
    *rest = span_sub(*rest, i + 1, rest->len);
    return true;
}

static const char *label_of(const cJSON *object, struct span key)
{
    char name[320];
    const cJSON *labels = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(object, "metadata"), "labels");
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(key));
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(labels, name));
}

static bool is_among(struct span list, const char *value)
{
    struct span one;
    list = span_trim(list);
    list = span_sub(list, 1, list.len > 2 ? list.len - 2 : 0);
    while (span_split(&list, ',', &one))
        if (value && span_is(span_trim(one), value))
            return true;
    return false;
}

/* "key in (a,b)"; false: the term is of another form. */
static bool set_term(struct span term, const cJSON *object, bool *fits)
{
    size_t in = span_search(term, SPAN(" in "), false),
           not = span_search(term, SPAN(" notin "), false);
    if (in < term.len)
        *fits = is_among(span_sub(term, in + 4, term.len),
                         label_of(object, span_trim(span_sub(term, 0, in))));
    else if (not < term.len)
        *fits = !is_among(span_sub(term, not +7, term.len),
                          label_of(object, span_trim(span_sub(term, 0, not ))));
    else
        return false;
    return true;
}

/* key=value, key==value, key!=value; false: no such operator. */
static bool split_equals(struct span term, struct span *key, struct span *value, bool *differs)
{
    size_t equals = span_find(term, '=', 0);
    if (equals == term.len)
        return false;
    *differs = equals && term.data[equals - 1] == '!';
    *key = span_trim(span_sub(term, 0, equals - *differs));
    equals += equals + 1 < term.len && term.data[equals + 1] == '=';
    *value = span_trim(span_sub(term, equals + 1, term.len));
    return true;
}

bool select_labels(const char *selector, const cJSON *object)
{
    struct span rest = span_from(selector), term, key, value;
    bool differs, fits;
    while (next_term(&rest, &term)) {
        if (set_term(term, object, &fits)) {
        } else if (split_equals(term, &key, &value, &differs)) {
            const char *label = label_of(object, key);
            fits = (label && span_is(value, label)) != differs;
        } else if (span_starts(term, "!")) {
            fits = !label_of(object, span_sub(term, 1, term.len));
        } else {
            fits = label_of(object, term) != NULL;
        }
        if (!fits)
            return false;
    }
    return true;
}

static const char *field_of(const cJSON *object, struct span path)
{
    struct span part;
    while (object && span_split(&path, '.', &part)) {
        char name[128];
        (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(part));
        object = cJSON_GetObjectItemCaseSensitive(object, name);
    }
    const char *text = cJSON_GetStringValue(object);
    return text ? text : "";
}

bool select_fields(const char *selector, const cJSON *object)
{
    struct span rest = span_from(selector), term, key, value;
    bool differs;
    while (next_term(&rest, &term))
        if (!split_equals(term, &key, &value, &differs) ||
            span_is(value, field_of(object, key)) == differs)
            return false;
    return true;
}
