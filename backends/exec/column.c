/* A column that a script or the configuration declares. */
#include <config.h>

#include "backends/exec/exec.h"

#define NAME_MAX_LEN 40

/* Preferred cells of a type. */
static const struct {
    enum value_type type;
    uint8_t width;
    bool right;
} types[] = {
    {VALUE_TEXT, 20, false},   {VALUE_BOOL, 5, false},     {VALUE_COUNT, 6, true},
    {VALUE_BYTES, 7, true},    {VALUE_RATIO, 5, true},     {VALUE_RATE, 7, true},
    {VALUE_DURATION, 7, true}, {VALUE_INSTANT, 20, false}, {VALUE_LEVEL, 8, false},
    {VALUE_LIST, 24, false},   {VALUE_QUANTITY, 8, true},
};

/* Lower case, digits, "-" and "_", a letter first: it stands in filters. */
static bool is_name(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (i && ((c >= '0' && c <= '9') || c == '-' || c == '_'))))
            return false;
    }
    return text.len > 0 && text.len <= NAME_MAX_LEN;
}

static bool take_type(struct span word, struct column *out)
{
    for (size_t i = 0; i < BN_COUNT(types); i++) {
        if (!span_is(word, value_type_name(types[i].type)))
            continue;
        out->type = types[i].type;
        out->width = types[i].width;
        out->flags |= types[i].right ? COLUMN_RIGHT : 0;
        return true;
    }
    return false;
}

static bool take_show(struct span word, struct column *out)
{
    if (span_is(word, "wide"))
        out->flags |= COLUMN_WIDE;
    else if (span_is(word, "never"))
        out->flags |= COLUMN_HIDDEN;
    else
        return span_is(word, "always");
    return true;
}

static bool copy(struct arena *texts, struct span text, const char **out)
{
    struct span kept;
    if (!arena_copy(texts, text, &kept))
        return false;
    *out = kept.data;
    return true;
}

/* "free_bytes" is FREE BYTES. */
static bool title_of(struct arena *texts, struct column *out)
{
    struct strbuf title = STRBUF_INIT(2 * NAME_MAX_LEN);
    for (const char *p = out->name; *p; p++)
        strbuf_addc(&title, *p == '_' || *p == '-'   ? ' '
                            : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A')
                                                     : *p);
    bool ok = copy(texts, strbuf_span(&title), &out->title);
    strbuf_clear(&title);
    return ok;
}

static bool take_member(struct json_value key, struct json_value value, struct arena *texts,
                        struct column *out, struct err *err)
{
    struct strbuf scratch = STRBUF_INIT(1024);
    struct span text = json_as_text(value, &scratch);
    int64_t width;
    bool ok = true;
    if (json_is(key, "name"))
        ok = is_name(text) ? copy(texts, text, &out->name)
                           : err_set(err, ERR_CONFIG,
                                     "a column's name is a letter, then letters, digits, - or _");
    else if (json_is(key, "title"))
        ok = copy(texts, text, &out->title);
    else if (json_is(key, "help"))
        ok = copy(texts, text, &out->help);
    else if (json_is(key, "type"))
        ok = take_type(text, out) ||
             err_set(err, ERR_CONFIG,
                     "there is no type of column `%.*s`: text, bool, count, bytes, "
                     "ratio, rate, duration, instant, level, list, quantity",
                     SPAN_ARG(span_sub(text, 0, 40)));
    else if (json_is(key, "show"))
        ok = take_show(text, out) || err_set(err, ERR_CONFIG, "show wants always, wide or never");
    else if (json_is(key, "notable"))
        out->flags |= json_is_true(value) ? COLUMN_NOTABLE : 0;
    else if (json_is(key, "age_of"))
        ok = copy(texts, text, &out->since);
    else if (json_is(key, "width") && json_as_int(value, &width) && width >= 1 && width <= 200)
        out->width = (uint8_t)width;
    else
        ok = err_set(err, ERR_CONFIG, "a column has no `%.*s` like that", SPAN_ARG(key.text));
    strbuf_clear(&scratch);
    return ok;
}

bool exec_column_read(struct span json, struct arena *texts, struct column *out, struct err *err)
{
    struct json_value whole = json_value(json), key, value;
    struct json_iter it;
    *out = (struct column){.type = VALUE_TEXT, .width = 20, .weight = 40, .help = ""};
    if (whole.type != JSON_OBJECT)
        return err_set(err, ERR_CONFIG,
                       "a column is a map with `name`, and `type` where it is no "
                       "text");
    for (json_iter_init(&it, whole); json_next(&it, &key, &value);)
        if (!take_member(key, value, texts, out, err))
            return false;
    if (!out->name)
        return err_set(err, ERR_CONFIG, "a column wants a `name`");
    if (out->since) {
        out->type = VALUE_DURATION;
        out->width = 6;
        out->flags |= COLUMN_RIGHT;
    }
    return out->title || title_of(texts, out) || err_set(err, ERR_NOMEM, "too long a column");
}
