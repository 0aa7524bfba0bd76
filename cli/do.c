/* `do`: a guided action without a screen: fields, plan, confirmation, steps, what came of them.
 * `--resume` and `--undo` take up a run that was cut short. */
#include <config.h>

#include "cli/do.h"

#include "actions/run.h"
#include "base/alloc.h"
#include "cli/listing.h"
#include "cli/out.h"
#include "cli/plain.h"
#include "cli/sites.h"

#include <errno.h>
#include <fcntl.h>
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

void cli_do_help(struct strbuf *out)
{
    strbuf_adds(out, "\nActions, each with its fields:\n");
    for (const struct action *const *a = action_registry; *a; a++) {
        strbuf_addf(out, "  %-18s %s\n", (*a)->name, (*a)->help);
        for (const struct field *f = (*a)->fields; f->name; f++)
            strbuf_addf(out, "        --%-12s %s%s%s%s\n", f->name, f->help, f->choices ? " (" : "",
                        f->choices ? f->choices : "", f->choices ? ")" : "");
    }
    strbuf_adds(
        out, "\nExit status: 0 done, or nothing to do; 1 a step failed; 2 wrong usage; 3 refused, "
             "nothing\nwas changed; 4 the run has no end: what was sent may yet come to be "
             "(--resume).\n");
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

/* ---- One run. */

struct doing {
    struct cli *cli;
    struct clock *clock;
    struct target *target;
    struct audit *audit;
    struct answers *answers; /* borrowed */
    struct plan plan;
    struct audit_run before; /* the run that is gone on with */
    bool resumes, undoes;
    char *path; /* of the audit log */
};

static int refused(const struct err *err)
{
    (void)cli_fail(err);
    return EXIT_REFUSED;
}

/* What is known of servers is shown as a terminal may take it. */
static void say(const struct strbuf *text)
{
    struct strbuf out = STRBUF_INIT(2 * TEXT_MAX);
    struct span rest = strbuf_span(text), line;
    while (span_split(&rest, '\n', &line)) {
        plain_visible(line, &out);
        if (rest.data)
            strbuf_addc(&out, '\n');
    }
    (void)fputs(strbuf_cstr(&out), stdout);
    (void)fflush(stdout);
    strbuf_clear(&out);
}

static void tell(void *context, enum run_event event, const char *title, const char *says)
{
    struct strbuf text = STRBUF_INIT(16384);
    (void)context;
    run_line(event, title, says, &text);
    strbuf_addc(&text, '\n');
    say(&text);
    strbuf_clear(&text);
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

static bool is_confirmed(const struct doing *d, bool destroys, struct err *err)
{
    char typed[TYPED_MAX] = "", question[TYPED_MAX];
    const char *context = target_context(d->target), *given = d->cli->value[OPT_CONFIRM];
    bool person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !cli_given(d->cli, OPT_YES);
    if (config_is_production(d->cli->config, context) && !cli_given(d->cli, OPT_WRITE))
        return err_set(err, ERR_DENIED, "%s is a production context: changing it wants --write",
                       context);
    if (destroys && given && strcmp(given, context) == 0)
        return true;
    if (destroys && !person)
        return err_set(err, ERR_DENIED, "what destroys wants --confirm %s, the context's name",
                       context);
    if (!destroys && cli_given(d->cli, OPT_YES))
        return true;
    if (!person)
        return err_set(err, ERR_DENIED, "not confirmed: --yes runs the plan");
    (void)snprintf(question, sizeof(question),
                   destroys ? "Type the context's name, %.200s, to run it: "
                            : "Type yes to run it in %.200s: ",
                   context);
    if (read_typed(question, typed) && strcmp(typed, destroys ? context : "yes") == 0)
        return true;
    return err_set(err, ERR_CANCELLED, "not confirmed: nothing was changed");
}

static int outcome(const struct err *err)
{
    bool open_end = err->kind == ERR_IO || err->kind == ERR_TIMEOUT || err->kind == ERR_CANCELLED;
    (void)cli_fail(err);
    return open_end ? EXIT_OPEN : EXIT_FAULT;
}

static void show_plan(const struct doing *d)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    if (d->cli->value[OPT_OUTPUT] && strcmp(d->cli->value[OPT_OUTPUT], "json") == 0) {
        plan_json(&d->plan, d->target, &text);
        (void)fputs(strbuf_cstr(&text), stdout);
        (void)fflush(stdout);
    } else {
        plan_print(&d->plan, d->target, true, &text);
        say(&text);
    }
    strbuf_clear(&text);
}

static int run_it(struct doing *d)
{
    struct err err;
    const struct run_options o = {.target = d->target,
                                  .audit = d->audit,
                                  .id = d->resumes ? d->before.id : NULL,
                                  .tell = tell};
    return run_go(&o, d->answers, &d->plan, &err) ? EXIT_FINE : outcome(&err);
}

static int plan_and_run(struct doing *d)
{
    struct err err;
    bool dry = cli_given(d->cli, OPT_DRY_RUN);
    const char *ns = d->cli->value[OPT_NAMESPACE];
    if (!answers_complete(d->answers, ns ? ns : target_namespace(d->target), &err))
        return cli_usage("%s", err.msg);
    if (!plan_make(d->answers, d->target, &d->plan, &err))
        return refused(&err);
    show_plan(d);
    if (plan_empty(&d->plan) && !d->resumes)
        return EXIT_FINE;
    if (!run_check(&d->plan, d->target, &err))
        return refused(&err);
    if (dry)
        return EXIT_FINE;
    if (!is_confirmed(d, d->plan.risk == RISK_DESTROY, &err))
        return refused(&err);
    d->audit = audit_open(d->path, &err);
    return d->audit ? run_it(d) : refused(&err);
}

static int take_back(struct doing *d)
{
    struct err err;
    struct run_options with = {.target = d->target, .tell = tell};
    (void)fprintf(stdout, "Run %s of %s, to be taken back:\n", d->before.id, d->before.at);
    for (size_t i = d->before.count; i-- > 0;) {
        const struct audit_step *s = &d->before.steps[i];
        if (s->state == AUDIT_DONE || s->state == AUDIT_STEP)
            (void)fprintf(stdout, "  - %s%s\n", s->title,
                          s->method ? "" : " (cannot be taken back)");
    }
    if (!is_confirmed(d, false, &err))
        return refused(&err);
    d->audit = audit_open(d->path, &err);
    if (!d->audit)
        return refused(&err);
    with.audit = d->audit;
    return run_take_back(&with, &d->before, &err) ? EXIT_FINE : outcome(&err);
}

/* ---- Ctrl-C gives up waiting; what was sent goes on. */

static int cancel_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    int kept = errno;
    (void)number;
    (void)!write(cancel_pipe[1], "", 1);
    errno = kept;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    if (pipe2(cancel_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

/* ---- */

static bool find_run(struct doing *d, struct err *err)
{
    if (!audit_unfinished(d->path, NULL, &d->before, err))
        return false;
    if (!d->before.answers.action)
        return err_set(err, ERR_CONFIG, "run %s is of another version of this program: %s",
                       d->before.id, d->before.action ? d->before.action : "no action");
    d->answers = &d->before.answers;
    return true;
}

/* A run is gone on with where it was begun. */
static bool is_same_place(const struct doing *d, struct err *err)
{
    if (!d->resumes && !d->undoes)
        return true;
    if (strcmp(d->before.context, target_context(d->target)) == 0 &&
        strcmp(d->before.server, target_server(d->target)) == 0)
        return true;
    return err_set(err, ERR_CONFIG, "run %s is of context %s (%s), this is %s (%s)", d->before.id,
                   d->before.context, d->before.server, target_context(d->target),
                   target_server(d->target));
}

static int do_it(struct doing *d)
{
    struct err err;
    struct sites sites;
    const char *context = d->cli->value[OPT_CONTEXT];
    if ((d->resumes || d->undoes) && !find_run(d, &err))
        return refused(&err);
    if ((d->resumes || d->undoes) && !context)
        context = d->before.context;
    const struct target_options o = {.kubeconfig = d->cli->value[OPT_KUBECONFIG],
                                     .context = context,
                                     .read_only = cli_given(d->cli, OPT_READ_ONLY),
                                     .cancel_fd = cancel_pipe[0],
                                     .clock = d->clock,
                                     .sites = &sites};
    cli_sites(d->cli->config, &sites);
    d->target = target_open(&o, &err);
    sites_clear(&sites);
    if (!d->target || !is_same_place(d, &err))
        return refused(&err);
    return d->undoes ? take_back(d) : plan_and_run(d);
}

int cli_do(struct cli *cli, int argc, char **argv)
{
    struct doing d = {.cli = cli, .answers = cli->answers};
    struct err err;
    int status = EXIT_USAGE;
    d.resumes = cli_given(cli, OPT_RESUME);
    d.undoes = cli_given(cli, OPT_UNDO);
    if (!cli_config(cli, CONFIG_SESSION, &err))
        return cli_fail(&err);
    d.path = audit_path(cli->epoch_ms != 0);
    d.clock = clock_new();
    if (cli->epoch_ms)
        clock_set_wall(d.clock, cli->epoch_ms);
    if (!d.path)
        (void)cli_usage("HOME is not set: there is no place for the audit log");
    else if (argc > 1 || (argc && (d.resumes || d.undoes)))
        (void)cli_usage("do takes no word `%s`", argv[argc - 1]);
    else if (argc && !cli->answers)
        (void)cli_usage("there is no action `%s`; all: binnacle actions", argv[0]);
    else if (!argc && !d.resumes && !d.undoes)
        (void)cli_usage("do what? For example: binnacle do restart --name kimai; all: binnacle "
                        "actions");
    else if (cli_output(cli, "text|json") >= 0) {
        catch_signals();
        status = do_it(&d);
    }
    plan_done(&d.plan);
    audit_close(d.audit);
    audit_run_clear(&d.before);
    target_close(d.target);
    clock_free(d.clock);
    free(d.path);
    return status;
}
