/* HCP Terraform with a memory: what was told to it to answer, and runs that were queued, confirmed and
 * discarded since [integrations.md section 12]. */
#ifndef BINNACLE_HARBOR_TERRAFORM_H
#define BINNACLE_HARBOR_TERRAFORM_H

#include "harbor/server.h"

#define TERRAFORM_HOST "app.terraform.io"

/* Appends the answer to a request, whose body is given, with its status (0: it is none of its own
 * paths: what was told stands). */
int terraform_answer(struct server *server, struct span method, struct span target,
                     struct span request, struct strbuf *out);
/* Into what was told to it goes what has come of its runs since. */
void terraform_overlay(const struct server *server, struct strbuf *body);
void terraform_free(struct server *server);

#endif
