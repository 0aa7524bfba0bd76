/* The HTTP client of a site, kept for as long as the target is, and what it shows of itself with each
 * request. For channels alone. */
#ifndef BINNACLE_ACTIONS_HTTP_LINK_H
#define BINNACLE_ACTIONS_HTTP_LINK_H

#include "actions/target_impl.h"

struct http_link {
    struct reach *reach;
    struct http *http;
    struct strbuf prefix; /* goes before each path */
    struct strbuf header; /* "X-Vault-Token: ..."; wiped; empty: not needed yet, or there is none */
    bool has_header;
};

/* That of the deed's `at`, by this way, whatever its site says. NULL: *err. */
struct http_link *http_link_to(struct target *t, const struct deed *d, const char *reach,
                               struct err *err);
/* That of the deed's site; reach: where the site says none, NULL: it must. NULL: *err. */
struct http_link *http_link_of(struct target *t, const struct deed *d, const char *reach,
                               struct err *err);
/* Reads the secret that the setting names, unless that was done. before: what goes before it. */
bool http_link_header(struct target *t, const struct deed *d, struct http_link *l,
                      const char *setting, const char *before, struct err *err) BN_MUST_USE;

/* Sends the deed by it, as r says more of it (headers, deadline, limit, head): once where it may change
 * something, and to nowhere else, since what the header shows would go along. *out: the answer's body,
 * of an error too. */
bool http_link_ask(struct target *t, const struct deed *d, const struct http_link *l,
                   const char *body, const struct http_request *r, struct strbuf *out,
                   struct http_result *result, struct err *err) BN_MUST_USE;

#endif
