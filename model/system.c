/* Systems: the worst of their rows and of the sources behind them, in a sentence. */
#include <config.h>

#include "model/system.h"

#include "base/timetext.h"

#include <string.h>

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
        if (!store_level_count(st, kind, (enum level)level))
            continue;
        while (store_next(st, kind, &at, &row)) {
            if (store_verdict(st, row).level != (enum level)level)
                continue;
            out->worst = row;
            out->has_worst = true;
            out->level = (enum level)level;
            out->since_ms = store_level_since(st, row);
            return;
        }
    }
}

/* What the sources say of the kind: the first that is not well. */
static const struct source_report *troubled(const struct store *st, uint16_t kind, bool *loading)
{
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_kind *k = store_source_kind(st, (uint16_t)i, kind);
        const struct source_report *source = &store_source(st, (uint16_t)i)->report;
        if (!k->wanted && !k->synced)
            continue;
        if (source->state >= SOURCE_STALE)
            return source;
        if (store_kind(st, kind)->guarded && k->report.state == SOURCE_DENIED)
            continue;
        if (k->report.state >= SOURCE_STALE)
            return &k->report;
        if (!k->synced && k->report.state != SOURCE_OFF)
            *loading = true;
    }
    return NULL;
}

static void add_row(const struct store *st, const struct system_state *s, int64_t now_ms,
                    struct strbuf *out)
{
    struct span key = store_key(st, s->worst);
    size_t slash = span_find_last(key, '/');
    size_t before = out->len;
    strbuf_add(out, slash < key.len ? span_sub(key, slash + 1, key.len) : key);
    strbuf_adds(out, ": ");
    size_t named = out->len;
    store_says(st, s->worst, now_ms, out);
    if (out->len == named)
        strbuf_truncate(out, before);
}

/* Of the source whose own report it is; NULL: a kind's report. */
static const char *name_of_source(const struct store *st, const struct source_report *report)
{
    for (size_t i = 0; i < store_sources(st); i++)
        if (&store_source(st, (uint16_t)i)->report == report)
            return store_source(st, (uint16_t)i)->name;
    return NULL;
}

static void add_trouble(const struct store *st, const struct source_report *trouble,
                        struct strbuf *out)
{
    const char *away = name_of_source(st, trouble);
    if (away) /* why is said once, where the source is named */
        strbuf_addf(out, "%s %s", away, source_state_name(trouble->state));
    else
        strbuf_adds(out, trouble->why.kind != ERR_NONE ? trouble->why.msg
                                                       : source_state_name(trouble->state));
}

/* sure: something worse than unknown is known of a source that is well. */
static void say_unknown(const struct store *st, int64_t now_ms, const struct source_report *trouble,
                        bool sure, const struct system_state *s, struct strbuf *out)
{
    if (sure) {
        add_row(st, s, now_ms, out);
        strbuf_adds(out, out->len ? "; " : "");
        add_trouble(st, trouble, out);
        return;
    }
    strbuf_adds(out, "unknown");
    if (trouble->proof_ms != TIME_NONE) {
        char age[TIMETEXT_MAX] = "";
        duration_format_short(now_ms - trouble->proof_ms, age);
        strbuf_addf(out, ", was %s %s ago", s->level >= LEVEL_UNKNOWN ? level_name(s->level) : "ok",
                    age);
    }
    strbuf_adds(out, ": ");
    add_trouble(st, trouble, out);
}

/* Rows that nobody judges are only counted. */
static void say_counts(const struct store *st, const struct system *s, struct strbuf *out)
{
    int kind = kind_find(store_kinds(st), span_from(s->kinds[0]));
    size_t all = kind < 0 ? 0 : store_count(st, (uint16_t)kind);
    if (!all)
        return;
    size_t well = store_level_count(st, (uint16_t)kind, LEVEL_OK);
    size_t off = store_level_count(st, (uint16_t)kind, LEVEL_OFF);
    if (off < all)
        strbuf_addf(out, "%zu/", well);
    strbuf_addf(out, "%zu %s", off < all ? all - off : all, store_kind(st, (uint16_t)kind)->plural);
}

static void say_parts(const struct store *st, int64_t now_ms, const struct system *s,
                      struct strbuf *out)
{
    for (; s; s = s->also) {
        size_t before = out->len;
        strbuf_adds(out, before ? ", " : "");
        size_t begun = out->len;
        if (s->says)
            s->says(st, now_ms, out);
        else
            say_counts(st, s, out);
        if (out->len == begun)
            strbuf_truncate(out, before);
    }
}

static void say(const struct store *st, int64_t now_ms, const struct system_state *s,
                struct strbuf *out)
{
    say_parts(st, now_ms, s->system, out);
    if (s->has_worst && s->level >= LEVEL_UNKNOWN) {
        if (out->len)
            strbuf_adds(out, "; ");
        add_row(st, s, now_ms, out);
    }
    if (s->loading)
        strbuf_addf(out, "%sloading", out->len ? ", " : "");
}

/* The worst row above UNKNOWN whose own source is well: that another is away does not
 * hide it. False: none. */
static bool find_sure(const struct store *st, const struct system *s, struct system_state *out)
{
    enum level worst = LEVEL_UNKNOWN;
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && s->kinds[i]; i++) {
        int kind = kind_find(store_kinds(st), span_from(s->kinds[i]));
        struct handle row;
        uint32_t at = 0;
        if (kind < 0 || (!store_level_count(st, (uint16_t)kind, LEVEL_WARNING) &&
                         !store_level_count(st, (uint16_t)kind, LEVEL_CRITICAL)))
            continue;
        while (worst < LEVEL_CRITICAL && store_next(st, (uint16_t)kind, &at, &row)) {
            enum level level = store_verdict(st, row).level;
            if (level <= worst || store_stale(st, row))
                continue;
            worst = level;
            out->level = level;
            out->worst = row;
            out->has_worst = true;
            out->since_ms = store_level_since(st, row);
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
    const struct source_report *trouble = NULL;
    *out = (struct system_state){.system = s, .level = LEVEL_OFF, .since_ms = TIME_NONE};
    bool any = false;
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && s->kinds[i]; i++) {
        int kind = kind_find(store_kinds(st), span_from(s->kinds[i]));
        if (kind < 0)
            continue;
        any = any || store_synced(st, (uint16_t)kind);
        look_at_kind(st, (uint16_t)kind, out);
        const struct source_report *report = troubled(st, (uint16_t)kind, &out->loading);
        trouble = trouble ? trouble : report;
    }
    if (out->level < LEVEL_UNKNOWN && out->rows && any)
        out->level = LEVEL_OK;
    struct strbuf says = STRBUF_INIT(4096);
    bool sure = trouble && find_sure(st, s, out);
    if (trouble)
        say_unknown(st, now_ms, trouble, sure, out, &says);
    else
        say(st, now_ms, out, &says);
    keep_sentence(strbuf_span(&says), out);
    strbuf_clear(&says);
    out->stale = trouble != NULL;
    if (trouble && !sure)
        out->level = LEVEL_UNKNOWN;
    else if (!trouble && out->loading && out->level < LEVEL_PROGRESS)
        out->level = LEVEL_PROGRESS;
}

uint16_t system_away(const struct store *st, const struct system_state *states, size_t count)
{
    size_t waiting = 0;
    for (size_t i = 0; i < count; i++) {
        if (states[i].level == LEVEL_OFF && !states[i].stale) /* it is not there */
            continue;
        if (!states[i].stale || states[i].level != LEVEL_UNKNOWN)
            return SOURCE_NONE;
        waiting++;
    }
    for (uint16_t i = 0; waiting && i < store_sources(st); i++)
        if (store_source(st, i)->parent == SOURCE_NONE &&
            store_source(st, i)->report.state >= SOURCE_STALE)
            return i;
    return SOURCE_NONE;
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
