/* Lines of a log as people read them: JSON in words, level and times told apart. */
#ifndef BINNACLE_TUI_SCREENS_LOG_TEXT_H
#define BINNACLE_TUI_SCREENS_LOG_TEXT_H

#include "widgets/pager.h"

/* Appends the line: an object of JSON as "time level message key=value ...",
 * everything else as it is. Without a line's end. */
void log_text_pretty(struct span line, struct strbuf *out);
/* The level that a line names early on, its times and keys. */
void log_text_paint(struct span line, struct pager_paint *out);

#endif
