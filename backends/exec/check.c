/* Checks: programs that speak the monitoring plug-ins' convention, and the values that they print. */
#include <config.h>

#include "backends/cells.h"
#include "backends/exec/exec.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "model/store.h"
#include "net/plain.h"

#include <string.h>

#define VALUES_MAX 512
#define KEY_MAX    ((size_t)8 << 10)

enum { NAME, STATE, MESSAGE, VALUES, RAN, AGE, TOOK, STATUS, PROGRAM, MORE, ERRORS };

static const struct fold count_values = {FOLD_COUNT, LINK_OWNER, "check-value", NULL, NULL};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "Its source's name in the configuration.", VALUE_TEXT, 20, 0,
              COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE", "By its exit status.", VALUE_LEVEL, 8, 60,
               COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "Its first line, without the values.", VALUE_TEXT, 40, 50, 0,
                 NULL, NULL},
    [VALUES] = {"values", "VALUES", "Values that it printed (:check-values).", VALUE_COUNT, 6, 40,
                COLUMN_RIGHT, NULL, &count_values},
    [RAN] = {"ran", "RAN", "When it last ended.", VALUE_INSTANT, 20, 0, COLUMN_HIDDEN, NULL, NULL},
    [AGE] = {"age", "AGE", "How long ago it last ended.", VALUE_DURATION, 5, 30, COLUMN_RIGHT,
             "ran", NULL},
    [TOOK] = {"took", "TOOK", "How long it ran.", VALUE_DURATION, 6, 70, COLUMN_WIDE | COLUMN_RIGHT,
              NULL, NULL},
    [STATUS] = {"status", "STATUS", "Its exit status.", VALUE_COUNT, 6, 80,
                COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [PROGRAM] = {"program", "PROGRAM", "What was run, without its arguments.", VALUE_TEXT, 32, 90,
                 COLUMN_WIDE, NULL, NULL},
    [MORE] = {"more", "MORE", "What it printed below the first line.", VALUE_TEXT, 40, 0,
              COLUMN_HIDDEN, NULL, NULL},
    [ERRORS] = {"errors", "ERRORS", "The last line that it wrote to standard error.", VALUE_TEXT,
                40, 0, COLUMN_HIDDEN, NULL, NULL},
};

enum { RULE_WARNING, RULE_CRITICAL, RULE_UNKNOWN, RULE_FAILED };

static const struct rule rules[] = {
    [RULE_WARNING] = {"check-warning", "It ended with exit status 1: warning."},
    [RULE_CRITICAL] = {"check-critical", "It ended with exit status 2: critical."},
    [RULE_UNKNOWN] = {"check-unknown", "It ended with exit status 3, or one that means nothing: "
                                       "unknown."},
    [RULE_FAILED] = {"check-failed",
                     "It could not be run, or was stopped: too slow, too much output; unknown."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct value status = store_cell(st, row, STATUS, now_ms);
    if (status.type == VALUE_ABSENT)
        return verdict_at(LEVEL_UNKNOWN, RULE_FAILED);
    switch (status.num) {
    case 0:
        return verdict_ok();
    case 1:
        return verdict_at(LEVEL_WARNING, RULE_WARNING);
    case 2:
        return verdict_at(LEVEL_CRITICAL, RULE_CRITICAL);
    default:
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    }
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_add(out, store_text(st, row, MESSAGE));
}

const struct kind kind_check = {
    .name = "check",
    .plural = "checks",
    .aliases = "",
    .title = "Checks",
    .help = "Programs of the configuration that speak the monitoring plug-ins' convention.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

/* ---- Values. */

enum { V_CHECK, V_NAME, V_VALUE, V_UNIT, V_STATE, V_WARN, V_CRIT, V_MIN, V_MAX };

static const struct column value_columns[] = {
    [V_CHECK] = {"check", "CHECK", "The check that printed it.", VALUE_TEXT, 20, 0, COLUMN_IDENT,
                 NULL, NULL},
    [V_NAME] = {"name", "NAME", "Its label.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [V_VALUE] = {"value", "VALUE", "As it was printed; in base units for filters and sorting.",
                 VALUE_QUANTITY, 10, 10, COLUMN_RIGHT, NULL, NULL},
    [V_UNIT] = {"unit", "UNIT", "s, %, B, c (a counter), ...", VALUE_TEXT, 4, 50, COLUMN_HIDDEN,
                NULL, NULL},
    [V_STATE] = {"state", "STATE", "By its own thresholds; the verdict is its check's.",
                 VALUE_LEVEL, 8, 20, COLUMN_NOTABLE, NULL, NULL},
    [V_WARN] = {"warn", "WARN", "The range that warns: 10 is outside of 0 to 10.", VALUE_TEXT, 10,
                40, 0, NULL, NULL},
    [V_CRIT] = {"crit", "CRIT", "The range that is critical.", VALUE_TEXT, 10, 30, 0, NULL, NULL},
    [V_MIN] = {"min", "MIN", "The least that it can be.", VALUE_TEXT, 8, 60, COLUMN_WIDE, NULL,
               NULL},
    [V_MAX] = {"max", "MAX", "The most that it can be.", VALUE_TEXT, 8, 60, COLUMN_WIDE, NULL,
               NULL},
};

const struct kind kind_check_value = {
    .name = "check-value",
    .plural = "check-values",
    .aliases = "",
    .title = "Values of checks",
    .help = "What checks measured, with their thresholds.",
    .columns = value_columns,
    .ncolumns = BN_COUNT(value_columns),
    .sort = "check,name",
};

/* Saturated thousandths. */
static int64_t thousandths(double number)
{
    number *= 1000;
    if (number >= 9e18)
        return INT64_MAX;
    return number <= -9e18 ? INT64_MIN : (int64_t)(number < 0 ? number - 0.5 : number + 0.5);
}

static enum level level_of(const struct exec_value *v)
{
    double number;
    if (!number_parse_real(v->number, &number))
        return LEVEL_UNKNOWN;
    if (exec_range_alerts(v->crit, number))
        return LEVEL_CRITICAL;
    return exec_range_alerts(v->warn, number) ? LEVEL_WARNING : LEVEL_OK;
}

static bool put_value(struct span check, const struct exec_value *v, struct row_writer *w)
{
    struct strbuf key = STRBUF_INIT(KEY_MAX), text = STRBUF_INIT(KEY_MAX);
    double number;
    strbuf_addf(&key, "%.*s/", SPAN_ARG(check));
    size_t label = key.len;
    for (size_t i = 0; i < v->label.len; i++) { /* "''" is one quote */
        strbuf_addc(&key, v->label.data[i]);
        i += i + 1 < v->label.len && v->label.data[i] == '\'' && v->label.data[i + 1] == '\'';
    }
    row_begin(w, strbuf_span(&key));
    row_text(w, V_CHECK, check);
    row_text(w, V_NAME, span_sub(strbuf_span(&key), label, key.len));
    strbuf_addf(&text, "%.*s%.*s", SPAN_ARG(v->number), SPAN_ARG(v->unit));
    if (exec_value_number(v, &number))
        row_quantity(w, V_VALUE, thousandths(number), strbuf_span(&text));
    put_text(w, V_UNIT, v->unit);
    if (v->warn.len || v->crit.len || !v->number.len)
        row_num(w, V_STATE, level_of(v));
    put_text(w, V_WARN, v->warn);
    put_text(w, V_CRIT, v->crit);
    put_text(w, V_MIN, v->min);
    put_text(w, V_MAX, v->max);
    row_link(w, LINK_OWNER, 0, "check", check);
    strbuf_clear(&key);
    strbuf_clear(&text);
    return row_end(w);
}

static bool put_values(const struct exec_check *c, struct span text, struct row_writer *w,
                       size_t *bad)
{
    struct exec_value v;
    size_t n = 0;
    bool ok = true;
    while (ok && exec_value_next(&text, &v, bad)) {
        if (n++ < VALUES_MAX)
            ok = put_value(c->name, &v, w);
        else
            ++*bad;
    }
    return ok;
}

/* ---- The check's row. */

/* Its first line; where it says nothing, that, with what it wrote to standard error. */
static void add_message(const struct exec_check *c, struct span line, struct strbuf *out)
{
    struct span errors = child_last_line(c->errors);
    bool none = c->status > 3 || !line.len;
    if (c->status > 3)
        strbuf_addf(out, "exit status %d means nothing", c->status);
    else if (!line.len)
        strbuf_adds(out, "it printed nothing");
    if (none && (line.len || errors.len))
        strbuf_adds(out, ": ");
    plain_add(out, line.len || !none ? line : errors, EXEC_SAYS_MAX);
}

static void put_said(const struct exec_check *c, const struct exec_said *said,
                     struct row_writer *checks)
{
    struct strbuf message = STRBUF_INIT(4096), more = STRBUF_INIT(4096);
    struct span errors = child_last_line(c->errors);
    add_message(c, said->line, &message);
    row_num(checks, STATE,
            c->status == 0   ? LEVEL_OK
            : c->status == 1 ? LEVEL_WARNING
            : c->status == 2 ? LEVEL_CRITICAL
                             : LEVEL_UNKNOWN);
    row_num(checks, STATUS, c->status);
    put_text(checks, MESSAGE, strbuf_span(&message));
    put_text(checks, MORE, strbuf_span(&said->more));
    plain_add(&more, errors, EXEC_SAYS_MAX);
    put_text(checks, ERRORS, strbuf_span(&more));
    strbuf_clear(&message);
    strbuf_clear(&more);
}

bool exec_check_put(const struct exec_check *c, struct row_writer *checks,
                    struct row_writer *values)
{
    struct exec_said said;
    size_t bad = 0;
    bool failed = c->status < 0;
    exec_said_read(failed ? SPAN("") : c->output, &said);
    bool ok = put_values(c, strbuf_span(&said.values), values, &bad);
    if (bad) {
        if (said.more.len)
            strbuf_addc(&said.more, '\n');
        strbuf_addf(&said.more, "(%zu of its values could not be read)", bad);
    }
    row_begin(checks, c->name);
    row_text(checks, NAME, c->name);
    if (failed) {
        row_num(checks, STATE, LEVEL_UNKNOWN);
        put_text(checks, MESSAGE, span_from(c->failure));
    } else {
        put_said(c, &said, checks);
    }
    row_num(checks, RAN, c->ran_ms);
    row_num(checks, TOOK, c->took_ms);
    put_text(checks, PROGRAM, c->program);
    exec_said_clear(&said);
    return row_end(checks) && ok;
}
