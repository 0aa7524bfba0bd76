/* Reading a chain, and whether it holds. */
#include <config.h>

#include "net/hash_chain.h"

#include "base/file.h"
#include "net/digest.h"

#include <stdio.h>
#include <string.h>

#define LOG_MAX ((size_t)256 << 20)
#define HEX     (DIGEST_SHA256_TEXT - 1)

struct span hash_chain_own(struct span line)
{
    const size_t mark = strlen(HASH_CHAIN_MARK), all = mark + HEX + 2; /* and `"}` */
    if (line.len < all)
        return SPAN("");
    struct span end = span_sub(line, line.len - all, all);
    if (!span_starts(end, HASH_CHAIN_MARK) || !span_is(span_sub(end, mark + HEX, 2), "\"}"))
        return SPAN("");
    return span_sub(end, mark, HEX);
}

/* Its own hash is right, and it follows on prev. */
static bool fits(struct span line, const struct json_node *root, const char *prev)
{
    char hash[DIGEST_SHA256_TEXT];
    struct span own = hash_chain_own(line);
    if (!own.len ||
        !digest_sha256(span_sub(line, 0, line.len - (HEX + 2 + strlen(HASH_CHAIN_MARK))), hash))
        return false;
    return span_is(own, hash) && strcmp(json_node_path_text(root, "prev", "-"), prev) == 0;
}

bool hash_chain_read(const char *path, hash_chain_fn on_line, void *context, size_t *broken,
                     struct err *err)
{
    struct strbuf text = STRBUF_INIT(LOG_MAX);
    char prev[DIGEST_SHA256_TEXT] = "";
    bool go = true;
    if (broken)
        *broken = 0;
    if (!file_read(path, &text, err)) {
        strbuf_clear(&text);
        return false;
    }
    struct span rest = strbuf_span(&text), line;
    for (size_t number = 1; go && span_split(&rest, '\n', &line); number++) {
        struct err why;
        if (!line.len)
            continue;
        struct json_doc *doc = json_doc_parse(line, "the line", &why);
        const struct json_node *root = json_doc_root(doc);
        bool ok = root && fits(line, root, prev);
        struct span own = hash_chain_own(line);
        if (broken && !ok)
            (*broken)++;
        go = on_line(context, number, root, ok);
        if (own.len)
            (void)snprintf(prev, sizeof(prev), "%.*s", SPAN_ARG(own));
        json_doc_free(doc);
    }
    strbuf_clear(&text);
    return true;
}
