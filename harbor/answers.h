/* HTTP services of the platform that do not run: what they answer, from
 * harbor/data/services/NAME.yaml and by command. */
#ifndef BINNACLE_HARBOR_ANSWERS_H
#define BINNACLE_HARBOR_ANSWERS_H

#include "base/err.h"
#include "base/strbuf.h"

struct server;
struct answers;

struct canned {
    int status;
    const char *type;
    const char *more; /* further header lines, "Name: value\r\n" each; NULL: none */
    struct span body;
    bool said; /* by a command, and not taken back */
};

/* All files below folder/services:
 *   - service: vault/vault          # namespace and service, or
 *     pod: traefik/traefik-         # namespace and how a pod's name begins
 *     paths:
 *       /v1/sys/health: {status: 200, type: application/json, body: '{...}'}
 * and `headers`, a map, where there are more. A path is compared with its query first, then
 * without. status: 200, type: that of JSON, or
 * text/plain. With `key: "Header: value"` beside `paths` all but the path `open` are answered
 * 401 and `refused` where it is not sent. In a body stand @now@, @now-90@, @unix@ and @unix-90@ (harbor/command.h). */
struct answers *answers_load(const char *folder, struct err *err);
void answers_free(struct answers *a); /* NULL is allowed */

/* Whether anything is said for it at all. */
bool answers_has(const struct answers *a, const char *plural, struct span ns, struct span name);
/* What it says to this path and query (beginning with '/'), with these headers, "Name: value\n"
 * each; false: nothing. Borrowed. */
bool answers_find(const struct answers *a, const char *plural, struct span ns, struct span name,
                  struct span target, struct span headers, struct canned *out);
/* Shows each path of a service, and its body. */
void answers_each(const struct answers *a, struct span ns, struct span name,
                  void (*see)(void *context, const char *path, struct span body), void *context);
/* "NAMESPACE SERVICE PATH STATUS [BODY]", or a pod of which there are answers: from now on; without
 * BODY that of the file; one in quotes is a JSON string. */
bool answers_command(struct server *server, struct span rest, struct strbuf *answer,
                     struct err *err);

#endif
