/* What the tests of the model share. */
#include <config.h>

#include "test/unit/model_test.h"

#include "base/number.h"
#include "base/timetext.h"

#include <string.h>

static const struct column thing_columns[] = {
    [COL_NAMESPACE] = {"namespace", "NAMESPACE", "", VALUE_TEXT, 10, 0, COLUMN_IDENT, NULL, NULL},
    [COL_NAME] = {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [COL_STATUS] = {"status", "STATUS", "", VALUE_TEXT, 10, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_READY] = {"ready", "READY", "", VALUE_BOOL, 5, 0, 0, NULL, NULL},
    [COL_RESTARTS] = {"restarts", "RST", "", VALUE_COUNT, 4, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_AGE] = {"age", "AGE", "", VALUE_DURATION, 4, 0, 0, "created", NULL},
    [COL_CPU] = {"cpu", "CPU", "", VALUE_QUANTITY, 6, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_USED] = {"used", "USED", "", VALUE_RATIO, 6, 0, 0, NULL, NULL},
    [COL_DISK] = {"disk", "DISK", "", VALUE_BYTES, 6, 0, 0, NULL, NULL},
    [COL_NODE] = {"node", "NODE", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_LABELS] = {"labels", "LABELS", "", VALUE_TEXT, 20, 0, 0, NULL, NULL},
    [COL_VERSION] = {"version", "VERSION", "", VALUE_TEXT, 5, 0, COLUMN_ALONE, NULL, NULL},
    [COL_CREATED] = {"created", "CREATED", "", VALUE_INSTANT, 4, 0, COLUMN_HIDDEN, NULL, NULL},
    [COL_RATE] = {"rate", "RATE", "", VALUE_RATE, 6, 0, COLUMN_SERIES, NULL, NULL},
    [COL_TOOK] = {"took", "TOOK", "", VALUE_DURATION, 6, 0, COLUMN_SERIES, NULL, NULL},
    [COL_HEALTH] = {"health", "HEALTH", "", VALUE_LEVEL, 8, 0, COLUMN_HIDDEN, NULL, NULL},
    [COL_UNTIL] = {"until", "UNTIL", "", VALUE_INSTANT, 8, 0, COLUMN_HIDDEN, NULL, NULL},
    [COL_HOSTS] = {"hosts", "HOSTS", "", VALUE_LIST, 20, 0, 0, NULL, NULL},
    [COL_SECRET] = {"secret", "SECRET", "", VALUE_TEXT, 8, 0, COLUMN_HIDDEN, NULL, NULL},
};

/* A link that is expected and leads nowhere is a warning; else what health says, until
 * the instant that makes it critical. */
static struct verdict thing_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct value until = store_cell(st, row, COL_UNTIL, now_ms);
    struct verdict v = {(enum level)store_num(st, row, COL_HEALTH, LEVEL_OK), 0, TIME_FOREVER};
    struct handle target;
    struct link link;
    size_t at = 0;
    if (until.type != VALUE_ABSENT && until.num > now_ms)
        v.until_ms = until.num;
    else if (until.type != VALUE_ABSENT)
        v.level = LEVEL_CRITICAL;
    while (store_link_next(st, row, &at, &link))
        if (v.level < LEVEL_WARNING && (link.flags & LINK_EXPECTED) &&
            store_follow(st, row, &link, &target) == LINK_MISSING)
            v = (struct verdict){LEVEL_WARNING, 1, v.until_ms};
    return v;
}

static void thing_says(const struct store *st, struct handle row, const struct verdict *v,
                       int64_t now_ms, struct strbuf *out)
{
    (void)now_ms;
    if (v->rule == 1)
        strbuf_adds(out, "something is missing");
    else
        strbuf_add(out, store_text(st, row, COL_STATUS));
}

static const struct rule thing_rules[] = {{"thing-bad", "", .since = COL_CREATED},
                                          {"thing-missing", ""}};
static const struct kind thing = {.name = "thing",
                                  .plural = "things",
                                  .aliases = "th",
                                  .title = "Things",
                                  .help = "",
                                  .namespaced = true,
                                  .columns = thing_columns,
                                  .ncolumns = BN_COUNT(thing_columns),
                                  .rules = thing_rules,
                                  .nrules = BN_COUNT(thing_rules),
                                  .judge = thing_judge,
                                  .says = thing_says,
                                  .sort = "namespace,name"};

static const struct fold things = {FOLD_COUNT, LINK_NODE, "thing", NULL, NULL};
static const struct fold restarts = {FOLD_SUM, LINK_NODE, "thing", "restarts", NULL};
static const struct fold least = {FOLD_MIN, LINK_NODE, "thing", "restarts", NULL};
static const struct fold most = {FOLD_MAX, LINK_NODE, "thing", "restarts", NULL};
static const struct fold worst = {FOLD_WORST, LINK_NODE, "thing", NULL, NULL};
static const struct fold broken = {FOLD_COUNT, LINK_NODE, "thing", NULL, "is:bad"};
static const struct column node_columns[] = {
    [NODE_NAME] = {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [NODE_THINGS] = {"things", "THINGS", "", VALUE_COUNT, 4, 0, 0, NULL, &things},
    [NODE_RESTARTS] = {"restarts", "RST", "", VALUE_COUNT, 4, 0, 0, NULL, &restarts},
    [NODE_LEAST] = {"least", "LEAST", "", VALUE_COUNT, 4, 0, 0, NULL, &least},
    [NODE_MOST] = {"most", "MOST", "", VALUE_COUNT, 4, 0, 0, NULL, &most},
    [NODE_WORST] = {"worst", "WORST", "", VALUE_LEVEL, 4, 0, 0, NULL, &worst},
    [NODE_BROKEN] = {"broken", "BROKEN", "", VALUE_COUNT, 4, 0, COLUMN_NOTABLE, NULL, &broken},
};
static const struct kind node = {.name = "node",
                                 .plural = "nodes",
                                 .aliases = "no",
                                 .title = "Nodes",
                                 .help = "",
                                 .columns = node_columns,
                                 .ncolumns = BN_COUNT(node_columns),
                                 .sort = "name"};

static const struct column owner_columns[] = {
    {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    {"type", "TYPE", "", VALUE_TEXT, 10, 0, COLUMN_IDENT, NULL, NULL}, /* of keys "shop/App/api" */
};
static const struct kind owner = {.name = "owner",
                                  .plural = "owners",
                                  .aliases = "",
                                  .title = "Owners",
                                  .help = "",
                                  .namespaced = true,
                                  .columns = owner_columns,
                                  .ncolumns = BN_COUNT(owner_columns),
                                  .sort = "name"};

static const struct kind *const kinds[] = {&thing, &node, &owner};
const struct kind_list test_kinds = {kinds, BN_COUNT(kinds)};

struct store *test_store(unsigned sources)
{
    struct store *st = store_new(&test_kinds);
    assert_non_null(st);
    for (unsigned s = 0; s < sources; s++) {
        char name[] = {(char)('a' + s), '\0'};
        assert_int_equal(store_add_source(st, name, "test", name, SOURCE_NONE), s);
        for (uint16_t k = 0; k < BN_COUNT(kinds); k++)
            store_set_wanted(st, (uint16_t)s, k, true);
        test_state(st, s, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    }
    return st;
}

static void apply(struct store *st, struct message *m, int64_t now_ms)
{
    struct err err = {.msg = ""};
    assert_non_null(m);
    if (!store_apply(st, m, now_ms, &err))
        fail_msg("%s", err.msg);
    message_free(m);
}

/* The same bytes with blanks for `_` and list separators for commas. */
static struct span plain(struct span text, bool list, char out[256])
{
    assert_true(text.len < 256);
    for (size_t i = 0; i < text.len; i++)
        out[i] = text.data[i] == '_'           ? ' '
                 : text.data[i] == ',' && list ? LIST_SEPARATOR
                                               : text.data[i];
    return span_make(out, text.len);
}

static int64_t instant(struct span text)
{
    int64_t ms;
    bool ahead = span_starts(text, "-");
    assert_true(duration_parse(span_sub(text, ahead, text.len), &ms));
    return ahead ? NOW + ms : NOW - ms;
}

static void put_cell(struct row_writer *w, size_t column, struct span text)
{
    enum value_type type = w->kind->columns[column].type;
    char out[256];
    enum level level;
    int64_t num;
    double real;
    if (value_type_is_text(type)) {
        row_text(w, column, plain(text, type == VALUE_LIST, out));
    } else if (type == VALUE_QUANTITY) {
        assert_true(quantity_parse(text, 1000, &num));
        row_quantity(w, column, num, text);
    } else if (type == VALUE_LEVEL) {
        assert_true(level_parse(text, &level));
        row_num(w, column, (int64_t)level);
    } else if (type == VALUE_BOOL) {
        row_num(w, column, span_is(text, "true"));
    } else if (type == VALUE_INSTANT) {
        row_num(w, column, instant(text));
    } else if (type == VALUE_DURATION) {
        assert_true(duration_parse(text, &num));
        row_num(w, column, num);
    } else {
        assert_true(number_parse_human(text, &real));
        if (value_type_is_real(type))
            row_real(w, column, real);
        else
            row_num(w, column, (int64_t)real);
    }
}

static void put_link(struct row_writer *w, struct span name, struct span target)
{
    unsigned flags = 0;
    char kind[64];
    if (span_starts(target, ">")) {
        flags = LINK_AFFECTS | LINK_EXPECTED;
        target = span_sub(target, 1, target.len);
    }
    size_t colon = span_find(target, ':', 0);
    struct span of = colon < target.len ? span_sub(target, 0, colon) : name;
    if (colon < target.len)
        target = span_sub(target, colon + 1, target.len);
    assert_true(of.len < sizeof(kind));
    memcpy(kind, of.data, of.len);
    kind[of.len] = '\0';
    for (int type = 0; type < LINK_TYPE_COUNT; type++)
        if (span_is(name, link_info((enum link_type)type)->name))
            row_link(w, (enum link_type)type, flags, kind, target);
}

/* Cells first, as a row has to be written, then links. */
static void put_words(struct row_writer *w, struct span line, bool links)
{
    struct span word;
    while (span_split(&line, ' ', &word)) {
        size_t end = 0;
        while (end < word.len && word.data[end] != '=' && word.data[end] != '>')
            end++;
        if (end == word.len || links != (word.data[end] == '>'))
            continue;
        struct span name = span_sub(word, 0, end), text = span_sub(word, end + 1, word.len);
        if (links) {
            put_link(w, name, text);
            continue;
        }
        int column = kind_column(w->kind, name);
        assert_true(column >= 0);
        put_cell(w, (size_t)column, text);
    }
}

void test_put(struct store *st, unsigned source, uint16_t kind, int64_t now_ms, const char *line)
{
    struct row_writer w;
    struct span rest = span_from(line), key;
    assert_true(span_split(&rest, ' ', &key));
    row_writer_init(&w, kinds[kind], (size_t)1 << 20);
    row_begin(&w, key);
    size_t slash = span_find(key, '/', 0);
    if (kind == KIND_THING)
        row_text(&w, COL_NAMESPACE, span_sub(key, 0, slash));
    row_text(&w, kind == KIND_THING ? COL_NAME : 0,
             slash < key.len ? span_sub(key, slash + 1, key.len) : key);
    put_words(&w, rest, false);
    put_words(&w, rest, true);
    assert_true(row_end(&w));
    apply(st, row_writer_take(&w, (uint16_t)source, kind), now_ms);
    row_writer_clear(&w);
}

void test_drop(struct store *st, unsigned source, uint16_t kind, int64_t now_ms, const char *key)
{
    struct row_writer w;
    row_writer_init(&w, kinds[kind], (size_t)1 << 20);
    assert_true(row_drop(&w, span_from(key)));
    apply(st, row_writer_take(&w, (uint16_t)source, kind), now_ms);
    row_writer_clear(&w);
}

void test_sync_begin(struct store *st, unsigned source, uint16_t kind, int64_t now_ms)
{
    apply(st, message_new(MESSAGE_SYNC_BEGIN, (uint16_t)source, kind), now_ms);
}

void test_sync_end(struct store *st, unsigned source, uint16_t kind, int64_t now_ms, bool complete)
{
    struct message *m = message_new(MESSAGE_SYNC_END, (uint16_t)source, kind);
    assert_non_null(m);
    m->complete = complete;
    apply(st, m, now_ms);
    test_settle(st, now_ms);
}

void test_sync_all(struct store *st, int64_t now_ms)
{
    for (unsigned s = 0; s < store_sources(st); s++)
        for (uint16_t k = 0; k < BN_COUNT(kinds); k++)
            test_sync_end(st, s, k, now_ms, true);
    test_settle(st, now_ms);
}

void test_state(struct store *st, unsigned source, uint16_t kind, int64_t now_ms,
                enum source_state state, const char *why)
{
    struct message *m = message_new(MESSAGE_STATE, (uint16_t)source, kind);
    assert_non_null(m);
    m->report.state = state;
    m->report.proof_ms = state == SOURCE_FRESH ? now_ms : TIME_NONE;
    if (why)
        (void)err_set(&m->report.why, ERR_IO, "%s", why);
    apply(st, m, now_ms);
}

void test_settle(struct store *st, int64_t now_ms)
{
    while (store_turn(st, now_ms, 1000000))
        ;
}

struct handle test_find(const struct store *st, unsigned source, uint16_t kind, const char *key)
{
    struct handle row = {0};
    if (!store_find(st, (uint16_t)source, kind, span_from(key), &row))
        fail_msg("there is no row %s", key);
    return row;
}
