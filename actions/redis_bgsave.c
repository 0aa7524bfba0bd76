/* redis-bgsave: writes an RDB now [redis.io/docs/latest/commands/bgsave]. */
#include <config.h>

#include "actions/redis.h"
#include "base/number.h"

#include <stdlib.h>

#define PERSISTENCE "\"INFO\",\"persistence\""

static const struct field fields[] = {
    {"redis", FIELD_TEXT, NULL, "", "which server, as `:redis` names it; \"\": the only one",
     "name"},
    {NULL},
};

static int64_t number(const struct json_node *reply, const char *field)
{
    int64_t n;
    return number_parse(redis_value(reply, field), 0, INT64_MAX / 2000, &n) ? n : -1;
}

/* former: when it had last saved, in seconds, and, since 7.0, how often: two of one second are told
 * apart by that. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    const struct json_node *reply = json_node_get(object, "reply");
    char *end;
    int64_t saved = strtoll(step->former, &end, 10), saves = strtoll(end, NULL, 10);
    if (number(reply, "rdb_bgsave_in_progress") == 1) {
        strbuf_adds(says, "it writes");
        return AWAIT_MORE;
    }
    if (span_is(redis_value(reply, "rdb_last_bgsave_status"), "err")) {
        strbuf_adds(says, "it could not write it: its log says why (disk, rights)");
        return AWAIT_FAILED;
    }
    if (number(reply, "rdb_last_save_time") > saved || number(reply, "rdb_saves") > saves)
        return AWAIT_DONE;
    strbuf_adds(says, "it has not begun");
    return AWAIT_MORE;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *site = redis_site(t, p, answers_get(in, "redis"), err);
    struct json_doc *doc = NULL;
    if (!site || !redis_read(t, p, site, PERSISTENCE, &doc, err))
        return false;
    const struct json_node *reply = redis_reply_of(doc);
    int64_t saved = number(reply, "rdb_last_save_time"), saves = number(reply, "rdb_saves"),
            changes = number(reply, "rdb_changes_since_last_save"),
            under_way = number(reply, "rdb_bgsave_in_progress"),
            rewrites = number(reply, "aof_rewrite_in_progress");
    /* What a server has loaded may be of its AOF: until it has saved once, its RDB is not known. */
    const bool fresh =
        changes == 0 && saves > 0 && span_is(redis_value(reply, "rdb_last_bgsave_status"), "ok");
    json_doc_free(doc);
    bool done = under_way != 1 && (fresh || (in->again && saved * 1000 >= in->at_ms));
    struct step *s = plan_step(
        p, under_way == 1 || done ? '=' : '~',
        plan_text(p, "Save %s to its RDB (%lld changes since the last)", site, (long long)changes));
    s->undo_title = "none: an RDB of before is replaced";
    if (rewrites == 1)
        plan_warn(p, "its AOF is being rewritten: it saves when that has ended");
    if (done)
        return true;
    if (under_way != 1)
        s->deed = redis_deed(p, site, rewrites == 1 ? "\"BGSAVE\",\"SCHEDULE\"" : "\"BGSAVE\"");
    s->look = redis_deed(p, site, PERSISTENCE);
    s->await = look;
    s->await_s = 900;
    s->former = plan_text(p, "%lld %lld", (long long)saved, (long long)saves);
    return true;
}

const struct action action_redis_bgsave = {
    .name = "redis-bgsave",
    .title = "Save a Redis to disk",
    .help = "write an RDB now, followed until it is there",
    .risk = RISK_CHANGE,
    .kind = "redis",
    .fields = fields,
    .plan = plan,
};
