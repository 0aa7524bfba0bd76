/* Certificates of cert-manager: how long they last and whether they are renewed. */
#include <config.h>

#include "backends/kubernetes/certificate.h"

const struct condition_columns certificate_ready = {CERT_READY, CERT_REASON, CERT_MESSAGE,
                                                    CERT_SINCE};

static const struct column columns[] = {
    [CERT_NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [CERT_NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    CONDITION_COLUMNS(CERT_READY, CERT_REASON, CERT_MESSAGE, CERT_SINCE_AGO, CERT_SINCE),
    [CERT_LEFT] = {"left", "LEFT", "Until it expires.", VALUE_DURATION, 5, 0,
                   COLUMN_RIGHT | COLUMN_LEFT, "not-after", NULL},
    [CERT_RENEWAL_IN] = {"renewal-in", "RENEWAL",
                         "Until it is to be renewed; below 0 once that is due.", VALUE_DURATION, 7,
                         30, COLUMN_RIGHT | COLUMN_LEFT, "renewal", NULL},
    [CERT_FAILURES] = {"failures", "FAIL", "Attempts to renew it that failed, since it last was.",
                       VALUE_COUNT, 4, 5, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [CERT_SECRET] = {"secret", "SECRET", "The Secret it is kept in.", VALUE_TEXT, 22, 40, 0, NULL,
                     NULL},
    [CERT_NAMES] = {"names", "NAMES", "The names it is for.", VALUE_LIST, 26, 10, COLUMN_NOTABLE,
                    NULL, NULL},
    [CERT_ISSUER] = {"issuer", "ISSUER", "Who signs it.", VALUE_TEXT, 18, 20, 0, NULL, NULL},
    [CERT_REVISION] = {CERTIFICATE_REVISION, "REVISION", "How often it has been issued.",
                       VALUE_COUNT, 4, 60, COLUMN_RIGHT | COLUMN_NOTABLE | COLUMN_WIDE, NULL, NULL},
    [CERT_ISSUING] = {"issuing", "ISSUING", "Its condition Issuing.", VALUE_TEXT, 7, 65,
                      COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [CERT_ISSUING_SAYS] = {"issuing-message", "ISSUING-MESSAGE", "What is said of that.",
                           VALUE_TEXT, 40, 85, COLUMN_HIDDEN, NULL, NULL},
    [CERT_ISSUING_SINCE] = {"issuing-since", "ISSUING-SINCE", "Since when.", VALUE_INSTANT, 5, 90,
                            COLUMN_HIDDEN, NULL, NULL},
    [CERT_LAST_FAILURE] = {"last-failure", "LAST-FAILURE", "When an attempt last failed.",
                           VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [CERT_NOT_BEFORE] = {"not-before", "NOT-BEFORE", "From when it holds.", VALUE_INSTANT, 5, 90,
                         COLUMN_HIDDEN, NULL, NULL},
    [CERT_NOT_AFTER] = {"not-after", "NOT-AFTER", "When it expires.", VALUE_INSTANT, 5, 90,
                        COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [CERT_RENEWAL] = {"renewal", "RENEWAL-AT", "When it is to be renewed.", VALUE_INSTANT, 5, 90,
                      COLUMN_HIDDEN, NULL, NULL},
    [CERT_AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 45, COLUMN_RIGHT, "created", NULL},
    [CERT_CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [CERT_LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [CERT_UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static struct span names_of(struct kube_object *o)
{
    static const char *const lists[] = {"dnsNames", "ipAddresses", "uris"};
    struct json_iter it;
    struct json_value v;
    struct span names = {"", 0};
    for (size_t i = 0; i < BN_COUNT(lists); i++)
        for (json_iter_init(&it, json_get(o->spec, lists[i])); json_next(&it, NULL, &v);)
            names = object_list_add(o, names, object_text(o, v));
    return names.len ? names : object_path_text(o, o->spec, "commonName");
}

static void put_status(struct kube_object *o, struct row_writer *w)
{
    struct condition issuing;
    (void)condition_put(o, w, "Ready", &certificate_ready);
    if (object_condition(o, "Issuing", &issuing)) {
        put_text(w, CERT_ISSUING, issuing.status);
        put_text(w, CERT_ISSUING_SAYS, issuing.message);
        put_time(w, CERT_ISSUING_SINCE, issuing.since_ms);
    }
    put_num(w, CERT_REVISION, json_get(o->status, "revision"));
    put_num(w, CERT_FAILURES, json_get(o->status, "failedIssuanceAttempts"));
    put_time(w, CERT_LAST_FAILURE, object_path_time(o, o->status, "lastFailureTime"));
    put_time(w, CERT_NOT_BEFORE, object_path_time(o, o->status, "notBefore"));
    put_time(w, CERT_NOT_AFTER, object_path_time(o, o->status, "notAfter"));
    put_time(w, CERT_RENEWAL, object_path_time(o, o->status, "renewalTime"));
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span secret = object_path_text(o, o->spec, "secretName");
    (void)which;
    row_text(w, CERT_NAMESPACE, o->ns);
    row_text(w, CERT_NAME, o->name);
    put_status(o, w);
    put_text(w, CERT_SECRET, secret);
    put_text(w, CERT_NAMES, names_of(o));
    put_text(w, CERT_ISSUER, object_path_text(o, o->spec, "issuerRef.name"));
    put_time(w, CERT_CREATED, o->created_ms);
    put_text(w, CERT_LABELS, object_pairs(o, o->labels));
    put_text(w, CERT_UID, o->uid);
    issuance_link_owner(o, w);
    issuance_link_issuer(o, w);
    if (secret.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret",
                 object_key(o, o->ns, secret));
}

const struct kind kind_certificate = {
    .name = "certificate",
    .plural = "certificates",
    .aliases = "cert certs",
    .title = "Certificates",
    .help = "Certificates of cert-manager: how long they last, and whether they are renewed.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = certificate_rules,
    .nrules = CERTIFICATE_RULES,
    .judge = certificate_judge,
    .says = certificate_says,
    .quotes = "certificaterequest order challenge clusterissuer issuer",
    .sort = "level desc,left",
};

const struct kube_kind kube_certificate = {
    .kind = &kind_certificate,
    .resources = {{"cert-manager.io", "v1", "certificates"}},
    .types = {"Certificate"},
    .parse = parse,
    .kept_by = "cert-manager",
};
