/* An oauth2-proxy as it was found. */
#include <config.h>

#include "backends/auth/auth.h"
#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"
#include "net/metrics.h"

enum {
    NAME,
    READY,
    PING,
    PROVIDER,
    RATE,
    FAIL_RATE,
    IN_FLIGHT,
    ERROR,
    SIGNING,
    LET_IN,
    REFUSED,
    FAILING
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "Namespace and service.", VALUE_TEXT, 26, 0, COLUMN_IDENT, NULL,
              NULL},
    [READY] = {"ready", "READY",
               "HTTP status of /ready, which asks its session store; empty: no answer.",
               VALUE_COUNT, 5, 0, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [PING] = {"ping", "PING", "HTTP status of /ping.", VALUE_COUNT, 4, 5,
              COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [PROVIDER] = {"provider", "PROVIDER",
                  "Whether one can sign in at its provider: nothing that may be asked tells.",
                  VALUE_TEXT, 8, 15, 0, NULL, NULL},
    [RATE] = {"requests", "REQ/S", "Requests a second, where its metrics are on.", VALUE_RATE, 7,
              20, COLUMN_RIGHT, NULL, NULL},
    [FAIL_RATE] = {"failures", "5XX/S", "Of these, those that end in 500 and more.", VALUE_RATE, 7,
                   25, COLUMN_RIGHT, NULL, NULL},
    [IN_FLIGHT] = {"in-flight", "NOW", "Requests that it is at.", VALUE_COUNT, 4, 40, COLUMN_RIGHT,
                   NULL, NULL},
    [ERROR] = {"error", "ERROR", "What it says of not being ready.", VALUE_TEXT, 40, 30, 0, NULL,
               NULL},
    [SIGNING] =
        {"redirects", "302/S",
         "302s a second, over some minutes: each sign-in has two, to the provider and back from "
         "there.",
         VALUE_RATE, 7, 45, COLUMN_RIGHT, NULL, NULL},
    [LET_IN] = {"let-in", "202/S", "Requests a second, over some minutes, whose session it knows.",
                VALUE_RATE, 7, 50, COLUMN_RIGHT, NULL, NULL},
    [REFUSED] = {"refused", "401/S", "Requests a second, over some minutes, that have no session.",
                 VALUE_RATE, 7, 50, COLUMN_RIGHT, NULL, NULL},
    [FAILING] = {"failing", "FAILING/S",
                 "Requests a second, over some minutes, that end in 500 and more.", VALUE_RATE, 9,
                 80, COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Rows. */

static enum oauth2_count count_of(struct span code)
{
    return code.len == 3 && code.data[0] == '5' ? OAUTH2_FAILS
           : span_is(code, "302")               ? OAUTH2_SIGNING
           : span_is(code, "202")               ? OAUTH2_LET_IN
           : span_is(code, "401")               ? OAUTH2_REFUSED
                                                : OAUTH2_ALL;
}

/* "oauth2_proxy_requests_total{code=\"202\"} 12" [oauth2-proxy pkg/middleware/metrics.go]. */
void oauth2_read_metrics(struct span body, struct oauth2_answer *a)
{
    struct metric m;
    double sums[OAUTH2_COUNTS] = {0};
    while (metric_next(&body, &m)) {
        bool sane = m.value >= 0 && m.value < 9e15;
        if (span_is(m.name, "oauth2_proxy_requests_in_flight") && sane) {
            a->in_flight = (int64_t)m.value;
            a->metrics = true;
        } else if (span_is(m.name, "oauth2_proxy_requests_total") && sane) {
            enum oauth2_count which = count_of(metric_label(&m, "code"));
            sums[OAUTH2_ALL] += m.value;
            if (which != OAUTH2_ALL)
                sums[which] += m.value;
            a->metrics = true;
        }
    }
    for (size_t i = 0; i < OAUTH2_COUNTS; i++)
        a->count[i] = sums[i] < 9e15 ? (int64_t)sums[i] : 0;
}

static const struct {
    enum oauth2_count count;
    size_t column;
} recent[] = {{OAUTH2_SIGNING, SIGNING},
              {OAUTH2_LET_IN, LET_IN},
              {OAUTH2_REFUSED, REFUSED},
              {OAUTH2_FAILS, FAILING}};

bool oauth2_put(const struct oauth2_answer *a, struct span key, struct row_writer *w)
{
    row_begin(w, key);
    row_text(w, NAME, key);
    if (a->ready)
        row_num(w, READY, a->ready);
    row_num(w, PING, a->ping);
    row_text(w, PROVIDER, SPAN("unknown"));
    if (a->rate >= 0)
        row_real(w, RATE, a->rate);
    if (a->fail_rate >= 0)
        row_real(w, FAIL_RATE, a->fail_rate);
    if (a->in_flight >= 0)
        row_num(w, IN_FLIGHT, a->in_flight);
    put_text(w, ERROR, span_from(a->error));
    for (size_t i = 0; i < BN_COUNT(recent); i++)
        if (a->recent[recent[i].count] >= 0)
            row_real(w, recent[i].column, a->recent[recent[i].count]);
    row_link(w, LINK_SERVICE, LINK_AFFECTS, "service", key);
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_PING, RULE_HUNG, RULE_STORE, RULE_CALLBACK, RULE_LOOP, RULE_FAILS, RULE_UNSEEN };

static const struct rule rules[] = {
    [RULE_PING] = {"oauth2-proxy-ping", "/ping does not answer 200: critical."},
    [RULE_HUNG] = {"oauth2-proxy-hung",
                   "/ready has not answered in time, as when its session store hangs: critical."},
    [RULE_STORE] = {"oauth2-proxy-not-ready",
                    "/ready does not answer 200: its session store fails: critical."},
    [RULE_CALLBACK] =
        {"oauth2-proxy-callbacks",
         "It is ready, and a tenth as many requests end in 500 or more as redirect: "
         "who comes back from the provider fails, as when the client's secret is wrong "
         "or has ended there: warning."},
    [RULE_LOOP] =
        {"oauth2-proxy-login-loop",
         "People sign in, and fewer than one request is let in for each: sessions are lost "
         "as soon as they are made: warning."},
    [RULE_FAILS] = {"oauth2-proxy-failures",
                    "More than one of a hundred requests ends in 500 or more: warning."},
    [RULE_UNSEEN] = {"oauth2-proxy-provider",
                     "It is ready; whether its provider lets people sign in is not seen: notice."},
};

static double real_of(const struct store *st, struct handle row, size_t column)
{
    struct value v = store_cell(st, row, column, 0);
    return v.type == VALUE_RATE ? v.real : -1;
}

#define LOOP_LEAST 0.05 /* redirects a second: one or two people who sign in do not make a loop */

/* Probes follow redirects there too, each host once in five minutes, at most twice within such a time
 * (probe.c): that is nobody who signs in. */
static double probed(const struct store *st)
{
    int kind = store_kind_find(st, SPAN("http-probe"));
    return kind < 0 ? 0 : (double)store_count(st, (uint16_t)kind) * 2 / (5 * 60);
}

/* A session that is kept lets in many requests; one that is lost ends in 401 and at the provider's again.
 * [oauth2-proxy#1784, #2503] */
static bool is_loop(const struct store *st, struct handle row)
{
    double signing = real_of(st, row, SIGNING), refused = real_of(st, row, REFUSED);
    return signing >= LOOP_LEAST + probed(st) && real_of(st, row, LET_IN) < signing / 2 &&
           refused >= signing / 2;
}

/* /oauth2/callback is what ends in 500 where the session store is well: the provider does not give a token
 * for the code that it gave. */
static bool is_callback(const struct store *st, struct handle row)
{
    double fails = real_of(st, row, FAILING), signing = real_of(st, row, SIGNING);
    return fails > 0 && signing > 0 && fails * 10 >= signing && fails <= signing * 2;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t ready = store_num(st, row, READY, 0);
    double fails = real_of(st, row, FAIL_RATE);
    (void)now_ms;
    if (store_num(st, row, PING, 0) != 200)
        return verdict_at(LEVEL_CRITICAL, RULE_PING);
    if (!ready)
        return verdict_at(LEVEL_CRITICAL, RULE_HUNG);
    if (ready != 200)
        return verdict_at(LEVEL_CRITICAL, RULE_STORE);
    if (is_callback(st, row))
        return verdict_at(LEVEL_WARNING, RULE_CALLBACK);
    if (is_loop(st, row))
        return verdict_at(LEVEL_WARNING, RULE_LOOP);
    if (fails > 0 && fails * 100 > real_of(st, row, RATE))
        return verdict_at(LEVEL_WARNING, RULE_FAILS);
    return verdict_at(LEVEL_NOTICE, RULE_UNSEEN);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span error = store_text(st, row, ERROR);
    (void)now_ms;
    switch (v->rule) {
    case RULE_PING:
        strbuf_addf(out, "/ping answers %lld", (long long)store_num(st, row, PING, 0));
        break;
    case RULE_HUNG:
        strbuf_adds(out, "alive, and /ready does not answer: its session store hangs");
        sentence_cause(out, error);
        break;
    case RULE_STORE:
        strbuf_addf(out, "not ready (%lld)", (long long)store_num(st, row, READY, 0));
        sentence_cause(out, error);
        break;
    case RULE_CALLBACK:
        strbuf_addf(
            out,
            "%.2f requests a second end in 500 or more, and %.2f redirect: who comes back from "
            "the provider fails, is the client's secret still good there?",
            real_of(st, row, FAILING), real_of(st, row, SIGNING));
        break;
    case RULE_LOOP:
        strbuf_addf(
            out,
            "%.2f sign-ins a second, and %.2f requests are let in: sessions are lost as soon "
            "as they are made, people go in a circle",
            real_of(st, row, SIGNING) / 2, real_of(st, row, LET_IN));
        break;
    case RULE_FAILS:
        strbuf_addf(out, "%.2f of %.2f requests a second end in 500 or more",
                    real_of(st, row, FAIL_RATE), real_of(st, row, RATE));
        break;
    default:
        strbuf_adds(out, "ready; whether its provider lets people sign in is not seen");
    }
}

const struct kind kind_oauth2_proxy = {
    .name = "oauth2-proxy",
    .plural = "oauth2-proxies",
    .aliases = "oauth2",
    .title = "oauth2-proxies",
    .help = "Each oauth2-proxy: whether it and its session store are ready, who signs in there.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
