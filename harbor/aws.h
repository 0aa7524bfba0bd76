/* AWS as the world outside has it: Route 53 with the platform's zone, S3 with its bucket of backups.
 * Answers are those that moto and AWS's documentation give [transcripts/aws]. */
#ifndef BINNACLE_HARBOR_AWS_H
#define BINNACLE_HARBOR_AWS_H

#include "base/err.h"
#include "base/strbuf.h"

struct aws;

/* By folder/outside/route53.json and s3.json. */
struct aws *aws_load(const char *folder, struct err *err);
void aws_free(struct aws *a); /* NULL is allowed */
/* True for the hosts that are AWS's. */
bool aws_is(struct span host);
/* Appends the whole answer to a request's head. now_ms: the platform's. Of the signature its form,
 * scope and headers are looked at. */
void aws_answer(const struct aws *a, struct span host, struct span head, int64_t now_ms,
                struct strbuf *out);
/* "zones well|denied|throttled", "record NAME TYPE VALUE" (in place of what it has of this type; "-":
 * nothing), "bucket well|denied|in REGION|idle|cut|purged" (well: as it was first; idle: no more
 * binary logs, since nothing is written; cut: no more of them, whatever is uploaded; purged: those
 * that are older than an hour are deleted), "object PREFIX -" (all that begins so is gone), "object
 * PREFIX BYTES" (it is one object of that size), "backup NAME-full BYTES" (there is one more). False:
 * neither. */
bool aws_set(struct aws *a, struct span what, struct span words, int64_t now_ms);
/* Told "bucket idle". */
bool aws_idle(const struct aws *a);

#endif
