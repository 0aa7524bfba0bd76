/* Which images run: from the rows of pods. Of many pods few differ in what they run, so each list of
 * images is read once. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/images/images.h"
#include "base/alloc.h"
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET        "binnacle-registry" /* whose dockerconfigjson is for us; the first there is */
#define KEY           ".dockerconfigjson"
#define TARGETS_BYTES ((size_t)1 << 20)
#define LIST_BYTES    ((size_t)64 << 10)
#define IDS_BYTES     ((size_t)8 << 10)
#define RECIPE_BYTES  1024

/* An image, the ids that it runs as, and in how many pods. */
struct run {
    char *image;
    struct strbuf ids; /* joined by commas */
    size_t pods;
};

/* Pods of one replica set run the same: what a pod runs, and how many such there are. */
struct alike {
    struct span images, ids; /* borrowed from the store */
    size_t pods;
};

struct runs {
    struct map *by_name;  /* owned; of struct run */
    struct map *alike;    /* owned; of struct alike */
    struct alike **sorts; /* owned, with what is in it */
    size_t nsorts;
    struct run **all; /* owned */
    size_t count;
};

/* NULL: none that could be asked for. */
static struct run *find_or_add(struct runs *r, struct span image)
{
    struct image_ref ref;
    struct run *run = map_get(r->by_name, image);
    if (run || !image_ref_parse(image, &ref))
        return run;
    run = xalloc_zero(1, sizeof(*run));
    run->image = xalloc_bytes(image.data, image.len);
    run->ids = (struct strbuf)STRBUF_INIT(IDS_BYTES);
    (void)map_set(r->by_name, image, run);
    r->all = xalloc_resize(r->all, r->count + 1, sizeof(struct run *));
    r->all[r->count++] = run;
    return run;
}

static void add_id(struct run *run, struct span id)
{
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.data[i] <= ' ' || id.data[i] == ',')
            return; /* what would break the line is none */
    if (!id.len || span_is(id, "-") || span_lists(strbuf_span(&run->ids), ',', id) ||
        run->ids.len + id.len >= IDS_BYTES)
        return;
    if (run->ids.len)
        strbuf_addc(&run->ids, ',');
    strbuf_add(&run->ids, id);
}

static bool is_over(const struct store *st, struct handle pod)
{
    struct span phase = discovery_text(st, pod, "phase");
    return span_is(phase, "Succeeded") || span_is(phase, "Failed");
}

static void count_pod(const struct store *st, struct handle pod, struct runs *r)
{
    struct span images = discovery_text(st, pod, "images"),
                ids = discovery_text(st, pod, "image-ids");
    struct strbuf both = STRBUF_INIT(LIST_BYTES);
    if (is_over(st, pod))
        return;
    strbuf_add(&both, images);
    strbuf_addc(&both, '\n');
    strbuf_add(&both, ids);
    struct alike *a = both.failed ? NULL : map_get(r->alike, strbuf_span(&both));
    if (!a && !both.failed) {
        a = xalloc_zero(1, sizeof(*a));
        a->images = images;
        a->ids = ids;
        (void)map_set(r->alike, strbuf_span(&both), a);
        r->sorts = xalloc_resize(r->sorts, r->nsorts + 1, sizeof(struct alike *));
        r->sorts[r->nsorts++] = a;
    }
    if (a)
        a->pods++;
    strbuf_clear(&both);
}

static bool named_before(struct span all, struct span image)
{
    return span_lists(span_sub(all, 0, (size_t)(image.data - all.data)), LIST_SEPARATOR, image);
}

static void read_alike(struct runs *r, const struct alike *a)
{
    struct span images = a->images, ids = a->ids, image, id;
    while (images.len && span_split(&images, LIST_SEPARATOR, &image)) {
        struct run *run = find_or_add(r, image);
        id = SPAN("");
        if (ids.len)
            (void)span_split(&ids, LIST_SEPARATOR, &id);
        if (!run)
            continue;
        run->pods += named_before(a->images, image) ? 0 : a->pods;
        add_id(run, id);
    }
}

/* In one order whatever comes and goes: lines that say the same are the same. */
static int compare_alike(const void *a, const void *b)
{
    const struct alike *x = *(const struct alike *const *)a, *y = *(const struct alike *const *)b;
    int by = span_compare(x->images, y->images);
    return by ? by : span_compare(x->ids, y->ids);
}

static void read_pods(const struct store *st, struct runs *r)
{
    int kind = store_kind_find(st, SPAN("pod"));
    struct handle pod;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &pod))
        count_pod(st, pod, r);
    if (r->nsorts)
        qsort(r->sorts, r->nsorts, sizeof(struct alike *), compare_alike);
    for (size_t i = 0; i < r->nsorts; i++)
        read_alike(r, r->sorts[i]);
}

static int compare(const void *a, const void *b)
{
    return strcmp((*(const struct run *const *)a)->image, (*(const struct run *const *)b)->image);
}

static void runs_free(struct runs *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->all[i]->image);
        strbuf_clear(&r->all[i]->ids);
        free(r->all[i]);
    }
    free(r->all);
    map_free(r->by_name, NULL);
    for (size_t i = 0; i < r->nsorts; i++)
        free(r->sorts[i]);
    free(r->sorts);
    map_free(r->alike, NULL);
}

/* What is sent where is ours to know: its logins go to the hosts that are listed, and to none that a
 * Secret names. */
static bool find_login(const struct store *st, char *out, size_t size)
{
    int kind = store_kind_find(st, SPAN("secret"));
    struct span first = {"", 0};
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct span ns = discovery_text(st, row, "namespace");
        if (span_is(discovery_text(st, row, "name"), SECRET) &&
            (!first.len || span_compare(ns, first) < 0))
            first = ns;
    }
    (void)snprintf(out, size, "credential=secret:%.*s/" SECRET "/" KEY, SPAN_ARG(first));
    return first.len > 0;
}

void images_discover(const struct store *st, struct discovery *d)
{
    struct runs r = {.by_name = map_new(), .alike = map_new()};
    struct strbuf targets = STRBUF_INIT(TARGETS_BYTES);
    char login[RECIPE_BYTES];
    read_pods(st, &r);
    if (r.count)
        qsort(r.all, r.count, sizeof(struct run *), compare);
    for (size_t i = 0; i < r.count && targets.len < TARGETS_BYTES - 2 * IDS_BYTES; i++)
        strbuf_addf(&targets, "%s\t%s\t%zu\n", r.all[i]->image, strbuf_cstr(&r.all[i]->ids),
                    r.all[i]->pods);
    const char *const settings[] = {find_login(st, login, sizeof(login)) ? login : NULL, NULL};
    const struct found f = {
        .name = "images", .settings = settings, .targets = strbuf_cstr(&targets)};
    if (r.count)
        discovery_add(d, &f);
    strbuf_clear(&targets);
    runs_free(&r);
}
