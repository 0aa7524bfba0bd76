/* Settings of an entry: found in their table, checked, kept as "name=value". */
#include <config.h>

#include "app/config_entry.h"

#include "base/json_out.h"
#include "base/number.h"
#include "net/recipe.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 1e9

bool config_fault(const char *path, int line, int column, struct err *err, const char *fmt, ...)
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

static const struct setting *find_setting(const struct setting *table, struct span name,
                                          const struct setting **nearest)
{
    *nearest = table;
    for (const struct setting *s = table; s->name; s++) {
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
        return config_fault(path, n->line, n->column, err, "%s wants a %s", s->name,
                            list ? "list of words" : "map of names to texts");
    json_out_init(&j, out, 0);
    (list ? json_array : json_object)(&j);
    for (const struct yaml_node *e = n->first; e; e = e->next) {
        struct err why;
        if (e->type != YAML_SCALAR)
            return config_fault(path, e->line, e->column, err, "%s wants single words or texts",
                                s->name);
        struct recipe *recipe =
            s->type == SETTING_SECRETS ? recipe_parse(e->text.data, &why) : NULL;
        if (s->type == SETTING_SECRETS && !recipe)
            return config_fault(path, e->line, e->column, err, "%s: %s", s->name, why.msg);
        recipe_free(recipe);
        if (!list)
            json_key_span(&j, e->key);
        json_text(&j, e->text);
    }
    (list ? json_array_end : json_object_end)(&j);
    return true;
}

static bool check_number(const struct setting *s, struct span text, struct err *err)
{
    double n;
    return (number_parse_real(text, &n) && n >= 0 && n <= NUMBER_MAX) ||
           err_set(err, ERR_CONFIG, "%s wants a number from 0 to 1000000000", s->name);
}

/* A secret that stands there itself is not quoted in the sentence. */
static bool check_value(const struct setting *s, const struct yaml_node *n, const char *path,
                        struct err *err)
{
    struct recipe *recipe = NULL;
    struct reach *reach = NULL;
    struct err why;
    if (n->type != YAML_SCALAR)
        return config_fault(path, n->line, n->column, err, "%s wants a single value", s->name);
    if (s->type == SETTING_NUMBER)
        return check_number(s, n->text, &why) ||
               config_fault(path, n->line, n->column, err, "%s", why.msg);
    bool ok = s->type == SETTING_SECRET  ? (recipe = recipe_parse(n->text.data, &why)) != NULL
              : s->type == SETTING_REACH ? (reach = reach_parse(n->text.data, &why)) != NULL
                                         : true;
    recipe_free(recipe);
    reach_free(reach);
    return ok || config_fault(path, n->line, n->column, err, "%s: %s", s->name, why.msg);
}

char *config_setting(const struct setting *table, const struct yaml_node *n, const char *whose,
                     const char *path, const struct setting **found, struct err *err)
{
    const struct setting *nearest;
    const struct setting *s = find_setting(table, n->key, &nearest);
    struct strbuf text = STRBUF_INIT(64 * 1024);
    if (!s)
        (void)config_fault(path, n->key_line, n->key_column, err,
                           "%s has no `%.60s`; the nearest is `%s`", whose, n->key.data,
                           nearest->name);
    if (!s)
        return NULL;
    if (found)
        *found = s;
    strbuf_addf(&text, "%s=", s->name);
    bool ok = true;
    if (s->type == SETTING_DATA)
        yaml_to_json(n, &text);
    else if (is_structured(s->type))
        ok = add_texts(s, n, path, &text, err);
    else if ((ok = check_value(s, n, path, err)))
        strbuf_add(&text, n->text);
    if (ok && text.failed)
        ok = config_fault(path, n->line, n->column, err, "%s is too long", s->name);
    char *to = ok ? strbuf_take(&text) : NULL;
    strbuf_clear(&text);
    return to;
}

struct span config_word(const struct yaml_node *entry, const char *key)
{
    const struct yaml_node *n = yaml_get(entry, key);
    return n && n->type == YAML_SCALAR ? n->text : SPAN("");
}

void config_settings_free(const char *const *settings)
{
    for (const char *const *s = settings; s && *s; s++)
        free((char *)(uintptr_t)*s);
    free((void *)(uintptr_t)settings);
}

/* Several lines are a text in double quotes, as JSON has them. */
static void show_lines(const char *value, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 0);
    json_cstr(&j, value);
}

void config_settings_show(const struct setting *table, const char *const *settings,
                          struct strbuf *out)
{
    for (const char *const *s = settings; *s; s++) {
        const char *value = strchr(*s, '=') + 1;
        struct span key = span_make(*s, (size_t)(value - *s - 1));
        const struct setting *nearest, *known = find_setting(table, key, &nearest);
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
