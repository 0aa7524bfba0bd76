/* grant, revoke: rights of a MySQL user on a database, or on all of them; what is so already is not
 * sent [dev.mysql.com/doc/refman/8.0/en/privileges-provided.html; mariadb.com/kb/en/grant]. */
#include <config.h>

#include "actions/mysql_names.h"
#include "actions/pxc.h"
#include "net/mysql_text.h"

#include <string.h>

#define LIST_MAX 4096
#define ALL      "ALL PRIVILEGES"
#define OPTION   "GRANT OPTION"
#define ANY      "*" /* all databases */

static const struct field fields[] = {
    {"user", FIELD_TEXT, NULL, NULL, "the user", "name"},
    {"host", FIELD_TEXT, NULL, "", "where they come from, such as %; left out: the only one",
     "host"},
    {"database", FIELD_TEXT, NULL, NULL, "the database; * for all", NULL},
    {"rights", FIELD_TEXT, NULL, NULL,
     "the rights, with commas between them: SELECT, INSERT ..., or ALL of a database's", NULL},
    MYSQL_CLUSTER_FIELD,
    PXC_WAIT_FIELDS,
    {NULL},
};

enum { ON_DATABASE = 1, ON_MARIA = 2, GRAVE = 4 }; /* GRAVE: who has it can take everything */

static const struct right {
    const char *name;
    int flags;
    const char *maria; /* what MariaDB calls it since 10.5; NULL: the same */
} rights[] = {
    {"SELECT", ON_DATABASE, NULL},
    {"INSERT", ON_DATABASE, NULL},
    {"UPDATE", ON_DATABASE, NULL},
    {"DELETE", ON_DATABASE, NULL},
    {"CREATE", ON_DATABASE, NULL},
    {"DROP", ON_DATABASE, NULL},
    {"REFERENCES", ON_DATABASE, NULL},
    {"INDEX", ON_DATABASE, NULL},
    {"ALTER", ON_DATABASE, NULL},
    {"CREATE TEMPORARY TABLES", ON_DATABASE, NULL},
    {"LOCK TABLES", ON_DATABASE, NULL},
    {"EXECUTE", ON_DATABASE, NULL},
    {"CREATE VIEW", ON_DATABASE, NULL},
    {"SHOW VIEW", ON_DATABASE, NULL},
    {"CREATE ROUTINE", ON_DATABASE, NULL},
    {"ALTER ROUTINE", ON_DATABASE, NULL},
    {"EVENT", ON_DATABASE, NULL},
    {"TRIGGER", ON_DATABASE, NULL},
    {"DELETE HISTORY", ON_DATABASE | ON_MARIA, NULL},
    {OPTION, ON_DATABASE | GRAVE, NULL},
    {"PROCESS", 0, NULL},
    {"REPLICATION CLIENT", 0, "BINLOG MONITOR"},
    {"SHOW DATABASES", 0, NULL},
    {"RELOAD", 0, NULL},
    {"REPLICATION SLAVE", GRAVE, NULL},
    {"CREATE USER", GRAVE, NULL},
    {"FILE", GRAVE, NULL},
    {"SHUTDOWN", GRAVE, NULL},
    {"SUPER", GRAVE, NULL},
};

struct change {
    const char *at, *database; /* ANY: on *.* */
    bool give, all, grave;
    bool wanted[BN_COUNT(rights)];
    struct mysql_server server;
    struct mysql_account account;
    struct mysql_grants grants;
};

/* ---- Which rights. */

static const struct right *right_of(struct span word, size_t *index)
{
    for (size_t i = 0; i < BN_COUNT(rights); i++)
        if (span_eq_nocase(word, span_from(rights[i].name))) {
            *index = i;
            return &rights[i];
        }
    return NULL;
}

static bool take_right(struct change *c, struct span word, struct err *err)
{
    bool any = strcmp(c->database, ANY) == 0;
    size_t i;
    const struct right *r = right_of(word, &i);
    if (!r)
        return err_set(err, ERR_CONFIG,
                       "--rights: `%.*s` is none that is given here; on a database there are "
                       "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, "
                       "EXECUTE, EVENT, TRIGGER, LOCK TABLES, CREATE VIEW, SHOW VIEW, ...",
                       SPAN_ARG(span_sub(word, 0, 40)));
    if (!any && !(r->flags & ON_DATABASE))
        return err_set(err, ERR_CONFIG, "--rights: %s is a right on all databases: --database *",
                       r->name);
    if ((r->flags & ON_MARIA) && !c->server.maria)
        return err_set(err, ERR_CONFIG, "--rights: only MariaDB has %s", r->name);
    c->wanted[i] = true;
    c->grave = c->grave || (r->flags & GRAVE);
    return true;
}

/* ALL of a database; never of the server, nor the right to give rights. */
static bool take_all(struct change *c, struct err *err)
{
    if (strcmp(c->database, ANY) == 0)
        return err_set(
            err, ERR_DENIED,
            "--rights: all rights on all databases are an admin's: say which are needed");
    c->all = true;
    for (size_t i = 0; i < BN_COUNT(rights); i++)
        c->wanted[i] = (rights[i].flags & ON_DATABASE) && !(rights[i].flags & GRAVE) &&
                       (c->server.maria || !(rights[i].flags & ON_MARIA));
    return true;
}

static bool take_rights(struct change *c, const char *said, struct err *err)
{
    struct span rest = span_from(said), word;
    while (span_split(&rest, ',', &word)) {
        word = span_trim(word);
        bool all = span_eq_nocase(word, SPAN("ALL")) || span_eq_nocase(word, SPAN(ALL));
        if (!(all ? take_all(c, err) : take_right(c, word, err)))
            return false;
    }
    return true;
}

static bool has(const struct mysql_grant *g, const struct right *r)
{
    if (!g || strcmp(r->name, OPTION) == 0)
        return g && g->option;
    return mysql_has_right(g->rights, span_from(r->name)) ||
           (r->maria && mysql_has_right(g->rights, span_from(r->maria)));
}

/* The names of those wanted that a grant has, or has not. */
static void list(const struct change *c, const struct mysql_grant *g, bool had, struct strbuf *out)
{
    for (size_t i = 0; i < BN_COUNT(rights); i++)
        if (c->wanted[i] && has(g, &rights[i]) == had)
            strbuf_addf(out, "%s%s", out->len ? ", " : "", rights[i].name);
}

/* ---- Statements. GRANT OPTION is given behind the others and taken among them. */

static const char *give(struct plan *p, const struct change *c, const char *names, const char *on)
{
    struct strbuf plain = STRBUF_INIT(LIST_MAX);
    struct span rest = span_from(names), word;
    bool option = false;
    while (span_split(&rest, ',', &word)) {
        bool is = span_is(span_trim(word), OPTION);
        option = option || is;
        if (!is)
            strbuf_addf(&plain, "%s%.*s", plain.len ? ", " : "", SPAN_ARG(span_trim(word)));
    }
    const char *text =
        plan_text(p, "GRANT %s ON %s TO %s%s", plain.len ? strbuf_cstr(&plain) : "USAGE", on,
                  c->account.quoted, option ? " WITH GRANT OPTION" : "");
    strbuf_clear(&plain);
    return text;
}

static const char *take(struct plan *p, const struct change *c, const char *names, const char *on)
{
    return plan_text(p, "REVOKE %s ON %s FROM %s", names, on, c->account.quoted);
}

/* ---- Afterwards. */

/* step->former: "+" or "-", the database, and the rights behind a newline. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    struct span names = span_from(step->former + 1), word;
    char database[LIST_MAX];
    struct mysql_grants g = {0};
    const struct json_node *row = json_node_first(json_node_get(object, "rows"));
    bool wanted = step->former[0] == '+', ok = true;
    (void)span_split(&names, '\n', &word);
    memcpy(database, word.data, word.len);
    database[word.len] = '\0';
    for (; row; row = json_node_next(row))
        (void)mysql_parse_grant(&g, span_from(json_node_text(json_node_first(row))));
    const struct mysql_grant *on = mysql_grant_on(&g, strcmp(database, ANY) == 0 ? NULL : database);
    while (ok && span_split(&names, ',', &word)) {
        size_t i;
        const struct right *r = right_of(span_trim(word), &i);
        ok = !r || has(on, r) == wanted;
        if (!ok)
            strbuf_addf(says, "the server %s %s", wanted ? "has not given" : "has still given",
                        r->name);
    }
    mysql_grants_clear(&g);
    return ok ? AWAIT_DONE : AWAIT_MORE;
}

static void add_look(struct plan *p, const struct change *c, struct step *s, const char *names)
{
    s->look = mysql_statement(c->at, plan_text(p, "SHOW GRANTS FOR %s", c->account.quoted));
    s->await = look;
    s->await_s = 20;
    s->former = plan_text(p, "%c%s\n%s", c->give ? '+' : '-', c->database, names);
}

static const char *shown_database(const struct change *c)
{
    return strcmp(c->database, ANY) == 0 ? "all databases" : c->database;
}

/* ---- The plan. */

static void add_grant(struct plan *p, const struct change *c)
{
    struct strbuf missing = STRBUF_INIT(LIST_MAX);
    bool any = strcmp(c->database, ANY) == 0;
    const struct mysql_grant *g = mysql_grant_on(&c->grants, any ? NULL : c->database);
    const char *on = any ? "*.*" : plan_text(p, "%s.*", mysql_quote_pattern(p, c->database));
    if (g && !any)
        on = plan_text(p, "%s", g->what); /* as it is kept, so that it stays one */
    list(c, g, false, &missing);
    const char *names = plan_text(p, "%s", strbuf_cstr(&missing));
    struct step *s = plan_step(p, names[0] ? '+' : '=',
                               plan_text(p, "Give %s %s on %s", c->account.quoted,
                                         !names[0] ? "what they have"
                                         : c->all  ? ALL
                                                   : names,
                                         shown_database(c)));
    if (names[0]) {
        s->deed = mysql_statement(c->at, give(p, c, c->all ? ALL : names, on));
        s->undo = mysql_statement(c->at, take(p, c, names, on));
        s->undo_title = "take what was given";
        add_look(p, c, s, names);
    }
    strbuf_clear(&missing);
}

static bool is_on(const struct change *c, const struct mysql_grant *g)
{
    struct mysql_grants one = {.grants = (struct mysql_grant *)(uintptr_t)g, .count = 1};
    return mysql_grant_on(&one, strcmp(c->database, ANY) == 0 ? NULL : c->database) == g;
}

static void add_revoke(struct plan *p, const struct change *c)
{
    for (size_t i = 0; i < c->grants.count; i++) {
        const struct mysql_grant *g = &c->grants.grants[i];
        struct strbuf there = STRBUF_INIT(LIST_MAX);
        if (is_on(c, g))
            list(c, g, true, &there);
        if (there.len) {
            const char *names = plan_text(p, "%s", strbuf_cstr(&there));
            const char *on = plan_text(p, "%s", g->what);
            struct step *s = plan_step(p, '-',
                                       plan_text(p, "Take from %s %s on %s", c->account.quoted,
                                                 c->all ? ALL : names, shown_database(c)));
            s->deed = mysql_statement(c->at, take(p, c, names, on));
            s->undo = mysql_statement(c->at, give(p, c, names, on));
            s->undo_title = "give them back";
            add_look(p, c, s, names);
        }
        strbuf_clear(&there);
    }
    if (!p->count)
        (void)plan_step(p, '=',
                        plan_text(p, "%s has none of these rights on %s", c->account.quoted,
                                  shown_database(c)));
}

/* What they have by other ways goes on. */
static void warn_elsewhere(struct plan *p, const struct change *c)
{
    for (size_t i = 0; i < c->grants.count; i++) {
        const struct mysql_grant *g = &c->grants.grants[i];
        struct strbuf names = STRBUF_INIT(LIST_MAX);
        bool role = !g->what[0];
        bool reaches = g->whole && !g->revoked && !is_on(c, g) && strcmp(c->database, ANY) != 0 &&
                       (strcmp(g->what, "*.*") == 0 || sql_like(g->pattern, c->database));
        if (reaches)
            list(c, g, true, &names);
        if (role)
            plan_warn(p, plan_text(p, "%s has the role %s too: what it gives stays as it is",
                                   c->account.quoted, g->rights));
        else if (names.len)
            plan_warn(p, plan_text(p, "%s has %s by what is given on %s, which stays",
                                   c->account.quoted, strbuf_cstr(&names), g->what));
        strbuf_clear(&names);
    }
}

static bool check_database(struct target *t, struct plan *p, const struct change *c,
                           struct err *err)
{
    bool there;
    if (strcmp(c->database, ANY) == 0)
        return true;
    if (!mysql_check_database(c->database, err) ||
        !mysql_has_database(t, p, c->at, c->database, &there, err))
        return false;
    return there || !c->give || err_set(err, ERR_NOTFOUND, "there is no database %s", c->database);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct change c = {.database = answers_get(in, "database"),
                       .give = strcmp(in->action->name, "grant") == 0};
    c.at = mysql_at(t, p, answers_get(in, "cluster"), "", err);
    bool ok = c.at && mysql_read_server(t, c.at, &c.server, err) &&
              take_rights(&c, answers_get(in, "rights"), err) && check_database(t, p, &c, err) &&
              mysql_answer_account(t, p, c.at, in, &c.account, err) &&
              mysql_read_grants(t, p, c.at, &c.account, &c.grants, err) &&
              pxc_whole(t, p, in, c.at, err);
    if (ok && c.give)
        add_grant(p, &c);
    else if (ok)
        add_revoke(p, &c);
    if (ok)
        warn_elsewhere(p, &c);
    if (ok && c.give && c.grave && !plan_empty(p)) {
        p->risk = RISK_DESTROY;
        plan_warn(p, "who has such a right can take others, or everything");
    }
    mysql_grants_clear(&c.grants);
    return ok;
}

const struct action action_grant = {
    .name = "grant",
    .title = "Give rights",
    .help = "give a MySQL user rights on a database, or on all",
    .risk = RISK_CHANGE,
    .kind = "mysql-user",
    .fields = fields,
    .plan = plan,
};

const struct action action_revoke = {
    .name = "revoke",
    .title = "Take rights",
    .help = "take rights on a database, or on all, from a MySQL user",
    .risk = RISK_CHANGE,
    .kind = "mysql-user",
    .fields = fields,
    .plan = plan,
};
