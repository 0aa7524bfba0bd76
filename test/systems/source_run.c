/* One source, driven by a test. */
#include <config.h>

#include "test/systems/source_run.h"

#include "base/alloc.h"

#include <poll.h>
#include <stdio.h>

/* as: backend, settings, credential and whether once. */
static void start(struct source_run *s, const struct runner_options *as, int64_t wall_ms,
                  const char *targets)
{
    struct runner_options o = *as;
    struct err err;
    size_t n = 0;
    while (o.backend->kinds[n])
        n++;
    *s = (struct source_run){.backend = o.backend, .kinds = {o.backend->kinds, n}};
    s->clock = clock_new();
    clock_stop(s->clock);
    clock_set_wall(s->clock, wall_ms);
    s->inbox = inbox_new(&err);
    s->store = store_new(&s->kinds);
    o.name = "it";
    o.source = store_add_source(s->store, "it", o.backend->name, "c", SOURCE_NONE);
    o.kinds = &s->kinds;
    o.clock = s->clock;
    o.inbox = s->inbox;
    s->runner = runner_new(&o, &err);
    if (s->runner)
        runner_set_targets(s->runner, targets);
    if (!s->runner || !runner_start(s->runner, &err))
        fail_msg("%s", err.msg);
}

void source_start(struct source_run *s, const struct backend *backend, const char *const *settings,
                  int64_t wall_ms)
{
    source_start_with(s, backend, settings, wall_ms, NULL);
}

void source_start_with(struct source_run *s, const struct backend *backend,
                       const char *const *settings, int64_t wall_ms, struct credential *credential)
{
    const struct runner_options as = {
        .backend = backend, .settings = settings, .credential = credential};
    start(s, &as, wall_ms, NULL);
}

void source_start_at(struct source_run *s, const struct backend *backend,
                     const char *const *settings, int64_t wall_ms, const char *targets, bool once)
{
    const struct runner_options as = {.backend = backend, .settings = settings, .once = once};
    start(s, &as, wall_ms, targets);
}

void source_stop(struct source_run *s)
{
    runner_stop(s->runner);
    assert_true(runner_join(s->runner, SOURCE_PATIENCE_MS));
    runner_free(s->runner);
    inbox_free(s->inbox);
    store_free(s->store);
    clock_free(s->clock);
    strbuf_clear(&s->document);
}

uint16_t source_kind_number(const struct source_run *s, const char *kind)
{
    int number = kind_find(&s->kinds, span_from(kind));
    if (number < 0)
        fail_msg("there is no kind %s", kind);
    return (uint16_t)number;
}

static void ask(struct source_run *s, enum request_type type, uint16_t kind)
{
    struct request r = {.type = type, .kind = kind};
    runner_request(s->runner, &r);
}

void source_want(struct source_run *s, const char *kind, bool wanted)
{
    uint16_t number = source_kind_number(s, kind);
    store_set_wanted(s->store, 0, number, wanted);
    ask(s, wanted ? REQUEST_WANT : REQUEST_UNWANT, number);
}

void source_refresh(struct source_run *s)
{
    ask(s, REQUEST_REFRESH, KIND_NONE);
}

void source_fetch(struct source_run *s, enum document what, const char *key)
{
    struct request r = {.type = REQUEST_FETCH,
                        .id = ++s->request,
                        .kind = KIND_NONE,
                        .key = xalloc_text(key),
                        .key_len = strlen(key),
                        .what = what};
    s->answered = false;
    strbuf_clear(&s->document);
    s->document = (struct strbuf)STRBUF_INIT((size_t)16 << 20);
    runner_request(s->runner, &r);
    source_until(s, s->answered);
}

static void take_document(struct source_run *s, const struct message *m)
{
    s->answered = s->answered || m->request == s->request;
    s->why = m->why;
    strbuf_add(&s->document, span_make(m->bytes, m->len));
}

void source_step(struct source_run *s, int64_t ms)
{
    clock_step(s->clock, ms);
    ask(s, REQUEST_CANCEL, KIND_NONE);
}

void source_turn(struct source_run *s, int64_t end, const char *wanted)
{
    struct pollfd in = {.fd = inbox_fd(s->inbox), .events = POLLIN};
    struct message *m;
    struct err err;
    if (clock_machine_ms() > end)
        fail_msg("%s does not come; the source says: %s", wanted, source_report(s)->why.msg);
    (void)poll(&in, 1, 100);
    while ((m = inbox_pop(s->inbox)) != NULL) {
        if (m->type == MESSAGE_DOCUMENT)
            take_document(s, m);
        else
            assert_true(store_apply(s->store, m, clock_wall_ms(s->clock), &err));
        message_free(m);
    }
    while (store_turn(s->store, clock_wall_ms(s->clock), 100000))
        ;
}

static bool find(const struct source_run *s, const char *kind, const char *key, struct handle *row)
{
    return store_find(s->store, 0, source_kind_number(s, kind), span_from(key), row);
}

bool source_has(const struct source_run *s, const char *kind, const char *key)
{
    struct handle row;
    return find(s, kind, key, &row);
}

bool source_synced(const struct source_run *s, const char *kind)
{
    return store_source_kind(s->store, 0, source_kind_number(s, kind))->synced;
}

void source_judged(struct source_run *s, const char *kind, const char *key, enum level level,
                   const char *rule, const char *words)
{
    const char *says = source_says(s, kind, key), *by = source_rule(s, kind, key);
    enum level is = source_level(s, kind, key);
    if (!source_has(s, kind, key))
        fail_msg("no %s %s", kind, key);
    if (is != level || strcmp(by, rule) != 0 || !strstr(says, words))
        fail_msg("%s %s: is %s by `%s`: \"%s\", expected %s by `%s`: \"%s\"", kind, key,
                 level_name(is), by, says, level_name(level), rule, words);
}

static const char *keep(struct source_run *s, struct strbuf *text)
{
    (void)snprintf(s->text, sizeof(s->text), "%s", strbuf_cstr(text));
    strbuf_clear(text);
    return s->text;
}

const char *source_text(struct source_run *s, const char *kind, const char *key, const char *column)
{
    struct strbuf text = STRBUF_INIT(sizeof(s->text));
    struct handle row;
    int i = kind_column(s->kinds.kinds[source_kind_number(s, kind)], span_from(column));
    if (i < 0)
        fail_msg("%s has no column %s", kind, column);
    if (!find(s, kind, key, &row))
        return "no row";
    struct value v = store_cell(s->store, row, (size_t)i, clock_wall_ms(s->clock));
    value_format(&v, &text);
    return keep(s, &text);
}

enum level source_level(const struct source_run *s, const char *kind, const char *key)
{
    struct handle row;
    return find(s, kind, key, &row) ? store_verdict(s->store, row).level : LEVEL_OFF;
}

const char *source_says(struct source_run *s, const char *kind, const char *key)
{
    struct strbuf text = STRBUF_INIT(sizeof(s->text));
    struct handle row;
    if (find(s, kind, key, &row))
        store_says(s->store, row, clock_wall_ms(s->clock), &text);
    return keep(s, &text);
}

const char *source_rule(const struct source_run *s, const char *kind, const char *key)
{
    struct handle row;
    if (!find(s, kind, key, &row) || store_verdict(s->store, row).level <= LEVEL_OK)
        return "";
    return store_kind(s->store, row.kind)->rules[store_verdict(s->store, row).rule].id;
}

const struct source_report *source_report(const struct source_run *s)
{
    return &store_source(s->store, 0)->report;
}

const struct source_report *source_kind_report(const struct source_run *s, const char *kind)
{
    return &store_source_kind(s->store, 0, source_kind_number(s, kind))->report;
}

static void add_row(const struct source_run *s, struct handle row, struct strbuf *all)
{
    struct link l;
    size_t link = 0;
    strbuf_add(all, store_key(s->store, row));
    strbuf_addc(all, '\n');
    for (size_t i = 0; i < store_kind(s->store, row.kind)->ncolumns; i++) {
        struct value v = store_cell(s->store, row, i, clock_wall_ms(s->clock));
        value_format(&v, all);
        strbuf_addc(all, '\n');
    }
    store_says(s->store, row, clock_wall_ms(s->clock), all);
    while (store_link_next(s->store, row, &link, &l)) {
        strbuf_addc(all, '\n');
        strbuf_add(all, l.key);
    }
}

bool source_leaks(struct source_run *s, const char *words)
{
    struct strbuf all = STRBUF_INIT((size_t)16 << 20);
    strbuf_addf(&all, "%s\n%s\n", source_report(s)->why.msg, source_report(s)->note);
    for (size_t k = 0; k < s->kinds.count; k++) {
        const struct source_kind *kind = store_source_kind(s->store, 0, (uint16_t)k);
        struct handle row;
        uint32_t at = 0;
        strbuf_addf(&all, "%s\n%s\n", kind->report.why.msg, kind->report.note);
        while (store_next(s->store, (uint16_t)k, &at, &row))
            add_row(s, row, &all);
    }
    bool leaks = span_search(strbuf_span(&all), span_from(words), false) < all.len;
    strbuf_clear(&all);
    return leaks;
}
