/* The verdict rules of pods and their sentences. */
#include <config.h>

#include "backends/kubernetes/pod.h"
#include "backends/kubernetes/sentence.h"

enum {
    RULE_CRASH,
    RULE_IMAGE,
    RULE_CONFIG,
    RULE_FAILED,
    RULE_UNSCHEDULABLE,
    RULE_PENDING,
    RULE_NOT_READY,
    RULE_STUCK,
    RULE_LOST,
    RULE_OOM,
    RULE_RESTARTED,
    RULE_INIT,
    RULE_STARTING,
    RULE_TERMINATING,
    RULE_ERROR,
    RULE_CRASHING,
};

#define UNSCHEDULABLE_MS (2 * 60 * 1000)
#define NOT_READY_MS     (60 * 1000)
#define STUCK_MS         (2 * 60 * 1000)
#define RECENT_MS        (60 * 60 * 1000)
#define STARTING_MS      (5 * 60 * 1000)
/* A run as long as this ends the kubelet's back-off [kubernetes concepts/workloads/pods/
 * pod-lifecycle, restart policy]. */
#define RECOVERED_MS (10 * 60 * 1000)

const struct rule pod_rules[POD_RULES] = {
    [RULE_CRASH] = {"pod-crash-loop",
                    "A container ends again and again (CrashLoopBackOff): critical."},
    [RULE_IMAGE] = {"pod-image-pull", "An image cannot be pulled: critical.",
                    .since = POD_READY_SINCE},
    [RULE_CONFIG] =
        {"pod-config-error",
         "A container cannot be made: a Secret, ConfigMap or command is wrong: critical.",
         .since = POD_READY_SINCE},
    [RULE_FAILED] = {"pod-failed",
                     "The pod has failed or was evicted, and is not run again: warning.",
                     .since = POD_READY_SINCE},
    [RULE_UNSCHEDULABLE] = {"pod-unschedulable", "No node takes the pod: warning, after 2 minutes.",
                            .since = POD_CREATED},
    [RULE_PENDING] = {"pod-pending", "The pod waits for a node: progress.", .since = POD_CREATED},
    [RULE_NOT_READY] = {"pod-not-ready",
                        "The pod runs but has not been ready for a minute: warning.",
                        .since = POD_READY_SINCE},
    [RULE_STUCK] = {"pod-terminating-stuck",
                    "The pod should have been gone for 2 minutes: warning.", .since = POD_DELETED},
    [RULE_LOST] = {"pod-node-lost", "Its node does not report: what it does is unknown.",
                   .since = POD_READY_SINCE},
    [RULE_OOM] = {"pod-oom-killed",
                  "A container was killed for want of memory within the last hour: warning.",
                  .since = POD_DIED},
    [RULE_RESTARTED] = {"pod-restarted", "A container was restarted within the last hour: notice.",
                        .since = POD_RESTARTED},
    [RULE_INIT] = {"pod-init-failed", "An init container fails: critical.",
                   .since = POD_READY_SINCE},
    [RULE_STARTING] = {"pod-starting",
                       "The pod is starting: progress; for more than 5 minutes: warning.",
                       .since = POD_CREATED},
    [RULE_TERMINATING] = {"pod-terminating", "The pod is ending: progress.", .since = POD_DELETED},
    [RULE_ERROR] = {"pod-error", "A container has ended with an error: warning.",
                    .since = POD_DIED},
    [RULE_CRASHING] = {"pod-crashing", "A container has crashed more than once in a row and runs "
                                       "again, for less than 10 minutes: warning."},
};

static bool one_of(struct span word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(word, words[i]))
            return true;
    return false;
}

static bool judge_word(struct span status, struct verdict *v)
{
    static const char *const image[] = {"ImagePullBackOff",  "ErrImagePull",
                                        "InvalidImageName",  "ErrImageNeverPull",
                                        "ImageInspectError", "RegistryUnavailable"};
    static const char *const config[] = {"CreateContainerConfigError", "CreateContainerError",
                                         "RunContainerError",          "StartError",
                                         "ContainerCannotRun",         "PreCreateHookError"};
    struct span word = span_starts(status, "Init:") ? span_sub(status, 5, status.len) : status;
    if (span_is(word, "CrashLoopBackOff"))
        *v = verdict_at(LEVEL_CRITICAL, word.len == status.len ? RULE_CRASH : RULE_INIT);
    else if (one_of(word, image, BN_COUNT(image)))
        *v = verdict_at(LEVEL_CRITICAL, RULE_IMAGE);
    else if (one_of(word, config, BN_COUNT(config)))
        *v = verdict_at(LEVEL_CRITICAL, RULE_CONFIG);
    else if (word.len < status.len && (span_is(word, "Error") || span_starts(word, "ExitCode:") ||
                                       span_starts(word, "Signal:") || span_is(word, "OOMKilled")))
        *v = verdict_at(LEVEL_CRITICAL, RULE_INIT);
    else
        return false;
    return true;
}

static struct verdict judge_leaving(struct span status, int64_t deleted, int64_t now_ms)
{
    if (span_is(status, "Unknown"))
        return verdict_at(LEVEL_UNKNOWN, RULE_LOST);
    if (now_ms > deleted + STUCK_MS)
        return verdict_at(LEVEL_WARNING, RULE_STUCK);
    return verdict_until(LEVEL_PROGRESS, RULE_TERMINATING, deleted + STUCK_MS + 1);
}

static struct verdict judge_pending(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t created = store_num(st, row, POD_CREATED, now_ms);
    if (span_is(store_text(st, row, POD_STATUS), "SchedulingGated")) /* somebody wants it to wait */
        return verdict_at(LEVEL_PROGRESS, RULE_PENDING);
    if (span_is(store_text(st, row, POD_SCHEDULED), "False")) {
        if (now_ms - created > UNSCHEDULABLE_MS)
            return verdict_at(LEVEL_WARNING, RULE_UNSCHEDULABLE);
        return verdict_until(LEVEL_PROGRESS, RULE_PENDING, created + UNSCHEDULABLE_MS + 1);
    }
    if (now_ms - created > STARTING_MS)
        return verdict_at(LEVEL_WARNING, RULE_STARTING);
    return verdict_until(LEVEL_PROGRESS, RULE_STARTING, created + STARTING_MS + 1);
}

static struct verdict judge_running(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t since = store_num(st, row, POD_READY_SINCE, TIME_NONE),
            died = store_num(st, row, POD_DIED, TIME_NONE);
    int64_t again = store_num(st, row, POD_HELD_BACK, TIME_NONE);
    if (again != TIME_NONE && now_ms - again <= RECOVERED_MS)
        return verdict_until(LEVEL_WARNING, RULE_CRASHING, again + RECOVERED_MS + 1);
    if (!store_num(st, row, POD_READY_NOW, 1)) {
        if (since == TIME_NONE || now_ms - since > NOT_READY_MS)
            return verdict_at(LEVEL_WARNING, RULE_NOT_READY);
        return verdict_until(LEVEL_PROGRESS, RULE_STARTING, since + NOT_READY_MS + 1);
    }
    if (died == TIME_NONE || now_ms - died > RECENT_MS)
        return verdict_ok();
    if (span_starts(store_text(st, row, POD_DEATH), "OOMKilled"))
        return verdict_until(LEVEL_WARNING, RULE_OOM, died + RECENT_MS + 1);
    return verdict_until(LEVEL_NOTICE, RULE_RESTARTED, died + RECENT_MS + 1);
}

/* Its Job has done without it. */
static bool is_made_good(const struct store *st, struct handle row)
{
    struct handle job;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_OWNER || !span_is(l.kind, "job") ||
            store_follow(st, row, &l, &job) != LINK_FOUND)
            continue;
        int status = kind_column(store_kind(st, job.kind), SPAN("status"));
        return status >= 0 && span_is(store_text(st, job, (size_t)status), "Complete");
    }
    return false;
}

struct verdict pod_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, POD_STATUS), phase = store_text(st, row, POD_PHASE);
    int64_t deleted = store_num(st, row, POD_DELETED, TIME_NONE);
    struct verdict v;
    if (deleted != TIME_NONE && !span_is(phase, "Succeeded") && !span_is(phase, "Failed"))
        return judge_leaving(status, deleted, now_ms);
    if (span_is(phase, "Succeeded"))
        return verdict_off();
    if (span_is(phase, "Failed"))
        return is_made_good(st, row) ? verdict_off() : verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (judge_word(status, &v))
        return v;
    if (span_is(phase, "Pending"))
        return judge_pending(st, row, now_ms);
    if (span_is(phase, "Unknown"))
        return verdict_at(LEVEL_UNKNOWN, RULE_LOST);
    if (span_is(status, "Error") || span_starts(status, "ExitCode:") ||
        span_starts(status, "Signal:") || span_is(status, "OOMKilled"))
        return verdict_at(LEVEL_WARNING, RULE_ERROR);
    return judge_running(st, row, now_ms);
}

/* "OOMKilled 137 41s ago, 14 restarts: what it said". */
static void say_death(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    int64_t restarts = store_num(st, row, POD_RESTARTS, 0);
    strbuf_add(out, store_text(st, row, POD_DEATH));
    sentence_ago(out, store_num(st, row, POD_DIED, TIME_NONE), now_ms);
    if (restarts)
        strbuf_addf(out, ", %lld restart%s", (long long)restarts, restarts == 1 ? "" : "s");
    sentence_cause(out, store_text(st, row, POD_DEATH_SAYS));
}

static void say_status(const struct store *st, struct handle row, struct strbuf *out)
{
    strbuf_add(out, store_text(st, row, POD_STATUS));
    sentence_cause(out, store_text(st, row, POD_REASON));
}

/* The word, and how it last ended. */
static void say_crash(const struct store *st, struct handle row, struct span word, int64_t now_ms,
                      struct strbuf *out)
{
    strbuf_add(out, word);
    if (store_text(st, row, POD_DEATH).len)
        strbuf_adds(out, ", last: ");
    say_death(st, row, now_ms, out);
}

/* An end by itself says how; one by somebody else, why. */
static void say_end(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct span status = store_text(st, row, POD_STATUS), death = store_text(st, row, POD_DEATH);
    if (status.len && death.len > status.len && span_eq(span_sub(death, 0, status.len), status) &&
        !store_text(st, row, POD_REASON).len)
        say_death(st, row, now_ms, out);
    else
        say_status(st, row, out);
}

/* "; n1: not ready for 5m" where its node is in trouble. */
static void say_node(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle node;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_NODE || store_follow(st, row, &l, &node) != LINK_FOUND ||
            store_verdict(st, node).level < LEVEL_WARNING)
            continue;
        sentence_row(out, st, node, now_ms);
    }
}

static void say_waiting(const struct store *st, struct handle row, const struct verdict *v,
                        int64_t now_ms, struct strbuf *out)
{
    strbuf_add(out, store_text(st, row, POD_STATUS));
    if (v->level == LEVEL_WARNING)
        sentence_for(out, store_num(st, row, POD_CREATED, TIME_NONE), now_ms);
    sentence_cause(out, store_text(st, row, POD_REASON));
    sentence_event(out, st, row);
}

static void say_leaving(const struct store *st, struct handle row, const struct verdict *v,
                        int64_t now_ms, struct strbuf *out)
{
    if (v->rule == RULE_TERMINATING) {
        strbuf_adds(out, "ending");
        return;
    }
    strbuf_adds(out, "should have been gone");
    sentence_ago(out, store_num(st, row, POD_DELETED, TIME_NONE), now_ms);
    strbuf_adds(out, ", but is still ending");
    say_node(st, row, now_ms, out);
    sentence_event(out, st, row);
}

void pod_says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
              struct strbuf *out)
{
    switch (v->rule) {
    case RULE_CRASH:
        say_crash(st, row, SPAN("CrashLoopBackOff"), now_ms, out);
        break;
    case RULE_CRASHING:
        say_crash(st, row, SPAN("crashes again and again"), now_ms, out);
        break;
    case RULE_OOM:
    case RULE_RESTARTED:
        say_death(st, row, now_ms, out);
        break;
    case RULE_FAILED:
    case RULE_ERROR:
        say_end(st, row, now_ms, out);
        break;
    case RULE_INIT:
        say_crash(st, row, store_text(st, row, POD_STATUS), now_ms, out);
        break;
    case RULE_NOT_READY:
        strbuf_adds(out, "not ready");
        sentence_for(out, store_num(st, row, POD_READY_SINCE, TIME_NONE), now_ms);
        sentence_cause(out, store_text(st, row, POD_REASON));
        say_node(st, row, now_ms, out);
        break;
    case RULE_STUCK:
    case RULE_TERMINATING:
        say_leaving(st, row, v, now_ms, out);
        break;
    case RULE_UNSCHEDULABLE:
        strbuf_adds(out, "no node takes it");
        sentence_for(out, store_num(st, row, POD_CREATED, TIME_NONE), now_ms);
        sentence_cause(out, store_text(st, row, POD_REASON));
        break;
    case RULE_STARTING:
        say_waiting(st, row, v, now_ms, out);
        break;
    case RULE_LOST:
        say_status(st, row, out);
        say_node(st, row, now_ms, out);
        break;
    default:
        say_status(st, row, out);
        break;
    }
}
