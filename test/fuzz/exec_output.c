/* Fuzz target: what scripts print. The first byte says of which sort it is; rows and values are
 * stored, judged and said. */
#include <config.h>

#include "backends/exec/exec.h"
#include "model/store.h"
#include "test/fuzz/fuzz.h"

#define NOW_MS INT64_C(1770973200000)

static const char *const settings[] = {
    "command=[\"/x\"]",
    "kind=thing",
    "namespaced=true",
    "columns=[{\"name\":\"t\"},{\"name\":\"b\",\"type\":\"bool\"},"
    "{\"name\":\"c\",\"type\":\"count\"},{\"name\":\"y\",\"type\":\"bytes\"},"
    "{\"name\":\"r\",\"type\":\"ratio\"},{\"name\":\"d\",\"type\":\"duration\"},"
    "{\"name\":\"i\",\"type\":\"instant\"},{\"name\":\"l\",\"type\":\"list\"},"
    "{\"name\":\"q\",\"type\":\"quantity\"},{\"name\":\"a\",\"age_of\":\"i\"}]",
    NULL,
};

static void read_rows(struct store *st, uint16_t kind)
{
    const struct kind *k = store_kind(st, kind);
    struct strbuf text = STRBUF_INIT((size_t)1 << 24);
    struct handle row;
    uint32_t at = 0;
    while (store_next(st, kind, &at, &row)) {
        for (size_t i = 0; i < k->ncolumns; i++) {
            struct value v = store_cell(st, row, i, NOW_MS);
            value_format(&v, &text);
        }
        store_says(st, row, NOW_MS, &text);
    }
    strbuf_clear(&text);
}

/* The rows of a writer, as the session would take them. */
static void apply(struct store *st, struct row_writer *w, uint16_t kind)
{
    struct err err;
    struct message *m = row_writer_take(w, 0, kind);
    if (m)
        (void)store_apply(st, m, NOW_MS, &err);
    message_free(m);
    row_writer_clear(w);
    (void)store_turn(st, NOW_MS, 1000000);
    read_rows(st, kind);
}

static struct store *new_store(const struct kind_list *kinds)
{
    struct store *st = store_new(kinds);
    (void)store_add_source(st, "it", "exec", "test", SOURCE_NONE);
    for (uint16_t k = 0; k < kinds->count; k++)
        store_set_wanted(st, 0, k, true);
    return st;
}

static void take_rows(struct span text)
{
    struct err err;
    const struct backend_entry entry = {"it", settings, NULL};
    struct backend *b = backend_exec.configure(&entry, &err);
    bn_assert(b != NULL);
    const struct kind_list kinds = {b->kinds, 1};
    struct store *st = new_store(&kinds);
    struct row_writer w;
    struct exec_rows rows = {.kind = b->kinds[0], .out = &w};
    row_writer_init(&w, rows.kind, (size_t)16 << 20);
    err_clear(&err);
    bn_assert(exec_rows_read(&rows, text, &err) || err.msg[0]);
    apply(st, &w, 0);
    store_free(st);
    b->release(b);
}

static void take_check(int status, struct span text)
{
    const struct kind_list kinds = {backend_exec.kinds, 2};
    struct store *st = new_store(&kinds);
    struct row_writer checks, values;
    const struct exec_check check = {.name = SPAN("it"),
                                     .program = SPAN("/x"),
                                     .status = status,
                                     .failure = "",
                                     .output = text,
                                     .errors = text,
                                     .ran_ms = NOW_MS};
    row_writer_init(&checks, &kind_check, (size_t)16 << 20);
    row_writer_init(&values, &kind_check_value, (size_t)16 << 20);
    bool put = exec_check_put(&check, &checks, &values);
    bn_assert(put); /* it is far from what a row may hold */
    apply(st, &checks, 0);
    apply(st, &values, 1);
    store_free(st);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = span_make((const char *)data, size);
    const struct span rest = span_sub(text, 1, text.len);
    if (!size)
        return 0;
    if (data[0] == 'r')
        take_rows(rest);
    else
        take_check(data[0] % 5, rest);
    return 0;
}
