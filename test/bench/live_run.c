/* Runs, figures, the table. */
#include <config.h>

#include "test/bench/live_run.h"

#include "base/number.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

#define PATIENT_US 120000000

static size_t missed;

int64_t bench_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void series_add(struct series *s, double value)
{
    assert_true(s->count < SERIES_MAX);
    s->value[s->count++] = value;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double series_at(const struct series *s, double part)
{
    double sorted[SERIES_MAX];
    assert_true(s->count > 0);
    memcpy(sorted, s->value, s->count * sizeof(*sorted));
    qsort(sorted, s->count, sizeof(*sorted), compare);
    return sorted[(size_t)(part * (double)(s->count - 1) + 0.5)];
}

/* ---- The table. */

void table_begin(const char *title)
{
    (void)printf("\n%s\n\n| what | goal | median | least to most | runs | load |\n"
                 "|---|---|---|---|---|---|\n",
                 title);
    (void)fflush(stdout);
}

/* Three digits that count. */
static const char *digits(double n, char out[32])
{
    double size = fabs(n);
    (void)snprintf(out, 32, "%.*f", size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3, n);
    return out;
}

static void print_line(const char *what, const char *unit, double goal, double figure,
                       const struct series *s)
{
    char one[32], low[32], high[32], wanted[64] = "";
    double load[1] = {0};
    bool is_missed = goal > 0 && figure > goal;
    (void)getloadavg(load, 1);
    missed += is_missed;
    if (goal > 0)
        (void)snprintf(wanted, sizeof(wanted), "%s %s", digits(goal, one), unit);
    (void)printf("| %s | %s | ", what, wanted);
    (void)printf("%s%s %s%s | %s to %s | %zu | %.1f |\n", is_missed ? "**" : "",
                 digits(figure, one), unit, is_missed ? "**" : "", digits(series_at(s, 0), low),
                 digits(series_at(s, 1), high), s->count, load[0]);
    (void)fflush(stdout);
}

void table_line(const char *what, const char *unit, double goal, const struct series *s)
{
    print_line(what, unit, goal, series_at(s, 0.5), s);
}

void table_line_p99(const char *what, const char *unit, double goal, const struct series *s)
{
    print_line(what, unit, goal, series_at(s, 0.99), s);
}

size_t table_missed(void)
{
    return missed;
}

/* ---- Runs. */

void run_begin(struct run *r, struct live *l, int rows, int cols)
{
    const struct pty_options size = {.rows = rows, .cols = cols};
    *r = (struct run){.l = l, .wire = live_count(l, "bytes_out"), .began_us = bench_us()};
    live_open_only(l, NULL, &size);
}

void run_begin_demo(struct run *r, struct live *l)
{
    *r = (struct run){.l = l, .began_us = bench_us()};
    live_demo_only(l, "calm", NULL, NULL);
}

double run_ms(const struct run *r)
{
    return (double)(pty_read_us(r->l->pty) - r->began_us) / 1000;
}

double run_cpu_ms(const struct run *r)
{
    return (double)pty_cpu_us(r->l->pty) / 1000;
}

double run_peak_mb(const struct run *r)
{
    return (double)pty_memory_peak_kb(r->l->pty) * 1024 / 1e6;
}

double run_wire_mb(const struct run *r)
{
    return (double)(live_count(r->l, "bytes_out") - r->wire) / 1e6;
}

static void read_more(struct run *r, int64_t since_us, const char *what)
{
    (void)pty_read(r->l->pty, SIZE_MAX, 50);
    if (bench_us() - since_us > PATIENT_US)
        pty_assert_has(r->l->pty, what); /* prints the screen and ends */
}

void run_await(struct run *r, const char *name, int64_t at_least)
{
    int64_t since = bench_us();
    while (pty_value(r->l->pty, name) < at_least)
        read_more(r, since, name);
}

void run_await_text(struct run *r, const char *text)
{
    int64_t since = bench_us();
    while (!pty_has(r->l->pty, text))
        read_more(r, since, text);
}

void run_await_idle(struct run *r)
{
    int64_t since = bench_us();
    while (pty_value(r->l->pty, "keys") < pty_events(r->l->pty) ||
           pty_value(r->l->pty, "idle") != 1)
        read_more(r, since, "a mark that says it is idle");
}

void run_pass(struct run *r, int ms)
{
    int64_t end = bench_us() + (int64_t)ms * 1000;
    while (bench_us() < end)
        (void)pty_read(r->l->pty, SIZE_MAX, (int)((end - bench_us()) / 1000) + 1);
}

void run_await_whole(struct run *r, double *ms, double *cpu_ms)
{
    run_await(r, "whole", 1);
    *ms = run_ms(r);
    *cpu_ms = run_cpu_ms(r);
}

void run_command(struct run *r, const char *command)
{
    pty_keys(r->l->pty, ":");
    pty_type(r->l->pty, command);
    pty_keys(r->l->pty, "Enter");
    run_await_idle(r);
}

void run_end(struct run *r)
{
    live_quit(r->l);
}
