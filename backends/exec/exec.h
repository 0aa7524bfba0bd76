/* Sources that are programs of the operator's: what a script prints becomes rows. Two ways to say
 * it: the monitoring plug-ins' convention (exit status, a line, values behind a bar), which fills
 * the kinds `check` and `check-value`; or rows in JSON, of a kind that the configuration names. */
#ifndef BINNACLE_BACKENDS_EXEC_EXEC_H
#define BINNACLE_BACKENDS_EXEC_EXEC_H

#include "backends/poll.h"
#include "base/arena.h"
#include "net/child.h"
#include "net/json.h"

#define EXEC_COLUMNS_MAX 40
#define EXEC_ROWS_MAX    20000
#define EXEC_OUTPUT_MAX  ((size_t)4 << 20)
#define EXEC_SAYS_MAX    400

/* Cells that every row in JSON has, before those that are declared. */
enum { EXEC_STATE, EXEC_MESSAGE, EXEC_NAMES };

/* One entry of `sources:`. The session sees its first member. */
struct exec_source {
    struct backend backend;
    struct arena *texts; /* owned: all texts and tables of it */
    const char *name;
    const char *const *argv;    /* NULL ends; of a shell where a line for one is given */
    const char *const *env;     /* "NAME=value"; NULL ends */
    const char *const *secrets; /* "NAME=recipe"; NULL ends */
    int64_t every_ms;
    int timeout_ms;
    const struct kind *rows; /* what its rows are of; NULL: it is a check */
    bool own_kind;           /* rows is the one below, not another source's */
    bool described;          /* its columns are known */
    struct kind kind;
    struct system systems[2];
    const struct kind *kinds[3];
    struct err undescribed; /* why its columns are not known */
};

extern const struct backend backend_exec;

/* ---- program.c */

/* Runs the program. more: another variable, or NULL. True: it has ended by itself, with any status;
 * release *r by child_result_wipe() either way. False: ERR_CANCELLED, or *err says what is wrong
 * with it: ERR_NOTFOUND and ERR_PROTO, or why a secret is not to be had. */
bool exec_run(const struct exec_source *s, struct backend_ctx *ctx, const char *more,
              struct child_result *r, struct err *err) BN_MUST_USE;
/* The same before there is a session, at most so long, without secrets. */
bool exec_run_alone(const struct exec_source *s, const char *more, int timeout_ms,
                    struct child_result *r, struct err *err) BN_MUST_USE;

/* ---- kind.c: kinds that the configuration names */

/* Fills s->kind from the entry's settings. */
bool exec_kind_make(struct exec_source *s, const struct backend_entry *entry,
                    struct err *err) BN_MUST_USE;
/* Takes over columns as JSON: a list of objects. False: *err, nothing has changed. */
bool exec_kind_columns(struct exec_source *s, struct span json, struct err *err) BN_MUST_USE;

/* ---- column.c */

/* Reads a column's declaration, an object in JSON; texts go into the arena. */
bool exec_column_read(struct span json, struct arena *texts, struct column *out,
                      struct err *err) BN_MUST_USE;

/* ---- rows.c */

/* Writes rows from JSON: a list, an object with `rows`, or a row a line. flush (may be NULL) is
 * called every some rows; false from it ends. *note: of what could not be taken over, or "". False:
 * ERR_PROTO, it is no such text. */
struct exec_rows {
    const struct kind *kind;
    struct row_writer *out;
    struct poll *poll; /* to flush; NULL: not */
    size_t count;
    char note[120]; /* the first thing that could not be taken over */
};

bool exec_rows_read(struct exec_rows *rows, struct span text, struct err *err) BN_MUST_USE;

/* ---- perfdata.c: what monitoring plug-ins print */

/* A value: 'label'=value[unit];[warn];[crit];[min];[max]. All borrowed.
 * [Nagios Plugin Development Guidelines, Performance data; Monitoring Plugins' guidelines] */
struct exec_value {
    struct span label; /* as it stands there; without its quotes, "''" in it not yet undone */
    struct span number, unit; /* number empty: "U", it could not be determined */
    struct span warn, crit;   /* ranges; empty: none */
    struct span min, max;
};

/* Takes the next from *rest. False: there is none. *bad is counted up for what is no value. */
bool exec_value_next(struct span *rest, struct exec_value *out, size_t *bad);
/* Whether the number is where the range alerts: "10", "10:", "~:10", "10:20", "@10:20". */
bool exec_range_alerts(struct span range, double number);
/* In base units: bytes, seconds; a percentage as it is. False: it is no number. */
bool exec_value_number(const struct exec_value *v, double *out);

/* What one printed: the first line, the lines below it, and its values wherever they stand. */
struct exec_said {
    struct span line; /* borrowed from the output */
    struct strbuf more, values;
};

void exec_said_read(struct span output, struct exec_said *out);
void exec_said_clear(struct exec_said *s);

/* ---- check.c */

extern const struct kind kind_check, kind_check_value;

/* What a run of a check gave. */
struct exec_check {
    struct span name, program;
    int status; /* -1: it could not be run, and failure says why */
    const char *failure;
    struct span output, errors;
    int64_t ran_ms, took_ms;
};

/* Writes its row and those of its values. False: no memory. */
bool exec_check_put(const struct exec_check *c, struct row_writer *checks,
                    struct row_writer *values) BN_MUST_USE;

#endif
