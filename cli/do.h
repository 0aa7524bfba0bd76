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
void cli_do_help(struct strbuf *out);

#endif
