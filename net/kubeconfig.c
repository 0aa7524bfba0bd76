/* kubeconfig files: reading, merging by client-go's rules, checking. */
#include <config.h>

#include "net/kubeconfig.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/yaml.h"
#include "net/base64.h"
#include "net/kubeconfig_data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_MAX      ((size_t)64 << 20)
#define ENTRIES_MAX     1024
#define DATA_MAX        ((size_t)1 << 20)
#define ARGS_MAX        256
#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

/* One file being read. */
struct loader {
    struct kubeconfig *config;
    const char *path;
    struct err *err;
};

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "kubeconfig: more than %zu MiB", MEMORY_MAX >> 20);
}

static bool at_node(const struct loader *l, const struct yaml_node *node, const char *what)
{
    return err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s", l->path, node->line, node->column, what);
}

static bool keep(const struct loader *l, struct span text, const char **out)
{
    struct span copy;

    if (!arena_copy(l->config->arena, text, &copy))
        return no_memory(l->err);
    *out = copy.data;
    return true;
}

static void warn(struct kubeconfig *config, const char *fmt, ...) BN_PRINTF(2, 3);

static void warn(struct kubeconfig *config, const char *fmt, ...)
{
    struct strbuf text = STRBUF_INIT(1024);
    struct span copy;
    va_list args;

    va_start(args, fmt);
    strbuf_vaddf(&text, fmt, args);
    va_end(args);
    if (config->warning_count < KUBECONFIG_WARNINGS_MAX &&
        arena_copy(config->arena, strbuf_span(&text), &copy))
        config->warnings[config->warning_count++] = copy.data;
    strbuf_clear(&text);
}

/* ---- Fields. All leave *out alone when the key is absent, null or empty. */

static bool scalar(const struct loader *l, const struct yaml_node *map, const char *key,
                   const struct yaml_node **out)
{
    const struct yaml_node *node = yaml_get(map, key);

    *out = NULL;
    if (!node || yaml_is_null(node))
        return true;
    if (node->type != YAML_SCALAR)
        return err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s must be one text", l->path, node->line,
                       node->column, key);
    if (memchr(node->text.data, 0, node->text.len))
        return err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s holds a NUL byte", l->path, node->line,
                       node->column, key);
    if (node->text.len > 0)
        *out = node;
    return true;
}

static bool text_field(const struct loader *l, const struct yaml_node *map, const char *key,
                       const char **out)
{
    const struct yaml_node *node;

    if (!scalar(l, map, key, &node))
        return false;
    return !node || keep(l, node->text, out);
}

static bool bool_field(const struct loader *l, const struct yaml_node *map, const char *key,
                       bool *out)
{
    const struct yaml_node *node;

    if (!scalar(l, map, key, &node))
        return false;
    if (node && !yaml_bool(node, out))
        return err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s must be true or false", l->path,
                       node->line, node->column, key);
    return true;
}

/* A path, made relative to the folder of the file it stands in. */
static bool path_text(const struct loader *l, struct span text, const char **out)
{
    struct strbuf full = STRBUF_INIT(16384);
    const size_t slash = span_find_last(span_from(l->path), '/');
    bool ok;

    if (span_starts(text, "/"))
        return keep(l, text, out);
    if (slash < strlen(l->path))
        strbuf_add(&full, span_make(l->path, slash + 1));
    else
        strbuf_adds(&full, "./");
    strbuf_add(&full, text);
    ok = !full.failed && keep(l, strbuf_span(&full), out);
    strbuf_clear(&full);
    return ok || no_memory(l->err);
}

static bool path_field(const struct loader *l, const struct yaml_node *map, const char *key,
                       const char **out)
{
    const struct yaml_node *node;

    if (!scalar(l, map, key, &node))
        return false;
    return !node || path_text(l, node->text, out);
}

static bool data_field(const struct loader *l, const struct yaml_node *map, const char *key,
                       struct span *out)
{
    struct strbuf bytes = STRBUF_INIT(DATA_MAX);
    const struct yaml_node *node;
    bool ok = true;

    if (!scalar(l, map, key, &node))
        return false;
    if (!node)
        return true;
    if (!base64_decode(node->text, &bytes))
        ok = err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s is not base64", l->path, node->line,
                     node->column, key);
    else if (span_search(strbuf_span(&bytes), SPAN("-----BEGIN "), false) == bytes.len)
        ok = err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s holds no PEM (-----BEGIN ...)", l->path,
                     node->line, node->column, key);
    else if (!arena_copy(l->config->arena, strbuf_span(&bytes), out))
        ok = no_memory(l->err);
    strbuf_wipe(&bytes);
    return ok;
}

/* A list of texts; NULL ends it. *out stays when the key is absent. */
static bool list_field(const struct loader *l, const struct yaml_node *map, const char *key,
                       const char *const **out)
{
    const struct yaml_node *node = yaml_get(map, key), *child;
    const char **texts;
    size_t n = 0;

    if (!node || yaml_is_null(node))
        return true;
    if (node->type != YAML_LIST || node->count > ARGS_MAX)
        return err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s must be a list of at most %d texts",
                       l->path, node->line, node->column, key, ARGS_MAX);
    texts = arena_calloc(l->config->arena, node->count + 1, sizeof *texts);
    if (!texts)
        return no_memory(l->err);
    for (child = node->first; child; child = child->next) {
        if (child->type != YAML_SCALAR)
            return at_node(l, child, "a text was expected");
        if (!keep(l, child->text, &texts[n++]))
            return false;
    }
    *out = texts;
    return true;
}

/* ---- Entries. */

/* What stands under this name goes to login plug-ins as it is
 * [client-go tools/clientcmd/api ExecConfig.Config]. */
#define EXEC_EXTENSION "client.authentication.k8s.io/exec"

static bool read_exec_config(const struct loader *l, const struct yaml_node *map,
                             struct kube_cluster *c)
{
    const struct yaml_node *list = yaml_get(map, "extensions"), *entry;
    struct strbuf json = STRBUF_INIT(DATA_MAX);
    bool ok = true;

    if (!list || list->type != YAML_LIST)
        return true;
    for (entry = list->first; entry && ok; entry = entry->next) {
        const struct yaml_node *value = yaml_get(entry, "extension");

        if (!value || strcmp(yaml_text(entry, "name", ""), EXEC_EXTENSION) != 0)
            continue;
        strbuf_truncate(&json, 0);
        yaml_to_json(value, &json);
        ok = !json.failed && keep(l, strbuf_span(&json), &c->exec_config);
    }
    strbuf_clear(&json);
    return ok || no_memory(l->err);
}

static bool read_cluster(const struct loader *l, const struct yaml_node *map,
                         struct kube_cluster *c)
{
    return text_field(l, map, "server", &c->server) &&
           path_field(l, map, "certificate-authority", &c->ca_file) &&
           data_field(l, map, "certificate-authority-data", &c->ca_pem) &&
           bool_field(l, map, "insecure-skip-tls-verify", &c->insecure) &&
           text_field(l, map, "tls-server-name", &c->tls_server_name) &&
           text_field(l, map, "proxy-url", &c->proxy_url) &&
           bool_field(l, map, "disable-compression", &c->no_gzip) && read_exec_config(l, map, c);
}

static bool read_exec_env(const struct loader *l, const struct yaml_node *map, struct kube_exec *e)
{
    const struct yaml_node *node = yaml_get(map, "env"), *child;
    struct kube_exec_var *vars;

    if (!node || yaml_is_null(node))
        return true;
    if (node->type != YAML_LIST || node->count > ARGS_MAX)
        return at_node(l, node, "env must be a list of name and value");
    vars = arena_calloc(l->config->arena, node->count + 1, sizeof *vars);
    if (!vars)
        return no_memory(l->err);
    for (child = node->first; child; child = child->next) {
        struct kube_exec_var *var = &vars[e->env_count];

        var->value = "";
        if (child->type != YAML_MAP || !yaml_get(child, "name"))
            return at_node(l, child, "an env entry needs name and value");
        if (!text_field(l, child, "name", &var->name) ||
            !text_field(l, child, "value", &var->value))
            return false;
        if (!var->name || strchr(var->name, '='))
            return at_node(l, child, "name of an env entry is empty or has \"=\" in it");
        e->env_count++;
    }
    e->env = vars;
    return true;
}

static bool read_exec_mode(const struct loader *l, const struct yaml_node *map, struct kube_exec *e)
{
    const char *mode = NULL;

    if (!text_field(l, map, "interactiveMode", &mode))
        return false;
    if (!mode && strcmp(e->api_version, "client.authentication.k8s.io/v1") == 0)
        return at_node(l, map,
                       "exec of apiVersion v1 needs interactiveMode: Never, IfAvailable or "
                       "Always");
    if (!mode || strcmp(mode, "IfAvailable") == 0)
        e->mode = KUBE_EXEC_IF_AVAILABLE;
    else if (strcmp(mode, "Never") == 0)
        e->mode = KUBE_EXEC_NEVER;
    else if (strcmp(mode, "Always") == 0)
        e->mode = KUBE_EXEC_ALWAYS;
    else
        return at_node(l, yaml_get(map, "interactiveMode"),
                       "interactiveMode must be Never, IfAvailable or Always");
    return true;
}

static bool read_exec(const struct loader *l, const struct yaml_node *map, struct kube_user *u)
{
    static const char *const none[] = {NULL};
    const struct yaml_node *command;
    struct kube_exec *e;

    if (!map || yaml_is_null(map))
        return true;
    if (map->type != YAML_MAP)
        return at_node(l, map, "exec must be a map");
    e = arena_calloc(l->config->arena, 1, sizeof *e);
    if (!e)
        return no_memory(l->err);
    e->args = none;
    if (!text_field(l, map, "apiVersion", &e->api_version) ||
        !scalar(l, map, "command", &command) || !list_field(l, map, "args", &e->args) ||
        !read_exec_env(l, map, e) || !text_field(l, map, "installHint", &e->install_hint) ||
        !bool_field(l, map, "provideClusterInfo", &e->provide_cluster_info))
        return false;
    if (!command)
        return at_node(l, map, "exec needs a command");
    if (!e->api_version || (strcmp(e->api_version, "client.authentication.k8s.io/v1") != 0 &&
                            strcmp(e->api_version, "client.authentication.k8s.io/v1beta1") != 0))
        return at_node(l, map, "exec needs apiVersion: client.authentication.k8s.io/v1 or v1beta1");
    u->exec = e;
    if (!read_exec_mode(l, map, e))
        return false;
    if (span_find(command->text, '/', 0) == command->text.len)
        return keep(l, command->text, &e->command);
    return path_text(l, command->text, &e->command);
}

/* as-user-extra: {key: [value, ...]} */
static bool read_extra(const struct loader *l, const struct yaml_node *map, struct kube_user *u)
{
    const struct yaml_node *extra = yaml_get(map, "as-user-extra"), *list, *value;
    struct kube_extra *all;
    size_t count = 0;

    if (!extra || yaml_is_null(extra))
        return true;
    if (extra->type != YAML_MAP)
        return at_node(l, extra, "as-user-extra must be a map of lists");
    for (list = extra->first; list; list = list->next) {
        if (list->type != YAML_LIST)
            return at_node(l, list, "as-user-extra must be a map of lists");
        count += list->count;
    }
    if (count > ARGS_MAX)
        return at_node(l, extra, "as-user-extra has too many values");
    all = arena_calloc(l->config->arena, count + 1, sizeof *all);
    if (!all)
        return no_memory(l->err);
    for (list = extra->first; list; list = list->next) {
        for (value = list->first; value; value = value->next) {
            struct kube_extra *e = &all[u->impersonate_extras];

            if (value->type != YAML_SCALAR)
                return at_node(l, value, "a text was expected");
            if (!keep(l, list->key, &e->key) || !keep(l, value->text, &e->value))
                return false;
            u->impersonate_extras++;
        }
    }
    u->impersonate_extra = all;
    return true;
}

static bool read_user(const struct loader *l, const struct yaml_node *map, struct kube_user *u)
{
    const struct yaml_node *provider = yaml_get(map, "auth-provider");

    if (provider && !yaml_is_null(provider)) {
        u->auth_provider = "unknown";
        if (!text_field(l, provider, "name", &u->auth_provider))
            return false;
    }
    return text_field(l, map, "token", &u->token) &&
           path_field(l, map, "tokenFile", &u->token_file) &&
           path_field(l, map, "client-certificate", &u->cert_file) &&
           path_field(l, map, "client-key", &u->key_file) &&
           data_field(l, map, "client-certificate-data", &u->cert_pem) &&
           data_field(l, map, "client-key-data", &u->key_pem) &&
           text_field(l, map, "username", &u->username) &&
           text_field(l, map, "password", &u->password) &&
           text_field(l, map, "as", &u->impersonate) &&
           text_field(l, map, "as-uid", &u->impersonate_uid) && read_extra(l, map, u) &&
           list_field(l, map, "as-groups", &u->impersonate_groups) &&
           read_exec(l, yaml_get(map, "exec"), u);
}

static bool read_context(const struct loader *l, const struct yaml_node *map,
                         struct kube_context *c)
{
    c->namespace_name = "default";
    return text_field(l, map, "cluster", &c->cluster) && text_field(l, map, "user", &c->user) &&
           text_field(l, map, "namespace", &c->namespace_name);
}

/* The three lists of a file, alike but for what an entry holds. */
enum section { SECTION_CLUSTERS, SECTION_USERS, SECTION_CONTEXTS };

static const struct {
    const char *list, *entry;
} sections[] = {{"clusters", "cluster"}, {"users", "user"}, {"contexts", "context"}};

static bool section_has(const struct kubeconfig *config, enum section section, struct span name,
                        size_t from)
{
    switch (section) {
    case SECTION_CLUSTERS:
        for (size_t i = from; i < config->cluster_count; i++)
            if (span_is(name, config->clusters[i].name))
                return true;
        break;
    case SECTION_USERS:
        for (size_t i = from; i < config->user_count; i++)
            if (span_is(name, config->users[i].name))
                return true;
        break;
    case SECTION_CONTEXTS:
        for (size_t i = from; i < config->context_count; i++)
            if (span_is(name, config->contexts[i].name))
                return true;
        break;
    }
    return false;
}

static bool read_entry(const struct loader *l, enum section section, const char *name,
                       const struct yaml_node *map)
{
    struct kubeconfig *config = l->config;

    switch (section) {
    case SECTION_CLUSTERS: {
        struct kube_cluster c = {.name = name, .file = l->path, .line = map->line};
        if (config->cluster_count == ENTRIES_MAX)
            return at_node(l, map, "too many clusters");
        if (!read_cluster(l, map, &c))
            return false;
        config->clusters[config->cluster_count++] = c;
        return true;
    }
    case SECTION_USERS: {
        struct kube_user u = {.name = name, .file = l->path, .line = map->line};
        if (config->user_count == ENTRIES_MAX)
            return at_node(l, map, "too many users");
        if (!read_user(l, map, &u))
            return false;
        config->users[config->user_count++] = u;
        return true;
    }
    case SECTION_CONTEXTS: {
        struct kube_context c = {.name = name, .file = l->path, .line = map->line};
        if (config->context_count == ENTRIES_MAX)
            return at_node(l, map, "too many contexts");
        if (!read_context(l, map, &c))
            return false;
        config->contexts[config->context_count++] = c;
        return true;
    }
    }
    return true;
}

static size_t section_count(const struct kubeconfig *config, enum section section)
{
    switch (section) {
    case SECTION_CLUSTERS:
        return config->cluster_count;
    case SECTION_USERS:
        return config->user_count;
    case SECTION_CONTEXTS:
        break;
    }
    return config->context_count;
}

static bool read_section(const struct loader *l, const struct yaml_node *root, enum section section)
{
    const struct yaml_node *list = yaml_get(root, sections[section].list), *entry;
    const size_t before = section_count(l->config, section);

    if (!list || yaml_is_null(list))
        return true;
    if (list->type != YAML_LIST)
        return err_set(l->err, ERR_CONFIG, "%s:%d:%d: %s must be a list", l->path, list->line,
                       list->column, sections[section].list);
    for (entry = list->first; entry; entry = entry->next) {
        const struct yaml_node *value, *name_node;
        const char *name = NULL;

        if (entry->type != YAML_MAP)
            return at_node(l, entry, "an entry with a name was expected");
        if (!scalar(l, entry, "name", &name_node))
            return false;
        value = yaml_get(entry, sections[section].entry);
        if (!name_node)
            return at_node(l, entry, "an entry without a name");
        if (section_has(l->config, section, name_node->text, before))
            return err_set(l->err, ERR_CONFIG, "%s:%d:%d: \"%.*s\" stands twice in %s", l->path,
                           name_node->line, name_node->column, SPAN_ARG(name_node->text),
                           sections[section].list);
        if (section_has(l->config, section, name_node->text, 0))
            continue; /* an earlier file wins the whole entry */
        if (value && !yaml_is_null(value) && value->type != YAML_MAP)
            return at_node(l, value, "a map was expected");
        if (!keep(l, name_node->text, &name) ||
            !read_entry(l, section, name, value && value->type == YAML_MAP ? value : entry))
            return false;
    }
    return true;
}

/* ---- Files. */

/* NULL: *err says why it cannot. */
static struct config_file *remember_file(struct kubeconfig *config, const char *path,
                                         struct err *err)
{
    struct config_file *file;
    struct span copy;
    struct stat st;

    if (config->file_count == KUBECONFIG_FILES_MAX) {
        (void)err_set(err, ERR_CONFIG, "KUBECONFIG names more than %d files", KUBECONFIG_FILES_MAX);
        return NULL;
    }
    if (!arena_copy(config->arena, span_from(path), &copy)) {
        (void)no_memory(err);
        return NULL;
    }
    file = &config->files[config->file_count++];
    *file = (struct config_file){.path = copy.data};
    if (stat(path, &st) == 0) {
        file->present = true;
        file->modified = st.st_mtim;
        file->size = st.st_size;
        if (S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
            warn(config, "%s can be read by every user of this machine; chmod 600 %s", path, path);
    }
    return file;
}

/* A missing file is skipped unless it must be there. */
static bool load_file(struct kubeconfig *config, const char *path, bool must, struct err *err)
{
    struct loader l = {config, path, err};
    struct config_file *file = remember_file(config, path, err);
    const struct yaml_node *root;
    struct yaml_doc *doc;
    struct err why;
    bool ok = true;

    if (!file)
        return false;
    doc = yaml_load(path, &why);
    if (!doc && why.kind == ERR_NOTFOUND && !must) {
        file->present = false;
        return true;
    }
    if (!doc) {
        if (err)
            *err = why;
        return why.kind != ERR_NOTFOUND
                   ? false
                   : err_set(err, ERR_CONFIG, "%s: there is no such kubeconfig; see --kubeconfig",
                             path);
    }
    l.path = file->path;
    root = yaml_count(doc) > 0 ? yaml_root(doc, 0) : NULL;
    if (root && !yaml_is_null(root)) {
        if (root->type != YAML_MAP)
            ok = at_node(&l, root,
                         "this is no kubeconfig: a map with clusters, users and contexts "
                         "was expected");
        ok = ok && read_section(&l, root, SECTION_CLUSTERS) &&
             read_section(&l, root, SECTION_USERS) && read_section(&l, root, SECTION_CONTEXTS);
        if (ok && !config->current)
            ok = text_field(&l, root, "current-context", &config->current);
    }
    yaml_doc_free_wiped(doc);
    return ok;
}

static bool load_list(struct kubeconfig *config, const char *list, struct err *err)
{
    struct span rest = span_from(list), part;

    while (span_split(&rest, ':', &part)) {
        char *path;
        bool ok;

        if (part.len == 0)
            continue;
        path = xalloc_bytes(part.data, part.len);
        ok = load_file(config, path, false, err);
        free(path);
        if (!ok)
            return false;
    }
    return true;
}

static bool load_home(struct kubeconfig *config, const char *home, struct err *err)
{
    struct strbuf path = STRBUF_INIT(16384);
    bool ok;

    if (!home || !*home)
        return true;
    strbuf_addf(&path, "%s/.kube/config", home);
    ok = load_file(config, strbuf_cstr(&path), false, err);
    strbuf_clear(&path);
    return ok;
}

/* The pod we run in, when its service account is there. */
static bool load_in_cluster(struct kubeconfig *config, const struct kubeconfig_env *env,
                            struct err *err)
{
    struct loader l = {config, "in-cluster", err};
    struct strbuf text = STRBUF_INIT(16384);
    const char *folder = env->service_account ? env->service_account : SERVICE_ACCOUNT;
    struct kube_cluster cluster = {.name = "in-cluster", .file = "in-cluster"};
    struct kube_user user = {.name = "service-account", .file = "in-cluster"};
    struct kube_context context = {.name = "in-cluster",
                                   .cluster = "in-cluster",
                                   .user = "service-account",
                                   .namespace_name = "default",
                                   .file = "in-cluster"};
    bool ok;

    if (!env->service_host || !*env->service_host || !env->service_port || !*env->service_port)
        return true;
    strbuf_addf(&text, "%s/token", folder);
    if (access(strbuf_cstr(&text), R_OK) != 0) {
        strbuf_clear(&text);
        return true;
    }
    ok = keep(&l, strbuf_span(&text), &user.token_file);
    strbuf_truncate(&text, 0);
    strbuf_addf(&text, strchr(env->service_host, ':') ? "https://[%s]:%s" : "https://%s:%s",
                env->service_host, env->service_port);
    ok = ok && keep(&l, strbuf_span(&text), &cluster.server);
    strbuf_truncate(&text, 0);
    strbuf_addf(&text, "%s/ca.crt", folder);
    ok = ok && keep(&l, strbuf_span(&text), &cluster.ca_file);
    strbuf_truncate(&text, 0);
    strbuf_addf(&text, "%s/namespace", folder);
    char *path = xalloc_text(strbuf_cstr(&text));
    strbuf_truncate(&text, 0);
    if (ok && file_read(path, &text, NULL) && span_trim(strbuf_span(&text)).len > 0)
        ok = keep(&l, span_trim(strbuf_span(&text)), &context.namespace_name);
    free(path);
    strbuf_clear(&text);
    if (!ok)
        return false;
    config->clusters[config->cluster_count++] = cluster;
    config->users[config->user_count++] = user;
    config->contexts[config->context_count++] = context;
    config->current = context.name;
    config->in_cluster = true;
    return true;
}

struct kubeconfig_env kubeconfig_env_read(const char *path)
{
    return (struct kubeconfig_env){
        .path = path,
        .kubeconfig = getenv("KUBECONFIG"),
        .home = getenv("HOME"),
        .service_host = getenv("KUBERNETES_SERVICE_HOST"),
        .service_port = getenv("KUBERNETES_SERVICE_PORT"),
        .service_account = SERVICE_ACCOUNT,
    };
}

static void warn_insecure(struct kubeconfig *config)
{
    for (size_t i = 0; i < config->cluster_count; i++)
        if (config->clusters[i].insecure)
            warn(config,
                 "%s:%d: cluster %s is not verified (insecure-skip-tls-verify): anyone on the way "
                 "can pose as it; give certificate-authority instead",
                 config->clusters[i].file, config->clusters[i].line, config->clusters[i].name);
}

static bool load_all(struct kubeconfig *config, const struct kubeconfig_env *env, struct err *err)
{
    bool ok;

    if (env->path)
        ok = load_file(config, env->path, true, err);
    else if (env->kubeconfig && *env->kubeconfig)
        ok = load_list(config, env->kubeconfig, err);
    else
        ok = load_home(config, env->home, err);
    if (!ok)
        return false;
    if (!env->path && config->context_count == 0 && config->cluster_count == 0 &&
        !load_in_cluster(config, env, err))
        return false;
    if (config->context_count > 0)
        return true;
    if (env->path)
        return err_set(err, ERR_CONFIG, "%s: it has no contexts; a kubeconfig names at least one",
                       env->path);
    return err_set(err, ERR_NOTFOUND,
                   "no kubeconfig with a context in %s: give --kubeconfig FILE or set KUBECONFIG",
                   env->kubeconfig && *env->kubeconfig ? env->kubeconfig : "~/.kube/config");
}

struct kubeconfig *kubeconfig_load(const struct kubeconfig_env *env, struct err *err)
{
    struct kubeconfig *config = xalloc_zero(1, sizeof *config);

    config->arena = arena_new(MEMORY_MAX);
    if (config->arena) {
        config->clusters = arena_calloc(config->arena, ENTRIES_MAX, sizeof *config->clusters);
        config->users = arena_calloc(config->arena, ENTRIES_MAX, sizeof *config->users);
        config->contexts = arena_calloc(config->arena, ENTRIES_MAX, sizeof *config->contexts);
    }
    if (!config->clusters || !config->users || !config->contexts) {
        (void)no_memory(err);
        kubeconfig_free(config);
        return NULL;
    }
    if (!load_all(config, env, err)) {
        kubeconfig_free(config);
        return NULL;
    }
    warn_insecure(config);
    return config;
}

void kubeconfig_free(struct kubeconfig *config)
{
    if (!config)
        return;
    arena_free_wiped(config->arena);
    free(config);
}
