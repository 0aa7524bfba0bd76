/* What scripts print, and what the configuration says of them: no process is started here. */
#include <config.h>

#include "backends/exec/exec.h"

#include "test/unit/model_test.h"

#include <stdlib.h>

/* ---- The monitoring plug-ins' convention. */

struct value_case {
    const char *text;
    const char *label, *number, *unit, *warn, *crit, *max;
};

static void reads_values(void **state)
{
    static const struct value_case cases[] = {
        {"/=2643MB;5948;5958;0;5968", "/", "2643", "MB", "5948", "5958", "5968"},
        {"'free space on /var'=12.5%;@10:20;~:5", "free space on /var", "12.5", "%", "@10:20",
         "~:5", ""},
        {"time=0.005s", "time", "0.005", "s", "", "", ""},
        {"x=1e3B", "x", "1e3", "B", "", "", ""},
        {"x=-1.5;;3", "x", "-1.5", "", "", "3", ""},
        {"gone=U", "gone", "", "", "", "", ""},
        {"'it''s'=1c", "it''s", "1", "c", "", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct span rest = span_from(cases[i].text);
        struct exec_value v;
        size_t bad = 0;
        assert_true(exec_value_next(&rest, &v, &bad));
        assert_true(span_is(v.label, cases[i].label));
        assert_true(span_is(v.number, cases[i].number));
        assert_true(span_is(v.unit, cases[i].unit));
        assert_true(span_is(v.warn, cases[i].warn));
        assert_true(span_is(v.crit, cases[i].crit));
        assert_true(span_is(v.max, cases[i].max));
        assert_false(exec_value_next(&rest, &v, &bad));
        assert_int_equal(bad, 0);
    }
}

static void passes_over_what_is_no_value(void **state)
{
    struct span rest = SPAN("junk =3 'open a=1 b=x;; c=2");
    struct exec_value v;
    size_t bad = 0, good = 0;
    (void)state;
    while (exec_value_next(&rest, &v, &bad))
        good++;
    assert_int_equal(good, 0); /* a quote that does not end takes the rest with it */
    assert_true(bad > 0);
    rest = SPAN("=== b=x a=1 \xff\xfe=2 'q'");
    bad = 0;
    while (exec_value_next(&rest, &v, &bad))
        good++;
    assert_int_equal(good, 2);
    assert_int_equal(bad, 3);
}

static void counts_in_base_units(void **state)
{
    static const struct {
        const char *number, *unit;
        double base;
    } cases[] = {{"2", "KB", 2048}, {"3", "ms", 0.003}, {"4", "%", 4}, {"5", "B", 5}, {"6", "", 6}};

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct exec_value v = {.number = span_from(cases[i].number),
                               .unit = span_from(cases[i].unit)};
        double base = 0;
        assert_true(exec_value_number(&v, &base));
        assert_true(base > cases[i].base * 0.999 && base < cases[i].base * 1.001);
    }
}

/* The table of the guidelines: what each range alerts at. */
static void knows_ranges(void **state)
{
    static const struct {
        const char *range;
        double number;
        bool alerts;
    } cases[] = {
        {"10", 10, false},    {"10", 10.5, true},    {"10", -1, true},     {"10:", 9, true},
        {"10:", 10, false},   {"~:10", -1e9, false}, {"~:10", 11, true},   {"10:20", 9, true},
        {"10:20", 20, false}, {"@10:20", 10, true},  {"@10:20", 9, false}, {"", 5, false},
        {"what", 5, false},   {"a:b", 5, false},     {":10", 5, false},    {":10", -5, true},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        if (exec_range_alerts(span_from(cases[i].range), cases[i].number) != cases[i].alerts)
            fail_msg("%s at %g", cases[i].range, cases[i].number);
}

/* The example of the Nagios Core manual. */
static void takes_text_and_values_apart(void **state)
{
    struct exec_said said;
    (void)state;
    exec_said_read(SPAN("\nDISK OK - free: / 3326 MB | /=2643MB;5948\n/ 15272 MB (77%);\n"
                        "/boot 68 MB | /boot=68MB\n/home=69357MB\n"),
                   &said);
    assert_true(span_is(said.line, "DISK OK - free: / 3326 MB"));
    assert_string_equal(strbuf_cstr(&said.more), "/ 15272 MB (77%);\n/boot 68 MB");
    assert_non_null(strstr(strbuf_cstr(&said.values), "/=2643MB;5948"));
    assert_non_null(strstr(strbuf_cstr(&said.values), "/boot=68MB"));
    assert_non_null(strstr(strbuf_cstr(&said.values), "/home=69357MB"));
    exec_said_clear(&said);
    exec_said_read(SPAN(""), &said);
    assert_int_equal(said.line.len, 0);
    exec_said_clear(&said);
}

/* ---- Entries of the configuration. */

static struct backend *make(const char *const *settings, const struct backend *const *earlier,
                            struct err *err)
{
    const struct backend_entry entry = {"mine", settings, earlier};
    return backend_exec.configure(&entry, err);
}

static void assert_refused(const char *const *settings, const char *words)
{
    struct err err;
    struct backend *b = make(settings, NULL, &err);
    if (b)
        fail_msg("it was taken, though: %s", words);
    if (!strstr(err.msg, words))
        fail_msg("%s\n  is not: %s", err.msg, words);
}

#define SAID(...)                             \
    (const char *const[])                     \
    {                                         \
        "command=[\"/x\"]", __VA_ARGS__, NULL \
    }

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    assert_refused((const char *const[]){"interval=5s", NULL},
                   "it wants a `command`, or a `shell`");
    assert_refused((const char *const[]){"command=[]", NULL}, "command wants a program");
    assert_refused((const char *const[]){"command=[\"./x\"]", NULL}, "by a path from / on");
    assert_refused(SAID("shell=x"), "and one of them");
    assert_refused(SAID("timeout=soon"), "timeout wants a duration");
    assert_refused(SAID("interval=1ms"), "interval wants a duration");
    assert_refused(SAID("env={\"A B\":\"x\"}"), "env: a variable's name");
    assert_refused(SAID("columns=[]"), "`columns` is of rows in JSON: say their `kind`");
    assert_refused(SAID("kind=Disks!"), "kind wants a word");
    assert_refused(SAID("kind=vol", "plural=pods"), "would hide another");
    assert_refused(SAID("kind=po"), "would hide another");
    assert_refused(SAID("kind=disk", "columns={}"), "columns wants a list");
    assert_refused(SAID("kind=disk", "columns=[1]"), "a column is a map");
    assert_refused(SAID("kind=disk", "columns=[{}]"), "a column wants a `name`");
    assert_refused(SAID("kind=disk", "columns=[{\"name\":\"A\"}]"), "a column's name is a letter");
    assert_refused(SAID("kind=disk", "columns=[{\"name\":\"a\",\"type\":\"int\"}]"),
                   "there is no type of column `int`");
    assert_refused(SAID("kind=disk", "columns=[{\"name\":\"a\"},{\"name\":\"a\"}]"),
                   "there are two columns `a`");
    assert_refused(SAID("kind=disk", "columns=[{\"name\":\"name\"}]"), "two columns `name`");
    assert_refused(SAID("kind=disk", "columns=[{\"name\":\"source\"}]"),
                   "a column cannot be called `source`");
    assert_refused(SAID("kind=disk", "columns=[{\"name\":\"a\",\"age_of\":\"b\"}]"),
                   "age_of of `a` wants a column of type instant");
}

static void makes_a_kind(void **state)
{
    struct err err;
    (void)state;
    struct backend *b =
        make(SAID("kind=disk", "namespaced=true", "interval=5m",
                  "columns=[{\"name\":\"used\",\"type\":\"ratio\",\"notable\":true},"
                  "{\"name\":\"made\",\"type\":\"instant\",\"show\":\"never\"},"
                  "{\"name\":\"free_bytes\",\"type\":\"bytes\",\"show\":\"wide\"},"
                  "{\"name\":\"age\",\"age_of\":\"made\"}]"),
             NULL, &err);
    if (!b)
        fail_msg("%s", err.msg);
    const struct kind *k = b->kinds[0];
    assert_string_equal(b->name, "exec");
    assert_string_equal(k->name, "disk");
    assert_string_equal(k->plural, "disks");
    assert_string_equal(k->title, "Disks");
    assert_true(k->namespaced);
    int used = kind_column(k, SPAN("used")), wide = kind_column(k, SPAN("free_bytes"));
    assert_true(used > kind_column(k, SPAN("name")));
    assert_int_equal(k->columns[used].type, VALUE_RATIO);
    assert_true(k->columns[used].flags & COLUMN_NOTABLE);
    assert_string_equal(k->columns[wide].title, "FREE BYTES");
    assert_string_equal(b->systems[0].name, "disks");
    assert_true(b->quiet_ms > 600000);
    const struct backend *const earlier[] = {b, NULL};
    struct backend *same = make(SAID("kind=disk", "system=storage"), earlier, &err);
    if (!same)
        fail_msg("%s", err.msg);
    assert_ptr_equal(same->kinds[0], k); /* one kind, two sources */
    assert_string_equal(same->systems[0].name, "storage");
    assert_null(make(SAID("kind=disk", "columns=[]"), earlier, &err));
    assert_non_null(strstr(err.msg, "`columns` is said there"));
    assert_null(make(SAID("kind=thing", "plural=disk"), earlier, &err));
    same->release(same);
    b->release(b);
}

/* ---- Rows in JSON. */

static struct backend *disks(void)
{
    struct err err;
    struct backend *b = make(SAID("kind=disk", "columns=[{\"name\":\"n\",\"type\":\"count\"},"
                                               "{\"name\":\"b\",\"type\":\"bytes\"},"
                                               "{\"name\":\"d\",\"type\":\"duration\"},"
                                               "{\"name\":\"t\",\"type\":\"instant\"},"
                                               "{\"name\":\"l\",\"type\":\"list\"},"
                                               "{\"name\":\"q\",\"type\":\"quantity\"},"
                                               "{\"name\":\"f\",\"type\":\"bool\"},"
                                               "{\"name\":\"x\"}]"),
                             NULL, &err);
    if (!b)
        fail_msg("%s", err.msg);
    return b;
}

/* Reads rows; what of the first one a column says, as a person reads it. */
static void assert_cell(const struct kind *k, const char *text, const char *column,
                        const char *wanted)
{
    struct row_writer w;
    struct record record;
    struct record_cell cell;
    struct err err;
    struct exec_rows rows = {.kind = k, .out = &w};
    struct strbuf shown = STRBUF_INIT(4096);
    size_t at = 0, in = 0;
    row_writer_init(&w, k, 1 << 20);
    if (!exec_rows_read(&rows, span_from(text), &err))
        fail_msg("%s: %s", text, err.msg);
    struct message *m = row_writer_take(&w, 0, 0);
    assert_non_null(m);
    assert_true(record_next(m, &at, &record));
    while (record_cell_next(&record, &in, &cell))
        if (cell.column == kind_column(k, span_from(column)))
            value_format(&cell.value, &shown);
    if (strcmp(strbuf_cstr(&shown), wanted) != 0)
        fail_msg("%s: %s is `%s`, not `%s`; %s", text, column, strbuf_cstr(&shown), wanted,
                 rows.note);
    strbuf_clear(&shown);
    message_free(m);
    row_writer_clear(&w);
}

static void takes_cells(void **state)
{
    struct backend *b = disks();
    const struct kind *k = b->kinds[0];
    (void)state;
    assert_cell(k, "[{\"name\":\"a\",\"n\":9007199254740993}]", "n", "9007199254740993");
    assert_cell(k, "{\"rows\":[{\"name\":\"a\",\"b\":\"1Gi\"}]}", "b", "1Gi");
    assert_cell(k, "{\"name\":\"a\",\"b\":1048576}", "b", "1Mi");
    assert_cell(k, "{\"name\":\"a\",\"d\":90}\n\n{\"name\":\"b\"}\n", "d", "90s");
    assert_cell(k, "[{\"name\":\"a\",\"d\":\"2h\"}]", "d", "120m");
    assert_cell(k, "[{\"name\":\"a\",\"t\":1770973200}]", "t", "2026-02-13T09:00:00Z");
    assert_cell(k, "[{\"name\":\"a\",\"t\":\"2026-02-13T09:00:00Z\"}]", "t",
                "2026-02-13T09:00:00Z");
    assert_cell(k, "[{\"name\":\"a\",\"l\":[\"x\",2]}]", "l", "x,2");
    assert_cell(k, "[{\"name\":\"a\",\"q\":\"250m\"}]", "q", "250m");
    assert_cell(k, "[{\"name\":\"a\",\"f\":true}]", "f", "true");
    assert_cell(k, "[{\"name\":7,\"x\":1.50}]", "x", "1.50");
    assert_cell(k, "[{\"name\":7}]", "name", "7");
    assert_cell(k, "[{\"name\":\"a\",\"state\":\"CRITICAL\"}]", "state", "critical");
    assert_cell(k, "[{\"name\":\"a\",\"state\":1}]", "state", "warning");
    assert_cell(k, "[{\"name\":\"a\",\"x\":null}]", "x", "");
    b->release(b);
}

/* What a script printed wrongly: the sentence, or the note where the rest could be taken. */
static void says_what_is_wrong_with_rows(void **state)
{
    static const struct {
        const char *text, *words;
        bool taken;
    } cases[] = {
        {"", "it printed nothing", false},
        {"Traceback (most recent call last):", "line 1 is no JSON: Traceback (most", false},
        {"{\"name\":\"a\"}\n{\"name\":", "line 2 is no JSON", false},
        {"[{\"name\":\"a\"},{\"x\":1}]", "row 2 has no `name`", false},
        {"[1]", "row 1 is no object", false},
        {"7", "neither rows nor a list", false},
        {"{\"rows\":7}", "neither rows nor a list", false},
        {"[{\"name\":\"a\",\"who\":1}]", "`who` is none of its columns", true},
        {"[{\"name\":\"a\",\"n\":\"many\"}]", "`n` of a is no count", true},
        {"[{\"name\":\"a\",\"x\":{}}]", "`x` of a is no text", true},
        {"[{\"name\":\"a\",\"state\":\"fine\"}]", "`state` of a is no level", true},
        {"{\"rows\":[],\"note\":\"3 disks hidden\"}", "3 disks hidden", true},
        {"[]", "", true},
    };
    struct backend *b = disks();
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct row_writer w;
        struct err err;
        struct exec_rows rows = {.kind = b->kinds[0], .out = &w};
        err_clear(&err);
        row_writer_init(&w, b->kinds[0], 1 << 20);
        assert_int_equal(exec_rows_read(&rows, span_from(cases[i].text), &err), cases[i].taken);
        if (!strstr(cases[i].taken ? rows.note : err.msg, cases[i].words))
            fail_msg("%s: `%s` `%s`", cases[i].text, rows.note, err.msg);
        row_writer_clear(&w);
    }
    b->release(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values),
        cmocka_unit_test(passes_over_what_is_no_value),
        cmocka_unit_test(counts_in_base_units),
        cmocka_unit_test(knows_ranges),
        cmocka_unit_test(takes_text_and_values_apart),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(makes_a_kind),
        cmocka_unit_test(takes_cells),
        cmocka_unit_test(says_what_is_wrong_with_rows),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
