/* Runs one source of a backend as the session would: its thread, its rows in a store, a clock that
 * the test moves. */
#ifndef BINNACLE_TEST_SYSTEMS_SOURCE_RUN_H
#define BINNACLE_TEST_SYSTEMS_SOURCE_RUN_H

#include "backends/runner.h"
#include "model/store.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define SOURCE_PATIENCE_MS 20000

struct source_run {
    const struct backend *backend;
    struct kind_list kinds;
    struct clock *clock; /* stands still; source_step() moves it */
    struct inbox *inbox;
    struct store *store;
    struct runner *runner;
    char text[4096]; /* what source_text() and source_says() gave last */
    /* Of source_fetch(): */
    uint32_t request;
    bool answered;
    struct strbuf document;
    struct err why; /* why there is none */
};

/* Starts source 0, named "it". wall_ms: where the wall clock stands. */
void source_start(struct source_run *s, const struct backend *backend, const char *const *settings,
                  int64_t wall_ms);
/* The same with a credential for the cluster that it is reached through. */
void source_start_with(struct source_run *s, const struct backend *backend,
                       const char *const *settings, int64_t wall_ms, struct credential *credential);
/* The same, told what to look at. once: for a reader. */
void source_start_at(struct source_run *s, const struct backend *backend,
                     const char *const *settings, int64_t wall_ms, const char *targets, bool once);
/* Asks it to stop, waits for that, frees all. */
void source_stop(struct source_run *s);
void source_want(struct source_run *s, const char *kind, bool wanted);
void source_refresh(struct source_run *s);
/* Asks for a document, and waits until s->answered. */
void source_fetch(struct source_run *s, enum document what, const char *key);
/* Moves the clock, and wakes the source to see that. */
void source_step(struct source_run *s, int64_t ms);
/* Takes what has come, or waits a little for it. Fails when that goes on for too long. */
void source_turn(struct source_run *s, int64_t end, const char *wanted);

#define source_until(s, condition)                                             \
    for (int64_t end = clock_machine_ms() + SOURCE_PATIENCE_MS; !(condition);) \
    source_turn(s, end, #condition)

uint16_t source_kind_number(const struct source_run *s, const char *kind);
bool source_has(const struct source_run *s, const char *kind, const char *key);
bool source_synced(const struct source_run *s, const char *kind);
/* Fails unless the row is at this level by this rule ("" when it is well), and says these words. */
void source_judged(struct source_run *s, const char *kind, const char *key, enum level level,
                   const char *rule, const char *words);
/* A cell as a person reads it; "-" where there is none, "no row" where there is no row. */
const char *source_text(struct source_run *s, const char *kind, const char *key,
                        const char *column);
enum level source_level(const struct source_run *s, const char *kind, const char *key);
/* The verdict's sentence, and its rule's id ("" when it is well). */
const char *source_says(struct source_run *s, const char *kind, const char *key);
const char *source_rule(const struct source_run *s, const char *kind, const char *key);
const struct source_report *source_report(const struct source_run *s);
const struct source_report *source_kind_report(const struct source_run *s, const char *kind);
/* True when words stand in any cell, key, link, verdict or report of the store. */
bool source_leaks(struct source_run *s, const char *words);

#endif
