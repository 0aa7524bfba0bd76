/* What the tests of the model share: a kind with a column of every type, and
 * rows written as a line of text. Sources the test program must link: model_test.c. */
#ifndef BINNACLE_TEST_UNIT_MODEL_TEST_H
#define BINNACLE_TEST_UNIT_MODEL_TEST_H

#include "model/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW INT64_C(1770973200000) /* 2026-02-13T09:00:00Z */

/* Columns of the kind "thing". */
enum {
    COL_NAMESPACE,
    COL_NAME,
    COL_STATUS,
    COL_READY,
    COL_RESTARTS,
    COL_AGE,
    COL_CPU,
    COL_USED,
    COL_DISK,
    COL_NODE,
    COL_LABELS,
    COL_VERSION,
    COL_CREATED,
    COL_RATE,
    COL_TOOK,
    COL_HEALTH, /* what judge says, and until: see COL_UNTIL */
    COL_UNTIL,  /* from this instant on the row is critical */
    COL_HOSTS,
    COL_SECRET, /* hidden */
};

/* Columns of the kind "node": name and folds over the things that run on it. */
enum { NODE_NAME, NODE_THINGS, NODE_RESTARTS, NODE_LEAST, NODE_MOST, NODE_WORST, NODE_BROKEN };

enum { KIND_THING, KIND_NODE, KIND_OWNER };

extern const struct kind_list test_kinds;

/* A store with that many sources "a", "b", ... that want all kinds. */
struct store *test_store(unsigned sources);

/* Puts a row written as "shop/api status=Running restarts=3 node>n1 owner>>app:shop/api".
 * Instants are written as how long before NOW: "created=10m"; a minus is ahead of it. `_` in a
 * text is a blank, a comma parts the items of a list. `>` links, `>>` expects the target
 * and is judged with it; the target's kind is named unless it is the link's own. */
void test_put(struct store *st, unsigned source, uint16_t kind, int64_t now_ms, const char *line);
void test_drop(struct store *st, unsigned source, uint16_t kind, int64_t now_ms, const char *key);
void test_sync_begin(struct store *st, unsigned source, uint16_t kind, int64_t now_ms);
/* Worked off to its end. */
void test_sync_end(struct store *st, unsigned source, uint16_t kind, int64_t now_ms, bool complete);
/* All sources have seen all kinds whole: from here on changes are told. */
void test_sync_all(struct store *st, int64_t now_ms);
void test_state(struct store *st, unsigned source, uint16_t kind, int64_t now_ms,
                enum source_state state, const char *why);
/* All that is due by now. */
void test_settle(struct store *st, int64_t now_ms);
struct handle test_find(const struct store *st, unsigned source, uint16_t kind, const char *key);

#endif
