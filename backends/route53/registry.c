/* Who has made a record: external-dns writes a TXT record for each of its own, at the record's name
 * (before 0.12, and beside the other until 0.17) or at TYPE-NAME [external-dns registry/txt.go
 * generateTXTRecord, endpoint/labels.go]. */
#include <config.h>

#include "backends/route53/record.h"
#include "base/map.h"

#define HERITAGE    "heritage=external-dns"
#define RECORD_TYPE "%{record_type}"

/* What stands behind "external-dns/owner=" in the value. */
static struct span label(struct span value, const char *name)
{
    size_t at = span_search(value, span_from(name), false);
    struct span rest = span_sub(value, at + strlen(name), value.len);
    if (at == value.len)
        return span_make(NULL, 0);
    for (size_t i = 0; i < rest.len; i++)
        if (rest.data[i] == ',' || rest.data[i] == '"' || rest.data[i] == ' ')
            rest.len = i;
    return rest;
}

static bool is_register(const struct r53_record *r)
{
    return span_is(r->type, "TXT") && span_search(r->values, SPAN(HERITAGE), false) < r->values.len;
}

/* An alias is registered as a CNAME, though Route 53 calls it A or AAAA (txt.go). */
static void add_type(const struct r53_record *r, struct strbuf *out)
{
    struct span type = r->alias.len && span_is(r->type, "A") ? SPAN("CNAME") : r->type;
    for (size_t i = 0; i < type.len; i++)
        strbuf_addc(out, (char)(type.data[i] | 0x20));
}

/* A prefix or a suffix, with the type where it asks for that. */
static void add_affix(const struct r53_record *r, struct span affix, struct strbuf *out)
{
    size_t at = span_search(affix, SPAN(RECORD_TYPE), false);
    strbuf_add(out, span_sub(affix, 0, at));
    if (at == affix.len)
        return;
    add_type(r, out);
    strbuf_add(out, span_sub(affix, at + strlen(RECORD_TYPE), affix.len));
}

/* The suffix stands behind the first label. */
static void add_name(const struct r53_record *r, const struct r53_register *how, struct strbuf *out)
{
    size_t dot = span_find(r->name, '.', 0);
    bool wild = span_starts(r->name, "*.") && how->wildcard.len;
    strbuf_add(out, wild ? how->wildcard : span_sub(r->name, 0, dot));
    add_affix(r, how->suffix, out);
    strbuf_add(out, span_sub(r->name, dot, r->name.len));
}

static bool has_type(const struct r53_register *how)
{
    return span_search(how->prefix, SPAN(RECORD_TYPE), false) < how->prefix.len ||
           span_search(how->suffix, SPAN(RECORD_TYPE), false) < how->suffix.len;
}

/* Where a record's TXT would be: in the new form, and in the old one (emptied: there is none). */
static void new_form(const struct r53_record *r, const struct r53_register *how, struct strbuf *out)
{
    strbuf_truncate(out, 0);
    add_affix(r, how->prefix, out);
    if (!has_type(how)) {
        add_type(r, out);
        strbuf_addc(out, '-');
    }
    add_name(r, how, out);
}

static void old_form(const struct r53_record *r, const struct r53_register *how, struct strbuf *out)
{
    strbuf_truncate(out, 0);
    if (has_type(how))
        return;
    strbuf_add(out, how->prefix);
    add_name(r, how, out);
}

/* ---- Joining. */

/* Names and sets of the register's records. */
static void add_key(struct strbuf *key, struct span name, struct span set_id)
{
    strbuf_truncate(key, 0);
    strbuf_add(key, name);
    strbuf_addc(key, '\0');
    strbuf_add(key, set_id);
}

static struct r53_record *find(const struct map *map, struct span name, struct span set_id)
{
    struct strbuf key = STRBUF_INIT(16384);
    add_key(&key, name, set_id);
    struct r53_record *r = name.len ? map_get(map, strbuf_span(&key)) : NULL;
    strbuf_clear(&key);
    return r || !set_id.len ? r : find(map, name, span_make(NULL, 0));
}

static void note_register(struct r53_zone *z, struct map *map)
{
    struct strbuf key = STRBUF_INIT(16384);
    for (size_t i = 0; i < z->n; i++) {
        struct r53_record *r = &z->r[i];
        if (!is_register(r))
            continue;
        r->registers = r->orphan = true;
        r->owner = label(r->values, "external-dns/owner=");
        r->resource = label(r->values, "external-dns/resource=");
        add_key(&key, r->name, r->set_id);
        (void)map_set(map, strbuf_span(&key), r);
    }
    strbuf_clear(&key);
}

static void claim(struct r53_zone *z, struct r53_record *r, struct r53_record *txt)
{
    struct strbuf about = STRBUF_INIT(8192);
    if (!txt)
        return;
    txt->orphan = false;
    if (!txt->about.len) {
        strbuf_addf(&about, "%.*s %.*s", SPAN_ARG(r->name), SPAN_ARG(r->type));
        (void)!arena_copy(z->arena, strbuf_span(&about), &txt->about);
    }
    strbuf_clear(&about);
    if (r->owner.len)
        return;
    r->owner = txt->owner;
    r->resource = txt->resource;
}

void r53_register_join(struct r53_zone *z, const struct r53_register *how)
{
    struct map *map = map_new();
    struct strbuf name = STRBUF_INIT(16384);
    note_register(z, map);
    for (size_t i = 0; map_count(map) && i < z->n; i++) {
        struct r53_record *r = &z->r[i];
        if (r->registers)
            continue;
        new_form(r, how, &name);
        claim(z, r, find(map, strbuf_span(&name), r->set_id));
        old_form(r, how, &name);
        claim(z, r, find(map, strbuf_span(&name), r->set_id));
    }
    strbuf_clear(&name);
    map_free(map, NULL);
}
