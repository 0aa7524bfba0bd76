/* An oauth2-proxy as it was found. */
#include <config.h>

#include "backends/auth/auth.h"
#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"
#include "net/metrics.h"

enum { NAME, READY, PING, PROVIDER, RATE, FAIL_RATE, IN_FLIGHT, ERROR };

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
};

/* ---- Rows. */

/* "oauth2_proxy_requests_total{code=\"202\"} 12" [oauth2-proxy pkg/middleware/metrics.go]. */
void oauth2_read_metrics(struct span body, struct oauth2_answer *a)
{
    struct metric m;
    double all = 0, fails = 0;
    while (metric_next(&body, &m)) {
        bool sane = m.value >= 0 && m.value < 9e15;
        if (span_is(m.name, "oauth2_proxy_requests_in_flight") && sane) {
            a->in_flight = (int64_t)m.value;
            a->metrics = true;
        } else if (span_is(m.name, "oauth2_proxy_requests_total") && sane) {
            struct span code = metric_label(&m, "code");
            all += m.value;
            fails += code.len == 3 && code.data[0] == '5' ? m.value : 0;
            a->metrics = true;
        }
    }
    a->all = all < 9e15 ? (int64_t)all : 0;
    a->fails = fails < 9e15 ? (int64_t)fails : 0;
}

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
    row_link(w, LINK_SERVICE, LINK_AFFECTS, "service", key);
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_PING, RULE_HUNG, RULE_STORE, RULE_FAILS, RULE_UNSEEN };

static const struct rule rules[] = {
    [RULE_PING] = {"oauth2-proxy-ping", "/ping does not answer 200: critical."},
    [RULE_HUNG] = {"oauth2-proxy-hung",
                   "/ready has not answered in time, as when its session store hangs: critical."},
    [RULE_STORE] = {"oauth2-proxy-not-ready",
                    "/ready does not answer 200: its session store fails: critical."},
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
