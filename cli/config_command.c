/* `config`: what is set, and whether it is right. */
#include <config.h>

#include "cli/cli.h"
#include "cli/out.h"

#include <string.h>

static int show(const struct config *c, bool defaults)
{
    struct out o;
    out_init(&o);
    config_show(c, defaults, &o.text);
    return out_end(&o, EXIT_FINE);
}

int cli_config_command(struct cli *cli, int argc, char **argv)
{
    struct err err;
    bool is_show = argc == 1 && strcmp(argv[0], "show") == 0;
    bool is_validate = argc == 1 && strcmp(argv[0], "validate") == 0;
    if (!is_show && !is_validate)
        return cli_usage("config show [--defaults], or config validate");
    if (is_show && cli_given(cli, OPT_DEFAULTS))
        return show(NULL, true);
    if (!cli_config(cli, CONFIG_ALL, &err))
        return cli_fail(&err);
    return is_show ? show(cli->config, false) : EXIT_FINE;
}
