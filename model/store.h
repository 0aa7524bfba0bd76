/* All rows of all kinds, as last heard. One thread; no locks, no I/O, no
 * singletons: live, replayed and compared stores exist side by side. */
#ifndef BINNACLE_MODEL_STORE_H
#define BINNACLE_MODEL_STORE_H

#include "base/clock.h"
#include "model/series.h"
#include "model/source.h"

struct store;

/* kinds: borrowed, outlives the store. NULL when out of memory. */
struct store *store_new(const struct kind_list *kinds) BN_MUST_USE;
void store_free(struct store *st);

const struct kind_list *store_kinds(const struct store *st);
int store_kind_find(const struct store *st, struct span word); /* as kind_find(), in no time */
const struct kind *store_kind(const struct store *st, uint16_t kind);

/* Registers a source; returns its number (0, 1, ...): of one that was dropped, the number it had.
 * Texts are copied. */
uint16_t store_add_source(struct store *st, const char *name, const char *backend,
                          const char *cluster, uint16_t parent);
/* How the source is reached, by which credential, what is missing: for the sources screen. Texts
 * are copied; NULL is "". */
void store_describe_source(struct store *st, uint16_t source, const char *reach, const char *secret,
                           const char *missing);
/* It is made of its parent's rows: not proven when that is not. */
void store_set_joined(struct store *st, uint16_t source, bool joined);
/* How long it may be unheard while something of it is wanted. */
void store_set_patience(struct store *st, uint16_t source, int64_t patience_ms);
/* Whose report counts for a source: its parent's where it is joined and that is stale or worse, else
 * its own. */
uint16_t store_speaker(const struct store *st, uint16_t source);
/* Its rows go as if a whole picture had not shown them; its number stays its own. */
void store_drop_source(struct store *st, uint16_t source);
/* Grows when a row of the kind is put, changed by its source, or dropped. */
uint64_t store_kind_version(const struct store *st, uint16_t kind);
size_t store_sources(const struct store *st);
const struct source_info *store_source(const struct store *st, uint16_t source);
const struct source_kind *store_source_kind(const struct store *st, uint16_t source, uint16_t kind);
/* Marks whether a kind of a source is watched. Rows of one no longer wanted
 * stay, "not watched", never "gone". */
void store_set_wanted(struct store *st, uint16_t source, uint16_t kind, bool wanted);
/* True when every source that wants the kind has synced it. */
bool store_synced(const struct store *st, uint16_t kind);
/* True when what the row's source says of its kind is no longer proven. */
bool store_stale(const struct store *st, struct handle row);

/* Applies one BATCH, SYNC or STATE message (DOCUMENT and LINES are not for the
 * store) and leaves m to the caller. now_ms is wall time. False: out of memory;
 * the rows of *m applied so far stay, *err says so. */
bool store_apply(struct store *st, const struct message *m, int64_t now_ms, struct err *err);

/* Does what time alone asks for: verdicts whose `until` has come, gone rows
 * whose 60 s are over, slices of sorting and filtering of all views, compaction;
 * at most budget_us of work. True when there is more to do at once. */
bool store_turn(struct store *st, int64_t now_ms, int64_t budget_us);
/* Makes what is derived in the rows of a kind again, by the next store_turn(): for who looks once, when
 * all has come. What is derived of rows that nothing links to has moved with its own row alone. */
void store_derive_again(struct store *st, uint16_t kind);
/* Wall time when store_turn() is due next; TIME_FOREVER: only on changes. */
int64_t store_next_turn(const struct store *st);
/* Grows with everything that could change what is shown. */
uint64_t store_version(const struct store *st);

/* Rows. Order of store_next() is arbitrary but stable while nothing changes. */
size_t store_count(const struct store *st, uint16_t kind);
/* Starts with *at = 0; false at the end. */
bool store_next(const struct store *st, uint16_t kind, uint32_t *at, struct handle *row);
bool store_alive(const struct store *st, struct handle row);
/* The row with this key; source may be SOURCE_ANY. False: none. */
bool store_find(const struct store *st, uint16_t source, uint16_t kind, struct span key,
                struct handle *row);
struct span store_key(const struct store *st,
                      struct handle row); /* borrowed until the next apply or turn */
uint16_t store_row_source(const struct store *st, struct handle row);
/* One cell; text is borrowed until the next apply or turn. Columns with `since`
 * are computed from now_ms; folds are kept up. A dead row gives ABSENT. */
struct value store_cell(const struct store *st, struct handle row, size_t column, int64_t now_ms);
/* Short cuts: text ("" when absent) and number (fallback when absent). */
struct span store_text(const struct store *st, struct handle row, size_t column);
int64_t store_num(const struct store *st, struct handle row, size_t column, int64_t fallback);

/* The ten minutes until now_ms of a column with COLUMN_SERIES, as series_read(): what each put of
 * the row said, equal to the one before or not. Kept until the row is free, and of no more than
 * 2,000 rows of all kinds (some 500 bytes a column and row): those that came first. */
size_t store_series(const struct store *st, struct handle row, size_t column, int64_t now_ms,
                    double out[SERIES_SAMPLES]);

struct verdict store_verdict(const struct store *st, struct handle row);
/* Appends the verdict's sentence; nothing for OFF and OK. */
void store_says(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out);
/* Rows of a kind at a level. */
size_t store_level_count(const struct store *st, uint16_t kind, enum level level);
/* When the row came to its present level: as it says itself (a rule's `since`), else as was seen;
 * TIME_NONE: unknown (first sync). */
int64_t store_level_since(const struct store *st, struct handle row);

/* Links from a row: *at = 0 starts. */
bool store_link_next(const struct store *st, struct handle row, size_t *at, struct link *out);

enum link_reach { LINK_FOUND, LINK_MISSING, LINK_UNKNOWN };
/* Looks a link's target up: in the row's own source, then in those of other backends
 * (a namesake in another cluster is not meant). MISSING only when the target's
 * kind is synced and complete, else UNKNOWN. */
enum link_reach store_follow(const struct store *st, struct handle from, const struct link *l,
                             struct handle *target);
/* Rows that link here: *at = 0 starts; false at the end. */
bool store_used_by_next(const struct store *st, struct handle target, uint32_t *at,
                        struct handle *from, enum link_type *type);

/* Gone rows are kept for 60 s for the screen. */
bool store_gone_next(const struct store *st, uint16_t kind, uint32_t *at, struct handle *row);

/* Figures of the store itself, for the sources screen and tests. */
struct store_figures {
    size_t rows, texts, text_bytes, bytes;
    uint64_t puts, equal_puts, drops;
    uint64_t miscounts; /* folds that a count after a whole picture found wrong: a bug */
};
struct store_figures store_figures(const struct store *st);

#endif
