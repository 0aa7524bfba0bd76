/* Discovery: from rows of the cluster and the configuration to sources. */
#include <config.h>

#include "app/discover.h"

#include "app/catalogue.h"
#include "app/config.h"
#include "backends/discovery.h"
#include "backends/plugin.h"
#include "base/alloc.h"
#include "base/log.h"
#include "net/reach.h"

#include <stdlib.h>
#include <string.h>

#define CLUSTER 0    /* the source whose rows are read */
#define LOOK_MS 1000 /* between a change and the look that it brings */
#define LOOK_SHARE \
    100 /* of the time: what a look costs it may cost again after so many times that */
#define SETTINGS_MAX 32

/* A sort of source that is looked for. */
struct search {
    const struct backend *backend;
    uint16_t *needs; /* owned; numbers of what it reads, as far as there are such kinds */
    size_t nneeds;
    bool active;      /* what it reads is wanted */
    bool looked;      /* at least once */
    bool waits;       /* rows have changed since, and due_ms is when they are looked at */
    uint64_t version; /* of the rows that were looked at */
    int64_t due_ms;   /* monotonic; not before */
    uint16_t *found;  /* owned; numbers of the sources it has added */
    size_t nfound;
};

struct discover {
    struct discover_options o;
    char **settings; /* owned; NULL ends */
    struct search *searches;
    size_t count;
};

/* ---- Texts. */

static void free_texts(char **texts)
{
    for (char **t = texts; t && *t; t++)
        free(*t);
    free(texts);
}

static size_t name_len(const char *setting)
{
    return (size_t)(strchr(setting, '=') - setting);
}

static bool has_setting(const char *const *settings, const char *name)
{
    size_t len = name ? strlen(name) : 0;
    for (; name && settings && *settings; settings++)
        if (name_len(*settings) == len && strncmp(*settings, name, len) == 0)
            return true;
    return false;
}

/* Adds those of from whose names are not there yet. */
static void merge(char **to, const char *const *from)
{
    size_t n = 0;
    while (to[n])
        n++;
    for (; from && *from; from++) {
        size_t i = 0;
        while (i < n && strncmp(to[i], *from, name_len(*from) + 1) != 0)
            i++;
        if (i == n && n < SETTINGS_MAX)
            to[n++] = xalloc_text(*from);
    }
}

/* What a source is told: what the configuration says of it, then what was found, then where the
 * cluster is. */
static char **settings_of(const struct discover *d, const char *const *said,
                          const char *const *found)
{
    char **all = xalloc_zero(SETTINGS_MAX + 1, sizeof(*all));
    merge(all, said);
    merge(all, d->o.granted);
    merge(all, found);
    merge(all, (const char *const *)d->settings);
    return all;
}

/* ---- Adding. */

/* NULL: the configuration does not speak of it. */
static const struct config_source *configured(const struct discover *d, const char *name)
{
    for (size_t i = 0; i < config_sources(d->o.config); i++) {
        const struct config_source *c = config_source_at(d->o.config, i);
        if (strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static uint16_t add(const struct discover *d, const struct source_spec *spec)
{
    struct err err;
    uint16_t n = sources_add(d->o.sources, spec, &err);
    if (n == SOURCE_NONE)
        log_write(LOG_ERROR, "discovery", "%s", err.msg);
    return n;
}

static bool through_cluster(const struct backend *b, char *const *settings)
{
    struct err err;
    const char *text = sources_setting(b, settings, SETTING_REACH);
    struct reach *reach = text ? reach_parse(text, &err) : NULL;
    bool through = reach && reach_needs_cluster(reach);
    reach_free(reach);
    return through;
}

static struct source_spec spec_of(const struct discover *d, const struct backend *backend,
                                  const char *name, const char *missing, char *const *settings)
{
    return (struct source_spec){
        .backend = backend,
        .name = name,
        .cluster = d->o.cluster,
        .missing = missing,
        .parent = backend->joined || through_cluster(backend, settings) ? CLUSTER : SOURCE_NONE,
        .credential = d->o.credential,
        .settings = (const char *const *)settings,
    };
}

static void add_configured(struct discover *d)
{
    for (size_t i = 0; i < config_sources(d->o.config); i++) {
        const struct config_source *c = config_source_at(d->o.config, i);
        if (!c->reached)
            continue;
        char **settings = settings_of(d, c->settings, NULL);
        const struct source_spec spec = spec_of(d, c->backend, c->name, NULL, settings);
        (void)add(d, &spec);
        free_texts(settings);
    }
}

/* Plug-ins that were not loaded are sources that fail: that is where one looks for them. */
static void add_refused(struct discover *d)
{
    const char *file;
    struct err why;
    for (size_t at = 0; (file = plugins_refused(&at, &why)) != NULL;)
        sources_add_broken(d->o.sources, file, "plug-in", d->o.cluster, &why);
}

/* ---- Looking. */

/* The number of what was found: as it is, or added; SOURCE_NONE: not taken. */
static uint16_t take_finding(struct discover *d, const struct backend *backend,
                             const struct finding *f)
{
    const struct config_source *said = configured(d, f->name);
    uint16_t there = sources_find(d->o.sources, f->name);
    if (said && (said->reached || said->backend != backend))
        return SOURCE_NONE; /* it is there as the configuration says */
    char **settings =
        settings_of(d, said ? said->settings : NULL, (const char *const *)f->settings);
    bool given = has_setting(said ? said->settings : NULL, f->unless) ||
                 has_setting(d->o.granted, f->unless);
    const char *missing = given ? NULL : f->missing;
    struct source_spec spec = spec_of(d, backend, f->name, missing, settings);
    uint16_t n = there;
    spec.targets = f->targets;
    if (there != SOURCE_NONE && !sources_same(d->o.sources, there, &spec)) {
        log_write(LOG_INFO, "discovery", "%s is reached in another way now", f->name);
        sources_remove(d->o.sources, there);
        there = SOURCE_NONE;
    }
    if (there == SOURCE_NONE) {
        n = add(d, &spec);
        log_write(LOG_INFO, "discovery", "found %s: %s", f->name,
                  n == SOURCE_NONE ? "" : store_source(d->o.store, n)->reach);
    } else {
        sources_set_missing(d->o.sources, n, missing);
        sources_set_targets(d->o.sources, n, f->targets);
    }
    free_texts(settings);
    return n;
}

static bool contains(const uint16_t *numbers, size_t n, uint16_t number)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* Takes over what a look has found. Sources are removed first where their names are found anew, so
 * numbers of before that are no longer found are those that are gone. */
static void take_findings(struct discover *d, struct search *s, const struct discovery *all)
{
    uint16_t *now = xalloc_zero(all->count + 1, sizeof(*now));
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        uint16_t number = take_finding(d, s->backend, &all->findings[i]);
        if (number != SOURCE_NONE)
            now[n++] = number;
    }
    for (size_t i = 0; i < s->nfound; i++) {
        if (contains(now, n, s->found[i]) || store_source(d->o.store, s->found[i])->gone)
            continue;
        log_write(LOG_INFO, "discovery", "%s is not there any more",
                  store_source(d->o.store, s->found[i])->name);
        sources_remove(d->o.sources, s->found[i]);
    }
    free(s->found);
    s->found = now;
    s->nfound = n;
}

static uint64_t version_of(const struct discover *d, const struct search *s)
{
    uint64_t all = 0;
    for (size_t i = 0; i < s->nneeds; i++)
        all += store_kind_version(d->o.store, s->needs[i]);
    return all;
}

static bool is_of_cluster(const struct discover *d, uint16_t kind)
{
    const struct backend *cluster = backend_find(store_source(d->o.store, CLUSTER)->backend);
    return !cluster || catalogue_fills(cluster, d->o.kinds->kinds[kind]);
}

/* What other sources say of a kind is there, or will not be. Only readers wait for it: they look
 * once. */
static bool has_come(const struct discover *d, uint16_t kind)
{
    const struct store *st = d->o.store;
    if (discover_pending(d, kind))
        return false;
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_kind *k = store_source_kind(st, (uint16_t)i, kind);
        bool ended = !k->syncing && (k->synced || k->report.why.kind != ERR_NONE ||
                                     k->report.state >= SOURCE_STALE ||
                                     store_source(st, (uint16_t)i)->report.state >= SOURCE_STALE);
        if (k->wanted && !ended)
            return false;
    }
    return true;
}

/* The rows that it reads are as well known as they will get, and the cluster answers. */
static bool is_settled(const struct discover *d, const struct search *s)
{
    bool denied;
    if (store_source(d->o.store, CLUSTER)->report.state >= SOURCE_STALE)
        return false;
    for (const char *const *name = s->backend->needs; *name; name++) {
        int kind = kind_find(d->o.kinds, span_from(*name));
        if (kind < 0 || is_of_cluster(d, (uint16_t)kind)
                ? !discovery_knows(d->o.store, *name, &denied)
                : d->o.once && !has_come(d, (uint16_t)kind))
            return false;
    }
    return true;
}

static bool has_changed(const struct discover *d, const struct search *s)
{
    return s->active && !(s->looked && (d->o.once || s->version == version_of(d, s)));
}

static void look(struct discover *d, struct search *s)
{
    const struct declares *declares = s->backend->declares;
    struct discovery all = {.declared =
                                declares ? config_declared(d->o.config, declares->key) : NULL,
                            .now_ms = clock_wall_ms(d->o.clock)};
    int64_t start = clock_machine_ms();
    s->version = version_of(d, s);
    s->looked = true;
    s->waits = false;
    s->backend->discover(d->o.store, &all);
    take_findings(d, s, &all);
    discovery_done(&all);
    int64_t took = (clock_machine_ms() - start) * LOOK_SHARE;
    if (took < LOOK_MS || clock_is_stopped(d->o.clock))
        took = LOOK_MS;
    s->due_ms = clock_mono_ms(d->o.clock) + took;
}

/* What changes together comes one after the other: it is looked at together, a second later. */
static void note_change(const struct discover *d, struct search *s)
{
    int64_t due = clock_mono_ms(d->o.clock) + LOOK_MS;
    if (s->waits || !s->looked || !has_changed(d, s))
        return;
    s->waits = true;
    s->due_ms = s->due_ms > due ? s->due_ms : due;
}

void discover_look(struct discover *d)
{
    for (size_t i = 0; i < d->count; i++) {
        struct search *s = &d->searches[i];
        note_change(d, s);
        if (has_changed(d, s) && clock_mono_ms(d->o.clock) >= s->due_ms && is_settled(d, s))
            look(d, s);
    }
}

int64_t discover_next(const struct discover *d)
{
    int64_t next = TIME_FOREVER;
    for (size_t i = 0; i < d->count; i++) {
        const struct search *s = &d->searches[i];
        if (has_changed(d, s) && s->due_ms < next && is_settled(d, s))
            next = s->due_ms;
    }
    return next;
}

/* ---- Life. */

static void activate(struct discover *d, struct search *s)
{
    if (s->active)
        return;
    s->active = true;
    for (size_t i = 0; i < s->nneeds; i++) {
        d->o.want(d->o.context, s->needs[i]);
        discover_wanted(d, s->needs[i]); /* of sources that are yet to be found */
    }
}

void discover_wanted(struct discover *d, uint16_t kind)
{
    for (size_t i = 0; i < d->count; i++)
        if (catalogue_fills(d->searches[i].backend, d->o.kinds->kinds[kind]))
            activate(d, &d->searches[i]);
}

bool discover_pending(const struct discover *d, uint16_t kind)
{
    if (store_source(d->o.store, CLUSTER)->report.state >= SOURCE_STALE)
        return false;
    for (size_t i = 0; i < d->count; i++)
        if (!d->searches[i].looked &&
            catalogue_fills(d->searches[i].backend, d->o.kinds->kinds[kind]))
            return true;
    return false;
}

static struct search search_of(const struct discover *d, const struct backend *backend)
{
    struct search s = {.backend = backend};
    size_t n = 0;
    while (backend->needs[n])
        n++;
    s.needs = xalloc_zero(n + 1, sizeof(*s.needs));
    for (size_t i = 0; i < n; i++) {
        int kind = kind_find(d->o.kinds, span_from(backend->needs[i]));
        if (kind >= 0)
            s.needs[s.nneeds++] = (uint16_t)kind;
    }
    return s;
}

struct discover *discover_new(const struct discover_options *o)
{
    struct discover *d = xalloc_zero(1, sizeof(*d));
    size_t n = 0;
    d->o = *o;
    d->settings = xalloc_zero(SETTINGS_MAX + 1, sizeof(*d->settings));
    merge(d->settings, o->settings);
    d->o.settings = NULL;
    add_configured(d);
    add_refused(d);
    while (backends_next(&n))
        ;
    d->searches = xalloc_zero(n + 1, sizeof(*d->searches));
    const struct backend *b;
    for (size_t at = 0; config_bool(o->config, "discover") && (b = backends_next(&at)) != NULL;)
        if (b->discover && (o->outward || !b->outward))
            d->searches[d->count++] = search_of(d, b);
    for (size_t i = 0; i < d->count && !o->once; i++)
        activate(d, &d->searches[i]);
    return d;
}

void discover_free(struct discover *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++) {
        free(d->searches[i].needs);
        free(d->searches[i].found);
    }
    free(d->searches);
    free_texts(d->settings);
    free(d);
}
