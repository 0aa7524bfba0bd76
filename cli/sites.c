/* From `sources:` to sites. */
#include <config.h>

#include "cli/sites.h"

#include "backends/backend.h"

void cli_sites(const struct config *config, struct sites *out)
{
    *out = (struct sites){.alone = !config_bool(config, "discover")};
    for (size_t i = 0; i < config_sources(config); i++) {
        const struct config_source *s = config_source_at(config, i);
        sites_add(out, s->backend->name, s->name, s->settings);
    }
}
