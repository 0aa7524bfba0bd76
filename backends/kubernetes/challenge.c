/* Challenges: how ACME has a name proved. */
#include <config.h>

#include "backends/kubernetes/issuance.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    STATE,
    DOMAIN,
    TYPE,
    PRESENTED,
    REASON,
    PROCESSING,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 30, COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE", "pending, valid, invalid, expired, errored.", VALUE_TEXT, 9, 0,
               COLUMN_NOTABLE, NULL, NULL},
    [DOMAIN] = {"domain", "DOMAIN", "The name to be proved.", VALUE_TEXT, 26, 0, 0, NULL, NULL},
    [TYPE] = {"type", "TYPE", "DNS-01 or HTTP-01.", VALUE_TEXT, 7, 20, 0, NULL, NULL},
    [PRESENTED] = {"presented", "PRESENTED", "The answer is where ACME looks for it.", VALUE_BOOL,
                   9, 10, COLUMN_NOTABLE, NULL, NULL},
    [REASON] = {"reason", "REASON", "What it waits for, or why it failed.", VALUE_TEXT, 40, 15, 0,
                NULL, NULL},
    [PROCESSING] = {"processing", "PROCESSING", "It is being worked on.", VALUE_BOOL, 5, 85,
                    COLUMN_HIDDEN, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 12, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, STATE, object_path_text(o, o->status, "state"));
    put_text(w, DOMAIN, object_path_text(o, o->spec, "dnsName"));
    put_text(w, TYPE, object_path_text(o, o->spec, "type"));
    row_num(w, PRESENTED, object_path_true(o->status, "presented"));
    put_text(w, REASON, object_path_text(o, o->status, "reason"));
    row_num(w, PROCESSING, object_path_true(o->status, "processing"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    issuance_link_owner(o, w);
    issuance_link_issuer(o, w);
}

/* In the order of what says most. */
enum { RULE_FAILED, RULE_NOT_PRESENTED, RULE_STUCK, RULE_PENDING };

static const struct rule rules[] = {
    [RULE_FAILED] = {"challenge-failed", "It is invalid, errored or expired: warning."},
    [RULE_NOT_PRESENTED] = {"challenge-not-presented",
                            "The answer could not be put where ACME looks for it: warning after 2"
                            " minutes."},
    [RULE_STUCK] = {"challenge-stuck", "It has waited for 10 minutes: warning.", .since = CREATED},
    [RULE_PENDING] = {"challenge-pending", "It waits: progress.", .since = CREATED},
};

#define PRESENT_MS ((int64_t)2 * 60 * 1000)

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    int64_t age = now_ms - store_num(st, row, CREATED, now_ms);
    bool stays = !store_num(st, row, PRESENTED, 0) && store_text(st, row, REASON).len;
    int64_t limit = stays ? PRESENT_MS : ISSUANCE_STUCK_MS;
    if (span_is(state, "valid"))
        return verdict_ok();
    if (span_is(state, "invalid") || span_is(state, "errored") || span_is(state, "expired"))
        return verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (age > limit)
        return verdict_at(LEVEL_WARNING, stays ? RULE_NOT_PRESENTED : RULE_STUCK);
    return verdict_until(LEVEL_PROGRESS, RULE_PENDING, now_ms - age + limit + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span state = store_text(st, row, STATE);
    strbuf_add(out, store_text(st, row, DOMAIN));
    if (v->rule == RULE_FAILED)
        strbuf_addf(out, " %.*s", SPAN_ARG(state));
    else if (v->rule == RULE_NOT_PRESENTED)
        strbuf_adds(out, " cannot be presented");
    else
        strbuf_adds(out, " pending");
    if (v->rule != RULE_FAILED)
        sentence_for(out, store_num(st, row, CREATED, TIME_NONE), now_ms);
    sentence_cause(out, store_text(st, row, REASON));
}

const struct kind kind_challenge = {
    .name = "challenge",
    .plural = "challenges",
    .aliases = "",
    .title = "Challenges",
    .help = "How ACME has a name proved: by DNS or HTTP, and what is in the way.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_challenge = {
    .kind = &kind_challenge,
    .resources = {{"acme.cert-manager.io", "v1", "challenges"}},
    .types = {"Challenge"},
    .parse = parse,
};
