/* What the control socket and scenarios can ask for, a line each. */
#ifndef BINNACLE_HARBOR_COMMAND_H
#define BINNACLE_HARBOR_COMMAND_H

#include "harbor/server.h"

/* Does it and appends an answer without a line's end: "ok ...". False: *err says why not.
 *   put RESOURCE JSON                    an object, new or replaced
 *   patch RESOURCE NAMESPACE NAME JSON   a strategic merge; NAMESPACE "-": none
 *   patch pods * node=NODE JSON          all pods of a node that have not ended
 *   copy RESOURCE NAMESPACE NAME NEW JSON   another of its kind, patched
 *   delete RESOURCE NAMESPACE NAME       or `pods * node=NODE`
 *   event RESOURCE NAMESPACE NAME TYPE REASON MESSAGE   the same again is counted
 *   fault [METHOD] PREFIX WHAT [count=N] see harbor/fault.h; `clear` ends all
 *   compact                              forgets the history: watches get 410
 *   said NAMESPACE POD STAMP TEXT        a line of its log (said.h)
 *   swallow N                            the next N deletions are told to nobody
 *   drop                                 ends all connections
 *   down, up                             nobody listens; listens again
 *   upstream pods|services NAMESPACE NAME PORT LOOPBACK   what is behind it; 0: nothing more
 *   mysql NAMESPACE POD set NAME VALUE | well   what it says (harbor/mysql.h)
 *   redis NAMESPACE POD set FIELD:VALUE | refuse TEXT | well   what it says (harbor/redis.h)
 *   disk NAMESPACE CLAIM PERCENT [INODES]   how full it is, to its kubelet; NAMESPACE "-": a
 *                                        node's own (harbor/kubelet.h)
 *   traefik NAME failing PERCENT | down N | lost | well   of a service or certificate
 *                                        (harbor/traefik.h)
 *   vault seal | unseal [POD]            unseal: with the next part of its key (harbor/vault.h)
 *   answer NAMESPACE SERVICE PATH STATUS [BODY]   what a service or pod says (harbor/answers.h)
 *   copied HOURS GIB | gone              of the backups' copy at the office (harbor/copied.h)
 *   outside WORDS                        of a public host or a name (harbor/outside.h)
 *   counts                               what was asked so far, and bytes of TLS on the wire
 *   asked [TEXT]                         how many lines had it (harbor/asked.h)
 *   asked-but PATTERN|PATTERN...         how many fit none of them, and one of those
 *   churn N                              changes of pods a second, of a big cluster
 *   now                                  the platform's time
 *   step MS                              moves it on, and all that waits for it
 *   quit
 * What follows from a pod's change is done as well (harbor/settle.h). In JSON, @now@ is the platform's time,
 * @now-90@ and @now+90@ are 90 seconds before and after it. */
bool command_run(struct server *server, struct span line, struct strbuf *answer, struct err *err);
/* Appends the text with @now@ and the like as said above, and @unix@ and @unix-90@ as seconds since
 * 1970. */
void command_times(const struct server *server, struct span text, struct strbuf *out);
/* The next word of a line; "" at its end. */
struct span command_word(struct span *rest);

#endif
