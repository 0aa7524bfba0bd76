/* The hash of the line that the audit log ends with, in a file of its own beside it, "audit.jsonl.end": a
 * log that was cut at its end has whole lines alone, and would not show it. It is written after the line,
 * so a crash between the two leaves a log that goes on behind it, never one that ends before it. */
#ifndef BINNACLE_ACTIONS_AUDIT_END_H
#define BINNACLE_ACTIONS_AUDIT_END_H

#include "net/digest.h"

#include <stdbool.h>

/* Instead of a hash: the log had no line. */
#define AUDIT_END_NONE "0000000000000000000000000000000000000000000000000000000000000000"

char *audit_end_path(const char *log); /* owned */
/* hash "": it is not known, because the file has none. False: it cannot be read. */
bool audit_end_get(int fd, char hash[DIGEST_SHA256_TEXT]);
/* On disk when it returns. False: errno says why. */
bool audit_end_put(int fd, const char *hash);

#endif
