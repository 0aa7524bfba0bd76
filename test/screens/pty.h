/* A program in a terminal of memory: keys in, screen out, never a sleep. The
 * environment is built from nothing; every byte written is checked against
 * what a screen program may write (stream.h). Failures end the test (cmocka).
 *
 * The program writes "ESC ] 7777 ; keys=N idle=1 NAME=N... ESC \" behind a
 * frame when BINNACLE_TEST=1; waiting is for such a mark. */
#ifndef BINNACLE_TEST_SCREENS_PTY_H
#define BINNACLE_TEST_SCREENS_PTY_H

#include "base/strbuf.h"

struct pty;

struct pty_options {
    int rows, cols;         /* 0: 24 x 80 */
    const char *term;       /* NULL: xterm-256color; "": not set */
    const char *locale;     /* NULL: C.UTF-8 */
    const char *const *env; /* more "NAME=VALUE"; ends with NULL; may be NULL */
    bool no_sync;           /* the terminal does not answer about synchronised updates */
    bool found_raw;         /* a program killed before has left the terminal raw */
    bool dumb_stream;       /* what is written is not checked (programs that print) */
};

/* Starts argv (ended by NULL); argv[0] is a path. Owned. */
struct pty *pty_start(const char *const *argv, const struct pty_options *options);
/* Ends the program if it still runs and checks what it wrote. */
void pty_free(struct pty *p);
int pty_pid(const struct pty *p);
/* The program's HOME, below which its XDG folders are; removed with the pty. */
const char *pty_home(const struct pty *p);

/* How many events were sent, as `keys` of the marks counts them. */
int64_t pty_events(const struct pty *p);
/* Sends keys by name, separated by blanks ("j C-d Enter F2 Space"): one event each. */
void pty_keys(struct pty *p, const char *names);
/* Sends text as typed: one event a character. */
void pty_type(struct pty *p, const char *text);
/* Sends bytes as they are, which the program will count as so many events. */
void pty_send(struct pty *p, struct span bytes, unsigned events);
/* Steps the program's clock (OSC 7778): one event. */
void pty_step(struct pty *p, int64_t ms);

/* Waits for a mark with all keys taken and idle=1 and every value wanted. */
void pty_wait(struct pty *p);
/* From now on pty_wait() also wants NAME to be at least this ("applied"). */
void pty_want(struct pty *p, const char *name, int64_t at_least);
/* NAME of the last mark, or -1. */
int64_t pty_value(const struct pty *p, const char *name);
/* pty_keys(), pty_wait(). */
void pty_press(struct pty *p, const char *names);
/* Waits until text is on the screen; fails with the screen after the watchdog's time. */
void pty_wait_text(struct pty *p, const char *text);

void pty_resize(struct pty *p, int rows, int cols);
/* As pty_resize(), not waiting for the frame. */
void pty_resize_only(struct pty *p, int rows, int cols);
void pty_signal(struct pty *p, int sig);
/* Reads what is there, at most max bytes (a slow terminal); how many came within wait_ms. */
size_t pty_read(struct pty *p, size_t max, int wait_ms);
/* Closes the terminal: the program gets its SIGHUP. */
void pty_hang_up(struct pty *p);
/* Reads on until the program ends; its wait status. Fails after wait_ms. */
int pty_wait_exit(struct pty *p, int wait_ms);
/* As pty_wait_exit(), but reads nothing: the terminal is blocked. */
int pty_wait_exit_blocked(struct pty *p, int wait_ms);
/* Waits until the program has stopped (SIGTSTP, SIGSTOP). */
void pty_wait_stopped(struct pty *p);

/* Modes are as the shell had them, nothing is left switched on. */
void pty_assert_restored(struct pty *p);
void pty_assert_not_raw(struct pty *p); /* the terminal's line modes alone */

/* What is on the screen. */
void pty_row(struct pty *p, int row, struct strbuf *out); /* without trailing blanks */
bool pty_has(struct pty *p, const char *text);
void pty_assert_has(struct pty *p, const char *text);
void pty_assert_lacks(struct pty *p, const char *text);
void pty_assert_row(struct pty *p, int row, const char *text); /* the whole row */
void pty_assert_row_has(struct pty *p, int row, const char *text);
/* The first row that holds text, or -1. */
int pty_find(struct pty *p, const char *text);
void pty_cursor(struct pty *p, int *row, int *col); /* row -1: hidden */
/* The screen as text and the style of its cells, run by run. */
void pty_dump(struct pty *p, struct strbuf *out);
void pty_say_screen(struct pty *p); /* its text, for who reads why a test has failed */
/* The dump equals test/screens/golden/NAME.txt; UPDATE_GOLDEN=1 writes it. */
void pty_assert_golden(struct pty *p, const char *name);
/* The same, but for the rows from the first that has this text to the last but one. */
void pty_assert_golden_but(struct pty *p, const char *name, const char *text);

/* All that was written so far, but for marks. */
uint64_t pty_bytes(const struct pty *p);
uint64_t pty_copies(const struct pty *p);     /* OSC 52 */
struct span pty_copied(const struct pty *p);  /* base64 of the last */
bool pty_copied_wrapped(const struct pty *p); /* in a DCS, for screen */
struct span pty_title(const struct pty *p);   /* OSC 2 of the last */
uint64_t pty_entered(const struct pty *p);    /* the other screen, how often */
uint64_t pty_synchronised_frames(const struct pty *p);
/* kB of resident memory: now, and at most since it began. */
int64_t pty_memory_kb(const struct pty *p);
int64_t pty_memory_peak_kb(const struct pty *p);
/* ms of processor time used by the program. */
int64_t pty_cpu_ms(const struct pty *p);
int64_t pty_cpu_us(const struct pty *p);
/* Monotonic us when the last byte was read. */
int64_t pty_read_us(const struct pty *p);

#endif
