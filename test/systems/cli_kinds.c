/* Every kind there is can be read, filtered, put in order and written in every form: on the
 * demonstration platform, in one process. */
#include <config.h>

#include "app/config.h"
#include "base/file.h"
#include "base/yaml.h"
#include "cli/harbor.h"
#include "cli/reader.h"
#include "cli/rows.h"
#include "net/json.h"
#include "test/systems/cli_run.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

struct world {
    struct cli_place *place;
    struct harbor *harbor;
    struct config *config;
    struct session *session;
    struct reader reader;
};

static struct world w;

static int setup(void **state)
{
    struct err err;
    void *place = NULL;
    char harbor[4096];
    if (cli_setup(&place) != 0 || !getenv("top_builddir") || !getenv("top_srcdir"))
        return -1;
    (void)snprintf(harbor, sizeof(harbor), "%s/harbor/harbor", getenv("top_builddir"));
    (void)setenv("BINNACLE_HARBOR", harbor, 1);
    (void)setenv("BINNACLE_DATA", getenv("top_srcdir"), 1);
    w.place = place;
    const char *path =
        cli_put(w.place, "config.yaml",
                "sources:\n"
                "- {name: disk, type: exec, shell: 'echo \"full | used=3%\"; exit 2'}\n"
                "- name: seats\n"
                "  type: exec\n"
                "  kind: licence\n"
                "  columns: [{name: n, type: count}]\n"
                "  shell: 'echo ''[{\"name\":\"=a\",\"n\":-3}]'''\n",
                0600);
    w.config = config_load(path, CONFIG_SESSION, &err);
    w.harbor = w.config ? harbor_start("calm", &err) : NULL;
    const struct session_options o = {.config = w.config,
                                      .kubeconfig = w.harbor ? harbor_kubeconfig(w.harbor) : NULL,
                                      .all_namespaces = true,
                                      .once = true,
                                      .epoch_ms = w.harbor ? harbor_epoch(w.harbor) : 0,
                                      .outside = w.harbor ? harbor_outside(w.harbor) : NULL,
                                      .outside_ca = w.harbor ? harbor_outside_ca(w.harbor) : NULL};
    w.session = w.harbor ? session_new(&o, &err) : NULL;
    if (!w.session || !reader_init(&w.reader, w.session, "60", &err)) {
        print_error("%s\n", err.msg);
        return -1;
    }
    for (uint16_t k = 0; k < session_kinds(w.session)->count; k++)
        reader_want(&w.reader, k);
    *state = &w;
    return reader_wait(&w.reader) ? 0 : -1;
}

static int teardown(void **state)
{
    void *place = w.place;
    (void)state;
    reader_done(&w.reader);
    session_free(w.session);
    harbor_stop(w.harbor);
    config_free(w.config);
    return cli_teardown(&place);
}

/* ---- Written and read again. */

static void write_view(const struct store *st, const struct view *v, const struct kind *k,
                       enum rows_form form, struct strbuf *text)
{
    const struct rows rows = {.store = st,
                              .view = v,
                              .kind = k,
                              .now_ms = session_now(w.session),
                              .with_namespace = true};
    struct rows_out out;
    struct out o;
    char path[64];
    int fd = memfd_create("rows", MFD_CLOEXEC);
    assert_true(fd >= 0);
    out_init_file(&o, fd);
    rows_begin(&out, &rows, form, &o);
    if (form == ROWS_JSON || form == ROWS_YAML)
        reader_write_missing(&w.reader, &out.data);
    while (rows_step(&out, 7))
        ;
    rows_end(&out);
    assert_int_equal(out_end(&o, 0), 0);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    assert_true(file_read(path, text, NULL));
    (void)close(fd);
}

static size_t count_lines(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n;
}

static size_t count_fields(struct span line)
{
    size_t n = 1;
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        quoted ^= line.data[i] == '"';
        n += line.data[i] == ',' && !quoted;
    }
    return n;
}

static void check_csv(struct span text, const struct kind *k, size_t rows)
{
    struct span line;
    size_t lines = 0;
    while (span_split(&text, '\n', &line)) {
        if (!line.len)
            continue;
        lines++;
        if (count_fields(line) != k->ncolumns + 2)
            fail_msg("%s: %.*s", k->name, SPAN_ARG(line));
    }
    assert_int_equal(lines, rows + 1);
}

static void check_jsonl(struct span text, size_t rows)
{
    struct span line;
    size_t lines = 0;
    while (span_split(&text, '\n', &line))
        if (line.len) {
            assert_true(json_valid(line, NULL));
            lines++;
        }
    assert_int_equal(lines, rows);
}

static void check_yaml(struct span text, const struct kind *k, size_t rows)
{
    struct err err;
    struct yaml_doc *doc = yaml_parse(text, k->name, &err);
    if (!doc)
        fail_msg("%s", err.msg);
    assert_int_equal(yaml_get(yaml_root(doc, 0), "items")->count, rows);
    yaml_doc_free(doc);
}

/* Each bar that is not escaped is one between cells. */
static void check_md(struct span text, size_t rows)
{
    struct span line;
    size_t lines = 0, wanted = 0;
    while (span_split(&text, '\n', &line) && line.len) {
        size_t bars = 0;
        for (size_t i = 0; i < line.len; i++) {
            if (line.data[i] == '\\')
                i++;
            else
                bars += line.data[i] == '|';
        }
        wanted = wanted ? wanted : bars;
        assert_int_equal(bars, wanted);
        lines++;
    }
    assert_int_equal(lines, rows + 2);
}

static void check_forms(const struct store *st, const struct view *v, const struct kind *k)
{
    size_t rows = view_count(v);
    for (enum rows_form form = ROWS_TABLE; form <= ROWS_MD; form++) {
        struct strbuf text = STRBUF_INIT((size_t)64 << 20);
        write_view(st, v, k, form, &text);
        struct span all = strbuf_span(&text);
        if (form == ROWS_TABLE || form == ROWS_WIDE)
            assert_int_equal(count_lines(all), rows + 1);
        else if (form == ROWS_CSV)
            check_csv(all, k, rows);
        else if (form == ROWS_JSONL)
            check_jsonl(all, rows);
        else if (form == ROWS_YAML)
            check_yaml(all, k, rows);
        else if (form == ROWS_MD)
            check_md(all, rows);
        else if (!json_valid(all, NULL) || json_count(json_get(json_value(all), "items")) != rows)
            fail_msg("%s: %.200s", k->name, strbuf_cstr(&text));
        strbuf_clear(&text);
    }
}

static struct view *view_of(uint16_t kind, const char *filter, const char *sort)
{
    const struct kind *k = session_kinds(w.session)->kinds[kind];
    struct view *v = view_new(session_store(w.session), kind);
    struct view_spec spec = {.filter = span_from(filter), .namespaces = SPAN("")};
    struct err err;
    if (!view_parse_sort(k, span_from(sort), &spec, &err) || !view_set(v, &spec, false, &err))
        fail_msg("%s: %s", k->name, err.msg);
    view_finish(v, session_now(w.session));
    return v;
}

/* ---- */

static void every_kind_is_written_in_every_form(void **state)
{
    const struct kind_list *kinds = session_kinds(w.session);
    (void)state;
    for (uint16_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        struct view *v = view_of(i, "", k->sort);
        check_forms(session_store(w.session), v, k);
        view_free(v);
    }
}

/* Each column by which rows can be told apart or put in order: up, down, and by what it can be
 * asked; those that a filter leaves, and their opposite, are all there are. */
static void every_column_filters_and_sorts(void **state)
{
    const struct kind_list *kinds = session_kinds(w.session);
    (void)state;
    for (uint16_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        size_t all = store_count(session_store(w.session), i);
        for (size_t c = 0; c < k->ncolumns; c++) {
            char with[128], without[132], down[128];
            bool text = value_type_is_text(k->columns[c].type);
            (void)snprintf(with, sizeof(with), text ? "%s~e" : "has:%s", k->columns[c].name);
            (void)snprintf(without, sizeof(without), "!%s", with);
            (void)snprintf(down, sizeof(down), "%s!", k->columns[c].name);
            struct view *yes = view_of(i, with, down),
                        *no = view_of(i, without, k->columns[c].name);
            if (view_count(yes) + view_count(no) != all)
                fail_msg("%s: %s and %s are not all %zu", k->name, with, without, all);
            view_free(yes);
            view_free(no);
        }
    }
}

/* Else the two above would show little. */
static void most_kinds_have_rows(void **state)
{
    const struct kind_list *kinds = session_kinds(w.session);
    size_t with = 0;
    (void)state;
    for (uint16_t i = 0; i < kinds->count; i++)
        with += store_count(session_store(w.session), i) > 0;
    assert_true(with * 4 > kinds->count * 3);
}

static void a_name_means_one_kind(void **state)
{
    const struct kind_list *kinds = session_kinds(w.session);
    (void)state;
    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        struct span words = span_from(k->aliases), word;
        assert_int_equal(kind_find(kinds, span_from(k->name)), i);
        assert_int_equal(kind_find(kinds, span_from(k->plural)), i);
        while (span_split(&words, ' ', &word))
            if (word.len && kind_find(kinds, word) != (int)i)
                fail_msg("%.*s is %s and another kind", SPAN_ARG(word), k->name);
    }
}

/* Not what merely lies beside it in the table. */
static void since_when_is_an_instant(void **state)
{
    const struct kind_list *kinds = session_kinds(w.session);
    size_t with = 0;
    (void)state;
    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        for (size_t r = 0; r < k->nrules; r++) {
            uint8_t since = k->rules[r].since;
            with += since > 0;
            if (since && (since >= k->ncolumns || k->columns[since].type != VALUE_INSTANT))
                fail_msg("%s: column %u is no instant", k->rules[r].id, since);
        }
    }
    assert_true(with > 50);
}

static void a_spreadsheet_works_nothing_out(void **state)
{
    int kind = kind_find(session_kinds(w.session), SPAN("licence"));
    struct strbuf text = STRBUF_INIT(1 << 20);
    (void)state;
    assert_true(kind >= 0);
    struct view *v = view_of((uint16_t)kind, "", "name");
    write_view(session_store(w.session), v, session_kinds(w.session)->kinds[kind], ROWS_CSV, &text);
    assert_non_null(
        strstr(strbuf_cstr(&text), ",'=a,-3,")); /* a text is no formula, a number stays */
    view_free(v);
    strbuf_clear(&text);
}

/* ---- What nobody would write. */

#define HOSTILE "=1+1,\"a\" | b\\| 'c'\t\r\n\x1b]0;x\x07 \xe2\x80\xae <b> - : {x} #\xc3\xa9 \\"

static void hostile_cell(struct row_writer *rw, size_t c, bool far)
{
    const struct column *col = &rw->kind->columns[c];
    struct span text = SPAN(HOSTILE);
    if (col->since || col->fold)
        return;
    switch (col->type) {
    case VALUE_TEXT:
    case VALUE_LIST:
        row_text(rw, c, col->flags & COLUMN_ALONE ? SPAN("=\"|,\n") : text);
        break;
    case VALUE_QUANTITY:
        row_quantity(rw, c, far ? INT64_MAX / 4096 : -1, text);
        break;
    case VALUE_RATIO:
    case VALUE_RATE:
        row_real(rw, c, far ? HUGE_VAL : -1e-300);
        break;
    case VALUE_INSTANT:
        row_num(rw, c, far ? INT64_C(253402300799999) : INT64_C(-62135596800000));
        break;
    case VALUE_BOOL:
    case VALUE_LEVEL:
        row_num(rw, c, far);
        break;
    case VALUE_ABSENT:
    case VALUE_COUNT:
    case VALUE_BYTES:
    case VALUE_DURATION:
        row_num(rw, c, far ? INT64_MAX / 4096 : -1);
        break;
    }
}

static void put_hostile(struct store *st, uint16_t kind, int64_t now_ms)
{
    static const char *const keys[] = {"a/=b", "a/" HOSTILE};
    struct row_writer rw;
    struct err err;
    row_writer_init(&rw, session_kinds(w.session)->kinds[kind], (size_t)1 << 20);
    for (size_t r = 0; r < BN_COUNT(keys); r++) {
        row_begin(&rw, span_from(keys[r]));
        for (size_t c = 0; c < rw.kind->ncolumns; c++)
            hostile_cell(&rw, c, r == 1);
        assert_true(row_end(&rw));
    }
    struct message *m = row_writer_take(&rw, 0, kind);
    assert_true(store_apply(st, m, now_ms, &err));
    message_free(m);
    row_writer_clear(&rw);
}

/* The text that JSON has for a column is the text that was put. */
static void check_texts(const struct store *st, const struct view *v, const struct kind *k)
{
    struct strbuf text = STRBUF_INIT((size_t)64 << 20);
    write_view(st, v, k, ROWS_JSON, &text);
    cJSON *all = cJSON_Parse(strbuf_cstr(&text));
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(all, "items"), *item;
    assert_int_equal(cJSON_GetArraySize(items), 2);
    cJSON_ArrayForEach(item, items)
    {
        for (size_t c = 0; c < k->ncolumns; c++) {
            const cJSON *cell = cJSON_GetObjectItemCaseSensitive(item, k->columns[c].name);
            assert_non_null(cell);
            if (k->columns[c].type == VALUE_TEXT && !k->columns[c].fold &&
                !(k->columns[c].flags & (COLUMN_ALONE | COLUMN_IDENT)))
                assert_string_equal(cJSON_GetStringValue(cell), HOSTILE);
        }
    }
    cJSON_Delete(all);
    strbuf_clear(&text);
}

/* Whatever a cell says, a row stays one row, a field one field, and the text the same. */
static void hostile_content_breaks_no_form(void **state)
{
    const struct kind_list *kinds = session_kinds(w.session);
    struct store *st = store_new(kinds);
    int64_t now_ms = session_now(w.session);
    (void)state;
    assert_int_equal(store_add_source(st, "a|b,\"c\"", "x", "=d", SOURCE_NONE), 0);
    for (uint16_t i = 0; i < kinds->count; i++)
        put_hostile(st, i, now_ms);
    while (store_turn(st, now_ms, 1000000))
        ;
    for (uint16_t i = 0; i < kinds->count; i++) {
        struct view *v = view_new(st, i);
        const struct view_spec spec = {.filter = SPAN(""), .namespaces = SPAN("")};
        struct err err;
        assert_true(view_set(v, &spec, false, &err));
        view_finish(v, now_ms);
        check_forms(st, v, kinds->kinds[i]);
        check_texts(st, v, kinds->kinds[i]);
        view_free(v);
    }
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_written_in_every_form),
        cmocka_unit_test(every_column_filters_and_sorts),
        cmocka_unit_test(most_kinds_have_rows),
        cmocka_unit_test(a_name_means_one_kind),
        cmocka_unit_test(since_when_is_an_instant),
        cmocka_unit_test(hostile_content_breaks_no_form),
        cmocka_unit_test(a_spreadsheet_works_nothing_out),
    };
    return cmocka_run_group_tests_name("cli_kinds", tests, setup, teardown);
}
