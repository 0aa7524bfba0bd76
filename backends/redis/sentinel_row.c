/* A sentinel's view of a master as a row, and what is wrong with that. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/redis/sentinel.h"
#include "backends/verdict.h"

#include <string.h>

enum {
    NAME,
    MASTER,
    STATE,
    ADDRESS,
    QUORUM,
    SENTINELS,
    REPLICAS,
    CHECK,
    OTHERS,
    DOWN,
    FLAGS,
    EPOCH,
    DOWN_SINCE,
    LACKS_QUORUM,
    ERROR,
    SOURCE
};

static const struct column columns[] = {
    [NAME] = {"name", "SENTINEL", "Who says it.", VALUE_TEXT, 18, 0, COLUMN_IDENT, NULL, NULL},
    [MASTER] = {"master", "MASTER", "The master's name, as sentinels call it.", VALUE_TEXT, 12, 0,
                COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE",
               "ok; s_down: this one does not hear the master; o_down: enough do not; failover;"
               " unreachable: it does not answer us.",
               VALUE_TEXT, 11, 0, COLUMN_NOTABLE, NULL, NULL},
    [ADDRESS] = {"address", "IS AT", "Whom it takes for the master.", VALUE_TEXT, 24, 5,
                 COLUMN_NOTABLE, NULL, NULL},
    [QUORUM] = {"quorum", "QUORUM", "Sentinels that must find it down.", VALUE_COUNT, 6, 20,
                COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [SENTINELS] = {"sentinels", "SENTINELS", "Sentinels it knows of, itself too.", VALUE_COUNT, 9,
                   15, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [REPLICAS] = {"replicas", "REPLICAS", "Replicas it knows of.", VALUE_COUNT, 8, 18,
                  COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [CHECK] = {"check", "CKQUORUM", "Whether a failover could be made, in its own words.",
               VALUE_TEXT, 36, 40, 0, NULL, NULL},
    [OTHERS] = {"others", "OTHERS SAY", "Whom others take for the master, where it is another.",
                VALUE_TEXT, 24, 30, COLUMN_NOTABLE, NULL, NULL},
    [DOWN] = {"replicas-down", "DOWN", "Replicas that it does not hear.", VALUE_LIST, 20, 50,
              COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [FLAGS] = {"flags", "FLAGS", "All its flags.", VALUE_TEXT, 20, 60, COLUMN_WIDE, NULL, NULL},
    [EPOCH] = {"epoch", "EPOCH", "Failovers it knows of, by their number.", VALUE_COUNT, 5, 60,
               COLUMN_WIDE | COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [DOWN_SINCE] = {"down-since", "DOWN-SINCE", "Since when it does not hear the master.",
                    VALUE_INSTANT, 20, 90, COLUMN_HIDDEN, NULL, NULL},
    [LACKS_QUORUM] = {"no-quorum", "NO-QUORUM", "No failover could be made.", VALUE_BOOL, 5, 90,
                      COLUMN_HIDDEN, NULL, NULL},
    [ERROR] = {"error", "ERROR", "Why it does not answer.", VALUE_TEXT, 30, 90, COLUMN_HIDDEN, NULL,
               NULL},
    [SOURCE] = {"of", "OF", "The sentinels it is one of.", VALUE_TEXT, 14, 90, COLUMN_HIDDEN, NULL,
                NULL},
};

static bool has(struct span flags, const char *flag)
{
    struct span one;
    while (flags.len && span_split(&flags, ',', &one))
        if (span_is(one, flag))
            return true;
    return false;
}

static const char *state_of(const struct sentinel_row *r)
{
    const struct span flags = span_from(r->view->flags);
    return r->error                             ? "unreachable"
           : has(flags, "failover_in_progress") ? "failover"
           : has(flags, "o_down")               ? "o_down"
           : has(flags, "s_down")               ? "s_down"
                                                : "ok";
}

/* A master that is called by its pod's name leads there ["redis-node-0.redis-headless.ops.svc..."]. */
static void link_master(struct row_writer *w, const struct sentinel_row *r)
{
    struct strbuf key = STRBUF_INIT(SENTINEL_ADDRESS_MAX + SENTINEL_NAME_MAX);
    const struct span ns = span_sub(r->pod, 0, span_find(r->pod, '/', 0)),
                      address = span_from(r->view->address);
    const size_t dot = span_find(address, '.', 0);
    const bool is_name = address.len && (address.data[0] < '0' || address.data[0] > '9');
    if (r->pod.len && is_name && dot < address.len) {
        strbuf_addf(&key, "%.*s/%.*s", SPAN_ARG(ns), (int)dot, address.data);
        row_link(w, LINK_POD, 0, "pod", strbuf_span(&key));
    }
    strbuf_clear(&key);
}

static void put_view(struct row_writer *w, const struct sentinel_row *r)
{
    const struct sentinel_view *v = r->view;
    row_text(w, ADDRESS, span_from(v->address));
    put_amount(w, QUORUM, v->quorum);
    put_amount(w, SENTINELS, v->sentinels);
    put_amount(w, REPLICAS, v->replicas);
    put_amount(w, EPOCH, v->epoch);
    put_text(w, CHECK, span_from(v->quorum_says));
    put_text(w, OTHERS, span_from(v->others));
    put_text(w, DOWN, span_from(v->replicas_down));
    put_text(w, FLAGS, span_from(v->flags));
    if (v->down_ms >= 0)
        row_num(w, DOWN_SINCE, r->now_ms - v->down_ms);
    row_num(w, LACKS_QUORUM, v->quorum_says[0] && !v->has_quorum);
}

bool sentinel_put(struct row_writer *w, const struct sentinel_row *r)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&key, "%s/%s", r->node, r->view->master);
    row_begin(w, strbuf_span(&key));
    row_text(w, NAME, span_from(r->node));
    row_text(w, MASTER, span_from(r->view->master));
    row_text(w, STATE, span_from(state_of(r)));
    row_text(w, SOURCE, span_from(r->source));
    if (r->error)
        row_text(w, ERROR, span_from(r->error));
    else
        put_view(w, r);
    if (r->pod.len)
        row_link(w, LINK_POD, LINK_AFFECTS, "pod", r->pod);
    if (!r->error)
        link_master(w, r);
    strbuf_clear(&key);
    return row_end(w);
}

/* ---- What is wrong. */

enum {
    RULE_DOWN,
    RULE_NO_QUORUM,
    RULE_DISAGREE,
    RULE_FAILOVER,
    RULE_UNHEARD,
    RULE_SILENT,
    RULE_LOST
};

static const struct rule rules[] = {
    [RULE_DOWN] = {"sentinel-master-down",
                   "Enough sentinels find the master down, and no other is one yet: critical.",
                   .since = DOWN_SINCE},
    [RULE_NO_QUORUM] = {"sentinel-no-quorum", "By CKQUORUM no failover could be made: critical."},
    [RULE_DISAGREE] = {"sentinel-disagree",
                       "No fewer sentinels take another server for the master: critical. Clients"
                       " write to both."},
    [RULE_FAILOVER] = {"sentinel-failover", "A failover goes on: progress."},
    [RULE_UNHEARD] = {"sentinel-master-unheard",
                      "This sentinel alone does not hear the master: warning.",
                      .since = DOWN_SINCE},
    [RULE_SILENT] = {"sentinel-unreachable", "The sentinel does not answer: warning."},
    [RULE_LOST] = {"sentinel-replica-down",
                   "It does not hear a replica: notice. It never forgets one that is gone, until"
                   " SENTINEL RESET."},
};

static bool is(const struct store *st, struct handle row, const char *state)
{
    return span_is(store_text(st, row, STATE), state);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    const struct {
        bool yes;
        enum level level;
        uint16_t rule;
    } all[] = {
        {is(st, row, "unreachable"), LEVEL_WARNING, RULE_SILENT},
        {store_text(st, row, OTHERS).len > 0, LEVEL_CRITICAL, RULE_DISAGREE},
        {is(st, row, "failover"), LEVEL_PROGRESS, RULE_FAILOVER},
        {is(st, row, "o_down"), LEVEL_CRITICAL, RULE_DOWN},
        {store_num(st, row, LACKS_QUORUM, 0) != 0, LEVEL_CRITICAL, RULE_NO_QUORUM},
        {is(st, row, "s_down"), LEVEL_WARNING, RULE_UNHEARD},
        {store_text(st, row, DOWN).len > 0, LEVEL_NOTICE, RULE_LOST},
    };

    (void)now_ms;
    for (size_t i = 0; i < BN_COUNT(all); i++)
        if (all[i].yes)
            return verdict_at(all[i].level, all[i].rule);
    return verdict_ok();
}

static void add_lost(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span rest = store_text(st, row, DOWN), one;
    const char *between = "";
    strbuf_adds(out, "does not hear ");
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one)) {
        strbuf_addf(out, "%s%.*s", between, SPAN_ARG(one));
        between = ", ";
    }
    strbuf_addf(out, " of %lld replicas", (long long)store_num(st, row, REPLICAS, 0));
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    const struct span master = store_text(st, row, MASTER), address = store_text(st, row, ADDRESS),
                      check = store_text(st, row, CHECK);
    switch (v->rule) {
    case RULE_DOWN:
        strbuf_addf(out, "master %.*s at %.*s is o_down", SPAN_ARG(master), SPAN_ARG(address));
        sentence_for(out, store_num(st, row, DOWN_SINCE, TIME_NONE), now_ms);
        if (store_num(st, row, LACKS_QUORUM, 0))
            strbuf_addf(out, "; %.*s", SPAN_ARG(check));
        break;
    case RULE_NO_QUORUM:
        strbuf_addf(out, "no failover of %.*s could be made: %.*s", SPAN_ARG(master),
                    SPAN_ARG(check));
        break;
    case RULE_DISAGREE:
        strbuf_addf(out, "takes %.*s for master %.*s, others %.*s", SPAN_ARG(address),
                    SPAN_ARG(master), SPAN_ARG(store_text(st, row, OTHERS)));
        break;
    case RULE_FAILOVER:
        strbuf_addf(out, "a failover of %.*s from %.*s goes on", SPAN_ARG(master),
                    SPAN_ARG(address));
        break;
    case RULE_UNHEARD:
        strbuf_addf(out, "does not hear master %.*s at %.*s (s_down)", SPAN_ARG(master),
                    SPAN_ARG(address));
        sentence_for(out, store_num(st, row, DOWN_SINCE, TIME_NONE), now_ms);
        break;
    case RULE_SILENT:
        strbuf_addf(out, "does not answer: %.*s", SPAN_ARG(store_text(st, row, ERROR)));
        break;
    default:
        add_lost(st, row, out);
        break;
    }
}

const struct kind kind_redis_sentinel = {
    .name = "redis-sentinel",
    .plural = "redis-sentinels",
    .aliases = "sentinel sentinels",
    .title = "Redis Sentinels",
    .help = "What each sentinel says of each master: where it is, whether it is down, the quorum.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,master,name",
};
