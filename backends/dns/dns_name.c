/* A name of DNS: wanted, stored, answered, owned. */
#include <config.h>

#include "backends/dns/dns_name.h"

#include "backends/cells.h"
#include "backends/dns/dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define LIST_BYTES ((size_t)4 << 10)

static const struct column columns[] = {
    [NAME_NAME] = {"name", "NAME", "The name.", VALUE_TEXT, 28, 0, COLUMN_IDENT, NULL, NULL},
    [NAME_WANTED] = {"wanted", "WANTED", "Where it is to lead.", VALUE_LIST, 18, 10, COLUMN_NOTABLE,
                     NULL, NULL},
    [NAME_STORED] =
        {"stored", "STORED",
         "Where it leads by what Route 53 has stored; of a wildcard that stands for it.",
         VALUE_LIST, 18, 12, 0, NULL, NULL},
    [NAME_ANSWER] = {"answer", "ANSWER", "Where it leads, by the zone's own name servers.",
                     VALUE_LIST, 18, 0, COLUMN_NOTABLE, NULL, NULL},
    [NAME_SERVERS] = {"servers", "NS", "How many of the zone's name servers say so.", VALUE_TEXT, 4,
                      20, COLUMN_NOTABLE, NULL, NULL},
    [NAME_RESOLVER] = {"resolver", "RESOLVER", "Where it leads, by the resolver.", VALUE_LIST, 16,
                       40, 0, NULL, NULL},
    [NAME_TTL] = {"ttl", "TTL", "Seconds that the resolver keeps its answer yet.", VALUE_COUNT, 5,
                  50, COLUMN_RIGHT, NULL, NULL},
    [NAME_OWNER] = {"owner", "OWNER",
                    "Whose it is, by external-dns's TXT record, as it is stored or answered.",
                    VALUE_TEXT, 22, 30, COLUMN_NOTABLE, NULL, NULL},
    [NAME_SOURCES] = {"sources", "WANTED BY", "Objects that want it.", VALUE_LIST, 30, 35,
                      COLUMN_NOTABLE, NULL, NULL},
    [NAME_ZONE] = {"zone", "ZONE", "The zone it is in.", VALUE_TEXT, 14, 60, COLUMN_WIDE, NULL,
                   NULL},
    [NAME_RESOURCE] = {"resource", "RESOURCE", "For which object it was made, by that TXT record.",
                       VALUE_TEXT, 28, 65, COLUMN_WIDE, NULL, NULL},
    [NAME_POLICY] = {"policy", "POLICY",
                     "What the external-dns that owns it may do: sync, upsert-only, create-only.",
                     VALUE_TEXT, 11, 70, COLUMN_WIDE, NULL, NULL},
    [NAME_STATE] = {"state", "STATE", "found, missing, unknown.", VALUE_TEXT, 8, 80, COLUMN_HIDDEN,
                    NULL, NULL},
    [NAME_FITS] = {"fits", "FITS", "Whether it leads where it is to.", VALUE_BOOL, 5, 81,
                   COLUMN_HIDDEN, NULL, NULL},
    [NAME_DECLARED] = {"declared", "DECLARED", "Whether one of the objects says where.", VALUE_BOOL,
                       5, 82, COLUMN_HIDDEN, NULL, NULL},
    [NAME_UNWANTED] = {"unwanted", "UNWANTED", "Whether nothing wants it.", VALUE_BOOL, 5, 82,
                       COLUMN_HIDDEN, NULL, NULL},
    [NAME_CONFLICT] = {"conflict", "CONFLICT", "Whether two objects want it elsewhere.", VALUE_BOOL,
                       5, 83, COLUMN_HIDDEN, NULL, NULL},
    [NAME_WILDCARD] = {"wildcard", "WILDCARD",
                       "Whether it is answered as every name beside it, by a wildcard.", VALUE_BOOL,
                       5, 84, COLUMN_HIDDEN, NULL, NULL},
    [NAME_FOREIGN] = {"foreign", "FOREIGN", "Whether it is another's than external-dns's here.",
                      VALUE_BOOL, 5, 85, COLUMN_HIDDEN, NULL, NULL},
    [NAME_STORED_STATE] = {"stored-state", "STORED-STATE",
                           "stored, absent, routed where one of several sets is answered with, "
                           "wildcard where one stands for it; empty: its zone is not read.",
                           VALUE_TEXT, 8, 85, COLUMN_HIDDEN, NULL, NULL},
    [NAME_AS_STORED] = {"as-stored", "AS-STORED", "Whether it is answered as it is stored.",
                        VALUE_BOOL, 5, 85, COLUMN_HIDDEN, NULL, NULL},
    [NAME_LACKS] = {"lacks", "LACKS", "Addresses that are wanted and not answered.", VALUE_LIST, 18,
                    85, COLUMN_HIDDEN, NULL, NULL},
    [NAME_UNSEEN] = {"owner-unseen", "OWNER-UNSEEN",
                     "Whether external-dns keeps owners where they are not read.", VALUE_BOOL, 5,
                     85, COLUMN_HIDDEN, NULL, NULL},
    [NAME_OURS] = {"our-owners", "OUR-OWNERS", "Owners that external-dns here goes by.", VALUE_LIST,
                   22, 85, COLUMN_HIDDEN, NULL, NULL},
    [NAME_DISAGREE] = {"disagree", "DISAGREE", "Which name servers say different things.",
                       VALUE_TEXT, 30, 86, COLUMN_HIDDEN, NULL, NULL},
    [NAME_SILENT] = {"silent", "SILENT", "Which name servers do not answer, and why.", VALUE_TEXT,
                     30, 87, COLUMN_HIDDEN, NULL, NULL},
    [NAME_RESOLVER_SAYS] = {"resolver-says", "RESOLVER-SAYS", "Why the resolver has no answer.",
                            VALUE_TEXT, 20, 88, COLUMN_HIDDEN, NULL, NULL},
    [NAME_RESOLVER_OLD] = {"resolver-old", "RESOLVER-OLD",
                           "Whether the resolver's answer is not the name servers'.", VALUE_BOOL, 5,
                           89, COLUMN_HIDDEN, NULL, NULL},
    [NAME_ERROR] = {"error", "ERROR", "Why nothing is known.", VALUE_TEXT, 30, 90, COLUMN_HIDDEN,
                    NULL, NULL},
};

/* ---- Comparing. */

static bool is_there(const struct dns_said *s)
{
    return s->asked && s->outcome == DNS_FINE && (s->count > 0 || s->cname[0]);
}

/* It says, as one who knows, that there is or is not such a name. */
static bool is_sure(const struct dns_said *s)
{
    return s->asked && s->authoritative &&
           (s->outcome == DNS_FINE || s->outcome == DNS_NOTHING || s->outcome == DNS_NO_NAME);
}

static bool has_address(const struct dns_said *s, const char *address)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->addresses[i], address) == 0)
            return true;
    return false;
}

/* By their addresses where both have some: an alias that leads out of the zone has none here. */
static bool is_same(const struct dns_said *a, const struct dns_said *b)
{
    if (is_there(a) != is_there(b))
        return false;
    if (!a->count || !b->count)
        return strcmp(a->cname, b->cname) == 0;
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!has_address(b, a->addresses[i]))
            return false;
    return true;
}

/* The first that is sure; NULL: none is. */
static const struct dns_said *first_sure(const struct dns_finding *f)
{
    for (size_t i = 0; i < f->nservers; i++)
        if (is_sure(&f->said[i]))
            return &f->said[i];
    return NULL;
}

static bool is_address(const char *text)
{
    struct in_addr in;
    struct in6_addr in6;
    return inet_pton(AF_INET, text, &in) == 1 || inet_pton(AF_INET6, text, &in6) == 1;
}

static bool wants(struct span targets, const char *text)
{
    struct span one;
    while (targets.len && span_split(&targets, ',', &one))
        if (span_is(one, text))
            return true;
    return false;
}

static bool is_wanted_address(const struct dns_finding *f, struct span targets, const char *address)
{
    if (wants(targets, address))
        return true;
    for (size_t i = 0; i < f->ntargets; i++)
        if (has_address(&f->targets[i], address))
            return true;
    return false;
}

/* Every address is one of those that are wanted, or it is an alias of a wanted name. */
static bool leads_there(const struct dns_finding *f, struct span targets, const struct dns_said *s)
{
    const struct dns_said *by = s->count ? s : &f->resolver;
    if (s->cname[0] && wants(targets, s->cname))
        return true;
    for (size_t i = 0; i < by->count; i++)
        if (!is_wanted_address(f, targets, by->addresses[i]))
            return false;
    return by->count > 0;
}

/* "ingressroute/shop/web" is one of "ingressroute:shop/web,...". */
static bool is_ours(struct span sources, const char *resource)
{
    char text[300];
    char *slash;
    (void)snprintf(text, sizeof(text), "%s",
                   strncmp(resource, "crd/", 4) == 0 ? "dnsendpoint/" : "");
    (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s",
                   *text ? resource + 4 : resource);
    slash = strchr(text, '/');
    if (slash)
        *slash = ':';
    return wants(sources, text);
}

/* Route 53 answers now with one set, now with another: answers need not agree. */
static bool is_routed(const struct rota_item *item)
{
    return span_is(rota_beside(item, BESIDE_STATE), "routed");
}

/* What is stored is an alias of a name that is wanted: whose addresses may be others each time. */
static bool is_alias_of_wanted(const struct rota_item *item, struct span targets)
{
    struct span values = rota_beside(item, BESIDE_VALUES), one;
    while (values.len && span_split(&values, ',', &one)) {
        char text[DNS_NAME_MAX];
        (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(one));
        if (is_address(text) || !wants(targets, text))
            return false;
    }
    return rota_beside(item, BESIDE_VALUES).len > 0;
}

/* ---- Rows. */

static void put_list(struct row_writer *w, size_t column, struct span list)
{
    struct strbuf out = STRBUF_INIT(LIST_BYTES);
    struct span one;
    while (list.len && span_split(&list, ',', &one)) {
        if (out.len)
            strbuf_addc(&out, LIST_SEPARATOR);
        strbuf_add(&out, one);
    }
    if (out.len)
        row_text(w, column, strbuf_span(&out));
    strbuf_clear(&out);
}

/* "lb.example.org" and the addresses behind it. */
static void put_said(struct row_writer *w, size_t column, const struct dns_said *s)
{
    struct strbuf out = STRBUF_INIT(LIST_BYTES);
    if (s->cname[0])
        strbuf_adds(&out, s->cname);
    for (size_t i = 0; i < s->count; i++)
        strbuf_addf(&out, "%s%s", out.len ? "," : "", s->addresses[i]);
    put_list(w, column, strbuf_span(&out));
    strbuf_clear(&out);
}

static void add_said(const struct dns_server *server, const struct dns_said *s, struct strbuf *out)
{
    strbuf_addf(out, "%s%s says ", out->len ? ", " : "", server->name);
    strbuf_adds(out, s->count ? s->addresses[0] : s->cname[0] ? s->cname : s->says);
}

static const char *why_silent(const struct dns_server *server, const struct dns_said *s)
{
    if (!server->address[0])
        return "its name is not known";
    if (s->outcome == DNS_FINE || s->outcome == DNS_NO_NAME || s->outcome == DNS_NOTHING)
        return "it does not know the zone";
    return s->says;
}

/* How many agree with the first that is sure, which do not, which say nothing. */
static void put_servers(const struct rota_item *item, const struct dns_finding *f,
                        const struct dns_said *first, struct row_writer *w)
{
    struct strbuf differ = STRBUF_INIT(1024), silent = STRBUF_INIT(1024);
    char count[32];
    size_t agree = 0;
    for (size_t i = 0; i < f->nservers; i++) {
        const struct dns_said *s = &f->said[i];
        if (first && is_sure(s) &&
            (is_same(first, s) || (is_routed(item) && is_there(first) && is_there(s))))
            agree++;
        else if (first && is_sure(s))
            add_said(&f->servers[i], s, &differ);
        else
            strbuf_addf(&silent, "%s%s: %s", silent.len ? ", " : "", f->servers[i].name,
                        why_silent(&f->servers[i], s));
    }
    (void)snprintf(count, sizeof(count), "%zu/%zu", agree, f->nservers);
    if (f->nservers)
        put_text(w, NAME_SERVERS, span_from(count));
    put_text(w, NAME_DISAGREE, strbuf_span(&differ));
    put_text(w, NAME_SILENT, strbuf_span(&silent));
    strbuf_clear(&differ);
    strbuf_clear(&silent);
}

static void put_resolver(const struct rota_item *item, const struct dns_finding *f,
                         const struct dns_said *first, struct row_writer *w)
{
    put_said(w, NAME_RESOLVER, &f->resolver);
    if (is_there(&f->resolver))
        row_num(w, NAME_TTL, f->resolver.ttl_s);
    else
        put_text(w, NAME_RESOLVER_SAYS, span_from(f->resolver.says));
    if (first)
        row_num(w, NAME_RESOLVER_OLD,
                is_there(&f->resolver) && !is_same(first, &f->resolver) && !is_routed(item));
}

/* By the TXT record that is stored, else by that which is answered. A name that the wildcard's own
 * object wants may have a record of the same words. */
static struct dns_owner owner_of(const struct rota_item *item, const struct dns_finding *f)
{
    struct span stored = rota_beside(item, BESIDE_OWNER);
    struct dns_owner is = f->owner;
    if (stored.len) {
        (void)snprintf(is.owner, sizeof(is.owner), "%.*s", SPAN_ARG(stored));
        (void)snprintf(is.resource, sizeof(is.resource), "%.*s",
                       SPAN_ARG(rota_beside(item, BESIDE_RESOURCE)));
    } else if (!f->owner.owner[0] &&
               is_ours(rota_part(item, PART_SOURCES), f->wildcards.resource)) {
        is = f->wildcards;
    }
    return is;
}

static bool is_unwanted(const struct rota_item *item)
{
    return span_is(rota_part(item, PART_DECLARED), "unwanted");
}

/* Another owner than those here, or than most names' where that is not known. */
static bool is_others(const struct rota_item *item, const char *owner, const char *most)
{
    struct span ours = rota_beside(item, BESIDE_OURS);
    return ours.len ? !wants(ours, owner) : *most && strcmp(owner, most) != 0;
}

static void put_owner(const struct rota_item *item, const struct dns_owner *is, const char *most,
                      struct row_writer *w)
{
    put_text(w, NAME_OWNER, span_from(is->owner));
    put_text(w, NAME_RESOURCE, span_from(is->resource));
    put_text(w, NAME_POLICY, rota_beside(item, BESIDE_POLICY));
    row_num(w, NAME_UNSEEN, span_is(rota_beside(item, BESIDE_UNSEEN), "unseen"));
    put_list(w, NAME_OURS, rota_beside(item, BESIDE_OURS));
    if (is->owner[0] && !is_unwanted(item))
        row_num(w, NAME_FOREIGN,
                is_others(item, is->owner, most) ||
                    !is_ours(rota_part(item, PART_SOURCES), is->resource));
}

/* Addresses that are wanted and not answered. */
static void put_lacks(const struct dns_finding *f, const struct dns_said *s, struct span targets,
                      struct row_writer *w)
{
    struct strbuf out = STRBUF_INIT(LIST_BYTES);
    const struct dns_said *by = s->count ? s : &f->resolver;
    struct span one;
    while (targets.len && span_split(&targets, ',', &one)) {
        char text[64];
        (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(one));
        if (is_address(text) && !has_address(by, text))
            strbuf_addf(&out, "%s%s", out.len ? "," : "", text);
    }
    put_list(w, NAME_LACKS, strbuf_span(&out));
    strbuf_clear(&out);
}

/* Where an alias is stored, what it stands for has addresses that are not told there. */
static bool is_as_stored(struct span stored, bool routed, const struct dns_said *s)
{
    struct span one;
    size_t n = 0, answered = 0;
    while (stored.len && span_split(&stored, ',', &one)) {
        char text[64];
        (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(one));
        if (one.len >= sizeof(text) || !is_address(text))
            return !s->cname[0] || span_is(one, s->cname);
        answered += has_address(s, text);
        n++;
    }
    return answered == s->count && (routed || answered == n);
}

static void put_stored(const struct rota_item *item, const struct dns_said *first,
                       struct row_writer *w)
{
    struct span state = rota_beside(item, BESIDE_STATE), values = rota_beside(item, BESIDE_VALUES);
    put_text(w, NAME_STORED_STATE, state);
    put_list(w, NAME_STORED, values);
    if (values.len && first && is_there(first))
        row_num(w, NAME_AS_STORED, is_as_stored(values, is_routed(item), first));
}

/* No record of its own: as Route 53 says, or as it is answered. */
static bool is_wildcards(const struct rota_item *item, const struct dns_finding *f,
                         const struct dns_said *first, const char *owner)
{
    struct span state = rota_beside(item, BESIDE_STATE);
    return state.len ? span_is(state, "wildcard")
                     : !*owner && is_there(&f->neighbour) && is_same(first, &f->neighbour);
}

static void put_links(const struct rota_item *item, struct row_writer *w)
{
    struct span keys = rota_beside(item, BESIDE_KEYS), one;
    rota_link(rota_part(item, PART_SOURCES), 0, w);
    while (keys.len && span_split(&keys, ',', &one))
        row_link(w, LINK_STORED, 0, "dns-record", one);
}

bool dns_name_put(const struct rota_item *item, const struct dns_finding *f, const char *owner,
                  struct row_writer *w)
{
    struct span targets = rota_part(item, PART_TARGETS);
    const struct dns_said *first = first_sure(f);
    struct dns_owner is = owner_of(item, f);
    bool there = first && is_there(first);
    row_begin(w, span_from(item->name));
    row_text(w, NAME_NAME, span_from(item->name));
    put_list(w, NAME_WANTED, targets);
    if (first)
        put_said(w, NAME_ANSWER, first);
    put_servers(item, f, first, w);
    put_resolver(item, f, first, w);
    put_stored(item, first, w);
    put_owner(item, &is, owner, w);
    put_list(w, NAME_SOURCES, rota_part(item, PART_SOURCES));
    put_text(w, NAME_ZONE, span_from(f->zone));
    put_text(w, NAME_STATE, span_from(!first ? "unknown" : there ? "found" : "missing"));
    if (there && targets.len)
        row_num(w, NAME_FITS, leads_there(f, targets, first) || is_alias_of_wanted(item, targets));
    if (there && !is_routed(item) && !span_is(rota_part(item, PART_CONFLICT), "conflict"))
        put_lacks(f, first, targets, w);
    row_num(w, NAME_DECLARED, span_is(rota_part(item, PART_DECLARED), "declared"));
    row_num(w, NAME_CONFLICT, span_is(rota_part(item, PART_CONFLICT), "conflict"));
    row_num(w, NAME_UNWANTED, is_unwanted(item));
    row_num(w, NAME_WILDCARD, there && is_wildcards(item, f, first, is.owner));
    put_text(w, NAME_ERROR, span_from(f->error));
    put_links(item, w);
    return row_end(w);
}

const struct kind kind_dns_name = {
    .name = "dns-name",
    .plural = "dns-names",
    .aliases = "dns",
    .title = "DNS names",
    .help = "Names that the cluster wants, as they are answered.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = dns_name_rules,
    .nrules = DNS_NAME_RULES,
    .judge = dns_name_judge,
    .says = dns_name_says,
    .sort = "level desc,name",
};
