/* CertificateRequests: a certificate as it is asked of an issuer. */
#include <config.h>

#include "backends/kubernetes/issuance.h"
#include "backends/kubernetes/sentence.h"
#include "base/number.h"

enum {
    NAMESPACE,
    NAME,
    READY,
    REASON,
    APPROVED,
    DENIED,
    ISSUER,
    SINCE_AGO,
    MESSAGE,
    REQUESTER,
    INVALID,
    REVISION,
    FAILED,
    SINCE,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct condition_columns ready = {READY, REASON, MESSAGE, SINCE};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 28, 0, COLUMN_IDENT, NULL, NULL},
    CONDITION_COLUMNS(READY, REASON, MESSAGE, SINCE_AGO, SINCE),
    [APPROVED] = {"approved", "APPROVED", "Its condition Approved.", VALUE_TEXT, 8, 20,
                  COLUMN_NOTABLE, NULL, NULL},
    [DENIED] = {"denied", "DENIED", "Its condition Denied.", VALUE_TEXT, 6, 30, COLUMN_NOTABLE,
                NULL, NULL},
    [ISSUER] = {"issuer", "ISSUER", "The issuer.", VALUE_TEXT, 18, 10, 0, NULL, NULL},
    [REQUESTER] = {"requester", "REQUESTER", "Who asked for it.", VALUE_TEXT, 30, 80, COLUMN_WIDE,
                   NULL, NULL},
    [INVALID] = {"invalid", "INVALID", "What is wrong with the request itself.", VALUE_TEXT, 20, 85,
                 COLUMN_HIDDEN, NULL, NULL},
    [REVISION] = {"revision", "REVISION", "Of the certificate that it is to become.", VALUE_COUNT,
                  5, 50, COLUMN_RIGHT, NULL, NULL},
    [FAILED] = {"failed", "FAILED", "When it failed.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL,
                NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 12, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct condition c;
    int64_t revision;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    (void)condition_put(o, w, "Ready", &ready);
    (void)object_condition(o, "Approved", &c);
    put_text(w, APPROVED, c.status);
    (void)object_condition(o, "Denied", &c);
    put_text(w, DENIED, c.status);
    if (object_condition(o, "InvalidRequest", &c) && span_is(c.status, "True"))
        row_text(w, INVALID, c.message.len ? c.message : c.reason);
    put_text(w, ISSUER, object_path_text(o, o->spec, "issuerRef.name"));
    put_text(w, REQUESTER, object_path_text(o, o->spec, "username"));
    if (number_parse(object_entry(o, o->annotations, "cert-manager.io/certificate-revision"), 0,
                     INT32_MAX, &revision))
        row_num(w, REVISION, revision);
    put_time(w, FAILED, object_path_time(o, o->status, "failureTime"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    issuance_link_owner(o, w);
    issuance_link_issuer(o, w);
}

enum { RULE_FAILED, RULE_STUCK, RULE_PENDING };

static const struct rule rules[] = {
    [RULE_FAILED] = {"certificaterequest-failed",
                     "It has failed, is invalid or was denied, and no later one has made the"
                     " certificate: warning.",
                     .since = FAILED},
    [RULE_STUCK] = {"certificaterequest-stuck", "It has waited for 10 minutes: warning.",
                    .since = CREATED},
    [RULE_PENDING] = {"certificaterequest-pending", "It waits: progress.", .since = CREATED},
};

/* The certificate has come as far without it. */
static bool is_past(const struct store *st, struct handle row)
{
    struct handle certificate;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_OWNER || !span_is(l.kind, "certificate") ||
            store_follow(st, row, &l, &certificate) != LINK_FOUND)
            continue;
        int column = kind_column(store_kind(st, certificate.kind), span_from(CERTIFICATE_REVISION));
        return column >= 0 && store_num(st, certificate, (size_t)column, 0) >=
                                  store_num(st, row, REVISION, INT64_MAX);
    }
    return false;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span reason = store_text(st, row, REASON);
    int64_t created = store_num(st, row, CREATED, now_ms);
    if (span_is(store_text(st, row, READY), "True"))
        return verdict_ok();
    if (is_past(st, row))
        return verdict_off();
    if (span_is(reason, "Failed") || span_is(reason, "Denied") ||
        span_is(store_text(st, row, DENIED), "True") || store_text(st, row, INVALID).len)
        return verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (now_ms - created > ISSUANCE_STUCK_MS)
        return verdict_at(LEVEL_WARNING, RULE_STUCK);
    return verdict_until(LEVEL_PROGRESS, RULE_PENDING, created + ISSUANCE_STUCK_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span invalid = store_text(st, row, INVALID), message = store_text(st, row, MESSAGE);
    if (v->rule == RULE_FAILED) {
        bool denied = span_is(store_text(st, row, DENIED), "True");
        int64_t failed = store_num(st, row, FAILED, store_num(st, row, SINCE, TIME_NONE));
        strbuf_adds(out, invalid.len ? "invalid" : denied ? "denied" : "failed");
        sentence_ago(out, failed, now_ms);
        sentence_cause(out, invalid.len ? invalid : message);
        return;
    }
    strbuf_adds(out, span_is(store_text(st, row, APPROVED), "True") ? "pending" : "not approved");
    sentence_for(out, store_num(st, row, CREATED, TIME_NONE), now_ms);
    if (!issuance_says_cause(st, row, now_ms, out))
        sentence_cause(out, message);
    issuance_says_issuer(st, row, now_ms, out);
}

const struct kind kind_certificaterequest = {
    .name = "certificaterequest",
    .plural = "certificaterequests",
    .aliases = "cr crs",
    .title = "Certificate requests",
    .help = "Certificates as they are asked of an issuer.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "order challenge",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_certificaterequest = {
    .kind = &kind_certificaterequest,
    .resources = {{"cert-manager.io", "v1", "certificaterequests"}},
    .types = {"CertificateRequest"},
    .parse = parse,
};
