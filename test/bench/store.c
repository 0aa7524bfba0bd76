/* Bench of the store: memory of a row, filling it, one change at 1,000 rows and
 * at many. Prints figures; gates nothing. Usage: test/bench/store [ROWS] */
#include <config.h>

#include "base/alloc.h"
#include "model/view.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NOW        1770973200000
#define NAMESPACES 40
#define PER_NODE   30
#define BATCH      500
#define UPDATES    40000
#define ROUNDS     5

enum {
    COL_NAMESPACE,
    COL_NAME,
    COL_STATUS,
    COL_READY,
    COL_TOTAL,
    COL_RESTARTS,
    COL_LAST,
    COL_CREATED,
    COL_AGE,
    COL_NODE,
    COL_IP,
    COL_OWNER,
    COL_QOS,
    COL_CPU,
    COL_MEMORY,
    COL_UID,
};

static const struct column pod_columns[] = {
    [COL_NAMESPACE] = {"namespace", "NAMESPACE", "", VALUE_TEXT, 10, 0, COLUMN_IDENT, NULL, NULL},
    [COL_NAME] = {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [COL_STATUS] = {"status", "STATUS", "", VALUE_TEXT, 10, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_READY] = {"ready", "READY", "", VALUE_COUNT, 4, 0, 0, NULL, NULL},
    [COL_TOTAL] = {"total", "TOTAL", "", VALUE_COUNT, 4, 0, 0, NULL, NULL},
    [COL_RESTARTS] = {"restarts", "RST", "", VALUE_COUNT, 4, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_LAST] = {"last", "LAST", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_CREATED] = {"created", "CREATED", "", VALUE_INSTANT, 4, 0, COLUMN_HIDDEN, NULL, NULL},
    [COL_AGE] = {"age", "AGE", "", VALUE_DURATION, 4, 0, 0, "created", NULL},
    [COL_NODE] = {"node", "NODE", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_IP] = {"ip", "IP", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_OWNER] = {"owner", "OWNER", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_QOS] = {"qos", "QOS", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_CPU] = {"cpu", "CPU", "", VALUE_QUANTITY, 6, 0, 0, NULL, NULL},
    [COL_MEMORY] = {"memory", "MEM", "", VALUE_QUANTITY, 6, 0, 0, NULL, NULL},
    [COL_UID] = {"uid", "UID", "", VALUE_TEXT, 36, 0, COLUMN_HIDDEN | COLUMN_ALONE, NULL, NULL},
};

static struct verdict pod_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t created = store_num(st, row, COL_CREATED, 0);
    if (span_is(store_text(st, row, COL_STATUS), "Running"))
        return (struct verdict){LEVEL_OK, 0, TIME_FOREVER};
    if (now_ms < created + 300000)
        return (struct verdict){LEVEL_PROGRESS, 0, created + 300000};
    return (struct verdict){LEVEL_WARNING, 0, TIME_FOREVER};
}

static void pod_says(const struct store *st, struct handle row, const struct verdict *v,
                     int64_t now_ms, struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_add(out, store_text(st, row, COL_STATUS));
}

static const struct rule rules[] = {{"pod-not-running", "The pod does not run."}};
static const struct kind pod = {.name = "pod",
                                .plural = "pods",
                                .aliases = "po",
                                .title = "Pods",
                                .help = "",
                                .namespaced = true,
                                .columns = pod_columns,
                                .ncolumns = BN_COUNT(pod_columns),
                                .rules = rules,
                                .nrules = BN_COUNT(rules),
                                .judge = pod_judge,
                                .says = pod_says,
                                .sort = "namespace,name"};

static const struct fold node_pods = {FOLD_COUNT, LINK_NODE, "pod", NULL, NULL};
static const struct fold node_cpu = {FOLD_SUM, LINK_NODE, "pod", "cpu", NULL};
static const struct fold node_memory = {FOLD_SUM, LINK_NODE, "pod", "memory", NULL};
static const struct column node_columns[] = {
    {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    {"pods", "PODS", "", VALUE_COUNT, 4, 0, 0, NULL, &node_pods},
    {"cpu", "CPU", "", VALUE_QUANTITY, 4, 0, 0, NULL, &node_cpu},
    {"memory", "MEM", "", VALUE_QUANTITY, 4, 0, 0, NULL, &node_memory},
};
static const struct kind node = {.name = "node",
                                 .plural = "nodes",
                                 .aliases = "",
                                 .title = "Nodes",
                                 .help = "",
                                 .columns = node_columns,
                                 .ncolumns = BN_COUNT(node_columns),
                                 .sort = "name"};

static const struct fold ns_pods = {FOLD_COUNT, LINK_NAMESPACE, "pod", NULL, NULL};
static const struct fold ns_bad = {FOLD_COUNT, LINK_NAMESPACE, "pod", NULL, "is:bad"};
static const struct column namespace_columns[] = {
    {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    {"pods", "PODS", "", VALUE_COUNT, 4, 0, 0, NULL, &ns_pods},
    {"bad", "BAD", "", VALUE_COUNT, 4, 0, 0, NULL, &ns_bad},
};
static const struct kind namespace_ = {.name = "namespace",
                                       .plural = "namespaces",
                                       .aliases = "ns",
                                       .title = "Namespaces",
                                       .help = "",
                                       .columns = namespace_columns,
                                       .ncolumns = BN_COUNT(namespace_columns),
                                       .sort = "name"};
static const struct kind *const kinds[] = {&pod, &node, &namespace_};
static const struct kind_list list = {kinds, BN_COUNT(kinds)};

static double cpu_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Resident bytes, from the second field of /proc/self/statm. */
static size_t resident(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long total = 0, pages = 0;
    if (!f || fscanf(f, "%lu %lu", &total, &pages) != 2)
        pages = 0;
    if (f)
        (void)fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static uint32_t scramble(uint32_t n)
{
    n = (n ^ n >> 16) * 0x45d9f3bu;
    n = (n ^ n >> 16) * 0x45d9f3bu;
    return n ^ n >> 16;
}

static void text(struct row_writer *w, size_t column, const char *format, uint32_t a, uint32_t b)
{
    char out[80];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(out, sizeof(out), format, a, b);
#pragma GCC diagnostic pop
    row_text(w, column, span_make(out, (size_t)n));
}

/* The i-th pod in its version-th state. */
static void write_pod(struct row_writer *w, uint32_t i, uint32_t version, uint32_t nodes)
{
    static const char *const statuses[] = {"Running", "Running", "Running", "CrashLoopBackOff"};
    uint32_t h = scramble(i), ns = i % NAMESPACES;
    char key[96], name[64];
    int n = snprintf(key, sizeof(key), "team-%u/service-%u-%x-%05x", ns, i / 20, h >> 16, h);
    (void)snprintf(name, sizeof(name), "%s", strchr(key, '/') + 1);
    row_begin(w, span_make(key, (size_t)n));
    text(w, COL_NAMESPACE, "team-%u", ns, 0);
    row_text(w, COL_NAME, span_from(name));
    row_text(w, COL_STATUS, span_from(statuses[(h + version) % 4]));
    row_num(w, COL_READY, version % 3);
    row_num(w, COL_TOTAL, 2);
    row_num(w, COL_RESTARTS, version);
    row_num(w, COL_CREATED, NOW - (int64_t)(h % 1000000) * 1000);
    text(w, COL_NODE, "node-%u.eu-central-1.internal", h % nodes, 0);
    text(w, COL_IP, "10.%u.%u.7", i >> 8 & 255, i & 255);
    text(w, COL_OWNER, "service-%u-%x", i / 20, i / 20);
    row_text(w, COL_QOS, SPAN("Burstable"));
    row_quantity(w, COL_CPU, 250, SPAN("250m"));
    row_quantity(w, COL_MEMORY, (int64_t)512 << 20, SPAN("512Mi"));
    text(w, COL_UID, "%08x-0000-4000-8000-0000%08x", h, i);
    n = snprintf(key, sizeof(key), "team-%u/service-%u-%x", ns, i / 20, i / 20);
    row_link(w, LINK_OWNER, LINK_EXPECTED, "replicaset", span_make(key, (size_t)n));
    n = snprintf(key, sizeof(key), "node-%u.eu-central-1.internal", h % nodes);
    row_link(w, LINK_NODE, LINK_EXPECTED, "node", span_make(key, (size_t)n));
    n = snprintf(key, sizeof(key), "team-%u", ns);
    row_link(w, LINK_NAMESPACE, 0, "namespace", span_make(key, (size_t)n));
    n = snprintf(key, sizeof(key), "team-%u/config-%u", ns, i / 20);
    row_link(w, LINK_CONFIG, LINK_EXPECTED, "configmap", span_make(key, (size_t)n));
    if (!row_end(w))
        abort();
}

static void apply(struct store *st, struct message *m)
{
    struct err err;
    if (!m || !store_apply(st, m, NOW, &err))
        abort();
    message_free(m);
}

static void settle(struct store *st)
{
    while (store_turn(st, NOW, 4000))
        ;
}

static void mark(struct store *st, enum message_type type, uint16_t kind)
{
    struct message *m = message_new(type, 0, kind);
    if (!m)
        abort();
    m->complete = true;
    m->generation = 1;
    apply(st, m);
}

static void fill_named(struct store *st, uint16_t kind, const char *format, uint32_t count)
{
    struct row_writer w;
    row_writer_init(&w, kinds[kind], (size_t)64 << 20);
    mark(st, MESSAGE_SYNC_BEGIN, kind);
    for (uint32_t i = 0; i < count; i++) {
        char name[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(name, sizeof(name), format, i);
#pragma GCC diagnostic pop
        row_begin(&w, span_from(name));
        row_text(&w, 0, span_from(name));
        if (!row_end(&w))
            abort();
    }
    apply(st, row_writer_take(&w, 0, kind));
    mark(st, MESSAGE_SYNC_END, kind);
    row_writer_clear(&w);
}

/* All pods by pages, as a list brings them; returns the store's own milliseconds. */
static double fill_pods(struct store *st, uint32_t rows, uint32_t nodes, double *worst,
                        double *ending)
{
    struct row_writer w;
    double spent = 0;
    row_writer_init(&w, &pod, (size_t)64 << 20);
    mark(st, MESSAGE_SYNC_BEGIN, 0);
    for (uint32_t i = 0; i < rows; i++) {
        write_pod(&w, i, 0, nodes);
        if ((i + 1) % BATCH && i + 1 < rows)
            continue;
        struct message *m = row_writer_take(&w, 0, 0);
        double from = cpu_ms();
        apply(st, m);
        (void)store_turn(st, NOW, 4000);
        double took = cpu_ms() - from;
        spent += took;
        *worst = took > *worst ? took : *worst;
    }
    double from = cpu_ms();
    mark(st, MESSAGE_SYNC_END, 0);
    *ending = cpu_ms() - from;
    settle(st);
    row_writer_clear(&w);
    return spent + cpu_ms() - from;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Microseconds of one change, the median of some rounds. */
static double update(struct store *st, uint32_t rows, uint32_t nodes, uint32_t *version)
{
    double us[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double spent = 0;
        for (uint32_t k = 0; k < UPDATES / 20; k++) {
            struct row_writer w;
            row_writer_init(&w, &pod, (size_t)1 << 20);
            for (uint32_t i = 0; i < 20; i++) {
                ++*version;
                write_pod(&w, scramble(*version) % rows, *version, nodes);
            }
            struct message *m = row_writer_take(&w, 0, 0);
            row_writer_clear(&w);
            double from = cpu_ms();
            apply(st, m);
            (void)store_turn(st, NOW + *version, 4000);
            spent += cpu_ms() - from;
        }
        settle(st);
        us[round] = spent * 1000 / UPDATES;
    }
    qsort(us, ROUNDS, sizeof(us[0]), by_size);
    return us[ROUNDS / 2];
}

struct looks {
    const char *sort, *filter;
};

/* A new order or filter from the first slice to the last, as a screen asks for it. */
static void look(struct store *st, struct view *v, const struct looks *l)
{
    struct view_spec spec = {.filter = span_from(l->filter), .namespaces = {"", 0}};
    double took[ROUNDS], longest = 0;
    size_t slices = 0;
    struct err err;
    for (int round = 0; round < ROUNDS; round++) {
        double from = cpu_ms();
        slices = 0;
        if (!view_parse_sort(&pod, span_from(l->sort), &spec, &err) ||
            !view_set(v, &spec, false, &err))
            abort();
        for (; view_pending(v); slices++) {
            double slice = cpu_ms();
            (void)store_turn(st, NOW, 4000);
            longest = cpu_ms() - slice > longest ? cpu_ms() - slice : longest;
        }
        took[round] = cpu_ms() - from;
    }
    qsort(took, ROUNDS, sizeof(took[0]), by_size);
    printf("  by %s, filter `%s`: %zu rows in %.1f ms, %zu slices, longest %.1f ms\n", l->sort,
           l->filter, view_count(v), took[ROUNDS / 2], slices, longest);
}

struct figures {
    double change, with_view;
};

static struct figures run(uint32_t rows)
{
    struct figures f = {0};
    uint32_t nodes = rows / PER_NODE + 1, version = 0;
    double worst = 0, ending = 0;
    struct err err;
    malloc_trim(0);
    size_t before = resident();
    struct store *st = store_new(&list);
    if (!st)
        abort();
    (void)store_add_source(st, "bench", "bench", "bench", SOURCE_NONE);
    for (uint16_t k = 0; k < BN_COUNT(kinds); k++)
        store_set_wanted(st, 0, k, true);
    fill_named(st, 1, "node-%u.eu-central-1.internal", nodes);
    fill_named(st, 2, "team-%u", NAMESPACES);
    double ms = fill_pods(st, rows, nodes, &worst, &ending);
    malloc_trim(0);
    size_t after = resident();
    struct store_figures figures = store_figures(st);
    printf("%u rows: %.1f MB, %.0f bytes a row resident (%.0f by its own count), %zu texts in %.1f "
           "MB\n",
           rows, (double)(after - before) / 1e6, (double)(after - before) / rows,
           (double)figures.bytes / rows, figures.texts, (double)figures.text_bytes / 1e6);
    printf(
        "  applied and judged in %.0f ms, %.2f us a row; longest batch of %d %.1f ms, end of the "
        "picture %.1f ms\n",
        ms, ms * 1000 / rows, BATCH, worst, ending);
    double from = cpu_ms();
    (void)fill_pods(st, rows, nodes, &worst, &ending);
    printf("  the same again, nothing changed: %.0f ms with writing it\n", cpu_ms() - from);
    f.change = update(st, rows, nodes, &version);
    struct view *v = view_new(st, 0);
    struct view_spec spec = {.filter = {"", 0}, .namespaces = {"", 0}};
    if (!v || !view_parse_sort(&pod, SPAN("level desc,namespace,name"), &spec, &err) ||
        !view_set(v, &spec, false, &err))
        abort();
    view_finish(v, NOW);
    f.with_view = update(st, rows, nodes, &version);
    static const struct looks all[] = {
        {"namespace,name", ""},
        {"name", ""},
        {"restarts!,name", ""},
        {"level desc,namespace,name", ""},
        {"name", "crash"},
        {"name", "restarts>3 age<2h"},
        {"name", "ns=team-7 status~Back"},
        {"name", "/service-1?2-[0-9a-f]+/"},
    };
    for (size_t i = 0; i < BN_COUNT(all); i++)
        look(st, v, &all[i]);
    printf("  one change: %.2f us, with a sorted view %.2f us\n", f.change, f.with_view);
    figures = store_figures(st);
    printf("  after %u changes: %.1f MB resident, %.1f MB of texts\n", version,
           (double)(resident() - before) / 1e6, (double)figures.text_bytes / 1e6);
    view_free(v);
    store_free(st);
    return f;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 150000;
    if (rows < 1000 || rows > 10000000) {
        (void)fprintf(stderr, "usage: store [ROWS], 1000 to 10000000\n");
        return 2;
    }
    struct figures few = run(1000), many = run((uint32_t)rows);
    printf("one change at %ld rows costs %.2f times what it costs at 1000; with a view %.2f\n",
           rows, many.change / few.change, many.with_view / few.with_view);
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("greatest resident size %.1f MB\n", (double)usage.ru_maxrss / 1024);
    return 0;
}
