/* One Redis server: what INFO says of it, as a row. */
#include <config.h>

#include "backends/redis/redis.h"
#include "base/number.h"
#include "net/plain.h"

#include <stdio.h>
#include <string.h>

#define SAVE_MS 120000 /* between two questions for CONFIG GET save */

/* Of a master's row, or of the pod's. */
static const struct fold joined = {FOLD_DERIVED, LINK_POD, "pod", NULL, NULL};

static const struct column columns[] = {
    [SERVER_NAME] = {"name", "NAME", "The source's name.", VALUE_TEXT, 18, 0, COLUMN_IDENT, NULL,
                     NULL},
    [SERVER_ROLE] = {"role", "ROLE", "master or replica.", VALUE_TEXT, 7, 0, COLUMN_NOTABLE, NULL,
                     NULL},
    [SERVER_STATE] = {"state", "STATE", "ok, loading, or busy with a script.", VALUE_TEXT, 9, 0,
                      COLUMN_NOTABLE, NULL, NULL},
    [SERVER_REPLICATION] = {"replication", "REPLICATION",
                            "Replicas that follow a master, of those wanted; a replica's link.",
                            VALUE_TEXT, 11, 0, COLUMN_NOTABLE, NULL, NULL},
    [SERVER_LAG] = {"lag", "LAG",
                    "Since a replica heard its master; of a master, its slowest replica's.",
                    VALUE_DURATION, 5, 10, COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [SERVER_BEHIND] = {"behind", "BEHIND",
                       "Bytes that a replica lacks, as its master says; of a master, its last "
                       "replica.",
                       VALUE_BYTES, 6, 15, COLUMN_RIGHT, NULL, &joined},
    [SERVER_MEMORY] = {"memory", "MEM", "Memory used.", VALUE_BYTES, 6, 5,
                       COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [SERVER_MAX] = {"max", "MAX", "maxmemory; absent: no limit.", VALUE_BYTES, 6, 12, COLUMN_RIGHT,
                    NULL, NULL},
    [SERVER_FULL] = {"full", "FULL", "Memory used, of maxmemory.", VALUE_RATIO, 4, 8, COLUMN_RIGHT,
                     NULL, NULL},
    [SERVER_POLICY] = {"policy", "POLICY", "What is evicted when maxmemory is reached.", VALUE_TEXT,
                       12, 45, COLUMN_NOTABLE, NULL, NULL},
    [SERVER_EVICTED] = {"evicted", "EVICT/S", "Keys evicted a second, between two looks.",
                        VALUE_RATE, 7, 20, COLUMN_RIGHT, NULL, NULL},
    [SERVER_HITS] = {"hits", "HITS", "Reads that found their key, between two looks.", VALUE_RATIO,
                     4, 30, COLUMN_RIGHT, NULL, NULL},
    [SERVER_OPS] = {"ops", "OPS/S", "Commands a second.", VALUE_RATE, 6, 10,
                    COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [SERVER_CLIENTS] = {"clients", "CLIENTS", "Connected clients.", VALUE_COUNT, 7, 25,
                        COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [SERVER_BLOCKED] = {"blocked", "BLOCKED", "Clients that wait in BLPOP and the like.",
                        VALUE_COUNT, 7, 40, COLUMN_RIGHT, NULL, NULL},
    [SERVER_REFUSED] = {"rejected", "REJECT/S", "Connections refused a second: maxclients.",
                        VALUE_RATE, 8, 50, COLUMN_RIGHT, NULL, NULL},
    [SERVER_KEEPS] =
        {"keeps", "KEEPS",
         "How it keeps its data: rdb, aof, both, nothing; unknown without the right to CONFIG GET.",
         VALUE_TEXT, 7, 35, COLUMN_NOTABLE, NULL, NULL},
    [SERVER_SAVED] = {"saved", "SAVED", "When it last saved an RDB; its start, where it never did.",
                      VALUE_INSTANT, 8, 60, COLUMN_WIDE, NULL, NULL},
    [SERVER_LATENCY] = {"latency", "TIME", "From our question to its answer.", VALUE_DURATION, 5,
                        22, COLUMN_RIGHT, NULL, NULL},
    [SERVER_MONITOR] = {"latency-monitor", "MONITOR",
                        "From how long on its own latency monitor notes what held it up "
                        "(latency-monitor-threshold).",
                        VALUE_TEXT, 25, 74, COLUMN_WIDE, NULL, NULL},
    [SERVER_SPIKE] = {"spike", "SPIKE", "How long the last event took that it noted.",
                      VALUE_DURATION, 5, 75, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_SPIKE_MOST] = {"spike-most", "SPIKE-MOST", "How long the longest of them took.",
                           VALUE_DURATION, 5, 76, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_SPIKE_AT] = {"spike-at", "SPIKE-AT", "When the last one ended.", VALUE_INSTANT, 5, 80,
                         COLUMN_HIDDEN, NULL, NULL},
    [SERVER_EVENTS] = {"latency-events", "LATENCY-EVENTS",
                       "Each sort of event: how long the last one took, when, and the longest.",
                       VALUE_LIST, 30, 80, COLUMN_HIDDEN, NULL, NULL},
    [SERVER_RELEASE] = {"version", "RELEASE", "Its version.", VALUE_TEXT, 8, 55, COLUMN_NOTABLE,
                        NULL, NULL},
    [SERVER_UP] = {"up", "UP", "How long it has been up.", VALUE_DURATION, 5, 18, COLUMN_RIGHT,
                   "started", NULL},
    [SERVER_KEYS] = {"keys", "KEYS", "Keys of all databases.", VALUE_COUNT, 6, 28, COLUMN_RIGHT,
                     NULL, NULL},
    [SERVER_CLIENTS_MAX] = {"clients-max", "CLIENTS-MAX", "maxclients.", VALUE_COUNT, 6, 80,
                            COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_RSS] = {"rss", "RSS", "Memory as the kernel sees it.", VALUE_BYTES, 6, 70,
                    COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_FRAGMENTATION] = {"fragmentation", "FRAG", "RSS over memory used.", VALUE_RATIO, 5, 75,
                              COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_FRAGMENTED] = {"fragmented", "FRAGMENTED", "Bytes that fragmentation takes.",
                           VALUE_BYTES, 6, 80, COLUMN_HIDDEN, NULL, NULL},
    [SERVER_REPLICA_LIST] = {"replica-list", "REPLICAS",
                             "A master's replicas: address, state, bytes behind, seconds silent.",
                             VALUE_LIST, 40, 80, COLUMN_WIDE, NULL, NULL},
    [SERVER_REPLICAS] = {"replicas", "REPLICAS", "Replicas that are connected.", VALUE_COUNT, 5, 80,
                         COLUMN_HIDDEN, NULL, NULL},
    [SERVER_WANTED] = {"wanted", "WANTED", "Replicas that should be.", VALUE_COUNT, 5, 80,
                       COLUMN_HIDDEN, NULL, NULL},
    [SERVER_MASTER] = {"master", "MASTER", "Whom a replica follows.", VALUE_TEXT, 24, 65,
                       COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [SERVER_LINK_DOWN] = {"link-down", "LINK-DOWN", "The link with its master is down.", VALUE_BOOL,
                          5, 80, COLUMN_HIDDEN, NULL, NULL},
    [SERVER_LINK_BROKE] = {"link-broke", "LINK-BROKE", "Since when; absent: it was never up.",
                           VALUE_INSTANT, 8, 80, COLUMN_HIDDEN, NULL, NULL},
    [SERVER_SYNCING] = {"syncing", "SYNCING", "A full synchronisation goes on.", VALUE_BOOL, 5, 80,
                        COLUMN_HIDDEN, NULL, NULL},
    [SERVER_BACKLOG] = {"backlog", "BACKLOG", "What a replica may miss without a full sync.",
                        VALUE_BYTES, 6, 80, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_CHANGES] = {"unsaved", "UNSAVED", "Changes since the last RDB.", VALUE_COUNT, 6, 80,
                        COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [SERVER_RDB_STATUS] = {"rdb-status", "RDB", "How the last RDB went.", VALUE_TEXT, 4, 80,
                           COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [SERVER_AOF_STATUS] = {"aof-status", "AOF", "How the last write to the AOF went.", VALUE_TEXT,
                           4, 80, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [SERVER_REWRITE_STATUS] = {"rewrite-status", "REWRITE", "How the AOF's last rewrite went.",
                               VALUE_TEXT, 4, 80, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [SERVER_LOADING] = {"loading", "LOADING", "It reads its data set into memory.", VALUE_BOOL, 5,
                        80, COLUMN_HIDDEN, NULL, NULL},
    [SERVER_ERRORS] = {"errors", "ERRORS", "Errors it has answered with since its start.",
                       VALUE_LIST, 24, 80, COLUMN_WIDE, NULL, NULL},
    [SERVER_FAILING] = {"failing", "FAILING", "Errors that clients get now: OOM, MISCONF, ...",
                        VALUE_LIST, 12, 80, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [SERVER_SLOW] = {"slow", "SLOW", "Entries of the slow log.", VALUE_COUNT, 4, 80, COLUMN_HIDDEN,
                     NULL, NULL},
    [SERVER_FORK] = {"fork", "FORK", "How long its last fork took.", VALUE_DURATION, 5, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [SERVER_WAY] = {"way", "WAY", "How it was reached.", VALUE_TEXT, 40, 80, COLUMN_WIDE, NULL,
                    NULL},
    [SERVER_STARTED] = {"started", "STARTED", "When it was started.", VALUE_INSTANT, 8, 80,
                        COLUMN_HIDDEN, NULL, NULL},
    [SERVER_FARTHEST] = {"farthest", "FARTHEST", "Bytes that a master's last replica lacks.",
                         VALUE_BYTES, 6, 80, COLUMN_HIDDEN, NULL, NULL},
    /* It moves with what is replicated, and so what is derived is made again. */
    [SERVER_OFFSET] = {"offset", "OFFSET", "How far a replica has come in its master's stream.",
                       VALUE_COUNT, 8, 80, COLUMN_HIDDEN, NULL, NULL},
    [SERVER_LIMIT] = {"limit", "LIMIT", "Memory at which its pod is killed.", VALUE_BYTES, 6, 72,
                      COLUMN_WIDE | COLUMN_RIGHT, NULL, &joined},
    [SERVER_OF_LIMIT] = {"of-limit", "OF-LIM", "Memory as the kernel sees it, of its pod's limit.",
                         VALUE_RATIO, 6, 73, COLUMN_WIDE | COLUMN_RIGHT, NULL, &joined},
    [SERVER_LOST] = {"lost-keys", "LOST-KEYS",
                     "Keys that it had before it was started anew, while it has none since.",
                     VALUE_COUNT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Fields of INFO. */

static bool number(struct span info, const char *field, int64_t *out)
{
    return number_parse(redis_field(info, field), INT64_MIN, INT64_MAX, out);
}

/* scale: of what INFO counts in. */
static void put_number(struct row_writer *w, size_t column, struct span info, const char *field,
                       int64_t scale)
{
    int64_t n;
    if (number(info, field, &n) && n >= 0 && n <= INT64_MAX / scale)
        row_num(w, column, n * scale);
}

static void put_text(struct row_writer *w, size_t column, struct span info, const char *field)
{
    struct span text = redis_field(info, field);
    if (text.len)
        row_text(w, column, text);
}

static bool is_true(struct span info, const char *field)
{
    return span_is(redis_field(info, field), "1");
}

static bool is_loading(struct span info)
{
    return is_true(info, "loading") || is_true(info, "async_loading");
}

/* "ip=10.0.0.1,port=6379,state=online,offset=100,lag=1" */
static struct span part(struct span list, const char *name)
{
    const size_t len = strlen(name);
    struct span one;
    while (span_split(&list, ',', &one))
        if (one.len > len && one.data[len] == '=' && memcmp(one.data, name, len) == 0)
            return span_sub(one, len + 1, one.len);
    return SPAN("");
}

/* ---- Replication. Its fields are still called slave in 7.4. */

static void put_replicas(struct row_writer *w, struct span info)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    int64_t own = 0, worst_behind = 0, worst_lag = 0, offset, lag, count = 0;
    (void)number(info, "master_repl_offset", &own);
    for (int i = 0; i < 64; i++) {
        char field[32];
        (void)snprintf(field, sizeof(field), "slave%d", i);
        struct span replica = redis_field(info, field);
        if (!part(replica, "ip").len)
            continue;
        bool known = number_parse(part(replica, "offset"), 0, INT64_MAX, &offset) &&
                     number_parse(part(replica, "lag"), 0, INT64_MAX / 1000, &lag);
        int64_t behind = known && own > offset ? own - offset : 0;
        worst_behind = behind > worst_behind ? behind : worst_behind;
        worst_lag = known && lag > worst_lag ? lag : worst_lag;
        strbuf_addf(&list, "%s%.*s:%.*s %.*s", count++ ? (const char[]){LIST_SEPARATOR, 0} : "",
                    SPAN_ARG(part(replica, "ip")), SPAN_ARG(part(replica, "port")),
                    SPAN_ARG(part(replica, "state")));
        if (known)
            strbuf_addf(&list, " %lld bytes behind, %llds", (long long)behind, (long long)lag);
    }
    if (!count)
        return;
    row_text(w, SERVER_REPLICA_LIST, strbuf_span(&list));
    row_num(w, SERVER_FARTHEST, worst_behind);
    row_num(w, SERVER_LAG, worst_lag * 1000);
    strbuf_clear(&list);
}

static void put_master(const struct redis_source *s, struct row_writer *w, struct span info)
{
    const char *setting = ctx_setting(s->ctx, "replicas");
    struct strbuf text = STRBUF_INIT(64);
    int64_t wanted = -1, count = 0;
    (void)number(info, "connected_slaves", &count);
    if (setting && number_parse(span_from(setting), 0, 1000, &wanted))
        row_num(w, SERVER_WANTED, wanted);
    strbuf_addf(&text, "%lld", (long long)count);
    if (wanted >= 0)
        strbuf_addf(&text, "/%lld", (long long)wanted);
    row_text(w, SERVER_REPLICATION, strbuf_span(&text));
    row_num(w, SERVER_REPLICAS, count);
    put_replicas(w, info);
    strbuf_clear(&text);
}

static void put_replica(const struct redis_source *s, struct row_writer *w, struct span info)
{
    struct strbuf master = STRBUF_INIT(512);
    bool down = !span_is(redis_field(info, "master_link_status"), "up");
    int64_t seconds = -1, now = clock_wall_ms(ctx_clock(s->ctx));
    row_text(w, SERVER_REPLICATION, redis_field(info, "master_link_status"));
    row_num(w, SERVER_LINK_DOWN, down);
    if (down && number(info, "master_link_down_since_seconds", &seconds) && seconds >= 0)
        row_num(w, SERVER_LINK_BROKE, now - seconds * 1000);
    row_num(w, SERVER_SYNCING, is_true(info, "master_sync_in_progress"));
    put_number(w, SERVER_LAG, info, "master_last_io_seconds_ago", 1000);
    put_number(w, SERVER_OFFSET, info, "slave_repl_offset", 1);
    strbuf_addf(&master, "%.*s:%.*s", SPAN_ARG(redis_field(info, "master_host")),
                SPAN_ARG(redis_field(info, "master_port")));
    row_text(w, SERVER_MASTER, strbuf_span(&master));
    strbuf_clear(&master);
}

static void put_replication(const struct redis_source *s, struct row_writer *w, struct span info)
{
    bool replica = span_is(redis_field(info, "role"), "slave");
    row_text(w, SERVER_ROLE, replica ? SPAN("replica") : redis_field(info, "role"));
    put_number(w, SERVER_BACKLOG, info, "repl_backlog_size", 1);
    if (replica)
        put_replica(s, w, info);
    else
        put_master(s, w, info);
}

/* ---- Memory, disk. */

static void put_memory(struct row_writer *w, struct span info)
{
    int64_t used = 0, most = 0;
    double ratio;
    put_number(w, SERVER_MEMORY, info, "used_memory", 1);
    put_number(w, SERVER_RSS, info, "used_memory_rss", 1);
    put_number(w, SERVER_FRAGMENTED, info, "mem_fragmentation_bytes", 1);
    put_text(w, SERVER_POLICY, info, "maxmemory_policy");
    if (number_parse_real(redis_field(info, "mem_fragmentation_ratio"), &ratio))
        row_real(w, SERVER_FRAGMENTATION, ratio);
    if (!number(info, "used_memory", &used) || !number(info, "maxmemory", &most) || most <= 0)
        return;
    row_num(w, SERVER_MAX, most);
    row_real(w, SERVER_FULL, (double)used / (double)most);
}

static const char *keeps(bool aof, enum redis_save save)
{
    if (save == SAVE_SOMETIMES)
        return aof ? "rdb+aof" : "rdb";
    if (save == SAVE_NEVER)
        return aof ? "aof" : "nothing";
    return aof ? "aof, rdb unknown" : "unknown";
}

/* Without `save` the RDB's fields say nothing: its last save is the start, its status ok. Where nobody
 * says whether there is one, that one failed is true all the same. */
static void put_disk(struct row_writer *w, struct span info, enum redis_save save)
{
    bool aof = is_true(info, "aof_enabled"), rdb = save != SAVE_NEVER;
    row_text(w, SERVER_KEEPS, span_from(keeps(aof, save)));
    if (rdb)
        put_text(w, SERVER_RDB_STATUS, info, "rdb_last_bgsave_status");
    if (save == SAVE_SOMETIMES) {
        put_number(w, SERVER_SAVED, info, "rdb_last_save_time", 1000);
        put_number(w, SERVER_CHANGES, info, "rdb_changes_since_last_save", 1);
    }
    if (aof) {
        put_text(w, SERVER_AOF_STATUS, info, "aof_last_write_status");
        put_text(w, SERVER_REWRITE_STATUS, info, "aof_last_bgrewrite_status");
    }
    row_num(w, SERVER_LOADING, is_loading(info));
}

/* ---- Counters. */

static const struct {
    const char *field;
    const char *word; /* of an error that clients get */
} redis_counters[COUNTERS] = {
    [COUNT_EVICTED] = {"evicted_keys", NULL},
    [COUNT_REJECTED] = {"rejected_connections", NULL},
    [COUNT_HITS] = {"keyspace_hits", NULL},
    [COUNT_MISSES] = {"keyspace_misses", NULL},
    [COUNT_OOM] = {"errorstat_OOM", "OOM"},
    [COUNT_MISCONF] = {"errorstat_MISCONF", "MISCONF"},
    [COUNT_NOREPLICAS] = {"errorstat_NOREPLICAS", "NOREPLICAS"},
};

/* "errorstat_OOM:count=3" as well. An error that never came is not there: 0. */
static int64_t counter(struct span info, const char *field)
{
    struct span text = redis_field(info, field);
    int64_t n = 0;
    if (span_starts(text, "count="))
        text = part(text, "count");
    return number_parse(text, 0, INT64_MAX, &n) ? n : 0;
}

static void put_rates(struct redis_source *s, struct row_writer *w, struct span info)
{
    const int64_t now = clock_mono_ms(ctx_clock(s->ctx));
    struct strbuf failing = STRBUF_INIT(256);
    double rates[COUNTERS];
    bool known[COUNTERS];
    for (size_t i = 0; i < COUNTERS; i++) {
        known[i] =
            poll_rate(&s->counters[i], counter(info, redis_counters[i].field), now, &rates[i]);
        if (known[i] && rates[i] > 0 && redis_counters[i].word)
            strbuf_addf(&failing, "%s%s", failing.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                        redis_counters[i].word);
    }
    if (known[COUNT_EVICTED])
        row_real(w, SERVER_EVICTED, rates[COUNT_EVICTED]);
    if (known[COUNT_REJECTED])
        row_real(w, SERVER_REFUSED, rates[COUNT_REJECTED]);
    if (known[COUNT_HITS] && known[COUNT_MISSES] && rates[COUNT_HITS] + rates[COUNT_MISSES] > 0)
        row_real(w, SERVER_HITS, rates[COUNT_HITS] / (rates[COUNT_HITS] + rates[COUNT_MISSES]));
    if (failing.len)
        row_text(w, SERVER_FAILING, strbuf_span(&failing));
    strbuf_clear(&failing);
}

static void put_errors(struct row_writer *w, struct span info)
{
    struct strbuf list = STRBUF_INIT(4096);
    struct span line;
    while (span_split(&info, '\n', &line)) {
        line = span_trim(line);
        if (!span_starts(line, "errorstat_"))
            continue;
        size_t colon = span_find(line, ':', 0);
        strbuf_addf(&list, "%s%.*s %.*s", list.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                    SPAN_ARG(span_sub(line, 10, colon - 10)),
                    SPAN_ARG(part(span_sub(line, colon + 1, line.len), "count")));
    }
    if (list.len)
        row_text(w, SERVER_ERRORS, strbuf_span(&list));
    strbuf_clear(&list);
}

/* ---- The row. */

static void put_links(const struct redis_source *s, struct row_writer *w)
{
    static const char forward[] = "port-forward to pod ";
    struct span how = strbuf_span(&s->how), reach = span_from(ctx_setting(s->ctx, "reach"));
    size_t colon = span_find_last(how, ':'), at = span_search(reach, SPAN("service:"), false);
    if (span_starts(how, forward))
        row_link(w, LINK_POD, LINK_AFFECTS, "pod",
                 span_sub(how, sizeof(forward) - 1, colon - (sizeof(forward) - 1)));
    if (at < reach.len)
        row_link(w, LINK_SERVICE, 0, "service",
                 span_sub(reach, at + 8, span_find_last(reach, ':') - at - 8));
}

static void begin_row(const struct redis_source *s, struct row_writer *w, int64_t latency_ms)
{
    row_begin(w, span_from(ctx_name(s->ctx)));
    row_text(w, SERVER_NAME, span_from(ctx_name(s->ctx)));
    row_num(w, SERVER_LATENCY, latency_ms);
    row_text(w, SERVER_WAY, strbuf_span(&s->how));
    redis_put_latency(&s->latency, w);
}

static bool end_row(const struct redis_source *s, struct row_writer *w)
{
    put_links(s, w);
    return row_end(w);
}

/* A server that was started anew, and has none of the keys that it had. One that was emptied while it
 * ran had somebody who wanted it so. */
static void see_emptied(struct redis_source *s, struct span info, int64_t keys)
{
    const struct span id = redis_field(info, "run_id");
    const bool same = span_is(id, s->run_id);
    if (is_loading(info) || !id.len)
        return;
    if (keys > 0) {
        s->had_keys = keys;
        s->lost_keys = 0;
    } else if (!same && s->run_id[0]) {
        s->lost_keys = s->had_keys;
    } else if (!s->lost_keys) {
        s->had_keys = 0;
    }
    (void)plain_text(id, s->run_id, sizeof(s->run_id));
}

static bool put_server(struct redis_source *s, struct row_writer *w, struct span info, int64_t keys)
{
    int64_t ops, up, now = clock_wall_ms(ctx_clock(s->ctx));
    see_emptied(s, info, keys);
    if (s->lost_keys)
        row_num(w, SERVER_LOST, s->lost_keys);
    put_replication(s, w, info);
    put_memory(w, info);
    put_disk(w, info, s->save);
    row_text(w, SERVER_STATE, is_loading(info) ? SPAN("loading") : SPAN("ok"));
    put_rates(s, w, info);
    put_errors(w, info);
    put_text(w, SERVER_RELEASE, info, "redis_version");
    put_number(w, SERVER_CLIENTS, info, "connected_clients", 1);
    put_number(w, SERVER_CLIENTS_MAX, info, "maxclients", 1);
    put_number(w, SERVER_BLOCKED, info, "blocked_clients", 1);
    if (number(info, "instantaneous_ops_per_sec", &ops))
        row_real(w, SERVER_OPS, (double)ops);
    if (number(info, "latest_fork_usec", &ops))
        row_num(w, SERVER_FORK, ops / 1000);
    if (number(info, "uptime_in_seconds", &up) && up >= 0)
        row_num(w, SERVER_STARTED, (now / 1000 - up) * 1000);
    row_num(w, SERVER_KEYS, keys);
    return end_row(s, w);
}

/* Whether it keeps an RDB; asked now and then: it changes when somebody sets it. False: the
 * connection has failed. */
static bool ask_save(struct redis_source *s, struct err *err)
{
    static const char *const words[] = {"CONFIG", "GET", "save", NULL};
    const struct redis_reply *reply;
    const int64_t now = clock_mono_ms(ctx_clock(s->ctx));
    if (s->save != SAVE_UNASKED && now < s->save_due_ms)
        return true;
    s->save_due_ms = now + SAVE_MS;
    if (!redis_command(s, words, &reply, err)) {
        s->save = SAVE_UNKNOWN;
        return redis_refused(err);
    }
    s->save = reply->type == REDIS_LIST && reply->count == 2 && reply->items[1]->text.len == 0
                  ? SAVE_NEVER
                  : SAVE_SOMETIMES;
    return true;
}

/* Reads what is counted a first time, for who reads once. What fails will fail again. */
static void count_first(struct redis_source *s, const char *const *words)
{
    const struct redis_reply *reply;
    struct err ignored;
    double rate;
    if (!ctx_once(s->ctx) || !redis_command(s, words, &reply, &ignored))
        return;
    const int64_t now = clock_mono_ms(ctx_clock(s->ctx));
    for (size_t i = 0; i < COUNTERS; i++)
        (void)poll_rate(&s->counters[i], counter(reply->text, redis_counters[i].field), now, &rate);
    (void)poll_once_more(s->ctx);
}

/* One command a look: what INFO does not say, its refusal does. A PING says less. */
bool redis_ask_status(void *self, struct poll *p, struct err *err)
{
    static const char *const words[] = {"INFO", "everything", NULL};
    struct redis_source *s = self;
    const struct redis_reply *reply;
    int64_t keys = 0, asked;
    if (!ask_save(s, err) || !redis_ask_latency(s, err))
        return false;
    count_first(s, words);
    asked = clock_machine_ms();
    bool ok = redis_command(s, words, &reply, err);
    const int64_t latency_ms = clock_machine_ms() - asked;
    struct row_writer *w = poll_rows(p, &kind_redis);
    if (!ok && redis_refusal(s->redis) != REDIS_BUSY)
        return false;
    begin_row(s, w, latency_ms);
    if (!ok) {
        s->save = SAVE_UNASKED; /* that was refused as well */
        row_text(w, SERVER_STATE, SPAN("busy"));
        ok = end_row(s, w);
    } else {
        ok = redis_put_databases(s, p, reply->text, &keys) && put_server(s, w, reply->text, keys);
    }
    return ok || err_set(err, ERR_NOMEM, "there is no memory for the rows");
}

const struct kind kind_redis = {
    .name = "redis",
    .plural = "redises",
    .aliases = "rd",
    .title = "Redis",
    .help = "Redis servers: role, replication, memory, evictions, persistence, clients.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = redis_rules,
    .nrules = REDIS_RULES,
    .judge = redis_judge,
    .says = redis_sentence,
    .derive = redis_derive,
    .quotes = "pod",
    .sort = "level desc,role,name",
};
