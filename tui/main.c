/* The program: prepares the process, then lets the command line decide. */
#include <config.h>

#include "actions/served.h"
#include "base/log.h"
#include "base/timetext.h"
#include "cli/cli.h"
#include "tui/dashboard.h"

#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef BINNACLE_COVERAGE
void __gcov_dump(void); /* of libgcov */
#endif

/* No memory of ours in a file: it may hold tokens. */
static void forbid_dumps(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

/* A buffer of this size or more is pages of its own, which go back to the system when it is
 * freed. Left to itself glibc takes each one that is freed for a reason to keep the next, up
 * to 32 MB of them: at 150,000 pods that is 5 MB more. */
#define PAGES_OF_OWN (128 * 1024)
#define KEPT_FREE    (1024 * 1024) /* at the end of what is in use */

static void bound_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, PAGES_OF_OWN);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
}

/* A locale that is named but not installed must not cost the glyphs: many
 * machines have C.UTF-8 alone. Numbers stay C's everywhere. */
static void choose_locale(void)
{
    if (!setlocale(LC_ALL, "")) {
        const char *name = getenv("LC_ALL");
        if (!name || !*name)
            name = getenv("LC_CTYPE");
        if (!name || !*name)
            name = getenv("LANG");
        if (name && (strstr(name, "UTF-8") || strstr(name, "utf8")))
            (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
    (void)setlocale(LC_NUMERIC, "C");
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

/* What is left without a terminal is said before anything is connected. */
static bool check_terminal(struct err *err)
{
    const char *term = getenv("TERM"), *what = NULL;
    if (!isatty(STDIN_FILENO))
        what = "standard input is not a terminal";
    else if (!isatty(STDOUT_FILENO))
        what = "standard output is not a terminal";
    else if (!term || !*term)
        what = "TERM is not set";
    else if (strcmp(term, "dumb") == 0)
        what = "this terminal cannot move its cursor (TERM=dumb)";
    return !what || err_set(err, ERR_CONFIG,
                            "%s, so there is no dashboard; `binnacle status` and `binnacle get` "
                            "need none",
                            what);
}

static bool wants_mouse(const struct config *c)
{
    const char *mouse = config_text(c, "mouse");
    if (strcmp(mouse, "auto") == 0)
        return !is_set("SSH_CONNECTION") && !is_set("SSH_TTY");
    return strcmp(mouse, "on") == 0;
}

/* Where a test wants the clock to stand; 0: it runs. */
static int64_t clock_of_test(void)
{
    const char *text = getenv("BINNACLE_TEST_CLOCK");
    int64_t ms;
    return is_set("BINNACLE_TEST_MARKS") && text && time_parse(span_from(text), &ms) ? ms : 0;
}

struct connecting {
    struct cli *cli;
    struct session *session;
    bool asked;
};

static struct session *connect_session(void *context, struct err *err)
{
    struct connecting *c = context;
    c->asked = true;
    c->session = cli_session(c->cli, false, err);
    return c->session;
}

static int open_dashboard(struct cli *cli, struct err *err)
{
    struct connecting connecting = {.cli = cli};
    const char *theme = cli->value[OPT_THEME];
    if (!theme && strcmp(config_origin(cli->config, "theme"), "default") != 0)
        theme = config_text(cli->config, "theme");
    const struct dashboard_options options = {
        .scope = cli->value[OPT_NAMESPACE],
        .opens = is_set("BINNACLE_TEST_HOME") ? NULL : cli->opens,
        .about = cli->about,
        .theme = theme,
        .no_colour = !cli->value[OPT_THEME] && is_set("NO_COLOR"),
        .ascii = cli_given(cli, OPT_ASCII) || config_bool(cli->config, "ascii"),
        .mouse = wants_mouse(cli->config),
        .rest_ms = config_number(cli->config, "rest"),
        .test = is_set("BINNACLE_TEST_MARKS"),
        .stands_ms = clock_of_test(),
        .connect = connect_session,
        .context = &connecting,
    };
    if (options.stands_ms)
        cli->epoch_ms = options.stands_ms;
    int status = dashboard_run(&options, err);
    bool connects = connecting.session || !connecting.asked;
    session_free(connecting.session);
    if (status >= 0)
        return status;
    int failed = cli_fail(err);
    return connects ? EXIT_USAGE : failed;
}

static int dashboard(struct cli *cli)
{
    struct err err;
    if (!check_terminal(&err)) {
        (void)cli_fail(&err);
        return EXIT_USAGE;
    }
    if (!cli_config(cli, CONFIG_ALL, &err))
        return cli_fail(&err);
    return open_dashboard(cli, &err);
}

int main(int argc, char **argv)
{
    struct cli cli = {.dashboard = dashboard};
    forbid_dumps();
    bound_memory();
    choose_locale();
    (void)signal(SIGPIPE, SIG_IGN);
    bool served = argc == 2 && strcmp(argv[1], SERVED_WORD) == 0;
    int status = served ? served_main(STDIN_FILENO) : cli_main(&cli, argc, argv);
#ifdef BINNACLE_COVERAGE
    __gcov_dump(); /* _exit() would not */
#endif
    _exit(status); /* a thread that hangs holds up nobody; all output is written */
}
