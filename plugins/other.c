/* A plug-in of an interface that this binnacle does not speak: it must say so, and load nothing. */
#include "backends/plugin.h"

extern const struct binnacle_plugin binnacle_plugin;
const struct binnacle_plugin binnacle_plugin = {.abi = 999};
