/* Label selectors [apimachinery pkg/labels/selector.go Requirement.Matches]. */
#include <config.h>

#include "backends/kubernetes/selector.h"

/* The value of a label; false: there is none. */
static bool value_of(struct span labels, struct span key, struct span *out)
{
    struct span one;
    while (labels.len && span_split(&labels, ',', &one)) {
        size_t eq = span_find(one, '=', 0);
        if (!span_eq(span_sub(one, 0, eq), key))
            continue;
        *out = span_sub(one, eq + 1, one.len);
        return true;
    }
    return false;
}

/* The next requirement: commas within brackets are its own. */
static bool next_requirement(struct span *rest, struct span *out)
{
    size_t at = 0;
    if (!rest->len)
        return false;
    for (bool within = false; at < rest->len && (within || rest->data[at] != ','); at++)
        within = rest->data[at] == '(' || (within && rest->data[at] != ')');
    *out = span_sub(*rest, 0, at);
    *rest = span_sub(*rest, at + 1, rest->len);
    return true;
}

/* A label that is not there is in no set, so it passes "notin". */
static bool requirement_holds(struct span r, struct span labels)
{
    size_t eq = span_find(r, '=', 0), open = span_find(r, '(', 0);
    struct span value = {"", 0};
    if (open < r.len) {
        size_t space = span_find(r, ' ', 0);
        bool there = value_of(labels, span_sub(r, 0, space), &value);
        bool among = there && span_lists(span_sub(r, open + 1, r.len - open - 2), ',', value);
        return span_starts(span_sub(r, space + 1, r.len), "notin") ? !among : among;
    }
    if (eq < r.len)
        return value_of(labels, span_sub(r, 0, eq), &value) &&
               span_eq(value, span_sub(r, eq + 1, r.len));
    if (span_starts(r, "!"))
        return !value_of(labels, span_sub(r, 1, r.len), &value);
    return value_of(labels, r, &value);
}

bool selector_matches(struct span selector, struct span labels)
{
    struct span one;
    while (next_requirement(&selector, &one))
        if (!requirement_holds(one, labels))
            return false;
    return true;
}
