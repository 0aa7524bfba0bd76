/* When a name of DNS is bad, and why. */
#include <config.h>

#include "backends/dns/dns_name.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"

enum {
    RULE_DOOMED,
    RULE_ORPHAN,
    RULE_UNKNOWN,
    RULE_MISSING,
    RULE_TARGET,
    RULE_LACKS,
    RULE_DISAGREE,
    RULE_FOREIGN,
    RULE_TWO,
    RULE_UNRESOLVED,
    RULE_SILENT,
    RULE_STORED,
    RULE_WILDCARD,
    RULE_UNOWNED,
    RULE_OLD,
};

const struct rule dns_name_rules[DNS_NAME_RULES] = {
    [RULE_DOOMED] = {"dns-doomed",
                     "external-dns has made it, nothing wants it any more, and by policy sync it "
                     "is about to be deleted: warning."},
    [RULE_ORPHAN] = {"dns-orphan",
                     "external-dns has made it, nothing wants it any more, and by its policy it "
                     "stays: warning."},
    [RULE_UNKNOWN] = {"dns-unknown",
                      "None of the zone's name servers answers, or no zone is found: "
                      "unknown."},
    [RULE_MISSING] = {"dns-missing",
                      "There is no such record, though it is wanted: critical; warning where no "
                      "object says where it is to lead."},
    [RULE_TARGET] = {"dns-wrong-target",
                     "It leads elsewhere than wanted: critical; warning where that is only "
                     "assumed."},
    [RULE_LACKS] = {"dns-address-missing",
                    "It leads where it is to, and not to all addresses that its objects say: "
                    "warning."},
    [RULE_DISAGREE] = {"dns-servers-disagree",
                       "The zone's name servers say different things: warning."},
    [RULE_FOREIGN] = {"dns-foreign-owner",
                      "Its TXT record says that it was made for another object, or by another "
                      "owner than external-dns's here, which will not change it: warning. Where "
                      "that owner is not known, than most names'."},
    [RULE_TWO] = {"dns-two-sources", "Two objects want it to lead to different places: warning."},
    [RULE_UNRESOLVED] = {"dns-unresolved", "The zone has it, and the resolver does not: warning."},
    [RULE_SILENT] = {"dns-server-silent", "One of the zone's name servers does not answer for it: "
                                          "warning."},
    [RULE_STORED] = {"dns-not-as-stored",
                     "The zone's name servers answer otherwise than Route 53 has it: notice."},
    [RULE_WILDCARD] = {"dns-wildcard",
                       "It has no record of its own, a wildcard answers for it: notice."},
    [RULE_UNOWNED] = {"dns-unowned",
                      "It has no TXT record of external-dns, which will not change it, or its zone "
                      "is not among those of Route 53 that were read: notice."},
    [RULE_OLD] = {"dns-resolver-old", "The resolver has another answer yet: notice."},
};

static bool flag(const struct store *st, struct handle row, size_t column)
{
    return store_num(st, row, column, 0) != 0;
}

/* What is not as it should be of a name that is there. */
static struct verdict judge_found(const struct store *st, struct handle row)
{
    if (!store_num(st, row, NAME_FITS, 1))
        return verdict_at(flag(st, row, NAME_DECLARED) ? LEVEL_CRITICAL : LEVEL_WARNING,
                          RULE_TARGET);
    if (store_text(st, row, NAME_DISAGREE).len)
        return verdict_at(LEVEL_WARNING, RULE_DISAGREE);
    if (flag(st, row, NAME_FOREIGN))
        return verdict_at(LEVEL_WARNING, RULE_FOREIGN);
    if (flag(st, row, NAME_CONFLICT))
        return verdict_at(LEVEL_WARNING, RULE_TWO);
    if (store_text(st, row, NAME_LACKS).len && flag(st, row, NAME_DECLARED))
        return verdict_at(LEVEL_WARNING, RULE_LACKS);
    if (store_text(st, row, NAME_RESOLVER_SAYS).len)
        return verdict_at(LEVEL_WARNING, RULE_UNRESOLVED);
    if (store_text(st, row, NAME_SILENT).len)
        return verdict_at(LEVEL_WARNING, RULE_SILENT);
    if (!store_num(st, row, NAME_AS_STORED, 1))
        return verdict_at(LEVEL_NOTICE, RULE_STORED);
    if (flag(st, row, NAME_WILDCARD))
        return verdict_at(LEVEL_NOTICE, RULE_WILDCARD);
    if (!store_text(st, row, NAME_OWNER).len && !flag(st, row, NAME_UNSEEN))
        return verdict_at(LEVEL_NOTICE, RULE_UNOWNED);
    return flag(st, row, NAME_RESOLVER_OLD) ? verdict_at(LEVEL_NOTICE, RULE_OLD) : verdict_ok();
}

struct verdict dns_name_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, NAME_STATE);
    (void)now_ms;
    if (flag(st, row, NAME_UNWANTED))
        return verdict_at(LEVEL_WARNING, span_is(store_text(st, row, NAME_POLICY), "sync")
                                             ? RULE_DOOMED
                                             : RULE_ORPHAN);
    if (span_is(state, "unknown"))
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    if (span_is(state, "missing"))
        return verdict_at(flag(st, row, NAME_DECLARED) ? LEVEL_CRITICAL : LEVEL_WARNING,
                          RULE_MISSING);
    return judge_found(st, row);
}

static void add_list(const struct store *st, struct handle row, size_t column, struct strbuf *out)
{
    struct span list = store_text(st, row, column), one;
    const char *before = "";
    for (int i = 0; i < 3 && list.len && span_split(&list, LIST_SEPARATOR, &one); i++) {
        strbuf_adds(out, before);
        sentence_add(out, one, SENTENCE_INNER);
        before = ", ";
    }
}

static void say_missing(const struct store *st, struct handle row, struct strbuf *out)
{
    if (store_text(st, row, NAME_STORED).len) {
        strbuf_adds(out, "Route 53 has ");
        add_list(st, row, NAME_STORED, out);
        strbuf_adds(out, ", the zone's name servers have no record");
    } else {
        strbuf_adds(out, store_text(st, row, NAME_STORED_STATE).len
                             ? "no record, nor in Route 53; wanted by "
                             : "no record; wanted by ");
        add_list(st, row, NAME_SOURCES, out);
    }
    if (!flag(st, row, NAME_DECLARED))
        strbuf_adds(out, ", which does not say where it leads");
}

static void say_foreign(const struct store *st, struct handle row, struct strbuf *out)
{
    strbuf_adds(out, "owned by ");
    sentence_add(out, store_text(st, row, NAME_OWNER), SENTENCE_INNER);
    strbuf_adds(out, " for ");
    sentence_add(out, store_text(st, row, NAME_RESOURCE), SENTENCE_INNER);
    if (store_text(st, row, NAME_OURS).len) {
        strbuf_adds(out, "; external-dns here is ");
        add_list(st, row, NAME_OURS, out);
    }
}

static void say_unwanted(const struct store *st, struct handle row, bool doomed, struct strbuf *out)
{
    strbuf_adds(out, "nothing wants it: made for ");
    sentence_add(out, store_text(st, row, NAME_RESOURCE), SENTENCE_INNER);
    strbuf_adds(out, doomed ? "; external-dns (policy sync) is about to delete it" : "; it stays");
    if (doomed || !store_text(st, row, NAME_POLICY).len)
        return;
    strbuf_adds(out, " (policy ");
    sentence_add(out, store_text(st, row, NAME_POLICY), SENTENCE_INNER);
    strbuf_addc(out, ')');
}

/* Route 53 was read, and has no zone that the name is in: whose it is, is not seen. */
static bool zone_is_elsewhere(const struct store *st, struct handle row)
{
    int zones = store_kind_find(st, SPAN("dns-zone"));
    return zones >= 0 && store_count(st, (uint16_t)zones) && store_synced(st, (uint16_t)zones) &&
           !store_text(st, row, NAME_STORED_STATE).len && store_text(st, row, NAME_ZONE).len;
}

static void say_stored(const struct store *st, struct handle row, struct strbuf *out)
{
    strbuf_adds(out, "Route 53 has ");
    add_list(st, row, NAME_STORED, out);
    strbuf_adds(out, ", its name servers say ");
    add_list(st, row, NAME_ANSWER, out);
}

void dns_name_says(const struct store *st, struct handle row, const struct verdict *v,
                   int64_t now_ms, struct strbuf *out)
{
    static const struct {
        const char *says;
        int column; /* -1: none */
    } short_ones[] = {
        [RULE_UNKNOWN] = {"", NAME_ERROR},
        [RULE_LACKS] = {"it does not lead to ", NAME_LACKS},
        [RULE_DISAGREE] = {"name servers disagree: ", NAME_DISAGREE},
        [RULE_TWO] = {"two objects want different targets: ", NAME_SOURCES},
        [RULE_UNRESOLVED] = {"the zone has it, the resolver does not: ", NAME_RESOLVER_SAYS},
        [RULE_SILENT] = {"", NAME_SILENT},
        [RULE_WILDCARD] = {"no record of its own: a wildcard answers for it", -1},
        [RULE_UNOWNED] = {"no owner record: external-dns will not change it", -1},
        [RULE_OLD] = {"the resolver still says ", NAME_RESOLVER},
    };

    (void)now_ms;
    if (v->rule == RULE_DOOMED || v->rule == RULE_ORPHAN) {
        say_unwanted(st, row, v->rule == RULE_DOOMED, out);
    } else if (v->rule == RULE_STORED) {
        say_stored(st, row, out);
    } else if (v->rule == RULE_MISSING) {
        say_missing(st, row, out);
    } else if (v->rule == RULE_TARGET) {
        strbuf_adds(out, "leads to ");
        add_list(st, row, NAME_ANSWER, out);
        strbuf_adds(out, ", wanted ");
        add_list(st, row, NAME_WANTED, out);
    } else if (v->rule == RULE_FOREIGN) {
        say_foreign(st, row, out);
    } else if (v->rule == RULE_UNOWNED && zone_is_elsewhere(st, row)) {
        strbuf_adds(out, "its zone ");
        sentence_add(out, store_text(st, row, NAME_ZONE), SENTENCE_INNER);
        strbuf_adds(out, " is not among those of Route 53");
    } else {
        int column = short_ones[v->rule].column;
        strbuf_adds(out, short_ones[v->rule].says);
        if (v->rule == RULE_UNKNOWN && !store_text(st, row, NAME_ERROR).len)
            column = NAME_SILENT;
        if (column >= 0)
            add_list(st, row, (size_t)column, out);
    }
}
