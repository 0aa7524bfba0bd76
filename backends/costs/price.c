/* The price table, and what things come to by it. */
#include <config.h>

#include "backends/costs/costs.h"
#include "base/number.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define GIB (1024.0 * 1024 * 1024)

/* Figures of 2026-02: what a platform of six spot nodes with 130 GiB of Cinder volumes was seen to
 * cost a month; Amazon's list prices. */
static const char *const node[] = {
    "low=25", "high=50", "per=each",
    "source=default: 150-300 USD a month for six spot nodes, whose prices vary", NULL};
static const char *const volume[] = {"low=0.154", "high=0.385", "per=GiB",
                                     "source=default: 20-50 USD a month for 130 GiB of volumes",
                                     NULL};
static const char *const bucket[] = {
    "low=0.023", "high=0.05", "per=GiB",
    "source=default: S3 Standard, 0.023-0.025 USD a GB, and requests", NULL};
static const char *const zone[] = {"low=0.5", "high=1", "per=each",
                                   "source=default: Route 53, 0.50 USD a hosted zone, and queries",
                                   NULL};

/* Of Rackspace Spot the classes of servers and volumes: what another provider asks for its own is not
 * known until the configuration says so. */
static const struct declared defaults[] = {
    {"node/general1-*", node},
    {"node/compute1-*", node},
    {"node/memory1-*", node},
    {"node/io1-*", node},
    {"node/??.vs1.*", node},
    {"volume/sata*", volume},
    {"volume/ssd*", volume},
    {"volume/general-hdd", volume},
    {"bucket/*", bucket},
    {"zone/*", zone},
    {NULL, NULL},
};

static const struct setting entry[] = {
    {"low", NULL, "What one costs a month at least.", SETTING_NUMBER},
    {"high", NULL, "And at most; else the same.", SETTING_NUMBER},
    {"per", "each", "each, or GiB.", SETTING_TEXT},
    {"currency", "USD", "In which currency.", SETTING_TEXT},
    {"source", "configuration", "Where the figures are from.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

const struct declares costs_declares = {
    .key = "prices",
    .help =
        "What things cost a month: node/TYPE, volume/STORAGE-CLASS, bucket/NAME and zone/NAME; * "
        "stands for any part of these.",
    .entry = entry,
    .defaults = defaults,
};

/* The name itself before patterns, of these the longest. */
static const struct declared *price_of(const struct declared *prices, const struct component *c)
{
    char name[512];
    const struct declared *best = NULL;
    (void)snprintf(name, sizeof(name), "%s/%s", c->sort, c->name);
    for (const struct declared *e = prices; e->name; e++) {
        if (strcmp(e->name, name) == 0)
            return e;
        if (fnmatch(e->name, name, 0) == 0 && (!best || strlen(e->name) > strlen(best->name)))
            best = e;
    }
    return best;
}

static const char *text_of(const struct declared *e, const char *name, const char *fallback)
{
    const char *text = declared_setting(e, name);
    return text && *text ? text : fallback;
}

static int64_t thousandths(double amount)
{
    double all = amount * 1000;
    return all >= (double)COST_MAX ? COST_MAX : llround(all);
}

struct estimate cost_estimate(const struct declared *prices, const struct component *c)
{
    struct estimate out = {.currency = "", .source = ""};
    const struct declared *e = price_of(prices, c);
    const char *low_text = e ? declared_setting(e, "low") : NULL;
    const char *high_text = e ? text_of(e, "high", low_text) : NULL;
    const char *per = e ? text_of(e, "per", "each") : "";
    double low = 0, high = 0, count = (double)c->count;
    bool by_size = strcmp(per, "GiB") == 0;
    if (!low_text || !number_parse_real(span_from(low_text), &low) ||
        !number_parse_real(span_from(high_text), &high) || high < low) {
        (void)snprintf(out.how, sizeof(out.how),
                       e && low_text ? "the price %.80s is higher at least than at most"
                                     : "no price is known of %.80s",
                       e && low_text ? e->name : c->name);
        return out;
    }
    out.source = text_of(e, "source", "configuration");
    if (!by_size && strcmp(per, "each") != 0) {
        (void)snprintf(out.how, sizeof(out.how), "per wants each or GiB, not %.40s", per);
        return out;
    }
    if (by_size && c->bytes < 0) {
        (void)snprintf(out.how, sizeof(out.how), "its size is not known");
        return out;
    }
    out.known = true;
    out.currency = text_of(e, "currency", "USD");
    if (by_size)
        count = (double)c->bytes / GIB;
    out.low = thousandths(count * low);
    out.high = thousandths(count * high);
    (void)snprintf(out.how, sizeof(out.how), "%.4g%s x %s%s%.20s %.8s", count,
                   by_size ? " GiB" : "", low_text, strcmp(low_text, high_text) != 0 ? "-" : "",
                   strcmp(low_text, high_text) != 0 ? high_text : "", out.currency);
    return out;
}
