/* What a sentinel says of a master, read and compared with what others say. */
#include <config.h>

#include "backends/redis/sentinel.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

struct span sentinel_field(const struct redis_reply *reply, const char *name)
{
    for (size_t i = 0; reply->type == REDIS_LIST && i + 1 < reply->count; i += 2)
        if (span_is(reply->items[i]->text, name))
            return reply->items[i + 1]->text;
    return SPAN("");
}

static int64_t number(const struct redis_reply *reply, const char *name)
{
    int64_t n;
    return number_parse(sentinel_field(reply, name), 0, INT64_MAX / 2, &n) ? n : -1;
}

bool sentinel_read(const struct redis_reply *reply, struct sentinel_view *out)
{
    const struct span name = sentinel_field(reply, "name"), ip = sentinel_field(reply, "ip"),
                      port = sentinel_field(reply, "port");
    const int64_t others = number(reply, "num-other-sentinels");
    if (!name.len || !ip.len || !port.len)
        return false;
    *out = (struct sentinel_view){.quorum = number(reply, "quorum"),
                                  .sentinels = others < 0 ? -1 : others + 1,
                                  .replicas = number(reply, "num-slaves"),
                                  .epoch = number(reply, "config-epoch"),
                                  .down_ms = number(reply, "s-down-time")};
    (void)snprintf(out->master, sizeof(out->master), "%.*s", SPAN_ARG(name));
    (void)snprintf(out->address, sizeof(out->address), "%.*s:%.*s", SPAN_ARG(ip), SPAN_ARG(port));
    (void)snprintf(out->flags, sizeof(out->flags), "%.*s",
                   SPAN_ARG(sentinel_field(reply, "flags")));
    return true;
}

static bool is_of(const struct sentinel_view *v, const struct sentinel_view *other, bool same)
{
    return strcmp(v->master, other->master) == 0 &&
           (strcmp(v->address, other->address) == 0) == same;
}

/* How many say what this one says. */
static size_t voices(const struct sentinel_view *views, size_t count, const struct sentinel_view *v)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += is_of(v, &views[i], true);
    return n;
}

/* One that says what no fewer say is told of the others too: of two that say two things nobody knows
 * who is right. */
void sentinel_compare(struct sentinel_view *views, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sentinel_view *v = &views[i];
        size_t most = 0, own = voices(views, count, v);
        for (size_t k = 0; k < count; k++) {
            size_t n = is_of(v, &views[k], false) ? voices(views, count, &views[k]) : 0;
            if (n <= most || n < own)
                continue;
            most = n;
            memcpy(v->others, views[k].address, sizeof(v->others));
        }
    }
}
