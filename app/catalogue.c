/* All kinds and systems of all backends. */
#include <config.h>

#include "app/catalogue.h"

#include "app/config.h"
#include "backends/plugin.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static bool has_kind(const struct system *s, const char *name)
{
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && s->kinds[i]; i++)
        if (strcmp(s->kinds[i], name) == 0)
            return true;
    return false;
}

/* The kinds of the second that the first has not. False: there are none. */
static bool add_kinds(struct system *to, const struct system *from)
{
    size_t n = 0, before;
    while (n < SYSTEM_KINDS_MAX && to->kinds[n])
        n++;
    before = n;
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && from->kinds[i]; i++) {
        if (has_kind(to, from->kinds[i]))
            continue;
        if (n < SYSTEM_KINDS_MAX)
            to->kinds[n++] = from->kinds[i];
        else
            log_write(LOG_WARNING, "sources", "the system %s has no place for %s", to->name,
                      from->kinds[i]);
    }
    return n > before;
}

/* A system that several backends see is one: the first's, with the kinds of all. What the others
 * say of it stands at the array's other end. */
static void add_system(struct catalogue *c, const struct system *s, struct system **other_end)
{
    struct system *same = NULL;
    for (size_t i = 0; i < c->systems.count && !same; i++)
        if (strcmp(c->system_array[i].name, s->name) == 0)
            same = &c->system_array[i];
    if (!same) {
        c->system_array[c->systems.count++] = *s;
        return;
    }
    if (!add_kinds(same, s))
        return; /* another source of the same */
    struct system *other = --*other_end;
    *other = *s;
    other->also = same->also;
    same->also = other;
}

static void add_backend(struct catalogue *c, const struct backend *b, struct system **other_end)
{
    for (size_t i = 0; b->kinds[i]; i++) {
        size_t at = 0;
        while (at < c->kinds.count && c->kind_array[at] != b->kinds[i])
            at++;
        c->kind_array[at] = b->kinds[i];
        c->kinds.count += at == c->kinds.count;
    }
    for (size_t i = 0; b->systems[i].name; i++)
        add_system(c, &b->systems[i], other_end);
}

static void count(const struct backend *b, size_t *kinds, size_t *systems)
{
    for (size_t i = 0; b->kinds[i]; i++)
        ++*kinds;
    for (size_t i = 0; b->systems[i].name; i++)
        ++*systems;
}

void catalogue_init(struct catalogue *c, const struct config *config)
{
    size_t kinds = 0, systems = 0, sources = config_sources(config);
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        count(b, &kinds, &systems);
    for (size_t i = 0; i < sources; i++) {
        struct backend *own = config_source_at(config, i)->own;
        if (own && own->complete)
            own->complete(own);
        if (own)
            count(own, &kinds, &systems);
    }
    *c = (struct catalogue){.kind_array = xalloc_zero(kinds + 1, sizeof(struct kind *)),
                            .system_array = xalloc_zero(systems + 1, sizeof(struct system))};
    struct system *other_end = c->system_array + systems;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        add_backend(c, b, &other_end);
    for (size_t i = 0; i < sources; i++)
        if (config_source_at(config, i)->own)
            add_backend(c, config_source_at(config, i)->own, &other_end);
    c->kinds.kinds = c->kind_array;
    c->systems.systems = c->system_array;
}

void catalogue_done(struct catalogue *c)
{
    free(c->kind_array);
    free(c->system_array);
    *c = (struct catalogue){0};
}

bool catalogue_fills(const struct backend *backend, const struct kind *kind)
{
    for (size_t i = 0; backend->kinds[i]; i++)
        if (backend->kinds[i] == kind)
            return true;
    return false;
}
