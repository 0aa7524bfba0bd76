/* Whether all nodes of a database cluster have what the others have. What makes or changes databases,
 * users and rights is done by all of them at once, in total order isolation: one that gives its data to
 * another holds the others up, one that joins has it when it has come up
 * [docs.percona.com/percona-xtradb-cluster/8.0/online-schema-upgrade.html: TOI]. */
#include <config.h>

#include "actions/channel.h"
#include "actions/mysql_names.h"
#include "actions/pxc.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

#define NODES_MAX  9
#define AT_MAX     600
#define NAMES_MAX  4096
#define BACKSTOP_S 60 /* behind the limit: the API server may not answer when it is reached */
#define STATEMENT  "SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'"

struct whole {
    int64_t size, synced;
    bool ready;          /* as its operator has it */
    struct strbuf names; /* "mysql-pxc-1 is Joined, mysql-pxc-2 does not answer" */
};

/* One that the operator has as ready is so, where it does not say how it is. */
static void look_at_node(struct target *t, const char *ns, const char *cluster, int64_t i,
                         struct whole *w)
{
    char at[AT_MAX], node[AT_MAX / 2];
    struct json_doc *doc = NULL;
    const struct json_node *row;
    struct err why;
    (void)snprintf(node, sizeof(node), "%.200s-pxc-%lld", cluster, (long long)i);
    (void)snprintf(at, sizeof(at), "%.63s/%.200s@%.230s", ns, cluster, node);
    const bool answers = mysql_rows(t, at, STATEMENT, &doc, &row, &why);

    const char *state = answers ? mysql_cell(row, "Value") : "";
    if (state[0] ? strcmp(state, "Synced") == 0 : w->ready)
        w->synced++;
    else if (answers)
        strbuf_addf(&w->names, "%s%s is %.40s", w->names.len ? ", " : "", node,
                    state[0] ? state : "in no state");
    else
        strbuf_addf(&w->names, "%s%s does not answer", w->names.len ? ", " : "", node);
    json_doc_free(doc);
}

/* root: of the PerconaXtraDBCluster. */
static bool is_whole(struct target *t, const struct json_node *root, struct whole *w)
{
    const char *state = json_node_path_text(root, "status.state", ""),
               *ns = json_node_path_text(root, "metadata.namespace", ""),
               *name = json_node_path_text(root, "metadata.name", "");
    int64_t ready = 0;
    *w = (struct whole){.names = STRBUF_INIT(NAMES_MAX)};
    (void)!json_node_int(json_node_path(root, "spec.pxc.size"), &w->size);
    (void)!json_node_int(json_node_path(root, "status.pxc.ready"), &ready);
    w->ready = strcmp(state, "ready") == 0 && ready >= w->size;
    for (int64_t i = 0; i < w->size && i < NODES_MAX; i++)
        look_at_node(t, ns, name, i, w);
    if (!w->ready)
        strbuf_addf(&w->names, "%s%s is %.40s", w->names.len ? ", " : "", name,
                    state[0] ? state : "in no state yet");
    return !w->names.len;
}

/* ---- Waiting for it. */

/* The limit ends it as failed: a run that has sent nothing has nothing to be gone on with. */
static enum awaiting await_whole(struct target *t, const struct step *step,
                                 const struct json_node *object, struct strbuf *says)
{
    const int64_t now_ms = clock_mono_ms(target_clock(t));
    const int limit_s = step->await_s - BACKSTOP_S;
    int64_t begun_ms;
    struct whole w;
    bool whole = is_whole(t, object, &w);
    if (!step->room[sizeof(begun_ms)]) {
        memcpy(step->room, &now_ms, sizeof(now_ms));
        step->room[sizeof(begun_ms)] = 1;
    }
    memcpy(&begun_ms, step->room, sizeof(begun_ms));
    const bool late = !whole && now_ms - begun_ms >= (int64_t)limit_s * 1000;
    if (late)
        strbuf_addf(says, "not so after %d s, and nothing was changed: ", limit_s);
    strbuf_addf(says, "%lld of %lld synced%s%s", (long long)w.synced, (long long)w.size,
                w.names.len ? ": " : "", strbuf_cstr(&w.names));
    strbuf_clear(&w.names);
    return whole ? AWAIT_DONE : late ? AWAIT_FAILED : AWAIT_MORE;
}

static void add_wait(struct plan *p, const struct kube_object *o, int64_t size, int limit_s)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct step *s = plan_step(p, '=',
                               plan_text(p, "Wait until %lld of %lld nodes of %s/%s are synced",
                                         (long long)size, (long long)size, o->ns, o->name));
    kube_path(&path, &pxc_clusters, o->ns, o->name, NULL);
    s->await_path = plan_text(p, "%s", strbuf_cstr(&path));
    s->await = await_whole;
    s->await_s = limit_s + BACKSTOP_S;
    s->wait_for = "jsonpath={.status.state}=ready";
    strbuf_clear(&path);
}

/* ---- */

static void warn(struct target *t, struct plan *p, const struct kube_object *o)
{
    struct whole w;
    if (!is_whole(t, o->root, &w))
        plan_warn(p,
                  plan_text(p,
                            "%s: all nodes do these statements at once (TOI), a server that joins "
                            "later when it has come up. F6 (--wait yes) waits for %lld of %lld "
                            "synced",
                            strbuf_cstr(&w.names), (long long)w.size, (long long)w.size));
    strbuf_clear(&w.names);
}

bool pxc_whole(struct target *t, struct plan *p, const struct answers *in, const char *cluster,
               struct err *err)
{
    const struct site *site = target_site(t, MYSQL_SYSTEM, cluster, err);
    const char *owner = site ? site_setting(site, "owner") : NULL,
               *slash = owner ? strchr(owner, '/') : NULL;
    const bool wait = strcmp(answers_get(in, "wait"), "yes") == 0;
    struct err why;
    int64_t size = 0, limit_s = 0;
    if (!slash)
        return site && (!wait || err_set(err, ERR_CONFIG,
                                         "--wait: %s is no cluster of the Percona operator, whose "
                                         "nodes can be waited for",
                                         site->name));
    struct kube_object o = {.resource = &pxc_clusters,
                            .kind = "PerconaXtraDBCluster",
                            .ns = plan_text(p, "%.*s", (int)(slash - owner), owner),
                            .name = plan_text(p, "%s", slash + 1)};
    if (!kube_look(t, p, &o, &why)) {
        if (wait)
            return err_code(err, why.kind, why.code, "--wait: %s", why.msg);
        plan_warn(p, plan_text(p, "whether all nodes are synced is not known: %s", why.msg));
        return true;
    }
    (void)!json_node_int(json_node_path(o.root, "spec.pxc.size"), &size);
    (void)!number_parse(span_from(answers_get(in, "wait-limit")), 0, 10000, &limit_s);
    if (o.doc && wait)
        add_wait(p, &o, size, (int)limit_s);
    else if (o.doc)
        warn(t, p, &o);
    kube_object_clear(&o);
    return !wait || size || err_set(err, ERR_NOTFOUND, "--wait: %s is not there", kube_name(p, &o));
}
