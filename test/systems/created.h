/* What create-database has made, as the systems themselves say it. */
#ifndef BINNACLE_TEST_SYSTEMS_CREATED_H
#define BINNACLE_TEST_SYSTEMS_CREATED_H

#include "test/systems/do_place.h"

#define EXTERNALS "/apis/external-secrets.io/v1/namespaces/default/externalsecrets/"
#define SECRETS   "/api/v1/namespaces/default/secrets/"

/* A value of a secret in Vault, its newest version; owned; NULL: it is not there. */
char *vault_text(struct place *p, const char *path, const char *member);
/* How many versions it has; 0: it is not there. */
int vault_versions(struct place *p, const char *path);
/* Writes a JSON object over it. */
void vault_put(struct place *p, const char *path, const char *data);
/* The Secret of the application has all five keys, and what Vault has. */
void expect_secret(struct place *p, const char *name, const char *path);
/* Nothing in the person's home, and nothing that a run has said, has this text. */
void expect_untold(const struct place *p, const struct cli_run *run, const char *text);
/* The audit log is whole. */
void expect_chain(const struct place *p);

#endif
