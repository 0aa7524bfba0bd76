/* What a person would type for a deed of Vault's. */
#include <config.h>

#include "actions/vault_shell.h"

#include "actions/channel.h"
#include "actions/vault.h"
#include "net/vault_namespace.h"

#include <string.h>

#define KEY_MAX ((size_t)4 << 20)
#define PREFIX  "/v1/"

struct span vault_path_of(const struct deed *d)
{
    struct span path = span_from(d->path);
    if (span_starts(path, PREFIX))
        path = span_sub(path, strlen(PREFIX), path.len);
    return span_sub(path, 0, span_find(path, '?', 0));
}

/* Whether the object has a key of what this one means, however it is written. */
static bool has_key(struct json_value object, struct json_value key)
{
    struct strbuf name = STRBUF_INIT(KEY_MAX);
    (void)json_text_add(key, &name);
    bool has = json_member(object, strbuf_span(&name)).type != JSON_NONE;
    strbuf_wipe(&name);
    return has;
}

void vault_add_members(struct strbuf *out, struct json_value from, struct json_value less,
                       bool nulls)
{
    struct json_iter it;
    struct json_value key, value;
    for (json_iter_init(&it, from); json_next(&it, &key, &value);) {
        if (has_key(less, key) || (value.type == JSON_NULL && !nulls))
            continue;
        if (out->data[out->len - 1] != '{')
            strbuf_addc(out, ',');
        strbuf_add(out, json_whole(key));
        strbuf_addc(out, ':');
        strbuf_add(out, json_whole(value));
    }
}

void vault_add_command(const struct target *t, const struct deed *d, const char *words,
                       struct strbuf *out)
{
    const char *ns = target_known_setting(t, d, "namespace");
    strbuf_addf(out, "vault %s", words);
    if (!ns || !ns[0] || !vault_is_of_namespace(d->path))
        return;
    strbuf_adds(out, " -namespace=");
    deed_quote(out, span_from(ns));
}

static void rollback_shell(const struct deed *d, const struct target *t, struct strbuf *out)
{
    const struct span path = vault_path_of(d);
    const size_t data = span_search(path, SPAN("/data/"), false);
    int64_t version = 0;
    (void)!json_as_int(json_path(json_value(span_from(d->body)), "version"), &version);
    vault_add_command(t, d, "kv rollback", out);
    strbuf_addf(out, " -version=%lld -mount=", (long long)version);
    deed_quote(out, span_sub(path, 0, data));
    strbuf_addc(out, ' ');
    deed_quote(out, span_sub(path, data + strlen("/data/"), path.len));
}

/* [developer.hashicorp.com/vault/docs/commands/kv/patch; -remove-data: hashicorp/vault#18067, 1.13] */
static void rewrite_shell(const struct deed *d, const struct target *t, struct strbuf *out)
{
    const struct span path = vault_path_of(d);
    const size_t data = span_search(path, SPAN("/data/"), false);
    const struct json_value changes = json_path(json_value(span_from(d->body)), "data");
    struct strbuf set = STRBUF_INIT(65536), key = STRBUF_INIT(65536);
    struct json_iter it;
    struct json_value name, value;
    strbuf_addc(&set, '{');
    vault_add_members(&set, changes, json_value(SPAN("")), false);
    strbuf_addc(&set, '}');
    if (set.len > 2) {
        deed_pipe(out, d, strbuf_span(&set));
    }
    vault_add_command(t, d, "kv patch", out);
    strbuf_adds(out, " -method=rw");
    for (json_iter_init(&it, changes); json_next(&it, &name, &value);) {
        if (value.type != JSON_NULL)
            continue;
        strbuf_adds(out, " -remove-data=");
        deed_quote(out, json_as_text(name, &key));
    }
    strbuf_adds(out, " -mount=");
    deed_quote(out, span_sub(path, 0, data));
    strbuf_addc(out, ' ');
    deed_quote(out, span_sub(path, data + strlen("/data/"), path.len));
    strbuf_adds(out, set.len > 2 ? " -" : "");
    strbuf_clear(&set);
    strbuf_clear(&key);
}

void vault_shell(const struct deed *d, const struct target *t, struct strbuf *out)
{
    struct span path = vault_path_of(d);
    if (strcmp(d->method, VAULT_ROLLBACK) == 0) {
        rollback_shell(d, t, out);
        return;
    }
    if (strcmp(d->method, VAULT_REWRITE) == 0) {
        rewrite_shell(d, t, out);
        return;
    }
    if (strcmp(d->method, "DELETE") == 0) {
        vault_add_command(t, d, "delete", out);
        strbuf_addc(out, ' ');
        deed_quote(out, path);
        return;
    }
    if (d->body[0]) {
        deed_pipe(out, d, span_from(d->body));
    }
    vault_add_command(t, d, strcmp(d->method, "PATCH") == 0 ? "patch" : "write", out);
    strbuf_addc(out, ' ');
    deed_quote(out, path);
    strbuf_adds(out, d->body[0] ? " -" : " -force");
}
