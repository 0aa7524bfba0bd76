/* Writing JSON. */
#include <config.h>

#include "base/json_out.h"

#include "base/number.h"
#include "base/utf8.h"

#include <math.h>

void json_out_init(struct json_out *j, struct strbuf *out, int indent)
{
    *j = (struct json_out){.out = out, .indent = indent};
}

static void new_line(struct json_out *j)
{
    if (!j->indent)
        return;
    strbuf_addc(j->out, '\n');
    strbuf_fill(j->out, ' ', (size_t)j->indent * j->depth);
}

/* What stands between one value and the next. */
static void separate(struct json_out *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->has_item[j->depth])
        strbuf_addc(j->out, ',');
    j->has_item[j->depth] = true;
    if (j->depth)
        new_line(j);
}

static void open_nest(struct json_out *j, char bracket)
{
    separate(j);
    strbuf_addc(j->out, bracket);
    bn_assert(j->depth + 1 < JSON_OUT_DEPTH);
    j->has_item[++j->depth] = false;
}

static void close_nest(struct json_out *j, char bracket)
{
    bn_assert(j->depth > 0);
    bool had = j->has_item[j->depth--];
    if (had)
        new_line(j);
    strbuf_addc(j->out, bracket);
}

void json_object(struct json_out *j)
{
    open_nest(j, '{');
}

void json_object_end(struct json_out *j)
{
    close_nest(j, '}');
}

void json_array(struct json_out *j)
{
    open_nest(j, '[');
}

void json_array_end(struct json_out *j)
{
    close_nest(j, ']');
}

/* Bytes in front that stand for themselves; most texts are nothing else. */
static size_t plain_run(struct span text)
{
    size_t n = 0;
    while (n < text.len) {
        unsigned char c = (unsigned char)text.data[n];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
            break;
        n++;
    }
    return n;
}

/* Controls, and what other readers take for a line's end or for no text. */
static bool escaped(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           code == 0xfffe || code == 0xffff;
}

static void quoted(struct strbuf *out, struct span text)
{
    strbuf_addc(out, '"');
    while (text.len) {
        uint32_t code;
        char bytes[4];
        size_t used = plain_run(text);
        if (used) {
            strbuf_add(out, span_sub(text, 0, used));
            text = span_sub(text, used, text.len);
            continue;
        }
        used = utf8_decode(text, &code);
        if (code == '"' || code == '\\')
            strbuf_addf(out, "\\%c", (int)code);
        else if (code == '\n')
            strbuf_adds(out, "\\n");
        else if (code == '\t')
            strbuf_adds(out, "\\t");
        else if (escaped(code))
            strbuf_addf(out, "\\u%04x", code);
        else
            strbuf_add(out, span_make(bytes, utf8_encode(code, bytes)));
        text = span_sub(text, used, text.len);
    }
    strbuf_addc(out, '"');
}

void json_key(struct json_out *j, const char *key)
{
    json_key_span(j, span_from(key));
}

void json_key_span(struct json_out *j, struct span key)
{
    separate(j);
    quoted(j->out, key);
    strbuf_adds(j->out, j->indent ? ": " : ":");
    j->after_key = true;
}

void json_text(struct json_out *j, struct span text)
{
    separate(j);
    quoted(j->out, text);
}

void json_cstr(struct json_out *j, const char *text)
{
    if (text)
        json_text(j, span_from(text));
    else
        json_null(j);
}

void json_key_cstr(struct json_out *j, const char *key, const char *text)
{
    if (!text)
        return;
    json_key(j, key);
    json_cstr(j, text);
}

void json_int(struct json_out *j, int64_t n)
{
    separate(j);
    strbuf_addf(j->out, "%lld", (long long)n);
}

void json_real(struct json_out *j, double n)
{
    if (!isfinite(n)) {
        json_null(j);
        return;
    }
    char text[NUMBER_TEXT_MAX];
    number_format_real(n, text);
    separate(j);
    strbuf_adds(j->out, text);
}

void json_bool(struct json_out *j, bool b)
{
    separate(j);
    strbuf_adds(j->out, b ? "true" : "false");
}

void json_null(struct json_out *j)
{
    separate(j);
    strbuf_adds(j->out, "null");
}

void json_raw(struct json_out *j, struct span json)
{
    separate(j);
    strbuf_add(j->out, json);
}
