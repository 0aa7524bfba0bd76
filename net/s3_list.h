/* Objects of a bucket, page by page; regions found by themselves. */
#ifndef BINNACLE_NET_S3_LIST_H
#define BINNACLE_NET_S3_LIST_H

#include "net/aws.h"
#include "net/s3_place.h"

struct s3_page {
    const struct xml_node *result; /* <ListBucketResult> */
    bool encoded;                  /* texts of it are */
    struct strbuf scratch;         /* for s3_text() */
    struct strbuf skip_to;         /* what on_page() puts here, the next page begins behind */
};

/* A text of the result as it is: keys come encoded, so that they may hold any byte. Valid until
 * the next call; NULL nodes are empty. */
struct span s3_text(struct s3_page *page, const struct xml_node *node);

/* What is told of a listing as it goes. */
struct s3_asker {
    struct aws *aws;
    const struct s3_place *place;
    void (*alive)(void *context); /* after each answer */
    void *context;
};

/* All objects whose keys begin with prefix; shallow: only up to the next "/", what is behind as
 * CommonPrefixes. on_page false: enough. ERR_DENIED, ERR_NOTFOUND, ... */
bool s3_list(const struct s3_asker *s, struct span prefix, bool shallow,
             bool (*on_page)(void *context, struct s3_page *page), void *context, struct err *err);

#endif
