/* Continue tokens: where the next page of a list begins [recorded/122 to 125]. */
#ifndef BINNACLE_HARBOR_TOKEN_H
#define BINNACLE_HARBOR_TOKEN_H

#include "harbor/route.h"
#include "harbor/server.h"

struct page {
    uint64_t version; /* of the first page */
    char *ns, *name;  /* owned; the last object of the page before; NULL: the first page */
};

/* Appends a token. */
void token_write(uint64_t version, const char *ns, const char *name, struct strbuf *out);
/* The page that a request asks for. False: its token is no good; it was answered. */
bool token_page(struct server *server, struct stream *s, const struct route *r, struct page *p);
void page_done(struct page *p);

#endif
