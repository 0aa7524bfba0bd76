/* The certificate that a node serves: how long it holds, and whether it is the one that cert-manager has
 * issued by now. Only rows are compared: no Secret is read. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/mysql/node_kind.h"
#include "backends/verdict.h"
#include "base/timetext.h"
#include "model/store.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

/* As of the certificates that are served outside. */
static struct verdict judge_end(const struct store *st, struct handle row, int64_t now_ms)
{
    static const struct {
        int64_t days;
        enum level level;
    } ends[] = {{7, LEVEL_CRITICAL}, {14, LEVEL_WARNING}, {30, LEVEL_NOTICE}};

    int64_t end = store_num(st, row, NODE_CERT_ENDS, TIME_FOREVER);
    for (size_t i = 0; i < BN_COUNT(ends); i++)
        if (now_ms >= end - ends[i].days * DAY_MS)
            return verdict_at(ends[i].level, RULE_CERT_ENDS);
    return verdict_ok();
}

/* The Certificate of its cluster that ends last, when it serves none of them but one that ends sooner. */
static bool find_newer(const struct store *st, struct handle row, struct handle *newer)
{
    const int64_t served = store_num(st, row, NODE_CERT_ENDS, TIME_NONE);
    int64_t last = served;
    struct handle one;
    struct link link;
    size_t at = 0;
    while (served != TIME_NONE && store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_STORED || store_follow(st, row, &link, &one) != LINK_FOUND)
            continue;
        const int64_t end = discovery_num(st, one, "not-after", TIME_NONE);
        if (end == served)
            return false;
        if (end != TIME_NONE && end > last) {
            last = end;
            *newer = one;
        }
    }
    return last != served;
}

/* The operator restarts the nodes one after the other to have it served: that takes its time. */
static struct verdict judge_newer(const struct store *st, struct handle row, int64_t now_ms)
{
    struct handle newer;
    if (!find_newer(st, row, &newer))
        return verdict_ok();
    const int64_t from = discovery_num(st, newer, "not-before", TIME_NONE);
    if (from != TIME_NONE && now_ms < from + HOUR_MS)
        return verdict_until(LEVEL_PROGRESS, RULE_CERT_OLD, from + HOUR_MS);
    return verdict_at(LEVEL_WARNING, RULE_CERT_OLD);
}

struct verdict mysql_judge_certificate(const struct store *st, struct handle row, int64_t now_ms)
{
    const struct verdict ends = judge_end(st, row, now_ms), newer = judge_newer(st, row, now_ms);
    return newer.level >= ends.level ? newer : ends;
}

void mysql_say_certificate(const struct store *st, struct handle row, enum node_rule rule,
                           int64_t now_ms, struct strbuf *out)
{
    const int64_t left = store_num(st, row, NODE_CERT_ENDS, now_ms) - now_ms;
    struct handle newer;
    char text[TIMETEXT_MAX];
    duration_format_short(left > 0 ? left : -left, text);
    strbuf_addf(out,
                left > 0 ? "the certificate that it serves expires in %s"
                         : "the certificate that it serves has expired %s ago",
                text);
    if (rule != RULE_CERT_OLD || !find_newer(st, row, &newer))
        return;
    duration_format_short(discovery_num(st, newer, "not-after", TIME_NONE) - now_ms, text);
    strbuf_addf(out, "; that of Certificate %.*s, which holds for %s, is served after a restart",
                SPAN_ARG(store_key(st, newer)), text);
}
