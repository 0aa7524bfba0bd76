/* `demo`: starts harbor, the demonstration platform, as a child; lends it to
 * the dashboard or a command; and leaves nothing behind, however it ends. */
#include <config.h>

#include "actions/work.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/yaml.h"
#include "cli/cli.h"
#include "cli/harbor.h"
#include "cli/sites.h"

#include <stdlib.h>
#include <string.h>

#define USUAL  "night" /* things break and recover */
#define SUFFIX ".yaml"

/* A name, what happens, and the screen that shows it best, of the file's `about` and `screen`. */
static void add_scenario(const char *folder, struct span name, struct strbuf *out)
{
    struct strbuf path = STRBUF_INIT(8192);
    struct err err;
    strbuf_addf(&path, "%s/%.*s" SUFFIX, folder, SPAN_ARG(name));
    struct yaml_doc *doc = yaml_load(strbuf_cstr(&path), &err);
    const char *about = doc ? yaml_text(yaml_root(doc, 0), "about", "") : err.msg;
    const char *screen = doc ? yaml_text(yaml_root(doc, 0), "screen", "") : "";
    strbuf_addf(out, "  %-20.*s %s", SPAN_ARG(name), about);
    if (*screen)
        strbuf_addf(out, "  `:%s`", screen);
    strbuf_addc(out, '\n');
    yaml_doc_free(doc);
    strbuf_clear(&path);
}

void cli_demo_help(struct strbuf *out)
{
    struct strbuf names = STRBUF_INIT(4096);
    char *folder = file_data_path("harbor/scenarios");
    struct span rest, name;
    file_names(folder, SUFFIX, "\n", &names);
    rest = strbuf_span(&names);
    strbuf_adds(out,
                "\nScenarios, one of which --scenario takes (" USUAL " without it), or a file;\n"
                "what stands behind a sentence shows it best, and the dashboard opens there:\n");
    while (span_split(&rest, '\n', &name))
        add_scenario(folder, name, out);
    strbuf_clear(&names);
    free(folder);
}

/* What a scenario says of lists and sources, by its name or path; owned. */
static char *scenario_file(const char *scenario)
{
    struct strbuf name = STRBUF_INIT(8192);
    if (strchr(scenario, '/') || span_ends(span_from(scenario), SUFFIX))
        return xalloc_text(scenario);
    strbuf_addf(&name, "harbor/scenarios/%s" SUFFIX, scenario);
    char *path = file_data_path(strbuf_cstr(&name));
    strbuf_clear(&name);
    return path;
}

/* The story that was asked for is opened where it is seen best: one step below home. Without one
 * there is the night, of which home is the picture. The document's owner is the caller. */
static struct yaml_doc *open_story(struct cli *cli, const char *path)
{
    struct err err;
    struct yaml_doc *doc = cli->value[OPT_SCENARIO] ? yaml_load(path, &err) : NULL;
    const char *screen = doc ? yaml_text(yaml_root(doc, 0), "screen", "") : "";
    cli->opens = *screen ? screen : NULL;
    cli->about = doc ? yaml_text(yaml_root(doc, 0), "about", "") : "";
    return doc;
}

/* A platform of demonstration ends with its program, and with it what runs of before were about:
 * nothing of them can be gone on with or taken back, so nobody is told to. */
static void leave_runs(void)
{
    char left[AUDIT_RUN_ID];
    char *audit = file_audit_path(true);
    struct err err;
    while (audit && work_leave(audit, NULL, left, &err))
        continue;
    free(audit);
}

int cli_demo(struct cli *cli, int argc, char **argv)
{
    const char *scenario = cli->value[OPT_SCENARIO];
    struct err err;
    struct harbor *h = harbor_start(scenario ? scenario : USUAL, &err);
    if (!h && err.kind == ERR_CONFIG)
        return cli_usage("%s", err.msg);
    if (!h)
        return cli_fail(&err);
    const char *const kubeconfig = cli->value[OPT_KUBECONFIG];
    cli->value[OPT_KUBECONFIG] = harbor_kubeconfig(h);
    cli->epoch_ms = harbor_epoch(h);
    leave_runs();
    cli->outside = harbor_outside(h); /* its hosts are somebody else's out there */
    cli->outside_ca = harbor_outside_ca(h);
    (void)setenv(SITES_OUTSIDE, harbor_outside(h), 1);
    (void)setenv(SITES_OUTSIDE_CA, harbor_outside_ca(h), 1);
    char *lists = file_data_path("harbor/data/config/config.yaml");
    char *told = scenario_file(scenario ? scenario : USUAL);
    const char *const files[] = {lists, told, NULL};
    cli->lists = files;
    struct yaml_doc *story = open_story(cli, told);
    int status = cli_dispatch(cli, argc, argv);
    cli->lists = NULL;
    cli->opens = cli->about = NULL;
    yaml_doc_free(story);
    free(told);
    free(lists);
    cli->value[OPT_KUBECONFIG] = kubeconfig;
    harbor_stop(h);
    return status;
}
