/* A connection's sources: their runners, what is wanted of them, when they were last heard. */
#include <config.h>

#include "app/sources.h"

#include "app/catalogue.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/timetext.h"
#include "net/credential.h"

#include <stdlib.h>
#include <string.h>

#define STALE_MS 32000 /* two heartbeats of 15 s, and a little */

struct source_entry {
    const struct backend *backend; /* NULL: it is not there any more */
    struct runner *runner;         /* owned; NULL: its thread was not started yet */
    char **settings;               /* owned; NULL ends */
    char *targets;                 /* owned; NULL: none */
    struct credential *credential; /* a reference */
    uint16_t parent;
    int64_t proof_mono_ms; /* when we heard its last proof of life: wall clocks jump; TIME_NONE */
};

struct sources {
    struct sources_options o;
    struct source_entry *entries; /* owned; by number in the store */
    size_t count;
    bool *wanted;            /* owned; per kind */
    struct runner **leaving; /* owned; were asked to stop */
    size_t nleaving;
    bool rest;        /* nobody is there */
    int64_t woken_ms; /* monotonic; since when somebody is there again */
};

struct sources *sources_new(const struct sources_options *o)
{
    struct sources *s = xalloc_zero(1, sizeof(*s));
    s->o = *o;
    s->woken_ms = clock_mono_ms(o->clock);
    s->wanted = xalloc_zero(o->kinds->count + 1, sizeof(*s->wanted));
    return s;
}

static struct source_entry *entry_of(const struct sources *s, uint16_t source)
{
    return source < s->count && s->entries[source].backend ? &s->entries[source] : NULL;
}

static bool fills(const struct sources *s, const struct source_entry *e, uint16_t kind)
{
    return e->backend && catalogue_fills(e->backend, s->o.kinds->kinds[kind]);
}

static bool is_wanted(const struct sources *s, const struct source_entry *e)
{
    for (size_t k = 0; k < s->o.kinds->count; k++)
        if (s->wanted[k] && fills(s, e, (uint16_t)k))
            return true;
    return false;
}

/* What the program itself says of a source. */
static void say(struct sources *s, uint16_t source, enum source_state state, const struct err *why)
{
    struct err err;
    struct message *m = message_new(MESSAGE_STATE, source, KIND_NONE);
    if (!m)
        return;
    m->report = store_source(s->o.store, source)->report;
    m->report.state = state;
    if (why)
        m->report.why = *why;
    (void)store_apply(s->o.store, m, clock_wall_ms(s->o.clock), &err);
    message_free(m);
}

/* ---- Coming and going. */

static char **copy_texts(const char *const *texts)
{
    size_t n = 0;
    while (texts && texts[n])
        n++;
    char **copy = xalloc_zero(n + 1, sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        copy[i] = xalloc_text(texts[i]);
    return copy;
}

static void entry_clear(struct source_entry *e)
{
    for (char **t = e->settings; t && *t; t++)
        free(*t);
    free(e->settings);
    free(e->targets);
    credential_unref(e->credential);
    *e = (struct source_entry){.proof_mono_ms = TIME_NONE};
}

static void request_kind(struct source_entry *e, enum request_type type, uint16_t kind)
{
    struct request r = {.type = type, .kind = kind};
    if (e->runner)
        runner_request(e->runner, &r);
}

static bool start(struct sources *s, uint16_t source, struct err *err)
{
    struct source_entry *e = &s->entries[source];
    const struct runner_options options = {
        .backend = e->backend,
        .name = store_source(s->o.store, source)->name,
        .source = source,
        .kinds = s->o.kinds,
        .clock = s->o.clock,
        .inbox = s->o.inbox,
        .once = s->o.once,
        .credential = e->credential,
        .settings = (const char *const *)e->settings,
    };
    e->runner = runner_new(&options, err);
    if (e->runner)
        runner_set_targets(e->runner, e->targets);
    if (e->runner)
        runner_set_rest(e->runner, s->rest);
    for (uint16_t k = 0; e->runner && k < s->o.kinds->count; k++)
        if (s->wanted[k] && fills(s, e, k))
            request_kind(e, REQUEST_WANT, k);
    if (e->runner && runner_start(e->runner, err))
        return true;
    runner_free(e->runner);
    e->runner = NULL;
    say(s, source, SOURCE_FAILING, err);
    return false;
}

const char *sources_setting(const struct backend *backend, char *const *settings,
                            enum setting_type type)
{
    for (const struct setting *t = backend->settings; t && t->name; t++) {
        size_t len = strlen(t->name);
        for (char *const *s = settings; t->type == type && *s; s++)
            if (strncmp(*s, t->name, len) == 0 && (*s)[len] == '=')
                return *s + len + 1;
    }
    return NULL;
}

/* The same, for the sources screen. */
static const char *setting_of(const struct source_entry *e, enum setting_type type)
{
    return sources_setting(e->backend, e->settings, type);
}

static void describe(struct sources *s, uint16_t source, const struct source_entry *e,
                     const char *missing)
{
    const char *reach = setting_of(e, SETTING_REACH);
    struct strbuf shown = STRBUF_INIT(4096);
    strbuf_add_address(&shown, span_from(reach ? reach : ""));
    store_describe_source(s->o.store, source, reach ? strbuf_cstr(&shown) : NULL,
                          setting_of(e, SETTING_SECRET), missing);
    strbuf_clear(&shown);
}

static int64_t patience_of(const struct backend *b)
{
    return b->quiet_ms ? b->quiet_ms : STALE_MS;
}

uint16_t sources_add(struct sources *s, const struct source_spec *spec, struct err *err)
{
    struct store *st = s->o.store;
    uint16_t n = store_add_source(st, spec->name, spec->backend->name, spec->cluster, spec->parent);
    if (n >= s->count) {
        s->entries = xalloc_resize(s->entries, n + 1u, sizeof(*s->entries));
        s->count = n + 1u;
    }
    struct source_entry *e = &s->entries[n];
    *e = (struct source_entry){.backend = spec->backend,
                               .settings = copy_texts(spec->settings),
                               .targets = spec->targets ? xalloc_text(spec->targets) : NULL,
                               .credential = credential_ref(spec->credential),
                               .parent = spec->parent,
                               .proof_mono_ms = TIME_NONE};
    store_set_joined(st, n, spec->backend->joined != NULL);
    store_set_patience(st, n, patience_of(spec->backend));
    describe(s, n, e, spec->missing);
    for (uint16_t k = 0; k < s->o.kinds->count; k++)
        if (fills(s, e, k))
            store_set_wanted(st, n, k, s->wanted[k]);
    if (!spec->at_once && !is_wanted(s, e)) {
        say(s, n, SOURCE_OFF, NULL);
        return n;
    }
    return start(s, n, err) ? n : SOURCE_NONE;
}

void sources_add_broken(struct sources *s, const char *name, const char *backend,
                        const char *cluster, const struct err *why)
{
    uint16_t n = store_add_source(s->o.store, name, backend, cluster, SOURCE_NONE);
    if (n >= s->count) {
        s->entries = xalloc_resize(s->entries, n + 1u, sizeof(*s->entries));
        s->count = n + 1u;
    }
    s->entries[n] = (struct source_entry){.parent = SOURCE_NONE, .proof_mono_ms = TIME_NONE};
    say(s, n, SOURCE_FAILING, why);
}

/* Its thread is left to end by itself. */
static void leave(struct sources *s, struct source_entry *e)
{
    if (!e->runner)
        return;
    runner_leave(e->runner);
    s->leaving = xalloc_resize(s->leaving, s->nleaving + 1, sizeof(struct runner *));
    s->leaving[s->nleaving++] = e->runner;
    e->runner = NULL;
}

void sources_remove(struct sources *s, uint16_t source)
{
    struct source_entry *e = entry_of(s, source);
    bn_assert(e != NULL);
    leave(s, e);
    entry_clear(e);
    store_drop_source(s->o.store, source);
}

uint16_t sources_find(const struct sources *s, const char *name)
{
    for (uint16_t i = 0; i < s->count; i++)
        if (s->entries[i].backend && strcmp(store_source(s->o.store, i)->name, name) == 0)
            return i;
    return SOURCE_NONE;
}

bool sources_same(const struct sources *s, uint16_t source, const struct source_spec *spec)
{
    const struct source_entry *e = entry_of(s, source);
    size_t i = 0;
    if (!e || e->backend != spec->backend || e->parent != spec->parent)
        return false;
    for (; e->settings[i] && spec->settings[i]; i++)
        if (strcmp(e->settings[i], spec->settings[i]) != 0)
            return false;
    return !e->settings[i] && !spec->settings[i];
}

void sources_set_missing(struct sources *s, uint16_t source, const char *missing)
{
    const struct source_info *info = store_source(s->o.store, source);
    const struct source_entry *e = entry_of(s, source);
    if (e && strcmp(info->missing, missing ? missing : "") != 0)
        describe(s, source, e, missing);
}

void sources_set_targets(struct sources *s, uint16_t source, const char *targets)
{
    struct source_entry *e = entry_of(s, source);
    if (!e || !targets || (e->targets && strcmp(e->targets, targets) == 0))
        return;
    free(e->targets);
    e->targets = xalloc_text(targets);
    if (e->runner)
        runner_set_targets(e->runner, targets);
}

bool sources_fill(const struct sources *s, uint16_t kind)
{
    for (size_t i = 0; i < s->count; i++)
        if (fills(s, &s->entries[i], kind))
            return true;
    return false;
}

/* ---- Asking. */

void sources_want(struct sources *s, uint16_t kind, bool wanted)
{
    struct err err;
    s->wanted[kind] = wanted;
    for (size_t i = 0; i < s->count; i++) {
        struct source_entry *e = &s->entries[i];
        if (!fills(s, e, kind))
            continue;
        store_set_wanted(s->o.store, (uint16_t)i, kind, wanted);
        if (e->runner) {
            request_kind(e, wanted ? REQUEST_WANT : REQUEST_UNWANT, kind);
        } else if (wanted) {
            say(s, (uint16_t)i, SOURCE_CONNECTING, NULL);
            if (!start(s, (uint16_t)i, &err))
                log_write(LOG_ERROR, "session", "%s", err.msg);
        }
    }
}

bool sources_request(struct sources *s, uint16_t source, struct request *r)
{
    const struct source_entry *e = entry_of(s, source);
    struct err err;
    if (!e || (!e->runner && !start(s, source, &err))) {
        request_done(r);
        return false;
    }
    runner_request(e->runner, r);
    return true;
}

const struct backend *sources_keeper(const struct sources *s, uint16_t *source)
{
    for (uint16_t i = 0; i < s->count; i++)
        if (s->entries[i].backend && s->entries[i].backend->past) {
            *source = i;
            return s->entries[i].backend;
        }
    return NULL;
}

void sources_retry(struct sources *s, uint16_t source)
{
    for (size_t i = 0; i < s->count; i++)
        if ((source == SOURCE_ANY || source == i) && s->entries[i].runner)
            runner_retry(s->entries[i].runner);
}

void sources_wake(struct sources *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->entries[i].runner)
            runner_wake(s->entries[i].runner);
}

void sources_set_rest(struct sources *s, bool rest)
{
    if (s->rest == rest)
        return;
    s->rest = rest;
    s->woken_ms = clock_mono_ms(s->o.clock);
    for (size_t i = 0; i < s->count; i++)
        if (s->entries[i].runner)
            runner_set_rest(s->entries[i].runner, rest);
}

void sources_set_credential(struct sources *s, struct credential *credential)
{
    for (size_t i = 0; i < s->count; i++) {
        struct source_entry *e = &s->entries[i];
        if (!e->credential)
            continue;
        credential_unref(e->credential);
        e->credential = credential_ref(credential);
        if (e->runner)
            runner_set_credential(e->runner, credential);
    }
}

/* ---- Hearing. */

void sources_heard(struct sources *s, const struct message *m)
{
    struct source_entry *e = entry_of(s, m->source);
    if (e && m->report.proof_ms != TIME_NONE)
        e->proof_mono_ms = clock_mono_ms(s->o.clock);
}

/* Measured by the monotonic clock: the wall clock jumps when somebody sets it. What asks now and
 * then is quiet when nothing is wanted of it. */
static void look_at(struct sources *s, uint16_t source)
{
    struct source_entry *e = &s->entries[source];
    const struct source_info *info = store_source(s->o.store, source);
    enum source_state state = info->report.state;
    int64_t most = patience_of(e->backend);
    int64_t now = clock_mono_ms(s->o.clock), silent = now - e->proof_mono_ms;
    if (info->report.at_rest)
        most *= REST_TIMES;
    if (e->backend->quiet_ms && now - s->woken_ms < most) /* it is asked just now */
        return;
    char age[TIMETEXT_MAX];
    struct err why;
    if ((state != SOURCE_FRESH && state != SOURCE_PARTIAL) || silent <= most ||
        (e->backend->quiet_ms && !is_wanted(s, e)))
        return;
    duration_format_short(silent, age);
    (void)err_set(&why, ERR_TIMEOUT, "%s has not been heard for %s", info->name, age);
    log_write(LOG_WARNING, info->name, "%s", why.msg);
    say(s, source, SOURCE_STALE, &why);
}

void sources_look(struct sources *s)
{
    (void)sources_join(s, 0);
    for (size_t i = 0; i < s->count; i++)
        if (s->entries[i].backend && s->entries[i].proof_mono_ms != TIME_NONE)
            look_at(s, (uint16_t)i);
}

/* ---- The end. */

void sources_stop(struct sources *s)
{
    for (size_t i = 0; i < s->count; i++)
        leave(s, &s->entries[i]);
}

bool sources_join(struct sources *s, int64_t ms)
{
    int64_t end = clock_machine_ms() + ms;
    size_t kept = 0;
    for (size_t i = 0; i < s->nleaving; i++) {
        int64_t left = ms ? end - clock_machine_ms() : 0;
        if (runner_join(s->leaving[i], left > 0 ? left : 0))
            runner_free(s->leaving[i]);
        else
            s->leaving[kept++] = s->leaving[i];
    }
    s->nleaving = kept;
    return kept == 0;
}

void sources_free(struct sources *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        entry_clear(&s->entries[i]);
    free(s->entries);
    free(s->wanted);
    free(s->leaving);
    free(s);
}
