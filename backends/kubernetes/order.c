/* Orders: a certificate as it is asked of ACME. */
#include <config.h>

#include "backends/kubernetes/issuance.h"
#include "backends/kubernetes/sentence.h"

enum { NAMESPACE, NAME, STATE, NAMES, ISSUER, REASON, FAILED, AGE, CREATED, LABELS, UID };

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE", "pending, ready, processing, valid, invalid, expired, errored.",
               VALUE_TEXT, 10, 0, COLUMN_NOTABLE, NULL, NULL},
    [NAMES] = {"names", "NAMES", "The names it is for.", VALUE_LIST, 30, 10, 0, NULL, NULL},
    [ISSUER] = {"issuer", "ISSUER", "The issuer.", VALUE_TEXT, 18, 40, 0, NULL, NULL},
    [REASON] = {"reason", "REASON", "Why it failed.", VALUE_TEXT, 40, 15, 0, NULL, NULL},
    [FAILED] = {"failed", "FAILED", "When it failed.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL,
                NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 12, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value v;
    struct span names = {"", 0};
    (void)which;
    for (json_iter_init(&it, json_get(o->spec, "dnsNames")); json_next(&it, NULL, &v);)
        names = object_list_add(o, names, object_text(o, v));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, STATE, object_path_text(o, o->status, "state"));
    put_text(w, NAMES, names);
    put_text(w, ISSUER, object_path_text(o, o->spec, "issuerRef.name"));
    put_text(w, REASON, object_path_text(o, o->status, "reason"));
    put_time(w, FAILED, object_path_time(o, o->status, "failureTime"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    issuance_link_owner(o, w);
    issuance_link_issuer(o, w);
}

enum { RULE_FAILED, RULE_STUCK, RULE_PENDING };

static const struct rule rules[] = {
    [RULE_FAILED] = {"order-failed",
                     "It is invalid, errored or expired, and its request is not"
                     " done with: warning.",
                     .since = FAILED},
    [RULE_STUCK] = {"order-stuck", "It has not been done for 10 minutes: warning.",
                    .since = CREATED},
    [RULE_PENDING] = {"order-pending", "It is under way: progress.", .since = CREATED},
};

/* What a later request has overtaken is no news. */
static bool is_past(const struct store *st, struct handle row)
{
    struct handle request;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (l.type == LINK_OWNER && store_follow(st, row, &l, &request) == LINK_FOUND)
            return store_verdict(st, request).level == LEVEL_OFF;
    return false;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    int64_t created = store_num(st, row, CREATED, now_ms);
    if (span_is(state, "valid"))
        return verdict_ok();
    if (is_past(st, row))
        return verdict_off();
    if (span_is(state, "invalid") || span_is(state, "errored") || span_is(state, "expired"))
        return verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (now_ms - created > ISSUANCE_STUCK_MS)
        return verdict_at(LEVEL_WARNING, RULE_STUCK);
    return verdict_until(LEVEL_PROGRESS, RULE_PENDING, created + ISSUANCE_STUCK_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span state = store_text(st, row, STATE);
    strbuf_add(out, state.len ? state : SPAN("new"));
    if (v->rule == RULE_FAILED)
        sentence_ago(out, store_num(st, row, FAILED, TIME_NONE), now_ms);
    else
        sentence_for(out, store_num(st, row, CREATED, TIME_NONE), now_ms);
    sentence_cause(out, store_text(st, row, REASON));
    (void)issuance_says_cause(st, row, now_ms, out);
}

const struct kind kind_order = {
    .name = "order",
    .plural = "orders",
    .aliases = "",
    .title = "Orders",
    .help = "Certificates as they are asked of ACME.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "challenge",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_order = {
    .kind = &kind_order,
    .resources = {{"acme.cert-manager.io", "v1", "orders"}},
    .types = {"Order"},
    .parse = parse,
};
