/* Digests as text. */
#include <config.h>

#include "net/digest.h"

#include <openssl/evp.h>
#include <stdio.h>

void digest_hex(const unsigned char hash[DIGEST_SHA256_BYTES], char out[DIGEST_SHA256_TEXT])
{
    for (size_t i = 0; i < DIGEST_SHA256_BYTES; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

bool digest_sha256(struct span text, char out[DIGEST_SHA256_TEXT])
{
    unsigned char hash[DIGEST_SHA256_BYTES];
    unsigned len = 0;
    if (EVP_Digest(text.len ? text.data : "", text.len, hash, &len, EVP_sha256(), NULL) != 1)
        return false;
    digest_hex(hash, out);
    return true;
}
