/* Secrets of Vault: which versions there are, what a change would be. */
#include <config.h>

#include "actions/vault.h"

#include "actions/channel.h"
#include "actions/kube.h"
#include "base/json_out.h"
#include "base/timetext.h"
#include "net/digest.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SALT_BYTES  16
#define SKEW_MS     120000 /* how far its clock may be from ours */
#define HASH_SHOWN  8
#define VALUE_BYTES ((size_t)4 << 20)

/* ---- Where it is. */

/* Of each part some character, no "." and "..": a proxy would make another path of it. */
static bool is_path(const char *text)
{
    struct span rest = span_from(text), part;
    bool ok = text[0] != '\0' && strlen(text) <= 512;
    while (ok && span_split(&rest, '/', &part))
        ok = part.len && !span_is(part, ".") && !span_is(part, "..");
    return ok;
}

const char *vault_site(struct target *t, struct plan *p, const struct answers *in, struct err *err)
{
    const struct site *s = target_site(t, "vault", answers_get(in, "vault"), err);
    return s ? plan_text(p, "%s", s->name) : NULL;
}

const char *vault_url(struct plan *p, const struct vault_secret *s, const char *what)
{
    struct strbuf url = STRBUF_INIT(KUBE_PATH_MAX);
    strbuf_adds(&url, "/v1/");
    kube_escape_path(&url, span_from(s->mount));
    strbuf_addf(&url, "/%s/", what);
    kube_escape_path(&url, span_from(s->path));
    const char *text = plan_text(p, "%s", strbuf_cstr(&url));
    strbuf_clear(&url);
    return text;
}

struct deed vault_request(const char *at, const char *method, const char *path, const char *body)
{
    return (struct deed){.system = "vault",
                         .at = at,
                         .method = method,
                         .path = path,
                         .media = strcmp(method, "PATCH") == 0 ? MERGE_PATCH : "application/json",
                         .body = body,
                         .generation = -1};
}

struct deed vault_deed(struct plan *p, const struct vault_secret *s, const char *method,
                       const char *what, const char *body)
{
    return vault_request(s->at, method, vault_url(p, s, what), body);
}

bool vault_ask(struct target *t, const char *at, const char *path, struct json_doc **doc,
               struct err *err)
{
    const struct deed d = vault_request(at, "GET", path, "");
    return target_look(t, &d, doc, err);
}

/* ---- What is there. */

/* {"data":{"versions":{"7":{...}}}} */
static const struct json_node *version_of(const struct json_node *metadata, int64_t version)
{
    char key[24];
    (void)snprintf(key, sizeof(key), "%lld", (long long)version);
    return json_node_get(json_node_path(metadata, "data.versions"), key);
}

enum vault_state vault_version_state(const struct target *t, const struct json_node *metadata,
                                     int64_t version)
{
    const struct json_node *v = version_of(metadata, version);
    const int64_t deleted = kube_time(v, "deletion_time");
    if (!v)
        return VAULT_ABSENT;
    if (json_node_true(json_node_get(v, "destroyed")))
        return VAULT_DESTROYED;
    return deleted != TIME_NONE && deleted <= target_now(t) + SKEW_MS ? VAULT_DELETED : VAULT_LIVE;
}

static void take_metadata(const struct target *t, struct vault_secret *s)
{
    const struct json_node *root = json_doc_root(s->metadata);
    if (!json_node_int(json_node_path(root, "data.current_version"), &s->version))
        s->version = 0;
    s->written_ms = kube_time(version_of(root, s->version), "created_time");
    s->live = vault_version_state(t, root, s->version) == VAULT_LIVE;
}

static void take_values(struct vault_secret *s)
{
    const struct json_node *of = json_node_path(json_doc_root(s->values), "data.metadata");
    if (!json_node_int(json_node_get(of, "version"), &s->version))
        s->version = 0;
    s->written_ms = kube_time(of, "created_time");
    s->live = s->version > 0;
}

/* Which it is, and where. */
static bool name_secret(struct target *t, struct plan *p, const struct answers *in,
                        struct vault_secret *out, struct err *err)
{
    *out = (struct vault_secret){.mount = answers_get(in, "mount"),
                                 .path = answers_get(in, "path"),
                                 .at = vault_site(t, p, in, err),
                                 .written_ms = TIME_NONE};
    if (!out->at)
        return false;
    if (!is_path(out->mount) || !is_path(out->path))
        return err_set(err, ERR_CONFIG,
                       "--mount and --path are words with / between them, as in apps/kimai");
    out->name = plan_text(p, "%s/%s", out->mount, out->path);
    return true;
}

bool vault_secret_look(struct target *t, struct plan *p, const struct answers *in,
                       struct vault_secret *out, struct err *err)
{
    struct err why;
    if (!name_secret(t, p, in, out, err))
        return false;
    const bool seen = vault_ask(t, out->at, vault_url(p, out, "metadata"), &out->metadata, &why);
    if (!seen && why.kind != ERR_DENIED)
        return err_code(err, why.kind, why.code, "%s: %s", out->name, why.msg);
    if (seen && !out->metadata)
        return err_set(err, ERR_NOTFOUND, "%s: there is no such secret", out->name);
    take_metadata(t, out);
    return true;
}

/* Who may write and not look is told the version by the values' answer, or can do nothing here. */
bool vault_secret_read(struct target *t, struct plan *p, const struct answers *in, bool with_values,
                       struct vault_secret *out, struct err *err)
{
    struct err why, denied;
    if (!name_secret(t, p, in, out, err))
        return false;
    const bool seen = vault_ask(t, out->at, vault_url(p, out, "metadata"), &out->metadata, &denied);
    if (!seen && denied.kind != ERR_DENIED)
        return err_code(err, denied.kind, denied.code, "%s: %s", out->name, denied.msg);
    take_metadata(t, out);
    if (seen && !(with_values && out->live))
        return true;
    if (vault_ask(t, out->at, vault_url(p, out, "data"), &out->values, &why)) {
        if (!seen)
            take_values(out);
        return true;
    }
    /* Which right it is that is missing is what its policies say. */
    const struct deed look = vault_deed(p, out, "GET", "metadata", "");
    if (!seen && why.kind == ERR_DENIED && !target_allowed(t, &look, err))
        return false;
    if (!seen || why.kind != ERR_DENIED)
        return err_code(err, why.kind, why.code, "%s: %s", out->name, why.msg);
    out->unread = plan_text(p, "%s", why.msg);
    return true;
}

void vault_secret_clear(struct vault_secret *s)
{
    json_doc_free(s->metadata);
    json_doc_free_wiped(s->values);
    s->metadata = s->values = NULL;
}

/* ---- A new version. */

/* "1.8.4+ent", before 1.9: it knows no PATCH of secrets [hashicorp/vault#13615]. OpenBao began
 * behind that. */
static bool is_too_old(struct target *t, struct plan *p, const char *at, const char **version)
{
    struct json_doc *doc = NULL;
    struct err ignored;
    char *rest;
    if (!vault_ask(t, at, VAULT_STATUS, &doc, &ignored))
        doc = NULL;
    *version = plan_text(p, "%s", json_node_path_text(json_doc_root(doc), "version", ""));
    json_doc_free(doc);
    const long major = strtol(*version, &rest, 10);
    return rest != *version &&
           (major < 1 || (major == 1 && *rest == '.' && strtol(rest + 1, NULL, 10) < 9));
}

/* The same that `vault kv patch` does when its PATCH is refused [hashicorp/vault command/kv_patch.go].
 */
const char *vault_patch_method(struct target *t, struct plan *p, const struct vault_secret *s,
                               struct err *err)
{
    const struct deed patch = vault_deed(p, s, "PATCH", "data", ""),
                      rewrite = vault_deed(p, s, VAULT_REWRITE, "data", "");
    struct err why, neither;
    const char *version;
    const bool old = is_too_old(t, p, s->at, &version);
    if (old)
        (void)err_set(&why, ERR_DENIED, "%s is of version %s, which cannot patch", s->at, version);
    else if (target_allowed(t, &patch, &why))
        return "PATCH";
    if (!target_allowed(t, &rewrite, &neither)) {
        (void)err_code(err, why.kind, why.code, "%s; and to read it and write it anew: %s", why.msg,
                       neither.msg);
        return NULL;
    }
    plan_note(p, plan_text(p,
                           "%s: it is read and written anew with what changes, unless somebody "
                           "else writes version %lld first",
                           why.msg, (long long)s->version + 1));
    return VAULT_REWRITE;
}

void vault_undo_write(struct plan *p, const struct vault_secret *s, struct step *step)
{
    if (s->version && s->live) {
        step->undo = vault_deed(p, s, VAULT_ROLLBACK, "data",
                                plan_text(p, "{\"version\":%lld,\"options\":{\"cas\":%lld}}",
                                          (long long)s->version, (long long)s->version + 1));
        step->undo_title =
            plan_text(p, "write version %lld again, as the newest", (long long)s->version);
    } else {
        step->undo = vault_deed(p, s, "POST", "delete",
                                plan_text(p, "{\"versions\":[%lld]}", (long long)s->version + 1));
        step->undo_title =
            plan_text(p, "delete version %lld, as vault-delete does", (long long)s->version + 1);
    }
}

/* Of metadata or, where those may not be read, of the values' answer. */
static enum awaiting look_version(BN_UNUSED struct target *t, const struct step *step,
                                  const struct json_node *object, struct strbuf *says)
{
    int64_t now = 0;
    if (!json_node_int(json_node_path(object, "data.current_version"), &now) &&
        !json_node_int(json_node_path(object, "data.metadata.version"), &now))
        now = 0;
    if (now <= strtoll(step->former, NULL, 10)) {
        strbuf_addf(says, "the newest is version %lld still", (long long)now);
        return AWAIT_MORE;
    }
    strbuf_addf(says, "the newest is version %lld", (long long)now);
    return AWAIT_DONE;
}

void vault_await_version(struct plan *p, const struct vault_secret *s, struct step *step)
{
    step->look = vault_deed(p, s, "GET", s->metadata || !s->values ? "metadata" : "data", "");
    step->await = look_version;
    step->await_s = 20;
    step->former = plan_text(p, "%lld", (long long)s->version);
}

/* ---- What would change. */

/* A value as JSON. */
static void add_value(struct json_out *j, const struct json_node *n)
{
    const enum json_type type = json_node_type(n);
    const struct json_node *c = json_node_first(n);
    double real;
    if (type == JSON_STRING) {
        json_cstr(j, json_node_text(n));
    } else if (type == JSON_NUMBER && json_node_real(n, &real)) {
        json_real(j, real);
    } else if (type == JSON_TRUE || type == JSON_FALSE) {
        json_bool(j, json_node_true(n));
    } else if (type == JSON_OBJECT) {
        json_object(j);
        for (; c; c = json_node_next(c)) {
            json_key(j, json_node_key(c));
            add_value(j, c);
        }
        json_object_end(j);
    } else if (type == JSON_ARRAY) {
        json_array(j);
        for (; c; c = json_node_next(c))
            add_value(j, c);
        json_array_end(j);
    } else {
        json_null(j);
    }
}

static bool hash_of(const unsigned char salt[SALT_BYTES], const struct json_node *n,
                    char out[DIGEST_SHA256_TEXT])
{
    struct strbuf text = STRBUF_INIT(VALUE_BYTES);
    struct json_out j;
    strbuf_add(&text, span_make((const char *)salt, SALT_BYTES));
    json_out_init(&j, &text, 0);
    add_value(&j, n);
    bool ok = !text.failed && digest_sha256(strbuf_span(&text), out);
    strbuf_wipe(&text);
    if (!ok)
        out[0] = '\0';
    return ok;
}

/* A key as it stands in a line: Vault takes any text for one. */
static const char *key_shown(struct plan *p, const char *key)
{
    char *text = (char *)(uintptr_t)plan_text(p, "%.200s", key);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    return text;
}

/* Whether it changes. */
static bool note_key(struct plan *p, const unsigned char salt[SALT_BYTES], const char *key,
                     const struct json_node *had, const struct json_node *wanted, bool made)
{
    char old[DIGEST_SHA256_TEXT], new[DIGEST_SHA256_TEXT];
    key = key_shown(p, key);
    const bool hashed = hash_of(salt, had, old) && hash_of(salt, wanted, new);
    if (made)
        plan_note(
            p, plan_text(p, "  %c %s: made while it runs; nobody sees it", had ? '~' : '+', key));
    else if (!had)
        plan_note(p, plan_text(p, "  + %s: sha256 %.*s", key, HASH_SHOWN, new));
    else if (!wanted)
        plan_note(p, plan_text(p, "  - %s: sha256 %.*s", key, HASH_SHOWN, old));
    else if (hashed && strcmp(old, new) == 0)
        plan_note(p, plan_text(p, "  = %s: sha256 %.*s, the same", key, HASH_SHOWN, old));
    else
        plan_note(p, plan_text(p, "  ~ %s: sha256 %.*s, now %.*s", key, HASH_SHOWN, old, HASH_SHOWN,
                               new));
    return made || !had || !wanted || !hashed || strcmp(old, new) != 0;
}

/* had: all that is there; NULL: it is not known. The same. */
static bool note_gone(struct plan *p, const unsigned char salt[SALT_BYTES], const char *key,
                      const struct json_node *had)
{
    const struct json_node *value = json_node_get(had, key);
    if (value)
        return note_key(p, salt, key, value, NULL, false);
    plan_note(p, plan_text(p, had ? "  = %s: it is not there" : "  - %s", key_shown(p, key)));
    return had == NULL;
}

/* A key that `wanted` has. */
static bool note_wanted(struct plan *p, const unsigned char salt[SALT_BYTES],
                        const struct json_node *had, const struct json_node *wanted, bool marks)
{
    const char *key = json_node_key(wanted);
    const enum json_type type = marks ? json_node_type(wanted) : JSON_STRING;
    return type == JSON_NULL
               ? note_gone(p, salt, key, had)
               : note_key(p, salt, key, json_node_get(had, key), wanted, type == JSON_TRUE);
}

bool vault_diff(struct plan *p, const struct json_node *had, const struct json_node *wanted,
                unsigned flags)
{
    unsigned char salt[SALT_BYTES];
    bool changes = false;
    if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt)) {
        plan_note(p, "the system gives no random bytes: what changes is not shown");
        return true;
    }
    plan_note(p, "its keys; the digests are salted anew for each plan:");
    for (const struct json_node *n = json_node_first(wanted); n; n = json_node_next(n))
        changes |= note_wanted(p, salt, had, n, (flags & VAULT_MARKS) != 0);
    for (const struct json_node *n = json_node_first(had); n; n = json_node_next(n))
        if (!(flags & VAULT_KEPT) && !json_node_get(wanted, json_node_key(n)))
            changes |= note_key(p, salt, json_node_key(n), n, NULL, false);
    explicit_bzero(salt, sizeof(salt));
    return changes;
}
