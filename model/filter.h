/* The filter language (doc/filter.md): compile once, match rows.
 *   term := [!] ( word | "quoted" | ~fuzzy | /regex/ | column op value | flag )
 * Terms are ANDed, | is OR, ( ) groups. Smart case. */
#ifndef BINNACLE_MODEL_FILTER_H
#define BINNACLE_MODEL_FILTER_H

#include "base/err.h"
#include "model/store.h"

struct filter;

#define FILTER_TEXT_MAX  4096
#define FILTER_TERMS_MAX 256
#define FILTER_DEPTH_MAX 32

/* What a filter cannot know from the row alone; any part may be NULL. */
struct filter_scope {
    bool (*is_marked)(void *self, struct handle row);
    bool (*is_pinned)(void *self, struct handle row);
    /* For views: rows that are not within are left out, whatever the filter. */
    bool (*is_within)(void *self, struct handle row);
    void *self;
};

/* Compiles text against a kind. NULL with *err set (ERR_CONFIG, a sentence) and
 * *where the byte offset of the fault. */
struct filter *filter_compile(const struct kind *k, struct span text, size_t *where,
                              struct err *err) BN_MUST_USE;

/* For filter-as-you-type: never fails; bad terms are left out and reported in
 * bad (from, len pairs), at most max; returns how many. */
struct filter_fault {
    size_t from, len;
    char why[120];
};
struct filter *filter_compile_lenient(const struct kind *k, struct span text,
                                      struct filter_fault *faults, size_t max,
                                      size_t *nfaults) BN_MUST_USE;
void filter_free(struct filter *f);
void filter_set_scope(struct filter *f, const struct filter_scope *scope);

/* Does the row match at now_ms? Lowers *until to the wall time at which that
 * could change by itself (age<10m). */
bool filter_match(struct filter *f, const struct store *st, struct handle row, int64_t now_ms,
                  int64_t *until);
/* True when a pattern ran into its limits ("filter too costly"). */
bool filter_too_costly(const struct filter *f);
bool filter_is_empty(const struct filter *f); /* matches everything */
/* True when time alone changes no match. */
bool filter_is_steady(const struct filter *f);
/* The columns whose change can change a match; COLUMNS_ALL: anything can. */
uint64_t filter_columns(const struct filter *f);
/* Bare words for highlighting: i-th, false at the end. Borrowed from f. */
bool filter_word(const struct filter *f, size_t i, struct span *word);

#endif
