/* YAML's plain scalars, and a tree as JSON. */
#include <config.h>

#include "base/json_out.h"
#include "base/number.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

/* Takes digits from the front; how many. */
static size_t take_digits(struct span *s)
{
    size_t n = 0;
    while (n < s->len && s->data[n] >= '0' && s->data[n] <= '9')
        n++;
    *s = span_sub(*s, n, s->len);
    return n;
}

/* Takes one of two characters from the front. */
static bool take(struct span *s, char a, char b)
{
    if (!s->len || (s->data[0] != a && s->data[0] != b))
        return false;
    *s = span_sub(*s, 1, s->len);
    return true;
}

/* -12, 1.5, 2e3: as JSON writes numbers [RFC 8259, 6]. */
static bool is_json_number(struct span s)
{
    (void)take(&s, '-', '-');
    bool zero = span_starts(s, "0");
    size_t whole = take_digits(&s);
    if (!whole || (zero && whole > 1))
        return false;
    if (take(&s, '.', '.') && !take_digits(&s))
        return false;
    if (take(&s, 'e', 'E')) {
        (void)take(&s, '+', '-');
        if (!take_digits(&s))
            return false;
    }
    return s.len == 0;
}

static struct span without_plus(struct span text)
{
    bool plus = text.len > 1 && text.data[0] == '+' && text.data[1] >= '0' && text.data[1] <= '9';
    return plus ? span_sub(text, 1, text.len) : text;
}

bool yaml_based(struct span text, int64_t *out)
{
    bool negative = span_starts(text, "-");
    int64_t n = 0;
    int base = 8;
    if (negative || span_starts(text, "+"))
        text = span_sub(text, 1, text.len);
    if (text.len < 2 || text.data[0] != '0')
        return false;
    if (text.data[1] == 'x')
        base = 16;
    text = span_sub(text, base == 16 || text.data[1] == 'o' ? 2 : 1, text.len);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : base;
        if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        if (digit >= base || __builtin_mul_overflow(n, base, &n) ||
            __builtin_add_overflow(n, digit, &n))
            return false;
    }
    if (text.len)
        *out = negative ? -n : n;
    return text.len != 0;
}

enum yaml_scalar yaml_scalar_of(struct span text)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    static const char *const trues[] = {"true", "True", "TRUE"};
    static const char *const falses[] = {"false", "False", "FALSE"};
    for (size_t i = 0; i < BN_COUNT(nulls); i++)
        if (span_is(text, nulls[i]))
            return YAML_IS_NULL;
    for (size_t i = 0; i < BN_COUNT(trues); i++)
        if (span_is(text, trues[i]))
            return YAML_IS_TRUE;
    for (size_t i = 0; i < BN_COUNT(falses); i++)
        if (span_is(text, falses[i]))
            return YAML_IS_FALSE;
    int64_t whole;
    double real;
    if (is_json_number(without_plus(text)))
        return YAML_IS_NUMBER;
    if (yaml_based(text, &whole))
        return YAML_IS_BASED;
    return number_parse_real(text, &real) ? YAML_IS_REAL : YAML_IS_TEXT;
}

bool yaml_is_null(const struct yaml_node *node)
{
    return node && node->type == YAML_SCALAR && node->plain &&
           yaml_scalar_of(node->text) == YAML_IS_NULL;
}

bool yaml_bool(const struct yaml_node *node, bool *out)
{
    if (!node || node->type != YAML_SCALAR || !node->plain)
        return false;
    enum yaml_scalar what = yaml_scalar_of(node->text);
    if (what != YAML_IS_TRUE && what != YAML_IS_FALSE)
        return false;
    *out = what == YAML_IS_TRUE;
    return true;
}

static void scalar_to_json(const struct yaml_node *node, struct json_out *j)
{
    int64_t whole = 0;
    double real = 0;
    switch (node->plain ? yaml_scalar_of(node->text) : YAML_IS_TEXT) {
    case YAML_IS_TEXT:
        json_text(j, node->text);
        break;
    case YAML_IS_NULL:
        json_null(j);
        break;
    case YAML_IS_TRUE:
        json_bool(j, true);
        break;
    case YAML_IS_FALSE:
        json_bool(j, false);
        break;
    case YAML_IS_NUMBER:
        json_raw(j, without_plus(node->text));
        break;
    case YAML_IS_BASED:
        json_int(j, yaml_based(node->text, &whole) ? whole : 0);
        break;
    case YAML_IS_REAL:
        json_real(j, number_parse_real(node->text, &real) ? real : 0);
        break;
    }
}

/* Depth is bounded by the parser. */
static void node_to_json(const struct yaml_node *node, struct json_out *j)
{
    if (node->type == YAML_SCALAR) {
        scalar_to_json(node, j);
        return;
    }
    bool map = node->type == YAML_MAP;
    if (map)
        json_object(j);
    else
        json_array(j);
    for (const struct yaml_node *n = node->first; n; n = n->next) {
        if (map)
            json_key_span(j, n->key);
        node_to_json(n, j);
    }
    if (map)
        json_object_end(j);
    else
        json_array_end(j);
}

void yaml_to_json(const struct yaml_node *node, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 0);
    node_to_json(node, &j);
}

/* In single quotes nothing but the quote itself means anything. */
void yaml_quote(const char *text, struct strbuf *out)
{
    strbuf_addc(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            strbuf_addc(out, '\'');
        strbuf_addc(out, *p == '\n' ? ' ' : *p);
    }
    strbuf_addc(out, '\'');
}
