/* What is wrong with a workspace. */
#include <config.h>

#include "backends/terraform/terraform.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#define HOUR_MS    ((int64_t)60 * 60 * 1000)
#define WAITS_MS   (24 * HOUR_MS) /* for a person, with nobody behind */
#define GOES_ON_MS HOUR_MS

enum {
    RULE_MISSING,
    RULE_HALF,
    RULE_ERRORED,
    RULE_WAITS,
    RULE_LOCK_STALE,
    RULE_DRIFT,
    RULE_ASSESSMENT,
    RULE_CHECKS,
    RULE_GOES_ON,
    RULE_LOCKED
};

const struct rule tf_workspace_rules[TF_WORKSPACE_RULES] = {
    [RULE_MISSING] = {"tf-workspace-missing",
                      "The configuration names it, and the organisation does not show it: there is "
                      "none, or the token may not see it: unknown."},
    [RULE_HALF] = {"tf-apply-errored",
                   "The current run failed while it was applied: what was changed before that is "
                   "changed: warning.",
                   .since = TF_CHANGED},
    [RULE_ERRORED] = {"tf-run-errored", "The current run failed before it was applied: warning.",
                      .since = TF_CHANGED},
    [RULE_WAITS] = {"tf-run-waits",
                    "The current run waits for a person: notice; with other runs behind it, or for "
                    "a day: warning.",
                    .since = TF_CHANGED},
    [RULE_LOCK_STALE] = {"tf-lock-stale",
                         "A run that is over still has it locked, so nothing else can run: "
                         "warning."},
    [RULE_DRIFT] = {"tf-drift",
                    "The last health assessment found resources that are not as the code says: "
                    "warning."},
    [RULE_ASSESSMENT] = {"tf-assessment-failed",
                         "The last health assessment itself failed, so drift is not known: "
                         "warning."},
    [RULE_CHECKS] = {"tf-check-failed",
                     "Checks of the configuration failed in the last health assessment: warning."},
    [RULE_GOES_ON] = {"tf-run-going",
                      "A run goes on, or waits for its turn: progress; for an hour: notice.",
                      .since = TF_CHANGED},
    [RULE_LOCKED] = {"tf-locked", "A person or a team has it locked: notice."},
};

/* ---- Judging. */

static bool is(const struct store *st, struct handle row, size_t column, const char *text)
{
    return span_is(store_text(st, row, column), text);
}

static struct verdict judge_wait(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t since = store_num(st, row, TF_CHANGED, TIME_NONE);
    bool blocks = store_num(st, row, TF_PENDING_RUNS, 0) > 0;
    if (blocks || (since != TIME_NONE && now_ms - since >= WAITS_MS))
        return verdict_at(LEVEL_WARNING, RULE_WAITS);
    return verdict_until(LEVEL_NOTICE, RULE_WAITS,
                         since == TIME_NONE ? TIME_FOREVER : since + WAITS_MS);
}

static struct verdict judge_health(const struct store *st, struct handle row)
{
    if (store_num(st, row, TF_DRIFTED, 0) > 0)
        return verdict_at(LEVEL_WARNING, RULE_DRIFT);
    if (store_num(st, row, TF_ASSESSMENT_FAILED, 0))
        return verdict_at(LEVEL_WARNING, RULE_ASSESSMENT);
    if (store_num(st, row, TF_CHECKS_FAILED, 0) > 0)
        return verdict_at(LEVEL_WARNING, RULE_CHECKS);
    return verdict_ok();
}

/* A run on its way; else who has locked it. */
static struct verdict judge_rest(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t since = store_num(st, row, TF_CHANGED, TIME_NONE);
    if (is(st, row, TF_PHASE, "going") || is(st, row, TF_PHASE, "pending")) {
        if (since != TIME_NONE && now_ms - since >= GOES_ON_MS)
            return verdict_at(LEVEL_NOTICE, RULE_GOES_ON);
        return verdict_until(LEVEL_PROGRESS, RULE_GOES_ON,
                             since == TIME_NONE ? TIME_FOREVER : since + GOES_ON_MS);
    }
    if (store_text(st, row, TF_LOCK).len && !is(st, row, TF_PHASE, "waiting"))
        return verdict_at(LEVEL_NOTICE, RULE_LOCKED);
    return verdict_ok();
}

struct verdict tf_workspace_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct verdict wait = verdict_ok(), health = judge_health(st, row);
    if (store_num(st, row, TF_MISSING, 0))
        return verdict_at(LEVEL_UNKNOWN, RULE_MISSING);
    if (is(st, row, TF_PHASE, "errored"))
        return verdict_at(LEVEL_WARNING, store_num(st, row, TF_HALF, 0) ? RULE_HALF : RULE_ERRORED);
    if (is(st, row, TF_PHASE, "waiting"))
        wait = judge_wait(st, row, now_ms);
    if (wait.level == LEVEL_WARNING)
        return wait;
    if (store_num(st, row, TF_LOCK_STALE, 0))
        return verdict_at(LEVEL_WARNING, RULE_LOCK_STALE);
    if (health.level == LEVEL_WARNING)
        return health;
    return wait.level == LEVEL_OK ? judge_rest(st, row, now_ms) : wait;
}

/* ---- Saying. */

/* " for 3h" */
static void add_since(const struct store *st, struct handle row, size_t column, const char *before,
                      const char *after, int64_t now_ms, struct strbuf *out)
{
    int64_t since = store_num(st, row, column, TIME_NONE);
    char age[TIMETEXT_MAX];
    if (since == TIME_NONE)
        return;
    duration_format(now_ms - since, age);
    strbuf_addf(out, "%s%s%s", before, age, after);
}

/* ": \"Bump the node pool\" by maria" */
static void add_what(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span message = store_text(st, row, TF_MESSAGE), by = store_text(st, row, TF_BY);
    strbuf_addf(out, ": %.*s", SPAN_ARG(store_text(st, row, TF_RUN)));
    if (message.len)
        strbuf_addf(out, " \"%.*s\"", SPAN_ARG(message));
    if (by.len)
        strbuf_addf(out, " by %.*s", SPAN_ARG(by));
}

static void says_run(const struct store *st, struct handle row, uint16_t rule, int64_t now_ms,
                     struct strbuf *out)
{
    long long behind = (long long)store_num(st, row, TF_PENDING_RUNS, 0);
    struct span status = store_text(st, row, TF_STATUS);
    strbuf_addf(out, "run %.*s", SPAN_ARG(status));
    if (rule == RULE_HALF)
        strbuf_adds(out, " while it was applied, what it had changed stays changed");
    else if (rule == RULE_ERRORED)
        strbuf_adds(out, " before anything was applied");
    if (rule == RULE_WAITS) {
        add_since(st, row, TF_CHANGED, " for ", "", now_ms, out);
        strbuf_addf(out, ", waits %.*s", SPAN_ARG(store_text(st, row, TF_WANTS)));
        if (behind)
            strbuf_addf(out, ", %lld run%s behind it", behind, behind == 1 ? "" : "s");
    } else {
        add_since(st, row, TF_CHANGED, rule == RULE_GOES_ON ? " for " : ", ",
                  rule == RULE_GOES_ON ? "" : " ago", now_ms, out);
    }
    add_what(st, row, out);
}

static void says_lock(const struct store *st, struct handle row, uint16_t rule, struct strbuf *out)
{
    struct span by = store_text(st, row, TF_LOCK), reason = store_text(st, row, TF_LOCK_REASON);
    strbuf_addf(out, "locked by %.*s", SPAN_ARG(by));
    if (rule == RULE_LOCK_STALE)
        strbuf_adds(out, ", a run that is over: nothing else can run until it is unlocked");
    if (reason.len)
        strbuf_addf(out, ": %.*s", SPAN_ARG(reason));
}

static void says_health(const struct store *st, struct handle row, uint16_t rule, int64_t now_ms,
                        struct strbuf *out)
{
    struct span why = store_text(st, row, TF_ASSESSMENT_ERROR);
    if (rule == RULE_DRIFT)
        strbuf_addf(out, "drift: %.*s resources not as the code says",
                    SPAN_ARG(store_text(st, row, TF_DRIFT)));
    else if (rule == RULE_ASSESSMENT)
        strbuf_addf(out, "the health assessment failed, drift is not known: %.*s",
                    SPAN_ARG(why.len ? why : SPAN("it does not say why")));
    else
        strbuf_addf(out, "%lld checks failed", (long long)store_num(st, row, TF_CHECKS_FAILED, 0));
    add_since(st, row, TF_ASSESSED, " (assessed ", " ago)", now_ms, out);
}

void tf_workspace_says(const struct store *st, struct handle row, const struct verdict *v,
                       int64_t now_ms, struct strbuf *out)
{
    if (v->rule == RULE_MISSING)
        strbuf_addf(out,
                    "not shown by organisation %.*s: there is no such workspace, or the token "
                    "may not see it",
                    SPAN_ARG(store_text(st, row, TF_ORGANISATION)));
    else if (v->rule == RULE_LOCKED || v->rule == RULE_LOCK_STALE)
        says_lock(st, row, v->rule, out);
    else if (v->rule == RULE_DRIFT || v->rule == RULE_ASSESSMENT || v->rule == RULE_CHECKS)
        says_health(st, row, v->rule, now_ms, out);
    else
        says_run(st, row, v->rule, now_ms, out);
}
