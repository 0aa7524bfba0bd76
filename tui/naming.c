/* Owners, labels and names of rows. */
#include <config.h>

#include "tui/naming.h"

#include "model/change.h"

#include <ctype.h>
#include <string.h>

struct handle naming_owner(const struct store *st, struct handle row)
{
    bool slice = strcmp(store_kind(st, row.kind)->name, "endpointslice") == 0;
    struct link link;
    struct handle target;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link)) {
        bool leads = link.type == LINK_ABOUT || link.type == LINK_RECORD ||
                     (slice && link.type == LINK_SERVICE);
        if (leads && store_follow(st, row, &link, &target) == LINK_FOUND)
            return change_owner(st, target);
    }
    return change_owner(st, row);
}

void naming_label(const struct kind *kind, struct span key, char out[LABEL_MAX])
{
    struct span type = kind_key_parts(kind, key).type,
                label = type.len ? type : span_from(kind->name);
    size_t len = label.len < LABEL_MAX ? label.len : LABEL_MAX - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)tolower((unsigned char)label.data[i]);
    out[len] = '\0';
}

void naming_name(const struct kind *kind, struct span key, struct strbuf *out)
{
    const struct key_parts parts = kind_key_parts(kind, key);
    if (parts.ns.len) {
        strbuf_add(out, parts.ns);
        strbuf_addc(out, '/');
    }
    strbuf_add(out, parts.name);
}

struct span naming_row(const struct store *st, struct handle row)
{
    return kind_key_parts(store_kind(st, row.kind), store_key(st, row)).name;
}

/* Bytes of "GET /apis/apps/v1/pods: " where the sentence, or what stands behind a colon of it, begins so;
 * 0: it does not. */
static size_t request_at(struct span sentence, size_t at)
{
    struct span rest = span_sub(sentence, at, sentence.len);
    if (!span_starts(rest, "GET /") || (at && sentence.data[at - 1] != ' ') ||
        (at > 1 && sentence.data[at - 2] != ':'))
        return 0;
    size_t end = span_find(rest, ' ', strlen("GET "));
    return end < rest.len && rest.data[end - 1] == ':' ? end + 1 : 0;
}

static void add_without_requests(struct span text, struct strbuf *out)
{
    size_t from = 0;
    for (size_t at = 0; at < text.len; at++) {
        size_t len = text.data[at] == 'G' ? request_at(text, at) : 0;
        if (!len)
            continue;
        strbuf_add(out, span_sub(text, from, at));
        from = at + len;
        at = from - 1;
    }
    strbuf_add(out, span_sub(text, from, text.len));
}

void naming_brief(struct span sentence, struct strbuf *out)
{
    static const char *const named[] = {"cluster ", "bucket ", "Route 53 "};
    for (size_t i = 0; i < BN_COUNT(named); i++) {
        size_t from = span_search(sentence, span_from(named[i]), false);
        struct span rest = span_sub(sentence, from, sentence.len);
        size_t end = span_search(rest, SPAN("): "), false);
        if (end == rest.len || span_search(span_sub(rest, 0, end), SPAN(" ("), false) == end)
            continue;
        add_without_requests(span_sub(sentence, 0, from), out);
        add_without_requests(span_sub(rest, end + 3, rest.len), out);
        return;
    }
    add_without_requests(sentence, out);
}
