/* Sources that the configuration says: each checked against the settings of its backend. */
#include <config.h>

#include "app/config_sources.h"

#include "app/config_entry.h"
#include "backends/plugin.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The configuration can say where it is, or what is wanted to look at it. */
static bool is_reachable(const struct backend *b)
{
    for (const struct setting *s = b->settings; s && s->name; s++)
        if (s->type == SETTING_REACH || s->type == SETTING_WHICH || s->type == SETTING_COMMAND ||
            s->type == SETTING_SECRET)
            return true;
    return false;
}

/* "mysql, vault": what there is to choose from. */
static void add_types(struct strbuf *out)
{
    const char *between = "";
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;) {
        if (!is_reachable(b))
            continue;
        strbuf_addf(out, "%s%s", between, b->name);
        between = ", ";
    }
}

static bool take_setting(struct config_source *c, const struct yaml_node *n, const char *path,
                         char **to, struct err *err)
{
    struct strbuf whose = STRBUF_INIT(128);
    const struct setting *s;
    strbuf_addf(&whose, "a source of type %s", c->backend->name);
    *to = config_setting(c->backend->settings, n, strbuf_cstr(&whose), path, &s, err);
    if (*to)
        c->reached |=
            s->type == SETTING_REACH || s->type == SETTING_WHICH || s->type == SETTING_COMMAND;
    strbuf_clear(&whose);
    return *to != NULL;
}

static bool check_names(const struct source_list *list, const struct yaml_node *entry,
                        const char *path, struct config_source *c, struct err *err)
{
    struct span name = config_word(entry, "name"), type = config_word(entry, "type");
    struct strbuf types = STRBUF_INIT(4096);
    if (!name.len)
        return config_fault(path, entry->line, entry->column, err, "a source wants a `name`");
    for (size_t i = 0; i < list->count; i++)
        if (span_is(name, list->sources[i].name))
            return config_fault(path, entry->line, entry->column, err,
                                "there is another source named `%.60s`", name.data);
    c->backend = type.len ? backends_find(type.data) : NULL;
    if (c->backend && is_reachable(c->backend)) {
        c->name = xalloc_bytes(name.data, name.len);
        return true;
    }
    add_types(&types);
    (void)config_fault(path, entry->line, entry->column, err, "a source wants a `type`: one of %s",
                       strbuf_cstr(&types));
    strbuf_clear(&types);
    return false;
}

/* Where kinds are said by the entry: its backend, made now so that what is wrong is told. */
static bool make_own(const struct source_list *list, const struct yaml_node *entry,
                     const char *path, struct config_source *c, struct err *err)
{
    const struct backend **earlier = xalloc_zero(list->count + 1, sizeof(*earlier));
    struct err why;
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->sources[i].own)
            earlier[n++] = list->sources[i].own;
    const struct backend_entry said = {c->name, c->settings, earlier};
    c->own = c->backend->configure(&said, &why);
    if (c->own)
        c->backend = c->own;
    free(earlier);
    return c->own != NULL || config_fault(path, entry->line, entry->column, err, "%s", why.msg);
}

static bool take_entry(struct source_list *list, const struct yaml_node *entry, const char *path,
                       struct err *err)
{
    struct config_source c = {0};
    size_t n = 0;
    bool ok = true;
    if (entry->type != YAML_MAP)
        return config_fault(path, entry->line, entry->column, err,
                            "a source is a map with `name` and `type`");
    if (!check_names(list, entry, path, &c, err))
        return false;
    bn_assert(c.backend);
    char **settings = xalloc_zero(entry->count + 1, sizeof(*settings));
    for (const struct yaml_node *e = entry->first; e && ok; e = e->next)
        if (!span_is(e->key, "name") && !span_is(e->key, "type"))
            ok = take_setting(&c, e, path, &settings[n++], err);
    c.settings = (const char *const *)settings;
    if (ok && c.backend->configure)
        ok = make_own(list, entry, path, &c, err);
    list->sources = xalloc_resize(list->sources, list->count + 1, sizeof(*list->sources));
    list->sources[list->count++] = c;
    return ok;
}

bool source_list_read(const struct yaml_node *value, const char *path, struct source_list *out,
                      struct err *err)
{
    bool ok = true;
    source_list_clear(out);
    if (yaml_is_null(value))
        return true;
    if (value->type != YAML_LIST)
        return config_fault(path, value->line, value->column, err, "sources wants a list");
    for (const struct yaml_node *e = value->first; e && ok; e = e->next)
        ok = take_entry(out, e, path, err);
    if (!ok)
        source_list_clear(out);
    return ok;
}

void source_list_clear(struct source_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct config_source *c = &list->sources[i];
        config_settings_free(c->settings);
        if (c->own)
            c->own->release(c->own);
        free((char *)(uintptr_t)c->name);
    }
    free(list->sources);
    *list = (struct source_list){0};
}

void source_list_show(const struct source_list *list, struct strbuf *out)
{
    strbuf_adds(out, list->count ? "sources:\n" : "sources: []\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct config_source *c = &list->sources[i];
        strbuf_adds(out, "  - name: ");
        yaml_quote(c->name, out);
        strbuf_addf(out, "\n    type: %s\n", c->backend->name);
        config_settings_show(c->backend->settings, c->settings, out);
    }
}
