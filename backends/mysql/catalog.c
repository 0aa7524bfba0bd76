/* Databases, which all nodes of a cluster have in common: one of them is asked. */
#include <config.h>

#include "backends/cells.h"
#include "backends/mysql/mysql.h"
#include "backends/verdict.h"
#include "model/store.h"

#define ROWS_MAX 10000

/* ---- Databases. */

enum {
    DB_NAME,
    DB_SIZE,
    DB_DATA,
    DB_INDEX,
    DB_TABLES,
    DB_ROWS,
    DB_CHARSET,
    DB_COLLATION,
    DB_OTHER
};

static const struct column db_columns[] = {
    [DB_NAME] = {"name", "NAME", "The database.", VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [DB_SIZE] = {"bytes", "SIZE", "Data and indexes, as its engine estimates them.", VALUE_BYTES, 8,
                 0, COLUMN_RIGHT, NULL, NULL},
    [DB_DATA] = {"data", "DATA", "Of that the data.", VALUE_BYTES, 8, 30, COLUMN_RIGHT, NULL, NULL},
    [DB_INDEX] = {"indexes", "INDEXES", "Of that the indexes.", VALUE_BYTES, 8, 32, COLUMN_RIGHT,
                  NULL, NULL},
    [DB_TABLES] = {"tables", "TABLES", "Tables and views.", VALUE_COUNT, 6, 20,
                   COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [DB_ROWS] = {"rows", "ROWS", "Rows, as its engine estimates them.", VALUE_COUNT, 10, 25,
                 COLUMN_RIGHT, NULL, NULL},
    [DB_CHARSET] = {"charset", "CHARSET", "Character set of its new tables.", VALUE_TEXT, 9, 40, 0,
                    NULL, NULL},
    [DB_COLLATION] = {"collation", "COLLATION", "Collation of its new tables.", VALUE_TEXT, 20, 50,
                      COLUMN_WIDE, NULL, NULL},
    [DB_OTHER] = {"other-engine", "NOT-INNODB",
                  "Tables of its that are not InnoDB: Galera does not replicate them.", VALUE_COUNT,
                  10, 35, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
};

static const struct rule db_rules[] = {
    {"mysql-db-engine", "It has tables that are not InnoDB, which Galera does not replicate: "
                        "notice."},
};

static struct verdict judge_db(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    return store_num(st, row, DB_OTHER, 0) ? verdict_at(LEVEL_NOTICE, 0) : verdict_ok();
}

static void say_db(const struct store *st, struct handle row, const struct verdict *v,
                   int64_t now_ms, struct strbuf *out)
{
    (void)v, (void)now_ms;
    strbuf_addf(out, "%lld tables are not InnoDB", (long long)store_num(st, row, DB_OTHER, 0));
}

const struct kind kind_mysql_db = {
    .name = "mysql-db",
    .plural = "mysql-dbs",
    .aliases = "databases database",
    .title = "Databases",
    .help = "Databases of the MySQL servers, with their sizes.",
    .columns = db_columns,
    .ncolumns = BN_COUNT(db_columns),
    .rules = db_rules,
    .nrules = BN_COUNT(db_rules),
    .judge = judge_db,
    .says = say_db,
    .sort = "bytes desc",
};

#define DATABASES                                                                               \
    "SELECT s.SCHEMA_NAME AS name, s.DEFAULT_CHARACTER_SET_NAME AS cs, "                        \
    "s.DEFAULT_COLLATION_NAME AS co, SUM(t.DATA_LENGTH) AS data, SUM(t.INDEX_LENGTH) AS idx, "  \
    "COUNT(t.TABLE_NAME) AS tables, SUM(t.TABLE_ROWS) AS nrows, SUM(t.TABLE_TYPE = 'BASE "      \
    "TABLE' AND t.ENGINE <> 'InnoDB') AS other FROM information_schema.SCHEMATA s LEFT JOIN "   \
    "information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME WHERE s.SCHEMA_NAME NOT IN " \
    "('information_schema', 'performance_schema', 'mysql', 'sys') GROUP BY 1, 2, 3"

static bool take_db(void *context, const struct sql_row *row)
{
    struct row_writer *w = context;
    struct span name = sql_cell(row, "name");
    int64_t data = 0, indexes = 0;
    row_begin(w, name);
    put_text(w, DB_NAME, name);
    if (number_parse(sql_cell(row, "data"), 0, INT64_MAX / 2, &data) &&
        number_parse(sql_cell(row, "idx"), 0, INT64_MAX / 2, &indexes)) {
        row_num(w, DB_SIZE, data + indexes);
        row_num(w, DB_DATA, data);
        row_num(w, DB_INDEX, indexes);
    }
    put_number(w, DB_TABLES, sql_cell(row, "tables"));
    put_number(w, DB_ROWS, sql_cell(row, "nrows"));
    put_text(w, DB_CHARSET, sql_cell(row, "cs"));
    put_text(w, DB_COLLATION, sql_cell(row, "co"));
    put_number(w, DB_OTHER, sql_cell(row, "other"));
    return row_end(w);
}

/* ---- Asking. */

/* MySQL has sizes as they were up to a day ago otherwise, and writes them down itself when it has none
 * [MySQL manual, information_schema_stats_expiry]. MariaDB does not know the word. */
#define SIZES_OF_NOW "SET SESSION information_schema_stats_expiry = 0"

bool mysql_want_sizes(struct mysql *m, struct mysql_node *n, struct err *err)
{
    return mysql_ask(m, n, SIZES_OF_NOW, 0, NULL, NULL, err) || n->sql;
}

bool mysql_ask_databases(void *self, struct poll *p, struct err *err)
{
    struct mysql *m = self;
    struct mysql_node *n = mysql_any(m, err);
    return n && mysql_want_sizes(m, n, err) &&
           mysql_ask(m, n, DATABASES, ROWS_MAX, take_db, poll_rows(p, &kind_mysql_db), err);
}
