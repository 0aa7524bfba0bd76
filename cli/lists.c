/* `kinds`, `systems`, `backends`: what there is, without a cluster. */
#include <config.h>

#include "app/catalogue.h"
#include "cli/cli.h"
#include "cli/data_out.h"
#include "cli/out.h"
#include "cli/plain.h"

#define FORMS "table|json"

/* A list in either form. One function per list says its items; in a table each
 * field is a cell, in JSON a member. */
struct listing {
    bool json, no_headers;
    struct plain plain;
    struct data_out data;
    struct out out;
};

static void title(struct listing *l, const char *const *names)
{
    for (; *names && !l->no_headers; names++)
        plain_cell(&l->plain, span_from(*names));
    if (!l->no_headers)
        plain_end_row(&l->plain);
}

static void field(struct listing *l, const char *name, const char *text)
{
    if (!l->json) {
        plain_cell(&l->plain, span_from(*text ? text : "-"));
        return;
    }
    data_key(&l->data, name);
    data_cstr(&l->data, text);
}

static void item(struct listing *l)
{
    if (l->json)
        data_object(&l->data);
}

static void item_end(struct listing *l)
{
    if (l->json)
        data_object_end(&l->data);
    else
        plain_end_row(&l->plain);
}

typedef void items_fn(struct listing *l, const void *what);

static int write_listing(struct cli *cli, const char *const *titles, items_fn *items,
                         const void *what)
{
    struct listing l = {.no_headers = cli_given(cli, OPT_NO_HEADERS)};
    size_t n = 0;
    int form = cli_output(cli, FORMS);
    if (form < 0)
        return EXIT_USAGE;
    l.json = form == 1;
    out_init(&l.out);
    while (titles[n])
        n++;
    plain_init(&l.plain, &l.out.text, n);
    data_init(&l.data, &l.out.text, false, 2);
    if (l.json) {
        data_object(&l.data);
        data_key(&l.data, "schema");
        data_int(&l.data, 1);
        data_key(&l.data, "items");
        data_array(&l.data);
        items(&l, what);
        data_array_end(&l.data);
        data_object_end(&l.data);
        data_end(&l.data);
    }
    for (int round = 0; round < 2 && !l.json; round++) {
        title(&l, titles);
        items(&l, what);
        plain_measured(&l.plain);
    }
    return out_end(&l.out, EXIT_FINE);
}

static void kind_items(struct listing *l, const void *what)
{
    const struct catalogue *c = what;
    for (size_t i = 0; i < c->kinds.count; i++) {
        const struct kind *k = c->kinds.kinds[i];
        item(l);
        field(l, "name", k->name);
        field(l, "plural", k->plural);
        field(l, "aliases", k->aliases);
        field(l, "namespaced", k->namespaced ? "true" : "false");
        field(l, "help", k->help);
        item_end(l);
    }
}

static void column_items(struct listing *l, const void *what)
{
    const struct kind *k = what;
    for (size_t i = 0; i < k->ncolumns; i++) {
        const struct column *c = &k->columns[i];
        item(l);
        field(l, "name", c->name);
        field(l, "type", value_type_name(c->type));
        field(l, "shown",
              c->flags & COLUMN_HIDDEN ? "never"
              : c->flags & COLUMN_WIDE ? "wide"
                                       : "always");
        field(l, "help", c->help ? c->help : "");
        item_end(l);
    }
}

int cli_kinds(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "PLURAL", "SHORT", "NAMESPACED", "HELP", NULL};
    static const char *const columns[] = {"COLUMN", "TYPE", "SHOWN", "HELP", NULL};
    struct catalogue all;
    int status;
    catalogue_init(&all);
    int kind = argc ? kind_find(&all.kinds, span_from(argv[0])) : -1;
    if (argc > 1)
        status = cli_usage("kinds takes one kind at most");
    else if (argc && kind < 0)
        status = cli_usage("there is no kind `%s`; all: binnacle kinds", argv[0]);
    else if (argc)
        status = write_listing(cli, columns, column_items, all.kinds.kinds[kind]);
    else
        status = write_listing(cli, titles, kind_items, &all);
    catalogue_done(&all);
    return status;
}

static void system_items(struct listing *l, const void *what)
{
    const struct catalogue *c = what;
    for (size_t i = 0; i < c->systems.count; i++) {
        const struct system *s = &c->systems.systems[i];
        struct strbuf kinds = STRBUF_INIT(4096);
        for (size_t k = 0; k < SYSTEM_KINDS_MAX && s->kinds[k]; k++)
            strbuf_addf(&kinds, "%s%s", k ? "," : "", s->kinds[k]);
        item(l);
        field(l, "name", s->name);
        field(l, "kinds", strbuf_cstr(&kinds));
        field(l, "help", s->help);
        item_end(l);
        strbuf_clear(&kinds);
    }
}

int cli_systems(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "KINDS", "HELP", NULL};
    struct catalogue all;
    if (argc)
        return cli_usage("systems takes no word `%s`", argv[0]);
    catalogue_init(&all);
    int status = write_listing(cli, titles, system_items, &all);
    catalogue_done(&all);
    return status;
}

static void backend_items(struct listing *l, const void *what)
{
    (void)what;
    for (const struct backend *const *b = backend_registry; *b; b++) {
        struct strbuf settings = STRBUF_INIT(4096);
        for (const struct setting *s = (*b)->settings; s && s->name; s++)
            if (s->type != SETTING_GIVEN)
                strbuf_addf(&settings, "%s%s", settings.len ? "," : "", s->name);
        item(l);
        field(l, "name", (*b)->name);
        field(l, "settings", strbuf_cstr(&settings));
        field(l, "help", (*b)->summary);
        item_end(l);
        strbuf_clear(&settings);
    }
}

int cli_backends(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "SETTINGS", "HELP", NULL};
    if (argc)
        return cli_usage("backends takes no word `%s`", argv[0]);
    return write_listing(cli, titles, backend_items, NULL);
}
