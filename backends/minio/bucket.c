/* Buckets of a MinIO: how much lies in them. */
#include <config.h>

#include "backends/minio/minio.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "model/store.h"
#include "net/plain.h"

enum { NAME, SIZE, OBJECTS, FULL, QUOTA, SERVER };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The bucket.", VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [SIZE] = {"size", "SIZE", "Bytes in it, as the scanner has counted them.", VALUE_BYTES, 8, 5,
              COLUMN_RIGHT, NULL, NULL},
    [OBJECTS] = {"objects", "OBJECTS", "Objects in it.", VALUE_COUNT, 8, 8, COLUMN_RIGHT, NULL,
                 NULL},
    [FULL] = {"full", "FULL", "Share of its quota that is used.", VALUE_RATIO, 5, 12, COLUMN_RIGHT,
              NULL, NULL},
    [QUOTA] = {"quota", "QUOTA", "Bytes that it may hold.", VALUE_BYTES, 8, 20, COLUMN_RIGHT, NULL,
               NULL},
    [SERVER] = {"server", "SERVER", "The MinIO that it is in.", VALUE_TEXT, 16, 10, COLUMN_IDENT,
                NULL, NULL},
};

enum { RULE_FULL, RULE_FILLING };

static const struct rule rules[] = {
    [RULE_FULL] = {"minio-bucket-full", "It has reached its quota, and takes no more: critical."},
    [RULE_FILLING] = {"minio-bucket-filling", "90% of its quota is used: warning."},
};

static double full_of(const struct store *st, struct handle row)
{
    const struct value v = store_cell(st, row, FULL, 0);
    return v.type == VALUE_RATIO ? v.real : 0;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    const double full = full_of(st, row);
    (void)now_ms;
    if (full >= 1)
        return verdict_at(LEVEL_CRITICAL, RULE_FULL);
    return full >= 0.9 ? verdict_at(LEVEL_WARNING, RULE_FILLING) : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char size[NUMBER_TEXT_MAX], quota[NUMBER_TEXT_MAX];
    (void)now_ms;
    number_format_bytes(store_num(st, row, SIZE, 0), size);
    number_format_bytes(store_num(st, row, QUOTA, 0), quota);
    strbuf_addf(out, "%.0f%% of its quota is used, %s of %s%s", full_of(st, row) * 100, size, quota,
                v->rule == RULE_FULL ? ": it takes no more" : "");
}

const struct kind kind_minio_bucket = {
    .name = "minio-bucket",
    .plural = "minio-buckets",
    .aliases = "mb",
    .title = "MinIO buckets",
    .help = "Buckets of MinIO: bytes, objects, quota.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,size desc,name",
};

bool minio_put_bucket(const struct minio *m, const struct minio_bucket *b, struct row_writer *w)
{
    struct strbuf key = STRBUF_INIT(1024);
    char name[256];
    (void)plain_text(b->name, name, sizeof(name));
    strbuf_addf(&key, "%s/%s", ctx_name(m->ctx), name);
    row_begin(w, strbuf_span(&key));
    strbuf_clear(&key);
    row_text(w, NAME, span_from(name));
    row_text(w, SERVER, span_from(ctx_name(m->ctx)));
    if (b->bytes >= 0)
        row_num(w, SIZE, (int64_t)b->bytes);
    if (b->objects >= 0)
        row_num(w, OBJECTS, (int64_t)b->objects);
    if (b->quota > 0) {
        row_num(w, QUOTA, (int64_t)b->quota);
        if (b->bytes >= 0)
            row_real(w, FULL, b->bytes / b->quota);
    }
    row_link(w, LINK_OWNER, 0, "minio-cluster", span_from(ctx_name(m->ctx)));
    return row_end(w);
}
