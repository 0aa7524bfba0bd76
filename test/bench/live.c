/* The whole program on harbor's clusters: how long, how much processor time,
 * memory and bytes. Prints a table of goals and figures; gates nothing.
 * Usage: test/bench/live [PART...], parts as in the table at the end. */
#include <config.h>

#include "base/alloc.h"
#include "test/bench/live_run.h"

#include <unistd.h>

#define ROWS 50
#define COLS 160

/* The cluster that stands, taken again by the next part of the same size. */
static struct live *cluster;
static int cluster_pods = -1;

static void end_cluster(void)
{
    void *state = cluster;
    if (cluster)
        (void)live_teardown(&state);
    cluster = NULL;
    cluster_pods = -1;
}

/* pods 0: the demonstration platform. Nothing in it changes. */
static struct live *stand(int pods)
{
    char text[2][16];
    const char *const words[] = {"--nodes", text[0], "--pods", text[1], NULL};
    if (cluster_pods == pods) {
        return cluster;
    }
    end_cluster();
    (void)snprintf(text[0], sizeof(text[0]), "%d", pods / 30);
    (void)snprintf(text[1], sizeof(text[1]), "%d", pods);
    cluster = calloc(1, sizeof(*cluster));
    assert_non_null(cluster);
    live_start(cluster, pods ? words : NULL);
    cluster_pods = pods;
    return cluster;
}

/* What a part measured of the process while it was asked to end. */
static void quit(struct run *r, struct series *s)
{
    int64_t asked = bench_us();
    run_end(r);
    series_add(s, (double)(bench_us() - asked) / 1000);
}

/* ---- The demonstration platform. */

/* As a person starts it: harbor's start and the world outside included. */
static void bench_started(void)
{
    struct series first = {0}, whole = {0}, cpu = {0};
    for (int i = 0; i < 10; i++) {
        struct live *l = xalloc_zero(1, sizeof(*l));
        struct run r;
        double ms, used;
        l->control = -1;
        run_begin_demo(&r, l);
        run_await(&r, "keys", 0);
        series_add(&first, run_ms(&r));
        run_await_whole(&r, &ms, &used);
        series_add(&whole, ms);
        series_add(&cpu, used);
        run_end(&r);
        void *state = l;
        (void)live_teardown(&state);
    }
    table_begin("## `binnacle demo`, harbor's start included, terminal 80x24");
    table_line("start to first frame", "ms", 0, &first);
    table_line("whole", "ms", 300, &whole);
    table_line("  own CPU", "ms", 0, &cpu);
}

static void bench_demo(void)
{
    struct live *l = stand(0);
    struct series frame = {0}, frame_cpu = {0}, whole = {0}, whole_cpu = {0}, ended = {0},
                  peak = {0};
    struct run r;
    for (int i = 0; i < 10; i++) {
        double ms, cpu;
        run_begin(&r, l, 24, 80);
        run_await(&r, "keys", 0);
        series_add(&frame, run_ms(&r));
        series_add(&frame_cpu, run_cpu_ms(&r));
        run_await_whole(&r, &ms, &cpu);
        series_add(&whole, ms);
        series_add(&whole_cpu, cpu);
        series_add(&peak, run_peak_mb(&r));
        quit(&r, &ended);
    }
    table_begin("## Demonstration platform, terminal 80x24");
    table_line("start to first frame", "ms", 30, &frame);
    table_line("  own CPU", "ms", 0, &frame_cpu);
    table_line("whole", "ms", 300, &whole);
    table_line("  own CPU", "ms", 0, &whole_cpu);
    table_line("peak memory", "MB", 0, &peak);
    table_line("quit", "ms", 50, &ended);
}

/* Nothing happens, as for a person (without marks), and there is one or not. */
static void idle_at(const char *rest, struct series *cpu)
{
    const char *const env[] = {rest, NULL};
    const struct pty_options size = {.rows = 24, .cols = 80, .env = env};
    struct live *l = stand(0);
    struct run r = {.l = l, .began_us = bench_us()};
    l->unmarked = true;
    live_open_only(l, NULL, &size);
    run_pass(&r, 10000);
    for (int i = 0; i < 2; i++) {
        double before = run_cpu_ms(&r);
        run_pass(&r, 45000); /* what is asked least often but for minutes */
        series_add(cpu, (run_cpu_ms(&r) - before) / 450);
    }
    run_end(&r);
    l->unmarked = false;
}

static void bench_idle(void)
{
    struct series usual = {0}, rest = {0};
    idle_at("BINNACLE_REST=1000d", &usual);
    idle_at("BINNACLE_REST=3s", &rest);
    table_begin("## Nothing happens: demonstration platform, home, 80x24, 45 s each");
    table_line("own CPU, nobody has pressed a key for five minutes", "% of a core", 0.15, &rest);
    table_line("own CPU at the usual pace", "% of a core", 0, &usual);
}

/* ---- Lists of three sizes. */

struct listing {
    struct series frame, home_ms, home_cpu, pods_ms, pods_cpu, whole_ms, whole_cpu, wire, peak,
        quit;
    struct series per_mb, times, curl_ms, curl_cpu;
};

static void first_rows(struct live *l, struct listing *s)
{
    struct run r;
    run_begin(&r, l, ROWS, COLS);
    run_await(&r, "keys", 0);
    series_add(&s->frame, run_ms(&r));
    run_await(&r, "applied", 1);
    series_add(&s->home_ms, run_ms(&r));
    series_add(&s->home_cpu, run_cpu_ms(&r));
    quit(&r, &s->quit);
    run_begin(&r, l, ROWS, COLS);
    run_await(&r, "keys", 0);
    pty_type(l->pty, ":pods\r");
    run_await_text(&r, "team-0000 ");
    series_add(&s->pods_ms, run_ms(&r));
    series_add(&s->pods_cpu, run_cpu_ms(&r));
    run_end(&r);
}

static void whole_list(struct live *l, struct listing *s)
{
    struct run r;
    struct fetched f;
    double ms = 0, cpu = 0;
    run_begin(&r, l, ROWS, COLS);
    run_await_whole(&r, &ms, &cpu);
    series_add(&s->whole_ms, ms);
    series_add(&s->whole_cpu, cpu);
    series_add(&s->wire, run_wire_mb(&r));
    series_add(&s->peak, run_peak_mb(&r));
    run_end(&r);
    fetch_lists(l, &f);
    series_add(&s->curl_ms, f.ms);
    series_add(&s->curl_cpu, f.cpu_ms);
    series_add(&s->times, ms / f.ms);
    series_add(&s->per_mb, cpu / f.json_mb);
}

static void bench_size(struct live *l, int pods, int runs)
{
    struct listing *s = calloc(1, sizeof(*s));
    struct fetched f;
    char title[200];
    bool big = pods >= 150000, middle = pods == 10000;
    assert_non_null(s);
    fetch_lists(l, &f);
    for (int i = 0; i < runs; i++)
        first_rows(l, s);
    for (int i = 0; i < runs; i++)
        whole_list(l, s);
    (void)snprintf(title, sizeof(title),
                   "## %d pods, %d nodes: %.0f MB of JSON (%.1f kB a pod), %.1f MB as gzip; "
                   "terminal %dx%d",
                   pods, pods / 30, f.json_mb, f.json_mb * 1000 / pods, f.wire_mb, COLS, ROWS);
    table_begin(title);
    table_line("first frame", "ms", 30, &s->frame);
    table_line("first rows on home", "ms", 250, &s->home_ms);
    table_line("  own CPU", "ms", 0, &s->home_cpu);
    table_line("first pods on the screen of pods", "ms", 250, &s->pods_ms);
    table_line("  own CPU", "ms", 0, &s->pods_cpu);
    table_line("whole: all kinds of home", "ms", big ? 6000 : 0, &s->whole_ms);
    table_line("  own CPU", "ms", 0, &s->whole_cpu);
    table_line("  own CPU for a MB of JSON", "ms", 4, &s->per_mb);
    table_line("the same by curl, nothing done with it", "ms", 0, &s->curl_ms);
    table_line("  its CPU", "ms", 0, &s->curl_cpu);
    table_line("whole, in times of curl", "", 2, &s->times);
    table_line("bytes on the wire", "MB", middle ? 12 : 0, &s->wire);
    table_line("peak memory", "MB", middle ? 40 : big ? 120 : 0, &s->peak);
    table_line("quit while it loads", "ms", 50, &s->quit);
    free(s);
}

static void bench_small(void)
{
    bench_size(stand(1700), 1700, 7);
}

static void bench_middle(void)
{
    bench_size(stand(10000), 10000, 5);
}

static void bench_big(void)
{
    bench_size(stand(150000), 150000, 3);
}

/* ---- 150,000 pods: all that a person may do. */

static void timed(struct run *r, const char *command, struct series *s)
{
    int64_t began = bench_us();
    run_command(r, command);
    series_add(s, (double)(bench_us() - began) / 1000);
}

static void sort_and_filter(struct run *r, struct series *sort, struct series *filter)
{
    run_command(r, "pods");
    timed(r, "sort name!", sort);
    timed(r, "sort age", sort);
    timed(r, "sort node,name", sort);
    timed(r, "filter crash", filter);
    timed(r, "filter ns=team-0007", filter);
    timed(r, "filter", filter);
    run_command(r, "home");
}

static void look_around(struct run *r)
{
    static const char *const kinds[] = {
        "nodes",    "workloads",      "pods",           "jobs",
        "cronjobs", "replicasets",    "ingressroutes",  "ingresses",
        "services", "middlewares",    "endpointslices", "pvc",
        "pv",       "storageclasses", "events",         "namespaces"};
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        run_command(r, kinds[i]);
    run_command(r, "home");
}

/* Everything is listed a second time, over the rows that are there. */
static void relist(struct run *r, double *ms, double *cpu_ms)
{
    int64_t rows = pty_value(r->l->pty, "applied"), began = bench_us();
    double cpu = run_cpu_ms(r), end = 0;
    run_command(r, "refresh all");
    run_await(r, "applied", rows + 100);
    run_await_whole(r, &end, cpu_ms);
    *ms = end - (double)(began - r->began_us) / 1000;
    *cpu_ms -= cpu;
}

static void bench_memory(void)
{
    struct live *l = stand(150000);
    struct run r;
    struct series peak = {0}, after_list = {0}, sort = {0}, filter = {0}, again = {0},
                  again_cpu = {0}, ended = {0};
    double ms, cpu;
    for (int i = 0; i < 2; i++) {
        run_begin(&r, l, ROWS, COLS);
        run_await_whole(&r, &ms, &cpu);
        run_await_idle(&r);
        series_add(&after_list, run_peak_mb(&r));
        relist(&r, &ms, &cpu);
        series_add(&again, ms);
        series_add(&again_cpu, cpu);
        sort_and_filter(&r, &sort, &filter);
        look_around(&r);
        series_add(&peak, run_peak_mb(&r));
        quit(&r, &ended);
    }
    table_begin(
        "## 150,000 pods: listed, listed again, sorted, filtered, every kind of home looked at");
    table_line("peak memory after the list", "MB", 0, &after_list);
    table_line("peak memory at the end", "MB", 120, &peak);
    table_line("listed again", "ms", 0, &again);
    table_line("  own CPU", "ms", 0, &again_cpu);
    table_line("new order to painted", "ms", 0, &sort);
    table_line("new filter to painted", "ms", 0, &filter);
    table_line("quit", "ms", 50, &ended);
}

/* ---- Keys. */

static void press(struct run *r, const char *key, struct series *s)
{
    int64_t began = bench_us();
    pty_keys(r->l->pty, key);
    run_await(r, "keys", pty_events(r->l->pty));
    series_add(s, (double)(pty_read_us(r->l->pty) - began) / 1000);
}

static void bench_keys(void)
{
    static const char *const keys[] = {"j", "j", "k", "C-d", "j", "C-u", "G", "k", "g", "j"};
    struct live *l = stand(150000);
    struct run r;
    struct series painted = {0};
    double ms, cpu;
    run_begin(&r, l, ROWS, COLS);
    run_await_whole(&r, &ms, &cpu);
    run_command(&r, "pods");
    (void)live_tell(l, "churn 1000");
    run_pass(&r, 1000);
    for (int i = 0; i < 500; i++) {
        press(&r, keys[(size_t)i % BN_COUNT(keys)], &painted);
        run_pass(&r, 15 + i % 20);
    }
    (void)live_tell(l, "churn 0");
    run_end(&r);
    table_begin("## Keys: 150,000 pods, 1,000 changes/s arrive, screen of pods at 160x50");
    table_line("key to painted frame", "ms", 0, &painted);
    table_line_p99("key to painted frame, 99 of 100 at most", "ms", 16, &painted);
}

/* From the last key of a filter to the frame that shows all it finds. */
static void type_filter(struct run *r, const char *text, const char *last, struct series *s)
{
    pty_keys(r->l->pty, "/");
    pty_type(r->l->pty, text);
    run_await_idle(r);
    int64_t began = bench_us();
    pty_type(r->l->pty, last);
    run_await_idle(r);
    series_add(s, (double)(pty_read_us(r->l->pty) - began) / 1000);
    pty_keys(r->l->pty, "Esc");
    run_await_idle(r);
}

static void bench_filter(void)
{
    struct live *l = stand(50000);
    struct run r;
    struct series exact = {0}, word = {0}, text = {0};
    char filter[32];
    double ms, cpu;
    run_begin(&r, l, ROWS, COLS);
    run_await_whole(&r, &ms, &cpu);
    run_command(&r, "pods");
    for (int i = 0; i < 20; i++) {
        (void)snprintf(filter, sizeof(filter), "ns=team-00%d", i % 6);
        type_filter(&r, filter, "5", &exact);
        (void)snprintf(filter, sizeof(filter), "name~00%d", i % 5);
        type_filter(&r, filter, "7", &word);
        (void)snprintf(filter, sizeof(filter), "app-00%d", i % 5);
        type_filter(&r, filter, "7", &text);
    }
    run_end(&r);
    table_begin("## Filter: 50,000 pods, screen of pods at 160x50, last key to painted frame");
    table_line("exact: `ns=team-0005`", "ms", 16, &exact);
    table_line("part of a name: `name~0007`", "ms", 0, &word);
    table_line("a word in any column: `app-0007`", "ms", 0, &text);
}

/* ---- Changes. */

/* Processor time over some seconds in which changes arrive, without marks. */
static void bench_changes(void)
{
    static const int sizes[] = {10000, 50000};
    table_begin("## 50 changes/s arrive, screen of pods at 160x50, 10 s each");
    for (size_t i = 0; i < BN_COUNT(sizes); i++) {
        struct live *l = stand(sizes[i]);
        struct series cpu = {0};
        struct run r;
        char whole[32];
        l->unmarked = true;
        run_begin(&r, l, ROWS, COLS);
        run_await_text(&r, "nodes");
        pty_type(l->pty, ":pods\r");
        (void)snprintf(whole, sizeof(whole), "%d/%d", sizes[i], sizes[i]);
        run_await_text(&r, whole);
        (void)live_tell(l, "churn 50");
        run_pass(&r, 3000);
        for (int k = 0; k < 2; k++) {
            double before = run_cpu_ms(&r);
            run_pass(&r, 10000);
            series_add(&cpu, (run_cpu_ms(&r) - before) / 100);
        }
        (void)live_tell(l, "churn 0");
        run_end(&r);
        l->unmarked = false;
        (void)snprintf(whole, sizeof(whole), "own CPU with %d pods", sizes[i]);
        table_line(whole, "% of a core", 4, &cpu);
    }
}

/* us of processor time for each change that arrives. */
static void change_cost(int pods, const char *screen, struct series *s)
{
    struct live *l = stand(pods);
    struct run r;
    double ms, cpu;
    run_begin(&r, l, ROWS, COLS);
    run_await_whole(&r, &ms, &cpu);
    run_command(&r, screen);
    (void)live_tell(l, "churn 1000");
    run_pass(&r, 1500);
    for (int i = 0; i < 3; i++) {
        int64_t rows = pty_value(l->pty, "applied");
        double before = run_cpu_ms(&r);
        run_pass(&r, 4000);
        series_add(s, (run_cpu_ms(&r) - before) * 1000 /
                          (double)(pty_value(l->pty, "applied") - rows));
    }
    (void)live_tell(l, "churn 0");
    run_end(&r);
}

static void bench_change(void)
{
    struct series few = {0}, many = {0}, times = {0};
    change_cost(150000, "pods", &many);
    change_cost(1000, "pods", &few);
    series_add(&times, series_at(&many, 0.5) / series_at(&few, 0.5));
    table_begin("## One change: 1,000 changes/s arrive, screen of pods at 160x50, 4 s each");
    table_line("own CPU of a change among 1,000 pods", "us", 0, &few);
    table_line("own CPU of a change among 150,000 pods", "us", 0, &many);
    table_line("the second, in times of the first", "", 2, &times);
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    /* Lists before changes of the same cluster: those are told again to who comes later. */
    {"started", bench_started}, {"demo", bench_demo},     {"idle", bench_idle},
    {"small", bench_small},     {"middle", bench_middle}, {"changes", bench_changes},
    {"filter", bench_filter},   {"big", bench_big},       {"memory", bench_memory},
    {"keys", bench_keys},       {"change", bench_change},
};

static bool is_asked(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

int main(int argc, char **argv)
{
    double load[3] = {0};
    (void)getloadavg(load, 3);
    (void)printf("# Bench: %ld cores, load %.1f %.1f %.1f before\n", sysconf(_SC_NPROCESSORS_ONLN),
                 load[0], load[1], load[2]);
    for (size_t i = 0; i < BN_COUNT(parts); i++)
        if (is_asked(parts[i].name, argc, argv))
            parts[i].run();
    end_cluster();
    (void)printf("\n%zu goals missed (bold).\n", table_missed());
    return 0;
}
