/* vault-unseal, vault-unseal-reset: parts of the unseal key are given, one a run, to each server that is
 * sealed; or those that were given so far are forgotten
 * [developer.hashicorp.com/vault/api-docs/system/unseal]. */
#include <config.h>

#include "actions/kube.h"
#include "actions/secrets.h"
#include "actions/vault.h"
#include "actions/vault_servers.h"

#include <stdlib.h>
#include <string.h>

#define UNSEAL "/v1/sys/unseal"
#define JOIN_S 90 /* how long one may take to have the data of the others */

static const struct field unseal_fields[] = {
    VAULT_SITE("@source"),
    {"key", FIELD_SECRET, NULL, SECRET_ASK, "a part of its unseal key: typed, or where it is",
     NULL},
    {NULL},
};
static const struct field reset_fields[] = {VAULT_SITE("@source"), {NULL}};

/* What seal-status says. */
struct seal {
    bool sealed, raft;
    int64_t progress, needed, parts;
};

static struct seal seal_of(const struct json_node *status)
{
    struct seal s = {.sealed = json_node_true(json_node_get(status, "sealed")),
                     .raft = strcmp(json_node_path_text(status, "storage_type", ""), "raft") == 0};
    (void)!json_node_int(json_node_get(status, "progress"), &s.progress);
    (void)!json_node_int(json_node_get(status, "t"), &s.needed);
    (void)!json_node_int(json_node_get(status, "n"), &s.parts);
    return s;
}

/* ---- Seen afterwards. former: how many were given before. */

static void add_progress(const struct seal *s, struct strbuf *says)
{
    strbuf_addf(says, "%lld of %lld parts given", (long long)s->progress, (long long)s->needed);
}

/* A server that joins others by raft is open some time after its last part only: it has their data
 * first, for which they must have a leader [hashicorp/vault vault/core.go, unsealWithRaft]. */
static bool joins(const struct step *step, const struct seal *s)
{
    return s->raft && s->progress == 0 && strtoll(step->former, NULL, 10) + 1 >= s->needed;
}

static enum awaiting look_part(const struct step *step, const struct json_node *object,
                               bool repeated, struct strbuf *says)
{
    const struct seal s = seal_of(object);
    const long long before = strtoll(step->former, NULL, 10);
    if (!s.sealed) {
        strbuf_adds(says, "it is open");
        return AWAIT_DONE;
    }
    add_progress(&s, says);
    if (s.progress > before)
        return AWAIT_DONE;
    if (joins(step, &s)) {
        strbuf_adds(says, ": all are, and it joins the others");
        return AWAIT_MORE;
    }
    strbuf_adds(says, s.progress == before
                          ? ": this one had been given already, by whomever"
                          : ": those that were given make no key, and are forgotten; all are "
                            "wanted again");
    return repeated && s.progress == before ? AWAIT_DONE : AWAIT_FAILED;
}

static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    return look_part(step, object, false, says);
}

/* Of several, or of a run that is gone on with, some may have had the part before. */
static enum awaiting look_again(BN_UNUSED struct target *t, const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    return look_part(step, object, true, says);
}

static enum awaiting look_reset(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    const struct seal s = seal_of(object);
    add_progress(&s, says);
    return s.progress ? AWAIT_MORE : AWAIT_DONE;
}

/* ---- What there is. */

static bool read_seal(struct target *t, struct plan *p, const struct vault_server *server,
                      struct seal *s, struct err *err)
{
    struct json_doc *doc = NULL;
    if (!vault_ask(t, server->at, VAULT_STATUS, &doc, err))
        return false;
    const struct json_node *root = json_doc_root(doc);
    *s = seal_of(root);
    bool ok = doc && json_node_true(json_node_get(root, "initialized"));
    const char *type = plan_text(p, "%s", json_node_path_text(root, "type", ""));
    json_doc_free(doc);
    if (!ok)
        return err_set(err, ERR_CONFIG, "%s is not initialised: it has no key yet%s", server->name,
                       server->pod[0] ? ", and has not joined the others" : "");
    plan_note(
        p, s->sealed
               ? plan_text(p, "%s is sealed: %lld of %lld parts are given, of %lld that there are",
                           server->name, (long long)s->progress, (long long)s->needed,
                           (long long)s->parts)
               : plan_text(p, "%s is open", server->name));
    if (s->sealed && strcmp(type, "shamir") != 0)
        plan_warn(p, plan_text(p, "%s unseals itself (%s): a part by hand is for recovery alone",
                               server->name, type));
    return true;
}

/* What a person types for a server. */
static const char *command(struct target *t, struct plan *p, const struct vault_server *server,
                           const char *more)
{
    struct strbuf pod = STRBUF_INIT(KUBE_PATH_MAX);
    if (!server->pod[0])
        return plan_text(p, "vault operator unseal%s", more);
    deed_quote(&pod, span_from(server->pod));
    const char *text = plan_text(p, "%s exec -ti %s -- vault operator unseal%s",
                                 kubectl(p, t, server->ns), strbuf_cstr(&pod), more);
    strbuf_clear(&pod);
    return text;
}

typedef void (*add_fn)(struct target *t, struct plan *p, const struct vault_server *server,
                       const struct seal *seal, bool lenient);

/* One that does not answer keeps none of the others from it. False: none does. */
static bool plan_each(struct target *t, const struct answers *in, struct plan *p, add_fn add,
                      struct err *err)
{
    struct vault_servers servers;
    size_t told = 0;
    if (!vault_servers_find(t, p, in, &servers, err))
        return false;
    for (size_t i = 0; i < servers.count; i++) {
        struct seal seal;
        struct err why;
        const bool ok = read_seal(t, p, &servers.all[i], &seal, &why);
        if (ok)
            add(t, p, &servers.all[i], &seal, servers.count > 1 || in->again);
        else if (servers.count > 1)
            plan_warn(p, plan_text(p, "%s is left out: %s", servers.all[i].name, why.msg));
        told += ok;
        if (!told && i + 1 == servers.count)
            return err_code(err, why.kind, why.code, "%s", why.msg);
    }
    return true;
}

/* ---- */

static void add_part(struct target *t, struct plan *p, const struct vault_server *server,
                     const struct seal *seal, bool lenient)
{
    struct step *s = plan_step(p, seal->sealed ? '~' : '=',
                               plan_text(p, "Give %s a part of its unseal key", server->name));
    s->undo_title = "vault-unseal-reset, until the last part is given";
    s->shell = command(t, p, server, "");
    if (!seal->sealed)
        return;
    s->deed = vault_request(server->at, "POST", UNSEAL, "{\"key\":\"${key}\"}");
    s->deed.secrets = true;
    s->look = vault_request(server->at, "GET", VAULT_STATUS, "");
    s->await = lenient ? look_again : look;
    s->await_s = seal->raft ? JOIN_S : 20;
    s->former = plan_text(p, "%lld", (long long)seal->progress);
    if (seal->progress + 1 >= seal->needed)
        plan_note(p, plan_text(p,
                               "this is the last part that %s needs: it opens then; where one of "
                               "them is wrong, all are wanted again",
                               server->name));
}

static bool plan_unseal(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    return plan_each(t, in, p, add_part, err) &&
           (plan_empty(p) || secrets_field(t, in, "key", err));
}

static void add_reset(struct target *t, struct plan *p, const struct vault_server *server,
                      const struct seal *seal, BN_UNUSED bool lenient)
{
    const bool wanted = seal->sealed && seal->progress;
    struct step *s = plan_step(p, wanted ? '~' : '=',
                               plan_text(p, "Forget the parts that %s was given", server->name));
    s->undo_title = "none: they are given again";
    s->shell = command(t, p, server, " -reset");
    if (!wanted)
        return;
    s->deed = vault_request(server->at, "POST", UNSEAL, "{\"reset\":true}");
    s->look = vault_request(server->at, "GET", VAULT_STATUS, "");
    s->await = look_reset;
    s->await_s = 20;
}

static bool plan_reset(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    return plan_each(t, in, p, add_reset, err);
}

const struct action action_vault_unseal = {
    .name = "vault-unseal",
    .title = "Unseal Vault",
    .help = "give Vault a part of its unseal key: each of its pods that is sealed",
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
