/* What a component costs in a month. */
#include <config.h>

#include "backends/cells.h"
#include "backends/costs/costs.h"
#include "backends/verdict.h"

#include <stdio.h>

enum { COMPONENT, NAME, COUNT, SIZE, LOW, HIGH, CURRENCY, HOW, SOURCE, UNKNOWN, FAULT, ORDER };

static const struct column columns[] = {
    [COMPONENT] = {"component", "COMPONENT", "node, volume, bucket, zone, or total.", VALUE_TEXT, 9,
                   0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {"item", "ITEM",
              "The nodes' instance type, the volumes' storage class, the bucket, the zone.",
              VALUE_TEXT, 18, 0, COLUMN_IDENT, NULL, NULL},
    [COUNT] = {"count", "COUNT", "How many there are.", VALUE_COUNT, 5, 10,
               COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [SIZE] = {"size", "SIZE",
              "How large they are together; of a bucket its backups and binary logs.", VALUE_BYTES,
              7, 15, COLUMN_RIGHT, NULL, NULL},
    [LOW] = {"low", "LOW", "What it costs a month at least.", VALUE_QUANTITY, 8, 0, COLUMN_RIGHT,
             NULL, NULL},
    [HIGH] = {"high", "HIGH", "And at most; empty where that is not known.", VALUE_QUANTITY, 8, 0,
              COLUMN_RIGHT, NULL, NULL},
    [CURRENCY] = {"currency", "CUR", "In which currency.", VALUE_TEXT, 3, 5, 0, NULL, NULL},
    [HOW] = {"how", "HOW", "How that is reckoned.", VALUE_TEXT, 28, 20, 0, NULL, NULL},
    [SOURCE] = {"price-from", "SOURCE", "Where the price is from.", VALUE_TEXT, 60, 30, 0, NULL,
                NULL},
    [UNKNOWN] = {"unknown", "UNKNOWN", "Components whose cost is not known; they are in no sum.",
                 VALUE_COUNT, 7, 80, COLUMN_HIDDEN, NULL, NULL},
    [FAULT] = {"fault", "FAULT", "Why it is not known.", VALUE_TEXT, 30, 81, COLUMN_HIDDEN, NULL,
               NULL},
    [ORDER] = {"order", "ORDER", "Totals come last.", VALUE_COUNT, 5, 90, COLUMN_HIDDEN, NULL,
               NULL},
};

/* ---- Rows. */

static void put_money(struct row_writer *w, size_t column, int64_t amount)
{
    char text[32];
    if (amount == TIME_NONE)
        return;
    int64_t cents = (amount + 5) / 10;
    (void)snprintf(text, sizeof(text), "%lld.%02lld", (long long)(cents / 100),
                   (long long)(cents % 100));
    row_quantity(w, column, amount, span_from(text));
}

static void put_num(struct row_writer *w, size_t column, int64_t n)
{
    if (n != TIME_NONE)
        row_num(w, column, n);
}

static bool put(struct span line, struct row_writer *w)
{
    static const char *const parts[] = {"node",      "pv",       "backup-storage",
                                        "s3-bucket", "dns-zone", NULL};
    struct span component = joined_part(line, COST_COMPONENT);
    row_begin(w, joined_part(line, COST_KEY));
    row_text(w, COMPONENT, component);
    row_text(w, NAME, joined_part(line, COST_NAME));
    put_num(w, COUNT, joined_num(line, COST_COUNT, TIME_NONE));
    put_num(w, SIZE, joined_num(line, COST_BYTES, TIME_NONE));
    put_money(w, LOW, joined_num(line, COST_LOW, TIME_NONE));
    put_money(w, HIGH, joined_num(line, COST_HIGH, TIME_NONE));
    put_text(w, CURRENCY, joined_part(line, COST_CURRENCY));
    put_text(w, HOW, joined_part(line, COST_HOW));
    put_text(w, SOURCE, joined_part(line, COST_SOURCE));
    row_num(w, UNKNOWN, joined_num(line, COST_UNKNOWN, 0));
    put_text(w, FAULT, joined_part(line, COST_FAULT));
    row_num(w, ORDER, span_is(component, "total"));
    joined_link(w, joined_part(line, COST_PARTS), parts, 0);
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_UNKNOWN, RULE_SOME };

static const struct rule rules[] = {
    [RULE_UNKNOWN] = {"cost-unknown", "It has no price, or its size is not known: notice."},
    [RULE_SOME] = {"cost-at-least",
                   "What is not known is not in the sum, which has no upper end then: notice."},
};

/* A sum is neither well nor ill. */
static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    if (!store_num(st, row, UNKNOWN, 0))
        return verdict_off();
    return verdict_at(LEVEL_NOTICE, store_num(st, row, ORDER, 0) ? RULE_SOME : RULE_UNKNOWN);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    long long unknown = (long long)store_num(st, row, UNKNOWN, 0);
    (void)now_ms;
    if (v->rule == RULE_SOME)
        strbuf_addf(out, "at least: the cost of %lld component%s is not known", unknown,
                    unknown == 1 ? "" : "s");
    else
        strbuf_addf(out, "not known: %.*s", SPAN_ARG(store_text(st, row, FAULT)));
}

static const struct kind kind_cost = {
    .name = "cost",
    .plural = "costs",
    .aliases = "",
    .title = "Costs",
    .help = "What nodes, volumes, buckets and zones are estimated to cost a month.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "order,component,item",
};

/* ---- The backend. */

/* "171-351 USD a month", "at least 171 USD a month, 1 not known". */
static void says_costs(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("cost"));
    struct handle row;
    uint32_t at = 0;
    (void)now_ms;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        if (!store_num(st, row, ORDER, 0))
            continue;
        struct strbuf *out = system_part(parts);
        long long unknown = (long long)store_num(st, row, UNKNOWN, 0);
        long long low = (long long)((store_num(st, row, LOW, 0) + 500) / 1000);
        long long high = (long long)((store_num(st, row, HIGH, 0) + 500) / 1000);
        strbuf_addf(out, "%s%lld", unknown ? "at least " : "", low);
        if (!unknown && high != low)
            strbuf_addf(out, "-%lld", high);
        strbuf_addf(out, " %.*s a month", SPAN_ARG(store_text(st, row, CURRENCY)));
        if (unknown)
            strbuf_addf(system_part(parts), "%lld not known", unknown);
    }
}

static const struct kind *const kinds[] = {&kind_cost, NULL};
static const char *const needs[] = {"node",     "pv", "backup-storage", "s3-bucket", "dns-zone",
                                    "dns-name", NULL};
static const struct setting settings[] = {{NULL, NULL, NULL, SETTING_TEXT}};
static const struct system systems[] = {
    {"costs", "Costs", "What the platform is estimated to cost a month.", {"cost"}, says_costs},
    {NULL, NULL, NULL, {NULL}, NULL},
};

const struct backend backend_costs = {
    .name = "costs",
    .summary = "Estimated monthly costs, of the rows of nodes, volumes, buckets and zones.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = 1,
    .quiet_ms = JOINED_QUIET_MS,
    .needs = needs,
    .discover = costs_discover,
    .declares = &costs_declares,
    .joined = put,
    .run = joined_run,
};
