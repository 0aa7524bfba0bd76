/* Continue tokens. */
#include <config.h>

#include "harbor/token.h"

#include "base/alloc.h"
#include "harbor/answer.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX 2048

void page_done(struct page *p)
{
    free(p->ns);
    free(p->name);
}

/* {"v":"meta.k8s.io/v1","rv":1302,"start":"/kube-system/kube-proxy-x\u0000"}, in base64. */
void token_write(uint64_t version, const char *ns, const char *name, struct strbuf *out)
{
    unsigned char packed[TOKEN_MAX];
    struct strbuf text = STRBUF_INIT(TOKEN_MAX / 2);
    strbuf_addf(&text, "{\"v\":\"meta.k8s.io/v1\",\"rv\":%llu,\"start\":\"/",
                (unsigned long long)version);
    strbuf_addf(&text, "%s%s%s\\u0000\"}", ns, ns[0] ? "/" : "", name);
    int n = EVP_EncodeBlock(packed, (const unsigned char *)strbuf_cstr(&text), (int)text.len);
    for (int i = 0; i < n && packed[i] != '='; i++)
        strbuf_addc(out, packed[i] == '+' ? '-' : packed[i] == '/' ? '_' : (char)packed[i]);
    strbuf_clear(&text);
}

static size_t unpack_token(const char *token, unsigned char out[TOKEN_MAX])
{
    unsigned char text[TOKEN_MAX];
    size_t n = strlen(token), padded = (n + 3) / 4 * 4;
    if (padded >= TOKEN_MAX)
        return 0;
    for (size_t i = 0; i < padded; i++)
        text[i] = (unsigned char)(i >= n            ? '='
                                  : token[i] == '-' ? '+'
                                  : token[i] == '_' ? '/'
                                                    : token[i]);
    int got = EVP_DecodeBlock(out, text, (int)padded);
    return got < (int)(padded - n) ? 0 : (size_t)got - (padded - n);
}

/* False: it was answered. */
static bool read_token(struct server *server, struct stream *s, const struct route *r,
                       const char *token, struct page *p)
{
    unsigned char text[TOKEN_MAX];
    size_t n = unpack_token(token, text);
    cJSON *json = cJSON_ParseWithLength((const char *)text, n);
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "rv");
    const char *start = json_member(json, "start");
    if (!cJSON_IsNumber(version) || start[0] != '/') {
        cJSON_Delete(json);
        stream_status(s, 400, "BadRequest", NULL,
                      "invalid continue token: continue key is not valid: invalid character "
                      "'\\u%04x' looking for beginning of value",
                      n ? text[0] : 0);
        return false;
    }
    p->version = (uint64_t)version->valuedouble;
    const char *slash = r->resource->namespaced && !r->ns.len ? strchr(start + 1, '/') : NULL;
    p->ns = slash ? xalloc_bytes(start + 1, (size_t)(slash - start - 1))
                  : xalloc_bytes(r->ns.data, r->ns.len);
    p->name = xalloc_text(slash ? slash + 1 : start + 1);
    cJSON_Delete(json);
    if (p->version >= objects_oldest(server->objects))
        return true;
    stream_status(s, 410, "Expired", NULL,
                  "The provided continue parameter is too old to display a consistent list result. "
                  "You must start a new list without the continue parameter.");
    return false;
}

bool token_page(struct server *server, struct stream *s, const struct route *r, struct page *p)
{
    char *token = route_query(r, "continue");
    *p = (struct page){0};
    bool ok = !token || !token[0] || read_token(server, s, r, token, p);
    free(token);
    return ok;
}
