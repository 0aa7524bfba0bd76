/* What test/bench/live is made of: the program's runs, figures of several of
 * them, the table that is printed, and another client to compare with. */
#ifndef BINNACLE_TEST_BENCH_LIVE_RUN_H
#define BINNACLE_TEST_BENCH_LIVE_RUN_H

#include "test/screens/live.h"

#define SERIES_MAX 1024

/* Figures of one thing, of several runs. */
struct series {
    double value[SERIES_MAX];
    size_t count;
};

void series_add(struct series *s, double value);
double series_at(const struct series *s, double part); /* 0.5: the median */

/* A line of the table. goal 0: none. */
void table_begin(const char *title);
void table_line(const char *what, const char *unit, double goal, const struct series *s);
/* One figure of many: the p99 of s. */
void table_line_p99(const char *what, const char *unit, double goal, const struct series *s);
/* Goals met and missed so far. */
size_t table_missed(void);

int64_t bench_us(void); /* monotonic */

/* The program is started; what follows counts from here. */
struct run {
    struct live *l;
    int64_t began_us, wire; /* wire: bytes that harbor had sent */
};

void run_begin(struct run *r, struct live *l, int rows, int cols);
/* `binnacle demo`, which starts its own platform. */
void run_begin_demo(struct run *r, struct live *l);
double run_ms(const struct run *r); /* since its start, until the last byte was read */
double run_cpu_ms(const struct run *r);
double run_peak_mb(const struct run *r);
double run_wire_mb(const struct run *r);
/* Reads until a mark says this; the bench ends when it does not come. */
void run_await(struct run *r, const char *name, int64_t at_least);
void run_await_text(struct run *r, const char *text);
/* All keys taken, nothing in work. */
void run_await_idle(struct run *r);
/* Reads for so long. */
void run_pass(struct run *r, int ms);
/* Everything has come (ui_whole()): the ms and CPU until then. */
void run_await_whole(struct run *r, double *ms, double *cpu_ms);
/* ":" and a command, and idle again. */
void run_command(struct run *r, const char *command);
void run_end(struct run *r);

/* What `curl --compressed -o /dev/null` does with the big lists, pages of 500
 * one after the other on one connection. */
struct fetched {
    double ms, cpu_ms, json_mb, wire_mb;
};

void fetch_lists(const struct live *l, struct fetched *out);

#endif
