/* harbor as Vault: what was written is there, check-and-set is checked, versions go and come back,
 * a token may what its policies say, a seal opens with its parts. Sentences as an OpenBao was
 * recorded. */
#include <config.h>

#include "harbor/vault.h"
#include "test/systems/harbor_run.h"

#define VAULT "/api/v1/namespaces/vault/services/vault:8200/proxy/v1/"
#define OURS  "redacted-binnacle-token"
#define DATA  "secret/data/apps/kimai"

static const char *token = OURS;

/* The answer is of this status, and has each of these texts. */
static void expect(struct harbor *h, const char *method, const char *path, const char *body,
                   int status, const char *text)
{
    char target[256], lines[256];
    (void)snprintf(target, sizeof(target), VAULT "%s", path);
    (void)snprintf(lines, sizeof(lines), "X-Vault-Token: %s%s%s", token,
                   body ? "\nContent-Type: " : "",
                   !body                          ? ""
                   : strcmp(method, "PATCH") == 0 ? "application/merge-patch+json"
                                                  : "application/json");
    const struct request r = {.method = method,
                              .target = target,
                              .token = ADMIN,
                              .lines = lines,
                              .body = body,
                              .protocol = HTTP2};
    struct call *c = harbor_ask(h, &r);
    assert_int_equal(c->status, status);
    if (text && !strstr(strbuf_cstr(&c->body), text))
        fail_msg("%s %s: no %s in %s", method, path, text, strbuf_cstr(&c->body));
    harbor_forget(c);
}

static void what_is_written_is_there(void **state)
{
    struct harbor *h = *state;
    token = OURS;
    expect(h, "GET", DATA, NULL, 200, "\"DB_PASSWORD\":\"redacted-kimai-secrets-DB_PASSWORD\"");
    expect(h, "GET", DATA, NULL, 200, "\"version\":7");
    expect(h, "PUT", DATA, "{\"data\":{\"a\":\"1\"},\"options\":{\"cas\":6}}", 400,
           "{\"errors\":[\"check-and-set parameter did not match the current version\"]}");
    expect(h, "PUT", DATA, "{\"data\":{\"a\":\"1\"},\"options\":{\"cas\":7}}", 200,
           "\"version\":8");
    expect(h, "PATCH", DATA, "{\"data\":{\"b\":\"2\"}}", 200, "\"version\":9");
    expect(h, "GET", DATA, NULL, 200, "{\"a\":\"1\",\"b\":\"2\"}");
    expect(h, "GET", DATA "?version=8", NULL, 200, "{\"a\":\"1\"}");
    expect(h, "GET", "secret/metadata/apps/kimai", NULL, 200, "\"current_version\":9");
    expect(h, "PUT", "secret/data/apps/new/one", "{\"data\":{},\"options\":{\"cas\":0}}", 200,
           "\"version\":1");
    expect(h, "PUT", "secret/data/apps/new/one", "{\"data\":{},\"options\":{\"cas\":0}}", 400,
           "check-and-set");
    expect(h, "GET", "secret/metadata/apps/?list=true", NULL, 200, "\"n8n\",\"new/\",\"openclaw\"");
    expect(h, "PUT", DATA, "{}", 400, "{\"errors\":[\"no data provided\"]}");
    expect(h, "GET", "secret/data/apps/nobody", NULL, 404, "{\"errors\":[]}");
}

static void versions_go_and_come_back(void **state)
{
    struct harbor *h = *state;
    token = OURS;
    expect(h, "DELETE", DATA, NULL, 204, NULL);
    expect(h, "GET", DATA, NULL, 404, "\"data\":{\"data\":null,\"metadata\":{");
    expect(h, "PATCH", DATA, "{\"data\":{\"b\":\"2\"}}", 404, "{\"errors\":[]}");
    expect(h, "PUT", "secret/undelete/apps/kimai", "{\"versions\":[7]}", 204, NULL);
    expect(h, "GET", DATA, NULL, 200, "DB_PASSWORD");
    expect(h, "PUT", "secret/delete/apps/kimai", "{\"versions\":[3,4]}", 204, NULL);
    expect(h, "GET", DATA "?version=3", NULL, 404, "\"destroyed\":false");
    expect(h, "PUT", "secret/destroy/apps/kimai", "{\"versions\":[3]}", 204, NULL);
    expect(h, "PUT", "secret/undelete/apps/kimai", "{\"versions\":[3,4]}", 204, NULL);
    expect(h, "GET", DATA "?version=3", NULL, 404, "\"destroyed\":true");
    expect(h, "GET", DATA "?version=4", NULL, 200, "redacted-kimai-secrets-DB_PASSWORD-v4");
}

static void a_token_may_what_its_policies_say(void **state)
{
    struct harbor *h = *state;
    static const char paths[] = "{\"paths\":[\"" DATA "\",\"secret/data/infra/ghcr\"]}";
    token = "wrong";
    expect(h, "GET", DATA, NULL, 403, "{\"errors\":[\"permission denied\"]}");
    token = VAULT_READER;
    expect(h, "GET", DATA, NULL, 403, "{\"errors\":[\"1 error occurred:\\n\\t* permission denied");
    expect(h, "PUT", DATA, "{\"data\":{}}", 403, "1 error occurred");
    expect(h, "POST", "sys/capabilities-self", paths, 200, "{\"" DATA "\":[\"deny\"],");
    expect(h, "POST", "auth/token/renew-self", "{\"increment\":\"1h\"}", 200,
           "\"lease_duration\":3600");
    token = OURS;
    expect(h, "POST", "sys/capabilities-self", paths, 200,
           "{\"" DATA "\":[\"create\",\"delete\",\"patch\",\"read\",\"update\"],"
           "\"secret/data/infra/ghcr\":[\"deny\"]}");
    token = VAULT_ROOT;
    expect(h, "POST", "auth/token/renew-self", "{}", 400,
           "{\"errors\":[\"lease is not renewable\"]}");
}

static void a_seal_opens_with_its_parts(void **state)
{
    struct harbor *h = *state;
    char part[160];
    token = OURS;
    expect(h, "PUT", "sys/seal", "{}", 403, "permission denied");
    token = VAULT_ROOT;
    expect(h, "PUT", "sys/seal", "{}", 204, NULL);
    expect(h, "GET", DATA, NULL, 503, "{\"errors\":[\"Vault is sealed\"]}");
    expect(h, "GET", "sys/health", NULL, 503, "\"sealed\":true");
    expect(h, "PUT", "sys/unseal", "{\"key\":\"AAAA\"}", 400,
           "key is shorter than minimum 16 bytes");
    for (int i = 1; i < VAULT_NEEDED; i++) {
        char progress[32];
        (void)snprintf(part, sizeof(part), "{\"key\":\"" VAULT_PART "\"}", i);
        (void)snprintf(progress, sizeof(progress), "\"progress\":%d", i);
        expect(h, "PUT", "sys/unseal", part, 200, progress);
        expect(h, "PUT", "sys/unseal", part, 200, progress); /* the same again counts once */
    }
    (void)snprintf(part, sizeof(part), "{\"key\":\"%064d\"}", 0);
    expect(h, "PUT", "sys/unseal", part, 400, "invalid key");
    expect(h, "GET", "sys/seal-status", NULL, 200, "\"progress\":0");
    (void)harbor_told(h, "vault unseal");
    expect(h, "PUT", "sys/unseal", "{\"reset\":true}", 200, "\"progress\":0");
    for (int i = 1; i <= VAULT_NEEDED; i++)
        (void)harbor_told(h, "vault unseal");
    expect(h, "GET", "sys/seal-status", NULL, 200, "\"sealed\":false");
    expect(h, "GET", DATA, NULL, 200, "DB_PASSWORD");
}

/* A story's word goes before, and is taken back. */
static void what_is_said_goes_before(void **state)
{
    struct harbor *h = *state;
    token = OURS;
    (void)harbor_told(h, "answer vault vault /v1/" DATA " 404 {\"errors\":[]}");
    expect(h, "GET", DATA, NULL, 404, "{\"errors\":[]}");
    (void)harbor_told(h, "answer vault vault /v1/" DATA " 200");
    expect(h, "GET", DATA, NULL, 200, "DB_PASSWORD");
    (void)harbor_told(h, "fault PUT " VAULT DATA " status=500 count=1");
    expect(h, "GET", DATA, NULL, 200, "DB_PASSWORD"); /* another method */
    expect(h, "PUT", DATA, "{\"data\":{}}", 500, NULL);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, harbor_setup, harbor_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_written_is_there),          CASE(versions_go_and_come_back),
        CASE(a_token_may_what_its_policies_say), CASE(a_seal_opens_with_its_parts),
        CASE(what_is_said_goes_before),
    };
    return cmocka_run_group_tests_name("harbor_vault", tests, NULL, NULL);
}
