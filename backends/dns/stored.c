/* Names as hosted zones have them stored, and who changes them: rows of Route 53, and what
 * external-dns was told. Joined with what is wanted when names are looked for (find.c), so that
 * one row has all of it. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/dns/dns.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define LIST_BYTES ((size_t)4 << 10)

/* One record set; texts are borrowed from the store. */
struct stored {
    struct span name, type, key, values, owner, resource;
    bool leads;  /* has addresses, or is an alias */
    bool routed; /* one of several sets */
};

struct dns_stored {
    struct stored *all; /* owned; by name, those that lead somewhere first, then type */
    size_t count;
    struct span *zones; /* owned; public ones that were listed */
    size_t nzones;
    const struct store *st;
};

/* ---- Reading rows. */

static int compare(const void *a, const void *b)
{
    const struct stored *x = a, *y = b;
    int by = span_compare(x->name, y->name);
    by = by ? by : (int)y->leads - (int)x->leads;
    return by ? by : span_compare(x->type, y->type);
}

static void read_zones(struct dns_stored *d)
{
    int kind = store_kind_find(d->st, SPAN("dns-zone"));
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(d->st, (uint16_t)kind, &at, &row)) {
        if (discovery_num(d->st, row, "private", 0))
            continue;
        d->zones = xalloc_resize(d->zones, d->nzones + 1, sizeof(*d->zones));
        d->zones[d->nzones++] = discovery_text(d->st, row, "name");
    }
}

static bool leads_somewhere(struct span type)
{
    return span_is(type, "A") || span_is(type, "AAAA") || span_is(type, "CNAME");
}

static void read_records(struct dns_stored *d)
{
    int kind = store_kind_find(d->st, SPAN("dns-record"));
    struct handle row;
    size_t room = 0;
    uint32_t at = 0;
    while (kind >= 0 && store_next(d->st, (uint16_t)kind, &at, &row)) {
        struct span type = discovery_text(d->st, row, "type");
        if (discovery_num(d->st, row, "private", 0))
            continue;
        if (d->count == room)
            d->all = xalloc_resize(d->all, room = room ? 2 * room : 64, sizeof(*d->all));
        d->all[d->count++] = (struct stored){.name = discovery_text(d->st, row, "name"),
                                             .type = type,
                                             .leads = leads_somewhere(type),
                                             .routed = discovery_text(d->st, row, "set-id").len > 0,
                                             .key = store_key(d->st, row),
                                             .values = discovery_text(d->st, row, "values"),
                                             .owner = discovery_text(d->st, row, "owner"),
                                             .resource = discovery_text(d->st, row, "resource")};
    }
    if (d->count)
        qsort(d->all, d->count, sizeof(*d->all), compare);
}

struct dns_stored *dns_stored_new(const struct store *st)
{
    struct dns_stored *d = xalloc_zero(1, sizeof(*d));
    d->st = st;
    read_zones(d);
    read_records(d);
    return d;
}

void dns_stored_free(struct dns_stored *d)
{
    free(d->all);
    free(d->zones);
    free(d);
}

/* ---- Looking a name up. */

/* The first of this name, or the one behind where it would stand. */
static size_t first_of(const struct dns_stored *d, struct span name)
{
    size_t low = 0, high = d->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (span_compare(d->all[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t count_of(const struct dns_stored *d, size_t first, struct span name)
{
    size_t n = 0;
    while (first + n < d->count && d->all[first + n].leads && span_eq(d->all[first + n].name, name))
        n++;
    return n;
}

static bool is_below(struct span name, struct span zone)
{
    return span_eq(name, zone) ||
           (name.len > zone.len && name.data[name.len - zone.len - 1] == '.' &&
            span_eq(span_sub(name, name.len - zone.len, name.len), zone));
}

/* Whether there is anything of this name, or below it: such a name is there too, without records [RFC
 * 4592 2.2.2]. */
static bool is_there(const struct dns_stored *d, struct span name)
{
    size_t first = first_of(d, name);
    bool there = first < d->count && span_eq(d->all[first].name, name);
    for (size_t i = 0; !there && i < d->count; i++)
        there = is_below(d->all[i].name, name);
    return there;
}

static bool has_servers(const struct dns_stored *d, struct span name)
{
    for (size_t i = first_of(d, name); i < d->count && span_eq(d->all[i].name, name); i++)
        if (span_is(d->all[i].type, "NS"))
            return true;
    return false;
}

/* The longest public zone that was read and that the name is below; empty: none. */
static struct span zone_of(const struct dns_stored *d, struct span name)
{
    struct span zone = {"", 0};
    for (size_t i = 0; i < d->nzones; i++)
        if (is_below(name, d->zones[i]) && d->zones[i].len > zone.len)
            zone = d->zones[i];
    return zone;
}

/* Whether what is stored of the name is known: not where its zone hands it, or what it is below, to name
 * servers of another zone. */
static bool is_listed(const struct dns_stored *d, struct span name)
{
    struct span zone = zone_of(d, name);
    for (; zone.len && name.len > zone.len;
         name = span_sub(name, span_find(name, '.', 0) + 1, name.len))
        if (has_servers(d, name))
            return false;
    return zone.len > 0;
}

/* The wildcard that stands for a name of which there is nothing: that of the closest name above that
 * is there [RFC 4592 2.2.1]. */
static size_t wildcard_of(const struct dns_stored *d, struct span name, size_t *first)
{
    struct strbuf wild = STRBUF_INIT(DNS_NAME_MAX + 2);
    size_t n = 0;
    bool there = is_there(d, name);
    for (size_t dot; !there && !n && (dot = span_find(name, '.', 0)) < name.len;) {
        name = span_sub(name, dot + 1, name.len);
        strbuf_truncate(&wild, 0);
        strbuf_addf(&wild, "*.%.*s", SPAN_ARG(name));
        *first = first_of(d, strbuf_span(&wild));
        n = count_of(d, *first, strbuf_span(&wild));
        there = is_there(d, name);
    }
    strbuf_clear(&wild);
    return n;
}

/* ---- Writing. */

/* It keeps owners elsewhere than in TXT records, or encrypted; or, where the zone is not read, by names that
 * nobody asks for. */
static bool keeps_unseen(const struct discovery_external_dns *e, bool listed)
{
    struct span encrypted = discovery_argument(e->arguments, "txt-encrypt-enabled", "false");
    return !span_is(discovery_argument(e->arguments, "registry", "txt"), "txt") ||
           !span_is(encrypted, "false") ||
           (!listed && (discovery_argument(e->arguments, "txt-prefix", "").len ||
                        discovery_argument(e->arguments, "txt-suffix", "").len));
}

/* Owners of all that is external-dns here; policy: of the one that owns. */
static void add_ours(const struct dns_stored *d, struct span owner, bool listed, struct strbuf *out)
{
    struct discovery_external_dns e;
    struct span policy = {"", 0};
    uint32_t at = 0;
    const char *between = "";
    bool unseen = false;
    while (discovery_next_external_dns(d->st, &at, &e)) {
        unseen = unseen || keeps_unseen(&e, listed);
        struct span id = discovery_argument(e.arguments, "txt-owner-id", "default");
        if (!dns_is_plain(id))
            continue;
        strbuf_addf(out, "%s%.*s", between, SPAN_ARG(id));
        between = ",";
        if (!policy.len && (span_eq(id, owner) || !owner.len))
            policy = discovery_argument(e.arguments, "policy", "sync");
    }
    strbuf_addf(out, "\t%.*s%s", SPAN_ARG(dns_is_plain(policy) ? policy : SPAN("")),
                unseen ? "\tunseen" : "");
}

static void add_values(const struct stored *s, size_t n, struct strbuf *out)
{
    const char *between = "";
    for (size_t i = 0; i < n && out->len < LIST_BYTES; i++) {
        char *values = dns_joined(s[i].values, LIST_SEPARATOR);
        strbuf_addf(out, "%s%s", *values ? between : "", values);
        between = *values ? "," : between;
        free(values);
    }
}

static void add_keys(const struct stored *s, size_t n, struct strbuf *out)
{
    const char *between = "";
    for (size_t i = 0; i < n && out->len < LIST_BYTES; i++)
        if (dns_is_plain(s[i].key)) {
            strbuf_addf(out, "%s%.*s", between, SPAN_ARG(s[i].key));
            between = ",";
        }
}

static struct span plain_or_none(struct span text)
{
    return dns_is_plain(text) ? text : SPAN("");
}

void dns_stored_add(const struct dns_stored *d, const char *name, struct strbuf *out)
{
    struct strbuf line = STRBUF_INIT(4 * LIST_BYTES);
    size_t first = first_of(d, span_from(name)), n = count_of(d, first, span_from(name));
    bool own = n > 0, listed = is_listed(d, span_from(name));
    bool routed = own && d->all[first].routed;
    struct span owner = {"", 0};
    if (!n && listed)
        n = wildcard_of(d, span_from(name), &first);
    strbuf_addf(&line, "\f%s\t",
                !listed  ? ""
                : routed ? "routed"
                : own    ? "stored"
                : n      ? "wildcard"
                         : "absent");
    add_values(d->all + first, listed ? n : 0, &line);
    if (own && listed)
        owner = plain_or_none(d->all[first].owner);
    strbuf_addf(&line, "\t%.*s\t%.*s\t", SPAN_ARG(owner),
                SPAN_ARG(own && listed ? plain_or_none(d->all[first].resource) : SPAN("")));
    add_keys(d->all + first, listed ? n : 0, &line);
    strbuf_addc(&line, '\t');
    add_ours(d, owner, listed, &line);
    for (size_t i = 1; i < line.len; i++)
        if (line.data[i] != '\t') {
            strbuf_add(out, strbuf_span(&line));
            break;
        }
    strbuf_clear(&line);
}

/* ---- Names that nothing wants. */

/* What it was made for is of a sort that is read here: then it is known not to want it. */
static bool is_read(const struct store *st, struct span resource)
{
    static const char *const kinds[][2] = {{"ingressroute/", "ingressroute"},
                                           {"ingressroutetcp/", "ingressroutetcp"},
                                           {"ingress/", "ingress"},
                                           {"service/", "service"},
                                           {"crd/", "dnsendpoint"}};
    bool denied;
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        if (span_starts(resource, kinds[i][0]))
            return discovery_knows(st, kinds[i][1], &denied) && !denied;
    return false;
}

static bool is_ours(const struct dns_stored *d, struct span owner)
{
    struct discovery_external_dns e;
    uint32_t at = 0;
    while (owner.len && discovery_next_external_dns(d->st, &at, &e))
        if (span_eq(discovery_argument(e.arguments, "txt-owner-id", "default"), owner))
            return true;
    return false;
}

bool dns_stored_next_ours(const struct dns_stored *d, size_t *at, struct span *name)
{
    for (; *at < d->count; (*at)++) {
        const struct stored *s = &d->all[*at];
        if (!s->leads || (*at && span_eq(s->name, s[-1].name)) || !is_ours(d, s->owner) ||
            !is_read(d->st, s->resource))
            continue;
        *name = s->name;
        (*at)++;
        return true;
    }
    return false;
}
