/* What buckets have of backups, asked by their channel. */
#include <config.h>

#include "actions/pxc.h"

bool pxc_ask_bucket(struct target *t, const char *bucket, const char *name, struct json_doc **doc,
                    struct err *err)
{
    const struct deed d = {
        .system = "s3", .at = bucket, .method = "GET", .path = name, .media = "", .generation = -1};
    *doc = NULL;
    if (!target_do(t, &d, false, doc, err))
        return false;
    if (!pxc_bucket_number(*doc, "objects") &&
        !json_node_true(json_node_get(json_doc_root(*doc), "md5"))) {
        json_doc_free(*doc);
        *doc = NULL;
    }
    return true;
}

int64_t pxc_bucket_number(const struct json_doc *doc, const char *member)
{
    int64_t n = 0;
    (void)!json_node_int(json_node_get(json_doc_root(doc), member), &n);
    return n;
}
