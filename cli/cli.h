/* The command line: options, commands, help, and what all commands share. */
#ifndef BINNACLE_CLI_CLI_H
#define BINNACLE_CLI_CLI_H

#include "app/config.h"
#include "app/session.h"

/* Exit statuses. `status` has its own: 0 ok, 1 warning, 2 critical, 3 unknown. */
#define EXIT_FINE  0
#define EXIT_FAULT 1 /* nothing could be read, a named thing is not there, output was lost */
#define EXIT_USAGE 2

#define EXIT_OK       0
#define EXIT_WARNING  1
#define EXIT_CRITICAL 2
#define EXIT_UNKNOWN  3 /* also wrong usage, as monitoring plug-ins do */

enum cli_opt {
    OPT_CONFIG,
    OPT_KUBECONFIG,
    OPT_CONTEXT,
    OPT_NAMESPACE,
    OPT_ALL_NAMESPACES,
    OPT_READ_ONLY,
    OPT_THEME,
    OPT_ASCII,
    OPT_FILTER,
    OPT_SORT,
    OPT_OUTPUT,
    OPT_RAW,
    OPT_WAIT,
    OPT_NO_HEADERS,
    OPT_SCENARIO,
    OPT_DEFAULTS,
    OPT_DRY_RUN,
    OPT_YES,
    OPT_WRITE,
    OPT_CONFIRM,
    OPT_RESUME,
    OPT_UNDO,
    OPT_ANYWAY,
    OPT_WATCH,
    OPT_LEAVE,
    OPT_VERBOSE,
    OPT_HELP,
    OPT_VERSION,
};

#define OPT_COUNT 28

struct answers; /* actions/action.h */
struct cli;

struct cli_command {
    const char *name;
    const char *arguments; /* "KIND [NAME...]" */
    const char *help;      /* one line */
    unsigned options;      /* 1 << enum cli_opt: beside those that all have */
    bool nested;           /* what follows the first word that is no option is another command */
    int (*run)(struct cli *cli, int argc, char **argv); /* argv: the words, without options */
    void (*more)(struct strbuf *out); /* what --help says beside the options; NULL: nothing */
    /* Takes words of its own out of argv before the options are read; false: said. NULL: none. */
    bool (*take)(struct cli *cli, int *argc, char **argv);
};

struct cli {
    const char *value[OPT_COUNT]; /* borrowed; NULL: not given; "" where there is no argument */
    const struct cli_command *command;
    const char *scope_kind;           /* see struct session_options */
    int64_t epoch_ms;                 /* where the wall clock stands; 0: now */
    const char *outside, *outside_ca; /* as in struct session_options */
    const char *opens,
        *about; /* what the dashboard opens, as typed behind `:`, and says of it; NULL */
    const char *const *lists; /* files that the configuration stands over, NULL ends; NULL: none */
    struct config *config;    /* owned; see cli_config() */
    struct answers *answers;  /* owned; of `do`: what was said of the action's fields */
    int (*dashboard)(struct cli *cli); /* what runs without a command */
};

/* Reads the words of the command line and does what they say; the exit status. */
int cli_main(struct cli *cli, int argc, char **argv);
/* The same for a command inside a command (demo). */
int cli_dispatch(struct cli *cli, int argc, char **argv);

/* "binnacle: SENTENCE" on standard error; the second with a hint to --help. */
int cli_fail(const struct err *err);
int cli_usage(const char *fmt, ...) BN_PRINTF(1, 2);
void cli_warn(const char *fmt, ...) BN_PRINTF(1, 2);

bool cli_given(const struct cli *cli, enum cli_opt opt);
/* Reads the configuration (once). parts: enum config_part. */
bool cli_config(struct cli *cli, unsigned parts, struct err *err);
/* The session that the options ask for. */
struct session *cli_session(struct cli *cli, bool once, struct err *err) BN_MUST_USE;
/* True: -o is given; its words are separated by '|', the first is the default. -1:
 * none of them, which is said. */
int cli_output(const struct cli *cli, const char *words);
/* The options, for the tests of manual and help. */
void cli_help(const struct cli_command *command, struct strbuf *out);
/* The part of it that says the options. */
void cli_help_options(const struct cli_command *command, struct strbuf *out);
const struct cli_command *cli_commands(void); /* ends with a NULL name */

int cli_get(struct cli *cli, int argc, char **argv);
int cli_status(struct cli *cli, int argc, char **argv);
int cli_kinds(struct cli *cli, int argc, char **argv);
int cli_systems(struct cli *cli, int argc, char **argv);
int cli_backends(struct cli *cli, int argc, char **argv);
int cli_doctor(struct cli *cli, int argc, char **argv);
int cli_config_command(struct cli *cli, int argc, char **argv);
int cli_demo(struct cli *cli, int argc, char **argv);
void cli_demo_help(struct strbuf *out); /* the scenarios */
int cli_version(struct cli *cli);

#endif
