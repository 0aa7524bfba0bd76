/* The fields of create-database: what they take, and what stands where they are left out. */
#include <config.h>

#include "actions/channel.h"
#include "actions/database.h"
#include "actions/pxc.h"
#include "actions/secrets.h"
#include "base/number.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_LEN 512
#define SLUG_MAX     40 /* of a name in names of objects */
#define FOLDER       "apps/"
#define READ_ONLY    "SELECT, SHOW VIEW"

const struct field database_fields[] = {
    {"name", FIELD_TEXT, NULL, NULL, "the database's name"},
    {"user", FIELD_TEXT, NULL, "", "the user's name; left out: the database's"},
    {"namespace", FIELD_NAME, NULL, NULL, "where the application is, whose Secret is made",
     "namespace:name"},
    MYSQL_CLUSTER_FIELD,
    {"charset", FIELD_TEXT, NULL, "utf8mb4", "the database's character set"},
    {"collation", FIELD_TEXT, NULL, "", "its collation; left out: the character set's own"},
    {"host", FIELD_TEXT, NULL, "%", "where the user may come from"},
    {"grants", FIELD_CHOICE, "all|read-only|custom", "all", "what the user may do with it"},
    {"rights", FIELD_TEXT, NULL, "", "of --grants custom: SELECT, INSERT, ..."},
    {"max-connections", FIELD_COUNT, NULL, "0", "at once, of the user; 0: as many as there are"},
    {"require-tls", FIELD_CHOICE, "no|yes", "no", "whether the user is let in by TLS alone"},
    {"vault", FIELD_TEXT, NULL, "", "the Vault, as its source is called; left out: the only one"},
    {"vault-path", FIELD_TEXT, NULL, "",
     "mount and path of the secret there; left out: MOUNT/" FOLDER "NAME-db"},
    {"secret", FIELD_NAME, NULL, "",
     "name of the ExternalSecret and its Secret; left out: NAME-db"},
    {"store", FIELD_TEXT, NULL, "",
     "the SecretStore or ClusterSecretStore; left out: the only one"},
    PASSWORD_FIELDS,
    {"way", FIELD_CHOICE, "sql|job", "sql", "by SQL from here, or by a Job in the cluster"},
    PXC_WAIT_FIELDS,
    {NULL},
};

/* ---- Texts. */

/* What stands for a secret is this program's to write. */
static bool has_no_secrets(const struct answers *in, struct err *err)
{
    for (const struct field *f = database_fields; f->name; f++)
        if (strstr(answers_get(in, f->name), "${"))
            return err_set(err, ERR_CONFIG, "--%s: it has \"${\", which stands for a secret",
                           f->name);
    return true;
}

static bool is_word(const char *text)
{
    return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static bool read_charset(const struct answers *in, struct database_wish *w, struct err *err)
{
    w->charset = answers_get(in, "charset");
    w->collation = answers_get(in, "collation");
    if (!is_word(w->charset) || strlen(w->charset) > 64)
        return err_set(err, ERR_CONFIG, "--charset: no name of a character set");
    return !w->collation[0] || (is_word(w->collation) && strlen(w->collation) <= 64) ||
           err_set(err, ERR_CONFIG, "--collation: no name of a collation");
}

static bool read_grants(const struct answers *in, struct plan *p, struct database_wish *w,
                        struct err *err)
{
    const char *grants = answers_get(in, "grants"), *rights = answers_get(in, "rights");
    struct strbuf list = STRBUF_INIT(4096);
    const bool custom = strcmp(grants, "custom") == 0;
    if (!custom && rights[0])
        return err_set(err, ERR_CONFIG, "--rights: they are those of --grants custom");
    if (custom && !rights[0])
        return err_set(err, ERR_CONFIG, "--grants custom wants --rights: SELECT, INSERT, ...");
    bool ok = !custom || mysql_read_rights(rights, &list, err) || err_wrap(err, "--rights");
    w->rights = !custom ? strcmp(grants, "all") == 0 ? MYSQL_ALL : READ_ONLY
                        : plan_text(p, "%s", strbuf_cstr(&list));
    strbuf_clear(&list);
    return ok;
}

/* ---- Where. */

/* "service:NS/NAME:PORT" is NAME.NS.svc.cluster.local, as the platform's applications have it
 * [platform: kimai's DATABASE_URL]; what is reached directly is where it is. */
static bool read_address(const struct site *s, struct plan *p, struct database_wish *w,
                         struct err *err)
{
    const char *primary = site_setting(s, "primary");
    struct span way = span_from(primary ? primary : site_setting(s, "reach"));
    const size_t colon = span_find(way, ':', 0), last = span_find_last(way, ':');
    struct span form = span_sub(way, 0, colon),
                host = last > colon ? span_sub(way, colon + 1, last - colon - 1) : SPAN("");
    const size_t slash = span_find(host, '/', 0);
    const bool service = span_is(form, "service") || span_is(form, "tls-service");
    int64_t port;
    if (!host.len || span_find(host, '*', 0) < host.len ||
        !number_parse(span_sub(way, last + 1, way.len), 1, 65535, &port) ||
        !(service || span_is(form, "tcp") || span_is(form, "tls")))
        return err_set(err, ERR_CONFIG,
                       "%s: its `primary` must say where applications connect to: "
                       "tls-service:NS/NAME:PORT, tls:HOST:PORT",
                       s->name);
    w->port = plan_text(p, "%lld", (long long)port);
    w->address = service ? plan_text(p, "%.*s.%.*s.svc.cluster.local",
                                     SPAN_ARG(span_sub(host, slash + 1, host.len)),
                                     SPAN_ARG(span_sub(host, 0, slash)))
                         : plan_text(p, "%.*s", SPAN_ARG(host));
    return true;
}

static bool read_sites(struct target *t, const struct answers *in, struct plan *p,
                       struct database_wish *w, struct err *err)
{
    const struct site *s = target_site(t, MYSQL_SYSTEM, answers_get(in, "cluster"), err);
    if (!s || !read_address(s, p, w, err))
        return false;
    const char *admin = site_setting(s, "admin"), *recipe = site_setting(s, "admin_password");
    w->at = plan_text(p, "%s", s->name);
    w->admin = plan_text(p, "%s", admin ? admin : "root");
    w->admin_recipe = plan_text(p, "%s", recipe ? recipe : "");
    w->vault.at = vault_site(t, p, in, err);
    return w->vault.at != NULL;
}

/* "track_stats" is track-stats; what nothing is left of must be said. */
static const char *slug_of(struct plan *p, const char *name)
{
    struct strbuf out = STRBUF_INIT(SLUG_MAX);
    for (; *name && out.len < SLUG_MAX - 1; name++) {
        const bool upper = *name >= 'A' && *name <= 'Z';
        const bool plain = (*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9');
        if (upper || plain)
            strbuf_addc(&out, upper ? (char)(*name - 'A' + 'a') : *name);
        else if (out.len && out.data[out.len - 1] != '-')
            strbuf_addc(&out, '-');
    }
    while (out.len && out.data[out.len - 1] == '-')
        strbuf_truncate(&out, out.len - 1);
    const char *slug = plan_text(p, "%s", strbuf_cstr(&out));
    strbuf_clear(&out);
    return slug;
}

/* [developer.hashicorp.com/vault/docs/secrets/kv: what needs no escape in an address] */
static bool is_path(struct span path)
{
    struct span rest = path, part;
    if (!path.len || path.len > PATH_MAX_LEN)
        return false;
    while (span_split(&rest, '/', &part)) {
        if (!part.len || span_is(part, ".") || span_is(part, ".."))
            return false;
        for (size_t i = 0; i < part.len; i++) {
            const char c = part.data[i];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.'))
                return false;
        }
    }
    return true;
}

/* The store's mount goes before what is said here; a store without one reads what its keys name. */
static bool read_path(const struct answers *in, struct plan *p, const char *slug,
                      struct database_wish *w, struct err *err)
{
    const char *said = answers_get(in, "vault-path"), *mount = w->external.store.mount;
    const size_t len = strlen(mount);
    struct span whole = span_from(said);
    if (!said[0]) {
        w->vault.mount = len ? mount : "secret";
        w->vault.path = plan_text(p, FOLDER "%s-db", slug);
    } else if (!is_path(whole) || span_find(whole, '/', 0) == whole.len) {
        return err_set(err, ERR_CONFIG,
                       "--vault-path: it is MOUNT/PATH, of letters, digits, `-`, `_`, `.` and `/`");
    } else if (len && (!span_starts(whole, mount) || said[len] != '/')) {
        return err_set(err, ERR_CONFIG, "--vault-path: %s %s reads below %s/ alone",
                       w->external.store.kind, w->external.store.name, mount);
    } else {
        const size_t end = len ? len : span_find(whole, '/', 0);
        w->vault.mount = plan_text(p, "%.*s", (int)end, said);
        w->vault.path = plan_text(p, "%s", said + end + 1);
    }
    if (!is_path(span_from(w->vault.mount)))
        return err_set(err, ERR_CONFIG, "%s %s: its path is none of a KV engine",
                       w->external.store.kind, w->external.store.name);
    w->vault.name = plan_text(p, "%s/%s", w->vault.mount, w->vault.path);
    w->external.key = len ? w->vault.path : w->vault.name;
    return true;
}

static bool read_secret(struct target *t, const struct answers *in, struct plan *p,
                        struct database_wish *w, struct err *err)
{
    static const char *const members[] = {"host", "port", "database", "username", "password", NULL};
    const char *said = answers_get(in, "secret"), *slug = slug_of(p, w->name);
    if (!slug[0] && (!said[0] || !answers_get(in, "vault-path")[0]))
        return err_set(err, ERR_CONFIG,
                       "nothing of `%s` can stand in a name of an object: say --secret and "
                       "--vault-path",
                       w->name);
    w->external.ns = answers_get(in, "namespace");
    w->external.name = said[0] ? said : plan_text(p, "%s-db", slug);
    w->external.members = members;
    w->external.secret = PASSWORD;
    return external_store(t, p, w->external.ns, answers_get(in, "store"), &w->external.store,
                          err) &&
           read_path(in, p, slug, w, err);
}

/* ---- */

/* Where partial revokes are on, _ and % of a grant stand for themselves
 * [dev.mysql.com/doc/refman/8.4/en/partial-revokes.html]. */
static bool read_pattern(struct target *t, struct plan *p, struct database_wish *w, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, w->at, "SHOW GLOBAL VARIABLES LIKE 'partial_revokes'", &doc, &row, err))
        return false;
    const bool literally = strcmp(mysql_cell(row, "Value"), "ON") == 0;
    w->pattern = literally ? w->quoted : mysql_quote_pattern(p, w->name);
    json_doc_free(doc);
    return true;
}

/* The server takes apostrophes off that enclose the name of who logs in [mysql-server and MariaDB
 * sql/sql_acl.cc and auth/sql_authentication.cc: parse_client_handshake_packet]. */
static bool can_log_in(const char *user, struct err *err)
{
    const size_t len = strlen(user);
    return len < 2 || user[0] != '\'' || user[len - 1] != '\'' ||
           err_set(err, ERR_CONFIG,
                   "a user whose name stands between apostrophes is not let in: the server takes "
                   "them off");
}

static bool read_names(const struct answers *in, struct plan *p, struct database_wish *w,
                       struct err *err)
{
    const char *user = answers_get(in, "user");
    w->name = answers_get(in, "name");
    w->user = user[0] ? user : w->name;
    w->host = answers_get(in, "host");
    if (!mysql_check_database(w->name, err) || !mysql_check_user(w->user, err) ||
        !can_log_in(w->user, err) || !mysql_check_host(w->host, err))
        return false;
    w->quoted = mysql_quote_name(p, w->name);
    w->account = mysql_quote_account(p, w->user, w->host);
    return true;
}

/* The server would say so after the password is in Vault. MariaDB names collations of all character
 * sets without one, which COLLATE takes with and without it [mariadb.com/kb/en/information-schema-
 * collations-table]; what begins with utf8_ is an old name that servers translate. */
static bool check_collation(struct target *t, struct plan *p, const struct database_wish *w,
                            struct err *err)
{
    const char *co = w->collation, *end = strchr(co, '_'), *set = NULL;
    const bool prefixed = span_starts(span_from(co), w->charset) && co[strlen(w->charset)] == '_';
    struct json_doc *doc;
    const struct json_node *row;
    if (!co[0] || (end && span_is(span_make(co, (size_t)(end - co)), "utf8")))
        return true;
    if (!mysql_rows(t, w->at,
                    plan_text(p,
                              "SELECT CHARACTER_SET_NAME AS cs FROM information_schema.COLLATIONS "
                              "WHERE COLLATION_NAME IN ('%s', '%s')",
                              co, prefixed ? co + strlen(w->charset) + 1 : co),
                    &doc, &row, err))
        return false;
    bool fits = false;
    for (; row && !fits; row = json_node_next(row)) {
        set = mysql_cell(row, "cs");
        fits = !set[0] || strcmp(set, w->charset) == 0;
    }
    if (!fits)
        (void)(set ? err_set(err, ERR_CONFIG, "--collation: %s is of character set %s, not of %s",
                             co, set, w->charset)
                   : err_set(err, ERR_CONFIG, "--collation: the server has no %s", co));
    json_doc_free(doc);
    return fits;
}

/* utf8 is an old name too. */
static bool check_charset(struct target *t, struct plan *p, const struct database_wish *w,
                          struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (strcmp(w->charset, "utf8") == 0)
        return true;
    if (!mysql_rows(t, w->at,
                    plan_text(p,
                              "SELECT COLLATION_NAME AS co FROM information_schema.COLLATIONS "
                              "WHERE CHARACTER_SET_NAME = '%s' LIMIT 1",
                              w->charset),
                    &doc, &row, err))
        return false;
    const bool there = row != NULL;
    json_doc_free(doc);
    return (there || err_set(err, ERR_CONFIG, "--charset: the server has no %s", w->charset)) &&
           check_collation(t, p, w, err);
}

/* Who may not read namespaces finds out by the step. */
static bool check_namespace(struct target *t, struct plan *p, const char *ns, struct err *err)
{
    static const struct kube_resource namespaces = {"", "v1", "namespaces"};
    struct kube_object o = {.resource = &namespaces, .kind = "Namespace", .ns = "", .name = ns};
    if (!kube_look(t, p, &o, err))
        return err->kind == ERR_DENIED;
    const bool there = o.doc != NULL;
    kube_object_clear(&o);
    return there || err_set(err, ERR_NOTFOUND, "--namespace: %s is not there", ns);
}

bool database_read_wish(struct target *t, const struct answers *in, struct plan *p,
                        struct database_wish *w, struct err *err)
{
    *w = (struct database_wish){.connections = answers_get(in, "max-connections"),
                                .tls = strcmp(answers_get(in, "require-tls"), "yes") == 0,
                                .job = strcmp(answers_get(in, "way"), "job") == 0};
    return has_no_secrets(in, err) && read_names(in, p, w, err) && read_charset(in, w, err) &&
           read_grants(in, p, w, err) && secrets_answer(in, &w->length, &w->alphabet, err) &&
           read_sites(t, in, p, w, err) && read_secret(t, in, p, w, err) &&
           read_pattern(t, p, w, err) && check_charset(t, p, w, err) &&
           check_namespace(t, p, w->external.ns, err);
}
