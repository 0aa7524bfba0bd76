/* Base64 (RFC 4648): certificates and tokens in kubeconfigs, Secrets, headers. */
#ifndef BINNACLE_NET_BASE64_H
#define BINNACLE_NET_BASE64_H

#include "base/strbuf.h"

/* Appends what text means: the standard or the URL alphabet, padding optional
 * at the end, line breaks skipped as by Go's decoder. False: not base64 or over
 * the limit of *out (which then holds a part). */
bool base64_decode(struct span text, struct strbuf *out) BN_MUST_USE;
/* Appends in the standard alphabet with padding. */
void base64_encode(struct span bytes, struct strbuf *out);

#endif
