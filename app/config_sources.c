/* Sources that the configuration says: each checked against the settings of its backend. */
#include <config.h>

#include "app/config_sources.h"

#include "backends/backend.h"
#include "base/alloc.h"
#include "net/recipe.h"

#include <stdlib.h>
#include <string.h>

static bool fault(const char *path, int line, int column, struct err *err, const char *fmt, ...)
    BN_PRINTF(5, 6);

static bool fault(const char *path, int line, int column, struct err *err, const char *fmt, ...)
{
    struct strbuf text = STRBUF_INIT(4096);
    va_list args;
    va_start(args, fmt);
    strbuf_vaddf(&text, fmt, args);
    va_end(args);
    (void)err_set(err, ERR_CONFIG, "%s:%d:%d: %s", path, line, column, strbuf_cstr(&text));
    strbuf_clear(&text);
    return false;
}

static bool is_reachable(const struct backend *b)
{
    for (const struct setting *s = b->settings; s && s->name; s++)
        if (s->type == SETTING_REACH)
            return true;
    return false;
}

/* "mysql, vault": what there is to choose from. */
static void add_types(struct strbuf *out)
{
    const char *between = "";
    for (const struct backend *const *b = backend_registry; *b; b++) {
        if (!is_reachable(*b))
            continue;
        strbuf_addf(out, "%s%s", between, (*b)->name);
        between = ", ";
    }
}

static const struct setting *find_setting(const struct backend *b, struct span name,
                                          const struct setting **nearest)
{
    bn_assert(b != NULL);
    *nearest = b->settings;
    for (const struct setting *s = b->settings; s->name; s++) {
        if (s->type == SETTING_GIVEN)
            continue;
        if (span_is(name, s->name))
            return s;
        if (span_distance(span_from(s->name), name) <
            span_distance(span_from((*nearest)->name), name))
            *nearest = s;
    }
    return NULL;
}

/* A secret that stands there itself is not quoted in the sentence. */
static bool check_value(const struct setting *s, const struct yaml_node *n, const char *path,
                        struct err *err)
{
    struct recipe *recipe = NULL;
    struct reach *reach = NULL;
    struct err why;
    if (n->type != YAML_SCALAR)
        return fault(path, n->line, n->column, err, "%s wants a single value", s->name);
    bool ok = s->type == SETTING_SECRET  ? (recipe = recipe_parse(n->text.data, &why)) != NULL
              : s->type == SETTING_REACH ? (reach = reach_parse(n->text.data, &why)) != NULL
                                         : true;
    recipe_free(recipe);
    reach_free(reach);
    return ok || fault(path, n->line, n->column, err, "%s: %s", s->name, why.msg);
}

static bool take_setting(struct config_source *c, const struct yaml_node *n, const char *path,
                         char **to, struct err *err)
{
    const struct setting *nearest;
    const struct setting *s = find_setting(c->backend, n->key, &nearest);
    struct strbuf text = STRBUF_INIT(64 * 1024);
    if (!s)
        return fault(path, n->key_line, n->key_column, err,
                     "a source of type %s has no `%.60s`; the nearest is `%s`", c->backend->name,
                     n->key.data, nearest->name);
    if (!check_value(s, n, path, err))
        return false;
    c->reached |= s->type == SETTING_REACH || s->type == SETTING_WHICH;
    strbuf_addf(&text, "%s=%.*s", s->name, SPAN_ARG(n->text));
    *to = strbuf_take(&text);
    return true;
}

/* The text of an entry that each source must have. */
static struct span word_of(const struct yaml_node *entry, const char *key)
{
    const struct yaml_node *n = yaml_get(entry, key);
    return n && n->type == YAML_SCALAR ? n->text : SPAN("");
}

static bool check_names(const struct source_list *list, const struct yaml_node *entry,
                        const char *path, struct config_source *c, struct err *err)
{
    struct span name = word_of(entry, "name"), type = word_of(entry, "type");
    struct strbuf types = STRBUF_INIT(4096);
    if (!name.len)
        return fault(path, entry->line, entry->column, err, "a source wants a `name`");
    for (size_t i = 0; i < list->count; i++)
        if (span_is(name, list->sources[i].name))
            return fault(path, entry->line, entry->column, err,
                         "there is another source named `%.60s`", name.data);
    c->backend = type.len ? backend_find(type.data) : NULL;
    if (c->backend && is_reachable(c->backend)) {
        c->name = xalloc_bytes(name.data, name.len);
        return true;
    }
    add_types(&types);
    (void)fault(path, entry->line, entry->column, err, "a source wants a `type`: one of %s",
                strbuf_cstr(&types));
    strbuf_clear(&types);
    return false;
}

static bool take_entry(struct source_list *list, const struct yaml_node *entry, const char *path,
                       struct err *err)
{
    struct config_source c = {0};
    size_t n = 0;
    bool ok = true;
    if (entry->type != YAML_MAP)
        return fault(path, entry->line, entry->column, err,
                     "a source is a map with `name` and `type`");
    if (!check_names(list, entry, path, &c, err))
        return false;
    char **settings = xalloc_zero(entry->count + 1, sizeof(*settings));
    for (const struct yaml_node *e = entry->first; e && ok; e = e->next)
        if (!span_is(e->key, "name") && !span_is(e->key, "type"))
            ok = take_setting(&c, e, path, &settings[n++], err);
    c.settings = (const char *const *)settings;
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
        return fault(path, value->line, value->column, err, "sources wants a list");
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
        for (const char *const *s = c->settings; *s; s++)
            free((char *)(uintptr_t)*s);
        free((void *)(uintptr_t)c->settings);
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
        for (const char *const *s = c->settings; *s; s++) {
            const char *value = strchr(*s, '=') + 1;
            strbuf_addf(out, "    %.*s: ", (int)(value - *s - 1), *s);
            yaml_quote(value, out);
            strbuf_addc(out, '\n');
        }
    }
}
