/* `do`, `actions`, `audit`: changing things, and what was changed. */
#ifndef BINNACLE_CLI_DO_H
#define BINNACLE_CLI_DO_H

#include "cli/cli.h"

/* Beside 0, 1 and 2: */
#define EXIT_REFUSED 3 /* nothing was changed */
#define EXIT_OPEN    4 /* the run has no end; --resume goes on with it */

int cli_do(struct cli *cli, int argc, char **argv);
int cli_actions(struct cli *cli, int argc, char **argv);
int cli_audit(struct cli *cli, int argc, char **argv);
/* Takes the fields of the action that argv[1] names out of argv into cli->answers. False: said. */
bool cli_do_take(struct cli *cli, int *argc, char **argv);
void cli_do_help(struct strbuf *out); /* all of them */
struct action;
/* What `--help` says of one; the whole page. */
void cli_do_help_of(const struct cli_command *command, const struct action *a, struct strbuf *out);
/* What is known of servers, shown as a terminal may take it. */
void cli_do_say(struct span text);
/* Follows a run of another process to its end; run NULL: the newest. The exit status is the run's.
 * cancel_fd: readable: no longer. */
int cli_do_watch(const char *audit, const char *run, int cancel_fd);
/* Says of a run without an end that no process has; on standard error. */
void cli_do_notice(const struct cli *cli);
/* A run without an end is left as it is. */
int cli_do_leave(const char *audit, const char *run);

#endif
