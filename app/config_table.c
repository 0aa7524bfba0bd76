/* Every configuration key, once. */
#include <config.h>

#include "app/config_table.h"

const struct config_key config_keys[] = {
    {"theme", CONFIG_TEXT, CONFIG_SCREEN, "default", NULL,
     "Colours: a theme's name, or the path of a theme file."},
    {"ascii", CONFIG_BOOL, CONFIG_SCREEN, "false", NULL,
     "Only ASCII glyphs, also where the locale is UTF-8."},
    {"mouse", CONFIG_CHOICE, CONFIG_SCREEN, "auto", "auto|on|off",
     "The mouse in the dashboard; auto: on, but off over ssh."},
    {"production", CONFIG_TEXT, CONFIG_CHANGE, "*prod*", NULL,
     "Names of contexts that are production: patterns separated by commas."},
    {"rest", CONFIG_DURATION, CONFIG_SCREEN, "5m", NULL,
     "When nobody has pressed a key for so long, and nothing has become worse, what is asked every "
     "few seconds is asked three times less often, until then; 1000d: never."},
    {"namespaces", CONFIG_TEXT, CONFIG_SESSION, "", NULL,
     "Namespaces to look at where the whole cluster may not be listed: names separated by commas, "
     "at most 20."},
    {"relist", CONFIG_DURATION, CONFIG_SESSION, "30m", NULL,
     "How often everything that is watched is listed again and compared."},
    {"discover", CONFIG_BOOL, CONFIG_SESSION, "true", NULL,
     "Whether systems inside the cluster are looked for and asked, through the cluster."},
    {"probes", CONFIG_BOOL, CONFIG_SESSION, "true", NULL,
     "Whether hosts that routes name are asked from this machine: on ports 80 and 443, and their "
     "names at name servers."},
    {"probe_addresses", CONFIG_TEXT, CONFIG_SESSION, "", NULL,
     "Where hosts are asked instead of where their names lead: HOST=ADDRESS:PORT separated by "
     "commas; * is every other host."},
    {"probe_resolver", CONFIG_TEXT, CONFIG_SESSION, "", NULL,
     "The resolver that is asked for names, ADDRESS[:PORT] separated by commas; empty: the "
     "system's."},
    {"probe_private", CONFIG_BOOL, CONFIG_SESSION, "false", NULL,
     "Whether hosts whose names lead to private addresses are asked too."},
    {"probe_secrets", CONFIG_BOOL, CONFIG_SESSION, "false", NULL,
     "Whether the certificate (tls.crt, never the key) is read from a Secret that a route names and "
     "no Certificate of cert-manager keeps, to compare it with the one served."},
    {"plugins", CONFIG_TEXT, CONFIG_SESSION, "", NULL,
     "A folder whose shared objects (*.so) are loaded at the start as further sorts of sources; "
     "empty: none."},
    {"log", CONFIG_TEXT, CONFIG_SESSION, "", NULL,
     "A file that the program's own messages are also written to."},
    {"log_level", CONFIG_CHOICE, CONFIG_SESSION, "info", "debug|info|warning|error",
     "The least level of the program's own messages."},
    {NULL, CONFIG_TEXT, CONFIG_SESSION, NULL, NULL, NULL},
};

_Static_assert(BN_COUNT(config_keys) <= CONFIG_KEYS_MAX, "values have a place each");
