/* Recorded exchanges, and how an answer differs from one. */
#include <config.h>

#include "test/systems/harbor_recorded.h"

#include "base/alloc.h"
#include "base/file.h"

#include <math.h>

#define FILE_MAX      ((size_t)8 << 20)
#define SAID_MAX      12 /* differences of a recording that are printed */
#define DEPTH_MAX     64
#define RECORDED_PATH "/test/data/recorded/"

/* ---- Reading. */

static char *copy(struct span s)
{
    return xalloc_bytes(s.data, s.len);
}

/* "GET /path HTTP/1.1", headers, an empty line, the body. */
static void read_request(struct recorded *r, struct span text)
{
    struct span line, rest = text;
    size_t empty = span_search(text, SPAN("\n\n"), false);
    assert_true(span_split(&rest, '\n', &line));
    size_t first = span_find(line, ' ', 0), last = span_find_last(line, ' ');
    assert_true(first < last);
    r->method = copy(span_sub(line, 0, first));
    r->target = copy(span_sub(line, first + 1, last - first - 1));
    r->lines = copy(span_sub(text, line.len + 1, empty - line.len - 1));
    r->body = copy(span_trim(span_sub(text, empty, text.len)));
}

void recorded_read(struct recorded *r, const char *name)
{
    struct strbuf path = STRBUF_INIT(4096), file = STRBUF_INIT(FILE_MAX);
    *r = (struct recorded){
        .name = name, .head = STRBUF_INIT(65536), .answer = STRBUF_INIT(FILE_MAX)};
    strbuf_addf(&path, "%s" RECORDED_PATH "%s", getenv("top_srcdir"), name);
    if (!file_read(strbuf_cstr(&path), &file, NULL))
        fail_msg("%s cannot be read", strbuf_cstr(&path));
    struct span all = strbuf_span(&file);
    size_t dashes = span_search(all, SPAN("\n--------\n"), false);
    struct span answer = span_sub(all, dashes + 10, all.len);
    size_t empty = span_search(answer, SPAN("\n\n"), false);
    read_request(r, span_sub(all, 0, dashes + 1));
    strbuf_add(&r->head, span_sub(answer, 0, empty));
    strbuf_add(&r->answer, span_sub(answer, empty + 2, answer.len));
    assert_int_equal(sscanf(strbuf_cstr(&r->head), "HTTP/1.1 %d", &r->status), 1);
    strbuf_clear(&path);
    strbuf_clear(&file);
}

void recorded_done(struct recorded *r)
{
    free(r->method);
    free(r->target);
    free(r->lines);
    free(r->body);
    strbuf_clear(&r->head);
    strbuf_clear(&r->answer);
}

/* ---- Comparing. */

/* Where one is in a value, for what is said. */
struct place {
    const struct place *above;
    char name[160];
};

static void add_place(const struct place *p, struct strbuf *out)
{
    if (!p)
        return;
    add_place(p->above, out);
    strbuf_adds(out, p->name);
}

static void differ(struct comparison *c, const struct place *at, const cJSON *wanted,
                   const cJSON *got)
{
    struct strbuf path = STRBUF_INIT(16384);
    char *a = wanted ? cJSON_PrintUnformatted(wanted) : NULL;
    char *b = got ? cJSON_PrintUnformatted(got) : NULL;
    add_place(at, &path);
    if (c->differences++ < SAID_MAX)
        print_error("%s: %s: recorded %.400s, harbor has %.400s\n", c->name, strbuf_cstr(&path),
                    a ? a : "nothing", b ? b : "nothing");
    free(a);
    free(b);
    strbuf_clear(&path);
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_at(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(member(object, key));
    return text ? text : "";
}

/* Who wrote which field and how often is nothing of a simulator's. What ties jobs
 * to their pods was taken out before the recording, uids being the server's. */
static bool is_ignored(const char *key)
{
    static const char *const keys[] = {"managedFields", "generation", "manualSelector",
                                       "controller-uid", "batch.kubernetes.io/controller-uid"};
    for (size_t i = 0; i < BN_COUNT(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* Must be there, but has a value of the server's own, or of the time at which a
 * controller last looked (harbor/rounds.h). */
static bool is_volatile(const char *key)
{
    static const char *const keys[] = {"uid",         "resourceVersion",   "creationTimestamp",
                                       "continue",    "deletionTimestamp", "selfLink",
                                       "reconciledAt"};
    for (size_t i = 0; i < BN_COUNT(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* As 0db8d8f7-1ab7-4d28-90af-0bab6c974d52: in labels and selectors too. */
static bool is_uid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i = 0;
    for (; form[i] && text[i]; i++)
        if (form[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return false;
    return !form[i] && !text[i];
}

static void compare_at(struct comparison *c, const struct place *at, const cJSON *wanted,
                       const cJSON *got, unsigned depth);

static void compare_members(struct comparison *c, const struct place *above, const cJSON *wanted,
                            const cJSON *got, unsigned depth)
{
    const cJSON *m;
    cJSON_ArrayForEach(m, wanted)
    {
        struct place at = {.above = above};
        const cJSON *other = member(got, m->string);
        (void)snprintf(at.name, sizeof(at.name), ".%.150s", m->string);
        if (is_ignored(m->string))
            continue;
        if (is_volatile(m->string) && cJSON_IsString(m) && cJSON_IsString(other) &&
            !m->valuestring[0] == !other->valuestring[0])
            continue;
        compare_at(c, &at, m, other, depth);
    }
    cJSON_ArrayForEach(m, got)
    {
        struct place at = {.above = above};
        (void)snprintf(at.name, sizeof(at.name), ".%.150s", m->string);
        if (!is_ignored(m->string) && !member(wanted, m->string))
            differ(c, &at, NULL, m);
    }
}

static const cJSON *next_counted(const cJSON *m)
{
    while (m && is_ignored(m->string))
        m = m->next;
    return m;
}

static void compare_order(struct comparison *c, const struct place *at, const cJSON *wanted,
                          const cJSON *got)
{
    const cJSON *a = next_counted(wanted->child), *b = next_counted(got->child);
    struct place here = {.above = at};
    while (a && b && strcmp(a->string, b->string) == 0) {
        a = next_counted(a->next);
        b = next_counted(b->next);
    }
    if (!a || !b)
        return;
    (void)snprintf(here.name, sizeof(here.name), " (order: recorded %.60s, harbor has %.60s)",
                   a->string, b->string);
    differ(c, &here, wanted, got);
}

static void compare_arrays(struct comparison *c, const struct place *above, const cJSON *wanted,
                           const cJSON *got, unsigned depth)
{
    const cJSON *a = wanted->child, *b = got->child;
    for (int i = 0; a || b; i++) {
        struct place at = {.above = above};
        (void)snprintf(at.name, sizeof(at.name), "[%d]", i);
        compare_at(c, &at, a, b, depth);
        a = a ? a->next : NULL;
        b = b ? b->next : NULL;
    }
}

static bool are_equal(const cJSON *a, const cJSON *b)
{
    if (cJSON_IsString(a))
        return strcmp(a->valuestring, b->valuestring) == 0 ||
               (is_uid(a->valuestring) && is_uid(b->valuestring));
    return !cJSON_IsNumber(a) || fabs(a->valuedouble - b->valuedouble) < 1e-9;
}

static void compare_at(struct comparison *c, const struct place *at, const cJSON *wanted,
                       const cJSON *got, unsigned depth)
{
    assert_true(depth < DEPTH_MAX);
    if (!wanted || !got || (wanted->type & 0xff) != (got->type & 0xff)) {
        differ(c, at, wanted, got);
    } else if (cJSON_IsObject(wanted)) {
        compare_members(c, at, wanted, got, depth + 1);
        if (c->keys_ordered)
            compare_order(c, at, wanted, got);
    } else if (cJSON_IsArray(wanted)) {
        compare_arrays(c, at, wanted, got, depth + 1);
    } else if (!are_equal(wanted, got)) {
        differ(c, at, wanted, got);
    }
}

void compare_json(struct comparison *c, const cJSON *wanted, const cJSON *got)
{
    compare_at(c, NULL, wanted, got, 0);
}

/* ---- Whole answers. */

static struct span header_of(const struct strbuf *head, const char *name)
{
    struct span rest = strbuf_span(head), line;
    while (span_split(&rest, '\n', &line)) {
        size_t colon = span_find(line, ':', 0);
        if (span_eq_nocase(span_sub(line, 0, colon), span_from(name)))
            return span_trim(span_sub(line, colon + 1, line.len));
    }
    return SPAN("");
}

static void compare_head(struct comparison *c, const struct recorded *r, const struct call *call)
{
    static const char *const names[] = {"Content-Type", "Content-Encoding", "Warning",
                                        "Retry-After", "Vary"};
    if (call->code != CURLE_OK) {
        c->differences++;
        print_error("%s: %s\n", c->name, curl_easy_strerror(call->code));
    }
    if (call->status != r->status) {
        c->differences++;
        print_error("%s: status: recorded %d, harbor has %ld\n", c->name, r->status, call->status);
    }
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        struct span wanted = header_of(&r->head, names[i]), got = call_header(call, names[i]);
        if (span_eq(wanted, got))
            continue;
        c->differences++;
        print_error("%s: header %s: recorded \"%.*s\", harbor has \"%.*s\"\n", c->name, names[i],
                    SPAN_ARG(wanted), SPAN_ARG(got));
    }
}

static void compare_bytes(struct comparison *c, const struct recorded *r, const struct call *call)
{
    struct span wanted = span_trim(strbuf_span(&r->answer)), got = strbuf_span(&call->body);
    if (span_eq(wanted, span_trim(got)))
        return;
    c->differences++;
    print_error("%s: body: recorded \"%.*s\", harbor has \"%.*s\"\n", c->name,
                SPAN_ARG(span_sub(wanted, 0, 400)), SPAN_ARG(span_sub(got, 0, 400)));
}

void compare_answer(struct comparison *c, const struct recorded *r, const struct call *call)
{
    compare_lists(c, r, call, NULL);
}

static void take_out(cJSON *list, const char *target, is_theirs_fn is_theirs)
{
    cJSON *items = (cJSON *)(uintptr_t)member(list, "items"), *next;
    for (cJSON *item = items ? items->child : NULL; item; item = next) {
        next = item->next;
        if (is_theirs && is_theirs(target, item))
            cJSON_Delete(cJSON_DetachItemViaPointer(items, item));
    }
}

static bool are_same(const cJSON *a, const cJSON *b)
{
    const cJSON *m = member(a, "metadata"), *n = member(b, "metadata");
    return strcmp(text_at(m, "name"), text_at(n, "name")) == 0 &&
           strcmp(text_at(m, "namespace"), text_at(n, "namespace")) == 0;
}

static const cJSON *same_item(const cJSON *items, const cJSON *item)
{
    const cJSON *other;
    cJSON_ArrayForEach(other, items)
    {
        if (are_same(other, item))
            return other;
    }
    return NULL;
}

static void name_item(struct place *at, const cJSON *item)
{
    const cJSON *metadata = member(item, "metadata");
    (void)snprintf(at->name, sizeof(at->name), ".items[%.70s/%.70s]",
                   text_at(metadata, "namespace"), text_at(metadata, "name"));
}

/* Items by their names, so that one more or less is one difference; then their order. */
static void compare_items(struct comparison *c, const cJSON *wanted, const cJSON *got)
{
    const cJSON *item, *a, *b;
    struct place at = {0};
    cJSON_ArrayForEach(item, wanted)
    {
        name_item(&at, item);
        compare_at(c, &at, item, same_item(got, item), 0);
    }
    cJSON_ArrayForEach(item, got)
    {
        name_item(&at, item);
        if (!same_item(wanted, item))
            differ(c, &at, NULL, item);
    }
    for (a = wanted->child, b = got->child; a && b; a = a->next, b = b->next) {
        name_item(&at, a);
        if (are_same(a, b))
            continue;
        differ(c, &at, member(a, "metadata"), member(b, "metadata"));
        return;
    }
}

static void compare_bodies(struct comparison *c, cJSON *wanted, cJSON *got)
{
    cJSON *a = cJSON_DetachItemFromObjectCaseSensitive(wanted, "items");
    cJSON *b = cJSON_DetachItemFromObjectCaseSensitive(got, "items");
    if (cJSON_IsArray(a) && cJSON_IsArray(b))
        compare_items(c, a, b);
    else if (a || b)
        compare_json(c, a, b);
    compare_json(c, wanted, got);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

void compare_lists(struct comparison *c, const struct recorded *r, const struct call *call,
                   is_theirs_fn is_theirs)
{
    cJSON *wanted = cJSON_Parse(strbuf_cstr(&r->answer));
    cJSON *got = cJSON_Parse(strbuf_cstr(&call->body));
    compare_head(c, r, call);
    if (!wanted) {
        compare_bytes(c, r, call);
    } else if (!got) {
        c->differences++;
        print_error("%s: the body is no JSON: %.400s\n", c->name, strbuf_cstr(&call->body));
    } else {
        c->keys_ordered = wanted->child && strcmp(wanted->child->string, "apiVersion") == 0;
        if (c->keys_ordered)
            compare_order(c, NULL, wanted, got);
        take_out(wanted, r->target, is_theirs);
        take_out(got, r->target, is_theirs);
        compare_bodies(c, wanted, got);
    }
    cJSON_Delete(wanted);
    cJSON_Delete(got);
}
