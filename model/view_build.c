/* A new order in slices: collect what matches, merge sort from the bottom up.
 * The old order stays on view until the new one is whole. */
#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/filter_impl.h"
#include "model/store_impl.h"
#include "model/view_impl.h"

#include <stdlib.h>
#include <string.h>

#define CHECK_EVERY 128
#define RUN_ROWS    16 /* sorted by insertion first */
#define AHEAD       3  /* rows between two steps of what is brought in */
#define UNTILS_MIN  4096

bool filter_match_glob(struct span pattern, struct span text)
{
    return filter_glob(pattern, text, true);
}

static bool is_late(const struct view *v, struct handle row)
{
    return row.slot / 8 < v->late_slots && (v->late_bits[row.slot / 8] >> (row.slot % 8) & 1);
}

static void remember_late(struct view *v, struct handle row)
{
    size_t byte = row.slot / 8;
    if (byte >= v->late_slots) {
        size_t slots = byte + byte / 2 + 256;
        v->late_bits = xalloc_resize(v->late_bits, slots, 1);
        memset(v->late_bits + v->late_slots, 0, slots - v->late_slots);
        v->late_slots = slots;
    }
    if (v->nlate == v->late_cap) {
        v->late_cap = v->late_cap * 2 + 64;
        v->late = xalloc_resize(v->late, v->late_cap, sizeof(*v->late));
    }
    if (!is_late(v, row) || !v->nlate || !handle_equal(v->late[v->nlate - 1], row))
        v->late[v->nlate++] = row;
    v->late_bits[byte] = (uint8_t)(v->late_bits[byte] | 1u << (row.slot % 8));
}

static void forget_late(struct view *v)
{
    for (size_t i = 0; i < v->nlate; i++)
        v->late_bits[v->late[i].slot / 8] = 0;
    v->nlate = 0;
}

void view_restart(struct view *v)
{
    free(v->build.rows);
    free(v->build.spare);
    order_clear(&v->build.order);
    v->build = (struct build){.stage = BUILD_COLLECT};
    order_init(&v->build.order);
    forget_late(v);
    v->nuntils = 0;
}

static void remember_until(struct view *v, int64_t when, struct handle row)
{
    if (when == TIME_FOREVER)
        return;
    if (v->nuntils == v->untils_cap) {
        v->untils_cap = v->untils_cap * 2 + 64;
        v->untils = xalloc_resize(v->untils, v->untils_cap, sizeof(*v->untils));
    }
    size_t i = v->nuntils++;
    while (i && v->untils[(i - 1) / 2].when > when) {
        v->untils[i] = v->untils[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    v->untils[i] = (struct until){when, row};
}

static struct until take_until(struct view *v)
{
    struct until top = v->untils[0], last = v->untils[--v->nuntils];
    size_t i = 0;
    for (;;) {
        size_t child = i * 2 + 1;
        if (child >= v->nuntils)
            break;
        child += child + 1 < v->nuntils && v->untils[child + 1].when < v->untils[child].when;
        if (v->untils[child].when >= last.when)
            break;
        v->untils[i] = v->untils[child];
        i = child;
    }
    if (v->nuntils)
        v->untils[i] = last;
    return top;
}

static bool add_row(struct view *v, struct handle row)
{
    struct build *b = &v->build;
    if (b->count == b->cap) {
        size_t cap = b->cap + b->cap / 2 + 1024;
        struct handle *rows = alloc_try_resize(b->rows, cap, sizeof(*rows));
        if (!rows)
            return false;
        b->rows = rows;
        b->cap = cap;
    }
    b->rows[b->count++] = row;
    return true;
}

static void collect(struct view *v, int64_t now_ms, int64_t deadline_us)
{
    struct build *b = &v->build;
    struct handle row;
    for (size_t n = 1;; n++) {
        uint32_t before = b->at;
        bool any = b->gone ? store_gone_next(v->store, v->kind, &b->at, &row)
                           : store_next(v->store, v->kind, &b->at, &row);
        if (!any && !b->gone && v->spec.with_gone) {
            b->gone = true;
            b->at = 0;
            continue;
        }
        if (!any)
            break;
        int64_t until = TIME_FOREVER;
        if (view_wants(v, row, now_ms, &until) && !add_row(v, row)) {
            b->at = before; /* tried again in the next turn */
            return;
        }
        remember_until(v, until, row);
        if (n % CHECK_EVERY == 0 && clock_machine_us() >= deadline_us)
            return;
    }
    b->spare = alloc_try(b->count * sizeof(*b->spare) + 1);
    if (!b->spare)
        return;
    b->stage = BUILD_SORT;
}

static void insertion(const struct view *v, struct handle *rows, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct handle row = rows[i];
        size_t at = i;
        while (at && view_compare(v, rows[at - 1], row) > 0) {
            rows[at] = rows[at - 1];
            at--;
        }
        rows[at] = row;
    }
}

/* What a merge is about to compare is far, and each thing says only where the next one is. */
static void bring_ahead(const struct view *v, const struct handle *rows, size_t at, size_t end)
{
    if (at + 3 * AHEAD < end)
        view_prefetch_head(v, rows[at + 3 * AHEAD]);
    if (at + 2 * AHEAD < end)
        view_prefetch_cells(v, rows[at + 2 * AHEAD]);
    if (at + AHEAD < end)
        view_prefetch_texts(v, rows[at + AHEAD]);
}

/* Goes on with one merge; false when the time is over. */
static bool merge(struct view *v, int64_t deadline_us)
{
    struct build *b = &v->build;
    if (!b->merging) {
        b->left = b->out = b->done;
        b->left_end = b->right = b->done + b->width < b->count ? b->done + b->width : b->count;
        b->right_end = b->done + 2 * b->width < b->count ? b->done + 2 * b->width : b->count;
        b->merging = true;
    }
    while (b->left < b->left_end || b->right < b->right_end) {
        bool from_left =
            b->right >= b->right_end ||
            (b->left < b->left_end && view_compare(v, b->rows[b->left], b->rows[b->right]) <= 0);
        if (from_left)
            bring_ahead(v, b->rows, b->left, b->left_end);
        else
            bring_ahead(v, b->rows, b->right, b->right_end);
        b->spare[b->out++] = b->rows[from_left ? b->left++ : b->right++];
        if (b->out % CHECK_EVERY == 0 && clock_machine_us() >= deadline_us)
            return false;
    }
    b->merging = false;
    b->done = b->right_end;
    return true;
}

static bool sort_runs(struct view *v, int64_t deadline_us)
{
    struct build *b = &v->build;
    while (b->done < b->count) {
        size_t len = b->count - b->done < RUN_ROWS ? b->count - b->done : RUN_ROWS;
        insertion(v, b->rows + b->done, len);
        b->done += len;
        if (b->done % CHECK_EVERY == 0 && clock_machine_us() >= deadline_us)
            return false;
    }
    b->width = RUN_ROWS;
    b->done = 0;
    return true;
}

/* True when all is in order. */
static bool sort(struct view *v, int64_t deadline_us)
{
    struct build *b = &v->build;
    if (!b->width && !sort_runs(v, deadline_us))
        return false;
    while (b->width < b->count) {
        while (b->done < b->count)
            if (!merge(v, deadline_us))
                return false;
        struct handle *rows = b->rows;
        b->rows = b->spare;
        b->spare = rows;
        b->width *= 2;
        b->done = 0;
    }
    return true;
}

/* Where a changed row belongs now. moved: what it is ordered by may have changed. */
static void replace_row(struct view *v, struct handle row, bool moved, int64_t now_ms)
{
    int64_t until = TIME_FOREVER;
    size_t part;
    uint32_t place;
    bool wanted = row_known(v->store, row) && view_wants(v, row, now_ms, &until);
    bool there = order_locate(&v->order, row, &part, &place);
    v->version += wanted || there;
    remember_until(v, until, row);
    if (wanted && there && (!moved || order_in_place(&v->order, v, part, place)))
        return;
    if (there)
        order_remove_at(&v->order, part, place);
    if (wanted && !order_insert(&v->order, v, row))
        view_restart(v); /* no memory: all is tried again */
}

/* The last row placed that has not changed since; false: none. */
static bool last_sure(const struct view *v, struct handle *row)
{
    const struct order *o = &v->build.order;
    for (size_t k = o->nparts; k; k--) {
        const struct handle *rows = order_rows(o, k - 1);
        for (uint32_t i = o->parts[k - 1].count; i; i--) {
            *row = rows[i - 1];
            if (!is_late(v, *row))
                return true;
        }
    }
    return false;
}

/* A row that changed during the merge may have held back others: those that do
 * not stand behind the one before are put in one by one at the end, like those
 * that changed. */
static bool place(struct view *v, int64_t deadline_us)
{
    struct build *b = &v->build;
    struct handle last;
    while (b->placed < b->count) {
        struct handle row = b->rows[b->placed];
        if (!is_late(v, row)) {
            if (v->nlate && last_sure(v, &last) && view_compare(v, last, row) > 0)
                remember_late(v, row);
            else if (!order_append(&b->order, row))
                return false;
        }
        if (++b->placed % CHECK_EVERY == 0 && clock_machine_us() >= deadline_us)
            return false;
    }
    return true;
}

static void install(struct view *v, int64_t now_ms)
{
    struct build *b = &v->build;
    order_clear(&v->order);
    v->order = b->order;
    order_init(&b->order);
    b->stage = BUILD_DONE;
    for (size_t i = 0; i < v->nlate; i++)
        order_remove(&v->order, v->late[i]);
    order_seal(&v->order, v);
    for (size_t i = 0; i < v->nlate; i++)
        replace_row(v, v->late[i], true, now_ms);
    free(b->rows);
    b->rows = NULL;
    forget_late(v);
    v->version++;
}

/* What a view does not depend on only asks for a new picture of it. While a build is on, the
 * old order follows too; but it may be in another order than the specification says, so a
 * changed row keeps its place there. */
void view_row_changed(struct view *v, struct handle row, uint64_t columns, int64_t now_ms)
{
    int64_t until = TIME_FOREVER;
    if (columns != COLUMNS_ALL && v->columns != COLUMNS_ALL && !(columns & v->columns)) {
        v->version += order_has(&v->order, row);
        return;
    }
    if (v->build.stage == BUILD_DONE) {
        replace_row(v, row, columns & v->order_columns, now_ms);
        return;
    }
    remember_late(v, row);
    if (!row_known(v->store, row) || !view_wants(v, row, now_ms, &until))
        order_remove(&v->order, row);
    v->version++;
}

/* Goes on with the stage at hand, at least a little. */
static void work_on(struct view *v, int64_t now_ms, int64_t deadline_us)
{
    switch (v->build.stage) {
    case BUILD_COLLECT:
        collect(v, now_ms, deadline_us);
        return;
    case BUILD_SORT:
        if (!sort(v, deadline_us))
            return;
        free(v->build.spare);
        v->build.spare = NULL;
        v->build.stage = BUILD_PLACE;
        return;
    case BUILD_PLACE:
        if (place(v, deadline_us))
            install(v, now_ms);
        return;
    case BUILD_DONE:
        return;
    }
}

bool view_work(struct view *v, int64_t now_ms, int64_t budget_us)
{
    int64_t deadline = clock_machine_us() + budget_us;
    enum build_stage before;
    do {
        before = v->build.stage;
        work_on(v, now_ms, deadline);
    } while (v->build.stage != before && clock_machine_us() < deadline);
    if (v->build.stage != BUILD_DONE)
        return true;
    while (v->nuntils && v->untils[0].when <= now_ms)
        replace_row(v, take_until(v).row, false, now_ms);
    /* each change of a row left one: made anew they are one a row */
    if (v->nuntils > store_count(v->store, v->kind) * 3 + UNTILS_MIN)
        view_restart(v);
    return v->build.stage != BUILD_DONE;
}

int64_t view_next_work(const struct view *v)
{
    if (v->build.stage != BUILD_DONE)
        return INT64_MIN + 1;
    return v->nuntils ? v->untils[0].when : TIME_FOREVER;
}
