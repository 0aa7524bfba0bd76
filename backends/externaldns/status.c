/* An external-dns: when it last synced, what fails, what it was told. */
#include <config.h>

#include "backends/cells.h"
#include "backends/externaldns/externaldns.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"
#include "base/timetext.h"

enum {
    NAME,
    SYNCED,
    TRIED,
    WANTED,
    STORED,
    SOURCE_ERRORS,
    REGISTRY_ERRORS,
    POLICY,
    OWNER,
    FILTERS,
    SOURCES,
    EVERY,
    REGISTRY,
    DRY,
    REACHED,
    SYNCED_AT,
    TRIED_AT,
    STARTED_AT,
    SOURCE_ROSE,
    REGISTRY_ROSE,
    READ_AT,
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The external-dns.", VALUE_TEXT, 22, 0, COLUMN_IDENT, NULL, NULL},
    [SYNCED] = {"synced", "SYNCED", "Since it last brought the zone to what is wanted.",
                VALUE_DURATION, 6, 0, COLUMN_RIGHT, "synced-at", NULL},
    [TRIED] = {"tried", "TRIED", "Since it last tried to.", VALUE_DURATION, 5, 20, COLUMN_RIGHT,
               "tried-at", NULL},
    [WANTED] = {"wanted", "WANTED", "Records that its sources want.", VALUE_COUNT, 6, 10,
                COLUMN_RIGHT, NULL, NULL},
    [STORED] = {"stored", "STORED", "Records in the zones, as it sees them.", VALUE_COUNT, 6, 12,
                COLUMN_RIGHT, NULL, NULL},
    [SOURCE_ERRORS] = {"source-errors", "SRC-ERR",
                       "Errors with the cluster's objects since it started.", VALUE_COUNT, 7, 15,
                       COLUMN_RIGHT, NULL, NULL},
    [REGISTRY_ERRORS] = {"registry-errors", "REG-ERR",
                         "Errors with the zone and its provider since it started.", VALUE_COUNT, 7,
                         14, COLUMN_RIGHT, NULL, NULL},
    [POLICY] = {"policy", "POLICY",
                "sync: what nothing wants is deleted; upsert-only, create-only: it stays.",
                VALUE_TEXT, 11, 8, COLUMN_NOTABLE, NULL, NULL},
    [OWNER] = {"owner", "OWNER", "The owner that it writes into TXT records.", VALUE_TEXT, 24, 9,
               COLUMN_NOTABLE, NULL, NULL},
    [FILTERS] = {"domains", "DOMAINS", "Zones that it keeps to; empty: all.", VALUE_LIST, 20, 25,
                 COLUMN_NOTABLE, NULL, NULL},
    [SOURCES] = {"sources", "SOURCES", "Objects whose names it makes.", VALUE_LIST, 30, 30,
                 COLUMN_NOTABLE, NULL, NULL},
    [EVERY] = {"every", "EVERY", "Time between two syncs.", VALUE_DURATION, 6, 60,
               COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [REGISTRY] = {"registry", "REGISTRY", "How it notes what it has made.", VALUE_TEXT, 8, 65,
                  COLUMN_WIDE, NULL, NULL},
    [DRY] = {"dry-run", "DRY-RUN", "Whether it changes nothing.", VALUE_BOOL, 5, 80,
             COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [REACHED] = {"reached", "REACHED", "Whether its figures are known.", VALUE_BOOL, 5, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [SYNCED_AT] = {"synced-at", "SYNCED-AT", "When it last synced.", VALUE_INSTANT, 5, 90,
                   COLUMN_HIDDEN, NULL, NULL},
    [TRIED_AT] = {"tried-at", "TRIED-AT", "When it last tried.", VALUE_INSTANT, 5, 90,
                  COLUMN_HIDDEN, NULL, NULL},
    [STARTED_AT] = {"started-at", "STARTED-AT", "When it started.", VALUE_INSTANT, 5, 90,
                    COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [SOURCE_ROSE] = {"source-rose-at", "SOURCE-ROSE-AT",
                     "When its errors with objects were last seen to grow.", VALUE_INSTANT, 5, 90,
                     COLUMN_HIDDEN, NULL, NULL},
    [REGISTRY_ROSE] = {"registry-rose-at", "REGISTRY-ROSE-AT",
                       "When its errors with the zone were last seen to grow.", VALUE_INSTANT, 5,
                       90, COLUMN_HIDDEN, NULL, NULL},
    [READ_AT] = {"read-at", "READ-AT", "When its figures were read.", VALUE_INSTANT, 5, 90,
                 COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Rows. */

static void put_words(struct row_writer *w, size_t column, const char *words)
{
    struct strbuf list = STRBUF_INIT(4096);
    struct span rest = span_from(words), one;
    while (rest.len && span_split(&rest, ',', &one)) {
        if (list.len)
            strbuf_addc(&list, LIST_SEPARATOR);
        strbuf_add(&list, one);
    }
    put_text(w, column, strbuf_span(&list));
    strbuf_clear(&list);
}

static void put_figures(const struct externaldns_figures *f, struct row_writer *w)
{
    const struct {
        size_t column;
        int64_t value;
    } all[] = {{SYNCED_AT, f->sync_ms},
               {TRIED_AT, f->tried_ms},
               {STARTED_AT, f->started_ms},
               {WANTED, f->source_endpoints},
               {STORED, f->registry_endpoints},
               {SOURCE_ERRORS, f->source_errors},
               {REGISTRY_ERRORS, f->registry_errors}};

    for (size_t i = 0; i < BN_COUNT(all); i++)
        if (all[i].value >= 0)
            row_num(w, all[i].column, all[i].value);
}

bool externaldns_put(const struct externaldns_told *told, const struct externaldns_figures *f,
                     struct row_writer *w)
{
    row_begin(w, span_from(told->name));
    row_text(w, NAME, span_from(told->name));
    put_text(w, POLICY, span_from(told->policy));
    put_text(w, OWNER, span_from(told->owner));
    put_text(w, REGISTRY, span_from(told->registry));
    put_words(w, FILTERS, told->filters);
    put_words(w, SOURCES, told->sources);
    row_num(w, EVERY, told->every_ms);
    row_num(w, DRY, told->dry);
    row_num(w, REACHED, f != NULL);
    if (f)
        put_figures(f, w);
    put_time(w, READ_AT, told->read_ms);
    put_time(w, SOURCE_ROSE, told->source_rose_ms);
    put_time(w, REGISTRY_ROSE, told->registry_rose_ms);
    if (told->workload)
        row_link(w, LINK_OWNER, 0, "workload", span_from(told->workload));
    return row_end(w);
}

/* ---- Verdicts. */

#define MINUTE_MS ((int64_t)60000)
#define LATE_MS   (5 * MINUTE_MS)  /* a sync that is late by less is no news */
#define LOST_MS   (60 * MINUTE_MS) /* nothing was made for so long */
#define FRESH_MS  (10 * MINUTE_MS) /* errors that grew since then are still going on */

enum { RULE_NEVER, RULE_STALE, RULE_REGISTRY, RULE_SOURCE, RULE_UNSEEN, RULE_DRY };

static const struct rule rules[] = {
    [RULE_NEVER] = {"external-dns-never",
                    "It has not synced since it started, more than three of its intervals and "
                    "five minutes ago: warning; an hour: critical."},
    [RULE_STALE] = {"external-dns-stale",
                    "It last synced more than three of its intervals and five minutes ago: "
                    "warning; an hour: critical.",
                    .since = SYNCED_AT},
    [RULE_REGISTRY] = {"external-dns-registry",
                       "Its errors with the zone have grown within 10 minutes: warning."},
    [RULE_SOURCE] = {"external-dns-source",
                     "Its errors with the cluster's objects have grown within 10 minutes: "
                     "warning."},
    [RULE_UNSEEN] = {"external-dns-unseen",
                     "Its figures are not reached: whether it syncs is unknown."},
    [RULE_DRY] = {"external-dns-dry-run", "It was told to change nothing (--dry-run): notice."},
};

static int64_t late_ms(const struct store *st, struct handle row)
{
    int64_t some = 3 * store_num(st, row, EVERY, MINUTE_MS);
    return some > LATE_MS ? some : LATE_MS;
}

/* Nothing since then, when the figures were read. What is not read any more is stale, not late. */
static struct verdict judge_since(int64_t since, int64_t late, uint16_t rule, int64_t read_ms)
{
    int64_t lost = LOST_MS > late ? LOST_MS : late + 1;
    if (read_ms - since > lost)
        return verdict_at(LEVEL_CRITICAL, rule);
    return read_ms - since > late ? verdict_at(LEVEL_WARNING, rule) : verdict_ok();
}

static int64_t read_at(const struct store *st, struct handle row, int64_t now_ms)
{
    return store_num(st, row, READ_AT, now_ms);
}

static bool rose(const struct store *st, struct handle row, size_t column, int64_t now_ms)
{
    int64_t at = store_num(st, row, column, TIME_NONE);
    return at != TIME_NONE && read_at(st, row, now_ms) - at <= FRESH_MS;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t synced = store_num(st, row, SYNCED_AT, TIME_NONE);
    int64_t since = synced != TIME_NONE ? synced : store_num(st, row, STARTED_AT, TIME_NONE);
    if (!store_num(st, row, REACHED, 0) || since == TIME_NONE)
        return verdict_at(LEVEL_UNKNOWN, RULE_UNSEEN);
    struct verdict v =
        judge_since(since, late_ms(st, row), synced == TIME_NONE ? RULE_NEVER : RULE_STALE,
                    read_at(st, row, now_ms));
    if (v.level != LEVEL_OK)
        return v;
    if (rose(st, row, REGISTRY_ROSE, now_ms))
        return verdict_at(LEVEL_WARNING, RULE_REGISTRY);
    if (rose(st, row, SOURCE_ROSE, now_ms))
        return verdict_at(LEVEL_WARNING, RULE_SOURCE);
    return store_num(st, row, DRY, 0) ? verdict_at(LEVEL_NOTICE, RULE_DRY) : v;
}

/* Whose fault it seems to be. */
static void say_why(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    int64_t tried = store_num(st, row, TRIED_AT, TIME_NONE);
    if (tried != TIME_NONE) {
        strbuf_adds(out, ", last tried");
        sentence_ago(out, tried, now_ms);
    }
    if (rose(st, row, REGISTRY_ROSE, now_ms))
        strbuf_adds(out, "; its provider refuses, errors with the zone grow");
    else if (rose(st, row, SOURCE_ROSE, now_ms))
        strbuf_adds(out, "; errors with the cluster's objects grow");
    strbuf_addf(out, "; %lld errors with the zone, %lld with objects since it started",
                (long long)store_num(st, row, REGISTRY_ERRORS, 0),
                (long long)store_num(st, row, SOURCE_ERRORS, 0));
}

static void say_grown(const struct store *st, struct handle row, size_t count, size_t rose_at,
                      int64_t now_ms, struct strbuf *out)
{
    strbuf_addf(out, "errors with the %s grow: %lld since it started, the last seen",
                count == REGISTRY_ERRORS ? "zone" : "cluster's objects",
                (long long)store_num(st, row, count, 0));
    sentence_ago(out, store_num(st, row, rose_at, TIME_NONE), now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char every[TIMETEXT_MAX];
    switch (v->rule) {
    case RULE_NEVER:
        strbuf_adds(out, "has not synced since it started");
        sentence_ago(out, store_num(st, row, STARTED_AT, TIME_NONE), now_ms);
        say_why(st, row, now_ms, out);
        break;
    case RULE_STALE:
        duration_format_short(store_num(st, row, EVERY, MINUTE_MS), every);
        strbuf_adds(out, "last synced");
        sentence_ago(out, store_num(st, row, SYNCED_AT, TIME_NONE), now_ms);
        strbuf_addf(out, ", every %s is asked for", every);
        say_why(st, row, now_ms, out);
        break;
    case RULE_REGISTRY:
        say_grown(st, row, REGISTRY_ERRORS, REGISTRY_ROSE, now_ms, out);
        break;
    case RULE_SOURCE:
        say_grown(st, row, SOURCE_ERRORS, SOURCE_ROSE, now_ms, out);
        break;
    case RULE_UNSEEN:
        strbuf_adds(out, "its figures are not reached: whether it syncs is not known");
        break;
    default:
        strbuf_adds(out, "--dry-run: it changes nothing");
        break;
    }
}

const struct kind kind_external_dns = {
    .name = "external-dns",
    .plural = "external-dnses",
    .aliases = "externaldns edns",
    .title = "external-dns",
    .help = "external-dns: when it last synced, which errors it has, what it was told.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
