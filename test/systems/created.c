/* Vault and Secrets, asked. */
#include <config.h>

#include "test/systems/created.h"

#include "base/file.h"

#include <cjson/cJSON.h>
#include <ftw.h>
#include <openssl/evp.h>

#define VAULT "/api/v1/namespaces/vault/services/vault:8200/proxy/v1/secret/"

static struct call *ask_vault(struct place *p, const char *what, const char *path, const char *body)
{
    char target[512];
    (void)snprintf(target, sizeof(target), VAULT "%s/%s", what, path);
    const struct request r = {.method = body ? "POST" : "GET",
                              .target = target,
                              .token = ADMIN,
                              .lines = "X-Vault-Token: harbor-root",
                              .body = body,
                              .protocol = HTTP2};
    return harbor_ask(&p->harbor, &r);
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

char *vault_text(struct place *p, const char *path, const char *key)
{
    struct call *c = ask_vault(p, "data", path, NULL);
    cJSON *doc = cJSON_ParseWithLength(c->body.data, c->body.len);
    const char *text = cJSON_GetStringValue(member(member(member(doc, "data"), "data"), key));
    char *copy = c->status == 200 && text ? strdup(text) : NULL;
    cJSON_Delete(doc);
    harbor_forget(c);
    return copy;
}

int vault_versions(struct place *p, const char *path)
{
    struct call *c = ask_vault(p, "metadata", path, NULL);
    cJSON *doc = cJSON_ParseWithLength(c->body.data, c->body.len);
    int n = cJSON_GetArraySize(member(member(doc, "data"), "versions"));
    cJSON_Delete(doc);
    harbor_forget(c);
    return n;
}

void vault_put(struct place *p, const char *path, const char *data)
{
    char body[4096];
    (void)snprintf(body, sizeof(body), "{\"data\":%s}", data);
    struct call *c = ask_vault(p, "data", path, body);
    assert_int_equal(c->status, 200);
    harbor_forget(c);
}

void expect_secret(struct place *p, const char *name, const char *path)
{
    static const char *const keys[] = {"host", "port", "database", "username", "password"};
    char target[512];
    (void)snprintf(target, sizeof(target), SECRETS "%s", name);
    for (size_t i = 0; i < BN_COUNT(keys); i++) {
        char at[64];
        unsigned char plain[1024] = "";
        (void)snprintf(at, sizeof(at), "data|%s", keys[i]);
        char *coded = read_text(p, target, at), *wanted = vault_text(p, path, keys[i]);
        assert_non_null(coded);
        assert_non_null(wanted);
        assert_true(EVP_DecodeBlock(plain, (const unsigned char *)coded, (int)strlen(coded)) >= 0);
        assert_string_equal((const char *)plain, wanted);
        free(coded);
        free(wanted);
    }
}

static const char *sought;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
    struct strbuf text = STRBUF_INIT((size_t)64 << 20);
    (void)st;
    (void)at;
    if (type == FTW_F && file_read(path, &text, NULL) &&
        span_search(strbuf_span(&text), span_from(sought), false) < text.len)
        fail_msg("%s has a password", path);
    strbuf_clear(&text);
    return 0;
}

void expect_untold(const struct place *p, const struct cli_run *run, const char *text)
{
    assert_true(strlen(text) >= 10);
    assert_null(strstr(strbuf_cstr(&run->out), text));
    assert_null(strstr(strbuf_cstr(&run->err), text));
    sought = text;
    (void)nftw(p->cli->folder, look_into, 16, FTW_PHYS);
}

void expect_chain(const struct place *p)
{
    struct cli_run run = {0};
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 0);
    cli_done(&run);
}
