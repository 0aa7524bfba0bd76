/* One table cell: order, equality, text. */
#include <config.h>

#include "model/value.h"

#include "base/number.h"
#include "base/timetext.h"

#include <stdio.h>
#include <string.h>

static const char *const level_names[LEVEL_COUNT] = {
    [LEVEL_OFF] = "off",           [LEVEL_OK] = "ok",           [LEVEL_NOTICE] = "notice",
    [LEVEL_PROGRESS] = "progress", [LEVEL_UNKNOWN] = "unknown", [LEVEL_WARNING] = "warning",
    [LEVEL_CRITICAL] = "critical",
};

const char *level_name(enum level level)
{
    return level_names[level];
}

bool level_parse(struct span name, enum level *out)
{
    for (size_t i = 0; i < LEVEL_COUNT; i++) {
        if (span_eq_nocase(name, span_from(level_names[i]))) {
            *out = (enum level)i;
            return true;
        }
    }
    return false;
}

bool value_type_is_text(enum value_type type)
{
    return type == VALUE_TEXT || type == VALUE_LIST;
}

bool value_type_is_real(enum value_type type)
{
    return type == VALUE_RATIO || type == VALUE_RATE;
}

const char *value_type_name(enum value_type type)
{
    switch (type) {
    case VALUE_ABSENT:
        return "absent";
    case VALUE_BOOL:
        return "bool";
    case VALUE_COUNT:
        return "count";
    case VALUE_BYTES:
        return "bytes";
    case VALUE_RATIO:
        return "ratio";
    case VALUE_RATE:
        return "rate";
    case VALUE_DURATION:
        return "duration";
    case VALUE_INSTANT:
        return "instant";
    case VALUE_LEVEL:
        return "level";
    case VALUE_TEXT:
        return "text";
    case VALUE_LIST:
        return "list";
    case VALUE_QUANTITY:
        return "quantity";
    }
    return "?";
}

static unsigned char fold(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

/* Texts of one column begin alike: what is the same is passed over in words. */
int text_compare(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len, i = 0;
    uint64_t x = 0, y = 0;
    for (; i + sizeof(x) <= n && x == y; i += sizeof(x)) {
        memcpy(&x, a.data + i, sizeof(x));
        memcpy(&y, b.data + i, sizeof(y));
    }
    if (x != y)
        i -= sizeof(x);
    for (; i < n; i++)
        if (fold(a.data[i]) != fold(b.data[i]))
            return fold(a.data[i]) < fold(b.data[i]) ? -1 : 1;
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return span_compare(a, b);
}

int value_compare(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_ABSENT || b->type == VALUE_ABSENT)
        return (a->type == VALUE_ABSENT) - (b->type == VALUE_ABSENT);
    bn_assert(a->type == b->type);
    if (value_type_is_text(a->type))
        return text_compare(a->text, b->text);
    if (value_type_is_real(a->type))
        return (a->real > b->real) - (a->real < b->real);
    return (a->num > b->num) - (a->num < b->num);
}

bool value_equal(const struct value *a, const struct value *b)
{
    return a->type == b->type && value_compare(a, b) == 0;
}

static void format_list(struct span text, struct strbuf *out)
{
    for (size_t i = 0; i < text.len; i++)
        strbuf_addc(out, text.data[i] == LIST_SEPARATOR ? ',' : text.data[i]);
}

/* "-3d": so long ago has ended what was left. In one unit, as there is no room for more. */
static void format_duration(int64_t ms, char text[TIMETEXT_MAX])
{
    char past[TIMETEXT_MAX];
    if (ms > -1000) {
        duration_format_measured(ms, text);
        return;
    }
    duration_format_short(ms == INT64_MIN ? INT64_MAX : -ms, past);
    (void)snprintf(text, TIMETEXT_MAX, "-%.*s", TIMETEXT_MAX - 2, past);
}

void value_format(const struct value *v, struct strbuf *out)
{
    char text[TIMETEXT_MAX > NUMBER_TEXT_MAX ? TIMETEXT_MAX : NUMBER_TEXT_MAX];
    switch (v->type) {
    case VALUE_ABSENT:
        strbuf_adds(out, "-");
        return;
    case VALUE_BOOL:
        strbuf_adds(out, v->num ? "true" : "false");
        return;
    case VALUE_COUNT:
        strbuf_addf(out, "%lld", (long long)v->num);
        return;
    case VALUE_BYTES:
        number_format_bytes(v->num, text);
        break;
    case VALUE_RATIO:
        number_format_percent(v->real, text);
        break;
    case VALUE_RATE:
        strbuf_addf(out, "%.3g/s", v->real);
        return;
    case VALUE_DURATION:
        format_duration(v->num, text);
        break;
    case VALUE_INSTANT:
        time_format(v->num, text);
        break;
    case VALUE_LEVEL:
        strbuf_adds(out, level_name((enum level)v->num));
        return;
    case VALUE_TEXT:
        strbuf_add(out, v->text);
        return;
    case VALUE_LIST:
        format_list(v->text, out);
        return;
    case VALUE_QUANTITY:
        if (v->text.len) {
            strbuf_add(out, v->text);
            return;
        }
        if (v->num % 1000) {
            strbuf_addf(out, "%lldm", (long long)v->num);
            return;
        }
        number_format_bytes(v->num / 1000, text);
        break;
    }
    strbuf_adds(out, text);
}
