/* What AWS means by an error, for net/aws.c. */
#ifndef BINNACLE_NET_AWS_ERROR_H
#define BINNACLE_NET_AWS_ERROR_H

#include "net/aws.h"

/* As an http_explain_fn: <Error> of S3, <ErrorResponse> of others, JSON of MinIO's own API is left
 * alone. */
bool aws_explain(int status, struct span body, struct err *err);
/* Code and region of an error's body, where it has them; true when it speaks of clocks. */
bool aws_read_error(struct span body, struct aws_answer *answer);

#endif
