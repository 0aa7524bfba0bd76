/* redis-kill-client: ends a client's connection [redis.io/docs/latest/commands/client-kill]. */
#include <config.h>

#include "actions/redis.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    REDIS_FIELD,
    {"id", FIELD_TEXT, NULL, NULL, "the client's number, as `:redis-clients` shows it", "id"},
    {"address", FIELD_TEXT, NULL, "", "where it comes from; it must be there still", "address"},
    {NULL},
};

/* The line of a client in CLIENT LIST's text; empty: it is not there. */
static struct span line_of(const struct json_node *reply, const char *id)
{
    struct span rest = span_from(json_node_text(reply)), line;
    size_t len = strlen(id);
    while (span_split(&rest, '\n', &line))
        if (span_starts(line, "id=") && span_starts(span_sub(line, 3, line.len), id) &&
            line.len > 3 + len && line.data[3 + len] == ' ')
            return line;
    return SPAN("");
}

static struct span part(struct span line, const char *key)
{
    size_t len = strlen(key);
    struct span word;
    while (span_split(&line, ' ', &word))
        if (span_starts(word, key) && word.len > len && word.data[len] == '=')
            return span_sub(word, len + 1, word.len);
    return SPAN("");
}

static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    if (!line_of(json_node_get(object, "reply"), step->former).len)
        return AWAIT_DONE;
    strbuf_adds(says, "it is still connected");
    return AWAIT_MORE;
}

static void warn(struct plan *p, struct span flags)
{
    if (span_find(flags, 'S', 0) < flags.len)
        plan_warn(p, "it is a replica's link: the replica connects again and may need all data");
    if (span_find(flags, 'M', 0) < flags.len)
        plan_warn(p, "it is the link with its master: it connects again");
    if (span_find(flags, 'x', 0) < flags.len)
        plan_warn(p, "it is in a MULTI: what it has queued is lost");
}

static bool add_step(struct plan *p, const struct answers *in, const char *site, struct span line,
                     struct err *err)
{
    const char *id = answers_get(in, "id"), *address = answers_get(in, "address");
    struct span at = part(line, "addr");
    if (address[0] && !span_is(at, address))
        return err_set(err, ERR_CONFLICT,
                       "client %s of %s comes from %.*s, not from %s: it is another by now", id,
                       site, SPAN_ARG(at), address);
    struct span name = part(line, "name"), user = part(line, "user");
    struct step *s =
        plan_step(p, '-',
                  plan_text(p, "End client %s of %s: %.*s%s%.*s, user %.*s, last command %.*s", id,
                            site, SPAN_ARG(at), name.len ? " " : "", SPAN_ARG(name), SPAN_ARG(user),
                            SPAN_ARG(part(line, "cmd"))));
    s->deed = redis_deed(p, site, plan_text(p, "\"CLIENT\",\"KILL\",\"ID\",\"%s\"", id));
    s->look = redis_deed(p, site, "\"CLIENT\",\"LIST\"");
    s->await = look;
    s->await_s = 15;
    s->former = plan_text(p, "%s", id);
    s->undo_title = "none: most clients connect again by themselves";
    warn(p, part(line, "flags"));
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *site = redis_site(t, p, answers_get(in, "redis"), err);
    const char *id = answers_get(in, "id");
    struct json_doc *doc = NULL;
    int64_t number;
    if (!number_parse(span_from(id), 0, INT64_MAX, &number))
        return err_set(err, ERR_CONFIG, "--id `%.40s`: a client has a number", id);
    if (!site || !redis_read(t, p, site, "\"CLIENT\",\"LIST\"", &doc, err))
        return false;
    struct span line = line_of(redis_reply_of(doc), id);
    bool ok = true;
    if (line.len)
        ok = add_step(p, in, site, line, err);
    else if (in->again)
        (void)plan_step(p, '=', plan_text(p, "End client %s of %s", id, site));
    else
        ok = err_set(err, ERR_NOTFOUND, "%s has no client %s any more", site, id);
    json_doc_free(doc);
    return ok;
}

const struct action action_redis_client = {
    .name = "redis-kill-client",
    .title = "End a Redis client's connection",
    .help = "disconnect one client of a Redis server",
    .risk = RISK_CHANGE,
    .kind = "redis-client",
    .fields = fields,
    .plan = plan,
};
