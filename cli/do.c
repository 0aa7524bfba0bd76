/* `do`: a guided action without a screen: fields, plan, confirmation, steps, what came of them.
 * `--resume` and `--undo` take up a run that was cut short. */
#include <config.h>

#include "cli/do.h"

#include "actions/cancel.h"
#include "actions/work.h"
#include "base/alloc.h"
#include "base/file.h"
#include "cli/ask.h"
#include "cli/listing.h"
#include "cli/out.h"
#include "cli/plain.h"
#include "cli/sites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX  ((size_t)8 << 20)
#define TYPED_MAX 512

/* ---- The words. */

static int field_of(const struct action *action, struct span word)
{
    for (int i = 0; action->fields[i].name; i++)
        if (span_is(word, action->fields[i].name))
            return i;
    return -1;
}

bool cli_do_take(struct cli *cli, int *argc, char **argv)
{
    const struct action *action = *argc > 1 ? action_find(argv[1]) : NULL;
    struct err err;
    int kept = 2;
    if (!action)
        return true;
    cli->answers = xalloc_zero(1, sizeof(*cli->answers));
    cli->answers->action = action;
    for (int i = 2; i < *argc; i++) {
        struct span word = span_from(argv[i]);
        size_t equals = span_find(word, '=', 0);
        bool option = span_starts(word, "--") && word.len > 2;
        int f = option ? field_of(action, span_sub(word, 2, equals - 2)) : -1;
        if (f < 0) {
            argv[kept++] = argv[i];
            continue;
        }
        const char *value = equals < word.len ? word.data + equals + 1 : argv[++i];
        if (i >= *argc) {
            (void)cli_usage("--%s wants a value: %s", action->fields[f].name,
                            action->fields[f].help);
            return false;
        }
        if (!answers_set(cli->answers, action->fields[f].name, value, &err)) {
            (void)cli_usage("%s", err.msg);
            return false;
        }
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

static void action_items(struct listing *l, const void *what)
{
    (void)what;
    for (const struct action *const *a = action_registry; *a; a++) {
        struct strbuf fields = STRBUF_INIT(4096);
        for (const struct field *f = (*a)->fields; f->name; f++)
            strbuf_addf(&fields, "%s%s", fields.len ? "," : "", f->name);
        listing_item(l);
        listing_field(l, "name", (*a)->name);
        listing_field(l, "fields", strbuf_cstr(&fields));
        listing_field(l, "help", (*a)->help);
        listing_item_end(l);
        strbuf_clear(&fields);
    }
}

int cli_actions(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"NAME", "FIELDS", "HELP", NULL};
    if (argc)
        return cli_usage("actions takes no word `%s`", argv[0]);
    return listing_write(cli, titles, action_items, NULL, EXIT_FINE);
}

/* ---- Ctrl-C gives up waiting; what was sent goes on. */

static int cancel_fd = -1;

static void catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, 0};
    cancel_fd = cancel_by_signals(signals);
}

/* ---- One run. */

static int refused(const struct err *err)
{
    (void)cli_fail(err);
    return EXIT_REFUSED;
}

static bool
    plan_alone; /* standard output is for a program: what is said beside the plan goes elsewhere */

void cli_do_say(struct span text)
{
    FILE *to = plan_alone ? stderr : stdout;
    struct strbuf out = STRBUF_INIT(2 * TEXT_MAX);
    struct span line;
    while (span_split(&text, '\n', &line)) {
        plain_visible(line, &out);
        if (text.data)
            strbuf_addc(&out, '\n');
    }
    (void)fputs(strbuf_cstr(&out), to);
    (void)fflush(to);
    strbuf_clear(&out);
}

static void on_says(BN_UNUSED void *context, const char *line)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    strbuf_addf(&text, "%s\n", line);
    cli_do_say(strbuf_span(&text));
    strbuf_clear(&text);
}

static void on_plan(void *context, struct target *t, const struct plan *plan,
                    const struct audit_run *run)
{
    const struct cli *cli = context;
    const char *form = cli->value[OPT_OUTPUT] ? cli->value[OPT_OUTPUT] : "text";
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    plan_alone = strcmp(form, "text") != 0;
    if (plan && strcmp(form, "json") == 0)
        plan_json(plan, t, &text);
    else if (strcmp(form, "json") == 0)
        undo_json(run, &text);
    else if (plan && strcmp(form, "shell") == 0)
        plan_shell(plan, t, &text);
    else if (plan)
        plan_print(plan, t, true, &text);
    else
        undo_text(run, &text);
    if (!plan_alone || (!plan && strcmp(form, "json") != 0))
        cli_do_say(strbuf_span(&text));
    else
        (void)fputs(strbuf_cstr(&text), stdout);
    (void)fflush(stdout);
    strbuf_clear(&text);
}

static bool on_typed(BN_UNUSED void *context, const struct field *field, struct strbuf *value,
                     struct err *err)
{
    return ask_secret(field, cancel_fd, value, err);
}

/* A line typed by a person, without its end. */
static bool read_typed(const char *question, char typed[TYPED_MAX])
{
    (void)fprintf(stdout, "%s", question);
    (void)fflush(stdout);
    if (!fgets(typed, TYPED_MAX, stdin))
        return false;
    typed[strcspn(typed, "\n")] = '\0';
    return true;
}

static bool is_confirmed(const struct cli *cli, const char *cluster, bool destroys, struct err *err)
{
    char typed[TYPED_MAX] = "", question[TYPED_MAX];
    const char *given = cli->value[OPT_CONFIRM];
    bool person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !cli_given(cli, OPT_YES);
    if (config_is_production(cli->config, cluster) && !cli_given(cli, OPT_WRITE))
        return err_set(err, ERR_DENIED, "%s is a production context: changing it wants --write",
                       cluster);
    if (destroys && given && strcmp(given, cluster) == 0)
        return true;
    if (destroys && !person)
        return err_set(err, ERR_DENIED, "what destroys wants --confirm %s, the context's name",
                       cluster);
    if (!destroys && cli_given(cli, OPT_YES))
        return true;
    if (!person)
        return err_set(err, ERR_DENIED, "not confirmed: --yes runs the plan");
    (void)snprintf(question, sizeof(question),
                   destroys ? "Type the context's name, %.200s, to run it: "
                            : "Type yes to run it in %.200s: ",
                   cluster);
    if (read_typed(question, typed) && strcmp(typed, destroys ? cluster : "yes") == 0)
        return true;
    return err_set(err, ERR_CANCELLED, "not confirmed: nothing was changed");
}

/* From now on the terminal may go, and who reads what is said: the run goes on. */
static bool on_confirm(void *context, const char *cluster, bool destroys, struct err *err)
{
    if (!is_confirmed(context, cluster, destroys, err))
        return false;
    (void)signal(SIGHUP, SIG_IGN);
    return true;
}

static void on_begun(BN_UNUSED void *context, BN_UNUSED const char *id)
{
}

/* ---- */

static int status_of(enum work_end end, const struct err *err)
{
    switch (end) {
    case WORK_DONE:
    case WORK_NOTHING:
    case WORK_PLANNED:
        return EXIT_FINE;
    case WORK_WRONG:
        return cli_usage("%s", err->msg);
    case WORK_REFUSED:
        return refused(err);
    case WORK_FAILED:
    case WORK_PARTLY:
    case WORK_OPEN:
        break;
    }
    (void)cli_fail(err);
    return end == WORK_OPEN ? EXIT_OPEN : EXIT_FAULT;
}

static int do_it(struct cli *cli, const char *audit, const char *run)
{
    struct err err;
    struct sites sites;
    struct clock *clock = clock_new();
    const struct work_voice voice = {.context = cli,
                                     .typed = on_typed,
                                     .plan = on_plan,
                                     .confirm = on_confirm,
                                     .begun = on_begun,
                                     .says = on_says};
    const struct work_options o = {.target = {.kubeconfig = cli->value[OPT_KUBECONFIG],
                                              .context = cli->value[OPT_CONTEXT],
                                              .read_only = cli_given(cli, OPT_READ_ONLY),
                                              .cancel_fd = cancel_fd,
                                              .clock = clock,
                                              .sites = &sites},
                                   .ns = cli->value[OPT_NAMESPACE],
                                   .audit = audit,
                                   .what = cli_given(cli, OPT_RESUME) ? WORK_RESUME
                                           : cli_given(cli, OPT_UNDO) ? WORK_UNDO
                                                                      : WORK_NEW,
                                   .run = run,
                                   .anyway = cli_given(cli, OPT_ANYWAY),
                                   .dry = cli_given(cli, OPT_DRY_RUN),
                                   .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
    if (o.what == WORK_NEW)
        cli_do_notice(cli);
    if (cli->epoch_ms)
        clock_set_wall(clock, cli->epoch_ms);
    cli_sites(cli->config, &sites);
    enum work_end end = work_go(&o, cli->answers, &voice, &err);
    sites_clear(&sites);
    clock_free(clock);
    return status_of(end, &err);
}

/* One of those that take up a run; what else is said with them is no action. */
static bool takes_up(const struct cli *cli)
{
    return cli_given(cli, OPT_RESUME) || cli_given(cli, OPT_UNDO) || cli_given(cli, OPT_WATCH) ||
           cli_given(cli, OPT_LEAVE);
}

static const char *nearest(const char *word)
{
    const char *best = "";
    size_t least = SIZE_MAX;
    for (const struct action *const *a = action_registry; *a; a++) {
        const size_t far = span_distance(span_from((*a)->name), span_from(word));
        if (far < least) {
            least = far;
            best = (*a)->name;
        }
    }
    return best;
}

static bool check_words(const struct cli *cli, int argc, char **argv)
{
    bool taken_up = takes_up(cli);
    if (argc > 1 && cli->answers && !taken_up)
        (void)cli_usage("%s takes no word `%s`: its fields are options, such as --name",
                        cli->answers->action->name, argv[1]);
    else if (argc > 1 || (argc && taken_up && cli->answers))
        (void)cli_usage("do takes no word `%s`", argv[argc - 1]);
    else if (argc && !taken_up && !cli->answers)
        (void)cli_usage("there is no action `%s`; the nearest is `%s`; all: binnacle actions",
                        argv[0], nearest(argv[0]));
    else if (!argc && !taken_up)
        (void)cli_usage("do what? For example: binnacle do restart --name kimai; all: binnacle "
                        "actions");
    else if (cli_given(cli, OPT_ANYWAY) && !cli_given(cli, OPT_UNDO))
        (void)cli_usage("--anyway goes with --undo");
    else
        return cli_output(cli, "text|json|shell") >= 0;
    return false;
}

int cli_do(struct cli *cli, int argc, char **argv)
{
    struct err err;
    int status = EXIT_USAGE;
    if (!cli_config(cli, CONFIG_SESSION | CONFIG_CHANGE, &err))
        return refused(&err);
    char *path = file_audit_path(cli->epoch_ms != 0);
    const char *run = argc && takes_up(cli) ? argv[0] : NULL;
    if (!path) {
        (void)cli_usage("HOME is not set: there is no place for the audit log");
    } else if (check_words(cli, argc, argv)) {
        catch_signals();
        status = cli_given(cli, OPT_WATCH)   ? cli_do_watch(path, run, cancel_fd)
                 : cli_given(cli, OPT_LEAVE) ? cli_do_leave(path, run)
                                             : do_it(cli, path, run);
    }
    free(path);
    return status;
}
