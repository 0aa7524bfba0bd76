/* vault-unseal, vault-unseal-reset: parts of the unseal key are given, one a run; or those that were
 * given so far are forgotten [developer.hashicorp.com/vault/api-docs/system/unseal]. */
#include <config.h>

#include "actions/secrets.h"
#include "actions/vault.h"

#include <stdlib.h>
#include <string.h>

#define UNSEAL "/v1/sys/unseal"

static const struct field unseal_fields[] = {
    VAULT_SITE("@source"),
    {"key", FIELD_SECRET, NULL, SECRET_ASK, "a part of its unseal key: typed, or where it is",
     NULL},
    {NULL},
};
static const struct field reset_fields[] = {VAULT_SITE("@source"), {NULL}};

/* What seal-status says. */
struct seal {
    bool sealed;
    int64_t progress, needed, parts;
};

static struct seal seal_of(const struct json_node *status)
{
    struct seal s = {.sealed = json_node_true(json_node_get(status, "sealed"))};
    (void)!json_node_int(json_node_get(status, "progress"), &s.progress);
    (void)!json_node_int(json_node_get(status, "t"), &s.needed);
    (void)!json_node_int(json_node_get(status, "n"), &s.parts);
    return s;
}

/* former: how many were given before. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const struct seal s = seal_of(object);
    const long long before = strtoll(step->former, NULL, 10);
    if (!s.sealed) {
        strbuf_adds(says, "it is open");
        return AWAIT_DONE;
    }
    strbuf_addf(says, "%lld of %lld parts given", (long long)s.progress, (long long)s.needed);
    if (s.progress > before)
        return AWAIT_DONE;
    strbuf_adds(says, s.progress == before
                          ? ": this one had been given already, by whomever"
                          : ": those that were given make no key, and are forgotten; all are "
                            "wanted again");
    return AWAIT_FAILED;
}

static enum awaiting look_reset(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    const struct seal s = seal_of(object);
    strbuf_addf(says, "%lld of %lld parts given", (long long)s.progress, (long long)s.needed);
    return s.progress ? AWAIT_MORE : AWAIT_DONE;
}

static bool read_seal(struct target *t, struct plan *p, const char *at, struct seal *s,
                      struct err *err)
{
    struct json_doc *doc = NULL;
    if (!vault_ask(t, at, VAULT_STATUS, &doc, err))
        return false;
    const struct json_node *root = json_doc_root(doc);
    *s = seal_of(root);
    bool ok = doc && json_node_true(json_node_get(root, "initialized"));
    const char *type = plan_text(p, "%s", json_node_path_text(root, "type", ""));
    json_doc_free(doc);
    if (!ok)
        return err_set(err, ERR_CONFIG, "%s is not initialised: it has no key yet", at);
    plan_note(
        p, s->sealed
               ? plan_text(p, "%s is sealed: %lld of %lld parts are given, of %lld that there are",
                           at, (long long)s->progress, (long long)s->needed, (long long)s->parts)
               : plan_text(p, "%s is open", at));
    if (s->sealed && strcmp(type, "shamir") != 0)
        plan_warn(
            p, plan_text(p, "it unseals itself (%s): a part by hand is for recovery alone", type));
    return true;
}

static bool plan_unseal(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *at = vault_site(t, p, in, err);
    struct seal seal;
    if (!at || !read_seal(t, p, at, &seal, err))
        return false;
    struct step *s =
        plan_step(p, seal.sealed ? '~' : '=', plan_text(p, "Give %s a part of its unseal key", at));
    s->undo_title = "vault-unseal-reset, until the last part is given";
    s->shell = "vault operator unseal";
    if (!seal.sealed)
        return true;
    if (!secrets_field(t, in, "key", err))
        return false;
    s->deed = vault_request(at, "POST", UNSEAL, "{\"key\":\"${key}\"}");
    s->deed.secrets = true;
    s->look = vault_request(at, "GET", VAULT_STATUS, "");
    s->await = look;
    s->await_s = 20;
    s->former = plan_text(p, "%lld", (long long)seal.progress);
    if (seal.progress + 1 >= seal.needed)
        plan_note(
            p, "this is the last part that is needed: it opens then; where one of them is wrong, "
               "all are wanted again");
    return true;
}

static bool plan_reset(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *at = vault_site(t, p, in, err);
    struct seal seal;
    if (!at || !read_seal(t, p, at, &seal, err))
        return false;
    const bool wanted = seal.sealed && seal.progress;
    struct step *s =
        plan_step(p, wanted ? '~' : '=', plan_text(p, "Forget the parts that %s was given", at));
    s->undo_title = "none: they are given again";
    s->shell = "vault operator unseal -reset";
    if (!wanted)
        return true;
    s->deed = vault_request(at, "POST", UNSEAL, "{\"reset\":true}");
    s->look = vault_request(at, "GET", VAULT_STATUS, "");
    s->await = look_reset;
    s->await_s = 20;
    return true;
}

const struct action action_vault_unseal = {
    .name = "vault-unseal",
    .title = "Unseal Vault",
    .help = "give Vault a part of its unseal key",
    .risk = RISK_CHANGE,
    .kind = "vault",
    .fields = unseal_fields,
    .plan = plan_unseal,
};

const struct action action_vault_reset = {
    .name = "vault-unseal-reset",
    .title = "Begin unsealing Vault anew",
    .help = "have Vault forget the parts of its unseal key that were given so far",
    .risk = RISK_CHANGE,
    .kind = "vault",
    .fields = reset_fields,
    .plan = plan_reset,
};
