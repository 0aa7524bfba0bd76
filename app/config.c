/* The configuration: defaults, the file over them, the environment over that;
 * every fault named. */
#include <config.h>

#include "app/config.h"

#include "app/config_lists.h"
#include "app/config_sources.h"
#include "app/config_table.h"
#include "backends/plugin.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/timetext.h"
#include "base/yaml.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARNINGS_MAX 16
#define WORD_MAX     64

struct config {
    char *values[CONFIG_KEYS_MAX];       /* owned; NULL: the default */
    const char *origin[CONFIG_KEYS_MAX]; /* borrowed: path, or a static text */
    struct source_list sources;
    struct declared_lists lists;
    char *path;                   /* owned; NULL: no file was read */
    char *warnings[WARNINGS_MAX]; /* owned */
    size_t nwarnings;
};

static size_t key_index(const char *name)
{
    size_t i = 0;
    while (config_keys[i].name && strcmp(config_keys[i].name, name) != 0)
        i++;
    bn_assert(config_keys[i].name != NULL);
    return i;
}

static const struct config_key *nearest(struct span name)
{
    const struct config_key *best = config_keys;
    for (const struct config_key *k = config_keys; k->name; k++)
        if (span_distance(span_from(k->name), name) < span_distance(span_from(best->name), name))
            best = k;
    return best;
}

/* A fault: an error where its part is used, else a warning. */
static bool fault(struct config *c, enum config_part part, unsigned parts, const struct err *what,
                  struct err *err)
{
    if (part & parts) {
        *err = *what;
        return false;
    }
    if (c->nwarnings < WARNINGS_MAX)
        c->warnings[c->nwarnings++] = xalloc_text(what->msg);
    return true;
}

/* The key of a list where that is nearer than another. */
static const char *nearest_list(const struct config *c, struct span name, const char *other)
{
    for (size_t i = 0; i < c->lists.count; i++) {
        const char *key = c->lists.lists[i].what->key;
        if (span_distance(span_from(key), name) < span_distance(span_from(other), name))
            other = key;
    }
    return other;
}

/* Too unlike to guess what was meant: nobody can say which part it is of. */
static bool unknown_key(struct config *c, unsigned parts, const struct yaml_node *n,
                        struct err *err)
{
    const struct config_key *k = nearest(n->key);
    const char *name = nearest_list(c, n->key, k->name);
    struct err what;
    bool near = name == k->name && span_distance(span_from(name), n->key) <= 2;
    (void)err_set(&what, ERR_CONFIG, "%s:%d:%d: there is no key `%.60s`; the nearest is `%s`",
                  c->path, n->key_line, n->key_column, n->key.data, name);
    return fault(c, near ? k->part : CONFIG_SESSION, parts, &what, err);
}

static bool is_choice(const char *choices, struct span word)
{
    struct span rest = span_from(choices), one;
    while (span_split(&rest, '|', &one))
        if (span_eq(one, word))
            return true;
    return false;
}

/* What is expected instead; NULL: the value is right. */
static const char *wrong_value(const struct config_key *k, struct span text)
{
    int64_t ms;
    switch (k->type) {
    case CONFIG_BOOL:
        return span_is(text, "true") || span_is(text, "false") ? NULL : "true or false";
    case CONFIG_DURATION:
        return duration_parse(text, &ms) && ms > 0 ? NULL : "a duration such as 30m";
    case CONFIG_CHOICE:
        return is_choice(k->choices, text) ? NULL : k->choices;
    case CONFIG_TEXT:
        break;
    }
    return NULL;
}

static void set(struct config *c, size_t i, struct span text, const char *origin)
{
    free(c->values[i]);
    c->values[i] = xalloc_bytes(text.data, text.len);
    c->origin[i] = origin;
}

static bool take_key(struct config *c, unsigned parts, const struct yaml_node *n, struct err *err)
{
    struct err wrong;
    if (span_is(n->key, "sources"))
        return source_list_read(n, c->path, &c->sources, &wrong) ||
               fault(c, CONFIG_SESSION, parts, &wrong, err);
    struct declared_list *list = declared_lists_find(&c->lists, n->key);
    if (list)
        return declared_list_read(list, n, c->path, &wrong) ||
               fault(c, CONFIG_SESSION, parts, &wrong, err);
    for (size_t i = 0; config_keys[i].name; i++) {
        const struct config_key *k = &config_keys[i];
        struct err what;
        if (!span_is(n->key, k->name))
            continue;
        const char *wanted =
            n->type == YAML_SCALAR ? wrong_value(k, n->text) : "a single value, not a list or map";
        if (!wanted) {
            set(c, i, n->text, c->path);
            return true;
        }
        (void)err_set(&what, ERR_CONFIG, "%s:%d:%d: %s wants %s", c->path, n->line, n->column,
                      k->name, wanted);
        return fault(c, k->part, parts, &what, err);
    }
    return unknown_key(c, parts, n, err);
}

/* "log_level" is BINNACLE_LOG_LEVEL. */
static void variable_name(const char *key, char out[WORD_MAX])
{
    (void)snprintf(out, WORD_MAX, "BINNACLE_%s", key);
    for (char *p = out; *p; p++)
        *p = (char)toupper((unsigned char)*p);
}

/* Before anything else is read: they say which sources there can be. */
static void load_plugins(const struct yaml_node *root)
{
    char name[WORD_MAX];
    variable_name("plugins", name);
    const char *said = getenv(name);
    const char *folder = said && *said ? said : yaml_text(root, "plugins", "");
    if (*folder)
        plugins_load(folder);
}

static bool take_file(struct config *c, bool must_exist, unsigned parts, struct err *err)
{
    struct yaml_doc *doc = yaml_load(c->path, err);
    const struct yaml_node *root = doc && yaml_count(doc) ? yaml_root(doc, 0) : NULL;
    load_plugins(root);
    if (!doc)
        return !must_exist && err->kind == ERR_NOTFOUND;
    bool ok = true;
    if (root && root->type != YAML_MAP && !yaml_is_null(root))
        ok = err_set(err, ERR_CONFIG, "%s:%d:%d: keys and values are expected here", c->path,
                     root->line, root->column);
    for (const struct yaml_node *n = ok && root ? root->first : NULL; ok && n; n = n->next)
        ok = take_key(c, parts, n, err);
    yaml_doc_free(doc);
    return ok;
}

static bool take_environment(struct config *c, unsigned parts, struct err *err)
{
    for (size_t i = 0; config_keys[i].name; i++) {
        const struct config_key *k = &config_keys[i];
        char name[WORD_MAX];
        struct err what;
        variable_name(k->name, name);
        const char *value = getenv(name);
        if (!value || !*value)
            continue;
        const char *wanted = wrong_value(k, span_from(value));
        if (!wanted) {
            set(c, i, span_from(value), "environment");
            continue;
        }
        (void)err_set(&what, ERR_CONFIG, "the variable %s wants %s, not `%.60s`", name, wanted,
                      value);
        if (!fault(c, k->part, parts, &what, err))
            return false;
    }
    return true;
}

/* What a file says of lists and sources; other keys of it are not looked at. */
static bool take_lists(struct config *c, const char *path, struct err *err)
{
    struct yaml_doc *doc = yaml_load(path, err);
    const struct yaml_node *root = doc && yaml_count(doc) ? yaml_root(doc, 0) : NULL;
    bool ok = doc != NULL;
    for (const struct yaml_node *n = root ? root->first : NULL; ok && n; n = n->next) {
        struct declared_list *list = declared_lists_find(&c->lists, n->key);
        ok = !list || declared_list_read(list, n, path, err);
        if (ok && span_is(n->key, "sources"))
            ok = source_list_read(n, path, &c->sources, err);
    }
    yaml_doc_free(doc);
    return ok;
}

struct config *config_load(const char *path, unsigned parts, struct err *err)
{
    return config_load_over(NULL, path, parts, err);
}

struct config *config_load_over(const char *const *lists, const char *path, unsigned parts,
                                struct err *err)
{
    struct config *c = xalloc_zero(1, sizeof(*c));
    declared_lists_init(&c->lists);
    for (; lists && *lists; lists++)
        if (!take_lists(c, *lists, err)) {
            config_free(c);
            return NULL;
        }
    c->path = path ? xalloc_text(path) : file_config_path("config.yaml");
    if ((!c->path || take_file(c, path != NULL, parts, err)) && take_environment(c, parts, err))
        return c;
    config_free(c);
    return NULL;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < CONFIG_KEYS_MAX; i++)
        free(c->values[i]);
    for (size_t i = 0; i < c->nwarnings; i++)
        free(c->warnings[i]);
    source_list_clear(&c->sources);
    declared_lists_clear(&c->lists);
    free(c->path);
    free(c);
}

size_t config_warnings(const struct config *c)
{
    return c->nwarnings;
}

const char *config_warning_at(const struct config *c, size_t i)
{
    bn_assert(i < c->nwarnings);
    return c->warnings[i];
}

const char *config_text(const struct config *c, const char *key)
{
    size_t i = key_index(key);
    return c && c->values[i] ? c->values[i] : config_keys[i].fallback;
}

bool config_is_production(const struct config *c, const char *context)
{
    struct span rest = span_from(config_text(c, "production")), one;
    while (span_split(&rest, ',', &one)) {
        struct span text = span_trim(one);
        char *pattern = xalloc_bytes(text.data, text.len);
        bool fits = pattern[0] && fnmatch(pattern, context, FNM_CASEFOLD) == 0;
        free(pattern);
        if (fits)
            return true;
    }
    return false;
}

bool config_bool(const struct config *c, const char *key)
{
    return strcmp(config_text(c, key), "true") == 0;
}

int64_t config_number(const struct config *c, const char *key)
{
    int64_t ms = 0;
    bool ok = duration_parse(span_from(config_text(c, key)), &ms);
    bn_assert(ok);
    return ms;
}

const char *config_origin(const struct config *c, const char *key)
{
    size_t i = key_index(key);
    return c && c->values[i] ? c->origin[i] : "default";
}

size_t config_sources(const struct config *c)
{
    return c ? c->sources.count : 0;
}

const struct config_source *config_source_at(const struct config *c, size_t i)
{
    bn_assert(i < c->sources.count);
    return &c->sources.sources[i];
}

const struct declared *config_declared(const struct config *c, const char *key)
{
    const struct declared_list *list = c ? declared_lists_find(&c->lists, span_from(key)) : NULL;
    if (list)
        return list->entries;
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        if (b->declares && strcmp(b->declares->key, key) == 0)
            return b->declares->defaults;
    return NULL;
}

void config_show(const struct config *c, bool defaults, struct strbuf *out)
{
    static const struct source_list none = {NULL, 0};
    for (const struct config_key *k = config_keys; k->name; k++) {
        const char *value = defaults ? k->fallback : config_text(c, k->name);
        strbuf_addf(out, "%s# %s\n", k == config_keys ? "" : "\n", k->help);
        if (k->choices)
            strbuf_addf(out, "# One of %s.\n", k->choices);
        if (!defaults)
            strbuf_addf(out, "# From: %s\n", config_origin(c, k->name));
        strbuf_addf(out, "%s: ", k->name);
        if (k->type == CONFIG_TEXT)
            yaml_quote(value, out);
        else if (k->type == CONFIG_CHOICE)
            strbuf_addf(out, "\"%s\"", value); /* on and off are booleans to some parsers */
        else
            strbuf_adds(out, value);
        strbuf_addc(out, '\n');
    }
    strbuf_adds(out, "\n# " CONFIG_SOURCES_HELP "\n");
    if (!defaults)
        strbuf_addf(out, "# From: %s\n", c && c->sources.count ? c->path : "default");
    source_list_show(defaults || !c ? &none : &c->sources, out);
    struct declared_lists usual;
    declared_lists_init(&usual);
    declared_lists_show(defaults || !c ? &usual : &c->lists, out);
    declared_lists_clear(&usual);
}
