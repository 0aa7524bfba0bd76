/* Loads plug-ins: only what nobody else can have put there, and only what was built for this. */
#include <config.h>

#include "backends/plugin.h"

#include "base/alloc.h"
#include "base/log.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX       ".so"
#define BACKENDS_MAX 64

struct refusal {
    char file[128];
    struct err why;
};

/* A shared object belongs to the process, and so does this. Written once at the start, before there
 * are threads. */
static struct {
    bool loaded;
    const struct backend *backends[BACKENDS_MAX];
    size_t nbackends;
    struct refusal refused[PLUGINS_MAX];
    size_t nrefused;
} plugins;

/* ---- What there is. */

const struct backend *backends_next(size_t *at)
{
    size_t built_in = 0;
    while (backend_registry[built_in])
        built_in++;
    size_t i = (*at)++;
    if (i < built_in)
        return backend_registry[i];
    return i - built_in < plugins.nbackends ? plugins.backends[i - built_in] : NULL;
}

const struct backend *backends_find(const char *name)
{
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        if (strcmp(b->name, name) == 0)
            return b;
    return NULL;
}

const char *plugins_refused(size_t *at, struct err *why)
{
    if (*at >= plugins.nrefused)
        return NULL;
    const struct refusal *r = &plugins.refused[(*at)++];
    *why = r->why;
    return r->file;
}

static void refuse(const char *file, const char *path, const struct err *why)
{
    log_write(LOG_WARNING, "plug-ins", "%s: %s", path, why->msg);
    if (plugins.nrefused == PLUGINS_MAX)
        return;
    struct refusal *r = &plugins.refused[plugins.nrefused++];
    (void)snprintf(r->file, sizeof(r->file), "%s", file);
    r->why = *why;
}

/* ---- Whether it may be loaded: whoever can write it runs what they like as whoever runs this. */

static bool is_ours(const struct stat *st)
{
    return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static bool is_safe(const char *path, bool folder, struct err *err)
{
    struct stat st;
    if ((folder ? stat : lstat)(path, &st) != 0)
        return err_code(err, ERR_CONFIG, errno, "%s: %s", path, strerror(errno));
    if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
        return err_set(err, ERR_CONFIG, "%s is no %s", path, folder ? "folder" : "file of its own");
    return is_ours(&st) ||
           err_set(err, ERR_CONFIG, "not loaded: others than you and root own %s or may write it",
                   path);
}

/* ---- Whether it was built for this. */

static bool fits(const struct binnacle_plugin *p, struct err *err)
{
    if (p->abi != BINNACLE_PLUGIN_ABI)
        return err_set(err, ERR_CONFIG, "it speaks interface %u, this binnacle %u: build it anew",
                       p->abi, (unsigned)BINNACLE_PLUGIN_ABI);
    if (p->backend_size == sizeof(struct backend) && p->kind_size == sizeof(struct kind) &&
        p->column_size == sizeof(struct column) && p->system_size == sizeof(struct system) &&
        p->setting_size == sizeof(struct setting) && p->backends)
        return true;
    return err_set(err, ERR_CONFIG,
                   "it was built with the headers of another binnacle: build it anew");
}

static const struct kind *taken(const struct kind *k)
{
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        for (size_t i = 0; b->kinds[i]; i++) {
            const struct kind *const one[] = {b->kinds[i]};
            const struct kind_list list = {one, 1};
            if (kind_find(&list, span_from(k->name)) == 0 ||
                kind_find(&list, span_from(k->plural)) == 0)
                return b->kinds[i];
        }
    return NULL;
}

static bool check_kind(const struct kind *k, struct err *err)
{
    if (!k->name || !k->plural || !k->aliases || !k->title || !k->help || !k->sort || !k->columns ||
        !k->ncolumns || k->ncolumns > COLUMNS_MAX || (k->judge && !k->says))
        return err_set(err, ERR_CONFIG, "its kind %s is not whole",
                       k->name ? k->name : "without a name");
    const struct kind *other = taken(k);
    return !other || err_set(err, ERR_CONFIG, "there is a kind %s already", other->name);
}

static bool check_backend(const struct backend *b, struct err *err)
{
    if (!b->name || !b->summary || !b->kinds || !b->settings || !b->systems || !b->state_size ||
        !b->run || b->configure)
        return err_set(err, ERR_CONFIG, "its backend %s is not whole",
                       b->name ? b->name : "without a name");
    if (backends_find(b->name))
        return err_set(err, ERR_CONFIG, "there is a backend %s already", b->name);
    for (size_t i = 0; b->kinds[i]; i++)
        if (!check_kind(b->kinds[i], err))
            return false;
    return true;
}

/* All that it brings, or nothing. */
static bool take(const struct binnacle_plugin *p, const char *path, struct err *err)
{
    size_t before = plugins.nbackends;
    bool ok = fits(p, err);
    for (size_t i = 0; ok && p->backends[i]; i++) {
        ok = plugins.nbackends < BACKENDS_MAX
                 ? check_backend(p->backends[i], err)
                 : err_set(err, ERR_CONFIG, "there are too many backends");
        if (ok)
            plugins.backends[plugins.nbackends++] = p->backends[i];
    }
    if (!ok)
        plugins.nbackends = before;
    else
        log_write(LOG_INFO, "plug-ins", "%s: %s", path, p->name);
    return ok;
}

/* The loader says the path first, mostly; the source is named after it. */
static bool not_loaded(const char *path, struct err *err)
{
    const char *why = dlerror();
    struct span says = span_from(why ? why : "nothing says why");
    size_t len = strlen(path);
    if (span_starts(says, path) && span_starts(span_sub(says, len, says.len), ": "))
        says = span_sub(says, len + 2, says.len);
    return err_set(err, ERR_CONFIG, "it cannot be loaded: %.*s", SPAN_ARG(says));
}

static bool load(const char *path, struct err *err)
{
    if (!is_safe(path, false, err))
        return false;
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return not_loaded(path, err);
    const struct binnacle_plugin *p = dlsym(object, BINNACLE_PLUGIN_SYMBOL);
    bool ok = p ? take(p, path, err)
                : err_set(err, ERR_CONFIG, "it is no plug-in: it has no " BINNACLE_PLUGIN_SYMBOL);
    if (!ok)
        (void)dlclose(object);
    return ok;
}

static int is_object(const struct dirent *entry)
{
    return span_ends(span_from(entry->d_name), SUFFIX);
}

void plugins_load(const char *folder)
{
    struct dirent **names = NULL;
    struct err err;
    if (plugins.loaded)
        return;
    plugins.loaded = true;
    if (*folder != '/')
        (void)err_set(&err, ERR_CONFIG, "%.200s is no path from / on", folder);
    if (*folder != '/' || !is_safe(folder, true, &err)) {
        refuse("plug-ins", folder, &err);
        return;
    }
    int n = scandir(folder, &names, is_object, alphasort);
    for (int i = 0; i < n; i++) {
        struct strbuf path = STRBUF_INIT(8192);
        strbuf_addf(&path, "%s/%s", folder, names[i]->d_name);
        if (i >= PLUGINS_MAX)
            (void)err_set(&err, ERR_CONFIG, "there are more than %d plug-ins", PLUGINS_MAX);
        if (i >= PLUGINS_MAX || !load(strbuf_cstr(&path), &err))
            refuse(names[i]->d_name, strbuf_cstr(&path), &err);
        strbuf_clear(&path);
        free(names[i]);
    }
    free(names);
}
