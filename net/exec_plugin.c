/* Login plug-ins: what is told to them and what is made of their answer. The
 * process itself: child.c. */
#include <config.h>

#include "net/exec_plugin.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/timetext.h"
#include "net/base64.h"
#include "net/child.h"
#include "net/json_doc.h"
#include "net/plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENVIRONMENT_MAX ((size_t)4 << 20)
#define CA_MAX          ((size_t)1 << 20)
#define SAYS_MAX        160

static void wipe_text(char **text)
{
    alloc_free_wiped(*text);
    *text = NULL;
}

void exec_answer_wipe(struct exec_answer *answer)
{
    wipe_text(&answer->token);
    wipe_text(&answer->cert_pem);
    wipe_text(&answer->key_pem);
    answer->expires_ms = 0;
}

/* ---- What the plug-in is told. */

static void add_ca(struct json_out *j, const struct kube_cluster *cluster)
{
    struct strbuf pem = STRBUF_INIT(CA_MAX), text = STRBUF_INIT(2 * CA_MAX);

    if (cluster->ca_pem.len > 0)
        strbuf_add(&pem, cluster->ca_pem);
    else if (cluster->ca_file && !file_read(cluster->ca_file, &pem, NULL))
        strbuf_truncate(&pem, 0);
    if (pem.len > 0) {
        base64_encode(strbuf_span(&pem), &text);
        json_key(j, "certificate-authority-data");
        json_text(j, strbuf_span(&text));
    }
    strbuf_clear(&text);
    strbuf_clear(&pem);
}

static void add_cluster(struct json_out *j, const struct kube_cluster *cluster)
{
    json_key(j, "cluster");
    json_object(j);
    json_key(j, "server");
    json_cstr(j, cluster->server);
    if (cluster->tls_server_name) {
        json_key(j, "tls-server-name");
        json_cstr(j, cluster->tls_server_name);
    }
    if (cluster->insecure) {
        json_key(j, "insecure-skip-tls-verify");
        json_bool(j, true);
    }
    if (cluster->proxy_url) {
        json_key(j, "proxy-url");
        json_cstr(j, cluster->proxy_url);
    }
    if (cluster->no_gzip) {
        json_key(j, "disable-compression");
        json_bool(j, true);
    }
    add_ca(j, cluster);
    if (cluster->exec_config) {
        json_key(j, "config");
        json_raw(j, span_from(cluster->exec_config));
    }
    json_object_end(j);
}

/* KUBERNETES_EXEC_INFO=... */
static void exec_info(const struct exec_plugin_options *o, bool interactive, struct strbuf *out)
{
    struct json_out j;

    strbuf_adds(out, "KUBERNETES_EXEC_INFO=");
    json_out_init(&j, out, 0);
    json_object(&j);
    json_key(&j, "kind");
    json_cstr(&j, "ExecCredential");
    json_key(&j, "apiVersion");
    json_cstr(&j, o->exec->api_version);
    json_key(&j, "spec");
    json_object(&j);
    json_key(&j, "interactive");
    json_bool(&j, interactive);
    if (o->exec->provide_cluster_info && o->cluster)
        add_cluster(&j, o->cluster);
    json_object_end(&j);
    json_object_end(&j);
}

static bool same_name(const char *entry, const char *name, size_t len)
{
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static bool is_replaced(const struct kube_exec *exec, const char *entry)
{
    for (size_t i = 0; i < exec->env_count; i++)
        if (same_name(entry, exec->env[i].name, strlen(exec->env[i].name)))
            return true;
    return same_name(entry, "KUBERNETES_EXEC_INFO", strlen("KUBERNETES_EXEC_INFO"));
}

/* Ours, the kubeconfig's, and the info. Owned array of texts, of which the first
 * *borrowed are the process' own. */
static char **make_environment(const struct exec_plugin_options *o, bool interactive,
                               size_t *borrowed)
{
    struct strbuf info = STRBUF_INIT(ENVIRONMENT_MAX);
    size_t count = 0, n = 0;
    char **env;

    while (environ && environ[count])
        count++;
    env = xalloc_zero(count + o->exec->env_count + 2, sizeof *env);
    for (size_t i = 0; i < count; i++)
        if (!is_replaced(o->exec, environ[i]))
            env[n++] = environ[i];
    *borrowed = n;
    for (size_t i = 0; i < o->exec->env_count; i++) {
        struct strbuf var = STRBUF_INIT(ENVIRONMENT_MAX);
        strbuf_addf(&var, "%s=%s", o->exec->env[i].name, o->exec->env[i].value);
        env[n] = strbuf_take(&var);
        n += env[n] != NULL;
    }
    exec_info(o, interactive, &info);
    env[n] = strbuf_take(&info);
    return env;
}

static void free_environment(char **env, size_t borrowed)
{
    for (size_t i = borrowed; env[i]; i++)
        wipe_text(&env[i]);
    free(env);
}

/* ---- Where it is. */

static bool not_found(const struct exec_plugin_options *o, struct err *err)
{
    char hint[SAYS_MAX + 40];
    const bool there = strchr(o->exec->command, '/') && access(o->exec->command, F_OK) == 0;

    if (there)
        return err_set(err, ERR_CONFIG, "%s: the login plug-in %s is not an executable file",
                       o->name, o->exec->command);
    plain_text(span_from(o->exec->install_hint), hint, sizeof hint);
    return err_set(err, ERR_CONFIG, "%s: the login plug-in %s is not %s: %s", o->name,
                   o->exec->command, strchr(o->exec->command, '/') ? "there" : "in PATH",
                   hint[0] ? hint : "install it, or correct its command in the kubeconfig");
}

/* ---- What it answers. */

static bool bad_answer(const struct exec_plugin_options *o, struct err *err, const char *what)
{
    return err_set(err, ERR_AUTH, "%s: the login plug-in %s %s", o->name, o->exec->command, what);
}

static bool is_sendable(const char *token)
{
    for (const char *p = token; *p; p++)
        if (*p <= ' ' || *p == 0x7F || (unsigned char)*p >= 0x80)
            return false;
    return *token != 0;
}

static bool check_expiry(const struct exec_plugin_options *o, const char *text, int64_t *expires,
                         struct err *err)
{
    char ago[TIMETEXT_MAX];

    *expires = TIME_FOREVER;
    if (!text)
        return true;
    if (!time_parse(span_from(text), expires))
        return bad_answer(o, err, "printed an expirationTimestamp that is no time (RFC 3339)");
    if (*expires > o->now_ms)
        return true;
    duration_format(o->now_ms - *expires, ago);
    return err_set(err, ERR_AUTH,
                   "%s: the login plug-in %s gave a credential that expired %s ago: log in anew "
                   "(:login), or check the clock",
                   o->name, o->exec->command, ago);
}

static bool read_status(const struct exec_plugin_options *o, const struct json_node *root,
                        struct exec_answer *answer, struct err *err)
{
    const struct json_node *status = json_node_get(root, "status");
    const char *version = json_node_path_text(root, "apiVersion", "");
    const char *token = json_node_path_text(status, "token", NULL);
    const char *cert = json_node_path_text(status, "clientCertificateData", NULL);
    const char *key = json_node_path_text(status, "clientKeyData", NULL);
    int64_t expires;

    if (strcmp(json_node_path_text(root, "kind", ""), "ExecCredential") != 0)
        return bad_answer(o, err, "printed JSON that is no ExecCredential");
    if (strcmp(version, o->exec->api_version) != 0)
        return bad_answer(o, err,
                          "answered in another apiVersion than the kubeconfig's: correct it there");
    if (!status)
        return bad_answer(o, err, "printed an ExecCredential without status");
    if (token && !*token)
        token = NULL;
    if (!token && !cert && !key)
        return bad_answer(o, err, "gave neither a token nor a client certificate");
    if (!cert != !key)
        return bad_answer(o, err, "gave a client certificate without its key, or a key alone");
    if (token && !is_sendable(token))
        return bad_answer(o, err, "gave a token with characters that cannot be sent");
    if (!check_expiry(o, json_node_path_text(status, "expirationTimestamp", NULL), &expires, err))
        return false;
    *answer = (struct exec_answer){.expires_ms = expires};
    answer->token = token ? xalloc_text(token) : NULL;
    answer->cert_pem = cert ? xalloc_text(cert) : NULL;
    answer->key_pem = key ? xalloc_text(key) : NULL;
    return true;
}

static bool read_answer(const struct exec_plugin_options *o, struct span text,
                        struct exec_answer *answer, struct err *err)
{
    struct json_doc *doc;
    struct err why;
    bool ok;

    if (span_trim(text).len == 0)
        return bad_answer(o, err, "printed nothing where an ExecCredential was expected");
    doc = json_doc_parse(text, "ExecCredential", &why);
    if (!doc)
        return bad_answer(o, err, "printed something that is no ExecCredential in JSON");
    ok = read_status(o, json_doc_root(doc), answer, err);
    json_doc_free_wiped(doc);
    return ok;
}

static bool failed_run(const struct exec_plugin_options *o, const struct child_result *r,
                       struct err *err)
{
    char says[SAYS_MAX];

    plain_text(child_last_line(strbuf_span(&r->errors)), says, sizeof says);
    if (r->signal)
        return err_set(err, ERR_AUTH, "%s: the login plug-in %s was killed by signal %d%s%s",
                       o->name, o->exec->command, r->signal, says[0] ? ": " : "", says);
    return err_code(err, ERR_AUTH, r->status,
                    "%s: the login plug-in %s failed (exit %d)%s%s; try :login, or run it by hand",
                    o->name, o->exec->command, r->status, says[0] ? ": " : "", says);
}

static bool finish(const struct exec_plugin_options *o, int deadline_ms,
                   const struct child_result *r, struct exec_answer *answer, struct err *err)
{
    switch (r->end) {
    case CHILD_EXITED:
        if (r->signal || r->status != 0)
            return failed_run(o, r, err);
        return read_answer(o, strbuf_span(&r->output), answer, err);
    case CHILD_TIMEOUT:
        return err_set(err, ERR_TIMEOUT,
                       "%s: the login plug-in %s gave no answer in %d s and was stopped: it may "
                       "wait for a person; try :login",
                       o->name, o->exec->command, deadline_ms / 1000);
    case CHILD_CANCELLED:
        return err_set(err, ERR_CANCELLED, "%s: login stopped", o->name);
    case CHILD_TOO_MUCH:
        return bad_answer(o, err, "printed more than 1 MiB and was stopped");
    case CHILD_NOT_STARTED:
        break;
    }
    return err_code(err, ERR_CONFIG, r->error, "%s: the login plug-in %s could not be started: %s",
                    o->name, o->exec->command, strerror(r->error));
}

static bool run(const struct exec_plugin_options *o, bool on_terminal, int deadline_ms,
                struct exec_answer *answer, struct err *err)
{
    char *path = child_find(o->exec->command);
    struct child_result result;
    struct child_options child;
    const char **argv;
    size_t borrowed, args = 0;
    char **env;
    bool ok;

    if (!path)
        return not_found(o, err);
    while (o->exec->args[args])
        args++;
    argv = xalloc_zero(args + 2, sizeof *argv);
    argv[0] = o->exec->command;
    for (size_t i = 0; i < args; i++)
        argv[i + 1] = o->exec->args[i];
    env = make_environment(o, on_terminal, &borrowed);
    child = (struct child_options){.path = path,
                                   .argv = argv,
                                   .env = env,
                                   .on_terminal = on_terminal,
                                   .deadline_ms = deadline_ms,
                                   .cancel_fd = o->cancel_fd,
                                   .output_max = EXEC_PLUGIN_OUTPUT_MAX,
                                   .errors_max = EXEC_PLUGIN_STDERR_MAX};
    child_run(&child, &result);
    ok = finish(o, deadline_ms, &result, answer, err);
    child_result_wipe(&result);
    free_environment(env, borrowed);
    free(argv);
    free(path);
    return ok;
}

bool exec_plugin_run(const struct exec_plugin_options *options, struct exec_answer *answer,
                     struct err *err)
{
    if (options->exec->mode == KUBE_EXEC_ALWAYS)
        return err_set(err, ERR_AUTH,
                       "%s: the login plug-in %s needs the terminal: type :login to run it there",
                       options->name, options->exec->command);
    return run(options, false, options->deadline_ms ? options->deadline_ms : EXEC_PLUGIN_MS, answer,
               err);
}

bool exec_plugin_run_on_terminal(const struct exec_plugin_options *options,
                                 struct exec_answer *answer, struct err *err)
{
    return run(options, true, options->deadline_ms, answer, err);
}
