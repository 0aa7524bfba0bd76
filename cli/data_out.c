/* Structured data as JSON or as block YAML. A text is plain in YAML only when no
 * parser, old or new, could take it for something else. */
#include <config.h>

#include "cli/data_out.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/timetext.h"

#include <string.h>

#define YAML_INDENT 2

void data_init(struct data_out *d, struct strbuf *out, bool yaml, int indent)
{
    *d = (struct data_out){.out = out, .yaml = yaml};
    json_out_init(&d->json, out, indent);
}

static void yaml_line(struct data_out *d)
{
    if (d->started)
        strbuf_addc(d->out, '\n');
    strbuf_fill(d->out, ' ', (size_t)(d->depth - 1) * YAML_INDENT);
}

/* What stands before a value: a dash in a list, a space behind a key. */
static void yaml_before(struct data_out *d, bool block)
{
    if (d->depth && d->list[d->depth - 1]) {
        if (!d->after_dash)
            yaml_line(d);
        strbuf_adds(d->out, "- ");
        d->empty[d->depth - 1] = false;
        d->after_dash = true;
        d->after_key = false;
    } else if (d->after_key && !block) {
        strbuf_addc(d->out, ' ');
    }
    d->started = true;
}

static void yaml_begin(struct data_out *d, bool list)
{
    bn_assert(d->depth < DATA_DEPTH);
    if (d->depth)
        yaml_before(d, true);
    d->list[d->depth] = list;
    d->empty[d->depth++] = true;
}

static void yaml_end(struct data_out *d, const char *when_empty)
{
    d->depth--;
    if (d->empty[d->depth])
        strbuf_addf(d->out, "%s%s", d->after_key ? " " : "", when_empty);
    d->after_key = d->after_dash = false;
    d->started = true;
}

static void yaml_key(struct data_out *d, const char *key)
{
    if (!d->after_dash)
        yaml_line(d);
    d->started = true;
    d->empty[d->depth - 1] = false;
    d->after_dash = false;
    strbuf_adds(d->out, key);
    strbuf_addc(d->out, ':');
    d->after_key = true;
}

/* Letters first, then letters, digits and the few signs that never mean anything. */
static bool yaml_is_plain(struct span text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (span_eq_nocase(text, span_from(words[i])))
            return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool inner = (c >= '0' && c <= '9') || (c != '\0' && strchr("-_./", c) != NULL);
        if (!letter && !(i && inner))
            return false;
    }
    return text.len > 0;
}

static void yaml_text(struct data_out *d, struct span text)
{
    yaml_before(d, false);
    d->after_dash = d->after_key = false;
    if (yaml_is_plain(text)) {
        strbuf_add(d->out, text);
    } else { /* a JSON string is a double-quoted YAML scalar */
        struct json_out j;
        json_out_init(&j, d->out, 0);
        json_text(&j, text);
    }
}

static void yaml_word(struct data_out *d, const char *word)
{
    yaml_before(d, false);
    d->after_dash = d->after_key = false;
    strbuf_adds(d->out, word);
}

void data_object(struct data_out *d)
{
    if (d->yaml)
        yaml_begin(d, false);
    else
        json_object(&d->json);
}

void data_object_end(struct data_out *d)
{
    if (d->yaml)
        yaml_end(d, "{}");
    else
        json_object_end(&d->json);
}

void data_array(struct data_out *d)
{
    if (d->yaml)
        yaml_begin(d, true);
    else
        json_array(&d->json);
}

void data_array_end(struct data_out *d)
{
    if (d->yaml)
        yaml_end(d, "[]");
    else
        json_array_end(&d->json);
}

void data_key(struct data_out *d, const char *key)
{
    if (d->yaml)
        yaml_key(d, key);
    else
        json_key(&d->json, key);
}

void data_text(struct data_out *d, struct span text)
{
    if (d->yaml)
        yaml_text(d, text);
    else
        json_text(&d->json, text);
}

void data_cstr(struct data_out *d, const char *text)
{
    if (text)
        data_text(d, span_from(text));
    else
        data_null(d);
}

void data_int(struct data_out *d, int64_t n)
{
    struct strbuf text = STRBUF_INIT(32);
    strbuf_addf(&text, "%lld", (long long)n);
    if (d->yaml)
        yaml_word(d, strbuf_cstr(&text));
    else
        json_int(&d->json, n);
    strbuf_clear(&text);
}

void data_real(struct data_out *d, double n)
{
    struct strbuf text = STRBUF_INIT(64);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_real(&j, n);
    if (d->yaml)
        yaml_word(d, strbuf_cstr(&text));
    else
        json_real(&d->json, n);
    strbuf_clear(&text);
}

void data_bool(struct data_out *d, bool b)
{
    if (d->yaml)
        yaml_word(d, b ? "true" : "false");
    else
        json_bool(&d->json, b);
}

void data_null(struct data_out *d)
{
    if (d->yaml)
        yaml_word(d, "null");
    else
        json_null(&d->json);
}

void data_instant(struct data_out *d, int64_t ms)
{
    char text[TIMETEXT_MAX];
    if (ms == TIME_NONE) {
        data_null(d);
        return;
    }
    time_format(ms, text);
    data_cstr(d, text);
}

void data_end(struct data_out *d)
{
    strbuf_addc(d->out, '\n');
}
