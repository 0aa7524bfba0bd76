/* <ResourceRecordSet> read. [Route 53 API reference; developer guide: DomainNameFormat] */
#include <config.h>

#include "backends/route53/record.h"

#include "base/alloc.h"
#include "base/number.h"
#include "model/value.h"

#include <stdlib.h>

#define ARENA_MAX  ((size_t)256 << 20)
#define VALUES_MAX ((size_t)64 << 10)

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

void r53_name(struct span raw, struct strbuf *out)
{
    if (span_ends(raw, "."))
        raw.len--;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        bool escaped = c == '\\' && i + 3 < raw.len && raw.data[i + 1] >= '0' &&
                       raw.data[i + 1] <= '3' && is_octal(raw.data[i + 2]) &&
                       is_octal(raw.data[i + 3]);
        int code = escaped ? (raw.data[i + 1] - '0') * 64 + (raw.data[i + 2] - '0') * 8 +
                                 (raw.data[i + 3] - '0')
                           : 0;
        if (escaped && code > ' ' && code < 0x7f && code != '.' && code != '\\') {
            c = (char)code;
            i += 3;
        }
        strbuf_addc(out, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
    }
}

void r53_zone_clear(struct r53_zone *z)
{
    arena_free(z->arena);
    free(z->r);
    *z = (struct r53_zone){0};
}

static bool copy_name(struct arena *arena, struct span raw, struct span *out)
{
    struct strbuf name = STRBUF_INIT(8192);
    r53_name(raw, &name);
    bool ok = !name.failed && arena_copy(arena, strbuf_span(&name), out);
    strbuf_clear(&name);
    return ok;
}

static bool copy(struct arena *arena, const struct xml_node *node, const char *name,
                 struct span *out)
{
    struct span text = xml_child_text(node, name);
    return !text.len || arena_copy(arena, text, out);
}

/* "/hostedzone/Z1234567890": it becomes part of a path. */
static bool copy_id(struct r53_zone *z, struct span id)
{
    id = span_sub(id, span_find_last(id, '/') < id.len ? span_find_last(id, '/') + 1 : 0, id.len);
    for (size_t i = 0; i < id.len; i++)
        if (!((id.data[i] >= 'A' && id.data[i] <= 'Z') || (id.data[i] >= '0' && id.data[i] <= '9')))
            return false;
    return id.len && arena_copy(z->arena, id, &z->id);
}

bool r53_zone_read(struct r53_zone *z, const struct xml_node *node)
{
    const struct xml_node *config = xml_child(node, "Config");
    *z = (struct r53_zone){.count = -1, .arena = arena_new(ARENA_MAX)};
    z->is_private = span_is(xml_child_text(config, "PrivateZone"), "true");
    (void)!number_parse(xml_child_text(node, "ResourceRecordSetCount"), 0, INT64_MAX, &z->count);
    if (z->arena && copy_id(z, xml_child_text(node, "Id")) &&
        copy_name(z->arena, xml_child_text(node, "Name"), &z->name) &&
        copy(z->arena, config, "Comment", &z->comment))
        return true;
    r53_zone_clear(z);
    return false;
}

/* ---- Record sets. */

static bool copy_values(struct r53_zone *z, const struct xml_node *set, struct r53_record *r)
{
    struct strbuf all = STRBUF_INIT(VALUES_MAX);
    const struct xml_node *n = xml_child(xml_child(set, "ResourceRecords"), "ResourceRecord");
    for (; n; n = xml_next(n, "ResourceRecord")) {
        if (all.len)
            strbuf_addc(&all, LIST_SEPARATOR);
        strbuf_add(&all, xml_child_text(n, "Value"));
    }
    bool ok = !all.len || arena_copy(z->arena, strbuf_span(&all), &r->values);
    strbuf_clear(&all);
    return ok;
}

static bool copy_alias(struct r53_zone *z, const struct xml_node *set, struct r53_record *r)
{
    const struct xml_node *alias = xml_child(set, "AliasTarget");
    if (!alias)
        return true;
    r->alias_checked = span_is(xml_child_text(alias, "EvaluateTargetHealth"), "true");
    return copy_name(z->arena, xml_child_text(alias, "DNSName"), &r->alias);
}

static bool copy_routing(struct r53_zone *z, const struct xml_node *set, struct r53_record *r)
{
    static const struct {
        const char *element, *says;
    } ways[] = {{"Weight", "weighted"}, {"Region", "latency"}, {"Failover", "failover"}};
    const struct xml_node *geo = xml_child(set, "GeoLocation");
    struct strbuf text = STRBUF_INIT(256);
    for (size_t i = 0; i < BN_COUNT(ways); i++)
        if (xml_child(set, ways[i].element))
            strbuf_addf(&text, "%s %.*s", ways[i].says,
                        SPAN_ARG(xml_child_text(set, ways[i].element)));
    if (geo)
        strbuf_addf(&text, "location %.*s", SPAN_ARG(xml_text(xml_child(geo, NULL))));
    if (xml_child(set, "CidrRoutingConfig"))
        strbuf_adds(&text, "by address");
    if (span_is(xml_child_text(set, "MultiValueAnswer"), "true"))
        strbuf_adds(&text, "multivalue");
    bool ok = !text.len || arena_copy(z->arena, strbuf_span(&text), &r->routing);
    strbuf_clear(&text);
    return ok;
}

static bool read_set(struct r53_zone *z, const struct xml_node *set, struct r53_record *r)
{
    *r = (struct r53_record){.ttl_s = -1, .weight = -1};
    (void)!number_parse(xml_child_text(set, "TTL"), 0, INT64_MAX / 1000, &r->ttl_s);
    (void)!number_parse(xml_child_text(set, "Weight"), 0, 255, &r->weight);
    return copy_name(z->arena, xml_child_text(set, "Name"), &r->name) &&
           copy(z->arena, set, "Type", &r->type) &&
           copy(z->arena, set, "SetIdentifier", &r->set_id) &&
           copy(z->arena, set, "HealthCheckId", &r->health) && copy_values(z, set, r) &&
           copy_alias(z, set, r) && copy_routing(z, set, r);
}

bool r53_records_add(struct r53_zone *z, const struct xml_node *response)
{
    const struct xml_node *first =
        xml_child(xml_child(response, "ResourceRecordSets"), "ResourceRecordSet");
    size_t more = 0;
    for (const struct xml_node *n = first; n; n = xml_next(n, "ResourceRecordSet"))
        more++;
    if (more > R53_RECORDS_MAX || z->n + more > R53_RECORDS_MAX)
        return false;
    z->r = xalloc_resize(z->r, z->n + more + 1, sizeof(*z->r));
    for (const struct xml_node *n = first; n; n = xml_next(n, "ResourceRecordSet"))
        if (!read_set(z, n, &z->r[z->n++]))
            return false;
    return true;
}
