/* Paths of a Vault's KV engines: which there are, their versions and ages. Folders are listed and
 * metadata read; what is stored there is not. */
#include <config.h>

#include "backends/kubernetes/sentence.h"
#include "backends/vault/vault.h"
#include "backends/verdict.h"
#include "base/alloc.h"
#include "base/timetext.h"
#include "net/kube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MOST   2000 /* listed; more is said to be there */
#define FOLDERS_MAX  1000
#define DEPTH_MAX    32
#define VERSIONS_MAX 10 /* told, the newest */
#define FLUSH_EVERY  50

enum {
    PATH,
    MOUNT,
    STATE,
    CURRENT,
    VERSIONS,
    UPDATED_AGO,
    AGE,
    HISTORY,
    NOTES,
    CAS,
    KEPT,
    OLDEST,
    UPDATED,
    CREATED,
    DELETED
};

static const struct column columns[] = {
    [PATH] = {"path", "PATH", "Below its mount, as an ExternalSecret names it.", VALUE_TEXT, 36, 0,
              COLUMN_IDENT, NULL, NULL},
    [MOUNT] = {"mount", "MOUNT", "The engine that has it.", VALUE_TEXT, 10, 20, COLUMN_IDENT, NULL,
               NULL},
    [STATE] = {"state", "STATE",
               "live; deleted, destroyed: its current version; empty: has none; denied: the token"
               " may not look.",
               VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [CURRENT] = {"version", "VER", "The current version.", VALUE_COUNT, 4, 10,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [VERSIONS] = {"versions", "KEPT", "Versions that are still kept.", VALUE_COUNT, 4, 40,
                  COLUMN_RIGHT, NULL, NULL},
    [UPDATED_AGO] = {"updated-ago", "UPDATED", "Since its last version.", VALUE_DURATION, 7, 15,
                     COLUMN_RIGHT, "updated", NULL},
    [AGE] = {"age", "AGE", "Since its first version.", VALUE_DURATION, 5, 30, COLUMN_RIGHT,
             "created", NULL},
    [HISTORY] = {"history", "HISTORY", "Its newest versions: number, when, what became of it.",
                 VALUE_LIST, 30, 80, COLUMN_WIDE, NULL, NULL},
    [NOTES] = {"metadata", "METADATA", "What its owner has noted, key=value.", VALUE_LIST, 20, 70,
               COLUMN_WIDE, NULL, NULL},
    [CAS] = {"cas", "CAS", "Whether each write must name the version it replaces.", VALUE_BOOL, 5,
             90, COLUMN_HIDDEN, NULL, NULL},
    [KEPT] = {"max-versions", "MAX", "Versions kept at most; 0: as the engine says.", VALUE_COUNT,
              4, 90, COLUMN_HIDDEN, NULL, NULL},
    [OLDEST] = {"oldest-version", "OLDEST", "The oldest version that is kept.", VALUE_COUNT, 4, 90,
                COLUMN_HIDDEN, NULL, NULL},
    [UPDATED] = {"updated", "UPDATED-AT", "When its last version was written.", VALUE_INSTANT, 20,
                 90, COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {"created", "CREATED", "When its first version was written.", VALUE_INSTANT, 20, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [DELETED] = {"deleted", "DELETED", "When its current version was or will be deleted.",
                 VALUE_INSTANT, 20, 85, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
};

/* ---- One path's metadata [vault api-docs/secret/kv/kv-v2, read secret metadata]. */

/* Of a version: "live", "deleted", "destroyed". */
static const char *state_of(const struct json_node *version, int64_t now_ms)
{
    int64_t deleted = vault_time(version, "deletion_time");
    if (!version)
        return "empty";
    if (json_node_true(json_node_get(version, "destroyed")))
        return "destroyed";
    return deleted != TIME_NONE && deleted <= now_ms ? "deleted" : "live";
}

static const struct json_node *version_at(const struct json_node *versions, int64_t number)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "%lld", (long long)number);
    return json_node_get(versions, name);
}

static void add_item(struct strbuf *list)
{
    if (list->len)
        strbuf_addc(list, LIST_SEPARATOR);
}

static void put_history(struct row_writer *w, const struct json_node *versions, int64_t current,
                        int64_t now_ms)
{
    struct strbuf list = STRBUF_INIT(4096);
    int told = 0;
    for (int64_t n = current; n > 0 && n > current - 1000 && told < VERSIONS_MAX; n--) {
        const struct json_node *v = version_at(versions, n);
        const char *state = state_of(v, now_ms);
        if (!v)
            continue;
        add_item(&list);
        strbuf_addf(&list, "%lld %.20s%s%s", (long long)n,
                    json_node_path_text(v, "created_time", ""), state[0] == 'l' ? "" : " ",
                    state[0] == 'l' ? "" : state);
        told++;
    }
    if (list.len)
        row_text(w, HISTORY, strbuf_span(&list));
    strbuf_clear(&list);
}

static void put_notes(struct row_writer *w, const struct json_node *notes)
{
    struct strbuf list = STRBUF_INIT(4096);
    for (const struct json_node *n = json_node_first(notes); n; n = json_node_next(n)) {
        const char *text = json_node_text(n);
        add_item(&list);
        strbuf_addf(&list, "%s=%s", json_node_key(n), text ? text : "");
    }
    if (list.len)
        row_text(w, NOTES, strbuf_span(&list));
    strbuf_clear(&list);
}

static void put_metadata(struct row_writer *w, const struct json_node *data, int64_t now_ms)
{
    const struct json_node *versions = json_node_get(data, "versions"), *v;
    int64_t current = 0;
    (void)!json_node_int(json_node_get(data, "current_version"), &current);
    v = version_at(versions, current);
    row_text(w, STATE, span_from(state_of(v, now_ms)));
    row_num(w, CURRENT, current);
    row_num(w, VERSIONS, (int64_t)json_node_count(versions));
    row_num(w, CAS, json_node_true(json_node_get(data, "cas_required")));
    vault_put_int(w, KEPT, data, "max_versions");
    vault_put_int(w, OLDEST, data, "oldest_version");
    vault_put_time(w, UPDATED, data, "updated_time");
    vault_put_time(w, CREATED, data, "created_time");
    vault_put_time(w, DELETED, v, "deletion_time");
    put_history(w, versions, current, now_ms);
    put_notes(w, json_node_get(data, "custom_metadata"));
}

/* ---- The walk. */

struct folder {
    char *path; /* owned; "" or "apps/eu/" */
    int depth;
};

struct walk {
    const struct vault *vault;
    struct poll *poll;
    const char *mount;      /* "secret/" */
    bool v2;                /* has metadata */
    bool named;             /* keys begin with the mount */
    struct folder *folders; /* owned; still to be listed */
    size_t count, listed, paths, denied;
    bool more; /* than is listed */
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

static void escape(struct strbuf *out, const char *path)
{
    struct span rest = span_from(path), part;
    const char *between = "";
    while (span_split(&rest, '/', &part)) {
        strbuf_adds(out, between);
        kube_escape(out, part);
        between = "/";
    }
}

/* GET of what the engine says of a path: its metadata, or with list what is in the folder. */
static struct json_doc *ask(const struct walk *k, const char *path, bool list, struct err *err)
{
    struct strbuf url = STRBUF_INIT(KUBE_PATH_MAX);
    strbuf_adds(&url, "/v1/");
    escape(&url, k->mount);
    if (k->v2)
        strbuf_adds(&url, "metadata/");
    escape(&url, path);
    if (list) /* a LIST is refused by the API server's proxies */
        strbuf_adds(&url, "?list=true");
    struct json_doc *doc = http_source_get(k->vault->http, strbuf_cstr(&url), NULL, NULL, err);
    strbuf_clear(&url);
    return doc;
}

static struct span mount_of(const struct walk *k)
{
    return span_sub(span_from(k->mount), 0, strlen(k->mount) - 1);
}

/* Its key is what an ExternalSecret calls it; where there are several engines, with the mount. */
static void begin(const struct walk *k, struct row_writer *w, const char *path)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&key, "%s%s", k->named ? k->mount : "", path);
    row_begin(w, strbuf_span(&key));
    row_text(w, PATH, span_from(path));
    row_text(w, MOUNT, mount_of(k));
    strbuf_clear(&key);
}

static bool end(struct walk *k, struct row_writer *w, struct err *err)
{
    row_link(w, LINK_OWNER, 0, "vault-mount", mount_of(k));
    if (!row_end(w))
        return err_set(err, ERR_NOMEM, "there is no memory for the paths");
    if (++k->paths % FLUSH_EVERY == 0 && !poll_flush(k->poll))
        return err_set(err, ERR_CANCELLED, "stopped");
    return true;
}

/* True when the walk goes on without what was refused. */
static bool goes_on(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND;
}

static bool put_denied(struct walk *k, const char *path, struct err *err)
{
    struct row_writer *w = poll_rows(k->poll, &kind_vault_path);
    k->denied++;
    begin(k, w, path);
    row_text(w, STATE, SPAN("denied"));
    return end(k, w, err);
}

static bool put_path(struct walk *k, const char *path, struct err *err)
{
    struct row_writer *w = poll_rows(k->poll, &kind_vault_path);
    struct json_doc *doc = k->v2 ? ask(k, path, false, err) : NULL;
    if (k->v2 && !doc && err->kind == ERR_DENIED)
        return put_denied(k, path, err);
    if (k->v2 && !doc) /* gone since it was listed: no row */
        return goes_on(err);
    begin(k, w, path);
    if (doc)
        put_metadata(w, json_node_get(json_doc_root(doc), "data"),
                     clock_wall_ms(ctx_clock(k->vault->ctx)));
    json_doc_free(doc);
    return end(k, w, err);
}

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
    if (k->paths >= PATHS_MOST) {
        k->more = true;
        return true;
    }
    strbuf_addf(&path, "%s%s", f->path, name);
    if (!path.failed)
        ok = put_path(k, strbuf_cstr(&path), err);
    strbuf_clear(&path);
    return ok;
}

static bool list_folder(struct walk *k, const struct folder *f, struct err *err)
{
    struct json_doc *doc = ask(k, f->path, true, err);
    const struct json_node *keys = json_node_get(json_node_get(json_doc_root(doc), "data"), "keys");
    bool ok = true;
    if (!doc && err->kind == ERR_DENIED)
        return put_denied(k, f->path[0] ? f->path : "/", err);
    if (!doc)
        return goes_on(err); /* 404: it is empty */
    for (const struct json_node *n = json_node_first(keys); ok && n; n = json_node_next(n))
        if (json_node_text(n))
            ok = take_name(k, f, json_node_text(n), err);
    json_doc_free(doc);
    return ok && !ctx_stopping(k->vault->ctx);
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
    return ok;
}

static bool is_kv(const struct json_node *mount)
{
    const char *name = json_node_key(mount);
    size_t len = name ? strlen(name) : 0;
    return len > 1 && name[len - 1] == '/' &&
           strcmp(json_node_path_text(mount, "type", ""), "kv") == 0;
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

bool vault_ask_paths(void *self, struct poll *p, struct err *err)
{
    struct walk k = {.vault = self, .poll = p};
    struct json_doc *doc = vault_mounts(self, err);
    const struct json_node *all = json_node_path(json_doc_root(doc), "data.secret");
    size_t engines = 0;
    bool ok = doc != NULL;
    for (const struct json_node *m = json_node_first(all); m; m = json_node_next(m))
        engines += is_kv(m);
    k.named = engines > 1;
    for (const struct json_node *m = json_node_first(all); ok && m; m = json_node_next(m))
        if (is_kv(m))
            ok = walk_mount(&k, m, err);
    if (ok)
        say_bounds(&k);
    while (k.count)
        free(k.folders[--k.count].path);
    free(k.folders);
    json_doc_free(doc);
    return ok;
}

/* ---- Verdicts. */

#define SOON_MS ((int64_t)24 * 3600 * 1000)

enum { RULE_GONE, RULE_GOING, RULE_DENIED };

static const struct rule rules[] = {
    [RULE_GONE] = {"vault-path-deleted", "Its current version is deleted or destroyed: notice."},
    [RULE_GOING] = {"vault-path-deletes-itself",
                    "Its current version deletes itself within a day: warning."},
    [RULE_DENIED] = {"vault-path-denied", "The token may not look at it: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    int64_t deleted = store_num(st, row, DELETED, TIME_FOREVER);
    if (span_is(state, "denied"))
        return verdict_at(LEVEL_NOTICE, RULE_DENIED);
    if (span_is(state, "destroyed") || deleted <= now_ms)
        return verdict_at(LEVEL_NOTICE, RULE_GONE);
    if (deleted == TIME_FOREVER)
        return verdict_ok();
    if (deleted - now_ms <= SOON_MS)
        return verdict_until(LEVEL_WARNING, RULE_GOING, deleted);
    return verdict_until(LEVEL_OK, 0, deleted - SOON_MS);
}

/* "; default/kimai-secrets reads it", "; 3 read it" */
static void says_readers(const struct store *st, struct handle row, struct strbuf *out)
{
    struct handle from, first = row;
    enum link_type type;
    uint32_t at = 0;
    size_t n = 0;
    while (store_used_by_next(st, row, &at, &from, &type))
        first = n++ ? first : from;
    if (n == 1)
        strbuf_addf(out, "; %.*s reads it", SPAN_ARG(store_key(st, first)));
    else if (n)
        strbuf_addf(out, "; %zu read it", n);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span state = store_text(st, row, STATE);
    int64_t deleted = store_num(st, row, DELETED, TIME_NONE),
            version = store_num(st, row, CURRENT, 0);
    char text[TIMETEXT_MAX];
    if (v->rule == RULE_DENIED) {
        strbuf_adds(out, "the token may not look at it");
    } else if (v->rule == RULE_GOING) {
        duration_format_short(deleted - now_ms, text);
        strbuf_addf(out, "version %lld deletes itself in %s", (long long)version, text);
    } else {
        strbuf_addf(out, "version %lld, the current one, is %s", (long long)version,
                    span_is(state, "destroyed") ? "destroyed" : "deleted");
        sentence_for(out, deleted, now_ms);
        says_readers(st, row, out);
    }
}

const struct kind kind_vault_path = {
    .name = "vault-path",
    .plural = "vault-paths",
    .aliases = "vp",
    .title = "Vault paths",
    .help = "Paths of KV engines: versions, ages, what was deleted. Values are never asked for.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,mount,path",
};
