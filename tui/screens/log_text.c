/* What is in a line of a log. */
#include <config.h>

#include "tui/screens/log_text.h"

#include "base/clock.h"
#include "base/timetext.h"
#include "net/json.h"

#include <ctype.h>

#define LEVEL_WITHIN 80 /* bytes in which a level is looked for */
#define STAMP_LEAST  19 /* "2026-02-13T09:00:00" */
#define CLOCK_LEAST  8  /* "09:00:00" */

/* Keys by which the usual libraries call time, level and message. */
enum { TIME, LEVEL, MESSAGE, LEADS };

static const char *const lead_keys[LEADS][5] = {
    [TIME] = {"time", "ts", "timestamp", "@timestamp", "t"},
    [LEVEL] = {"level", "severity", "lvl", "loglevel", "log.level"},
    [MESSAGE] = {"msg", "message", "event", "body", "text"},
};

static int lead_of(struct json_value key)
{
    for (int i = 0; i < LEADS; i++)
        for (size_t k = 0; k < BN_COUNT(lead_keys[i]); k++)
            if (json_is(key, lead_keys[i][k]))
                return i;
    return LEADS;
}

static void add_value(struct json_iter *it, struct json_value v, struct strbuf *out)
{
    if (v.type != JSON_STRING) {
        strbuf_add(out, json_iter_whole(it, v));
        return;
    }
    bool quoted = span_find(v.text, ' ', 0) < v.text.len || !v.text.len;
    if (quoted)
        strbuf_addc(out, '"');
    (void)json_text_add(v, out);
    if (quoted)
        strbuf_addc(out, '"');
}

/* The time of day; seconds, milliseconds and nanoseconds since the epoch are
 * times, too. What is no time stays as it is. */
static void add_time(struct json_value v, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(1024);
    char clock[TIMETEXT_MAX];
    int64_t ms = TIME_NONE;
    double n;
    if (v.type == JSON_NUMBER && json_as_real(v, &n) && n > 1e8) {
        while (n > 1e14)
            n /= 1000;
        ms = (int64_t)(n > 1e11 ? n : n * 1000);
    } else {
        (void)json_text_add(v, &text);
        if (!time_parse(strbuf_span(&text), &ms))
            strbuf_add(out, strbuf_span(&text));
    }
    strbuf_clear(&text);
    if (ms == TIME_NONE)
        return;
    time_format_clock(ms, true, clock);
    strbuf_addf(out, "%s.%03d", clock, (int)(ms % 1000));
}

static void add_level(struct json_value v, struct strbuf *out)
{
    size_t before = out->len;
    (void)json_text_add(v, out);
    for (size_t i = before; i < out->len; i++)
        out->data[i] = (char)toupper((unsigned char)out->data[i]);
}

/* What stands before the object: the time that the server has put there. */
static size_t object_at(struct span line)
{
    size_t at = span_find(line, '{', 0);
    for (size_t i = 0; i < at && i < line.len; i++)
        if (line.data[i] == ' ' && i + 1 != at)
            return line.len; /* words: no bare object */
    return at;
}

static void add_object(struct span object, struct strbuf *out)
{
    struct json_value leads[LEADS] = {{JSON_NONE, false, {NULL, 0}, NULL, 0}}, key, value;
    struct json_iter it;
    for (json_iter_init(&it, json_value(object)); json_next(&it, &key, &value);)
        if (lead_of(key) < LEADS && value.type < JSON_ARRAY)
            leads[lead_of(key)] = value;
    if (leads[TIME].type != JSON_NONE)
        add_time(leads[TIME], out);
    if (leads[LEVEL].type != JSON_NONE) {
        strbuf_adds(out, out->len ? " " : "");
        add_level(leads[LEVEL], out);
    }
    if (leads[MESSAGE].type != JSON_NONE) {
        strbuf_adds(out, out->len ? " " : "");
        (void)json_text_add(leads[MESSAGE], out);
    }
    for (json_iter_init(&it, json_value(object)); json_next(&it, &key, &value);) {
        if (lead_of(key) < LEADS && value.type < JSON_ARRAY)
            continue;
        strbuf_adds(out, out->len ? " " : "");
        (void)json_text_add(key, out);
        strbuf_addc(out, '=');
        add_value(&it, value, out);
    }
}

void log_text_pretty(struct span line, struct strbuf *out)
{
    size_t at = object_at(line);
    struct span object = span_trim(span_sub(line, at, line.len)), rest;
    struct strbuf text = STRBUF_INIT(out->limit);
    struct err err;
    if (!object.len || !span_ends(object, "}") || !json_valid(object, &err)) {
        strbuf_add(out, line);
        return;
    }
    strbuf_add(out, span_sub(line, 0, at));
    add_object(object, &text);
    rest = strbuf_span(&text);
    for (size_t i = 0; i < rest.len; i++) /* a line stays one line */
        strbuf_addc(out, rest.data[i] == '\n' || rest.data[i] == '\r' ? ' ' : rest.data[i]);
    strbuf_clear(&text);
}

/* The level that a line names early on, in any of the usual spellings. */
static enum role role_of(struct span line)
{
    static const struct {
        const char *word;
        enum role role;
    } words[] = {
        {"FATAL", ROLE_CRITICAL}, {"PANIC", ROLE_CRITICAL},
        {"ERROR", ROLE_CRITICAL}, {"level=error", ROLE_CRITICAL},
        {"WARN", ROLE_WARNING},   {"level=warn", ROLE_WARNING},
        {"DEBUG", ROLE_DIM},      {"level=debug", ROLE_DIM},
        {"TRACE", ROLE_DIM},      {"level=trace", ROLE_DIM},
    };
    struct span head = span_sub(line, 0, LEVEL_WITHIN);
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (span_search(head, span_from(words[i].word), i >= 3) < head.len)
            return words[i].role;
    return ROLE_TEXT;
}

static bool has_shape(struct span text, const char *shape)
{
    for (size_t n = 0; shape[n]; n++) {
        char c = n < text.len ? text.data[n] : '\0';
        bool blank = shape[n] == 'T' && c == ' ';
        if (shape[n] == 'd' ? !isdigit((unsigned char)c) : c != shape[n] && !blank)
            return false;
    }
    return true;
}

/* Bytes of a time at the start of text: "2026-02-13T09:00:00.123Z", "09:00:00.1";
 * 0: none. */
static size_t stamp_at(struct span text)
{
    size_t n = has_shape(text, "dddd-dd-ddTdd:dd:dd") ? STAMP_LEAST
               : has_shape(text, "dd:dd:dd")          ? CLOCK_LEAST
                                                      : 0;
    if (!n)
        return 0;
    while (n < text.len && text.data[n] != ' ' && text.data[n] != '\t')
        n++;
    return n;
}

static bool is_key_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '/';
}

/* "key=" where a word begins. */
static size_t key_at(struct span text)
{
    size_t n = 0;
    while (n < text.len && is_key_char(text.data[n]))
        n++;
    return n && n + 1 < text.len && text.data[n] == '=' ? n + 1 : 0;
}

void log_text_paint(struct span line, struct pager_paint *out)
{
    size_t at = 0;
    out->role = role_of(line);
    for (size_t n; (n = stamp_at(span_sub(line, at, line.len))) > 0; at += n + 1)
        pager_paint_add(out, at, at + n, ROLE_DIM);
    for (bool begins = true; at < line.len; at++) {
        size_t n = begins ? key_at(span_sub(line, at, line.len)) : 0;
        pager_paint_add(out, at, at + n, ROLE_DIM);
        at += n ? n - 1 : 0;
        begins = line.data[at] == ' ';
    }
}
