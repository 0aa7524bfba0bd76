/* `get`: rows of one kind, once, as a person or a script reads them. */
#include <config.h>

#include "app/catalogue.h"
#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/reader.h"
#include "cli/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAW_AT_ONCE  8 /* documents under way */
#define NAMES_MAX    256
#define DEFAULT_SORT "namespace,name"

struct get {
    struct cli *cli;
    enum rows_form form;
    uint16_t kind;
    const struct kind *schema;
    const char *word;   /* borrowed; how the kind was named */
    char *const *names; /* borrowed; rows asked for by name */
    size_t nnames;
    struct session *session;
    struct reader reader;
    struct view *view;
    struct rows rows;
    struct handle *picked; /* owned */
};

static int unknown_kind(const struct kind_list *kinds, const char *word)
{
    const struct kind *best = kinds->kinds[0];
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *k = kinds->kinds[i];
        size_t far = span_distance(span_from(k->plural), span_from(word));
        size_t one = span_distance(span_from(k->name), span_from(word));
        far = one < far ? one : far;
        if (far >= least)
            continue;
        least = far;
        best = k;
    }
    return cli_usage("there is no kind `%s`; the nearest is `%s`; all: binnacle kinds", word,
                     best->plural);
}

/* What needs no cluster to be wrong: kind, form, filter, order. */
static int check_words(struct get *g, int argc, char **argv)
{
    struct catalogue all;
    struct filter *filter = NULL;
    struct view_spec spec = {0};
    struct err err;
    size_t where = 0;
    int status = EXIT_USAGE, form = cli_output(g->cli, ROWS_FORMS);
    const char *text = g->cli->value[OPT_FILTER], *sort = g->cli->value[OPT_SORT];
    catalogue_init(&all, g->cli->config);
    int kind = argc ? kind_find(&all.kinds, span_from(argv[0])) : -1;
    if (form < 0)
        goto out;
    if (!argc)
        (void)cli_usage("get what? For example: binnacle get pods -A; all kinds: binnacle kinds");
    else if (kind < 0)
        (void)unknown_kind(&all.kinds, argv[0]);
    else if (argc - 1 > NAMES_MAX)
        (void)cli_usage("at most %d names at once", NAMES_MAX);
    else if (cli_given(g->cli, OPT_RAW) && form != ROWS_JSON && form != ROWS_YAML)
        (void)cli_usage("--raw writes json or yaml: add -o json or -o yaml");
    else if (text &&
             !(filter = filter_compile(all.kinds.kinds[kind], span_from(text), &where, &err)))
        (void)cli_usage("--filter: %s\n  %s\n  %*s^", err.msg, text, (int)where, "");
    else if (sort && !view_parse_sort(all.kinds.kinds[kind], span_from(sort), &spec, &err))
        (void)cli_usage("--sort: %s", err.msg);
    else
        status = EXIT_FINE;
out:
    g->cli->scope_kind = kind < 0 ? NULL : all.kinds.kinds[kind]->name;
    filter_free(filter);
    catalogue_done(&all);
    g->kind = (uint16_t)(kind < 0 ? 0 : kind);
    g->form = form < 0 ? ROWS_TABLE : (enum rows_form)form;
    g->word = argc ? argv[0] : "";
    return status;
}

/* Whether somebody will look at the verdicts. */
static bool is_judged(const struct get *g)
{
    return g->form >= ROWS_JSON || g->cli->value[OPT_FILTER] || g->cli->value[OPT_SORT];
}

static void wait_for_rows(struct get *g)
{
    g->reader.asked = g->kind;
    reader_want(&g->reader, g->kind);
    reader_want_folds(&g->reader, g->kind, is_judged(g));
    if (g->form >= ROWS_JSON)
        reader_want_quotes(&g->reader, g->kind);
    if (reader_wait(&g->reader) && is_judged(g) && reader_want_links(&g->reader, g->kind))
        (void)reader_wait(&g->reader);
}

static bool set_view(struct get *g, struct span filter, const char *sort, struct err *err)
{
    struct view_spec spec = {.filter = filter,
                             .namespaces = g->schema->namespaced
                                               ? span_from(session_namespace(g->session))
                                               : span_from("")};
    if (sort && !view_parse_sort(g->schema, span_from(sort), &spec, err))
        return false;
    if (!sort && !view_parse_sort(g->schema, SPAN(DEFAULT_SORT), &spec, err) &&
        !view_parse_sort(g->schema, SPAN("name"), &spec, err))
        (void)view_parse_sort(g->schema, span_from(g->schema->sort), &spec, err);
    g->view = view_new(session_store(g->session), g->kind);
    if (!g->view)
        return err_set(err, ERR_NOMEM, "there is no memory for so many rows");
    if (!view_set(g->view, &spec, false, err))
        return false;
    view_finish(g->view, session_now(g->session));
    return true;
}

static bool open_view(struct get *g, struct err *err)
{
    const char *asked = g->cli->value[OPT_FILTER], *sort = g->cli->value[OPT_SORT];
    const char *part = kind_part(g->schema, span_from(g->word));
    struct strbuf filter = STRBUF_INIT(2 * FILTER_TEXT_MAX);
    if (asked)
        strbuf_addf(&filter, part ? "(%s)" : "%s", asked);
    if (part)
        strbuf_addf(&filter, " %s", part);
    bool ok = set_view(g, strbuf_span(&filter), sort, err);
    strbuf_clear(&filter);
    return ok;
}

/* "api-7f9" names "shop/api-7f9"; a workload's key also holds its type. */
static bool is_named(const struct get *g, struct handle row, const char *name)
{
    struct span key = store_key(session_store(g->session), row);
    size_t slash = span_find(key, '/', 0), last = span_find_last(key, '/');
    if (!g->schema->namespaced || slash == key.len)
        return span_is(key, name);
    return span_is(span_sub(key, last + 1, key.len), name) ||
           span_is(span_sub(key, slash + 1, key.len), name);
}

/* Picks the rows that are named; false: one is not there, which is said. */
static bool pick(struct get *g)
{
    bool all = true;
    const char *ns = session_namespace(g->session);
    g->picked = xalloc_zero(view_count(g->view) + 1, sizeof(*g->picked));
    for (size_t n = 0; n < g->nnames; n++) {
        bool found = false;
        for (size_t i = 0; i < view_count(g->view); i++) {
            struct handle row = view_at(g->view, i);
            if (!is_named(g, row, g->names[n]))
                continue;
            if (g->rows.npicked < view_count(g->view))
                g->picked[g->rows.npicked++] = row;
            found = true;
        }
        if (!found)
            cli_warn("%s \"%s\" not found%s%s", g->schema->plural, g->names[n],
                     g->schema->namespaced && *ns ? " in namespace " : "",
                     g->schema->namespaced ? ns : "");
        all = all && found;
    }
    g->rows.picked = g->picked;
    return all;
}

static void write_rows(struct get *g, struct out *o)
{
    struct rows_out w;
    if (g->form <= ROWS_WIDE && !rows_count(&g->rows))
        return;
    rows_begin(&w, &g->rows, g->form, o);
    if (g->form == ROWS_JSON || g->form == ROWS_YAML)
        reader_write_missing(&g->reader, &w.data);
    while (rows_step(&w, SIZE_MAX))
        ;
    rows_end(&w);
}

/* One document to the output, between what goes around several. */
static bool write_raw(struct get *g, uint32_t id, size_t i, struct out *o)
{
    struct span text;
    struct err err;
    bool yaml = g->form == ROWS_YAML;
    bool ok = reader_document(&g->reader, id, &text, &err);
    if (ok && i)
        strbuf_adds(&o->text, yaml ? "---\n" : ",\n");
    if (ok) {
        struct span body = span_trim(text);
        strbuf_add(&o->text, body);
        if (yaml)
            strbuf_addc(&o->text, '\n');
    } else {
        cli_warn("%s", err.msg);
    }
    session_cancel(g->session, id);
    return ok;
}

/* The objects as the API server has them: one alone, several as a List (JSON)
 * or as documents (YAML), as `kubectl get` does. */
static bool write_raws(struct get *g, struct out *o)
{
    size_t n = rows_count(&g->rows), asked = 0;
    enum document what = g->form == ROWS_YAML ? DOCUMENT_YAML : DOCUMENT_JSON;
    bool list = g->form == ROWS_JSON && (n != 1 || !g->nnames), ok = true;
    uint32_t ids[RAW_AT_ONCE] = {0};
    size_t written = 0;
    if (list)
        strbuf_adds(&o->text, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n");
    for (size_t i = 0; i < n && out_turn(o); i++) {
        for (; asked < n && asked < i + RAW_AT_ONCE; asked++)
            ids[asked % RAW_AT_ONCE] = session_fetch(g->session, rows_at(&g->rows, asked), what);
        bool one = write_raw(g, ids[i % RAW_AT_ONCE], written, o);
        written += one;
        ok = ok && one;
    }
    if (g->form == ROWS_JSON && (list || n))
        strbuf_adds(&o->text, list ? "\n]}\n" : "\n");
    return ok;
}

static int write_found(struct get *g)
{
    struct out o;
    const char *ns = session_namespace(g->session);
    g->rows = (struct rows){.store = session_store(g->session),
                            .view = g->view,
                            .kind = g->schema,
                            .now_ms = session_now(g->session),
                            .with_namespace = !*ns,
                            .no_headers = cli_given(g->cli, OPT_NO_HEADERS)};
    bool missing = reader_say_missing(&g->reader);
    reader_say_remarks(&g->reader, g->kind);
    bool whole = reader_complete(&g->reader, g->kind);
    bool named = !whole && !view_count(g->view) ? false : !g->nnames || pick(g);
    out_init(&o);
    if (!whole && !view_count(g->view) && g->form != ROWS_JSON && g->form != ROWS_YAML)
        named = false;
    else if (cli_given(g->cli, OPT_RAW))
        named = write_raws(g, &o) && named;
    else
        write_rows(g, &o);
    if (whole && !session_fills(g->session, g->kind))
        cli_warn("nothing that has %s was found in %s, and the configuration names nothing",
                 g->schema->plural, session_context(g->session));
    else if (whole && !missing && !rows_count(&g->rows) && !g->nnames && g->form <= ROWS_WIDE)
        cli_warn("no %s found%s%s%s", g->schema->plural,
                 g->schema->namespaced && *ns ? " in namespace " : "",
                 g->schema->namespaced ? ns : "", g->cli->value[OPT_FILTER] ? " that match" : "");
    return out_end(&o, whole && named ? EXIT_FINE : EXIT_FAULT);
}

static int run(struct get *g)
{
    struct err err;
    int status = EXIT_FAULT;
    g->session = cli_session(g->cli, true, &err);
    if (!g->session)
        return cli_fail(&err);
    g->schema = session_kinds(g->session)->kinds[g->kind];
    if (!reader_init(&g->reader, g->session, g->cli->value[OPT_WAIT], &err)) {
        status = cli_usage("%s", err.msg);
    } else {
        wait_for_rows(g);
        status = open_view(g, &err) ? write_found(g) : cli_fail(&err);
    }
    view_free(g->view);
    reader_done(&g->reader);
    free(g->picked);
    session_free(g->session);
    return status;
}

/* "pods/api-7f9" is "pods api-7f9". */
static void split_word(char **argv, char *name_of_one[2], struct get *g, int argc)
{
    char *slash = argc == 1 ? strchr(argv[0], '/') : NULL;
    g->names = argc ? argv + 1 : argv;
    g->nnames = argc > 1 ? (size_t)argc - 1 : 0;
    if (!slash || !slash[1])
        return;
    *slash = '\0';
    name_of_one[0] = slash + 1;
    g->names = name_of_one;
    g->nnames = 1;
}

int cli_get(struct cli *cli, int argc, char **argv)
{
    struct get g = {.cli = cli};
    struct err err;
    char *name_of_one[2] = {NULL, NULL};
    split_word(argv, name_of_one, &g, argc);
    if (!cli_config(cli, CONFIG_SESSION, &err))
        return cli_fail(&err);
    int status = check_words(&g, argc, argv);
    return status == EXIT_FINE ? run(&g) : status;
}
