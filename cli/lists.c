/* `kinds`, `systems`, `backends`: what there is, without a cluster. */
#include <config.h>

#include "app/catalogue.h"
#include "backends/plugin.h"
#include "cli/cli.h"
#include "cli/listing.h"

/* What is wrong with the configuration does not hide what is there without it. */
static void open_catalogue(struct cli *cli, struct catalogue *all)
{
    struct err err;
    if (!cli_config(cli, CONFIG_SESSION, &err))
        cli_warn("warning: %s", err.msg);
    catalogue_init(all, cli->config);
}

static void kind_items(struct listing *l, const void *what)
{
    const struct catalogue *c = what;
    for (size_t i = 0; i < c->kinds.count; i++) {
        const struct kind *k = c->kinds.kinds[i];
        listing_item(l);
        listing_field(l, "name", k->name);
        listing_field(l, "plural", k->plural);
        listing_field(l, "aliases", k->aliases);
        listing_bool(l, "namespaced", k->namespaced);
        listing_field(l, "help", k->help);
        listing_item_end(l);
    }
}

static void column_items(struct listing *l, const void *what)
{
    const struct kind *k = what;
    for (size_t i = 0; i < k->ncolumns; i++) {
        const struct column *c = &k->columns[i];
        listing_item(l);
        listing_field(l, "name", c->name);
        listing_field(l, "type", value_type_name(c->type));
        listing_field(l, "shown",
                      c->flags & COLUMN_HIDDEN ? "never"
                      : c->flags & COLUMN_WIDE ? "wide"
                                               : "always");
        listing_field(l, "help", c->help ? c->help : "");
        listing_item_end(l);
    }
}

int cli_kinds(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "PLURAL", "SHORT", "NAMESPACED", "HELP", NULL};
    static const char *const columns[] = {"COLUMN", "TYPE", "SHOWN", "HELP", NULL};
    struct catalogue all;
    int status;
    open_catalogue(cli, &all);
    int kind = argc ? kind_find(&all.kinds, span_from(argv[0])) : -1;
    if (argc > 1)
        status = cli_usage("kinds takes one kind at most");
    else if (argc && kind < 0)
        status = cli_usage("there is no kind `%s`; all: binnacle kinds", argv[0]);
    else if (argc)
        status = listing_write(cli, columns, column_items, all.kinds.kinds[kind], EXIT_FINE);
    else
        status = listing_write(cli, titles, kind_items, &all, EXIT_FINE);
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
        listing_item(l);
        listing_field(l, "name", s->name);
        listing_field(l, "kinds", strbuf_cstr(&kinds));
        listing_field(l, "help", s->help);
        listing_item_end(l);
        strbuf_clear(&kinds);
    }
}

int cli_systems(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "KINDS", "HELP", NULL};
    struct catalogue all;
    if (argc)
        return cli_usage("systems takes no word `%s`", argv[0]);
    open_catalogue(cli, &all);
    int status = listing_write(cli, titles, system_items, &all, EXIT_FINE);
    catalogue_done(&all);
    return status;
}

static void backend_items(struct listing *l, const void *what)
{
    (void)what;
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;) {
        struct strbuf settings = STRBUF_INIT(4096);
        for (const struct setting *s = b->settings; s && s->name; s++)
            if (s->type != SETTING_GIVEN)
                strbuf_addf(&settings, "%s%s", settings.len ? "," : "", s->name);
        listing_item(l);
        listing_field(l, "name", b->name);
        listing_field(l, "settings", strbuf_cstr(&settings));
        listing_field(l, "help", b->summary);
        listing_item_end(l);
        strbuf_clear(&settings);
    }
}

int cli_backends(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "SETTINGS", "HELP", NULL};
    struct catalogue all;
    if (argc)
        return cli_usage("backends takes no word `%s`", argv[0]);
    open_catalogue(cli, &all); /* plug-ins are loaded with the configuration */
    catalogue_done(&all);
    return listing_write(cli, titles, backend_items, NULL, EXIT_FINE);
}
