/* What the platform's MySQL servers say: harbor/data/mysql, and who is there as the pods are. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "harbor/command.h"
#include "harbor/json_parts.h"
#include "harbor/mysql_catalog.h"

#include <stdlib.h>
#include <strings.h>

#define TEXT_MAX ((size_t)256 << 10)

/* What is other than in the files, of one pod. */
struct mysql_state {
    struct mysql_state *next;
    char *pod;           /* owned; "NAMESPACE/NAME" */
    struct strbuf pairs; /* "NAME\tVALUE\n"; the last of a name counts */
};

/* ---- The pods. */

static bool is_database(const struct object *pod)
{
    return is_of_percona(pod, "pxc");
}

static bool is_up(const struct object *pod)
{
    const cJSON *c;
    cJSON_ArrayForEach(c, member(member(pod->json, "status"), "containerStatuses"))
    {
        if (strcmp(json_member(c, "name"), "pxc") == 0)
            return cJSON_IsTrue(member(c, "ready"));
    }
    return false;
}

/* All are ready, and the operator counts none: they wait to be told which of them knows most. */
static bool has_crashed(const struct server *server, const struct object *pod)
{
    const struct object *o,
        *cluster = objects_find(server->objects, resource_named(SPAN("perconaxtradbclusters")),
                                span_from(pod->ns),
                                span_from(label_of(pod, "app.kubernetes.io/instance")));
    size_t at = 0;
    bool all = true;
    while (all && (o = next_in(server->objects, pod->resource, pod->ns, &at)) != NULL)
        all = !is_database(o) || is_up(o);
    return all && cluster &&
           number_at(member(member(cluster->json, "status"), "pxc"), "ready", 1) == 0;
}

bool mysql_is(const struct server *server, const struct object *pod)
{
    return pod && is_database(pod) && is_up(pod) && !has_crashed(server, pod);
}

/* [pxco haproxy_add_pxc_nodes.sh] the first of those that are in traffic */
const struct object *mysql_behind(const struct server *server, const struct object *proxy)
{
    const struct object *o;
    size_t at = 0;
    if (!proxy || strcmp(label_of(proxy, "app.kubernetes.io/component"), "haproxy") != 0)
        return NULL;
    while ((o = next_in(server->objects, proxy->resource, proxy->ns, &at)) != NULL)
        if (mysql_is(server, o) && mysql_is_in_traffic(server, o) &&
            strcmp(label_of(o, "app.kubernetes.io/instance"),
                   label_of(proxy, "app.kubernetes.io/instance")) == 0)
            return o;
    return NULL;
}

static int count_members(const struct server *server, const struct object *pod)
{
    const struct object *o;
    size_t at = 0;
    int n = 0;
    while ((o = next_in(server->objects, pod->resource, pod->ns, &at)) != NULL)
        n += mysql_is(server, o);
    return n;
}

/* ---- States. */

static struct mysql_state **state_at(const struct server *server, const char *key)
{
    struct mysql_state **at = (struct mysql_state **)(uintptr_t)&server->mysql_states;
    while (*at && strcmp((*at)->pod, key) != 0)
        at = &(*at)->next;
    return at;
}

static const struct mysql_state *state_of(const struct server *server, const struct object *pod)
{
    struct strbuf key = STRBUF_INIT(1024);
    strbuf_addf(&key, "%s/%s", pod->ns, pod->name);
    const struct mysql_state *s = *state_at(server, strbuf_cstr(&key));
    strbuf_clear(&key);
    return s;
}

bool mysql_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct span ns = command_word(&rest), name = command_word(&rest), what = command_word(&rest);
    struct strbuf key = STRBUF_INIT(1024);
    (void)answer;
    strbuf_addf(&key, "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    struct mysql_state **at = state_at(server, strbuf_cstr(&key)), *s = *at;
    if (!s) {
        s = *at = xalloc_zero(1, sizeof(*s));
        s->pod = xalloc_text(strbuf_cstr(&key));
        s->pairs = (struct strbuf)STRBUF_INIT(TEXT_MAX);
    }
    strbuf_clear(&key);
    if (span_is(what, "set") && rest.len) {
        struct span variable = command_word(&rest);
        strbuf_addf(&s->pairs, "%.*s\t%.*s\n", SPAN_ARG(variable), SPAN_ARG(rest));
    } else if (span_is(what, "well")) {
        strbuf_truncate(&s->pairs, 0);
    } else {
        return err_set(err, ERR_CONFIG, "mysql wants NAMESPACE POD and set NAME VALUE or well");
    }
    return true;
}

void mysql_states_free(struct server *server)
{
    while (server->mysql_states) {
        struct mysql_state *s = server->mysql_states;
        server->mysql_states = s->next;
        strbuf_clear(&s->pairs);
        free(s->pod);
        free(s);
    }
}

/* The last that was set of a name; data is NULL: nothing. */
static struct span set_value(const struct mysql_state *s, struct span name)
{
    struct span rest = s ? strbuf_span(&s->pairs) : SPAN(""), line, found = {NULL, 0};
    while (span_split(&rest, '\n', &line)) {
        const size_t tab = span_find(line, '\t', 0);
        if (tab < line.len && span_eq_nocase(span_sub(line, 0, tab), name))
            found = span_sub(line, tab + 1, line.len);
    }
    return found;
}

bool mysql_is_in_traffic(const struct server *server, const struct object *pod)
{
    static const char *const fine[][2] = {{"wsrep_cluster_status", "Primary"},
                                          {"wsrep_local_state", "4"},
                                          {"pxc_maint_mode", "DISABLED"},
                                          {"wsrep_reject_queries", "NONE"},
                                          {"wsrep_sst_donor_rejects_queries", "OFF"}};
    const struct mysql_state *s = state_of(server, pod);
    for (size_t i = 0; i < BN_COUNT(fine); i++) {
        const struct span value = set_value(s, span_from(fine[i][0]));
        if (value.data && !span_is(value, fine[i][1]))
            return false;
    }
    return true;
}

/* ---- Tables. */

static void put_cell(struct strbuf *out, struct span text)
{
    if (!text.data) {
        strbuf_addc(out, (char)0xfb);
        return;
    }
    if (text.len < 251) {
        strbuf_addc(out, (char)text.len);
    } else {
        strbuf_addc(out, (char)0xfc);
        strbuf_addc(out, (char)(text.len & 0xff));
        strbuf_addc(out, (char)(text.len >> 8));
    }
    strbuf_add(out, span_sub(text, 0, 65535));
}

static void put_column(struct mysql_rows *r, struct span name)
{
    struct strbuf text = STRBUF_INIT(1024);
    strbuf_add(&text, span_make("\x03"
                                "def\0\0\0",
                                7));
    put_cell(&text, name);
    strbuf_add(&text, span_make("\0\x0c\x2d\0\xff\xff\0\0\xfd\0\0\0\0\0", 14));
    mysql_put_packet(r->out, &r->seq, strbuf_span(&text));
    strbuf_clear(&text);
}

void mysql_put_done(struct mysql_rows *r)
{
    mysql_put_packet(r->out, &r->seq, span_make("\0\0\0\x02\0\0", 7));
}

void mysql_put_error(struct mysql_rows *r, unsigned number, const char *state, const char *text)
{
    struct strbuf packet = STRBUF_INIT(8192);
    strbuf_addc(&packet, (char)0xff);
    strbuf_addc(&packet, (char)(number & 0xff));
    strbuf_addc(&packet, (char)(number >> 8));
    strbuf_addf(&packet, "#%s%s", state, text);
    mysql_put_packet(r->out, &r->seq, strbuf_span(&packet));
    strbuf_clear(&packet);
}

void mysql_put_end(struct mysql_rows *r)
{
    mysql_put_packet(r->out, &r->seq, span_make("\xfe\0\0\x02\0", 5));
}

void mysql_put_head(struct mysql_rows *r, struct span names)
{
    struct span rest = names, name;
    char count = 0;
    while (span_split(&rest, '\t', &name))
        count++;
    mysql_put_packet(r->out, &r->seq, span_make(&count, 1));
    for (rest = names; span_split(&rest, '\t', &name);)
        put_column(r, name);
    mysql_put_end(r);
}

void mysql_put_row(struct mysql_rows *r, struct span cells)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    struct span cell;
    while (span_split(&cells, '\t', &cell))
        put_cell(&text, span_is(cell, "NULL") ? (struct span){NULL, 0} : cell);
    mysql_put_packet(r->out, &r->seq, strbuf_span(&text));
    strbuf_clear(&text);
}

void mysql_read_data(const struct server *server, const char *name, struct strbuf *out)
{
    struct strbuf path = STRBUF_INIT(4096);
    strbuf_addf(&path, "%s/mysql/%s", server->folder, name);
    if (!file_read(strbuf_cstr(&path), out, NULL))
        strbuf_truncate(out, 0);
    strbuf_clear(&path);
}

/* ---- Names and values. */

/* "@1200+3@": that, and so much more a second since the start. */
static void add_counted(const struct server *server, struct span value, struct strbuf *out)
{
    const size_t plus = span_find(value, '+', 0);
    int64_t base, rate;
    if (value.len > 3 && value.data[0] == '@' && plus < value.len &&
        number_parse(span_sub(value, 1, plus - 1), 0, INT64_MAX / 2, &base) &&
        number_parse(span_sub(value, plus + 1, value.len - plus - 2), 0, 1000000000, &rate))
        strbuf_addf(out, "%lld",
                    (long long)base + (long long)rate * (objects_passed(server->objects) / 1000));
    else
        strbuf_add(out, value);
}

static void add_value(const struct server *server, const struct object *pod, struct span value,
                      struct strbuf *out)
{
    if (span_is(value, "@node@"))
        strbuf_adds(out, pod->name);
    else if (span_is(value, "@members@"))
        strbuf_addf(out, "%d", count_members(server, pod));
    else if (span_is(value, "@conf@")) /* another composition, another number */
        strbuf_addf(out, "%d", 44 - count_members(server, pod));
    else
        add_counted(server, value, out);
}

/* like: the beginning of the names that are asked for. */
static void put_pairs(const struct server *server, const struct object *pod, const char *file,
                      struct span like, struct mysql_rows *r)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), row = STRBUF_INIT(TEXT_MAX);
    const struct mysql_state *s = state_of(server, pod);
    struct span rest, line;
    mysql_read_data(server, file, &text);
    mysql_put_head(r, SPAN("Variable_name\tValue"));
    for (rest = strbuf_span(&text); span_split(&rest, '\n', &line);) {
        const size_t tab = span_find(line, '\t', 0);
        const struct span name = span_sub(line, 0, tab), other = set_value(s, name);
        if (tab == line.len || !span_eq_nocase(span_sub(name, 0, like.len), like))
            continue;
        strbuf_truncate(&row, 0);
        strbuf_addf(&row, "%.*s\t", SPAN_ARG(name));
        add_value(server, pod, other.data ? other : span_sub(line, tab + 1, line.len), &row);
        mysql_put_row(r, strbuf_span(&row));
    }
    mysql_put_end(r);
    strbuf_clear(&text);
    strbuf_clear(&row);
}

/* The first line has the names. */
static void put_file(const struct server *server, const char *file, struct mysql_rows *r)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    struct span rest, line;
    bool first = true;
    mysql_read_data(server, file, &text);
    for (rest = strbuf_span(&text); span_split(&rest, '\n', &line); first = false)
        if (first)
            mysql_put_head(r, line);
        else if (line.len)
            mysql_put_row(r, line);
    mysql_put_end(r);
    strbuf_clear(&text);
}

/* ---- Statements: known by how they begin. */

/* What stands between the quotes, to the % at its end. */
static struct span like_of(struct span statement)
{
    const size_t from = span_find(statement, '\'', 0), end = span_find(statement, '\'', from + 1),
                 percent = span_find(statement, '%', from), to = percent < end ? percent : end;
    return to < statement.len ? span_sub(statement, from + 1, to - from - 1) : SPAN("");
}

/* What the catalog has, by the names that who asks has given its columns. */
static void put_table(struct mysql_rows *r, const cJSON *table, struct span names,
                      const char *const *members)
{
    struct strbuf cells = STRBUF_INIT(TEXT_MAX);
    const cJSON *row;
    mysql_put_head(r, names);
    cJSON_ArrayForEach(row, table)
    {
        strbuf_truncate(&cells, 0);
        if (strcmp(json_member(row, "Db"), "*") == 0)
            continue;
        for (const char *const *m = members; *m; m++) {
            const bool size = strcmp(*m, "data") == 0 || strcmp(*m, "idx") == 0;
            const char *text = size ? mysql_size(r, row, *m) : json_member(row, *m);
            const bool flag = (text[0] == 'Y' || text[0] == 'N') && !text[1];
            strbuf_addf(&cells, "%s%s", m == members ? "" : "\t",
                        !flag            ? text
                        : text[0] == 'Y' ? "1"
                                         : "0");
        }
        mysql_put_row(r, strbuf_span(&cells));
    }
    mysql_put_end(r);
    strbuf_clear(&cells);
}

static void put_databases(const struct mysql_catalog *c, struct mysql_rows *r)
{
    static const char *const members[] = {"SCHEMA_NAME",
                                          "DEFAULT_CHARACTER_SET_NAME",
                                          "DEFAULT_COLLATION_NAME",
                                          "data",
                                          "idx",
                                          "tables",
                                          "nrows",
                                          "other",
                                          NULL};
    put_table(r, c->databases, SPAN("name\tcs\tco\tdata\tidx\ttables\tnrows\tother"), members);
}

static void put_users(const struct mysql_catalog *c, struct mysql_rows *r)
{
    static const char *const members[] = {
        "User", "Host", "plugin", "account_locked", "password_expired", NULL};
    put_table(r, c->users, SPAN("name\thost\tplugin\tlocked\texpired"), members);
}

static void put_grants(const struct mysql_catalog *c, struct mysql_rows *r)
{
    static const char *const members[] = {"Db", "User", "Host", NULL};
    put_table(r, c->grants, SPAN("db\tname\thost"), members);
}

static void put_sizes(const struct mysql_catalog *c, struct mysql_rows *r)
{
    struct strbuf cells = STRBUF_INIT(1024);
    const cJSON *d;
    mysql_put_head(r, SPAN("name\tbytes"));
    cJSON_ArrayForEach(d, c->databases)
    {
        strbuf_truncate(&cells, 0);
        strbuf_addf(&cells, "%s\t%lld", json_member(d, "SCHEMA_NAME"),
                    strtoll(mysql_size(r, d, "data"), NULL, 10) +
                        strtoll(mysql_size(r, d, "idx"), NULL, 10));
        mysql_put_row(r, strbuf_span(&cells));
    }
    mysql_put_row(r, SPAN("mysql\t2785280"));
    mysql_put_end(r);
    strbuf_clear(&cells);
}

static void put_processes(const struct server *server, const struct object *pod,
                          const struct mysql_catalog *c, struct mysql_rows *r)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), cells = STRBUF_INIT(TEXT_MAX);
    struct span rest, names;
    mysql_read_data(server, "processlist.txt", &text);
    rest = strbuf_span(&text);
    (void)span_split(&rest, '\n', &names);
    mysql_put_head(r, names);
    while (mysql_take_process(c, pod, &rest, &cells))
        mysql_put_row(r, strbuf_span(&cells));
    mysql_put_end(r);
    strbuf_clear(&text);
    strbuf_clear(&cells);
}

/* False: it is none of those that the sources of a dashboard ask. */
static bool put_known(const struct server *server, const struct object *pod,
                      const struct mysql_catalog *c, struct span statement, struct mysql_rows *r)
{
    static const struct {
        const char *begins, *file;
        bool pairs;
        void (*put)(const struct mysql_catalog *c, struct mysql_rows *r);
    } known[] = {
        {"SHOW GLOBAL STATUS", "status.txt", true, NULL},
        {"SHOW GLOBAL VARIABLES", "variables.txt", true, NULL},
        {"SHOW REPLICA STATUS", "replica.txt", false, NULL},
        {"SHOW ENGINE INNODB STATUS", "innodb.txt", false, NULL},
        {"SELECT TIMESTAMPDIFF", "transactions.txt", false, NULL},
        {"SELECT `COUNT`", "history.txt", false, NULL},
        {"SELECT s.SCHEMA_NAME", NULL, false, put_databases},
        {"SELECT User AS name, Host AS host, plugin, account_locked = 'Y'", NULL, false, put_users},
        {"SELECT Db AS db, User AS name, Host AS host FROM mysql.db", NULL, false, put_grants},
        {"SELECT TABLE_SCHEMA AS name, SUM(DATA_LENGTH + INDEX_LENGTH) AS bytes", NULL, false,
         put_sizes},
    };

    for (size_t i = 0; i < BN_COUNT(known); i++) {
        if (!span_starts(statement, known[i].begins))
            continue;
        if (known[i].put)
            known[i].put(c, r);
        else if (known[i].pairs)
            put_pairs(server, pod, known[i].file, like_of(statement), r);
        else
            put_file(server, known[i].file, r);
        return true;
    }
    return false;
}

void mysql_put_answer(struct server *server, const struct object *pod, const cJSON *user,
                      struct span statement, struct mysql_rows *r)
{
    struct mysql_asked a = {.server = server,
                            .pod = pod,
                            .catalog = mysql_catalog_of(server, pod),
                            .user = user,
                            .rows = r};
    if (put_known(server, pod, a.catalog, statement, r))
        return;
    if (span_starts(statement, "SHOW FULL PROCESSLIST")) {
        put_processes(server, pod, a.catalog, r);
        return;
    }
    if (!sql_read(&a.words, statement) || !(mysql_change(&a) || mysql_select(&a)))
        mysql_put_error(r, 1064, "42000", "You have an error in your SQL syntax");
    sql_done(&a.words);
}
