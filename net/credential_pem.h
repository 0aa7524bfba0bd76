/* Client certificates: do they read, and does the key fit? */
#ifndef BINNACLE_NET_CREDENTIAL_PEM_H
#define BINNACLE_NET_CREDENTIAL_PEM_H

#include "base/err.h"

/* name stands in the sentence. False: ERR_CONFIG. */
bool credential_check_pair(const char *name, const char *cert_pem, const char *key_pem,
                           struct err *err) BN_MUST_USE;

#endif
