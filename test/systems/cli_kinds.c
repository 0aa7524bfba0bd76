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

static void write_view(const struct view *v, const struct kind *k, enum rows_form form,
                       struct strbuf *text)
{
    const struct rows rows = {.store = session_store(w.session),
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

static void check_forms(const struct view *v, const struct kind *k)
{
    size_t rows = view_count(v);
    for (enum rows_form form = ROWS_TABLE; form <= ROWS_MD; form++) {
        struct strbuf text = STRBUF_INIT((size_t)64 << 20);
        write_view(v, k, form, &text);
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
            assert_int_equal(count_lines(all), rows + 2);
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
        check_forms(v, k);
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
    write_view(v, session_kinds(w.session)->kinds[kind], ROWS_CSV, &text);
    assert_non_null(
        strstr(strbuf_cstr(&text), ",'=a,-3,")); /* a text is no formula, a number stays */
    view_free(v);
    strbuf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_written_in_every_form),
        cmocka_unit_test(every_column_filters_and_sorts),
        cmocka_unit_test(most_kinds_have_rows),
        cmocka_unit_test(a_name_means_one_kind),
        cmocka_unit_test(since_when_is_an_instant),
        cmocka_unit_test(a_spreadsheet_works_nothing_out),
    };
    return cmocka_run_group_tests_name("cli_kinds", tests, setup, teardown);
}
