/* S3: a bucket's objects, listed as ListObjectsV2 does [Amazon S3 API reference]. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "harbor/aws_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES    INT64_C(10485760) /* xbcloud's [percona pxb-docs xbcloud-binary-overview] */
#define BINLOG_MS      INT64_C(300000)
#define BINLOG_BYTES   1258291
#define BINLOGS        12 /* that lie so close */
#define HOUR           INT64_C(12)
#define BINLOGS_FROM   INT64_C(1769320800000) /* an hour before the oldest backup */
#define BINLOGS_MOST   INT64_C(1000)          /* hours */
#define BODY_MAX_BYTES ((size_t)1 << 20)

/* ---- Objects. */

static void add(struct aws *a, const char *key, int64_t bytes, const char *modified)
{
    a->objects = xalloc_resize(a->objects, a->count + 1, sizeof(*a->objects));
    a->objects[a->count++] = (struct s3_object){xalloc_text(key), xalloc_text(modified), bytes};
}

/* "NAME-full/" is all its chunks. */
static void add_chunks(struct aws *a, const char *folder, int64_t bytes, int64_t count,
                       const char *modified)
{
    char key[300];
    for (int64_t i = 0; i < count; i++, bytes -= CHUNK_BYTES) {
        (void)snprintf(key, sizeof(key), "%.200smysql.ibd.%020lld", folder, (long long)i);
        add(a, key, i + 1 < count && bytes > CHUNK_BYTES ? CHUNK_BYTES : bytes, modified);
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct s3_object *)a)->key, ((const struct s3_object *)b)->key);
}

static const char *text_of(const cJSON *json, const char *member)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, member));
    return text ? text : "";
}

static int64_t number_of(const cJSON *json, const char *member)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(json, member);
    return n ? (int64_t)n->valuedouble : 0;
}

static void object_free(struct s3_object *o)
{
    free(o->key);
    free(o->modified);
}

void bucket_clear(struct aws *a)
{
    for (size_t i = 0; i < a->count; i++)
        object_free(&a->objects[i]);
    free(a->objects);
    free(a->bucket);
    a->objects = NULL;
    a->bucket = NULL;
    a->count = 0;
}

void bucket_load(struct aws *a)
{
    const cJSON *json = a->listing, *one;
    bucket_clear(a);
    a->bucket = xalloc_text(text_of(json, "Name"));
    (void)snprintf(a->region, sizeof(a->region), "%s", text_of(json, "Region"));
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(json, "Contents"))
    {
        int64_t count = number_of(one, "Objects");
        if (count)
            add_chunks(a, text_of(one, "Key"), number_of(one, "Size"), count,
                       text_of(one, "LastModified"));
        else
            add(a, text_of(one, "Key"), number_of(one, "Size"), text_of(one, "LastModified"));
    }
    qsort(a->objects, a->count, sizeof(*a->objects), compare);
}

/* ---- Answers. */

static void refuse(int status, const char *code, const char *message, const char *region,
                   struct strbuf *out)
{
    struct strbuf body = STRBUF_INIT(4096);
    char more[100] = "";
    strbuf_addf(&body,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s"
                "</Message>",
                code, message);
    if (region) {
        strbuf_addf(&body, "<Region>%s</Region>", region);
        (void)snprintf(more, sizeof(more), "x-amz-bucket-region: %s\r\n", region);
    }
    strbuf_adds(&body, "<RequestId>TX234S0F24A06C00</RequestId><HostId>example=</HostId></Error>");
    aws_send(status, more, strbuf_span(&body), out);
    strbuf_clear(&body);
}

/* A parameter of the query, without its escapes. */
static void parameter(struct span query, const char *name, struct strbuf *out)
{
    struct span one;
    size_t len = strlen(name);
    while (query.len && span_split(&query, '&', &one)) {
        if (!span_starts(one, name) || one.len <= len || one.data[len] != '=')
            continue;
        for (size_t i = len + 1; i < one.len; i++) {
            char hex[3] = {i + 2 < one.len ? one.data[i + 1] : '\0',
                           i + 2 < one.len ? one.data[i + 2] : '\0', '\0'};
            bool escaped = one.data[i] == '%' && hex[0];
            strbuf_addc(out, escaped ? (char)strtol(hex, NULL, 16) : one.data[i]);
            i += escaped ? 2 : 0;
        }
    }
}

struct listing {
    struct span prefix, after;
    bool shallow;
    struct strbuf contents, folders;
    struct strbuf last; /* folder */
    unsigned count;
};

/* As encoding-type=url writes it [transcripts/aws s3-list-v2-encoding-url]. */
static void add_key(struct span key, struct strbuf *out)
{
    for (size_t i = 0; i < key.len; i++)
        if (key.data[i] == ':')
            strbuf_adds(out, "%3A");
        else
            strbuf_addc(out, key.data[i]);
}

static void list(struct listing *l, struct span key, int64_t bytes, const char *modified)
{
    struct span rest = span_sub(key, l->prefix.len, key.len);
    size_t slash = span_find(rest, '/', 0);
    struct span folder = span_sub(key, 0, l->prefix.len + slash + 1);
    if (!span_eq(span_sub(key, 0, l->prefix.len), l->prefix) || span_compare(key, l->after) <= 0)
        return;
    if (!l->shallow || slash == rest.len) {
        strbuf_adds(&l->contents, "<Contents><Key>");
        add_key(key, &l->contents);
        strbuf_addf(&l->contents,
                    "</Key><LastModified>%.19s.000Z</LastModified><ETag>\"1f1f0d8f3e6ea29329cba74e"
                    "b21d6d57\"</ETag><Size>%lld</Size><StorageClass>STANDARD</StorageClass>"
                    "</Contents>",
                    modified, (long long)bytes);
        l->count++;
    } else if (!span_eq(folder, strbuf_span(&l->last))) {
        strbuf_truncate(&l->last, 0);
        strbuf_add(&l->last, folder);
        strbuf_adds(&l->folders, "<CommonPrefixes><Prefix>");
        add_key(folder, &l->folders);
        strbuf_adds(&l->folders, "</Prefix></CommonPrefixes>");
        l->count++;
    }
}

/* A binary log with its set of GTIDs. */
static void list_binlog(struct listing *l, int64_t n)
{
    char key[120], modified[TIMETEXT_MAX];
    int len = snprintf(key, sizeof(key), "binlog_%lld_%06lld_%016llx%016llx",
                       (long long)(n * BINLOG_MS / 1000), (long long)(n % 1000000),
                       (unsigned long long)n * 0x9e3779b97f4a7c15ULL,
                       (unsigned long long)n * 0xc2b2ae3d27d4eb4fULL);
    time_format(n * BINLOG_MS, modified);
    list(l, span_make(key, (size_t)len), BINLOG_BYTES, modified);
    (void)snprintf(key + len, sizeof(key) - (size_t)len, "-gtid-set");
    list(l, span_from(key), 54, modified);
}

/* Those of the last hour one every five minutes, older ones at full hours; but for those that were
 * deleted. */
static void list_binlogs(struct listing *l, const struct aws *a, int64_t now_ms)
{
    const int64_t last = ((a->idle || a->cut) && now_ms > a->idle_ms ? a->idle_ms : now_ms) /
                         BINLOG_MS,
                  dense = last - BINLOGS + 1,
                  oldest = (a->purged ? a->purged_ms : BINLOGS_FROM) / BINLOG_MS;
    int64_t n = oldest > last - BINLOGS_MOST * HOUR ? oldest : last - BINLOGS_MOST * HOUR;
    for (n = (n + HOUR - 1) / HOUR * HOUR; n < dense; n += HOUR)
        list_binlog(l, n);
    for (n = dense > oldest ? dense : oldest; n <= last; n++)
        list_binlog(l, n);
}

static void send_list(const struct aws *a, struct span query, int64_t now_ms, struct strbuf *out)
{
    struct strbuf prefix = STRBUF_INIT(4096), after = STRBUF_INIT(4096),
                  delimiter = STRBUF_INIT(64), body = STRBUF_INIT(BODY_MAX_BYTES);
    parameter(query, "prefix", &prefix);
    parameter(query, "start-after", &after);
    parameter(query, "delimiter", &delimiter);
    struct listing l = {.prefix = strbuf_span(&prefix),
                        .after = strbuf_span(&after),
                        .shallow = delimiter.len > 0,
                        .contents = STRBUF_INIT(BODY_MAX_BYTES),
                        .folders = STRBUF_INIT(BODY_MAX_BYTES),
                        .last = STRBUF_INIT(4096)};
    list_binlogs(&l, a, now_ms);
    for (size_t i = 0; i < a->count; i++)
        list(&l, span_from(a->objects[i].key), a->objects[i].bytes, a->objects[i].modified);
    strbuf_addf(&body,
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ListBucketResult "
                "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>false</IsTruncated>"
                "%s<Name>%s</Name><Prefix>",
                strbuf_cstr(&l.contents), a->bucket);
    add_key(l.prefix, &body);
    strbuf_addf(&body,
                "</Prefix><MaxKeys>1000</MaxKeys>%s<EncodingType>url</EncodingType>"
                "<KeyCount>%u</KeyCount></ListBucketResult>",
                strbuf_cstr(&l.folders), l.count);
    aws_send(200, "", strbuf_span(&body), out);
    strbuf_clear(&l.contents);
    strbuf_clear(&l.folders);
    strbuf_clear(&l.last);
    strbuf_clear(&body);
    strbuf_clear(&prefix);
    strbuf_clear(&after);
    strbuf_clear(&delimiter);
}

void bucket_answer(const struct aws *a, struct span host, struct span head, struct span query,
                   int64_t now_ms, struct strbuf *out)
{
    char here[300];
    (void)snprintf(here, sizeof(here), "%s.s3.%s.amazonaws.com", a->bucket, a->region);
    if (!span_starts(host, a->bucket))
        refuse(404, "NoSuchBucket", "The specified bucket does not exist", NULL, out);
    else if (!aws_is_signed(head, true))
        refuse(403, "AccessDenied", "Access Denied", NULL, out);
    else if (!span_is(host, here))
        refuse(301, "PermanentRedirect",
               "The bucket you are attempting to access must be addressed using the specified "
               "endpoint. Please send all future requests to this endpoint.",
               a->region, out);
    else if (!aws_is_scoped(head, a->region, "s3"))
        refuse(400, "AuthorizationHeaderMalformed",
               "The authorization header is malformed; the region is wrong", a->region, out);
    else if (a->denied)
        refuse(403, "AccessDenied", "Access Denied", NULL, out);
    else
        send_list(a, query, now_ms, out);
}

/* ---- Changes. */

static void set_object(struct aws *a, struct span prefix, struct span words)
{
    size_t kept = 0;
    int64_t bytes = 0;
    bool gone = span_is(words, "-") || !number_parse(words, 0, INT64_MAX, &bytes), first = !gone;
    for (size_t i = 0; i < a->count; i++) {
        struct s3_object *o = &a->objects[i];
        bool meant = span_eq(span_sub(span_from(o->key), 0, prefix.len), prefix);
        if (meant && !first) {
            object_free(o);
            continue;
        }
        if (meant)
            o->bytes = bytes;
        first = first && !meant;
        a->objects[kept++] = *o;
    }
    a->count = kept;
}

/* NAME-full as a backup leaves it: chunks, checksums, what it began at. */
static void add_backup(struct aws *a, struct span name, int64_t bytes, int64_t now_ms)
{
    char key[400], at[TIMETEXT_MAX];
    time_format(now_ms / 1000 * 1000, at);
    (void)snprintf(key, sizeof(key), "%.*s.md5", SPAN_ARG(name));
    add(a, key, 15762, at);
    (void)snprintf(key, sizeof(key), "%.*s.sst_info/sst_info.00000000000000000000", SPAN_ARG(name));
    add(a, key, 184, at);
    (void)snprintf(key, sizeof(key), "%.*s/", SPAN_ARG(name));
    add_chunks(a, key, bytes, (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES, at);
    qsort(a->objects, a->count, sizeof(*a->objects), compare);
}

bool bucket_set(struct aws *a, struct span what, struct span words, int64_t now_ms)
{
    struct span first = {"", 0};
    if (span_is(what, "bucket") && span_split(&words, ' ', &first)) {
        a->denied = span_is(first, "denied");
        a->idle = span_is(first, "idle");
        a->cut = span_is(first, "cut");
        a->purged = span_is(first, "purged");
        a->idle_ms = now_ms;
        a->purged_ms = now_ms - BINLOGS * BINLOG_MS;
        if (span_is(first, "well"))
            bucket_load(a);
        if (span_is(first, "in"))
            (void)snprintf(a->region, sizeof(a->region), "%.*s", SPAN_ARG(words));
        return true;
    }
    if (span_is(what, "backup") && span_split(&words, ' ', &first)) {
        int64_t bytes;
        if (number_parse(words, 1, INT64_MAX, &bytes))
            add_backup(a, first, bytes, now_ms);
        return true;
    }
    if (!span_is(what, "object") || !span_split(&words, ' ', &first))
        return false;
    set_object(a, first, words);
    return true;
}

bool aws_idle(const struct aws *a)
{
    return a && a->idle;
}
