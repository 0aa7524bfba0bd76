/* Paths of a Vault's KV engines: which there are, their versions and ages. Folders are listed,
 * metadata and names of keys read; what is stored there is not. */
#include <config.h>

#include "backends/kubernetes/sentence.h"
#include "backends/vault/paths.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#include <stdio.h>
#include <string.h>

#define VERSIONS_MAX 10 /* told, the newest */

enum {
    PATH,
    MOUNT,
    STATE,
    CURRENT,
    VERSIONS,
    UPDATED_AGO,
    AGE,
    READERS,
    KEYS,
    MAY,
    MAY_METADATA,
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
               " may not look; missing: an ExternalSecret reads it, and it is not there.",
               VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [CURRENT] = {"version", "VER", "The current version.", VALUE_COUNT, 4, 10,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [VERSIONS] = {"versions", "KEPT", "Versions that are still kept.", VALUE_COUNT, 4, 40,
                  COLUMN_RIGHT, NULL, NULL},
    [UPDATED_AGO] = {"updated-ago", "UPDATED", "Since its last version.", VALUE_DURATION, 7, 15,
                     COLUMN_RIGHT, "updated", NULL},
    [AGE] = {"age", "AGE", "Since its first version.", VALUE_DURATION, 5, 30, COLUMN_RIGHT,
             "created", NULL},
    [READERS] = {"readers", "READ BY", "ExternalSecrets that read it.", VALUE_LIST, 24, 25, 0, NULL,
                 NULL},
    [KEYS] =
        {"keys", "KEYS",
         "Names of the keys of its current version, where the token may read subkeys; no value.",
         VALUE_LIST, 24, 45, 0, NULL, NULL},
    [MAY] = {"may", "MAY", "What the token may do with its value: read, update, ...; nothing.",
             VALUE_LIST, 16, 60, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [MAY_METADATA] = {"may-metadata", "MAY-META", "What the token may do with its metadata.",
                      VALUE_LIST, 12, 65, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
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

int64_t vault_path_version(const struct json_node *data)
{
    int64_t current = 0;
    (void)!json_node_int(json_node_get(data, "current_version"), &current);
    return current;
}

const char *vault_path_state(const struct json_node *data, int64_t now_ms)
{
    return state_of(version_at(json_node_get(data, "versions"), vault_path_version(data)), now_ms);
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
    int64_t current = vault_path_version(data);
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

bool vault_path_put(struct row_writer *w, const struct vault_path *p)
{
    row_begin(w, span_from(p->key));
    row_text(w, PATH, span_from(p->path));
    row_text(w, MOUNT, p->mount);
    if (p->state)
        row_text(w, STATE, span_from(p->state));
    else if (p->data)
        put_metadata(w, p->data, p->now_ms);
    if (p->readers.len)
        row_text(w, READERS, p->readers);
    if (p->keys && p->keys[0])
        row_text(w, KEYS, span_from(p->keys));
    if (p->rights && p->value_path)
        vault_put_rights(w, MAY, p->rights, p->value_path);
    if (p->rights && p->metadata_path)
        vault_put_rights(w, MAY_METADATA, p->rights, p->metadata_path);
    row_link(w, LINK_OWNER, 0, "vault-mount", p->mount);
    return row_end(w);
}

/* ---- Verdicts. */

#define SOON_MS ((int64_t)24 * 3600 * 1000)

enum { RULE_GONE, RULE_GOING, RULE_DENIED, RULE_MISSING };

static const struct rule rules[] = {
    [RULE_GONE] = {"vault-path-deleted", "Its current version is deleted or destroyed: notice."},
    [RULE_GOING] = {"vault-path-deletes-itself",
                    "Its current version deletes itself within a day: warning."},
    [RULE_DENIED] = {"vault-path-denied", "The token may not look at it: unknown."},
    [RULE_MISSING] = {"vault-path-missing",
                      "An ExternalSecret reads it, and it is not there: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    int64_t deleted = store_num(st, row, DELETED, TIME_FOREVER);
    if (span_is(state, "denied"))
        return verdict_at(LEVEL_UNKNOWN, RULE_DENIED);
    if (span_is(state, "missing"))
        return verdict_at(LEVEL_WARNING, RULE_MISSING);
    if (span_is(state, "destroyed") || deleted <= now_ms)
        return verdict_at(LEVEL_NOTICE, RULE_GONE);
    if (deleted == TIME_FOREVER)
        return verdict_ok();
    if (deleted - now_ms <= SOON_MS)
        return verdict_until(LEVEL_WARNING, RULE_GOING, deleted);
    return verdict_until(LEVEL_OK, 0, deleted - SOON_MS);
}

/* "; default/kimai-secrets reads it", "; 3 ExternalSecrets read it" */
static void says_readers(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span readers = store_text(st, row, READERS), rest = readers, one;
    size_t n = 0;
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one))
        n++;
    if (n == 1)
        strbuf_addf(out, "; %.*s reads it", SPAN_ARG(readers));
    else if (n)
        strbuf_addf(out, "; %zu ExternalSecrets read it", n);
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
        says_readers(st, row, out);
    } else if (v->rule == RULE_MISSING) {
        strbuf_adds(out, "there is no such path");
        says_readers(st, row, out);
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
    .help = "Paths of KV engines: versions, ages, names of keys, what was deleted; no value.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,mount,path",
};
