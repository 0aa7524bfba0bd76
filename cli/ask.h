/* Asks the person at the terminal for a secret. */
#ifndef BINNACLE_CLI_ASK_H
#define BINNACLE_CLI_ASK_H

#include "actions/action.h"

/* Appends what is typed at /dev/tty, which shows nothing of it meanwhile and is as it was afterwards,
 * whatever this process dies of. *value to be wiped by the caller. cancel_fd: readable: give up. False:
 * there is no terminal, and which recipes do without; or nothing was typed. */
bool ask_secret(const struct field *field, int cancel_fd, struct strbuf *value,
                struct err *err) BN_MUST_USE;

#endif
