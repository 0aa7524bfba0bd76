/* A value of Vault is read for who asks: where the configuration lets it, confirmed and announced in
 * the audit log before; it is in the new file that was named, and nowhere else. */
#include <config.h>

#include "base/file.h"
#include "test/systems/do_place.h"

#include <sys/stat.h>
#include <unistd.h>

#define VALUES "GET /api/v1/namespaces/vault/services/vault:8200/proxy/v1/secret/data/"
#define CANARY "CANARY-value-51d9e0"
#define OLD    "redacted-kimai-secrets-DB_PASSWORD"

#define DO(p, run, ...)                                  \
    do {                                                 \
        cli_run((p)->cli, run, "do", __VA_ARGS__, NULL); \
        expect_unwritten(p, run, CANARY);                \
        expect_unwritten(p, run, OLD);                   \
    } while (0)

static void reveals(struct place *p, const char *word)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "sources:\n- {name: vault, type: vault, reveal: %s}\n",
                   word);
    (void)cli_put(p->cli, ".config/binnacle/config.yaml", text, 0600);
}

/* Refused with these words, and no value was asked for. */
static void expect_hidden(struct place *p, struct cli_run *run, const char *says, const char *path,
                          const char *key, const char *more, const char *into)
{
    const int64_t before = asked(p, VALUES);
    DO(p, run, "vault-reveal", "--path", path, "--key", key, "--into", into, more, "--yes");
    assert_status(run, 3);
    assert_complains(run, says);
    assert_int_equal(asked(p, VALUES), before);
    assert_int_not_equal(access(into, F_OK), 0);
}

static void expect_revealed(const char *into, const char *value)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct stat st;
    assert_int_equal(stat(into, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_true(file_read(into, &text, NULL));
    assert_string_equal(strbuf_cstr(&text), value);
    strbuf_wipe(&text);
    assert_int_equal(unlink(into), 0);
}

static void a_value_is_not_revealed_by_itself(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char into[256];
    (void)snprintf(into, sizeof(into), "%s/value", p->cli->folder);
    expect_hidden(p, &run, "unless its source in the configuration has `reveal: true`",
                  "apps/kimai", "DB_PASSWORD", "--version=7", into);
    reveals(p, "false");
    expect_hidden(p, &run, "has `reveal: true`", "apps/kimai", "DB_PASSWORD", "--version=7", into);
    reveals(p, "true");
    expect_hidden(p, &run, "read-only", "apps/kimai", "DB_PASSWORD", "--read-only", into);
    expect_hidden(p, &run, "there is no such secret", "apps/none", "DB_PASSWORD", "--version=7",
                  into);
    expect_hidden(p, &run, "version 99 of secret/apps/kimai is not there; the newest is 7",
                  "apps/kimai", "DB_PASSWORD", "--version=99", into);
    (void)harbor_told(&p->harbor, "patch secrets vault binnacle {\"data\":{\"token\":"
                                  "\"aGFyYm9yLXJlYWRlcg==\"}}"); /* VAULT_READER */
    expect_hidden(p, &run, "do not allow read on secret/data/apps/kimai", "apps/kimai",
                  "DB_PASSWORD", "--version=7", into);
    cli_done(&run);
}

static void a_value_is_revealed_to_who_asks(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char into[256], set[384];
    (void)snprintf(into, sizeof(into), "%s/value", p->cli->folder);
    reveals(p, "true");
    (void)snprintf(set, sizeof(set), "a.b=file:%s", cli_put(p->cli, "a", CANARY, 0600));
    DO(p, &run, "vault-put", "--path", "apps/new", "--set", set, "--yes");
    assert_status(&run, 0);
    const int64_t before = asked(p, VALUES);
    DO(p, &run, "vault-reveal", "--path", "apps/new", "--key", "a.b", "--into", into, "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "GET /v1/secret/data/apps/new?version=1 of vault, and of its answer a.b");
    DO(p, &run, "vault-reveal", "--path", "apps/new", "--key", "a.b", "--into", into);
    assert_status(&run, 3); /* nobody has said yes */
    DO(p, &run, "vault-reveal", "--path", "apps/new", "--key", "a.b", "--yes");
    assert_complains(&run, "--into: it wants a new file here; nothing is printed");
    assert_int_equal(asked(p, VALUES), before);
    assert_int_not_equal(access(into, F_OK), 0);
    DO(p, &run, "vault-reveal", "--path", "apps/new", "--key", "a.b", "--into", into, "--yes");
    assert_status(&run, 0);
    assert_int_equal(asked(p, VALUES), before + 1);
    expect_audit(p, "Read a.b of secret/apps/new in vault");
    DO(p, &run, "vault-reveal", "--path", "apps/new", "--key", "a.b", "--into", into, "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "is there already: nothing is written over it");
    expect_revealed(into, CANARY);
    DO(p, &run, "vault-reveal", "--path", "apps/kimai", "--key", "NONE", "--into", into, "--yes");
    assert_int_not_equal(run.status, 0);
    assert_complains(&run, "it has no key NONE");
    assert_int_not_equal(access(into, F_OK), 0);
    DO(p, &run, "vault-reveal", "--path", "apps/kimai", "--key", "DB_PASSWORD", "--version", "7",
       "--into", into, "--yes");
    assert_status(&run, 0);
    expect_revealed(into, OLD);
    cli_done(&run);
}

/* What cannot be announced is not asked for. */
static void without_an_audit_log_nothing_is_revealed(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char into[256];
    (void)snprintf(into, sizeof(into), "%s/value", p->cli->folder);
    reveals(p, "true");
    (void)cli_put(p->cli, ".local/state/binnacle/audit.jsonl/in-its-place", "", 0600);
    const int64_t before = asked(p, VALUES);
    DO(p, &run, "vault-reveal", "--path", "apps/kimai", "--key", "DB_PASSWORD", "--into", into,
       "--yes");
    assert_status(&run, 3);
    assert_int_equal(asked(p, VALUES), before);
    assert_int_not_equal(access(into, F_OK), 0);
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_value_is_not_revealed_by_itself),
        CASE(a_value_is_revealed_to_who_asks),
        CASE(without_an_audit_log_nothing_is_revealed),
    };
    return cmocka_run_group_tests_name("do_reveal", tests, NULL, NULL);
}
