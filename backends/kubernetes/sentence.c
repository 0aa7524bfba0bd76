/* Pieces of sentences. */
#include <config.h>

#include "backends/kubernetes/sentence.h"

#include "base/timetext.h"

#define GAP      " ... "
#define WORD_MAX 32 /* bytes that are given up to cut between words */

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space of any sort and length as one space. */
static void add_line(struct strbuf *out, struct span text)
{
    text = span_trim(text);
    for (size_t i = 0; i < text.len; i++)
        if (!is_blank(text.data[i]))
            strbuf_addc(out, text.data[i]);
        else if (!is_blank(text.data[i - 1]))
            strbuf_addc(out, ' ');
}

static bool is_inside(struct span text, size_t at)
{
    return at < text.len && ((unsigned char)text.data[at] & 0xc0) == 0x80;
}

/* Where to end before, and begin at or after, a place: between words, else
 * between characters. */
static size_t cut_before(struct span text, size_t at)
{
    size_t word = at;
    while (word && at - word < WORD_MAX && !is_blank(text.data[word]))
        word--;
    if (word && is_blank(text.data[word]))
        return word;
    while (at && is_inside(text, at))
        at--;
    return at;
}

static size_t cut_after(struct span text, size_t at)
{
    size_t word = at;
    while (word < text.len && word - at < WORD_MAX && !is_blank(text.data[word]))
        word++;
    if (word < text.len && is_blank(text.data[word]))
        return word;
    while (is_inside(text, at))
        at++;
    return at;
}

void sentence_add(struct strbuf *out, struct span text, size_t max)
{
    size_t head = max / 3, tail;
    if (text.len <= max) {
        add_line(out, text);
        return;
    }
    tail = text.len - (max - head - (sizeof(GAP) - 1));
    add_line(out, span_sub(text, 0, cut_before(text, head)));
    strbuf_adds(out, GAP);
    add_line(out, span_sub(text, cut_after(text, tail), text.len));
}

void sentence_cause(struct strbuf *out, struct span text)
{
    /* the scheduler says twice which nodes there are: why they do not fit, and why
     * nothing can be ended to make room */
    text = span_trim(span_sub(text, 0, span_search(text, SPAN(" preemption: "), false)));
    if (!text.len)
        return;
    strbuf_adds(out, ": ");
    sentence_add(out, text, SENTENCE_CAUSE);
}

void sentence_for(struct strbuf *out, int64_t since, int64_t now_ms)
{
    char age[TIMETEXT_MAX];
    if (since == TIME_NONE)
        return;
    duration_format_short(now_ms - since, age);
    strbuf_addf(out, " for %s", age);
}

void sentence_ago(struct strbuf *out, int64_t when, int64_t now_ms)
{
    char age[TIMETEXT_MAX];
    if (when == TIME_NONE)
        return;
    duration_format_short(now_ms - when, age);
    strbuf_addf(out, " %s ago", age);
}

static int kind_of(const struct store *st, const char *name)
{
    return store_kind_find(st, span_from(name));
}

static size_t column_of(const struct store *st, int kind, const char *name)
{
    int column = kind_column(store_kind(st, (uint16_t)kind), span_from(name));
    bn_assert(column >= 0);
    return (size_t)column;
}

bool sentence_event(struct strbuf *out, const struct store *st, struct handle row)
{
    return sentence_event_beside(out, st, row, (struct span){"", 0});
}

bool sentence_event_beside(struct strbuf *out, const struct store *st, struct handle row,
                           struct span reason)
{
    struct handle from, newest = {0};
    enum link_type type;
    uint32_t at = 0;
    int64_t last = TIME_NONE;
    int events = kind_of(st, "event");
    if (events < 0)
        return false;
    size_t column = column_of(st, events, "last");
    while (store_used_by_next(st, row, &at, &from, &type)) {
        if (type != LINK_ABOUT || !store_alive(st, from) ||
            store_verdict(st, from).level != LEVEL_WARNING)
            continue;
        int64_t when = store_num(st, from, column, TIME_NONE);
        if (last != TIME_NONE && when <= last)
            continue;
        last = when;
        newest = from;
    }
    if (last == TIME_NONE)
        return false;
    struct span its = store_text(st, newest, column_of(st, events, "reason"));
    if (!span_eq(its, reason)) {
        strbuf_adds(out, out->len ? "; " : "");
        strbuf_add(out, its);
    }
    sentence_cause(out, store_text(st, newest, column_of(st, events, "message")));
    return true;
}

struct walk {
    const struct store *st;
    int pods, replicasets;
    size_t deleted; /* column of pods */
    struct owned *out;
};

static void look_at_pod(const struct walk *w, struct handle pod)
{
    enum level level = store_verdict(w->st, pod).level;
    if (store_num(w->st, pod, w->deleted, TIME_NONE) != TIME_NONE)
        return;
    if (!w->out->count++ || level > w->out->level) {
        w->out->level = level;
        w->out->worst = pod;
    }
}

static void look_below(const struct walk *w, struct handle row, bool further)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(w->st, row, &at, &from, &type)) {
        if (type != LINK_OWNER || !store_alive(w->st, from))
            continue;
        if ((int)from.kind == w->pods)
            look_at_pod(w, from);
        else if (further && (int)from.kind == w->replicasets)
            look_below(w, from, false);
    }
}

void owned_pods(const struct store *st, struct handle row, struct owned *out)
{
    struct walk w = {
        .st = st, .pods = kind_of(st, "pod"), .replicasets = kind_of(st, "replicaset"), .out = out};
    *out = (struct owned){.level = LEVEL_OFF};
    if (w.pods < 0 || w.replicasets < 0)
        return;
    out->known = store_synced(st, (uint16_t)w.pods) && store_synced(st, (uint16_t)w.replicasets);
    w.deleted = column_of(st, w.pods, "deleted");
    look_below(&w, row, true);
}

void sentence_row(struct strbuf *out, const struct store *st, struct handle row, int64_t now_ms)
{
    struct strbuf says = STRBUF_INIT(4096);
    struct span key = store_key(st, row);
    size_t slash = span_find_last(key, '/');
    store_says(st, row, now_ms, &says);
    strbuf_addf(out, "%s%.*s: ", out->len ? "; " : "",
                SPAN_ARG(span_sub(key, slash < key.len ? slash + 1 : 0, key.len)));
    sentence_add(out, strbuf_span(&says), SENTENCE_INNER);
    strbuf_clear(&says);
}

bool sentence_pod(struct strbuf *out, const struct store *st, struct handle row, int64_t now_ms)
{
    struct owned pods;
    owned_pods(st, row, &pods);
    if (!pods.count || pods.level < LEVEL_UNKNOWN)
        return false;
    sentence_row(out, st, pods.worst, now_ms);
    return true;
}
