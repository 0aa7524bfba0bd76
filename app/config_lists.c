/* Lists of the configuration: entries with names, over the defaults of their backends. */
#include <config.h>

#include "app/config_lists.h"

#include "app/config_entry.h"
#include "backends/plugin.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 500

static void free_entry(struct declared *e)
{
    config_settings_free(e->settings);
    free((char *)(uintptr_t)e->name);
}

/* Takes what e owns. */
static void put_entry(struct declared_list *list, const struct declared *e)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->entries[i].name, e->name) != 0)
            continue;
        free_entry(&list->entries[i]);
        list->entries[i] = *e;
        return;
    }
    list->entries = xalloc_resize(list->entries, list->count + 2, sizeof(*list->entries));
    list->entries[list->count++] = *e;
    list->entries[list->count] = (struct declared){NULL, NULL};
}

static void put_default(struct declared_list *list, const struct declared *from)
{
    size_t n = 0;
    while (from->settings[n])
        n++;
    char **settings = xalloc_zero(n + 1, sizeof(*settings));
    for (size_t i = 0; i < n; i++)
        settings[i] = xalloc_text(from->settings[i]);
    const struct declared e = {xalloc_text(from->name), (const char *const *)settings};
    put_entry(list, &e);
}

void declared_lists_init(struct declared_lists *all)
{
    *all = (struct declared_lists){0};
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;) {
        const struct declares *what = b->declares;
        if (!what)
            continue;
        all->lists = xalloc_resize(all->lists, all->count + 1, sizeof(*all->lists));
        struct declared_list *list = &all->lists[all->count++];
        *list = (struct declared_list){.what = what,
                                       .entries = xalloc_zero(1, sizeof(struct declared))};
        for (const struct declared *d = what->defaults; d && d->name; d++)
            put_default(list, d);
    }
}

void declared_lists_clear(struct declared_lists *all)
{
    for (size_t i = 0; i < all->count; i++) {
        for (size_t k = 0; k < all->lists[i].count; k++)
            free_entry(&all->lists[i].entries[k]);
        free(all->lists[i].entries);
    }
    free(all->lists);
    *all = (struct declared_lists){0};
}

struct declared_list *declared_lists_find(const struct declared_lists *all, struct span key)
{
    for (size_t i = 0; i < all->count; i++)
        if (span_is(key, all->lists[i].what->key))
            return &all->lists[i];
    return NULL;
}

static bool take_entry(struct declared_list *list, const struct yaml_node *entry, const char *path,
                       struct err *err)
{
    struct strbuf whose = STRBUF_INIT(128);
    struct span name = config_word(entry, "name");
    size_t n = 0;
    bool ok = true;
    if (entry->type != YAML_MAP || !name.len)
        return config_fault(path, entry->line, entry->column, err,
                            "an entry of %s is a map with a `name`", list->what->key);
    char **settings = xalloc_zero(entry->count + 1, sizeof(*settings));
    strbuf_addf(&whose, "an entry of %s", list->what->key);
    for (const struct yaml_node *e = entry->first; e && ok; e = e->next) {
        if (span_is(e->key, "name"))
            continue;
        settings[n] = config_setting(list->what->entry, e, strbuf_cstr(&whose), path, NULL, err);
        ok = settings[n++] != NULL;
    }
    strbuf_clear(&whose);
    const struct declared d = {xalloc_bytes(name.data, name.len), (const char *const *)settings};
    put_entry(list, &d);
    return ok;
}

bool declared_list_read(struct declared_list *list, const struct yaml_node *value, const char *path,
                        struct err *err)
{
    bool ok = true;
    if (yaml_is_null(value))
        return true;
    if (value->type != YAML_LIST || value->count > ENTRIES_MAX)
        return config_fault(path, value->line, value->column, err,
                            "%s wants a list of at most %d entries", list->what->key, ENTRIES_MAX);
    for (const struct yaml_node *e = value->first; e && ok; e = e->next)
        ok = take_entry(list, e, path, err);
    return ok;
}

void declared_lists_show(const struct declared_lists *all, struct strbuf *out)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct declared_list *list = &all->lists[i];
        strbuf_addf(out, "\n# %s\n%s:%s\n", list->what->help, list->what->key,
                    list->count ? "" : " []");
        for (size_t k = 0; k < list->count; k++) {
            strbuf_adds(out, "  - name: ");
            yaml_quote(list->entries[k].name, out);
            strbuf_addc(out, '\n');
            config_settings_show(list->what->entry, list->entries[k].settings, out);
        }
    }
}
