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

void naming_brief(struct span sentence, struct strbuf *out)
{
    static const char *const named[] = {"cluster ", "bucket ", "Route 53 "};
    for (size_t i = 0; i < BN_COUNT(named); i++) {
        size_t from = span_search(sentence, span_from(named[i]), false);
        struct span rest = span_sub(sentence, from, sentence.len);
        size_t end = span_search(rest, SPAN("): "), false);
        if (end == rest.len || span_search(span_sub(rest, 0, end), SPAN(" ("), false) == end)
            continue;
        strbuf_add(out, span_sub(sentence, 0, from));
        strbuf_add(out, span_sub(rest, end + 3, rest.len));
        return;
    }
    strbuf_add(out, sentence);
}
