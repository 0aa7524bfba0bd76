/* A story: commands at their times, from a YAML file.
 *
 *   about: a sentence
 *   screen: pods /web-1    # what shows it best, as typed behind ":" of the dashboard
 *   repeat: 10m            # from the beginning again; absent: once
 *   look: 45s              # when that is; absent: half-way through the steps
 *   steps:
 *     - at: 15s
 *       patch: pods default web-1     # a command of command.h, its words, ...
 *       with: {status: {phase: Failed}}   # ... and its JSON as YAML
 *     - at: 20s
 *       do: drop                      # a command without words
 */
#ifndef BINNACLE_HARBOR_SCENARIO_H
#define BINNACLE_HARBOR_SCENARIO_H

#include "harbor/server.h"

struct scenario;

/* name: a file of harbor/scenarios without its suffix, or a path. ERR_NOTFOUND with
 * the names that there are. */
struct scenario *scenario_load(const char *name, int64_t now_ms, struct err *err) BN_MUST_USE;
void scenario_free(struct scenario *s);          /* NULL is allowed */
int64_t scenario_next(const struct scenario *s); /* monotonic ms; TIME_FOREVER */
/* Runs what is due; false: a step has failed, *err names it by file and line. */
bool scenario_turn(struct scenario *s, struct server *server, int64_t now_ms, struct err *err);

#endif
