/* Which points in time of a PXC cluster can be reached, drawn: its backups, the binary logs behind them,
 * each gap with its times. */
#include <config.h>

#include "backends/kubernetes/pxc.h"
#include "backends/kubernetes/sentence.h"
#include "base/timebar.h"
#include "base/timetext.h"

#define CELLS      48
#define POINTS_MAX 400 /* the newest are what is drawn of more */
#define GAPS_MAX   5

struct point {
    int64_t ended_ms, reach_ms;
    bool gap;
    struct span says; /* what is missing */
};

struct window {
    struct point points[POINTS_MAX]; /* by their times, the oldest first */
    size_t count;
    int64_t latest_ms, logs_ms; /* TIME_NONE: not known */
};

static void keep(struct window *w, const struct point *p)
{
    size_t at = w->count;
    if (at == POINTS_MAX && p->ended_ms <= w->points[0].ended_ms)
        return;
    for (size_t i = 1; at == POINTS_MAX && i < POINTS_MAX; i++)
        w->points[i - 1] = w->points[i];
    at -= at == POINTS_MAX;
    w->count = at + 1;
    for (; at && w->points[at - 1].ended_ms > p->ended_ms; at--)
        w->points[at] = w->points[at - 1];
    w->points[at] = *p;
}

static void read_points(const struct store *st, struct handle row, struct window *w)
{
    struct handle backup;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &backup, &type)) {
        struct point p = {.ended_ms = TIME_NONE};
        if (type == LINK_BACKUP && store_alive(st, backup))
            p.ended_ms = backup_ended(st, backup);
        if (p.ended_ms == TIME_NONE)
            continue;
        p.gap = backup_gap(st, backup, &p.says);
        keep(w, &p);
    }
}

/* Up to when logs lead from a point; its own time: they do not. */
static int64_t reach_of(const struct window *w, size_t i)
{
    const struct point *p = &w->points[i];
    int64_t until = w->latest_ms;
    if (p->gap || until == TIME_NONE || (w->logs_ms != TIME_NONE && w->logs_ms > p->ended_ms))
        return p->ended_ms;
    for (size_t later = i + 1; later < w->count; later++)
        if (w->points[later].gap && w->points[later].ended_ms < until)
            until = w->points[later].ended_ms;
    return until > p->ended_ms ? until : p->ended_ms;
}

static void add_time(struct strbuf *out, int64_t ms)
{
    char text[TIMETEXT_MAX];
    time_format(ms, text); /* 2026-02-13T03:04:53Z */
    strbuf_addf(out, "%.10s %.5s", text, text + 11);
}

/* From one point on, where neither its logs nor those of one before lead to the next. */
static bool add_hole(const struct window *w, size_t i, int64_t end_ms, struct strbuf *out)
{
    int64_t until = i + 1 < w->count ? w->points[i + 1].ended_ms : end_ms;
    int64_t from = w->points[i].reach_ms;
    for (size_t before = 0; before < i; before++)
        from = w->points[before].reach_ms > from ? w->points[before].reach_ms : from;
    if (from >= until)
        return false;
    strbuf_adds(out, "\ngap from ");
    add_time(out, from);
    strbuf_adds(out, " to ");
    add_time(out, until);
    if (w->points[i].gap)
        sentence_cause(out, w->points[i].says);
    else if (w->logs_ms != TIME_NONE && w->logs_ms > w->points[i].ended_ms)
        strbuf_adds(out, ": its binary logs are not in the bucket any more");
    return true;
}

/* The end of what can be reached: not now, where uploads come every so often. */
static void add_reach(const struct window *w, int64_t now_ms, struct strbuf *out)
{
    int64_t reach = TIME_NONE;
    for (size_t i = 0; i < w->count; i++)
        reach = w->points[i].reach_ms > reach ? w->points[i].reach_ms : reach;
    if (w->latest_ms == TIME_NONE)
        return;
    strbuf_adds(out, "\nthe last time is ");
    add_time(out, reach);
    strbuf_addc(out, ',');
    sentence_ago(out, reach, now_ms);
}

void pitr_draw(const struct store *st, struct handle row, int64_t latest_ms, int64_t logs_ms,
               int64_t now_ms, struct strbuf *out)
{
    struct window w = {.latest_ms = latest_ms, .logs_ms = logs_ms};
    char cells[CELLS + 1];
    read_points(st, row, &w);
    if (!w.count)
        return;
    struct timebar bar = {cells, CELLS, w.points[0].ended_ms, now_ms};
    if (bar.until_ms <= bar.from_ms)
        bar.until_ms = bar.from_ms + 1;
    timebar_begin(&bar);
    for (size_t i = 0; i < w.count; i++) {
        w.points[i].reach_ms = reach_of(&w, i);
        timebar_cover(&bar, w.points[i].ended_ms, w.points[i].reach_ms);
    }
    for (size_t i = 0; i < w.count; i++)
        cells[timebar_cell(&bar, w.points[i].ended_ms)] = 'B';
    strbuf_addf(out, "[%s]\nfrom ", cells);
    add_time(out, bar.from_ms);
    strbuf_adds(out, " to now (UTC): B a backup, = any time, . none");
    add_reach(&w, now_ms, out);
    size_t gaps = 0;
    for (size_t i = w.count; i-- > 0 && gaps < GAPS_MAX;)
        gaps += add_hole(&w, i, latest_ms == TIME_NONE ? now_ms : latest_ms, out);
    if (logs_ms == TIME_NONE)
        strbuf_adds(out, "\nits bucket is not asked: whether the binary logs are all there is not "
                         "known");
}
