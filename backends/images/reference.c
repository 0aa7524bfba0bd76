/* References to images, and the digests that kubelets give [distribution-spec: pull; reference
 * grammar of its Go library]. */
#include <config.h>

#include "backends/images/images.h"

#include <string.h>

#define NAME_MAX_BYTES 255
#define TAG_MAX_BYTES  128
#define HEX            "0123456789abcdef"
#define LOWER          "abcdefghijklmnopqrstuvwxyz0123456789"
#define ANY_CASE       LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_of(struct span text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (!text.data[i] || !strchr(characters, text.data[i]))
            return false;
    return text.len > 0;
}

bool image_digest_ok(struct span digest)
{
    size_t colon = span_find(digest, ':', 0);
    struct span hex = span_sub(digest, colon + 1, digest.len);
    return digest.len < REGISTRY_DIGEST_MAX && is_of(span_sub(digest, 0, colon), LOWER "+._-") &&
           hex.len >= 32 && is_of(hex, HEX);
}

/* Docker's own hub goes by no host at all, or by one that is not where it answers. */
static bool is_host(struct span host)
{
    return span_find(host, '.', 0) < host.len && is_of(host, LOWER ".-:") &&
           !span_is(host, "docker.io") && host.data[0] != '.' && host.data[0] != '-';
}

static bool is_repository(struct span name)
{
    return name.len <= NAME_MAX_BYTES && is_of(name, LOWER "._-/") &&
           span_search(name, SPAN(".."), false) == name.len &&
           span_search(name, SPAN("//"), false) == name.len && name.data[0] != '/' &&
           name.data[name.len - 1] != '/';
}

bool image_ref_parse(struct span text, struct image_ref *out)
{
    size_t at = span_find(text, '@', 0), slash;
    *out = (struct image_ref){.tag = SPAN("latest")};
    if (at < text.len) {
        out->digest = span_sub(text, at + 1, text.len);
        text.len = at;
    }
    slash = span_find(text, '/', 0);
    if (slash == text.len)
        return false;
    out->host = span_sub(text, 0, slash);
    out->repository = span_sub(text, slash + 1, text.len);
    size_t colon = span_find_last(out->repository, ':');
    if (colon < out->repository.len) {
        out->tag = span_sub(out->repository, colon + 1, out->repository.len);
        out->repository.len = colon;
    }
    return is_host(out->host) && is_repository(out->repository) && out->tag.len <= TAG_MAX_BYTES &&
           is_of(out->tag, ANY_CASE "._-") && (!out->digest.len || image_digest_ok(out->digest));
}

struct span image_id_digest(struct span id, bool *config)
{
    size_t scheme = span_search(id, SPAN("://"), false); /* docker-pullable:// */
    id = span_sub(id, scheme < id.len ? scheme + 3 : 0, id.len);
    size_t at = span_find(id, '@', 0);
    *config = at == id.len;
    id = span_sub(id, at < id.len ? at + 1 : 0, id.len);
    return image_digest_ok(id) ? id : SPAN("");
}

/* ---- Comparing. */

static bool is_among(char list[][REGISTRY_DIGEST_MAX], size_t n, struct span digest)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(digest, list[i]))
            return true;
    return false;
}

/* containerd reports the digest that the tag had, the index's for an image of several platforms, and
 * the configuration's where it knows none; CRI-O the configuration's. Another than all of these is
 * another image; while some are not known it may be one of those. [containerd#8408; cri-o#5491] */
enum image_match image_compare(const struct image_look *look, struct span id)
{
    struct image_look *l = (struct image_look *)(uintptr_t)look;
    bool config;
    struct span digest = image_id_digest(id, &config);
    if (!digest.len || !look->digest[0])
        return IMAGE_CANNOT_TELL;
    if (span_is(digest, look->digest) || is_among(l->parts, l->nparts, digest) ||
        is_among(l->configs, l->nconfigs, digest))
        return IMAGE_SAME;
    return look->read && look->all_configs && !look->more ? IMAGE_OTHER : IMAGE_CANNOT_TELL;
}
