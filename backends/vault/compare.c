/* Whether Secrets have what Vault has: of each pair that an ExternalSecret takes over as it is, the two
 * values are read, compared in memory in a time that does not tell where they differ, and wiped.
 * Only where the configuration says so; nothing of a value is shown, kept, or told but "same" and
 * "differs". */
#include <config.h>

#include "backends/access.h"
#include "backends/vault/match.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 8000
#define PAIRS_MOST  500
#define KEYS_MOST   100 /* of a path that is taken over whole */

enum { MOUNT, PATH, READER, SECRET, EVERY, KEY, PROPERTY, WHY, FIELDS };

struct comparing {
    struct vault *vault;
    struct poll *poll;
    struct access access;
    const struct json_node *mounts; /* of the document of vault_mounts() */
    struct json_doc *doc;           /* the last path's values; NULL: none. Wiped */
    struct strbuf where;            /* that path, with its mount */
    struct err err;                 /* why there is none */
    size_t pairs;
};

/* ---- The two values. */

/* Looks at all bytes whatever they are. */
static bool same(struct span a, struct span b)
{
    volatile unsigned char differs = a.len != b.len;
    for (size_t i = 0; i < a.len && i < b.len; i++)
        differs = (unsigned char)(differs | ((unsigned char)a.data[i] ^ (unsigned char)b.data[i]));
    return !differs;
}

static bool is_v2(const struct comparing *c, const char *mount)
{
    for (const struct json_node *m = json_node_first(c->mounts); m; m = json_node_next(m)) {
        const char *name = json_node_key(m);
        size_t len = strlen(mount);
        if (strncmp(name, mount, len) == 0 && strcmp(name + len, "/") == 0)
            return strcmp(json_node_path_text(m, "options.version", "1"), "2") == 0;
    }
    return false;
}

/* The values of a path, unless they are at hand: pairs of one path follow each other
 * [vault api-docs/secret/kv/kv-v2, read secret version]. False: the connection. */
static bool look_at(struct comparing *c, char *const *f, struct err *err)
{
    struct strbuf url = STRBUF_INIT(8192);
    strbuf_adds(&url, "/v1/");
    vault_escape(&url, f[MOUNT]);
    strbuf_adds(&url, "/data/");
    vault_escape(&url, f[PATH]);
    if (c->where.len && span_eq(strbuf_span(&c->where), strbuf_span(&url))) {
        strbuf_clear(&url);
        return true;
    }
    json_doc_free_wiped(c->doc);
    c->doc = NULL;
    strbuf_truncate(&c->where, 0);
    strbuf_add(&c->where, strbuf_span(&url));
    if (is_v2(c, f[MOUNT]))
        c->doc = http_source_get(c->vault->http, strbuf_cstr(&url), NULL, NULL, &c->err);
    else
        (void)err_set(&c->err, ERR_NOTFOUND, "%s is no KV engine of version 2", f[MOUNT]);
    strbuf_clear(&url);
    if (c->doc || vault_goes_on(&c->err))
        return true;
    *err = c->err;
    return false;
}

/* Fills m->state and m->why by what the Secret has for the key. */
static void compare(struct comparing *c, char *const *f, const char *key, const char *value,
                    struct secret_match *m)
{
    struct strbuf recipe = STRBUF_INIT(2048), has = STRBUF_INIT(RECIPE_VALUE_MAX);
    const struct span reader = span_from(f[READER]);
    strbuf_addf(&recipe, "secret:%.*s/%s/%s", (int)span_find(reader, '/', 0), f[READER], f[SECRET],
                key);
    if (!access_recipe(&c->access, strbuf_cstr(&recipe), DEADLINE_MS, &has, &c->err))
        m->why = c->err.msg;
    else
        m->state = same(strbuf_span(&has), span_from(value)) ? "same" : "differs";
    strbuf_wipe(&has);
    strbuf_clear(&recipe);
}

/* ---- Rows. */

static bool put(struct comparing *c, char *const *f, const char *key, const char *property,
                const char *why)
{
    const struct json_node *data = json_node_get(json_doc_root(c->doc), "data");
    const char *value =
        why ? NULL : json_node_text(json_node_get(json_node_get(data, "data"), property));
    struct secret_match m = {.reader = f[READER],
                             .secret = f[SECRET],
                             .key = key,
                             .path = f[PATH],
                             .property = property,
                             .state = "unknown",
                             .why = why,
                             .every_ms = strtoll(f[EVERY], NULL, 10),
                             .version = -1,
                             .written_ms =
                                 vault_time(json_node_get(data, "metadata"), "created_time"),
                             .now_ms = clock_wall_ms(ctx_clock(c->vault->ctx))};
    (void)!json_node_int(json_node_path(data, "metadata.version"), &m.version);
    if (value)
        compare(c, f, key, value, &m);
    else if (!m.why)
        m.why = "the path has no such property, or it is no text";
    return secret_match_put(poll_rows(c->poll, &kind_secret_match), &m);
}

static bool put_all_keys(struct comparing *c, char *const *f)
{
    const struct json_node *data = json_node_path(json_doc_root(c->doc), "data.data");
    size_t keys = 0;
    bool ok = true;
    for (const struct json_node *n = json_node_first(data); ok && n && keys++ < KEYS_MOST;
         n = json_node_next(n))
        ok = put(c, f, json_node_key(n), json_node_key(n), NULL);
    return ok;
}

static bool take_pair(struct comparing *c, char *const *f, struct err *err)
{
    const char *why = f[WHY][0] ? f[WHY] : NULL;
    bool ok;
    if (!why && !look_at(c, f, err))
        return false;
    why = why ? why : c->doc ? NULL : c->err.msg;
    if (!why && strcmp(f[KEY], "*") == 0)
        ok = put_all_keys(c, f);
    else if (!why && !f[PROPERTY][0])
        ok = put(c, f, f[KEY], f[PROPERTY], "all of the path is taken as one text");
    else
        ok = put(c, f, f[KEY], f[PROPERTY], why);
    return ok || err_set(err, ERR_NOMEM, "there is no memory for what was compared");
}

/* A line of vault_readers(), cut at its tabs. False: it is none of a pair. */
static bool cut(char *line, char **f)
{
    if (line[0] != '=')
        return false;
    f[0] = line + 1;
    for (size_t i = 1; i < FIELDS; i++) {
        f[i] = strchr(f[i - 1], '\t');
        if (!f[i])
            return false;
        *f[i]++ = '\0';
    }
    return true;
}

static bool compare_all(struct comparing *c, char *lines, struct err *err)
{
    char *f[FIELDS], *rest = lines, *line;
    bool ok = true;
    while (ok && (line = strsep(&rest, "\n")) != NULL && !ctx_stopping(c->vault->ctx)) {
        if (!cut(line, f))
            continue;
        if (c->pairs++ < PAIRS_MOST)
            ok = take_pair(c, f, err);
    }
    if (ok && c->pairs > PAIRS_MOST)
        poll_note(c->poll, &kind_secret_match, "the first %d of %zu", PAIRS_MOST, c->pairs);
    return ok;
}

bool vault_ask_matches(void *self, struct poll *p, struct err *err)
{
    struct vault *v = self;
    struct comparing c = {.vault = v, .poll = p, .where = STRBUF_INIT(8192)};
    if (!ctx_setting_true(v->ctx, "compare"))
        return err_set(err, ERR_DENIED,
                       "values are compared only where the configuration says so (sources: name "
                       "%s, compare: true)",
                       ctx_name(v->ctx));
    struct json_doc *mounts = vault_mounts(v, err);
    if (!mounts)
        return false;
    c.mounts = json_node_path(json_doc_root(mounts), "data.secret");
    bool ok = access_open_cluster(&c.access, v->ctx, err);
    if (ok) {
        char *lines = xalloc_text(v->wanted ? v->wanted : "");
        ok = compare_all(&c, lines, err);
        free(lines);
        access_close(&c.access);
    }
    json_doc_free_wiped(c.doc);
    json_doc_free(mounts);
    strbuf_clear(&c.where);
    return ok;
}
