/* Which points in time can be restored, from the backups there are. */
#include <config.h>

#include "actions/pxc.h"
#include "base/timebar.h"

#include <string.h>

#define CELLS 60
#define DATE  19 /* as pxc_date() writes it */

static int64_t latest_of(const struct pxc_list *l)
{
    int64_t latest = TIME_NONE;
    for (size_t i = 0; i < l->count; i++)
        if (pxc_went_well(&l->all[i]) && l->all[i].latest_ms > latest)
            latest = l->all[i].latest_ms;
    return latest;
}

int64_t pxc_reach_ms(const struct pxc_list *l, const struct pxc_backup *b)
{
    int64_t until = latest_of(l);
    if (!pxc_went_well(b) || b->completed_ms == TIME_NONE)
        return TIME_NONE;
    if (b->gap || until == TIME_NONE)
        return b->completed_ms;
    for (size_t i = 0; i < l->count; i++) {
        const struct pxc_backup *later = &l->all[i];
        if (later->gap && pxc_went_well(later) && later->completed_ms > b->completed_ms &&
            later->completed_ms < until)
            until = later->completed_ms;
    }
    return until > b->completed_ms ? until : b->completed_ms;
}

const struct pxc_backup *pxc_base(const struct pxc_list *l, int64_t at_ms,
                                  const struct pxc_backup *but)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct pxc_backup *b = &l->all[i];
        int64_t until = b == but ? TIME_NONE : pxc_reach_ms(l, b);
        if (until != TIME_NONE && b->completed_ms <= at_ms && at_ms <= until)
            return b;
    }
    return NULL;
}

/* The oldest one that went well. */
static const struct pxc_backup *first_of(const struct pxc_list *l, const struct pxc_backup *but)
{
    for (size_t i = l->count; i-- > 0;)
        if (&l->all[i] != but && pxc_went_well(&l->all[i]) && l->all[i].completed_ms != TIME_NONE)
            return &l->all[i];
    return NULL;
}

/* From the oldest to the newest each adds what goes beyond those before it. */
int64_t pxc_window_ms(const struct pxc_list *l, const struct pxc_backup *but, int64_t *from_ms)
{
    int64_t all = 0, up_to = TIME_NONE;
    const struct pxc_backup *first = first_of(l, but);
    *from_ms = first ? first->completed_ms : TIME_NONE;
    for (size_t i = l->count; i-- > 0;) {
        const struct pxc_backup *b = &l->all[i];
        int64_t until = b == but ? TIME_NONE : pxc_reach_ms(l, b);
        if (until == TIME_NONE)
            continue;
        int64_t from = up_to != TIME_NONE && up_to > b->completed_ms ? up_to : b->completed_ms;
        if (until > from)
            all += until - from;
        if (until > up_to)
            up_to = until;
    }
    return all;
}

/* The first good backup after this time; TIME_FOREVER: none. */
static int64_t next_good(const struct pxc_list *l, int64_t after_ms)
{
    int64_t next = TIME_FOREVER;
    for (size_t i = 0; i < l->count; i++)
        if (pxc_went_well(&l->all[i]) && l->all[i].completed_ms > after_ms &&
            l->all[i].completed_ms < next)
            next = l->all[i].completed_ms;
    return next;
}

/* The gaps, the newest first, as far as there is room for. */
static void note_gaps(struct plan *p, const struct pxc_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count && n < 3; i++) {
        const struct pxc_backup *b = &l->all[i];
        int64_t next = next_good(l, b->completed_ms);
        if (!b->gap || !pxc_went_well(b))
            continue;
        n++;
        plan_note(p, plan_text(p, "  gap from %s to %s: %s", pxc_date(p, b->completed_ms),
                               next == TIME_FOREVER ? "the next backup" : pxc_date(p, next),
                               b->gap_says));
    }
}

/* Below its cell, its date on the side where there is room: 80 columns are enough for all. */
static void note_target(struct plan *p, size_t cell, int64_t at_ms)
{
    const char *text = plan_text(p, "target %s", pxc_date(p, at_ms));
    const int left = (int)cell + 1, width = (int)strlen(text) + 1;
    if (left > width)
        plan_note(p, plan_text(p, "  %*s ^", left - 1, text));
    else
        plan_note(p, plan_text(p, "  %*s^ %s", left, "", text));
}

void pxc_draw(struct plan *p, const struct pxc_list *l, const char *cluster, int64_t target_ms)
{
    const struct pxc_backup *first = first_of(l, NULL);
    char cells[CELLS + 1] = "";
    int64_t until = latest_of(l);
    if (!first) {
        plan_note(p, plan_text(p, "%s has no backup that went well.", cluster));
        return;
    }
    if (until <= first->completed_ms)
        until = l->all[0].completed_ms > first->completed_ms ? l->all[0].completed_ms
                                                             : first->completed_ms + 1;
    const struct timebar bar = {cells, CELLS, first->completed_ms, until};
    timebar_begin(&bar);
    for (size_t i = 0; i < l->count; i++)
        if (pxc_reach_ms(l, &l->all[i]) != TIME_NONE)
            timebar_cover(&bar, l->all[i].completed_ms, pxc_reach_ms(l, &l->all[i]));
    for (size_t i = 0; i < l->count; i++)
        if (pxc_went_well(&l->all[i]) && l->all[i].completed_ms != TIME_NONE)
            cells[timebar_cell(&bar, l->all[i].completed_ms)] = 'B';
    plan_note(p, plan_text(p, "What can be restored of %s (UTC):", cluster));
    plan_note(p, plan_text(p, "  [%s]", cells));
    if (target_ms != TIME_NONE)
        note_target(p, timebar_cell(&bar, target_ms), target_ms);
    plan_note(p, plan_text(p, "  %-*s%s", CELLS + 2 - DATE, pxc_date(p, first->completed_ms),
                           pxc_date(p, until)));
    note_gaps(p, l);
    plan_note(p, "  B a backup, = any point in time by binary logs, . none: a gap in them");
}
