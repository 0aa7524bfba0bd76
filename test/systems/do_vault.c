/* Actions on Vault: what came of each stands in Vault itself; who comes second is told; what was cut
 * short is gone on with, nothing twice; a right that is missing is named; and no value is anywhere
 * but in Vault. */
#include <config.h>

#include "base/file.h"
#include "harbor/vault.h"
#include "test/systems/do_place.h"
#include "test/systems/http_server.h"

#include <ftw.h>
#include <signal.h>
#include <sys/wait.h>

#define PROXY            "/api/v1/namespaces/vault/services/vault:8200/proxy"
#define DATA             PROXY "/v1/secret/data/apps/kimai"
#define READER           "/apis/external-secrets.io/v1/namespaces/default/externalsecrets/kimai-secrets"
#define CANARY           "CANARY-value-51d9e0"
#define CANARY_IN_BASE64 "Q0FOQVJZLXZhbHVlLTUxZDllMA=="
#define OLD              "redacted-kimai-secrets-DB_PASSWORD"

/* ---- What Vault has. */

static struct call *ask_vault(struct place *p, const char *method, const char *path,
                              const char *body)
{
    char target[512];
    (void)snprintf(target, sizeof(target), PROXY "/v1/%s", path);
    const struct request r = {.method = method,
                              .target = target,
                              .token = ADMIN,
                              .lines = "X-Vault-Token: " VAULT_ROOT,
                              .body = body,
                              .protocol = HTTP2};
    return harbor_ask(&p->harbor, &r);
}

/* The answer is of this status, and has this text; text "!...": has it not. */
static void expect_vault(struct place *p, const char *path, int status, const char *text)
{
    struct call *c = ask_vault(p, "GET", path, NULL);
    assert_int_equal(c->status, status);
    const bool absent = text[0] == '!';
    if ((strstr(strbuf_cstr(&c->body), text + absent) == NULL) != absent)
        fail_msg("%s: %s", path, strbuf_cstr(&c->body));
    harbor_forget(c);
}

static void tell_vault(struct place *p, const char *method, const char *path, const char *body)
{
    struct call *c = ask_vault(p, method, path, body);
    assert_true(c->status == 200 || c->status == 204);
    harbor_forget(c);
}

/* How often values were written there. */
static int64_t sent(struct place *p, const char *method)
{
    return strtoll(harbor_told(&p->harbor, "asked %s " DATA, method) + 2, NULL, 10);
}

/* A way to a value: "file:..."; borrowed until the next call. */
static const char *where(const struct place *p, const char *name, const char *value)
{
    static char text[256];
    (void)snprintf(text, sizeof(text), "file:%s", cli_put(p->cli, name, value, 0600));
    return text;
}

static const char *set(const struct place *p, const char *key, const char *value)
{
    static char text[384];
    (void)snprintf(text, sizeof(text), "%s=%s", key, where(p, key, value));
    return text;
}

/* ---- Nothing that the program leaves has a value. */

static void expect_no_leak(struct place *p, const struct cli_run *run)
{
    static const char *const values[] = {CANARY, OLD, "redacted-binnacle-token"};
    for (size_t i = 0; i < BN_COUNT(values); i++)
        expect_unwritten(p, run, values[i]);
    assert_string_equal(harbor_told(&p->harbor, "asked " CANARY), "ok 0");
}

#define DO(p, run, ...)                                  \
    do {                                                 \
        cli_run((p)->cli, run, "do", __VA_ARGS__, NULL); \
        expect_no_leak(p, run);                          \
    } while (0)

/* ---- */

static void each_reaches_its_end(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "vault-put", "--path", "apps/new", "--set", set(p, "a", CANARY "\n"), "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "secret/apps/new is new");
    expect_vault(p, "secret/data/apps/new", 200, "\"data\":{\"a\":\"" CANARY "\"}");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "DB_PASSWORD,MADE=random:20",
       "--value", where(p, "value", CANARY), "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "~ DB_PASSWORD: sha256 ");
    assert_prints(&run, "+ MADE: made while it runs");
    assert_prints(&run, "read by ExternalSecret default/kimai-secrets into Secret kimai-secrets");
    assert_prints(&run, "PushSecret operators/mysql-app-users writes there too");
    expect_vault(p, "secret/data/apps/kimai", 200,
                 "\"DB_PASSWORD\":\"" CANARY "\",\"APP_SECRET\":");
    expect_vault(p, "secret/data/apps/kimai", 200, "\"version\":8");
    DO(p, &run, "vault-rollback", "--path", "apps/kimai", "--version", "7", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "- MADE: sha256 ");
    expect_vault(p, "secret/data/apps/kimai", 200, OLD);
    expect_vault(p, "secret/data/apps/kimai", 200, "!MADE");
    DO(p, &run, "vault-delete", "--path", "apps/kimai", "--yes");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/kimai", 404, "\"data\":null");
    DO(p, &run, "vault-undelete", "--path", "apps/kimai", "--yes");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/kimai", 200, OLD);
    DO(p, &run, "vault-destroy", "--path", "apps/kimai", "--versions", "8", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm");
    DO(p, &run, "vault-destroy", "--path", "apps/kimai", "--versions", "8", "--confirm", "demo");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/kimai?version=8", 404, "\"destroyed\":true");
    expect_audit(p, "vault-destroy");
    cli_done(&run);
}

static void a_plan_made_again_is_empty(void **state)
{
    static const char *const again[][8] = {
        {"vault-patch", "--path", "apps/kimai", "--set", "@", "--yes"},
        {"vault-put", "--path", "apps/new", "--set", "@", "--yes"},
        {"vault-rollback", "--path", "apps/kimai", "--version", "3", "--yes"},
        {"vault-delete", "--path", "apps/kimai", "--versions", "2,3", "--yes"},
        {"vault-undelete", "--path", "apps/kimai", "--versions", "2,3", "--yes"},
        {"vault-destroy", "--path", "apps/kimai", "--versions", "2", "--confirm=demo"},
        {"vault-unseal", "--key", "env:NOTHING", "--yes"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(again); i++) {
        const char *w[8];
        for (size_t j = 0; j < BN_COUNT(w); j++)
            w[j] = again[i][j] && again[i][j][0] == '@' ? set(p, "a", CANARY) : again[i][j];
        for (int n = 0; n < 2; n++) {
            DO(p, &run, w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
            assert_status(&run, 0);
        }
        assert_prints(&run, "Nothing to do: it is so already.");
    }
    DO(p, &run, "vault-undelete", "--path", "apps/kimai", "--versions", "2", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "version 2 of secret/apps/kimai is destroyed: it does not come back");
    cli_done(&run);
}

/* The value, its readers, and the wait for them. */
static void readers_are_refreshed(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *before = read_text(p, READER, "status|syncedResourceVersion");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", set(p, "DB_PASSWORD", CANARY),
       "--refresh", "yes", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Refresh ExternalSecret default/kimai-secrets");
    char *after = read_text(p, READER, "status|syncedResourceVersion");
    assert_string_not_equal(before, after);
    expect_text(p, "/api/v1/namespaces/default/secrets/kimai-secrets", "data|DB_PASSWORD",
                CANARY_IN_BASE64);
    free(before);
    free(after);
    cli_done(&run);
}

static void wait_for(struct place *p, const char *method)
{
    const int64_t end = now_ms() + 30000;
    while (sent(p, method) == 0)
        assert_true(in_time(end));
}

static int ended(int pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* One wins, the other is told; nothing of what the first wanted is lost. */
static void two_at_once(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault PATCH " DATA " delay=60000 count=1");
    char *slow = strdup(set(p, "B", "later\n"));
    int pid = cli_begin(p->cli, "do", "vault-patch", "--path", "apps/kimai", "--set", slow, "--yes",
                        NULL);
    wait_for(p, "PATCH");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", set(p, "A", CANARY), "--yes");
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor, "step 60000");
    assert_int_equal(ended(pid), 1);
    expect_vault(p, "secret/data/apps/kimai", 200, "\"version\":8");
    expect_vault(p, "secret/data/apps/kimai", 200, "!later");
    expect_audit(p, "somebody else has written to it since the plan was made");
    free(slow);
    cli_done(&run);
}

/* It did not come through, or its answer did not: it is done once, whatever it makes. */
static void a_write_cut_short_is_gone_on_with(void **state)
{
    static const char *const faults[] = {"reset count=1", "cut=0 count=1"};
    struct place *p = *state;
    struct cli_run run = {0};
    char version[32];
    for (size_t i = 0; i < BN_COUNT(faults); i++) {
        (void)harbor_told(&p->harbor, "fault PATCH " DATA " %s", faults[i]);
        DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "MADE=random:20", "--refresh",
           "yes", "--yes");
        assert_status(&run, 4);
        assert_complains(&run, "has no end: ");
        DO(p, &run, "--resume", "--yes");
        assert_status(&run, 0);
        (void)snprintf(version, sizeof(version), "\"current_version\":%zu,", 8 + i);
        expect_vault(p, "secret/metadata/apps/kimai", 200, version);
    }
    expect_audit(p, "done");
    cli_done(&run);
}

/* Killed while the second of two steps is waited for. */
static void a_killed_run_is_gone_on_with(void **state)
{
    static const char stopped[] = "patch deployments operators external-secrets "
                                  "{\"status\":{\"readyReplicas\":%d}}";
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, stopped, 0);
    int pid = cli_begin(p->cli, "do", "vault-patch", "--path", "apps/kimai", "--set",
                        set(p, "DB_PASSWORD", CANARY), "--refresh", "yes", "--yes", NULL);
    const int64_t end = now_ms() + 30000;
    while (writes(p, READER) == 0)
        assert_true(in_time(end));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(ended(pid), -1);
    (void)harbor_told(&p->harbor, stopped, 1);
    DO(p, &run, "--resume", "--yes");
    assert_status(&run, 0);
    assert_int_equal(sent(p, "PATCH"), 1);
    assert_int_equal(writes(p, READER), 1);
    expect_vault(p, "secret/metadata/apps/kimai", 200, "\"current_version\":8,");
    cli_done(&run);
}

static void a_write_is_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault POST " DATA " cut=0 count=1");
    DO(p, &run, "vault-put", "--path", "apps/kimai", "--set", set(p, "DB_PASSWORD", CANARY),
       "--yes");
    assert_status(&run, 4);
    expect_vault(p, "secret/data/apps/kimai", 200, "!APP_SECRET");
    DO(p, &run, "--undo", "--yes");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/kimai", 200, "APP_SECRET");
    expect_vault(p, "secret/data/apps/kimai", 200, "\"version\":9");
    expect_audit(p, "undone");
    cli_done(&run);
}

/* ---- Keys that go. */

static void keys_are_taken_out(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--remove", "APP_SECRET", "-o", "shell",
       "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "printf %s '{\"data\":{\"APP_SECRET\":null},\"options\":{\"cas\":7}}' | "
                        "vault patch 'secret/data/apps/kimai' -\n");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--remove", "NONE, APP_SECRET", "--set",
       set(p, "NEW", CANARY), "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Write NEW to secret/apps/kimai and remove NONE, APP_SECRET");
    assert_prints(&run, "- APP_SECRET: sha256 ");
    assert_prints(&run, "= NONE: it is not there");
    expect_vault(p, "secret/data/apps/kimai", 200,
                 "\"data\":{\"DB_PASSWORD\":\"" OLD "\",\"NEW\":\"" CANARY "\"}");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--remove", "APP_SECRET", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do: it is so already.");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "neither --set nor --remove names a key");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "NEW=random:12", "--remove", "NEW",
       "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "NEW is named twice");
    cli_done(&run);
}

/* A removal cut short is gone on with once, and another is taken back. */
static void a_removal_is_gone_on_with_and_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "fault PATCH " DATA " cut=0 count=1");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--remove", "APP_SECRET", "--yes");
    assert_status(&run, 4);
    DO(p, &run, "--resume", "--yes");
    assert_status(&run, 0);
    assert_int_equal(sent(p, "PATCH"), 1);
    expect_vault(p, "secret/data/apps/kimai", 200, "!APP_SECRET");
    (void)harbor_told(&p->harbor, "fault PATCH " DATA " cut=0 count=1");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--remove", "DB_PASSWORD", "--yes");
    assert_status(&run, 4);
    expect_vault(p, "secret/data/apps/kimai", 200, "!DB_PASSWORD");
    DO(p, &run, "--undo", "--yes");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/kimai", 200, OLD);
    cli_done(&run);
}

/* ---- Rights. */

static void be(struct place *p, const char *token_in_base64)
{
    (void)harbor_told(&p->harbor, "patch secrets vault binnacle {\"data\":{\"token\":\"%s\"}}",
                      token_in_base64);
}

static void a_right_that_is_missing_is_named(void **state)
{
    static const struct {
        const char *action, *field, *value, *says;
    } cases[] = {
        {"vault-put", "--set", "a=random:12",
         "do not allow create or update on secret/data/apps/kimai"},
        {"vault-patch", "--set", "a=random:12",
         "do not allow patch on secret/data/apps/kimai; and to read it and write it anew: "},
        {"vault-delete", "--versions", "7",
         "do not allow create or update on secret/delete/apps/kimai"},
        {"vault-rollback", "--version", "3", "its values may not be read"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "vault-put", "--path", "infra/ghcr", "--set", "a=random:12", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "do not allow read on secret/metadata/infra/ghcr");
    be(p, "aGFyYm9yLXJlYWRlcg=="); /* VAULT_READER */
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        DO(p, &run, cases[i].action, "--path", "apps/kimai", cases[i].field, cases[i].value,
           "--yes");
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    expect_vault(p, "secret/metadata/apps/kimai", 200, "\"current_version\":7,");
    cli_done(&run);
}

/* Read, and written anew with what changes, by whoever may not patch; its other keys stay as they
 * are. */
static void without_patch_it_is_written_anew(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    tell_vault(
        p, "PUT", "secret/data/apps/kimai",
        "{\"data\":{\"a/b\":\"old\",\"n\":1234567,\"o\":{\"x\":[null]},\"z\":null,\"y\":{\"x\":"
        "[1.50]}}}");
    be(p, "aGFyYm9yLWVkaXRvcg=="); /* VAULT_EDITOR */
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "ab=random:12", "--remove", "o",
       "-o", "shell", "--dry-run");
    assert_prints(&run,
                  "printf %s '{\"ab\":\"${ab}\"}' | envsubst '${ab}' | vault kv patch -method=rw "
                  "-remove-data='o' -mount='secret' 'apps/kimai' -\n");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", set(p, "ab", CANARY), "--remove",
       "o", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "do not allow patch on secret/data/apps/kimai: it is read and written anew "
                        "with what changes");
    assert_int_equal(sent(p, "PATCH"), 0);
    assert_int_equal(sent(p, "POST"), 1);
    expect_vault(
        p, "secret/data/apps/kimai", 200,
        "\"data\":{\"a/b\":\"old\",\"n\":1234567,\"z\":null,\"y\":{\"x\":[1.5]},\"ab\":\"" CANARY
        "\"}");
    expect_vault(p, "secret/metadata/apps/kimai", 200, "\"current_version\":9,");
    cli_done(&run);
}

/* What comes of it does not differ from a patch: cut short it is gone on with once, or taken back, and
 * who comes second is told. */
static void what_is_written_anew_is_gone_on_with(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    be(p, "aGFyYm9yLWVkaXRvcg==");
    (void)harbor_told(&p->harbor, "fault POST " DATA " cut=0 count=1");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "MADE=random:20", "--yes");
    assert_status(&run, 4);
    DO(p, &run, "--resume", "--yes");
    assert_status(&run, 0);
    assert_int_equal(sent(p, "POST"), 1);
    expect_vault(p, "secret/data/apps/kimai", 200, "\"MADE\":\"");
    (void)harbor_told(&p->harbor, "fault POST " DATA " cut=0 count=1");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "SECOND=random:20", "--yes");
    assert_status(&run, 4);
    DO(p, &run, "--undo", "--yes");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/kimai", 200, "!SECOND");
    (void)harbor_told(&p->harbor, "fault POST " DATA " delay=60000 count=1");
    const int64_t until = now_ms() + 30000, all = sent(p, "POST");
    int pid = cli_begin(p->cli, "do", "vault-patch", "--path", "apps/kimai", "--set",
                        "LATE=random:20", "--yes", NULL);
    while (sent(p, "POST") == all)
        assert_true(in_time(until));
    tell_vault(p, "PUT", "secret/data/apps/kimai", "{\"data\":{\"first\":\"x\"}}");
    (void)harbor_told(&p->harbor, "step 60000");
    assert_int_equal(ended(pid), 1);
    expect_vault(p, "secret/data/apps/kimai", 200, "\"data\":{\"first\":\"x\"}");
    expect_audit(p, "somebody else has written to it since the plan was made");
    cli_done(&run);
}

/* Before 1.9 there was no PATCH of secrets, whatever policies say. */
static void an_old_vault_is_not_patched(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor,
                      "answer vault vault /v1/sys/seal-status 200 {\"initialized\":true,"
                      "\"sealed\":false,\"version\":\"1.8.4+ent\"}");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "a=random:12", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "vault is of version 1.8.4+ent, which cannot patch: it is read");
    assert_int_equal(sent(p, "PATCH"), 0);
    expect_vault(p, "secret/data/apps/kimai", 200, "APP_SECRET");
    cli_done(&run);
}

static void words_that_are_wrong(void **state)
{
    static const struct {
        const char *path, *set, *says;
    } cases[] = {
        {"../sys/seal", "a=random:12", "words with / between them"},
        {"apps//kimai", "a=random:12", "words with / between them"},
        {"apps/kimai", "a=" CANARY, "it takes random:N"},
        {"apps/kimai", "a=random:3", "it takes random:N"},
        {"apps/kimai", "a=random:12,a=random:13", "a is named twice"},
        {"apps/kimai", "=random:12", "a KEY of at least one character"},
        {"apps/kimai", "", "a KEY of at least one character"},
        {"apps/kimai", "a", "--set KEY without =WHERE wants --value"},
        {"apps/kimai", "a,b", "b says no WHERE, and one before neither"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        DO(p, &run, "vault-put", "--path", cases[i].path, "--set", cases[i].set, "--yes");
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    /* keys that would end a text or stand for another secret are texts like others */
    DO(p, &run, "vault-put", "--path", "apps/odd", "--set", "a\"}${b}=random:12", "--yes");
    assert_status(&run, 3);
    DO(p, &run, "vault-put", "--path", "apps/odd", "--set", set(p, "a b\\", "x\"\\\n\ty"), "--yes");
    assert_status(&run, 0);
    expect_vault(p, "secret/data/apps/odd", 200, "{\"a b\\\\\":\"x\\\"\\\\\\n\\ty\"}");
    /* nor does one that is there make a line of the plan */
    tell_vault(p, "PUT", "secret/data/apps/odd", "{\"data\":{\"k\\n  ~ 9. Lie\":\"\"}}");
    DO(p, &run, "vault-put", "--path", "apps/odd", "--set", "a=random:12", "--dry-run");
    assert_prints(&run, "- k?  ~ 9. Lie: sha256 ");
    cli_done(&run);
}

/* ---- The seal and the token. */

static void give(struct place *p, struct cli_run *run, int part)
{
    char text[160];
    (void)snprintf(text, sizeof(text), VAULT_PART "\n", part);
    cli_run(p->cli, run, "do", "vault-unseal", "--key", where(p, "part", text), "--yes", NULL);
    text[strlen(text) - 1] = '\0';
    assert_null(strstr(strbuf_cstr(&run->out), text));
    assert_null(strstr(strbuf_cstr(&run->err), text));
}

static void parts_open_it(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    tell_vault(p, "PUT", "sys/seal", "{}");
    DO(p, &run, "vault-put", "--path", "apps/kimai", "--set", "a=random:12", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "Vault is sealed");
    be(p, "d3Jvbmc="); /* no token is wanted for it */
    give(p, &run, 1);
    assert_status(&run, 0);
    assert_prints(&run, "1 of 3 parts given");
    give(p, &run, 1);
    assert_status(&run, 1);
    assert_complains(&run, "this one had been given already");
    cli_run(p->cli, &run, "do", "vault-unseal-reset", "--yes", NULL);
    assert_status(&run, 0);
    expect_vault(p, "sys/seal-status", 200, "\"progress\":0");
    give(p, &run, 1);
    give(p, &run, 2);
    give(p, &run, 12); /* there is none such */
    assert_status(&run, 1);
    assert_complains(&run, "invalid key");
    expect_vault(p, "sys/seal-status", 200, "\"progress\":0");
    for (int i = 3; i <= 5; i++)
        give(p, &run, i);
    assert_status(&run, 0);
    assert_prints(&run, "it is open");
    expect_vault(p, "sys/seal-status", 200, "\"sealed\":false");
    cli_done(&run);
}

#define POD(n) "/api/v1/namespaces/vault/pods/vault-" #n ":8200/proxy/v1/sys/unseal"

/* A cluster of three: as the chart makes it, each sealed by itself once it starts. */
static void be_three(struct place *p)
{
    (void)harbor_told(&p->harbor, "patch statefulsets vault vault {\"spec\":{\"replicas\":3}}");
    (void)harbor_told(&p->harbor, "copy pods vault vault-0 vault-1 {}");
    (void)harbor_told(&p->harbor, "copy pods vault vault-0 vault-2 {}");
    (void)harbor_told(&p->harbor, "vault seal vault-1"); /* its seal comes to be */
    (void)harbor_told(&p->harbor, "vault seal vault-2");
}

/* What the source has of them. */
static void expect_seals(struct place *p, struct cli_run *run, const char *a, const char *b,
                         const char *c, const char *says)
{
    const char *const all[] = {a, b, c, says};
    cli_run(p->cli, run, "get", "vaults", "-o", "json", NULL);
    for (size_t i = 0; i < BN_COUNT(all); i++)
        assert_prints(run, all[i]);
}

/* A part goes to each pod that is sealed, in turn, and not to the service. */
static void each_pod_is_opened(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    be_three(p);
    expect_seals(p, &run, "vault-0 open", "vault-1 sealed 0/3", "vault-2 sealed 0/3",
                 "sealed: vault-1 0/3, vault-2 0/3; 1 pod is open");
    be(p, "d3Jvbmc=");                                     /* no token is wanted for it */
    (void)harbor_told(&p->harbor, "vault unseal vault-2"); /* has the first part already */
    DO(p, &run, "vault-unseal", "--key", "env:NOTHING", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "= 1. Give vault-0 of vault a part of its unseal key");
    assert_prints(&run, "~ 2. Give vault-1 of vault a part of its unseal key");
    assert_prints(&run, "vault-0 of vault is open");
    assert_prints(&run, "vault-1 of vault is sealed: 0 of 3 parts are given, of 5 that there are");
    assert_prints(&run, "vault-2 of vault is sealed: 1 of 3 parts are given, of 5 that there are");
    DO(p, &run, "vault-unseal", "--key", "env:NOTHING", "-o", "shell", "--dry-run");
    assert_prints(&run,
                  "kubectl --context demo -n vault exec -ti 'vault-1' -- vault operator unseal\n");
    give(p, &run, 1);
    assert_status(&run, 0);
    assert_int_equal(asked(p, "POST " POD(0)), 0);
    assert_int_equal(asked(p, "POST " POD(1)), 1);
    assert_int_equal(asked(p, "POST " POD(2)), 1);
    assert_int_equal(asked(p, "POST " PROXY), 0);
    give(p, &run, 2);
    assert_prints(&run, "2 of 3 parts given");
    give(p, &run, 12); /* there is none such: vault-1 wants all again, the others were not asked */
    assert_status(&run, 1);
    assert_complains(&run, "invalid key");
    for (int i = 3; i <= 5; i++)
        give(p, &run, i);
    assert_status(&run, 0);
    assert_prints(&run, "= 3. Give vault-2 of vault a part of its unseal key");
    assert_prints(&run, "it is open");
    cli_run(p->cli, &run, "do", "vault-unseal", "--key", "env:NOTHING", "--yes", NULL);
    assert_prints(&run, "Nothing to do: it is so already.");
    expect_seals(p, &run, "vault-0 open", "vault-1 open", "vault-2 open", "\"pods-sealed\": 0");
    (void)harbor_told(
        &p->harbor,
        "vault seal vault-0"); /* to which the service leads, and which no longer speaks for all */
    expect_seals(p, &run, "vault-0 sealed 0/3", "\"state\": \"active\"", "\"level\": \"warning\"",
                 "sealed: vault-0 0/3; 2 pods are open");
    cli_done(&run);
}

/* What a pod was given before the run was cut short is not wanted of it again. */
static void a_part_cut_short_is_gone_on_with(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    be_three(p);
    (void)harbor_told(&p->harbor, "fault POST " POD(1) " cut=0 count=1");
    give(p, &run, 1);
    assert_status(&run, 4);
    assert_int_equal(asked(p, "POST " POD(2)), 0);
    cli_run(p->cli, &run, "do", "--resume", "--yes", NULL);
    assert_status(&run, 0);
    DO(p, &run, "vault-unseal", "--key", "env:NOTHING", "--dry-run");
    assert_prints(&run, "vault-1 of vault is sealed: 1 of 3");
    assert_prints(&run, "vault-2 of vault is sealed: 1 of 3");
    cli_run(p->cli, &run, "do", "vault-unseal-reset", "--yes", NULL);
    assert_status(&run, 0);
    DO(p, &run, "vault-unseal", "--key", "env:NOTHING", "--dry-run");
    assert_prints(&run, "vault-1 of vault is sealed: 0 of 3");
    assert_prints(&run, "vault-2 of vault is sealed: 0 of 3");
    cli_done(&run);
}

/* A pod that cannot be asked keeps the others from nothing. */
static void a_pod_that_is_away_is_left_out(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    be_three(p);
    (void)harbor_told(&p->harbor, "patch pods vault vault-1 {\"status\":{\"containerStatuses\":[{"
                                  "\"name\":\"vault\",\"ready\":false,\"state\":{\"waiting\":{"
                                  "\"reason\":\"CrashLoopBackOff\"}}}]}}");
    give(p, &run, 1);
    assert_status(&run, 0);
    assert_prints(&run, "vault-1 of vault is left out: ");
    expect_seals(p, &run, "vault-0 open", "vault-1 unknown", "vault-2 sealed 1/3",
                 "sealed: vault-2 1/3; 1 pod is open");
    assert_int_equal(asked(p, "POST " POD(2)), 1);
    cli_done(&run);
}

static void say_sealed(struct conn *c, const char *request, void *context)
{
    (void)request, (void)context;
    conn_answer(c, 200, "Content-Type: application/json\r\n",
                SPAN("{\"type\":\"shamir\",\"initialized\":true,\"sealed\":true,\"t\":3,\"n\":5,"
                     "\"progress\":0}"));
    conn_close(c);
}

/* Before anything is sent; of a Vault in a namespace where this user may read, and no more. */
static void the_right_to_a_pod_is_asked_for(void **state)
{
    const struct server_options o = {.serve = say_sealed};
    struct server *s = server_start(&o);
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor,
                      "put services {\"metadata\":{\"namespace\":\"default\",\"name\":\"v\"},"
                      "\"spec\":{\"ports\":[{\"port\":8200}],\"selector\":{\"app\":\"v\"}}}");
    for (int i = 0; i < 2; i++) {
        (void)harbor_told(&p->harbor,
                          "put pods {\"metadata\":{\"namespace\":\"default\",\"name\":\"v-%d\","
                          "\"labels\":{\"app\":\"v\"}},\"status\":{\"podIP\":\"10.20.9.%d\"}}",
                          i, i);
        (void)harbor_told(&p->harbor, "upstream pods default v-%d 8200 %d", i, server_port(s));
    }
    (void)cli_put(p->cli, ".config/binnacle/config.yaml",
                  "sources:\n- {name: v, type: vault, reach: 'proxy:default/v:8200'}\n", 0600);
    copy_kubeconfig(p, VIEWER);
    DO(p, &run, "vault-unseal", "--vault", "v", "--key", "env:NOTHING", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "this user may not create pods/proxy in namespace default");
    assert_int_equal(asked(p, "POST /api/v1/namespaces/default/pods/"), 0);
    server_stop(s);
    cli_done(&run);
}

static void a_token_lives_longer(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "vault-renew-token", "--increment", "700h", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "token-binnacle of vault ends in ");
    assert_prints(&run, "it ends in 29d");
    DO(p, &run, "vault-renew-token", "--increment", "700h", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    DO(p, &run, "vault-renew-token", "--increment", "soon", "--yes");
    assert_status(&run, 3);
    (void)harbor_told(&p->harbor, "answer vault vault /v1/auth/token/lookup-self 200 {\"data\":"
                                  "{\"display_name\":\"token-x\",\"renewable\":false,\"ttl\":60}}");
    DO(p, &run, "vault-renew-token", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "token-x is not renewable; it ends in 60s");
    be(p, "aGFyYm9yLXJvb3Q="); /* VAULT_ROOT */
    (void)harbor_told(&p->harbor, "answer vault vault /v1/auth/token/lookup-self 200");
    DO(p, &run, "vault-renew-token", "--yes");
    assert_status(&run, 3);
    cli_done(&run);
}

/* ---- Namespaces. */

static void with_namespace(struct place *p, const char *name)
{
    char text[256];
    (void)snprintf(text, sizeof(text), "sources:\n- {name: vault, type: vault, namespace: '%s'}\n",
                   name);
    (void)cli_put(p->cli, ".config/binnacle/config.yaml", text, 0600);
}

/* What is read and written is of the namespace alone; its seal and health are asked without one, which
 * the server would refuse. */
static void a_namespace_is_gone_into(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    be(p, "aGFyYm9yLXJvb3Q="); /* VAULT_ROOT: those of the root reach into the others */
    with_namespace(p, VAULT_TEAM);
    DO(p, &run, "vault-put", "--path", "apps/kimai", "--set", set(p, "a", CANARY), "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "secret/apps/kimai is new");
    expect_vault(p, "secret/metadata/apps/kimai", 200, "\"current_version\":7,");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--set", "b=random:12", "--remove", "a",
       "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "- a: sha256 ");
    DO(p, &run, "vault-patch", "--path", "apps/kimai", "--remove", "b", "-o", "shell", "--dry-run");
    assert_prints(&run, " | vault patch -namespace='team' 'secret/data/apps/kimai' -\n");
    DO(p, &run, "vault-rollback", "--path", "apps/kimai", "--version", "1", "-o", "shell",
       "--dry-run");
    assert_prints(&run,
                  "vault kv rollback -namespace='team' -version=1 -mount='secret' 'apps/kimai'");
    cli_run(p->cli, &run, "get", "vaults", "-o", "json", NULL);
    assert_status(&run, 0);
    assert_prints(&run, "\"state\": \"active\"");
    assert_prints(&run, "\"token\": \"valid\"");
    tell_vault(p, "PUT", "sys/seal", "{}");
    give(p, &run, 1);
    assert_status(&run, 0);
    with_namespace(p, "nobody");
    (void)harbor_told(&p->harbor, "vault unseal");
    (void)harbor_told(&p->harbor, "vault unseal");
    DO(p, &run, "vault-put", "--path", "apps/kimai", "--set", "a=random:12", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "namespace not found");
    cli_run(p->cli, &run, "get", "vaults", "-o", "json", NULL);
    assert_prints(&run, "\"state\": \"active\"");
    assert_null(strstr(strbuf_cstr(&run.out), "\"token\": \"valid\""));
    with_namespace(p, "a b");
    DO(p, &run, "vault-put", "--path", "apps/kimai", "--set", "a=random:12", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "namespace: a path as in team/a, without spaces");
    cli_done(&run);
}

/* ---- A standby whose leader is gone. */

static void send_elsewhere(struct conn *c, const char *request, void *context)
{
    (void)context;
    if (strncmp(request, "GET /v1/secret/metadata/", 24) == 0)
        conn_answer(c, 404, "Content-Type: application/json\r\n", SPAN("{\"errors\":[]}"));
    else if (strstr(request, "/capabilities-self"))
        conn_answer(c, 200, "", SPAN("{\"capabilities\":[\"root\"]}"));
    else
        conn_answer(c, 307, "Location: http://127.0.0.1:1/v1/secret/data/apps/x\r\n", SPAN(""));
}

static void a_standby_is_not_followed(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char text[512];
    const struct server_options o = {.serve = send_elsewhere};
    struct server *s = server_start(&o);
    (void)snprintf(text, sizeof(text),
                   "sources:\n- {name: away, type: vault, reach: '%s', token: '%s'}\n",
                   server_origin(s), where(p, "token", CANARY));
    char *config = strdup(cli_put(p->cli, "config.yaml", text, 0600));
    cli_run(p->cli, &run, "--config", config, "do", "vault-put", "--vault", "away", "--path",
            "apps/x", "--set", "a=random:12", "--yes", NULL);
    expect_no_leak(p, &run);
    assert_status(&run, 1);
    assert_complains(&run, "away is a standby and sends this to http://127.0.0.1:1/v1/secret");
    server_stop(s);
    free(config);
    cli_done(&run);
}

/* ---- External Secrets. */

static const char *leaked; /* the file that was found; of a folder that may be gone by then */

static int look_for(const char *path, const struct stat *st, int type, struct FTW *at)
{
    struct strbuf text = STRBUF_INIT((size_t)8 << 20);
    (void)st, (void)at;
    if (type == FTW_F && strstr(path, "/audit-runs/") && file_read(path, &text, NULL) &&
        strstr(strbuf_cstr(&text), "; its store vault: unable to log in"))
        leaked = path;
    strbuf_clear(&text);
    return 0;
}

/* What the store says is told while it is waited for; then it works again. */
static void a_failing_store_is_told(void **state)
{
    static const char condition[] = "patch %s {\"status\":{\"conditions\":[{\"type\":\"Ready\","
                                    "\"status\":\"%s\",\"reason\":\"%s\",\"message\":\"%s\"}]}}";
    static const char store[] = "clustersecretstores - vault",
                      reader[] = "externalsecrets default kimai-secrets";
    struct place *p = *state;
    (void)harbor_told(&p->harbor, condition, store, "False", "ValidationFailed",
                      "unable to\\nlog in");
    (void)harbor_told(&p->harbor, condition, reader, "False", "SecretSyncedError", "failed");
    int pid = cli_begin(p->cli, "do", "refresh-secret", "--name", "kimai-secrets", "-n", "default",
                        "--yes", NULL);
    const int64_t end = now_ms() + 30000;
    for (leaked = NULL; !leaked;) {
        assert_int_equal(nftw(p->cli->folder, look_for, 16, FTW_PHYS), 0);
        assert_true(in_time(end));
    }
    (void)harbor_told(&p->harbor, condition, store, "True", "Valid", "store validated");
    (void)harbor_told(&p->harbor, condition, reader, "True", "SecretSynced", "secret synced");
    assert_int_equal(ended(pid), 0);
}

static void many_are_refreshed(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    DO(p, &run, "refresh-secret", "-n", "n8n", "--store", "vault", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Refresh ExternalSecret n8n/n8n-secrets");
    DO(p, &run, "refresh-secret", "-n", "default", "--store", "nobody", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "no ExternalSecret is in namespace default that reads store nobody");
    DO(p, &run, "refresh-pushsecret", "--name", "mysql-app-users", "-n", "operators", "--yes");
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor,
                      "put clusterexternalsecrets {\"apiVersion\":\"external-secrets.io/v1\","
                      "\"kind\":\"ClusterExternalSecret\",\"metadata\":{\"name\":\"all\"},\"spec\":"
                      "{\"externalSecretName\":\"kimai-secrets\"},\"status\":"
                      "{\"provisionedNamespaces\":[\"default\"]}}");
    DO(p, &run, "refresh-clusterexternalsecret", "--name", "all", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "ok  Refresh ExternalSecret default/kimai-secrets");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_reaches_its_end),
        CASE(a_plan_made_again_is_empty),
        CASE(readers_are_refreshed),
        CASE(two_at_once),
        CASE(a_write_cut_short_is_gone_on_with),
        CASE(a_killed_run_is_gone_on_with),
        CASE(a_write_is_taken_back),
        CASE(keys_are_taken_out),
        CASE(a_removal_is_gone_on_with_and_taken_back),
        CASE(a_right_that_is_missing_is_named),
        CASE(without_patch_it_is_written_anew),
        CASE(what_is_written_anew_is_gone_on_with),
        CASE(an_old_vault_is_not_patched),
        CASE(words_that_are_wrong),
        CASE(parts_open_it),
        CASE(each_pod_is_opened),
        CASE(a_part_cut_short_is_gone_on_with),
        CASE(a_pod_that_is_away_is_left_out),
        CASE(the_right_to_a_pod_is_asked_for),
        CASE(a_token_lives_longer),
        CASE(a_namespace_is_gone_into),
        CASE(a_standby_is_not_followed),
        CASE(a_failing_store_is_told),
        CASE(many_are_refreshed),
    };
    return cmocka_run_group_tests_name("do_vault", tests, NULL, NULL);
}
