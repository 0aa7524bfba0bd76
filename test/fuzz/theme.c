/* Fuzz target: theme files. A theme or a sentence; every colour is one that the terminal
 * has, and no text takes the colour of its background. */
#include <config.h>

#include "tui/theme.h"

#include "base/utf8.h"
#include "test/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void check_colours(const struct theme *t, int colours)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        const struct look *l = &t->looks[i];
        bn_assert(l->fg >= -1 && l->fg < (colours ? colours : 0));
        bn_assert(l->bg >= -1 && l->bg < (colours ? colours : 0));
        bn_assert(!(l->flags & ~(unsigned)(LOOK_BOLD | LOOK_UNDERLINE | LOOK_REVERSE | LOOK_DIM)));
    }
    bn_assert(memchr(t->name, '\0', sizeof(t->name)) != NULL);
}

static void check_fewer(const struct theme *t)
{
    static const int colours[] = {16, 8, 0};
    for (size_t i = 0; i < BN_COUNT(colours); i++) {
        struct theme fewer;
        theme_for_colours(t, colours[i], &fewer);
        check_colours(&fewer, colours[i]);
        for (size_t k = 0; k < ROLE_COUNT; k++)
            bn_assert(fewer.looks[k].fg == -1 || fewer.looks[k].fg != fewer.looks[k].bg);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct theme theme, before;
    struct err err = {.msg = ""};
    char path[64];
    int fd = memfd_create("theme", MFD_CLOEXEC);
    if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    memset(&theme, 0, sizeof(theme));
    theme_default(&theme);
    before = theme;
    if (theme_load(path, &theme, &err)) {
        check_colours(&theme, 256);
        check_fewer(&theme);
    } else {
        bn_assert(err.msg[0] && utf8_valid(span_from(err.msg)));
        bn_assert(memcmp(&theme, &before, sizeof(theme)) == 0);
    }
    (void)close(fd);
    return 0;
}
