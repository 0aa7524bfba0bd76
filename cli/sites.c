/* From `sources:` to sites. */
#include <config.h>

#include "cli/sites.h"

#include "backends/backend.h"

#include <stdio.h>
#include <stdlib.h>

/* Of every bucket and organisation: where names out in the world lead. A demonstration has the world
 * at hand, and nothing of it is asked elsewhere. */
static void add_world(const struct config *config, struct sites *out)
{
    const char *at = getenv(SITES_OUTSIDE), *ca = getenv(SITES_OUTSIDE_CA);
    const char *said = config ? config_text(config, "probe_addresses") : "";
    char addresses[4096], ca_file[4096];
    (void)snprintf(addresses, sizeof(addresses), "addresses=%s%s", at ? "*=" : "", at ? at : said);
    (void)snprintf(ca_file, sizeof(ca_file), "ca=%s", ca ? ca : "");
    const char *const demonstration[] = {addresses, "ask=true", ca ? ca_file : NULL, NULL};
    const char *const world[] = {addresses, NULL};
    static const char *const outside[] = {"s3", "terraform"};
    for (size_t i = 0; i < BN_COUNT(outside) && (at || said[0]); i++)
        sites_add(out, outside[i], "*", at ? demonstration : world);
}

void cli_sites(const struct config *config, struct sites *out)
{
    *out = (struct sites){.alone = !config_bool(config, "discover")};
    for (size_t i = 0; i < config_sources(config); i++) {
        const struct config_source *s = config_source_at(config, i);
        sites_add(out, s->backend->name, s->name, s->settings);
    }
    add_world(config, out);
}
