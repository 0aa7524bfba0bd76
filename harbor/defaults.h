/* What an API server adds to objects that it takes in. */
#ifndef BINNACLE_HARBOR_DEFAULTS_H
#define BINNACLE_HARBOR_DEFAULTS_H

#include "harbor/resources.h"

#include <cjson/cJSON.h>

/* Defaults and admission as recorded [recorded/023, 025, 037, 087, 132]. */
void defaults_add(const struct resource *r, cJSON *json);
/* Puts all keys in order, as the JSON of a custom resource has them [recorded/087]. */
void json_order_keys(cJSON *json);
/* Text at a key, replacing what is there. */
void json_set_text(cJSON *object, const char *key, const char *text);

#endif
