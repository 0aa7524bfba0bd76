/* What a hash chain ends with. */
#include <config.h>

#include "net/hash_chain_end.h"

#include "base/alloc.h"
#include "net/hash_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".end"
#define HEX    (DIGEST_SHA256_TEXT - 1)

char *hash_chain_end_path(const char *log)
{
    size_t room = strlen(log) + sizeof(ENDING);
    char *path = xalloc_zero(room, 1);
    (void)snprintf(path, room, "%s%s", log, ENDING);
    return path;
}

bool hash_chain_end_get(int fd, char hash[DIGEST_SHA256_TEXT])
{
    char text[DIGEST_SHA256_TEXT] = "";
    ssize_t n;
    do
        n = pread(fd, text, HEX, 0);
    while (n < 0 && errno == EINTR);
    bool whole = n == HEX && strspn(text, "0123456789abcdef") == HEX;
    (void)snprintf(hash, DIGEST_SHA256_TEXT, "%s", whole ? text : "");
    return n >= 0;
}

/* So few bytes in their place are all there or none. */
bool hash_chain_end_put(int fd, const char *hash)
{
    char line[DIGEST_SHA256_TEXT + 1];
    ssize_t n;
    (void)snprintf(line, sizeof(line), "%s\n", hash);
    do
        n = pwrite(fd, line, HEX + 1, 0);
    while (n < 0 && errno == EINTR);
    return n == HEX + 1 && fsync(fd) == 0;
}

/* ---- Whether the log still has it. */

struct search {
    const char *hash;
    bool found;   /* a line has it */
    bool guarded; /* a line was written by who notes its end */
};

static bool look(void *context, size_t number, const struct json_node *root, bool ok)
{
    struct search *s = context;
    int64_t version = 0;
    (void)number;
    (void)ok; /* lines that do not fit are told of by themselves */
    (void)!json_node_int(json_node_get(root, "v"), &version);
    s->guarded = s->guarded || version >= HASH_CHAIN_NOTED;
    s->found = s->found || strcmp(json_node_path_text(root, "hash", ""), s->hash) == 0;
    return true;
}

/* The end is read before the log: what somebody writes meanwhile is behind it. */
enum hash_chain_tail hash_chain_tail(const char *path)
{
    char hash[DIGEST_SHA256_TEXT] = "", *end = hash_chain_end_path(path);
    struct search s = {.hash = hash};
    struct err why;
    int fd = open(end, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0) {
        (void)hash_chain_end_get(fd, hash);
        (void)close(fd);
    }
    free(end);
    if (!hash_chain_read(path, look, &s, NULL, &why) && why.kind != ERR_NOTFOUND)
        return HASH_CHAIN_WHOLE; /* who reads it is told why it cannot be read */
    if (!hash[0])
        return s.guarded ? HASH_CHAIN_UNKNOWN : HASH_CHAIN_WHOLE;
    return s.found || strcmp(hash, HASH_CHAIN_END_NONE) == 0 ? HASH_CHAIN_WHOLE : HASH_CHAIN_CUT;
}
