/* `binnacle do` on a cluster of harbor's, and what the server has afterwards. */
#ifndef BINNACLE_TEST_SYSTEMS_DO_PLACE_H
#define BINNACLE_TEST_SYSTEMS_DO_PLACE_H

#include "test/systems/cli_run.h"
#include "test/systems/harbor_run.h"

#define PATIENT_MS 30000 /* what is waited for comes in that time, or the test fails */

struct place {
    struct cli_place *cli; /* first: cli_run() takes it */
    struct harbor harbor;
};

/* harbor calm, its time now: stamps are compared with it. *state: struct place */
int place_setup(void **state);
int place_teardown(void **state);
/* Writes the kubeconfig that the program takes; token NULL: the admin's. */
void copy_kubeconfig(const struct place *p, const char *token);
/* A value behind keys joined by '|' (elements of lists by number) of what a GET answers, as the server
 * has it; owned; NULL: it is not there. */
char *read_text(struct place *p, const char *target, const char *path);
/* That it is this; "(absent)": that it is not there. */
void expect_text(struct place *p, const char *target, const char *path, const char *wanted);
/* How many requests have had this in "METHOD /path?query". */
int64_t asked(struct place *p, const char *text);
/* Until there were so many. */
void await_asked(struct place *p, const char *text, int times);
/* How often this was changed in earnest. */
int64_t writes(struct place *p, const char *target);
/* Every line of the audit log follows on the one before, and one has this text. */
void expect_audit(struct place *p, const char *text);
/* That a run has not printed the value, and that no file which the program keeps has it. */
void expect_unwritten(const struct place *p, const struct cli_run *run, const char *value);
/* Kills it as the kernel would, and sees it gone. */
void kill_run(int pid);

#endif
