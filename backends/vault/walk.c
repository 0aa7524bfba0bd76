/* The walk through KV engines: folder by folder, what is in each with its metadata and what the
 * token may do there; then what ExternalSecrets read and no folder has listed. Names are read, never
 * a value. */
#include <config.h>

#include "backends/vault/paths.h"
#include "base/alloc.h"
#include "net/kube.h"

#include <stdlib.h>
#include <string.h>

#define PATHS_MOST  2000 /* listed; more is said to be there */
#define FOLDERS_MAX 1000
#define DEPTH_MAX   32
#define FLUSH_EVERY 50
#define ASKED_ONCE  32 /* paths whose rights are asked for at a time */

struct folder {
    char *path; /* owned; "" or "apps/eu/" */
    int depth;
};

/* Paths whose rights are asked for together. */
struct bundle {
    char *paths[ASKED_ONCE];     /* owned; "apps/kimai", or a folder that may not be listed */
    char *asked[2 * ASKED_ONCE]; /* owned; of each its value's and its metadata's; of KV 1 one */
    size_t count;
};

struct walk {
    const struct vault *vault;
    struct poll *poll;
    const char *mount;      /* "secret/" */
    bool v2;                /* has metadata */
    bool named;             /* keys begin with the mount: it is one of several */
    struct folder *folders; /* owned; still to be listed */
    size_t count, listed, paths, denied;
    bool more;                   /* than is listed */
    bool no_rights;              /* they may not be asked for */
    struct bundle bundle;        /* gathered, not yet asked for */
    struct vault_wanted *wanted; /* owned; of all mounts */
    size_t nwanted;
};

static bool push(struct walk *k, const char *parent, const char *name, int depth)
{
    if (k->listed + k->count >= FOLDERS_MAX || depth > DEPTH_MAX) {
        k->more = true;
        return false;
    }
    struct strbuf path = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&path, "%s%s", parent, name);
    k->folders = xalloc_resize(k->folders, k->count + 1, sizeof(*k->folders));
    k->folders[k->count++] = (struct folder){strbuf_take(&path), depth};
    return true;
}

/* GET of what the engine says of a path: its metadata, or with list what is in the folder. */
static struct json_doc *ask(const struct walk *k, const char *path, bool list, struct err *err)
{
    struct strbuf url = STRBUF_INIT(KUBE_PATH_MAX);
    strbuf_adds(&url, "/v1/");
    vault_escape(&url, k->mount);
    if (k->v2)
        strbuf_adds(&url, "metadata/");
    vault_escape(&url, path);
    if (list) /* a LIST is refused by the API server's proxies */
        strbuf_adds(&url, "?list=true");
    struct json_doc *doc = http_source_get(k->vault->http, strbuf_cstr(&url), NULL, NULL, err);
    strbuf_clear(&url);
    return doc;
}

/* True when the walk goes on without what was refused. */
static bool goes_on(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND;
}

/* ---- Rows. */

static bool put(struct walk *k, struct vault_path *p, struct err *err)
{
    struct row_writer *w = poll_rows(k->poll, &kind_vault_path);
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&key, "%s%s", k->named ? k->mount : "", p->path);
    p->key = strbuf_cstr(&key);
    p->mount = span_sub(span_from(k->mount), 0, strlen(k->mount) - 1);
    p->now_ms = clock_wall_ms(ctx_clock(k->vault->ctx));
    bool ok = vault_path_put(w, p);
    strbuf_clear(&key);
    if (!ok)
        return err_set(err, ERR_NOMEM, "there is no memory for the paths");
    if (++k->paths % FLUSH_EVERY == 0 && !poll_flush(k->poll))
        return err_set(err, ERR_CANCELLED, "stopped");
    return true;
}

/* Which ExternalSecrets read it, as a list; it is then known that somebody has looked. readers:
 * NULL, or appended to. */
static void note_readers(struct walk *k, const char *path, struct strbuf *readers)
{
    for (size_t i = 0; i < k->nwanted; i++) {
        const char *one = vault_wanted_path(&k->wanted[i], k->mount);
        if (!one || strcmp(one, path) != 0)
            continue;
        k->wanted[i].seen = true;
        if (readers && readers->len)
            strbuf_addc(readers, LIST_SEPARATOR);
        if (readers)
            strbuf_adds(readers, k->wanted[i].reader);
    }
}

static bool is_folder(const char *path)
{
    return !path[0] || path[strlen(path) - 1] == '/';
}

/* A path whose rights are known, as far as they may be. Of one that is gone since it was listed
 * there is a row only where somebody reads it. */
static bool put_path(struct walk *k, struct vault_path *p, struct err *err)
{
    struct strbuf readers = STRBUF_INIT(ROW_TEXT_MAX);
    bool asked = k->v2 && !is_folder(p->path), ok = true;
    struct json_doc *doc = asked ? ask(k, p->path, false, err) : NULL;
    note_readers(k, p->path, &readers);
    p->readers = strbuf_span(&readers);
    if (is_folder(p->path) || (asked && !doc && err->kind == ERR_DENIED))
        p->state = "denied";
    else if (asked && !doc && err->kind == ERR_NOTFOUND && readers.len)
        p->state = "missing";
    k->denied += p->state && p->state[0] == 'd';
    p->data = json_node_get(json_doc_root(doc), "data");
    ok = !asked || doc || p->state ? put(k, p, err) : goes_on(err);
    json_doc_free(doc);
    strbuf_clear(&readers);
    return ok;
}

/* ---- Bundles of paths. */

static void empty(struct bundle *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->paths[i]);
    for (size_t i = 0; i < 2 * b->count; i++)
        free(b->asked[i]);
    b->count = 0;
}

static char *join(const char *mount, const char *middle, const char *path)
{
    struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&text, "%s%s%s", mount, middle, path);
    return strbuf_take(&text);
}

/* The rights on what is gathered; NULL: they are not to be had. False: the connection. */
static bool ask_rights(struct walk *k, struct json_doc **rights, struct err *err)
{
    const struct bundle *b = &k->bundle;
    *rights = NULL;
    if (k->no_rights || !b->count)
        return true;
    *rights = vault_ask_rights(k->vault, (const char *const *)b->asked, 2 * b->count, err);
    k->no_rights = !*rights;
    return *rights || vault_goes_on(err);
}

/* Looks at what is gathered, and empties it. */
static bool look(struct walk *k, struct err *err)
{
    struct bundle *b = &k->bundle;
    struct json_doc *rights;
    bool ok = ask_rights(k, &rights, err);
    for (size_t i = 0; ok && i < b->count; i++) {
        struct vault_path p = {.path = b->paths[i],
                               .rights = rights,
                               .value_path = b->asked[2 * i],
                               .metadata_path = k->v2 ? b->asked[2 * i + 1] : NULL};
        ok = put_path(k, &p, err) && !ctx_stopping(k->vault->ctx);
    }
    json_doc_free(rights);
    empty(b);
    return ok;
}

static bool gather(struct walk *k, const char *path, struct err *err)
{
    struct bundle *b = &k->bundle;
    b->paths[b->count] = xalloc_text(path);
    b->asked[2 * b->count] = join(k->mount, k->v2 ? "data/" : "", path);
    b->asked[2 * b->count + 1] = join(k->mount, k->v2 ? "metadata/" : "", path);
    return ++b->count < ASKED_ONCE || look(k, err);
}

/* ---- Folders. */

static bool take_name(struct walk *k, const struct folder *f, const char *name, struct err *err)
{
    struct strbuf path = STRBUF_INIT(ROW_TEXT_MAX);
    size_t len = strlen(name);
    bool ok = true;
    if (!len || name[0] == '/' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strcmp(name, "./") == 0 || strcmp(name, "../") == 0)
        return true; /* a request for it would be for another path */
    if (name[len - 1] == '/') {
        (void)push(k, f->path, name, f->depth + 1);
        return true;
    }
    if (k->paths + k->bundle.count >= PATHS_MOST) {
        k->more = true;
        return true;
    }
    strbuf_addf(&path, "%s%s", f->path, name);
    if (!path.failed)
        ok = gather(k, strbuf_cstr(&path), err);
    strbuf_clear(&path);
    return ok;
}

static bool list_folder(struct walk *k, const struct folder *f, struct err *err)
{
    struct json_doc *doc = ask(k, f->path, true, err);
    const struct json_node *keys = json_node_get(json_node_get(json_doc_root(doc), "data"), "keys");
    bool ok = true;
    if (!doc && err->kind == ERR_DENIED)
        return gather(k, f->path[0] ? f->path : "/", err);
    if (!doc)
        return goes_on(err); /* 404: it is empty */
    for (const struct json_node *n = json_node_first(keys); ok && n; n = json_node_next(n))
        if (json_node_text(n))
            ok = take_name(k, f, json_node_text(n), err);
    json_doc_free(doc);
    return ok && !ctx_stopping(k->vault->ctx);
}

/* What ExternalSecrets read and was not listed: its folder may not be, or it is not there. */
static bool look_at_wanted(struct walk *k, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < k->nwanted; i++) {
        const char *path = vault_wanted_path(&k->wanted[i], k->mount);
        if (!path || !path[0] || k->wanted[i].seen || is_folder(path))
            continue;
        note_readers(k, path, NULL); /* once, though many read it */
        ok = gather(k, path, err);
    }
    return ok && look(k, err);
}

static bool walk_mount(struct walk *k, const struct json_node *mount, struct err *err)
{
    const char *version = json_node_path_text(mount, "options.version", "1");
    bool ok = true;
    k->mount = json_node_key(mount);
    k->v2 = strcmp(version, "2") == 0;
    (void)push(k, "", "", 0);
    while (ok && k->count) {
        struct folder f = k->folders[--k->count];
        k->listed++;
        ok = list_folder(k, &f, err);
        free(f.path);
    }
    ok = ok && look(k, err);
    return ok && (!k->v2 || look_at_wanted(k, err));
}

static bool is_kv(const struct json_node *mount)
{
    const char *name = json_node_key(mount);
    size_t len = name ? strlen(name) : 0;
    return len > 1 && name[len - 1] == '/' &&
           strcmp(json_node_path_text(mount, "type", ""), "kv") == 0;
}

/* The engine that ExternalSecrets read, of several the one of the first: its paths are called as they
 * call them, so that they lead there. */
static bool is_first_read(const struct walk *k, const char *mount)
{
    for (size_t i = 0; i < k->nwanted; i++) {
        const char *read = k->wanted[i].mount;
        if (read[0])
            return strncmp(read, mount, strlen(read)) == 0 &&
                   strcmp(mount + strlen(read), "/") == 0;
    }
    return false;
}

static void say_bounds(const struct walk *k)
{
    const char *paths = k->denied == 1 ? "path" : "paths";
    if (k->more && k->denied)
        poll_note(k->poll, &kind_vault_path, "the first %zu; %zu %s may not be read", k->paths,
                  k->denied, paths);
    else if (k->more)
        poll_note(k->poll, &kind_vault_path, "the first %zu", k->paths);
    else if (k->denied)
        poll_note(k->poll, &kind_vault_path, "%zu %s may not be read", k->denied, paths);
}

static void release(struct walk *k)
{
    empty(&k->bundle);
    while (k->count)
        free(k->folders[--k->count].path);
    free(k->folders);
    free(k->wanted);
}

bool vault_ask_paths(void *self, struct poll *p, struct err *err)
{
    const struct vault *v = self;
    struct walk k = {.vault = v, .poll = p};
    struct json_doc *doc = vault_mounts(v, err);
    const struct json_node *all = json_node_path(json_doc_root(doc), "data.secret");
    char *lines = xalloc_text(v->wanted ? v->wanted : "");
    size_t engines = 0;
    bool ok = doc != NULL;
    k.nwanted = vault_wanted_read(lines, &k.wanted);
    for (const struct json_node *m = json_node_first(all); m; m = json_node_next(m))
        engines += is_kv(m);
    for (const struct json_node *m = json_node_first(all); ok && m; m = json_node_next(m)) {
        if (!is_kv(m))
            continue;
        k.named = engines > 1 && !is_first_read(&k, json_node_key(m));
        ok = walk_mount(&k, m, err);
    }
    if (ok)
        say_bounds(&k);
    release(&k);
    free(lines);
    json_doc_free(doc);
    return ok;
}
