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

void naming_parts(struct span key, struct span *ns, struct span *name)
{
    bool folder = key.len && key.data[key.len - 1] == '/'; /* "vault/secret/infra/" */
    const struct span whole = span_sub(key, 0, key.len - folder);
    size_t slash = span_find(whole, '/', 0);
    if (slash == whole.len) {
        *ns = (struct span){NULL, 0};
        *name = key;
        return;
    }
    *ns = span_sub(key, 0, slash);
    *name = span_sub(key, span_find_last(whole, '/') + 1, key.len);
}

/* What stands between namespace and name: "Deployment"; empty: nothing. */
static struct span type_of(struct span key)
{
    size_t first = span_find(key, '/', 0), last = span_find_last(key, '/');
    bool typed = first < last && last < key.len;
    return typed ? span_sub(key, first + 1, last - first - 1) : (struct span){NULL, 0};
}

void naming_label(const struct kind *kind, struct span key, char out[LABEL_MAX])
{
    struct span type = type_of(key), label = type.len ? type : span_from(kind->name);
    size_t len = label.len < LABEL_MAX ? label.len : LABEL_MAX - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)tolower((unsigned char)label.data[i]);
    out[len] = '\0';
}

void naming_name(struct span key, struct strbuf *out)
{
    struct span ns, name;
    naming_parts(key, &ns, &name);
    if (ns.len) {
        strbuf_add(out, ns);
        strbuf_addc(out, '/');
    }
    strbuf_add(out, name);
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
