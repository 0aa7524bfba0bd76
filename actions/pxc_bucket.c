/* What buckets have of backups, asked by their channel. */
#include <config.h>

#include "actions/pxc.h"

#include <string.h>

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

enum awaiting pxc_say_once(const struct step *step, enum awaiting a, const struct strbuf *says)
{
    struct span kept = span_sub(strbuf_span(says), 0, STEP_ROOM - 2);
    step->room[0] = a == AWAIT_FAILED ? 'F' : 'D';
    if (kept.len)
        memcpy(step->room + 1, kept.data, kept.len);
    return AWAIT_MORE;
}

bool pxc_said(const struct step *step, enum awaiting *a, struct strbuf *says)
{
    if (!step->room[0])
        return false;
    strbuf_adds(says, step->room + 1);
    *a = step->room[0] == 'F' ? AWAIT_FAILED : AWAIT_DONE;
    return true;
}
