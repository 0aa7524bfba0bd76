/* A KV engine of version 2 [developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2; openbao
 * recordings]. */
#include <config.h>

#include "base/number.h"
#include "base/timetext.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/merge.h"
#include "harbor/vault.h"

#include <stdio.h>
#include <stdlib.h>

#define VERSIONS_KEPT 10 /* where max_versions says nothing */
#define PATH_BYTES    1024
#define MISMATCH      "check-and-set parameter did not match the current version"
#define REQUIRED      "check-and-set parameter required for this call"
#define NO_VERSIONS   "No version number provided"

/* ---- What is there. */

static cJSON *entry_at(const cJSON *kv, struct span path)
{
    char key[PATH_BYTES];
    (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(path));
    return member(kv, key);
}

static int current_of(const cJSON *entry)
{
    return number_at(member(entry, "metadata"), "current_version", 0);
}

static cJSON *of_version(const cJSON *entry, const char *what, int64_t version)
{
    char key[24];
    (void)snprintf(key, sizeof(key), "%lld", (long long)version);
    return member(strcmp(what, "values") == 0 ? member(entry, what)
                                              : member(member(entry, "metadata"), what),
                  key);
}

static void stamp(cJSON *object, const char *key, int64_t ms)
{
    char text[TIMETEXT_MAX];
    time_format(ms, text);
    json_set_text(object, key, text);
}

static bool is_deleted(const cJSON *version, int64_t now_ms)
{
    int64_t at;
    return cJSON_IsTrue(member(version, "destroyed")) ||
           (time_parse(span_from(json_member(version, "deletion_time")), &at) && at <= now_ms);
}

/* {"created_time":...,"custom_metadata":...,"deletion_time":...,"destroyed":...,"version":N} */
static cJSON *tell_version(const cJSON *entry, int64_t version)
{
    cJSON *told = cJSON_Duplicate(of_version(entry, "versions", version), true);
    const cJSON *custom = member(member(entry, "metadata"), "custom_metadata");
    set_item(told, "custom_metadata", custom ? cJSON_Duplicate(custom, true) : cJSON_CreateNull());
    set_item(told, "version", cJSON_CreateNumber((double)version));
    return told;
}

/* ---- Values. */

static int read_data(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    const cJSON *entry = entry_at(kv, r->path);
    int64_t n = r->version ? r->version : current_of(entry);
    const cJSON *version = of_version(entry, "versions", n);
    (void)error;
    if (!version)
        return 404;
    bool deleted = is_deleted(version, r->now_ms);
    *data = cJSON_CreateObject();
    set_item(*data, "data",
             deleted ? cJSON_CreateNull() : cJSON_Duplicate(of_version(entry, "values", n), true));
    set_item(*data, "metadata", tell_version(entry, n));
    return deleted ? 404 : 200;
}

/* Its names, each of them null; those that lie deeper only where somebody asks for them, which nobody
 * does here. */
static cJSON *names_of(const cJSON *values)
{
    cJSON *names = cJSON_CreateObject();
    const cJSON *value;
    cJSON_ArrayForEach(value, values)
    {
        set_item(names, value->string, cJSON_CreateNull());
    }
    return names;
}

/* [openbao recordings: dev-subkeys] */
static int answer_subkeys(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    if (strcmp(r->method, "GET") != 0)
        return 405;
    const int status = read_data(kv, r, data, error);
    cJSON *values = cJSON_DetachItemFromObjectCaseSensitive(*data, "data");
    if (*data)
        set_item(*data, "subkeys", status == 200 ? names_of(values) : cJSON_CreateNull());
    cJSON_Delete(values);
    return status;
}

static bool cas_fits(const cJSON *entry, const cJSON *body, const char **error)
{
    const cJSON *cas = member(member(body, "options"), "cas");
    if (!cas && cJSON_IsTrue(member(member(entry, "metadata"), "cas_required")))
        *error = REQUIRED;
    else if (cas && (!cJSON_IsNumber(cas) || cas->valueint != current_of(entry)))
        *error = MISMATCH;
    return *error == NULL;
}

static cJSON *make_entry(cJSON *kv, struct span path, int64_t now_ms)
{
    char key[PATH_BYTES];
    cJSON *metadata =
        cJSON_Parse("{\"cas_required\":false,\"created_time\":\"\",\"current_version\":0,"
                    "\"custom_metadata\":null,\"delete_version_after\":\"0s\",\"max_versions\":0,"
                    "\"oldest_version\":0,\"updated_time\":\"\",\"versions\":{}}");
    cJSON *entry = cJSON_CreateObject();
    (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(path));
    stamp(metadata, "created_time", now_ms);
    stamp(metadata, "updated_time", now_ms);
    set_item(entry, "metadata", metadata);
    set_item(entry, "values", cJSON_CreateObject());
    set_item(kv, key, entry);
    return entry;
}

static void forget_oldest(cJSON *entry, int newest)
{
    cJSON *metadata = member(entry, "metadata");
    int most = number_at(metadata, "max_versions", 0),
        oldest = newest - (most ? most : VERSIONS_KEPT);
    char key[24];
    if (oldest <= 0)
        return;
    (void)snprintf(key, sizeof(key), "%d", oldest);
    cJSON_DeleteItemFromObjectCaseSensitive(member(metadata, "versions"), key);
    cJSON_DeleteItemFromObjectCaseSensitive(member(entry, "values"), key);
    set_item(metadata, "oldest_version", cJSON_CreateNumber(oldest + 1));
}

/* Takes values. */
static int add_version(cJSON *entry, cJSON *values, int64_t now_ms, cJSON **data)
{
    cJSON *metadata = member(entry, "metadata"), *version = cJSON_CreateObject();
    int n = current_of(entry) + 1;
    char key[24];
    (void)snprintf(key, sizeof(key), "%d", n);
    stamp(version, "created_time", now_ms);
    json_set_text(version, "deletion_time", "");
    set_item(version, "destroyed", cJSON_CreateFalse());
    set_item(member(metadata, "versions"), key, version);
    set_item(member(entry, "values"), key, values);
    set_item(metadata, "current_version", cJSON_CreateNumber(n));
    stamp(metadata, "updated_time", now_ms);
    forget_oldest(entry, n);
    *data = tell_version(entry, n);
    return 200;
}

static int write_data(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    cJSON *entry = entry_at(kv, r->path);
    const cJSON *values = member(r->body, "data");
    if (!values)
        *error = "no data provided";
    if (*error || !cas_fits(entry, r->body, error))
        return 400;
    entry = entry ? entry : make_entry(kv, r->path, r->now_ms);
    return add_version(entry, cJSON_Duplicate(values, true), r->now_ms, data);
}

static int patch_data(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    cJSON *entry = entry_at(kv, r->path);
    const int n = current_of(entry);
    if (!span_is(r->media, "application/merge-patch+json")) {
        *error = "PATCH requires Content-Type of application/merge-patch+json";
        return 415;
    }
    if (!member(r->body, "data"))
        *error = "no data provided";
    if (*error || !cas_fits(entry, r->body, error))
        return 400;
    if (!n || is_deleted(of_version(entry, "versions", n), r->now_ms))
        return 404;
    cJSON *values = cJSON_Duplicate(of_version(entry, "values", n), true);
    merge_patch(values, member(r->body, "data"));
    return add_version(entry, values, r->now_ms, data);
}

static void delete_version(cJSON *entry, int64_t n, int64_t now_ms)
{
    cJSON *version = of_version(entry, "versions", n);
    if (version && !is_deleted(version, now_ms))
        stamp(version, "deletion_time", now_ms);
}

static int answer_data(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    if (strcmp(r->method, "GET") == 0)
        return read_data(kv, r, data, error);
    if (strcmp(r->method, "PUT") == 0 || strcmp(r->method, "POST") == 0)
        return write_data(kv, r, data, error);
    if (strcmp(r->method, "PATCH") == 0)
        return patch_data(kv, r, data, error);
    if (strcmp(r->method, "DELETE") != 0)
        return 405;
    cJSON *entry = entry_at(kv, r->path);
    delete_version(entry, current_of(entry), r->now_ms);
    return 204;
}

/* ---- Versions. */

static void undelete_version(cJSON *entry, int64_t n, int64_t now_ms)
{
    cJSON *version = of_version(entry, "versions", n);
    (void)now_ms;
    if (version && !cJSON_IsTrue(member(version, "destroyed")))
        json_set_text(version, "deletion_time", "");
}

static void destroy_version(cJSON *entry, int64_t n, int64_t now_ms)
{
    cJSON *version = of_version(entry, "versions", n);
    char key[24];
    (void)now_ms;
    (void)snprintf(key, sizeof(key), "%lld", (long long)n);
    if (version)
        set_item(version, "destroyed", cJSON_CreateTrue());
    cJSON_DeleteItemFromObjectCaseSensitive(member(entry, "values"), key);
}

static int each_version(cJSON *kv, const struct kv_request *r, const char **error,
                        void (*doit)(cJSON *entry, int64_t n, int64_t now_ms))
{
    const cJSON *n, *versions = member(r->body, "versions");
    if (strcmp(r->method, "PUT") != 0 && strcmp(r->method, "POST") != 0)
        return 405;
    if (!cJSON_GetArraySize(versions)) {
        *error = NO_VERSIONS;
        return 400;
    }
    cJSON_ArrayForEach(n, versions)
    {
        doit(entry_at(kv, r->path), n->valueint, r->now_ms);
    }
    return 204;
}

static int answer_delete(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    (void)data;
    return each_version(kv, r, error, delete_version);
}

static int answer_undelete(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    (void)data;
    return each_version(kv, r, error, undelete_version);
}

static int answer_destroy(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    (void)data;
    return each_version(kv, r, error, destroy_version);
}

/* ---- Metadata. */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "apps/" of "apps/kimai" below "": each once, in order. */
static int list_paths(const cJSON *kv, struct span folder, cJSON **data)
{
    const char *names[512];
    char own[512][128];
    size_t count = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, kv)
    {
        struct span path = span_from(entry->string);
        if (path.len <= folder.len || !span_eq(span_sub(path, 0, folder.len), folder))
            continue;
        path = span_sub(path, folder.len, path.len);
        size_t end = span_find(path, '/', 0);
        if (count < BN_COUNT(names)) {
            (void)snprintf(own[count], sizeof(own[0]), "%.*s",
                           SPAN_ARG(span_sub(path, 0, end < path.len ? end + 1 : end)));
            names[count] = own[count];
            count++;
        }
    }
    if (!count)
        return 404;
    qsort(names, count, sizeof(names[0]), by_text);
    cJSON *keys = cJSON_AddArrayToObject(*data = cJSON_CreateObject(), "keys");
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
            (void)cJSON_AddItemToArray(keys, cJSON_CreateString(names[i]));
    return 200;
}

static int write_metadata(cJSON *kv, const struct kv_request *r)
{
    static const char *const settings[] = {"cas_required", "custom_metadata",
                                           "delete_version_after", "max_versions"};
    cJSON *entry = entry_at(kv, r->path);
    entry = entry ? entry : make_entry(kv, r->path, r->now_ms);
    for (size_t i = 0; i < BN_COUNT(settings); i++)
        if (member(r->body, settings[i]))
            set_item(member(entry, "metadata"), settings[i],
                     cJSON_Duplicate(member(r->body, settings[i]), true));
    return 204;
}

static int answer_metadata(cJSON *kv, const struct kv_request *r, cJSON **data, const char **error)
{
    const cJSON *metadata = member(entry_at(kv, r->path), "metadata");
    char key[PATH_BYTES];
    (void)error;
    if (strcmp(r->method, "LIST") == 0)
        return list_paths(kv, r->path, data);
    if (strcmp(r->method, "PUT") == 0 || strcmp(r->method, "POST") == 0)
        return write_metadata(kv, r);
    if (strcmp(r->method, "DELETE") == 0) {
        (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(r->path));
        cJSON_DeleteItemFromObjectCaseSensitive(kv, key);
        return 204;
    }
    if (strcmp(r->method, "GET") != 0)
        return 405;
    *data = metadata ? cJSON_Duplicate(metadata, true) : NULL;
    return metadata ? 200 : 404;
}

kv_answer_fn kv_handler_of(struct span word)
{
    static const struct {
        const char *word;
        kv_answer_fn handler;
    } all[] = {{"data", answer_data},         {"delete", answer_delete},
               {"undelete", answer_undelete}, {"destroy", answer_destroy},
               {"metadata", answer_metadata}, {"subkeys", answer_subkeys}};

    for (size_t i = 0; i < BN_COUNT(all); i++)
        if (span_is(word, all[i].word))
            return all[i].handler;
    return NULL;
}
