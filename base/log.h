/* Messages of the program itself: a ring for the messages screen and an
 * optional file. Any thread; the only lock in base. Never a secret. */
#ifndef BINNACLE_BASE_LOG_H
#define BINNACLE_BASE_LOG_H

#include "base/err.h"
#include "base/strbuf.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_line {
    uint64_t seq; /* 1, 2, 3... */
    int64_t wall_ms;
    enum log_level level;
    char source[48]; /* who says it: a source's name, "config", "screen" */
    char text[ERR_MESSAGE_MAX];
};

void log_write(enum log_level level, const char *source, const char *fmt, ...) BN_PRINTF(3, 4);

/* Copies the newest lines with seq > after, oldest first, at most max;
 * returns how many. */
size_t log_read(uint64_t after, struct log_line *out, size_t max);
uint64_t log_last(void);

/* Also append to this file (0600) from now on; NULL: no file. */
bool log_to_file(const char *path, struct err *err);
void log_level_min(enum log_level level); /* default LOG_INFO */

#endif
