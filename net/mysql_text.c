/* Patterns of MySQL, and statements. */
#include <config.h>

#include "net/mysql_text.h"

bool sql_like(const char *pattern, const char *text)
{
    const char *after = NULL, *from = NULL; /* the last %, and where it was tried last */
    for (;;) {
        bool escaped = *pattern == '\\' && pattern[1];
        if (*pattern == '%') {
            after = ++pattern;
            from = text;
        } else if (*text && ((*pattern == '_' && !escaped) || pattern[escaped] == *text)) {
            pattern += 1 + escaped;
            text++;
        } else if (!*text && !*pattern) {
            return true;
        } else if (after && *from) {
            pattern = after;
            text = ++from;
        } else {
            return false;
        }
    }
}

bool sql_may_show(struct span statement)
{
    return span_search(statement, SPAN("identified"), true) == statement.len &&
           span_search(statement, SPAN("password"), true) == statement.len;
}
