/* Paths that ExternalSecrets read of this Vault: those that no folder lists are looked at too. */
#include <config.h>

#include "backends/vault/paths.h"
#include "base/alloc.h"

#include <string.h>

#define WANTED_MOST 2000

/* What stands behind the next tab, which ends what is before it; NULL: there is none. */
static char *cut(char *text)
{
    char *tab = strchr(text, '\t');
    if (tab)
        *tab++ = '\0';
    return tab;
}

size_t vault_wanted_read(char *lines, struct vault_wanted **out)
{
    size_t n = 0;
    *out = NULL;
    for (char *line = lines, *next; line && *line && n < WANTED_MOST; line = next) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        char *path = cut(line), *reader = path ? cut(path) : NULL;
        if (!reader || line[0] == '=') /* a pair of values */
            continue;
        *out = xalloc_resize(*out, n + 1, sizeof(**out));
        (*out)[n++] = (struct vault_wanted){line, path, reader, false};
    }
    return n;
}

/* A store without a path has the mount in front of its keys, and of version 2 "data" behind it where
 * somebody has written it out [external-secrets pkg/provider/vault, buildPath]. */
static const char *below(const char *path, const char *mount)
{
    size_t len = strlen(mount);
    if (strncmp(path, mount, len) != 0)
        return NULL;
    path += len;
    return strncmp(path, "data/", 5) == 0 ? path + 5 : path;
}

const char *vault_wanted_path(const struct vault_wanted *w, const char *mount)
{
    size_t len = strlen(w->mount);
    if (!len)
        return below(w->path, mount);
    if (strncmp(w->mount, mount, len) == 0 && strcmp(mount + len, "/") == 0)
        return w->path;
    return NULL;
}
