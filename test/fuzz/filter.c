/* Fuzz target: filters. Whatever is typed: a filter or a sentence; what the strict
 * compiler takes the lenient one takes too and means the same; answers hold until the
 * instant that comes with them. */
#include <config.h>

#include "model/filter.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "test/fuzz/fuzz.h"

#include <stdlib.h>

#define NOW INT64_C(1770973200000)

enum { NAME, STATUS, LABELS, READY, RESTARTS, DISK, USED, RATE, TOOK, CREATED, AGE, HEALTH, CPU };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "", VALUE_TEXT, 10, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS", "", VALUE_TEXT, 10, 0, COLUMN_NOTABLE, NULL, NULL},
    [LABELS] = {"labels", "LABELS", "", VALUE_LIST, 10, 0, 0, NULL, NULL},
    [READY] = {"ready", "READY", "", VALUE_BOOL, 10, 0, 0, NULL, NULL},
    [RESTARTS] = {"restarts", "RST", "", VALUE_COUNT, 10, 0, 0, NULL, NULL},
    [DISK] = {"disk", "DISK", "", VALUE_BYTES, 10, 0, 0, NULL, NULL},
    [USED] = {"used", "USED", "", VALUE_RATIO, 10, 0, 0, NULL, NULL},
    [RATE] = {"rate", "RATE", "", VALUE_RATE, 10, 0, 0, NULL, NULL},
    [TOOK] = {"took", "TOOK", "", VALUE_DURATION, 10, 0, 0, NULL, NULL},
    [CREATED] = {"created", "CREATED", "", VALUE_INSTANT, 10, 0, COLUMN_HIDDEN, NULL, NULL},
    [AGE] = {"age", "AGE", "", VALUE_DURATION, 10, 0, 0, "created", NULL},
    [HEALTH] = {"health", "HEALTH", "", VALUE_LEVEL, 10, 0, 0, NULL, NULL},
    [CPU] = {"cpu", "CPU", "", VALUE_QUANTITY, 10, 0, 0, NULL, NULL},
};
static const struct kind thing = {.name = "thing",
                                  .plural = "things",
                                  .aliases = "",
                                  .title = "Things",
                                  .help = "",
                                  .columns = columns,
                                  .ncolumns = BN_COUNT(columns),
                                  .sort = "name"};
static const struct kind *const kinds[] = {&thing};
static const struct kind_list list = {kinds, 1};

static void apply(struct store *st, struct message *m)
{
    struct err err;
    if (!m || !store_apply(st, m, NOW, &err))
        abort();
    message_free(m);
}

static void put(struct store *st, struct span key, int64_t ago, struct span status)
{
    struct row_writer w;
    row_writer_init(&w, &thing, (size_t)1 << 16);
    row_begin(&w, key);
    row_text(&w, NAME, key);
    row_text(&w, STATUS, status);
    if (ago > INT64_MIN) {
        row_text(&w, LABELS, SPAN("app=web\x1ftier=a\x1f\x1f"));
        row_num(&w, READY, ago > 0);
        row_num(&w, RESTARTS, ago / 1000);
        row_num(&w, DISK, (int64_t)1 << 29);
        row_real(&w, USED, 0.8);
        row_real(&w, RATE, 1e300);
        row_num(&w, TOOK, 600000);
        row_num(&w, CREATED, NOW - ago);
        row_num(&w, HEALTH, LEVEL_WARNING);
        row_quantity(&w, CPU, 250, SPAN("250m"));
    }
    if (!row_end(&w))
        abort();
    apply(st, row_writer_take(&w, 0, 0));
    row_writer_clear(&w);
}

/* Some rows: an ordinary one, one ahead of us, one at the ends of numbers, one bare. */
static struct store *rows(void)
{
    struct store *st = store_new(&list);
    if (!st)
        abort();
    (void)store_add_source(st, "fuzz", "fuzz", "fuzz", SOURCE_NONE);
    put(st, SPAN("web-1"), 600000, SPAN("before"));
    struct message *m = message_new(MESSAGE_SYNC_END, 0, 0);
    m->complete = true;
    apply(st, m);
    put(st, SPAN("web-1"), 600000, SPAN("CrashLoopBackOff aaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"));
    put(st, SPAN("ahead"), -600000, SPAN("\xd0\x96\xe2\x98\x83"));
    put(st, SPAN("end"), INT64_MAX, SPAN(""));
    put(st, SPAN("bare"), INT64_MIN, SPAN("8.0.36"));
    return st;
}

static void check_same(struct filter *strict, struct filter *lenient, const struct store *st)
{
    struct handle row;
    uint32_t at = 0;
    while (store_next(st, 0, &at, &row)) {
        for (int64_t now = NOW; now < NOW + 2000000; now += 999999) {
            int64_t until = TIME_FOREVER, other = TIME_FOREVER, later = TIME_FOREVER;
            bool matches = filter_match(strict, st, row, now, &until);
            bool costly = filter_too_costly(strict);
            bn_assert(until > now);
            bn_assert(filter_match(lenient, st, row, now, &other) == matches && other == until);
            if (until != TIME_FOREVER && !costly)
                bn_assert(filter_match(strict, st, row, until - 1, &later) == matches);
        }
    }
}

static void check_words(const struct filter *f)
{
    struct span word;
    size_t n = 0;
    while (filter_word(f, n, &word))
        bn_assert(word.len <= FILTER_TEXT_MAX && ++n <= FILTER_TERMS_MAX);
}

static void check_faults(struct span text, const struct filter_fault *faults, size_t n)
{
    bool valid = utf8_valid(text);
    for (size_t i = 0; i < n; i++) {
        bn_assert(faults[i].from < text.len && faults[i].from + faults[i].len <= text.len);
        bn_assert(faults[i].why[0] && (!valid || utf8_valid(span_from(faults[i].why))));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct store *st;
    struct span text = span_make((const char *)data, size);
    struct filter_fault faults[4];
    struct err err = {.msg = ""};
    size_t where = SIZE_MAX, n = 0;
    st = st ? st : rows();
    struct filter *strict = filter_compile(&thing, text, &where, &err);
    struct filter *lenient = filter_compile_lenient(&thing, text, faults, BN_COUNT(faults), &n);
    bn_assert(lenient != NULL);
    bn_assert((strict == NULL) == (n > 0));
    if (strict) {
        check_same(strict, lenient, st);
    } else {
        bn_assert(where <= size && err.msg[0] && err.kind == ERR_CONFIG);
        bn_assert(!utf8_valid(text) || utf8_valid(span_from(err.msg)));
        check_faults(text, faults, n);
    }
    check_words(lenient);
    filter_free(strict);
    filter_free(lenient);
    return 0;
}
