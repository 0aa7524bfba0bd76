/* The same statements by a Job: what sends them is MySQL's own client in the cluster, which has both
 * passwords of Secrets, in its environment. No argument and no manifest has one; the new user's comes
 * to the server in hexadecimal, and is put between quotes there. */
#include <config.h>

#include "actions/database.h"
#include "actions/secrets.h"
#include "base/json_out.h"
#include "base/timetext.h"

#include <stdio.h>
#include <string.h>

#define IMAGE     "mysql:8"
#define CONTAINER "mysql-client"
#define TEXT_MAX  ((size_t)64 << 10)
#define AWAIT_S   600
#define SECONDS   "300"  /* after which the cluster ends it */
#define KEPT      "3600" /* seconds that it is kept when nobody takes it away */
#define TRIES     8
#define MODE      "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';\n"
/* Without $( ), which a kubelet would look at [kubernetes.io/docs/tasks/inject-data-application/
 * define-interdependent-environment-variables]. */
#define SCRIPT                                                                                       \
    "{ printf \"SET @password = CONVERT(X'\"; printf %s \"$NEW_PASSWORD\" | od -An -v -tx1 | tr -d " \
    "' \\n'; printf \"' USING utf8mb4);\\n\"; printf '%s\\n' \"$STATEMENTS\"; } | mysql "            \
    "--host=\"$DB_HOST\" --port=\"$DB_PORT\" --user=\"$DB_USER\" --ssl-mode=REQUIRED "               \
    "--batch --skip-column-names"

static const struct kube_resource jobs = {"batch", "v1", "jobs"}, pods = {"", "v1", "pods"};

/* ---- Statements. */

static void add_said(struct strbuf *out, const char *words)
{
    strbuf_adds(out, "SELECT ");
    sql_string(out, span_from(words));
    strbuf_adds(out, ";\n");
}

/* CREATE USER with the password put in by the server: in two texts, before and behind it. */
static void add_user(struct plan *p, const struct database_wish *w, struct strbuf *out)
{
    const char *whole = database_create_user(p, w), *mark = strstr(whole, "'${" PASSWORD "}'");
    if (!mark)
        return;
    strbuf_adds(out, "SET @statement = CONCAT(");
    sql_string(out, span_make(whole, (size_t)(mark - whole)));
    strbuf_adds(out, ", QUOTE(@password), ");
    sql_string(out, span_from(mark + strlen("'${" PASSWORD "}'")));
    strbuf_adds(out, ");\nPREPARE make_user FROM @statement;\nEXECUTE make_user;\n"
                     "DEALLOCATE PREPARE make_user;\nSET @statement = NULL;\n");
    add_said(out, plan_text(p, "user %s is made", w->account));
}

static const char *statements(struct plan *p, const struct database_wish *w,
                              const struct database_state *s)
{
    struct strbuf out = STRBUF_INIT(TEXT_MAX);
    strbuf_adds(&out, MODE);
    if (!s->database) {
        strbuf_addf(&out, "%s;\n", database_create(p, w));
        add_said(&out, plan_text(p, "database %s is made", w->quoted));
    }
    if (!s->user)
        add_user(p, w, &out);
    strbuf_adds(&out, "SET @password = NULL;\n");
    if (!s->granted) {
        strbuf_addf(&out, "%s;\n", database_grant(p, w));
        add_said(&out, "rights are granted");
    }
    const char *text = plan_text(p, "%s", strbuf_cstr(&out));
    strbuf_clear(&out);
    return text;
}

/* ---- The manifest. */

static void add(struct json_out *j, const char *key, const char *text)
{
    json_key(j, key);
    json_cstr(j, text);
}

static void begin(struct json_out *j, const char *key)
{
    json_key(j, key);
    json_object(j);
}

/* A kubelet reads $(NAME), and $$ as $. */
static void add_value(struct json_out *j, const char *name, const char *value)
{
    struct strbuf text = STRBUF_INIT(2 * TEXT_MAX);
    for (; *value; value++)
        strbuf_adds(&text, *value == '$' ? "$$" : (const char[2]){*value, '\0'});
    json_object(j);
    add(j, "name", name);
    add(j, "value", strbuf_cstr(&text));
    json_object_end(j);
    strbuf_clear(&text);
}

static void add_from_secret(struct json_out *j, const char *name, const char *secret,
                            const char *key)
{
    json_object(j);
    add(j, "name", name);
    begin(j, "valueFrom");
    begin(j, "secretKeyRef");
    add(j, "name", secret);
    add(j, "key", key);
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
}

struct work {
    const char *ns, *name;    /* of the Job */
    const char *secret, *key; /* the admin's password, there */
    struct external of_user;  /* whose Secret, there, has the user's */
    const char *statements;
};

static void write_labels(struct json_out *j)
{
    begin(j, "labels");
    add(j, "app.kubernetes.io/name", "create-database");
    add(j, "app.kubernetes.io/managed-by", "binnacle");
    json_object_end(j);
}

static void write_container(struct json_out *j, const struct database_wish *w,
                            const struct work *work)
{
    json_key(j, "containers");
    json_array(j);
    json_object(j);
    add(j, "name", CONTAINER);
    add(j, "image", IMAGE);
    json_key(j, "command");
    json_array(j);
    json_cstr(j, "sh");
    json_cstr(j, "-euc");
    json_cstr(j, SCRIPT);
    json_array_end(j);
    json_key(j, "env");
    json_array(j);
    add_value(j, "DB_HOST", w->address);
    add_value(j, "DB_PORT", w->port);
    add_value(j, "DB_USER", w->admin);
    add_from_secret(j, "MYSQL_PWD", work->secret, work->key);
    add_from_secret(j, "NEW_PASSWORD", work->of_user.name, PASSWORD);
    add_value(j, "STATEMENTS", work->statements);
    json_array_end(j);
    json_object_end(j);
    json_array_end(j);
}

static void add_number(struct json_out *j, const char *key, const char *number)
{
    json_key(j, key);
    json_raw(j, span_from(number));
}

static const char *manifest(struct plan *p, const struct database_wish *w, const struct work *work)
{
    struct strbuf text = STRBUF_INIT(4 * TEXT_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    add(&j, "apiVersion", "batch/v1");
    add(&j, "kind", "Job");
    begin(&j, "metadata");
    add(&j, "name", work->name);
    add(&j, "namespace", work->ns);
    write_labels(&j);
    json_object_end(&j);
    begin(&j, "spec");
    add_number(&j, "backoffLimit", "0");
    add_number(&j, "activeDeadlineSeconds", SECONDS);
    add_number(&j, "ttlSecondsAfterFinished", KEPT);
    begin(&j, "template");
    begin(&j, "metadata");
    write_labels(&j);
    json_object_end(&j);
    begin(&j, "spec");
    add(&j, "restartPolicy", "Never");
    json_key(&j, "automountServiceAccountToken");
    json_bool(&j, false);
    write_container(&j, w, work);
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

/* ---- How far it is: what it said last. */

static const char *pods_path(struct strbuf *path, const char *ns, const char *name,
                             const char *query)
{
    strbuf_truncate(path, 0);
    kube_path(path, &pods, ns, name, NULL);
    strbuf_adds(path, query);
    return strbuf_cstr(path);
}

static void add_last_line(struct strbuf *says, struct span log)
{
    log = span_trim(log);
    const size_t end = span_find_last(log, '\n');
    log = end < log.len ? span_sub(log, end + 1, log.len) : log;
    strbuf_addf(says, "%.*s", SPAN_ARG(span_sub(log, 0, 400)));
}

static void add_log(struct target *t, const char *ns, const char *job, struct strbuf *says)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), log = STRBUF_INIT(TEXT_MAX);
    char query[512];
    struct json_doc *doc;
    struct err why;
    (void)snprintf(query, sizeof(query), "?labelSelector=job-name%%3D%s", job);
    if (target_get(t, pods_path(&path, ns, NULL, query), &doc, &why)) {
        const struct json_node *pod = json_node_first(json_node_get(json_doc_root(doc), "items"));
        const char *name = json_node_path_text(pod, "metadata.name", "");
        if (*name &&
            target_text(t, pods_path(&path, ns, name, "/log?container=" CONTAINER "&tailLines=5"),
                        &log, &why) &&
            log.len)
            add_last_line(says, strbuf_span(&log));
        else
            strbuf_adds(says, *name ? "its pod says nothing yet" : "it has no pod yet");
        json_doc_free(doc);
    }
    strbuf_clear(&path);
    strbuf_clear(&log);
}

static bool has(const struct json_node *job, const char *type)
{
    return strcmp(json_node_path_text(kube_condition(job, type), "status", ""), "True") == 0;
}

static enum awaiting look(struct target *t, BN_UNUSED const struct step *step,
                          const struct json_node *job, struct strbuf *says)
{
    if (has(job, "Complete"))
        return AWAIT_DONE;
    if (!has(job, "Failed"))
        return AWAIT_MORE; /* its log says how far it is */
    strbuf_addf(says, "%s: ", json_node_path_text(kube_condition(job, "Failed"), "reason", ""));
    add_log(t, json_node_path_text(job, "metadata.namespace", ""),
            json_node_path_text(job, "metadata.name", ""), says);
    return AWAIT_FAILED;
}

/* ---- Steps. */

/* "secret:NS/NAME/KEY": the Job must be where the Secret is. */
static bool read_admin(struct plan *p, const struct database_wish *w, struct work *work,
                       struct err *err)
{
    struct span rest = span_from(w->admin_recipe), ns, name, key;
    const bool secret = span_starts(rest, "secret:");
    rest = span_sub(rest, strlen("secret:"), rest.len);
    if (!secret || !span_split(&rest, '/', &ns) || !span_split(&rest, '/', &name) ||
        !span_split(&rest, '/', &key))
        return err_set(err, ERR_CONFIG,
                       "--way job: the admin's password of %s is in no Secret: say admin_password: "
                       "secret:NS/NAME/KEY",
                       w->at);
    work->ns = plan_text(p, "%.*s", SPAN_ARG(ns));
    work->secret = plan_text(p, "%.*s", SPAN_ARG(name));
    work->key = plan_text(p, "%.*s", SPAN_ARG(key));
    return true;
}

static void add_removal(struct plan *p, const struct kube_object *job)
{
    struct step *s = plan_step(p, '-', plan_text(p, "Delete %s again", kube_name(p, job)));
    s->deed = kube_delete(p, job->path, CASCADE);
    s->undo = kube_delete(p, job->path, CASCADE);
    s->undo_title = "it stays away: it served this run alone";
    s->await_path = job->path;
    s->await = kube_await_gone;
    s->ends = true;
}

static void add_job(struct plan *p, const struct database_wish *w, const struct database_state *s,
                    const struct kube_object *job, const struct work *work)
{
    struct step *step = plan_step(p, job->doc ? '=' : '+',
                                  plan_text(p, "%s: create database %s, user %s, grant %s",
                                            kube_name(p, job), w->quoted, w->account, w->rights));
    step->await_path = job->path;
    step->await = look;
    step->log_of = kube_job_log;
    step->log_container = CONTAINER;
    step->wait_for = "condition=complete";
    step->await_s = AWAIT_S;
    if (job->doc)
        return;
    step->deed = kube_create(p, &jobs, job->ns, manifest(p, w, work));
    if (!s->user) {
        step->undo = mysql_statement(w->at, plan_text(p, "DROP USER IF EXISTS %s", w->account));
        step->undo_title = s->database ? "drop the user" : "drop the user; the database is kept";
    } else {
        step->undo = mysql_statement(
            w->at, plan_text(p, "REVOKE %s ON %s.* FROM %s", w->rights, w->pattern, w->account));
        step->undo_title = "revoke the rights; a database that was made is kept";
    }
}

/* A Job of this run that failed is left alone by the next one: "NAME", "NAME-2", ... */
static bool find_job(struct target *t, struct plan *p, const char *base, struct kube_object *job,
                     struct err *err)
{
    for (int i = 1; i <= TRIES; i++) {
        job->name = i == 1 ? base : plan_text(p, "%s-%d", base, i);
        if (!kube_look(t, p, job, err))
            return false;
        if (!job->doc || !has(job->root, "Failed"))
            return true;
        kube_object_clear(job);
    }
    return err_set(err, ERR_CONFLICT, "Jobs %s to -%d have failed: nothing more is tried", base,
                   TRIES);
}

static const char *job_name(struct plan *p, const struct answers *in, const struct database_wish *w)
{
    char at[TIMETEXT_MAX];
    time_format(in->at_ms, at); /* 2026-02-13T09:00:00Z */
    return plan_text(p, "create-database-%.30s-%.2s%.2s%.2s", w->external.name, at + 11, at + 14,
                     at + 17);
}

static bool is_made(const struct database_state *s)
{
    return s->database && s->user && s->granted;
}

/* All is there that a Job that has ended well has made: it may have ended since the first look. */
static bool is_made_by_now(struct target *t, struct plan *p, const struct database_wish *w,
                           const struct kube_object *job, struct database_state *s, struct err *err)
{
    if (is_made(s))
        return true;
    return database_read_state(t, p, w, s, err) &&
           (is_made(s) ||
            err_set(err, ERR_CONFLICT, "%s has ended well, and not all of it is there",
                    kube_name(p, job)));
}

bool database_job_steps(struct target *t, struct plan *p, const struct answers *in,
                        const struct database_wish *w, const struct database_state *s,
                        struct err *err)
{
    struct database_state now = *s;
    struct work work = {.of_user = w->external};
    struct kube_object job = {.resource = &jobs, .kind = "Job"};
    if (!read_admin(p, w, &work, err))
        return false;
    job.ns = work.ns;
    const char *base = job_name(p, in, w);
    const bool apart = strcmp(work.ns, w->external.ns) != 0;
    if (apart) {
        work.of_user.ns = work.ns;
        work.of_user.name = base;
    }
    if (!find_job(t, p, base, &job, err))
        return false;
    work.name = job.name;
    const bool runs = job.doc && !has(job.root, "Complete");
    bool ok = !job.doc || runs || is_made_by_now(t, p, w, &job, &now, err);
    const bool needed = !is_made(&now) || runs;
    work.statements = statements(p, w, &now);
    ok = ok && (!needed || !apart || external_step(t, p, &work.of_user, err));
    if (ok && needed)
        add_job(p, w, &now, &job, &work);
    if (ok && (needed || job.doc))
        add_removal(p, &job);
    ok = ok && (!apart || external_remove(t, p, &work.of_user, needed, err));
    kube_object_clear(&job);
    return ok;
}
