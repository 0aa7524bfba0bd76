/* Secrets. */
#include <config.h>

#include "harbor/secrets.h"

#include "base/alloc.h"
#include "harbor/json_parts.h"

#include <openssl/evp.h>
#include <stdlib.h>

bool secret_value(const struct objects *o, const char *ns, const char *name, const char *key,
                  struct strbuf *out)
{
    const struct object *secret = object_named(o, "secrets", ns, name);
    const char *packed = secret ? json_member(member(secret->json, "data"), key) : "";
    const size_t len = strlen(packed);
    unsigned char *plain = xalloc_zero(1, len + 1); /* what pads base64 becomes NUL */
    const bool ok =
        len && EVP_DecodeBlock(plain, (const unsigned char *)packed, (int)len) >= 0 && plain[0];
    if (ok)
        strbuf_adds(out, (const char *)plain);
    alloc_wipe(plain, len);
    free(plain);
    return ok;
}
