/* vault-put, vault-patch: values are written to a path of Vault, as a new version; keys are taken out of
 * it. */
#include <config.h>

#include "actions/kube.h"
#include "actions/secrets.h"
#include "actions/vault.h"
#include "base/json_out.h"
#include "base/number.h"
#include "net/recipe.h"

#include <stdio.h>
#include <string.h>

#define PAIRS_MAX    12
#define MADE_LEAST   8
#define MADE_MOST    256
#define SKEW_MS      5000    /* how far its clock may be behind ours */
#define VALUE        "value" /* the field, and its secret */
#define VALUES_BYTES ((size_t)1 << 20)

#define SET_HELP                                                                               \
    "KEY, whose value is --value; or KEY=WHERE, more between commas: random:32 makes so many " \
    "characters, or where it is: file:/run/password, env:NAME, secret:NS/NAME/KEY"

#define VALUE_FIELD                                                                            \
    {                                                                                          \
        VALUE, FIELD_SECRET, NULL, "", "of the KEY that says no WHERE: typed, or where it is", \
            NULL                                                                               \
    }

static const struct field put_fields[] = {
    VAULT_PATH_FIELDS,
    {"set", FIELD_TEXT, NULL, NULL, SET_HELP, NULL},
    VALUE_FIELD,
    VAULT_REFRESH_FIELD,
    {NULL},
};
static const struct field patch_fields[] = {
    VAULT_PATH_FIELDS,   {"set", FIELD_TEXT, NULL, "", SET_HELP, NULL},
    VALUE_FIELD,         {"remove", FIELD_TEXT, NULL, "", "keys that go, ',' between them", NULL},
    VAULT_REFRESH_FIELD, {NULL},
};

/* A key and the secret that its value is. Texts are the plan's. */
struct pair {
    const char *key, *secret;
    bool made; /* by the system's random source: it is not known before */
    bool gone; /* the key goes: no secret */
};

struct pairs {
    struct pair all[PAIRS_MAX];
    size_t count, made, gone;
    bool typed; /* one of them is what the field `value` says */
};

/* ---- What is to be written. */

/* A variable of a shell where the key may be one: so it stands in what a person would type. */
static const char *secret_name(struct plan *p, const char *key, size_t number)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    const bool is_name =
        strlen(key) < 64 && key[strspn(key, plain)] == '\0' && !(key[0] >= '0' && key[0] <= '9');
    return is_name ? key : plan_text(p, "value%zu", number);
}

static struct pair *add_pair(struct plan *p, struct pairs *out, struct span key, struct err *err)
{
    const char *name = plan_text(p, "%.*s", SPAN_ARG(key));
    if (!key.len || out->count == PAIRS_MAX) {
        (void)err_set(err, ERR_CONFIG,
                      key.len ? "at most %d keys are written at once"
                              : "--set and --remove: a KEY of at least one character (%d at most)",
                      PAIRS_MAX);
        return NULL;
    }
    if (strstr(name, "${")) {
        (void)err_set(err, ERR_CONFIG, "%s: `${` stands for a secret, in no key", name);
        return NULL;
    }
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->all[i].key, name) == 0) {
            (void)err_set(err, ERR_CONFIG, "%s is named twice", name);
            return NULL;
        }
    struct pair *pair = &out->all[out->count];
    *pair = (struct pair){.key = name, .secret = secret_name(p, name, ++out->count)};
    return pair;
}

/* "random:32" */
static bool read_made(struct span where, int64_t *length)
{
    return span_starts(where, "random:") &&
           number_parse(span_sub(where, 7, where.len), MADE_LEAST, MADE_MOST, length);
}

/* The sentence does not repeat what was said: somebody may have written the value itself. */
static bool take_word(struct target *t, struct plan *p, struct span word, struct pairs *out,
                      struct err *err)
{
    const size_t equals = span_find(word, '=', 0);
    const struct span where = span_sub(word, equals + 1, word.len);
    struct pair *pair = add_pair(p, out, span_sub(word, 0, equals), err);
    struct secret_source source = {.characters = SECRET_LETTERS};
    int64_t length = 0;
    struct err why;
    if (!pair)
        return false;
    if (equals == word.len) {
        pair->secret = VALUE;
        bool first = !out->typed;
        out->typed = true;
        return first || err_set(err, ERR_CONFIG, "--set: %s says no WHERE, and one before neither",
                                pair->key);
    }
    pair->made = read_made(where, &length);
    out->made += pair->made;
    source.length = (size_t)length;
    source.recipe = pair->made ? NULL : plan_text(p, "%.*s", SPAN_ARG(where));
    struct recipe *r = pair->made ? NULL : recipe_parse(source.recipe, &why);
    if (!pair->made && !r)
        return err_set(err, ERR_CONFIG,
                       "--set %s: it takes random:N, of %d to %d characters, or where the value "
                       "is: " RECIPE_FORMS,
                       pair->key, MADE_LEAST, MADE_MOST);
    recipe_free(r);
    secrets_define(t, pair->secret, &source);
    return true;
}

static bool read_gone(struct plan *p, struct span rest, struct pairs *out, struct err *err)
{
    struct span word;
    while (rest.len && span_split(&rest, ',', &word)) {
        struct pair *pair = add_pair(p, out, span_trim(word), err);
        if (!pair)
            return false;
        pair->gone = true;
        out->gone++;
    }
    return out->count || err_set(err, ERR_CONFIG, "neither --set nor --remove names a key");
}

static bool read_pairs(struct target *t, struct plan *p, const struct answers *in, bool kept,
                       struct pairs *out, struct err *err)
{
    struct span rest = span_from(answers_get(in, "set")), word;
    const bool has_value = answers_get(in, VALUE)[0] != '\0';
    while (rest.data && (rest.len || !kept) && span_split(&rest, ',', &word))
        if (!take_word(t, p, span_trim(word), out, err))
            return false;
    if (kept && !read_gone(p, span_from(answers_get(in, "remove")), out, err))
        return false;
    if (out->typed == has_value)
        return !has_value || secrets_field(t, in, VALUE, err);
    return err_set(err, ERR_CONFIG,
                   has_value ? "--value is of no KEY: each of --set says where its value is"
                             : "--set KEY without =WHERE wants --value");
}

/* {"data":{"KEY":"${KEY}","OLD":null},"options":{"cas":7}}: null is a key that goes
 * [developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, patch secret] */
static const char *body_of(struct plan *p, const struct pairs *pairs, int64_t cas)
{
    struct strbuf out = STRBUF_INIT(65536), text = STRBUF_INIT(256);
    struct json_out j;
    json_out_init(&j, &out, 0);
    json_object(&j);
    json_key(&j, "data");
    json_object(&j);
    for (size_t i = 0; i < pairs->count; i++) {
        strbuf_truncate(&text, 0);
        strbuf_addf(&text, "${%s}", pairs->all[i].secret);
        json_key(&j, pairs->all[i].key);
        if (pairs->all[i].gone)
            json_null(&j);
        else
            json_text(&j, strbuf_span(&text));
    }
    json_object_end(&j);
    json_key(&j, "options");
    json_object(&j);
    json_key(&j, "cas");
    json_int(&j, cas);
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&out));
    strbuf_clear(&out);
    strbuf_clear(&text);
    return body;
}

/* ---- What it would change. */

/* The values that are known before, and marks for others (vault_diff()), as a document; wiped by the
 * caller's json_doc_free_wiped(). */
static struct json_doc *wanted_of(struct target *t, const struct pairs *pairs, struct err *err)
{
    struct strbuf text = STRBUF_INIT(VALUES_BYTES);
    struct json_out j;
    bool ok = true;
    json_out_init(&j, &text, 0);
    json_object(&j);
    for (size_t i = 0; ok && i < pairs->count; i++) {
        struct strbuf value = STRBUF_INIT(VALUES_BYTES);
        json_key(&j, pairs->all[i].key);
        if (pairs->all[i].gone)
            json_null(&j);
        else if (pairs->all[i].made)
            json_bool(&j, true);
        else if ((ok = secrets_get(t, pairs->all[i].secret, &value, err)))
            json_text(&j, strbuf_span(&value));
        strbuf_wipe(&value);
    }
    json_object_end(&j);
    struct json_doc *doc =
        ok ? json_doc_parse(strbuf_span(&text), "what is to be written", err) : NULL;
    strbuf_wipe(&text);
    return doc;
}

static bool has_all(const struct pairs *pairs, const struct json_node *had)
{
    for (size_t i = 0; i < pairs->count; i++)
        if ((json_node_get(had, pairs->all[i].key) == NULL) != pairs->all[i].gone)
            return false;
    return true;
}

/* A run that is gone on with has made a value that is known to Vault alone: there is a version of
 * since then that has all keys, and none that go. */
static bool was_made(const struct answers *in, const struct vault_secret *s,
                     const struct pairs *pairs, const struct json_node *had)
{
    return in->again && had && s->written_ms != TIME_NONE && s->written_ms >= in->at_ms - SKEW_MS &&
           has_all(pairs, had);
}

static const char *title_of(struct plan *p, const struct vault_secret *s, const struct pairs *pairs)
{
    struct strbuf set = STRBUF_INIT(8192), gone = STRBUF_INIT(8192);
    for (size_t i = 0; i < pairs->count; i++) {
        struct strbuf *keys = pairs->all[i].gone ? &gone : &set;
        strbuf_addf(keys, "%s%s", keys->len ? ", " : "", pairs->all[i].key);
    }
    const char *title = !gone.len  ? plan_text(p, "Write %s to %s", strbuf_cstr(&set), s->name)
                        : !set.len ? plan_text(p, "Remove %s from %s", strbuf_cstr(&gone), s->name)
                                   : plan_text(p, "Write %s to %s and remove %s", strbuf_cstr(&set),
                                               s->name, strbuf_cstr(&gone));
    strbuf_clear(&set);
    strbuf_clear(&gone);
    return title;
}

/* Whether something is to be written. */
static bool would_change(struct plan *p, const struct answers *in, const struct vault_secret *s,
                         const struct pairs *pairs, const struct json_doc *wanted, bool kept)
{
    const struct json_node *had = json_node_path(json_doc_root(s->values), "data.data");
    if (s->unread)
        plan_note(p,
                  plan_text(p, "what is there may not be read, so it is not told what changes: %s",
                            s->unread));
    bool changes = vault_diff(p, had, json_doc_root(wanted), VAULT_MARKS | (kept ? VAULT_KEPT : 0));
    return !had || (pairs->made ? !was_made(in, s, pairs, had) : changes);
}

static bool add_write(struct target *t, const struct answers *in, struct plan *p,
                      const struct vault_secret *s, bool kept, struct err *err)
{
    struct pairs pairs = {.count = 0};
    if (!read_pairs(t, p, in, kept, &pairs, err))
        return false;
    struct json_doc *wanted = wanted_of(t, &pairs, err);
    if (!wanted)
        return false;
    plan_note(p, s->version ? plan_text(p, "%s is at version %lld%s", s->name,
                                        (long long)s->version, s->live ? "" : ", which is deleted")
                            : plan_text(p, "%s is new", s->name));
    const bool changes = would_change(p, in, s, &pairs, wanted, kept);
    json_doc_free_wiped(wanted);
    struct step *step = plan_step(p,
                                  !changes     ? '='
                                  : s->version ? '~'
                                               : '+',
                                  title_of(p, s, &pairs));
    if (!changes)
        return true;
    const char *method = kept ? vault_patch_method(t, p, s, err) : "POST";
    if (!method)
        return false;
    step->deed = vault_deed(p, s, method, "data", body_of(p, &pairs, s->version));
    step->deed.secrets = pairs.count > pairs.gone;
    vault_undo_write(p, s, step);
    vault_await_version(p, s, step);
    return true;
}

static bool plan_any(struct target *t, const struct answers *in, struct plan *p, bool kept,
                     struct err *err)
{
    struct vault_secret s;
    bool ok = vault_secret_read(t, p, in, true, &s, err);
    if (ok && kept && !s.live)
        ok = err_set(err, ERR_NOTFOUND, "%s has no values to be kept: vault-put writes them anew",
                     s.name);
    ok = ok && add_write(t, in, p, &s, kept, err) &&
         vault_note_readers(t, p, in, &s, strcmp(answers_get(in, "refresh"), "yes") == 0, err);
    vault_secret_clear(&s);
    return ok;
}

static bool plan_put(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    return plan_any(t, in, p, false, err);
}

static bool plan_patch(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    return plan_any(t, in, p, true, err);
}

const struct action action_vault_put = {
    .name = "vault-put",
    .title = "Write a secret of Vault",
    .help = "write a secret of Vault, new or anew; its other keys go",
    .risk = RISK_CHANGE,
    .kind = "vault-path vault",
    .fields = put_fields,
    .plan = plan_put,
};

const struct action action_vault_patch = {
    .name = "vault-patch",
    .title = "Change keys of a secret of Vault",
    .help = "write some keys of a secret of Vault, or take some out; its others stay",
    .risk = RISK_CHANGE,
    .kind = "vault-path",
    .picks = true,
    .fields = patch_fields,
    .plan = plan_patch,
};
