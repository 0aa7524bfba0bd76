/* The verdict rules of cert-manager's kinds: time, attempts, and what is in the way. */
#include <config.h>

#include "model/filter.h"
#include "test/unit/kube_judge.h"

#define BORN_AT(at) ", creationTimestamp: '2026-02-13T" at "Z'"
#define CERT(meta, status)                                                                        \
    "{metadata: {namespace: shop, name: web" meta "}, spec: {secretName: web, dnsNames: [a.org]," \
    " issuerRef: {kind: ClusterIssuer, name: le}}, status: {" status "}}"
#define COND(type, status, reason, message, since)                                  \
    "{type: " type ", status: '" status "', reason: " reason ", message: '" message \
    "', lastTransitionTime: '" since "Z'}"
#define IS_READY COND("Ready", "True", "Ready", "up to date", "2026-01-01T00:00:00")
#define TIMES(from, renewal, to) \
    "notBefore: '" from "Z', renewalTime: '" renewal "Z', notAfter: '" to "Z', revision: 4, "
/* Issued for 90 days, renewed after 60. */
#define GOOD TIMES("2026-01-13T09:00:00", "2026-03-14T09:00:00", "2026-04-13T09:00:00")
#define DUE  TIMES("2025-12-10T09:00:00", "2026-02-08T09:00:00", "2026-03-10T09:00:00")
#define LATE TIMES("2025-11-20T09:00:00", "2026-01-19T09:00:00", "2026-02-18T09:00:00")
#define PAST TIMES("2025-11-11T09:00:00", "2026-01-10T09:00:00", "2026-02-11T09:00:00")
#define GIVEN_UP                                                   \
    COND("Issuing", "False", "Failed",                             \
         "The certificate request has failed to complete and will" \
         " be retried: rate limited",                              \
         "2026-02-12T22:00:00")
#define TRIED     "failedIssuanceAttempts: 5, lastFailureTime: '2026-02-12T22:00:00Z', "
#define BEGAN(at) COND("Issuing", "True", "DoesNotExist", "no Secret", "2026-02-13T" at)

static const struct verdict_case certificates[] = {
    {"good for long", "certificate", 0, CERT("", GOOD "conditions: [" IS_READY "]"), LEVEL_OK,
     .until = "2026-03-14T10:00:00.001Z", .then = LEVEL_WARNING,
     .then_says = "expires in 29d, and its renewal was due 1h ago"},
    {"not renewed, and nobody tries", "certificate", 0, CERT("", DUE "conditions: [" IS_READY "]"),
     LEVEL_WARNING, "certificate-renewal-overdue", "expires in 25d, and its renewal was due 5d ago",
     "2026-03-03T09:00:00Z", LEVEL_CRITICAL, "expires in 7d"},
    {"renewals fail, though it is Ready", "certificate", 0,
     CERT("", DUE TRIED "conditions: [" GIVEN_UP ", " IS_READY "]"), LEVEL_WARNING,
     "certificate-renewal-failing",
     "expires in 25d, 5 attempts failed, the last 11h ago: The certificate request has failed to"
     " complete and will be retried: rate limited",
     "2026-03-03T09:00:00Z", LEVEL_CRITICAL,
     "expires in 7d, 5 attempts failed, the last 18d ago: The certificate request has failed to"
     " complete and will be retried: rate limited"},
    {"its last days", "certificate", 0, CERT("", LATE "conditions: [" IS_READY "]"), LEVEL_CRITICAL,
     "certificate-expiring", "expires in 5d", "2026-02-18T09:00:00Z", LEVEL_CRITICAL,
     "expired 0s ago"},
    {"expired", "certificate", 0, CERT("", PAST "conditions: [" IS_READY "]"), LEVEL_CRITICAL,
     "certificate-expired", "expired 2d ago"},
    {"of a day's life", "certificate", 0,
     CERT("", TIMES("2026-02-13T01:00:00", "2026-02-13T17:00:00",
                    "2026-02-14T01:00:00") "conditions: [" IS_READY "]"),
     LEVEL_OK, .until = "2026-02-13T18:00:00.001Z", .then = LEVEL_WARNING,
     .then_says = "expires in 6h, and its renewal was due 1h ago"},
    {"being renewed", "certificate", 0,
     CERT("", DUE "conditions: [" BEGAN("08:58:00") ", " IS_READY "]"), LEVEL_PROGRESS,
     "certificate-issuing", "being renewed for 2m, expires in 25d: no Secret",
     "2026-02-13T09:08:00.001Z", LEVEL_WARNING, "being renewed for 10m, expires in 24d: no Secret"},
    {"being renewed for long", "certificate", 0,
     CERT("", DUE "conditions: [" BEGAN("07:00:00") ", " IS_READY "]"), LEVEL_WARNING,
     "certificate-stuck", "being renewed for 2h, expires in 25d: no Secret", "2026-03-03T09:00:00Z",
     LEVEL_CRITICAL, "expires in 7d: no Secret"},
    {"first one, under way", "certificate", 0,
     CERT(BORN_AT("08:58:00"), "conditions: [" BEGAN("08:58:00") "]"), LEVEL_PROGRESS,
     "certificate-issuing", "not issued for 2m: no Secret", "2026-02-13T09:08:00.001Z",
     LEVEL_WARNING, "not issued for 10m: no Secret"},
    {"first one, stuck", "certificate", 0,
     CERT(BORN_AT("08:40:00"), "conditions: [" BEGAN("08:40:00") "]"), LEVEL_WARNING,
     "certificate-stuck", "not issued for 20m: no Secret", "2026-02-13T09:40:00.001Z",
     LEVEL_CRITICAL, "not issued for 1h: no Secret"},
    {"first one, given up", "certificate", 0,
     CERT(BORN_AT("08:40:00"), "failedIssuanceAttempts: 1, lastFailureTime:"
                               " '2026-02-13T08:50:00Z', conditions: [" GIVEN_UP "]"),
     LEVEL_CRITICAL, "certificate-never-issued",
     "not issued for 20m, 1 attempt failed, the last 10m ago: The certificate request has failed"
     " to complete and will be retried: rate limited"},
    {"Ready is False for another reason", "certificate", 0,
     CERT("", GOOD "conditions: [" COND("Ready", "False", "IncorrectIssuer", "of another issuer",
                                        "2026-02-13T08:00:00") "]"),
     LEVEL_WARNING, "certificate-not-ready", "IncorrectIssuer for 1h: of another issuer",
     "2026-04-06T09:00:00Z", LEVEL_CRITICAL, "expires in 7d"},
    {"that nobody looks at", "certificate", 0, CERT(BORN_AT("08:58:00"), ""), LEVEL_PROGRESS,
     "certificate-unseen", "no status for 2m", "2026-02-13T09:08:00.001Z", LEVEL_WARNING,
     "no status for 10m"},
};
CASES(certificates)

#define ORDER(state, more)                                                                     \
    "{metadata: {namespace: shop, name: o" BORN_AT("08:58:00") "}, spec: {dnsNames: [a.org]}," \
                                                               " status: {" state more "}}"
#define REQUEST(at, conditions, more)                                                                   \
    "{metadata: {namespace: shop, name: web-5" BORN_AT(                                                 \
        at) ", annotations:"                                                                            \
            " {cert-manager.io/certificate-revision: '5'}, ownerReferences: [{apiVersion:"              \
            " cert-manager.io/v1, kind: Certificate, name: web, controller: true}]}, spec: {issuerRef:" \
            " {kind: Issuer, name: own}}, status: {conditions: [" conditions "]" more "}}"
#define CHALLENGE(at, status)                                                                     \
    "{metadata: {namespace: shop, name: c" BORN_AT(at) "}, spec: {dnsName: a.org, type: DNS-01}," \
                                                       " status: {" status "}}"
#define APPROVED COND("Approved", "True", "cert-manager.io", "", "2026-02-13T08:00:00")
#define ISSUER(meta, conditions)                                                             \
    "{metadata: {namespace: shop, name: own" meta "}, spec: {ca: {secretName: ca}}, status:" \
    " {conditions: [" conditions "]}}"

static const struct verdict_case steps[] = {
    {"a request that is done", "certificaterequest", 0, REQUEST("08:00:00", IS_READY, ""), LEVEL_OK,
     .rule = NULL},
    {"a request that waits", "certificaterequest", 0,
     REQUEST("08:58:00",
             APPROVED
             ", " COND("Ready", "False", "Pending", "waiting for the order", "2026-02-13T08:58:00"),
             ""),
     LEVEL_PROGRESS, "certificaterequest-pending", "pending for 2m: waiting for the order",
     "2026-02-13T09:08:00.001Z", LEVEL_WARNING, "pending for 10m: waiting for the order"},
    {"a request that waits for long", "certificaterequest", 0,
     REQUEST("07:00:00", COND("Ready", "False", "Pending", "", "2026-02-13T07:00:00"), ""),
     LEVEL_WARNING, "certificaterequest-stuck", "not approved for 2h"},
    {"a request that failed", "certificaterequest", 0,
     REQUEST("07:00:00",
             COND("Ready", "False", "Failed", "order is errored", "2026-02-13T07:30:00"),
             ", failureTime: '2026-02-13T08:00:00Z'"),
     LEVEL_WARNING, "certificaterequest-failed", "failed 1h ago: order is errored"},
    {"a request that was denied", "certificaterequest", 0,
     REQUEST("07:00:00",
             COND("Denied", "True", "Policy", "", "2026-02-13T07:00:00") ", " COND(
                 "Ready", "False", "Denied", "no such names here", "2026-02-13T07:00:00"),
             ""),
     LEVEL_WARNING, "certificaterequest-failed", "denied 2h ago: no such names here"},
    {"an order that is done", "order", 0, ORDER("state: valid", ""), LEVEL_OK, .rule = NULL},
    {"an order under way", "order", 0, ORDER("", ""), LEVEL_PROGRESS, "order-pending", "new for 2m",
     "2026-02-13T09:08:00.001Z", LEVEL_WARNING, "new for 10m"},
    {"an order that is stuck", "order", 0,
     "{metadata: {namespace: shop, name: o" BORN_AT("08:00:00") "}, status: {state: pending}}",
     LEVEL_WARNING, "order-stuck", "pending for 1h"},
    {"an order that failed", "order", 0,
     ORDER("state: errored", ", reason: '429 rateLimited', failureTime: '2026-02-13T08:59:00Z'"),
     LEVEL_WARNING, "order-failed", "errored 1m ago: 429 rateLimited"},
    {"a challenge that is met", "challenge", 0, CHALLENGE("08:00:00", "state: valid"), LEVEL_OK,
     .rule = NULL},
    {"a challenge that waits", "challenge", 0,
     CHALLENGE("08:58:30", "state: pending, presented: true, reason: not yet propagated"),
     LEVEL_PROGRESS, "challenge-pending", "a.org pending for 1m: not yet propagated",
     "2026-02-13T09:08:30.001Z", LEVEL_WARNING, "a.org pending for 10m: not yet propagated"},
    {"a challenge that waits for long", "challenge", 0,
     CHALLENGE("08:00:00", "state: pending, presented: true, reason: not yet propagated"),
     LEVEL_WARNING, "challenge-stuck", "a.org pending for 1h: not yet propagated"},
    {"a challenge that cannot be presented", "challenge", 0,
     CHALLENGE("08:50:00", "state: pending, presented: false, reason: AccessDenied"), LEVEL_WARNING,
     "challenge-not-presented", "a.org cannot be presented for 10m: AccessDenied"},
    {"a challenge that failed", "challenge", 0,
     CHALLENGE("08:59:00", "state: invalid, reason: wrong answer"), LEVEL_WARNING,
     "challenge-failed", "a.org invalid: wrong answer"},
    {"an issuer", "issuer", 0, ISSUER("", IS_READY), LEVEL_OK, .rule = NULL},
    {"an issuer without a status", "issuer", 0, ISSUER(BORN_AT("08:58:00"), ""), LEVEL_PROGRESS,
     "issuer-unseen", "no status for 2m", "2026-02-13T09:08:00.001Z", LEVEL_WARNING,
     "no status for 10m"},
    {"an issuer that is down", "issuer", 0,
     ISSUER("", COND("Ready", "False", "ErrGetKeyPair", "no Secret ca", "2026-02-13T08:00:00")),
     LEVEL_WARNING, "issuer-not-ready-unused", "ErrGetKeyPair for 1h: no Secret ca"},
};
CASES(steps)

#define OWNED(kind, name, by, by_group, by_kind, rest)                                        \
    "{metadata: {namespace: shop, name: " name ", creationTimestamp: '2026-02-12T07:00:00Z'," \
    " ownerReferences: [{apiVersion: " by_group "/v1, kind: " by_kind ", name: " by           \
    ", controller: true}]}, " rest "}"

/* The certificate says what is in the way, however far down. */
static void what_is_in_the_way(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle cert =
        kube_put(st, "certificate", 0,
                 CERT(BORN_AT("07:00:00"), "conditions: [" BEGAN("07:00:00") "]"), now);
    (void)state;
    (void)kube_put(st, "certificaterequest", 0,
                   OWNED("", "web-1", "web", "cert-manager.io", "Certificate",
                         "status: {conditions: [" APPROVED "]}"),
                   now);
    expect(st, cert, "the request", LEVEL_CRITICAL, "certificate-never-issued",
           "not issued for 2h; certificaterequest: pending for 1d");
    (void)kube_put(st, "order", 0,
                   OWNED("", "web-1-1", "web-1", "cert-manager.io", "CertificateRequest",
                         "status: {state: pending}"),
                   now);
    expect(st, cert, "its order", LEVEL_CRITICAL, "certificate-never-issued",
           "not issued for 2h; order: pending for 1d");
    (void)kube_put(st, "challenge", 0,
                   OWNED("", "web-1-1-1", "web-1-1", "acme.cert-manager.io", "Order",
                         "spec: {dnsName: a.org}, status: {state: pending, presented: true, reason:"
                         " not yet propagated}"),
                   now);
    expect(st, cert, "a challenge of it", LEVEL_CRITICAL, "certificate-never-issued",
           "not issued for 2h; challenge: a.org pending for 1d: not yet propagated");
    (void)kube_put(st, "challenge", 0,
                   OWNED("", "web-1-1-2", "web-1-1", "acme.cert-manager.io", "Order",
                         "spec: {dnsName: www.a.org}, status: {state: pending, presented: false,"
                         " reason: AccessDenied}"),
                   now);
    expect(st, cert, "the one that failed, not the one that waits", LEVEL_CRITICAL,
           "certificate-never-issued",
           "not issued for 2h; challenge: www.a.org cannot be presented for 1d: AccessDenied");
    (void)kube_put(st, "certificate", 0, CERT("", GOOD "conditions: [" IS_READY "]"), now);
    expect(st, cert, "issued", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* A failed attempt that a later one has made up for is the past. */
static void what_is_past(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle request = kube_put(
        st, "certificaterequest", 0,
        REQUEST("07:00:00", COND("Ready", "False", "Failed", "x", "2026-02-13T08:00:00"), ""), now);
    struct handle order =
        kube_put(st, "order", 0,
                 OWNED("", "o", "web-5", "cert-manager.io", "CertificateRequest",
                       "status: {state: errored, failureTime: '2026-02-13T08:00:00Z'}"),
                 now);
    (void)state;
    expect(st, request, "failed", LEVEL_WARNING, "certificaterequest-failed", "failed 1h ago: x");
    expect(st, order, "failed", LEVEL_WARNING, "order-failed", "errored 1h ago");
    (void)kube_put(st, "certificate", 0, CERT("", GOOD "conditions: [" IS_READY "]"), now);
    expect(st, request, "to be revision 5 of a certificate of revision 4", LEVEL_WARNING,
           "certificaterequest-failed", "failed 1h ago: x");
    (void)kube_put(st, "certificate", 0,
                   CERT("", "notBefore: '2026-02-13T08:30:00Z', notAfter: '2026-05-13T08:30:00Z',"
                            " revision: 5, conditions: [" IS_READY "]"),
                   now);
    expect(st, request, "overtaken", LEVEL_OFF, NULL, NULL);
    expect(st, order, "overtaken", LEVEL_OFF, NULL, NULL);
    store_free(st);
}

static void issuers_and_secrets(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW);
    struct handle cert = kube_put(st, "certificate", 0, CERT(BORN_AT("08:30:00"), ""), now), issuer;
    (void)state;
    kube_synced(st, "clusterissuer", now);
    expect(st, cert, "no such issuer", LEVEL_WARNING, "certificate-unseen",
           "no status for 30m; clusterissuer le does not exist");
    issuer =
        kube_put(st, "clusterissuer", 0,
                 "{metadata: {name: le}, spec: {acme: {server: 'https://acme.example'}},"
                 " status: {conditions: [" COND("Ready", "False", "ErrRegisterACMEAccount",
                                                "account deactivated", "2026-02-13T08:00:00") "]}}",
                 now);
    expect(st, issuer, "down, and needed", LEVEL_CRITICAL, "issuer-not-ready",
           "1 certificate cannot be renewed: ErrRegisterACMEAccount for 1h: account deactivated");
    expect(st, cert, "its issuer is down", LEVEL_WARNING, "certificate-unseen",
           "no status for 30m; le: 1 certificate cannot be renewed: ErrRegisterACMEAccount for 1h:"
           " account deactivated");
    (void)kube_put(st, "certificate", 0, CERT("", GOOD "conditions: [" IS_READY "]"), now);
    kube_synced(st, "secret", now);
    expect(st, cert, "its Secret was deleted", LEVEL_WARNING, "certificate-secret-missing",
           "there is no Secret web");
    (void)kube_put(st, "secret", 0, "{metadata: {namespace: shop, name: web}}", now);
    expect(st, cert, "and is back", LEVEL_OK, NULL, NULL);
    store_free(st);
}

/* What is left shrinks: filters on it turn by themselves. */
static void what_is_left(void **state)
{
    struct store *st = kube_store();
    int64_t now = kube_time(NOW), until = TIME_FOREVER;
    struct handle cert =
        kube_put(st, "certificate", 0, CERT("", GOOD "conditions: [" IS_READY "]"), now);
    struct strbuf cell = STRBUF_INIT(100);
    struct err err;
    size_t where, left = (size_t)kind_column(store_kind(st, cert.kind), SPAN("left"));
    (void)state;
    struct filter *f = filter_compile(store_kind(st, cert.kind), SPAN("left<14d"), &where, &err);
    assert_non_null(f);
    assert_false(filter_match(f, st, cert, now, &until));
    assert_true(until > now && until <= kube_time("2026-03-30T09:00:00.001Z"));
    until = TIME_FOREVER;
    assert_true(filter_match(f, st, cert, kube_time("2026-03-30T09:00:00.001Z"), &until));
    struct value v = store_cell(st, cert, left, now);
    value_format(&v, &cell);
    assert_string_equal(strbuf_cstr(&cell), "59d");
    const int64_t end = now + v.num;

    const struct {
        int64_t ms;
        const char *shown;
    } after[] = {
        {0, "0s"}, {999, "0s"}, {1000, "-1s"}, {90 * 60000, "-1h"}, {INT64_C(74) * 3600000, "-3d"}};

    for (size_t i = 0; i < BN_COUNT(after); i++) { /* that it is past shows, and for how long */
        struct value before = v;
        v = store_cell(st, cert, left, end + after[i].ms);
        assert_int_equal(v.num, -after[i].ms);
        assert_true(value_compare(&v, &before) < 0);
        strbuf_truncate(&cell, 0);
        value_format(&v, &cell);
        assert_string_equal(strbuf_cstr(&cell), after[i].shown);
        until = TIME_FOREVER;
        assert_true(filter_match(f, st, cert, end + after[i].ms, &until));
        assert_true(until == TIME_FOREVER); /* it stays so */
    }
    filter_free(f);
    strbuf_clear(&cell);
    store_free(st);
}

static void every_rule_was_seen(void **state)
{
    (void)state;
    check_every_rule("kube_certs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates),   cmocka_unit_test(test_steps),
        cmocka_unit_test(what_is_in_the_way),  cmocka_unit_test(what_is_past),
        cmocka_unit_test(issuers_and_secrets), cmocka_unit_test(what_is_left),
        cmocka_unit_test(every_rule_was_seen),
    };
    return cmocka_run_group_tests_name("kube certs", tests, NULL, NULL);
}
