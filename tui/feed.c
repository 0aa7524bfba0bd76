/* Changes gathered into groups: one for each owner and stretch of time. */
#include <config.h>

#include "tui/feed.h"

#include "base/alloc.h"
#include "base/map.h"
#include "model/change.h"
#include "tui/naming.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX    FEED_LINES_MAX
#define ITEMS_MAX     8
#define FOLD_MS       INT64_C(120000) /* longer after the last one it is another story */
#define SLICE         1000            /* changes taken at once */
#define TOLD_NAME_MAX 64
#define TOLD_WORD_MAX 48
#define OWNER_MAX     700
#define SAYS_MAX      65536 /* of a row's sentence */

/* One thing that has changed; later changes of the same replace what it came to. */
struct item {
    enum change_what what;
    int64_t first_ms; /* of the first change in it */
    struct handle row;
    uint16_t column;                /* CELL */
    enum level before, peak, after; /* LEVEL */
    bool fresh;                     /* LEVEL: of a row that was new */
    bool over;                      /* LEVEL: of a row that is gone */
    unsigned rows;                  /* NEW, GONE: how many of the kind */
    char name[TOLD_NAME_MAX];       /* of the row */
    char from[TOLD_WORD_MAX], via[TOLD_WORD_MAX],
        to[TOLD_WORD_MAX]; /* via: before the last change */
};

struct group {
    uint64_t id;
    char *owner; /* owned: source, kind and key as bytes; the map's key */
    size_t owner_len;
    struct handle row; /* the owner */
    char label[LABEL_MAX];
    char name[160];
    int64_t last_ms;
    bool routine; /* what comes and goes by the clock */
    struct item items[ITEMS_MAX];
    size_t nitems;
};

struct feed {
    struct group *groups[GROUPS_MAX]; /* owned; newest last */
    size_t count;
    struct map *open; /* owner to its newest group */
    uint64_t taken;   /* seq of the last change taken */
    uint64_t last_id;
};

struct feed *feed_new(void)
{
    struct feed *f = xalloc_zero(1, sizeof(*f));
    f->open = map_new();
    return f;
}

static void free_group(struct group *g)
{
    free(g->owner);
    free(g);
}

void feed_clear(struct feed *f)
{
    for (size_t i = 0; i < f->count; i++)
        free_group(f->groups[i]);
    map_free(f->open, NULL);
    *f = (struct feed){.open = map_new()};
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    feed_clear(f);
    map_free(f->open, NULL);
    free(f);
}

static void keep_text(char *to, size_t size, struct span text)
{
    size_t len = text.len < size ? text.len : size - 1;
    while (len < text.len && len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--; /* cut between characters */
    if (len)
        memcpy(to, text.data, len);
    to[len] = '\0';
}

static bool is_kind(const struct store *st, uint16_t kind, const char *name)
{
    return strcmp(store_kind(st, kind)->name, name) == 0;
}

static void name_group(struct group *g, const struct kind *kind, struct span key)
{
    struct strbuf name = STRBUF_INIT(4096);
    naming_label(kind, key, g->label);
    naming_name(kind, key, &name);
    keep_text(g->name, sizeof(g->name), strbuf_span(&name));
    strbuf_clear(&name);
}

/* Makes room for one more group; the oldest goes. */
static void forget_oldest(struct feed *f)
{
    struct group *g = f->groups[0];
    if (f->count < GROUPS_MAX)
        return;
    if (map_get(f->open, span_make(g->owner, g->owner_len)) == g)
        (void)map_remove(f->open, span_make(g->owner, g->owner_len));
    free_group(g);
    memmove(&f->groups[0], &f->groups[1], --f->count * sizeof(f->groups[0]));
}

static void to_front(struct feed *f, const struct group *g)
{
    size_t i = f->count;
    while (i && f->groups[i - 1] != g)
        i--;
    struct group *moved = f->groups[i - 1];
    memmove(&f->groups[i - 1], &f->groups[i], (f->count - i) * sizeof(f->groups[0]));
    f->groups[f->count - 1] = moved;
}

/* The links of a row that is gone are gone as well: it belongs to the group in
 * which it has ended. NULL: nothing was heard of it before. */
static struct group *group_of_gone(struct feed *f, const struct change *c)
{
    for (size_t i = f->count; i && c->what == CHANGE_GONE; i--) {
        struct group *g = f->groups[i - 1];
        if (c->wall_ms - g->last_ms > FOLD_MS)
            return NULL;
        for (size_t k = 0; k < g->nitems; k++)
            if (handle_equal(g->items[k].row, c->row))
                return g;
    }
    return NULL;
}

static struct group *group_for(struct feed *f, const struct store *st, const struct change *c)
{
    char owner[OWNER_MAX];
    struct handle row = naming_owner(st, c->row);
    bool own = handle_equal(row, c->row);
    struct span key = own ? c->key : store_key(st, row);
    uint16_t source = own ? c->source : store_row_source(st, row);
    size_t len = key.len < sizeof(owner) - 4 ? key.len : sizeof(owner) - 4;
    memcpy(owner, &source, 2);
    memcpy(owner + 2, &row.kind, 2);
    if (len)
        memcpy(owner + 4, key.data, len);
    struct group *g = group_of_gone(f, c);
    g = g ? g : map_get(f->open, span_make(owner, len + 4));
    if (g && c->wall_ms - g->last_ms <= FOLD_MS) {
        to_front(f, g);
        g->last_ms = c->wall_ms;
        return g;
    }
    forget_oldest(f);
    g = xalloc_zero(1, sizeof(*g));
    g->id = ++f->last_id;
    g->owner = xalloc_bytes(owner, len + 4);
    g->owner_len = len + 4;
    g->row = row;
    g->last_ms = c->wall_ms;
    g->routine = is_kind(st, row.kind, "cronjob") || is_kind(st, row.kind, "job");
    name_group(g, store_kind(st, row.kind), key);
    (void)map_set(f->open, span_make(g->owner, g->owner_len), g);
    f->groups[f->count++] = g;
    return g;
}

static void keep_value(char to[TOLD_WORD_MAX], const struct value *v)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    value_format(v, &text);
    if (!text.len)
        strbuf_adds(&text, "none");
    keep_text(to, TOLD_WORD_MAX, strbuf_span(&text));
    strbuf_clear(&text);
}

/* Levels lead; what is counted is said last. */
static int rank_of(enum change_what what)
{
    return what == CHANGE_LEVEL ? 0 : what == CHANGE_CELL ? 1 : what == CHANGE_NEW ? 2 : 3;
}

/* What came first comes first; at one time by kind, name and column: which source is heard first is
 * chance. */
static bool comes_before(const struct change *c, struct span name, const struct item *item)
{
    int order = rank_of(c->what) - rank_of(item->what);
    if (c->wall_ms != item->first_ms)
        return c->wall_ms < item->first_ms;
    if (order)
        return order < 0;
    if (c->kind != item->row.kind)
        return c->kind < item->row.kind;
    order = span_compare(name, span_from(item->name));
    return order ? order < 0 : c->column < item->column;
}

/* A place for what a change is the first of; NULL: there are enough, and it is the last of them. */
static struct item *place_for(struct group *g, const struct change *c, struct span name)
{
    size_t at = g->nitems;
    while (at && comes_before(c, name, &g->items[at - 1]))
        at--;
    if (at == ITEMS_MAX)
        return NULL;
    size_t kept = g->nitems < ITEMS_MAX ? g->nitems++ : ITEMS_MAX - 1;
    memmove(&g->items[at + 1], &g->items[at], (kept - at) * sizeof(g->items[0]));
    return &g->items[at];
}

/* The same thing seen before in the group, or a new item; NULL: too many. */
static struct item *item_for(struct group *g, const struct change *c, struct span name)
{
    for (size_t i = 0; i < g->nitems; i++) {
        struct item *item = &g->items[i];
        bool counted = c->what == CHANGE_NEW || c->what == CHANGE_GONE;
        if (item->what == c->what && item->row.kind == c->row.kind &&
            (counted || (handle_equal(item->row, c->row) &&
                         (c->what == CHANGE_LEVEL || item->column == c->column))))
            return item;
    }
    bool fresh = false;
    for (size_t i = 0; i < g->nitems && c->what == CHANGE_LEVEL; i++)
        fresh = fresh || (g->items[i].what == CHANGE_NEW && handle_equal(g->items[i].row, c->row));
    struct item *item = place_for(g, c, name);
    if (!item)
        return NULL;
    *item = (struct item){.what = c->what,
                          .first_ms = c->wall_ms,
                          .row = c->row,
                          .column = c->column,
                          .fresh = fresh};
    if (c->what == CHANGE_CELL)
        keep_value(item->from, &c->before);
    if (c->what == CHANGE_LEVEL)
        item->before = item->peak = (enum level)c->before.num;
    return item;
}

static void add_change(struct feed *f, const struct store *st, const struct change *c)
{
    struct group *g = group_for(f, st, c);
    const struct span name = kind_key_parts(store_kind(st, c->row.kind), c->key).name;
    for (size_t i = 0; i < g->nitems && c->what == CHANGE_GONE; i++)
        g->items[i].over = g->items[i].over || handle_equal(g->items[i].row, c->row);
    struct item *item = item_for(g, c, name);
    if (!item)
        return;
    item->row = c->row;
    keep_text(item->name, sizeof(item->name), name);
    switch (c->what) {
    case CHANGE_NEW:
    case CHANGE_GONE:
        item->rows++;
        break;
    case CHANGE_CELL:
        memcpy(item->via, item->to, sizeof(item->via));
        keep_value(item->to, &c->after);
        break;
    case CHANGE_LEVEL:
        item->after = (enum level)c->after.num;
        item->peak = item->after > item->peak ? item->after : item->peak;
        break;
    }
}

/* That an event is old after an hour, or is one more of the good ones, is no news. */
static bool is_news(const struct store *st, const struct change *c)
{
    return !is_kind(st, c->kind, "event") ||
           (c->what == CHANGE_LEVEL && c->after.num >= LEVEL_UNKNOWN);
}

bool feed_follow(struct feed *f, const struct store *st)
{
    uint64_t last = change_last(st), first = change_first(st);
    struct change c;
    if (f->taken + 1 < first)
        f->taken = first - 1;
    for (size_t n = 0; f->taken < last && n < SLICE; n++)
        if (change_get(st, ++f->taken, &c) && is_news(st, &c))
            add_change(f, st, &c);
    return f->taken < last;
}

void feed_skip(struct feed *f, const struct store *st)
{
    f->taken = change_last(st);
}

/* The item that says most: what is worst now, then what was, or is gone; of two that are
 * equally bad that of the row below. NULL: no level has changed. */
static const struct item *lead_of(const struct group *g)
{
    const struct item *best = NULL;
    int most = -1;
    for (size_t i = 0; i < g->nitems; i++) {
        const struct item *item = &g->items[i];
        if (item->what != CHANGE_LEVEL)
            continue;
        int now = item->after >= LEVEL_UNKNOWN && !item->over ? (int)item->after : 0;
        int score = now * 32 + (int)item->peak * 2 + !handle_equal(item->row, g->row);
        if (score > most) {
            most = score;
            best = item;
        }
    }
    return best;
}

/* Of the same second, which is all that is shown, the cause comes before what
 * follows from it: the worst; what came at once is told by name. */
static int compare_groups(const void *a, const void *b)
{
    const struct group *const *x = a, *const *y = b;
    int64_t second_x = (*x)->last_ms / 1000, second_y = (*y)->last_ms / 1000;
    const struct item *lead_x = lead_of(*x), *lead_y = lead_of(*y);
    int level_x = lead_x ? (int)lead_x->after : -1, level_y = lead_y ? (int)lead_y->after : -1;
    if (second_x != second_y)
        return second_x > second_y ? -1 : 1;
    if (level_x != level_y)
        return level_x > level_y ? -1 : 1;
    if ((*x)->last_ms != (*y)->last_ms)
        return (*x)->last_ms > (*y)->last_ms ? -1 : 1;
    int order = strcmp((*x)->label, (*y)->label);
    order = order ? order : strcmp((*x)->name, (*y)->name);
    return order ? order : (*x)->id > (*y)->id ? -1 : 1;
}

size_t feed_lines(const struct feed *f, int64_t since_ms, bool routine,
                  uint64_t out[FEED_LINES_MAX])
{
    const struct group *groups[GROUPS_MAX];
    size_t n = 0;
    for (size_t i = f->count; i && f->groups[i - 1]->last_ms >= since_ms; i--)
        if (routine || !f->groups[i - 1]->routine || lead_of(f->groups[i - 1]))
            groups[n++] = f->groups[i - 1];
    qsort((void *)groups, n, sizeof(groups[0]), compare_groups);
    for (size_t i = 0; i < n; i++)
        out[i] = groups[i]->id;
    return n;
}

static const struct group *find(const struct feed *f, uint64_t id)
{
    for (size_t i = f->count; i; i--)
        if (f->groups[i - 1]->id == id)
            return f->groups[i - 1];
    return NULL;
}

bool feed_line(const struct feed *f, uint64_t name, struct feed_line *out)
{
    const struct group *g = find(f, name);
    const struct item *lead = g ? lead_of(g) : NULL;
    if (!g)
        return false;
    *out = (struct feed_line){.wall_ms = g->last_ms,
                              .label = g->label,
                              .whose = span_from(g->name),
                              .level = lead ? lead->after : LEVEL_OFF,
                              .good = lead && lead->after < LEVEL_UNKNOWN,
                              .row = lead ? lead->row : g->row};
    return true;
}

struct saying {
    const struct group *group;
    const struct store *store;
    const char *arrow;
    int64_t now_ms;
    struct strbuf *out;
    size_t start;
    struct handle named; /* the row that the last words are of */
};

static void part_from_last(const struct saying *s, const char *with)
{
    if (s->out->len > s->start)
        strbuf_adds(s->out, with);
}

static void name_row(struct saying *s, const struct item *item)
{
    if (!handle_equal(item->row, s->named))
        strbuf_addf(s->out, "%s ", item->name);
    s->named = item->row;
}

/* "ok -> critical: api-x2k4m CrashLoopBackOff": the sentence while it still holds. */
static void say_level(struct saying *s, const struct item *lead)
{
    if (lead->fresh && lead->after == lead->peak)
        strbuf_addf(s->out, "new, %s", level_name(lead->after));
    else if (lead->peak > lead->before && lead->peak > lead->after)
        strbuf_addf(s->out, "%s%s%s%s%s", level_name(lead->before), s->arrow,
                    level_name(lead->peak), s->arrow, level_name(lead->after));
    else
        strbuf_addf(s->out, "%s%s%s", level_name(lead->before), s->arrow, level_name(lead->after));
    if (!store_alive(s->store, lead->row) ||
        store_verdict(s->store, lead->row).level != lead->after)
        return;
    size_t before = s->out->len;
    struct handle named = s->named;
    strbuf_adds(s->out, ": ");
    name_row(s, lead);
    size_t start = s->out->len;
    struct strbuf says = STRBUF_INIT(SAYS_MAX);
    store_says(s->store, lead->row, s->now_ms, &says);
    naming_brief(strbuf_span(&says), s->out);
    strbuf_clear(&says);
    if (s->out->len > start)
        return;
    strbuf_truncate(s->out, before);
    s->named = named;
}

static void say_rows(const struct saying *s, const struct item *item, const struct item *lead)
{
    const struct kind *kind = store_kind(s->store, item->row.kind);
    const char *word = item->what == CHANGE_NEW ? "new" : "gone";
    if (lead && lead->fresh && item->rows == 1 && handle_equal(lead->row, item->row))
        return; /* said already */
    part_from_last(s, ", ");
    if (item->rows > 1)
        strbuf_addf(s->out, "%u %s %s", item->rows, word, kind->plural);
    else if (handle_equal(item->row, s->group->row))
        strbuf_adds(s->out, word);
    else
        strbuf_addf(s->out, "%s %s %s", word, kind->name, item->name);
}

static void say_cell(struct saying *s, const struct item *item)
{
    const struct kind *kind = store_kind(s->store, item->row.kind);
    struct span said = span_sub(strbuf_span(s->out), s->start, s->out->len);
    bool back = strcmp(item->from, item->to) == 0;
    if (span_search(said, span_from(item->to), false) < said.len)
        return; /* part of the sentence */
    part_from_last(s, ", ");
    name_row(s, item);
    strbuf_addf(s->out, "%s %s", kind->columns[item->column].name, item->from);
    if (back)
        strbuf_addf(s->out, "%s%s", s->arrow, item->via);
    strbuf_addf(s->out, "%s%s", s->arrow, item->to);
}

void feed_say(const struct feed *f, const struct store *st, uint64_t name, int64_t now_ms,
              bool ascii, struct strbuf *out)
{
    const struct group *g = find(f, name);
    if (!g)
        return;
    const struct item *lead = lead_of(g);
    struct saying s = {.group = g,
                       .store = st,
                       .arrow = ascii ? " -> " : " \xe2\x86\x92 ",
                       .now_ms = now_ms,
                       .out = out,
                       .start = out->len,
                       .named = g->row};
    if (lead)
        say_level(&s, lead);
    for (size_t i = 0; i < g->nitems; i++)
        if (g->items[i].what == CHANGE_CELL)
            say_cell(&s, &g->items[i]);
    for (size_t i = 0; i < g->nitems; i++)
        if (g->items[i].what == CHANGE_NEW || g->items[i].what == CHANGE_GONE)
            say_rows(&s, &g->items[i], lead);
}
