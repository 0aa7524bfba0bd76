/* A request's path taken apart: /api/v1/namespaces/NS/pods/NAME/log. */
#include <config.h>

#include "harbor/route.h"

#include "base/number.h"
#include "base/strbuf.h"

#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 10

static size_t split(struct span path, struct span *parts)
{
    size_t n = 0;
    struct span part;
    while (n < PARTS_MAX && span_split(&path, '/', &part))
        if (part.len)
            parts[n++] = part;
    return n;
}

/* Parts after the group and version. */
static void take_resource(struct route *r, struct span group, struct span version,
                          const struct span *parts, size_t n)
{
    size_t at = 0;
    if (n >= 3 && span_is(parts[0], "namespaces") &&
        resource_find(group, version, parts[2])) { /* else: .../namespaces/NAME/status */
        r->ns = parts[1];
        at = 2;
    }
    r->resource = at < n ? resource_find(group, version, parts[at]) : NULL;
    r->name = at + 1 < n ? parts[at + 1] : r->name;
    r->sub = at + 2 < n ? parts[at + 2] : r->sub;
}

struct route route_of(const char *target)
{
    struct span all = span_from(target), parts[PARTS_MAX];
    size_t question = span_find(all, '?', 0);
    struct route r = {.path = span_sub(all, 0, question),
                      .query = span_sub(all, question + 1, all.len),
                      .ns = SPAN(""),
                      .name = SPAN(""),
                      .sub = SPAN("")};
    size_t n = split(r.path, parts);
    if (n >= 3 && span_is(parts[0], "api"))
        take_resource(&r, SPAN(""), parts[1], parts + 2, n - 2);
    else if (n >= 4 && span_is(parts[0], "apis"))
        take_resource(&r, parts[1], parts[2], parts + 3, n - 3);
    return r;
}

static int hex_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c);
    return c && at ? (int)(at - digits) : -1;
}

static char *decoded(struct span text, bool form)
{
    struct strbuf out = STRBUF_INIT(65536);
    strbuf_adds(&out, "");
    for (size_t i = 0; i < text.len; i++) {
        int high = text.data[i] == '%' && i + 2 < text.len ? hex_of(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_of(text.data[i + 2]) : -1;
        if (low >= 0) {
            strbuf_addc(&out, (char)(high * 16 + low));
            i += 2;
        } else {
            strbuf_addc(&out, form && text.data[i] == '+' ? ' ' : text.data[i]);
        }
    }
    return strbuf_take(&out);
}

char *route_plain(struct span path)
{
    return decoded(path, false);
}

char *route_query(const struct route *r, const char *key)
{
    struct span rest = r->query, pair;
    while (span_split(&rest, '&', &pair)) {
        size_t equals = span_find(pair, '=', 0);
        if (span_is(span_sub(pair, 0, equals), key))
            return decoded(span_sub(pair, equals + 1, pair.len), true);
    }
    return NULL;
}

int64_t route_number(const struct route *r, const char *key, int64_t fallback)
{
    char *text = route_query(r, key);
    int64_t n;
    if (!text || !number_parse(span_from(text), 0, INT64_MAX, &n))
        n = fallback;
    free(text);
    return n;
}

bool route_true(const struct route *r, const char *key)
{
    char *text = route_query(r, key);
    bool yes = text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
    free(text);
    return yes;
}

bool route_dry(const struct route *r)
{
    char *text = route_query(r, "dryRun");
    bool dry = text && strcmp(text, "All") == 0;
    free(text);
    return dry;
}
