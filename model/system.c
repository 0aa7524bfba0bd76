/* Systems: the worst of their rows and of the sources behind them, in a sentence. */
#include <config.h>

#include "model/system.h"

#include "base/timetext.h"

#include <string.h>

/* Of rows that are equally bad the one that has come to it last is named, or what is new would not be
 * seen for what is known; then the first by name. */
static bool is_named_before(const struct store *st, struct handle a, struct handle b)
{
    int64_t since_a = store_level_since(st, a), since_b = store_level_since(st, b);
    if (since_a != since_b) /* TIME_NONE is the least */
        return since_a > since_b;
    return span_compare(store_key(st, a), store_key(st, b)) < 0;
}

static void take_worst(struct handle row, enum level level, struct system_state *out)
{
    out->worst = row;
    out->has_worst = true;
    out->level = level;
}

static void take_since(const struct store *st, struct handle row, bool first,
                       struct system_state *out)
{
    int64_t since = store_level_since(st, row);
    if (first || out->since_ms == TIME_NONE || (since != TIME_NONE && since < out->since_ms))
        out->since_ms = since;
}

/* Rows at LEVEL_PROGRESS or less do not make a system bad. */
static void look_at_kind(const struct store *st, uint16_t kind, struct system_state *out)
{
    struct handle row;
    uint32_t at = 0;
    size_t bad = 0;
    out->rows += store_count(st, kind);
    for (int level = LEVEL_UNKNOWN; level <= LEVEL_CRITICAL; level++)
        bad += store_level_count(st, kind, (enum level)level);
    out->bad += bad;
    for (int level = LEVEL_CRITICAL; level > (int)out->level; level--) {
        size_t all = store_level_count(st, kind, (enum level)level), found = 0;
        while (found < all && store_next(st, kind, &at, &row)) {
            if (store_verdict(st, row).level != (enum level)level)
                continue;
            take_since(st, row, !found, out);
            if (!found++ || is_named_before(st, row, out->worst))
                take_worst(row, (enum level)level, out);
        }
        if (found)
            return;
    }
}

/* What a source says that is not well: of itself, or (source SOURCE_NONE) of a kind. */
struct trouble {
    const struct source_report *report; /* NULL: there is none */
    uint16_t source;
};

/* What the sources say of the kind: the first that is not well. */
static struct trouble troubled(const struct store *st, uint16_t kind, bool *loading)
{
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_kind *k = store_source_kind(st, (uint16_t)i, kind);
        if ((!k->wanted && !k->synced) || store_kind(st, kind)->beside)
            continue;
        uint16_t speaker = store_speaker(st, (uint16_t)i);
        const struct source_report *source = &store_source(st, speaker)->report;
        if (source->state >= SOURCE_STALE)
            return (struct trouble){source, speaker};
        if (store_kind(st, kind)->guarded && k->report.state == SOURCE_DENIED)
            continue;
        if (k->report.state >= SOURCE_STALE)
            return (struct trouble){&k->report, SOURCE_NONE};
        if (!k->synced && k->report.state != SOURCE_OFF)
            *loading = true;
    }
    return (struct trouble){NULL, SOURCE_NONE};
}

/* The source without which this one cannot be reached, or itself. */
static uint16_t root_of(const struct store *st, uint16_t source)
{
    for (uint16_t up = source; up != SOURCE_NONE; up = store_source(st, up)->parent)
        if (store_source(st, up)->report.state >= SOURCE_STALE)
            source = up;
    return source;
}

static void add_row(const struct store *st, const struct system_state *s, int64_t now_ms,
                    struct strbuf *out)
{
    struct span key = store_key(st, s->worst);
    size_t slash = span_find_last(key, '/');
    size_t before = out->len;
    if (!store_kind(st, s->worst.kind)->unnamed)
        strbuf_addf(out,
                    "%.*s: ", SPAN_ARG(slash < key.len ? span_sub(key, slash + 1, key.len) : key));
    size_t named = out->len;
    store_says(st, s->worst, now_ms, out);
    if (out->len == named)
        strbuf_truncate(out, before);
}

static void add_trouble(const struct store *st, const struct trouble *trouble, struct strbuf *out)
{
    const struct source_report *r = trouble->report;
    if (trouble->source != SOURCE_NONE) /* why is said once, where the source is named */
        strbuf_addf(out, "%s %s", store_source(st, trouble->source)->name,
                    source_state_name(r->state));
    else
        strbuf_adds(out, r->why.kind != ERR_NONE ? r->why.msg : source_state_name(r->state));
}

/* sure: something worse than unknown is known of a source that is well. */
static void say_unknown(const struct store *st, int64_t now_ms, const struct trouble *trouble,
                        bool sure, const struct system_state *s, struct strbuf *out)
{
    if (sure) {
        add_row(st, s, now_ms, out);
        strbuf_adds(out, out->len ? "; " : "");
        add_trouble(st, trouble, out);
        return;
    }
    strbuf_adds(out, "unknown");
    if (trouble->report->proof_ms != TIME_NONE) {
        char age[TIMETEXT_MAX] = "";
        duration_format_short(now_ms - trouble->report->proof_ms, age);
        strbuf_addf(out, ", was %s %s ago", s->level >= LEVEL_UNKNOWN ? level_name(s->level) : "ok",
                    age);
    }
    strbuf_adds(out, ": ");
    add_trouble(st, trouble, out);
}

struct strbuf *system_part(struct system_parts *parts)
{
    if (parts->text.len) {
        parts->first = parts->first ? parts->first : parts->text.len;
        strbuf_adds(&parts->text, ", ");
    }
    return &parts->text;
}

/* Rows that nobody judges are only counted. */
static void say_counts(const struct store *st, const struct system *s, struct system_parts *parts)
{
    int kind = store_kind_find(st, span_from(s->kinds[0]));
    size_t all = kind < 0 ? 0 : store_count(st, (uint16_t)kind);
    if (!all)
        return;
    struct strbuf *out = system_part(parts);
    size_t well = store_level_count(st, (uint16_t)kind, LEVEL_OK);
    size_t off = store_level_count(st, (uint16_t)kind, LEVEL_OFF);
    if (off < all)
        strbuf_addf(out, "%zu/", well);
    const struct kind *k = store_kind(st, (uint16_t)kind);
    size_t judged = off < all ? all - off : all;
    strbuf_addf(out, "%zu %s", judged, judged == 1 ? k->name : k->plural);
}

/* The first part, and what follows it. */
static struct span first_part(const struct system_parts *parts, struct span *first)
{
    struct span text = strbuf_span(&parts->text);
    size_t end = parts->first ? parts->first : text.len;
    *first = span_sub(text, 0, end);
    return span_sub(text, parts->first ? end + strlen(", ") : end, text.len);
}

/* What a source sees in part, of these rows or, where there are none, at all: they may be where it
 * does not. */
static void say_hidden(const struct store *st, const struct system_state *s, struct strbuf *out)
{
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_info *source = store_source(st, (uint16_t)i);
        bool fills = !s->rows;
        for (size_t k = 0; !fills && k < SYSTEM_KINDS_MAX && s->system->kinds[k]; k++) {
            int kind = store_kind_find(st, span_from(s->system->kinds[k]));
            fills = kind >= 0 && store_source_kind(st, (uint16_t)i, (uint16_t)kind)->wanted;
        }
        if (source->gone || !fills || source->report.state != SOURCE_PARTIAL)
            continue;
        strbuf_addf(out, "%s(%s)", out->len ? " " : "", source->report.note);
        return;
    }
}

/* "43/46 ready; web: its image is not there; 95 pods (12 bad)": how many are well, what is wrong, and
 * only then what else there is to count, which a narrow terminal cuts off. Of what has not come yet
 * nothing is counted: "none found" would be a lie. */
static void say(const struct store *st, int64_t now_ms, const struct system_state *s,
                struct strbuf *out)
{
    struct system_parts parts = {.text = STRBUF_INIT(4096)};
    struct span first, rest;
    for (const struct system *one = s->loading && !s->rows ? NULL : s->system; one; one = one->also)
        if (one->says)
            one->says(st, now_ms, &parts);
        else
            say_counts(st, one, &parts);
    rest = first_part(&parts, &first);
    if (s->has_worst && s->level >= LEVEL_UNKNOWN) {
        if (first.len)
            strbuf_addf(out, "%.*s; ", SPAN_ARG(first));
        add_row(st, s, now_ms, out);
        strbuf_adds(out, rest.len ? "; " : "");
        strbuf_add(out, rest);
    } else {
        strbuf_add(out, strbuf_span(&parts.text));
    }
    if (s->loading)
        strbuf_addf(out, "%sloading", out->len ? ", " : "");
    say_hidden(st, s, out);
    strbuf_clear(&parts.text);
}

/* The worst row above UNKNOWN whose own source is well: that another is away does not
 * hide it. False: none. */
static bool find_sure(const struct store *st, const struct system *s, struct system_state *out)
{
    enum level worst = LEVEL_UNKNOWN;
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && s->kinds[i] && worst < LEVEL_CRITICAL; i++) {
        int kind = store_kind_find(st, span_from(s->kinds[i]));
        enum level before = worst;
        struct handle row;
        uint32_t at = 0;
        if (kind < 0 || (!store_level_count(st, (uint16_t)kind, LEVEL_WARNING) &&
                         !store_level_count(st, (uint16_t)kind, LEVEL_CRITICAL)))
            continue;
        while (store_next(st, (uint16_t)kind, &at, &row)) {
            enum level level = store_verdict(st, row).level;
            if (level <= before || level < worst || store_stale(st, row))
                continue;
            if (level > worst || is_named_before(st, row, out->worst))
                take_worst(row, level, out);
            worst = level;
        }
    }
    return worst > LEVEL_UNKNOWN;
}

/* Cut between characters. */
static void keep_sentence(struct span says, struct system_state *out)
{
    size_t len = says.len;
    if (len >= sizeof(out->says)) {
        len = sizeof(out->says) - 1;
        while (len && ((unsigned char)says.data[len] & 0xc0) == 0x80)
            len--;
    }
    if (len)
        memcpy(out->says, says.data, len);
    out->says[len] = '\0';
}

void system_judge(const struct store *st, const struct system *s, int64_t now_ms,
                  struct system_state *out)
{
    struct trouble trouble = {NULL, SOURCE_NONE};
    *out = (struct system_state){
        .system = s, .level = LEVEL_OFF, .away = SOURCE_NONE, .since_ms = TIME_NONE};
    bool any = false;
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && s->kinds[i]; i++) {
        int kind = store_kind_find(st, span_from(s->kinds[i]));
        if (kind < 0)
            continue;
        any = any || store_synced(st, (uint16_t)kind);
        look_at_kind(st, (uint16_t)kind, out);
        const struct trouble one = troubled(st, (uint16_t)kind, &out->loading);
        trouble = trouble.report ? trouble : one;
    }
    if (out->level < LEVEL_UNKNOWN && out->rows && any)
        out->level = LEVEL_OK;
    struct strbuf says = STRBUF_INIT(4096);
    bool sure = trouble.report && find_sure(st, s, out);
    if (trouble.report)
        say_unknown(st, now_ms, &trouble, sure, out, &says);
    else
        say(st, now_ms, out, &says);
    keep_sentence(strbuf_span(&says), out);
    strbuf_clear(&says);
    out->stale = trouble.report != NULL;
    if (trouble.report && !sure) {
        out->level = LEVEL_UNKNOWN;
        out->away = trouble.source == SOURCE_NONE ? SOURCE_NONE : root_of(st, trouble.source);
    } else if (!trouble.report && out->loading && out->level < LEVEL_PROGRESS) {
        out->level = LEVEL_PROGRESS;
    }
}

uint16_t system_away(const struct store *st, const struct system_state *states, size_t count,
                     bool *alone)
{
    uint16_t away = SOURCE_NONE;
    size_t most = 1, rest = 0;
    for (size_t i = 0; i < store_sources(st); i++) {
        size_t waiting = 0;
        for (size_t k = 0; k < count; k++)
            waiting += states[k].away == i;
        if (waiting <= most)
            continue;
        most = waiting;
        away = (uint16_t)i;
    }
    for (size_t k = 0; k < count; k++)
        rest += states[k].away != away && states[k].level != LEVEL_OFF;
    *alone = away != SOURCE_NONE && !rest;
    return away;
}

void system_judge_all(const struct store *st, const struct system_list *list, int64_t now_ms,
                      struct system_state *out)
{
    for (size_t i = 0; i < list->count; i++) { /* insertion: few, and it keeps the list's order */
        struct system_state state;
        system_judge(st, &list->systems[i], now_ms, &state);
        size_t at = i;
        while (at && out[at - 1].level < state.level) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = state;
    }
}
