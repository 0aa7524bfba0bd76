/* What the demonstration's sources ask while nothing happens: ten minutes go by on clocks that are
 * stepped, with somebody there and with nobody, and the sources screen says how many requests there
 * were. */
#include <config.h>

#include "base/number.h"
#include "test/screens/still.h"

#define MINUTES   10
#define STRIDE_MS 5000 /* what is asked most often */
#define KEY_MS    30000
#define NAMES_MAX 40

/* At most so many requests a minute, at the usual pace and at rest; doc/performance.md says what they
 * are. */
static const struct {
    const char *name;
    int most, at_rest;
} limits[] = {
    {"kubelets", 4, 4},
    {"demo", 12, 16}, /* more of its watches end in the second ten minutes */
    {"operators/mysql", 190, 80},
    {"operators/mys…-haproxy", 13, 6},
    {"operators/mysql-pitr", 3, 3},
    {"redis-", 12, 8},
    {"vault", 28, 12},
    {"traefik", 20, 9},
    {"minio", 14, 6},
    {"typesense", 40, 16},
    {"traefik/oauth2-proxy", 5, 2},
    {"probes", 28, 28},
    {"dns", 96, 96},
    {"traefik/external-dns", 3, 3},
    {"route53", 1, 1},
    {"s3/", 4, 4},
    {"terraform", 3, 3},
    {"images", 4, 4},
    {"apps", 0, 0},
    {"controllers", 0, 0},
    {"offsite-copy", 0, 0}, /* a script: nobody is asked */
    {"expectations", 0, 0},
    {"audit-log", 0, 0},
    {"costs", 0, 0},
    {"sign-in", 0, 0},
};

struct asked {
    char name[64];
    int64_t requests;
    char bytes[24];
};

/* The n-th word of a line, 0 being the first. */
static struct span word(struct span line, unsigned n)
{
    struct span one = {0};
    while (span_split(&line, ' ', &one))
        if (one.len && n-- == 0)
            return one;
    return SPAN("");
}

/* The rows of the sources screen, which is shown: name, state, age, kinds, rows, requests, bytes. */
static size_t read_sources(struct live *l, struct asked out[NAMES_MAX])
{
    size_t n = 0;
    for (int row = pty_find(l->pty, " REQUESTS ") + 1; row < 50 && n < NAMES_MAX; row++) {
        struct strbuf text = STRBUF_INIT(4096);
        pty_row(l->pty, row, &text);
        struct span line = strbuf_span(&text), name = word(line, 0), bytes = word(line, 6);
        int64_t requests;
        if (number_parse(word(line, 5), 0, INT64_MAX, &requests)) {
            assert_false(span_is(word(line, 1), "stale"));
            (void)snprintf(out[n].name, sizeof(out[n].name), "%.*s", SPAN_ARG(name));
            (void)snprintf(out[n].bytes, sizeof(out[n].bytes), "%.*s", SPAN_ARG(bytes));
            out[n++].requests = requests;
        }
        strbuf_clear(&text);
    }
    return n;
}

static void pass(struct live *l, int64_t ms, bool somebody)
{
    int harbor = live_demo_pid(l);
    for (int64_t at = 0; at < ms; at += STRIDE_MS) {
        if (somebody && at % KEY_MS == 0)
            pty_keys(l->pty, at / KEY_MS % 2 ? "j" : "k");
        (void)live_tell(l, "step %d", STRIDE_MS);
        pty_step(l->pty, STRIDE_MS);
        still_wait(l, harbor);
    }
}

static int limit_of(const char *name, bool somebody)
{
    int most = -1;
    size_t best = 0;
    for (size_t i = 0; i < BN_COUNT(limits); i++) {
        size_t len = strlen(limits[i].name);
        if (len > best && strncmp(name, limits[i].name, len) == 0) {
            best = len;
            most = somebody ? limits[i].most : limits[i].at_rest;
        }
    }
    return most;
}

/* Ten minutes, and what was asked in them. */
static void count(struct live *l, bool somebody)
{
    struct asked before[NAMES_MAX], after[NAMES_MAX];
    size_t n = read_sources(l, before), seen = 0, often = 0;
    pass(l, (int64_t)MINUTES * 60000, somebody);
    assert_int_equal(read_sources(l, after), n);
    for (size_t i = 0; i < n; i++) {
        const struct asked *was = before;
        while (was < before + n && strcmp(was->name, after[i].name) != 0)
            was++;
        assert_true(was < before + n);
        int64_t many = after[i].requests - was->requests;
        int most = limit_of(after[i].name, somebody);
        print_message("# %s: %.1f a minute, %s to %s%s\n", after[i].name, (double)many / MINUTES,
                      was->bytes, after[i].bytes, somebody ? "" : ", at rest");
        if (many > (int64_t)most * MINUTES)
            print_message("that is more than %d\n", most);
        often += many > (int64_t)most * MINUTES;
        seen += many > 0;
    }
    assert_int_equal(often, 0);
    assert_true(seen >= 12); /* or the screen was not read */
}

static void nothing_is_asked_more_often_than_it_is_said_to_be(void **state)
{
    static const char *const outside[] = {"BINNACLE_PROBES=true", "BINNACLE_REST=1m", NULL};
    const struct pty_options options = {.rows = 50, .cols = 200, .env = outside};
    struct live *l = *state;
    live_demo(l, "calm", NULL, &options);
    live_command(l, "sources"); /* home stands behind it, and wants what it shows */
    pass(l, 60000, true);       /* what is found and asked at first */
    pty_assert_has(l->pty, "every 5s");
    count(l, true);
    assert_false(pty_has(l->pty, "at rest"));
    count(l, false);
    pty_assert_has(l->pty, "every 15s at rest"); /* MySQL */
    pty_assert_has(l->pty, "every 30s at rest"); /* Redis, HAProxy, Vault, Traefik, Typesense */
    pty_keys(l->pty, "j");
    still_wait(l, live_demo_pid(l));
    assert_false(pty_has(l->pty, "at rest"));
    pty_assert_has(l->pty, "every 5s");
    live_quit(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_asked_more_often_than_it_is_said_to_be,
                                        still_setup, live_teardown),
    };
    return cmocka_run_group_tests_name("live_rest", tests, NULL, NULL);
}
