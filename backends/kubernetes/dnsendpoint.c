/* DNSEndpoints: names that external-dns is to write, given as such. */
#include <config.h>

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum { NAMESPACE, NAME, NAMES, RECORDS, COUNT, AGE, GENERATION, OBSERVED, CREATED, LABELS, UID };

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [NAMES] = {"hosts", "HOSTS", "Names that it gives.", VALUE_LIST, 30, 0, COLUMN_NOTABLE, NULL,
               NULL},
    [RECORDS] = {"records", "RECORDS", "Records: name, type, time to live, targets.", VALUE_LIST,
                 50, 20, COLUMN_NOTABLE, NULL, NULL},
    [COUNT] = {"count", "COUNT", "How many there are.", VALUE_COUNT, 5, 30, COLUMN_RIGHT, NULL,
               NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 15, COLUMN_RIGHT, "created", NULL},
    [GENERATION] = {"generation", "GENERATION", "Version of its specification.", VALUE_COUNT, 5, 80,
                    COLUMN_HIDDEN, NULL, NULL},
    [OBSERVED] = {"observed", "OBSERVED", "Version that external-dns has seen.", VALUE_COUNT, 5, 80,
                  COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* "office.reyem.tech A 300 198.51.100.40". */
static struct span record_of(struct kube_object *o, struct json_value endpoint)
{
    struct json_iter it;
    struct json_value target;
    long long ttl = (long long)object_path_int(endpoint, "recordTTL", 0);
    struct span text =
        object_format(o, "%.*s %.*s", SPAN_ARG(object_path_text(o, endpoint, "dnsName")),
                      SPAN_ARG(object_path_text(o, endpoint, "recordType")));
    if (ttl)
        text = object_format(o, "%.*s %lld", SPAN_ARG(text), ttl);
    for (json_iter_init(&it, json_get(endpoint, "targets")); json_next(&it, NULL, &target);)
        text = object_format(o, "%.*s %.*s", SPAN_ARG(text), SPAN_ARG(object_text(o, target)));
    return text;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value endpoint, endpoints = json_get(o->spec, "endpoints");
    struct span names = {"", 0}, records = {"", 0};
    (void)which;
    for (json_iter_init(&it, endpoints); json_next(&it, NULL, &endpoint);) {
        names = object_list_add(o, names, object_path_text(o, endpoint, "dnsName"));
        records = object_list_add(o, records, record_of(o, endpoint));
    }
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, NAMES, names);
    put_text(w, RECORDS, records);
    row_num(w, COUNT, (int64_t)json_count(endpoints));
    row_num(w, GENERATION, o->generation);
    row_num(w, OBSERVED, object_path_int(o->status, "observedGeneration", 0));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

#define SEEN_MS ((int64_t)10 * 60 * 1000) /* external-dns looks every minute */

enum { RULE_UNSEEN, RULE_NEW, RULE_UNKEPT };

static const struct rule rules[] = {
    [RULE_UNSEEN] = {"dnsendpoint-unseen",
                     "external-dns has not seen its newest version, and it is older than 10 "
                     "minutes: notice."},
    [RULE_NEW] = {"dnsendpoint-new", "external-dns has not seen it yet: progress."},
    [RULE_UNKEPT] = KEEPER_RULE("dnsendpoint-unkept"),
};

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    if (store_num(st, row, OBSERVED, 0) >= store_num(st, row, GENERATION, 0))
        return verdict_ok();
    return verdict_within(store_num(st, row, CREATED, TIME_NONE), SEEN_MS, RULE_NEW,
                          verdict_at(LEVEL_NOTICE, RULE_UNSEEN), now_ms);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    if (v->rule == RULE_UNKEPT) {
        keeper_says(st, row, "may be old", now_ms, out);
        return;
    }
    strbuf_adds(out, "external-dns has not seen its newest version");
}

const struct kind kind_dnsendpoint = {
    .name = "dnsendpoint",
    .plural = "dnsendpoints",
    .aliases = "",
    .title = "DNSEndpoints",
    .help = "Names that external-dns is to write.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "namespace,name",
};

const struct kube_kind kube_dnsendpoint = {
    .kind = &kind_dnsendpoint,
    .resources = {{"externaldns.k8s.io", "v1alpha1", "dnsendpoints"}},
    .types = {"DNSEndpoint"},
    .parse = parse,
    .kept_by = "external-dns",
};
