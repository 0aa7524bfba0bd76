/* `doctor`: each source with how it is reached, with which credential, what is missing, and
 * whether it answers. */
#include <config.h>

#include "backends/plugin.h"
#include "cli/do.h"
#include "cli/listing.h"
#include "cli/reader.h"

static void want_first(struct reader *r, const struct backend *b)
{
    const struct kind_list *kinds = session_kinds(r->session);
    int kind = b->kinds[0] ? kind_find(kinds, span_from(b->kinds[0]->name)) : -1;
    if (kind >= 0)
        reader_want(r, (uint16_t)kind);
}

/* What is asked of each source to see whether it answers: the first kind of its backend, and what
 * finding others needs. */
static void want_first_kinds(struct reader *r, const struct config *config)
{
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        want_first(r, b);
    for (size_t i = 0; i < config_sources(config); i++)
        if (config_source_at(config, i)->own)
            want_first(r, config_source_at(config, i)->own);
}

/* A source's report, or that of one of its kinds that is worse: a script that is not there leaves its
 * source well. What many may not read is no trouble, and where the rights end at a namespace, the source
 * says so, and that nodes are denied then is no wonder. */
static const struct source_report *worst_report(const struct session *s, uint16_t source)
{
    const struct store *st = session_store(s);
    const struct kind_list *kinds = session_kinds(s);
    const struct source_report *worst = &store_source(st, source)->report;
    for (size_t k = 0; k < kinds->count; k++) {
        const struct source_kind *one = store_source_kind(st, source, (uint16_t)k);
        bool spared =
            kinds->kinds[k]->guarded || (store_source(st, source)->report.state == SOURCE_PARTIAL &&
                                         one->report.state == SOURCE_DENIED);
        if (one->wanted && !spared && one->report.state > worst->state)
            worst = &one->report;
    }
    return worst;
}

static void source_items(struct listing *l, const void *what)
{
    const struct session *session = what;
    const struct store *st = session_store(session);
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_info *s = store_source(st, (uint16_t)i);
        const struct source_report *r = worst_report(session, (uint16_t)i);
        if (s->gone)
            continue;
        listing_item(l);
        listing_field(l, "state", source_state_name(r->state));
        listing_field(l, "source", s->name);
        listing_field(l, "type", s->backend);
        listing_field(l, "reach", s->reach);
        listing_field(l, "through",
                      s->parent == SOURCE_NONE ? "" : store_source(st, s->parent)->name);
        listing_field(l, "credential", s->secret);
        listing_field(l, "missing", s->missing);
        listing_field(l, "says", r->why.kind != ERR_NONE ? r->why.msg : r->note);
        listing_item_end(l);
    }
}

/* What is asked answers, in full or in part. What is off may not be asked: `missing` says why. */
static bool all_answer(const struct session *s)
{
    for (size_t i = 0; i < store_sources(session_store(s)); i++) {
        enum source_state state = worst_report(s, (uint16_t)i)->state;
        if (state > SOURCE_FRESH && state != SOURCE_PARTIAL)
            return false;
    }
    return true;
}

int cli_doctor(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"STATE",      "SOURCE",  "TYPE", "REACH", "THROUGH",
                                         "CREDENTIAL", "MISSING", "SAYS", NULL};
    struct reader r;
    struct err err;
    int status;
    if (argc > 0)
        return cli_usage("doctor takes no word `%s`", argv[0]);
    if (!cli_config(cli, CONFIG_SESSION, &err))
        return cli_fail(&err);
    cli->value[OPT_ALL_NAMESPACES] = "";
    struct session *s = cli_session(cli, true, &err);
    if (!s)
        return cli_fail(&err);
    if (!reader_init(&r, s, cli->value[OPT_WAIT], &err)) {
        status = cli_usage("%s", err.msg);
    } else {
        want_first_kinds(&r, cli->config);
        (void)reader_wait(&r);
        status =
            listing_write(cli, titles, source_items, s, all_answer(s) ? EXIT_FINE : EXIT_FAULT);
        cli_do_notice(cli);
        reader_done(&r);
    }
    session_free(s);
    return status;
}
