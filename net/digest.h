/* Digests as text. */
#ifndef BINNACLE_NET_DIGEST_H
#define BINNACLE_NET_DIGEST_H

#include "base/span.h"

#define DIGEST_SHA256_BYTES 32
#define DIGEST_SHA256_TEXT  (2 * DIGEST_SHA256_BYTES + 1)

/* 64 lower-case hexadecimal digits and a NUL. False: OpenSSL has no memory. */
bool digest_sha256(struct span text, char out[DIGEST_SHA256_TEXT]) BN_MUST_USE;
/* The same of bytes that are a digest already. */
void digest_hex(const unsigned char hash[DIGEST_SHA256_BYTES], char out[DIGEST_SHA256_TEXT]);

#endif
