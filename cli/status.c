/* `status`: a line per system, worst first; made for people and for monitoring. */
#include <config.h>

#include "base/alloc.h"
#include "cli/do.h"
#include "cli/out.h"
#include "cli/plain.h"
#include "cli/reader.h"

#include <stdlib.h>

enum form { FORM_TEXT, FORM_JSON, FORM_NAGIOS };

struct status {
    struct session *session;
    struct reader reader;
    struct system_state *states; /* owned; worst first */
    size_t count;
};

static int exit_status(enum level level)
{
    switch (level) {
    case LEVEL_CRITICAL:
        return EXIT_CRITICAL;
    case LEVEL_WARNING:
        return EXIT_WARNING;
    case LEVEL_UNKNOWN:
        return EXIT_UNKNOWN;
    case LEVEL_OFF:
    case LEVEL_OK:
    case LEVEL_NOTICE:
    case LEVEL_PROGRESS:
        break;
    }
    return EXIT_OK;
}

static void judge(struct status *s)
{
    const struct system_list *list = session_systems(s->session);
    s->count = list->count;
    s->states = xalloc_zero(list->count + 1, sizeof(*s->states));
    system_judge_all(session_store(s->session), list, session_now(s->session), s->states);
}

/* What the whole is: the worst. With nothing judged, nothing is known. */
static enum level worst(const struct status *s)
{
    enum level level = LEVEL_OFF;
    for (size_t i = 0; i < s->count; i++)
        if (s->states[i].level > level)
            level = s->states[i].level;
    return level == LEVEL_OFF ? LEVEL_UNKNOWN : level;
}

/* The source since whose absence nothing is known of several systems, which are told as one. *alone:
 * there is nothing else to tell. */
static uint16_t away(const struct status *s, bool *alone)
{
    return system_away(session_store(s->session), s->states, s->count, alone);
}

static void text_line(struct plain *p, enum level level, const char *name, const char *says)
{
    plain_cell(p, span_from(level_name(level)));
    plain_cell(p, span_from(name));
    plain_cell(p, span_from(says));
    plain_end_row(p);
}

static void text_round(const struct status *s, struct plain *p)
{
    bool alone, told = false;
    uint16_t source = away(s, &alone);
    for (size_t i = 0; i < s->count; i++) {
        const struct system_state *state = &s->states[i];
        if (source == SOURCE_NONE || state->away != source) {
            if (!(source != SOURCE_NONE && alone))
                text_line(p, state->level, state->system->name, state->says);
        } else if (!told) {
            const struct source_info *gone = store_source(session_store(s->session), source);
            text_line(p, LEVEL_UNKNOWN, gone->name, gone->report.why.msg);
            told = true;
        }
    }
}

static void write_text(const struct status *s, struct out *o)
{
    struct plain p;
    plain_init(&p, &o->text, 3);
    text_round(s, &p);
    plain_measured(&p);
    text_round(s, &p);
}

static void write_worst(const struct status *s, const struct system_state *state,
                        struct data_out *d)
{
    const struct store *st = session_store(s->session);
    data_key(d, "worst");
    if (!state->has_worst) {
        data_null(d);
        return;
    }
    data_object(d);
    data_key(d, "kind");
    data_cstr(d, store_kind(st, state->worst.kind)->name);
    data_key(d, "key");
    data_text(d, store_key(st, state->worst));
    data_object_end(d);
}

static void write_json(const struct status *s, struct out *o)
{
    struct data_out d;
    data_init(&d, &o->text, false, 2);
    data_object(&d);
    data_key(&d, "schema");
    data_int(&d, 1);
    data_key(&d, "level");
    data_cstr(&d, level_name(worst(s)));
    reader_write_missing(&s->reader, &d);
    data_key(&d, "items");
    data_array(&d);
    for (size_t i = 0; i < s->count; i++) {
        const struct system_state *state = &s->states[i];
        data_object(&d);
        data_key(&d, "system");
        data_cstr(&d, state->system->name);
        data_key(&d, "level");
        data_cstr(&d, level_name(state->level));
        data_key(&d, "stale");
        data_bool(&d, state->stale);
        data_key(&d, "rows");
        data_int(&d, (int64_t)state->rows);
        data_key(&d, "bad");
        data_int(&d, (int64_t)state->bad);
        data_key(&d, "says");
        data_cstr(&d, state->says);
        write_worst(s, state, &d);
        data_object_end(&d);
    }
    data_array_end(&d);
    data_object_end(&d);
    data_end(&d);
}

/* A bar begins the figures in this format, so texts have none.
 * [nagios-plugins.org/doc/guidelines.html] */
static void add_nagios_text(const char *text, struct strbuf *out)
{
    size_t from = out->len;
    plain_visible(span_from(text), out);
    for (size_t i = from; i < out->len; i++)
        if (out->data[i] == '|')
            out->data[i] = '/';
}

static void write_nagios(const struct status *s, struct out *o)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    enum level level = worst(s);
    bool alone;
    uint16_t gone = away(s, &alone);
    bool first = gone == SOURCE_NONE;
    strbuf_addf(&o->text, "BINNACLE %s - ", words[exit_status(level)]);
    if (!first)
        add_nagios_text(store_source(session_store(s->session), gone)->report.why.msg, &o->text);
    for (size_t i = 0; i < s->count; i++) {
        const struct system_state *state = &s->states[i];
        if ((gone != SOURCE_NONE && (alone || state->away == gone)) ||
            (state->level != level && exit_status(level) != EXIT_OK))
            continue;
        strbuf_addf(&o->text, "%s%s: ", first ? "" : "; ", state->system->name);
        add_nagios_text(state->says, &o->text);
        first = false;
    }
    if (first)
        strbuf_adds(&o->text, "nothing could be read");
    strbuf_adds(&o->text, " |");
    for (size_t i = 0; i < s->count; i++)
        strbuf_addf(&o->text, " %s=%zu;;;0;%zu", s->states[i].system->name, s->states[i].bad,
                    s->states[i].rows);
    strbuf_addc(&o->text, '\n');
}

static int write_status(const struct status *s, enum form form)
{
    struct out o;
    out_init(&o);
    switch (form) {
    case FORM_TEXT:
        write_text(s, &o);
        break;
    case FORM_JSON:
        write_json(s, &o);
        break;
    case FORM_NAGIOS:
        write_nagios(s, &o);
        break;
    }
    int status = out_end(&o, -1);
    return status < 0 ? exit_status(worst(s)) : EXIT_UNKNOWN;
}

/* All that any system is judged by. */
static void want_systems(struct status *s)
{
    const struct system_list *systems = session_systems(s->session);
    const struct kind_list *kinds = session_kinds(s->session);
    for (size_t i = 0; i < systems->count; i++) {
        const char *const *names = systems->systems[i].kinds;
        for (size_t k = 0; k < SYSTEM_KINDS_MAX && names[k]; k++) {
            int kind = kind_find(kinds, span_from(names[k]));
            if (kind < 0)
                continue;
            reader_want(&s->reader, (uint16_t)kind);
            reader_want_folds(&s->reader, (uint16_t)kind, true);
        }
    }
}

static void read_systems(struct status *s)
{
    bool more = false;
    want_systems(s);
    if (!reader_wait(&s->reader))
        return;
    for (size_t i = 0; i < session_kinds(s->session)->count; i++)
        more = reader_want_links(&s->reader, (uint16_t)i) || more;
    if (more)
        (void)reader_wait(&s->reader);
}

static int unknown(const struct err *err, int form)
{
    struct out o;
    if (form != FORM_NAGIOS) {
        (void)cli_fail(err);
        return EXIT_UNKNOWN;
    }
    out_init(&o); /* a monitoring system shows what stands on standard output */
    strbuf_adds(&o.text, "BINNACLE UNKNOWN - ");
    add_nagios_text(err->msg, &o.text);
    strbuf_addc(&o.text, '\n');
    return out_end(&o, EXIT_UNKNOWN);
}

int cli_status(struct cli *cli, int argc, char **argv)
{
    struct status s = {0};
    struct err err;
    int status, form = cli_output(cli, "text|json|nagios");
    if (argc > 0)
        (void)cli_usage("status takes no word `%s`", argv[0]);
    if (argc > 0 || form < 0)
        return EXIT_UNKNOWN;
    if (!cli_config(cli, CONFIG_SESSION, &err))
        return unknown(&err, form);
    cli->value[OPT_ALL_NAMESPACES] = ""; /* systems are of the whole cluster */
    s.session = cli_session(cli, true, &err);
    if (!s.session)
        return unknown(&err, form);
    if (!reader_init(&s.reader, s.session, cli->value[OPT_WAIT], &err)) {
        status = unknown(&err, form);
    } else {
        read_systems(&s);
        judge(&s);
        bool alone;
        if (form == FORM_TEXT && (away(&s, &alone) == SOURCE_NONE || !alone))
            (void)reader_say_missing(&s.reader);
        status = write_status(&s, (enum form)form);
        if (form != FORM_NAGIOS)
            cli_do_notice(cli);
    }
    free(s.states);
    reader_done(&s.reader);
    session_free(s.session);
    return status;
}
