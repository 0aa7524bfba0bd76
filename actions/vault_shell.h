/* Deeds of Vault as text. For the channel of Vault and what plans say beside it. */
#ifndef BINNACLE_ACTIONS_VAULT_SHELL_H
#define BINNACLE_ACTIONS_VAULT_SHELL_H

#include "actions/action.h"
#include "net/json.h"

/* "secret/data/kimai" of "/v1/secret/data/kimai?list=true"; borrowed. */
struct span vault_path_of(const struct deed *d);
/* Appends members of `from` but those that `less` has, and those that are null, to an object that was
 * begun. */
void vault_add_members(struct strbuf *out, struct json_value from, struct json_value less,
                       bool nulls);
/* Appends "vault WORDS" with the namespace of the deed's site. */
void vault_add_command(const struct target *t, const struct deed *d, const char *words,
                       struct strbuf *out);
/* As of struct channel. */
void vault_shell(const struct deed *d, const struct target *t, struct strbuf *out);

#endif
