/* Credentials by name: environment, file, Secret. */
#include <config.h>

#include "net/recipe.h"

#include "base/alloc.h"
#include "base/file.h"
#include "net/base64.h"
#include "net/kube.h"

#include <stdlib.h>
#include <string.h>

#define SECRET_MAX ((size_t)4 << 20) /* a Secret holds 1 MiB, its base64 more */

enum sort { ENV, OF_FILE, SECRET };

static const struct {
    const char *word;
    enum sort sort;
} forms[] = {{"env:", ENV}, {"file:", OF_FILE}, {"secret:", SECRET}};

struct recipe {
    enum sort sort;
    char *text;       /* owned */
    const char *rest; /* behind the word; in text */
    char *part[3];    /* owned; of a Secret: namespace, name, key */
};

static bool read_parts(struct recipe *r)
{
    struct span rest = span_from(r->rest), part;
    size_t n = 0;

    while (span_split(&rest, '/', &part)) {
        if (part.len == 0 || n == BN_COUNT(r->part))
            return false;
        r->part[n++] = xalloc_bytes(part.data, part.len);
    }
    return n == BN_COUNT(r->part);
}

struct recipe *recipe_parse(const char *text, struct err *err)
{
    struct recipe *r = xalloc_zero(1, sizeof *r);

    r->text = xalloc_text(text);
    for (size_t i = 0; i < BN_COUNT(forms) && !r->rest; i++) {
        if (span_starts(span_from(text), forms[i].word)) {
            r->sort = forms[i].sort;
            r->rest = r->text + strlen(forms[i].word);
        }
    }
    if (r->rest && r->rest[0] && (r->sort != SECRET || read_parts(r)))
        return r;
    (void)err_set(err, ERR_CONFIG, "that says not where a credential is to be had: one of %s",
                  RECIPE_FORMS);
    recipe_free(r);
    return NULL;
}

void recipe_free(struct recipe *r)
{
    if (!r)
        return;
    alloc_free_wiped(r->text);
    for (size_t i = 0; i < BN_COUNT(r->part); i++)
        free(r->part[i]);
    free(r);
}

const char *recipe_text(const struct recipe *r)
{
    return r->text;
}

bool recipe_needs_cluster(const struct recipe *r)
{
    return r->sort == SECRET;
}

static bool read_env(const struct recipe *r, struct strbuf *out, struct err *err)
{
    const char *value = getenv(r->rest);

    if (!value || !value[0])
        return err_set(err, ERR_NOTFOUND, "%s: this environment variable is not set", r->text);
    strbuf_adds(out, value);
    return true;
}

static bool read_file(const struct recipe *r, struct strbuf *out, struct err *err)
{
    if (!file_read(r->rest, out, err))
        return err_wrap(err, "%s", r->text);
    while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]))
        strbuf_truncate(out, out->len - 1);
    return out->len > 0 || err_set(err, ERR_CONFIG, "%s: the file is empty", r->text);
}

static bool read_key(const struct recipe *r, struct span object, struct strbuf *out,
                     struct err *err)
{
    struct strbuf scratch = STRBUF_INIT(SECRET_MAX);
    struct json_value value;
    bool ok = json_valid(object, err);

    if (ok) {
        value = json_member(json_get(json_value(object), "data"), span_from(r->part[2]));
        if (value.type != JSON_STRING)
            ok = err_set(err, ERR_NOTFOUND, "%s: the Secret has no such key", r->text);
        else if (!base64_decode(json_as_text(value, &scratch), out))
            ok = err_set(err, ERR_PROTO, "%s: the key's value is not base64, or over %zu KiB",
                         r->text, out->limit >> 10);
    }
    strbuf_wipe(&scratch);
    return ok;
}

static bool read_secret(const struct recipe *r, const struct reach_cluster *c,
                        const struct stream_wait *wait, struct strbuf *out, struct err *err)
{
    static const struct kube_resource secrets = {"", "v1", "secrets"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), body = STRBUF_INIT(SECRET_MAX);
    struct http *http = kube_client(c->config, c->context, c->credential, wait->cancel_fd, err);
    bool ok = http != NULL;

    kube_path(&path, &secrets, r->part[0], r->part[1], NULL);
    if (ok)
        ok = http_get(http, strbuf_cstr(&path), stream_wait_deadline(wait), wait->cancel_fd, &body,
                      err) ||
             err_wrap(err, "%s", r->text);
    if (ok)
        ok = read_key(r, strbuf_span(&body), out, err);
    strbuf_clear(&path);
    strbuf_wipe(&body);
    http_free(http);
    return ok;
}

bool recipe_read(const struct recipe *r, const struct reach_cluster *cluster,
                 const struct stream_wait *wait, struct strbuf *out, struct err *err)
{
    switch (r->sort) {
    case ENV:
        return read_env(r, out, err);
    case OF_FILE:
        return read_file(r, out, err);
    case SECRET:
        break;
    }
    if (!cluster)
        return err_set(err, ERR_CONFIG, "%s: a Secret is read from a cluster, and there is none",
                       r->text);
    return read_secret(r, cluster, wait, out, err);
}
