/* Whole pictures: what one did not show is gone. Its end is worked off in slices, and
 * only then counts as seen. */
#include <config.h>

#include "base/clock.h"
#include "model/store_impl.h"

#include <string.h>

#define CHECK_EVERY 1024 /* things looked at between two looks at the clock */
#define DROP_COST   32   /* a row that goes costs as much as so many that stay */

static struct kind_sync *sync_of(const struct store *st, uint16_t source, uint16_t kind)
{
    return &st->sources[source].kinds[kind];
}

void sync_drift(struct store *st, uint16_t source, uint16_t kind)
{
    struct kind_sync *k = sync_of(st, source, kind);
    if (k->info.syncing && k->info.synced && k->alive_before)
        k->info.drift++;
}

/* One picture more of what is asked every so often: that it comes is nothing to be shown. What it
 * changes tells so by itself. */
static bool is_routine(const struct kind_sync *k)
{
    return k->info.polled && k->info.synced;
}

void sync_begin(struct store *st, const struct message *m)
{
    struct kind_sync *k = sync_of(st, m->source, m->kind);
    k->mark = ++st->mark;
    k->begun = m->generation;
    k->info.syncing = true;
    k->info.polled = m->polled;
    k->alive_before = !m->polled && k->info.synced && k->info.report.state == SOURCE_FRESH;
    st->version += !is_routine(k);
}

/* The end of a picture that was begun anew since says nothing: what the new one has yet
 * to show is not gone. Of two ends at work the later one counts; rows that an earlier
 * one let go are older still. */
void sync_end(struct store *st, const struct message *m)
{
    struct kind_sync *k = sync_of(st, m->source, m->kind);
    if (k->info.syncing && k->begun != m->generation)
        return;
    if (m->complete) {
        k->end_mark = k->mark;
        k->end_drift = k->info.syncing && k->info.synced && k->alive_before;
    } else if (k->end == END_NONE) {
        k->end_mark = 0;
    }
    st->endings += k->end == END_NONE;
    k->end = END_SWEEP;
    k->end_seq = ++st->last_end;
    k->end_at = 0;
    k->end_complete = m->complete;
    k->end_whole |= m->complete;
    k->info.syncing = false;
    st->version += !is_routine(k) || strcmp(k->info.report.why.msg, m->why.msg) != 0;
    k->info.report.why = m->why;
}

void store_drop_source(struct store *st, uint16_t source)
{
    struct source_entry *s = &st->sources[source];
    s->info.gone = true;
    s->info.report =
        (struct source_report){.state = SOURCE_OFF, .proof_ms = TIME_NONE, .retry_ms = TIME_NONE};
    for (uint16_t kind = 0; kind < st->kinds->count; kind++) {
        struct kind_sync *k = sync_of(st, source, kind);
        bool ending = k->end != END_NONE;
        k->info = (struct source_kind){
            .synced_ms = TIME_NONE, .rows = k->info.rows, .report = s->info.report};
        k->end_whole = k->end_complete = k->end_drift = false;
        k->end_mark = k->mark = ++st->mark;
        k->end = END_SWEEP;
        k->end_seq = ++st->last_end;
        k->end_at = 0;
        st->endings += !ending;
    }
    st->version++;
}

bool sync_is_dropped(const struct store *st, uint16_t source)
{
    const struct source_entry *s = &st->sources[source];
    for (uint16_t kind = 0; s->info.gone && kind < st->kinds->count; kind++)
        if (s->kinds[kind].end != END_NONE)
            return false;
    return s->info.gone;
}

/* These: false when the time is over. */
static bool sweep(struct store *st, uint16_t source, uint16_t kind, int64_t deadline_us)
{
    struct kind_sync *k = sync_of(st, source, kind);
    struct handle row;
    size_t cost = 0;
    while (store_next(st, kind, &k->end_at, &row)) {
        const struct row_head *head = row_head(st, row);
        bool goes = head->source == source && head->mark < k->end_mark;
        if (goes) {
            k->info.drift += k->end_drift;
            drop_row(st, row);
        }
        cost += goes ? DROP_COST : 1;
        if (cost < CHECK_EVERY)
            continue;
        if (clock_machine_us() >= deadline_us)
            return false;
        cost = 0;
    }
    return true;
}

static bool look_for_missing(struct store *st, uint16_t source, uint16_t kind, int64_t deadline_us)
{
    struct kind_sync *k = sync_of(st, source, kind);
    const char *backend = st->sources[source].info.backend;
    while (st->tables[kind].affects && k->end_at < st->targets.used) {
        const struct target *t = pool_at(&st->targets, k->end_at++);
        if (t->count && t->kind == kind &&
            (t->source == source || strcmp(backend, st->sources[t->source].info.backend) != 0))
            judge_missing(st, t);
        if (k->end_at % CHECK_EVERY == 0 && clock_machine_us() >= deadline_us)
            return false;
    }
    return true;
}

static void count_as_seen(struct store *st, uint16_t source, uint16_t kind)
{
    struct kind_sync *k = sync_of(st, source, kind);
    bool first = !k->info.synced;
    st->version += first || !k->info.polled || k->info.complete != k->end_complete;
    k->info.synced |= k->end_whole;
    k->info.complete = k->end_complete;
    k->info.synced_ms = st->now_ms;
    if (first && k->info.synced)
        judge_folding(st, source, kind);
    else if (k->end_complete)
        folds_recount(st, source, kind);
}

/* The first picture is judged before it counts as seen, so that no row "became" bad by
 * our having looked. */
static bool work_off(struct store *st, uint16_t source, uint16_t kind, int64_t deadline_us)
{
    struct kind_sync *k = sync_of(st, source, kind);
    if (k->end == END_SWEEP) {
        if (!sweep(st, source, kind, deadline_us))
            return false;
        k->end = END_JUDGE;
        k->end_turn = k->info.synced ? 0 : st->judged + st->queue_len - st->queue_at;
    }
    if (k->end == END_JUDGE) {
        if (st->judged < k->end_turn)
            return true; /* judge_work() is next */
        count_as_seen(st, source, kind);
        k->end = END_MISSING;
        k->end_at = 0;
    }
    if (!look_for_missing(st, source, kind, deadline_us))
        return false;
    k->end = END_NONE;
    k->end_whole = false;
    st->endings--;
    return true;
}

/* The end that came next after this one; false: none. */
static bool next_end(const struct store *st, uint64_t after, uint16_t *source, uint16_t *kind)
{
    uint64_t least = UINT64_MAX;
    for (uint16_t s = 0; s < st->nsources; s++)
        for (uint16_t k = 0; k < st->kinds->count; k++) {
            const struct kind_sync *sync = sync_of(st, s, k);
            if (sync->end == END_NONE || sync->end_seq <= after || sync->end_seq >= least)
                continue;
            least = sync->end_seq;
            *source = s;
            *kind = k;
        }
    return least != UINT64_MAX;
}

/* As they came, however many have come in the meantime: what goes is known by what it led to then. */
void sync_work(struct store *st, int64_t deadline_us)
{
    uint64_t at = 0;
    uint16_t source = 0, kind = 0;
    while (st->endings && next_end(st, at, &source, &kind)) {
        at = sync_of(st, source, kind)->end_seq;
        if (!work_off(st, source, kind, deadline_us))
            return;
    }
}
