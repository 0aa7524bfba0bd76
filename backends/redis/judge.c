/* What is wrong with a Redis server. */
#include <config.h>

#include "backends/kubernetes/sentence.h"
#include "backends/redis/redis.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "base/timetext.h"

#define BROKE_MS     30000                /* a link may be down so long: a restart */
#define LAG_MS       10000                /* a replica answers its master every second */
#define SILENT_MS    15000                /* a master says something every 10 s */
#define LOADING_MS   ((int64_t)3 * 60000) /* most data sets are read by then */
#define NEARLY       0.95
#define MUCH         0.80
#define SWAP_BYTES   ((int64_t)100 << 20) /* below: a ratio under 1 says nothing */
#define FRAGMENTS    1.4                  /* limits of MEMORY DOCTOR [redis src/object.c] */
#define FRAGMENTS_OF ((int64_t)10 << 20)
#define SMALL        ((int64_t)5 << 20) /* smaller ones it does not look at */
#define FORK_MS      500

const struct rule redis_rules[REDIS_RULES] = {
    [RULE_BUSY] = {"redis-busy", "A script runs, and nothing else is served: critical."},
    [RULE_LINK_DOWN] = {"redis-link-down",
                        "A replica's link with its master is down, for over 30 s or since ever: "
                        "critical.",
                        .since = SERVER_LINK_BROKE},
    [RULE_LINK_BROKE] = {"redis-link-broke", "The link went down within 30 s: warning.",
                         .since = SERVER_LINK_BROKE},
    [RULE_NO_REPLICA] = {"redis-no-replica", "Replicas are wanted, and none follows: critical."},
    [RULE_NOT_SAVED] = {"redis-not-saved",
                        "Its data could not be written to disk (RDB or AOF): critical."},
    [RULE_EMPTIED] =
        {"redis-emptied",
         "It was started anew and has none of the keys that it had, which its replicas "
         "lose too: critical; where it keeps nothing on disk: warning.",
         .since = SERVER_STARTED},
    [RULE_FULL] = {"redis-memory-full",
                   "Over 95% of maxmemory, and nothing may be evicted: critical."},
    [RULE_NO_WRITES] = {"redis-writes-fail",
                        "Clients get OOM, MISCONF or NOREPLICAS now: critical."},
    [RULE_CLIENTS] = {"redis-clients",
                      "Over 80% of maxclients are connected, or connections are refused: warning."},
    [RULE_REPLICA_GONE] = {"redis-replica-gone", "Fewer replicas follow than wanted: warning."},
    [RULE_REPLICA_SILENT] = {"redis-replica-silent",
                             "A replica has not answered its master for 10 s: warning."},
    [RULE_MASTER_SILENT] = {"redis-master-silent",
                            "A replica has not heard its master for 15 s: warning."},
    [RULE_BEHIND] = {"redis-replica-behind",
                     "A replica lacks over half of the backlog; past its end it needs a full "
                     "synchronisation: warning."},
    [RULE_FILLING] = {"redis-memory-filling",
                      "Over 80% of maxmemory, and nothing may be evicted: warning."},
    [RULE_NEAR_LIMIT] = {"redis-memory-limit",
                         "There is no maxmemory, and over 80% of its pod's limit are taken, at "
                         "which it is killed: warning."},
    [RULE_EVICTING] = {"redis-evicting", "Keys are evicted: warning."},
    [RULE_REWRITE] = {"redis-rewrite-failed", "The AOF could not be rewritten: warning."},
    [RULE_SWAPPING] = {"redis-swapping",
                       "Less of it is in memory than it uses: it is swapped out: warning."},
    [RULE_LOADING_LONG] = {"redis-loading-long",
                           "It still loads its data set, 3 minutes after its start: warning."},
    [RULE_LOADING] = {"redis-loading", "It loads its data set: progress."},
    [RULE_SYNCING] = {"redis-syncing", "A full synchronisation goes on: progress."},
    [RULE_FRAGMENTED] = {"redis-fragmented",
                         "Memory is fragmented, by over 1.4 and 10 MB: notice."},
    [RULE_FORK] = {"redis-fork-slow", "Its last fork took over 500 ms: notice."},
};

static double real(const struct store *st, struct handle row, size_t column)
{
    const struct value v = store_cell(st, row, column, 0);
    return value_type_is_real(v.type) ? v.real : 0;
}

static bool is(const struct store *st, struct handle row, size_t column, const char *text)
{
    return span_is(store_text(st, row, column), text);
}

static int64_t num(const struct store *st, struct handle row, size_t column)
{
    return store_num(st, row, column, 0);
}

static bool keeps_all(const struct store *st, struct handle row)
{
    return is(st, row, SERVER_POLICY, "noeviction");
}

/* ---- Parts of a judgement; false: nothing is wrong with that. */

static bool judge_link(const struct store *st, struct handle row, int64_t now_ms, struct verdict *v)
{
    const int64_t broke = store_num(st, row, SERVER_LINK_BROKE, TIME_NONE);
    if (!num(st, row, SERVER_LINK_DOWN))
        return false;
    if (num(st, row, SERVER_SYNCING))
        *v = verdict_at(LEVEL_PROGRESS, RULE_SYNCING);
    else if (broke != TIME_NONE && now_ms < broke + BROKE_MS)
        *v = verdict_until(LEVEL_WARNING, RULE_LINK_BROKE, broke + BROKE_MS);
    else
        *v = verdict_at(LEVEL_CRITICAL, RULE_LINK_DOWN);
    return true;
}

static bool judge_critical(const struct store *st, struct handle row, struct verdict *v)
{
    const int64_t wanted = num(st, row, SERVER_WANTED), replicas = num(st, row, SERVER_REPLICAS);

    const struct {
        bool yes;
        uint16_t rule;
    } rules[] = {
        {is(st, row, SERVER_STATE, "busy"), RULE_BUSY},
        {is(st, row, SERVER_RDB_STATUS, "err") || is(st, row, SERVER_AOF_STATUS, "err"),
         RULE_NOT_SAVED},
        {num(st, row, SERVER_LOST) > 0 && !is(st, row, SERVER_KEEPS, "nothing"), RULE_EMPTIED},
        {store_text(st, row, SERVER_FAILING).len > 0, RULE_NO_WRITES},
        {real(st, row, SERVER_FULL) > NEARLY && keeps_all(st, row), RULE_FULL},
        {is(st, row, SERVER_ROLE, "master") && wanted > 0 && replicas == 0, RULE_NO_REPLICA},
    };

    for (size_t i = 0; i < BN_COUNT(rules); i++) {
        if (!rules[i].yes)
            continue;
        *v = verdict_at(LEVEL_CRITICAL, rules[i].rule);
        return true;
    }
    return false;
}

static bool judge_warning(const struct store *st, struct handle row, struct verdict *v)
{
    const bool master = is(st, row, SERVER_ROLE, "master");
    const int64_t most = num(st, row, SERVER_CLIENTS_MAX), lag = num(st, row, SERVER_LAG);
    const double ratio = real(st, row, SERVER_FRAGMENTATION);

    const struct {
        bool yes;
        uint16_t rule;
    } rules[] = {
        {num(st, row, SERVER_LOST) > 0, RULE_EMPTIED},
        {master && num(st, row, SERVER_REPLICAS) < num(st, row, SERVER_WANTED), RULE_REPLICA_GONE},
        {master && lag > LAG_MS, RULE_REPLICA_SILENT},
        {!master && lag > SILENT_MS, RULE_MASTER_SILENT},
        {num(st, row, SERVER_FARTHEST) > num(st, row, SERVER_BACKLOG) / 2 &&
             num(st, row, SERVER_BACKLOG) > 0,
         RULE_BEHIND},
        {real(st, row, SERVER_REFUSED) > 0 ||
             (most > 0 && (double)num(st, row, SERVER_CLIENTS) > MUCH * (double)most),
         RULE_CLIENTS},
        {real(st, row, SERVER_EVICTED) > 0, RULE_EVICTING},
        {real(st, row, SERVER_FULL) > MUCH && keeps_all(st, row), RULE_FILLING},
        {!num(st, row, SERVER_MAX) && real(st, row, SERVER_OF_LIMIT) > MUCH, RULE_NEAR_LIMIT},
        {is(st, row, SERVER_REWRITE_STATUS, "err"), RULE_REWRITE},
        {ratio > 0 && ratio < 1 && num(st, row, SERVER_MEMORY) > SWAP_BYTES, RULE_SWAPPING},
    };

    for (size_t i = 0; i < BN_COUNT(rules); i++) {
        if (!rules[i].yes)
            continue;
        *v = verdict_at(LEVEL_WARNING, rules[i].rule);
        return true;
    }
    return false;
}

struct verdict redis_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    const int64_t late = num(st, row, SERVER_STARTED) + LOADING_MS;
    struct verdict v;
    if (num(st, row, SERVER_LOADING) && now_ms < late)
        return verdict_until(LEVEL_PROGRESS, RULE_LOADING, late);
    if (num(st, row, SERVER_LOADING))
        return verdict_at(LEVEL_WARNING, RULE_LOADING_LONG);
    if (judge_critical(st, row, &v) || judge_link(st, row, now_ms, &v) ||
        judge_warning(st, row, &v))
        return v;
    if (real(st, row, SERVER_FRAGMENTATION) > FRAGMENTS &&
        num(st, row, SERVER_FRAGMENTED) > FRAGMENTS_OF && num(st, row, SERVER_MEMORY) > SMALL)
        return verdict_at(LEVEL_NOTICE, RULE_FRAGMENTED);
    if (num(st, row, SERVER_FORK) > FORK_MS)
        return verdict_at(LEVEL_NOTICE, RULE_FORK);
    return verdict_ok();
}

/* ---- Sentences. */

static void add_bytes(struct strbuf *out, int64_t bytes)
{
    char text[NUMBER_TEXT_MAX];
    number_format_bytes(bytes, text);
    strbuf_adds(out, text);
}

static void add_duration(struct strbuf *out, int64_t ms)
{
    char text[TIMETEXT_MAX];
    duration_format_short(ms, text);
    strbuf_adds(out, text);
}

/* The replicas in the words of the master. */
static void add_replicas(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span rest = store_text(st, row, SERVER_REPLICA_LIST), one;
    const char *between = ": ";
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one)) {
        strbuf_adds(out, between);
        sentence_add(out, one, SENTENCE_INNER);
        between = "; ";
    }
}

static void say_memory(const struct store *st, struct handle row, struct strbuf *out)
{
    char text[NUMBER_TEXT_MAX];
    number_format_percent(real(st, row, SERVER_FULL), text);
    strbuf_addf(out, "%s of maxmemory ", text);
    add_bytes(out, num(st, row, SERVER_MAX));
    strbuf_addf(out, " used, policy %.*s", SPAN_ARG(store_text(st, row, SERVER_POLICY)));
}

static void say_limit(const struct store *st, struct handle row, struct strbuf *out)
{
    char text[NUMBER_TEXT_MAX];
    number_format_percent(real(st, row, SERVER_OF_LIMIT), text);
    strbuf_addf(out, "%s of its pod's limit ", text);
    add_bytes(out, num(st, row, SERVER_LIMIT));
    strbuf_adds(out, " taken, at which it is killed: no maxmemory is set");
}

static void say_not_saved(const struct store *st, struct handle row, int64_t now_ms,
                          struct strbuf *out)
{
    const bool aof = is(st, row, SERVER_AOF_STATUS, "err");
    strbuf_addf(out, "the last write of its %s failed", aof ? "AOF" : "RDB");
    if (!aof && store_num(st, row, SERVER_SAVED, TIME_NONE) != TIME_NONE) {
        strbuf_adds(out, ", the last that did not");
        sentence_ago(out, store_num(st, row, SERVER_SAVED, TIME_NONE), now_ms);
        strbuf_addf(out, " (%lld changes since)", (long long)num(st, row, SERVER_CHANGES));
    }
    strbuf_adds(out, "; it may refuse writes (MISCONF): see its disk and its log");
}

static void say_link(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    const int64_t broke = store_num(st, row, SERVER_LINK_BROKE, TIME_NONE);
    strbuf_addf(out, "no link with its master %.*s", SPAN_ARG(store_text(st, row, SERVER_MASTER)));
    if (broke == TIME_NONE)
        strbuf_adds(out, " since it began: wrong masterauth or address (its log says which)");
    else
        sentence_for(out, broke, now_ms);
}

static void say_failing(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span rest = store_text(st, row, SERVER_FAILING), one;
    const char *between = "clients are refused with ";
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one)) {
        strbuf_addf(out, "%s%.*s", between, SPAN_ARG(one));
        between = ", ";
    }
    if (num(st, row, SERVER_MAX) > 0) {
        strbuf_adds(out, "; ");
        say_memory(st, row, out);
    }
}

static void say_emptied(const struct store *st, struct handle row, int64_t now_ms,
                        struct strbuf *out)
{
    const long long lost = num(st, row, SERVER_LOST);
    strbuf_adds(out, "started");
    sentence_ago(out, num(st, row, SERVER_STARTED), now_ms);
    strbuf_addf(out, " without its data: it had %lld key%s and has none", lost,
                lost == 1 ? "" : "s");
    if (is(st, row, SERVER_KEEPS, "nothing"))
        strbuf_adds(out, "; it keeps nothing on disk");
}

static void say_clients(const struct store *st, struct handle row, struct strbuf *out)
{
    const double refused = real(st, row, SERVER_REFUSED);
    strbuf_addf(out, "%lld of %lld clients", (long long)num(st, row, SERVER_CLIENTS),
                (long long)num(st, row, SERVER_CLIENTS_MAX));
    if (refused > 0)
        strbuf_addf(out, ", %.1f connections a second refused", refused);
}

void redis_sentence(const struct store *st, struct handle row, const struct verdict *v,
                    int64_t now_ms, struct strbuf *out)
{
    const long long replicas = num(st, row, SERVER_REPLICAS), wanted = num(st, row, SERVER_WANTED);
    switch (v->rule) {
    case RULE_BUSY:
        strbuf_adds(out, "a script runs, and nothing else is served: SCRIPT KILL ends one that "
                         "has written nothing");
        return;
    case RULE_LINK_DOWN:
    case RULE_LINK_BROKE:
        say_link(st, row, now_ms, out);
        return;
    case RULE_NO_REPLICA:
    case RULE_REPLICA_GONE:
        strbuf_addf(out, "%lld of %lld replicas follow", replicas, wanted);
        add_replicas(st, row, out);
        redis_add_missing(st, row, out);
        return;
    case RULE_NOT_SAVED:
        say_not_saved(st, row, now_ms, out);
        return;
    case RULE_NO_WRITES:
        say_failing(st, row, out);
        return;
    case RULE_EMPTIED:
        say_emptied(st, row, now_ms, out);
        return;
    case RULE_FULL:
    case RULE_FILLING:
        say_memory(st, row, out);
        return;
    case RULE_NEAR_LIMIT:
        say_limit(st, row, out);
        return;
    case RULE_CLIENTS:
        say_clients(st, row, out);
        return;
    case RULE_REPLICA_SILENT:
        strbuf_adds(out, "a replica has not answered for ");
        add_duration(out, num(st, row, SERVER_LAG));
        add_replicas(st, row, out);
        return;
    case RULE_MASTER_SILENT:
        strbuf_addf(out, "its master %.*s has said nothing for ",
                    SPAN_ARG(store_text(st, row, SERVER_MASTER)));
        add_duration(out, num(st, row, SERVER_LAG));
        return;
    case RULE_BEHIND:
        strbuf_adds(out, "a replica is ");
        add_bytes(out, num(st, row, SERVER_FARTHEST));
        strbuf_adds(out, " behind, of a backlog of ");
        add_bytes(out, num(st, row, SERVER_BACKLOG));
        return;
    case RULE_EVICTING:
        strbuf_addf(out, "%.1f keys a second evicted; ", real(st, row, SERVER_EVICTED));
        say_memory(st, row, out);
        return;
    case RULE_REWRITE:
        strbuf_adds(out, "its AOF could not be rewritten, and grows: see its disk and its log");
        return;
    case RULE_LOADING:
    case RULE_LOADING_LONG:
        strbuf_adds(out, "it loads its data set, started");
        sentence_ago(out, num(st, row, SERVER_STARTED), now_ms);
        return;
    case RULE_SYNCING:
        strbuf_addf(out, "a full synchronisation with %.*s goes on",
                    SPAN_ARG(store_text(st, row, SERVER_MASTER)));
        return;
    case RULE_FORK:
        strbuf_addf(out, "its last fork took %lldms, while nobody was served",
                    (long long)num(st, row, SERVER_FORK));
        return;
    default:
        strbuf_addf(out, "%.1f times the memory it uses", real(st, row, SERVER_FRAGMENTATION));
        return;
    }
}
