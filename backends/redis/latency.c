/* What held a Redis server up, as its own latency monitor has noted it: events that took longer than
 * latency-monitor-threshold, which is 0 by default, and then it notes none [redis.io latency-monitor]. */
#include <config.h>

#include "backends/cells.h"
#include "backends/redis/redis.h"
#include "base/timetext.h"

#define THRESHOLD_MS 120000 /* between two questions: it changes when somebody sets it */
#define EVENTS_MS    30000
#define EVENTS_MAX   64
#define NAME_SHOWN   40
#define EVENT_PARTS  4 /* name, seconds, last, most; a newer one has more */

/* An answer that is refused leaves things unknown; one that comes later when a script runs. */
static bool ask(struct redis_source *s, const char *const *words, const struct redis_reply **reply,
                int64_t *due_ms, struct err *err)
{
    *reply = NULL;
    if (redis_command(s, words, reply, err))
        return true;
    *reply = NULL;
    if (redis_refusal(s->redis) == REDIS_BUSY)
        *due_ms = INT64_MIN;
    return redis_refused(err);
}

static bool ask_threshold(struct redis_source *s, int64_t now_ms, struct err *err)
{
    static const char *const words[] = {"CONFIG", "GET", "latency-monitor-threshold", NULL};
    struct redis_latency *l = &s->latency;
    const struct redis_reply *reply;
    if (now_ms < l->threshold_due_ms)
        return true;
    l->threshold_due_ms = now_ms + THRESHOLD_MS;
    if (!ask(s, words, &reply, &l->threshold_due_ms, err))
        return false;
    if (!reply || reply->type != REDIS_LIST || reply->count != 2 ||
        !number_parse(reply->items[1]->text, 0, INT64_MAX, &l->threshold_ms))
        l->threshold_ms = -1;
    return true;
}

static void forget(struct redis_latency *l)
{
    strbuf_truncate(&l->events, 0);
    l->denied = false;
    l->last_ms = l->most_ms = 0;
    l->at_ms = TIME_NONE;
}

static void take(struct redis_latency *l, const struct redis_reply *e)
{
    char at[TIMETEXT_MAX];
    if (e->type != REDIS_LIST || e->count < EVENT_PARTS || e->items[1]->number <= 0 ||
        e->items[1]->number > INT64_MAX / 1000)
        return;
    const int64_t at_ms = e->items[1]->number * 1000, last_ms = e->items[2]->number,
                  most_ms = e->items[3]->number;
    if (at_ms > l->at_ms || (at_ms == l->at_ms && last_ms > l->last_ms)) {
        l->at_ms = at_ms;
        l->last_ms = last_ms;
    }
    l->most_ms = most_ms > l->most_ms ? most_ms : l->most_ms;
    time_format(at_ms, at);
    strbuf_addf(&l->events, "%s%.*s %lldms, %s, most %lldms",
                l->events.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                SPAN_ARG(span_sub(e->items[0]->text, 0, NAME_SHOWN)), (long long)last_ms, at,
                (long long)most_ms);
}

static bool ask_events(struct redis_source *s, int64_t now_ms, struct err *err)
{
    static const char *const words[] = {"LATENCY", "LATEST", NULL};
    struct redis_latency *l = &s->latency;
    const struct redis_reply *reply;
    if (l->threshold_ms == 0)
        forget(l);
    if (l->threshold_ms == 0 || now_ms < l->events_due_ms)
        return true;
    l->events_due_ms = now_ms + EVENTS_MS;
    if (!ask(s, words, &reply, &l->events_due_ms, err))
        return false;
    forget(l);
    l->denied = !reply;
    for (size_t i = 0; reply && i < reply->count && i < EVENTS_MAX; i++)
        take(l, reply->items[i]);
    return true;
}

bool redis_ask_latency(struct redis_source *s, struct err *err)
{
    const int64_t now_ms = clock_mono_ms(ctx_clock(s->ctx));
    return ask_threshold(s, now_ms, err) && ask_events(s, now_ms, err);
}

static void put_monitor(const struct redis_latency *l, struct row_writer *w)
{
    struct strbuf text = STRBUF_INIT(128);
    if (l->threshold_ms == 0)
        strbuf_adds(&text, "not watched by the server");
    else if (l->denied)
        strbuf_adds(&text, "LATENCY LATEST is refused");
    else if (l->threshold_ms < 0)
        strbuf_adds(&text, "CONFIG GET is refused");
    else
        strbuf_addf(&text, "%lldms", (long long)l->threshold_ms);
    row_text(w, SERVER_MONITOR, strbuf_span(&text));
    strbuf_clear(&text);
}

void redis_put_latency(const struct redis_latency *l, struct row_writer *w)
{
    put_monitor(l, w);
    if (l->at_ms == TIME_NONE)
        return;
    row_num(w, SERVER_SPIKE, l->last_ms);
    row_num(w, SERVER_SPIKE_MOST, l->most_ms);
    row_num(w, SERVER_SPIKE_AT, l->at_ms);
    row_text(w, SERVER_EVENTS, strbuf_span(&l->events));
}
