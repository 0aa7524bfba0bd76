/* Differences of objects and of texts. */
#include <config.h>

#include "actions/patch.h"

#include "base/alloc.h"
#include "base/json_out.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX_BYTES ((size_t)64 << 10)
#define CELLS_MAX     ((size_t)8 << 20) /* of the table that finds the lines in common */
#define AROUND        3

/* ---- Objects. */

/* What the API server keeps itself, or does not take with an object's own path. */
static bool is_kept(struct span key, unsigned depth, bool metadata)
{
    static const char *const own[] = {"managedFields",     "resourceVersion", "uid",
                                      "creationTimestamp", "generation",      "selfLink"};
    if (depth == 0)
        return span_is(key, "status");
    for (size_t i = 0; metadata && depth == 1 && i < BN_COUNT(own); i++)
        if (span_is(key, own[i]))
            return true;
    return false;
}

static bool same(struct json_value a, struct json_value b)
{
    return a.type == b.type && span_eq(json_whole(a), json_whole(b));
}

static bool is_none(struct json_value v)
{
    return v.type == JSON_NONE || v.type == JSON_NULL;
}

struct differ {
    struct json_out out;
    const char *version; /* to be written into metadata; NULL: none */
    size_t count;        /* of differences */
};

static void object(struct differ *d, struct json_value from, struct json_value to, unsigned depth,
                   bool metadata);

static void member(struct differ *d, struct span key, struct json_value from, struct json_value to,
                   unsigned depth)
{
    bool metadata = depth == 0 && span_is(key, "metadata");
    bool whole = from.type == JSON_OBJECT && to.type == JSON_OBJECT;
    if ((is_none(from) && is_none(to)) || (same(from, to) && !(metadata && d->version)))
        return;
    json_key_span(&d->out, key);
    if (whole) {
        object(d, from, to, depth + 1, metadata);
        return;
    }
    d->count++;
    if (is_none(to))
        json_null(&d->out);
    else
        json_raw(&d->out, json_whole(to));
}

static void object(struct differ *d, struct json_value from, struct json_value to, unsigned depth,
                   bool metadata)
{
    struct strbuf name = STRBUF_INIT(KEY_MAX_BYTES);
    struct json_value key, value;
    struct json_iter it;
    json_object(&d->out);
    if (metadata && d->version) {
        json_key(&d->out, "resourceVersion");
        json_cstr(&d->out, d->version);
    }
    for (json_iter_init(&it, to); json_next(&it, &key, &value);) {
        struct span text = json_as_text(key, &name);
        if (!is_kept(text, depth, metadata))
            member(d, text, json_member(from, text), value, depth);
    }
    for (json_iter_init(&it, from); json_next(&it, &key, &value);) {
        struct span text = json_as_text(key, &name);
        if (!is_kept(text, depth, metadata) && json_member(to, text).type == JSON_NONE)
            member(d, text, value, (struct json_value){.type = JSON_NONE}, depth);
    }
    json_object_end(&d->out);
    strbuf_clear(&name);
}

bool patch_make(struct span from, struct span to, const char *version, struct strbuf *out)
{
    struct differ d = {.version = version};
    size_t before = out->len;
    json_out_init(&d.out, out, 0);
    object(&d, json_value(from), json_value(to), 0, false);
    if (!d.count)
        strbuf_truncate(out, before);
    return d.count > 0;
}

static void copy_sent(struct json_out *out, struct json_value from, unsigned depth, bool metadata)
{
    struct strbuf name = STRBUF_INIT(KEY_MAX_BYTES);
    struct json_value key, value;
    struct json_iter it;
    json_object(out);
    for (json_iter_init(&it, from); json_next(&it, &key, &value);) {
        struct span text = json_as_text(key, &name);
        const bool own = depth == 0 && span_is(text, "metadata") && value.type == JSON_OBJECT;
        if (is_kept(text, depth, metadata))
            continue;
        json_key_span(out, text);
        if (own)
            copy_sent(out, value, depth + 1, true);
        else
            json_raw(out, json_whole(value));
    }
    json_object_end(out);
    strbuf_clear(&name);
}

void patch_sent(struct span object, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 0);
    copy_sent(&j, json_value(object), 0, false);
}

bool patch_is_done(struct json_value patch, struct json_value wanted)
{
    struct strbuf name = STRBUF_INIT(KEY_MAX_BYTES);
    struct json_value key, value;
    struct json_iter it;
    bool done = true;
    for (json_iter_init(&it, patch); done && json_next(&it, &key, &value);) {
        struct span text = json_as_text(key, &name);
        struct json_value now = json_member(wanted, text);
        if (span_is(text, "resourceVersion"))
            continue;
        done = value.type == JSON_OBJECT ? now.type == JSON_OBJECT && patch_is_done(value, now)
               : is_none(value)          ? is_none(now)
                                         : same(value, now);
    }
    strbuf_clear(&name);
    return done;
}

/* ---- Texts. */

struct lines {
    struct span *list; /* owned */
    size_t count;
};

static struct lines lines_of(struct span text)
{
    struct lines l = {xalloc_zero(1, sizeof(struct span)), 0};
    struct span line;
    size_t cap = 1;
    text = span_sub(text, 0, text.len - span_ends(text, "\n"));
    while (span_split(&text, '\n', &line)) {
        if (l.count == cap)
            l.list = xalloc_resize(l.list, cap *= 2, sizeof(struct span));
        l.list[l.count++] = line;
    }
    return l;
}

/* A line of the difference: ' ', '-' or '+'. */
struct change {
    char sign;
    struct span line;
};

struct script {
    struct change *list; /* owned; room for all lines of both */
    size_t count;
};

static void add(struct script *s, char sign, struct span line)
{
    s->list[s->count++] = (struct change){sign, line};
}

/* cells[i * (m + 1) + j]: lines in common of a from i on and b from j on. NULL: too many. */
static uint32_t *common(const struct span *a, size_t n, const struct span *b, size_t m)
{
    if ((n + 1) > CELLS_MAX / (m + 1))
        return NULL;
    uint32_t *cells = alloc_try_zero((n + 1) * (m + 1), sizeof(*cells));
    for (size_t i = n; cells && i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            uint32_t down = cells[(i + 1) * (m + 1) + j], right = cells[i * (m + 1) + j + 1];
            cells[i * (m + 1) + j] = span_eq(a[i], b[j]) ? cells[(i + 1) * (m + 1) + j + 1] + 1
                                     : down > right      ? down
                                                         : right;
        }
    return cells;
}

static void compare(struct script *s, const struct span *a, size_t n, const struct span *b,
                    size_t m)
{
    uint32_t *cells = common(a, n, b, m);
    size_t i = 0, j = 0;
    while (cells && i < n && j < m) {
        if (span_eq(a[i], b[j])) {
            add(s, ' ', a[i++]);
            j++;
        } else if (cells[(i + 1) * (m + 1) + j] >= cells[i * (m + 1) + j + 1]) {
            add(s, '-', a[i++]);
        } else {
            add(s, '+', b[j++]);
        }
    }
    while (i < n)
        add(s, '-', a[i++]);
    while (j < m)
        add(s, '+', b[j++]);
    free(cells);
}

static bool is_near(const struct script *s, size_t i)
{
    size_t from = i > AROUND ? i - AROUND : 0, to = i + AROUND;
    for (size_t k = from; k <= to && k < s->count; k++)
        if (s->list[k].sign != ' ')
            return true;
    return false;
}

void patch_lines(struct span from, struct span to, struct strbuf *out)
{
    struct lines a = lines_of(from), b = lines_of(to);
    struct script s = {xalloc_zero(a.count + b.count + 1, sizeof(*s.list)), 0};
    size_t head = 0, tail = 0;
    bool gap = false;
    while (head < a.count && head < b.count && span_eq(a.list[head], b.list[head]))
        add(&s, ' ', a.list[head++]);
    while (tail + head < a.count && tail + head < b.count &&
           span_eq(a.list[a.count - 1 - tail], b.list[b.count - 1 - tail]))
        tail++;
    compare(&s, a.list + head, a.count - head - tail, b.list + head, b.count - head - tail);
    for (size_t i = a.count - tail; i < a.count; i++)
        add(&s, ' ', a.list[i]);
    for (size_t i = 0; i < s.count; i++) {
        bool near = is_near(&s, i);
        if (near && gap)
            strbuf_adds(out, "...\n");
        if (near)
            strbuf_addf(out, "%c %.*s\n", s.list[i].sign, SPAN_ARG(s.list[i].line));
        gap = !near && (gap || out->len);
    }
    free(a.list);
    free(b.list);
    free(s.list);
}
