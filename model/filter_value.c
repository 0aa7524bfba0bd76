/* Values in filters by the type of their column, and globs. */
#include <config.h>

#include "base/number.h"
#include "base/timetext.h"
#include "model/filter_impl.h"

static bool value_bool(struct span text, double *out)
{
    if (!span_is(text, "true") && !span_is(text, "false"))
        return false;
    *out = span_is(text, "true");
    return true;
}

static bool value_level(struct span text, double *out)
{
    static const struct {
        const char *name;
        enum level level;
    } shorts[] = {{"warn", LEVEL_WARNING}, {"crit", LEVEL_CRITICAL}};
    enum level level;
    for (size_t i = 0; i < BN_COUNT(shorts); i++) {
        if (span_eq_nocase(text, span_from(shorts[i].name))) {
            *out = shorts[i].level;
            return true;
        }
    }
    if (!level_parse(text, &level))
        return false;
    *out = level;
    return true;
}

static bool value_quantity(struct span text, double *out)
{
    int64_t thousandths;
    if (!quantity_parse(text, 1000, &thousandths))
        return false;
    *out = (double)thousandths;
    return true;
}

static bool value_duration(struct span text, double *out)
{
    int64_t ms;
    if (!duration_parse(text, &ms))
        return false;
    *out = (double)ms;
    return true;
}

static const char *wanted(enum value_type type)
{
    switch (type) {
    case VALUE_BOOL:
        return "true or false";
    case VALUE_COUNT:
        return "a number such as 3 or 1.5k";
    case VALUE_BYTES:
        return "a size such as 512Mi";
    case VALUE_RATIO:
        return "a share such as 80%";
    case VALUE_RATE:
        return "a number";
    case VALUE_DURATION:
    case VALUE_INSTANT:
        return "an age such as 90s, 10m, 2h, 3d";
    case VALUE_LEVEL:
        return "ok, warning, critical, ...";
    case VALUE_QUANTITY:
        return "a quantity such as 500m or 2Gi";
    case VALUE_ABSENT:
    case VALUE_TEXT:
    case VALUE_LIST:
        return "a text";
    }
    return "";
}

bool filter_value(const struct column *c, struct span text, double *out, struct err *err)
{
    bool ok = false;
    switch (c->type) {
    case VALUE_BOOL:
        ok = value_bool(text, out);
        break;
    case VALUE_COUNT:
    case VALUE_BYTES:
    case VALUE_RATIO:
    case VALUE_RATE:
        ok = number_parse_human(text, out);
        break;
    case VALUE_DURATION:
    case VALUE_INSTANT:
        ok = value_duration(text, out);
        break;
    case VALUE_LEVEL:
        ok = value_level(text, out);
        break;
    case VALUE_QUANTITY:
        ok = value_quantity(text, out);
        break;
    case VALUE_ABSENT:
    case VALUE_TEXT:
    case VALUE_LIST:
        break;
    }
    return ok || err_set(err, ERR_CONFIG, "%s wants %s, not `%.*s`", c->name, wanted(c->type),
                         SPAN_ARG(text));
}

static unsigned char fold(char c, bool exact)
{
    unsigned char u = (unsigned char)c;
    return !exact && u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

/* Linear: on a mismatch only the last star takes one more. */
bool filter_glob(struct span pattern, struct span text, bool exact_case)
{
    size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.len &&
                   (pattern.data[p] == '?' ||
                    fold(pattern.data[p], exact_case) == fold(text.data[t], exact_case))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}
