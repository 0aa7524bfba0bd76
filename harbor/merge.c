/* Patches. */
#include <config.h>

#include "harbor/merge.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* What items of a list are told apart by; NULL: they are not. */
static const char *key_of(const cJSON *list)
{
    static const char *const keys[] = {"name", "type"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (list->child && cJSON_IsString(member(list->child, keys[i])))
            return keys[i];
    return NULL;
}

static cJSON *same_item(const cJSON *list, const char *key, const cJSON *item)
{
    const char *value = cJSON_GetStringValue(member(item, key)), *other;
    cJSON *found;
    cJSON_ArrayForEach(found, list)
    {
        other = cJSON_GetStringValue(member(found, key));
        if (value && other && strcmp(value, other) == 0)
            return found;
    }
    return NULL;
}

static void merge(cJSON *target, const cJSON *patch, bool strategic);

/* False: the lists are not of the sort that is merged. */
static bool merge_lists(cJSON *target, const cJSON *patch)
{
    const char *key = key_of(patch);
    const cJSON *item;
    if (!key || (target->child && !member(target->child, key)))
        return false;
    cJSON_ArrayForEach(item, patch)
    {
        cJSON *old = same_item(target, key, item);
        if (old)
            merge(old, item, true);
        else
            (void)cJSON_AddItemToArray(target, cJSON_Duplicate(item, true));
    }
    return true;
}

/* What is written anew each time: of a state one of several fields is set, and
 * owners are told apart by uid. */
static bool is_whole(const char *key)
{
    static const char *const keys[] = {"state", "lastState", "ownerReferences"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* {"$patch":"replace", ...}: what stands beside it is all there is. Its copy without the directive;
 * NULL: it is none. [apimachinery pkg/util/strategicpatch] */
static cJSON *replacement(const cJSON *patch)
{
    const char *directive = cJSON_GetStringValue(member(patch, "$patch"));
    cJSON *copy =
        directive && strcmp(directive, "replace") == 0 ? cJSON_Duplicate(patch, true) : NULL;
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "$patch");
    return copy;
}

static void put(cJSON *target, const cJSON *value)
{
    if (member(target, value->string))
        (void)cJSON_ReplaceItemInObjectCaseSensitive(target, value->string,
                                                     cJSON_Duplicate(value, true));
    else
        (void)cJSON_AddItemToObject(target, value->string, cJSON_Duplicate(value, true));
}

static void merge(cJSON *target, const cJSON *patch, bool strategic)
{
    const cJSON *p;
    cJSON_ArrayForEach(p, patch)
    {
        cJSON *old = member(target, p->string);
        cJSON *instead = strategic && old ? replacement(p) : NULL;
        bool whole = strategic && is_whole(p->string);
        if (instead)
            (void)cJSON_ReplaceItemInObjectCaseSensitive(target, p->string, instead);
        else if (cJSON_IsNull(p))
            cJSON_DeleteItemFromObjectCaseSensitive(target, p->string);
        else if (!whole && cJSON_IsObject(p) && cJSON_IsObject(old))
            merge(old, p, strategic);
        else if (!strategic || whole || !cJSON_IsArray(p) || !cJSON_IsArray(old) ||
                 !merge_lists(old, p))
            put(target, p);
    }
}

void merge_patch(cJSON *target, const cJSON *patch)
{
    merge(target, patch, false);
}

void merge_strategic(cJSON *target, const cJSON *patch)
{
    merge(target, patch, true);
}
