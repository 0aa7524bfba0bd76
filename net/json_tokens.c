/* JSON token by token, every rule of RFC 8259 checked. */
#include <config.h>

#include "net/json.h"
#include "net/json_scan.h"

#include <string.h>

enum expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* after '[' */
    EXPECT_KEY_OR_END,   /* after '{' */
    EXPECT_KEY,          /* after ',' in an object */
    EXPECT_COMMA_OR_END,
    EXPECT_NOTHING,
};

void json_tokens_init(struct json_tokens *t, struct span text)
{
    *t = (struct json_tokens){.expect = EXPECT_VALUE, .start = text.data ? text.data : ""};
    t->at = t->start;
    t->end = t->start + text.len;
}

static enum json_token_type bad(struct json_tokens *t, const char *what)
{
    t->what = what;
    t->expect = EXPECT_NOTHING;
    t->end = t->at; /* it says so again */
    return JSON_TOKEN_BAD;
}

static bool in_array(const struct json_tokens *t)
{
    return t->depth > 0 && (t->arrays >> (t->depth - 1)) & 1;
}

static void value_ended(struct json_tokens *t)
{
    t->expect = t->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static const char *digits(const char *p, const char *end)
{
    while (is_digit(p, end))
        p++;
    return p;
}

/* The whole of p to end is a number. */
static bool number_valid(const char *p, const char *end)
{
    if (p < end && *p == '-')
        p++;
    if (!is_digit(p, end))
        return false;
    p = *p == '0' ? p + 1 : digits(p, end);
    if (p < end && *p == '.') {
        if (!is_digit(p + 1, end))
            return false;
        p = digits(p + 1, end);
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        if (!is_digit(p, end))
            return false;
        p = digits(p, end);
    }
    return p == end;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Raw control characters and unknown escapes. NULL: fine. */
static const char *string_fault(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20)
            return "a control character in a string";
        if (c != '\\')
            continue;
        i++; /* a string does not end in a backslash: it would not have ended */
        if (text.data[i] == 'u') {
            if (text.len - i < 5)
                return "a broken \\u escape";
            for (size_t n = 1; n <= 4; n++)
                if (!is_hex(text.data[i + n]))
                    return "a broken \\u escape";
        } else if (!text.data[i] || !strchr("\"\\/bfnrt", text.data[i])) {
            return "an unknown escape in a string";
        }
    }
    return NULL;
}

/* A string, number or word at t->at. NULL: taken; else what is wrong. */
static const char *take_scalar(struct json_tokens *t, struct json_token *out)
{
    struct json_value v = json_value(span_make(t->at, (size_t)(t->end - t->at)));

    if (v.type == JSON_NONE)
        return *t->at == '"' ? "a string that does not end" : "a value was expected";
    if (v.type == JSON_STRING) {
        const char *fault = string_fault(v.text);
        if (fault)
            return fault;
    } else if (v.type == JSON_NUMBER && !number_valid(v.text.data, v.text.data + v.text.len)) {
        return "a broken number";
    }
    t->at = v.text.data + v.text.len + (v.type == JSON_STRING);
    out->value = v;
    return NULL;
}

static enum json_token_type take_open(struct json_tokens *t, struct json_token *out)
{
    const bool array = *t->at == '[';
    const uint64_t bit = (uint64_t)1 << (t->depth % JSON_DEPTH_MAX);

    if (t->depth == JSON_DEPTH_MAX)
        return bad(t, "nested too deep");
    t->arrays = array ? t->arrays | bit : t->arrays & ~bit;
    t->depth++;
    t->at++;
    t->expect = array ? EXPECT_VALUE_OR_END : EXPECT_KEY_OR_END;
    return out->type = array ? JSON_TOKEN_ARRAY : JSON_TOKEN_OBJECT;
}

static enum json_token_type take_close(struct json_tokens *t, struct json_token *out)
{
    const bool array = in_array(t);

    if (*t->at != (array ? ']' : '}'))
        return bad(t, "the wrong closing bracket");
    t->at++;
    t->depth--;
    value_ended(t);
    return out->type = array ? JSON_TOKEN_ARRAY_END : JSON_TOKEN_OBJECT_END;
}

static enum json_token_type take_key(struct json_tokens *t, struct json_token *out)
{
    const char *fault;

    if (*t->at != '"')
        return bad(t, "a key was expected");
    fault = take_scalar(t, out);
    if (fault)
        return bad(t, fault);
    while (t->at < t->end && json_is_space(*t->at))
        t->at++;
    if (t->at == t->end || *t->at != ':')
        return bad(t, "a colon was expected");
    t->at++;
    t->expect = EXPECT_VALUE;
    return out->type = JSON_TOKEN_KEY;
}

static enum json_token_type take_value(struct json_tokens *t, struct json_token *out)
{
    const char *fault;

    if (*t->at == '{' || *t->at == '[')
        return take_open(t, out);
    fault = take_scalar(t, out);
    if (fault)
        return bad(t, fault);
    value_ended(t);
    return out->type = JSON_TOKEN_VALUE;
}

static void skip_space(struct json_tokens *t)
{
    while (t->at < t->end && json_is_space(*t->at))
        t->at++;
}

enum json_token_type json_token(struct json_tokens *t, struct json_token *out)
{
    *out = (struct json_token){.type = JSON_TOKEN_BAD};
    if (t->what)
        return JSON_TOKEN_BAD;
    skip_space(t);
    if (t->at == t->end) {
        if (t->expect != EXPECT_NOTHING)
            return bad(t, "the text ends early");
        return out->type = JSON_TOKEN_END;
    }
    if (t->expect == EXPECT_NOTHING)
        return bad(t, "something follows the value");
    const bool closing = *t->at == ']' || *t->at == '}';
    if (closing && t->expect != EXPECT_VALUE && t->expect != EXPECT_KEY)
        return take_close(t, out);
    if (t->expect == EXPECT_COMMA_OR_END) {
        if (*t->at != ',')
            return bad(t, "a comma was expected");
        t->at++;
        skip_space(t);
        if (t->at == t->end)
            return bad(t, "the text ends early");
        t->expect = in_array(t) ? EXPECT_VALUE : EXPECT_KEY;
    }
    if (t->expect == EXPECT_KEY || t->expect == EXPECT_KEY_OR_END)
        return take_key(t, out);
    return take_value(t, out);
}

bool json_valid(struct span text, struct err *err)
{
    struct json_tokens t;
    struct json_token token;

    for (json_tokens_init(&t, text);;) {
        const enum json_token_type type = json_token(&t, &token);
        if (type == JSON_TOKEN_END)
            return true;
        if (type == JSON_TOKEN_BAD)
            return err_set(err, ERR_PROTO, "not JSON at byte %zu: %s", (size_t)(t.at - t.start) + 1,
                           t.what);
    }
}
