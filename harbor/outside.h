/* The world outside the cluster, at one port of loopback: public hosts with their certificates and
 * answers (TCP: TLS, or plain as at port 80), and the name servers of their zones (UDP). */
#ifndef BINNACLE_HARBOR_OUTSIDE_H
#define BINNACLE_HARBOR_OUTSIDE_H

#include "base/err.h"
#include "base/strbuf.h"

#include <poll.h>

struct outside;
struct server;

/* By folder/outside/world.yaml. The authority that its certificates lead to is written to ca_out.
 * Certificates last from epoch_ms, the platform's time. What a host answers to a path is, where it
 * has any, that of a service outside/HOST (harbor/answers.h). */
struct outside *outside_new(struct server *server, const char *ca_out, int64_t epoch_ms,
                            struct err *err);
void outside_free(struct outside *o); /* NULL is allowed, here and below */
int outside_port(const struct outside *o);

#define OUTSIDE_FDS 34
nfds_t outside_poll(const struct outside *o, struct pollfd *fds, nfds_t n);
/* now_ms: the platform's time. */
void outside_turn(struct outside *o, int64_t now_ms);

/* Of AWS what harbor/aws.h says; "HOST status 502", "HOST days -3" (since when its certificate has
 * expired; "none": it is served the default one), "HOST valid FROM UNTIL" (of its certificate), "HOST
 * location URL", "HOST sign-in URL" (where /oauth2/start of it leads), "name NAME TYPE VALUE" (in
 * place of what it has of this type; "-": nothing), "image HOST/NAME:TAG DIGEST" ("-": there is none),
 * "image HOST/NAME private", "login WORD" (what stands behind "Basic " of who may see what is
 * private), "hang PATTERN" (fnmatch()'s with its lists "@(a|b)": such hosts take what they are asked
 * and answer nothing, "dns" being the name servers; without a pattern all answer again, and who waits
 * is hung up on). */
bool outside_set(struct outside *o, struct span words, int64_t now_ms, struct err *err);
/* Nothing is written to the databases, so that there are no binary logs to upload. */
bool outside_idle(const struct outside *o);

#endif
