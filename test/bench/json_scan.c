/* How fast a list of pods is cut and read: json_scan FILE.http [ROUNDS]. CPU
 * time, best and median of the rounds. */
#include <config.h>

#include "base/file.h"
#include "net/json_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_MAX   ((size_t)1 << 30)
#define ROUNDS     21
#define ROUNDS_MAX 1001

struct sums {
    uint64_t items, bytes;
};

static void read_fields(struct json_iter *outer, struct sums *sums)
{
    struct json_value key, value;
    struct json_iter it;

    for (json_iter_enter(&it, outer); json_next(&it, &key, &value);)
        if (json_is(key, "name") || json_is(key, "namespace") || json_is(key, "phase") ||
            json_is(key, "nodeName") || json_is(key, "creationTimestamp") || json_is(key, "uid"))
            sums->bytes += value.text.len;
}

static bool on_item(void *context, struct json_value item)
{
    struct json_value key, value;
    struct sums *sums = context;
    struct json_iter it;

    sums->items++;
    for (json_iter_init(&it, item); json_next(&it, &key, &value);)
        if (json_is(key, "metadata") || json_is(key, "spec") || json_is(key, "status"))
            read_fields(&it, sums);
    return true;
}

/* CPU seconds of one reading in pieces of 16 KiB, as curl gives them. */
static double one_round(struct span body, bool fields, struct sums *sums)
{
    struct json_list list;
    struct timespec from, to;
    struct err err;
    bool ok = true;

    json_list_init(&list, "bench");
    list.on_item = fields ? on_item : NULL;
    list.context = sums;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (size_t at = 0; at < body.len && ok; at += 16384)
        ok = json_list_feed(&list, span_sub(body, at, 16384), &err);
    ok = ok && json_list_end(&list, &err);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    json_list_clear(&list);
    if (!ok) {
        (void)fprintf(stderr, "json_scan: %s\n", err.msg);
        exit(1);
    }
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct span body, bool fields, int rounds)
{
    static double seconds[ROUNDS_MAX];
    struct sums sums = {0, 0};
    const double mb = (double)body.len / 1e6;

    for (int i = 0; i < rounds; i++)
        seconds[i] = one_round(body, fields, &sums);
    qsort(seconds, (size_t)rounds, sizeof *seconds, by_size);
    printf("%-18s %7.2f MB  median %6.0f MB/s  best %6.0f MB/s  (%.2f ms CPU per MB)\n",
           fields ? "cut, six fields" : "cut only", mb, mb / seconds[rounds / 2], mb / seconds[0],
           1000 * seconds[rounds / 2] / mb);
}

int main(int argc, char **argv)
{
    struct strbuf file = STRBUF_INIT(FILE_MAX);
    struct span body;
    struct err err;
    const int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : ROUNDS;

    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "usage: json_scan FILE [ROUNDS]\n");
        return 2;
    }
    if (!file_read(argv[1], &file, &err)) {
        (void)fprintf(stderr, "json_scan: %s\n", err.msg);
        return 1;
    }
    body = strbuf_span(&file);
    if (span_search(body, SPAN("\n--------\n"), false) < body.len) { /* a recorded answer */
        const size_t head = span_search(body, SPAN("\n--------\n"), false);
        body = span_sub(body, head, body.len);
        body = span_sub(body, span_search(body, SPAN("\n{"), false), body.len);
    }
    measure(body, false, rounds);
    measure(body, true, rounds);
    strbuf_clear(&file);
    return 0;
}
