/* Filters: every example of doc/filter.md is run as it stands there; besides, what a
 * table of examples cannot say: time, limits, typing. */
#include <config.h>

#include "base/file.h"
#include "base/utf8.h"
#include "model/filter.h"
#include "test/unit/model_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  16
#define CELLS_MAX 16

struct row {
    char name[32];
    struct handle handle;
    bool marked, pinned;
};

struct world {
    struct store *st;
    struct row rows[ROWS_MAX];
    size_t nrows;
    struct strbuf page;
};

/* The cells of a line of a Markdown table, `\|` for a bar. 0: no such line. */
static size_t cells(struct span line, char out[CELLS_MAX][256])
{
    size_t n = 0, len = 0;
    if (!span_starts(line, "|"))
        return 0;
    for (size_t i = 1; i < line.len; i++) {
        bool escaped = line.data[i] == '\\' && i + 1 < line.len && line.data[i + 1] == '|';
        assert_true(n < CELLS_MAX && len < 255);
        if (line.data[i] == '|') {
            struct span cell = span_trim(span_make(out[n], len));
            memmove(out[n], cell.data, cell.len);
            out[n++][cell.len] = '\0';
            len = 0;
            continue;
        }
        i += escaped;
        out[n][len++] = line.data[i];
    }
    return n;
}

/* Without the backticks of code. */
static struct span code(const char *cell)
{
    struct span s = span_from(cell);
    assert_true(span_starts(s, "`") && span_ends(s, "`"));
    return span_sub(s, 1, s.len - 2);
}

/* A row of the first table: header cells are columns; the state is what has befallen
 * it. First it is as it was before its change. */
static void add_row(struct world *w, char names[CELLS_MAX][256], char row[CELLS_MAX][256], size_t n,
                    bool before)
{
    struct strbuf line = STRBUF_INIT(4096);
    struct row *r = &w->rows[w->nrows++];
    const char *state = row[n - 1];
    unsigned source = strcmp(state, "stale") == 0;
    (void)snprintf(r->name, sizeof(r->name), "%s", row[1]);
    r->marked = strcmp(state, "marked") == 0;
    r->pinned = strcmp(state, "pinned") == 0;
    strbuf_addf(&line, "%s/%s", row[0], row[1]);
    for (size_t i = 2; i + 1 < n; i++) {
        const char *column = strcmp(names[i], "age") == 0     ? "created"
                             : strcmp(names[i], "level") == 0 ? "health"
                                                              : names[i];
        if (!row[i][0])
            continue;
        strbuf_addf(&line, " %s=", column);
        for (const char *c = row[i]; *c; c++)
            strbuf_addc(&line, *c == ' ' ? '_' : *c);
    }
    if (before && strcmp(state, "changed 3m") == 0)
        strbuf_adds(&line, " status=Running");
    test_put(w->st, source, KIND_THING, NOW - 180000, strbuf_cstr(&line));
    strbuf_truncate(&line, 0);
    strbuf_addf(&line, "%s/%s", row[0], row[1]);
    r->handle = test_find(w->st, source, KIND_THING, strbuf_cstr(&line));
    if (!before && strcmp(state, "gone") == 0)
        test_drop(w->st, source, KIND_THING, NOW - 30000, strbuf_cstr(&line));
    strbuf_clear(&line);
}

/* Goes behind the line that starts so. */
static void find_line(struct span *rest, const char *start)
{
    struct span line;
    while (span_split(rest, '\n', &line))
        if (span_starts(line, start))
            return;
    fail_msg("doc/filter.md has no line %s", start);
}

static void read_rows(struct world *w, bool before)
{
    char names[CELLS_MAX][256], row[CELLS_MAX][256];
    struct span rest = strbuf_span(&w->page), line;
    w->nrows = 0;
    find_line(&rest, "## The rows");
    while (span_split(&rest, '\n', &line) && !cells(line, names))
        ;
    (void)span_split(&rest, '\n', &line);
    while (span_split(&rest, '\n', &line)) {
        size_t n = cells(line, row);
        if (!n)
            break;
        add_row(w, names, row, n, before);
    }
    assert_int_equal(w->nrows, 7);
}

static bool is_marked(void *self, struct handle row)
{
    const struct world *w = self;
    for (size_t i = 0; i < w->nrows; i++)
        if (handle_equal(w->rows[i].handle, row))
            return w->rows[i].marked;
    return false;
}

static bool is_pinned(void *self, struct handle row)
{
    const struct world *w = self;
    for (size_t i = 0; i < w->nrows; i++)
        if (handle_equal(w->rows[i].handle, row))
            return w->rows[i].pinned;
    return false;
}

static int setup(void **state)
{
    static struct world w;
    const char *top = getenv("top_srcdir");
    struct err err = {.msg = ""};
    char path[4096];
    memset(&w, 0, sizeof(w));
    w.page = (struct strbuf)STRBUF_INIT(1 << 20);
    (void)snprintf(path, sizeof(path), "%s/doc/filter.md", top ? top : ".");
    if (!file_read(path, &w.page, &err)) {
        print_error("%s\n", err.msg);
        return -1;
    }
    w.st = test_store(2);
    read_rows(&w, true);
    test_sync_all(w.st, NOW - 190000);
    read_rows(&w, false);
    test_settle(w.st, NOW - 180000);
    test_state(w.st, 1, KIND_NONE, NOW, SOURCE_STALE, "no answer");
    test_settle(w.st, NOW);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    store_free(w->st);
    strbuf_clear(&w->page);
    return 0;
}

static struct filter *compile(struct world *w, struct span text)
{
    struct err err = {.msg = ""};
    struct filter_scope scope = {.is_marked = is_marked, .is_pinned = is_pinned, .self = w};
    size_t where;
    struct filter *f = filter_compile(test_kinds.kinds[KIND_THING], text, &where, &err);
    if (!f)
        fail_msg("`%.*s`: %s", SPAN_ARG(text), err.msg);
    filter_set_scope(f, &scope);
    return f;
}

/* Names of the rows that match, as the page writes them. */
static void found(struct world *w, struct span text, struct strbuf *out)
{
    struct filter *f = compile(w, text);
    int64_t until = TIME_FOREVER;
    for (size_t i = 0; i < w->nrows; i++)
        if (filter_match(f, w->st, w->rows[i].handle, NOW, &until))
            strbuf_addf(out, "%s%s", out->len ? ", " : "", w->rows[i].name);
    filter_free(f);
}

static void test_examples_of_the_page(void **state)
{
    struct world *w = *state;
    struct span rest = strbuf_span(&w->page), line;
    char row[CELLS_MAX][256];
    size_t run = 0;
    find_line(&rest, "## Words");
    while (span_split(&rest, '\n', &line) && !span_starts(line, "## What is said")) {
        struct strbuf names = STRBUF_INIT(4096);
        if (cells(line, row) != 3 || row[0][0] != '`')
            continue;
        found(w, code(row[0]), &names);
        if (strcmp(strbuf_cstr(&names), row[1]) != 0)
            fail_msg("%s finds `%s`, not `%s`", row[0], strbuf_cstr(&names), row[1]);
        strbuf_clear(&names);
        run++;
    }
    assert_int_equal(run, 75);
}

static void test_faults_of_the_page(void **state)
{
    struct world *w = *state;
    struct span rest = strbuf_span(&w->page), line;
    char row[CELLS_MAX][256], wanted[1024];
    size_t run = 0;
    find_line(&rest, "## What is said");
    while (span_split(&rest, '\n', &line) && !span_starts(line, "## ")) {
        struct err err = {.msg = ""};
        size_t where;
        if (cells(line, row) != 3 || row[0][0] != '`')
            continue;
        assert_null(filter_compile(test_kinds.kinds[KIND_THING], code(row[0]), &where, &err));
        (void)snprintf(wanted, sizeof(wanted), "filter, character %s: %s", row[1], row[2]);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_string_equal(err.msg, wanted);
        run++;
    }
    assert_int_equal(run, 27);
}

/* One row, one filter. */
struct single {
    const char *row, *filter;
    bool matches;
};

static const struct single singles[] = {
    {"a/x", "", true},
    {"a/x", "   ", true},
    {"a/x", "x x x", true},
    {"a/x", "()", true},
    {"a/x rate=1.5", "rate>1", true},
    {"a/x rate=1.5", "rate<=1.4", false},
    {"a/x rate=1500", "rate>=1.5k", true},
    {"a/x took=5m", "took>4m59s", true},
    {"a/x took=5m", "took=300s", true},
    {"a/x took=5m", "took!=5m", false},
    {"a/x created=-1h", "created<5m", true}, /* ahead of us: not long ago */
    {"a/x created=-1h", "age<5m", true},
    {"a/x disk=1000", "disk>=1k", true},
    {"a/x disk=1000", "disk>=1Ki", false},
    {"a/x restarts=1500", "restarts=1.5k", true},
    {"a/x ready=true", "ready=true", true},
    {"a/x ready=true", "ready!=false", true},
    {"a/x", "ready=false", false},
    {"a/x", "status!=x", true},
    {"a/x", "status!~x", true},
    {"a/x", "status=x", false},
    {"a/x", "status<x", false},
    {"a/x", "has:status", false},
    {"a/x status=", "has:status", false},
    {"a/x secret=found", "found", false}, /* hidden: not by a word, */
    {"a/x secret=found", "secret=found", true},
    {"a/x created=5m", "5m", false}, /* nor ages, they would come and go */
    {"a/x status=say_\"hi\"_now", "\"say \\\"hi\\\"\"", true},
    {"a/x status=say_\"hi\"_now", "status~\"\\\"hi\\\" n\"", true},
    {"a/x status=c:\\dir", "\"c:\\\\dir\"", true},
    {"a/x status=a/b", "/a\\/b/", true},
    {"a/x status=/api/v1", "status~/api/v1", true}, /* a text that begins with a slash */
    {"a/x status=/api/", "status~\"/api/\"", true},
    {"a/x status=api", "status~\"/api/\"", false},
    {"a/x status=a|b", "status~/a.b/", true},
    {"a/x status=one_two", "status~/one two/", true},
    {"a/x status=one_two", "(status~/one two|three/)", true},
    {"a/x status=one_two", "status~/ONE/", false},
    {"a/x hosts=a,b", "hosts=b", true},
    {"a/x hosts=a,b", "hosts!=b", false},
    {"a/x hosts=a,b", "hosts=a*b", false}, /* a list is not one text */
    {"a/x hosts=a,b", "hosts~/^b$/", true},
    {"a/x hosts=a,b", "hosts!~/^b$/", false},
    {"a/x hosts=a,b", "a,b", true}, /* as it is shown */
    {"a/x status=a,b", "status=b", false},
    {"a/x labels=app=web,Tier=x", "-l app==web", true},
    {"a/x labels=app=web,Tier=x", "-l app==web,Tier", true},
    {"a/x labels=app=web,Tier=x", "-l tier", false}, /* labels have a case */
    {"a/x labels=app=web,Tier=x", "-l app=we", false},
    {"a/x labels=app=web,Tier=x", "-l ap", false},
    {"a/x labels=app=web,Tier=x", "!-l app=web", false},
    {"a/x labels=app=web,Tier=x", "(-l app=db|-l Tier=x)", true},
    {"a/x", "-l app!=web,!app", true},
    {"a/x", "-l app", false},
    {"a/x version=v1.10", "version>v1.9", true},
    {"a/x version=1.2", "version<1.2.1", true},
    {"a/x version=1.2-rc1", "version>=1.2", true},
    {"a/x version=7", "version=07", false}, /* equality is of texts */
    {"a/x status=grün", "GRÜN", false},
    {"a/x status=grün", "grün", true},
    {"a/x status=aXb", "status=a*", true},
    {"a/x status=aXb", "status=A*", false},
    {"a/x status=aXbXc", "status=*x*x*", true},
    {"a/x status=abc", "status=a?c", true},
    {"a/x status=abc", "status=?", false},
    {"a/x", "!!x", true},
    {"a/x", "!(!x)", true},
    {"a/x", "!x|x", true},
};

static void test_one_row_one_filter(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(singles); i++) {
        const struct single *s = &singles[i];
        struct store *st = test_store(1);
        struct err err = {.msg = ""};
        int64_t until = TIME_FOREVER;
        size_t where;
        test_put(st, 0, KIND_THING, NOW, s->row);
        struct filter *f =
            filter_compile(test_kinds.kinds[KIND_THING], span_from(s->filter), &where, &err);
        if (!f)
            fail_msg("`%s`: %s", s->filter, err.msg);
        if (filter_match(f, st, test_find(st, 0, KIND_THING, "a/x"), NOW, &until) != s->matches)
            fail_msg("`%s` and row %s", s->filter, s->row);
        filter_free(f);
        store_free(st);
    }
}

/* Whatever the instant, the answer holds until the one that came with it. */
static void test_answers_hold_until(void **state)
{
    static const char *const filters[] = {
        "age<10m",    "age>=10m",          "age=10m", "created>9m59s", "!age<10m",     "@15m",
        "is:changed", "age<10m | age>20m", "took>1m", "age!=10m",      "!(@5m) age>1m"};
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x created=8m status=one took=5m");
    test_sync_all(st, NOW);
    test_put(st, 0, KIND_THING, NOW, "a/x created=8m status=two took=5m");
    struct handle row = test_find(st, 0, KIND_THING, "a/x");
    for (size_t i = 0; i < BN_COUNT(filters); i++) {
        struct err err;
        size_t where, turns = 0;
        struct filter *f =
            filter_compile(test_kinds.kinds[KIND_THING], span_from(filters[i]), &where, &err);
        assert_non_null(f);
        int64_t until = TIME_FOREVER;
        bool holds = filter_match(f, st, row, NOW, &until);
        for (int64_t t = NOW; t <= NOW + 1000000; t += 1000) {
            for (int64_t at = t - 1; at <= t + 1; at++) {
                int64_t next = TIME_FOREVER;
                bool now = filter_match(f, st, row, at, &next);
                assert_true(next > at);
                if (at >= until) {
                    turns += now != holds;
                    until = next;
                    holds = now;
                }
                if (now != holds)
                    fail_msg("`%s` turned %lld ms early", filters[i], (long long)(until - at));
            }
        }
        assert_int_equal(turns > 0, strcmp(filters[i], "took>1m") != 0);
        filter_free(f);
    }
    store_free(st);
}

/* While it is typed, a faulty term is left out and named; the rest filters. */
static void test_typing(void **state)
{
    static const struct {
        const char *text, *finds;
        size_t faults, from, len;
    } cases[] = {
        {"ns=shop colour=red", "api-7f9, api-x2k", 1, 8, 10},
        {"restarts>", "api-7f9, api-x2k, login-0, dns-9, track-web, pxc-0, backup-1", 1, 0, 9},
        {"restarts>x ns=shop", "api-7f9, api-x2k", 1, 0, 10},
        {"ns=shop |", "api-7f9, api-x2k", 1, 8, 1},
        {"ns=shop /ap", "api-7f9, api-x2k", 1, 8, 3},
        {"ns=shop \"ap", "api-7f9, api-x2k", 1, 8, 3},
        {"ns=shop (crash", "api-7f9, api-x2k", 1, 8, 6},
        {"ns=shop) crash", "api-x2k", 1, 7, 1},
        {"ns=shop !", "api-7f9, api-x2k", 1, 8, 1},
        {"!colour=red crash", "api-x2k", 1, 1, 10},
        {"is:fine has:x @ crash", "api-x2k", 3, 0, 7},
        {"ns=shop", "api-7f9, api-x2k", 0, 0, 0},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct filter_fault faults[8];
        struct strbuf names = STRBUF_INIT(4096);
        size_t n;
        int64_t until = TIME_FOREVER;
        struct filter *f = filter_compile_lenient(test_kinds.kinds[KIND_THING],
                                                  span_from(cases[i].text), faults, 8, &n);
        assert_non_null(f);
        for (size_t k = 0; k < w->nrows; k++)
            if (filter_match(f, w->st, w->rows[k].handle, NOW, &until))
                strbuf_addf(&names, "%s%s", names.len ? ", " : "", w->rows[k].name);
        assert_string_equal(strbuf_cstr(&names), cases[i].finds);
        assert_int_equal(n, cases[i].faults);
        if (n) {
            assert_int_equal(faults[0].from, cases[i].from);
            assert_int_equal(faults[0].len, cases[i].len);
            assert_true(faults[0].why[0] != '\0');
        }
        filter_free(f);
        strbuf_clear(&names);
    }
}

/* More faults than there is room for are dropped, not written past the end. */
static void test_more_faults_than_places(void **state)
{
    struct filter_fault faults[2] = {{.from = 99}, {.from = 99}};
    size_t n;
    (void)state;
    struct filter *f = filter_compile_lenient(test_kinds.kinds[KIND_THING], SPAN("q=1 w=2 z=3 x=4"),
                                              faults, 1, &n);
    assert_int_equal(n, 1);
    assert_int_equal(faults[0].from, 0);
    assert_int_equal(faults[1].from, 99);
    assert_true(filter_is_empty(f));
    filter_free(f);
}

static void test_words_to_highlight(void **state)
{
    struct world *w = *state;
    struct filter *f = compile(w, SPAN("api !web (\"two words\" | ns=shop) ~fz last"));
    struct span word;
    static const char *const wanted[] = {"api", "two words", "last"};
    for (size_t i = 0; i < BN_COUNT(wanted); i++) {
        assert_true(filter_word(f, i, &word));
        assert_true(span_is(word, wanted[i]));
    }
    assert_false(filter_word(f, BN_COUNT(wanted), &word));
    filter_free(f);
}

static void check_refused(struct strbuf *text, const char *why)
{
    struct err err = {.msg = ""};
    struct filter_fault fault;
    size_t where, n;
    assert_null(filter_compile(test_kinds.kinds[KIND_THING], strbuf_span(text), &where, &err));
    if (!strstr(err.msg, why))
        fail_msg("%s", err.msg);
    struct filter *f =
        filter_compile_lenient(test_kinds.kinds[KIND_THING], strbuf_span(text), &fault, 1, &n);
    assert_non_null(f);
    assert_int_equal(n, 1);
    filter_free(f);
    strbuf_truncate(text, 0);
}

static void test_limits(void **state)
{
    struct strbuf text = STRBUF_INIT(100000);
    struct err err;
    size_t where;
    (void)state;
    strbuf_fill(&text, 'a', FILTER_TEXT_MAX);
    struct filter *f =
        filter_compile(test_kinds.kinds[KIND_THING], strbuf_span(&text), &where, &err);
    assert_non_null(f);
    filter_free(f);
    strbuf_addc(&text, 'a');
    check_refused(&text, "the filter is too long");
    for (int i = 0; i < FILTER_TERMS_MAX + 1; i++)
        strbuf_adds(&text, "a ");
    check_refused(&text, "too many terms");
    strbuf_fill(&text, '(', FILTER_DEPTH_MAX + 1);
    strbuf_addc(&text, 'a');
    strbuf_fill(&text, ')', FILTER_DEPTH_MAX + 1);
    check_refused(&text, "nested too deep");
    strbuf_fill(&text, '!', FILTER_DEPTH_MAX + 1);
    strbuf_addc(&text, 'a');
    check_refused(&text, "nested too deep");
    strbuf_fill(&text, '(', 4000);
    check_refused(&text, "nested too deep");
    strbuf_clear(&text);
}

/* A pattern that would run for ever is stopped, and says so. */
static void test_costly_pattern(void **state)
{
    struct store *st = test_store(1);
    struct err err;
    size_t where;
    int64_t until = TIME_FOREVER;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x status=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    struct handle row = test_find(st, 0, KIND_THING, "a/x");
    struct filter *f =
        filter_compile(test_kinds.kinds[KIND_THING], SPAN("status~/^(a+)+$/"), &where, &err);
    assert_non_null(f);
    assert_false(filter_too_costly(f));
    assert_false(filter_match(f, st, row, NOW, &until));
    assert_true(filter_too_costly(f));
    filter_free(f);
    f = filter_compile(test_kinds.kinds[KIND_THING], SPAN("status~/^a+b$/"), &where, &err);
    assert_non_null(f);
    assert_true(filter_match(f, st, row, NOW, &until));
    assert_false(filter_too_costly(f));
    filter_free(f);
    store_free(st);
}

/* What a terminal or a script may hand over: no crash, and a sentence that is text. */
static void test_strange_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } strange[] = {{"\0", 1}, {"a\0b", 3}, {"\xff=1", 3}, {"name=\xff\xfe", 7}, {"/\xff/", 3},
                   {"\\", 1}, {"\"\\", 2}, {"\t", 1},     {"/\\/", 3},          {"=", 1},
                   {"~", 1},  {"@", 1},    {")", 1},      {"(|)", 3},           {"!", 1}};

    (void)state;
    for (size_t i = 0; i < BN_COUNT(strange); i++) {
        struct span text = span_make(strange[i].bytes, strange[i].len);
        struct err err = {.msg = ""};
        size_t where = 0;
        struct filter *f = filter_compile(test_kinds.kinds[KIND_THING], text, &where, &err);
        assert_true(f || (err.msg[0] && where <= text.len));
        assert_true(utf8_valid(span_from(err.msg)));
        filter_free(f);
    }
}

/* A long name of a column is cut between characters. */
static void test_long_names_are_cut(void **state)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct filter_fault fault;
    size_t n;
    (void)state;
    for (int i = 0; i < 300; i++)
        strbuf_adds(&text, "ж");
    strbuf_adds(&text, "=1");
    struct filter *f =
        filter_compile_lenient(test_kinds.kinds[KIND_THING], strbuf_span(&text), &fault, 1, &n);
    assert_int_equal(n, 1);
    assert_true(utf8_valid(span_from(fault.why)));
    filter_free(f);
    strbuf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples_of_the_page),
        cmocka_unit_test(test_faults_of_the_page),
        cmocka_unit_test(test_one_row_one_filter),
        cmocka_unit_test(test_answers_hold_until),
        cmocka_unit_test(test_typing),
        cmocka_unit_test(test_more_faults_than_places),
        cmocka_unit_test(test_words_to_highlight),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_costly_pattern),
        cmocka_unit_test(test_strange_bytes),
        cmocka_unit_test(test_long_names_are_cut),
    };
    return cmocka_run_group_tests_name("model filter", tests, setup, teardown);
}
