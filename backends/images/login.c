/* Logins out of a dockerconfigjson, as pull secrets have it:
 * {"auths":{"ghcr.io":{"auth":"BASE64 of user:password"}}}. [kubernetes: pull an image from a
 * private registry] */
#include <config.h>

#include "backends/images/images.h"
#include "base/alloc.h"
#include "net/base64.h"
#include "net/http.h"
#include "net/json_doc.h"

#include <stdlib.h>
#include <string.h>

#define LOGIN_MAX ((size_t)16 << 10)

static void take(struct registry_host *h, const struct json_node *entry)
{
    const char *auth = json_node_text(json_node_get(entry, "auth"));
    const char *user = json_node_text(json_node_get(entry, "username"));
    const char *password = json_node_text(json_node_get(entry, "password"));
    struct strbuf both = STRBUF_INIT(LOGIN_MAX), header = STRBUF_INIT(LOGIN_MAX + 64);
    strbuf_adds(&header, "Authorization: Basic ");
    if (auth && auth[0]) {
        strbuf_adds(&header, auth);
    } else if (user && password) {
        strbuf_adds(&both, user);
        strbuf_addc(&both, ':');
        strbuf_adds(&both, password);
        base64_encode(strbuf_span(&both), &header);
    }
    if (((auth && auth[0]) || (user && password)) && !header.failed &&
        span_find(strbuf_span(&header), '\n', 0) == header.len &&
        span_find(strbuf_span(&header), '\r', 0) == header.len) {
        alloc_free_wiped(h->login);
        h->login = xalloc_text(strbuf_cstr(&header));
    }
    strbuf_wipe(&both);
    strbuf_wipe(&header);
}

bool registry_take_logins(struct registry *r, struct span dockerconfig, struct err *err)
{
    struct json_doc *doc = json_doc_parse(dockerconfig, "the dockerconfigjson", err);
    const struct json_node *auths = json_node_get(json_doc_root(doc), "auths");
    bool ok = doc && (json_node_type(auths) == JSON_OBJECT ||
                      err_set(err, ERR_CONFIG, "the dockerconfigjson has no `auths`"));
    for (const struct json_node *n = json_node_first(auths); n && ok; n = json_node_next(n)) {
        struct registry_host *h = registry_host_of(r, http_authority(span_from(json_node_key(n))));
        if (h)
            take(h, n);
    }
    json_doc_free_wiped(doc);
    return ok;
}
