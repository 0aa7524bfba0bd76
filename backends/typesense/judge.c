/* What is wrong with a node of a Typesense. */
#include <config.h>

#include "backends/kubernetes/sentence.h"
#include "backends/typesense/node.h"
#include "backends/verdict.h"
#include "base/number.h"

/* healthy-write-lag and healthy-read-lag as they are by default: past them writes and reads are
 * refused [raft_server.cpp]. */
#define WRITE_LAG  500
#define READ_LAG   1000
#define LOADING_MS ((int64_t)15 * 60000) /* an index that is read from disk takes minutes */
#define FULL       0.95
#define MUCH       0.85

const struct rule typesense_rules[TYPESENSE_RULES] = {
    [TYPESENSE_SILENT] = {"typesense-no-answer", "Nothing answers at its port: critical."},
    [TYPESENSE_BROKEN] = {"typesense-raft-error",
                          "Its part of the cluster has failed or has been shut down: critical."},
    [TYPESENSE_NO_LEADER] =
        {"typesense-no-leader",
         "It is not ready and seeks a leader, and no other node says that it leads "
         "(after its pods' addresses have changed it may refuse to have one): "
         "critical."},
    [TYPESENSE_NOT_READY] = {"typesense-not-ready",
                             "Its health is not ok: it may not be read: critical."},
    [TYPESENSE_REFUSES] = {"typesense-writes-refused",
                           "It is OUT_OF_DISK or OUT_OF_MEMORY by its own limits, and refuses all "
                           "writes: critical."},
    [TYPESENSE_NO_READS] = {"typesense-reads-refused",
                            "Its health is ok and a real read is refused: critical."},
    [TYPESENSE_BACKLOG] = {"typesense-backlog",
                           "Over 500 batches of writes wait, and writes are refused: critical."},
    [TYPESENSE_DISK_FULL] = {"typesense-disk-full", "95% of its volume is used: critical."},
    [TYPESENSE_MEMORY_FULL] = {"typesense-memory-full",
                               "It uses 95% of its pod's limit, at which it is killed: critical."},
    [TYPESENSE_LOADING_LONG] = {"typesense-loading-long",
                                "It still loads its index after 15 minutes: warning."},
    [TYPESENSE_BEHIND] = {"typesense-behind",
                          "It lacks over 500 entries that another node has committed: warning."},
    [TYPESENSE_WAITING] = {"typesense-writes-wait",
                           "Over 250 batches of writes wait, half of what it takes: warning."},
    [TYPESENSE_OVERLOADED] = {"typesense-overloaded",
                              "Requests are turned away since it has too much to do: warning."},
    [TYPESENSE_DISK] = {"typesense-disk", "85% of its volume is used: warning."},
    [TYPESENSE_MEMORY] = {"typesense-memory",
                          "It uses 85% of its pod's limit, at which it is killed: warning."},
    [TYPESENSE_KEY_REFUSED] = {"typesense-key-refused",
                               "It refuses our API key: its figures are not known: warning."},
    [TYPESENSE_LOADING] = {"typesense-loading", "It loads its index from disk: progress."},
};

static bool is(const struct store *st, struct handle row, size_t column, const char *text)
{
    return span_is(store_text(st, row, column), text);
}

static double real(const struct store *st, struct handle row, size_t column)
{
    const struct value v = store_cell(st, row, column, 0);
    return value_type_is_real(v.type) ? v.real : 0;
}

static int64_t num(const struct store *st, struct handle row, size_t column)
{
    return store_num(st, row, column, 0);
}

/* Its pod's; 0: none, or not known. */
static int64_t memory_limit(const struct store *st, struct handle row)
{
    struct link l;
    struct handle pod;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_POD || store_follow(st, row, &l, &pod) != LINK_FOUND)
            continue;
        const int column = kind_column(store_kind(st, pod.kind), SPAN("memory-limit"));
        return column < 0 ? 0 : store_num(st, pod, (size_t)column, 0);
    }
    return 0;
}

static double memory_use(const struct store *st, struct handle row)
{
    const int64_t limit = memory_limit(st, row);
    return limit > 0 ? (double)num(st, row, NODE_MEMORY) / (double)limit : 0;
}

/* ---- The verdict. */

static struct verdict judge_state(const struct store *st, struct handle row, int64_t now_ms)
{
    const int64_t since = store_num(st, row, NODE_SINCE, TIME_NONE);
    if (is(st, row, NODE_STATE, "no answer"))
        return verdict_at(LEVEL_CRITICAL, TYPESENSE_SILENT);
    if (is(st, row, NODE_STATE, "loading")) {
        if (since == TIME_NONE || now_ms >= since + LOADING_MS)
            return verdict_at(LEVEL_WARNING, TYPESENSE_LOADING_LONG);
        return verdict_until(LEVEL_PROGRESS, TYPESENSE_LOADING, since + LOADING_MS);
    }
    if (num(st, row, NODE_WAITING) > WRITE_LAG)
        return verdict_at(LEVEL_CRITICAL, TYPESENSE_BACKLOG);
    bool seeks = is(st, row, NODE_ROLE, "candidate") || is(st, row, NODE_ROLE, "follower");
    return seeks && !store_text(st, row, NODE_LEADER).len
               ? verdict_at(LEVEL_CRITICAL, TYPESENSE_NO_LEADER)
               : verdict_at(LEVEL_CRITICAL, TYPESENSE_NOT_READY);
}

struct verdict typesense_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    const double disk = real(st, row, NODE_DISK), memory = memory_use(st, row);
    const bool broken = is(st, row, NODE_ROLE, "error") || is(st, row, NODE_ROLE, "shut down") ||
                        is(st, row, NODE_ROLE, "shutting down");

    const struct {
        bool yes;
        enum level level;
        uint16_t rule;
    } rules[] = {
        {store_text(st, row, NODE_REFUSES).len > 0, LEVEL_CRITICAL, TYPESENSE_REFUSES},
        {store_text(st, row, NODE_READS).len > 0, LEVEL_CRITICAL, TYPESENSE_NO_READS},
        {num(st, row, NODE_WAITING) > WRITE_LAG, LEVEL_CRITICAL, TYPESENSE_BACKLOG},
        {disk >= FULL, LEVEL_CRITICAL, TYPESENSE_DISK_FULL},
        {memory >= FULL, LEVEL_CRITICAL, TYPESENSE_MEMORY_FULL},
        {num(st, row, NODE_LAG) > WRITE_LAG, LEVEL_WARNING, TYPESENSE_BEHIND},
        {num(st, row, NODE_WAITING) > WRITE_LAG / 2, LEVEL_WARNING, TYPESENSE_WAITING},
        {real(st, row, NODE_OVERLOADED) > 0, LEVEL_WARNING, TYPESENSE_OVERLOADED},
        {disk >= MUCH, LEVEL_WARNING, TYPESENSE_DISK},
        {memory >= MUCH, LEVEL_WARNING, TYPESENSE_MEMORY},
        {is(st, row, NODE_KEY, "refused"), LEVEL_WARNING, TYPESENSE_KEY_REFUSED},
    };

    if (broken)
        return verdict_at(LEVEL_CRITICAL, TYPESENSE_BROKEN);
    if (!is(st, row, NODE_STATE, "ok"))
        return judge_state(st, row, now_ms);
    for (size_t i = 0; i < BN_COUNT(rules); i++)
        if (rules[i].yes)
            return verdict_at(rules[i].level, rules[i].rule);
    return verdict_ok();
}

/* ---- Its sentence. */

static void add_share(struct strbuf *out, int64_t part, int64_t whole, const char *of)
{
    char one[NUMBER_TEXT_MAX], all[NUMBER_TEXT_MAX];
    number_format_bytes(part, one);
    number_format_bytes(whole, all);
    strbuf_addf(out, "%.0f%% of its %s, %s of %s", (double)part / (double)whole * 100, of, one,
                all);
}

static void say_disk(const struct store *st, struct handle row, struct strbuf *out)
{
    if (num(st, row, NODE_DISK_TOTAL) > 0)
        add_share(out, num(st, row, NODE_DISK_USED), num(st, row, NODE_DISK_TOTAL), "volume");
}

static void say_refuses(const struct store *st, struct handle row, struct strbuf *out)
{
    const struct span which = store_text(st, row, NODE_REFUSES);
    strbuf_addf(out, "all writes are refused: %.*s", SPAN_ARG(which));
    if (span_is(which, "OUT_OF_DISK") && num(st, row, NODE_DISK_TOTAL) > 0) {
        strbuf_adds(out, ", ");
        say_disk(st, row, out);
    } else if (span_is(which, "OUT_OF_MEMORY") && num(st, row, NODE_MACHINE_TOTAL) > 0) {
        strbuf_adds(out, ", ");
        add_share(out, num(st, row, NODE_MACHINE), num(st, row, NODE_MACHINE_TOTAL),
                  "machine's memory");
    }
}

/* The pod's own trouble is the cause more often than not. */
static void say_pod(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct link l;
    struct handle pod;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (l.type == LINK_POD && store_follow(st, row, &l, &pod) == LINK_FOUND &&
            store_verdict(st, pod).level >= LEVEL_NOTICE)
            sentence_row(out, st, pod, now_ms);
}

static void say_waiting(const struct store *st, struct handle row, struct strbuf *out)
{
    const long long n = (long long)num(st, row, NODE_WAITING);
    strbuf_addf(out, "%lld batches of writes wait", n);
    if (n > READ_LAG)
        strbuf_addf(out, ", over %d: writes and reads are refused", READ_LAG);
    else if (n > WRITE_LAG)
        strbuf_addf(out, ", over %d: writes are refused", WRITE_LAG);
    else
        strbuf_addf(out, ", from %d on writes are refused", WRITE_LAG);
    sentence_cause(out, store_text(st, row, NODE_WHY));
}

static void say_state(const struct store *st, struct handle row, const struct verdict *v,
                      int64_t now_ms, struct strbuf *out)
{
    const int64_t since = store_num(st, row, NODE_SINCE, TIME_NONE);
    if (v->rule == TYPESENSE_SILENT)
        strbuf_adds(out, "nothing answers");
    else if (v->rule == TYPESENSE_LOADING || v->rule == TYPESENSE_LOADING_LONG)
        strbuf_adds(out, "it loads its index from disk");
    else if (v->rule == TYPESENSE_NO_LEADER)
        strbuf_addf(out, "not ready, %.*s without a leader",
                    SPAN_ARG(store_text(st, row, NODE_ROLE)));
    else if (v->rule == TYPESENSE_BROKEN)
        strbuf_addf(out, "its state in the cluster is \"%.*s\"",
                    SPAN_ARG(store_text(st, row, NODE_ROLE)));
    else
        strbuf_adds(out, "not ready");
    if (v->rule == TYPESENSE_NOT_READY && num(st, row, NODE_LAG) > 0 &&
        store_text(st, row, NODE_LEADER).len)
        strbuf_addf(out, ", %lld entries behind its leader %.*s", (long long)num(st, row, NODE_LAG),
                    SPAN_ARG(store_text(st, row, NODE_LEADER)));
    sentence_for(out, since, now_ms);
    sentence_cause(out, store_text(st, row, NODE_WHY));
    say_pod(st, row, now_ms, out);
}

void typesense_sentence(const struct store *st, struct handle row, const struct verdict *v,
                        int64_t now_ms, struct strbuf *out)
{
    switch (v->rule) {
    case TYPESENSE_REFUSES:
        say_refuses(st, row, out);
        return;
    case TYPESENSE_NO_READS:
        strbuf_adds(out, "/health is ok, and reads are refused");
        sentence_cause(out, store_text(st, row, NODE_READS));
        return;
    case TYPESENSE_BACKLOG:
    case TYPESENSE_WAITING:
        say_waiting(st, row, out);
        return;
    case TYPESENSE_DISK_FULL:
    case TYPESENSE_DISK:
        strbuf_adds(out, "it uses ");
        say_disk(st, row, out);
        return;
    case TYPESENSE_MEMORY_FULL:
    case TYPESENSE_MEMORY:
        strbuf_adds(out, "it uses ");
        add_share(out, num(st, row, NODE_MEMORY), memory_limit(st, row), "limit");
        say_pod(st, row, now_ms, out);
        return;
    case TYPESENSE_BEHIND:
        strbuf_addf(out, "%lld entries behind the newest that is committed",
                    (long long)num(st, row, NODE_LAG));
        return;
    case TYPESENSE_OVERLOADED:
        strbuf_addf(out, "%.1f requests a second are turned away: it has too much to do",
                    real(st, row, NODE_OVERLOADED));
        return;
    case TYPESENSE_KEY_REFUSED:
        strbuf_adds(out, "its API key is refused");
        sentence_cause(out, store_text(st, row, NODE_WHY));
        return;
    default:
        say_state(st, row, v, now_ms, out);
        return;
    }
}

/* ---- Home. */

/* "1/1 ok, 4 collections, 41.2k documents, 12.5 searches/s" */
void typesense_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    const int kind = store_kind_find(st, SPAN("typesense"));
    int64_t collections = -1, documents = 0;
    size_t all = 0, well = 0, closed = 0;
    double searches = 0;
    char text[NUMBER_TEXT_MAX];
    struct handle row;
    uint32_t at = 0;
    (void)now_ms;
    for (; store_next(st, (uint16_t)kind, &at, &row); all++) {
        const int64_t n = store_num(st, row, NODE_DOCUMENTS, -1);
        well += store_verdict(st, row).level <= LEVEL_OK;
        closed += is(st, row, NODE_KEY, "none");
        searches += real(st, row, NODE_SEARCHES);
        if (n >= documents) { /* all nodes have the same */
            documents = n;
            collections = store_num(st, row, NODE_COLLECTIONS, -1);
        }
    }
    if (!all) {
        strbuf_adds(system_part(parts), "none found");
        return;
    }
    strbuf_addf(system_part(parts), "%zu/%zu nodes well", well, all);
    if (collections >= 0) {
        number_format_count(documents, text);
        strbuf_addf(system_part(parts), "%lld collections, %s documents", (long long)collections,
                    text);
    }
    if (closed == all)
        strbuf_adds(system_part(parts), "without an API key nothing else is known");
    if (searches > 0)
        strbuf_addf(system_part(parts), "%.1f searches/s", searches);
}
