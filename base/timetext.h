/* Instants and durations as text, both ways. */
#ifndef BINNACLE_BASE_TIMETEXT_H
#define BINNACLE_BASE_TIMETEXT_H

#include "base/span.h"

#define TIMETEXT_MAX 40

/* RFC 3339 ("2026-02-13T09:00:00Z", fractions, offsets, leap second folded) to
 * ms since the epoch; years 0001 to 9999. False: not such a text; *ms untouched. */
bool time_parse(struct span text, int64_t *ms) BN_MUST_USE;

/* "2026-02-13T09:00:00Z", with ".123" only when there are milliseconds. */
void time_format(int64_t ms, char out[TIMETEXT_MAX]);
/* "14:32:07" and "14:32" in UTC. */
void time_format_clock(int64_t ms, bool seconds, char out[TIMETEXT_MAX]);

/* As kubectl's AGE (duration.HumanDuration): "41s", "4m12s", "3h5m", "2d3h",
 * "31d", "2y41d"; negative (clock skew) gives "0s". */
void duration_format(int64_t ms, char out[TIMETEXT_MAX]);
/* The same of what a system measured, not of an age: "250ms" below a second. */
void duration_format_measured(int64_t ms, char out[TIMETEXT_MAX]);
/* One unit only: "41s", "4m", "3h", "2d". */
void duration_format_short(int64_t ms, char out[TIMETEXT_MAX]);

/* "90s", "10m", "2h", "3d", "1w", "1h30m", "250ms", "1.5h" to ms. */
bool duration_parse(struct span text, int64_t *ms) BN_MUST_USE;

#endif
