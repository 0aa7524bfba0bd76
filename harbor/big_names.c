/* The objects of a big cluster: names from numbers, texts from shapes. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "harbor/big_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESTARTED_OF 20 /* one pod in so many has been restarted */
#define BROKEN_OF    500

static const struct {
    const char *file, *plural;
} sorts[BIG_SORTS] = {
    [BIG_NAMESPACE] = {"namespace.json", "namespaces"},
    [BIG_NODE] = {"node.json", "nodes"},
    [BIG_DEPLOYMENT] = {"deployment.json", "deployments"},
    [BIG_REPLICASET] = {"replicaset.json", "replicasets"},
    [BIG_POD] = {"pod.json", "pods"},
};

enum mark {
    MARK_NAME,
    MARK_NAMESPACE,
    MARK_UID,
    MARK_OWNER,
    MARK_VERSION,
    MARK_CREATED,
    MARK_APP,
    MARK_HASH,
    MARK_NODE,
    MARK_IP,
    MARK_HOST,
    MARK_HEX,
    MARK_RESTARTS,
    MARK_READY,
    MARK_CONDITION,
    MARK_STATE,
    MARK_REPLICAS
};

static const char *const marks[] = {
    [MARK_NAME] = "@name@",
    [MARK_NAMESPACE] = "@namespace@",
    [MARK_UID] = "@uid@",
    [MARK_OWNER] = "@ownerid@",
    [MARK_VERSION] = "@version@",
    [MARK_CREATED] = "@created@",
    [MARK_APP] = "@app@",
    [MARK_HASH] = "@hash@",
    [MARK_NODE] = "@node@",
    [MARK_IP] = "@ip@",
    [MARK_HOST] = "@hostip@",
    [MARK_HEX] = "@hex@",
    [MARK_RESTARTS] = "@restarts@",
    [MARK_READY] = "@ready@",
    [MARK_CONDITION] = "@condition@",
    [MARK_STATE] = "@state@",
    [MARK_REPLICAS] = "@replicas@",
};

/* ---- Shapes. */

/* The mark at the beginning of text; -1: none. */
static int mark_at(struct span text)
{
    for (size_t m = 0; m < BN_COUNT(marks); m++)
        if (span_starts(text, marks[m]))
            return (int)m;
    return -1;
}

static void cut_shape(struct big_kind *k)
{
    struct span all = span_trim(span_from(k->shape));
    size_t start = 0;
    k->pieces = xalloc_zero(all.len / 2 + 1, sizeof(*k->pieces));
    for (size_t i = 0; i < all.len; i++) {
        int mark = all.data[i] == '@' ? mark_at(span_sub(all, i, all.len)) : -1;
        if (mark < 0)
            continue;
        k->pieces[k->npieces++] = (struct piece){span_sub(all, start, i - start), mark};
        start = i + strlen(marks[mark]);
        i = start - 1;
    }
    k->pieces[k->npieces++] = (struct piece){span_sub(all, start, all.len), -1};
}

bool big_load(struct big *b, const char *folder, struct err *err)
{
    for (size_t i = 0; i < BIG_SORTS; i++) {
        struct strbuf path = STRBUF_INIT(8192), text = STRBUF_INIT(65536);
        strbuf_addf(&path, "%s/big/%s", folder, sorts[i].file);
        bool ok = file_read(strbuf_cstr(&path), &text, err);
        strbuf_clear(&path);
        if (!ok)
            return false;
        b->kinds[i].resource = resource_named(span_from(sorts[i].plural));
        b->kinds[i].shape = strbuf_take(&text);
        cut_shape(&b->kinds[i]);
    }
    return true;
}

void big_unload(struct big *b)
{
    for (size_t i = 0; i < BIG_SORTS; i++) {
        struct big_kind *k = &b->kinds[i];
        for (size_t n = 0; k->segments && n * SEGMENT < k->count; n++)
            free(k->segments[n].bytes);
        free(k->segments);
        free(k->pieces);
        free(k->shape);
    }
}

int big_sort_of(const struct big *b, const struct resource *r)
{
    for (int i = 0; b && i < BIG_SORTS; i++)
        if (b->kinds[i].resource == r)
            return i;
    return -1;
}

/* ---- Names. */

static uint64_t mixed(uint64_t n)
{
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
}

/* The letters that Kubernetes makes names of, in order. */
static const char letters[] = "2456789bcdfghjklmnpqrstvwxz";

static void random_word(uint64_t seed, size_t len, char *out)
{
    uint64_t n = mixed(seed + 0x9e3779b97f4a7c15u);
    for (size_t i = 0; i < len; i++, n /= sizeof(letters) - 1)
        out[i] = letters[n % (sizeof(letters) - 1)];
    out[len] = '\0';
}

size_t big_apps_in_namespace(const struct big *b)
{
    size_t apps = b->kinds[BIG_DEPLOYMENT].count, namespaces = b->kinds[BIG_NAMESPACE].count;
    return (apps + namespaces - 1) / namespaces;
}

static size_t app_of(enum big_sort sort, size_t i)
{
    return sort == BIG_POD ? i / PODS_PER_APP : i;
}

void big_name(const struct big *b, enum big_sort sort, size_t i, char ns[NAME_BYTES],
              char name[NAME_BYTES])
{
    char hash[16], suffix[8];
    size_t app = app_of(sort, i);
    ns[0] = '\0';
    if (sort == BIG_NAMESPACE) {
        (void)snprintf(name, NAME_BYTES, "team-%04zu", i);
        return;
    }
    if (sort == BIG_NODE) {
        (void)snprintf(name, NAME_BYTES, "prod-instance-%08zu", 17640000 + i);
        return;
    }
    (void)snprintf(ns, NAME_BYTES, "team-%04zu", app / big_apps_in_namespace(b));
    random_word(app, 9, hash);
    random_word(i + 77777, 4, suffix + 1);
    suffix[0] = letters[i % PODS_PER_APP * 2]; /* keeps the pods of an app in order */
    if (sort == BIG_DEPLOYMENT)
        (void)snprintf(name, NAME_BYTES, "app-%06zu", app);
    else if (sort == BIG_REPLICASET)
        (void)snprintf(name, NAME_BYTES, "app-%06zu-%s", app, hash);
    else
        (void)snprintf(name, NAME_BYTES, "app-%06zu-%s-%s", app, hash, suffix);
}

bool big_find(const struct big *b, enum big_sort sort, struct span ns, struct span name, size_t *i)
{
    size_t low = 0, high = b->kinds[sort].count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        char ns_there[NAME_BYTES], name_there[NAME_BYTES];
        big_name(b, sort, middle, ns_there, name_there);
        int order = span_compare(span_from(ns_there), ns);
        order = order ? order : span_compare(span_from(name_there), name);
        *i = middle;
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

void big_range(const struct big *b, enum big_sort sort, struct span ns, size_t *from, size_t *to)
{
    size_t each = big_apps_in_namespace(b) * (sort == BIG_POD ? PODS_PER_APP : 1);
    size_t count = b->kinds[sort].count;
    int64_t n;
    *from = 0;
    *to = count;
    if (!ns.len)
        return;
    bool ours = span_starts(ns, "team-") && number_parse(span_sub(ns, 5, ns.len), 0, 99999, &n);
    *from = ours && (size_t)n * each < count ? (size_t)n * each : count;
    *to = *from + each < count ? *from + each : count;
}

/* ---- Texts. */

static void put_uid(uint64_t seed, struct strbuf *out)
{
    uint64_t a = mixed(seed), c = mixed(a);
    strbuf_addf(out, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32),
                (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(c & 0xfff),
                (unsigned long long)(c >> 16));
}

static void put_address(int first, size_t n, struct strbuf *out)
{
    strbuf_addf(out, "%d.%zu.%zu.%zu", first, n >> 16 & 0xff, n >> 8 & 0xff, n & 0xff);
}

static void put_state(bool broken, struct strbuf *out)
{
    if (broken)
        strbuf_adds(out,
                    "{\"waiting\":{\"reason\":\"CrashLoopBackOff\",\"message\":\"back-off 5m0s "
                    "restarting failed container\"}}");
    else
        strbuf_adds(out, "{\"running\":{\"startedAt\":\"2026-01-25T09:00:09Z\"}}");
}

static unsigned restarts_of(const struct big *b, size_t i)
{
    return b->restarts[i] + (mixed(i) % RESTARTED_OF ? 0 : (unsigned)(mixed(i) >> 32) % 9 + 1);
}

static void put_pod_mark(const struct big *b, enum mark mark, size_t i, struct strbuf *out)
{
    size_t node = mixed(i * 3 + 1) % b->kinds[BIG_NODE].count;
    bool broken = mixed(i * 7 + 3) % BROKEN_OF == 0;
    char none[NAME_BYTES], name[NAME_BYTES];
    if (mark == MARK_NODE) {
        big_name(b, BIG_NODE, node, none, name);
        strbuf_adds(out, name);
    } else if (mark == MARK_IP) {
        put_address(10, i + 256, out);
    } else if (mark == MARK_HOST) {
        put_address(172, node + 256, out);
    } else if (mark == MARK_HEX) {
        for (uint64_t n = 0; n < 4; n++)
            strbuf_addf(out, "%016llx", (unsigned long long)mixed(i * 4 + n));
    } else if (mark == MARK_RESTARTS) {
        strbuf_addf(out, "%u", restarts_of(b, i));
    } else if (mark == MARK_READY) {
        strbuf_adds(out, broken ? "false" : "true");
    } else if (mark == MARK_CONDITION) {
        strbuf_adds(out, broken ? "False" : "True");
    } else {
        put_state(broken, out);
    }
}

static void put_mark(const struct big *b, enum mark mark, enum big_sort sort, size_t i,
                     struct strbuf *out)
{
    char ns[NAME_BYTES], name[NAME_BYTES];
    size_t app = app_of(sort, i), day = mixed(i) % 28 + 1;
    uint64_t version = sort == BIG_POD ? b->versions[i] : 0;
    if (mark == MARK_NAME || mark == MARK_NAMESPACE) {
        big_name(b, sort, i, ns, name);
        strbuf_adds(out, mark == MARK_NAME ? name : ns);
    } else if (mark == MARK_UID) {
        put_uid((uint64_t)sort << 40 | i, out);
    } else if (mark == MARK_OWNER) {
        put_uid((uint64_t)(sort == BIG_POD ? BIG_REPLICASET : BIG_DEPLOYMENT) << 40 | app, out);
    } else if (mark == MARK_VERSION) {
        strbuf_addf(out, "%llu", (unsigned long long)(version ? version : FIRST_VERSION));
    } else if (mark == MARK_CREATED) {
        strbuf_addf(out, "2026-01-%02zuT%02zu:00:00Z", day, i % 24);
    } else if (mark == MARK_APP) {
        strbuf_addf(out, "app-%06zu", app);
    } else if (mark == MARK_HASH) {
        random_word(app, 9, name);
        strbuf_adds(out, name);
    } else if (mark == MARK_REPLICAS) {
        strbuf_addf(out, "%d", PODS_PER_APP);
    } else if (sort == BIG_NODE && mark == MARK_HOST) {
        put_address(172, i + 256, out);
    } else {
        put_pod_mark(b, mark, i, out);
    }
}

void big_print(const struct big *b, enum big_sort sort, size_t i, struct strbuf *out)
{
    const struct big_kind *k = &b->kinds[sort];
    for (size_t n = 0; n < k->npieces; n++) {
        strbuf_add(out, k->pieces[n].text);
        if (k->pieces[n].mark >= 0)
            put_mark(b, (enum mark)k->pieces[n].mark, sort, i, out);
    }
}
