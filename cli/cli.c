/* The command line: which options and commands there are, and how they are read. */
#include <config.h>

#include "cli/cli.h"

#include "actions/action.h"
#include "base/log.h"
#include "cli/do.h"
#include "cli/out.h"
#include "cli/plain.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMPLAINT_MAX 65536

struct option_info {
    const char *name;
    char letter;          /* '\0': none */
    const char *argument; /* NULL: takes none */
    const char *help;
};

static const struct option_info options[OPT_COUNT] = {
    [OPT_CONFIG] = {"config", '\0', "FILE", "configuration instead of the usual one"},
    [OPT_KUBECONFIG] = {"kubeconfig", '\0', "FILE", "kubeconfig instead of $KUBECONFIG"},
    [OPT_CONTEXT] = {"context", '\0', "NAME", "context instead of the current one"},
    [OPT_NAMESPACE] = {"namespace", 'n', "NAME", "namespace instead of the context's"},
    [OPT_ALL_NAMESPACES] = {"all-namespaces", 'A', NULL, "all namespaces"},
    [OPT_READ_ONLY] = {"read-only", '\0', NULL, "make changing anything impossible"},
    [OPT_THEME] = {"theme", '\0', "NAME", "colours of the dashboard: a name or a file"},
    [OPT_ASCII] = {"ascii", '\0', NULL, "only ASCII glyphs in the dashboard"},
    [OPT_FILTER] = {"filter", '\0', "EXPR", "only rows that match, as `/` in the dashboard"},
    [OPT_SORT] = {"sort", '\0', "COLUMN", "order: `restarts desc,name`"},
    [OPT_OUTPUT] = {"output", 'o', "FORMAT", "form of the output"},
    [OPT_RAW] = {"raw", '\0', NULL, "objects as the API server has them (-o json or yaml)"},
    [OPT_WAIT] = {"wait", '\0', "SECONDS", "give up after this time (30)"},
    [OPT_NO_HEADERS] = {"no-headers", '\0', NULL, "leave out the line of titles"},
    [OPT_SCENARIO] = {"scenario", '\0', "NAME", "what happens on the demonstration platform"},
    [OPT_DEFAULTS] = {"defaults", '\0', NULL, "show the defaults, not what is set"},
    [OPT_DRY_RUN] = {"dry-run", '\0', NULL, "the plan and its checks, nothing else"},
    [OPT_YES] = {"yes", '\0', NULL, "run the plan without being asked"},
    [OPT_WRITE] = {"write", '\0', NULL, "change a production context"},
    [OPT_CONFIRM] = {"confirm", '\0', "CONTEXT", "the context's name, for what destroys"},
    [OPT_RESUME] = {"resume", '\0', NULL, "go on with run RUN, or the newest that has no end"},
    [OPT_UNDO] = {"undo", '\0', NULL, "take back what that run has done"},
    [OPT_ANYWAY] = {"anyway", '\0', NULL, "with --undo: also what others have changed since"},
    [OPT_WATCH] = {"watch", '\0', NULL, "follow run RUN, or the newest, to its end"},
    [OPT_LEAVE] = {"leave", '\0', NULL, "that run stays as it is, and is told of no more"},
    [OPT_VERBOSE] = {"verbose", '\0', NULL, "with --version: the libraries too"},
    [OPT_HELP] = {"help", 'h', NULL, "show this and end"},
    [OPT_VERSION] = {"version", '\0', NULL, "show the version and end"},
};

#define BIT(opt) (1u << (opt))
#define COMMON                                                                                 \
    (BIT(OPT_CONFIG) | BIT(OPT_KUBECONFIG) | BIT(OPT_CONTEXT) | BIT(OPT_NAMESPACE) |           \
     BIT(OPT_READ_ONLY) | BIT(OPT_THEME) | BIT(OPT_ASCII) | BIT(OPT_HELP) | BIT(OPT_VERSION) | \
     BIT(OPT_VERBOSE))
#define READER (BIT(OPT_OUTPUT) | BIT(OPT_WAIT))

static const struct cli_command commands[] = {
    {"get", "KIND [NAME...]", "rows of a kind: table, wide, json, jsonl, csv, yaml",
     READER | BIT(OPT_ALL_NAMESPACES) | BIT(OPT_FILTER) | BIT(OPT_SORT) | BIT(OPT_RAW) |
         BIT(OPT_NO_HEADERS),
     false, cli_get, NULL},
    {"status", "", "a line per system, worst first: text, json, nagios", READER, false, cli_status,
     NULL},
    {"kinds", "[KIND]", "what can be listed, and its columns: table, json",
     BIT(OPT_OUTPUT) | BIT(OPT_NO_HEADERS), false, cli_kinds, NULL},
    {"systems", "", "what is judged: table, json", BIT(OPT_OUTPUT) | BIT(OPT_NO_HEADERS), false,
     cli_systems, NULL},
    {"backends", "", "what can be connected, and its settings: table, json",
     BIT(OPT_OUTPUT) | BIT(OPT_NO_HEADERS), false, cli_backends, NULL},
    {"doctor", "",
     "each source: how it is reached, what is missing, whether it answers: table, json",
     READER | BIT(OPT_NO_HEADERS), false, cli_doctor, NULL},
    {"config", "show|validate", "the configuration: every key, or whether it is right",
     BIT(OPT_DEFAULTS), false, cli_config_command, NULL},
    {"do", "ACTION [--FIELD VALUE...]", "a guided action: plan, confirmation, steps, audit",
     BIT(OPT_OUTPUT) | BIT(OPT_DRY_RUN) | BIT(OPT_YES) | BIT(OPT_WRITE) | BIT(OPT_CONFIRM) |
         BIT(OPT_RESUME) | BIT(OPT_UNDO) | BIT(OPT_ANYWAY) | BIT(OPT_WATCH) | BIT(OPT_LEAVE),
     false, cli_do, cli_do_help, cli_do_take},
    {"actions", "", "what can be done, and its fields: table, json",
     BIT(OPT_OUTPUT) | BIT(OPT_NO_HEADERS), false, cli_actions, NULL},
    {"audit", "", "what was changed, and whether the log is whole: table, json",
     BIT(OPT_OUTPUT) | BIT(OPT_NO_HEADERS), false, cli_audit, NULL},
    {"demo", "[COMMAND...]", "the same on a demonstration platform, nothing else needed",
     BIT(OPT_SCENARIO), true, cli_demo, cli_demo_help},
    {NULL, NULL, NULL, 0, false, NULL, NULL},
};

/* The dashboard: no word, all the common options; -o goes with --version. */
static const struct cli_command no_command = {
    "", "[COMMAND]", "the dashboard", BIT(OPT_OUTPUT), true, NULL, NULL};

const struct cli_command *cli_commands(void)
{
    return commands;
}

/* Says it on standard error as it may be shown on a terminal: it may quote what
 * came from a server or a script. Its own line ends stay. */
static void complain(struct span text, const char *after)
{
    struct strbuf out = STRBUF_INIT(COMPLAINT_MAX);
    struct span line;
    const char *between = "binnacle: ";
    while (span_split(&text, '\n', &line)) {
        strbuf_adds(&out, between);
        plain_visible(line, &out);
        between = "\n";
    }
    strbuf_adds(&out, after);
    (void)fputs(strbuf_cstr(&out), stderr);
    strbuf_clear(&out);
}

static void complain_of(const char *after, const char *fmt, va_list args) BN_PRINTF(2, 0);

static void complain_of(const char *after, const char *fmt, va_list args)
{
    struct strbuf text = STRBUF_INIT(COMPLAINT_MAX);
    strbuf_vaddf(&text, fmt, args);
    complain(strbuf_span(&text), after);
    strbuf_clear(&text);
}

int cli_fail(const struct err *err)
{
    complain(span_from(err->msg), "\n");
    return EXIT_FAULT;
}

int cli_usage(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_of("\nTry 'binnacle --help' for more information.\n", fmt, args);
    va_end(args);
    return EXIT_USAGE;
}

void cli_warn(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_of("\n", fmt, args);
    va_end(args);
}

static void help_option(const struct option_info *o, struct strbuf *out)
{
    size_t start = out->len;
    strbuf_addf(out, o->letter ? "  -%c, " : "      ", o->letter);
    strbuf_addf(out, "--%s%s%s", o->name, o->argument ? "=" : "", o->argument ? o->argument : "");
    size_t width = out->len - start;
    strbuf_fill(out, ' ', width < 26 ? 26 - width : 2);
    strbuf_addf(out, "%s\n", o->help);
}

static bool is_all(const struct cli_command *command)
{
    return !command || command == &no_command;
}

void cli_help_options(const struct cli_command *command, struct strbuf *out)
{
    const unsigned shown = is_all(command) ? COMMON : COMMON | command->options;
    strbuf_adds(out, "\nOptions:\n");
    for (int i = 0; i < OPT_COUNT; i++)
        if (shown & BIT(i))
            help_option(&options[i], out);
}

void cli_help(const struct cli_command *command, struct strbuf *out)
{
    const bool all = is_all(command);
    if (all) {
        strbuf_adds(out, "Usage: binnacle [OPTION]... [COMMAND [ARGUMENT]...]\n"
                         "A live dashboard of a Kubernetes cluster: what is wrong first.\n"
                         "Without a command it opens on this terminal; a kubeconfig is enough.\n"
                         "\nCommands:\n");
        for (const struct cli_command *c = commands; c->name; c++)
            strbuf_addf(out, "  %-10s %-16s %s\n", c->name, c->arguments, c->help);
    } else {
        strbuf_addf(out, "Usage: binnacle %s [OPTION]... %s\n%s\n", command->name,
                    command->arguments, command->help);
    }
    cli_help_options(command, out);
    if (!all && command->more)
        command->more(out);
    if (command && command->run == cli_do)
        return; /* it has exit statuses of its own */
    strbuf_adds(out, "\nExit status: 0 fine, 1 a failure, 2 wrong usage; of `status`: 0 ok, "
                     "1 warning,\n2 critical, 3 unknown. The manual: man binnacle\n");
}

static int show_help(const struct cli *cli, const struct cli_command *command)
{
    struct out o;
    out_init(&o);
    if (command && cli->answers)
        cli_do_help_of(command, cli->answers->action, &o.text);
    else
        cli_help(command, &o.text);
    return out_end(&o, EXIT_FINE);
}

/* Tables for getopt_long() from ours. */
static void make_tables(bool nested, struct option longs[OPT_COUNT + 1], char *shorts)
{
    if (nested)
        *shorts++ = '+';
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_info *o = &options[i];
        longs[i] =
            (struct option){o->name, o->argument ? required_argument : no_argument, NULL, 256 + i};
        if (!o->letter)
            continue;
        *shorts++ = o->letter;
        if (o->argument)
            *shorts++ = ':';
    }
    longs[OPT_COUNT] = (struct option){0};
    *shorts = '\0';
}

static int option_index(int got)
{
    if (got >= 256)
        return got - 256;
    for (int i = 0; i < OPT_COUNT; i++)
        if (options[i].letter && options[i].letter == (char)got)
            return i;
    return -1;
}

/* What getopt_long() refused: word is the last that it took. */
static void say_bad_option(const char *word)
{
    int i = optopt ? option_index(optopt) : -1;
    if (i >= 0 && options[i].argument)
        (void)cli_usage("option '--%s' wants its %s", options[i].name, options[i].argument);
    else if (i >= 0)
        (void)cli_usage("option '--%s' takes no argument", options[i].name);
    else if (optopt)
        (void)cli_usage("unrecognized option '-%c'", optopt);
    else
        (void)cli_usage("unrecognized option '%s'", word);
}

/* Takes the options of a command out of argv; what is left begins at optind.
 * False: said. */
static bool read_options(struct cli *cli, const struct cli_command *command, int argc, char **argv)
{
    struct option longs[OPT_COUNT + 1];
    char shorts[2 * OPT_COUNT + 2];
    int got;
    make_tables(command->nested, longs, shorts);
    optind = 0; /* glibc: begin anew */
    opterr = 0; /* it would quote a word as it is */
    while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        int i = option_index(got);
        if (i < 0) {
            say_bad_option(argv[optind - 1]);
            return false;
        }
        if (!((COMMON | command->options) & BIT(i))) {
            (void)cli_usage("%s has no option --%s",
                            command->name[0] ? command->name : "the dashboard", options[i].name);
            return false;
        }
        cli->value[i] = options[i].argument ? optarg : "";
    }
    return true;
}

static const struct cli_command *find_command(const char *word)
{
    const struct cli_command *best = commands;
    for (const struct cli_command *c = commands; c->name; c++) {
        if (strcmp(c->name, word) == 0)
            return c;
        if (span_distance(span_from(c->name), span_from(word)) <
            span_distance(span_from(best->name), span_from(word)))
            best = c;
    }
    (void)cli_usage("there is no command `%s`; the nearest is `%s`", word, best->name);
    return NULL;
}

/* argv[0] is a command's name; the names of what getopt() says come from there. */
static int run_command(struct cli *cli, int argc, char **argv)
{
    const struct cli_command *command = find_command(argv[0]);
    char program[] = "binnacle";
    if (!command)
        return EXIT_USAGE;
    if (command->take && !command->take(cli, &argc, argv))
        return EXIT_USAGE;
    argv[0] = program;
    if (!read_options(cli, command, argc, argv))
        return command->run == cli_status ? EXIT_UNKNOWN : EXIT_USAGE;
    if (cli_given(cli, OPT_HELP))
        return show_help(cli, command);
    if (cli_given(cli, OPT_VERSION))
        return cli_version(cli);
    cli->command = command;
    return command->run(cli, argc - optind, argv + optind);
}

int cli_dispatch(struct cli *cli, int argc, char **argv)
{
    if (argc > 0)
        return run_command(cli, argc, argv);
    cli->command = &no_command;
    return cli->dashboard(cli);
}

int cli_main(struct cli *cli, int argc, char **argv)
{
    char program[] = "binnacle"; /* a link to it has another name: kubectl-binnacle */
    int status;
    if (argc < 1)
        return EXIT_USAGE;
    argv[0] = program;
    if (!read_options(cli, &no_command, argc, argv))
        status = EXIT_USAGE;
    else if (cli_given(cli, OPT_HELP))
        status = show_help(cli, NULL);
    else if (cli_given(cli, OPT_VERSION))
        status = cli_version(cli);
    else if (cli_given(cli, OPT_OUTPUT) && optind == argc)
        status = cli_usage("the dashboard has no option --output");
    else
        status = cli_dispatch(cli, argc - optind, argv + optind);
    config_free(cli->config);
    cli->config = NULL;
    if (cli->answers)
        answers_clear(cli->answers);
    free(cli->answers);
    cli->answers = NULL;
    return status;
}

bool cli_given(const struct cli *cli, enum cli_opt opt)
{
    return cli->value[opt] != NULL;
}

static void take_log(const struct config *c)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    const char *level = config_text(c, "log_level"), *file = config_text(c, "log");
    struct err err;
    for (size_t i = 0; i < BN_COUNT(levels); i++)
        if (strcmp(levels[i], level) == 0)
            log_level_min((enum log_level)i);
    if (*file && !log_to_file(file, &err))
        cli_warn("%s", err.msg);
}

bool cli_config(struct cli *cli, unsigned parts, struct err *err)
{
    if (cli->config)
        return true;
    cli->config = config_load_over(cli->lists, cli->value[OPT_CONFIG], parts, err);
    if (!cli->config)
        return false;
    for (size_t i = 0; i < config_warnings(cli->config); i++)
        cli_warn("warning: %s", config_warning_at(cli->config, i));
    take_log(cli->config);
    return true;
}

struct session *cli_session(struct cli *cli, bool once, struct err *err)
{
    const struct session_options o = {
        .config = cli->config,
        .kubeconfig = cli->value[OPT_KUBECONFIG],
        .context = cli->value[OPT_CONTEXT],
        .namespace_ = cli->value[OPT_NAMESPACE],
        .all_namespaces = cli_given(cli, OPT_ALL_NAMESPACES),
        .scope_kind = cli->scope_kind,
        .read_only = cli_given(cli, OPT_READ_ONLY),
        .once = once,
        .on_terminal = once && isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
        .epoch_ms = cli->epoch_ms,
        .outside = cli->outside,
        .outside_ca = cli->outside_ca,
    };
    struct session *s = session_new(&o, err);
    if (!s && err->kind == ERR_NOTFOUND) {
        const struct err why = *err;
        (void)err_set(err, ERR_NOTFOUND, "%s; without a cluster: binnacle demo", why.msg);
    }
    return s;
}

int cli_output(const struct cli *cli, const char *words)
{
    struct span rest = span_from(words), one;
    int i = 0;
    if (!cli_given(cli, OPT_OUTPUT))
        return 0;
    for (; span_split(&rest, '|', &one); i++)
        if (span_is(one, cli->value[OPT_OUTPUT]))
            return i;
    (void)cli_usage("-o %s: %s writes %s", cli->value[OPT_OUTPUT], cli->command->name, words);
    return -1;
}
