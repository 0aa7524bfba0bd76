/* The walk through KV engines: folder by folder, what is in each with its metadata, the names of its
 * keys and what the token may do there; then what ExternalSecrets read and no folder has listed. A few
 * requests are under way at a time. Names are read, never a value. */
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

/* What rights are asked for of each; of KV 1 they are one path. */
enum { OF_VALUE, OF_METADATA, OF_KEYS, RIGHTS };

/* Paths whose rights are asked for together. */
struct bundle {
    char *paths[ASKED_ONCE];          /* owned; "apps/kimai", or a folder that may not be listed */
    char *asked[RIGHTS * ASKED_ONCE]; /* owned; "secret/data/apps/kimai", ... */
    size_t count;
};

/* What came of asking for them. */
struct looked {
    struct json_doc *rights; /* owned; NULL: not to be had */
    struct http_source_one metadata[ASKED_ONCE], keys[ASKED_ONCE];
};

struct walk {
    struct vault *vault;
    struct poll *poll;
    const char *mount;      /* "secret/" */
    bool v2;                /* has metadata */
    bool named;             /* keys begin with the mount: it is one of several */
    struct folder *folders; /* owned; still to be listed */
    size_t count, listed, paths;
    size_t denied_folders, denied_paths;
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

/* The address of what the engine says of a path: its "metadata/"; owned. */
static char *url_of(const struct walk *k, const char *what, const char *path, const char *query)
{
    struct strbuf url = STRBUF_INIT(KUBE_PATH_MAX);
    strbuf_adds(&url, "/v1/");
    vault_escape(&url, k->mount);
    if (k->v2)
        strbuf_adds(&url, what);
    vault_escape(&url, path);
    strbuf_adds(&url, query);
    char *text = strbuf_take(&url);
    return text ? text : xalloc_text("/");
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

/* Of one that is gone since it was listed there is a row only where somebody reads it. answer: its
 * metadata, if they were asked for. */
static bool put_path(struct walk *k, struct vault_path *p, const struct http_source_one *answer,
                     struct err *err)
{
    struct strbuf readers = STRBUF_INIT(ROW_TEXT_MAX);
    const bool folder = is_folder(p->path), refused = answer->path && !answer->doc;
    note_readers(k, p->path, &readers);
    p->readers = strbuf_span(&readers);
    if (folder || (refused && answer->err.kind == ERR_DENIED))
        p->state = "denied";
    else if (refused && answer->err.kind == ERR_NOTFOUND && readers.len)
        p->state = "missing";
    k->denied_folders += folder;
    k->denied_paths += !folder && p->state && p->state[0] == 'd';
    p->data = json_node_get(json_doc_root(answer->doc), "data");
    bool ok = !refused || p->state ? put(k, p, err) : goes_on(&answer->err);
    if (!ok && refused && !p->state)
        *err = answer->err;
    strbuf_clear(&readers);
    return ok;
}

/* ---- Bundles of paths. */

static void empty(struct bundle *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->paths[i]);
    for (size_t i = 0; i < RIGHTS * b->count; i++)
        free(b->asked[i]);
    b->count = 0;
}

static char *join(const char *mount, const char *middle, const char *path)
{
    struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&text, "%s%s%s", mount, middle, path);
    return strbuf_take(&text);
}

/* The rights on what is gathered; none where they are not to be had. False: the connection. */
static bool ask_rights(struct walk *k, struct looked *l, struct err *err)
{
    const struct bundle *b = &k->bundle;
    if (k->no_rights || !b->count)
        return true;
    l->rights = vault_ask_rights(k->vault, (const char *const *)b->asked, RIGHTS * b->count, err);
    k->no_rights = !l->rights;
    return l->rights || vault_goes_on(err);
}

/* GETs what there is a path for. */
static void get_all(const struct walk *k, char *const *urls, struct http_source_one *all)
{
    for (size_t i = 0; i < k->bundle.count; i++)
        all[i] = (struct http_source_one){.path = urls[i]};
    http_source_gets(k->vault->http, all, k->bundle.count);
}

static void free_all(char **urls)
{
    for (size_t i = 0; i < ASKED_ONCE; i++)
        free(urls[i]);
}

static void ask_metadata(struct walk *k, struct looked *l)
{
    const struct bundle *b = &k->bundle;
    char *urls[ASKED_ONCE] = {NULL};
    for (size_t i = 0; i < b->count; i++)
        if (k->v2 && !is_folder(b->paths[i]))
            urls[i] = url_of(k, "metadata/", b->paths[i], "");
    get_all(k, urls, l->metadata);
    free_all(urls);
}

/* The names of its keys are there to be asked for, and are not known yet. */
static bool lacks_keys(const struct walk *k, const struct looked *l, size_t i)
{
    const struct json_node *data = json_node_get(json_doc_root(l->metadata[i].doc), "data");
    const char *asked = k->bundle.asked[RIGHTS * i + OF_KEYS];
    const int64_t now_ms = clock_wall_ms(ctx_clock(k->vault->ctx));
    return data && strcmp(vault_path_state(data, now_ms), "live") == 0 &&
           (!l->rights || vault_may_read(l->rights, asked)) &&
           !vault_keys_of(k->vault, asked, vault_path_version(data));
}

/* Only those at the top: what lies deeper within a value is of no name [vault
 * api-docs/secret/kv/kv-v2, read secret subkeys]. False: the connection. */
static bool ask_keys(struct walk *k, struct looked *l, struct err *err)
{
    const struct bundle *b = &k->bundle;
    char *urls[ASKED_ONCE] = {NULL};
    bool ok = true;
    for (size_t i = 0; i < b->count; i++)
        if (lacks_keys(k, l, i))
            urls[i] = url_of(k, "subkeys/", b->paths[i], "?depth=1");
    get_all(k, urls, l->keys);
    for (size_t i = 0; ok && i < b->count; i++) {
        const struct json_node *data = json_node_get(json_doc_root(l->metadata[i].doc), "data");
        if (l->keys[i].doc)
            vault_keys_note(k->vault, b->asked[RIGHTS * i + OF_KEYS], vault_path_version(data),
                            l->keys[i].doc);
        else if (urls[i] && !vault_goes_on(&l->keys[i].err)) {
            *err = l->keys[i].err;
            ok = false;
        }
    }
    free_all(urls);
    return ok;
}

static bool put_one(struct walk *k, const struct looked *l, size_t i, struct err *err)
{
    const struct bundle *b = &k->bundle;
    const struct json_node *data = json_node_get(json_doc_root(l->metadata[i].doc), "data");
    char *const *asked = &b->asked[RIGHTS * i];
    struct vault_path p = {.path = b->paths[i],
                           .rights = l->rights,
                           .value_path = asked[OF_VALUE],
                           .metadata_path = k->v2 ? asked[OF_METADATA] : NULL};
    if (data)
        p.keys = vault_keys_of(k->vault, asked[OF_KEYS], vault_path_version(data));
    return put_path(k, &p, &l->metadata[i], err) && !ctx_stopping(k->vault->ctx);
}

/* Looks at what is gathered, and empties it. */
static bool look(struct walk *k, struct err *err)
{
    struct looked l = {.rights = NULL};
    bool ok = ask_rights(k, &l, err);
    if (ok)
        ask_metadata(k, &l);
    ok = ok && ask_keys(k, &l, err);
    for (size_t i = 0; ok && i < k->bundle.count; i++)
        ok = put_one(k, &l, i, err);
    for (size_t i = 0; i < k->bundle.count; i++) {
        json_doc_free(l.metadata[i].doc);
        json_doc_free(l.keys[i].doc);
    }
    json_doc_free(l.rights);
    empty(&k->bundle);
    return ok;
}

static bool gather(struct walk *k, const char *path, struct err *err)
{
    static const char *const of[RIGHTS] = {
        [OF_VALUE] = "data/", [OF_METADATA] = "metadata/", [OF_KEYS] = "subkeys/"};
    struct bundle *b = &k->bundle;
    b->paths[b->count] = xalloc_text(path);
    for (size_t i = 0; i < RIGHTS; i++)
        b->asked[RIGHTS * b->count + i] = join(k->mount, k->v2 ? of[i] : "", path);
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

static bool take_folder(struct walk *k, const struct folder *f,
                        const struct http_source_one *answer, struct err *err)
{
    const struct json_node *data = json_node_get(json_doc_root(answer->doc), "data"),
                           *keys = json_node_get(data, "keys");
    bool ok = true;
    if (!answer->doc && answer->err.kind == ERR_DENIED)
        return gather(k, f->path[0] ? f->path : "/", err);
    if (!answer->doc)
        *err = answer->err;
    if (!answer->doc)
        return goes_on(err); /* 404: it is empty */
    for (const struct json_node *n = json_node_first(keys); ok && n; n = json_node_next(n))
        if (json_node_text(n))
            ok = take_name(k, f, json_node_text(n), err);
    return ok && !ctx_stopping(k->vault->ctx);
}

/* As many of those that are left as can be asked for at a time. */
static bool list_folders(struct walk *k, struct err *err)
{
    struct http_source_one all[HTTP_SOURCE_AT_ONCE] = {{.path = NULL}};
    struct folder folders[HTTP_SOURCE_AT_ONCE];
    char *urls[HTTP_SOURCE_AT_ONCE];
    size_t n = 0;
    bool ok = true;
    for (; n < HTTP_SOURCE_AT_ONCE && k->count; n++) {
        folders[n] = k->folders[--k->count];
        /* a LIST is refused by the API server's proxies */
        all[n].path = urls[n] = url_of(k, "metadata/", folders[n].path, "?list=true");
    }
    k->listed += n;
    http_source_gets(k->vault->http, all, n);
    for (size_t i = 0; i < n; i++) {
        ok = ok && take_folder(k, &folders[i], &all[i], err);
        json_doc_free(all[i].doc);
        free(folders[i].path);
        free(urls[i]);
    }
    return ok;
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
    while (ok && k->count)
        ok = list_folders(k, err);
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

/* "1 folder and 2 paths may not be read" */
static void add_denied(const struct walk *k, struct strbuf *out)
{
    if (k->denied_folders)
        strbuf_addf(out, "%zu folder%s", k->denied_folders, k->denied_folders == 1 ? "" : "s");
    if (k->denied_folders && k->denied_paths)
        strbuf_adds(out, " and ");
    if (k->denied_paths)
        strbuf_addf(out, "%zu path%s", k->denied_paths, k->denied_paths == 1 ? "" : "s");
    strbuf_adds(out, " may not be read");
}

/* What may not be read has its rows, and is counted beside them; what was not looked at is missing. */
static void say_bounds(const struct walk *k)
{
    struct strbuf denied = STRBUF_INIT(200);
    const bool any = k->denied_folders || k->denied_paths;
    if (any)
        add_denied(k, &denied);
    if (k->more)
        poll_note(k->poll, &kind_vault_path, "the first %zu of more%s%s", k->paths, any ? "; " : "",
                  strbuf_cstr(&denied));
    else if (any)
        poll_remark(k->poll, &kind_vault_path, "%s", strbuf_cstr(&denied));
    strbuf_clear(&denied);
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
    struct vault *v = self;
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
    if (ok) {
        say_bounds(&k);
        vault_keys_sweep(v);
    }
    release(&k);
    free(lines);
    json_doc_free(doc);
    return ok;
}
