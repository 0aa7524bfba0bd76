/* Label and field selectors. */
#ifndef BINNACLE_HARBOR_SELECT_H
#define BINNACLE_HARBOR_SELECT_H

#include "base/span.h"

#include <cjson/cJSON.h>

/* Selectors as of the query; NULL and "" fit everything. */
bool select_labels(const char *selector, const cJSON *object);
bool select_fields(const char *selector, const cJSON *object);

#endif
