/* The store: its life, its sources, reading rows. */
#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "model/store_impl.h"

#include <stdlib.h>
#include <string.h>

#define NODES_SHIFT 14 /* links in a block */
#define CELLS_SHIFT 16 /* units of cells in a block */
#define LEAST_SHARE 16 /* of a turn's budget is each view's, whatever the others take */

static bool table_init(struct table *t, const struct kind *kind)
{
    bn_assert(kind->ncolumns <= COLUMNS_MAX);
    t->kind = kind;
    t->free_slot = NONE32;
    pool_init(&t->rows, sizeof(struct row_head));
    series_init(t);
    return cells_init(t);
}

/* A bit for each column. */
static uint64_t cells_all(const struct kind *kind)
{
    return (UINT64_C(1) << kind->ncolumns) - 1;
}

/* ---- Kinds by name. They are looked for with each link that is followed. */

#define WORD_MAX 64

static struct span fold_word(struct span word, char folded[WORD_MAX])
{
    for (size_t i = 0; i < word.len; i++)
        folded[i] = (char)span_fold(word.data[i]);
    return span_make(folded, word.len);
}

static void add_words(struct map *words, const char *text, size_t number)
{
    struct span rest = span_from(text), word;
    char folded[WORD_MAX];
    while (span_split(&rest, ' ', &word)) {
        struct span key = word.len <= WORD_MAX ? fold_word(word, folded) : SPAN("");
        if (key.len && !map_get(words, key))
            (void)map_set(words, key, (void *)(uintptr_t)number);
    }
}

static struct map *words_of(const struct kind_list *kinds)
{
    struct map *words = map_new();
    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        add_words(words, k->name, i + 1);
        add_words(words, k->plural, i + 1);
        add_words(words, k->aliases, i + 1);
    }
    return words;
}

int store_kind_find(const struct store *st, struct span word)
{
    char folded[WORD_MAX];
    if (word.len > WORD_MAX)
        return -1;
    return (int)(uintptr_t)map_get(st->words, fold_word(word, folded)) - 1;
}

struct store *store_new(const struct kind_list *kinds)
{
    struct store *st = alloc_try_zero(1, sizeof(*st));
    if (!st)
        return NULL;
    bn_assert(kinds->count <= UINT8_MAX);
    st->kinds = kinds;
    st->words = words_of(kinds);
    rooms_init(&st->cells, CELL_UNIT, CELLS_SHIFT);
    rooms_init(&st->nodes, sizeof(struct link_node), NODES_SHIFT);
    pool_init(&st->targets, sizeof(struct target));
    st->texts = intern_new();
    st->tables = alloc_try_zero(kinds->count, sizeof(*st->tables));
    st->names = alloc_try_zero(kinds->count, sizeof(*st->names));
    st->ring = alloc_try_zero(CHANGE_RING, sizeof(*st->ring));
    size_t widest = 0;
    bool ok = st->texts && st->tables && st->names && st->ring;
    for (size_t i = 0; ok && i < kinds->count; i++) {
        ok = table_init(&st->tables[i], kinds->kinds[i]);
        st->names[i] = kinds->kinds[i]->name;
        size_t size = ok ? cells_size(&st->tables[i], cells_all(kinds->kinds[i])) : 0;
        widest = size > widest ? size : widest;
    }
    st->nnames = (uint16_t)kinds->count;
    st->scratch = ok ? alloc_try_zero(1, widest + CELL_UNIT) : NULL;
    if (ok && st->scratch && folds_init(st))
        return st;
    store_free(st);
    return NULL;
}

static void table_free(struct table *t)
{
    pool_clear(&t->rows);
    lookup_clear(&t->keys);
    folds_free(t);
    series_free(t);
    free(t->bytes);
}

static void source_free(struct source_entry *s)
{
    const char *const texts[] = {s->info.name, s->info.cluster, s->info.reach, s->info.secret,
                                 s->info.missing};
    for (size_t i = 0; i < BN_COUNT(texts); i++)
        free((char *)(uintptr_t)texts[i]);
    free(s->kinds);
}

void store_free(struct store *st)
{
    if (!st)
        return;
    for (size_t i = 0; st->tables && i < st->kinds->count; i++)
        table_free(&st->tables[i]);
    for (size_t i = st->kinds->count; st->names && i < st->nnames; i++)
        free((char *)(uintptr_t)st->names[i]);
    for (size_t i = 0; i < st->nsources; i++) {
        source_free(&st->sources[i]);
    }
    free(st->sources);
    free(st->tables);
    free(st->names);
    map_free(st->words, NULL);
    rooms_clear(&st->cells);
    rooms_clear(&st->nodes);
    pool_clear(&st->targets);
    lookup_clear(&st->target_numbers);
    free(st->queue);
    free(st->timers);
    free(st->views);
    free(st->ring);
    free(st->scratch);
    intern_free(st->texts);
    free(st);
}

const struct kind_list *store_kinds(const struct store *st)
{
    return st->kinds;
}

const struct kind *store_kind(const struct store *st, uint16_t kind)
{
    return st->kinds->kinds[kind];
}

static const struct source_report nothing_said = {
    .state = SOURCE_CONNECTING, .proof_ms = TIME_NONE, .retry_ms = TIME_NONE};

static struct source_entry source_new(const struct store *st, const char *name, const char *backend,
                                      const char *cluster, uint16_t parent)
{
    struct source_entry s = {
        .info = {.name = xalloc_text(name),
                 .backend = backend,
                 .cluster = xalloc_text(cluster),
                 .parent = parent,
                 .reach = xalloc_text(""),
                 .secret = xalloc_text(""),
                 .missing = xalloc_text(""),
                 .report = nothing_said},
        .kinds = xalloc_zero(st->kinds->count, sizeof(*s.kinds)),
    };
    for (size_t i = 0; i < st->kinds->count; i++) {
        s.kinds[i].info = (struct source_kind){.synced_ms = TIME_NONE, .report = nothing_said};
        s.kinds[i].info.report.state = SOURCE_OFF;
    }
    return s;
}

uint16_t store_add_source(struct store *st, const char *name, const char *backend,
                          const char *cluster, uint16_t parent)
{
    size_t at = 0;
    while (at < st->nsources &&
           (strcmp(st->sources[at].info.name, name) != 0 || !sync_is_dropped(st, (uint16_t)at)))
        at++;
    if (at == st->nsources)
        st->sources = xalloc_resize(st->sources, ++st->nsources, sizeof(*st->sources));
    else
        source_free(&st->sources[at]);
    st->sources[at] = source_new(st, name, backend, cluster, parent);
    st->version++;
    return (uint16_t)at;
}

static void set_text(const char **to, const char *text)
{
    free((char *)(uintptr_t)*to);
    *to = xalloc_text(text ? text : "");
}

void store_describe_source(struct store *st, uint16_t source, const char *reach, const char *secret,
                           const char *missing)
{
    struct source_info *s = &st->sources[source].info;
    set_text(&s->reach, reach);
    set_text(&s->secret, secret);
    set_text(&s->missing, missing);
    st->version++;
}

void store_set_joined(struct store *st, uint16_t source, bool joined)
{
    st->sources[source].info.joined = joined;
}

void store_set_patience(struct store *st, uint16_t source, int64_t patience_ms)
{
    st->sources[source].info.patience_ms = patience_ms;
}

uint16_t store_speaker(const struct store *st, uint16_t source)
{
    const struct source_info *s = &st->sources[source].info;
    bool parent = s->joined && s->parent != SOURCE_NONE &&
                  st->sources[s->parent].info.report.state >= SOURCE_STALE;
    return parent ? s->parent : source;
}

uint64_t store_kind_version(const struct store *st, uint16_t kind)
{
    return st->tables[kind].version;
}

size_t store_sources(const struct store *st)
{
    return st->nsources;
}

const struct source_info *store_source(const struct store *st, uint16_t source)
{
    return &st->sources[source].info;
}

const struct source_kind *store_source_kind(const struct store *st, uint16_t source, uint16_t kind)
{
    return &st->sources[source].kinds[kind].info;
}

void store_set_wanted(struct store *st, uint16_t source, uint16_t kind, bool wanted)
{
    struct source_kind *k = &st->sources[source].kinds[kind].info;
    if (k->wanted == wanted)
        return;
    k->wanted = wanted;
    if (wanted && !k->synced)
        st->sources[source].settled = false;
    if (wanted && k->report.state == SOURCE_OFF)
        k->report.state = SOURCE_CONNECTING;
    st->version++;
}

bool store_synced(const struct store *st, uint16_t kind)
{
    bool any = false;
    for (size_t i = 0; i < st->nsources; i++) {
        const struct source_kind *k = &st->sources[i].kinds[kind].info;
        if (k->wanted && !k->synced)
            return false;
        any = any || k->synced;
    }
    return any;
}

bool store_stale(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    if (!head)
        return true;
    const struct source_entry *s = &st->sources[head->source];
    return st->sources[store_speaker(st, head->source)].info.report.state >= SOURCE_STALE ||
           s->kinds[row.kind].info.report.state >= SOURCE_STALE;
}

uint64_t store_version(const struct store *st)
{
    return st->version;
}

size_t store_count(const struct store *st, uint16_t kind)
{
    return st->tables[kind].alive;
}

static bool next_in_state(const struct store *st, uint16_t kind, uint32_t *at, enum row_state state,
                          struct handle *row)
{
    const struct table *t = &st->tables[kind];
    for (; *at < t->rows.used; (*at)++) {
        const struct row_head *head = pool_at(&t->rows, *at);
        if (head->state != state)
            continue;
        *row = (struct handle){*at, head->generation, kind};
        (*at)++;
        return true;
    }
    return false;
}

bool store_next(const struct store *st, uint16_t kind, uint32_t *at, struct handle *row)
{
    return next_in_state(st, kind, at, ROW_ALIVE, row);
}

bool store_gone_next(const struct store *st, uint16_t kind, uint32_t *at, struct handle *row)
{
    return st->tables[kind].gone && next_in_state(st, kind, at, ROW_GONE, row);
}

struct row_head *row_head(const struct store *st, struct handle row)
{
    return pool_at(&st->tables[row.kind].rows, row.slot);
}

struct row_head *row_known(const struct store *st, struct handle row)
{
    if (row.kind >= st->kinds->count || row.slot >= st->tables[row.kind].rows.used)
        return NULL;
    struct row_head *head = row_head(st, row);
    return head->state != ROW_FREE && head->generation == row.generation ? head : NULL;
}

bool store_alive(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    return head && head->state == ROW_ALIVE;
}

bool store_find(const struct store *st, uint16_t source, uint16_t kind, struct span key,
                struct handle *row)
{
    if (source != SOURCE_ANY)
        return rows_find(st, source, kind, key, row);
    for (size_t i = 0; i < st->nsources; i++)
        if (rows_find(st, (uint16_t)i, kind, key, row))
            return true;
    return false;
}

struct span store_key(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    return head ? intern_text(st->texts, head->key) : (struct span){"", 0};
}

uint16_t store_row_source(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    return head ? head->source : SOURCE_NONE;
}

struct value store_cell(const struct store *st, struct handle row, size_t column, int64_t now_ms)
{
    const struct table *t = &st->tables[row.kind];
    const struct column *c = &t->kind->columns[column];
    const struct row_head *head = row_known(st, row);
    if (!head)
        return (struct value){.type = VALUE_ABSENT};
    struct cells cells = row_cells(st, head);
    if (!c->since)
        return cell_read(st, t, &cells, column);
    int from = kind_column(t->kind, span_from(c->since));
    struct value v =
        from < 0 ? (struct value){.type = VALUE_ABSENT} : cell_read(st, t, &cells, (size_t)from);
    if (v.type != VALUE_INSTANT)
        return (struct value){.type = VALUE_ABSENT};
    v.type = VALUE_DURATION;
    if (c->flags & COLUMN_LEFT)
        v.num -= now_ms; /* less than nothing once it is past */
    else
        v.num = now_ms > v.num ? now_ms - v.num : 0; /* no age is: two clocks differ */
    return v;
}

struct span store_text(const struct store *st, struct handle row, size_t column)
{
    struct value v = store_cell(st, row, column, 0);
    return v.type == VALUE_ABSENT ? (struct span){"", 0} : v.text;
}

int64_t store_num(const struct store *st, struct handle row, size_t column, int64_t fallback)
{
    struct value v = store_cell(st, row, column, st->now_ms);
    return v.type == VALUE_ABSENT ? fallback : v.num;
}

struct verdict store_verdict(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    if (!head)
        return (struct verdict){LEVEL_OFF, 0, TIME_FOREVER};
    return (struct verdict){head->level, head->rule, head->until_ms};
}

void store_says(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct verdict v = store_verdict(st, row);
    const struct kind *kind = st->kinds->kinds[row.kind];
    if (v.level > LEVEL_OK && kind->says && store_alive(st, row))
        kind->says(st, row, &v, now_ms, out);
}

size_t store_level_count(const struct store *st, uint16_t kind, enum level level)
{
    return st->tables[kind].levels[level];
}

/* What the system says of its own comes first: it was there before us. */
static int64_t told_since(const struct store *st, struct handle row, const struct row_head *head)
{
    const struct kind *kind = st->kinds->kinds[row.kind];
    uint8_t since =
        head->level > LEVEL_OK && head->rule < kind->nrules ? kind->rules[head->rule].since : 0;
    return since ? store_num(st, row, since, TIME_NONE) : TIME_NONE;
}

int64_t store_level_since(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    int64_t told = head ? told_since(st, row, head) : TIME_NONE;
    if (told != TIME_NONE && told <= st->now_ms)
        return told;
    return head ? head->since_ms : TIME_NONE;
}

void store_attach_view(struct store *st, struct view *v)
{
    st->views = xalloc_resize(st->views, st->nviews + 1, sizeof(struct view *));
    st->views[st->nviews++] = v;
}

void store_detach_view(struct store *st, struct view *v)
{
    for (size_t i = 0; i < st->nviews; i++) {
        if (st->views[i] == v) {
            st->views[i] = st->views[--st->nviews];
            return;
        }
    }
}

void tell_views(struct store *st, struct handle row, uint64_t changed)
{
    st->version++;
    for (size_t i = 0; i < st->nviews; i++)
        if (view_kind(st->views[i]) == row.kind)
            view_row_changed(st->views[i], row, changed, st->now_ms);
}

bool store_turn(struct store *st, int64_t now_ms, int64_t budget_us)
{
    int64_t deadline = clock_machine_us() + budget_us;
    st->now_ms = now_ms;
    sync_work(st, deadline);
    bool more = judge_work(st, now_ms, deadline) || st->endings;
    for (size_t i = 0; i < st->nviews; i++) {
        int64_t left = deadline - clock_machine_us(), least = budget_us / LEAST_SHARE;
        uint64_t before = view_version(st->views[i]);
        if (view_work(st->views[i], now_ms, left > least ? left : least))
            more = true;
        st->version += view_version(st->views[i]) != before; /* no row of it need have changed */
    }
    return more;
}

int64_t store_next_turn(const struct store *st)
{
    int64_t next = st->endings ? INT64_MIN + 1 : judge_next(st);
    for (size_t i = 0; i < st->nviews; i++) {
        int64_t view = view_next_work(st->views[i]);
        next = view < next ? view : next;
    }
    return next;
}

struct store_figures store_figures(const struct store *st)
{
    struct store_figures f = {.texts = intern_count(st->texts),
                              .text_bytes = intern_bytes(st->texts),
                              .puts = st->puts,
                              .equal_puts = st->equal_puts,
                              .drops = st->drops,
                              .miscounts = st->miscounts};
    f.bytes = f.text_bytes + rooms_bytes(&st->cells) + rooms_bytes(&st->nodes) +
              pool_bytes(&st->targets) + lookup_bytes(&st->target_numbers) +
              st->timers_cap * sizeof(*st->timers) + st->queue_cap * sizeof(*st->queue) +
              CHANGE_RING * sizeof(*st->ring) + st->series_bytes;
    for (size_t i = 0; i < st->kinds->count; i++) {
        const struct table *t = &st->tables[i];
        f.rows += t->alive;
        f.bytes += pool_bytes(&t->rows) + pool_bytes(&t->sums) + lookup_bytes(&t->keys);
    }
    return f;
}
