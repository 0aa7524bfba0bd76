/* Runs the program as a person would and keeps what it says. */
#ifndef BINNACLE_TEST_SYSTEMS_CLI_RUN_H
#define BINNACLE_TEST_SYSTEMS_CLI_RUN_H

#include "base/strbuf.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define CLI_WORDS_MAX 24
#define CLI_MS        60000 /* a run that takes longer is killed and fails the test */

struct cli_run {
    int status;             /* exit status; 128 + signal */
    struct strbuf out, err; /* what it wrote */
    int64_t ms;             /* how long it took */
};

/* A folder of its own for each test: HOME, kubeconfigs, scripts. */
struct cli_place {
    char folder[64];
    char kubeconfig[96]; /* what KUBECONFIG says; not there at first */
};

int cli_setup(void **state);    /* *state: struct cli_place */
int cli_teardown(void **state); /* removes the folder with all that is in it */
/* Writes folder/name; returns its path, borrowed until the next call. */
const char *cli_put(const struct cli_place *p, const char *name, const char *text, unsigned mode);

/* Runs binnacle with these words; NULL ends. HOME and XDG folders are p's, TERM is
 * xterm. Replaces what *run held. */
void cli_run(const struct cli_place *p, struct cli_run *run, const char *word, ...)
    __attribute__((sentinel));
/* The same of words in a text, blanks between. */
void cli_run_line(const struct cli_place *p, struct cli_run *run, const char *format, ...)
    BN_PRINTF(3, 4);
/* Runs the script that *run has printed, programs of p's folder before any others, with these variables
 * ("NAME=VALUE"; NULL ends); whoever is asked for Enter presses it. *run: what it did. */
void cli_script(const struct cli_place *p, struct cli_run *run, const char *variable, ...)
    __attribute__((sentinel));
/* Runs binnacle with standard output at a descriptor of the caller's. */
void cli_run_to(const struct cli_place *p, struct cli_run *run, int out, const char *word, ...)
    __attribute__((sentinel));
/* Begins such a run, whose output is not kept: the process's id, to be waited for by the caller. */
int cli_begin(const struct cli_place *p, const char *word, ...) __attribute__((sentinel));
/* The same; first: NULL, or what the process does before it is the program. */
int cli_begin_words(const struct cli_place *p, const char *const *words, void (*first)(void));
void cli_done(struct cli_run *run);

/* Fails with what was said unless it holds. */
#define assert_status(run, wanted)  cli_assert_status(run, wanted, __FILE__, __LINE__)
#define assert_complains(run, text) cli_assert_says(&(run)->err, text, __FILE__, __LINE__)
#define assert_prints(run, text)    cli_assert_says(&(run)->out, text, __FILE__, __LINE__)
void cli_assert_status(const struct cli_run *run, int wanted, const char *file, int line);
void cli_assert_says(const struct strbuf *where, const char *text, const char *file, int line);

#endif
