/* What the configuration says of systems that actions act on. */
#ifndef BINNACLE_CLI_SITES_H
#define BINNACLE_CLI_SITES_H

#include "actions/channel.h"
#include "app/config.h"

/* Set for a demonstration and what it starts: HOST:PORT that stands for the world outside, and the
 * authority of its certificates. */
#define SITES_OUTSIDE    "BINNACLE_OUTSIDE"
#define SITES_OUTSIDE_CA "BINNACLE_OUTSIDE_CA"

/* The entries of `sources:`, and what holds for all buckets; to be released by sites_clear(). */
void cli_sites(const struct config *config, struct sites *out);

#endif
