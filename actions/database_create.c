/* create-database: a database, its user with a password that only Vault and the application's Secret
 * have, and the proof that the user is let in. Vault comes first: so the password is somewhere before
 * anything has it, and a run that is gone on with reads it there. */
#include <config.h>

#include "actions/argocd.h"
#include "actions/channel.h"
#include "actions/database.h"
#include "actions/pxc.h"
#include "actions/secrets.h"
#include "base/json_out.h"

#include <string.h>

#define TEXT_MAX 16384
#define LOGIN_S  30

/* ---- Vault. */

static const char *secret_body(struct plan *p, const struct database_wish *w, int64_t cas)
{
    const char *const members[][2] = {{"host", w->address},
                                      {"port", w->port},
                                      {"database", w->name},
                                      {"username", w->user},
                                      {PASSWORD, "${" PASSWORD "}"}};
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "options");
    json_object(&j);
    json_key(&j, "cas");
    json_int(&j, cas);
    json_object_end(&j);
    json_key(&j, "data");
    json_object(&j);
    for (size_t i = 0; i < BN_COUNT(members); i++) {
        json_key(&j, members[i][0]);
        json_cstr(&j, members[i][1]);
    }
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

/* A version that was deleted is not written over by somebody who has not seen it either: cas is its
 * number then. */
static void add_secret(struct target *t, struct plan *p, const struct database_wish *w,
                       const struct database_state *s)
{
    struct step *step = plan_step(
        p, s->written ? '=' : '+',
        plan_text(p, "Write %s into Vault: host port database username password", w->vault.name));
    if (s->written)
        return;
    secrets_define(t, PASSWORD,
                   &(struct secret_source){.length = w->length, .characters = w->alphabet});
    step->deed = vault_deed(p, &w->vault, "POST", "data", secret_body(p, w, s->cas));
    step->deed.secrets = true;
    step->undo = vault_deed(p, &w->vault, "POST", "delete",
                            plan_text(p, "{\"versions\":[%lld]}", (long long)s->cas + 1));
    step->undo_title = plan_text(p, "delete version %lld", (long long)s->cas + 1);
}

/* ---- MySQL. */

static struct deed guarded_drop(struct plan *p, const struct database_wish *w)
{
    struct deed d = mysql_statement(w->at, plan_text(p, "DROP DATABASE IF EXISTS %s", w->quoted));
    d.method = SQL_IF_EMPTY;
    d.path = w->name;
    return d;
}

static void add_statements(struct plan *p, const struct database_wish *w,
                           const struct database_state *s)
{
    struct step *step =
        plan_step(p, s->database ? '=' : '+', plan_text(p, "Create database %s", w->quoted));
    if (!s->database) {
        step->deed = mysql_statement(w->at, database_create(p, w));
        step->undo = guarded_drop(p, w);
        step->undo_title = "drop it, if nothing is in it";
    }
    step = plan_step(p, s->user ? '=' : '+', plan_text(p, "Create user %s", w->account));
    if (!s->user) {
        step->deed = mysql_statement(w->at, database_create_user(p, w));
        step->deed.secrets = true;
        step->undo = mysql_statement(w->at, plan_text(p, "DROP USER IF EXISTS %s", w->account));
        step->undo_title = "drop the user";
    }
    step = plan_step(p, s->granted ? '=' : '+',
                     plan_text(p, "Grant %s on %s to %s", w->rights, w->quoted, w->account));
    if (!s->granted) {
        step->deed = mysql_statement(w->at, database_grant(p, w));
        step->undo = mysql_statement(
            w->at, plan_text(p, "REVOKE %s ON %s.* FROM %s", w->rights, w->pattern, w->account));
        step->undo_title = "revoke it";
    }
}

/* ---- The proof. */

static enum awaiting let_in(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                            BN_UNUSED const struct json_node *answer, BN_UNUSED struct strbuf *says)
{
    return AWAIT_DONE;
}

static void add_login(struct plan *p, const struct database_wish *w)
{
    struct step *step = plan_step(p, '=',
                                  plan_text(p, "Log in as %s at %s:%s, choose %s, SELECT 1",
                                            w->user, w->address, w->port, w->quoted));
    step->look = mysql_statement(w->at, "SELECT 1");
    step->look.as = w->user;
    step->look.with = PASSWORD;
    step->look.path = w->name;
    step->await = let_in;
    step->await_s = LOGIN_S;
}

/* ---- */

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct database_wish w;
    struct database_state s;
    if (!database_read_wish(t, in, p, &w, err) || !database_read_state(t, p, &w, &s, err) ||
        !pxc_whole(t, p, in, w.at, err))
        return false;
    add_secret(t, p, &w, &s);
    if (!w.job)
        add_statements(p, &w, &s);
    if (!external_step(t, p, &w.external, err))
        return false;
    if (p->steps[p->count - 1].sign == '+')
        argocd_note_namespace(t, p, w.external.ns, "the ExternalSecret");
    if (w.job && !database_job_steps(t, p, in, &w, &s, err))
        return false;
    add_login(p, &w);
    return true;
}

const struct action action_database_create = {
    .name = "create-database",
    .title = "Create a database and its user",
    .help = "a database, a user of it, their secret in Vault, and the application's Secret of it",
    .risk = RISK_CHANGE,
    .kind = "pxc mysql mysql-db namespace",
    .fields = database_fields,
    .plan = plan,
};
