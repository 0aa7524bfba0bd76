/* What should be there, and whether it is. */
#include <config.h>

#include "backends/expected/expected.h"

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"

#include <string.h>

enum { NAME, STATE, EXPECTED, COUNT, OBJECTS, NOTE, KIND, MATCH, FAULT };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "What it is called in the configuration.", VALUE_TEXT, 22, 0,
              COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE", "not deployed, deployed, or unknown.", VALUE_TEXT, 12, 0,
               COLUMN_NOTABLE, NULL, NULL},
    [EXPECTED] = {"expected", "EXPECTED",
                  "declared: known of and not deployed yet; deployed: it should be there; absent: "
                  "it should not.",
                  VALUE_TEXT, 9, 5, 0, NULL, NULL},
    [COUNT] = {"found", "FOUND", "Objects that are it.", VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL,
               NULL},
    [OBJECTS] = {"objects", "OBJECTS", "These objects.", VALUE_LIST, 30, 30, COLUMN_NOTABLE, NULL,
                 NULL},
    [NOTE] = {"note", "NOTE", "What the configuration notes of it.", VALUE_TEXT, 40, 40, 0, NULL,
              NULL},
    [KIND] = {"of-kind", "OF KIND", "Of which kind it would be.", VALUE_TEXT, 12, 50, COLUMN_WIDE,
              NULL, NULL},
    [MATCH] = {"match", "MATCH", "The filter that such objects pass.", VALUE_TEXT, 30, 55,
               COLUMN_WIDE, NULL, NULL},
    [FAULT] = {"fault", "FAULT", "Why it cannot be told whether it is there.", VALUE_TEXT, 30, 80,
               COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Rows. */

static void put_objects(struct span parts, struct row_writer *w)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    struct span one;
    while (parts.len && span_split(&parts, ' ', &one)) {
        if (list.len)
            strbuf_addc(&list, LIST_SEPARATOR);
        strbuf_add(&list, span_sub(one, span_find(one, ':', 0) + 1, one.len));
    }
    put_text(w, OBJECTS, strbuf_span(&list));
    strbuf_clear(&list);
}

static bool put(struct span line, struct row_writer *w)
{
    int64_t found = joined_num(line, EXPECTED_FOUND, TIME_NONE);
    row_begin(w, joined_part(line, EXPECTED_NAME));
    row_text(w, NAME, joined_part(line, EXPECTED_NAME));
    row_text(w, STATE,
             found == TIME_NONE ? SPAN("unknown")
             : found            ? SPAN("deployed")
                                : SPAN("not deployed"));
    put_text(w, EXPECTED, joined_part(line, EXPECTED_STATE));
    if (found != TIME_NONE)
        row_num(w, COUNT, found);
    put_objects(joined_part(line, EXPECTED_PARTS), w);
    put_text(w, NOTE, joined_part(line, EXPECTED_NOTE));
    put_text(w, KIND, joined_part(line, EXPECTED_KIND));
    put_text(w, MATCH, joined_part(line, EXPECTED_MATCH));
    put_text(w, FAULT, joined_part(line, EXPECTED_FAULT));
    joined_link(w, joined_part(line, EXPECTED_PARTS), expected_kinds, LINK_AFFECTS);
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_UNTOLD, RULE_GONE, RULE_THERE, RULE_NEW, RULE_ILL };

static const struct rule rules[] = {
    [RULE_UNTOLD] = {"expected-unknown",
                     "It cannot be told whether it is there: what the configuration says of it is "
                     "not right, or its kind may not be read: unknown."},
    [RULE_GONE] = {"expected-missing", "It should be deployed and is not: warning."},
    [RULE_THERE] = {"expected-absent", "It should not be there and is: warning."},
    [RULE_NEW] = {"expected-deployed",
                  "It is deployed, while the configuration says that it is only declared: notice."},
    [RULE_ILL] = {"expected-ill", "It is there; as bad as the worst object of it."},
};

/* The object of it that is worst; false: none is known. */
static bool worst_object(const struct store *st, struct handle row, struct handle *worst)
{
    struct link link;
    struct handle target;
    size_t at = 0;
    bool any = false;
    while (store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_PART || store_follow(st, row, &link, &target) != LINK_FOUND)
            continue;
        if (!any || store_verdict(st, target).level > store_verdict(st, *worst).level)
            *worst = target;
        any = true;
    }
    return any;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span expected = store_text(st, row, EXPECTED);
    int64_t found = store_num(st, row, COUNT, -1);
    struct handle worst;
    (void)now_ms;
    if (found < 0)
        return verdict_at(LEVEL_UNKNOWN, RULE_UNTOLD);
    if (span_is(expected, "absent"))
        return found ? verdict_at(LEVEL_WARNING, RULE_THERE) : verdict_ok();
    if (!found) /* what is declared alone is neither well nor ill */
        return span_is(expected, "deployed") ? verdict_at(LEVEL_WARNING, RULE_GONE) : verdict_off();
    if (worst_object(st, row, &worst) && store_verdict(st, worst).level > LEVEL_OK)
        return verdict_at(store_verdict(st, worst).level, RULE_ILL);
    return span_is(expected, "declared") ? verdict_at(LEVEL_NOTICE, RULE_NEW) : verdict_ok();
}

static void say_object(const struct store *st, struct handle row, int64_t now_ms,
                       struct strbuf *out)
{
    struct handle worst;
    struct strbuf inner = STRBUF_INIT(8192);
    if (!worst_object(st, row, &worst))
        return;
    store_says(st, worst, now_ms, &inner);
    strbuf_addf(out, ": %s %.*s", store_kind(st, worst.kind)->name, SPAN_ARG(store_key(st, worst)));
    sentence_cause(out, strbuf_span(&inner));
    strbuf_clear(&inner);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    switch (v->rule) {
    case RULE_UNTOLD:
        sentence_add(out, store_text(st, row, FAULT), SENTENCE_CAUSE);
        break;
    case RULE_GONE:
        strbuf_addf(out, "should be deployed and is not: no %.*s passes ",
                    SPAN_ARG(store_text(st, row, KIND)));
        sentence_add(out, store_text(st, row, MATCH), SENTENCE_INNER);
        break;
    case RULE_THERE:
        strbuf_adds(out, "should not be there and is");
        say_object(st, row, now_ms, out);
        break;
    case RULE_NEW:
        strbuf_adds(out, "declared only, and deployed now");
        say_object(st, row, now_ms, out);
        break;
    default:
        strbuf_adds(out, "deployed");
        say_object(st, row, now_ms, out);
    }
}

static const struct kind kind_expectation = {
    .name = "expectation",
    .plural = "expectations",
    .aliases = "expect expected",
    .title = "Expectations",
    .help = "What the configuration says should be there, or is declared and not deployed.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

/* ---- The backend. */

/* Those that are as they should be are not counted: they are workloads like others. */
static void says_expected(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    uint16_t kind = (uint16_t)store_kind_find(st, SPAN("expectation"));
    size_t off = store_level_count(st, kind, LEVEL_OFF);
    size_t fresh = store_level_count(st, kind, LEVEL_NOTICE);
    (void)now_ms;
    if (off)
        strbuf_addf(system_part(parts), "%zu declared, not deployed", off);
    if (fresh)
        strbuf_addf(system_part(parts), "%zu deployed that was only declared", fresh);
}

static const struct kind *const kinds[] = {&kind_expectation, NULL};
static const char *const needs[] = {"workload", "cronjob",     "service", "pxc",
                                    "tenant",   "application", NULL};
static const struct setting settings[] = {{NULL, NULL, NULL, SETTING_TEXT}};
static const struct system systems[] = {
    {"apps",
     "Applications",
     "What stands behind public routes, each as a whole.",
     {"expectation"},
     says_expected},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static const struct setting entry[] = {
    {"kind", "workload", "workload, cronjob, service, pxc, tenant or application.", SETTING_TEXT},
    {"match", NULL, "A filter as behind / that its objects pass; else its name as part of theirs.",
     SETTING_TEXT},
    {"state", "declared",
     "declared: it is known of and not deployed; deployed: it should be there; absent: it should "
     "not.",
     SETTING_TEXT},
    {"note", NULL, "What is to be said of it.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

static const struct declares declares = {
    .key = "expect",
    .help = "What should be there, should not, or is declared and not deployed.",
    .entry = entry,
};

const struct backend backend_expected = {
    .name = "expected",
    .summary = "What the configuration expects, and whether it is there.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = 1,
    .quiet_ms = JOINED_QUIET_MS,
    .needs = needs,
    .discover = expected_discover,
    .declares = &declares,
    .joined = put,
    .run = joined_run,
};
