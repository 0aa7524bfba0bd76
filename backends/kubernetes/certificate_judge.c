/* When a certificate is bad, and why. Its condition Ready stays True while renewals
 * fail, until it expires: time and attempts say more. */
#include <config.h>

#include "backends/kubernetes/certificate.h"
#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/sentence.h"
#include "base/timetext.h"

#define DAY_MS  ((int64_t)24 * 60 * 60 * 1000)
#define HOUR_MS ((int64_t)60 * 60 * 1000)

#define LAST_DAYS_MS (7 * DAY_MS) /* of 90: who has not renewed it by now will not */
#define OVERDUE_MS   HOUR_MS      /* after its time, that is tried again within an hour */

enum {
    RULE_EXPIRED,
    RULE_EXPIRING,
    RULE_NEVER,
    RULE_FAILING,
    RULE_STUCK,
    RULE_OVERDUE,
    RULE_NO_SECRET,
    RULE_NOT_READY,
    RULE_UNSEEN,
    RULE_ISSUING,
    RULE_UNKEPT
};

const struct rule certificate_rules[CERTIFICATE_RULES] = {
    [RULE_EXPIRED] = {"certificate-expired", "It has expired: critical.", .since = CERT_NOT_AFTER},
    [RULE_EXPIRING] = {"certificate-expiring",
                       "Its renewal is due, and less than 7 days or a sixth of its life are left,"
                       " whichever is less: critical."},
    [RULE_NEVER] = {"certificate-never-issued",
                    "It has not been issued within an hour, or not at all after a failure:"
                    " critical.",
                    .since = CERT_SINCE},
    [RULE_FAILING] = {"certificate-renewal-failing", "Attempts to renew it fail: warning.",
                      .since = CERT_LAST_FAILURE},
    [RULE_STUCK] = {"certificate-stuck", "It has been under way for 10 minutes: warning.",
                    .since = CERT_ISSUING_SINCE},
    [RULE_OVERDUE] = {"certificate-renewal-overdue",
                      "Its renewal was due an hour ago, and nothing happens: warning.",
                      .since = CERT_RENEWAL},
    [RULE_NO_SECRET] = {"certificate-secret-missing",
                        "It is ready, and its Secret does not exist: warning."},
    [RULE_NOT_READY] = {"certificate-not-ready", "It is not ready and not being issued: warning.",
                        .since = CERT_SINCE},
    [RULE_UNSEEN] = {"certificate-unseen",
                     "It has no status yet: progress; for more than 10 minutes: warning."},
    [RULE_ISSUING] = {"certificate-issuing", "It is being issued or renewed: progress.",
                      .since = CERT_ISSUING_SINCE},
    [RULE_UNKEPT] = KEEPER_RULE("certificate-unkept"),
};

static bool is_issuing(const struct store *st, struct handle row)
{
    return span_is(store_text(st, row, CERT_ISSUING), "True");
}

static bool fails(const struct store *st, struct handle row)
{
    return store_num(st, row, CERT_FAILURES, 0) > 0 ||
           span_is(store_text(st, row, CERT_ISSUING), "False");
}

static int64_t began_ms(const struct store *st, struct handle row)
{
    return store_num(st, row, is_issuing(st, row) ? CERT_ISSUING_SINCE : CERT_CREATED, TIME_NONE);
}

/* That is not there yet, and never was. */
static struct verdict judge_first(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t began = began_ms(st, row), lasted = now_ms - (began == TIME_NONE ? now_ms : began);
    if (fails(st, row) && !is_issuing(st, row))
        return verdict_at(LEVEL_CRITICAL, RULE_NEVER);
    if (!store_text(st, row, CERT_READY).len && !is_issuing(st, row))
        return lasted > ISSUANCE_STUCK_MS ? verdict_at(LEVEL_WARNING, RULE_UNSEEN)
                                          : verdict_until(LEVEL_PROGRESS, RULE_UNSEEN,
                                                          now_ms - lasted + ISSUANCE_STUCK_MS + 1);
    if (lasted > HOUR_MS)
        return verdict_at(LEVEL_CRITICAL, RULE_NEVER);
    if (lasted > ISSUANCE_STUCK_MS)
        return verdict_until(LEVEL_WARNING, RULE_STUCK, now_ms - lasted + HOUR_MS + 1);
    return verdict_until(LEVEL_PROGRESS, RULE_ISSUING, now_ms - lasted + ISSUANCE_STUCK_MS + 1);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The hour from which it is urgent; before that a renewal may still come. */
static int64_t last_days_ms(const struct store *st, struct handle row, int64_t end_ms)
{
    int64_t begin = store_num(st, row, CERT_NOT_BEFORE, TIME_NONE);
    int64_t life = begin == TIME_NONE ? 90 * DAY_MS : end_ms - begin;
    return end_ms - sooner(LAST_DAYS_MS, life / 6);
}

/* end: when there is a certificate and a time that turns this sooner. */
static struct verdict judge_renewal(const struct store *st, struct handle row, int64_t now_ms,
                                    int64_t turns_ms)
{
    int64_t due = store_num(st, row, CERT_RENEWAL, TIME_FOREVER), began = began_ms(st, row);
    int64_t stuck = began == TIME_NONE ? now_ms : began + ISSUANCE_STUCK_MS + 1;
    struct link missing;
    if (is_issuing(st, row) && now_ms < stuck)
        return verdict_until(LEVEL_PROGRESS, RULE_ISSUING, sooner(stuck, turns_ms));
    if (fails(st, row))
        return verdict_until(LEVEL_WARNING, RULE_FAILING, turns_ms);
    if (is_issuing(st, row))
        return verdict_until(LEVEL_WARNING, RULE_STUCK, turns_ms);
    if (due != TIME_FOREVER && now_ms > due + OVERDUE_MS)
        return verdict_until(LEVEL_WARNING, RULE_OVERDUE, turns_ms);
    if (missing_secret(st, row, &missing))
        return verdict_until(LEVEL_WARNING, RULE_NO_SECRET, turns_ms);
    if (!span_is(store_text(st, row, CERT_READY), "True"))
        return verdict_until(LEVEL_WARNING, RULE_NOT_READY, turns_ms);
    return verdict_until(LEVEL_OK, 0,
                         due == TIME_FOREVER ? turns_ms : sooner(due + OVERDUE_MS + 1, turns_ms));
}

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t end = store_num(st, row, CERT_NOT_AFTER, TIME_NONE), urgent, due;
    if (end == TIME_NONE)
        return judge_first(st, row, now_ms);
    if (now_ms >= end)
        return verdict_at(LEVEL_CRITICAL, RULE_EXPIRED);
    urgent = last_days_ms(st, row, end);
    due = store_num(st, row, CERT_RENEWAL, urgent);
    urgent = urgent > due ? urgent : due;
    if (now_ms >= urgent)
        return verdict_until(LEVEL_CRITICAL, RULE_EXPIRING, end);
    return judge_renewal(st, row, now_ms, urgent);
}

struct verdict certificate_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void say_left(int64_t end_ms, int64_t now_ms, const char *before, struct strbuf *out)
{
    char left[TIMETEXT_MAX];
    if (end_ms == TIME_NONE)
        return;
    duration_format_short(end_ms - now_ms, left);
    strbuf_addf(out, "%sexpires in %s", before, left);
}

static void say_attempts(const struct store *st, struct handle row, int64_t now_ms,
                         struct strbuf *out)
{
    long long failures = (long long)store_num(st, row, CERT_FAILURES, 0);
    if (failures) {
        strbuf_addf(out, "%s%lld attempt%s failed, the last", out->len ? ", " : "", failures,
                    failures == 1 ? "" : "s");
        sentence_ago(out, store_num(st, row, CERT_LAST_FAILURE, TIME_NONE), now_ms);
    }
}

/* In the words of whoever knows: a step on the way, the issuer, the condition. */
static void say_cause(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    size_t before = out->len;
    if (issuance_says_cause(st, row, now_ms, out))
        return;
    issuance_says_issuer(st, row, now_ms, out);
    if (out->len == before)
        sentence_cause(out, store_text(st, row, CERT_ISSUING_SAYS));
}

static void say_renewal(const struct store *st, struct handle row, uint16_t rule, int64_t now_ms,
                        struct strbuf *out)
{
    int64_t end = store_num(st, row, CERT_NOT_AFTER, TIME_NONE);
    switch (rule) {
    case RULE_EXPIRED:
        strbuf_adds(out, "expired");
        sentence_ago(out, end, now_ms);
        say_attempts(st, row, now_ms, out);
        break;
    case RULE_EXPIRING:
    case RULE_FAILING:
        say_left(end, now_ms, "", out);
        say_attempts(st, row, now_ms, out);
        break;
    case RULE_OVERDUE:
        say_left(end, now_ms, "", out);
        strbuf_adds(out, ", and its renewal was due");
        sentence_ago(out, store_num(st, row, CERT_RENEWAL, TIME_NONE), now_ms);
        break;
    default:
        strbuf_adds(out, end == TIME_NONE ? "not issued" : "being renewed");
        sentence_for(out, began_ms(st, row), now_ms);
        say_left(end, now_ms, ", ", out);
        say_attempts(st, row, now_ms, out);
        break;
    }
    say_cause(st, row, now_ms, out);
}

void certificate_says(const struct store *st, struct handle row, const struct verdict *v,
                      int64_t now_ms, struct strbuf *out)
{
    switch (v->rule) {
    case RULE_UNKEPT:
        keeper_says(st, row, "may be old", now_ms, out);
        break;
    case RULE_NO_SECRET:
        strbuf_addf(out, "there is no Secret %.*s", SPAN_ARG(store_text(st, row, CERT_SECRET)));
        break;
    case RULE_NOT_READY:
        condition_says(st, row, &certificate_ready, now_ms, out);
        break;
    case RULE_UNSEEN:
        strbuf_adds(out, "no status");
        sentence_for(out, store_num(st, row, CERT_CREATED, TIME_NONE), now_ms);
        issuance_says_issuer(st, row, now_ms, out);
        break;
    default:
        say_renewal(st, row, v->rule, now_ms, out);
        break;
    }
}
