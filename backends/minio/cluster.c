/* A MinIO as a whole: its row, and what is wrong with it. */
#include <config.h>

#include "backends/kubernetes/sentence.h"
#include "backends/minio/minio.h"
#include "backends/verdict.h"
#include "base/number.h"

enum {
    NAME,
    STATE,
    DRIVES,
    QUORUM,
    HEALING,
    NODES,
    USE,
    USED,
    CAPACITY,
    OBJECTS,
    METRICS,
    RELEASE,
    READ_QUORUM,
    AVAILABLE,
    RAW_CAPACITY,
    RAW_AVAILABLE,
    ONLINE,
    OFFLINE,
    NODES_OFFLINE,
    HEAL_ERRORS,
    WHY,
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The source's name.", VALUE_TEXT, 16, 0, COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE",
               "ok; no writes, no reads: fewer drives than that takes; offline, iam-offline, "
               "bucket-metadata-offline: what it says of itself; no answer.",
               VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [DRIVES] = {"drives", "DRIVES", "Drives that are online, of all.", VALUE_TEXT, 6, 10,
                COLUMN_NOTABLE, NULL, NULL},
    [QUORUM] = {"write-quorum", "QUORUM", "Drives of a set that it takes to write.", VALUE_COUNT, 6,
                20, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [HEALING] = {"healing", "HEALING", "Drives that are being filled again.", VALUE_COUNT, 7, 15,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [NODES] = {"nodes", "NODES", "Servers that are online, of all.", VALUE_TEXT, 5, 25,
               COLUMN_NOTABLE, NULL, NULL},
    [USE] = {"use", "USE", "Share of its capacity that is used.", VALUE_RATIO, 4, 12, COLUMN_RIGHT,
             NULL, NULL},
    [USED] = {"used", "USED", "Bytes of that capacity that are used.", VALUE_BYTES, 7, 30,
              COLUMN_RIGHT, NULL, NULL},
    [CAPACITY] = {"capacity", "CAPACITY", "Bytes of objects that fit.", VALUE_BYTES, 8, 28,
                  COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [OBJECTS] = {"objects", "OBJECTS", "Objects in it, as its scanner has counted them.",
                 VALUE_COUNT, 7, 32, COLUMN_RIGHT, NULL, NULL},
    [METRICS] = {"metrics", "METRICS",
                 "Whether its metrics may be read: readable, refused; odd: they say nothing.",
                 VALUE_TEXT, 8, 40, COLUMN_NOTABLE, NULL, NULL},
    [RELEASE] = {"version", "VERSION", "Its release.", VALUE_TEXT, 20, 45,
                 COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [READ_QUORUM] = {"read-quorum", "READ-QUORUM", "Drives of a set that it takes to read.",
                     VALUE_COUNT, 6, 60, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [AVAILABLE] = {"available", "AVAILABLE", "Bytes of objects that still fit.", VALUE_BYTES, 8, 61,
                   COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [RAW_CAPACITY] = {"raw-capacity", "RAW-CAPACITY", "Bytes that all drives have.", VALUE_BYTES, 8,
                      80, COLUMN_HIDDEN, NULL, NULL},
    [RAW_AVAILABLE] = {"raw-available", "RAW-AVAILABLE", "Bytes that are free on all drives.",
                       VALUE_BYTES, 8, 80, COLUMN_HIDDEN, NULL, NULL},
    [ONLINE] = {"drives-online", "DRIVES-ONLINE", "Drives that are online.", VALUE_COUNT, 5, 80,
                COLUMN_HIDDEN, NULL, NULL},
    [OFFLINE] = {"drives-offline", "DRIVES-OFFLINE", "Drives that are not.", VALUE_COUNT, 5, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [NODES_OFFLINE] = {"nodes-offline", "NODES-OFFLINE", "Servers that are not online.",
                       VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [HEAL_ERRORS] = {"heal-errors", "HEAL-ERRORS", "Objects that could not be healed.", VALUE_COUNT,
                     5, 80, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [WHY] = {"why", "WHY", "What it said, or the way there, of what is wrong.", VALUE_TEXT, 40, 80,
             COLUMN_HIDDEN, NULL, NULL},
};

#define FULL    0.95
#define CROWDED 0.85

enum {
    RULE_SILENT,
    RULE_NO_READS,
    RULE_NO_WRITES,
    RULE_OFFLINE,
    RULE_FULL,
    RULE_NODES,
    RULE_DRIVES,
    RULE_CROWDED,
    RULE_UNHEALED,
    RULE_HEALING
};

static const struct rule rules[] = {
    [RULE_SILENT] = {"minio-no-answer", "Nothing answers behind its service: critical."},
    [RULE_NO_READS] = {"minio-no-reads",
                       "Fewer drives are online than it takes to read: critical."},
    [RULE_NO_WRITES] = {"minio-no-writes",
                        "Fewer drives are online than it takes to write: critical."},
    [RULE_OFFLINE] = {"minio-offline",
                      "It says that it, its IAM or its buckets' metadata is offline: critical."},
    [RULE_FULL] = {"minio-full", "95% of its capacity is used; when it is full, writes fail: "
                                 "critical."},
    [RULE_NODES] = {"minio-node-lost", "One of its servers is offline: warning."},
    [RULE_DRIVES] = {"minio-drive-lost", "A drive is offline: warning."},
    [RULE_CROWDED] = {"minio-crowded", "85% of its capacity is used: warning."},
    [RULE_UNHEALED] = {"minio-unhealed", "Objects could not be healed: warning."},
    [RULE_HEALING] = {"minio-healing", "A drive is being filled again: progress."},
};

static bool is(const struct store *st, struct handle row, const char *state)
{
    return span_is(store_text(st, row, STATE), state);
}

static double use_of(const struct store *st, struct handle row)
{
    const struct value v = store_cell(st, row, USE, 0);
    return v.type == VALUE_RATIO ? v.real : 0;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    const double use = use_of(st, row);

    const struct {
        bool yes;
        enum level level;
        uint16_t rule;
    } checks[] = {
        {is(st, row, "no answer"), LEVEL_CRITICAL, RULE_SILENT},
        {is(st, row, "no reads"), LEVEL_CRITICAL, RULE_NO_READS},
        {is(st, row, "no writes"), LEVEL_CRITICAL, RULE_NO_WRITES},
        {!is(st, row, "ok"), LEVEL_CRITICAL, RULE_OFFLINE},
        {use >= FULL, LEVEL_CRITICAL, RULE_FULL},
        {store_num(st, row, NODES_OFFLINE, 0) > 0, LEVEL_WARNING, RULE_NODES},
        {store_num(st, row, OFFLINE, 0) > 0, LEVEL_WARNING,
         RULE_DRIVES}, /* one that heals is online */
        {use >= CROWDED, LEVEL_WARNING, RULE_CROWDED},
        {store_num(st, row, HEAL_ERRORS, 0) > 0, LEVEL_WARNING, RULE_UNHEALED},
        {store_num(st, row, HEALING, 0) > 0, LEVEL_PROGRESS, RULE_HEALING},
    };

    (void)now_ms;
    for (size_t i = 0; i < BN_COUNT(checks); i++)
        if (checks[i].yes)
            return verdict_at(checks[i].level, checks[i].rule);
    return verdict_ok();
}

/* ---- Its sentence. */

/* "nothing can be written: 2/4 drives online, it takes 3" */
static void say_quorum(const struct store *st, struct handle row, const char *what, int column,
                       struct strbuf *out)
{
    const struct span drives = store_text(st, row, DRIVES);
    const int64_t quorum = store_num(st, row, (size_t)column, 0);
    strbuf_adds(out, what);
    if (drives.len)
        strbuf_addf(out, ": %.*s drives online", SPAN_ARG(drives));
    if (quorum > 0)
        strbuf_addf(out, "%s it takes %lld%s", drives.len ? "," : ":", (long long)quorum,
                    drives.len ? "" : " drives");
    sentence_cause(out, store_text(st, row, WHY));
}

static void say_capacity(const struct store *st, struct handle row, struct strbuf *out)
{
    const int64_t healing = store_num(st, row, HEALING, 0);
    char used[NUMBER_TEXT_MAX], all[NUMBER_TEXT_MAX];
    number_format_bytes(store_num(st, row, USED, 0), used);
    number_format_bytes(store_num(st, row, CAPACITY, 0), all);
    strbuf_addf(out, "%.0f%% of its capacity is used, %s of %s", use_of(st, row) * 100, used, all);
    if (healing > 0)
        strbuf_addf(out, ", %lld drive%s healing", (long long)healing, healing == 1 ? "" : "s");
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    const struct span drives = store_text(st, row, DRIVES);
    const long long healing = (long long)store_num(st, row, HEALING, 0);
    (void)now_ms;
    switch (v->rule) {
    case RULE_SILENT:
        strbuf_adds(out, "nothing answers");
        sentence_cause(out, store_text(st, row, WHY));
        return;
    case RULE_NO_READS:
        say_quorum(st, row, "nothing can be read or written", READ_QUORUM, out);
        return;
    case RULE_NO_WRITES:
        say_quorum(st, row, "nothing can be written", QUORUM, out);
        return;
    case RULE_OFFLINE:
        strbuf_addf(out, "it says of itself: %.*s", SPAN_ARG(store_text(st, row, STATE)));
        return;
    case RULE_FULL:
    case RULE_CROWDED:
        say_capacity(st, row, out);
        return;
    case RULE_UNHEALED:
        strbuf_addf(out, "%lld objects could not be healed",
                    (long long)store_num(st, row, HEAL_ERRORS, 0));
        return;
    case RULE_NODES:
        strbuf_addf(out, "%.*s servers online, ", SPAN_ARG(store_text(st, row, NODES)));
        break;
    default:
        break;
    }
    strbuf_addf(out, "%.*s drives online", SPAN_ARG(drives));
    if (healing)
        strbuf_addf(out, ", %lld healing", healing);
}

const struct kind kind_minio_cluster = {
    .name = "minio-cluster",
    .plural = "minio-clusters",
    .aliases = "mc",
    .title = "MinIO, live",
    .help = "MinIOs as they are now: whether they can be written and read, drives, capacity.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

/* ---- Its row. */

static void put(struct row_writer *w, size_t column, const char *text)
{
    if (text[0])
        row_text(w, column, span_from(text));
}

static void put_num(struct row_writer *w, size_t column, double n)
{
    if (n >= 0)
        row_num(w, column, (int64_t)n);
}

static void put_share(struct row_writer *w, size_t column, double part, double all)
{
    struct strbuf text = STRBUF_INIT(64);
    strbuf_addf(&text, "%.0f/%.0f", part, all);
    row_text(w, column, strbuf_span(&text));
    strbuf_clear(&text);
}

static void put_drives(struct row_writer *w, const struct minio_answer *a)
{
    if (a->drives < 0 || a->online < 0)
        return;
    put_share(w, DRIVES, a->online, a->drives);
    put_num(w, ONLINE, a->online);
    put_num(w, OFFLINE, a->drives > a->online ? a->drives - a->online : 0);
}

static void put_capacity(struct row_writer *w, const struct minio_answer *a)
{
    put_num(w, CAPACITY, a->capacity);
    put_num(w, AVAILABLE, a->available);
    put_num(w, RAW_CAPACITY, a->raw_capacity);
    put_num(w, RAW_AVAILABLE, a->raw_available);
    if (a->capacity <= 0 || a->available < 0 || a->available > a->capacity)
        return;
    put_num(w, USED, a->capacity - a->available);
    row_real(w, USE, (a->capacity - a->available) / a->capacity);
}

/* "operators/minio" of "proxy-https:operators/minio:443"; empty: it is reached by an address. */
static struct span service_of(const struct backend_ctx *ctx)
{
    struct span reach = span_from(ctx_setting(ctx, "reach"));
    const size_t colon = span_find(reach, ':', 0);
    const struct span word = span_sub(reach, 0, colon);
    reach = span_sub(reach, colon + 1, reach.len);
    reach.len = span_find_last(reach, ':');
    return span_starts(word, "proxy") || span_ends(word, "service") ? reach : SPAN("");
}

bool minio_put_cluster(const struct minio *m, const struct minio_answer *a, struct row_writer *w)
{
    const char *tenant = ctx_setting_filled(m->ctx, "tenant");
    const struct span service = service_of(m->ctx);
    row_begin(w, span_from(ctx_name(m->ctx)));
    row_text(w, NAME, span_from(ctx_name(m->ctx)));
    put(w, STATE, a->state);
    put(w, METRICS, a->metrics);
    put(w, RELEASE, a->version);
    put(w, WHY, a->why);
    put_drives(w, a);
    put_num(w, QUORUM, a->write_quorum);
    put_num(w, READ_QUORUM, a->read_quorum);
    put_num(w, HEALING, a->healing);
    if (a->nodes_online >= 0) {
        const double lost = a->nodes_offline > 0 ? a->nodes_offline : 0;
        put_share(w, NODES, a->nodes_online, a->nodes_online + lost);
        put_num(w, NODES_OFFLINE, lost);
    }
    put_capacity(w, a);
    put_num(w, OBJECTS, a->objects);
    put_num(w, HEAL_ERRORS, a->heal_errors);
    if (tenant)
        row_link(w, LINK_OWNER, 0, "tenant", span_from(tenant));
    if (service.len)
        row_link(w, LINK_SERVICE, 0, "service", service);
    return row_end(w);
}
