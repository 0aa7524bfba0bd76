/* redis-reset-slowlog: empties a server's slow log [redis.io/docs/latest/commands/slowlog-reset]. */
#include <config.h>

#include "actions/redis.h"

#include <stdlib.h>

static const struct field fields[] = {REDIS_FIELD, {NULL}};

static int64_t newest_of(const struct json_node *list)
{
    int64_t id;
    return json_node_int(json_node_first(json_node_first(list)), &id) ? id : -1;
}

/* What is in it came later: the numbers of its entries go on. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const struct json_node *list = json_node_get(object, "reply");
    for (const struct json_node *e = json_node_first(list); e; e = json_node_next(e)) {
        int64_t id;
        if (!json_node_int(json_node_first(e), &id) || id > strtoll(step->former, NULL, 10))
            continue;
        strbuf_adds(says, "entries of before are still there");
        return AWAIT_MORE;
    }
    return AWAIT_DONE;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *site = redis_site(t, p, answers_get(in, "redis"), err);
    struct json_doc *doc = NULL;
    if (!site || !redis_read(t, p, site, "\"SLOWLOG\",\"GET\",\"-1\"", &doc, err))
        return false;
    size_t n = json_node_count(redis_reply_of(doc));
    int64_t newest = newest_of(redis_reply_of(doc));
    json_doc_free(doc);
    struct step *s = plan_step(p, n ? '-' : '=',
                               plan_text(p, "Empty the slow log of %s (%zu entries)", site, n));
    s->undo_title = "none: the entries are gone";
    if (!n)
        return true;
    s->deed = redis_deed(p, site, "\"SLOWLOG\",\"RESET\"");
    s->look = redis_deed(p, site, "\"SLOWLOG\",\"GET\",\"-1\"");
    s->await = look;
    s->former = plan_text(p, "%lld", (long long)newest);
    return true;
}

const struct action action_redis_slowlog = {
    .name = "redis-reset-slowlog",
    .title = "Empty a Redis slow log",
    .help = "forget the slow commands that were noted so far",
    .risk = RISK_CHANGE,
    .kind = "redis-slow redis",
    .fields = fields,
    .plan = plan,
};
