/* When an Application is bad. Sync and health are two things: what is deployed may
 * be as written and not run, or run and not be as written. */
#include <config.h>

#include "backends/kubernetes/application.h"
#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/sentence.h"

#define MINUTE_MS ((int64_t)60 * 1000)

/* A Deployment has 10 minutes unless it says otherwise. */
#define PROGRESS_MS (15 * MINUTE_MS)
#define RUNNING_MS  (30 * MINUTE_MS)
/* All are compared again after 2 to 3 minutes unless argocd-cm says otherwise
 * [argo-cd cmd/argocd-application-controller/commands, --app-resync]. */
#define COMPARED_MS (15 * MINUTE_MS)
#define HEALS_MOST  5 /* in a row: somebody else writes too */
/* It waits 5 minutes at most before it heals again: what has held for longer is healed
 * [argo-cd cmd/argocd-application-controller/commands, --self-heal-backoff-cap-seconds]. */
#define HEALED_MS   (10 * MINUTE_MS)
#define DELETING_MS (15 * MINUTE_MS)

enum {
    RULE_MISSING,
    RULE_FAILED,
    RULE_ERROR,
    RULE_DEGRADED,
    RULE_HEALS,
    RULE_SYNC_STUCK,
    RULE_STUCK,
    RULE_STALE,
    RULE_OUT,
    RULE_UNKNOWN,
    RULE_UNDER_WAY,
    RULE_NOT_AUTOMATED,
    RULE_UNKEPT,
    RULE_DELETING,
    RULE_WINDOW,
    RULE_WARNED
};

const struct rule application_rules[APPLICATION_RULES] = {
    [RULE_MISSING] = {"application-missing", "What it should have deployed is not there: critical.",
                      .since = APP_HEALTH_SINCE},
    [RULE_FAILED] = {"application-sync-failed", "Its last sync failed: warning.",
                     .since = APP_FINISHED},
    [RULE_ERROR] = {"application-error",
                    "Argo CD cannot compare or deploy it: warning. Its health may be old.",
                    .since = APP_ERROR_SINCE},
    [RULE_DEGRADED] = {"application-degraded", "Its health is Degraded: warning.",
                       .since = APP_HEALTH_SINCE},
    [RULE_HEALS] =
        {"application-heal-loop",
         "It has been healed 5 times in a row, the last time within 10 minutes: somebody else"
         " writes the same: warning."},
    [RULE_SYNC_STUCK] = {"application-sync-stuck", "A sync has run for 30 minutes: warning.",
                         .since = APP_STARTED},
    [RULE_STUCK] = {"application-progressing-stuck",
                    "Its health has been Progressing for 15 minutes: warning.",
                    .since = APP_HEALTH_SINCE},
    [RULE_STALE] = {"application-stale",
                    "It was last compared more than 15 minutes ago: warning."
                    " The controller does not work.",
                    .since = APP_RECONCILED},
    [RULE_OUT] = {"application-out-of-sync",
                  "It is out of sync though Argo CD syncs it by itself: warning."},
    [RULE_UNKNOWN] = {"application-unknown", "Its sync or health is not known: unknown."},
    [RULE_UNDER_WAY] = {"application-progressing", "It is being deployed: progress.",
                        .since = APP_HEALTH_SINCE},
    [RULE_NOT_AUTOMATED] = {"application-to-be-synced",
                            "It is out of sync and waits for a person, or is suspended: notice."},
    [RULE_UNKEPT] = KEEPER_RULE("application-unkept"),
    [RULE_DELETING] = {"application-deleting",
                       "It is being deleted: progress; for more than 15 minutes: warning.",
                       .since = APP_DELETED},
    [RULE_WINDOW] = {"application-sync-window",
                     "Its sync waits for a sync window of its project: notice.",
                     .since = APP_STARTED},
    [RULE_WARNED] = {"application-warned",
                     "Argo CD warns of it: resources that two Applications have, that are there"
                     " twice, excluded or nobody's: notice."},
};

static bool is(const struct store *st, struct handle row, size_t column, const char *text)
{
    return span_is(store_text(st, row, column), text);
}

static int64_t at(const struct store *st, struct handle row, size_t column)
{
    return store_num(st, row, column, TIME_NONE);
}

static bool is_running(const struct store *st, struct handle row)
{
    return is(st, row, APP_OPERATION, "Running") || is(st, row, APP_OPERATION, "Terminating");
}

/* What is under way, until it has been so for too long. */
static struct verdict under_way(int64_t since_ms, int64_t limit_ms, uint16_t stuck, int64_t now_ms)
{
    if (since_ms == TIME_NONE)
        return verdict_at(LEVEL_PROGRESS, RULE_UNDER_WAY);
    if (now_ms - since_ms > limit_ms)
        return verdict_at(LEVEL_WARNING, stuck);
    return verdict_until(LEVEL_PROGRESS, RULE_UNDER_WAY, since_ms + limit_ms + 1);
}

/* [argo-cd controller/sync.go, SyncAppState] */
static bool is_held_by_window(const struct store *st, struct handle row)
{
    return is_running(st, row) &&
           span_starts(store_text(st, row, APP_MESSAGE), "Sync operation blocked by sync window");
}

/* Nobody has deployed it yet, and nobody but a person is to. */
static bool is_awaited(const struct store *st, struct handle row)
{
    return is(st, row, APP_HEALTH, "Missing") && !store_num(st, row, APP_AUTOMATED, 0) &&
           at(st, row, APP_DEPLOYED) == TIME_NONE;
}

static struct verdict judge_healed(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t last = at(st, row, APP_FINISHED);
    if (store_num(st, row, APP_HEALS, 0) < HEALS_MOST)
        return verdict_ok();
    if (!is(st, row, APP_SYNC, "Synced") || last == TIME_NONE)
        return verdict_at(LEVEL_WARNING, RULE_HEALS);
    return now_ms - last > HEALED_MS
               ? verdict_ok()
               : verdict_until(LEVEL_WARNING, RULE_HEALS, last + HEALED_MS + 1);
}

static struct verdict judge_bad(const struct store *st, struct handle row, int64_t now_ms)
{
    if (is(st, row, APP_HEALTH, "Missing") && !is_running(st, row) && !is_awaited(st, row))
        return verdict_at(LEVEL_CRITICAL, RULE_MISSING);
    if (is(st, row, APP_OPERATION, "Failed") || is(st, row, APP_OPERATION, "Error"))
        return verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (store_text(st, row, APP_ERROR).len)
        return verdict_at(LEVEL_WARNING, RULE_ERROR);
    if (is(st, row, APP_HEALTH, "Degraded"))
        return verdict_at(LEVEL_WARNING, RULE_DEGRADED);
    return judge_healed(st, row, now_ms);
}

static struct verdict judge_now(const struct store *st, struct handle row, int64_t now_ms)
{
    bool out = is(st, row, APP_SYNC, "OutOfSync");
    int64_t deleted = at(st, row, APP_DELETED), since = at(st, row, APP_HEALTH_SINCE);
    if (deleted != TIME_NONE)
        return verdict_within(deleted, DELETING_MS, RULE_DELETING,
                              verdict_at(LEVEL_WARNING, RULE_DELETING), now_ms);
    struct verdict v = judge_bad(st, row, now_ms);
    if (v.level > LEVEL_OK)
        return v;
    if (is_held_by_window(st, row))
        return verdict_at(LEVEL_NOTICE, RULE_WINDOW);
    if (is_running(st, row))
        return under_way(at(st, row, APP_STARTED), RUNNING_MS, RULE_SYNC_STUCK, now_ms);
    if (is(st, row, APP_HEALTH, "Progressing")) /* older ones do not say since when */
        return under_way(since == TIME_NONE ? at(st, row, APP_FINISHED) : since, PROGRESS_MS,
                         RULE_STUCK, now_ms);
    if (out && store_num(st, row, APP_AUTOMATED, 0))
        return verdict_at(LEVEL_WARNING, RULE_OUT);
    if (!is(st, row, APP_SYNC, "Synced") && !out)
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    if (is(st, row, APP_HEALTH, "Unknown") || !store_text(st, row, APP_HEALTH).len)
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    if (out || is(st, row, APP_HEALTH, "Suspended"))
        return verdict_at(LEVEL_NOTICE, RULE_NOT_AUTOMATED);
    return store_text(st, row, APP_CONDITIONS).len ? verdict_at(LEVEL_NOTICE, RULE_WARNED)
                                                   : verdict_ok();
}

/* That it is no longer compared matters as much as anything but what is bad by itself. */
static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct verdict v = judge_now(st, row, now_ms);
    int64_t compared = at(st, row, APP_RECONCILED);
    if (v.level >= LEVEL_WARNING || compared == TIME_NONE)
        return v;
    if (now_ms - compared > COMPARED_MS)
        return verdict_at(LEVEL_WARNING, RULE_STALE);
    if (compared + COMPARED_MS + 1 < v.until_ms)
        v.until_ms = compared + COMPARED_MS + 1;
    return v;
}

struct verdict application_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

/* The worst of what it has deployed says why. */
static void say_managed(const struct store *st, struct handle row, int64_t now_ms,
                        struct strbuf *out)
{
    struct handle one, worst = {0};
    struct link l;
    enum level level = LEVEL_NOTICE;
    size_t next = 0;
    while (store_link_next(st, row, &next, &l)) {
        if (l.type != LINK_MANAGES || store_follow(st, row, &l, &one) != LINK_FOUND ||
            store_verdict(st, one).level <= level)
            continue;
        level = store_verdict(st, one).level;
        worst = one;
    }
    if (level > LEVEL_NOTICE)
        sentence_row(out, st, worst, now_ms);
}

#define RESOURCES_NAMED 3

static void say_resources(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span rest = store_text(st, row, APP_OUT_LIST), one;
    long long n = (long long)store_num(st, row, APP_OUT, 0);
    if (n)
        strbuf_addf(out, ", %lld resource%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < RESOURCES_NAMED && rest.len; i++) {
        if (!span_split(&rest, LIST_SEPARATOR, &one))
            break;
        strbuf_adds(out, i ? ", " : ": ");
        strbuf_add(out, one);
    }
    if (rest.len)
        strbuf_adds(out, ", ...");
}

static bool lists(const struct store *st, struct handle row, size_t column, const char *item)
{
    return span_lists(store_text(st, row, column), LIST_SEPARATOR, span_from(item));
}

/* Resources that are to go stand with a minus in the list. */
static bool has_leftover(const struct store *st, struct handle row)
{
    struct span rest = store_text(st, row, APP_OUT_LIST), one;
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one))
        if (span_starts(one, "-"))
            return true;
    return false;
}

/* Why Argo CD leaves it so though it syncs: what it is not to do, and when. */
static void say_left(const struct store *st, struct handle row, struct strbuf *out)
{
    struct handle project;
    struct link l;
    size_t next = 0;
    if (has_leftover(st, row) && !lists(st, row, APP_AUTO, "prune"))
        strbuf_adds(out, "; prune is off: what is no longer wanted stays");
    if (!store_num(st, row, APP_SELF_HEAL, 0))
        strbuf_adds(out, "; selfHeal is off: what others change stays");
    while (store_link_next(st, row, &next, &l)) {
        if (l.type != LINK_PROJECT || store_follow(st, row, &l, &project) != LINK_FOUND)
            continue;
        int column = kind_column(store_kind(st, project.kind), SPAN("windows"));
        struct span windows = column < 0 ? SPAN("") : store_text(st, project, (size_t)column);
        if (windows.len)
            strbuf_addf(out, "; its project has sync windows: %.*s", SPAN_ARG(windows));
    }
}

static void say_health(const struct store *st, struct handle row, int64_t now_ms,
                       struct strbuf *out)
{
    strbuf_add(out, store_text(st, row, APP_HEALTH));
    sentence_for(out, at(st, row, APP_HEALTH_SINCE), now_ms);
    say_managed(st, row, now_ms, out);
}

static void say_sync(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct span by = store_text(st, row, APP_BY);
    strbuf_addf(out, "sync %.*s", SPAN_ARG(store_text(st, row, APP_OPERATION)));
    if (is_running(st, row))
        sentence_for(out, at(st, row, APP_STARTED), now_ms);
    else
        sentence_ago(out, at(st, row, APP_FINISHED), now_ms);
    if (by.len)
        strbuf_addf(out, " by %.*s", SPAN_ARG(by));
    sentence_cause(out, store_text(st, row, APP_MESSAGE));
}

/* "ComparisonError for 4h: failed to fetch chart" of "ComparisonError: failed ...". */
static void say_error(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct span error = store_text(st, row, APP_ERROR);
    size_t colon = span_find(error, ':', 0);
    strbuf_add(out, span_sub(error, 0, colon));
    sentence_for(out, at(st, row, APP_ERROR_SINCE), now_ms);
    sentence_cause(out, span_sub(error, colon + 1, error.len));
}

void application_says(const struct store *st, struct handle row, const struct verdict *v,
                      int64_t now_ms, struct strbuf *out)
{
    struct span sync = store_text(st, row, APP_SYNC), health = store_text(st, row, APP_HEALTH);
    switch (v->rule) {
    case RULE_UNKEPT:
        keeper_says(st, row, "may be old", now_ms, out);
        break;
    case RULE_FAILED:
    case RULE_SYNC_STUCK:
    case RULE_WINDOW:
        say_sync(st, row, now_ms, out);
        break;
    case RULE_ERROR:
        say_error(st, row, now_ms, out);
        break;
    case RULE_HEALS:
        strbuf_addf(out, "healed %lld times in a row, and changed again",
                    (long long)store_num(st, row, APP_HEALS, 0));
        say_resources(st, row, out);
        break;
    case RULE_STALE:
        strbuf_adds(out, "last compared");
        sentence_ago(out, at(st, row, APP_RECONCILED), now_ms);
        strbuf_addf(out, ": what is said of it (%.*s, %.*s) may be old", SPAN_ARG(sync),
                    SPAN_ARG(health));
        keeper_says_why(st, row, now_ms, out);
        break;
    case RULE_DELETING:
        strbuf_adds(out, "being deleted");
        sentence_for(out, at(st, row, APP_DELETED), now_ms);
        sentence_cause(out, store_text(st, row, APP_CONDITIONS));
        break;
    case RULE_WARNED:
        sentence_add(out, store_text(st, row, APP_CONDITIONS), SENTENCE_CAUSE);
        break;
    case RULE_UNKNOWN:
        if (!sync.len && !health.len) {
            strbuf_adds(out, "no status");
            sentence_for(out, at(st, row, APP_CREATED), now_ms);
            strbuf_adds(out, ": no controller has looked at it");
            break;
        }
        strbuf_addf(out, "sync %.*s, health %.*s", SPAN_ARG(sync.len ? sync : SPAN("not said")),
                    SPAN_ARG(health.len ? health : SPAN("not said")));
        break;
    case RULE_OUT:
        strbuf_adds(out, "OutOfSync");
        say_resources(st, row, out);
        say_left(st, row, out);
        break;
    case RULE_NOT_AUTOMATED:
        strbuf_add(out, is(st, row, APP_SYNC, "OutOfSync") ? sync : health);
        say_resources(st, row, out);
        if (is(st, row, APP_SYNC, "OutOfSync"))
            strbuf_adds(out, ", not synced by itself");
        if (is_awaited(st, row))
            strbuf_adds(out, ", never deployed");
        break;
    case RULE_UNDER_WAY:
        if (is_running(st, row))
            say_sync(st, row, now_ms, out);
        else
            say_health(st, row, now_ms, out);
        break;
    default:
        say_health(st, row, now_ms, out);
        break;
    }
}
