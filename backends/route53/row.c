/* Record sets as rows. */
#include <config.h>

#include "backends/cells.h"
#include "backends/route53/route53.h"
#include "backends/verdict.h"

#include <arpa/inet.h>

enum {
    NAME,
    TYPE,
    VALUES,
    TTL,
    ROUTING,
    OWNER,
    SET_ID,
    ALIAS,
    RESOURCE,
    ZONE,
    WEIGHT,
    HEALTH,
    CHECKED,
    PRIVATE,
    REGISTERS,
    ABOUT,
    ORPHAN,
    ZONE_ID,
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The name that is asked for.", VALUE_TEXT, 34, 0, COLUMN_IDENT, NULL,
              NULL},
    [TYPE] = {"type", "TYPE", "A, CNAME, TXT, ...", VALUE_TEXT, 5, 0, COLUMN_IDENT, NULL, NULL},
    [VALUES] = {"values", "VALUES", "What is stored; of an alias, what it stands for.", VALUE_LIST,
                50, 5, COLUMN_NOTABLE, NULL, NULL},
    [TTL] = {"ttl", "TTL", "How long answers are kept; an alias has that of its target.",
             VALUE_DURATION, 5, 15, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [ROUTING] = {"routing", "ROUTING", "Which of several sets is answered with.", VALUE_TEXT, 14,
                 20, COLUMN_NOTABLE, NULL, NULL},
    [OWNER] = {"owner", "OWNER", "The external-dns that has made it, as its TXT record says.",
               VALUE_TEXT, 24, 12, COLUMN_NOTABLE, NULL, NULL},
    [SET_ID] = {"set-id", "SET-ID", "Which of several sets it is.", VALUE_TEXT, 12, 40, COLUMN_WIDE,
                NULL, NULL},
    [ALIAS] = {"alias", "ALIAS", "The target of an alias.", VALUE_TEXT, 40, 60, COLUMN_HIDDEN, NULL,
               NULL},
    [RESOURCE] = {"resource", "RESOURCE", "The object it was made for, as its TXT record says.",
                  VALUE_TEXT, 30, 25, 0, NULL, NULL},
    [ZONE] = {"zone", "ZONE", "The zone it is in.", VALUE_TEXT, 20, 35, COLUMN_WIDE, NULL, NULL},
    [WEIGHT] = {"weight", "WEIGHT", "Its share of the answers.", VALUE_COUNT, 6, 70,
                COLUMN_HIDDEN | COLUMN_RIGHT, NULL, NULL},
    [HEALTH] = {"health-check", "HEALTH-CHECK", "The id of its health check.", VALUE_TEXT, 36, 80,
                COLUMN_HIDDEN, NULL, NULL},
    [CHECKED] = {"alias-checked", "ALIAS-CHECKED", "The health of the alias's target is looked at.",
                 VALUE_BOOL, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [PRIVATE] = {"private", "PRIVATE", "It is in a private zone.", VALUE_BOOL, 5, 80, COLUMN_HIDDEN,
                 NULL, NULL},
    [REGISTERS] = {"registers", "REGISTERS", "It is a TXT record of external-dns's register.",
                   VALUE_BOOL, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [ABOUT] = {"about", "ABOUT", "The record that such a TXT record is of.", VALUE_TEXT, 30, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [ORPHAN] = {"orphan", "ORPHAN", "It is of the register, and of no record that there is.",
                VALUE_BOOL, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [ZONE_ID] = {"zone-id", "ZONE-ID", "The zone's id at Route 53.", VALUE_TEXT, 24, 80,
                 COLUMN_HIDDEN, NULL, NULL},
};

/* "ingressroute/apps/track": a kind of ours, and a key of it. */
static void link_resource(struct row_writer *w, struct span resource)
{
    static const char *const kinds[] = {"ingressroute", "ingress", "service"};
    size_t slash = span_find(resource, '/', 0);
    struct span kind = span_sub(resource, 0, slash);
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        if (span_is(kind, kinds[i]))
            row_link(w, LINK_RECORD, 0, kinds[i], span_sub(resource, slash + 1, resource.len));
}

static void put_key(const struct r53_zone *z, bool twin, const struct r53_record *r,
                    struct strbuf *key)
{
    strbuf_addf(key, "%.*s/%.*s", SPAN_ARG(r->name), SPAN_ARG(r->type));
    if (r->set_id.len)
        strbuf_addf(key, "/%.*s", SPAN_ARG(r->set_id));
    if (z->is_private || twin)
        strbuf_addf(key, "@%.*s", SPAN_ARG(z->id));
}

bool r53_record_row(struct row_writer *w, const struct r53_zone *z, bool twin,
                    const struct r53_record *r)
{
    struct strbuf key = STRBUF_INIT(16384);
    put_key(z, twin, r, &key);
    row_begin(w, strbuf_span(&key));
    row_text(w, NAME, r->name);
    put_text(w, TYPE, r->type);
    put_text(w, VALUES, r->alias.len ? r->alias : r->values);
    if (r->ttl_s >= 0)
        row_num(w, TTL, r->ttl_s * 1000);
    put_text(w, ROUTING, r->routing);
    put_text(w, OWNER, r->owner);
    put_text(w, SET_ID, r->set_id);
    put_text(w, ALIAS, r->alias);
    put_text(w, RESOURCE, r->resource);
    row_text(w, ZONE, z->name);
    if (r->weight >= 0)
        row_num(w, WEIGHT, r->weight);
    put_text(w, HEALTH, r->health);
    if (r->alias.len)
        row_num(w, CHECKED, r->alias_checked);
    row_num(w, PRIVATE, z->is_private);
    row_num(w, REGISTERS, r->registers);
    put_text(w, ABOUT, r->about);
    row_num(w, ORPHAN, r->orphan);
    row_text(w, ZONE_ID, z->id);
    strbuf_truncate(&key, 0);
    r53_zone_key(z, twin, &key);
    row_link(w, LINK_OWNER, 0, "dns-zone", strbuf_span(&key));
    strbuf_clear(&key);
    link_resource(w, r->resource);
    return row_end(w);
}

/* ---- Verdicts, as far as one record tells. */

enum { RULE_PRIVATE, RULE_ORPHAN, RULE_WEIGHT };

static const struct rule rules[] = {
    [RULE_PRIVATE] = {"dns-private-address",
                      "A public zone gives an address that only a private network has: notice."},
    [RULE_ORPHAN] = {"dns-orphan-txt",
                     "external-dns's register has it, and there is no such record: notice. From "
                     "0.18 on the TXT records of the old form are no longer kept up."},
    [RULE_WEIGHT] = {"dns-weight-zero", "Its weight is 0, it is never answered with: notice."},
};

static bool is_within(uint32_t address, uint32_t net, unsigned bits)
{
    return (address ^ net) >> (32 - bits) == 0;
}

/* [RFC 1918, RFC 6598, RFC 3927, RFC 1122] */
static bool is_private(struct span value)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr four;
    struct in6_addr six;
    if (value.len >= sizeof(text))
        return false;
    memcpy(text, value.data, value.len);
    text[value.len] = '\0';
    if (inet_pton(AF_INET, text, &four) == 1) {
        uint32_t a = ntohl(four.s_addr);
        return is_within(a, 0x0a000000, 8) || is_within(a, 0xac100000, 12) ||
               is_within(a, 0xc0a80000, 16) || is_within(a, 0x64400000, 10) ||
               is_within(a, 0xa9fe0000, 16) || is_within(a, 0x7f000000, 8) || a == 0;
    }
    return inet_pton(AF_INET6, text, &six) == 1 &&
           ((six.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&six) ||
            IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six));
}

static struct span private_address(const struct store *st, struct handle row)
{
    struct span rest = store_text(st, row, VALUES), value, type = store_text(st, row, TYPE);
    if ((!span_is(type, "A") && !span_is(type, "AAAA")) || store_num(st, row, PRIVATE, 0))
        return span_make(NULL, 0);
    while (span_split(&rest, LIST_SEPARATOR, &value))
        if (is_private(value))
            return value;
    return span_make(NULL, 0);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    if (private_address(st, row).len)
        return verdict_at(LEVEL_NOTICE, RULE_PRIVATE);
    if (store_num(st, row, ORPHAN, 0))
        return verdict_at(LEVEL_NOTICE, RULE_ORPHAN);
    if (store_num(st, row, WEIGHT, 1) == 0)
        return verdict_at(LEVEL_NOTICE, RULE_WEIGHT);
    return verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)now_ms;
    if (v->rule == RULE_PRIVATE)
        strbuf_addf(out, "%.*s is of a private network, and the zone is public",
                    SPAN_ARG(private_address(st, row)));
    else if (v->rule == RULE_ORPHAN)
        strbuf_addf(out, "of external-dns's register (%.*s), and there is no such record",
                    SPAN_ARG(store_text(st, row, OWNER)));
    else
        strbuf_adds(out, "its weight is 0, it is never answered with");
}

const struct kind kind_dns_record = {
    .name = "dns-record",
    .plural = "dns-records",
    .aliases = "record records rrset",
    .title = "DNS records",
    .help = "Record sets of Route 53, with who has made them.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name,type",
};
