/* Patches: how a document changes another. */
#ifndef BINNACLE_HARBOR_MERGE_H
#define BINNACLE_HARBOR_MERGE_H

#include <cjson/cJSON.h>

/* RFC 7386: null removes, lists are replaced. */
void merge_patch(cJSON *target, const cJSON *patch);
/* As a strategic merge of a typed object: items of a list that have a `name` or a
 * `type` are merged with those that have the same; a container's state and an
 * object's owners are replaced. [API conventions, strategic merge patch] */
void merge_strategic(cJSON *target, const cJSON *patch);

#endif
