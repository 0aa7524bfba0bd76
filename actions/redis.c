/* Asking Redis servers what is there. */
#include <config.h>

#include "actions/redis.h"

#include "actions/channel.h"
#include "net/redis.h"

struct deed redis_deed(struct plan *p, const char *site, const char *words)
{
    return (struct deed){.system = "redis",
                         .at = site,
                         .method = "COMMAND",
                         .path = "",
                         .media = "application/json",
                         .body = plan_text(p, "[%s]", words),
                         .generation = -1};
}

bool redis_read(struct target *t, struct plan *p, const char *site, const char *words,
                struct json_doc **doc, struct err *err)
{
    const struct deed d = redis_deed(p, site, words);
    *doc = NULL;
    return target_do(t, &d, false, doc, err);
}

const struct json_node *redis_reply_of(const struct json_doc *doc)
{
    return json_node_get(json_doc_root(doc), "reply");
}

struct span redis_value(const struct json_node *reply, const char *field)
{
    return redis_field(span_from(json_node_text(reply)), field);
}

const char *redis_info(struct plan *p, const struct json_doc *doc, const char *field)
{
    return plan_text(p, "%.*s", SPAN_ARG(redis_value(redis_reply_of(doc), field)));
}

const char *redis_site(struct target *t, struct plan *p, const char *said, struct err *err)
{
    const struct site *s = target_site(t, "redis", said, err);
    return s ? plan_text(p, "%s", s->name) : NULL;
}
