/* Each source hangs in turn, amid its answers: it is asked, and nothing comes. All others are asked as
 * often as before, and the cluster's rows go on. Then all hang at once, and each says so by itself within its
 * own time. Both clocks are stepped, so that what is asked in some minutes can be counted; how long is waited
 * for an answer goes by the machine's. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "test/screens/still.h"
#include "test/systems/cli_run.h"

#include <cjson/cJSON.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRIDE_MS 15000
#define ROUND_MS  105000
#define SETTLE_MS 60000
#define NAMES_MAX 48
#define ROWS      90
#define TOLD_MS   60000 /* the longest wait for an answer is 15 s; the rest is for a loaded machine */

#define POD(space)     "/api/v1/namespaces/" space "/pods/"
#define SERVICE(space) "/api/v1/namespaces/" space "/services/"

/* A source of each backend that asks something. */
static const struct source {
    const char *backend; /* of `binnacle backends` */
    const char *name;    /* of the source on the screen; up to '-' or '/': of several */
    const char *path;    /* what hangs: of the API server's; NULL: */
    const char *host;    /* out in the world, and what is asked there has; NULL: exec */
    const char *asked;
    bool seldom;        /* it is asked in rounds of some minutes */
    const char *screen; /* where its rows say it; NULL: the sources screen does, behind its name */
    const char *says
        [2]; /* in the details of the first of them, hung and denied; NULL: nothing, it is well */
} sources[] = {
    {"kubelet", "kubelets", "/api/v1/nodes/", NULL, NULL, true, NULL, {NULL, NULL}},
    {"redis", "redis-", POD("operators") "redis", NULL, NULL, false, NULL, {NULL, NULL}},
    {"redis-sentinel",
     "tooling/queue-",
     POD("tooling") "queue-node",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"route53", "route53", NULL, "route53*", "route53", true, NULL, {NULL, NULL}},
    {"s3", "s3/", NULL, "*s3*amazonaws.com", "s3.", true, NULL, {NULL, NULL}},
    {"terraform",
     "terraform/",
     NULL,
     "app.terraform.io",
     "app.terraform.io",
     true,
     NULL,
     {NULL, NULL}},
    {"vault", "vault", SERVICE("vault"), NULL, NULL, false, NULL, {NULL, NULL}},
    {"probe",
     "probes",
     NULL,
     "*.reyem.tech",
     ".reyem.tech/",
     true,
     "http-probes /www.reyem",
     {"no answer within 10 s", NULL}},
    {"dns", "dns", NULL, "dns", "DNS: ", true, "dns-names /vault", {"no answer in time", NULL}},
    {"externaldns",
     "traefik/external-dns",
     SERVICE("traefik") "external-dns",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"mysql",
     "operators/mysql",
     POD("operators") "mysql-pxc",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"binlogs",
     "operators/mysql-pitr",
     SERVICE("operators") "mysql-pitr",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"haproxy",
     "operators/mys…-haproxy",
     POD("operators") "mysql-haproxy",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"exec",
     "deploys",
     NULL,
     NULL,
     NULL,
     false,
     "checks",
     {"did not end within 2s", "did not end within 2s"}},
    {"alerts",
     "monitoring/al…tmanager",
     SERVICE("monitoring") "alertmanager",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"prometheus",
     "prometheus/",
     SERVICE("monitoring") "prometheus",
     NULL,
     NULL,
     false,
     "nodes",
     {"not done within 8000 ms", "403"}},
    {"traefik", "traefik", SERVICE("traefik") "traefik", NULL, NULL, false, NULL, {NULL, NULL}},
    {"minio", "minio", SERVICE("operators") "https:minio", NULL, NULL, false, NULL, {NULL, NULL}},
    {"typesense", "typesense", POD("tooling") "typesense", NULL, NULL, false, NULL, {NULL, NULL}},
    {"oauth2-proxy",
     "traefik/oauth2-proxy",
     SERVICE("traefik") "oauth2-proxy",
     NULL,
     NULL,
     false,
     NULL,
     {NULL, NULL}},
    {"images", "images", NULL, "ghcr.io", "ghcr.io", true, "images", {"", "says 403"}},
};

/* Backends that are in no list of what hangs, and why. */
static const char *const exceptions[] = {
    "kubernetes", /* all that is reached through it hangs with it: test/screens/live_faults */
    "apps",       "controllers", "expected",
    "costs",      "sign-in", /* ask nobody: their rows are made of others */
    "audit",                 /* a file of this machine */
};

struct asked {
    char name[64];
    int64_t requests;
};

struct place {
    struct live live;
    char folder[64], story[96], runs[96], hang[96]; /* of the program that is run: a line a run */
};

/* ---- What was asked. */

/* The n-th word of a line, 0 being the first. */
static struct span word(struct span line, unsigned n)
{
    struct span one = {0};
    while (span_split(&line, ' ', &one))
        if (one.len && n-- == 0)
            return one;
    return SPAN("");
}

static int64_t runs_of(const struct place *p)
{
    struct stat st;
    return stat(p->runs, &st) == 0 ? st.st_size : 0;
}

/* The rows of the sources screen: name, state, age, kinds, rows, requests, bytes. What has failed has its
 * sentence in the place of figures, and is not among them. */
static size_t read_sources(struct place *p, struct asked out[NAMES_MAX])
{
    struct live *l = &p->live;
    size_t n = 0;
    for (int row = pty_find(l->pty, " REQUESTS ") + 1; row < ROWS && n < NAMES_MAX; row++) {
        struct strbuf text = STRBUF_INIT(4096);
        pty_row(l->pty, row, &text);
        struct span line = strbuf_span(&text), name = word(line, 0);
        int64_t requests;
        if (number_parse(word(line, 5), 0, INT64_MAX, &requests)) {
            (void)snprintf(out[n].name, sizeof(out[n].name), "%.*s", SPAN_ARG(name));
            out[n++].requests = span_is(name, "deploys") ? runs_of(p) : requests;
        }
        strbuf_clear(&text);
    }
    return n;
}

/* Of the cluster. */
static int64_t rows_of(struct place *p)
{
    struct strbuf text = STRBUF_INIT(4096);
    int64_t rows = 0;
    for (int row = 1; row < ROWS && !rows; row++) {
        strbuf_truncate(&text, 0);
        pty_row(p->live.pty, row, &text);
        if (span_is(word(strbuf_span(&text), 0), "demo"))
            (void)!number_parse(word(strbuf_span(&text), 4), 0, INT64_MAX, &rows);
    }
    strbuf_clear(&text);
    return rows;
}

static int64_t asked_of(const struct asked *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return list[i].requests;
    return -1;
}

static void step(struct place *p, int ms)
{
    (void)live_tell(&p->live, "step %d", ms);
    pty_step(p->live.pty, ms);
    still_wait(&p->live, live_demo_pid(&p->live));
}

static void pass(struct place *p, int64_t ms)
{
    for (int64_t at = 0; at < ms; at += STRIDE_MS)
        step(p, STRIDE_MS);
}

/* ---- What hangs. */

static int64_t times_asked(struct place *p, const struct source *s)
{
    if (!s->path && !s->host)
        return runs_of(p);
    return live_asked(&p->live, s->path ? s->path : s->asked);
}

static void touch(const char *path)
{
    assert_true(file_replace(path, SPAN(""), NULL));
}

/* Of connections that stand the next request hangs, of those that are made anew the first. */
static void hang(struct place *p, const struct source *s)
{
    if (s->path)
        (void)live_tell(&p->live, "fault %s stall", s->path);
    else if (s->host)
        (void)live_tell(&p->live, "outside hang %s", s->host);
    else
        touch(p->hang);
    if (s->path)
        (void)live_tell(&p->live, "drop");
}

/* All go on; the sources of a list have no sentence any more. */
static void clear(struct place *p, const struct asked *usual, size_t n)
{
    int64_t end = live_ms() + TOLD_MS;
    size_t i = 0;
    (void)live_tell(&p->live, "clear");
    (void)live_tell(&p->live, "outside hang");
    (void)live_tell(&p->live, "drop");
    (void)unlink(p->hang);
    while (i < n) {
        struct asked now[NAMES_MAX];
        step(p, STRIDE_MS);
        size_t many = read_sources(p, now);
        for (i = 0; i < n && asked_of(now, many, usual[i].name) >= 0;)
            i++;
        if (i < n && live_ms() > end)
            fail_msg("%s does not recover", usual[i].name);
        (void)pty_read(p->live.pty, SIZE_MAX, i < n ? 20 : 0); /* what goes by the machine's time */
    }
}

/* A Prometheus is asked by details alone. */
static void look_into_a_detail(struct place *p)
{
    live_command(&p->live, "nodes");
    pty_press(p->live.pty, "d");
    step(p, STRIDE_MS);
    live_command(&p->live, "sources");
    pty_wait_text(p->live.pty, " REQUESTS ");
}

/* ---- Each in turn. */

/* A backend that is new is in the list, or said why not. */
static void every_backend_is_listed(void **state)
{
    struct cli_run run = {0};
    cli_run(*state, &run, "backends", "-o", "json", NULL);
    assert_status(&run, 0);
    cJSON *all = cJSON_Parse(strbuf_cstr(&run.out));
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(all, "items"), *item;
    assert_int_equal(cJSON_GetArraySize(items), BN_COUNT(sources) + BN_COUNT(exceptions));
    cJSON_ArrayForEach(item, items)
    {
        const char *name = cJSON_GetObjectItemCaseSensitive(item, "name")->valuestring;
        size_t times = 0;
        for (size_t i = 0; i < BN_COUNT(sources); i++)
            times += strcmp(sources[i].backend, name) == 0;
        for (size_t i = 0; i < BN_COUNT(exceptions); i++)
            times += strcmp(exceptions[i], name) == 0;
        if (times != 1)
            fail_msg("%s is %zu times among those that hang", name, times);
    }
    cJSON_Delete(all);
    cli_done(&run);
}

static void open_all(struct place *p)
{
    static const char *const outside[] = {"BINNACLE_PROBES=true", NULL};
    const struct pty_options options = {.rows = ROWS, .cols = 240, .env = outside};
    live_demo(&p->live, p->story, NULL, &options);
    live_command(&p->live, "sources"); /* home stands behind it, and wants what it shows */
    pass(p, 60000);
}

/* One of the sources that hang with it. */
static bool is_of(const struct source *s, const char *name)
{
    size_t len = strlen(s->name);
    return s->name[len - 1] == '-' || s->name[len - 1] == '/' ? strncmp(name, s->name, len) == 0
                                                              : strcmp(name, s->name) == 0;
}

static bool is_seldom(const char *name)
{
    bool seldom = false;
    for (size_t i = 0; i < BN_COUNT(sources); i++)
        seldom = seldom || (sources[i].seldom && is_of(&sources[i], name));
    return seldom;
}

/* All is asked for at once, and after a minute two more are looked at. How often each was asked: what
 * is asked in rounds of minutes from the beginning, all else when what was dropped has come back.
 * Those that cannot be read both times are not among them. */
static size_t count_round(struct place *p, const struct source *s, struct asked out[NAMES_MAX])
{
    struct asked first[NAMES_MAX], settled[NAMES_MAX], after[NAMES_MAX];
    size_t was = read_sources(p, first), n = 0;
    if (s)
        hang(p, s);
    live_command(&p->live, "refresh all");
    pass(p, SETTLE_MS);
    if (s && strcmp(s->backend, "prometheus") == 0)
        look_into_a_detail(p);
    size_t back = read_sources(p, settled);
    pass(p, ROUND_MS);
    size_t is = read_sources(p, after);
    for (size_t i = 0; i < is; i++) {
        const char *name = after[i].name;
        int64_t from = is_seldom(name) ? asked_of(first, was, name) : asked_of(settled, back, name);
        if (from < 0)
            continue;
        out[n] = after[i];
        out[n++].requests -= from;
    }
    return n;
}

/* How many were asked less often than usual. Of what is asked in rounds of up to five minutes it is chance how
 * many begin in these three: in two times three some do. last: how often each of `usual` was asked in those
 * before, and is in these. */
static size_t count_slow(const struct source *s, const struct asked *usual, size_t n,
                         const struct asked *now, size_t many, int64_t *last)
{
    size_t slow = 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = usual[i].name;
        int64_t asked = asked_of(now, many, name), before = last[i],
                least = usual[i].requests * 9 / 10;
        last[i] = is_of(s, name) ? usual[i].requests : asked;
        if (is_seldom(name)) {
            least = usual[i].requests > 0;
            asked = asked > 0 ? asked : before;
        }
        if (is_of(s, name) || asked >= least ||
            strcmp(name, "demo") == 0) /* its rows are looked at */
            continue;
        print_message("while %s hangs, %s is asked %lld times, usually %lld\n", s->backend, name,
                      (long long)asked, (long long)usual[i].requests);
        slow++;
    }
    return slow;
}

static void each_source_hangs(void **state)
{
    struct place *p = *state;
    struct asked usual[NAMES_MAX], now[NAMES_MAX];
    open_all(p);
    size_t slow = 0, n = count_round(p, NULL, usual);
    int64_t last[NAMES_MAX];
    assert_true(n > BN_COUNT(sources));
    for (size_t i = 0; i < n; i++)
        last[i] = usual[i].requests;
    for (size_t i = 0; i < BN_COUNT(sources); i++) {
        const struct source *s = &sources[i];
        const int64_t asked = times_asked(p, s), rows = rows_of(p);
        (void)live_tell(&p->live, "copy pods vault vault-0 news-%zu {}", i);
        size_t many = count_round(p, s, now);
        if (times_asked(p, s) <= asked)
            fail_msg("%s was not asked", s->backend);
        assert_true(rows_of(p) > rows); /* the pod has come */
        slow += count_slow(s, usual, n, now, many, last);
        clear(p, usual, n);
    }
    assert_int_equal(slow, 0);
    live_quit(&p->live); /* in time, whatever hangs */
}

/* ---- All at once. */

/* Behind its name, or that of one of its kinds below, that it is not fresh, and why. */
static bool tells(struct place *p, const struct source *s)
{
    struct strbuf text = STRBUF_INIT(4096);
    bool its = false, told = false;
    for (int row = pty_find(p->live.pty, " REQUESTS ") + 1; row < ROWS && !told; row++) {
        strbuf_truncate(&text, 0);
        pty_row(p->live.pty, row, &text);
        struct span line = strbuf_span(&text), first = word(line, 0), state = word(line, 1);
        char name[64];
        (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(first));
        if (!span_starts(line, "  ")) /* else a kind of it */
            its = is_of(s, name);
        told = its && word(line, 7).len && !span_is(state, "fresh");
    }
    strbuf_clear(&text);
    return told;
}

/* How they are ill; says[] is by the first two. */
enum { HUNG, DENIED, GONE };

static bool on_sources(const struct source *s, size_t which)
{
    if (which == GONE) /* a connection can be ended on the way through the cluster alone */
        return s->path && !s->screen;
    return !s->screen || (s->says[which] && !s->says[which][0]);
}

static bool all_tell(struct place *p, size_t which, const char **silent)
{
    *silent = NULL;
    for (size_t i = 0; i < BN_COUNT(sources); i++)
        if (on_sources(&sources[i], which) && !tells(p, &sources[i]))
            *silent = sources[i].backend;
    return !*silent;
}

/* Each says what ails it: behind its name on the sources screen, or in the details of its rows, which have
 * one of these. */
static void expect_told(struct place *p, size_t which)
{
    int64_t end = live_ms() + TOLD_MS;
    const char *silent;
    while (!all_tell(p, which, &silent)) {
        if (live_ms() > end) {
            pty_say_screen(p->live.pty);
            fail_msg("%s does not say what ails it", silent);
        }
        (void)pty_read(p->live.pty, SIZE_MAX, 500);
        step(p, 1000); /* it tries again, and fails again */
    }
    for (size_t i = 0; i < BN_COUNT(sources); i++) {
        if (which == GONE || on_sources(&sources[i], which) || !sources[i].says[which])
            continue;
        live_command(&p->live, sources[i].screen);
        pty_press(p->live.pty, "d");
        step(p, STRIDE_MS); /* a Prometheus is asked now */
        pty_wait_text(p->live.pty, sources[i].says[which]);
    }
}

/* The cluster's rows go on, and so does what is made of them. */
static void expect_news(struct place *p, const char *name)
{
    live_command(&p->live, "pods /news-");
    (void)live_tell(&p->live, "copy pods vault vault-0 %s {}", name);
    step(p, 1000);
    pty_wait_text(p->live.pty, name);
    live_command(&p->live, "sources");
    pty_wait_text(p->live.pty, " REQUESTS ");
}

/* All of them by a fault, and what is out in the world by words to harbor: each says so, and what the
 * cluster has that is new is seen all the same. */
static void break_all(void **state, const char *fault, const char *const *outside, const char *news,
                      size_t told)
{
    struct place *p = *state;
    open_all(p);
    for (size_t i = 0; i < BN_COUNT(sources); i++)
        if (sources[i].path)
            (void)live_tell(&p->live, "fault %s %s", sources[i].path, fault);
    for (; *outside; outside++)
        (void)live_tell(&p->live, "outside %s", *outside);
    touch(p->hang);
    (void)live_tell(&p->live, "drop");
    live_command(&p->live, "refresh all");
    pass(p, SETTLE_MS);
    expect_news(p, news);
    expect_told(p, told);
    live_quit(&p->live);
}

static void all_of_them_hang(void **state)
{
    static const char *const outside[] = {"hang *", NULL};
    break_all(state, "stall", outside, "news-hung", HUNG);
}

/* 403 to everything; what asks without a right is the cluster's, and goes on. */
static void all_of_them_are_denied(void **state)
{
    static const char *const outside[] = {
        "zones denied", "bucket denied", "app.terraform.io status 403", "ghcr.io status 403", NULL};
    break_all(state, "status=403", outside, "news-denied", DENIED);
}

/* Each connection ends as soon as something is asked on it. */
static void all_of_them_are_gone(void **state)
{
    static const char *const outside[] = {NULL};
    break_all(state, "reset", outside, "news-gone", GONE);
}

/* ---- */

/* A story of the demonstration up to its first step that is later, from its beginning or its steps. */
static void add_beginning(struct strbuf *to, const char *story, bool steps)
{
    struct strbuf path = STRBUF_INIT(4096), text = STRBUF_INIT(1 << 20);
    strbuf_addf(&path, "%s/harbor/scenarios/%s.yaml", getenv("top_srcdir"), story);
    assert_true(file_read(strbuf_cstr(&path), &text, NULL));
    struct span all = strbuf_span(&text);
    all = span_sub(all, 0, span_search(all, SPAN("  - at: 20s\n"), false));
    size_t from = steps ? span_search(all, SPAN("steps:\n"), false) + strlen("steps:\n") : 0;
    strbuf_add(to, span_sub(all, from, all.len));
    strbuf_clear(&path);
    strbuf_clear(&text);
}

/* All that the demonstration has by itself, and by its stories: Alertmanager, Prometheus, Sentinels; and a
 * program of one's own. */
static int setup(void **state)
{
    struct place *p = xalloc_zero(1, sizeof(*p));
    struct strbuf text = STRBUF_INIT(1 << 20);
    p->live = (struct live){.control = -1, .clock = "2026-02-13T09:00:00Z", .still = true};
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-test-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    (void)snprintf(p->story, sizeof(p->story), "%s/story.yaml", p->folder);
    (void)snprintf(p->runs, sizeof(p->runs), "%s/runs", p->folder);
    (void)snprintf(p->hang, sizeof(p->hang), "%s/hang", p->folder);
    add_beginning(&text, "alerts-firing", false);
    add_beginning(&text, "sentinel-split", true);
    strbuf_addf(&text,
                "sources:\n  - {name: deploys, type: exec, interval: 5s, timeout: 2s, shell: "
                "\"printf . >>%s; [ ! -e %s ] || exec sleep 60; echo OK\"}\n",
                p->runs, p->hang);
    assert_true(file_replace(p->story, strbuf_span(&text), NULL));
    strbuf_clear(&text);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    const char *const files[] = {p->story, p->runs, p->hang};
    for (size_t i = 0; i < BN_COUNT(files); i++)
        (void)unlink(files[i]);
    (void)rmdir(p->folder);
    return live_teardown(state); /* frees *p, whose first member it is */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_backend_is_listed, cli_setup, cli_teardown),
        cmocka_unit_test_setup_teardown(each_source_hangs, setup, teardown),
        cmocka_unit_test_setup_teardown(all_of_them_hang, setup, teardown),
        cmocka_unit_test_setup_teardown(all_of_them_are_denied, setup, teardown),
        cmocka_unit_test_setup_teardown(all_of_them_are_gone, setup, teardown),
    };
    return cmocka_run_group_tests_name("live_hung", tests, NULL, NULL);
}
