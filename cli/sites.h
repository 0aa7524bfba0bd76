/* What the configuration says of systems that actions act on. */
#ifndef BINNACLE_CLI_SITES_H
#define BINNACLE_CLI_SITES_H

#include "actions/channel.h"
#include "app/config.h"

/* The entries of `sources:`; to be released by sites_clear(). */
void cli_sites(const struct config *config, struct sites *out);

#endif
