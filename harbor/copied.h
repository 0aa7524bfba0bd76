/* The copy of the backups that somebody makes on a disk at the office: a file that says how many hours ago
 * and how many GiB. It lies beside the kubeconfig of a demonstration and goes with it; the script of
 * data/config/config.yaml reads it, as scripts of one's own read such files. */
#ifndef BINNACLE_HARBOR_COPIED_H
#define BINNACLE_HARBOR_COPIED_H

#include "harbor/server.h"

#define COPIED_FILE "offsite-copy" /* its name, which cli/harbor.c removes too */

/* Begins with a copy of this morning. kubeconfig: where that one is written. */
bool copied_begin(struct server *server, const char *kubeconfig, struct err *err);
/* "HOURS GIB"; "gone": there is no such file any more. */
bool copied_command(struct server *server, struct span rest, struct strbuf *answer,
                    struct err *err);
void copied_end(struct server *server);

#endif
