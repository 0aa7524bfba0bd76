/* Names and values of a server. */
#include <config.h>

#include "backends/mysql/values.h"

#include "base/number.h"

#include <string.h>

#define TEXT_MAX  ((size_t)256 << 10)
#define VALUE_MAX ((size_t)16 << 10) /* the longest, of the provider's options, has 3 kB */

static const struct span names[V_COUNT] = {
#define X(name) [V_##name] = {#name, sizeof(#name) - 1},
    MYSQL_VALUES(X)
#undef X
};

void mysql_values_init(struct mysql_values *v)
{
    *v = (struct mysql_values){.text = STRBUF_INIT(TEXT_MAX)};
}

void mysql_values_clear(struct mysql_values *v)
{
    strbuf_truncate(&v->text, 0);
    memset(v->at, 0, sizeof(v->at));
}

void mysql_values_free(struct mysql_values *v)
{
    strbuf_clear(&v->text);
}

void mysql_values_put(struct mysql_values *v, struct span name, struct span value)
{
    for (size_t i = 0; i < V_COUNT; i++) {
        /* of a thousand names that a server says nearly all differ by their length already */
        if (name.len != names[i].len || !span_eq_nocase(name, names[i]))
            continue;
        size_t from = v->text.len, len = value.len < VALUE_MAX ? value.len : VALUE_MAX;
        strbuf_add(&v->text, span_sub(value, 0, len));
        v->at[i].known = value.data && !v->text.failed;
        v->at[i].from = (uint32_t)from;
        v->at[i].len = (uint32_t)(v->text.len - from);
        return;
    }
}

struct span mysql_value(const struct mysql_values *v, enum mysql_value which)
{
    if (!v->at[which].known)
        return (struct span){NULL, 0};
    return span_make(strbuf_cstr(&v->text) + v->at[which].from, v->at[which].len);
}

bool mysql_value_int(const struct mysql_values *v, enum mysql_value which, int64_t *out)
{
    return number_parse(mysql_value(v, which), INT64_MIN, INT64_MAX, out);
}

bool mysql_value_real(const struct mysql_values *v, enum mysql_value which, double *out)
{
    return number_parse_real(mysql_value(v, which), out);
}

bool mysql_value_on(const struct mysql_values *v, enum mysql_value which)
{
    static const char *const words[] = {"ON", "1", "true", "yes"};
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (span_eq_nocase(mysql_value(v, which), span_from(words[i])))
            return true;
    return false;
}

/* "gcache.size = 32M; gcs.fc_limit = 16; " */
struct span mysql_provider_option(const struct mysql_values *v, const char *name)
{
    struct span rest = mysql_value(v, V_wsrep_provider_options), part;
    while (rest.data && span_split(&rest, ';', &part)) {
        size_t equals = span_find(part, '=', 0);
        if (span_is(span_trim(span_sub(part, 0, equals)), name) && equals < part.len)
            return span_trim(span_sub(part, equals + 1, part.len));
    }
    return (struct span){"", 0};
}
