/* What must be known before something is dropped, and what goes with it. */
#include <config.h>

#include "actions/channel.h"
#include "actions/kube.h"
#include "actions/mysql_drop.h"
#include "actions/pxc.h"
#include "actions/related.h"
#include "actions/vault.h"
#include "base/timetext.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS  ((int64_t)3600 * 1000)
#define TEXT_MAX ((size_t)256 << 10)
#define AWAIT_S  120

static const struct kube_resource externals = {"external-secrets.io", "v1", "externalsecrets"};

/* ---- The backup. */

/* The cluster's object; false: the site has none, and so nothing says that there is a backup. */
static bool owner_of(struct target *t, const char *at, const char **owner, struct err *err)
{
    const struct site *s = target_site(t, MYSQL_SYSTEM, at, err);
    *owner = s ? site_setting(s, "owner") : NULL;
    return s != NULL;
}

static const struct pxc_backup *newest_of(const struct pxc_list *l)
{
    const struct pxc_backup *newest = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct pxc_backup *b = &l->all[i];
        if (pxc_went_well(b) && !b->deleting && b->completed_ms != TIME_NONE &&
            (!newest || b->completed_ms > newest->completed_ms))
            newest = b;
    }
    return newest;
}

/* What stands against it; NULL: a backup is there that is new enough. */
static bool find_backup(struct target *t, struct plan *p, const char *owner, int64_t hours,
                        const char **newest, const char **why, struct err *err)
{
    const char *slash = owner ? strchr(owner, '/') : NULL;
    struct pxc_list list;
    char age[TIMETEXT_MAX];
    *why = "nothing says which PerconaXtraDBCluster it is, and so whether there is a backup";
    if (!slash)
        return true;
    if (!pxc_list_read(t, p, plan_text(p, "%.*s", (int)(slash - owner), owner), slash + 1, &list,
                       err))
        return false;
    const struct pxc_backup *b = newest_of(&list);
    *why = plan_text(p, "no backup of %s has gone well", owner);
    if (!b)
        return true;
    int64_t old = target_now(t) - b->completed_ms;
    duration_format(old, age);
    *newest = b->name;
    *why = old <= hours * HOUR_MS ? NULL
                                  : plan_text(p,
                                              "the last backup that went well, %s, is %s old, "
                                              "more than %lld h",
                                              b->name, age, (long long)hours);
    if (!*why)
        plan_note(p, plan_text(p, "backup %s went well, %s ago: what was written since is in none",
                               b->name, age));
    return true;
}

bool drop_check_backup(struct target *t, const struct answers *in, struct plan *p, const char *at,
                       const char **newest, struct err *err)
{
    const char *owner, *why;
    const int64_t hours = strtoll(answers_get(in, "hours"), NULL, 10);
    *newest = "";
    if (!owner_of(t, at, &owner, err) || !find_backup(t, p, owner, hours, newest, &why, err))
        return false;
    if (!why)
        return true;
    if (strcmp(answers_get(in, "override"), "yes") != 0)
        return err_set(err, ERR_DENIED,
                       "%s; a backup first (`binnacle do backup`), or --override yes", why);
    plan_warn(p, plan_text(p, "%s; it was said that it goes without", why));
    return true;
}

/* ---- Who may use it. */

/* An object's name takes no '_'. */
static bool begins_with(const char *text, const char *name)
{
    while (*name && (*text == *name || (*text == '-' && *name == '_'))) {
        text++;
        name++;
    }
    return !*name;
}

/* The name as a word of the text: "kimai" of "apps/kimai", "kimai-secrets". */
static bool names(const char *text, const char *name)
{
    const size_t len = strlen(name);
    for (const char *c = text; len && *c; c++) {
        if (!begins_with(c, name))
            continue;
        bool begins = c == text || !strchr("abcdefghijklmnopqrstuvwxyz0123456789", c[-1]);
        bool ends = !c[len] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789", c[len]);
        if (begins && ends)
            return true;
    }
    return false;
}

static const char *first_key(const struct json_node *object)
{
    const struct json_node *d = json_node_first(json_node_path(object, "spec.data"));
    const struct json_node *from = json_node_first(json_node_path(object, "spec.dataFrom"));
    return d ? json_node_path_text(d, "remoteRef.key", "")
             : json_node_path_text(from, "extract.key", "");
}

static void note_reader(struct target *t, struct plan *p, const struct json_node *external,
                        const char *key)
{
    const char *name = json_node_path_text(external, "metadata.name", "");
    const struct kube_object secret = {
        .kind = "Secret",
        .ns = json_node_path_text(external, "metadata.namespace", ""),
        .name = json_node_path_text(external, "spec.target.name", name)};
    struct related_workloads w = {0};
    struct err why;
    const char *kind, *losers = "";
    if (!related_workloads_add(t, p, &secret, &w, &why))
        losers = plan_text(p, "what reads that is not known: %s", why.msg);
    else if (!w.count)
        losers = "no workload reads that";
    for (size_t i = 0; i < w.count; i++) {
        (void)kube_workload_of(w.word[i], &kind);
        losers =
            plan_text(p, "%s%s%s %s/%s", losers, i ? ", " : "read by ", kind, w.ns[i], w.name[i]);
    }
    plan_note(p,
              plan_text(p,
                        "by its name ExternalSecret %s/%s may be about it: it makes Secret %s of "
                        "path %s, %s",
                        secret.ns, name, secret.name, key, losers));
}

void drop_note_readers(struct target *t, struct plan *p, const char *database, const char *user)
{
    struct json_doc *doc;
    const struct json_node *e;
    struct err why;
    if (!target_list(t, &externals, NULL, NULL, &doc, &e, &why))
        plan_note(p, plan_text(p, "which ExternalSecrets are about it is not known: %s", why.msg));
    for (; e; e = json_node_next(e)) {
        const char *secret = json_node_path_text(e, "metadata.name", ""), *key = first_key(e);
        if (names(secret, database) || names(key, database) || names(secret, user) ||
            names(key, user))
            note_reader(t, p, e, key);
    }
    json_doc_free(doc);
}

/* ---- The account. */

enum awaiting drop_await_gone(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                              const struct json_node *object, struct strbuf *says)
{
    if (!json_node_first(json_node_get(object, "rows")))
        return AWAIT_DONE;
    strbuf_adds(says, "it is still there");
    return AWAIT_MORE;
}

bool drop_add_lock(struct target *t, struct plan *p, const char *at, const struct mysql_account *a,
                   struct err *err)
{
    bool locked;
    if (!mysql_read_locked(t, p, at, a, &locked, err))
        return false;
    struct step *s =
        plan_step(p, locked ? '=' : '~', plan_text(p, "Lock %s: no login any more", a->quoted));
    if (locked)
        return true;
    s->deed = mysql_statement(at, plan_text(p, "ALTER USER %s ACCOUNT LOCK", a->quoted));
    s->undo = mysql_statement(at, plan_text(p, "ALTER USER %s ACCOUNT UNLOCK", a->quoted));
    s->undo_title = "unlock it";
    return true;
}

void drop_add_user(struct plan *p, const char *at, const struct mysql_account *a)
{
    struct step *s = plan_step(p, '-', plan_text(p, "Drop user %s", a->quoted));
    s->deed = mysql_statement(at, plan_text(p, "DROP USER IF EXISTS %s", a->quoted));
    s->undo_title = "none: a new one would have another password and no rights";
    s->look =
        mysql_statement(at, plan_text(p,
                                      "SELECT User AS user FROM mysql.user WHERE User = %s "
                                      "AND Host = %s",
                                      mysql_quote_text(p, a->user), mysql_quote_text(p, a->host)));
    s->await = drop_await_gone;
    s->await_s = AWAIT_S;
}

/* ---- The secret. */

/* The same object as it was asked for. */
static const char *made_anew(struct target *t, struct plan *p, const struct kube_object *o,
                             struct err *err)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    const char *body = NULL;
    if (target_text(t, o->path, &text, err)) {
        struct json_value spec = json_member(json_value(strbuf_span(&text)), SPAN("spec"));
        struct span whole = json_whole(spec);
        body = plan_text(p,
                         "{\"apiVersion\":\"external-secrets.io/v1\",\"kind\":\"ExternalSecret\","
                         "\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\"},\"spec\":%.*s}",
                         o->name, o->ns, SPAN_ARG(whole));
    }
    strbuf_clear(&text);
    return body;
}

static bool add_external(struct target *t, const struct answers *in, struct plan *p,
                         struct err *err)
{
    struct kube_object o = {.resource = &externals,
                            .kind = "ExternalSecret",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "secret")};
    if (!kube_look(t, p, &o, err))
        return false;
    bool there = o.doc != NULL;
    struct step *s = plan_step(p, there ? '-' : '=', plan_text(p, "Delete %s", kube_name(p, &o)));
    const char *anew = there ? made_anew(t, p, &o, err) : "";
    if (there && anew) {
        kube_warn_argocd(t, p, &o, "it");
        s->deed = kube_delete(p, o.path,
                              plan_text(p, CASCADE ",\"preconditions\":{\"uid\":\"%s\"}",
                                        kube_text(&o, "metadata.uid")));
        s->undo = kube_create(p, &externals, o.ns, anew);
        s->undo_title = "make it anew, with the same spec";
        s->await_path = o.path;
        s->await = kube_await_gone;
        s->ends = true;
    }
    kube_object_clear(&o);
    return anew != NULL;
}

static bool add_path(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct vault_secret v;
    if (!vault_secret_read(t, p, in, false, &v, err))
        return false;
    struct step *s =
        plan_step(p, v.live ? '-' : '=',
                  plan_text(p, "Delete %s from Vault, version %lld", v.name, (long long)v.version));
    if (v.live) {
        s->deed = vault_deed(p, &v, "DELETE", "data", "");
        s->undo = vault_deed(p, &v, "POST", "undelete",
                             plan_text(p, "{\"versions\":[%lld]}", (long long)v.version));
        s->undo_title = "undelete it: what is deleted so is kept";
    }
    vault_secret_clear(&v);
    return true;
}

bool drop_add_secret(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *secret = answers_get(in, "secret"), *path = answers_get(in, "path");
    if (strcmp(answers_get(in, "also"), "secret") != 0)
        return true;
    if (!secret[0] && !path[0])
        return err_set(err, ERR_CONFIG, "--also secret: which? --secret NAME, --path PATH or both");
    return (!secret[0] || add_external(t, in, p, err)) && (!path[0] || add_path(t, in, p, err));
}
