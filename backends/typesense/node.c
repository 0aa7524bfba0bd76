/* A node of a Typesense: its row. */
#include <config.h>

#include "backends/typesense/node.h"

#include "backends/cells.h"

#include <string.h>

static const struct column columns[] = {
    [NODE_NAME] = {"name", "NAME", "The pod, or the source's name.", VALUE_TEXT, 16, 0,
                   COLUMN_IDENT, NULL, NULL},
    [NODE_STATE] = {"state", "STATE",
                    "ok, not ready, loading (its index from disk), no answer; ok says that it "
                    "follows its leader closely enough to be read.",
                    VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [NODE_ROLE] = {"role", "ROLE", "leader, follower, candidate, error, ...; one alone leads.",
                   VALUE_TEXT, 8, 10, COLUMN_NOTABLE, NULL, NULL},
    [NODE_REFUSES] = {"refuses", "REFUSES",
                      "OUT_OF_DISK or OUT_OF_MEMORY: all writes are refused. Looked at only where "
                      "disk-used-max-percentage or memory-used-max-percentage is set.",
                      VALUE_TEXT, 13, 25, COLUMN_NOTABLE, NULL, NULL},
    [NODE_COLLECTIONS] = {"collections", "COLL", "Collections.", VALUE_COUNT, 4, 30,
                          COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [NODE_DOCUMENTS] = {"documents", "DOCS", "Documents in all collections.", VALUE_COUNT, 6, 28,
                        COLUMN_RIGHT, NULL, NULL},
    [NODE_MEMORY] = {"memory", "MEMORY", "Bytes in use; all data are in memory.", VALUE_BYTES, 7,
                     12, COLUMN_RIGHT, NULL, NULL},
    [NODE_DISK] = {"disk", "DISK", "Share of the volume of its data that is used.", VALUE_RATIO, 5,
                   14, COLUMN_RIGHT, NULL, NULL},
    [NODE_WAITING] = {"waiting", "WAIT",
                      "Batches of writes that wait: past 500 writes are refused, past 1000 reads "
                      "too (healthy-write-lag, healthy-read-lag).",
                      VALUE_COUNT, 5, 8, COLUMN_RIGHT, NULL, NULL},
    [NODE_LAG] = {"lag", "LAG",
                  "Entries of the log that another node has committed and it has "
                  "not.",
                  VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL, NULL},
    [NODE_SEARCHES] = {"searches", "SRCH/S", "Searches a second.", VALUE_RATE, 6, 16, COLUMN_RIGHT,
                       NULL, NULL},
    [NODE_SEARCH_MS] = {"search-ms", "SRCH-MS", "Milliseconds that a search takes, at a mean.",
                        VALUE_COUNT, 7, 18, COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [NODE_WRITES] = {"writes", "WR/S", "Writes a second.", VALUE_RATE, 5, 32, COLUMN_RIGHT, NULL,
                     NULL},
    [NODE_WRITE_MS] = {"write-ms", "WR-MS", "Milliseconds that a write takes, at a mean.",
                       VALUE_COUNT, 5, 34, COLUMN_RIGHT, NULL, NULL},
    [NODE_RELEASE] = {"version", "VERSION", "Its version.", VALUE_TEXT, 7, 40, COLUMN_NOTABLE, NULL,
                      NULL},
    [NODE_KEY] = {"api-key", "API-KEY", "Whether our API key is good: valid, refused, none.",
                  VALUE_TEXT, 7, 45, COLUMN_NOTABLE, NULL, NULL},
    [NODE_REQUESTS] = {"requests", "REQ/S", "Requests a second, of all sorts.", VALUE_RATE, 5, 60,
                       COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_OVERLOADED] = {"overloaded", "OVER/S",
                         "Requests a second that are turned away since it has too much to do.",
                         VALUE_RATE, 6, 61, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_QUEUED] = {"queued", "QUEUED", "Writes that are queued.", VALUE_COUNT, 6, 62,
                     COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_INDEX] = {"index", "INDEX", "The last entry of its log that is committed.", VALUE_COUNT,
                    8, 63, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_CPU] = {"cpu", "CPU", "Share of the machine's processors in use, by whatever.",
                  VALUE_RATIO, 4, 64, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_FRAGMENTED] = {"fragmented", "FRAG", "Share of its memory that is lost to fragments.",
                         VALUE_RATIO, 4, 65, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_DISK_USED] = {"disk-used", "DISK-USED", "Bytes of that volume that are used.",
                        VALUE_BYTES, 7, 80, COLUMN_HIDDEN, NULL, NULL},
    [NODE_DISK_TOTAL] = {"disk-total", "DISK-TOTAL", "Bytes of that volume.", VALUE_BYTES, 7, 80,
                         COLUMN_HIDDEN, NULL, NULL},
    [NODE_MACHINE] = {"machine-memory", "MACHINE-MEMORY",
                      "Bytes in use on the whole machine: what OUT_OF_MEMORY looks at.",
                      VALUE_BYTES, 7, 80, COLUMN_HIDDEN, NULL, NULL},
    [NODE_MACHINE_TOTAL] = {"machine-total", "MACHINE-TOTAL", "Bytes of memory of the machine.",
                            VALUE_BYTES, 7, 80, COLUMN_HIDDEN, NULL, NULL},
    [NODE_READS] = {"reads", "READS", "Why a real read was refused though its health is ok.",
                    VALUE_TEXT, 20, 80, COLUMN_HIDDEN, NULL, NULL},
    [NODE_WHY] = {"why", "WHY", "What it said, or the way there, of what is wrong.", VALUE_TEXT, 40,
                  80, COLUMN_HIDDEN, NULL, NULL},
    [NODE_LEADER] = {"leader", "LEADER", "The node that leads, as that says; empty: none does.",
                     VALUE_TEXT, 16, 80, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_SINCE] = {"since", "SINCE", "When it came to its state.", VALUE_INSTANT, 5, 90,
                    COLUMN_HIDDEN, NULL, NULL},
};

const struct kind kind_typesense = {
    .name = "typesense",
    .plural = "typesenses",
    .aliases = "ts",
    .title = "Typesense",
    .help = "Nodes of Typesense: health, leader, memory, disk, writes that wait, latencies.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = typesense_rules,
    .nrules = TYPESENSE_RULES,
    .judge = typesense_judge,
    .says = typesense_sentence,
    .sort = "level desc,name",
    .quotes = "pod",
};

/* ---- Rows. */

static void put(struct row_writer *w, size_t column, const char *text)
{
    if (text[0])
        row_text(w, column, span_from(text));
}

static void put_real(struct row_writer *w, size_t column, double n)
{
    if (n >= 0)
        row_real(w, column, n);
}

/* "tooling" of "proxy-pod:tooling/<pod>:8108"; "" where no pod of a cluster is named. */
static struct span namespace_of(const struct typesense *t)
{
    struct span reach = span_from(ctx_setting(t->ctx, "reach"));
    const size_t colon = span_find(reach, ':', 0), slash = span_find(reach, '/', 0);
    if (!ctx_setting_filled(t->ctx, "nodes") || slash >= reach.len || slash <= colon + 1)
        return SPAN("");
    return span_sub(reach, colon + 1, slash - colon - 1);
}

/* "tooling/typesense" of "secret:tooling/typesense/api-key": where its key is had from. */
static void put_secret_link(const struct typesense *t, struct row_writer *w)
{
    const char *key = ctx_setting_filled(t->ctx, "api_key");
    struct span rest = span_from(key ? key : "");
    if (!span_starts(rest, "secret:"))
        return;
    rest = span_sub(rest, strlen("secret:"), rest.len);
    rest.len = span_find_last(rest, '/');
    row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", rest);
}

static void put_figures(struct row_writer *w, const struct typesense_answer *a, int64_t newest)
{
    put_amount(w, NODE_COLLECTIONS, a->collections);
    put_amount(w, NODE_DOCUMENTS, a->documents);
    put_amount(w, NODE_MEMORY, a->memory);
    if (a->disk_total > 0 && a->disk_used >= 0)
        row_real(w, NODE_DISK, (double)a->disk_used / (double)a->disk_total);
    put_amount(w, NODE_DISK_USED, a->disk_used);
    put_amount(w, NODE_DISK_TOTAL, a->disk_total);
    put_amount(w, NODE_MACHINE, a->node_memory);
    put_amount(w, NODE_MACHINE_TOTAL, a->node_memory_total);
    put_amount(w, NODE_WAITING, a->batches);
    put_amount(w, NODE_QUEUED, a->queued);
    put_amount(w, NODE_INDEX, a->committed);
    if (a->committed >= 0)
        row_num(w, NODE_LAG, newest - a->committed);
    put_real(w, NODE_SEARCHES, a->search_rate);
    put_real(w, NODE_WRITES, a->write_rate);
    put_real(w, NODE_REQUESTS, a->all_rate);
    put_real(w, NODE_OVERLOADED, a->overloaded);
    put_real(w, NODE_CPU, a->cpu);
    put_real(w, NODE_FRAGMENTED, a->fragmented);
    if (a->search_ms >= 0 && a->search_rate > 0) /* the mean of none is no time */
        row_num(w, NODE_SEARCH_MS, (int64_t)a->search_ms);
    if (a->write_ms >= 0 && a->write_rate > 0)
        row_num(w, NODE_WRITE_MS, (int64_t)a->write_ms);
}

bool typesense_put_node(const struct typesense *t, const struct typesense_node *n,
                        const struct typesense_answer *a, const struct typesense_group *group,
                        struct row_writer *w)
{
    struct strbuf pod = STRBUF_INIT(1024);
    const struct span ns = namespace_of(t);
    strbuf_addf(&pod, "%.*s/%s", SPAN_ARG(ns), n->name);
    row_begin(w, span_from(n->name));
    put(w, NODE_NAME, n->name);
    put(w, NODE_STATE, a->state);
    put(w, NODE_ROLE, a->role);
    put(w, NODE_REFUSES, a->resource);
    put(w, NODE_RELEASE, a->version);
    put(w, NODE_KEY, a->key);
    put(w, NODE_READS, a->reads);
    put(w, NODE_WHY, a->why);
    put(w, NODE_LEADER, group->leader);
    put_figures(w, a, group->newest);
    if (n->since_ms != TIME_NONE)
        row_num(w, NODE_SINCE, n->since_ms);
    if (ns.len)
        row_link(w, LINK_POD, LINK_AFFECTS, "pod", strbuf_span(&pod));
    put_secret_link(t, w);
    strbuf_clear(&pod);
    return row_end(w);
}
