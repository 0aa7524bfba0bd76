/* Where a PXC cluster's backups and binary logs go, from its object. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum {
    NAMESPACE,
    NAME,
    CLUSTER,
    TYPE,
    BUCKET,
    REGION,
    ENDPOINT,
    BINLOGS,
    EVERY,
    SECRET,
    VERIFIED,
    CREATED,
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [CLUSTER] = {"pxc", "CLUSTER", "The database cluster.", VALUE_TEXT, 10, 10, 0, NULL, NULL},
    [TYPE] = {"type", "TYPE", "s3, azure or filesystem.", VALUE_TEXT, 10, 5, 0, NULL, NULL},
    [BUCKET] = {"bucket", "BUCKET", "The bucket, and the prefix in it.", VALUE_TEXT, 30, 0,
                COLUMN_NOTABLE, NULL, NULL},
    [REGION] = {"region", "REGION", "Where it is.", VALUE_TEXT, 14, 20, 0, NULL, NULL},
    [ENDPOINT] = {"endpoint", "ENDPOINT", "The server, where it is not AWS.", VALUE_TEXT, 30, 30,
                  COLUMN_NOTABLE, NULL, NULL},
    [BINLOGS] = {"binlogs", "BINLOGS", "Binary logs go there too.", VALUE_BOOL, 7, 15,
                 COLUMN_NOTABLE, NULL, NULL},
    [EVERY] = {"every", "EVERY", "Time between their uploads.", VALUE_DURATION, 6, 25, COLUMN_RIGHT,
               NULL, NULL},
    [SECRET] = {"secret", "SECRET", "The Secret with its keys.", VALUE_TEXT, 20, 40, 0, NULL, NULL},
    [VERIFIED] = {"verified", "VERIFIED", "The server's certificate is verified.", VALUE_BOOL, 8,
                  60, COLUMN_WIDE, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
};

#define DEFAULT_S 60 /* timeBetweenUploads [pxco pxc_types.go] */

static void put_binlogs(struct kube_object *o, struct row_writer *w, struct span name)
{
    struct json_value pitr = json_path(o->spec, "backup.pitr");
    int64_t seconds = DEFAULT_S;
    bool here = object_path_true(pitr, "enabled") &&
                span_eq(object_path_text(o, pitr, "storageName"), name);
    row_num(w, BINLOGS, here);
    if (!here)
        return;
    if (!json_as_int(json_get(pitr, "timeBetweenUploads"), &seconds) || seconds <= 0 ||
        seconds > INT64_MAX / 1000)
        seconds = DEFAULT_S;
    row_num(w, EVERY, seconds * 1000);
}

static bool write_one(struct kube_object *o, struct row_writer *w, struct span name,
                      struct json_value storage)
{
    struct json_value s3 = json_get(storage, "s3");
    struct span secret = object_path_text(o, s3, "credentialsSecret");
    object_row(o, w, name);
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, name);
    row_text(w, CLUSTER, o->name);
    put_text(w, TYPE, object_path_text(o, storage, "type"));
    put_text(w, BUCKET, object_path_text(o, s3, "bucket"));
    put_text(w, REGION, object_path_text(o, s3, "region"));
    put_text(w, ENDPOINT, object_path_text(o, s3, "endpointUrl"));
    put_binlogs(o, w, name);
    put_text(w, SECRET, secret);
    row_num(w, VERIFIED, json_get(storage, "verifyTLS").type != JSON_FALSE);
    put_time(w, CREATED, o->created_ms);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    row_link(w, LINK_OWNER, LINK_EXPECTED, "pxc", o->key);
    if (secret.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, secret));
    return row_end(w);
}

static bool rows(struct kube_object *o, struct row_writer *w)
{
    struct strbuf scratch = STRBUF_INIT(1024);
    struct json_iter it;
    struct json_value key, storage;
    bool ok = true;
    for (json_iter_init(&it, json_path(o->spec, "backup.storages"));
         json_next(&it, &key, &storage);) {
        struct span name = json_as_text(key, &scratch);
        if (name.len)
            ok = write_one(o, w, name, storage) && ok;
    }
    strbuf_clear(&scratch);
    return ok;
}

const struct kind kind_backup_storage = {
    .name = "backup-storage",
    .plural = "backup-storages",
    .aliases = "",
    .title = "Backup storages",
    .help = "Where the backups and binary logs of PXC clusters go.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "namespace,pxc,name",
};

extern const struct kube_kind kube_pxc;

const struct kube_kind kube_backup_storage = {
    .kind = &kind_backup_storage,
    .from = &kube_pxc,
    .rows = rows,
};
