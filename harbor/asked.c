/* Lines of what was asked. */
#include <config.h>

#include "harbor/asked.h"

#include "base/alloc.h"
#include "base/map.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>

#define LINE_MAX_BYTES 2000
#define WORD_MAX_BYTES 60
#define ALL_MAX_BYTES  ((size_t)4 << 20)

struct asked {
    struct map *lines; /* owned; values: uint64_t, owned */
    size_t bytes;      /* of the lines */
    bool full;
};

struct asked *asked_new(void)
{
    struct asked *a = xalloc_zero(1, sizeof(*a));
    a->lines = map_new();
    return a;
}

void asked_free(struct asked *a)
{
    if (!a)
        return;
    map_free(a->lines, free);
    free(a);
}

static void add(struct asked *a, struct strbuf *line)
{
    strbuf_truncate(line, LINE_MAX_BYTES);
    for (size_t i = 0; i < line->len; i++)
        if ((unsigned char)line->data[i] < ' ')
            line->data[i] = ' ';
    uint64_t *count = map_get(a->lines, strbuf_span(line));
    if (!count && a->bytes + line->len > ALL_MAX_BYTES) {
        a->full = true;
    } else if (!count) {
        count = xalloc_zero(1, sizeof(*count));
        (void)map_set(a->lines, strbuf_span(line), count);
        a->bytes += line->len;
    }
    if (count)
        ++*count;
    strbuf_clear(line);
}

void asked_line(struct asked *a, const char *format, ...)
{
    struct strbuf line = STRBUF_INIT(ALL_MAX_BYTES);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&line, format, args);
    va_end(args);
    add(a, &line);
}

/* SELECT and SHOW say nothing of passwords, but may ask for columns that are called so. */
static struct span without_secret(struct span statement)
{
    const size_t identified = span_search(statement, SPAN("IDENTIFIED"), true),
                 password = span_search(statement, SPAN("PASSWORD"), true);
    if (span_starts(statement, "SELECT ") || span_starts(statement, "SHOW "))
        return statement;
    return span_sub(statement, 0, identified < password ? identified : password);
}

void asked_sql(struct asked *a, struct span statement)
{
    const struct span told = without_secret(span_trim(statement));
    asked_line(a, "SQL: %.*s%s", SPAN_ARG(told), told.len < span_trim(statement).len ? "..." : "");
}

static void add_word(struct strbuf *line, struct span word)
{
    for (size_t i = 0; i < word.len && i < WORD_MAX_BYTES; i++)
        strbuf_addc(line, (char)toupper((unsigned char)word.data[i]));
}

void asked_redis(struct asked *a, const struct span *words, size_t n)
{
    struct strbuf line = STRBUF_INIT(LINE_MAX_BYTES);
    const bool secret =
        n && (span_eq_nocase(words[0], SPAN("AUTH")) || span_eq_nocase(words[0], SPAN("HELLO")));
    strbuf_adds(&line, "REDIS:");
    for (size_t i = 0; i < n && i < (secret ? 1 : 2); i++) {
        strbuf_addc(&line, ' ');
        add_word(&line, words[i]);
    }
    add(a, &line);
}

static bool is_whole(const struct asked *a, struct err *err)
{
    return !a->full || err_set(err, ERR_IO, "more was asked than is kept");
}

bool asked_with(const struct asked *a, struct span text, uint64_t *count, struct err *err)
{
    struct span line;
    void *value;
    *count = 0;
    for (size_t at = 0; map_next(a->lines, &at, &line, &value);)
        if (span_search(line, text, false) < line.len)
            *count += *(uint64_t *)value;
    return is_whole(a, err);
}

static bool fits(struct span patterns, const char *line)
{
    struct span one;
    while (span_split(&patterns, '|', &one)) {
        const bool counts = span_starts(one, "!");
        char *pattern = xalloc_bytes(one.data + counts, one.len - counts);
        const bool is = fnmatch(pattern, line, 0) == 0;
        free(pattern);
        if (is)
            return !counts;
    }
    return false;
}

bool asked_but(const struct asked *a, struct span patterns, uint64_t *count, struct span *one,
               struct err *err)
{
    struct span line;
    void *value;
    *count = 0;
    *one = SPAN("");
    for (size_t at = 0; map_next(a->lines, &at, &line, &value);) {
        char *text = xalloc_bytes(line.data, line.len);
        if (!fits(patterns, text)) {
            *count += *(uint64_t *)value;
            *one = line;
        }
        free(text);
    }
    return is_whole(a, err);
}
