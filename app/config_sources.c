/* Sources that the configuration says: each checked against the settings of its backend. */
#include <config.h>

#include "app/config_sources.h"

#include "backends/plugin.h"
#include "base/alloc.h"
#include "base/json_out.h"
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
        if (s->type == SETTING_REACH || s->type == SETTING_WHICH || s->type == SETTING_COMMAND)
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

/* A list, map or both, which is kept as JSON. */
static bool is_structured(enum setting_type type)
{
    return type == SETTING_COMMAND || type == SETTING_VARS || type == SETTING_SECRETS ||
           type == SETTING_DATA;
}

/* A list or map of texts, each as it was written: 010 stays 010. */
static bool add_texts(const struct setting *s, const struct yaml_node *n, const char *path,
                      struct strbuf *out, struct err *err)
{
    bool list = s->type == SETTING_COMMAND;
    struct json_out j;
    if (n->type != (list ? YAML_LIST : YAML_MAP))
        return fault(path, n->line, n->column, err, "%s wants a %s", s->name,
                     list ? "list of words" : "map of names to texts");
    json_out_init(&j, out, 0);
    (list ? json_array : json_object)(&j);
    for (const struct yaml_node *e = n->first; e; e = e->next) {
        struct err why;
        if (e->type != YAML_SCALAR)
            return fault(path, e->line, e->column, err, "%s wants single words or texts", s->name);
        struct recipe *recipe =
            s->type == SETTING_SECRETS ? recipe_parse(e->text.data, &why) : NULL;
        if (s->type == SETTING_SECRETS && !recipe)
            return fault(path, e->line, e->column, err, "%s: %s", s->name, why.msg);
        recipe_free(recipe);
        if (!list)
            json_key_span(&j, e->key);
        json_text(&j, e->text);
    }
    (list ? json_array_end : json_object_end)(&j);
    return true;
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
    c->reached |=
        s->type == SETTING_REACH || s->type == SETTING_WHICH || s->type == SETTING_COMMAND;
    strbuf_addf(&text, "%s=", s->name);
    bool ok = true;
    if (s->type == SETTING_DATA)
        yaml_to_json(n, &text);
    else if (is_structured(s->type))
        ok = add_texts(s, n, path, &text, err);
    else if ((ok = check_value(s, n, path, err)))
        strbuf_add(&text, n->text);
    if (ok && text.failed)
        ok = fault(path, n->line, n->column, err, "%s is too long", s->name);
    *to = ok ? strbuf_take(&text) : NULL;
    strbuf_clear(&text);
    return ok;
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
    c->backend = type.len ? backends_find(type.data) : NULL;
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
    return c->own != NULL || fault(path, entry->line, entry->column, err, "%s", why.msg);
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
        if (c->own)
            c->own->release(c->own);
        free((char *)(uintptr_t)c->name);
    }
    free(list->sources);
    *list = (struct source_list){0};
}

/* Several lines are a text in double quotes, as JSON has them. */
static void show_lines(const char *value, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 0);
    json_cstr(&j, value);
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
            struct span key = span_make(*s, (size_t)(value - *s - 1));
            const struct setting *nearest, *known = find_setting(c->backend, key, &nearest);
            strbuf_addf(out, "    %.*s: ", SPAN_ARG(key));
            if (known && is_structured(known->type))
                strbuf_adds(out, value);
            else if (strchr(value, '\n'))
                show_lines(value, out);
            else
                yaml_quote(value, out);
            strbuf_addc(out, '\n');
        }
    }
}
