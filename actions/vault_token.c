/* vault-renew-token: the token by which Vault is asked lives longer
 * [developer.hashicorp.com/vault/api-docs/auth/token, renew-self]. */
#include <config.h>

#include "actions/kube.h"
#include "actions/vault.h"
#include "actions/vault_shell.h"
#include "base/json_out.h"
#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

#define LOOKUP "/v1/auth/token/lookup-self"
#define RENEW  "/v1/auth/token/renew-self"

#define SHELL_BYTES 8192

static const struct field fields[] = {
    VAULT_SITE("@source"),
    {"increment", FIELD_TEXT, NULL, "",
     "how long it is to live from now: 768h; \"\": as it was made", NULL},
    {NULL},
};

static int64_t left_of(const struct json_node *token)
{
    int64_t s = 0;
    return json_node_int(json_node_path(token, "data.ttl"), &s) ? s * 1000 : 0;
}

/* former: when it ended before. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const char *end = json_node_path_text(object, "data.expire_time", "");
    char left[TIMETEXT_MAX];
    duration_format(left_of(object), left);
    strbuf_addf(says, "it ends in %s, at %s", left, end);
    if (strcmp(end, step->former) != 0)
        return AWAIT_DONE;
    strbuf_adds(says, ", as before: its mount or its own explicit_max_ttl does not let it live "
                      "longer");
    return AWAIT_FAILED;
}

#define NEAR_MS 60000

/* As long as it would live after it: a minute is no difference, nor a twentieth. */
static bool lives_so_long(const struct json_node *token, int64_t asked_ms)
{
    int64_t made = 0, wanted = asked_ms, less;
    if (!asked_ms && json_node_int(json_node_path(token, "data.creation_ttl"), &made))
        wanted = made * 1000;
    less = wanted - left_of(token);
    return wanted > 0 && llabs(less) <= (wanted / 20 < NEAR_MS ? wanted / 20 : NEAR_MS);
}

/* A run that is gone on with. */
static bool was_renewed(const struct answers *in, const struct json_node *token)
{
    int64_t s = 0;
    return in->again && json_node_int(json_node_path(token, "data.last_renewal_time"), &s) &&
           s * 1000 >= in->at_ms;
}

static const char *body_of(struct plan *p, const char *increment)
{
    struct strbuf text = STRBUF_INIT(1024);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    if (increment[0]) {
        json_key(&j, "increment");
        json_cstr(&j, increment);
    }
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

static bool add_step(struct target *t, const struct answers *in, struct plan *p, const char *at,
                     const struct json_node *token, struct err *err)
{
    const char *name = json_node_path_text(token, "data.display_name", "token"),
               *increment = answers_get(in, "increment");
    char left[TIMETEXT_MAX];
    int64_t asked = 0;
    duration_format(left_of(token), left);
    if (increment[0] && (!duration_parse(span_from(increment), &asked) || asked <= 0))
        return err_set(err, ERR_CONFIG, "--increment %.40s: it takes a duration, as in 768h",
                       increment);
    if (!json_node_true(json_node_path(token, "data.renewable")))
        return err_set(
            err, ERR_CONFIG,
            "%s is not renewable%s%s: another has to be made, and put where the source's "
            "token is read",
            name, left_of(token) ? "; it ends in " : "", left_of(token) ? left : "");
    plan_note(p, plan_text(p, "%s of %s ends in %s, at %s", name, at, left,
                           json_node_path_text(token, "data.expire_time", "")));
    if (asked && asked < left_of(token))
        plan_warn(p, "it would end sooner than now: --increment counts from now on");
    const bool done = was_renewed(in, token) || lives_so_long(token, asked);
    struct step *s = plan_step(p, done ? '=' : '~', plan_text(p, "Renew %s of %s", name, at));
    s->undo_title = "none: it lives longer, and may be revoked";
    s->look = vault_request(at, "GET", LOOKUP, "");
    s->await = look;
    s->await_s = 20;
    s->former = done ? "" : plan_text(p, "%s", json_node_path_text(token, "data.expire_time", ""));
    if (!done)
        s->deed = vault_request(at, "POST", RENEW, body_of(p, increment));
    struct strbuf command = STRBUF_INIT(SHELL_BYTES);
    const struct deed renewal = vault_request(at, "POST", RENEW, "");
    vault_add_command(t, &renewal, "token renew", &command);
    s->shell = plan_text(p, "%s%s%s", strbuf_cstr(&command), asked ? " -increment=" : "",
                         asked ? increment : "");
    strbuf_clear(&command);
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *at = vault_site(t, p, in, err);
    struct json_doc *doc = NULL;
    if (!at || !vault_ask(t, at, LOOKUP, &doc, err))
        return false;
    bool ok = doc ? add_step(t, in, p, at, json_doc_root(doc), err)
                  : err_set(err, ERR_NOTFOUND, "%s says nothing of its token", at);
    json_doc_free_wiped(doc); /* it has the token itself */
    return ok;
}

const struct action action_vault_renew = {
    .name = "vault-renew-token",
    .title = "Renew the token of Vault",
    .help = "let the token by which Vault is asked live longer",
    .risk = RISK_CHANGE,
    .kind = "vault",
    .fields = fields,
    .plan = plan,
};
