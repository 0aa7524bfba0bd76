/* Hosted zones. */
#include <config.h>

#include "backends/route53/route53.h"
#include "backends/verdict.h"

#define QUOTA 10000 /* record sets of a zone [Route 53 developer guide, DNSLimitations] */

enum { NAME, PRIVATE, RECORDS, OWNED, SERVERS, ID, COMMENT, TWIN };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The zone's name.", VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [PRIVATE] = {"private", "PRIVATE", "It answers within its networks only.", VALUE_BOOL, 7, 10, 0,
                 NULL, NULL},
    [RECORDS] = {"records", "RECORDS", "Record sets in it.", VALUE_COUNT, 7, 5,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [OWNED] = {"owned", "OWNED", "Of these, those that external-dns's register has an owner of.",
               VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL, NULL},
    [SERVERS] = {"name-servers", "NAME SERVERS", "Its name servers, as its own NS record has them.",
                 VALUE_LIST, 50, 30, 0, NULL, NULL},
    [ID] = {"id", "ID", "Its id at Route 53.", VALUE_TEXT, 24, 40, 0, NULL, NULL},
    [COMMENT] = {"comment", "COMMENT", "What was noted of it.", VALUE_TEXT, 30, 60, COLUMN_WIDE,
                 NULL, NULL},
    [TWIN] = {"twin", "TWIN", "Another public zone has the same name.", VALUE_BOOL, 5, 80,
              COLUMN_HIDDEN, NULL, NULL},
};

void r53_zone_key(const struct r53_zone *z, bool twin, struct strbuf *out)
{
    strbuf_add(out, z->name);
    if (z->is_private || twin)
        strbuf_addf(out, "@%.*s", SPAN_ARG(z->id));
}

bool r53_zone_row(struct row_writer *w, const struct r53_zone *z, bool twin)
{
    struct strbuf key = STRBUF_INIT(8192);
    int64_t owned = 0;
    r53_zone_key(z, twin, &key);
    row_begin(w, strbuf_span(&key));
    strbuf_clear(&key);
    row_text(w, NAME, z->name);
    row_num(w, PRIVATE, z->is_private);
    row_num(w, RECORDS, (int64_t)z->n);
    row_text(w, ID, z->id);
    row_num(w, TWIN, twin);
    if (z->comment.len)
        row_text(w, COMMENT, z->comment);
    for (size_t i = 0; i < z->n; i++) {
        owned += z->r[i].owner.len && !z->r[i].registers;
        if (span_is(z->r[i].type, "NS") && span_eq(z->r[i].name, z->name))
            row_text(w, SERVERS, z->r[i].values);
    }
    row_num(w, OWNED, owned);
    return row_end(w);
}

enum { RULE_TWIN, RULE_FULL };

static const struct rule rules[] = {
    [RULE_TWIN] = {"dns-zone-twin",
                   "Another public zone has the same name; only one of them is delegated to, and "
                   "changes of the other do nothing: warning."},
    [RULE_FULL] =
        {"dns-zone-full",
         "More than nine tenths of the 10,000 record sets that a zone may have: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    if (store_num(st, row, TWIN, 0))
        return verdict_at(LEVEL_WARNING, RULE_TWIN);
    return store_num(st, row, RECORDS, 0) > QUOTA / 10 * 9 ? verdict_at(LEVEL_WARNING, RULE_FULL)
                                                           : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)now_ms;
    if (v->rule == RULE_TWIN)
        strbuf_addf(out, "another public zone is called %.*s too, only one is delegated to",
                    SPAN_ARG(store_text(st, row, NAME)));
    else
        strbuf_addf(out, "%lld of %d record sets", (long long)store_num(st, row, RECORDS, 0),
                    QUOTA);
}

const struct kind kind_dns_zone = {
    .name = "dns-zone",
    .plural = "dns-zones",
    .aliases = "zone zones",
    .title = "DNS zones",
    .help = "Hosted zones of Route 53.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
