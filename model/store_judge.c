/* Verdicts and folds: what a change, a change across a link, or time alone asks
 * to be judged again. */
#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/store_impl.h"

#include <string.h>

#define CHECK_EVERY 64   /* rows between two looks at the clock */
#define AT_ONCE_MS  1000 /* a verdict that is over already is judged again after this */

static bool enqueue(struct store *st, struct handle row)
{
    if (st->queue_len == st->queue_cap) {
        size_t cap = st->queue_cap + st->queue_cap / 2 + 256;
        struct handle *queue = alloc_try_resize(st->queue, cap, sizeof(*queue));
        if (!queue)
            return false;
        st->queue = queue;
        st->queue_cap = cap;
    }
    st->queue[st->queue_len++] = row;
    return true;
}

/* quiet: what comes of it is no news, see judge_missing(). */
static bool judge_soon(struct store *st, struct handle row, bool quiet)
{
    struct row_head *head = row_head(st, row);
    bool queued = head->dirty || head->fold_dirty;
    if (!st->kinds->kinds[row.kind]->judge)
        return true;
    head->quiet = quiet && (!queued || head->quiet);
    if (!head->dirty)
        head->dirty = queued || enqueue(st, row);
    return head->dirty;
}

bool judge_later(struct store *st, struct handle row)
{
    return judge_soon(st, row, false);
}

bool fold_later(struct store *st, struct handle row)
{
    struct row_head *head = row_head(st, row);
    head->quiet = false;
    if (head->fold_dirty)
        return true;
    head->fold_dirty = head->dirty || enqueue(st, row);
    return head->fold_dirty;
}

/* What its own link leads to has changed: what is derived of that may be another too. */
static void affect(struct store *st, struct handle row, bool quiet)
{
    struct row_head *head = row_head(st, row);
    (void)judge_soon(st, row, quiet);
    if (st->tables[row.kind].derived && !head->fold_dirty)
        head->fold_dirty = head->dirty || enqueue(st, row);
}

/* Rows whose AFFECTS links lead to a target. */
static void judge_linking(struct store *st, const struct target *t, bool quiet)
{
    const struct link_node *node;
    for (uint32_t n = t->first; n != NONE32; n = node->next) {
        node = link_at(st, n);
        if (node->flags & LINK_AFFECTS)
            affect(st, links_row(st, node), quiet);
    }
}

void judge_neighbours(struct store *st, struct handle row)
{
    const struct row_head *head = row_head(st, row);
    uint16_t from = SOURCE_NONE;
    if (!st->tables[row.kind].affects)
        return;
    while ((from = links_next_source(st, head->source, row.kind, from)) != SOURCE_NONE) {
        const struct target *t = links_target(st, from, row.kind, head->key);
        if (t)
            judge_linking(st, t, head->quiet);
    }
}

void judge_missing(struct store *st, const struct target *target)
{
    struct handle row;
    if (!rows_find(st, target->source, target->kind, intern_text(st->texts, target->key), &row))
        judge_linking(st, target, true);
}

void judge_folding(struct store *st, uint16_t source, uint16_t kind)
{
    const struct table *t = &st->tables[kind];
    for (size_t i = 0; i < t->nfolds; i++) {
        struct handle row;
        uint32_t at = 0;
        while (store_next(st, t->folds[i].kind, &at, &row))
            if (row_head(st, row)->source == source)
                (void)judge_soon(st, row, true);
    }
}

bool timer_add(struct store *st, int64_t when, struct handle row)
{
    if (st->ntimers == st->timers_cap) {
        size_t cap = st->timers_cap + st->timers_cap / 2 + 64;
        struct timer *timers = alloc_try_resize(st->timers, cap, sizeof(*timers));
        if (!timers)
            return false;
        st->timers = timers;
        st->timers_cap = cap;
    }
    size_t i = st->ntimers++;
    while (i && st->timers[(i - 1) / 2].when > when) {
        st->timers[i] = st->timers[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    st->timers[i] = (struct timer){when, row};
    return true;
}

static struct timer timer_take(struct store *st)
{
    struct timer top = st->timers[0], last = st->timers[--st->ntimers];
    size_t i = 0;
    for (;;) {
        size_t child = i * 2 + 1;
        if (child >= st->ntimers)
            break;
        if (child + 1 < st->ntimers && st->timers[child + 1].when < st->timers[child].when)
            child++;
        if (st->timers[child].when >= last.when)
            break;
        st->timers[i] = st->timers[child];
        i = child;
    }
    if (st->ntimers)
        st->timers[i] = last;
    return top;
}

/* One timer a row: what is due later than the one that waits is looked at when that
 * comes, so that a busy row does not fill the heap. */
static bool wake(struct store *st, struct handle row, int64_t when)
{
    struct row_head *head = row_head(st, row);
    if (when >= head->timer_ms)
        return true;
    if (!timer_add(st, when, row))
        return false;
    head->timer_ms = when;
    return true;
}

static bool all_seen(const struct store *st, size_t source)
{
    for (size_t i = 0; i < st->kinds->count; i++) {
        const struct source_kind *k = &st->sources[source].kinds[i].info;
        if (k->wanted && !k->synced && k->report.state <= SOURCE_CONNECTING &&
            k->report.state != SOURCE_OFF)
            return false;
    }
    return true;
}

/* While a source is still being seen for the first time, a row's level moves only because what it
 * leads to was not there yet; and so until all rows were judged with what came last. */
static bool is_settled(struct store *st, uint16_t source)
{
    st->sources[source].settled = st->sources[source].settled && all_seen(st, source);
    return st->sources[source].settled;
}

/* Nothing waits to be judged. */
static void settle(struct store *st)
{
    for (size_t i = 0; i < st->nsources; i++)
        st->sources[i].settled = st->sources[i].settled || all_seen(st, i);
}

static void set_level(struct store *st, struct handle row, const struct verdict *v)
{
    struct row_head *head = row_head(st, row);
    struct table *t = &st->tables[row.kind];
    struct value before = {.type = VALUE_LEVEL, .num = head->level};
    struct value after = {.type = VALUE_LEVEL, .num = v->level};
    bool loud =
        !head->quiet && change_is_loud(st, head->source, row.kind) && is_settled(st, head->source);
    struct sum shares[FOLDS_MAX];
    folds_read(st, row, shares);
    t->levels[head->level]--;
    t->levels[v->level]++;
    head->level = v->level;
    folds_moved(st, row, shares);
    head->since_ms = loud ? st->now_ms : TIME_NONE;
    if (loud && (before.num >= LEVEL_UNKNOWN || after.num >= LEVEL_UNKNOWN))
        change_note(st, row, CHANGE_LEVEL, 0, &before, &after);
    judge_neighbours(st, row);
}

/* What it cost, in rows looked at. */
static size_t judge_row(struct store *st, struct handle row)
{
    struct row_head *head = row_head(st, row);
    const struct kind *kind = st->kinds->kinds[row.kind];
    uint64_t changed = 0;
    size_t cost = 1;
    bool dirty = head->dirty;
    if (head->fold_dirty) {
        head->fold_dirty = false;
        changed = folds_show(st, row, &cost);
        if (changed)
            judge_neighbours(st, row);
    }
    head->dirty = false;
    if ((dirty || changed) && kind->judge) {
        struct verdict v = kind->judge(st, row, st->now_ms);
        if (v.level != head->level || v.rule != head->rule)
            changed |= COLUMNS_LEVEL;
        head->rule = v.rule;
        if (v.level != head->level)
            set_level(st, row, &v);
        head->until_ms = v.until_ms > st->now_ms ? v.until_ms : st->now_ms + AT_ONCE_MS;
        if (head->until_ms != TIME_FOREVER)
            (void)wake(st, row, head->until_ms);
    }
    head->quiet = false;
    if (changed)
        tell_views(st, row, changed);
    return cost;
}

static void timers_due(struct store *st, int64_t now_ms)
{
    while (st->ntimers && st->timers[0].when <= now_ms) {
        struct timer t = timer_take(st);
        struct row_head *head = row_known(st, t.row);
        if (!head)
            continue;
        if (head->state == ROW_GONE) {
            if (head->until_ms <= now_ms) {
                rows_free(st, t.row);
                tell_views(st, t.row, COLUMNS_ALL);
            }
            continue;
        }
        if (head->timer_ms == t.when)
            head->timer_ms = TIME_FOREVER;
        if (head->until_ms <= now_ms)
            (void)judge_later(st, t.row);
        else if (head->until_ms != TIME_FOREVER)
            (void)wake(st, t.row, head->until_ms);
    }
}

bool judge_work(struct store *st, int64_t now_ms, int64_t deadline_us)
{
    size_t done = 0;
    timers_due(st, now_ms);
    while (st->queue_at < st->queue_len) {
        struct handle row = st->queue[st->queue_at++];
        struct row_head *head = row_known(st, row);
        st->judged++;
        if (head && head->state == ROW_ALIVE)
            done += judge_row(st, row);
        if (done < CHECK_EVERY)
            continue;
        if (clock_machine_us() >= deadline_us)
            break;
        done = 0;
    }
    if (st->queue_at < st->queue_len)
        return true;
    st->queue_at = st->queue_len = 0;
    settle(st);
    return false;
}

int64_t judge_next(const struct store *st)
{
    if (st->queue_at < st->queue_len)
        return INT64_MIN + 1;
    return st->ntimers ? st->timers[0].when : TIME_FOREVER;
}
