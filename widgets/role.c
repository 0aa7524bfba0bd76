/* Names, levels and marks of roles. */
#include <config.h>

#include "widgets/role.h"

static const char *const names[ROLE_COUNT] = {
    [ROLE_TEXT] = "text",         [ROLE_DIM] = "dim",
    [ROLE_TITLE] = "title",       [ROLE_PRODUCTION] = "production",
    [ROLE_HEADER] = "header",     [ROLE_SORTED] = "sorted",
    [ROLE_SELECTED] = "selected", [ROLE_MARKED] = "marked",
    [ROLE_MATCH] = "match",       [ROLE_KEY] = "key",
    [ROLE_HINT] = "hint",         [ROLE_INPUT] = "input",
    [ROLE_FAULT] = "fault",       [ROLE_LINK] = "link",
    [ROLE_CHANGED] = "changed",   [ROLE_STALE] = "stale",
    [ROLE_OFF] = "off",           [ROLE_OK] = "ok",
    [ROLE_NOTICE] = "notice",     [ROLE_PROGRESS] = "progress",
    [ROLE_UNKNOWN] = "unknown",   [ROLE_WARNING] = "warning",
    [ROLE_CRITICAL] = "critical",
};

/* What stands for a level: a role, a glyph and the glyph's ASCII twin, so that
 * colour is never the only sign. */
static const struct {
    enum role role;
    const char *glyph, *ascii;
} of_level[LEVEL_COUNT] = {
    [LEVEL_OFF] = {ROLE_OFF, "○", "-"},           [LEVEL_OK] = {ROLE_OK, "●", "o"},
    [LEVEL_NOTICE] = {ROLE_NOTICE, "◇", "i"},     [LEVEL_PROGRESS] = {ROLE_PROGRESS, "◐", "~"},
    [LEVEL_UNKNOWN] = {ROLE_UNKNOWN, "?", "?"},   [LEVEL_WARNING] = {ROLE_WARNING, "▲", "!"},
    [LEVEL_CRITICAL] = {ROLE_CRITICAL, "✗", "X"},
};

enum role role_of_level(enum level level)
{
    bn_assert((unsigned)level < LEVEL_COUNT);
    return of_level[level].role;
}

const char *role_glyph(enum level level, bool ascii)
{
    bn_assert((unsigned)level < LEVEL_COUNT);
    return ascii ? of_level[level].ascii : of_level[level].glyph;
}

const char *role_name(enum role r)
{
    bn_assert((unsigned)r < ROLE_COUNT);
    return names[r];
}

bool role_parse(struct span name, enum role *out)
{
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (span_is(name, names[i])) {
            *out = (enum role)i;
            return true;
        }
    return false;
}
