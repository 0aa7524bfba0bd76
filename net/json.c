/* Reading JSON in place: values, iterators, strings. */
#include <config.h>

#include "net/json.h"

#include "base/number.h"
#include "base/utf8.h"
#include "net/json_index.h"
#include "net/json_scan.h"

#include <string.h>

static const struct json_value json_none;

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && json_is_space(*p))
        p++;
    return p;
}

static bool word_is(const char *p, const char *end, const char *word)
{
    const size_t len = strlen(word);
    return (size_t)(end - p) == len && memcmp(p, word, len) == 0;
}

/* A number or word at p; *next is set behind it. */
static struct json_value scalar_at(const char *p, const char *end, const char **next)
{
    struct json_value v = {.type = JSON_NONE, .text = {p, 0}};
    const char *q = p;

    while (q < end && !json_is_delimiter(*q))
        q++;
    if (q > p && (*p == '-' || (*p >= '0' && *p <= '9')))
        v.type = JSON_NUMBER;
    else if (word_is(p, q, "null"))
        v.type = JSON_NULL;
    else if (word_is(p, q, "true"))
        v.type = JSON_TRUE;
    else if (word_is(p, q, "false"))
        v.type = JSON_FALSE;
    v.text.len = (size_t)(q - p);
    *next = q;
    return v;
}

static struct json_value string_at(const char *p, const char *end, const char **next)
{
    struct json_value v = {.type = JSON_STRING, .text = {p + 1, 0}};
    const char *q = json_skip_string(p + 1, end, &v.escaped);

    if (!q)
        return json_none;
    v.text.len = (size_t)(q - v.text.data);
    *next = q + 1;
    return v;
}

/* The value at p < end. Containers: text runs to end and *next stays at p. */
static struct json_value value_at(const char *p, const char *end, const char **next)
{
    *next = p;
    if (*p == '"')
        return string_at(p, end, next);
    if (*p == '{' || *p == '[')
        return (struct json_value){.type = *p == '{' ? JSON_OBJECT : JSON_ARRAY,
                                   .text = {p, (size_t)(end - p)}};
    return scalar_at(p, end, next);
}

static bool is_container(enum json_type type)
{
    return type == JSON_ARRAY || type == JSON_OBJECT;
}

struct json_value json_value(struct span text)
{
    const char *next, *end, *p;

    if (text.len == 0)
        return json_none;
    end = text.data + text.len;
    p = skip_space(text.data, end);
    if (p == end)
        return json_none;
    return value_at(p, end, &next);
}

struct span json_whole(struct json_value v)
{
    if (v.type == JSON_STRING)
        return span_make(v.text.data - 1, v.text.len + 2);
    if (is_container(v.type) && !v.index) {
        const char *end = json_skip_container(v.text.data, v.text.data + v.text.len);
        return end ? span_make(v.text.data, (size_t)(end - v.text.data)) : span_make(NULL, 0);
    }
    return v.text;
}

/* ---- Walking. */

void json_iter_init(struct json_iter *it, struct json_value v)
{
    *it = (struct json_iter){.done = true};
    if (!is_container(v.type) || v.text.len == 0)
        return;
    if (v.index) {
        it->index = v.index;
        it->array = v.type == JSON_ARRAY;
        it->next = v.index->nodes[v.node].has_children ? v.node + 1 : 0;
        it->done = false;
        return;
    }
    it->at = v.text.data + 1;
    it->end = v.text.data + v.text.len;
    it->array = v.type == JSON_ARRAY;
    it->first = true;
    it->done = false;
    it->depth = 1;
}

void json_iter_enter(struct json_iter *inner, struct json_iter *outer)
{
    struct json_value v = json_none;

    if (outer->index) {
        json_iter_init(inner, json_index_value(outer->index, outer->given));
        return;
    }
    if (outer->pending && !outer->bad) {
        v.type = *outer->pending == '{' ? JSON_OBJECT : JSON_ARRAY;
        v.text = span_make(outer->pending, (size_t)(outer->end - outer->pending));
    }
    json_iter_init(inner, v);
    inner->outer = outer;
    inner->depth = outer->depth + 1;
    if (inner->depth > JSON_DEPTH_MAX && !inner->done)
        inner->bad = true;
}

static bool iter_bad(struct json_iter *it)
{
    it->bad = true;
    return false;
}

/* Over what the caller left unread, then to the next value or past the closing bracket.
 * False: no more. */
static bool iter_advance(struct json_iter *it)
{
    const char *p = it->at;

    if (it->pending) {
        p = json_skip_container(it->pending, it->end);
        it->pending = NULL;
        if (!p)
            return iter_bad(it);
    }
    p = skip_space(p, it->end);
    if (p == it->end)
        return iter_bad(it);
    if (*p == (it->array ? ']' : '}')) {
        it->done = true;
        it->at = p + 1;
        if (it->outer) {
            it->outer->at = it->at;
            it->outer->pending = NULL;
        }
        return false;
    }
    if (!it->first) {
        if (*p != ',')
            return iter_bad(it);
        p = skip_space(p + 1, it->end);
        if (p == it->end)
            return iter_bad(it);
    }
    it->first = false;
    it->at = p;
    return true;
}

/* The key at it->at and its colon. */
static bool iter_key(struct json_iter *it, struct json_value *key)
{
    const char *p = it->at;

    if (*p != '"')
        return false;
    *key = string_at(p, it->end, &p);
    if (key->type != JSON_STRING)
        return false;
    p = skip_space(p, it->end);
    if (p == it->end || *p != ':')
        return false;
    it->at = skip_space(p + 1, it->end);
    return it->at < it->end;
}

static bool next_indexed(struct json_iter *it, struct json_value *key, struct json_value *value)
{
    if (!it->next) {
        it->done = true;
        return false;
    }
    it->given = it->next;
    it->next = it->index->nodes[it->given].next;
    *value = json_index_value(it->index, it->given);
    if (key)
        *key = it->array ? json_none : json_index_key(it->index, it->given);
    return true;
}

bool json_next(struct json_iter *it, struct json_value *key, struct json_value *value)
{
    struct json_value name = json_none;

    if (it->index)
        return next_indexed(it, key, value);
    if (it->done || it->bad || !iter_advance(it))
        return false;
    if (!it->array && !iter_key(it, &name))
        return iter_bad(it);
    *value = value_at(it->at, it->end, &it->at);
    if (value->type == JSON_NONE)
        return iter_bad(it);
    if (is_container(value->type))
        it->pending = it->at;
    if (key)
        *key = name;
    return true;
}

struct span json_iter_whole(struct json_iter *it, struct json_value v)
{
    const char *end;

    if (!is_container(v.type) || it->pending != v.text.data)
        return json_whole(v);
    end = json_skip_container(it->pending, it->end);
    if (!end)
        return span_make(NULL, 0);
    it->pending = NULL;
    it->at = end;
    return span_make(v.text.data, (size_t)(end - v.text.data));
}

/* ---- Values. */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Four hex digits at p; -1: they are not there. */
static int32_t hex4(const char *p, const char *end)
{
    int32_t code = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static void add_code(struct strbuf *out, uint32_t code)
{
    char bytes[4];
    const size_t n = utf8_encode(code, bytes);
    strbuf_add(out, span_make(bytes, n));
}

/* What follows "\u" at p; returns what was read. */
static const char *unicode_escape(const char *p, const char *end, struct strbuf *out,
                                  unsigned *flags)
{
    const int32_t high = hex4(p, end);
    int32_t low;

    if (high < 0) {
        *flags |= JSON_TEXT_SURROGATE;
        add_code(out, UTF8_REPLACEMENT);
        return p;
    }
    p += 4;
    if (high == 0)
        *flags |= JSON_TEXT_NUL;
    if (high < 0xD800 || high > 0xDFFF) {
        add_code(out, (uint32_t)high);
        return p;
    }
    low = high < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, end) : -1;
    if (low >= 0xDC00 && low <= 0xDFFF) {
        add_code(out, 0x10000u + (((uint32_t)high - 0xD800u) << 10) + ((uint32_t)low - 0xDC00u));
        return p + 6;
    }
    *flags |= JSON_TEXT_SURROGATE;
    add_code(out, UTF8_REPLACEMENT);
    return p;
}

/* The escape behind a backslash, p < end; returns what follows it. */
static const char *escape(const char *p, const char *end, struct strbuf *out, unsigned *flags)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *simple;

    if (*p == 'u')
        return unicode_escape(p + 1, end, out, flags);
    simple = memchr(from, *p, sizeof from - 1);
    if (simple) {
        strbuf_addc(out, to[simple - from]);
        return p + 1;
    }
    *flags |= JSON_TEXT_SURROGATE;
    add_code(out, UTF8_REPLACEMENT);
    return p + 1;
}

unsigned json_text_add(struct json_value v, struct strbuf *out)
{
    unsigned flags = 0;
    const char *p = v.text.data, *end;

    if (v.type != JSON_STRING || v.text.len == 0)
        return 0;
    end = p + v.text.len;
    if (!utf8_valid(v.text))
        flags |= JSON_TEXT_BAD_UTF8;
    if (memchr(p, 0, v.text.len))
        flags |= JSON_TEXT_NUL;
    while (p < end) {
        const char *stop = v.escaped ? memchr(p, '\\', (size_t)(end - p)) : NULL;
        if (!stop)
            stop = end;
        strbuf_add(out, span_make(p, (size_t)(stop - p)));
        p = stop;
        if (p == end)
            break;
        p++;
        if (p < end)
            p = escape(p, end, out, &flags);
    }
    return flags;
}

struct span json_as_text(struct json_value v, struct strbuf *scratch)
{
    if (v.type != JSON_STRING)
        return span_make(NULL, 0);
    if (!v.escaped)
        return v.text;
    strbuf_truncate(scratch, 0);
    (void)json_text_add(v, scratch);
    return strbuf_span(scratch);
}

bool json_text_copy(struct json_value v, struct arena *arena, struct span *out)
{
    struct strbuf scratch = STRBUF_INIT(v.text.len * 3 + 1);
    const bool ok = arena_copy(arena, json_as_text(v, &scratch), out) && !scratch.failed;

    strbuf_clear(&scratch);
    return ok;
}

bool json_means(struct json_value v, struct span text)
{
    struct strbuf decoded = STRBUF_INIT(v.text.len * 3 + 1);
    bool same;

    if (v.type != JSON_STRING)
        return false;
    if (!v.escaped)
        return span_eq(v.text, text);
    same = span_eq(json_as_text(v, &decoded), text);
    strbuf_clear(&decoded);
    return same;
}

bool json_as_int(struct json_value v, int64_t *out)
{
    return v.type == JSON_NUMBER && number_parse(v.text, INT64_MIN, INT64_MAX, out);
}

bool json_as_real(struct json_value v, double *out)
{
    return v.type == JSON_NUMBER && number_parse_real(v.text, out);
}

bool json_is_true(struct json_value v)
{
    return v.type == JSON_TRUE;
}

/* Keys are short: two words that may overlap, without a call. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t x[2], y[2];

    if (len < 8 || len > 16)
        return memcmp(a, b, len) == 0;
    memcpy(&x[0], a, 8);
    memcpy(&y[0], b, 8);
    memcpy(&x[1], a + len - 8, 8);
    memcpy(&y[1], b + len - 8, 8);
    return x[0] == y[0] && x[1] == y[1];
}

static inline bool is_key(const struct json_index *ix, uint32_t node, struct span name)
{
    const struct json_node *n = &ix->nodes[node];
    const char *key = ix->text + n->key_at;

    if (n->key_escaped)
        return json_means(json_index_key(ix, node), name);
    return n->key_len == name.len &&
           (!name.len || (*key == *name.data && same_bytes(key, name.data, name.len)));
}

/* The last child of that name. */
static struct json_value member_indexed(struct json_value object, struct span name)
{
    const struct json_index *ix = object.index;
    const struct json_node *nodes = ix->nodes;
    uint32_t found = 0;

    for (uint32_t n = nodes[object.node].has_children ? object.node + 1 : 0; n; n = nodes[n].next)
        if (is_key(ix, n, name))
            found = n;
    return found ? json_index_value(ix, found) : json_none;
}

struct json_value json_member(struct json_value object, struct span name)
{
    struct json_value found = json_none, key, value;
    struct json_iter it;

    if (object.type != JSON_OBJECT)
        return json_none;
    if (object.index)
        return member_indexed(object, name);
    for (json_iter_init(&it, object); json_next(&it, &key, &value);)
        if (json_means(key, name))
            found = value;
    return found;
}

static struct json_value element(struct json_value array, struct span number)
{
    struct json_value value;
    struct json_iter it;
    int64_t wanted;

    if (number_parse(number, 0, INT32_MAX, &wanted))
        for (json_iter_init(&it, array); json_next(&it, NULL, &value); wanted--)
            if (wanted == 0)
                return value;
    return json_none;
}

struct json_value json_path(struct json_value v, const char *path)
{
    struct span rest = span_from(path), part;

    while (v.type != JSON_NONE && span_split(&rest, '.', &part)) {
        if (v.type == JSON_OBJECT)
            v = json_member(v, part);
        else if (v.type == JSON_ARRAY)
            v = element(v, part);
        else
            v = json_none;
    }
    return v;
}

size_t json_count(struct json_value container)
{
    struct json_value value;
    struct json_iter it;
    size_t count = 0;

    for (json_iter_init(&it, container); json_next(&it, NULL, &value);)
        count++;
    return count;
}
