/* Lines typed into prompts. */
#include <config.h>

#include "tui/history.h"

#include "base/alloc.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

struct history {
    char *lines[HISTORY_LINES]; /* owned */
    size_t count;
    size_t at;    /* shown last; count: what is being typed */
    bool changed; /* since it was loaded */
    char *typed;  /* owned; NULL: nothing kept */
};

struct history *history_new(void)
{
    return xalloc_zero(1, sizeof(struct history));
}

void history_free(struct history *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->count; i++)
        free(h->lines[i]);
    free(h->typed);
    free(h);
}

static void remove_line(struct history *h, size_t i)
{
    free(h->lines[i]);
    memmove(&h->lines[i], &h->lines[i + 1], (h->count - i - 1) * sizeof(h->lines[0]));
    h->count--;
}

void history_add(struct history *h, struct span line)
{
    struct span text = span_trim(line);
    free(h->typed);
    h->typed = NULL;
    if (text.len) {
        for (size_t i = 0; i < h->count; i++) {
            if (span_is(text, h->lines[i])) {
                remove_line(h, i);
                break;
            }
        }
        if (h->count == HISTORY_LINES)
            remove_line(h, 0);
        h->lines[h->count++] = xalloc_bytes(text.data, text.len);
        h->changed = true;
    }
    h->at = h->count;
}

bool history_back(struct history *h, struct span typed, struct span *line)
{
    if (!h->at)
        return false;
    if (h->at == h->count) {
        free(h->typed);
        h->typed = xalloc_bytes(typed.data ? typed.data : "", typed.len);
    }
    *line = span_from(h->lines[--h->at]);
    return true;
}

bool history_forward(struct history *h, struct span *line)
{
    if (h->at >= h->count)
        return false;
    h->at++;
    *line = span_from(h->at == h->count ? h->typed : h->lines[h->at]);
    return true;
}

size_t history_age(const struct history *h, struct span word)
{
    for (size_t i = h->count; i; i--) {
        struct span line = span_from(h->lines[i - 1]);
        if (span_eq(span_sub(line, 0, span_find(line, ' ', 0)), word))
            return h->count - i;
    }
    return HISTORY_LINES;
}

bool history_load(struct history *h, const char *path, struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    bool ok = file_read(path, &text, err);
    if (!ok && err->kind == ERR_NOTFOUND)
        ok = true;
    struct span rest = strbuf_span(&text), line;
    while (ok && span_split(&rest, '\n', &line))
        history_add(h, line);
    h->changed = false;
    strbuf_clear(&text);
    return ok;
}

bool history_save(const struct history *h, const char *path, struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    if (!h->changed)
        return true;
    for (size_t i = 0; i < h->count; i++)
        strbuf_addf(&text, "%s\n", h->lines[i]);
    bool ok = file_replace_later(path, strbuf_span(&text), err);
    strbuf_clear(&text);
    return ok;
}
