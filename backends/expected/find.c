/* Whether what is expected is there: by filters over the rows of its kind. */
#include <config.h>

#include "backends/expected/expected.h"
#include "model/filter.h"

#include <string.h>

#define TEXT_BYTES ((size_t)8 << 10)
#define LINKS      16 /* of what matches, that are named */

const char *const expected_kinds[] = {"workload", "cronjob",     "service", "pxc",
                                      "tenant",   "application", NULL};

static const char *text_of(const struct declared *e, const char *setting, const char *fallback)
{
    const char *text = declared_setting(e, setting);
    return text && *text ? text : fallback;
}

static bool is_known(const char *kind)
{
    for (const char *const *k = expected_kinds; *k; k++)
        if (strcmp(*k, kind) == 0)
            return true;
    return false;
}

/* Part of its name, whatever the case, where the configuration says nothing. */
static void usual_match(const struct declared *e, struct strbuf *out)
{
    strbuf_adds(out, "name~\"");
    for (const char *c = e->name; *c; c++)
        if (*c != '"' && *c != '\\')
            strbuf_addc(out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
    strbuf_addc(out, '"');
}

/* NULL: *fault says why. */
static struct filter *filter_of(const struct store *st, int kind, struct span match,
                                struct strbuf *fault)
{
    struct err err;
    size_t where;
    struct filter *f = filter_compile(store_kind(st, (uint16_t)kind), match, &where, &err);
    if (f && filter_is_steady(f))
        return f;
    strbuf_addf(fault, "match: %s",
                f ? "what changes with time alone cannot be expected" : err.msg);
    filter_free(f);
    return NULL;
}

static int64_t count_rows(const struct store *st, int kind, struct filter *f, int64_t now_ms,
                          struct strbuf *parts)
{
    struct handle row;
    uint32_t at = 0;
    int64_t found = 0, until = TIME_FOREVER;
    while (store_next(st, (uint16_t)kind, &at, &row))
        if (filter_match(f, st, row, now_ms, &until) && ++found <= LINKS)
            joined_add_link(parts, store_kind(st, (uint16_t)kind)->name, store_key(st, row));
    return found;
}

static bool is_state(const char *state)
{
    return strcmp(state, "declared") == 0 || strcmp(state, "deployed") == 0 ||
           strcmp(state, "absent") == 0;
}

/* What is not among those that are seen may be among those that are not. */
static bool say_hidden(const struct store *st, int kind, struct strbuf *fault)
{
    const struct source_report *r = &store_source_kind(st, 0, (uint16_t)kind)->report;
    if (r->state == SOURCE_PARTIAL)
        strbuf_addf(fault, "%s are seen in part: %s", store_kind(st, (uint16_t)kind)->plural,
                    r->note);
    return r->state == SOURCE_PARTIAL;
}

/* How many there are; TIME_NONE: *fault says why that cannot be told. */
static int64_t look(const struct store *st, const char *kind, const char *state, struct span match,
                    int64_t now_ms, struct strbuf *parts, struct strbuf *fault)
{
    int number = store_kind_find(st, span_from(kind));
    bool denied = false;
    if (!is_state(state))
        strbuf_addf(fault, "state wants declared, deployed or absent, not %s", state);
    else if (!is_known(kind) || number < 0)
        strbuf_addf(fault,
                    "a %s cannot be expected: workload, cronjob, service, pxc, tenant or "
                    "application can",
                    kind);
    else if (discovery_knows(st, kind, &denied) && denied)
        strbuf_addf(fault, "%s may not be read", store_kind(st, (uint16_t)number)->plural);
    struct filter *f = fault->len ? NULL : filter_of(st, number, match, fault);
    int64_t found = f ? count_rows(st, number, f, now_ms, parts) : TIME_NONE;
    filter_free(f);
    return found || !say_hidden(st, number, fault) ? found : TIME_NONE;
}

static void add_line(const struct store *st, const struct declared *e, int64_t now_ms,
                     struct strbuf *out)
{
    const char *kind = text_of(e, "kind", "workload"), *state = text_of(e, "state", "declared");
    struct strbuf match = STRBUF_INIT(TEXT_BYTES), fault = STRBUF_INIT(TEXT_BYTES),
                  parts = STRBUF_INIT(TEXT_BYTES);
    if (declared_setting(e, "match"))
        strbuf_adds(&match, declared_setting(e, "match"));
    else
        usual_match(e, &match);
    int64_t found = look(st, kind, state, strbuf_span(&match), now_ms, &parts, &fault);
    joined_add(out, span_from(e->name));
    joined_add(out, span_from(kind));
    joined_add(out, strbuf_span(&match));
    joined_add(out, span_from(state));
    joined_add_num(out, found);
    joined_add(out, strbuf_span(&fault));
    joined_add(out, span_from(text_of(e, "note", "")));
    joined_add(out, strbuf_span(&parts));
    joined_end(out);
    strbuf_clear(&match);
    strbuf_clear(&fault);
    strbuf_clear(&parts);
}

void expected_discover(const struct store *st, struct discovery *d)
{
    struct strbuf lines = STRBUF_INIT(JOINED_BYTES);
    const char *const settings[] = {NULL};
    for (const struct declared *e = discovery_declared(d); e->name; e++)
        add_line(st, e, d->now_ms, &lines);
    const struct found found = {
        .name = "expectations", .settings = settings, .targets = strbuf_cstr(&lines)};
    if (lines.len)
        discovery_add(d, &found);
    strbuf_clear(&lines);
}
